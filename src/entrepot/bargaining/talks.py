"""Alternating offers until a deadline: who offers what when, and the effect of time.

Rubinstein (1982, Econometrica 50: 97-109) with a finite horizon (Stahl 1972) and a chance that talks break down
(Binmore, Rubinstein and Wolinsky 1986, RAND J. Econ. 17: 176-188), solved backwards from the deadline. The status
quo holds until a deal, and the deal afterwards; without a deal the threat holds from the deadline on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from entrepot.bargaining.deal import INDIFFERENT, Deal
from entrepot.dates import DAYS_A_YEAR
from entrepot.types import Array

#: Payoffs a year that differ by less than this part of the largest are the same but for the accuracy of the searches.
ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class TalksClock:
    """The days of the talks, counted from the first, and the discount rates.

    days [n]    of the offers;  deadline  of the talks;  years  until the horizon
    rate [p]    discount rate a year
    breakdown   probability that talks fail after an offer is refused
    first       the party that makes the first offer
    """

    days: tuple[int, ...]
    deadline: int
    years: float
    rate: Array
    breakdown: float
    first: int

    def worth(self, start: float, end: float) -> Array:
        """The present value of one dollar a year from day `start` to day `end` [p]."""
        a, b = start / DAYS_A_YEAR, end / DAYS_A_YEAR
        flat = np.full(self.rate.size, b - a)
        curved = (np.exp(-self.rate * a) - np.exp(-self.rate * b)) / np.where(self.rate > 0, self.rate, 1.0)
        return np.where(self.rate > 0, curved, flat)

    @property
    def end(self) -> float:
        """The horizon in days."""
        return DAYS_A_YEAR * self.years


@dataclass(frozen=True, eq=False)
class Round:
    """One offer of the talks.

    agreed      whether it is accepted
    deal [p]    its payoff a year;  value [p]  the expected present value of the talks at this offer, on the first day
    """

    day: int
    proposer: int
    agreed: bool
    deal: Array
    value: Array


@dataclass(frozen=True, eq=False)
class Talks:
    """The alternating offers when the party `first` begins.

    carried_out   whether the threat is carried out at the deadline; otherwise the status quo continues
    deal          the first deal that is agreed, as a point on the table
    """

    first: str
    carried_out: bool
    rounds: tuple[Round, ...]
    deal: Deal | None


def rounds(frontier: Array, now: Array, threat: Array, clock: TalksClock) -> tuple[Round, ...]:
    """Every offer until the deadline; the first that is agreed is the prediction.

    frontier [m, 2]   payoffs of efficient deals a year, joined by straight lines
    now, threat [2]   payoffs of the status quo and of the threat a year
    A side to which an offer and its refusal are the same but for rounding agrees.
    """
    order = np.argsort(frontier[:, 0])
    curve = frontier[order]
    rounding = min(INDIFFERENT, ROUNDING * float(max(np.abs(curve - now).max(), np.abs(threat - now).max())))
    lapse = now * clock.worth(0, clock.deadline) + threat * clock.worth(clock.deadline, clock.end)
    after, out = lapse, list[Round]()
    for number in reversed(range(len(clock.days))):
        day = clock.days[number]
        proposer = (clock.first + number) % 2
        other = 1 - proposer
        refused = clock.breakdown * lapse + (1 - clock.breakdown) * after
        before, with_deal = now * clock.worth(0, day), clock.worth(day, clock.end)
        least = (refused[other] - before[other]) / with_deal[other]
        reach = curve[:, other].max()
        deal = most(curve, proposer, reach if reach < least <= reach + rounding else least)
        value = refused
        agreed = False
        if deal is not None:
            offered = before + deal * with_deal
            agreed = bool(offered[proposer] >= refused[proposer] - rounding * with_deal[proposer])
            value = offered if agreed else refused
        out.append(Round(day, proposer, agreed, deal if agreed and deal is not None else np.full(2, math.nan), value))
        after = value
    return tuple(reversed(out))


def most(curve: Array, party: int, least: float) -> Array | None:
    """The best deal for a party on the frontier that gives the other at least `least`; None if there is none."""
    other = 1 - party
    rising = curve if party == 1 else curve[::-1]  # so that the payoff of the other party rises
    theirs, mine = rising[:, other], rising[:, party]
    if least > theirs.max():
        return None
    if least <= theirs[0]:
        best = int(np.argmax(mine))
        return np.array([rising[best, 0], rising[best, 1]])
    out = np.empty(2)
    out[other], out[party] = least, np.interp(least, theirs, mine)
    return out
