"""Recycling: what duties, export taxes and rents are used for.

A rule is a class with the phrase that reports use, registered under the name that closures and cases give.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values, add_rule
from entrepot.equilibrium.blocks.hats import FLOOR


class Recycling(Block):
    """The share of a wage that tax leaves, ln (1 - tau')/(1 - tau) [n], with tau' w'L' = T as the rule requires.

    `taxed` and `revenue` [n] are receipts of the labour tax and revenue in the base.

    moves_tax   whether revenue moves the tax at all; otherwise households receive it
    stated      its phrase in a list of assumptions; empty for none
    """

    takes = ("ln_price", "labour_income", "revenue", "ln_keep")
    gives = ("next_ln_keep",)
    moves_tax: ClassVar[bool] = True
    stated: ClassVar[str]

    def __init__(self, tax: Array, labour_income: Array, revenue: Array, final_share: Array) -> None:
        """The base: the rate of `tax` [n] on `labour_income` [n], `revenue` [n] and `final_share` [n,j] of demand."""
        self.tax, self.final_share = tax, final_share
        self.taxed, self.revenue = tax * labour_income, revenue

    def raise_(self, price: Array, revenue: Array) -> Array:
        """Return T [n], what the tax on labour has to bring in, from consumer prices P^ [n] and revenue R' [n]."""
        raise NotImplementedError

    def slopes(self, price: Array, revenue: Array) -> tuple[Array, Array]:
        """Return the derivatives of T [n] in P^ and in R'."""
        raise NotImplementedError

    def gap(self, price: Array, labour_income: Array, revenue: Array, ln_keep: Array) -> Array:
        """Return receipts of the tax less T [n]."""
        return (1 - (1 - self.tax) * np.exp(ln_keep)) * labour_income - self.raise_(price, revenue)

    def _price(self, v: Values) -> Array:
        return np.exp(eq.ln_consumer_price(self.final_share, v["ln_price"]))

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln (1 - tau')/(1 - tau) [n]; empty where no tax moves."""
        if not v["ln_keep"].size:
            return (v["ln_keep"],)
        tax = self.raise_(self._price(v), v["revenue"]) / v["labour_income"]
        return (np.log(np.maximum(1 - tax, FLOOR) / (1 - self.tax)),)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln P^ [j,n], w'L' [n] and R' [n]."""
        if not v["ln_keep"].size:
            return {}
        price, revenue, labour_income = self._price(v), v["revenue"], v["labour_income"]
        tax = self.raise_(price, revenue) / labour_income
        by_raised = -by["next_ln_keep"] / (1 - tax) / labour_income
        per_price, per_revenue = self.slopes(price, revenue)
        return {
            "ln_price": (by_raised * per_price * price)[..., None, :] * eq.turned(self.final_share),
            "labour_income": -by_raised * tax,
            "revenue": by_raised * per_revenue,
        }


class LumpSum(Recycling):
    """Households receive revenue as a lump sum."""

    moves_tax, stated = False, ""


class LabourTax(Recycling):
    """Revenue cuts the tax on labour so that their real sum stays constant: T = P^ (tau wL + R) - R'."""

    stated = "duties and rents cut the tax on labour"

    def raise_(self, price: Array, revenue: Array) -> Array:
        """Return T = P^ (tau wL + R) - R' [n]."""
        return price * (self.taxed + self.revenue) - revenue

    def slopes(self, price: Array, revenue: Array) -> tuple[Array, Array]:
        """Return tau wL + R and -1 [n]."""
        return self.taxed + self.revenue, -np.ones_like(revenue)


#: By the name that a closure gives.
RULES: dict[str, type[Recycling]] = {"lump_sum": LumpSum, "labour_tax": LabourTax}


def register(name: str, rule: type[Recycling]) -> None:
    """Add a rule for revenue, for `Closure(recycling=name)` and cases.

    Raises `InputError` for a name in use, or a rule without `raise_`, `slopes` or its phrase.
    """
    add_rule("recycling", RULES, name, rule, Recycling, ("raise_", "slopes"))
