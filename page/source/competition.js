// The competition in one industry, as a case's closure states it. This file draws nothing.

/** Return how a closure states competition: perfect, fixed or free (markups in one sector), melitz (one sector), or other.
 * @param {any} value
 * @returns {{way: string, sector?: string, sigma?: number}} */
export function competitionOf(value) {
  if (value === undefined || value === null || value === "perfect") return { way: "perfect" };
  const sectors = Object.entries(typeof value.sigma === "object" && value.sigma ? value.sigma : {});
  if (sectors.length === 1 && typeof sectors[0][1] === "number" && ["fixed", "free"].includes(value.entry)) return { way: value.entry, sector: sectors[0][0], sigma: sectors[0][1] };
  const firms = value.melitz;
  if (firms?.sectors?.length === 1 && firms.entry === "free" && typeof firms.sigma === "number") return { way: "melitz", sector: firms.sectors[0], sigma: firms.sigma };
  return { way: "other" };
}

/** Return the closure's value for a way and an elasticity between varieties in one sector; undefined for price at cost. */
export function competitionIn(sector, way, sigma) {
  if (way === "fixed" || way === "free") return { sigma: { [sector]: sigma }, entry: way };
  return way === "melitz" ? { melitz: { sigma, entry: "free", sectors: [sector] } } : undefined;
}

/** Return an elasticity between varieties to begin with. With a fixed number of firms profits are income, and must be less than
 * value added in every country, so it begins high. */
export const startOf = (way) => (way === "fixed" ? 20 : 5);
