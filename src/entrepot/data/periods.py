"""Periods as tables write them: years, quarters, months, and the first months of a year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from entrepot.dates import MONTHS, SHORT_MONTHS
from entrepot.errors import TableError
from entrepot.words import listed

_WHOLE = tuple(map(str.casefold, MONTHS))
_MONTH_ALONE = rf"({'|'.join((*_WHOLE, *SHORT_MONTHS, 'sept'))})\.?"
_MONTH = "(" + "|".join(SHORT_MONTHS) + r")[a-z]*\.?"


@dataclass(frozen=True, order=True)
class Period:
    """A period of a year.

    length  "year", "quarter", "month", or "part" (the first months of a year together)
    number  number of the quarter or month within the year, or number of months of a part
    """

    year: int
    length: Literal["year", "quarter", "month", "part"] = "year"
    number: int = 0

    @property
    def months(self) -> tuple[int, int]:
        """The first and the last month of the period."""
        if self.length == "quarter":
            return 3 * self.number - 2, 3 * self.number
        return {"year": (1, 12), "month": (self.number, self.number), "part": (1, self.number)}[self.length]


def read_period(written: object) -> Period | None:
    """Return the period that a text states; None if it states none.

    2020, 2020.0, 202001, 20200101, 202052 (a whole year in Comext and Comtrade), 2020-01, 2020M01, 2020Q1, January
    2020, Jan.-Dec. 2020 and 2025 through February are read.
    """
    text = str(written).strip().removesuffix(".0").casefold()
    for pattern, read in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return read(match)
    return None


def month_name(written: str) -> int | None:
    """Return the number of a month written without a year (January, Jan. is 1); None for anything else."""
    match = re.fullmatch(_MONTH_ALONE, written.strip().casefold())
    return None if match is None else SHORT_MONTHS.index(match[1][:3]) + 1


def split_years(texts: Iterable[object]) -> list[str]:
    """Return the texts that are years which begin in one calendar year and end in the next: 2018-19, FY2018/2019.

    2010-11 may also be a month: it is such a year beside 2011-12 or 2012-13, but not alone, nor beside 2010-12.
    """
    written = {str(text): match for text in texts if (match := _SPLIT_YEAR.fullmatch(str(text).strip()))}
    split = [text for text, match in written.items() if match[2] == str(int(match[1]) + 1)[-len(match[2]) :]]
    months = [text for text in written if (period := read_period(text)) is not None and period.length == "month"]
    if split == months[:1] or not set(months) <= set(split):
        return [text for text in split if text not in months]
    return split


def refuse_split_years(texts: Iterable[object], where: str) -> None:
    """Raise `TableError` for years which begin in one calendar year and end in the next."""
    found = split_years(texts)
    if found:
        raise TableError(
            f"{where}: {listed(map(repr, found), 3)}: a year that begins in one calendar year and ends in the next; "
            f"write one year, such as {found[0].lstrip('FYfy ')[:4]} for {found[0]!r}"
        )


def years_there(years: Sequence[int], wanted: int | None) -> str:
    """Return the end of an error on a table without rows of the year `wanted`, or of several years: those there are."""
    absent = "" if wanted is None else f"no rows of {wanted}; "
    if len(years) == 1:
        return f"{absent}the year is {years[0]}"
    shown = listed(map(str, years)) if len(years) < 6 else f"{years[0]} to {years[-1]}"
    return f"{absent}the years are {shown}; choose one: --year (year=)"


def _numbered(year: str, number: int) -> Period | None:
    if number in (0, 52):
        return Period(int(year))
    return Period(int(year), "month", number) if 1 <= number <= 12 else None


_YEAR = r"((?:19|20)\d\d)"
_SPLIT_YEAR = re.compile(rf"(?:fy ?)?{_YEAR} ?[-/–] ?((?:19|20)?\d\d)", re.IGNORECASE)
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = (
    (re.compile(_YEAR), lambda m: Period(int(m[1]))),
    (re.compile(rf"{_YEAR}(\d\d)"), lambda m: _numbered(m[1], int(m[2]))),
    (re.compile(rf"{_YEAR}[-/ ]?m?[-/ ]?(\d\d?)"), lambda m: _numbered(m[1], int(m[2]))),
    (
        re.compile(rf"{_YEAR}-?(\d\d)-?(\d\d)(?:[t ].*)?"),
        lambda m: Period(int(m[1])) if m[2] + m[3] == "0101" else None,
    ),
    (re.compile(rf"{_YEAR}[-/ ]?q([1-4])"), lambda m: Period(int(m[1]), "quarter", int(m[2]))),
    (re.compile(rf"q([1-4])[-/ ]{_YEAR}"), lambda m: Period(int(m[2]), "quarter", int(m[1]))),
    (re.compile(rf"{_MONTH}[ -]{_YEAR}"), lambda m: Period(int(m[2]), "month", SHORT_MONTHS.index(m[1]) + 1)),
    (re.compile(rf"{_YEAR}[ -]{_MONTH}"), lambda m: Period(int(m[1]), "month", SHORT_MONTHS.index(m[2]) + 1)),
    (re.compile(rf"jan[a-z]*\.? ?- ?dec[a-z]*\.? {_YEAR}"), lambda m: Period(int(m[1]))),
    (re.compile(rf"{_YEAR} through {_MONTH}"), lambda m: Period(int(m[1]), "part", SHORT_MONTHS.index(m[2]) + 1)),
    (
        re.compile(rf"jan[a-z]*\.? ?- ?{_MONTH} {_YEAR}"),
        lambda m: Period(int(m[2]), "part", SHORT_MONTHS.index(m[1]) + 1),
    ),
)
