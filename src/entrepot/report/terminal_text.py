"""Text on a terminal whose lines break where those of Japanese and Chinese may, and not inside a number or a word."""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.containers import Lines
from rich.text import Text

#: What may not begin a line, and what may not end one.
NOT_FIRST = frozenset("、。，．,.;:!?・：；？！）」』】〉》〕)]}%％ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ”’")
NOT_LAST = frozenset("（「『【〈《〔([{“‘+-−")
#: What follows a number and stays with it, as in 12.2億ドル.
UNITS = frozenset("億万兆亿")


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
    if not any(map(_wide, text)):
        return []
    found: list[int] = []
    start = 0
    while cell_len(text[start:].rstrip()) > width:
        most = start + 1  # at least one character a line
        while cell_len(text[start : most + 1].rstrip()) <= width:
            most += 1
        where = next((k for k in range(most, start, -1) if _may_break(text, k)), most)
        found.append(where)
        start = where
    return found


def _may_break(text: str, k: int) -> bool:
    """Whether a line may end before the character at k."""
    before, after = text[k - 1], text[k]
    if before.isspace():
        return not after.isspace()
    if after.isspace() or after in NOT_FIRST or before in NOT_LAST:
        return False
    if not _wide(before) and not _wide(after):
        return False
    if before.isdigit() or (before in UNITS and k > 1 and text[k - 2].isdigit()):
        return False
    return not (_katakana(before) and _katakana(after))


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _katakana(letter: str) -> bool:
    return "ァ" <= letter <= "ヿ"
