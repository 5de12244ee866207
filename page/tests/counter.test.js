import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sameDutyBack, sameTradeBack, sidesOf } from "../source/counter.js";
import { learn } from "../source/table.js";

beforeEach(() => learn([{ kind: "tariff", short: "", taken_by: "importer", keys: [] }, { kind: "voluntary_export_restraint", short: "ver", taken_by: "exporter", keys: ["cap"] }]));

const DUTY = { tariff: { importer: "USA", exporter: ["CHN", "JPN"], exempt: "CAN", sector: "electronics", rate: "25%", change: "add" } };

test("the same duty falls on the same goods of those who began", () => {
  assert.deepEqual(sameDutyBack([DUTY]), [{ tariff: { importer: ["CHN", "JPN"], exporter: "USA", sector: "electronics", rate: "25%", change: "add" } }]);
  assert.deepEqual(sameDutyBack([{ tariff: { ...DUTY.tariff, change: "cut" } }]), [], "a cut is not answered");
});

test("a retaliation names the scenario that it answers", () => {
  assert.deepEqual(sameTradeBack([DUTY], "first"), { retaliation: { by: ["CHN", "JPN"], against: "USA", equivalent_to: "first" } });
});

test("where nobody is named, or the exporter restrains itself, nobody answers", () => {
  assert.equal(sidesOf([{ tariff: { ...DUTY.tariff, exporter: "WORLD" } }]), null);
  assert.equal(sidesOf([{ ver: { importer: "USA", exporter: "JPN", sector: "food", cap: "80%" } }]), null);
  assert.equal(sidesOf([{ production_subsidy: { country: "USA", sector: "food", rate: "5%" } }]), null);
  assert.equal(sidesOf([]), null);
});
