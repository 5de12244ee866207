"""Load a table of trade into the store, in the tables that the SQL of this package reads."""

from __future__ import annotations

from typing import Any

from entrepot.data.duckdb_store import Store
from entrepot.data.trade import Trade, TradeSelection, load_trade


def store_trade(store: Store, given: Any, wanted: TradeSelection) -> Trade:
    """Fill the tables trade, own, unit and product from a table of trade, and return its description.

    A row of `trade` is a flow with its HS chapter (0 for all goods). Raises what `entrepot.data.trade.load_trade`
    raises.
    """
    trade = load_trade(store, given, wanted)
    store.fill("product", {"id": "INTEGER", "code": "VARCHAR"}, [range(len(trade.products)), trade.products])
    store.fill("unit", {"id": "INTEGER", "name": "VARCHAR"}, [range(len(trade.units)), trade.units])
    store.run(
        """
        CREATE TABLE trade AS
        SELECT flow.*, coalesce(try_cast(substr(code, 1, 2) AS UTINYINT), 0) AS chapter
        FROM flow JOIN product ON flow.product = product.id"""
    )
    store.run("DROP TABLE flow")
    return trade
