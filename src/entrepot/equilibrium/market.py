"""The equilibrium map x -> f(x), whose fixed point is the world under the measures.

x stacks ln w^ [n], ln P^ [j,n], ln X^ [j,n], ln C^ [j,n] (where cost depends on activity), ln k^ [n] (where revenue
cuts the tax on labour) and ln(1+mu) [q]. pi k^-theta does not change while the equilibrium is sought but on flows
under a quota, a specific duty or a minimum price, so one map costs three matrix-vector products a sector (price sums,
sales by exporter, purchases by importer) and two a country (inputs to costs, outputs to demand), and no power of a
three-dimensional array.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.links import OwnLinks, Places, SharedLinks, links
from entrepot.equilibrium.modes import Modes
from entrepot.equilibrium.preconditioner import own_country_inverse
from entrepot.equilibrium.problem import AS_DUTY, AT_BORDER, LANDED, Problem
from entrepot.equilibrium.stack import Stack

Mask = NDArray[np.bool_]
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
        members = self.ln_wage.shape[:-1]
        return np.concatenate([part.reshape(*members, -1) for part in parts if part.size], axis=-1)

    def member(self, k: int) -> State:
        """Of a stack."""
        return State(*(getattr(self, f.name)[k] for f in fields(self)))


def unknowns(problem: Problem) -> int:
    """The length of x: wages, prices, spending, activities and taxes where they move, and last the quota wedges."""
    countries, cells = len(problem.economy.countries), problem.economy.output.size
    moving = cells * problem.factors.has_activity + countries * problem.factors.recycled
    return countries + 2 * cells + moving + problem.quotas.count


class Market:
    """The map of one Problem, or of several side by side. Holds working arrays: use one for each solve."""

    def __init__(self, problems: Problem | Sequence[Problem], quotas: int = 0, modes: Modes | None = None) -> None:
        self.modes = modes
        self.stack = p = Stack.of(problems, quotas)
        self.problem = p.problems[0]
        self.members = p.members
        e = p.economy
        self.sectors, self.countries, _ = self.problem.economy.value.shape
        self._cells = self.sectors * self.countries
        self.theta = e.theta[..., None]
        self.links = self._constant_links()
        subsidised = p.ln_subsidy.any()
        self._ln_subsidy = p.ln_subsidy if subsidised else None
        self._subsidy_factor = np.exp(p.ln_subsidy) if subsidised else None
        self._taxes()
        self._wedges()
        self._quotas()
        self._rules()
        self.factors = p.factors
        self._activities = self._cells if p.factors.has_activity else 0
        self._keeps = self.countries if p.factors.recycled else 0
        self._world_value_added = e.value_added.sum(axis=-1)
        self._produced, self._bought = e.output > 0, e.spending > 0
        self._output0 = np.where(self._produced, e.output, 1.0)
        self._spending0 = np.where(self._bought, e.spending, 1.0)
        self._gaps_in_output, self._gaps_in_spending = (None if m.all() else m for m in (self._produced, self._bought))

    # ---- set-up ----

    def _constant_links(self) -> OwnLinks | SharedLinks:
        """pi k^-theta, and that over (1+t')(1+e'), with quota wedges at one and embargoed flows gone."""
        p, e = self.stack, self.stack.economy
        touched = [p.at, p.removed, p.quota_at, p.rule_at]
        member, flow = (np.concatenate([getattr(at, key) for at in touched]) for key in ("member", "flow"))
        wedged = (e.tariff != 0).any(axis=(-2, -1)).reshape(-1, self.sectors).any(axis=0)
        wedged[flow // self.countries**2] = True
        every = Places.of(flow, member, self.problem.economy.value.shape, bool(self.members))
        made = links(e.share, e.net_share, self.members, wedged, every)
        if p.at.flow.size:
            slots = made.slots(p.at)
            base, _ = made.read(slots)
            ln_border = p.ln_tariff + p.ln_export_tax
            changed = base * np.exp(-self._theta_on(p.at) * (p.ln_iceberg + ln_border - p.ln_tariff_base))
            made.set(slots, changed, changed * np.exp(-ln_border))
        made.set(made.slots(p.removed), 0.0, 0.0)
        return made

    def _theta_on(self, at: Places) -> Array:
        theta = self.stack.economy.theta
        return theta[at.member, at.sector] if theta.ndim == 2 else theta[at.sector]

    def _taxes(self) -> None:
        p = self.stack
        taxed = np.flatnonzero(p.ln_export_tax)
        self._export_tax = np.expm1(p.ln_export_tax[taxed])
        self.taxed_at = p.at.some(taxed)
        self._taxed_slots = self.links.slots(self.taxed_at)

    def _wedges(self) -> None:
        """Of flows under quotas and price rules [w]: their place among the links, which their wedges will move."""
        p = self.stack
        self._wedge_slots = self.links.slots(p.wedge_at)
        self._wedge_theta = self._theta_on(p.wedge_at)
        self._wedge_attraction, self._wedge_net = self.links.read(self._wedge_slots)
        self._one_wedge_a_flow = p.quota_on.size + p.rule_on.size == self._wedge_slots.size

    def _quotas(self) -> None:
        p, q = self.stack, self.stack.quotas
        self.quota_at = p.quota_at
        self._quota_slots = self.links.slots(p.quota_at)
        self._stage = q.stage
        # An export licence is bought before duty, others after it: what their value is grossed up by.
        self._quota_gross = np.exp(p.quota_export_tax + np.where(self._stage == AT_BORDER, 0.0, p.quota_tariff))
        self._quota_exporter_share = q.exporter_share.ravel()[q.owner]
        self._cap = np.exp(q.ln_cap)

    def _rules(self) -> None:
        p, r = self.stack, self.stack.rules
        self._rule_slots = self.links.slots(p.rule_at)
        self._rule_gross = np.exp(p.rule_export_tax + np.where(r.exporter_holds, 0.0, p.rule_tariff))

    # ---- the map ----

    def unpack(self, x: Array) -> State:
        n, shape = self.countries, (*self.members, self.sectors, self.countries)
        price, spending = n + self._cells, n + 2 * self._cells
        activity = spending + self._activities
        keep = activity + self._keeps
        active = x[..., spending:activity]
        return State(
            x[..., :n],
            x[..., n:price].reshape(shape),
            x[..., price:spending].reshape(shape),
            active.reshape(shape) if active.size else active,
            x[..., activity:keep],
            x[..., keep:],
        )

    def project(self, x: Array) -> Array:
        """Quota wedges back to where they have meaning: no subsidy to buy, none above the out-of-quota rate."""
        q = self.stack.quotas
        wedges = x[..., x.shape[-1] - q.count :]
        np.clip(wedges, 0.0, q.ln_ceiling, out=wedges)
        return x

    def start(self) -> Array:
        first = self.problem
        return np.zeros((*self.members, unknowns(first) - first.quotas.count + self.stack.quotas.count))

    def step(self, x: Array) -> Array:
        """f(x)."""
        e, s = self.stack.economy, self.unpack(x)
        m = self.clear(s)
        factors = self.factors
        # World value added is the numeraire: what factors earn is brought to it.
        wages = eq.wage_bill(factors.labour, m.cost)
        rentals = eq.wage_bill(factors.capital, m.cost).sum(axis=-1) if self._activities else 0.0
        unit = np.asarray(self._world_value_added / (wages.sum(axis=-1) + rentals))
        ln_wage = factors.ln_wage(unit[..., None] * wages, s.ln_price, s.ln_keep)
        wanted = eq.spending(e.final_share, m.income, e.inputs, m.cost)
        return State(
            ln_wage,
            np.log(m.price_sum) / -self.theta,
            self._ln_hat(wanted, self._spending0, self._gaps_in_spending),
            self._next_activity(m, unit),
            self._next_keep(s, m),
            self._next_wedge(s, m),
        ).pack()

    def _next_activity(self, m: Cleared, unit: Array) -> Array:
        """C'/C: what specific capital earns, and with wages what employment is."""
        if not self._activities:
            return np.zeros(0)
        return self._ln_hat(unit[..., None, None] * m.cost, self._output0, self._gaps_in_output)

    def _ln_hat(self, level: Array, base: Array, something: Mask | None) -> Array:
        """ln of level/base [.., j, n], above a floor; zero where there is nothing in the base."""
        hat = level / base
        np.maximum(hat, FLOOR, out=hat)
        if something is not None:
            hat = np.where(something, hat, 1.0)
        return np.log(hat, out=hat)

    def _next_keep(self, s: State, m: Cleared) -> Array:
        """(1 - tau')/(1 - tau)."""
        if not self._keeps:
            return s.ln_keep
        tax = self.factors.next_tax(s.ln_price, m.labour_income, m.revenue)
        target = np.log(np.maximum(1 - tax, FLOOR) / (1 - self.factors.tax))
        return s.ln_keep + self.factors.tax_step * (target - s.ln_keep)

    def in_numeraire(self, s: State) -> State:
        """The same point in the closure's unit of account: all that is money moves together, wedges stay."""
        if self.problem.closure.numeraire == "WORLD":
            return s
        unit = self._ln_unit(s)[..., None]
        cells = {key: getattr(s, key) for key in ("ln_price", "ln_spending", "ln_activity")}
        moved = {key: part - unit[..., None] if part.size else part for key, part in cells.items()}
        return replace(s, ln_wage=s.ln_wage - unit, **moved)

    def _ln_unit(self, s: State) -> Array:
        """ln of the closure's unit of account: a country's wage, or consumer prices of a country or the world."""
        e, (unit, place) = self.stack.economy, self.problem.closure.unit_of
        of = s.ln_wage if unit == "wage" else eq.ln_consumer_price(e.final_share, s.ln_price)
        if place == "WORLD":
            return np.asarray((of * e.income / _world(e.income)).sum(axis=-1))
        return np.asarray(of[..., self.problem.economy.countries.index(place)])

    def precondition(self, r: Array) -> Array:
        """(I - J)^-1 r by country (see `preconditioner`), and along slow modes where they are known; taxes and quota
        wedges keep their own step."""
        n, sectors = self.countries, self.sectors
        blocks = 2 + bool(self._activities)
        end = n + blocks * self._cells
        at_home = np.empty((n, max(self.members, default=1), 1 + blocks * sectors), dtype=np.float32)
        at_home[:, :, 0] = r[..., :n].T.reshape(n, -1)
        at_home[:, :, 1:] = r[..., n:end].reshape(-1, blocks * sectors, n).transpose(2, 0, 1)
        step = np.matmul(at_home, own_country_inverse(self.problem.economy, self.problem.factors).transpose(0, 2, 1))
        out = r.copy()
        out[..., :n] = step[:, :, 0].T.reshape(*self.members, n)
        out[..., n:end] = step[:, :, 1:].transpose(1, 2, 0).reshape(*self.members, -1)
        if self.modes is not None:
            self.modes.apply(out)
        return out

    def clear(self, s: State) -> Cleared:
        """What follows from wages, prices, spending and wedges: costs, sales, revenue, rents and income."""
        p, e, factors = self.stack, self.stack.economy, self.factors
        ln_producer_price = self.ln_unit_cost(s)
        if self._ln_subsidy is not None:
            ln_producer_price = ln_producer_price - self._ln_subsidy
        sourcing = -self.theta * ln_producer_price
        np.exp(sourcing, out=sourcing)
        spending = np.exp(s.ln_spending)
        spending *= e.spending
        ln_labour = factors.ln_labour(s.ln_wage, s.ln_price, s.ln_keep)
        labour_income = factors.labour_income * np.exp(s.ln_wage + ln_labour)
        value_added = labour_income
        if self._activities:
            value_added = labour_income + (factors.capital_income * np.exp(s.ln_activity)).sum(axis=-2)
        ln_wedge = p.quotas.ln_wedge(s.ln_mu) if p.quotas.flow.size else s.ln_mu
        ln_rule_wedge = self._ln_rule_wedge(ln_producer_price, ln_wedge, value_added)
        self._set_wedges(ln_wedge, ln_rule_wedge)
        price_sum, demand, sales, purchases = self.links.trade(sourcing, spending)

        to_exporters, volume, rent, levied = self._to_exporters(
            ln_producer_price, sourcing, demand, ln_wedge, ln_rule_wedge
        )
        border = (spending - purchases).sum(axis=-2)  # duties, export taxes and rents paid by n's users
        cost = sales
        revenue = border + to_exporters
        if self._subsidy_factor is not None:
            cost = sales * self._subsidy_factor
            revenue -= (cost - sales).sum(axis=-2)
        deficit = self._deficit(value_added, value_added + revenue)
        return Cleared(
            ln_producer_price=ln_producer_price,
            price_sum=price_sum,
            spending=spending,
            purchases=purchases,
            to_exporters=to_exporters,
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
        p, size = self.stack, max(self.members, default=1) * self.countries
        net = np.zeros(size)

        def flow_value(slots: Index, at: Places) -> Array:
            return self.links.read(slots)[1] * sourcing[at.source] * demand[at.sink]

        def transfer(amount: Array, at: Places) -> None:
            nonlocal net
            net += np.bincount(at.exporter, amount, size) - np.bincount(at.importer, amount, size)

        if self._export_tax.size:
            transfer(self._export_tax * flow_value(self._taxed_slots, self.taxed_at), self.taxed_at)
        volume, rent, levied = np.zeros(p.quotas.ln_cap.shape), np.zeros(0), np.zeros(0)
        if p.quotas.flow.size:
            q, at = p.quotas, self.quota_at
            value = flow_value(self._quota_slots, at)
            sold = value * np.exp(-ln_producer_price[at.source])
            volume = np.bincount(q.owner, sold, q.ln_cap.size).astype(float, copy=False).reshape(q.ln_cap.shape)
            filled = np.minimum(1.0, self._cap / np.maximum(volume, 1e-300)).ravel()[q.owner]
            inside = np.where(np.isfinite(q.ln_surcharge), filled, 1.0)
            rent = inside * self._licence(ln_wedge, ln_rule_wedge) * value
            transfer(self._quota_exporter_share * rent, at)
        if p.rules.flow.size:
            on_top = self._ln_staged(ln_wedge, AT_BORDER) + self._ln_staged(ln_wedge, AS_DUTY) * ~p.rules.exporter_holds
            value = flow_value(self._rule_slots, p.rule_at)
            levied = np.expm1(ln_rule_wedge) * self._rule_gross * np.exp(on_top) * value
            transfer(np.where(p.rules.exporter_holds, levied, 0.0), p.rule_at)
        return net.reshape(*self.members, self.countries), volume, rent, levied

    def ln_unit_cost(self, s: State) -> Array:
        """ln c^ [j,i] = (labour + gamma) ln w^ + sum_k g ln P^ + (capital - gamma) ln C^."""
        ln_cost = eq.ln_unit_cost(s.ln_wage, s.ln_price, self.factors.wage_exponent, self.stack.economy.inputs)
        return ln_cost + eq.turned(self.factors.activity_exponent) * s.ln_activity if self._activities else ln_cost

    def value(self, m: Cleared) -> Array:
        """F'[j,n,i], producer value of every flow at a point whose wedges were the last set; of one Problem alone."""
        assert isinstance(self.links, OwnLinks)
        return self.links.net * m.sourcing[:, None, :] * m.demand[:, :, None]

    def _set_wedges(self, ln_wedge: Array, ln_rule_wedge: Array) -> None:
        """A flow under several quotas, or under a quota and a price rule, bears the product of their wedges."""
        if not self._wedge_slots.size:
            return
        together = self._on_wedges(self.stack.quota_on, ln_wedge) + self._on_wedges(self.stack.rule_on, ln_rule_wedge)
        factor = np.exp(-self._wedge_theta * together)
        net = self._wedge_net * factor * np.exp(-together)
        self.links.set(self._wedge_slots, self._wedge_attraction * factor, net)

    def _on_wedges(self, on: Index, ln_wedge: Array) -> Array:
        """The sum by flow [w]."""
        return np.bincount(on, ln_wedge, self._wedge_slots.size).astype(float, copy=False)

    def _by_stage(self, ln_wedge: Array, stage: int) -> Array:
        """What licences of a stage add to the price, by flow [w]."""
        return self._on_wedges(self.stack.quota_on, np.where(self._stage == stage, ln_wedge, 0.0))

    def _ln_staged(self, ln_wedge: Array, stage: int) -> Array:
        """The same on the flows of price rules [f]."""
        return self._by_stage(ln_wedge, stage)[self.stack.rule_on]

    def _ln_rule_wedge(self, ln_producer_price: Array, ln_wedge: Array, value_added: Array) -> Array:
        """The wedges of specific duties and minimum prices, which are in units of world value added."""
        p, r, at = self.stack, self.stack.rules, self.stack.rule_at
        if not r.flow.size:
            return np.zeros(0)
        ln_unit = np.log(value_added.sum(axis=-1) / self._world_value_added).reshape(-1)[at.member]
        ln_border_price = ln_producer_price[at.source] + p.rule_export_tax + self._ln_staged(ln_wedge, AT_BORDER)
        return r.ln_wedge(ln_border_price - ln_unit, p.rule_tariff + self._ln_staged(ln_wedge, AS_DUTY))

    def _licence(self, ln_wedge: Array, ln_rule_wedge: Array) -> Array:
        """What a licence is worth [f], over the producer's value of what it lets in, by what stands before its stage.

        Of several at one stage on one flow, each has a part of their worth in proportion to its own wedge.
        """
        if self._one_wedge_a_flow:
            return np.expm1(ln_wedge) * self._quota_gross
        on, stage, holds = self.stack.quota_on, self._stage, self.stack.rules.exporter_holds
        at_border, as_duty, landed = (self._by_stage(ln_wedge, k) for k in (AT_BORDER, AS_DUTY, LANDED))
        raised = self._on_wedges(self.stack.rule_on, np.where(holds, ln_rule_wedge, 0.0))
        levied = self._on_wedges(self.stack.rule_on, np.where(holds, 0.0, ln_rule_wedge))
        before = np.stack([np.zeros_like(at_border), at_border + raised, at_border + raised + as_duty + levied])
        together = np.stack([at_border, as_duty, landed])[stage, on]
        own = np.expm1(ln_wedge)
        all_own = np.stack([self._on_wedges(on, np.where(stage == k, own, 0.0)) for k in range(len(before))])[stage, on]
        part = np.divide(own, all_own, out=np.zeros_like(own), where=all_own > 0)
        return part * np.expm1(together) * self._quota_gross * np.exp(before[stage, on])

    def _next_wedge(self, s: State, m: Cleared) -> Array:
        """0 <= mu _|_ cap - volume >= 0: the wedge moves by the log gap over 1 + theta, within its bounds."""
        q = self.stack.quotas
        if not q.count:
            return s.ln_mu
        gap = np.log(np.maximum(m.volume, 1e-300)) - q.ln_cap
        return np.clip(s.ln_mu + gap / (1.0 + q.theta), 0.0, q.ln_ceiling)

    def _deficit(self, value_added: Array, earned: Array) -> Array:
        e = self.stack.economy
        base = eq.standing_deficit(e.deficit, e.income)
        if self.problem.closure.deficit == "gdp_share":
            return base / _world(e.income) * _world(earned)
        if self.problem.closure.deficit == "own_share":
            owed = base / e.value_added * value_added
            return owed - value_added * (_world(owed) / _world(value_added))
        return base * (_world(value_added) / _world(e.value_added))


def _world(by_country: Array) -> Array:
    """The sum over countries, as an array that goes with them."""
    return by_country.sum(axis=-1, keepdims=True)


@dataclass(frozen=True, eq=False, slots=True)
class Cleared:
    """Quantities at a point of the map: [j,i] or [j,n]; value_added to deficit and to_exporters [n]; volume [q]; rent,
    ln_wedge [f] of quotas; levied, ln_rule_wedge [f] of price rules. revenue: duties, export taxes and rents held, less
    subsidies; purchases: what producers get of spending; to_exporters: what exporters' treasuries and licence holders
    get of importers' payments, received less paid."""

    ln_producer_price: Array
    price_sum: Array
    spending: Array
    purchases: Array
    to_exporters: Array
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
