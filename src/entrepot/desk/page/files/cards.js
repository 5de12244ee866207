// What is put on the table: scenarios side by side, and the measures of the one that is open.
import { html, useState } from "./vendor/preact-htm.js";
import { t } from "./words.js";
import {
  KINDS, MOST, added, asPercent, bodyOf, brought, changed, exporterPart, inOpen, isQuantity, kindOf, leverOf, list, matchOf, percentOf, sameVolume, titleOf, turned, without,
} from "./table.js";
import { Choice, Level, Picker, Typed, useId } from "./parts.js";

export function Cards({ table, put, economy, law }) {
  const scenario = table.doc.scenarios[table.open];
  return html`<section class="cards" aria-labelledby="cards-title">
    <h2 id="cards-title">${t("on_the_table")}</h2>
    <${Scenarios} table=${table} put=${put} />
    <div class="field">
      <label class="label" for="scenario-title">${t("scenario_title")}</label>
      <${Typed} key=${table.open} id="scenario-title" type="text" maxlength="200" value=${scenario.title} placeholder=${titleOf(table.doc, table.open)} onDone=${(text) => put(inOpen(table, (one) => (one.title = text.trim())))} />
    </div>
    ${scenario.measures.length === 0 && html`<p class="empty">${t("empty")}</p>`}
    ${scenario.measures.map((measure, k) => html`<${Card} key=${`${table.open}-${k}-${kindOf(measure)}`} k=${k} measure=${measure} table=${table} put=${put} economy=${economy} />`)}
    <button class="wide" onClick=${() => put(inOpen(table, (one) => one.measures.push(fresh(table, economy))))}>+ ${t("add_measure")}</button>
    <${Law} scenario=${scenario} table=${table} put=${put} law=${law} />
    <${Looked} table=${table} put=${put} economy=${economy} />
  </section>`;
}

