"""Languages: catalogues are whole and consistent, numbers and names follow the CLDR, and answers carry no English."""

from __future__ import annotations

import datetime
import importlib.util
import re
import string
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from entrepot import languages, words
from entrepot.cases import load_case, screen
from entrepot.cli import language_first
from entrepot.cli.solve_command import _ad_hoc
from entrepot.desk.library import Library
from entrepot.desk.requests import SolveRequest
from entrepot.errors import InputError
from entrepot.languages import ENGLISH, LANGUAGES, catalogue, plural, preferred, speaking, translated
from entrepot.rules.book import agreements
from entrepot.studies.titles import case_title
from shelves import slow_after
from small_sweep import small

#: Tables whose notes have no text of the user's data in them.
TRANSLATED = ("welfare", "industry", "proceeds", "measures", "markets_1", "horizons", "decomposition", "countries")
OTHERS = [code for code in LANGUAGES if code != ENGLISH]
ROOT = Path(__file__).parents[1]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_values_of_their_message(code: str) -> None:
    wrong = [m for m, text in catalogue(code).items() if placeholders(m) != placeholders(text)]
    assert not wrong


@pytest.fixture(scope="module")
def messages() -> list[str]:
    """The messages that stand in the source and in the registries."""
    spec = importlib.util.spec_from_file_location("build_messages", ROOT / "scripts" / "build_messages.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return list(script.static_messages())


def test_every_message_of_the_source_is_translated(messages: list[str]) -> None:
    missing = [(code, text) for code in OTHERS for text in messages if text not in catalogue(code)]
    assert not missing, f"run scripts/build_messages.py and translate: {missing[:5]}"


def test_what_pledges_say_and_leave_open_is_among_the_messages(messages: list[str]) -> None:
    for pledge in (pledge for agreement in agreements().values() for pledge in agreement.pledges):
        texts = {pledge.says, pledge.unless, pledge.broken_if, pledge.limit} - {None}
        assert texts <= set(messages)


@pytest.mark.parametrize(
    ("code", "number", "percent", "money", "small"),
    [
        ("en", "+1,234.5", "2.4%", "US$3.8 billion", "US$502 million"),
        ("de", "+1.234,5", "2,4\u00a0%", "3,8 Mrd. US$", "502 Mio. US$"),
        ("ja", "+1,234.5", "2.4%", "38.0億ドル", "5.0億ドル"),
        ("zh", "+1,234.5", "2.4%", "38.0亿美元", "5.0亿美元"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(
    code: str, number: str, percent: str, money: str, small: str
) -> None:
    with speaking(code):
        assert words.signed_number(1234.5) == number
        assert words.percent_size(-2.4) == percent
        assert words.dollars(-3800.0).replace("\u00a0", " ") == money
        assert words.dollars(502.0).replace("\u00a0", " ") == small


@pytest.mark.parametrize(
    ("code", "name"), [("de", "Vereinigte Staaten"), ("ja", "アメリカ合衆国"), ("fr", "États-Unis")]
)
def test_countries_have_the_names_of_the_cldr(code: str, name: str) -> None:
    with speaking(code):
        assert words.spoken("USA") == words.short("USA") == name
        assert words.short("EU27") == translated("EU")


def test_plurals_part_at_one() -> None:
    with speaking("de"):
        assert plural("{number} set", "{number} sets", 1) != plural("{number} set", "{number} sets", 2)
        assert plural("{number} row that nobody translates", "{number} rows", 1) == "1 row that nobody translates"


def test_a_message_without_translation_stays_english() -> None:
    with speaking("fr"):
        assert translated("Nobody translates {this}.", this=3) == "Nobody translates 3."


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("ja", "ja"),
        ("de-CH,fr;q=0.8", "de"),
        ("pt,es;q=0.4,fr;q=0.9", "fr"),
        ("zh-Hant-TW", "zh"),
        ("de;q=0,en", "en"),
        ("", "en"),
        ("*;q=x,,;", "en"),
        ("tlh", "en"),
    ],
)
def test_the_header_accept_language_chooses_the_first_language_with_a_catalogue(header: str, code: str) -> None:
    assert preferred(header) == code


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="no language 'xx'; there are en"), speaking("xx"):
        pass


def test_the_language_is_that_of_the_block_alone() -> None:
    with speaking("de_AT"):
        assert languages.language() == "de"
    assert languages.language() == ENGLISH


def test_the_option_lang_may_stand_anywhere_before_a_double_dash() -> None:
    assert language_first(["run", "x", "--lang", "ja", "--full"]) == ["--lang", "ja", "run", "x", "--full"]
    assert language_first(["run", "--lang=de", "x"]) == ["--lang=de", "run", "x"]
    assert language_first(["run", "--", "--lang", "de"]) == ["run", "--", "--lang", "de"]


@pytest.mark.parametrize("solved", slow_after(1, ["founding_study", "founding_study_2018"]))
@pytest.mark.parametrize("code", OTHERS)
def test_findings_and_tables_have_no_english_sentence(code: str, solved: str, request: pytest.FixtureRequest) -> None:
    study: ep.Study = request.getfixturevalue(solved)
    with speaking(code):
        tables = study.tables.laid_out
        lines = [*study.findings(), *(note for name in TRANSLATED for note in tables[name].notes)]
        heads = [text for t in tables.values() for text in (t.caption, *t.head)]
    english = re.compile(r"\b(the|and|loses|with)\b")
    assert [text for text in [*lines, *heads] if english.search(text)] == []


def test_a_study_that_was_read_in_one_language_is_whole_in_another() -> None:
    """A page in German has no English in the legal screen and the figures because the English one came first."""
    measure = "{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%}}"
    case = ep.cases.read_case(
        "case: two\ntitle: Two\nquestion: Who pays?\neconomy: world2014\nparties: [USA, JPN]\nscenarios:\n"
        f"  tariff:\n    title: T\n    measures: [{measure}]\n"
    )

    def read(study: ep.Study) -> tuple[list[str], str]:
        return [one.condition + str(one.steps) for one in study.screen.findings], study.figures["winners"].text

    study = ep.run(case)
    before = read(study)
    with speaking("de"):
        after, alone = read(study), read(ep.run(case))
    assert after == alone
    assert after != before == read(study)


def test_titles_of_measures_without_a_case_are_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no name in it is kept in English, so that a case has one fingerprint, and is translated where shown."""
    words = {
        "Measures from the command line": "A",
        "the {number} measures together": "B {number}",
        "Imports of {goods} into {importer}": "C {goods}, {importer}",
        "Measures on the table": "D",
        "Who gains, who pays, and who pockets the rent?": "E",
        "all of them together": "F",
    }
    assert set(words) <= set(catalogue("de"))
    monkeypatch.setattr(languages, "catalogue", lambda code: words)
    cars = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": 0.25}
    duties: list[Any] = [ep.Tariff(**cars), ep.Tariff(**{**cars, "exporter": "DEU"})]
    table = SolveRequest(measures=[{"tariff": cars}], economy="world2014", parties=["USA"])
    with speaking("de"):
        case, request = _ad_hoc(duties, "world2014"), table.read(Library())
        shown = [translated(text) for text in (case.title, request.title, request.question)]
        named = [case_title(case, "measures"), case_title(request, "measures")]
    assert (shown, named) == (["A", "D", "E"], ["B 2", "F"])
    assert case.report.markets[0].title == "C motor vehicles, Vereinigte Staaten"
    assert request.fingerprint == table.read(Library()).fingerprint


def test_deals_that_were_solved_in_one_language_are_in_words_of_another(tmp_path: Path) -> None:
    found = ep.bargain(small(tmp_path), points=3)
    deal, best = found.deals["half"], found.deals["best for C00"]
    assert (deal.words, found.now.words, best.title) == ("cut 50%", "everything as it is now", "Best for C00")
    with speaking("de"):
        assert (deal.words, best.title) == ("cut 50\N{NO-BREAK SPACE}%", translated("Best for {party}", party="C00"))
        assert found.now.words == translated("everything as it is now") != "everything as it is now"


@pytest.mark.parametrize(("code", "joined"), [("en", "A. B."), ("ja", "A.B."), ("de", "A. B.")])
def test_sentences_stand_as_the_language_writes_them(code: str, joined: str) -> None:
    with languages.speaking(code):
        assert words.joined_sentences(["A.", "B."]) == joined
        assert words.ended("A.") == "A."
        assert words.ended("甲。") == "甲。"
        assert words.ended("甲") == ("甲。" if code == "ja" else "甲.")


def test_a_colon_of_the_law_in_french_has_a_space_before_it() -> None:
    """It is one that does not break; the titles of sources in brackets stay as they are."""
    with speaking("fr"):
        found = screen(load_case("us-japan-autos-2019"))
        says = [step.says for finding in found.findings for step in finding.steps]
    assert [text for text in says if re.search(r"\) ?: |[a-z]: ", re.sub(r"\[.*?\]", "", text))] == []
    assert sum("\u00a0: " in text for text in says) > 10


def test_first_of_a_month_in_french() -> None:
    with languages.speaking("fr"):
        assert languages.date(datetime.date(2026, 10, 1)) == "1er octobre 2026"
        assert languages.date(datetime.date(2026, 10, 11)) == "11 octobre 2026"
