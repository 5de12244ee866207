// The parts of figures and cards: numbers as text, pickers, sliders, bars, and the frame of a figure.
import { html, useEffect, useRef, useState } from "./preact.js";
import { language, listed, t } from "./words.js";
import { placeInWords, plainDetail } from "./faults.js";
import { boxed, decimalOf, decimalsOf, dollarsOf, numberOf, partOfAll, shortened, unclear } from "./numbers.js";
import { list } from "./table.js";

// ---- numbers ----

const digits = (value, most) => new Intl.NumberFormat(language, { maximumFractionDigits: most, minimumFractionDigits: most }).format(value);
const sign = (value, shown) => (Number(shown.replace(/[^\d]/g, "")) === 0 ? "" : value < 0 ? "−" : "+");

/** The steps of large numbers in languages that count by ten thousands, in millions of dollars. */
const MYRIADS = { ja: [[1e6, "兆"], [1e2, "億"], [1e-2, "万"]], zh: [[1e6, "万亿"], [1e2, "亿"], [1e-2, "万"]] };

/** Millions of US dollars, signed: "+US$1.1 bn". */
export function money(millions, signed = true) {
  if (millions === null || millions === undefined) return t("none");
  const size = Math.abs(millions);
  const shown = sizeOf(size);
  return (signed ? sign(millions, shown) : millions < 0 ? "−" : "") + shown;
}

function sizeOf(size) {
  const step = MYRIADS[language]?.find(([least]) => size >= 0.995 * least);
  if (step) return t("money", { n: digits(size / step[0], size / step[0] < 99.95 ? 1 : 0) + step[1] });
  if (size < 0.05) return t("money", { n: digits(dollarsOf(size), 0) });
  return size >= 999.5 ? t("money_bn", { n: digits(size / 1e3, 1) }) : t("money_m", { n: digits(size, size < 9.95 ? 1 : 0) });
}

/** Return an amount without the name of its currency, for a place that has the name once. */
export const unnamed = (amount) => amount.replace(/US\$|ドル|美元/, "").trim();

const percentSign = () => (["de", "es", "fr"].includes(language) ? "\u00a0%" : "%");

export function percent(value, signed = true) {
  if (value === null || value === undefined) return t("none");
  const size = Math.abs(value);
  const shown = size === 0 ? "0" : digits(size, decimalsOf(size));
  return (signed ? sign(value, shown) : value < 0 ? "−" : "") + shown + percentSign();
}

const COLONS = { fr: "\u00a0: ", ja: "：", zh: "：" };

/** Return a heading and what it says, with the colon of the language of the page. @param {string} heading @param {any} text */
export const headed = (heading, text) => `${heading}${COLONS[language] ?? ": "}${text}`;

/** A part of one in whole percent. */
export const whole = (part) => Math.round(100 * part) + percentSign();

/** Return a status of the desk in words. @param {string} status */
export const statusText = (status) => t(`status_${status.split(" ")[0]}`, {}, status);

/** A probability in whole percent, with a decimal below 1% and above 99%. */
export function chance(part) {
  if (part === null || part === undefined) return t("none");
  return partOfAll(part, digits) + percentSign();
}

/** Return a day in the language of the page; a text that is none, as in a link that somebody changed, as it is. */
export const day = (text) => {
  if (Number.isNaN(Date.parse(text))) return String(text);
  const asSentences = language === "en" ? "en-GB" : language; // as the sentences of the desk write days
  const shown = new Intl.DateTimeFormat(asSentences, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(text));
  return language === "fr" ? shown.replace(/^1 /, "1er ") : shown;
};

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// ---- choosing ----

let made = 0;
export function useId(of) {
  const id = useRef(null);
  id.current ??= `${of}-${(made += 1)}`;
  return id.current;
}

