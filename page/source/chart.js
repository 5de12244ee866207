// A chart of bars: one scale, a zero line and ticks, the number at the end of each bar.
import { html, useRef } from "./preact.js";
import { domainOf, placeIn, ticksOf } from "./scale.js";
import { withoutZeros } from "./numbers.js";
import { unnamed } from "./parts.js";
import { useWidth } from "./width.js";
import { language, listed, t } from "./words.js";

/** Return a number as it stands at the end of a bar. The languages with the longest amounts leave out the name of the currency, which
 * the lead of the figure has; the ticks, which stand close to each other, do in every language. */
const atBar = (text) => (["de", "es", "fr"].includes(language) ? unnamed(text) : text);

/** Return the currency that `atBar` leaves out of some of these amounts; "" where it leaves out none. @param {string[]} amounts */
const leftOut = (amounts) => (amounts.some((one) => atBar(one) !== one) ? t("money", { n: "" }).trim() : "");

/** The width of a letter and of a wide one, such as Chinese has, in parts of its size. */
const [THIN, BROAD] = [0.61, 1.03];
/** The size of the numbers at the ends of bars and of a rem, in pixels, and the space around such a number, in rem. */
const [SMALL, REM, AROUND] = [14, 16, 0.7];

/** Return the width of the longest of some texts in letters of a size; both in pixels. @param {string[]} texts @param {number} size */
export const widthOf = (texts, size) => Math.max(0, ...texts.map((text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? BROAD : THIN) * size, 0)));

/** Return the room that the longest of some texts needs at the end of a bar, in rem. @param {string[]} texts */
export const roomFor = (texts) => (texts.length ? AROUND + widthOf(texts, SMALL) / REM : 0);

/** Return whether an amount reads as zero. @param {string} shown */
export const isNothing = (shown) => /\d/.test(shown) && !/[1-9]/.test(shown);

/** Return the colour of a value: by better or worse off, and not by its sign. */
const toneOf = (value, turn) => (turn === "neutral" ? "share" : value < 0 !== (turn === "worse") ? "loss" : "gain");

/** A bar chart as a table: one scale with a zero line and ticks, a panel for each scenario, the number at the bar's end. A phone
 * has room for the panels `front` only: their places, or null for all. */
