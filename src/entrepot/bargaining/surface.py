"""The payoff surface: every deal on a grid of the issues, each solved from what its neighbours foretell."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.negotiation import Negotiation
from entrepot.economy.equations import Array
from entrepot.errors import ConvergenceError

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str, int, int], None]
Place = tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Surface:
    """axes    by issue, its levels in order
    worth      [a, b, ..., p] US$ million a year to each party, a change from the base; not a number where not solved
    failures   deals without an equilibrium
    """

    issues: tuple[str, ...]
    parties: tuple[str, ...]
    axes: tuple[Array, ...]
    worth: Array
    failures: int
    seconds: float

    @property
    def points(self) -> Array:
        """[k, i]"""
        return np.stack([axis.ravel() for axis in np.meshgrid(*self.axes, indexing="ij")], axis=1)

    @property
    def values(self) -> Array:
        """[k, p]"""
        return self.worth.reshape(-1, len(self.parties))

    @property
    def solved(self) -> int:
        return int(np.isfinite(self.values[:, 0]).sum())

    @property
    def complete(self) -> bool:
        return self.solved + self.failures == len(self.values)

    def to_frame(self) -> pd.DataFrame:
        """One row a deal that was solved: levels, then what it is worth to each party."""
        import pandas as pd

        table = pd.DataFrame(np.hstack([self.points, self.values]), columns=[*self.issues, *self.parties])
        return table.dropna().reset_index(drop=True)

    def __repr__(self) -> str:
        stopped = "" if self.complete else f" of {len(self.values):,} (stopped; pass start= to go on)"
        return (
            f"Payoff surface over {', '.join(self.issues)}: {self.solved:,} deals{stopped}, {self.failures} without an "
            f"equilibrium, {self.seconds:.1f} s ({self.solved / max(self.seconds, 1e-9):,.0f} a second)\n"
            f"Next: .to_frame()"
        )


def payoff_surface(
    negotiation: Negotiation, *, tol: float = 1e-9, progress: Progress | None = None, start: Surface | None = None
) -> Surface:
    """Solve every deal on the grid of `table.points` levels an issue.

    Each equilibrium starts from its neighbours': x at a corner of a cell is foretold by the seven others as if it had
    no mixed difference, so that the error is of the order of the cell's volume. Ctrl-C keeps what was solved; `start`
    goes on from it.
    """
    began = time.perf_counter()
    table = negotiation.table
    axes = tuple(
        np.linspace(low, high, table.size(name))
        for name, low, high in zip(table.issues, negotiation.lower, negotiation.upper, strict=True)
    )
    shape = tuple(axis.size for axis in axes)
    worth = np.full((*shape, len(negotiation.parties)), np.nan)
    before = 0.0
    if start is not None:
        worth, before = start.worth.copy(), start.seconds
    known: dict[Place, Array] = {}
    failures = 0
    try:
        for done, place in enumerate(itertools.product(*map(range, shape))):
            if progress is not None and done % 50 == 0:
                progress("payoff surface", done, worth[..., 0].size)
            if np.isfinite(worth[place]).all():
                continue
            point = np.array([axis[k] for axis, k in zip(axes, place, strict=True)])
            try:
                worth[place], known[place] = negotiation.solve(point, _foretold(place, known), tol)
            except ConvergenceError:
                failures += 1
            if place[-1] == 0:
                known = {p: x for p, x in known.items() if p[0] >= place[0] - 1}
    except KeyboardInterrupt:
        if not np.isfinite(worth).any():
            raise
    seconds = before + time.perf_counter() - began
    return Surface(tuple(table.issues), negotiation.parties, axes, worth, failures, seconds)


def _foretold(place: Place, known: dict[Place, Array]) -> Array | None:
    """x at `place` if the mixed difference over its lower neighbours is zero: prod_d (1 - S_d) x = 0, S_d a step back
    along issue d."""
    lower = [tuple(k - (d == axis) for d, k in enumerate(place)) for axis in range(len(place))]
    sides = [axis for axis, neighbour in enumerate(lower) if neighbour in known]
    if not sides:
        return None
    size = known[lower[sides[-1]]].size
    sides = [axis for axis in sides if known[lower[axis]].size == size]
    out = np.zeros(size)
    for back in itertools.product((0, 1), repeat=len(sides)):
        if any(back):
            at = list(place)
            for axis, step in zip(sides, back, strict=True):
                at[axis] -= step
            x = known.get(tuple(at))
            if x is None or x.size != size:
                return known[lower[sides[-1]]]
            out += -math.prod(-1 if step else 1 for step in back) * x
    return out
