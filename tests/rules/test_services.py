"""The agreements in the book are on goods: what a measure does to trade in services is not screened by them."""

from __future__ import annotations

from typing import Any

import pytest

import entrepot as ep
from entrepot.studies import legal_notes

ON = "2026-07-01"
BORDER = {"importer": "EU27", "exporter": "USA"}


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return ep.load_economy("world2022")


def screened(world: ep.Economy, *measures: ep.Measure, **law: Any) -> ep.rules.Screen:
    return ep.screen(list(measures), world, on=ON, law=law)


@pytest.mark.parametrize(
    "measure",
    [
        ep.Tariff(**BORDER, sector="business_services", rate=0.05),
        ep.ImportQuota(**BORDER, sector="transport_services", cap=0.8),
        ep.VoluntaryExportRestraint(**BORDER, sector="business_services", cap=0.8),
        ep.NonTariffBarrier(**BORDER, sector="business_services", rate=0.1),
        ep.ExportTax(exporter="USA", sector="business_services", rate=0.1),
        ep.measures.ExportBan(exporter="CHN", importer="USA", sector="transport_services"),
        ep.ProductionSubsidy(country="DEU", sector="business_services", rate=0.05),
    ],
)
def test_a_measure_on_services_breaches_no_rule_on_goods(world: ep.Economy, measure: ep.Measure) -> None:
    screen = screened(world, measure)
    assert not screen.findings
    (note,) = legal_notes.notes(screen)
    assert note.summary.startswith("The book has no law on services (")
    assert any("General Agreement on Trade in Services" in text for text in screen.notes)
    assert "no law on services" in repr(screen)


def test_of_a_measure_on_goods_and_services_the_goods_are_screened(world: ep.Economy) -> None:
    both = ep.Tariff(**BORDER, sector=["steel", "business_services"], rate=0.05)
    alone = ep.Tariff(**BORDER, sector="steel", rate=0.05)
    found, goods = screened(world, both), screened(world, alone)
    assert [(f.rule, f.status, f.steps, f.trade) for f in found.findings] == [
        (f.rule, f.status, f.steps, f.trade) for f in goods.findings
    ]
    (note,), (of_goods,) = legal_notes.notes(found), legal_notes.notes(goods)
    assert note.summary == f"{of_goods.summary} The book has no law on services (business services)."
    assert not any("services (" in text for text in goods.notes)


def test_a_quota_over_goods_and_services_is_the_same_share_of_the_goods(world: ep.Economy) -> None:
    both = ep.ImportQuota(**BORDER, sector=["steel", "business_services"], cap=0.8)
    (found,) = (f for f in screened(world, both).findings if f.rule == "gatt-xi-1")
    assert "limits imports of steel from the United States: 80% of the base volume" in found.steps[0].says
    assert found.trade == pytest.approx(
        sum(
            world.value[world.sectors.index("steel"), n, world.countries.index("USA")]
            for n, code in enumerate(world.countries)
            if code in ep.rules.parties.expand("EU27")
        )
    )


def test_a_subsidy_to_goods_and_services_is_one_to_the_goods(world: ep.Economy) -> None:
    both = ep.ProductionSubsidy(country="IDN", sector=["other_metals", "construction"], rate=0.05)
    (found,) = (f for f in screened(world, both).findings if f.rule == "scm-5")
    assert "on the output of other metals." in found.steps[0].says


def test_electricity_is_screened_as_goods_are(world: ep.Economy) -> None:
    screen = screened(world, ep.ImportQuota(importer="DEU", exporter="CHE", sector="utilities", cap=0.8))
    assert "gatt-xi-1" in {f.rule for f in screen.findings}
    assert not any("services (" in text for text in screen.notes)


def test_a_statute_reaches_services(world: ep.Economy) -> None:
    measure = ep.Tariff(importer="USA", exporter="IND", sector="business_services", rate=0.1)
    assert [f.rule for f in screened(world, measure, under=["us-301"]).findings] == ["us-301"]


def test_a_standstill_on_any_measure_reaches_services(world: ep.Economy) -> None:
    services = ep.Tariff(importer="USA", exporter="JPN", sector="business_services", rate=0.1)
    screen = ep.screen([services], world, on="2022-06-01")
    assert [f.rule for f in screen.findings] == ["standstill-2019"]
