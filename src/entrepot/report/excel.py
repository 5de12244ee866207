"""Result tables as an Excel workbook: native charts, a sheet a table, and sheets that say what the numbers are."""

from __future__ import annotations

import io
import itertools
import math
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from entrepot.documents import as_path, harmless, whole_file
from entrepot.errors import InputError
from entrepot.report.figures.palette import LINES
from entrepot.studies.result_table import MONEY, PERCENT, SHARE, ResultTable
from entrepot.words import NOISE

#: The sheet that says of every other its title, units, base, year, horizon, elasticities and version.
ABOUT = "about"

#: The sheet of what the numbers rest on, and that of the charts.
ASSUMPTIONS, CHARTS = "assumptions", "charts"
#: The charts: the table, the registered number whose columns are the bars, and the title.
BARS = (
    ("welfare", "equivalent_variation", "Who gains and who loses"),
    ("proceeds", "quota_rent", "Who holds the rent"),
)
#: Colours that people with any colour vision tell apart, one a party: those of the lines of figures.
COLOURS = tuple(colour.removeprefix("#") for colour in LINES)
#: How numbers are shown, by unit: digits before the point, decimals, and what follows; the cells hold them in full.
FORMATS = {MONEY: ("#,##0", 1, ""), PERCENT: ("0", 3, '"%"'), SHARE: ("0", 1, "%")}


def excel_bytes(tables: Iterable[ResultTable]) -> bytes:
    """Return the workbook as bytes: charts, a sheet a table, assumptions, and what each sheet holds.

    Raises `InputError` where openpyxl is not installed, and where the disk of temporary files is full.
    """
    check_excel()
    from openpyxl import Workbook

    tables = list(tables)
    book = Workbook()
    book.remove(book.active)
    for table in tables:
        _write_table(book.create_sheet(_sheet_name(table.name)), table)
    _write_charts(book, tables)
    _write_texts(
        book.create_sheet(ASSUMPTIONS),
        ("what", "text"),
        dict.fromkeys((label, text) for table in tables for label, text in table.provenance.items()),
    )
    _write_texts(
        book.create_sheet(ABOUT),
        ("sheet", "what", "text"),
        ((_sheet_name(table.name), label, text) for table in tables for label, text in table.about.items()),
    )
    out = io.BytesIO()
    try:
        book.save(out)  # it makes each sheet in a temporary file
    except _errors_of_a_disk() as error:
        raise InputError(f"the workbook cannot be made: no space for files in {tempfile.gettempdir()}") from error
    return out.getvalue()


