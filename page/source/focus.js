// The focus stays on the page when the control that has it goes away.
import { useEffect, useRef } from "./preact.js";

const CONTROLS = "button:not([disabled]), input:not([disabled]), select, summary, [tabindex='0']";

/** After each drawing: if the control with the focus is gone or cannot be used any more, the next one near it gets the focus. */
export function useFocusKept() {
  const chain = useRef(/** @type {Element[]} */ ([]));
  useEffect(() => {
    const note = (event) => {
      chain.current = [];
      for (let one = event.target; one instanceof Element && one !== document.body; one = one.parentElement) chain.current.push(one);
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
  useEffect(() => {
    const [lost, ...around] = chain.current;
    const now = document.activeElement;
    const usable = (one) => one.isConnected && !(/** @type {any} */ (one).disabled);
    if (!lost || usable(lost) || (now && now !== document.body && usable(now))) return;
    for (const place of around.filter((one) => one.isConnected)) {
      const next = /** @type {HTMLElement | null} */ (place.querySelector(CONTROLS));
      if (next) {
        next.focus({ preventScroll: true });
        return;
      }
    }
  });
}
