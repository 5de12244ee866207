"""Who pays what to whom at a solution, and the numbers by country and sector that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index, ln_consumer_price, turned
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantity_limits import Quotas
from entrepot.equilibrium.stack import Bases, Stack


class Ledger:
    """The numbers that reported quantities are computed from (see `quantities`).

    It holds a point of one Problem, or of several with an axis [..] of members in front.
    """

    state: State
    cleared: Cleared

    @property
    def posed(self) -> Problem | Stack:
        """The Problem that was solved, or the Stack of several."""
        raise NotImplementedError

    @cached_property
    def sums(self) -> dict[str, Array]:
        """Over flows: tariff_revenue, export_taxes, quota_rent, imports, exports [.., n], import_share [.., j, n]."""
        raise NotImplementedError

    def traded(self, flow: Index) -> Array:
        """Producer value on flows [.., f]."""
        raise NotImplementedError

    def bought(self, flow: Index) -> Array:
        """User value on flows [.., f]."""
        raise NotImplementedError

    @property
    def economy(self) -> Economy | Bases:
        """The base, or bases."""
        return self.posed.economy

    @property
    def factors(self) -> Factors:
        """How labour and capital are supplied."""
        return self.posed.factors

    @property
    def unit(self) -> Array:
        """World value added over its base value [..], which removes the unit of account from amounts."""
        return np.asarray(self.cleared.value_added.sum(axis=-1) / self.economy.value_added.sum(axis=-1))

    @cached_property
    def ln_consumer_price(self) -> Array:
        """[.., n], a hat."""
        return ln_consumer_price(self.economy.final_share, self.state.ln_price)

    @property
    def consumption(self) -> Array:
        """I^ / prod_j P^_j^a_j [.., n]."""
        return self.cleared.income / self.economy.income / np.exp(self.ln_consumer_price)

    @cached_property
    @np.errstate(all="ignore")  # where a member has no equilibrium
    def real_income(self) -> Array:
        """Its change as a part of the base [.., n]: consumption, less what the change in work is worth."""
        s = self.state
        return self.consumption - self.factors.effort(s.ln_labour_income, s.ln_price, s.ln_keep) - 1

    @property
    def proceeds(self) -> dict[str, Array]:
        """Changes in duties, export taxes and subsidies on output from the base, and rents held, each [.., n].

        Export subsidies and taxes on output are negative.
        """
        of, e = self.sums, self.economy
        return {
            "tariff_revenue_change": of["tariff_revenue"] - e.tariff_revenue,
            "quota_rent": of["quota_rent"],
            "export_tax_change": of["export_taxes"] - e.export_tax_revenue,
            "subsidies_change": self.cleared.subsidies - e.subsidies,
        }

    @property
    def activity(self) -> Array:
        """Cost over that of the base [.., j, n]; NaN where nothing is made."""
        return ratio(self.cleared.cost, self.economy.cost)

    @property
    def capital_return(self) -> Array:
        """What a unit of a sector's own capital earns [.., j, n], a hat: activity over stock; NaN where it has none."""
        rental = self.activity * np.exp(-turned(self.factors.ln_capital))
        return np.where(turned(self.factors.capital) > 0, rental, np.nan)

    @property
    def profit(self) -> Array:
        """By sector [.., j, n]."""
        return self.cleared.cost * (self.economy.markup - 1)


def ratio(value: Array, base: Array) -> Array:
    """value / base; NaN where there is no base."""
    return np.divide(value, base, out=np.full(value.shape, np.nan), where=base > 0)


def abroad(value: Array) -> tuple[Array, Array]:
    """Return the imports and the exports of each country [n], from flows [j,n,i]: all but its own trade."""
    crossing = value.sum(axis=0)
    np.fill_diagonal(crossing, 0.0)
    return crossing.sum(axis=1), crossing.sum(axis=0)


def rents(cleared: Cleared, quotas: Quotas, rules: PriceRules) -> tuple[Array, Array]:
    """Return the rents that exporters hold, and all rents, on the flows of quotas and then of price rules [f].

    A flow is repeated for each quota and rule on it. Exporters hold what raises their price to a minimum.
    """
    undertaken = np.where(rules.exporter_holds, cleared.levied, 0.0)
    exporters = quotas.exporter_share.ravel()[quotas.owner] * cleared.rent
    return np.concatenate([exporters, undertaken]), np.concatenate([cleared.rent, undertaken])


class Split:
    """What users pay, split by who receives it.

    user_value = producer_value + export_tax + exporter_rent + importer_rent + duty. Duty includes specific duties,
    levies up to a minimum price and the surcharge beyond a tariff-rate quota; the gain from a price undertaking is
    rent. `exporter_rent` and `importer_rent` state who holds the rent, whichever the kind of licence.
    """

    producer_value: Array
    user_value: Array
    export_tax: Array
    exporter_rent: Array
    rent: Array

    @property
    def importer_rent(self) -> Array:
        """The rent that importers hold."""
        return self.rent - self.exporter_rent

    @property
    def duty(self) -> Array:
        """What the importing treasury collects."""
        return self.user_value - self.producer_value - self.export_tax - self.rent

    @property
    def border_value(self) -> Array:
        """What n pays i's side of the border: producer value, export tax and the rent that i holds."""
        return self.producer_value + self.export_tax + self.exporter_rent


