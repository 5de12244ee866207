"""Read a table of products for a Market: any kind of file, numbers as people write them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.frames import (
    as_labels,
    as_numbers,
    percentages,
    read_as,
    read_frame,
    refuse_repeated,
    typed,
)
from entrepot.data.layouts import CURRENCIES, fold_name
from entrepot.data.number_formats import (
    Decimal,
    NumberFormat,
    NumberKind,
    find_number_format,
    is_missing,
    money_in,
)
from entrepot.data.opening import cells_as_text
from entrepot.data.units import by_currency, currency_code, is_dollars
from entrepot.economy.geography import find_place
from entrepot.errors import InputError, TableError, nearest
from entrepot.words import listed

NAMES = ("product", "firm", "brand", "plant", "owner", "nest", "nest2", "market", "importer", "sector")
AMOUNTS = ("price", "quantity", "cost", "dealer_amount")
RATES = ("margin", "tariff", "dealer_margin")
#: Currencies that are not written with the sign $.
_WITHOUT_DOLLARS = ("EUR", "GBP", "JPY", "CNY", "CHF")


def read_products(
    given: Any, *, others: Collection[str] = (), decimal: Decimal | None = None, currency: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table of products of a Market as a DataFrame, and notes on what was not read as it stands.

    given     a path of a table (CSV and other text, Excel, Parquet and the like) or a DataFrame
    others    columns of names beside the known ones, such as those of nests; further columns are kept as numbers where
              all their cells are numbers, else as text
    decimal   the decimal sign, "point" or "comma", where the table leaves it open
    currency  of prices; US dollars without it

    Names of columns may differ in capitals, and in blanks for underscores; a margin or duty may be written 38% or 0.38.
    Raises `TableError` and `DocumentError` with the file, the column and the row.
    """
    frame, opened = read_frame(given, "products", recognises=lambda names: {"product", "price"} <= set(_known(names)))
    frame.columns = pd.Index(_known(frame.columns))
    refuse_repeated(frame.columns, opened.where)
    notes = [f"{opened.where}: {note}" for note in opened.notes]
    frame = frame.loc[:, [c for c in frame.columns if str(c)]].copy()
    _check_spelling([str(c) for c in frame.columns if c not in others], opened.where)
    numbers = [c for c in frame.columns if c in (*AMOUNTS, *RATES)]
    labels = [c for c in frame.columns if c in NAMES or c in others]
    for column in labels:
        frame[column] = as_labels(frame[column], opened.where)
    for column in (c for c in frame.columns if c not in (*numbers, *labels)):
        try:
            frame[column] = typed(frame[[column]], opened.where, opened.separator, [])[column]
        except TableError:  # its number format is open; nothing needs the column unless a condition names it
            frame[column] = cells_as_text(frame[column])
    _refuse_money(frame[numbers], opened.where, currency or "US$")
    notes += _currency_notes(frame, opened.where, currency or "US$")
    styles = _formats(frame[numbers], opened.where, opened.separator, decimal)
    for column, style in styles.items():
        frame[column] = _read(frame[column], style, opened.where)
    for style in dict.fromkeys(s for s in styles.values() if not s.usual):
        alike = [column for column, other in styles.items() if other == style]
        notes.append(f"Numbers of {', '.join(alike)} are read with {style}")
    return frame, tuple(notes)


