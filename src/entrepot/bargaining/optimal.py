"""The tariffs and other policies that are best for one country, with the others' policies given."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from entrepot.bargaining.levers import LARGEST, Kind, Lever, Levers, Over
from entrepot.bargaining.payoff import Payoff
from entrepot.cases.objective import Objective
from entrepot.economy import Economy
from entrepot.equilibrium import Closure, Outcome
from entrepot.equilibrium.warm_start import Problem, Solution, outcome_near, solve_near
from entrepot.errors import ConvergenceError, InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.measures import Measure, Policy, Scenario
from entrepot.types import Array, Progress
from entrepot.words import dollars

if TYPE_CHECKING:
    import pandas as pd

L = TypeVar("L", bound=Lever | Levers)

#: Between points nearer than this in ln(1 + rate) the change of the payoff is computed from its slopes, by the
#: trapezoidal rule: the difference of two payoffs would be lost in rounding, and the search could not end.
NEAR = 1e-3
#: With fixed deficits, a tariff could raise the real value of the transfer without end (Ossa 2014 removes them too).
BALANCED = Closure(deficit="balanced")


@dataclass
class Search(Generic[L]):
    """A quasi-Newton search for the largest payoff over a Lever, with exact gradients.

    last       the last equilibrium, for a warm start
    first      the first-order condition at the lever's `first` rates, the unit of later ones
    curvature  of the payoff in scaled ln(1 + rate)
    """

    problem: Problem
    lever: L
    payoff: Payoff
    tol: float = 1e-11
    last: Solution | None = None
    evaluations: int = 0
    first: float = 0.0
    curvature: float = 0.0
    best: tuple[float, Array] | None = None
    progress: Progress | None = None
    known: tuple[Array, float, Array] | None = field(default=None, repr=False)

    def against(self, problem: Problem, last: Solution | None) -> None:
        """Continue against the others' new policies, with a warm start at `last`."""
        self.problem, self.last, self.known = problem, last or self.last, None

    def at(self, rate: Array) -> tuple[float, Array]:
        """The payoff and its gradient in ln(1 + rate) [g]."""
        if self.known is not None and np.array_equal(self.known[0], rate):
            return self.known[1:]
        self.last = answer = solve_near(self.lever.put(self.problem, rate), self.last, self.tol)
        self.evaluations += 1
        self.lever.check(answer.sensitivity)
        slopes = self.payoff.slopes(answer.sensitivity)
        gradient = self.lever.pull(answer.policy(self.payoff.party, slopes, 1e-10))
        worth = self.payoff.at(answer)
        if self.best is None or worth > self.best[0]:
            self.best = (worth, rate)
        if self.progress is not None:
            self.progress(f"payoff US${worth:+,.3f} million", self.evaluations, 0)
        self.known = rate, worth, gradient
        return worth, gradient

    def climb(self, rate: Array, accuracy: float) -> tuple[Array, float]:
        """The best rates [g], and the first-order condition there relative to that at the lever's first rates."""
        from scipy.optimize import minimize

        ins = self.lever
        bounds = list(zip(np.log1p(ins.lower) * ins.scale, np.log1p(ins.upper) * ins.scale, strict=True))
        low, high = np.transpose(bounds)
        start, usual = (np.clip(np.log1p(r) * ins.scale, low, high) for r in (rate, ins.first()))
        if not self.first:
            self.first = float(np.abs(self.at(np.expm1(usual / ins.scale))[1] / ins.scale).max()) or 1.0
        worth, gradient = self.at(np.expm1(start / ins.scale))
        if (low == high).all():  # the bounds leave nothing to search
            return np.expm1(start / ins.scale), 0.0
        # the first step is Newton's along the gradient, or 0.1 if no curvature is known
        unit = 1 / (self.curvature or 10 * self.first)
        begun = last = start, -unit * worth, -unit * gradient / ins.scale

        def loss(y: Array) -> tuple[float, Array]:
            nonlocal last
            step = y - last[0]
            if step.any():
                worth, gradient = self.at(np.expm1(y / ins.scale))
                value, slope = -unit * worth, -unit * gradient / ins.scale
                if np.abs(step).max() < NEAR:
                    value = last[1] + float((last[2] + slope) @ step) / 2
                last = y.copy(), value, slope
            return last[1:]

        options = {"maxiter": 500, "ftol": 0.0, "gtol": unit * self.first * accuracy, "maxcor": 30}
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        inside = np.clip(found.x - found.jac, low, high) - found.x  # zero at a binding bound
        moved, turned = found.x - start, found.jac - begun[2]
        if np.abs(moved).max() > 1e-4 and moved @ turned > 0:
            self.curvature = float(moved @ turned / (moved @ moved) / unit)
        return np.expm1(found.x / ins.scale), float(np.abs(inside).max() / (unit * self.first))


