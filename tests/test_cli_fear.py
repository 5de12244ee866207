"""The verb fear: the answer first, tables for machines, and bad input."""

from __future__ import annotations

import json

import pytest

import entrepot as ep
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


def test_no_chance_no_loss() -> None:
    code, out, err = call(*THREAT, "--probability", "0", "--years", "1")
    assert code == 0, err
    assert "at a chance of 0% nothing is lost while it has not come." in " ".join(out.split())


@pytest.mark.slow
def test_the_threat_of_a_case_on_its_own_base_until_its_deadline() -> None:
    code, out, err = call("fear", "us-eu-autos-2026", "--probability", "30%")
    assert code == 0, err
    assert " ".join(out.split()).startswith("25% on EU cars: while nothing is done, a chance of 30% within 1.9 months")
    code, out, err = call("fear", "us-japan-autos-2019", "--format", "json")
    assert code == 0, err
    (row,) = json.loads(out)["threats"]
    talks = ep.bargaining.case_talks("us-japan-autos-2019")
    assert row["probability"] == pytest.approx(talks.end_probabilities["measure"], abs=1e-12)
    assert row["years"] == pytest.approx(182 / 365.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("us-eu-autos-2026",), "the case has no beliefs"),
        (("us-eu-autos-2026", "--scenario", "thret", "--probability", "1"), "did you mean threat"),
        (("eu-steel-trq", "--probability", "1"), "no threat in a scenario"),
        (("eu-steel-trq", "--scenario", "quotas_2026", "--probability", "1"), "scenario"),
        (("us-eu-autos-2026", "--tariff", "USA:JPN:food:+25%"), "its own measures"),
        (("--scenario", "threat"), "name the case"),
    ],
)
def test_a_case_that_lacks_something(arguments: tuple[str, ...], message: str) -> None:
    code, _, err = call("fear", *arguments)
    assert code == 2
    assert message in " ".join(err.split())


def test_a_measure_is_needed() -> None:
    code, _, err = call("fear", "--probability", "0.3", "--years", "1")
    assert code == 2
    assert "no measure given" in err
