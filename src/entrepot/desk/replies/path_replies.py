"""The reply to a request about a case's path."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from entrepot.desk.replies.reply import AnswerReply, Day, Number, Reply
from entrepot.desk.replies.table_rows import RegisteredRow
from entrepot.paths.expectations import Expectations
from entrepot.paths.window import StepLength


class DatedScenarioReply(Reply):
    """A scenario that is in force on a path, and what is known of it before."""

    scenario: str
    title: str
    since: Day = Field(alias="from")
    until: Day | None
    announced: Day | None
    probability: Number
    carried_out: bool


class PathWindowReply(Reply):
    """The window of a path, its expectations, and what is in force in it."""

    since: Day = Field(alias="from")
    until: Day
    step: StepLength
    expectations: Expectations
    discount_rate: float
    deadlines: list[Day]
    in_force: list[DatedScenarioReply]


class PathQuarterRow(RegisteredRow):
    """A party, or the WORLD, at a step (its first day): amounts a year, and percent of the base.

    What households consume and invest, and capital, are there where the path has capital.
    """

    step: Day
    party: str
    real_income_pct: Number
    real_wage_pct: Number
    employment_pct: Number
    equivalent_variation: Number
    tariff_revenue_change: Number
    quota_rent: Number
    imports: Number
    exports: Number
    consumption_pct: Number = None
    consumption_change: Number = None
    investment_pct: Number = None
    capital_pct: Number = None


class PathMarketRow(Reply):
    """Imports of a watched market at a step: US$ million a year before duty, duty, and percent of the base."""

    step: Day
    market: str
    imports: Number
    imports_pct: Number
    duty: Number
    use_pct: Number
    real_import_price_pct: Number


class PathIndustryRow(Reply):
    """Output and jobs of the protected industry at a step, percent of the base."""

    step: Day
    output_volume_pct: Number
    sector_employment_pct: Number


class PathTotalRow(Reply):
    """Amounts of a party over the window, discounted to its first day, US$ million."""

    party: str
    equivalent_variation: Number
    tariff_revenue_change: Number
    quota_rent: Number
    consumption_change: Number = None


class PathSurgeRow(Reply):
    """What importers bought ahead of an entry: US$ million, days of imports, days without any, duty saved, costs."""

    entry: str
    probability: Number
    carried_out: bool
    surge: Number
    surge_days: Number
    hole_days: Number
    duty_saved: Number
    keeping_cost: Number


class PathEventRow(Reply):
    """A day on which an entry is announced, begins, ends or lapses, or a deadline, which has no entry."""

    day: Day
    event: Literal["announced", "begins", "ends", "lapses", "deadline"]
    entry: str


class PathWorkersRow(Reply):
    """Jobs and real wages of a sector at a step, and what the rest of the path is worth there, percent."""

    step: Day
    sector: str
    sector_employment_pct: Number
    sector_wage_pct: Number
    worth_pct: Number


class PathTables(Reply):
    """The tables of a path; those that it has nothing for are empty."""

    path_quarters: list[PathQuarterRow]
    path_markets: list[PathMarketRow]
    path_industry: list[PathIndustryRow]
    path_totals: list[PathTotalRow]
    path_surges: list[PathSurgeRow]
    path_events: list[PathEventRow]
    path_workers: list[PathWorkersRow]


class PathProvenance(Reply):
    """What the tables stand on."""

    case: str
    base: str
    year: str
    horizon: str
    elasticities: str
    version: str


class PathReply(AnswerReply):
    """A case in time: stocks, expectations, and what is bought before a deadline."""

    case: str
    title: str
    sentences: list[str]
    sure: str
    basis: str
    notes: list[str]
    complete: bool
    path: PathWindowReply
    tables: PathTables
    provenance: PathProvenance
