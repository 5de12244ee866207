"""Fear of the threat of a case: its measures on its base, with the talks' probability and its own deadline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.bargaining import case_talks
from entrepot.cases import Case, SolvedCase, solve_case
from entrepot.economy import Economy
from entrepot.errors import ConvergenceError, InputError, UnknownNameError
from entrepot.forecasting.made_forecast import deadline_of
from entrepot.paths import Fear, fear
from entrepot.paths.window import DAYS_A_YEAR


def fear_of_case(
    case: Case,
    scenario: str | None = None,
    probability: Sequence[float] = (),
    years: Sequence[float] = (),
    *,
    economy: Economy | None = None,
    **options: Any,
) -> Fear:
    """Return what a scenario of a case costs while it has not come, on the base and with the closure of the case.

    scenario     default: the threat that the case bargains under
    probability  default: that of the measure at the end of the case's talks, where it states beliefs
    years        default: from the first day of those talks, or the day of the case's law, to its deadline
    economy      replaces the case's own
    options      as of `ep.paths.fear`

    Raises `InputError` where the case states none of that, and `UnknownNameError` for a scenario that it does not have.
    """
    name = scenario or (case.table.threat.scenario if case.table is not None else None)
    if name is None:
        raise InputError(f"{case.case}: the case has no threat in a scenario; name one, as in --scenario tariff")
    if name not in case.scenarios:
        raise UnknownNameError("scenario", name, list(case.scenarios))
    if not probability and case.beliefs is None:
        raise InputError(f"{case.case}: the case has no beliefs; state how likely it is, as in --probability 30%")
    if not years:
        years = [_years(case)]
    solved = solve_case(case.without_timeline(), economy)
    if name not in solved.outcomes:
        raise ConvergenceError(f'{case.case}: "{case.scenarios[name].title}" has no equilibrium')
    if not probability:
        probability = [_of_talks(solved)]
    there = solved.outcomes[name]
    return fear(there.economy, there.scenario, probability=probability, years=years, closure=case.closure, **options)


def _years(case: Case) -> float:
    since = case.beliefs.since if case.beliefs is not None else case.day
    until = deadline_of(case)
    if since is None or since >= until:
        raise InputError(f"{case.case}: the case does not state a day before its deadline, {until}; state --years 180d")
    return (until - since).days / DAYS_A_YEAR


def _of_talks(solved: SolvedCase) -> float:
    return min(1.0, max(0.0, case_talks(solved).end_probabilities["measure"]))
