"""Schedules as people write them: percentages, marks of footnotes, missing rates, and the decimal sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from product_tables import expose, trade
from shelves import slow_after

CAR = "8703230190"
GOOD = trade(("JPN", CAR, 1e6), ("DEU", "8542310000", 1e6))


@pytest.fixture
def rates(tmp_path: Path) -> Any:
    """Return a function from a column of rates, for cars and chips, to the Exposure of US$1 million of each."""

    def reading(*cells: str, column: str = "rate", separator: str = ",", **options: Any) -> ep.exposures.Exposure:
        file = tmp_path / "schedule.csv"
        codes = ("8703", "8542", "0101", "7208")
        lines = [
            f"importer,product,partner,{column}",
            *(f"USA,{c},,{cell}" for c, cell in zip(codes, cells, strict=False)),
        ]
        file.write_text("\n".join(line.replace(",", separator, 3) for line in lines) + "\n", encoding="utf-8")
        return expose(GOOD, str(file), **options)

    return reading


def applied(found: ep.exposures.Exposure) -> dict[str, float]:
    return {partner: round(rate, 6) for partner, rate in found.by_partner["applied"].items() if rate == rate}


@pytest.mark.parametrize(("column", "options"), [("rate (%)", {}), ("rate", {"rates": "percent"})])
def test_fractions_declared_percentages_are_refused(rates: Any, column: str, options: dict[str, Any]) -> None:
    with pytest.raises(
        ep.errors.TableError, match=r"row 1: a rate of 0.025 in percent is 0.025%, and of 3 rates.* 3 lie"
    ):
        rates("0.025", "0.165", "0.5", column=column, **options)
    found = rates("2.5", "16.5", "0.5", column=column, **options)
    assert applied(found) == {"JPN": 0.025, "DEU": 0.165}
    assert any(
        "of 3 rates above zero in the column" in n and "1 lie below 1 (row 3: 0.5, read as 0.5%)" in n
        for n in found.notes
    )


@pytest.mark.parametrize("column", ["rate (%)", "rate,unit"])
def test_fractions_where_a_column_states_percent_are_noted_once(rates: Any, column: str) -> None:
    cells = [rate + (",percent" if "unit" in column else "") for rate in ("0.25", "0.05")]
    found = rates(*cells, column=column, rates="fraction")
    assert applied(found) == {"JPN": 0.25, "DEU": 0.05}
    (note,) = [note for note in found.notes if "states percent" in note]
    name = "unit" if "unit" in column else column
    assert f"the column '{name}' states percent; --rates fraction (rates=) is followed, by which 0.25 is 25%." in note


def test_one_small_percentage_is_noted(rates: Any) -> None:
    found = rates("0.5", "Free", column="rate (%)")
    assert applied(found) == {"JPN": 0.005, "DEU": 0}
    assert any("of 1 rate above zero" in note and "1 lie below 1" in note for note in found.notes)


@pytest.mark.parametrize(
    "cell",
    slow_after(
        2,
        [
            "greater of 5% or 10c/kg",
            "5% or 10c/kg whichever is greater",
            "the higher of 10 USD/t and 5%",
            "5% but not less than 10c/kg",
            "10c/kg or 5%",
        ],
    ),
)
def test_choices_between_a_rate_and_another_duty_are_left_out_and_counted(rates: Any, cell: str) -> None:
    found = rates(cell, "2% + 3 USD/t")
    assert applied(found) == {"DEU": 0.02}
    assert any(f"1 row with rates that are ranges or choices left out: {cell}" in note for note in found.notes)
    assert ["1 row with compound duties; " in note for note in found.notes if "compound" in note] == [True]
    assert dict(found.unmatched.groupby("reason")["imports"].sum())["no rate"] == pytest.approx(1)


def test_an_or_between_goods_is_not_a_choice_of_duties(rates: Any) -> None:
    found = rates("4.3% + 0.2c for each other piece or part", "2%")
    assert applied(found) == {"JPN": 0.043, "DEU": 0.02}
    assert not any("choices left out" in note for note in found.notes)


def test_percentages_with_their_sign_may_be_small(rates: Any) -> None:
    assert applied(rates("0.5%", "0.1%", rates="percent")) == {"JPN": 0.005, "DEU": 0.001}
    assert applied(rates("0.025", "0.165", column="rate (%)", rates="fraction")) == {"JPN": 0.025, "DEU": 0.165}


@pytest.mark.parametrize(
    "mark", slow_after(3, [" 1)", "*", " [b]", " 1/", "1)", " (a)", "**", " †", "²", " a)", " 12"])
)
def test_marks_of_footnotes_are_read_without_and_noted(rates: Any, mark: str) -> None:
    found = rates(f"2.5%{mark}", "Free")
    assert applied(found) == {"JPN": 0.025, "DEU": 0}
    assert any("1 row with a mark behind the rate" in note and repr(f"2.5%{mark}") in note for note in found.notes)
    assert not any("compound" in note for note in found.notes)


def test_a_mark_behind_the_percent_sign(rates: Any) -> None:
    assert applied(rates("16.5 %2", "5% + 3 USD/t")) == {"JPN": 0.165, "DEU": 0.05}


@pytest.mark.parametrize("cell", slow_after(2, ["-", "inf", "..", "nan", "n/a", "NA", "Inf"]))
def test_marks_of_missing_rates_are_noted_as_missing(rates: Any, cell: str) -> None:
    found = rates("2.5%", cell)
    assert applied(found) == {"JPN": 0.025}
    assert any(f"1 cell of the column 'rate' without a rate ({cell!r})" in note for note in found.notes)
    assert not any("not ad valorem" in note for note in found.notes)


def test_the_decimal_sign_of_trade_is_not_that_of_the_schedule(rates: Any) -> None:
    assert applied(rates("2.500%", "10.250%", decimal="comma")) == {"JPN": 0.025, "DEU": 0.1025}
    with pytest.raises(ep.errors.TableError, match=r"'2,500%' may be 2.5 or 2,500"):
        rates("2,500%", "10,250%", separator=";")
    assert applied(rates("2,500%", "10,250%", separator=";", decimal="comma")) == {"JPN": 0.025, "DEU": 0.1025}


@pytest.mark.parametrize("code", slow_after(1, ["87.03", "87.03.23", "87 03"]))
def test_codes_with_signs_between_their_digits(tmp_path: Path, code: str) -> None:
    file = tmp_path / "schedule.csv"
    file.write_text(f"importer,product,partner,rate\nUSA,{code},,2.5%\nUSA,8542,,Free\n")
    assert applied(expose(GOOD, str(file))) == {"JPN": 0.025, "DEU": 0}


def schedule(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "schedule.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("since", "until"),
    slow_after(
        2,
        [
            ("effective_date", "end_date"),
            ("valid from", "valid until"),
            ("In force from", "In force until"),
            ("start", "end"),
            ("effective from", "expiry date"),
        ],
    ),
)
def test_first_and_last_days_under_other_names(tmp_path: Path, since: str, until: str) -> None:
    file = schedule(
        tmp_path,
        f"importer,product,rate,{since},{until}",
        "USA,8703,25%,2020-01-01,2024-12-31",
        "USA,8703,10%,2025-01-01,",
        "USA,8542,50%,2026-01-01,",
    )
    assert applied(expose(GOOD, file, on="2025-06-01")) == {"JPN": 0.1}


@pytest.mark.parametrize("column", ["unit", "Rate unit"])
def test_a_column_that_states_percent(tmp_path: Path, column: str) -> None:
    lines = (f"importer,product,rate,{column}", "USA,8703,2.5,percent", "USA,8542,16.5,percent")
    found = expose(GOOD, schedule(tmp_path, *lines))
    assert applied(found) == {"JPN": 0.025, "DEU": 0.165}
    assert any(f"the column '{column}' states percent" in note for note in found.notes)


@pytest.mark.parametrize(
    ("units", "message"),
    [
        (("percent", ""), r"row 2: the column 'unit' states percent for some rows and not for this one"),
        (("USD/kg", "USD/kg"), r"row 1: the column 'unit' states 'USD/kg', which is not a share of the value"),
        (("US$/kg", "US$/kg"), r"row 1: the column 'unit' states 'US\$/kg', which is not a share of the value"),
        (("%", "US cents per litre"), r"row 2: the column 'unit' states 'US cents per litre', which is not a share"),
    ],
)
def test_units_of_rates_that_would_go_in_wrong_are_refused(
    tmp_path: Path, units: tuple[str, str], message: str
) -> None:
    lines = ("importer,product,rate,unit", f"USA,8703,0.5,{units[0]}", f"USA,8542,0.5,{units[1]}")
    with pytest.raises(ep.errors.TableError, match=message):
        expose(GOOD, schedule(tmp_path, *lines))


def test_units_of_quantity_say_nothing_of_rates(tmp_path: Path) -> None:
    lines = ("importer,product,rate,unit", "USA,8703,2.5%,No.", "USA,8542,0.5,kg")
    assert applied(expose(GOOD, schedule(tmp_path, *lines))) == {"JPN": 0.025, "DEU": 0.5}


def test_the_unit_of_rates_beside_one_of_quantities_is_read(tmp_path: Path) -> None:
    lines = ("importer,product,rate,unit,rate_unit", "USA,8703,2.5,No.,%", "USA,8542,0.5,kg,%")
    assert applied(expose(GOOD, schedule(tmp_path, *lines))) == {"JPN": 0.025, "DEU": 0.005}


def test_rates_that_state_themselves_need_no_unit(tmp_path: Path) -> None:
    lines = ("importer,product,rate,unit", "USA,8703,2.5,%", "USA,8542,Free,")
    assert applied(expose(GOOD, schedule(tmp_path, *lines))) == {"JPN": 0.025, "DEU": 0.0}


def test_a_direction_of_trade_is_no_weight(tmp_path: Path) -> None:
    lines = ("importer,product,rate,trade", "USA,8703,2.5%,imports", "USA,8542,1%,imports")
    found = expose(GOOD, schedule(tmp_path, *lines))
    assert applied(found) == {"JPN": 0.025, "DEU": 0.01}
    assert any("the column 'trade' has no numbers; not used" in note for note in found.notes)


def test_columns_of_a_schedule_that_are_not_used_are_named(tmp_path: Path) -> None:
    lines = ("importer,product,rate,exempt countries,text", "USA,8703,25%,MEX,cars", "USA,8542,1%,,chips")
    notes = expose(GOOD, schedule(tmp_path, *lines)).notes
    assert "schedule (schedule.csv): columns not used: 'exempt countries', 'text'." in notes


def wits(tmp_path: Path, *rates: str, separator: str = ";") -> str:
    """A bulk file of WITS, which has points before decimals, as a spreadsheet saves it again."""
    header = ("Reporter_ISO_N", "ProductCode", "Partner", "Year", "AdValorem Equivalent", "MeasureCode")
    rows = [
        ("840", f"{code}", "000", "2023", f'"{rate}"', "2")
        for code, rate in zip(("87032301", "85423100"), rates, strict=True)
    ]
    return schedule(tmp_path, *(separator.join(row) for row in (header, *rows)))


@pytest.mark.parametrize("separator", [";", ","])
def test_a_published_table_saved_with_decimal_commas(tmp_path: Path, separator: str) -> None:
    found = expose(GOOD, wits(tmp_path, "2,5", "0,27", separator=separator))
    assert applied(found) == pytest.approx({"JPN": 0.025, "DEU": 0.0027})
    assert any("'AdValorem Equivalent' is read with a comma before decimals" in note for note in found.notes)
    assert not any("not ad valorem" in note for note in found.notes)


@pytest.mark.parametrize("rates", [("2,456", "3,125"), ("2,456", "0")])
def test_a_comma_before_three_digits_may_be_either_sign(tmp_path: Path, rates: tuple[str, str]) -> None:
    path = wits(tmp_path, *rates, separator=";")
    with pytest.raises(ep.errors.TableError, match="row 1: the comma in a rate of '2,456' may stand before decimals"):
        expose(GOOD, path)
    assert applied(expose(GOOD, path, decimal="comma"))["JPN"] == pytest.approx(0.02456)


def test_four_digits_behind_a_comma_are_decimals(tmp_path: Path) -> None:
    found = expose(GOOD, wits(tmp_path, "2,3456", "3,0455", separator=";"))
    assert applied(found) == pytest.approx({"JPN": 0.023456, "DEU": 0.030455})


def test_points_and_commas_in_one_published_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.TableError, match="row 2: a rate of '0,27' has a comma before decimals, and others"):
        expose(GOOD, wits(tmp_path, "2.5", "0,27"))


def test_two_rates_of_a_flow_are_named_where_a_place_has_code_and_name(tmp_path: Path) -> None:
    header = "Reporter_ISO_N,ReporterName,ProductCode,Partner,PartnerName,Year,AdValorem Equivalent,MeasureCode"
    row = "840,United States,870323,000, World,2023,{},2"
    with pytest.raises(ep.errors.TableError, match=r"schedule \(schedule.csv\), rows 1 and 2: 2 applied rates of mfn"):
        expose(GOOD, schedule(tmp_path, header, row.format(2.5), row.format(5)))
