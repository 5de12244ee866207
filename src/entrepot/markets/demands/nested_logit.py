"""Logit and nested logit, with nests of any depth (McFadden 1978; Cardell 1997; Verboven 1996 for two levels)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from entrepot.markets.demands.demand import Demand, kept
from entrepot.types import Array, Index


@dataclass(frozen=True, eq=False)
class Level:
    """One level of nests.

    nest [j]           number of each product's nest, from 0
    dissimilarity [j]  mu of that nest: the nesting parameter sigma of Berry (1994) is 1 - mu; 0 < mu <= 1, and not
                       above that of the nest around it
    """

    nest: Index
    dissimilarity: Array

    def sums(self, values: Array) -> Array:
        """Return for each product the sum over its nest [j]."""
        sums: Array = np.bincount(self.nest, values).astype(float)
        return sums[self.nest]

    def column_sums(self, rows: Array) -> Array:
        """Return for each row and product the sum over the columns of its nest [i,j]."""
        order = np.argsort(self.nest, kind="stable")
        starts = np.flatnonzero(np.diff(self.nest[order], prepend=-1))
        return np.add.reduceat(rows[:, order], starts, axis=1)[:, self.nest]

    def log_sums(self, values: Array) -> Array:
        """Return for each product ln of the sum of exp(values) over its nest [j]."""
        top = np.full(self.nest.max() + 1, -np.inf)
        np.maximum.at(top, self.nest, values)
        top = np.where(np.isfinite(top), top, 0.0)[self.nest]
        with np.errstate(divide="ignore"):
            return top + np.log(self.sums(np.exp(values - top)))


@dataclass(frozen=True, eq=False)
class NestedLogit(Demand):
    """u_j = mean_j - alpha p_j + taste; the taste of products in one nest is correlated.

    mean [j]   mean utilities; the outside good has 0
    alpha      marginal utility of money, above zero (the price coefficient with its sign changed)
    buyers     size of the market in units
    outside    whether buyers may buy none of the products
    levels     nests from the outermost in; none is the logit
    """

    mean: Array
    alpha: float
    buyers: float
    outside: bool = True
    levels: tuple[Level, ...] = ()
    name: ClassVar[str] = "nested_logit"
    title: ClassVar[str] = "nested logit"

    @classmethod
    def calibrated(
        cls,
        prices: Array,
        quantities: Array,
        alpha: float,
        *,
        buyers: float | None = None,
        levels: Sequence[Level] = (),
    ) -> Self:
        """Return the demand that gives these quantities at these prices; without `buyers` there is no outside good.

        Berry (1994): mean_j = ln s_0-relative shares, level by level, plus alpha p_j.
        """
        size = float(quantities.sum()) if buyers is None else float(buyers)
        shares = quantities / size
        outside = buyers is not None
        mean, inside = alpha * prices, shares
        for level in reversed(levels):
            around = level.sums(shares)
            mean = mean + level.dissimilarity * np.log(inside / around)
            inside = around
        mean = mean + np.log(inside) - (np.log1p(-shares.sum()) if outside else 0.0)
        return cls(mean, alpha, size, outside, tuple(levels))

    @property
    def size(self) -> float:
        """Units in the market with those of the outside good."""
        return self.buyers

    @kept
    def _log_shares(self, prices: Array) -> tuple[Array, float]:
        """Return ln s_j and the inclusive value of the whole market."""
        value = self.mean - self.alpha * prices
        within, members = np.zeros(len(prices)), np.ones(len(prices))
        for level in reversed(self.levels):
            scaled = value / level.dissimilarity
            inclusive = level.log_sums(scaled - np.log(members))  # the products of an inner nest share its value
            members = level.sums(np.ones(len(prices)))
            within += np.where(np.isneginf(scaled), -np.inf, scaled - np.where(np.isneginf(inclusive), 0, inclusive))
            value = level.dissimilarity * inclusive
        one_each = value if not self.levels else value[np.unique(self.levels[0].nest, return_index=True)[1]]
        total = float(np.logaddexp.reduce(np.append(one_each, 0.0) if self.outside else one_each))
        return within + value - total, total

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]."""
        return self.buyers * np.exp(self._log_shares(prices)[0])

    @kept
    def _response(self, prices: Array) -> tuple[Array, list[tuple[Array, Array]]]:
        """Return d ln s_k / d mean_j [k,j], and of each level its coefficient [j] and the shares s_j within nests."""
        shares = np.exp(self._log_shares(prices)[0])
        outer = np.ones(len(shares))
        parts: list[tuple[Array, Array]] = []
        response = np.repeat(-shares[None, :], len(shares), axis=0)
        for level in self.levels:
            within = shares / np.where(level.sums(shares) > 0, level.sums(shares), 1.0)
            weight = 1 / outer - 1 / level.dissimilarity
            parts.append((weight, within))
            response += np.where(level.nest[:, None] == level.nest, weight * within, 0.0)
            outer = level.dissimilarity
        response[np.diag_indices_from(response)] += 1 / outer
        return response, parts

    def _times_response(self, rows: Array, shares: Array, parts: list[tuple[Array, Array]]) -> Array:
        """Return `rows` [i,k] times the response [k,j], a diagonal and sums over nests."""
        inner = self.levels[-1].dissimilarity if self.levels else 1.0
        total = rows / inner - np.outer(rows.sum(axis=1), shares)
        for level, (weight, within) in zip(self.levels, parts, strict=True):
            total += level.column_sums(rows) * (weight * within)
        return total

    @kept
    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j = -alpha q_k (d ln s_k / d mean_j) [k,j]."""
        shares = np.exp(self._log_shares(prices)[0])
        return -self.alpha * self.buyers * shares[:, None] * self._response(prices)[0]

    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return sum_k weights[k,j] d2 q_k / dp_j dp_l [j,l]."""
        shares = np.exp(self._log_shares(prices)[0])
        response, parts = self._response(prices)
        weighted = weights * shares[:, None]
        total = self._times_response((weighted * response).T, shares, parts)
        total -= (weighted.sum(axis=0) * shares)[:, None] * response
        for level, (weight, within) in zip(self.levels, parts, strict=True):
            same = level.nest[:, None] == level.nest
            nests = np.zeros((level.nest.max() + 1, len(prices)))
            np.add.at(nests, level.nest, within[:, None] * response)
            inside = np.where(same, weighted, 0.0).sum(axis=0)
            total += (weight * within * inside)[:, None] * (response - nests[level.nest])
        return self.alpha**2 * self.buyers * total

    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j with inclusive values held: -alpha q_j / mu of the innermost nest."""
        inner = self.levels[-1].dissimilarity if self.levels else 1.0
        return -self.alpha * self.quantities(prices) / inner

    def surplus_change(self, before: Array, after: Array) -> float:
        """Return buyers times the change in the inclusive value over alpha (Small and Rosen 1981)."""
        return self.buyers / self.alpha * (self._log_shares(after)[1] - self._log_shares(before)[1])

    def keep(self, products: Array) -> NestedLogit:
        """Return demand when only these products are on sale; their buyers choose among what is left."""
        levels = tuple(
            Level(np.unique(level.nest[products], return_inverse=True)[1], level.dissimilarity[products])
            for level in self.levels
        )
        return replace(self, mean=self.mean[products], levels=levels)


class Logit(NestedLogit):
    """Multinomial logit: the nested logit without nests."""

    name: ClassVar[str] = "logit"
    title: ClassVar[str] = "logit"

    def pull(self, prices: Array, margins: Array, groups: Index) -> Array:
        """Return alpha q_j sum_k s_k margins_k over the products of j's group."""
        shares = np.exp(self._log_shares(prices)[0])
        return self.alpha * self.buyers * shares * np.bincount(groups, shares * margins)[groups]
