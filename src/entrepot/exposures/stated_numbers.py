"""Numbers whose decimal sign a table leaves open: one rule for tables of trade and of duties, in files of any kind.

A table leaves it open where all its numbers can be read with a point before decimals and with a comma, and some differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.data.duckdb_store import Relation, Store
from entrepot.data.number_formats import (
    Decimal,
    find_number_format,
    is_missing,
    number_format_note,
    rates_in,
)
from entrepot.data.source_table import SourceTable
from entrepot.errors import TableError
from entrepot.exposures.amended_tables import amended

#: Different numbers of a column that are looked at, and the rows by which it is tried first.
_MOST, _TRIED = 20000, 2000


def leaves_open(numbers: Sequence[str]) -> bool:
    """Whether numbers as written can be read with either decimal sign, and are then others."""
    point, comma = (find_number_format(numbers, "", decimal=sign) for sign in ("point", "comma"))
    pairs = [(point.read(text), comma.read(text)) for text in numbers]
    readable = [pair for pair in pairs if pair != (None, None)]
    return all(None not in pair for pair in readable) and any(one != other for one, other in readable)


def with_plain_values(store: Store, source: Relation, position: int, decimal: Decimal | None) -> Relation:
    """Return a table whose values are plain numbers, where the column leaves its decimal sign open.

    Raises `TableError` for such a column if `decimal` does not decide it; a dollar sign before a comma does, and so do
    commas between fields.
    """
    if source.numbers[position]:
        return source
    name, where = source.names[position], f"{source.where}, column {source.names[position]!r}"
    tried = _numbers(store, source, position, _TRIED)
    if tried and not leaves_open(tried):
        return source
    cells = _numbers(store, source, position)
    if not cells or not leaves_open(cells):
        return source
    if decimal is None:
        if source.separator == "," and not any("," in cell for cell in cells):
            find_number_format(cells, where)
        return source
    style = find_number_format(cells, where, decimal=decimal)
    text = source.text(position)
    plain = f"coalesce(CAST({style.sql(text)} AS VARCHAR), {text})"
    return amended(source, {position: plain}, " ".join(number_format_note(name, style)))


def decimal_of_rates(table: SourceTable, role: str, decimal: Decimal | None) -> Decimal | None:
    """Return `decimal` where a column of rates leaves its decimal sign open; else None."""
    if decimal is None or table.is_number(role):
        return None
    notes = list(table.notes)
    try:
        table.style(role, "rate")
    except TableError:
        numbers = [number for cell in table.distinct(role) if cell is not None for number in rates_in(str(cell))]
        return decimal if leaves_open(numbers) else None
    finally:
        table.notes[:] = notes
    return None


def _numbers(store: Store, source: Relation, position: int, rows: int | None = None) -> list[str]:
    """Return the different cells of a column, or of its first rows, that a point or another sign than digits is in."""
    limit = "" if rows is None else f" LIMIT {int(rows)}"
    with store.reading(source):
        found = store.rows(
            f"SELECT DISTINCT cell FROM (SELECT {source.text(position)} AS cell FROM {source.relation}{limit}) "
            f"WHERE cell IS NOT NULL AND NOT regexp_full_match(cell, '[0-9]+') LIMIT {_MOST}",
            source.parameters,
        )
    return [cell for (cell,) in found if not is_missing(cell)]
