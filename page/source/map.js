// A map with the shapes of countries; those that are too small for it, and the rest of the world, are tiles below.
import { html, useEffect, useId, useState } from "./preact.js";
import { headed } from "./parts.js";
import { Tile, colourOf, depthOf } from "./tiles.js";
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

/** A map of one scenario: the deeper the colour, the larger the change; losses have lines over their colour. `numbers` has the ISO number of each country. */
export function WorldMap({ title, values, most, say, names, numbers }) {
  const shapes = useShapes();
  const lines = useId();
  if (!shapes) return html`<p class="waiting">${t("waiting")}</p>`;
  const codes = new Map([...values.keys()].map((code) => [numbers.get(code), code]));
  const small = [...values.keys()].filter((code) => !shapes.has(numbers.get(code)));
  return html`<div>
    ${title && html`<h3>${title}</h3>`}
    <svg class="world" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label=${t("map_of", { title: title || t("gains"), least: extreme(values, say, names, 1), best: extreme(values, say, names, -1) })}>
      <defs><pattern id=${lines} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="line" width="1.8" height="5" /></pattern></defs>
      ${[...shapes].map(([number, path]) => {
        const code = codes.get(number);
        const value = code === undefined ? null : (values.get(code) ?? 0);
        const style = { "--depth": `${value === null ? 0 : depthOf(value, most)}%` };
        return html`<path key=${number} d=${path} class=${value === null ? "none" : colourOf(value)} style=${style}>${value !== null && html`<title>${headed(names(code), say(value))}</title>`}</path>
          ${value < 0 && html`<path key="${number} lines" d=${path} class="lined" style=${{ ...style, fill: `url(#${lines})` }} />`}`;
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
