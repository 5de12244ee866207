"""What the API sends, as models. They describe it in the OpenAPI document and add no work to an answer: the tests hold
what is sent against them, and a field that no model names fails there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from entrepot.equilibrium import quantities
from entrepot.rules.clocks import DeadlineStatus
from entrepot.rules.entry import Confidence

#: Null where it is not a number: nothing was produced, no cap is set, nothing is stated.
Number = Annotated[float | None, Field(description="Null where there is none.")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2019-05-17"])]
Cell = float | bool | str | None


class Reply(BaseModel):
    """Anything sent."""

    model_config = ConfigDict(extra="forbid")


class ProblemReply(Reply):
    """What is wrong, where, and what to do (RFC 9457)."""

    type: str = Field(pattern=r"^urn:entrepot:[a-z-]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    key: str = Field(
        default="", description="The place in the question, where one is at fault: `measures.1.tariff.rate`."
    )


class Answered(Reply):
    """The answer to a question."""

    warnings: list[str] = Field(
        default=[], description="What was not taken as it was written; only where there is any."
    )


# ---- names ----


class FileAtFault(Reply):
    """A file of the desk's folder that cannot be offered, and why."""

    name: str
    file: str
    fault: str


class EconomyRow(Reply):
    """An Economy that questions may be asked on."""

    name: str
    year: int | None
    countries: int = Field(ge=1)
    sectors: int = Field(ge=1)


class PlaceRow(Reply):
    """A country or group: its code, its name, as a label, and inside a sentence."""

    code: str
    name: str
    short: str
    spoken: str


class GroupRow(PlaceRow):
    """A group of countries, with those of the Economy."""

    members: list[str]


class SectorRow(Reply):
    """A sector and its trade elasticity."""

    code: str
    name: str
    theta: float


class EconomyReply(Reply):
    """What can be named on an Economy."""

    name: str
    year: int | None
    source: str
    fingerprint: str
    countries: list[PlaceRow]
    groups: list[GroupRow]
    sectors: list[SectorRow]


class CaseRow(Reply):
    """A case that the desk has, with the titles of its scenarios."""

    name: str
    title: str
    question: str
    scenarios: dict[str, str]


class CaseReply(Reply):
    """A case as its file has it; docs/cases.md says what may stand under each key. To change, and to send back."""

    case: str
    title: str
    question: str
    parties: list[str]
    scenarios: dict[str, dict[str, Any]]
    base: str | None = Field(default=None, description="The scenario that is in force already; the others start there.")
    economy: str = "world2014"
    theta: Any = None
    closure: dict[str, Any] = {}
    objectives: dict[str, Any] = {}
    sources: list[dict[str, Any]] = []
    calendar: list[dict[str, Any]] = []
    law: dict[str, Any] = {}
    retaliation: list[dict[str, Any]] | dict[str, Any] = []
    timeline: dict[str, Any] | None = None
    table: dict[str, Any] | None = None
    report: dict[str, Any] = {}
    uncertainty: dict[str, Any] = {}
    notes: list[Any] = []


class FieldReply(Reply):
    """What a form asks for one argument of an instrument."""

    key: str
    type: Literal["countries", "country", "sectors", "percent", "choice", "rent"]
    title: str
    default: str | None = Field(description="What it is where it is left out; null where that is not a text.")
    start: str | None = Field(description="What a new measure begins with; null: left out.")
    low: float = Field(description="Of a percentage, in percent; so are `high` and `step`.")
    high: float
    step: float
    choices: list[tuple[str, str]] = Field(description="Values, and what they mean.")


class InstrumentReply(Reply):
    """An instrument that a measure may be: `{KIND: {KEY: value}}`."""

    kind: str = Field(description="Its name in cases.")
    short: str = Field(description="A shorter name in cases; empty where there is none.")
    title: str
    taken_by: Literal["importer", "exporter", "country"]
    exempts: Literal["importer", "exporter", ""] = Field(description="The side that `exempt` takes countries from.")
    keys: list[str]
    required: list[str]
    form: list[FieldReply] = Field(description="What a form asks for; the first percentage is the measure's size.")


class LegalBasis(Reply):
    """A statute or agreement that a measure may be taken under."""

    id: str
    title: str


class ClockRow(Reply):
    """A clock of the law, and the kind of event that starts it."""

    id: str
    under: str
    title: str
    trigger: str


class LawReply(Reply):
    """What a case may name of the law."""

    under: list[LegalBasis]
    clocks: list[ClockRow]
    kinds: list[str]


# ---- tables ----


def _labelled(schema: dict[str, Any]) -> None:
    """Numbers have the labels, units and formulas of the registry of what is reported."""
    for key, field in schema["properties"].items():
        if key in quantities.ALL:
            q = quantities.ALL[key]
            field["description"] = ". ".join(part for part in (f"{q.label}, {q.measured_in}", q.formula) if part)


