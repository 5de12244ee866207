"""What the benchmarks compare must agree; how long it takes is not tested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
import one_sector
import peers
import textbook
from entrepot.replications import gegravity, gravity_counterfactuals
from worlds import random_world

E = random_world(5, 4, seed=7)
MEASURES = [ep.Tariff(importer="C00", sector="s01", rate=0.25, change="add")]


@pytest.fixture(scope="module")
def outcome() -> ep.Outcome:
    return ep.solve(E, MEASURES, tol=1e-12)


def test_the_published_iteration_agrees(outcome: ep.Outcome) -> None:
    tariff = peers.new_tariff(outcome)
    theirs = textbook.solve(E, tariff, tol=1e-11)
    np.testing.assert_allclose(np.log(theirs.wage), outcome.accounts.cleared.ln_wage, atol=1e-8)
    np.testing.assert_allclose(np.log(theirs.price), outcome.state.ln_price, atol=1e-8)
    real_income = outcome.countries["real_income_pct"]
    np.testing.assert_allclose(textbook.real_income_pct(E, tariff, theirs), real_income, atol=1e-8)


def test_one_test_for_both(outcome: ep.Outcome) -> None:
    """It passes both answers, and not the base."""
    tariff = peers.new_tariff(outcome)
    assert textbook.gap(E, tariff, np.exp(outcome.accounts.cleared.ln_wage)) < 1e-11
    assert textbook.gap(E, tariff, textbook.solve(E, tariff, tol=1e-11).wage) < 2e-11
    assert textbook.gap(E, tariff, np.ones(5)) > 1e-3


def test_an_iteration_that_fails_says_so(outcome: ep.Outcome) -> None:
    with pytest.raises(RuntimeError, match=r"damping 0\.3 failed after 2 steps"):
        textbook.solve(E, peers.new_tariff(outcome), most=2)


def test_a_row_of_the_table() -> None:
    row = peers.against_iteration(peers.Question("five by four", E, MEASURES), repeat=1, tol=1e-10)
    assert row.gap < 2e-10
    assert row.our_gap < 1e-10
    assert row.wages < 1e-8
    assert len(str(row)) <= len(peers.ITERATION_HEAD)


def _eight() -> ep.Economy:
    """Eight economies, one sector, balanced trade."""
    kept = ("CAN", "JPN", "DEU", "USA", "CHN", "GBR", "MEX", "AUS")
    whole = gravity_counterfactuals.bundled()
    at = [whole.countries.index(c) for c in sorted(kept)]
    return one_sector.sample.one_sector(whole.value[0][np.ix_(at, at)], tuple(sorted(kept)), 4.0, "eight")


def test_a_base_laid_out_for_gegravity_is_the_same_base() -> None:
    e = _eight()
    table = one_sector.laid_out(e)
    np.testing.assert_allclose(gegravity.fitted_trade(table) * e.value.sum(), e.value[0], rtol=1e-9)


@pytest.mark.slow
def test_gegravity_agrees() -> None:
    """Its factory prices and real GDP with incomes adjusting; with incomes of the base, another answer."""
    pytest.importorskip("gegravity")
    rows = list(one_sector.compare(gegravity.installed(), "eight", one_sector.laid_out(_eight()), 1, tol=1e-10))
    held, alone, adjusting = rows
    for quantity in (adjusting.difference.price, adjusting.difference.gdp, adjusting.difference.welfare):
        assert isinstance(quantity, pd.Series)
        assert quantity.abs().max() < 1e-7
    assert adjusting.gap < 1e-9
    assert all(row.our_gap < 1e-9 for row in rows)
    assert held.difference.gdp.abs().max() == pytest.approx(alone.difference.gdp.abs().max(), abs=1e-6)
    assert held.gap > 1e-5
    assert 0 < held.in_solver < held.seconds
    assert len(str(held)) <= len(one_sector.HEAD)
