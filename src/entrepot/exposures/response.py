"""The response of imports to a change of duty, in partial equilibrium.

    p'/p   = R^lambda               the price to the buyer, duty included;  R = (1 + t') / (1 + t)
    q'/q   = (p'/p)^-sigma          constant elasticity of demand on that price
    M'/M   = R^(lambda - 1) q'/q    the value at the border before duty, which the exporter receives
    revenue' = t' M'

lambda is the pass-through: at 1 (full) the exporter's price does not change; below 1 the exporter bears 1 - lambda of
the change in logs. sigma is 1 + theta of the sector in the Economy, the elasticity of one source's imports to their
price in an Armington demand with constant price index and expenditure. Nothing else changes: no trade is diverted to
other partners or to domestic producers, and no income effect arises; use `entrepot run` for those. The effect on one
product and partner is the trade creation of SMART (Laird and Yeats 1986, The UNCTAD Trade Policy Simulation Model,
UNCTAD Discussion Paper 19; Jammes and Olarreaga 2005, Explaining SMART and GSIM, World Bank) with a constant elasticity
in place of a straight line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import InputError, UnknownNameError


def imports_hat(applied: Any, proposed: Any, sigma: Any, pass_through: float = 1.0) -> Any:
    """Return M'/M by the formula above, for arrays of one shape or numbers."""
    return ((1 + np.asarray(proposed)) / (1 + np.asarray(applied))) ** exponent(np.asarray(sigma), pass_through)


def exponent(sigma: Any, pass_through: float) -> Any:
    """Return the exponent of R in M'/M."""
    return pass_through - 1 - sigma * pass_through


def read_elasticities(given: Any, sectors: Sequence[str], theta: Array) -> Array:
    """Return sigma [j]: 1 + theta, or the given number, or a mapping by sector that replaces some; zero is allowed."""
    sigma = 1.0 + np.asarray(theta, dtype=float)
    if given is None:
        return sigma
    if isinstance(given, Mapping):
        by_folded = {sector.casefold(): j for j, sector in enumerate(sectors)}
        for sector, number in given.items():
            if str(sector).casefold() not in by_folded:
                raise UnknownNameError("sector", str(sector), sectors, "elasticity")
            sigma[by_folded[str(sector).casefold()]] = _elasticity(number)
        return sigma
    return np.full(len(sectors), _elasticity(given))


def _elasticity(number: Any) -> float:
    try:
        value = float(number)
    except (TypeError, ValueError):
        value = np.nan
    if not (np.isfinite(value) and value >= 0):
        raise InputError(
            f"elasticity: {number!r}: give the absolute elasticity of imports to their price: a number of 0 or more, "
            f"or one by sector"
        )
    return value


def read_pass_through(given: Any) -> float:
    """Return the pass-through as a share. Raises `InputError` outside 0 to 1."""
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = np.nan
    if not 0 <= value <= 1:
        raise InputError(f"pass_through: {given!r}: a share between 0 and 1 is needed; 1 is full pass-through")
    return value
