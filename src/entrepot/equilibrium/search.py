"""The search for an equilibrium: fast first, careful when that stalls."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.explain import explain, is_economic, largest
from entrepot.equilibrium.market import Market, State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import residual_arrays
from entrepot.numerics import FixedPoint, anderson, newton_krylov

#: Caps that share trade of which all sets are tried.
MOST_CAPS = 5


def find(
    problem: Problem,
    tol: float,
    x0: Array | None = None,
    max_iterations: int = 500,
    fallback_tol: float | None = None,
) -> tuple[State, Accounts, dict[str, Array], int]:
    """The equilibrium of `problem`: Anderson from x0; then Newton-Krylov; then continuation in the shock.

    The map's own residual is only the signal to stop; what counts are the conditions recomputed from the point, and
    the search goes on, tighter, until those hold to `tol` (or, where rounding forbids, `fallback_tol`). Where a country
    hardly trades, its wage hardly moves the map, and only the conditions tell how far it still is.
    """
    with np.errstate(all="ignore"):
        market = Market(problem)
        x = market.start() if x0 is None else x0
        iterations, target, walked = 0, tol, False
        for _ in range(6):
            found = _search(market, x, target, max_iterations)
            iterations += found.iterations
            if not found.converged and not walked and not _holds(problem, market, found, tol):
                found, walked = _by_continuation(problem, market, tol, max_iterations) or found, True
                iterations += found.iterations
            state = market.in_numeraire(market.unpack(found.x))
            accounts = Accounts.at(problem, state, market)
            residuals = residual_arrays(problem, state, accounts)
            worst = largest(residuals)
            if worst <= tol and is_economic(problem.economy, state, accounts.income):
                return state, accounts, residuals, iterations
            if not found.converged or (fallback_tol is not None and worst <= fallback_tol):
                break
            x, target = found.fx, max(target * min(0.1, 0.5 * tol / worst), np.finfo(float).eps)
        if fallback_tol is not None and worst <= fallback_tol and is_economic(problem.economy, state, accounts.income):
            return state, accounts, residuals, iterations
        settled = _by_active_set(problem, market, tol, max_iterations)
        if settled is not None:
            return settled
        raise explain(problem, state, accounts, residuals, found)


def _holds(problem: Problem, market: Market, found: FixedPoint, tol: float) -> bool:
    """Whether a search that stalled did so on rounding: near autarky wages hardly matter, yet the conditions hold."""
    state = market.unpack(found.x)
    accounts = Accounts.at(problem, state, market)
    holds = largest(residual_arrays(problem, state, accounts)) <= tol
    return holds and bool(is_economic(problem.economy, state, accounts.income))


def _search(market: Market, x: Array, tol: float, max_iterations: int) -> FixedPoint:
    found = anderson(
        market.step,
        x,
        tol=tol,
        max_iterations=max_iterations,
        project=market.project,
        precondition=market.precondition,
    )
    if found.converged or found.status == "not_finite":
        return found
    closer = newton_krylov(market.step, found.x, tol=tol, project=market.project, precondition=market.precondition)
    return closer if closer.residual < found.residual else found


def _by_active_set(
    problem: Problem, market: Market, tol: float, max_iterations: int
) -> tuple[State, Accounts, dict[str, Array], int] | None:
    """Of the caps that share trade, some bind and the others are slack: the sets in turn, until one holds for all.

    Only where the search itself did not settle it: limits nearly coincide, and their wedges hardly differ in effect.
    """
    q = problem.quotas
    if not 2 <= q.sharing.size <= MOST_CAPS:
        return None
    iterations = 0
    for count in range(q.sharing.size - 1, 0, -1):
        for binding in itertools.combinations(q.sharing.tolist(), count):
            kept = ~np.isin(np.arange(q.count), np.setdiff1d(q.sharing, binding))
            part = Market(replace(problem, quotas=q.only(kept)))
            found = _search(part, part.start(), tol, max_iterations)
            iterations += found.iterations
            if not found.converged:
                continue
            there = part.unpack(found.x)
            ln_mu = np.zeros(q.count)
            ln_mu[kept] = there.ln_mu
            state = market.in_numeraire(replace(there, ln_mu=ln_mu))
            accounts = Accounts.at(problem, state, market)
            residuals = residual_arrays(problem, state, accounts)
            if largest(residuals) <= tol and is_economic(problem.economy, state, accounts.income):
                return state, accounts, residuals, iterations
    return None


def _by_continuation(problem: Problem, market: Market, tol: float, max_iterations: int) -> FixedPoint | None:
    """Walk from the base to the full shock, halving the step where the search fails."""
    done, step, x, iterations = 0.0, 0.5, market.start(), 0
    while step >= 1 / 64:
        s = min(1.0, done + step)
        found = _search(Market(problem.at(s)), x, tol if s == 1.0 else 1e-6, max_iterations)
        iterations += found.iterations
        if found.converged:
            if s == 1.0:
                return FixedPoint(found.x, found.fx, found.residual, iterations, "converged")
            done, x = s, found.fx
        else:
            step /= 2
    return None
