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

export async function ask(path, { body, method = body === undefined ? "GET" : "POST", signal, patience = 3 } = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
  let response;
  try {
    response = await fetch(ROOT + path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: t("lost"), detail: t("lost_detail") }, 0);
  }
  if ([429, 503].includes(response.status) && patience > 0) {
    await pause(1000 * Number(response.headers.get("Retry-After") ?? 1));
    return ask(path, { body, method, signal, patience: patience - 1 });
  }
  const reply = await response.json().catch(() => ({ title: t("unreadable"), detail: "" }));
  if (!response.ok) throw new Problem(reply, response.status);
  return reply;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

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
        if (alive.current) setState({ key: sent, answer: null, problem });
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

  return { ...state, waiting: key !== null && state.key !== key };
}

/** A job: begin(body), cancel(), and its state. */
export function useJob(path) {
  const [job, setJob] = useState({ state: "none" });
  const id = useRef(null);
  const alive = useRef(true);
  useEffect(
    () => () => {
      alive.current = false;
    },
    [],
  );

  const stopped = useRef(false);

  async function begin(body) {
    id.current = null;
    stopped.current = false;
    setJob({ state: "waiting" });
    try {
      let latest = await ask(path, { body });
      const jobId = latest.id;
      id.current = jobId;
      if (stopped.current) await ask(`jobs/${jobId}`, { method: "DELETE" }); // cancelled before the job had an id
      while (alive.current && id.current === jobId && ["waiting", "running"].includes(latest.state)) {
        setJob(latest);
        await pause(400);
        latest = await ask(`jobs/${jobId}`);
      }
      if (!alive.current || id.current !== jobId) return;
      if (latest.state === "failed") throw new Problem(latest.problem, latest.problem.status);
      if (latest.state === "done") setJob({ ...latest, result: await ask(`jobs/${jobId}/result`) });
      else setJob(latest);
    } catch (problem) {
      if (alive.current) setJob({ state: "failed", problem });
    }
  }

  async function cancel() {
    stopped.current = true;
    if (id.current === null) return;
    try {
      await ask(`jobs/${id.current}`, { method: "DELETE" });
    } catch (problem) {
      setJob({ state: "failed", problem });
    }
  }

  return { job, begin, cancel };
}
