"""Deficits: what a closure holds of them. A rule is a class here and an entry in `RULES`."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values


class Deficit(Block):
    """D' [n] under a rule; `base` [n] are the deficits of the base, with `value_added` and `income`.

    words  what is held, after "deficits are held"
    """

    takes = ("value_added", "earned")
    gives = ("deficit",)
    words: ClassVar[str]

    def __init__(self, deficit: Array, value_added: Array, income: Array) -> None:
        self.base = eq.standing_deficit(deficit, income)
        self.value_added, self.income = value_added, income

    def of(self, value_added: Array, earned: Array) -> Array:
        """D' [n], from what factors earn and what countries earn in all."""
        raise NotImplementedError

    def forward(self, v: Values) -> tuple[Array, ...]:
        return (self.of(v["value_added"], v["earned"]),)


class Fixed(Deficit):
    """As in the base, in units of world value added."""

    words = "fixed"

    def of(self, value_added: Array, earned: Array) -> Array:
        return self.base * (world(value_added) / world(self.value_added))

    def pull(self, v: Values, by: Values) -> Values:
        return {"value_added": _to_all(world(self.base * by["deficit"]) / world(self.value_added), by)}


class IncomeShare(Deficit):
    """A constant share of world income."""

    words = "at their share of world income"

    def of(self, value_added: Array, earned: Array) -> Array:
        return self.base / world(self.income) * world(earned)

    def pull(self, v: Values, by: Values) -> Values:
        return {"earned": _to_all(world(self.base * by["deficit"]) / world(self.income), by)}


class OwnShare(Deficit):
    """A constant share of own value added; what is left over in the world is spread by value added."""

    words = "at their share of value added"

    def _over(self, value_added: Array) -> Array:
        """D'/V' [n]."""
        rate = self.base / self.value_added
        return rate - world(rate * value_added) / world(value_added)

    def of(self, value_added: Array, earned: Array) -> Array:
        return value_added * self._over(value_added)

    def pull(self, v: Values, by: Values) -> Values:
        value_added, owed = v["value_added"], by["deficit"]
        return {"value_added": self._over(value_added) * (owed - world(value_added * owed) / world(value_added))}


#: By the name that a closure gives. "balanced" closes the deficits of the base first, and then holds them.
RULES: dict[str, type[Deficit]] = {
    "fixed": Fixed,
    "gdp_share": IncomeShare,
    "own_share": OwnShare,
    "balanced": Fixed,
}


def world(by_country: Array) -> Array:
    """The sum over countries, as an array that goes with them."""
    return by_country.sum(axis=-1, keepdims=True)


def _to_all(slope: Array, by: Values) -> Array:
    return np.broadcast_to(slope, by["deficit"].shape)
