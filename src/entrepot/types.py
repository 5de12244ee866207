"""The types that every part of the package uses: arrays, positions in arrays, and reports of progress."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

#: Floating-point numbers; the docstring of each function gives the axes.
Array = NDArray[np.float64]
#: Flat positions in an array.
Index = NDArray[np.intp]
#: Called as progress(stage, done, total): what is being done, and how many steps of how many are done.
#: A search that cannot know its length passes a total of 0, the equilibria solved so far as `done`, and how near it is
#: to its end (a payoff, a gap) in the text of the stage.
Progress = Callable[[str, int, int], None]


def no_progress(stage: str, done: int, total: int) -> None:
    """Report nothing: the `Progress` of a caller that gave none."""
