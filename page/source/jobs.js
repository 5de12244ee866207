// The unfinished jobs of the desk: what each is about, how far it is, and a button to cancel it.
import { html, useState } from "./preact.js";
import { useJobs } from "./ask.js";
import { Refusal } from "./parts.js";
import { inLanguage, language, t } from "./words.js";

/** Return how far a job is: members done, and the time left where it is known. */
export function progressText(job) {
  if (!job.parts) return "";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const done = t("job_members", { done: number.format(((job.done ?? 0) / job.parts) * job.members), members: number.format(job.members) });
  const left = job.seconds_left;
  if (left === null || left === undefined) return done;
  return `${done}, ${left < 90 ? t("seconds_left", { n: number.format(Math.max(left, 1)) }) : t("minutes_left", { n: number.format(left / 60) })}`;
}

export function JobList() {
  const { jobs, cancel } = useJobs();
  const [problem, setProblem] = useState(null);
  if (!jobs.length) return null;
  return html`<section class="jobs" aria-label=${t("jobs")}>
    <ul>${jobs.map((one) => html`<li key=${one.id} class="row"><span>${t(`job_${one.kind}`, {}, one.kind)}${one.title && `: ${inLanguage(one.title)}`}</span>
      ${one.parts ? html`<progress max=${one.parts} value=${one.done ?? 0} aria-label=${t("jobs")}></progress>` : html`<progress aria-label=${t("jobs")}></progress>`}
      <span class="quiet">${progressText(one) || t(`job_state_${one.state}`)}</span>
      <button onClick=${() => cancel(one).then(() => setProblem(null), setProblem)}>${t("cancel")}</button></li>`)}</ul>
    ${problem && html`<${Refusal} problem=${problem} />`}
  </section>`;
}
