"""Recycling rules: a rule from outside the package is solved, differentiated and reported like the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.blocks import recycling
from entrepot.studies.provenance import assumptions
from worlds import random_world

WORLD = random_world(3, 2, seed=4, deficits=0.3)
TARIFF = ep.Tariff(importer="C00", sector="s01", rate=0.3)
TAXED = ep.Closure(labour_supply=0.4, labour_tax=0.25)
TOL = 1e-12


class Half(recycling.Recycling):
    """Half of what revenue grows by cuts the tax on labour; households get the other half."""

    stated = "half of the change in duties and rents cuts the tax on labour"

    def raise_(self, price: np.ndarray, revenue: np.ndarray) -> np.ndarray:
        return price * self.taxed + (price * self.revenue - revenue) / 2

    def slopes(self, price: np.ndarray, revenue: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.taxed + self.revenue / 2, np.full_like(revenue, -0.5)


@pytest.fixture
def half() -> Iterator[ep.Closure]:
    recycling.register("half", Half)
    yield replace(TAXED, recycling="half")
    del recycling.RULES["half"]


def test_registered_recycling_rule_is_solved_and_differentiated(half: ep.Closure) -> None:
    out = ep.solve(WORLD, TARIFF, closure=half, tol=TOL)
    price = 1 + out.countries["consumer_price_pct"].to_numpy() / 100
    base = 0.25 * out.problem.factors.labour_income
    revenue = out.accounts.revenue
    raised = out.countries["labour_tax"].to_numpy() * out.accounts.cleared.labour_income
    np.testing.assert_allclose(raised, price * base + (price * WORLD.revenue - revenue) / 2, rtol=1e-9)
    assert "government" in out.residuals
    lump, whole = (ep.solve(WORLD, TARIFF, closure=replace(TAXED, recycling=r)) for r in ("lump_sum", "labour_tax"))
    (n,) = (WORLD.countries.index("C00"),)
    rates = [o.countries["labour_tax"].iloc[n] for o in (lump, out, whole)]
    assert rates[0] > rates[1] > rates[2]
    at, flow = out.sensitivity, TARIFF.flows(WORLD)
    for code in WORLD.countries:
        ahead, back = (
            ep.solve(WORLD, replace(TARIFF, rate=0.3 + step), closure=half, tol=TOL).countries["real_income_pct"]
            for step in (1e-4, -1e-4)
        )
        slope = (ahead[code] - back[code]) / 2e-2
        assert at.gradient(at.real_income(code), flow).sum() == pytest.approx(slope, rel=1e-5, abs=1e-7)
    batch = ep.solve_many(WORLD, [[TARIFF], []], closure=half, tol=TOL)
    np.testing.assert_allclose(100 * batch.real_income[0], out.countries["real_income_pct"], atol=1e-8)


def test_registered_recycling_rule_is_named_in_reports(half: ep.Closure) -> None:
    assert "half of the change in duties and rents cuts the tax on labour" in assumptions(half)


def test_invalid_recycling_rules_are_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="'lump_sum': the name is in use"):
        recycling.register("lump_sum", Half)

    class Silent(recycling.Recycling):
        stated = "somehow"

    with pytest.raises(ep.errors.InputError, match="Silent has no raise_ and slopes"):
        recycling.register("silent", Silent)
    with pytest.raises(ep.errors.InputError, match="closure: recycling 'silent'"):
        ep.Closure(recycling="silent")