export function Chart({ caption, columns, groups, say, bare = false, front = null }) {
  if (!groups.some((group) => group.rows.length)) return null;
  const all = groups.flatMap((group) => group.rows.flatMap((row) => row.values)).filter((v) => v !== null && v !== undefined);
  const [low, high] = domainOf(all.filter((v) => !isNothing(say(v)))); // what reads as zero sets no scale
  const ticks = ticksOf(low, high, columns.length > 1 ? 2 : 4);
  const at = (v) => placeIn(low, high, v);
  const side = `${low < 0 ? "room-low" : ""} ${high > 0 ? "room-high" : ""}`;
  const unit = leftOut(all.map((v) => say(v)));
  const room = roomFor(all.map((v) => atBar(say(v))));
  const placeOf = (k) => (front && !front.includes(k) ? "aside" : "");
  const cell = (value, turn, k) => {
    if (value === null || value === undefined) return html`<td class=${placeOf(k)}><span class="track ${side}"><span class="none">${t("none")}</span></span></td>`;
    const shown = say(value);
    const drawn = isNothing(shown) ? 0 : value; // a value that reads as zero has no bar, and no side
    const [a, b] = [Math.min(at(drawn), at(0)), Math.max(at(drawn), at(0))];
    return html`<td class=${placeOf(k)}><span class="track ${side}"><span class="plot">
      ${ticks.map((v) => html`<u class=${v === 0 ? "zero" : ""} style=${{ left: `${at(v)}%` }}></u>`)}
      ${drawn !== 0 && html`<i class=${toneOf(value, turn)} style=${{ left: `${a}%`, width: `${b - a}%` }}></i>`}
      <span class="value ${drawn < 0 ? "left" : "right"}" style=${drawn < 0 ? { right: `${100 - a}%` } : { left: `${b}%` }}>${atBar(shown)}</span>
    </span></span></td>`;
  };
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${caption}>
    <table class="chart" style=${{ "--panels": columns.length, "--letters": `${room}rem` }}>
      <caption class="sr">${caption}${unit && ` (${unit})`}</caption>
      <colgroup><col class="names" />${columns.map((_, k) => html`<col class=${placeOf(k)} />`)}</colgroup>
      <thead class=${bare || columns.length < 2 ? "sr" : ""}><tr><th scope="col"><span class="sr">${t("country")}</span></th>${columns.map((name, k) => html`<th scope="col" class=${placeOf(k)}>${name}</th>`)}</tr></thead>
      ${groups.filter((group) => group.rows.length).map(
        (group) => html`<tbody>
          ${group.name && html`<tr class="group"><th scope="rowgroup">${group.name}</th></tr>`}
          ${group.rows.map((row) => html`<tr key=${row.name}><th scope="row">${row.name}</th>${row.values.map((value, k) => cell(value, row.turn, k))}</tr>`)}
        </tbody>`,
      )}
      <tfoot aria-hidden="true"><tr><td class="unit">${unit}</td>${columns.map((_, k) => html`<td class=${placeOf(k)}><span class="track ${side} axis"><span class="plot">${ticks.map((v) => html`<small class=${v === 0 ? "zero" : ""} style=${{ left: `${at(v)}%`, "--at": `${-at(v)}%` }}>${v === 0 ? "0" : unnamed(withoutZeros(say(v), language))}</small>`)}</span></span></td>`)}</tr></tfoot>
    </table>
  </div>`;
}

/** A chart of intervals as a table, on one scale: the ends at the ends of each bar, a mark in it, and more columns beside.
 * rows: [{name, low, high, mark, more: [texts]}] */
export function Ranges({ caption, rows, say, more = [], zero = true }) {
  const ends = rows.flatMap((row) => [row.low, row.high, row.mark]).filter((v) => v !== null && v !== undefined);
  if (!ends.length) return null;
  const [low, high] = zero ? domainOf(ends) : [Math.min(...ends), Math.max(...ends) + 1e-9];
  const ticks = zero ? ticksOf(low, high, 4) : [];
  const at = (v) => placeIn(low, high, v);
  const unit = leftOut(ends.map((v) => say(v)));
  const room = roomFor(ends.map((v) => atBar(say(v))));
  const tone = (row) => (!zero || Math.min(row.low, row.high) * Math.max(row.low, row.high) < 0 ? "share" : Math.max(row.low, row.high) <= 0 ? "loss" : "gain");
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${caption}>
    <table class="chart" style=${{ "--letters": `${room}rem` }}>
      <caption class="sr">${caption}${unit && ` (${unit})`}</caption>
      <colgroup><col class="names" /><col />${more.map(() => html`<col class="more-column" />`)}</colgroup>
      <thead class=${more.length ? "" : "sr"}><tr><th scope="col"><span class="sr">${t("country")}</span></th><th scope="col">${t("interval")}</th>${more.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => {
        const [a, b] = [Math.min(row.low, row.high), Math.max(row.low, row.high)];
        return html`<tr key=${row.name}><th scope="row">${row.name}</th><td><span class="track room-low room-high"><span class="plot">
          ${ticks.map((v) => html`<u class=${v === 0 ? "zero" : ""} style=${{ left: `${at(v)}%` }}></u>`)}
          <i class=${tone(row)} style=${{ left: `${at(a)}%`, width: `${at(b) - at(a)}%` }}></i>
          ${row.mark !== null && row.mark !== undefined && html`<b style=${{ left: `${at(row.mark)}%` }}></b>`}
          <span class="value left" style=${{ right: `${100 - at(a)}%` }}>${atBar(say(a))}</span><span class="value right" style=${{ left: `${at(b)}%` }}>${atBar(say(b))}</span>
        </span></span></td>${(row.more ?? []).map((text) => html`<td class="more-cell">${text}</td>`)}</tr>`;
      })}</tbody>
      ${ticks.length > 0 && html`<tfoot aria-hidden="true"><tr><td class="unit">${unit}</td><td><span class="track room-low room-high axis"><span class="plot">${ticks.map((v) => html`<small class=${v === 0 ? "zero" : ""} style=${{ left: `${at(v)}%`, "--at": `${-at(v)}%` }}>${v === 0 ? "0" : unnamed(withoutZeros(say(v), language))}</small>`)}</span></span></td></tr></tfoot>`}
    </table>
  </div>`;
}

const [WIDE, HIGH, LEFT, RIGHT, LOW] = [640, 260, 64, 12, 26];
/** The size of the letters of a tick, and the space beside them, in pixels. */
const [TICK, AT_TICK] = [12, 6];
/** The pixels that a letter of an event needs. */
const LETTER = 8;
/** How an axis of time names its days, from the coarsest: the form, the pixels that one needs, and which first days of months.
 * @type {[Intl.DateTimeFormatOptions, number, (day: Date) => boolean][]} */
const FORMS = [
  [{ year: "numeric" }, 44, (one) => one.getUTCMonth() === 0],
  [{ month: "short", year: "numeric" }, 84, () => true],
];
/** @type {[Intl.DateTimeFormatOptions, number]} */
const WHOLE = [{ day: "numeric", month: "short", year: "numeric" }, 110];

/** Lines through time, each with its name above them; below them the same numbers are in the figure's table. They are drawn for the
 * width that they have on the screen.
 * series: [{name, points: [[date, value]]}], a value of null where there is none, as under a ban; events: [[date, what happens]], each a line from top to bottom */
export function Lines(drawn) {
  const box = useRef(null);
  const wide = useWidth(box, WIDE);
  return html`<div class="drawn" ref=${box}><${LinesAt} ...${drawn} wide=${wide} /></div>`;
}

