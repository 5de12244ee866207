// A case in time: its path by quarter, and what is bought before a deadline, at any belief in what is announced.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Lines } from "./chart.js";
import { headingOf } from "./columns.js";
import { Choice, Figure, Level, Refusal, headed, money, percent } from "./parts.js";
import { wholeCase } from "./table.js";
import { inLanguage, t } from "./words.js";

/** What is drawn: the table, its column, what names a line, and how a number is printed. */
const SERIES = {
  real_income: ["path_quarters", "real_income_pct", "party", percent],
  imports: ["path_markets", "imports_pct", "market", percent],
  price: ["path_markets", "real_import_price_pct", "market", percent],
  capital: ["path_quarters", "capital_pct", "party", percent],
  revenue: ["path_quarters", "tariff_revenue_change", "party", money],
};

/** Return the question about a path; null until somebody asks. The belief in percent replaces that of the case. */
export function pathQuestion(doc, on, belief) {
  if (!on) return null;
  // The timeline stays: a path may follow one of its branches.
  return { case: wholeCase(doc, ["table", "market", "uncertainty"]), ...(belief === null ? {} : { belief: belief / 100 }) };
}

/** The path of a case, with its picture, the purchases ahead of each measure, and the totals. */
export function InTime({ table, names }) {
  const { doc } = table;
  const [on, setOn] = useState(false);
  const [belief, setBelief] = useState(null);
  const question = useMemo(() => pathQuestion(doc, on, belief), [doc, on, belief]);
  const { answer, problem, waiting, again } = useAnswer("path", question);
  const [chosen, setChosen] = useState("real_income");
  if (!doc.path) return null;
  const found = answer?.tables ? answer : null;
  const there = Object.keys(SERIES).filter((name) => linesOf(found, name, names).length);
  const shown = there.includes(chosen) ? chosen : there[0];
  const columns = found?.tables.path_quarters.length ? Object.keys(found.tables.path_quarters[0]) : [];
  const stated = found?.path.in_force.find((one) => one.announced !== null && one.probability !== null)?.probability;
  const events = (found?.tables.path_events ?? []).map((one) => [one.day, t(`path_${one.event}`)]);
  return html`<${Figure} id="in-time" pending=${!found} title=${t("path")} lead=${found ? found.sentences[0] : t("path_lead")} waiting=${on && waiting} columns=${columns.map(headingOf)} about=${found ? { basis: found.basis } : {}} rows=${(found?.tables.path_quarters ?? []).map((row) => columns.map((c) => row[c]))} method=${t("path_how")} foot=${found ? found.basis : ""}>
    ${!on && html`<p><button class="main" onClick=${() => setOn(true)}>${t("path_begin")}</button></p>`}
    ${on && waiting && html`<p role="status">${t("waiting")}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${found && found.sentences.slice(1).map((line) => html`<p>${line}</p>`)}
    ${found && stated !== undefined && html`<${Level} label=${t("path_belief")} value=${belief ?? Math.round(100 * stated)} low=${0} high=${100} step=${1} unit=${t("pct")} within=${true} onChange=${setBelief} />`}
    ${shown &&
    html`<${Choice} label=${t("path_number")} value=${shown} options=${there.map((name) => [name, t(`path_${name}`)])} onChange=${setChosen} />
      <${Lines} caption=${headed(t("path"), t(`path_${shown}`))} series=${linesOf(found, shown, names)} say=${SERIES[shown][3]} events=${events} />`}
    ${found && html`<${Surges} rows=${found.tables.path_surges} /><${Totals} rows=${found.tables.path_totals} names=${names} /><p class="quiet">${headed(t("tab_sure"), found.sure)}</p>`}
  <//>`;
}

/** Return the lines of one number: each party or market with its value by day, null where there is none. */
export function linesOf(found, name, names) {
  if (!found) return [];
  const [table, column, by] = SERIES[name];
  const rows = found.tables[table].filter((row) => row[column] !== undefined);
  const each = [...new Set(rows.filter((row) => row[column] !== null).map((row) => row[by]))].filter((one) => one !== "OTHER").slice(0, 4);
  return each.map((one) => ({ name: by === "party" ? names(one) : inLanguage(one), points: rows.filter((row) => row[by] === one).map((row) => [row.step, row[column]]) }));
}

function Surges({ rows }) {
  if (!rows.length) return null;
  const days = (n) => (n === null ? t("none") : t("path_days", { n: Math.round(n) }));
  return html`<h3>${t("path_surges")}</h3><div class="scrollx" tabindex="0" role="region" aria-label=${t("path_surges")}><table class="plain">
    <thead><tr><th scope="col">${t("path_ahead")}</th><th scope="col">${t("path_bought")}</th><th scope="col">${t("path_of_imports")}</th><th scope="col">${t("path_hole")}</th><th scope="col">${t("path_saved")}</th><th scope="col">${t("path_keeping")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><th scope="row">${row.entry}</th><td class="amount">${money(row.surge, false)}</td><td class="amount">${days(row.surge_days)}</td><td class="amount">${days(row.hole_days)}</td><td class="amount">${money(row.duty_saved, false)}</td><td class="amount">${money(row.keeping_cost, false)}</td></tr>`)}</tbody>
  </table></div>`;
}

function Totals({ rows, names }) {
  return html`<h3>${t("path_totals")}</h3><div class="scrollx" tabindex="0" role="region" aria-label=${t("path_totals")}><table class="plain">
    <thead><tr><th scope="col">${t("country")}</th><th scope="col">${t("path_real_income")}</th><th scope="col">${t("path_revenue")}</th><th scope="col">${t("quota_rent")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><th scope="row">${names(row.party)}</th><td class="amount">${money(row.equivalent_variation)}</td><td class="amount">${money(row.tariff_revenue_change)}</td><td class="amount">${money(row.quota_rent)}</td></tr>`)}</tbody>
  </table></div>`;
}
