// The table with its history: every change is an entry of the browser's own history, so that Back undoes it.
import { useEffect, useRef, useState } from "./preact.js";

const SOON = 600; // milliseconds: changes within them count as one

/** The tables by their place in the browser's history, and the place that it is at. After a reload the places keep their numbers; what
 * was there before is known when somebody goes there. */
export class Entries {
  constructor(/** @type {any} */ browser = history) {
    this.browser = browser;
    this.tables = new Map();
    this.at = -1;
    this.last = -1; // the furthest place that is known
    this.table = null; // that is shown: of the place, or until that is read of the one before
  }

  /** Put a table in this place, or in a new one after it. */
  set(table, isNew) {
    if (isNew && this.table) {
      this.#begin();
      this.browser.pushState({ at: this.at }, "");
    } else if (!this.table) {
      this.at = this.last = this.browser.state?.at ?? 0;
      this.browser.replaceState({ at: this.at }, "");
    }
    this.tables.set(this.at, (this.table = table));
  }

  /** Follow the browser to another place; return whether its table is known. */
  moved() {
    if (this.browser.state) this.at = this.browser.state.at;
    else {
      this.#begin(); // an address that somebody put in
      this.browser.replaceState({ at: this.at }, "");
    }
    this.last = Math.max(this.last, this.at);
    this.table = this.tables.get(this.at) ?? this.table;
    return this.tables.has(this.at);
  }

  /** Begin a place after this one: the browser forgets what was behind it. */
  #begin() {
    this.last = this.at += 1;
    for (const at of [...this.tables.keys()]) if (at >= this.at) this.tables.delete(at);
  }
}

/** The table and its changes. `arrived` is called for an address whose table is not known, with what puts that table in its place as
 * long as nobody has gone on.
 * @param {(open: (table: any) => void) => void} arrived */
export function useTable(arrived) {
  const kept = useRef(/** @type {any} */ (null));
  kept.current ??= { entries: new Entries(), changed: 0 };
  const { entries } = kept.current;
  const [, draw] = useState(0);
  const again = () => draw((n) => n + 1);

  function set(next, isNew) {
    entries.set(next, isNew);
    again();
  }

  /** Change the table; `quiet` changes, such as which scenario is open, and quick ones in a row are not undone alone. */
  const put = (next, quiet = false) => {
    const soon = Date.now() - kept.current.changed < SOON;
    if (!quiet) kept.current.changed = Date.now();
    set(next, !quiet && !(soon && entries.at > 0));
  };
  /** Put another table in place of this one, as a change of its own. */
  const begin = (next) => {
    kept.current.changed = 0;
    set(next, true);
  };

  const late = useRef(arrived);
  late.current = arrived;
  useEffect(() => {
    const moved = () => {
      kept.current.changed = 0;
      if (entries.moved()) again();
      else {
        const { at } = entries;
        late.current((next) => entries.at === at && set(next, false));
      }
    };
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);

  return {
    table: entries.table,
    put,
    begin,
    undo: () => history.back(),
    redo: () => history.forward(),
    canUndo: entries.at > 0,
    canRedo: entries.at < entries.last,
  };
}
