"""From what a maker receives to what buyers pay: export taxes, licences, duties, price floors and dealers.

    b = x (1+e) + licences bought before the border              the border price
    p = (1+d) [ b (1+t) (1+rho) + s + licences bought after ] + f   the buyers' price

x is what the maker receives, e an export tax, t the duty, rho the ad valorem price of a place in a tariff-rate quota, s
a duty a unit, d and f the dealer's margin. A licence of a quota in units costs the same for every product under it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.types import Array


@dataclass(frozen=True, eq=False, kw_only=True)
class ProductCap:
    """A ceiling on the units of some products together.

    on [j]          whether each product is under it
    volume          units
    surcharge [j]   (1+t_out)/(1+t_in) - 1 of a tariff-rate quota; infinite where nothing more may be sold
    """

    title: str
    on: NDArray[np.bool_]
    volume: float
    surcharge: Array
    exporter_share: float
    before_duty: bool

    @cached_property
    def hard(self) -> bool:
        """Whether no unit may be sold beyond the volume."""
        return bool(np.isinf(self.surcharge[self.on]).all())

    @cached_property
    def most(self) -> float:
        """The highest price of its licence: infinite, or ad valorem, the largest surcharge."""
        return float(self.surcharge[self.on].max(initial=0.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class PriceChain:
    """The taxes and limits on each product [j], and the caps."""

    export_tax: Array
    duty: Array
    specific: Array
    dealer_share: Array
    dealer_amount: Array
    floor: Array
    levied: NDArray[np.bool_]
    caps: tuple[ProductCap, ...] = ()

    @classmethod
    def free(cls, products: int) -> PriceChain:
        """Return the chain without any measure."""
        none: Any = np.zeros(products)
        return cls(**dict.fromkeys(_NUMBERS, none), levied=none.astype(bool))

    def at_worth(self, worth: float) -> PriceChain:
        """Return the chain with specific duties and floors in money that is worth so many times as much."""
        return self if worth == 1 else replace(self, specific=self.specific * worth, floor=self.floor * worth)

    # ---- licences ----

    def before(self, licences: Array) -> Array:
        """Return the price of licences bought before the border [j]."""
        return self._sum(licences, before_duty=True)

    def after(self, licences: Array) -> Array:
        """Return the price of licences bought after duty [j]."""
        return self._sum(licences, before_duty=False)

    def _sum(self, licences: Array, *, before_duty: bool) -> Array:
        total = np.zeros(len(self.duty))
        for cap, price in zip(self.caps, licences, strict=True):
            if cap.hard and cap.before_duty == before_duty:
                total += price * cap.on
        return total

    def places(self, licences: Array) -> Array:
        """Return the ad valorem price of places in tariff-rate quotas, 1 + rho [j]."""
        total = np.ones(len(self.duty))
        for cap, price in zip(self.caps, licences, strict=True):
            if not cap.hard:
                total *= 1 + np.where(cap.on, np.minimum(price, cap.surcharge), 0.0)
        return total

    # ---- prices ----

    def buyers(self, net: Array, licences: Array) -> Array:
        """Return buyers' prices from what makers receive."""
        border = net * (1 + self.export_tax) + self.before(licences)
        landed = border * (1 + self.duty) * self.places(licences) + self.specific + self.after(licences)
        return (1 + self.dealer_share) * landed + self.dealer_amount

    def border(self, prices: Array, licences: Array) -> Array:
        """Return border prices from buyers' prices."""
        landed = (prices - self.dealer_amount) / (1 + self.dealer_share)
        return (landed - self.specific - self.after(licences)) / ((1 + self.duty) * self.places(licences))

    def net(self, prices: Array, licences: Array) -> Array:
        """Return what makers receive, from buyers' prices."""
        return (self.border(prices, licences) - self.before(licences)) / (1 + self.export_tax)

    def passed(self, licences: Array) -> Array:
        """Return dx/dp [j]: what the maker receives of one more unit of money that buyers pay."""
        kept = (1 + self.export_tax) * (1 + self.duty) * self.places(licences) * (1 + self.dealer_share)
        return np.asarray(1 / kept)

    def licence_slopes(self, prices: Array, licences: Array) -> tuple[Array, Array]:
        """Return the slopes in licence prices of `net` and of `passed`, each [j,c]."""
        net, passed = np.zeros((2, len(prices), len(self.caps)))
        border, share = self.border(prices, licences), self.passed(licences)
        for c, (cap, price) in enumerate(zip(self.caps, licences, strict=True)):
            if cap.hard and cap.before_duty:
                net[:, c] = -1.0 * cap.on / (1 + self.export_tax)
            elif cap.hard:
                net[:, c] = -1.0 * cap.on * share * (1 + self.dealer_share)
            else:
                inside = cap.on & (price <= cap.surcharge * (1 + 1e-12))  # at the kink, the slope from below
                net[:, c] = -1.0 * inside * border / ((1 + self.export_tax) * (1 + price))
                passed[:, c] = -1.0 * inside * share / (1 + price)
        return net, passed

    def levied_below_the_floor(self, cost: Array) -> PriceChain:
        """Return the chain where makers sell at cost [j] below a levied floor: duty is on their price, not the floor.

        Buyers then pay u (1+t) + floor - u with u the border price at cost, as they would with the border price that is
        returned as the floor. Other makers raise their own price to the floor rather than leave the gap to customs.
        """
        border = cost * (1 + self.export_tax)
        lower = (border * self.duty + self.floor) / (1 + self.duty)
        return replace(self, floor=np.where(self.levied & (border < self.floor), lower, self.floor))

    def toward(self, other: PriceChain, part: float, units: Array) -> PriceChain:
        """Return the chain a part of the way from this one to another; its caps shrink from base `units` [j]."""
        mixed = {name: (1 - part) * getattr(self, name) + part * getattr(other, name) for name in _NUMBERS}
        caps = tuple(
            replace(cap, volume=cap.volume + (1 - part) * max(0.0, float(units[cap.on].sum()) - cap.volume))
            for cap in other.caps
        )
        return replace(other, **mixed, caps=caps)

    def keep(self, products: Array) -> PriceChain:
        """Return the chain of some products (a mask)."""
        caps = tuple(replace(cap, on=cap.on[products], surcharge=cap.surcharge[products]) for cap in self.caps)
        return PriceChain(**{name: getattr(self, name)[products] for name in (*_NUMBERS, "levied")}, caps=caps)


#: The fields of a chain that are numbers by product.
_NUMBERS = ("export_tax", "duty", "specific", "dealer_share", "dealer_amount", "floor")
