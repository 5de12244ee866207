import assert from "node:assert/strict";
import { test } from "node:test";
import { placeInWords, placeOf, plainDetail } from "../source/faults.js";
import { canLift, learn, learnNames } from "../source/table.js";

test("a problem is shown at its measure and field", () => {
  assert.deepEqual(placeOf({ key: "scenarios.a.measures.2.tariff.rate" }, "a"), { measure: 1, field: "rate" });
  assert.deepEqual(placeOf({ key: "scenarios.a.measures.1" }, "a"), { measure: 0, field: "" });
  assert.equal(placeOf({ key: "scenarios.b.measures.1" }, "a"), null, "another scenario is open");
});

test("a problem of an assumption is shown there, and any other with the answer", () => {
  assert.deepEqual(placeOf({ key: "closure.labour_share" }, "a"), { assumption: "closure" });
  for (const key of ["", "scenarios.a", "parties.1"]) assert.equal(placeOf({ key }, "a"), null, key);
});

test("the text does not repeat the place", () => {
  assert.equal(plainDetail({ key: "theta", detail: "the request: theta: must be above 0" }), "must be above 0");
  assert.equal(plainDetail({ detail: "busy" }), "busy");
});

test("an error names the field by its label and things by their names", () => {
  learn([{ kind: "tariff", short: "", keys: ["rate"], form: [{ key: "rate", title: "Rate" }, { key: "sector", title: "Goods" }] }]);
  learnNames((text) => text.replace("JPN", "Japan"));
  const at = "scenarios.by_tariff.measures.1";
  assert.equal(plainDetail({ key: `${at}.tariff.rate`, detail: `the request: ${at}.tariff.rate: 150% is not a part of the tariff between 0 and 100%` }), "Rate: 150% is not a part of the tariff between 0 and 100%");
  assert.equal(plainDetail({ key: at, detail: `the request: ${at}: tariff of 25%: USA on steel from JPN: sector: unknown sector 'steel'; known: a, b` }), "Goods: unknown sector 'steel'; known: a, b");
  assert.equal(plainDetail({ key: "scenarios.a", detail: "the request: scenarios.a: rate: the tariff from JPN would be -143%, not above -100%" }), "Rate: the tariff from Japan would be -143%, not above -100%");
  assert.equal(placeInWords({ key: at }), "Measure 1");
  assert.equal(placeInWords({ key: "theta" }), null);
  learnNames((code) => code);
});

test("the end of what is in force is offered where something is", () => {
  const scenarios = { base: { measures: [{ tariff: {} }] }, a: { measures: [] } };
  assert.ok(!canLift({ scenarios }, {}));
  assert.ok(canLift({ scenarios }, { lifts: true }));
  assert.ok(!canLift({ base: "base", scenarios }, {}));
  assert.ok(canLift({ base: "base", scenarios: { ...scenarios, base: { measures: [{ quota: {} }] } } }, {}));
});
