// The table: a case document, the scenarios that are shown, and the one that is open. This file draws nothing.
import { boxed } from "./numbers.js";
import { inLanguage, language, listed, t } from "./words.js";

export const MOST = 4; // scenarios side by side

export const EMPTY = {
  doc: {
    case: "table",
    title: "",
    question: "Who gains, who pays, and who pockets the rent?",
    economy: "world2022",
    parties: ["USA", "JPN", "EU27"],
    scenarios: { first: { title: "", measures: [] } },
  },
  shown: ["first"],
  open: "first",
};

/** Return the base scenario, which is already in force, if the case has one. */
const baseOf = ({ base, scenarios }) => (typeof base !== "string" || base in scenarios ? base : base.replace(/^scenario /, "").trim());

/** Return whether there is anything to lift: in the Economy, or by the base of the case. */
export const canLift = (doc, economy) =>
  Boolean(economy.lifts) || list(doc.scenarios[baseOf(doc)]?.measures).some((one) => !["tariff", "ntb"].includes(kindOf(one)));

/** Return the scenarios other than the base. */
export const measuredIn = (doc) => Object.keys(doc.scenarios).filter((name) => name !== baseOf(doc));

/** Return a case with its retaliations as scenarios, as they are solved: the measures of the scenario that is answered, and
 * the retaliation; `titles` has their titles by name.
 * @param {any} written @param {Record<string, string>} titles
 * @returns {any} */
function withRetaliations(written, titles) {
  const { retaliation, ...doc } = written;
  const all = list(retaliation);
  const scenarios = { ...doc.scenarios };
  for (const one of all) {
    const answered = scenarios[one?.equivalent_to];
    const name = all.length === 1 ? "retaliation" : `retaliation_${list(one.by).join("_")}`;
    if (!answered || name in scenarios) return { ...doc, retaliation };
    const title = one.label ?? titles[name] ?? t("retaliation_title", { title: answered.title, by: listed(list(one.by)) });
    scenarios[name] = { ...answered, title, measures: [...(answered.measures ?? []), { retaliation: one }] };
  }
  return { ...doc, scenarios };
}

/** Return a table for a case with the scenarios of its report's swap, or its first ones.
 * @param {any} written @param {Record<string, string>} [titles] of its scenarios, as /cases lists them */
export function opened(written, titles = {}) {
  const doc = withRetaliations(written, titles);
  const names = Object.keys(doc.scenarios);
  const swap = doc.report?.swap?.scenarios ?? [];
  const shown = (swap.length ? swap : measuredIn(doc)).slice(0, MOST);
  const parties = doc.parties.map((one) => (one.trim().toUpperCase() === "WORLD" ? "WORLD" : one)); // as in replies
  const scenarios = Object.fromEntries(names.map((name) => [name, { measures: [], ...doc.scenarios[name] }]));
  return { doc: { ...doc, parties, scenarios }, shown, open: shown[0] };
}

// ---- changes: each returns a new table ----

export function changed(table, change) {
  const next = structuredClone(table);
  change(next);
  return next;
}

/** Change the open scenario. A title that it has keeps what it was given for, so that `titleOf` can state the change. */
export const inOpen = (table, change) =>
  changed(table, (next) => {
    const scenario = next.doc.scenarios[next.open];
    const { title, measures } = table.doc.scenarios[table.open];
    change(scenario);
    next.doc.parties = following(table.doc, next.doc);
    if (scenario.title !== title) scenario.titled_for = /\d/.test(scenario.title) ? structuredClone(scenario.measures) : ALL;
    else if (title && measures.length && unlabelled(measures) !== unlabelled(scenario.measures)) scenario.titled_for ??= measures;
  });

/** No more parties than this come by themselves. */
const FOLLOWED = 6;

/** Return whom the measures of a case name: who takes them, and whom they fall on. */
const namedIn = ({ scenarios }) =>
  [...new Set(Object.values(scenarios).flatMap(({ measures }) => list(measures).flatMap((one) => ["importer", "exporter", "country"].flatMap((key) => list(bodyOf(one)?.[key])))))].filter((code) => code !== "WORLD");

