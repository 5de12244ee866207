"""Bargaining solutions of two or more parties, and the frontier of efficient deals.

A gain is the payoff of a deal less that of the threat. Every search starts from the best deal on a grid and climbs by
SLSQP; none returns a deal worse than its start. Nothing here depends on trade.

Nash (1950, Econometrica 18: 155-162): the largest product of gains. Kalai and Smorodinsky (1975, Econometrica 43:
513-518): gains in proportion to the most that each party could have. Egalitarian (Kalai 1977, Econometrica
45: 1623-1630): equal gains, in money. Deals are not mixed by lottery, so the set of gains need not be convex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from entrepot.types import Array

#: The step of the central differences, as a share of an issue's range.
STEP = 1e-3
#: A search ends after so many points without a better one: at a kink, the line search would take very long. While it is
#: behind another search, better is by this part of what it lacks.
PATIENCE = 20


@dataclass(eq=False)
class Bargaining:
    """A bargaining problem over the unit cube of the issues.

    gains      function from a point [i] to the gains there [p]; computed once for each point, and at an edge next to it
    points     a grid of points [k, i] with their gains `at_points` [k, p], where searches start
    accuracy   relative accuracy at which a search may stop
    exact      function from a point to the derivatives of the gains [p, i]; default: central differences
    """

    gains: Callable[[Array], Array]
    points: Array
    at_points: Array
    accuracy: float = 1e-12
    exact: Callable[[Array], Array] | None = None
    sloped: dict[tuple[float, ...], Array] = field(default_factory=dict, repr=False)
    known: dict[tuple[float, ...], Array] = field(default_factory=dict, repr=False)

    def at(self, point: Array) -> Array:
        """The gains at a point [p]."""
        point = _snapped(point)
        key = tuple(point.tolist())
        if key not in self.known:
            self.known[key] = np.asarray(self.gains(point), dtype=float)
        return self.known[key]

    @property
    def scale(self) -> float:
        """The largest absolute gain on the grid."""
        return float(np.abs(self.at_points).max()) or 1.0

    def slopes(self, point: Array) -> Array:
        """The derivatives of the gains [p, i]: exact, or by differences, one-sided at the edge."""
        if self.exact is not None:
            point = _snapped(point)
            key = tuple(point.tolist())
            if key not in self.sloped:
                self.sloped[key] = self.exact(point)
            return self.sloped[key]
        out = np.empty((self.at_points.shape[1], point.size))
        for i in range(point.size):
            up, down = point.copy(), point.copy()
            up[i], down[i] = min(1.0, point[i] + STEP), max(0.0, point[i] - STEP)
            out[:, i] = (self.at(up) - self.at(down)) / (up[i] - down[i])
        return out

    # ---- solutions ----

    def along(self, direction: Array, floor: Array | float = 0.0, start: Array | None = None) -> tuple[Array, float]:
        """The deal with the largest s such that gains >= floor + s direction, and s.

        It is on the frontier in that direction. If no deal gives every party a gain, s is below zero and the deal is
        the nearest one. s is minus infinity if a party with a zero in the direction is below its floor in every deal.
        """
        direction = np.asarray(direction, dtype=float)
        floor = np.broadcast_to(floor, direction.shape)
        wanted = direction > 1e-12 * direction.max()
        slack = -1e-7 * self.scale  # tolerance of a constraint

        def reach(gains: Array) -> float:
            over = gains - floor
            return float((over[wanted] / direction[wanted]).min()) if (over[~wanted] >= slack).all() else -np.inf

        unit = self.scale / direction.max()

        def climb(x: Array, rival: float) -> Array:
            first = float(((self.at(x) - floor)[wanted] / direction[wanted]).min())
            return self._slsqp(
                np.append(x, first / unit),
                loss=lambda z: (-z[-1], np.append(np.zeros(x.size), -1.0)),
                at_least_zero=lambda z: (self.at(z[:-1]) - floor - z[-1] * unit * direction) / self.scale,
                by=lambda z: np.column_stack([self.slopes(z[:-1]), -unit * direction]) / self.scale,
                score=reach,
                rival=rival,
            )

        x = self._climbed(reach, climb, start)
        return x, reach(self.at(x))

    def most(self, party: int, floor: Array | float = 0.0, start: Array | None = None) -> tuple[Array, float]:
        """The deal with the largest gain of one party while no other is below its floor, and that gain."""
        direction = np.zeros(self.at_points.shape[1])
        direction[party] = 1.0
        lowest = np.broadcast_to(floor, direction.shape).copy()
        lowest[party] = 0.0
        return self.along(direction, lowest, start)

    def neighbours(self, deals: Iterable[Array], party: int, level: float) -> list[Array]:
        """The deals in which the gain of a party is next to a level: from above, and from below."""
        by_gain = sorted(deals, key=lambda x: float(self.at(x)[party]))
        above = [x for x in by_gain if self.at(x)[party] >= level]
        below = [x for x in by_gain if self.at(x)[party] < level]
        return [*above[:1], *below[-1:]]

    def nash(self, power: Array, start: Array | None = None) -> Array | None:
        """The deal with the largest product of gains^power; None if no deal gives every party a gain."""
        power = np.asarray(power, dtype=float) / np.sum(power)

        def product(gains: Array) -> float:
            return float(power @ np.log(gains / self.scale)) if (gains > 0).all() else -np.inf

        def loss(point: Array) -> tuple[float, Array]:
            gains = np.maximum(self.at(point), 1e-9 * self.scale)
            return -float(power @ np.log(gains / self.scale)), -(power / gains) @ self.slopes(point)

        def climb(x: Array, rival: float) -> Array:
            return self._slsqp(
                x, loss, lambda z: self.at(z) / self.scale - 1e-9, lambda z: self.slopes(z) / self.scale, product, rival
            )

        if start is None:
            start = self.along(np.ones(power.size))[0]
        x = self._climbed(product, climb, start)
        return x if np.isfinite(product(self.at(x))) else None

    def _climbed(
        self, by: Callable[[Array], float], climb: Callable[[Array, float], Array], start: Array | None
    ) -> Array:
        """The best deal that climbs reach from the best deal on the grid, or from `start` if that is better.

        A `start` that violates a constraint is climbed from too.
        """
        starts = [self.points[int(np.argmax([by(gains) for gains in self.at_points]))]]
        starts += [start] if start is not None else []
        first = max(starts, key=lambda x: by(self.at(x)))
        usable = [x for x in self._loosened(first, by) if np.isfinite(by(self.at(x)))]
        usable += [start] if start is not None and not np.isfinite(by(self.at(start))) else []
        best = first
        for x in usable:
            best = max(best, climb(x, by(self.at(best))), key=lambda x: by(self.at(x)))
        return best

    def _loosened(self, x: Array, by: Callable[[Array], float]) -> Iterator[Array]:
        """A point; and for each issue without effect there (a slack quota), the nearest point where it has one.

        Others without effect (who has the rent of the quota) are set to the end that is better by `by`.
        """
        yield x
        small, here = 1e-9 * self.scale, self.at(x)
        idle = np.flatnonzero(np.abs(self.slopes(x)).max(axis=0) < small)
        for i in idle:
            for step in (s * k / 8 for k in range(1, 9) for s in (-1, 1)):
                y = x.copy()
                y[i] = np.clip(x[i] + step, 0.0, 1.0)
                if np.abs(self.at(y) - here).max() > small:
                    for other in idle[idle != i]:
                        ends = [np.where(np.arange(x.size) == other, end, y) for end in (y[other], 0.0, 1.0)]
                        y = max(ends, key=lambda z: by(self.at(z)))
                    yield y
                    break

    def _slsqp(
        self,
        z: Array,
        loss: Callable[[Array], tuple[float, Array]],
        at_least_zero: Callable[[Array], Array],
        by: Callable[[Array], Array],
        score: Callable[[Array], float],
        rival: float,
    ) -> Array:
        """The point with the best score that SLSQP visits from z, a point with or without one more unknown.

        `rival` is the score to beat; a search that comes no nearer to it is given up.
        """
        from scipy.optimize import minimize

        issues = self.points.shape[1]
        best, waited = (-np.inf, z[:issues]), 0

        def watched(z: Array) -> tuple[float, Array]:
            nonlocal best, waited
            point = _snapped(z[:issues])
            here, waited = score(self.at(point)), waited + 1
            if here > best[0]:
                least = max(10 * self.accuracy * abs(best[0]), (rival - best[0]) / PATIENCE)
                waited = 0 if here > best[0] + least or not np.isfinite(best[0]) else waited
                best = (here, point)
            if waited > PATIENCE:
                raise StopIteration
            return loss(z)

        bounds = [(0.0, 1.0)] * issues + [(None, None)] * (z.size - issues)
        constraints = [{"type": "ineq", "fun": at_least_zero, "jac": by}]
        options = {"maxiter": 40, "ftol": self.accuracy}
        try:
            found = minimize(
                watched, z, jac=True, bounds=bounds, constraints=constraints, method="SLSQP", options=options
            )
            watched(found.x)
        except StopIteration:
            pass
        return best[1]


def _snapped(point: Array) -> Array:
    """The point inside the cube, moved to the edge if it is next to it."""
    out = np.clip(point, 0.0, 1.0)
    for edge in (0.0, 1.0):
        out[np.abs(out - edge) < 1e-6] = edge
    return out


def undominated(gains: Array) -> Array:
    """Whether each row [k] of gains [k, p] is efficient: no other row is better for a party and worse for none."""
    out = np.ones(len(gains), dtype=bool)
    for k, mine in enumerate(gains):
        better = (gains >= mine).all(axis=1) & (gains > mine).any(axis=1)
        out[k] = not better.any()
    return out
