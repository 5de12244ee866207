"""A finite menu of moves as a game: its equilibria, and what follows when moves are made one after the other."""

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
    """moves   by player, in the order in which they would be made
    worth      [a, b, ..., p] US$ million a year to each player of each combination of moves
    """

    moves: Mapping[str, Moves]
    worth: Array
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def players(self) -> tuple[str, ...]:
        return tuple(self.moves)

    def to_frame(self) -> pd.DataFrame:
        """One row a combination of moves: what it is worth to each player, and whether it is an equilibrium."""
        import pandas as pd

        pure = self.pure()
        rows = [
            [*moves, *self.worth[place], moves in pure]
            for place, moves in zip(np.ndindex(*self.worth.shape[:-1]), self._combinations(), strict=True)
        ]
        columns = [f"move of {p}" for p in self.players] + [f"worth to {p}" for p in self.players] + ["equilibrium"]
        return pd.DataFrame(rows, columns=columns)

    def pure(self) -> tuple[Moves, ...]:
        """Combinations from which no player would move alone, a gain of less than a thousand dollars being none."""
        best = np.ones(self.worth.shape[:-1], dtype=bool)
        for p in range(len(self.players)):
            mine = self.worth[..., p]
            best &= mine >= mine.max(axis=p, keepdims=True) - INDIFFERENT
        return tuple(moves for moves, stays in zip(self._combinations(), best.ravel(), strict=True) if stays)

    def mixed(self) -> tuple[dict[str, dict[str, float]], ...]:
        """Every equilibrium, pure ones among them, as chances of moves by player, with pygambit: all extreme points for
        two players (Avis et al. 2010, Econ. Theory 42: 9-37), by polynomial systems on each support for more.

        Raises `InputError` where pygambit is not installed (pip install 'entrepot[games]').
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
        """What is played when players move one after the other, each seeing the moves before: backward induction.

        order   of the players; default: as they stand. The moves come in the order of `players`. A tie goes to the
        move that stands first.
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
        """What a combination is worth to each player."""
        return np.asarray(
            self.worth[tuple(self.moves[player].index(move) for player, move in zip(self.players, moves, strict=True))]
        )

    def _combinations(self) -> list[Moves]:
        return list(itertools.product(*self.moves.values()))

    def _as_nfg(self) -> str:
        """The game in Gambit's file format, players and moves by number, payoffs between zero and one (which changes no
        equilibrium), the first player's move running fastest.
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
