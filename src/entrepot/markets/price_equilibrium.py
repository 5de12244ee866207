"""The equilibrium in prices under taxes and quotas, by a semismooth Newton method.

Unknowns: buyers' prices p [j] and licence prices [c]. Conditions: each maker's first-order condition (at a price floor,
either that or the floor), and for each cap 0 <= licence <= most, complementary to volume - units (Qi and Sun 1993). The
Jacobian uses the demand system's slopes and curvature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.markets.conduct import Conduct, differences
from entrepot.markets.demands.demand import Demand
from entrepot.markets.price_chain import PriceChain
from entrepot.markets.price_iteration import iterate_margins, iterate_to_the_end
from entrepot.types import Array

#: Steps of Newton's method in one search, and searches that approach the measures in more and more parts.
ITERATIONS = 60
PARTS = (1, 4, 16, 64)
#: The share of its base units below which a product has no buyers.
GONE = 1e-6
#: What is rounding in the licence price of a slack cap, over the mean price; of a tariff-rate quota, as a share.
ROUNDING = 1e-9
#: Products above which prices are iterated to the end first, since Newton's Jacobian grows with their square.
LARGE = 300


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceGame:
    """Makers under a chain of taxes and caps.

    cost [j]     marginal cost over one plus the rate of a subsidy
    owned [k,j]  H of `conduct`, times one plus the rate on product k over that on product j
    foreseen     whether makers outside a hard cap foresee that its licence price moves to hold the capped units
    """

    demand: Demand
    conduct: Conduct
    cost: Array
    owned: Array
    chain: PriceChain
    foreseen: bool = False

    # ---- conditions ----

    def margins(self, prices: Array, licences: Array) -> Array:
        """Return x - c [j]."""
        return self.chain.net(prices, licences) - self.cost

    def gap(self, prices: Array, licences: Array) -> Array:
        """Return the makers' first-order gaps [j], in units of quantity or of money as the conduct has them."""
        margins, passed = self.margins(prices, licences), self.chain.passed(licences)
        gap = self.conduct.gap(self.demand, prices, margins, passed, self.owned)
        if self.foreseen:
            gap = gap + self._foresight(prices, licences, margins)
        return gap

    def wants(self, prices: Array, licences: Array) -> Array:
        """Return the first-order gaps in money a unit [j], positive where a maker wants a higher price."""
        gap = self.gap(prices, licences)
        return gap if self.conduct.in_money else gap / -np.diag(self.demand.slopes(prices))

    def _foresight(self, prices: Array, licences: Array, margins: Array) -> Array:
        """What binding caps change in the first-order conditions of products outside them.

        A price moves the licence price so that capped units stay: D becomes D - D a (v'D a)^-1 v'D, with v the
        products under the cap and a = dp/dlicence.
        """
        caps = [c for c, cap in enumerate(self.chain.caps) if cap.hard and licences[c] > 0]
        if not caps:
            return np.zeros_like(prices)
        slopes = self.demand.slopes(prices)
        on = np.stack([self.chain.caps[c].on for c in caps], axis=1).astype(float)
        lifted = -self.chain.licence_slopes(prices, licences)[0][:, caps] / self.chain.passed(licences)[:, None]
        response = np.linalg.solve(on.T @ slopes @ lifted, on.T @ slopes)
        change = -((self.owned * (slopes @ lifted @ response)).T @ margins)
        return np.where(on.any(axis=1), 0.0, change)

    def slack(self, prices: Array) -> Array:
        """Return what each cap leaves [c], in units."""
        units = self.demand.quantities(prices)
        return np.array([cap.volume - units[cap.on].sum() for cap in self.chain.caps])

    def conditions(self, prices: Array, licences: Array, scale: Scale) -> Array:
        """Return all conditions in money [j + c], zero in equilibrium."""
        first = self.wants(prices, licences)
        if self.chain.floor.any():
            over = self.chain.border(prices, licences) - self.chain.floor
            first = np.where(self.chain.floor > 0, np.minimum(over, -first), first)
        most = np.array([cap.most for cap in self.chain.caps])
        return np.concatenate([first, licences - np.clip(licences - scale.units * self.slack(prices), 0.0, most)])

    def jacobian(self, prices: Array, licences: Array, scale: Scale) -> Array:
        """Return the slopes of `conditions` [j + c, j + c]; one element of the generalised Jacobian at a kink."""
        chain, size, caps = self.chain, len(prices), len(self.chain.caps)
        margins, passed = self.margins(prices, licences), chain.passed(licences)
        game = self.demand, prices, margins, passed, self.owned
        in_money = self.conduct.in_money
        wants = None if in_money else self.wants(prices, licences)
        in_p, in_m, in_passed = (
            self.conduct.gap_slopes(*game) if wants is None else self.conduct.gap_slopes_in_money(*game, wants)
        )
        net_in_licence, passed_in_licence = chain.licence_slopes(prices, licences)
        total = np.zeros((size + caps, size + caps))
        total[:size, :size] = in_p + in_m * passed
        total[:size, size:] = in_m @ net_in_licence + in_passed @ passed_in_licence
        if self.foreseen:
            total[:size, :size] += differences(
                lambda p: self._foresight(p, licences, self.margins(p, licences)), prices
            )
            total[:size, size:] += differences(
                lambda at: self._foresight(prices, at, self.margins(prices, at)), licences, scale.price
            )
        if wants is not None:
            total[:size] /= -np.diag(self.demand.slopes(prices))[:, None]
        self._floor_rows(total, prices, licences)
        slack, slopes = self.slack(prices), self.demand.slopes(prices) if caps else None
        for c, cap in enumerate(chain.caps):
            at = licences[c] - scale.units[c] * slack[c]
            if 0 < at < cap.most and slopes is not None:
                total[size + c, :size] = -scale.units[c] * slopes[cap.on].sum(axis=0)
            else:
                total[size + c, size + c] = 1.0
        return total

    def _floor_rows(self, total: Array, prices: Array, licences: Array) -> None:
        chain, size = self.chain, len(prices)
        if not chain.floor.any():
            return
        wants = self.wants(prices, licences)
        over = chain.border(prices, licences) - chain.floor
        rows = np.flatnonzero(chain.floor > 0)
        at_floor = rows[over[rows] < -wants[rows]]
        total[rows] *= -1.0
        total[at_floor] = 0.0
        total[at_floor, at_floor] = (chain.passed(licences) * (1 + chain.export_tax))[at_floor]
        in_licence = chain.licence_slopes(prices, licences)[0] * (1 + chain.export_tax)[:, None]
        for c, cap in enumerate(chain.caps):
            total[at_floor, size + c] = in_licence[at_floor, c] + (cap.on & cap.before_duty & cap.hard)[at_floor]

    def scale(self, prices: Array) -> Scale:
        """Return the scales that turn conditions into money, at these prices."""
        price = float(np.mean(prices))
        units = self.demand.quantities(prices)
        sold = np.array([max(float(units[cap.on].sum()), 1e-12 * float(units.sum())) for cap in self.chain.caps])
        ad_valorem = np.array([1.0 if cap.hard else 1 / price for cap in self.chain.caps])
        return Scale(price, price * ad_valorem / np.maximum(sold, 1e-300))

    # ---- search ----

    def newton(self, prices: Array, licences: Array, tol: float) -> PricePoint:
        """Search from one point; `tol` is of the largest condition over the mean price."""
        scale = self.scale(prices)
        value = self.conditions(prices, licences, scale)
        size, taken = len(prices), 0
        while taken < ITERATIONS:
            error = float(np.abs(value).max(initial=0.0)) / scale.price
            if not np.isfinite(error) or error <= tol:
                break
            taken += 1
            try:
                with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                    step = np.linalg.solve(self.jacobian(prices, licences, scale), -value)
            except np.linalg.LinAlgError:
                break
            if not np.isfinite(step).all():
                break
            longest = float((-step[:size] / prices).max(initial=0.0))
            length = min(1.0, 0.8 / longest) if longest > 0 else 1.0
            for _ in range(30):
                trial = prices + length * step[:size]
                tried = self._tried(trial, licences + length * step[size:], scale)
                if tried is not None and np.abs(tried[1]).max() < (1 - 0.05 * length) * np.abs(value).max():
                    break
                length /= 2
            else:
                break
            prices, (licences, value) = trial, tried
        error = float(np.abs(value).max(initial=0.0)) / scale.price
        return PricePoint(prices, licences, error if np.isfinite(error) else np.inf, taken)

    def _tried(self, prices: Array, licences: Array, scale: Scale) -> tuple[Array, Array] | None:
        """The licence prices [c] and the conditions at a trial point; None where they cannot be computed there."""
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            try:
                if not (self.demand.quantities(prices) > 0).all():
                    return None
                licences = self._without_rounding(prices, licences, scale)
                return licences, self.conditions(prices, licences, scale)
            except np.linalg.LinAlgError:
                return None

    def _without_rounding(self, prices: Array, licences: Array, scale: Scale) -> Array:
        """Licence prices [c], 0 where a cap is slack and a linear system leaves rounding beside it."""
        slack = licences < scale.units * self.slack(prices)
        near = np.array([ROUNDING * (scale.price if cap.hard else 1.0) for cap in self.chain.caps])
        return np.where(slack & (np.abs(licences) <= near), 0.0, licences)


