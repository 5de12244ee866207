"""A deal, a threat, and what would have to be added to an offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.equilibrium import Outcome

#: A loss below a thousand dollars a year is none: searches leave as much.
INDIFFERENT = 1e-3


def signs(gain: float) -> bool:
    """Whether a party with this gain (US$ million a year) signs."""
    return gain >= -INDIFFERENT


@dataclass(frozen=True, eq=False)
class Deal:
    """A point on the table, solved. `worth` by party is a change from the base, `gains` beyond the threat; US$ million
    a year at base prices. Those whose gain is not negative would sign.
    """

    name: str
    title: str
    levels: Mapping[str, float]
    words: str
    worth: Mapping[str, float]
    gains: Mapping[str, float]
    outcome: Outcome = field(repr=False)

    @property
    def signers(self) -> tuple[str, ...]:
        return tuple(party for party, gain in self.gains.items() if signs(gain))

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "words": self.words,
            "levels": dict(self.levels),
            "worth": dict(self.worth),
            "gains": dict(self.gains),
            "signed_by": list(self.signers),
        }


@dataclass(frozen=True, eq=False)
class Addition:
    """What would make a party sign: money, US$ million a year; or one issue moved, where that is enough, with what all
    parties would then gain.
    """

    party: str
    money: float
    moves: tuple[tuple[str, float, Mapping[str, float]], ...]

    @property
    def agreed(self) -> tuple[tuple[str, float, Mapping[str, float]], ...]:
        """The moves that everybody would sign."""
        return tuple(move for move in self.moves if all(map(signs, move[2].values())))


@dataclass(frozen=True, eq=False)
class Threat:
    """What follows without a deal, or might: `worth` by party, a change from the base, and `own`, by those who would
    carry it out, what that is worth to them beyond things as they are. Credible where none of them loses by it, or
    where it is `stable`: a war, from which nobody would move alone. None where nobody at the table carries it out.
    """

    name: str
    title: str
    worth: Mapping[str, float]
    own: Mapping[str, float]
    outcome: Outcome = field(repr=False)
    stable: bool = False

    @property
    def credible(self) -> bool | None:
        return (self.stable or all(map(signs, self.own.values()))) if self.own else None
