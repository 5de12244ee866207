"""Excel workbooks (.xlsx, .xlsb, .xlsm, .xls, .ods): the sheets that hold a table."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.data.amounts import percent
from entrepot.data.formats.cell_formats import NO_RESULT, ShownCells, shown_cells
from entrepot.data.formats.grid import ABOVE, BELOW, LOOKED_AT, Recognises, find_grid, shown_lines
from entrepot.errors import DocumentError, InputError
from entrepot.words import listed

_NUMBER = re.compile(r"\s*[+-]?[\d.,' ]+%?\s*")
#: How a footnote of a sheet begins.
_FOOTNOTE = re.compile(
    r"\s*([*†‡§]|\(?[\da-z]\)|出典|資料|来源|[注註]|(sources?|notes?|quellen?|anmerkung\w*|fuentes?|fontes?|notas?)\b)",
    re.IGNORECASE,
)


def read_sheets(
    path: Path, recognises: Recognises = lambda names: False
) -> dict[str, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Return the tables by sheet, each with a note on the lines above it; sheets without a table are left out.

    A column whose cells are all numbers is numeric, any other is text; codes that Excel stores as text are kept.
    Raises `DocumentError` for a file that is not a workbook, `InputError` if python-calamine is missing.
    """
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            sheets = {
                str(name): book.parse(name, header=None, dtype=object, keep_default_na=False).replace("", None)
                for name in book.sheet_names
            }
    except ImportError:
        raise InputError("reading workbooks needs python-calamine: pip install 'entrepot[sources]'") from None
    except MemoryError:
        raise DocumentError("not enough memory to read it", path=str(path)) from None
    except Exception as error:  # calamine's errors share no other base class
        raise DocumentError(f"cannot be read as a workbook: {str(error)[:160]}", path=str(path)) from error
    shown = shown_cells(path)
    found = {
        name: _table(_as_shown(sheet, shown.get(name)), recognises, shown.get(name, ShownCells()))
        for name, sheet in sheets.items()
        if not sheet.empty
    }
    return {name: _noted(table, shown.get(name, ShownCells())) for name, table in found.items() if table is not None}


def _as_shown(sheet: pd.DataFrame, shown: ShownCells | None) -> pd.DataFrame:
    """Return a sheet as its reader sees it, with a text in cells whose formula has no result.

    Its numbers have the sign of per cent or of money that their format shows, as text.
    """
    if shown is None:
        return sheet
    unknown = [(row, column) for row, column in shown.unknown if column < sheet.shape[1]]
    if unknown:  # rows of nothing but such cells are not in the sheet
        sheet = sheet.reindex(range(max(len(sheet), 1 + max(unknown)[0])))
    for row, column in unknown:
        sheet.iat[row, column] = NO_RESULT
    for row, column in shown.signs:
        if row < sheet.shape[0] and column < sheet.shape[1]:
            sheet.iat[row, column] = shown.shown(sheet.iat[row, column], row, column)
    return sheet


