// The tariff lines of the goods on the table: what each pays today, and one of them authority by authority.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { headingOf } from "./columns.js";
import { Choice, Figure, Refusal, capital, headed, percent } from "./parts.js";
import { bodyOf, dayOf, kindOf, list, percentOf } from "./table.js";
import { t } from "./words.js";

/** Whose tariff schedule the desk has. */
const SCHEDULES = ["USA"];
const MOST_LINES = 60;

/** Return the duties of measures on goods into a country whose schedule the desk has: [{importer, exporter, sector, more}], without
 * what a measure exempts. `more` is what they add in points; null where one of them does something else.
 * @param {any[]} measures @param {{groups: {code: string, members: string[]}[]}} economy @param {string[]} parties */
export function wantedLines(measures, economy, parties) {
  const members = (code) => economy.groups.find((one) => one.code === code)?.members ?? [];
  const single = (code) => {
    if (code === "WORLD") return parties.filter((one) => !SCHEDULES.includes(one)).flatMap(single);
    if (code === "EU28") return ["EU27", "GBR"];
    if (code === "EU27" || !members(code).length) return [code];
    return members(code);
  };
  const found = new Map();
  for (const measure of measures) {
    const body = bodyOf(measure) ?? {};
    const adds = kindOf(measure) === "tariff" && body.change === "add" ? percentOf(body.rate) : NaN;
    const more = Number.isNaN(adds) ? null : adds;
    const free = list(body.exempt).flatMap((code) => [...single(code), ...members(code)]);
    for (const importer of list(body.importer).filter((one) => SCHEDULES.includes(one) && !free.includes(one)))
      for (const sector of list(body.sector).filter((one) => one !== "ALL"))
        for (const exporter of new Set(list(body.exporter ?? "WORLD").flatMap(single).filter((one) => one !== importer && !free.includes(one)))) {
          const before = found.get(`${exporter} ${sector}`);
          const all = !before ? more : before.more === null || more === null ? null : before.more + more;
          found.set(`${exporter} ${sector}`, { importer, exporter, sector, more: all });
        }
  }
  return [...found.values()];
}

/** Return lines by heading: [{code, lines, low, high}], in their order.
 * @param {{code: string, low: number, high: number}[]} lines */
export function headings(lines) {
  const found = new Map();
  for (const line of lines) {
    const code = line.code.slice(0, 4);
    const now = found.get(code) ?? { code, lines: [], low: Infinity, high: -Infinity };
    now.lines.push(line);
    now.low = Math.min(now.low, line.low);
    now.high = Math.max(now.high, line.high);
    found.set(code, now);
  }
  return [...found.values()];
}

const dotted = (code) => [code.slice(0, 4), code.slice(4, 6), code.slice(6, 8), code.slice(8)].filter(Boolean).join(".");
const range = ({ low, high }) => (low === high ? percent(100 * low, false) : `${percent(100 * low, false)} – ${percent(100 * high, false)}`);
const query = (values) => Object.entries(values).filter(([, value]) => value).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");

/** The tariff lines of the open scenario. */
export function ProductLines({ table, economy, names, sectorNames, active }) {
  const { doc, open } = table;
  const all = useMemo(() => wantedLines(doc.scenarios[open].measures, economy, doc.parties), [doc, open, economy]);
  const [at, setAt] = useState(0);
  const [chosen, setOn] = useState("");
  const on = chosen || dayOf(doc);
  const [line, setLine] = useState("");
  const goods = all[Math.min(at, all.length - 1)];
  const place = goods && { importer: goods.importer, exporter: goods.exporter, on };
  const wanted = active && goods ? `lines?${query({ ...place, sector: goods.sector, economy: economy.name })}` : "";
  const { answer, problem, waiting, again } = useAnswer(wanted, wanted ? undefined : null);
  const rows = answer?.lines ?? [];
  const groups = headings(rows);
  const columns = ["code", "description", "base", "low", "high", "specific"];
  const options = all.map((one, k) => [String(k), t("lines_of", { goods: capital(sectorNames(one.sector)), exporter: names(one.exporter), importer: names(one.importer) })]);
  const lead = !goods ? t("lines_none") : !rows.length ? t("lines_waiting") : t(rows.length === 1 ? "lines_lead_one" : "lines_lead", { n: rows.length, headings: groups.length, range: range({ low: Math.min(...groups.map((one) => one.low)), high: Math.max(...groups.map((one) => one.high)) }) });
  return html`<${Figure} id="lines" pending=${!rows.length} title=${t("lines")} lead=${lead} waiting=${waiting} columns=${columns.map(headingOf)} about=${place ?? {}} rows=${rows.map((row) => columns.map((c) => row[c]))} method=${t("lines_how")}>
    ${goods &&
    html`<div class="row switches"><${Choice} label=${t("lines")} hidden value=${String(all.indexOf(goods))} options=${options} onChange=${(k) => (setAt(Number(k)), setLine(""))} />
      <label class="label" for="lines-on">${t("calendar_on")}</label><input id="lines-on" type="date" value=${on} onChange=${(e) => setOn(e.target.value)} /></div>`}
    ${goods?.more !== null && goods?.more !== undefined && rows.length > 0 && html`<p>${t("lines_measure", { points: percent(goods.more, false) })}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${again} />`}
    ${groups.map((one) => html`<details class="more heading" key=${`${wanted} ${one.code}`}><summary>${one.code} · ${range(one)} <span class="quiet">${headed(t(one.lines.length === 1 ? "lines_count_one" : "lines_count", { n: one.lines.length }), one.lines[0].description)}</span></summary>
      <${Rows} lines=${one.lines} chosen=${line} onChoose=${setLine} place=${place} />
    </details>`)}
  <//>`;
}

function Rows({ lines, chosen, onChoose, place }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? lines : lines.slice(0, MOST_LINES);
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${`${t("line")} ${lines[0].code.slice(0, 4)}`}><table class="plain lines-table">
      <thead><tr><th scope="col">${t("line")}</th><th scope="col">${t("line_goods")}</th><th scope="col">${t("line_base")}</th><th scope="col" class="right">${t("line_duty")}</th></tr></thead>
      <tbody>${shown.map((one) => html`<tr key=${one.code}><th scope="row"><button class="plain" aria-expanded=${chosen === one.code} onClick=${() => onChoose(chosen === one.code ? "" : one.code)}>${dotted(one.code)}</button></th>
        <td>${one.description}${chosen === one.code && html`<${OneLine} code=${one.code} place=${place} />`}</td><td>${one.base}</td><td class="right">${range(one)}${one.specific && html`<small>+ ${one.specific}</small>`}</td></tr>`)}</tbody>
    </table></div>
    ${shown.length < lines.length && html`<button onClick=${() => setWhole(true)}>${t("lines_all", { n: lines.length })}</button>`}`;
}

/** The duty on one line, authority by authority. */
function OneLine({ code, place }) {
  const path = `tariff?${query({ importer: place.importer, exporter: place.exporter, on: place.on, line: code })}`;
  const { answer, problem, again } = useAnswer(path, undefined);
  if (problem) return html`<${Refusal} problem=${problem} onRetry=${again} />`;
  if (!answer) return html`<p role="status">${t("waiting")}</p>`;
  const layers = answer.layers.filter((one) => one.applies);
  return html`<div class="note"><p>${answer.sentence}</p>
    <ul>${layers.map((one) => html`<li>${headed(one.authority, percent(100 * one.rate, false))}. <small>${one.because} ${one.citation}</small></li>`)}</ul></div>`;
}
