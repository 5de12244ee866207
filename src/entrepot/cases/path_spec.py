"""The key `path` of a case: what is in force when, what is known and believed of it before, and what remembers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from entrepot.cases.case_section import CaseError, CaseSection, Number, SectionError
from entrepot.cases.timeline import (
    Branch,
    InForceSpec,
    Share,
    Timeline,
    check_dates,
    check_overlap,
    check_scenarios,
    first_day_without,
)
from entrepot.errors import InputError, MeasureError, nearest, not_a_share
from entrepot.measures import Scenario
from entrepot.measures.fields import read_number
from entrepot.paths import Capital, Dated, Elasticities, Inventories, Mobility
from entrepot.paths.expectations import Expectations
from entrepot.paths.window import LONGEST, StepLength


def _part(value: Any) -> float:
    """Return a probability from a number or a percentage."""
    number = read_number("", value)
    if not 0 <= number <= 1:
        raise MeasureError("", not_a_share(number))
    return number


Probability = Annotated[float, BeforeValidator(_part)]


class Announcement(CaseSection):
    """What is known of a scenario before it begins.

    announced    the day on which it becomes known;  probability  that it will be carried out, as believed from then on
    carried_out  whether it is: false is a threat that lapses on its day
    """

    announced: datetime.date | None = None
    probability: Probability | None = None
    carried_out: bool = True


class PathEntry(InForceSpec, Announcement):
    """A scenario that is in force from its first day to the day before `until`, and what is known of it before."""

    name_in_fingerprint = "PathEntry"

    def dated(self, scenario: Scenario, title: str) -> Dated:
        """Return the entry with the measures of its scenario, as `ep.paths.solve` takes it."""
        return Dated(
            scenario,
            since=self.since,
            until=self.until,
            announced=self.announced,
            probability=1.0 if self.probability is None else self.probability,
            carried_out=self.carried_out,
            title=title,
        )


class Remembered(CaseSection):
    """A part of a path that remembers, with the arguments of its class in `ep.paths`."""

    #: That class.
    of: ClassVar[type]

    def build(self) -> Any:
        """Return what `ep.paths.solve` takes. Raises `InputError`."""
        return self.of(**self.stated())

    @model_validator(mode="after")
    def _valid(self) -> Any:
        """Raise `SectionError` at the key whose number is outside its range."""
        try:
            self.build()
        except InputError as error:
            text = str(error).partition(": ")[2]  # "depreciation 1.2: a rate a year between 0 and 1 is needed"
            key = text.split(" ", 1)[0]
            known = key in type(self).model_fields
            raise SectionError(key if known else "", text.removeprefix(f"{key} ") if known else text) from None
        return self

    def stated(self) -> dict[str, Any]:
        """Return the values by key."""
        return {key: getattr(self, key) for key in type(self).model_fields}


class CapitalSpec(Remembered):
    """Capital that is built up and wears out (`ep.paths.Capital`)."""

    of: ClassVar[type] = Capital
    share: Number | dict[str, Number] | None = None
    depreciation: Number = Capital.depreciation
    discount_factor: Number = Capital.discount_factor
    timing: str = Capital.timing


class InventoriesSpec(Remembered):
    """What it costs importers to keep goods in store (`ep.paths.Inventories`)."""

    of: ClassVar[type] = Inventories
    interest: Number = Inventories.interest
    storage: Number = Inventories.storage
    crowding: Number = Inventories.crowding
    lead: int = Inventories.lead
    sectors: str | tuple[str, ...] = "ALL"


class ElasticitiesSpec(Remembered):
    """Trade elasticities that grow with time since each flow's own changes (`ep.paths.Elasticities`)."""

    of: ClassVar[type] = Elasticities
    short: Number = Elasticities.short
    years: Number = Elasticities.years
    growth: str = Elasticities.growth


class MobilitySpec(Remembered):
    """Workers of one country who move among its sectors at a cost (`ep.paths.Mobility`)."""

    of: ClassVar[type] = Mobility
    country: str
    matrix: tuple[tuple[Number, ...], ...] | None = None
    stay: Number = Mobility.stay
    nu: Number = Mobility.nu
    discount_factor: Number = Mobility.discount_factor


#: The parts of a path that remember.
REMEMBERED = ("capital", "inventories", "elasticities", "mobility")


