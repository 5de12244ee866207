"""What a workbook shows beside its numbers is read, or refused, as the reader of the sheet sees it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.concordances import read_concordance
from entrepot.data.elasticities import read_elasticities
from entrepot.data.frames import read_frame
from entrepot.data.product_rows import read_products
from entrepot.data.tariffs import tariff_array
from entrepot.data.tidy_tables import read_trade
from shelves import slow_after

openpyxl = pytest.importorskip("openpyxl")

READERS: dict[str, Callable[[Path], Any]] = {
    **dict.fromkeys(("theta", "sigma"), lambda file: read_elasticities(file, ["cars", "food"])),
    "concordance": lambda file: read_concordance(file, hs=False),
    "tariffs": lambda file: tariff_array(file, ["USA", "JPN"], ["cars", "food"]),
    "trade": lambda file: read_trade(file, []),
    "products": read_products,
    "imports": lambda file: ep.exposures.exposure(file, RATES, stacking="plain", on="2025-06-01", threads=1),
}
OTHER = {"cars": "food", "870323": "870332", "USA": "JPN", "JPN": "USA", "a": "c"}
RATES = pd.DataFrame({"importer": ["USA", "JPN"], "product": ["8703"] * 2, "rate": [0.1] * 2})


def workbook(folder: Path, cells: list[Any], number_format: str = "General") -> Path:
    """A workbook with a column of rates or values in cells B2 and below."""
    book = openpyxl.Workbook()
    book.active.append(["sector", "number"])
    for k, cell in enumerate(cells, start=2):
        book.active.append([f"s{k}", cell])
        book.active.cell(k, 2).number_format = number_format
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


@pytest.mark.parametrize(
    ("number_format", "read"),
    slow_after(
        5,
        [
            ("General", [2.5, 0.5]),
            ("0.0%", [2.5, 0.5]),
            ('0.0"%"', ["2.5%", "0.5%"]),
            ("0.0\\%", ["2.5%", "0.5%"]),
            ("[$€-407] #,##0", ["€2.5", "€0.5"]),
            ('#,##0" €"', ["€2.5", "€0.5"]),
            ('"US$ "#,##0', [2.5, 0.5]),
            ('#,##0" million"', ["2.5 million", "0.5 million"]),
            ('#,##0,," million"', [2.5, 0.5]),
            ('0" kg"', [2.5, 0.5]),
            ('_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-;_-* "-"??\\ _€_-;_-@_-', [2.5, 0.5]),
            ("_-* #,##0.00_£_-", [2.5, 0.5]),
            ('_-* #,##0.00\\ "€"_-', ["€2.5", "€0.5"]),
            ("#,##0.00\\ [$€-407]", ["€2.5", "€0.5"]),
            ("_-£* #,##0.00_-", ["£2.5", "£0.5"]),
            ("[$¥-804]#,##0", ["¥2.5", "¥0.5"]),
            ('0"; in "0.0"%"', ["2.5%", "0.5%"]),
            ("0\\ \\m\\i\\l\\l\\i\\o\\n", ["2.5 million", "0.5 million"]),
            ('#,##0"(thousand)"', ["2.5 (thousand)", "0.5 (thousand)"]),
        ],
    ),
)
def test_signs_that_are_shown_beside_numbers(tmp_path: Path, number_format: str, read: list[Any]) -> None:
    frame, _ = read_frame(workbook(tmp_path, [2.5, 0.5], number_format), "table")
    assert frame["number"].tolist() == read


def test_percentages_that_a_format_shows_are_percentages(tmp_path: Path) -> None:
    """The number in the cell is 0.5 and the sheet shows 0.5%, which would be read as 50%."""
    book = openpyxl.Workbook()
    book.active.append(["importer", "product", "rate"])
    book.active.append(["USA", "8703", 0.5])
    book.active["C2"].number_format = '0.0"%"'
    book.save(tmp_path / "rates.xlsx")
    trade = pd.DataFrame({"importer": ["USA"], "partner": ["JPN"], "product": ["870323"], "value": [1e6]})
    found = ep.exposures.exposure(trade, tmp_path / "rates.xlsx", stacking="plain", on="2025-06-01", threads=1)
    assert found.totals["applied"] == pytest.approx(0.005)


def with_formulas(
    folder: Path, header: tuple[str, ...], row: tuple[Any, ...], columns: set[int], *, beside: bool = False
) -> Path:
    """A workbook with two rows, in the second formulas in these columns; and some beside and below the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(header)
    sheet.append(row)
    sheet.append(["=1+1" if k in columns else OTHER.get(cell, cell) for k, cell in enumerate(row)])
    if beside:
        sheet["K2"] = '=HYPERLINK("https://example.org")'
        sheet.cell(4, len(header), "=1+1")
    book.save(folder / "formulas.xlsx")
    return folder / "formulas.xlsx"


