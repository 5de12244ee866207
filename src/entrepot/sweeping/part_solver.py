"""One part of a sweep solved: its members side by side, scenario by scenario, and their numbers as tidy tables."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from entrepot.cases.base_economy import as_base, no_base
from entrepot.cases.solved_case import answers_to, with_tariffs
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.batch import SIZE, solve_stack
from entrepot.equilibrium.problem import Problem
from entrepot.errors import ConvergenceError, InputError, MeasureError, UnusualRate
from entrepot.sweeping.member_tables import tables
from entrepot.sweeping.plan import Plan
from entrepot.sweeping.solved_part import Chunk, Member, PartSolved

if TYPE_CHECKING:
    import pandas as pd


def solve_part(plan: Plan, part: int) -> dict[str, pd.DataFrame]:
    """The tables of one part: what was drawn (`draws`), the numbers by table, and what failed (`failures`).

    The same for the same plan, whatever solved the other parts. A draw of numbers that cannot stand where they are
    drawn for (a negative cap) is a failure of that member alone.
    """
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
