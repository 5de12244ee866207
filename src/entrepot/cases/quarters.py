"""The quarters of a timeline, and how many days each state lasts in them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from entrepot.cases.timeline import Branch, Timeline
from entrepot.paths.window import bounds


@dataclass(frozen=True)
class StateKey:
    """The scenarios in force, and `part`, the ratio of trade elasticities to their long-run values."""

    scenarios: frozenset[str]
    part: float


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter inside the window (shorter at its ends), and the number of days of each state in it."""

    first: datetime.date
    end: datetime.date
    days: Mapping[StateKey, int]


def quarters(timeline: Timeline, branch: Branch) -> Iterator[Quarter]:
    """Yield the quarters of the window with the days of each state on a branch."""
    changes = _changes(timeline, branch)
    day = timeline.since
    while day < timeline.until:
        end = min(bounds(day, "quarter")[1], timeline.until)
        days: dict[StateKey, int] = {}
        for first, last, scenarios, changed in _spells(changes, day, end):
            key = StateKey(scenarios, _elasticity_part(timeline, scenarios, changed, day))
            days[key] = days.get(key, 0) + (last - first).days
        yield Quarter(day, end, days)
        day = end


def state_on(timeline: Timeline, branch: Branch, day: datetime.date) -> StateKey:
    """Return the state of a branch on a day."""
    scenarios, changed = next((live, since) for since, live in reversed(_changes(timeline, branch)) if since <= day)
    first = max(timeline.since, bounds(day, "quarter")[0])
    return StateKey(scenarios, _elasticity_part(timeline, scenarios, changed, first))


def _changes(timeline: Timeline, branch: Branch) -> list[tuple[datetime.date, frozenset[str]]]:
    """Return the days on which the scenarios in force change, and the scenarios from then on; the first day leads."""
    days = {timeline.since}
    for _, entry in branch.in_force:
        days |= {d for d in (entry.since, entry.until) if d is not None and timeline.since < d < timeline.until}
    out: list[tuple[datetime.date, frozenset[str]]] = []
    for day in sorted(days):
        live = branch.on(day)
        if not out or out[-1][1] != live:
            # A scenario that is in force on the first day may have begun before it.
            begun = [e.since for _, e in branch.in_force if e.scenario in live and e.since <= day]
            out.append((max(begun, default=day) if not out and live else day, live))
    return out


def _spells(
    changes: Sequence[tuple[datetime.date, frozenset[str]]], day: datetime.date, end: datetime.date
) -> Iterator[tuple[datetime.date, datetime.date, frozenset[str], datetime.date]]:
    """Yield each run of days in [day, end) with the same scenarios: its ends, the scenarios, and when they began."""
    for k, (since, live) in enumerate(changes):
        until = changes[k + 1][0] if k + 1 < len(changes) else end
        first, last = max(since, day), min(until, end)
        if first < last:
            yield first, last, live, since


def _elasticity_part(
    timeline: Timeline, scenarios: frozenset[str], changed: datetime.date, day: datetime.date
) -> float:
    """Return the ratio of elasticities to the long run in the quarter of `day`, by whole quarters since the change."""
    if timeline.adjustment is None or not scenarios:
        return 1.0
    passed = max(0, (day.year - changed.year) * 4 + (day.month - 1) // 3 - (changed.month - 1) // 3)
    return round(timeline.adjustment.at(passed / 4), 12)
