"""Print the tables of docs/cars-1990.md: the car market of 1990 under a tariff and under quotas, and 1986 to 1990.

    python scripts/cars_tables.py [--draws 100]

Needs the extra firms, for the data that pyblp carries. A test compares the page with these tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq

import entrepot as ep
from entrepot.markets import us_cars
from entrepot.markets.us_cars import PRICE_OVER_INCOME, TASTES

CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
TARIFF = ep.Tariff(**CARS, rate=0.25)
#: Standard errors of the standard deviations of tastes and of price over income: Berry, Levinsohn and Pakes (1995),
#: Table IV.
TASTE_ERRORS = {"constant": 1.485, "hpwt": 1.885, "air": 1.695, "mpd": 0.272, "space": 0.585}
PRICE_ERROR = 6.427
#: What Berry, Levinsohn and Pakes (1999) found the restraint of 1986-90 to add to prices of Japanese cars.
PUBLISHED_RISE = 0.14
#: Units a Japanese fiscal year from April 1985 on.
CEILING = 2_300_000.0
YEARS = range(1986, 1991)


@dataclass(frozen=True)
class Row:
    """What a measure does in 1990: percent changes, and billions of dollars of 1983."""

    japan_price: float
    border_price: float
    japan_units: float
    us_price: float
    us_units: float
    us_profit: float
    japan_profit: float
    public: float
    licence: float
    consumers: float
    us_total: float

    @classmethod
    def of(cls, outcome: ep.markets.MarketOutcome) -> Row:
        """Read an outcome. Japan's profit is with the rents of licences that its makers hold."""
        plants, welfare = outcome.by_plant.set_index("plant"), outcome.welfare.set_index("country")
        rents = outcome.rents
        rent = float(rents["rent"].sum())
        return cls(
            japan_price=plants.loc["JPN", "price_pct"],
            border_price=plants.loc["JPN", "border_price_pct"],
            japan_units=plants.loc["JPN", "units_pct"],
            us_price=plants.loc["USA", "price_pct"],
            us_units=plants.loc["USA", "units_pct"],
            us_profit=welfare.loc["USA", "profits"] / 1e9,
            japan_profit=(welfare.loc["JPN", "profits"] + welfare.loc["JPN", "rents"]) / 1e9,
            public=rent / 1e9 if len(rents) else welfare.loc["USA", "duties"] / 1e9,
            licence=float(rents["licence_price"].iloc[0]) if len(rents) else float("nan"),
            consumers=welfare.loc["USA", "consumers"] / 1e9,
            us_total=welfare.loc["USA", "total"] / 1e9,
        )


def three_ways(market: ep.Market) -> dict[str, Row]:
    """Return the tariff of 25%, and the restraint and the auctioned quota that leave the same Japanese units."""
    tariff = market.solve(TARIFF)
    left = float(tariff.by_plant.set_index("plant").loc["JPN", "units"])
    restraint = market.solve(ep.VoluntaryExportRestraint(**CARS, cap=left, unit="units"))
    quota = market.solve(ep.ImportQuota(**CARS, cap=left, unit="units"))
    return {
        "tariff of 25%": Row.of(tariff),
        "restraint, makers hold the licences": Row.of(restraint),
        "quota, licences auctioned": Row.of(quota),
    }


def drawn(count: int, seed: int = 1) -> Iterator[ep.Market]:
    """Yield the market of 1990 with coefficients drawn from their published standard errors, each by itself.

    Draws whose demand implies a cost below zero are left out.
    """
    rng, base = np.random.default_rng(seed), us_cars(1990)
    products, agents = ep.markets.us_cars_data()
    rows = products[products["market_ids"] == 1990].assign(constant=1.0)
    buyers = agents[agents["market_ids"] == 1990]
    nodes = buyers[[f"nodes{k}" for k in range(len(TASTES))]].to_numpy()
    characteristics = rows[list(TASTES)].to_numpy()
    table = base.products[["product", "firm", "plant", "owner", "price", "quantity"]]
    for _ in range(count):
        tastes = [rng.normal(TASTES[name], TASTE_ERRORS[name]) for name in TASTES]
        price = rng.normal(PRICE_OVER_INCOME, PRICE_ERROR)
        draws = {
            "taste": characteristics * np.array(tastes) @ nodes.T,
            "alpha": price / (1000 * buyers["income"].to_numpy()),
            "weight": buyers["weights"].to_numpy(),
        }
        try:
            yield ep.Market.from_products(
                table, importer="USA", demand="mixed_logit", market_size=base.demand.size, draws=draws
            )
        except ep.errors.InputError:
            continue


