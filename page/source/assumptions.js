// The assumptions of a case: its Economy, elasticities, horizon, deficits and competition, and what else it holds.
import { html, useEffect, useState } from "./preact.js";
import { ask } from "./ask.js";
import { competitionIn, competitionOf, startOf } from "./competition.js";
import { Choice, Fault, Level, Refusal, day } from "./parts.js";
import { changed, list, watched } from "./table.js";
import { scaled, thetaOf } from "./theta.js";
import { Upload, economyRow } from "./upload.js";
import { inLanguage, listed, t } from "./words.js";

/** The keys of a closure that have a control. */
const SHOWN = ["horizon", "deficit", "competition", "labour_share"];
let kept = null; // the answer of /assumptions, for this visit

/** The panel of assumptions. */
export function Assumptions({ table, put, economy, economies, relist, fault = null }) {
  const [known, setKnown] = useState(kept);
  const [problem, setProblem] = useState(null);
  const load = () => ask("assumptions").then((found) => (setKnown((kept = found)), setProblem(null)), setProblem);
  useEffect(() => {
    if (!kept) load();
  }, []);
  const { doc } = table;
  const set = (change) => put(changed(table, (next) => change(next.doc)));
  const closure = doc.closure ?? {};
  const setClosure = (key, value) =>
    set((next) => {
      next.closure = { ...next.closure, [key]: value };
      if (value === undefined) delete next.closure[key];
      if (!Object.keys(next.closure).length) delete next.closure;
    });
  // The short run needs the part of labour in value added; one that the case does not state is assumed, and shown.
  const setHorizon = (to) =>
    set((next) => {
      const { horizon, ...rest } = next.closure ?? {};
      next.closure = to === "long" ? rest : { labour_share: known?.labour_share ?? 2 / 3, ...rest, horizon: to };
      if (to === "long" && next.closure.labour_share === known?.labour_share) delete next.closure.labour_share;
      if (!Object.keys(next.closure).length) delete next.closure;
    });
  return html`<section class="assumptions" aria-labelledby="assumptions-title">
    <h2 id="assumptions-title">${t("assumptions")}</h2>
    ${problem && html`<${Refusal} problem=${problem} onRetry=${load} />`}
    ${fault?.place.assumption && html`<${Fault} fault=${fault} />`}
    <${Choice} label=${t("economy")} value=${doc.economy ?? economy.name} options=${economies.map((one) => [one.name, economyRow(one)])} onChange=${(name) => set((next) => (next.economy = name))} />
    <p class="quiet">${economy.source}</p>
    ${known && html`<${Upload} known=${known} onDone=${async (name) => (await relist(), set((next) => (next.economy = name)))} />`}
    <${Theta} doc=${doc} set=${set} economy=${economy} sets=${known?.elasticities ?? []} />
    <${Choice} label=${t("horizon")} value=${closure.horizon ?? "long"} options=${[["long", t("horizon_long")], ["short", t("horizon_short")]]} onChange=${setHorizon} />
    ${closure.horizon === "short" && typeof closure.labour_share === "number" && html`<${Level} label=${t("labour_share")} value=${Math.round(1000 * closure.labour_share) / 10} low=${10} high=${100} step=${1} unit=${t("pct")} onChange=${(to) => to > 0 && to <= 100 && setClosure("labour_share", to / 100)} />`}
    <${Choice} label=${t("deficits")} value=${closure.deficit ?? "fixed"} options=${(known?.deficits ?? [{ name: closure.deficit ?? "fixed", title: closure.deficit ?? "fixed" }]).map((one) => [one.name, one.title])} onChange=${(to) => setClosure("deficit", to === "fixed" ? undefined : to)} />
    <${Competition} doc=${doc} economy=${economy} set=${(to) => setClosure("competition", to)} />
    <${Kept} doc=${doc} />
  </section>`;
}

