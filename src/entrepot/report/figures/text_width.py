"""How wide text is: upper bounds by the advance widths of DejaVu Sans, the widest of the usual sans-serif fonts.

A picture names Helvetica and Arial, and is shown with whatever font the reader has. What fits at these widths fits in
all of them. The widths, in thousandths of the font size, are those of the font's own metrics (version 2.37).
"""

from __future__ import annotations

import re
from itertools import pairwise

from entrepot.report.line_breaks import NO_BREAK, may_break

# Characters 32 to 126, regular and bold.
_REGULAR = (
    "318 401 460 838 636 950 780 275 390 390 500 838 318 361 318 337 636 636 636 636 636 636 636 636 636 636 337 337 "
    "838 838 838 531 1000 684 686 698 770 632 575 775 752 295 295 656 557 863 748 787 603 787 695 635 611 732 684 989 "
    "685 611 685 390 337 390 838 500 500 613 635 550 635 615 352 635 634 278 278 579 278 974 634 612 635 635 411 521 "
    "392 634 592 818 592 592 525 636 337 636 838"
)
_BOLD = (
    "348 456 521 838 696 1002 872 306 457 457 523 838 380 415 380 365 696 696 696 696 696 696 696 696 696 696 400 400 "
    "838 838 838 580 1000 774 762 734 830 683 683 821 837 372 372 775 637 995 837 850 733 850 770 720 682 812 774 1103 "
    "771 724 725 457 365 457 838 500 500 675 716 593 716 678 435 716 712 343 343 665 343 1042 712 687 716 716 493 595 "
    "478 712 652 924 645 652 582 712 365 712 838"
)
#: Spaces at which a line is broken.
_SPACE = re.compile(rf"[^\S{''.join(sorted(NO_BREAK))}]+")
_WIDTHS = {bold: [int(w) for w in widths.split()] for bold, widths in ((False, _REGULAR), (True, _BOLD))}


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a line in pixels; a character beyond ASCII counts as one em, accented Latin less."""
    widths = _WIDTHS[bold]
    total = 0
    for c in text:
        k = 32 if c in NO_BREAK else ord(c)
        total += widths[k - 32] if 32 <= k < 127 else 720 if k < 0x250 else 1000
    return total * size / 1000


def wrapped(text: str, size: float, width: float, bold: bool = False, most: int = 99) -> list[str]:
    """Return text in lines no wider than `width` pixels, at most `most` of them; a cut one ends in "...".

    A line is broken at a space, but no no-break space, and between letters of Chinese and Japanese, which are written
    without spaces; a word that is wider than a line is broken where the line ends.
    """
    lines: list[str] = []
    line = ""
    for part, gap in _parts(text):
        tried = f"{line}{gap}{part}" if line else part
        if line and width_of(tried, size, bold) > width:
            lines.append(line)
            line = part
        else:
            line = tried
        while (fits := _fitting(line, size, width, bold)) < len(line):
            lines.append(line[:fits])
            line = line[fits:]
    lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and width_of(f"{lines[-1]} ...", size, bold) > width:
            last = [f"{gap}{part}" for part, gap in _parts(lines[-1])][:-1] or [lines[-1][:-1]]  # a word too long
            lines[-1] = "".join(last).strip()
        lines[-1] = f"{lines[-1]} ...".strip()
    return lines


def _fitting(line: str, size: float, width: float, bold: bool) -> int:
    """Return how many letters of a line fit, one at least."""
    if width_of(line, size, bold) <= width:
        return len(line)
    return max(1, next(k for k in range(1, len(line) + 1) if width_of(line[:k], size, bold) > width) - 1)


def _parts(text: str) -> list[tuple[str, str]]:
    """Return the parts that stay on one line, each with what is before it on the same line: a space or nothing."""
    return [(part, "" if place else " ") for word in words_of(text) for place, part in enumerate(_broken(word))]


def words_of(text: str) -> list[str]:
    """Return a text in words; a number and its unit, with a no-break space between, are one."""
    return [word for word in _SPACE.split(text) if word]


def _broken(word: str) -> list[str]:
    """Return a word in the parts between which it may be broken."""
    ends = [k for k in range(1, len(word)) if may_break(word, k)]
    return [word[a:b] for a, b in pairwise([0, *ends, len(word)])]
