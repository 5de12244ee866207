"""The car market of the United States, 1971-90: the data of Berry, Levinsohn and Pakes (1995), which pyblp carries."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import InputError
from entrepot.markets.market import Market

if TYPE_CHECKING:
    import pandas as pd

#: Standard deviations of tastes (Berry, Levinsohn and Pakes 1995, Table IV): constant, horsepower over weight, air
#: conditioning as standard, miles a dollar, size.
TASTES = {"constant": 3.612, "hpwt": 4.628, "air": 1.818, "mpd": 1.050, "space": 2.056}
#: Coefficient of price over income in the same table, with its sign changed.
PRICE_OVER_INCOME = 43.501
#: Households in thousands, in March: United States Census Bureau, Current Population Survey, as in the table of annual
#: changes in U.S. Housing Market Conditions (Department of Housing and Urban Development), from 80,776 in 1980.
HOUSEHOLDS = {
    1971: 64_778,
    1972: 66_676,
    1973: 68_251,
    1974: 69_805,
    1975: 71_163,
    1976: 72_867,
    1977: 74_142,
    1978: 76_030,
    1979: 77_330,
    1980: 80_776,
    1981: 82_368,
    1982: 83_527,
    1983: 83_918,
    1984: 85_290,
    1985: 86_789,
    1986: 88_458,
    1987: 89_479,
    1988: 91_124,
    1989: 92_830,
    1990: 93_347,
}
#: Makers by the number of their firm in the data, as read from the names of their models. The importers Capri and Opel
#: are firms of their own there.
FIRMS = {
    1: "Toyota",
    2: "Nissan",
    3: "Honda",
    4: "Mazda",
    5: "Subaru",
    6: "Volvo",
    7: "Volkswagen",
    8: "BMW",
    9: "Mercedes-Benz",
    10: "Mitsubishi",
    11: "Saab",
    12: "Porsche",
    13: "Isuzu",
    14: "Peugeot",
    15: "American Motors",
    16: "Chrysler",
    17: "Fiat",
    18: "Ford",
    19: "General Motors",
    20: "Alfa Romeo",
    21: "Hyundai",
    22: "Jaguar",
    23: "Yugo",
    24: "Renault",
    25: "Capri",
    26: "Opel",
}
#: The data have three regions of makers' headquarters: Germany stands for all of Europe, Japan for all of Asia.
PLANTS = {"US": "USA", "EU": "DEU", "JP": "JPN"}


def us_cars_data() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the products and the draws of buyers of all years, as pyblp has them. Raises `InputError` without pyblp.

    products   one row a model and year: market_ids (the year), firm_ids, region, shares (of households), prices
               (thousands of dollars of 1983), hpwt, air, mpd, mpg, space and instruments
    agents     200 draws a year: weights, nodes0 to nodes4 (standard normal), income (thousands of dollars of 1983)
    """
    import pandas as pd

    folder = _data_folder()
    return pd.read_csv(folder / "blp_products.csv"), pd.read_csv(folder / "blp_agents.csv")


def us_cars(year: int = 1990, *, demand: str = "mixed_logit", **options: Any) -> Market:
    """Return the Market of a year, 1971 to 1990, with demand at the estimates of Berry, Levinsohn and Pakes (1995).

    demand   "mixed_logit": those estimates; another system is fitted or given its parameter by `options`
    options  of `Market.from_products`, such as conduct="cournot"

    Prices are dollars of 1983, units are cars; the market is one car a household. A plant's country is that of its
    maker's headquarters, since the data do not say where a car was made: Japan includes cars that Japanese makers built
    in the United States, and Hyundai's; Germany stands for all makers from Europe.
    """
    if year not in HOUSEHOLDS:
        raise InputError(f"year: {year!r}; the data have the years 1971 to 1990")
    products, agents = us_cars_data()
    rows = products[products["market_ids"] == year].reset_index(drop=True)
    households = 1e3 * HOUSEHOLDS[year]
    table = _table(rows, households)
    chosen: dict[str, Any] = {"importer": "USA", "market_size": households, "currency": "US$ of 1983", "year": year}
    if demand == "mixed_logit":
        chosen["draws"] = _draws(rows, agents[agents["market_ids"] == year])
    return Market.from_products(table, demand=demand, **{**chosen, **options})


def _data_folder() -> Path:
    found = importlib.util.find_spec("pyblp")
    if found is None or found.origin is None:
        raise InputError('the cars of 1971-90 come with pyblp: pip install "entrepot[firms]"')
    return Path(found.origin).parent / "data"


def _table(rows: pd.DataFrame, households: float) -> pd.DataFrame:
    import pandas as pd

    names = rows["clustering_ids"].astype(str)
    again = names.duplicated(keep=False)
    plant = rows["region"].map(PLANTS)
    return pd.DataFrame(
        {
            "product": np.where(again, names + " " + rows["car_ids"].astype(str), names),
            "firm": rows["firm_ids"].map(FIRMS),
            "plant": plant,
            "owner": plant,
            "price": 1000 * rows["prices"],
            "quantity": households * rows["shares"],
        }
    )


def _draws(rows: pd.DataFrame, agents: pd.DataFrame) -> dict[str, Any]:
    """Tastes [j,i], marginal utility of a dollar [i] and weights [i]."""
    liked = rows.assign(constant=1.0)[list(TASTES)].to_numpy() * np.array(list(TASTES.values()))
    nodes = agents[[f"nodes{k}" for k in range(len(TASTES))]].to_numpy()
    return {
        "taste": liked @ nodes.T,
        "alpha": PRICE_OVER_INCOME / (1000 * agents["income"].to_numpy()),
        "weight": agents["weights"].to_numpy(),
    }


__all__ = ["us_cars", "us_cars_data"]
