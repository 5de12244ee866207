// The language of the page: which one is spoken, its messages, and the switch. The address has it, so that a link opens in it.
import { html } from "./preact.js";
import { Choice } from "./parts.js";
import { LANGUAGES, language, speak, t } from "./words.js";

const KEPT = "entrepot-language";

/** Return the language of a page: that of its address, else the one chosen before, else the browser's first that is known.
 * @param {string} search @param {string | null} kept @param {readonly string[]} browser */
export function languageOf(search, kept, browser) {
  const candidates = [new URLSearchParams(search).get("lang"), kept, ...browser];
  for (const one of candidates) {
    const code = (one ?? "").toLowerCase().split(/[-_]/)[0];
    if (Object.hasOwn(LANGUAGES, code)) return code;
  }
  return "en";
}

/** Return an address with a language in it. @param {string} href @param {string} code */
export function addressIn(href, code) {
  const address = new URL(href);
  address.searchParams.set("lang", code);
  return address.href;
}

/** Load the messages of the page's language and speak it; English where they cannot be had. */
export async function speakChosen() {
  const code = languageOf(location.search, localStorage.getItem(KEPT), navigator.languages ?? [navigator.language]);
  if (code !== "en") {
    const messages = await fetch(`messages-${code}.json`).then((reply) => (reply.ok ? reply.json() : null)).catch(() => null);
    if (messages) speak(code, messages);
  }
  document.documentElement.lang = language;
}

/** The switch of the language. The page is loaded again in the other one, with what is on it: `address` gives its link. */
export function LanguageSwitch({ address }) {
  const change = async (code) => {
    localStorage.setItem(KEPT, code);
    location.replace(addressIn(await address(), code));
  };
  return html`<${Choice} label=${t("language")} hidden value=${language} options=${Object.entries(LANGUAGES)} onChange=${change} />`;
}
