"""Logs of levels over their base, where there is something in the base."""

from __future__ import annotations

import numpy as np

from entrepot.economy.equations import Array

#: Levels are kept above this part of their base on the way; a solution that needs the floor is refused afterwards.
FLOOR = 1e-9


class Hat:
    """ln of level / base [.., j, n], above a floor; zero where there is nothing in the base."""

    def __init__(self, base: Array) -> None:
        self.there = base > 0
        self.base = np.where(self.there, base, 1.0)
        self.whole = bool(self.there.all())

    def ln(self, level: Array) -> Array:
        """Return the log of level over base, at least ln FLOOR."""
        hat = level / self.base
        np.maximum(hat, FLOOR, out=hat)
        if not self.whole:
            hat = np.where(self.there, hat, 1.0)
        return np.log(hat, out=hat)

    def masked(self, slope: Array) -> Array:
        """Return `slope`, with zero where the base is zero."""
        return slope if self.whole else np.where(self.there, slope, 0.0)

    def pull(self, level: Array, slope: Array) -> Array:
        """Return slopes in the level, from those in its log."""
        if self.whole:
            return slope / level
        return np.where(self.there, slope / np.where(self.there, level, 1.0), 0.0)
