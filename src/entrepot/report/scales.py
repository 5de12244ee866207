"""Units that fit the numbers: money in billions, millions or thousands by column, percent with two digits that say
something.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from entrepot.words import NOISE

#: Name, and millions in one.
UNITS = (("US$ billion", 1e3), ("US$ million", 1.0), ("US$ thousand", 1e-3))


def money_unit(millions: Iterable[float]) -> tuple[str, float]:
    """The unit in which the largest of some amounts is one or more, and the millions in it."""
    largest = max((abs(amount) for amount in millions if amount == amount), default=0.0)
    return next((unit for unit in UNITS if largest >= unit[1]), UNITS[-1])


def money_cell(millions: float, in_millions: float) -> str:
    """An amount in a unit of so many millions, signed, with at most two decimals, and never rounded to nothing:
    "-16.8", "+0.49", "-0.0004", "0".
    """
    value = millions / in_millions
    if value != value:
        return ""
    if abs(value) < 1e-9:
        return "0"
    places = min(2, _places(value, 3))
    return _signed(value, places if abs(value) >= 0.5 * 10.0**-places else _places(value, 1))


def percent_cell(percent: float) -> str:
    """A signed percentage with two decimals, and below one percent with two significant digits: "+0.061%"."""
    if percent != percent:
        return ""
    return "0%" if abs(percent) < NOISE else f"{_signed(percent, max(2, _places(percent, 2)))}%"


def _places(value: float, digits: int) -> int:
    """Decimals with which a number shows so many significant digits; none where it is large."""
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))


def _signed(value: float, places: int) -> str:
    return f"{value:+,.{places}f}"
