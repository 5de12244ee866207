// What takes longer and is solved on request: the timeline of a case.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Chart, Lines } from "./chart.js";
import { Choice, Figure, Refusal, day, money, percent } from "./parts.js";
import { wholeCase } from "./table.js";
import { t } from "./words.js";

/** The timeline of a case: real income by quarter on each branch, and the discounted totals. */
export function Timeline({ table, names }) {
  const { doc } = table;
  const [on, setOn] = useState(false);
  const question = useMemo(() => (on ? { case: wholeCase(doc, ["table", "uncertainty", "market", "path"]) } : null), [doc, on]);
  const { answer, problem, waiting, again } = useAnswer("run", question);
  const [chosen, setChosen] = useState("");
  if (!doc.timeline) return null;
  const rows = (answer?.tables.path ?? []).filter((row) => row.quantity === "real_income_pct");
  const parties = [...new Set(rows.map((row) => row.what))];
  const party = parties.includes(chosen) ? chosen : parties[0];
  const branches = Object.fromEntries((answer?.timeline?.branches ?? []).map((one) => [one.name, one.title]));
  const series = Object.entries(branches).map(([name, title]) => ({ name: title, points: rows.filter((row) => row.branch === name && row.what === party).map((row) => [row.quarter, row.value]) }));
  const totals = answer?.tables.totals ?? [];
  const kinds = [...new Set(totals.map((row) => row.branch))].filter((name) => name in branches);
  const total = (branch, code) => totals.find((row) => row.branch === branch && row.party === code)?.equivalent_variation ?? null;
  const columns = ["branch", "quarter", "what", "quantity", "value"];
  return html`<${Figure} id="timeline" pending=${!answer} title=${t("timeline")} lead=${t("timeline_lead", { from: day(doc.timeline.from), until: day(doc.timeline.until) })} waiting=${on && waiting} columns=${columns} rows=${(answer?.tables.path ?? []).map((row) => columns.map((c) => row[c]))} method=${t("timeline_how")}>
    ${!on && html`<p><button class="main" onClick=${() => setOn(true)}>${t("timeline_begin")}</button></p>`}
    ${on && waiting && html`<p role="status">${t("waiting")}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${rows.length > 0 &&
    html`<${Choice} label=${t("tornado_of")} value=${party} options=${parties.map((code) => [code, names(code)])} onChange=${setChosen} />
      <${Lines} caption=${t("timeline")} series=${series} say=${percent} />
      <h3>${t("timeline_totals")}</h3>
      <${Chart} caption=${t("timeline_totals")} columns=${kinds.map((name) => branches[name])} say=${money} groups=${[{ rows: [...new Set(totals.map((row) => row.party))].map((code) => ({ name: names(code), values: kinds.map((name) => total(name, code)) })) }]} />`}
  <//>`;
}
