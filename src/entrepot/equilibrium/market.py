"""The equilibrium map x -> f(x), whose fixed point is the world under the measures.

x stacks ln w^ [n], ln P^ [j,n], ln X^ [j,n], ln C^ [j,n] (where cost depends on activity), ln k^ [n] (where revenue
cuts the tax on labour) and ln(1+mu) [q]. pi k^-theta does not change while the equilibrium is sought but on flows
under a quota, a specific duty or a minimum price, so one map costs three matrix-vector products a sector (price sums,
sales by exporter, purchases by importer) and two a country (inputs to costs, outputs to demand), and no power of a
three-dimensional array.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.preconditioner import own_country_inverse
from entrepot.equilibrium.problem import Index, Problem

#: Sectors are taken in blocks of about this many bytes, so that a block's second reading comes from cache.
BLOCK_BYTES = 1 << 19
#: Spending is kept above this part of its base on the way; a solution that needs the floor is refused afterwards.
FLOOR = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """A point: logs of hats for wages [n], prices [j,n], spending [j,n], activity [j,n] and the part of a wage that tax
    leaves [n], and ln(1+mu) [q]. Activity and tax are empty where the closure has no use for them."""

    ln_wage: Array
    ln_price: Array
    ln_spending: Array
    ln_activity: Array
    ln_keep: Array
    ln_mu: Array

    def pack(self) -> Array:
        parts = (self.ln_wage, self.ln_price, self.ln_spending, self.ln_activity, self.ln_keep, self.ln_mu)
        return np.concatenate([part.ravel() for part in parts])


def unknowns(problem: Problem) -> int:
    """The length of x: wages, prices, spending, activities and taxes where they move, and last the quota wedges."""
    countries, cells = len(problem.economy.countries), problem.economy.output.size
    moving = cells * problem.factors.has_activity + countries * problem.factors.recycled
    return countries + 2 * cells + moving + problem.quotas.count


class Market:
    """The map of one Problem. Holds working arrays: use one for each solve."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        e = problem.economy
        self.sectors, self.countries = len(e.sectors), len(e.countries)
        self._cells = self.sectors * self.countries
        self.theta = e.theta[:, None]
        self._attraction, self._net_attraction = self._constant_wedges()
        self._blocks = self._sector_blocks()
        subsidised = problem.ln_subsidy.any()
        self._ln_subsidy = problem.ln_subsidy if subsidised else None
        self._subsidy_factor = np.exp(problem.ln_subsidy) if subsidised else None
        taxed_exports = np.flatnonzero(problem.ln_export_tax)
        self._export_tax = np.expm1(problem.ln_export_tax[taxed_exports])
        self._export_taxed = problem.flow[taxed_exports]
        self._taxed_at = self._indices(self._export_taxed)
        self._quotas()
        self._rules()
        self.factors = problem.factors
        self._activities = self._cells if problem.factors.has_activity else 0
        self._keeps = self.countries if problem.factors.recycled else 0
        self._world_value_added = e.value_added.sum()
        self._produced = e.output > 0
        self._output0 = np.where(self._produced, e.output, 1.0)
        self._bought = e.spending > 0
        self._spending0 = np.where(self._bought, e.spending, 1.0)

    # ---- set-up ----

    def _constant_wedges(self) -> tuple[Array, Array]:
        """pi k^-theta, and that over (1+t')(1+e'), with quota wedges at one and embargoed flows gone."""
        p, e = self.problem, self.problem.economy
        attraction, net = e.share.copy(), e.net_share.copy()
        if p.flow.size:
            theta = e.theta[p.flow // self.countries**2]
            ln_border = p.ln_tariff + p.ln_export_tax
            changed = e.share.ravel()[p.flow] * np.exp(-theta * (p.ln_iceberg + ln_border - p.ln_tariff_base))
            attraction.ravel()[p.flow] = changed
            net.ravel()[p.flow] = changed * np.exp(-ln_border)
        attraction.ravel()[p.embargoed] = 0.0
        net.ravel()[p.embargoed] = 0.0
        return attraction, net

    def _sector_blocks(self) -> list[tuple[slice, bool]]:
        """Runs of sectors with border wedges or without: without, what is spent is what producers get."""
        p, e = self.problem, self.problem.economy
        wedged = (e.tariff != 0).any(axis=(1, 2))
        wedged[p.flow // self.countries**2] = True
        wedged[p.quotas.flow // self.countries**2] = True
        wedged[p.price_rules.flow // self.countries**2] = True
        length = max(1, BLOCK_BYTES // (self.countries**2 * 8))
        cuts = {0, self.sectors, *(np.flatnonzero(np.diff(wedged)) + 1).tolist()}
        edges = sorted(cuts)
        return [
            (slice(start, min(start + length, stop)), bool(wedged[start]))
            for first, stop in itertools.pairwise(edges)
            for start in range(first, stop, length)
        ]

    def _quotas(self) -> None:
        q, p = self.problem.quotas, self.problem
        self._quota_at = self._indices(q.flow)
        self._quota_theta = p.economy.theta[self._quota_at[0]]
        self._quota_attraction = self._attraction.ravel()[q.flow]
        self._quota_net = self._net_attraction.ravel()[q.flow]
        # Duty and export tax that a licence's value is grossed up by: an export licence is bought before duty.
        ln_tariff, ln_export_tax = p.border_taxes(q.flow)
        self._quota_gross = np.exp(ln_export_tax + np.where(q.before_duty[q.owner], 0.0, ln_tariff))
        self._quota_exporter_share = q.exporter_share[q.owner]
        self._cap = np.exp(q.ln_cap)

    def _rules(self) -> None:
        r = self.problem.price_rules
        self._rule_at = self._indices(r.flow)
        self._rule_theta = self.problem.economy.theta[self._rule_at[0]]
        self._rule_attraction = self._attraction.ravel()[r.flow]
        self._rule_net = self._net_attraction.ravel()[r.flow]
        self._rule_tariff, self._rule_export_tax = self.problem.border_taxes(r.flow)
        self._rule_gross = np.exp(self._rule_export_tax + np.where(r.exporter_holds, 0.0, self._rule_tariff))

    def _indices(self, flow: Index) -> tuple[Index, Index, Index]:
        j, n, i = np.unravel_index(flow, self.problem.economy.value.shape)
        return j, n, i

    # ---- the map ----

    def unpack(self, x: Array) -> State:
        n, shape = self.countries, (self.sectors, self.countries)
        price, spending = n + self._cells, n + 2 * self._cells
        activity = spending + self._activities
        keep = activity + self._keeps
        active = x[spending:activity]
        return State(
            x[:n],
            x[n:price].reshape(shape),
            x[price:spending].reshape(shape),
            active.reshape(shape) if active.size else active,
            x[activity:keep],
            x[keep:],
        )

    def project(self, x: Array) -> Array:
        """Quota wedges back to where they have meaning: no subsidy to buy, none above the out-of-quota rate."""
        wedges = x[x.size - self.problem.quotas.count :]
        np.clip(wedges, 0.0, self.problem.quotas.ln_ceiling, out=wedges)
        return x

    def start(self) -> Array:
        return np.zeros(unknowns(self.problem))

    def step(self, x: Array) -> Array:
        """f(x)."""
        e, s = self.problem.economy, self.unpack(x)
        m = self.clear(s)
        factors = self.factors
        # World value added is the numeraire: what factors earn is brought to it.
        wages = eq.wage_bill(factors.labour, m.cost)
        rentals = (factors.capital.T * m.cost).sum() if self._activities else 0.0
        unit = self._world_value_added / (wages.sum() + rentals)
        ln_wage = factors.ln_wage(unit * wages, s.ln_price, s.ln_keep)
        wanted = eq.spending(e.final_share, m.income, e.inputs, m.cost)
        ratio = np.where(self._bought, np.maximum(wanted / self._spending0, FLOOR), 1.0)
        ln_price = -np.log(m.price_sum) / self.theta
        return State(
            ln_wage,
            ln_price,
            np.log(ratio),
            self._next_activity(m, unit),
            self._next_keep(s, m),
            self._next_wedge(s, m),
        ).pack()

    def _next_activity(self, m: Cleared, unit: float) -> Array:
        """C'/C: what specific capital earns, and with wages what employment is."""
        if not self._activities:
            return np.zeros(0)
        return np.log(np.where(self._produced, np.maximum(unit * m.cost / self._output0, FLOOR), 1.0))

    def _next_keep(self, s: State, m: Cleared) -> Array:
        """(1 - tau')/(1 - tau)."""
        if not self._keeps:
            return s.ln_keep
        tax = self.factors.next_tax(s.ln_price, m.labour_income, m.revenue)
        target = np.log(np.maximum(1 - tax, FLOOR) / (1 - self.factors.tax))
        return s.ln_keep + self.factors.tax_step * (target - s.ln_keep)

    def in_numeraire(self, s: State) -> State:
        """The same point in the closure's unit of account: all that is money moves together, wedges stay."""
        numeraire = self.problem.closure.numeraire
        if numeraire == "WORLD":
            return s
        unit = s.ln_wage[self.problem.economy.countries.index(numeraire)]
        money = ("ln_wage", "ln_price", "ln_spending", "ln_activity")
        return replace(s, **{key: getattr(s, key) - unit for key in money})

    def precondition(self, r: Array) -> Array:
        """(I - J)^-1 r by country (see `preconditioner`); taxes and quota wedges keep their own step."""
        n, sectors = self.countries, self.sectors
        blocks = 2 + bool(self._activities)
        end = n + blocks * self._cells
        size = float(np.abs(r).max()) or 1.0  # scaled, so that single precision holds the last digits too
        scaled = np.empty((n, 1 + blocks * sectors), dtype=np.float32)
        scaled[:, 0] = r[:n] / size
        scaled[:, 1:] = (r[n:end] / size).reshape(blocks * sectors, n).T
        step = np.matmul(own_country_inverse(self.problem.economy, self.factors), scaled[:, :, None])[:, :, 0]
        out = r.copy()
        out[:n] = step[:, 0]
        out[n:end] = step[:, 1:].T.ravel()
        out[:end] *= size
        return out

    def clear(self, s: State) -> Cleared:
        """What follows from wages, prices, spending and wedges: costs, sales, revenue, rents and income."""
        e, factors = self.problem.economy, self.factors
        ln_producer_price = self.ln_unit_cost(s)
        if self._ln_subsidy is not None:
            ln_producer_price = ln_producer_price - self._ln_subsidy
        sourcing = np.exp(-self.theta * ln_producer_price)
        spending = e.spending * np.exp(s.ln_spending)
        ln_labour = factors.ln_labour(s.ln_wage, s.ln_price, s.ln_keep)
        labour_income = factors.labour_income * np.exp(s.ln_wage + ln_labour)
        value_added = labour_income
        if self._activities:
            value_added = labour_income + (factors.capital_income * np.exp(s.ln_activity)).sum(axis=0)
        ln_wedge = self._set_wedges(s.ln_mu)
        ln_rule_wedge = self._set_rules(ln_producer_price, value_added)
        price_sum, demand, sales, purchases = self._trade(sourcing, spending)

        to_exporters, volume, rent, levied = self._to_exporters(
            ln_producer_price, sourcing, demand, ln_wedge, ln_rule_wedge
        )
        border = (spending - purchases).sum(axis=0)  # duties, export taxes and rents paid by n's users
        cost = sales
        subsidy = np.zeros(self.countries)
        if self._subsidy_factor is not None:
            cost = sales * self._subsidy_factor
            subsidy = (cost - sales).sum(axis=0)
        revenue = border + to_exporters - subsidy
        deficit = self._deficit(value_added, value_added + revenue)
        return Cleared(
            ln_producer_price=ln_producer_price,
            price_sum=price_sum,
            spending=spending,
            sourcing=sourcing,
            demand=demand,
            sales=sales,
            cost=cost,
            value_added=value_added,
            labour_income=labour_income,
            ln_labour=ln_labour,
            revenue=revenue,
            income=value_added + revenue + deficit,
            deficit=deficit,
            volume=volume,
            rent=rent,
            ln_wedge=ln_wedge,
            levied=levied,
            ln_rule_wedge=ln_rule_wedge,
        )

    def _to_exporters(
        self, ln_producer_price: Array, sourcing: Array, demand: Array, ln_wedge: Array, ln_rule_wedge: Array
    ) -> tuple[Array, Array, Array, Array]:
        """What of importers' payments exporters' treasuries and licence holders get: received less paid [n]; and the
        volume [q] and rent [f] of quotas, and what price rules levy [f]."""
        p, net = self.problem, np.zeros(self.countries)

        def flow_value(flow: Index, at: tuple[Index, Index, Index]) -> Array:
            j, n, i = at
            return self._net_attraction.ravel()[flow] * sourcing[j, i] * demand[j, n]

        def transfer(amount: Array, at: tuple[Index, Index, Index]) -> None:
            nonlocal net
            net += np.bincount(at[2], amount, self.countries) - np.bincount(at[1], amount, self.countries)

        if self._export_taxed.size:
            transfer(self._export_tax * flow_value(self._export_taxed, self._taxed_at), self._taxed_at)
        volume, rent, levied = np.zeros(0), np.zeros(0), np.zeros(0)
        if p.quotas.count:
            q, (j, _, i) = p.quotas, self._quota_at
            value = flow_value(q.flow, self._quota_at)
            volume = np.bincount(q.owner, value * np.exp(-ln_producer_price[j, i]), q.count).astype(float)
            filled = np.minimum(1.0, self._cap / np.maximum(volume, 1e-300))[q.owner]
            inside = np.where(np.isfinite(q.ln_surcharge), filled, 1.0)
            rent = inside * np.expm1(ln_wedge) * self._quota_gross * value
            transfer(self._quota_exporter_share * rent, self._quota_at)
        if p.price_rules.flow.size:
            levied = np.expm1(ln_rule_wedge) * self._rule_gross * flow_value(p.price_rules.flow, self._rule_at)
            transfer(np.where(p.price_rules.exporter_holds, levied, 0.0), self._rule_at)
        return net, volume, rent, levied

    def ln_unit_cost(self, s: State) -> Array:
        """ln c^ [j,i] = (labour + gamma) ln w^ + sum_k g ln P^ + (capital - gamma) ln C^."""
        ln_cost = eq.ln_unit_cost(s.ln_wage, s.ln_price, self.factors.wage_exponent, self.problem.economy.inputs)
        return ln_cost + self.factors.activity_exponent.T * s.ln_activity if self._activities else ln_cost

    def value(self, m: Cleared) -> Array:
        """F'[j,n,i], producer value of every flow at a point whose wedges were the last set."""
        return self._net_attraction * m.sourcing[:, None, :] * m.demand[:, :, None]

    def _trade(self, sourcing: Array, spending: Array) -> tuple[Array, Array, Array, Array]:
        price_sum, demand = np.empty_like(spending), np.empty_like(spending)
        sales, purchases = np.empty_like(spending), np.empty_like(spending)
        for block, wedged in self._blocks:
            u, net = sourcing[block], self._net_attraction[block]
            price_sum[block] = phi = eq.price_sum(self._attraction[block] if wedged else net, u)
            demand[block] = v = spending[block] / phi
            sales[block] = eq.producer_sales(net, u, v)
            purchases[block] = eq.producer_purchases(net, u, v) if wedged else spending[block]
        return price_sum, demand, sales, purchases

    def _set_wedges(self, ln_mu: Array) -> Array:
        q = self.problem.quotas
        if not q.count:
            return ln_mu
        ln_wedge = q.ln_wedge(ln_mu)
        factor = np.exp(-self._quota_theta * ln_wedge)
        self._attraction.ravel()[q.flow] = self._quota_attraction * factor
        self._net_attraction.ravel()[q.flow] = self._quota_net * factor * np.exp(-ln_wedge)
        return ln_wedge

    def _set_rules(self, ln_producer_price: Array, value_added: Array) -> Array:
        """The wedges of specific duties and minimum prices, which are in units of world value added."""
        r = self.problem.price_rules
        if not r.flow.size:
            return np.zeros(0)
        ln_unit = np.log(value_added.sum() / self.problem.economy.value_added.sum())
        j, _, i = self._rule_at
        ln_wedge = r.ln_wedge(ln_producer_price[j, i] + self._rule_export_tax - ln_unit, self._rule_tariff)
        factor = np.exp(-self._rule_theta * ln_wedge)
        self._attraction.ravel()[r.flow] = self._rule_attraction * factor
        self._net_attraction.ravel()[r.flow] = self._rule_net * factor * np.exp(-ln_wedge)
        return ln_wedge

    def _next_wedge(self, s: State, m: Cleared) -> Array:
        """0 <= mu _|_ cap - volume >= 0: the wedge moves by the log gap over 1 + theta, within its bounds."""
        q = self.problem.quotas
        if not q.count:
            return s.ln_mu
        gap = np.log(np.maximum(m.volume, 1e-300)) - q.ln_cap
        return np.clip(s.ln_mu + gap / (1.0 + q.theta), 0.0, q.ln_ceiling)

    def _deficit(self, value_added: Array, earned: Array) -> Array:
        e = self.problem.economy
        base = eq.standing_deficit(e.deficit, e.income)
        if self.problem.closure.deficit == "gdp_share":
            return base / e.income.sum() * earned.sum()
        if self.problem.closure.deficit == "own_share":
            owed = base / e.value_added * value_added
            return owed - value_added * (owed.sum() / value_added.sum())
        return base * (value_added.sum() / e.value_added.sum())


@dataclass(frozen=True, eq=False, slots=True)
class Cleared:
    """Quantities at a point of the map: [j,i] or [j,n]; value_added to deficit [n]; volume [q]; rent, ln_wedge [f] of
    quotas; levied, ln_rule_wedge [f] of price rules. revenue: duties, export taxes and rents held, less subsidies."""

    ln_producer_price: Array
    price_sum: Array
    spending: Array
    sourcing: Array
    demand: Array
    sales: Array
    cost: Array
    value_added: Array
    labour_income: Array
    ln_labour: Array
    revenue: Array
    income: Array
    deficit: Array
    volume: Array
    rent: Array
    ln_wedge: Array
    levied: Array
    ln_rule_wedge: Array
