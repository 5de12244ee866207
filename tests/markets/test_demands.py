"""Demand systems: base quantities, slopes and curvature against differences, consumer surplus as an area."""

from __future__ import annotations

import numpy as np
import pytest

from car_markets import CARS, SYSTEMS, cars

PRICES = CARS["price"].to_numpy() * np.array([1.05, 0.97, 1.1, 1.0, 1.2, 0.95, 1.04, 0.99])


def central(function, at, step=1e-5):
    columns = []
    for j in range(at.size):
        up, down = at.copy(), at.copy()
        up[j] += step * at[j]
        down[j] -= step * at[j]
        columns.append((function(up) - function(down)) / (2 * step * at[j]))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("system", SYSTEMS)
def test_base_prices_give_base_quantities(system):
    demand = cars(system).demand
    np.testing.assert_allclose(demand.quantities(CARS["price"].to_numpy()), CARS["quantity"], rtol=1e-12)


@pytest.mark.parametrize("system", SYSTEMS)
def test_slopes_are_those_of_quantities(system):
    demand = cars(system).demand
    np.testing.assert_allclose(demand.slopes(PRICES), central(demand.quantities, PRICES), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("system", SYSTEMS)
def test_curvature_is_that_of_slopes(system):
    demand = cars(system).demand
    weights = np.random.default_rng(1).normal(size=(8, 8))
    second = central(demand.slopes, PRICES)  # [k,j,l]
    expected = np.einsum("kj,kjl->jl", weights, second)
    np.testing.assert_allclose(demand.curvature(PRICES, weights), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("system", SYSTEMS)
def test_surplus_is_the_area_beside_demand(system):
    demand, start = cars(system).demand, CARS["price"].to_numpy()
    nodes, weights = np.polynomial.legendre.leggauss(12)
    area = sum(
        w / 2 * demand.quantities(start + (PRICES - start) * (x + 1) / 2) @ (PRICES - start)
        for x, w in zip(nodes, weights, strict=True)
    )
    assert demand.surplus_change(start, PRICES) == pytest.approx(-area, rel=1e-9)


@pytest.mark.parametrize("system", SYSTEMS)
def test_cross_slopes_are_symmetric(system):
    slopes = cars(system).demand.slopes(CARS["price"].to_numpy())
    np.testing.assert_allclose(slopes, slopes.T, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("system", ["closed_logit", "closed_ces", "aids"])
def test_without_outside_good_the_units_or_spending_lost_by_one_go_to_others(system):
    market = cars(system)
    prices = CARS["price"].to_numpy()
    slopes = market.demand.slopes(prices)
    if system == "closed_logit":
        np.testing.assert_allclose(slopes.sum(axis=0), 0.0, atol=1e-9)
    else:  # d ln(spending) / d ln p_j is (1 + elasticity) w_j
        w = prices * CARS["quantity"].to_numpy()
        by_price = prices @ slopes * prices + w
        np.testing.assert_allclose(by_price, (1 + market.parameters["market_elasticity"]) * w, rtol=1e-9)


def test_nests_with_no_correlation_are_the_logit():
    flat = cars("logit", price_coefficient=-0.3)
    nested = cars("nested_logit", price_coefficient=-0.3, nesting=0.0)
    np.testing.assert_allclose(nested.demand.slopes(PRICES), flat.demand.slopes(PRICES), rtol=1e-10)


def test_inner_nests_as_correlated_as_their_own_are_one_level():
    one = cars("nested_logit", price_coefficient=-0.3, nesting=0.4)
    two = cars("two_nests", price_coefficient=-0.3, nesting=(0.4, 0.4))
    np.testing.assert_allclose(two.demand.slopes(PRICES), one.demand.slopes(PRICES), rtol=1e-9)


def test_a_mixed_logit_of_equal_draws_is_the_logit():
    draws = {"taste": np.zeros((8, 5)), "alpha": np.full(5, 0.3)}
    mixed, flat = cars("mixed_logit", draws=draws), cars("logit", price_coefficient=-0.3)
    np.testing.assert_allclose(mixed.demand.slopes(PRICES), flat.demand.slopes(PRICES), rtol=1e-10)
    np.testing.assert_allclose(mixed.cost, flat.cost, rtol=1e-10)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_one_product_loses_is_shared_among_others(system):
    diversion = cars(system).demand.diversion(CARS["price"].to_numpy())
    assert (diversion >= 0).all()
    assert (diversion.sum(axis=0) < 1 + (2.0 if system in ("closed_ces", "ces", "aids") else 1e-9)).all()


def test_own_slopes_hold_the_price_index():
    # A product of negligible share does not move the index: its own slope is then the same with the index held.
    table = CARS.assign(quantity=CARS["quantity"] * np.where(CARS["product"] == "Berg", 1e-9, 1.0))
    for system in ("logit", "ces"):
        market = cars(system)
        market = type(market).from_products(table, importer="USA", demand=system, **SYSTEMS[system])
        prices = table["price"].to_numpy()
        slopes = market.demand.slopes(prices)
        assert market.demand.own_slopes(prices)[-1] == pytest.approx(slopes[-1, -1], rel=1e-6)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_kept_at_one_point_is_not_used_at_another(system):
    """Quantities and slopes after a change of prices, and of prices in place, are those of a demand not used before."""
    used, fresh = cars(system).demand, cars(system).demand
    prices = 1.02 * np.array(CARS["price"], dtype=float)
    used.quantities(prices), used.slopes(prices)
    prices *= 1.01
    np.testing.assert_array_equal(used.slopes(prices), fresh.slopes(prices))
    np.testing.assert_array_equal(used.quantities(prices), fresh.quantities(prices))


@pytest.mark.parametrize("one_each", [True, False])
def test_margins_found_maker_by_maker_are_those_of_the_whole_system(one_each):
    """With partial ownership there are no makers to go by, and all products are one linear system."""
    market = cars("logit")
    owned = market.owned if one_each else 0.9 * market.owned + 0.1
    prices = np.array(CARS["price"], dtype=float)
    found = market.conduct.margins(market.demand, prices, np.ones(8), owned)
    assert np.abs(market.conduct.gap(market.demand, prices, found, np.ones(8), owned)).max() < 1e-12
