"""Mixed logit with given draws of tastes and incomes (Berry, Levinsohn and Pakes 1995)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.markets.demands.demand import Demand, kept
from entrepot.types import Array, Index


@dataclass(frozen=True, eq=False)
class MixedLogit(Demand):
    """u_ij = mean_j + taste_ij - alpha_i p_j + noise, for draws i of buyers; the outside good has 0.

    mean [j]      mean utilities
    taste [j,i]   what draw i's tastes add (sums of characteristics times draws)
    alpha [i]     marginal utilities of money, above zero (in BLP's cars 43.5 over income)
    weight [i]    of the draws, adding up to 1
    buyers        size of the market in units
    """

    mean: Array
    taste: Array
    alpha: Array
    weight: Array
    buyers: float
    name: ClassVar[str] = "mixed_logit"
    title: ClassVar[str] = "mixed logit"

    @classmethod
    def calibrated(
        cls, prices: Array, quantities: Array, *, taste: Array, alpha: Array, weight: Array, buyers: float
    ) -> MixedLogit:
        """Return the demand whose shares at these prices are those observed.

        The mean utilities solve s(mean) = shares by Newton's method from the contraction of Berry, Levinsohn and Pakes.
        Raises `ConvergenceError` where draws give a product no buyers.
        """
        shares = quantities / buyers
        with np.errstate(over="ignore"):
            mean = np.log(shares) - np.log1p(-shares.sum()) + (np.outer(prices, alpha) - taste) @ weight
        demand = cls(mean, taste, np.asarray(alpha, dtype=float), np.asarray(weight, dtype=float), float(buyers))
        for step in range(1000):
            each = demand._shares(prices)
            predicted = each @ demand.weight
            gap = np.log(shares / predicted)
            if np.abs(gap).max() < 5e-15 * max(1.0, float(np.abs(demand.mean).max())):
                return demand
            if step < 5 or np.abs(gap).max() > 0.5:
                change = gap
            else:
                slope = np.diag(predicted) - (each * demand.weight) @ each.T
                change = np.linalg.solve(slope, shares - predicted)
            if step > 30 and np.abs(gap).max() < 1e-13:
                return demand
            demand = replace(demand, mean=demand.mean + change)
        raise ConvergenceError(
            "no mean utilities give the observed shares",
            worst=(f"product {int(np.abs(gap).argmax())}",),
            remedy="check the draws of tastes and the size of the market",
        )

    @property
    def size(self) -> float:
        """Units in the market with those of the outside good."""
        return self.buyers

    def _values(self, prices: Array) -> Array:
        return self.mean[:, None] + self.taste - np.outer(prices, self.alpha)

    @kept
    def _shares(self, prices: Array) -> Array:
        """Return shares [j,i] of each draw."""
        values = self._values(prices)
        top = np.maximum(values.max(axis=0), 0.0)
        odds = np.exp(values - top)
        return odds / (np.exp(-top) + odds.sum(axis=0))

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]."""
        return self.buyers * (self._shares(prices) @ self.weight)

    @kept
    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j = -sum_i w_i alpha_i s_ik ([k=j] - s_ij) [k,j], times buyers."""
        each = self._shares(prices)
        weighted = each * (self.weight * self.alpha)
        return -self.buyers * (np.diag(weighted.sum(axis=1)) - weighted @ each.T)

    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return sum_k weights[k,j] d2 q_k / dp_j dp_l [j,l].

        With s the shares of a draw, own = weights[j,j] and mean_j = sum_k weights[k,j] s_k, each draw adds
        alpha^2 ([j=l] s_j (own_j - mean_j) + s_j s_l (2 mean_j - own_j - weights[l,j])).
        """
        each = self._shares(prices)
        squared = self.weight * self.alpha**2
        own = np.diag(weights)
        mean = weights.T @ each
        pairs = (each * squared) @ each.T
        total = 2 * (each * mean * squared) @ each.T - pairs * (own[:, None] + weights.T)
        total += np.diag((each * (own[:, None] - mean)) @ squared)
        return self.buyers * total

    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j with the inclusive values of all draws held."""
        return -self.buyers * (self._shares(prices) @ (self.weight * self.alpha))

    def pull(self, prices: Array, margins: Array, groups: Index) -> Array:
        """Return sum_i w_i alpha_i s_ij sum_k s_ik margins_k over the products of j's group, times buyers."""
        each = self._shares(prices)
        makers, of = np.unique(groups, return_inverse=True)
        member = np.zeros((len(makers), len(groups)))
        member[of, np.arange(len(groups))] = 1.0
        sums = member @ (each * margins[:, None])
        return self.buyers * ((each * sums[of]) @ (self.weight * self.alpha))

    def surplus_by_draw(self, before: Array, after: Array) -> Array:
        """Return the change in consumer surplus of each draw, in money a buyer [i]."""
        return (self._inclusive(after) - self._inclusive(before)) / self.alpha

    def _inclusive(self, prices: Array) -> Array:
        return np.logaddexp(0.0, np.logaddexp.reduce(self._values(prices), axis=0))

    def surplus_change(self, before: Array, after: Array) -> float:
        """Return buyers times the mean change over draws (Small and Rosen 1981)."""
        return float(self.buyers * (self.weight @ self.surplus_by_draw(before, after)))

    def keep(self, products: Array) -> MixedLogit:
        """Return demand when only these products are on sale."""
        return replace(self, mean=self.mean[products], taste=self.taste[products])