@dataclass(frozen=True, eq=False)
class Accounts(Ledger, Split):
    """Flow by flow [j,n,i], in millions of US dollars, at a point of a Problem."""

    problem: Problem
    state: State
    cleared: Cleared
    producer_value: Array

    @classmethod
    def at(cls, problem: Problem, state: State, market: EquilibriumMap | None = None) -> Accounts:
        """Return the accounts of a Problem at a State, whether or not it is an equilibrium."""
        market = market or EquilibriumMap(problem)
        cleared = market.clear(state)
        return cls(problem, state, cleared, market.value(cleared))

    @property
    def economy(self) -> Economy:
        """The base."""
        return self.problem.economy

    @property
    def posed(self) -> Problem:
        """The Problem that was solved."""
        return self.problem

    @cached_property
    def sums(self) -> dict[str, Array]:
        """Sums over flows (see `Ledger.sums`)."""
        spent = self.user_value.sum(axis=2)
        foreign = spent - np.einsum("jnn->jn", self.user_value)
        share = np.divide(foreign, spent, out=np.zeros_like(spent), where=spent > 0)
        taxes = {"tariff_revenue": self.duty.sum(axis=(0, 2)), "export_taxes": self.export_tax.sum(axis=(0, 1))}
        trade = {"imports": self.imports, "exports": self.exports, "import_share": share}
        return {**taxes, "quota_rent": self.rent_held, **trade}

    @cached_property
    def first_order_parts(self) -> tuple[Array, Array]:
        """Terms of trade and volume of trade [n] as shares of base income (Caliendo and Parro 2015, eq. 16).

        Changes are proportional to the base. The parts are of first order and need not add up to the change in real
        income. They are at producer prices, so that an export tax or a rent held abroad is in neither. The split
        depends on the unit of account; it is computed in units of world value added whatever the closure's numeraire.
        """
        e = self.economy
        price_change = np.expm1(self.cleared.ln_producer_price - np.log(self.unit))  # [j,i]
        trade = e.value * self.foreign
        gain_on_imports = -trade * price_change[:, None, :]
        terms = gain_on_imports.sum(axis=(0, 2)) - gain_on_imports.sum(axis=(0, 1))
        more = np.where(self.foreign, self.producer_value / self.unit, 0.0) - trade + gain_on_imports
        volume = (e.tariff * more).sum(axis=(0, 2))
        return terms / e.income, volume / e.income

    def traded(self, flow: Index) -> Array:
        """Producer value on flows [f]."""
        return self.producer_value.ravel()[flow]

    def bought(self, flow: Index) -> Array:
        """User value on flows [f]."""
        return self.user_value.ravel()[flow]

    # ---- by flow ----

    @cached_property
    def user_value(self) -> Array:  # type: ignore[override]
        """What users pay, F' times every tax and wedge [j,n,i]."""
        p = self.problem
        gross = 1.0 + p.economy.tariff
        gross.ravel()[p.flow] = np.exp(p.ln_tariff + p.ln_export_tax)
        np.multiply.at(gross.ravel(), p.quotas.flow, np.exp(self.cleared.ln_wedge))
        np.multiply.at(gross.ravel(), p.price_rules.flow, np.exp(self.cleared.ln_rule_wedge))
        gross *= self.producer_value
        return gross

    @cached_property
    def export_tax(self) -> Array:  # type: ignore[override]
        """Export taxes paid, e' F' [j,n,i]."""
        return self.problem.export_tax * self.producer_value

    @cached_property
    def exporter_rent(self) -> Array:  # type: ignore[override]
        """Rents that exporters hold [j,n,i]."""
        return self._held(0)

    @cached_property
    def rent(self) -> Array:  # type: ignore[override]
        """All rents [j,n,i]."""
        return self._held(1)

    def _held(self, whose: int) -> Array:
        p = self.problem
        flow = np.concatenate([p.quotas.flow, p.price_rules.flow])
        return p.spread(flow, rents(self.cleared, p.quotas, p.price_rules)[whose])

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """True on the flows that cross a border [j,n,i]."""
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
        return self.cleared.access + np.zeros_like(self.income)

    @property
    def access_paid(self) -> Array:
        """[i]: what i's producers pay for access to markets, their own too."""
        return self.cleared.access_paid + np.zeros_like(self.income)

    @property
    def income(self) -> Array:
        """I' [n]."""
        return self.cleared.income

    @cached_property
    def revenue(self) -> Array:
        """Duties, export taxes and rents that country n has, less what it pays in subsidies [n]."""
        of = self.sums
        return of["tariff_revenue"] + of["export_taxes"] + of["quota_rent"] - self.cleared.subsidies

    @cached_property
    def imports(self) -> Array:
        """Foreign goods [n] at border value."""
        return abroad(self.border_value)[0]

    @cached_property
    def exports(self) -> Array:
        """Goods sold abroad [i] at border value."""
        return abroad(self.border_value)[1]

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
        """Rent by quota [q]."""
        q = self.problem.quotas
        return np.bincount(q.owner, self.cleared.rent, q.count).astype(float)
