// How wide a picture is on the screen, so that it is drawn for that width and its letters keep their size.
import { useEffect, useState } from "./preact.js";

/** Return the width in pixels of the element of a ref, and `wide` while it has none, as in a tab that is not in front.
 * @param {{current: Element | null}} ref @param {number} wide */
export function useWidth(ref, wide) {
  const [width, setWidth] = useState(wide);
  useEffect(() => {
    if (!ref.current) return undefined;
    const watch = new ResizeObserver(([entry]) => entry.contentRect.width > 0 && setWidth(Math.round(entry.contentRect.width)));
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  return width;
}

const NARROW = "(max-width: 56rem)"; // as in style.css: one column

/** Return whether the page has one column, as on a phone; paper has its own order. */
export function useNarrow() {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const watch = () => setNarrow(media.matches);
    media.addEventListener("change", watch);
    return () => media.removeEventListener("change", watch);
  }, []);
  return narrow;
}
