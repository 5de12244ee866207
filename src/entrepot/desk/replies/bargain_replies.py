"""Replies about bargaining: deals, offers, threats and talks."""

from __future__ import annotations

from entrepot.desk.replies.reply import AnswerReply, Cell, Number, Reply


class DealReply(Reply):
    """A deal: its levels by issue, and by party what it is worth and gains beyond the threat, US$ million a year."""

    title: str
    words: str
    levels: dict[str, Number]
    worth: dict[str, Number]
    gains: dict[str, Number]
    signed_by: list[str]


class OfferReply(AnswerReply):
    """What an offer is worth, and who would sign it."""

    parties: list[str]
    deal: DealReply


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


class BargainReply(AnswerReply):
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
