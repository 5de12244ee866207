// The effects of the measures: each figure compares the scenarios.
import { html, useMemo, useState } from "./preact.js";
import { useAnswer } from "./ask.js";
import { Chart } from "./chart.js";
import { Choice, Figure, Refusal, capital, day, headed, money, percent, statusText } from "./parts.js";
import { bodyOf, caseOf, changed, kindOf, kindTitle, list, markets, sameVolume, watched, wholeCase } from "./table.js";
import { numbersOf } from "./columns.js";
import { ORDER, groupsOf, provisionText, provisionsText, rank } from "./findings.js";
import { rowsOf } from "./rows.js";
import { inLanguage, listed, t } from "./words.js";

export const heads = (answers) => (answers.length > 1 ? answers.map((one, k) => html`<span class="mark">${k + 1}</span> <span class="wide">${one.title}</span>`) : [""]);
/** Return the place of the open scenario among the answers. */
const frontOf = (answers, open) => Math.max(answers.findIndex((one) => one.name === open), 0);
export const gapOf = (answers) => {
  const gaps = answers.flatMap(({ answer }) => Object.values(answer?.residuals ?? {}).flatMap((one) => Object.values(one)));
  return gaps.length ? t("residual", { gap: Math.max(...gaps).toExponential(0) }) : "";
};

// ---- the industry, its buyers, its measures ----

/** The rows of the industry's chart: what, its words, and whether more of it is worse for those who pay. */
const INDUSTRY = {
  percent: [["output_volume_pct", "output"], ["sector_employment_pct", "employment"], ["capital_return_pct", "capital_return"], ["real_price_pct", "buyers_price", "worse"]],
  money: [["value_added", "value_added"], ["operating_surplus", "surplus"], ["rd_capacity", "rd_capacity"]],
  points: [["import_share", "import_share", "neutral"]],
};
const SAY = { percent, money, points: (v) => `${percent(v).replace(/\s*%/, "")} ${t("pp")}` };

export function Industry({ doc, answers, waiting, names, sectorNames, plainly, exports, open }) {
  const looked = watched(doc);
  const base = answers.map(({ answer }) => rowsOf(answer, "industry", "base")[0]).find(Boolean);
  if (!looked || !base) return html`<p class="empty">${t("industry_none")}</p>`;
  const value = (row, key) => {
    if (!row || row[key] === null) return null;
    if (key === "import_share") return 100 * (row[key] - base[key]);
    return key.endsWith("_pct") ? row[key] : row[key] - base[key];
  };
  const found = answers.map(({ name, answer }) => rowsOf(answer, "industry", name)[0]);
  const lead = t("industry_lead", { sector: capital(sectorNames(looked.sector)), country: names(looked.country) });
  const rows = (kind) => INDUSTRY[kind].filter(([key]) => base[key] !== null && base[key] !== undefined).map(([key, name, turn]) => ({ name: t(name), turn, values: found.map((row) => value(row, key)) }));
  const caption = (kind) => headed(t("industry"), listed(rows(kind).map((row) => row.name)));
  return html`<${Figure} id="industry" title=${t("industry")} lead=${lead} waiting=${waiting} ...${numbersOf(answers, "industry")} method=${t("industry_how", { base: money(base.value_added, false) })} exports=${exports}>
    ${Object.keys(INDUSTRY).map((kind, k) => html`<${Chart} key=${kind} caption=${caption(kind)} columns=${heads(answers)} bare=${k > 0} groups=${[{ rows: rows(kind) }]} say=${SAY[kind]} front=${[frontOf(answers, open)]} />`)}
    <h3>${t("buyers")}</h3>
    <${Measures} answers=${answers} plainly=${plainly} />
  <//>`;
}

