"""Day counts: the last day of a period, and the moment at which it ends."""

from __future__ import annotations

import datetime
import functools
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from entrepot.dates import DAYS_A_YEAR
from entrepot.errors import InputError, check_choice

#: after_trigger: the trigger's day is not counted, and day N after it is the last. clear_days: N whole days must pass,
#: and the day after the Nth is the last. including_trigger: the trigger's day is day 1.
Count = Literal["after_trigger", "clear_days", "including_trigger"]
Unit = Literal["days", "business_days", "weeks", "months", "years"]
Roll = Literal["none", "next_business_day"]

_SHIFT = {"after_trigger": 0, "clear_days": 1, "including_trigger": -1}
#: The public holidays of a capital, as the `holidays` package calls them.
_HOLIDAYS: dict[str, tuple[str, str | None]] = {
    "America/New_York": ("US", None),
    "Asia/Tokyo": ("JP", None),
    "Asia/Seoul": ("KR", None),
    "Asia/Shanghai": ("CN", None),
    "America/Toronto": ("CA", None),
    "America/Mexico_City": ("MX", None),
    "Europe/London": ("GB", "ENG"),
    "Europe/Brussels": ("BE", None),
    "Europe/Zurich": ("CH", "GE"),
}


def last_day(
    trigger: datetime.date,
    length: int,
    unit: Unit = "days",
    count: Count = "after_trigger",
    zone: str = "Europe/Zurich",
    roll: Roll = "none",
) -> datetime.date:
    """Return the last day of a period of `length` units that `trigger` starts.

    Months and years end on the day of the same number, or the last of a shorter month; where the trigger's day counts,
    on the day before that of the same number, or on the last of a month that has none. `roll` moves a last day that is
    not a business day in `zone` to the next one. Raises `InputError` for a length below one, an unknown rule or a date
    beyond the calendar.
    """
    for key, value, known in (("count", count, Count), ("unit", unit, Unit), ("roll", roll, Roll)):
        check_choice(f"{key}:", value, known)
    if length < 1:
        raise InputError(f"length: {length} is too short; give 1 or more")
    try:
        same = _after(trigger, length, unit, zone)
        cut = count == "including_trigger" and unit in ("months", "years") and same.day != trigger.day
        day = same if cut else same + datetime.timedelta(days=_SHIFT[count])
        if roll == "next_business_day":
            day = _business(day, 0, zone)
    except InputError:
        raise
    except (OverflowError, ValueError) as error:
        raise InputError(f"{length} {unit} after {trigger} is beyond the calendar") from error
    return day


def starts_again(last: datetime.date, count: Count) -> datetime.date:
    """Return the day that starts a period which follows without a gap on one with this last day."""
    return last - datetime.timedelta(days=_SHIFT[count])


def lasts_beyond(since: datetime.date, until: datetime.date, years: float) -> bool:
    """Return whether what begins on `since` lasts more than some years; `until` is the first day without it.

    Whole years end with the day before that of the same date; others are counted in days of a mean year.
    """
    if years != int(years):
        return (until - since).days > years * DAYS_A_YEAR
    return until > next_day(last_day(since, int(years), "years", "including_trigger"))


def _after(trigger: datetime.date, length: int, unit: Unit, zone: str) -> datetime.date:
    from dateutil.relativedelta import relativedelta

    if unit == "business_days":
        return _business(trigger, length, zone)
    return trigger + relativedelta(**{unit: length})


def _business(day: datetime.date, length: int, zone: str) -> datetime.date:
    """Return the day `length` business days after `day`; for zero, `day` itself or the next business day."""
    years = range(day.year, day.year + 2 + length // 200)
    start: Literal["backward", "forward"] = "backward" if length else "forward"
    moved = np.busday_offset(np.datetime64(day, "D"), length, roll=start, holidays=_public_holidays(zone, years))
    return datetime.date.fromisoformat(str(moved))


@functools.cache
def _public_holidays(zone: str, years: range) -> Any:
    import holidays

    if zone not in _HOLIDAYS:
        raise InputError(f"zone: the public holidays of {zone!r} are not known; known: {', '.join(_HOLIDAYS)}")
    country, part = _HOLIDAYS[zone]
    return np.array(sorted(holidays.country_holidays(country, subdiv=part, years=years)), dtype="datetime64[D]")


def ends(day: datetime.date, zone: str) -> datetime.datetime:
    """Return midnight at the end of `day` in `zone`, whatever the length of that day. Raises `InputError`."""
    return datetime.datetime.combine(next_day(day), datetime.time(), tzinfo=time_zone(zone))


def next_day(day: datetime.date) -> datetime.date:
    """Return the day after `day`. Raises `InputError` after the last day that the calendar has."""
    if day == datetime.date.max:
        raise InputError(f"the end of {day} is beyond the calendar")
    return day + datetime.timedelta(days=1)


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the tz database. Raises `InputError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"zone: {name!r} is not a time zone; write a name such as America/New_York") from error