/** A searchable list of countries, groups or sectors. `chosen` and `onChoose` are lists of codes. */
export function Picker({ label, options, chosen, onChoose, none = t("nobody"), single = false }) {
  const [sought, setSought] = useState("");
  const [open, setOpen] = useState(false);
  const id = useId("picker");
  const names = new Map(options.map((one) => [one.code, one.name]));
  const summary = chosen.length ? listed(chosen.map((code) => names.get(code) ?? code)) : none;
  const found = options.filter((one) => `${one.code} ${one.name}`.toLowerCase().includes(sought.trim().toLowerCase()));
  const box = useRef(null);
  useEffect(() => {
    const shut = (event) => {
      const open = box.current?.open;
      if (open && (event.key === "Escape" || (event.type === "pointerdown" && !box.current.contains(event.target)))) {
        box.current.open = false;
        if (event.key === "Escape") box.current.querySelector("summary").focus();
      }
    };
    document.addEventListener("pointerdown", shut);
    document.addEventListener("keydown", shut);
    return () => {
      document.removeEventListener("pointerdown", shut);
      document.removeEventListener("keydown", shut);
    };
  }, []);
  const choose = (code, on) => {
    onChoose(single ? [code] : on ? [...chosen, code] : chosen.filter((one) => one !== code));
    if (single) box.current.open = false;
  };
  const partly = options.filter((one) => chosen.includes(one.code) && one.without_data?.length);
  return html`<div class="field">
    <span class="label" id=${id}>${label}</span>
    <details class="picker" ref=${box} onToggle=${(e) => setOpen(e.target.open)}>
      <summary aria-labelledby="${id} ${id}-chosen"><span id="${id}-chosen">${summary}</span></summary>
      ${open && html`<div class="options">
        <input type="search" placeholder=${t("find")} aria-label=${t("find_in", { what: label })} value=${sought} onInput=${(e) => setSought(e.target.value)} />
        <div class="scroll" role="group" aria-labelledby=${id} tabindex="0">
          ${found.map(
            (one) => html`<label key=${one.code}>
              <input type=${single ? "radio" : "checkbox"} name=${id} checked=${chosen.includes(one.code)} onChange=${(e) => choose(one.code, e.target.checked)} />
              <span>${one.name}</span><small>${one.code}</small>
            </label>`,
          )}
          ${found.length === 0 && html`<p class="quiet">${t("nothing_found", { what: sought })}</p>`}
        </div>
      </div>`}
    </details>
    ${partly.map((one) => html`<p class="quiet">${t("members", { group: one.name.replace(/ \(.*\)$/, ""), with: one.members.length, all: one.members.length + one.without_data.length, without: listed(one.without_data) })}</p>`)}
  </div>`;
}

export function Choice({ label, value, options, onChange, hidden = false }) {
  const id = useId("choice");
  return html`<div class="field">
    <label class=${hidden ? "sr" : "label"} for=${id}>${label}</label>
    <select id=${id} value=${value} onChange=${(e) => onChange(e.target.value)}>
      ${options.map(([code, name]) => html`<option key=${code} value=${code} selected=${code === value}>${name}</option>`)}
    </select>
  </div>`;
}

/** An input that keeps the typed text until it is confirmed, even if the page is drawn again. */
export function Typed({ value, onDone, ...rest }) {
  const [draft, setDraft] = useState(null);
  const done = (event) => {
    setDraft(null);
    onDone(event.target.value);
  };
  return html`<input ...${rest} value=${draft ?? value} onInput=${(e) => setDraft(e.target.value)} onChange=${done} />`;
}

/** A slider, where a range is given, and an input for the same number. The input takes a number as the language of the page writes it, and says
 * what is wrong with a text that it cannot read, or can read in two ways; where the number must be `within` the range, with one outside. */
