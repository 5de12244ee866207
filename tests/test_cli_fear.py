"""The verb fear: the answer first, tables for machines, and bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.bargaining import Signal, TalksGame, TalksPayoffs, ThreatenerType, talks_clock
from entrepot.cases import read_case
from entrepot.economy.geography import groups
from entrepot.studies import fear_sentences
from entrepot.studies.feared_case import fear_of_case, restriction_chance
from test_cli import call
from worlds import random_world

#: Talks of one turn in which the deal is worth signing from a belief of a tenth on.
PAYOFFS = TalksPayoffs("A", "B", (0.0, 0.0), (-20.0, -100.0), {"limit": (50.0, -10.0)})
TYPES = (ThreatenerType("firm", worth={"measure": 60.0}), ThreatenerType("bluff"))
GAME = TalksGame(PAYOFFS, TYPES, (), talks_clock((100,), 100), "limit")
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


def test_a_group_of_another_time_than_the_data_is_noted() -> None:
    threat = ("fear", "--tariff", "USA:EU28:motor_vehicles:+25%", "--probability", "30%", "--years", "180d")
    note = "EU28 stands for its members until 2020-01-31, and the data are of 2022."
    code, out, err = call(*threat)
    assert code == 0, err
    assert note in " ".join(out.split())
    code, out, err = call(*threat, "--economy", "world2018", "--format", "json")
    assert code == 0, err
    assert json.loads(out)["notes"] == []


def test_assumptions_are_printed_as_they_are_stated() -> None:
    stated = ("--interest", "2.5%", "--exit", "4.5%", "--sunk-share", "62.5%")
    code, out, err = call(*THREAT, "--probability", "12.5%", "--years", "1", *stated)
    assert code == 0, err
    text = " ".join(out.split())
    assert "a chance of 12.5% within 1 year keeps away" in text
    assert "12.5% 1 year -" in text
    assert "interest 2.5%, exporters who leave 4.5% a year, 62.5% of the cost of serving the market sunk" in text


def test_a_base_without_a_year_says_so(tmp_path: Path) -> None:
    path = tmp_path / "own.ep"
    random_world(3, 2, seed=3).save(path)
    code, out, err = call(
        "fear", "--economy", str(path), "--tariff", "C00:C01:s00:+25%", "--probability", "0.3", "--years", "1"
    )
    assert code == 0, err
    assert "Base year not stated; it comes on the day or never" in " ".join(out.split())


def test_json_has_every_pair() -> None:
    code, out, err = call(*THREAT, "--probability", "0.1", "--probability", "0.5", "--years", "12m", "--format", "json")
    assert code == 0, err
    found = json.loads(out)
    assert [(row["probability"], row["years"]) for row in found["threats"]] == [(0.1, 1), (0.5, 1)]
    assert {row["country"] for row in found["countries"]} >= {"USA", "JPN"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--years", "1"), "--probability and --years are needed"),
        (("--probability", "130%", "--years", "1"), "probability 1.3: a number between 0 and 1 is needed"),
        (("--probability", "likely", "--years", "1"), "--probability: 'likely' is neither a number"),
        (("--probability", "0.3", "--years", "soon"), "--years 'soon'"),
        (("--probability", "0.3", "--years", "180"), "--years 180: that is 180 years; write 180d for days"),
        (("--probability", "0.3", "--years", "1,000"), "--years 1,000: that is 1000 years; write 1000d for days"),
        (("--probability", "0.3", "--years", "1.000,5"), "--years: '1.000,5' is neither a number"),
    ],
)
def test_bad_input_is_one_sentence(options: tuple[str, ...], message: str) -> None:
    code, _, err = call(*THREAT, *options)
    assert code == 2
    assert message in " ".join(err.split())


def test_a_group_that_acts_has_one_row_and_decimals_take_a_comma() -> None:
    steel = ("fear", "--economy", "world2014", "--tariff", "EU28:JPN:metals:+50%", "--probability")
    code, out, err = call(*steel, "0,4", "--years", "0,5")
    assert code == 0, err
    assert out == call(*steel, "40%", "--years", "6m")[1]
    found = ep.paths.fear(
        ep.load_economy("world2014"),
        [ep.Tariff(importer="EU28", exporter="JPN", sector="metals", rate=0.5, change="add")],
        probability=[0.4],
        years=[0.5],
    )
    change = found.countries["equivalent_variation"].loc[(0.4, 0.5)]
    members = list(groups()["EU28"]["members"])
    grouped = fear_sentences.by_party(found, change)
    assert grouped["EU28"] == pytest.approx(change[members].sum())
    assert not set(grouped.index) & set(members)
    assert grouped.sum() == pytest.approx(change.sum())
    (row,) = [line for line in out.splitlines() if line.startswith("EU ")]
    assert float(row.split()[1]) == pytest.approx(grouped["EU28"], rel=0.005)
    assert not any(line.startswith(("Germany ", "Italy ")) for line in out.splitlines())


def test_threat_of_no_chance_loses_nothing() -> None:
    code, out, err = call(*THREAT, "--probability", "0", "--years", "1")
    assert code == 0, err
    assert "at a chance of 0% nothing is lost while it has not come." in " ".join(out.split())


@pytest.mark.slow
def test_the_threat_of_a_case_on_its_own_base_until_its_deadline() -> None:
    code, out, err = call("fear", "us-eu-autos-2026", "--probability", "30%")
    assert code == 0, err
    assert " ".join(out.split()).startswith("25% on EU cars: while nothing is done, a chance of 30% within 1.9 months")
    assert "The time is that from 7 May 2026 to 4 July 2026." in " ".join(out.split())
    code, out, err = call("fear", "us-japan-autos-2019", "--format", "json")
    assert code == 0, err
    (row,) = json.loads(out)["threats"]
    talks = ep.bargaining.case_talks("us-japan-autos-2019")
    # Japan signs at once: the chance is what it believes while it has not.
    assert row["probability"] == pytest.approx(talks.prior, abs=1e-12)
    assert row["years"] == pytest.approx(182 / 365.25)
    answer = " ".join(json.loads(out)["answer"])
    assert "a deal that leaves this trade alone is signed by 17 May 2019 for certain: the fear ends there" in answer


@pytest.mark.slow
def test_a_deal_that_limits_the_same_trade_is_feared_too() -> None:
    """At 60% Japan signs the limit on its exports: a restriction is certain, though the measure never comes."""
    case = ep.load_case("us-japan-autos-2019").with_numbers({("beliefs", "prior", "firm"): 0.6})
    assert ep.bargaining.case_talks(case).end_probabilities["measure"] == pytest.approx(0)
    found = fear_of_case(case)
    assert found.entries[0].probability == pytest.approx(1)
    assert any("counts a deal that itself restricts this trade" in note for note in found.notes)


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


def test_a_sigma_is_not_checked_where_nothing_is_feared() -> None:
    code, _, err = call(*THREAT, "--probability", "30%", "--years", "1", "--sigma", "3")
    assert code == 0, err


def test_the_first_and_the_last_day_and_one_year() -> None:
    code, out, err = call(*THREAT, "--probability", "30%", "--years", "1")
    assert code == 0, err
    text = " ".join(out.split())
    assert "within 1 year keeps away" in text
    assert "on the first day, and" in text
    assert "just before the day" in text


def test_no_time_is_left_on_the_day() -> None:
    code, out, err = call(*THREAT, "--probability", "100%", "--years", "0")
    assert code == 0, err
    text = " ".join(out.split())
    assert "the day is today, so no time is left in which trade could be lost" in text
    assert "e-1" not in text
    assert "0 months" not in text


def test_a_settled_threat_at_a_weak_elasticity_is_read_with_care() -> None:
    threat = (*THREAT[:3], "--tariff", "USA:CHN:electronics:+60%", "--probability", "60%", "--years", "2")
    code, out, err = call(*threat, "--exporters", "settled")
    assert code == 0, err
    assert "Read these losses with care: at an elasticity of 1 buyers hardly replace" in " ".join(out.split())
    assert "until the day" not in out
    assert "Read these losses" not in call(*THREAT, "--probability", "60%", "--years", "2")[1]


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (0, "0 days"),
        (1 / 365.25, "1 day"),
        (0.02, "7.3 days"),
        (1 / 12, "1 month"),
        (0.5, "6 months"),
        (0.999, "0.999 years"),
        (1, "1 year"),
        (1.5, "1.5 years"),
    ],
)
def test_lengths_of_time(years: float, words: str) -> None:
    assert fear_sentences.spell(years) == words


@pytest.mark.parametrize(
    ("belief", "restricting", "chance"),
    [
        (0.3, (), 0.3),  # the deal is signed for certain: what the target believes while it has not signed
        (0.3, ("limit",), 1.0),  # it is itself a restriction
        (0.05, (), 0.05),  # nobody signs
    ],
)
def test_the_chance_while_no_deal_is_signed(belief: float, restricting: tuple[str, ...], chance: float) -> None:
    talks = ep.bargaining.solve_talks(GAME, belief)
    assert restriction_chance(talks, restricting) == pytest.approx(chance)


def test_the_chance_is_given_that_no_other_deal_is_signed() -> None:
    leak = Signal("leak", 10, "draft", called={"firm": 0.0, "bluff": 40.0})
    talks = ep.bargaining.solve_talks(replace(GAME, signals=(leak,)), 0.02)
    ends = talks.end_probabilities
    assert 0 < ends["deal"] < 1
    given = ends["measure"] / (ends["measure"] + ends["nothing"])
    assert restriction_chance(talks) == pytest.approx(given)
    assert restriction_chance(talks, ("limit",)) == pytest.approx(ends["measure"] + ends["deal"])


THREATENED = """
case: threatened
title: A made-up threat
question: What does it cost while nothing is done?
parties: [C00, C01]
calendar:
  - {date: 2026-03-01, event: A threat}
