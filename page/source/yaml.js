// A document as YAML as a person writes it: blocks, short lists and measures on one line, quotes only where they are needed.
// This file draws nothing.

const WIDE = 110; // letters of a line, where it can be broken

/** Words that YAML reads as something other than text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|~)$/i;

/** Texts that are the same without quotes, also inside braces; "25%" and dates are among them, numbers are not. */
const PLAIN = /^[\p{L}\d_/(](?:[\p{L}\p{M}\d_ .()/%'’–&;+*=<>?!$€£-]*[\p{L}\p{M}\d_.)%'’?!/])?$/u;
const NUMBER = /^[+-]?(?:[\d_]*\.?[\d_]+|[\d_]+\.)(?:e[+-]?\d+)?$|^0[xob]/i;

/** Letters that YAML has only as an escape: control characters (also those of text in a wrong encoding) and ends of lines. */
const ESCAPED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** @param {unknown} value @returns {string} */
function scalar(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value !== "string") return String(value);
  const isPlain = PLAIN.test(value) && !RESERVED.test(value) && !NUMBER.test(value) && !/\s{2}/.test(value);
  return isPlain ? value : JSON.stringify(value).replace(ESCAPED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const isMap = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isScalar = (value) => value === null || typeof value !== "object";

/** @param {any} value @returns {string} */
function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  return isMap(value) ? `{${pairs(value).map(([key, one]) => `${scalar(key)}: ${inline(one)}`).join(", ")}}` : scalar(value);
}

const pairs = (map) => Object.entries(map).filter(([, value]) => value !== undefined);

/** Return whether a list or map stands on one line: it has nothing but scalars and lists of them, and is not long, or is one of a list. */
const fits = (value, indent) => Object.values(value).every((one) => isScalar(one) || (Object.values(one).every(isScalar) && inline(one).length < WIDE)) && inline(value).length + indent < WIDE;

/** Return a long text in lines, as YAML folds them; null for one that folding would change. */
function folded(text, indent) {
  if (typeof text !== "string" || text.length + indent < WIDE || !/^\S+(?: \S+)+$/.test(text) || text.search(ESCAPED) >= 0) return null;
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length + indent > WIDE) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return `>-\n${lines.map((line) => " ".repeat(indent) + line).join("\n")}`;
}

/** Return the lines of a list or map at an indent. @param {any} value @param {number} indent @returns {string[]} */
function block(value, indent) {
  const space = " ".repeat(indent);
  if (Array.isArray(value))
    return value.flatMap((one) => {
      if (isScalar(one) || !Object.keys(one).length || (isMap(one) && Object.keys(one).length > 1 && fits(one, indent))) return `${space}- ${inline(one)}`;
      const [first, ...rest] = block(one, indent + 2);
      return [`${space}- ${first.slice(indent + 2)}`, ...rest];
    });
  return pairs(value).flatMap(([key, one]) => {
    const head = `${space}${scalar(key)}:`;
    if (isScalar(one)) return `${head} ${folded(one, indent + 2) ?? scalar(one)}`;
    const isMeasure = isMap(one) && pairs(value).length === 1 && indent > 0; // "tariff: {importer: USA, ...}"
    if (!Object.keys(one).length || (indent > 0 || Array.isArray(one) ? fits(one, indent + key.length) : false)) return `${head} ${inline(one)}`;
    return isMeasure && Object.values(one).every((part) => isScalar(part) || Object.values(part).every(isScalar)) ? `${head} ${inline(one)}` : [head, ...block(one, indent + 2)];
  });
}

/** Return a document as YAML. @param {Record<string, any>} document @param {string} [remark] a comment at its head */
export function asYaml(document, remark = "") {
  const lines = pairs(document).map(([key, value]) => block({ [key]: value }, 0).join("\n"));
  return `${remark && `# ${remark}\n`}${lines.join("\n")}\n`;
}
