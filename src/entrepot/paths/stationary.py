"""The steady state of capital: the static model at the stocks that keep themselves up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome
from entrepot.equilibrium import solve as solve_static
from entrepot.equilibrium.factors import Factors
from entrepot.errors import ConvergenceError
from entrepot.measures import Measure, Scenario
from entrepot.numerics import anderson
from entrepot.paths.capital import Capital
from entrepot.paths.dated import Dated
from entrepot.paths.static_states import StaticStates, check_grows_no_further
from entrepot.types import Array


def steady_state(
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure] = (),
    *,
    capital: Capital | None = None,
    closure: Closure | None = None,
    tol: float = 1e-10,
) -> Outcome:
    """Return the Outcome of measures in the long run, once capital has come to the stock that keeps itself up.

    It is `ep.solve` with that stock as the closure's `capital`, which `Outcome.problem.closure.capital` has. By (6) and
    (7) a unit of capital then earns in goods what it earned in the base.

    Raises `InputError` as `solve` of a path does, and `ConvergenceError` where there is no such stock.
    """
    closure = (capital or Capital()).closure(closure or Closure())
    Factors.of(economy, replace(closure, capital=2.0))  # raises where capital's part of value added is not determined
    scenario = Scenario.of(measures)
    entries = (Dated(scenario, since="2000-01-01"),) if len(scenario) else ()
    states = StaticStates(economy, entries, closure, np.zeros(0, dtype=np.intp), {}, tol)
    base, live = states.base(), frozenset(range(len(entries)))

    def kept_up(x: Array) -> Array:
        ln_capital = x.reshape(base.capital_income.shape)
        check_grows_no_further(ln_capital, states.economy, "then")
        state = states.state(live, None, ln_capital)
        income = np.divide(
            state.capital_income,
            base.capital_income,
            out=np.ones_like(base.capital_income),
            where=base.capital_income > 0,
        )
        ln_price = np.log(state.income / base.income) - np.log(state.real_spending / base.real_spending)
        stock = np.log(income) - (ln_price if income.ndim == 1 else ln_price[:, None])
        return np.where(base.capital_income > 0, stock, 0.0).ravel()

    found = anderson(kept_up, np.zeros(base.capital_income.size), tol=max(tol, 1e-11), max_iterations=200)
    if not found.converged:
        raise ConvergenceError("No stock of capital keeps itself up under these measures; lower its share.")
    stocks = np.exp(found.fx.reshape(base.capital_income.shape))
    stated = replace(closure, capital=_named(states.economy, stocks))
    return solve_static(economy, scenario, closure=stated, tol=tol)


def _named(economy: Economy, stocks: Array) -> dict[str, Any]:
    if stocks.ndim == 1:
        return dict(zip(economy.countries, stocks.tolist(), strict=True))
    return {
        country: dict(zip(economy.sectors, row.tolist(), strict=True))
        for country, row in zip(economy.countries, stocks, strict=True)
    }
