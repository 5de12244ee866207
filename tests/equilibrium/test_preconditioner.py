"""The own-country Jacobian against central differences of the map."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy import equations as eq
from entrepot.equilibrium import Closure
from entrepot.equilibrium.market import Market, State
from entrepot.equilibrium.preconditioner import own_country_jacobian
from entrepot.equilibrium.problem import Problem
from worlds import random_world


@pytest.mark.parametrize("country", [0, 2])
def test_own_country_jacobian(country: int) -> None:
    # Without deficits, since the Jacobian leaves out how they move with world value added.
    economy = random_world(4, 3, seed=3).balanced()
    market = Market(Problem.of(economy, ep.Scenario(), Closure()))
    sectors, size = len(economy.sectors), len(economy.countries)

    def own(x: np.ndarray) -> np.ndarray:
        """(ln w, ln P, ln X) that the map gives the country at its own unknowns x, the others at the base."""
        state = State(np.zeros(size), np.zeros((sectors, size)), np.zeros((sectors, size)), np.zeros(0))
        state.ln_wage[country] = x[0]
        state.ln_price[:, country] = x[1 : 1 + sectors]
        state.ln_spending[:, country] = x[1 + sectors :]
        m = market.clear(state)
        bill = eq.wage_bill(economy.value_added_share, m.cost)
        unmoved = economy.value_added.sum() - economy.value_added[country]
        wage = np.log(bill[country] / economy.value_added[country])
        wage -= np.log((bill[country] + unmoved) / economy.value_added.sum())  # others' wages held
        price = -np.log(m.price_sum) / economy.theta[:, None]
        wanted = np.log(eq.spending(economy.final_share, m.income, economy.inputs, m.cost) / economy.spending)
        return np.concatenate([[wage], price[:, country], wanted[:, country]])

    step = 1e-5
    columns = [(own(step * e) - own(-step * e)) / (2 * step) for e in np.eye(1 + 2 * sectors)]
    np.testing.assert_allclose(own_country_jacobian(economy)[country], np.array(columns).T, atol=1e-8)


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
