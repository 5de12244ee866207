"""Tables of trade as people write them: their periods, codes, numbers and repeated rows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.duckdb_store import Store
from entrepot.data.trade import Trade, TradeSelection
from entrepot.exposures.trade_flows import store_trade
from product_tables import expose, schedule, trade
from shelves import slow_after

CAR = "8703230190"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Return a function from the lines of a table to what is read of it: its description, and its value in US$."""

    def reading(*lines: str, name: str = "trade.csv", **wanted: Any) -> tuple[Trade, float]:
        file = tmp_path / name
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        selection = TradeSelection(known=("USA", "JPN", "DEU"), day=datetime.date(2025, 12, 31), **wanted)
        with Store("500MB", 1) as store:
            trade = store_trade(store, str(file), selection)
            (value,) = store.row("SELECT sum(value) FROM trade")
        return trade, round(1e6 * value, 6)

    return reading


def two_years(column: str, first: str, second: str) -> list[str]:
    """Trade of US$1 million in one period and of 2 million in the next."""
    return [
        f"importer,partner,product,value,{column}",
        f"USA,JPN,{CAR},1000000,{first}",
        f"USA,JPN,{CAR},2000000,{second}",
    ]


YEARS = [
    ("date", "2018-12-31", "2019-12-31"),
    ("refDate", "2018-12-31", "2019-12-31"),
    ("yr", "2018", "2019"),
    ("ref_period", "2018", "2019"),
    ("Period Desc.", "2018", "2019"),
    ("Jahr", "2018", "2019"),
    ("Datum", "31.12.2018", "31.12.2019"),
    ("date", "31/12/2018", "31/12/2019"),
    ("date", "12/31/2018", "12/31/2019"),
    ("date", "2018-12-31T00:00:00", "2019-12-31T00:00:00"),
    ("date", "20181231", "20191231"),
    ("date", "31/12/18", "31/12/19"),
    ("date", "43465", "43830"),
    ("fiscal year", "FY2018", "FY2019"),
    ("month", "2018-12", "2019-01"),
    ("month", "Dec 2018", "Jan 2019"),
    ("month", "201812", "201901"),
    ("Monat", "12/2018", "01/2019"),
    ("tid", "2018", "2019"),
    ("when it came", "Dec-18", "Jan-19"),
    ("when it came", "2018", "2019"),
    ("when it came", "15 Mar 2018", "16 Mar 2019"),
    ("period", "31/12/2018", "31/12/2019"),
    ("year", "2018-12-31", "2019-12-31"),
]


@pytest.mark.parametrize(("column", "first", "second"), slow_after(3, YEARS))
def test_two_years_are_never_added_up(read: Any, column: str, first: str, second: str) -> None:
    lines = two_years(column, first, second)
    with pytest.raises(ep.errors.TableError, match=r"the years are 2018, 2019.*; choose one: --year"):
        read(*lines)
    assert read(*lines, year=2019)[1] == 2e6
    with pytest.raises(ep.errors.TableError, match="no rows of 2017; the years are 2018, 2019"):
        read(*lines, year=2017)


def test_columns_in_the_index_and_days_with_hours_are_read() -> None:
    """As pandas gives them: groupby(...)["value"].sum(), set_index, Timestamp."""
    flows, rates = trade(("JPN", "8703", 1e6), ("JPN", "8703", 2e6), ("KOR", "8703", 3e6)), schedule(("87", "", 0.1))
    plain = expose(flows, rates).by_partner
    summed = flows.groupby(["importer", "partner", "product"])["value"].sum()
    for given in (summed, summed.to_frame(), flows.set_index(["importer", "partner"])):
        found = expose(given, rates.set_index(["importer", "product"]), on=pd.Timestamp("2025-12-31 10:00"))
        assert found.by_partner["imports"].to_dict() == plain["imports"].to_dict()
        assert str(found.date) == "2025-12-31"
    square = pd.DataFrame([[0.0, 1.0], [1.0, 0.0]], ["JPN", "KOR"], ["JPN", "KOR"]).rename_axis(index="a", columns="a")
    with pytest.raises(ep.errors.TableError, match="no column"):
        expose(square.stack(), rates)