@dataclass(frozen=True, eq=False)
class Scale:
    """The mean price, and what turns a unit of a cap's slack into money, or into a share of the price [c]."""

    price: float
    units: Array


@dataclass(frozen=True, eq=False)
class PricePoint:
    """Prices [j], licence prices [c], the largest condition over the mean price, and Newton steps taken."""

    prices: Array
    licences: Array
    residual: float
    iterations: int


def find(
    game: PriceGame, base: PriceChain, prices: Array, tol: float, names: Sequence[str], licences: Array | None = None
) -> PricePoint:
    """Return the equilibrium near given prices. Raises `ConvergenceError` with the products furthest from it.

    licences   to begin with, where they are of as many caps, each on products of its own; else none

    Where Newton's method fails, it starts again from where an iteration on margins leads, at first without licences;
    then the measures are approached from the base in parts.
    """
    caps = game.chain.caps
    point, none = None, np.zeros(len(caps))
    apart = not caps or np.sum([cap.on for cap in caps], axis=0).max() <= 1
    first = licences if licences is not None and len(licences) == len(caps) and apart else none
    units = game.demand.quantities(prices)
    if len(prices) > LARGE and game.conduct.name == "bertrand":
        ended = iterate_to_the_end(game, prices)
        point = None if ended is None else game.newton(*ended, tol)
        if point is not None and point.residual <= tol:
            return point
    for parts in PARTS:
        at, licences = prices, first if parts == 1 else none
        for k in range(1, parts + 1):
            chain = game.chain if k == parts else base.toward(game.chain, k / parts, units)
            point = replace(game, chain=chain).newton(at, licences, tol if k == parts else max(tol, 1e-8))
            at, licences = point.prices, point.licences
            if point.residual > max(tol, 1e-8):
                break
        if point is not None and point.residual <= tol:
            return point
        if parts > 1 and (game.demand.quantities(at) < GONE * units).any():
            break  # demand for a product ends on the way, and smaller parts lead there too
        if parts == 1 and len(game.chain.caps) > 1:
            point = _by_binding_caps(game, prices, tol)
            if point.residual <= tol:
                return point
        if parts == 1 and game.conduct.name == "bertrand":
            near = iterate_margins(game, prices, none)
            point = point if near is None else game.newton(near, none, tol)
            if point is not None and point.residual <= tol:
                return point
    assert point is not None
    scale = game.scale(point.prices)
    worst = np.argsort(-np.abs(game.conditions(point.prices, point.licences, scale)[: len(prices)]))[:3]
    gone = np.flatnonzero(game.demand.quantities(point.prices) < GONE * units)
    if gone.size:
        raise ConvergenceError(
            f"{game.demand.title} demand leaves {', '.join(names[k] for k in gone[:3])} without buyers, and has no "
            f"answer beyond that.",
            remedy="a smaller measure, or logit, nested_logit or ces demand",
            residual=point.residual,
        )
    raise ConvergenceError(
        "No equilibrium in prices was found.",
        worst=tuple(names[k] for k in worst),
        remedy="a smaller measure, another demand system, or looser margins",
        residual=point.residual,
    )


