// A chart of bars: one scale, a zero line and ticks, the number at the end of each bar.
import { html } from "./preact.js";
import { domainOf, placeIn, ticksOf } from "./scale.js";
import { t } from "./words.js";

/** Return the colour of a value: by better or worse off, and not by its sign. */
const toneOf = (value, turn) => (turn === "neutral" ? "share" : value < 0 !== (turn === "worse") ? "loss" : "gain");

/** A bar chart as a table: one scale with a zero line and ticks, a panel for each scenario, the number at the bar's end. */
export function Chart({ caption, columns, groups, say, bare = false }) {
  if (!groups.some((group) => group.rows.length)) return null;
  const all = groups.flatMap((group) => group.rows.flatMap((row) => row.values)).filter((v) => v !== null && v !== undefined);
  const [low, high] = domainOf(all);
  const ticks = ticksOf(low, high, columns.length > 2 ? 2 : 4);
  const at = (v) => placeIn(low, high, v);
  const side = `${low < 0 ? "room-low" : ""} ${high > 0 ? "room-high" : ""}`;
  const cell = (value, turn) => {
    if (value === null || value === undefined) return html`<td><span class="track ${side}"><span class="none">${t("none")}</span></span></td>`;
    const [a, b] = [Math.min(at(value), at(0)), Math.max(at(value), at(0))];
    return html`<td><span class="track ${side}"><span class="plot">
      ${ticks.map((v) => html`<u class=${v === 0 ? "zero" : ""} style=${{ left: `${at(v)}%` }}></u>`)}
      <i class=${toneOf(value, turn)} style=${{ left: `${a}%`, width: `${b - a}%` }}></i>
      <span class="value ${value < 0 ? "left" : "right"}" style=${value < 0 ? { right: `${100 - a}%` } : { left: `${b}%` }}>${say(value)}</span>
    </span></span></td>`;
  };
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${caption}>
    <table class="chart" style=${{ "--panels": columns.length }}>
      <caption class="sr">${caption}</caption>
      <colgroup><col class="names" /><col span=${columns.length} /></colgroup>
      <thead class=${bare || columns.length < 2 ? "sr" : ""}><tr><th scope="col"><span class="sr">${t("country")}</span></th>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      ${groups.filter((group) => group.rows.length).map(
        (group) => html`<tbody>
          ${group.name && html`<tr class="group"><th scope="rowgroup" colspan=${columns.length + 1}>${group.name}</th></tr>`}
          ${group.rows.map((row) => html`<tr key=${row.name}><th scope="row">${row.name}</th>${row.values.map((value) => cell(value, row.turn))}</tr>`)}
        </tbody>`,
      )}
      <tfoot aria-hidden="true"><tr><td></td>${columns.map(() => html`<td><span class="track ${side} axis"><span class="plot">${ticks.map((v) => html`<small style=${{ left: `${at(v)}%` }}>${v === 0 ? "0" : say(v).replace(/[.,]0+(?=\D)/, "")}</small>`)}</span></span></td>`)}</tr></tfoot>
    </table>
  </div>`;
}