/** Return the parties after a change of measures. Whom they newly name comes in, so that the answer is about those whom it
 * concerns; on a table that began empty they stand first, and whom no measure names any more goes.
 * @param {any} before @param {any} after @returns {string[]} */
function following(before, after) {
  const [was, now, own] = [namedIn(before), namedIn(after), after.case === EMPTY.doc.case];
  const kept = own && now.length ? after.parties.filter((code) => now.includes(code) || !was.includes(code)) : after.parties;
  const fresh = now.filter((code) => !was.includes(code) && !kept.includes(code)).slice(0, Math.max(0, FOLLOWED - kept.length));
  return own ? [...new Set([...now.filter((code) => kept.includes(code) || fresh.includes(code)), ...kept])] : [...kept, ...fresh];
}

/** In place of measures: a title that a person wrote without a number, which stands for whatever the measures are. */
const ALL = "all";

/** Return measures as text without their labels, which name what a file had. */
const unlabelled = (measures) => JSON.stringify(measures, (key, value) => (key === "label" ? undefined : value));

/** Return whether the measures of a scenario have changed since it was given its title.
 * @param {any} scenario */
export const isChanged = (scenario) =>
  Boolean(scenario?.title) && Array.isArray(scenario.titled_for) && unlabelled(scenario.titled_for) !== unlabelled(scenario.measures ?? []);

export function added(table, title, scenario) {
  return changed(table, (next) => {
    let n = Object.keys(next.doc.scenarios).length + 1;
    while (`scenario_${n}` in next.doc.scenarios) n += 1;
    const { titled_for, ...made } = scenario ?? { measures: [] };
    next.doc.scenarios[`scenario_${n}`] = { ...made, title };
    show(next, `scenario_${n}`);
  });
}

export const brought = (table, name) => changed(table, (next) => show(next, name));

function show(next, name) {
  if (!next.shown.includes(name)) next.shown = [...next.shown, name].slice(-MOST);
  next.open = name;
}

/** Hide a scenario; it stays in the document, because a cap of another one may match its volume. */
export function without(table, name) {
  return changed(table, (next) => {
    next.shown = next.shown.filter((one) => one !== name);
    if (!next.shown.length) {
      next.doc.scenarios.first ??= { title: "", measures: [] };
      next.shown = ["first"];
    }
    if (next.open === name) next.open = next.shown[0];
  });
}

// ---- measures ----

let instruments = [];
/** Set the instruments from /instruments, once, before a table is shown. */
export const learn = (all) => (instruments = all);
export const known = () => instruments;
/** Return the short name of an instrument, or its kind. */
export const nameOf = (entry) => entry.short || entry.kind;
export const instrumentOf = (name) => instruments.find((one) => one.kind === name || one.short === name);
export const kindOf = (measure) => {
  const key = Object.keys(measure)[0];
  const entry = instrumentOf(key);
  return entry ? nameOf(entry) : key;
};
export const kindTitle = (kind) => instrumentOf(kind)?.title ?? kind.replaceAll("_", " ");
export const bodyOf = (measure) => measure[Object.keys(measure)[0]];
export const isQuantity = (kind) => instrumentOf(kind)?.keys.includes("cap") ?? false;
export const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

const fieldOf = (kind, key) => instrumentOf(kind)?.form.find((field) => field.key === key);

/** Return the form field for the size of a kind of measure. */
export const leverOf = (kind) => instrumentOf(kind)?.form.find((field) => field.type === "percent");

/** Return the scenario whose volume a cap matches, if any. */
export const matchOf = (cap) => (cap !== null && typeof cap === "object" ? cap.match : undefined);

/** Return "25%", 0.25 or "25" in percent; NaN for anything else. */
export function percentOf(value) {
  if (typeof value === "number") return Math.round(value * 1e6) / 1e4;
  const text = String(value ?? "").trim();
  if (/^-?[\d.]+\s*%$/.test(text)) return Number(text.replace("%", ""));
  return /^-?[\d.]+$/.test(text) ? Number(text) * 100 : NaN;
}

export const asPercent = (percent) => `${percent}%`;

export function exporterPart(body, kind) {
  const rent = body.rent ?? fieldOf(kind, "rent").default;
  if (rent === "exporter") return 100;
  if (rent === "importer") return 0;
  if (typeof rent === "object") return percentOf(rent.exporter ?? 1 - Number(rent.importer ?? 0));
  return percentOf(rent);
}

