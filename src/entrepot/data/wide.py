"""Tables with a column for each year, as spreadsheets and WITS lay them out, made into one row for each year."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from entrepot.data.layouts import OWN_RATES, OWN_TRADE, Kind, fold_name
from entrepot.words import counted

#: 2019, X2019 (R writes names of columns so), "Year 2019", "2019 [YR2019]".
_YEAR = re.compile(r"(?:x|y|yr|year)?[\s_.]*((?:19|20)\d\d)(?:\s*\[yr\d{4}\])?", re.IGNORECASE)
#: What stands in the columns that are years.
_HELD = {"trade": "value", "rates": "rate"}


def year_columns(names: Sequence[str], kind: Kind) -> dict[str, int]:
    """The columns that are years, where the table has no column of years and none of values; else none.

    There are none either where one year has two columns, or a name is there twice.
    """
    own = {"trade": OWN_TRADE, "rates": OWN_RATES}.get(kind)
    folded = {fold_name(name) for name in names}
    named = [name for name in names if name.strip()]
    if own is None or len(set(named)) < len(named) or folded & {*own.columns["year"], *own.columns[_HELD[kind]]}:
        return {}
    years = {name: int(found[1]) for name in named if (found := _YEAR.fullmatch(name.strip()))}
    return years if len(set(years.values())) == len(years) else {}


def long_names(names: Sequence[str], kind: Kind) -> list[str]:
    """Names of the columns of `by_year`."""
    years = year_columns(names, kind)
    return [*(name for name in names if name not in years), "year", _HELD[kind]] if years else list(names)


def by_year(frame: pd.DataFrame, kind: Kind, notes: list[str]) -> pd.DataFrame:
    """One row for each row and year in which a cell says something; what was done is added to the notes."""
    years = year_columns(list(frame.columns), kind)
    beside = [name for name in frame.columns if name.strip() and name not in years]
    long = frame.melt(beside, list(years), "year", _HELD[kind])
    filled = long[long[_HELD[kind]].notna()]
    first, *_, last = sorted(years.values()) * 2
    said = f"the columns {first} to {last} are years" if len(years) > 1 else f"the column {first} is a year"
    empty = len(long) - len(filled)
    left_out = f"; {counted(empty, 'empty cell')} left out" if empty else ""
    notes.append(
        f"{said[0].upper()}{said[1:]}: read as {counted(len(filled), 'row')}, one for each year, and rows in messages "
        f"count so{left_out}."
    )
    return filled.assign(year=filled["year"].map(years)).reset_index(drop=True)
