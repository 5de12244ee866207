"""Replies about a threat: the talks in which it may be a bluff, and what it costs while nothing is done."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from entrepot.desk.replies.reply import AnswerReply, Day, Number, Reply


class OpenRow(Reply):
    """A row with further columns: the types of the threatener and the parties, by name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Number]


class TalksBeliefRow(OpenRow):
    """How the talks end at a belief on the first day, and "worth to" each type and party, US$ million."""

    belief: float
    deal: float
    measure: float
    nothing: float


class TalksDayRow(Reply):
    """The belief after a signal, or on a turn of the target, and from what belief on it signs there."""

    date: Day
    day: int
    event: str = Field(description='The name of a signal; "" on a turn of the target.')
    sent: bool
    belief: float
    threshold: Number
    probability: float
    signs: str = Field(description="At what beliefs the target signs on its turn, in words; empty for a signal.")


class TalksSignalRow(OpenRow):
    """What it is worth to each type and party that a signal can be sent, US$ million, present value."""

    signal: str
    date: Day
    day: int
    kind: str
    deal: float = Field(description="The change in the probability of a deal.")


class TalksEndRow(OpenRow):
    """A way in which the talks end, with its probability, also "if" the threatener is of each type."""

    end: str
    date: Day
    day: int
    deal: str | None
    signals: str
    belief: float
    probability: float
    broke_down: bool


class TalksTables(Reply):
    """The tables of talks."""

    talks_beliefs: list[TalksBeliefRow]
    talks_days: list[TalksDayRow]
    talks_signals: list[TalksSignalRow] = Field(description="Beside the other signals.")
    talks_signals_alone: list[TalksSignalRow] = Field(description="If no other signal could be sent.")
    talks_ends: list[TalksEndRow]


class UncertainTalksReply(AnswerReply):
    """Talks in which the threat may be a bluff (docs/talks.md)."""

    case: str
    title: str
    sentences: list[str]
    forecast: list[str] = Field(
        description="What the talks say as a forecast of the deadline; empty where they use what is of after it."
    )
    threatener: str
    target: str
    payoffs: dict[str, tuple[float, float]] = Field(description="Of the threatener and the target, US$ million a year.")
    titles: dict[str, str]
    types: list[str]
    prior: float
    end_probabilities: dict[str, float]
    end_probabilities_under_d1: dict[str, float] = Field(description="The same under D1, the stronger criterion.")
    by_type: dict[str, dict[str, float]]
    values: dict[str, float] = Field(description="Present value of the talks, US$ million.")
    threshold: Number
    thresholds: dict[str, Number] = Field(
        description="By deal: the belief from which on it is signed at the last turn."
    )
    numbers: dict[str, float] = Field(description="Every number that is assumed, by the name that `assume` takes.")
    notes: list[str]
    tables: TalksTables


class FearThreatRow(Reply):
    """A threat by its probability and years until the day: percent of what there would be without it."""

    probability: float
    years: float
    entry_pct: Number
    exporters_pct: Number
    sales_pct: Number
    imports_pct: Number
    price_pct: Number


class FearCountryRow(Reply):
    """A country under a threat: US$ million a year, and until the day."""

    probability: float
    years: float
    country: str
    equivalent_variation: Number
    real_income_pct: Number
    until_the_day: Number


class FearAssumptionRow(Reply):
    """Entry and sales at given prices if one assumption were otherwise."""

    assumption: str
    title: str = Field(description="The assumption in words.")
    entry_pct: Number
    sales_pct: Number


class FearTables(Reply):
    """The tables of a threat that has not come."""

    fear_threats: list[FearThreatRow]
    fear_countries: list[FearCountryRow]
    fear_depends_on: list[FearAssumptionRow]


class FearReply(AnswerReply):
    """What a threat costs while nothing is done (docs/fear.md)."""

    sentences: list[str]
    basis: str
    tables: FearTables
