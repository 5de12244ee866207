"""The own-country Jacobian against central differences of the map."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy import equations as eq
from entrepot.equilibrium import Closure
from entrepot.equilibrium.market import Market
from entrepot.equilibrium.preconditioner import own_country_jacobian
from entrepot.equilibrium.problem import Problem
from worlds import random_world

CLOSURES = {
    "long": Closure(),
    "elastic labour": Closure(labour_supply=0.7),
    "short": Closure(horizon="short", labour_share=0.6),
    "short, elastic, scale": Closure(horizon="short", labour_share=0.5, labour_supply=0.4, scale={"s01": 0.05}),
}


@pytest.mark.parametrize("country", [0, 2])
@pytest.mark.parametrize("closure", CLOSURES.values(), ids=list(CLOSURES))
def test_own_country_jacobian(country: int, closure: Closure) -> None:
    # Without deficits, since the Jacobian leaves out how they move with world value added.
    economy = random_world(4, 3, seed=3).balanced()
    market = Market(Problem.of(economy, ep.Scenario(), closure))
    factors = market.factors
    sectors = len(economy.sectors)
    width = 1 + (3 if factors.has_activity else 2) * sectors

    def own(x: np.ndarray) -> np.ndarray:
        """(ln w, ln P, ln X, ln C) that the map gives the country at its own unknowns x, the others at the base."""
        start = market.unpack(market.start())
        start.ln_wage[country] = x[0]
        blocks = x[1:].reshape(-1, sectors)
        for part, own_part in zip((start.ln_price, start.ln_spending, start.ln_activity), blocks, strict=False):
            part[:, country] = own_part
        m = market.clear(start)
        bill = np.log(eq.wage_bill(factors.labour, m.cost)[country] / factors.labour_income[country])
        # The unit of account moves with the country's wage bill alone, the others' held.
        unit = np.log1p(np.expm1(bill) * economy.value_added[country] / economy.value_added.sum())
        power = factors.supply[country]
        wage = (bill - unit + power * (economy.final_share[country] @ start.ln_price[:, country])) / (1 + power)
        price = -np.log(m.price_sum) / economy.theta[:, None]
        wanted = np.log(eq.spending(economy.final_share, m.income, economy.inputs, m.cost) / economy.spending)
        activity = [np.log(m.cost / economy.output)[:, country]] if factors.has_activity else []
        return np.concatenate([[wage], price[:, country], wanted[:, country], *activity])

    step = 1e-5
    columns = [(own(step * e) - own(-step * e)) / (2 * step) for e in np.eye(width)]
    np.testing.assert_allclose(own_country_jacobian(economy, factors)[country], np.array(columns).T, atol=1e-8)


def test_it_pays(world: ep.Economy) -> None:
    """The claim in its docstring: well under half of the maps (counts do not depend on the machine)."""
    from entrepot.numerics import anderson

    measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    counts = []
    for precondition in (None, True):
        market = Market(Problem.of(world, ep.Scenario((measure,)), Closure()))
        options = {"precondition": market.precondition} if precondition else {}
        counts.append(anderson(market.step, market.start(), tol=1e-10, project=market.project, **options).iterations)
    assert counts[1] < 0.5 * counts[0]
