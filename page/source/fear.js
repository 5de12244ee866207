// A threat that has not come: what it costs while nothing is done, at any chance that it comes and time until the day.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Chart } from "./chart.js";
import { headingOf } from "./columns.js";
import { Choice, Figure, Level, Refusal, capital, money, percent } from "./parts.js";
import { titleOf, wholeCase } from "./table.js";
import { t } from "./words.js";

/** The chance in percent and the days until the day for a case whose talks state neither. */
const [CHANCE, DAYS, YEAR] = [30, 180, 365.25];
/** The most countries beside the parties. */
const MOST = 4;

/** Return the question about a threat; null until somebody asks. A number that nobody moved is that of the case's talks, or
 * `CHANCE` and `DAYS`. @param {any} doc @param {boolean} on @param {string} scenario @param {Record<string, number>} moved */
export function fearQuestion(doc, on, scenario, moved) {
  if (!on) return null;
  const stated = Boolean(doc.beliefs) && scenario === doc.table?.threat?.scenario;
  const chance = moved.chance ?? (stated ? null : CHANCE);
  const days = moved.days ?? (stated ? null : DAYS);
  return {
    case: wholeCase(doc, ["uncertainty", "market"]),
    scenario,
    ...(chance === null ? {} : { probability: [chance / 100] }),
    ...(days === null ? {} : { years: [days / YEAR] }),
  };
}

/** Return a function that gives the change of a country, of a group as that of its members, and of the world; null where there is none.
 * @param {{country: string, equivalent_variation: number}[]} rows @param {{groups: {code: string, members: string[]}[]}} economy
 * @returns {(code: string) => number | null} */
export function lostBy(rows, economy) {
  const gain = new Map(rows.map((row) => [row.country, row.equivalent_variation]));
  const groups = new Map(economy.groups.map((one) => [one.code, one.members]));
  const sum = (codes) => codes.reduce((all, code) => all + (gain.get(code) ?? NaN), 0);
  return (code) => {
    const found = gain.get(code) ?? sum(code === "WORLD" ? [...gain.keys()] : (groups.get(code) ?? [code]));
    return Number.isNaN(found) ? null : found;
  };
}

/** What the threat of a case costs while nothing is done; for a case that bargains under a threat or has a calendar. */
export function Threat({ table, economy, names }) {
  const { doc, open } = table;
  const [on, setOn] = useState(false);
  const [moved, setMoved] = useState(/** @type {Record<string, number>} */ ({}));
  const [chosen, setChosen] = useState("");
  const there = Object.keys(doc.scenarios).filter((name) => doc.scenarios[name].measures?.length);
  const scenario = [chosen, doc.table?.threat?.scenario, open].find((name) => there.includes(name)) ?? there[0];
  const question = useMemo(() => fearQuestion(doc, on, scenario, moved), [doc, on, scenario, moved]);
  const { answer, problem, waiting, again } = useAnswer("fear", question);
  if (!there.length || !(doc.table?.threat || doc.calendar?.length)) return null;
  const found = answer?.tables ? answer : null;
  const first = found?.tables.fear_threats[0];
  const countries = found?.tables.fear_countries ?? [];
  const lost = lostBy(countries, economy);
  const own = doc.parties.filter((code) => lost(code) !== null);
  const size = (code) => Math.abs(lost(code) ?? 0);
  const others = countries.map((row) => row.country).filter((code) => !own.includes(code)).sort((a, b) => size(b) - size(a)).slice(0, MOST);
  const rows = (codes) => codes.map((code) => ({ name: names(code), values: [lost(code)] }));
  // In the numbers as in the chart: a party that is a group has a row.
  const groups = own.filter((code) => !countries.some((row) => row.country === code)).map((code) => ({ probability: first.probability, years: first.years, country: code, equivalent_variation: lost(code) }));
  const columns = countries.length ? Object.keys(countries[0]) : [];
  const level = (name, now, low, high, label, unit) => html`<${Level} label=${label} value=${moved[name] ?? Math.round(now)} low=${low} high=${high} step=${1} unit=${unit} within=${true} onChange=${(to) => setMoved({ ...moved, [name]: to })} />`;
  return html`<${Figure} id="threat" pending=${!found} title=${t("fear")} lead=${found ? found.sentences[0] : t("fear_lead")} waiting=${on && waiting} columns=${columns.map(headingOf)} about=${found ? { basis: found.basis } : {}} rows=${[...groups, ...countries].map((row) => columns.map((c) => row[c] ?? null))} method=${t("fear_how")} foot=${found ? found.basis : ""}>
    ${!on && html`<p><button class="main" onClick=${() => setOn(true)}>${t("fear_begin")}</button></p>`}
    ${on && there.length > 1 && html`<${Choice} label=${t("fear_of")} value=${scenario} options=${there.map((name) => [name, titleOf(doc, name)])} onChange=${setChosen} />`}
    ${on && waiting && html`<p role="status">${t("waiting")}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${first && level("chance", 100 * first.probability, 0, 100, t("fear_chance"), t("pct"))}
    ${first && level("days", YEAR * first.years, 1, 1000, t("fear_days"), t("fear_unit"))}
    ${found && found.sentences.slice(1).map((line) => html`<p>${line}</p>`)}
    ${countries.length > 0 &&
    html`<h3>${t("fear_income")}</h3>
      <${Chart} caption=${t("fear_income")} columns=${[""]} say=${money} groups=${[{ rows: rows(own) }, { name: t("others"), rows: rows(others) }]} />
      <div class="scrollx" tabindex="0" role="region" aria-label=${t("fear_depends")}><table class="plain"><caption>${t("fear_depends")}</caption>
        <tbody>${found.tables.fear_depends_on.map((row) => html`<tr><th scope="row">${capital(row.title)}</th><td class="amount right">${percent(row.entry_pct)}</td></tr>`)}</tbody>
      </table></div>`}
  <//>`;
}
