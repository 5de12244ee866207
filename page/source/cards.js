// The scenarios, and a card for each measure of the open scenario.
import { html, useEffect, useState } from "./preact.js";
import { inLanguage, listed, t } from "./words.js";
import {
  MOST, added, asPercent, bodyOf, brought, canLift, changed, exporterPart, inOpen, instrumentOf, isChanged, kindOf, known, list, matchOf, measureLine, measuredIn, nameOf, percentOf, sameVolume, titleOf, turned, without,
} from "./table.js";
import { sameDutyBack, sameTradeBack, sidesOf } from "./counter.js";
import { GoodsBox } from "./goods.js";
import { Choice, Fault, Level, Picker, Typed, headed, namesOf, useId } from "./parts.js";
import { useNarrow } from "./width.js";

export function Cards({ table, put, economy, law, fault = null }) {
  const scenario = table.doc.scenarios[table.open];
  const narrow = useNarrow();
  return html`<section class="cards" aria-labelledby="cards-title">
    <h2 id="cards-title">${t("on_the_table")}</h2>
    <${Scenarios} table=${table} put=${put} />
    <div class="field">
      <label class="label" for="scenario-title">${t("scenario_title")}</label>
      <${Typed} key=${table.open} id="scenario-title" type="text" maxlength="200" value=${isChanged(scenario) ? "" : inLanguage(scenario.title)} placeholder=${titleOf(table.doc, table.open)} onDone=${(text) => put(inOpen(table, (one) => (one.title = text.trim())))} />
    </div>
    ${scenario.measures.map((measure, k) => html`<${Folded} key=${`${table.open}-${k}`} line=${narrow ? measureLine(table, measure) : ""} n=${k + 1} open=${scenario.measures.length === 1 || fault?.place.measure === k}><${Card} key=${kindOf(measure)} k=${k} measure=${measure} table=${table} put=${put} economy=${economy} fault=${fault?.place.measure === k ? fault : null} /><//>`)}
    <${GoodsBox} economy=${economy} label=${t("goods_add")} onChoose=${(sectors) => put(inOpen(table, (one) => one.measures.push(fresh(economy, sectors))))} />
    <button class="wide" onClick=${() => put(inOpen(table, (one) => one.measures.push(fresh(economy))))}>+ ${t("add_measure")}</button>
    <${AnswerThis} table=${table} put=${put} economy=${economy} />
    <${Law} scenario=${scenario} table=${table} put=${put} law=${law} />
    <${Reported} table=${table} put=${put} economy=${economy} />
  </section>`;
}

/** A measure behind a line that says what it is, where there is a line; `open` at first, and while it has a fault. */
function Folded({ line, n, open, children }) {
  const [isOpen, setOpen] = useState(open);
  useEffect(() => {
    if (open) setOpen(true);
  }, [open]);
  if (!line) return children;
  return html`<details class="fold" open=${isOpen} onToggle=${(e) => setOpen(e.target.open)}><summary><span class="mark">${n}</span> ${line}</summary>${children}</details>`;
}

/** Return the table with a preset in its open scenario, and its parties. */
export function begunWith(table, { parties, kind, body }) {
  return changed(table, (next) => {
    const scenario = next.doc.scenarios[next.open];
    scenario.measures = [{ [kind]: { ...body } }];
    if (next.doc.case === "table") next.doc.parties = parties;
  });
}

/** One click puts the counter-measure of those whom the open scenario falls on beside it. */
function AnswerThis({ table, put, economy }) {
  const { doc, open } = table;
  const { measures, law } = doc.scenarios[open];
  const sides = sidesOf(measures);
  if (!sides || measures.some((one) => kindOf(one) === "retaliation") || table.shown.length >= MOST) return null;
  const names = namesOf(economy);
  const who = listed(sides.by.map(names));
  const title = titleOf(doc, open);
  const back = sameDutyBack(measures);
  const trade = sameTradeBack(measures, open);
  const begin = (key, more) => put(withParties(added(table, t(key, { title, who }), { measures: structuredClone([...measures, ...more]), ...(law ? { law } : {}) }), sides.by));
  return html`<fieldset class="answers-back"><legend>${t("answer_this")}</legend>
    ${back.length > 0 && html`<button onClick=${() => begin("answered_duty", back)}>${t("answer_duty", { who })}</button>`}
    ${trade && html`<button onClick=${() => begin("answered_trade", [trade])}>${t("answer_trade", { who })}</button>`}
  </fieldset>`;
}

/** Return the table with these among the parties of the case. */
const withParties = (table, codes) => changed(table, (next) => (next.doc.parties = [...new Set([...next.doc.parties, ...codes])]));

/** Return a new measure: 25 points on US imports of cars from Japan, or on the first names of the Economy. */
function fresh(economy, sectors = []) {
  const has = (codes, wanted, k) => (codes.some((one) => one.code === wanted) ? wanted : codes[k].code);
  return {
    tariff: {
      importer: has(economy.countries, "USA", 0),
      exporter: has(economy.countries, sectors.length ? "CHN" : "JPN", 1),
      sector: sectors.length > 1 ? sectors : (sectors[0] ?? has(economy.sectors, "motor_vehicles", 0)),
      rate: "25%",
      change: "add",
    },
  };
}

function Scenarios({ table, put }) {
  const { doc, shown, open } = table;
  const full = shown.length >= MOST;
  const title = titleOf(doc, open);
  const tariffs = doc.scenarios[open].measures.some((one) => kindOf(one) === "tariff");
  const others = measuredIn(doc).filter((name) => !shown.includes(name));
  const more = [
    ["", `+ ${t("add_scenario")}`],
    [":empty", t("empty_one")],
    [":copy", t("a_copy")],
    ...(tariffs ? [[":quota", t("as_quota")], [":ver", t("as_ver")]] : []),
    ...others.map((name) => [name, titleOf(doc, name)]),
  ];
  const add = (what) => {
    if (what === ":empty") put(added(table, ""));
    else if (what === ":copy") put(added(table, t("copy_of", { title }), structuredClone(doc.scenarios[open])));
    else if (what === ":quota" || what === ":ver") {
      const kind = what.slice(1);
      const { law } = doc.scenarios[open];
      put(added(table, "", { measures: sameVolume(doc.scenarios[open], kind, open), ...(law ? { law } : {}) }));
    } else if (what) put(brought(table, what));
  };
  return html`<div class="scenarios">
    <div role="radiogroup" aria-label=${t("scenarios")}>
      ${shown.map(
        (name, k) => html`<div class="tab ${name === open ? "open" : ""}" key=${name}>
          <label><input type="radio" name="open" checked=${name === open} onChange=${() => put({ ...table, open: name }, true)} /><span class="mark">${k + 1}</span> ${titleOf(doc, name)}</label>
          <button class="plain" aria-label=${t("remove_scenario", { title: titleOf(doc, name) })} title=${t("remove")} onClick=${() => put(without(table, name))}>×</button>
        </div>`,
      )}
    </div>
    ${full
      ? html`<p class="quiet">${t("most")}</p>`
      : html`<${Choice} label=${t("add_scenario")} hidden value="" options=${more} onChange=${add} />`}
  </div>`;
}

function Card({ k, measure, table, put, economy, fault }) {
  const kind = kindOf(measure);
  const body = bodyOf(measure);
  const key = Object.keys(measure)[0];
  // The label of a measure says what the file had: "25% on EU cars".
  const set = (change) =>
    put(
      inOpen(table, (one) => {
        change(one.measures[k][key]);
        delete one.measures[k][key].label;
      }),
    );
  const take = html`<button class="plain" aria-label=${t("remove_measure", { n: k + 1 })} title=${t("remove")} onClick=${() => put(inOpen(table, (one) => one.measures.splice(k, 1)))}>×</button>`;
  const instrument = instrumentOf(kind);
  if (!instrument) {
    return html`<fieldset class="card"><legend>${headed(t("measure_n", { n: k + 1 }), kind.replaceAll("_", " "))}</legend>${take}<p class="quiet">${kind === "retaliation" ? retaliationText(body, table, economy) : t("not_by_cards")}</p></fieldset>`;
  }
  const offered = known().filter((one) => nameOf(one) !== "lift" || kind === "lift" || canLift(table.doc, economy));
  const kinds = offered.map((one) => [nameOf(one), one.title]);
  return html`<fieldset class="card">
    <legend>${t("measure_n", { n: k + 1 })}</legend>
    ${take}
    <${Choice} label=${t("instrument")} value=${kind} options=${kinds} onChange=${(to) => put(inOpen(table, (one) => (one.measures[k] = turned(measure, to))))} />
    ${instrument.form.map((field) => html`<${Argument} key=${field.key} field=${field} instrument=${instrument} body=${body} set=${set} table=${table} economy=${economy} />${fault?.place.field === field.key && html`<${Fault} fault=${fault} />`}`)}
    ${fault && !instrument.form.some((field) => field.key === fault.place.field) && html`<${Fault} fault=${fault} />`}
  </fieldset>`;
}

function retaliationText(body, { doc }, economy) {
  const names = namesOf(economy);
  const side = (codes) => listed(list(codes).map(names));
  return t("retaliation_card", { by: side(body.by), against: side(body.against), title: titleOf(doc, body.equivalent_to) });
}

/** The form field of one argument of a measure, by its type. */
function Argument({ field, instrument, body, set, table, economy }) {
  const pick = (options, more = {}) =>
    html`<${Picker} label=${field.title} options=${options} chosen=${list(body[field.key])} onChoose=${(codes) => set((b) => assign(b, field.key, codes))} ...${more} />`;
  const countries = [...economy.groups, ...economy.countries];
  if (field.type === "country") return pick(economy.countries, { single: true });
  if (field.type === "sectors") return pick([{ code: "ALL", name: t("whole_economy") }, ...economy.sectors]);
  if (field.type === "countries") {
    if (field.key === "exempt") return (body.exempt || many(body[instrument.exempts], economy)) && pick(countries);
    if (field.key === "importer" && instrument.required.includes("importer")) return pick(countries);
    return pick([{ code: "WORLD", name: t("everybody") }, ...countries], { none: t("everybody") });
  }
  if (field.type === "choice")
    return html`<${Choice} label=${field.title} value=${body[field.key] ?? field.default} options=${field.choices} onChange=${(to) => set((b) => (b[field.key] = to))} />`;
  if (field.type === "rent")
    return html`<${Level} label=${field.title} value=${exporterPart(body, nameOf(instrument))} low=${field.low} high=${field.high} step=${field.step} unit=${t("pct")} onChange=${(to) => set((b) => (b.rent = to === 100 ? "exporter" : to === 0 ? "importer" : { importer: 1 - to / 100, exporter: to / 100 }))} />`;
  return html`<${Percent} field=${field} instrument=${instrument} body=${body} set=${set} table=${table} />`;
}

/** Return whether a side of a measure is more than a list of single countries. */
const many = (side, economy) => list(side).length === 0 || list(side).some((one) => one === "WORLD" || economy.groups.some((g) => g.code === one));

function assign(body, field, codes) {
  if (codes.length === 0 && (field === "exempt" || field === "exporter")) delete body[field];
  else body[field] = codes.length === 1 ? codes[0] : codes;
}

/** A number in percent; one in another unit cannot be edited. */
function Percent({ field, instrument, body, set, table }) {
  const value = body[field.key];
  const change = instrument.keys.includes("change") && field.key.endsWith("rate") ? (body.change ?? "set") : "";
  if (matchOf(value))
    return html`<div class="field matched"><span>${t("matched", { title: titleOf(table.doc, matchOf(value)) })}</span>
      <button onClick=${() => set((b) => (b[field.key] = field.start))}>${t("let_go")}</button></div>`;
  const inMoney = field.key === "cap" && body.unit && body.unit !== "share";
  if (Number.isNaN(percentOf(value)) || inMoney || body.unit_value) return html`<p class="quiet">${t("not_by_cards")}</p>`;
  const label = change && field.key === "rate" ? t(`rate_${change}`) : field.title;
  const note = noteOf(field.key, change, percentOf(value));
  return html`<${Level} label=${label} value=${percentOf(value)} low=${field.low} high=${field.high} step=${field.step} unit=${change !== "add" ? t("pct") : t(Math.abs(percentOf(value)) === 1 ? "point" : "points")} onChange=${(to) => set((b) => (b[field.key] = asPercent(to)))} />${note && html`<p class="quiet">${note}</p>`}`;
}

const PROHIBITIVE = 1000; // percent

/** Return what an unusual size means, or an empty text. */
function noteOf(key, change, value) {
  if (key === "cap") return value > 100 ? t("note_cap") : "";
  if (!key.endsWith("rate") || change === "cut") return "";
  if (value < 0 && change) return t(change === "add" ? "note_points" : "note_rate");
  return value >= PROHIBITIVE && change ? t("note_prohibitive") : "";
}

function Law({ scenario, table, put, law }) {
  const stated = scenario.law ?? {};
  const set = (key, value) =>
    put(
      inOpen(table, (one) => {
        one.law = { ...one.law };
        if (value) one.law[key] = value;
        else delete one.law[key];
        if (!Object.keys(one.law).length) delete one.law;
      }),
    );
  const dates = [useId("since"), useId("until")];
  return html`<details class="more">
    <summary>${t("law_and_dates")}</summary>
    <${Choice} label=${t("under")} value=${list(stated.under)[0] ?? ""} options=${[["", t("no_statute")], ...law.under.map((one) => [one.id, one.title])]} onChange=${(to) => set("under", to)} />
    ${["since", "until"].map(
      (key, k) => html`<div class="field"><label class="label" for=${dates[k]}>${t(key)}</label>
        <input id=${dates[k]} type="date" value=${stated[key] ?? ""} onChange=${(e) => set(key, e.target.value)} /></div>`,
    )}
  </details>`;
}

function Reported({ table, put, economy }) {
  const { doc } = table;
  const watched = doc.report?.protected ?? {};
  const [countries, sectors] = [economy.countries, economy.sectors];
  const protect = (change) =>
    put(
      changed(table, (next) => {
        const now = { country: countries[0].code, sector: sectors[0].code, ...watched, ...change };
        next.doc.report = { ...next.doc.report, protected: now };
      }),
    );
  return html`<details class="more">
    <summary>${t("settings")}</summary>
    <${Picker} label=${t("parties")} options=${[...economy.groups, ...countries]} chosen=${doc.parties} onChoose=${(codes) => codes.length && put(changed(table, (next) => (next.doc.parties = codes)))} />
    <${Picker} label=${t("protected_country")} options=${[...economy.groups, ...countries]} chosen=${list(watched.country)} single onChoose=${([country]) => protect({ country })} />
    <${Picker} label=${t("protected_sector")} options=${sectors} chosen=${list(watched.sector)} single onChoose=${([sector]) => protect({ sector })} />
  </details>`;
}
