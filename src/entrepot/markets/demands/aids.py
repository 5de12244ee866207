"""The almost ideal demand system in the proportional form that shares calibrate (PCAIDS).

Deaton and Muellbauer (1980); Epstein and Rubinfeld (2002, 2004). Spending on the market moves with its price index by a
stated elasticity (Epstein and Rubinfeld 2002, appendix, assumption C).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from entrepot.errors import InputError
from entrepot.markets.demands.demand import LogDemand, kept
from entrepot.types import Array


@dataclass(frozen=True, eq=False)
class AIDS(LogDemand):
    """Spending shares w_j = a_j + sum_k g_jk ln p_k, with g symmetric and rows that add up to zero.

    share [j]       w_j at base prices
    slope [j,k]     g_jk
    base_price [j]  prices at which shares are `share`
    spending        in money at base prices
    elasticity      of the market's units with respect to its price index
    """

    share: Array
    slope: Array
    base_price: Array
    spending: float
    elasticity: float = -1.0
    units: float = 1.0
    name: ClassVar[str] = "aids"
    title: ClassVar[str] = "AIDS"

    @classmethod
    def calibrated(cls, prices: Array, quantities: Array, strength: float, *, elasticity: float = -1.0) -> AIDS:
        """Return PCAIDS: what a product loses goes to others by their shares, g = -strength (diag(w) - w w').

        strength    above zero; an own-price elasticity is -1 - strength (1 - w_j) + w_j (1 + elasticity)
        """
        sales = prices * quantities
        share = sales / sales.sum()
        slope = -strength * (np.diag(share) - np.outer(share, share))
        return cls(share, slope, prices, float(sales.sum()), elasticity, float(quantities.sum()))

    @kept
    def value_shares(self, prices: Array) -> Array:
        """Return shares in the market's spending [k]."""
        return self.share + self.slope @ np.log(prices / self.base_price)

    def _log_index(self, prices: Array) -> float:
        """Return ln of the translog price index, zero at base prices."""
        change = np.log(prices / self.base_price)
        return float(self.share @ change + change @ self.slope @ change / 2)

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]; not above zero where a price is so high that the model has no demand left."""
        spending = self.spending * np.exp((1 + self.elasticity) * self._log_index(prices))
        return spending * self.value_shares(prices) / prices

    @kept
    def elasticities(self, prices: Array) -> Array:
        """Return d ln q_k / d ln p_j [k,j]."""
        shares = self.value_shares(prices)
        return -np.eye(len(prices)) + self.slope / shares[:, None] + (1 + self.elasticity) * shares

    def _elasticity_slopes(self, prices: Array, weights: Array) -> Array:
        shares = self.value_shares(prices)
        second = (weights * self.slope / shares[:, None] ** 2).T @ self.slope
        return weights.sum(axis=0)[:, None] * (1 + self.elasticity) * self.slope - second

    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j with the market's spending held."""
        return self.quantities(prices) * (np.diag(self.slope) / self.value_shares(prices) - 1) / prices

    def surplus_change(self, before: Array, after: Array) -> float:
        """Return minus the area beside demand for the aggregate, as for CES."""
        start, end = self._log_index(before), self._log_index(after)
        power = 1 + self.elasticity
        rise = np.expm1(power * (end - start)) / power if abs(power) > 1e-12 else end - start
        return float(-self.spending * np.exp(power * start) * rise)

    def compensating_variation(self, before: Array, after: Array) -> float:
        """Return spending times (P'/P - 1), with spending moved to first order (LaFrance 2004, eq. 10).

        Spending is raised by (1 + elasticity) times the change in prices weighted by the shares after, as Epstein and
        Rubinfeld's assumption C has it.
        """
        start = self.spending * np.exp((1 + self.elasticity) * self._log_index(before))
        moved = 1 + (1 + self.elasticity) * float(self.value_shares(after) @ (after / before - 1))
        return float(start * moved * np.expm1(self._log_index(after) - self._log_index(before)))

    def keep(self, products: Array) -> AIDS:
        """Raise `InputError`: the system has no finite price at which a product's demand is zero for all others."""
        raise InputError("AIDS demand cannot take a product off the market; use logit, nested_logit or ces")
