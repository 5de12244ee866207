// An Economy of one's own: files that the desk reads as `entrepot economy import` does, and keeps under the hash of its numbers.
import { html, useEffect, useRef, useState } from "./preact.js";
import { ask, pause } from "./ask.js";
import { Choice, Refusal, useId } from "./parts.js";
import { language, t } from "./words.js";

/** How the names of uploaded Economies begin. */
export const OWN = "own-";

/** Return the title of an entry, with its name where another one has the same title.
 * @param {{name: string, title: string}} entry @param {{name: string, title: string}[]} all */
export const titleAmong = ({ name, title }, all) => (all.some((other) => other.name !== name && other.title === title) ? `${title} (${name})` : title);

/** A single file that has trade alone, and no elasticities: a workbook or an archive may have more tables. */
const LONE = /\.(csv|tsv|txt|dat|dlm|parquet|dta)$/i;
const ENDINGS = ".csv,.tsv,.txt,.dat,.dlm,.zip,.gz,.xlsx,.xlsb,.xls,.ods,.parquet,.dta,.json,.rds,.rda,.har";

/** Return the words for an Economy in a list. */
export const economyRow = (one) =>
  t(one.own ? "economy_own" : "economy_row", { name: one.name, title: one.title, year: one.year ?? "–", countries: one.countries, sectors: one.sectors });

/** A form for the files of an Economy; `onDone` gets the name that the desk gave it. */
export function Upload({ known, onDone, open = false }) {
  const [source, setSource] = useState("");
  const [chosen, setTheta] = useState(null);
  const [lone, setLone] = useState(false);
  const theta = chosen ?? (lone ? "4" : "");
  const [state, setState] = useState(/** @type {Record<string, any>} */ ({}));
  const form = useRef(null);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const send = async (event) => {
    event?.preventDefault();
    const written = new FormData();
    let size = 0;
    for (const input of form.current.querySelectorAll("input")) {
      if (input.type === "file") for (const file of input.files) (written.append(input.name, file), (size += file.size));
      else if (input.value.trim()) written.append(input.name, input.value.trim());
    }
    if (source) written.append("source", source);
    if (theta) written.append("theta", theta);
    if (!written.has("files")) return setState({ problem: { title: t("upload_none"), detail: "" } });
    if (size > known.largest_upload) {
      const values = { size: number.format(size / 1e6), most: number.format(known.largest_upload / 1e6) };
      return setState({ problem: { title: t("upload_large"), detail: t("upload_large_detail", values) } });
    }
    setState({ waiting: true });
    try {
      const found = await imported(written, alive);
      if (!found) return undefined;
      setState({ found });
      form.current?.reset();
      setLone(false);
      await onDone(found.name);
    } catch (problem) {
      setState({ problem, again: send });
    }
    return undefined;
  };
  const looked = (event) => setLone(event.target.files.length === 1 && LONE.test(event.target.files[0].name));
  const files = (name, label, many = false) => html`<${Labelled} label=${label}>${(id) => html`<input id=${id} type="file" name=${name} multiple=${many} accept=${ENDINGS} onChange=${many ? looked : undefined} />`}<//>`;
  const text = (name, label, mode = "text") => html`<${Labelled} label=${label}>${(id) => html`<input id=${id} type="text" inputmode=${mode} maxlength="80" name=${name} />`}<//>`;
  const sources = [["", t("upload_source_auto")], ...known.sources.map((one) => [one.name, titleAmong(one, known.sources)])];
  const sets = [["", t("upload_theta_own")], ["4", t("upload_theta_four")], ...known.elasticities.map((one) => [one.name, one.title])];
  const layout = known.sources.find((one) => one.name === (source || "tables"));
  return html`<details class="more upload" open=${open}><summary>${t("upload")}</summary>
    <form ref=${form} onSubmit=${send}>
      ${files("files", t("upload_files"), true)}
      <${Choice} label=${t("upload_source")} value=${source} options=${sources} onChange=${setSource} />
      ${layout && html`<p class="quiet">${t("upload_layout", { title: titleAmong(layout, known.sources), files: layout.files })}</p>`}
      <${Choice} label=${t("upload_theta")} value=${theta} options=${sets} onChange=${setTheta} />
      ${text("name", t("upload_name"))}
      <details class="more"><summary>${t("upload_more")}</summary>
        ${text("year", t("upload_year"), "numeric")}
        ${files("tariffs", t("upload_tariffs"))}
        ${files("sectors", t("upload_sectors"))}
        ${files("own_sales", t("upload_own_sales"))}
      </details>
      <p class="row"><button class="main" disabled=${state.waiting}>${t("upload_begin")}</button> <span role="status">${state.waiting ? t("upload_waiting") : ""}</span></p>
    </form>
    ${state.problem && html`<${Refusal} problem=${state.problem} onRetry=${state.again} />`}
    ${state.found && html`<${Report} found=${state.found} />`}
  </details>`;
}

function Labelled({ label, children }) {
  const id = useId("upload");
  return html`<div class="field"><label class="label" for=${id}>${label}</label>${children(id)}</div>`;
}

/** How the data of an upload were treated. */
function Report({ found }) {
  const lines = [["upload_found", found.found], ["upload_mended", found.mended], ["upload_left_out", found.left_out], ["upload_gone", found.made_room]];
  return html`<p role="status">${t("upload_done", { title: found.title, name: found.name })}</p>
    <dl class="kept">${lines.filter(([, rows]) => rows.length).map(([key, rows]) => html`<dt>${t(key)}</dt><dd>${rows.join(" ")}</dd>`)}</dl>`;
}

/** Send files to the desk and return what it made of them; null where the page has moved on.
 * @param {FormData} written @param {{current: boolean}} alive */
async function imported(written, alive) {
  let job = await ask("economies", { body: written });
  while (["waiting", "running"].includes(job.state)) {
    await pause(400);
    if (!alive.current) return null;
    job = await ask(`jobs/${job.id}`);
  }
  if (job.state === "done") return ask(`jobs/${job.id}/result`);
  throw job.problem ?? { title: t("cancelled"), detail: "" };
}

/** What stands in place of a table whose Economy was uploaded to another desk. */
export function MissingEconomy({ name, onDone, other, onOther }) {
  const [known, setKnown] = useState(null);
  useEffect(() => void ask("assumptions").then(setKnown, () => {}), []);
  return html`<section class="figure missing"><${Refusal} problem=${{ title: t("own_missing"), detail: t("own_missing_detail", { name }) }} />
    <p><button onClick=${onOther}>${t("own_other", { name: other })}</button></p>
    ${known && html`<${Upload} known=${known} onDone=${onDone} open />`}</section>`;
}
