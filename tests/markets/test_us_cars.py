"""The car market of 1971-90 at published estimates: against pyblp, and against a table of an independent calculation.

The table of 1990 was computed by a stand-alone program (pyblp's costs, and a solver of its own for taxes and quotas).
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from car_markets import cars as cars_of_test
from entrepot.markets import price_equilibrium
from entrepot.markets.price_equilibrium import PriceGame
from entrepot.markets.price_iteration import groups_of, iterate_margins
from entrepot.markets.us_cars import HOUSEHOLDS, PRICE_OVER_INCOME, TASTES

needs_data = pytest.mark.skipif(
    importlib.util.find_spec("pyblp") is None, reason="the data come with pyblp: pip install '.[firms]'"
)
IMPORTS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


@pytest.fixture(scope="module")
def cars() -> ep.Market:
    return ep.markets.us_cars(1990)


@pytest.fixture(scope="module")
def by_pyblp() -> Any:
    """pyblp's results for 1988-90 at the published estimates (with 1990 alone its instruments are collinear)."""
    import pyblp

    pyblp.options.verbose, pyblp.options.weights_tol = False, np.inf  # its weights come from importance sampling
    pyblp.options.collinear_atol, pyblp.options.collinear_rtol, pyblp.options.singular_tol = 0.0, 0.0, np.inf
    products, agents = ep.markets.us_cars_data()
    problem = pyblp.Problem(
        (pyblp.Formulation("1 + hpwt + air + mpd + space"), pyblp.Formulation("1 + prices + hpwt + air + mpd + space")),
        products[products["market_ids"] >= 1988].reset_index(drop=True),
        pyblp.Formulation("0 + I(1 / income)"),
        agents[agents["market_ids"] >= 1988].reset_index(drop=True),
    )
    first, *others = TASTES.values()
    sigma = np.diag([first, 0.0, *others])
    pi = np.array([[0.0], [-PRICE_OVER_INCOME], [0.0], [0.0], [0.0], [0.0]])
    stay = pyblp.Optimization("return")
    return problem.solve(sigma, pi, method="1s", optimization=stay, check_optimality="gradient", W=np.eye(problem.MD))


def rows(outcome: ep.markets.MarketOutcome) -> tuple[Any, Any]:
    return outcome.by_plant.set_index("plant"), outcome.welfare.set_index("country")


# ---- against pyblp ----


@needs_data
@pytest.mark.slow
def test_costs_are_those_of_pyblp(cars: ep.Market, by_pyblp: Any) -> None:
    theirs = 1000 * np.asarray(by_pyblp.compute_costs(market_id=1990)).ravel()
    np.testing.assert_allclose(cars.cost, theirs, rtol=1e-10)


@needs_data
@pytest.mark.slow
def test_own_elasticities_are_those_of_pyblp(cars: ep.Market, by_pyblp: Any) -> None:
    theirs = np.asarray(
        by_pyblp.extract_diagonals(by_pyblp.compute_elasticities(market_id=1990), market_id=1990)
    ).ravel()
    np.testing.assert_allclose(cars.products["own_elasticity"], theirs, rtol=1e-10)


@needs_data
@pytest.mark.slow
def test_prices_under_a_duty_a_car_are_those_that_pyblp_finds_with_costs_as_much_higher(
    cars: ep.Market, by_pyblp: Any
) -> None:
    amount = 1000.0
    ours = cars.solve(ep.SpecificTariff(**IMPORTS, amount=amount, unit_value=8000.0))
    costs = np.asarray(by_pyblp.compute_costs(market_id=1990)).ravel()
    taxed = costs + amount / 1000 * (np.array(cars.table.plant) == "JPN")
    theirs = 1000 * np.asarray(by_pyblp.compute_prices(costs=taxed, market_id=1990)).ravel()
    np.testing.assert_allclose(ours.prices, theirs, rtol=1e-8)
    shares = np.asarray(by_pyblp.compute_shares(theirs / 1000, market_id=1990)).ravel()
    np.testing.assert_allclose(ours.quantities, 1000 * HOUSEHOLDS[1990] * shares, rtol=1e-7)
    assert ours.prices.max() / cars.table.price.max() > 0.9
    assert np.abs(ours.prices / cars.table.price - 1).max() > 0.05


