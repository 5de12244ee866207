"""Names, texts, numbers and paths as SQL writes them, for what no parameter of a statement can state."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def sql_name(name: str) -> str:
    """Return the name of a column in quotes."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(text: object) -> str:
    """Return a text in quotes."""
    return "'" + str(text).replace("'", "''") + "'"


def sql_numbers(numbers: Iterable[int]) -> str:
    """Return whole numbers for IN; without any, NULL, in which nothing is."""
    return ", ".join(str(int(n)) for n in numbers) or "NULL"


def without_patterns(path: Path) -> str:
    """Return a path with * ? [ escaped, which DuckDB would read as patterns of several files."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
