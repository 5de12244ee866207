import assert from "node:assert/strict";
import { test } from "node:test";
import { findingOf } from "../source/answer.js";

const NAMES = { USA: "the United States", CHN: "China", JPN: "Japan" };
const names = (code) => NAMES[code];

test("a title does not say who gains where that depends on the elasticities", () => {
  const values = new Map([["USA", 2700], ["CHN", -9200], ["JPN", -500]]);
  assert.equal(findingOf(values, names), "The United States gains, China and Japan lose");
  assert.equal(findingOf(values, names, ["USA"]), "China and Japan lose; the sign for the United States depends on the elasticities");
  assert.equal(findingOf(new Map([["USA", 1]]), names, ["USA"]), "The sign for the United States depends on the elasticities");
});
