"""The search for an equilibrium: fast first, careful when that stalls, and plain words when nothing works."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.market import FLOOR, Market, State
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import residual_arrays, worst_cells
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Scenario
from entrepot.numerics import FixedPoint, anderson, newton_krylov


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
    if not 1e-13 <= tol <= 1e-2:
        raise InputError(f"tol={tol:g}: choose between 1e-13 and 1e-2 (1e-10 is the default)")
    began = time.perf_counter()
    problem = Problem.of(economy, Scenario.of(measures), closure or Closure())
    state, accounts, residuals, iterations = find(problem, tol, _initial(problem, start), max_iterations)
    return Outcome(
        problem=problem,
        state=state,
        accounts=accounts,
        residual_by_cell=residuals,
        tol=tol,
        iterations=iterations,
        seconds=time.perf_counter() - began,
    )


def find(
    problem: Problem,
    tol: float,
    x0: Array | None = None,
    max_iterations: int = 500,
    fallback_tol: float | None = None,
) -> tuple[State, Accounts, dict[str, Array], int]:
    """The equilibrium of `problem`: Anderson from x0; then Newton-Krylov; then continuation in the shock.

    The map's own residual is only the signal to stop; what counts are the conditions recomputed from the point, and
    the search goes on, ten times tighter, until those hold to `tol` (or, where rounding forbids, `fallback_tol`).
    """
    with np.errstate(all="ignore"):
        market = Market(problem)
        x = market.start() if x0 is None else x0
        iterations, target = 0, tol
        for _ in range(4):
            found = _search(market, x, target, max_iterations)
            iterations += found.iterations
            if not found.converged and iterations == found.iterations:
                found = _by_continuation(problem, market, tol, max_iterations) or found
                iterations += found.iterations
            state = market.unpack(found.x)
            accounts = Accounts.at(problem, state, market)
            residuals = residual_arrays(problem, state, accounts)
            worst = _largest(residuals)
            if worst <= tol and _is_economic(problem, state, accounts):
                return state, accounts, residuals, iterations
            if not found.converged or (fallback_tol is not None and worst <= fallback_tol):
                break
            x, target = found.fx, target / 10
        if fallback_tol is not None and worst <= fallback_tol and _is_economic(problem, state, accounts):
            return state, accounts, residuals, iterations
        raise _explain(problem, state, accounts, residuals, found)


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
    closer = newton_krylov(market.step, found.x, tol=tol, project=market.project)
    return closer if closer.residual < found.residual else found


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


def _initial(problem: Problem, start: Outcome | None) -> Array | None:
    if start is None:
        return None
    if start.problem.economy.value.shape != problem.economy.value.shape:
        raise InputError("start: an Outcome of another Economy; leave it out")
    x = start.state.pack()[: start.state.pack().size - start.state.ln_mu.size]
    same = start.problem.quotas.count == problem.quotas.count
    wedges = start.state.ln_mu if same else np.zeros(problem.quotas.count)
    return np.concatenate([x, np.clip(wedges, 0.0, problem.quotas.ln_ceiling)])


def _largest(residuals: dict[str, Array]) -> float:
    return max(float(np.abs(np.nan_to_num(a, nan=np.inf)).max(initial=0.0)) for a in residuals.values())


def _is_economic(problem: Problem, state: State, accounts: Accounts) -> bool:
    bought = problem.economy.spending > 0
    return bool((accounts.income > 0).all() and (state.ln_spending[bought] > np.log(FLOOR)).all())


def _explain(
    problem: Problem, state: State, accounts: Accounts, residuals: dict[str, Array], found: FixedPoint
) -> ConvergenceError:
    """Why there is no answer, in the order of likelihood."""
    e = problem.economy
    worst = worst_cells(problem, residuals)
    abandoned = _stranded(problem)
    if abandoned:
        return ConvergenceError(
            f"Nothing is left for buyers of {abandoned}: every source is under an embargo and there is no own supply.",
            worst=worst,
            remedy="leave one source open, or cap it at a small share of the base instead of zero.",
            residual=found.residual,
        )
    owing = -accounts.cleared.deficit
    means = accounts.income + owing  # what a country that lends abroad earns before it lends
    strain = np.where(owing > 0, owing / np.maximum(np.abs(means), 1e-300), 0.0)
    collapsed = np.exp(state.ln_wage) < 0.05
    i = int(np.argmax(strain))
    if problem.closure.deficit != "balanced" and (strain[i] > 0.5 or (collapsed & (owing > 0)).any()):
        if strain[i] <= 0.5:
            i = int(np.argmin(np.where(owing > 0, state.ln_wage, np.inf)))
        return ConvergenceError(
            f"No equilibrium: the measures leave too little trade to carry the deficits of the base. {e.countries[i]} "
            f"would have to go on exporting US${owing[i] / 1e3:,.1f} billion more than it imports, and its wage falls "
            f"towards zero as the search tries to make it.",
            worst=worst,
            remedy="Closure(deficit='balanced'), which closes deficits before and after, or a smaller shock.",
            residual=found.residual,
        )
    return ConvergenceError(
        f"No equilibrium found: the search ended as {found.status.replace('_', ' ')!r} after {found.iterations} "
        f"iterations with a largest gap of {found.residual:.2g}.",
        worst=worst,
        remedy="a smaller shock (or several steps, each started from the last: start=), a looser tol, or "
        "Closure(deficit='balanced').",
        residual=found.residual,
    )


def _stranded(problem: Problem) -> str:
    """A sector and country whose every source is embargoed, if there is one."""
    e = problem.economy
    share = e.share.copy()
    share.ravel()[problem.embargoed] = 0.0
    bare = np.argwhere((share.sum(axis=2) == 0) & (e.spending > 0))
    return f"{e.sectors[bare[0][0]]} in {e.countries[bare[0][1]]}" if bare.size else ""
