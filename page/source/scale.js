// The scale of a chart. This file draws nothing.

/** Return the lowest and the highest value of a scale that has zero in it.
 * @param {number[]} values
 * @returns {[number, number]} */
export function domainOf(values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return low === high ? [0, 1] : [low, high];
}

/** Return the place of a value on a scale, in percent of its length.
 * @param {number} low @param {number} high @param {number} value */
export const placeIn = (low, high, value) => (100 * (value - low)) / (high - low);

/** Return round values from `low` to `high`, zero among them, about `most` of them.
 * @param {number} low @param {number} high @param {number} most
 * @returns {number[]} */
export function ticksOf(low, high, most = 4) {
  const step = 10 ** Math.floor(Math.log10((high - low) / most));
  const size = [1, 2, 5, 10].map((k) => k * step).find((s) => (high - low) / s <= most) ?? 10 * step;
  const found = [];
  for (let k = Math.ceil(low / size); k * size <= high * (1 + 1e-12); k += 1) found.push(k === 0 ? 0 : k * size);
  return found;
}
