"""Published results: the worked example of the R package trade.

Six beers (Epstein and Rubinfeld 2004) in trade 0.8.3 with antitrust 0.99.29 (CRAN): prices, shares, producer surplus
and compensating variation as that package prints them. Its solvers stop at about 1e-5 of a percent.
"""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from car_markets import BEERS

TARIFF = ep.Tariff(importer="USA", exporter="ROW", sector="beer", rate=0.1)
#: Percentage points between two solvers' prices: that package's own first-order conditions are this far from zero.
CLOSE = 2e-5


def beers(demand="logit", **options):
    return ep.Market.from_products(BEERS, demand=demand, importer="USA", sector="beer", **options)


def test_logit_tariff():
    market = beers()
    assert market.parameters["price_coefficient"] == pytest.approx(-59.80761303, rel=1e-8)
    assert "-73.148" in market.notes[0]  # what least squares on the margins themselves gives
    outcome = market.solve(TARIFF, duty_base="price")
    products = outcome.products
    np.testing.assert_allclose(
        products["price_pct"],
        [0.18028561, 0.68922458, 1.58472813, 1.63675204, 5.47228340, 5.24998615],
        rtol=0,
        atol=5e-5,
    )
    np.testing.assert_allclose(
        products["share"],
        [0.07012969, 0.18116725, 0.25984143, 0.19205671, 0.09312172, 0.20368319],
        rtol=0,
        atol=1e-6,
    )
    assert outcome.compensating_variation == pytest.approx(0.1094285711, rel=1e-5)
    np.testing.assert_allclose(
        outcome.firms["profit_before"],
        [0.11815187, 0.34732948, 0.75539834 + 0.55833794, 0.18371894, 0.47987417],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        outcome.firms["profit"],
        [0.12610233, 0.36993700, 0.79266697 + 0.58588428, 0.15452120, 0.38490704],
        rtol=2e-5,
    )


def test_logit_tariff_on_the_border_price_is_the_same_duty():
    border = beers().solve(ep.Tariff(importer="USA", exporter="ROW", sector="beer", rate=0.1 / 0.9))
    np.testing.assert_allclose(border.prices, beers().solve(TARIFF, duty_base="price").prices, rtol=1e-12)


def test_logit_quota_of_each_import():
    market = beers(market_size="fit")
    assert market.parameters["price_coefficient"] == pytest.approx(-61.70156948, rel=1e-6)
    np.testing.assert_allclose(
        market.products["share"],
        [0.03992615, 0.10404997, 0.15305025, 0.11312410, 0.05988923, 0.13490200],
        rtol=1e-5,
    )
    quota = ep.ImportQuota(importer="USA", exporter="ROW", sector="beer", cap=0.8)
    outcome = market.solve(market.each(quota, by="product"))
    np.testing.assert_allclose(
        outcome.products["price_pct"],
        [0.08498032, 0.31552331, 0.72551740, 0.74933543, 11.61508074, 9.04434189],
        rtol=0,
        atol=CLOSE,
    )
    assert outcome.compensating_variation == pytest.approx(0.1452271749, rel=2e-6)


def test_aids_tariff():
    outcome = beers("aids").solve(TARIFF, duty_base="price")
    np.testing.assert_allclose(
        outcome.products["price_pct"],
        [1.42351365, 1.43895405, 1.47534657, 1.47534699, 8.30264334, 8.22033126],
        rtol=0,
        atol=1e-4,
    )
    assert outcome.compensating_variation == pytest.approx(0.1554188757, rel=2e-5)


def test_curvature_decides_how_much_of_a_duty_is_passed_on():
    """The same 11.1% at the border: 5.2-5.5% with logit, 8.2% with AIDS, about 10% with CES, 11.1% at given prices."""
    rise = {}
    for demand in ("linear", "logit", "aids", "ces"):
        outcome = beers(demand).solve(TARIFF, duty_base="price")
        rise[demand] = outcome.products["price_pct"][4:].mean()
    assert rise["linear"] < rise["logit"] < rise["aids"] < rise["ces"] < 100 / 9
    assert rise["logit"] == pytest.approx(5.36, abs=0.01)
    assert rise["ces"] == pytest.approx(10, abs=0.7)
    taken = beers("ces", conduct="monopolistic").solve(TARIFF, duty_base="price")
    assert taken.products["price_pct"][4] == pytest.approx(100 / 9)


def test_least_squares_fit_of_margins_is_not_that_packages_for_a_maker_of_two_products():
    single = BEERS.assign(firm=BEERS["product"])
    options = {"importer": "USA", "sector": "beer"}
    as_trade = ep.Market.from_products(single, **options)
    by_margins = ep.Market.from_products(single, fit="margins", **options)
    assert as_trade.parameters == by_margins.parameters  # with one product each, the two fits are one
    assert beers(fit="margins").parameters["price_coefficient"] == pytest.approx(-73.1483166, rel=1e-8)
