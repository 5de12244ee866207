// The first screen: a line with the answer that stays in view, and one picture of who gains and who loses.
import { html, useEffect, useRef, useState } from "./preact.js";
import { Chart, isNothing } from "./chart.js";
import { Exports } from "./exports.js";
import { Choice, Figure, capital, money, percent, statusText, whole } from "./parts.js";
import { rowsOf } from "./rows.js";
import { WorldMap } from "./map.js";
import { Tiles } from "./tiles.js";
import { gainsOf } from "./columns.js";
import { ORDER, provisionText, rank } from "./findings.js";
import { gapOf, heads } from "./figures.js";
import { list } from "./table.js";
import { joined, language, listed, t } from "./words.js";

/** Return the gravest status of a scenario's findings, the provision behind it, and how many more share it. */
export function verdictOf(findings) {
  const live = findings.filter((one) => rank(one.status) >= 0).sort((a, b) => rank(a.status) - rank(b.status));
  if (!live.length) return null;
  const same = [...new Set(live.filter((one) => one.status === live[0].status).map((one) => one.provision))];
  return { status: live[0].status, provision: same[0], more: same.length - 1 };
}

/** Return the base, the year of its dollars, the horizon and the elasticities in a few words. */
export function basisText(basis) {
  const number = (value) => new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
  const [low, high] = [number(basis.theta_low), number(basis.theta_high)];
  const set = basis.theta_source.includes(":") ? ` (${basis.theta_source.split(":")[0]})` : "";
  return [
    basis.economy,
    basis.year ? t("dollars_of", { year: basis.year }) : t("in_dollars"),
    t(basis.horizon === "short" ? "short_run" : "long_run"),
    `${t("elasticities")} ${low === high ? low : `${low}–${high}`}${set}`,
  ].join(" · ");
}

/** Return [value, note] of the rent: what it is worth, who holds it, and the tariff that would raise the price as much. */
export function rentText(answer) {
  if (!answer.rent) {
    return [t("rent_none"), answer.takings];
  }
  const equal = answer.tariff_equivalent === null ? "" : t("rent_equals", { rate: percent(100 * answer.tariff_equivalent, false) });
  return [t("rent_held", { money: money(answer.rent, false), holder: t(`holder_${answer.rent_holder}`, {}, answer.rent_holders) }), equal];
}

