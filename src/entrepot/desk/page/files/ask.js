// Questions to the API of the desk, and jobs. The token, where there is one, lives in this tab alone.
import { useEffect, useRef, useState } from "./vendor/preact-htm.js";
import { t } from "./words.js";

const ROOT = "api/v1/";
const TOKEN = "entrepot-token";

export const setToken = (token) => sessionStorage.setItem(TOKEN, token);

/** What the API said against a question: `title`, `detail`, and the `key` at fault. */
export class Problem extends Error {
  constructor(said, status) {
    super(said.detail || said.title);
    Object.assign(this, { title: said.title, detail: said.detail, key: said.key ?? "", status });
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
  const said = await response.json().catch(() => ({ title: t("unreadable"), detail: "" }));
  if (!response.ok) throw new Problem(said, response.status);
  return said;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const known = new Map(); // answers of this visit, by question

/** The answer to a question, asked anew when it changes: at most one is on its way, and the last one asked is shown.
 * While a new one is on its way the old answer stays, with `waiting` true. */
export function useAnswer(path, body) {
  const key = body === null ? null : `${path} ${JSON.stringify(body)}`;
  const [state, setState] = useState({ key: null, answer: null, problem: null });
  const wanted = useRef(null);
  const busy = useRef(false);
  const alive = useRef(true);

  async function next() {
    while (wanted.current && alive.current) {
      const { key: asked, body: question } = wanted.current;
      wanted.current = null;
      try {
        const answer = await ask(path, { body: question });
        if (known.size > 300) known.delete(known.keys().next().value);
        known.set(asked, answer);
        if (alive.current) setState({ key: asked, answer, problem: null });
      } catch (problem) {
        if (alive.current) setState({ key: asked, answer: null, problem });
      }
      await pause(60); // a slider that is dragged asks often enough
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

/** A job: begin(body), cancel(), and how it stands. */
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
      let said = await ask(path, { body });
      const mine = said.id;
      id.current = mine;
      if (stopped.current) await ask(`jobs/${mine}`, { method: "DELETE" }); // asked for before the job had a name
      while (alive.current && id.current === mine && ["waiting", "running"].includes(said.state)) {
        setJob(said);
        await pause(400);
        said = await ask(`jobs/${mine}`);
      }
      if (!alive.current || id.current !== mine) return;
      if (said.state === "failed") throw new Problem(said.problem, said.problem.status);
      if (said.state === "done") setJob({ ...said, result: await ask(`jobs/${mine}/result`) });
      else setJob(said);
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
