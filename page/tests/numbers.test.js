import assert from "node:assert/strict";
import { test } from "node:test";
import { boxed, decimalOf, decimalsOf, dollarsOf, numberOf, partOfAll, shortened, unclear, withoutZeros } from "../source/numbers.js";

test("a comma or a point stands before decimals", () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([["12.5", 12.5], ["12,5", 12.5], [" 25 ", 25], ["-3,25", -3.25], ["\u22123", -3], ["0,5 %", 0.5], [".5", 0.5], ["7.", 7], ["0,125", 0.125]])) {
    assert.equal(numberOf(text, "."), value, text);
    assert.equal(numberOf(text, ","), value, text);
  }
});

test("separators of thousands are left out", () => {
  for (const text of ["1,234.5", "1.234,5", "1 234,5", "1\u202f234.5"]) assert.equal(numberOf(text), 1234.5, text);
  assert.equal(numberOf("1,234,567"), 1234567);
});

test("anything else is NaN", () => {
  for (const text of ["", "twelve", "1e9", "0x10", "5 to 6", "--3", "Infinity", ","]) assert.ok(Number.isNaN(numberOf(text)), text);
});

test("what can be read in two ways is not read, and both are named", () => {
  assert.deepEqual(unclear("1,234", "."), [1.234, 1234]);
  assert.deepEqual(unclear("-12.500", ","), [-12.5, -12500]);
  assert.ok(Number.isNaN(numberOf("1.234", ",")) && Number.isNaN(numberOf("1,234", ".")));
  assert.equal(numberOf("1.234", "."), 1.234, "as the language writes decimals");
  assert.equal(numberOf("1,234", ","), 1.234);
  for (const text of ["12,5", "0.125", "1234,567", "1.234.567", "12"]) assert.equal(unclear(text, "."), null, text);
});

test("a number box is written as it is read", () => {
  for (const language of ["en", "de", "es", "fr", "ja", "zh"]) {
    for (const value of [12.5, 0.25, -3, 1234.567, 25]) assert.equal(numberOf(boxed(value, language), decimalOf(language)), value, language);
  }
  assert.equal(boxed(12.5, "de"), "12,5");
});

test("only zeros of decimals are left out", () => {
  assert.equal(withoutZeros("+1.000 Mio. US$", "de"), "+1.000 Mio. US$");
  assert.equal(withoutZeros("1.000,0 Mrd. US$", "de"), "1.000 Mrd. US$");
  assert.equal(withoutZeros("+US$20.0 bn", "en"), "+US$20 bn");
});

test("what is neither none nor all of it is not written as 0 or 100%", () => {
  const digits = (/** @type {number} */ value, /** @type {number} */ most) => value.toFixed(most);
  for (const [part, text] of /** @type {[number, string][]} */ ([[0, "0"], [0.0003, "<0.1"], [0.004, "0.4"], [0.37, "37"], [0.996, "99.6"], [0.9995, ">99.9"], [0.99999, ">99.9"], [1, "100"]])) {
    assert.equal(partOfAll(part, digits), text);
  }
});

test("small amounts are whole dollars to three digits, and not zero", () => {
  for (const [millions, dollars] of /** @type {[number, number][]} */ ([[0.04999, 50000], [0.012345, 12300], [0.0004567, 457], [0.0000012, 1], [1e-9, 0], [0, 0]])) assert.equal(dollarsOf(millions), dollars);
});

test("digits in groups that no language writes are NaN", () => {
  for (const text of ["1,2,3", "1.2.3", "2.5.0", "1,234,5", "2 5", "25 30", "1,23.5", "1.2,345.6", "1 2,5", "1,234 567", "12, 5"]) assert.ok(Number.isNaN(numberOf(text)), text);
  for (const [text, value] of /** @type {[string, number][]} */ ([["1,234,567", 1234567], ["1.234.567,5", 1234567.5], ["12 345,5", 12345.5], ["1\u202f234", 1234], ["12,34,567", 1234567], [" 25 % ", 25], ["\u2212 5", -5], ["1234.5", 1234.5]]))
    assert.equal(numberOf(text), value, text);
});

test("long decimals in a text are shortened, and groups of thousands are left as they are", () => {
  assert.equal(shortened("tariff +0.685556 points, 12.345678 and 0.00004321"), "tariff +0.686 points, 12.35 and 0.0000432");
  assert.equal(shortened("Zoll +0,685556 Prozentpunkte"), "Zoll +0,686 Prozentpunkte");
  for (const text of ["12.345 Mio. US$", "1.800.000 Einheiten", "1,800,000 units", "US$12,345 million", "+1.250 puntos", "+0.004 points", "8517.13.00", "2026.07.0001.2"]) assert.equal(shortened(text), text);
});

test("a small percentage beyond noise is not written as zero", () => {
  for (const [size, text] of /** @type {[number, string][]} */ ([[12.34, "12.3"], [0.995, "1.0"], [0.5, "0.50"], [0.05, "0.050"], [0.0005, "0.001"], [0.000077, "0.000077"], [0.0000012, "0.0000012"], [1e-7, "0.000"], [0, "0.000"]])) {
    assert.equal(size.toFixed(decimalsOf(size)), text);
  }
});
