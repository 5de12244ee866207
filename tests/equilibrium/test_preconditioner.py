"""The own-country Jacobian against central differences of the map."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy import equations as eq
from entrepot.equilibrium import Closure, preconditioner
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.preconditioner import KEPT, own_country_inverse, own_country_jacobian
from entrepot.equilibrium.problem import Problem
from worlds import random_world

CLOSURES = {
    "long": Closure(),
    "elastic labour": Closure(labour_supply=0.7),
    "held wages": Closure(labour={"real_wage": ["C00", "C01"]}),
    "short": Closure(horizon="short", labour_share=0.6),
    "short, elastic, scale": Closure(horizon="short", labour_share=0.5, labour_supply=0.4, scale={"s01": 0.05}),
}


@pytest.mark.parametrize("country", [0, 2])
@pytest.mark.parametrize("closure", CLOSURES.values(), ids=list(CLOSURES))
def test_own_country_jacobian(country: int, closure: Closure) -> None:
    # Without deficits, since the Jacobian leaves out how they move with world value added.
    economy = random_world(4, 3, seed=3).balanced()
    market = EquilibriumMap(Problem.of(economy, ep.Scenario(), closure))
    factors = market.factors
    sectors = len(economy.sectors)
    width = 1 + (3 if factors.has_activity else 2) * sectors

    def own(x: np.ndarray) -> np.ndarray:
        """(ln wL, ln P, ln X, ln C) that the map gives the country at its own unknowns x, the others at the base."""
        start = market.unpack(market.start())
        start.ln_labour_income[country] = x[0]
        blocks = x[1:].reshape(-1, sectors)
        for part, own_part in zip((start.ln_price, start.ln_spending, start.ln_activity), blocks, strict=False):
            part[:, country] = own_part
        m = market.clear(start)
        bill = np.log(eq.wage_bill(factors.labour, m.cost)[country] / factors.labour_income[country])
        # The unit of account moves with the country's wage bill alone, the others' held.
        unit = np.log1p(np.expm1(bill) * economy.value_added[country] / economy.value_added.sum())
        price = -np.log(m.price_sum) / economy.theta[:, None]
        wanted = np.log(eq.spending(economy.final_share, m.income, economy.inputs, m.cost) / economy.spending)
        activity = [np.log(m.cost / economy.output)[:, country]] if factors.has_activity else []
        return np.concatenate([[bill - unit], price[:, country], wanted[:, country], *activity])

    step = 1e-5
    columns = [(own(step * e) - own(-step * e)) / (2 * step) for e in np.eye(width)]
    np.testing.assert_allclose(own_country_jacobian(economy, factors)[country], np.array(columns).T, atol=1e-8)


def problem(economy: ep.Economy, closure: Closure) -> Problem:
    return Problem.of(economy, ep.Scenario(), closure)


@pytest.mark.parametrize("closure", CLOSURES.values(), ids=list(CLOSURES))
def test_the_step_is_newtons_for_a_world_of_one_country(closure: Closure) -> None:
    """(I - J_n) times a country's part of the step is its part of what the step is made from."""
    economy = random_world(4, 3, seed=3)
    market = EquilibriumMap(problem(economy, closure))
    jacobian = own_country_jacobian(economy, market.factors)
    r = np.random.default_rng(1).normal(size=market.start().size)
    step, right = market.unpack(market.precondition(r)), market.unpack(r)
    for n in range(4):
        own, of = (
            np.concatenate(
                [s.ln_labour_income[n : n + 1], s.ln_price[:, n], s.ln_spending[:, n], *s.ln_activity.T[n : n + 1]]
            )
            for s in (step, right)
        )
        np.testing.assert_allclose(own - jacobian[n] @ own, of, atol=1e-4)


def test_taxes_and_wedges_keep_their_own_step() -> None:
    economy = random_world(4, 3, seed=3)
    closure = Closure(recycling="labour_tax", labour_tax=0.2)
    quota = ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5)
    market = EquilibriumMap(Problem.of(economy, ep.Scenario((quota,)), closure))
    r = np.random.default_rng(1).normal(size=market.start().size)
    before, after = market.unpack(r.copy()), market.unpack(market.precondition(r))
    np.testing.assert_array_equal(after.ln_keep, before.ln_keep.astype(np.float32))
    np.testing.assert_array_equal(after.ln_mu, before.ln_mu.astype(np.float32))
    assert (after.ln_labour_income != before.ln_labour_income).all()


def test_inverses_are_cached_and_the_oldest_is_dropped() -> None:
    """By Economy and factors; those drawn from an Economy share it."""
    economy = random_world(3, 2, seed=3)
    several = [problem(economy, Closure(labour_supply=eta)).factors for eta in np.linspace(0, 1, KEPT + 1)]
    first = own_country_inverse(economy, several[0])
    assert first.dtype == np.float32
    assert own_country_inverse(economy.with_elasticities(2 * economy.theta), several[0]) is first
    others = [own_country_inverse(economy, f) for f in several[1:KEPT]]
    assert own_country_inverse(economy, several[0]) is first
    last = own_country_inverse(economy, several[KEPT])
    assert own_country_inverse(economy, several[KEPT]) is last
    assert own_country_inverse(economy, several[1]) is others[0], "one had to go: the first"
    assert own_country_inverse(economy, several[0]) is not first
    assert len(preconditioner._inverses[economy]) == KEPT
    other = own_country_inverse(random_world(3, 2, seed=3), several[KEPT])
    assert other is not last
    np.testing.assert_array_equal(other, last)


def test_singular_jacobian_gives_the_plain_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def singular(_: object) -> None:
        raise np.linalg.LinAlgError

    economy = random_world(3, 2, seed=3)
    monkeypatch.setattr(np.linalg, "inv", singular)
    np.testing.assert_array_equal(own_country_inverse(economy, problem(economy, Closure()).factors), [np.eye(5)] * 3)


def test_preconditioner_saves_maps(world: ep.Economy) -> None:
    """The claim in its docstring: well under half of the maps (counts do not depend on the machine)."""
    from entrepot.numerics import anderson

    measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    counts = []
    for precondition in (None, True):
        market = EquilibriumMap(Problem.of(world, ep.Scenario((measure,)), Closure()))
        options = {"precondition": market.precondition} if precondition else {}
        counts.append(anderson(market.step, market.start(), tol=1e-10, project=market.project, **options).iterations)
    assert counts[1] < 0.5 * counts[0]
