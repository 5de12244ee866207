"""Screen the scenarios of a case against the rules, once the rates of its retaliations are known."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from entrepot.cases.case import Case
from entrepot.economy import Economy
from entrepot.errors import EntrepotError
from entrepot.languages import translated
from entrepot.languages.translated_errors import translated_error
from entrepot.measures import Measure, Policy, Scenario
from entrepot.measures.acts import Act
from entrepot.rules.answer import Answer
from entrepot.rules.legal_context import Answered, LegalContext
from entrepot.rules.measure_view import is_on_exports
from entrepot.rules.parties import all_codes
from entrepot.rules.screen import Screen, screen_contexts
from entrepot.words import day, dollars


def screen_on(
    case: Case,
    economy: Economy,
    answers: Mapping[str, tuple[Answer, ...]],
    failures: Mapping[str, EntrepotError],
    *,
    on: datetime.date | None = None,
    scenarios: Collection[str] = (),
) -> Screen:
    """Screen scenarios of a case on its base economy, with the rates of its retaliations known.

    `answers` has the solved retaliations by scenario, and `failures` why there are none; each scenario is screened on
    its own date unless `on` is given; `scenarios` names those wanted: all where it is empty.
    """
    usual = on or case.day or datetime.date.today()
    notes: list[str] = []
    if on is None and case.law.on is None:
        today = "Screened as of {day}, today."
        says = "Screened as of {day}, the last date of the calendar." if case.calendar else today
        notes.append(translated(says, day=day(usual)))
    contexts = []
    for name, spec in case.scenarios.items():
        if scenarios and name not in scenarios:
            continue
        scenario, origin = _with_retaliations(spec.build(name), answers.get(name, ()))
        if spec.retaliations and not origin and name in failures:
            without = "{scenario}: screened without its retaliation: {reason}"
            notes.append(translated(without, scenario=name, reason=translated_error(str(failures[name]))))
        if scenario.measures:
            date = on or spec.law.on or usual
            answered = _answered(case, economy, spec.build(name), answers.get(name, ()))
            contexts.append(
                LegalContext.of(economy, scenario, date, spec.law, case.law, case.calendar, origin, answered)
            )
    return screen_contexts(contexts, notes)


def _answered(case: Case, economy: Economy, scenario: Scenario, answers: Sequence[Answer]) -> dict[int, Answered]:
    """Return what is known of the law of each answered measure, by the positions of the retaliatory tariffs."""
    found, position = dict[int, Answered](), len(scenario.measures)
    for answer in answers:
        r = answer.retaliation
        name = str(r.equivalent_to)
        spec = case.scenarios[name]
        theirs = replace(
            Answered.of(spec.law, case.law, r.against),
            on_exports=_on_exports(spec.build(name).measures, all_codes(r.against), economy),
        )
        mine = range(position, position + len(answer.tariffs))
        found |= dict.fromkeys(mine, theirs)
        position += len(answer.tariffs)
    return found


def _on_exports(measures: Sequence[Measure], takers: Collection[str], economy: Economy) -> bool:
    """Return whether all that these parties do is to tax or limit their own exports."""
    theirs = [m for m in measures if not m.takers(economy).isdisjoint(takers)]
    return bool(theirs) and all(is_on_exports(m, _acts(m, economy)) for m in theirs)


def _acts(measure: Measure, economy: Economy) -> Sequence[Act]:
    """Return what a measure puts into a Policy; nothing of a cap whose volume is that of another scenario."""
    return Policy.of(economy, [measure]).acts if measure.match is None else ()


def _with_retaliations(scenario: Scenario, answers: Sequence[Answer]) -> tuple[Scenario, dict[int, str]]:
    """Return the scenario with its retaliatory tariffs, and by position a sentence on what each answers."""
    measures, origin = [*scenario.measures], dict[int, str]()
    for answer in answers:
        r = answer.retaliation
        level = f"It takes {dollars(answer.achieved)} by {r.yardstick}, solved to equal the {dollars(answer.level)}"
        text = f"It answers the scenario {r.equivalent_to!r}. {level} that are nullified (gap {answer.gap:.0e})."
        origin |= dict.fromkeys(range(len(measures), len(measures) + len(answer.tariffs)), text)
        measures += answer.tariffs
    return replace(scenario, measures=tuple(measures)), origin
