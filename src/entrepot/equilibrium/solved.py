"""Problems solved side by side, and the numbers that are read from them member by member without a table each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.links import Places
from entrepot.equilibrium.market import Cleared, Market, State, unknowns
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import own_sales
from entrepot.errors import ConvergenceError
from entrepot.measures import Measure


@dataclass(frozen=True, eq=False)
class Flows:
    """Some flows of every member [b, f]: a dollar that users pay, as in `Accounts`, and its volume at base prices."""

    producer_value: Array
    user_value: Array
    export_tax: Array
    exporter_rent: Array
    importer_rent: Array
    real: Array

    @property
    def duty(self) -> Array:
        return self.user_value - self.producer_value - self.export_tax - self.exporter_rent - self.importer_rent

    @property
    def border_value(self) -> Array:
        return self.producer_value + self.export_tax + self.exporter_rent


@dataclass(frozen=True, eq=False, repr=False)
class Solved:
    """Problems of one shape and closure solved side by side [b].

    gap         largest relative gap in any equilibrium condition, by member; not a number where none was found
    iterations  maps taken
    failures    why, by member; its numbers are not numbers
    """

    market: Market
    state: State
    cleared: Cleared
    gap: Array
    iterations: NDArray[np.intp]
    failures: dict[int, ConvergenceError]
    tol: float
    seconds: float

    @property
    def problems(self) -> tuple[Problem, ...]:
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
        state = Market(problem).unpack(self.point(k))
        accounts = Accounts.at(problem, state)
        return Outcome(
            problem=problem,
            state=state,
            accounts=accounts,
            tol=self.tol,
            iterations=int(self.iterations[k]),
            seconds=self.seconds / len(self.problems),
        )

    # ---- by country [b, n] ----

    @cached_property
    def _missing(self) -> Array:
        return np.where(self.found, 0.0, np.nan)

    @cached_property
    def ln_consumer_price(self) -> Array:
        return eq.ln_consumer_price(self.market.stack.economy.final_share, self.state.ln_price)

    @cached_property
    @np.errstate(all="ignore")  # what is no number, without an equilibrium, is masked
    def real_income(self) -> Array:
        """Real income as a ratio to the base, less one."""
        e, m = self.market.stack.economy, self.cleared
        effort = self.market.factors.effort(self.state.ln_labour_income, self.state.ln_price, self.state.ln_keep)
        return m.income / e.income / np.exp(self.ln_consumer_price) - effort - 1 + self._missing[:, None]

    @np.errstate(all="ignore")
    def countries(self) -> dict[str, Array]:
        """The columns of `Outcome.countries`, each [b, n], but for the first-order terms and the labour tax."""
        e, m, none = self.market.stack.economy, self.cleared, self._missing[:, None]
        rents = self._rents
        purchases, sales = m.purchases.sum(axis=-2), m.sales.sum(axis=-2)
        own = own_sales(self.market, m).sum(axis=-2)
        taxed, tax = self._export_taxes
        held = self._by(rents.at, rents.exporter_rent, "exporter")
        lost = self._by(rents.at, rents.exporter_rent, "importer")
        kept = self._by(rents.at, rents.importer_rent, "importer")
        collected, taxes_paid = (self._by(taxed, tax, side) for side in ("exporter", "importer"))
        table = {
            "real_income_pct": 100 * self.real_income,
            "equivalent_variation": e.income * self.real_income,
            "real_wage_pct": 100 * np.expm1(m.ln_wage - self.ln_consumer_price),
            "tariff_revenue": m.spending.sum(axis=-2) - purchases - lost - kept - taxes_paid,
            "quota_rent": held + kept,
            "profits": m.profits,
            "exports": sales - own + held + collected,
            "imports": purchases - own + lost + taxes_paid,
            "consumer_price_pct": 100 * np.expm1(self.ln_consumer_price),
            "employment_pct": 100 * np.expm1(m.ln_labour),
        }
        return {name: number + none for name, number in table.items()}

    @np.errstate(all="ignore")
    def sector(self, country: int, sector: int) -> dict[str, Array]:
        """One row of `Outcome.sectors`, each number by member [b]."""
        e, m, factors = self.market.stack.economy, self.cleared, self.market.factors
        at = (slice(None), sector, country)

        def base(array: Array) -> Array:
            return array[..., sector, country]

        def share(array: Array) -> Array:
            return array[..., country, sector]

        output, cost = base(e.output), m.cost[at]
        activity = np.where(output > 0, cost / base(e.cost), np.nan)
        profit = cost * (base(e.markup) - 1)
        flow = np.ravel_multi_index((sector, country, country), self.problems[0].economy.value.shape)
        own = self.flows(np.array([flow])).user_value[:, 0]
        kept = share(factors.capital) > 0
        price = np.exp(self.ln_consumer_price[:, country])
        table = {
            "output_volume_pct": 100 * (m.sales[at] / output * np.exp(-m.ln_producer_price[at]) - 1),
            "output_value": m.sales[at],
            "value_added": share(e.gross_margin) * cost,
            "operating_surplus": share(factors.surplus) * cost + profit,
            "profit": profit,
            "capital_return_pct": np.where(kept, 100 * (activity / price - 1), np.nan),
            "sector_employment_pct": 100 * (activity * np.exp(-m.ln_wage[:, country]) - 1),
            "producer_price_pct": 100 * np.expm1(m.ln_producer_price[at]),
            "price_pct": 100 * np.expm1(self.state.ln_price[at]),
            "real_price_pct": 100 * np.expm1(self.state.ln_price[at] - self.ln_consumer_price[:, country]),
            "import_share": np.where(base(e.spending) > 0, 1 - own / m.spending[at], 0.0),
        }
        return {name: np.broadcast_to(number, len(cost)) + self._missing for name, number in table.items()}

    # ---- by flow [b, f] ----

    @np.errstate(all="ignore")
    def flows(self, flow: Index) -> Flows:
        """Flows at flat positions in [j,n,i], the same for every member."""
        count, shape = len(self.problems), self.problems[0].economy.value.shape
        at = Places.of(np.tile(flow, count), np.repeat(np.arange(count), flow.size), shape, True)
        size = self.problems[0].economy.value.size
        m, p, none = self.cleared, self.market.stack, np.repeat(self._missing, flow.size)
        producer = self.market.links.net_on(at) * m.sourcing[at.source] * m.demand[at.sink] + none
        tariff = p.economy.tariff
        base = np.log1p(tariff.ravel()[at.flow] if tariff.ndim == 3 else tariff.ravel()[at.member * size + at.flow])
        wanted = at.member * size + at.flow

        def on(places: Places, values: Array, default: Array | float = 0.0) -> Array:
            if not places.flow.size:
                return np.broadcast_to(default, wanted.shape)
            key, which = np.unique(places.member * size + places.flow, return_inverse=True)
            total = np.bincount(which, values, key.size)  # a flow under two measures has both of theirs
            slot = np.minimum(np.searchsorted(key, wanted), key.size - 1)
            return np.where(key[slot] == wanted, total[slot], default)

        ln_export_tax = on(p.at, p.ln_export_tax)
        gross = np.exp(on(p.at, p.ln_tariff, base) + ln_export_tax)
        gross = gross * np.exp(on(p.quota_at, m.ln_wedge) + on(p.rule_at, m.ln_rule_wedge))
        rents = self._rents
        parts = {
            "producer_value": producer,
            "user_value": gross * producer,
            "export_tax": np.expm1(ln_export_tax) * producer,
            "exporter_rent": on(rents.at, rents.exporter_rent),
            "importer_rent": on(rents.at, rents.importer_rent),
            "real": producer * np.exp(-m.ln_producer_price[at.source]),
        }
        return Flows(**{name: part.reshape(count, flow.size) for name, part in parts.items()})

    def volumes(self, measure: Measure) -> Array:
        """Trade on a measure's flows at base producer prices [b], in millions of US dollars."""
        return self.flows(measure.flows(self.problems[0].economy)).real.sum(axis=1)

    @cached_property
    def _rents(self) -> _Rents:
        p, m = self.market.stack, self.cleared
        by = p.quotas.exporter_share.ravel()[p.quotas.owner]
        undertaken = np.where(p.rules.exporter_holds, m.levied, 0.0)
        return _Rents(
            p.quota_at.and_(p.rule_at),
            np.concatenate([by * m.rent, undertaken]),
            np.concatenate([(1 - by) * m.rent, np.zeros_like(undertaken)]),
        )

    @cached_property
    def _export_taxes(self) -> tuple[Places, Array]:
        p, m, at = self.market.stack, self.cleared, self.market.taxed_at
        rate = np.expm1(p.ln_export_tax[np.flatnonzero(p.ln_export_tax)])
        return at, rate * self.market.links.net_on(at) * m.sourcing[at.source] * m.demand[at.sink]

    def _by(self, at: Places, amount: Array, side: str) -> Array:
        count, countries = len(self.problems), self.market.countries
        return np.bincount(getattr(at, side), amount, count * countries).astype(float).reshape(count, countries)


@dataclass(frozen=True, eq=False, slots=True)
class _Rents:
    at: Places
    exporter_rent: Array
    importer_rent: Array
