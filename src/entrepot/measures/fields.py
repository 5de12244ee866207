"""Read the numbers and names of a measure, in Python and in a case file alike."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from entrepot.errors import LARGEST_BARE_NUMBER, InputError, MeasureError, UnusualRate, as_given, nearest

Change = Literal["set", "add"]
TariffChange = Literal["set", "add", "cut"]
#: Of a cap: a share of the base volume; millions of US dollars at base producer prices (an Economy); units (a Market).
Unit = Literal["share", "usd_m", "units"]


#: Digits with a decimal point; commas between thousands.
_NUMBER = re.compile(r"^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][+-]?\d+)?\s*%?$")
#: A number with a decimal comma that cannot be one between thousands: "2,5%", "0,125"; not "12,500".
_DECIMAL_COMMA = re.compile(r"^[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,}))\s*%?$")
#: Words for the sign of a percentage: "25 percent", "25 per cent", "25pp".
_PERCENT = re.compile(r"\s*(?:per\s?cent|pct\.?|percentage points?|pp)$", re.IGNORECASE)
#: Words for percentage points, which are added to a rate.
_POINTS = re.compile(r"(?:percentage points?|pp)$", re.IGNORECASE)
#: Billions, which a cap states in millions.
_BILLIONS = re.compile(r"^\+?(\d+(?:\.\d+)?)\s*(?:bn|b|billion)\.?$", re.IGNORECASE)


#: Units of caps in words.
CAP_UNITS: dict[str, str] = {"share": "a share", "usd_m": "millions of US dollars", "units": "units"}


#: The largest number that is read: no trade, price or worth is near it, and arithmetic beyond it loses its digits.
LARGEST = 1e15
#: The largest rate, and the largest price as a multiple of the base price; trade has ended long before.
LARGEST_RATE = 1e5


@dataclass(frozen=True, slots=True)
class Match:
    """A cap at the volume that another scenario of the case leaves on the same flows."""

    scenario: str


def read_names(key: str, value: Any) -> tuple[str, ...]:
    """One name or a list of names, as a tuple."""
    plain = isinstance(value, Iterable) and not isinstance(value, Mapping)
    names = (value,) if isinstance(value, str) else tuple(value) if plain else ()
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        value = as_given(value)
        raise MeasureError(key, f"{value} is not a name or a list of names")
    return tuple(name.strip() for name in names)


def read_rate(key: str, value: Any, *, above: float = -1.0) -> float:
    """A fraction (0.25), or a percentage in words ("25%"). A bare number above 10 is refused, above 1 warned about."""
    number, stated = _number(key, value, math.inf)
    if abs(number) > LARGEST_RATE:
        raise MeasureError(key, f"{as_given(value)} is too large: at most {100 * LARGEST_RATE:,.0f}%")
    if not stated and number > LARGEST_BARE_NUMBER:
        raise MeasureError(key, f"{number:g} is {100 * number:,.0f}%. Rates are fractions: write {_instead(number)}")
    if not stated and number > 1.0:
        warnings.warn(f"{key}={number:g} is read as {100 * number:,.0f}%", UnusualRate, stacklevel=6)
    if number <= above:
        raise MeasureError(key, f"{number:g} must be above {above:g} ({100 * above:g}%)")
    return number


def in_points(value: Any) -> bool:
    """Return whether a rate is stated in percentage points, as "25pp"."""
    return isinstance(value, str) and bool(_POINTS.search(value.strip()))


def read_cap(value: Any, unit: Unit) -> float | Match:
    """A share of the base volume (0.8 or "80%"), millions of US dollars, or {match: SCENARIO}."""
    if unit not in get_args(Unit):
        raise MeasureError("unit", f"{unit!r}{nearest(str(unit), get_args(Unit))}")
    if isinstance(value, Match):
        return value
    if isinstance(value, Mapping):
        if set(value) != {"match"} or not isinstance(value["match"], str):
            raise MeasureError("cap", "a number, a percentage or {match: SCENARIO}")
        return Match(value["match"])
    number, stated = _number("cap", value)
    if number < 0:
        raise MeasureError("cap", f"{number:g} is below zero; 0 is an embargo")
    if stated and unit != "share":
        raise MeasureError("cap", f"{value!r} is a percentage, but the unit is {CAP_UNITS[unit]}")
    if unit == "share" and not stated and number > LARGEST_BARE_NUMBER:
        raise MeasureError(
            "cap",
            f"{number:g} is {100 * number:,.0f}% of the base volume: write {_instead(number)}, or unit: usd_m for "
            f"millions of US dollars, or in a market unit: units ({number:.0f}units on the command line)",
        )
    return number


def read_amount(key: str, value: Any, unit_value: Any) -> dict[str, float | None]:
    """Money a unit with the base price of a unit, or without it a part of that price (0.08 or "8%"). Above zero."""
    number, stated = _number(key, value, math.inf)
    if number <= 0:
        raise MeasureError(key, f"{number:g} must be above zero")
    if isinstance(value, str) and value.strip().startswith("+"):
        raise MeasureError(
            key, f"{value!r} reads like a change; the level is needed, such as '8%' or, of a price, '110%'"
        )
    if unit_value is None:
        if not stated and number > LARGEST_BARE_NUMBER:
            raise MeasureError(
                key, f"{number:g} is money a unit: give unit_value too, the price of a unit in the base, in that money"
            )
        if not stated and number > (3.0 if key == "price" else 1.0):
            warnings.warn(
                f"{key}={number:g} is read as {100 * number:,.0f}% of the base price", UnusualRate, stacklevel=6
            )
        _check_multiple(key, number)
        return {key: number, "unit_value": None}
    price, as_percent = _number("unit_value", unit_value)
    if price <= 0 or as_percent:
        raise MeasureError("unit_value", f"{unit_value!r}: the price of a unit in the base is needed, above zero")
    if stated:
        raise MeasureError(key, f"{value!r} is a percentage of the base price, and needs no unit_value")
    _check_multiple(key, number / price)
    return {key: number, "unit_value": price}


def _check_multiple(key: str, multiple: float) -> None:
    """Raise `MeasureError` where an amount is too large a multiple of the base price."""
    if multiple > LARGEST_RATE:
        raise MeasureError(key, f"{multiple:,.0f} times the base price is too large: at most {LARGEST_RATE:,.0f} times")


#: The share of a rent that is what the other holder leaves.
REST = "rest"


def read_choice(key: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`. Raises `MeasureError`."""
    if value not in choices:
        raise MeasureError(key, f"{as_given(value)}{nearest(str(value), choices)}")
    return str(value)


