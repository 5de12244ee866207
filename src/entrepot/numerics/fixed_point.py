"""Fixed points x = f(x): Anderson acceleration, and Newton-Krylov where that stalls.

Sources: Anderson (1965), J. ACM 12: 547-560; Walker and Ni (2011), SIAM J. Numer. Anal. 49: 1715-1735 (type II,
the form used here); Knoll and Keyes (2004), J. Comput. Phys. 193: 357-397 for Newton-Krylov (scipy's).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Map = Callable[[Vector], Vector]
Precondition = Callable[[Vector], NDArray[np.floating[Any]]]
Status = Literal["converged", "stalled", "too_many_iterations", "not_finite"]
#: Added to the diagonal of the normal equations, whose columns have length one: of rounding size.
RIDGE = 1e-13


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """Result of a fixed-point search: the point, its image, the largest step, the number of maps, and the status."""

    x: Vector
    fx: Vector
    residual: float
    iterations: int
    status: Status

    @property
    def converged(self) -> bool:
        """Whether the search met its tolerance."""
        return self.status == "converged"


def _identity(x: Vector) -> Vector:
    return x


def anderson(
    f: Map,
    x0: Vector,
    *,
    tol: float,
    max_iterations: int = 500,
    memory: int = 30,
    project: Map = _identity,
    precondition: Precondition = _identity,
    patience: int = 60,
    largest_step: float = 2.0,
) -> FixedPoint:
    """Iterate x <- x + B (f(x) - x) with Anderson acceleration until max|B (f(x) - x)| <= tol.

    `precondition` applies B, an approximation of (I - f')^-1; the identity gives the plain iteration. `project` maps
    an extrapolated point back into the set where f is defined (bounds). When the residual grows hundredfold or is NaN,
    the memory is cleared and the search restarts, damped, from the best point; after `patience` maps without a new best
    point the status is "stalled". No component moves by more than `largest_step` in one iteration.
    """
    # Of the steps in memory, over the length of dF: dF, dX + dF, and the products dF dF'.
    df, moved = np.empty((memory, x0.size)), np.empty((memory, x0.size))
    gram = np.empty((memory, memory))
    held, slot = 0, 0
    x, previous_x, previous_r = x0, x0, x0
    best, best_x, best_r, since_best, damping = np.inf, x0, np.zeros_like(x0), 0, 1.0
    for iteration in range(1, max_iterations + 1):
        r = np.asarray(precondition(f(x) - x), dtype=float)  # which may come in single precision
        size = float(np.abs(r).max(initial=0.0))
        if size <= tol:
            return FixedPoint(x, project(x + r), size, iteration, "converged")
        since_best += 1
        if size < best:
            best, best_x, best_r, since_best = size, x, r, 0
        if not size <= 100.0 * best:  # grown, or NaN
            damping *= 0.5
            if damping < 1e-3 or not np.isfinite(best):
                return FixedPoint(best_x, project(best_x + best_r), best, iteration, "not_finite")
            held = slot = 0
            x = previous_x = project(best_x + damping * best_r)
            previous_r = x0  # not used while the memory is empty
            continue
        if since_best > patience:
            return FixedPoint(best_x, project(best_x + best_r), best, iteration, "stalled")
        if iteration > 1 and previous_x is not x:
            change = np.subtract(r, previous_r, out=df[slot])
            length = math.sqrt(change @ change) or 1.0
            moved[slot] = (x - previous_x + change) / length
            change /= length
            held = min(held + 1, memory)
            gram[slot, :held] = gram[:held, slot] = df[:held] @ change
            gram[slot, slot] += RIDGE
            slot = (slot + 1) % memory
        previous_x, previous_r = x, r
        step = damping * r
        if held:
            gamma = np.linalg.solve(gram[:held, :held], df[:held] @ r)  # of least |r - gamma dF|
            step -= gamma @ moved[:held]
            if damping < 1:
                step += (1.0 - damping) * (gamma @ df[:held])
        reach = np.abs(step).max()
        x = project(x + step * min(1.0, largest_step / reach) if reach > 0 else x)
    return FixedPoint(best_x, project(best_x + best_r), best, max_iterations, "too_many_iterations")


def newton_krylov(
    f: Map,
    x0: Vector,
    *,
    tol: float,
    max_iterations: int = 30,
    project: Map = _identity,
    precondition: Precondition = _identity,
) -> FixedPoint:
    """Solve B (f(x) - x) = 0 by Newton's method with Krylov steps and a line search (scipy's `newton_krylov`)."""
    from scipy.optimize import NoConvergence
    from scipy.optimize import newton_krylov as scipy_newton_krylov

    count = 0

    def gap(x: Vector) -> Vector:
        nonlocal count
        count += 1
        x = project(x.copy())
        return np.asarray(precondition(f(x) - x), dtype=float)  # scipy differences in the precision that it is given

    try:
        x = scipy_newton_krylov(gap, x0, f_tol=tol, maxiter=max_iterations, method="lgmres", line_search="armijo")
        status: Status = "converged"
    except NoConvergence as stopped:
        x, status = np.asarray(stopped.args[0]), "stalled"
    except (ValueError, np.linalg.LinAlgError):  # f is NaN after a step
        x, status = x0, "not_finite"
    x = project(np.array(x, dtype=float))
    step = gap(x)
    residual = float(np.abs(step).max(initial=0.0))
    return FixedPoint(x, project(x + step), residual, count, "converged" if residual <= tol else status)
