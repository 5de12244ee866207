"""Batches of fixed points: Anderson acceleration of all members in step; converged members are dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from entrepot.numerics.fixed_point import Vector

Members = NDArray[np.intp]
Single = NDArray[np.float32]
#: The batch is repacked when this share of it has converged.
DONE = 0.5


class StackedMap(Protocol):
    """A map f on rows [b, x] of some members, with its preconditioner and its bounds."""

    def step(self, x: Vector) -> Vector:
        """Return f(x)."""
        ...

    def precondition(self, r: Vector) -> Vector | Single:
        """Return B r, with B an approximation of (I - f')^-1."""
        ...

    def project(self, x: Vector) -> Vector:
        """Return x moved into the set where f is defined."""
        ...


@dataclass(frozen=True, slots=True)
class FixedPoints:
    """Results of a batch of fixed-point searches.

    x [b, x]        the image of the last point where converged, else the best point
    residual [b]    the largest step
    iterations [b], converged [b]
    """

    x: Vector
    residual: Vector
    iterations: Members
    converged: NDArray[np.bool_]


def anderson_stacked(
    maps: Callable[[Members], StackedMap],
    x0: Vector,
    *,
    tol: float,
    max_iterations: int = 60,
    memory: int = 10,
    largest_step: float = 2.0,
) -> FixedPoints:
    """Run `fixed_point.anderson` on the rows of x0, without restarts.

    A member whose residual grows hundredfold or is NaN stops at its best point and needs a search of its own.
    `maps(members)` returns the map of those members; it is called again when enough members have ended. Steps and
    histories are in single precision: a relative error of 1e-7 in a step is corrected by the next step.
    """
    count = len(x0)
    best_x, best = x0.copy(), np.full(count, np.inf)
    iterations, converged = np.zeros(count, dtype=np.intp), np.zeros(count, dtype=bool)
    members = np.arange(count)
    whole = maps(members)
    work = _Histories(whole, x0.copy(), memory)
    for iteration in range(1, max_iterations + 1):
        x, r, size = work.look()
        better = (size < best[members]) & ~converged[members]
        best[members[better]] = size[better]
        if better.all() and members.size == count:
            best_x = x
        else:
            best_x[members[better]] = x[better]
        done = size <= tol
        fresh = done & ~converged[members]
        if fresh.any():
            iterations[members[fresh]] = iteration
            best_x[members[fresh]] = x[fresh] + r[fresh]
        converged[members[done]] = True
        ended = converged[members] | ~(size <= 100.0 * best[members])
        if ended.all():
            break
        if ended.mean() >= DONE:
            keep = np.flatnonzero(~ended)
            members = members[keep]
            work.keep(maps(members), keep)
        work.move(largest_step)
    iterations[~converged] = max_iterations
    return FixedPoints(whole.project(best_x), best, iterations, converged)


class _Histories:
    """Points [b, x] and the memory of the acceleration: dX + dF and dF [b, m, x], and products of dF [b, m, m].

    r, before [b, x]  B (f(x) - x) at the points and at those before;  step [b, x]  from those before to the points
    """

    def __init__(self, of: StackedMap, x: Vector, memory: int) -> None:
        self.map, self.x, self.memory = of, x, memory
        self.held = self.slot = 0
        self.far = True
        shape = (len(x), memory, x.shape[1])
        self.moved, self.changed = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
        self.gram = np.zeros((len(x), memory, memory))
        self.r = self.before = self.step = np.zeros((len(x), 0), dtype=np.float32)

    def keep(self, of: StackedMap, kept: Members) -> None:
        """Go on with the members at positions `kept`, which rise, under their map."""
        self.map = of
        for name in ("x", "r", "before", "step", "gram"):
            setattr(self, name, getattr(self, name)[kept])
        for part in (self.moved, self.changed):  # in place: a copy would be as large as all that the search reads
            for to, k in enumerate(kept):
                part[to, : self.held] = part[k, : self.held]
        self.moved, self.changed = self.moved[: kept.size], self.changed[: kept.size]

    def look(self) -> tuple[Vector, Single, Single]:
        """Return the points, B (f(x) - x), and its largest absolute value by member."""
        gap = self.map.step(self.x)
        gap -= self.x
        self.before, self.r = self.r, self.map.precondition(gap).astype(np.float32, copy=False)
        size = _reach(self.r)
        self.far = not size.max() < 1e-3
        return self.x, self.r, np.where(np.isfinite(size), size, np.inf)

    def move(self, largest_step: float) -> None:
        """Move every point by one accelerated step."""
        r, step = self.r, self.r
        if self.before.size:
            self.held = m = min(self.held + 1, self.memory)
            pair = np.empty((len(r), 2, r.shape[1]), dtype=np.float32)
            gained = np.subtract(r, self.before, out=pair[:, 0])
            pair[:, 1] = r
            self.changed[:, self.slot] = gained
            np.add(self.step, gained, out=self.moved[:, self.slot])
            products = np.matmul(self.changed[:, :m], pair.transpose(0, 2, 1)).astype(float)
            self.gram[:, self.slot, :m] = self.gram[:, :m, self.slot] = products[:, :, 0]
            gamma = _least_squares(self.gram[:, :m, :m], products[:, :, 1]).astype(np.float32)
            step = r - np.matmul(gamma[:, None, :], self.moved[:, :m])[:, 0]
            self.slot = (self.slot + 1) % self.memory
        if self.far:
            step = step * np.minimum(1.0, largest_step / np.maximum(_reach(step), 1e-30))[:, None]
        after = self.map.project(self.x + step)
        self.step = np.subtract(after, self.x, out=np.empty_like(r), casting="same_kind")
        self.x = after


def _reach(rows: Single) -> Single:
    """Largest absolute value of each row."""
    return np.maximum(rows.max(axis=1), -rows.min(axis=1))


def _least_squares(gram: Any, right: Any) -> Vector:
    """Solve min |r - dF gamma| [b, m] by the normal equations, with scaled columns and a ridge of rounding size."""
    scale = np.sqrt(np.einsum("bmm->bm", gram))
    scale[~(scale > 0)] = 1.0
    scaled = gram / (scale[:, :, None] * scale[:, None, :])
    right = right / scale
    lost = ~(np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(right).all(axis=1))
    scaled[lost] = right[lost] = 0.0  # of a diverged member; the ridge keeps its matrix regular
    np.einsum("bmm->bm", scaled)[...] += 1e-7
    return np.linalg.solve(scaled, right[:, :, None])[:, :, 0] / scale
