// Requests to the API of the desk, and jobs. The token, if any, is kept only in this tab.
import { useEffect, useRef, useState } from "./preact.js";
import { t } from "./words.js";

const ROOT = "api/v1/";
const TOKEN = "entrepot-token";

export const setToken = (token) => sessionStorage.setItem(TOKEN, token);

/** An error response of the API: `title`, `detail`, and the wrong `key`. */
export class Problem extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title);
    Object.assign(this, { title: problem.title, detail: problem.detail, key: problem.key ?? "", status });
  }
}

/** Return the JSON of a reply; throws a `Problem`. The request is repeated while the desk is busy.
 * @param {string} path
 * @param {{body?: any, method?: string, signal?: AbortSignal, patience?: number, language?: string}} [options]
 * @returns {Promise<any>} */
export async function ask(path, options = {}) {
  const response = await send(path, options);
  const reply = await response.json().catch(() => ({ title: t("unreadable"), detail: "" }));
  if (!response.ok) throw new Problem(reply, response.status);
  return reply;
}

/** Return the bytes of a reply to a question as a Blob; throws a `Problem`. */
export async function fetched(path, body) {
  const response = await send(path, { body });
  if (response.ok) return response.blob();
  throw new Problem(await response.json().catch(() => ({ title: t("unreadable"), detail: "" })), response.status);
}

