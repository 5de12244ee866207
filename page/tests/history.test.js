import assert from "node:assert/strict";
import { test } from "node:test";
import { Entries } from "../source/history.js";

/** A browser's history: entries with their state, of which a new one drops those behind. */
function browserAt(states = [null], at = 0) {
  const list = [...states];
  return {
    get state() {
      return list[at];
    },
    pushState(state) {
      list.splice((at += 1), Infinity, state);
    },
    replaceState(state) {
      list[at] = state;
    },
    go(step) {
      at += step;
    },
    put() {
      list.splice((at += 1), Infinity, null); // somebody puts in another address
    },
    list,
  };
}

test("Back and Forward find what was there", () => {
  const browser = browserAt();
  const entries = new Entries(browser);
  for (const table of ["a", "b", "c"]) entries.set(table, true);
  entries.set("c2", false);
  browser.go(-2);
  assert.ok(entries.moved());
  assert.equal(entries.table, "a");
  assert.equal(entries.last, 2);
  browser.go(2);
  assert.ok(entries.moved());
  assert.equal(entries.table, "c2");
  browser.go(-1);
  entries.moved();
  entries.set("d", true);
  assert.deepEqual([entries.at, entries.last, entries.table], [2, 2, "d"]);
});

test("after a reload every place keeps its own table", () => {
  const before = browserAt();
  const old = new Entries(before);
  for (const table of ["a", "b"]) old.set(table, true);
  const browser = browserAt(before.list, 1);
  const entries = new Entries(browser);
  entries.set("b", true);
  assert.equal(entries.at, 1, "what can be undone still can");
  browser.go(-1);
  assert.ok(!entries.moved());
  assert.equal(entries.table, "b", "until the address is read");
  entries.set("a", false);
  browser.go(1);
  assert.ok(entries.moved());
  assert.equal(entries.table, "b");
});

test("an address that somebody puts in is a place of its own", () => {
  const browser = browserAt();
  const entries = new Entries(browser);
  entries.set("a", true);
  browser.put();
  assert.ok(!entries.moved());
  entries.set("linked", false);
  assert.equal(entries.at, 1);
  browser.go(-1);
  assert.ok(entries.moved());
  assert.equal(entries.table, "a");
});
