"""Solve an Economy under measures for an Outcome."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.search import find, map_to_search
from entrepot.errors import InputError
from entrepot.measures import Measure, Scenario


def solve(
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure] = (),
    *,
    closure: Closure | None = None,
    tol: float = 1e-10,
    start: Outcome | None = None,
    max_iterations: int = 500,
) -> Outcome:
    """Solve `economy` under `measures`, against its base.

    tol     largest relative gap in any equilibrium condition (`Outcome.residuals`)
    start   an Outcome of the same Economy to start from; the answer does not depend on it

    Raises `InputError` for measures that cannot be put on this Economy, and `ConvergenceError` when no equilibrium
    is found: an Outcome that exists is one whose residuals are at most `tol`.
    """
    check_arguments(economy, closure, tol, start, max_iterations)
    began = time.perf_counter()
    problem = Problem.of(economy, Scenario.of(measures), closure or Closure())
    if start is None:
        return solve_problem(problem, tol, None, max_iterations, began)
    market = map_to_search(problem)  # made once: the start is fitted to its unknowns, and the search goes on with it
    return solve_problem(problem, tol, _initial(problem, market, start), max_iterations, began, market)


def with_deficits_closed(economy: Economy) -> Economy:
    """Return `economy` with deficits closed and its policy in force. Raises `ConvergenceError`."""
    return solve(economy, closure=Closure(deficit="closed"), tol=1e-12).as_economy(economy.name)


def solve_problem(
    problem: Problem,
    tol: float = 1e-10,
    x0: Array | None = None,
    max_iterations: int = 500,
    began: float | None = None,
    market: EquilibriumMap | None = None,
) -> Outcome:
    """Return the Outcome of a Problem, searching from the unknowns x0 if given. Raises `ConvergenceError`.

    market   its map, where it is made already (`map_to_search`)
    """
    began = time.perf_counter() if began is None else began
    state, accounts, _, iterations = find(problem, tol, x0, max_iterations, market=market)
    return Outcome(problem, state, accounts, tol, iterations, seconds=time.perf_counter() - began)


def check_arguments(
    economy: object, closure: object, tol: object, start: object = None, max_iterations: object = 1
) -> None:
    """Raise `InputError` where an argument of `solve` has a wrong type or value."""
    if not isinstance(economy, Economy):
        raise InputError(f"economy: an Economy is needed (load_economy({economy!r})?)")
    if closure is not None and not isinstance(closure, Closure):
        raise InputError(f"closure: a Closure is needed, such as Closure(deficit='balanced'), not {closure!r}")
    check_tol(tol)
    if start is not None and not isinstance(start, Outcome):
        raise InputError(f"start: an Outcome is needed, not {start!r}")
    if not isinstance(max_iterations, int) or max_iterations < 1:
        raise InputError(f"max_iterations={max_iterations!r}: a whole number above zero is needed")


def check_tol(tol: object) -> None:
    """Raise `InputError` for a tolerance that rounding does not allow, or that is not numeric."""
    if not isinstance(tol, int | float) or not 1e-13 <= tol <= 1e-2:
        raise InputError(f"tol={tol!r}: choose between 1e-13 and 1e-2 (1e-10 is the default)")


def _initial(problem: Problem, market: EquilibriumMap, start: Outcome) -> Array:
    other = start.problem.economy
    if (other.countries, other.sectors) != (problem.economy.countries, problem.economy.sectors):
        raise InputError("start: an Outcome of another Economy; leave it out")
    return fitted(market, start.state)


def fitted(market: EquilibriumMap, state: State) -> Array:
    """Return a solution as the unknowns of a map to start from; what does not fit is as in the base."""
    base = market.unpack(market.start())
    fits = {key: part for key, part in state.values().items() if part.shape == getattr(base, key).shape}
    return market.project(replace(base, **fits).pack())
