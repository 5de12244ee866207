"""Replies about bargaining: deals, offers, threats and talks."""

from __future__ import annotations

from entrepot.desk.replies.reply import AnswerReply, Cell, Number, Reply


class DealReply(Reply):
    """A deal: its levels by issue, and by party its worth and its gain over the threat, US$ million a year."""

    title: str
    words: str
    levels: dict[str, Number]
    worth: dict[str, Number]
    gains: dict[str, Number]
    signed_by: list[str]


class OfferReply(AnswerReply):
    """The worth of an offer, and who would sign it."""

    parties: list[str]
    deal: DealReply


class ThreatReply(Reply):
    """A threat: its worth by party; `own` to those who carry it out, `credible` null where nobody does."""

    name: str
    title: str
    worth: dict[str, Number]
    own: dict[str, Number]
    credible: bool | None


class AdditionReply(Reply):
    """Additions that make a party sign an offer: money, or one issue at another level (issue, level, gains)."""

    party: str
    money: Number
    moves: list[tuple[str, Number, dict[str, Number]]]


class RateRow(Reply):
    """The optimal tariff of a party that acts alone."""

    sector: str
    exporter: str
    rate: Number
    at_bound: bool


class RoundReply(Reply):
    """A round of the talks: the proposer, and by party the worth of the deal and the value of the talks."""

    day: int
    proposer: str
    agreed: bool
    deal: list[Number] | None
    value: list[Number]


class TalksReply(Reply):
    """The talks where a given party offers first."""

    first: str
    carried_out: bool
    deal: DealReply | None
    rounds: list[RoundReply]


class SurfaceReply(Reply):
    """The deals of the grid: levels by issue, and gains by party."""

    issues: list[str]
    levels: list[list[Number]]
    gains: list[list[Number]]


class BargainReply(AnswerReply):
    """The bargain: the threats, the deals that the parties would sign, and the talks."""

    case: str
    parties: list[str]
    objectives: dict[str, str]
    threats: list[ThreatReply]
    own_over_sets: dict[str, dict[str, dict[str, Number]]]
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
