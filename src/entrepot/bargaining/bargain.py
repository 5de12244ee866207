"""`bargain`: the deals that the parties of a case's table would sign."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.bargaining.deal import INDIFFERENT, Addition, Deal, Threat
from entrepot.bargaining.game import Game
from entrepot.bargaining.negotiation import Negotiation, markets
from entrepot.bargaining.optimal import OptimalTariff
from entrepot.bargaining.session import Found, Session
from entrepot.bargaining.surface import Surface, payoff_surface
from entrepot.bargaining.talks import Talks
from entrepot.cases import Case, SolvedCase, load_case, solve_case
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.errors import InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.read_only import read_only
from entrepot.types import Array, Index, Progress
from entrepot.words import NamesSides, chance, in_one_cell, signed_dollars

if TYPE_CHECKING:
    import os

    import pandas as pd


#: By threat and set of trade elasticities, the gain over the status quo of each party that carries the threat out.
OwnOverSets = Mapping[str, Mapping[str, Mapping[str, float]]]


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class Bargain(NamesSides):
    """The result of `bargain`: threats, deals, solutions and talks.

    now          the status quo, with the measures that are in force beside the table
    threats      the outcome without a deal first, then the other threats
    surface      the payoffs of every deal on the grid
    solutions    deals by name: "Nash", "Kalai-Smorodinsky", "egalitarian", "best for USA" and so on; empty where no
                 deal gives every party more than the threat
    nearest      the deal with the largest smallest gain
    frontier     the levels, payoffs and gains of the efficient deals
    restraint    the quota with the volume of the threat, all rent to the exporter, all else as now
    offers       the offers of the table by name; `additions` what they lack for a party to sign
    alone        each party's best tariffs on the other parties' goods in the sectors on the table
    talks        alternating offers until the deadline, for two parties
    game         the game of the table's menus
    own_over_sets  what the threats bring those who carry them out under each published set of trade elasticities
                 (`bargaining.credibility`); empty where that was not computed
    notes        what was left out, and why; `about` notes on the case, its scenarios, names and data
    """

    case: Case
    negotiation: Negotiation = field(repr=False)
    now: Deal
    threats: tuple[Threat, ...]
    surface: Surface
    solutions: Mapping[str, Deal]
    nearest: Deal | None
    frontier: pd.DataFrame
    restraint: Deal | None
    offers: Mapping[str, Deal]
    additions: Mapping[str, tuple[Addition, ...]]
    alone: Mapping[str, OptimalTariff]
    talks: tuple[Talks, ...]
    game: Game | None
    notes: tuple[str, ...]
    about: tuple[str, ...]
    complete: bool
    evaluations: int
    seconds: float
    own_over_sets: OwnOverSets = field(default_factory=dict, repr=False)

    @property
    def known(self) -> tuple[str, ...]:
        """The country codes of the Economy."""
        return self.negotiation.economy.countries

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties in the order of the table."""
        return self.negotiation.parties

    @property
    def threat(self) -> Threat:
        """The threat that gains are measured from."""
        return self.threats[0]

    @property
    def gains(self) -> Array:
        """The gains over the threat of every deal on the grid [k, p]."""
        return self.surface.values - np.array([self.threat.worth[p] for p in self.parties])

    @property
    def zone(self) -> float:
        """The share of the deals on the grid that give no party less than the threat."""
        solved = np.isfinite(self.gains[:, 0])
        return float((self.gains[solved] >= -INDIFFERENT).all(axis=1).mean()) if solved.any() else float("nan")

    @property
    def deals(self) -> dict[str, Deal]:
        """Every deal by name: the status quo, the restraint, offers, solutions."""
        named = {d.name: d for d in (self.now, self.restraint) if d is not None}
        return {**named, **self.offers, **self.solutions}

    @cached_property
    def countries(self) -> pd.DataFrame:
        """The effects of every deal on every country, in US$ million a year, by deal and country.

        Equivalent variation against the status quo and against the threat; exports of the goods on the table into the
        parties' markets at producer prices, now and their change (trade diversion).
        """
        import pandas as pd

        now, threat = self.now.outcome, self.threat.outcome
        sold_now = self._exports(now)
        frames = []
        for name, deal in self.deals.items():
            gain = deal.outcome.countries["equivalent_variation"]
            columns = {
                "deal": name,
                "country": list(gain.index),
                "party": [self._party_of(code) for code in gain.index],
                "against_now": (gain - now.countries["equivalent_variation"]).to_numpy(),
                "against_threat": (gain - threat.countries["equivalent_variation"]).to_numpy(),
                "exports_now": sold_now,
                "exports_change": self._exports(deal.outcome) - sold_now,
            }
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)

    def _party_of(self, code: str) -> str:
        return next((p.party for p in self.negotiation.payoffs if code in p.of.codes), "")

    def _exports(self, outcome: Outcome) -> Array:
        """Producer value of each country's exports of the goods on the table into the parties' markets [i]."""
        size = len(outcome.economy.countries)
        value = outcome.accounts.producer_value.ravel()[self._market]
        return np.bincount(self._market % size, value, size).astype(float)

    @cached_property
    def _market(self) -> Index:
        """Flat positions of all imports by the importers and in the sectors that measures of the table name."""
        e = self.negotiation.economy
        chosen = np.zeros(e.value.shape, dtype=bool)
        for importers, sectors in markets(self.negotiation):
            cells = np.ix_(np.isin(e.sectors, sectors), np.isin(e.countries, importers))
            chosen[cells] = True
        n = np.arange(len(e.countries))
        chosen[:, n, n] = False
        return np.flatnonzero(chosen)

    def to_frame(self) -> pd.DataFrame:
        """One row for each deal: its levels, its payoffs, its gains over the threat, and a description."""
        import pandas as pd

        rows = [
            {
                "deal": name,
                **d.levels,
                **{f"worth to {p}": d.worth[p] for p in self.parties},
                **{f"gain of {p}": d.gains[p] for p in self.parties},
                "signed_by": in_one_cell(d.signers),
                "words": d.words,
            }
            for name, d in self.deals.items()
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data: the JSON of the command line and the page."""
        return {
            "case": self.case.case,
            "parties": list(self.parties),
            "objectives": {p.party: str(p.objective) for p in self.negotiation.payoffs},
            "threats": [
                {"name": t.name, "title": t.title, "worth": dict(t.worth), "own": dict(t.own), "credible": t.credible}
                for t in self.threats
            ],
            "own_over_sets": {threat: dict(sets) for threat, sets in self.own_over_sets.items()},
            "zone": self.zone,
            "deals": {name: d.to_dict() for name, d in self.deals.items()},
            "nearest": None if self.nearest is None else self.nearest.to_dict(),
            "additions": {
                name: [
                    {"party": a.party, "money": a.money, "moves": [[i, level, dict(g)] for i, level, g in a.moves]}
                    for a in added
                ]
                for name, added in self.additions.items()
            },
            "alone": {p: best.rates.to_dict("records") for p, best in self.alone.items()},
            "talks": [
                {
                    "first": t.first,
                    "carried_out": t.carried_out,
                    "deal": None if t.deal is None else t.deal.to_dict(),
                    "rounds": [
                        {
                            "day": r.day,
                            "proposer": self.parties[r.proposer],
                            "agreed": r.agreed,
                            "deal": r.deal.tolist() if r.agreed else None,
                            "value": r.value.tolist(),
                        }
                        for r in t.rounds
                    ],
                }
                for t in self.talks
            ],
            "game": None if self.game is None else self.game.to_frame().to_dict("records"),
            "frontier": self.frontier.to_dict("records"),
            "surface": {
                "issues": list(self.negotiation.table.issues),
                "levels": self.surface.points.tolist(),
                "gains": [[v if v == v else None for v in row] for row in self.gains.tolist()],
            },
            "complete": self.complete,
            "notes": [*self.notes, *self.about],
        }

    def __repr__(self) -> str:
        if not self.complete:
            state = f"STOPPED after {self.surface.solved:,} deals; pass start= to continue"
        elif "Nash" in self.solutions:
            nash = self.solutions["Nash"]
            gains = ", ".join(f"{p} {signed_dollars(gain)}" for p, gain in nash.gains.items())
            state = f"Nash deal: {nash.words} ({gains} a year beyond the threat)"
        else:
            state = "no deal on the table gives everybody more than the threat"
        return (
            f"Bargain of {', '.join(self.parties)} in {self.case.case!r}: {state}. {chance(self.zone)} of "
            f"{self.surface.solved:,} deals in the zone, {self.evaluations:,} equilibria, {self.seconds:.1f} s\n"
            f"Next: .to_frame(), .solutions, .frontier, .talks, .countries"
        )


@stopped_by_signals()
def bargain(
    case: Case | SolvedCase | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    points: int | None = None,
    start: Bargain | None = None,
    progress: Progress | None = None,
    so_far: Callable[[Surface, tuple[Threat, ...]], None] | None = None,
) -> Bargain:
    """The deals that the parties of a case would sign (the `table:` of the case, docs/bargain.md).

    case      a Case, a bundled name, a path, or a solved case
    economy   replaces the case's own
    points    number of levels of each issue on the grid; replaces the table's
    start     a bargain of the same case that was stopped; its surface is used
    so_far    called with the payoffs of the deals that are solved, and the threats, whenever there are more
    Ctrl-C and SIGTERM keep what was solved, with `complete` false. Raises `InputError` for a case without a table or a
    name that the Economy does not have, `ConvergenceError` if the threat has no equilibrium.
    """
    began = time.perf_counter()
    if not isinstance(case, SolvedCase):
        read = case if isinstance(case, Case) else load_case(case)
        case = solve_case(read.without_timeline(), read.economy_or_own(economy))
    negotiation = Negotiation.of(case)
    if points is not None:
        negotiation = replace(negotiation, table=negotiation.table.on_a_grid_of(points))
    session = Session(negotiation, progress)
    threats = session.threats()
    report = None if so_far is None else (lambda found: so_far(found, threats))
    was = _surface_of(start, negotiation)
    surface = payoff_surface(session.negotiation, progress=progress, start=was, so_far=report)
    result = Found()
    if surface.complete:
        try:
            session.find(surface, result)
        except KeyboardInterrupt:
            result.complete = False
    else:
        result.complete = False
    return Bargain(
        case=case.case,
        negotiation=session.negotiation,
        now=session.now,
        threats=threats,
        surface=surface,
        solutions=result.solutions,
        nearest=result.nearest,
        frontier=session.frontier_table(result.frontier),
        restraint=result.restraint,
        offers=result.offers,
        additions=result.additions,
        alone=result.alone,
        talks=tuple(result.talks),
        game=result.game,
        notes=tuple(session.notes),
        about=case.notes,
        complete=result.complete,
        evaluations=surface.solved + session.evaluations,
        seconds=time.perf_counter() - began + (start.seconds if start else 0.0),
    )


def _surface_of(start: Bargain | None, negotiation: Negotiation) -> Surface | None:
    """The surface to continue from. Raises `InputError` if it belongs to another table."""
    if start is None:
        return None
    was, now = start.negotiation, negotiation
    same = was.table == now.table and was.case.scenarios == now.case.scenarios and was.case.closure == now.case.closure
    same &= was.case.objectives == now.case.objectives and np.array_equal(was.economy.value, now.economy.value)
    if not same or not np.array_equal(was.economy.theta, now.economy.theta):
        raise InputError("start: this bargain is over another table, case or Economy; leave it out")
    return start.surface
