"""Unit cost: what factors and inputs cost a producer."""

from __future__ import annotations

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.factors import Factors


class UnitCost(Block):
    """ln c^ [j,i] = (l + gamma) ln w^ + sum_k g ln P^ + (capital - gamma) ln C^   (Caliendo and Parro 2015, eq. 10).

    Stocks of capital that differ from the base take `Factors.capital_gain` off.
    """

    takes = ("ln_wage", "ln_price", "ln_activity")
    gives = ("ln_unit_cost",)

    def __init__(self, inputs: Array, factors: Factors) -> None:
        self.inputs, self.factors = inputs, factors

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln c^ [j,i]."""
        ln_cost = eq.ln_unit_cost(v["ln_wage"], v["ln_price"], self.factors.wage_exponent, self.inputs)
        if self.factors.has_activity:
            ln_cost = ln_cost + eq.turned(self.factors.activity_exponent) * v["ln_activity"]
        if self.factors.capital_moves:
            ln_cost = ln_cost - eq.turned(self.factors.capital_gain)
        return (ln_cost,)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln w^ [n], ln P^ [j,n] and ln C^ [j,n]."""
        by_cost = by["ln_unit_cost"]
        slopes = {
            "ln_wage": (eq.turned(self.factors.wage_exponent) * by_cost).sum(axis=-2),
            "ln_price": eq.at_home(self.inputs, by_cost),
        }
        if self.factors.has_activity:
            slopes["ln_activity"] = eq.turned(self.factors.activity_exponent) * by_cost
        return slopes
