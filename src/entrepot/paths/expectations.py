"""What is known of the measures of a path at each step, and what a household expects of those still to come."""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from entrepot.errors import InputError
from entrepot.paths.dated import Dated
from entrepot.paths.window import Live, TimeStep

Expectations = Literal["foresight", "myopic", "beliefs"]
#: The most measures that may be uncertain at once: the path is solved along all their combinations.
MOST_TOGETHER = 6


@dataclass(frozen=True)
class Regime:
    """Steps from `first` on in which the same measures are known: the positions of their entries."""

    first: int
    known: Live


def step_of(steps: Sequence[TimeStep], entry: Dated) -> int:
    """Return the step in which an entry begins, or is to begin; -1 before the window, their number after it."""
    if entry.first < steps[0].first:
        return -1
    return next((t for t, step in enumerate(steps) if entry.first < step.end), len(steps))


def regimes(expectations: Expectations, steps: Sequence[TimeStep], entries: Sequence[Dated]) -> tuple[Regime, ...]:
    """Return the steps at which more becomes known, with what is known from then on."""
    if expectations == "foresight":
        return (Regime(0, frozenset(range(len(entries)))),)
    known_at: dict[int, int] = {}
    for k, entry in enumerate(entries):
        day = entry.known or entry.first
        known_at[k] = next((t for t, step in enumerate(steps) if day < step.end), len(steps))
    starts = sorted({0, *(t for t in known_at.values() if t < len(steps))})
    return tuple(Regime(t, frozenset(k for k, at in known_at.items() if at <= t)) for t in starts)


def probability(expectations: Expectations, entry: Dated) -> float:
    """Return the probability that importers and households give an entry before its day."""
    if expectations == "foresight":
        return float(entry.carried_out)
    return entry.probability if expectations == "beliefs" else 0.0


def information_days(entries: Sequence[Dated]) -> tuple[datetime.date, ...]:
    """Return the days on which households who believe learn something: announcements, and starts that may not come."""
    announced = {entry.known or entry.first for entry in entries}
    return tuple(sorted(announced | {entry.first for entry in entries if _as_it_goes(entry) < 1}))


@dataclass(frozen=True, eq=False)
class Prospect:
    """Steps [first, end) on one of the ways in which uncertain measures may be resolved, and the ways after them.

    carried_out  whether each entry of the path is, on this way
    ways         (probability, prospect) from `end` on: that which happens first, whatever its probability
    """

    first: int
    end: int
    carried_out: tuple[bool, ...]
    ways: tuple[tuple[float, Prospect], ...] = ()

    def each(self) -> Iterator[Prospect]:
        """Yield it and those after it; first those of what happens, in order."""
        yield self
        for _, way in self.ways:
            yield from way.each()

    def taken(self) -> set[Prospect]:
        """Return it and those after it that happen."""
        return {self, *(self.ways[0][1].taken() if self.ways else ())}


def prospect(
    expectations: Expectations, steps: Sequence[TimeStep], entries: Sequence[Dated], regime: Regime
) -> Prospect:
    """Return all that households think may happen from a regime's first step on.

    Every way has its own future: what is carried out ends on its last day, and what is not never begins. Raises
    `InputError` where more measures are uncertain at once than can be.
    """
    open_: dict[int, list[int]] = {}
    for k in sorted(regime.known if expectations == "beliefs" else ()):
        at = step_of(steps, entries[k])
        if regime.first < at < len(steps) and _as_it_goes(entries[k]) < 1:
            open_.setdefault(at, []).append(k)
    together = sum(map(len, open_.values()))
    if together > MOST_TOGETHER:
        raise InputError(
            f"path: {together} uncertain measures are expected on {steps[regime.first].first}; at most "
            f"{MOST_TOGETHER} can be at once, so join those that go together in one entry"
        )
    carried_out = tuple(entry.carried_out and k in regime.known for k, entry in enumerate(entries))
    return _grown(regime.first, carried_out, sorted(open_.items()), entries, len(steps))


def _grown(
    first: int, carried_out: tuple[bool, ...], to_come: Sequence[tuple[int, Sequence[int]]], entries: Sequence[Dated],
    end: int,
) -> Prospect:  # fmt: skip
    if not to_come:
        return Prospect(first, end, carried_out)
    (at, group), *later = to_come
    ways = []
    for turned in itertools.product((False, True), repeat=len(group)):
        other = {k for k, turns in zip(group, turned, strict=True) if turns}
        chance = math.prod(1 - _as_it_goes(entries[k]) if k in other else _as_it_goes(entries[k]) for k in group)
        if chance > 0 or not other:
            on_it = tuple(out ^ (k in other) for k, out in enumerate(carried_out))
            ways.append((chance, _grown(at, on_it, later, entries, end)))
    return Prospect(first, at, carried_out, tuple(ways))


def _as_it_goes(entry: Dated) -> float:
    """Return the probability with which an entry goes as it does."""
    return entry.probability if entry.carried_out else 1 - entry.probability
