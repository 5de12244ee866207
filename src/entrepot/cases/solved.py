"""A Case solved: every scenario's Outcome, in the order written, and the failures beside them."""

from __future__ import annotations

import datetime
import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from entrepot.cases.base import base_of
from entrepot.cases.entries import Entries, together
from entrepot.cases.objective import names_in
from entrepot.cases.path import SolvedTimeline, solve_timeline
from entrepot.cases.schema import Case
from entrepot.cases.table import Table
from entrepot.economy import Economy, load_economy
from entrepot.economy.geography import outdated, resolve_countries, resolve_sectors
from entrepot.equilibrium import Closure, Outcome, solve
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.problem import Problem, with_competition
from entrepot.errors import ConvergenceError, InputError, MeasureError
from entrepot.measures import Measure, Scenario
from entrepot.rules.answer import Answer, retaliate
from entrepot.rules.retaliation import Retaliation
from entrepot.rules.screen import Screen
from entrepot.words import NamesParties

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SolvedCase(NamesParties):
    """economy    the base that every answer is measured from: the case's Economy, or that under its `base`
    outcomes   by scenario name, in the case's order
    failures   scenarios without an equilibrium, or with a retaliation that cannot be equivalent, and why; nothing is
               reported for them
    timeline   the case's branches in time, if it has any
    answers    the retaliations of a scenario, their rates found, in the order written
    checked    how the case's names were read on the Economy
    """

    case: Case
    economy: Economy
    outcomes: Mapping[str, Outcome]
    failures: Mapping[str, ConvergenceError]
    tol: float
    seconds: float
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    timeline: SolvedTimeline | None = None
    checked: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.economy.countries

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why an answer is no forecast, each once and under the name of its scenario where there are several."""
        found: dict[str, list[str]] = {}
        for name, outcome in self.outcomes.items():
            for warning in outcome.warnings:
                found.setdefault(warning, []).append(name)
        return tuple(f"{', '.join(names)}: {w}" if len(self.outcomes) > 1 else w for w, names in found.items())

    @functools.cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the answers, the case, its names and its data, each once."""
        read = (note for outcome in self.outcomes.values() for note in outcome.problem.notes)
        in_time = self.timeline.notes if self.timeline is not None else ()
        return each_once(*self.warnings, *self.case.notes, *self.checked, *read, *in_time, *self.economy.notes)

    @functools.cached_property
    def under_the_other_rule(self) -> Mapping[str, Outcome | ConvergenceError]:
        """Every scenario solved once more under the other deficit rule (see `other_rule`)."""
        rule = other_rule(self.case.closure)
        closure = replace(self.case.closure, deficit=rule)
        found: dict[str, Outcome | ConvergenceError] = {}
        for name, outcome in self.outcomes.items():
            try:
                found[name] = solve(self.economy, outcome.scenario, closure=closure, tol=self.tol)
            except (ConvergenceError, MeasureError) as error:
                found[name] = ConvergenceError(str(error))
        return found

    @functools.cached_property
    def screen(self) -> Screen:
        """What the rules say of every scenario."""
        from entrepot.cases.screened import screen_on  # which checks the case with this module

        return screen_on(self.case, self.economy, self.answers)


def each_once(*notes: str) -> tuple[str, ...]:
    """Notes as sentences, none twice."""
    return tuple(dict.fromkeys(note.removesuffix(".") + "." for note in notes))


def notes_on(case: Case, economy: Economy) -> tuple[str, ...]:
    """What a reader must know of a case on its base before any of it is solved."""
    return each_once(*case.notes, *check_on(case, economy), *economy.notes)


def other_rule(closure: Closure) -> str:
    """The deficit rule that an answer is held against: balanced trade, or deficits as in the base where that is it."""
    return "fixed" if closure.deficit == "balanced" else "balanced"


def check_case(case: Case, economy: Economy) -> tuple[str, ...]:
    """Put every name of `case` on `economy`; solve nothing but its base.

    Returns notes; raises `DocumentError` with line and key.
    """
    return check_on(case, base_of(case, economy))


def check_on(case: Case, economy: Economy) -> tuple[str, ...]:
    """The same on the base that the case is measured from."""
    today = case.day or datetime.date.today()
    in_force = case.base.scenario.measures if case.base is not None else ()
    measures = [*in_force, *(m for name, spec in case.scenarios.items() for m in spec.build(name))]
    notes = outdated([*case.parties, *(name for measure in measures for name in measure.names)], today)

    def countries(place: str, names: str | tuple[str, ...], one: bool = False) -> tuple[str, ...]:
        with case.at(place):
            codes, said = resolve_countries(names, economy.countries)
            if one and len(codes) != 1:
                raise InputError(f"{names} is not one country")
        notes.extend(said)
        return codes

    for name, spec in case.scenarios.items():
        for k, measure in enumerate(spec.measures):
            with case.at(case.place_of(name, k)):
                if isinstance(measure, Retaliation):
                    notes.extend(measure.check(economy))
                else:
                    measure.flows(economy)
        with case.at(f"scenarios.{name}"):
            notes.extend(Problem.of(economy, spec.build(name).matched(_any_volume(economy)), Closure()).notes)
    for k, party in enumerate(case.parties):
        countries(f"parties.{k}", party)
    for party, objective in case.objectives.items():
        with case.at(f"objectives.{party}"):
            objective.on(economy, party)
    if case.table is not None:
        notes.extend(_check_table(case, case.table, economy))
    with case.at("law"):
        case.law.check(economy)
    with case.at("closure"):
        Factors.of(with_competition(economy, case.closure), case.closure)
    if case.closure.unit_of[1] != "WORLD":
        countries("closure.numeraire", case.closure.unit_of[1], one=True)
    if case.report.protected is not None:
        countries("report.protected.country", case.report.protected.country, one=True)
        with case.at("report.protected.sector"):
            if len(resolve_sectors(case.report.protected.sector, economy.sectors)) != 1:
                raise InputError(f"{case.report.protected.sector} is not one sector")
    for k, watch in enumerate(case.report.markets):
        place = f"report.markets.{k}"
        (importer,) = countries(f"{place}.importer", watch.importer, one=True)
        with case.at(f"{place}.sectors"):
            resolve_sectors(watch.sectors, economy.sectors)
        taken: dict[str, str] = {}
        for source in watch.exporters:
            codes = [c for c in countries(f"{place}.exporters", source) if c != importer]
            with case.at(f"{place}.exporters"):
                if not codes:
                    raise InputError(f"{source} is the importer itself")
                for code in codes:
                    if code in taken:
                        raise InputError(f"{code} is in both {taken[code]} and {source}; each source once")
                    taken[code] = source
    return tuple(dict.fromkeys(notes))


