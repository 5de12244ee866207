"""Deficits: the rules by which a closure sets them.

A rule is a class with the phrases that reports use, registered under the name that closures and cases give.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values, add_rule


class Deficit(Block):
    """D' [n] under a rule; `base` [n] are the deficits of the base, with `value_added` and `income`.

    A rule defines `of`, its derivative `pull`, and the phrases of reports:

    held    after "deficits are held"
    named   the rule, where results under two rules are compared
    stated  after "deficits" in a list of what is assumed

    moves_base   whether it changes deficits by itself, without measures: it is not in force in a base
    closes_base  whether deficits of the base are closed first, without measures, so that no change is due to that
    """

    takes = ("value_added", "earned")
    gives = ("deficit",)
    held: ClassVar[str]
    named: ClassVar[str]
    stated: ClassVar[str]
    moves_base: ClassVar[bool] = False
    closes_base: ClassVar[bool] = False

    def __init__(self, deficit: Array, value_added: Array, income: Array) -> None:
        # zero if all of them are rounding errors, so that they still add up
        closed = (np.abs(deficit) <= 1e-10 * income).all(axis=-1, keepdims=True)
        self.base = np.where(closed, 0.0, deficit)
        self.value_added, self.world_value_added, self.income = value_added, world(value_added), income

    def of(self, value_added: Array, earned: Array) -> Array:
        """Return D' [n], from what factors earn and what countries earn in total [n]."""
        raise NotImplementedError

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return D' [n]."""
        return (self.of(v["value_added"], v["earned"]),)


class Fixed(Deficit):
    """As in the base, in units of world value added."""

    held, named, stated = "fixed", "trade deficits fixed", "held as in the base"

    def of(self, value_added: Array, earned: Array) -> Array:
        """Return D' = D V'_world / V_world [n]."""
        return self.base * (world(value_added) / self.world_value_added)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in value added V' [n]."""
        return {"value_added": _to_all(world(self.base * by["deficit"]) / self.world_value_added, by)}


class IncomeShare(Deficit):
    """A constant share of world income."""

    held = "at their share of world income"
    named, stated = "deficits a share of world income", "held as a share of world income"

    def of(self, value_added: Array, earned: Array) -> Array:
        """Return D' = D I'_world / I_world [n], I without deficits."""
        return self.base / world(self.income) * world(earned)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in what countries earn [n]."""
        return {"earned": _to_all(world(self.base * by["deficit"]) / world(self.income), by)}


class OwnShare(Deficit):
    """A constant share of own value added; the world's sum is spread by value added, so that it stays zero."""

    held = "at their share of value added"
    named = "deficits a share of each country's value added"
    stated = "held as a share of each country's value added"

    def _over(self, value_added: Array) -> Array:
        """D'/V' [n]."""
        rate = self.base / self.value_added
        return rate - world(rate * value_added) / world(value_added)

    def of(self, value_added: Array, earned: Array) -> Array:
        """Return D' = (D/V) V', less the world's sum in proportion to V' [n]."""
        return value_added * self._over(value_added)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in value added V' [n]."""
        value_added, owed = v["value_added"], by["deficit"]
        return {"value_added": self._over(value_added) * (owed - world(value_added * owed) / world(value_added))}


class Balanced(Fixed):
    """Zero: deficits of the base are closed first, so that the change is due to the measures alone."""

    held, named, stated = "closed", "trade balanced", "closed, before and after"
    closes_base = True


class Closed(Fixed):
    """Zero after, from the deficits of the base: the change is due to the measures and to closing them."""

    held, named, stated = "closed", "deficits closed", "closed by the change"
    moves_base = True

    def __init__(self, deficit: Array, value_added: Array, income: Array) -> None:
        super().__init__(np.zeros_like(deficit), value_added, income)


#: By the name that a closure gives.
RULES: dict[str, type[Deficit]] = {
    "fixed": Fixed,
    "gdp_share": IncomeShare,
    "own_share": OwnShare,
    "balanced": Balanced,
    "closed": Closed,
}


def register(name: str, rule: type[Deficit]) -> None:
    """Add a rule for deficits, for `Closure(deficit=name)` and cases.

    Raises `InputError` for a name in use, or a rule without `of`, `pull` or its phrases.
    """
    add_rule("deficit", RULES, name, rule, Deficit, ("of", "pull"))


def world(by_country: Array) -> Array:
    """Return the sum over countries [.., 1]."""
    return by_country.sum(axis=-1, keepdims=True)


def _to_all(slope: Array, by: Values) -> Array:
    return np.broadcast_to(slope, by["deficit"].shape)
