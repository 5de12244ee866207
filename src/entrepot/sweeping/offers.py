"""What each party gains from the offers of a case's table over its threat, draw by draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from entrepot.cases.shared_measures import SharedMeasures
from entrepot.equilibrium.problem import Problem
from entrepot.measures import Measure, Scenario
from entrepot.measures.scenario import together
from entrepot.sweeping.solved_part import PartSolved

#: One more offer: nothing is agreed, and nothing changes.
NOW = "now"


def offers(part: PartSolved) -> list[tuple[int, str, str, float]]:
    """Rows of (member, offer, party, gain over the threat in US$ million a year).

    Empty unless the case has a table whose threat is a scenario, because a trade war is not solved for every draw.
    """
    table = part.plan.case.table
    if table is None or table.threat.scenario is None or table.threat.scenario not in part.plan.scenarios:
        return []
    threat = {party: _of_scenario(part, table.threat.scenario, party) for party in table.between}
    rows: list[tuple[int, str, str, float]] = []
    for name in [*table.offers, NOW]:
        worth = _of_offer(part, name)
        for party in table.between:
            gain = worth[party] - threat[party]
            rows += [(m.number, name, party, float(g)) for m, g in zip(part.members, gain, strict=True)]
    return sorted(rows, key=lambda row: row[0])


def _of_scenario(part: PartSolved, scenario: str, party: str) -> Any:
    worth = np.full(len(part.members), np.nan)
    for chunk in part.chunks[scenario]:
        worth[list(chunk.rows)] = part.worth(chunk.rows, chunk.solved, party)
    return worth


def _of_offer(part: PartSolved, name: str) -> dict[str, Any]:
    """The payoff of an offer to each party [m], a change from the base; NaN where it has no equilibrium."""
    table = part.plan.case.table
    assert table is not None
    worth = {party: np.full(len(part.members), np.nan) for party in table.between}
    ready = part.problems(f"offer {name}", lambda row: _problem(part, row, name))
    for chunk in part.stacks(f"offer {name}", ready):
        for party in table.between:
            worth[party][list(chunk.rows)] = part.worth(chunk.rows, chunk.solved, party)
    return worth


def _problem(part: PartSolved, row: int, name: str) -> Problem:
    member = part.members[row]
    table = member.case.table
    assert table is not None
    levels = table.current_levels if name == NOW else {**table.current_levels, **table.offers[name].levels}

    def volume(other: str, measure: Measure) -> float:
        return part.volume(other, row, measure)

    entries = SharedMeasures(member.case)
    built = {other: member.case.scenarios[other].build(other).matched(volume) for other in table.beside}
    beside = [m for other, scenario in built.items() for m in entries.of(other, scenario)]
    deal = Scenario(table.deal(levels), name=name).matched(volume)
    return Problem.of(member.economy, Scenario(together([*beside, *deal]), name=name), member.case.closure)
