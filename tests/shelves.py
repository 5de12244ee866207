"""Two shelves of tests: the fast one, for every change, and the slow one, run with `--slow`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

#: Set by `pytest --slow`.
SLOW = False
#: How many times as many examples a law is tried on by `pytest --slow`.
FACTOR = 6


def examples(number: int, slow: int | None = None) -> settings:
    """Settings of Hypothesis with `number` examples on the fast shelf and `slow`, or `FACTOR` times as many, on the
    slow one.
    """
    return settings(max_examples=(slow or number * FACTOR) if SLOW else number)


def register_profile() -> None:
    """Hypothesis draws the same examples in every run, and no example has a time limit of its own."""
    settings.register_profile(
        "entrepot",
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=20 * (FACTOR if SLOW else 1),
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("entrepot")


def slow_after(number: int, values: Iterable[Any]) -> list[Any]:
    """Values for `parametrize`: the first `number` are on the fast shelf, the others are marked slow."""
    return [value if k < number else slow(value) for k, value in enumerate(values)]


def slow_unless(fast: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    """Values for `parametrize`: those that are in `fast` are on the fast shelf, the others are marked slow."""
    fast = list(fast)
    return [value if value in fast else slow(value) for value in values]


def slow_pairs(one: Iterable[Any], other: Iterable[Any]) -> list[Any]:
    """Pairs of values for `parametrize`: on the fast shelf each value is in a pair; the other pairs are marked slow."""
    one, other = list(one), list(other)
    fast = [(one[k % len(one)], other[k % len(other)]) for k in range(max(len(one), len(other)))]
    return slow_unless(fast, itertools.product(one, other))


def slow(value: Any) -> Any:
    """A value of `parametrize`, or a tuple of them, whose test is marked slow."""
    return (
        pytest.param(*value, marks=pytest.mark.slow)
        if isinstance(value, tuple)
        else pytest.param(value, marks=pytest.mark.slow)
    )
