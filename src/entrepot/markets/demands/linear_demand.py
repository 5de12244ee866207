"""Linear demand, with diversion by shares of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from entrepot.errors import InputError
from entrepot.markets.demands.demand import Demand
from entrepot.types import Array


@dataclass(frozen=True, eq=False)
class Linear(Demand):
    """q = base + slope (p - base price), with a symmetric slope.

    base [k], base_price [k]  units and prices in the base
    slope [k,j]               dq_k/dp_j
    units                     in the market with those of the outside good
    """

    base: Array
    base_price: Array
    slope: Array
    units: float
    name: ClassVar[str] = "linear"
    title: ClassVar[str] = "linear"

    @classmethod
    def calibrated(cls, prices: Array, quantities: Array, strength: float, *, buyers: float | None = None) -> Linear:
        """Return demand with slopes -strength (diag(q) - q q'/size): those of a logit at the base, held.

        strength  above zero, per unit of money; without `buyers` the units lost by one product all go to others
        """
        size = float(quantities.sum()) if buyers is None else float(buyers)
        slope = -strength * (np.diag(quantities) - np.outer(quantities, quantities) / size)
        return cls(quantities, prices, slope, size)

    @property
    def size(self) -> float:
        """Units in the market with those of the outside good."""
        return self.units

    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]; below zero beyond the price at which a product has no buyer."""
        return self.base + self.slope @ (prices - self.base_price)

    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j [k,j], the same at all prices."""
        return self.slope

    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return zeros [j,l]."""
        return np.zeros_like(self.slope)

    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j [j]."""
        return np.diag(self.slope)

    def surplus_change(self, before: Array, after: Array) -> float:
        """Return minus the area beside demand, exact for a symmetric slope."""
        return float(-(after - before) @ (self.quantities(before) + self.quantities(after)) / 2)

    def keep(self, products: Array) -> Linear:
        """Raise `InputError`: without a product, linear demand for the others is not what was calibrated."""
        raise InputError("linear demand cannot take a product off the market; use logit, nested_logit or ces")
