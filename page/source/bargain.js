// The bargain: every deal by the gain of each side, and an offer to drag.
import { html, useEffect, useMemo, useRef, useState } from "./preact.js";
import { useAnswer, useJob } from "./ask.js";
import { widthOf } from "./chart.js";
import { Figure, Level, Refusal, capital, chance, headed, money, unnamed } from "./parts.js";
import { bodyOf, instrumentOf, isQuantity, kindOf, kindTitle, leverOf, list, measureLine, percentOf, titleOf, wholeCase } from "./table.js";
import { useWidth } from "./width.js";
import { inLanguage, joined, listed, t } from "./words.js";

/** The most measures whose levels are bargained over. */
const MOST = 4;

/** Return a case with a bargaining table: its own, or one where each measure of the open scenario may have any level from
 * zero to its current one, with that scenario as the threat. Null where the measures do not name two sides. */
export function tabled(table) {
  const { doc, open } = table;
  const { uncertainty, timeline, path, retaliation, calendar, ...rest } = doc;
  if (doc.table) return wholeCase({ ...rest, calendar });
  const { issues, measures, between } = bargained(table);
  if (!measures.length || between.length < 2) return null;
  const own = { between, issues, measures, threat: { scenario: open }, points: measures.length > 2 ? 5 : 9 };
  return wholeCase({ ...rest, table: own });
}

/** Return what a bargain over the measures of the open scenario is about: issues, measures, and the two sides; and in words who
 * and which measures are left out of it. @param {any} table */
export function bargained(table) {
  const { doc, open } = table;
  const issues = {};
  const measures = [];
  const sides = [];
  const more = []; // importers that no side of the bargain speaks for
  const left = [];
  for (const measure of doc.scenarios[open].measures) {
    const [kind, body] = [kindOf(measure), bodyOf(measure)];
    const level = percentOf(body[leverOf(kind)?.key]);
    const inMoney = (body.unit && body.unit !== "share") || body.unit_value;
    if (!("importer" in body) || instrumentOf(kind)?.taken_by === "country" || Number.isNaN(level) || inMoney || measures.length >= MOST) {
      left.push(measureLine(table, measure));
      continue;
    }
    const name = `level_${measures.length + 1}`;
    const now = isQuantity(kind) ? 120 : 0;
    const [low, high] = [Math.min(level, now), Math.max(level, now)];
    if (low === high) {
      left.push(measureLine(table, measure));
      continue;
    }
    issues[name] = {
      title: `${kindTitle(kind)}: ${list(body.importer).join("+")} ← ${list(body.exporter).join("+") || "WORLD"}, ${list(body.sector).join(", ").replaceAll("_", " ")}`,
      range: [`${low}%`, `${high}%`],
      now: `${now}%`,
    };
    measures.push({ [Object.keys(measure)[0]]: { ...body, [leverOf(kind).key]: `$${name}` } });
    sides.push(...list(body.importer).slice(0, 1), ...list(body.exporter));
    more.push(...list(body.importer).slice(1));
  }
  const all = [...new Set([...sides, ...more])].filter((one) => one !== "WORLD");
  return { issues, measures, between: all.slice(0, 2), others: all.slice(2), left };
}

