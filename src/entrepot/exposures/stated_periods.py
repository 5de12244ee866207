"""The period of each row of a table of trade, from a column of dates or years that is not called year.

Such a column is known by its name (date, refDate, Jahr) or by what its cells hold. It becomes a column `year`, from
which one year is then chosen, as from any other.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from entrepot.data.duckdb_store import Relation, Store
from entrepot.data.formats.grid import ABOVE
from entrepot.data.layouts import ColumnRoles, fold_name
from entrepot.data.periods import read_period, years_there
from entrepot.dates import SHORT_MONTHS, day_of
from entrepot.errors import TableError
from entrepot.exposures.amended_tables import amended, distinct_cells, first_row
from entrepot.words import listed

#: Names of columns of dates and years, folded.
_NAMES = re.compile(
    r"(ref|reference|trade|obs|report|reporting|import|calendar|fiscal|data|stat)?"
    r"(date|year|yr|yrs|period|perioddesc|perioddescription|periodname|yearmonth|monthyear|yyyymm|fy)"
    r"|jahr|datum|berichtsjahr|berichtszeitraum|zeitraum|periode|annee|anne|ano|ao|anno|rok|aar|vuosi|fecha|tid"
    r"|periodo|perodo|priode"
)
#: Parts of names of columns whose dates are not those of trade, and of columns of numbers and codes.
_OF_OTHER_THINGS = re.compile(
    r"updat|download|releas|retriev|publish|revis|version|creat|extract|access|valid|expir|modif|load|insert|birth"
    r"|issue|start|end$|begin|until|since|from|hs|nomen|edition|class|base|qty|quant|weight|volume|kg|unit|tonn|price"
    r"|cost|freight|insur|charge|dut(y|ies)|cif|fob|value|amount|code|id$|number|count|port|district|custom|office|zip"
    r"|post|firm|company|heading|chapter"
)
#: Rows by which a column is tried before all of it is read.
_TRIED = 2000
_EPOCH = datetime.date(1899, 12, 30)
_CENTURIES = r"((?:19|20)\d\d)"
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.]{_CENTURIES}(?: .*)?")
_SHORT_YEAR = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d\d)")


@dataclass(frozen=True)
class _StatedDate:
    """What a cell states: a year, and a month and a day where it has them; `either`: which is which is open."""

    year: int
    month: int | None = None
    day: int | None = None
    either: bool = False
    period: str = ""


def with_period(store: Store, source: Relation, columns: ColumnRoles, year: int | None) -> Relation:
    """Return a user's own table of trade with a column `year`, where another column holds dates or years.

    Raises `TableError` for a column of dates in which some are not, for two such columns that differ, and for a year
    that is requested where nothing in the table states one.
    """
    if "year" in columns:
        return _dates_to_periods(store, source, columns.position["year"])
    taken = {k for role, k in columns.position.items() if not role.startswith("other ") and role != "part of the year"}
    found: dict[int, dict[str, _StatedDate]] = {}
    for k, name in enumerate(source.names):
        if k in taken or not name.strip():
            continue
        cells = _read_column(store, source, k, columns, alone=year is not None)
        if cells:
            found[k] = cells
    named = {k: cells for k, cells in found.items() if _named(source.names[k])}
    chosen = named or found
    if not chosen:
        refuse_unstated_year(source, year)
        months = columns.position.get("part of the year")
        return source if months is None else _with_note_on_months(store, source, months)
    place = next(iter(chosen))
    _refuse_two(store, source, chosen)
    _refuse_several_years(source, place, chosen[place], year)
    return _with_column(store, source, place, chosen[place])


def _refuse_several_years(source: Relation, place: int, cells: dict[str, _StatedDate], year: int | None) -> None:
    """Raise `TableError` for several years of which none is chosen, or for one that is not there; name the column."""
    years = sorted({stated.year for stated in cells.values()})
    if len(years) > 1 if year is None else year not in years:
        name = source.names[place]
        remove = "" if _named(name) else f"; remove the column {name!r} if it holds something else"
        raise TableError(f"{source.where}, column {name!r}: {years_there(years, year)}{remove}")


def refuse_unstated_year(source: Relation, year: int | None) -> None:
    """Raise `TableError` for a year that is requested, where neither the file's name nor a title states it."""
    titles = [note for note in source.notes if note.startswith(ABOVE)]
    stated = [os.path.basename(source.path), *titles, *(note for note in source.notes if "zip" in note.casefold())]
    if year is not None and not any(re.search(rf"(?<!\d){year}(?!\d)", text) for text in stated):
        raise TableError(
            f"{source.where}: no column states a year, so that none can be chosen; name the column of years 'year', or "
            f"leave --year {year} (year=) out if the table is of that year alone"
        )


def _named(name: str) -> bool:
    folded = fold_name(name)
    return _NAMES.fullmatch(folded) is not None


