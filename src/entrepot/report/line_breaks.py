"""Where a line may end: in Japanese and Chinese, which are written without spaces, and at which spaces."""

from __future__ import annotations

import unicodedata

#: Spaces at which no line ends, as between a number and its unit in German, French and Spanish.
NO_BREAK = frozenset("\u00a0\u202f")
#: What may not begin a line, and what may not end one.
NOT_FIRST = frozenset("、。，．,.;:!?・：；？！…）」』】〉》〕｝)]}%％ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ”’")
NOT_LAST = frozenset("（「『【〈《〔｛([{“‘+-−")
#: What follows a number and stays with it, as in 12.2億ドル.
UNITS = frozenset("億万兆亿")


def may_break(text: str, k: int) -> bool:
    """Return whether a line may end before the character at k: at a space, or beside Han, kana or full-width letters.

    A number stays with its unit, and a word in katakana in one piece.
    """
    before, after = text[k - 1], text[k]
    if before in NO_BREAK or after in NO_BREAK:
        return False
    if before.isspace():
        return not after.isspace()
    if after.isspace() or after in NOT_FIRST or before in NOT_LAST:
        return False
    if not wide(before) and not wide(after):
        return False
    if before.isdigit() or (before in UNITS and k > 1 and text[k - 2].isdigit()):
        return False
    return not (_katakana(before) and _katakana(after))


def wide(letter: str) -> bool:
    """Return whether a letter is of full width; those of Korean, which has spaces, are not broken apart."""
    return unicodedata.east_asian_width(letter) in "WF" and not "가" <= letter <= "힣"


def _katakana(letter: str) -> bool:
    return "ァ" <= letter <= "ヿ" and letter != "・"  # which stands between words
