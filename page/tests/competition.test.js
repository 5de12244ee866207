import assert from "node:assert/strict";
import { test } from "node:test";
import { competitionIn, competitionOf } from "../source/competition.js";

test("what is chosen is what the panel shows", () => {
  for (const way of ["perfect", "fixed", "free", "melitz"]) {
    const found = competitionOf(competitionIn("steel", way, 5));
    assert.deepEqual(found, way === "perfect" ? { way } : { way, sector: "steel", sigma: 5 });
  }
  for (const other of [{ sigma: 5, entry: "free" }, { melitz: { access: { USA: 0.2 } } }, "cournot"]) assert.equal(competitionOf(other).way, "other");
});