/** Return a measure of another kind on the same trade flows; a level is kept where it has the same meaning. */
export function turned(measure, kind) {
  const [was, body, to] = [kindOf(measure), bodyOf(measure), instrumentOf(kind)];
  const made = {};
  for (const field of to.form) {
    const value = kept(field, was, body, to) ?? (field.key === "rent" || field.key === "exporter" ? undefined : field.start);
    if (value !== undefined && value !== null) made[field.key] = value;
  }
  if (made.cap !== undefined && body.unit && isQuantity(was)) made.unit = body.unit;
  return { [kind]: made };
}

/** Return the value that an argument of the new instrument takes from the old measure, if any. */
function kept(field, was, body, to) {
  const produced = instrumentOf(was)?.taken_by === "country";
  const taker = to.taken_by === "exporter" ? "exporter" : "importer";
  if (field.type === "country") return list(body.country ?? body.importer)[0];
  if (field.key === "exempt") return fieldOf(was, "exempt")?.title === field.title ? body.exempt : undefined;
  if (produced && field.type === "countries") return field.key === taker ? body.country : "WORLD";
  if (field.key === "exporter" && to.required.includes("exporter")) return body.exporter ?? "WORLD";
  if (field.type === "countries" || field.type === "sectors") return body[field.key];
  if (field.key === "rate") return produced || to.taken_by === "country" ? undefined : body.rate;
  if (field.type === "choice" && field.key !== "rent") return field.choices.some(([one]) => one === body[field.key]) ? body[field.key] : undefined;
  return field.key === "cap" || field.key === "out_rate" ? body[field.key] : undefined;
}

/** Return the tariffs of a scenario as quotas or restraints with the same volume. */
export function sameVolume(scenario, kind, name) {
  const tariffs = scenario.measures.filter((one) => kindOf(one) === "tariff");
  return tariffs.map((one) => turnedTo(one, kind, name));
}

function turnedTo(measure, kind, name) {
  const turnedOne = turned(measure, kind);
  turnedOne[kind].cap = { match: name };
  return turnedOne;
}

// ---- requests to the API ----

/** Return the scenarios `names` and those that they refer to by matched volumes or retaliations. */
function needed(doc, names) {
  const found = [];
  const visit = (name) => {
    if (found.includes(name) || !(name in doc.scenarios)) return;
    for (const measure of doc.scenarios[name].measures ?? []) {
      const body = bodyOf(measure);
      if (matchOf(body?.cap)) visit(body.cap.match);
      for (const other of [body?.equivalent_to, body?.answers]) if (typeof other === "string") visit(other);
    }
    found.push(name);
  };
  names.forEach(visit);
  return found;
}

/** Return a case with only some scenarios, and the industry and markets to report; `more` adds scenarios.
 * @returns {Record<string, any>} */
export function caseOf(doc, names, economy, more = {}) {
  const all = { ...doc, scenarios: { ...doc.scenarios, ...more } };
  const scenarios = {};
  for (const name of needed(all, [baseOf(doc), ...names])) scenarios[name] = titled(all, name);
  const kept = {};
  for (const key of ["economy", "base", "theta", "closure", "parties", "objectives", "law", "sources"])
    if (doc[key] !== undefined) kept[key] = doc[key];
  const report = { protected: watched(doc, scenarios), markets: markets(doc, economy, scenarios) };
  if (!report.protected) delete report.protected;
  return { case: "table", title: caseTitle(doc), question: doc.question, ...kept, scenarios, report };
}

let nameIn = (code) => code;
/** Set the function that names a country, group or sector of the Economy on the table. */
export const learnNames = (names) => (nameIn = names);
/** Return a text of the desk with names in place of codes. @param {string} text */
export const inNames = (text) => nameIn(text);

/** Return the title of a scenario. One without a title is described by its measures, or has its number; one whose measures
 * have changed since it was given says what they are now.
 * @param {any} doc @param {string} name
 * @returns {string} */
