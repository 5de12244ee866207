"""Problems solved side by side, and their numbers by member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.accounts import Accounts, Ledger, Split, rents
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State, unknowns
from entrepot.equilibrium.industry import industry_numbers
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantities import read
from entrepot.equilibrium.residuals import own_sales
from entrepot.equilibrium.stack import Stack
from entrepot.equilibrium.trade_links import Places, looked_up
from entrepot.errors import ConvergenceError
from entrepot.measures import Measure


@dataclass(frozen=True, eq=False)
class Flows(Split):
    """Some flows of every member [b, f], and their volume at base prices."""

    producer_value: Array
    user_value: Array
    export_tax: Array
    exporter_rent: Array
    rent: Array
    real: Array


@dataclass(frozen=True, eq=False, repr=False)
class Solved(Ledger):
    """Problems of one shape and closure solved side by side [b].

    gap         largest relative gap in any equilibrium condition, by member; NaN where no equilibrium was found
    iterations  maps taken
    failures    the error by member; all numbers of such a member are NaN
    """

    market: EquilibriumMap
    state: State
    cleared: Cleared
    gap: Array
    iterations: NDArray[np.intp]
    failures: dict[int, ConvergenceError]
    tol: float
    seconds: float

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The Problems, in the order of the members."""
        return self.market.stack.problems

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which members have an equilibrium [b]."""
        return np.isfinite(self.gap)

    def point(self, k: int) -> Array:
        """The stacked unknowns of member k alone, to start another search from."""
        return self.state.member(k).pack()[: unknowns(self.problems[k])]

    def outcome(self, k: int) -> Outcome:
        """Member k whole, with its own proof. Raises its `ConvergenceError`."""
        if k in self.failures:
            raise self.failures[k]
        problem = self.problems[k]
        market = EquilibriumMap(problem)
        state = market.unpack(self.point(k))
        accounts = Accounts.at(problem, state, market)
        return Outcome(
            problem=problem,
            state=state,
            accounts=accounts,
            tol=self.tol,
            iterations=int(self.iterations[k]),
            seconds=self.seconds / len(self.problems),
        )

    @property
    def posed(self) -> Stack:
        """The Stack that was solved."""
        return self.market.stack

    @cached_property
    def _missing(self) -> Array:
        return np.where(self.found, 0.0, np.nan)

    @cached_property
    @np.errstate(all="ignore")
    def sums(self) -> dict[str, Array]:
        """Sums over flows, by member (see `Ledger.sums`)."""
        m, at, (held, rent), (taxed, tax) = self.cleared, self._held_at, self._rents, self._export_taxes
        collected, paid = self._by(taxed, tax, "exporter"), self._by(taxed, tax, "importer")
        received, lost = self._by(at, held, "exporter"), self._by(at, held, "importer")
        licences = self._by(at, rent, "importer")
        purchases, own = m.purchases.sum(axis=-2), own_sales(self.market, m).sum(axis=-2)
        bought_at_home = self.market.links.at_home()[0] * m.sourcing * m.demand
        return {
            "tariff_revenue": m.spending.sum(axis=-2) - purchases - licences - paid,
            "export_taxes": collected,
            "quota_rent": received + licences - lost,
            "imports": purchases - own + lost + paid,
            "exports": m.sales.sum(axis=-2) - own + received + collected,
            "import_share": np.where(self.economy.spending > 0, 1 - bought_at_home / m.spending, 0.0),
        }

    def traded(self, flow: Index) -> Array:
        """Producer value on flows [b, f]."""
        return self.flows(flow).producer_value

    def bought(self, flow: Index) -> Array:
        """User value on flows [b, f]."""
        return self.flows(flow).user_value

    # ---- numbers by country [b, n] and sector [b] ----

    @np.errstate(all="ignore")
    def countries(self) -> dict[str, Array]:
        """The columns of `Outcome.countries`, each [b, n], but for the first-order terms and the labour tax."""
        return {key: number + self._missing[:, None] for key, number in read("country", self).items()}

    @np.errstate(all="ignore")
    def sector(self, country: int, sector: int) -> dict[str, Array]:
        """One row of `Outcome.sectors`, each number by member [b]."""
        return {key: number[:, sector, country] + self._missing for key, number in read("sector", self).items()}

    @np.errstate(all="ignore")
    def industry(self, countries: Sequence[int], sector: int) -> dict[str, Array]:
        """A sector in several countries together (see `industry_numbers`), each number by member [b]."""
        return {key: number + self._missing for key, number in industry_numbers(self, countries, sector).items()}

    # ---- by flow [b, f] ----

    @np.errstate(all="ignore")
    def flows(self, flow: Index) -> Flows:
        """Flows at flat positions in [j,n,i], the same for every member."""
        count, shape = len(self.problems), self.problems[0].economy.value.shape
        at = Places.of(np.tile(flow, count), np.repeat(np.arange(count), flow.size), shape, True)
        m, p, none = self.cleared, self.market.stack, np.repeat(self._missing, flow.size)
        producer = self._value_on(at) + none
        tariff, wanted = p.economy.tariff, at.key
        base = np.log1p(tariff.ravel()[at.flow if tariff.ndim == 3 else wanted])

        def on(places: Places, values: Array, default: Array | float = 0.0) -> Array:
            key, which = np.unique(places.key, return_inverse=True)
            total = np.bincount(which, values, key.size).astype(float)  # a flow under two measures has both of theirs
            return looked_up(key, total, wanted, default)

        ln_export_tax = on(p.at, p.ln_export_tax)
        gross = np.exp(on(p.at, p.ln_tariff, base) + ln_export_tax)
        gross = gross * np.exp(on(p.quota_at, m.ln_wedge) + on(p.rule_at, m.ln_rule_wedge))
        held, rent = self._rents
        parts = {
            "producer_value": producer,
            "user_value": gross * producer,
            "export_tax": np.expm1(ln_export_tax) * producer,
            "exporter_rent": on(self._held_at, held),
            "rent": on(self._held_at, rent),
            "real": producer * np.exp(-m.ln_producer_price[at.source]),
        }
        return Flows(**{name: part.reshape(count, flow.size) for name, part in parts.items()})

    def volumes(self, measure: Measure) -> Array:
        """Trade on a measure's flows at base producer prices [b], in millions of US dollars."""
        return self.flows(measure.flows(self.problems[0].economy)).real.sum(axis=1)

    @cached_property
    def _held_at(self) -> Places:
        return self.market.stack.quota_at.and_(self.market.stack.rule_at)

    @cached_property
    def _rents(self) -> tuple[Array, Array]:
        return rents(self.cleared, self.market.stack.quotas, self.market.stack.rules)

    @cached_property
    def _export_taxes(self) -> tuple[Places, Array]:
        market = self.market
        rate = np.expm1(market.stack.ln_export_tax[market.taxed])
        return market.taxed_at, rate * self._value_on(market.taxed_at)

    def _value_on(self, at: Places) -> Array:
        """Producer value on any flows [f]."""
        return self.market.links.net_on(at) * self.cleared.sourcing[at.source] * self.cleared.demand[at.sink]

    def _by(self, at: Places, amount: Array, side: str) -> Array:
        count, countries = len(self.problems), self.market.countries
        return np.bincount(getattr(at, side), amount, count * countries).astype(float).reshape(count, countries)
