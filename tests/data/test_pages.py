"""Tables of web pages that sites write under the names of workbooks: read as the same rows in text are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.formats.grid import find_product
from entrepot.data.frames import read_frame
from entrepot.data.identify import describe
from shelves import slow_after

TEN_PERCENT = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
HEAD = "<tr><th>importer</th><th>partner</th><th>product</th><th>value</th></tr>"
ROWS = (
    "<tr><td>USA</td><td>Japan</td><td>0101&nbsp;</td><td align=right><font size=2>\n 1,000,000 \n</font></td></tr>"
    "<tr><td>USA<td>C&ocirc;te d'Ivoire<td>8703<td>2,500,000"
)


def page(body: str, before: str = "", charset: str = "utf-8") -> bytes:
    head = f'\n<script>if (1 < 2) alert("<td>")</script><html><head><meta charset="{charset}"></head>'
    return f"{head}<body>{before}{body}</body></html>".encode(charset)


def imports(path: Path, **requested: object) -> dict[str, float]:
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", **requested)  # type: ignore[arg-type]
    return dict(found.by_partner["imports"])


@pytest.mark.parametrize("charset", slow_after(1, ["windows-1252", "utf-8", "utf-8-sig"]))
def test_html_table_equals_the_text_table(charset: str, tmp_path: Path) -> None:
    path = tmp_path / "trade.xls"
    path.write_bytes(page(f"<table>{HEAD}{ROWS}</table>", charset=charset))
    assert imports(path) == pytest.approx({"JPN": 1.0, "CIV": 2.5})


def test_html_tables_before_it_become_title_lines(tmp_path: Path) -> None:
    """ITC Trade Map: titles and the unit in tables of their own, the table of values with years in its columns."""
    path = tmp_path / "trade.xls"
    titles = (
        "<table><tr><td colspan=6><b>List of supplying markets for a product imported by the USA</b></td></tr>"
        "<tr><td>Product: 87 Vehicles</td></tr></table><table><tr><td> </td></tr></table>"
    )
    body = (
        "<table><tr><td>Unit : US Dollar thousand</td></tr></table><table>"
        "<tr><th>Exporters</th><th>Imported value in 2018</th><th>Imported value in 2019</th></tr>"
        "<tr><td>World</td><td>5</td><td>9</td></tr><tr><td>Japan</td><td>2</td><td>6</td></tr>"
        "<tr><td>Germany</td><td>3</td><td>3</td></tr></table>"
    )
    path.write_bytes(page(body, titles))
    assert "entrepot exposure --trade" in " ".join(describe(path))
    assert any("US Dollar thousand" in note for note in read_frame(path, "trade")[1].notes)
    with pytest.raises(ep.errors.InputError, match="--unit usd_k"):
        imports(path, importer="USA", year=2019)
    assert imports(path, importer="USA", year=2019, unit="usd_k") == pytest.approx({"JPN": 0.006, "DEU": 0.003})
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", importer="USA", year=2019, unit="usd_k")
    assert any("Every row is of the product 87" in note for note in found.notes)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Product: 8703 Motor cars", "8703"),
        ("Product: TOTAL All products", "TOTAL"),
        ("Product: '87032310 Cars", "87032310"),
        ("Product: all of them", ""),
        ("Product: 870 Cars", ""),
    ],
)
def test_product_in_a_title_line_is_read(line: str, code: str) -> None:
    assert find_product(line) == code


def test_spanning_html_cell_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "trade.xls"
    rows = (
        "<tr><td rowspan=2>USA</td><td>Japan</td><td rowspan=2>8703</td><td>1000000</td></tr>"
        "<tr><td>Germany</td><td>2000000</td></tr><tr><td colspan=2>JPN</td><td>87</td><td>0</td></tr>"
    )
    path.write_bytes(page(f"<table>{HEAD}{rows}</table>"))
    frame, _ = read_frame(path, "trade")
    assert frame.to_numpy().tolist() == [
        ["USA", "Japan", "8703", "1000000"],
        ["USA", "Germany", "8703", "2000000"],
        ["JPN", "JPN", "87", "0"],
    ]


def test_lower_of_two_header_lines_is_used(tmp_path: Path) -> None:
    path = tmp_path / "trade.xls"
    head = (
        "<tr><th rowspan=2>importer</th><th rowspan=2>partner</th><th colspan=9>Select your indicators</th></tr>"
        "<tr><th>product</th><th>value</th></tr>"
    )
    path.write_bytes(page(f"<table>{head}{ROWS}</table>"))
    assert imports(path) == pytest.approx({"JPN": 1.0, "CIV": 2.5})


def test_html_page_with_several_tables_needs_a_name(tmp_path: Path) -> None:
    path = tmp_path / "two.xls"
    path.write_bytes(page(f"<table>{HEAD}{ROWS}</table>" * 2))
    with pytest.raises(ep.errors.DocumentError, match=r"2 tables; choose one: two.xls#NAME \(1, 2\)"):
        imports(path)
    assert len(read_frame(f"{path}#2", "trade")[0]) == 2


def test_nested_html_table_is_separate(tmp_path: Path) -> None:
    path = tmp_path / "trade.html"
    path.write_bytes(page(f"<table><tr><td>menu</td><td><table>{HEAD}{ROWS}</table></td></tr></table>"))
    assert imports(path) == pytest.approx({"JPN": 1.0, "CIV": 2.5})


@pytest.mark.parametrize(
    "text", ['<?xml version="1.0"?><Workbook><Row><Cell>1</Cell></Row></Workbook>', "<html>", "<p>"]
)
def test_pages_without_a_table_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.xls"
    path.write_text(text if text != "<p>" else "<html><p>Access denied</p></html>")
    with pytest.raises(ep.errors.DocumentError, match="is a web page or XML without a table"):
        imports(path)
