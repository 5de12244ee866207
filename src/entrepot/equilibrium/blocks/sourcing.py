"""Sourcing: from whom users buy, at which prices, and what producers receive."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.trade_links import OwnLinks, Places, SharedLinks

#: Reads an array by country and sector on some flows.
Reader = Callable[[Array], Array]


class Wedges:
    """Flows under quotas and price rules [w], without repetition, and what both add to the logs of user prices.

    quota_on, rule_on [f]  the place in [w] of each flow of the quotas and of the price rules
    stage [f]              the stage between producer and user at which a quota's licences are bought (`Quotas.stage`)
    """

    def __init__(self, at: Places, quota_on: Index, rule_on: Index, stage: Index) -> None:
        self.at, self.quota_on, self.rule_on, self.stage = at, quota_on, rule_on, stage
        self.size = int(at.flow.size)

    def on(self, place: Index, ln_wedge: Array) -> Array:
        """Return the sum of wedges by flow [w]; `place` [f] is their place in it."""
        return np.bincount(place, ln_wedge, self.size).astype(float, copy=False)

    def together(self, v: Values) -> Array:
        """Return ln of the product of all wedges on each flow [w]."""
        return self.on(self.quota_on, v["ln_wedge"]) + self.on(self.rule_on, v["ln_rule_wedge"])

    def of_stage(self, by_licence: Array, stage: int) -> Array:
        """Return sums over the licences of a stage by flow [w]: of ln_wedge, what they add to the log of the price."""
        return self.on(self.quota_on, np.where(self.stage == stage, by_licence, 0.0))

    def back(self, by_rule: Array, stage: int) -> Array:
        """Return slopes in the wedges of licences [f of quotas], from those in a stage on the flows of price rules."""
        return np.where(self.stage == stage, self.on(self.rule_on, by_rule)[self.quota_on], 0.0)


class Sourcing(Block):
    """Price sums, demand, sales and purchases, from prices and spending (CP 2015, eqs. 10-13).

    With u = p^^-theta, A = pi k^-theta and N = A over the user's price relative to the producer's,

    Phi [j,n] = A u, so that P^ = Phi^(-1/theta)       v [j,n] = X' / Phi        F' [j,n,i] = N u v
    sales [j,i] and purchases [j,n]: sums of F'        flow_value [f]: F' on the flows `at`
    kept [j,i] and receipts [j,n], where producers pay for access to markets: sums of (1 - nu) F' and of (1 + s') F'

    Sets the wedges of quotas and price rules among the links, which stay at that point until the next forward run.
    """

    takes = ("ln_producer_price", "ln_spending", "ln_wedge", "ln_rule_wedge")
    gives: tuple[str, ...] = ("sourcing", "spending", "price_sum", "demand", "sales", "purchases", "flow_value")
    known_as = ("producer_value",)

    def __init__(
        self,
        links: OwnLinks | SharedLinks,
        theta: Array,
        tax_elasticity: Array,
        spending: Array,
        wedges: Wedges,
        at: Places,
        access: Array | None = None,
        received: Array | float = 1.0,
    ) -> None:
        """Elasticities and the base.

        `theta` [.., j] is the elasticity to costs, `tax_elasticity` [.., j, n] that to taxes and wedges; `spending`
        [.., j, n] is that of the base; `at` are the flows whose values other blocks read; `access` [.., j, n] is nu and
        `received` [.., j, i] is 1 + s'.
        """
        self.links, self.wedges, self.at = links, wedges, at
        self.theta, self.tax_elasticity, self.spending = theta[..., None], tax_elasticity, spending
        self._slots, self._wedge_slots = links.slots(at), links.slots(wedges.at)
        self.left, self.received = None if access is None else 1.0 - access, received
        if access is not None:
            self.gives = (*self.gives, "kept", "receipts")
        self._wedge_theta = wedges.at.in_market(tax_elasticity)
        self._attraction, self._net = links.read(self._wedge_slots)
        self._on = np.zeros(0, dtype=np.intp)  # where the flows with a wedge are among those that are read
        if wedges.size:
            self._on = np.searchsorted(self._wedge_slots, self._slots)
            self._on[self._on == wedges.size] = 0
            self._moves = self._wedge_slots[self._on] == self._slots

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return u, X', Phi, v, sales, purchases and F' on the flows `at`; then kept and receipts."""
        sourcing = -self.theta * v["ln_producer_price"]
        np.exp(sourcing, out=sourcing)
        spending = np.exp(v["ln_spending"])
        spending *= self.spending
        if self.wedges.size:
            together = self.wedges.together(v)
            factor = np.exp(-self._wedge_theta * together)
            self.links.set(self._wedge_slots, self._attraction * factor, self._net * factor * np.exp(-together))
        price_sum, demand, sales, purchases = self.links.trade(sourcing, spending)
        value = np.zeros(0)
        if self._slots.size:
            value = self.links.read(self._slots)[1] * sourcing[self.at.source] * demand[self.at.sink]
        made = (sourcing, spending, price_sum, demand, sales, purchases, value)
        if self.left is None:
            return made
        subsidised = isinstance(self.received, np.ndarray)
        receipts = self.links.purchases(self.received * sourcing, demand) if subsidised else purchases.copy()
        return *made, self.links.sales(sourcing, self.left * demand), receipts

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in prices, spending and wedges; `by` may hold those in F' of all flows, `producer_value`."""
        attraction, net = self.links.full()
        u, d = v["sourcing"], v["demand"]
        by_sales, by_purchases = by["sales"], by["purchases"]
        by_u = by["sourcing"] + by_sales * eq.across(eq.turned(net), d) + eq.across(eq.turned(net), d * by_purchases)
        by_d = by["demand"] + eq.across(net, u * by_sales) + by_purchases * eq.across(net, u)
        if self.left is not None:
            by_u = by_u + by["kept"] * eq.across(eq.turned(net), self.left * d)
            by_u += self.received * eq.across(eq.turned(net), by["receipts"] * d)
            by_d = by_d + self.left * eq.across(net, u * by["kept"])
            by_d += by["receipts"] * eq.across(net, self.received * u)
        flow = self.links.read(self._slots)[1] * by["flow_value"]
        np.add.at(by_u, self.at.source, flow * d[self.at.sink])
        np.add.at(by_d, self.at.sink, flow * u[self.at.source])
        if "producer_value" in by:
            every = net * by["producer_value"]
            by_u += eq.across(eq.turned(every), d)
            by_d += eq.across(every, u)
        by_sum = by["price_sum"] - by_d * d / v["price_sum"]
        by_u += eq.across(eq.turned(attraction), by_sum)
        slopes = {
            "ln_producer_price": -self.theta * u * by_u,
            "ln_spending": v["spending"] * (by["spending"] + by_d / v["price_sum"]),
        }
        if self.wedges.size:
            at, theta = self.wedges.at, self._wedge_theta
            attraction, net = self.links.read(self._wedge_slots)
            by_flow = self._by_flow(by, lambda a: a[at.source], lambda a: a[at.sink], lambda a: a.ravel()[at.flow])
            by_flow = by_flow + np.bincount(self._on[self._moves], by["flow_value"][self._moves], self.wedges.size)
            u_flow = u[at.source]
            on = _by_tax(theta, attraction * u_flow * by_sum[at.sink], net * u_flow * d[at.sink] * by_flow)
            slopes |= {"ln_wedge": on[self.wedges.quota_on], "ln_rule_wedge": on[self.wedges.rule_on]}
        return slopes

    def _by_flow(self, by: Values, source: Reader, sink: Reader, each: Reader) -> Array:
        """Slopes in F' on flows where arrays [.., j, i], [.., j, n] and [.., j, n, i] are read by these functions."""
        by_flow = source(by["sales"]) + sink(by["purchases"])
        if self.left is not None:
            left, received = (np.broadcast_to(part, by["sales"].shape) for part in (self.left, self.received))
            by_flow = by_flow + sink(left) * source(by["kept"]) + source(received) * sink(by["receipts"])
        return by_flow + each(by["producer_value"]) if "producer_value" in by else by_flow

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln(1+t), ln(1+e) and, under selection, ln(1+s)."""
        attraction, net = self.links.full()
        u, d = v["sourcing"][:, None, :], v["demand"][:, :, None]
        by_flow = self._by_flow(by, lambda a: a[:, None, :], lambda a: a[:, :, None], lambda a: a)
        np.add.at(by_flow.ravel(), self.at.flow, by["flow_value"])
        value = net * (u * d)
        if self.left is not None:
            received = np.broadcast_to(self.received, u.shape[::2])[:, None, :]
            policy.ln_subsidy += (value * received * by["receipts"][:, :, None]).sum(axis=1)
        by_d = by["demand"] + (net * by_flow * u).sum(axis=2)
        by_sum = by["price_sum"] - by_d * v["demand"] / v["price_sum"]
        paid, through = attraction * (by_sum[:, :, None] * u), value * by_flow
        if (self.tax_elasticity != self.theta).any():  # a subsidy is a negative tax, and in producers' prices a cost
            policy.ln_subsidy += ((self.tax_elasticity - self.theta)[:, :, None] * (paid + through)).sum(axis=1)
        dearer = _by_tax(self.tax_elasticity[:, :, None], paid, through)
        policy.ln_tariff += dearer
        policy.ln_export_tax += dearer  # an export tax is paid as a tariff is


def _by_tax(theta: Array, paid: Array, through: Array) -> Array:
    """Slopes in the log of the user's price over the producer's: A falls with `theta`, N with it plus one."""
    return -theta * paid - (1 + theta) * through
