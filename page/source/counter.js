// The counter-measure to a scenario: the same duty back, or duties that take as much trade. This file draws nothing.
import { bodyOf, instrumentOf, kindOf, list } from "./table.js";

/** Return who takes the measures of a scenario and whom they fall on, where they name both; null where they do not. What
 * exporters do to themselves, such as a restraint, has nobody who answers it.
 * @returns {{by: string[], against: string[]} | null} */
export function sidesOf(measures) {
  const takers = new Set();
  const hit = new Set();
  for (const measure of measures) {
    const body = bodyOf(measure) ?? {};
    if (!("importer" in body) || instrumentOf(kindOf(measure))?.taken_by === "exporter") continue;
    list(body.importer).forEach((one) => takers.add(one));
    list(body.exporter).forEach((one) => hit.add(one));
  }
  for (const side of [takers, hit]) side.delete("WORLD");
  const by = [...hit].filter((one) => !takers.has(one));
  return takers.size && by.length ? { by, against: [...takers] } : null;
}

/** Return the duties of a scenario, each put on the same goods by the other side; none where it has no tariff. */
export function sameDutyBack(measures) {
  return measures
    .filter((one) => kindOf(one) === "tariff" && bodyOf(one).change !== "cut" && sidesOf([one]))
    .map((one) => {
      const { by, against } = sidesOf([one]);
      const { exempt, ...body } = bodyOf(one);
      return { tariff: { ...body, importer: alone(by), exporter: alone(against) } };
    });
}

const alone = (codes) => (codes.length === 1 ? codes[0] : codes);

/** Return a retaliation that takes as much trade as a scenario takes; null where the scenario names no two sides. */
export function sameTradeBack(measures, name) {
  const sides = sidesOf(measures);
  return sides ? { retaliation: { by: alone(sides.by), against: alone(sides.against), equivalent_to: name } } : null;
}
