import assert from "node:assert/strict";
import { test } from "node:test";
import { gainsOf, headingOf, learnHeadings, numbersOf } from "../source/columns.js";

const OPENAPI = { components: { schemas: { CountryRow: { title: "CountryRow", properties: {
  scenario: {}, country: {},
  real_price_pct: { title: "User price, real", "x-unit": "%" },
  equivalent_variation: { title: "Equivalent variation", "x-unit": "US$ million" },
  tariff_revenue: { title: "Tariff revenue", "x-unit": "US$ million (numeraire)" },
} } } } };
const ANSWER = {
  first_screen: { basis: { economy: "world2022", year: 2022, horizon: "long", theta_source: "kite" } },
  provenance: { Elasticities: "1 to 16", Version: "Entrepot 1" },
  tables: {
    welfare: [{ scenario: "a", party: "USA", equivalent_variation: 1 }, { scenario: "a", party: "EU27", equivalent_variation: -2 }, { scenario: "a", party: "WORLD", equivalent_variation: -1 }],
    countries: [{ scenario: "a", country: "USA", equivalent_variation: 1, tariff_revenue: 9 }, { scenario: "a", country: "FRA", equivalent_variation: -1, tariff_revenue: 3 }],
  },
};

test("a heading has the unit, and says of an amount that it is a level", () => {
  learnHeadings(OPENAPI);
  assert.equal(headingOf("equivalent_variation"), "Equivalent variation [US$ million]");
  assert.equal(headingOf("tariff_revenue"), "Tariff revenue, level [US$ million (numeraire)]");
  assert.equal(headingOf("real_price_pct"), "User price, real [%]");
  assert.equal(headingOf("scenario"), "scenario");
  assert.equal(headingOf("profit_before"), "profit_before [US$ million]", "a number outside of the registry has its unit too");
  assert.equal(headingOf("low"), "low [share of the value]");
});

test("the table of gains has the groups and the world that the figure draws, once each, under the title of the scenario", () => {
  const { columns, rows, about } = gainsOf([{ name: "a", title: "25% on cars", answer: ANSWER }], (code) => `the ${code}`);
  assert.deepEqual(columns.slice(0, 3), ["scenario", "country", "name"]);
  assert.deepEqual(rows.map((row) => row.slice(0, 4)), [["25% on cars", "EU27", "the EU27", -2], ["25% on cars", "WORLD", "the WORLD", -1], ["25% on cars", "USA", "the USA", 1], ["25% on cars", "FRA", "the FRA", -1]]);
  assert.deepEqual(about, { base: "world2022", year: 2022, horizon: "long", elasticities: "1 to 16", version: "Entrepot 1" });
  assert.equal(numbersOf([{ name: "a", title: "T", answer: ANSWER }], "countries").rows[0][0], "T");
});
