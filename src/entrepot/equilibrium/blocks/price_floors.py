"""Price rules: the wedges of specific duties and minimum prices, which are in units of world value added."""

from __future__ import annotations

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.blocks.sourcing import Wedges
from entrepot.equilibrium.price_rules import PriceRules
from entrepot.equilibrium.quantity_limits import AS_DUTY, AT_BORDER
from entrepot.equilibrium.trade_links import Places


class PriceFloors(Block):
    """ln(1+mu) [f] of the flows of price rules (`PriceRules.ln_wedge`)."""

    takes = ("ln_producer_price", "ln_wedge", "value_added")
    gives = ("ln_rule_wedge",)

    def __init__(
        self,
        rules: PriceRules,
        at: Places,
        ln_tariff: Array,
        ln_border_tax: Array,
        wedges: Wedges,
        world_value_added: Array,
    ) -> None:
        """`ln_tariff` [f]: ln(1+t'); `ln_border_tax` [f]: the log change in the border price due to export taxes."""
        self.rules, self.at, self.ln_tariff, self.ln_border_tax = rules, at, ln_tariff, ln_border_tax
        self.wedges, self.world_value_added = wedges, world_value_added

    def prices(self, v: Values) -> tuple[Array, Array]:
        """Return logs of the border price over world value added, and of 1 + t with licences bought as a duty [f]."""
        on, ln_wedge = self.wedges.rule_on, v["ln_wedge"]
        ln_unit = np.log(v["value_added"].sum(axis=-1) / self.world_value_added).reshape(-1)[self.at.member]
        ln_border = v["ln_producer_price"][self.at.source] + self.ln_border_tax
        ln_border = ln_border + self.wedges.of_stage(ln_wedge, AT_BORDER)[on] - ln_unit
        return ln_border, self.ln_tariff + self.wedges.of_stage(ln_wedge, AS_DUTY)[on]

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln(1+mu) [f]."""
        return (self.rules.ln_wedge(*self.prices(v)) if self.rules.flow.size else np.zeros(0),)

    def _slopes(self, v: Values, by: Values) -> tuple[Array, Array]:
        """Slopes in the logs of the border price and of 1 + t [f]."""
        border, duty = self.rules.slopes(*self.prices(v))
        return by["ln_rule_wedge"] * border, by["ln_rule_wedge"] * duty

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in producer prices, quota wedges and value added."""
        if not self.rules.flow.size:
            return {}
        border, duty = self._slopes(v, by)
        by_price, value_added = np.zeros(v["ln_producer_price"].shape), v["value_added"]
        np.add.at(by_price, self.at.source, border)
        count = value_added.size // value_added.shape[-1]
        by_unit = np.bincount(self.at.member, border, count).reshape(value_added.shape[:-1])
        world = value_added.sum(axis=-1)
        return {
            "ln_producer_price": by_price,
            "ln_wedge": self.wedges.back(border, AT_BORDER) + self.wedges.back(duty, AS_DUTY),
            "value_added": np.broadcast_to((-by_unit / world)[..., None], value_added.shape),
        }

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln(1+t) and ln(1+e) of the flows under price rules."""
        if self.rules.flow.size:
            border, duty = self._slopes(v, by)
            policy.ln_export_tax.ravel()[self.at.flow] += border
            policy.ln_tariff.ravel()[self.at.flow] += duty