def _any_volume(economy: Economy) -> Callable[[str, Measure], float]:
    """A cap that matches another scenario has no number yet; the base volume will do to check the rest."""
    return lambda _, measure: float(economy.value.ravel()[measure.flows(economy)].sum())


def _check_table(case: Case, table: Table, economy: Economy) -> list[str]:
    """Every name of the table on the Economy, with all its measures in force together."""
    notes: list[str] = []
    seen: dict[str, str] = {}
    for k, party in enumerate(table.between):
        with case.at(f"table.between.{k}"):
            codes, said = resolve_countries(names_in(party), economy.countries)
            notes.extend(said)
            for code in codes:
                if code in seen:
                    raise InputError(f"{code} is in both {seen[code]} and {party}")
                seen[code] = party
    lower, upper = ({name: issue.range[end] for name, issue in table.issues.items()} for end in (0, 1))
    for k, template in enumerate(table.measures):
        with case.at(f"table.measures.{k}"):
            table.filled_in(template, upper).flows(economy)
    entries = Entries(case)
    beside = [m for name in table.beside for m in entries.of(name, case.scenarios[name].build(name))]
    with case.at("table.measures"):
        for levels in (lower, upper):
            deal = [table.filled_in(template, levels) for template in table.measures]
            in_force = Scenario(together([*beside, *deal]))
            Problem.of(economy, in_force.matched(_any_volume(economy)), Closure())
    if table.threat.war is not None:
        with case.at("table.threat.war.sectors"):
            resolve_sectors(table.threat.war.sectors, economy.sectors)
    return notes


def solve_case(
    case: Case, economy: Economy | None = None, *, tol: float = 1e-10, progress: Progress | None = None
) -> SolvedCase:
    """Solve every scenario of `case`, on its own Economy unless another is given.

    A scenario whose cap matches another's volume is solved after it. One that has no equilibrium does not stop the
    rest. Raises `InputError` for a measure that cannot be put on the Economy, before anything is reported.
    """
    began = time.perf_counter()
    economy = base_of(case, economy or load_economy(case.economy), tol)
    checked = check_on(case, economy)
    outcomes: dict[str, Outcome] = {}
    failures: dict[str, ConvergenceError] = {}
    answers: dict[str, tuple[Answer, ...]] = {}

    def volume(name: str, measure: Measure) -> float:
        if name not in outcomes:
            raise ConvergenceError(f"Its cap is the volume of {name!r}, which has no equilibrium.")
        return outcomes[name].volume(measure)

    order = case.order()
    for done, name in enumerate(order):
        if progress is not None:
            progress(name, done, len(order))
        try:
            scenario = case.scenarios[name].build(name).matched(volume)
            if case.scenarios[name].retaliations:
                answers[name] = answers_to(case, name, scenario, economy, outcomes, tol)
                scenario = with_tariffs(scenario, answers[name])
            outcomes[name] = solve(economy, scenario, closure=case.closure, tol=tol)
        except ConvergenceError as error:
            failures[name] = error
        except MeasureError as error:  # a cap at a volume that is next to nothing
            if not case.scenarios[name].build(name).matches:
                raise
            failures[name] = ConvergenceError(str(error))
    timeline = solve_timeline(case, economy, outcomes, tol=tol, progress=progress)
    return SolvedCase(
        case=case,
        economy=economy,
        outcomes={name: outcomes[name] for name in case.scenarios if name in outcomes},
        failures={name: failures[name] for name in case.scenarios if name in failures},
        tol=tol,
        seconds=time.perf_counter() - began,
        answers={name: answers[name] for name in case.scenarios if name in answers and name in outcomes},
        timeline=timeline,
        checked=checked,
    )


def answers_to(
    case: Case, name: str, scenario: Scenario, economy: Economy, outcomes: Mapping[str, Outcome], tol: float
) -> tuple[Answer, ...]:
    """The retaliations of a scenario, each on top of its measures and the retaliations before it.

    Raises `ConvergenceError` where one cannot be equivalent: names are checked before, so what is wrong is no name.
    """
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
    return replace(scenario, measures=(*scenario.measures, *(t for answer in answers for t in answer.tariffs)))
