"""Prices: the index of what users pay in a sector, over all sources."""

from __future__ import annotations

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values


class PriceIndex(Block):
    """ln P^ [j,n] = -ln Phi / theta   (Caliendo and Parro 2015, eq. 11)."""

    takes = ("price_sum",)
    gives = ("next_ln_price",)

    def __init__(self, theta: Array) -> None:
        self.theta = theta[..., None]

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the next ln P^ [j,n]."""
        return (np.log(v["price_sum"]) / -self.theta,)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in Phi [j,n]."""
        return {"price_sum": -by["next_ln_price"] / (self.theta * v["price_sum"])}
