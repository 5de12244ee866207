"""A party's objective at an equilibrium, and its slopes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from entrepot.cases.objective import Objective, Weighed
from entrepot.economy import Economy
from entrepot.economy.equations import Array, Index, turned
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.nearby import Answer, Bases, Sensitivity, Slopes, Solved, real_income_hat
from entrepot.rules.finding import Finding, Status


@dataclass(frozen=True, eq=False)
class Payoff:
    """What an Outcome is worth to a party by its Objective, but for the cost of a breach."""

    economy: Economy
    party: str
    of: Weighed

    @classmethod
    def to(cls, party: str, objective: Objective | None, economy: Economy) -> Payoff:
        """Raises `InputError` for a name that the Economy does not have."""
        return cls(economy, party, (objective or Objective()).on(economy, party))

    @property
    def objective(self) -> Objective:
        return self.of.objective

    def at(self, answer: Answer | Outcome) -> float:
        """The payoff at a solution, millions of US dollars."""
        return sum(self.parts(answer).values())

    def parts(self, answer: Answer | Outcome) -> dict[str, float]:
        """The same by what it consists of."""
        problem, state, accounts = answer.problem, answer.state, answer.accounts
        e, mine, objective = problem.economy, self.of.members, self.objective
        price = np.exp((e.final_share * state.ln_price.T).sum(axis=1))
        real_income = e.income * (real_income_hat(problem, state, accounts.income) - 1)
        gained = (accounts.cleared.cost / price - e.cost)[:, mine]  # in cost [j,n]
        margin, profit = (array[:, mine] for array in (e.gross_margin.T, e.markup - 1))
        revenue = accounts.cleared.revenue / price - e.revenue
        traded = accounts.producer_value.ravel()
        base = e.value.ravel()
        weights, flow = self.of.flow_weight, self.of.flow
        return {
            "real_income": objective.real_income * float(real_income[mine].sum()),
            "value_added": float(self.of.sector_weight @ (margin * gained).sum(axis=1)),
            "profit": float(self.of.profit_weight @ (profit * gained).sum(axis=1)),
            "revenue": objective.revenue * float(revenue[mine].sum()),
            "balance": float(weights @ traded[flow]) / self._price(price) - float(weights @ base[flow]),
            "market_share": sum(
                worth * (_share(traded[every], own) - _share(base[every], own)) for every, own, worth in self.of.markets
            ),
        }

    def of_stack(self, solved: Solved) -> Array:
        """The same of every member of a stack [b]."""
        e, mine, objective = solved.market.stack.economy, self.of.members, self.objective
        price = np.exp(solved.ln_consumer_price)
        worth = objective.real_income * (e.income * solved.real_income)[:, mine].sum(axis=1)
        if self.of.sector_weight.any() or self.of.profit_weight.any():
            gained = self._per_cost(e) * (solved.cleared.cost / price[:, None, :] - e.cost)
            worth = worth + gained[:, :, mine].sum(axis=(1, 2))
        if objective.revenue:
            revenue = solved.cleared.revenue / price - e.revenue
            worth = worth + objective.revenue * revenue[:, mine].sum(axis=1)
        if self.of.flow.size:
            traded = solved.flows(self.of.flow).producer_value @ self.of.flow_weight
            mean_price = np.exp(np.log(price) @ self._shares())
            worth = worth + traded / mean_price - self._base(solved, self.of.flow) @ self.of.flow_weight
        for every, own, weight in self.of.markets:
            value, base = solved.flows(every).producer_value, self._base(solved, every)
            worth = worth + weight * (value @ own / value.sum(axis=1) - base @ own / base.sum(axis=1))
        return worth

    def _base(self, solved: Solved, flow: Index) -> Array:
        """Flows of every member's base [b, f]."""
        value = solved.market.stack.economy.value
        return value.reshape(*value.shape[:-3], -1)[..., flow] * np.ones((len(solved.problems), 1))

    def breach(self, findings: Iterable[Finding]) -> float:
        """What the rules that the party is found to break, or under which it is contested, cost it; each rule once."""
        of = self.objective.breach
        if of is None:
            return 0.0
        prices = {Status.INCONSISTENT: of.inconsistent, Status.CONTESTED: of.contested}
        by_rule: dict[str, float] = {}
        for found in findings:
            codes = resolve_countries(found.party, self.economy.countries, "finding")[0]
            if set(codes) & set(self.of.codes):
                by_rule[found.rule] = max(by_rule.get(found.rule, 0.0), prices.get(found.status, 0.0))
        return sum(by_rule.values())

    def slopes(self, at: Sensitivity) -> Slopes:
        """Its derivatives in what the equilibrium map computes."""
        e, mine, objective = at.economy, self.of.members, self.objective
        out = at.real_income({c: float(e.income[e.countries.index(c)]) for c in self.of.codes}) * objective.real_income
        ln_price = (e.final_share * at.state.ln_price.T).sum(axis=1)
        per_price = np.zeros(len(e.countries))
        per_price[mine] = np.exp(-ln_price[mine])
        cost = self._per_cost(e) * per_price
        revenue = objective.revenue * per_price
        fall = (cost * at.at.cost).sum(axis=0) + revenue * at.at.revenue
        out = out + Slopes(cost=cost, revenue=revenue, ln_price=-(fall[:, None] * e.final_share).T)
        if not self.of.flow.size and not self.of.markets:
            return out
        traded = at.market.value(at.at).ravel()
        if self.of.flow.size:
            mean_price = self._price(np.exp(ln_price))
            total = float(self.of.flow_weight @ traded[self.of.flow]) / mean_price
            out = out + Slopes(
                flow=self.of.flow,
                value=self.of.flow_weight / mean_price,
                ln_price=-total * (self._shares()[:, None] * e.final_share).T,
            )
        for every, own, worth in self.of.markets:
            value = traded[every]
            out = out + Slopes(flow=every, value=worth * (own - _share(value, own)) / value.sum())
        return out

    def _per_cost(self, e: Economy | Bases) -> Array:
        """What a dollar of a sector's cost is worth to the party [.., j, n], as value added and as profit."""
        value_added = self.of.sector_weight[:, None] * turned(e.gross_margin)
        return value_added + self.of.profit_weight[:, None] * (e.markup - 1)

    def _shares(self) -> Array:
        """The members' shares of the party's base income [n]."""
        out = np.zeros(len(self.economy.countries))
        out[self.of.members] = self.economy.income[self.of.members]
        return out / out.sum()

    def _price(self, price: Array) -> float:
        """The party's consumer price: its members' by their base income, geometric."""
        return float(np.exp(self._shares() @ np.log(price)))


def _share(value: Array, own: Array) -> float:
    return float(own @ value / value.sum())