export function Bargaining({ table, names, spoken }) {
  const { job, begin, cancel } = useJob("bargain");
  const document = useMemo(() => tabled(table), [table.doc, table.open]);
  const result = job.result;
  const solvedCase = useMemo(() => (job.note ? JSON.parse(job.note) : null), [job.note]);
  const stale = solvedCase !== null && JSON.stringify(document) !== JSON.stringify(solvedCase);
  const running = ["waiting", "running"].includes(job.state);
  const start = () => {
    begin({ case: document }, JSON.stringify(document));
  };
  const own = !table.doc.table;
  const { others, left } = own ? bargained(table) : { others: [], left: [] };
  const out = [...others.map(spoken), ...left];
  const lead = !document
    ? t("bargain_cannot")
    : result
      ? t("bargain_lead")
      : own
        ? t("bargain_none", { title: titleOf(table.doc, table.open), parties: joined(document.table.between.map(spoken)) })
        : t("bargain_lead");
  return html`<${Figure} id="bargain" pending=${!result} title=${t("bargain")} lead=${lead} ...${result ? numbers(result) : {}} method=${t("bargain_how")}>
    ${own && document && out.length > 0 && html`<p>${t("bargain_out", { most: MOST, what: listed(out) })}</p>`}
    ${document && !running && (!result || stale) && html`<p>${stale && result && html`<span class="quiet">${t("bargain_stale")} </span>`}<button class="main" onClick=${start}>${own ? t("bargain_from") : t("bargain_begin")}</button></p>`}
    ${running && html`<p role="status" class="row"><progress max=${job.parts || undefined} value=${job.parts ? job.done : undefined} aria-label=${t("bargain")}></progress> ${job.parts && job.done === job.parts ? t("bargain_searching") : job.parts ? t("bargain_so_far", { done: job.done, deals: job.parts }) : t("bargain_waiting")} <button onClick=${cancel}>${t("cancel")}</button></p>`}
    ${running && job.soFar && html`<div class="bargain"><${Payoffs} result=${{ ...job.soFar, deals: {} }} gains=${job.soFar.surface.gains} offer=${null} pick=${() => {}} names=${names} /></div>`}
    ${job.state === "cancelled" && html`<p role="status">${t("cancelled")}</p>`}
    ${job.state === "failed" && html`<${Refusal} problem=${job.problem} onRetry=${job.again} />`}
    ${result && html`<${Deals} result=${result} document=${solvedCase} names=${names} spoken=${spoken} />`}
  <//>`;
}

const numbers = ({ deals, parties }) => {
  const rows = Object.values(deals);
  const issues = [...new Set(rows.flatMap((one) => Object.keys(one.levels)))];
  return {
    columns: [t("deal"), ...issues, ...parties.map((p) => t("gain_of", { party: p })), t("signed_by")],
    rows: rows.map((one) => [one.title, ...issues.map((i) => one.levels[i] ?? null), ...parties.map((p) => one.gains[p]), one.signed_by.join("; ")]),
  };
};

function Deals({ result, document, names, spoken }) {
  const { issues, levels: grid, gains } = result.surface;
  const spec = document.table.issues;
  const range = (name) => spec[name].range.map(percentOf);
  const [levels, setLevels] = useState(() => ({ ...fromDeal(result.deals.now ?? {}, issues, spec), ...percentLevels(result.nearest?.levels ?? {}) }));
  const fractions = Object.fromEntries(issues.map((name) => [name, levels[name] / 100]));
  const { answer, problem, waiting } = useAnswer("offer", { case: document, levels: fractions });
  const [a, b] = result.parties;
  const deal = answer?.deal;
  const threat = result.threats[0];
  const toDeal = (k) => setLevels(Object.fromEntries(issues.map((name, i) => [name, round(100 * grid[k][i])])));
  return html`<div class="bargain">
    <div>
      <${Payoffs} result=${result} gains=${gains} offer=${deal ? [deal.gains[a], deal.gains[b]] : null} pick=${toDeal} names=${names} />
      <p>${t("zone", { share: chance(result.zone) })}</p>
      ${Object.keys(threat.own).length > 0 &&
      Object.entries(threat.own).map(([party, own]) => html`<p>${t(own >= -0.001 ? "threat_credible" : "threat_not", { party: spoken(party), own: money(threatShown(own), own >= -0.001) })}</p>`)}
    </div>
    <div>
      <h3>${t("offer")}</h3>
      <p class="quiet">${t("offer_drag")}</p>
      ${issues.map((name) => html`<${Level} key=${name} label=${inLanguage(spec[name].title)} value=${levels[name]} low=${range(name)[0]} high=${range(name)[1]} step=${1} unit=${t("pct")} onChange=${(to) => setLevels({ ...levels, [name]: Math.min(Math.max(to, range(name)[0]), range(name)[1]) })} />`)}
      ${problem && html`<${Refusal} problem=${problem} />`}
      ${deal &&
      html`<div class="verdict ${deal.signed_by.length === result.parties.length ? "yes" : "no"} ${waiting ? "stale" : ""}" role="status">
        <strong>${verdict(deal, result.parties, spoken)}</strong>
        ${result.parties.map((party) => html`<p>${t("beyond", { party: names(party), gain: money(deal.gains[party]), threat: threat.title })}</p>`)}
      </div>`}
      <details class="more"><summary>${t("named_deals")}</summary>
        <ul>${Object.values({ ...result.deals, ...(result.nearest ? { nearest: result.nearest } : {}) }).map(
          (one) => html`<li><button onClick=${() => setLevels({ ...levels, ...fromDeal(one, issues, spec) })}>${one.title}</button> ${headed(one.words, listed(result.parties.map((p) => `${names(p)} ${money(one.gains[p])}`)))}</li>`,
        )}</ul>
      </details>
    </div>
  </div>`;
}