/** A new measure: 25 points on cars from Japan, or on what the Economy has. */
function fresh(table, economy) {
  const has = (codes, wanted, k) => (codes.some((one) => one.code === wanted) ? wanted : codes[k].code);
  return {
    tariff: {
      importer: has(economy.countries, "USA", 0),
      exporter: has(economy.countries, "JPN", 1),
      sector: has(economy.sectors, "motor_vehicles", 0),
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
  const others = Object.keys(doc.scenarios).filter((name) => !shown.includes(name));
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
      put(added(table, t(`as_tariff_${kind}`, { title }), { measures: sameVolume(doc.scenarios[open], kind, open), ...(law ? { law } : {}) }));
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

function Card({ k, measure, table, put, economy }) {
  const kind = kindOf(measure);
  const body = bodyOf(measure);
  const key = Object.keys(measure)[0];
  const set = (change) => put(inOpen(table, (one) => change(one.measures[k][key])));
  const take = html`<button class="plain" aria-label=${t("remove_measure", { n: k + 1 })} title=${t("remove")} onClick=${() => put(inOpen(table, (one) => one.measures.splice(k, 1)))}>×</button>`;
  if (!KINDS.includes(kind)) {
    return html`<fieldset class="card"><legend>${t("measure_n", { n: k + 1 })}: ${kind.replaceAll("_", " ")}</legend>${take}<p class="quiet">${t("not_by_cards")}</p></fieldset>`;
  }
  const countries = [...economy.groups.map((g) => ({ code: g.code, name: g.name })), ...economy.countries];
  const sectors = [{ code: "ALL", name: t("whole_economy") }, ...economy.sectors];
  const pick = (field, label, options, more = {}) =>
    html`<${Picker} label=${label} options=${options} chosen=${list(body[field])} onChoose=${(codes) => set((b) => assign(b, field, codes))} ...${more} />`;
  return html`<fieldset class="card">
    <legend>${t("measure_n", { n: k + 1 })}</legend>
    ${take}
    <${Choice} label=${t("instrument")} value=${kind} options=${KINDS.map((one) => [one, t(one)])} onChange=${(to) => put(inOpen(table, (one) => (one.measures[k] = turned(measure, to))))} />
    ${kind === "production_subsidy"
      ? pick("country", t("country"), economy.countries, { single: true })
      : html`${pick("importer", t("importer"), countries)}
          ${pick("exporter", t("exporter"), [{ code: "WORLD", name: t("everybody") }, ...countries], { none: t("everybody") })}
          ${kind !== "export_tax" && (list(body.exporter).some((one) => one === "WORLD" || economy.groups.some((g) => g.code === one)) || list(body.exporter).length === 0 || body.exempt) &&
          pick("exempt", t("exempt"), countries)}
          ${kind === "export_tax" && body.exempt && pick("exempt", t("exempt_to"), countries)}`}
    ${pick("sector", t("sector"), sectors)}
    <${Lever} kind=${kind} body=${body} set=${set} table=${table} />
  </fieldset>`;
}

function assign(body, field, codes) {
  if (codes.length === 0 && (field === "exempt" || field === "exporter")) delete body[field];
  else body[field] = codes.length === 1 ? codes[0] : codes;
}

function Lever({ kind, body, set, table }) {
  const lever = leverOf(kind);
  const value = body[lever.key];
  const points = kind === "tariff" && body.change === "add";
  const label = kind === "tariff" ? t(`rate_${body.change ?? "set"}`) : t(lever.key);
  const changes = ["add", "set", "cut"].map((one) => [one, t(`change_${one}`)]);
  return html`
    ${kind === "tariff" && html`<${Choice} label=${t("change")} value=${body.change ?? "set"} options=${changes} onChange=${(to) => set((b) => (b.change = to))} />`}
    ${matchOf(value)
      ? html`<div class="field matched"><span>${t("matched", { title: titleOf(table.doc, matchOf(value)) })}</span>
          <button onClick=${() => set((b) => (b.cap = "80%"))}>${t("let_go")}</button></div>`
      : Number.isNaN(percentOf(value)) || (body.unit && body.unit !== "share")
        ? html`<p class="quiet">${t("not_by_cards")}</p>`
        : html`<${Level} label=${label} value=${percentOf(value)} low=${lever.low} high=${lever.high} step=${lever.step} unit=${points ? t("points") : t("pct")} onChange=${(to) => set((b) => (b[lever.key] = asPercent(to)))} />`}
    ${kind === "trq" && html`<${Level} label=${t("out_rate")} value=${percentOf(body.out_rate)} low=${0} high=${100} step=${0.5} unit=${t("points")} onChange=${(to) => set((b) => (b.out_rate = asPercent(to)))} />`}
    ${isQuantity(kind) &&
    html`<${Level} label=${t("rent")} value=${exporterPart(body, kind)} low=${0} high=${100} step=${5} unit=${t("pct")} onChange=${(to) => set((b) => (b.rent = to === 100 ? "exporter" : to === 0 ? "importer" : { importer: 1 - to / 100, exporter: to / 100 }))} />`}`;
}

function Law({ scenario, table, put, law }) {
  const said = scenario.law ?? {};
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
    <${Choice} label=${t("under")} value=${list(said.under)[0] ?? ""} options=${[["", t("no_statute")], ...law.under.map((one) => [one.id, one.title])]} onChange=${(to) => set("under", to)} />
    ${["since", "until"].map(
      (key, k) => html`<div class="field"><label class="label" for=${dates[k]}>${t(key)}</label>
        <input id=${dates[k]} type="date" value=${said[key] ?? ""} onChange=${(e) => set(key, e.target.value)} /></div>`,
    )}
  </details>`;
}

function Looked({ table, put, economy }) {
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
    <${Picker} label=${t("protected_country")} options=${countries} chosen=${list(watched.country)} single onChoose=${([country]) => protect({ country })} />
    <${Picker} label=${t("protected_sector")} options=${sectors} chosen=${list(watched.sector)} single onChoose=${([sector]) => protect({ sector })} />
  </details>`;
}