def intervals(count: int) -> pd.DataFrame:
    """Return the 5th and 95th percentile of each measure's numbers, and how often a number is above zero."""
    found = []
    for market in drawn(count):
        try:
            found += [{"measure": name, **vars(row)} for name, row in three_ways(market).items()]
        except ep.errors.ConvergenceError:
            continue
    table = pd.DataFrame(found).melt(id_vars="measure", var_name="number")
    groups = table.groupby(["measure", "number"], sort=False)["value"]
    return pd.DataFrame(
        {
            "low": groups.quantile(0.05),
            "high": groups.quantile(0.95),
            "above_zero": groups.apply(lambda v: float((v > 0).mean())),
            "draws": groups.size(),
        }
    )


@dataclass(frozen=True)
class Year:
    """What the restraint did in a year, against free trade: percent of free trade, billions of dollars of 1983.

    added    dollars that the restraint adds to the mean price of a Japanese car
    licence  the price of a licence a car for which Japanese prices are 14% higher than in free trade
    capped   the same if the year had been one of free trade, under a ceiling of 2.3 million
    """

    year: int
    units: float
    licence: float
    added: float
    japan_price: float
    japan_units: float
    us_price: float
    us_units: float
    us_profit: float
    japan_profit: float
    revenue: float
    consumers: float
    capped: float


def free_trade(market: ep.Market, licence: float) -> ep.markets.MarketOutcome:
    """Return the market without the licence that its prices contain: costs of Japanese cars are lower by its price."""
    japan = np.array(market.table.plant) == "JPN"
    return replace(market, cost=market.cost - licence * japan).solve()


def licence_in_prices(market: ep.Market, rise: float = PUBLISHED_RISE) -> float:
    """Return the licence price a car without which Japanese prices would be lower by rise/(1+rise)."""

    def gap(licence: float) -> float:
        plants = free_trade(market, licence).by_plant.set_index("plant")
        return float(1 + plants.loc["JPN", "price_pct"] / 100 - 1 / (1 + rise))

    high = 250.0
    while gap(high) > 0:
        high += 250.0
    return float(brentq(gap, high - 250.0, high, xtol=1e-6))


def of_year(year: int) -> Year:
    """Solve one year with and without the licence."""
    market = us_cars(year)
    licence = licence_in_prices(market)
    free = free_trade(market, licence)
    plants, welfare = free.by_plant.set_index("plant"), free.welfare.set_index("country")
    units = float(plants.loc["JPN", "units_before"])
    sold = free.products[free.products["plant"] == "JPN"]

    def added(percent: float) -> float:
        return 100 * (1 / (1 + percent / 100) - 1)

    capped = 0.0
    if units > CEILING:
        held = market.solve(ep.VoluntaryExportRestraint(**CARS, cap=CEILING, unit="units"))
        capped = float(held.rents["licence_price"].iloc[0])
    return Year(
        year=year,
        units=units / 1e6,
        licence=licence,
        added=float((sold["price_before"] - sold["price"]) @ sold["quantity_before"] / sold["quantity_before"].sum()),
        japan_price=added(plants.loc["JPN", "price_pct"]),
        japan_units=added(plants.loc["JPN", "units_pct"]),
        us_price=added(plants.loc["USA", "price_pct"]),
        us_units=added(plants.loc["USA", "units_pct"]),
        us_profit=-welfare.loc["USA", "profits"] / 1e9,
        japan_profit=-welfare.loc["JPN", "profits"] / 1e9,
        revenue=licence * units / 1e9,
        consumers=-welfare.loc["USA", "consumers"] / 1e9,
        capped=capped,
    )


def other_models() -> dict[str, dict[str, Row]]:
    """Return the three measures under other conducts, and under a logit of the same mean margin over sales."""
    base = us_cars(1990)
    japanese = sorted({f for f, o in zip(base.table.firm, base.table.owner, strict=True) if o == "JPN"} - {"Hyundai"})
    trial = us_cars(1990, demand="logit", price_coefficient=-4e-4)

    def margin(market: ep.Market) -> float:
        return float(np.average(market.products["margin"], weights=market.table.sales))

    alpha = 4e-4 * margin(trial) / margin(base)
    return {
        "as above": three_ways(base),
        "makers choose quantities (Cournot)": three_ways(us_cars(1990, conduct="cournot")),
        "Japanese makers set prices together": three_ways(us_cars(1990, collusion=[japanese])),
        "logit with the same mean margin": three_ways(us_cars(1990, demand="logit", price_coefficient=-alpha)),
    }


