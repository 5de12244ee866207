"""Workers of one country who move among its sectors at a cost (Caliendo, Dvorkin and Parro 2019), in hats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium import Closure
from entrepot.errors import InputError
from entrepot.paths.number_checks import check_between
from entrepot.types import Array

#: The part of value added that mobile labour keeps where workers are their sector's own.
SLIVER = 1e-9
#: Rounds in which flows of workers are fitted to the base's jobs, and in which a worth that stays is found.
FITTED, SETTLED_IN = 10_000, 100_000


@dataclass(frozen=True)
class Mobility:
    """How workers of one country move among its sectors.

    country   the country; all value added there is labour's, and everywhere else labour is mobile at once
    matrix    [j,k]: of the workers of sector j, the part that is in k a step later in the base; rows add up to one.
              Without it `stay` stay in their sector a year, and the others go to all sectors in proportion to jobs
    nu        spread of the tastes for sectors, in log consumption of a step: the larger, the less wages move workers
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
        check_between("mobility: nu", self.nu, 0.0, np.inf, "a spread above 0")
        check_between("mobility: discount_factor", self.discount_factor, 0.0, 1.0, "a factor a year below 1")

    def closure(self, economy: Economy, closure: Closure) -> Closure:
        """Return the closure in which every sector of the country has workers of its own. Raises `InputError`."""
        if closure.horizon != "long" or closure.labour_share is not None or closure.labour_rule[1] or closure.scale:
            raise InputError(
                "path: mobility of workers takes the long horizon, with fixed labour and without labour_share and scale"
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

    def flows(self, economy: Economy, jobs: Array, years: float) -> Array:
        """Return the matrix [j,k] for a step at which the base's jobs stay as they are.

        A stated matrix is fitted to them, by factors on its rows and columns. Raises `InputError`.
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
        return _fitted(matrix, jobs)

    # ---- equations, by their number in docs/paths.md ----

    def worth(self, ln_wage: Array, ln_worth_next: Array, matrix: Array, years: float) -> Array:
        """Return y [j], the change in the worth of being in a sector, from the next step's (14)."""
        beta = self.discount_factor**years
        options: Array = self.nu * _ln_mean(matrix, beta / self.nu * ln_worth_next)
        return ln_wage + options

    def settled(self, ln_wage: Array, matrix: Array, years: float) -> Array:
        """Return y [j] where real wages stay."""
        y = ln_wage / (1 - self.discount_factor**years)
        for _ in range(SETTLED_IN):
            y, last = self.worth(ln_wage, y, matrix, years), y
            if np.abs(y - last).max() <= 1e-13 * max(1.0, np.abs(y).max()):
                break
        return y

    def moved(self, workers: Array, ln_worth_next: Array, matrix: Array, years: float) -> Array:
        """Return workers [j] at the next step, from what each sector is then worth (15)."""
        beta = self.discount_factor**years
        pull = beta / self.nu * ln_worth_next
        going = matrix * np.exp(pull - pull.max())
        out: Array = workers @ (going / going.sum(axis=1, keepdims=True))
        return out


def _ln_mean(matrix: Array, x: Array) -> Array:
    """ln sum_k m[j,k] e^x[k], without overflow."""
    top = x.max()
    out: Array = top + np.log(matrix @ np.exp(x - top))
    return out


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
    fitted: Array = np.where(there[:, None], flows / np.where(there, jobs, 1.0)[:, None], np.eye(len(jobs)))
    return fitted


def worths(
    mobility: Mobility,
    ln_wages: Sequence[Array],
    matrices: Sequence[Array],
    years: Sequence[float],
    expected: Mapping[int, Callable[[Array], Array]],
) -> tuple[list[Array], dict[int, Array]]:
    """Return y [j] of every step, backwards from the last, after which real wages stay (14).

    expected  by step at which something is resolved: what y is expected to be before it, a function of the y that it
              has on the way that is taken. These expectations are returned too
    """
    y = [mobility.settled(ln_wages[-1], matrices[-1], years[-1])]
    before: dict[int, Array] = {}
    for t in range(len(ln_wages) - 1, 0, -1):
        if t in expected:
            before[t] = expected[t](y[-1])
        y.append(mobility.worth(ln_wages[t - 1], before.get(t, y[-1]), matrices[t - 1], years[t - 1]))
    return y[::-1], before
