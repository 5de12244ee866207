"""Many Problems at once: scenarios, draws of elasticities, or Economies of one shape."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State, unknowns
from entrepot.equilibrium.neighbours import Neighbours
from entrepot.equilibrium.no_equilibrium import is_economic
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import stacked_gaps
from entrepot.equilibrium.search import find
from entrepot.equilibrium.slow_modes import slow_modes
from entrepot.equilibrium.solve import check_tol
from entrepot.equilibrium.solved import Solved
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Scenario
from entrepot.numerics.side_by_side import cores, side_by_side
from entrepot.numerics.stacked import anderson_stacked
from entrepot.types import Progress

if TYPE_CHECKING:
    import pandas as pd

#: Members solved side by side: enough to share what they read, few enough to stay in cache.
SIZE = 32
#: Unknowns of a stack, all members together, where those before it tell where it begins.
WIDE = 1 << 18
#: Stacks that are solved at a time, and the unknowns of a stack from which threads gain more than they cost.
WAVE, WORTH_A_THREAD = 4, 1 << 16
#: The common search ends at a tenth of the tolerance, though not below this, and at half of it at most: it stops by its
#: own steps, and where it ended at half, one member in six missed a condition by a little and was searched for alone.
FINEST = 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class Batch:
    """Many Problems solved: `countries`, `gap`, `failures`, `outcome(k)`.

    Members keep the order in which they were given. A member without an equilibrium has NaN for every number, and its
    reason in `failures`.
    """

    stacks: tuple[Solved, ...]
    seconds: float

    def __len__(self) -> int:
        return sum(len(stack.problems) for stack in self.stacks)

    @property
    def gap(self) -> Array:
        """Largest relative gap in any equilibrium condition, by member [b]."""
        return np.concatenate([stack.gap for stack in self.stacks])

    @property
    def iterations(self) -> NDArray[np.intp]:
        """Maps taken, by member [b]."""
        return np.concatenate([stack.iterations for stack in self.stacks])

    @property
    def failures(self) -> dict[int, ConvergenceError]:
        """The `ConvergenceError` of each member without an equilibrium, by its number."""
        return {first + k: error for first, stack in self._placed() for k, error in stack.failures.items()}

    @property
    def real_income(self) -> Array:
        """Change in real income [b, n], as a part of the base."""
        return np.concatenate([stack.real_income for stack in self.stacks])

    @property
    def countries(self) -> pd.DataFrame:
        """By (member, country), the columns of `Outcome.countries` but for the first-order terms and the labour tax."""
        import pandas as pd

        parts = [stack.countries() for stack in self.stacks]
        codes = self.stacks[0].problems[0].economy.countries
        index = pd.MultiIndex.from_product([range(len(self)), codes], names=["member", "country"])
        return pd.DataFrame(
            {key: np.concatenate([part[key] for part in parts]).ravel() for key in parts[0]}, index=index
        )

    def outcome(self, k: int) -> Outcome:
        """Member k whole. Raises its `ConvergenceError`, `IndexError` where there is no such member."""
        for first, stack in self._placed():
            if 0 <= k - first < len(stack.problems):
                return stack.outcome(k - first)
        raise IndexError(f"member {k} of a batch of {len(self)}")

    def _placed(self) -> Iterator[tuple[int, Solved]]:
        first = 0
        for stack in self.stacks:
            yield first, stack
            first += len(stack.problems)

    def __repr__(self) -> str:
        failed = len(self.failures)
        worst = np.nanmax(self.gap) if failed < len(self) else np.nan
        return (
            f"Batch of {len(self):,} solved{f', {failed:,} without an equilibrium' if failed else ''}: largest gap "
            f"{worst:.1g}, {np.mean(self.iterations):.1f} maps each, {self.seconds:.2f} s "
            f"({len(self) / max(self.seconds, 1e-9):,.0f} a second)\n"
            f"Next: .countries, .real_income, .outcome(k), .failures"
        )


def solve_many(
    economy: Economy | Sequence[Economy],
    scenarios: Iterable[Scenario | Measure | Iterable[Measure]],
    *,
    closure: Closure | None = None,
    tol: float = 1e-10,
    start: Outcome | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Solve many scenarios, each to the same conditions as `solve` would, several times faster.

    economy    one for all, or one for each scenario; of one shape (draws of elasticities: `Economy.with_elasticities`)
    scenarios  each as in `solve`; a single one where there are several Economies stands for all
    start      an Outcome to start from; the answers do not depend on it

    Raises `InputError` for what cannot be put on its Economy, with the number of the member; what has no equilibrium
    is in `Batch.failures`.
    """
    began = time.perf_counter()
    check_tol(tol)
    listed = [Scenario.of(measures) for measures in scenarios]
    economies = [economy] * len(listed) if isinstance(economy, Economy) else list(economy)
    if len(listed) == 1:
        listed = listed * len(economies)
    if len(economies) != len(listed):
        raise InputError(
            f"solve_many: {len(economies)} Economies for {len(listed)} scenarios; give one for each, or one"
        )
    if not listed:
        raise InputError("solve_many: no scenario was given")
    problems = _problems(economies, listed, closure or Closure())
    x0 = start.state.pack() if start is not None else None
    stacks: list[Solved] = []
    with threadpool_limits(1):  # products of this size are slower on several threads, and sums come in another order
        for solved in solve_stacks(problems, tol=tol, start=x0):
            if progress is not None:
                progress("scenarios", sum(len(stack.problems) for stack in stacks), len(problems))
            stacks.append(solved)
    return Batch(tuple(stacks), time.perf_counter() - began)


