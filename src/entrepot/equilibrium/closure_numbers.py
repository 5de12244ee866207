"""Numbers that a closure states, one for all or by name: checked, and as arrays of an Economy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import ALL, broadest_first, by_sector_code, resolve_countries
from entrepot.errors import InputError

#: The largest finite number of double precision.
LARGEST = sys.float_info.max


def numbers(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return every number in a value with its name, such as "steel" or "USA of steel"; one for all has no name."""
    if isinstance(value, Mapping):
        return [pair for key, part in value.items() for pair in numbers(part, f"{name} of {key}" if name else str(key))]
    return [(name, value)]


def check_numbers(key: str, value: Any, allowed: Callable[[Any], bool], wanted: str) -> None:
    """Raise `InputError` unless every number in `value` is finite and `allowed`, in words `wanted`."""
    for name, number in numbers(value):
        real = isinstance(number, Real) and not isinstance(number, bool)
        if not real or not -LARGEST <= number <= LARGEST or not allowed(number):
            where = f" of {name}" if name else ""
            raise InputError(f"closure: {key}{where} {number!r} is not {wanted}")


def by_country(key: str, value: Any, economy: Economy, default: float = 0.0) -> Array:
    """Return numbers [n], `default` for countries that are not named."""
    out = np.full(len(economy.countries), default)
    for at, number in of_countries(key, value, economy):
        out[at] = float(number)
    return out


def of_countries(key: str, value: Any, economy: Economy) -> list[tuple[list[int], Any]]:
    """Return positions of countries and what is stated for them: a country overrides groups, and groups all."""
    known = economy.countries
    if not isinstance(value, Mapping):
        return [(list(range(len(known))), value)]
    named = broadest_first(value, lambda name: resolve_countries(name, known, key)[0], key)
    return [([known.index(label) for label in labels], part) for labels, part in named]


def by_sector(key: str, value: Any, economy: Economy, default: float = 0.0) -> Array:
    """Return numbers [j], `default` for sectors that are not named."""
    stated = by_sector_code(value if isinstance(value, Mapping) else {ALL: value}, economy.sectors, key)
    return np.array([float(stated.get(sector, default)) for sector in economy.sectors])
