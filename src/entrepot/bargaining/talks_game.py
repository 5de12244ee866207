"""Talks in which one side does not know whether the other bluffs: payoffs, types, signals and the clock.

docs/talks.md has the equations by number. Solved in `talks_solution.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.belief_values import Pair
from entrepot.bargaining.talks import TalksClock
from entrepot.dates import DAYS_A_YEAR
from entrepot.errors import InputError, UnknownNameError
from entrepot.types import Array

if TYPE_CHECKING:
    from entrepot.bargaining.bargain import Bargain

#: Signals that bind to the measure, with a cost of a bluff called, and those that bind to hold it back, with a cost of
#: a pledge broken.
THREATS = ("leak", "draft", "deadline")
PLEDGES = ("assurance", "standstill")

NO_TURN = "days: there is no day on which the target can sign; give one, such as (0,)"

#: The largest number of signals.
MOST_SIGNALS = 12

#: The ways in which the talks may end.
ENDS = ("deal", "measure", "nothing")


@dataclass(frozen=True)
class TalksPayoffs:
    """What the two sides have a year in every end of the talks, US$ million.

    threatener, target   the side that may carry out the measure, and the side that is to sign
    now, threat          [threatener, target] with things as they are, and with the measure in force
    deals                the same under each deal that may be demanded, by name
    answer               the same with the measure and the target's answer in force; None where it has no answer
    """

    threatener: str
    target: str
    now: Pair
    threat: Pair
    deals: Mapping[str, Pair]
    answer: Pair | None = None

    def __post_init__(self) -> None:
        for name, pair in {"now": self.now, "threat": self.threat, "answer": self.answer, **self.deals}.items():
            if pair is not None and not (len(pair) == 2 and all(math.isfinite(v) for v in pair)):
                raise InputError(f"payoffs: {name} needs two numbers, the threatener's and the target's, not {pair!r}")
        if not self.deals:
            raise InputError("payoffs: there is no deal to sign; give one in `deals`")

    @classmethod
    def of(cls, bargain: Bargain, threatener: str, answer: Pair | None = None) -> TalksPayoffs:
        """The payoffs of a solved bargain of two parties, with all its deals by name.

        Raises `InputError` for a bargain of more parties, `UnknownNameError` for a threatener that is not one of them.
        """
        if len(bargain.parties) != 2:
            raise InputError(f"talks with beliefs are between two parties, not {len(bargain.parties)}")
        if threatener not in bargain.parties:
            raise UnknownNameError("party", threatener, bargain.parties)
        (target,) = (p for p in bargain.parties if p != threatener)

        def pair(worth: Mapping[str, float]) -> Pair:
            return worth[threatener], worth[target]

        deals = {name: pair(deal.worth) for name, deal in bargain.deals.items() if name != bargain.now.name}
        return cls(threatener, target, pair(bargain.now.worth), pair(bargain.threat.worth), deals, answer)

    @property
    def with_measure(self) -> Pair:
        """The payoffs once the measure is in force: the target answers where that is better for it (equation 1)."""
        return self.answer if self.answer is not None and self.answer[1] > self.threat[1] else self.threat


@dataclass(frozen=True)
class ThreatenerType:
    """What the threatener may be, as the other side sees it.

    worth    by end ("measure", "now", or the name of a deal): what it is worth to this type a year beyond the payoffs,
             US$ million
    called   cost, once, of letting the deadline pass without the measure and without a deal
    """

    name: str
    worth: Mapping[str, float] = field(default_factory=dict)
    called: float = 0.0


@dataclass(frozen=True)
class Signal:
    """Something that the threatener may say or do, seen by the other side.

    day      counted from the first day of the talks
    kind     "leak", "draft" or "deadline" (threats), "assurance" or "standstill" (pledges)
    cost     paid when it is sent (sunk)
    called   paid at the deadline if it was sent, there is no deal and the measure does not follow
    broken   paid at the deadline if it was sent and the measure follows
    demand   the deal that is demanded once it was sent; None leaves the demand as it is
    Costs are in US$ million, one for both types or by the type's name.
    """

    name: str
    day: int
    kind: str
    cost: float | Mapping[str, float] = 0.0
    called: float | Mapping[str, float] = 0.0
    broken: float | Mapping[str, float] = 0.0
    demand: str | None = None

    def of(self, which: str, name: str) -> float:
        """The cost "cost", "called" or "broken" to the type of a name."""
        value = getattr(self, which)
        return float(value.get(name, 0.0)) if isinstance(value, Mapping) else float(value)

    @property
    def costless(self) -> bool:
        """Whether it costs no type anything and leaves the demand as it is: cheap talk."""
        values = [v for w in ("cost", "called", "broken") for v in _values(getattr(self, w))]
        return self.demand is None and not any(values)


def _values(cost: float | Mapping[str, float]) -> list[float]:
    return [float(v) for v in cost.values()] if isinstance(cost, Mapping) else [float(cost)]


@dataclass(frozen=True, eq=False)
class TalksGame:
    """The game of the talks: payoffs, the two types, the signals and the clock.

    types    the type that is more inclined to carry the measure out, then the one that bluffs
    clock    days of the offers, deadline, horizon, discount rates [threatener, target], and breakdown; its `first`
             has no effect
    demand   the deal that is demanded at first, by name
    offers   deals that the target may offer on its turns, beside signing; each type accepts or refuses
    d1       whether beliefs off the path satisfy D1, not the intuitive criterion alone
    turns    days on which the target may sign beside those of the clock; None: the days of the signals
    Signals of a day come before the target's turn on it, two of one day in the order in which they are given.
    """

    payoffs: TalksPayoffs
    types: tuple[ThreatenerType, ThreatenerType]
    signals: tuple[Signal, ...]
    clock: TalksClock
    demand: str
    offers: tuple[str, ...] = ()
    d1: bool = False
    turns: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        names = [t.name for t in self.types]
        if len(names) != 2 or names[0] == names[1]:
            raise InputError("types: give two types with different names, the one that would carry it out first")
        if len({*names, *(s.name for s in self.signals)}) < len(self.signals) + 2:
            raise InputError("signals: a name is used twice; give each signal its own, and none that of a type")
        if len(self.signals) > MOST_SIGNALS:
            raise InputError(
                f"signals: {len(self.signals)} are too many; every subset is solved, so give {MOST_SIGNALS} at most"
            )
        for kind in self.types:
            if not 0 <= kind.called < math.inf:
                raise InputError(
                    f"types: {kind.name}: the cost of a bluff called is {kind.called:g}; give zero or more, and finite"
                )
            for end, worth in kind.worth.items():
                if not math.isfinite(worth):
                    raise InputError(f"types: {kind.name}: the worth of {end} is {worth:g}, not a finite number")
                if end not in ("measure", "now", *self.payoffs.deals):
                    raise UnknownNameError("end", end, ["measure", "now", *self.payoffs.deals], f"types: {kind.name}")
        for signal in self.signals:
            self._check(signal, names)
        for where, deal in (("demand", self.demand), *(("offers", name) for name in self.offers)):
            if deal not in self.payoffs.deals:
                raise UnknownNameError("deal", deal, self.payoffs.deals, where)
        if not self.clock.days:
            raise InputError(NO_TURN)
        if any(not 0 <= day <= self.clock.deadline for day in self.turns or ()):
            raise InputError(f"turns: they are from day 0 to the deadline, day {self.clock.deadline}")
        if not 0 <= self.clock.breakdown < 1:
            raise InputError(f"breakdown: {self.clock.breakdown:g} is not a probability below 1")

    def _check(self, signal: Signal, names: list[str]) -> None:
        where = f"signals: {signal.name}"
        if signal.kind not in THREATS + PLEDGES:
            raise UnknownNameError("kind of signal", signal.kind, THREATS + PLEDGES, where)
        if not 0 <= signal.day <= self.clock.deadline:
            after = "after the deadline" if signal.day > 0 else "before the first day"
            raise InputError(
                f"{where}: day {signal.day} is {after} (the talks run from day 0 to {self.clock.deadline})"
            )
        for which in ("cost", "called", "broken"):
            stated = getattr(signal, which)
            if any(v < 0 or not math.isfinite(v) for v in _values(stated)):
                raise InputError(f"{where}: {which} is negative or not finite; costs are zero or more")
            if isinstance(stated, Mapping):
                for name in stated:
                    if name not in names:
                        raise UnknownNameError("type", name, names, f"{where}: {which}")
        if signal.kind in THREATS and any(_values(signal.broken)):
            raise InputError(f"{where}: a {signal.kind} is a threat, and only a pledge can be broken; use 'called'")
        if signal.kind in PLEDGES and any(_values(signal.called)):
            raise InputError(f"{where}: this is a pledge, and only a threat can be called; use 'broken'")
        if signal.demand is not None and signal.demand not in self.payoffs.deals:
            raise UnknownNameError("deal", signal.demand, self.payoffs.deals, f"{where}: demand")

    def without(self, name: str) -> TalksGame:
        """The same game in which a signal cannot be sent."""
        if name not in [s.name for s in self.signals]:
            raise UnknownNameError("signal", name, [s.name for s in self.signals])
        return self.with_signals(tuple(s for s in self.signals if s.name != name))

    def with_signals(self, signals: tuple[Signal, ...]) -> TalksGame:
        """The same game with other signals, the target's turns on the same days as here."""
        return replace(self, signals=signals, turns=self.turn_days)

    @property
    def turn_days(self) -> tuple[int, ...]:
        """The days on which the target may sign."""
        more = (s.day for s in self.signals) if self.turns is None else self.turns
        return tuple(sorted({*self.clock.days, *more}))

    def demand_after(self, sent: frozenset[str]) -> str:
        """The deal that is demanded once these signals were sent: that of the last one that changes it."""
        demanded = [s.demand for s in self.in_order if s.name in sent and s.demand is not None]
        return demanded[-1] if demanded else self.demand

    @property
    def in_order(self) -> tuple[Signal, ...]:
        """The signals by day, those of one day in the order in which they are given."""
        return tuple(sorted(self.signals, key=lambda s: s.day))

    # ---- payoffs over the whole horizon, present values on the first day ----

    def signed(self, day: int, deal: str) -> tuple[Pair, float]:
        """What a deal that is signed on a day is worth to each type, and to the target (equation 2)."""
        before, after = self.clock.worth(0, day), self.clock.worth(day, self.clock.end)
        p = self.payoffs
        own = [p.now[0] * before[0] + (p.deals[deal][0] + t.worth.get(deal, 0.0)) * after[0] for t in self.types]
        return (float(own[0]), float(own[1])), float(p.now[1] * before[1] + p.deals[deal][1] * after[1])

    def at_deadline(self, sent: frozenset[str]) -> tuple[tuple[bool, bool], Pair, Pair]:
        """Which types carry the measure out without a deal, what it is worth to each, and what to the target.

        The target's two numbers are against the first type and against the second (equations 3 to 5).
        """
        p, clock = self.payoffs, self.clock
        before, after = clock.worth(0, clock.deadline), clock.worth(clock.deadline, clock.end)
        at = self.discount(clock.deadline)
        acts, own, other = [], [], []
        for kind in self.types:
            past = [s for s in self.signals if s.name in sent]
            called = kind.called + sum(s.of("called", kind.name) for s in past)
            broken = sum(s.of("broken", kind.name) for s in past)
            does = (p.with_measure[0] + kind.worth.get("measure", 0.0)) * after[0] - at * broken
            not_so = (p.now[0] + kind.worth.get("now", 0.0)) * after[0] - at * called
            acts.append(bool(does > not_so))
            own.append(float(p.now[0] * before[0] + max(does, not_so)))
            last = p.with_measure if does > not_so else p.now
            other.append(float(p.now[1] * before[1] + last[1] * after[1]))
        return (acts[0], acts[1]), (own[0], own[1]), (other[0], other[1])

    def tying_cost(self, name: str) -> float:
        """The cost `called` of a threat from which on the second type carries the measure out once it was sent alone.

        Zero or less: it does so anyway (equation 3 with equality).
        """
        kind, p, clock = self.types[1], self.payoffs, self.clock
        loss = p.now[0] + kind.worth.get("now", 0.0) - p.with_measure[0] - kind.worth.get("measure", 0.0)
        after = float(clock.worth(clock.deadline, clock.end)[0])
        if name not in [s.name for s in self.signals]:
            raise UnknownNameError("signal", name, [s.name for s in self.signals])
        return loss * after / self.discount(clock.deadline) - kind.called

    @property
    def least_worth(self) -> float:
        """What the measure has to be worth to the first type, a year, for it to carry it out after any signals.

        At less than that it does so after none (equation 3 with equality, after every threat and no pledge).
        """
        kind, p, clock = self.types[0], self.payoffs, self.clock
        called = kind.called + sum(s.of("called", kind.name) for s in self.signals)
        after = float(clock.worth(clock.deadline, clock.end)[0])
        loss = p.now[0] + kind.worth.get("now", 0.0) - p.with_measure[0]
        return loss - self.discount(clock.deadline) * called / after

    def discount(self, day: int) -> float:
        """The threatener's discount factor of a day."""
        return float(np.exp(-self.clock.rate[0] * day / DAYS_A_YEAR))


