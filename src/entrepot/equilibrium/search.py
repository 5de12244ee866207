"""The search for an equilibrium: fast first, careful when that stalls."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.no_equilibrium import caps_fail_most, explain, is_economic, largest
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import residual_arrays, summed_gaps
from entrepot.equilibrium.slow_modes import slow_modes
from entrepot.numerics import FixedPoint, anderson, newton_krylov

#: Caps that share trade of which all sets are tried.
MOST_CAPS = 5
#: Searches from one point to the next, each tighter.
ROUNDS = 6


@dataclass(frozen=True, eq=False)
class _Point:
    """Where a search ended: the gaps in the conditions there, and the maps taken until then."""

    found: FixedPoint
    state: State
    accounts: Accounts
    gaps: dict[str, Array]
    iterations: int

    @classmethod
    def of(cls, market: EquilibriumMap, found: FixedPoint, state: State, iterations: int) -> _Point:
        state = market.in_numeraire(state)
        accounts = Accounts.at(market.problem, state, market)
        return cls(found, state, accounts, summed_gaps(market, state, accounts.cleared), iterations)

    @cached_property
    def worst(self) -> float:
        return largest(self.gaps)

    @cached_property
    def economic(self) -> bool:
        return bool(is_economic(self.accounts.problem.economy, self.state, self.accounts.income))

    def holds(self, tol: float) -> bool:
        """Whether every condition holds to `tol`, at incomes and prices that an economy can have."""
        return self.worst <= tol and self.economic


def map_to_search(problem: Problem) -> EquilibriumMap:
    """Return the map of a Problem with the slow modes of its base."""
    with np.errstate(all="ignore"):
        return EquilibriumMap(problem, modes=slow_modes(problem))


def find(
    problem: Problem,
    tol: float,
    x0: Array | None = None,
    max_iterations: int = 500,
    fallback_tol: float | None = None,
    market: EquilibriumMap | None = None,
) -> tuple[State, Accounts, dict[str, Array], int]:
    """Return the equilibrium of `problem`: state, accounts, gaps, and the number of maps taken.

    Methods are tried in this order: Anderson acceleration from x0 with the slow modes, then without; Newton-Krylov;
    continuation in the shock; a search for each set of the caps that share trade, which comes second where only they
    are unsettled. The residual of the map is only a signal to stop: the conditions are recomputed from the point, and
    the search continues to a tighter tolerance until they hold to `tol` (or, where rounding forbids that, to
    `fallback_tol`). Where a country hardly trades, its wage hardly moves the map, and only the conditions tell how far
    it still is. Raises `ConvergenceError` with the reason where no method finds an equilibrium.
    """
    coarsest = tol if fallback_tol is None else max(tol, fallback_tol)
    with np.errstate(all="ignore"):
        market, taken = market or map_to_search(problem), 0
        x = market.start() if x0 is None else x0
        settled = None
        if market.modes is not None:  # a shock that is far from the base can lead the search along them astray
            point = _search_on(market, x, tol, max_iterations, coarsest, walk=False)
            if point.holds(coarsest):
                return point.state, point.accounts, point.gaps, point.iterations
            taken = point.iterations
            if problem.quotas.sharing.size and caps_fail_most(point.gaps):
                settled = _by_active_set(market, tol, max_iterations)
            market = EquilibriumMap(problem)
        if settled is None:
            point = _search_on(market, x, tol, max_iterations, coarsest, walk=True)
            taken += point.iterations
            if point.holds(coarsest):
                return point.state, point.accounts, point.gaps, taken
            settled = _by_active_set(market, tol, max_iterations)
        if settled is None:
            residuals = residual_arrays(problem, point.state, point.accounts)
            raise explain(problem, point.state, point.accounts, residuals, point.found)
        return settled.state, settled.accounts, settled.gaps, taken + settled.iterations


def _search_on(
    market: EquilibriumMap, x: Array, tol: float, max_iterations: int, coarsest: float, walk: bool
) -> _Point:
    """Search from x to `tol`, then to tighter tolerances until the conditions hold to `coarsest`.

    Where no fixed point is found and `walk` is true, continuation in the shock is tried once.
    """
    iterations, target = 0, tol
    for _ in range(ROUNDS):
        found = _search(market, x, target, max_iterations)
        iterations += found.iterations
        point = _Point.of(market, found, market.unpack(found.fx), iterations)
        # A search that stalls on rounding has come to the answer: near autarky wages hardly matter.
        if walk and not found.converged and not point.holds(tol):
            walk, stepped = False, _by_continuation(market, tol, max_iterations)
            if stepped is not None:
                iterations += stepped.iterations
                point = _Point.of(market, stepped, market.unpack(stepped.fx), iterations)
        if point.holds(coarsest) or not point.found.converged:
            break
        x, target = point.found.fx, max(target * min(0.1, 0.5 * tol / point.worst), np.finfo(float).eps)
    return point


def _search(market: EquilibriumMap, x: Array, tol: float, max_iterations: int, patient: bool = False) -> FixedPoint:
    """A fixed point from x; `patient` tries Newton-Krylov also where Anderson acceleration left the numbers."""
    found = anderson(
        market.step,
        x,
        tol=tol,
        max_iterations=max_iterations,
        project=market.project,
        precondition=market.precondition,
    )
    # A kink, where wages may not fall, throws Anderson acceleration off beside an equilibrium; elsewhere that is rare.
    tries = patient or market.factors.may_have_several
    near = found.status != "not_finite" or (tries and np.isfinite(found.residual))
    if found.converged or not near or market.modes is not None:
        return found
    closer = newton_krylov(market.step, found.x, tol=tol, project=market.project, precondition=market.precondition)
    nearer = closer if closer.residual < found.residual else found
    return replace(nearer, iterations=found.iterations + closer.iterations)


def _by_active_set(market: EquilibriumMap, tol: float, max_iterations: int) -> _Point | None:
    """Of the caps that share trade, some bind and the others are slack: the sets in turn, until one holds for all.

    Only where the search itself did not settle it: limits nearly coincide, and their wedges hardly differ in effect,
    which is a matter of hundreds of maps for a search among all of them and of ten for one of each set.
    """
    problem, q = market.problem, market.problem.quotas
    if not 2 <= q.sharing.size <= MOST_CAPS:
        return None
    iterations = 0
    for count in range(q.sharing.size - 1, 0, -1):
        for binding in itertools.combinations(q.sharing.tolist(), count):
            kept = ~np.isin(np.arange(q.count), np.setdiff1d(q.sharing, binding))
            alone = map_to_search(replace(problem, quotas=q.only(kept)))
            there = _search_on(alone, alone.start(), tol, max_iterations, tol, walk=False)
            iterations += there.iterations
            if not there.holds(tol):
                continue
            ln_mu = np.zeros(q.count)
            ln_mu[kept] = there.state.ln_mu
            whole = _Point.of(market, there.found, replace(there.state, ln_mu=ln_mu), iterations)
            if whole.holds(tol):
                return whole
    return None


def _by_continuation(market: EquilibriumMap, tol: float, max_iterations: int) -> FixedPoint | None:
    """Walk from the base to the full shock, halving the step where the search fails."""
    done, step, x, iterations = 0.0, 0.5, market.start(), 0
    while step >= 1 / 64:
        s = min(1.0, done + step)
        part, target = EquilibriumMap(market.problem.at(s)), tol if s == 1.0 else 1e-6
        found = _search(part, x, target, max_iterations, patient=True)
        iterations += found.iterations
        if found.converged:
            if s == 1.0:
                return FixedPoint(found.x, found.fx, found.residual, iterations, "converged")
            done, x = s, found.fx
        else:
            step /= 2
    return None
