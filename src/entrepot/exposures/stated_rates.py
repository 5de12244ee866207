"""A user's own table of duties before and after its rates are read: marks, missing cells, and rates in percent."""

from __future__ import annotations

import re

from entrepot.data.duckdb_store import Relation, Store
from entrepot.data.layouts import rate_columns
from entrepot.data.number_formats import MISSING, SINGLE_RATE
from entrepot.data.source_table import SourceTable
from entrepot.errors import TableError
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


def check_percentages(table: SourceTable, role: str, unit: str | None) -> None:
    """Note rates in percent below 1, and refuse a column in which most of several are, in the store's table `rated`.

    unit  the unit of bare rates, if the user states it
    """
    column = table.columns.name(role)
    own = table.columns.layout.name == "own"
    if unit == "percent":
        stated, remedy = "--rates percent (rates=)", "leave --rates out if rates are fractions (0.025)"
    elif unit is None and own and (role in table.columns.percent or table.columns.unit == "percent"):
        stated, remedy = f"the name of the column {column!r}", "rename it to 'rate' if rates are fractions (0.025)"
        if "unit" in table.columns and role not in table.columns.percent:
            unit_column = table.columns.name("unit")
            stated, remedy = f"the column {unit_column!r}", "leave that column out if rates are fractions (0.025)"
    else:
        return
    positive, low = table.store.row(
        "SELECT count(*) FILTER (bare > 0), count(*) FILTER (bare > 0 AND bare < 1) FROM rated"
    )
    if not low:
        return
    row, written = table.store.row("SELECT row, written FROM rated WHERE bare > 0 AND bare < 1 ORDER BY row LIMIT 1")
    what = f"of {counted(positive, 'rate')} above zero in the column {column!r} {low:,} lie below 1"
    if 2 * low > positive > 1:
        raise TableError(
            f"{table.where}, row {row}: a rate of {written} in percent is {written}%, and {what}; "
            f"{stated} says that they are percentages: {remedy}, or write the sign ('{written}%')"
        )
    table.notes.append(f"{table.where}: {what} (row {row}: {written}, read as {written}%).")
