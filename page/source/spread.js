// How sure the first screen is: the answer again with every trade elasticity lower, and higher.
import { html, useEffect, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { competitionOf } from "./competition.js";
import { money } from "./parts.js";
import { rowsOf } from "./rows.js";
import { caseOf } from "./table.js";
import { scaled } from "./theta.js";
import { joined, t } from "./words.js";

/** The factors of the elasticities, and the milliseconds without a change after which they are solved. */
const [LOW, HIGH, STILL] = [2 / 3, 3 / 2, 1200];

/** The elasticities of a case times a factor; null where the case states them in a way that the page does not scale.
 * @param {any} theta @param {{sectors: {code: string, theta: number}[]}} economy @param {number} factor */
export function timesFactor(theta, economy, factor) {
  if (theta === undefined || theta === null) return scaled(economy, factor);
  if (typeof theta === "number") return theta * factor;
  const known = typeof theta === "object" && economy.sectors.every((one) => typeof theta[one.code] === "number");
  return known ? scaled({ sectors: economy.sectors.map(({ code }) => ({ code, theta: theta[code] })) }, factor) : null;
}

/** A sentence with the range of each party's real income; nothing until both ends are solved. */
export function Spread({ doc, open, economy, names, waiting }) {
  const isThere = economy.name === String(doc.economy ?? economy.name);
  const question = useMemo(() => {
    const [low, high] = [LOW, HIGH].map((factor) => timesFactor(doc.theta, economy, factor));
    // The elasticities of firms are tied to those of trade, which then cannot move alone.
    const isPerfect = competitionOf(doc.closure?.competition).way === "perfect";
    return isThere && isPerfect && low !== null ? [low, high].map((theta) => ({ case: caseOf({ ...doc, theta }, [open], economy) })) : [null, null];
  }, [doc, open, economy, isThere]);
  const [settled, setSettled] = useState(/** @type {any[]} */ ([null, null]));
  useEffect(() => {
    const timer = setTimeout(() => setSettled(question), STILL);
    return () => clearTimeout(timer);
  }, [question]);
  const ends = [useAnswer("run", settled[0]), useAnswer("run", settled[1])];
  if (waiting || settled !== question || ends.some((one) => one.waiting || !one.answer?.tables)) return null;
  const [less, more] = ends.map(({ answer }) => new Map(rowsOf(answer, "welfare", open).map((row) => [row.party, row.equivalent_variation])));
  const ranges = doc.parties.filter((code) => less.has(code) && more.has(code)).map((code) => {
    const [low, high] = [less.get(code), more.get(code)].sort((a, b) => a - b);
    return t("spread_one", { who: names(code), low: money(low), high: money(high) });
  });
  if (!ranges.length) return null;
  const sure = () => document.getElementById("results-sure-tab");
  return html`<p class="spread">${t("spread", { ranges: joined(ranges) })} ${sure() && html`<button class="link" onClick=${() => (sure()?.click(), sure()?.focus())}>${t("spread_more")}</button>`}</p>`;
}

/** What is known of a bundled case under each published set of elasticities: whose sign depends on the set, and in which range. */
export function OverSets({ known, parties, names }) {
  if (!known) return html`<p class="over-sets">${t("over_sets_unknown")}</p>`;
  const ranges = Object.entries(known.turned).map(([code, [low, high]]) => t("spread_one", { who: names(code), low: money(low), high: money(high) }));
  const firm = parties.filter((code) => known.one_sign.includes(code)).map(names);
  return html`<p class="over-sets">${ranges.length > 0 && html`<strong>${t("over_sets", { ranges: joined(ranges), n: known.sets })}</strong> `}${firm.length > 0 && t("over_sets_firm", { who: joined(firm), n: known.sets })}</p>`;
}
