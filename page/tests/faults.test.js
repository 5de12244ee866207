import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, plainDetail } from "../source/faults.js";

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
