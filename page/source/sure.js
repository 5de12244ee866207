// Uncertainty: the results under many draws of the uncertain numbers.
import { html, useState } from "./preact.js";
import { useJob } from "./ask.js";
import { Choice, Figure, Refusal, chance, headed, money, plainlyOf } from "./parts.js";
import { Ranges } from "./chart.js";
import { progressText } from "./jobs.js";
import { caseOf, titleOf } from "./table.js";
import { t } from "./words.js";

const ASSUMED = { theta: { lognormal: { sd: 0.25 } } };

export function Sure({ table, economy, names }) {
  const { job, begin, cancel } = useJob("sweep");
  const [draws, setDraws] = useState("250");
  const { doc, shown } = table;
  const stated = doc.uncertainty && Object.keys(doc.uncertainty).length > 0;
  const question = {
    case: { ...caseOf(doc, shown, economy), uncertainty: stated ? doc.uncertainty : ASSUMED },
    draws: Number(draws),
    scenarios: shown.filter((name) => doc.scenarios[name].measures.length),
  };
  const running = ["waiting", "running"].includes(job.state);
  const result = job.result;
  const stale = result && job.note !== JSON.stringify(question);
  const found = result ?? (running ? job.soFar : null);
  const rows = (found?.tables.welfare ?? []).filter((row) => row.number === undefined || row.number === "equivalent_variation");
  const start = () => {
    begin(question, JSON.stringify(question));
  };
  const what = t("sure_what", { what: stated ? t("sure_case") : t("sure_default") });
  const columns = rows.length ? Object.keys(rows[0]) : [];
  return html`<${Figure} id="sure" pending=${!result} title=${t("sure")} lead=${`${t("sure_lead", { draws })} ${what}`} waiting=${stale} columns=${columns} rows=${rows.map((row) => columns.map((c) => row[c]))} method=${t("sure_how")}>
    ${!running && question.scenarios.length > 0 &&
    html`<div class="row">
      <${Choice} label=${t("sure_draws")} value=${draws} options=${["100", "250", "1000", "4000"].map((n) => [n, n])} onChange=${setDraws} />
      <button class="main" onClick=${start}>${result ? t("again") : t("sure_begin")}</button>
      ${stale && html`<span class="quiet">${t("stale")}</span>`}
    </div>`}
    ${running &&
    html`<p role="status" class="row">
      <progress max=${job.parts ?? 1} value=${job.done ?? 0} aria-label=${t("sure")}></progress> ${progressText(job) || t("waiting")}
      <button onClick=${cancel}>${t("cancel")}</button>
    </p>`}
    ${job.state === "cancelled" && html`<p role="status">${t("cancelled")}</p>`}
    ${job.state === "failed" && html`<${Refusal} problem=${job.problem} onRetry=${job.again} />`}
    ${found && !result && html`<p class="note" role="status">${t(rows.length ? "sure_so_far" : "sure_singles", { done: found.members, members: job.members })}</p>`}
    ${found && html`<${Intervals} rows=${rows} doc=${doc} names=${names} /><${Tornado} rows=${found.tornado} doc=${doc} open=${table.open} names=${names} plainly=${plainlyOf(economy)} />`}
    ${result && html`<p class="quiet">${t("sure_kept", { run: result.run.slice(0, 12) })}</p>`}
  <//>`;
}

function Intervals({ rows, doc, names }) {
  const scenarios = [...new Set(rows.map((row) => row.scenario))];
  const row = (one) => ({ name: names(one.party), low: one.low, high: one.high, mark: one.median, more: [money(one.median), chance(one.above_zero)] });
  return scenarios.map(
    (name) => html`<h3>${titleOf(doc, name)}</h3>
      <${Ranges} caption=${titleOf(doc, name)} say=${money} more=${[t("median"), t("sure_chance")]} rows=${rows.filter((one) => one.scenario === name).map(row)} />`,
  );
}

const parameterName = (parameter, plainly) => {
  if (/^theta\.(within\.)?\w+$/.test(parameter) && !parameter.endsWith(".set")) return t("elasticity_of", { sector: plainly(parameter.split(".").at(-1)) });
  const words = parameter.replaceAll("_", " ").replace("theta.within.", "theta.");
  if (words === "theta.set") return t("elasticity_set");
  return words;
};

/** A tornado chart: one number at a time at its 5th and 95th percentile, the widest bars first. */
function Tornado({ rows, doc, open, names, plainly }) {
  const pairs = [...new Set(rows.map((row) => `${row.scenario} ${row.party}`))];
  const first = pairs.find((pair) => pair.startsWith(`${open} `)) ?? pairs[0];
  const [chosen, setChosen] = useState(first);
  if (!pairs.length) return null;
  const pair = pairs.includes(chosen) ? chosen : first;
  const bars = rows.filter((row) => `${row.scenario} ${row.party}` === pair);
  const label = (one) => {
    const [scenario, party] = one.split(" ");
    return headed(names(party), titleOf(doc, scenario));
  };
  return html`<h3>${t("tornado")}</h3>
    <p class="quiet">${t("tornado_lead")}</p>
    <${Choice} label=${t("tornado_of")} value=${pair} options=${pairs.map((one) => [one, label(one)])} onChange=${setChosen} />
    <${Ranges} caption=${t("tornado")} say=${money} rows=${bars.map((one) => ({ name: parameterName(one.parameter, plainly), low: one.low, high: one.high, mark: one.centre }))} />`;
}
