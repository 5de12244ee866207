import assert from "node:assert/strict";
import { test } from "node:test";
import { scaled, thetaOf } from "../source/theta.js";

const ECONOMY = { sectors: [{ code: "food", theta: 2.7 }, { code: "steel", theta: 4 }] };

test("what a case states is what the panel shows", () => {
  assert.deepEqual(thetaOf(undefined, ECONOMY), { way: "own" });
  assert.deepEqual(thetaOf(4, ECONOMY), { way: "one", one: 4 });
  assert.deepEqual(thetaOf("cp2015", ECONOMY), { way: "set", set: "cp2015" });
  assert.deepEqual(thetaOf({ food: 3, steel: 4 }, ECONOMY), { way: "sectors" });
  assert.deepEqual(thetaOf({ food: 3 }, ECONOMY), { way: "other" });
  assert.deepEqual(thetaOf({ set: "ll2023" }, ECONOMY), { way: "other" });
});

test("a factor is found again in the numbers that it makes", () => {
  for (const factor of [0.25, 0.5, 1, 1.35, 3]) assert.deepEqual(thetaOf(scaled(ECONOMY, factor), ECONOMY), { way: "factor", factor });
});
