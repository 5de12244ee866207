"""The outcome of a Market under measures: prices, units, profits, rents and welfare against its base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.economy.base_accounts import BoolArray
from entrepot.errors import InputError
from entrepot.markets.calibrated_market import CalibratedMarket
from entrepot.markets.demands import MixedLogit
from entrepot.markets.deviating import deviations
from entrepot.markets.price_chain import ProductCap
from entrepot.markets.price_equilibrium import PriceGame, PricePoint
from entrepot.markets.product_policy import NOTHING_AROUND, Around, ProductPolicy
from entrepot.measures.measure import Measure
from entrepot.read_only import read_only
from entrepot.types import Array
from entrepot.words import figure

if TYPE_CHECKING:
    import pandas as pd

#: The share of a maker's profit above which a better price counts.
GAINS = 1e-6


@read_only
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MarketOutcome:
    """A Market solved under measures. Money is in the currency of its prices, quantities in its units.

    sold [j]  whether a product may be sold at all: not under an embargo
    around    what a world economy that it is joined to has in force
    """

    market: CalibratedMarket
    measures: tuple[Measure, ...]
    policy: ProductPolicy
    game: PriceGame
    point: PricePoint
    sold: Array
    around: Around = NOTHING_AROUND

    # ---- prices and quantities [j] ----

    def _all(self, values: Array, missing: float) -> Array:
        """Values of the products sold, for all products."""
        out = np.full(self.market.table.size, missing)
        out[self.sold] = values
        return out

    @cached_property
    def prices(self) -> Array:
        """Buyers' prices [j]; NaN of a product under an embargo."""
        return self._all(self.point.prices, np.nan)

    @property
    def _prices_met(self) -> Array:
        """Buyers' prices [j]; infinite of a product under an embargo."""
        return self._all(self.point.prices, np.inf)

    @cached_property
    def quantities(self) -> Array:
        """Units sold [j]."""
        return self._all(self._units, 0.0)

    @cached_property
    def _units(self) -> Array:
        return self.game.demand.quantities(self.point.prices)

    def price_pct(self, of: BoolArray, at_border: bool = False) -> float:
        """Return the change in percent of the mean price of some products [j], with base units as weights.

        NaN where none of them is sold any more.
        """
        t = self.market.table
        before = self.market.border_price if at_border else t.price
        after = self.border_prices if at_border else self.prices
        on = of & np.isfinite(after)
        units = t.quantity[on]
        return float(100 * (after[on] @ units / (before[on] @ units) - 1)) if on.any() else float("nan")

    def units_pct(self, of: BoolArray) -> float:
        """Return the change in percent of the units of some products [j]."""
        return float(100 * (self.quantities[of].sum() / self.market.table.quantity[of].sum() - 1))

    @property
    def residual(self) -> float:
        """The largest first-order or complementarity condition, over the mean price."""
        return self.point.residual

    @cached_property
    def _net(self) -> Array:
        return self.game.chain.net(self.point.prices, self.point.licences)

    @cached_property
    def _border(self) -> Array:
        return self.game.chain.border(self.point.prices, self.point.licences)

    @cached_property
    def border_prices(self) -> Array:
        """Prices at the border with export taxes and licences bought before it [j]; of home plants, ex works.

        What customs takes of a price floor comes on top.
        """
        return self._all(self._border - self.levied, np.nan)

    @cached_property
    def _base_net(self) -> Array:
        m = self.market
        return m.base.net(m.table.price, np.zeros(0))

    @cached_property
    def products(self) -> pd.DataFrame:
        """By product: prices, units, shares, margins and costs before and after.

        price_pct, border_price_pct, quantity_pct   changes in percent
        share, share_before   of the market's units, with the outside good where there is one
        value_share           of buyers' spending on the products
        margin, margin_before (what the maker keeps, with a subsidy, less cost) over the buyers' price
        duty, licence         money a unit
        """
        import pandas as pd

        m, t = self.market, self.market.table
        before_border = m.border_price
        margin = self._all(self._profit_a_unit, np.nan)
        spending = np.nan_to_num(self.prices) * self.quantities
        with np.errstate(divide="ignore", invalid="ignore"):
            return pd.DataFrame(
                {
                    "product": t.product,
                    "firm": t.firm,
                    "plant": t.plant,
                    "owner": t.owner,
                    "price_before": t.price,
                    "price": self.prices,
                    "price_pct": 100 * (self.prices / t.price - 1),
                    "border_price_pct": 100 * (self.border_prices / before_border - 1),
                    "quantity_before": t.quantity,
                    "quantity": self.quantities,
                    "quantity_pct": 100 * (self.quantities / t.quantity - 1),
                    "share_before": t.quantity / m.demand.size,
                    "share": self.quantities / self._size,
                    "value_share": spending / spending.sum(),
                    "margin_before": (self._base_net - m.cost) / t.price,
                    "margin": margin / self.prices,
                    "cost": self._all(self.game.cost * (1 + self._subsidy), np.nan),
                    "duty": self._all(self._duty_a_unit, np.nan),
                    "licence": self._all(self._licence_a_unit, np.nan),
                }
            )

    @property
    def _size(self) -> float:
        """Units that shares are of: the market's, or those sold where there is no outside good."""
        demand = self.market.demand
        has_outside = demand.size > self.market.table.quantity.sum() * (1 + 1e-12)
        return demand.size if has_outside else float(self.quantities.sum())

    # ---- money ----

    @cached_property
    def _duty_a_unit(self) -> Array:
        chain = self.game.chain
        return self._border * chain.duty + chain.specific + self.levied

    @cached_property
    def _floor_gap(self) -> Array:
        """What a price floor adds to the border price of a product whose maker prices at cost."""
        return np.maximum(self._net - self.game.cost, 0.0) * (1 + self.game.chain.export_tax)

    @cached_property
    def _licence_a_unit(self) -> Array:
        chain, licences = self.game.chain, self.point.licences
        return chain.before(licences) + chain.after(licences) + self._place_a_unit

    @cached_property
    def _place_a_unit(self) -> Array:
        """The higher duty of a tariff-rate quota."""
        chain = self.game.chain
        return self._border * (1 + chain.duty) * (chain.places(self.point.licences) - 1)

    @cached_property
    def rents(self) -> pd.DataFrame:
        """By quota: units allowed and sold, the price of a licence, its rent and who holds it.

        The licence price is money a unit; of a tariff-rate quota it is a share of the duty-paid price.
        Beyond a tariff-rate quota's volume the higher duty is paid, so its rent is on the volume alone.
        """
        import pandas as pd

        names = ["quota", "volume", "units", "licence_price", "rent", "exporters", "importer", "binding"]
        return pd.DataFrame(self._rent_rows, columns=names)

    @cached_property
    def _rent_rows(self) -> list[dict[str, Any]]:
        """The rows of `rents`."""
        rows: list[dict[str, Any]] = []
        for cap, price in zip(self.game.chain.caps, self.point.licences, strict=True):
            units = float(self._units[cap.on].sum())
            rent = float(self._licences(cap, price)[0].sum())
            rows.append(
                {
                    "quota": cap.title,
                    "volume": cap.volume,
                    "units": units,
                    "licence_price": float(price),
                    "rent": rent,
                    "exporters": cap.exporter_share * rent,
                    "importer": (1 - cap.exporter_share) * rent,
                    "binding": bool(price > 0),
                }
            )
        return rows

    def _licences(self, cap: ProductCap, price: float) -> tuple[Array, Array]:
        """What one cap's licences are worth by product sold [j], and what is paid as the duty beyond its volume [j]."""
        q = self._units
        if cap.hard:
            return price * cap.on * q, np.zeros(q.size)
        of_place = np.where(cap.on, np.minimum(price, cap.surcharge), 0.0)
        each = self._border * (1 + self.game.chain.duty) * of_place * q
        inside = min(1.0, cap.volume / max(float(q[cap.on].sum()), 1e-300))
        return inside * each, (1 - inside) * each

    @cached_property
    def accounts(self) -> dict[str, Array]:
        """Money by product [j] of those sold: profit, rent to makers, rent to the importer, duties, taxes, dealers."""
        chain, licences, q = self.game.chain, self.point.licences, self._units
        exporters, importer, duty_beyond = np.zeros(q.size), np.zeros(q.size), np.zeros(q.size)
        for cap, price in zip(chain.caps, licences, strict=True):
            worth, beyond = self._licences(cap, price)
            exporters += cap.exporter_share * worth
            importer += (1 - cap.exporter_share) * worth
            duty_beyond += beyond
        landed = (self.point.prices - chain.dealer_amount) / (1 + chain.dealer_share)
        kept = self._kept
        return {
            "profit": self._profit_a_unit * q,
            "rent_exporters": exporters,
            "rent_importer": importer,
            "duties": self._duty_a_unit * q + duty_beyond,
            "export_taxes": kept * chain.export_tax * q,
            "subsidies": self._subsidy * kept * q,
            "dealers": (self.point.prices - landed) * q,
        }

    def by_product(self, account: str) -> Array:
        """Money of one of the `accounts` by product [j], of all products; 0 under an embargo."""
        return self._all(self.accounts[account], 0.0)

    @cached_property
    def _kept(self) -> Array:
        """What makers receive a unit, without a subsidy and without what customs takes of a price floor."""
        return self._net - self.levied / (1 + self.game.chain.export_tax)

    @cached_property
    def _profit_a_unit(self) -> Array:
        return (self._kept - self.game.cost) * (1 + self._subsidy)

    @property
    def levied(self) -> Array:
        """What customs takes of a price floor a unit, of products sold: the maker then does not receive it."""
        chain = self.game.chain
        return np.where(chain.levied & (self.market.conduct.name == "perfect"), self._floor_gap, 0.0)

    @property
    def _subsidy(self) -> Array:
        """Subsidy over what the maker receives; `game.cost` is marginal cost over one plus it."""
        return self.policy.subsidy[self.sold]

    @cached_property
    def _base_profit(self) -> Array:
        return (self._base_net - self.market.cost) * self.market.table.quantity

    @cached_property
    def profit_change(self) -> Array:
        """Change of makers' profits by product [j], without licences."""
        return self.by_product("profit") - self._base_profit

    @cached_property
    def firms(self) -> pd.DataFrame:
        """By firm: profits before and after in money, their change, rents of licences it holds, units and sales."""
        import pandas as pd

        t = self.market.table
        rows = pd.DataFrame(
            {
                "firm": t.firm,
                "profit_before": self._base_profit,
                "profit": self.by_product("profit"),
                "rent": self.by_product("rent_exporters"),
                "units_before": t.quantity,
                "units": self.quantities,
                "sales_before": t.sales,
                "sales": np.nan_to_num(self.prices) * self.quantities,
            }
        )
        table = rows.groupby("firm", sort=False).sum()
        table.insert(2, "profit_change", table["profit"] - table["profit_before"])
        table.insert(
            3, "profit_pct", 100 * table["profit_change"] / table["profit_before"].where(table["profit_before"] > 0)
        )
        table["with_rent_change"] = table["profit_change"] + table["rent"]
        return table.reset_index()

    @cached_property
    def base_accounts(self) -> dict[str, Array]:
        """Money by product [j] in the base: profit, duties and dealers' margins."""
        m, t = self.market, self.market.table
        border = m.border_price
        landed = (t.price - t.dealer_amount) / (1 + t.dealer_share)
        return {
            "profit": self._base_profit,
            "duties": border * t.tariff * t.quantity,
            "dealers": (t.price - landed) * t.quantity,
        }

    @cached_property
    def consumer_surplus(self) -> float:
        """Change in consumer surplus, in money; negative is a loss."""
        return self.market.demand.surplus_change(self.market.table.price, self._prices_met)

    @cached_property
    def surplus_by_draw(self) -> pd.DataFrame:
        """Change in consumer surplus by draw of buyers (mixed logit): money a buyer, the draw's weight and alpha.

        In BLP's cars alpha is 43.5 over income, so poorer buyers come first. Raises `InputError` for other demand.
        """
        import pandas as pd

        demand = self.market.demand
        if not isinstance(demand, MixedLogit):
            raise InputError(f"{demand.title} demand has no draws of buyers; mixed_logit has")
        change = demand.surplus_by_draw(self.market.table.price, self._prices_met)
        table = pd.DataFrame({"alpha": demand.alpha, "weight": demand.weight, "surplus": change})
        return table.sort_values("alpha", ascending=False, ignore_index=True)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Notes on the market's calibration, on quotas that do not bind, and on makers with a better price."""
        slack = self.rents[~self.rents["binding"].astype(bool)]
        each = [
            f"{r.quota} does not bind: {figure(r.units)} units sold of {figure(r.volume)}"
            if r.units < r.volume * (1 - 1e-9)
            else f"{r.quota} is met exactly beside another quota: how they share the licence's price is not determined"
            for r in slack.itertuples()
        ]
        gone = [name for name, on in zip(self.market.table.product, self.sold, strict=True) if not on]
        ban = f"Off the market under an embargo: {', '.join(gone)}"
        return (*self.market.notes, *each, *([ban] if gone else []), *self._better_prices())

    @cached_property
    def deviations(self) -> pd.DataFrame:
        """Products whose maker would earn more by another price of that product, all other prices as they are.

        First-order conditions hold at a solution, and need not be a maximum. Prices from half to one and a half of the
        solution's are tried, one product at a time (`DEVIATIONS`). Columns: product, firm, price_pct (the best price
        that was tried, against the solution's), gain (money), gain_pct (of the maker's profit). Empty where nobody
        gains. Under price competition that takes licence prices as given, and up to `MOST_TRIED` products; else empty.
        """
        import pandas as pd

        rows = []
        names = [k for k, on in enumerate(self.sold) if on]
        for j, (factor, gain, profit) in enumerate(deviations(self.game, self.point)):
            if gain > GAINS * abs(profit):
                t, money = self.market.table, gain * (1 + self._subsidy[j])
                rows.append((t.product[names[j]], t.firm[names[j]], 100 * (factor - 1), money, 100 * gain / profit))
        table = pd.DataFrame(rows, columns=["product", "firm", "price_pct", "gain", "gain_pct"])
        return table.sort_values("gain_pct", ascending=False, ignore_index=True)

    def _better_prices(self) -> tuple[str, ...]:
        """A note on the deviation that gains most."""
        found = self.deviations
        if found.empty:
            return ()
        top = found.iloc[0]
        others = f"; {len(found)} products have such a price" if len(found) > 1 else ""
        move = f"{abs(top['price_pct']):.0f}% {'lower' if top['price_pct'] < 0 else 'higher'}"
        return (
            f"{top['firm']} would earn {top['gain_pct']:.2g}% more with {top['product']} at a price {move}, all other "
            f"prices as they are{others}. First-order conditions hold, but they are not a maximum there, and the "
            f"point is not an equilibrium of prices: draws of buyers that are few, or far apart, do that",
        )

    @cached_property
    def compensating_variation(self) -> float:
        """What buyers need to be as well off as before, in money; positive is a loss."""
        return self.market.demand.compensating_variation(self.market.table.price, self._prices_met)

    @cached_property
    def welfare(self) -> pd.DataFrame:
        """By country: changes of consumer surplus, profits by owner, rents, public revenue and dealers' margins.

        Exporters' rents are with the owners of the makers whose units the licences are for. Money; zero rows for a
        country mean that nothing here is its own.
        """
        import pandas as pd

        m, t = self.market, self.market.table
        countries = list(dict.fromkeys([m.importer, *t.plant, *t.owner]))
        columns = ["consumers", "profits", "rents", "duties", "other_revenue", "dealers"]
        table = pd.DataFrame(0.0, index=countries, columns=columns)
        now, then = self.accounts, self.base_accounts
        of_owners = {"profits": self.profit_change, "rents": self.by_product("rent_exporters")}
        by_owner = pd.DataFrame(of_owners, index=list(t.owner)).groupby(level=0).sum()
        table.loc[by_owner.index, ["profits", "rents"]] += by_owner
        revenue = self.by_product("export_taxes") - self.by_product("subsidies")
        by_plant = pd.Series(revenue, index=list(t.plant)).groupby(level=0).sum()
        table.loc[by_plant.index, "other_revenue"] += by_plant
        table.loc[m.importer, "consumers"] += self.consumer_surplus
        table.loc[m.importer, "rents"] += float(now["rent_importer"].sum())
        table.loc[m.importer, "duties"] += float(now["duties"].sum() - then["duties"].sum())
        table.loc[m.importer, "dealers"] += float(now["dealers"].sum() - then["dealers"].sum())
        table["total"] = table.sum(axis=1)
        table.index.name = "country"
        return table.reset_index()

    @cached_property
    def by_plant(self) -> pd.DataFrame:
        """By country of plant: mean prices with base and new units as weights, units, and mean border prices."""
        import pandas as pd

        t, rows = self.market.table, []
        for country in dict.fromkeys(t.plant):
            on = np.array(t.plant) == country
            sold = on & (self.quantities > 0)
            row: dict[str, Any] = {
                "plant": country,
                "units_before": t.quantity[on].sum(),
                "units": self.quantities[on].sum(),
            }
            row["units_pct"] = 100 * (row["units"] / row["units_before"] - 1)
            if sold.any():
                base = t.quantity[sold]
                before = t.price[sold] @ base / base.sum()
                row["price_pct"], row["border_price_pct"] = self.price_pct(sold), self.price_pct(sold, at_border=True)
                mean = self.prices[sold] @ self.quantities[sold] / self.quantities[sold].sum()
                row["mean_price_pct"] = 100 * (mean / before - 1)
                row["mix_pct"] = row["mean_price_pct"] - row["price_pct"]
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def hhi(self) -> dict[str, float]:
        """Herfindahl-Hirschman index of shares in units sold, before and after (0 to 10,000).

        Firms that have merged are one firm after, and their own before.
        """
        one_of = {firm: firms[0] for firms in self.market.mergers for firm in firms}
        after = self.firms["units"].groupby(self.firms["firm"].map(lambda firm: one_of.get(firm, firm))).sum()
        both = {"before": self.firms["units_before"].to_numpy(), "after": after.to_numpy()}
        return {when: float(1e4 * ((units / units.sum()) ** 2).sum()) for when, units in both.items()}

    def __repr__(self) -> str:
        return f"MarketOutcome({self.market!r}, residual {self.residual:.1e})"

    def pass_through(self) -> Mapping[str, float]:
        """Return of each product under a duty the rise of the buyers' price over the duty a unit added."""
        base = self.market.border_price * self.market.table.tariff
        added = self._all(self._duty_a_unit + self._place_a_unit, np.nan) - base
        rise = self.prices - self.market.table.price
        names = self.market.table.product
        return {
            names[k]: float(rise[k] / added[k]) for k in range(len(names)) if abs(added[k]) > 1e-12 * self.prices[k]
        }
