"""GATT Article II:1(b) on a made-up schedule: duties at the bound rate and just above it, by item and by date."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from test_facts import CARS, add, exceeds, made, trq

import entrepot as ep
from entrepot.rules.book import Rate
from entrepot.rules.facts import FactAnswer

Schedule = Callable[..., None]


def rate(kind: str, *values: tuple[str, float | str], **keys: Any) -> Rate:
    """A US rate on cars by date; in words where it is specific."""
    dated = [{"since": since, "rate" if isinstance(v, float) else "specific": v} for since, v in values]
    plain = {"country": "USA", "item": "cars", "hs": "8703", "isic4": "29", "confidence": "seen"}
    entry = {"id": "-", "kind": kind, "values": dated, "source": {"title": "A schedule"}}
    return Rate.model_validate(plain | entry | keys)


@pytest.fixture
def schedule(monkeypatch: pytest.MonkeyPatch) -> Schedule:
    """Replace the rates of the book."""

    def of(*listed: Rate) -> None:
        book = {str(k): entry for k, entry in enumerate(listed)}
        monkeypatch.setattr("entrepot.rules.facts.duties.rates", lambda: book)

    return of


def on(day: str) -> dict[str, Any]:
    return {"on": datetime.date.fromisoformat(day)}


BOUND = rate("bound", ("1995-01-01", 0.10), ("2000-01-01", 0.08))
APPLIED = rate("mfn", ("1995-01-01", 0.05))


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    return made()


@pytest.mark.parametrize(
    ("points", "day", "beyond"),
    [
        (0.03, "2000-01-01", False),  # 5% + 3 points = 8%, the bound rate
        (0.0301, "2000-01-01", True),
        (0.03, "1999-12-31", False),  # the day before it came down, 10% were bound
        (0.05, "1999-12-31", False),
        (0.0501, "1999-12-31", True),
        (0.05, "2019-05-17", True),
    ],
)
def test_duty_equal_to_the_bound_rate_is_allowed_and_higher_is_not(
    economy: ep.Economy, schedule: Schedule, points: float, day: str, beyond: bool
) -> None:
    schedule(BOUND, APPLIED)
    assert exceeds(economy, add(points, "WORLD"), **on(day)).value is beyond


def test_the_sentence_shows_the_calculation(economy: ep.Economy, schedule: Schedule) -> None:
    schedule(BOUND, APPLIED)
    within = exceeds(economy, add(0.03, "WORLD"))
    assert within == FactAnswer(
        False,
        "Cars (8703): 5% applied and 3 percentage points more make 8%; the bound rate is 8%: within it.",
        "the book of rates, and the case",
        "seen",
    )
    assert exceeds(economy, add(0.04, "WORLD")).says == (
        "Cars (8703): 5% applied and 4 percentage points more make 9%; the bound rate is 8%: 1 percentage point "
        "above it."
    )
    # What is levied beside the ad valorem duty counts too: 8% of the base price are 8 points.
    assert (
        "5% applied and 8 percentage points more make 13%"
        in exceeds(economy, ep.SpecificTariff(**CARS, amount="8%")).says
    )
    # A duty that falls leaves what is applied.
    assert "5% applied and 0 percentage points more make 5%" in exceeds(economy, add(-0.01, "WORLD")).says


def test_duty_that_is_set_replaces_the_applied_duty(economy: ep.Economy, schedule: Schedule) -> None:
    schedule(BOUND, APPLIED)
    for number, beyond in ((0.08, False), (0.0801, True)):
        for measure in (ep.Tariff(**CARS, rate=number), trq("WORLD", in_rate=0.0, out_rate=number)):
            answer = exceeds(economy, measure)
            assert answer.value is beyond
            assert f"a duty set at {100 * number:.4g}%" in answer.says
    half = exceeds(economy, ep.Tariff(**CARS, rate=0.5, change="cut"))
    assert "5% applied, cut by 50% to 2.5%" in half.says


@pytest.mark.parametrize(
    "other",
    [
        rate("mfn", ("1995-01-01", 0.05), country="JPN"),
        rate("mfn", ("1995-01-01", 0.05), hs="8704"),
        rate("mfn", ("2019-05-18", 0.05)),  # from the day after the screen on
        rate("mfn", ("1995-01-01", "500 dollars a car")),
        rate("preference", ("1995-01-01", 0.05)),
    ],
    ids=["another country's", "on another item", "not yet applied", "in words", "of an agreement"],
)
def test_bound_rate_replaces_an_unknown_applied_rate(economy: ep.Economy, schedule: Schedule, other: Rate) -> None:
    schedule(other, BOUND)
    answer = exceeds(economy, add(0.01, "WORLD"))
    assert answer.value is True
    assert "8% applied and 1 percentage point more make 9%" in answer.says


@pytest.mark.parametrize(
    "other",
    [
        rate("bound", ("1995-01-01", 0.01), country="JPN"),
        rate("bound", ("1995-01-01", 0.01), isic4="30"),
        rate("bound", ("2019-05-18", 0.01)),
        rate("bound", ("1995-01-01", "100 dollars a car")),
        rate("preference", ("1995-01-01", 0.01)),
    ],
    ids=["another country's", "on other goods", "not yet bound", "in words", "of an agreement"],
)
def test_bindings_of_other_parties_goods_and_dates_are_ignored(
    economy: ep.Economy, schedule: Schedule, other: Rate
) -> None:
    schedule(other)
    assert exceeds(economy, add(0.05, "WORLD")).value is None
    schedule(other, BOUND, APPLIED)
    assert exceeds(economy, add(0.03, "WORLD")).value is False


def test_each_item_of_a_sector_is_compared_with_its_own_binding(economy: ep.Economy, schedule: Schedule) -> None:
    """One item above its bound rate is a breach; the others are then not reported. The lowest confidence counts."""
    trucks = rate("bound", ("1995-01-01", 0.25), item="trucks", hs="8704", confidence="general")
    schedule(BOUND, APPLIED, trucks, rate("mfn", ("1995-01-01", 0.20), hs="8704"))
    fine = exceeds(economy, add(0.03, "WORLD"))
    assert (fine.value, fine.confidence) == (False, "general")
    assert fine.says == (
        "Cars (8703): 5% applied and 3 percentage points more make 8%; the bound rate is 8%: within it; "
        "Trucks (8704): 20% applied and 3 percentage points more make 23%; the bound rate is 25%: within it."
    )
    one = exceeds(economy, add(0.04, "WORLD"))
    assert (one.value, one.confidence) == (True, "general")
    assert "Trucks" not in one.says
    both = exceeds(economy, add(0.06, "WORLD"))
    assert both.says == (
        "Cars (8703): 5% applied and 6 percentage points more make 11%; the bound rate is 8%: 3 percentage points "
        "above it; Trucks (8704): 20% applied and 6 percentage points more make 26%; the bound rate is 25%: 1 "
        "percentage point above it."
    )


def test_eu_schedule_applies_to_its_members(schedule: Schedule) -> None:
    germany = replace(made(), countries=("DEU", "JPN", "USA", "CHN", "IRN"))
    schedule(rate("bound", ("1995-01-01", 0.10), country="EU"), rate("mfn", ("1995-01-01", 0.04), country="EU"))
    measure = {"importer": "DEU", "sector": "cars", "change": "add"}
    for points, beyond in ((0.06, False), (0.061, True)):
        assert exceeds(germany, ep.Tariff(**measure, rate=points)).value is beyond


def test_a_case_states_a_ceiling_for_a_sector(economy: ep.Economy, schedule: Schedule) -> None:
    """It replaces the book and applies to the highest duty of the sector: 2.5% in the Economy plus the added points.

    What the Economy has is a mean of the sector's products: within the ceiling with it, each product's duty may not be.
    """
    schedule(BOUND, APPLIED)
    stated = {"bound_rates": [{"country": "USA", "sector": "cars", "rate": 0.05}]}
    for points, beyond in ((0.025, None), (0.026, True)):
        answer = exceeds(economy, add(points), case=stated)
        assert (answer.value, answer.confidence) == (beyond, None)
    assert exceeds(economy, add(0.025), case=stated).says == (
        "Cars: 5% with the mean of its products' duties; the bound rate is 5%: within it (what the base has is a mean "
        "of the sector, and single products may pay more or less)."
    )
    whole = exceeds(economy, add(0.05, change="set"), case=stated)
    assert (whole.value, whole.says) == (False, "Cars: 5% at most; the bound rate is 5%: within it.")
    silent = exceeds(economy, add(0.05, "WORLD", sector=["food", "telecoms"]))
    assert silent.says == (
        "The book has no bound rate of the United States for food (up to 9% after the measure) and telecoms (up to 5% "
        "after the measure): see its schedule, or state it (law: bound_rates)."
    )
