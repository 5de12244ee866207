"""Prices that are better for a maker than the one at which its first-order condition holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from car_markets import SYSTEMS, cars, tariff
from entrepot.markets.deviating import DEVIATIONS, deviations

#: Most buyers mind the price of B eight times as much as the others do, and to sell to the others alone pays more.
TWO_KINDS = pd.DataFrame(
    {"product": ["A", "B"], "firm": ["F", "G"], "plant": ["USA", "JPN"], "price": [40.0, 20.0], "quantity": [100, 300]}
)
BUYERS = {"taste": np.array([[4.0, 0.0], [0.0, 0.0]]), "alpha": [0.05, 0.4], "weight": [0.3, 0.7]}


def two_kinds() -> ep.Market:
    return ep.Market.from_products(
        TWO_KINDS, importer="USA", demand="mixed_logit", market_size=1000.0, draws=BUYERS, sector="motor_vehicles"
    )


def test_a_maker_that_would_rather_serve_fewer_buyers_is_named():
    market = two_kinds()
    outcome = market.solve()
    (found,) = outcome.deviations.itertuples()
    assert (found.product, found.firm, found.price_pct) == ("B", "G", pytest.approx(50.0))
    # The same profits from the formula of the logit, written out.
    mean, cost = market.demand.mean, market.cost[1]

    def profit(price: float) -> float:
        total = 0.0
        for taste, alpha, weight in zip(BUYERS["taste"].T, BUYERS["alpha"], BUYERS["weight"], strict=True):
            odds = np.exp(mean + taste - alpha * np.array([40.0, price]))
            total += 1000 * weight * odds[1] / (1 + odds.sum())
        return (price - cost) * total

    assert profit(20.01) - profit(19.99) == pytest.approx(0.0, abs=1e-3)  # the first-order condition
    assert found.gain == pytest.approx(profit(30.0) - profit(20.0))
    assert found.gain_pct == pytest.approx(100 * (profit(30.0) / profit(20.0) - 1))
    assert any("G would earn 25% more with B at a price 50% higher" in note for note in outcome.notes)


def test_what_a_better_price_gains_counts_the_subsidy():
    market = two_kinds()
    outcome = market.solve(ep.ProductionSubsidy(country="JPN", sector="ALL", rate=0.1))
    (found,) = outcome.deviations.itertuples()

    def profit(factor: float) -> float:
        prices = outcome.prices * [1.0, factor]
        return float((1.1 * prices - market.cost)[1] * market.demand.quantities(prices)[1])

    assert profit(1.0) == pytest.approx(outcome.firms["profit"][1])
    assert found.gain == pytest.approx(profit(1 + found.price_pct / 100) - profit(1.0))


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_maker_of_the_eight_cars_has_a_better_price(system):
    assert cars(system).solve(tariff(0.02)).deviations.empty


def test_what_a_maker_gains_is_over_all_its_products():
    """Away from an equilibrium, where each maker has better prices: Nippon makes the Kei and the Sora."""
    outcome = cars("ces").solve()
    prices = 0.9 * outcome.prices
    away = replace(outcome.point, prices=prices)
    _, gain, before = list(deviations(outcome.game, away))[4]  # the Kei

    def profit(at: np.ndarray) -> float:
        each = (at - outcome.game.cost) * outcome.game.demand.quantities(at)
        return float(each[4] + each[5])

    tried = [np.where(np.arange(8) == 4, factor * prices, prices) for factor in DEVIATIONS]
    assert before == pytest.approx(profit(prices))
    assert gain == pytest.approx(max(profit(at) for at in tried) - profit(prices))
    assert gain > 0


def test_a_price_below_the_floor_is_not_tried():
    market = two_kinds()
    high = market.solve(start=np.array([40.0, 45.0]))
    floor = ep.MinimumPrice(importer="USA", exporter="JPN", sector="B", price=60.0, unit_value=20.0)
    held = market.solve(floor, start=high.prices)
    assert held.prices[1] == pytest.approx(60.0)  # from 49, so that lower prices would earn more
    assert held.deviations.empty
