"""The payoff of a party at an equilibrium by its objective, and its derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from entrepot.cases.objective import Objective, ObjectiveWeights
from entrepot.economy import Economy
from entrepot.economy.equations import ln_consumer_price, turned
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.warm_start import Ledger, Problem, Sensitivity, Slopes, Solution, Solved
from entrepot.errors import ConvergenceError, InputError
from entrepot.rules.finding import Finding, Status
from entrepot.types import Array, Index

if TYPE_CHECKING:
    from entrepot.cases.market_at_costs import MarketAtCosts


@dataclass(frozen=True, eq=False)
class Payoff:
    """The payoff of a party by its Objective, without the cost of a breach.

    market   that of the case, where the objective weighs makers' profits;  maker_weight [j]  on profit by product
    """

    economy: Economy
    party: str
    of: ObjectiveWeights
    market: MarketAtCosts | None = None
    maker_weight: Array = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def to(
        cls, party: str, objective: Objective | None, economy: Economy, market: MarketAtCosts | None = None
    ) -> Payoff:
        """The payoff of a party in an Economy. Raises `InputError` for a name that the Economy does not have."""
        wanted = objective or Objective()
        of = wanted.on(economy, party)
        if not wanted.weighs_makers:
            return cls(economy, party, of)
        if market is None:
            raise InputError(f"objective: profit: the makers of {party}'s objective need a case with a market")
        return cls(economy, party, of, market, market.weights(wanted))

    @property
    def objective(self) -> Objective:
        """The objective of the party."""
        return self.of.objective

    def at(self, answer: Solution | Outcome) -> float:
        """The payoff at a solution, US$ million."""
        return float(sum(self.parts(answer.accounts).values())) + self.makers_profit(answer)

    def of_stack(self, solved: Solved, members: Sequence[int] | None = None) -> Array:
        """The payoff in every member of a stack [b]; makers' profits, where they count, in some `members` only."""
        worth = np.asarray(sum(self.parts(solved).values()))
        if self.market is None:
            return worth
        costs, earned = self.market.costs(solved), np.full(worth.shape, np.nan)
        for k in range(len(worth)) if members is None else members:
            if np.isfinite(worth[k]):
                earned[k] = self._earned(solved.problems[k], costs[k])
        return worth + earned

    def makers_profit(self, answer: Solution | Outcome) -> float:
        """The weighted change of makers' profits at a solution, US$ million; zero where the objective has none.

        Raises `ConvergenceError` where the market has no equilibrium.
        """
        if self.market is None:
            return 0.0
        earned = self._earned(answer.problem, self.market.costs(answer.accounts))
        if not np.isfinite(earned):
            raise ConvergenceError("The makers' market has no equilibrium under these measures.")
        return earned

    def _earned(self, problem: Problem, costs: Array) -> float:
        """NaN where the market has no equilibrium."""
        assert self.market is not None
        return float(self.maker_weight @ self.market.profit_under(problem, costs))

    @np.errstate(all="ignore")  # where a member has no equilibrium
    def parts(self, a: Ledger) -> dict[str, Array]:
        """The payoff by component, of one solution or of a stack [..]."""
        e, mine, objective = a.economy, self.of.members, self.objective
        price = np.exp(a.ln_consumer_price)
        gained = (a.cleared.cost / price[..., None, :] - e.cost)[..., mine]
        margin, profit = (array[..., mine] for array in (turned(e.gross_margin), e.markup - 1))
        revenue = a.cleared.revenue / price - e.revenue
        balance = np.zeros(price.shape[:-1])
        if self.of.flow.size:
            traded, base = (value @ self.of.flow_weight for value in self._now_and_before(a, self.of.flow))
            balance = traded / np.exp((a.ln_consumer_price * self._shares(e.income)).sum(axis=-1)) - base
        share = np.zeros(price.shape[:-1])
        for every, own, worth in self.of.markets:
            now, before = (value @ own / value.sum(axis=-1) for value in self._now_and_before(a, every))
            share = share + worth * (now - before)
        return {
            "real_income": objective.real_income * (e.income * a.real_income)[..., mine].sum(axis=-1),
            "value_added": (margin * gained).sum(axis=-1) @ self.of.sector_weight,
            "profit": (profit * gained).sum(axis=-1) @ self.of.profit_weight,
            "revenue": objective.revenue * revenue[..., mine].sum(axis=-1),
            "balance": balance,
            "market_share": share,
        }

    def _now_and_before(self, a: Ledger, flow: Index) -> tuple[Array, Array]:
        """The producer value of flows at a solution and in the base [.., f]."""
        base = a.economy.value
        return a.traded(flow), base.reshape(*base.shape[:-3], -1)[..., flow]

    def breach(self, findings: Iterable[Finding]) -> float:
        """The cost of the rules that the party breaks, or may break (contested); each rule counts once."""
        of = self.objective.breach
        if of is None:
            return 0.0
        # To depart from a pledge outside a treaty breaches nothing in law; it costs what a contested rule costs.
        prices = dict.fromkeys((Status.CONTESTED, Status.DEPARTED), of.contested) | {
            Status.INCONSISTENT: of.inconsistent
        }
        by_rule: dict[str, float] = {}
        for found in findings:
            codes = resolve_countries(found.party, self.economy.countries, "finding")[0]
            if set(codes) & set(self.of.codes):
                by_rule[found.rule] = max(by_rule.get(found.rule, 0.0), prices.get(found.status, 0.0))
        return sum(by_rule.values())

    def slopes(self, at: Sensitivity) -> Slopes:
        """The derivatives of the payoff in the variables of the equilibrium map.

        Raises `InputError` where the payoff has makers' profits, which are not differentiated.
        """
        if self.market is not None:
            raise InputError(f"objective: profit: {self.party}'s weights on makers' profits have no derivatives")
        e, mine, objective = at.economy, self.of.members, self.objective
        out = at.real_income({c: float(e.income[e.countries.index(c)]) for c in self.of.codes}) * objective.real_income
        ln_price = ln_consumer_price(e.final_share, at.state.ln_price)
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
            mean_price = float(np.exp(self._shares(e.income) @ ln_price))
            total = float(self.of.flow_weight @ traded[self.of.flow]) / mean_price
            out = out + Slopes(
                flow=self.of.flow,
                value=self.of.flow_weight / mean_price,
                ln_price=-total * (self._shares(e.income)[:, None] * e.final_share).T,
            )
        for every, own, worth in self.of.markets:
            value = traded[every]
            out = out + Slopes(flow=every, value=worth * (own - own @ value / value.sum()) / value.sum())
        return out

    def _per_cost(self, e: Economy) -> Array:
        """The payoff of a dollar of a sector's cost [j,n], as value added and as profit."""
        value_added = self.of.sector_weight[:, None] * turned(e.gross_margin)
        return value_added + self.of.profit_weight[:, None] * (e.markup - 1)

    def _shares(self, income: Array) -> Array:
        """The shares of the members in the party's income in the base that is solved, `income` [.., n]."""
        out = np.zeros(income.shape)
        out[..., self.of.members] = income[..., self.of.members]
        return out / out.sum(axis=-1, keepdims=True)


def check_apart(where: str, payoffs: Iterable[Payoff]) -> None:
    """Raise `InputError`, with the place where the parties are named, for a country that is in two of them."""
    seen: dict[str, str] = {}
    for payoff in payoffs:
        for code in payoff.of.codes:
            if code in seen:
                raise InputError(f"{where}: {code} is in both {seen[code]} and {payoff.party}")
            seen[code] = payoff.party
