"""Alternating offers against Rubinstein's and Stahl's closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from entrepot.bargaining.talks import TalksClock, most, rounds

PIE = np.column_stack([np.linspace(0, 1, 11), 1 - np.linspace(0, 1, 11)])
NOTHING = np.zeros(2)


def clock(
    count: int, rate: tuple[float, float], first: int = 0, breakdown: float = 0.0, years: float = 1e3
) -> TalksClock:
    days = tuple(30 * k for k in range(count))
    return TalksClock(days, 30 * count, years, np.array(rate), breakdown, first)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
@pytest.mark.parametrize("rate", [(0.5, 0.5), (1.0, 0.3)])
def test_division_of_a_finite_game_is_by_backward_induction(count: int, rate: tuple[float, float]) -> None:
    """The last proposer takes all; before, each leaves the other its discounted continuation."""
    made = rounds(PIE, NOTHING, NOTHING, clock(count, rate))
    discount = np.exp(-np.array(rate) * 30 / 365.25)
    share = 1.0  # of the proposer, from the last offer backwards
    for number in reversed(range(count)):
        proposer = number % 2
        if number < count - 1:
            share = 1 - discount[1 - proposer] * share
        assert made[number].agreed
        assert made[number].deal[proposer] == pytest.approx(share, abs=1e-9)


def test_far_deadline_is_rubinstein() -> None:
    """(1 - d2) / (1 - d1 d2) for the first proposer."""
    rate = (0.6, 0.9)
    d1, d2 = (math.exp(-r * 30 / 365.25) for r in rate)
    first = rounds(PIE, NOTHING, NOTHING, clock(600, rate))[0]
    assert first.deal[0] == pytest.approx((1 - d2) / (1 - d1 * d2), abs=1e-8)


def test_breakdown_works_like_impatience() -> None:
    """With no discounting, a chance of breakdown b is equivalent to a discount factor of 1 - b."""
    made = rounds(PIE, NOTHING, NOTHING, clock(400, (0.0, 0.0), breakdown=0.05, years=1e7))
    assert made[0].deal[0] == pytest.approx(1 / 1.95, abs=1e-7)


def test_without_a_gain_from_waiting_the_threat_decides_the_last_round() -> None:
    """With one offer on the day before the deadline, the proposer leaves the other the payoff of the threat."""
    threat = np.array([0.1, 0.25])
    one = TalksClock((0,), 30, 1e3, np.array([0.05, 0.05]), 0.0, 0)
    made = rounds(PIE, NOTHING, threat, one)[0]
    waits = one.worth(30, one.end)[1] / one.worth(0, one.end)[1]
    assert made.deal[1] == pytest.approx(0.25 * waits, abs=1e-9)


def test_nobody_agrees_to_less_than_what_refusing_brings() -> None:
    now, threat = np.array([0.8, 0.8]), np.array([0.7, 0.7])
    made = rounds(PIE, now, threat, clock(4, (0.05, 0.05)))
    assert not any(r.agreed for r in made)
    assert all(np.isnan(r.deal).all() for r in made)
    assert made[0].value == pytest.approx(
        now * clock(4, (0.05, 0.05)).worth(0, 120) + threat * clock(4, (0.05, 0.05)).worth(120, 365250)
    )


def test_worth_of_a_dollar_a_year() -> None:
    c = TalksClock((0,), 30, 2.0, np.array([0.0, 0.1]), 0.0, 0)
    assert c.worth(0, c.end) == pytest.approx([2.0, (1 - math.exp(-0.2)) / 0.1])


def test_most_of_one_payoff_on_a_curve_given_the_other() -> None:
    curve = np.array([[0.0, 5.0], [2.0, 4.0], [3.0, 0.0]])
    assert most(curve, 0, 4.5) == pytest.approx([1.0, 4.5])
    assert most(curve, 0, -9.0) == pytest.approx([3.0, 0.0])
    assert most(curve, 1, 2.5) == pytest.approx([2.5, 2.0])
    assert most(curve, 1, 3.5) is None


@pytest.mark.parametrize("noise", [-1e-6, 0.0, 1e-6])
@pytest.mark.parametrize("threat", [(-40.0, -60.0), (0.0, 0.0)])
def test_rounding_does_not_decide_when_a_deal_is_made(noise: float, threat: tuple[float, float]) -> None:
    """Where the second party loses by every other deal, things as they are is agreed at once, or whoever offers."""
    curve = np.array([[noise, noise], [30.0, -15.0], [60.0, -50.0]])
    second = rounds(curve, NOTHING, np.array(threat), clock(5, (0.03, 0.03), first=1, years=10))
    assert second[0].agreed
    assert second[0].deal == pytest.approx([0, 0], abs=1e-5)
    nobody_believes = rounds(curve, NOTHING, NOTHING, clock(5, (0.03, 0.03), years=10))
    assert nobody_believes[0].agreed
