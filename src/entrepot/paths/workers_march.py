"""Steps of a path forward in time, with workers of one country who move among its sectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.numerics import anderson
from entrepot.paths.expectations import Expectations, Prospect, happening, prospect, regimes
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

    def over(
        self, way: Prospect, workers: Array, y: Sequence[Array] | None, after: Array | None
    ) -> Iterator[SolvedStep]:
        """Yield the solved steps of one way from workers [j] on its first day.

        y      what workers expect of the worth of its steps; without it, real wages that stay
        after  what they expect of the step after them; without it, the worth of the last one
        """
        steps, history = self.march.on(way.carried_out)
        for t in range(way.first, way.end):
            ln_jobs = self._ln_jobs(workers)
            stocks = np.zeros_like(self.march.base.capital_income)
            stocks[self.country] = ln_jobs
            try:
                state = self.march.mixed(steps[t], history, stocks)
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {steps[t].first}: {error}") from None
            ln_wage = self._ln_real_wage(state, ln_jobs)
            own = self.rules[t].settled(ln_wage) if y is None else y[t - way.first]
            yield SolvedStep(steps[t], state, ln_jobs=ln_jobs, ln_real_wage=ln_wage, ln_worth=own, stocks=stocks)
            workers = self.rules[t].moved(workers, self._expected(t + 1, way, own, y, after))

    @staticmethod
    def _expected(t: int, way: Prospect, own: Array, y: Sequence[Array] | None, after: Array | None) -> Array:
        """Return what workers expect at the end of a step of the worth of step t."""
        if y is None or (t == way.end and after is None):
            return own
        return after if t == way.end and after is not None else y[t - way.first]

    def _ln_jobs(self, workers: Array) -> Array:
        """ln L^ [j] of workers, zero where the base has none."""
        jobs = np.where(self.there, self.jobs, 1.0)
        return np.where(self.there, np.log(np.where(self.there, workers, 1.0) / jobs), 0.0)

    def _workers(self, ln_jobs: Array | None) -> Array:
        """Workers [j], in units that earn one dollar in the base."""
        assert ln_jobs is not None
        return np.where(self.there, self.jobs * np.exp(ln_jobs), 0.0)

    def _ln_real_wage(self, state: StaticState, ln_jobs: Array) -> Array:
        base, n = self.march.base, self.country
        earned = np.where(self.there, state.capital_income[n], 1.0) / np.where(self.there, self.jobs, 1.0)
        price = state.income[n] / state.real_spending[n] / (base.income[n] / base.real_spending[n])
        return np.where(self.there, np.log(earned) - ln_jobs - np.log(price), 0.0)

    def solve(self, expectations: Expectations, keep: Callable[[int, SolvedStep], None]) -> None:
        """Solve every step and hand it to `keep`; a later one of the same position takes the place of an earlier one.

        Raises `ConvergenceError` where no worth of the sectors is the one that follows from the wages that it leads to.
        """
        steps, entries = self.march.steps, self.march.entries
        if expectations == "myopic":
            whole = Prospect(0, len(steps), self.march.as_it_goes)
            for t, solved in enumerate(self.over(whole, self.jobs, None, None)):
                keep(t, solved)
            return
        stages = regimes(expectations, steps, entries)
        workers = self.jobs
        for stage, following in zip(stages, [*stages[1:], None], strict=True):
            end = len(steps) if following is None else following.first
            for t, solved in self._planned(prospect(expectations, steps, entries, stage), workers, end, keep).items():
                if t == end:
                    workers = self._workers(solved.ln_jobs)

    def _planned(
        self, root: Prospect, workers: Array, end: int, keep: Callable[[int, SolvedStep], None]
    ) -> dict[int, SolvedStep]:
        """Return the steps that happen, as workers expect them on the first day of `root`; those before `end` are kept.

        The worth of every step on every way is searched for together: it follows from wages, they from where workers
        go, and that from the worth.
        """
        every, happens = list(root.each()), happening(root)
        lengths = [way.end - way.first for way in every]
        size, kept = self.jobs.size, dict[int, SolvedStep]()

        def follows(x: Array) -> Array:
            parts = np.split(x.reshape(-1, size), np.cumsum(lengths)[:-1])
            y = {way: list(part) for way, part in zip(every, parts, strict=True)}
            start, wages = {root: workers}, dict[Prospect, list[Array]]()
            for way in every:
                after = _mean([(chance, y[other][0]) for chance, other in way.ways])
                wages[way] = []
                for t, solved in enumerate(self.over(way, start[way], y[way], after), way.first):
                    assert solved.ln_real_wage is not None
                    wages[way].append(solved.ln_real_wage)
                    if way in happens:
                        kept[t] = solved
                        if t < end:
                            keep(t, solved)
                last = self._workers(solved.ln_jobs)
                moved = self.rules[way.end - 1].moved(last, y[way][-1] if after is None else after)
                start |= {other: moved for _, other in way.ways}
            found: dict[Prospect, list[Array]] = {}
            for way in reversed(every):  # those after a way come after it
                after = _mean([(chance, found[other][0]) for chance, other in way.ways])
                found[way] = worths(self.rules[way.first : way.end], wages[way], after)
            return np.concatenate([part for way in every for part in found[way]])

        nu = self.mobility.nu
        less = 1 / (1 + self.mobility.discount_factor / nu)  # wages fall where workers go
        solution = anderson(
            follows,
            np.zeros(sum(lengths) * size),
            tol=less * SETTLED,
            max_iterations=ROUNDS,
            precondition=lambda r: less * r,
            largest_step=nu / 2,
        )
        if not solution.converged:
            raise ConvergenceError(
                f"What workers expect does not settle in {solution.iterations} rounds: expectations explode. Raise nu, "
                f"or use expectations='myopic'"
            )
        return kept


def _mean(parts: Sequence[tuple[float, Array]]) -> Array | None:
    """Return the expectation over the ways that may follow; None where none does."""
    mean: Array = np.sum([chance * part for chance, part in parts], axis=0)
    return mean if parts else None
