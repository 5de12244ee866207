"""The search for an equilibrium: fast first, careful when that stalls, and plain words when nothing works."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

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

#: Relative wages that move apart further than this are on their way to infinity: no price balances trade.
LARGEST_WAGE_SPREAD = 1e4


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
    _check_arguments(economy, closure, tol, start, max_iterations)
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


def _check_arguments(economy: object, closure: object, tol: object, start: object, max_iterations: object) -> None:
    if not isinstance(economy, Economy):
        raise InputError(f"economy: an Economy is needed (load_economy({economy!r})?)")
    if closure is not None and not isinstance(closure, Closure):
        raise InputError(f"closure: a Closure is needed, such as Closure(deficit='balanced'), not {closure!r}")
    if not isinstance(tol, int | float) or not 1e-13 <= tol <= 1e-2:
        raise InputError(f"tol={tol!r}: choose between 1e-13 and 1e-2 (1e-10 is the default)")
    if start is not None and not isinstance(start, Outcome):
        raise InputError(f"start: an Outcome is needed, not {start!r}")
    if not isinstance(max_iterations, int) or max_iterations < 1:
        raise InputError(f"max_iterations={max_iterations!r}: a whole number above zero is needed")


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
            state = market.in_numeraire(market.unpack(found.x))
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
    closer = newton_krylov(market.step, found.x, tol=tol, project=market.project, precondition=market.precondition)
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
    other = start.problem.economy
    if (other.countries, other.sectors) != (problem.economy.countries, problem.economy.sectors):
        raise InputError("start: an Outcome of another Economy; leave it out")
    x = start.state.pack()[: start.state.pack().size - start.state.ln_mu.size]
    same = start.problem.quotas.count == problem.quotas.count
    wedges = start.state.ln_mu if same else np.zeros(problem.quotas.count)
    return np.concatenate([x, np.clip(wedges, 0.0, problem.quotas.ln_ceiling)])


def _largest(residuals: dict[str, Array]) -> float:
    return max(float(np.abs(np.nan_to_num(a, nan=np.inf)).max(initial=0.0)) for a in residuals.values())


def _is_economic(problem: Problem, state: State, accounts: Accounts) -> bool:
    bought = problem.economy.spending > 0
    return bool(
        (accounts.income > 0).all()
        and (state.ln_spending[bought] > np.log(FLOOR)).all()
        and np.ptp(state.ln_wage) < np.log(LARGEST_WAGE_SPREAD)
    )


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
            remedy="leave one source open, or cap it at a small share of the base instead of zero.",
            residual=found.residual,
        )
    one_way = _one_way(problem)
    if one_way:
        return ConvergenceError(
            f"No equilibrium: an embargo covers every {one_way}, so that what still flows the other way "
            f"cannot be paid.",
            remedy="cap the trade at a small share of the base instead of zero, or cut it off on both sides.",
            residual=found.residual,
        )
    if (accounts.income <= 0).any():
        i = int(np.argmin(accounts.income))
        return ConvergenceError(
            f"No equilibrium with positive incomes: what {e.countries[i]} pays in subsidies (negative tariffs and "
            f"taxes among them) and deficits is more than it earns.",
            worst=worst,
            remedy="a smaller subsidy.",
            residual=_largest(residuals),
        )
    closed = None if problem.closure.deficit == "balanced" else _without_deficits(problem)
    if closed is not None:
        owed = np.abs(e.deficit) / closed.imports
        i = int(np.argmax(owed))
        held = {"fixed": "fixed", "gdp_share": "at their share of world income"}[problem.closure.deficit]
        return ConvergenceError(
            f"No equilibrium: the measures leave too little trade to pay the deficits of the base, which are held "
            f"{held}. With all deficits closed the same measures have an equilibrium, in which {e.countries[i]} "
            f"imports US${closed.imports[i] / 1e3:,.3g} billion; it would have to carry a "
            f"{'deficit' if e.deficit[i] > 0 else 'surplus'} of US${abs(e.deficit[i]) / 1e3:,.3g} billion.",
            worst=worst,
            remedy="Closure(deficit='balanced'), which closes deficits before and after, or a smaller shock.",
            residual=found.residual,
        )
    if np.ptp(state.ln_wage) >= np.log(LARGEST_WAGE_SPREAD):
        high, low = e.countries[int(state.ln_wage.argmax())], e.countries[int(state.ln_wage.argmin())]
        return ConvergenceError(
            f"No equilibrium with finite prices: the wage of {high} rises without bound against that of {low}, since "
            f"trade between them is cut off on one side and cannot be paid for.",
            worst=worst,
            remedy="cap the trade at a small share of the base instead of zero, or cut it off on both sides.",
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


def _without_deficits(problem: Problem) -> Accounts | None:
    """The same measures with deficits closed, if that has a solution: then the deficits are what stands in the way."""
    if np.abs(problem.economy.deficit).max() <= 1e-9 * problem.economy.value_added.sum():
        return None
    closed = Problem.of(problem.economy, problem.scenario, replace(problem.closure, deficit="balanced"))
    market = Market(closed)
    found = anderson(market.step, market.start(), tol=1e-6, project=market.project, precondition=market.precondition)
    state = market.unpack(found.x)
    accounts = Accounts.at(closed, state, market)
    return accounts if found.converged and _is_economic(closed, state, accounts) else None


def _stranded(problem: Problem) -> str:
    """A sector and country whose every source is embargoed, if there is one."""
    e = problem.economy
    share = e.share.copy()
    share.ravel()[problem.embargoed] = 0.0
    bare = np.argwhere((share.sum(axis=2) == 0) & (e.spending > 0))
    return f"{e.sectors[bare[0][0]]} in {e.countries[bare[0][1]]}" if bare.size else ""


def _one_way(problem: Problem) -> str:
    """A country that an embargo leaves with exports and no imports, or the reverse."""
    e = problem.economy
    trade = np.where(e.domestic, 0.0, e.value)
    trade.ravel()[problem.embargoed] = 0.0
    imports, exports = trade.sum(axis=(0, 2)), trade.sum(axis=(0, 1))
    for i, country in enumerate(e.countries):
        if (imports[i] > 0) != (exports[i] > 0):
            return f"export of {country}" if imports[i] > 0 else f"import of {country}"
    return ""
