"""The quarters of a timeline, and the days that each state of the world has in them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from entrepot.cases.timeline import Branch, Timeline


@dataclass(frozen=True)
class StateKey:
    """The scenarios in force, and the part of the long-run elasticities reached."""

    scenarios: frozenset[str]
    part: float


@dataclass(frozen=True)
class Quarter:
    """A quarter of the calendar inside the window (shorter at its ends), and the days [.] of each state in it."""

    first: datetime.date
    end: datetime.date
    days: Mapping[StateKey, int]


def quarters(timeline: Timeline, branch: Branch) -> Iterator[Quarter]:
    """The quarters of the window, with the days that each state has in them on a branch."""
    changes = _changes(timeline, branch)
    day = timeline.since
    while day < timeline.until:
        end = min(_next_quarter(day), timeline.until)
        days: dict[StateKey, int] = {}
        for first, last, scenarios, changed in _spells(changes, day, end):
            part = _part(timeline, scenarios, changed, day)
            key = StateKey(scenarios, part)
            days[key] = days.get(key, 0) + (last - first).days
        yield Quarter(day, end, days)
        day = end


def _next_quarter(day: datetime.date) -> datetime.date:
    month = 3 * ((day.month - 1) // 3) + 4
    year = day.year + month // 13
    return datetime.date(year, (month - 1) % 12 + 1, 1) if year <= datetime.MAXYEAR else datetime.date.max


def _changes(timeline: Timeline, branch: Branch) -> list[tuple[datetime.date, frozenset[str]]]:
    """When what is in force changes, and to what; the window's first day first."""
    days = {timeline.since}
    for _, entry in branch.in_force:
        days |= {d for d in (entry.since, entry.until) if d is not None and timeline.since < d < timeline.until}
    out: list[tuple[datetime.date, frozenset[str]]] = []
    for day in sorted(days):
        live = branch.on(day)
        if not out or out[-1][1] != live:
            # What is in force on the first day may have begun before it.
            begun = [e.since for _, e in branch.in_force if e.scenario in live and e.since <= day]
            out.append((max(begun, default=day) if not out and live else day, live))
    return out


def _spells(
    changes: Sequence[tuple[datetime.date, frozenset[str]]], day: datetime.date, end: datetime.date
) -> Iterator[tuple[datetime.date, datetime.date, frozenset[str], datetime.date]]:
    """The runs of days between `day` and `end` with the same scenarios in force, and when those came to be."""
    for k, (since, live) in enumerate(changes):
        until = changes[k + 1][0] if k + 1 < len(changes) else end
        first, last = max(since, day), min(until, end)
        if first < last:
            yield first, last, live, since


def _part(timeline: Timeline, scenarios: frozenset[str], changed: datetime.date, day: datetime.date) -> float:
    """The part of the long-run elasticities in the quarter of `day`: by whole quarters since the change."""
    if timeline.adjustment is None or not scenarios:
        return 1.0
    gone = max(0, (day.year - changed.year) * 4 + (day.month - 1) // 3 - (changed.month - 1) // 3)
    return round(timeline.adjustment.at(gone / 4), 12)


def state_on(timeline: Timeline, branch: Branch, day: datetime.date) -> StateKey:
    """The state of a day."""
    scenarios, changed = next((live, since) for since, live in reversed(_changes(timeline, branch)) if since <= day)
    first = max(timeline.since, datetime.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))
    return StateKey(scenarios, _part(timeline, scenarios, changed, first))
