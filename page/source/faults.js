// Where an error of the desk belongs on the page, and what it says there. This file draws nothing.
import { inNames, known } from "./table.js";
import { t } from "./words.js";

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

/** Return the text of a problem for people: without its key and the words of the measure, with the label of the field in front.
 * @param {{key?: string, detail?: string}} problem */
export function plainDetail({ key, detail = "" }) {
  const at = key ? detail.indexOf(`${key}: `) : -1;
  const text = at < 0 ? detail : detail.slice(at + `${key}: `.length);
  const [, kind, named] = key?.match(/\.measures\.\d+(?:\.(\w+)(?:\.(\w+))?)?/) ?? [];
  if (!key?.startsWith("scenarios.")) return text;
  const fields = known().filter((one) => !kind || one.kind === kind || one.short === kind).flatMap((one) => one.form);
  const inText = text.match(/(?:^|: )(\w+): (.+)$/s);
  const field = fields.find((one) => one.key === named) ?? fields.find((one) => one.key === inText?.[1]);
  const says = field && field.key === inText?.[1] ? inText[2] : text;
  return inNames(field ? `${field.title}: ${says}` : says);
}

/** Return the place of a problem in words: the number of the measure; null where its key is none of a measure.
 * @param {{key?: string}} problem */
export function placeInWords({ key }) {
  const found = key?.match(/\.measures\.(\d+)/);
  return found ? t("measure_n", { n: found[1] }) : null;
}
