"""A table with a column for each year says the same as with a row for each year."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.identify import describe
from entrepot.errors import TableError
from shelves import slow, slow_after

LONG = pd.DataFrame(
    [
        ("USA", "JPN", "870323", 2018, 100.0),
        ("USA", "JPN", "870323", 2019, 120.0),
        ("USA", "DEU", "870323", 2018, 50.0),
        ("USA", "DEU", "870323", 2019, 60.0),
        ("USA", "DEU", "870421", 2019, 7.0),
    ],
    columns=["importer", "partner", "hs6", "year", "value"],
)
TEN_PERCENT = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})


def wide(called: str) -> pd.DataFrame:
    table = LONG.pivot(index=["importer", "partner", "hs6"], columns="year", values="value").reset_index()
    return table.rename(columns={year: called.format(year) for year in (2018, 2019)})


def imports(trade: object, **requested: object) -> dict[str, float]:
    found = ep.exposures.exposure(trade, TEN_PERCENT, stacking="plain", **requested)  # type: ignore[arg-type]
    return dict(found.by_partner["imports"])


CALLED = ["{}", "X{}", "Year {}", "{0} [YR{0}]", "Imported value in {}", "imports_{}", "{}-01-01"]


@pytest.mark.parametrize(
    ("called", "year"),
    [
        *slow_after(2, zip(CALLED, itertools.cycle([2018, 2019]))),
        *(slow(each) for each in zip(CALLED, itertools.cycle([2019, 2018]))),
    ],
)
def test_years_in_columns_equal_years_in_rows(called, year, tmp_path):
    path = tmp_path / "wide.csv"
    wide(called).to_csv(path, index=False)
    assert imports(str(path), year=year) == pytest.approx(imports(LONG, year=year))


def test_year_is_needed_if_columns_have_several_years(tmp_path):
    with pytest.raises(TableError, match=r"2018.*2019"):
        imports(wide("{}"))


def test_single_year_column_needs_no_year():
    assert imports(wide("{}").drop(columns="2018")) == pytest.approx(imports(LONG, year=2019))


def test_wide_table_is_noted_and_empty_cells_are_counted():
    found = ep.exposures.exposure(wide("{}"), TEN_PERCENT, stacking="plain", year=2019)
    (messages,) = [note for note in found.notes if "are years" in note]
    assert "2018 to 2019" in messages
    assert "5 rows" in messages
    assert "1 empty cell left out" in messages


def test_rates_may_have_years_in_columns():
    schedule = pd.DataFrame({"importer": ["USA"], "product": ["8703"], "2018": ["2.5%"], "2019": ["10%"]})
    found = ep.exposures.exposure(LONG, schedule, stacking="plain", year=2019, on="2019-07-01")
    assert found.by_partner["applied"]["JPN"] == pytest.approx(0.10)


def test_empty_columns_of_years_are_refused():
    with pytest.raises(TableError, match="years are empty"):
        imports(wide("{}").assign(**{"2018": None, "2019": None}))


def test_table_with_year_and_values_is_not_reshaped():
    """A column called 2018 beside years and values is something else, such as an index of that year."""
    assert imports(LONG.assign(**{"2018": 1.0}), year=2019) == pytest.approx(imports(LONG, year=2019))


def test_repeated_column_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("importer,partner,hs6,note,note,2018,2019\nUSA,JPN,870323,a,b,100,120\n")
    with pytest.raises(TableError, match="no column 'value'"):
        imports(str(path), year=2019)


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("importer,partner,hs6,2018,2019,,\nUSA,JPN,870323,100000,120000,x,\n")
    assert imports(str(path), year=2019) == pytest.approx({"JPN": 0.12})


def test_dataweb_with_years_in_columns(tmp_path: Path):
    path = tmp_path / "dataweb.csv"
    path.write_text(
        "Data Type,HTS Number,Country,2018,2019\n"
        'Customs Value,8703230130,Japan,"1,000,000","1,200,000"\n'
        'Customs Value,8703230130,Germany,"500,000","600,000"\n'
        "First Unit of Quantity,8703230130,Japan,50,60\n"
    )
    assert imports(str(path), year=2019) == pytest.approx({"JPN": 1.2, "DEU": 0.6})
    assert "USITC DataWeb" in " ".join(describe(path))


def test_file_with_years_in_columns_is_identified(tmp_path):
    path = tmp_path / "wide.csv"
    wide("{}").to_csv(path, index=False)
    messages = " ".join(describe(path))
    assert "entrepot exposure --trade" in messages
    assert "gravity" not in messages


MONTHS = [f"{month:02}" for month in range(1, 13)]


@pytest.mark.parametrize("called", slow_after(1, ["2019-{}", "2019M{}", "2019-{}-01"]))
def test_months_in_columns_add_up_to_the_year(called, tmp_path):
    path = tmp_path / "months.csv"
    table = LONG[LONG["year"] == 2019].drop(columns=["year", "value"]).assign(total="x")
    value = LONG.loc[LONG["year"] == 2019, "value"] / 12
    table.assign(**{called.format(month): value for month in MONTHS}).to_csv(path, index=False)
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
    assert dict(found.by_partner["imports"]) == pytest.approx(imports(LONG, year=2019))
    assert any("the sum of 12 months" in note for note in found.notes)


def test_months_beside_a_column_of_years_and_marks_of_provisional_figures(tmp_path):
    """DataWeb's monthly tables; India's write "Apr  2019 (F)"."""
    path = tmp_path / "dataweb.csv"
    path.write_text(
        "General Imports|Monthly data for 2018,2019\n"
        "Data Type,HTS Number,Country,Year,January,February\n"
        'Customs Value,8703230130,Japan,2018,"9,000,000",9\n'
        'Customs Value,8703230130,Japan,2019,"1,000,000","200,000"\n'
    )
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", year=2019)
    assert dict(found.by_partner["imports"]) == pytest.approx({"JPN": 1.2})
    assert any("10 months are missing" in note for note in found.notes)
    marked = pd.DataFrame(
        {"importer": ["IND"], "partner": ["CHN"], "hs": ["87"], "Apr  2019 (F)": 1e6, "May 2019(P)": 5e5}
    )
    assert imports(marked) == pytest.approx({"CHN": 1.5})


def test_schedule_with_years_in_columns_is_not_trade(tmp_path):
    """Staged duties of a free trade agreement: a duty of the year 2019 is not a value of trade."""
    path = tmp_path / "staging.csv"
    path.write_text("ReporterName,PartnerName,HS6,Base_Rate,Y2018,Y2019\nUSA,JPN,870323,2.5,1.2,0.6\n")
    with pytest.raises(TableError, match=r"duties rather than trade.*Base_Rate.*--schedule"):
        imports(str(path), year=2019)
    assert "--schedule" in " ".join(describe(path))
    assert "--trade" not in " ".join(describe(path))


SPLIT = [["2010-11", "2011-12"], ["2010/11", "2011/12", "2012/13"], ["2017-2018", "2018-2019"]]


@pytest.mark.parametrize("years", SPLIT)
def test_years_that_end_in_the_next_are_not_months(years: list[str], tmp_path: Path) -> None:
    """India's and Australia's fiscal years, in columns and in rows."""
    columns = pd.DataFrame({"importer": ["IND"], "partner": ["CHN"], "hs": ["87"], **dict.fromkeys(years, 1e6)})
    rows = columns.melt(["importer", "partner", "hs"], years, "year", "value")
    remedy = rf"'{years[0]}'.*ends in the next.*one year, such as {years[0][:4]}"
    for table, year in itertools.product((columns, rows), (None, int(years[0][:4]))):
        path = tmp_path / "years.csv"
        table.to_csv(path, index=False)
        with pytest.raises(TableError, match=remedy):
            imports(str(path), year=year)
    columns.to_csv(tmp_path / "columns.csv", index=False)
    assert "ends in the next" in " ".join(describe(tmp_path / "columns.csv"))


def test_marks_of_missing_numbers_in_columns_of_years_are_empty_cells(tmp_path: Path) -> None:
    """DataBank of the World Bank writes '..', the IMF n/a."""
    path = tmp_path / "gdp.csv"
    path.write_text("Country,2018 [YR2018],2019 [YR2019]\nAruba,..,n/a\nJapan,5000000,5100000\nUSA,..,21000000\n")
    found = ep.update_economy(ep.load_economy("world2018"), gdp=str(path), year=2019)
    assert any("3 cells without a number ('..', 'n/a') left out" in note for note in found.notes)
    path.write_text("importer,partner,hs6,2018,2019\nUSA,JPN,870323,..,5\nUSA,DEU,870323,x,6\n")
    assert imports(str(path), year=2019) == pytest.approx({"JPN": 5e-6, "DEU": 6e-6})
    with pytest.raises(TableError, match=r"row 1 \(line 3 of the file, column '2018'\): the value is 'x'"):
        imports(str(path), year=2018)
