"""What a validator finds is reported in plain English, with the keys that a person wrote."""

from __future__ import annotations

import datetime
import importlib
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, create_model

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cases.template import new_case
from entrepot.errors import DocumentError, EntrepotError
from entrepot.faults import Stated, message_of, place_of, telling


class Part(BaseModel, extra="forbid"):
    """A section of a document."""

    seas: tuple[str, ...] = Field(("north",), min_length=1)
    name: str | list[str] = ""
    way: Literal["by sea", "by air"] = "by sea"
    share: float = Field(0.0, ge=0, lt=1)
    days: int = Field(1, gt=0, le=9)
    sure: bool = True
    ports: list[str] = Field(["here"], min_length=1, max_length=3)
    code: str = Field("a", min_length=1, max_length=3)
    more: Part | None = None


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        ({"way": "by see"}, ["way"], "'by see' is not a choice; did you mean by sea?"),
        ({"way": None}, ["way"], "empty is not a choice; known: by sea, by air"),
        ({"share": -1}, ["share"], "must be at least 0"),
        ({"share": 1}, ["share"], "must be less than 1"),
        ({"share": "much"}, ["share"], "must be a number, such as 0.2"),
        ({"days": 0}, ["days"], "must be greater than 0"),
        ({"days": 10}, ["days"], "must be at most 9"),
        ({"days": 1.5}, ["days"], "must be a whole number"),
        ({"days": 1e300}, ["days"], "is too large a number"),
        ({"sure": "perhaps"}, ["sure"], "must be true or false"),
        ({"ports": []}, ["ports"], "is empty"),
        ({"ports": ["here"] * 4}, ["ports"], "may have at most 3"),
        ({"code": ""}, ["code"], "is empty"),
        ({"code": "abcd"}, ["code"], "may have at most 3 characters"),
        ({"ports": 7}, ["ports"], "must be a list, such as [USA, JPN] or [1, 2]"),
        ({"name": 7}, ["name"], "must be a text"),
        ({"more": {"name": 7}}, ["more", "name"], "must be a text"),
        ({"more": "no"}, ["more"], "must be keys with values"),
        ({"ship": 1}, ["ship"], "unknown key; known: name, way"),
        ({"more": {"ship": 1}}, ["more", "ship"], "unknown key"),
        ({"a long way": 1}, ["a long way"], "unknown key; known: name, way"),
        (
            {"by sea or air": None},
            ["by sea or air"],
            "is not a key: between { and } a comma ends an entry; put a text that has one in quotes",
        ),
    ],
)
def test_faults_in_plain_english(document: dict[str, object], place: list[str], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Part.model_validate(document)
    fault = caught.value.errors(include_url=False)[0]
    assert place_of(fault) == place
    assert message_of(fault, ["name", "way"] if len(place) == 1 else ()) == message


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"^[a-z0-9-]+$", "use only lower-case letters, digits and hyphens"),
        (r"^\d{4}(-\d{2}(-\d{2})?)?$", "'a b' is not a date such as 2019, 2019-05 or 2019-05-17"),
        (r"^[A-Za-z0-9_-]+$", "use only letters, digits, hyphens and underscores"),
    ],
)
def test_a_text_of_another_form_says_which_it_must_have(pattern: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        create_model("Named", name=(str, Field(pattern=pattern))).model_validate({"name": "a b"})
    assert message_of(caught.value.errors()[0]) == message


def test_faults_are_messages_of_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a reader of the desk finds what is wrong with a request in the language of the answer."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "scripts"))
    source = Path(ep.__file__).parent / "faults.py"
    found = importlib.import_module("messages_of_errors").errors_of({"faults.py": source.read_text(encoding="utf-8")})
    assert {
        "is missing",
        "unknown key",
        "must be at least {number}",
        "{value} is not a date such as 2019-05-17",
    } <= set(found)
    assert len(found) >= 20


def test_names_that_are_those_of_types_are_kept(tmp_path: Path) -> None:
    class Whole(BaseModel):
        parts: dict[str, Part | float]

    with pytest.raises(ValidationError) as caught:
        Whole.model_validate({"parts": {"int": {"days": 0}, "bool": "much"}})
    places = [place_of(fault) for fault in caught.value.errors()]
    assert ["parts", "bool"] in places
    assert all(place[:2] in (["parts", "int"], ["parts", "bool"]) for place in places)
    assert "" not in place_of({"loc": ("law", "claims", "", 1)})


def test_a_file_with_a_name_too_long_is_an_error_of_the_case(tmp_path: Path) -> None:
    for key in ("economy: {}", "closure: {{labour_share: {}}}"):
        path = tmp_path / "case.yaml"
        path.write_text("case: long\ntitle: t\nquestion: q\nparties: [USA]\nscenarios: {}\n" + key.format("a" * 300))
        with pytest.raises(EntrepotError):
            ep.run(path)


class Numbers(Stated):
    """A section with numbers, days and choices of each kind."""

    share: float = 0.0
    shares: dict[str, float] = Field({})
    pairs: list[tuple[int, float | str]] = Field([])
    theta: float | str | dict[str, float] | None = None
    sure: bool | None = None
    as_given: Any = None
    on: datetime.date | None = None
    days: tuple[datetime.date, ...] = ()
    deadline: datetime.date | Part | None = None
    parts: dict[str, Part] = Field({})


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        ({"share": True}, ["share"], "must be a number, such as 0.2"),
        ({"shares": {"a": 1, "b": False}}, ["shares", "b"], "must be a number, such as 0.2"),
        ({"pairs": [[1, 2], [True, 3]]}, ["pairs", 1, 0], "must be a whole number"),
        ({"theta": True}, ["theta"], "must be a number, such as 0.2"),
        ({"theta": {"steel": True}}, ["theta", "steel"], "must be a number, such as 0.2"),
        ({"on": 0}, ["on"], "0 is not a date such as 2019-05-17"),
        ({"on": "86400"}, ["on"], "'86400' is not a date such as 2019-05-17"),
        ({"on": 1555200000.0}, ["on"], "1555200000.0 is not a date such as 2019-05-17"),
        ({"days": ["2020-01-01", 0]}, ["days", 1], "0 is not a date such as 2019-05-17"),
        ({"deadline": 0}, ["deadline", "date"], "0 is not a date such as 2019-05-17"),
    ],
)
def test_true_is_no_number_and_a_number_no_day(document: dict[str, object], place: list[str], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Numbers.model_validate(document)
    fault = telling(caught.value.errors(include_url=False))[0]
    assert (place_of(fault), message_of(fault)) == (place, message)


def test_true_and_numbers_are_read_where_they_may_stand() -> None:
    given = {
        "sure": True,
        "as_given": {"a": True, "b": 0},
        "share": "0.2",
        "theta": "1",
        "parts": {"a": {"sure": True}},
    }
    read = Numbers.model_validate({**given, "on": "2019-05-17", "deadline": {"days": 2}})
    assert (read.sure, read.as_given, read.share, read.theta) == (True, {"a": True, "b": 0}, 0.2, "1")
    assert read.parts["a"].sure
    assert read.on == datetime.date(2019, 5, 17)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("theta: true", "theta"),
        ("theta: {steel: true}", "theta.steel"),
        ("theta: {steel: much}", "theta.steel"),
        ("calendar: [{date: 0, event: nothing}]", "calendar.1.date"),
        ("law: {on: 86400}", "law.on"),
    ],
)
def test_a_case_takes_no_true_for_a_number_and_no_number_for_a_day(written: str, key: str) -> None:
    text = new_case("a").replace("calendar:", "# calendar:").replace("\n  - {date:", "\n#  - {date:")
    with pytest.raises(DocumentError) as caught:
        read_case(f"{text}\n{written}\n")
    assert caught.value.key == key
    assert caught.value.line == text.count("\n") + 2


@pytest.mark.parametrize("on", ["20190517", 20190517, "17 May 2019"])
def test_a_day_in_another_form_is_read(on: object) -> None:
    assert str(read_case(f"{new_case('a')}\nlaw: {{on: {on}}}\n").law.on) == "2019-05-17"


def test_a_list_of_wrong_entries_is_not_called_empty() -> None:
    with pytest.raises(ValidationError) as caught:
        Part.model_validate({"seas": [7, 8]})
    found = telling(caught.value.errors(include_url=False))
    assert [(place_of(fault), message_of(fault)) for fault in found] == [
        (["seas", 0], "must be a text"),
        (["seas", 1], "must be a text"),
    ]
