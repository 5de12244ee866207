"""`case_talks`: the talks of a case in which the target holds a belief, on the payoffs of its own equilibria."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from entrepot.bargaining.belief_values import Pair
from entrepot.bargaining.negotiation import Negotiation
from entrepot.bargaining.session import Session
from entrepot.bargaining.talks_game import Signal, TalksGame, TalksPayoffs, ThreatenerType, talks_clock
from entrepot.bargaining.talks_solution import BeliefOn
from entrepot.bargaining.uncertain_talks import UncertainTalks, solve_talks
from entrepot.cases import Case, SolvedCase, load_case, solve_case
from entrepot.cases.bargaining_table import OfferSpec
from entrepot.cases.beliefs_spec import BeliefsSpec, DemandSpec
from entrepot.economy import Economy
from entrepot.errors import ConvergenceError, InputError
from entrepot.words import NamesSides

if TYPE_CHECKING:
    import os

    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class CaseTalks(NamesSides):
    """The talks of a case with a threat that may be a bluff: `talks` on the payoffs of the case.

    titles   of the deals and of the measure (key "measure"), as in the case
    levels   of each deal, by issue
    notes    on the case, its names and data
    """

    case: Case
    talks: UncertainTalks
    negotiation: Negotiation = field(repr=False)
    titles: Mapping[str, str] = field(repr=False)
    levels: Mapping[str, Mapping[str, float]] = field(repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def known(self) -> tuple[str, ...]:
        """The country codes of the Economy."""
        return self.negotiation.economy.countries

    def terms(self, deal: str) -> str:
        """What a deal says, in the language in use."""
        return self.negotiation.table.in_words(self.levels[deal])

    @property
    def spec(self) -> BeliefsSpec:
        """The key `beliefs` of the case."""
        assert self.case.beliefs is not None
        return self.case.beliefs

    @property
    def end_probabilities(self) -> dict[str, float]:
        """The probability that the talks end in a "deal", with the "measure" in force, or in "nothing"."""
        return self.talks.end_probabilities

    @property
    def prior(self) -> float:
        """The target's belief on the first day that the threatener is of the first type."""
        return self.talks.prior

    def date(self, day: int) -> datetime.date:
        """The date of a day of the talks."""
        return self.spec.since + datetime.timedelta(days=day)

    def thresholds(self) -> dict[str, float]:
        """For each deal that may be demanded, the belief from which on the target signs it at its last turn.

        That is after the signals of `demanded_after`; NaN where the target does not sign at every higher belief.
        """
        solution = self.talks.solution
        return {name: solution.threshold(solution.last_turn, past) for name, past in self.demanded_after().items()}

    def demanded_after(self) -> dict[str, frozenset[str]]:
        """For each deal that may be demanded, signals after which it is.

        They are those that were sent in fact, up to the last one that leaves it as the demand; for a deal that none
        of these demands, also the signal that would.
        """
        game, sent = self.talks.game, set(self.talks.observed)
        found = {game.demand: frozenset[str]()}
        past = frozenset[str]()
        for signal in game.in_order:
            if signal.name in sent:
                past |= {signal.name}
                found[game.demand_after(past)] = past
            elif signal.demand is not None and signal.demand not in found:
                found[signal.demand] = past | {signal.name}
        return {name: found[name] for name in game.payoffs.deals if name in found}

    @cached_property
    def belief_by_day(self) -> tuple[BeliefOn, ...]:
        """The belief by day after the signals that were sent in fact, while the target has not signed."""
        return self.talks.belief_by_day

    def at(self, prior: float) -> CaseTalks:
        """The same talks at another prior belief; nothing is solved again."""
        return replace(self, talks=self.talks.at(prior))

    def over_beliefs(self, values: Iterable[float]) -> pd.DataFrame:
        """The ends and what the talks are worth, for each prior belief; nothing is solved again."""
        return self.talks.over_beliefs(values)

    def assuming(self, values: Mapping[str, float]) -> CaseTalks:
        """The same talks under other numbers, by the names of `talks.numbers`; no equilibrium is solved again.

        Raises `InputError` for a name that the talks do not have, or a number outside of its range.
        """
        return replace(self, talks=self.talks.assuming(values))

    def over(self, name: str, values: Iterable[float]) -> pd.DataFrame:
        """The ends and what the talks are worth, for each value of a number by its name."""
        return self.talks.over(name, values)

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data: the JSON of the command line and the page."""
        found = self.talks.to_dict()
        for row in (r for key in ("belief_by_day", "signal_worth", "signal_alone", "ends") for r in found[key]):
            row["date"] = self.date(row["day"]).isoformat()
        payoffs = self.talks.game.payoffs
        return {
            "case": self.case.case,
            "threatener": payoffs.threatener,
            "target": payoffs.target,
            "payoffs": {"now": payoffs.now, "measure": payoffs.with_measure, **payoffs.deals},
            "titles": dict(self.titles),
            "thresholds": {name: None if v != v else v for name, v in self.thresholds().items()},
            **found,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return repr(self.talks).replace("UncertainTalks of", f"CaseTalks of {self.case.case!r}:", 1)


def case_talks(
    case: Case | SolvedCase | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    prior: float | None = None,
) -> CaseTalks:
    """Solve the talks of a case with the key `beliefs` (docs/talks.md).

    case      a Case, a bundled name, a path, or a solved case
    economy   replaces the case's own
    prior     the belief on the first day; replaces the case's
    Raises `InputError` for a case without beliefs, `ConvergenceError` where the threat or a deal has no equilibrium.
    """
    if not isinstance(case, Case | SolvedCase):
        case = load_case(case)
    spec = _stated(case if isinstance(case, Case) else case.case)
    if isinstance(case, Case):
        case = solve_case(case.without_timeline(), case.economy_or_own(economy))
    negotiation = Negotiation.of(case)
    payoffs, titles, levels = _payoffs(negotiation, spec)
    game = _game(case.case, spec, payoffs)
    sent = [name for name, signal in spec.signals.items() if signal.sent]
    talks = solve_talks(game, spec.belief if prior is None else prior, sent)
    return CaseTalks(case.case, talks, negotiation, titles, levels, case.notes)


def _stated(case: Case) -> BeliefsSpec:
    if case.beliefs is None:
        raise InputError(
            f"{case.case}: the case has no beliefs about whether its threat is meant; add the key 'beliefs' "
            "(docs/talks.md)"
        )
    return case.beliefs


def _payoffs(n: Negotiation, spec: BeliefsSpec) -> tuple[TalksPayoffs, dict[str, str], dict[str, Mapping[str, float]]]:
    """The payoffs of the talks, and the titles and levels of the deals."""
    session = Session(n)
    threat = session.threats()[0]
    (target,) = (p for p in n.parties if p != spec.threatener)

    def pair(worth: Mapping[str, float]) -> Pair:
        return worth[spec.threatener], worth[target]

    answer: Pair | None = None
    if spec.answer is not None:
        if spec.answer not in n.outcomes:
            raise ConvergenceError(f'"{n.case.scenarios[spec.answer].title}" has no equilibrium.')
        names = [*([n.table.threat.scenario] if n.table.threat.scenario else []), spec.answer]
        found = n.findings_on(n.own(spec.answer), n.case.scenarios[spec.answer].law)
        worth = n.worth(n.outcome(n.under(dict.fromkeys(names))), found)
        answer = pair(n.by_party(worth))
    deals: dict[str, Pair] = {}
    titles, levels = {"measure": threat.title}, {}
    offers: dict[str, OfferSpec | DemandSpec] = {**n.table.offers, **spec.deals}
    for name, offer in offers.items():
        deal = session.deal(name, offer.title, {**n.table.current_levels, **offer.levels})
        deals[name], titles[name], levels[name] = pair(deal.worth), offer.title, deal.levels
    return (
        TalksPayoffs(spec.threatener, target, pair(session.now.worth), pair(threat.worth), deals, answer),
        titles,
        levels,
    )


def _rates(case: Case, spec: BeliefsSpec) -> float | tuple[float, float]:
    """The discount rates of the threatener and of the target."""
    table = case.table
    talks = table.talks if table is not None else None
    if spec.discount_rate is not None or talks is None or table is None:
        return 0.04 if spec.discount_rate is None else spec.discount_rate
    (target,) = (p for p in table.between if p != spec.threatener)
    return talks.rate(spec.threatener), talks.rate(target)


def _game(case: Case, spec: BeliefsSpec, payoffs: TalksPayoffs) -> TalksGame:
    """The game that the key `beliefs` states."""
    talks = case.table.talks if case.table is not None else None
    deadline = (case.beliefs_until() - spec.since).days
    every = spec.every or (talks.every if talks is not None else 30)
    breakdown = spec.breakdown if spec.breakdown is not None else (talks.breakdown if talks is not None else 0.0)
    years = spec.years or (talks.years if talks is not None else 10.0)
    first, second = (ThreatenerType(name, dict(kind.worth), kind.called) for name, kind in spec.types.items())
    signals = tuple(
        Signal(name, (s.day - spec.since).days, s.kind, s.cost, s.called, s.broken, s.demand)
        for name, s in spec.signals.items()
    )
    first_turn = max(0, (talks.since - spec.since).days) if talks is not None else 0
    clock = talks_clock(
        tuple(range(first_turn, deadline, every)),
        deadline,
        years=years,
        discount_rate=_rates(case, spec),
        breakdown=breakdown,
    )
    return TalksGame(payoffs, (first, second), signals, clock, spec.demand, spec.offers, spec.d1)
