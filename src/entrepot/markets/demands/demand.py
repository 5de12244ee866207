"""What every demand system does: quantities from buyers' prices, with slopes and curvature.

Axes: [k,j] is the quantity of product k and the price of product j. Prices are money a unit, quantities units.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, TypeVar

import numpy as np

from entrepot.types import Array, Index

Result = TypeVar("Result")
#: Products above which no result is kept.
MOST_KEPT = 1000


def kept(method: Callable[[Any, Array], Result]) -> Callable[[Any, Array], Result]:
    """Return the method of a demand system with its result at the last prices kept, and read-only.

    A step of Newton's method reads quantities and slopes at one point several times. Above `MOST_KEPT` products, where
    slopes take much memory and prices are not found by Newton's method, nothing is kept.
    """
    name = f"_kept_{method.__name__}"

    @wraps(method)
    def at(self: Any, prices: Array) -> Result:
        if len(prices) > MOST_KEPT:
            return method(self, prices)
        last = self.__dict__.get(name)
        if last is not None and last[0].shape == prices.shape and (last[0] == prices).all():
            return last[1]
        result = method(self, prices)
        for part in result if isinstance(result, tuple) else (result,):
            if isinstance(part, np.ndarray):
                part.flags.writeable = False
        self.__dict__[name] = (np.array(prices), result)
        return result

    return at


class Demand(ABC):
    """Demand for the products of one market, calibrated so that base prices give base quantities.

    A demand system of your own is a subclass with the abstract methods; pass an instance to `Market`.
    """

    #: Its name in `Market.from_products` and on the command line.
    name: ClassVar[str] = ""
    #: Its name in a sentence.
    title: ClassVar[str] = ""

    @abstractmethod
    def quantities(self, prices: Array) -> Array:
        """Return units sold [k]."""

    @abstractmethod
    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j [k,j], units per unit of money."""

    @abstractmethod
    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return sum_k weights[k,j] d2 q_k / dp_j dp_l [j,l], as the slopes of first-order conditions need it."""

    @abstractmethod
    def own_slopes(self, prices: Array) -> Array:
        """Return dq_j/dp_j [j] with the price index of the market held: what a monopolistic competitor sees."""

    def pull(self, prices: Array, margins: Array, groups: Index) -> Array | None:
        """Return sum_k [groups_k = groups_j] (dq_k/dp_j - own slope) margins_k [j] without a [k,j] matrix, or None."""
        return None

    @abstractmethod
    def surplus_change(self, before: Array, after: Array) -> float:
        """Return the change in consumer surplus between two vectors of prices, in money; negative is a loss."""

    def compensating_variation(self, before: Array, after: Array) -> float:
        """Return what buyers need to be as well off at the prices after as before, in money."""
        return -self.surplus_change(before, after)

    @property
    @abstractmethod
    def size(self) -> float:
        """Units in the market with those of the outside good; units sold in the base where there is none."""

    @abstractmethod
    def keep(self, products: Array) -> Demand:
        """Return demand when only these products (a mask) are on sale. Raises `InputError` where it has no meaning."""

    def elasticities(self, prices: Array) -> Array:
        """Return d ln q_k / d ln p_j [k,j]."""
        return self.slopes(prices) * prices / self.quantities(prices)[:, None]

    def diversion(self, prices: Array) -> Array:
        """Return the share [k,j] of what product j loses by a higher price that goes to product k."""
        slopes = self.slopes(prices)
        return np.where(np.eye(len(prices), dtype=bool), 0.0, -slopes / np.diag(slopes))


class LogDemand(Demand):
    """Demand that is stated by elasticities: CES and AIDS."""

    units: float

    @property
    def size(self) -> float:
        """Units sold in the base."""
        return self.units

    @abstractmethod
    def elasticities(self, prices: Array) -> Array:
        """Return d ln q_k / d ln p_j [k,j]."""

    @abstractmethod
    def _elasticity_slopes(self, prices: Array, weights: Array) -> Array:
        """sum_k weights[k,j] d e_kj / d ln p_l [j,l]."""

    @kept
    def slopes(self, prices: Array) -> Array:
        """Return dq_k/dp_j = q_k e_kj / p_j [k,j]."""
        return self.quantities(prices)[:, None] * self.elasticities(prices) / prices

    def curvature(self, prices: Array, weights: Array) -> Array:
        """Return sum_k weights[k,j] d2 q_k / dp_j dp_l [j,l].

        The second derivative is q_k (e_kj e_kl + de_kj/dlnp_l - [j=l] e_kj) / (p_j p_l).
        """
        elasticities = self.elasticities(prices)
        weighted = weights * self.quantities(prices)[:, None]
        total = (weighted * elasticities).T @ elasticities + self._elasticity_slopes(prices, weighted)
        total -= np.diag((weighted * elasticities).sum(axis=0))
        return total / np.outer(prices, prices)
