"""Sums of a large CSV file of flows in bounded memory: DuckDB reads, checks and adds them up."""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.data.duckdb_store import unreadable
from entrepot.data.progress import Progress
from entrepot.data.sources.files import needed
from entrepot.errors import DocumentError
from entrepot.sql_quoting import sql_name

#: The memory limit of DuckDB; data beyond it are spilled to disk.
MEMORY = "2GB"

#: Returns the sector of a product, None if it has none.
SectorOf = Callable[[str], str | None]


@dataclass(frozen=True)
class FlowColumns:
    """Column names of a file of flows.

    `group` is a column that depends only on the product, such as a broad sector; some editions do not have it.
    """

    year: str
    exporter: str
    importer: str
    product: str
    value: str
    group: str | None = None


@dataclass(frozen=True)
class FlowSums:
    """Sums of one year's flows.

    frame     exporter, importer, sector, value, and rows, the number of flows
    unplaced  value and rows by product without a sector
    total     value of all flows
    groups    group by product, if the file has groups
    """

    frame: pd.DataFrame
    unplaced: pd.DataFrame
    total: float
    year: int
    rows: int
    groups: Mapping[str, str]


def sums_of(
    path: Path, columns: FlowColumns, year: int | None, progress: Progress, *, pad: int = 0, sector: SectorOf = str
) -> FlowSums:
    """Return sums by exporter, importer and sector; by default each product is a sector.

    The lines of the year are kept in a temporary file that is smaller than the CSV.

    pad   number of digits of product codes, if leading zeros may be lost
    Raises `DocumentError` for an unreadable line, a value that is missing, negative or not finite, a repeated flow, a
    missing year, and several years if none is given.
    """
    duckdb = needed("duckdb", path.name)
    columns = _of_header(path, columns)
    encoding = _encoding(path)
    with (
        tempfile.TemporaryDirectory(prefix="entrepot-") as scratch,
        duckdb.connect(f"{scratch}/flows.duckdb", config={"memory_limit": MEMORY}) as database,
    ):
        database.execute("SET preserve_insertion_order=false; SET enable_progress_bar=false")
        try:
            progress(f"reading {path.name}", 0, 3)
            chosen = _year(database, path, columns, year, encoding)
            _load(database, path, columns, chosen, pad, encoding)
            progress(f"checking {path.name}", 1, 3)
            _check(database, path)
            progress(f"adding up {path.name}", 2, 3)
            return _by_sector(database, int(chosen), sector)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            cause = " ".join(str(error).split())[:200]
            raise DocumentError(f"not enough memory or disk to add it up: {cause}", path=str(path)) from error
        except duckdb.Error as error:
            raise unreadable(path, str(error)) from error


def _text(encoding: str) -> str:
    """SQL that reads all columns as text; lines with another number of fields raise an error."""
    return f"read_csv(?, header=true, all_varchar=true, delim=',', quote='\"', encoding='{encoding}')"


def _year(database: Any, path: Path, columns: FlowColumns, year: int | None, encoding: str) -> str:
    """The year to read, as the file writes it."""
    found = database.execute(
        f"SELECT DISTINCT trim({sql_name(columns.year)}) FROM {_text(encoding)} ORDER BY 1", [str(path)]
    ).fetchall()
    names = [str(name) for (name,) in found]
    strange = [name for name in names if not name.isdecimal()]
    if strange:
        raise DocumentError(f"the year reads {strange[0]!r}", path=str(path))
    wanted = [name for name in names if year is None or int(name) == year]
    if len(wanted) != 1:
        absent = "" if year is None else f"no rows of {year}; "
        raise DocumentError(
            f"{absent}years found: {', '.join(names) or 'none'}; choose one with --year", path=str(path)
        )
    return wanted[0]


