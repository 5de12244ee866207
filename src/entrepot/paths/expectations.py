"""What is known of the measures of a path at each step, and what a household expects of those still to come."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from entrepot.errors import InputError
from entrepot.paths.capital import Capital
from entrepot.paths.dated import Dated
from entrepot.paths.window import Live, TimeStep, live_on
from entrepot.types import Array

Expectations = Literal["foresight", "myopic", "beliefs"]
#: The most uncertain measures that may begin in one step: their ways are tried in every combination.
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


def uncertain(
    steps: Sequence[TimeStep], entries: Sequence[Dated], known: Live, after: int
) -> dict[int, tuple[int, ...]]:
    """Return the entries that are known and not certain to go as they do, by the step after `after` that resolves them.

    Raises `InputError` for too many in one step.
    """
    found: dict[int, tuple[int, ...]] = {}
    for k in sorted(known):
        entry = entries[k]
        at, chance = step_of(steps, entry), entry.probability if entry.carried_out else 1 - entry.probability
        if after < at < len(steps) and chance < 1:
            found[at] = (*found.get(at, ()), k)
    for at, group in found.items():
        if len(group) > MOST_TOGETHER:
            raise InputError(
                f"path: {len(group)} uncertain measures begin in the step from {steps[at].first}; at most "
                f"{MOST_TOGETHER} can, so join those that go together in one entry"
            )
    return found


def ways(entries: Sequence[Dated], group: Sequence[int]) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield each way in which a group may be resolved: its probability, and the entries that go otherwise than here."""
    for turned in itertools.product((False, True), repeat=len(group)):
        chance = 1.0
        for k, other in zip(group, turned, strict=True):
            as_here = entries[k].probability if entries[k].carried_out else 1 - entries[k].probability
            chance *= 1 - as_here if other else as_here
        if chance > 0:
            yield chance, tuple(k for k, other in zip(group, turned, strict=True) if other)


def other_ways(entries: Sequence[Dated], group: Sequence[int], known: Live) -> tuple[float, list[tuple[float, Live]]]:
    """Return the probability of the way that a group takes, and of each other way with the entries then in force."""
    day = max(entries[k].first for k in group)
    here = live_on(entries, day) & known
    others: list[tuple[float, Live]] = []
    taken = 0.0
    for chance, turned in ways(entries, group):
        if turned:
            others.append((chance, here ^ frozenset(turned)))
        else:
            taken = chance
    return taken, others


def expected_worth(
    capital: Capital,
    entries: Sequence[Dated],
    group: Sequence[int],
    known: Live,
    years: float,
    income_share: Callable[[Live], Array],
) -> Callable[[Array], Array]:
    """Return the expectation in (5): from the worth of capital on the way that is taken, over all ways.

    income_share  of capital, on the first day, with some entries in force. A way that is not taken is valued at it
    """
    taken, not_taken = other_ways(entries, group, known)
    others: list[tuple[float, Array]] = []
    for chance, live in not_taken:
        share = income_share(live)
        others.append((chance, capital.worth(share, capital.settled(share, years), years)))

    def over(worth: Array) -> Array:
        total: Array = taken * worth
        for chance, other in others:
            total = total + chance * other
        return total

    return over
