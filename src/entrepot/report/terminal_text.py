"""Text on a terminal whose lines break where those of its script may, and not inside a number or before its unit."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from entrepot.report.line_breaks import NO_BREAK, may_break, wide


class Prose(Text):
    """A text that wraps by the rules of its script, and keeps numbers and units together; others wrap as any Text."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Return the lines that fit into a width."""
        if self.plain.isascii():
            return super().wrap(console, width, **options)
        pieces = [piece for line in self.split(allow_blank=True) for piece in line.divide(breaks(line.plain, width))]
        broken = Text("\n", justify=self.justify, overflow=self.overflow, no_wrap=self.no_wrap).join(pieces)
        return broken.wrap(console, width, **options)


def breaks(text: str, width: int) -> list[int]:
    """Return the positions at which a line with Japanese, Chinese or no-break spaces is broken; none for others."""
    if not any(wide(letter) or letter in NO_BREAK for letter in text):
        return []
    found: list[int] = []
    start = 0
    while cell_len(text[start:].rstrip()) > width:
        most = start + 1  # at least one character a line
        while cell_len(text[start : most + 1].rstrip()) <= width:
            most += 1
        where = next((k for k in range(most, start, -1) if may_break(text, k)), most)
        found.append(where)
        start = where
    return found
