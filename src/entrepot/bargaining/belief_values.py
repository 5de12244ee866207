"""The worth of a stage of the talks as a function of the belief: pieces between exact breakpoints.

On each piece the worth to each type is one number, and the worth to the target is linear in the belief, because a
belief is a martingale. At a breakpoint every mixture of the pieces on both sides is an equilibrium.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

Pair = tuple[float, float]

#: The numbers of the two types in a `Pair`: the one more inclined to carry the measure out, and the one that bluffs.
FIRM, BLUFF = 0, 1


class Belief(NamedTuple):
    """The probability of the first type; at a breakpoint `side` (-1 or 1) names the piece that is played."""

    p: float
    side: int = 1


class Mixed(NamedTuple):
    """A belief at which the piece on the right is played with probability `right`, the one on the left otherwise."""

    p: float
    right: float = 1.0

    def sides(self) -> Iterator[tuple[float, Belief]]:
        """Yield each piece that is played, with its probability."""
        if self.right < 1:
            yield 1 - self.right, Belief(self.p, -1)
        if self.right > 0:
            yield self.right, Belief(self.p, 1)


@dataclass(frozen=True)
class Sign:
    """The target signs."""


@dataclass(frozen=True)
class Refuse:
    """The target refuses."""


@dataclass(frozen=True)
class Send:
    """How a signal is used on a piece.

    pooled   the message (0 or 1: not sent, sent) that both types use; None where each type has its own
    mixing   the type that also uses the other message; None where neither does, 2 where both mix
    after    the belief after each message [not sent, sent]; None is the belief before
    refined  whether no belief off the path fails the criterion of the game
    """

    pooled: int | None
    mixing: int | None
    after: tuple[Mixed | None, Mixed | None]
    refined: bool = True

    def sending(self, p: float) -> Pair:
        """The probability with which each type sends the signal, at a belief."""
        zero, one = self.after
        if self.mixing is None:
            if self.pooled is not None:
                return float(self.pooled), float(self.pooled)
            assert one is not None
            return (1.0, 0.0) if one.p > 0.5 else (0.0, 1.0)
        assert zero is not None
        assert one is not None
        total = (p - zero.p) / (one.p - zero.p)  # the belief is a martingale
        firm = total * one.p / p if p > 0 else float(self.pooled or 0)
        bluff = total * (1 - one.p) / (1 - p) if p < 1 else float(self.pooled or 0)
        return min(max(firm, 0.0), 1.0), min(max(bluff, 0.0), 1.0)


@dataclass(frozen=True)
class Offer:
    """The target offers a deal of its own; `answer` says how each type takes it (sent: accepted)."""

    deal: str
    answer: Send


Play = Sign | Refuse | Send | Offer | None


@dataclass(frozen=True)
class Piece:
    """The worth between two breakpoints.

    own    to each type;  other  to the target at the beliefs 0 and 1, linear between;  play  what is done here
    """

    own: Pair
    other: Pair
    play: Play = None

    def to_target(self, p: float) -> float:
        """The worth to the target at a belief."""
        return (1 - p) * self.other[0] + p * self.other[1]

    def less(self, cost: Pair) -> Piece:
        """The piece after a cost to each type."""
        return replace(self, own=(self.own[0] - cost[0], self.own[1] - cost[1]))


@dataclass(frozen=True)
class Worth:
    """The worth of a stage: `pieces` between the breakpoints `cuts`, one piece more than cuts."""

    cuts: tuple[float, ...]
    pieces: tuple[Piece, ...]

    def at(self, belief: Belief | Mixed) -> Piece:
        """The piece at a belief, the one on its side where the belief is a breakpoint; a mixture for `Mixed`."""
        k = bisect_left(self.cuts, belief.p)
        here = k < len(self.cuts) and self.cuts[k] == belief.p
        if isinstance(belief, Belief):
            return self.pieces[k + 1 if here and belief.side > 0 else k]
        left, right = self.pieces[k], self.pieces[k + 1 if here else k]
        return mixture(left, right, belief.right)

    def less(self, cost: Pair) -> Worth:
        """The worth after a cost to each type."""
        return Worth(self.cuts, tuple(piece.less(cost) for piece in self.pieces))

    def spans(self) -> Iterator[tuple[float, float, Piece]]:
        """Yield each piece with its ends."""
        ends = (0.0, *self.cuts, 1.0)
        for k, piece in enumerate(self.pieces):
            yield ends[k], ends[k + 1], piece

    def at_cuts(self) -> Iterator[tuple[float, Piece, Piece]]:
        """Yield each breakpoint with the pieces on its left and right."""
        for k, cut in enumerate(self.cuts):
            yield cut, self.pieces[k], self.pieces[k + 1]


def mixture(left: Piece, right: Piece, share: float) -> Piece:
    """The worth of a piece with probability 1 - share and of another with probability `share`."""
    own = tuple((1 - share) * a + share * b for a, b in zip(left.own, right.own, strict=True))
    other = tuple((1 - share) * a + share * b for a, b in zip(left.other, right.other, strict=True))
    return Piece((own[0], own[1]), (other[0], other[1]))


def joined(spans: list[tuple[float, Piece]]) -> Worth:
    """The worth of pieces in order, each with its upper end; neighbours that are alike become one."""
    cuts: list[float] = []
    pieces: list[Piece] = []
    for k, (end, piece) in enumerate(spans):
        if pieces and pieces[-1] == piece:
            cuts.pop()
        else:
            pieces.append(piece)
        if k < len(spans) - 1:
            cuts.append(end)
    return Worth(tuple(cuts), tuple(pieces))


def constant(own: Pair, other: float) -> Worth:
    """The worth of an end that no belief changes."""
    return Worth((), (Piece(own, (other, other)),))


def playing(worth: Worth, play: Play) -> Worth:
    """The worth with the same play on every piece."""
    return Worth(worth.cuts, tuple(replace(piece, play=play) for piece in worth.pieces))


def best_for_target(options: list[Worth], scale: float) -> Worth:
    """The worth of a turn of the target, which takes the best option at each belief (equation 6).

    scale   of the money, for rounding: an option counts as better from 1e-12 of it on; of equal ones the first is taken
    """
    near, out = 1e-12 * scale, list[tuple[float, Piece]]()
    ends = [0.0, *sorted({cut for worth in options for cut in worth.cuts}), 1.0]
    for low, high in pairwise(ends):
        pieces = [worth.at(Belief((low + high) / 2)) for worth in options]
        begin = low
        while True:
            # The best at the lower end, the steeper of equal ones, up to where another option crosses it.
            at = [piece.to_target(begin) for piece in pieces]
            slope = [piece.other[1] - piece.other[0] for piece in pieces]
            top = [k for k in range(len(pieces)) if at[k] >= max(at) - near]
            best = min(top, key=lambda k: (_not_steepest(slope[k], [slope[m] for m in top], high - begin, near), k))
            crossings = {
                begin + (at[best] - at[k]) / (slope[k] - slope[best]): k
                for k in range(len(pieces))
                if slope[k] > slope[best] and pieces[k].to_target(high) > pieces[best].to_target(high) + near
            }
            until = min(crossings, default=high)
            if not begin < until < high:
                out.append((high, pieces[best]))
                break
            out.append((until, pieces[best]))
            begin = until
    return joined(out)


def _not_steepest(slope: float, slopes: list[float], width: float, near: float) -> bool:
    """Whether another slope gains more than rounding by the end of a span."""
    return max(slopes) - slope > near / width
