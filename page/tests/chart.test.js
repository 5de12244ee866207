import assert from "node:assert/strict";
import { test } from "node:test";
import { isNothing, marked, namedDays, piecesOf, roomFor } from "../source/chart.js";
import { linesOf } from "../source/in_time.js";
import { colourOf } from "../source/tiles.js";

test("events that would run into each other stand in rows, and those of one day share a text", () => {
  const x = (date) => 100 + Number(date.slice(8));
  const found = marked([["2020-01-02", "begins"], ["2020-01-01", "announced"], ["2020-01-02", "deadline"]], x);
  assert.deepEqual(found.map(([, y, text]) => [y, text]), [[10, "announced"], [23, "begins, deadline"]]);
});

test("a line has a gap where there is no value, and a point alone is a piece", () => {
  /** @type {[string, number | null][]} */
  const points = [["2020", 1], ["2021", null], ["2022", 2], ["2023", 3], ["2024", null]];
  assert.deepEqual(piecesOf(points), [[["2020", 1]], [["2022", 2], ["2023", 3]]]);
  assert.deepEqual(piecesOf([["2020", null]]), []);
});

test("the lines of a path keep the days without a value", () => {
  const path_markets = [[1, 5], [2, null], [3, 4]].map(([step, real_import_price_pct]) => ({ market: "m", step, real_import_price_pct }));
  assert.deepEqual(linesOf({ tables: { path_markets } }, "price", String)[0].points, [[1, 5], [2, null], [3, 4]]);
});

test("words near the end of the picture stay in it", () => {
  const [[at, , text]] = marked([["2020-01-01", "announced"]], () => 635);
  assert.ok(at + 6 * text.length < 640);
});

test("the room for a number at the end of a bar is that of the longest, and more for wide letters", () => {
  assert.ok(roomFor(["+US$10.3 bn", "0"]) > roomFor(["+US$3.9 bn"]));
  assert.ok(roomFor(["8,496万美元"]) > roomFor(["8,496 m US"]));
  assert.equal(roomFor([]), 0);
});

test("no change has no colour on a map", () => {
  assert.deepEqual([-1, 0, 1].map(colourOf), ["loss", "same", "gain"]);
});

test("an amount that reads as zero has no bar", () => {
  for (const zero of ["US$0", "0%", "0.00%"]) assert.ok(isNothing(zero), zero);
  for (const some of ["−US$0.1 m", "+0.002%", "–"]) assert.ok(!isNothing(some), some);
});

test("an axis of time names new years, or months where there are not two of them, or its ends", () => {
  const named = (/** @type {string} */ first, /** @type {string} */ last) => namedDays(Date.parse(first), Date.parse(last))[0].map((day) => new Date(day).toISOString().slice(0, 10));
  assert.deepEqual(named("2018-10-01", "2020-10-01"), ["2019-01-01", "2020-01-01"]);
  assert.deepEqual(named("2026-02-01", "2026-04-30"), ["2026-02-01", "2026-03-01", "2026-04-01"]);
  assert.deepEqual(named("2026-12-30", "2027-02-03"), ["2027-01-01", "2027-02-01"]);
  assert.deepEqual(named("2026-03-02", "2026-03-30"), ["2026-03-02", "2026-03-30"]);
  assert.deepEqual(named("2026-03-02", "2026-03-02"), ["2026-03-02"]);
});
