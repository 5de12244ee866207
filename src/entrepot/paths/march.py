"""Steps of a path forward in time, from a stock of capital."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.paths.capital import Capital, InvestmentRule, left_to_consume
from entrepot.paths.expectations import Prospect
from entrepot.paths.growing_elasticities import History
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticState, StaticStates, check_grows_no_further
from entrepot.paths.window import Live, TimeStep
from entrepot.types import Array

#: Stocks at the middle of a step are found to this log difference, in at most so many rounds.
MIDDLE, ROUNDS = 1e-6, 100


@dataclass(eq=False)
class March:
    """Steps forward in time from a stock of capital."""

    states: StaticStates
    steps: Sequence[TimeStep]
    capital: Capital | None
    history: History | None
    base: StaticState

    def __post_init__(self) -> None:
        self.entries = tuple(self.states.entries)
        self.as_it_goes = tuple(entry.carried_out for entry in self.entries)
        whole, years = self.steps[0].whole, [step.years for step in self.steps]
        self.rules = () if self.capital is None else self.capital.rules(years, whole)
        self.base_share = part_of(self.base.capital_income, self.base.income)
        self._others: dict[tuple[bool, ...], tuple[Sequence[TimeStep], History | None]] = {}

    def over(
        self,
        prospect: Prospect,
        ln_capital: Array | None,
        x: Sequence[Array] | None = None,
        near: Sequence[SolvedStep] = (),
    ) -> Iterator[SolvedStep]:
        """Yield the solved steps of one way, investing x or what (6) tells.

        near  the same steps, solved at another x: where the search for stocks in the middle of a step begins
        """
        move = None if ln_capital is None else np.zeros_like(ln_capital)
        steps, history = self.on(prospect.carried_out)
        for t in range(prospect.first, prospect.end):
            at = t - prospect.first
            if at < len(near):
                move = near[at].ln_growth
            try:
                solved = self._step(t, steps[t], history, ln_capital, move, None if x is None else x[at])
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {steps[t].first}: {error}") from None
            if solved.ln_capital_end is not None:
                check_grows_no_further(solved.ln_capital_end, self.states.economy, str(steps[t].end))
                move, ln_capital = solved.ln_growth, solved.ln_capital_end
            yield solved

    def on(self, carried_out: tuple[bool, ...]) -> tuple[Sequence[TimeStep], History | None]:
        """Return the steps, and the clocks of elasticities, if these entries are carried out."""
        if carried_out == self.as_it_goes:
            return self.steps, self.history
        if carried_out not in self._others:
            entries = [replace(e, carried_out=out) for e, out in zip(self.entries, carried_out, strict=True)]
            history = None
            if self.history is not None:
                history = History(self.states.economy, entries, self.history.elasticities)
            self._others[carried_out] = [step.under(entries) for step in self.steps], history
        return self._others[carried_out]

    def _step(
        self,
        t: int,
        step: TimeStep,
        history: History | None,
        ln_capital: Array | None,
        move: Array | None,
        x: Array | None,
    ) -> SolvedStep:
        if self.capital is None or ln_capital is None or move is None:
            return SolvedStep(step, self.mixed(step, history, None))
        in_middle = self.capital.timing == "middle"
        used, rule = ln_capital + move / 2 if in_middle else ln_capital, self.rules[t]
        x0 = rule.settled(self.base_share)
        for _ in range(ROUNDS):
            state = self.mixed(step, history, used)
            share = self._income_share(state, rule)
            invested = rule.settled(share) if x is None else x
            end = self.capital.next_stock(ln_capital, self._ln_investment(state, invested, x0, ln_capital), step.years)
            middle = (ln_capital + end) / 2
            if not in_middle or np.abs(middle - used).max() <= MIDDLE:
                break
            used = middle
        else:
            raise ConvergenceError(f"The stock in the middle of the step does not settle in {ROUNDS} rounds.")
        return SolvedStep(step, state, ln_capital, end, used, share, invested, x0, stocks=used)

    def mixed(self, step: TimeStep, history: History | None, stocks: Array | None) -> StaticState:
        """Return the mean of the states of a step by days. Raises `ConvergenceError`."""
        if history is None:
            solved = {live: self.states.state(live, None, stocks) for live, _ in step.states}
            return StaticState.over(step.spells, [solved[s.live] for s in step.spells])
        states = [self.states.state(s.live, history.lag(s.live, s.first, s.end), stocks) for s in step.spells]
        return StaticState.over(step.spells, states)

    def at(self, live: Live, day: datetime.date, ln_capital: Array | None) -> StaticState:
        """Return the state on a day with some entries in force. Raises `ConvergenceError`."""
        lag = None if self.history is None else self.history.lag(live, day, day)
        return self.states.state(live, lag, ln_capital)

    def _income_share(self, state: StaticState, rule: InvestmentRule) -> Array:
        """Return a, capital's part of spending. Raises `ConvergenceError` where nothing is left to consume."""
        share = part_of(state.capital_income, state.income)
        left = left_to_consume(rule.settled(share)).ravel()
        if (left <= 0).any() or (state.income <= 0).any():
            country = self.states.economy.countries[int(np.argmin(left))]
            raise ConvergenceError(
                f"Capital earns so large a part of what {country} spends that nothing would be left to consume: "
                f"subsidies or transfers take its other income. Lower them, or the share of capital"
            )
        return share

    def _ln_investment(self, state: StaticState, x: Array, x0: Array, ln_capital: Array) -> Array:
        """ln of what is invested against the base; where there is no capital, what keeps the stock as it is."""
        ratio = np.divide(x, x0, out=np.ones_like(x), where=x0 > 0)
        bought = np.log(ratio) + _over_sectors(np.log(state.real_spending / self.base.real_spending), x)
        return np.where(x0 > 0, bought, ln_capital)


def part_of(income: Array, spending: Array) -> Array:
    """Capital's part of spending [n] or [n,j]."""
    return income / (spending if income.ndim == 1 else spending[:, None])


def _over_sectors(by_country: Array, like: Array) -> Array:
    return by_country if like.ndim == 1 else by_country[:, None]