function Measures({ answers, plainly }) {
  const rows = answers.flatMap(({ name, answer }, k) => rowsOf(answer, "measures", name).map((row) => ({ ...row, k })));
  if (!rows.length) return html`<p class="quiet">${t("empty")}</p>`;
  return html`<div class="scrollx" tabindex="0" role="region" aria-label=${t("buyers")}><table class="plain measures">
    <thead><tr><th scope="col">${t("instrument")}</th><th scope="col">${t("of_base_volume")}</th><th scope="col">${t("buyers_pay")}</th><th scope="col">${t("duty")}</th><th scope="col">${t("quota_rent")}</th></tr></thead>
    <tbody>${rows.map(
      (row) => html`<tr>
        <th scope="row">${answers.length > 1 && html`<span class="mark">${row.k + 1}</span> `}${plainly(row.words)}</th>
        <td>${row.volume_base ? percent((100 * row.volume) / row.volume_base, false) : t("none")}${row.cap !== null && html`<small>${row.binding ? t("binding") : t("slack")}</small>`}</td>
        <td>${row.pass_through === null ? t("none") : percent(100 * row.pass_through, false)}</td>
        <td>${money(row.revenue, false)}</td>
        <td>${row.rent ? html`${money(row.rent, false)}<small>${t("held_by", { holder: row.held_by })}</small>` : t("none")}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

// ---- imports by source ----

export function Sources({ doc, economy, answers, waiting, names, thetas, open }) {
  const found = markets(doc, economy);
  const [at, setAt] = useState(0);
  const market = found[Math.min(at, found.length - 1)];
  if (!market) return null;
  const shares = (answer, scenario) =>
    new Map((answer?.tables?.markets ?? []).filter((row) => row.scenario === scenario && row.market === market.title).map((row) => [row.exporter, 100 * row.import_share]));
  const base = answers.map(({ answer }) => shares(answer, "base")).find((one) => one.size) ?? new Map();
  const columns = [base, ...answers.map(({ name, answer }) => shares(answer, name))];
  const rows = [...base.keys()].map((code) => ({ name: names(code), turn: "neutral", values: columns.map((one) => one.get(code) ?? null) }));
  const head = [t("base"), ...(answers.length > 1 ? heads(answers) : [answers[0].title])];
  const pick = found.map((one, k) => [String(k), inLanguage(one.title)]);
  return html`<${Figure} id="sources" title=${t("sources")} lead=${t("sources_lead")} waiting=${waiting} ...${numbersOf([{ name: "base", answer: answers[0].answer }, ...answers], "markets")} method=${t("sources_how", { theta: thetas(market.sectors) })}>
    ${found.length > 1 ? html`<div class="row switches"><${Choice} label=${t("market")} value=${String(found.indexOf(market))} options=${pick} onChange=${(k) => setAt(Number(k))} /></div>` : html`<h3>${inLanguage(market.title)}</h3>`}
    <${Chart} caption=${inLanguage(market.title)} columns=${head} groups=${[{ rows }]} say=${(v) => percent(v, false)} front=${[0, 1 + frontOf(answers, open)]} />
  <//>`;
}

// ---- revenue and rent ----

export function Proceeds({ answers, waiting, names, exports, open }) {
  const parties = [...new Set(answers.flatMap(({ name, answer }) => rowsOf(answer, "proceeds", name).map((row) => row.party)))];
  const get = (party, key) => answers.map(({ name, answer }) => rowsOf(answer, "proceeds", name).find((row) => row.party === party)?.[key] ?? null);
  const rows = (key) => parties.map((party) => ({ name: names(party), values: get(party, key) })).filter((row) => row.values.some((v) => Math.abs(v ?? 0) > 0.05));
  const beside = [["export_taxes_change", "export_tax_change"], ["subsidies_change", "subsidies_change"]];
  const taxes = beside.map(([word, key]) => ({ name: t(word), rows: rows(key) })).filter((group) => group.rows.length);
  const rents = { name: t("rents_held"), rows: rows("quota_rent") };
  const groups = [{ name: t("revenue_change"), rows: rows("tariff_revenue_change") }, ...taxes, rents];
  return html`<${Figure} id="proceeds" title=${t("proceeds")} lead=${t("proceeds_lead")} waiting=${waiting} ...${numbersOf(answers, "proceeds")} method=${t("proceeds_how")} exports=${exports}>
    <${Chart} caption=${t("proceeds")} columns=${heads(answers)} groups=${groups} say=${money} front=${[frontOf(answers, open)]} />
    ${!rents.rows.length && html`<p class="quiet">${t("rents_none")}</p>`}
  <//>`;
}

// ---- the same volume by another instrument ----

const WAYS = ["tariff", "quota", "ver"];

export function SameVolume({ table, economy, names, active = true }) {
  const { doc, open } = table;
  const scenario = doc.scenarios[open];
  const tariffs = scenario.measures.filter((one) => kindOf(one) === "tariff" && bodyOf(one).change !== "cut");
  const question = useMemo(() => {
    if (!tariffs.length || !active) return null;
    const only = { ...scenario, measures: tariffs };
    const more = { by_tariff: only };
    for (const kind of ["quota", "ver"]) more[`by_${kind}`] = { title: kindTitle(kind), measures: sameVolume(only, kind, "by_tariff") };
    return { case: caseOf(doc, ["by_tariff", "by_quota", "by_ver"], economy, more) };
  }, [doc, open, active]);
  const { answer, problem, waiting } = useAnswer("run", question);
  const gain = (kind, party) => rowsOf(answer, "welfare", `by_${kind}`).find((row) => row.party === party)?.equivalent_variation ?? null;
  const parties = [...new Set([...doc.parties, "WORLD"])];
  const shown = WAYS.map((name) => ({ name: `by_${name}`, title: kindTitle(name), answer }));
  return html`<${Figure} id="same" pending=${!answer} title=${t("same_volume")} lead=${tariffs.length ? t("same_lead") : t("same_none")} waiting=${waiting} ...${answer ? numbersOf(shown, "welfare") : {}} method=${t("same_how")}>
    ${problem && html`<${Refusal} problem=${problem} />`}
    ${answer && tariffs.length > 0 &&
    html`<${Chart} caption=${t("same_volume")} columns=${WAYS.map(kindTitle)} say=${money} groups=${[{ rows: parties.map((party) => ({ name: names(party), values: WAYS.map((kind) => gain(kind, party)) })) }]} />`}
  <//>`;
}

// ---- the rules ----

export function Rules({ answer, scenario, waiting, names, plainly, under }) {
  const findings = (answer?.screen?.findings ?? []).filter((one) => one.scenario === scenario);
  const live = groupsOf(findings.filter((one) => one.status !== "consistent"));
  const quiet = findings.filter((one) => one.status === "consistent");
  const wordsOf = (measure) => plainly(answer?.measures?.[measure] ?? measure);
  const columns = ["status", "provision", "title", "party", "role", "measure", "condition"];
  const group = (one) => html`<${Group} key=${`${one.status} ${one.party} ${one.provisions} ${one.measures}`} group=${one} names=${names} wordsOf=${wordsOf} under=${under} />`;
  return html`<${Figure} id="rules" title=${t("rules")} lead=${t("rules_lead")} waiting=${waiting} columns=${columns} rows=${findings.map((one) => columns.map((c) => (c === "measure" ? wordsOf(one[c]) : one[c])))} method=${t("rules_how")}>
    ${findings.length === 0 && html`<p class="empty">${t("rules_none")}</p>`}
    ${live.map(group)}
    ${quiet.length > 0 && html`<details class="more"><summary>${t("consistent", { n: quiet.length })}</summary>${groupsOf(quiet).map(group)}</details>`}
  <//>`;
}

/** Measures that a group names in its line; more are counted. */
const NAMED = 3;

/** What rules find: one line, and below it the text; of several measures, the text of each behind a line of its own. */
function Group({ group, names, wordsOf, under }) {
  const { status, party, provisions, titles, conditions, measures, members } = group;
  const first = measures.slice(0, NAMED).map(wordsOf).join("; ");
  const of = measures.length > NAMED ? t("measures_more", { measures: first, n: measures.length - NAMED }) : first;
  const many = measures.length > 1 ? headed(t("for_measures", { n: measures.length }), of) : of;
  const line = html`<strong>${statusText(status)}</strong> ${provisionsText(provisions, under)} <span class="quiet">${titles.join("; ")} · ${names(party)} · ${many}</span>`;
  const colour = ORDER[rank(status)] ?? "contested";
  return html`<details class="finding ${colour}"><summary>${line}</summary>
    ${members.length === 1
      ? html`<${Finding} one=${members[0]} names=${names} />`
      : html`${conditions.map((one) => html`<p>${capital(one)}.</p>`)}${members.map((one) => html`<details class="one-measure"><summary>${wordsOf(one.measure)} <span class="quiet">${provisionText(one.provision, under)}</span></summary><${Finding} one=${one} names=${names} /></details>`)}`}
  </details>`;
}

function Finding({ one, names }) {
  return html`${one.condition && html`<p>${capital(one.condition)}.</p>`}
    <h3>${t("steps")}</h3>
    <ul>${one.steps.map((step) => html`<li>${step.says} <small>${step.found_in}</small></li>`)}</ul>
    ${one.status !== "consistent" &&
    html`<p>${one.consequence}</p>
      ${one.cure && html`<h3>${t("cures")}</h3><p>${one.cure}</p>`}
      ${list(one.complain).length > 0 && html`<h3>${t("may_answer")}</h3><p>${listed(one.complain.map(names))}. ${one.remedy}</p>`}`}
    <p class="quiet">${one.citation}. ${t("confidence", { confidence: t(`text_${one.confidence}`, {}, one.confidence) })}</p>`;
}

// ---- the calendar ----

export function Calendar({ table, put, law, active = true }) {
  const { doc } = table;
  const [chosen, setOn] = useState("");
  const events = doc.calendar ?? [];
  const question = events.length && active ? { case: wholeCase(doc, ["table", "timeline", "uncertainty"]), ...(chosen ? { on: chosen } : {}) } : null;
  const { answer, problem, waiting } = useAnswer("calendar", question);
  const on = chosen || answer?.on || "";
  const rows = answer?.calendar ?? [];
  const columns = ["date", "entry", "what", "who", "due", "stands", "if_it_lapses", "happened", "provision"];
  return html`<${Figure} id="calendar" pending=${!answer} title=${t("calendar")} lead=${events.length ? "" : t("calendar_none")} waiting=${waiting} columns=${columns} rows=${rows.map((row) => columns.map((c) => (c === "date" ? String(row[c]).slice(0, 10) : row[c])))} method=${t("calendar_how")}>
    ${events.length > 0 && html`<div class="row"><label class="label" for="calendar-on">${t("calendar_on")}</label><input id="calendar-on" type="date" value=${on} onChange=${(e) => e.target.value && setOn(e.target.value)} /></div>`}
    ${problem && html`<${Refusal} problem=${problem} />`}
    <ol class="calendar">${rows.map(
      (row) => html`<li class="${row.entry} ${row.status}">
        <time datetime=${String(row.date).slice(0, 10)}>${day(row.date)}</time>
        <div><strong>${row.what}</strong>${row.stands && html` <span class="stands">${row.stands}</span>`}
          ${row.due && html`<small>${headed(row.who, row.due)}. ${row.provision}</small>`}
          ${row.if_it_lapses && row.status !== "met" && html`<small>${t("lapses", { what: row.if_it_lapses })}</small>`}
          ${row.happened && html`<small>${t("happened", { what: row.happened })}</small>`}</div>
      </li>`,
    )}</ol>
    <${NewEvent} law=${law} add=${(event) => put(changed(table, (next) => (next.doc.calendar = [...events, event])))} />
  <//>`;
}

/** Laws by the letters with which kinds of event begin. */
const LAWS = ["us-232", "us-122", "us-201", "us-301", "us-ieepa", "sg", "dsu", "eu-aci", "usmca"];

/** Return a kind of event in words: "Section 232: initiation". */
function kindOfEvent(kind) {
  const law = LAWS.find((one) => kind.startsWith(`${one}-`));
  const rest = law ? kind.slice(law.length + 1) : kind;
  return (law ? `${t(`kind_${law.replaceAll("-", "_")}`)}: ` : "") + rest.replaceAll("-", " ");
}

function NewEvent({ law, add }) {
  const [date, setDate] = useState("");
  const [event, setEvent] = useState("");
  const [kind, setKind] = useState("");
  const put = () => {
    add({ date, event, ...(kind ? { kind } : {}) });
    setDate("");
    setEvent("");
    setKind("");
  };
  const titles = new Map(law.clocks.map((clock) => [clock.trigger, clock.title]));
  const kinds = law.kinds.map((one) => [one, kindOfEvent(one) + (titles.has(one) ? ` → ${titles.get(one)}` : "")]);
  return html`<details class="more"><summary>${t("add_event")}</summary>
    <div class="field"><label class="label" for="event-date">${t("event_date")}</label><input id="event-date" type="date" value=${date} onInput=${(e) => setDate(e.target.value)} /></div>
    <div class="field"><label class="label" for="event-what">${t("event")}</label><input id="event-what" type="text" maxlength="200" value=${event} onInput=${(e) => setEvent(e.target.value)} /></div>
    <${Choice} label=${t("event_kind")} value=${kind} options=${[["", t("only_a_date")], ...kinds]} onChange=${setKind} />
    <button disabled=${!date || !event.trim()} onClick=${put}>${t("add")}</button>
  </details>`;
}
