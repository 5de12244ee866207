// Goods by everyday words: what a person types, the sectors that make it, and the presets of an empty table.
import { html, useEffect, useRef, useState } from "./preact.js";
import { ask } from "./ask.js";
import { Refusal, useId } from "./parts.js";
import { listed, t } from "./words.js";

/** A box where goods are sought by word, chapter or code; choosing one calls `onChoose` with its sectors.
 * The list has the pattern of a combobox: arrows move in it, Enter chooses, Escape shuts it. */
export function GoodsBox({ economy, label, onChoose }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState(/** @type {any[] | null} */ (null));
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState(null);
  const id = useId("goods");
  const latest = useRef("");
  const seek = async (sought) => {
    latest.current = sought;
    try {
      const goods = sought.trim().length > 1 ? await ask(`goods?q=${encodeURIComponent(sought.slice(0, 80))}&economy=${encodeURIComponent(economy.name)}`) : null;
      if (latest.current !== sought) return;
      setFound(goods);
      setAt(0);
      setProblem(null);
    } catch (fault) {
      setProblem(fault);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => seek(text), 120);
    return () => clearTimeout(timer);
  }, [text, economy.name]);
  const names = new Map(economy.sectors.map((one) => [one.code, one.name]));
  const choose = (good) => {
    onChoose(good.sectors, good);
    setText("");
    setFound(null);
  };
  const keys = (event) => {
    if (!found?.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setAt((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(found[at]);
    } else if (event.key === "Escape") setFound(null);
  };
  return html`<div class="field goods">
    <label class="label" for=${id}>${label}</label>
    <input id=${id} type="text" role="combobox" autocomplete="off" aria-expanded=${Boolean(found?.length)} aria-controls="${id}-list" aria-activedescendant=${found?.length ? `${id}-${at}` : undefined} placeholder=${t("goods_hint")} value=${text} onInput=${(e) => setText(e.target.value)} onKeyDown=${keys} />
    <ul id="${id}-list" role="listbox" aria-label=${t("goods")} hidden=${!found?.length}>
      ${(found ?? []).map((good, k) => html`<li key=${good.code + good.title} id="${id}-${k}" role="option" aria-selected=${k === at} onClick=${() => choose(good)}><span>${good.title}${good.code && html` <small>HS ${good.code}</small>`}</span><small>${t("goods_in", { sectors: listed(good.sectors.map((code) => names.get(code) ?? code)) })}</small></li>`)}
    </ul>
    ${found?.length === 0 && html`<p class="quiet" role="status">${t("nothing_found", { what: text })}</p>`}
    ${problem && html`<${Refusal} problem=${problem} onRetry=${() => seek(text)} />`}
  </div>`;
}

/** What an empty table can begin with. */
export const PRESETS = [
  { key: "electronics", parties: ["USA", "CHN", "JPN"], kind: "tariff", body: { importer: "USA", exporter: "CHN", sector: "electronics", rate: "25%", change: "add" } },
  { key: "cars", parties: ["USA", "JPN", "EU27"], kind: "tariff", body: { importer: "USA", exporter: ["JPN", "EU27"], sector: "motor_vehicles", rate: "25%", change: "add" } },
  { key: "steel", parties: ["USA", "CAN", "EU27"], kind: "tariff", body: { importer: "USA", exporter: "WORLD", sector: "steel", rate: "50%", change: "add" } },
  { key: "restraint", parties: ["USA", "JPN", "KOR"], kind: "ver", body: { importer: "USA", exporter: "JPN", sector: "motor_vehicles", cap: "80%" } },
];

/** Return the presets that an Economy has names for. */
export function presetsOf(economy) {
  const known = new Set([...economy.countries, ...economy.groups, ...economy.sectors].map((one) => one.code)).add("WORLD");
  return PRESETS.filter(({ body, parties }) => [body.importer, body.exporter, body.sector, parties].flat().every((code) => known.has(code)));
}

/** Buttons that put a preset on an empty table. */
export function Presets({ economy, onChoose }) {
  return html`<div class="presets" role="group" aria-label=${t("presets")}><p class="label">${t("presets")}</p>
    ${presetsOf(economy).map((one) => html`<button key=${one.key} onClick=${() => onChoose(one)}>${t(`preset_${one.key}`)}</button>`)}</div>`;
}