@needs_data
@pytest.mark.slow
def test_prices_after_a_merger_are_those_of_pyblp(cars: ep.Market, by_pyblp: Any) -> None:
    merged = cars.merge("Ford", "Chrysler").solve()
    products, _ = ep.markets.us_cars_data()
    firms = products.loc[products["market_ids"] == 1990, "firm_ids"].replace({16: 18}).to_numpy()
    theirs = 1000 * np.asarray(by_pyblp.compute_prices(firm_ids=firms, market_id=1990)).ravel()
    np.testing.assert_allclose(merged.prices, theirs, rtol=1e-8)


# ---- base ----


@needs_data
def test_prices_of_1990_are_found_again_from_elsewhere(cars: ep.Market) -> None:
    for start in (cars.table.price * 1.1, cars.cost * 1.2):
        np.testing.assert_allclose(cars.solve(start=start).prices, cars.table.price, rtol=1e-12)


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("year", range(1971, 1991))
def test_every_year_is_calibrated_and_keeps_its_prices(year: int) -> None:
    market = ep.markets.us_cars(year)
    np.testing.assert_allclose(market.solve().prices, market.table.price, rtol=1e-12)
    near = market.solve(start=market.table.price * 1.02)
    np.testing.assert_allclose(near.prices, market.table.price, rtol=1e-11)
    assert (market.cost > 0).all()
    assert market.demand.size == 1000 * HOUSEHOLDS[year]


# ---- 1990: the same Japanese volume three ways, by the stand-alone program ----


@needs_data
def test_tariff_of_1990(cars: ep.Market) -> None:
    plants, welfare = rows(cars.solve(ep.Tariff(**IMPORTS, rate=0.25)))
    assert plants.loc["JPN", "units_pct"] == pytest.approx(-55.7, abs=0.05)
    assert plants.loc["JPN", "price_pct"] == pytest.approx(29.5, abs=0.05)
    assert plants.loc["JPN", "border_price_pct"] == pytest.approx(3.6, abs=0.05)
    assert plants.loc["USA", "price_pct"] == pytest.approx(1.11, abs=0.005)
    assert welfare.loc["USA", "profits"] == pytest.approx(3.25e9, abs=5e6)
    assert welfare.loc["JPN", "total"] == pytest.approx(-2.81e9, abs=5e6)
    assert welfare.loc["USA", "duties"] == pytest.approx(2.53e9, abs=5e6)
    assert welfare.loc["USA", "consumers"] == pytest.approx(-4.94e9, abs=5e6)
    assert welfare.loc["USA", "total"] == pytest.approx(0.84e9, abs=5e6)


@needs_data
@pytest.mark.parametrize(
    ("measure", "japan", "united_states"),
    [(ep.VoluntaryExportRestraint, -0.25e9, -1.18e9), (ep.ImportQuota, -1.87e9, 0.44e9)],
)
def test_quota_of_1990_at_the_volume_of_the_tariff(
    cars: ep.Market, measure: Any, japan: float, united_states: float
) -> None:
    left = cars.solve(ep.Tariff(**IMPORTS, rate=0.25)).by_plant.set_index("plant").loc["JPN", "units"]
    outcome = cars.solve(measure(**IMPORTS, cap=left, unit="units"))
    plants, welfare = rows(outcome)
    assert plants.loc["JPN", "price_pct"] == pytest.approx(25.7, abs=0.06)  # 25.647 here
    assert plants.loc["USA", "price_pct"] == pytest.approx(0.74, abs=0.005)
    assert welfare.loc["USA", "profits"] == pytest.approx(2.98e9, abs=5e6)
    assert welfare.loc["JPN", ["profits", "rents"]].sum() == pytest.approx(japan, abs=5e6)
    assert outcome.rents.loc[0, "rent"] == pytest.approx(1.62e9, abs=5e6)
    assert outcome.rents.loc[0, "licence_price"] == pytest.approx(1540, abs=0.5)
    assert welfare.loc["USA", "consumers"] == pytest.approx(-4.16e9, abs=5e6)
    assert welfare.loc["USA", "total"] == pytest.approx(united_states, abs=5e6)


