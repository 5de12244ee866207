"""Equilibria of one signal: two types send it or not, and the target's play depends on its belief afterwards.

Every perfect Bayesian equilibrium in which types pool, separate or mix is found at once, between the breakpoints of the
worth after each message (docs/talks.md, equations 7 to 12). Beliefs off the path satisfy the intuitive criterion, or D1
(both Cho and Kreps 1987, QJE 102: 179-221), where an equilibrium does; of several, the one best for the first type is
taken (Riley's where types separate).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from entrepot.bargaining.belief_values import BLUFF, FIRM, Belief, Mixed, Pair, Piece, Send, Worth, joined, mixture

#: Money, relative to the scale of the game, below which a difference is rounding.
ROUNDING = 1e-10


@dataclass(frozen=True)
class Signalling:
    """The choice of a signal: the worth after it is not sent and after it is sent (its cost taken off).

    cheap   a signal that costs nothing: both types are taken to ignore it (babble)
    scale   of the money
    d1      whether beliefs off the path satisfy D1, not the intuitive criterion alone
    """

    zero: Worth
    one: Worth
    cheap: bool
    scale: float
    d1: bool = False

    @property
    def near(self) -> float:
        """Differences of money up to this are rounding."""
        return ROUNDING * self.scale

    def after(self, message: int) -> Worth:
        """The worth after a message: 0 not sent, 1 sent."""
        return self.one if message else self.zero

    def worth(self) -> Worth:
        """The worth before the signal, with what is played on each piece."""
        ends = [*sorted({*self.zero.cuts, *self.one.cuts}), 1.0]
        spans, low = [], 0.0
        for high in ends:
            spans.append((high, self.equilibrium((low + high) / 2)))
            low = high
        return joined(spans)

    def equilibrium(self, p: float) -> Piece:
        """The equilibrium that is played around a belief."""
        found = [*self._pooling(p), *self._separating(), *self._one_mixes(p), *self._both_mix(p)]
        assert found  # Kakutani: the worth has a closed graph, and all mixtures at its breakpoints
        if self.cheap and send(found[0]).pooled == 0:
            return found[0]
        refined = [piece for piece in found if send(piece).refined]
        left = refined or found
        for kind in (FIRM, BLUFF):
            best = max(piece.own[kind] for piece in left)
            left = [piece for piece in left if piece.own[kind] >= best - self.near]
        return left[0]

    # ---- the kinds of equilibrium ----

    def _pooling(self, p: float) -> Iterator[Piece]:
        for message in (0, 1):
            here = self.after(message).at(Belief(p))
            for refined in (True, False):
                off = self._off_path(1 - message, here.own, p, refined)
                if off is not None:
                    after = (None, off[0]) if message == 0 else (off[0], None)
                    yield replace(here, play=Send(message, None, after, refined))
                    break

    def _separating(self) -> Iterator[Piece]:
        for message in (1, 0):  # of the first type
            firm, bluff = self.after(message).at(Belief(1.0)), self.after(1 - message).at(Belief(0.0))
            stays = firm.own[FIRM] >= bluff.own[FIRM] - self.near and bluff.own[BLUFF] >= firm.own[BLUFF] - self.near
            if stays:
                after = (Mixed(0.0), Mixed(1.0)) if message else (Mixed(1.0), Mixed(0.0))
                own = (firm.own[FIRM], bluff.own[BLUFF])
                yield Piece(own, (bluff.to_target(0.0), firm.to_target(1.0)), Send(None, None, after))

    def _one_mixes(self, p: float) -> Iterator[Piece]:
        """One type uses both messages, the other only `pooled`; the other message reveals the one that mixes."""
        for mixing in (BLUFF, FIRM):
            reveals = 1.0 if mixing == FIRM else 0.0
            for pooled in (1, 0):
                shown = self.after(1 - pooled).at(Belief(reveals))
                for cut, left, right in self.after(pooled).at_cuts():
                    if not (cut > p if mixing == BLUFF else cut < p):
                        continue
                    for share in _shares(left.own[mixing], right.own[mixing], shown.own[mixing], self.near):
                        here = mixture(left, right, share)
                        other = 1 - mixing
                        if here.own[other] < shown.own[other] - self.near:
                            continue
                        own = (here.own[0], shown.own[1]) if mixing == BLUFF else (shown.own[0], here.own[1])
                        line = _line(cut, here.to_target(cut), reveals, shown.to_target(reveals))
                        ends = Mixed(cut, share), Mixed(reveals)
                        after = (ends[1], ends[0]) if pooled else ends
                        yield Piece(own, line, Send(pooled, mixing, after))

    def _both_mix(self, p: float) -> Iterator[Piece]:
        for a, a_left, a_right in self.zero.at_cuts():
            for b, b_left, b_right in self.one.at_cuts():
                if not min(a, b) < p < max(a, b):
                    continue
                shares = _crossing((a_left.own, a_right.own), (b_left.own, b_right.own), self.near)
                if shares is not None:
                    zero, one = mixture(a_left, a_right, shares[0]), mixture(b_left, b_right, shares[1])
                    line = _line(a, zero.to_target(a), b, one.to_target(b))
                    yield Piece(zero.own, line, Send(None, 2, (Mixed(a, shares[0]), Mixed(b, shares[1]))))

    # ---- beliefs off the path ----

    def _off_path(self, message: int, own: Pair, p: float, refined: bool) -> tuple[Mixed | None] | None:
        """A belief after a message that nobody sends at which neither type would send it; None if there is none.

        The belief before is tried first. `refined` leaves only the type that the criterion leaves.
        """
        worth = self.after(message)
        only = self._survivor(worth, own) if refined else None
        if only is not None:
            belief = 1.0 if only == FIRM else 0.0
            return (Mixed(belief),) if self._deters(worth.at(Belief(belief)), own) else None
        if self._deters(worth.at(Belief(p)), own):
            return (None,)
        for belief in (0.0, 1.0, *((low + high) / 2 for low, high, _ in worth.spans())):
            if self._deters(worth.at(Belief(belief)), own):
                return (Mixed(belief),)
        for cut, left, right in worth.at_cuts():
            low, high = 0.0, 1.0
            for kind in (FIRM, BLUFF):
                part = _where(left.own[kind] - own[kind], right.own[kind] - own[kind], self.near, below=True)
                low, high = max(low, part[0]), min(high, part[1])
            if low <= high:
                return (Mixed(cut, (low + high) / 2),)
        return None

    def _deters(self, there: Piece, own: Pair) -> bool:
        return all(there.own[k] <= own[k] + self.near for k in (FIRM, BLUFF))

    def _survivor(self, worth: Worth, own: Pair) -> int | None:
        """The only type that the criterion leaves after a message that nobody sends; None where it leaves both."""
        ends = [(piece.own, piece.own) for piece in worth.pieces]
        ends += [(left.own, right.own) for _, left, right in worth.at_cuts()]
        fails = [self._fails(kind, ends, own) for kind in (FIRM, BLUFF)]
        return None if fails[0] == fails[1] else (BLUFF if fails[FIRM] else FIRM)

    def _fails(self, kind: int, ends: list[tuple[Pair, Pair]], own: Pair) -> bool:
        """Whether a type would never send the message, or (D1) the other gains strictly wherever it does not lose."""
        other, gains = 1 - kind, False
        for left, right in ends:
            a, b = left[other] - own[other], right[other] - own[other]
            gains |= max(a, b) > self.near
            low, high = _where(left[kind] - own[kind], right[kind] - own[kind], self.near, below=False)
            if low > high:
                continue
            if not self.d1 or min(a + low * (b - a), a + high * (b - a)) <= self.near:
                return False
        return gains


def send(piece: Piece) -> Send:
    """How the signal is used on a piece."""
    assert isinstance(piece.play, Send)
    return piece.play


def _line(x: float, at_x: float, y: float, at_y: float) -> Pair:
    """The values at 0 and 1 of the line through two points."""
    slope = (at_y - at_x) / (y - x)
    return at_x - slope * x, at_x + slope * (1 - x)


def _shares(left: float, right: float, wanted: float, near: float) -> tuple[float, ...]:
    """The shares of `right` that give a type what it has from the other message."""
    if abs(right - left) <= near:
        return (1.0, 0.0) if abs(wanted - left) <= near else ()
    share = (wanted - left) / (right - left)
    slack = near / abs(right - left)
    return (min(max(share, 0.0), 1.0),) if -slack <= share <= 1 + slack else ()


def _where(left: float, right: float, near: float, below: bool) -> tuple[float, float]:
    """The part of a segment on which a gain, from `left` to `right`, is at most (or at least) zero, up to rounding."""
    if below:
        left, right = -left, -right
    good = left >= -near, right >= -near
    if all(good):
        return 0.0, 1.0
    if not any(good):
        return 1.0, 0.0
    root = left / (left - right) if left != right else 0.0
    root = min(max(root, 0.0), 1.0)
    return (0.0, root) if good[0] else (root, 1.0)


def _crossing(one: tuple[Pair, Pair], other: tuple[Pair, Pair], near: float) -> Pair | None:
    """The shares at which two segments of worth to both types cross; None where they do not, or are parallel."""
    (a, b), (c, d) = one, other
    u, v, w = (b[0] - a[0], b[1] - a[1]), (d[0] - c[0], d[1] - c[1]), (c[0] - a[0], c[1] - a[1])
    area = u[0] * v[1] - u[1] * v[0]
    if abs(area) <= near * max(map(abs, (*u, *v, 1.0))):
        return None
    first, second = (w[0] * v[1] - w[1] * v[0]) / area, (w[0] * u[1] - w[1] * u[0]) / area
    return (first, second) if 0 <= first <= 1 and 0 <= second <= 1 else None
