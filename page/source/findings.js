// Findings of an answer. This file draws nothing.

/** Return the findings that are about makers: a line that names them, and the indented lines below it.
 * @param {string[]} findings */
export function makersLines(findings) {
  const out = [];
  let inside = false;
  for (const line of findings) {
    if (!line.startsWith(" ")) inside = /makers/i.test(line);
    if (inside && (line.startsWith(" ") || !line.endsWith(":"))) out.push(line);
  }
  return out;
}
