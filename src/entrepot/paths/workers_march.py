"""Steps of a path forward in time, with workers of one country who move among its sectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.numerics import anderson
from entrepot.paths.expectations import Expectations
from entrepot.paths.march import March
from entrepot.paths.mobility import Mobility, worths
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticState
from entrepot.types import Array

#: What workers expect is searched for until it moves by less than this, in at most so many rounds.
SETTLED, ROUNDS = 1e-8, 200


@dataclass(eq=False)
class WorkersMarch:
    """Steps forward in time with workers of one country who move among its sectors."""

    march: March
    mobility: Mobility

    def __post_init__(self) -> None:
        self.country = self.mobility.position(self.march.states.economy)
        self.jobs = self.march.base.capital_income[self.country]  # in units that earn one dollar in the base
        self.there = self.jobs > 0
        economy, steps = self.march.states.economy, self.march.steps
        made = {step.years: self.mobility.rule(economy, self.jobs, step.years, step.whole) for step in steps}
        self.rules = [made[step.years] for step in steps]

    def over(self, y: Sequence[Array] | None) -> Iterator[SolvedStep]:
        """Yield solved steps in which workers expect the worth y of every step, or real wages to stay."""
        workers = self.jobs
        for t, step in enumerate(self.march.steps):
            ln_jobs = np.where(
                self.there, np.log(np.where(self.there, workers / np.where(self.there, self.jobs, 1), 1)), 0
            )
            stocks = np.zeros_like(self.march.base.capital_income)
            stocks[self.country] = ln_jobs
            try:
                state = self.march.mixed(step, stocks)
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {step.first}: {error}") from None
            ln_wage = self._ln_real_wage(state, ln_jobs)
            own = self.rules[t].settled(ln_wage) if y is None else y[t]
            yield SolvedStep(step, state, ln_jobs=ln_jobs, ln_real_wage=ln_wage, ln_worth=own, stocks=stocks)
            following = own if y is None or t + 1 == len(y) else y[t + 1]
            workers = self.rules[t].moved(workers, following)

    def _ln_real_wage(self, state: StaticState, ln_jobs: Array) -> Array:
        base, n = self.march.base, self.country
        earned = np.where(self.there, state.capital_income[n], 1.0) / np.where(self.there, self.jobs, 1.0)
        price = state.income[n] / state.real_spending[n] / (base.income[n] / base.real_spending[n])
        return np.where(self.there, np.log(earned) - ln_jobs - np.log(price), 0.0)

    def solve(self, expectations: Expectations, keep: Callable[[int, SolvedStep], None]) -> None:
        """Solve every step and hand it to `keep`; a later one of the same position takes the place of an earlier one.

        Raises `ConvergenceError` where no worth of the sectors is the one that follows from the wages that it leads to.
        """

        def march(y: Sequence[Array] | None) -> list[Array]:
            wages: list[Array] = []
            for t, solved in enumerate(self.over(y)):
                keep(t, solved)
                assert solved.ln_real_wage is not None
                wages.append(solved.ln_real_wage)
            return worths(self.rules, wages)

        def follows(x: Array) -> Array:
            return np.concatenate(march(list(x.reshape(len(self.rules), -1))))

        if expectations == "myopic":
            march(None)
            return
        nu, nowhere = self.mobility.nu, np.zeros(len(self.rules) * self.jobs.size)
        less = 1 / (1 + self.mobility.discount_factor / nu)  # wages fall where workers go
        found = anderson(
            follows,
            nowhere,
            tol=less * SETTLED,
            max_iterations=ROUNDS,
            precondition=lambda r: less * r,
            largest_step=nu / 2,
        )
        if not found.converged:
            raise ConvergenceError(
                f"What workers expect does not settle in {found.iterations} rounds: expectations explode. Raise nu, or "
                f"use expectations='myopic'"
            )
