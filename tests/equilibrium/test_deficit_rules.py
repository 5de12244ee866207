"""Deficit rules: a rule from outside the package is solved, differentiated and reported like the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import root

import entrepot as ep
from entrepot.cases.solved_case import other_rule
from entrepot.equilibrium.blocks import deficits
from entrepot.equilibrium.blocks.block import Values
from entrepot.studies.provenance import assumptions
from worlds import random_world

WORLD = random_world(3, 2, seed=4, deficits=0.3)
TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s01", rate=0.2)


class InOneCurrency(deficits.Deficit):
    """Fixed in units of the first country's value added."""

    held = "fixed in one currency"
    named = "deficits fixed in one currency"
    stated = "held in units of one country's value added"

    def of(self, value_added: np.ndarray, earned: np.ndarray) -> np.ndarray:
        return self.base * (value_added[..., :1] / self.value_added[..., :1])

    def pull(self, v: Values, by: Values) -> Values:
        slope = np.zeros(v["value_added"].shape)
        slope[..., 0] = (self.base * by["deficit"]).sum(axis=-1) / self.value_added[..., 0]
        return {"value_added": slope}


@pytest.fixture
def closure() -> Iterator[ep.Closure]:
    deficits.register("one_currency", InOneCurrency)
    yield ep.Closure(deficit="one_currency")
    del deficits.RULES["one_currency"]


def test_registered_deficit_rule_is_solved_and_differentiated(closure: ep.Closure) -> None:
    out = ep.solve(WORLD, TARIFF, closure=closure, tol=1e-12)
    value_added = out.accounts.cleared.value_added
    expected = WORLD.deficit * value_added[0] / WORLD.value_added[0]
    np.testing.assert_allclose(out.accounts.cleared.deficit, expected, rtol=1e-9)
    at, flow = out.sensitivity, TARIFF.flows(WORLD)
    for code in WORLD.countries:
        ahead, back = (
            ep.solve(WORLD, replace(TARIFF, rate=0.2 + step), closure=closure, tol=1e-12).countries["real_income_pct"]
            for step in (1e-4, -1e-4)
        )
        slope = (ahead[code] - back[code]) / 2e-2
        assert at.gradient(at.real_income(code), flow).sum() == pytest.approx(slope, rel=1e-5, abs=1e-8)
    batch = ep.solve_many(WORLD, [[TARIFF], []], closure=closure, tol=1e-12)
    np.testing.assert_allclose(batch.real_income[0], out.countries["real_income_pct"] / 100, atol=1e-10)


