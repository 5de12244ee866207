// The numbers behind a figure as a table for other programs: headings with units, titles, and what the numbers rest on.
// This file draws nothing.
import { rowsOf } from "./rows.js";

/** @type {Record<string, string>} */
let headings = {};

const NOT_IN_HEADINGS = ["text", "yes/no", "days"];

/** Keep the headings of registered numbers from the OpenAPI document of the desk, which has the label and the unit of each. */
export function learnHeadings(openapi) {
  const found = {};
  for (const schema of Object.values(openapi?.components?.schemas ?? {}))
    for (const [key, { title, "x-unit": unit }] of Object.entries(schema.properties ?? {}))
      if (unit && !NOT_IN_HEADINGS.includes(unit)) found[key] ??= `${title}${isLevel(key, unit) ? ", level" : ""} [${unit}]`;
  headings = found;
}

/** Return whether an amount is that under the scenario, and not its change from the base. */
const isLevel = (key, unit) => unit.startsWith("US$") && !/_change$|^equivalent_variation$/.test(key);

/** The units of numbers in figures of the page that are not registered. @type {Record<string, string>} */
const UNITS = {
  ...Object.fromEntries(["profit_before", "profit_change", "licences", "until_the_day"].map((key) => [key, "US$ million"])),
  ...Object.fromEntries(["profit_pct", "units_pct"].map((key) => [key, "%"])),
  ...Object.fromEntries(["low", "high"].map((key) => [key, "share of the value"])),
};

/** Return the heading of a column: "Equivalent variation [US$ million]", or its key, with its unit where it has one. */
export const headingOf = (key) => headings[key] ?? (Object.hasOwn(UNITS, key) ? `${key} [${UNITS[key]}]` : key);

/** Return base, year, horizon, elasticities and version of an answer, as the files of `entrepot figure` have them. */
export function aboutOf(answer) {
  const { basis } = answer.first_screen;
  const stated = Object.fromEntries(Object.entries(answer.provenance ?? {}).map(([key, text]) => [key.toLowerCase(), text]));
  return { base: basis.economy, year: basis.year ?? "", horizon: basis.horizon, elasticities: stated.elasticities ?? basis.theta_source, version: stated.version ?? "" };
}

/** Return the columns and rows of a table of the answers with the titles of scenarios, and what they rest on.
 * @param {{name: string, title?: string, answer: any}[]} answers @param {string} table */
export const numbersOf = (answers, table) => laidOut(answers, (answer, name) => rowsOf(answer, table, name));

/** Return the same for the figure of gains and losses: the parties, groups and the World among them, and then every country.
 * @param {{name: string, title?: string, answer: any}[]} answers @param {(code: string) => string} names */
export function gainsOf(answers, names) {
  return laidOut(answers, (answer, scenario) => {
    const countries = rowsOf(answer, "countries", scenario);
    const known = new Set(countries.map((row) => row.country));
    const groups = rowsOf(answer, "welfare", scenario).filter((row) => !known.has(row.party));
    const keys = Object.keys(countries[0] ?? {});
    const named = ({ country, ...row }) => ({ scenario, country, name: names(country), ...row });
    return [...groups.map(({ party, ...row }) => named({ ...Object.fromEntries(keys.map((key) => [key, null])), ...row, country: party })), ...countries.map(named)];
  });
}

function laidOut(answers, rowsIn) {
  const rows = answers.flatMap(({ name, title, answer }) => rowsIn(answer, name).map((row) => ({ ...row, scenario: title || name })));
  const keys = rows.length ? Object.keys(rows[0]) : [];
  const first = answers.find((one) => one.answer?.first_screen);
  return { columns: keys.map(headingOf), rows: rows.map((row) => keys.map((key) => row[key])), about: first ? aboutOf(first.answer) : {} };
}
