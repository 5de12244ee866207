import assert from "node:assert/strict";
import { test } from "node:test";
import { numberOf } from "../source/numbers.js";

test("a comma or a point stands before decimals", () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([["12.5", 12.5], ["12,5", 12.5], [" 25 ", 25], ["-3,25", -3.25], ["\u22123", -3], ["0,5 %", 0.5], [".5", 0.5], ["7.", 7]])) {
    assert.equal(numberOf(text), value, text);
  }
});

test("separators of thousands are left out", () => {
  for (const text of ["1,234.5", "1.234,5", "1 234,5", "1\u202f234.5"]) assert.equal(numberOf(text), 1234.5, text);
  assert.equal(numberOf("1,234,567"), 1234567);
});

test("anything else is NaN", () => {
  for (const text of ["", "twelve", "1e9", "0x10", "5 to 6", "--3", "Infinity", ","]) assert.ok(Number.isNaN(numberOf(text)), text);
});
