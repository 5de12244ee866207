"""Trade elasticities given as a number or a mapping by sector, as an array."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import TableError, UnknownNameError

#: In place of the name of a set: every set, one after another (`entrepot run --theta each`).
EACH = "each"


#: Trade elasticities that are read: beyond them trade answers everything, or nothing, and no equilibrium is found.
LEAST_THETA, LARGEST_THETA = 1e-6, 1e6


def theta_array(theta: Any, sectors: Sequence[str], default: Array | None = None) -> Array:
    """Return trade elasticities [j] from one number, or from a mapping by sector.

    Sectors without an entry take `default` if it is given. Raises `TableError` for a missing, non-numeric or
    non-positive elasticity, `UnknownNameError` for an unknown sector.
    """
    theta = plainly(theta)
    if isinstance(theta, Mapping):
        theta = {str(name): number for name, number in theta.items()}
        for name in theta:
            if name not in sectors:
                raise UnknownNameError("sector", name, sectors, "theta")
        missing = [s for s in sectors if s not in theta]
        if missing and default is None:
            raise TableError(f"theta: no elasticity for {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}")
        fallback = default if default is not None else np.empty(len(sectors))
        values = [theta.get(s, fallback[j]) for j, s in enumerate(sectors)]
    elif isinstance(theta, int | float | np.number) and not isinstance(theta, bool):
        values = [theta] * len(sectors)
    else:
        raise TableError(f"theta: {theta!r}: give a number, or a mapping of numbers by sector")
    try:
        if any(isinstance(number, bool | np.bool_) for number in values):
            raise TypeError
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise TableError(f"theta: {theta!r}: give a number, or a mapping of numbers by sector") from None
    for sector, number in zip(sectors, array, strict=True):
        if not np.isfinite(number) or number <= 0:
            raise TableError(f"theta: the elasticity of {sector} is {number:g}; it must be above zero")
        if not LEAST_THETA <= number <= LARGEST_THETA:
            raise TableError(
                f"theta: the elasticity of {sector} is {number:g}; it must be from "
                f"{LEAST_THETA:g} to {LARGEST_THETA:,.0f}"
            )
    return array


def plainly(theta: Any) -> Any:
    """Return an estimate as its value and a pandas Series as a mapping; all else as it is."""
    dimensions = getattr(theta, "ndim", 0)
    if not isinstance(theta, str | bool) and hasattr(theta, "__float__") and dimensions == 0:
        return float(theta)
    return theta.to_dict() if hasattr(theta, "to_dict") and dimensions == 1 else theta


def is_set_with_sectors(theta: Any) -> bool:
    """Return whether theta names a set and says what the sectors cover: {set: ll2023, sectors: {cars: C29}}."""
    return isinstance(theta, Mapping) and isinstance(theta.get("set"), str) and set(theta) <= {"set", "sectors"}


def is_table_or_set(theta: Any) -> bool:
    """Return whether theta is a published set, or a table by sector: a DataFrame or the path of a file."""
    return isinstance(theta, str | os.PathLike) or getattr(theta, "ndim", 0) == 2 or is_set_with_sectors(theta)


def each_set(theta: Any) -> tuple[bool, Mapping[str, Any] | None]:
    """Return whether theta stands for every published set, and what it says that the sectors cover."""
    if isinstance(theta, str):
        return theta == EACH, None
    each = is_set_with_sectors(theta) and theta["set"] == EACH
    return each, theta.get("sectors") if each else None
