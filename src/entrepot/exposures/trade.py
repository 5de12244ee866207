"""A table of trade into the store: checked, summed by flow, names and codes as positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.data.tariff_files import counted
from entrepot.errors import TableError
from entrepot.exposures.columns import VALUE_UNITS, read_trade_columns
from entrepot.exposures.places import Places
from entrepot.exposures.store import Store
from entrepot.exposures.table import Table


@dataclass(frozen=True)
class Trade:
    """Names of those who trade and codes of products, by position; `notes` say what was mended."""

    units: tuple[str, ...]
    products: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]
    editions: tuple[str, ...]


def load_trade(
    store: Store, given: Any, places: Places, *, importer: str | None, year: int | None, unit: str | None
) -> Trade:
    """Fills trade (and own: imports from the own country), unit and product. Values become millions of US dollars.

    Raises `TableError` or `DocumentError` that names the file, the row and the remedy.
    """
    source = store.source(given, "trade")
    table = Table(store, source, read_trade_columns(source.names, source.where))
    if "year" in table.columns:
        table.of_year(year)
    rows = _read(table, importer)
    if not rows:
        raise TableError(f"{table.where}: the table has no rows{f' of {year}' if year is not None else ''}")
    sides = {role: table.looked_up(role, places.unit) for role in ("importer", "exporter")}
    units = list(dict.fromkeys(code for found in sides.values() for code in found.values()))
    for role, found in sides.items():
        ids = [units.index(code) for code in found.values()]
        store.fill(f"{role}_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(found), ids])
    codes, notes = table.codes()
    products = tuple(dict.fromkeys(codes.values()))
    at = {code: k for k, code in enumerate(products)}
    store.fill("product_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(codes), [at[c] for c in codes.values()]])
    store.fill("product", {"id": "INTEGER", "code": "VARCHAR"}, [range(len(products)), products])
    store.fill("unit", {"id": "INTEGER", "name": "VARCHAR"}, [range(len(units)), units])
    millions = VALUE_UNITS[unit or table.columns.unit or "usd"] / 1e6
    _sum(store, millions)
    flows, value = store.row("SELECT count(*), sum(value) FROM flow")
    notes = (f"Trade: {table.file}, {counted(rows, 'row')}, US$ {value:,.0f} million.", *notes)
    if flows < rows:
        notes += (f"Trade: {counted(rows, 'row')} are {flows:,} flows by importer, partner and product; they add up.",)
    for name in ("raw", "flow", "importer_name", "exporter_name", "product_name"):
        store.run(f"DROP TABLE {name}")
    return Trade(tuple(units), products, rows, notes, table.editions())


def _read(table: Table, importer: str | None) -> int:
    """The rows, their values checked."""
    if "importer" not in table.columns and importer is None:
        raise TableError(
            f"{table.where}: no column 'importer'; add it, or say whose imports these are: --importer USA (importer=)"
        )
    amount = table.number("value")
    parts = {
        "importer": table.text.get("importer", "CAST(? AS VARCHAR)"),
        "exporter": table.text["exporter"],
        "product": table.text["product"],
        "value": amount,
    }
    rows = table.read(parts, [] if "importer" in table.columns else [importer])
    table.refuse_empty("importer", "exporter", "product")
    bad = "{0} IS NULL OR NOT isfinite({0}) OR {0} < 0"
    if table.store.row(f"SELECT count(*) FROM raw WHERE {bad.format('value')}")[0]:
        row, shown = table.first(bad.format(amount), show=table.text["value"])
        said = "empty" if shown is None else repr(shown)
        raise TableError(
            f"{table.where}, row {row}: the {table.columns.name('value')} is {said}; a number from 0 on is needed, "
            f"with a point for decimals and nothing between thousands"
        )
    return rows


def _sum(store: Store, millions: float) -> None:
    store.run(
        f"""
        CREATE TABLE flow AS
        SELECT importer_name.id AS importer, exporter_name.id AS exporter, product_name.id AS product,
               sum(value) * {millions!r} AS value
        FROM raw JOIN importer_name ON raw.importer = importer_name.name
        JOIN exporter_name ON raw.exporter = exporter_name.name JOIN product_name ON raw.product = product_name.name
        GROUP BY ALL"""
    )
    store.run("CREATE TABLE own AS SELECT * FROM flow WHERE importer = exporter")
    store.run(
        """
        CREATE TABLE trade AS
        SELECT flow.*, CAST(substr(code, 1, 2) AS UTINYINT) AS chapter
        FROM flow JOIN product ON flow.product = product.id
        WHERE importer <> exporter"""
    )
