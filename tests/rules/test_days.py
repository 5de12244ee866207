"""Day counts across leap days, year ends, short months, holidays and daylight saving time."""

from __future__ import annotations

import datetime
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import entrepot as ep
from entrepot.rules.days import ends, last_day, lasts_beyond

DATES = st.dates(date(1950, 1, 1), date(2090, 12, 31))
LENGTHS = st.integers(1, 1000)
ZONES = ["America/New_York", "Asia/Tokyo", "Europe/Zurich", "Europe/Brussels", "Asia/Seoul", "Europe/London"]


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        (date(2018, 5, 23), 270, date(2019, 2, 17)),  # Commerce's report on cars
        (date(2019, 2, 17), 90, date(2019, 5, 18)),
        (date(2019, 5, 17), 15, date(2019, 6, 1)),
        (date(2019, 5, 17), 180, date(2019, 11, 13)),
        (date(2026, 2, 24), 150, date(2026, 7, 24)),  # the surcharge of 2026
        (date(2020, 2, 28), 1, date(2020, 2, 29)),
        (date(2019, 2, 28), 1, date(2019, 3, 1)),
        (date(2019, 12, 31), 1, date(2020, 1, 1)),
        (date(2019, 12, 31), 366, date(2020, 12, 31)),
    ],
)
def test_last_day_of_published_periods(start: date, length: int, end: date) -> None:
    assert last_day(start, length) == end


def test_years_with_a_part_are_counted_in_days_of_a_mean_year() -> None:
    """A year and a half are 547.875 days; four years end with the day before the same date."""
    start = date(2021, 3, 1)
    assert [lasts_beyond(start, start + datetime.timedelta(days=n), 1.5) for n in (547, 548)] == [False, True]
    assert [lasts_beyond(start, date(2025, 3, day), 4) for day in (1, 2)] == [False, True]


def test_clear_months_end_the_day_after_those_of_a_shorter_month() -> None:
    ends = {"after_trigger": date(2023, 2, 28), "clear_days": date(2023, 3, 1), "including_trigger": date(2023, 2, 28)}
    for count, end in ends.items():
        assert last_day(date(2023, 1, 31), 1, "months", count=count) == end


def test_the_three_counts() -> None:
    start = date(2019, 5, 17)
    assert last_day(start, 180, count="after_trigger") == date(2019, 11, 13)
    assert last_day(start, 180, count="clear_days") == date(2019, 11, 14)
    assert last_day(start, 180, count="including_trigger") == date(2019, 11, 12)


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        (date(2019, 1, 31), 1, "months", date(2019, 2, 28)),
        (date(2020, 1, 31), 1, "months", date(2020, 2, 29)),
        (date(2019, 8, 31), 15, "months", date(2020, 11, 30)),
        (date(2020, 2, 29), 1, "years", date(2021, 2, 28)),
        (date(2020, 2, 29), 4, "years", date(2024, 2, 29)),
        (date(2019, 12, 25), 8, "weeks", date(2020, 2, 19)),
    ],
)
def test_months_and_years(start: date, length: int, unit: str, end: date) -> None:
    assert last_day(start, length, unit) == end  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        (date(2018, 7, 6), 4, "years", date(2022, 7, 5)),
        (date(2020, 2, 29), 4, "years", date(2024, 2, 28)),
        (date(2020, 2, 29), 3, "years", date(2023, 2, 28)),  # no 29 February in 2023: the last day of the month
        (date(2021, 1, 31), 1, "months", date(2021, 2, 28)),
        (date(2021, 2, 28), 1, "years", date(2022, 2, 27)),
    ],
)
def test_months_and_years_from_their_first_day(start: date, length: int, unit: str, end: date) -> None:
    """The last day is the one before that of the same number; a month without such a day counts to its end."""
    assert last_day(start, length, unit, count="including_trigger") == end  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "length", "zone", "end"),
    [
        (date(2019, 7, 3), 1, "America/New_York", date(2019, 7, 5)),  # over the Fourth of July
        (date(2019, 4, 26), 1, "Asia/Tokyo", date(2019, 5, 7)),  # the ten days of the accession of 2019
        (date(2019, 5, 17), 1, "America/New_York", date(2019, 5, 20)),  # over a weekend
        (date(2019, 12, 24), 1, "Europe/London", date(2019, 12, 27)),
    ],
)
def test_business_days(start: date, length: int, zone: str, end: date) -> None:
    assert last_day(start, length, "business_days", zone=zone) == end


def test_last_day_on_a_sunday_rolls_only_with_the_roll_option() -> None:
    start = date(2018, 5, 23)  # 270 days on is Sunday, 17 February 2019, the day before Presidents' Day
    assert last_day(start, 270, zone="America/New_York") == date(2019, 2, 17)
    assert last_day(start, 270, zone="America/New_York", roll="next_business_day") == date(2019, 2, 19)


@given(DATES, LENGTHS, LENGTHS)
def test_last_day_of_two_periods_is_that_of_their_sum(start: date, one: int, other: int) -> None:
    assert last_day(last_day(start, one), other) == last_day(start, one + other)


@given(DATES, LENGTHS, st.sampled_from(["days", "business_days", "weeks", "months", "years"]))
def test_last_day_of_a_longer_period_is_not_earlier(start: date, length: int, unit: str) -> None:
    length = min(length, 80)
    assert start < last_day(start, length, unit) <= last_day(start, length + 1, unit)  # type: ignore[arg-type]


