"""Scenarios of a case on its base economy, each solved after those that it refers to, with their retaliations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.cases.case import Case
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, InputError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.types import Progress

if TYPE_CHECKING:
    from entrepot.rules.answer import Answer


def solve_scenarios(
    case: Case, economy: Economy, names: Sequence[str], tol: float, progress: Progress | None = None
) -> tuple[dict[str, Outcome], dict[str, ConvergenceError], dict[str, tuple[Answer, ...]]]:
    """Solve scenarios of a case on its base economy, each after those that it refers to.

    Returns the outcomes, why others have none, and the retaliations of each.
    """
    outcomes: dict[str, Outcome] = {}
    failures: dict[str, ConvergenceError] = {}
    answers: dict[str, tuple[Answer, ...]] = {}

    def volume(name: str, measure: Measure) -> float:
        if name not in outcomes:
            raise ConvergenceError(f"Its cap is the volume of {name!r}, which has no equilibrium.")
        return outcomes[name].volume(measure)

    for done, name in enumerate(names):
        if progress is not None:
            progress(name, done, len(names))
        try:
            scenario = case.scenarios[name].build(name).matched(volume)
            if case.scenarios[name].retaliations:
                answers[name] = answers_to(case, name, scenario, economy, outcomes, tol)
                scenario = with_tariffs(scenario, answers[name])
            outcomes[name] = solve(economy, scenario, closure=case.closure, tol=tol)
        except ConvergenceError as error:
            failures[name] = error
        except MeasureError as error:  # the cap matches a volume of almost zero
            if not case.scenarios[name].build(name).matches:
                raise
            failures[name] = ConvergenceError(str(error))
    return outcomes, failures, answers


def answers_to(
    case: Case, name: str, scenario: Scenario, economy: Economy, outcomes: Mapping[str, Outcome], tol: float
) -> tuple[Answer, ...]:
    """Solve the retaliations of a scenario, each on top of its measures and of earlier retaliations.

    Raises `ConvergenceError` where no rates are equivalent: names are checked earlier, so no name is at fault here.
    """
    from entrepot.rules.answer import retaliate

    found: tuple[Answer, ...] = ()
    for retaliation in case.scenarios[name].retaliations:
        answered = str(retaliation.equivalent_to)
        if answered not in outcomes:
            raise ConvergenceError(f"It answers {answered!r}, which has no equilibrium.")
        try:
            found += (
                retaliate(
                    economy,
                    with_tariffs(scenario, found),
                    retaliation,
                    answers=outcomes[answered],
                    closure=case.closure,
                    tol=tol,
                ),
            )
        except MeasureError:
            raise
        except InputError as error:
            raise ConvergenceError(str(error)) from None
    return found


def with_tariffs(scenario: Scenario, answers: tuple[Answer, ...]) -> Scenario:
    """Return the scenario with the tariffs of its solved retaliations."""
    return replace(scenario, measures=(*scenario.measures, *(t for answer in answers for t in answer.tariffs)))
