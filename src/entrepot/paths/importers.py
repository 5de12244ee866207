"""What importers store ahead of the measures of a path: one problem for each flow over the prices that it will have."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.dates import DAYS_A_YEAR
from entrepot.errors import InputError
from entrepot.paths.dated import Dated
from entrepot.paths.expectations import Expectations
from entrepot.paths.foreseen import Foreseen
from entrepot.paths.inventories import Inventories, Outlook, Stockpile, stockpile
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticState, WatchedFlows
from entrepot.paths.surges import Surge, only
from entrepot.paths.window import Live, live_on
from entrepot.types import Array, Index

StateAt = Callable[[Live, datetime.date, Array | None], StaticState]
#: A price that moves by less than this part has not changed.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Importers:
    """What importers know of the flows that a path watches.

    touched, limited   by entry, the flows that can be stored on which it puts anything, and those with a quota or ban
    name               of a flow, in words
    """

    inventories: Inventories
    state_at: StateAt
    entries: Sequence[Dated]
    expectations: Expectations
    touched: Sequence[Index]
    limited: Sequence[Index]
    name: Callable[[int], str]

    def surges(self, solved: Sequence[SolvedStep]) -> list[Surge]:
        """Return the stocks that importers buy inside the window, ahead of what they expect to make flows dearer.

        Raises `InputError` where a stock that one measure calls for would meet another change of its flow's price,
        which is not solved, and for flows under a quota.
        """
        since, until = solved[0].step.first, solved[-1].step.end
        found: list[Surge] = []
        for seen in days_awaited(self.entries, self.expectations, since, until, self.inventories):
            stocks = next((s for s in solved if seen.day < s.step.end), solved[-1]).stocks
            found.extend(_Day(self, seen, stocks).surges(until))
        return found


def days_awaited(
    entries: Sequence[Dated],
    expectations: Expectations,
    since: datetime.date,
    until: datetime.date,
    inventories: Inventories,
) -> Iterator[Foreseen]:
    """Yield what is expected just before each day on which entries are expected to begin, so that goods are stored."""
    for day in sorted({entry.first for entry in entries}):
        seen = Foreseen.before(entries, day, expectations, since)
        if day > since and seen.group and day - datetime.timedelta(days=inventories.lead) < until:
            yield seen


def refuse_limits(
    awaited: Iterable[Foreseen], touched: Sequence[Index], limited: Sequence[Index], name: Callable[[int], str]
) -> None:
    """Raise `InputError` where goods would be stored ahead of a limit on their quantity, which is not solved.

    The other arguments are those of `Importers`.
    """
    for seen in awaited:
        eve = live_on(seen.entries, seen.day - datetime.timedelta(days=1))
        live = eve.union(*(seen.live(seen.day, begun) for _, begun in seen.ways()))
        nothing = np.zeros(0, dtype=np.intp)
        stored = np.concatenate([nothing, *(touched[k] for k in seen.group)])
        held = np.intersect1d(stored, np.concatenate([nothing, *(limited[k] for k in live)]))
        if held.size:
            titles = " and ".join(repr(seen.entries[k].title) for k in sorted(live) if np.isin(limited[k], held).any())
            raise InputError(
                f"inventories: {titles} limits the quantity of {name(int(held[0]))}, by a quota or a ban, and what is "
                f"stored ahead of it is not solved; name the `sectors` of other goods, or leave inventories out"
            )


class _Day:
    """A day on which entries are expected to begin: ways to go on from it, and prices on each."""

    def __init__(self, importers: Importers, seen: Foreseen, stocks: Array | None) -> None:
        self.of, self.seen, self.stocks, self.day = importers, seen, stocks, seen.day
        self._states: dict[tuple[Live, datetime.date], WatchedFlows] = {}
        self.eve = live_on(importers.entries, self.day - datetime.timedelta(days=1))
        self.before = self.flows(self.eve, self.day)
        self.ways = list(seen.ways())
        self.after = [self.flows(seen.live(self.day, begun), self.day) for _, begun in self.ways]

    def flows(self, live: Live, day: datetime.date) -> WatchedFlows:
        """Return the flows on a day if some entries are in force on it.

        Prices before and after a change are those of one day, as trade that answers slowly moves them every day.
        """
        if (live, day) not in self._states:
            self._states[live, day] = self.of.state_at(live, day, self.stocks).flows
        return self._states[live, day]

    def among(self, which: Sequence[Index], entries: Iterable[int]) -> NDArray[np.bool_]:
        """Whether each watched flow is among those of some entries."""
        out = np.zeros(self.before.volume.size, dtype=bool)
        for k in entries:
            out[which[k]] = True
        return out

    def surges(self, until: datetime.date) -> Iterator[Surge]:
        """Yield the surges, one for each set of entries that touches flows of its own."""
        group, o = self.seen.group, self.of
        touched = self.among(o.touched, group)
        there = (self.before.volume > 0) & np.all([(f.volume > 0) & np.isfinite(f.price) for f in self.after], axis=0)
        ratio = np.ones((len(self.ways), there.size))
        for w, after in enumerate(self.after):
            np.divide(after.price, self.before.price, out=ratio[w], where=there)
        dearer = touched & there & (ratio.max(axis=0) > 1 + SAME)
        lead = max(self.seen.since, self.day - datetime.timedelta(days=o.inventories.lead))
        alike = np.array([*(self.among(o.touched, [k]) for k in group), self._changed_after(lead)])
        for key in np.unique(alike[:, dearer], axis=1).T:
            mine = np.flatnonzero(dearer & (alike == key[:, None]).all(axis=0))
            entries = tuple(k for k, on in zip(group, key[:-1], strict=True) if on)
            known = min(day for k in entries if (day := self.seen.known_from(k)) is not None)
            begins = max(known, lead + datetime.timedelta(days=int(key[-1])))
            if begins < until:
                yield self._surge(entries, mine, ratio[:, mine], begins)

    def _changed_after(self, lead: datetime.date) -> Index:
        """Return the days from `lead` to the last change of each flow before this day; zero where there is none."""
        entries = self.of.entries
        out = np.zeros(self.before.volume.size, dtype=np.intp)
        for day in sorted({d for e in entries for d in (e.first, e.last) if d is not None and lead < d < self.day}):
            old, new = live_on(entries, day - datetime.timedelta(days=1)), live_on(entries, day)
            touched = self.among(self.of.touched, old ^ new)
            if touched.any():
                before, after = self.flows(old, day).price, self.flows(new, day).price
                out[touched & (np.abs(after - before) > SAME * before)] = (day - lead).days
        return out

    def _surge(self, entries: tuple[int, ...], mine: Index, price: Array, begins: datetime.date) -> Surge:
        before, after = only(self.before, mine), only(self.after[0], mine)
        use = np.array([way.volume[mine] for way in self.after]) / before.volume
        dearest = (np.abs(np.log(price)).argmax(axis=0), np.arange(mine.size))
        elasticity = np.maximum(-np.log(use[dearest]) / np.log(price[dearest]), 0.0)
        futures = [_Future.of(self, begun, mine) for _, begun in self.ways]
        outlooks = [
            Outlook(price[w], use[w], elasticity, futures[w].cheaper, chance) for w, (chance, _) in enumerate(self.ways)
        ]
        pile = stockpile(self.of.inventories, outlooks, (self.day - begins).days / DAYS_A_YEAR)
        for future, way in zip(futures, pile.ways, strict=True):
            kept_longer = way.last_price * before.price < future.price * (1 - 1e-6)
            self._refuse(entries, mine, pile, way.years > future.unsolved * (1 + SAME), future.unsolved)
            self._refuse(entries, mine, pile, kept_longer, future.cheaper)
        self._refuse_surprises(entries, mine, pile)
        chances = [self.seen.chance(k) for k in entries]
        chance = chances[0] if len(chances) == 1 else 1 - float(np.prod([1 - part for part in chances]))
        carried_out = any(self.of.entries[k].carried_out for k in entries)
        return Surge(entries, chance, carried_out, mine, begins, self.day, pile, before, after)

    def _refuse(
        self, entries: Sequence[int], mine: Index, pile: Stockpile, wrong: NDArray[np.bool_], years: Array
    ) -> None:
        """Raise `InputError` where a stock meets another change, some `years` after the day, that is not solved."""
        at = np.flatnonzero(wrong & (pile.stock > 0))
        if not at.size:
            return
        titles = " and ".join(repr(self.of.entries[k].title) for k in entries)
        when = self.day + datetime.timedelta(days=round(float(years[at[0]]) * DAYS_A_YEAR))
        raise InputError(
            f"inventories: what is stored ahead of {titles} on {self.day} is not used up when the price of "
            f"{self.of.name(mine[at[0]])} may change again, on {when}, and such a stock is not solved; raise storage "
            f"or crowding, name the `sectors` of other goods, or put both changes into one measure"
        )

    def _refuse_surprises(self, entries: Sequence[int], mine: Index, pile: Stockpile) -> None:
        """Raise `InputError` where a stock is not used up when something changes that was not expected."""
        begun, years = self.ways[0][1], pile.ways[0].years
        days = {d for e in self.of.entries for d in (e.first, e.last) if d is not None and d >= self.day}
        for day in sorted(days):
            later = (day - self.day).days / DAYS_A_YEAR
            otherwise = live_on(self.of.entries, day) ^ self.seen.live(day, begun)
            hit = self.among(self.of.touched, otherwise)[mine]
            self._refuse(entries, mine, pile, hit & (years > later), np.full(mine.size, later))


@dataclass(frozen=True, eq=False)
class _Future:
    """What is expected of the price of flows after a day [f], on one way.

    cheaper    years until it falls, and `price` what it falls to; infinite and zero where it does not
    unsolved   years until it may change otherwise: rises, falls with some probability, or is ruled by a quota
    """

    cheaper: Array
    price: Array
    unsolved: Array

    @classmethod
    def of(cls, day: _Day, begun: Live, mine: Index) -> _Future:
        """Return the first change that is known of each flow."""
        found = cls(np.full(mine.size, np.inf), np.zeros(mine.size), np.full(mine.size, np.inf))
        pending = np.ones(mine.size, dtype=bool)
        seen, importers = day.seen, day.of
        live = seen.live(day.day, begun)
        for later in seen.later():
            years = (later - day.day).days / DAYS_A_YEAR
            now = seen.live(later, begun)
            open_ = day.among(importers.touched, seen.open_on(later))[mine]
            limited = day.among(importers.limited, now ^ live)[mine]
            changed = pending & (day.among(importers.touched, now ^ live)[mine] | open_)
            found.unsolved[changed & (open_ | limited)] = years
            pending &= ~(changed & (open_ | limited))
            changed &= pending
            if changed.any():
                new = day.flows(now, later).price[mine]
                ratio = new / day.flows(live, later).price[mine]
                falls, rises = changed & (ratio < 1 - SAME), changed & (ratio > 1 + SAME)
                found.cheaper[falls], found.price[falls] = years, new[falls]
                found.unsolved[rises] = years
                pending &= ~(falls | rises)
            if not pending.any():
                break
            live = now
        return found