def rows_of_importer(
    products: pd.DataFrame, importer: str | None, option: str = "importer"
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Return the rows of one importer, its name, and a note where rows of others are left out.

    The importer is `importer`, or the only one in the column `importer`. Raises `InputError` where neither says which.
    """
    if "importer" not in products:
        if not importer:
            raise InputError(f"{option}: say in which country the products are sold, such as USA")
        return products, importer, ()
    written = products["importer"].map(lambda name: _code(str(name)) if name is not None else None)
    found = [name for name in dict.fromkeys(written) if name is not None]
    wanted = _code(importer) if importer else found[0] if len(found) == 1 else None
    if wanted is None:
        raise InputError(f"{option}: the column importer has {len(found)} countries; choose one of {listed(found, 8)}")
    rows = products[written == wanted]
    if rows.empty:
        raise InputError(f"{option}: no row of the table is of {importer!r}{nearest(wanted, found)}")
    left = len(products) - len(rows)
    note = (f"{left} rows of the table are of other importers and were not used",) if left else ()
    return rows.reset_index(drop=True), wanted, note


def stated_sector(products: pd.DataFrame) -> str:
    """Return what the column `sector` calls the products, where it has one name; else "products"."""
    found = products["sector"].dropna().unique() if "sector" in products else []
    return str(found[0]) if len(found) == 1 else "products"


def read_draws(given: Any, products: Sequence[str]) -> dict[str, Any]:
    """Return the draws of a mixed logit from a table with a row a draw: alpha, weight, and a column for each product.

    A product without a column has no tastes of its own. Raises `TableError`.
    """
    frame, opened = read_frame(given, "draws", recognises=lambda names: "alpha" in names)
    refuse_repeated([str(c).strip().casefold() for c in frame.columns], opened.where)
    named = {str(c).strip().casefold(): str(c) for c in frame.columns}
    if "alpha" not in named:
        raise TableError(f"{opened.where}: no column 'alpha', the marginal utility of money of each draw")
    wanted = {name.casefold(): name for name in products}
    for column in named:
        if column not in wanted and column not in ("alpha", "weight"):
            raise TableError(
                f"{opened.where}: the column {named[column]!r} is not a product{nearest(column, products)}"
            )
    notes: list[str] = []
    numbers = {
        key: as_numbers(frame[c], f"{opened.where}, column {c!r}", "amount", opened.separator, notes)
        for key, c in named.items()
    }
    for key, column in numbers.items():
        if column.isna().any():
            row = int(np.flatnonzero(column.isna())[0]) + 1
            raise TableError(f"{opened.where}, row {row}: {named[key]} is not a finite number")
    count = len(frame)
    taste = [numbers[key].to_numpy() if key in numbers else np.zeros(count) for key in wanted]
    weight = {"weight": numbers["weight"].to_numpy()} if "weight" in numbers else {}
    return {"taste": np.array(taste).reshape(len(taste), count), "alpha": numbers["alpha"].to_numpy(), **weight}


def _code(name: str) -> str:
    place = find_place(name)
    return name.strip() if place is None else place.code


def _known(names: Iterable[Any]) -> list[str]:
    """Names of columns, those that are known in their usual spelling."""
    out = []
    for name in names:
        usual = re.sub(r"[\s-]+", "_", str(name).strip().casefold())
        out.append(usual if usual in (*NAMES, *AMOUNTS, *RATES) else str(name).strip())
    return out


def _check_spelling(names: list[str], where: str) -> None:
    """Raise `TableError` for a column whose name looks like a misspelt one of those that are read."""
    known = (*NAMES, *AMOUNTS, *RATES)
    for name in (n for n in names if n not in known):
        free = [c for c in known if c not in names]
        close = difflib.get_close_matches(name.casefold(), free, n=1, cutoff=0.75)
        if close:
            raise TableError(f"{where}: unknown column {name!r}; did you mean {close[0]!r}?")


def _refuse_money(numbers: pd.DataFrame, where: str, currency: str) -> None:
    """Raise `TableError` for money in a column of shares, and for prices with a sign of other money than `currency`."""
    stated = currency_code(currency)
    amounts: dict[str, str] = {}
    for column in map(str, numbers):
        for money, cell in money_in(cells_as_text(numbers[column]).dropna()).items():
            if column in RATES:
                raise TableError(
                    f"{where}: {column} {cell!r} is an amount of money; a share is needed, such as 0.1 or 10%"
                )
            if money != "$" or stated in _WITHOUT_DOLLARS:
                amounts.setdefault(money, f"{column} {cell!r}")
    found = by_currency(amounts, stated)
    other = next((code for code in found if code != stated), None)
    if other is not None:
        raise TableError(
            f"{where}: {found[other]} is not in {'US dollars' if stated == 'USD' else stated}: write numbers alone, in "
            f"one currency, and name it: --currency {other} (currency=)"
        )


def _currency_notes(frame: pd.DataFrame, where: str, currency: str) -> list[str]:
    """Return a note on a column that says another currency than `currency`. Raises `TableError` for two in one."""
    notes = []
    for column in (str(c) for c in frame if fold_name(str(c)) in CURRENCIES):
        found = [str(text) for text in cells_as_text(frame[column]).dropna().unique()]
        if len(found) > 1:
            raise TableError(
                f"{where}: the column {column!r} says {listed(found)}; prices are read in one currency: convert them"
            )
        if found and not is_dollars(found[0]) and currency_code(found[0]) != currency_code(currency):
            notes.append(
                f"{where}: the column {column!r} says {found[0]}; amounts are named so only with --currency (currency=)"
            )
    return notes


def _formats(
    frame: pd.DataFrame, where: str, separator: str | None, decimal: Decimal | None
) -> dict[str, NumberFormat]:
    """The number format of each column of text; a column that leaves its decimal sign open takes that of the others."""
    texts = {c: list(cells_as_text(frame[c]).dropna()) for c in frame if frame[c].dtype.kind not in "iuf"}
    found: dict[str, NumberFormat] = {}
    open_ones: dict[str, TableError] = {}
    for column, cells in texts.items():
        try:
            found[column] = _format(column, cells, where, separator, decimal)
        except TableError as error:
            open_ones[column] = error
    signs = {style.decimal for c, style in found.items() if any(re.search(r"\d[.,' ]\d", cell) for cell in texts[c])}
    for column, why in open_ones.items():
        if len(signs) != 1 or decimal is not None:
            raise why
        same: Decimal = "comma" if "," in signs else "point"
        found[column] = _format(column, texts[column], where, separator, same)
    return found


def _format(column: str, cells: list[str], where: str, separator: str | None, decimal: Decimal | None) -> NumberFormat:
    kind: NumberKind = "rate" if column in RATES else "amount"
    return find_number_format(cells, f"{where}, column {column!r}", kind=kind, separator=separator, decimal=decimal)


def _read(column: pd.Series, style: NumberFormat, where: str) -> pd.Series:
    """A column as numbers, NaN where it is empty, percentages as shares."""
    texts = cells_as_text(column)
    given, divisor = percentages(texts) if column.name in RATES else (texts, 1.0)
    numbers = read_as(given, style) / divisor
    for row, (cell, number) in enumerate(zip(texts, numbers, strict=True), start=1):
        if math.isnan(number) and cell is not None and not is_missing(cell):
            raise TableError(f"{where}, row {row}: {column.name} {cell!r} is not a finite number, written with {style}")
    return numbers
