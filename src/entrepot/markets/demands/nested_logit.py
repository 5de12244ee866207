"""Logit and nested logit, with nests of any depth (McFadden 1978; Cardell 1997; Verboven 1996 for two levels)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from entrepot.economy.base_accounts import BoolArray
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

    @cached_property
    def same(self) -> BoolArray:
        """Whether two products are in one nest [k,j]."""
        return np.asarray(self.nest[:, None] == self.nest)

    @cached_property
    def in_order(self) -> tuple[Index, Index]:
        """The products in the order of their nests, and where each nest begins in it."""
        order = np.argsort(self.nest, kind="stable")
        return order, np.flatnonzero(np.diff(self.nest[order], prepend=-1))

    def sums(self, values: Array) -> Array:
        """Return for each product the sum over its nest [j]."""
        sums: Array = np.bincount(self.nest, values).astype(float)
        return sums[self.nest]

    def shares_within(self, shares: Array) -> Array:
        """Return the share of each product in its nest [j], s_j / s_nest; 0 in a nest that nobody buys of."""
        sums = self.sums(shares)
        return shares / np.where(sums > 0, sums, 1.0)

    def log_sums(self, values: Array) -> Array:
        """Return for each product ln of the sum of exp(values) over its nest [j]."""
        order, starts = self.in_order
        top = np.maximum.reduceat(values[order], starts)
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

    @cached_property
    def _ln_members(self) -> tuple[Array, ...]:
        """ln of how many products share each one's value inside each level [j], from the innermost level out."""
        ones: Array = np.ones(len(self.mean))
        counts = [ones, *(level.sums(ones) for level in reversed(self.levels[1:]))]
        return tuple(np.log(count) for count in counts[: len(self.levels)])

    @kept
    def _log_shares(self, prices: Array) -> tuple[Array, float]:
        """Return ln s_j and the inclusive value of the whole market."""
        value = self.mean - self.alpha * prices
        within = np.zeros(len(prices))
        for level, ln_members in zip(reversed(self.levels), self._ln_members, strict=True):
            scaled = value / level.dissimilarity
            inclusive = level.log_sums(scaled - ln_members)  # the products of an inner nest share its value
            within += np.where(np.isneginf(scaled), -np.inf, scaled - np.where(np.isneginf(inclusive), 0, inclusive))
            value = level.dissimilarity * inclusive
        order, starts = self.levels[0].in_order if self.levels else (np.arange(len(prices)),) * 2
        one_each = value[order[starts]]
        total = float(np.logaddexp.reduce(np.append(one_each, 0.0) if self.outside else one_each))
        return within + value - total, total

    @kept
    def _shares(self, prices: Array) -> Array:
        """Return shares s_j of buyers."""
        return np.exp(self._log_shares(prices)[0])

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]."""
        return self.buyers * self._shares(prices)

    @kept
    def _response(self, prices: Array) -> Array:
        """Return d ln s_k / d mean_j [k,j]."""
        shares = self._shares(prices)
        outer = np.ones(len(shares))
        response = np.repeat(-shares[None, :], len(shares), axis=0)
        for level in self.levels:
            weight = 1 / outer - 1 / level.dissimilarity
            response += np.where(level.same, weight * level.shares_within(shares), 0.0)
            outer = level.dissimilarity
        response[np.diag_indices_from(response)] += 1 / outer
        return response

    @kept
    def _parts(self, prices: Array) -> tuple[tuple[Array, Array, Array], ...]:
        """Return what the nests of each level add to `_response`, from the innermost level out.

        A level adds its weight [j], the shares s_j / s_nest where k and j are in one nest [k,j], and how these shares
        move, d ln (s_k / s_nest) / d mean_j [k,j].
        """
        shares = self._shares(prices)
        outer: list[Any] = [1.0, *(level.dissimilarity for level in self.levels)]
        response = np.zeros((len(shares),) * 2)
        np.fill_diagonal(response, 1 / outer[-1])
        parts: list[tuple[Array, Array, Array]] = []
        for level, around in zip(reversed(self.levels), reversed(outer[:-1]), strict=True):
            within = level.same * level.shares_within(shares)
            inside = response - within / level.dissimilarity
            response = inside + within / around
            parts.append((1 / around - 1 / level.dissimilarity, within, inside))
        return tuple(parts)

    @kept
    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j = -alpha q_k (d ln s_k / d mean_j) [k,j]."""
        return (-self.alpha * self.buyers * self._shares(prices))[:, None] * self._response(prices)

    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return sum_k weights[k,j] d2 q_k / dp_j dp_l [j,l]."""
        shares, response = self._shares(prices), self._response(prices)
        weighted = weights * shares[:, None]
        total = (weighted * response).T @ response - (weighted.sum(axis=0) * shares)[:, None] * response
        for weight, within, inside in self._parts(prices):
            total += (weight * (weighted * within).sum(axis=0))[:, None] * inside
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
        shares = self._shares(prices)
        return self.alpha * self.buyers * shares * np.bincount(groups, shares * margins)[groups]
