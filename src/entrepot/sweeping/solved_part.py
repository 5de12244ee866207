"""One part of a sweep while it is solved: its members, their equilibria side by side, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.bargaining.payoff import Payoff
from entrepot.cases import Case
from entrepot.cases.objective import objective_of
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.batch import solve_stacks
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solved import Solved
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure
from entrepot.sweeping.plan import Plan
from entrepot.types import Array

if TYPE_CHECKING:
    from entrepot.cases.market_at_costs import MarketAtCosts
    from entrepot.markets.product_table import ProductTable

#: Kinds of failure: numbers that the case or the Economy does not allow, and an equilibrium that was not found.
INADMISSIBLE, NONE_FOUND = "inadmissible", "no equilibrium"


@dataclass(frozen=True)
class Failure:
    """Why a scenario has no numbers in a member; `kind` is INADMISSIBLE or NONE_FOUND."""

    kind: str
    why: str


@dataclass(frozen=True, eq=False)
class Member:
    """A draw: the case and the base Economy with its numbers."""

    number: int
    case: Case
    economy: Economy


@dataclass(frozen=True, eq=False)
class Chunk:
    """A scenario solved for several members as one stack; `rows` are their positions in the part."""

    rows: tuple[int, ...]
    solved: Solved


@dataclass(eq=False)
class PartSolved:
    """The members of a part, their solutions by scenario, and their failures by (row of the part, scenario).

    inadmissible   why the numbers of a row are not allowed. Such a member has the plan's case and Economy, so that rows
                   keep their positions, and is not solved
    baseless       why the base of a row has no equilibrium; such a member is not solved either
    """

    plan: Plan
    members: list[Member]
    chunks: dict[str, list[Chunk]] = field(default_factory=dict)
    failures: dict[tuple[int, str], Failure] = field(default_factory=dict)
    inadmissible: dict[int, str] = field(default_factory=dict)
    baseless: dict[int, str] = field(default_factory=dict)
    _makers: dict[str, MarketAtCosts] = field(default_factory=dict)
    _tables: dict[str, ProductTable] = field(default_factory=dict)
    _volumes: dict[tuple[Any, ...], Array] = field(default_factory=dict)

    def problems(self, scenario: str, made: Callable[[int], Problem]) -> list[tuple[int, Problem]]:
        """The rows that can be solved, each with `made(row)`; the other rows are counted as failures of `scenario`."""
        ready = []
        for row in range(len(self.members)):
            try:
                if row in self.inadmissible:
                    raise InputError(self.inadmissible[row])
                if row in self.baseless:
                    raise ConvergenceError(self.baseless[row])
                ready.append((row, made(row)))
            except ConvergenceError as error:
                self.failures[(row, scenario)] = Failure(NONE_FOUND, str(error))
            except InputError as error:
                self.failures[(row, scenario)] = Failure(INADMISSIBLE, str(error))
        return ready

    def stacks(self, scenario: str, ready: Sequence[tuple[int, Problem]]) -> Iterator[Chunk]:
        """Solve rows with their Problems; those that have no equilibrium are counted as failures of `scenario`."""
        first = 0
        for solved in solve_stacks([problem for _, problem in ready], tol=self.plan.tol):
            rows = tuple(row for row, _ in ready[first : first + len(solved.problems)])
            first += len(rows)
            for k, error in solved.failures.items():
                self.failures[(rows[k], scenario)] = Failure(NONE_FOUND, str(error))
            yield Chunk(rows, solved)

    def at(self, scenario: str, row: int) -> tuple[Solved, int]:
        """The stack that holds a member, and its position there. Raises `ConvergenceError` if it has no equilibrium."""
        if (row, scenario) not in self.failures:
            for chunk in self.chunks.get(scenario, ()):
                if row in chunk.rows:
                    return chunk.solved, chunk.rows.index(row)
        raise ConvergenceError(f"It refers to {scenario!r}, which has no equilibrium.")

    def outcome(self, scenario: str, row: int) -> Outcome:
        """The Outcome of a member under a scenario. Raises `ConvergenceError` if it has no equilibrium."""
        solved, k = self.at(scenario, row)
        return solved.outcome(k)

    def volume(self, scenario: str, row: int, measure: Measure) -> float:
        """The volume of trade under a measure in a scenario; computed for all members at once and kept."""
        key = (scenario, measure.flows(self.plan.base).tobytes())
        if key not in self._volumes:
            volumes = np.full(len(self.members), np.nan)
            for chunk in self.chunks.get(scenario, ()):
                volumes[list(chunk.rows)] = chunk.solved.volumes(measure)
            self._volumes[key] = volumes
        volume = float(self._volumes[key][row])
        if not np.isfinite(volume):
            raise ConvergenceError(f"Its cap is the volume of {scenario!r}, which has no equilibrium.")
        return volume

    def market(self, row: int) -> MarketAtCosts:
        """The market of a member; members whose draws leave it alike share one. Raises `InputError`."""
        from entrepot.cases.market_at_costs import MarketAtCosts  # it loads pandas

        case = self.members[row].case
        key = repr(case.market)
        if key not in self._makers:
            self._makers[key] = MarketAtCosts.of(case, self.plan.base, self._tables)
        return self._makers[key]

    def worth(self, rows: Sequence[int], solved: Solved, party: str) -> Array:
        """The payoff of a party in a stack of some members [b], each by its own case's objective."""
        worth = np.full(len(rows), np.nan)
        cases = [self.members[row].case for row in rows]
        for case in {id(case): case for case in cases}.values():
            mine = [k for k, other in enumerate(cases) if other is case]
            objective = objective_of(party, case.objectives, self.plan.base)
            market = None
            if objective is not None and objective.weighs_makers:
                try:
                    market = self.market(rows[mine[0]])
                except InputError:  # these numbers have no market; its tables count them as failures
                    continue
            of = Payoff.to(party, objective, self.plan.base, market)
            worth[mine] = of.of_stack(solved, mine)[mine]
        return worth