/** The line with the answer of the open scenario; on a phone it is a bar at the bottom. */
export function AnswerBar({ found, all, open, put, waiting, parties, names, economy, under, outdated, onBasis, offline }) {
  const answer = found?.answer;
  const own = answer?.first_screen?.answers[open];
  const findings = (answer?.screen?.findings ?? []).filter((one) => one.scenario === open);
  const verdict = verdictOf(findings);
  const welfare = new Map(rowsOf(answer, "welfare", open).map((row) => [row.party, row]));
  const everyone = [...new Set([...parties, ...welfare.keys()])].filter((code) => welfare.has(code));
  const shown = everyone.slice(0, 5);
  const price = rowsOf(answer, "industry", open)[0]?.real_price_pct;
  const priced = list(found?.question?.case.report?.protected?.sector).map((code) => economy.sectors.find((one) => one.code === code)?.name ?? code);
  const notes = [own?.over_all && t("buyers_all"), price !== undefined && price !== null && t("buyers_price_short", { goods: listed(priced), price: percent(price) })].filter(Boolean);
  const turned = own?.over_sets?.turned ?? {};
  const rent = own ? rentText(own) : ["", ""];
  const stale = waiting || outdated ? "stale" : "";
  const [isWhole, setWhole] = useState(false); // on a phone, whether all of it is shown
  const line = useRef(null);
  useEffect(() => {
    const set = () => document.documentElement.style.setProperty("--bar", `${line.current.offsetHeight}px`);
    const watch = new ResizeObserver(set);
    watch.observe(line.current);
    return () => watch.disconnect();
  }, []);
  return html`<section class="answerbar ${stale} ${isWhole ? "whole" : "short"}" id="answer" ref=${line} aria-label=${t("answer")} aria-busy=${Boolean(waiting)}>
    ${all.length > 1 &&
    html`<div class="which" role="radiogroup" aria-label=${t("scenarios")}>
      ${all.map((one) => html`<label key=${one.name} class=${one.name === open ? "on" : ""} title=${one.title}><input type="radio" name="which" checked=${one.name === open} onChange=${() => put(one.name)} /><span class="mark">${one.k + 1}</span><span class="name">${one.title}</span></label>`)}
    </div>`}
    ${!own && html`<p class="hint">${offline ? t("offline") : waiting ? t("waiting") : t(all.some((one) => one.problem) ? "no_answer" : "empty")}</p>`}
    ${own && outdated && html`<p class="hint" role="status">${t("last_answer")}</p>`}
    ${own &&
    html`<dl class="cells">
      <div class="cell gains"><dt>${t("bar_gains")}</dt><dd>${shown.map((code) => {
        const value = welfare.get(code).equivalent_variation;
        const range = turned[code]; // the sign is another one under other published sets of elasticities
        const tone = range ? "unsure" : isNothing(money(value)) ? "" : value < 0 ? "loss" : "gain";
        return html`<span class="party ${tone}" key=${code}><i aria-hidden="true">${{ unsure: "±", loss: "▼", gain: "▲" }[tone] ?? "="}</i> ${names(code)} <b>${money(value)}</b>${range && html` <small>${t("bar_over_sets", { low: money(range[0]), high: money(range[1]), n: own.over_sets.sets })}</small>`}</span>`;
      })}${everyone.length > shown.length && html` <span class="party">${t("and_more", { n: everyone.length - shown.length })}</span>`}</dd></div>
      <div class="cell pays"><dt>${t("bar_pays")}</dt><dd>${own.pass_through === null ? t("none") : html`<b>${t("buyers_bear", { share: whole(own.pass_through) })}</b>`}${notes.length > 0 && html`<small>${notes.join("; ")}</small>`}</dd></div>
      <div class="cell rent"><dt>${t("bar_rent")}</dt><dd><b>${rent[0]}</b>${rent[1] && html`<small>${rent[1]}</small>`}</dd></div>
      <div class="cell law"><dt>${t("bar_rules")}</dt><dd>${verdict ? html`<b class="status-${ORDER[rank(verdict.status)]}">${capital(statusText(verdict.status))}</b><small>${provisionText(verdict.provision, under)}${verdict.more > 0 && ` ${t("and_more", { n: verdict.more })}`}</small>` : html`<b>${t("rules_none_short")}</b>`}</dd></div>
    </dl>
    <button class="more-answer" aria-expanded=${isWhole} aria-controls="answer" onClick=${() => setWhole(!isWhole)}>${t(isWhole ? "bar_less" : "bar_more")}</button>
    <button class="basis" onClick=${onBasis} title=${answer.first_screen.basis.sentence}><span class="sr">${t("assumptions")}: </span>${basisText(answer.first_screen.basis)}</button>`}
    <p class="sr" role="status">${waiting ? t("waiting") : own ? t("solved", { first: own.sentences[0] ?? "" }) : ""}</p>
  </section>`;
}

const LEAST = 0.05; // US$ million, or a two-thousandth of a percent below

/** Return a title that says the finding: which of the parties gain and which lose, and whose sign depends on the elasticities. */
export function findingOf(values, names, unsure = []) {
  const found = gainsAndLosses(new Map([...values].filter(([code]) => !unsure.includes(code))), names);
  const who = joined(unsure.map(names));
  return unsure.length ? (found ? t("finding_unsure", { finding: found, who }) : t("finding_open", { who })) : found || t("gains");
}

function gainsAndLosses(values, names) {
  const side = (keep) => [...values].filter(([code, value]) => code !== "WORLD" && keep(value)).map(([code]) => names(code));
  const [up, down] = [side((v) => v > LEAST), side((v) => v < -LEAST)];
  const number = new Intl.PluralRules(language);
  const words = (key, who) => t(`${key}_${number.select(who.length) === "one" ? "one" : "many"}`, { who: joined(who) });
  if (up.length && down.length) return capital(listed([words("gain", up), words("lose", down)]));
  return up.length || down.length ? capital(up.length ? words("gain", up) : words("lose", down)) : "";
}

