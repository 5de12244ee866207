"""The search for the rates of a retaliation: one rate, or rates by sector, at which the target loses a given level."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from entrepot.data.amounts import distinct_amounts
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure, Outcome, solve
from entrepot.equilibrium.sensitivity import Slopes
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Scenario, Tariff
from entrepot.numerics import bracketed_root
from entrepot.rules.nullification import dutiable, parties, trade
from entrepot.rules.retaliation import Retaliation, goods
from entrepot.words import and_list, dollars, few, sector_name, spoken

#: Trial rates in rising order, as fractions of max_rate, so that the bracket holds the smallest root.
TRIAL_RATES = tuple(2.0**-k for k in range(8, -1, -1))
#: The step in a rate for finite differences, and the solver tolerance that they need.
STEP, SLOPE_TOL = 1e-4, 1e-11
#: Rates by sector below a hundredth of a point are set to zero.
DUST = 1e-4


@dataclass(frozen=True, eq=False)
class Point:
    """The effects of rates [s] against the measures alone, in millions of US dollars a year.

    loss      loss of the target by the yardstick
    own       change in the real income of the retaliator; a gain is positive
    target    loss of real income of the target
    pressure  fall in value added in the sectors under pressure
    """

    rates: Array
    loss: float
    own: float
    target: float
    pressure: float
    outcome: Outcome


class RateSearch:
    """The search for a retaliation on an Economy; `at(rates)` solves it on top of the measures in force (`alone`)."""

    def __init__(
        self, economy: Economy, scenario: Scenario, retaliation: Retaliation, closure: Closure, tol: float
    ) -> None:
        self.economy, self.scenario, self.retaliation, self.closure = economy, scenario, retaliation, closure
        self.tol, self.fine_tol = tol, min(tol, SLOPE_TOL)
        self.solves = 0
        self.alone = self._solve(scenario, None)
        self._last = self.alone
        self.by, self.against = parties(economy, retaliation.by, retaliation.against, ("by", "against"))
        chosen = retaliation.sector_codes(economy)
        before = self._sums(retaliation.flows(economy, chosen), trade(self.alone))
        self.sectors = tuple(s for s in chosen if before[economy.sectors.index(s)] > 0)
        if not self.sectors:
            raise InputError(
                f"{retaliation.title}: under the measures in force {', '.join(retaliation.by)} imports nothing of "
                f"{', '.join(chosen)} from {', '.join(retaliation.against)}, so there is nothing to levy on"
            )
        self.rows = np.array([economy.sectors.index(s) for s in self.sectors])
        self.flows = retaliation.flows(economy, self.sectors)
        pressed = resolve_sectors(retaliation.pressure_on, economy.sectors) if retaliation.pressure_on else ()
        self.pressed = np.isin(economy.sectors, pressed)

    def _solve(self, scenario: Scenario, start: Outcome | None) -> Outcome:
        self.solves += 1
        try:
            return solve(self.economy, scenario, closure=self.closure, tol=self.fine_tol, start=start)
        except ConvergenceError:
            if self.fine_tol == self.tol:
                raise
            self.fine_tol = self.tol  # rounding prevents a tighter tolerance in this Economy
            return solve(self.economy, scenario, closure=self.closure, tol=self.tol)

    def tariffs(self, rates: Array) -> tuple[Tariff, ...]:
        """Return the Tariffs that levy these rates [s]."""
        return self.retaliation.tariffs([float(rate) for rate in rates], self.sectors)

    def with_rates(self, rates: Array) -> Scenario:
        """Return the Scenario in force with these rates [s] added."""
        return Scenario(
            (*self.scenario.measures, *self.tariffs(rates)), name=self.scenario.name, title=self.scenario.title
        )

    def at(self, rates: Array, start: Outcome | None = None) -> Point:
        """Solve with these rates [s] and return the Point; the warm start is `start`, or the last solution."""
        outcome = self._solve(self.with_rates(rates), start or self._last)
        if start is None:
            self._last = outcome
        return self.measure(rates, self.alone, outcome)

    def measure(self, rates: Array, alone: Outcome, outcome: Outcome) -> Point:
        """Return the Point that compares two Outcomes, without and with the retaliation."""
        income = outcome.number("equivalent_variation") - alone.number("equivalent_variation")
        target = -float(income[self.against].sum())
        lost = {
            "trade": lambda: float((trade(alone) - trade(outcome)).ravel()[self.flows].sum()),
            "income": lambda: target,
            "duty": lambda: float(rates @ self.by_sector(dutiable(outcome)) / outcome.accounts.unit),
        }[self.retaliation.yardstick]()
        pressure = self._pressed_value_added(alone) - self._pressed_value_added(outcome)
        return Point(rates, lost, float(income[self.by].sum()), target, pressure, outcome)

    def by_sector(self, flows: Array) -> Array:
        """Return the sums [s] of an array [j,n,i] over the flows that the retaliation falls on."""
        return np.asarray(self._sums(self.flows, flows)[self.rows])

    def _sums(self, flow: Index, flows: Array) -> Array:
        """Return the sums [j] of an array [j,n,i] over flat positions `flow`."""
        sector = flow // len(self.economy.countries) ** 2
        return np.bincount(sector, flows.ravel()[flow], len(self.economy.sectors)).astype(float)

    def _pressed_value_added(self, outcome: Outcome) -> float:
        earned = outcome.economy.gross_margin.T * outcome.accounts.cleared.cost
        return float(earned[np.ix_(self.pressed, self.against)].sum() / outcome.accounts.unit)

    def slopes(self, point: Point) -> Array:
        """Return d(loss, own, pressure)/d rate [3,s]: exact, or by finite differences where there is no gradient."""
        try:
            return self._exact_slopes(point)
        except InputError:
            return self._differences(point)

    def _exact_slopes(self, point: Point) -> Array:
        """Return the slopes by three adjoint solves. Raises `InputError` where there is no gradient."""
        e, p, at = self.economy, point.outcome.problem, point.outcome.sensitivity
        if np.isin(self.flows, np.concatenate([p.quotas.flow, p.embargoed])).any():
            raise InputError("the retaliation falls on flows under a quantity measure")
        at_border = np.exp(p.border_taxes(self.flows)[1])
        sector = np.searchsorted(self.rows, self.flows // len(e.countries) ** 2)
        incomes = [
            dict(zip(np.array(e.countries)[m], e.income[m].tolist(), strict=True)) for m in (self.by, self.against)
        ]
        own, target = (at.real_income(income) for income in incomes)
        loss = {
            "trade": Slopes(flow=self.flows, value=-at_border),
            "income": target * -1.0,
            "duty": Slopes(flow=self.flows, value=point.rates[sector] * at_border),
        }[self.retaliation.yardstick]
        pressed = np.outer(self.pressed, self.against).astype(float)
        pressure = Slopes(cost=-pressed * point.outcome.economy.gross_margin.T)
        rows = [at.gradient(slope, self.flows) for slope in (loss, own, pressure)]
        by_rate = np.array([np.bincount(sector, row, len(self.rows)) for row in rows])
        if self.retaliation.yardstick == "duty":
            by_rate[0] += self.by_sector(dutiable(point.outcome)) / point.outcome.accounts.unit
        return by_rate

    def _differences(self, point: Point) -> Array:
        """Return the slopes by forward differences, solved from a warm start."""
        columns = []
        for s in range(len(self.sectors)):
            moved = self.at(point.rates + STEP * (np.arange(len(self.sectors)) == s), start=point.outcome)
            columns.append([moved.loss - point.loss, moved.own - point.own, moved.pressure - point.pressure])
        return np.array(columns).T / STEP


# ---- one rate ----


def uniform_rate(search: RateSearch, level: float) -> Point:
    """Return the Point of the smallest single rate with the loss `level`. Raises `InputError` if there is none."""
    _require_trade(search, level)
    top, seen = float(search.retaliation.max_rate), [(0.0, -1.0)]

    def at(rate: float) -> Point:
        return search.at(np.full(len(search.sectors), rate))

    @functools.cache  # a bracket keeps its signs
    def gap(rate: float) -> float:
        seen.append((rate, at(rate).loss / level - 1))
        return seen[-1][1]

    for part in TRIAL_RATES:
        if gap(part * top) >= 0:
            return at(bracketed_root(gap, seen[-2][0], seen[-1][0]))
    # Duty collected rises and then falls: its peak may lie between two trial rates.
    best = max(range(len(seen)), key=lambda k: seen[k][1])
    low, high = seen[max(best - 1, 0)][0], seen[min(best + 1, len(seen) - 1)][0]
    peak = seen[best]
    if best < len(seen) - 1 or search.retaliation.yardstick == "duty":
        from scipy.optimize import minimize_scalar

        minimize_scalar(lambda rate: -gap(rate), bounds=(low, high), options={"xatol": 1e-6 * top})
        peak = max(seen, key=lambda pair: pair[1])
        if peak[1] >= 0:
            return at(bracketed_root(gap, low, peak[0]))
    raise _unreachable(search, level, level * (1 + peak[1]), peak[0])


def _require_trade(search: RateSearch, level: float) -> None:
    """Raise `InputError` where the level exceeds all the trade that the tariffs could stop."""
    if search.retaliation.yardstick != "trade":
        return
    there = float(trade(search.alone).ravel()[search.flows].sum())
    if there > level:
        return
    r = search.retaliation
    every = r.flows(search.economy, goods(search.economy))
    most = float(trade(search.alone).ravel()[every].sum())
    other = "take another yardstick (yardstick: income or yardstick: duty)"
    more = f"name more sectors (all goods together: {dollars(most)}), or {other}" if most > there else other
    needed, taken = distinct_amounts(level, there)
    by, against = (and_list([spoken(name) for name in names]) for names in (r.by, r.against))
    goods_named = few([sector_name(name) for name in search.sectors])
    raise InputError(
        f"{_called(r)}: the loss to answer is {needed}, and all imports of {goods_named} from {against} by {by} are "
        f"{taken}, so not even an embargo is enough: {more}"
    )


def _unreachable(search: RateSearch, level: float, reached: float, rate: float) -> InputError:
    r = search.retaliation
    top = float(r.max_rate)
    what = {"trade": "exports lost are", "income": "real income lost is", "duty": "duty collected is"}[r.yardstick]
    most, least = distinct_amounts(reached, level)
    needed = f"the {what} {most} of the {least} needed"
    if rate < 0.999 * top:
        other = ", or let rates differ (design: least_cost)" if len(search.sectors) > 1 else ""
        return InputError(
            f"{_called(r)}: no single rate is enough: at its maximum, at a rate of {100 * rate:.1f}%, {needed}: name "
            f"more sectors{other}"
        )
    return InputError(f"{_called(r)}: even at max_rate ({100 * top:g}%) {needed}: name more sectors, or raise max_rate")


def _called(r: Retaliation) -> str:
    """Return the label of a retaliation, or whose it is against whom, by their names."""
    by, against = (and_list([spoken(name) for name in names]) for names in (r.by, r.against))
    return r.label or f"the retaliation of {by} against {against}"


# ---- rates by sector ----


def starting_point(search: RateSearch, level: float) -> Point:
    """Return a feasible point with the loss `level` to start from: the single rate, if there is one.

    Where no single rate collects enough duty, it is a point with each sector below the rate that collects most there.
    Raises `InputError` where there is neither.
    """
    try:
        return uniform_rate(search, level)
    except InputError:
        if search.retaliation.yardstick != "duty":
            raise
        upper = _upper_bounds(search)
        found = scaled_to_level(search, level, upper, upper)
        if found is None:
            raise
        return found


def rates_by_sector(search: RateSearch, level: float, flat: Point) -> Point:
    """Return the Point of the best rates by sector with the loss `level`; never worse than `flat`, the start.

    minimise  - own (least_cost) or - pressure (pressure)   over 0 <= rates <= upper
    subject to  loss(rates) = level

    by sequential quadratic programming from several starts; each result is then scaled to the level exactly.
    """
    upper = _upper_bounds(search)
    program = _Program(search, level, upper, flat)
    from scipy.optimize import minimize

    candidates = [flat]
    for start in _starts(search, level, upper, flat, program):
        found = minimize(
            program.cost,
            start / upper,
            jac=program.cost_slope,
            bounds=[(0.0, 1.0)] * len(upper),
            constraints={"type": "eq", "fun": program.gap, "jac": program.gap_slope},
            method="SLSQP",
            options={"maxiter": 40},
        )
        polished = scaled_to_level(search, level, _without_dust(np.clip(found.x, 0, 1) * upper, upper), upper)
        if polished is not None:
            candidates.append(polished)
    return max(candidates, key=program.gain)


class _Program:
    """The objective and the constraint with their slopes, for rates as fractions of their upper bounds."""

    def __init__(self, search: RateSearch, level: float, upper: Array, flat: Point) -> None:
        self.search, self.level, self.upper = search, level, upper
        self.row = 1 if search.retaliation.design == "least_cost" else 2
        self._points: dict[bytes, Point] = {}
        self._slopes: dict[bytes, Array] = {}
        self.scale = max(abs(self.gain(flat)), 1e-3 * level)

    def gain(self, point: Point) -> float:
        return point.own if self.row == 1 else point.pressure

    def point(self, x: Array) -> Point:
        key = np.asarray(x, dtype=float).tobytes()
        if key not in self._points:
            self._points[key] = self.search.at(np.clip(x, 0, 1) * self.upper)
        return self._points[key]

    def slopes(self, x: Array) -> Array:
        key = np.asarray(x, dtype=float).tobytes()
        if key not in self._slopes:
            self._slopes[key] = self.search.slopes(self.point(x)) * self.upper
        return self._slopes[key]

    def cost(self, x: Array) -> float:
        return -self.gain(self.point(x)) / self.scale

    def cost_slope(self, x: Array) -> Array:
        return -self.slopes(x)[self.row] / self.scale

    def gap(self, x: Array) -> float:
        return self.point(x).loss / self.level - 1

    def gap_slope(self, x: Array) -> Array:
        return self.slopes(x)[0] / self.level


def _starts(search: RateSearch, level: float, upper: Array, flat: Point, program: _Program) -> list[Array]:
    """Return two starts: that point, and the sectors at their bounds in order of gain per loss up to the level."""
    slope = search.slopes(flat)
    worth = slope[program.row] / np.maximum(slope[0], 1e-12 * level)
    starts = [np.minimum(flat.rates, upper)]
    order = np.argsort(-worth)
    filled = np.zeros(len(upper))
    for s in order:
        before = filled.copy()
        filled[s] = upper[s]
        if search.at(filled).loss >= level:
            starts.append(0.5 * (before + filled))
            break
    return starts


def _upper_bounds(search: RateSearch) -> Array:
    """Return upper bounds [s]: max_rate; by duty the rate that collects most, since a higher one collects less."""
    count, top = len(search.sectors), float(search.retaliation.max_rate)
    if search.retaliation.yardstick != "duty":
        return np.full(count, top)

    from scipy.optimize import minimize_scalar

    def most(s: int) -> float:
        only = (np.arange(count) == s).astype(float)
        found = minimize_scalar(
            lambda rate: -search.at(rate * only).loss, bounds=(0, top), options={"xatol": 1e-3 * top}
        )
        return float(found.x)

    return np.array([most(s) for s in range(count)])


def _without_dust(rates: Array, upper: Array) -> Array:
    """Return the rates with values close to either bound set to that bound."""
    rates = np.where(rates < DUST, 0.0, rates)
    return np.asarray(np.where(rates > upper - DUST, upper, rates))


def scaled_to_level(search: RateSearch, level: float, rates: Array, upper: Array) -> Point | None:
    """Return the point on the ray through `rates`, cut off at `upper`, with the loss `level`; None if there is none."""

    def at(scale: float) -> Point:
        return search.at(np.minimum(scale * rates, upper))

    @functools.cache  # a bracket keeps its signs
    def gap(scale: float) -> float:
        return at(scale).loss / level - 1

    here = gap(1.0)
    if abs(here) < 1e-10:
        return at(1.0)
    factor = 1.01 if here < 0 else 1 / 1.01
    ladder = [1.0, *(factor ** (2**k) for k in range(12))]
    for near, far in pairwise(ladder):
        if gap(far) * here <= 0:
            return at(bracketed_root(gap, near, far))
    return None
