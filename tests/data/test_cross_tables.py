"""Cross tables are refused by what stands in their columns; other tables are not taken for one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.cross_tables import cross_table
from entrepot.data.identify import describe

TEN_PERCENT = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
TABLES = {
    "are products .01 Live Animals": (
        '"State Imports"\n"Measures: Total Value ($US)"\n'
        '"Commodity","All Commodities","01 Live Animals","0101 Horses","02 Meat","0201 Beef, Fresh"\n'
        '"Country","Mexico","Mexico","Mexico","Mexico","Mexico"\n"State"\n"Alabama","9","4","4","5","5"\n'
    ),
    "are in groups under a header of two lines": (
        "Product code,Product label,A's imports from B,,,A's imports from the world,,\n"
        ",,Value in 2017,Value in 2018,Value in 2019,Value in 2017,Value in 2018,Value in 2019\n"
        "87,Vehicles,1,2,3,4,5,6\n88,Aircraft,1,2,3,4,5,6\n"
    ),
    "are countries .Japan, Germany, Korea": "Product,Commodity,Japan,Germany,Korea,Mexico\n87,Vehicles,1,2,3,4\n",
}


@pytest.mark.parametrize("messages", TABLES)
def test_cross_table_is_refused_with_the_content_of_its_columns(messages: str, tmp_path: Path) -> None:
    path = tmp_path / "cross.csv"
    path.write_text(TABLES[messages])
    with pytest.raises(
        ep.errors.TableError, match=rf"cross.csv.: it is a cross table, whose columns {messages}.*in the rows"
    ):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", importer="USA")
    assert any("cross table" in line for line in describe(path))


@pytest.mark.parametrize(
    "names",
    [
        ["importer", "partner", "2017", "2018", "2019", "2020"],  # years, which headings 2017 to 2020 are not
        ["t", "i", "j", "k", "v", "q", "id", "no"],  # some of which are codes of countries
        ["Japan", "value"],
        ["a", "a", "b", "c", "d", "e", "f"],
        [],
    ],
)
def test_other_tables_are_not_cross_tables(names: list[str]) -> None:
    assert cross_table(names) == ""


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("importer,where from,goods,worth\nUSA,JPN,87,1\n")
    with pytest.raises(ep.errors.TableError, match=r"no column 'exporter'.*no column 'product', 'value' either"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
    assert any("no column 'exporter'" in line for line in describe(path))


def test_mirrored_exports_report_totals_under_the_column_of_the_table(
    tmp_path: Path,
) -> None:
    path = tmp_path / "exports.csv"
    path.write_text("reporter,partner,product,value,flow\nIND,World,87,1,X\n")
    with pytest.raises(ep.errors.TableError, match="every partner is a total of countries"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", flow="exports")


@pytest.mark.parametrize(
    ("name", "text", "messages"),
    [
        ("country_codes_V202401.csv", "country_code,country_name,country_iso2,country_iso3\n4,A,AF,AFG\n", "countries"),
        (
            "country_codes_V202201.csv",
            "country_code,country_name_abbreviation,country_name_full,iso_2digit_alpha,iso_3digit_alpha\n4,A,A,AF,AFG\n",
            "countries",
        ),
        ("product_codes_HS17_V202401.csv", "code,description\n010121,Horses\n", "products"),
    ],
)
def test_lists_that_accompany_baci_are_identified(name: str, text: str, messages: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (line,) = describe(tmp_path / name)[1:]
    assert f"the list of {messages} of BACI" in line
    assert f"entrepot economy import baci {tmp_path}" in line


def test_national_eora_tables_are_refused(tmp_path: Path) -> None:
    (tmp_path / "IO_FJI_2015_BasicPrice.txt").write_text("Year: 2015\t\tFiji\tFiji\nFiji\tFJI\t1\t2\n")
    (line,) = describe(tmp_path / "IO_FJI_2015_BasicPrice.txt")
    assert "Eora26" in line


def test_sheet_of_parameters_does_not_count_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "DataWeb-Query-Export.xlsx"
    with pd.ExcelWriter(path) as book:
        parameters = pd.DataFrame([["Download Date", "2025-02-23"], ["Trade Flow", "General Imports"]])
        parameters.to_excel(book, sheet_name="Query Parameters", header=False, index=False)
        table = pd.DataFrame({"importer": ["USA"], "partner": ["JPN"], "hs": ["87"], "value": [2e6]})
        table.to_excel(book, sheet_name="Query Results", index=False)
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
    assert dict(found.by_partner["imports"]) == pytest.approx({"JPN": 2.0})
