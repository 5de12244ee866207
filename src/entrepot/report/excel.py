"""Result tables as an Excel workbook: a sheet a table, numbers in full, and a sheet that says what they are."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from entrepot.documents import as_path
from entrepot.errors import DocumentError, InputError
from entrepot.studies.result_table import ResultTable

#: The sheet that says of every other its title, units, base, year, horizon, elasticities and version.
ABOUT = "about"


def excel_bytes(tables: Iterable[ResultTable]) -> bytes:
    """Return the workbook as bytes. Raises `InputError` where openpyxl is not installed."""
    try:
        from openpyxl import Workbook
    except ImportError:
        raise InputError("Excel files need openpyxl: pip install 'entrepot[sources]' or pip install openpyxl") from None
    tables = list(tables)
    book = Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(_sheet_name(table.name))
        sheet.append([_cell(text) for text in table.sheet_head])
        for row in table.rows:
            sheet.append([_cell(value) for value in row])
        sheet.freeze_panes = sheet.cell(row=2, column=table.text_columns + 1)
    about = book.create_sheet(ABOUT)
    about.append(["sheet", "what", "text"])
    for table in tables:
        for label, text in table.about.items():
            about.append([_sheet_name(table.name), label, _cell(text)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_excel(tables: Iterable[ResultTable], path: str | os.PathLike[str]) -> Path:
    """Write the workbook; the file appears whole or not at all."""
    target, made = as_path(path), excel_bytes(tables)
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_bytes(made)
        return beside.replace(target)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=str(target)) from error


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31]


def _cell(value: Any) -> Any:
    """Return what a cell may hold: absent numbers are empty, text that looks like a formula stays text."""
    if value is None or value != value:
        return None
    if isinstance(value, str):
        value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value)
        return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value
    return value
