"""What a validator finds is reported in plain English, with the keys that a person wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

import entrepot as ep
from entrepot.errors import EntrepotError
from entrepot.faults import message_of, place_of


class Part(BaseModel, extra="forbid"):
    """A section of a document."""

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
        ({"share": -1}, ["share"], "must be at least 0"),
        ({"share": 1}, ["share"], "must be less than 1"),
        ({"share": "much"}, ["share"], "must be a number, such as 0.2"),
        ({"days": 0}, ["days"], "must be greater than 0"),
        ({"days": 10}, ["days"], "must be at most 9"),
        ({"days": 1.5}, ["days"], "must be a whole number"),
        ({"sure": "perhaps"}, ["sure"], "must be true or false"),
        ({"ports": []}, ["ports"], "is empty"),
        ({"ports": ["here"] * 4}, ["ports"], "may have at most 3"),
        ({"code": ""}, ["code"], "must have at least 1 characters"),
        ({"code": "abcd"}, ["code"], "may have at most 3 characters"),
        ({"ports": 7}, ["ports"], "must be a list, such as [USA, JPN]"),
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
