import assert from "node:assert/strict";
import { test } from "node:test";
import { domainOf, placeIn, ticksOf } from "../source/scale.js";

test("a scale has zero in it", () => {
  assert.deepEqual(domainOf([2, 5]), [0, 5]);
  assert.deepEqual(domainOf([-3, -1]), [-3, 0]);
  assert.deepEqual(domainOf([]), [0, 1]);
  assert.equal(placeIn(-10, 30, 0), 25);
});

test("ticks are round, have zero among them, and stay inside", () => {
  for (const [low, high] of [[-16.1, 3.2], [0, 0.007], [-5e5, 1], [-1, 0], [0, 1]]) {
    const ticks = ticksOf(low, high, 4);
    assert.ok(ticks.includes(0), `${low} ${high}: ${ticks}`);
    assert.ok(ticks.length >= 2 && ticks.length <= 6, `${low} ${high}: ${ticks}`);
    assert.ok(ticks.every((v) => v >= low - 1e-12 && v <= high * (1 + 1e-9) + 1e-12), `${ticks}`);
  }
  assert.deepEqual(ticksOf(-16.1, 3.2, 4), [-15, -10, -5, 0]);
});
