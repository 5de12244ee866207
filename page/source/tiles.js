// A map of tiles, one for each country.
import { html } from "./preact.js";
import { headed, unnamed } from "./parts.js";
import { t } from "./words.js";

// The tile of each country: [column, row], roughly as on a world map.
const PLACES = {
  CAN: [1, 2], USA: [1, 3], MEX: [1, 4], BRA: [2, 6],
  IRL: [4, 2], GBR: [5, 2], NOR: [6, 1], SWE: [7, 1], FIN: [8, 1], EST: [9, 1],
  DNK: [7, 2], LVA: [8, 2], LTU: [9, 2], RUS: [11, 2],
  NLD: [5, 3], BEL: [4, 3], DEU: [6, 3], POL: [7, 3], CZE: [8, 3],
  FRA: [4, 4], LUX: [5, 4], CHE: [6, 4], AUT: [7, 4], SVK: [8, 4], HUN: [9, 4], ROU: [10, 4],
  PRT: [3, 5], ESP: [4, 5], ITA: [6, 5], SVN: [7, 5], HRV: [8, 5], BGR: [9, 5], TUR: [10, 5],
  MLT: [6, 6], GRC: [8, 6], CYP: [9, 6],
  IND: [11, 5], CHN: [12, 4], KOR: [13, 3], JPN: [14, 3], TWN: [13, 5], IDN: [13, 6], AUS: [14, 7], ROW: [1, 8],
};

/** Return the colour of a change, none for no change. @param {number} value */
export const colourOf = (value) => (value === 0 ? "same" : value < 0 ? "loss" : "gain");

/** Return how deep the colour of a change is, in percent. @param {number} value @param {number} most */
export const depthOf = (value, most) => Math.round(100 * Math.sqrt(Math.min(Math.abs(value) / most, 1)));

/** The tile of a country: the deeper the colour, the larger the change. */
export function Tile({ code, value, most, say, names, place = {} }) {
  return html`<li class=${colourOf(value)} style=${{ ...place, "--depth": `${depthOf(value, most)}%` }} title=${headed(names(code), say(value))}>
    <abbr title=${names(code)}>${code}</abbr><span>${unnamed(say(value))}</span>
  </li>`;
}

/** A map with one tile for each country; countries without a place follow below. */
export function Tiles({ title, values, most, say, names }) {
  const codes = [...values.keys()];
  let spare = 0;
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${title || t("gains")}>
    ${title && html`<h3>${title}</h3>`}
    <ul class="tiles">
      ${codes.map((code) => {
        const [column, row] = PLACES[code] ?? [1 + (spare % 14), 10 + Math.floor(spare++ / 14)];
        return html`<${Tile} key=${code} code=${code} value=${values.get(code) ?? 0} most=${most} say=${say} names=${names} place=${{ gridColumn: column, gridRow: row }} />`;
      })}
    </ul>
  </div>`;
}
