"""Prices: the index of what users pay in a sector, over all sources."""

from __future__ import annotations

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, Values


class PriceIndex(Block):
    """ln P^ [j,n] = -ln Phi / theta + (1 - phi) (ln X^ - ln w^)   (Caliendo and Parro 2015, eq. 11, where phi is one).

    phi is below or above one where firms select into markets: a larger market has more varieties (see `selection`).
    """

    takes: tuple[str, ...] = ("price_sum",)
    gives = ("next_ln_price",)

    def __init__(self, theta: Array, exponent: Array) -> None:
        """`exponent` [.., j, n]: phi."""
        self.theta, self.more = theta[..., None], 1.0 - exponent
        if self.more.any():
            self.takes = ("price_sum", "ln_spending", "ln_wage")

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return the next ln P^ [j,n]."""
        ln_price = np.log(v["price_sum"]) / -self.theta
        if "ln_wage" in self.takes:
            ln_price += self.more * (v["ln_spending"] - v["ln_wage"][..., None, :])
        return (ln_price,)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in Phi [j,n], and in ln X^ [j,n] and ln w^ [n] where they move the index."""
        slopes = {"price_sum": -by["next_ln_price"] / (self.theta * v["price_sum"])}
        if "ln_wage" in self.takes:
            by_size = self.more * by["next_ln_price"]
            slopes |= {"ln_spending": by_size, "ln_wage": -by_size.sum(axis=-2)}
        return slopes
