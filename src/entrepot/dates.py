"""Days from text: 2026-03-15, or a form that only one day can have, such as 15 Mar 2026; the days of a year."""

from __future__ import annotations

import datetime
import re

from entrepot.errors import InputError

#: Days of a mean year of the Julian calendar.
DAYS_A_YEAR = 365.25
#: The months in English, and their first three letters, small.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = tuple(name[:3].casefold() for name in MONTHS)
_NUMBERS = {name: number for names in (SHORT_MONTHS, map(str.casefold, MONTHS)) for number, name in enumerate(names, 1)}
_NUMBERS["sept"] = 9
#: 15 Mar 2026, 15-Mar-2026, 15. March 2026; March 15, 2026; 2026 March 15.
_WITH_NAMES = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[.\s-]+(?P<month>[a-z]+)\.?,?[\s-]+(?P<year>\d{4})"),
    re.compile(r"(?P<month>[a-z]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[\s-]+(?P<month>[a-z]+)\.?[\s-]+(?P<day>\d{1,2})"),
)
#: 2026-03-15, 20260315 and 2026-W11-7: of more digits Python reads the first eight, and of a week its Monday.
_ISO = re.compile(r"\d{4}(?:-\d{2}-\d{2}|\d{4}|-W\d{2}-\d|W\d{3})")
#: 2026/7/23 and 2026.07.23: the year comes first, so the month is next.
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
#: 23.7.2026 or 7/3/2026: which number is the month differs by country.
_NUMBERS_ALONE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")


def day_of(text: object) -> datetime.date:
    """Return the day of a date or a time, or that a text states: 2026-03-15, with the month's name, or the year first.

    Raises `ValueError` with a hint as its message, empty where there is none: for other texts, and for numbers alone
    with the year last, which two countries may read as two days.
    """
    if isinstance(text, datetime.date):
        return text.date() if isinstance(text, datetime.datetime) else text
    written = str(text).strip()
    try:
        if _ISO.fullmatch(written):
            return datetime.date.fromisoformat(written)
    except ValueError:
        pass
    found = _year_month_day(written.casefold())
    if found is not None:
        try:
            return datetime.date(*found)
        except ValueError:
            raise ValueError("; there is no such day") from None
    raise ValueError(_hint(written))


def read_date(key: str, value: datetime.date | str | None) -> datetime.date | None:
    """Return a date from a date or its text; raise `InputError` with the key where it is neither."""
    try:
        return None if value is None else day_of(value)
    except ValueError as error:
        raise InputError(f"{key}: {value!r} is not a date such as 2019-05-17{error}") from None


def _year_month_day(written: str) -> tuple[int, int, int] | None:
    for pattern in _WITH_NAMES:
        found = pattern.fullmatch(written)
        if found is not None and found["month"] in _NUMBERS:
            return int(found["year"]), _NUMBERS[found["month"]], int(found["day"])
    numbers = _YEAR_FIRST.fullmatch(written)
    return (int(numbers[1]), int(numbers[2]), int(numbers[3])) if numbers is not None else None


def _hint(written: str) -> str:
    if (week := re.fullmatch(r"(\d{4})-?W(\d{2})", written)) is not None:
        try:
            return f"; write {datetime.date.fromisocalendar(int(week[1]), int(week[2]), 1)}, the Monday of that week"
        except ValueError:
            return ""
    numbers = _NUMBERS_ALONE.fullmatch(written)
    if numbers is None:
        return ""
    first, second, year = map(int, numbers.groups())
    days = []
    for month, day in ((second, first), (first, second)):
        try:
            days.append(datetime.date(year, month, day).isoformat())
        except ValueError:
            continue
    return f"; write {' or '.join(dict.fromkeys(days))}" if days else ""
