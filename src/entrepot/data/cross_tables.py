"""Cross tables, which have countries, products or groups of years in columns where one row each is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from entrepot.economy.geography import find_place
from entrepot.words import listed

#: The number of columns examined, and the least number and share of them that are of one kind in a cross table.
_LOOKED_AT, _FEWEST, _MOST = 80, 4, 0.5
_PRODUCT = re.compile(r"\d{2}(\d{2}){0,4}(\s+\D.*)?", re.DOTALL)
_YEAR = re.compile(r"(19|20)\d\d")


_TO_ROWS = (
    "turn these columns into rows (unpivot), or export the table again with everything but the values in the rows (in "
    "USA Trade Online every dimension but Measures)"
)


def cross_table(names: Sequence[str]) -> str:
    """Return a sentence on a cross table and how to convert it; empty for any other table."""
    named = [name.strip() for name in names[:_LOOKED_AT] if name.strip()]
    often = Counter(named)
    kinds: tuple[tuple[str, Callable[[str], bool], str], ...] = (
        (
            "are in groups under a header of two lines",
            lambda name: often[name] > 1,
            "keep one group of columns under one line of names, or export the table again with everything but the "
            "values in the rows (in USA Trade Online every dimension but Measures)",
        ),
        ("are countries", lambda name: len(name) > 2 and find_place(name) is not None, _TO_ROWS),
        ("are products", lambda name: bool(_PRODUCT.fullmatch(name)) and not _YEAR.fullmatch(name), _TO_ROWS),
    )
    for described, fits, remedy in kinds:
        found = [name for name in named if fits(name)]
        if len(found) >= max(_FEWEST, _MOST * len(named)):
            shown = listed([name[:30].strip() for name in dict.fromkeys(found)], 3)
            return (
                f"It is a cross table, whose columns {described} ({shown}), and a row for each importer, partner and "
                f"product is needed: {remedy}."
            )
    return ""
