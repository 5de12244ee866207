"""Talks with a threat that may be a bluff, solved backwards from the deadline over all beliefs.

It is exact: no grid of beliefs. docs/talks.md has the equations and what is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import NamedTuple

from entrepot.bargaining.belief_values import (
    BLUFF,
    FIRM,
    Belief,
    Mixed,
    Offer,
    Pair,
    Piece,
    Play,
    Refuse,
    Send,
    Sign,
    Worth,
    best_for_target,
    constant,
    mixture,
    playing,
)
from entrepot.bargaining.signal_equilibrium import Signalling, send
from entrepot.bargaining.talks_game import Signal, TalksGame
from entrepot.errors import InputError


class TalksStage(NamedTuple):
    """One stage of the talks on a day: a signal that may be sent, or (None) the target's turn to sign or refuse.

    breaks   whether talks may break down after a refusal
    """

    day: int
    signal: Signal | None
    breaks: bool = False


class TalksEnd(NamedTuple):
    """One way in which the talks end.

    way           "deal", "measure" or "nothing";  deal  its name, where there is one
    sent          the signals that were sent
    belief        of the target at the end, before the threatener acts
    probability   and `by_type`, the probability if the threatener is of each type
    broke_down    whether the talks broke down before the deadline
    """

    way: str
    day: int
    deal: str
    sent: frozenset[str]
    belief: float
    probability: float
    by_type: Pair
    broke_down: bool


class Reached(NamedTuple):
    """A point of the play: a stage after some signals, the belief there, and the probability of it for each type."""

    number: int
    sent: frozenset[str]
    belief: Belief
    path: Pair


class BeliefOn(NamedTuple):
    """The target's belief on a day.

    event       the signal that was sent, or not; empty for the target's turn
    belief      afterwards;  threshold  the belief from which on it signs on that day, NaN where it signs at none
    probability of this event in equilibrium, given what came before
    """

    day: int
    event: str
    sent: bool
    belief: float
    threshold: float
    probability: float


@dataclass(frozen=True, eq=False)
class TalksSolution:
    """The equilibrium of a game of talks for every belief at once."""

    game: TalksGame
    stages: tuple[TalksStage, ...]
    scale: float
    _known: dict[tuple[int, frozenset[str]], Worth] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, game: TalksGame) -> TalksSolution:
        """Solve a game."""
        turns, stages = game.turn_days, []
        for day in sorted({*turns, *(s.day for s in game.signals)}):
            stages += [TalksStage(day, s) for s in game.in_order if s.day == day]
            if day in turns:
                stages.append(TalksStage(day, None, breaks=day in game.clock.days))
        p = game.payoffs
        money = [v for pair in (p.now, p.with_measure, *p.deals.values()) for v in pair]
        money += [v for t in game.types for v in t.worth.values()]
        costs = [s.of(w, t.name) for s in game.signals for w in ("cost", "called", "broken") for t in game.types]
        costs += [t.called for t in game.types]
        years = max(float(game.clock.worth(0, game.clock.end).max()), 1.0)
        # Nobody chooses to pay more than is at stake, so a higher cost does not widen what counts as rounding.
        at_stake = years * (max(money) - min(money))
        scale = max([1e-9, *(abs(v) * years for v in money), *(min(cost, at_stake) for cost in costs)])
        solution = cls(game, tuple(stages), scale)
        solution._solve()
        return solution

    def _solve(self) -> None:
        """Solve every stage after every set of signals, from the deadline back, so that no call is nested deeply."""
        names = [s.signal.name for s in self.stages if s.signal is not None]
        for number in reversed(range(len(self.stages) + 1)):
            if number < len(self.stages) and self.stages[number].signal is not None:
                names = names[:-1]
            for size in range(len(names) + 1):
                for sent in combinations(names, size):
                    self.worth(number, frozenset(sent))

    def worth(self, stage: int = 0, sent: frozenset[str] = frozenset()) -> Worth:
        """The worth of the talks from a stage on, after some signals: present values on the first day."""
        key = stage, sent
        if key not in self._known:
            self._known[key] = self._solved(stage, sent)
        return self._known[key]

    def _solved(self, number: int, sent: frozenset[str]) -> Worth:
        game = self.game
        if number == len(self.stages):
            _, own, other = game.at_deadline(sent)
            return Worth((), (Piece(own, (other[BLUFF], other[FIRM])),))
        stage = self.stages[number]
        if stage.signal is not None:
            signal, at = stage.signal, game.discount(stage.day)
            first, second = (at * signal.of("cost", t.name) for t in game.types)
            one = self.worth(number + 1, sent | {signal.name}).less((first, second))
            return Signalling(self.worth(number + 1, sent), one, signal.costless, self.scale, game.d1).worth()
        refused = self.worth(number + 1, sent)
        if stage.breaks and game.clock.breakdown > 0:
            (lapsed,) = self.worth(len(self.stages), sent).pieces
            kept = tuple(mixture(piece, lapsed, game.clock.breakdown) for piece in refused.pieces)
            refused = Worth(refused.cuts, kept)
        demanded = game.demand_after(sent)
        options = [playing(constant(*game.signed(stage.day, demanded)), Sign()), playing(refused, Refuse())]
        for deal in game.offers:
            if deal != demanded:
                options.append(self._offered(deal, constant(*game.signed(stage.day, deal)), refused))
        return best_for_target(options, self.scale)

    def _offered(self, deal: str, accepted: Worth, refused: Worth) -> Worth:
        """The worth of an offer of the target, which each type accepts or refuses."""
        answered = Signalling(refused, accepted, False, self.scale, self.game.d1).worth()
        return Worth(answered.cuts, tuple(replace(piece, play=Offer(deal, send(piece))) for piece in answered.pieces))

    # ---- thresholds and beliefs ----

    def threshold(self, number: int, sent: frozenset[str] = frozenset()) -> float:
        """The belief from which on the target signs at a stage; NaN where it does not sign at any.

        Raises `InputError` for a stage at which a signal is sent.
        """
        if self.stages[number].signal is not None:
            raise InputError(f"stage {number} is a signal, and the target signs after it")
        spans = self.signing(number, sent)
        return spans[-1][0] if spans and spans[-1][1] == 1.0 else float("nan")

    def signing(self, number: int, sent: frozenset[str] = frozenset()) -> tuple[Pair, ...]:
        """The beliefs, from and to, at which the target signs what is demanded at a stage."""
        return self._where(number, sent, lambda piece, _: isinstance(piece.play, Sign))

    def offering(self, number: int, sent: frozenset[str] = frozenset()) -> dict[str, tuple[Pair, ...]]:
        """The beliefs, from and to, at which the target offers each deal of its own at a stage."""

        def spans(deal: str) -> tuple[Pair, ...]:
            return self._where(number, sent, lambda piece, _: isinstance(piece.play, Offer) and piece.play.deal == deal)

        return {deal: found for deal in self.game.offers if (found := spans(deal))}

    def sending(self, number: int, sent: frozenset[str] = frozenset(), message: int = 1) -> tuple[Pair, ...]:
        """The beliefs, from and to, at which some type sends the signal of a stage (0: does not send it)."""

        def uses(piece: Piece, p: float) -> bool:
            return max(abs(1 - message - x) for x in send(piece).sending(p)) > 1e-12

        return self._where(number, sent, uses)

    def _where(self, number: int, sent: frozenset[str], holds: Callable[[Piece, float], bool]) -> tuple[Pair, ...]:
        """The beliefs, from and to, of the pieces for which something holds in their middle; neighbours are joined."""
        out: list[Pair] = []
        for low, high, piece in self.worth(number, sent).spans():
            if not holds(piece, (low + high) / 2):
                continue
            out.append((out.pop()[0] if out and out[-1][1] == low else low, high))
        return tuple(out)

    @property
    def last_turn(self) -> int:
        """The stage at which the target can sign for the last time."""
        return max(k for k, stage in enumerate(self.stages) if stage.signal is None)

    def ends(self, prior: float) -> tuple[TalksEnd, ...]:
        """Every way in which the talks end, with its probability, at a prior belief."""
        todo, out = [Reached(0, frozenset(), Belief(prior), (1.0, 1.0))], list[TalksEnd]()
        while todo:  # a list and not nested calls: talks may have a thousand turns
            here = todo.pop()
            if max(here.path[0] * prior, here.path[1] * (1 - prior)) <= 0:
                continue
            ends, further = self._followed(here, prior)
            out += ends
            todo += reversed(further)
        return tuple(out)

    def _followed(self, here: Reached, prior: float) -> tuple[list[TalksEnd], list[Reached]]:
        """The ends at a stage, and what the play goes on to."""
        number, sent, b, path = here
        if number == len(self.stages):
            return list(self._lapsed(sent, b.p, prior, path, False)), []
        stage, play = self.stages[number], self.worth(number, sent).at(b).play
        if stage.signal is not None:
            return [], list(self._signalled(here, stage.signal.name, play))
        if isinstance(play, Sign):
            total = by_prior(prior, path)
            demanded = self.game.demand_after(sent)
            return [TalksEnd("deal", stage.day, demanded, sent, b.p, total, path, False)], []
        ends, left = [], [here]
        if isinstance(play, Offer):
            accepts = play.answer.sending(b.p)
            by = path[0] * accepts[0], path[1] * accepts[1]
            total = by_prior(prior, by)
            if total > 0:
                after = play.answer.after[1]
                p = b.p if after is None else after.p
                ends.append(TalksEnd("deal", stage.day, play.deal, sent, p, total, by, False))
            kept = path[0] - by[0], path[1] - by[1]
            parts = _beliefs(play.answer.after[0], b)
            left = [Reached(number, sent, belief, _times(kept, share)) for share, belief in parts]
        fails = self.game.clock.breakdown if stage.breaks else 0.0
        further = []
        for _, _, belief, reached in left:
            if fails:
                ends += self._lapsed(sent, belief.p, prior, _times(reached, fails), True)
            further.append(Reached(number + 1, sent, belief, _times(reached, 1 - fails)))
        return ends, further

    def _signalled(self, here: Reached, name: str, play: Play) -> Iterator[Reached]:
        """What the play goes on to where a signal is sent or not."""
        assert isinstance(play, Send)
        sends = play.sending(here.belief.p)
        for message, chance in ((0, (1 - sends[0], 1 - sends[1])), (1, sends)):
            then = here.sent | {name} if message else here.sent
            reached = here.path[0] * chance[0], here.path[1] * chance[1]
            for share, belief in _beliefs(play.after[message], here.belief):
                yield Reached(here.number + 1, then, belief, _times(reached, share))

    def _lapsed(self, sent: frozenset[str], p: float, prior: float, path: Pair, broke_down: bool) -> Iterator[TalksEnd]:
        acts, _, _ = self.game.at_deadline(sent)
        for way in ("measure", "nothing"):
            first, second = (path[k] if acts[k] == (way == "measure") else 0.0 for k in (FIRM, BLUFF))
            total = by_prior(prior, (first, second))
            if total > 0:
                yield TalksEnd(way, self.game.clock.deadline, "", sent, p, total, (first, second), broke_down)

    def beliefs(self, prior: float, sent: Iterable[str] = ()) -> tuple[BeliefOn, ...]:
        """The belief day by day if these signals are sent and no others, and the target has not signed yet.

        After a signal that has probability zero in equilibrium the belief is the one off the path.
        """
        wanted, known = frozenset(sent), {s.name for s in self.game.signals}
        if not wanted <= known:
            raise InputError(f"signals: {', '.join(sorted(wanted - known))} cannot be sent in this game")
        at: list[tuple[float, Belief]] = [(1.0, Belief(prior))]
        past: frozenset[str] = frozenset()
        out = []
        for number, stage in enumerate(self.stages):
            worth = self.worth(number, past)
            mean = sum(share * b.p for share, b in at)
            if stage.signal is None:
                threshold = self.threshold(number, past)
                passes = sum(share * _refused(b, worth.at(b).play) for share, b in at)
                out.append(BeliefOn(stage.day, "", False, mean, threshold, passes))
                # Only those parts in which the target refuses go on, unless it signs in all of them.
                left = [(share, b) for share, b in at if not isinstance(worth.at(b).play, Sign)]
                at = _normal([part for share, b in left or at for part in _if_refused(share, b, worth.at(b).play)])
                continue
            name, message = stage.signal.name, int(stage.signal.name in wanted)
            reached: list[tuple[float, Belief]] = []
            off: list[tuple[float, Belief]] = []
            for share, b in at:
                play = worth.at(b).play
                assert isinstance(play, Send)
                sends = play.sending(b.p)
                chance = b.p * sends[0] + (1 - b.p) * sends[1]
                chance = chance if message else 1 - chance
                then = _beliefs(play.after[message], b)
                (reached if chance > 1e-12 else off).extend((share * max(chance, 1e-300) * w, c) for w, c in then)
            total = sum(share for share, _ in reached)
            at = _normal(reached or off)
            past = past | {name} if message else past
            belief = sum(share * b.p for share, b in at)
            out.append(BeliefOn(stage.day, name, bool(message), belief, float("nan"), total if reached else 0.0))
        return tuple(out)


def _if_refused(share: float, b: Belief, play: Play) -> list[tuple[float, Belief]]:
    """The beliefs once a turn has passed without a deal; an offer that was refused tells something."""
    if not isinstance(play, Offer):
        return [(share, b)]
    weight = share * max(_refused(b, play), 1e-300)
    return [(weight * part, c) for part, c in _beliefs(play.answer.after[0], b)]


def _refused(b: Belief, play: Play) -> float:
    """The probability that a turn passes without a deal."""
    if not isinstance(play, Offer):
        return 0.0 if isinstance(play, Sign) else 1.0
    accepts = play.answer.sending(b.p)
    return b.p * (1 - accepts[0]) + (1 - b.p) * (1 - accepts[1])


def _beliefs(after: Mixed | None, before: Belief) -> list[tuple[float, Belief]]:
    """The beliefs after a message, with their shares; None leaves the belief as it is."""
    return [(1.0, before)] if after is None else list(after.sides())


def by_prior(prior: float, by_type: Pair) -> float:
    """A probability, from what it is if the threatener is of each type."""
    return prior * by_type[FIRM] + (1 - prior) * by_type[BLUFF]


def _times(path: Pair, share: float) -> Pair:
    return path[0] * share, path[1] * share


def _normal(parts: list[tuple[float, Belief]]) -> list[tuple[float, Belief]]:
    total = sum(share for share, _ in parts)
    return [(share / total, b) for share, b in parts]
