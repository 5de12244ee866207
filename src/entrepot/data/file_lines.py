"""Lines of files in messages about rows: rows count from the header on, without blank lines and titles."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from entrepot.data.duckdb_store import Store
from entrepot.data.layouts import TableKind, layout_of
from entrepot.data.opening import OpenedTable, open_table
from entrepot.data.wide import cell_of_row, period_columns
from entrepot.errors import DocumentError, InputError

_ROW = re.compile(r"\brow (\d+)\b")


@contextmanager
def with_lines(
    given: Any, recognises: Callable[..., bool] = lambda names: layout_of(names) is not None
) -> Iterator[None]:
    """Add the line of the file to an error that names a row, where it is not simply the next one after the header.

    given  the table that is read inside: only a file of text or a workbook has lines
    """
    try:
        yield
    except InputError as error:
        found = _ROW.search(str(error))
        if found is not None and isinstance(given, str | os.PathLike):
            place = _place(given, int(found[1]), recognises)
            if place is not None:
                _say(error, found[0], place)
        raise


def _say(error: InputError, row: str, place: str) -> None:
    stated = f"{row} ({place})"
    error.args = tuple(arg.replace(row, stated, 1) if isinstance(arg, str) else arg for arg in error.args)
    if isinstance(error, DocumentError):
        error.message = error.message.replace(row, stated, 1)


def _place(given: Any, row: int, recognises: Callable[..., bool]) -> str | None:
    """Where the row is in the file; None where that is not known, or is the next line after the header."""
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        try:
            opened = open_table(given, "file", Path(folder), recognises=recognises)
            names = _names(opened)
            layout = layout_of(names)
            if layout is not None and layout.tidy is not None:  # its rows are not lines
                return None
            kinds: tuple[TableKind, ...] = ("trade", "rates")
            kind = next((kind for kind in kinds if period_columns(names, kind)), None)
            if kind is not None:
                return _of_wide(opened, kind, row)
            line = _line(opened, row)
            return None if line is None or line == row + 1 else f"line {line:,} of the file"
        except (InputError, OSError, csv.Error, UnicodeDecodeError):
            return None


def _names(opened: OpenedTable) -> list[str]:
    if opened.text is not None:
        return list(opened.text.names)
    return [str(name) for name in getattr(opened.frame, "columns", ())]


def _of_wide(opened: OpenedTable, kind: TableKind, row: int) -> str | None:
    """The line and the column from which a row was made that is one period of a line."""
    with Store() as store:
        cell = cell_of_row(store.whole(opened), kind, row)
    if cell is None:
        return None
    line = _line(opened, cell[0])
    stated = f"row {cell[0]:,} below the header" if line is None else f"line {line:,} of the file"
    return f"{stated}, column {' '.join(cell[1].split())!r}"


def _line(opened: OpenedTable, row: int) -> int | None:
    """The line of the row, from 1; None where it is not known."""
    return _of_sheet(opened, row) if opened.text is None else _of_text(opened, row)


def _of_sheet(opened: OpenedTable, row: int) -> int | None:
    return opened.lines[row - 1] if row <= len(opened.lines) else None


def _of_text(opened: OpenedTable, row: int) -> int | None:
    text = opened.text
    if text is None or text.skip == 0:  # a copy without its first lines
        return None
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(text.skip):
            next(file)
        reader = csv.reader(file, delimiter=text.separator)
        begun = text.skip
        for record in reader:
            if any(cell.strip() for cell in record):
                row -= 1
            if row == 0:
                return begun + 1
            begun = text.skip + reader.line_num
    return None
