"""The full detail of a study: everything that the Outcomes of Python hold, as tidy rows of registered numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, create_model

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
    unit: Literal["%", "US$ million", "share", "fraction", "text", "yes/no"]
    nominal: bool = Field(description="Whether it changes with the numeraire.")
    positive: str
    formula: str
    source: str


class _SectorKeys(RegisteredRow):
    """A sector of a country under a scenario."""

    scenario: str
    country: str
    sector: str


class _FlowKeys(RegisteredRow):
    """Trade of a pair in a sector under a scenario, and who receives what its users pay."""

    scenario: str
    importer: str
    exporter: str
    sector: str


class _CountryKeys(RegisteredRow):
    """What a country earns and spends under a scenario."""

    scenario: str
    country: str


class _DecompositionKeys(RegisteredRow):
    """Exact parts of the change in a country's real income under a scenario."""

    scenario: str
    country: str


def _row(name: str, keys: type[RegisteredRow], *groups: tuple[quantities.Quantity, ...]) -> type[RegisteredRow]:
    """Return the model of a row: its keys, and a number for each registered quantity of the groups."""
    numbers: dict[str, tuple[object, object]] = {q.key: (Number, ...) for group in groups for q in group}
    return create_model(name, __base__=keys, __doc__=keys.__doc__, **numbers)  # type: ignore[call-overload]


SectorRow = _row("SectorResultRow", _SectorKeys, quantities.SECTOR)
FlowRow = _row("FlowRow", _FlowKeys, quantities.TRADE, quantities.SPLIT)
AccountsRow = _row("AccountsRow", _CountryKeys, quantities.ACCOUNTS)
DecompositionRow = _row("DecompositionRow", _DecompositionKeys, quantities.DECOMPOSITION)


class ResidualRow(Reply):
    """The largest relative gap in an equilibrium condition under a scenario."""

    scenario: str
    condition: str
    gap: Number


class DetailReply(Reply):
    """Everything that the Outcomes hold beside the tables `countries` and `measures`."""

    outcomes: dict[str, OutcomeFacts]
    sectors: list[SectorRow]  # type: ignore[valid-type]
    trade: list[FlowRow]  # type: ignore[valid-type]
    accounts: list[AccountsRow]  # type: ignore[valid-type]
    decomposition: list[DecompositionRow]  # type: ignore[valid-type]
    residuals: list[ResidualRow]
    quantities: list[QuantityRow]
