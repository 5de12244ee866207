"""Numbers that a closure states, one for all or by name: checked, and as arrays of an Economy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.errors import InputError


def numbers(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return every number in a value with its name, such as "steel" or "USA of steel"; one for all has no name."""
    if isinstance(value, Mapping):
        return [pair for key, part in value.items() for pair in numbers(part, f"{name} of {key}" if name else str(key))]
    return [(name, value)]


def check_numbers(key: str, value: Any, allowed: Callable[[Any], bool], wanted: str) -> None:
    """Raise `InputError` unless every number in `value` is `allowed`, in words `wanted`."""
    for name, number in numbers(value):
        if isinstance(number, bool) or not isinstance(number, Real) or not allowed(number):
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
    return _in_order(value, economy.countries, lambda name: resolve_countries(name, economy.countries, key)[0])


def by_sector(key: str, value: Any, economy: Economy, default: float = 0.0) -> Array:
    """Return numbers [j], `default` for sectors that are not named."""
    out = np.full(len(economy.sectors), default)
    for at, number in _in_order(value, economy.sectors, lambda name: resolve_sectors(name, economy.sectors, key)):
        out[at] = float(number)
    return out


def _in_order(
    value: Any, labels: tuple[str, ...], resolve: Callable[[str], tuple[str, ...]]
) -> list[tuple[list[int], Any]]:
    """Positions and what is stated for them; those of more labels come first, so that single names override them."""
    if not isinstance(value, Mapping):
        return [(list(range(len(labels))), value)]
    named = [([labels.index(label) for label in resolve(str(name))], part) for name, part in value.items()]
    return sorted(named, key=lambda pair: -len(pair[0]))
