"""Solve a Problem again and again as policy moves, each time from an earlier solution (a warm start).

This is the interface for searches over policy. `solve_near` solves one Problem from an earlier `Solution`,
`solve_beside` solves many side by side, and a `Solution` has the slopes of its numbers in policy (`Sensitivity`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from threadpoolctl import threadpool_limits

from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts, Ledger
from entrepot.equilibrium.batch import SIZE, solve_stack
from entrepot.equilibrium.blocks.block import PolicySlopes
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.search import find, map_to_search
from entrepot.equilibrium.sensitivity import Sensitivity, Slopes
from entrepot.equilibrium.slow_modes import slow_modes
from entrepot.equilibrium.solve import fitted, solve_problem
from entrepot.equilibrium.solved import Solved

__all__ = [
    "SIZE",
    "Ledger",
    "PolicySlopes",
    "Problem",
    "Sensitivity",
    "Slopes",
    "Solution",
    "Solved",
    "outcome_near",
    "solve_beside",
    "solve_near",
]


@dataclass(frozen=True, eq=False)
class Solution:
    """The equilibrium of a Problem, from which those of similar Problems are searched for.

    adjoints   the last solutions of the linear systems of slopes, by the name of a number
    """

    problem: Problem
    state: State
    accounts: Accounts
    market: EquilibriumMap = field(repr=False)
    adjoints: dict[str, Array] = field(default_factory=dict, repr=False)

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Slopes in policy at this point. Raises `InputError` beside measures that are not differentiated."""
        return Sensitivity(self.problem, self.state, self.market)

    def policy(self, name: str, slopes: Slopes, tol: float = 1e-12) -> PolicySlopes:
        """Return slopes of a number in policy, from those in what the map computes. Raises `ConvergenceError`.

        The linear solve starts from its solution for the number of that `name` at the earlier Solution.
        """
        by, self.adjoints[name] = self.sensitivity.policy_from(slopes, self.adjoints.get(name), tol)
        return by


def solve_near(problem: Problem, near: Solution | None = None, tol: float = 1e-11) -> Solution:
    """Solve a Problem from the Solution of another, to `tol`, or to 1e-9 where rounding forbids that.

    Raises `ConvergenceError`.
    """
    market = EquilibriumMap(problem, modes=slow_modes(problem), near=near.market if near else None)
    start = fitted(market, near.state) if near else None
    state, accounts, _, _ = find(problem, tol, start, fallback_tol=1e-9, market=market)
    return Solution(problem, state, accounts, market, dict(near.adjoints) if near else {})


def outcome_near(problem: Problem, near: Solution | None = None, tol: float = 1e-10) -> Outcome:
    """Return the Outcome of a Problem, with tables and residuals, from a Solution. Raises `ConvergenceError`."""
    market = map_to_search(problem)
    return solve_problem(problem, tol, fitted(market, near.state) if near else None, market=market)


def solve_beside(problems: Sequence[Problem], near: Solved | None = None, tol: float = 1e-10) -> Solved:
    """Solve Problems of one shape and closure side by side, each from the same member of an earlier stack."""
    with threadpool_limits(1):
        return solve_stack(problems, tol=tol, start=_points(near, len(problems)))


def _points(near: Solved | None, count: int) -> Array | None:
    """The unknowns of `count` members to start from; none where the stack is smaller, or its members are not alike."""
    if near is None or near.failures or len(near.problems) < count:
        return None
    alike = len({p.quotas.count for p in near.problems}) == 1
    return near.state.pack()[:count] if alike else None
