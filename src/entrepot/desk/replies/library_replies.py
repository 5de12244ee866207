"""Replies about what a request may name: Economies, cases, instruments and the law."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.desk.replies.reply import Reply


class UnreadableFileReply(Reply):
    """A file of the desk's folder that cannot be read, and why."""

    name: str
    file: str
    fault: str


class EconomyRow(Reply):
    """An Economy of the desk."""

    name: str
    title: str = Field(description="What its maker called it.")
    year: int | None
    countries: int = Field(ge=1)
    sectors: int = Field(ge=1)
    own: bool = Field(description="Whether it was uploaded to this desk.")


class PlaceRow(Reply):
    """A country or group: its code, and its name in a list, as a label, and inside a sentence."""

    code: str
    name: str
    short: str
    spoken: str


class NumberedPlaceRow(PlaceRow):
    """A country, and its number in ISO 3166; empty where it has none."""

    number: str


class GroupRow(PlaceRow):
    """A group of countries, with its members in the Economy, and those that have no data of their own in it."""

    members: list[str]
    without_data: list[str]


class SectorRow(Reply):
    """A sector and its trade elasticity."""

    code: str
    name: str
    theta: float


class EconomyReply(Reply):
    """The countries, groups and sectors of an Economy."""

    name: str
    title: str
    year: int | None
    source: str
    fingerprint: str
    lifts: bool = Field(description="Whether anything beside tariffs is in force that a measure can lift.")
    countries: list[NumberedPlaceRow]
    groups: list[GroupRow]
    sectors: list[SectorRow]


class GoodRow(Reply):
    """A good, its code of the Harmonized System (empty for a whole sector), and the sectors that make it."""

    title: str
    code: str
    sectors: list[str]


class ElasticitySetRow(Reply):
    """A published set of trade elasticities."""

    name: str
    title: str
    horizon: str
    citation: str


class DeficitRuleTitle(Reply):
    """A rule for trade deficits, in words."""

    name: str
    title: str


class SourceRow(Reply):
    """A public database, or a layout of your own tables, that an upload may be."""

    name: str
    title: str
    files: str


class AssumptionsReply(Reply):
    """What `theta` and `closure` of a case may name."""

    elasticities: list[ElasticitySetRow]
    deficits: list[DeficitRuleTitle]
    competition: list[str]
    sources: list[SourceRow] = Field(description="What can be uploaded as an Economy.")
    largest_upload: int = Field(description="Bytes.")
    labour_share: float = Field(description="Of value added, assumed in the short run where none is stated.")


class CaseRow(Reply):
    """A case of the desk, with the titles of its scenarios."""

    name: str
    title: str
    question: str
    scenarios: dict[str, str]


class CaseReply(Reply):
    """A case as in its file, which can be changed and sent back; docs/cases.md describes each key."""

    case: str
    title: str
    question: str
    parties: list[str]
    scenarios: dict[str, dict[str, Any]]
    base: str | None = Field(
        default=None, description="The scenario that is already in force; changes are measured from it."
    )
    assumption: str | None = Field(
        default=None, description="The assumption that decides the answer; the first screen states it."
    )
    economy: str = DEFAULT_ECONOMY
    theta: Any = None
    closure: dict[str, Any] = Field(default={})
    objectives: dict[str, Any] = Field(default={})
    sources: list[dict[str, Any]] = Field(default=[])
    calendar: list[dict[str, Any]] = Field(default=[])
    afterwards: dict[str, Any] = Field(default={})
    law: dict[str, Any] = Field(default={})
    retaliation: list[dict[str, Any]] | dict[str, Any] = Field(default=[])
    timeline: dict[str, Any] | None = None
    in_time: dict[str, Any] | None = Field(default=None, alias="path", description="See docs/paths.md.")
    table: dict[str, Any] | None = None
    beliefs: dict[str, Any] | None = Field(default=None, description="See docs/talks.md.")
    market: dict[str, Any] | None = None
    report: dict[str, Any] = Field(default={})
    uncertainty: dict[str, Any] = Field(default={})
    notes: list[Any] = Field(default=[])


class FieldReply(Reply):
    """The form field of one argument of an instrument."""

    key: str
    type: Literal["countries", "country", "sectors", "percent", "choice", "rent"]
    title: str
    default: str | None = Field(description="The value if it is left out; null where that is not a text.")
    start: str | None = Field(description="The value in a new measure; null: left out.")
    low: float = Field(description="The lowest percentage, in percent; so are `high` and `step`.")
    high: float
    step: float
    choices: list[tuple[str, str]] = Field(description="The values and their meanings.")


class InstrumentReply(Reply):
    """A kind of measure: `{KIND: {KEY: value}}`."""

    kind: str = Field(description="Its name in cases.")
    short: str = Field(description="A shorter name in cases; empty where there is none.")
    title: str
    taken_by: Literal["importer", "exporter", "country"]
    exempts: Literal["importer", "exporter", ""] = Field(
        description="The side of the trade flow whose countries `exempt` names."
    )
    keys: list[str]
    required: list[str]
    form: list[FieldReply] = Field(description="The form fields; the first percentage is the measure's size.")


class LegalBasis(Reply):
    """A statute or agreement that a measure may be taken under."""

    id: str
    title: str
    short: str = Field(description="What findings call an agreement; empty for a statute.")


class ClockRow(Reply):
    """A clock of the law, and the kind of event that starts it."""

    id: str
    under: str
    title: str
    trigger: str


class LawReply(Reply):
    """The statutes, agreements, clocks and kinds of event that a case may name."""

    under: list[LegalBasis]
    clocks: list[ClockRow]
    kinds: list[str]
