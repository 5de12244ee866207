"""A stock of goods that is used up, solved in time by an adaptive solver: what the closed form is held against."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

import entrepot as ep


def worth_in_time(
    costs: ep.paths.Inventories, stock: float, last: float, used: float, elasticity: float
) -> tuple[float, float]:
    """What a unit is worth at first, and the years until the stock is gone, backwards from its last unit at `last`."""

    def back(_: float, y: np.ndarray) -> list[float]:
        price = max(y[0], 1e-12)
        rate = costs.interest * price + costs.storage + costs.crowding * y[1]
        return [-rate, used * (price / last) ** -elasticity]

    def reached(_: float, y: np.ndarray) -> float:
        return float(y[1] - stock)

    reached.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(back, [0, 1e4], [last, 0.0], method="LSODA", rtol=1e-10, atol=1e-14, events=reached)
    return float(found.y_events[0][0][0]), float(found.t_events[0][0])
