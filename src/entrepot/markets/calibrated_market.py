"""The base of a Market: its products, demand, conduct and costs before any measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from entrepot.markets.conduct import Conduct
from entrepot.markets.demand_fit import DemandFit
from entrepot.markets.demands import Demand
from entrepot.markets.price_chain import PriceChain
from entrepot.markets.product_table import ProductTable
from entrepot.read_only import read_only
from entrepot.types import Array
from entrepot.words import counted

if TYPE_CHECKING:
    import pandas as pd


@read_only
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CalibratedMarket:
    """Products, makers, demand and conduct for which base prices are an equilibrium.

    table         the products (`ProductTable`)
    importer      the country where they are sold;  sector  its name in measures, such as motor_vehicles
    fitted        the demand system with its parameters
    conduct       how makers set prices
    owned [k,j]   weight of product k's profit in the price of product j: 1 within a firm or a group that colludes
    cost [j]      marginal cost, from the first-order conditions at base prices
    currency      of prices, for tables
    year          of the data
    mergers       groups of firms that have merged since the base, none in two of them
    owned_before  `owned` in the base, where firms have merged since
    """

    table: ProductTable
    importer: str
    sector: str
    fitted: DemandFit
    conduct: Conduct
    owned: Array
    cost: Array
    currency: str = "US$"
    year: int | None = None
    notes: tuple[str, ...] = ()
    mergers: tuple[tuple[str, ...], ...] = ()
    owned_before: Array | None = None

    def __repr__(self) -> str:
        named = f"{counted(self.table.size, 'product')} of {counted(len(set(self.table.firm)), 'firm')}"
        how = f"{self.demand.title}, {self.conduct.title}"
        return f"{type(self).__name__}({self.sector} in {self.importer}: {named}, {how})"

    @property
    def demand(self) -> Demand:
        """The demand system."""
        return self.fitted.demand

    @property
    def unmerged(self) -> Array:
        """`owned` in the base, before mergers."""
        return self.owned if self.owned_before is None else self.owned_before

    @property
    def parameters(self) -> Mapping[str, float]:
        """The parameters of demand, such as the price coefficient."""
        return self.fitted.parameters

    @cached_property
    def base(self) -> PriceChain:
        """The duties and dealers' margins in the base."""
        return base_chain(self.table)

    @cached_property
    def border_price(self) -> Array:
        """Prices at the border in the base [j]."""
        return self.table.border_price(self.base)

    @cached_property
    def products(self) -> pd.DataFrame:
        """The base by product: price, units, share of the market, cost, margin over price, own elasticity."""
        import pandas as pd

        t = self.table
        net = self.base.net(t.price, np.zeros(0))
        return pd.DataFrame(
            {
                "product": t.product,
                "firm": t.firm,
                "plant": t.plant,
                "owner": t.owner,
                "price": t.price,
                "quantity": t.quantity,
                "share": t.quantity / self.demand.size,
                "cost": self.cost,
                "margin": (net - self.cost) / t.price,
                "margin_stated": t.margin,
                "own_elasticity": np.diag(self.demand.elasticities(t.price)),
            }
        )


def base_chain(table: ProductTable) -> PriceChain:
    """Return the duties and dealers' margins in the base."""
    return replace(
        PriceChain.free(table.size),
        duty=table.tariff,
        dealer_share=table.dealer_share,
        dealer_amount=table.dealer_amount,
    )