@given(DATES, st.sampled_from(ZONES))
def test_a_day_ends_where_the_next_begins(day: date, zone: str) -> None:
    end = ends(day, zone)
    assert end.date() == day + datetime.timedelta(days=1)
    assert (end.hour, end.minute) == (0, 0)


def test_days_of_23_and_25_hours() -> None:
    for day, hours in ((date(2019, 3, 10), 23), (date(2019, 11, 3), 25), (date(2019, 11, 13), 24)):
        length = (
            ends(day, "America/New_York").timestamp()
            - ends(day - datetime.timedelta(1), "America/New_York").timestamp()
        )
        assert length == hours * 3600


def test_the_same_moment_in_another_capital() -> None:
    from zoneinfo import ZoneInfo

    there = ends(date(2019, 11, 13), "America/New_York").astimezone(ZoneInfo("Asia/Tokyo"))
    assert there.isoformat() == "2019-11-14T14:00:00+09:00"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"length": 0}, "1 or more"),
        ({"count": "clear_day"}, "clear_days"),
        ({"unit": "fortnights"}, "unit"),
        ({"roll": "back"}, "next_business_day"),
        ({"length": 10**9}, "beyond the calendar"),
        ({"unit": "business_days", "zone": "Mars/Olympus"}, "Mars/Olympus"),
    ],
)
def test_bad_input(keys: dict[str, object], says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        last_day(date(2019, 5, 17), **({"length": 5} | keys))  # type: ignore[arg-type]


def test_an_unknown_zone() -> None:
    with pytest.raises(ep.errors.InputError, match="is not a time zone"):
        ends(date(2019, 5, 17), "Washington")


def test_the_last_day_of_the_calendar_has_no_end() -> None:
    with pytest.raises(ep.errors.InputError, match="end of 9999-12-31 is beyond the calendar"):
        ends(date(9999, 12, 31), "Europe/Zurich")


@pytest.mark.parametrize(
    ("zone", "country", "part"),
    [
        ("America/New_York", "US", None),
        ("Asia/Tokyo", "JP", None),
        ("Asia/Seoul", "KR", None),
        ("Asia/Shanghai", "CN", None),
        ("America/Toronto", "CA", None),
        ("America/Mexico_City", "MX", None),
        ("Europe/London", "GB", "ENG"),
        ("Europe/Brussels", "BE", None),
        ("Europe/Zurich", "CH", "GE"),
    ],
)
@pytest.mark.parametrize("start", [date(2018, 12, 20), date(2019, 5, 18)])
def test_business_days_are_counted_one_by_one(zone: str, country: str, part: str | None, start: date) -> None:
    """Over two year ends, with the holidays of the capital, from a working day and from a Saturday."""
    import holidays

    off = holidays.country_holidays(country, subdiv=part, years=range(2018, 2022))
    day, passed = start, 0
    reached = {}
    while passed < 420:
        day += datetime.timedelta(days=1)
        passed += day.weekday() < 5 and day not in off
        reached.setdefault(passed, day)
    for length in (1, 3, 10, 199, 200, 420):
        assert last_day(start, length, "business_days", zone=zone) == reached[length]


def test_non_business_day_rolls_forward_and_others_stay() -> None:
    monday = date(2019, 5, 20)
    for start, end in ((date(2019, 5, 17), monday), (date(2019, 5, 18), monday), (date(2019, 5, 19), monday)):
        assert last_day(start, 1, zone="Europe/Zurich", roll="next_business_day") == end
    assert last_day(monday, 1, zone="Europe/Zurich", roll="next_business_day") == date(2019, 5, 21)
    # 31 December 2022 is a Saturday, and the Monday after New Year's Sunday is a holiday in Washington.
    assert last_day(date(2022, 12, 30), 1, zone="America/New_York", roll="next_business_day") == date(2023, 1, 3)


def test_dates_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="1 days after 9999-12-31 is beyond the calendar"):
        last_day(date(9999, 12, 31), 1)
    with pytest.raises(ep.errors.InputError, match="1 years after 9999-06-01 is beyond the calendar"):
        last_day(date(9999, 6, 1), 1, "years")
    with pytest.raises(ep.errors.InputError, match="length: -3 is too short; give 1 or more"):
        last_day(date(2019, 5, 17), -3)
    with pytest.raises(ep.errors.InputError, match="the public holidays of 'America/Chicago' are not known"):
        last_day(date(2019, 5, 17), 5, "business_days", zone="America/Chicago")
    assert last_day(date(2019, 5, 17), 1) == date(2019, 5, 18)


@pytest.mark.parametrize("since", [date(2023, 3, 1), date(2024, 2, 29), date(2027, 3, 1), date(2028, 2, 29)])
@pytest.mark.parametrize("years", [1, 2, 3, 4, 8, 10])
def test_years_end_with_the_day_before_the_same_date(since: date, years: int) -> None:
    """Whatever the days of 29 February between; a period from one of these days ends with February."""
    leap = since.month == 2 and (since.year + years) % 4
    free = date(since.year + years, 3, 1) if leap else since.replace(year=since.year + years)
    assert not lasts_beyond(since, free, years)
    assert lasts_beyond(since, free + datetime.timedelta(days=1), years)
