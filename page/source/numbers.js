// Numbers as people type them, and as a language writes them. This file draws nothing.

/** Return what stands before the decimals in a language: a point or a comma. @param {string} language */
export const decimalOf = (language) => new Intl.NumberFormat(language).formatToParts(1.1).find((part) => part.type === "decimal")?.value ?? ".";

/** Return a number as a number box of a language shows it: all its digits, none of them in groups.
 * @param {number} value @param {string} language */
export const boxed = (value, language) => String(value).replace(".", decimalOf(language));

/** Return a number as text without the zeros that end its decimals. @param {string} text @param {string} language */
export const withoutZeros = (text, language) => text.replace(new RegExp(`\\${decimalOf(language)}0+(?=\\D*$)`), "");

/** Return with how many decimals a percentage is written, by its size: to three, or to two digits that are not zero where these
 * would show none; what is below a millionth is noise.
 * @param {number} size */
export function decimalsOf(size) {
  if (size >= 0.0995) return size < 0.995 ? 2 : 1;
  return size >= 0.0005 || size < 1e-6 ? 3 : 1 - Math.floor(Math.log10(size));
}

/** Return millions in whole units, to three significant digits. @param {number} millions */
export const dollarsOf = (millions) => Math.round(Number((1e6 * millions).toPrecision(3)));

/** Return a part of one in percent, without the sign: whole, with a decimal below 1 and above 99, and "<0.1" or ">99.9" for what is
 * neither none nor all of it.
 * @param {number} part @param {(value: number, most: number) => string} digits */
export function partOfAll(part, digits) {
  const size = 100 * part;
  if (part > 0 && size < 0.05) return `<${digits(0.1, 1)}`;
  if (part < 1 && size >= 99.95) return `>${digits(99.9, 1)}`;
  return digits(size, (part > 0 && size < 1) || (part < 1 && size > 99) ? 1 : 0);
}

/** Return a text with its long decimals, four or more, shortened to two or to three significant digits. Three digits after a point or a
 * comma may be thousands, and stay. @param {string} text */
export const shortened = (text) =>
  text.replace(/(?<![\d.,])(\d+)([.,])(\d{4,})(?!\d|[.,]\d)/g, (_, whole, mark, decimals) => {
    const value = Number(`${whole}.${decimals}`);
    const places = value >= 1 || value === 0 ? 2 : 2 - Math.floor(Math.log10(value));
    return String(value.toFixed(Math.min(places, 20))).replace(/\.?0+$/, "").replace(".", mark);
  });

/** Return a typed text without a sign of percent, with "-" for a minus and one kind of space between groups. @param {string} text */
const plainOf = (text) => String(text).trim().replace(/^([+-]|\u2212)\s*/, (mark) => (mark[0] === "+" ? "+" : "-")).replace(/\s*%$/, "").replace(/\s/g, " ");

/** Whole numbers, in groups of a language or in none: "1234", "1,234,567", "12,34,567". */
const WHOLE = /^(?:\d+|\d{1,3}([ .,])(?:\d{2,3}\1)*\d{3})$/;

/** Return the two numbers that a typed text may be, where nobody can know which: "1,234" where a point stands before decimals is
 * 1.234 or 1234. Null for a text that is clear.
 * @param {string} text @param {string} decimal
 * @returns {[number, number] | null} */
export function unclear(text, decimal = ".") {
  const plain = plainOf(text);
  const found = plain.match(/^([+-]?[1-9]\d{0,2})([.,])(\d{3})$/);
  return found && found[2] !== decimal ? [Number(`${found[1]}.${found[3]}`), Number(found[1] + found[3])] : null;
}

/** Return a typed number, with a point or a comma before the decimals; NaN for anything else, and for what is `unclear`.
 * "12,5" is 12.5; "1,234.5" and "1.234,5" are 1234.5; `decimal` is what stands before decimals in the language of the page.
 * @param {string} text @param {string} decimal
 * @returns {number} */
export function numberOf(text, decimal = ".") {
  if (unclear(text, decimal)) return NaN;
  const plain = plainOf(text);
  const [commas, points] = [plain.split(",").length - 1, plain.split(".").length - 1];
  const before = commas && points ? (plain.lastIndexOf(",") > plain.lastIndexOf(".") ? "," : ".") : commas === 1 ? "," : points === 1 ? "." : "";
  const cut = before ? plain.lastIndexOf(before) : plain.length;
  const [sign, whole, decimals] = [plain.match(/^[+-]?/)?.[0] ?? "", plain.slice(0, cut).replace(/^[+-]/, ""), plain.slice(cut + 1)];
  const isRead = (WHOLE.test(whole) || (!whole && decimals)) && /^\d*$/.test(decimals);
  return isRead ? Number(`${sign}${whole.replace(/\D/g, "") || 0}.${decimals || 0}`) : NaN;
}
