"""Letters that no font on this machine has, which a picture in pixels shows as empty boxes."""

from __future__ import annotations

import functools
import warnings

from entrepot.languages import translated

#: Letters before this (Latin, Greek and Cyrillic) are in the font that the renderer brings along.
OWN = 0x530
#: A code point that never stands for a letter: it is drawn as a letter is that no font has.
NONE = "\ufdd0"
#: No more letters than this are tried.
MOST = 12


def without_font(text: str) -> str:
    """Return letters of a text that the renderer of PNG finds in no font of this machine; "" where it has all."""
    tried = list(dict.fromkeys(c for c in text if ord(c) >= OWN and c.isalpha()))[:MOST]
    return "".join(c for c in tried if not _has_font(c))


def warn_of_letters(text: str) -> None:
    """Warn that no font on this machine has some letters of a text, and say what to do."""
    lost = without_font(text)
    if lost:
        says = (
            "No font on this machine has the letters {letters}; the PNG shows boxes for them. Install a font that has "
            "them, such as Noto Sans CJK, or write .svg, which is shown with the fonts of its reader."
        )
        warnings.warn(translated(says, letters=lost), stacklevel=3)


@functools.cache
def _has_font(letter: str) -> bool:
    """Whether a letter is drawn otherwise than one that no font has."""
    return _drawn(letter) != _drawn(NONE)


@functools.cache
def _drawn(letter: str) -> bytes:
    import vl_convert

    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">'
        f'<text x="2" y="18" font-size="16" font-family="sans-serif">{letter}</text></svg>'
    )
    return vl_convert.svg_to_png(svg)
