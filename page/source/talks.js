// Talks in which the threat may be a bluff: how they end, from what belief on to sign, and each assumption to move.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Chart } from "./chart.js";
import { Exports } from "./exports.js";
import { Figure, Level, Refusal, capital, chance, day, headed, percent } from "./parts.js";
import { wholeCase } from "./table.js";
import { inLanguage, listed, t } from "./words.js";

const ENDS = ["deal", "measure", "nothing"];

/** The talks of a case with beliefs; it is solved when somebody asks, and then at every belief and assumption. */
export function Talks({ table, names, abilities }) {
  const { doc } = table;
  const [on, setOn] = useState(false);
  const [assume, setAssume] = useState(/** @type {Record<string, number>} */ ({}));
  const question = useMemo(() => (on ? { case: wholeCase(doc, ["uncertainty", "timeline", "market"]), assume } : null), [doc, on, assume]);
  const { answer, problem, waiting, again } = useAnswer("talks", question);
  if (!doc.beliefs) return null;
  const found = answer?.tables ? answer : null;
  const move = (name, value) => setAssume({ ...assume, [name]: value });
  const columns = found ? Object.keys(found.tables.talks_beliefs[0]) : [];
  return html`<${Figure} id="talks" pending=${!found} title=${t("talks")} lead=${found ? found.sentences[0] : t("talks_lead")} waiting=${on && waiting} columns=${columns} rows=${(found?.tables.talks_beliefs ?? []).map((row) => columns.map((c) => row[c]))} method=${t("talks_how")} exports=${found && html`<${Exports} figure="talks" question=${{ case: question?.case }} abilities=${{ ...abilities, code: false }} />`}>
    ${!on && html`<p><button class="main" onClick=${() => setOn(true)}>${t("talks_begin")}</button></p>`}
    ${on && waiting && html`<p role="status">${t("waiting")}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${found &&
    html`<${Level} label=${t("talks_belief", { who: names(found.threatener) })} value=${rounded(100 * (assume.belief ?? found.prior))} low=${0} high=${100} step=${1} unit=${t("pct")} within=${true} onChange=${(to) => move("belief", to / 100)} />
      <${Chart} caption=${t("talks_ends")} columns=${[""]} say=${(v) => chance(v / 100)} groups=${[{ name: t("talks_ends"), rows: endsOf(found).map(([name, part]) => ({ name, turn: "neutral", values: [100 * part] })) }]} />
      ${found.sentences.slice(1, -1).map((line) => html`<p>${line}</p>`)}
      <${Days} found=${found} doc=${doc} names=${names} />
      ${found.forecast.length > 0 && html`<h3>${t("talks_forecast")}</h3>${found.forecast.map((line) => html`<p>${line}</p>`)}`}
      <details class="more"><summary>${t("talks_assumed")}</summary>
        ${Object.entries(found.numbers).filter(([name]) => name !== "belief").map(([name, value]) => html`<${Level} key=${name} label=${spelled(name, doc, names)} value=${assume[name] ?? value} unit=${unitOf(name)} onChange=${(to) => move(name, to)} />`)}
        <p><button onClick=${() => setAssume({})} disabled=${!Object.keys(assume).length}>${t("talks_reset")}</button></p>
      </details>`}
  <//>`;
}

/** Return [name, probability] of each way in which talks end: each deal that may be signed, the measure, and nothing. */
export function endsOf(found) {
  const deals = Object.keys(found.thresholds).map((deal) => {
    const parts = found.tables.talks_ends.filter((row) => row.deal === deal).map((row) => row.probability);
    return [inLanguage(found.titles[deal] ?? deal), parts.reduce((sum, part) => sum + part, 0)];
  });
  const rest = ENDS.filter((end) => end !== "deal" || !deals.length).map((end) => [t(`talks_${end}`), found.end_probabilities[end]]);
  return [...deals, ...rest];
}

const rounded = (value) => Math.round(value * 100) / 100;

function Days({ found, doc, names }) {
  const rows = found.tables.talks_days;
  const what = (row) => (row.event ? (row.sent ? inLanguage(doc.beliefs.signals[row.event]?.title ?? row.event) : t("talks_not_sent", { signal: inLanguage(doc.beliefs.signals[row.event]?.title ?? row.event) })) : t("talks_turn", { who: names(found.target) }));
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${t("talks_days")}><table class="plain">
    <caption>${t("talks_days")}</caption>
    <thead><tr><th scope="col">${t("talks_day")}</th><th scope="col">${t("talks_what")}</th><th scope="col">${t("talks_belief_then")}</th><th scope="col">${t("talks_signs_from")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><th scope="row">${day(row.date)}</th><td>${capital(what(row))}</td><td>${percent(100 * row.belief, false)}</td><td>${row.signs}</td></tr>`)}</tbody>
  </table></div>`;
}

/** Return an assumption in words: "called.draft" is what it costs when the threat of the draft proves empty. */
export function spelled(name, doc, names) {
  const [kind, ...of] = name.split(".");
  const what = listed(of.map((one) => inLanguage(doc.beliefs.signals?.[one]?.title ?? doc.beliefs.types?.[one]?.title ?? (ENDS.includes(one) || one === "now" ? t(`talks_${one}`) : names(one)))));
  return what ? headed(t(`talks_number_${kind}`), what) : t(`talks_number_${kind}`);
}

const unitOf = (name) => ({ discount_rate: "", breakdown: "", years: t("talks_years") })[name.split(".")[0]] ?? t("talks_millions");
