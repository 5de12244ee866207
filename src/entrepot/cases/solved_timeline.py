"""Solve the timeline of a case: paths by quarter and discounted totals for every branch.

Each distinct state (the scenarios in force, and the ratio of trade elasticities to their long-run values) is one
equilibrium, solved once. A quarter averages its states, weighted by days. A state does not depend on earlier states:
capital neither accumulates nor depreciates, and only the elasticities adjust.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.cases.case import Case
from entrepot.cases.quarters import StateKey, quarters
from entrepot.cases.shared_measures import SharedMeasures, duplicates
from entrepot.cases.timeline import Branch, Timeline
from entrepot.cases.timeline_tables import (
    AMOUNTS,
    HORIZONS,
    PATH,
    TOTALS,
    Figures,
    Frame,
    adjusted_states,
    horizon_rows,
    path_and_totals,
)
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.measures.scenario import together
from entrepot.read_only import read_only
from entrepot.types import Progress
from entrepot.words import counted

if TYPE_CHECKING:
    import pandas as pd


@read_only
@dataclass(frozen=True, repr=False)
class SolvedTimeline:
    """The timeline of a case, solved.

    branches  with their deadlines
    path_rows, total_rows, horizon_rows   the rows of the three tables below
    path      tidy: branch, quarter (its first day), what (party, market or industry), quantity, value. Amounts are US$
              million at an annual rate, imports before duty; the others are percent of the base
    totals    by branch and party: amounts over the window, discounted to its first day, US$ million
    expected  the same over all branches, where probabilities are stated
    horizons  by scenarios in force and party: annual welfare just after a change (horizon "short", at `part` of the
              trade elasticities) and when trade has adjusted ("long", part 1); empty where elasticities do not adjust
    states    the number of distinct equilibria
    failures  the states without an equilibrium, with the reason; no total is computed over them
    notes     what the model leaves out
    """

    timeline: Timeline
    branches: tuple[Branch, ...]
    path_rows: Sequence[tuple[Any, ...]]
    total_rows: Sequence[tuple[Any, ...]]
    horizon_rows: Sequence[tuple[Any, ...]]
    states: int
    failures: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float

    @cached_property
    def path(self) -> pd.DataFrame:
        """The path by quarter."""
        return _frame(self.path_rows, PATH)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The discounted totals by branch and party."""
        return _frame(self.total_rows, TOTALS)

    @cached_property
    def horizons(self) -> pd.DataFrame:
        """Annual welfare just after each change, and once trade has adjusted."""
        return _frame(self.horizon_rows, HORIZONS)

    @cached_property
    def expected(self) -> pd.DataFrame:
        """The expected totals by party over the branches; empty where no probabilities are stated."""
        probability = {b.name: b.probability for b in self.branches}
        if len(probability) < 2 or None in probability.values() or self.failures:
            return self.totals.iloc[:0].drop(columns="branch")
        weight = self.totals["branch"].map(probability).astype(float)
        amounts = [c for c in self.totals if c in AMOUNTS]
        weighted = self.totals[amounts].mul(weight, axis=0).assign(party=self.totals["party"])
        return weighted.groupby("party", sort=False).sum().reset_index()

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} without an equilibrium" if self.failures else ""
        t = self.timeline
        return (
            f"Timeline from {t.since} to {t.until}: {counted(len(self.branches), 'branch', 'branches')}, "
            f"{counted(self.states, 'distinct state')}"
            f"{failed}, {self.seconds:.2f} s\nNext: .totals, .expected, .path"
        )


def solve_timeline(
    case: Case,
    economy: Economy,
    outcomes: Mapping[str, Outcome],
    *,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> SolvedTimeline | None:
    """Solve every distinct state of the case's timeline; return None if the case has no timeline.

    outcomes   the solved scenarios of the case, which give the caps and the rates of retaliations
    """
    if case.timeline is None:
        return None
    began = time.perf_counter()
    timeline, every_branch = case.timeline, case.branches()
    calendars = {branch.name: list(quarters(timeline, branch)) for branch in every_branch}
    keys = list(dict.fromkeys(key for spans in calendars.values() for q in spans for key in q.days))
    frame = Frame.of(case, economy)
    figures: dict[StateKey, Figures] = {}
    failures: dict[str, str] = {}
    economies: dict[float, Economy] = {}
    repeated: list[Measure] = []
    last: Outcome | None = None
    adjusted = [key for key in adjusted_states(timeline, keys) if key not in keys]
    for done, key in enumerate((*keys, *adjusted)):
        if progress is not None:
            progress(f"timeline, {_named(key)}", done, len(keys) + len(adjusted))
        if key.part not in economies:
            economies[key.part] = _with_part_of_theta(economy, key.part)
        try:
            scenario = _in_force(case, key, outcomes)
            repeated += duplicates(scenario)
            last = solve(economies[key.part], scenario, closure=case.closure, tol=tol, start=last)
            figures[key] = Figures.of(frame, last)
        except (ConvergenceError, MeasureError) as error:
            failures[_named(key)] = str(error)
    path_rows, total_rows = path_and_totals(timeline, every_branch, calendars, frame, figures)
    return SolvedTimeline(
        timeline=timeline,
        branches=every_branch,
        path_rows=path_rows,
        total_rows=total_rows,
        horizon_rows=horizon_rows(timeline, keys, frame, figures),
        states=len(keys),
        failures=failures,
        notes=(*_notes(timeline), *_repeated_notes(repeated)),
        seconds=time.perf_counter() - began,
    )


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))


def _named(key: StateKey) -> str:
    name = " with ".join(sorted(key.scenarios)) or "nothing in force"
    return name if key.part == 1 else f"{name}, elasticities at {100 * key.part:.3g}%"


def _with_part_of_theta(economy: Economy, part: float) -> Economy:
    return economy if part == 1 else economy.with_elasticities(part * economy.theta)


def _in_force(case: Case, key: StateKey, outcomes: Mapping[str, Outcome]) -> Scenario:
    """Return the measures of a state's scenarios in force together, each entry of the case once."""
    unsolved = [name for name in key.scenarios if name not in outcomes]
    if unsolved:
        raise ConvergenceError(f"The scenario {unsolved[0]!r} has no equilibrium.")
    entries = SharedMeasures(case)
    named = [name for name in case.scenarios if name in key.scenarios]
    measures = together(m for name in named for m in entries.of(name, outcomes[name].scenario))
    return Scenario(measures, name=_named(key))


def _repeated_notes(measures: Sequence[Measure]) -> list[str]:
    return [
        f"'{title}' is a separate entry in two scenarios that are in force together, so it counts twice. To count it "
        f"once, use one entry with a YAML anchor (&name and *name), or give both entries the same label."
        for title in dict.fromkeys(measure.title for measure in measures)
    ]


def _notes(timeline: Timeline) -> tuple[str, ...]:
    notes = [
        "Each state is a separate equilibrium: it does not depend on earlier states, and capital does not accumulate."
    ]
    if timeline.adjustment is not None:
        a = timeline.adjustment
        notes.append(
            f"After each change in the measures in force, trade elasticities start at {100 * a.short:.3g}% of their "
            f"long-run values and reach them in {a.years:g} years ({a.path})."
        )
    if timeline.front_loading:
        notes.append(
            f"Where a measure makes trade dearer, {100 * timeline.front_loading:.3g}% of the trade of the quarter in "
            f"which it begins and of the next moves to the quarter before: imports and duties change, prices and real "
            f"incomes do not."
        )
    return tuple(notes)
