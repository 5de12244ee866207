// The trade elasticities of a case as the page states them. This file draws nothing.

/** Return how a case states its elasticities: own (those of the Economy), set, one, factor, sectors, or other.
 * @param {any} theta @param {{sectors: {code: string, theta: number}[]}} economy
 * @returns {{way: string, set?: string, one?: number, factor?: number}} */
export function thetaOf(theta, economy) {
  if (theta === undefined || theta === null) return { way: "own" };
  if (typeof theta === "number") return { way: "one", one: theta };
  if (typeof theta === "string") return Number.isFinite(Number(theta)) ? { way: "one", one: Number(theta) } : { way: "set", set: theta };
  if (typeof theta !== "object" || !economy.sectors.every((one) => typeof theta[one.code] === "number")) return { way: "other" };
  const ratios = economy.sectors.map((one) => theta[one.code] / one.theta);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  return high - low < 1e-6 * high ? { way: "factor", factor: Math.round(low * 1e4) / 1e4 } : { way: "sectors" };
}

/** Return the elasticities of an Economy times a factor, by sector. */
export const scaled = (economy, factor) => Object.fromEntries(economy.sectors.map((one) => [one.code, Math.round(one.theta * factor * 1e6) / 1e6]));
