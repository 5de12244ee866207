// What can be taken from a figure: SVG and PNG drawn by the desk (its numbers have a CSV of their own), and the code that asks the same question.
import { html, useEffect, useState } from "./preact.js";
import { ask, fetched } from "./ask.js";
import { learnHeadings } from "./columns.js";
import { Refusal, copied, fileName, save } from "./parts.js";
import { t } from "./words.js";

const ENDINGS = ["svg", "png"];
const LANGUAGES = ["python", "r", "stata", "curl", "cli"];

/** Return what the desk offers beyond the answers: whether it draws figures, and whether it writes code. */
export function useAbilities() {
  const [found, setFound] = useState({ figures: false, code: false });
  useEffect(() => {
    (async () => {
      const described = await ask("openapi.json");
      const paths = Object.keys(described.paths);
      learnHeadings(described);
      setFound({ figures: paths.some((path) => path.includes("/figures/{name}")), code: paths.some((path) => path.endsWith("/code")) });
    })().catch(() => {});
  }, []);
  return found;
}

/** Buttons for a figure of the desk by its name there; none for what the desk does not offer. */
export function Exports({ figure, question, abilities }) {
  const [problem, setProblem] = useState(null);
  const take = async (ending) => {
    setProblem(null);
    try {
      save(fileName(`${figure}.${ending}`), await fetched(`figures/${figure}.${ending}`, question));
    } catch (fault) {
      setProblem({ problem: fault, again: () => take(ending) });
    }
  };
  const drawn = abilities.figures;
  if (!question || (!drawn && !abilities.code)) return null;
  return html`${drawn && ENDINGS.map((ending) => html`<button key=${ending} onClick=${() => take(ending)}>${ending.toUpperCase()}</button>`)}
    ${abilities.code && html`<${Code} question=${question} />`}
    ${problem && html`<${Refusal} problem=${problem.problem} onRetry=${problem.again} />`}`;
}

/** The same question as code in several languages. */
function Code({ question }) {
  const [open, setOpen] = useState(false);
  const [code, setCode] = useState(null);
  const [language, setLanguage] = useState("python");
  const [status, setStatus] = useState("");
  const [problem, setProblem] = useState(null);
  const key = JSON.stringify(question);
  const load = () => ask("code", { body: question }).then((found) => (setCode(found), setProblem(null)), setProblem);
  useEffect(() => {
    if (open) load();
  }, [open, key]);
  return html`<details class="code" onToggle=${(e) => setOpen(e.target.open)}><summary>${t("show_code")}</summary>
    ${problem && html`<${Refusal} problem=${problem} onRetry=${load} />`}
    ${code && html`<div class="segments" role="radiogroup" aria-label=${t("show_code")}>${LANGUAGES.filter((one) => code[one]).map((one) => html`<label class=${one === language ? "on" : ""}><input type="radio" name="language" checked=${one === language} onChange=${() => setLanguage(one)} />${t(`code_${one}`)}</label>`)}</div>
      <pre tabindex="0"><code>${code[language]}</code></pre>
      <div class="row"><button onClick=${async () => setStatus((await copied(code[language])) ? t("copied") : t("not_copied"))}>${t("copy")}</button><span role="status">${status}</span></div>`}
  </details>`;
}
