import assert from "node:assert/strict";
import { test } from "node:test";
import { headings, wantedLines } from "../source/lines.js";

const ECONOMY = { groups: [{ code: "CPTPP", members: ["JPN", "CAN"] }] };
const on = (exporter, more = {}) => ({ tariff: { importer: "USA", exporter, sector: "steel", rate: "25%", change: "set", ...more } });

test("lines are those of each origin and sector, once, for the importer whose schedule is there", () => {
  const found = wantedLines([on(["JPN", "EU28"]), on("CPTPP"), on("JPN", { importer: "CHN" })], ECONOMY, ["USA"]);
  assert.deepEqual(found.map((one) => one.exporter), ["JPN", "EU27", "GBR", "CAN"]);
  assert.ok(found.every((one) => one.importer === "USA" && one.sector === "steel"));
  assert.deepEqual(wantedLines([on("WORLD")], ECONOMY, ["USA", "MEX"]).map((one) => one.exporter), ["MEX"]);
});

test("what a measure exempts has none of its lines, and duties on the same goods add up", () => {
  const added = (exporter, rate, more = {}) => on(exporter, { rate, change: "add", ...more });
  const found = (...measures) => wantedLines(measures, ECONOMY, ["USA", "JPN", "CAN", "KOR"]).map((one) => [one.exporter, one.more]);
  assert.deepEqual(found(added("WORLD", "25%", { exempt: ["CPTPP"] })), [["KOR", 25]]);
  assert.deepEqual(found(added("WORLD", "25%", { exempt: "JPN" }), on("JPN")), [["CAN", 25], ["KOR", 25], ["JPN", null]]);
  assert.deepEqual(found(added("EU28", "25%", { exempt: ["EU27"] })), [["GBR", 25]]);
  assert.deepEqual(found(added("KOR", "25%", { exempt: ["USA"] })), []);
  assert.deepEqual(found(added("JPN", "25%"), added("JPN", "10%")), [["JPN", 35]]);
  assert.deepEqual(found(added("JPN", "25%"), on("JPN")), [["JPN", null]], "one that sets the duty says nothing of what is added");
});

test("headings have the lowest and the highest duty of their lines", () => {
  const line = (code, low, high = low) => ({ code, low, high });
  const [one, other] = headings([line("72061000", 0.5), line("72069000", 0, 0.25), line("73010000", 0.1)]);
  assert.deepEqual([one.code, one.low, one.high, one.lines.length], ["7206", 0, 0.5, 2]);
  assert.equal(other.code, "7301");
});