def test_the_first_days_of_months_are_months(read: Any) -> None:
    trade, value = read(*two_years("date", "2019-01-01", "2019-02-01"))
    assert value == 3e6
    assert any("the sum of 2 months" in note for note in trade.notes)


def test_dates_that_are_not_those_of_whole_years_are_months(read: Any) -> None:
    trade, value = read(*two_years("date", "2019-03-14", "2019-04-02"))
    assert value == 3e6
    assert any("(2019-03-14 is 2019-03)" in note for note in trade.notes)
    assert any("the sum of 2 months: it is not that of a whole year" in note for note in trade.notes)


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [("14/3/2019", "2/4/2019", True), ("3/14/2019", "4/2/2019", True), ("2/3/2019", "4/5/2019", False)],
)
def test_the_month_of_a_date_in_numbers_is_read_where_the_column_decides(
    read: Any, first: str, second: str, months: bool
) -> None:
    trade, value = read(*two_years("date", first, second))
    assert value == 3e6
    notes = " ".join(trade.notes)
    assert ("the sum of 2 months" in notes) is months
    assert ("cannot be distinguished" in notes) is not months


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("quantity", "2018", "2019"),
        ("heading", "8703", "8703"),
        ("last update", "2018-12-31", "2019-12-31"),
        ("port", "2002", "2006"),
        ("remark", "2018", "old"),
    ],
)
def test_other_columns_are_not_periods(read: Any, column: str, first: str, second: str) -> None:
    assert read(*two_years(column, first, second))[1] == 3e6


def test_a_heading_of_chapter_20_is_not_a_year(read: Any) -> None:
    lines = ["importer,partner,product,value,group", "USA,JPN,200912,1,2009", "USA,JPN,200819,2,2008"]
    assert read(*lines)[1] == 3


def test_a_year_that_nothing_states_is_refused(read: Any) -> None:
    lines = ["importer,partner,product,value", f"USA,JPN,{CAR},1000000"]
    with pytest.raises(ep.errors.TableError, match=r"no column states a year.*'year', or leave --year 2019"):
        read(*lines, year=2019)
    assert read(*lines, name="trade_2019.csv", year=2019)[1] == 1e6


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (two_years("date", "2018-12-31", "n/a"), "row 2: the date is 'n/a'; a year such as 2024"),
        (two_years("date", "2018-12-31", ""), "row 2: the date is empty"),
        (two_years("date", "one", "two"), "the column 'date' holds one, two, of which no year is read"),
        (
            [*two_years("arrived,sent", "2018-12-31,2018-12-31", "2019-01-05,2018-12-20")],
            "the columns 'arrived' and 'sent' state different years",
        ),
    ],
)
def test_unclear_columns_of_dates_are_refused(read: Any, lines: list[str], message: str) -> None:
    with pytest.raises(ep.errors.TableError, match=message):
        read(*lines)


def test_months_without_a_year_are_noted(read: Any) -> None:
    trade, value = read(*two_years("month", "12", "1"))
    assert value == 3e6
    assert any("'month' (1, 12) states no year" in note for note in trade.notes)


@pytest.mark.parametrize("code", slow_after(2, ["87.03.23", "87 03", "87.03", "87-03-23", "87.03.23.01.90", "8703.23"]))
def test_codes_with_signs_between_their_digits(read: Any, code: str) -> None:
    trade, _ = read("importer,partner,product,value", f"USA,JPN,{code},1000000")
    assert trade.products == ("".join(c for c in code if c.isdigit()),)


def test_an_error_gives_the_line_of_the_file(read: Any) -> None:
    lines = [
        "Imports of the United States",
        "",
        "importer,partner,product,value",
        f"USA,JPN,{CAR},1",
        "USA,JPN,8703X,1",
    ]
    with pytest.raises(ep.errors.TableError, match=r"row 2 \(line 5 of the file\): '8703X' is not a code"):
        read(*lines)


# ---- numbers ----


