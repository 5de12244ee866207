"""What is towards all the world no importer takes: a minimum price that an exporter keeps, a cost of shipping."""

from __future__ import annotations

from dataclasses import replace

import pytest

import entrepot as ep

ON = "2024-10-01"
FLOOR = ep.MinimumPrice(importer="WORLD", exporter="IND", sector="food", price="120%")


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return ep.load_economy("world2022")


@pytest.mark.parametrize("everyone", ["WORLD", "world", "WLD"])
def test_the_exporter_alone_answers_for_it(world: ep.Economy, everyone: str) -> None:
    found = ep.screen([replace(FLOOR, importer=everyone)], world, on=ON).findings
    assert {f.party for f in found} == {"IND"}
    assert {(f.rule, f.status.value) for f in found} == {("gatt-xi-1", "inconsistent"), ("gatt-xiii", "consistent")}


def test_it_is_the_exporter_that_relies_on_an_exception(world: ep.Economy) -> None:
    law = {"claims": ["gatt-xi-2-a"], "facts": {"critical_shortage": True}}
    (finding,) = (f for f in ep.screen([FLOOR], world, on=ON, law=law).findings if f.rule == "gatt-xi-1")
    assert (finding.status.value, finding.party) == ("justified if", "IND")


@pytest.mark.parametrize(
    "floor",
    [
        ep.MinimumPrice(importer="USA", exporter="IND", sector="food", price="120%"),
        ep.MinimumPrice(importer="WORLD", exporter="IND", sector="food", price="120%", rent="importer"),
    ],
)
def test_one_that_an_importer_levies_or_accepts_is_the_importers_too(world: ep.Economy, floor: ep.MinimumPrice) -> None:
    roles = {f.role for f in ep.screen([floor], world, on=ON).findings if f.rule == "gatt-xi-1"}
    assert "importer" in roles


def test_a_cost_of_trade_in_every_market_is_no_rule_of_an_importer(world: ep.Economy) -> None:
    shipping = ep.NonTariffBarrier(importer="WORLD", exporter="RUS", sector="energy_mining", rate=0.2)
    screen = ep.screen([shipping], world, on=ON, law={"under": ["us-232"]})
    assert not screen.findings
    assert not any("authority under its own law" in note for note in screen.notes)
    rule = replace(shipping, importer="USA")
    assert [f.rule for f in ep.screen([rule], world, on=ON).findings] == ["gatt-iii"]
