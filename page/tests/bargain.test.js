import assert from "node:assert/strict";
import { test } from "node:test";
import { bargained, tabled } from "../source/bargain.js";
import { learn, opened } from "../source/table.js";

const TARIFF = { kind: "tariff", title: "Tariff", line: ["importer", "exporter", "sector", "rate"], keys: ["importer", "exporter", "sector", "rate"], form: [{ key: "importer", type: "countries" }, { key: "exporter", type: "countries" }, { key: "sector", type: "sectors" }, { key: "rate", type: "percent", title: "Rate" }] };
const on = (exporter, rate = "25%") => ({ tariff: { importer: "USA", exporter, sector: "food", rate, change: "add" } });
const table = (...measures) => opened({ title: "T", parties: ["USA"], scenarios: { a: { title: "A", measures } } });

test("a bargain over measures says whom and which measures it leaves out", () => {
  learn([TARIFF]);
  const all = bargained(table(...["JPN", "KOR", "CHN", "CAN", "MEX", "IND"].map((one) => on(one)), on("BRA", "0%")));
  assert.deepEqual(all.between, ["USA", "JPN"]);
  assert.deepEqual(all.others, ["KOR", "CHN", "CAN"]);
  assert.equal(all.measures.length, 4);
  assert.deepEqual(all.left.map((line) => line.replace(/.* from /, "")), ["MEX", "IND", "BRA"]);
});

test("importers beyond the two sides of the bargain are left out by name", () => {
  learn([TARIFF]);
  const two = { tariff: { ...on("USA").tariff, importer: ["JPN", "KOR"] } };
  assert.deepEqual(bargained(table(two)).between, ["JPN", "USA"]);
  assert.deepEqual(bargained(table(two)).others, ["KOR"]);
});

test("a bargain of two over one measure leaves nothing out", () => {
  learn([TARIFF]);
  const { others, left } = bargained(table(on("JPN")));
  assert.deepEqual([others, left], [[], []]);
  assert.deepEqual(tabled(table(on("JPN"))).table.between, ["USA", "JPN"]);
});