def test_a_formula_without_a_result_is_refused_where_it_is_read(tmp_path: Path) -> None:
    """A program that writes formulas and does not compute them leaves their cells empty."""
    for header, row, key in (
        (("sector", "theta"), ("cars", 4), "theta"),
        (("sector", "sigma"), ("cars", 4), "sigma"),
        (("product", "sector"), ("870323", "cars"), "concordance"),
        (("importer", "partner", "sector", "rate"), ("USA", "JPN", "cars", 0.1), "tariffs"),
        (("importer", "exporter", "sector", "value"), ("USA", "JPN", "cars", 5.0), "trade"),
        (("product", "firm", "plant", "price", "quantity"), ("a", "b", "USA", 5.0, 2.0), "products"),
        (("importer", "partner", "product", "value"), ("USA", "JPN", "870323", 5.0), "imports"),
    ):
        for k, column in enumerate(header):
            file = with_formulas(tmp_path, header, row, {k})
            with pytest.raises(ep.errors.TableError, match=rf"row 2.*(formula in the column '{column}'|\(formula) "):
                READERS[key](file)
        READERS[key](with_formulas(tmp_path, (*header, "note"), (*row, "x"), {len(header)}, beside=True))
        with pytest.raises(ep.errors.TableError, match=r"row 2.*formula"):
            READERS[key](with_formulas(tmp_path, header, row, set(range(len(header)))))


@pytest.mark.parametrize(
    "below",
    [[None, "Source: own"], ["Note: means of five years"], [None, "Own work", "of 2024"], ["* of goods", "(1) 2014"]],
)
def test_lines_of_text_below_the_table_of_a_sheet_are_no_rows_of_it(tmp_path: Path, below: list[str | None]) -> None:
    frame, opened = read_frame(lines_below(tmp_path, below), "theta")
    assert frame.to_numpy().tolist() == [["cars", 4.5], ["food", 3.2]]
    texts = [text for text in below if text]
    assert any(note.startswith(f"Lines below the table that are not read ({len(texts)})") for note in opened.notes)
    assert all(any(text in note for note in opened.notes) for text in texts)


def test_a_row_without_its_number_is_no_line_of_text(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.TableError, match=r"row 3 \(steel\): theta is empty"):
        READERS["theta"](lines_below(tmp_path, ["steel"]))


def lines_below(folder: Path, below: list[str | None]) -> Path:
    """A workbook of elasticities with texts in the first column below them."""
    book = openpyxl.Workbook()
    for row in (("sector", "theta"), ("cars", 4.5), ("food", 3.2), *((text,) for text in below)):
        book.active.append(row)
    book.save(folder / "below.xlsx")
    return folder / "below.xlsx"


@pytest.mark.parametrize(
    ("number_format", "divisor"),
    [
        *(("#,##0,,", "1,000,000"), ('0.0,"k"', "1,000"), ("#,##0", ""), ('0.0"0,"', ""), ("0\\0\\,", "")),
        ('"a;"0,', "1,000"),
    ],
)
def test_numbers_that_a_format_divides_are_read_as_stored_with_a_note(
    tmp_path: Path, number_format: str, divisor: str
) -> None:
    """The sheet shows 5 for 5000000, and a heading may say that it is in millions."""
    frame, opened = read_frame(workbook(tmp_path, [5e6, 2e6], number_format), "table")
    assert frame["number"].tolist() == [5e6, 2e6]
    assert [f"divided by {divisor} (row 2, column 'number')" in note for note in opened.notes] == (
        [True] if divisor else []
    )


def test_a_cell_beside_the_table_may_divide_without_a_note(tmp_path: Path) -> None:
    path = workbook(tmp_path, [5e6, 2e6], "#,##0")
    book = openpyxl.load_workbook(path)
    book.active["F9"] = 7e6
    book.active["F9"].number_format = "#,##0,,"
    book.save(path)
    frame, opened = read_frame(path, "table")
    assert frame["number"].dropna().tolist() == [5e6, 2e6]
    assert not any("divided by" in note for note in opened.notes)


