"""What a workbook (.xlsx, .xlsm) shows: signs of number formats, formulas without a result, what is hidden, merged."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from entrepot.data.units import states_scale

_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_WITHOUT_RESULT = re.compile(r"\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*")
#: The text that a format writes beside a number: in quotes, behind a backslash, or a currency in brackets. The sign
#: behind _ only leaves a gap of its width, and the one behind * fills the cell. Any other sign stands for itself.
_PIECE = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)[^\]]*\]|([€£¥])|.', re.DOTALL)
_OTHER_MONEY = re.compile(r"[€£¥]|\b(?:EUR|GBP|JPY|CAD|AUD|CHF|CNY)\b")
#: What is read in a cell whose formula has no result: neither a number nor a name.
NO_RESULT = "(formula without a result)"
#: More than a sheet of this many bytes is not searched.
_LARGEST = 1 << 29


@dataclass
class ShownCells:
    """Cells of a sheet by row and column, from 0: what is shown before (a currency) or behind (%, million) numbers.

    unknown   the cells whose formula has no result
    divided   by how much the cells divide that show a number divided by thousands
    rows      the hidden rows, also those that a filter hides
    columns   the first and the last of each hidden group of columns
    hidden    whether the sheet itself is hidden
    merged    cells that are merged over rows, as in A2:A4: the first and the last row, and the first column
    """

    signs: dict[tuple[int, int], str] = field(default_factory=dict)
    unknown: set[tuple[int, int]] = field(default_factory=set)
    divided: dict[tuple[int, int], int] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    columns: list[tuple[int, int]] = field(default_factory=list)
    hidden: bool = False
    merged: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def hides(self, column: int) -> bool:
        """Whether a column is hidden."""
        return any(first <= column <= last for first, last in self.columns)

    def shown(self, cell: object, row: int, column: int) -> object:
        """Return a number with the sign that is shown beside it, as text; any other cell as it is."""
        sign = self.signs.get((row, column))
        if sign is None or isinstance(cell, bool) or not isinstance(cell, int | float):
            return cell
        if sign == "%":
            return f"{cell!r}%"
        return f"{sign}{cell!r}" if _OTHER_MONEY.fullmatch(sign) else f"{cell!r} {sign}"


def shown_cells(path: Path) -> dict[str, ShownCells]:
    """Return by sheet what is shown beside numbers; nothing for other workbooks than .xlsx and .xlsm."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                return {}
            styles = _styles(_text(archive, "xl/styles.xml")) if "xl/styles.xml" in names else {}
            found = {}
            for tag, member in _members(archive).items():
                if member in names and archive.getinfo(member).file_size < _LARGEST:
                    shown = _of_sheet(_text(archive, member), styles)
                    shown.hidden = _attribute(tag, "state") in ("hidden", "veryHidden")
                    found[_attribute(tag, "name")] = shown
            return found
    except (zipfile.BadZipFile, OSError, KeyError, ValueError):
        return {}  # damaged files are refused where their cells are read


def _text(archive: zipfile.ZipFile, member: str) -> str:
    """A part of the workbook, its tags without the prefix of their namespace, which some programs write."""
    return re.sub(r"<(/?)\w+:", r"<\1", archive.read(member).decode("utf-8", "replace"))


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """The member of each sheet by its tag in the workbook."""
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in re.findall(r"<Relationship\b[^>]*>", _text(archive, "xl/_rels/workbook.xml.rels"))
    }
    sheets = re.findall(r"<sheet\b[^>]*>", _text(archive, "xl/workbook.xml"))
    members = {tag: targets.get(_attribute(tag, "r:id"), "") for tag in sheets}
    return {tag: target.lstrip("/") if target.startswith("/") else f"xl/{target}" for tag, target in members.items()}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'(?<![\w:]){name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


@dataclass(frozen=True)
class _Style:
    """What a number format does to a number: the sign beside it, and what it is divided by where it is shown."""

    sign: str = ""
    divisor: int = 1


def _styles(styles: str) -> dict[str, _Style]:
    """The styles by their number, of those that show more or less than the number."""
    formats = {
        _attribute(tag, "numFmtId"): _style(_attribute(tag, "formatCode"))
        for tag in re.findall(r"<numFmt\b[^>]*>", styles)
    }
    cells = re.search(r"<cellXfs\b.*?</cellXfs>", styles, re.DOTALL)
    tags = re.findall(r"<xf\b[^>]*>", cells[0]) if cells else []
    found = {str(k): formats.get(_attribute(tag, "numFmtId"), _Style()) for k, tag in enumerate(tags)}
    return {number: style for number, style in found.items() if style != _Style()}


def _style(code: str) -> _Style:
    """The sign of per cent, of a scale, or of other money than dollars that a format writes as text, and its divisor.

    Each comma behind the digits divides by a thousand; such a format may name the scale, and the number is whole.
    """
    text = digits = ""
    for piece in _PIECE.finditer(code):
        if piece[0] == ";":  # what follows is for numbers below zero
            break
        literal = "".join(filter(None, piece.groups()))
        text += literal or " "
        digits += piece[0] if len(piece[0]) == 1 else ""
    text = " ".join(text.split())
    commas = re.search(r"[0#?](,+)(?![0#?,])", digits)
    divisor = 1000 ** len(commas[1]) if commas else 1
    if states_scale(text):
        return _Style("", divisor) if commas else _Style(text)
    money = _OTHER_MONEY.search(text)
    return _Style(money[0] if money else "%" if text.split()[-1:] == ["%"] else "", divisor)


def _of_sheet(sheet: str, styles: dict[str, _Style]) -> ShownCells:
    shown = _hidden(sheet)
    shown.merged = _merged(sheet)
    if not styles and "<f" not in sheet:
        return shown
    for cell in _CELL.finditer(sheet):
        attributes, inside = cell[1], cell[2] or ""
        place = re.search(r'(?<!\w)r="([A-Z]+)(\d+)"', attributes)
        if place is None:
            continue
        at = int(place[2]) - 1, _column(place[1])
        if _WITHOUT_RESULT.fullmatch(inside) and 't="str"' not in attributes:
            shown.unknown.add(at)
        style = styles.get(_attribute(attributes, "s"), _Style())
        if style.sign:
            shown.signs[at] = style.sign
        if style.divisor != 1 and "<v>" in inside:
            shown.divided[at] = style.divisor
    return shown


def _hidden(sheet: str) -> ShownCells:
    """The hidden rows and columns of a sheet."""
    tags = (tag for tag in re.findall(r"<(?:row|col)\b[^>]*>", sheet) if _attribute(tag, "hidden") in ("1", "true"))
    shown = ShownCells()
    for tag in tags:
        if tag.startswith("<row"):
            shown.rows.add(int(_attribute(tag, "r") or 0) - 1)
        else:
            shown.columns.append((int(_attribute(tag, "min") or 0) - 1, int(_attribute(tag, "max") or 0) - 1))
    return shown


def _merged(sheet: str) -> dict[str, tuple[int, int, int]]:
    """The cells of a sheet that are merged over rows, by their range."""
    found = {}
    for first, row, last, until in re.findall(r'<mergeCell\b[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', sheet):
        if until != row:
            found[f"{first}{row}:{last}{until}"] = int(row) - 1, int(until) - 1, _column(first)
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
