"""Conduct: how makers set prices. Each states its first-order condition, and costs follow from it in the base.

Symbols: p [j] buyers' prices, x [j] what the maker receives a unit, m = x - c its margin in money, q [j] units,
D [k,j] = dq_k/dp_j, pass [j] = dx_j/dp_j along the chain of duties and dealers, H [k,j] the weight of product k's
profit in the decision on product j (1 for one maker's own, 0 for others').
A gap is positive where the maker wants a higher price.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from entrepot.errors import InputError, nearest
from entrepot.markets.demands.demand import Demand
from entrepot.markets.price_iteration import groups_of
from entrepot.types import Array

#: Products above which Bertrand margins are found maker by maker; up to it one system is faster.
TOGETHER = 200


class Conduct(ABC):
    """A rule of conduct. `gap` is zero where it holds."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    #: Whether makers weigh what a price does to their other products, so that ownership matters.
    strategic: ClassVar[bool] = True

    #: Whether the gap is in money a unit; else it is divided by slopes of demand to be so.
    in_money: ClassVar[bool] = False

    @abstractmethod
    def gap(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> Array:
        """Return the gap [j] of each first-order condition."""

    @abstractmethod
    def margins(self, demand: Demand, p: Array, passed: Array, owned: Array) -> Array:
        """Return the margins in money [j] for which the gap is zero at these prices."""

    def check(self, demand: Demand, p: Array, owned: Array) -> None:  # noqa: B027  # most conducts have nothing to check
        """Raise `InputError` where the conduct has no meaning under this demand at these prices."""

    def gap_slopes(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> tuple[Array, Array, Array]:
        """Return the slopes of the gap [j] in p, in m and in `passed`, each [j,l], here by differences."""
        return (
            differences(lambda at: self.gap(demand, at, m, passed, owned), p),
            differences(lambda at: self.gap(demand, p, at, passed, owned), m, 1e-3 * np.abs(p)),
            differences(lambda at: self.gap(demand, p, m, at, owned), passed),
        )

    def gap_slopes_in_money(
        self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array, wants: Array
    ) -> tuple[Array, Array, Array]:
        """Return `gap_slopes`, with those in p of the gap less `wants` [j] times -dq_j/dp_j, at constant `wants`."""
        in_p, in_m, in_passed = self.gap_slopes(demand, p, m, passed, owned)
        return in_p + wants[:, None] * demand.curvature(p, np.eye(p.size)), in_m, in_passed


class Bertrand(Conduct):
    """Nash equilibrium in prices among makers of several products."""

    name: ClassVar[str] = "bertrand"
    title: ClassVar[str] = "Bertrand-Nash price competition"

    def gap(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> Array:
        """q_j pass_j + sum_k H_kj m_k D_kj."""
        return demand.quantities(p) * passed + (owned * demand.slopes(p)).T @ m

    def gap_slopes(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> tuple[Array, Array, Array]:
        """Return the slopes from the demand's own slopes and curvature."""
        return self.gap_slopes_in_money(demand, p, m, passed, owned, np.zeros(p.size))

    def gap_slopes_in_money(
        self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array, wants: Array
    ) -> tuple[Array, Array, Array]:
        """Return the slopes from those of demand and its curvature, which is linear in its weights."""
        slopes = demand.slopes(p)
        in_p = slopes * passed[:, None] + demand.curvature(p, m[:, None] * owned + np.diag(wants))
        return in_p, (owned * slopes).T, np.diag(demand.quantities(p))

    def margins(self, demand: Demand, p: Array, passed: Array, owned: Array) -> Array:
        """m = -((H o D)')^-1 (q pass), of many products maker by maker where each has one maker."""
        slopes, earned, groups = demand.slopes(p), demand.quantities(p) * passed, groups_of(owned)
        if groups is None or len(p) <= TOGETHER:
            return np.asarray(-np.linalg.solve((owned * slopes).T, earned), dtype=float)
        margins = np.empty(len(p))
        for maker in np.unique(groups):
            own = np.flatnonzero(groups == maker)
            margins[own] = -np.linalg.solve(slopes[np.ix_(own, own)].T, earned[own])
        return margins


class Cournot(Conduct):
    """Nash equilibrium in quantities among makers of several products."""

    name: ClassVar[str] = "cournot"
    title: ClassVar[str] = "Cournot-Nash quantity competition"
    in_money: ClassVar[bool] = True

    def gap(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> Array:
        """-(m_j + sum_k H_kj q_k pass_k dp_k/dq_j)."""
        return self.margins(demand, p, passed, owned) - m

    def margins(self, demand: Demand, p: Array, passed: Array, owned: Array) -> Array:
        """m = -(H o D^-1)' (q pass)."""
        return -(owned * np.linalg.inv(demand.slopes(p))).T @ (demand.quantities(p) * passed)

    def gap_slopes(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> tuple[Array, Array, Array]:
        """Return the slopes from the curvature of demand: d(D^-1) = -D^-1 dD D^-1."""
        slopes, units = demand.slopes(p), demand.quantities(p)
        inverse = np.linalg.inv(slopes)
        held = owned * inverse
        left = (owned * (units * passed)[:, None]).T @ inverse  # [j,a]: sum_k H_kj q_k pass_k (D^-1)_ka
        rows = [demand.curvature(p, np.outer(left[j], inverse[:, j])).sum(axis=0) for j in range(p.size)]
        in_p = np.stack(rows) - (held * passed[:, None]).T @ slopes
        return in_p, -np.eye(p.size), -(held * units[:, None]).T

    def check(self, demand: Demand, p: Array, owned: Array) -> None:
        """Raise `InputError` where prices do not follow from quantities."""
        if np.linalg.cond(demand.elasticities(p)) > 1e10:
            raise InputError(
                "Cournot competition needs demand in which all prices follow from quantities: give market_size (an "
                "outside good), or a market_elasticity other than zero"
            )


class MonopolisticCompetition(Conduct):
    """Each product is priced alone, its maker taking the market's price index as given."""

    name: ClassVar[str] = "monopolistic"
    title: ClassVar[str] = "monopolistic competition"
    strategic: ClassVar[bool] = False

    def gap(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> Array:
        """q_j pass_j + m_j dq_j/dp_j with the index held."""
        return demand.quantities(p) * passed + m * demand.own_slopes(p)

    def margins(self, demand: Demand, p: Array, passed: Array, owned: Array) -> Array:
        """m_j = -q_j pass_j / (dq_j/dp_j)."""
        return -demand.quantities(p) * passed / demand.own_slopes(p)

    def gap_slopes(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> tuple[Array, Array, Array]:
        """Return the slopes, of the own slopes by differences."""
        in_p = demand.slopes(p) * passed[:, None] + m[:, None] * differences(demand.own_slopes, p)
        return in_p, np.diag(demand.own_slopes(p)), np.diag(demand.quantities(p))


class PerfectCompetition(Conduct):
    """Price equals cost."""

    name: ClassVar[str] = "perfect"
    title: ClassVar[str] = "perfect competition"
    strategic: ClassVar[bool] = False
    in_money: ClassVar[bool] = True

    def gap(self, demand: Demand, p: Array, m: Array, passed: Array, owned: Array) -> Array:
        """Minus the margin."""
        return -m

    def margins(self, demand: Demand, p: Array, passed: Array, owned: Array) -> Array:
        """Return zeros."""
        return np.zeros_like(p)


CONDUCTS: dict[str, Conduct] = {
    c.name: c for c in (Bertrand(), Cournot(), MonopolisticCompetition(), PerfectCompetition())
}


def read_conduct(given: str | Conduct) -> Conduct:
    """Return a conduct by its name, or as it is. Raises `InputError` with the nearest name."""
    if isinstance(given, Conduct):
        return given
    if given not in CONDUCTS:
        raise InputError(f"conduct: {given!r}{nearest(str(given), CONDUCTS)}")
    return CONDUCTS[given]


def differences(function: Callable[[Array], Array], at: Array, least: Array | float = 0.0) -> Array:
    """Return the slopes [f,x] of a function by central differences, each about half of the digits."""
    steps = 6e-6 * np.maximum(np.abs(at), np.broadcast_to(least, at.shape))
    steps = np.where(steps > 0, steps, 6e-6)
    columns = [
        (function(at + step * unit) - function(at - step * unit)) / (2 * step)
        for step, unit in zip(steps, np.eye(at.size), strict=True)
    ]
    return np.stack(columns, axis=1)