def check_excel() -> None:
    """Raise `InputError` where no workbook can be written."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise InputError("Excel files need openpyxl: pip install 'entrepot[sources]' or pip install openpyxl") from None


def _errors_of_a_disk() -> tuple[type[Exception], ...]:
    """Return the errors of openpyxl on a full disk; where lxml is installed, it writes with that."""
    try:
        from lxml.etree import SerialisationError
    except ImportError:
        return (OSError,)
    return OSError, SerialisationError


def _write_table(sheet: Any, table: ResultTable) -> None:
    from openpyxl.styles import Alignment, Font

    _append(sheet, table.sheet_head)
    for row in table.rows:
        _append(sheet, row)
    sheet.freeze_panes = sheet.cell(row=2, column=table.text_columns + 1)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for k, column in enumerate(table.columns, start=1):
        text = k <= table.text_columns
        longest = max((len(str(row[k - 1])) for row in table.rows), default=0) if text else 0
        sheet.column_dimensions[sheet.cell(row=1, column=k).column_letter].width = min(max(16, longest), 60)
        if column.unit in FORMATS:
            for (cell,) in sheet.iter_rows(min_row=2, min_col=k, max_col=k):
                if isinstance(cell.value, int | float):
                    cell.number_format = _number_format(column.unit, cell.value)


def _number_format(unit: str, value: float) -> str:
    """Return how Excel shows a number: with two significant digits where its unit's decimals would read as a zero.

    Noise of the solver reads as a zero without a sign.
    """
    whole, decimals, after = FORMATS[unit]
    size = abs(100 * value if unit == SHARE else value)
    small = NOISE <= size < 0.5 * 10**-decimals
    digits = 1 - math.floor(math.log10(size)) if small else decimals
    shown = f"{whole}.{'0' * digits}{after}"
    minus = "" if size < NOISE else "-"
    if unit == MONEY:
        return f"{shown};{minus}{shown};0.0"
    return shown if minus or size == 0 else f"{shown};{shown}"


def _write_texts(sheet: Any, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append(list(head))
    for row in rows:
        _append(sheet, row)
        sheet.cell(row=sheet.max_row, column=len(head)).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    for k, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 100 if k == len(head) else 20


def _write_charts(book: Any, tables: list[ResultTable]) -> None:
    """Put a sheet of native bar charts first, drawn from the cells of the tables."""
    from openpyxl.worksheet.properties import PageSetupProperties

    drawn = [
        (table, key, title)
        for name, key, title in BARS
        for table in tables
        if table.name == name and table.rows and any(column.key == key for column in table.columns)
    ]
    if not drawn:
        return
    sheet = book.create_sheet(CHARTS, 0)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    row = 1
    for table, key, title in drawn:
        about = table.provenance
        where = ", ".join(about[k] for k in ("base", "year") if k in about)
        sheet.cell(row=row, column=1, value=f"{title} (US$ million a year{', ' + where if where else ''})")
        chart = _bar_chart(book[_sheet_name(table.name)], table, key)
        sheet.add_chart(chart, f"A{row + 1}")
        row += 4 + int(chart.height * 2)


def _bar_chart(cells: Any, table: ResultTable, key: str) -> Any:
    """Return a chart with the rows of a table as groups of bars, one bar a column of the registered number."""
    from openpyxl.chart import BarChart, Reference, Series
    from openpyxl.chart.layout import Layout, ManualLayout

    columns = [k for k, column in enumerate(table.columns, start=1) if column.key == key]
    last = len(table.rows) + 1
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth = "bar", "clustered", 60
    chart.height, chart.width = min(6 + len(table.rows) * len(columns) * 0.5, 18), 30
    # Names of scenarios are long: they get the left half.
    chart.layout = Layout(
        ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=0.45, y=0.03, w=0.52, h=0.82)
    )
    for colour, k in zip(itertools.cycle(COLOURS), columns, strict=False):
        series = Series(Reference(cells, min_col=k, min_row=2, max_row=last), title=table.columns[k - 1].label)
        series.invertIfNegative = False
        series.graphicalProperties.solidFill = colour
        chart.series.append(series)
    chart.set_categories(Reference(cells, min_col=1, min_row=2, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"  # the first row on top
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.crosses = "max"  # the scale below
    chart.y_axis.title, chart.y_axis.number_format = "US$ million", "#,##0"
    chart.legend.position = "b"
    return chart


def write_excel(tables: Iterable[ResultTable], path: str | os.PathLike[str]) -> Path:
    """Write the workbook; the file appears whole or not at all."""
    target, made = as_path(path), excel_bytes(tables)
    with whole_file(target) as temporary:
        temporary.write_bytes(made)
    return target


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31]


def _append(sheet: Any, values: Iterable[Any]) -> None:
    """Write a row below the last one."""
    sheet.append([_cell(sheet, value) for value in values])


def _cell(sheet: Any, value: Any) -> Any:
    """Return what a cell may hold: absent numbers are empty, and text that looks like a formula stays that text."""
    from openpyxl.cell import Cell

    if value is None or value != value:
        return None
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value).replace("\r", " ")
    if harmless(text) == text:
        return text
    cell = Cell(sheet, value=text)
    cell.data_type, cell.quotePrefix = "s", True  # as where a person types an apostrophe before it
    return cell
