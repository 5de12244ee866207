"""Any table as a DataFrame in memory, and its columns as text labels or numbers."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.duckdb_store import Store
from entrepot.data.formats.cell_formats import NO_RESULT
from entrepot.data.formats.grid import Recognises
from entrepot.data.layouts import MOST_OTHERS, fold_name
from entrepot.data.number_formats import (
    NumberFormat,
    NumberKind,
    find_number_format,
    is_missing,
    number_format_note,
    states_money,
)
from entrepot.data.opening import OpenedTable, cells_as_text, open_table
from entrepot.data.units import has_sign_of_unit
from entrepot.errors import TableError
from entrepot.words import listed


def read_frame(
    given: Any,
    what: str,
    *,
    recognises: Recognises = lambda names: False,
    known: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> tuple[pd.DataFrame, OpenedTable]:
    """Read a whole table into memory; text cells are str, or None where empty, and number columns stay numbers.

    known    names of columns, which a table may write in other case or with spaces: Cost share is cost_share
    numbers  those of them that are numbers, whose names stay as written where they have a unit: value ($), tariff (%)
    Raises as `open_table` does, `DocumentError` with the line for a row with more or fewer cells than the header, and
    `TableError` where a known column is repeated.
    """

    def recognises_folded(names: Sequence[str]) -> bool:
        return recognises(_spelt(names, known, numbers))

    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        opened = open_table(given, what, Path(folder), recognises=recognises_folded)
        if opened.frame is not None:
            frame = _as_text(opened.frame)
        else:
            with Store() as store:
                frame = store.whole(opened)
    spelt = _spelt(frame.columns, known, numbers)
    refuse_repeated([name for name in spelt if name in known], opened.where)
    return frame.set_axis(spelt, axis=1), opened


def refuse_repeated(names: Iterable[str], where: str) -> None:
    """Raise `TableError` for two columns of one name; those without a name do not count."""
    doubled = [name for name, times in Counter(names).items() if name and times > 1]
    if doubled:
        raise TableError(f"{where}: the column {doubled[0]!r} is repeated; keep one")


def unused_note(names: Iterable[str], where: str) -> list[str]:
    """Return a note on columns that are not used, those without a name aside; no note where there are none."""
    shown = [repr(name) for name in names if name.strip()]
    if len(shown) == 1:
        return [f"{where}: column {shown[0]} not used."]
    return [f"{where}: columns not used: {listed(shown, MOST_OTHERS)}."] if shown else []


def _spelt(names: Sequence[str], known: Sequence[str], numbers: Sequence[str]) -> list[str]:
    """Return names of columns as they are known; two that are spelt alike, or one beside the known name, stay.

    So does one of `numbers` with a unit, which the folded name does not have.
    """
    folded = [fold_name(name) for name in names]
    ours = {fold_name(name): name for name in known if name not in names and folded.count(fold_name(name)) == 1}
    spelt = [ours.get(fold, str(name).strip()) for name, fold in zip(names, folded, strict=True)]
    return [
        str(name).strip() if our in numbers and has_sign_of_unit(str(name)) else our
        for name, our in zip(names, spelt, strict=True)
    ]


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Convert columns of dates, categories and the like to text, with None in empty cells."""
    columns: dict[int, Any] = {}
    for k in range(frame.shape[1]):
        column = frame.iloc[:, k]
        columns[k] = column if column.dtype.kind in "iuf" else cells_as_text(column)
    out = pd.DataFrame(columns)
    out.columns = pd.Index([str(name) for name in frame.columns])
    return out


def as_labels(column: pd.Series, where: str) -> pd.Series:
    """Return names or codes as stripped text, None where empty; whole numbers lose their decimal point.

    Raises `TableError` with the row for a formula without a result.
    """
    if column.dtype.kind == "f":
        whole = column.map(lambda cell: str(int(cell)) if float(cell).is_integer() else str(cell), na_action="ignore")
        return whole.astype(object).where(column.notna(), None)
    texts = cells_as_text(column)
    unknown = np.flatnonzero(texts == NO_RESULT)
    if unknown.size:
        raise without_result(where, int(unknown[0]) + 1, str(column.name))
    return texts


def without_result(where: str, row: int, column: str) -> TableError:
    """Return the error for a cell whose formula has no result."""
    return TableError(
        f"{where}, row {row}: the formula in the column {column!r} has no result: open the workbook in a spreadsheet "
        f"program and save it there, or write what it stands for"
    )


def percentages(column: pd.Series) -> tuple[pd.Series, pd.Series | float]:
    """Return the cells of a rate without the sign of per cent, and what divides each, a hundred where it has one."""
    if column.dtype.kind in "iuf":
        return column, 1.0
    texts = cells_as_text(column)
    marked = texts.map(lambda cell: cell.endswith("%"), na_action="ignore").fillna(False).astype(bool)
    return texts.where(~marked, texts.str.removesuffix("%").str.strip()), marked.map({True: 100.0, False: 1.0})


def as_numbers(column: pd.Series, where: str, kind: NumberKind, separator: str | None, notes: list[str]) -> pd.Series:
    """Return a column as floats, NaN where a cell is not numeric; an unusual number format is noted.

    An amount of money is not a rate.
    """
    if column.dtype.kind in "iuf":
        return column.astype(float)
    texts = cells_as_text(column)
    if kind == "rate":
        texts = texts.where(~texts.map(states_money, na_action="ignore").fillna(False).astype(bool), None)
    style = find_number_format((cell for cell in texts if cell is not None), where, kind=kind, separator=separator)
    notes += number_format_note(str(column.name), style)
    return read_as(texts, style)


def read_as(texts: pd.Series, style: NumberFormat) -> pd.Series:
    """Return cells of text as floats, NaN where a cell is not numeric in this format."""
    read = {cell: style.read(cell) for cell in texts.dropna().unique()}
    return texts.map(read, na_action="ignore").astype(float)


def typed(frame: pd.DataFrame, where: str, separator: str | None, notes: list[str]) -> pd.DataFrame:
    """Return a table whose numeric columns are floats, with cells such as NA as NaN; other columns stay text.

    A column is numeric if every cell is a number or marks a missing one and no cell is a code with a leading zero; so
    NA in a column of countries stays Namibia.
    """
    columns: dict[Any, pd.Series] = {}
    for k in range(frame.shape[1]):
        column = frame.iloc[:, k]
        columns[k] = column if column.dtype.kind in "iufb" else _typed(column, where, separator, notes)
    out = pd.DataFrame(columns, index=frame.index)
    out.columns = frame.columns
    return out


def _typed(column: pd.Series, where: str, separator: str | None, notes: list[str]) -> pd.Series:
    texts = cells_as_text(column)
    cells = [cell for cell in texts.dropna().unique() if not is_missing(cell)]
    if not cells or any(re.match(r"0\d", cell) for cell in cells) or not all(re.search(r"\d", cell) for cell in cells):
        return texts
    try:
        style = find_number_format(cells, f"{where}, column {str(column.name)!r}", separator=separator)
    except TableError:
        if all(re.fullmatch(r"[+-]?[\d.,' ]+", cell) for cell in cells):
            raise
        return texts
    read = {cell: style.read(cell) for cell in cells}
    if any(number is None for number in read.values()):
        return texts
    notes += number_format_note(str(column.name), style)
    return texts.map(read, na_action="ignore").astype(float)
