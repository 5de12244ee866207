"""The slow modes of the search: what is left of an error when every country has adjusted by itself.

With r(x) = B (f(x) - x), B the own-country step, and K its derivative at the base, a search in which K were -I would
end in one step. Trade makes it otherwise in a few dozen directions. With V those directions and their change K V = Q R,

    r <- r - (V + K V) R^-1 Q' r

is the step that Anderson acceleration takes once it has seen V and K V: here it knows them beforehand, for as many
worlds as are drawn from one base. The directions are found by subspace iteration (Halko, Martinsson and Tropp 2011,
SIAM Review 53: 217-288, section 4.5). 44 x 24: 10 maps where 16 were needed.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.equilibrium.problem import Problem
from entrepot.measures import Scenario

COUNT, ROUNDS, STEP = 40, 3, 1e-5


@dataclass(frozen=True, eq=False, slots=True)
class Modes:
    """seen [x, m] (Q), step [x, m] ((V + K V) R^-1); x without quota wedges."""

    seen: NDArray[np.float32]
    step: NDArray[np.float32]

    def apply(self, r: NDArray[np.float64]) -> None:
        """r <- r - step seen' r, in place, on r [.., x] and what follows it."""
        head = r[..., : len(self.seen)]
        head -= (head.astype(np.float32) @ self.seen) @ self.step.T


_kept: weakref.WeakKeyDictionary[Economy, dict[tuple[bytes, str], Modes]] = weakref.WeakKeyDictionary()


def slow_modes(problem: Problem) -> Modes:
    """Of the base of a Problem under its closure; kept for as long as that Economy lives."""
    from entrepot.equilibrium.market import Market  # which uses them

    economy = problem.economy.origin
    if economy.in_force:  # its base is not where all unknowns are zero
        none = np.zeros((0, 0), dtype=np.float32)
        return Modes(none, none)
    kept = _kept.setdefault(economy, {})
    key = (problem.factors.key, problem.closure.deficit)
    if key not in kept:
        base = Problem.of(economy, Scenario(()), problem.closure)
        market = Market([base] * min(COUNT, Market(base).start().size // 2))
        directions = np.random.default_rng(0).normal(size=market.start().shape)

        def change(v: NDArray[np.float64]) -> NDArray[np.float64]:
            scale = STEP / np.abs(v).max(axis=1, keepdims=True)
            ahead, back = (market.precondition(market.step(x) - x) for x in (scale * v, -scale * v))
            return (ahead - back) / (2 * scale)

        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                directions = np.linalg.qr((directions + change(directions)).T)[0].T
            changed = change(directions)
            seen, triangle = np.linalg.qr(changed.T)
            step = np.linalg.lstsq(triangle.T, directions + changed, rcond=1e-6)[0].T
        kept[key] = Modes(seen.astype(np.float32), np.ascontiguousarray(step, dtype=np.float32))
    return kept[key]
