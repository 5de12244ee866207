"""Prices by iterating on margins: slower than Newton's method, and not held up where its Jacobian is singular.

Morrow and Skerlos (2011) split the slopes of demand into D = L + G, with L the own slopes at given inclusive values,
and iterate on the makers' first-order conditions

    m_j = -(q_j pass_j + sum_k H_kj G_kj m_k) / L_j

whose fixed points are those of Bertrand-Nash competition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.types import Array

if TYPE_CHECKING:
    from entrepot.markets.price_equilibrium import PriceGame

#: Iterations at most, and the change of a price, as a share of it, below which Newton's method may take over.
STEPS = 5000
CLOSE = 1e-6


def iterate_margins(game: PriceGame, prices: Array, licences: Array) -> Array | None:
    """Return prices [j] near an equilibrium at given licence prices; None where the iteration leads nowhere."""
    chain, demand = game.chain, game.demand
    passed = chain.passed(licences)
    for _ in range(STEPS):
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            own = demand.own_slopes(prices)
            others = demand.slopes(prices) - np.diag(own)
            pull = (game.owned * others).T @ game.margins(prices, licences)
            after = chain.buyers(game.cost - (demand.quantities(prices) * passed + pull) / own, licences)
        if not (np.isfinite(after).all() and (after > 0).all()):
            return None
        change = float(np.abs(after / prices - 1).max())
        prices = after
        if change < CLOSE:
            return prices
    return None


__all__ = ["iterate_margins"]
