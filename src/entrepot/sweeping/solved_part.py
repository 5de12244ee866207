"""One part of a sweep while it is solved: its members, their equilibria side by side, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from entrepot.bargaining.payoff import Payoff
from entrepot.cases import Case
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solved import Solved
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure
from entrepot.sweeping.plan import Plan
from entrepot.types import Array

#: Kinds of failure: numbers that the case, or the Economy, cannot have; and an equilibrium that is not found.
INADMISSIBLE, NONE_FOUND = "inadmissible", "no equilibrium"


@dataclass(frozen=True)
class Failure:
    """Why a scenario has no numbers in a member; `kind` is INADMISSIBLE or NONE_FOUND."""

    kind: str
    why: str


@dataclass(frozen=True, eq=False)
class Member:
    """One case and the world that it is measured from: what a draw makes of both."""

    number: int
    case: Case
    economy: Economy


@dataclass(frozen=True, eq=False)
class Chunk:
    """A scenario of some members solved side by side. `rows` says which of the part's members they are."""

    rows: tuple[int, ...]
    solved: Solved


@dataclass(eq=False)
class PartSolved:
    """scenario -> chunks; failures by (row of the part, scenario). A member whose numbers are not admissible stands
    with the plan's own, so that rows stay in step, and nothing of it is solved; nor of one whose base has no
    equilibrium (`baseless`).
    """

    plan: Plan
    members: list[Member]
    chunks: dict[str, list[Chunk]] = field(default_factory=dict)
    failures: dict[tuple[int, str], Failure] = field(default_factory=dict)
    inadmissible: dict[int, str] = field(default_factory=dict)
    baseless: dict[int, str] = field(default_factory=dict)
    _volumes: dict[tuple[Any, ...], Array] = field(default_factory=dict)

    def problems(self, scenario: str, made: Callable[[int], Problem]) -> list[tuple[int, Problem]]:
        """`made` of every row, but for those with numbers that cannot be and those that refer to what has no
        equilibrium, which are counted as failures of `scenario`.
        """
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

    def fail(self, scenario: str, rows: Sequence[int], solved: Solved) -> None:
        """Count the members of a stack that have no equilibrium."""
        for k, error in solved.failures.items():
            self.failures[(rows[k], scenario)] = Failure(NONE_FOUND, str(error))

    def at(self, scenario: str, row: int) -> tuple[Solved, int]:
        """Where a member stands. Raises `ConvergenceError` if it has no equilibrium."""
        if (row, scenario) not in self.failures:
            for chunk in self.chunks.get(scenario, ()):
                if row in chunk.rows:
                    return chunk.solved, chunk.rows.index(row)
        raise ConvergenceError(f"It refers to {scenario!r}, which has no equilibrium.")

    def outcome(self, scenario: str, row: int) -> Outcome:
        solved, k = self.at(scenario, row)
        return solved.outcome(k)

    def volume(self, scenario: str, row: int, measure: Measure) -> float:
        """What a scenario leaves of the trade under a measure; for all members at once, since most ask the same."""
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

    def worth(self, rows: Sequence[int], solved: Solved, party: str) -> Array:
        """What a stack of some members is worth to a party, each by its own objective [b]."""
        worth = np.full(len(rows), np.nan)
        cases = [self.members[row].case for row in rows]
        for case in {id(case): case for case in cases}.values():
            mine = [k for k, other in enumerate(cases) if other is case]
            of = Payoff.to(party, case.objectives.get(party), self.plan.base)
            worth[mine] = of.of_stack(solved)[mine]
        return worth
