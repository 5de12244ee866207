"""Steps of a path forward in time, with workers of one country who move among its sectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.numerics import anderson
from entrepot.paths.expectations import Expectations, Regime, other_ways, regimes, uncertain
from entrepot.paths.march import March
from entrepot.paths.mobility import Mobility, worths
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticState
from entrepot.paths.window import Live
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
        flows = {
            years: self.mobility.flows(self.march.states.economy, self.jobs, years)
            for years in {step.years for step in self.march.steps}
        }
        self.years = [step.years for step in self.march.steps]
        self.matrices = [flows[years] for years in self.years]

    def over(
        self, first: int, known: Live, workers: Array, y: Sequence[Array] | None, before: Mapping[int, Array]
    ) -> Iterator[SolvedStep]:
        """Yield solved steps from `first` on with only `known` entries to come, from workers [j] at its start.

        y       the worth of every step that workers expect; without it they expect real wages to stay
        before  by step, what they expect of its worth until something is resolved in it, where that is another
        """
        steps = self.march.steps
        for t in range(first, len(steps)):
            ln_jobs = self._ln_jobs(workers)
            stocks = self._stocks(ln_jobs)
            try:
                state = self.march.mixed(steps[t], known, stocks)
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {steps[t].first}: {error}") from None
            ln_wage = self._ln_real_wage(state, ln_jobs)
            own = self.mobility.settled(ln_wage, self.matrices[t], self.years[t]) if y is None else y[t - first]
            yield SolvedStep(steps[t], state, ln_jobs=ln_jobs, ln_real_wage=ln_wage, ln_worth=own, stocks=stocks)
            following = own if y is None or t + 1 == len(steps) else y[t + 1 - first]
            workers = self.mobility.moved(workers, before.get(t + 1, following), self.matrices[t], self.years[t])

    def _ln_jobs(self, workers: Array) -> Array:
        """ln L^ [j] of workers, zero where the base has none."""
        jobs = np.where(self.there, self.jobs, 1.0)
        return np.where(self.there, np.log(np.where(self.there, workers, 1.0) / jobs), 0.0)

    def _stocks(self, ln_jobs: Array) -> Array:
        """The stocks [n,j] that static states take: the workers of the country's sectors."""
        stocks = np.zeros_like(self.march.base.capital_income)
        stocks[self.country] = ln_jobs
        return stocks

    def _ln_real_wage(self, state: StaticState, ln_jobs: Array) -> Array:
        base, n = self.march.base, self.country
        earned = np.where(self.there, state.capital_income[n], 1.0) / np.where(self.there, self.jobs, 1.0)
        price = state.income[n] / state.real_spending[n] / (base.income[n] / base.real_spending[n])
        return np.where(self.there, np.log(earned) - ln_jobs - np.log(price), 0.0)

    def solve(self, expectations: Expectations, keep: Callable[[int, SolvedStep], None]) -> None:
        """Solve every step and hand it to `keep`; a later one of the same position takes the place of an earlier one.

        Raises `ConvergenceError` where no worth of the sectors is the one that follows from the wages that it leads to.
        """
        entries, steps = self.march.states.entries, self.march.steps
        if expectations == "myopic":
            for t, solved in enumerate(self.over(0, frozenset(range(len(entries))), self.jobs, None, {})):
                keep(t, solved)
            return
        stages = regimes(expectations, steps, entries)
        workers = self.jobs
        for stage, following in zip(stages, [*stages[1:], None], strict=True):
            end = len(steps) if following is None else following.first
            found = self._plan(stage, workers, end, expectations, keep)
            if following is not None:
                ln_jobs = found[following.first - stage.first].ln_jobs
                assert ln_jobs is not None
                workers = np.where(self.there, self.jobs * np.exp(ln_jobs), 0.0)

    def _plan(
        self,
        stage: Regime,
        workers: Array,
        end: int,
        expectations: Expectations,
        keep: Callable[[int, SolvedStep], None],
    ) -> list[SolvedStep]:
        """Return the steps of a stage as workers expect them when it begins; those before `end` happen and are kept."""
        first, known, entries = stage.first, stage.known, self.march.states.entries
        open_ = uncertain(self.march.steps, entries, known, first) if expectations == "beliefs" else {}
        size, count = self.jobs.size, len(self.years) - first
        latest: list[SolvedStep] = []

        def follows(x: Array) -> Array:
            parts = list(x.reshape(-1, size))
            y, before = parts[:count], dict(zip(open_, parts[count:], strict=True))
            latest.clear()
            for solved in self.over(first, known, workers, y, before):
                latest.append(solved)
                if first + len(latest) <= end:
                    keep(first + len(latest) - 1, solved)
            expected = {at - first: self._expected(at, group, known, latest[at - first]) for at, group in open_.items()}
            wages = [s.ln_real_wage for s in latest if s.ln_real_wage is not None]
            new, resolved = worths(self.mobility, wages, self.matrices[first:], self.years[first:], expected)
            return np.concatenate([*new, *(resolved[at - first] for at in open_)])

        nu = self.mobility.nu
        less = 1 / (1 + self.mobility.discount_factor / nu)  # wages fall where workers go
        found = anderson(
            follows,
            np.zeros((count + len(open_)) * size),
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
        return latest

    def _expected(self, at: int, group: Sequence[int], known: Live, solved: SolvedStep) -> Callable[[Array], Array]:
        """Return the expectation of y at a step over the ways in which a group of entries may go.

        A way that is not taken is valued at the real wages of its first step, which are then expected to stay.
        """
        taken, others = other_ways(self.march.states.entries, group, known)
        ln_jobs = solved.ln_jobs
        assert ln_jobs is not None
        turned = np.zeros(self.jobs.size)
        for chance, live in others:
            state = self.march.at(live, self.march.steps[at].first, solved.stocks)
            wage = self._ln_real_wage(state, ln_jobs)
            turned = turned + chance * self.mobility.settled(wage, self.matrices[at], self.years[at])
        return lambda y: taken * y + turned
