"""Rows of the tables of a study."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict

from entrepot.desk.replies.reply import Day, Number, Reply
from entrepot.equilibrium import quantities
from entrepot.rules.clocks import Status as Standing
from entrepot.rules.entry import Confidence


def _labelled(schema: dict[str, Any]) -> None:
    """Numbers have the labels, units and formulas of the registry of what is reported."""
    for key, field in schema["properties"].items():
        if key in quantities.ALL:
            q = quantities.ALL[key]
            field["description"] = ". ".join(part for part in (f"{q.label}, {q.measured_in}", q.formula) if part)


class RegisteredRow(Reply):
    """A row of numbers that the registry knows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_labelled)


class WelfareRow(RegisteredRow):
    """What a party, or the WORLD, gains under a scenario."""

    scenario: str
    party: str
    equivalent_variation: Number
    real_income_pct: Number


class DeficitRuleRow(WelfareRow):
    """The same under a rule for trade deficits: the case's own, and the other one."""

    rule: str


class HorizonRow(RegisteredRow):
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


class IndustryRow(RegisteredRow):
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


class MeasureRow(RegisteredRow):
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


class CountryRow(RegisteredRow):
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
    status: Literal["", Standing]
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
