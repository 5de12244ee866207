"""A second writing of the talks: best replies of each type and of the target, by the extensive form alone."""

from __future__ import annotations

import numpy as np

from entrepot.bargaining.belief_values import Belief, Mixed, Offer, Sign
from entrepot.bargaining.talks_game import Signal, TalksGame, TalksPayoffs, ThreatenerType, talks_clock
from entrepot.bargaining.talks_solution import TalksSolution


def annuity(rate: float, start: float, end: float) -> float:
    """Dollars a year from one day to another, discounted continuously at log(1 + rate) to day 0."""
    a, b, r = start / 365.25, end / 365.25, np.log1p(rate)
    return b - a if r == 0 else (np.exp(-r * a) - np.exp(-r * b)) / r


class BestReplies:
    """What each type, and the target, can have at most against the play of a solution."""

    def __init__(self, solution: TalksSolution, rates: tuple[float, float]) -> None:
        self.solution, self.game, self.rates = solution, solution.game, rates
        self.horizon = 365.25 * self.game.clock.years

    def signed(
        self, side: int, day: float, sent: frozenset[str], kind: ThreatenerType | None = None, deal: str = ""
    ) -> float:
        demanded = self.game.demand
        for s in sorted(self.game.signals, key=lambda s: s.day):
            demanded = s.demand if s.name in sent and s.demand else demanded
        demanded = deal or demanded
        extra = kind.worth.get(demanded, 0.0) if kind else 0.0
        p, rate = self.game.payoffs, self.rates[side]
        return p.now[side] * annuity(rate, 0, day) + (p.deals[demanded][side] + extra) * annuity(
            rate, day, self.horizon
        )

    def lapses(self, kind: ThreatenerType, sent: frozenset[str]) -> tuple[float, float]:
        """What a type and the target have where no deal is signed."""
        p, due = self.game.payoffs, self.game.clock.deadline
        measure = p.threat
        if p.answer and p.answer[1] > p.threat[1]:
            measure = p.answer
        at = (1 + self.rates[0]) ** (-due / 365.25)
        late = [annuity(r, due, self.horizon) for r in self.rates]
        early = [annuity(r, 0, due) for r in self.rates]
        past = [s for s in self.game.signals if s.name in sent]
        acts = (measure[0] + kind.worth.get("measure", 0.0)) * late[0] - at * sum(
            s.of("broken", kind.name) for s in past
        )
        waits = (p.now[0] + kind.worth.get("now", 0.0)) * late[0]
        waits -= at * (kind.called + sum(s.of("called", kind.name) for s in past))
        other = measure if acts > waits else p.now
        return p.now[0] * early[0] + max(acts, waits), p.now[1] * early[1] + other[1] * late[1]

    def of_type(self, k: int, b: Belief, number: int = 0, sent: frozenset[str] = frozenset()) -> float:
        """The most that a type can have against the target's play and beliefs."""
        kind = self.game.types[k]
        if number == len(self.solution.stages):
            return self.lapses(kind, sent)[0]
        stage, play = self.solution.stages[number], self.solution.worth(number, sent).at(b).play
        if stage.signal is None:
            if isinstance(play, Sign):
                return self.signed(0, stage.day, sent, kind)
            fails = self.game.clock.breakdown if stage.breaks else 0.0
            after = play.answer.after[0] if isinstance(play, Offer) else None
            parts = [(1.0, b)] if after is None else list(after.sides())
            goes_on = sum(share * self.of_type(k, c, number + 1, sent) for share, c in parts)
            refuses = fails * self.lapses(kind, sent)[0] + (1 - fails) * goes_on
            return (
                max(refuses, self.signed(0, stage.day, sent, kind, play.deal)) if isinstance(play, Offer) else refuses
            )
        out = []
        for message in (0, 1):
            then = sent | {stage.signal.name} if message else sent
            after = play.after[message]
            parts = [(1.0, b)] if after is None else list(after.sides())
            worth = sum(share * self.of_type(k, c, number + 1, then) for share, c in parts)
            cost = stage.signal.of("cost", kind.name) * (1 + self.rates[0]) ** (-stage.day / 365.25)
            out.append(worth - message * cost)
        return max(out)

    def of_target(self, b: Belief, number: int = 0, sent: frozenset[str] = frozenset()) -> float:
        """The most that the target can have against the types' play; beliefs on the path are checked against Bayes."""
        lapse = [self.lapses(kind, sent)[1] for kind in self.game.types]
        lapsed = b.p * lapse[0] + (1 - b.p) * lapse[1]
        if number == len(self.solution.stages):
            return lapsed
        stage, play = self.solution.stages[number], self.solution.worth(number, sent).at(b).play
        if stage.signal is None:
            fails = self.game.clock.breakdown if stage.breaks else 0.0
            goes_on = self.of_target(b, number + 1, sent)
            offered = self._offered(b, number, sent, play, fails) if isinstance(play, Offer) else -np.inf
            return max(offered, self.signed(1, stage.day, sent), fails * lapsed + (1 - fails) * goes_on)
        sends = play.sending(b.p)
        total = 0.0
        for message in (0, 1):
            by = [x if message else 1 - x for x in sends]
            chance = b.p * by[0] + (1 - b.p) * by[1]
            if chance <= 1e-12:
                continue
            after = play.after[message] or Mixed(b.p, 1.0 if b.side > 0 else 0.0)
            assert abs(b.p * by[0] / chance - after.p) < 1e-9  # Bayes
            then = sent | {stage.signal.name} if message else sent
            total += chance * sum(share * self.of_target(c, number + 1, then) for share, c in after.sides())
        return total

    def _offered(self, b: Belief, number: int, sent: frozenset[str], offer: Offer, fails: float) -> float:
        """What an offer is worth to the target if types answer as the solution says; beliefs are checked again."""
        accepts, total = offer.answer.sending(b.p), 0.0
        chance = b.p * accepts[0] + (1 - b.p) * accepts[1]
        total += chance * self.signed(1, self.solution.stages[number].day, sent, deal=offer.deal)
        if chance < 1 - 1e-12:
            after = offer.answer.after[0] or Mixed(b.p, 1.0 if b.side > 0 else 0.0)
            assert abs(b.p * (1 - accepts[0]) / (1 - chance) - after.p) < 1e-9
            lapse = [self.lapses(kind, sent)[1] for kind in self.game.types]
            lapsed = after.p * lapse[0] + (1 - after.p) * lapse[1]
            on = sum(share * self.of_target(c, number + 1, sent) for share, c in after.sides())
            total += (1 - chance) * (fails * lapsed + (1 - fails) * on)
        return total


