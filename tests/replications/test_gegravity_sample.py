"""gegravity's sample data (Herman, MIT licence): 30 economies, one sector, 2006, against an independent solution.

The answer is the same in every numeraire, from every start, in every order and in every unit of money, and a failed
solve fills no table. (What the package itself makes of these data is in test_gegravity.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import root

import entrepot as ep
from conftest import shared

THETA = 4.0
AGREEMENT = ("CAN", "JPN")


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    table = pd.read_csv(shared("gegravity_sample") / "sample_data_set.dlm")
    trade = table.rename(columns={"trade": "value"})[["importer", "exporter", "value"]].assign(sector="all")
    return ep.Economy.from_tables(trade, theta=THETA, name="gegravity sample", year=2006)


@pytest.fixture(scope="module")
def measures() -> list[ep.measures.Measure]:
    """An agreement between Canada and Japan that lowers trade costs by 10% both ways."""
    a, b = AGREEMENT
    return [
        ep.NonTariffBarrier(importer=a, exporter=b, sector="ALL", rate=-0.1),
        ep.NonTariffBarrier(importer=b, exporter=a, sector="ALL", rate=-0.1),
    ]


@pytest.fixture(scope="module")
def answer(economy: ep.Economy, measures: list[ep.measures.Measure]) -> pd.Series:
    return ep.solve(economy, measures, tol=1e-12).countries["real_income_pct"]


def independent(value: np.ndarray, cost_hat: np.ndarray) -> np.ndarray:
    """Percent change in real income from the Armington conditions in levels, by scipy's root finder.

    value [n,i]. Labour-market clearing w_i L_i = sum_n pi'_ni (w_n L_n + D_n), w normalised on world income.
    """
    wage_bill, spending = value.sum(axis=0), value.sum(axis=1)
    deficit, share = spending - wage_bill, value / spending[:, None]

    def prices(ln_wage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pull = share * (cost_hat * np.exp(ln_wage)) ** -THETA
        return pull / pull.sum(axis=1, keepdims=True), pull.sum(axis=1) ** (-1 / THETA)

    def excess(ln_wage: np.ndarray) -> np.ndarray:
        income = np.exp(ln_wage) * wage_bill
        new_share, _ = prices(ln_wage)
        gap = (new_share.T @ (income + deficit) - income) / wage_bill
        gap[-1] = income.sum() / wage_bill.sum() - 1  # one market is redundant; the numeraire takes its place
        return gap

    found = root(excess, np.zeros(len(wage_bill)), tol=1e-13)
    assert np.abs(excess(found.x)).max() < 1e-10
    income = np.exp(found.x) * wage_bill + deficit
    return 100 * (income / spending / prices(found.x)[1] - 1)


def test_against_an_independent_method(economy: ep.Economy, answer: pd.Series) -> None:
    a, b = (economy.countries.index(c) for c in AGREEMENT)
    cost = np.ones((30, 30))
    cost[a, b] = cost[b, a] = 0.9
    np.testing.assert_allclose(answer, independent(economy.value[0], cost), atol=1e-8)
    assert answer["CAN"] > 0
    assert answer["JPN"] > 0


def test_the_same_in_every_numeraire(
    economy: ep.Economy, measures: list[ep.measures.Measure], answer: pd.Series
) -> None:
    for country in economy.countries:
        other = ep.solve(economy, measures, closure=ep.Closure(numeraire=country), tol=1e-12)
        np.testing.assert_allclose(other.countries["real_income_pct"], answer, atol=1e-9)


def test_the_same_from_every_start(economy: ep.Economy, measures: list[ep.measures.Measure], answer: pd.Series) -> None:
    for rate in (0.1, 0.5, "200%"):
        far = ep.solve(
            economy, [ep.NonTariffBarrier(importer="WORLD", sector="ALL", rate=rate)], closure=ep.Closure("gdp_share")
        )
        again = ep.solve(economy, measures, start=far, tol=1e-12)
        np.testing.assert_allclose(again.countries["real_income_pct"], answer, atol=1e-9)


def test_the_same_in_every_order_and_unit(
    economy: ep.Economy, measures: list[ep.measures.Measure], answer: pd.Series
) -> None:
    order = list(reversed(range(30)))
    for scale in (1e-6, 1.0, 1e6):
        other = replace(
            economy,
            countries=tuple(economy.countries[k] for k in order),
            value=scale * economy.value[:, order][:, :, order],
            tariff=economy.tariff[:, order][:, :, order],
        )
        solved = ep.solve(other, measures, tol=1e-12).countries["real_income_pct"]
        np.testing.assert_allclose(solved[answer.index], answer, atol=1e-9)


@pytest.mark.slow
def test_a_failed_solve_fills_no_table(economy: ep.Economy) -> None:
    with pytest.raises(ep.errors.ConvergenceError, match="deficits"):
        ep.solve(economy, [ep.Tariff(importer="WORLD", sector="ALL", rate="100000%")])


def test_gains_from_trade_in_closed_form(economy: ep.Economy) -> None:
    """Arkolakis, Costinot and Rodriguez-Clare (2012): going to autarky costs 1 - lambda^(1/theta)."""
    balanced = economy.balanced()
    autarky = ep.solve(balanced, [ep.NonTariffBarrier(importer="WORLD", sector="ALL", rate="10000000%")], tol=1e-12)
    own = np.diagonal(balanced.share[0])
    np.testing.assert_allclose(autarky.countries["real_income_pct"], 100 * (own ** (1 / THETA) - 1), atol=1e-6)
