"""A table of a user's own while it is opened: columns rewritten or added before it is read.

What a reader of `entrepot.data` does not know of a table (dates in place of years, codes with a point after each two
digits, an ambiguous decimal sign) is put into the form that it knows, and a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from entrepot.data.duckdb_store import Relation, Store

#: Product codes with a sign between each two digits: 87.03, 87.03.23, 87 03.
_PAIRS = r"\d{2}([. -]\d{2}){1,4}"


def amended(
    source: Relation, cells: Mapping[int, str], note: str = "", added: Mapping[str, str] | None = None
) -> Relation:
    """Return a table with other text in some columns (SQL by position), and columns of text added (SQL by name)."""
    changed = ", ".join(f"{formula} AS c{k}" for k, formula in cells.items())
    columns = f"* REPLACE ({changed})" if changed else "*"
    more = dict(added or {})
    first = len(source.names)
    columns += "".join(f", {formula} AS c{k}" for k, formula in enumerate(more.values(), start=first))
    return replace(
        source,
        names=(*source.names, *more),
        numbers=(*(number and k not in cells for k, number in enumerate(source.numbers)), *(False for _ in more)),
        relation=f"(SELECT {columns} FROM {source.relation})",
        numbered=f"(SELECT {columns} FROM {source.numbered})",
        notes=(*source.notes, *([note] if note else [])),
    )


def distinct_cells(store: Store, source: Relation, position: int, rows: int | None = None) -> list[str | None]:
    """Return the different texts of a column, in order; of its first rows, where a number is given."""
    limit = f" LIMIT {int(rows)}" if rows is not None else ""
    with store.reading(source):
        found = store.rows(
            f"SELECT DISTINCT cell FROM (SELECT {source.text(position)} AS cell FROM {source.relation}{limit}) "
            "ORDER BY cell",
            source.parameters,
        )
    return [cell for (cell,) in found]


def first_row(store: Store, source: Relation, position: int, cell: str | None) -> int:
    """Return the number of the first row with a text in a column."""
    with store.reading(source):
        found = store.rows(
            f"SELECT min(row) FROM {source.numbered} WHERE {source.text(position)} IS NOT DISTINCT FROM ?",
            [*source.parameters, cell],
        )
    return int(found[0][0] or 0)


def with_bare_codes(source: Relation, position: int) -> Relation:
    """Return a table whose product codes in pairs of digits (87.03.23) are without the signs between them."""
    if source.numbers[position]:
        return source
    text = source.text(position)
    bare = f"regexp_replace({text}, '[. -]', '', 'g')"
    return amended(source, {position: f"CASE WHEN regexp_full_match({text}, '{_PAIRS}') THEN {bare} ELSE {text} END"})
