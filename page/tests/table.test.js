import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, added, caseOf, dayAt, dayOf, inOpen, learn, learnNames, opened, packed, percentOf, sameVolume, titleOf, turned, unpacked, wholeCase, without } from "../source/table.js";

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

test("the EU among the sources of imports is that of today, beside the United Kingdom", () => {
  const union = { code: "EU27", members: ["DEU", "FRA"] };
  const economy = { ...ECONOMY, countries: ["USA", "JPN", "DEU", "FRA", "GBR"].map((code) => ({ code })), groups: [union, { code: "EU28", members: [...union.members, "GBR"] }] };
  assert.deepEqual(caseOf(opened(DOC).doc, ["a"], economy).report.markets[0].exporters, ["JPN", "EU27", "GBR"]);
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

test("whom the measures name is among the parties, and first on a table that began empty", () => {
  const set = (table, side, codes) => inOpen(table, (one) => (one.measures[0].tariff[side] = codes));
  const fresh = { tariff: { importer: "USA", exporter: "JPN", sector: "food", rate: "25%", change: "add" } };
  const first = inOpen(structuredClone(EMPTY), (one) => one.measures.push(fresh));
  assert.deepEqual(first.doc.parties, EMPTY.doc.parties);
  const own = set(set(first, "importer", ["USA", "IND"]), "importer", "IND");
  assert.deepEqual(own.doc.parties, ["IND", "JPN", "EU27"]);
  assert.deepEqual(set(own, "exporter", "CHN").doc.parties, ["IND", "CHN", "EU27"]);
  assert.deepEqual(set(own, "exporter", "WORLD").doc.parties, ["IND", "EU27"]);
  const chosen = { ...own, doc: { ...own.doc, parties: ["DEU"] } };
  assert.deepEqual(inOpen(chosen, (one) => (one.measures[0].tariff.rate = "30%")).doc.parties, ["DEU"]);
  assert.deepEqual(inOpen(own, (one) => one.measures.pop()).doc.parties, own.doc.parties);
  // The parties of a case stay in their order, and nobody leaves them.
  assert.deepEqual(set(opened(DOC), "exporter", "MEX").doc.parties, ["USA", "WORLD", "MEX"]);
  const all = ["A", "B", "C", "D", "E", "F", "G"];
  assert.equal(set(opened(DOC), "exporter", all).doc.parties.length, 6, "a long list of partners does not fill the answer");
});

test("a market that nobody named has the names of its country and its goods", () => {
  const names = { USA: "Vereinigte Staaten", food: "Nahrungsmittel" };
  learnNames((code) => names[code] ?? code);
  assert.equal(caseOf(opened(DOC).doc, ["a"], ECONOMY).report.markets[0].title, "Vereinigte Staaten: Nahrungsmittel");
  learnNames((code) => code);
});

test("a measure in a line says whom it leaves out, who takes it and how many it does not name", () => {
  const tax = { ...TARIFF, kind: "export_tax", title: "Export tax", taken_by: "exporter", exempts: "importer" };
  learn([{ ...TARIFF, exempts: "exporter" }, tax, { ...TARIFF, kind: "lift", title: "End of what is in force" }]);
  learnNames((code) => ({ WORLD: "all countries", ALL: "all goods" })[code] ?? code);
  const line = (measure) => titleOf({ ...DOC, scenarios: { a: { title: "", measures: [measure] } } }, "a");
  const cars = { importer: "USA", sector: "food", rate: "25%" };
  assert.equal(line({ tariff: { ...cars, exempt: ["CAN", "MEX"] } }), "Tariff (25%): USA on food from all countries except CAN, MEX");
  assert.equal(line({ tariff: { ...cars, exporter: ["A", "B", "C", "D", "E"] } }), "Tariff (25%): USA on food from A, B, C, and 2 more");
  assert.equal(line({ export_tax: { ...cars, exporter: "CHN" } }), "Export tax (25%): CHN on food to USA");
  assert.equal(line({ export_tax: { exporter: "CHN", sector: "food", exempt: "JPN" } }), "Export tax: CHN on food to all countries except JPN");
  assert.equal(line({ lift: { importer: "USA" } }), "End of what is in force: USA on all goods from all countries");
  assert.equal(line({ retaliation: { by: "JPN", against: "USA", equivalent_to: "a" } }), "retaliation");
  learnNames((code) => code);
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

const TARIFF = { kind: "tariff", short: "", title: "Tariff", taken_by: "importer", keys: ["change"], required: [], form: [{ key: "importer", type: "countries" }, { key: "exporter", type: "countries" }, { key: "sector", type: "sectors" }, { key: "rate", type: "percent", title: "Rate", start: "25%" }] };
const QUOTA = { kind: "quota", short: "", title: "Import quota", taken_by: "importer", keys: ["cap"], required: [], form: [{ key: "importer", type: "countries" }, { key: "exporter", type: "countries" }, { key: "sector", type: "sectors" }, { key: "cap", type: "percent", title: "Cap", start: "80%" }] };
const CARS = { importer: "USA", exporter: "JPN", sector: "food", rate: "25%", label: "25% on cars" };
const STATED = { ...DOC, scenarios: { a: { title: "25% on cars", measures: [{ tariff: CARS }] } } };
const rated = (table, rate) => inOpen(table, (one) => (one.measures[0].tariff.rate = rate));

test("a title follows the rate and the instrument, in what is sent, saved and shared", async () => {
  learn([TARIFF, QUOTA]);
  const at50 = rated(opened(STATED), "50%");
  assert.equal(titleOf(at50.doc, "a"), "Changed: Tariff (50%): USA on food from JPN");
  const sent = caseOf(at50.doc, ["a"], ECONOMY);
  assert.equal(sent.scenarios.a.title, titleOf(at50.doc, "a"));
  assert.equal(sent.title, "X (changed)");
  assert.deepEqual(Object.keys(wholeCase(at50.doc).scenarios.a).sort(), ["measures", "title"]);
  assert.equal(titleOf((await unpacked(await packed(at50))).doc, "a"), titleOf(at50.doc, "a"));
  assert.equal(titleOf(rated(at50, "25%").doc, "a"), "25% on cars", "the title fits again");
  const quota = inOpen(at50, (one) => (one.measures[0] = turned(one.measures[0], "quota")));
  assert.equal(titleOf(quota.doc, "a"), "Changed: Import quota (80%): USA on food from JPN");
});

test("a title of several measures names those that have changed", () => {
  learn([TARIFF, QUOTA]);
  const two = opened({ ...DOC, scenarios: { a: { title: "Both", measures: [{ tariff: CARS }, { tariff: { ...CARS, exporter: "KOR" } }] } } });
  assert.equal(titleOf(rated(two, "50%").doc, "a"), "Both. Changed: Tariff (50%): USA on food from JPN");
  assert.equal(titleOf(inOpen(two, (one) => one.measures.pop()).doc, "a"), "Both. Changed: 1 fewer of its measures");
});

test("a title that a person writes stays, unless a number in it no longer holds", () => {
  learn([TARIFF]);
  const named = (title) => inOpen(opened(STATED), (one) => (one.title = title));
  assert.equal(titleOf(rated(named("My plan"), "50%").doc, "a"), "My plan");
  assert.equal(titleOf(rated(named("25% again"), "50%").doc, "a"), "Changed: Tariff (50%): USA on food from JPN");
});

test("a scenario with the same volume names the measure whose volume it has, as that is now", () => {
  learn([TARIFF, QUOTA]);
  const start = opened({ ...STATED, scenarios: { a: { title: "", measures: [{ tariff: { ...CARS, change: "add" } }] } } });
  assert.equal(titleOf(start.doc, "a"), "Tariff (+25 points): USA on food from JPN");
  assert.equal(titleOf(rated(start, "1%").doc, "a"), "Tariff (+1 point): USA on food from JPN");
  const both = added(start, "", { measures: sameVolume(start.doc.scenarios.a, "quota", "a") });
  const after = rated({ ...both, open: "a" }, "30%");
  assert.equal(titleOf(after.doc, "scenario_2"), "Import quota (the volume under “Tariff (+30 points): USA on food from JPN”): USA on food from JPN");
});

test("today is the day that it is where the reader is", () => {
  const zone = process.env.TZ;
  const days = ["America/Los_Angeles", "UTC", "Asia/Tokyo"].map((one) => {
    process.env.TZ = one;
    return dayAt(new Date("2026-07-01T02:00:00Z")) + dayAt(new Date("2026-07-01T20:00:00Z")).slice(7);
  });
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  assert.deepEqual(days, ["2026-06-30-01", "2026-07-01-01", "2026-07-01-02"]);
});
