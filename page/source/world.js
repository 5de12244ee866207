// The shapes of countries, decoded from TopoJSON and laid out by the Equal Earth projection. This file draws nothing.

export const [WIDE, HIGH] = [1000, 425];
const SCALE = 180;
const ANTARCTICA = "010";

/** Return the place of a longitude and latitude, in degrees, on a map of 1000 by 425.
 * Equal Earth: Savric, Patterson and Jenny, The Equal Earth map projection, 2019; areas are true.
 * @param {number} longitude @param {number} latitude @returns {[number, number]} */
export function placeOf(longitude, latitude) {
  const [a1, a2, a3, a4, root] = [1.340264, -0.081106, 0.000893, 0.003796, Math.sqrt(3) / 2];
  const sine = root * Math.sin((latitude * Math.PI) / 180);
  const angle = Math.asin(sine);
  const [square, sixth] = [angle * angle, angle ** 6];
  const x = ((longitude * Math.PI) / 180) * Math.cos(angle) / (root * (a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)));
  const y = angle * (a1 + a2 * square + sixth * (a3 + a4 * square));
  return [SCALE * x + 487, 238 - SCALE * y];
}

/** Return the points of an arc in degrees: the file has integers, each the step from the one before.
 * @param {number[][]} arc @param {{scale: number[], translate: number[]}} transform */
function decoded(arc, { scale, translate }) {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
}

/** Return the points of a ring, which is a list of arcs; a negative number is an arc backwards. Where a ring crosses the date
 * line it goes on beyond it, so that no line crosses the map.
 * @param {number[]} ring @param {number[][][]} arcs */
function ringOf(ring, arcs) {
  const points = ring.flatMap((k, at) => {
    const arc = k < 0 ? [...arcs[~k]].reverse() : arcs[k];
    return at ? arc.slice(1) : arc;
  });
  let turn = 0;
  return points.map(([x, y], k) => {
    const step = k ? x - points[k - 1][0] : 0;
    if (step > 180) turn -= 360;
    else if (step < -180) turn += 360;
    return [x + turn, y];
  });
}

/** Return the shapes of countries as SVG paths, by their ISO 3166 numbers.
 * @param {any} world a TopoJSON topology with the object `countries`
 * @returns {Map<string, string>} */
export function pathsOf(world) {
  const arcs = world.arcs.map((arc) => decoded(arc, world.transform));
  const found = new Map();
  for (const shape of world.objects.countries.geometries) {
    if (shape.id === undefined || shape.id === ANTARCTICA) continue;
    const polygons = shape.type === "Polygon" ? [shape.arcs] : shape.arcs;
    const path = polygons.flat().map((ring) => {
      let points = ringOf(ring, arcs);
      // A part west of the date line that belongs to the east, such as the far end of Russia, is drawn in the east.
      if (shape.id === "643" && points.every(([x]) => x < -90)) points = points.map(([x, y]) => [x + 360, y]);
      return `M${points.map(([x, y]) => placeOf(x, y).map((v) => v.toFixed(1)).join(" ")).join("L")}Z`;
    });
    found.set(shape.id, (found.get(shape.id) ?? "") + path.join(""));
  }
  return found;
}
