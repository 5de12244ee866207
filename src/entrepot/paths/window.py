"""The steps of a path: calendar quarters or years inside a window, and the states that each consists of."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from entrepot.dates import DAYS_A_YEAR
from entrepot.errors import InputError, check_choice
from entrepot.paths.dated import Dated

StepLength = Literal["quarter", "year"]
#: The longest window, in years.
LONGEST = 200

#: Positions of the entries that are in force.
Live = frozenset[int]


@dataclass(frozen=True)
class Spell:
    """Days inside a step with the same measures in force: [first, end), and `part` of the step's days."""

    first: datetime.date
    end: datetime.date
    live: Live
    part: float


@dataclass(frozen=True)
class TimeStep:
    """A quarter or year of a path, shorter at the ends of the window.

    years   its length: a whole one counts a quarter or a year, whatever its days
    whole   that of a step that is not cut off
    spells  the states in it, in order
    """

    first: datetime.date
    end: datetime.date
    years: float
    whole: float
    spells: tuple[Spell, ...]

    @property
    def length(self) -> float:
        """Its days over those of a year, by which amounts are multiplied."""
        return (self.end - self.first).days / DAYS_A_YEAR

    @property
    def states(self) -> tuple[tuple[Live, float], ...]:
        """The states of the step and their parts of it, each once."""
        parts: dict[Live, float] = {}
        for spell in self.spells:
            parts[spell.live] = parts.get(spell.live, 0.0) + spell.part
        return tuple(parts.items())

    def under(self, entries: Sequence[Dated]) -> TimeStep:
        """Return the step with the states of other entries."""
        return replace(self, spells=tuple(_spells(entries, self.first, self.end)))

    def split(self, days: Iterable[datetime.date], entries: Sequence[Dated]) -> tuple[TimeStep, ...]:
        """Return the parts into which some days divide the step."""
        inside = sorted({day for day in days if self.first < day < self.end})
        return tuple(
            TimeStep(
                first, end, self.years * (end - first).days / (self.end - self.first).days, self.whole,
                tuple(_spells(entries, first, end)),
            )
            for first, end in itertools.pairwise((self.first, *inside, self.end))
        )  # fmt: skip


def time_steps(
    entries: Sequence[Dated], since: datetime.date, until: datetime.date, length: StepLength
) -> tuple[TimeStep, ...]:
    """Return the steps of a window. Raises `InputError` for a window that is empty, reversed or too long."""
    check_choice("path: step", length, StepLength)
    if until <= since:
        raise InputError(f"path: until {until} is not after since {since}")
    if until.year - since.year > LONGEST:
        raise InputError(f"path: a window from {since} to {until} is longer than {LONGEST} years")
    return tuple(_steps(entries, since, until, length))


def steps_before(
    entries: Sequence[Dated], since: datetime.date, expected: bool, length: StepLength
) -> tuple[TimeStep, ...]:
    """Return the steps from the first entry, or what is `expected` of one, to a window that begins after it.

    In them stocks come from the base to what they are on the window's first day. Raises `InputError` for too many.
    """
    days = [
        entry.known or entry.first if expected else entry.first for entry in entries if expected or entry.carried_out
    ]
    begun = min(days, default=since)
    return time_steps(entries, begun, since, length) if begun < since else ()


def _steps(
    entries: Sequence[Dated], since: datetime.date, until: datetime.date, length: StepLength
) -> Iterator[TimeStep]:
    whole = 0.25 if length == "quarter" else 1.0
    first = since
    while first < until:
        begun, following = bounds(first, length)
        end = min(following, until)
        complete = first == begun and end == following
        years = whole if complete else (end - first).days / DAYS_A_YEAR
        yield TimeStep(first, end, years, whole, tuple(_spells(entries, first, end)))
        first = end


def bounds(day: datetime.date, length: StepLength) -> tuple[datetime.date, datetime.date]:
    """Return the first day of the quarter or year of a day, and of the next; the last day of the calendar ends it."""
    months = 3 if length == "quarter" else 12
    begun = (day.month - 1) // months * months
    year, month = divmod(12 * day.year + begun + months, 12)
    following = datetime.date(year, month + 1, 1) if year <= datetime.MAXYEAR else datetime.date.max
    return datetime.date(day.year, begun + 1, 1), following


def _spells(entries: Sequence[Dated], first: datetime.date, end: datetime.date) -> Iterator[Spell]:
    changes = {day for entry in entries for day in (entry.first, entry.last) if day is not None and first < day < end}
    days = [first, *sorted(changes), end]
    begun = first
    for day, after in zip(days[1:], [*days[2:], None], strict=True):
        live = live_on(entries, begun)
        if after is None or live_on(entries, day) != live:
            yield Spell(begun, day, live, (day - begun).days / (end - first).days)
            begun = day


def live_on(entries: Sequence[Dated], day: datetime.date) -> Live:
    """Return the positions of the entries in force on a day."""
    return frozenset(k for k, entry in enumerate(entries) if entry.on(day))
