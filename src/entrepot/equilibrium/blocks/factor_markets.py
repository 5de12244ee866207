"""Labour and capital: wages and jobs, what all factors earn, and what they are paid at the next step."""

from __future__ import annotations

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.blocks.hats import Hat
from entrepot.equilibrium.factors import Factors


class LabourMarket(Block):
    """What labour earns, w' L' [n], and how it splits into the wage ln w^ and jobs ln L^ under the closure's rule."""

    takes = ("ln_labour_income", "ln_price", "ln_keep")
    gives = ("ln_wage", "ln_labour", "labour_income")

    def __init__(self, factors: Factors, final_share: Array) -> None:
        self.factors, self.final_share = factors, final_share

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln w^ [n], ln L^ [n] and w'L' [n]."""
        ln_income = v["ln_labour_income"]
        ln_wage = self.factors.ln_wage(ln_income, v["ln_price"], v["ln_keep"])
        return ln_wage, ln_income - ln_wage, self.factors.labour_income * np.exp(ln_income)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln w^ L^ [n], ln P^ [j,n] and ln k^ [n].

        `slope` is the share of a real gain in labour income that goes to the wage; the rest goes to jobs. Prices and
        taxes move the wage by as much as they move the real gain.
        """
        earned = by["labour_income"] * v["labour_income"]
        slope = self.factors.wage_slope(v["ln_labour_income"], v["ln_price"], v["ln_keep"])
        to_wage = by["ln_wage"] - by["ln_labour"]
        kept = (1 - slope) * to_wage  # ln w^ = W(b) + ln P^ - ln k^, where b falls as prices rise
        slopes = {
            "ln_labour_income": earned + by["ln_labour"] + slope * to_wage,
            "ln_price": kept[..., None, :] * eq.turned(self.final_share),
        }
        return slopes | ({"ln_keep": -kept} if v["ln_keep"].size else {})


class FactorIncome(Block):
    """V [n]: what labour and specific capital earn; capital's rental moves with its sector's activity, r^ = C^."""

    takes = ("labour_income", "ln_activity")
    gives = ("value_added",)

    def __init__(self, factors: Factors) -> None:
        self.factors = factors

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return V' = w'L' + sum_j r K C^ [n]."""
        if not self.factors.has_activity:
            return (v["labour_income"],)
        return (v["labour_income"] + self._rentals(v).sum(axis=-2),)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in w'L' [n] and ln C^ [j,n]."""
        slopes = {"labour_income": by["value_added"]}
        if self.factors.has_activity:
            slopes["ln_activity"] = self._rentals(v) * by["value_added"][..., None, :]
        return slopes

    def _rentals(self, v: Values) -> Array:
        return self.factors.capital_income * np.exp(v["ln_activity"])


class FactorMarkets(Block):
    """What labour is paid, ln w^ L^ [n], and the activity ln C^ [j,n] of every sector.

    World value added is the unit of account: w'L' = unit (sum_j l C' + access), with unit = V / V' of the world.
    """

    takes: tuple[str, ...] = ("cost", "ln_activity")
    gives = ("next_ln_labour_income", "next_ln_activity")

    def __init__(self, factors: Factors, world_value_added: Array, cost: Hat, access: bool = False) -> None:
        """`access`: labour also earns from access to markets."""
        self.factors, self.cost = factors, cost
        self.world_value_added = world_value_added
        if access:
            self.takes = (*self.takes, "access")

    def _wages(self, v: Values) -> tuple[Array, Array]:
        """What labour is paid [n], and what the world's factors are paid in total [..]."""
        wages = eq.wage_bill(self.factors.labour, v["cost"])
        if "access" in self.takes:
            wages = wages + v["access"]
        earned = wages.sum(axis=-1)
        if self.factors.has_activity:
            earned = earned + eq.wage_bill(self.factors.capital, v["cost"]).sum(axis=-1)
        return wages, np.asarray(earned)

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the next ln w^ L^ [n] and ln C^ [j,n]."""
        wages, earned = self._wages(v)
        unit = np.asarray(self.world_value_added / earned)
        ln_income = np.log(unit[..., None] * wages / self.factors.labour_income)
        if not self.factors.has_activity:
            return ln_income, v["ln_activity"]
        return ln_income, self.cost.ln(unit[..., None, None] * v["cost"])

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in cost C' [j,n], and in access income [n] where there is any."""
        f, by_bill = self.factors, by["next_ln_labour_income"]
        wages, earned = self._wages(v)
        by_wages, by_unit = by_bill / wages, by_bill.sum(axis=-1)
        by_cost = eq.turned(f.labour) * by_wages[..., None, :]
        if f.has_activity:
            by_cost = by_cost + self.cost.pull(v["cost"], by["next_ln_activity"])
            by_unit = by_unit + self.cost.masked(by["next_ln_activity"]).sum(axis=(-2, -1))
        per_dollar = np.asarray(by_unit / earned)
        slopes = {"cost": by_cost - per_dollar[..., None, None] * eq.turned(f.labour + f.capital)}
        return slopes | ({"access": by_wages - per_dollar[..., None]} if "access" in self.takes else {})
