"""Naming rows of a user's table in messages, and checks of columns of rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.economy.equations import Array, Index
from entrepot.errors import TableError, UnknownNameError
from entrepot.words import counted

#: Key columns of a flow, and of a sector of a country.
FLOW, CELL = ["importer", "exporter", "sector"], ["country", "sector"]

#: A tariff on a whole sector above 1,000% is taken for a percentage that was given as a fraction.
LARGEST_TARIFF = 10.0


def row_of(table: str, frame: pd.DataFrame, bad: pd.Series, keys: list[str]) -> str:
    """Return the number and keys of the first row where `bad` is true."""
    at = int(np.argmax(bad.to_numpy()))
    cells = ["empty" if pd.isna(frame[key].iloc[at]) else str(frame[key].iloc[at]) for key in keys]
    return f"{table}, row {int(frame.index[at]) + 1} ({', '.join(cells)})"


def more(bad: pd.Series) -> str:
    """Return the number of further such rows as text."""
    others = int(bad.sum()) - 1
    return f" (and {others:,} more such row{'s' if others > 1 else ''})" if others else ""


def positions(table: str, frame: pd.DataFrame, column: str, labels: Sequence[str]) -> Index:
    """Return the positions of the labels of a key column among `labels`. Raises `UnknownNameError` with the row."""
    position = pd.Index(labels).get_indexer(pd.Index(frame[column]))
    if (position < 0).any():
        at = int(np.argmax(position < 0))
        raise UnknownNameError(column, str(frame[column].iloc[at]), labels, f"{table}, row {at + 1}")
    return position


def checked_rate(table: str, frame: pd.DataFrame, column: str, keys: list[str]) -> pd.Series:
    """Return a column of ad valorem rates, checked.

    Raises `TableError` for percentages given as fractions, rates of -100% or below, and rates on own sales.
    """
    name, rate = column.replace("_", " "), frame[column]
    a = f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    if keys == FLOW:
        own = (frame["importer"] == frame["exporter"]) & (rate != 0)
        if own.any():
            raise TableError(
                f"{row_of(table, frame, own, keys)}: {a} of {rate[own].iloc[0]:g} on own sales; it must be 0{more(own)}"
            )
    low = rate <= -1
    if low.any():
        raise TableError(f"{row_of(table, frame, low, keys)}: {a} of {rate[low].iloc[0]:g} (-100% or below)")
    levied = rate[rate > 0]
    if len(levied) and levied.median() > 1:
        raise TableError(
            f"{table}: the median {name} levied is {levied.median():g}, that is {100 * levied.median():,.0f}%. "
            f"Rates are fractions (0.25 for 25%): divide the column by 100"
        )
    high = rate > LARGEST_TARIFF
    if high.any():
        raise TableError(
            f"{row_of(table, frame, high, keys)}: {a} of {rate[high].iloc[0]:g}, that is "
            f"{100 * rate[high].iloc[0]:,.0f}%; rates are fractions (0.25 for 25%){more(high)}"
        )
    return rate


def negative_note(tariff: Array, where: str) -> list[str]:
    """Return a note on tariffs below zero, which are subsidies to imports, if there are any."""
    number = int((tariff < 0).sum())
    if not number:
        return []
    levied = int((tariff != 0).sum())
    return [
        f"{where}: {number:,} of {counted(levied, 'tariff')} {'is' if number == 1 else 'are'} below zero (the lowest "
        f"{100 * float(tariff.min()):.3g}%): subsidies to imports."
    ]
