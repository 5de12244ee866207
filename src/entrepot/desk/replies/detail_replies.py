"""The full detail of a study: everything that the Outcomes of Python hold, as tidy rows of registered numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from entrepot.desk.replies.reply import Number, Reply
from entrepot.desk.replies.table_rows import RegisteredRow
from entrepot.equilibrium import quantities


class OutcomeFacts(Reply):
    """How a scenario was solved."""

    status: Literal["converged"]
    tol: float = Field(description="The tolerance of every equilibrium condition.")
    iterations: int
    seconds: float
    worst: list[str] = Field(description="The cells furthest from balance.")
    notes: list[str]
    decomposed: bool = Field(description="Whether `decomposition` has it: not with an embargo.")


class QuantityRow(Reply):
    """A registered number of the detail."""

    key: str
    label: str
    unit: quantities.Unit
    nominal: bool = Field(description="Whether it changes with the numeraire.")
    positive: str
    formula: str
    source: str


class SectorResultRow(RegisteredRow, of=quantities.SECTOR):
    """A sector of a country under a scenario."""

    scenario: str
    country: str
    sector: str


class FlowRow(RegisteredRow, of=(*quantities.TRADE, *quantities.SPLIT)):
    """Trade of a pair in a sector under a scenario, and who receives what its users pay."""

    scenario: str
    importer: str
    exporter: str
    sector: str


class AccountsRow(RegisteredRow, of=quantities.ACCOUNTS):
    """What a country earns and spends under a scenario."""

    scenario: str
    country: str


class DecompositionRow(RegisteredRow, of=quantities.DECOMPOSITION):
    """Exact parts of the change in a country's real income under a scenario."""

    scenario: str
    country: str


class ResidualRow(Reply):
    """The largest relative gap in an equilibrium condition under a scenario."""

    scenario: str
    condition: str
    gap: Number


class DetailReply(Reply):
    """Everything that the Outcomes hold beside the tables `countries` and `measures`."""

    outcomes: dict[str, OutcomeFacts]
    sectors: list[SectorResultRow]
    trade: list[FlowRow]
    accounts: list[AccountsRow]
    decomposition: list[DecompositionRow]
    residuals: list[ResidualRow]
    quantities: list[QuantityRow]