function LinesAt({ caption, series, say, events = [], wide }) {
  const all = series.flatMap((one) => one.points).filter(([, value]) => value !== null);
  if (!all.length) return null;
  const days = all.map(([date]) => Date.parse(date));
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const [low, high] = domainOf(all.map(([, value]) => value));
  const ticks = ticksOf(low, high, 4).map((v) => [v, v === 0 ? "0" : atBar(say(v))]);
  const left = Math.max(LEFT, AT_TICK + widthOf(ticks.map(([, text]) => text), TICK));
  const x = (date) => left + ((timeOf(date) - first) / (last - first || 1)) * (wide - left - RIGHT);
  const y = (value) => HIGH - LOW - ((value - low) / (high - low)) * (HIGH - LOW - 12);
  const within = events.filter(([date]) => Date.parse(date) >= first && Date.parse(date) <= last);
  const marks = marked(within, x, wide);
  const above = Math.max(0, ...marks.map(([, row]) => row - 10)); // room above the lines for more than one row of words
  const [named, form, room] = namedDays(first, last);
  const dayText = new Intl.DateTimeFormat(language, { ...form, timeZone: "UTC" });
  const each = Math.ceil((named.length * room) / (wide - left - RIGHT)); // every one, or every second one where they are close
  const unit = leftOut(all.map(([, value]) => say(value)));
  return html`<ul class="keys">${series.map((one, k) => html`<li class="line-${k % 4}"><span aria-hidden="true"></span>${one.name}</li>`)}</ul>
    ${unit && html`<p class="unit">${unit}</p>`}
    <svg class="lines" viewBox="0 ${-above} ${wide} ${HIGH + above}" width=${wide} height=${HIGH + above} role="img" aria-label=${caption}>
      ${ticks.map(([v, text]) => html`<g><line class=${v === 0 ? "zero" : "tick"} x1=${left} x2=${wide - RIGHT} y1=${y(v)} y2=${y(v)} /><text x=${left - AT_TICK} y=${y(v) + 4} text-anchor="end">${text}</text></g>`)}
      ${named.filter((_, k) => k % each === 0).map((one) => html`<text x=${Math.min(x(one), wide - room / 2)} y=${HIGH - 6} text-anchor="middle">${dayText.format(one)}</text>`)}
      ${within.map(([date]) => html`<line class="event" x1=${x(date)} x2=${x(date)} y1=${-above} y2=${HIGH - LOW} />`)}
      ${marks.map(([at, y, text]) => html`<text x=${at} y=${y - above}>${text}</text>`)}
      ${series.map((one, k) => piecesOf(one.points).map((piece) => (piece.length > 1 ? html`<polyline class="line-${k % 4}" points=${piece.map(([date, value]) => `${x(date)},${y(value)}`).join(" ")} />` : html`<circle class="line-${k % 4}" cx=${x(piece[0][0])} cy=${y(piece[0][1])} r="1.25" />`)))}
    </svg>`;
}

const timeOf = (date) => (typeof date === "number" ? date : Date.parse(date));

/** Return the days that an axis of time names, how, and the pixels that each needs: new years, else the first days of months, else its
 * ends. @param {number} first @param {number} last @returns {[number[], Intl.DateTimeFormatOptions, number]} */
export function namedDays(first, last) {
  const begin = new Date(first);
  const months = [];
  for (let k = 0, day = 0; day <= last; k++) {
    day = Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + k, 1);
    if (day >= first && day <= last) months.push(day);
  }
  for (const [form, room, keep] of FORMS) {
    const found = months.filter((day) => keep(new Date(day)));
    if (found.length > 1) return [found, form, room];
  }
  return [[...new Set([first, last])], ...WHOLE];
}

/** Return a line in pieces, from one point without a value to the next. @param {[string, number | null][]} points */
export function piecesOf(points) {
  const pieces = [[]];
  for (const point of points) point[1] === null ? pieces.push([]) : pieces.at(-1).push(point);
  return pieces.filter((piece) => piece.length);
}

/** Return what is written of events, and where: [x, y, text]. One that would run into another is written a row below it; several of
 * one day share a text. @param {[string, string][]} events @param {(date: string) => number} x @param {number} wide
 * @returns {[number, number, string][]} */
export function marked(events, x, wide = WIDE) {
  const days = new Map();
  for (const [date, text] of [...events].sort((a, b) => Date.parse(a[0]) - Date.parse(b[0]))) days.set(date, [...new Set([...(days.get(date) ?? []), text])]);
  const ends = [];
  return [...days].map(([date, texts]) => {
    const text = listed(texts);
    const at = Math.max(LEFT, Math.min(x(date) + 3, wide - LETTER * text.length));
    const free = ends.findIndex((end) => end < at);
    const row = free < 0 ? ends.length : free;
    ends[row] = at + LETTER * text.length;
    return [at, 10 + 13 * row, text];
  });
}
