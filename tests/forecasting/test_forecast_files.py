"""Forecasts as files: dated, hashed, whole, and never overwritten without a word."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from entrepot.errors import DocumentError, InputError
from entrepot.forecasting import Forecast, read_forecast
from entrepot.languages import speaking
from entrepot.studies.forecast_sentences import answer

MADE = Forecast(
    name="cars",
    title="Cars of Ärea 51",
    question="Does it come?",
    made_on=datetime.date(2026, 5, 8),
    known_on=datetime.date(2026, 5, 7),
    deadline=datetime.date(2026, 7, 4),
    ways={"deal": "Agreed", "nothing": "Not"},
    probabilities={"deal": 0.7, "nothing": 0.3},
    method="stated",
    assumptions={"belief": [0.1, 0.6]},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = MADE.write(tmp_path / "a.json")
    assert read_forecast(path) == MADE
    assert [f.name for f in tmp_path.iterdir()] == ["a.json"]


def test_the_way_held_most_likely_is_in_the_language() -> None:
    """A way of a case's talks is kept in English, with the titles of its deals in it."""
    made = replace(MADE, ways={"deal": "Agreed: A limit on car exports or The deal of October 2019", "nothing": "Not"})
    with speaking("fr"):
        assert "Une limitation des exportations d'automobiles ou L'accord d'octobre 2019" in answer(made)[1]
    assert answer(made)[1] == "Most likely: Agreed: A limit on car exports or The deal of October 2019."


def test_a_title_with_or_in_it_is_kept_whole() -> None:
    kept = "Agreed: A limit on cars, or a duty or The deal of October 2019"
    made = replace(MADE, ways={"deal": kept, "nothing": "Not"})
    assert answer(made)[1] == f"Most likely: {kept}."
    with speaking("de"):
        assert "Vereinbart: A limit on cars, or a duty or The deal of October 2019" in answer(made)[1]


def test_the_hash_is_that_of_the_canonical_text(tmp_path: Path) -> None:
    stated = json.loads(MADE.write(tmp_path / "a.json").read_text(encoding="utf-8"))
    given = stated.pop("sha256")
    text = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert given == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert stated["version"] == MADE.version
    assert stated["format"] == "entrepot-forecast/1"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("probabilities", {"deal": 0.71, "nothing": 0.29}),
        ("made_on", "2026-05-07"),
        ("version", "0.0"),
        ("note", "added"),
        ("sha256", "0" * 64),
        ("probabilities", {"deal": float("nan"), "nothing": 0.3}),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, key: str, value: Any) -> None:
    path = MADE.write(tmp_path / "a.json")
    stated = json.loads(path.read_text(encoding="utf-8")) | {key: value}
    path.write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(DocumentError, match="its sha256 does not fit"):
        read_forecast(path)


def test_the_layout_of_the_file_is_free(tmp_path: Path) -> None:
    path = MADE.write(tmp_path / "a.json")
    stated = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(dict(reversed(stated.items()))), encoding="utf-8")
    assert read_forecast(path) == MADE


def test_a_file_is_not_overwritten_without_a_word(tmp_path: Path) -> None:
    path = MADE.write(tmp_path / "a.json")
    other = replace(MADE, probabilities={"deal": 0.5, "nothing": 0.5})
    with pytest.raises(DocumentError, match="a file is there already"):
        other.write(path)
    assert read_forecast(path) == MADE
    other.write(path, overwrite=True)
    assert read_forecast(path) == other


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is not JSON"), ("[]", "is not a forecast"), ('{"format": "entrepot-forecast/9"}', "this version reads")],
)
def test_other_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DocumentError, match=message):
        read_forecast(path)


def test_a_key_that_is_stated_twice_is_refused(tmp_path: Path) -> None:
    """Python takes the last of two, other readers the first: the hash would fit what nobody sees."""
    text = MADE.to_json()
    twice = text.replace(
        '"probabilities": {', '"probabilities": {"deal": 0.1, "nothing": 0.9},\n "probabilities": {', 1
    )
    assert twice != text
    (tmp_path / "a.json").write_text(twice, encoding="utf-8")
    with pytest.raises(DocumentError, match="states the key 'probabilities' twice"):
        read_forecast(tmp_path / "a.json")
    nested = text.replace('"deal": 0.7', '"deal": 0.1,\n  "deal": 0.7', 1)
    (tmp_path / "b.json").write_text(nested, encoding="utf-8")
    with pytest.raises(DocumentError, match="states the key 'deal' twice"):
        read_forecast(tmp_path / "b.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"extra": "x"}, "the key 'extra', which a forecast does not have"), ({"ended_on": None}, "lacks 'ended_on'")],
)
def test_a_file_with_a_fitting_hash_has_the_keys_of_a_forecast(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    stated = {**MADE.content, **change}
    if message.startswith("lacks"):
        stated = {key: value for key, value in stated.items() if key not in change}
    text = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    stated["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "a.json").write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        read_forecast(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"known_on": datetime.date(2026, 5, 9)}, "after it was made"),
        ({"known_on": datetime.date(2026, 7, 5), "made_on": datetime.date(2026, 8, 1)}, "after the deadline"),
        ({"probabilities": {"deal": 0.7, "nothing": 0.4}}, "add up to 1.1"),
        ({"ways": {"deal": "Agreed"}}, "are not those with a probability"),
    ],
)
def test_invalid_forecasts_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(MADE, **change)


def test_hindsight_is_stated() -> None:
    assert not MADE.in_hindsight
    assert replace(MADE, made_on=datetime.date(2026, 7, 5)).in_hindsight


def test_what_has_ended_is_hindsight_before_the_deadline(tmp_path: Path) -> None:
    ended = replace(MADE, made_on=datetime.date(2026, 7, 1), ended_on=datetime.date(2026, 7, 1))
    assert ended.in_hindsight
    assert not replace(ended, made_on=datetime.date(2026, 6, 30)).in_hindsight
    assert read_forecast(ended.write(tmp_path / "a.json")) == ended
