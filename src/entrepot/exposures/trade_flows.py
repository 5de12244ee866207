"""Load a table of trade into the store, in the tables that the SQL of this package reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.data.amounts import percent_of
from entrepot.data.duckdb_store import Relation, Store
from entrepot.data.file_lines import with_lines
from entrepot.data.layouts import Layout, layout_of, recognised_as, trade_columns
from entrepot.data.source_table import tidied
from entrepot.data.trade import Trade, TradeSelection, load_trade
from entrepot.exposures.amended_tables import with_bare_codes
from entrepot.exposures.stated_numbers import with_plain_values
from entrepot.exposures.stated_periods import refuse_unstated_year, with_period
from entrepot.words import counted


def store_trade(store: Store, given: Any, wanted: TradeSelection) -> Trade:
    """Fill the tables trade, own, unit and product from a table of trade, and return its description.

    A row of `trade` is a flow with its HS chapter (0 for all goods). Raises what `entrepot.data.trade.load_trade`
    raises, and `TableError` for a year that is requested where the table states none.
    """
    with with_lines(given):
        source, layout = _opened(store, given, wanted)
        amended, selection = _amended(store, source, layout, wanted)
        trade = load_trade(store, amended, selection)
    trade = replace(trade, notes=(*trade.notes, *_repeats(store, source, trade)))
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


def _opened(store: Store, given: Any, wanted: TradeSelection) -> tuple[Relation, Layout | None]:
    """Open a table of trade; a user's own with one row for each period and product."""
    source = store.source(given, "trade", recognises=recognised_as("trade"), year=wanted.year)
    layout = layout_of(source.names, "trade")
    return (source, layout) if layout is not None else tidied(store, source, "trade")


def _amended(
    store: Store, source: Relation, layout: Layout | None, wanted: TradeSelection
) -> tuple[Relation, TradeSelection]:
    """Put what the reader of tables of trade does not know into the form that it knows."""
    if layout is not None:
        if layout.tidy is None and "year" not in trade_columns(source.names, source.where, layout):
            refuse_unstated_year(source, wanted.year)
        return source, wanted if layout.decimal is None else replace(wanted, decimal=None)
    columns = trade_columns(source.names, source.where, None)
    source = with_bare_codes(source, columns.position["product"])
    source = with_plain_values(store, source, columns.position["value"], wanted.decimal)
    return with_period(store, source, columns, wanted.year), replace(wanted, decimal=None)


def _repeats(store: Store, source: Relation, trade: Trade) -> list[str]:
    """A note on rows that repeat another one in every column, which are added up as any other rows of a flow are."""
    flows = store.row("SELECT (SELECT count(*) FROM flow) + (SELECT count(*) FROM own)")[0]
    if trade.rows <= flows:
        return []
    again, first, rows = store.row(
        f"SELECT sum(n - 1), min(first) FILTER (n > 1), sum(n) FROM (SELECT count(*) AS n, min(row) AS first "
        f"FROM {source.numbered} GROUP BY {', '.join(f'c{k}' for k in range(len(source.names)))})",
        source.parameters,
    )
    if not again:
        return []
    share = percent_of(int(again), int(rows))
    return [
        f"{source.where}: {again:,} of {counted(rows, 'row')} ({share}) repeat another row in every "
        f"column, such as row {first}, and are added up like other rows of one flow; remove them if they are copies."
    ]
