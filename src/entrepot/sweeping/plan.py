"""The plan of a sweep: draws of the uncertain numbers, one number at a time, points of a grid, or a design."""

from __future__ import annotations

import hashlib
import itertools
import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from entrepot.cases import Case
from entrepot.cases.distributions import KeyPath
from entrepot.cases.uncertainty import Uncertainty, varying
from entrepot.documents import dotted_key
from entrepot.economy import Economy
from entrepot.errors import InputError
from entrepot.measures.fields import read_levels, read_number
from entrepot.runs.own_code import own_code
from entrepot.types import Array
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["draws", "sobol", "morris"]
#: Solves in a part, approximately: one or two seconds of work. Parts do not depend on the machine.
PART = 1024
#: Raised when what the tables of a sweep hold changes within a version: stored runs of before are then solved again.
REVISION = 6
#: Paths in a part.
PATHS = 4
#: The quantiles at which one number is set while the others stay at their centres.
LOW, HIGH = 0.05, 0.95
#: The largest number of points of a grid.
MOST = 1_000_000
#: Smallest distance of a drawn quantile from 0 and 1.
EDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Axis:
    """The levels of one number of the case on a grid, such as `ver.cap=0.4:1.2:17`."""

    name: str
    place: KeyPath
    levels: tuple[float, ...]

    @classmethod
    def read(cls, name: str, levels: str | Sequence[float], case: Case) -> Axis:
        """Read an axis from "low:high:count", "a,b,c" or a list of numbers. Raises `InputError`."""
        where = f"grid {name}"
        try:
            place = varying(case, name)
        except InputError as error:
            raise InputError(f"grid {error}") from None
        if isinstance(levels, str):
            numbers = read_levels(where, levels, MOST)
        else:
            numbers = [read_number(where, level) for level in levels]
        if len(set(numbers)) < len(numbers) or not numbers:
            raise InputError(f"{where}: give levels that differ from each other, not {levels!r}")
        for level in (numbers[0], numbers[-1]):
            case.with_numbers({place: level})  # raise now rather than in the middle of the sweep
        return cls(dotted_key(place), place, tuple(numbers))


