"""One result table through every renderer: text, HTML, CSV, JSON, Markdown, LaTeX and Excel hold the same numbers."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from entrepot.errors import DocumentError, InputError
from entrepot.report import csv_json, excel, latex, markdown
from entrepot.report.terminal_answer import plain_text, render_table
from entrepot.studies.result_table import MONEY, PERCENT, SHARE, ResultTable, TableColumn, money_text, percent_text

COLUMNS = (
    TableColumn("scenario"),
    TableColumn("Japan", "equivalent_variation", MONEY, signed=True),
    TableColumn("Japan, of income", "real_income_pct", PERCENT, signed=True, digits=3, joined=True),
    TableColumn("Malta", "equivalent_variation", MONEY, signed=True),
    TableColumn("imports", "import_share", SHARE),
)
ROWS = (
    ("a 10% tariff | on R&D_goods", -3552.25, -0.0773, -0.0125, 0.357),
    ("=a {restraint}", 2801.5, 0.00012, 0.75, None),
)
TABLE = ResultTable("welfare", "Who gains & loses", COLUMNS, ROWS, ("A year.",), {"base": "world2014", "year": "2014"})
CELLS = [["-3.55 (-0.077%)", "-12.5", "35.7%"], ["+2.80 (+0.00012%)", "+750.0", ""]]


def test_cells_scale_each_column_by_its_size() -> None:
    assert TABLE.head == ["scenario", "Japan, US$ billion", "Malta, US$ thousand", "imports"]
    assert [row[1:] for row in TABLE.cells] == CELLS


def test_money_that_is_compared_has_one_unit_in_a_table() -> None:
    """Unless the numbers of a column would vanish in it, as those of Malta above."""
    columns = (
        TableColumn("what"),
        TableColumn("a", unit=MONEY, signed=True),
        TableColumn("b", unit=MONEY, signed=True),
    )
    table = ResultTable("t", "T", columns, (("x", 17_700.0, -145.2), ("y", -3.7, 0.0)))
    assert (table.head, table.caption) == (["what", "a", "b"], "T (US$ billion)")
    assert table.cells == [["x", "+17.7", "-0.15"], ["y", "-0.0037", "0.00"]]
    smaller = ResultTable("t", "T", columns, (("x", 17_700.0, -14.5),))
    assert (smaller.caption, smaller.cells) == ("T (US$ million)", [["x", "+17,700.0", "-14.5"]])
    apart = ResultTable("t", "T", columns, (("x", 17_700_000.0, -14.5),))
    assert apart.head == ["what", "a, US$ billion", "b, US$ million"]


@pytest.mark.parametrize("render", [lambda t: plain_text(render_table(t), 120), lambda t: markdown.as_markdown([t])])
def test_text_and_markdown_hold_every_cell(render: object) -> None:
    text = render(TABLE)  # type: ignore[operator]
    assert all(cell in text for row in CELLS for cell in row)


def test_markdown_escapes_pipes_and_underscores() -> None:
    assert r"a 10% tariff \| on R&D\_goods" in markdown.as_markdown([TABLE])


def test_latex_escapes_commands_and_holds_every_cell() -> None:
    text = latex.as_latex([TABLE])
    assert r"a 10\% tariff | on R\&D\_goods" in text
    assert r"=a \{restraint\}" in text
    assert all(cell.replace("%", r"\%") in text for row in CELLS for cell in row)


def test_csv_holds_the_numbers_in_full() -> None:
    head, *rows = csv.reader(io.StringIO(csv_json.as_csv(TABLE)))
    assert head[1:3] == ["Japan [US$ million]", "Japan, of income [%]"]
    assert [[float(v) if v else None for v in row[1:]] for row in rows] == [list(row[1:]) for row in ROWS]


def test_excel_holds_the_numbers_and_says_what_they_are() -> None:
    pytest.importorskip("openpyxl")
    book = pd.read_excel(io.BytesIO(excel.excel_bytes([TABLE])), sheet_name=None, engine="openpyxl")
    values = book["welfare"].iloc[:, 1:]
    assert values.iloc[0].tolist() == list(ROWS[0][1:])
    assert values.iloc[1, :3].tolist() == list(ROWS[1][1:4])
    assert "=a" in book["welfare"].iloc[1, 0]
    assert {"title", "units", "base", "year"} <= set(book["about"]["what"])


def test_a_workbook_on_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    (tmp_path / "tables.xlsx").write_text("as before")

    def full(path: Path, made: bytes) -> None:
        with path.open("wb") as file:
            file.write(made[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(DocumentError, match=r"tables\.xlsx: cannot be written: No space left on device"):
            excel.write_excel([TABLE], tmp_path / "tables.xlsx")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["as before"]

    serialisation = pytest.importorskip("lxml.etree").SerialisationError
    for error in (serialisation("IO_EFBIG"), OSError(errno.ENOSPC, "No space left on device")):

        def no_space(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(openpyxl.Workbook, "save", no_space)
        with pytest.raises(InputError, match=r"the workbook cannot be made: no space for files in .+"):
            excel.excel_bytes([TABLE])


def test_cells_never_show_a_negative_zero() -> None:
    assert money_text(-0.001) == "0.00"
    assert percent_text(-1e-9, 3) == "0.000%"
    assert re.fullmatch(r"-0\.000\d+%", percent_text(-0.00012, 3))


def test_excel_has_native_charts_and_formats() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    rents = ResultTable(
        "proceeds",
        "Who collects",
        (TableColumn("scenario"), TableColumn("rent Japan", "quota_rent", MONEY)),
        (("a", 5.0),),
    )
    book = openpyxl.load_workbook(io.BytesIO(excel.excel_bytes([TABLE, rents])))
    assert book.sheetnames == ["charts", "welfare", "proceeds", "assumptions", "about"]
    gains, rent = book["charts"]._charts
    assert [series.val.numRef.f for series in gains.series] == ["'welfare'!$B$2:$B$3", "'welfare'!$D$2:$D$3"]
    assert gains.series[0].cat.numRef.f == "'welfare'!$A$2:$A$3"
    assert [series.val.numRef.f for series in rent.series] == ["'proceeds'!$B$2"]
    sheet = book["welfare"]
    assert sheet["B2"].value == ROWS[0][1]
    assert (sheet["B2"].number_format, sheet["E2"].number_format) == ("#,##0.0;-#,##0.0;0.0", "0.0%")
    assert (sheet.freeze_panes, book["about"].freeze_panes) == ("B2", "A2")
    assert ("base", "world2014") in [tuple(c.value for c in row) for row in book["assumptions"].rows]


def test_small_numbers_of_the_workbook_are_no_zeros_and_noise_has_no_sign() -> None:
    """As in the report: -0.0125 is not "-0.0", 0.00012% not "0.000%", and -1e-11% not "-0.000%"."""
    openpyxl = pytest.importorskip("openpyxl")
    rows = (*ROWS, ("noise", -1e-9, -1e-11, 0.0, 1e-5))
    table = ResultTable("welfare", "Who gains & loses", COLUMNS, rows)
    sheet = openpyxl.load_workbook(io.BytesIO(excel.excel_bytes([table])))["welfare"]
    assert sheet["C2"].number_format == '0.000"%"'
    assert sheet["D2"].number_format == "#,##0.000;-#,##0.000;0.0"
    assert sheet["C3"].number_format == '0.00000"%"'
    assert (sheet["B4"].number_format, sheet["C4"].number_format) == ("#,##0.0;#,##0.0;0.0", '0.000"%";0.000"%"')
    assert sheet["E4"].number_format == "0.0000%"


def test_excel_without_those_tables_has_no_chart() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    other = ResultTable("industry", "The industry", COLUMNS, ROWS)
    assert "charts" not in openpyxl.load_workbook(io.BytesIO(excel.excel_bytes([other]))).sheetnames


def test_excel_has_texts_as_they_are_where_csv_has_an_apostrophe() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    texts = ("=1+1", "-1.5", "+x", "a")
    table = ResultTable("t", "T", (TableColumn("what"),), tuple((text,) for text in texts))
    sheet = openpyxl.load_workbook(io.BytesIO(excel.excel_bytes([table])))["t"]
    written = list(csv.reader(io.StringIO(csv_json.as_csv(table))))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == list(texts)
    assert [row[0].removeprefix("'") for row in written[1:]] == list(texts)
    assert "f" not in {row[0].data_type for row in sheet.iter_rows()}


def test_excel_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    assert excel.write_excel([TABLE], tmp_path / "made" / "t.xlsx").stat().st_size > 0
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(DocumentError, match="is a folder, where a file is to be written"):
        excel.write_excel([TABLE], tmp_path / "folder.xlsx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.xlsx", "made"]


def test_the_dictionary_says_of_which_quantity_a_value_is() -> None:
    """A column `value` is of the quantity in its row, and not the registered number of that name, which is trade."""
    frame = pd.DataFrame({"quantity": ["real_income_pct", "quota_rent"], "value": [0.1, 3.0]})
    found = json.loads(csv_json.dictionary(SimpleNamespace(laid_out={}), {"path": frame}, {}))  # type: ignore[arg-type]
    value = found["files"]["path.csv"]["columns"]["value"]
    assert "unit" not in value
    assert value["by_quantity"]["real_income_pct"]["unit"] == "%"
    assert value["by_quantity"]["quota_rent"]["unit"].startswith("US$ million")
