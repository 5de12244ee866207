// The desk: measures and assumptions on the left, the answer above, results on the right.
import { html, render, useEffect, useErrorBoundary, useMemo, useRef, useState } from "./preact.js";
import { AnswerBar, Winners } from "./answer.js";
import { Assumptions } from "./assumptions.js";
import { ask, setToken, useAnswer, useOnline } from "./ask.js";
import { Bargaining } from "./bargain.js";
import { Cards, begunWith } from "./cards.js";
import { Exports, useAbilities } from "./exports.js";
import { Calendar, Industry, Proceeds, Rules, SameVolume, Sources } from "./figures.js";
import { Presets } from "./goods.js";
import { placeOf, plainDetail } from "./faults.js";
import { Threat } from "./fear.js";
import { useFocusKept } from "./focus.js";
import { LanguageSwitch, addressIn, speakChosen } from "./languages.js";
import { useTable } from "./history.js";
import { InTime } from "./in_time.js";
import { JobList } from "./jobs.js";
import { ProductLines } from "./lines.js";
import { Choice, Refusal, Tabs, copied, download, nameFilesBy, namesOf, plainlyOf } from "./parts.js";
import { Firms } from "./makers.js";
import { Timeline } from "./more.js";
import { OverSets, Spread } from "./spread.js";
import { Sure } from "./sure.js";
import { caseOf, caseTitle, EMPTY, MOST, isChanged, learn, learnNames, opened, packed, titleOf, unpacked, wholeCase } from "./table.js";
import { Talks } from "./talks.js";
import { MissingEconomy, OWN } from "./upload.js";
import { useNarrow } from "./width.js";
import { asYaml } from "./yaml.js";
import { inLanguage, language, listed, t } from "./words.js";

const FIRST = "us-japan-autos-2019";

/** Return what the address holds: `#t=` a whole table, `?case=` or `#case=` the name of a case; `#token=` is the token of the desk.
 * A name is in the address only until its case is open: then the address has the whole table. */
async function fromAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  const named = parts.get("case") ?? query.get("case");
  if (parts.has("token")) {
    setToken(parts.get("token"));
    history.replaceState(null, "", location.pathname + location.search);
  }
  if (query.has("case")) {
    query.delete("case");
    history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
  }
  if (parts.has("t")) return unpacked(parts.get("t"));
  const name = named || FIRST;
  return { written: await ask(`cases/${encodeURIComponent(name)}`), name };
}

/** Return the table of what an address holds. */
const tableOf = (found, cases) => (found.written ? opened(found.written, cases.find((one) => one.name === found.name)?.scenarios) : found);

