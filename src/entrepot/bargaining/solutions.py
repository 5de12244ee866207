"""Where two sides, or more, would settle: the zone of agreement, its frontier, and the solutions on it.

Gains are what a deal is worth beyond the threat. All searches start from the best deal on a grid and climb by SLSQP;
none returns a deal worse than the one it started from. They say nothing of trade.

Nash (1950, Econometrica 18: 155-162): the largest product of gains. Kalai and Smorodinsky (1975, Econometrica 43:
513-518): gains in the proportion of the most that each could have in the zone. Egalitarian (Kalai 1977, Econometrica
45: 1623-1630): equal gains, in money. Deals are not mixed by lottery, so the set of gains need not be convex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from entrepot.types import Array

#: A step of the central differences, as part of an issue's range.
STEP = 1e-3
#: Points without a better one after which a search ends: at a kink the line search would go on for long.
PATIENCE = 20


@dataclass(eq=False)
class Bargaining:
    """gains   of a point of the unit cube [i]: [p]; each point is asked for once
    points     a grid of them [k, i] with their gains `at_points` [k, p], to start from
    accuracy   of what is sought, over its scale: where a search may stop
    exact      derivatives of the gains at a point [p, i]; default: central differences
    """

    gains: Callable[[Array], Array]
    points: Array
    at_points: Array
    accuracy: float = 1e-12
    exact: Callable[[Array], Array] | None = None
    sloped: dict[tuple[float, ...], Array] = field(default_factory=dict, repr=False)
    known: dict[tuple[float, ...], Array] = field(default_factory=dict, repr=False)

    def at(self, point: Array) -> Array:
        point = np.clip(point, 0.0, 1.0)
        key = tuple(point.tolist())
        if key not in self.known:
            self.known[key] = np.asarray(self.gains(point), dtype=float)
        return self.known[key]

    @property
    def scale(self) -> float:
        return float(np.abs(self.at_points).max()) or 1.0

    def slopes(self, point: Array) -> Array:
        """Derivatives of the gains [p, i]: exact, or by central differences, one-sided at the edge."""
        if self.exact is not None:
            point = np.clip(point, 0.0, 1.0)
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
        """The deal with the most s such that gains >= floor + s direction, and s: the frontier in that direction.

        Where no deal gives everybody something, s is below zero and the deal is the one that comes nearest. Minus
        infinity where a party without a part in the direction is below its floor in every deal.
        """
        direction = np.asarray(direction, dtype=float)
        floor = np.broadcast_to(floor, direction.shape)
        wanted = direction > 1e-12 * direction.max()
        slack = -1e-7 * self.scale  # what the search may leave of a constraint

        def reach(gains: Array) -> float:
            over = gains - floor
            return float((over[wanted] / direction[wanted]).min()) if (over[~wanted] >= slack).all() else -np.inf

        unit = self.scale / direction.max()

        def climb(x: Array) -> Array:
            found = self._slsqp(
                np.append(x, reach(self.at(x)) / unit),
                loss=lambda z: (-z[-1], np.append(np.zeros(x.size), -1.0)),
                at_least_zero=lambda z: (self.at(z[:-1]) - floor - z[-1] * unit * direction) / self.scale,
                by=lambda z: np.column_stack([self.slopes(z[:-1]), -unit * direction]) / self.scale,
                score=reach,
            )
            return found

        x = self._climbed(reach, climb, start)
        return x, reach(self.at(x))

    def most(self, party: int, floor: Array | float = 0.0, start: Array | None = None) -> tuple[Array, float]:
        """The deal that gives a party most while nobody is below its floor (the threat), and what it gains."""
        direction = np.zeros(self.at_points.shape[1])
        direction[party] = 1.0
        lowest = np.broadcast_to(floor, direction.shape).copy()
        lowest[party] = 0.0
        return self.along(direction, lowest, start)

    def nash(self, power: Array, start: Array | None = None) -> Array | None:
        """The largest product of gains^power; None where no deal gives everybody something."""
        power = np.asarray(power, dtype=float) / np.sum(power)

        def product(gains: Array) -> float:
            return float(power @ np.log(gains / self.scale)) if (gains > 0).all() else -np.inf

        def loss(point: Array) -> tuple[float, Array]:
            gains = np.maximum(self.at(point), 1e-9 * self.scale)
            return -float(power @ np.log(gains / self.scale)), -(power / gains) @ self.slopes(point)

        def climb(x: Array) -> Array:
            return self._slsqp(
                x, loss, lambda z: self.at(z) / self.scale - 1e-9, lambda z: self.slopes(z) / self.scale, product
            )

        if start is None:
            start = self.along(np.ones(power.size))[0]
        x = self._climbed(product, climb, start)
        return x if np.isfinite(product(self.at(x))) else None

    def _climbed(self, by: Callable[[Array], float], climb: Callable[[Array], Array], start: Array | None) -> Array:
        """The best of what is climbed to from the best deal on the grid, or from `start` where that is better."""
        starts = [self.points[int(np.argmax([by(gains) for gains in self.at_points]))]]
        starts += [start] if start is not None else []
        first = max(starts, key=lambda x: by(self.at(x)))
        usable = [x for x in self._loosened(first) if np.isfinite(by(self.at(x)))]
        return max([first, *map(climb, usable)], key=lambda x: by(self.at(x)))

    def _loosened(self, x: Array) -> Iterator[Array]:
        """A point; and for each issue that changes nothing there (a slack quota) the nearest point where it does."""
        yield x
        small, here = 1e-9 * self.scale, self.at(x)
        for i in np.flatnonzero(np.abs(self.slopes(x)).max(axis=0) < small):
            for step in (s * k / 8 for k in range(1, 9) for s in (-1, 1)):
                y = x.copy()
                y[i] = np.clip(x[i] + step, 0.0, 1.0)
                if np.abs(self.at(y) - here).max() > small:
                    yield y
                    break

    def _slsqp(
        self,
        z: Array,
        loss: Callable[[Array], tuple[float, Array]],
        at_least_zero: Callable[[Array], Array],
        by: Callable[[Array], Array],
        score: Callable[[Array], float],
    ) -> Array:
        """The point with the best score that SLSQP comes by, from z: a point, with or without one more unknown."""
        from scipy.optimize import minimize

        issues = self.points.shape[1]
        best, waited = (-np.inf, z[:issues]), 0

        def watched(z: Array) -> tuple[float, Array]:
            nonlocal best, waited
            point = _snapped(z[:issues])
            here, waited = score(self.at(point)), waited + 1
            if here > best[0]:
                waited = 0 if here > best[0] + 10 * self.accuracy * abs(best[0]) or not np.isfinite(best[0]) else waited
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
    """Inside the cube, and on its edge where next to it."""
    out = np.clip(point, 0.0, 1.0)
    for edge in (0.0, 1.0):
        out[np.abs(out - edge) < 1e-6] = edge
    return out


def undominated(gains: Array) -> Array:
    """Which rows [k] of gains [k, p] no other row beats for one party without loss to another."""
    out = np.ones(len(gains), dtype=bool)
    for k, mine in enumerate(gains):
        better = (gains >= mine).all(axis=1) & (gains > mine).any(axis=1)
        out[k] = not better.any()
    return out
