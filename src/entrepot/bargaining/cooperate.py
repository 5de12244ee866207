"""Efficient tariffs of several players: no player can gain without a loss to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.levers import LARGEST, Lever, Levers, Over
from entrepot.bargaining.optimal import Search
from entrepot.bargaining.war import TradeWar, nash_tariffs, players_at, rates_by_player
from entrepot.cases.objective import Objective
from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome
from entrepot.equilibrium.warm_start import Problem, Solution, outcome_near, solve_near
from entrepot.errors import InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.measures import Measure, Scenario
from entrepot.types import Array, Progress
from entrepot.words import counted, signed_dollars

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Cooperation:
    """The efficient frontier of the players' tariffs.

    frontier      the payoffs of each point, changes from the base in US$ million a year, and its first-order condition
                  `gap`: the slopes that no weights on the players cancel, relative to the largest
    rates         at each point, by player, sector and exporter
    threat        the payoffs of the trade war
    outcome       the equilibrium of the Nash solution, or of equal gains if there is none
    """

    players: tuple[str, ...]
    frontier: pd.DataFrame
    rates: pd.DataFrame
    threat: dict[str, float]
    war: TradeWar
    outcome: Outcome
    complete: bool
    seconds: float

    def __repr__(self) -> str:
        best = self.frontier.iloc[0]
        gains = ", ".join(f"{p} {signed_dollars(best[p] - self.threat[p])}" for p in self.players)
        stopped = "" if self.complete else " STOPPED before all points were found; pass start= to continue."
        return (
            f"Cooperation of {len(self.players)} players: at the {self.frontier.index[0]} point, {gains} "
            f"beyond the war a year.{stopped} {counted(len(self.frontier), 'point')} on the frontier, "
            f"{self.seconds:.1f} s\n"
            f"Next: .frontier, .rates, .outcome.countries"
        )


@stopped_by_signals()
def cooperate(
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
    start: TradeWar | Cooperation | None = None,
    points: int = 9,
    accuracy: float = 1e-8,
    progress: Progress | None = None,
) -> Cooperation:
    """The efficient frontier of the players' tariffs on which every player has at least the payoff of the trade war.

    partners   exporters that the tariffs fall on, as in `nash_tariffs`
    start      the trade war (computed by default), or a Cooperation to continue from; the same players and instruments
    points     number of points for two players, from one player's best to the other's; with more players the points
               are the Nash solution, equal gains, and each player's best
    accuracy   of a gain, relative to the gains of all players from free trade, at which a search stops
    progress   called after each point with its name (`types.Progress`)
    A point has the largest s such that every gain over the war is at least s times a direction, by SLSQP on exact
    gradients (Nash: the largest product of gains). With at_least below zero, import subsidies can serve as transfers,
    as in Mayer (1981, Am. Econ. Rev. 71: 135-149). Ctrl-C and SIGTERM keep the points that were found. Raises
    `InputError` as `nash_tariffs`.
    """
    began = time.perf_counter()
    war = (start.war if isinstance(start, Cooperation) else start) or nash_tariffs(
        economy,
        players,
        over=over,
        sectors=sectors,
        partners=partners,
        at_least=at_least,
        at_most=at_most,
        objectives=objectives,
        measures=measures,
        closure=closure,
    )
    if war.stopped and start is None:
        raise KeyboardInterrupt
    if not war.converged:
        raise InputError("start: the war has not converged; continue it first (nash_tariffs(..., start=war))")
    if war.players != tuple(players):
        raise InputError(f"start: a war of {', '.join(war.players)}, not of {', '.join(players)}")
    scenario = Scenario.of(measures)
    problem, searches = players_at(
        economy, players, over, sectors, at_least, at_most, objectives, scenario, closure, partners
    )
    joint = Joint(problem, searches, np.array([war.payoffs[p] for p in players]), accuracy)
    found = joint.points_of(start, players) if isinstance(start, Cooperation) else {}
    try:
        for name, climb in _points(joint, players, points, found):
            if name not in found:
                found[name] = climb()
            if progress is not None:
                progress(name, len(found), 0)
        complete = True
    except KeyboardInterrupt:
        if not found:
            raise
        complete = False
    rows = {name: joint.row(y) for name, y in found.items()}
    return Cooperation(
        players=tuple(players),
        frontier=_frontier(rows, players),
        rates=_rates(players, searches, {name: joint.levers.split(joint.rates(y)) for name, y in found.items()}),
        threat=dict(war.payoffs),
        war=war,
        outcome=joint.outcome(next(iter(found.values())), scenario),
        complete=complete,
        seconds=time.perf_counter() - began,
    )


def _points(
    joint: Joint, players: Sequence[str], points: int, found: Mapping[str, Array]
) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The points of the frontier by name, each with a function that finds it from those already `found`."""
    even = np.ones(len(players))
    yield "Nash", lambda: joint.nash(joint.along(even))
    yield "equal gains", lambda: joint.along(even, found["Nash"])
    best = [f"best for {player}" for player in players]
    for name, direction in zip(best, np.eye(len(players)), strict=True):
        yield name, partial(joint.along, direction, found["Nash"])
    if len(players) == 2:
        one, other = (np.maximum(joint.at(found[name])[0], 0.0) for name in best)
        for k in range(1, points - 1):
            part = k / (points - 1)
            yield f"{k} of {points - 1}", partial(joint.along, (1 - part) * one + part * other, found["Nash"])


