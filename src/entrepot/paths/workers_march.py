"""Steps of a path forward in time, with workers of one country who move among its sectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.numerics import anderson
from entrepot.paths.expectations import Expectations, Prospect, Regime, prospect
from entrepot.paths.march import March
from entrepot.paths.mobility import Mobility, worths
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.stages import Keep, in_stages
from entrepot.paths.static_states import StaticState
from entrepot.types import Array

#: What workers expect is searched for until it moves by less than this, in at most so many rounds.
SETTLED, ROUNDS = 1e-8, 200


def solve_workers(march: March, mobility: Mobility, expectations: Expectations, keep: Keep) -> None:
    """Solve every step with workers who move at a cost, and hand it to `keep`.

    Raises `ConvergenceError` where no worth of the sectors is the one that follows from the wages that it leads to.
    """
    base = np.zeros(march.base.capital_income.shape[1])
    if expectations == "myopic":
        whole = Prospect(0, len(march.steps), march.as_it_goes)
        for t, solved in enumerate(WorkersMarch(march, mobility).over(whole, base, None, None)):
            keep(t, solved)
        return

    def planned(march: March, stage: Regime, ln_jobs: Array, keep: Keep) -> None:
        root = prospect(expectations, march.steps, march.entries, stage)
        WorkersMarch(march, mobility).plan(root, ln_jobs, keep)

    in_stages(march, expectations, planned, base, keep)


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
        self, way: Prospect, ln_jobs: Array, y: Sequence[Array] | None, after: Array | None
    ) -> Iterator[SolvedStep]:
        """Yield the solved steps of one way, from ln L^ [j] at its start.

        y      the worth of every step that workers expect; without it they expect real wages to stay
        after  what they expect of it after the last of these steps; it does not matter where the path ends there
        """
        steps, history = self.march.on(way.carried_out)
        for t in range(way.first, way.end):
            stocks = np.zeros_like(self.march.base.capital_income)
            stocks[self.country] = ln_jobs
            try:
                state = self.march.mixed(steps[t], history, stocks)
            except ConvergenceError as error:
                raise ConvergenceError(f"In the step from {steps[t].first}: {error}") from None
            ln_wage, at = self._ln_real_wage(state, ln_jobs), t - way.first
            own = self.rules[t].settled(ln_wage) if y is None else y[at]
            following = own if y is None else y[at + 1] if at + 1 < len(y) else own if after is None else after
            ln_end = self._ln_jobs(self.rules[t].moved(np.where(self.there, self.jobs * np.exp(ln_jobs), 0), following))
            yield SolvedStep(
                steps[t], state, ln_jobs=ln_jobs, ln_jobs_end=ln_end, ln_real_wage=ln_wage, ln_worth=own, stocks=stocks
            )
            ln_jobs = ln_end

    def _ln_jobs(self, workers: Array) -> Array:
        """ln L^ [j] of workers, zero where the base has none."""
        jobs = np.where(self.there, self.jobs, 1.0)
        return np.where(self.there, np.log(np.where(self.there, workers, 1.0) / jobs), 0.0)

    def _ln_real_wage(self, state: StaticState, ln_jobs: Array) -> Array:
        base, n = self.march.base, self.country
        earned = np.where(self.there, state.capital_income[n], 1.0) / np.where(self.there, self.jobs, 1.0)
        price = state.income[n] / state.real_spending[n] / (base.income[n] / base.real_spending[n])
        return np.where(self.there, np.log(earned) - ln_jobs - np.log(price), 0.0)

    def plan(self, root: Prospect, ln_jobs: Array, keep: Keep) -> None:
        """Solve all that may happen, from ln L^ [j] at its start, and keep what does. Raises `ConvergenceError`."""
        ways, happens = list(root.each()), root.taken()
        ends = np.cumsum([way.end - way.first for way in ways])

        def follows(x: Array) -> Array:
            expected = dict(zip(ways, map(list, np.split(x.reshape(-1, len(ln_jobs)), ends[:-1])), strict=True))
            start, wages = {root: ln_jobs}, dict[Prospect, list[Array]]()
            for way in ways:
                after = _mean([(chance, expected[other][0]) for chance, other in way.ways])
                wages[way] = []
                for solved in self.over(way, start[way], expected[way], after):
                    if way in happens:
                        keep(way.first + len(wages[way]), solved)
                    assert solved.ln_real_wage is not None
                    wages[way].append(solved.ln_real_wage)
                start |= {other: solved.stocks_end for _, other in way.ways}
            y: dict[Prospect, list[Array]] = {}
            self._worths(root, wages, y)
            return np.concatenate([worth for way in ways for worth in y[way]])

        nu = self.mobility.nu
        less = 1 / (1 + self.mobility.discount_factor / nu)  # wages fall where workers go
        found = anderson(
            follows,
            np.zeros(int(ends[-1]) * len(ln_jobs)),
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

    def _worths(
        self, way: Prospect, wages: Mapping[Prospect, Sequence[Array]], y: dict[Prospect, list[Array]]
    ) -> Array:
        """Fill in y of every way from this one on, and return that at its start; after the path real wages stay."""
        rules = self.rules[way.first : way.end]
        after = _mean([(chance, self._worths(other, wages, y)) for chance, other in way.ways])
        y[way] = worths(rules, wages[way], rules[-1].settled(wages[way][-1]) if after is None else after)
        return y[way][0]


def _mean(ways: Sequence[tuple[float, Array]]) -> Array | None:
    """What is expected over ways; None without any."""
    if not ways:
        return None
    return np.sum([chance * worth for chance, worth in ways], axis=0)