# ---- as on the page ----


def lines_of_1990(rows: dict[str, Row]) -> list[str]:
    """Return the first table's lines."""
    head = [
        "| | Japanese cars, to buyers | at the border | US cars | US makers' profit | Japanese makers' profit, with "
        "rent | duty or rent | US buyers | United States |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    out = []
    for name, r in rows.items():
        border = f"{r.border_price:+.1f}%" if np.isnan(r.licence) else ""
        public = f"{r.public:.2f}" if np.isnan(r.licence) else f"{r.public:.2f} ({r.licence:,.0f} a car)"
        out.append(
            f"| {name} | {r.japan_price:+.1f}% | {border} | {r.us_price:+.2f}% | {r.us_profit:+.2f} | "
            f"{r.japan_profit:+.2f} | {public} | {r.consumers:+.2f} | {r.us_total:+.2f} |"
        )
    return [*head, *out]


def lines_of_models(models: dict[str, dict[str, Row]]) -> list[str]:
    """Return the table of other models."""
    lines = [
        "| | tariff: Japanese cars | US makers | Japanese makers | United States | restraint: Japanese makers | United "
        "States | quota: United States |",
        "| --- |" + " --- |" * 7,
    ]
    for name, rows in models.items():
        tariff, restraint, quota = rows.values()
        lines.append(
            f"| {name} | {tariff.japan_price:+.1f}% | {tariff.us_profit:+.2f} | {tariff.japan_profit:+.2f} | "
            f"{tariff.us_total:+.2f} | "
            f"{restraint.japan_profit:+.2f} | {restraint.us_total:+.2f} | {quota.us_total:+.2f} |"
        )
    return lines


def lines_of_intervals(table: pd.DataFrame) -> list[str]:
    """Return the table of intervals."""
    shown = {
        "japan_price": "Japanese cars, to buyers, %",
        "us_profit": "US makers' profit",
        "japan_profit": "Japanese makers' profit, with rent",
        "consumers": "US buyers",
        "us_total": "United States",
    }
    measures = list(dict.fromkeys(table.index.get_level_values("measure")))
    lines = [f"| 5th to 95th percentile | {' | '.join(measures)} |", "| --- |" + " --- |" * len(measures)]
    for key, label in shown.items():
        cells = [f"{table.loc[(m, key), 'low']:+.1f} to {table.loc[(m, key), 'high']:+.1f}" for m in measures]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    above = [f"{table.loc[(m, 'us_total'), 'above_zero']:.0%}" for m in measures]
    return [*lines, f"| draws in which the United States gains | {' | '.join(above)} |"]


def lines_of_years(years: list[Year]) -> list[str]:
    """Return the table of 1986 to 1990, with sums."""
    lines = [
        "| | Japanese cars, million | licence, a car | Japanese cars: price | in dollars | units | US cars: price "
        "| units | US makers' profit | Japanese makers' profit, with licences | licences' worth | US buyers "
        "| licence if free, cap 2.3m |",
        "| --- |" + " --- |" * 12,
    ]
    for y in years:
        lines.append(
            f"| {y.year} | {y.units:.2f} | {y.licence:,.0f} | {y.japan_price:+.1f}% | {y.added:+,.0f} | "
            f"{y.japan_units:+.0f}% | {y.us_price:+.2f}% | {y.us_units:+.1f}% | {y.us_profit:+.2f} | "
            f"{y.japan_profit:+.2f} | {y.revenue:.2f} | {y.consumers:+.2f} | {y.capped:,.0f} |"
        )
    total = {k: sum(getattr(y, k) for y in years) for k in ("us_profit", "japan_profit", "revenue", "consumers")}
    lines.append(
        f"| sum | {sum(y.units for y in years):.1f} | | | | | | | {total['us_profit']:+.1f} | "
        f"{total['japan_profit']:+.1f} | {total['revenue']:.1f} | {total['consumers']:+.1f} | |"
    )
    return lines


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=100)
    given = parser.parse_args()
    print("\n".join(lines_of_1990(three_ways(us_cars(1990)))), end="\n\n")
    print("\n".join(lines_of_years([of_year(year) for year in YEARS])), end="\n\n")
    print("\n".join(lines_of_models(other_models())), end="\n\n")
    if given.draws:
        table = intervals(given.draws)
        print(f"{int(table['draws'].iloc[0])} of {given.draws} draws")
        print("\n".join(lines_of_intervals(table)))


if __name__ == "__main__":
    main()
