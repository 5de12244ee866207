"""Why a search found no equilibrium: the reasons, in order of likelihood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts, abroad
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.equilibrium.blocks.hats import FLOOR
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import worst_cells
from entrepot.equilibrium.stack import Bases
from entrepot.errors import ConvergenceError
from entrepot.numerics import FixedPoint, anderson
from entrepot.words import and_list, figure

#: Below this part of income trade is too small to determine a wage to the tolerances that are required.
NO_TRADE_TO_SPEAK_OF = 1e-5
#: Relative wages that move apart further than this are on their way to infinity: no price balances trade.
LARGEST_WAGE_SPREAD = 1e4


def largest(residuals: dict[str, Array]) -> float:
    """Return the largest of all gaps; infinite where one is NaN."""
    size = float(np.max([np.abs(gaps).max(initial=0.0) for gaps in residuals.values()]))
    return np.inf if np.isnan(size) else size


def caps_fail_most(residuals: dict[str, Array]) -> bool:
    """Return whether no other condition is as far from holding as that a cap binds or has no wedge."""
    others = {block: gap for block, gap in residuals.items() if block != "complementarity"}
    return largest({"caps": residuals["complementarity"]}) > largest(others)


def is_economic(economy: Economy | Bases, state: State, income: Array) -> NDArray[np.bool_]:
    """Return whether a point is one that an economy can have, by member of a stack [b].

    Incomes are positive, spending is above its floor, and relative wages are finite (`LARGEST_WAGE_SPREAD`).
    """
    spent = np.where(economy.spending > 0, state.ln_spending, 0.0).min(axis=(-2, -1)) > np.log(FLOOR)
    return (income > 0).all(axis=-1) & spent & (np.ptp(state.ln_labour_income, axis=-1) < np.log(LARGEST_WAGE_SPREAD))


def explain(
    problem: Problem, state: State, accounts: Accounts, residuals: dict[str, Array], found: FixedPoint
) -> ConvergenceError:
    """Return the error with the most likely reason why there is no equilibrium."""
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
            residual=largest(residuals),
        )
    caps = _caps_in_doubt(problem, residuals)
    if caps:
        return ConvergenceError(
            f"No equilibrium found: the search did not settle which of {caps} binds on the trade that they share, "
            f"as where their limits nearly coincide.",
            worst=worst,
            remedy="leave out a cap that adds nothing to the others, or set it further from them.",
            residual=largest(residuals),
        )
    closed = _without_deficits(problem)
    if closed is not None:
        owed = np.abs(e.deficit) / closed.imports
        i = int(np.argmax(owed))
        held = RULES[problem.closure.deficit].held
        return ConvergenceError(
            f"No equilibrium: the measures leave too little trade to pay the deficits of the base, which are held "
            f"{held}. With all deficits closed the same measures have an equilibrium, in which {e.countries[i]} "
            f"imports US${figure(closed.imports[i] / 1e3, 3)} billion; it would have to carry a "
            f"{'deficit' if e.deficit[i] > 0 else 'surplus'} of US${figure(abs(e.deficit[i]) / 1e3, 3)} billion.",
            worst=worst,
            remedy="Closure(deficit='balanced'), which closes deficits before and after, or a smaller shock.",
            residual=found.residual,
        )
    traded = np.minimum(accounts.imports, accounts.exports) / accounts.income
    if (traded < NO_TRADE_TO_SPEAK_OF).any():
        i = int(np.argmin(traded))
        return ConvergenceError(
            f"No equilibrium can be distinguished from rounding: under these measures {e.countries[i]} hardly trades "
            f"(about {traded[i]:.1g} of its income), so that almost nothing determines its wage relative to others'.",
            worst=worst,
            remedy="a smaller shock, or an embargo on both sides in place of one next to it.",
            residual=largest(residuals),
        )
    if np.ptp(state.ln_labour_income) >= np.log(LARGEST_WAGE_SPREAD):
        high, low = e.countries[int(state.ln_labour_income.argmax())], e.countries[int(state.ln_labour_income.argmin())]
        return ConvergenceError(
            f"No equilibrium with finite prices: the wage of {high} rises without bound against that of {low}, since "
            f"trade between them is cut off on one side and cannot be paid for.",
            worst=worst,
            remedy="cap the trade at a small share of the base instead of zero, or cut it off on both sides.",
            residual=found.residual,
        )
    crowded = _crowded(problem)
    if crowded:
        return ConvergenceError(
            f"No equilibrium found: {crowded}, so that a small lead takes the whole market, and where production ends "
            f"up has more than one answer.",
            worst=worst,
            remedy="a smaller scale elasticity, or fixed entry in place of free entry.",
            residual=largest(residuals),
        )
    how = {
        "converged": "met no tolerance finer than this",
        "stalled": "stalled",
        "not_finite": "left the numbers",
        "too_many_iterations": "ran out of iterations",
    }[found.status]
    return ConvergenceError(
        f"No equilibrium found: the search {how} after {found.iterations} iterations, with a largest gap of "
        f"{largest(residuals):.2g}.",
        worst=worst,
        remedy="a smaller shock (or several steps, each started from the last: start=), a looser tol, or "
        "Closure(deficit='balanced').",
        residual=found.residual,
    )


def _crowded(problem: Problem) -> str:
    """Where economies of scale are explosive, in words; empty where they are not.

    A sector that buys much of its own goods at home has gamma theta / (1 - own share of cost) above one.
    """
    e = problem.economy
    own = np.einsum("njj,jnn->jn", e.inputs, e.share)
    strength = (problem.factors.scale * e.theta)[:, None] / (1.0 - own) * (e.output > 0)
    if strength.max() <= 1 + 1e-9:
        return ""
    j, n = np.unravel_index(int(strength.argmax()), strength.shape)
    return (
        f"economies of scale are {problem.factors.scale[j]:.3g} in {e.sectors[j]}, whose own goods bought at home are "
        f"{100 * own[j, n]:.0f}% of its cost in {e.countries[n]}"
    )


def _caps_in_doubt(problem: Problem, residuals: dict[str, Array]) -> str:
    """The caps that share trade, where their own conditions are the ones that fail the most."""
    q = problem.quotas
    if not q.sharing.size or not caps_fail_most(residuals):
        return ""
    return and_list([repr(problem.quota_title(int(k))) for k in q.sharing])


def _without_deficits(problem: Problem) -> Accounts | None:
    """The same measures with deficits closed, if that has a solution: then the deficits are what stands in the way."""
    if np.abs(problem.economy.deficit).max() <= 1e-9 * problem.economy.value_added.sum():
        return None
    try:
        closed = Problem.of(problem.economy, problem.scenario, replace(problem.closure, deficit="balanced"))
    except ConvergenceError:  # the base itself has no equilibrium without them
        return None
    market = EquilibriumMap(closed)
    found = anderson(market.step, market.start(), tol=1e-6, project=market.project, precondition=market.precondition)
    state = market.unpack(found.x)
    accounts = Accounts.at(closed, state, market)
    return accounts if found.converged and is_economic(closed.economy, state, accounts.income) else None


def _stranded(problem: Problem) -> str:
    """A sector and country whose every source is embargoed, if there is one."""
    e = problem.economy
    share = e.share.copy()
    share.ravel()[problem.embargoed] = 0.0
    bare = np.argwhere(share.sum(axis=2) == 0)
    return f"{e.sectors[bare[0][0]]} in {e.countries[bare[0][1]]}" if bare.size else ""


def _one_way(problem: Problem) -> str:
    """A country that an embargo leaves with exports and no imports, or the reverse."""
    e = problem.economy
    if not problem.embargoed.size:
        return ""
    trade = e.value.copy()
    trade.ravel()[problem.embargoed] = 0.0
    for country, imports, exports in zip(e.countries, *abroad(trade), strict=True):
        if (imports > 0) != (exports > 0):
            return f"export of {country}" if imports > 0 else f"import of {country}"
    return ""
