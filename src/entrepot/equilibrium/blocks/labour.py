"""Labour: how a change in labour income splits into wages and jobs.

A rule is a class with the phrase that reports use, registered under the name that closures and cases give.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import add_rule


class LabourRule:
    """The real wage after tax at which the labour that is hired is supplied, from what labour earns.

    `number` [.., n] holds the closure's numbers by country; where it is zero, labour is fixed and the rule is not used.
    b [.., n] is ln(w^ L^ k^ / P^), what labour earns after tax in consumer prices against the base.

    stated    its phrase in a list of assumptions; {} stands for the numbers or the countries
    kinked    its slope jumps: with economies of scale there may be several equilibria (`extrapolation`)
    numbered  whether the closure states numbers, from 0 to `most` (`wanted` in words), or only the countries
    """

    stated: ClassVar[str]
    kinked: ClassVar[bool] = False
    numbered: ClassVar[bool] = True
    most: ClassVar[float] = np.inf
    wanted: ClassVar[str] = "a number of 0 or more"

    def __init__(self, number: Array) -> None:
        self.number = number

    def ln_real_wage(self, b: Array) -> Array:
        """Return ln(w^ k^ / P^); the rest of b is jobs."""
        raise NotImplementedError

    def slope(self, b: Array) -> Array:
        """Return its derivative in b: 1 is a fixed supply, 0 a wage that is held."""
        raise NotImplementedError

    def worth(self, b: Array) -> Array:
        """Return the worth of additional time to those who work it, over labour income after tax in the base.

        Zero unless a rule states it: time has no worth to those who were out of work.
        """
        return np.zeros_like(b)

    def worth_slope(self, b: Array) -> Array:
        """Return the derivative of `worth` in b."""
        return np.zeros_like(b)


class Elastic(LabourRule):
    """ln L^ = eta ln(w^ k^ / P^), eta the number by country.

    Preferences are those of Greenwood, Hercowitz and Huffman (1988), without an income effect. Additional time is
    worth the area under the supply curve.
    """

    stated = "labour supply with elasticity {}"
    most, wanted = 10.0, "an elasticity between 0 and 10"

    def ln_real_wage(self, b: Array) -> Array:
        """Return b / (1 + eta)."""
        return b / (1 + self.number)

    def slope(self, b: Array) -> Array:
        """Return 1 / (1 + eta)."""
        return np.broadcast_to(1 / (1 + self.number), b.shape)

    def worth(self, b: Array) -> Array:
        """Return eta / (1 + eta) (e^b - 1)."""
        return self.number / (1 + self.number) * np.expm1(b)

    def worth_slope(self, b: Array) -> Array:
        """Return eta / (1 + eta) e^b."""
        return self.number / (1 + self.number) * np.exp(b)


class RealWage(LabourRule):
    """The real wage after tax stays at its base level, and jobs adjust.

    This is the unemployment closure of general equilibrium models of trade: workers are available at the going wage.
    """

    stated = (
        "real wages held as in the base in {}, where jobs adjust; nothing is taken off for the time of those who are "
        "hired, nor added for that of those who are not"
    )
    numbered = False

    def ln_real_wage(self, b: Array) -> Array:
        """Return 0."""
        return np.zeros_like(b)

    def slope(self, b: Array) -> Array:
        """Return 0."""
        return np.zeros_like(b)


class RealWageFloor(LabourRule):
    """The real wage after tax does not fall below its base level: jobs are lost instead.

    The base has full employment, so that wages rise as they do with fixed labour.
    """

    stated = (
        "real wages that may rise but not fall in {}, where jobs are lost instead; nothing is added for the time of "
        "those without one"
    )
    kinked, numbered = True, False

    def ln_real_wage(self, b: Array) -> Array:
        """Return max(b, 0)."""
        return np.maximum(b, 0.0)

    def slope(self, b: Array) -> Array:
        """Return 1 where b > 0, else 0."""
        return (b > 0).astype(float)


#: By the name that a closure gives.
RULES: dict[str, type[LabourRule]] = {"elastic": Elastic, "real_wage": RealWage, "real_wage_floor": RealWageFloor}


def register(name: str, rule: type[LabourRule]) -> None:
    """Add a rule of labour, for `Closure(labour={name: {"USA": 0.5}})` and cases.

    Raises `InputError` for a name in use, or a rule without `ln_real_wage`, `slope` or its phrase.
    """
    add_rule("labour", RULES, name, rule, LabourRule, ("ln_real_wage", "slope"))