/** @param {string} path @param {any} options @returns {Promise<Response>} */
async function send(path, { body, method = body === undefined ? "GET" : "POST", signal, patience = 3, language = document.documentElement.lang }) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = {
    "Accept-Language": language, // the answer in the language of the page, whatever the browser prefers
    ...(body === undefined || body instanceof FormData ? {} : { "Content-Type": "application/json" }),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
  let response;
  try {
    response = await fetch(ROOT + path, { method, headers, signal, body: body === undefined || body instanceof FormData ? body : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reached(false);
    throw new Problem({ title: t("lost"), detail: t("lost_detail") }, 0);
  }
  reached(true);
  if ([429, 503].includes(response.status) && patience > 0) {
    await pause(1000 * Number(response.headers.get("Retry-After") ?? 1));
    return send(path, { body, method, signal, patience: patience - 1, language });
  }
  return response;
}

let reachable = true;
const watching = new Set();

/** Note whether the desk responds, and redraw what shows it. */
function reached(yes) {
  if (yes === reachable) return;
  reachable = yes;
  for (const one of watching) one(yes);
}

/** Whether the desk responds. While it does not, the page tries again every two seconds. */
export function useOnline() {
  const [online, setOnline] = useState(reachable);
  useEffect(() => {
    watching.add(setOnline);
    return () => void watching.delete(setOnline);
  }, []);
  return online;
}

let mending = null;

/** Return once the desk responds again. */
function returned() {
  mending ??= (async () => {
    while (!reachable) {
      await pause(2000);
      await ask("instruments").catch(() => {});
    }
    mending = null;
  })();
  return mending;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const known = new Map(); // responses of this visit, by request

/** The response to a request, sent again when the request changes. At most one request is under way, and the response to
 * the latest is shown; until it arrives, the previous response stays with `waiting` true. */
export function useAnswer(path, body) {
  const key = body === null ? null : `${path} ${JSON.stringify(body)}`;
  const [state, setState] = useState({ key: null, answer: null, problem: null });
  const wanted = useRef(null);
  const busy = useRef(false);
  const alive = useRef(true);

  async function next() {
    while (wanted.current && alive.current) {
      const { key: sent, body: request } = wanted.current;
      wanted.current = null;
      try {
        const answer = await ask(path, { body: request });
        if (known.size > 300) known.delete(known.keys().next().value);
        known.set(sent, answer);
        if (alive.current) setState({ key: sent, answer, problem: null });
      } catch (problem) {
        // The request is repeated until the desk responds; the previous answer stays on the page.
        if (problem.status === 0 && alive.current && wanted.current === null) {
          await returned();
          wanted.current ??= { key: sent, body: request };
        } else if (alive.current) setState({ key: sent, answer: null, problem });
      }
      await pause(60); // limits the requests while a slider is dragged
    }
    busy.current = false;
  }

  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);

  useEffect(() => {
    if (key === null) {
      wanted.current = null;
      setState({ key: null, answer: null, problem: null });
    } else if (known.has(key)) {
      wanted.current = null;
      setState({ key, answer: known.get(key), problem: null });
    } else {
      wanted.current = { key, body };
      if (!busy.current) {
        busy.current = true;
        next();
      }
    }
  }, [key]);

  /** Send the same request again after an error. */
  const again = () => {
    if (key === null) return;
    wanted.current = { key, body };
    setState({ key: null, answer: null, problem: null });
    if (!busy.current) {
      busy.current = true;
      next();
    }
  };
  // What is known is there at once: for a page that is about to be printed there is no later.
  const now = state.key !== key && known.has(key) ? { key, answer: known.get(key), problem: null } : state;
  return { ...now, waiting: key !== null && now.key !== key, again };
}

/** A job: begin(body, note), cancel(), and its state. `note` is kept with the job in this tab, so that after a reload the page
 * follows the same job; the same request is the same job. */
export function useJob(path) {
  const [job, setJob] = useState(/** @type {Record<string, any>} */ ({ state: "none" }));
  const id = useRef(null);
  const alive = useRef(true);
  const stopped = useRef(false);
  const key = `entrepot-job-${path}`;

  async function follow(first, note) {
    const jobId = first.id;
    let latest = first;
    id.current = jobId;
    if (stopped.current) await ask(`jobs/${jobId}`, { method: "DELETE" }); // cancelled before the job had an id
    let soFar = null;
    let seen = 0;
    while (alive.current && id.current === jobId && ["waiting", "running"].includes(latest.state)) {
      if ((latest.done ?? 0) > seen) {
        seen = latest.done;
        soFar = await ask(`jobs/${jobId}/so-far`).catch(() => soFar);
      }
      setJob({ ...latest, note, soFar });
      await pause(400);
      latest = await ask(`jobs/${jobId}`).catch(async (problem) => {
        if (problem.status !== 0) throw problem;
        await returned();
        return latest;
      });
    }
    if (!alive.current || id.current !== jobId) return;
    if (latest.state === "failed") throw new Problem(latest.problem, latest.problem.status);
    if (latest.state === "done") setJob({ ...latest, note, result: await ask(`jobs/${jobId}/result`) });
    else setJob({ ...latest, note });
  }

  async function begin(body, note) {
    id.current = null;
    stopped.current = false;
    setJob({ state: "waiting", note });
    try {
      remember(key, { body, note }); // until the desk has given the job an id
      const first = await ask(path, { body });
      remember(key, { id: first.id, note });
      await follow(first, note);
    } catch (problem) {
      if (alive.current) setJob({ state: "failed", problem, note, again: () => begin(body, note) });
    }
  }

  async function cancel() {
    stopped.current = true;
    if (id.current === null) return;
    try {
      await ask(`jobs/${id.current}`, { method: "DELETE" });
    } catch (problem) {
      setJob({ state: "failed", problem, again: cancel });
    }
  }

  useEffect(() => {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (kept?.body) begin(kept.body, kept.note);
    else if (kept) {
      ask(`jobs/${kept.id}`)
        .then((found) => follow(found, kept.note))
        .catch(() => sessionStorage.removeItem(key)); // the desk was started again, or the job failed
    }
    return () => {
      alive.current = false;
    };
  }, []);

  return { job, begin, cancel };
}

function remember(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    sessionStorage.removeItem(key); // no room: the job is in the list all the same
  }
}

/** The unfinished jobs of the desk, read every two seconds. */
export function useJobs() {
  const [jobs, setJobs] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    let alive = true;
    (async () => {
      while (alive) {
        const all = document.hidden ? null : await ask("jobs").catch(() => null);
        if (alive && all) setJobs((now) => keepSame(now, all.filter((one) => ["waiting", "running"].includes(one.state))));
        await pause(all?.some((one) => one.state === "running") ? 2000 : 5000);
      }
    })();
    return () => {
      alive = false;
    };
  }, []);
  const cancel = async (one) => {
    await ask(`jobs/${one.id}`, { method: "DELETE" });
    setJobs((now) => now.filter((other) => other.id !== one.id));
  };
  return { jobs, cancel };
}

/** Return the list that is there if the new one is the same, so that nothing is drawn again. */
const keepSame = (now, next) => (JSON.stringify(now) === JSON.stringify(next) ? now : next);