def _problems(economies: Sequence[Economy], scenarios: Sequence[Scenario], closure: Closure) -> list[Problem]:
    """One for each; where only elasticities differ from an earlier member's, that one with these."""
    problems: list[Problem] = []
    before: dict[int, Problem] = {}
    for k, (economy, scenario) in enumerate(zip(economies, scenarios, strict=True)):
        alike = before.get(id(scenario))
        try:
            if alike is not None and economy.shares_accounts(alike.economy):
                problems.append(alike.on(economy))
            else:
                problems.append(Problem.of(economy, scenario, closure))
                before[id(scenario)] = problems[-1]
        except InputError as error:
            raise InputError(f"solve_many: member {k}: {error}") from error
    return problems


def solve_stacks(problems: Sequence[Problem], *, tol: float = 1e-10, start: Array | None = None) -> Iterator[Solved]:
    """Solve Problems as `solve_stack` does, in the order in which they are given.

    SIZE of them first, unless there are few, then wider stacks of about one size, WAVE at a time on the cores of this
    machine. A wave begins near those before it, so the number of cores changes no digit.
    """
    if not problems:
        return
    known, width = Neighbours(), unknowns(problems[0])
    most = max(SIZE, min(4 * SIZE, WIDE // width))
    threads = cores() if most * width >= WORTH_A_THREAD else 1
    count = len(problems)
    begin = SIZE if count > min(2 * SIZE, most) else count
    cuts = np.linspace(begin, count, math.ceil((count - begin) / most) + 1).astype(int).tolist()
    stacks = [problems[first:stop] for first, stop in itertools.pairwise([0, *cuts])]
    for wave in (stacks[:1], *(stacks[first : first + WAVE] for first in range(1, len(stacks), WAVE))):
        near = [known.start(stack) for stack in wave]
        calls = [
            partial(solve_stack, stack, tol=tol, start=start if x is None else x)
            for stack, x in zip(wave, near, strict=True)
        ]
        for solved in side_by_side(calls, threads):
            known.add(solved)
            yield solved


def solve_stack(problems: Sequence[Problem], *, tol: float = 1e-10, start: Array | None = None) -> Solved:
    """Solve Problems of one shape and closure side by side, each to the same conditions as alone.

    start   stacked unknowns [x] of a Problem alike, or of each [b, x]; the answer does not depend on them

    Members that the common search loses are searched for alone, with all of its second chances; those without an
    equilibrium are in `failures`. Raises `InputError` for Problems that do not go together.
    """
    began = time.perf_counter()
    with np.errstate(all="ignore"):
        market = EquilibriumMap(tuple(problems), modes=slow_modes(problems[0]))
        problems = market.stack.problems
        x0 = market.start()
        if start is not None:
            x0[:, : start.shape[-1]] = start[..., : x0.shape[1]]
            market.project(x0)
        ends = min(0.5 * tol, max(0.1 * tol, FINEST))
        found = anderson_stacked(lambda members: _of(market, problems, members), x0, tol=ends)
        x, iterations, failures = found.x, found.iterations, {}
        state, cleared, gap = _proof(market, x)
        sound = found.converged & (gap <= tol) & is_economic(market.stack.economy, state, cleared.income)
        lost = np.flatnonzero(~sound)
        for k in map(int, lost):
            there = x[k, : unknowns(problems[k])].copy()
            try:
                alone, taken = _careful(problems[k], tol, there, near=bool(found.converged[k]))
            except ConvergenceError as error:
                failures[k] = error
                continue
            packed = alone.pack()
            x[k, : packed.size] = packed
            iterations[k] += taken
        if lost.size:
            state, cleared, gap = _proof(market, x)
            for numbers in (gap, cleared.income, cleared.spending, cleared.sales, cleared.subsidies):
                numbers[list(failures)] = np.nan
    return Solved(market, state, cleared, gap, iterations, failures, tol, time.perf_counter() - began)


def _careful(problem: Problem, tol: float, there: Array, near: bool) -> tuple[State, int]:
    """A member searched for alone, from `there`, where the common search left it, and from the base.

    From the base first where it was left astray: where there are several equilibria, `solve` begins there too.
    """
    first, second = (there, None) if near else (None, there)
    try:
        state, _, _, taken = find(problem, tol, first)
    except ConvergenceError as error:
        try:
            state, _, _, taken = find(problem, tol, second)
        except ConvergenceError as other:
            raise (other if near else error) from None
    return state, taken


def _of(market: EquilibriumMap, problems: tuple[Problem, ...], members: NDArray[np.intp]) -> EquilibriumMap:
    """Some of a stack, with unknowns like the whole."""
    if members.size == len(problems):
        return market
    return EquilibriumMap([problems[k] for k in members], market.stack.quotas.count, market.modes)


def _proof(market: EquilibriumMap, x: Array) -> tuple[State, Cleared, Array]:
    state = market.in_numeraire(market.unpack(x))
    cleared = market.clear(state)
    return state, cleared, np.max(list(stacked_gaps(market, state, cleared).values()), axis=0)
