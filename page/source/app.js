// The desk: the measures on the left, the results on the right.
import { html, render, useEffect, useErrorBoundary, useMemo, useRef, useState } from "./preact.js";
import { ask, setToken, useAnswer } from "./ask.js";
import { Bargaining } from "./bargain.js";
import { Cards } from "./cards.js";
import { Calendar, Gains, Industry, Proceeds, Rules, SameVolume, Sources } from "./figures.js";
import { Choice, Refusal, copied, download, namesOf } from "./parts.js";
import { Sure } from "./sure.js";
import { caseOf, EMPTY, MOST, learn, opened, packed, titleOf, unpacked, wholeCase } from "./table.js";
import { t } from "./words.js";

const FIRST = "us-japan-autos-2019";
const SECTIONS = [["gains", "gains"], ["industry", "industry"], ["sources", "sources"], ["proceeds", "proceeds"], ["same", "same_volume"], ["rules", "rules"], ["calendar", "calendar"], ["bargain", "bargain"], ["sure", "sure"]];

/** The table with its history for undo and redo; changes within 0.6 seconds count as one. */
function useTable() {
  const [state, setState] = useState({ past: [], now: null, ahead: [] });
  const last = useRef(0);
  const put = (next, quiet = false) =>
    setState(({ past, now, ahead }) => {
      const soon = Date.now() - last.current < 600;
      if (quiet || now === null) return { past, now: next, ahead };
      last.current = Date.now();
      return { past: soon ? past : [...past, now].slice(-200), now: next, ahead: [] };
    });
  const begin = (next) => {
    last.current = 0;
    setState(({ past, now }) => ({ past: now ? [...past, now] : past, now: next, ahead: [] }));
  };
  const undo = () => {
    last.current = 0;
    setState(({ past, now, ahead }) => (past.length ? { past: past.slice(0, -1), now: past.at(-1), ahead: [now, ...ahead] } : { past, now, ahead }));
  };
  const redo = () => {
    last.current = 0;
    setState(({ past, now, ahead }) => (ahead.length ? { past: [...past, now], now: ahead[0], ahead: ahead.slice(1) } : { past, now, ahead }));
  };
  return { table: state.now, put, begin, undo, redo, canUndo: state.past.length > 0, canRedo: state.ahead.length > 0 };
}

/** Return the table in the address: `#t=` a whole table, `#case=` the name of a case; `#token=` is the token of the desk. */
async function fromAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (parts.has("token")) {
    setToken(parts.get("token"));
    history.replaceState(null, "", location.pathname);
  }
  if (parts.has("t")) return unpacked(parts.get("t"));
  return opened(await ask(`cases/${encodeURIComponent(parts.get("case") ?? FIRST)}`));
}

