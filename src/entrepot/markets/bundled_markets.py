"""Markets that ship with the package: a table of products with its sources, and the facts that demand is fitted to.

Each is a document in `data/` with a table beside it. The document states the market's size and elasticity; the table
states margins. Every demand system is fitted to both, so that what it says differs by its form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from entrepot.documents import shipped, shipped_document, shipped_names
from entrepot.errors import InputError, UnknownNameError, nearest
from entrepot.markets.conduct import Conduct
from entrepot.markets.demand_fit import DEMANDS, DemandChoice, fit_demand
from entrepot.markets.demands import Demand
from entrepot.markets.market import Market, importer_code
from entrepot.markets.product_table import ProductTable
from entrepot.numerics import bracketed_root

if TYPE_CHECKING:
    import pandas as pd

#: The parameter of each demand system that is free once margins are fitted: it sets the elasticity of the market.
FREE = {"logit": "market_size", "linear": "market_size", "nested_logit": "nesting"}
#: The least and the most of it that are tried; a market's size is tried as its share that is sold.
WITHIN = {"market_size": (0.005, 0.9995), "nesting": (0.0, 0.98)}


def bundled_markets() -> tuple[str, ...]:
    """Return the names of the markets that ship with the package, for `load_market`."""
    return shipped_names("markets/data", ".yaml")


def market_facts(name: str) -> dict[str, Any]:
    """Return what the document of a bundled market states: title, year, facts, sources and notes."""
    if name not in bundled_markets():
        raise UnknownNameError("market", name, bundled_markets())
    return dict(shipped_document(f"markets/data/{name}.yaml"))


def market_products(name: str) -> pd.DataFrame:
    """Return the table of a bundled market, with the columns that say where each number is from."""
    import pandas as pd

    if name not in bundled_markets():
        raise UnknownNameError("market", name, bundled_markets())
    with shipped(f"markets/data/{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file)


def market_table(
    name: str, *, demand: str = "nested_logit", importer: str | None = None, nests: str | Sequence[str] | None = None
) -> ProductTable:
    """Return the products of a bundled market as a demand system reads them, with the margins of its table.

    importer, nests   replace what the document states
    """
    facts = market_facts(name)
    named = _stated_options(facts, demand).get("nests", ()) if nests is None else nests
    columns = (named,) if isinstance(named, str) else tuple(named)
    return ProductTable.read(market_products(name), importer_code(importer or facts["importer"]), columns)


def load_market(
    name: str,
    *,
    demand: str = "nested_logit",
    conduct: str | Conduct = "bertrand",
    margin: float | None = None,
    table: ProductTable | None = None,
    **options: Any,
) -> Market:
    """Return a bundled market calibrated to its margins and to the elasticity of the market as a whole.

    demand   "logit", "nested_logit", "ces", "aids" or "linear"; "mixed_logit" needs draws of your own
    conduct  "bertrand", "cournot" or "monopolistic"; "perfect" needs the demand's parameter, for it has no margins
    margin   replaces the table's, the same for every product: price less marginal cost, over price
    table    of `market_table`, for many calibrations of products that are read once
    options  of `Market.from_products`; they replace what the document states. Of logit and linear demand the market's
             size is found from its elasticity, of nested logit the nesting parameter; either may be given instead

    Raises `UnknownNameError` for a name that is not in `bundled_markets()`.
    """
    facts = market_facts(name)
    if demand not in DEMANDS:
        raise InputError(f"demand: {demand!r}{nearest(demand, DEMANDS)}")
    if table is None:
        table = market_table(name, demand=demand, importer=options.get("importer"), nests=options.get("nests"))
    table = table if margin is None else table.with_margin(margin)
    stated = {key: facts[key] for key in ("importer", "sector", "currency", "year")}
    target = options.get("market_elasticity", facts["market_elasticity"])
    chosen = {**_stated_options(facts, demand), **options}
    free = FREE.get(demand)
    if free is not None and not {free, "price_coefficient", "strength"} & set(options):
        chosen.pop("market_elasticity", None)
        chosen.update(_free(table, demand, conduct, {**stated, **chosen}, free, target))
    return Market.from_products(table, demand=demand, conduct=conduct, **{**stated, **chosen})


def _free(
    table: ProductTable, demand: str, conduct: str | Conduct, options: Mapping[str, Any], free: str, target: float
) -> dict[str, float]:
    """The free parameter for which the market has its elasticity. Demand is fitted anew at each value."""
    low, high = WITHIN[free]
    sold = float(table.quantity.sum())

    def found(value: float) -> dict[str, float]:
        return {free: sold / value if free == "market_size" else value}

    first = Market.from_products(table, demand=demand, conduct=conduct, **{**options, **found((low + high) / 2)})
    given = {f.name: options[f.name] for f in fields(DemandChoice) if f.name in options}
    given["nests"] = (given["nests"],) if isinstance(given.get("nests"), str) else tuple(given.get("nests", ()))

    def elasticity(value: float) -> float:
        varied = {**given, **found(value)}
        nesting = varied.get("nesting", ())
        varied["nesting"] = (nesting,) if isinstance(nesting, int | float) else nesting
        choice = DemandChoice(demand=demand, **varied)
        return _elasticity(fit_demand(choice, table, first.conduct, first.owned, first.base).demand, table)

    return found(_with_elasticity(elasticity, target, (low, high), free))


def market_elasticity(market: Market) -> float:
    """Return by how many percent the units of all products change when all prices rise by 1%."""
    return _elasticity(market.demand, market.table)


def _elasticity(demand: Demand, table: ProductTable) -> float:
    slopes = demand.slopes(table.price)
    return float((slopes @ table.price).sum() / table.quantity.sum())


def _stated_options(facts: Mapping[str, Any], demand: str) -> dict[str, Any]:
    """What the document states of a demand system, as options of `Market.from_products`."""
    if demand in ("ces", "aids"):
        return {"market_elasticity": facts["market_elasticity"]}
    if demand == "nested_logit":
        return {"market_size": facts["market_size"], "nests": facts["nests"]}
    return {"market_size": facts["market_size"]}


def _with_elasticity(
    elasticity: Callable[[float], float], target: float, within: tuple[float, float], free: str
) -> float:
    """The value of the free parameter for which the market has its elasticity."""

    @cache  # the search for the root begins at both ends
    def gap(value: float) -> float:
        return elasticity(value) - target

    low, high = (gap(value) for value in within)
    if not low * high < 0:
        ends = sorted((low + target, high + target))
        raise InputError(
            f"market_elasticity: {target:g} cannot be had beside the stated margins; with them it is between "
            f"{ends[0]:.3g} and {ends[1]:.3g}, whatever the {free}; give {free}, or other margins"
        )
    return bracketed_root(gap, *within, xtol=1e-12)