export function Level({ label, value, low = null, high = null, step = 1, unit, within = false, onChange }) {
  const id = useId("level");
  const [wrong, setWrong] = useState("");
  const put = (text) => {
    const [two, number] = [unclear(text, decimalOf(language)), numberOf(text, decimalOf(language))];
    const outside = within && (number < low || number > high);
    setWrong(two ? t("number_unclear", { text, small: boxed(two[0], language), large: two[1] }) : Number.isNaN(number) ? t("number_not", { text }) : outside ? t("number_outside", { text, low, high }) : "");
    if (!Number.isNaN(number) && !outside) onChange(number);
  };
  const slide = (text) => {
    setWrong("");
    onChange(Number(text));
  };
  return html`<div class="field level">
    <label class="label" for=${id}>${label}</label>
    <div class="row">
      ${low !== null && html`<input id=${id} type="range" min=${Math.min(low, value)} max=${Math.max(high, value)} step=${step} value=${value} aria-valuetext="${boxed(value, language)} ${unit}" onInput=${(e) => slide(e.target.value)} />`}
      <${Typed} id=${low === null ? id : undefined} type="text" inputmode="decimal" class="number" value=${boxed(value, language)} aria-label="${label}, ${unit}" aria-invalid=${wrong ? "true" : undefined} aria-describedby=${wrong ? `${id}-wrong` : undefined} onDone=${put} />
      <span class="unit">${unit}</span>
    </div>
    ${wrong && html`<p class="fault" id="${id}-wrong" role="alert">${wrong}</p>`}
  </div>`;
}

/** Whether the page is being printed. */
function usePrinting() {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const begin = () => setPrinting(true);
    const end = () => setPrinting(false);
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}

/** Tabs by the pattern of WAI-ARIA: arrows move between them. tabs: [{id, name, body(active)}]; all bodies are in the page, so
 * that it prints whole. Those that ask only in front have been answered once they were in front, and then are printed too. */
export function Tabs({ id, label, tabs, chosen, onChoose }) {
  const printing = usePrinting();
  const seen = useRef(new Set());
  seen.current.add(chosen);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const now = tabs.findIndex((one) => one.id === chosen);
    const to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : step ? (now + step + tabs.length) % tabs.length : -1;
    if (to < 0) return;
    event.preventDefault();
    onChoose(tabs[to].id);
    document.getElementById(`${id}-${tabs[to].id}-tab`)?.focus();
  };
  if (tabs.length < 2) return tabs.map((one) => one.body(true));
  return html`<div class="tabs">
    <div class="tablist" role="tablist" aria-label=${label} onKeyDown=${move}>
      ${tabs.map((one) => html`<button key=${one.id} role="tab" id="${id}-${one.id}-tab" aria-controls="${id}-${one.id}" aria-selected=${one.id === chosen} tabindex=${one.id === chosen ? 0 : -1} onClick=${() => onChoose(one.id)}>${one.name}</button>`)}
    </div>
    ${tabs.map((one) => html`<div key=${one.id} role="tabpanel" id="${id}-${one.id}" aria-labelledby="${id}-${one.id}-tab" hidden=${one.id !== chosen}>${one.body(one.id === chosen || (printing && seen.current.has(one.id)))}</div>`)}
  </div>`;
}

// ---- pictures ----

/** The frame of a figure: a title, a sentence, the chart, and below it the numbers and the method. One that is `pending`, because
 * nobody has begun it, is not printed. */
export function Figure({ id, title, lead, waiting = false, columns = [], rows = [], about = {}, method = "", foot = "", exports = null, pending = false, children }) {
  return html`<section class="figure ${waiting ? "stale" : ""} ${pending ? "pending" : ""}" id=${id} aria-labelledby="${id}-title" aria-busy=${Boolean(waiting)}>
    <h2 id="${id}-title">${title}</h2>
    ${lead && html`<p class="lead">${lead}</p>`}
    ${children}
    ${foot && html`<p class="foot">${foot}</p>`}
    ${(rows?.length > 0 || method) &&
    html`<div class="behind">
      ${exports}
      ${rows?.length > 0 && html`<${Numbers} name=${id} title=${title} columns=${columns} rows=${rows} about=${about} />`}
      ${method && html`<details><summary>${t("how")}</summary><p>${method}</p></details>`}
    </div>`}
  </section>`;
}