class Reported(Reply):
    """A row of numbers that the registry knows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_labelled)


class WelfareRow(Reported):
    """What a party, or the WORLD, gains under a scenario."""

    scenario: str
    party: str
    equivalent_variation: Number
    real_income_pct: Number


class DeficitRuleRow(WelfareRow):
    """The same under a rule for trade deficits: the case's own, and the other one."""

    rule: str


class HorizonRow(Reported):
    """What a party gains a year from what is in force, just after a change and when trade has adjusted."""

    in_force: str
    party: str
    horizon: Literal["short", "long"]
    part: Number
    equivalent_variation: Number
    real_income_pct: Number


class PayoffRow(Reply):
    """A part of what a party's objective makes of a scenario, US$ million a year; the part "total" is the sum."""

    scenario: str
    party: str
    part: str
    payoff: Number


class IndustryRow(Reported):
    """The protected industry under a scenario, "base" first; rd_capacity is what it could spend on research."""

    scenario: str
    output_volume_pct: Number
    price_pct: Number
    real_price_pct: Number
    import_share: Number
    value_added: Number
    sector_employment_pct: Number
    operating_surplus: Number
    capital_return_pct: Number
    rd_capacity: Number
    rd_capacity_pct: Number


class ProceedsRow(Reply):
    """What a party collects under a scenario, US$ million: duties more than in the base, and rents that it holds."""

    scenario: str
    party: str
    tariff_revenue_change: Number
    quota_rent: Number


class MarketRow(Reply):
    """Imports of a watched market from a source, US$ million at the border, and their share; "base" is a scenario."""

    market: str
    importer: str
    scenario: str
    exporter: str
    value: Number
    import_share: Number


class RetaliationRow(Reply):
    """What a retaliation levies on a sector: points, imports before, exports lost, and duty (US$ million)."""

    scenario: str
    by: str
    against: str
    answers: str
    sector: str
    rate: Number
    base_imports: Number
    imports_before: Number
    lost_exports: Number
    duty: Number


class MeasureRow(Reported):
    """A measure of a scenario."""

    scenario: str
    measure: str
    kind: str
    volume: Number
    volume_base: Number
    cap: Number
    binding: bool
    wedge: Number
    rent: Number
    rent_holder: str
    revenue: Number
    pass_through: Number


class CountryRow(Reported):
    """A country of the Economy under a scenario."""

    scenario: str
    country: str
    real_income_pct: Number
    equivalent_variation: Number
    real_wage_pct: Number
    terms_of_trade_pct: Number
    volume_of_trade_pct: Number
    tariff_revenue: Number
    quota_rent: Number
    profits: Number
    exports: Number
    imports: Number
    consumer_price_pct: Number
    employment_pct: Number
    labour_tax: Number


class PathRow(Reply):
    """A quantity on a branch in time, from the first day of a quarter."""

    branch: str
    quarter: Day
    what: str
    quantity: str
    value: Number


class TotalRow(Reply):
    """What a branch in time is worth to a party, US$ million, discounted; "expected" is a branch."""

    branch: str
    party: str
    equivalent_variation: Number
    tariff_revenue_change: Number
    quota_rent: Number


class CalendarRow(Reply):
    """An event, or a deadline with what is due; what an event has not is empty."""

    date: Day
    entry: Literal["event", "deadline"]
    what: str
    kind: str
    who: str
    due: str
    status: Literal["", DeadlineStatus]
    stands: str
    if_it_lapses: str
    counted_otherwise: str
    provision: str
    confidence: Literal["", Confidence]


class StudyTables(Reply):
    """The tables of a study; those that its case has no use for are empty."""

    welfare: list[WelfareRow]
    deficit_rules: list[DeficitRuleRow]
    payoffs: list[PayoffRow]
    industry: list[IndustryRow]
    proceeds: list[ProceedsRow]
    markets: list[MarketRow]
    retaliation: list[RetaliationRow]
    measures: list[MeasureRow]
    countries: list[CountryRow]
    path: list[PathRow]
    horizons: list[HorizonRow]
    totals: list[TotalRow]
    calendar: list[CalendarRow]


# ---- answers ----


class StepReply(Reply):
    """A step of the reasoning: a fact, whether it holds (null: unknown), and where that is from."""

    fact: str
    answer: bool | None
    says: str
    found_in: str
    confidence: Confidence | None


class FindingReply(Reply):
    """What a rule says of a measure."""

    scenario: str
    measure: str
    party: str
    role: str
    rule: str
    provision: str
    title: str
    status: Literal["consistent", "justified if", "contested", "inconsistent"]
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


class Screened(Reply):
    """What the rules say of every scenario, each on its date."""

    on: dict[str, Day]
    findings: list[FindingReply]
    notes: list[str]


class ScreenReply(Screened, Answered):
    """The answer to /screen."""


class CalendarRowAtMidnight(CalendarRow):
    """The same, its date with the hour."""

    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}T00:00:00\.000$", examples=["2019-05-17T00:00:00.000"])


class CalendarReply(Answered):
    """A case's calendar as it stands on a day."""

    on: Day
    calendar: list[CalendarRowAtMidnight]


class BranchReply(Reply):
    """A way through a case's branches in time."""

    name: str
    title: str
    probability: Number
    deadlines: list[Day]


