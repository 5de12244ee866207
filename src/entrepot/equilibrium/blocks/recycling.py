"""Recycling: the tax on labour that revenue cuts."""

from __future__ import annotations

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.blocks.hats import FLOOR
from entrepot.equilibrium.factors import Factors


class LabourTax(Block):
    """The part of a wage that tax leaves, ln (1 - tau')/(1 - tau) [n], at which tax and revenue together keep their
    real sum: tau' w'L' + R' = P^ (tau wL + R). The tax base answers the tax, so the step is longer than the gap."""

    takes = ("ln_price", "labour_income", "revenue", "ln_keep")
    gives = ("next_ln_keep",)

    def __init__(self, factors: Factors, final_share: Array) -> None:
        self.factors, self.final_share = factors, final_share

    def forward(self, v: Values) -> tuple[Array, ...]:
        if not v["ln_keep"].size:
            return (v["ln_keep"],)
        tax = self.factors.next_tax(v["ln_price"], v["labour_income"], v["revenue"])
        target = np.log(np.maximum(1 - tax, FLOOR) / (1 - self.factors.tax))
        return (v["ln_keep"] + self.factors.tax_step * (target - v["ln_keep"]),)

    def pull(self, v: Values, by: Values) -> Values:
        if not v["ln_keep"].size:
            return {}
        f, by_keep, labour_income = self.factors, by["next_ln_keep"], v["labour_income"]
        tax = f.next_tax(v["ln_price"], labour_income, v["revenue"])
        by_tax = -by_keep * f.tax_step / (1 - tax)
        needed = tax * labour_income + v["revenue"]  # grows with consumer prices
        return {
            "ln_keep": by_keep * (1 - f.tax_step),
            "ln_price": (by_tax * needed / labour_income)[..., None, :] * eq.turned(self.final_share),
            "labour_income": -by_tax * tax / labour_income,
            "revenue": -by_tax / labour_income,
        }
