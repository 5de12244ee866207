"""The verb fear: the answer first, tables for machines, and bad input."""

from __future__ import annotations

import json

import pytest

from test_cli import call

THREAT = ("fear", "--economy", "world2014", "--tariff", "USA:JPN:motor_vehicles:+25%")


def test_the_answer_is_first_and_what_it_depends_on_below() -> None:
    code, out, err = call(*THREAT, "--probability", "30%", "--years", "180d")
    assert code == 0, err
    text = " ".join(out.split())
    assert text.startswith(
        "Tariff +25 points: United States on motor vehicles from Japan: while nothing is done, a chance"
    )
    assert "30% within 5.9 months keeps" in text
    assert text.index("a year of the measure") < text.index("what it depends on") < text.index("All of these are")


def test_json_has_every_pair() -> None:
    code, out, err = call(*THREAT, "--probability", "0.1", "--probability", "0.5", "--years", "1", "--format", "json")
    assert code == 0, err
    found = json.loads(out)
    assert [(row["probability"], row["years"]) for row in found["threats"]] == [(0.1, 1), (0.5, 1)]
    assert {row["country"] for row in found["countries"]} >= {"USA", "JPN"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--years", "1"), "--probability and --years are needed"),
        (("--probability", "130%", "--years", "1"), "probability 1.3: a number between 0 and 1 is needed"),
        (("--probability", "likely", "--years", "1"), "--probability 'likely'"),
        (("--probability", "0.3", "--years", "soon"), "--years 'soon'"),
    ],
)
def test_bad_input_is_one_sentence(options: tuple[str, ...], message: str) -> None:
    code, _, err = call(*THREAT, *options)
    assert code == 2
    assert message in " ".join(err.split())


def test_a_measure_is_needed() -> None:
    code, _, err = call("fear", "--probability", "0.3", "--years", "1")
    assert code == 2
    assert "no measure given" in err
