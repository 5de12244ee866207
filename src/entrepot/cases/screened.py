"""A Case, or measures, before the rules."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from entrepot.cases.load import load_case
from entrepot.cases.schema import Case
from entrepot.cases.solved import check_case
from entrepot.economy import Economy, load_economy
from entrepot.errors import InputError
from entrepot.measures import Measure, Scenario
from entrepot.rules.screen import Screen, screen_grounds
from entrepot.rules.setting import Ground, ScenarioLaw
from entrepot.words import day


def screen(
    case: Case | str | os.PathLike[str] | Scenario | Measure | Iterable[Measure],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    on: datetime.date | str | None = None,
    under: str | Sequence[str] = (),
    claims: Sequence[str] | Mapping[str, Sequence[str]] = (),
    facts: Mapping[str, bool | str] | None = None,
    until: datetime.date | str | None = None,
) -> Screen:
    """What the rules of the WTO, agreements and statutes say of every measure of a case, or of measures, on a date.

    case      a Case, a bundled name or a path; or measures
    economy   for a case, instead of its own; default world2014
    on        the date; for a case `law: on:`, else the last date of its calendar; for measures, today
    under, claims, facts, until   for measures: what a case says under `law:` (docs/rules.md)
    Raises `InputError` for names that the Economy or the book does not have.
    """
    date = _date("on", on)
    world = economy if isinstance(economy, Economy) else load_economy(economy) if economy is not None else None
    if isinstance(case, Case | str | os.PathLike):
        if under or claims or facts or until:
            raise InputError("under, claims, facts, until: a case has its own, under 'law:'; these are for measures")
        return screen_case(case if isinstance(case, Case) else load_case(case), world, on=date)
    stated: dict[str, Any] = {"under": under, "claims": claims, "facts": facts or {}, "until": _date("until", until)}
    try:
        law = ScenarioLaw.model_validate(stated)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise InputError(f"{where + ': ' if where else ''}{str(fault['msg']).removeprefix('Value error, ')}") from None
    scenario = Scenario.of(case)
    return screen_grounds([Ground.of(world or load_economy("world2014"), scenario, date or datetime.date.today(), law)])


def screen_case(case: Case, economy: Economy | None = None, *, on: datetime.date | None = None) -> Screen:
    """Every scenario of a case that has measures, each on its own date unless `on` is given."""
    economy = economy or load_economy(case.economy)
    check_case(case, economy)
    usual = on or case.law.on
    notes: list[str] = []
    if usual is None:
        usual = max((event.date for event in case.calendar), default=datetime.date.today())
        notes.append(f"Screened on {day(usual)}, the last date of the calendar; 'law: on:' in the case changes it.")
    grounds = [
        Ground.of(economy, spec.build(name), on or spec.law.on or usual, spec.law, case.law, case.calendar)
        for name, spec in case.scenarios.items()
        if spec.measures
    ]
    return screen_grounds(grounds, notes)


def _date(key: str, value: datetime.date | str | None) -> datetime.date | None:
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{key}: {value!r} is not a date such as 2019-05-17") from None
