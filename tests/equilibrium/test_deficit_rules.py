"""Deficit rules: a rule from outside the package is solved, differentiated and reported like the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
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
