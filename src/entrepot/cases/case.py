"""The Case: a question as a document, with parties, sources, a calendar, scenarios and a report."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)

from entrepot.cases.bargaining_table import BargainingTable
from entrepot.cases.beliefs_references import check_beliefs, check_signal_days
from entrepot.cases.beliefs_spec import BeliefsSpec
from entrepot.cases.case_section import CaseError, CaseSection
from entrepot.cases.distributions import Distribution, KeyPath, with_values
from entrepot.cases.market_spec import MarketSpec
from entrepot.cases.objective import Objective, split_party
from entrepot.cases.path_numbers import whole_days, with_one_belief
from entrepot.cases.path_spec import PathPlan, PathSpec, path_plan
from entrepot.cases.read_measure import read_closure, read_retaliation
from entrepot.cases.report_spec import ReportSpec
from entrepot.cases.scenario_references import (
    check_known,
    check_unique,
    is_the_base,
    solving_order,
    take_base,
    with_references,
    with_retaliations,
)
from entrepot.cases.scenario_spec import BaseScenario, ScenarioSpec
from entrepot.cases.timeline import Branch, ByClock, Timeline, branches, check_names
from entrepot.dates import DAYS_A_YEAR, read_date
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.documents import beside, dotted_key, line_of, read_yaml
from entrepot.economy import Economy, bundled_economies, load_economy
from entrepot.economy.geography import WORLD
from entrepot.economy.theta import is_set_with_sectors
from entrepot.equilibrium import Closure
from entrepot.errors import DocumentError, InputError, MeasureError
from entrepot.languages import english
from entrepot.measures.fields import read_rate
from entrepot.rules.clocks import Calendar, EventFault, clocks, deadlines
from entrepot.rules.days import Count
from entrepot.rules.law_section import LawSection
from entrepot.rules.retaliation import Retaliation


def _known_day(text: str) -> str:
    """Return the year, month or day of a source as it is. Raises `ValueError` for one that no calendar has."""
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise ValueError(english(f"{text!r} is not a date such as 2019, 2019-05 or 2019-05-17")) from None
    return text


class CaseSource(CaseSection):
    """A source of a fact."""

    name_in_fingerprint = "Source"

    id: str
    title: str
    publisher: str
    date: Annotated[str, BeforeValidator(str), Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_known_day)]
    url: str | None = None
    used_for: str | None = None


class CaseEvent(CaseSection):
    """A dated event.

    kind   one or several legal kinds (us-232-initiation), on which clocks start and stop
    """

    name_in_fingerprint = "Event"

    date: datetime.date
    event: str
    kind: Annotated[tuple[str, ...], BeforeValidator(lambda kind: (kind,) if isinstance(kind, str) else kind)] = ()
    sources: tuple[str, ...] = ()


class Afterwards(CaseSection):
    """What came of a deadline, where that is known: a sentence, and the sources of the case that say so."""

    what: str
    sources: tuple[str, ...] = ()


def _one_or_more(value: Any) -> Any:
    """Return a list; one mapping becomes a list of one."""
    if not isinstance(value, Mapping | Retaliation | list | tuple):
        raise MeasureError("", "must be keys with values, such as {by: JPN, against: USA, equivalent_to: NAME}")
    return [value] if isinstance(value, Mapping | Retaliation) else value


def _elasticities(value: Any, numbers: Any) -> Any:
    """Return a set with what sectors cover as it is; anything else must be a number, a name, or numbers by sector."""
    return dict(value) if is_set_with_sectors(value) else numbers(value)


Elasticities = Annotated[float | str | dict[str, float] | None, WrapValidator(_elasticities)]


def _party(name: str) -> str:
    """Return a party as tables and sentences name it: WORLD in any case or spacing becomes WORLD."""
    return WORLD if name.strip().upper() == WORLD else name


Party = Annotated[str, AfterValidator(_party)]


def as_written(steps: list[str | int], document: Any) -> list[str | int]:
    """Return a place in a case as in the file, where a single retaliation has no number."""
    alone = isinstance(document, Mapping) and isinstance(document.get("retaliation"), Mapping)
    return [steps[0], *steps[2:]] if alone and steps[:2] == ["retaliation", 0] else steps


@dataclass
class CaseFile:
    """The file of a case: its path, and its YAML document, which is parsed with its lines on first use."""

    path: str = ""
    text: str | None = None
    read: Any = None

    @property
    def document(self) -> Any:
        """The document; None for a case made in Python."""
        if self.read is None and self.text is not None:
            self.read = read_yaml(self.text, self.path)
        return self.read


class Case(CaseSection):
    """A case file: `run` solves its `scenarios` in their order; other commands read the other keys.

    Each `retaliation` adds a scenario: the measures of the scenario that it answers, and the retaliation. `base` names
    the scenario that is already in force; it is removed from the others, which are measured from it. `assumption` is
    a sentence on what decides the answer; it is on the first screen, `notes` in the full report.
    """

    case: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    question: str
    assumption: str | None = None
    economy: str = DEFAULT_ECONOMY
    theta: Elasticities = None
    closure: Annotated[Closure, BeforeValidator(read_closure)] = Closure()
    parties: tuple[Party, ...] = Field(min_length=1)
    objectives: dict[str, Objective] = Field(default_factory=dict)
    sources: tuple[CaseSource, ...] = ()
    calendar: tuple[CaseEvent, ...] = ()
    afterwards: dict[str, Afterwards] = Field(default_factory=dict)
    law: LawSection = LawSection()
    retaliation: Annotated[
        tuple[Annotated[Retaliation, BeforeValidator(read_retaliation)], ...], BeforeValidator(_one_or_more)
    ] = ()
    scenarios: dict[str, ScenarioSpec] = Field(min_length=1)
    base: BaseScenario | None = None
    timeline: Timeline | None = None
    in_time: PathSpec | None = Field(default=None, alias="path")  # `path` is that of the file
    table: BargainingTable | None = None
    beliefs: BeliefsSpec | None = None
    market: MarketSpec | None = None
    report: ReportSpec = ReportSpec()
    uncertainty: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    #: The file and its YAML document, so that an error found later can name its line.
    _origin: CaseFile = PrivateAttr(default_factory=CaseFile)
    #: Keys whose values come from outside the file (`assuming`).
    _given: tuple[str, ...] = PrivateAttr(default=())
    #: The document as plain values, every distribution at its centre; and the distributions, by place.
    _centred: Any = PrivateAttr(default=None)
    _distributions: dict[KeyPath, Distribution] = PrivateAttr(default_factory=dict)

    @field_validator("scenarios")
    @classmethod
    def _with_retaliations(cls, scenarios: dict[str, ScenarioSpec], info: ValidationInfo) -> dict[str, ScenarioSpec]:
        """Add a scenario for each retaliation."""
        return with_retaliations(scenarios, info.data.get("retaliation", ()))

    @field_validator("base", mode="before")
    @classmethod
    def _base_apart(cls, value: Any, info: ValidationInfo) -> BaseScenario | None:
        """Return the scenario that `base` names, and remove it from the scenarios."""
        scenarios: dict[str, ScenarioSpec] | None = info.data.get("scenarios")
        if value is None or isinstance(value, BaseScenario) or scenarios is None:
            return value if isinstance(value, BaseScenario) else None
        return take_base(value, scenarios, info.data.get("retaliation", ()))

    @model_validator(mode="after")
    def _references(self) -> Case:
        """Check every name that one section of the case uses and another must define."""
        check_unique("sources", [s.id for s in self.sources], "the source id {!r} is used twice", ".id")
        check_unique("parties", self.parties, "{!r} is repeated", same=str.casefold)
        ids = [s.id for s in self.sources]
        for k, event in enumerate(self.calendar):
            check_known(f"calendar.{k}.sources", event.sources, ids, "no source has the id {!r}")
        for clock, known in self.afterwards.items():
            check_known("afterwards", [clock], clocks(), "no clock has the id {!r}")
            check_known(f"afterwards.{clock}.sources", known.sources, ids, "no source has the id {!r}")
        if self.base is not None:
            check_known(f"scenarios.{self.base.name}.sources", self.base.spec.sources, ids, "no source has the id {!r}")
        for name, spec in self.scenarios.items():
            check_known(f"scenarios.{name}.sources", spec.sources, ids, "no source has the id {!r}")
            for k, measure in enumerate(spec.measures):
                place = f"scenarios.{name}.measures.{k}"
                match = None if isinstance(measure, Retaliation) else measure.match
                self._check_scenarios(place, [match] if match else [])
                if isinstance(measure, Retaliation):
                    self._check_answers(f"{place}.retaliation", measure)
        titles = [watch.title for watch in self.report.markets]
        check_unique("report.markets", titles, "the market {!r} is repeated; give each market its own title", ".title")
        if self.report.swap:
            check_unique("report.swap.scenarios", self.report.swap.scenarios, "{!r} is repeated")
            self._check_scenarios("report.swap.scenarios", self.report.swap.scenarios, "unknown scenario {!r}")
            check_known("report.swap.parties", self.report.swap.parties, self.parties, "{!r} is not one of the parties")
        try:
            deadlines(self.calendar)
        except EventFault as fault:
            raise CaseError(f"calendar.{fault.index}.{fault.key}", str(fault)) from None
        bargaining_parties = self.table.between if self.table else ()
        check_known(
            "objectives",
            self.objectives,
            dict.fromkeys([*self.parties, *bargaining_parties]),
            "{!r} is not one of the parties",
        )
        for name in self.objectives:
            for party in bargaining_parties:
                if party != name and name in split_party(party):
                    raise CaseError(
                        f"objectives.{name}", f"{party} bargains as one party; state its objective under that name"
                    )
        if self.table is not None:
            self._check_table(self.table, ids)
        if self.beliefs is not None:
            solved = [name for name in self.scenarios if self.base is None or name != self.base.name]
            check_beliefs(self.beliefs, self.table, ids, solved)
            check_signal_days(self.beliefs, self.beliefs_until())
        self.order()
        if self.timeline is not None:
            check_names(self.timeline, self.scenarios)
            self.branches()
        self.path_plan()
        return self

    def _check_answers(self, place: str, retaliation: Retaliation) -> None:
        """Raise `CaseError` where a retaliation does not name the scenario that it answers."""
        if retaliation.equivalent_to is None:
            raise CaseError(place, "the key 'equivalent_to' is missing: name the scenario that it answers")
        self._check_scenarios(f"{place}.equivalent_to", [retaliation.equivalent_to])

    def _check_scenarios(self, place: str, names: Sequence[str], message: str = "unknown scenario {!r}") -> None:
        """Raise `CaseError` for a name that is the base or an unknown scenario."""
        if self.base is not None and self.base.name in names:
            raise CaseError(place, is_the_base(self.base.name))
        check_known(place, names, self.scenarios, message)

    def _check_table(self, table: BargainingTable, ids: Sequence[str]) -> None:
        """Check what the bargaining table names elsewhere in the case."""
        check_unique("table.between", table.between, "{!r} is repeated")
        for place, name in table.scenarios():
            self._check_scenarios(f"table.{place}", [name])
        for name, offer in table.offers.items():
            check_known(f"table.offers.{name}.sources", offer.sources, ids, "no source has the id {!r}")
        for place, clock in table.clocks():
            try:
                self.due(clock)
            except ValueError as error:
                raise CaseError(f"table.{place}", str(error)) from None
        if table.talks is not None:
            self.talks_until()

    def beliefs_until(self) -> datetime.date:
        """Return the deadline of the talks with beliefs; raise `CaseError` where nothing states it."""
        beliefs = self.beliefs
        until = beliefs.until if beliefs is not None else None
        if isinstance(until, ByClock):
            try:
                until = self.due(until.clock)
            except ValueError as error:
                raise CaseError("beliefs.until.clock", str(error)) from None
        if beliefs is None or (until is None and (self.table is None or self.table.talks is None)):
            raise CaseError("beliefs", "the key 'until' is missing: state a date, or {clock: ...}")
        until = until or self.talks_until()
        if until <= beliefs.since:
            raise CaseError("beliefs.until", f"{until} is not after the first day, {beliefs.since}")
        return until

    @property
    def with_world(self) -> tuple[str, ...]:
        """The parties whose welfare is reported: those of the case, then WORLD if it is not among them."""
        return tuple(dict.fromkeys([*self.parties, WORLD]))

    @property
    def weighs_makers(self) -> bool:
        """Whether a party's objective counts profits of makers, so that the market is solved with every payoff."""
        return any(objective.weighs_makers for objective in self.objectives.values())

    def talks_until(self) -> datetime.date:
        """Return the last day of the talks; raise `CaseError` where neither the talks nor the threat state it."""
        table = self.table
        talks = table.talks if table else None
        until = talks.until if talks else None
        clock = until.clock if isinstance(until, ByClock) else table.threat.after if table and until is None else None
        if clock is not None:
            until = self.due(clock)
        if not isinstance(until, datetime.date) or talks is None:
            raise CaseError("table.talks", "the key 'until' is missing: state a date, or {clock: ...}")
        if until <= talks.since:
            raise CaseError("table.talks.until", f"{until} is not after the first day, {talks.since}")
        if (until - talks.since).days >= DAYS_A_YEAR * talks.years:
            raise CaseError(
                "table.talks.years",
                f"the {talks.years:g} years that are counted do not reach beyond the deadline, {until}; state more",
            )
        return until

    def without_timeline(self) -> Case:
        """Return the case without its timeline; what its path takes from it is written out."""
        plan = self.path_plan()
        if plan is None or self.in_time is None:
            return self.model_copy(update={"timeline": None})
        return self.model_copy(update={"timeline": None, "in_time": plan.without_timeline(self.in_time)})

    def with_belief(self, belief: float) -> Case:
        """Return the case with one probability for all that its path announces. Raises `InputError`."""
        if self.in_time is None:
            raise InputError("belief: the case has no path; add the key 'path'")
        case = self.model_copy(update={"in_time": self.in_time.with_belief(belief)})
        try:
            case.path_plan()
        except CaseError as error:
            raise InputError(f"belief: {error}") from None
        return case

    def path_plan(self) -> PathPlan | None:
        """Return what is in force on the case's path and what is known of it; None without one. Raises `CaseError`."""
        if self.in_time is None:
            return None
        return path_plan(self.in_time, self.scenarios, self.timeline, self.branches())

    def due(self, clock: str) -> datetime.date:
        """Return the last day of a clock of the calendar; raise `ValueError` for an unknown or unstarted clock."""
        last = max((event.date for event in self.calendar), default=None)
        return deadlines(self.calendar, on=last).deadline(clock).due

    def assuming(
        self,
        *,
        closure: Closure | None = None,
        theta: float | str | Mapping[str, Any] | None = None,
        rd_intensity: float | str | None = None,
    ) -> Case:
        """Return the case with another closure, other elasticities, or another R&D intensity.

        Raises `InputError` where `closure` is not a Closure, where the intensity is not a share, and where the case
        names no protected industry to which the intensity could apply.
        """
        update: dict[str, Any] = {
            key: value for key, value in (("closure", closure), ("theta", theta)) if value is not None
        }
        if closure is not None and not isinstance(closure, Closure):
            raise InputError(f"closure: pass a Closure, such as Closure(deficit='balanced'), not {closure!r}")
        if rd_intensity is not None:
            if self.report.protected is None:
                raise InputError("rd_intensity: the case names no protected industry; add report.protected")
            share = read_rate("rd_intensity", rd_intensity, above=0.0)
            if share > 1:
                raise InputError(f"rd_intensity: {share:g} is not a share of value added such as 0.05")
            protected = self.report.protected.model_copy(update={"rd_intensity": share})
            update["report"] = self.report.model_copy(update={"protected": protected})
        case = self.model_copy(update=update)
        case._given = (*self._given, *update)
        case._centred, case._distributions = self._centred, self._distributions
        return case

    @property
    def distributions(self) -> Mapping[KeyPath, Distribution]:
        """The distributions that the file states in place of numbers, by place."""
        return self._distributions

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of what the case states, without its file's name, its beliefs, and what came of its deadlines.

        Its assumption is left out too: it says in words what the numbers of the case already have.
        """
        names = [name for name in type(self).model_fields if name not in ("afterwards", "beliefs", "assumption")]
        # Cases without a market or a path keep the fingerprint that they had before there were any.
        new = ("market", "in_time")
        stated = {name: getattr(self, name) for name in names if name not in new or getattr(self, name) is not None}
        return hashlib.sha256(repr((stated, sorted(map(str, self._distributions.items())))).encode()).hexdigest()

    @property
    def written(self) -> Any:
        """The document as in the file, with its distributions; None for a case made in Python."""
        return self._origin.document

    @property
    def document(self) -> Any:
        """The case as plain values, every distribution at its centre; raises `InputError` for a case made in Python."""
        if self._centred is None:
            raise InputError("the case was made in Python, so it has no document with numbers to vary; use read_case")
        return self._centred

    def with_numbers(self, values: Mapping[KeyPath, float]) -> Case:
        """Return the case with other numbers at these places; raise `DocumentError` for a number that is not valid."""
        values = whole_days(values)
        try:
            other = type(self).model_validate(with_one_belief(with_values(self.document, values), values))
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            numbers = ", ".join(f"{dotted_key(place)} = {value:g}" for place, value in values.items())
            raise DocumentError(
                f"{str(fault['msg']).removeprefix('Value error, ')} (with {numbers})", path=self.path
            ) from None
        given = {key: getattr(self, key) for key in self._given}
        other = other.model_copy(update=given)
        other._origin, other._given = self._origin, self._given
        other._centred, other._distributions = self._centred, self._distributions
        return other

    @property
    def given(self) -> tuple[str, ...]:
        """The keys whose values come from outside the file (`assuming`)."""
        return self._given

    @property
    def path(self) -> str:
        """The file that the case was read from, or an empty text."""
        return self._origin.path

    @property
    def economy_file(self) -> str:
        """The name of a bundled Economy, or the path of the file beside the case or in the working folder."""
        return self.economy if self.economy in bundled_economies() else str(beside(self.path, self.economy))

    def own_economy(self) -> Economy:
        """Return the Economy that the case names. Raises `UnknownNameError` or `DocumentError`."""
        return load_economy(self.economy_file)

    def economy_or_own(self, given: Economy | str | os.PathLike[str] | None) -> Economy:
        """Return the Economy that is given, or that of its name or file; without one, the case's own.

        Raises as `own_economy` does.
        """
        if given is None:
            return self.own_economy()
        return given if isinstance(given, Economy) else load_economy(given)

    @property
    def text(self) -> str | None:
        """The text of the file that the case was read from; None for a case made in Python or sent as a document."""
        return self._origin.text

    def place_of(self, scenario: str, position: int) -> str:
        """Return the place of a measure in the file: in its scenario, or under the case's key `retaliation`."""
        measure = self.scenarios[scenario].measures[position]
        own = [k for k, r in enumerate(self.retaliation) if r is measure]
        return f"retaliation.{own[0]}" if own else f"scenarios.{scenario}.measures.{position}"

    def node(self, scenario: str, position: int) -> Any:
        """Return a measure as in the file, the same object for aliases of one anchor; None if it is not in the file."""
        try:
            return self._origin.document["scenarios"][scenario]["measures"][position]
        except (KeyError, IndexError, TypeError):
            return None

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Raise errors of the block again as errors at `place` of the case's file."""
        try:
            yield
        except DocumentError:
            raise
        except InputError as error:
            raise self.fault(place, str(error)) from None

    def fault(self, place: str, message: str) -> DocumentError:
        """Return an error at a place (dotted keys) of the file that this case was read from."""
        message = message.removeprefix(f"{place}: ")
        if place.split(".")[0] in self._given:
            return DocumentError(message, key=place)
        path, document = self._origin.path, self._origin.document
        steps = as_written([int(step) if step.isdigit() else step for step in place.split(".")], document)
        key = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
        return DocumentError(message, path=path, line=line_of(document, steps), key=key)

    def deadlines(self, on: datetime.date | str | None = None, day_count: Count | None = None) -> Calendar:
        """Return the calendar with its statutory deadlines as of a day (default: `calendar_day` of today).

        Raises `InputError` where `on` is not a day.
        """
        happened = {clock: known.what for clock, known in self.afterwards.items()}
        on = read_date("on", on) or self.calendar_day(datetime.date.today())
        return deadlines(self.calendar, on=on, day_count=day_count, happened=happened)

    def calendar_day(self, today: datetime.date) -> datetime.date:
        """Return the day on which the calendar opens: today while something is ahead, else the case's own date."""
        ahead = any(event.date > today for event in self.calendar) or any(
            deadline.status in ("open", "expected") for deadline in deadlines(self.calendar, on=today).deadlines
        )
        return today if ahead or self.day is None else self.day

    @property
    def day(self) -> datetime.date | None:
        """The date of the case: `law: on:`, else the last date of its calendar; None where neither is stated."""
        return self.law.on or max((event.date for event in self.calendar), default=None)

    def branches(self) -> tuple[Branch, ...]:
        """Return the branches of the timeline; none without a timeline."""
        if self.timeline is None:
            return ()
        return branches(self.timeline, self.due)

    def needed(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return some scenarios with those that they refer to, in the solving order. Raises `UnknownNameError`."""
        keep = with_references(self.scenarios, wanted)
        return tuple(name for name in self.order() if name in keep)

    def order(self) -> list[str]:
        """Return the scenario names, each after those that it refers to; raise `CaseError` for a circle."""
        return solving_order(self.scenarios)
