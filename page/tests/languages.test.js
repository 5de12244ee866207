import assert from "node:assert/strict";
import { after, test } from "node:test";
import { addressIn, languageOf } from "../source/languages.js";
import { day, headed, money, percent } from "../source/parts.js";
import { begunWith } from "../source/cards.js";
import { PRESETS } from "../source/goods.js";
import { titleOf } from "../source/table.js";
import { LANGUAGES, inLanguage, listed, speak, t } from "../source/words.js";

after(() => speak("en", {}));

test("the address chooses the language, then the last choice, then the browser", () => {
  assert.equal(languageOf("?lang=ja", "fr", ["de"]), "ja");
  assert.equal(languageOf("", "fr", ["de"]), "fr");
  assert.equal(languageOf("?long-words", null, ["pt-BR", "de-AT", "fr"]), "de");
  assert.equal(languageOf("?lang=tlh", null, ["zh-Hant-TW"]), "zh");
  assert.equal(languageOf("?lang=constructor", "toString", ["pt"]), "en");
  assert.deepEqual(Object.keys(LANGUAGES), ["en", "de", "es", "fr", "ja", "zh"]);
});

test("a link keeps its table and gets the language", () => {
  assert.equal(addressIn("http://127.0.0.1:1/?long-words=#t=abc", "de"), "http://127.0.0.1:1/?long-words=&lang=de#t=abc");
  assert.equal(addressIn("http://127.0.0.1:1/?lang=fr", "ja"), "http://127.0.0.1:1/?lang=ja");
});

test("a heading has the colon of the language", () => {
  const shown = ["en", "de", "fr", "zh"].map((code) => (speak(code, {}), headed("USA", "25")));
  assert.deepEqual(shown, ["USA: 25", "USA: 25", "USA\u00a0: 25", "USA：25"]);
});

test("a message without translation is English; values keep their places", () => {
  speak("de", { Case: "Fall", "{who} gains": "{who}: Gewinn" });
  assert.equal(t("case"), "Fall");
  assert.equal(t("gain_one", { who: "Japan" }), "Japan: Gewinn");
  assert.equal(t("undo"), "Undo");
  assert.equal(inLanguage("Case"), "Fall");
  assert.equal(inLanguage("constructor"), "constructor");
});

test("amounts and shares are written as the language writes them", () => {
  speak("de", { "US${n} bn": "{n} Mrd. US$" });
  assert.equal(money(3801), "+3,8 Mrd. US$");
  assert.equal(percent(-12.5), "\u221212,5\u00a0%");
  speak("ja", { "US${n}": "{n}ドル" });
  assert.equal(money(-3800), "\u221238.0億ドル");
  assert.equal(money(1.25e6, false), "1.3兆ドル");
  speak("zh", { "US${n}": "{n}美元" });
  assert.equal(money(502, false), "5.0亿美元");
  speak("en", {});
  assert.equal(money(3801), "+US$3.8 bn");
});

test("days are written as the sentences of the desk write them", () => {
  for (const [code, text] of [["en", "1 June 2019"], ["fr", "1er juin 2019"], ["de", "1. Juni 2019"], ["es", "1 de junio de 2019"], ["zh", "2019年6月1日"]]) {
    speak(code, {});
    assert.equal(day("2019-06-01"), text);
  }
  assert.equal(day("some day"), "some day");
});

test("names are parted as the language parts them", () => {
  const parted = { en: "a, b, c", de: "a, b, c", fr: "a, b, c", ja: "a、b、c", zh: "a、b、c" };
  for (const [code, text] of Object.entries(parted)) {
    speak(code, {});
    assert.equal(listed(["a", "b", "c"]), text);
  }
  assert.equal(listed(["a"]), "a");
  assert.equal(listed([]), "");
});

test("a preset has no title of its own: what it does stands in the language of the page", () => {
  speak("de", { "{kind}: {importer} on {goods} from {exporter}": "{kind}: {importer} auf {goods} aus {exporter}" });
  const table = begunWith({ doc: { case: "table", parties: [], scenarios: { one: { measures: [] } } }, open: "one", shown: ["one"] }, PRESETS[2]);
  assert.equal(table.doc.scenarios.one.title, undefined);
  assert.equal(titleOf(table.doc, "one"), "tariff: USA auf steel aus WORLD");
});
