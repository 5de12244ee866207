// The findings of the rules in groups, so that what is found of many measures stands once. This file draws nothing.
import { listed, t } from "./words.js";

export const ORDER = ["inconsistent", "contested", "justified", "departed", "consistent"];
/** Return the place of a status, the gravest first. @param {string} status */
export const rank = (status) => ORDER.findIndex((one) => status.startsWith(one));

/** Return findings in groups, the gravest first: those of rules that find the same of the same measures of a party are one.
 * @param {any[]} findings
 * @returns {{status: string, party: string, provisions: string[], titles: string[], conditions: string[], members: any[], measures: string[]}[]} */
export function groupsOf(findings) {
  const byRule = new Map();
  for (const one of findings) {
    const key = JSON.stringify([one.status, one.party, one.rule, one.provision, one.condition]);
    byRule.set(key, [...(byRule.get(key) ?? []), one]);
  }
  const merged = new Map();
  for (const members of byRule.values()) {
    const measures = [...new Set(members.map((one) => one.measure))];
    // A measure alone keeps a line for each rule: the rules say different things of it.
    const key = measures.length > 1 ? JSON.stringify([members[0].status, members[0].party, measures]) : `${merged.size}`;
    merged.set(key, [...(merged.get(key) ?? []), ...members]);
  }
  const each = (members, key) => [...new Set(members.map((one) => one[key]).filter(Boolean))];
  const groups = [...merged.values()].map((members) => ({
    status: members[0].status,
    party: members[0].party,
    provisions: each(members, "provision"),
    titles: each(members, "title"),
    conditions: each(members, "condition"),
    measures: each(members, "measure"),
    members,
  }));
  return groups.sort((a, b) => rank(a.status) - rank(b.status));
}

/** Return a provision in words: an agreement that is written with letters alone has its title too.
 * @param {string} provision @param {{title: string, short: string}[]} under */
export function provisionText(provision, under) {
  const known = /\s/.test(provision) ? undefined : under.find((one) => one.short === provision);
  return known ? t("agreement_named", { title: known.title, short: provision }) : provision;
}

/** Return provisions in one line: "GATT 1994, Article I:1; GATT 1994, Article XIII". @param {string[]} provisions @param {any[]} under */
export const provisionsText = (provisions, under) => (provisions.length > 1 && provisions.every((one) => !one.includes(",")) ? listed(provisions.map((one) => provisionText(one, under))) : provisions.map((one) => provisionText(one, under)).join("; "));
