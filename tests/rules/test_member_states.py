"""A member of the European Union that acts without it: the screen says that the Union sets duties and limits."""

from __future__ import annotations

import pytest

import entrepot as ep
from entrepot.studies import legal_notes

ON = "2026-07-01"
SET_BY = "Duties and limits on trade are set by the European Union, not by {} alone."


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return ep.load_economy("world2022")


def summary(world: ep.Economy, measure: ep.Measure, on: str = ON) -> str:
    (note,) = legal_notes.notes(ep.screen([measure], world, on=on))
    return note.summary


@pytest.mark.parametrize(
    ("measure", "members"),
    [
        (ep.Tariff(importer="FRA", exporter="TUR", sector="steel", rate=0.1, change="add"), "France"),
        (ep.ImportQuota(importer=["FRA", "DEU"], exporter="TUR", sector="steel", cap=0.8), "Germany and France"),
        (ep.measures.ExportBan(exporter="FRA", sector="food"), "France"),
        (ep.ExportTax(exporter="POL", sector="food", rate=0.1), "Poland"),
    ],
)
def test_a_member_that_acts_alone_is_named(world: ep.Economy, measure: ep.Measure, members: str) -> None:
    assert summary(world, measure).endswith(SET_BY.format(members))
    notes = " ".join(ep.screen([measure], world, on=ON).notes)
    assert f"not by {members} alone (Articles 3 and 207" in notes


def test_between_members_no_rule_of_the_wto_is_tried(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="FRA", exporter="DEU", sector="steel", rate=0.1, change="add")
    assert not ep.screen([measure], world, on=ON).findings
    assert summary(world, measure) == SET_BY.format("France")


@pytest.mark.parametrize(
    ("measure", "on"),
    [
        (ep.Tariff(importer="EU27", exporter="TUR", sector="steel", rate=0.1), ON),
        (ep.Tariff(importer="EU27", exporter="TUR", sector="steel", rate=0.1), "2019-05-17"),  # the United Kingdom too
        (ep.Tariff(importer="FRA", exporter="TUR", sector="steel", rate=0.1), "1994-12-31"),
        (ep.Tariff(importer="GBR", exporter="TUR", sector="steel", rate=0.1), ON),
        (ep.Tariff(importer="USA", exporter="FRA", sector="steel", rate=0.1), ON),
        (ep.VoluntaryExportRestraint(importer="USA", exporter="FRA", sector="steel", cap=0.8), ON),
        (ep.NonTariffBarrier(importer="FRA", exporter="TUR", sector="steel", rate=0.1), ON),
        (ep.ProductionSubsidy(country="FRA", sector="steel", rate=0.1), ON),
    ],
)
def test_the_union_itself_and_what_a_member_may_do_are_not(world: ep.Economy, measure: ep.Measure, on: str) -> None:
    assert "set by the European Union" not in summary(world, measure, on)


def test_a_member_that_stands_for_the_union_in_the_data_does_not_act_alone(world: ep.Economy) -> None:
    small = world.aggregate(countries={c: c for c in ("DEU", "TUR", "USA")}, rest_of_world="ROW")
    assert "European Union" not in summary(small, ep.Tariff(importer="DEU", exporter="TUR", sector="steel", rate=0.1))
