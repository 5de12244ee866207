"""Workers of one country who move among its sectors at a cost (Caliendo, Dvorkin and Parro 2019), in hats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Closure
from entrepot.equilibrium.blocks import recycling
from entrepot.errors import ConvergenceError, InputError
from entrepot.paths.number_checks import check_between
from entrepot.types import Array

#: The part of value added that mobile labour keeps where workers are their sector's own.
SLIVER = 1e-9
#: Rounds in which flows of workers are fitted to the base's jobs, and in which a worth that stays is found.
FITTED, SETTLED_IN = 10_000, 100
#: How far below zero an entry of the root of a matrix may be by rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Mobility:
    """How workers of one country move among its sectors.

    country   the country; all value added there is labour's, and everywhere else labour is mobile at once
    matrix    [j,k]: of the workers of sector j, the part that is in k a whole step of the path later in the base; rows
              add up to one. Without it `stay` stay in their sector a year, and the others go to all sectors in
              proportion to jobs
    nu        spread of the tastes for sectors, in log consumption of a year: the larger, the less wages move workers
    discount_factor  beta, a year

    Raises `InputError` for a matrix that does not add up, or numbers outside their range.
    """

    country: str
    matrix: Any = None
    stay: float = 0.9
    nu: float = 2.0
    discount_factor: float = 0.96

    def __post_init__(self) -> None:
        check_between("mobility: stay", self.stay, 0.0, 1.0, "a part of workers a year from 0 to 1", "both")
        check_between("mobility: nu", self.nu, 0.0, 1000.0, "a spread above 0, up to 1,000,", "high")
        check_between("mobility: discount_factor", self.discount_factor, 0.0, 1.0, "a factor a year below 1")

    def closure(self, economy: Economy, closure: Closure) -> Closure:
        """Return the closure in which every sector of the country has workers of its own. Raises `InputError`."""
        if closure.horizon != "long" or closure.labour_share is not None or closure.labour_rule[1] or closure.scale:
            raise InputError(
                "path: mobility of workers takes the long horizon, with fixed labour and without labour_share and scale"
            )
        if recycling.RULES[closure.recycling].moves_tax:
            raise InputError(
                f"path: mobility of workers goes without recycling {closure.recycling!r}: the tax on labour that it "
                f"moves would not fall on workers who are their sector's own. Leave recycling out"
            )
        self.position(economy)
        share = {"WORLD": {"ALL": 1.0}, self.country: {"ALL": SLIVER}}
        return replace(closure, horizon="short", labour_share=share)

    def position(self, economy: Economy) -> int:
        """Return the country's position. Raises `InputError` unless it is one country."""
        codes = resolve_countries(self.country, economy.countries, "mobility: country")[0]
        if len(codes) != 1:
            raise InputError(f"mobility: country {self.country!r} is not one country")
        return economy.countries.index(codes[0])

    def flows(self, economy: Economy, jobs: Array, years: float, whole: float) -> Array:
        """Return the matrix [j,k] for a step at which the base's jobs stay as they are.

        A stated matrix is for a `whole` step. It is fitted to jobs, by factors on its rows and columns; for a step that
        the window cuts off, its power is taken. Raises `InputError`.
        """
        size = len(economy.sectors)
        if self.matrix is None:
            stay = self.stay**years
            return stay * np.eye(size) + (1 - stay) * np.broadcast_to(jobs / jobs.sum(), (size, size))
        try:
            matrix = np.asarray(self.matrix, dtype=float)
        except (TypeError, ValueError):
            matrix = np.zeros(0)
        if matrix.shape != (size, size):
            raise InputError(
                f"mobility: the matrix has shape {matrix.shape}; one row and column a sector is {size, size}"
            )
        if not (np.isfinite(matrix).all() and (matrix >= 0).all()):
            raise InputError("mobility: the matrix has an entry that is below zero or NaN")
        gaps = np.abs(matrix.sum(axis=1) - 1)
        if gaps.max() > 1e-6:
            j = int(np.argmax(gaps))
            raise InputError(
                f"mobility: the row of {economy.sectors[j]} adds up to {matrix[j].sum():.6g}, not to 1: every worker "
                f"is in some sector a step later"
            )
        return _power(_fitted(matrix, jobs), years / whole)

    # ---- equations, by their number in docs/paths.md ----

    def rule(self, economy: Economy, jobs: Array, years: float, whole: float) -> MovingRule:
        """Return how workers value sectors and move in a step, where a whole one has so many years."""
        beta, of_whole = (float(np.expm1(length * np.log(self.discount_factor))) for length in (years, whole))
        return MovingRule(self.flows(economy, jobs, years, whole), self.nu, 1 + beta, whole * beta / of_whole)

    def lasting_change(self, ln_worth: Array, whole: float) -> Array:
        """Return ln of the constant change in consumption that is worth y."""
        return -np.expm1(whole * np.log(self.discount_factor)) / whole * ln_worth


