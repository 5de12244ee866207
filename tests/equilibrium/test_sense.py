"""Questions far from the data are answered with a warning that names the reason; questions within it without one."""

from __future__ import annotations

import pytest

import entrepot as ep
from entrepot.data.elasticities import published
from entrepot.equilibrium.sense import PUBLISHED

CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
FAR = {
    "a duty below -50%": (ep.Tariff(**CARS, rate=-0.7), "duty of -70% on motor_vehicles from JPN into USA"),
    "an export tax below -50%": (
        ep.ExportTax(importer="USA", exporter="JPN", sector="motor_vehicles", rate=-0.6),
        "export tax of -60% on motor_vehicles from JPN into USA",
    ),
    "a trade cost that nearly vanishes": (ep.NonTariffBarrier(**CARS, rate=-0.9999), "trade costs of -100% on"),
    "a subsidy above the cost itself": (
        ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=1.5),
        "subsidy of 150% on motor_vehicles in USA",
    ),
    "trade under a percent": (ep.Tariff(**CARS, rate="2000%"), "falls to"),
}
WITHIN = {
    "nothing": (),
    "a tariff of 25 points": (ep.Tariff(**CARS, rate=0.25, change="add"),),
    "a duty abolished": (ep.Tariff(**CARS, rate=0),),
    "an embargo, where trade is meant to go": (ep.ImportQuota(**CARS, cap=0),),
    "a subsidy of 20%": (ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=0.2),),
}


@pytest.mark.parametrize("name", FAR)
def test_a_question_far_from_the_data_says_so(world: ep.Economy, name: str) -> None:
    measure, said = FAR[name]
    outcome = ep.solve(world, measure)
    (warning,) = outcome.warnings
    assert warning.startswith("Far from the data: ")
    assert said in warning
    assert outcome.notes[0] == warning
    assert warning in repr(outcome)


@pytest.mark.parametrize("name", WITHIN)
def test_a_question_within_the_data_is_not_warned_of(world: ep.Economy, name: str) -> None:
    outcome = ep.solve(world, WITHIN[name])
    assert outcome.warnings == ()
    assert "Far from" not in repr(outcome)


@pytest.mark.parametrize(("theta", "far"), [(0.1, True), (0.31, False), (64.85, False), (200.0, True)])
def test_elasticities_that_nobody_has_estimated(small: ep.Economy, theta: float, far: bool) -> None:
    said = ep.solve(small.with_theta(theta)).warnings
    assert bool(said) is far
    assert all(f"{theta:.3g}" in line for line in said)


def test_the_published_range_is_that_of_the_set() -> None:
    values = published()["cp2015"].values.values()
    assert (min(values), max(values)) == PUBLISHED


def test_a_country_that_is_left_with_hardly_any_trade(world: ep.Economy) -> None:
    barrier = ep.NonTariffBarrier(importer="JPN", exporter="WORLD", sector="ALL", rate="20000%")
    said = ep.solve(world, barrier).warnings
    assert any(" of JPN fall to " in line for line in said)
