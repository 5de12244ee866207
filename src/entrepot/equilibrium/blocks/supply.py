"""Supply: from unit cost to the producer's price, and from sales to what factors and inputs are paid and what is left.

With a markup m over cost and a subsidy s on output, (1+s) p = m c, so that of sales Y the producer has (1+s) Y, pays
C = (1+s) Y / m for factors and inputs, and keeps (1+s) Y - C. Under perfect competition m is one.
"""

from __future__ import annotations

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values


class ProducerPrice(Block):
    """ln p^ [j,i] = ln c^ - ln(1+s'): the markup is what it was."""

    takes = ("ln_unit_cost",)
    gives = ("ln_producer_price",)

    def __init__(self, ln_subsidy: Array) -> None:
        self.ln_subsidy = ln_subsidy if ln_subsidy.any() else None

    def forward(self, v: Values) -> tuple[Array, ...]:
        return (v["ln_unit_cost"] if self.ln_subsidy is None else v["ln_unit_cost"] - self.ln_subsidy,)

    def pull(self, v: Values, by: Values) -> Values:
        return {"ln_unit_cost": by["ln_producer_price"]}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        policy.ln_subsidy -= by["ln_producer_price"]


class Production(Block):
    """Cost C' [j,i], profits [i] and subsidies paid [i] out of sales Y' [j,i]."""

    takes = ("sales",)
    gives = ("cost", "profits", "subsidies")

    def __init__(self, ln_subsidy: Array, markup: Array | None) -> None:
        """`markup` [j,i], price over cost; none for perfect competition."""
        self.subsidised = np.exp(ln_subsidy) if ln_subsidy.any() else None
        self.markup = markup

    @property
    def _received(self) -> Array | float:
        """1 + s' [j,i]."""
        return 1.0 if self.subsidised is None else self.subsidised

    @property
    def _cost(self) -> Array | float:
        """C / Y [j,i]."""
        return self._received if self.markup is None else self._received / self.markup

    def forward(self, v: Values) -> tuple[Array, ...]:
        sales, none = v["sales"], np.zeros((*v["sales"].shape[:-2], v["sales"].shape[-1]))
        cost = sales if self.subsidised is None and self.markup is None else sales * self._cost
        received = sales if self.subsidised is None else sales * self.subsidised
        profits = none if self.markup is None else (received - cost).sum(axis=-2)
        return cost, profits, none if self.subsidised is None else (received - sales).sum(axis=-2)

    def pull(self, v: Values, by: Values) -> Values:
        by_profits, by_subsidies = by["profits"][..., None, :], by["subsidies"][..., None, :]
        kept, paid = self._received - self._cost, self._received - 1.0
        return {"sales": self._cost * by["cost"] + kept * by_profits + paid * by_subsidies}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        received = self._received * v["sales"]
        policy.ln_subsidy += by["cost"] * v["cost"] + by["profits"] * (received - v["cost"])
        policy.ln_subsidy += by["subsidies"] * received
