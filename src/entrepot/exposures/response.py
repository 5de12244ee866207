"""What imports do when a duty changes, in partial equilibrium.

    p'/p   = R^lambda               the price to the buyer, duty included;  R = (1 + t') / (1 + t)
    q'/q   = (p'/p)^-sigma          constant elasticity of demand on that price
    M'/M   = R^(lambda - 1) q'/q    the value at the border before duty, what the exporter is paid
    revenue' = t' M'

lambda is the pass-through: 1 (full) leaves the exporter's price as it is, less makes the exporter bear 1 - lambda of
the change in logs. sigma is 1 + theta of the sector in the Economy, the elasticity of one source's imports to their
price in an Armington demand whose price index and expenditure stay. Nothing else moves: no trade is diverted to other
partners or to producers at home, and no income is spent; those are for `entrepot run`. The effect on one product and
partner is the trade creation of SMART (Laird and Yeats 1986, The UNCTAD Trade Policy Simulation Model, UNCTAD
Discussion Paper 19; Jammes and Olarreaga 2005, Explaining SMART and GSIM, World Bank) with a constant elasticity in
place of a straight line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import InputError, UnknownNameError


def imports_hat(applied: Any, proposed: Any, sigma: Any, pass_through: float = 1.0) -> Any:
    """M'/M of the formula above; arrays of one shape, or numbers."""
    return ((1 + np.asarray(proposed)) / (1 + np.asarray(applied))) ** exponent(np.asarray(sigma), pass_through)


def exponent(sigma: Any, pass_through: float) -> Any:
    """Of R in M'/M."""
    return pass_through - 1 - sigma * pass_through


def read_elasticities(given: Any, sectors: Sequence[str], theta: Array) -> Array:
    """sigma [j]: 1 + theta, or as given: one number or a mapping by sector, the others staying. Zero is allowed."""
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
            f"elasticity: {number!r}: the elasticity of imports to their price is needed, without its sign: a number "
            f"from 0 on, or one by sector"
        )
    return value


def read_pass_through(given: Any) -> float:
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = np.nan
    if not 0 <= value <= 1:
        raise InputError(f"pass_through: {given!r}: a share between 0 and 1 is needed; 1 is full pass-through")
    return value
