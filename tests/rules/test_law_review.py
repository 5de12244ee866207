"""What a review of the law found wanting, each fault on the measure that showed it; the sources are in the entries."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.agreements import between
from entrepot.rules.book import agreements
from entrepot.rules.finding import Finding
from entrepot.rules.parties import Party

Date = datetime.date


def found(world: ep.Economy, measure: Any, on: str, law: Mapping[str, Any] | None = None) -> dict[str, Finding]:
    """Return the findings on the party that takes the measure, by rule."""
    return {f.rule: f for f in ep.screen(measure, world, on=on, law=law or {}).findings}


def party(code: str) -> Party:
    return Party(code, (code,))


# ---- members of an agreement that it does not bind to each other ----


@pytest.mark.parametrize(
    ("one", "two", "on", "bound"),
    [
        ("AUS", "GBR", "2024-12-23", False),
        ("AUS", "GBR", "2024-12-24", True),
        ("CAN", "GBR", "2026-07-01", False),
        ("GBR", "MEX", "2026-07-01", False),
        ("GBR", "JPN", "2024-12-15", True),
        ("CAN", "MEX", "2024-12-15", True),
        ("CAN", "JPN", "2026-07-01", True),
    ],
)
def test_the_accession_of_the_united_kingdom_binds_those_who_ratified_it(
    one: str, two: str, on: str, bound: bool
) -> None:
    for a, b in ((one, two), (two, one)):
        assert ("cptpp" in {x.id for x in between(party(a), party(b), Date.fromisoformat(on))}) is bound


def test_no_pledge_and_no_preference_between_members_that_are_apart(world: ep.Economy) -> None:
    def duty_on(exporter: str) -> ep.Tariff:
        return ep.Tariff(importer="CAN", exporter=exporter, sector="motor_vehicles", rate="25%", change="add")

    assert "cptpp-duties" not in found(world, duty_on("GBR"), "2026-06-01")
    assert "cptpp-duties" in found(world, duty_on("JPN"), "2026-06-01")
    free = ep.Tariff(importer="CAN", exporter="GBR", sector="motor_vehicles", rate="0%")
    finding = found(world, free, "2026-06-01")["gatt-i-1"]
    assert finding.status.value == "inconsistent"
    says = " ".join(step.says for step in finding.steps)
    assert "CPTPP: Canada had not ratified the accession of the United Kingdom" in says


def test_every_pair_apart_is_of_two_parties_and_in_order() -> None:
    for agreement in agreements().values():
        for pair in agreement.not_between:
            assert set(pair.parties) <= set(agreement.parties)
            assert len(set(pair.parties)) == 2
            assert pair.since is None or pair.until is None or pair.since < pair.until
            assert pair.because[0].isalpha()
            assert not pair.because.endswith(".")