function App() {
  const arrived = async (open) => {
    try {
      open(tableOf(await fromAddress(), lists?.cases ?? []));
    } catch {
      setFault({ title: t("link_bad"), detail: t("link_bad_detail") });
    }
  };
  const { table, put, begin, undo, redo, canUndo, canRedo } = useTable(arrived);
  const [lists, setLists] = useState(null);
  const [economy, setEconomy] = useState(null);
  const [fault, setFault] = useState(null);
  const [status, setStatus] = useState("");
  const [hash, setHash] = useState("");
  const online = useOnline();
  useFocusKept();

  async function start() {
    setFault(null);
    try {
      const [now, cases, law, instruments, economies] = await Promise.all([
        fromAddress().catch((problem) => {
          if (problem.status === 401 || problem.status === 0) throw problem;
          setFault(problem.title ? problem : { title: t("link_bad"), detail: t("link_bad_detail") });
          return EMPTY;
        }),
        ask("cases", { language: "en" }), // titles are English in a table; the page says them in its language
        ask("law"),
        ask("instruments"),
        ask("economies"),
      ]);
      learn(instruments);
      begin(tableOf(now, cases));
      const faulty = cases.some((one) => one.fault) && language !== "en" ? await ask("cases") : cases;
      setLists({ cases: cases.filter((one) => !one.fault), leftOut: faulty.filter((one) => one.fault), law, economies: economies.filter((one) => !one.fault) });
    } catch (problem) {
      setFault({ ...problem, again: start });
    }
  }

  useEffect(() => {
    start();
  }, []);

  useEffect(() => {
    if (!table) return undefined;
    let alive = true;
    const timer = setTimeout(async () => {
      const written = await packed(table);
      if (!alive) return;
      setHash(`#t=${written}`);
      if (lists) history.replaceState(history.state, "", `#t=${written}`);
    }, 250);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [table, lists]);

  useEffect(() => {
    if (table) document.title = `${inLanguage(caseTitle(table.doc))} · ${t("brand")}`; // tabs, bookmarks and printed sheets differ by it
  }, [table]);

  const wanted = String(table?.doc.economy ?? EMPTY.doc.economy);
  const loadEconomy = () => {
    let isLate = false; // another Economy is wanted by the time that this one comes
    const failed = (problem) => isLate || setFault({ ...problem, again: () => (setFault(null), loadEconomy()) });
    if (fault?.status !== 401) ask(`economies/${encodeURIComponent(wanted)}`).then((found) => isLate || setEconomy(found), failed);
    return () => {
      isLate = true;
    };
  };
  useEffect(loadEconomy, [lists, wanted]);
  const relist = async () => {
    const economies = (await ask("economies")).filter((one) => !one.fault);
    setLists((now) => ({ ...now, economies }));
  };
  const settle = (name) => (setFault(null), relist(), put({ ...table, doc: { ...table.doc, economy: name } }));
  const isMissing = lists && wanted.startsWith(OWN) && !lists.economies.some((one) => one.name === wanted);

  useEffect(() => {
    const keys = (event) => {
      const typing = /^(text|search|number|date|password)$/.test(event.target.type ?? "");
      if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) canRedo && redo();
      else canUndo && undo();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  if (fault?.status === 401) return html`<${AskToken} again=${start} />`;
  const choose = async (name) => {
    setFault(null);
    try {
      begin(name === "" ? EMPTY : tableOf({ written: await ask(`cases/${encodeURIComponent(name)}`), name }, lists.cases));
    } catch (problem) {
      setFault({ ...problem, again: () => choose(name) });
    }
  };
  const address = async () => location.href.split("#")[0] + (table ? `#t=${await packed(table)}` : "");
  const share = async () => {
    const link = addressIn(await address(), language);
    history.replaceState(history.state, "", link);
    setStatus((await copied(link)) ? t("link_copied") : t("link_shown"));
  };
  nameFilesBy(table?.doc.case ?? "");
  const keep = () => {
    const name = table.doc.case || "table";
    download(`${name}.yaml`, asYaml(wholeCase(table.doc), t("case_file", { file: `${name}.yaml` })), "application/yaml");
  };
  const ready = table && lists && economy && !isMissing;
  return html`
    <a class="skip" href="#answers" onClick=${(e) => { e.preventDefault(); document.getElementById("answers")?.focus(); }}>${t("skip")}</a>
    <header>
      <h1><span class="logo" aria-hidden="true"></span>${t("brand")}</h1>
      ${lists && table && html`<${Choice} label=${t("case")} value=${lists.cases.some((one) => one.name === table.doc.case) ? table.doc.case : ""} options=${[["", table.doc.case === "table" || !table.doc.case ? t("blank") : t("own_table")], ...lists.cases.map((one) => [one.name, inLanguage(one.title)])]} onChange=${choose} />`}
      <div class="row tools">
        <button onClick=${undo} disabled=${!canUndo}>${t("undo")}</button>
        <button onClick=${redo} disabled=${!canRedo}>${t("redo")}</button>
        <button onClick=${share} disabled=${!table} data-link=${hash}>${t("share")}</button>
        <button onClick=${keep} disabled=${!table}>${t("download")}</button>
        <${LanguageSwitch} address=${address} />
        <${Theme} />
      </div>
      <p class="status" role="status">${status}</p>
    </header>
    ${!online && html`<p class="offline" role="status">${t("offline")}</p>`}
    ${ready && html`<${JobList} />`}
    ${isMissing && html`<${MissingEconomy} key=${wanted} name=${wanted} onDone=${settle} other=${EMPTY.doc.economy} onOther=${() => settle(EMPTY.doc.economy)} />`}
    ${fault && !isMissing && html`<${Refusal} problem=${fault} onRetry=${fault.again} />`}
    <${LeftOut} files=${lists?.leftOut ?? []} />
    ${!ready && !fault && html`<p class="waiting">${t("waiting")}</p>`}
    ${ready && html`<${Bench} key=${table.doc.case} table=${table} put=${put} economy=${economy} lists=${lists} relist=${relist} online=${online} undo=${canUndo ? undo : null} blank=${() => begin(EMPTY)} />`}`;
}

const CLOSED = "entrepot-left-out";

/** The files of the desk's folder that cannot be read, until somebody closes the note in this tab. */
function LeftOut({ files }) {
  const [closed, setClosed] = useState(() => JSON.parse(sessionStorage.getItem(CLOSED) ?? "[]"));
  const keyOf = ({ file, fault }) => `${file}: ${fault}`;
  const close = (one) => {
    const next = [...closed, keyOf(one)];
    sessionStorage.setItem(CLOSED, JSON.stringify(next));
    setClosed(next);
  };
  return files.filter((one) => !closed.includes(keyOf(one))).map((one) => html`<div class="refusal left-out" role="status" key=${one.file}>
    <p><strong>${t("left_out", one)}</strong> ${one.fault}</p>
    <button class="plain" aria-label=${t("close_note", one)} title=${t("close")} onClick=${() => close(one)}>×</button>
  </div>`);
}

/** The answer, the measures and the results; a case that cannot be drawn shows an error and a button to recover. */
function Bench({ blank, ...rest }) {
  const [broken, again] = useErrorBoundary();
  const shown = useRef(rest.table);
  useEffect(() => {
    if (broken && shown.current !== rest.table) again();
    shown.current = rest.table;
  }, [rest.table]);
  if (!broken) return html`<${Open} ...${rest} />`;
  const leave = (way) => () => {
    way();
    again();
  };
  return html`<${Refusal} problem=${{ title: t("broken"), detail: t("broken_detail") }} onBack=${rest.undo && leave(rest.undo)} />
    <button class="out" onClick=${leave(blank)}>${t("blank")}</button>`;
}

/** The scenarios that are shown, each with its answer; an answer stays until the next one is there, in grey where the question is refused. */
function useAnswers({ doc, shown }, economy, economies) {
  // While another Economy is on its way, the names of the one before may not be in it; one that nobody has never comes.
  const wanted = doc.economy ?? EMPTY.doc.economy;
  const isThere = economy.name === wanted;
  const isComing = !isThere && economies.some((one) => one.name === wanted);
  const questions = useMemo(() => shown.map((name) => (isThere && doc.scenarios[name].measures.length ? { case: caseOf(doc, [name], economy) } : null)), [doc, shown, economy, isThere]);
  // One hook for each of the MOST places, because the number of hooks must not change.
  const found = Array.from({ length: MOST }, (_, k) => useAnswer("run", questions[k] ?? null));
  const latest = useRef({});
  const all = shown.map((name, k) => ({ name, k, title: titleOf(doc, name), question: questions[k], ...found[k], waiting: found[k].waiting || (isComing && doc.scenarios[name].measures.length > 0) }));
  for (const one of all) if (one.answer?.scenarios && !one.answer.failures?.[one.name]) latest.current[one.name] = one.answer;
  const answers = all
    .map((one) => {
      const answer = one.answer ?? latest.current[one.name];
      return { ...one, answer, title: (one.problem && answer?.scenarios?.[one.name]) || one.title }; // an old answer has the title of what it answers
    })
    .filter((one) => one.answer && doc.scenarios[one.name].measures.length && !one.answer.failures?.[one.name]);
  return { all, answers };
}

function Open({ table, put, economy, lists, relist, undo, online }) {
  const { doc, open } = table;
  const [side, setSide] = useState("measures");
  const narrow = useNarrow(); // on a phone the results come first
  const abilities = useAbilities();
  const names = useMemo(() => namesOf(economy), [economy]);
  useMemo(() => learnNames(plainlyOf(economy, Infinity)), [economy]);
  const spoken = useMemo(() => namesOf(economy, "spoken"), [economy]);
  const numbers = useMemo(() => new Map(economy.countries.map((one) => [one.code, one.number])), [economy]);
  const { all, answers } = useAnswers(table, economy, lists.economies);
  const openAnswer = answers.find((one) => one.name === open);
  const faulty = all.find((one) => one.name === open && one.problem);
  const place = placeOf(faulty?.problem, open);
  const outdated = all.some((one) => one.problem && one.problem.status !== 0);
  const fault = place && { place, problem: faulty.problem, again: faulty.again };
  const isPlaced = fault && (side === "measures") === (place.measure !== undefined);
  const toBasis = () => {
    setSide("assumptions");
    setTimeout(() => {
      document.getElementById("side")?.scrollIntoView({ block: "nearest" });
      document.getElementById("side-assumptions-tab")?.focus();
    });
  };
  const common = { table, put, economy, names, spoken, numbers, abilities, undo, outdated, placed: isPlaced ? faulty.problem : null };
  const sides = [
    { id: "measures", name: t("measures_tab"), body: () => html`<${Cards} table=${table} put=${put} economy=${economy} law=${lists.law} fault=${fault} />` },
    { id: "assumptions", name: t("assumptions"), body: () => html`<${Assumptions} table=${table} put=${put} economy=${economy} economies=${lists.economies} relist=${relist} fault=${fault} />` },
  ];
  const panel = html`<aside key="side" class="side" id="side" aria-label=${t("on_the_table")}><${Tabs} id="side" label=${t("on_the_table")} tabs=${sides} chosen=${side} onChoose=${setSide} /></aside>`;
  const results = html`<${Answers} key="answers" ...${common} all=${all} answers=${answers} openAnswer=${openAnswer} law=${lists.law} />`;
  const toMeasures = () => {
    setSide("measures");
    document.getElementById("side")?.scrollIntoView();
    document.getElementById("side-measures-tab")?.focus({ preventScroll: true });
  };
  return html`
    <${AnswerBar} found=${openAnswer} all=${all} open=${open} put=${(name) => put({ ...table, open: name }, true)} waiting=${all.find((one) => one.name === open)?.waiting} parties=${doc.parties} names=${names} economy=${economy} under=${lists.law.under} outdated=${outdated} onBasis=${toBasis} offline=${!online} />
    <main>
      ${(outdated || all.some((one) => one.waiting)) && html`<p key="unfinished" class="unfinished">${t(outdated ? "last_answer" : "unfinished")}</p>`}
      <${Answered} key="answered" doc=${doc} open=${open} found=${openAnswer} economy=${economy} names=${spoken} waiting=${outdated || all.some((one) => one.waiting)} onMeasures=${narrow ? toMeasures : null} />
      ${narrow ? [results, panel] : [panel, results]}
    </main>`;
}

/** The question and its answer in sentences. On a phone a button leads to the measures, which stand below the results. */
function Answered({ doc, open, found, economy, names, waiting, onMeasures }) {
  const sentences = found?.answer.first_screen.answers[open]?.sentences ?? [];
  const question = doc.question !== EMPTY.doc.question ? inLanguage(doc.question ?? "") : "";
  if (!question && !sentences.length && !onMeasures) return null;
  return html`<div class="answered">
    ${question && html`<p class="question">${question}${Object.values(doc.scenarios).some(isChanged) && html` <em>${t("question_changed")}</em>`}</p>`}
    ${sentences.length > 0 &&
    html`<div class="headline ${waiting ? "stale" : ""}"><p class="quiet">${found.title}</p>
      ${sentences.map((line, k) => (k ? html`<p>${line}</p>` : html`<p class="first">${line}</p>`))}
      <${OverSets} known=${found.answer.first_screen.answers[open].over_sets} parties=${doc.parties} names=${names} />
      <${Spread} doc=${doc} open=${open} economy=${economy} names=${names} waiting=${waiting} />
    </div>`}
    ${onMeasures && html`<button class="to-measures" onClick=${onMeasures}>${t("to_measures")}</button>`}
  </div>`;
}

function Answers({ table, put, economy, names, spoken, numbers, abilities, undo, outdated, placed, all, answers, openAnswer, law }) {
  const { doc, open } = table;
  const [tab, setTab] = useState("industry");
  const waiting = all.some((one) => one.waiting);
  const plainly = useMemo(() => plainlyOf(economy), [economy]);
  const sectorNames = (code) => economy.sectors.find((one) => one.code === code)?.name ?? code;
  const thetas = (sectors) => listed(sectors.map((code) => economy.sectors.find((one) => one.code === code)).filter(Boolean).map((one) => `${one.name} ${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(one.theta)}`));
  const common = { answers, waiting, names, open };
  const some = answers.length > 0;
  // For figures and code: the scenarios that are shown, in one case.
  const question = useMemo(() => (some ? { case: caseOf(doc, answers.map((one) => one.name), economy) } : null), [doc, economy, answers.map((one) => one.name).join()]);
  const exportsOf = (figure) => html`<${Exports} figure=${figure} question=${question} abilities=${abilities} />`;
  const isEmpty = !some && !waiting && !all.some((one) => one.problem || one.answer);
  const tabs = [
    { id: "industry", name: t("tab_industry"), there: some, body: () => html`<${Industry} ...${common} doc=${doc} sectorNames=${sectorNames} plainly=${plainly} exports=${exportsOf("industry")} />` },
    { id: "sources", name: t("tab_sources"), there: some, body: () => html`<${Sources} ...${common} doc=${doc} economy=${economy} thetas=${thetas} />` },
    { id: "proceeds", name: t("tab_proceeds"), there: some, body: () => html`<${Proceeds} ...${common} exports=${exportsOf("revenue")} />` },
    { id: "same", name: t("tab_same"), there: true, body: (active) => html`<${SameVolume} table=${table} economy=${economy} names=${names} active=${active} />` },
    { id: "rules", name: t("tab_rules"), there: Boolean(openAnswer), body: () => html`<${Rules} answer=${openAnswer.answer} scenario=${open} waiting=${openAnswer.waiting} names=${names} plainly=${plainly} under=${law.under} />` },
    { id: "calendar", name: t("tab_calendar"), there: true, body: (active) => html`<${Calendar} table=${table} put=${put} law=${law} active=${active} /><${Timeline} table=${table} names=${names} /><${InTime} table=${table} names=${names} /><${Threat} table=${table} economy=${economy} names=${names} key=${`threat-${doc.case}`} />` },
    ...(doc.market ? [{ id: "firms", name: t("tab_firms"), there: some, body: (active) => html`<${Firms} table=${table} economy=${economy} names=${names} active=${active} />` }] : []),
    { id: "lines", name: t("tab_lines"), there: some, body: (active) => html`<${ProductLines} table=${table} economy=${economy} names=${names} sectorNames=${sectorNames} active=${active} />` },
    { id: "bargain", name: t("tab_bargain"), there: true, body: () => html`<${Bargaining} table=${table} names=${names} spoken=${spoken} key=${`bargain-${doc.case}`} /><${Talks} table=${table} names=${spoken} abilities=${abilities} key=${`talks-${doc.case}`} />` },
    { id: "sure", name: t("tab_sure"), there: some, body: () => html`<${Sure} table=${table} economy=${economy} names=${names} />` },
    { id: "about", name: t("about"), there: Boolean(openAnswer), body: () => html`<${About} answer=${openAnswer.answer} sources=${doc.sources ?? []} />` },
  ].filter((one) => one.there);
  return html`<section class="answers ${outdated ? "outdated" : ""}" id="answers" tabindex="-1" aria-label=${t("answers")}>
    ${apart(all.filter((one) => one.problem && one.problem.key !== placed?.key && one.problem.status !== 0)).map((one) => html`<${Refusal} problem=${one.problem} onBack=${undo} onRetry=${one.again} />`)}
    ${all.map((one) => one.answer?.failures?.[one.name] && html`<${Refusal} problem=${{ title: t("no_equilibrium", { title: one.title }), detail: one.answer.failures[one.name] }} onBack=${undo} />`)}
    ${openAnswer?.answer.warnings?.map((one) => html`<p class="note">${one}</p>`)}
    ${isEmpty && html`<div class="empty"><p>${t("empty")}</p><${Presets} economy=${economy} onChoose=${(preset) => put(begunWith(table, preset))} /></div>`}
    ${answers.length === 0 && waiting && html`<p class="waiting">${t("waiting")}</p>`}
    ${some && html`<${Winners} ...${common} spoken=${spoken} numbers=${numbers} parties=${doc.parties} question=${question} abilities=${abilities} />`}
    ${!isEmpty && html`<${Tabs} id="results" label=${t("contents")} tabs=${tabs} chosen=${tabs.some((one) => one.id === tab) ? tab : tabs[0].id} onChoose=${setTab} />`}
  </section>`;
}

/** Return what has a problem, without those of which an earlier one says the same. */
const apart = (all) => all.filter((one, k) => all.findIndex((other) => plainDetail(other.problem) === plainDetail(one.problem)) === k);

/** Data, method and the sources of the case. A shared link may contain anything, so only web addresses become links. */
function About({ answer, sources }) {
  return html`<section class="figure" id="about"><h2>${t("about")}</h2>
    <dl>${Object.entries(answer.provenance).map(([name, text]) => text && html`<dt>${t(`about_${name.toLowerCase()}`, {}, name)}</dt><dd>${text}</dd>`)}</dl>
    <ul class="notes">${answer.notes.map((note) => html`<li>${note}</li>`)}</ul>
    ${sources.length > 0 && html`<h3>${t("case_sources")}</h3><ul>${sources.map(
      (one) => one && html`<li>${/^https?:\/\//.test(one.url ?? "") ? html`<a href=${one.url} rel="noreferrer noopener" target="_blank">${one.title}</a>` : one.title}. ${one.publisher}, ${String(one.date)}. <span class="quiet">${one.used_for ?? ""}</span></li>`,
    )}</ul>`}
  </section>`;
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

await speakChosen();
render(html`<${App} />`, document.getElementById("app"));