class PathSpec(CaseSection):
    """A path of a case (`ep.paths.solve` says what each argument means).

    since, until   the window; those of the timeline where a branch of it is followed and they are left out
    branch         of the timeline, whose scenarios are in force; the only one where none is named
    in_force       scenarios in force, beside those of the branch
    beliefs        by scenario of the branch: when it becomes known, and how likely it then is
    belief         the probability of everything that is announced and states none
    deadlines      days that pictures mark, beside those of the branch
    """

    model_config = ConfigDict(**(CaseSection.model_config | {"populate_by_name": True}))

    since: datetime.date | None = Field(default=None, alias="from")
    until: datetime.date | None = None
    step: StepLength = "quarter"
    expectations: Expectations = "foresight"
    belief: Probability | None = None
    discount_rate: Share | None = None
    branch: str | None = None
    in_force: tuple[PathEntry, ...] = ()
    beliefs: dict[str, Announcement] = Field(default_factory=dict)
    deadlines: tuple[datetime.date, ...] = ()
    capital: CapitalSpec | None = None
    inventories: InventoriesSpec | None = None
    elasticities: ElasticitiesSpec | None = None
    mobility: MobilitySpec | None = None

    @model_validator(mode="before")
    @classmethod
    def _stated(cls, value: Any) -> Any:
        """Refuse a part with nothing behind its colon, which could mean its defaults or that it is off."""
        for key in REMEMBERED if isinstance(value, Mapping) else ():
            if key in value and value[key] is None:
                raise SectionError(key, "write {} for the defaults, or leave the key out")
        return value

    def built(self) -> dict[str, Any]:
        """Return the parts that remember as arguments of `ep.paths.solve`."""
        found = {key: getattr(self, key) for key in REMEMBERED}
        return {key: part.build() for key, part in found.items() if part is not None}

    def with_belief(self, belief: float) -> PathSpec:
        """Return the path with one probability for everything that is announced. Raises `InputError`."""
        try:
            number = _part(belief)
        except MeasureError as error:
            raise InputError(f"belief: {error.message}") from None
        if self.expectations != "beliefs":
            raise InputError(
                f"belief: it has no effect with expectations {self.expectations!r}; state 'expectations: beliefs' in "
                f"the path of the case"
            )
        unstated = {"probability": None}
        return self.model_copy(
            update={
                "belief": number,
                "in_force": tuple(entry.model_copy(update=unstated) for entry in self.in_force),
                "beliefs": {name: known.model_copy(update=unstated) for name, known in self.beliefs.items()},
            }
        )


@dataclass(frozen=True)
class PathPlan:
    """A path with everything that it takes from the timeline written out.

    in_force  each with its place in the document, its last day, and the probability of what is announced
    """

    since: datetime.date
    until: datetime.date
    discount_rate: float
    in_force: tuple[tuple[str, PathEntry], ...]
    deadlines: tuple[datetime.date, ...]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that are in force at some time, each once."""
        return tuple(dict.fromkeys(entry.scenario for _, entry in self.in_force))

    def without_timeline(self, spec: PathSpec) -> PathSpec:
        """Return the path as one that follows no branch."""
        return spec.model_copy(
            update={
                "since": self.since,
                "until": self.until,
                "discount_rate": self.discount_rate,
                "branch": None,
                "belief": None,
                "in_force": tuple(entry for _, entry in self.in_force),
                "beliefs": {},
                "deadlines": self.deadlines,
            }
        )


def path_plan(
    spec: PathSpec, scenarios: Mapping[str, Any], timeline: Timeline | None, branches: Sequence[Branch]
) -> PathPlan:
    """Return what is in force on a path, and what is known of it before. Raises `CaseError`."""
    branch = _branch(spec, timeline, branches)
    window = _window(spec, timeline if branch is not None else None)
    entries = list(_entries(spec, branch))
    _check_names(spec, entries, scenarios)
    for place, entry in entries:
        if branch is None or place.startswith("path.in_force"):
            check_dates(window, entry, place)
    stated = [entry for _, entry in entries if entry.carried_out]
    check_overlap(entries, stated)
    for k, date in enumerate(spec.deadlines):
        if not window[0] <= date < window[1]:
            raise CaseError(f"path.deadlines.{k}", f"{date} lies outside the window, {window[0]} to {window[1]}")
    in_force = []
    for place, entry in entries:
        _check_announced(entry, place, spec)
        last = first_day_without(entry, stated) if entry.carried_out else entry.until
        outside = last is not None and last <= max(entry.since, window[0])
        if outside or entry.since >= window[1]:  # ended by another before it begins, or beyond a shorter window
            continue
        chance = entry.probability
        if chance is None and entry.announced is not None:
            chance = 1.0 if spec.belief is None else spec.belief
        in_force.append((place, entry.model_copy(update={"until": last, "probability": chance, "ends": ()})))
    if not in_force:
        raise CaseError("path", "nothing is in force in its window; add 'in_force', or follow a branch of the timeline")
    _check_belief(spec, [entry for _, entry in entries])
    _check_remembered(spec)
    rate = spec.discount_rate
    if rate is None:
        rate = timeline.discount_rate if timeline is not None and branch is not None else 0.0
    followed = [date for date in (branch.deadlines if branch is not None else ()) if window[0] <= date < window[1]]
    return PathPlan(*window, rate, tuple(in_force), tuple(sorted({*followed, *spec.deadlines})))


def _branch(spec: PathSpec, timeline: Timeline | None, branches: Sequence[Branch]) -> Branch | None:
    if timeline is None:
        if spec.branch is not None:
            raise CaseError("path.branch", "the case has no timeline; leave 'branch' out, or add a timeline")
        return None
    names = [branch.name for branch in branches]
    if spec.branch is not None:
        name = spec.branch if spec.branch in names else spec.branch.removeprefix("if_")  # its key in the timeline
        if name not in names:
            raise CaseError("path.branch", f"the timeline has no branch {spec.branch!r}{nearest(spec.branch, names)}")
        return branches[names.index(name)]
    if spec.in_force:
        return None
    if len(names) > 1:
        raise CaseError("path", f"the key 'branch' is missing: name one of the timeline's, {', '.join(names)}")
    return branches[0]


def _window(spec: PathSpec, timeline: Timeline | None) -> tuple[datetime.date, datetime.date]:
    since = spec.since or (timeline.since if timeline is not None else None)
    until = spec.until or (timeline.until if timeline is not None else None)
    if since is None or until is None:
        raise CaseError("path", f"the key '{'from' if since is None else 'until'}' is missing")
    place = "path.until" if spec.until else "path.from"
    if until <= since:
        raise CaseError(place, f"{until} is not after the first day, {since}")
    if until.year - since.year > LONGEST:
        raise CaseError(place, f"{until} is more than {LONGEST} years after the first day, {since}")
    return since, until


def _entries(spec: PathSpec, branch: Branch | None) -> Iterator[tuple[str, PathEntry]]:
    """Yield each entry with its place: those of the branch with what the path says of them, then the path's own."""
    for place, stated in branch.in_force if branch is not None else ():
        known = spec.beliefs.get(stated.scenario)
        beliefs = {} if known is None else {key: getattr(known, key) for key in type(known).model_fields}
        where = f"path.beliefs.{stated.scenario}" if known is not None else place
        own = {key: getattr(stated, key) for key in type(stated).model_fields}
        yield where, PathEntry.model_validate(own | beliefs)
    for k, entry in enumerate(spec.in_force):
        yield f"path.in_force.{k}", entry


