"""Income and spending: revenue, what a country earns, and what it spends."""

from __future__ import annotations

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values
from entrepot.equilibrium.blocks.hats import Hat


class Treasury(Block):
    """Revenue [n] of duties, export taxes and rents, less subsidies on output.

    It is users' spending less producers' receipts from it, plus net receipts of export taxes and rents from abroad.
    """

    takes = ("spending", "purchases", "to_exporters", "subsidies")
    gives = ("revenue",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return R' [n]."""
        return ((v["spending"] - v["purchases"]).sum(axis=-2) + v["to_exporters"] - v["subsidies"],)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in spending, purchases, transfers to exporters and subsidies."""
        one = by["revenue"]
        each = np.broadcast_to(one[..., None, :], v["spending"].shape)
        return {"spending": each, "purchases": -each, "to_exporters": one, "subsidies": -one}


class Earnings(Block):
    """What countries earn [n]: factor income, revenue and profits."""

    takes = ("value_added", "revenue", "profits")
    gives = ("earned",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return value added + revenue + profits [n]."""
        return (v["value_added"] + v["revenue"] + v["profits"],)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in the three parts, all alike."""
        return dict.fromkeys(self.takes, by["earned"])


class Income(Block):
    """I' [n] = earned + deficit."""

    takes = ("earned", "deficit")
    gives = ("income",)

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return I' [n]."""
        return (v["earned"] + v["deficit"],)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in the two parts, both alike."""
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
        """Return the next ln X^ [j,n]."""
        return (self.spending.ln(self._wanted(v)),)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in I' [n] and C' [j,n]."""
        by_wanted = self.spending.pull(self._wanted(v), by["next_ln_spending"])
        return {
            "income": (eq.turned(self.final_share) * by_wanted).sum(axis=-2),
            "cost": eq.at_home(eq.turned(self.inputs), by_wanted),
        }
