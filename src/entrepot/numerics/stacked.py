"""Many fixed points at once: Anderson acceleration in lock-step, those that have converged left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from entrepot.numerics.fixed_point import Vector

Members = NDArray[np.intp]
#: The stack is packed anew when this part of it has converged.
DONE = 0.5


class StackedMap(Protocol):
    """f and what goes with it, on rows [b, x] of the members that it was made for."""

    def step(self, x: Vector) -> Vector: ...

    def precondition(self, r: Vector) -> Vector: ...

    def project(self, x: Vector) -> Vector: ...


@dataclass(frozen=True, slots=True)
class FixedPoints:
    """Where each search ended: points [b, x] (the one after the last that was looked at, or the best), the largest
    steps to them [b], maps taken [b], and who converged [b].
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
    """`fixed_point.anderson` for the rows of x0, without its second chances: a member whose residual grows hundredfold
    or is no number is left where it was best, for a careful search of its own.

    `maps(members)` gives the map of those members; it is asked again when enough have ended. Histories are kept in
    single precision: a step that they foretell is wrong by 1e-7 of itself, which the next one mends.
    """
    count = len(x0)
    best_x, best = x0.copy(), np.full(count, np.inf)
    iterations, converged = np.zeros(count, dtype=np.intp), np.zeros(count, dtype=bool)
    members = np.arange(count)
    work = _Histories(maps(members), x0.copy(), memory)
    for iteration in range(1, max_iterations + 1):
        x, r, size = work.look()
        better = (size < best[members]) & ~converged[members]
        best[members[better]], best_x[members[better]] = size[better], x[better]
        done = size <= tol
        fresh = done & ~converged[members]
        if fresh.any():
            iterations[members[fresh]] = iteration
            best_x[members[fresh]] = work.map.project(x + r)[fresh]
        converged[members[done]] = True
        ended = converged[members] | ~(size <= 100.0 * best[members])
        if ended.all():
            break
        if ended.mean() >= DONE:
            keep = np.flatnonzero(~ended)
            members = members[keep]
            work = work.of(maps(members), keep)
        work.move(largest_step)
    iterations[~converged] = max_iterations
    return FixedPoints(best_x, best, iterations, converged)


class _Histories:
    """Points [b, x] with what the acceleration remembers of each: steps dX + dF and changes of residuals dF [b, m, x],
    and their products [b, m, m].
    """

    def __init__(self, of: StackedMap, x: Vector, memory: int) -> None:
        self.map, self.x, self.memory = of, x, memory
        self.r: Vector = np.zeros(0)
        self.before = self.r
        self.held = self.slot = 0
        self.far = True
        shape = (len(x), memory, x.shape[1])
        self.moved, self.changed = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
        self.gram = np.zeros((len(x), memory, memory))
        self.step = np.zeros_like(x)

    def of(self, of: StackedMap, keep: Members) -> _Histories:
        other = object.__new__(_Histories)
        other.__dict__.update(self.__dict__, map=of)
        for name in ("x", "r", "before", "moved", "changed", "gram", "step"):
            setattr(other, name, np.ascontiguousarray(getattr(self, name)[keep]))
        return other

    def look(self) -> tuple[Vector, Vector, Vector]:
        """The points, B (f(x) - x), and how large that is."""
        before = self.r
        self.r = self.map.precondition(self.map.step(self.x) - self.x)
        self.before = before if before.size else self.r
        size = _reach(self.r)
        self.far = not size.max() < 1e-3
        return self.x, self.r, np.where(np.isfinite(size), size, np.inf)

    def move(self, largest_step: float) -> None:
        r, step = self.r, self.r.copy()
        if self.before is not r:
            gained = r - self.before
            self.held = m = min(self.held + 1, self.memory)
            pair = np.empty((len(r), 2, r.shape[1]), dtype=np.float32)
            pair[:, 0], pair[:, 1] = gained, r
            self.changed[:, self.slot] = pair[:, 0]
            np.add(self.step, gained, out=self.moved[:, self.slot], casting="same_kind")
            products = np.matmul(self.changed[:, :m], pair.transpose(0, 2, 1)).astype(float)
            self.gram[:, self.slot, :m] = self.gram[:, :m, self.slot] = products[:, :, 0]
            gamma = _least_squares(self.gram[:, :m, :m], products[:, :, 1])
            step -= np.matmul(gamma[:, None, :].astype(np.float32), self.moved[:, :m])[:, 0]
            self.slot = (self.slot + 1) % self.memory
        if self.far:
            step *= np.minimum(1.0, largest_step / np.maximum(_reach(step), 1e-300))[:, None]
        after = self.map.project(self.x + step)
        self.step = np.subtract(after, self.x, out=step)
        self.x = after


def _reach(rows: Vector) -> Vector:
    """The largest absolute number of each row."""
    return np.maximum(rows.max(axis=1), -rows.min(axis=1))


def _least_squares(gram: Any, right: Any) -> Vector:
    """min |r - dF gamma| [b, m] from the normal equations, columns scaled to one and a ridge at their rounding."""
    scale = np.sqrt(np.einsum("bmm->bm", gram))
    scale[~(scale > 0)] = 1.0
    scaled = gram / scale[:, :, None] / scale[:, None, :]
    scaled[~np.isfinite(scaled)] = 0.0  # of a member that has left the numbers; the ridge keeps it from being singular
    m = scaled.shape[1]
    scaled[:, np.arange(m), np.arange(m)] += 1e-7
    return np.linalg.solve(scaled, np.nan_to_num(right / scale)[:, :, None])[:, :, 0] / scale
