"""Scores of probabilities once the outcome is known: Brier's and the logarithmic one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral

from entrepot.errors import InputError, UnknownNameError, percent_meant

#: How far probabilities may be from adding up to one.
ROUNDING = 1e-9


def brier_score(probabilities: Mapping[str, float], outcome: str) -> float:
    """Return the Brier score: the sum over ways of (p - o)^2, o being one for what happened and zero for the others.

    From 0, certain and right, to 2, certain and wrong; lower is better (Brier 1950). Raises `InputError` for
    probabilities that cannot be, and `UnknownNameError` for an outcome that is not among them.
    """
    checked_probabilities(probabilities)
    if outcome not in probabilities:
        raise UnknownNameError("outcome", outcome, list(probabilities))
    return math.fsum((p - (way == outcome)) ** 2 for way, p in probabilities.items())


def log_score(probabilities: Mapping[str, float], outcome: str) -> float:
    """Return the logarithmic score, -ln p of what happened: from 0, and infinite where that was held impossible.

    Lower is better (Good 1952). Raises as `brier_score` does.
    """
    checked_probabilities(probabilities)
    if outcome not in probabilities:
        raise UnknownNameError("outcome", outcome, list(probabilities))
    p = probabilities[outcome]
    return -math.log(p) if p > 0 else math.inf


def checked_probabilities(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Return the probabilities. Raises `InputError` unless each is from 0 to 1 and they add up to one."""
    if not isinstance(probabilities, Mapping):
        raise InputError(f"forecast: {probabilities!r}: probabilities by way are needed")
    if len(probabilities) < 2:
        raise InputError("forecast: at least two ways are needed, each with its probability")
    for way, p in probabilities.items():
        if not isinstance(p, int | float) or isinstance(p, bool) or not 0 <= p <= 1:
            raise InputError(f"forecast: the probability of {way!r}, {p!r}, is not between 0 and 1{percent_meant(p)}")
    total = math.fsum(probabilities.values())
    if abs(total - 1) > ROUNDING:
        raise InputError(f"forecast: the probabilities add up to {total:.6g}, not to 1")
    return dict(probabilities)


def base_rate(counts: Mapping[str, int]) -> dict[str, float]:
    """Return the probability of each way from how often it happened before.

    By Laplace's rule, (count + 1) / (all + number of ways): even odds where nothing has happened yet. Raises
    `InputError` for a count that is not a whole number from zero on.
    """
    for way, count in counts.items():
        if not isinstance(count, Integral) or isinstance(count, bool) or count < 0:
            raise InputError(f"forecast: the count of {way!r}, {count!r}, is not a whole number of zero or more")
    total = sum(counts.values()) + len(counts)
    return {way: (count + 1) / total for way, count in counts.items()}
