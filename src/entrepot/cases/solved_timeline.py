"""The branches of a case in time, solved: paths by quarter, and discounted totals.

Each distinct state (the scenarios in force, and how far trade elasticities have come since the last change) is one
equilibrium, solved once. A quarter is the mix of its states, by days. A state does not remember those before it: no
capital is built up or worn out, and the elasticities are all that adjusts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from entrepot.cases.case import Case
from entrepot.cases.quarters import StateKey, quarters
from entrepot.cases.shared_measures import SharedMeasures, lookalikes, together
from entrepot.cases.timeline import Branch, Timeline
from entrepot.cases.timeline_tables import AMOUNTS, Figures, Frame, adjusted_states, horizon_table, path_and_totals
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.types import Progress

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class SolvedTimeline:
    """branches   with their deadlines
    path      tidy: branch, quarter (its first day), what (party, market or industry), quantity, value. Amounts are US$
              million at an annual rate, imports before duty; the others are percent of the base
    totals    by branch and party: amounts over the window, discounted to its first day, US$ million
    expected  the same over all branches, where probabilities are stated
    horizons  by what is in force and party: welfare a year just after a change (horizon "short", at `part` of the trade
              elasticities) and when trade has adjusted ("long", part 1); empty where elasticities do not move
    states    how many distinct equilibria; `failures` those without one, and why: no total is taken over them
    notes     what this leaves out
    """

    timeline: Timeline
    branches: tuple[Branch, ...]
    path: pd.DataFrame
    totals: pd.DataFrame
    horizons: pd.DataFrame
    states: int
    failures: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float

    @cached_property
    def expected(self) -> pd.DataFrame:
        """By party: the totals of the branches weighted by their probabilities; empty where none are stated."""
        chance = {b.name: b.probability for b in self.branches}
        if len(chance) < 2 or None in chance.values() or self.failures:
            return self.totals.iloc[:0].drop(columns="branch")
        weight = self.totals["branch"].map(chance).astype(float)
        amounts = [c for c in self.totals if c in AMOUNTS]
        weighted = self.totals[amounts].mul(weight, axis=0).assign(party=self.totals["party"])
        return weighted.groupby("party", sort=False).sum().reset_index()

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} without an equilibrium" if self.failures else ""
        t = self.timeline
        return (
            f"Timeline from {t.since} to {t.until}: {len(self.branches)} branches, {self.states} distinct states"
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
    """Solve every distinct state of the case's timeline; None if it has none.

    outcomes   the case's scenarios, solved: their caps and retaliations are the numbers found there
    """
    if case.timeline is None:
        return None
    began = time.perf_counter()
    timeline, ways = case.timeline, case.branches()
    calendars = {branch.name: list(quarters(timeline, branch)) for branch in ways}
    keys = list(dict.fromkeys(key for spans in calendars.values() for q in spans for key in q.days))
    frame = Frame.of(case, economy)
    figures: dict[StateKey, Figures] = {}
    failures: dict[str, str] = {}
    economies: dict[float, Economy] = {}
    twice: list[Measure] = []
    last: Outcome | None = None
    adjusted = [key for key in adjusted_states(timeline, keys) if key not in keys]
    for done, key in enumerate((*keys, *adjusted)):
        if progress is not None:
            progress(f"timeline, {_named(key)}", done, len(keys) + len(adjusted))
        if key.part not in economies:
            economies[key.part] = _slower(economy, key.part)
        try:
            scenario = _in_force(case, key, outcomes)
            twice += lookalikes(scenario)
            last = solve(economies[key.part], scenario, closure=case.closure, tol=tol, start=last)
            figures[key] = Figures.of(frame, last)
        except (ConvergenceError, MeasureError) as error:
            failures[_named(key)] = str(error)
    path, totals = path_and_totals(timeline, ways, calendars, frame, figures)
    return SolvedTimeline(
        timeline=timeline,
        branches=ways,
        path=path,
        totals=totals,
        horizons=horizon_table(timeline, keys, frame, figures),
        states=len(keys),
        failures=failures,
        notes=(*_notes(timeline), *_repeated_notes(twice)),
        seconds=time.perf_counter() - began,
    )


def _named(key: StateKey) -> str:
    said = " with ".join(sorted(key.scenarios)) or "nothing in force"
    return said if key.part == 1 else f"{said}, elasticities at {100 * key.part:.3g}%"


def _slower(economy: Economy, part: float) -> Economy:
    return economy if part == 1 else replace(economy, theta=part * economy.theta)


def _in_force(case: Case, key: StateKey, outcomes: Mapping[str, Outcome]) -> Scenario:
    """The measures of a state's scenarios together, each entry of the case once."""
    lost = [name for name in key.scenarios if name not in outcomes]
    if lost:
        raise ConvergenceError(f"The scenario {lost[0]!r} has no answer.")
    entries = SharedMeasures(case)
    named = [name for name in case.scenarios if name in key.scenarios]
    measures = together(m for name in named for m in entries.of(name, outcomes[name].scenario))
    return Scenario(measures, name=_named(key))


def _repeated_notes(measures: Sequence[Measure]) -> list[str]:
    return [
        f"'{title}' stands in two scenarios that are in force together, as two entries: it counts twice. One entry "
        f"with an anchor (&name and *name), or the same label in both, counts once."
        for title in dict.fromkeys(measure.title for measure in measures)
    ]


def _notes(timeline: Timeline) -> tuple[str, ...]:
    notes = [
        "Each state is an equilibrium of its own: nothing remembers the states before it, and no capital is built up."
    ]
    if timeline.adjustment is not None:
        a = timeline.adjustment
        notes.append(
            f"Trade elasticities begin at {100 * a.short:.3g}% of their long-run values after each change in what is "
            f"in force and come to them in {a.years:g} years ({a.path})."
        )
    if timeline.front_loading:
        notes.append(
            f"{100 * timeline.front_loading:.3g}% of the trade of two quarters, that in which a dearer measure begins "
            f"and the next, is brought before it: imports and duties move, prices and real incomes do not."
        )
    return tuple(notes)