const threatShown = (own) => (own >= -0.001 ? own : Math.abs(own));
const round = (percentage) => Math.round(percentage * 100) / 100;
const percentLevels = (levels) => Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, round(100 * level)]));
/** Return the levels of a deal in percent; an issue that it leaves out is at `now`, or at the end of its range. */
const fromDeal = (deal, issues, spec) =>
  Object.fromEntries(issues.map((name) => [name, deal.levels?.[name] !== undefined ? round(100 * deal.levels[name]) : percentOf(spec[name].now ?? spec[name].range[1])]));

function verdict(deal, parties, spoken) {
  if (deal.signed_by.length === parties.length) return t(parties.length === 2 ? "would_sign" : "all_sign");
  if (!deal.signed_by.length) return t("nobody_signs");
  return parties.filter((one) => !deal.signed_by.includes(one)).map((one) => capital(t("would_not", { party: spoken(one) }))).join(" ");
}

/** Return the names of points that have room, each with the side on which it stands: [x, y, text, whether it ends there]. */
function labelled(points, left, wide) {
  const placed = [];
  for (const [px, py, text] of points) {
    const end = px > 0.6 * wide;
    const width = 6.2 * text.length;
    const [from, to] = end ? [px - 8 - width, px] : [px, px + 8 + width];
    if (from < left || to > wide || placed.some((one) => Math.abs(one.y - py) < 13 && from < one.to && to > one.from)) continue;
    placed.push({ from, to, y: py, label: [px, py, text, end] });
  }
  return placed.map((one) => one.label);
}

const [WIDE, TALL, LEFT, LOW] = [540, 400, 84, 44];
/** The size of the letters of a tick, and the room for the name of an axis beside them, in pixels. */
const [TICK, NAME] = [11, 26];

/** A chart of the gains of the first two parties by deal. The ring is the offer: dragging it, or the arrow keys, move it
 * to the nearest deal. */
