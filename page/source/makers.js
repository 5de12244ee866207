// The makers of a case's market: their profits before and after, and their units, by owner.
import { html, useMemo } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Chart } from "./chart.js";
import { numbersOf } from "./columns.js";
import { heads } from "./figures.js";
import { Figure, Refusal, capital, money, percent } from "./parts.js";
import { rowsOf } from "./rows.js";
import { caseOf, titleOf } from "./table.js";
import { t } from "./words.js";

/** The makers under each scenario that is shown. */
export function Firms({ table, economy, names, active }) {
  const { doc, shown, open } = table;
  const question = useMemo(() => (active ? { case: { ...caseOf(doc, shown, economy), market: doc.market } } : null), [doc, shown, economy, active]);
  const { answer, problem, waiting, again } = useAnswer("run", question);
  const columns = shown.filter((name) => rowsOf(answer, "makers", name).length).map((name) => ({ name, answer, title: titleOf(doc, name) }));
  const owners = [...new Set(columns.flatMap(({ name }) => rowsOf(answer, "makers", name).map((row) => row.owner)))];
  const get = (owner, name, key) => rowsOf(answer, "makers", name).find((row) => row.owner === owner)?.[key] ?? null;
  const rows = (key) => owners.map((owner) => ({ name: names(owner), values: columns.map(({ name }) => get(owner, name, key)) }));
  const before = owners.map((owner) => t("firms_before", { owner: names(owner), money: money(get(owner, columns[0]?.name, "profit_before"), false) }));
  const front = [Math.max(columns.findIndex((one) => one.name === open), 0)];
  const chart = (caption, key, say, bare) => html`<h3>${caption}</h3><${Chart} caption=${caption} columns=${heads(columns)} groups=${[{ rows: rows(key) }]} say=${say} bare=${bare} front=${front} />`;
  return html`<${Figure} id="firms" pending=${!columns.length} title=${t("firms")} lead=${t("firms_lead")} waiting=${waiting} ...${columns.length ? numbersOf(columns, "makers") : {}} method=${t("firms_how")}>
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${waiting && !answer && html`<p role="status">${t("waiting")}</p>`}
    ${columns.length > 0 &&
    html`<p class="quiet">${t("firms_base", { owners: before.join("; ") })}</p>
      ${chart(t("firms_profit"), "profit_change", money, false)}
      ${owners.some((owner) => columns.some(({ name }) => get(owner, name, "licences") > 0.05)) && chart(t("firms_licences"), "licences", (v) => money(v, false), true)}
      ${chart(t("firms_units"), "units_pct", percent, true)}`}
    <ul>${(answer?.makers_findings ?? []).filter((line) => line.startsWith(" ") || !line.endsWith(":")).map((line) => html`<li>${capital(line.trim())}</li>`)}</ul>
  <//>`;
}
