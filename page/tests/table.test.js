import assert from "node:assert/strict";
import { test } from "node:test";
import { caseOf, dayOf, opened, packed, percentOf, unpacked, wholeCase, without } from "../source/table.js";

const DOC = {
  case: "x",
  title: "X",
  question: "Who gains?",
  economy: "world2022",
  theta: 4,
  closure: { horizon: "short" },
  parties: ["USA", "world"],
  scenarios: {
    a: { title: "A", measures: [{ tariff: { importer: "USA", exporter: "JPN", sector: "food", rate: "10%" } }] },
    b: { title: "B", measures: [{ quota: { importer: "USA", exporter: "JPN", sector: "food", cap: { match: "a" } } }] },
  },
};
const ECONOMY = { countries: [{ code: "USA" }, { code: "JPN" }], groups: [], sectors: [{ code: "food" }] };

test("a table survives its link", async () => {
  const table = opened(DOC);
  assert.deepEqual(await unpacked(await packed(table)), table);
  assert.deepEqual(table.doc.parties, ["USA", "WORLD"]);
});

test("a link that is not a table is refused", async () => {
  for (const bad of [{}, { doc: {}, shown: [], open: "a" }, { ...opened(DOC), open: "zzz" }]) await assert.rejects(unpacked(await packed(bad)));
  await assert.rejects(unpacked("AAAA"));
});

test("a question has the scenarios that it refers to, and the assumptions of the case", () => {
  const question = caseOf(opened(DOC).doc, ["b"], ECONOMY);
  assert.deepEqual(Object.keys(question.scenarios), ["a", "b"]);
  assert.equal(question.theta, 4);
  assert.deepEqual(question.closure, { horizon: "short" });
});

test("the last scenario leaves an empty one", () => {
  const left = without(without(opened(DOC), "a"), "b");
  assert.deepEqual(left.shown, ["first"]);
});

test("percentages are read as in cases", () => {
  assert.equal(percentOf("25%"), 25);
  assert.equal(percentOf(0.25), 25);
  assert.ok(Number.isNaN(percentOf({ match: "a" })));
});

test("what stands on a key that is left out goes with it", () => {
  const whole = wholeCase({ ...DOC, table: {}, beliefs: {}, timeline: {}, path: {} }, ["table"]);
  assert.ok(!("beliefs" in whole) && !("table" in whole) && "path" in whole);
  assert.ok(!("path" in wholeCase({ ...DOC, timeline: {}, path: {} }, ["timeline"])));
});

test("the day of a case is that of its law, else the last of its calendar, and never after today", () => {
  const calendar = [{ date: "2019-05-17", event: "a" }, { date: "2019-11-13", event: "b" }];
  assert.equal(dayOf({ calendar }, "2026-01-01"), "2019-11-13");
  assert.equal(dayOf({ calendar, law: { on: "2019-05-20" } }, "2026-01-01"), "2019-05-20");
  assert.equal(dayOf({ calendar }, "2019-06-01"), "2019-06-01");
  assert.equal(dayOf({}, "2026-01-01"), "2026-01-01");
});
