"""Replies about optimal tariffs, exposure by product, and the code that gives a number again."""

from __future__ import annotations

from pydantic import Field

from entrepot.desk.replies.reply import AnswerReply, Day, Number, Reply
from entrepot.desk.replies.table_rows import CountryNumbers


class OptimalRateRow(Reply):
    """A best rate: of the value for a tariff or an export tax; ALL and WORLD where one rate spans them."""

    instrument: str
    sector: str
    partner: str = Field(description="The exporter of a tariff, the importer of an export tax.")
    rate: Number = Field(description="A fraction: 0.25 is 25%.")
    at_bound: bool


class OptimalReply(AnswerReply):
    """The best rates of a party with the others' policies given, and the equilibrium under them."""

    party: str
    over: str
    objective: str
    payoff: Number = Field(description="US$ million a year at base prices, change from the base.")
    worth: Number = Field(description="The payoff less that of the measures that stay in force, without the rates.")
    gap: Number = Field(description="The largest first-order condition, relative to where the search begins.")
    evaluations: int
    converged: bool
    economy: str
    residuals: dict[str, Number]
    rates: list[OptimalRateRow]
    countries: list[CountryNumbers]


class ExposureNumbers(Reply):
    """Trade and duty: values in US$ million, rates as fractions, weighted by trade; null where there is none."""

    imports: Number
    lines: Number = Field(description="Flows by tariff line.")
    applied: Number
    bound: Number
    proposed: Number
    applied_simple: Number = Field(description="The mean over lines with trade.")
    bound_simple: Number
    proposed_simple: Number
    water: Number = Field(description="Bound less applied rate.")
    bound_share: Number
    breach_lines: Number = Field(description="Lines whose proposed duty is above the bound rate.")
    breach_imports: Number
    revenue: Number
    revenue_proposed: Number = Field(description="At constant trade.")
    revenue_response: Number = Field(description="After the response of trade.")
    imports_response: Number
    imports_response_pct: Number


class PartnerExposureRow(ExposureNumbers):
    """The exposure of a partner; the importer where there are several."""

    importer: str = ""
    partner: str


class SectorExposureRow(ExposureNumbers):
    """The exposure of a sector of the Economy."""

    importer: str = ""
    sector: str


class PartnerSectorExposureRow(PartnerExposureRow):
    """The exposure of a partner in a sector."""

    sector: str


class AuthorityRow(Reply):
    """What an authority adds: points of the effective rate as fractions, revenue and imports charged in US$ million."""

    authority: str
    title: str
    applied: Number
    proposed: Number
    revenue: Number
    revenue_proposed: Number
    imports_charged: Number
    imports_charged_proposed: Number


class UnmatchedRow(Reply):
    """Trade of a product that lacks a rate or a sector, US$ million, and why."""

    reason: str
    importer: str
    product: str
    imports: Number
    lines: int


class ExposureReply(AnswerReply):
    """Tariff schedules against trade, as `entrepot exposure --format json` prints it."""

    date: Day
    totals: ExposureNumbers
    by_partner: list[PartnerExposureRow]
    by_sector: list[SectorExposureRow]
    by_partner_sector: list[PartnerSectorExposureRow]
    by_authority: list[AuthorityRow]
    unmatched: list[UnmatchedRow]
    notes: list[str]


class CodeReply(AnswerReply):
    """Scripts that give the numbers of `/run` again, each complete, with the case in it unless it is bundled."""

    case: str
    file: str | None = Field(description="The case file that the scripts write; null for a bundled case.")
    cli: str
    python: str
    r: str
    stata: str
    curl: str
