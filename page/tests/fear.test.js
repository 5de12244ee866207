import assert from "node:assert/strict";
import { test } from "node:test";
import { fearQuestion, lostBy } from "../source/fear.js";
import { timesFactor } from "../source/spread.js";
import { endsOf } from "../source/talks.js";

const DOC = { title: "T", scenarios: { a: { title: "A", measures: [] }, b: { title: "B", measures: [] } }, table: { threat: { scenario: "a" } }, beliefs: {} };

test("the talks of a case state its chance and its day, until a reader moves one", () => {
  assert.equal(fearQuestion(DOC, false, "a", {}), null);
  const { probability, years } = fearQuestion(DOC, true, "a", {});
  assert.deepEqual([probability, years], [undefined, undefined]);
  assert.deepEqual(fearQuestion(DOC, true, "a", { chance: 60 }).probability, [0.6]);
  const other = fearQuestion(DOC, true, "b", { days: 365.25 });
  assert.deepEqual([other.scenario, other.probability, other.years], ["b", [0.3], [1]]);
});

test("the change of a party that is a group is that of its members, and of the world that of all", () => {
  const economy = { groups: [{ code: "EU27", members: ["DEU", "FRA"] }, { code: "ASEAN", members: ["IDN"] }] };
  const of = lostBy(Object.entries({ USA: -5, DEU: -2, FRA: 0.5 }).map(([country, equivalent_variation]) => ({ country, equivalent_variation })), economy);
  assert.deepEqual(["USA", "EU27", "WORLD", "ASEAN", "XYZ"].map(of), [-5, -1.5, -6.5, null, null]);
});

test("elasticities times a factor, as the case states them", () => {
  const economy = { sectors: [{ code: "food", theta: 2 }, { code: "steel", theta: 4 }] };
  assert.deepEqual(timesFactor(undefined, economy, 1.5), { food: 3, steel: 6 });
  assert.deepEqual(timesFactor({ food: 4, steel: 4 }, economy, 0.5), { food: 2, steel: 2 });
  assert.equal(timesFactor(4, economy, 0.5), 2);
  assert.equal(timesFactor("cp2015", economy, 0.5), null);
});

test("each deal that may be signed has a row", () => {
  const talks_ends = [{ deal: "x", probability: 0.5 }, { deal: "x", probability: 0.25 }, { deal: null, probability: 0.25 }];
  const found = { thresholds: { x: 0.1, y: 0.4 }, titles: { x: "X", y: "Y" }, tables: { talks_ends }, end_probabilities: { deal: 0.75, measure: 0, nothing: 0.25 } };
  assert.deepEqual(endsOf(found), [["X", 0.75], ["Y", 0], ["The measure comes into force", 0], ["Nothing happens", 0.25]]);
});