def talks_clock(
    days: tuple[int, ...],
    deadline: int,
    *,
    years: float = 10.0,
    discount_rate: float | tuple[float, float] = 0.04,
    breakdown: float = 0.0,
) -> TalksClock:
    """The clock of the talks: days of the offers, the deadline, and the horizon, all counted from the first day.

    discount_rate   annual, one for both or [threatener, target]
    breakdown       the probability, after each refused offer, that no deal can be signed any more
    Raises `InputError` where a day lies outside of the talks, or a number outside of its range.
    """
    rate: Array = np.log1p(np.broadcast_to(np.asarray(discount_rate, dtype=float), (2,)))
    if not np.isfinite(rate).all() or (rate < 0).any():
        raise InputError("discount_rate: rates are fractions of zero or more, such as 0.04")
    if not (math.isfinite(years) and 0 < deadline < DAYS_A_YEAR * years):
        raise InputError(f"deadline: day {deadline} is not between the first day and the horizon of {years:g} years")
    if not days:
        raise InputError(NO_TURN)
    if any(not 0 <= day <= deadline for day in days):
        raise InputError(f"days: offers are from day 0 to the deadline, day {deadline}")
    if not 0 <= breakdown < 1:
        raise InputError(f"breakdown: {breakdown:g} is not a probability below 1")
    return TalksClock(tuple(sorted(set(days))), deadline, years, np.array(rate), breakdown, 0)