@dataclass(frozen=True, eq=False)
class MovingRule:
    """How workers value sectors and move in a step: (14) and (15) in docs/paths.md.

    matrix    [j,k] of those who move in the base;  nu  spread of tastes
    discount  beta^h;  weight  of a step's ln real wage, its years where it is a whole one
    """

    matrix: Array
    nu: float
    discount: float
    weight: float

    def worth(self, ln_wage: Array, ln_worth_next: Array) -> Array:
        """Return y [j], the change in the worth of being in a sector, from the next step's (14)."""
        x = self.discount / self.nu * ln_worth_next
        top = x.max()
        options: Array = self.nu * (top + np.log(self.matrix @ np.exp(x - top)))
        return self.weight * ln_wage + options

    def settled(self, ln_wage: Array) -> Array:
        """Return y [j] where real wages stay, by Newton's method. Raises `ConvergenceError`.

        (14) is convex in y, and its slopes are the discount times a matrix whose rows add up to one: each step is a
        linear system that has a solution, and the search does not overshoot.
        """
        left = 1 - self.discount
        y = np.full(len(ln_wage), self.weight * ln_wage.mean() / left)
        for _ in range(SETTLED_IN):
            slopes = np.eye(len(y)) - self.discount * self.going(y)
            step = np.linalg.solve(slopes, self.worth(ln_wage, y) - y)
            y = y + step
            if np.abs(step).max() <= max(1e-13, 1e-15 * max(1.0, self.nu) / left) * max(1.0, np.abs(y).max()):
                return y
        raise ConvergenceError(
            f"What it is worth to be in a sector where real wages stay is not found in {SETTLED_IN} rounds: raise nu, "
            f"or lower discount_factor"
        )

    def going(self, ln_worth_next: Array) -> Array:
        """Return the part of each sector's workers that goes to each sector [j,k]."""
        pull = self.discount / self.nu * ln_worth_next
        going = self.matrix * np.exp(pull - pull.max())
        return going / going.sum(axis=1, keepdims=True)

    def moved(self, workers: Array, ln_worth_next: Array) -> Array:
        """Return workers [j] at the next step, from what each sector is then worth (15)."""
        return workers @ self.going(ln_worth_next)


def worths(rules: Sequence[MovingRule], ln_wages: Sequence[Array], after: Array) -> list[Array]:
    """Return y [j] of some steps, backwards from what it is expected to be after the last (14)."""
    y: list[Array] = []
    for rule, ln_wage in zip(reversed(rules), reversed(ln_wages), strict=True):
        y.append(rule.worth(ln_wage, y[-1] if y else after))
    return y[::-1]


def _fitted(matrix: Array, jobs: Array) -> Array:
    """A matrix whose flows have the base's jobs as sums of rows and columns (biproportional fitting)."""
    flows = matrix * jobs[:, None]
    there = jobs > 0
    for _ in range(FITTED):
        into = flows.sum(axis=0)
        flows = flows * np.divide(jobs, into, out=np.ones_like(jobs), where=into > 0)
        out = flows.sum(axis=1)
        flows = flows * np.divide(jobs, out, out=np.ones_like(jobs), where=out > 0)[:, None]
        if np.abs(flows.sum(axis=0) - jobs).max() <= 1e-12 * jobs.sum():
            break
    else:
        raise InputError(
            "mobility: no flows of workers along this matrix keep the base's jobs as they are: more leave some sectors "
            "than can come back"
        )
    return np.where(there[:, None], flows / np.where(there, jobs, 1.0)[:, None], np.eye(len(jobs)))


def _power(matrix: Array, part: float) -> Array:
    """The matrix of a part of a step, whose powers are that of the whole. Raises `InputError` where there is none."""
    if part == 1:
        return matrix
    from scipy.linalg import fractional_matrix_power

    root = np.asarray(fractional_matrix_power(matrix, part))
    real = np.real(root)
    if not np.isfinite(root).all() or np.abs(np.imag(root)).max() > ROUNDING or real.min() < -ROUNDING:
        raise InputError(
            f"mobility: the matrix cannot be used in a step that the window or an announcement cuts off: no flows of "
            f"workers over {part:.3g} of a step come to it in a whole one. Let these days be the first of a step"
        )
    positive = np.maximum(real, 0.0)
    return positive / positive.sum(axis=1, keepdims=True)
