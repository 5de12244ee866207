"""`solve_talks`: talks with a threat that may be a bluff, how they end, and what each signal is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.bargaining.belief_values import Mixed
from entrepot.bargaining.talks_game import ENDS, Signal, TalksGame
from entrepot.bargaining.talks_numbers import BELIEF, numbers, with_numbers
from entrepot.bargaining.talks_solution import BeliefOn, TalksEnd, TalksSolution, by_prior
from entrepot.errors import InputError, percent_meant
from entrepot.read_only import read_only
from entrepot.words import in_one_cell

if TYPE_CHECKING:
    import pandas as pd


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class UncertainTalks:
    """Talks at a prior belief: how they end, what each signal is worth, and the belief by day.

    prior      the target's belief, on the first day, that the threatener is of the first type
    observed   the signals that were in fact sent, for `belief_by_day`
    """

    solution: TalksSolution
    prior: float
    observed: tuple[str, ...] = ()

    @property
    def game(self) -> TalksGame:
        """The game that was solved."""
        return self.solution.game

    @cached_property
    def ends(self) -> tuple[TalksEnd, ...]:
        """Every way in which the talks end, with its probability."""
        return self.solution.ends(self.prior)

    @cached_property
    def end_probabilities(self) -> dict[str, float]:
        """The probability that the talks end in a deal, with the measure in force, or in nothing."""
        return {way: math.fsum(e.probability for e in self.ends if e.way == way) for way in ENDS}

    @cached_property
    def by_type(self) -> dict[str, dict[str, float]]:
        """The same if the threatener is of each type."""
        return {
            kind.name: {way: math.fsum(e.by_type[k] for e in self.ends if e.way == way) for way in ENDS}
            for k, kind in enumerate(self.game.types)
        }

    @cached_property
    def values(self) -> dict[str, float]:
        """The worth of the talks, US$ million, present value: to each type, to the threatener, and to the target."""
        here = self.solution.worth().at(Mixed(self.prior))
        p, payoffs = self.prior, self.game.payoffs
        return {
            **{kind.name: here.own[k] for k, kind in enumerate(self.game.types)},
            payoffs.threatener: by_prior(p, here.own),
            payoffs.target: here.to_target(p),
        }

    @property
    def as_things_are(self) -> dict[str, float]:
        """What things as they are would be worth over the years of `values`, with the same keys, US$ million."""
        payoffs, clock = self.game.payoffs, self.game.clock
        own, other = (float(now * years) for now, years in zip(payoffs.now, clock.worth(0, clock.end), strict=True))
        return {**dict.fromkeys([kind.name for kind in self.game.types], own), payoffs.threatener: own} | {
            payoffs.target: other
        }

    @property
    def gains(self) -> dict[str, float]:
        """The worth of the talks against things as they are, US$ million, present value: the keys of `values`."""
        return {who: worth - self.as_things_are[who] for who, worth in self.values.items()}

    @cached_property
    def by_deal(self) -> dict[str, float]:
        """The probability that the talks end in each deal that may be signed; the deals add up to that of a deal."""
        game = self.game
        may = dict.fromkeys([game.demand, *(s.demand for s in game.in_order if s.demand is not None), *game.offers])
        return {name: math.fsum(e.probability for e in self.ends if e.deal == name) for name in may}

    @cached_property
    def belief_by_day(self) -> tuple[BeliefOn, ...]:
        """The belief day by day after the signals that were observed, while the target has not signed."""
        return self.solution.beliefs(self.prior, self.observed)

    @property
    def threshold(self) -> float:
        """The belief from which on the target signs at its last turn, after the signals that were observed."""
        return self.solution.threshold(self.solution.last_turn, frozenset(self.observed))

    def past(self, stage: int) -> frozenset[str]:
        """The signals that were observed before a stage; `belief_by_day` has the stages in order."""
        return frozenset(s.signal.name for s in self.solution.stages[:stage] if s.signal) & frozenset(self.observed)

    @cached_property
    def signal_worth(self) -> pd.DataFrame:
        """What it is worth that a signal can be sent, US$ million, present value: one row for each signal.

        The difference to the game in which it cannot be sent, with the same turns of the target, at this prior: for
        each type, the threatener (both types by the prior) and the target; `deal` is the change in the probability of
        one. It can be negative because another equilibrium is taken (docs/talks.md, which equilibrium).
        """
        return self._worth_of_signals(lambda name: self.game.without(name), self.game)

    @cached_property
    def signal_alone(self) -> pd.DataFrame:
        """The same for each signal if no other could be sent."""
        return self._worth_of_signals(lambda name: self.game.with_signals(()), None)

    def _worth_of_signals(self, less: Callable[[str], TalksGame], beside: TalksGame | None) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for signal in self.game.in_order:
            alone = self.game.with_signals((signal,))
            there = self if beside is self.game else solve_talks(alone, self.prior)
            other = solve_talks(less(signal.name), self.prior)
            change = {who: value - other.values[who] for who, value in there.values.items()}
            deal = there.end_probabilities["deal"] - other.end_probabilities["deal"]
            rows.append({"signal": signal.name, "day": signal.day, "kind": signal.kind, **change, "deal": deal})
        return pd.DataFrame(rows, columns=["signal", "day", "kind", *self.values, "deal"])

    @cached_property
    def under_d1(self) -> UncertainTalks:
        """The same talks with beliefs off the path that satisfy D1, the stronger criterion (docs/talks.md)."""
        return solve_talks(replace(self.game, d1=True), self.prior, self.observed)

    @property
    def numbers(self) -> dict[str, float]:
        """Every number that is assumed, by name (`talks_numbers.numbers`)."""
        return numbers(self.game, self.prior)

    def assuming(self, values: Mapping[str, float]) -> UncertainTalks:
        """The same talks under other numbers, by the names of `numbers`; raises `InputError` where one is not valid."""
        if set(values) <= {BELIEF}:
            return self.at(values.get(BELIEF, self.prior))
        game, prior = with_numbers(self.game, self.prior, values)
        return solve_talks(game, prior, self.observed)

    def over(self, name: str, values: Iterable[float]) -> pd.DataFrame:
        """The ends and what the talks are worth, for each value of a number by its name; beliefs are solved once.

        "deal NAME" is the part of "deal" that is that deal; "worth to WHO" is US$ million against things as they are,
        present value over the years of the talks.
        """
        import pandas as pd

        rows = []
        for value in values:
            there = self.assuming({name: float(value)})
            deals = {f"deal {deal}": part for deal, part in there.by_deal.items()}
            worth = {f"worth to {who}": v for who, v in there.gains.items()}
            rows.append({name: float(value), **there.end_probabilities, **deals, **worth})
        return pd.DataFrame(rows)

    def at(self, prior: float) -> UncertainTalks:
        """The same talks at another prior belief; nothing is solved again."""
        return replace(self, prior=_probability(prior))

    def over_beliefs(self, values: Iterable[float]) -> pd.DataFrame:
        """The ends and what the talks are worth, for each prior belief; nothing is solved again."""
        return self.over(BELIEF, values)

    def to_frame(self) -> pd.DataFrame:
        """One row for each way in which the talks end."""
        import pandas as pd

        rows = [
            {
                "end": e.way,
                "day": e.day,
                "deal": e.deal,
                "signals": in_one_cell(s.name for s in self.game.in_order if s.name in e.sent),
                "belief": e.belief,
                "probability": e.probability,
                **{f"if {t.name}": e.by_type[k] for k, t in enumerate(self.game.types)},
                "broke_down": e.broke_down,
            }
            for e in self.ends
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data: the JSON of the command line and the page."""
        return {
            "prior": self.prior,
            "types": [t.name for t in self.game.types],
            "end_probabilities": dict(self.end_probabilities),
            "end_probabilities_under_d1": dict(self.under_d1.end_probabilities),
            "by_type": {name: dict(by) for name, by in self.by_type.items()},
            "values": dict(self.values),
            "threshold": _or_none(self.threshold),
            "belief_by_day": [{**b._asdict(), "threshold": _or_none(b.threshold)} for b in self.belief_by_day],
            "numbers": self.numbers,
            "signal_worth": self.signal_worth.to_dict("records"),
            "signal_alone": self.signal_alone.to_dict("records"),
            "ends": self.to_frame().to_dict("records"),
        }

    def __repr__(self) -> str:
        chances = ", ".join(f"{way} {100 * chance:.1f}%" for way, chance in self.end_probabilities.items())
        return (
            f"UncertainTalks of {self.game.payoffs.threatener} and {self.game.payoffs.target} at a belief of "
            f"{100 * self.prior:.1f}%: {chances}\nNext: .belief_by_day, .signal_worth, .over_beliefs(...), .to_frame()"
        )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value


def _probability(value: float) -> float:
    if not isinstance(value, int | float | np.floating) or isinstance(value, bool) or not 0 <= value <= 1:
        raise InputError(f"belief: {value!r} is not a probability from 0 to 1{percent_meant(value)}")
    return float(value)


def solve_talks(game: TalksGame, prior: float, observed: Iterable[str] = ()) -> UncertainTalks:
    """Solve talks in which the target believes with probability `prior` that the threatener is of the first type.

    observed   the signals that were in fact sent, for `UncertainTalks.belief_by_day`
    Raises `InputError` for a prior outside of 0 to 1 or an unknown signal.
    """
    known: Mapping[str, Signal] = {s.name: s for s in game.signals}
    seen = tuple(observed)
    for name in seen:
        if name not in known:
            raise InputError(f"observed: {name!r} is not one of the signals {', '.join(known) or '(there are none)'}")
    return UncertainTalks(TalksSolution.of(game), _probability(prior), seen)