@pytest.mark.parametrize("rule", ["fixed", "gdp_share", "own_share", "closed"])
def test_each_rule_is_that_of_one_sector_in_levels(rule: str) -> None:
    """Wages w in levels, one good, labour alone: V = w L, I = V + duties + D = X, and D by the rule's own words."""
    e = random_world(3, 1, seed=4, deficits=0.3, inputs=False)
    n, i = (e.countries.index(code) for code in ("C00", "C01"))
    duty = e.tariff[0].copy()
    duty[n, i] = 0.6

    def world(by: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        wage, spending = np.exp(by[:3]), np.exp(by[3:]) * e.income
        cost = e.share[0] * ((1 + duty) / (1 + e.tariff[0]) * wage) ** -e.theta[0]
        price, share = cost.sum(axis=1) ** (-1 / e.theta[0]), cost / cost.sum(axis=1, keepdims=True)
        before_duty = share * spending[:, None] / (1 + duty)
        earned = wage * e.value_added
        own = e.deficit / e.value_added * earned
        deficit = {
            "fixed": e.deficit * earned.sum() / e.value_added.sum(),
            "gdp_share": e.deficit * spending.sum() / e.income.sum(),
            "own_share": own - earned * own.sum() / earned.sum(),
            "closed": np.zeros(3),
        }[rule]
        labour = before_duty.sum(axis=0) - earned
        budget = earned + (duty * before_duty).sum(axis=1) + deficit - spending
        unit = np.log(earned.sum() / e.value_added.sum())
        return np.array([*labour[:2] / e.value_added[:2], unit, *budget / e.income]), spending / price, deficit

    found = root(lambda x: world(x)[0], np.zeros(6), tol=1e-13)
    assert found.success
    _, real, deficit = world(found.x)
    measure = replace(TARIFF, sector="s00", rate=0.6)
    out = ep.solve(e, measure, closure=ep.Closure(deficit=rule), tol=1e-12)
    np.testing.assert_allclose(out.countries["real_income_pct"], 100 * (real / e.income - 1), atol=1e-8)
    np.testing.assert_allclose(out.accounts.cleared.deficit, deficit, atol=1e-8 * e.income.max())


def test_registered_deficit_rule_is_named_in_reports(closure: ep.Closure) -> None:
    assert assumptions(closure)[0] == "deficits held in units of one country's value added"


def test_invalid_deficit_rules_are_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="'fixed': the name is in use"):
        deficits.register("fixed", InOneCurrency)

    class Silent(deficits.Deficit):
        held = "somehow"

    with pytest.raises(ep.errors.InputError, match="Silent has no named, stated, of and pull"):
        deficits.register("silent", Silent)
    with pytest.raises(ep.errors.InputError, match="closure: deficit 'silent'"):
        ep.Closure(deficit="silent")


class Halved(deficits.Fixed):
    """Half the deficits of the base, from the base on."""

    held, named, stated = "halved", "deficits halved", "halved by the change"
    moves_base = True

    def __init__(self, deficit: np.ndarray, value_added: np.ndarray, income: np.ndarray) -> None:
        super().__init__(deficit / 2, value_added, income)


def test_what_a_registered_rule_changes_by_itself_is_a_change_from_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """No error of the quadrature in the exact parts, and amounts on a path from the deficits of the base."""
    monkeypatch.setitem(deficits.RULES, "half", Halved)
    closure = ep.Closure(deficit="half")
    out = ep.solve(WORLD, TARIFF, closure=closure)
    assert out.decomposition.attrs["quadrature_error"] < 1e-6
    path = ep.paths.solve(WORLD, {"2019-01-01": TARIFF}, since="2019-01-01", until="2020-01-01", closure=closure)
    first, before = path.countries.loc[path.days[0]], (WORLD.tariff * WORLD.value).sum(axis=(0, 2))
    np.testing.assert_allclose(first["real_income_pct"], out.countries["real_income_pct"], atol=1e-6)
    np.testing.assert_allclose(first["tariff_revenue_change"], out.countries["tariff_revenue"] - before, atol=1e-6)


class ClosedBefore(deficits.Fixed):
    """Deficits closed before and after, by a class of one's own."""

    held, named, stated = "closed", "deficits closed beforehand", "closed beforehand"
    closes_base = True


def test_a_registered_rule_may_close_the_base_as_balanced_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """In outcomes, in a best tariff, and in what a case compares with."""
    monkeypatch.setitem(deficits.RULES, "closed_before", ClosedBefore)
    mine, bundled = ep.Closure(deficit="closed_before"), ep.Closure(deficit="balanced")
    own, usual = ep.solve(WORLD, TARIFF, closure=mine), ep.solve(WORLD, TARIFF, closure=bundled)
    assert np.abs(own.economy.deficit).max() < 1e-9 * WORLD.income.max()
    np.testing.assert_allclose(own.countries.to_numpy(), usual.countries.to_numpy(), rtol=1e-12, atol=1e-12)
    best, wanted = (ep.bargaining.optimal_tariff(WORLD, "C00", sectors="s01", closure=c) for c in (mine, bundled))
    assert best.payoff == pytest.approx(wanted.payoff, rel=1e-12)
    assert other_rule(mine) == "fixed"