export function titleOf(doc, name, seen = [name]) {
  const scenario = doc.scenarios[name];
  const measures = scenario?.measures ?? [];
  const say = (some) => described(doc, some, seen);
  if (!isChanged(scenario)) return inLanguage(scenario?.title) || say(measures) || t("scenario_n", { n: Object.keys(doc.scenarios).indexOf(name) + 1 });
  const before = scenario.titled_for.map(unlabelled);
  const now = measures.filter((one) => !before.includes(unlabelled(one)));
  const title = inLanguage(scenario.title);
  if (!now.length) return t("title_fewer", { title, n: before.length - measures.length });
  return now.length === measures.length ? t("title_changed", { now: say(now) }) : t("title_part", { title, now: say(now) });
}

/** Return one measure of the open scenario in a line. */
export const measureLine = ({ doc, open }, measure) => described(doc, [measure], [open]);

/** Countries or goods of a measure that are named in its line; more are counted. */
const NAMED = 3;

/** Return measures in a few words: "Tariff (+25 points): United States on electronics from China". */
function described(doc, measures, seen) {
  if (!measures.length) return "";
  const body = bodyOf(measures[0]) ?? {};
  if (!["importer", "exporter", "country", "sector"].some((key) => key in body)) return kindTitle(kindOf(measures[0]));
  const side = (codes) => {
    const first = listed(list(codes).slice(0, NAMED).map((code) => nameIn(String(code))));
    return list(codes).length > NAMED ? t("described_more", { first, n: list(codes).length - NAMED }) : first;
  };
  const size = sizeOf(doc, measures[0], seen);
  const kind = kindTitle(kindOf(measures[0])) + (size && ` (${size})`);
  const words = { kind, importer: side(body.importer ?? body.country ?? "WORLD"), exporter: side(body.exporter ?? "WORLD"), goods: side(body.sector ?? "ALL"), exempt: side(body.exempt) };
  const way = body.country ? "described_own" : `described${instrumentOf(kindOf(measures[0]))?.exempts === "importer" ? "_to" : ""}${list(body.exempt).length ? "_except" : ""}`;
  const first = t(way, words);
  return measures.length > 1 ? t("described_more", { first, n: measures.length - 1 }) : first;
}

/** Return the size of a measure: "+25 points", "80%", or whose volume it has; the further ones with their names. */
function sizeOf(doc, measure, seen) {
  const body = bodyOf(measure) ?? {};
  const stated = (instrumentOf(kindOf(measure))?.form ?? []).filter((field) => field.type === "percent" && body[field.key] !== undefined);
  const all = stated.map((field) => {
    const other = matchOf(body[field.key]);
    if (other) return other in doc.scenarios && !seen.includes(other) ? t("title_volume", { title: titleOf(doc, other, [...seen, other]) }) : "";
    const value = percentOf(body[field.key]);
    if (Number.isNaN(value) || (field.key === "cap" && body.unit && body.unit !== "share")) return "";
    const number = boxed(value, language).replace("-", "\u2212");
    if (body.change === "add" && field.key.endsWith("rate")) return `${value < 0 ? "" : "+"}${number} ${t(Math.abs(value) === 1 ? "point" : "points")}`;
    return (body.change === "cut" && field.key === "rate" ? "\u2212" : "") + number + t("pct");
  });
  return listed(all.map((text, k) => (k && text ? `${stated[k].title} ${text}` : text)).filter(Boolean));
}

/** Return a scenario as it is sent and saved. */
function titled(doc, name) {
  const { titled_for, ...scenario } = doc.scenarios[name];
  return { ...scenario, title: titleOf(doc, name) };
}

/** Return the title of a case; one whose scenarios have changed says so. @param {any} doc */
export const caseTitle = (doc) =>
  doc.title && Object.values(doc.scenarios).some(isChanged) ? t("case_changed", { title: inLanguage(doc.title) }) : doc.title || "A table";

/** Return the day that it is where the reader is, which is another one than in Greenwich for part of it. @param {Date} now */
export const dayAt = (now) => new Date(now.getTime() - 60_000 * now.getTimezoneOffset()).toISOString().slice(0, 10);

/** Return the day of a case, as `Case.day` has it: that of its law, else the last of its calendar, and none after today.
 * @param {any} doc @param {string} today */
