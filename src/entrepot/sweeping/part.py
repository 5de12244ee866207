"""One part of a sweep solved: its members side by side, scenario by scenario, and their numbers as tidy tables."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.bargaining.payoff import Payoff
from entrepot.cases import Case
from entrepot.cases.base_economy import as_base, no_base
from entrepot.cases.solved_case import answers_to, with_tariffs
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.batch import SIZE, solve_stack
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solved import Solved
from entrepot.errors import ConvergenceError, InputError, MeasureError, UnusualRate
from entrepot.measures import Measure
from entrepot.sweeping.plan import Plan
from entrepot.types import Array

if TYPE_CHECKING:
    import pandas as pd


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


def solve_part(plan: Plan, part: int) -> dict[str, pd.DataFrame]:
    """The tables of one part: what was drawn (`draws`), the numbers by table, and what failed (`failures`).

    The same for the same plan, whatever solved the other parts. A draw of numbers that cannot stand where they are
    drawn for (a negative cap) is a failure of that member alone.
    """
    from entrepot.sweeping.numbers import tables

    design = plan.members(part)
    solved = PartSolved(plan, [])
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UnusualRate
        )  # it asks whether a typed rate was meant; drawn ones were not typed
        for row in range(len(design)):
            try:
                solved.members.append(_member(plan, design, row))
            except InputError as error:
                solved.inadmissible[row] = str(error)
                solved.members.append(Member(int(design["member"].iloc[row]), plan.case, plan.economy))
    _put_bases_in_force(solved)
    for scenario in plan.scenarios:
        _solve_scenario(solved, scenario)
    return tables(solved, design)


def _member(plan: Plan, design: pd.DataFrame, row: int) -> Member:
    """What the design makes of the case and the Economy. Raises `InputError` for numbers that they cannot have."""
    drawn = design.iloc[row]
    values = drawn[plan.uncertain.names].to_numpy(dtype=float)
    levels = drawn[[axis.name for axis in plan.grid]].to_numpy(dtype=float)
    case = plan.case
    if plan.grid and np.isfinite(levels).all():
        placed = {
            p.place: float(v) for p, v in zip(plan.uncertain.parameters, values, strict=True) if p.place is not None
        }
        placed |= {axis.place: float(level) for axis, level in zip(plan.grid, levels, strict=True)}
        case = plan.case.with_numbers(placed)
    else:
        case = plan.uncertain.case(plan.case, values)
    # An elasticity that the case itself states may be a number that varies.
    economy = plan.economy if case.theta == plan.case.theta else plan.economy.with_theta(case.theta)
    if any(p.sectors for p in plan.uncertain.parameters):
        economy = economy.with_elasticities(plan.uncertain.theta(economy, values))
    if plan.uncertain.trade_sd and drawn["kind"] == "draw":
        economy = _with_trade(economy, plan, plan.draw(int(drawn["member"])))
    return Member(int(drawn["member"]), case, economy)


def _put_bases_in_force(part: PartSolved) -> None:
    """Every member's world under its base scenario: the plan's where nothing that it depends on differs, else solved
    side by side.
    """
    plan = part.plan
    if plan.case.base is None:
        return
    own: list[int] = []
    for row, member in enumerate(part.members):
        case = member.case
        if member.economy is plan.economy and (case.base, case.closure) == (plan.case.base, plan.case.closure):
            part.members[row] = dataclasses.replace(member, economy=plan.base)
        elif row not in part.inadmissible:
            own.append(row)

    def problem(row: int) -> Problem:
        case = part.members[row].case
        assert case.base is not None
        return Problem.of(part.members[row].economy, case.base.scenario, case.closure)

    ready = []
    for row in own:
        try:
            ready.append((row, problem(row)))
        except InputError as error:
            part.inadmissible[row] = str(error)
    for first in range(0, len(ready), SIZE):
        rows, problems = zip(*ready[first : first + SIZE], strict=True)
        solved = solve_stack(problems, tol=plan.tol)
        for k, row in enumerate(rows):
            member = part.members[row]
            if k in solved.failures:
                part.baseless[row] = no_base(member.case, solved.failures[k])
            else:
                base = as_base(member.case, solved.outcome(k))
                part.members[row] = dataclasses.replace(member, economy=base)


def _with_trade(economy: Economy, plan: Plan, draw: int) -> Economy:
    """The world with every flow between countries off by a draw of its own."""
    noise = np.random.default_rng([plan.seed, draw]).normal(0.0, plan.uncertain.trade_sd, economy.value.shape)
    noise[:, economy.domestic] = 0.0
    return dataclasses.replace(economy, value=economy.value * np.exp(noise))


def _solve_scenario(part: PartSolved, name: str) -> None:
    prepared: dict[int, Problem] = {}
    ready = part.problems(name, lambda row: _problem(part, row, name, prepared))
    chunks = []
    for first in range(0, len(ready), SIZE):
        rows, problems = zip(*ready[first : first + SIZE], strict=True)
        solved = solve_stack(problems, tol=part.plan.tol)
        chunks.append(Chunk(rows, solved))
        part.fail(name, rows, solved)
    part.chunks[name] = chunks


def _problem(part: PartSolved, row: int, name: str, prepared: dict[int, Problem]) -> Problem:
    """A scenario on a member's world; where only elasticities differ, the Problem of another member with these."""
    member = part.members[row]
    case, economy, tol = member.case, member.economy, part.plan.tol
    spec = case.scenarios[name]
    built = spec.build(name)
    plain = not built.matches and not spec.retaliations and case.closure.deficit != "balanced"
    known = prepared.get(id(case)) if plain else None
    if known is not None and economy.shares_accounts(known.economy):
        return known.on(economy)
    try:
        scenario = built.matched(lambda other, measure: part.volume(other, row, measure))
    except MeasureError as error:  # the other scenario leaves next to nothing
        raise ConvergenceError(f"Its cap is no volume: {error}") from None
    if spec.retaliations:
        outcomes = _Outcomes(part, row)
        scenario = with_tariffs(scenario, answers_to(case, name, scenario, economy, outcomes, tol))
    problem = Problem.of(economy, scenario, case.closure)
    if plain:
        prepared[id(case)] = problem
    return problem


class _Outcomes(Mapping[str, Outcome]):
    """Outcomes of one member by scenario, made when asked for."""

    def __init__(self, part: PartSolved, row: int) -> None:
        self._part, self._row = part, row

    def __getitem__(self, name: str) -> Outcome:
        try:
            return self._part.outcome(name, self._row)
        except ConvergenceError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._part.chunks if (self._row, name) not in self._part.failures)

    def __len__(self) -> int:
        return sum(1 for _ in self)
