import assert from "node:assert/strict";
import { test } from "node:test";
import { titleAmong } from "../source/upload.js";

test("entries of one title have their names beside it", () => {
  const all = [{ name: "icio2023", title: "Tables" }, { name: "icio2025", title: "Tables" }, { name: "gtap", title: "GTAP" }];
  assert.deepEqual(all.map((one) => titleAmong(one, all)), ["Tables (icio2023)", "Tables (icio2025)", "GTAP"]);
});