export function dayOf(doc, today = dayAt(new Date())) {
  const stated = [doc.law?.on, ...list(doc.calendar).map((one) => one.date)].filter(Boolean).map((one) => String(one).slice(0, 10));
  const found = doc.law?.on ? stated[0] : stated.sort().at(-1);
  return found && found < today ? found : today;
}

/** What cannot be in a case without another key of it. */
const STAND_ON = { table: ["beliefs"], timeline: ["path"] };

/** Return the whole case with a title for every scenario: for the calendar, the bargain and the sweep. `without` names the keys
 * that are left out; what stands on them goes with them. */
export function wholeCase(doc, without = []) {
  const scenarios = {};
  for (const name of Object.keys(doc.scenarios)) scenarios[name] = titled(doc, name);
  const whole = { ...doc, title: caseTitle(doc), scenarios };
  for (const key of without.flatMap((one) => [one, ...(STAND_ON[one] ?? [])])) delete whole[key];
  return whole;
}

/** Return the industry to report: that of the case, or the one that the first measure protects. */
export function watched(doc, scenarios = doc.scenarios) {
  if (doc.report?.protected) return doc.report.protected;
  for (const { measures = [] } of Object.values(scenarios)) {
    for (const measure of measures) {
      const body = bodyOf(measure);
      const country = list(body.importer ?? body.country)[0];
      const sector = list(body.sector)[0];
      if (country && sector && sector !== "ALL" && country !== "WORLD") return { country, sector };
    }
  }
  return undefined;
}

/** Return the codes without those that share a country with an earlier one. */
function apart(codes, { countries, groups }) {
  const members = new Map([...countries.map((one) => [one.code, [one.code]]), ...groups.map((one) => [one.code, one.members])]);
  const taken = new Set();
  return codes.filter((code) => {
    const own = members.get(code);
    if (!own || own.some((one) => taken.has(one))) return false;
    own.forEach((one) => taken.add(one));
    return true;
  });
}

const LARGE = ["EU27", "USA", "CHN", "JPN", "CAN", "MEX", "KOR", "GBR", "IND", "BRA"]; // exporters to follow by default

/** Return the markets to report: those of the case, or those of the measures. */
export function markets(doc, economy, scenarios = doc.scenarios) {
  if (doc.report?.markets?.length) return doc.report.markets;
  const all = Object.values(scenarios).flatMap(({ measures = [] }) => measures.map(bodyOf));
  const named = all.flatMap((body) => list(body.exporter)).filter((code) => code !== "WORLD");
  const sources = apart([...named, ...doc.parties, ...LARGE], economy);
  const found = new Map();
  for (const { measures = [] } of Object.values(scenarios)) {
    for (const measure of measures) {
      const body = bodyOf(measure);
      const sectors = list(body.sector);
      for (const importer of list(body.importer).slice(0, 1)) {
        if (!sectors.length || importer === "WORLD") continue;
        const title = `${nameIn(importer)}: ${listed(sectors.map(nameIn)).replaceAll("_", " ")}`;
        found.set(title, { title, importer, sectors, exporters: sources.filter((code) => code !== importer).slice(0, 8) });
      }
    }
  }
  return [...found.values()].slice(0, 3);
}

// ---- the link ----

/** Return the table as text for an address: JSON, deflated, in base64url. */
export async function packed(table) {
  const stream = new Blob([JSON.stringify(table)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const LARGEST = 1_000_000;

/** Return the table from `packed` text; throws for other text, and for more than a megabyte of JSON. */
export async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  for (let size = 0; ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LARGEST) throw new Error("too large");
    parts.push(value);
  }
  const { doc, shown, open } = JSON.parse(await new Blob(parts).text());
  const plain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const measured = ({ measures }) =>
    Array.isArray(measures) && measures.every((one) => plain(one) && Object.keys(one).length === 1 && plain(bodyOf(one)));
  const fits =
    plain(doc) && plain(doc.scenarios) && Object.values(doc.scenarios).every((one) => plain(one) && measured(one)) &&
    Array.isArray(doc.parties) && Array.isArray(shown) && shown.length > 0 && shown.length <= MOST &&
    shown.every((name) => Object.hasOwn(doc.scenarios, name)) && shown.includes(open);
  if (!fits) throw new Error("not a table");
  return { doc, shown, open };
}
