"""The Case: a question as a document, with parties, sources, calendar, scenarios and what the report looks at."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from entrepot.equilibrium import Closure
from entrepot.errors import MeasureError, nearest
from entrepot.measures import INSTRUMENTS, Measure, Scenario
from entrepot.measures.instruments import keys_of

SHORT = {
    "ver": "voluntary_export_restraint",
    "quota": "import_quota",
    "trq": "tariff_rate_quota",
    "ntb": "non_tariff_barrier",
}


class Part(BaseModel):
    """Any part of a case: unknown keys are errors, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Source(Part):
    """Where a fact comes from."""

    id: str
    title: str
    publisher: str
    date: datetime.date | int | str
    url: str | None = None
    used_for: str | None = None


class Event(Part):
    """A dated event or deadline."""

    date: datetime.date
    event: str
    sources: tuple[str, ...] = ()


class Objective(Part):
    """What a party wants: by default its real income, as equivalent variation."""

    maximise: Literal["equivalent_variation"] = "equivalent_variation"


class Protected(Part):
    """The industry that the measures protect."""

    country: str
    sector: str


class MarketWatch(Part):
    """A market whose sources the report follows: `importer`'s imports of `sectors`, by groups of exporters."""

    title: str
    importer: str
    sectors: tuple[str, ...]
    exporters: tuple[str, ...]


class Swap(Part):
    """Scenarios that leave the same volume and differ in who holds the rent: the report sets them side by side."""

    scenarios: tuple[str, ...] = Field(min_length=2)
    parties: tuple[str, ...] = Field(min_length=1)


class Reading(Part):
    """What the report puts first."""

    protected: Protected | None = None
    markets: tuple[MarketWatch, ...] = ()
    swap: Swap | None = None


class ClosureSpec(Part):
    deficit: Literal["fixed", "gdp_share", "balanced"] = "fixed"
    numeraire: str = "WORLD"

    def build(self) -> Closure:
        return Closure(self.deficit, self.numeraire)


def read_measure(value: Any) -> Measure:
    """`{tariff: {importer: USA, ...}}` as a Measure. Short names: ver, quota, trq, ntb."""
    if isinstance(value, Measure):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        raise MeasureError(
            "", f"a measure is one instrument and its keys, such as 'tariff: {{...}}'; known: {_known()}"
        )
    name, arguments = next(iter(value.items()))
    instrument = INSTRUMENTS.get(SHORT.get(str(name), str(name)))
    if instrument is None:
        raise MeasureError("", f"unknown instrument {name!r}{nearest(str(name), [*INSTRUMENTS, *SHORT])}")
    if not isinstance(arguments, Mapping):
        raise MeasureError(name, "its keys are missing, such as importer and sector")
    known, required = keys_of(instrument)
    for key in arguments:
        if key not in known:
            raise MeasureError(f"{name}.{key}", f"unknown key{nearest(str(key), known)}")
    missing = [key for key in required if key not in arguments]
    if missing:
        raise MeasureError(name, f"the key {missing[0]!r} is missing")
    try:
        return instrument(**arguments)
    except MeasureError as error:
        raise MeasureError(f"{name}.{error.key}", error.message) from None


def _known() -> str:
    return ", ".join(INSTRUMENTS)


class ScenarioSpec(Part):
    """Measures in force together, with a title for the report."""

    title: str
    measures: tuple[Annotated[Measure, BeforeValidator(read_measure)], ...] = ()
    sources: tuple[str, ...] = ()

    def build(self, name: str) -> Scenario:
        return Scenario(self.measures, name=name, title=self.title)


class Case(Part):
    """A case file. `scenarios` is what `run` solves, in the order written; later parts of the system read the rest."""

    case: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    question: str
    economy: str = "world2014"
    closure: ClosureSpec = ClosureSpec()
    parties: tuple[str, ...] = Field(min_length=1)
    objectives: dict[str, Objective] = {}
    sources: tuple[Source, ...] = ()
    calendar: tuple[Event, ...] = ()
    scenarios: dict[str, ScenarioSpec] = Field(min_length=1)
    report: Reading = Reading()
    notes: tuple[str, ...] = ()

    @field_validator("sources")
    @classmethod
    def _ids_once(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        ids = [s.id for s in sources]
        for i in ids:
            if ids.count(i) > 1:
                raise ValueError(f"the source id {i!r} is used twice")
        return sources

    @model_validator(mode="after")
    def _references(self) -> Case:
        ids = [s.id for s in self.sources]
        cited = [("calendar", c) for e in self.calendar for c in e.sources]
        cited += [(f"scenarios.{name}", c) for name, s in self.scenarios.items() for c in s.sources]
        for place, source in cited:
            if source not in ids:
                raise Misreference(f"{place}.sources", f"no source has the id {source!r}{nearest(source, ids)}")
        for name, spec in self.scenarios.items():
            for other in sorted(spec.build(name).matches):
                if other not in self.scenarios:
                    raise Misreference(
                        f"scenarios.{name}", f"{{match: {other}}}: no such scenario{nearest(other, self.scenarios)}"
                    )
        for name in self.report.swap.scenarios if self.report.swap else ():
            if name not in self.scenarios:
                raise Misreference("report.swap.scenarios", f"no scenario {name!r}{nearest(name, self.scenarios)}")
        for party in self.objectives:
            if party not in self.parties:
                raise Misreference(f"objectives.{party}", f"not one of the parties{nearest(party, self.parties)}")
        self.order()
        return self

    def order(self) -> list[str]:
        """Scenario names so that each comes after those its caps refer to. Raises `Misreference` for a circle."""
        done: list[str] = []

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise Misreference(
                    f"scenarios.{name}", f"caps refer to each other in a circle: {' -> '.join((*path, name))}"
                )
            for other in sorted(self.scenarios[name].build(name).matches):
                visit(other, (*path, name))
            if name not in done:
                done.append(name)

        for name in self.scenarios:
            visit(name, ())
        return done


class Misreference(ValueError):
    """A name in one part of a case that another part does not have; `place` is the dotted key."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(message)
