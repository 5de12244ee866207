// Numbers as people type them. This file draws nothing.

/** Return a typed number, with a point or a comma before the decimals; NaN for anything else.
 * "12,5" is 12.5; "1,234.5" and "1.234,5" are 1234.5; a single comma or point always stands before decimals.
 * @param {string} text
 * @returns {number} */
export function numberOf(text) {
  const plain = String(text).trim().replace(/[\s\u00a0\u202f]/g, "").replace(/^\u2212/, "-").replace(/%$/, "");
  const [commas, points] = [plain.split(",").length - 1, plain.split(".").length - 1];
  const decimal = commas && points ? (plain.lastIndexOf(",") > plain.lastIndexOf(".") ? "," : ".") : commas === 1 ? "," : points === 1 ? "." : "";
  const digits = [...plain].map((c) => (c === decimal ? "." : c === "," || c === "." ? "" : c)).join("");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : NaN;
}
