"""Income and spending: the treasury, what a country earns, and what it wants to buy."""

from __future__ import annotations

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.blocks.hats import Hat


class Treasury(Block):
    """Revenue [n]: users' spending less producers' receipts from it, plus net receipts of export taxes and rents from
    abroad, less subsidies on output.
    """

    takes = ("spending", "purchases", "to_exporters", "subsidies")
    gives = ("revenue",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        return ((v["spending"] - v["purchases"]).sum(axis=-2) + v["to_exporters"] - v["subsidies"],)

    def pull(self, v: Values, by: Values) -> Values:
        one = by["revenue"]
        each = np.broadcast_to(one[..., None, :], v["spending"].shape)
        return {"spending": each, "purchases": -each, "to_exporters": one, "subsidies": -one}


class Earnings(Block):
    """What countries earn themselves [n]: factor income, revenue and profits."""

    takes = ("value_added", "revenue", "profits")
    gives = ("earned",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        return (v["value_added"] + v["revenue"] + v["profits"],)

    def pull(self, v: Values, by: Values) -> Values:
        return dict.fromkeys(self.takes, by["earned"])


class Income(Block):
    """I' [n] = what is earned + the deficit."""

    takes = ("earned", "deficit")
    gives = ("income",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        return (v["earned"] + v["deficit"],)

    def pull(self, v: Values, by: Values) -> Values:
        return dict.fromkeys(self.takes, by["income"])


class Spending(Block):
    """ln X^ [j,n], with X' = a I' + sum_k g C' (Caliendo and Parro 2015, eq. 13)."""

    takes = ("income", "cost")
    gives = ("next_ln_spending",)

    def __init__(self, final_share: Array, inputs: Array, spending: Hat) -> None:
        self.final_share, self.inputs, self.spending = final_share, inputs, spending

    def _wanted(self, v: Values) -> Array:
        return eq.spending(self.final_share, v["income"], self.inputs, v["cost"])

    def forward(self, v: Values) -> tuple[Array, ...]:
        return (self.spending.ln(self._wanted(v)),)

    def pull(self, v: Values, by: Values) -> Values:
        by_wanted = self.spending.pull(self._wanted(v), by["next_ln_spending"])
        return {
            "income": (eq.turned(self.final_share) * by_wanted).sum(axis=-2),
            "cost": eq.at_home(eq.turned(self.inputs), by_wanted),
        }