def _check_names(spec: PathSpec, entries: Sequence[tuple[str, PathEntry]], scenarios: Mapping[str, Any]) -> None:
    """Raise `CaseError` for a scenario that the case or the path does not have."""
    check_scenarios(spec.in_force, "path.in_force", scenarios)
    own = {entry.scenario for entry in spec.in_force}
    followed = [entry.scenario for place, entry in entries if not place.startswith("path.in_force")]
    for name in spec.beliefs:
        if name not in followed:
            how = (
                "state what is known of it beside it, under 'in_force'"
                if name in own
                else f"it is not in force on the branch{nearest(name, followed)}"
            )
            raise CaseError(f"path.beliefs.{name}", how)


def _check_announced(entry: PathEntry, place: str, spec: PathSpec) -> None:
    """Raise `CaseError` for what is known too late, and for a probability of what nobody knows of."""
    if entry.announced is not None and entry.announced > entry.since:
        raise CaseError(
            f"{place}.announced",
            f"{entry.announced} is after {entry.scenario} begins, {entry.since}; leave 'announced' out for a surprise",
        )
    if entry.probability is not None and entry.announced is None and spec.expectations == "beliefs":
        raise CaseError(
            f"{place}.probability",
            "nobody knows of it before it begins, so nobody can believe in it; add 'announced', the day on which it "
            "becomes known",
        )


def _check_belief(spec: PathSpec, entries: Sequence[PathEntry]) -> None:
    """Raise `CaseError` for a belief that no measure takes."""
    if spec.belief is None:
        return
    if spec.expectations != "beliefs":
        raise CaseError(
            "path.belief", f"has no effect with expectations {spec.expectations!r}; state 'expectations: beliefs'"
        )
    announced = [entry for entry in entries if entry.announced is not None]
    if not announced:
        raise CaseError("path.belief", "nothing is announced before it begins; add 'announced' to what is believed")
    if all(entry.probability is not None for entry in announced):
        raise CaseError("path.belief", "everything that is announced states its own probability; leave one of them out")


def _check_remembered(spec: PathSpec) -> None:
    """Raise `CaseError` for parts that cannot be on one path."""
    if spec.mobility is not None and spec.capital is not None:
        raise CaseError(
            "path.mobility",
            "workers who move at a cost and capital cannot be on one path: in the model each sector has one factor of "
            "its own, and both would be it; leave one out",
        )
