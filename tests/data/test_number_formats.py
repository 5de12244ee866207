"""Number formats: numbers are read back exactly, or refused as ambiguous; in Python as in SQL."""

from __future__ import annotations

import datetime
import math

import corpus
import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as some

from entrepot.data.duty_rates import is_range, read_duty
from entrepot.data.number_formats import NumberFormat, find_number_format, is_missing
from entrepot.errors import TableError
from shelves import examples

STYLES = ("plain", "en", "de", "fr", "narrow", "ch", "typographic", "dollar", "behind")
ALL = [
    NumberFormat(*signs) for signs in ((".", ""), (".", ","), (",", "."), (",", ""), (",", " "), (".", " "), (".", "'"))
]
AMOUNTS = some.lists(some.integers(-(10**11), 10**11), min_size=1, max_size=6)


@examples(80)
@given(AMOUNTS, some.sampled_from(STYLES), some.integers(0, 4))
def test_number_column_is_read_back_exactly_or_refused(tenths: list[int], style: str, decimals: int) -> None:
    amounts = [whole / 10**decimals for whole in tenths]
    cells = [corpus.written(amount, style, decimals) for amount in amounts]
    try:
        found = find_number_format(cells, "value")
    except TableError:
        return
    assert [found.read(cell) for cell in cells] == amounts


@examples(60)
@given(some.lists(some.integers(0, 99_999), min_size=1, max_size=6), some.sampled_from("., "), some.booleans())
def test_rate_column_is_read_back_exactly_or_refused(rates: list[int], sign: str, percent: bool) -> None:
    mark = "%" if percent else ""
    numbers = [rate / 1000 for rate in rates]
    cells = [f"{number:.3f}".replace(".", sign.strip() or ".") + sign.strip(".,") + mark for number in numbers]
    try:
        style = find_number_format(cells, "rate", kind="rate")
    except TableError:
        return
    found = [read_duty(cell, style) for cell in cells]
    scale = 100 if percent else 1
    assert [duty.ad_valorem for duty in found] == pytest.approx([number / scale for number in numbers], abs=1e-15)
    assert all(duty.percent is percent for duty in found)


