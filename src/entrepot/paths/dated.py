"""Measures with the days on which they are announced, begin and end."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from entrepot.dates import day_of
from entrepot.economy import Economy
from entrepot.errors import InputError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.measures.fields import read_number
from entrepot.measures.policy import union
from entrepot.measures.scenario import together
from entrepot.paths.number_checks import check_between
from entrepot.types import Index

Day = datetime.date | str


@dataclass(frozen=True)
class Dated:
    """Measures that are in force from one day to the day before another.

    measures     a Scenario, a measure, or several
    since        the first day;  until  the first day without them, if there is one
    announced    the day on which they become known; where none is stated they come as a surprise, unless the path has
                 perfect foresight
    probability  that they will be carried out, as believed from `announced` until `since`
    carried_out  whether they are: False is a threat that lapses at `since`
    title        in tables and pictures; the name of the scenario or measure where none is stated

    Days are dates or "2019-05-17". Raises `InputError` for days in the wrong order and a probability outside 0 to 1.
    """

    measures: Scenario | Measure | Iterable[Measure]
    since: Day
    until: Day | None = None
    announced: Day | None = None
    probability: float = 1.0
    carried_out: bool = True
    title: str = ""

    def __post_init__(self) -> None:
        scenario = Scenario.of(self.measures)
        if not len(scenario):
            raise InputError("path: a dated entry has no measures")
        named = self.title or scenario.title or (scenario.name if scenario.name != "scenario" else "")
        object.__setattr__(self, "measures", scenario)
        object.__setattr__(self, "title", named or " and ".join(measure.title for measure in scenario))
        for key in ("since", "until", "announced"):
            object.__setattr__(self, key, read_day(f"{self.title!r}: {key}", getattr(self, key)))
        if self.last is not None and self.last <= self.first:
            raise InputError(f"path: {self.title!r} ends on {self.last}, which is not after it begins, {self.first}")
        if self.known is not None and self.known > self.first:
            raise InputError(
                f"path: {self.title!r} is announced on {self.known}, after it begins on {self.first}; leave "
                f"'announced' out for a surprise"
            )
        object.__setattr__(self, "probability", read_part(f"{self.title!r}: probability", self.probability))

    @property
    def scenario(self) -> Scenario:
        """The measures."""
        assert isinstance(self.measures, Scenario)
        return self.measures

    @property
    def first(self) -> datetime.date:
        """The first day in force."""
        assert isinstance(self.since, datetime.date)
        return self.since

    @property
    def last(self) -> datetime.date | None:
        """The first day that they are no longer in force."""
        assert not isinstance(self.until, str)
        return self.until

    @property
    def known(self) -> datetime.date | None:
        """The day on which they are announced."""
        assert not isinstance(self.announced, str)
        return self.announced

    def on(self, day: datetime.date) -> bool:
        """Return whether they are in force on a day."""
        return self.carried_out and self.first <= day and (self.last is None or day < self.last)


def measures_of(entries: Sequence[Dated], live: Iterable[int]) -> tuple[Measure, ...]:
    """Return the measures of the entries at some positions; one object or label in several entries counts once."""
    return together(measure for k in sorted(live) for measure in entries[k].scenario)


def border_flows(scenario: Scenario, economy: Economy) -> Index:
    """Return the flows across a border that measures touch, each once: flat positions in [j,n,i]."""
    flows = union([measure.border_flows(economy) for measure in scenario])
    _, n, i = np.unravel_index(flows, economy.value.shape)
    return flows[n != i]


def read_day(where: str, value: Any) -> datetime.date | None:
    """Return a date from a date or a text such as "2019-05-17"; None for None. Raises `InputError`."""
    try:
        return None if value is None else day_of(value)
    except ValueError as error:
        raise InputError(f"path: {where}: {value!r} is not a day such as 2019-05-17{error}") from None


def read_part(where: str, value: Any) -> float:
    """Return a number between 0 and 1, which may be text such as "40%". Raises `InputError`."""
    number = value
    if isinstance(value, str):
        with contextlib.suppress(MeasureError):
            number = read_number(where, value)
    check_between(f"path: {where}", number, 0.0, 1.0, "a number between 0 and 1", "both")
    return float(number)


def read_dated(scenario: Any) -> tuple[Dated, ...]:
    """Return dated measures from several `Dated`, from one, or from a mapping of days to measures.

    In a mapping measures stay in force from their day on. Raises `InputError`.
    """
    if isinstance(scenario, Dated):
        return (scenario,)
    if isinstance(scenario, Mapping):
        return tuple(Dated(measures, since=day) for day, measures in scenario.items())
    entries = tuple(scenario) if isinstance(scenario, Iterable) and not isinstance(scenario, str) else (scenario,)
    for entry in entries:
        if not isinstance(entry, Dated):
            raise InputError(
                f"path: {entry!r} has no days; write ep.paths.Dated(measures, since=...), or {{day: measures}}"
            )
    return entries
