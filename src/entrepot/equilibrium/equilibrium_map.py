"""The equilibrium map x -> f(x), whose fixed point is the world under the measures, composed from `blocks`.

x stacks ln w^ L^ [n], ln P^ [j,n], ln X^ [j,n], ln C^ [j,n] (where cost depends on activity), ln k^ [n] (where revenue
cuts the tax on labour) and ln(1+mu) [q]. pi k^-theta does not change while the equilibrium is sought but on flows
under a quota, a specific duty or a minimum price, so one map costs three matrix-vector products a sector (price sums,
sales by exporter, purchases by importer) and two a country (inputs to costs, outputs to demand), and no power of a
three-dimensional array.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks import deficits, income, selection, supply
from entrepot.equilibrium.blocks.block import Block, Chain, Values
from entrepot.equilibrium.blocks.border import Border
from entrepot.equilibrium.blocks.cost import UnitCost
from entrepot.equilibrium.blocks.factor_markets import FactorIncome, FactorMarkets, LabourMarket
from entrepot.equilibrium.blocks.hats import Hat
from entrepot.equilibrium.blocks.price_floors import PriceFloors
from entrepot.equilibrium.blocks.prices import PriceIndex
from entrepot.equilibrium.blocks.quotas import Complementarity, Licences
from entrepot.equilibrium.blocks.sourcing import Sourcing, Wedges
from entrepot.equilibrium.preconditioner import Modes, Single, own_country_inverse, own_country_step
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantity_limits import AT_BORDER
from entrepot.equilibrium.stack import Stack
from entrepot.equilibrium.trade_links import OwnLinks, Places, SharedLinks, links


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """The unknowns by name: logs of hats, and ln(1+mu) [q] of quota wedges.

    The hats are of labour income [n], prices [j,n], spending [j,n], activity [j,n] and the share of a wage that tax
    leaves [n]. Activity and tax are empty where they do not move.
    """

    ln_labour_income: Array
    ln_price: Array
    ln_spending: Array
    ln_activity: Array
    ln_keep: Array
    ln_mu: Array

    def pack(self) -> Array:
        """Return the unknowns as one vector x [.., x]."""
        parts = [getattr(self, name) for name in _STATE]
        members = self.ln_labour_income.shape[:-1]
        return np.concatenate([part.reshape(*members, -1) for part in parts if part.size], axis=-1)

    def values(self) -> Values:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in _STATE}

    def over(self, ln_unit: Array) -> State:
        """Return the same point with amounts and prices over e^ln_unit [..], another unit of account."""
        unit = np.asarray(ln_unit)[..., None]
        cells = {key: getattr(self, key) for key in ("ln_price", "ln_spending", "ln_activity")}
        moved = {key: part - unit[..., None] if part.size else part for key, part in cells.items()}
        return replace(self, ln_labour_income=self.ln_labour_income - unit, **moved)

    def member(self, k: int) -> State:
        """Return the State of member k of a stack."""
        return State(*(getattr(self, name)[k] for name in _STATE))


_STATE = tuple(f.name for f in fields(State))
_NEXT = tuple(f"next_{name}" for name in _STATE)


def _shapes(problem: Problem, quotas: int) -> tuple[tuple[int, ...], ...]:
    """The shapes of the parts of a State; activity and taxes are empty where they do not move."""
    sectors, countries, _ = problem.economy.value.shape
    cells, factors = (sectors, countries), problem.factors
    active = cells if factors.has_activity else (0,)
    return (countries,), cells, cells, active, (countries if factors.recycled else 0,), (quotas,)


def unknowns(problem: Problem) -> int:
    """Return the length of x: labour incomes, prices, spending, activity and taxes where they move, quota wedges."""
    return sum(map(math.prod, _shapes(problem, problem.quotas.count)))


class EquilibriumMap:
    """The map of one Problem, or of several side by side. Holds working arrays: use one for each solve.

    clearing  the blocks from a State to what follows from it;  moving  those from there to the next State
    """

    def __init__(
        self,
        problems: Problem | Sequence[Problem],
        quotas: int = 0,
        modes: Modes | None = None,
        near: EquilibriumMap | None = None,
    ) -> None:
        """`near`: the EquilibriumMap of a Problem that may differ in rates alone, to share what does not change."""
        self.modes = modes
        stack = near.stack.at_rates(problems) if near is not None and isinstance(problems, Problem) else None
        self.stack: Stack = stack or Stack.of(problems, quotas)
        p = self.stack
        self.problem = p.problems[0]
        self.members, self.factors = p.members, p.factors
        self.sectors, self.countries, _ = self.problem.economy.value.shape
        shapes = _shapes(self.problem, p.quotas.count)
        ends = np.cumsum([math.prod(shape) for shape in shapes]).tolist()
        self._parts = [(slice(*at), shape) for at, shape in zip(itertools.pairwise([0, *ends]), shapes, strict=True)]
        self.theta = p.economy.theta[..., None]
        cells = (*self.members, self.sectors, self.countries)
        self.ln_more_subsidy = np.broadcast_to(p.ln_subsidy - p.economy.ln_subsidy, cells)
        self.subsidised_at = self._subsidised()
        self.links = self._constant_links()
        self.taxed = np.flatnonzero(p.ln_export_tax)
        self.taxed_at = p.at.some(self.taxed)
        self.clearing, self.moving = Chain(self._clearing()), Chain(self._moving())

    def _clearing(self) -> list[Block]:
        p, e, q, r = self.stack, self.stack.economy, self.stack.quotas, self.stack.rules
        world = e.value_added.sum(axis=-1)
        wedges = Wedges(p.wedge_at, p.quota_on, p.rule_on, q.stage)
        at = (self.taxed_at, p.quota_at, p.rule_at)
        # An export licence is bought before duty, others after it: what their value is grossed up by.
        quota_gross = np.exp(p.quota_export_tax + np.where(wedges.stage == AT_BORDER, 0.0, p.quota_tariff))
        rule_gross = np.exp(p.rule_export_tax + np.where(r.exporter_holds, 0.0, p.rule_tariff))
        taxes = np.expm1(p.ln_export_tax[self.taxed])
        self.floors = PriceFloors(r, p.rule_at, p.rule_tariff, self._rule_border(wedges), wedges, world)
        rule = deficits.RULES[self.problem.closure.deficit]
        access = e.access if e.access.any() else None
        received = np.exp(p.ln_subsidy) if p.ln_subsidy.any() else 1.0
        markup = e.markup if e.has_markups else None
        return [
            LabourMarket(p.factors, e.final_share),
            UnitCost(e.inputs, p.factors),
            supply.ProducerPrice(self.ln_more_subsidy),
            FactorIncome(p.factors),
            Licences(q),
            self.floors,
            Sourcing(
                self.links,
                e.theta,
                e.tax_elasticity,
                e.spending,
                wedges,
                at[0].and_(at[1]).and_(at[2]),
                access,
                received,
            ),
            *([] if access is None else [selection.Access(access, received)]),
            Border(self.links, q, wedges, r.exporter_holds, at, taxes, quota_gross, rule_gross),
            supply.Production(p.ln_subsidy, markup, "sales" if access is None else "kept"),
            income.Treasury(),
            income.Sum("earned", "value_added", "revenue", "profits"),
            rule(e.deficit, e.value_added, e.income),
            income.Sum("income", "earned", "deficit"),
        ]

    def _rule_border(self, wedges: Wedges) -> Array:
        """The log change that export taxes make in the border price on the flows of price rules [f].

        It is relative to all that was between the border price and the producer price in the base.
        """
        p, q = self.stack, self.stack.quotas
        rate = np.concatenate([x.economy.export_tax_on(x.price_rules.flow) for x in p.problems])
        held = wedges.of_stage(q.ln_wedge(q.ln_mu), AT_BORDER)[wedges.rule_on] if q.flow.size else 0.0
        return p.rule_export_tax - np.log1p(rate) - held

    def _moving(self) -> list[Block]:
        e, factors = self.stack.economy, self.factors
        return [
            FactorMarkets(factors, e.value_added.sum(axis=-1), Hat(e.cost), bool(e.access.any())),
            PriceIndex(e.theta, e.exponent),
            income.Spending(
                eq.by_column(e.final_share), eq.by_column(e.inputs) if self.members else e.inputs, Hat(e.spending)
            ),
            factors.recycling_rule(self.problem.closure.recycling),
            Complementarity(self.stack.quotas),
        ]

    def _constant_links(self) -> OwnLinks | SharedLinks:
        """pi k^-theta, and that over (1+t')(1+e'), with quota wedges at one and embargoed flows at zero."""
        p, e = self.stack, self.stack.economy
        touched = [p.at, p.removed, p.held_at, p.quota_at, p.rule_at, self.subsidised_at]
        flow = np.concatenate([at.flow for at in touched])
        wedged = (e.tariff != 0).any(axis=(-2, -1)).reshape(-1, self.sectors).any(axis=0)
        wedged[flow // self.countries**2] = True
        member = np.concatenate([at.member for at in touched]) if self.members else None
        made = links(e.share, e.net_share, self.members, wedged, flow, member)
        if p.held_at.flow.size:  # a base with quotas: without their wedges, which the unknowns bring back
            without = np.exp(p.held_at.in_market(e.tax_elasticity) * p.held_ln_wedge)
            made.multiply(p.held_at, without, without * np.exp(p.held_ln_wedge))
        if p.at.flow.size:
            slots = made.slots(p.at)
            base, _ = made.read(slots)
            ln_border = p.ln_tariff + p.ln_export_tax
            moved = ln_border - p.ln_tariff_base - p.ln_export_tax_base
            ln_cost = self._theta_on(p.at) * p.ln_iceberg
            changed = base * np.exp(-p.at.in_market(e.tax_elasticity) * moved - ln_cost)
            made.set(slots, changed, changed * np.exp(-ln_border))
        if self.subsidised_at.flow.size:
            at = self.subsidised_at
            more = at.in_market(e.tax_elasticity) - self._theta_on(at)
            factor = np.exp(more * self.ln_more_subsidy[at.source])
            made.multiply(at, factor, factor)
        made.multiply(p.removed, 0.0, 0.0)
        return made

    def _subsidised(self) -> Places:
        """Flows whose subsidy changes more than their producer's price: where it draws firms into markets."""
        shape, moved = self.problem.economy.value.shape, self.ln_more_subsidy.reshape(-1, self.sectors, self.countries)
        if (self.stack.economy.exponent == 1).all():
            moved = moved[:0]
        member, j, i = np.nonzero(moved)
        n = np.arange(shape[1])
        flow = (j[:, None] * shape[1] + n) * shape[2] + i[:, None]
        return Places.of(flow.ravel(), np.repeat(member, shape[1]), shape, bool(self.members))

    def _theta_on(self, at: Places) -> Array:
        theta = self.stack.economy.theta
        return theta[at.member, at.sector] if theta.ndim == 2 else theta[at.sector]

    # ---- the map ----

    def unpack(self, x: Array) -> State:
        """Return the State of a vector x [.., x]."""
        return State(*(x[..., at].reshape(*self.members, *shape) for at, shape in self._parts))

    def project(self, x: Array) -> Array:
        """Return x with quota wedges clipped to their bounds: zero, and the out-of-quota rate."""
        q = self.stack.quotas
        if q.count:
            wedges = x[..., self._parts[-1][0]]
            np.clip(wedges, 0.0, q.ln_ceiling, out=wedges)
        return x

    def start(self) -> Array:
        """Return x at the base: logs of hats zero, quota wedges as in force."""
        wedges = self._parts[-1][0]
        x = np.zeros((*self.members, wedges.stop))
        x[..., wedges] = self.stack.quotas.ln_mu
        return x

    def step(self, x: Array) -> Array:
        """Return f(x)."""
        state = self.unpack(x)
        v = self.moving.forward(self.values(state))
        return State(*(v[name] for name in _NEXT)).pack()

    def values(self, state: State) -> Values:
        """Return every array that follows from a State, by name."""
        return self.clearing.forward(state.values())

    def clear(self, state: State) -> Cleared:
        """Return costs, sales, revenue, rents and income at a State."""
        return Cleared.of(self.values(state))

    def value(self, m: Cleared) -> Array:
        """Return F'[j,n,i], producer values of one Problem, at the point that was cleared last."""
        return self.links.full()[1] * m.sourcing[:, None, :] * m.demand[:, :, None]

    def in_numeraire(self, s: State) -> State:
        """Return the same point in the closure's unit of account: money is rescaled, wedges are not."""
        return s if self.problem.closure.numeraire == "WORLD" else s.over(self._ln_unit(s))

    def _ln_unit(self, s: State) -> Array:
        """ln of the closure's unit of account: a country's wage, or consumer prices of a country or the world."""
        e, (unit, place) = self.stack.economy, self.problem.closure.unit_of
        ln_wage = self.factors.ln_wage(s.ln_labour_income, s.ln_price, s.ln_keep)
        of = ln_wage if unit == "wage" else eq.ln_consumer_price(e.final_share, s.ln_price)
        if place == "WORLD":
            return np.asarray((of * e.income / deficits.world(e.income)).sum(axis=-1))
        return np.asarray(of[..., self.problem.economy.countries.index(place)])

    def precondition(self, r: Array) -> Single:
        """Return (I - J)^-1 r by country (see `preconditioner`), and along slow modes where they are known.

        Taxes and quota wedges keep their own step. Single precision: it only directs the search.
        """
        out = r.astype(np.float32)
        own_country_step(out, own_country_inverse(self.problem.economy, self.problem.factors))
        if self.modes is not None:
            self.modes.apply(out)
        return out