function App() {
  const { table, put, begin, undo, redo, canUndo, canRedo } = useTable();
  const [lists, setLists] = useState(null);
  const [economy, setEconomy] = useState(null);
  const [fault, setFault] = useState(null);
  const [status, setStatus] = useState("");
  const [hash, setHash] = useState("");

  async function start() {
    setFault(null);
    try {
      const [now, cases, law, instruments] = await Promise.all([
        fromAddress().catch((problem) => {
          if (problem.status === 401 || problem.status === 0) throw problem;
          setFault(problem.title ? problem : { title: t("link_bad"), detail: t("link_bad_detail") });
          return EMPTY;
        }),
        ask("cases"),
        ask("law"),
        ask("instruments"),
      ]);
      learn(instruments);
      begin(now);
      setLists({ cases: cases.filter((one) => !one.fault), leftOut: cases.filter((one) => one.fault), law });
    } catch (problem) {
      setFault(problem);
    }
  }

  useEffect(() => {
    start();
    const arrived = async () => {
      if (new URLSearchParams(location.hash.slice(1)).get("t") === written.current) return;
      try {
        begin(await fromAddress());
      } catch {
        setFault({ title: t("link_bad"), detail: t("link_bad_detail") });
      }
    };
    addEventListener("hashchange", arrived);
    return () => removeEventListener("hashchange", arrived);
  }, []);

  const written = useRef("");
  useEffect(() => {
    if (!table) return undefined;
    const timer = setTimeout(async () => {
      written.current = await packed(table);
      setHash(`#t=${written.current}`);
      if (lists) history.replaceState(null, "", `#t=${written.current}`);
    }, 250);
    return () => clearTimeout(timer);
  }, [table, lists]);

  const wanted = table?.doc.economy ?? "world2022";
  useEffect(() => {
    if (fault?.status !== 401) ask(`economies/${encodeURIComponent(wanted)}`).then(setEconomy, setFault);
  }, [lists, wanted]);

  useEffect(() => {
    const keys = (event) => {
      const typing = /^(text|search|number|date|password)$/.test(event.target.type ?? "");
      if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  if (fault?.status === 401) return html`<${AskToken} again=${start} />`;
  const choose = async (name) => {
    setFault(null);
    try {
      begin(name === "" ? EMPTY : opened(await ask(`cases/${encodeURIComponent(name)}`)));
    } catch (problem) {
      setFault(problem);
    }
  };
  const share = async () => {
    const link = location.href.split("#")[0] + (table ? `#t=${await packed(table)}` : "");
    history.replaceState(null, "", link);
    setStatus((await copied(link)) ? t("link_copied") : t("link_shown"));
  };
  const save = () => {
    const name = table.doc.case || "table";
    download(`${name}.yaml`, JSON.stringify(wholeCase(table.doc), null, 1), "application/yaml");
  };
  const ready = table && lists && economy;
  return html`
    <a class="skip" href="#answers" onClick=${(e) => { e.preventDefault(); document.getElementById("answers")?.focus(); }}>${t("skip")}</a>
    <header>
      <h1><span class="logo" aria-hidden="true"></span>${t("brand")} <small>${t("page")}</small></h1>
      ${lists && table && html`<${Choice} label=${t("case")} value=${lists.cases.some((one) => one.name === table.doc.case) ? table.doc.case : ""} options=${[["", table.doc.case === "table" || !table.doc.case ? t("blank") : t("own_table")], ...lists.cases.map((one) => [one.name, one.title])]} onChange=${choose} />`}
      <div class="row tools">
        <button onClick=${undo} disabled=${!canUndo}>${t("undo")}</button>
        <button onClick=${redo} disabled=${!canRedo}>${t("redo")}</button>
        <button onClick=${share} disabled=${!table} data-link=${hash}>${t("share")}</button>
        <button onClick=${save} disabled=${!table}>${t("download")}</button>
        <${Theme} />
      </div>
      <p class="status" role="status">${status}</p>
    </header>
    ${fault && html`<${Refusal} problem=${fault} />`}
    ${lists?.leftOut.map((one) => html`<${Refusal} problem=${{ title: t("left_out", one), detail: one.fault }} />`)}
    ${!ready && !fault && html`<p class="waiting">${t("waiting")}</p>`}
    ${ready && html`<${Bench} key=${table.doc.economy} table=${table} put=${put} economy=${economy} law=${lists.law} undo=${canUndo ? undo : null} blank=${() => begin(EMPTY)} />`}`;
}

/** The measures and the results; a case that cannot be drawn shows an error and a button to recover. */
function Bench({ blank, ...rest }) {
  const [broken, again] = useErrorBoundary();
  if (!broken) return html`<main><${Cards} ...${rest} /><${Answers} ...${rest} /></main>`;
  const leave = (way) => () => {
    way();
    again();
  };
  return html`<${Refusal} problem=${{ title: t("broken"), detail: t("broken_detail") }} onBack=${rest.undo && leave(rest.undo)} />
    <button class="out" onClick=${leave(blank)}>${t("blank")}</button>`;
}

function Answers({ table, put, economy, law, undo }) {
  const { doc, shown, open } = table;
  const names = useMemo(() => namesOf(economy), [economy]);
  const spoken = useMemo(() => namesOf(economy, "spoken"), [economy]);
  const questions = useMemo(() => shown.map((name) => (doc.scenarios[name].measures.length ? { case: caseOf(doc, [name], economy) } : null)), [doc, shown, economy]);
  // One hook for each of the MOST places, because the number of hooks must not change.
  const found = Array.from({ length: MOST }, (_, k) => useAnswer("run", questions[k] ?? null));
  const all = shown.map((name, k) => ({ name, k, title: titleOf(doc, name), ...found[k] }));
  const latest = useRef({});
  for (const one of all) if (one.answer?.scenarios && !one.answer.failures?.[one.name]) latest.current[one.name] = one.answer;
  const answers = all.map((one) => ({ ...one, answer: one.answer ?? (one.problem ? null : latest.current[one.name]) })).filter((one) => one.answer && doc.scenarios[one.name].measures.length && !one.answer.failures?.[one.name]);
  const waiting = all.some((one) => one.waiting);
  const openAnswer = answers.find((one) => one.name === open);
  // An indented line continues the line before it.
  const headline = (openAnswer?.answer.findings ?? []).reduce((lines, line) => (line.startsWith(" ") && lines.length ? [...lines.slice(0, -1), `${lines.at(-1)} ${line.trim()}`] : [...lines, line]), []);
  const sectorNames = (code) => economy.sectors.find((one) => one.code === code)?.name ?? code;
  const thetas = (sectors) => sectors.map((code) => economy.sectors.find((one) => one.code === code)).filter(Boolean).map((one) => `${one.name} ${one.theta.toFixed(1)}`).join(", ");
  const here = [["gains", answers.length], ["industry", answers.length], ["sources", answers.length], ["proceeds", answers.length], ["same", 1], ["rules", openAnswer], ["calendar", 1], ["bargain", 1], ["sure", answers.length]].filter(([, there]) => there).map(([id]) => id);
  const common = { answers, waiting, names };
  return html`<section class="answers" id="answers" tabindex="-1" aria-label=${t("answers")}>
    <nav aria-label=${t("contents")}>${SECTIONS.filter(([id]) => here.includes(id)).map(([id, key]) => html`<button class="plain" onClick=${() => document.getElementById(id)?.scrollIntoView()}>${t(key)}</button>`)}</nav>
    <p class="sr" role="status">${waiting ? t("waiting") : headline.length ? t("solved", { first: headline[0] }) : ""}</p>
    ${all.map((one) => one.problem && html`<${Refusal} problem=${one.problem} onBack=${undo} />`)}
    ${all.map((one) => one.answer?.failures?.[one.name] && html`<${Refusal} problem=${{ title: t("no_equilibrium", { title: one.title }), detail: one.answer.failures[one.name] }} onBack=${undo} />`)}
    ${doc.question && doc.question !== EMPTY.doc.question && html`<p class="question">${doc.question}</p>`}
    ${headline.length > 0 && html`<div class="headline ${waiting ? "stale" : ""}"><p class="quiet">${titleOf(doc, open)}</p>${headline.slice(0, 4).map((line, k) => (k ? html`<p>${line}</p>` : html`<p class="first">${line}</p>`))}</div>`}
    ${answers.length === 0 && !waiting && !all.some((one) => one.problem) && html`<p class="empty">${t("empty")}</p>`}
    ${answers.length === 0 && waiting && html`<p class="waiting">${t("waiting")}</p>`}
    ${answers.length > 0 && html`
      <${Gains} ...${common} parties=${doc.parties} />
      <${Industry} ...${common} doc=${doc} sectorNames=${sectorNames} />
      <${Sources} ...${common} doc=${doc} economy=${economy} thetas=${thetas} />
      <${Proceeds} ...${common} />`}
    <${SameVolume} table=${table} economy=${economy} names=${names} />
    ${openAnswer && html`<${Rules} answer=${openAnswer.answer} scenario=${open} waiting=${openAnswer.waiting} names=${names} />`}
    <${Calendar} table=${table} put=${put} law=${law} />
    <${Bargaining} table=${table} names=${names} spoken=${spoken} key=${`bargain-${doc.case}`} />
    ${answers.length > 0 && html`<${Sure} table=${table} economy=${economy} names=${names} />`}
    ${doc.sources?.length > 0 && html`<${CaseSources} of=${doc.sources} />`}
    ${openAnswer && html`<details class="more about"><summary>${t("about")}</summary><dl>${Object.entries(openAnswer.answer.provenance).map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl><ul class="notes">${openAnswer.answer.notes.map((note) => html`<li>${note}</li>`)}</ul></details>`}
  </section>`;
}

/** The sources of the case. A shared link may contain anything, so only web addresses become links. */
function CaseSources({ of }) {
  return html`<details class="more about"><summary>${t("case_sources")}</summary><ul>${of.map(
    (one) => html`<li>${/^https?:\/\//.test(one.url ?? "") ? html`<a href=${one.url} rel="noreferrer noopener" target="_blank">${one.title}</a>` : one.title}. ${one.publisher}, ${String(one.date)}. <span class="quiet">${one.used_for ?? ""}</span></li>`,
  )}</ul></details>`;
}

function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("entrepot-theme") ?? "auto");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("entrepot-theme", theme);
  }, [theme]);
  return html`<${Choice} label=${t("theme")} hidden value=${theme} options=${["auto", "light", "dark"].map((one) => [one, t(`theme_${one}`)])} onChange=${setTheme} />`;
}

function AskToken({ again }) {
  const [token, put] = useState("");
  return html`<main class="token"><h1>${t("brand")}</h1><p>${t("token_needed")}</p>
    <label class="label" for="token">${t("token")}</label> <input id="token" type="password" autocomplete="off" value=${token} onInput=${(e) => put(e.target.value)} />
    <button class="main" onClick=${() => { setToken(token.trim()); again(); }}>${t("enter")}</button></main>`;
}

render(html`<${App} />`, document.getElementById("app"));
