"""CES demand of differentiated products (Anderson, de Palma and Thisse 1992, ch. 3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from entrepot.markets.demands.demand import LogDemand, kept
from entrepot.types import Array


@dataclass(frozen=True, eq=False)
class CES(LogDemand):
    """Spending shares b_j (p_j/p0_j)^(1-sigma) / (b_0 + sum b (p/p0)^(1-sigma)).

    weight [j]   b_j, spending shares at base prices p0;  outside_weight  b_0, that of the outside good
    base_price [j]  p0
    sigma        elasticity of substitution, above 1
    spending     in money, with what goes to the outside good, at base prices
    elasticity   of units of the market's aggregate with respect to its price index: -1 holds spending
    """

    weight: Array
    base_price: Array
    sigma: float
    spending: float
    outside_weight: float = 0.0
    elasticity: float = -1.0
    units: float = 1.0
    name: ClassVar[str] = "ces"
    title: ClassVar[str] = "CES"

    @classmethod
    def calibrated(
        cls, prices: Array, quantities: Array, sigma: float, *, spending: float | None = None, elasticity: float = -1.0
    ) -> CES:
        """Return the demand that gives these quantities at these prices.

        `spending` is the market's in money; what exceeds sales goes to the outside good. The base price index is 1.
        """
        sales = prices * quantities
        total = float(sales.sum()) if spending is None else float(spending)
        return cls(
            sales / total, prices, sigma, total, 1 - float(sales.sum()) / total, elasticity, float(quantities.sum())
        )

    def _index(self, prices: Array) -> float:
        """(b_0 + sum b (p/p0)^(1-sigma)), which is the price index to the power of 1-sigma."""
        return self.outside_weight + float((self.weight * (prices / self.base_price) ** (1 - self.sigma)).sum())

    def _spending(self, index: float) -> float:
        return float(self.spending * index ** ((1 + self.elasticity) / (1 - self.sigma)))

    @kept
    def value_shares(self, prices: Array) -> Array:
        """Return shares in the market's spending [k]."""
        return self.weight * (prices / self.base_price) ** (1 - self.sigma) / self._index(prices)

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]."""
        return self._spending(self._index(prices)) * self.value_shares(prices) / prices

    @kept
    def elasticities(self, prices: Array) -> Array:
        """Return d ln q_k / d ln p_j [k,j]."""
        shares = self.value_shares(prices)
        return (self.sigma + self.elasticity) * np.tile(shares, (len(prices), 1)) - self.sigma * np.eye(len(prices))

    def _elasticity_slopes(self, prices: Array, weights: Array) -> Array:
        shares = self.value_shares(prices)
        factor = (self.sigma + self.elasticity) * (1 - self.sigma)
        return weights.sum(axis=0)[:, None] * factor * (np.diag(shares) - np.outer(shares, shares))

    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j with the price index held: -sigma q_j / p_j."""
        return -self.sigma * self.quantities(prices) / prices

    def surplus_change(self, before: Array, after: Array) -> float:
        """Return minus the area beside demand for the aggregate: spending ln(P'/P) where spending is held.

        With any other elasticity eps of the market it is spending ((P'/P)^(1+eps) - 1)/(1+eps).
        """
        start, end = (np.log(self._index(p)) / (1 - self.sigma) for p in (before, after))
        rise, at_base = end - start, self._spending(self._index(before))
        power = 1 + self.elasticity
        return float(-at_base * (np.expm1(power * rise) / power if abs(power) > 1e-12 else rise))

    def compensating_variation(self, before: Array, after: Array) -> float:
        """Return what buyers need at the prices after; with spending held, spending (P'/P - 1)."""
        if self.elasticity != -1.0:
            return -self.surplus_change(before, after)
        return float(self.spending * ((self._index(after) / self._index(before)) ** (1 / (1 - self.sigma)) - 1))

    def keep(self, products: Array) -> CES:
        """Return demand when only these products are on sale."""
        return replace(self, weight=self.weight[products], base_price=self.base_price[products])
