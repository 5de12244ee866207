"""The key `table` of a case: issues with their ranges, the threat, offers, the talks, and the moves of a game."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from entrepot.cases.case_section import CaseError, CaseSection, Number, SectionError
from entrepot.cases.read_measure import read_measure
from entrepot.cases.timeline import ByClock, DatedSection, Share
from entrepot.errors import DocumentError, InputError, MeasureError, nearest
from entrepot.languages import in_english, localised, money, plural, translated
from entrepot.measures import Measure
from entrepot.measures.fields import read_rate
from entrepot.rules.law_section import ScenarioLaw
from entrepot.words import and_list, plain_number

#: Marks the level of an issue in a measure: $car_tariff.
ISSUE_MARK = "$"
Unit = Literal["percent", "points", "usd_m", "number"]


def _two(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("a range needs two ends, such as [0, 25%]")
    return value


class Issue(CaseSection):
    """A number that the parties bargain over.

    range   its lowest and its highest level: [0, 25%]
    now     the level that changes nothing; measures that use the issue are not in force at this level
    says    a sentence about a level, with {} for the level: "a US tariff {} higher on Japan's cars"
    unit    how a level is printed: 0.25 as 25% (percent) or as 25 points
    """

    title: str
    range: Annotated[tuple[Number, Number], BeforeValidator(_two)]
    now: Number | None = None
    says: str | None = None
    unit: Unit = "percent"

    @model_validator(mode="after")
    def _ordered(self) -> Issue:
        low, high = self.range
        if not low < high:
            raise SectionError("range", f"{low:g} to {high:g} is not a range: put the lower end first")
        if self.now is not None and not low <= self.now <= high:
            raise SectionError("now", f"{self.now:g} lies outside the range, {low:g} to {high:g}")
        if self.says is not None and self.says.count("{}") != 1:
            raise SectionError("says", "write {} once, where the level goes")
        return self

    def shown(self, level: float) -> str:
        """Return a level as text in the unit of the issue."""
        if self.unit == "points":
            return plural("{number} point", "{number} points", plain_number(100 * level, 3))
        if self.unit == "number":
            return localised(f"{level:.4g}")
        return localised(f"{100 * level:.3g}%") if self.unit == "percent" else _money(level)

    def in_words(self, level: float) -> str:
        """Return a level as a phrase: `says` with the level in it, else the title and the level."""
        shown = self.shown(level)
        return translated(self.says).replace("{}", shown) if self.says else f"{translated(self.title)} {shown}"


def _money(millions: float) -> str:
    return f"US${millions:,.0f} million" if in_english() else money(millions)


class WarSpec(CaseSection):
    """A trade war as the threat: Nash tariffs, from which no party gains by moving alone (`nash_tariffs`)."""

    name_in_fingerprint = "War"

    over: Literal["uniform", "sector", "partner", "both"] = "uniform"
    sectors: tuple[str, ...] = ("ALL",)
    at_most: Annotated[float, BeforeValidator(lambda value: read_rate("", value, above=0.0))] = 1.0


class ThreatSpec(CaseSection):
    """What happens without a deal: a scenario, or a trade war; `after` names the clock whose deadline starts it."""

    name_in_fingerprint = "Threat"

    scenario: str | None = None
    war: WarSpec | None = None
    after: str | None = None

    @model_validator(mode="after")
    def _one(self) -> ThreatSpec:
        if (self.scenario is None) == (self.war is None):
            raise SectionError("", "state either a scenario or a war: {scenario: tariff} or {war: {}}")
        return self


class OfferSpec(CaseSection):
    """A deal that was proposed or made; issues that are left out stay at their level `now`."""

    name_in_fingerprint = "Offer"

    title: str
    levels: dict[str, Number]
    sources: tuple[str, ...] = ()


Rate = Annotated[Share, Field(ge=0)]


class TalksSpec(DatedSection):
    """Alternating offers until a deadline, from the first day (`from`), one offer `every` so many days.

    until          the deadline; default: that of the clock after which the threat starts
    discount_rate  annual, one for all or by party
    breakdown      the probability, after each refused offer, that the talks fail at once
    first          the party that makes the first offer; default: the first party
    years          over which the payoffs of a deal, or of the threat, are counted
    """

    name_in_fingerprint = "Talks"

    until: datetime.date | ByClock | None = None  # type: ignore[assignment]
    every: int = Field(default=30, ge=1, le=36_525)
    discount_rate: Rate | dict[str, Rate] = 0.04
    breakdown: Annotated[Share, Field(ge=0, lt=1)] = 0.0
    first: str | None = None
    years: float = Field(default=10.0, gt=0, le=100)

    def rate(self, party: str) -> float:
        """Return the annual discount rate of a party."""
        return self.discount_rate[party] if isinstance(self.discount_rate, dict) else self.discount_rate


class MoveSpec(CaseSection):
    """A move of a party in a game: the scenarios that it puts in force."""

    name_in_fingerprint = "Move"

    title: str
    scenarios: tuple[str, ...] = ()


def _read_threat(value: Any) -> Any:
    return {"scenario": value} if isinstance(value, str) else value


def _read_points(value: Any) -> Any:
    for name, points in value.items() if isinstance(value, Mapping) else [("", value)]:
        if isinstance(points, bool) or not str(points).isdigit() or not 2 <= int(points) <= 1000:
            raise SectionError(str(name), f"{points!r} is not a whole number of levels from 2 to 1000")
    return value


class BargainingTable(CaseSection):
    """The issues that the parties bargain over, and the terms of the bargain.

    between    two parties or more: codes, groups, or several that act as one ("JPN+EU28")
    beside     scenarios in force whether or not there is a deal; threats and moves come on top of them
    issues     by name; `measures` use their levels as $NAME, in any key; `rent: $NAME` is the exporter's share
    law        the law under which the measures of a deal are taken, for the screen
    power      the weight of each party in the Nash solution; default: equal weights
    points     the number of levels of each issue on the grid of the payoff surface
    menus      by party, the moves of a game; its payoffs come from all chosen scenarios in force together
    """

    name_in_fingerprint = "Table"

    between: tuple[str, ...] = Field(min_length=2)
    beside: tuple[str, ...] = ()
    issues: dict[str, Issue] = Field(min_length=1)
    measures: tuple[dict[str, Any], ...] = Field(min_length=1)
    law: ScenarioLaw = ScenarioLaw()
    threat: Annotated[ThreatSpec, BeforeValidator(_read_threat)]
    other_threats: tuple[str, ...] = ()
    offers: dict[str, OfferSpec] = Field(default_factory=dict)
    power: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    points: Annotated[int | dict[str, int], BeforeValidator(_read_points)] = 10
    talks: TalksSpec | None = None
    menus: dict[str, dict[str, MoveSpec]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> BargainingTable:
        """Check the names inside the table, and every measure at both ends of its issues."""
        used: set[str] = set()
        for k, template in enumerate(self.measures):
            names = list(issues_used(template))
            place = f"measures.{k}"
            if not names:
                raise SectionError(
                    place, f"uses no issue: set one of its keys to {ISSUE_MARK}{next(iter(self.issues))}"
                )
            for name in names:
                self._check_issue(place, name)
            used.update(names)
            for end in (0, 1):
                try:
                    made = read_measure(with_levels(template, {name: self.issues[name].range[end] for name in names}))
                    if not isinstance(made, Measure):
                        raise MeasureError(
                            "", "a retaliation cannot be bargained over; put it in a scenario and name that one"
                        )
                except MeasureError as error:
                    raise SectionError(f"{place}.{error.key}".rstrip("."), error.message) from None
        for name in self.issues:
            if name not in used:
                raise SectionError(
                    f"issues.{name}", f"no measure uses it: write {ISSUE_MARK}{name} in a measure, or delete the issue"
                )
        for place, name in self._named():
            if name not in self.between:
                raise SectionError(place, f"{name!r} is not one of the parties {and_list(list(self.between))}")
        if self.menus and len(self.menus) < 2:
            raise SectionError("menus", "a game needs the moves of at least two parties")
        for party, menu in self.menus.items():
            if not menu:
                raise SectionError(f"menus.{party}", "has no moves; add one, or delete the party")
        for name, offer in self.offers.items():
            self._check_levels(f"offers.{name}.levels", offer.levels)
        if self.talks is not None and isinstance(self.talks.discount_rate, dict):
            for party in self.between:
                if party not in self.talks.discount_rate:
                    raise SectionError("talks.discount_rate", f"the rate of {party} is missing")
        if isinstance(self.points, dict):
            for name in self.points:
                self._check_issue(f"points.{name}", name)
        return self

    def _named(self) -> Iterator[tuple[str, str]]:
        """Yield every party that is named outside `between`, with its place."""
        yield from (("power", name) for name in self.power)
        yield from (("menus", name) for name in self.menus)
        if self.talks is not None and self.talks.first is not None:
            yield "talks.first", self.talks.first
        if self.talks is not None and isinstance(self.talks.discount_rate, dict):
            yield from (("talks.discount_rate", name) for name in self.talks.discount_rate)

    def _check_issue(self, place: str, name: str) -> None:
        if name not in self.issues:
            raise SectionError(place, f"unknown issue {name!r}{nearest(name, self.issues)}")

    def checked(self, levels: Mapping[str, float]) -> dict[str, float]:
        """Return the levels of a deal.

        Raises `DocumentError` for an unknown issue, a level out of its range, or a missing level of an issue without
        a level `now`.
        """
        try:
            self._check_levels("levels", levels)
        except SectionError as fault:
            raise DocumentError(str(fault), key=fault.place) from None
        return dict(levels)

    def check_levels(self, place: str, levels: Mapping[str, float]) -> None:
        """Check the levels of a deal that another section states; raise `CaseError` at its place."""
        try:
            self._check_levels(place, levels)
        except SectionError as fault:
            raise CaseError(fault.place, str(fault)) from None

    def _check_levels(self, place: str, levels: Mapping[str, float]) -> None:
        for issue, level in levels.items():
            self._check_issue(f"{place}.{issue}", issue)
            low, high = self.issues[issue].range
            if not low <= level <= high:
                raise SectionError(f"{place}.{issue}", f"{level:g} lies outside the range, {low:g} to {high:g}")
        for issue, of in self.issues.items():
            if issue not in levels and of.now is None and self._needed(issue, levels):
                raise SectionError(place, f"the level of {issue} is missing, and the issue has no level 'now'")

    def _needed(self, issue: str, levels: Mapping[str, float]) -> bool:
        """Return whether a measure that is in force at these levels uses the issue."""
        return any(
            issue in names and not any(self.unchanged(n, levels) for n in names)
            for names in map(list, map(issues_used, self.measures))
        )

    def used(self, levels: Mapping[str, float]) -> dict[str, float]:
        """Return the levels of the issues that a measure in force uses: all that a deal depends on."""
        return {issue: level for issue, level in levels.items() if self._needed(issue, levels)}

    def unchanged(self, issue: str, levels: Mapping[str, float]) -> bool:
        """Return whether an issue is at its level `now`, or left out."""
        now = self.issues[issue].now
        return now is not None and abs(levels.get(issue, now) - now) < 1e-12

    def deal(self, levels: Mapping[str, float]) -> tuple[Measure, ...]:
        """Return the measures of a deal at these levels; an issue at its level `now` puts no measure in force."""
        made = (self.deal_of(template, levels) for template in self.measures)
        return tuple(measure for measure in made if measure is not None)

    def deal_of(self, template: Mapping[str, Any], levels: Mapping[str, float]) -> Measure | None:
        """Return one measure of the table at these levels; None where it is not in force."""
        in_force = all(name in levels and not self.unchanged(name, levels) for name in issues_used(template))
        return self.filled_in(template, levels) if in_force else None

    def filled_in(self, template: Mapping[str, Any], levels: Mapping[str, float]) -> Measure:
        """Return one measure of the table at these levels, even where an issue is at its level `now`."""
        made = read_measure(with_levels(template, {name: levels[name] for name in issues_used(template)}))
        assert isinstance(made, Measure)  # retaliations are refused when the table is read
        return made

    @property
    def current_levels(self) -> dict[str, float]:
        """The level `now` of each issue that has one."""
        return {name: issue.now for name, issue in self.issues.items() if issue.now is not None}

    def all_in_force(self) -> dict[str, float]:
        """Return levels at which every measure is in force: the end of each range that is not `now`."""
        return {name: i.range[0] if i.now == i.range[1] else i.range[1] for name, i in self.issues.items()}

    def in_words(self, levels: Mapping[str, float]) -> str:
        """Return the deal in a sentence, without issues that are at `now` or have no effect."""
        used = self.used(levels)
        phrases = [issue.in_words(used[name]) for name, issue in self.issues.items() if name in used]
        return and_list(phrases) if phrases else translated("everything as it is now")

    def size(self, issue: str) -> int:
        """Return the number of levels of an issue on the grid."""
        return self.points.get(issue, 10) if isinstance(self.points, dict) else self.points

    def on_a_grid_of(self, points: int) -> BargainingTable:
        """Return the table with `points` levels of each issue; raise `InputError` outside of 2 to 1000."""
        if not 2 <= points <= 1000:
            raise InputError(f"points: {points} is not from 2 to 1000 levels of each issue")
        return self.model_copy(update={"points": points})

    def scenarios(self) -> Iterator[tuple[str, str]]:
        """Yield every scenario that the table names, with its place."""
        for k, name in enumerate(self.beside):
            yield f"beside.{k}", name
        if self.threat.scenario is not None:
            yield "threat", self.threat.scenario
        for k, name in enumerate(self.other_threats):
            yield f"other_threats.{k}", name
        for party, menu in self.menus.items():
            for move, spec in menu.items():
                for k, name in enumerate(spec.scenarios):
                    yield f"menus.{party}.{move}.scenarios.{k}", name

    def clocks(self) -> Iterator[tuple[str, str]]:
        """Yield every clock that the table names, with its place."""
        if self.threat.after is not None:
            yield "threat.after", self.threat.after
        if self.talks is not None and isinstance(self.talks.until, ByClock):
            yield "talks.until.clock", self.talks.until.clock


def issues_used(node: Any) -> Iterator[str]:
    """Yield the issues that a measure uses, each once, in order."""
    yield from dict.fromkeys(_marks(node))


def _marks(node: Any) -> Iterable[str]:
    if isinstance(node, str) and node.startswith(ISSUE_MARK):
        yield node.removeprefix(ISSUE_MARK)
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _marks(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _marks(value)


def with_levels(node: Any, levels: Mapping[str, float], key: str = "") -> Any:
    """Return a measure with levels in place of $NAME; a rent that is one number is the exporter's share."""
    if isinstance(node, str) and node.startswith(ISSUE_MARK):
        level = levels[node.removeprefix(ISSUE_MARK)]
        return {"exporter": level, "importer": 1 - level} if key == "rent" else level
    if isinstance(node, Mapping):
        return {name: with_levels(value, levels, str(name)) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [with_levels(value, levels, key) for value in node]
    return node
