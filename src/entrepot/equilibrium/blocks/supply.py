"""Supply: from unit cost to the producer price, and from sales to cost, profits and subsidies.

With a markup m over cost and a subsidy s on output, (1+s) p = m c, so that of sales Y the producer has (1+s) Y, pays
C = (1+s) Y / m for factors and inputs, and keeps (1+s) Y - C. Under perfect competition m is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.blocks.competition import Competition, register
from entrepot.equilibrium.closure_numbers import by_sector, check_numbers
from entrepot.errors import InputError, nearest
from entrepot.words import stated_numbers

Entry = Literal["fixed", "free"]


class ProducerPrice(Block):
    """ln p^ [j,i] = ln c^ - ln (1+s')/(1+s): the markup does not change."""

    takes = ("ln_unit_cost",)
    gives = ("ln_producer_price",)

    def __init__(self, ln_subsidy: Array) -> None:
        self.ln_subsidy = ln_subsidy if ln_subsidy.any() else None

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return ln p^ [j,i]."""
        return (v["ln_unit_cost"] if self.ln_subsidy is None else v["ln_unit_cost"] - self.ln_subsidy,)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in ln c^ [j,i]."""
        return {"ln_unit_cost": by["ln_producer_price"]}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln(1+s) of output [j,i]."""
        policy.ln_subsidy -= by["ln_producer_price"]


class Production(Block):
    """Cost C' [j,i], profits [i] and subsidies paid [i], from sales Y' [j,i].

    Where access to markets has a cost, cost and profits are shares of sales net of it.
    """

    takes: tuple[str, ...] = ("sales",)
    gives = ("cost", "profits", "subsidies")

    def __init__(self, ln_subsidy: Array, markup: Array | None, left: str = "sales") -> None:
        """`markup` [j,i] is price over cost, None for perfect competition; `left` is "sales" or "kept"."""
        self.left = left
        if left != "sales":
            self.takes = ("sales", left)
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
        """Return C' [j,i], profits [i] and subsidies paid [i]."""
        sales, left = v["sales"], v[self.left]
        none = np.zeros((*sales.shape[:-2], sales.shape[-1]))
        cost = left if self.subsidised is None and self.markup is None else left * self._cost
        profits = none if self.markup is None else (left * self._received - cost).sum(axis=-2)
        return cost, profits, none if self.subsidised is None else (sales * (self.subsidised - 1.0)).sum(axis=-2)

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in sales, and in what access leaves of them."""
        by_profits, by_subsidies = by["profits"][..., None, :], by["subsidies"][..., None, :]
        kept, paid = self._received - self._cost, self._received - 1.0
        by_left = self._cost * by["cost"] + kept * by_profits
        if self.left == "sales":
            return {"sales": by_left + paid * by_subsidies}
        return {"sales": paid * by_subsidies + np.zeros_like(v["sales"]), self.left: by_left}

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in ln(1+s) of output [j,i]."""
        received = self._received * v[self.left]
        policy.ln_subsidy += by["cost"] * v["cost"] + by["profits"] * (received - v["cost"])
        policy.ln_subsidy += by["subsidies"] * self._received * v["sales"]


@dataclass(frozen=True)
class Markups(Competition):
    """Monopolistic competition: each firm sells its own variety at sigma/(sigma - 1) times cost.

    sigma  elasticity of substitution among varieties, above one: a number, or by sector; sectors that are not named are
           under perfect competition
    entry  "fixed": the firms are those of the base, and 1/sigma of sales are profits, which are income (Ossa 2014,
           American Economic Review 104: 4104-4146, section I). Sales and purchases of the base stay as in the data
           "free": firms enter until there are no profits, and more varieties make a sector more productive (Krugman
           1980): external economies at a scale elasticity of 1/(sigma - 1)
    """

    sigma: float | Mapping[str, float]
    entry: Entry = "fixed"

    def __post_init__(self) -> None:
        if self.entry not in get_args(Entry):
            raise InputError(f"closure: competition: entry {self.entry!r}{nearest(str(self.entry), get_args(Entry))}")
        if isinstance(self.sigma, Mapping):
            object.__setattr__(self, "sigma", dict(self.sigma))
        if self.sigma == {}:
            raise InputError("closure: competition: sigma names no sector")
        allowed = "a finite number above one"
        check_numbers("competition: sigma", self.sigma, lambda x: x > 1, allowed)

    def __str__(self) -> str:
        return f"markups at an elasticity of substitution of {stated_numbers(self.sigma)} with {self.entry} entry"

    def sigma_of(self, economy: Economy) -> Array:
        """Return sigma [j], infinite where there is no markup. Raises `UnknownNameError`."""
        return by_sector("closure: competition: sigma", self.sigma, economy, np.inf)

    def is_on(self, economy: Economy) -> bool:
        """Whether `economy` has these markups already."""
        markup = 1 / (1 - 1 / self.sigma_of(economy))
        return self.entry == "fixed" and np.allclose(economy.markup.T, markup, rtol=1e-12)

    def make(self, economy: Economy) -> Economy:
        """Return `economy` with these markups under fixed entry; unchanged under free entry.

        Raises `InputError` where profits would exceed value added.
        """
        return economy.with_markups(self.sigma) if self.entry == "fixed" else economy

    def scale(self, economy: Economy, stated: Array) -> Array:
        """Return scale elasticities [j] due to entry. Raises `InputError` where the closure states one too."""
        free = 1 / (self.sigma_of(economy) - 1) if self.entry == "free" else np.zeros(len(economy.sectors))
        return beside(free, stated, economy.sectors)


register("markups", Markups)


def beside(scale: Array, stated: Array, sectors: Sequence[str]) -> Array:
    """Return `scale` [j], which is due to entry. Raises `InputError` where the closure states one too."""
    both = np.flatnonzero((scale > 0) & (stated > 0))
    if both.size:
        raise InputError(f"closure: scale of {sectors[both[0]]} is stated beside free entry, which has one of its own")
    return scale
