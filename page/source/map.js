// A map with the shapes of countries; those that are too small for it, and the rest of the world, are tiles below.
import { html, useEffect, useState } from "./preact.js";
import { headed } from "./parts.js";
import { Tile, colourOf } from "./tiles.js";
import { HIGH, WIDE, pathsOf } from "./world.js";
import { t } from "./words.js";

const SHAPES = "countries-110m.json"; // beside the page
let loaded = null;

/** The shapes by ISO number; null until they are there, and an empty map where they cannot be had. */
function useShapes() {
  const [shapes, setShapes] = useState(null);
  useEffect(() => {
    loaded ??= fetch(SHAPES).then((reply) => (reply.ok ? reply.json() : Promise.reject(reply.status))).then(pathsOf);
    loaded.then(setShapes, () => {
      loaded = null;
      setShapes(new Map());
    });
  }, []);
  return shapes;
}

/** A map of one scenario: the deeper the colour, the larger the change. `numbers` has the ISO number of each country. */
export function WorldMap({ title, values, most, say, names, numbers }) {
  const shapes = useShapes();
  if (!shapes) return html`<p class="waiting">${t("waiting")}</p>`;
  const codes = new Map([...values.keys()].map((code) => [numbers.get(code), code]));
  const small = [...values.keys()].filter((code) => !shapes.has(numbers.get(code)));
  return html`<div>
    ${title && html`<h3>${title}</h3>`}
    <svg class="world" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label=${t("map_of", { title: title || t("gains"), least: extreme(values, say, names, 1), best: extreme(values, say, names, -1) })}>
      ${[...shapes].map(([number, path]) => {
        const code = codes.get(number);
        const value = code === undefined ? null : (values.get(code) ?? 0);
        const depth = value === null ? 0 : Math.round(100 * Math.sqrt(Math.min(Math.abs(value) / most, 1)));
        return html`<path key=${number} d=${path} class=${value === null ? "none" : colourOf(value)} style=${{ "--depth": `${depth}%` }}>${value !== null && html`<title>${headed(names(code), say(value))}</title>`}</path>`;
      })}
    </svg>
    ${small.length > 0 && html`<ul class="tiles small">${small.map((code) => html`<${Tile} key=${code} code=${code} value=${values.get(code) ?? 0} most=${most} say=${say} names=${names} />`)}</ul>`}
  </div>`;
}

/** Return the country with the lowest value, or with `side` -1 the highest, and that value. */
function extreme(values, say, names, side) {
  const [code, value] = [...values].sort((a, b) => side * ((a[1] ?? 0) - (b[1] ?? 0)))[0] ?? ["", null];
  return code ? `${names(code)} ${say(value)}` : "";
}