def test_number_format_of_a_column_is_inferred_from_one_cell() -> None:
    assert find_number_format(["1.234", "5,5"], "x") == NumberFormat(",", ".")
    assert find_number_format(["1,234", "1,234,567"], "x") == NumberFormat(".", ",")
    assert find_number_format(["1.234", "1.234,5"], "x") == NumberFormat(",", ".")
    assert find_number_format(["$1,234"], "x") == NumberFormat(".", ",")
    assert find_number_format(["1,234"], "x", decimal="comma") == NumberFormat(",", "")
    assert find_number_format(["1,234"], "x", decimal="point") == NumberFormat(".", ",")
    assert find_number_format(["2.125"], "x", kind="rate") == NumberFormat(".", "")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1,234"], "'1,234' may be 1.234 or 1,234, and no other cell of the column decides it"),
        (["1.234"], "'1.234' may be 1.234 or 1,234"),
        (["1,5", "1.5"], "'1,5' and '1.5' use different decimal signs"),
        (["1.234.567", "1.5"], "use different decimal signs"),
        (["1,234", "1.234"], "'1,234' and '1.234' are in two formats"),
    ],
)
def test_ambiguous_number_column_is_refused_with_both_readings(cells: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        find_number_format(cells, "value")


@pytest.mark.parametrize("cells", [["8.25", "4,125"], ["4,125", "2.5"], ["8,25", "4.125"]])
def test_a_rate_has_no_thousands_that_one_cell_alone_may_show(cells: list[str]) -> None:
    with pytest.raises(TableError, match="use different decimal signs"):
        find_number_format(cells, "theta", kind="rate")
    assert find_number_format(cells, "value").thousands, "an amount has them"
    assert find_number_format([*cells, "1,234.5", "2.5"][2:], "theta", kind="rate") == NumberFormat(".", ",")


CELL = some.text("0123456789.,' -+()%$€e\u00a0\u202f\u2212\u2019_xn/\u0663", min_size=1, max_size=9)


@pytest.mark.slow
@examples(10)
@given(some.lists(CELL, min_size=20, max_size=60))
def test_sql_reads_what_python_reads(cells: list[str]) -> None:
    cells = [cell.strip() or "0" for cell in cells]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS c0", [cells])
        for style in ALL:
            rows = connection.execute(f"SELECT c0, {style.sql('c0')} FROM t").fetchall()
            # A number beyond what a double holds is infinite in SQL, and refused with its row; in Python it is none.
            read = {cell: None if number is not None and math.isinf(number) else number for cell, number in rows}
            assert read == {cell: style.read(cell) for cell in cells}


@pytest.mark.parametrize(
    ("text", "ad_valorem", "percent", "rest"),
    [
        ("2.5%", 0.025, True, ""),
        ("2.5 %", 0.025, True, ""),
        ("2.5\u00a0%", 0.025, True, ""),
        ("2.5 per cent ad val.", 0.025, True, ""),
        ("0.025", 0.025, False, ""),
        ("12.5*", 12.5, False, ""),
        ("12.5% [1]", 0.125, True, ""),
        ("Free", 0.0, True, ""),
        ("Free 1/", 0.0, True, ""),
        ("Free (AU, BH)", 0.0, True, ""),
        ("2.5% + 3c/kg", 0.025, True, "3c/kg"),
        ("3.3\u00a2/kg + 5%", 0.05, True, "3.3\u00a2/kg"),
        ("3.3\u00a2/kg", None, False, "3.3\u00a2/kg"),
        ("5% on the case", None, False, "5% on the case"),
        ("MFN less 10%", None, False, "MFN less 10%"),
        ("2 1/2%", 0.025, True, ""),
        ("33 1/3%", 1 / 3, True, ""),
        ("33 1/3% ad val.", 1 / 3, True, ""),
        ("2.5% ad val.", 0.025, True, ""),
        ("2 1/2 per cent ad valorem", 0.025, True, ""),
        ("1/2%", 0.005, True, ""),
        ("33 4/3%", None, False, "33 4/3%"),
        ("33 1/0%", None, False, "33 1/0%"),
        ("2.5% 5%", None, False, "2.5% 5%"),
        ("See note 3", None, False, "See note 3"),
    ],
)
def test_duty_texts_are_read(text: str, ad_valorem: float | None, percent: bool, rest: str) -> None:
    duty = read_duty(text, NumberFormat())
    assert (duty.ad_valorem, duty.percent, duty.rest) == (
        None if ad_valorem is None else pytest.approx(ad_valorem),
        percent,
        rest,
    )


def test_seasonal_duties_depend_on_the_day() -> None:
    text = "14.00% (01 JUL - 31 JAN), 0.00% (01 FEB - 30 JUN)"
    assert read_duty(text, NumberFormat(), datetime.date(2024, 8, 1)).ad_valorem == pytest.approx(0.14)
    assert read_duty(text, NumberFormat(), datetime.date(2024, 3, 1)).ad_valorem == 0.0
    assert read_duty(text, NumberFormat()).ad_valorem is None


@pytest.mark.parametrize("text", ["", " ", "n.a.", "N/A", "..", ":", "-", "\u2013", "NaN", "null", "\u00a0-\u00a0"])
def test_missing_number_marks_are_recognised(text: str) -> None:
    assert is_missing(text)
    assert NumberFormat().read(text) is None


@pytest.mark.parametrize("text", ["0", "-1", "0.0", "x", "--"])
def test_other_texts_are_not_missing_number_marks(text: str) -> None:
    assert not is_missing(text)


@pytest.mark.parametrize(
    "cell",
    [
        "5-10%",
        "5 to 10%",
        "5%/10%",
        "<5%",
        "~5%",
        "5% or 10%",
        "5 – 10%",
        "up to 5%",
        "at least 5%",
        "between 5 and 10%",
        "5% or more",
        "5%+",
        "5..10%",
        "about 5%",
        "max. 5%",
        "greater of 5% or 10c/kg",
        "the higher of 10 USD/t and 5%",
        "5% but not less than 10c/kg",
        "5% or 10c/kg whichever is greater",
        "10c/kg or 5%",
        "12% MIN 2 EUR/100 kg",
        "12.000 % MAX 2.000 EUR DTN",
        "10.20 % MIN 22.50 EUR DTN MAX 56.00 EUR DTN",
        "2 EUR/100 kg MIN 5%",
        "5% with a minimum of 2 EUR/kg",
        "5% (min. 2 EUR/kg)",
        "8% alternatively 2 EUR/kg",
        "8% if higher than 2 EUR/kg",
    ],
)
def test_range_of_rates_is_not_a_rate(cell: str) -> None:
    assert read_duty(cell, NumberFormat()).ad_valorem is None
    assert is_range(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("5%", "5% + 3.3 cents/kg", "3.3 cents/kg + 5%", "-5%"),
        "4.3% + 0.2c for each other piece or part",
        *("14% (max. 2.5 t)", "14% if less than 5 kg"),
    ],
)
def test_single_rate_is_not_a_range(cell: str) -> None:
    assert read_duty(cell, NumberFormat()).ad_valorem is not None
    assert not is_range(cell)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["3,092242E+05", "1,5"], [309224.2, 1.5]),
        (["3,092E+05"], [309200.0]),
        (["3.092E+05", "1,234.5"], [309200.0, 1234.5]),
        (["3.092E+05", "309,224"], [309200.0, 309224.0]),
        (["1,2e-3", "1.234,5"], [0.0012, 1234.5]),
    ],
)
def test_numbers_with_an_exponent_show_the_decimal_sign(cells: list[str], numbers: list[float]) -> None:
    style = find_number_format(cells, "t", separator=";")
    assert [style.read(cell) for cell in cells] == pytest.approx(numbers)
