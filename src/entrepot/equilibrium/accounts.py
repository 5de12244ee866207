"""Who pays what to whom, flow by flow, at a solution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.market import Cleared, Market, State
from entrepot.equilibrium.problem import Problem


@dataclass(frozen=True, eq=False)
class Accounts:
    """Flows [j,n,i] in millions of US dollars at a point of a Problem. A dollar that n's users pay splits into

    user_value = producer_value + export_tax + exporter_rent + importer_rent + duty

    where duty holds specific duties, levies up to a minimum price and the surcharge of a tariff-rate quota beyond its
    quota; a price undertaking's gain is rent. `exporter_rent` and `importer_rent` say who
    holds the rent, not which kind of licence it is.
    """

    problem: Problem
    cleared: Cleared
    producer_value: Array

    @classmethod
    def at(cls, problem: Problem, state: State, market: Market | None = None) -> Accounts:
        market = market or Market(problem)
        cleared = market.clear(state)
        return cls(problem, cleared, market.value(cleared))

    # ---- by flow ----

    @cached_property
    def user_value(self) -> Array:
        p = self.problem
        gross = 1.0 + p.economy.tariff
        gross.ravel()[p.flow] = np.exp(p.ln_tariff + p.ln_export_tax)
        np.multiply.at(gross.ravel(), p.quotas.flow, np.exp(self.cleared.ln_wedge))
        np.multiply.at(gross.ravel(), p.price_rules.flow, np.exp(self.cleared.ln_rule_wedge))
        gross *= self.producer_value
        return gross

    @cached_property
    def export_tax(self) -> Array:
        return self.problem.spread(self.problem.flow, np.expm1(self.problem.ln_export_tax)) * self.producer_value

    @cached_property
    def rent(self) -> Array:
        return self.problem.spread(self._held_at, np.concatenate([self.cleared.rent, self._undertaken]))

    @cached_property
    def exporter_rent(self) -> Array:
        return self.problem.spread(self._held_at, self._exporters_hold)

    @property
    def _held_at(self) -> Index:
        """Flows that may carry a rent, each as often as it stands under a quota or a price rule."""
        return np.concatenate([self.problem.quotas.flow, self.problem.price_rules.flow])

    @property
    def _exporters_hold(self) -> Array:
        """What exporters hold of the rent on those flows."""
        q = self.problem.quotas
        return np.concatenate([q.exporter_share[q.owner] * self.cleared.rent, self._undertaken])

    @property
    def _undertaken(self) -> Array:
        """What exporters gain by raising their price to a minimum, by flow of the price rules [f]."""
        return np.where(self.problem.price_rules.exporter_holds, self.cleared.levied, 0.0)

    @property
    def importer_rent(self) -> Array:
        return self.rent - self.exporter_rent

    @cached_property
    def duty(self) -> Array:
        return self.user_value - self.producer_value - self.export_tax - self.rent

    @cached_property
    def border_value(self) -> Array:
        """What n pays i's side of the border: producer value, export tax and the rent that i holds."""
        p, out = self.problem, self.producer_value.copy()
        taxed = np.flatnonzero(p.ln_export_tax)
        out.ravel()[p.flow[taxed]] *= np.exp(p.ln_export_tax[taxed])
        np.add.at(out.ravel(), self._held_at, self._exporters_hold)
        return out

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        return ~self.problem.economy.domestic

    @cached_property
    def ln_user_wedge_hat(self) -> Array:
        """ln k^[j,n,i]: the change in what stands between the producer's price and the user's."""
        p = self.problem
        ln_wedge = p.spread(
            p.flow, p.ln_iceberg + p.ln_tariff + p.ln_export_tax - p.ln_tariff_base - p.ln_export_tax_base
        )
        ln_wedge.ravel()[p.economy.in_force.flow] -= p.economy.in_force.ln_wedge
        np.add.at(ln_wedge.ravel(), p.quotas.flow, self.cleared.ln_wedge)
        np.add.at(ln_wedge.ravel(), p.price_rules.flow, self.cleared.ln_rule_wedge)
        return ln_wedge

    @cached_property
    def real_flow(self) -> Array:
        """q[j,n,i] = F'/p^: volume at base producer prices."""
        return self.producer_value * np.exp(-self.cleared.ln_producer_price)[:, None, :]

    # ---- by country ----

    @property
    def access_received(self) -> Array:
        """[n]: what labour earns with access to n's market; nothing where markets are open to every firm."""
        access = self.cleared.access
        return np.zeros_like(self.income) if access is None else access

    @property
    def access_paid(self) -> Array:
        """[i]: what i's producers pay for access to markets, their own too."""
        paid = self.cleared.access_paid
        return np.zeros_like(self.income) if paid is None else paid

    @property
    def income(self) -> Array:
        return self.cleared.income

    @cached_property
    def revenue(self) -> Array:
        """Duties, export taxes and rents that country n has, less what it pays in subsidies [n]."""
        paid = self.cleared.subsidies
        return self.duty.sum(axis=(0, 2)) + self.export_tax.sum(axis=(0, 1)) + self.rent_held - paid

    @cached_property
    def imports(self) -> Array:
        """Foreign goods [n] at border value."""
        return np.einsum("jni,ni->n", self.border_value, self.foreign.astype(float))

    @cached_property
    def exports(self) -> Array:
        """Goods sold abroad [i] at border value."""
        return np.einsum("jni,ni->i", self.border_value, self.foreign.astype(float))

    @property
    def net_rent_from_abroad(self) -> Array:
        """Rents received on exports minus rents paid to foreign holders [n]."""
        return self.exporter_rent.sum(axis=(0, 1)) - self.exporter_rent.sum(axis=(0, 2))

    @property
    def rent_held(self) -> Array:
        """All rents that country n holds, on its imports and its exports [n]."""
        return self.importer_rent.sum(axis=(0, 2)) + self.exporter_rent.sum(axis=(0, 1))

    @cached_property
    def rent_by_quota(self) -> Array:
        """[q]"""
        q = self.problem.quotas
        return np.bincount(q.owner, self.cleared.rent, q.count).astype(float)
