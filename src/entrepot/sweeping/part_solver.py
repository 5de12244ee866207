"""Solve one part of a sweep: its members as stacks, scenario by scenario, and their numbers as tidy tables."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from entrepot.cases.base_economy import as_base, closure_of_base, no_base
from entrepot.cases.solved_scenarios import answers_to, with_tariffs
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.batch import solve_stacks
from entrepot.equilibrium.problem import Problem
from entrepot.errors import ConvergenceError, InputError, MeasureError, UnusualRate
from entrepot.sweeping.member_tables import tables
from entrepot.sweeping.plan import Plan
from entrepot.sweeping.solved_part import Member, PartSolved
from entrepot.types import Array

if TYPE_CHECKING:
    import pandas as pd


def solve_part(plan: Plan, part: int) -> dict[str, pd.DataFrame]:
    """The tables of one part: `draws`, the numbers by table, and `failures`.

    They depend on the plan alone, not on who solves the other parts. A draw that is not allowed (a negative cap) is a
    failure of that member only.
    """
    design = plan.members(part)
    values = design[plan.uncertain.names].to_numpy(dtype=float)
    levels = design[[axis.name for axis in plan.grid]].to_numpy(dtype=float)
    solved = PartSolved(plan, [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualRate)  # the warning is about typing errors, and draws are not typed
        for row, (number, kind) in enumerate(zip(design["member"].tolist(), design["kind"].tolist(), strict=True)):
            try:
                solved.members.append(_member(plan, number, kind == "draw", values[row], levels[row]))
            except InputError as error:
                solved.inadmissible[row] = str(error)
                solved.members.append(Member(number, plan.case, plan.economy))
    _put_bases_in_force(solved)
    for scenario in plan.scenarios:
        _solve_scenario(solved, scenario)
    return tables(solved, design)


def _member(plan: Plan, number: int, drawn: bool, values: Array, levels: Array) -> Member:
    """The case and the Economy with the numbers of one row of the design. Raises `InputError`."""
    case = plan.case
    if plan.grid and np.isfinite(levels).all():
        placed = plan.uncertain.placed(values)
        placed |= {axis.place: float(level) for axis, level in zip(plan.grid, levels, strict=True)}
        case = plan.case.with_numbers(placed)
    else:
        case = plan.uncertain.case(plan.case, values)
    # The elasticity in the case may be one of the numbers that vary.
    economy = plan.economy if case.theta == plan.case.theta else plan.economy.with_theta(case.theta)
    if any(p.sectors for p in plan.uncertain.parameters):
        economy = economy.with_elasticities(plan.uncertain.theta(economy, values))
    if plan.uncertain.trade_sd and drawn:
        economy = _with_trade(economy, plan, plan.draw(number))
    return Member(number, case, economy)


def _put_bases_in_force(part: PartSolved) -> None:
    """Put the base scenario of the case in force in every member's Economy.

    Members with the plan's Economy, base and closure take the plan's base; the others are solved as stacks.
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
        return Problem.of(part.members[row].economy, case.base.scenario, closure_of_base(case))

    ready = []
    for row in own:
        try:
            ready.append((row, problem(row)))
        except InputError as error:
            part.inadmissible[row] = str(error)
    at = iter(ready)
    for solved in solve_stacks([problem for _, problem in ready], tol=plan.tol):
        for k, (row, _) in zip(range(len(solved.problems)), at, strict=False):
            member = part.members[row]
            if k in solved.failures:
                part.baseless[row] = no_base(member.case, solved.failures[k])
            else:
                base = as_base(member.case, solved.outcome(k))
                part.members[row] = dataclasses.replace(member, economy=base)


def _with_trade(economy: Economy, plan: Plan, draw: int) -> Economy:
    """The Economy with every international flow multiplied by its own lognormal draw.

    A quota in force moves with the trade under it, so that it holds as much of it back as before.
    """
    noise = np.random.default_rng([plan.seed, draw]).normal(0.0, plan.uncertain.trade_sd, economy.value.shape)
    noise[:, economy.domestic] = 0.0
    value, held = economy.value * np.exp(noise), economy.in_force.quotas
    count = held.volume.size
    before, after = (np.bincount(held.owner, held.weight * v.ravel()[held.flow], count) for v in (economy.value, value))
    quotas = dataclasses.replace(
        held, volume=held.volume * np.divide(after, before, out=np.ones(count), where=before > 0)
    )
    return dataclasses.replace(economy, value=value, in_force=dataclasses.replace(economy.in_force, quotas=quotas))


def _solve_scenario(part: PartSolved, name: str) -> None:
    prepared: dict[int, Problem] = {}
    ready = part.problems(name, lambda row: _problem(part, row, name, prepared))
    part.chunks[name] = list(part.stacks(name, ready))


def _problem(part: PartSolved, row: int, name: str, prepared: dict[int, Problem]) -> Problem:
    """The Problem of a scenario for a member; if only elasticities differ, another member's Problem with these."""
    member = part.members[row]
    case, economy, tol = member.case, member.economy, part.plan.tol
    spec = case.scenarios[name]
    built = spec.build(name)
    plain = not built.matches and not spec.retaliations and not case.closure.closes_base
    known = prepared.get(id(case)) if plain else None
    if known is not None and economy.shares_accounts(known.economy):
        return known.on(economy)
    try:
        scenario = built.matched(lambda other, measure: part.volume(other, row, measure))
    except MeasureError as error:  # the other scenario leaves almost no trade
        raise ConvergenceError(f"Its cap is not a valid volume: {error}") from None
    if spec.retaliations:
        outcomes = _Outcomes(part, row)
        scenario = with_tariffs(scenario, answers_to(case, name, scenario, economy, outcomes, tol))
    problem = Problem.of(economy, scenario, case.closure)
    if plain:
        prepared[id(case)] = problem
    return problem


class _Outcomes(Mapping[str, Outcome]):
    """The Outcomes of one member by scenario, each made when it is read."""

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
