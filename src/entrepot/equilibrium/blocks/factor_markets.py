"""Labour and capital: what they earn at given wages and activities, and the wages at which they are all employed."""

from __future__ import annotations

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.blocks.hats import Hat
from entrepot.equilibrium.factors import Factors


class LabourSupply(Block):
    """Labour L^ [n] that is offered at the real wage after tax, and what it earns, w' L'."""

    takes = ("ln_wage", "ln_price", "ln_keep")
    gives = ("ln_labour", "labour_income")

    def __init__(self, factors: Factors, final_share: Array) -> None:
        self.factors, self.final_share = factors, final_share

    def forward(self, v: Values) -> tuple[Array, ...]:
        ln_labour = self.factors.ln_labour(v["ln_wage"], v["ln_price"], v["ln_keep"])
        return ln_labour, self.factors.labour_income * np.exp(v["ln_wage"] + ln_labour)

    def pull(self, v: Values, by: Values) -> Values:
        earned = by["labour_income"] * v["labour_income"]
        worked = self.factors.supply * (by["ln_labour"] + earned)
        slopes = {"ln_wage": earned + worked, "ln_price": -worked[..., None, :] * eq.turned(self.final_share)}
        return slopes | ({"ln_keep": worked} if v["ln_keep"].size else {})


class FactorIncome(Block):
    """V [n]: what labour and specific capital earn; capital's rental moves with its sector's activity, r^ = C^."""

    takes = ("labour_income", "ln_activity")
    gives = ("value_added",)

    def __init__(self, factors: Factors) -> None:
        self.factors = factors

    def forward(self, v: Values) -> tuple[Array, ...]:
        if not self.factors.has_activity:
            return (v["labour_income"],)
        return (v["labour_income"] + self._rentals(v).sum(axis=-2),)

    def pull(self, v: Values, by: Values) -> Values:
        slopes = {"labour_income": by["value_added"]}
        if self.factors.has_activity:
            slopes["ln_activity"] = self._rentals(v) * by["value_added"][..., None, :]
        return slopes

    def _rentals(self, v: Values) -> Array:
        return self.factors.capital_income * np.exp(v["ln_activity"])


class FactorMarkets(Block):
    """The wages ln w^ [n] at which all labour is employed, and the activity ln C^ [j,n] of every sector.

    World value added is the unit of account: w'L' = unit (sum_j l C' + access), with unit = V / V' of the world.
    """

    takes: tuple[str, ...] = ("cost", "ln_price", "ln_keep")
    gives = ("next_ln_wage", "next_ln_activity")

    def __init__(
        self, factors: Factors, world_value_added: Array, final_share: Array, cost: Hat, access: bool = False
    ) -> None:
        """`access`: labour earns with access to markets too."""
        self.factors, self.final_share, self.cost = factors, final_share, cost
        self.world_value_added = world_value_added
        if access:
            self.takes = (*self.takes, "access")

    def _wages(self, v: Values) -> Array:
        """What labour is paid [n]."""
        wages = eq.wage_bill(self.factors.labour, v["cost"])
        return wages + v["access"] if "access" in self.takes else wages

    def forward(self, v: Values) -> tuple[Array, ...]:
        wages = self._wages(v)
        earned = wages.sum(axis=-1)
        if self.factors.has_activity:
            earned = earned + eq.wage_bill(self.factors.capital, v["cost"]).sum(axis=-1)
        unit = np.asarray(self.world_value_added / earned)
        ln_wage = self.factors.ln_wage(unit[..., None] * wages, v["ln_price"], v["ln_keep"])
        if not self.factors.has_activity:
            return ln_wage, v["ln_activity"]
        return ln_wage, self.cost.ln(unit[..., None, None] * v["cost"])

    def pull(self, v: Values, by: Values) -> Values:
        f, cost = self.factors, v["cost"]
        by_bill = by["next_ln_wage"] / (1 + f.supply)  # ln w^ = (ln(unit bill) + eta ln(P^/k^)) / (1 + eta)
        by_wages = by_bill / self._wages(v)
        by_cost = eq.turned(f.labour) * by_wages[..., None, :]
        by_unit = by_bill.sum(axis=-1)
        slopes = {"ln_price": (f.supply * by_bill)[..., None, :] * eq.turned(self.final_share)}
        if v["ln_keep"].size:
            slopes["ln_keep"] = -f.supply * by_bill
        if f.has_activity:
            by_cost = by_cost + self.cost.pull(cost, by["next_ln_activity"])
            by_unit = by_unit + self.cost.masked(by["next_ln_activity"]).sum(axis=(-2, -1))
        share = eq.turned(f.labour + f.capital)
        earned = (share * cost).sum(axis=(-2, -1))
        if "access" in self.takes:
            earned = earned + v["access"].sum(axis=-1)
        per_cost = np.asarray(by_unit / earned)
        if "access" in self.takes:
            slopes["access"] = by_wages - per_cost[..., None]
        slopes["cost"] = by_cost - per_cost[..., None, None] * share
        return slopes
