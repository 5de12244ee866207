"""Periods: every spelling of a year, quarter or month is that period, and nothing else is."""

from __future__ import annotations

import itertools

import pytest

from entrepot.data.periods import Period, read_period, split_years, years_there

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")


@pytest.mark.parametrize("year", [1962, 1999, 2000, 2024])
def test_periods_are_read_in_every_spelling(year: int) -> None:
    for text in (year, float(year), f"{year}", f" {year} ", f"{year}.0", f"{year}52", f"{year}00", f"{year}-01-01"):
        assert read_period(text) == Period(year)
    assert read_period(f"Jan.-Dec. {year}") == Period(year)
    for number in range(1, 5):
        for text in (f"{year}Q{number}", f"{year}-Q{number}", f"{year} q{number}", f"Q{number} {year}"):
            assert read_period(text) == Period(year, "quarter", number)
    for number, name in enumerate(MONTHS, start=1):
        for text in (f"{year}{number:02}", f"{year}-{number:02}", f"{year}M{number:02}", f"{name} {year}"):
            assert read_period(text) == Period(year, "month", number), text
        assert read_period(f"{name[:3].upper()} {year}") == Period(year, "month", number)
        assert read_period(f"{year} through {name}") == Period(year, "part", number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "FY2024",
        "24",
        "1024",
        "3024",
        "202413",
        "2024Q5",
        "2024Q0",
        "2024-13",
        "2024-06-15",
        "2023/24",
        "-2024",
        "2024Q",
        "Mai 2024",
        "1E3",
        "2024.5",
        "2024 2023",
        "٢٠٢٤",
        "Q1",
        "nan",
        "None",
    ],
)
def test_other_texts_are_not_periods(text: str) -> None:
    assert read_period(text) is None


def test_months_of_periods_add_up() -> None:
    """Quarters divide the year as months divide quarters."""
    quarters = [Period(2024, "quarter", k) for k in range(1, 5)]
    months = [Period(2024, "month", k) for k in range(1, 13)]
    for parts in (quarters, months):
        covered = itertools.chain.from_iterable(range(first, last + 1) for first, last in (p.months for p in parts))
        assert list(covered) == list(range(1, 13))
    assert Period(2024).months == Period(2024, "part", 12).months == (1, 12)
    assert Period(2024, "part", 5).months == (1, 5)


def test_the_years_of_a_table_are_named_as_one_or_many() -> None:
    assert years_there([2019], 2020) == "no rows of 2020; the year is 2019"
    assert years_there([2018, 2019], None) == "the years are 2018, 2019; choose one: --year (year=)"
    assert years_there(range(2000, 2020), 1999).startswith("no rows of 1999; the years are 2000 to 2019; choose")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["2010-11", "2011-12"], ["2010-11", "2011-12"]),
        (["2010-11", "2011-12", "2012-13", "value"], ["2010-11", "2011-12", "2012-13"]),
        (["2018-2019", "2019-2020"], ["2018-2019", "2019-2020"]),
        (["2018/19"], ["2018/19"]),
        (["1999-00"], ["1999-00"]),
        (["FY2019-20", "FY2020-21"], ["FY2019-20", "FY2020-21"]),
        (["2010-11"], []),
        (["2010-11", "2010-12"], []),
        (["2010-10", "2010-11", "2011-12"], []),
        (["201011", "201112"], []),
        (["2018", "2018-12", "2010-2014", "8703-04", None], []),
    ],
)
def test_years_that_end_in_the_next_are_not_months(texts: list[str | None], found: list[str]) -> None:
    assert split_years(texts) == found