/** The picture of winners and losers: the parties, then the countries with the largest changes, on one scale. */
export function Winners({ answers, open, waiting, names, spoken, numbers, parties, question, abilities }) {
  const [as, setAs] = useState("bars");
  const [unit, setUnit] = useState("money");
  const field = unit === "money" ? "equivalent_variation" : "real_income_pct";
  const say = unit === "money" ? money : percent;
  const by = (answer, scenario, table, key) => new Map(rowsOf(answer, table, scenario).map((row) => [row[key], row[field]]));
  const welfare = answers.map(({ name, answer }) => by(answer, name, "welfare", "party"));
  // What reads as zero is drawn as zero: it has no colour and is not among the largest.
  const drawn = (value) => (isNothing(say(value)) ? 0 : value);
  const countries = answers.map(({ name, answer }) => new Map([...by(answer, name, "countries", "country")].map(([code, value]) => [code, drawn(value)])));
  const stated = [...new Set([...parties, ...welfare.flatMap((one) => [...one.keys()])])];
  const size = (code) => Math.max(...countries.map((one) => Math.abs(one.get(code) ?? 0)));
  const others = [...countries[0].keys()].filter((code) => !stated.includes(code) && size(code) > 0).sort((a, b) => size(b) - size(a)).slice(0, 6);
  const rows = stated.map((code) => ({ name: names(code), values: welfare.map((one) => one.get(code) ?? null) }));
  const rest = others.map((code) => ({ name: names(code), values: countries.map((one) => one.get(code) ?? null) }));
  const at = Math.max(answers.findIndex((one) => one.name === open), 0);
  const known = answers[at].answer.first_screen.answers[answers[at].name]?.over_sets;
  const title = findingOf(welfare[at], spoken, Object.keys(known?.turned ?? {}).filter((code) => welfare[at].has(code)));
  const basis = answers[at].answer.first_screen.basis;
  const most = Math.max(...countries.flatMap((one) => [...one.values()].map((v) => Math.abs(v ?? 0))), 1e-9);
  return html`<${Figure} id="gains" title=${title} lead=${unit === "money" ? t("gains_lead", { year: basis.year ?? "" }) : t("gains_lead_percent")} waiting=${waiting} ...${gainsOf(answers, names)} method=${t("gains_how", { proof: gapOf(answers) })} foot=${t("foot", { data: answers[at].answer.provenance.data ?? answers[at].answer.provenance.Data ?? basis.economy, basis: basisText(basis) })} exports=${html`<${Exports} figure="winners" question=${question} abilities=${abilities} />`}>
    <div class="row switches">
      <${Choice} label=${t("shown_as")} hidden value=${as} options=${[["bars", t("as_bars")], ["map", t("as_map")], ["tiles", t("as_tiles")]]} onChange=${setAs} />
      <${Choice} label=${t("counted_in")} hidden value=${unit} options=${[["money", t("in_money")], ["percent", t("in_percent")]]} onChange=${setUnit} />
    </div>
    ${as !== "bars"
      ? html`<div class="maps ${as}-view">${answers.map((one, k) => html`<${as === "map" ? WorldMap : Tiles} numbers=${numbers} title=${answers.length > 1 ? `${k + 1} ${one.title}` : ""} values=${countries[k]} most=${most} say=${say} names=${names} />`)}</div>
          <p class="quiet">${t(as === "map" ? "rest_shapes" : "rest_map", { low: say(-most), high: say(most) })}${as === "map" && ` ${t("rest_lines")}`}${as === "map" && countries.some((one) => [...one.values()].includes(0)) && ` ${t("rest_same")}`}</p>`
      : html`<${Chart} caption=${title} columns=${heads(answers)} groups=${[{ rows }, { name: t("others"), rows: rest }]} say=${say} front=${[at]} />`}
  <//>`;
}
