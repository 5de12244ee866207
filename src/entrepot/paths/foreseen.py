"""How measures may go on from a day, as importers who store goods expect it just before."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entrepot.errors import InputError
from entrepot.paths.dated import Dated
from entrepot.paths.expectations import MOST_TOGETHER, Expectations, probability
from entrepot.paths.window import Live


@dataclass(frozen=True)
class Foreseen:
    """What is expected just before a day on which some entries are to begin.

    since  the first day of the path, on which all is known under foresight
    group  the entries that are expected to begin on the day, with some probability
    """

    entries: Sequence[Dated]
    day: datetime.date
    expectations: Expectations
    since: datetime.date
    group: tuple[int, ...] = ()

    @classmethod
    def before(
        cls, entries: Sequence[Dated], day: datetime.date, expectations: Expectations, since: datetime.date
    ) -> Foreseen:
        """Return what is expected just before a day. Raises `InputError` for too many uncertain entries on it."""
        alone = cls(entries, day, expectations, since)
        group = tuple(k for k, entry in enumerate(entries) if entry.first == day and alone.is_known(k))
        if sum(alone.chance(k) < 1 for k in group) > MOST_TOGETHER:
            raise InputError(
                f"path: {len(group)} uncertain measures begin on {day}; at most {MOST_TOGETHER} can, so join those "
                f"that go together in one entry"
            )
        return cls(entries, day, expectations, since, group)

    def chance(self, k: int) -> float:
        """Return the probability that importers give an entry before it begins."""
        return probability(self.expectations, self.entries[k])

    def known_from(self, k: int) -> datetime.date | None:
        """Return the day from which an entry is known before it begins."""
        return self.since if self.expectations == "foresight" else self.entries[k].known

    def is_known(self, k: int) -> bool:
        """Return whether an entry that is still to begin is known, and believed at all."""
        known = self.known_from(k)
        return known is not None and known < self.day and self.chance(k) > 0

    def ways(self) -> Iterator[tuple[float, Live]]:
        """Yield the ways in which the group may be resolved: the probability, and the entries that begin.

        The way that is taken is the first, whatever its probability.
        """
        taken = frozenset(k for k in self.group if self.entries[k].carried_out)
        found: dict[Live, float] = {taken: 0.0}
        for choice in itertools.product((True, False), repeat=len(self.group)):
            chance = 1.0
            for k, begins in zip(self.group, choice, strict=True):
                chance *= self.chance(k) if begins else 1 - self.chance(k)
            begun = frozenset(k for k, begins in zip(self.group, choice, strict=True) if begins)
            if chance > 0:
                found[begun] = chance
        for begun, chance in found.items():
            yield chance, begun

    def live(self, day: datetime.date, begun: Live) -> Live:
        """Return the entries in force on a day, this one or a later, on the way on which `begun` of the group begin."""
        return frozenset(k for k in range(len(self.entries)) if self._on(k, day, begun))

    def _on(self, k: int, day: datetime.date, begun: Live) -> bool:
        entry = self.entries[k]
        if entry.first < self.day:
            return entry.on(day)
        expected = k in begun if entry.first == self.day else self.is_known(k) and self.chance(k) == 1
        return expected and entry.first <= day and (entry.last is None or day < entry.last)

    def later(self) -> list[datetime.date]:
        """Return the days after this one on which something that is known begins or ends, in order."""
        known = [e for k, e in enumerate(self.entries) if e.first < self.day or k in self.group or self.is_known(k)]
        return sorted({d for e in known for d in (e.first, e.last) if d is not None and d > self.day})

    def open_on(self, day: datetime.date) -> list[int]:
        """Return the entries that are known, and neither certain to begin on a later day nor certain not to."""
        return [k for k, e in enumerate(self.entries) if e.first == day and self.is_known(k) and self.chance(k) < 1]
