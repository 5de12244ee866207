"""The trade war: a Nash equilibrium in which each player's tariffs are the best response to the others'."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.levers import LARGEST, Lever, Levers, Over
from entrepot.bargaining.optimal import BALANCED, Search, rates_table, without_breach
from entrepot.bargaining.payoff import Payoff, check_apart
from entrepot.cases.objective import Objective, split_party
from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome
from entrepot.equilibrium.warm_start import Problem, outcome_near
from entrepot.errors import InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.measures import Measure, Scenario, Tariff
from entrepot.types import Array, Progress
from entrepot.words import counted, signed_dollars

if TYPE_CHECKING:
    import pandas as pd

#: The value of `partners` for tariffs of the players on each other only.
PLAYERS = "players"


@dataclass(frozen=True, eq=False, repr=False)
class TradeWar:
    """The Nash equilibrium in tariffs.

    rates      by player, sector and exporter
    payoffs    the objective of each player in the war, a change from the base in US$ million a year at base prices
    outcome    the equilibrium under the rates
    change     the largest change of ln(1+t) in the last round
    gaps       first-order condition of each player, relative to the start of searches
    rounds     number of rounds of best responses;  converged  whether the change and the gaps are within tolerance
    stopped    whether Ctrl-C or SIGTERM ended the search
    """

    players: tuple[str, ...]
    rates: pd.DataFrame
    payoffs: dict[str, float]
    outcome: Outcome
    change: float
    gaps: dict[str, float]
    rounds: int
    converged: bool
    evaluations: int
    seconds: float
    stopped: bool = False

    def __repr__(self) -> str:
        median = self.rates.groupby("player", sort=False)["rate"].median()
        rates = ", ".join(f"{p} {100 * median[p]:.1f}% ({signed_dollars(self.payoffs[p])})" for p in self.players)
        state = "" if self.converged else f" NOT CONVERGED (last change {self.change:.1g}); pass start= to continue."
        return (
            f"Trade war of {len(self.players)} players, median tariffs: {rates}.{state} "
            f"{counted(self.rounds, 'round')}, {counted(self.evaluations, 'equilibrium', 'equilibria')}, "
            f"{self.seconds:.1f} s\nNext: .rates, .payoffs, .outcome.countries"
        )


@stopped_by_signals()
def nash_tariffs(
    economy: Economy,
    players: Sequence[str],
    *,
    over: Over = "uniform",
    sectors: str | tuple[str, ...] = "ALL",
    partners: str | tuple[str, ...] = "WORLD",
    at_least: float = 0.0,
    at_most: float | Mapping[str, float] = LARGEST,
    objectives: Mapping[str, Objective] | None = None,
    measures: Scenario | Measure | Iterable[Measure] = (),
    closure: Closure | None = None,
    tol: float = 1e-6,
    rounds: int = 50,
    start: TradeWar | None = None,
    progress: Progress | None = None,
) -> TradeWar:
    """The Nash equilibrium in tariffs: best responses in turn until no ln(1+t) changes by more than `tol`.

    players    countries, or customs unions as one; each sets tariffs on its imports of `sectors`, as `optimal_tariff`
    partners   the exporters that the tariffs fall on: the WORLD, some, or "players" (each other)
    start      a war with the same players and instruments to continue from
    progress   called after each best response (`types.Progress`)
    A war that stops after `rounds`, or by Ctrl-C or SIGTERM after the first round, is returned with `converged` false.
    Raises `InputError` for fewer than two players, or players that overlap.
    """
    began = time.perf_counter()
    scenario = Scenario.of(measures)
    problem, searches = players_at(
        economy, players, over, sectors, at_least, at_most, objectives, scenario, closure, partners
    )
    rates = _started(start, players, searches)
    gaps, moved, done, stopped = dict.fromkeys(players, float("nan")), float("inf"), 0, False
    try:
        while done < rounds and moved > tol:
            worst = 0.0
            for k, player in enumerate(players):
                answered, gaps[player] = _answer(problem, searches, rates, k, 0.1 * tol)
                worst = max(worst, float(np.abs(np.log1p(answered) - np.log1p(rates[k])).max()))
                rates[k] = answered
                if progress is not None:
                    stage = f"round {done + 1}, {player}: largest change of ln(1+t) {worst:.1g}"
                    progress(stage, sum(s.evaluations for s in searches), 0)
            moved, done = worst, done + 1
    except KeyboardInterrupt:
        if not done:
            raise
        stopped = True
    levers, chosen = Levers(tuple(s.lever for s in searches)), np.concatenate(rates)
    named = Scenario((*scenario, *levers.measures(chosen)), name="trade war")
    outcome = outcome_near(levers.put(problem, chosen).named(named), searches[-1].last)
    return TradeWar(
        players=tuple(players),
        rates=rates_by_player(players, searches, rates),
        payoffs={p: s.payoff.at(outcome) for p, s in zip(players, searches, strict=True)},
        outcome=outcome,
        change=moved,
        gaps=gaps,
        rounds=done,
        converged=moved <= tol and max(gaps.values()) <= 100 * tol,
        evaluations=sum(s.evaluations for s in searches),
        seconds=time.perf_counter() - began,
        stopped=stopped,
    )


def players_at(
    economy: Economy,
    players: Sequence[str],
    over: Over,
    sectors: str | tuple[str, ...],
    at_least: float,
    at_most: float | Mapping[str, float],
    objectives: Mapping[str, Objective] | None,
    scenario: Scenario,
    closure: Closure | None,
    partners: str | tuple[str, ...],
) -> tuple[Problem, list[Search[Lever]]]:
    """The Problem with the tariffs of every player, and their searches. Raises `InputError` for overlaps."""
    if len(players) < 2 or len(set(players)) < len(players):
        raise InputError("players: name two or more, each only once")
    chosen = objectives or {}
    for name in chosen:
        if name not in players:
            raise InputError(f"objectives: {name!r} is not one of the players")
    for objective in chosen.values():
        without_breach(objective)
    others = {
        p: partners if partners != PLAYERS else tuple(n for q in players if q != p for n in split_party(q))
        for p in players
    }
    tariffs = [
        Tariff(importer=split_party(p), exporter=others[p], sector=sectors, rate=0.0, change="add") for p in players
    ]
    problem = Problem.of(economy, Scenario((*scenario, *tariffs)), closure or BALANCED)
    world = problem.economy
    for objective in chosen.values():
        objective.check_profit(world)
    searches = [
        Search(
            problem,
            Lever.of(world, p, "tariff", over, sectors, others[p], (), at_least, at_most),
            Payoff.to(p, chosen.get(p), world),
        )
        for p in players
    ]
    check_apart("players", [search.payoff for search in searches])
    return problem, searches


def _answer(
    problem: Problem, searches: list[Search[Lever]], rates: list[Array], k: int, accuracy: float
) -> tuple[Array, float]:
    """The best response of player k to the others' rates, and its first-order condition."""
    levers = Levers(tuple(s.lever for s in searches))
    searches[k].against(levers.put(problem, np.concatenate(rates)), searches[k - 1].last)
    return searches[k].climb(rates[k], accuracy)


def _started(start: TradeWar | None, players: Sequence[str], searches: list[Search[Lever]]) -> list[Array]:
    """The first rates: those of the war to continue from, or 10%."""
    if start is None:
        return [s.lever.first() for s in searches]
    if start.players != tuple(players):
        raise InputError(f"start: a war of {', '.join(start.players)}, not of {', '.join(players)}")
    by = start.rates.groupby("player", sort=False)
    return [s.lever.read(by.get_group(player)) for player, s in zip(players, searches, strict=True)]


def rates_by_player(players: Sequence[str], searches: list[Search[Lever]], rates: list[Array]) -> pd.DataFrame:
    """The rates of every player by sector and exporter."""
    import pandas as pd

    tables = [rates_table(s.lever, r) for s, r in zip(searches, rates, strict=True)]
    return pd.concat(tables, keys=players, names=["player", None]).reset_index(level="player").reset_index(drop=True)
