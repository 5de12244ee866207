import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, provisionText } from "../source/findings.js";

const QUOTAS = ["quota for Korea", "quota for Japan", "quota for India"];
const of = (rule, status, measures, more = {}) => measures.map((measure) => ({ rule, provision: rule, title: `T ${rule}`, status, party: "EU27", condition: "", measure, ...more }));

test("what is found of many measures is one group, and so are rules that find the same of the same measures", () => {
  const found = groupsOf([...of("Article II", "justified if", QUOTAS, { condition: "it was renegotiated" }), ...of("Article I:1", "inconsistent", QUOTAS), ...of("Article XIII", "inconsistent", QUOTAS), ...of("KORUS", "inconsistent", ["quota for Korea"])]);
  assert.deepEqual(found.map((one) => [one.status, one.provisions, one.measures.length, one.members.length]), [
    ["inconsistent", ["Article I:1", "Article XIII"], 3, 6],
    ["inconsistent", ["KORUS"], 1, 1],
    ["justified if", ["Article II"], 3, 3],
  ]);
});

test("rules about one measure keep a line each, and another party is another group", () => {
  const one = ["a tariff"];
  assert.equal(groupsOf([...of("Article I", "inconsistent", one), ...of("Article II", "inconsistent", one)]).length, 2);
  assert.equal(groupsOf([...of("Article I", "inconsistent", QUOTAS), ...of("Article I", "inconsistent", QUOTAS, { party: "USA" })]).length, 2);
});

test("an agreement of letters alone is named in words", () => {
  const under = [{ id: "korus", short: "KORUS", title: "United States-Korea Free Trade Agreement" }];
  assert.equal(provisionText("KORUS", under), "United States-Korea Free Trade Agreement (KORUS)");
  assert.equal(provisionText("GATT 1994, Article I:1", under), "GATT 1994, Article I:1");
});
