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


class Sum(Block):
    """A sum of arrays of one shape: what countries earn [n], and their income with the deficit."""

    def __init__(self, of: str, *parts: str) -> None:
        self.takes, self.gives = parts, (of,)

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the sum."""
        total = v[self.takes[0]]
        for part in self.takes[1:]:
            total = total + v[part]
        return (total,)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in the parts, all alike."""
        return dict.fromkeys(self.takes, by[self.gives[0]])


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