@dataclass(frozen=True, eq=False, slots=True)
class Cleared:
    """Quantities at a point of the map, whether or not it is an equilibrium.

    Axes are [j,i] or [j,n]; profits, subsidies, value_added to deficit and to_exporters have [n]; volume [q]; rent and
    ln_wedge [f] of quotas; levied and ln_rule_wedge [f] of price rules.

    profits       receipts of producers net of cost;  subsidies: payments on output
    access        labour income from access to n's market;  access_paid: what n's producers pay for access to all
                  markets; zero where markets are open to every firm
    revenue       duties, export taxes and rents held, less subsidies
    purchases     the part of spending that producers receive
    to_exporters  export taxes and rents received from abroad less those paid
    """

    ln_producer_price: Array
    price_sum: Array
    spending: Array
    purchases: Array
    to_exporters: Array
    sourcing: Array
    demand: Array
    sales: Array
    cost: Array
    profits: Array
    subsidies: Array
    value_added: Array
    labour_income: Array
    ln_wage: Array
    ln_labour: Array
    revenue: Array
    income: Array
    deficit: Array
    volume: Array
    rent: Array
    ln_wedge: Array
    levied: Array
    ln_rule_wedge: Array
    access: Array | float = 0.0
    access_paid: Array | float = 0.0

    @classmethod
    def of(cls, v: Values) -> Cleared:
        """Return the quantities that the clearing blocks computed."""
        return cls(**{f.name: v[f.name] for f in fields(cls) if f.name in v})

    @property
    def services(self) -> Array | float:
        """[n]: what labour earns with access to n's market, less what n's producers pay for access to markets."""
        return self.access - self.access_paid