@dataclass(frozen=True, eq=False, repr=False)
class Optimum:
    """The best rates of a party, and the equilibrium under them.

    rates         one row for each rate: sector, partner, the rate, and whether it is at a bound
    outcome       the equilibrium under the rates
    payoff        the objective there, a change from the base in US$ million a year at base prices
    before        the same without the chosen rates: under the measures that stay in force and the closure alone
    gap           the largest first-order condition, relative to the start of searches; NaN if stopped
    stays         the measures that stay in force
    converged     false if Ctrl-C or SIGTERM stopped the search; the rates are then the best so far
    """

    party: str
    over: Over
    objective: Objective
    rates: pd.DataFrame
    outcome: Outcome
    payoff: float
    before: float
    gap: float
    evaluations: int
    seconds: float
    stays: tuple[Measure, ...] = ()
    converged: bool = True

    @property
    def worth(self) -> float:
        """What the rates are worth to the party: its payoff less that without them, US$ million a year."""
        return self.payoff - self.before

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data: the JSON of the command line and the API."""
        rates = self.rates if "instrument" in self.rates else self.rates.assign(instrument="tariff")
        partners = rates.rename(columns={"exporter": "partner"})
        return {
            "party": self.party,
            "over": self.over,
            "objective": str(self.objective),
            "payoff": self.payoff,
            "worth": self.worth,
            "gap": self.gap,
            "evaluations": self.evaluations,
            "converged": self.converged,
            "economy": self.outcome.economy.name,
            "residuals": dict(self.outcome.residuals),
            "rates": partners[["instrument", "sector", "partner", "rate", "at_bound"]].to_dict("records"),
            "countries": self.outcome.countries.reset_index().to_dict("records"),
        }

    def _text(self, what: str, rates: str, stopped: str) -> str:
        worth = ("-" if self.worth < 0 else "") + dollars(self.worth)
        beyond = " beyond the measures that stay in force" if self.stays else ""
        return (
            f"{what} of {self.party} ({self.over}): {rates}, worth {worth} a year to it{beyond} "
            f"(it wants: {self.objective}). {'' if self.converged else stopped}"
            f"First-order gap {self.gap:.1g}, {self.evaluations} equilibria, {self.seconds:.2f} s\n"
            f"Next: .rates, .outcome.countries, .outcome.decomposition"
        )


def _span(low: float, high: float) -> str:
    return f"{low:.2f}%" if high - low < 0.005 else f"{low:.1f}% to {high:.1f}%"


class OptimalTariff(Optimum):
    """The best import tariffs; `rates` by sector and exporter, ALL and WORLD if one rate spans them."""

    def __repr__(self) -> str:
        span = _span(100 * self.rates["rate"].min(), 100 * self.rates["rate"].max())
        return self._text("Optimal tariff", span, "STOPPED; pass start= to continue. ")


class OptimalPolicy(Optimum):
    """The best rates of several instruments.

    rates   by instrument, sector and partner: the exporter of a tariff, the importer of an export tax; ALL and WORLD if
            one rate spans them
    """

    def __repr__(self) -> str:
        by_kind = self.rates.groupby("instrument", sort=False)["rate"]
        spans = "; ".join(f"{kind} {_span(100 * r.min(), 100 * r.max())}" for kind, r in by_kind)
        bound = int(self.rates["at_bound"].sum())
        held = f" ({bound} of {len(self.rates)} rates at a bound)" if bound else ""
        return self._text("Optimal policy", spans + held, "STOPPED. ")


@stopped_by_signals()
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
    """The best import tariffs of a country, or of a customs union as one, with the others' policies given.

    over       "uniform": one rate; "sector": the same rate for all partners (MFN); "partner"; "both"
    sectors, partners, exempt   the imports that the tariffs fall on; others keep the rates of `measures` or the base
    at_least, at_most   bounds on the rates; at_most may be by sector (bound rates)
    objective  default: real income
    measures   also in force; the chosen rates replace their tariffs on the chosen flows, which may not be under a
               tariff-rate quota
    closure    default: balanced trade, because a tariff could raise the value of a fixed deficit without end
    accuracy   of the first-order condition, relative to that at 10%, where searches begin
    start      an OptimalTariff of the same instruments to continue from
    progress   called after each equilibrium with the payoff in the stage (`types.Progress`)

    Ctrl-C and SIGTERM keep the best rates so far.

    Gradients are exact (`equilibrium.sensitivity`); the search is L-BFGS-B in ln(1+t), scaled. It finds a local
    optimum, in all cases known to us the only one within the bounds. Raises `InputError` for wrong names and bounds,
    `ConvergenceError` if the first-order condition is not met.
    """
    lever = Lever.of(economy, country, "tariff", over, sectors, partners, exempt, at_least, at_most)
    first = lever.first() if start is None else lever.read(start.rates)
    found = _best(economy, country, lever, first, objective, measures, closure, accuracy, progress, "optimal tariff")
    return OptimalTariff(party=country, over=over, rates=rates_table(lever, found.pop("rate")), **found)


@stopped_by_signals()
def optimal_policy(
    economy: Economy,
    country: str,
    *,
    instruments: Kind | tuple[Kind, ...] = ("tariff", "export_tax", "production_subsidy"),
    over: Over = "sector",
    sectors: str | tuple[str, ...] = "ALL",
    partners: str | tuple[str, ...] = "WORLD",
    exempt: tuple[str, ...] = (),
    at_least: float = -0.5,
    at_most: float | Mapping[str, float] = LARGEST,
    objective: Objective | None = None,
    measures: Scenario | Measure | Iterable[Measure] = (),
    closure: Closure | None = None,
    accuracy: float = 1e-6,
    progress: Progress | None = None,
) -> OptimalPolicy:
    """The best tariffs, export taxes and production subsidies of a country, or the best of some of these.

    instruments  "tariff", "export_tax", "production_subsidy": first best with all of them, second best with fewer
    over         as in `optimal_tariff`; production subsidies are by sector, or one rate for "uniform" and "partner"
    at_least, at_most   bounds on the rates; at_most may be by sector. Negative rates are allowed by default: an
                        import subsidy or an export subsidy may be best
    measures     may not contain export taxes or subsidies on flows for which such rates are chosen

    The other arguments are those of `optimal_tariff`. With fixed deficits the value of the transfer counts too, and
    bounds may bind.

    With tariffs and export taxes on all trade, only their ratio is determined (Lerner's symmetry); one of many pairs is
    returned. Where economies of scale are external (`Closure(scale=)`), the first-best subsidy of a sector is its scale
    elasticity, up to a factor common to all (Bartelme, Costinot, Donaldson and Rodriguez-Clare 2025; Lashkaripour and
    Lugovskyy 2023). Raises as `optimal_tariff` does.
    """
    kinds: tuple[Kind, ...] = (instruments,) if isinstance(instruments, str) else tuple(dict.fromkeys(instruments))
    if not kinds:
        raise InputError("instruments: name at least one")
    levers = Levers(
        tuple(Lever.of(economy, country, k, over, sectors, partners, exempt, at_least, at_most) for k in kinds)
    )
    found = _best(
        economy, country, levers, levers.first(), objective, measures, closure, accuracy, progress, "optimal policy"
    )
    return OptimalPolicy(party=country, over=over, rates=policy_table(levers, found.pop("rate")), **found)


def _best(
    economy: Economy,
    country: str,
    lever: Lever | Levers,
    first: Array,
    objective: Objective | None,
    measures: Scenario | Measure | Iterable[Measure],
    closure: Closure | None,
    accuracy: float,
    progress: Progress | None,
    name: str,
) -> dict[str, Any]:
    """The best rates, under "rate", and the fields of an Optimum except party, over and rates."""
    began = time.perf_counter()
    without_breach(objective)
    scenario, closure = Scenario.of(measures), closure or BALANCED
    search = search_over(lever, economy, country, objective, scenario, closure)
    problem, payoff, search.progress = search.problem, search.payoff, progress
    payoff.objective.check_profit(problem.economy)
    try:
        rate, gap = search.climb(first, accuracy)
    except KeyboardInterrupt:
        if search.best is None:
            raise
        rate, gap = search.best[1], float("nan")
    if gap > 100 * accuracy:
        raise ConvergenceError(
            f"The best rates of {country} were not found: the first-order condition is at {gap:.1g} of its start.",
            remedy="lower at_most, choose fewer rates at once (over='sector'), or a looser accuracy.",
            residual=gap,
        )
    best = lever.put(problem, rate).named(Scenario((*scenario, *lever.measures(rate)), name=name))
    outcome = outcome_near(best, search.last)
    alone = solve_near(Problem.of(economy, scenario, closure), search.last, search.tol)
    return {
        "rate": rate,
        "objective": payoff.objective,
        "outcome": outcome,
        "payoff": payoff.at(outcome),
        "before": payoff.at(alone),
        "stays": tuple(scenario),
        "gap": gap,
        "evaluations": search.evaluations,
        "seconds": time.perf_counter() - began,
        "converged": gap == gap,
    }


def without_breach(objective: Objective | None) -> None:
    """Raise `InputError` for an objective with a cost of a breach, which has no gradient."""
    if objective is not None and objective.breach is not None:
        raise InputError(
            "objective: the cost of a breach counts in a case's bargain only; leave it out here (at_most can keep "
            "tariffs at bound rates)"
        )


def search_over(
    lever: L, economy: Economy, country: str, objective: Objective | None, scenario: Scenario, closure: Closure
) -> Search[L]:
    """The search for a country's best rates of a lever beside the measures of a scenario. Raises `InputError`."""
    payoff = Payoff.to(country, objective, economy)
    lever.clear_of(Policy.of(economy, scenario))
    return Search(Problem.of(economy, Scenario((*scenario, *lever.nothing())), closure), lever, payoff)


def rates_table(lever: Lever, rate: Array) -> pd.DataFrame:
    """The rates of a lever by sector and exporter, and whether each is at a bound."""
    import pandas as pd

    return pd.DataFrame(
        {
            "sector": [sector for sector, _ in lever.label],
            "exporter": [exporter for _, exporter in lever.label],
            "rate": rate,
            "at_bound": np.isclose(rate, lever.lower, 1e-9, 1e-9) | np.isclose(rate, lever.upper, 1e-9),
        }
    )


def policy_table(levers: Levers, rate: Array) -> pd.DataFrame:
    """The rates of several levers by instrument, sector and partner, and whether each is at a bound."""
    import pandas as pd

    tables = [
        rates_table(part, own).rename(columns={"exporter": "partner"}).assign(instrument=part.kind)
        for part, own in zip(levers.parts, levers.split(rate), strict=True)
    ]
    return pd.concat(tables, ignore_index=True)[["instrument", "sector", "partner", "rate", "at_bound"]]
