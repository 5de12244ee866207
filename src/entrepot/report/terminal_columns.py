"""Tables on a terminal, however narrow: text wraps, and numbers that do not fit beside each other go below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.table import Table

from entrepot.report.terminal_text import Prose

Cell = str | Prose
#: Blanks between two columns, and the least width of a column of text that wraps.
GAP, LEAST = 2, 12


@dataclass(frozen=True, eq=False)
class FittedColumns:
    """A table that wraps and splits, so that no number is ever cut.

    head     names of the columns; none for a table without
    rows     cells
    text     how many columns on the left are text: they wrap, and are repeated beside each block of numbers
    nowrap   whether the first column keeps to one line where there is room
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    text: int = 1
    nowrap: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table | Prose]:
        widths = self._widths()
        for k, block in enumerate(blocks(widths, self.text, options.max_width)):
            if k:
                yield Prose()
            yield self._block(block, widths, options.max_width)

    def _widths(self) -> list[int]:
        lines = [[*self.head]] if any(self.head) else []
        count = max(map(len, [*lines, *self.rows]), default=0)
        cells = [[str(row[k]) if k < len(row) else "" for row in [*lines, *self.rows]] for k in range(count)]
        return [max((cell_len(line) for cell in column for line in cell.splitlines()), default=0) for column in cells]

    def _block(self, columns: Sequence[int], widths: Sequence[int], room: int) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_header=any(self.head))
        for k in columns:
            # A single number wider than the room is folded, not cut.
            whole = widths[k] <= (_beside(room) if k < self.text else room - GAP - _beside(room))
            table.add_column(
                Prose(self.head[k]) if k < len(self.head) else "",
                justify="left" if k < self.text else "right",
                overflow="fold",
                min_width=widths[k] if whole and k >= self.text else None,
                no_wrap=whole and (k >= self.text or (k == 0 and self.nowrap)),
            )
        for row in self.rows:
            cells = [row[k] if k < len(row) else "" for k in columns]
            table.add_row(*(Prose(cell) if isinstance(cell, str) else cell for cell in cells))
        return table


def blocks(widths: Sequence[int], text: int, room: int) -> list[list[int]]:
    """Return the positions of the columns of each block, at most `room` wide where that is possible.

    A block has all columns of text, and as many of numbers as fit beside them when the text wraps.
    """
    left, numbers = list(range(text)), range(text, len(widths))
    beside = sum(min(widths[k], _beside(room)) + GAP for k in left)
    if not numbers:
        return [left]
    out: list[list[int]] = []
    used = room
    for k in numbers:
        if used + GAP + widths[k] > room:
            out.append([*left])
            used = beside - GAP
        out[-1].append(k)
        used += GAP + widths[k]
    return out


def _beside(room: int) -> int:
    """Return the largest width of a column of text beside numbers."""
    return max(LEAST, room // 3)
