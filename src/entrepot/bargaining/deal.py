"""A deal, a threat, and the addition that makes a party sign an offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.cases.bargaining_table import BargainingTable
from entrepot.equilibrium import Outcome
from entrepot.languages import translated
from entrepot.words import spoken

#: A loss below this, in US$ million a year, counts as none: it is within the accuracy of the searches.
INDIFFERENT = 1e-3


def signs(gain: float) -> bool:
    """Whether a party with this gain (US$ million a year) signs."""
    return gain >= -INDIFFERENT


@dataclass(frozen=True, eq=False)
class Deal:
    """A solved point on the table.

    own_title  as the case or a solution has it, in English;  best_for  the party that it is best for, in its place
    worth    payoff by party, a change from the base;  gains  over the threat; US$ million a year at base prices
    """

    name: str
    own_title: str
    levels: Mapping[str, float]
    worth: Mapping[str, float]
    gains: Mapping[str, float]
    outcome: Outcome = field(repr=False)
    table: BargainingTable = field(repr=False)
    best_for: str = ""

    @property
    def title(self) -> str:
        """Its title; one of the case's own is translated where it is shown."""
        return translated("Best for {party}", party=spoken(self.best_for)) if self.best_for else self.own_title

    @property
    def words(self) -> str:
        """The deal in a sentence, in the language in use."""
        return self.table.in_words(self.levels)

    @property
    def signers(self) -> tuple[str, ...]:
        """The parties that would sign: those whose gain is not negative."""
        return tuple(party for party, gain in self.gains.items() if signs(gain))

    def to_dict(self) -> dict[str, Any]:
        """The deal as plain data."""
        return {
            "title": translated(self.title),
            "words": self.words,
            "levels": dict(self.levels),
            "worth": dict(self.worth),
            "gains": dict(self.gains),
            "signed_by": list(self.signers),
        }


@dataclass(frozen=True, eq=False)
class Addition:
    """What makes a party sign: money (US$ million a year), or a move of one issue where that is enough.

    moves   issue, its new level, and the gain of every party there
    """

    party: str
    money: float
    moves: tuple[tuple[str, float, Mapping[str, float]], ...]

    @property
    def agreed(self) -> tuple[tuple[str, float, Mapping[str, float]], ...]:
        """The moves that every party would sign."""
        return tuple(move for move in self.moves if all(map(signs, move[2].values())))


@dataclass(frozen=True, eq=False)
class Threat:
    """The outcome without a deal.

    worth    payoff by party, a change from the base
    own      gain over the status quo of each party that carries the threat out
    stable   whether it is an equilibrium, a trade war that no party would leave alone
    """

    name: str
    title: str
    worth: Mapping[str, float]
    own: Mapping[str, float]
    outcome: Outcome = field(repr=False)
    stable: bool = False

    @property
    def credible(self) -> bool | None:
        """Whether no party loses by carrying it out, or it is stable; None if no party carries it out."""
        return (self.stable or all(map(signs, self.own.values()))) if self.own else None