@dataclass(frozen=True, eq=False)
class Plan:
    """Every member of a sweep, in an order that depends on the plan alone.

    economy    the case's Economy with its elasticities;  base  the same with the case's `base` in force
    draws      quasi-random points (Sobol' sequence, scrambled by the seed) at each point of the grid; for a design of
               experiments, the size of its base sample
    scenarios  those to solve, including the ones that others refer to
    part       about how many equilibria a part has
    """

    case: Case
    economy: Economy
    base: Economy
    uncertain: Uncertainty
    method: Method
    draws: int
    seed: int
    grid: tuple[Axis, ...]
    scenarios: tuple[str, ...]
    tables: tuple[str, ...]
    tol: float
    part: int = PART

    @cached_property
    def design(self) -> Array | None:
        """Points of the unit cube [m, p] of a design of experiments; None for draws."""
        if self.method == "draws":
            return None
        from entrepot.sweeping import design_of_experiments

        return design_of_experiments.design(self.method, self.uncertain.names, self.draws, self.seed)

    @cached_property
    def _points(self) -> tuple[tuple[float, ...], ...]:
        return tuple(itertools.product(*(axis.levels for axis in self.grid)))

    @property
    def _each(self) -> int:
        """The number of members at each point of the grid."""
        if self.design is not None:
            return len(self.design)
        return max(self.draws, 1) if self.grid else self.draws

    @property
    def singles(self) -> int:
        """The number of members that set one number at a time low or high, and the one with all at their centres."""
        return 1 + 2 * len(self.uncertain.parameters) if not self.grid else 0

    @property
    def size(self) -> int:
        """The number of all members: the centre, one number at a time, and the draws at every point of the grid."""
        return self.singles + self._each * len(self._points)

    @property
    def part_size(self) -> int:
        """The number of members of a part."""
        from entrepot.equilibrium.batch import SIZE

        if self.follows_path:  # a member takes as long as hundreds of solves
            return PATHS
        return SIZE * max(1, round(self.part / (SIZE * max(1, len(self.scenarios)))))

    @property
    def follows_path(self) -> bool:
        """Whether the case's path is solved in every member."""
        return any(name.startswith("path_") for name in self.tables)

    @property
    def parts(self) -> int:
        """The number of parts."""
        return math.ceil(self.size / self.part_size)

    def members_in(self, parts: Iterable[int]) -> int:
        """The number of members of some parts together."""
        return sum(min((k + 1) * self.part_size, self.size) - k * self.part_size for k in parts)

    def members(self, part: int) -> pd.DataFrame:
        """A row for each member of a part.

        Columns: member (its number), kind (centre, low, high, draw), the parameter that is low or high, the levels of
        the grid, and every uncertain number.
        """
        import pandas as pd

        first, stop = part * self.part_size, min((part + 1) * self.part_size, self.size)
        numbers = np.arange(first, stop)
        kinds, names, rows = [], [], []
        points: list[tuple[float, ...]] = []
        centres = self.uncertain.centres()
        drawn = self._drawn(max(first, self.singles) - self.singles, max(stop, self.singles) - self.singles)
        for m in numbers:
            if m < self.singles:
                k, high = divmod(int(m) - 1, 2)
                row = centres.copy()
                if m > 0:
                    row[k] = self.uncertain.parameters[k].at(np.array([HIGH if high else LOW]))[0]
                kinds.append("centre" if m == 0 else "high" if high else "low")
                names.append("" if m == 0 else self.uncertain.names[k])
                rows.append(row)
                points.append(())
            else:
                point, _ = divmod(int(m) - self.singles, self._each)
                central = self.draws == 0
                kinds.append("centre" if central else "draw")
                names.append("")
                rows.append(centres if central else drawn[m - max(first, self.singles)])
                points.append(self._points[point])
        table = pd.DataFrame({"member": numbers, "kind": kinds, "parameter": names})
        for k, axis in enumerate(self.grid):
            table[axis.name] = [point[k] if point else np.nan for point in points]
        values = np.array(rows).reshape(len(numbers), len(centres))
        return pd.concat([table, pd.DataFrame(values, columns=self.uncertain.names)], axis=1)

    def _drawn(self, first: int, stop: int) -> Array:
        """The uncertain numbers of the draws from `first` up to `stop` [m, p]."""
        count = len(self.uncertain.parameters)
        if not count or stop <= first or self.draws == 0:
            return np.zeros((max(stop - first, 0), count))
        if self.design is not None:
            return self.uncertain.values(self.design[np.arange(first, stop) % self._each])
        from scipy.stats import qmc

        out = np.empty((stop - first, count))
        at = first
        while at < stop:  # the same draws at every point of the grid
            within = at % self._each
            length = min(stop - at, self._each - within)
            engine = qmc.Sobol(count, scramble=True, rng=np.random.default_rng(self.seed))
            if within:
                engine.fast_forward(within)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # intervals do not need a power of two of points
                out[at - first : at - first + length] = engine.random(length)
            at += length
        return self.uncertain.values(np.clip(out, EDGE, 1 - EDGE))

    @property
    def left_out(self) -> tuple[str, ...]:
        """The scenarios of the case that the sweep does not solve, such as retaliations that were not named."""
        return tuple(name for name in self.case.scenarios if name not in self.scenarios)

    @property
    def on_path_alone(self) -> bool:
        """Whether nothing varies but numbers of the case's path, so that its scenarios stay what they are."""
        return self.follows_path and not self.draws and all(axis.place[0] == "path" for axis in self.grid)

    def draw(self, member: int) -> int:
        """The number of a member's draw, which repeats at every point of a grid."""
        return member % self._each if self.grid else member

    @property
    def _has_rows(self) -> bool:
        return any(p.rows for p in self.uncertain.parameters)

    @cached_property
    def products(self) -> str:
        """A digest of the calibrated market of the case, whose products may be in a file beside it."""
        spec = self.case.market
        assert spec is not None
        market = spec.build(self.case.path)
        t = market.table
        numbers = np.stack([t.price, t.quantity, t.margin, t.tariff, t.dealer_share, t.dealer_amount, market.cost])
        names = [*t.product, *t.firm, *t.plant, *t.owner]
        return f"{_digest(numbers)} {hashlib.sha256(repr(names).encode()).hexdigest()[:16]}"

    def identity(self) -> dict[str, Any]:
        """Everything that decides the numbers, to the last digit, in the order that gives each number its draws."""
        mixed = [p for p in self.uncertain.parameters if p.sets]
        return {
            "case": self.case.fingerprint,
            "economy": self.economy.fingerprint,
            "version": __version__,
            "revision": REVISION,
            **own_code(self.case),
            "method": self.method,
            "draws": self.draws,
            "seed": self.seed,
            "grid": [[axis.name, *axis.levels] for axis in self.grid],
            "uncertain": [
                [p.name, p.distribution.kind, *map(float, p.distribution.parameters), *map(str, p.distribution.bounds)]
                for p in self.uncertain.parameters
            ],
            **({"sets": [[p.name, str(p.distribution), p.sets] for p in mixed]} if mixed else {}),
            **({"rows": [p.rows for p in self.uncertain.parameters if p.rows]} if self._has_rows else {}),
            **({"products": self.products} if self.case.market is not None else {}),
            "correlation": _digest(self.uncertain.correlation),
            "trade_sd": self.uncertain.trade_sd,
            **({"part": self.part} if self.part != PART else {}),
            "scenarios": list(self.scenarios),
            "tables": list(self.tables),
            "tol": self.tol,
        }


def _digest(array: Array | None) -> str | None:
    return None if array is None else hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def needed(case: Case, wanted: Sequence[str] | None, in_time: Sequence[str] = ()) -> tuple[str, ...]:
    """The scenarios to solve, in order: the wanted ones, those on the path, and those that they refer to.

    By default all but retaliations, whose rates must be searched for again in every member.
    """
    if wanted is None:
        wanted = [name for name, spec in case.scenarios.items() if not spec.retaliations]
    return case.needed([*wanted, *in_time])
