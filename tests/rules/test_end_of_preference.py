"""A duty raised to what the goods of other Members pay may only end a preference, which Article I:1 leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import entrepot as ep

ON = "2025-10-01"
FREE = ep.Tariff(importer="USA", exporter=["ZAF", "SEN"], sector="textiles", rate=0.0)
LAPSE = ep.Tariff(importer="USA", exporter=["ZAF", "SEN"], sector="textiles", rate=0.09)
YES, NO = {"facts": {"ends_a_preference": True}}, {"facts": {"ends_a_preference": False}}


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    """World2022 with textiles from South Africa and Senegal free in the United States; China's pay 18%, most 9.1%."""
    return ep.solve(ep.load_economy("world2022"), [FREE]).as_economy("preferences")


def found(world: ep.Economy, *measures: ep.Measure, law: Mapping[str, Any] | None = None) -> ep.rules.Finding:
    screen = ep.screen(list(measures), world, on=ON, law=law)
    (finding,) = (f for f in screen.findings if f.rule == "gatt-i-1")
    return finding


def test_a_duty_no_higher_than_that_of_others_turns_on_whether_it_ends_a_preference(world: ep.Economy) -> None:
    finding = found(world, LAPSE)
    assert finding.status.value == "justified if"
    assert finding.condition.startswith("it does no more than end a preference")
    (step,) = (s for s in finding.steps if s.fact == "origins_treated_differently")
    assert step.answer is None
    assert step.says.startswith("It falls on South Africa and Senegal and not on ")
    assert step.says.endswith("Whether it does no more than end a preference is not stated.")


@pytest.mark.parametrize(("law", "status"), [(YES, "consistent"), (NO, "inconsistent")])
def test_the_case_may_state_it(world: ep.Economy, law: Mapping[str, Any], status: str) -> None:
    assert found(world, LAPSE, law=law).status.value == status


@pytest.mark.parametrize("keys", [{"rate": 0.15}, {"rate": 0.1, "change": "add"}])
def test_a_duty_above_that_of_most_others_ends_no_preference(world: ep.Economy, keys: Mapping[str, Any]) -> None:
    higher = ep.Tariff(importer="USA", exporter=["ZAF", "SEN"], sector="textiles", **keys)
    assert found(world, higher).status.value == "inconsistent"
    assert found(world, higher, law=YES).status.value == "consistent"


def test_what_is_taken_under_a_statute_ends_no_preference(world: ep.Economy) -> None:
    assert found(world, LAPSE, law={"under": "us-232"}).status.value == "contested"


def test_a_duty_on_nearly_all_ends_no_preference_where_those_left_out_pay_less(world: ep.Economy) -> None:
    most = ep.Tariff(importer="USA", exempt=["CAN", "MEX"], sector="textiles", rate=0.1, change="add")
    assert found(world, most).status.value == "contested", "for the partners of the United States are left out"


def test_a_preference_for_some_is_not_the_end_of_one(world: ep.Economy) -> None:
    free = ep.Tariff(importer="USA", exporter=["IND"], sector="textiles", rate=0.0)
    assert found(world, free, law=YES).status.value == "inconsistent"


def test_a_statute_that_asks_for_equal_treatment_is_not_met_by_it(world: ep.Economy) -> None:
    some = ep.Tariff(importer="USA", exporter="ZAF", sector="textiles", rate=0.05, change="add")
    screen = ep.screen([some], world, on=ON, law={"under": "us-122", **YES})
    (act,) = (f for f in screen.findings if f.rule == "us-122")
    assert any(step.says.startswith("The measure treats origins differently") for step in act.steps)


@pytest.mark.parametrize(
    ("importer", "exporter", "sector", "points"),
    [
        ("USA", "JPN", "motor_vehicles", 0.05),
        ("EU27", "CHN", "motor_vehicles", 0.05),
        ("CHN", "AUS", "food", 0.1),
        ("USA", "DEU", "chemicals", 0.05),
    ],
)
def test_a_duty_on_one_member_ends_no_preference_where_others_are_hit_harder(
    world: ep.Economy, importer: str, exporter: str, sector: str, points: float
) -> None:
    """What China pays under Section 301, or the United States under an answer, is not what Members usually pay."""
    duty = ep.Tariff(importer=importer, exporter=exporter, sector=sector, rate=points, change="add")
    assert found(world, duty).status.value == "inconsistent"


def test_where_an_exception_is_claimed_no_preference_is_at_stake(world: ep.Economy) -> None:
    finding = found(world, LAPSE, law={"claims": ["gatt-xxi"]})
    assert finding.status.value == "contested"
