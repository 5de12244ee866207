"""The payoff surface: the payoffs of every deal on a grid of the issues, solved in stacks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.negotiation import Negotiation
from entrepot.equilibrium.warm_start import SIZE
from entrepot.interrupts import stopped_by_signals
from entrepot.types import Array, Progress

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Surface:
    """The payoffs of the deals on a grid.

    axes       the levels of each issue, in order
    worth      [a, b, ..., p] payoff of each party, a change from the base in US$ million a year; NaN where not solved
    failures   number of deals without an equilibrium
    """

    issues: tuple[str, ...]
    parties: tuple[str, ...]
    axes: tuple[Array, ...]
    worth: Array
    failures: int
    seconds: float

    @property
    def points(self) -> Array:
        """The levels of every deal [k, i]."""
        return np.stack([axis.ravel() for axis in np.meshgrid(*self.axes, indexing="ij")], axis=1)

    @property
    def values(self) -> Array:
        """The payoffs of every deal [k, p]."""
        return self.worth.reshape(-1, len(self.parties))

    @property
    def solved(self) -> int:
        """The number of deals with a payoff."""
        return int(np.isfinite(self.values[:, 0]).sum())

    @property
    def complete(self) -> bool:
        """Whether every deal of the grid was tried."""
        return self.solved + self.failures == len(self.values)

    def to_frame(self) -> pd.DataFrame:
        """One row for each solved deal: its levels, then its payoffs by party."""
        import pandas as pd

        table = pd.DataFrame(np.hstack([self.points, self.values]), columns=[*self.issues, *self.parties])
        return table.dropna().reset_index(drop=True)

    def __repr__(self) -> str:
        stopped = "" if self.complete else f" of {len(self.values):,} (stopped; pass start= to continue)"
        return (
            f"Payoff surface over {', '.join(self.issues)}: {self.solved:,} deals{stopped}, {self.failures} without an "
            f"equilibrium, {self.seconds:.1f} s ({self.solved / max(self.seconds, 1e-9):,.0f} a second)\n"
            f"Next: .to_frame()"
        )


@stopped_by_signals()
def payoff_surface(
    negotiation: Negotiation,
    *,
    tol: float = 1e-9,
    progress: Progress | None = None,
    start: Surface | None = None,
    so_far: Callable[[Surface], None] | None = None,
) -> Surface:
    """Solve every deal on the grid of `table.points` levels of each issue, one stack at a time.

    Each stack has a warm start at the one before it, whose deals are its neighbours. Ctrl-C and SIGTERM keep what was
    solved; `start` continues from it. `so_far` is called with the surface after each stack.
    """
    began = time.perf_counter()
    table = negotiation.table
    axes = tuple(
        np.linspace(low, high, table.size(name))
        for name, low, high in zip(table.issues, negotiation.lower, negotiation.upper, strict=True)
    )
    shape = tuple(axis.size for axis in axes)
    found = Surface(
        tuple(table.issues), negotiation.parties, axes, np.full((*shape, len(negotiation.parties)), np.nan), 0, 0.0
    )
    if start is not None:
        found.worth[...] = start.worth
    points, worth = found.points, found.values
    left = np.flatnonzero(~np.isfinite(worth).all(axis=1))
    failures, last = 0, None
    try:
        for first in range(0, left.size, SIZE):
            if progress is not None:
                progress("payoff surface", len(points) - left.size + first, len(points))
            now = left[first : first + SIZE]
            worth[now], last = negotiation.solve_beside(points[now], last, tol)
            failures += int(np.isnan(worth[now, 0]).sum())
            if so_far is not None:
                so_far(replace(found, failures=failures))
    except KeyboardInterrupt:
        if not np.isfinite(worth).any():
            raise
    seconds = (start.seconds if start else 0.0) + time.perf_counter() - began
    return replace(found, failures=failures, seconds=seconds)
