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

from entrepot.data.layouts import layout_of
from entrepot.data.opening import OpenedTable, open_table
from entrepot.data.wide import period_columns
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
            line = _line(given, int(found[1]), recognises)
            if line is not None and line != int(found[1]) + 1:
                _say(error, found[0], line)
        raise


def _say(error: InputError, row: str, line: int) -> None:
    stated = f"{row} (line {line:,} of the file)"
    error.args = tuple(arg.replace(row, stated, 1) if isinstance(arg, str) else arg for arg in error.args)
    if isinstance(error, DocumentError):
        error.message = error.message.replace(row, stated, 1)


def _line(given: Any, row: int, recognises: Callable[..., bool]) -> int | None:
    """The line of the row, from 1; None where it is not known."""
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        try:
            opened = open_table(given, "file", Path(folder), recognises=recognises)
            if _is_reshaped(opened):  # its rows are not lines
                return None
            return _of_sheet(opened, row) if opened.text is None else _of_text(opened, row)
        except (InputError, OSError, csv.Error, UnicodeDecodeError):
            return None


def _is_reshaped(opened: OpenedTable) -> bool:
    names = opened.text.names if opened.text is not None else [str(n) for n in getattr(opened.frame, "columns", ())]
    layout = layout_of(names)
    return any(period_columns(names, kind) for kind in ("trade", "rates")) or bool(layout and layout.tidy)


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
