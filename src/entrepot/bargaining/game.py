"""A game over finite menus of moves: its equilibria, and the outcome when players move in turn."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.deal import INDIFFERENT
from entrepot.errors import InputError
from entrepot.types import Array

if TYPE_CHECKING:
    import pandas as pd

Moves = tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Game:
    """A finite game.

    moves   the moves of each player, by player in the order of play
    worth   [a, b, ..., p] the payoff of each combination of moves to each player, US$ million a year
    """

    moves: Mapping[str, Moves]
    worth: Array
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def players(self) -> tuple[str, ...]:
        """The players in the order of play."""
        return tuple(self.moves)

    def to_frame(self) -> pd.DataFrame:
        """One row for each combination of moves: the payoff of each player, and whether it is an equilibrium."""
        import pandas as pd

        pure = self.pure()
        rows = [
            [*moves, *self.worth[place], moves in pure]
            for place, moves in zip(np.ndindex(*self.worth.shape[:-1]), self._combinations(), strict=True)
        ]
        columns = [f"move of {p}" for p in self.players] + [f"worth to {p}" for p in self.players] + ["equilibrium"]
        return pd.DataFrame(rows, columns=columns)

    def pure(self) -> tuple[Moves, ...]:
        """The pure equilibria: no player gains a thousand dollars or more by another move of its own."""
        best = np.ones(self.worth.shape[:-1], dtype=bool)
        for p in range(len(self.players)):
            mine = self.worth[..., p]
            best &= mine >= mine.max(axis=p, keepdims=True) - INDIFFERENT
        return tuple(moves for moves, stays in zip(self._combinations(), best.ravel(), strict=True) if stays)

    def mixed(self) -> tuple[dict[str, dict[str, float]], ...]:
        """Every equilibrium, pure or mixed, as the probability of each move by player.

        Computed by pygambit: all extreme points for two players (Avis et al. 2010, Econ. Theory 42: 9-37), polynomial
        systems on each support for more. Raises `InputError` if pygambit is not installed
        (pip install 'entrepot[games]').
        """
        try:
            import pygambit
        except ImportError:
            raise InputError("mixed equilibria need pygambit: pip install 'entrepot[games]'") from None
        game = pygambit.read_nfg(io.StringIO(self._as_nfg()))
        two = len(self.players) == 2
        solved = pygambit.nash.enummixed_solve(game, rational=False) if two else pygambit.nash.enumpoly_solve(game)
        found = []
        for profile in solved.equilibria:
            chances = {
                player: {move: float(profile[str(p + 1)][str(m + 1)]) for m, move in enumerate(self.moves[player])}
                for p, player in enumerate(self.players)
            }
            found.append({who: {m: c for m, c in by.items() if c > 1e-9} for who, by in chances.items()})
        return tuple(found)

    def in_turn(self, order: Iterable[str] | None = None) -> Moves:
        """The moves when players move in turn and see the earlier moves, by backward induction.

        order   of play; default: that of `players`. The result is in the order of `players`. A tie goes to the move
                that is listed first.
        """
        positions = [self.players.index(player) for player in (order or self.players)]

        def play(left: list[int], place: dict[int, int]) -> dict[int, int]:
            if not left:
                return place
            first, *rest = left
            ends = [play(rest, {**place, first: k}) for k in range(self.worth.shape[first])]
            mine = [float(self.worth[tuple(end[p] for p in range(len(self.players)))][first]) for end in ends]
            return next(end for end, worth in zip(ends, mine, strict=True) if worth >= max(mine) - INDIFFERENT)

        found = play(positions, {})
        return tuple(self.moves[player][found[p]] for p, player in enumerate(self.players))

    def at(self, moves: Moves) -> Array:
        """The payoff of a combination of moves to each player."""
        return np.asarray(
            self.worth[tuple(self.moves[player].index(move) for player, move in zip(self.players, moves, strict=True))]
        )

    def _combinations(self) -> list[Moves]:
        return list(itertools.product(*self.moves.values()))

    def _as_nfg(self) -> str:
        """The game in Gambit's file format, the first player's move running fastest.

        Players and moves are numbered, and payoffs are scaled to between zero and one, which changes no equilibrium.
        """
        low, span = (
            self.worth.min(axis=tuple(range(len(self.players)))),
            np.ptp(self.worth.reshape(-1, len(self.players)), axis=0),
        )
        scaled = (self.worth - low) / np.where(span > 0, span, 1.0)
        fastest_first = scaled.transpose(*reversed(range(len(self.players))), len(self.players))
        names = " ".join(f'"{p + 1}"' for p in range(len(self.players)))
        sizes = " ".join(map(str, self.worth.shape[:-1]))
        return f'NFG 1 R "game" {{ {names} }} {{ {sizes} }}\n\n' + " ".join(f"{v:.17g}" for v in fastest_first.ravel())

    def __repr__(self) -> str:
        pure = "; ".join(" and ".join(moves) for moves in self.pure()) or "none in pure moves"
        shape = " x ".join(str(len(menu)) for menu in self.moves.values())
        return f"Game of {', '.join(self.players)} ({shape} moves). Equilibria: {pure}.\nNext: .to_frame(), .mixed()"