def read_rent(value: Any) -> float:
    """Return the exporter's share of the rent.

    `value` is "importer", "exporter", a share such as 0.7 or "70%", or shares by holder, {exporter: 0.7, importer:
    0.3}, of which one may be the rest: {exporter: 0.7, importer: rest}.
    """
    holders = ("importer", "exporter")
    if value in holders:
        return float(value == "exporter")
    if isinstance(value, Mapping) and value and set(value) <= set(holders):
        parts = {holder: _number("rent", share)[0] for holder, share in value.items() if share != REST}
        if len(parts) < len(value):
            parts |= {holder: 1 - sum(parts.values()) for holder, share in value.items() if share == REST}
    elif isinstance(value, str) and not _NUMBER.match(value.strip()):
        raise MeasureError("rent", f"{value!r}{nearest(value, holders)}")
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        part = _number("rent", value)[0]
        parts = {"exporter": part, "importer": 1 - part}
    else:
        raise MeasureError(
            "rent", f"{value!r}: 'importer', 'exporter', or shares such as {{exporter: 0.7, importer: 0.3}}"
        )
    if min(parts.values(), default=-1.0) < 0 or abs(sum(parts.values()) - 1) > 1e-9:
        raise MeasureError("rent", f"the shares {parts} must not be negative and must add up to 1")
    return parts.get("exporter", 0.0)


def _instead(number: float) -> str:
    """What was probably meant by a bare number that is too large."""
    if number <= 1000:
        return f"{number / 100:g} or '{number:g}%'"
    return f"a fraction such as 0.25, or '{100 * number:.17g}%' if that is meant"


def percent(rate: float) -> str:
    """Return a rate as text: 0.25 as "25%"."""
    return f"{100 * rate:,.6g}%"


def read_number(key: str, value: Any) -> float:
    """A number, or a percentage in words ("25%")."""
    return _number(key, value)[0]


def read_levels(key: str, text: str, most: int) -> list[float]:
    """Return the numbers of "LOW:HIGH:COUNT", evenly spaced, at most that many, or of "A,B,C". Raises `InputError`."""
    if ":" not in text:
        return [read_number(key, part) for part in text.split(",")]
    parts = text.split(":")
    if len(parts) != 3 or not parts[2].strip().isdecimal() or not 2 <= int(parts[2]) <= most:
        raise InputError(
            f"{key}: write LOW:HIGH:COUNT, such as 0.4:1.2:17, with a count from 2 to {most:,}, not {text!r}"
        )
    levels: list[float] = np.linspace(read_number(key, parts[0]), read_number(key, parts[1]), int(parts[2])).tolist()
    return levels


def read_percentage(text: str) -> float | None:
    """Return the fraction that a text states as a percentage ("25%", "2,5%", "25 per cent"); None for other text."""
    try:
        number, stated = _number("", text)
    except MeasureError:
        return None
    return number if stated else None


def _number(key: str, value: Any, most: float = LARGEST) -> tuple[float, bool]:
    """The number, and whether it was stated as a percentage."""
    text = _PERCENT.sub("%", value.strip()) if isinstance(value, str) else None
    if text is not None and _DECIMAL_COMMA.match(text):
        text = text.replace(",", ".")
    stated = text is not None and text.endswith("%")
    try:
        if isinstance(value, bool) or (text is not None and not _NUMBER.match(text)):
            raise TypeError
        number = float(text.rstrip("% ").replace(",", "")) / (100 if stated else 1) if text else float(value)
    except (TypeError, ValueError, OverflowError):
        comma = "; decimals take a point, as in '2.5%'" if text and "," in text else ""
        billions = _BILLIONS.match(text) if text and key == "cap" else None
        if billions:
            millions = f"{1000 * float(billions[1]):.15g}"
            comma = f"; write {millions}m on the command line, or cap: {millions} with unit: usd_m in a case"
        value = as_given(None if value is None else str(value)[:40])
        raise MeasureError(key, f"{value} is neither a number nor a percentage such as '25%'{comma}") from None
    if not math.isfinite(number):
        raise MeasureError(key, f"{value!r} is not a finite number")
    if abs(number) > most:
        raise MeasureError(key, f"{as_given(value)} is too large: at most {most:,.0f}")
    return number, stated
