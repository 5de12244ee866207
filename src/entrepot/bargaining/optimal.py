"""What a country would do alone: the tariffs that serve its objective best, the others' policies given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from entrepot.bargaining.payoff import Payoff
from entrepot.cases.objective import Objective, names_in
from entrepot.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure, Outcome
from entrepot.equilibrium.market import State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.search import find
from entrepot.equilibrium.sensitivity import Sensitivity
from entrepot.equilibrium.solve import solve_problem
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Scenario, Tariff
from entrepot.measures.fields import read_rate

if TYPE_CHECKING:
    import pandas as pd

Over = Literal["uniform", "sector", "partner", "both"]
#: What is told after each equilibrium: how many there were, and the payoff there.
Progress = Callable[[int, float], None]

#: Deficits would be transfers whose real worth a tariff could raise without end (Ossa 2014 takes them out too).
BALANCED = Closure(deficit="balanced")


@dataclass(frozen=True, eq=False, repr=False)
class Instrument:
    """The tariffs that a party chooses: flows [f], the group [f] of each, and the groups' names.

    label [g] names (sector, exporter) of a group, ALL and WORLD where it spans those chosen; lower, upper [g] rates
    every     a Tariff on all of them
    """

    economy: Economy
    flow: Index
    group: Index
    label: tuple[tuple[str, str], ...]
    lower: Array
    upper: Array
    every: Tariff

    @classmethod
    def of(
        cls,
        economy: Economy,
        party: str | tuple[str, ...],
        over: Over,
        sectors: str | tuple[str, ...],
        partners: str | tuple[str, ...],
        exempt: tuple[str, ...],
        lower: float,
        upper: float | Mapping[str, float],
    ) -> Instrument:
        if over not in get_args(Over):
            raise InputError(f"over: {over!r} is not one of {', '.join(get_args(Over))}")
        every = Tariff(importer=names_in(party), exporter=partners, sector=sectors, exempt=exempt, rate=0.0)
        flow = every.flows(economy)
        flow = flow[economy.value.ravel()[flow] > 0]
        if not flow.size:
            raise InputError(f"{party}: no imports among the chosen sectors and partners")
        j, _, i = np.unravel_index(flow, economy.value.shape)
        size = len(economy.countries)
        key = {"uniform": 0 * j, "sector": j * size, "partner": i, "both": j * size + i}[over]
        found, first, group = np.unique(key, return_index=True, return_inverse=True)
        label = tuple(
            (
                economy.sectors[j[f]] if over in ("sector", "both") else "ALL",
                economy.countries[i[f]] if over in ("partner", "both") else "WORLD",
            )
            for f in first
        )
        ceilings = _ceilings(upper, label, economy, lower)
        return cls(economy, flow, group, label, np.full(found.size, lower), ceilings, every)

    @cached_property
    def scale(self) -> Array:
        """sqrt of trade times elasticity [g], over the largest: curvature goes with it, so steps are alike in size."""
        j = self.flow // len(self.economy.countries) ** 2
        weight = np.bincount(self.group, self.economy.value.ravel()[self.flow] * self.economy.theta[j])
        return np.sqrt(np.maximum(weight / weight.max(), 1e-9))

    def first(self) -> Array:
        """Where to begin [g]: 10%, or the nearest bound."""
        return np.clip(np.full(len(self.label), 0.1), self.lower, self.upper)

    def read(self, table: pd.DataFrame) -> Array:
        """The rates [g] of a table made by `rates_table`. Raises `InputError` where its instruments were others."""
        if list(zip(table["sector"], table["exporter"], strict=True)) != list(self.label):
            raise InputError(f"start: {', '.join(self.every.importer)} had other instruments there")
        return np.clip(table["rate"].to_numpy(dtype=float), self.lower, self.upper)

    def put(self, problem: Problem, rate: Array) -> Problem:
        """`problem`, whose flows include these, with ad valorem rates [g]."""
        ln_tariff = problem.ln_tariff.copy()
        ln_tariff[np.searchsorted(problem.flow, self.flow)] = np.log1p(rate[self.group])
        return replace(problem, ln_tariff=ln_tariff)

    def measures(self, rate: Array) -> list[Tariff]:
        """The rates as Tariffs that set them."""
        made = []
        for (sector, exporter), r in zip(self.label, rate.tolist(), strict=True):
            narrower: dict[str, Any] = {} if exporter == "WORLD" else {"exporter": exporter, "exempt": ()}
            narrower |= {} if sector == "ALL" else {"sector": sector}
            made.append(replace(self.every, rate=f"{100 * r:.15g}%", **narrower))
        return made


def _ceilings(upper: float | Mapping[str, float], label: Any, economy: Economy, lower: float) -> Array:
    if not isinstance(upper, Mapping):
        out = np.full(len(label), LARGEST if upper == LARGEST else read_rate("at_most", upper))
    else:
        by: dict[str, float] = {}
        for name, rate in upper.items():
            ceiling = read_rate(f"at_most: {name}", rate)
            by |= dict.fromkeys(resolve_sectors(name, economy.sectors, "at_most"), ceiling)
        out = np.array([by.get(sector, LARGEST) for sector, _ in label])
    if (out < lower).any():
        raise InputError(f"at_most: below the least rate, {lower:g}")
    return out


#: A rate that leaves next to nothing of trade.
LARGEST = 10.0


@dataclass
class Search:
    """Climbs a payoff over an Instrument by quasi-Newton steps on exact gradients; remembers the last equilibrium."""

    problem: Problem
    instrument: Instrument
    payoff: Payoff
    tol: float = 1e-11
    x: Array | None = None
    evaluations: int = 0
    first: float = 0.0
    best: tuple[float, Array] | None = None
    progress: Progress | None = None

    def at(self, rate: Array) -> tuple[float, Array, State]:
        """Payoff, its gradient in ln(1+t) [g], and the equilibrium."""
        problem = self.instrument.put(self.problem, rate)
        state, accounts, _, _ = find(problem, self.tol, self.x, fallback_tol=1e-9)
        self.x, self.evaluations = state.pack(), self.evaluations + 1
        sensitivity = Sensitivity(problem, state)
        by_flow = sensitivity.gradient(self.payoff.slopes(sensitivity), self.instrument.flow)
        by_flow = by_flow * (1 + rate[self.instrument.group])
        gradient = np.bincount(self.instrument.group, by_flow, len(self.instrument.label)).astype(float)
        worth = self.payoff.at(problem, state, accounts)
        if self.best is None or worth > self.best[0]:
            self.best = (worth, rate)
        if self.progress is not None:
            self.progress(self.evaluations, worth)
        return worth, gradient, state

    def climb(self, rate: Array, accuracy: float) -> tuple[Array, float]:
        """The best rates [g], and the first-order condition left there, over what it was at the very first start."""
        from scipy.optimize import minimize

        ins = self.instrument
        bounds = list(zip(np.log1p(ins.lower) * ins.scale, np.log1p(ins.upper) * ins.scale, strict=True))
        y = np.clip(np.log1p(rate) * ins.scale, *np.transpose(bounds))
        here = float(np.abs(self.at(np.expm1(y / ins.scale))[1] / ins.scale).max())
        self.first = self.first or here
        unit = 0.1 / (here or 1.0)  # so that the first step is a tenth of a log point

        def loss(y: Array) -> tuple[float, Array]:
            worth, gradient, _ = self.at(np.expm1(y / ins.scale))
            return -unit * worth, -unit * gradient / ins.scale

        options = {"maxiter": 500, "ftol": 0.0, "gtol": 0.1 * accuracy, "maxcor": 30}
        found = minimize(loss, y, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        low, high = np.transpose(bounds)
        inside = np.clip(found.x - found.jac, low, high) - found.x  # zero where the bound holds it
        return np.expm1(found.x / ins.scale), float(np.abs(inside).max() / 0.1 * here / (self.first or 1.0))


@dataclass(frozen=True, eq=False, repr=False)
class OptimalTariff:
    """rates      by sector and exporter (ALL and WORLD where one rate spans them), with whether a bound holds it
    outcome       the equilibrium under them
    payoff        the objective there, change from the base, US$ million a year at base prices
    gap           the largest first-order condition left, over what it was at the start; not a number where stopped
    converged     false where Ctrl-C stopped the search: the best rates so far
    """

    party: str
    over: Over
    objective: Objective
    rates: pd.DataFrame
    outcome: Outcome
    payoff: float
    gap: float
    evaluations: int
    seconds: float
    converged: bool = True

    def __repr__(self) -> str:
        low, high = 100 * self.rates["rate"].min(), 100 * self.rates["rate"].max()
        span = f"{low:.2f}%" if high - low < 0.005 else f"{low:.1f}% to {high:.1f}%"
        return (
            f"Optimal tariff of {self.party} ({self.over}): {span}, worth US${self.payoff:+,.0f} million a year to it "
            f"(it wants: {self.objective}). {'' if self.converged else 'STOPPED; pass start= to go on. '}"
            f"First-order gap {self.gap:.1g}, {self.evaluations} equilibria, {self.seconds:.2f} s\n"
            f"Next: .rates, .outcome.countries, .outcome.decomposition"
        )


def optimal_tariff(
    economy: Economy,
    country: str,
    *,
    over: Over = "uniform",
    sectors: str | tuple[str, ...] = "ALL",
    partners: str | tuple[str, ...] = "WORLD",
    exempt: tuple[str, ...] = (),
    at_least: float = 0.0,
    at_most: float | Mapping[str, float] = LARGEST,
    objective: Objective | None = None,
    measures: Scenario | Measure | Iterable[Measure] = (),
    closure: Closure | None = None,
    accuracy: float = 1e-6,
    start: OptimalTariff | None = None,
    progress: Progress | None = None,
) -> OptimalTariff:
    """The import tariffs that serve a country (or a customs union as one) best, others' policies given.

    over       "uniform": one rate; "sector" (which treats all partners alike, as MFN asks); "partner"; "both"
    sectors, partners, exempt   whose imports they fall on; the rest keep what `measures` or the base say
    at_least, at_most   bounds on the rates; at_most may be by sector (bound rates)
    objective  default: real income
    measures   in force beside them; the rates take the place of their tariffs on the chosen flows. No specific duties,
               minimum prices or tariff-rate quotas on the same flows
    closure    default: trade balanced, since a fixed deficit is a transfer that a tariff could make ever dearer
    accuracy   of the first-order condition, over what it was at the start
    start      an OptimalTariff of the same instruments to go on from
    progress   told after each equilibrium: how many there were, and the payoff. Ctrl-C keeps the best rates so far

    Gradients are exact (`equilibrium.sensitivity`); the search is L-BFGS-B in ln(1+t), scaled. It finds a local
    optimum, which in all cases known to us is the only one inside the bounds. Raises `InputError` for names and bounds,
    `ConvergenceError` where the first-order condition is not met.
    """
    began = time.perf_counter()
    without_breach(objective)
    scenario = Scenario.of(measures)
    instrument = Instrument.of(economy, country, over, sectors, partners, exempt, at_least, at_most)
    payoff = Payoff.to(country, objective, economy.balanced() if _balances(closure) else economy)
    # Nothing added, so that it clashes with no tariff that is set beside: `put` gives these flows their rates.
    flows = Tariff(importer=names_in(country), exporter=partners, sector=sectors, exempt=exempt, rate=0.0, change="add")
    problem = Problem.of(economy, Scenario((*scenario, flows)), closure or BALANCED)
    search = Search(problem, instrument, payoff, progress=progress)
    try:
        rate, gap = search.climb(instrument.first() if start is None else instrument.read(start.rates), accuracy)
    except KeyboardInterrupt:
        if search.best is None:
            raise
        rate, gap = search.best[1], float("nan")
    if gap > 100 * accuracy:
        raise ConvergenceError(
            f"The best tariffs of {country} were not found: the first-order condition is at {gap:.1g} of its start.",
            remedy="lower at_most, fewer tariffs at once (over='sector'), or a looser accuracy.",
            residual=gap,
        )
    tariffs = instrument.measures(rate)
    best = instrument.put(problem, rate)
    best = replace(best, scenario=Scenario((*scenario, *tariffs), name="optimal tariff"))
    outcome = solve_problem(best, x0=search.x)
    return OptimalTariff(
        party=country,
        over=over,
        objective=payoff.objective,
        rates=rates_table(instrument, rate),
        outcome=outcome,
        payoff=payoff.of_outcome(outcome),
        gap=gap,
        evaluations=search.evaluations,
        seconds=time.perf_counter() - began,
        converged=gap == gap,
    )


def without_breach(objective: Objective | None) -> None:
    """Raises `InputError` for a cost of a breach, which no gradient knows."""
    if objective is not None and objective.breach is not None:
        raise InputError(
            "objective: the cost of a breach is counted in a case's bargain only; leave it out here (at_most can hold "
            "tariffs to bound rates)"
        )


def _balances(closure: Closure | None) -> bool:
    return (closure or BALANCED).deficit == "balanced"


def rates_table(instrument: Instrument, rate: Array) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "sector": [sector for sector, _ in instrument.label],
            "exporter": [exporter for _, exporter in instrument.label],
            "rate": rate,
            "at_bound": np.isclose(rate, instrument.lower, 1e-9, 1e-9) | np.isclose(rate, instrument.upper, 1e-9),
        }
    )
