"""Columns of observations as numbers: marks of missing numbers are missing, other text is refused by its row."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from entrepot.data.number_formats import find_number_format, is_missing, number_format_note
from entrepot.errors import TableError
from entrepot.words import listed

#: Marks of statistical offices for numbers that they do not publish: c, (D), x, (S).
_WITHHELD = re.compile(r"\(?[cdsxfnu]\)?|\(?(confidential|conf\.?|suppressed|not available|n\.?d\.?)\)?", re.IGNORECASE)


def with_numbers(data: pd.DataFrame, names: Iterable[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with columns of numbers and marks as numbers, and notes on the marks, which are missing.

    Columns of other text stay as they are. Raises `TableError` with the row for a cell that is not a finite number in a
    column most of whose cells are.
    """
    notes: list[str] = []
    found: dict[str, pd.Series] = {}
    for name in names:
        if data[name].dtype.kind not in "iufbmM" and not isinstance(data[name].dtype, pd.CategoricalDtype):
            column = _numbers(data[name], notes)
            if column is not None:
                found[name] = column
    return (data.assign(**found) if found else data), notes


def _numbers(column: pd.Series, notes: list[str]) -> pd.Series | None:
    texts = column.map(lambda cell: str(cell).strip(), na_action="ignore")
    cells = [str(cell) for cell in texts.dropna().unique()]
    marks = [cell for cell in cells if is_missing(cell) or _WITHHELD.fullmatch(cell)]
    others = [cell for cell in cells if cell not in set(marks)]
    shaped = [cell for cell in others if re.search(r"\d", cell)]
    style = find_number_format(shaped, f"gravity: the column {column.name!r}")
    read = {cell: style.read(cell) for cell in others}
    wrong = [cell for cell, number in read.items() if number is None]
    if len(wrong) > len(others) / 2 or not (wrong or marks):
        return None
    if wrong:
        first = int(np.flatnonzero(texts.isin(wrong))[0])
        at, cell = texts.index[first], texts.iloc[first]
        raise TableError(
            f"gravity: row {at!r}: {column.name} is {cell!r}; a finite number is needed, or a mark of a missing "
            f"one (n/a, ..)" + (f" (and {len(wrong) - 1} more such texts)" if len(wrong) > 1 else "")
        )
    notes += number_format_note(str(column.name), style)
    rows = int(texts.isin(marks).sum())
    shown = listed([repr(mark) for mark in marks], 4)
    notes.append(
        f"{rows:,} of {len(texts):,} rows have a mark in place of a number in {column.name} ({shown}): missing."
    )
    return texts.map(lambda cell: read.get(cell), na_action="ignore").astype(float)


def repeats_note(data: pd.DataFrame) -> list[str]:
    """Return a note on rows that repeat another one in every column."""
    again = data.duplicated()
    rows = int(again.sum())
    if not rows:
        return []
    return [
        f"{rows:,} of {len(data):,} rows repeat another row in every column, the first of them row "
        f"{data.index[int(np.argmax(again.to_numpy()))]!r}. Each is an observation, so that standard errors are too "
        "small if they are copies; remove them."
    ]