def random_game(
    rng: np.random.Generator, signals: int, breakdown: float, rates: tuple[float, float], offers: tuple[str, ...] = ()
) -> TalksGame:
    """A game of two deals with signals of all kinds, its payoffs drawn without any order."""

    def cost(size: float) -> float | dict[str, float]:
        by = {"firm": rng.uniform(0, size), "bluff": rng.uniform(0, size)}
        return by if rng.random() < 0.7 else float(rng.choice([0.0, by["firm"]]))

    made = []
    for k in range(signals):
        kind = str(rng.choice(["draft", "leak", "assurance", "standstill"]))
        called, broken = (cost(60), 0.0) if kind in ("draft", "leak") else (0.0, cost(60))
        demand = str(rng.choice(["deal", "other"])) if rng.random() < 0.3 else None
        made.append(Signal(f"s{k}", int(rng.integers(0, 90)), kind, cost(20), called, broken, demand))

    def pair(size: float) -> tuple[float, float]:
        first, second = rng.normal(0, size, 2)
        return float(first), float(second)

    answer = pair(20) if rng.random() < 0.3 else None
    payoffs = TalksPayoffs("USA", "JPN", pair(10), pair(20), {"deal": pair(10), "other": pair(10)}, answer)
    firm = ThreatenerType(
        "firm", {"measure": float(rng.normal(5, 10)), "deal": float(rng.normal(0, 2))}, rng.uniform(0, 5)
    )
    bluff = ThreatenerType("bluff", {"now": float(rng.normal(0, 2))}, rng.uniform(0, 5))
    clock = talks_clock((0, 30, 60), 100, years=5, discount_rate=rates, breakdown=breakdown)
    return TalksGame(payoffs, (firm, bluff), tuple(made), clock, "deal", offers, d1=bool(rng.random() < 0.5))
