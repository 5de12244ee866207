// Where an error of the desk belongs on the page. This file draws nothing.

/** Return the place of a problem: a measure of the open scenario and its field, an assumption, or null for neither.
 * @param {{key?: string} | null | undefined} problem @param {string} open
 * @returns {{measure?: number, field?: string, assumption?: string} | null} */
export function placeOf(problem, open) {
  const key = problem?.key ?? "";
  const found = key.match(/^scenarios\.(.+)\.measures\.(\d+)(?:\.\w+(?:\.(\w+))?)?/);
  if (found) return found[1] === open ? { measure: Number(found[2]) - 1, field: found[3] ?? "" } : null;
  const first = key.split(".")[0];
  return ["closure", "theta", "economy"].includes(first) ? { assumption: first } : null;
}

/** Return the text of a problem without the place that it begins with.
 * @param {{key?: string, detail?: string}} problem */
export function plainDetail({ key, detail = "" }) {
  const at = key ? detail.indexOf(`${key}: `) : -1;
  return at < 0 ? detail : detail.slice(at + `${key}: `.length);
}