def _load(database: Any, path: Path, columns: FlowColumns, year: str, pad: int, encoding: str) -> None:
    """Fill the table flows with the lines of the year, on disk and compressed."""
    c = {key: f"trim({sql_name(name)})" for key, name in vars(columns).items() if name is not None}
    product = f"CASE WHEN length({c['product']}) < {pad} THEN lpad({c['product']}, {pad}, '0') ELSE {c['product']} END"
    database.execute(
        f"""
        CREATE TABLE flows AS
        SELECT {c["exporter"]} AS exporter, {c["importer"]} AS importer, {product} AS product,
               try_cast({c["value"]} AS DOUBLE) AS value, {c.get("group", "NULL")} AS broad
        FROM {_text(encoding)} WHERE {c["year"]} = ?
        """,
        [str(path), year],
    )


def _check(database: Any, path: Path) -> None:
    """Raise `DocumentError` for missing labels, invalid values and repeated flows (compared by hash first)."""
    bad = "value IS NULL OR NOT isfinite(value) OR value < 0"
    key = "hash(exporter, importer, product)"
    twice = f"SELECT {key} AS h FROM flows GROUP BY 1 HAVING count(*) > 1 LIMIT 1000"
    for name in ("exporter", "importer", "product"):
        row = database.execute(f"SELECT * FROM flows WHERE coalesce({name}, '') = '' LIMIT 1").fetchone()
        if row is not None:
            shown = ", ".join(str(cell or "empty") for cell in row[:3])
            raise DocumentError(f"the {name} is empty in a row (exporter, importer, product: {shown})", path=str(path))
    for fault, query in (
        ("the value is missing, negative or not numeric", f"SELECT exporter, importer, product FROM flows WHERE {bad}"),
        (
            "this flow is repeated in the same year",
            f"SELECT exporter, importer, product FROM flows WHERE {key} IN ({twice}) GROUP BY 1, 2, 3 "
            "HAVING count(*) > 1",
        ),
    ):
        row = database.execute(f"{query} LIMIT 1").fetchone()
        if row is not None:
            raise DocumentError(f"{fault}: from {row[0]} to {row[1]}, product {row[2]}", path=str(path))


def _by_sector(database: Any, year: int, sector: SectorOf) -> FlowSums:
    products = database.execute("SELECT product, any_value(broad) AS broad FROM flows GROUP BY 1 ORDER BY 1").df()
    places = products.assign(sector=[sector(str(product)) for product in products["product"]])
    places["sector"] = places["sector"].astype(object).where(places["sector"].notna(), None)
    database.register("places", places[["product", "sector"]])
    joined = "FROM flows JOIN places USING (product)"
    frame = database.execute(
        f"SELECT exporter, importer, sector, sum(value) AS value, count(*) AS rows {joined} "
        "WHERE sector IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 3, 1, 2"
    ).df()
    unplaced = database.execute(
        f"SELECT product, sum(value) AS value, count(*) AS rows {joined} WHERE sector IS NULL GROUP BY 1 ORDER BY 1"
    ).df()
    total, rows = database.execute("SELECT sum(value), count(*) FROM flows").fetchone()
    groups = {str(p): str(b) for p, b in zip(products["product"], products["broad"], strict=True) if b is not None}
    return FlowSums(frame, unplaced, float(total), year, int(rows), groups)


def _encoding(path: Path) -> str:
    """UTF-8, else Latin-1, in which country names (which are not read) are often written."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 24):
                decoder.decode(block)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _of_header(path: Path, columns: FlowColumns) -> FlowColumns:
    """The columns in the first line, with or without the group. Raises `DocumentError` if one is missing."""
    try:
        with path.open("rb") as lines:
            first = lines.readline(100_000).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot be read as text: {error}", path=str(path)) from error
    names = [name.strip() for name in next(csv.reader([first]), [])]
    wanted = [name for name in vars(columns).values() if name is not None]
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise DocumentError(f"the column {twice[0]!r} is repeated", path=str(path), line=1)
    missing = [name for name in wanted if name not in names and name != columns.group]
    if missing:
        raise DocumentError(
            f"no column {missing[0]!r}: the first line reads {first.strip()[:120]!r}", path=str(path), line=1
        )
    return columns if columns.group in names else replace(columns, group=None)
