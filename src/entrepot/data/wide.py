"""Wide tables, with a column for each year or month (spreadsheets, WITS, DataWeb), reshaped to one row for each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.data.layouts import OWN_RATES, OWN_TRADE, TableKind, fold_name
from entrepot.data.number_formats import is_missing
from entrepot.data.periods import Period, month_name, read_period, split_years
from entrepot.errors import TableError
from entrepot.words import counted, listed

#: Column names: X2019 (as R writes them), "Year 2019", "Value in 2019", "Imported value in 2019", "imports_2019-04".
_BEFORE = {
    "trade": re.compile(
        r"(?:year|yr|[xy])[\s_.]*(?=\d)"
        r"|(?:import(?:s|ed)?)?[\s_.]*(?:values?)?[\s_.]*(?:in|of)?[\s_.]*(?=\d|(?:jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec|q\d))"
    ),
    "rates": re.compile(r"(?:year|yr|[xy])[\s_.]*(?=\d)"),
}
#: "2019 [YR2019]" of the World Bank; marks of final and provisional figures: "Apr 2019 (F)".
_BEHIND = re.compile(r"\s*(?:\[yr\d{4}\]|\([fpre]\))$")
_DAY = re.compile(r"((?:19|20)\d\d-\d\d)-01(?:[t ].*)?")
#: What the columns of years contain.
_HELD = {"trade": "value", "rates": "rate"}
#: Endings of column names that show that a table's columns of years contain duties rather than trade.
_OF_DUTIES = ("rate", "rates", "duty", "duties", "tariff", "tariffs", "dutyrate", "tariffrate")


def period_columns(names: Sequence[str], kind: TableKind) -> dict[str, Period]:
    """Return the columns that are periods, by name, if the table is wide; else {}.

    Periods are years (for trade also quarters and months) in a table without columns of years and values; or, for
    trade, months beside a column of years (their year is 0). A table with two columns for one period, or a repeated
    name, is not wide.
    """
    own = {"trade": OWN_TRADE, "rates": OWN_RATES}.get(kind)
    folded = {fold_name(name) for name in names}
    named = [name for name in names if name.strip()]
    if own is None or len(set(named)) < len(named) or folded & set(own.columns[_HELD[kind]]):
        return {}
    if folded & set(own.columns["year"]):
        months = {name: month_name(name) for name in named}
        found = {name: Period(0, "month", month) for name, month in months.items() if month}
        return found if kind == "trade" and len(set(found.values())) == len(found) > 1 else {}
    texts = {name: _period_text(name, kind) for name in named}
    split = split_years(texts.values())
    texts = {name: text for name, text in texts.items() if text not in split}
    days = {name: day[1] for name, text in texts.items() if (day := _DAY.fullmatch(text))}
    if not all(text.endswith("-01") for text in days.values()):  # the first days of months, not of years
        texts |= days
    periods = {name: period for name, text in texts.items() if (period := read_period(text)) is not None}
    if kind == "rates":
        periods = {name: period for name, period in periods.items() if period.length == "year"}
    return periods if len(set(periods.values())) == len(periods) else {}


def _period_text(name: str, kind: TableKind) -> str:
    """A column name without the words that may surround a period."""
    text = _BEHIND.sub("", " ".join(name.casefold().split()))
    before = _BEFORE[kind].match(text)
    return text[before.end() :] if before else text


def long_names(names: Sequence[str], kind: TableKind) -> list[str]:
    """Return the column names after `by_period`, if the table is wide; else the names unchanged."""
    periods = period_columns(names, kind)
    beside = [name for name in names if name not in periods]
    if not periods or (kind == "trade" and names_duties(beside)):
        return list(names)
    has_years = any(period.year == 0 for period in periods.values())
    return [*beside, *([] if has_years else ["year"]), _HELD[kind]]


def names_duties(names: Sequence[str]) -> str:
    """Return the first column name that shows that the years contain duties ("Base_Rate"); empty if none does."""
    return next((name for name in names if fold_name(name).endswith(_OF_DUTIES)), "")


def by_period(frame: pd.DataFrame, kind: TableKind, where: str, notes: list[str]) -> pd.DataFrame:
    """Reshape a wide table to one row for each row and period with a non-empty cell, and add a note.

    Raises `TableError` if the columns contain duties and trade is needed, and if they are empty.
    """
    names = [str(name) for name in frame.columns]
    periods = period_columns(names, kind)
    duties = names_duties([name for name in names if name not in periods]) if kind == "trade" else ""
    first, *_, last = [_written(period, name) for name, period in sorted(periods.items(), key=lambda item: item[1])] * 2
    columns = f"the columns {first} to {last}" if len(periods) > 1 else f"the column {first}"
    if duties:
        raise TableError(
            f"{where}: {columns} hold{'s' if len(periods) == 1 else ''} duties rather than trade, as the column "
            f"{duties!r} shows; give the table as a schedule (--schedule FILE)"
        )
    beside = [name for name in names if name.strip() and name not in periods]
    long = frame.melt(beside, list(periods), _PERIOD, _HELD[kind])
    filled = long[_is_filled(long[_HELD[kind]], kind)]
    if filled.empty:
        raise TableError(f"{where}: {columns} that are {_nouns(periods)} {'are' if len(periods) > 1 else 'is'} empty")
    left_out = _left_out(long.loc[long.index.difference(filled.index), _HELD[kind]])
    verb = f"are {_nouns(periods)}" if len(periods) > 1 else f"is a {_nouns(periods)[:-1]}"
    notes.append(
        f"{columns[0].upper()}{columns[1:]} {verb}: read as {counted(len(filled), 'row')}, one for each; row numbers "
        f"in messages count these{left_out}."
    )
    return _with_years(filled, periods).reset_index(drop=True)


def _is_filled(cells: pd.Series, kind: TableKind) -> pd.Series:
    """Whether cells are not empty and, where they are trade, no marks of a missing number."""
    if kind == "rates" or pd.api.types.is_numeric_dtype(cells):
        return cells.notna()
    marks = [cell for cell in cells.dropna().unique() if is_missing(str(cell))]
    return cells.notna() & ~cells.isin(marks)


def _left_out(cells: pd.Series) -> str:
    """The end of a note on cells that are empty or hold a mark of a missing number."""
    if cells.isna().all():
        return f"; {counted(len(cells), 'empty cell')} left out" if len(cells) else ""
    marks = [*(["empty"] if cells.isna().any() else []), *map(repr, cells.dropna().unique())]
    return f"; {counted(len(cells), 'cell')} without a number ({listed(marks)}) left out"


def cell_of_row(frame: pd.DataFrame, kind: TableKind, row: int) -> tuple[int, str] | None:
    """Return the row, from 1, and the column of a wide table from which `by_period` made a row; None for no such."""
    periods = list(period_columns([str(name) for name in frame.columns], kind))
    filled = np.flatnonzero(np.concatenate([_is_filled(frame[name], kind) for name in periods]))
    if row > len(filled):
        return None
    column, at = divmod(int(filled[row - 1]), len(frame))
    return at + 1, periods[column]


#: The column of periods while a table is reshaped.
_PERIOD = "\0period"


def _nouns(periods: dict[str, Period]) -> str:
    """The periods of the columns in words: "years", "years and months"."""
    return listed(sorted({f"{period.length}s" for period in periods.values()}, reverse=True)).replace(", ", " and ")


def _with_years(long: pd.DataFrame, periods: dict[str, Period]) -> pd.DataFrame:
    """Put the periods into the column of years, which is added if there is none."""
    if any(period.year for period in periods.values()):
        written = {name: _written(period, name) for name, period in periods.items()}
        return long.assign(year=long[_PERIOD].map(written)).drop(columns=_PERIOD)
    own = OWN_TRADE.columns["year"]
    column = min((name for name in long if fold_name(name) in own), key=lambda name: own.index(fold_name(name)))
    years = [read_period(cell) for cell in long[column]]
    months = [periods[name].number for name in long[_PERIOD]]
    texts = [
        f"{year.year}-{month:02}" if year is not None and year.length == "year" else str(cell)
        for year, month, cell in zip(years, months, long[column], strict=True)
    ]
    return long.assign(**{column: texts}).drop(columns=_PERIOD)


def _written(period: Period, name: str) -> str:
    """A period as 2019, 2019-04 or 2019Q2; a month without a year, and a part of a year, by its column name."""
    number = {"year": "", "month": f"-{period.number:02}", "quarter": f"Q{period.number}"}.get(period.length)
    return name if number is None or not period.year else f"{period.year}{number}"
