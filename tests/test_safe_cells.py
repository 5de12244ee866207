"""Texts that a spreadsheet would compute are written as texts, in every table that goes to a CSV file."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.documents import csv_text, harmless, harmless_table
from entrepot.report.excel import write_excel
from entrepot.studies.result_table import NUMBER, TEXT, ResultTable, TableColumn
from small_sweep import small
from test_cli import call


def test_a_table_has_the_same_bytes_where_lines_end_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.linesep", "\r\n")
    assert csv_text(pd.DataFrame({"a": [1, 2]})) == "a\n1\n2\n"


@pytest.mark.parametrize("text", ["-1.5", "+25", "-.5e-3", "-3.", "plain", "a=b", ""])
def test_numbers_and_plain_texts_stay(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["-1+1", "+25%", "-", "=1", "@a", "\t1", "\r1", "-1 day"])
def test_what_would_be_computed_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text.replace("\r", " ")


def test_a_table_keeps_its_numbers_and_dates_and_is_not_itself_changed() -> None:
    frame = pd.DataFrame(
        {
            "=a": ["=1+1", None, "b"],
            "number": [-1.5, float("nan"), 2.0],
            "day": pd.to_datetime(["2026-01-01"] * 3),
            "kind": pd.Categorical(["-x", "y", "-x"]),
            "mixed": [-1, "@x", True],
        },
        index=pd.Index(["+i", "j", "k"], name="row"),
    )
    before = frame.copy()
    rows = list(csv.reader(io.StringIO(harmless_table(frame).to_csv())))
    assert rows[0] == ["row", "'=a", "number", "day", "kind", "mixed"]
    assert rows[1] == ["'+i", "'=1+1", "-1.5", "2026-01-01", "'-x", "-1"]
    assert rows[2] == ["j", "", "", "2026-01-01", "y", "'@x"]
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.slow
def test_the_folder_of_a_study_has_no_formula(tmp_path: Path) -> None:
    path = small(tmp_path)
    path.write_text(path.read_text().replace("ver:", "-ver:", 1))
    study = ep.run(path)
    study.to_folder(tmp_path / "out")
    welfare = (tmp_path / "out" / "welfare.csv").read_text()
    assert "\n'-ver," in welfare
    assert "\n-ver," not in welfare


def test_the_verb_market_prints_and_writes_no_formula(tmp_path: Path) -> None:
    table = tmp_path / "toys.csv"
    table.write_text("product,firm,plant,price,quantity,margin\n=1+1,A,USA,10.5,100,30%\nB,B,CHN,7.35,120,30%\n")
    code, out, err = call("market", str(table), "--importer", "USA", "--format", "csv", "--out", str(tmp_path / "out"))
    assert code == 0, err
    for text in (out, (tmp_path / "out" / "base.csv").read_text()):
        assert "\n'=1+1," in text


def test_a_workbook_has_texts_as_they_are_and_computes_none(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    titles = ["=1+1", "+25% on cars", "-1 day", "@a", "\t=1"]
    rows = tuple((title, -1.5) for title in titles)
    columns = (TableColumn("what", "what", unit=TEXT), TableColumn("=number", "number", unit=NUMBER))
    table = ResultTable("t", "=title", columns, rows, provenance={"Data": "=2"})
    path = write_excel([table], tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(path)["t"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == titles
    assert {(cell.data_type, cell.quotePrefix) for cell in cells} == {("s", True)}
    assert sheet.cell(1, 2).value == "=number"
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [-1.5] * len(titles)
    with zipfile.ZipFile(path) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
