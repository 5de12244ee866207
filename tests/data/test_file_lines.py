"""Messages about rows of a file with titles and blank lines give the line of the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep

HEAD = "importer,exporter,sector,value"
GOOD = ["USA,USA,cars,90", "USA,JPN,cars,10", "JPN,USA,cars,12", "JPN,JPN,cars,50"]
BAD = "JPN,USA,cars,x"


def refused(file: Path, message: str, source: str = "tables", **options: object) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.data.import_economy(source, file, theta=4.0, **options)


def test_line_of_a_text_file(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("\n".join([HEAD, *GOOD[:2], BAD]) + "\n")
    refused(file, r"row 3 \(JPN, USA, cars\): value is 'x'")
    file.write_text("\n".join(["A title", "a source", "", HEAD, GOOD[0], "", ",,,", GOOD[1], BAD]) + "\n")
    refused(file, r"row 3 \(line 9 of the file\) \(JPN, USA, cars\): value is 'x'")
    refused(file, r"row 3 \(line 9 of the file\): the trade value is x", "gravity", own_sales=0.8)
    file.write_text("\n".join([HEAD, f'USA,USA,"ca\nrs",90', BAD]) + "\n")  # noqa: F541
    refused(file, r"row 2 \(line 4 of the file\)")


def test_line_of_a_table_of_tariffs(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\n".join([HEAD, *GOOD]))
    rates = tmp_path / "rates.csv"
    rates.write_text("Title,,,\n\nimporter,exporter,sector,tariff\nUSA,JPN,cars,0.1\n\nJPN,USA,boats,0.1\n")
    refused(tmp_path / "t.csv", r"row 2 \(line 6 of the file\): unknown sector 'boats'", tariffs=rates)


def test_row_of_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    rows = [["A title", *[None] * 3], [None] * 4, HEAD.split(","), *(r.split(",") for r in [*GOOD[:2], BAD])]
    pd.DataFrame(rows).to_excel(tmp_path / "t.xlsx", header=False, index=False)
    refused(tmp_path / "t.xlsx", r"row 3 \(line 6 of the file\)")


def test_row_of_one_of_several_years(tmp_path: Path) -> None:
    rows = [f"{row},{year}" for year in (2018, 2019) for row in GOOD]
    rows[-1] = "JPN,JPN,cars,-5,2019"
    (tmp_path / "t.csv").write_text("\n".join([f"{HEAD},year", *rows]))
    refused(tmp_path / "t.csv", r"row 8 \(JPN, JPN, cars\): value is negative", year=2019)


def test_rows_of_a_table_with_a_column_for_each_year_have_the_line_and_the_column(tmp_path: Path) -> None:
    lines = ["importer,exporter,sector,2018,2019", "USA,USA,cars,1,2", "", "USA,JPN,cars,,x"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    at = r"row 3 \(line 4 of the file, column '2019'\) \(USA, JPN, cars\): value is 'x'"
    refused(tmp_path / "t.csv", at, year=2019)
    (tmp_path / "t.csv").write_text("\n".join(["A title", "", *lines]))
    refused(tmp_path / "t.csv", at.replace("line 4", "line 6"), year=2019)


def test_an_empty_cell_of_a_workbook_with_a_column_for_each_month_is_found(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    rows = [["importer", "partner", "hs", "Apr 2019 (F)", "May 2019 (F)"], ["IND", "CHN", "84", 5, 6]]
    rows += [["IND", "CHN", "85", 7, None], ["IND", "CHN", None, None, 13]]
    pd.DataFrame(rows).to_excel(tmp_path / "t.xlsx", header=False, index=False)
    rates = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
    with pytest.raises(ep.errors.TableError, match=r"row 4 \(line 4 of the file, column 'May 2019 \(F\)'\): the hs is"):
        ep.exposures.exposure(str(tmp_path / "t.xlsx"), rates, stacking="plain")