@needs_data
def test_restraint_to_80_percent_of_1990(cars: ep.Market) -> None:
    outcome = cars.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0.8))
    plants, _ = rows(outcome)
    assert outcome.rents.loc[0, "licence_price"] == pytest.approx(406, abs=0.5)
    assert plants.loc["JPN", "price_pct"] == pytest.approx(6.23, abs=0.005)
    assert plants.loc["USA", "price_pct"] == pytest.approx(0.09, abs=0.005)
    assert plants.loc["USA", "units_pct"] == pytest.approx(5.4, abs=0.05)
    owner = dict(zip(cars.table.firm, cars.table.owner, strict=True))
    owned = outcome.firms.assign(owner=outcome.firms["firm"].map(owner)).groupby("owner").sum(numeric_only=True)
    pct = 100 * owned[["profit_change", "with_rent_change"]].div(owned["profit_before"], axis=0)
    assert pct.loc["USA", "profit_change"] == pytest.approx(4.55, abs=0.005)
    assert pct.loc["JPN", "with_rent_change"] == pytest.approx(2.44, abs=0.005)
    assert pct.loc["JPN", "profit_change"] == pytest.approx(-10.9, abs=0.05)


# ---- where Newton's method stalls ----


def test_iteration_on_margins_ends_in_the_base() -> None:
    market = cars_of_test("mixed_logit")
    game = PriceGame(
        demand=market.demand, conduct=market.conduct, cost=market.cost, owned=market.owned, chain=market.base
    )
    found = iterate_margins(game, 1.2 * market.table.price, np.zeros(0))
    np.testing.assert_allclose(found, market.table.price, rtol=1e-5)


@needs_data
@pytest.mark.slow
def test_prices_are_found_where_a_local_best_price_ceases_to_exist() -> None:
    """In 1989 the profit of a Porsche 911 has two local maxima in its price, and that of the base is nearly flat."""
    market = ep.markets.us_cars(1989)
    japan = np.array(market.table.plant) == "JPN"
    jumped = replace(market, cost=market.cost - 1050.0 * japan).solve()
    assert jumped.residual <= 1e-12
    assert np.abs(jumped.prices / market.table.price - 1).max() > 0.5


# ---- input ----


def test_other_years_are_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="1971 to 1990"):
        ep.markets.us_cars(1991)


def test_without_pyblp_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ep.errors.InputError, match=r'pip install "entrepot\[firms\]"'):
        ep.markets.us_cars(1990)


@needs_data
def test_another_demand_system_on_the_same_cars() -> None:
    market = ep.markets.us_cars(1990, demand="logit", price_coefficient=-4e-4)
    assert market.parameters["price_coefficient"] == -4e-4
    assert "logit" in repr(market)


@pytest.mark.parametrize("system", ["logit", "mixed_logit"])
@pytest.mark.parametrize("measures", [ep.Tariff(**IMPORTS, rate=0.25), ep.ImportQuota(**IMPORTS, cap=0.7)])
def test_iteration_to_the_end_finds_the_prices_of_newtons_method(
    system: str, measures: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    market = cars_of_test(system)
    newton = market.solve(measures)
    monkeypatch.setattr(price_equilibrium, "LARGE", 0)
    iterated = market.solve(measures)
    assert newton.point.iterations > 0
    assert iterated.point.iterations == 0
    assert iterated.residual <= 1e-12
    np.testing.assert_allclose(iterated.prices, newton.prices, rtol=1e-11)


@pytest.mark.parametrize("system", ["logit", "mixed_logit"])
def test_pull_of_margins_equals_the_product_with_the_slopes(system: str) -> None:
    market = cars_of_test(system)
    prices, margins = 1.1 * market.table.price, market.table.price - market.cost
    groups = groups_of(market.owned)
    assert groups is not None
    demand = market.demand
    dense = (market.owned * (demand.slopes(prices) - np.diag(demand.own_slopes(prices)))).T @ margins
    np.testing.assert_allclose(demand.pull(prices, margins, groups), dense, rtol=1e-12)


def test_makers_that_share_a_product_are_no_groups() -> None:
    owned = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert groups_of(owned) is None
    assert groups_of(np.kron(np.eye(2), np.ones((2, 2)))) is not None
