"""Screen a Case, or measures, against the rules: `ep.screen`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from entrepot.cases.base_economy import base_economy
from entrepot.cases.case import Case
from entrepot.cases.case_checks import check_on
from entrepot.cases.load import load_case
from entrepot.cases.scenario_screen import screen_on
from entrepot.cases.solved_case import solve_case
from entrepot.dates import read_date
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.documents import dotted_key
from entrepot.economy import Economy, load_economy
from entrepot.errors import InputError, UnknownNameError
from entrepot.faults import keys_at, message_of, place_of
from entrepot.measures import Measure, Scenario
from entrepot.rules.law_section import LawSection, UnknownLawName
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.screen import Screen, screen_contexts


def screen(
    case: Case | str | os.PathLike[str] | Scenario | Measure | Iterable[Measure],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    on: datetime.date | str | None = None,
    law: Mapping[str, Any] | LawSection | None = None,
    scenarios: Collection[str] = (),
) -> Screen:
    """Screen every measure against the rules of the WTO, agreements and statutes on a date.

    case      a Case, a bundled name or a path; or measures
    economy   replaces the Economy of a case; default for measures: world2022
    on        the date; default: `law: on:` of a case, else the last date of its calendar; for measures, today
    law       for measures: as under `law:` in a case, such as {"under": "us-232", "facts": {"injury_found": True}}
    scenarios of a case, those wanted; default: all
    Raises `InputError` for names that the case, the Economy or the rule book does not have.
    """
    date = read_date("on", on)
    world = economy if isinstance(economy, Economy) else load_economy(economy) if economy is not None else None
    if isinstance(case, Case | str | os.PathLike):
        if law is not None:
            raise InputError("law: pass this only with measures; a case states its own under 'law:'")
        return screen_case(case if isinstance(case, Case) else load_case(case), world, on=date, scenarios=scenarios)
    if scenarios:
        raise InputError("scenarios: pass this only with a case, which has them by name")
    stated = law if isinstance(law, LawSection) else _read_law(law or {})
    date = date or stated.on or datetime.date.today()
    return screen_contexts(
        [LegalContext.of(world or load_economy(DEFAULT_ECONOMY), Scenario.of(case), date, stated, stated)]
    )


def _read_law(law: Mapping[str, Any]) -> LawSection:
    try:
        return LawSection.model_validate(law)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        cause = fault.get("ctx", {}).get("error")
        message = message_of(fault, keys_at(LawSection, place_of(fault)[:-1]))
        where = dotted_key(place_of(fault)) or (cause.key if isinstance(cause, UnknownLawName) else "")
        raise InputError(f"law.{where}: {message}" if where else f"law: {message}") from None


def screen_case(
    case: Case,
    economy: Economy | None = None,
    *,
    on: datetime.date | None = None,
    scenarios: Collection[str] = (),
) -> Screen:
    """Screen the scenarios of a case that have measures, all or those named, each on its own date or that of `on`.

    A case with retaliations is solved first, for their rates. Raises `UnknownNameError` for an unknown scenario.
    """
    for name in scenarios:
        if name not in case.scenarios:
            raise UnknownNameError("scenario", name, case.scenarios, "scenarios")
    economy = economy or case.own_economy()
    if any(spec.retaliations for spec in case.scenarios.values()):
        solved = solve_case(case.without_timeline(), economy)
        return screen_on(case, solved.economy, solved.answers, solved.failures, on=on, scenarios=scenarios)
    base = base_economy(case, economy)
    check_on(case, base)
    return screen_on(case, base, {}, {}, on=on, scenarios=scenarios)
