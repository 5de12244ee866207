"""Prices by iterating on margins: never held up where Newton's Jacobian is singular, and without any [j,j] matrix.

Morrow and Skerlos (2011) split the slopes of demand into D = L + G, with L the own slopes at given inclusive values,
and iterate on the makers' first-order conditions

    m_j = -(q_j pass_j + sum_k H_kj G_kj m_k) / L_j

whose fixed points are those of Bertrand-Nash competition. For logit and mixed logit the sum follows from sums over the
products of each maker (`Demand.pull`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from entrepot.markets.demands.demand import Demand
from entrepot.markets.price_chain import PriceChain
from entrepot.numerics import bracketed_root
from entrepot.types import Array, Index

#: Iterations at most, and the change of a price, as a share of it, below which Newton's method may take over.
STEPS = 5000
CLOSE = 1e-6
#: The same where nothing is left for Newton's method to do.
EXACT = 3e-15


class MarginGame(Protocol):
    """What the iteration needs of a game in prices (`PriceGame`): demand, costs, makers, and the chain of taxes."""

    @property
    def demand(self) -> Demand:
        """The demand system."""
        ...

    @property
    def cost(self) -> Array:
        """Marginal costs [j]."""
        ...

    @property
    def owned(self) -> Array:
        """Weight of product k's profit in the price of product j [k,j]."""
        ...

    @property
    def chain(self) -> PriceChain:
        """Taxes, dealers and caps."""
        ...

    def margins(self, prices: Array, licences: Array) -> Array:
        """Return x - c [j]."""
        ...

    def slack(self, prices: Array) -> Array:
        """Return what each cap leaves [c], in units."""
        ...


def groups_of(owned: Array) -> Index | None:
    """Return a number for each product's maker [j]; None where makers do not divide the products among them."""
    first: Index = np.asarray(owned.argmax(axis=0), dtype=np.intp)
    return first if np.array_equal(owned, first[:, None] == first) else None


def iterate_margins(game: MarginGame, prices: Array, licences: Array, close: float = CLOSE) -> Array | None:
    """Return prices [j] near an equilibrium at given licence prices; None where the iteration leads nowhere."""
    chain, demand = game.chain, game.demand
    passed, groups = chain.passed(licences), groups_of(game.owned)
    for _ in range(STEPS):
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            margins, own = game.margins(prices, licences), demand.own_slopes(prices)
            pull = None if groups is None else demand.pull(prices, margins, groups)
            if pull is None:
                pull = (game.owned * (demand.slopes(prices) - np.diag(own))).T @ margins
            after = chain.buyers(game.cost - (demand.quantities(prices) * passed + pull) / own, licences)
        if not (np.isfinite(after).all() and (after > 0).all()):
            return None
        change = float(np.abs(after / prices - 1).max())
        prices = after
        if change < close:
            return prices
    return None


def iterate_to_the_end(game: MarginGame, prices: Array) -> tuple[Array, Array] | None:
    """Return prices and licence prices to the last digits, without taxes' caps or with one in units; else None."""
    caps = game.chain.caps
    free = iterate_margins(game, prices, np.zeros(len(caps)), EXACT)
    if free is None or len(caps) > 1 or any(not cap.hard for cap in caps):
        return None
    if not caps or game.slack(free)[0] >= 0:
        return free, np.zeros(len(caps))
    last = free

    def slack(licence: float) -> float:
        nonlocal last
        found = iterate_margins(game, last, np.array([licence]), EXACT)
        if found is None:
            raise ArithmeticError
        last = found
        return float(game.slack(found)[0])

    try:
        high = 0.1 * float(np.mean(prices))
        while slack(high) < 0:
            high *= 2
        licence = bracketed_root(slack, 0.0, high, xtol=1e-300, rtol=1e-15)
        slack(licence)
    except (ArithmeticError, RuntimeError, ValueError):
        return None
    return last, np.array([licence])


__all__ = ["iterate_margins", "iterate_to_the_end"]
