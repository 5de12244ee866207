"""Probabilities of the ways in which talks end, over what is not known of them."""

from __future__ import annotations

import datetime
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from entrepot.bargaining import TalksGame, TalksPayoffs, ThreatenerType, UncertainTalks, solve_talks, talks_clock
from entrepot.bargaining.talks_game import ENDS
from entrepot.errors import InputError, percent_meant
from entrepot.forecasting.scores import checked_probabilities

Range = tuple[float, float]

#: Points at which a range is tried; each stands for as much of it.
POINTS = 40
#: The weight of what the talks leave out, spread evenly over the ways: an assumption, so that nothing is impossible.
SLIP = 0.1

#: What the target loses a year by the measure, in the talks of the record: the unit of their payoffs. The threatener as
#: such loses a fifth of that by the measure and gains as much by the deal; the type that carries it out wants it more.
LOSS, COSTS, GAIN, WANTS = 100.0, 20.0, 20.0, 60.0


def over(low_high: Range) -> list[float]:
    """Return points of a range, each in the middle of an equal part of it."""
    low, high = low_high
    return [low + (high - low) * (k + 0.5) / POINTS for k in range(POINTS)] if high > low else [low]


def with_slip(probabilities: Mapping[str, float], slip: float = SLIP) -> dict[str, float]:
    """Return the probabilities with the weight `slip` spread evenly over the ways. Raises `InputError`."""
    if not _is_number(slip) or not 0 <= slip <= 1:
        raise InputError(f"forecast: slip {slip!r} is not between 0 and 1{percent_meant(slip)}")
    even = slip / len(probabilities)
    mixed = {way: (1 - slip) * p + even for way, p in probabilities.items()}
    total = math.fsum(mixed.values())
    return checked_probabilities({way: p / total for way, p in mixed.items()})


def mean_ends(talks: Callable[[float], UncertainTalks], beliefs: Range, costs: Range = (0.0, 0.0)) -> dict[str, float]:
    """Return the mean probability of each end over ranges of the target's belief and of what signing costs it.

    talks    the solved talks at a cost of signing
    """
    _check_range("belief", beliefs, 1.0)
    sums = dict.fromkeys(ENDS, 0.0)
    count = 0
    for cost in over(costs):
        solved = talks(cost)
        for belief in over(beliefs):
            count += 1
            for way, p in solved.at(belief).end_probabilities.items():
                sums[way] += p
    return {way: total / count for way, total in sums.items()}


def simple_talks(days: int) -> Callable[[float], UncertainTalks]:
    """Return talks of one turn on the day of the deadline, solved at a cost of signing.

    The cost is a part of what the target would lose by the measure. Raises `InputError` for a deadline of today.
    """
    clock = talks_clock((days,), days)
    firm = ThreatenerType("firm", worth={"measure": WANTS})
    bluff = ThreatenerType("bluff")

    def solved(cost: float) -> UncertainTalks:
        deals = {"deal": (GAIN, -cost * LOSS)}
        payoffs = TalksPayoffs("threatener", "target", (0.0, 0.0), (-COSTS, -LOSS), deals)
        return solve_talks(TalksGame(payoffs, (firm, bluff), (), clock, "deal"), 0.5)

    return solved


def simple_forecast(known_on: datetime.date, deadline: datetime.date, belief: Range, cost: Range, slip: float) -> Any:
    """Return (probabilities, assumptions) of `simple_talks` over ranges of the belief and of the cost of signing."""
    _check_range("cost", cost, np.inf)
    days = max(1, (deadline - known_on).days)
    probabilities = with_slip(mean_ends(simple_talks(days), belief, cost), slip)
    return probabilities, {"belief": list(belief), "cost": list(cost), "slip": slip}


def _check_range(what: str, low_high: Range, most: float) -> None:
    sized = isinstance(low_high, tuple | list | np.ndarray)
    if not sized or len(low_high) != 2 or not all(map(_is_number, low_high)):
        raise InputError(f"forecast: {what} {low_high!r}: a range of two numbers is needed, such as (0.1, 0.6)")
    low, high = low_high
    if not 0 <= low <= high <= most:
        until = f"{most:g}" if math.isfinite(most) else "above"
        meant = percent_meant(high) if most == 1 else ""
        raise InputError(
            f"forecast: {what} {low:g} to {high:g}: a range from 0 to {until} is needed, the lower end first{meant}"
        )


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