const cell = (value) => (value === null || value === undefined ? "" : String(value));
const quoted = (value) => (/[",\n]/.test(cell(value)) ? `"${cell(value).replaceAll('"', '""')}"` : cell(value));
// A text that a spreadsheet would read as a formula is marked as text.
const safe = (value) => (typeof value === "string" && /^[=+@\t\r-]/.test(value) ? `'${value}` : value);

// The case on the table, so that files of two cases have two names.
let caseOfFiles = "";

/** Begin the names of files with that of a case. */
export const nameFilesBy = (name) => {
  caseOfFiles = name;
};

/** Return the name of a file of the case on the table. */
export const fileName = (name) => (caseOfFiles ? `${caseOfFiles}-${name}` : name);

export const download = (name, text, type) => save(name, new Blob([text], { type }));

/** Save a blob as a file. */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function Numbers({ name, title, columns, rows, about }) {
  const [status, setStatus] = useState("");
  const [open, setOpen] = useState(false);
  // What leaves the page has in each row what it rests on: base, year, horizon, elasticities, version.
  const whole = [[...columns, ...Object.keys(about)], ...rows.map((row) => [...row, ...Object.values(about)])];
  const lines = (mark, shown) => whole.map((row) => row.map(shown).join(mark)).join("\n");
  const copy = async () => setStatus((await copied(lines("\t", (v) => cell(safe(v))))) ? t("copied") : t("not_copied"));
  return html`<details onToggle=${(e) => setOpen(e.target.open)}>
    <summary>${t("numbers")}</summary>
    <div class="row">
      <button onClick=${copy}>${t("copy")}</button>
      <button onClick=${() => download(fileName(`${name}.csv`), lines(",", (v) => quoted(safe(v))), "text/csv")}>${t("csv")}</button>
      <span role="status">${status}</span>
    </div>
    ${open &&
    html`<div class="scrollx" tabindex="0" role="region" aria-label=${t("numbers_of", { title })}>
      <table class="numbers">
        <thead><tr>${columns.map((c) => html`<th scope="col">${c}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${row.map((v) => html`<td class=${typeof v === "number" ? "right" : ""}>${typeof v === "number" ? shownNumber(v) : cell(v)}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`}
  </details>`;
}

const shownNumber = (value) => new Intl.NumberFormat(language, { maximumSignificantDigits: 6 }).format(value);

export function Refusal({ problem, onBack = null, onRetry = null }) {
  return html`<div class="refusal" role="alert">
    <strong>${problem.title ?? t("refused")}</strong>
    <p>${problem.detail ? plainDetail(problem) : problem.message}</p>
    ${problem.key && html`<p class="quiet">${t("at", { key: placeInWords(problem) ?? problem.key })}</p>`}
    ${(onBack || onRetry) && html`<div class="row">${onRetry && html`<button onClick=${onRetry}>${t("retry")}</button>`}${onBack && html`<button onClick=${onBack}>${t("undo")}</button>`}</div>`}
  </div>`;
}

const LONG = 130; // letters of a measure's description

/** Return a function that puts names in place of the codes of countries, groups and sectors in a text of the desk. */
export function plainlyOf(economy, most = LONG) {
  const names = new Map([...economy.countries, ...economy.groups].map((one) => [one.code, one.short]));
  for (const one of economy.sectors) names.set(one.code, one.name);
  names.set("WORLD", t("all_sources")).set("ALL", t("whole_economy"));
  return (text) => {
    const named = shortened(text).replace(/[A-Za-z][A-Za-z0-9_]+/g, (word) => names.get(word) ?? word);
    return named.length > most ? `${named.slice(0, most - 10)}…` : named;
  };
}

/** An error beside the control that it is about, with a button to try again. */
export function Fault({ fault }) {
  return html`<p class="fault" role="alert">${plainDetail(fault.problem)} <button onClick=${fault.again}>${t("retry")}</button></p>`;
}

/** Return a function that names a country or group: as a label, or with `as` "spoken" as in a sentence. */
export function namesOf(economy, as = "short") {
  const names = new Map([...economy.countries, ...economy.groups].map((one) => [one.code, one[as]]));
  names.set("OTHER", t("other"));
  names.set("WORLD", t("world"));
  return (code) => list(String(code).split("+")).map((one) => names.get(one) ?? one).join(" + ");
}
