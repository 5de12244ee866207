"""The rows of the tables of a study."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import ConfigDict, Field

from entrepot.desk.replies.reply import Day, Number, Reply
from entrepot.equilibrium import quantities
from entrepot.equilibrium.industry import INDUSTRY
from entrepot.equilibrium.quantities import Quantity
from entrepot.rules.clocks import DeadlineStatus
from entrepot.rules.entry import Confidence

#: What a column of words or of yes and no holds, by its unit.
_KINDS: dict[str, type] = {"text": str, "yes/no": bool}


def _labelled(schema: dict[str, Any]) -> None:
    """Add labels, units and formulas from the registry of reported quantities."""
    for key, field in schema["properties"].items():
        if key in quantities.ALL:
            q = quantities.ALL[key]
            field |= {"title": q.label, "x-unit": q.measured_in}
            field["description"] = ". ".join(part for part in (f"{q.label}, {q.measured_in}", q.formula) if part)


class RegisteredRow(Reply):
    """A row of quantities from the registry: its keys, and a column for each quantity of the groups `of`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_labelled)

    def __init_subclass__(cls, of: Iterable[Quantity] = (), **settings: Any) -> None:
        super().__init_subclass__(**settings)
        cls.__annotations__ = {**cls.__annotations__, **{q.key: _KINDS.get(q.unit, Number) for q in of}}


class WelfareRow(RegisteredRow):
    """The welfare of a party, or of the WORLD, under a scenario."""

    scenario: str
    party: str
    equivalent_variation: Number
    real_income_pct: Number


class DeficitRuleRow(WelfareRow):
    """Welfare under a rule for trade deficits: that of the case, and the other one."""

    rule: str


class HorizonRow(RegisteredRow):
    """Annual welfare of a party under the scenarios in force, just after a change and once trade has adjusted."""

    in_force: str
    party: str
    horizon: Literal["short", "long"]
    part: Number
    equivalent_variation: Number
    real_income_pct: Number


class PayoffRow(Reply):
    """A part of a party's payoff under a scenario, US$ million a year; the part "total" is the sum."""

    scenario: str
    party: str
    part: str
    payoff: Number


class IndustryRow(RegisteredRow, of=map(quantities.ALL.__getitem__, (*INDUSTRY, "rd_capacity", "rd_capacity_pct"))):
    """The protected industry under a scenario, "base" first; rd_capacity is its capacity to spend on research."""

    scenario: str


class ProceedsRow(RegisteredRow):
    """Rents that a party holds, and its changes in duties, export taxes and cost of subsidies, US$ million."""

    scenario: str
    party: str
    tariff_revenue_change: Number
    quota_rent: Number
    export_tax_change: Number
    subsidies_change: Number


class MarketRow(RegisteredRow):
    """Imports of a watched market from a source, US$ million at the border, and their share; "base" is a scenario."""

    market: str
    importer: str
    scenario: str
    exporter: str
    value: Number
    import_share: Number


class RetaliationRow(Reply):
    """A retaliation by sector: points of duty, imports before, exports lost, and duty collected (US$ million)."""

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


class _MeasureNumbers(RegisteredRow, of=quantities.MEASURE):
    """A measure of a scenario."""

    scenario: str
    measure: str


class MeasureRow(_MeasureNumbers):
    """A measure of a scenario."""

    words: str = Field(description="The measure in words; those that read alike in a scenario say of which goods.")
    held_by: str = Field(description="Who holds the rent, in words.")


class CountryNumbers(RegisteredRow, of=quantities.COUNTRY):
    """A country of the Economy."""

    country: str


class CountryRow(CountryNumbers):
    """A country of the Economy under a scenario."""

    scenario: str


class PathRow(Reply):
    """A quantity of a timeline by branch and quarter (its first day)."""

    branch: str
    quarter: Day
    what: str
    quantity: str
    value: Number


class TotalRow(Reply):
    """The discounted total of a branch for a party, US$ million; "expected" is a branch too."""

    branch: str
    party: str
    equivalent_variation: Number
    tariff_revenue_change: Number
    quota_rent: Number


class CalendarRow(Reply):
    """An event, or a deadline; fields that an event does not have are empty."""

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
    happened: str


class MakersRow(Reply):
    """The makers of a party under a scenario: profits in US$ million a year, licences that they hold, and units."""

    scenario: str
    owner: str
    profit_before: Number
    profit_change: Number
    profit_pct: Number
    licences: Number
    units_pct: Number


class StudyTables(Reply):
    """The tables of a study; tables that its case does not need are empty."""

    welfare: list[WelfareRow]
    deficit_rules: list[DeficitRuleRow]
    payoffs: list[PayoffRow]
    industry: list[IndustryRow]
    proceeds: list[ProceedsRow]
    markets: list[MarketRow]
    retaliation: list[RetaliationRow]
    measures: list[MeasureRow]
    countries: list[CountryRow]
    makers: list[MakersRow]
    path: list[PathRow]
    horizons: list[HorizonRow]
    totals: list[TotalRow]
    calendar: list[CalendarRow]
