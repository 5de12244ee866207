"""The replies about duties: what `entrepot tariff` and `entrepot tariff-path` print with `--format json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from entrepot.desk.replies.reply import AnswerReply, Day, Number, Reply


class SpecificDutyReply(Reply):
    """A duty per unit of quantity."""

    text: str
    usd: Number
    per: str = Field(description="The unit; empty where no single amount is stated.")


class DutyLayerReply(Reply):
    """What one authority adds, or why it adds nothing; rates are shares of the customs value."""

    id: str
    authority: str
    applies: bool
    rate: float
    rate_in_law: float
    stated: Number
    because: str
    citation: str
    url: str | None
    heading: str | None
    confidence: str | None
    note: str | None = None
    counted: bool
    all_in: bool
    specific: str
    amount: Number


class LineDutyReply(Reply):
    """The duty on a tariff line; its statistical lines mostly pay the same, and then `low` is `high`."""

    code: str
    description: str
    base: str = Field(description="The ordinary rate as the schedule writes it.")
    low: float = Field(description="A share of the customs value; so is `high`.")
    high: float
    specific: str = Field(description="What comes on top per unit of quantity; empty for nothing.")


class LinesReply(AnswerReply):
    """The tariff lines of a sector."""

    lines: list[LineDutyReply]


class ProductDutyReply(Reply):
    """The duty on a product from a partner on a day; rates are shares of the customs value, amounts US dollars."""

    importer: str
    product: str
    description: str
    exporter: str
    on: Day
    rate: float = Field(description="As collected, without a specific part.")
    rate_in_law: float
    specific: SpecificDutyReply | None
    ad_valorem_equivalent: Number = Field(description="The specific part as a share of the value.")
    value: Number
    quantity: Number
    amount: Number
    sentence: str
    layers: list[DutyLayerReply]
    conditions: dict[str, bool | float | str | dict[str, float]] = Field(
        description="What was taken to hold of the goods, of the conditions that matter for them."
    )
    given: list[str] = Field(description="The conditions that are not at their default.")
    usmca_share: dict[str, float] = Field(description="Share of imports that claimed the USMCA, by year.")
    edition: str
    law_as_of: Day | None
    known_gaps: list[str]
    notes: list[str]


class TariffStepRow(Reply):
    """The mean duty from a day on; rates are shares of the value."""

    date: Day
    group: str = Field(description="A partner, sector or chapter.")
    rate: float
    rate_in_law: float


class TariffChangeRow(Reply):
    """What starts, changes or ends on a day."""

    date: Day
    what: list[str]


class TariffCauseRow(Reply):
    """What moved the mean duty of a group at a step: the changes of the day by authorities whose part of it moved."""

    date: Day
    group: str
    what: list[str]


class TariffPathReply(AnswerReply):
    """The mean duty through time, a step at each day on which it changes."""

    by: Literal["partner", "sector", "chapter"]
    since: Day
    until: Day
    weights: str
    rows: list[TariffStepRow]
    changes: list[TariffChangeRow]
    causes: list[TariffCauseRow] = Field(description="One for each row, in the same order.")
    law_as_of: Day | None
    notes: list[str]
