import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { pathsOf, placeOf } from "../source/world.js";

test("the projection has true areas", () => {
  // A cell of one degree at latitude 60 has half the area of one at the equator.
  const area = (x, y) => {
    const [a, b, c, d] = [placeOf(x, y), placeOf(x + 1, y), placeOf(x + 1, y + 1), placeOf(x, y + 1)];
    const cross = (p, q) => p[0] * q[1] - q[0] * p[1];
    return Math.abs(cross(a, b) + cross(b, c) + cross(c, d) + cross(d, a)) / 2;
  };
  const size = (y) => Math.sin(((y + 1) * Math.PI) / 180) - Math.sin((y * Math.PI) / 180);
  for (const [x, y] of [[0, 60], [100, -45], [-150, 70]]) assert.ok(Math.abs(area(x, y) / area(0, 0) / (size(y) / size(0)) - 1) < 2e-3);
});

test("shapes are found by ISO number, and no line crosses the map", () => {
  const world = JSON.parse(readFileSync(new URL("../node_modules/world-atlas/countries-110m.json", import.meta.url), "utf8"));
  const paths = pathsOf(world);
  assert.ok(["840", "392", "276", "643"].every((number) => paths.has(number)));
  assert.ok(!paths.has("010"));
  for (const [number, path] of paths) {
    for (const ring of path.split("M").slice(1)) {
      const xs = ring.replace("Z", "").split("L").map((point) => Number(point.split(" ")[0]));
      const steps = xs.map((x, k) => Math.abs(x - xs[(k + 1) % xs.length]));
      assert.ok(Math.max(...steps) < 200, `${number} has a step of ${Math.max(...steps)}`);
      assert.ok(Math.min(...xs) >= 0 && Math.max(...xs) <= 1000, `${number} is outside: ${Math.min(...xs)} to ${Math.max(...xs)}`);
    }
  }
});