@dataclass(eq=False)
class Joint:
    """The tariffs of all players as one vector y [g]: ln(1+t) times the scale of each search."""

    problem: Problem
    searches: list[Search[Lever]]
    threat: Array
    accuracy: float
    last: Solution | None = None
    known: tuple[bytes, Array, Array] | None = field(default=None, repr=False)

    @cached_property
    def levers(self) -> Levers:
        """The levers of all players."""
        return Levers(tuple(s.lever for s in self.searches))

    def points_of(self, start: Cooperation, players: Sequence[str]) -> dict[str, Array]:
        """The points of an earlier Cooperation. Raises `InputError` if it has other instruments."""
        out = {}
        for name, table in start.rates.groupby("point", sort=False):
            by = table.groupby("player", sort=False)
            rates = [s.lever.read(by.get_group(player)) for player, s in zip(players, self.searches, strict=True)]
            out[str(name)] = np.log1p(np.concatenate(rates)) * self.levers.scale
        return out

    def rates(self, y: Array) -> Array:
        """The ad valorem rates [g]."""
        return np.expm1(y / self.levers.scale)

    def at(self, y: Array) -> tuple[Array, Array]:
        """The gains over the war [p], and their derivatives in y [p, g]."""
        y = np.clip(y, *self.bounds)
        if self.known is not None and self.known[0] == y.tobytes():
            return self.known[1:]
        self.last = answer = solve_near(self.levers.put(self.problem, self.rates(y)), self.last)
        sensitivity = answer.sensitivity
        gains = np.array([s.payoff.at(answer) for s in self.searches]) - self.threat
        self.levers.check(sensitivity)
        by_policy = [answer.policy(s.payoff.party, s.payoff.slopes(sensitivity)) for s in self.searches]
        slopes = np.array([self.levers.pull(by) for by in by_policy])
        self.known = (y.tobytes(), gains, slopes / self.levers.scale)
        return self.known[1:]

    @property
    def bounds(self) -> tuple[Array, Array]:
        """The lower and upper bounds of y."""
        return np.log1p(self.levers.lower) * self.levers.scale, np.log1p(self.levers.upper) * self.levers.scale

    @property
    def start(self) -> Array:
        """Zero tariffs, or the nearest bound; this is nearer to the frontier than the war."""
        return np.clip(np.zeros(self.levers.scale.size), *self.bounds)

    @property
    def unit(self) -> float:
        """The unit of gains in a search: the sum of all gains at the start."""
        return float(np.abs(self.at(self.start)[0]).sum()) or 1.0

    def along(self, direction: Array, start: Array | None = None) -> Array:
        """The point with the largest s such that gains >= s direction."""
        y, unit, part = self.start if start is None else start, self.unit, direction / direction.max()
        gains = self.at(y)[0]
        s = min(gains[part > 0] / part[part > 0]) / unit
        found = self._slsqp(
            np.append(y, s),
            lambda z: (-z[-1], np.append(np.zeros(y.size), -1.0)),
            lambda z: self.at(z[:-1])[0] / unit - z[-1] * part,
            lambda z: np.column_stack([self.at(z[:-1])[1] / unit, -part]),
        )
        return found[:-1]

    def nash(self, start: Array) -> Array:
        """The point with the largest product of gains; `start` if some player gains nothing there."""
        if (self.at(start)[0] <= 0).any():
            return start
        unit = self.unit

        def loss(y: Array) -> tuple[float, Array]:
            gains, slopes = self.at(y)
            gains = np.maximum(gains, 1e-9 * unit)
            return -float(np.log(gains / unit).sum()), -(1 / gains) @ slopes

        return self._slsqp(start, loss, lambda y: self.at(y)[0] / unit - 1e-9, lambda y: self.at(y)[1] / unit)

    def _slsqp(
        self,
        z: Array,
        loss: Callable[[Array], tuple[float, Array]],
        at_least_zero: Callable[[Array], Array],
        by: Callable[[Array], Array],
    ) -> Array:
        from scipy.optimize import minimize

        low, high = self.bounds
        free = z.size - low.size
        bounds = [*zip(low, high, strict=True), *[(None, None)] * free]
        found = minimize(
            loss,
            z,
            jac=True,
            bounds=bounds,
            constraints=[{"type": "ineq", "fun": at_least_zero, "jac": by}],
            method="SLSQP",
            options={"maxiter": 100, "ftol": self.accuracy},
        )
        out = found.x.copy()
        out[: low.size] = np.clip(out[: low.size], low, high)
        return out

    def row(self, y: Array) -> tuple[Array, float]:
        """The payoffs of a point [p], and its first-order condition.

        The condition is the largest entry of w'slopes at rates without a binding bound, for the weights w >= 0 that
        make it smallest.
        """
        from scipy.optimize import nnls

        gains, slopes = self.at(y)
        low, high = self.bounds
        near = 1e-7 * self.levers.scale
        free = (y > low + near) & (y < high - near)
        largest = float(np.abs(slopes).max()) or 1.0
        if not free.any():
            return gains + self.threat, 0.0
        system = np.vstack([slopes[:, free].T / largest, np.ones(len(gains))])
        weights, _ = nnls(system, np.append(np.zeros(int(free.sum())), 1.0))
        left = weights / (weights.sum() or 1.0) @ slopes[:, free]
        return gains + self.threat, float(np.abs(left).max() / largest)

    def outcome(self, y: Array, scenario: Scenario) -> Outcome:
        """The Outcome under the tariffs of y."""
        rate = self.rates(y)
        named = Scenario((*scenario, *self.levers.measures(rate)), name="cooperation")
        return outcome_near(self.levers.put(self.problem, rate).named(named), self.last)


def _frontier(rows: Mapping[str, tuple[Array, float]], players: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame([[*worth, gap] for worth, gap in rows.values()], columns=[*players, "gap"])
    return table.set_index(pd.Index(list(rows), name="point"))


def _rates(players: Sequence[str], searches: list[Search[Lever]], rates: Mapping[str, list[Array]]) -> pd.DataFrame:
    import pandas as pd

    tables = {point: rates_by_player(players, searches, by) for point, by in rates.items()}
    return pd.concat(tables, names=["point", None]).reset_index(level="point").reset_index(drop=True)