def _read_column(
    store: Store, source: Relation, k: int, columns: ColumnRoles, *, alone: bool
) -> dict[str, _StatedDate]:
    """Return what each text of a column states, if all of them state a year; else {}.

    alone  whether one year in all rows counts, where the name of the column does not say that it is a year
    """
    name = source.names[k]
    months = columns.position.get("part of the year") == k
    named = _named(name)
    if _OF_OTHER_THINGS.search(fold_name(name)) and not named:
        return {}
    tried = [cell for cell in distinct_cells(store, source, k, _TRIED) if cell is not None]
    few = {cell: _read(cell, named or months) for cell in tried}
    if not any(few.values()) or not (named or all(few.values())):
        if named and len(few) > 1:
            raise TableError(
                f"{source.where}: the column {name!r} holds {listed(list(few), 3)}, of which no year is read, so that "
                "rows of several years may be added up; write years (2024) or dates (2024-12-31), or remove the column"
            )
        return {}
    if not named and not months and (_is_of_product(store, source, k, columns) or (len(few) == 1 and not alone)):
        return {}
    cells = distinct_cells(store, source, k)
    read = {cell: _read(cell, named or months) for cell in cells if cell is not None}
    wrong = [cell for cell, stated in read.items() if stated is None] + [cell for cell in cells if cell is None]
    if wrong and named:
        shown = "empty" if wrong[0] is None else repr(wrong[0])
        raise TableError(
            f"{source.where}, row {first_row(store, source, k, wrong[0])}: the {name} is {shown}; a year such as 2024, "
            "or a date or month of one, is needed"
        )
    return {} if wrong else {cell: stated for cell, stated in read.items() if stated is not None}


def _is_of_product(store: Store, source: Relation, k: int, columns: ColumnRoles) -> bool:
    """Whether the cells of a column are the beginnings of the product codes beside them, as headings are."""
    if "product" not in columns:
        return False
    cell, code = source.text(k), source.text(columns.position["product"])
    (same,) = store.row(
        f"SELECT bool_and(starts_with(regexp_replace({code}, '[. -]', '', 'g'), {cell})) FROM {source.relation}",
        source.parameters,
    )
    return bool(same)


# ---- one cell ----


def _read(cell: str, named: bool) -> _StatedDate | None:
    """Return what a cell states; `named`: the name of its column says that it holds dates or years."""
    text = cell.strip().removesuffix(".0").casefold()
    if not named and re.fullmatch(r"\d+", text) and len(text) != 4:
        return None
    stated = _first_of(_DATES, text) or _day(text) or (_first_of(_NAMED_DATES, text) if named else None)
    if stated is not None:  # before periods, where the first of January is a year
        return stated
    period = read_period(text)
    return None if period is None else _StatedDate(period.year, period=cell.strip())


def _full_year(text: str) -> int:
    return 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _of(year: int, month: int, day: int | None) -> _StatedDate | None:
    try:
        datetime.date(year, month, day or 1)
    except ValueError:
        return None
    return _StatedDate(year, month, day)


def _either(year: int, one: int, other: int) -> _StatedDate | None:
    """Return a date whose month may be one number or the other, in the order day, month if both can be."""
    by_day, by_month = _of(year, other, one), _of(year, one, other)
    if by_day is None or by_month is None:
        return by_day or by_month
    return _StatedDate(year, other, one, either=one != other)


def _day(text: str) -> _StatedDate | None:
    try:
        day = day_of(text)
    except ValueError:
        return None
    return _StatedDate(day.year, day.month, day.day)


def _of_month_name(name: str, year: str) -> _StatedDate | None:
    return _of(_full_year(year), SHORT_MONTHS.index(name) + 1, None) if name in SHORT_MONTHS else None


def _of_serial(text: str) -> _StatedDate:
    day = _EPOCH + datetime.timedelta(days=int(text))
    return _StatedDate(day.year, day.month, day.day)


_Patterns = tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _StatedDate | None]], ...]
#: Dates in any column: 2018-12-31, 31/12/2018, 12/2018, Dec-18.
_DATES: _Patterns = (
    (
        re.compile(rf"{_CENTURIES}[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?:[t ].*)?"),
        lambda m: _of(int(m[1]), int(m[2]), int(m[3])),
    ),
    (_YEAR_LAST, lambda m: _either(int(m[3]), int(m[1]), int(m[2]))),
    (re.compile(rf"(\d{{1,2}})[-/.]{_CENTURIES}"), lambda m: _of(int(m[2]), int(m[1]), None)),
    (re.compile(r"([a-z]{3})[a-z]*\.?[-' /](\d\d)"), lambda m: _of_month_name(m[1], m[2])),
)
#: Dates in columns whose name says so: 20181231, FY2018, 31/12/18, and the number of a day in a spreadsheet.
_NAMED_DATES: _Patterns = (
    (re.compile(rf"{_CENTURIES}(\d\d)(\d\d)"), lambda m: _of(int(m[1]), int(m[2]), int(m[3]))),
    (re.compile(rf"(?:fy|cy|y|year|jahr)\s?{_CENTURIES}"), lambda m: _StatedDate(int(m[1]))),
    (_SHORT_YEAR, lambda m: _either(_full_year(m[3]), int(m[1]), int(m[2]))),
    (re.compile(r"([2-5]\d{4})(?:\.0)?"), lambda m: _of_serial(m[1])),
)