function Theta({ doc, set, economy, sets }) {
  const now = thetaOf(doc.theta, economy);
  const put = (theta) =>
    set((next) => {
      if (theta === undefined) delete next.theta;
      else next.theta = theta;
    });
  const ways = {
    own: () => undefined,
    set: () => (sets.some((one) => one.name === now.set) ? now.set : sets[0]?.name),
    one: () => 4,
    factor: () => scaled(economy, 0.5),
    sectors: () => ({ ...scaled(economy, 1), [economy.sectors[0].code]: Math.round(economy.sectors[0].theta * 100 + 1) / 100 }),
  };
  const options = ["own", "set", "factor", "one", "sectors", ...(now.way === "other" ? ["other"] : [])].map((way) => [way, t(`theta_${way}`)]);
  const cited = sets.find((one) => one.name === now.set);
  return html`<${Choice} label=${t("elasticities_title")} value=${now.way} options=${options} onChange=${(way) => put(ways[way]?.())} />
    ${now.way === "set" && html`<${Choice} label=${t("theta_set")} hidden value=${now.set} options=${(sets.length ? sets : [{ name: now.set, title: now.set }]).map((one) => [one.name, one.title])} onChange=${put} />${cited && html`<p class="quiet">${cited.citation}. ${cited.horizon}.</p>`}`}
    ${now.way === "factor" && html`<${Level} label=${t("theta_factor")} value=${now.factor} low=${0.25} high=${3} step=${0.05} unit="×" onChange=${(to) => to > 0 && put(scaled(economy, to))} />`}
    ${now.way === "one" && html`<${Level} label=${t("theta_one")} value=${now.one} low=${0.5} high=${12} step=${0.1} unit="" onChange=${(to) => to > 0 && put(to)} />`}
    ${now.way === "sectors" && html`<details class="more" open><summary>${t("theta_by_sector")}</summary>${economy.sectors.map((one) => html`<${Level} key=${one.code} label=${one.name} value=${doc.theta[one.code]} low=${0.25} high=${20} step=${0.05} unit="" onChange=${(to) => to > 0 && put({ ...doc.theta, [one.code]: to })} />`)}</details>`}
    ${now.way === "other" && html`<p class="quiet">${t("not_by_cards")}</p>`}`;
}

/** The competition in the industry of the table: what makes a tariff's effect on it differ from that where price is cost. */
function Competition({ doc, economy, set }) {
  const value = doc.closure?.competition;
  const now = competitionOf(value);
  const sector = now.sector ?? list(watched(doc)?.sector)[0];
  const known = economy.sectors.find((one) => one.code === sector);
  // Selection of firms is kept where a case states it, and not offered: the bundled Economies rarely have an equilibrium with it.
  const ways = known ? ["perfect", "fixed", "free"] : ["perfect"];
  const options = [...new Set([...ways, now.way])].map((one) => [one, t(`competition_${one}`)]);
  const change = (way, sigma) => set(competitionIn(sector, way, sigma));
  return html`<${Choice} label=${t("competition", { sector: known?.name ?? "" })} value=${now.way} options=${options} onChange=${(to) => change(to, startOf(to))} />
    ${now.sigma !== undefined && html`<${Level} label=${t("sigma")} value=${now.sigma} low=${1.2} high=${30} step=${0.1} unit="" onChange=${(to) => to > 1 && change(now.way, to)} />`}`;
}

/** What the case holds that the page keeps and does not change. */
function Kept({ doc }) {
  const rows = [
    doc.base && [t("kept_base"), String(doc.base)],
    doc.timeline && [t("kept_timeline"), t("kept_timeline_text", { from: day(doc.timeline.from), until: day(doc.timeline.until) })],
    doc.objectives && Object.keys(doc.objectives).length > 0 && [t("kept_objectives"), listed(Object.keys(doc.objectives))],
    doc.uncertainty && Object.keys(doc.uncertainty).length > 0 && [t("kept_uncertainty"), listed(Object.keys(doc.uncertainty))],
    doc.market && [t("kept_market"), inLanguage(String(doc.market.title ?? doc.market.products ?? ""))],
    doc.closure && Object.keys(doc.closure).some((key) => !SHOWN.includes(key)) && [t("kept_closure"), Object.entries(doc.closure).filter(([key]) => !SHOWN.includes(key)).map(([key, value]) => `${key.replaceAll("_", " ")}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join("; ")],
  ].filter(Boolean);
  return rows.length > 0 && html`<h3>${t("kept")}</h3><dl class="kept">${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
}
