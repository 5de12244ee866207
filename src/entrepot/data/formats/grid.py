"""Finding the header among the first lines of a file, below title lines and with superfluous fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from entrepot.data.units import find_unit

#: The number of lines examined to find the header.
LOOKED_AT = 200
#: The beginning of notes on title lines.
ABOVE = "Lines above the header that are not read"
BELOW = "Lines below the table that are not read"
#: The beginning of notes on labels of columns, as files of Stata have them.
LABEL = "The label of the column"


_PRODUCT = re.compile(r"\bproduct\s*:\s*'?(total|\d{2}(?:\d{2}){0,4})\b", re.IGNORECASE)


def label_note(column: str, label: str) -> str:
    """Return a note on the label of a column, from which `titles_of` finds the unit of its numbers."""
    return f"{LABEL} {column!r} is {label!r}."


def titles_of(notes: Iterable[str], column: str) -> list[tuple[str, str]]:
    """Return the texts that state what the numbers of a column are, each with what it is: a title or its label."""
    label = f"the label of the column {column!r}"
    titles = [(note, "a line above the header") for note in notes if note.startswith(ABOVE)]
    return titles + [(note, label) for note in notes if note.startswith(f"{LABEL} {column!r} ")]


def find_product(line: str) -> str:
    """Return the product code in a title line such as "Product: 8703 Motor cars" (ITC Trade Map), else ""."""
    found = _PRODUCT.search(line)
    return found[1].upper() if found else ""


@dataclass(frozen=True)
class Grid:
    """A header: the position of its line, and column names for every field of the rows."""

    header: int
    names: tuple[str, ...]


def usual_width(records: Sequence[Sequence[str]]) -> int:
    """Return the most frequent number of fields; of equally frequent numbers, the larger."""
    counts = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def shown_lines(lines: Sequence[str]) -> str:
    """Return the first lines, shortened, as one text.

    Lines that state a unit (in full) or the product come first, since later steps may read them from the note.
    """
    units = [line for line in lines if find_unit(line)]
    first = [*units, *(line for line in lines if find_product(line))]
    cut = [repr(line.strip() if line in units else line.strip()[:60]) for line in dict.fromkeys([*first, *lines])]
    return "; ".join(cut[:3]) + (" ..." if len(cut) > 3 else "")


#: Whether some layout recognises a table by its column names.
Recognises = Callable[[Sequence[str]], bool]


def find_grid(records: Sequence[Sequence[str]], recognises: Recognises) -> Grid | None:
    """Return the header among the first lines of a file; None if no line has any text.

    Publishers put titles above the header (a field or two), end the header or every row with a superfluous separator,
    or leave the last columns unnamed. The header is the first line that a layout recognises, else the first line that
    is nearly as wide as the rows below it and names most of its columns.
    """
    filled = [k for k, record in enumerate(records) if any(cell.strip() for cell in record)]
    if not filled:
        return None
    width = usual_width(records[filled[0] + 1 :]) or len(records[filled[0]])
    found: list[Grid] = []
    for k in filled:
        record = [cell.strip() for cell in records[k]]
        while len(record) > width and not record[-1]:
            record.pop()
        grid = Grid(k, (*record, *[""] * _extra(records[k + 1 :], len(record), width)))
        if recognises(grid.names):
            return grid
        named = sum(bool(cell) for cell in record)
        if len(record) >= max(min(width, 2), width - 1) and named >= max(1, 0.6 * min(len(record), width)):
            found.append(grid)
    return found[0] if found else Grid(filled[0], tuple(cell.strip() for cell in records[filled[0]]))


def _extra(rows: Sequence[Sequence[str]], named: int, width: int) -> int:
    """The number of unnamed columns at the end of the rows, if they are empty; else 0."""
    empty = all(not cell.strip() for row in rows for cell in row[named:width])
    return max(0, width - named) if empty else 0
