"""Who pays what to whom, flow by flow, at a solution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array
from entrepot.equilibrium.market import Market, State
from entrepot.equilibrium.problem import Problem


@dataclass(frozen=True, eq=False)
class Accounts:
    """Flows [j,n,i] in millions of US dollars at a point of a Problem. A dollar that n's users pay splits into

    user_value = producer_value + export_tax + exporter_rent + importer_rent + duty

    where duty holds the surcharge of a tariff-rate quota beyond its quota. `exporter_rent` and `importer_rent` say who
    holds the rent, not which kind of licence it is.
    """

    problem: Problem
    producer_value: Array
    user_value: Array
    export_tax: Array
    rent: Array
    exporter_rent: Array
    duty: Array
    ln_producer_price: Array  # [j,i]
    income: Array  # [n]
    deficit: Array  # [n]
    volume: Array  # [q], at base producer prices
    rent_by_quota: Array  # [q]

    @classmethod
    def at(cls, problem: Problem, state: State, market: Market | None = None) -> Accounts:
        market = market or Market(problem)
        m = market.clear(state)
        value = market.value(m)
        q = problem.quotas
        tariff, export_tax = np.expm1(_dense_log_tariff(problem)), problem.export_tax
        rent, exporter_rent = np.zeros(value.size), np.zeros(value.size)
        rent[q.flow] = m.rent
        exporter_rent[q.flow] = q.exporter_share[q.owner] * m.rent
        rent, exporter_rent = rent.reshape(value.shape), exporter_rent.reshape(value.shape)
        user_value = value * (1.0 + tariff) * (1.0 + export_tax)
        user_value.ravel()[q.flow] *= np.exp(m.ln_wedge)
        return cls(
            problem=problem,
            producer_value=value,
            user_value=user_value,
            export_tax=export_tax * value,
            rent=rent,
            exporter_rent=exporter_rent,
            duty=user_value - value * (1.0 + export_tax) - rent,
            ln_producer_price=m.ln_producer_price,
            income=m.income,
            deficit=m.deficit,
            volume=m.volume,
            rent_by_quota=np.bincount(q.owner, m.rent, q.count) if q.count else np.zeros(0),
        )

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        return ~self.problem.economy.domestic

    @property
    def border_value(self) -> Array:
        """What n pays i's side of the border: producer value, export tax and the rent that i holds."""
        return self.producer_value + self.export_tax + self.exporter_rent

    @property
    def importer_rent(self) -> Array:
        return self.rent - self.exporter_rent

    @property
    def paid_abroad(self) -> Array:
        """Imports [n] at border value."""
        imports: Array = (self.border_value * self.foreign).sum(axis=(0, 2))
        return imports

    @property
    def received_from_abroad(self) -> Array:
        """Exports [i] at border value."""
        exports: Array = (self.border_value * self.foreign).sum(axis=(0, 1))
        return exports

    @property
    def net_rent_from_abroad(self) -> Array:
        """Rents received on exports minus rents paid to foreign holders [n]."""
        net: Array = self.exporter_rent.sum(axis=(0, 1)) - self.exporter_rent.sum(axis=(0, 2))
        return net

    @property
    def rent_held(self) -> Array:
        """All rents that country n holds, on its imports and its exports [n]."""
        held: Array = self.importer_rent.sum(axis=(0, 2)) + self.exporter_rent.sum(axis=(0, 1))
        return held

    @property
    def subsidy_cost(self) -> Array:
        """[n]"""
        cost: Array = (np.expm1(self.problem.ln_subsidy) * self.producer_value.sum(axis=1)).sum(axis=0)
        return cost

    @cached_property
    def embargoed(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.producer_value.size, dtype=bool)
        mask[self.problem.embargoed] = True
        return mask.reshape(self.producer_value.shape)

    @cached_property
    def ln_user_wedge_hat(self) -> Array:
        """ln k^[j,n,i]: the change in what stands between the producer's price and the user's."""
        p = self.problem
        ratio = np.ones_like(self.user_value)
        traded = self.producer_value > 0
        np.divide(self.user_value, self.producer_value, out=ratio, where=traded)
        ln_wedge: Array = np.where(traded, np.log(ratio) - np.log1p(p.economy.tariff) + p.ln_iceberg_full, 0.0)
        return ln_wedge

    @property
    def real_flow(self) -> Array:
        """q[j,n,i] = F'/p^: volume at base producer prices."""
        flow: Array = self.producer_value * np.exp(-self.ln_producer_price)[:, None, :]
        return flow


def _dense_log_tariff(problem: Problem) -> Array:
    ln_tariff: Array = np.log1p(problem.economy.tariff)
    ln_tariff.ravel()[problem.flow] = problem.ln_tariff
    return ln_tariff
