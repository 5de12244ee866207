"""A user's own table of duties before and after its rates are read: marks, missing cells, and rates in percent."""

from __future__ import annotations

import re

from entrepot.data.duckdb_store import Relation, Store
from entrepot.data.layouts import rate_columns
from entrepot.data.number_formats import MISSING, SINGLE_RATE
from entrepot.exposures.amended_tables import amended, distinct_cells, with_bare_codes
from entrepot.words import counted, listed

#: Columns that hold rates, by role.
_RATES = ("rate", "applied", "bound", "proposed")
#: Cells without a rate. "None" is a rate of zero, as "nil" is.
_NO_RATE = {*MISSING, "inf", "+inf", "-inf", "infinity", "n.d.", "n/d"} - {"", "none"}
#: Marks of footnotes behind a rate: 2.5% 1), 16.5 %2, 50%*, 5% (a).
_MARKED = re.compile(
    r"(.*?)\s*((?:<sup>.*?</sup>|(?<=[\s%a-z])\d{1,2}[/)]|[*†‡§#]+|[¹²³⁰⁴-⁹]+|\([0-9a-z*]\)|\[[0-9a-z*]{1,2}\]"
    r"|(?<=[\s%])[a-z]\)|(?<=%)\s*\d{1,2})+)",
    re.IGNORECASE,
)
_FREE = re.compile(r"free|nil|zero", re.IGNORECASE)


def with_plain_rates(store: Store, source: Relation) -> Relation:
    """Return a user's own table of duties with plain codes, and rates without marks of footnotes and missing numbers.

    Notes name the marks. Raises `TableError` for a table that is not one of duties.
    """
    columns = rate_columns(source.names, source.where, None)
    if "product" in columns:
        source = with_bare_codes(source, columns.position["product"])
    for role in _RATES:
        if role in columns and not source.numbers[columns.position[role]]:
            source = _without_marks(store, source, columns.position[role])
    return source


def _without_marks(store: Store, source: Relation, k: int) -> Relation:
    missing: list[str] = []
    plain: dict[str, str] = {}
    for cell in distinct_cells(store, source, k):
        if cell is None:
            continue
        if cell.casefold() in _NO_RATE:
            missing.append(cell)
            continue
        marked = _MARKED.fullmatch(cell)
        if marked is not None and (SINGLE_RATE.fullmatch(marked[1]) or _FREE.fullmatch(marked[1])):
            plain[cell] = marked[1]
    if not missing and not plain:
        return source
    name, text = source.names[k], source.text(k)
    rows = dict(
        store.rows(
            f"SELECT {text}, count(*) FROM {source.relation} WHERE list_contains(?, {text}) GROUP BY 1",
            [*source.parameters, [*missing, *plain]],
        )
    )
    table = f"plain_rate_{len(store.rows('SHOW TABLES'))}"
    store.fill(
        table,
        {"cell": "VARCHAR", "rate": "VARCHAR"},
        [[*plain, *missing], [*plain.values(), *(None for _ in missing)]],
    )
    formula = (
        f"CASE WHEN {text} IN (SELECT cell FROM {table}) THEN (SELECT rate FROM {table} WHERE cell = {text}) "
        f"ELSE {text} END"
    )
    notes = []
    if missing:
        number = counted(sum(rows[cell] for cell in missing), "cell")
        notes.append(f"{number} of the column {name!r} without a rate ({listed([repr(c) for c in missing])}).")
    if plain:
        number = counted(sum(rows[cell] for cell in plain), "row")
        notes.append(
            f"{number} with a mark behind the rate, which is read without it (column {name!r}: "
            f"{listed([repr(cell) for cell in plain], 3)}); what the mark says is not known here."
        )
    for note in notes[:-1]:
        source = amended(source, {}, note)
    return amended(source, {k: formula}, notes[-1])
