"""Steps of a path forward in time, from a stock of capital."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.paths.capital import Capital, left_to_consume
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

    def over(
        self, first: int, known: Live, ln_capital: Array | None, x: Sequence[Array] | None
    ) -> Iterator[SolvedStep]:
        """Yield solved steps from `first` on, with only `known` entries to come, investing x or what (6) tells."""
        move = None if ln_capital is None else np.zeros_like(ln_capital)
        for t in range(first, len(self.steps)):
            step = self.steps[t]
            try:
                solved = self._step(step, known, ln_capital, move, None if x is None else x[t - first])
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {step.first}: {error}") from None
            if solved.ln_capital is not None and solved.ln_capital_end is not None:
                check_grows_no_further(solved.ln_capital_end, self.states.economy, str(step.end))
                move, ln_capital = solved.ln_capital_end - solved.ln_capital, solved.ln_capital_end
            yield solved

    def _step(
        self, step: TimeStep, known: Live, ln_capital: Array | None, move: Array | None, x: Array | None
    ) -> SolvedStep:
        if self.capital is None or ln_capital is None or move is None:
            return SolvedStep(step, self.mixed(step, known, None))
        in_middle = self.capital.timing == "middle"
        used = ln_capital + move / 2 if in_middle else ln_capital
        for _ in range(ROUNDS):
            state = self.mixed(step, known, used)
            share = self.income_share(state, step.years)
            invested = self.capital.settled(share, step.years) if x is None else x
            end = self.capital.next_stock(ln_capital, self._ln_investment(state, invested, step.years), step.years)
            middle = (ln_capital + end) / 2
            if not in_middle or np.abs(middle - used).max() <= MIDDLE:
                break
            used = middle
        else:
            raise ConvergenceError(f"The stock in the middle of the step does not settle in {ROUNDS} rounds.")
        x0 = self.invested_in_base(step.years)
        return SolvedStep(step, state, ln_capital, end, used, share, invested, x0, stocks=used)

    def mixed(self, step: TimeStep, known: Live, ln_capital: Array | None) -> StaticState:
        """Return the mean of the states of a step by days. Raises `ConvergenceError`."""
        if self.history is None:
            solved = {live: self.states.state(live, None, ln_capital) for live, _ in step.knowing(known)}
            return StaticState.over(step.spells, [solved[s.live & known] for s in step.spells])
        history = self.history
        states = [
            self.states.state(s.live & known, history.lag(s.live & known, s.first, s.end), ln_capital)
            for s in step.spells
        ]
        return StaticState.over(step.spells, states)

    def at(self, live: Live, day: datetime.date, ln_capital: Array | None) -> StaticState:
        """Return the state on a day with some entries in force. Raises `ConvergenceError`."""
        lag = None if self.history is None else self.history.lag(live, day, day)
        return self.states.state(live, lag, ln_capital)

    def income_share(self, state: StaticState, years: float) -> Array:
        """Return a, capital's part of spending. Raises `ConvergenceError` where nothing is left to consume."""
        assert self.capital is not None
        share = part_of(state.capital_income, state.income)
        left = left_to_consume(self.capital.settled(share, years)).ravel()
        if (left <= 0).any() or (state.income <= 0).any():
            country = self.states.economy.countries[int(np.argmin(left))]
            raise ConvergenceError(
                f"Capital earns so large a part of what {country} spends that nothing would be left to consume: "
                f"subsidies or transfers take its other income. Lower them, or the share of capital"
            )
        return share

    def invested_in_base(self, years: float) -> Array:
        """Return x_0, by (6)."""
        assert self.capital is not None
        return self.capital.settled(part_of(self.base.capital_income, self.base.income), years)

    def _ln_investment(self, state: StaticState, x: Array, years: float) -> Array:
        """ln of what is invested against the base, where capital earns anything."""
        x0 = self.invested_in_base(years)
        ratio = np.divide(x, x0, out=np.ones_like(x), where=x0 > 0)
        return np.log(ratio) + _over_sectors(np.log(state.real_spending / self.base.real_spending), x)


def part_of(income: Array, spending: Array) -> Array:
    """Capital's part of spending [n] or [n,j]."""
    return income / (spending if income.ndim == 1 else spending[:, None])


def _over_sectors(by_country: Array, like: Array) -> Array:
    return by_country if like.ndim == 1 else by_country[:, None]