@pytest.mark.parametrize("separator", slow_after(1, [",", ";", "\t"]))
def test_an_ambiguous_decimal_sign_is_refused_in_files_of_any_kind(read: Any, separator: str) -> None:
    lines = [
        separator.join(row) for row in (["importer", "partner", "product", "value"], ["USA", "JPN", CAR, "40.000"])
    ]
    with pytest.raises(ep.errors.TableError, match=r"'40.000' may be 40 or 40,000.*--decimal"):
        read(*lines)
    trade, value = read(*lines, decimal="comma")
    assert value == 40_000
    assert any("a comma before decimals and a point between thousands" in note for note in trade.notes)
    assert read(*lines, decimal="point")[1] == 40


@pytest.mark.parametrize(
    ("values", "decimal", "total"),
    [
        (("40.000", "1.5"), "comma", 41.5),
        (("40.000", "1.234.567"), "point", 1_274_567),
        (("40000", "1e3"), "comma", 41_000),
        (("$40.000", "25.000"), "comma", 65_000),
        (('"40,000"', '"25,000"'), None, 65_000),
        (("40.000", "n/a"), "comma", 40_000),
    ],
)
def test_the_decimal_sign_is_that_of_the_option_only_where_the_table_leaves_it_open(
    read: Any, values: tuple[str, str], decimal: Any, total: float
) -> None:
    lines = ["importer,partner,product,value", *(f"USA,JPN,{CAR},{value}" for value in values)]
    assert read(*lines, decimal=decimal)[1] == total


# ---- rows ----


def test_repeated_rows_are_named_apart_from_rows_of_one_flow(read: Any) -> None:
    row, head = f"USA,JPN,{CAR},1000000,a", "importer,partner,product,value,mode"
    trade, value = read(head, row, row, f"USA,JPN,{CAR},2000000,b")
    assert value == 4e6
    assert any("1 of 3 rows (33%) repeat another row in every column, such as row 1" in note for note in trade.notes)
    trade, _ = read(head, row, f"USA,JPN,{CAR},2000000,b")
    assert not any("repeat another row" in note for note in trade.notes)


FLOWS = [
    ("FlowTypeDescription", "EU Imports     ", "Non-EU Exports     "),
    ("direction", "import", "export"),
    ("Fluxo", "Importação", "Exportação"),
    ("Richtung", "Einfuhr", "Ausfuhr"),
    ("Flow of trade", "Arrivals", "Dispatches"),
    ("流向", "进口", "出口"),
    ("kind of trade", None, "Domestic exports"),
    ("Type", "Imports", "Re-exports"),
    ("Way", "IMP", "EXP"),
    ("Regime", "Imports (CIF)", "Exports (FOB)"),
]


@pytest.mark.parametrize(("column", "imports", "exports"), slow_after(3, FLOWS))
def test_exports_in_a_column_that_is_not_called_flow_are_not_added_to_imports(
    read: Any, column: str, imports: str | None, exports: str
) -> None:
    """HMRC's tables have the flow in FlowTypeDescription, with blanks behind it."""
    lines = [f"importer,partner,product,value,{column}"]
    bought, sold = [f"USA,JPN,{CAR},1000000,{imports}"], [f"USA,JPN,{CAR},2000000,{exports}"]
    both = [*lines, *(bought if imports else []), *sold]
    with pytest.raises(ep.errors.TableError, match=rf"column '{column}' says that rows are exports .*call it 'flow'"):
        read(*both)
    _, mirrored = read(*lines, *sold, flow="exports")
    assert mirrored == 2e6
    if imports is not None:
        _, value = read(*lines, *bought)
        assert value == 1e6
        with pytest.raises(ep.errors.TableError, match=r"says that rows are imports"):
            read(*both, flow="exports")


def test_words_about_exports_are_not_a_flow(read: Any) -> None:
    lines = ["importer,partner,product,value,note", f"USA,JPN,{CAR},1000000,cars for export"]
    _, value = read(*lines, f"USA,DEU,{CAR},2000000,export credit")
    assert value == 3e6


def test_imports_that_no_world_has_are_in_another_unit(read: Any) -> None:
    lines = ["importer,partner,product,value", f"USA,JPN,{CAR},400000000000"]
    assert read(*lines)[1] == 4e11
    for unit in ("usd_k", "usd_m"):
        with pytest.raises(ep.errors.TableError, match=r"imports add up to US\$[\d,]+ trillion, more than the world"):
            read(*lines, unit=unit)
