"""Sums of a large CSV file of flows, in bounded memory: duckdb reads, checks and adds up."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.economy.sources.catalogue import Tell
from entrepot.economy.sources.files import needed
from entrepot.errors import DocumentError

#: What duckdb may hold in memory; the rest of a large file's groups waits on disk.
MEMORY = "1GB"

#: The sector of a product, None where it has none.
SectorOf = Callable[[str], str | None]


@dataclass(frozen=True)
class Columns:
    """Names of a flow file's columns; `group` is one more that depends on the product alone, such as a broad sector."""

    year: str
    exporter: str
    importer: str
    product: str
    value: str
    group: str | None = None


@dataclass(frozen=True)
class Sums:
    """Sums of one year's flows.

    frame     exporter, importer, sector, value, and rows: how many flows are in it
    unplaced  value and rows by product that has no sector
    total     value of all flows
    groups    the group of each product, where the file has one
    """

    frame: pd.DataFrame
    unplaced: pd.DataFrame
    total: float
    year: int
    rows: int
    groups: Mapping[str, str]


def sums_of(
    path: Path, columns: Columns, year: int | None, tell: Tell, *, pad: int = 0, sector: SectorOf = str
) -> Sums:
    """Sums by exporter, importer and sector. By default each product is a sector.

    pad   digits that product codes have, where leading zeros may have been lost
    Raises `DocumentError` for a line that cannot be read, a value that is absent, negative or not finite, a flow that
    stands twice, and for years that are not the one asked for, or more than one.
    """
    duckdb = needed("duckdb", path.name)
    _check_header(path, columns)
    with tempfile.TemporaryDirectory(prefix="entrepot-") as scratch, duckdb.connect() as database:
        database.execute(f"SET memory_limit='{MEMORY}'; SET preserve_insertion_order=false")
        database.execute("SET enable_progress_bar=false")
        database.execute("SET temp_directory=?", [scratch])
        try:
            tell(f"reading {path.name}", 0, 3)
            chosen = _year(database, path, columns, year)
            tell(f"adding up {path.name}", 1, 3)
            _add_up(database, path, columns, chosen, pad)
            _check(database, path)
            tell("bringing products to sectors", 2, 3)
            return _by_sector(database, int(chosen), sector)
        except duckdb.Error as error:
            cause = " ".join(str(error).split())
            raise DocumentError(f"cannot be read as CSV: {cause[:300]}", path=str(path)) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


#: All columns as text; lines of another width are errors.
_TEXT = "read_csv(?, header=true, all_varchar=true, delim=',', quote='\"', null_padding=false, auto_detect=true)"


def _year(database: Any, path: Path, columns: Columns, year: int | None) -> str:
    """The year to take, as the file writes it."""
    found = database.execute(
        f"SELECT DISTINCT trim({_quoted(columns.year)}) FROM {_TEXT} ORDER BY 1", [str(path)]
    ).fetchall()
    names = [str(name) for (name,) in found]
    strange = [name for name in names if not name.isdecimal()]
    if strange:
        raise DocumentError(f"the year reads {strange[0]!r}", path=str(path))
    wanted = [name for name in names if year is None or int(name) == year]
    if len(wanted) != 1:
        asked = "" if year is None else f"no rows of {year}; "
        raise DocumentError(f"{asked}years found: {', '.join(names) or 'none'}; choose one with --year", path=str(path))
    return wanted[0]


def _add_up(database: Any, path: Path, columns: Columns, year: str, pad: int) -> None:
    """A table flows: one row a (exporter, importer, product), with the value, how many lines, and how many are bad."""
    c = {key: f"trim({_quoted(name)})" for key, name in vars(columns).items() if name is not None}
    product = f"CASE WHEN length({c['product']}) < {pad} THEN lpad({c['product']}, {pad}, '0') ELSE {c['product']} END"
    number = f"try_cast({c['value']} AS DOUBLE)"
    database.execute(
        f"""
        CREATE TEMP TABLE flows AS
        SELECT {c["exporter"]} AS exporter, {c["importer"]} AS importer, {product} AS product,
               sum({number}) AS value, count(*) AS lines,
               count(*) FILTER ({number} IS NULL OR NOT isfinite({number}) OR {number} < 0) AS bad,
               any_value({c.get("group", "NULL")}) AS broad
        FROM {_TEXT} WHERE {c["year"]} = ? GROUP BY 1, 2, 3
        """,
        [str(path), year],
    )


def _check(database: Any, path: Path) -> None:
    for fault, condition in (
        ("the value is absent, negative or not a number", "bad > 0"),
        ("this flow stands twice in the same year", "lines > 1"),
    ):
        row = database.execute(f"SELECT exporter, importer, product FROM flows WHERE {condition} LIMIT 1").fetchone()
        if row is not None:
            raise DocumentError(f"{fault}: from {row[0]} to {row[1]}, product {row[2]}", path=str(path))


def _by_sector(database: Any, year: int, sector: SectorOf) -> Sums:
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
    return Sums(frame, unplaced, float(total), year, int(rows), groups)


def _check_header(path: Path, columns: Columns) -> None:
    """Raises `DocumentError` unless the first line names the columns."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            first = lines.readline(100_000)
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot be read as text: {error}", path=str(path)) from error
    names = [name.strip() for name in next(csv.reader([first]), [])]
    missing = [name for name in vars(columns).values() if name is not None and name not in names]
    if missing:
        raise DocumentError(
            f"no column {missing[0]!r}: the first line reads {first.strip()[:120]!r}", path=str(path), line=1
        )
