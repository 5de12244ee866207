"""One signal between made-up stages: equilibria by hand, and the conditions of equilibrium in every kind of it."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.bargaining.belief_values import BLUFF, FIRM, Belief, Mixed, Pair, Piece, Worth
from entrepot.bargaining.signal_equilibrium import Signalling, send


def stage(*pieces: Pair, cuts: tuple[float, ...], target: tuple[Pair, ...] | None = None) -> Worth:
    """The worth to the two types between breakpoints, and to the target at the beliefs 0 and 1 (nothing)."""
    others = target or ((0.0, 0.0),) * len(pieces)
    return Worth(cuts, tuple(Piece(own, other) for own, other in zip(pieces, others, strict=True)))


def random_stage(rng: np.random.Generator) -> Worth:
    cuts = tuple(sorted(rng.choice(np.arange(1, 10) / 10, size=rng.integers(1, 3), replace=False).tolist()))
    drawn = rng.integers(0, 5, (len(cuts) + 1, 4)).astype(float).tolist()
    return Worth(cuts, tuple(Piece((a, b), (c, d)) for a, b, c, d in drawn))


def check(game: Signalling, p: float) -> tuple[int | None, int | None]:
    """Assert that nobody gains by the other message, and that beliefs and worths follow from what is sent.

    Returns the message that both types use and the type that mixes.
    """
    piece = game.worth().at(Belief(p))
    played = send(piece)
    sent = played.sending(p)
    believed = [p if after is None else after.p for after in played.after]
    there = [game.after(m).at(after or Belief(p)) for m, after in enumerate(played.after)]
    to_target = 0.0
    for message, of_firm, of_bluff in ((1, *sent), (0, 1 - sent[0], 1 - sent[1])):
        total = p * of_firm + (1 - p) * of_bluff
        to_target += total * there[message].to_target(believed[message])
        if total > 1e-12:
            assert p * of_firm / total == pytest.approx(believed[message]), "Bayes' rule"
        for kind, probability in ((FIRM, of_firm), (BLUFF, of_bluff)):
            assert there[message].own[kind] <= piece.own[kind] + 1e-9, "nobody gains by a message"
            if probability > 1e-12:
                assert there[message].own[kind] == pytest.approx(piece.own[kind]), "what it sends is worth its worth"
    assert piece.to_target(p) == pytest.approx(to_target)
    return played.pooled, played.mixing


def believable(unsent: Worth, own: Pair, d1: bool) -> list[int]:
    """The types that a criterion of Cho and Kreps leaves after a message that nobody sends, by trying every answer.

    The answers are those at each belief, and at a breakpoint the mixtures of both sides: 840 of them, so that one is at
    each point at which a gain of whole numbers up to 8 is zero. One type is left out if it loses by every answer (D1:
    if the other gains by every answer by which it does not lose) and the other gains by some.
    """
    shares = np.arange(841)[:, None] / 840
    answers = [np.array([piece.own]) for piece in unsent.pieces]
    answers += [(1 - shares) * left.own + shares * right.own for _, left, right in unsent.at_cuts()]
    gains = np.concatenate([np.asarray(one, dtype=float) for one in answers]) - np.asarray(own)
    out = []
    for kind, other in ((FIRM, BLUFF), (BLUFF, FIRM)):
        no_loss = gains[:, kind] >= -1e-9
        never = not no_loss.any() or (d1 and bool((gains[no_loss, other] > 1e-9).all()))
        out.append(never and bool((gains[:, other] > 1e-9).any()))
    return [FIRM, BLUFF] if out[FIRM] == out[BLUFF] else [BLUFF] if out[FIRM] else [FIRM]


@pytest.mark.parametrize("d1", [False, True])
def test_beliefs_after_a_message_that_nobody_sends_satisfy_the_criterion(d1: bool) -> None:
    """Where both types use one message: the other is believed to come from whom the criterion leaves."""
    rng = np.random.default_rng(8)
    met: set[tuple[tuple[int, ...], bool]] = set()
    for _ in range(250):
        game, p = Signalling(random_stage(rng), random_stage(rng), False, 1.0, d1), float(rng.random())
        for piece in game._pooling(p):
            played = send(piece)
            assert played.pooled is not None
            message = 1 - played.pooled
            left = believable(game.after(message), piece.own, d1)
            belief = played.after[message] or Mixed(p)
            believed = len(left) == 2 or belief.p == (1.0 if left == [FIRM] else 0.0)
            assert played.refined == believed
            met.add((tuple(left), believed))
    assert met == {((FIRM, BLUFF), True), *(((kind,), right) for kind in (FIRM, BLUFF) for right in (True, False))}


def test_every_kind_of_equilibrium_is_one() -> None:
    """Of many random games; both pool on either message, separate, one mixes, or both do."""
    rng = np.random.default_rng(8)
    games = [Signalling(random_stage(rng), random_stage(rng), False, 1.0) for _ in range(200)]
    kinds = {check(game, float(rng.random())) for game in games}
    assert kinds == {(0, None), (1, None), (None, None), (None, 2), *((m, k) for m in (0, 1) for k in (FIRM, BLUFF))}


def test_both_types_mix_where_neither_message_can_be_left_to_one_of_them() -> None:
    """Unsent, the firm type has 1 and the other 4 or 0; sent, they have (3, 0) or (0, 2), by the belief.

    At 0.3 the target plays the right piece two times in three, and at 0.7 too: 1 = 3/3, and 4/3 = 2 (2/3). From 0.5
    either message is as likely: the firm type sends with 0.7, the other with 0.3.
    """
    unsent = stage((1.0, 4.0), (1.0, 0.0), cuts=(0.3,), target=((0.0, 2.0), (2.0, 1.0)))
    sent = stage((3.0, 0.0), (0.0, 2.0), cuts=(0.7,), target=((0.0, 0.0), (2.0, 0.0)))
    piece = Signalling(unsent, sent, False, 1.0).worth().at(Belief(0.5))
    played = send(piece)
    assert played.mixing == 2
    assert piece.own == pytest.approx((1.0, 4 / 3))
    assert [(after.p, after.right) for after in played.after if after] == [
        (0.3, pytest.approx(2 / 3)),
        (0.7, pytest.approx(2 / 3)),
    ]
    assert played.sending(0.5) == pytest.approx((0.7, 0.3))
    unsent_worth = (0.3 * 2.0) / 3 + 2 * (0.7 * 2.0 + 0.3 * 1.0) / 3
    sent_worth = 2 * (0.3 * 2.0) / 3
    assert piece.to_target(0.5) == pytest.approx((unsent_worth + sent_worth) / 2)


def test_a_message_and_its_opposite_have_the_same_equilibria() -> None:
    """Sending may mean silence: the same worth, with the messages in each other's place."""
    rng = np.random.default_rng(5)
    for _ in range(60):
        one, other = random_stage(rng), random_stage(rng)
        p = float(rng.random())
        first = Signalling(one, other, False, 1.0).worth().at(Belief(p))
        second = Signalling(other, one, False, 1.0).worth().at(Belief(p))
        assert second.own == pytest.approx(first.own)
