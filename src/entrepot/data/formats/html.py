"""Tables of HTML pages, which some sites (ITC Trade Map, India's trade statistics) name table.xls."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from entrepot.data.formats.grid import ABOVE, LOOKED_AT, Grid, Recognises, find_grid, shown_lines
from entrepot.errors import DocumentError

_PAGE = re.compile(rb"\s*<(!doctype|html|head|body|table|script|style|meta|div|\?xml|!--)", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
#: The most columns or rows that a cell may span, whatever its attributes state.
_WIDEST = 1000


def is_page(first: bytes) -> bool:
    """Whether a file begins like HTML or XML."""
    return _PAGE.match(first.removeprefix(b"\xef\xbb\xbf")) is not None


def read_page(path: Path, recognises: Recognises) -> dict[str, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Return the tables of several columns by number ("1"), each with a note on the lines above it; cells are text.

    Raises `DocumentError` for a page without such a table, and for XML.
    """
    parser = _Tables()
    parser.feed(_text(path.read_bytes()))
    parser.close()
    tables = [_rectangle(rows) for rows in parser.tables]
    read = {str(number): _table(rows, _texts(tables, number - 1), recognises) for number, rows in _wide(tables)}
    found = {number: table for number, table in read.items() if table is not None}
    if not found:
        raise DocumentError(
            "is a web page or XML without a table of rows and columns, whatever its name: open it in a "
            "spreadsheet and save it as .xlsx or CSV",
            path=str(path),
        )
    return found


def _text(data: bytes) -> str:
    stated = _CHARSET.search(data[:4096])
    for encoding in ("utf-8-sig", stated[1].decode() if stated else "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", errors="replace")


class _Tables(HTMLParser):
    """Collects rows of cells (text, column span, row span) by table, in the order in which tables begin."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self._open: list[int] = []
        self._cells: list[tuple[list[str], int, int] | None] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        if tag in ("script", "style"):
            self._silent = tag
        if tag == "table":
            self._open.append(len(self.tables))
            self._cells.append(None)
            self.tables.append([])
        elif self._open and tag == "tr":
            self._close_cell()
            self.tables[self._open[-1]].append([])
        elif self._open and tag in ("td", "th"):
            self._close_cell()
            covers = [_number(dict(attrs).get(name)) for name in ("colspan", "rowspan")]
            self._cells[-1] = ([], covers[0], covers[1])
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, row or cell."""
        if tag == self._silent:
            self._silent = ""
        elif self._open and tag in ("td", "th", "tr"):
            self._close_cell()
        elif self._open and tag == "table":
            self._close_cell()
            self._open.pop()
            self._cells.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if not self._silent and self._cells and self._cells[-1] is not None:
            self._cells[-1][0].append(data)

    def close(self) -> None:
        """Close all open tables."""
        while self._open:
            self.handle_endtag("table")
        super().close()

    def _close_cell(self) -> None:
        cell, self._cells[-1] = self._cells[-1], None
        if cell is not None:
            rows = self.tables[self._open[-1]]
            if not rows:
                rows.append([])
            rows[-1].append((" ".join("".join(cell[0]).split()), cell[1], cell[2]))


def _number(text: str | None) -> int:
    return min(int(text), _WIDEST) if text and text.isdigit() and int(text) else 1


def _rectangle(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    """Rows of texts with spanning cells repeated in every column and row; a cell alone in its row is not repeated."""
    found: list[list[str]] = []
    above: dict[int, tuple[str, int]] = {}
    for cells in rows:
        row: list[str] = []
        for text, columns, down in cells if len(cells) > 1 else [(text, 1, down) for text, _, down in cells]:
            _take(row, above)
            for _ in range(columns):
                above[len(row)] = (text, down)
                _take(row, above)
        _take(row, above)
        found.append(row)
    return found


def _take(row: list[str], above: dict[int, tuple[str, int]]) -> None:
    """Append to a row the cells from above that span into its next columns."""
    while (cell := above.get(len(row))) is not None and cell[1] > 0:
        above[len(row)] = (cell[0], cell[1] - 1)
        row.append(cell[0])


def _wide(tables: list[list[list[str]]]) -> list[tuple[int, list[list[str]]]]:
    """Tables with several columns and rows, numbered from one."""
    wide = [rows for rows in tables if sum(len(row) > 1 for row in rows) > 1]
    return list(enumerate(wide, start=1))


def _texts(tables: list[list[list[str]]], number: int) -> list[str]:
    """Texts before a table, which are in tables of one column or row."""
    texts: list[str] = []
    for rows in tables:
        if sum(len(row) > 1 for row in rows) <= 1:
            texts += [" ".join(filter(None, row)) for row in rows]
        elif number == 0:
            break
        else:
            number -= 1
    return list(filter(None, texts))


def _lowest(grid: Grid, rows: list[list[str]]) -> Grid:
    """Take the lower of two header lines if the upper one only groups columns and has fewer different names."""
    below = rows[grid.header + 1]
    whole = max((len(row) for row in rows[grid.header + 2 :]), default=0) <= len(below)
    more = whole and len(set(below)) > len(set(grid.names)) < len(grid.names)
    numbers = any(re.fullmatch(r"[-+\d.,\s%]+", cell) for cell in below)
    return Grid(grid.header + 1, tuple(below)) if more and not numbers else grid


def _table(
    rows: list[list[str]], before: list[str], recognises: Recognises
) -> tuple[pd.DataFrame, tuple[str, ...]] | None:
    grid = find_grid(rows[:LOOKED_AT], recognises)
    if grid is None or not any(any(row) for row in rows[grid.header + 1 :]):
        return None
    grid = _lowest(grid, rows)
    width = len(grid.names)
    titles = [*before, *(" ".join(dict.fromkeys(filter(None, row))) for row in rows[: grid.header] if any(row))]
    body = [[cell or None for cell in (*row, *[""] * width)[:width]] for row in rows[grid.header + 1 :] if any(row)]
    frame = pd.DataFrame(body, columns=pd.Index(grid.names), dtype=object)
    return frame, (f"{ABOVE} ({len(titles)}): {shown_lines(titles)}.",) if titles else ()
