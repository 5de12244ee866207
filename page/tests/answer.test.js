import assert from "node:assert/strict";
import { test } from "node:test";
import { findingOf, rentText } from "../source/answer.js";
import { speak } from "../source/words.js";

const NAMES = { USA: "the United States", CHN: "China", JPN: "Japan" };
const names = (code) => NAMES[code];

test("a title does not say who gains where that depends on the elasticities", () => {
  const values = new Map([["USA", 2700], ["CHN", -9200], ["JPN", -500]]);
  assert.equal(findingOf(values, names), "The United States gains, China and Japan lose");
  assert.equal(findingOf(values, names, ["USA"]), "China and Japan lose; the sign for the United States depends on the elasticities");
  assert.equal(findingOf(new Map([["USA", 1]]), names, ["USA"]), "The sign for the United States depends on the elasticities");
});

test("gains and losses are parted as the language parts them", () => {
  speak("zh", {});
  assert.match(findingOf(new Map([["USA", 2700], ["CHN", -9200]]), names), /gain、China/);
  speak("en", {});
});

test("several holders of a rent are named in the language of the page", () => {
  const own = { rent: 4900, rent_holder: "exporter", rent_holders: "exporters in Mexico", tariff_equivalent: null };
  assert.equal(rentText(own)[0], "US$4.9 bn, held by the exporter");
  speak("de", {});
  const both = { ...own, rent_holder: "exporter and importer", rent_holders: "Importeure (Vereinigte Staaten) und Exporteure (Mexiko)" };
  assert.match(rentText(both)[0], /Importeure \(Vereinigte Staaten\) und Exporteure \(Mexiko\)$/);
  speak("en", {});
});
