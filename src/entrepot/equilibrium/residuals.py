"""Residuals: each equilibrium condition, recomputed in full from a solution.

The equations are written out over whole arrays, flow by flow, in the unknowns and the flows of the solution. Producer
prices, volumes under quotas and incomes that the map found on the way are held against what the flows imply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, at_home, ln_consumer_price, turned, wage_bill
from entrepot.equilibrium.accounts import Accounts, abroad
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantity_limits import Quotas
from entrepot.equilibrium.stack import Bases


def residual_arrays(problem: Problem, state: State, accounts: Accounts) -> dict[str, Array]:
    """Return relative gaps by block (axes in brackets); all are zero in an equilibrium.

    zero_profit [j,i]       unit cost net of subsidy against the producer price, and against the price at which buyers'
                            CES demand is what they pay for the goods
    price_index [j,n]       CES price index against the prices that users pay (CP 2015, eq. 4)
    goods_market [j,n]      spending against final plus intermediate demand, as a part of the country's spending
    labour_market [n]       wage bill paid against what labour earns, and the wage against the closure's rule of labour
    capital_market [j,n]    what specific capital earns, or employment under economies of scale, against activity
    government [n]          what the tax on labour brings in against what it has to, if revenue moves it
    budget [n]              final spending against factor income, revenue and the closure's deficit
    balance_of_payments [n] imports minus exports minus deficit, rents and access to markets included, as a part of
                            trade, or of a ten-thousandth of income where trade is less (Walras' law); beyond what
                            rounding may leave, 1e-15 of income
    complementarity [q]     unfilled quota times its wedge, or excess over it, as a part of the cap; and the wedge that
                            buyers pay against the licence's price
    """
    e, a = problem.economy, accounts
    theta = e.theta[:, None]
    factors = problem.factors
    ln_cost = np.matmul(state.ln_price.T[:, None, :], e.inputs)[:, 0, :].T
    ln_wage = factors.ln_wage(state.ln_labour_income, state.ln_price, state.ln_keep)
    larger = (e.exponent - 1) * (state.ln_spending - ln_wage)  # what the size of a market takes off its prices
    ln_cost += (factors.wage_exponent * ln_wage[:, None]).T
    if factors.has_activity:
        ln_cost += factors.activity_exponent.T * state.ln_activity
    if factors.capital_moves:
        ln_cost -= factors.capital_gain.T
    ln_price = a.cleared.ln_producer_price
    attraction = e.share.copy()
    changed = np.flatnonzero(a.ln_user_wedge_hat)
    attraction.ravel()[changed] *= np.exp(-e.theta[changed // e.domestic.size] * a.ln_user_wedge_hat.ravel()[changed])
    if (e.exponent != 1).any():
        ln_taxes = a.ln_user_wedge_hat - problem.spread(problem.flow, problem.ln_iceberg)
        ln_taxes -= (problem.ln_subsidy - e.ln_subsidy)[:, None, :]
        attraction *= np.exp(-(theta * (e.exponent - 1))[:, :, None] * ln_taxes)
    attraction.ravel()[problem.embargoed] = 0.0
    index = -np.log(np.matmul(attraction, np.exp(-theta * ln_price)[:, :, None])[:, :, 0]) / theta - larger

    ones = np.ones(len(e.countries))
    sales = ones @ a.producer_value
    received = np.exp(problem.ln_subsidy) * sales
    access, access_paid = _access(e, a.producer_value, problem.ln_subsidy)
    kept = received - access_paid
    cost = kept / e.markup
    spent = a.user_value @ ones
    paid = ones @ a.user_value  # by all users, for the goods of i
    at_base_price = np.matmul((spent * np.exp(theta * (state.ln_price + larger)))[:, None, :], attraction)[:, 0, :]
    ln_implied = -np.log(np.divide(paid, at_base_price, out=np.ones_like(paid), where=paid > 0)) / theta
    ln_unit_cost = ln_cost - (problem.ln_subsidy - e.ln_subsidy)
    labour_income = np.exp(state.ln_labour_income) * factors.labour_income
    value_added = labour_income
    if factors.has_activity:
        value_added = labour_income + (factors.capital_income * np.exp(state.ln_activity)).sum(axis=0)
    trade = a.border_value.sum(axis=0)  # [n,i]
    imports, exports = abroad(a.border_value)
    services = access - access_paid.sum(axis=0)
    # What users pay less what exporters' side of the border gets of it, and that less what producers receive.
    revenue = spent.sum(axis=0) - trade.sum(axis=1) + trade.sum(axis=0) - received.sum(axis=0)
    profits = (kept - cost).sum(axis=0)
    sums = Sums(spent, cost, labour_income, value_added, revenue, profits, a.income, access)
    gaps = sums.gaps(e, factors, problem.closure, state)
    unknown = gaps["goods_market"] + (e.spending * np.exp(state.ln_spending) - spent) / spent.sum(axis=0)
    return {
        "zero_profit": _larger(ln_price - ln_unit_cost, np.where(paid > 0, ln_implied - ln_unit_cost, 0.0)),
        "price_index": np.where(e.spending > 0, state.ln_price - index, 0.0),
        **gaps,
        "goods_market": _larger(gaps["goods_market"], unknown),
        "labour_market": _larger(gaps["labour_market"], a.cleared.ln_wage - ln_wage),
        "balance_of_payments": _payments(
            imports - exports - services - a.cleared.deficit, (imports + exports) / 2, a.income
        ),
        "complementarity": _complementarity(problem, state, accounts),
    }


def _access(e: Economy, producer_value: Array, ln_subsidy: Array) -> tuple[Array, Array]:
    """What labour in n gets for access to n's market [n], and what producers pay for access to all markets [j,i]."""
    if not e.access.any():
        return np.zeros(len(e.countries)), np.zeros(e.output.shape)
    paid = e.access[:, :, None] * producer_value * np.exp(ln_subsidy)[:, None, :]
    return paid.sum(axis=(0, 2)), paid.sum(axis=1)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over flows, from which gaps are computed.

    Spending of users and cost of output [.., j, n]; labour income, income of all factors, revenue, profits, the income
    that final demand is computed from, and labour income from access to markets [.., n].
    """

    spent: Array
    cost: Array
    labour_income: Array
    value_added: Array
    revenue: Array
    profits: Array
    income: Array
    access: Array | float

    def gaps(self, e: Economy | Bases, factors: Factors, closure: Closure, state: State) -> dict[str, Array]:
        """Return gaps in markets for goods, labour and capital, in the tax on labour and in budgets."""
        intermediate = at_home(e.inputs, self.cost)
        demand = turned(e.final_share) * self.income[..., None, :] + intermediate
        earned = self.value_added + self.revenue + self.profits
        deficit = RULES[closure.deficit](e.deficit, e.value_added, e.income).of(self.value_added, earned)
        found = {
            "goods_market": (self.spent - demand) / self.spent.sum(axis=-2, keepdims=True),
            "labour_market": (wage_bill(factors.labour, self.cost) + self.access) / self.labour_income - 1.0,
        }
        if factors.has_activity:
            expected = e.cost * np.exp(state.ln_activity)
            active = np.divide(self.cost, expected, out=np.ones_like(self.cost), where=expected > 0)
            found["capital_market"] = active - 1.0
        if factors.recycled:
            price = np.exp(ln_consumer_price(e.final_share, state.ln_price))
            rule = factors.recycling_rule(closure.recycling)
            found["government"] = rule.gap(price, self.labour_income, self.revenue, state.ln_keep) / self.income
        return found | {"budget": (self.spent - intermediate).sum(axis=-2) / (earned + deficit) - 1.0}


def _payments(owed: Array, trade: Array, income: Array) -> Array:
    return np.maximum(np.abs(owed) - 1e-15 * income, 0.0) / np.maximum(trade, 1e-4 * income)


def _larger(one: Array, other: Array) -> Array:
    """The size of the larger of two gaps, cell by cell; NaN where one of them is NaN."""
    return np.maximum(np.abs(one), np.abs(other))


def stacked_gaps(market: EquilibriumMap, state: State, cleared: Cleared) -> dict[str, Array]:
    """The largest of `summed_gaps` of each member [b] of a stack, by block."""
    gaps = summed_gaps(market, state, cleared)
    return {name: np.abs(gap).reshape(len(gap), -1).max(axis=1) for name, gap in gaps.items()}


def summed_gaps(market: EquilibriumMap, state: State, cleared: Cleared) -> dict[str, Array]:
    """Return the same conditions from sums over flows, for one Problem or the members of a stack.

    `price_index` covers `zero_profit` as well.
    """
    e, p, m = market.stack.economy, market.stack, cleared
    larger = (e.exponent - 1) * (state.ln_spending - m.ln_wage[..., None, :])
    sums = Sums(m.spending, m.cost, m.labour_income, m.value_added, m.revenue, m.profits, m.income, m.access)
    sales, purchases = m.sales.sum(axis=-2), m.purchases.sum(axis=-2)
    trade = (purchases + sales - 2 * own_sales(market, m).sum(axis=-2)) / 2
    gaps = {
        "price_index": np.where(e.spending > 0, state.ln_price + larger + np.log(m.price_sum) / market.theta, 0.0),
        **sums.gaps(e, market.factors, market.problem.closure, state),
        "balance_of_payments": _payments(purchases - sales - m.to_exporters - m.services - m.deficit, trade, m.income),
    }
    if p.quotas.count:
        gaps["complementarity"] = _quota_gaps(p.quotas, state.ln_mu, m.volume)
    return gaps


def own_sales(market: EquilibriumMap, cleared: Cleared) -> Array:
    """F'[n,n] of every sector [.., j, n]: what producers sell at home."""
    return market.links.at_home()[1] * cleared.sourcing * cleared.demand


def _complementarity(problem: Problem, state: State, accounts: Accounts) -> Array:
    q = problem.quotas
    j, _, i = np.unravel_index(q.flow, accounts.producer_value.shape)
    units = q.weight * accounts.producer_value.ravel()[q.flow] * np.exp(-accounts.cleared.ln_producer_price[j, i])
    gaps = _quota_gaps(q, state.ln_mu, np.bincount(q.owner, units, q.count).astype(float))
    np.maximum.at(gaps, q.owner, np.abs(accounts.cleared.ln_wedge - q.ln_wedge(state.ln_mu)))
    return gaps


def _quota_gaps(q: Quotas, ln_mu: Array, volume: Array) -> Array:
    excess = np.log(np.maximum(volume, 1e-300)) - q.ln_cap
    over = np.where(ln_mu < q.ln_ceiling - 1e-12, np.maximum(excess, 0.0), 0.0)  # at the ceiling, more may come
    under = np.minimum(np.maximum(-excess, 0.0), np.expm1(np.minimum(ln_mu, 50.0)))
    return np.maximum(over, under)


def worst_cells(problem: Problem, arrays: dict[str, Array], count: int = 3) -> tuple[str, ...]:
    """Return the cells with the largest gaps, by name."""
    e = problem.economy
    found: list[tuple[float, str]] = []
    for block, array in arrays.items():
        size = np.abs(np.nan_to_num(array, nan=np.inf)).ravel()
        for flat in np.argsort(size)[::-1][:count]:
            at = np.unravel_index(int(flat), array.shape)
            if block == "complementarity":
                place = problem.quota_title(int(at[0]))
            else:
                place = e.countries[at[-1]] + (f" {e.sectors[at[0]]}" if array.ndim == 2 else "")
            found.append((float(size[flat]), f"{block.replace('_', ' ')} of {place} ({size[flat]:.2g})"))
    return tuple(text for _, text in sorted(found, reverse=True)[:count])
