"""Text on a terminal whose lines break where those of Japanese and Chinese may, and not inside a number or a word."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

from entrepot.report.line_breaks import may_break, wide


class Prose(Text):
    """A text that wraps by the rules of its script; without Japanese or Chinese in it, as any other Text."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Return the lines that fit into a width."""
        if self.plain.isascii():
            return super().wrap(console, width, **options)
        pieces = [piece for line in self.split(allow_blank=True) for piece in line.divide(breaks(line.plain, width))]
        broken = Text("\n", justify=self.justify, overflow=self.overflow, no_wrap=self.no_wrap).join(pieces)
        return broken.wrap(console, width, **options)


def breaks(text: str, width: int) -> list[int]:
    """Return the positions at which a line of Japanese or Chinese is broken; none for other scripts."""
    if not any(map(wide, text)):
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