def _first_of(patterns: _Patterns, text: str) -> _StatedDate | None:
    """Return what the first pattern that fits a text reads in it."""
    found = next(((match, read) for pattern, read in patterns if (match := pattern.fullmatch(text))), None)
    return None if found is None else found[1](found[0])


# ---- the column ----


def _dates_to_periods(store: Store, source: Relation, k: int) -> Relation:
    """Return the table with dates in its column of years replaced by their periods."""
    tried = [cell for cell in distinct_cells(store, source, k, _TRIED) if cell is not None]
    if all(read_period(cell) for cell in tried):
        return source
    read = {cell: _read(cell, True) for cell in distinct_cells(store, source, k) if cell is not None}
    dates = {cell: stated for cell, stated in read.items() if stated is not None}
    return source if len(dates) < len(read) else _with_column(store, source, k, dates, replacing=True)


def _with_column(
    store: Store, source: Relation, k: int, cells: dict[str, _StatedDate], *, replacing: bool = False
) -> Relation:
    periods, rule = _periods(cells)
    table = f"stated_period_{len(store.rows('SHOW TABLES'))}"
    store.fill(table, {"cell": "VARCHAR", "period": "VARCHAR"}, [list(periods), list(periods.values())])
    formula = f"(SELECT period FROM {table} WHERE cell = {source.text(k)})"
    example = next(iter(periods))
    name = source.names[k]
    changed = "" if periods[example] == example else f" ({example} is {periods[example]}{rule})"
    note = f"The column {name!r} states the period of each row{changed}."
    if replacing:
        return amended(source, {k: formula}, note)
    return amended(source, {}, note, {"year": formula})


def _periods(cells: dict[str, _StatedDate]) -> tuple[dict[str, str], str]:
    """Return the period by cell as `read_period` reads it, and a remark on how dates became periods.

    Dates that all are the first or all the last day of a year stand for years, other dates for their months.
    """
    days = {(stated.month, stated.day) for stated in cells.values() if stated.day is not None}
    whole = days in ({(12, 31)}, {(1, 1)})
    # One date above 12 in a place decides the order for the column; without one the months are unknown.
    open_order = any(stated.either for stated in cells.values())
    swapped = open_order and _is_day(1, cells)
    unknown = open_order and not swapped and not _is_day(0, cells)
    periods = {}
    for cell, stated in cells.items():
        month = stated.day if swapped and stated.either else stated.month
        if stated.period:
            periods[cell] = stated.period
        elif month is None or whole or unknown:
            periods[cell] = str(stated.year)
        else:
            periods[cell] = f"{stated.year}-{month:02d}"
    return periods, "; day and month cannot be distinguished, so that only years are read" if unknown else ""


def _is_day(place: int, cells: Iterable[str]) -> bool:
    """Whether the first (0) or second (1) number of some date cannot be a month."""
    return any((numbers := _numbers(cell)) is not None and numbers[place] > 12 for cell in cells)


def _numbers(cell: str) -> tuple[int, int] | None:
    found = _YEAR_LAST.fullmatch(cell.strip().casefold()) or _SHORT_YEAR.fullmatch(cell.strip())
    return None if found is None else (int(found[1]), int(found[2]))


def _refuse_two(store: Store, source: Relation, found: dict[int, dict[str, _StatedDate]]) -> None:
    """Raise `TableError` for two columns that state different years."""
    place, *others = found
    for other in others:
        pairs = store.rows(
            f"SELECT DISTINCT {source.text(place)}, {source.text(other)} FROM {source.relation}", source.parameters
        )
        differ = [(one, two) for one, two in pairs if found[place][one].year != found[other][two].year]
        if differ:
            raise TableError(
                f"{source.where}: the columns {source.names[place]!r} and {source.names[other]!r} state different "
                f"years ({differ[0][0]} and {differ[0][1]}); name that of the trade 'year'"
            )


def _with_note_on_months(store: Store, source: Relation, k: int) -> Relation:
    cells = [cell for cell in distinct_cells(store, source, k) if cell is not None]
    if len(cells) < 2:
        return source
    note = (
        f"The column {source.names[k]!r} ({listed(cells, 4)}) states no year: rows that differ in it are added up, and "
        "are of one year only if the table is."
    )
    return amended(source, {}, note)