function Payoffs({ result, gains, offer, pick, names }) {
  const [a, b] = result.parties;
  const svg = useRef(null);
  const box = useRef(null);
  const wide = useWidth(box, WIDE);
  const high = Math.min(TALL, Math.max(wide, 300));
  const [drag, setDrag] = useState(null);
  const points = useMemo(() => gains.map((g, k) => [g[0], g[1], k]).filter((p) => p[0] !== null && p[1] !== null), [gains]);
  const named = Object.values(result.deals).map((d) => [d.gains[a], d.gains[b], d.title]);
  const scale = (at) => {
    const values = [...points.map((p) => p[at]), ...named.map((p) => p[at]), 0];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.05 * (high - low || 1);
    return [low - room, high + room];
  };
  const [[xl, xh], [yl, yh]] = [scale(0), scale(1)];
  const ticks = (low, high, most = 5) => {
    const step = 10 ** Math.floor(Math.log10((high - low) / 3));
    const size = [1, 2, 5, 10].map((k) => k * step).find((s) => (high - low) / s <= most);
    const found = [];
    for (let v = Math.ceil(low / size) * size; v <= high; v += size) found.push(v);
    return found;
  };
  const [across, up] = [ticks(xl, xh, wide < WIDE ? 3 : 5), ticks(yl, yh)].map((all) => all.map((v) => [v, unnamed(money(v))]));
  const left = Math.max(LEFT, NAME + widthOf(up.map(([, text]) => text), TICK));
  const x = (v) => left + ((v - xl) / (xh - xl)) * (wide - left - 12);
  const y = (v) => high - LOW - ((v - yl) / (yh - yl)) * (high - LOW - 12);
  const nearest = (px, py, allowed = (_point) => true) => {
    let best = null;
    for (const p of points) {
      if (!allowed(p)) continue;
      const far = (x(p[0]) - px) ** 2 + (y(p[1]) - py) ** 2;
      if (!best || far < best[0]) best = [far, p];
    }
    return best?.[1] ?? null;
  };
  const at = (event) => {
    const box = svg.current.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * wide, ((event.clientY - box.top) / box.height) * high];
  };
  const move = (event) => {
    if (event.type === "pointerdown") svg.current.setPointerCapture(event.pointerId);
    else if (!drag) return;
    const p = nearest(...at(event));
    if (p && p !== drag) {
      setDrag(p);
      pick(p[2]);
    }
    event.preventDefault();
  };
  const ring = drag ?? offer;
  const key = (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if ((!dx && !dy) || !ring) return;
    event.preventDefault();
    const [rx, ry] = [x(ring[0]), y(ring[1])];
    const p = nearest(rx, ry, (q) => (dx ? (x(q[0]) - rx) * dx > 2 : (y(q[1]) - ry) * dy > 2));
    if (p) pick(p[2]);
  };
  useEffect(() => setDrag(null), [offer?.[0], offer?.[1]]);
  const ringText = ring ? `${names(a)} ${money(ring[0])}, ${names(b)} ${money(ring[1])}` : "";
  return html`<div class="drawn" ref=${box}><svg class="payoffs" width=${wide} height=${high} ref=${svg} viewBox="0 0 ${wide} ${high}" onPointerDown=${move} onPointerMove=${move} onPointerUp=${() => setDrag(null)} role="group" aria-label=${t("bargain")}>
    <rect class="zone" x=${x(0)} y="12" width=${Math.max(wide - 12 - x(0), 0)} height=${Math.max(y(0) - 12, 0)} />
    ${across.map(([v, text]) => html`<g><line class="tick" x1=${x(v)} x2=${x(v)} y1="12" y2=${high - LOW} /><text x=${x(v)} y=${high - LOW + 16} text-anchor="middle">${text}</text></g>`)}
    ${up.map(([v, text]) => html`<g><line class="tick" y1=${y(v)} y2=${y(v)} x1=${left} x2=${wide - 12} /><text x=${left - 6} y=${y(v) + 4} text-anchor="end">${text}</text></g>`)}
    <line class="axis" x1=${x(0)} x2=${x(0)} y1="12" y2=${high - LOW} /><line class="axis" y1=${y(0)} y2=${y(0)} x1=${left} x2=${wide - 12} />
    <text class="name" x=${wide - 12} y=${high - 6} text-anchor="end">${t("gain_of", { party: names(a) })} (${t("in_dollars")})</text>
    <text class="name" x=${-12} y="14" text-anchor="end" transform="rotate(-90)">${t("gain_of", { party: names(b) })} (${t("in_dollars")})</text>
    ${points.map((p) => html`<circle class=${p[0] >= 0 && p[1] >= 0 ? "both" : ""} cx=${x(p[0])} cy=${y(p[1])} r="3" />`)}
    ${named.map((p) => html`<path class="named" d="M${x(p[0]) - 5} ${y(p[1])}l5 -5 5 5 -5 5z"><title>${p[2]}</title></path>`)}
    ${labelled(named.map((p) => [x(p[0]), y(p[1]), p[2]]), left, wide).map(([px, py, text, end]) => html`<text class="label" x=${px + (end ? -8 : 8)} y=${py + 4} text-anchor=${end ? "end" : "start"}>${text}</text>`)}
    ${ring && html`<g class="ring" tabindex="0" role="slider" aria-label=${t("offer_point")} aria-valuemin=${xl} aria-valuemax=${xh} aria-valuenow=${ring[0]} aria-valuetext=${ringText} onKeyDown=${key}><circle class="halo" cx=${x(ring[0])} cy=${y(ring[1])} r="16" /><circle cx=${x(ring[0])} cy=${y(ring[1])} r="9" /></g>`}
  </svg></div>`;
}