def _noted(table: tuple[pd.DataFrame, tuple[str, ...]], shown: ShownCells) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return a table with notes on numbers of it that the sheet shows divided by thousands, and on what it hides.

    Its attribute "unknown" is whether the sheet has formulas without a result.
    """
    frame, notes = table
    frame.attrs["unknown"] = bool(shown.unknown)
    lines = set(frame.attrs["lines"])
    mine = [(row, column) for row, column in shown.divided if row + 1 in lines and column < frame.shape[1]]
    if mine:
        row, column = mine[0]
        notes += (
            f"Numbers are read as they are stored; the sheet shows some divided by {shown.divided[row, column]:,} (row "
            f"{row + 1}, column {frame.columns[column]!r}): check that the unit is that of the stored numbers.",
        )
    return frame, (*notes, *_hidden_notes(frame, shown))


def _hidden_notes(frame: pd.DataFrame, shown: ShownCells) -> list[str]:
    """Return notes on a hidden sheet, and on hidden rows and columns of a table, which are read as the others are."""
    lines = frame.attrs["lines"]
    rows = [line for line in lines if line - 1 in shown.rows]
    columns = [repr(str(name)) for k, name in enumerate(frame.columns) if shown.hides(k)]
    notes = ["The sheet that is read is hidden in the workbook."] if shown.hidden else []
    if rows:
        number = f"{len(rows):,} of {len(lines):,}, {percent(len(rows) / len(lines))}"
        notes.append(
            f"Hidden rows of the sheet are read too ({number}; the first is row {rows[0]}), also where a filter "
            f"hides them: delete those that are not to count."
        )
    if columns:
        notes.append(f"Hidden columns of the sheet are read too: {listed(columns)}.")
    return notes


def _table(
    sheet: pd.DataFrame, recognises: Recognises, shown: ShownCells
) -> tuple[pd.DataFrame, tuple[str, ...]] | None:
    records = [
        ["" if cell == NO_RESULT else _text(cell) or "" for cell in row]
        for row in sheet.head(LOOKED_AT).itertuples(index=False)
    ]
    grid = find_grid([_trimmed(record) for record in records], recognises)
    if grid is None or not any(any(record) for record in records[grid.header + 1 :]):
        return None
    titles = [" ".join(filter(None, record)) for record in records[: grid.header] if any(record)]
    body = sheet.iloc[grid.header + 1 :, : len(grid.names)].dropna(how="all")
    body = body[~_beside_the_table(body)]
    filled = _fill_merged(body, shown)
    last = _end_of(body)
    below, body = [str(text) for text in body.iloc[last:, 0]], body.iloc[:last]
    lines = [int(row) + 1 for row in body.index]
    body = body.reset_index(drop=True)
    frame = pd.DataFrame({k: _column(body.iloc[:, k]) for k in range(body.shape[1])})
    frame.columns = pd.Index(grid.names[: body.shape[1]])
    frame.attrs["lines"] = lines
    notes = [f"{ABOVE} ({len(titles)}): {shown_lines(titles)}."] if titles else []
    if below:
        notes.append(f"{BELOW} ({len(below)}): {shown_lines(below)}.")
    if filled:
        notes.append(f"Cells that are merged over rows are read in each of them: {listed(filled)}.")
    return frame, tuple(notes)


def _end_of(body: pd.DataFrame) -> int:
    """How many rows of a sheet are before the lines of text below its table.

    Those have a text in the first column alone, and come after an empty row or begin as a footnote does.
    """
    alone = body.iloc[:, 1:].isna().all(axis=1) & body.iloc[:, 0].map(
        lambda cell: isinstance(cell, str) and cell != NO_RESULT and not _NUMBER.fullmatch(cell)
    )
    first = len(body) - int(alone[::-1].cumprod().sum()) if body.shape[1] > 1 else len(body)
    for k in range(max(first, 1), len(body)):
        if body.index[k] > body.index[k - 1] + 1 or _FOOTNOTE.match(body.iat[k, 0]):
            return k
    return len(body)


def _fill_merged(body: pd.DataFrame, shown: ShownCells) -> list[str]:
    """Write the text of cells that are merged over rows into each row of a table, in place; return their ranges.

    A number is left in the first row alone: an amount may be that of all of them together.
    """
    filled = []
    for cells, (row, last, column) in sorted(shown.merged.items(), key=lambda item: (item[1][2], item[1][0])):
        if row not in body.index or column >= body.shape[1]:
            continue
        text = body.at[row, body.columns[column]]
        rows = [k for k in range(row + 1, last + 1) if k in body.index]
        is_number = isinstance(text, int | float) or (isinstance(text, str) and _NUMBER.fullmatch(text))
        if rows and text is not None and not is_number:
            body.loc[rows, body.columns[column]] = text
            filled.append(cells)
    return filled


def _beside_the_table(body: pd.DataFrame) -> pd.Series:
    """Whether a row is formulas without a result, and empty in a column that the rows of the table fill."""
    unknown = body.eq(NO_RESULT)
    bare = (unknown | body.isna()).all(axis=1)
    filled = body[~bare].notna().all()
    return bare & ~unknown.loc[:, filled].all(axis=1)


def _trimmed(record: Sequence[str]) -> list[str]:
    """A record without its empty cells at the end, which pad every row of a sheet to the widest one."""
    last = max((k for k, cell in enumerate(record) if cell), default=-1)
    return list(record[: last + 1])


def _column(cells: pd.Series) -> pd.Series:
    filled = cells.dropna()
    if len(filled) and filled.map(lambda cell: isinstance(cell, int | float) and not isinstance(cell, bool)).all():
        return pd.to_numeric(cells)
    return cells.map(_text, na_action="ignore").astype(object)


def _text(cell: Any) -> str | None:
    """A cell as text: 870323 rather than 870323.0, dates as 2025-04-03."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell)