scenarios:
  threat: {title: 12 points, measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: 12%, change: add}}]}
table:
  between: [C00, C01]
  issues: {duty: {title: Tariff, range: [0, 40%], now: 0}}
  measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: $duty, change: add}}]
  threat: threat
"""


def test_the_deadline_of_the_talks_of_a_table_is_that_of_the_threat() -> None:
    world = random_world(3, 2, 1)
    case = read_case(THREATENED + "  talks: {from: 2026-03-01, until: 2026-09-01}\n")
    found = fear_of_case(case, probability=[0.3], economy=world)
    assert found.entries[0].years == pytest.approx(184 / 365.25)
    assert "The time is that from 1 March 2026 to 1 September 2026." in found.notes


def test_a_threat_without_a_deadline_asks_for_an_option_that_there_is() -> None:
    with pytest.raises(ep.errors.InputError, match="state how long until the day, as in --years 180d"):
        fear_of_case(read_case(THREATENED), probability=[0.3], economy=random_world(3, 2, 1))


def test_countries_that_the_measure_moves_most_are_shown_where_fear_is_nothing() -> None:
    code, out, err = call(*THREAT, "--probability", "0", "--years", "1")
    assert code == 0, err
    rows = out[out.index("a year of the measure") : out.index("what it depends on")].splitlines()[1:-1]
    assert [row.split("  ")[0] for row in rows[:2]] == ["Japan", "United States"]


def test_python_has_the_note_on_a_union_that_had_ended() -> None:
    """What the command line prints of a group is with the Fear in Python too, once."""
    measure = ep.Tariff(importer="USA", exporter="EU28", sector="motor_vehicles", rate=0.25)
    found = ep.paths.fear(ep.load_economy("world2022"), measure, probability=0.3, years=1.0)
    (note,) = found.notes_on_groups
    assert note == "EU28 stands for its members until 2020-01-31, and the data are of 2022"
    assert repr(found).count(note) == 1
    assert fear_sentences.notes(found) == [f"{note}."]
    assert not ep.paths.fear(ep.load_economy("world2018"), measure, probability=0.3, years=1.0).notes_on_groups
