"""Talks in which a threat may be a bluff: closed forms, best replies, enumerated strategies, and pygambit."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from entrepot.bargaining import Signal, TalksGame, TalksPayoffs, ThreatenerType, solve_talks, talks_clock
from entrepot.bargaining.belief_values import Belief
from entrepot.bargaining.game import Game
from entrepot.bargaining.talks import TalksClock, rounds
from entrepot.bargaining.uncertain_talks import UncertainTalks
from entrepot.errors import InputError
from talks_oracle import BestReplies, annuity, random_game

PAYOFFS = TalksPayoffs("USA", "JPN", (0.0, 0.0), (-10.0, -40.0), {"deal": (5.0, -4.0)})
TYPES = ThreatenerType("firm", {"measure": 12.0}), ThreatenerType("bluff")
AFTER = 10 - 10 / 365.25  # years after the turn on day 10, without discounting
THRESHOLD = 4 * AFTER / (40 * (10 - 100 / 365.25))


def game(
    *signals: Signal, rate: float = 0.0, payoffs: TalksPayoffs = PAYOFFS, days: tuple[int, ...] = (10,)
) -> TalksGame:
    return TalksGame(payoffs, TYPES, signals, talks_clock(days, 100, discount_rate=rate), "deal")


def sending(talks: UncertainTalks) -> tuple[float, float]:
    return talks.solution.worth().at(Belief(talks.prior)).play.sending(talks.prior)


# ---- closed forms ----


@pytest.mark.parametrize("cost", [1.0, 20.0, 90.0])
@pytest.mark.parametrize("prior", [0.01, 0.05, 0.1])
def test_a_bluff_with_hands_tied(cost: float, prior: float) -> None:
    """Fudenberg and Tirole: the bluff mixes so that the target is indifferent, and the other way round."""
    found = solve_talks(game(Signal("draft", 5, "draft", called=cost)), prior, ["draft"])
    gain = 5 * AFTER
    signs = cost / (gain + cost)
    assert found.threshold == pytest.approx(THRESHOLD)
    assert sending(found) == pytest.approx((1.0, prior * (1 - THRESHOLD) / ((1 - prior) * THRESHOLD)))
    assert found.end_probabilities["deal"] == pytest.approx(prior / THRESHOLD * signs)
    assert found.by_type["firm"]["measure"] == pytest.approx(1 - signs)
    assert found.values["bluff"] == pytest.approx(0.0, abs=1e-9)  # as if it had not bluffed
    assert found.values["JPN"] == pytest.approx(
        -40 * prior * (10 - 100 / 365.25)
    )  # what it would have without the signal
    assert found.belief_by_day[0].belief == pytest.approx(THRESHOLD)


@pytest.mark.parametrize("share", [0.2, 0.9, 1.1, 3.0])
def test_sunk_costs_separate_from_the_least_cost_on(share: float) -> None:
    """Spence: the signal separates if it costs the bluff what the deal brings it; below, the bluff mixes."""
    least, prior = 5 * AFTER, 0.05
    found = solve_talks(game(Signal("leak", 5, "leak", cost={"bluff": share * least})), prior)
    if share > 1:
        assert sending(found) == (1.0, 0.0)
        assert found.end_probabilities == pytest.approx({"deal": prior, "measure": 0.0, "nothing": 1 - prior})
    else:
        assert sending(found)[1] == pytest.approx(prior * (1 - THRESHOLD) / ((1 - prior) * THRESHOLD))
        assert found.by_type["firm"]["deal"] == pytest.approx(share)  # c / c*


def test_two_threats_one_after_the_other() -> None:
    """A bluff that survives both pays for both: the target signs with (a + a') / (G + a + a')."""
    first, second = Signal("leak", 3, "leak", called=6.0), Signal("draft", 5, "draft", called=14.0)
    found = solve_talks(game(first, second), 0.05)
    one = solve_talks(game(replace(second, called=20.0)), 0.05)
    assert found.values["firm"] >= one.values["firm"] - 1e-9
    assert found.values["bluff"] == pytest.approx(0.0, abs=1e-9)


def test_above_the_threshold_it_signs_and_below_without_a_signal_it_does_not() -> None:
    found = solve_talks(game(), 0.5)
    assert found.threshold == pytest.approx(THRESHOLD)
    assert found.end_probabilities == {"deal": 1.0, "measure": 0.0, "nothing": 0.0}
    low = found.at(THRESHOLD - 1e-6)
    assert low.end_probabilities == pytest.approx({"deal": 0.0, "measure": low.prior, "nothing": 1 - low.prior})


def test_a_costless_signal_is_babble() -> None:
    plain, talk = (solve_talks(game(*signals), 0.05) for signals in ((), (Signal("leak", 5, "leak"),)))
    assert talk.end_probabilities == plain.end_probabilities
    assert talk.values == plain.values
    assert {b.belief for b in talk.belief_by_day} == {0.05}
    assert (talk.signal_worth[["firm", "bluff", "JPN"]] == 0).all(axis=None)


def test_cheap_talk_is_babble_where_interests_agree_too() -> None:
    """A bluff that would rather have no deal could tell so for nothing; the equilibrium without a word is taken."""
    payoffs = replace(PAYOFFS, deals={"deal": (-1.0, -4.0)})
    types = ThreatenerType("firm", {"measure": 5.0, "now": -6.0}), ThreatenerType("bluff")
    cheap, dear = (Signal("leak", 5, "leak", cost=cost) for cost in (0.0, 1e-3))
    found = [solve_talks(TalksGame(payoffs, types, (s,), talks_clock((10,), 100), "deal"), 0.05) for s in (cheap, dear)]
    assert [sorted(sending(talks)) for talks in found] == [[0.0, 0.0], [0.0, 1.0]]


def test_who_pays_more_for_a_bluff_bluffs_less() -> None:
    """A sunk cost makes bluffs no more frequent, and from the least separating cost on there is none."""
    sunk = [Signal("d", 5, "draft", cost={"bluff": cost}) for cost in (10.0, 20.0, 40.0, 60.0)]
    sent = [sending(solve_talks(game(signal), 0.05))[1] for signal in sunk]
    assert sent == sorted(sent, reverse=True)
    assert sent[0] > 1e-3
    assert sent[-1] == pytest.approx(0, abs=1e-12)
    signs = [solve_talks(game(Signal("d", 5, "draft", called=a)), 0.05).by_type["firm"]["deal"] for a in (1, 5, 25, 90)]
    assert signs == sorted(signs)


def test_bluff_with_a_large_cost_of_backing_down_is_carried_out() -> None:
    """Hands are tied: from the loss by the measure on, the bluff carries it out, and the target signs at any belief."""
    loss = 10 * (10 - 100 / 365.25)
    for cost, acts in ((0.99 * loss, False), (1.01 * loss, True)):
        tied = game(Signal("draft", 5, "draft", called=cost))
        assert tied.at_deadline(frozenset({"draft"}))[0] == (True, acts)
    assert solve_talks(tied, 0.0).end_probabilities["deal"] == pytest.approx(1)


def test_a_pledge_that_costs_its_breach_shows_who_bluffs() -> None:
    """A side that means it does not give an assurance that it would break; the target then believes the threat more."""
    pledge = Signal("assurance", 5, "assurance", broken=5.0)
    found = solve_talks(game(pledge), 0.05)
    assert found.end_probabilities["measure"] <= 0.05 + 1e-12
    heavy = game(replace(pledge, broken=1000.0))
    assert heavy.at_deadline(frozenset({"assurance"}))[0] == (False, False)


def test_the_target_answers_where_that_is_better_for_it() -> None:
    """The threatener foresees the answer, which can stop the firm side."""
    answered = replace(PAYOFFS, answer=(-30.0, -35.0))
    assert game(payoffs=answered).at_deadline(frozenset())[0] == (False, False)
    assert replace(PAYOFFS, answer=(-30.0, -45.0)).with_measure == PAYOFFS.threat


# ---- offers of the side that does not know ----


def bazaar(prices: list[float], low: float, high: float, late: int) -> TalksGame:
    """Two offers of a price to a buyer who values a good at `low` (the first type) or `high`; nobody threatens."""
    deals = {f"p{k}": (-price, price) for k, price in enumerate(prices)} | {"none": (0.0, -10.0)}
    payoffs = TalksPayoffs("buyer", "seller", (0.0, 0.0), (-10.0, 0.0), deals)
    names = tuple(deals)[:-1]
    types = ThreatenerType("low", dict.fromkeys(names, low)), ThreatenerType("high", dict.fromkeys(names, high))
    clock = talks_clock((0, late), late + 1, years=90, discount_rate=0.5)
    return TalksGame(payoffs, types, (), clock, "none", offers=names)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
@pytest.mark.parametrize("low", [0.3, 0.6])
def test_two_period_screening(share: float, low: float) -> None:
    """Fudenberg and Tirole (1983): the seller pools, screens and leaves the high type a rent, or mixes."""
    high, e, late = 1.0, 1e-5, round(365.25 * np.log(1 / 0.7) / np.log(1.5))
    discount = 1.5 ** (-late / 365.25)
    rent = high - discount * (high - low)  # the price at which the high type is indifferent to the low price later
    prices = [low - e, rent - e, high - e, 0.9 * low, 0.5 * (low + rent), 0.5 * (rent + high)]
    found = solve_talks(bazaar(prices, low, high, late), 1 - share)
    critical = low / high  # the share of high types from which on the last price is the high one
    ways = [low, share * rent + (1 - share) * discount * low, discount * max(low, share * high)]
    if share > critical:  # the high type mixes, so that the seller is indifferent at the end
        accepts = (share - critical) / (1 - critical)
        ways.append(accepts * high + (1 - accepts) * discount * low)
    assert found.values["seller"] * np.log(1.5) == pytest.approx(max(ways), abs=1e-4)
    assert found.end_probabilities["measure"] == pytest.approx(0, abs=1e-12)


# ---- complete information ----


@pytest.mark.parametrize("breakdown", [0.0, 0.1])
@pytest.mark.parametrize("rate", [(0.04, 0.04), (0.3, 0.1)])
@pytest.mark.parametrize("deal", [(5.0, -4.0), (5.0, 3.0), (5.0, -60.0)])
def test_talks_with_a_known_type_are_offers_in_turn(
    breakdown: float, rate: tuple[float, float], deal: tuple[float, float]
) -> None:
    """At a belief of 1 (0) the deal and its worth are those of offers in turn that end in the threat (status quo)."""
    days, deadline = (0, 30, 60, 90), 100
    clock = talks_clock(days, deadline, discount_rate=rate, breakdown=breakdown)
    payoffs = replace(PAYOFFS, deals={"deal": deal})
    types = ThreatenerType("firm", {"measure": 10.5}), ThreatenerType("bluff")
    found = solve_talks(TalksGame(payoffs, types, (), clock, "deal"), 1.0)
    for belief, ending in ((1.0, (0.5, -40.0)), (0.0, (0.0, 0.0))):
        there = found.at(belief)
        made = rounds(
            np.array([deal]),
            np.array(payoffs.now),
            np.array(ending),
            TalksClock(days, deadline, 10.0, np.log1p(rate), breakdown, 0),
        )
        agreed = next((r for r in made if r.agreed), None)
        assert there.values["JPN"] == pytest.approx(made[0].value[1], abs=1e-9)
        assert there.values["USA"] == pytest.approx(made[0].value[0], abs=1e-9)
        signed = [e for e in there.ends if e.way == "deal"]
        assert [e.day for e in signed] == ([agreed.day] if agreed else [])


def test_near_a_known_type_the_talks_are_near_those_with_it() -> None:
    found = solve_talks(game(Signal("draft", 5, "draft", called=20.0), rate=0.04), 0.0)
    for end, near in ((0.0, 1e-9), (1.0, 1 - 1e-9)):
        for key in ("USA", "JPN"):
            assert found.at(near).values[key] == pytest.approx(found.at(end).values[key], abs=1e-5)
        assert found.at(near).end_probabilities == pytest.approx(found.at(end).end_probabilities, abs=1e-6)


# ---- second methods ----


@pytest.mark.parametrize("seed", range(25))
def test_nobody_has_a_better_reply_and_beliefs_follow_bayes(seed: int) -> None:
    """A second writing of the extensive form: best replies are worth what the solution says, for several beliefs."""
    rng = np.random.default_rng(seed)
    rates = (0.04, 0.07)
    for signals, offers in ((1, ()), (2, ("other",)), (3, ())):
        played = random_game(rng, signals, float(rng.choice([0.0, 0.05])), rates, offers)
        found = solve_talks(played, 0.5)
        replies = BestReplies(found.solution, rates)
        for prior in (0.0, 1.0, *rng.random(3)):
            there = found.at(prior)
            b = Belief(prior)
            assert sum(there.end_probabilities.values()) == pytest.approx(1)
            assert sum(e.belief * e.probability for e in there.ends) == pytest.approx(prior)  # a martingale
            assert replies.of_target(b) == pytest.approx(there.values["JPN"], abs=1e-8)
            for k, kind in enumerate(played.types):
                if (prior, 1 - prior)[k] > 0:
                    assert replies.of_type(k, b) == pytest.approx(there.values[kind.name], abs=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_play_is_best_after_every_history_and_at_every_belief(seed: int) -> None:
    """Sequential rationality: also where nobody goes in equilibrium, and at breakpoints from both sides."""
    rng = np.random.default_rng(100 + seed)
    found = solve_talks(random_game(rng, 3, 0.05, (0.04, 0.07), ("other",) if seed % 2 else ()), 0.5)
    replies = BestReplies(found.solution, (0.04, 0.07))
    for number in range(len(found.solution.stages) + 1):
        past = [s.signal.name for s in found.solution.stages[:number] if s.signal]
        for sent in (frozenset(names) for k in range(len(past) + 1) for names in itertools.combinations(past, k)):
            worth = found.solution.worth(number, sent)
            sides = [Belief(cut, side) for cut in worth.cuts for side in (-1, 1)]
            for b in (*sides, Belief(float(rng.random()))):
                piece = worth.at(b)
                assert replies.of_target(b, number, sent) == pytest.approx(piece.to_target(b.p), abs=1e-7)
                for k in (0, 1):
                    assert replies.of_type(k, b, number, sent) == pytest.approx(piece.own[k], abs=1e-7)


def normal_form(played: TalksGame, rate: float) -> dict[tuple, tuple[float, float, float]]:
    """Payoffs (firm, bluff; target by type) of one signal and one turn, by type's message and the target's plan."""
    (signal,), day, due, end = played.signals, played.clock.days[-1], played.clock.deadline, 3652.5
    p, out = played.payoffs, {}
    for k, message, signs in itertools.product((0, 1), (0, 1), (0, 1)):
        kind = played.types[k]
        at, late = (1 + rate) ** (-due / 365.25), annuity(rate, due, end)
        cost = message * signal.of("cost", kind.name) * (1 + rate) ** (-signal.day / 365.25)
        if signs:
            own, other = (p.deals["deal"][i] * annuity(rate, day, end) for i in (0, 1))
        else:
            acts = (p.threat[0] + kind.worth.get("measure", 0.0)) * late
            waits = -at * message * signal.of("called", kind.name)
            own, other = max(acts, waits), (p.threat[1] * late if acts > waits else 0.0)
        out[k, message, signs] = own - cost, other
    return out


SMALL = [
    (Signal("d", 5, "draft", called=20.0), 0.05),
    (Signal("d", 5, "draft", called=20.0), 0.4),
    (Signal("d", 5, "leak", cost={"bluff": 20.0}), 0.05),
    (Signal("d", 5, "leak", cost={"bluff": 80.0, "firm": 5.0}), 0.05),
    (Signal("d", 5, "draft", cost={"bluff": 3.0, "firm": 1.0}, called={"bluff": 8.0}), 0.08),
]


@pytest.mark.parametrize(("signal", "prior"), SMALL)
def test_enumerated_strategies_have_the_same_equilibrium(signal: Signal, prior: float) -> None:
    """Every pure strategy of both sides: no equilibrium is better for the firm type, and a pure solution is one."""
    played = game(signal, rate=0.04)
    found, pay = solve_talks(played, prior), normal_form(played, 0.04)
    ours = {kind.name: found.values[kind.name] for kind in TYPES}
    plans = list(itertools.product((0, 1), (0, 1)))  # what the target does unless it is sent, if it is
    weight = prior, 1 - prior
    nash = []
    for sent, plan in itertools.product(plans, plans):
        own = [pay[k, sent[k], plan[sent[k]]][0] for k in (0, 1)]
        other = sum(weight[k] * pay[k, sent[k], plan[sent[k]]][1] for k in (0, 1))
        best = all(own[k] >= max(pay[k, m, plan[m]][0] for m in (0, 1)) - 1e-9 for k in (0, 1))
        top = max(sum(weight[k] * pay[k, sent[k], q[sent[k]]][1] for k in (0, 1)) for q in plans)
        if best and other >= top - 1e-9:
            nash.append((own[0], own[1], other))
    chances = sending(found)
    values = (ours["firm"], ours["bluff"], found.values["JPN"])
    if set(chances) <= {0.0, 1.0} and set(found.end_probabilities.values()) <= {0.0, 1.0, prior, 1 - prior}:
        assert any(values == pytest.approx(profile) for profile in nash)
    else:
        assert all(values[0] >= profile[0] - 1e-9 for profile in nash)


@pytest.mark.parametrize(("signal", "prior"), SMALL)
def test_pygambit_finds_the_equilibrium(signal: Signal, prior: float) -> None:
    """Among all extreme equilibria in plans for the game is one with the same messages and payoffs."""
    pytest.importorskip("pygambit")
    played = game(signal, rate=0.04)
    found, pay = solve_talks(played, prior), normal_form(played, 0.04)
    weight, plans = (prior, 1 - prior), ["00", "01", "10", "11"]  # by type, and by message
    worth = np.zeros((4, 4, 2))
    for (a, sent), (b, signs), k in itertools.product(enumerate(plans), enumerate(plans), (0, 1)):
        message = int(sent[k])
        worth[a, b] += weight[k] * np.array(pay[k, message, int(signs[message])])
    solved = Game({"T": tuple(plans), "R": tuple(plans)}, worth).mixed()
    ours = (*sending(found), found.values["USA"], found.values["JPN"])
    there = []
    for profile in solved:
        sends = [sum(c for plan, c in profile["T"].items() if plan[k] == "1") for k in (0, 1)]
        pairs = list(itertools.product(profile["T"].items(), profile["R"].items()))
        values = sum(c * d * worth[plans.index(a), plans.index(b)] for (a, c), (b, d) in pairs)
        there.append((*sends, *values))
    assert any(profile == pytest.approx(ours, abs=1e-6) for profile in there)


# ---- results ----


def test_many_beliefs_are_read_off_one_solution() -> None:
    found = solve_talks(game(Signal("draft", 5, "draft", called=20.0)), 0.05)
    table = found.over_beliefs([0.0, 0.05, 1.0])
    assert list(table["belief"]) == [0.0, 0.05, 1.0]
    assert table[["deal", "measure", "nothing"]].sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert table.loc[1, "deal"] == pytest.approx(found.end_probabilities["deal"])
    assert found.at(0.3).solution is found.solution


def test_what_a_signal_is_worth() -> None:
    """A threat below the threshold helps the firm side only; the bluff is where it was, and the target too."""
    row = solve_talks(game(Signal("draft", 5, "draft", called=20.0)), 0.05).signal_worth.iloc[0]
    assert row["firm"] > 1
    assert row[["bluff", "JPN"]].astype(float).tolist() == pytest.approx([0, 0], abs=1e-9)
    assert row["USA"] == pytest.approx(0.05 * row["firm"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"types": (TYPES[0], TYPES[0])}, "two types with different names"),
        ({"demand": "dael"}, "did you mean deal"),
        ({"signals": (Signal("d", 101, "draft"),)}, "after the deadline"),
        ({"signals": (Signal("d", 5, "rumour"),)}, "unknown kind of signal"),
        ({"signals": (Signal("d", 5, "draft", called=-1.0),)}, "costs are zero or more"),
        ({"signals": (Signal("d", 5, "draft", broken=1.0),)}, "only a pledge can be broken"),
        ({"signals": (Signal("d", 5, "assurance", called=1.0),)}, "only a threat can be called"),
        ({"signals": (Signal("d", 5, "draft", called={"hawk": 1.0}),)}, "unknown type 'hawk'"),
        ({"signals": (Signal("d", 5, "draft"), Signal("d", 6, "draft"))}, "used twice"),
        ({"signals": tuple(Signal(f"d{k}", 5, "leak") for k in range(13))}, "give 12 at most"),
    ],
)
def test_bad_games_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(game(), **change)


def test_bad_beliefs_are_named() -> None:
    for prior in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="not a probability from 0 to 1"):
            solve_talks(game(), prior)
    with pytest.raises(InputError, match="not one of the signals"):
        solve_talks(game(), 0.5, ["draft"])
    with pytest.raises(InputError, match="no deal to sign"):
        replace(PAYOFFS, deals={})
    with pytest.raises(InputError, match="not a probability below 1"):
        talks_clock((0,), 100, breakdown=1.0)


# ---- what a comparison, rounding and many turns must not change ----


@pytest.mark.parametrize("day", [5, 50, 100])
@pytest.mark.parametrize("prior", [0.0985, 0.3])
def test_a_signal_that_says_nothing_is_worth_nothing_on_any_day(day: int, prior: float) -> None:
    """The day of a signal is a turn of the target, which the game without the signal keeps."""
    found = solve_talks(game(Signal("leak", day, "leak"), rate=0.04), prior)
    for table in (found.signal_worth, found.signal_alone):
        assert (table[["firm", "bluff", "USA", "JPN", "deal"]] == 0).all(axis=None)
    assert found.game.without("leak").turn_days == found.game.turn_days == tuple(sorted({10, day}))


def test_a_cost_that_nobody_pays_changes_nothing() -> None:
    """A firm side acts anyway: what it would cost it not to is without effect, however large."""
    leak = Signal("leak", 5, "leak", cost={"bluff": 20.0})
    ends = [
        solve_talks(game(leak, Signal("draft", 4, "draft", called={"firm": cost}), rate=0.04), 0.05).end_probabilities
        for cost in (1e3, 1e10, 1e12, 1e14)
    ]
    for other in ends[1:]:
        assert other == pytest.approx(ends[0], abs=1e-9)


def test_talks_of_a_thousand_turns_are_solved() -> None:
    """Nothing is nested by the number of turns; with a risk of breakdown each refusal is an end for each type."""
    clock = talks_clock(tuple(range(1000)), 1001)
    found = solve_talks(TalksGame(PAYOFFS, TYPES, (), clock, "deal"), 0.01)
    assert found.end_probabilities == pytest.approx({"deal": 0.0, "measure": 0.01, "nothing": 0.99})
    some = talks_clock(tuple(range(100)), 101, breakdown=0.005)
    risky = solve_talks(TalksGame(PAYOFFS, TYPES, (), some, "deal"), 0.01)
    assert math.fsum(risky.end_probabilities.values()) == pytest.approx(1)
    assert len(risky.ends) == 2 * 101


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_named(bad: float) -> None:
    for kind, message in (
        (ThreatenerType("bluff", called=bad), "bluff: the cost of a bluff called is"),
        (ThreatenerType("bluff", {"measure": bad}), "bluff: the worth of measure is .*, not a finite number"),
    ):
        with pytest.raises(InputError, match=message):
            replace(game(), types=(TYPES[0], kind))
    with pytest.raises(InputError, match="is not between the first day and the horizon"):
        talks_clock((0,), 100, years=bad)


def test_talks_need_a_turn() -> None:
    with pytest.raises(InputError, match="no day on which the target can sign"):
        talks_clock((), 100)
    with pytest.raises(InputError, match="no day on which the target can sign"):
        replace(game(), clock=replace(game().clock, days=()))
    with pytest.raises(InputError, match="turns: they are from day 0 to the deadline, day 100"):
        replace(game(), turns=(101,))


def test_signals_of_a_day_come_before_its_turn_and_in_the_order_given() -> None:
    a, b = Signal("a", 10, "leak", cost=1.0), Signal("b", 10, "leak", cost=2.0)
    for first, second in ((a, b), (b, a)):
        stages = solve_talks(game(first, second), 0.5).solution.stages
        assert [stage.signal and stage.signal.name for stage in stages] == [first.name, second.name, None]


def test_types_in_the_other_order_sign_up_to_a_belief() -> None:
    """Only the second type acts: the target signs where the belief in the first is low."""
    found = solve_talks(replace(game(), types=TYPES[::-1]), 0.95)
    ((low, high),) = found.solution.signing(found.solution.last_turn)
    assert (low, high) == (0.0, pytest.approx(1 - THRESHOLD))
    assert np.isnan(found.threshold)
    assert found.end_probabilities["measure"] == pytest.approx(0.05)


def test_where_a_signal_is_sent_and_what_ties_hands() -> None:
    """Equation 3 with equality; a threat is sent below the threshold, where it makes the target sign."""
    played = game(Signal("draft", 5, "draft", called=20.0))
    assert played.tying_cost("draft") == pytest.approx(10 * (10 - 100 / 365.25))
    solution = solve_talks(played, 0.05).solution
    ((low, high), *_) = solution.sending(0)
    assert (low, high) == (pytest.approx(0, abs=1e-12), pytest.approx(THRESHOLD))
    assert solution.sending(0, message=0)[0][0] == pytest.approx(0, abs=1e-12)


def test_a_turn_whose_offer_is_accepted_does_not_pass() -> None:
    """The probability that a turn passes without a deal counts deals that the target offers."""
    payoffs = replace(PAYOFFS, deals={"deal": (5.0, -50.0), "half": (2.0, -1.0)})
    played = TalksGame(payoffs, TYPES, (), talks_clock((10,), 100), "deal", offers=("half",))
    found = solve_talks(played, 0.3)
    (turn,) = found.belief_by_day
    assert turn.probability == pytest.approx(1 - found.end_probabilities["deal"])
    assert found.end_probabilities["deal"] > 0
