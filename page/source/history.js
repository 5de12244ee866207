// The table with its history: every change is an entry of the browser's own history, so that Back undoes it.
import { useEffect, useRef, useState } from "./preact.js";

const VISIT = Math.random(); // entries of an earlier visit, before a reload, are read from their address
const SOON = 600; // milliseconds: changes within them count as one

/** The table and its changes. `arrived` is called for an address that is not in this visit's history.
 * @param {() => void} arrived */
export function useTable(arrived) {
  const entries = useRef(/** @type {{list: any[], at: number, last: number}} */ ({ list: [], at: -1, last: 0 }));
  const [, draw] = useState(0);
  const again = () => draw((n) => n + 1);

  function set(next, way) {
    const kept = entries.current;
    if (way === "in place" || kept.at < 0) {
      kept.at = Math.max(kept.at, 0);
      kept.list[kept.at] = next;
      history.replaceState({ at: kept.at, visit: VISIT }, "");
    } else {
      kept.list = [...kept.list.slice(0, kept.at + 1), next];
      kept.at += 1;
      history.pushState({ at: kept.at, visit: VISIT }, "");
    }
    again();
  }

  /** Change the table; `quiet` changes, such as which scenario is open, and quick ones in a row are not undone alone. */
  const put = (next, quiet = false) => {
    const soon = Date.now() - entries.current.last < SOON;
    if (!quiet) entries.current.last = Date.now();
    set(next, quiet || (soon && entries.current.at > 0) ? "in place" : "new");
  };
  /** Put another table in place of this one, as a change of its own. */
  const begin = (next, inPlace = false) => {
    entries.current.last = 0;
    set(next, inPlace ? "in place" : "new");
  };

  const late = useRef(arrived);
  late.current = arrived;
  useEffect(() => {
    const moved = () => {
      const kept = entries.current;
      const at = history.state?.at;
      kept.last = 0;
      if (history.state?.visit !== VISIT || !(at in kept.list)) {
        late.current();
        return;
      }
      kept.at = at;
      again();
    };
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);

  const { list, at } = entries.current;
  return {
    table: list[at] ?? null,
    put,
    begin,
    undo: () => history.back(),
    redo: () => history.forward(),
    canUndo: at > 0,
    canRedo: at < list.length - 1,
  };
}