class TimelineReply(Reply):
    """The window of a case in time."""

    since: Day = Field(alias="from")
    until: Day
    discount_rate: float
    branches: list[BranchReply]
    failures: dict[str, str]
    notes: list[str]


class Provenance(Reply):
    """Where the numbers come from, in words."""

    data: str = Field(alias="Data")
    elasticities: str = Field(alias="Elasticities")
    model: str = Field(alias="Model")
    proof: str = Field(alias="Proof")
    version: str = Field(alias="Version")


class StudyReply(Answered):
    """Every scenario solved, or why it has no equilibrium (`failures`); `residuals` are the gaps of each equation."""

    case: str
    title: str
    findings: list[str]
    notes: list[str]
    scenarios: dict[str, str]
    failures: dict[str, str]
    tables: StudyTables
    timeline: TimelineReply | None
    calendar_on: Day
    screen: Screened
    residuals: dict[str, dict[str, Number]]
    provenance: Provenance


class DealReply(Reply):
    """A deal: its levels by issue, and by party what it is worth and gains beyond the threat, US$ million a year."""

    title: str
    words: str
    levels: dict[str, Number]
    worth: dict[str, Number]
    gains: dict[str, Number]
    signed_by: list[str]


class OfferReply(Answered):
    """What an offer is worth, and who would sign it."""

    parties: list[str]
    deal: DealReply


# ---- jobs ----


class JobReply(Answered):
    """How a job stands. A sweep has its run, and how many of its parts are done; one that failed has its problem."""

    id: str
    kind: Literal["bargain", "sweep"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    run: str = ""
    members: int = 0
    parts: int = 0
    done: int = 0
    problem: ProblemReply | None = None


class ThreatReply(Reply):
    """What follows without a deal, by party; `own` to those who carry it out, `credible` null where nobody does."""

    name: str
    title: str
    worth: dict[str, Number]
    own: dict[str, Number]
    credible: bool | None


class AdditionReply(Reply):
    """What would make a party sign an offer: money, or one issue moved to a level (issue, level, gains by party)."""

    party: str
    money: Number
    moves: list[tuple[str, Number, dict[str, Number]]]


class RateRow(Reply):
    """The tariff that a party would set alone."""

    sector: str
    exporter: str
    rate: Number
    at_bound: bool


class RoundReply(Reply):
    """A day of the talks: who offers, and by party what the deal is worth and what the talks are."""

    day: int
    proposer: str
    agreed: bool
    deal: list[Number] | None
    value: list[Number]


class TalksReply(Reply):
    """The talks if a party offers first."""

    first: str
    carried_out: bool
    deal: DealReply | None
    rounds: list[RoundReply]


class SurfaceReply(Reply):
    """Every deal of the grid: levels by issue, and gains by party."""

    issues: list[str]
    levels: list[list[Number]]
    gains: list[list[Number]]


class BargainReply(Answered):
    """What the parties of a table would sign."""

    case: str
    parties: list[str]
    objectives: dict[str, str]
    threats: list[ThreatReply]
    zone: Number
    deals: dict[str, DealReply]
    nearest: DealReply | None
    additions: dict[str, list[AdditionReply]]
    alone: dict[str, list[RateRow]]
    talks: list[TalksReply]
    game: list[dict[str, Cell]] | None
    frontier: list[dict[str, Number]]
    surface: SurfaceReply
    complete: bool
    notes: list[str]


class IntervalRow(Reply):
    """A number of a table over the draws: what the row is about, the centre, the mean, and what holds `level` of them.
    Over a grid it has the levels of the grid's axes beside these, and no centre.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Number]

    scenario: str = ""
    party: str = ""
    market: str = ""
    exporter: str = ""
    measure: str = ""
    offer: str = ""
    country: str = ""
    number: str
    centre: Number
    mean: Number
    low: Number
    median: Number
    high: Number
    above_zero: Number
    flips: Number
    draws: int


class TornadoRow(Reply):
    """What a party's real income is with one number at its 5th and 95th percentile, the others at their centres."""

    scenario: str
    party: str
    parameter: str
    low: Number
    high: Number
    centre: Number


class SweepReply(Answered):
    """How sure a case's answers are: intervals by table, and what moves each party's real income most."""

    run: str
    members: int
    level: float
    tables: dict[str, list[IntervalRow]]
    tornado: list[TornadoRow]


# ---- runs ----


class RunRow(Reply):
    """A run that is kept."""

    id: str
    kind: str
    case: str
    asked: str
    state: Literal["complete", "not finished", "damaged"]
    bytes: int


class TableRow(Reply):
    """A table of a run."""

    name: str
    rows: int
    parts: int


class RunReply(Reply):
    """What a run asked: `identity` is all that decides its numbers, `about` what people want to read."""

    format: int
    id: str
    kind: str
    name: str
    version: str
    identity: dict[str, Any]
    about: dict[str, Any]
    started: str
    times: list[str]
    finished: str | None
    summary: dict[str, Any] = {}
    tables: list[TableRow]