def test_hidden_rows_and_columns_are_read_with_a_note(tmp_path: Path) -> None:
    """A reader who filters a sheet in Excel expects that what is seen counts."""
    path = workbook(tmp_path, [2.5, 0.5, 1.5, 4.0])
    book = openpyxl.load_workbook(path)
    for row in (3, 5, 9):  # the last is below the table
        book.active.row_dimensions[row].hidden = True
    book.active["C1"], book.active["C2"] = "remark", "old"
    book.active.column_dimensions["C"].hidden = True
    book.active.column_dimensions["F"].hidden = True
    book.save(path)
    frame, opened = read_frame(path, "table")
    assert frame["number"].tolist() == [2.5, 0.5, 1.5, 4.0]
    assert opened.notes == (
        "Hidden rows of the sheet are read too (2 of 4, 50%; the first is row 3), also where a filter hides them: "
        "delete those that are not to count.",
        "Hidden columns of the sheet are read too: 'remark'.",
    )


def merged(folder: Path, rows: list[tuple[Any, ...]], *ranges: str) -> Path:
    """A workbook with these rows, in which ranges of cells are merged."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in ranges:
        book.active.merge_cells(cells)
    book.save(folder / "merged.xlsx")
    return folder / "merged.xlsx"


def test_a_merged_cell_is_read_in_each_of_its_rows(tmp_path: Path) -> None:
    """The partner of the second row is not blank, which would be every partner; nor is its first day."""
    header = ("importer", "partner", "product", "rate", "from")
    rows = [header, ("USA", "JPN", "8703", 0.1, None), (None, None, "0101", 0.2, None)]
    path = merged(
        tmp_path,
        [*rows, ("USA", "DEU", "8703", 0.3, "2026-01-01"), ("USA", "MEX", "0101", 0.3, None)],
        *("A2:A3", "B2:B3", "E4:E5"),
    )
    trade = pd.DataFrame(
        {"importer": "USA", "partner": ["JPN", "MEX", "DEU"], "product": ["010121", "010121", "870323"]}
    )
    found = ep.exposures.exposure(trade.assign(value=100.0), path, stacking="plain", on="2025-06-01", threads=1)
    assert found.by_partner["applied"].dropna().to_dict() == {"JPN": 0.2}
    assert any(
        "Cells that are merged over rows are read in each of them: A2:A3, B2:B3, E4:E5." in n for n in found.notes
    )


def test_a_merged_number_is_not_repeated(tmp_path: Path) -> None:
    """An amount that is merged over rows is that of all of them; a header that is merged stays as it is."""
    rows = [("sector", "number"), (None, None), ("cars", 5.0), ("food", None), ("toys", "7"), ("guns", None)]
    frame, opened = read_frame(merged(tmp_path, rows, "A1:A2", "B3:B4", "B5:B6"), "table")
    assert frame["sector"].tolist() == ["cars", "food", "toys", "guns"]
    assert frame["number"].tolist() == ["5", None, "7", None]
    assert not any("merged" in note for note in opened.notes)


def test_a_hidden_sheet_is_read_with_a_note(tmp_path: Path) -> None:
    path = workbook(tmp_path, [2.5, 0.5])
    book = openpyxl.load_workbook(path)
    book.active.sheet_state = "hidden"
    book.create_sheet("Notes")
    book.active = 1
    book.save(path)
    frame, opened = read_frame(path, "table")
    assert frame["number"].tolist() == [2.5, 0.5]
    assert opened.notes == ("The sheet that is read is hidden in the workbook.",)


def test_tags_may_have_the_prefix_of_their_namespace(tmp_path: Path) -> None:
    """Programs that write with the Open XML SDK name the tags of a sheet x:row, x:c and x:v."""
    plain, prefixed = workbook(tmp_path, [2.5, 0.5], '0.0"%"'), tmp_path / "prefixed.xlsx"
    with zipfile.ZipFile(plain) as read, zipfile.ZipFile(prefixed, "w") as written:
        for name in read.namelist():
            text = read.read(name).decode()
            if name.startswith("xl/") and "spreadsheetml/2006/main" in text:
                text = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text).replace("xmlns=", "xmlns:x=")
            written.writestr(name, text)
    frame, _ = read_frame(prefixed, "table")
    assert frame["number"].tolist() == ["2.5%", "0.5%"]
