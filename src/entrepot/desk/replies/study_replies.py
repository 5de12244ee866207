"""Replies to requests that solve, screen or date a case."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from entrepot.desk.replies.detail_replies import DetailReply
from entrepot.desk.replies.reply import AnswerReply, Day, Number, Reply
from entrepot.desk.replies.table_rows import CalendarRow, HorizonRow, PathRow, StudyTables, TotalRow
from entrepot.rules.entry import Confidence


class StepReply(Reply):
    """A step of the reasoning: a fact, whether it holds (null: unknown), and its source."""

    fact: str
    answer: bool | None
    says: str
    found_in: str
    confidence: Confidence | None


class FindingReply(Reply):
    """The finding of a rule on a measure."""

    scenario: str
    measure: str
    party: str
    role: str
    rule: str
    provision: str
    title: str
    status: Literal["consistent", "departed from", "justified if", "contested", "inconsistent"]
    condition: str
    met: bool
    steps: list[StepReply]
    consequence: str
    cure: str
    complain: list[str]
    trade: Number
    remedy: str
    disputes: list[str]
    citation: str
    text: Confidence
    confidence: Confidence
    verdict: str


class ScreenResult(Reply):
    """The findings of the rules on every scenario, each on its date."""

    on: dict[str, Day]
    findings: list[FindingReply]
    notes: list[str]


class ScreenReply(ScreenResult, AnswerReply):
    """The reply to /screen."""


class CalendarReply(AnswerReply):
    """A case's calendar as of a day."""

    on: Day
    calendar: list[CalendarRow]


class BranchReply(Reply):
    """A branch of a case's timeline."""

    name: str
    title: str
    probability: Number
    deadlines: list[Day]


class TimelineReply(Reply):
    """The timeline of a case."""

    since: Day = Field(alias="from")
    until: Day
    discount_rate: float
    branches: list[BranchReply]
    failures: dict[str, str]
    notes: list[str]


class Provenance(Reply):
    """The sources of the numbers, in words; `Base` where the case has one."""

    data: str = Field(alias="Data")
    base: str | None = Field(default=None, alias="Base")
    elasticities: str = Field(alias="Elasticities")
    model: str = Field(alias="Model")
    proof: str = Field(alias="Proof")
    version: str = Field(alias="Version")


class OverSetsReply(Reply):
    """What is known beforehand of a scenario of a bundled case under each published set of trade elasticities."""

    sets: int = Field(description="How many sets were solved.")
    turned: dict[str, tuple[float, float]] = Field(
        description="The lowest and highest gain, US$ million a year, by party whose sign depends on the set."
    )
    one_sign: list[str] = Field(description="The parties that have one sign under every set.")


class ScenarioAnswerReply(Reply):
    """The answer of a scenario in sentences, and the numbers behind them (US$ million; shares are fractions)."""

    sentences: list[str]
    pass_through: Number = Field(description="The part of the change in price that buyers pay; null without one.")
    over_all: bool = Field(description="Whether that is over all goods under the measures, and not the protected ones.")
    rent: float
    rent_holder: str
    rent_holders: str = Field(description="Who holds the rent in words, by country; empty without a rent.")
    tariff_equivalent: Number = Field(description="The wedge that the rent rests on, as a fraction of the price.")
    collector: str = Field(description="Who acts and has its duties changed by it; empty for nobody.")
    revenue: float = Field(description="The change in those duties.")
    takings: str = Field(description="What those who act collect or pay, in words; empty for nothing.")
    over_sets: OverSetsReply | None = Field(description="Null where it is not known.")


class BasisReply(Reply):
    """What the answers rest on: base, year, horizon, deficits and trade elasticities."""

    sentence: str
    economy: str
    year: int | None
    horizon: Literal["long", "short"]
    deficit: str
    theta_low: float
    theta_high: float
    theta_source: str


class FirstScreenReply(Reply):
    """The answer of every solved scenario, and what all of them rest on."""

    answers: dict[str, ScenarioAnswerReply]
    basis: BasisReply


class StudyReply(AnswerReply):
    """Every scenario solved, or why it has no equilibrium (`failures`); `residuals` are the gaps of each equation."""

    case: str
    title: str
    findings: list[str]
    makers_findings: list[str] = Field(description="The findings about makers; a line below another is indented.")
    notes: list[str]
    scenarios: dict[str, str]
    measures: dict[str, str] = Field(description="The words for every measure, by its title in the tables.")
    failures: dict[str, str]
    tables: StudyTables
    timeline: TimelineReply | None
    calendar_on: Day
    screen: ScreenResult
    residuals: dict[str, dict[str, Number]]
    first_screen: FirstScreenReply
    provenance: Provenance
    detail: DetailReply | None = Field(default=None, description="Absent in a summary.")


class TimelineTables(Reply):
    """The tables of a timeline: the path by quarter, welfare by horizon, discounted totals, and the calendar."""

    path: list[PathRow]
    horizons: list[HorizonRow]
    totals: list[TotalRow]
    calendar: list[CalendarRow]


class TimelinePathsReply(AnswerReply):
    """The branches of a case through time."""

    case: str
    title: str
    sentences: list[str]
    failures: dict[str, str] = Field(description="Scenarios without an equilibrium, with the reason.")
    timeline: TimelineReply
    tables: TimelineTables
    provenance: Provenance
