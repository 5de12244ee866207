"""The slow modes of the search: the error that remains when every country has adjusted by itself.

With r(x) = B (f(x) - x), B the own-country step, and K its derivative at the base, a search in which K were -I would
end in one step. Trade makes it otherwise in a few dozen directions. With V those directions and their change K V = Q R,

    r <- r - (V + K V) R^-1 Q' r

is the step that Anderson acceleration takes once it has seen V and K V: here it knows them beforehand, found once for
a base and what is drawn from it. The directions are found by subspace iteration (Halko, Martinsson and Tropp 2011,
SIAM Review 53: 217-288, section 4.5). 44 x 24: 9 maps where 15 were needed.
"""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from entrepot.economy.economy import Economy
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, unknowns
from entrepot.equilibrium.preconditioner import KEPT, Modes
from entrepot.equilibrium.problem import Problem
from entrepot.measures import Scenario

COUNT, ROUNDS, STEP = 32, 2, 1e-5
#: Unknowns, for each of the directions, below which a search is too short for them to pay.
LONG = 16


_kept: weakref.WeakKeyDictionary[Economy, dict[tuple[bytes, str, str, bytes], Modes | None]] = (
    weakref.WeakKeyDictionary()
)


def slow_modes(problem: Problem) -> Modes | None:
    """Return the slow modes of the base of a Problem under its closure, kept for as long as that Economy lives.

    None for a small world, and for a base with quotas in force, where the unknowns are not all zero.
    """
    economy = problem.economy.origin
    kept = _kept.setdefault(economy, {})
    factors, closure = problem.factors, problem.closure
    # A tax on labour that revenue moves is one more unknown a country.
    tax = factors.tax.tobytes() if factors.recycled else b""
    key = (factors.key, closure.deficit, closure.recycling, tax)
    if key not in kept:
        while len(kept) >= KEPT:
            del kept[next(iter(kept))]
        base = Problem.of(economy, Scenario(()), replace(problem.closure, capital=1.0))
        kept[key] = None if economy.in_force else _found(base.active() if factors.has_activity else base)
    return kept[key]


def _found(base: Problem) -> Modes | None:
    if unknowns(base) < LONG * COUNT:
        return None
    market, alone = EquilibriumMap([base] * COUNT), EquilibriumMap(base)
    directions = np.random.default_rng(0).normal(size=market.start().shape)

    def gap(x: NDArray[np.float64], on: EquilibriumMap = market) -> NDArray[np.float64]:
        return on.precondition(on.step(x) - x).astype(float)

    def change(v: NDArray[np.float64]) -> NDArray[np.float64]:
        scale = STEP / np.abs(v).max(axis=1, keepdims=True)
        return (gap(scale * v) - at_base) / scale

    with np.errstate(all="ignore"), threadpool_limits(1):
        at_base = gap(alone.start(), alone)
        for _ in range(ROUNDS):
            directions = np.linalg.qr((directions + change(directions)).T)[0].T
        changed = change(directions)
        if not np.isfinite(changed).all():
            return None
        seen, triangle = np.linalg.qr(changed.T)
        step = np.linalg.pinv(triangle.T, rcond=1e-6) @ (directions + changed)
    return Modes(seen.astype(np.float32), step.astype(np.float32))