def _by_binding_caps(game: PriceGame, prices: Array, tol: float) -> PricePoint:
    """The equilibrium under as few caps as it takes, beginning with none and adding the one that is most exceeded.

    Caps on the same products leave the split of their licences undetermined; here one of them has the whole price.
    """
    every, held = game.chain.caps, np.zeros(len(game.chain.caps), dtype=bool)
    point = PricePoint(prices, np.zeros(len(every)), np.inf, 0)
    for _ in range(3 * len(every) + 1):
        caps = tuple(cap for cap, on in zip(every, held, strict=True) if on)
        part = replace(game, chain=replace(game.chain, caps=caps))
        found = part.newton(point.prices, point.licences[held], tol)
        if found.residual > tol:
            return replace(found, licences=np.zeros(len(every)), residual=np.inf)
        licences = np.zeros(len(every))
        licences[held] = found.licences
        point = replace(found, licences=licences)
        units = game.demand.quantities(point.prices)
        over = np.array([float(units[cap.on].sum()) / max(cap.volume, 1e-300) - 1 for cap in every])
        # Beyond the volume of a tariff-rate quota in force, the higher duty is paid.
        over[held] = 0.0
        if over.max() <= tol:
            break
        held = held & (licences > 0)
        held[over.argmax()] = True
    value = game.conditions(point.prices, point.licences, game.scale(point.prices))
    return replace(point, residual=float(np.abs(value).max()) / float(np.mean(point.prices)))


__all__ = ["PriceGame", "PricePoint", "Scale", "find"]
