"""Checks of the numbers that state how a path remembers."""

from __future__ import annotations

from typing import Any

from entrepot.errors import InputError


def check_between(what: str, value: Any, low: float, high: float, wanted: str, ends: str = "") -> None:
    """Raise `InputError` unless `value` is a number between two others; `ends` names those that it may reach.

    ends    "", "low", "high" or "both"
    wanted  what is needed, in words
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    above = number and (low < value or (ends in ("low", "both") and value == low))
    below = number and (value < high or (ends in ("high", "both") and value == high))
    if not (above and below):
        raise InputError(f"{what} {value!r}: {wanted} is needed")
