"""Alternating offers until a deadline: who would offer what when, and what the running clock does to it.

Rubinstein (1982, Econometrica 50: 97-109) with a finite horizon (Stahl 1972) and a chance that talks break down
(Binmore, Rubinstein and Wolinsky 1986, RAND J. Econ. 17: 176-188), solved backwards from the deadline. Until a deal
things stay as they are; from the deal on it is in force; without one the threat is, from the deadline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from entrepot.bargaining.deal import Deal
from entrepot.types import Array


@dataclass(frozen=True, eq=False)
class Clock:
    """The days of the talks. days [n] of offers; `deadline` and `end` in days from the first.

    rate [p] a year; breakdown the chance that talks fail after an offer refused
    """

    days: tuple[int, ...]
    deadline: int
    years: float
    rate: Array
    breakdown: float
    first: int

    def worth(self, start: float, end: float) -> Array:
        """Present value of one dollar a year from day `start` to day `end` [p]."""
        a, b = start / 365.25, end / 365.25
        flat = np.full(self.rate.size, b - a)
        curved = (np.exp(-self.rate * a) - np.exp(-self.rate * b)) / np.where(self.rate > 0, self.rate, 1.0)
        return np.where(self.rate > 0, curved, flat)

    @property
    def end(self) -> float:
        return 365.25 * self.years


@dataclass(frozen=True, eq=False)
class Round:
    """One offer: its day, who makes it, whether it is accepted; `deal` [p] what it is worth a year, and `value` [p] the
    present value, on the first day, of being there.
    """

    day: int
    proposer: int
    agreed: bool
    deal: Array
    value: Array


@dataclass(frozen=True, eq=False)
class Talks:
    """The alternating offers, by who makes the first: if the threat is carried out at the deadline, and if it is not
    (things then stay as they are). `deal` is the first that is agreed, found again on the table.
    """

    first: str
    carried_out: bool
    rounds: tuple[Round, ...]
    deal: Deal | None


def rounds(frontier: Array, now: Array, threat: Array, clock: Clock) -> tuple[Round, ...]:
    """Every offer until the deadline, if it is reached; the first that is agreed is the prediction.

    frontier [m, 2]   what its deals are worth a year, in rising order for the first party; between them straight lines
    now, threat [2]   the same of things as they are, and of the threat
    """
    order = np.argsort(frontier[:, 0])
    curve = frontier[order]
    lapse = now * clock.worth(0, clock.deadline) + threat * clock.worth(clock.deadline, clock.end)
    after, out = lapse, list[Round]()
    for number in reversed(range(len(clock.days))):
        day = clock.days[number]
        proposer = (clock.first + number) % 2
        other = 1 - proposer
        refused = clock.breakdown * lapse + (1 - clock.breakdown) * after
        before, with_deal = now * clock.worth(0, day), clock.worth(day, clock.end)
        least = (refused[other] - before[other]) / with_deal[other]
        deal = most(curve, proposer, least)
        value = refused
        agreed = False
        if deal is not None:
            offered = before + deal * with_deal
            agreed = bool(offered[proposer] >= refused[proposer])
            value = offered if agreed else refused
        out.append(Round(day, proposer, agreed, deal if agreed and deal is not None else np.full(2, math.nan), value))
        after = value
    return tuple(reversed(out))


def most(curve: Array, party: int, least: float) -> Array | None:
    """The deal on the frontier that is best for a party among those worth at least so much to the other."""
    other = 1 - party
    rising = curve if party == 1 else curve[::-1]  # so that what the other has rises
    theirs, mine = rising[:, other], rising[:, party]
    if least > theirs.max():
        return None
    if least <= theirs[0]:
        best = int(np.argmax(mine))
        return np.array([rising[best, 0], rising[best, 1]])
    out = np.empty(2)
    out[other], out[party] = least, np.interp(least, theirs, mine)
    return out
