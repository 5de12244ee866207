"""Errors in another language: every error of the source is found again by its words, and its values stay."""

from __future__ import annotations

import importlib
import json
import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from entrepot.cases import read_case
from entrepot.desk.handlers import LANGUAGE, answer
from entrepot.desk.http_problems import HttpProblem
from entrepot.errors import ConvergenceError, DocumentError, MeasureError, UnknownNameError, not_a_share
from entrepot.languages import speaking, translated_errors
from entrepot.languages.translated_errors import fitting, translated_error

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def errors() -> dict[str, str]:
    """The errors of the source as messages, each with its module, as they are in a catalogue."""
    with (ROOT / "src" / "entrepot" / "languages" / "catalogues" / "de.po").open("rb") as text:
        places = {str(entry.id): [place for place, _ in entry.locations] for entry in read_po(text, "de") if entry.id}
    return {message: found[-1] for message, found in places.items() if found and found[-1].endswith(".py")}


@pytest.fixture
def marked(errors: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A language in use whose translations are the English messages in brackets, with their values in reverse order."""

    def reversed_values(message: str) -> str:
        names = [name for _, name, _, _ in string.Formatter().parse(message) if name]
        return f"<{' '.join(f'{{{name}}}' for name in reversed(dict.fromkeys(names)))}>" if names else f"<{message}>"

    catalogue = {message: reversed_values(message) for message in errors}
    catalogue |= {"sector": "<sector>", "{message}; did you mean {names}?": "{message} ({names}?)"}
    catalogue |= {
        "unknown {kind} {name}": "{kind}: {name}",
        "{message} What to try: {remedy}": "{message} Try: {remedy}",
    }
    catalogue |= {"{message}; known: {names}": "{message} [{names}]"}
    monkeypatch.setattr(translated_errors, "catalogue", lambda code: catalogue)
    monkeypatch.setattr("entrepot.languages.catalogue", lambda code: catalogue)
    monkeypatch.setattr(translated_errors, "messages_of_errors", lambda code: tuple(errors))
    translated_errors._templates.cache_clear()
    with speaking("de"):
        yield catalogue
    translated_errors._templates.cache_clear()


def probes(message: str) -> dict[str, str]:
    """Return a value for each name of a message, all of them different and no words of any message."""
    names = dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(message) if name)
    return {name: f"{k}{k}1" if name == "number" else f"'x{k}'" for k, name in enumerate(names, 1)}


SOURCE = """
NEEDED = "a table and a threat are needed"

def _limit(most: int) -> str:
    return f"more than {most:,} of them"

def check(name: str, known: list[str], text: str, wrong: bool, more: str) -> None:
    kind = "country" if wrong else "sector"
    if more:
        raise InputError(NEEDED)
    if wrong:
        raise MeasureError("rate", f"{name!r} is not {len(known)} of {known}{nearest(name, known)}")
    if text:
        raise InputError(f"table: {text}: the {kind} has too many{' rows' if wrong else ''}; {_limit(5)}")
    raise TableError(f"write {{rate: {name}}}" + percent_meant(text))
"""


def test_words_of_errors_are_read_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    script = importlib.import_module("messages_of_errors")
    assert list(script.errors_of({"measures/x.py": SOURCE, "data/y.py": SOURCE})) == [
        "a table and a threat are needed",
        "{name} is not {number} of {known}",
        "the {kind} has too many rows; more than {most} of them",
        "the {kind} has too many; more than {most} of them",
        "write {{rate: {name}}}",
    ]


def test_errors_with_values_have_their_module_as_place(errors: dict[str, str]) -> None:
    assert sum("{" in message for message in errors) > 500
    assert errors["{number} is not between 0 and 1"].startswith("src/entrepot/")


def test_every_error_is_found_by_its_words_with_its_values(marked: dict[str, str], errors: dict[str, str]) -> None:
    wrong = []
    for message in errors:
        if "{" not in message:
            continue
        values = probes(message)
        found = fitting(message.format(**values))
        if found != ("", message, values):
            wrong.append((message, found))
    assert not wrong


def test_a_translated_error_has_each_value_once(marked: dict[str, str], errors: dict[str, str]) -> None:
    for message in errors:
        values = probes(message)
        shown = translated_error(message.format(**values)) if "{" in message else translated_error(message)
        for value in values.values():
            assert shown.count(value) == 1, (message, shown)


def test_no_two_errors_have_the_same_words(errors: dict[str, str]) -> None:
    shapes = [
        "".join(fixed + "{}" * (name is not None) for fixed, name, _, _ in string.Formatter().parse(m)) for m in errors
    ]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (MeasureError("rate", not_a_share(1.5), "measures.1"), "measures.1: rate: <1.5>"),
        (MeasureError("rate", not_a_share(80), "measures.1"), "measures.1: rate: <80>; 80%?"),
        (
            DocumentError(not_a_share(2.0), path="x.yaml", line=7, key="path.belief"),
            "x.yaml, line 7: path.belief: <2>; 2%?",
        ),
        (UnknownNameError("sector", "carz", ["cars"]), "<sector>: 'carz' (cars?)"),
        (UnknownNameError("sector", "zzz", ["cars", "food"]), "<sector>: 'zzz' [cars, food]"),
        (
            ConvergenceError("No equilibrium in prices was found.", remedy="a smaller tol."),
            "<No equilibrium in prices was found.> Try: <a smaller tol.>",
        ),
        (DocumentError("no such words anywhere at all"), "no such words anywhere at all"),
    ],
)
def test_an_error_keeps_its_place_and_what_was_typed(marked: dict[str, str], error: Exception, shown: str) -> None:
    assert translated_error(str(error)) == shown


def test_several_faults_are_translated_line_by_line(marked: dict[str, str]) -> None:
    text = "title: is missing\nalso parties: 3 is not between 0 and 1"
    assert translated_error(text).splitlines()[1].endswith("<3>")


def test_a_fault_of_a_case_is_translated_with_its_line(marked: dict[str, str]) -> None:
    text = (ROOT / "src/entrepot/cases/bundled/us-japan-autos-2019.yaml").read_text(encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_case(text.replace("scenario: tariff_japan", "scenario: nobody", 1))
    shown = translated_error(str(caught.value))
    assert "table.threat: <scenario>: 'nobody' [tariff, " in shown


def test_a_problem_of_the_desk_is_in_the_language_of_the_request(marked: dict[str, str]) -> None:
    problem = HttpProblem(422, "input", "The request cannot be read", not_a_share(1.5), "belief").document()
    assert problem["title"] == "<The request cannot be read>"
    assert problem["detail"] == "<1.5>"
    assert problem["key"] == "belief"


def test_an_answer_of_the_desk_has_its_error_in_the_language_of_the_request(marked: dict[str, str]) -> None:
    unknown = {"economy": "nowhere", LANGUAGE: "ja"}
    status, body = answer("solve", unknown)
    assert status == 422
    assert json.loads(body)["title"] == "<The request cannot be read>"
    assert json.loads(answer("solve", {"economy": "nowhere"})[1])["title"] == "The request cannot be read"


def test_the_words_between_names_are_translated_and_the_names_are_not() -> None:
    with speaking("de"):
        shown = translated_error("unknown country 'Jpan'; did you mean Japan or PAN or JPN?")
        assert "Japan, PAN oder JPN" in shown
        assert "Japan, ... (" in translated_error("unknown country 'x'; known: Peru, Japan, ... (159 in all)")
    with speaking("fr"):
        assert "Japan ou PAN" in translated_error("unknown country 'Jpan'; did you mean Japan or PAN?")


def test_english_is_left_as_it_is_and_costs_nothing() -> None:
    assert translated_error("sigma: 0.5 must be above 1") == "sigma: 0.5 must be above 1"
    assert not translated_errors._templates.cache_info().currsize


def test_an_error_takes_a_few_milliseconds(marked: dict[str, str]) -> None:
    translated_error("anything at all that has no translation")
    began = time.process_time()
    for _ in range(20):
        translated_error("x.yaml, line 7: path.belief: a sentence that fits nothing, with 5 commas, 'names' and no end")
    assert (time.process_time() - began) / 20 < 0.01


@pytest.mark.parametrize(
    "message",
    [
        "row 1: the value is '-1'; a number from 0 on is needed",
        "row 1: '870' is not a code of the Harmonized System; keep the column as text, with all its digits",
        "1 row with duties that are not ad valorem left out: abc.",
    ],
)
def test_a_sentence_without_translation_is_not_translated_in_part(message: str) -> None:
    """The few fixed words of another message, such as "is not", fit it too."""
    for code in ("de", "fr"):
        with speaking(code):
            assert translated_error(message) == message
            assert translated_error(f"x is {message}") == f"x is {message}"
