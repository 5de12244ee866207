"""A user's table while it is read: its columns by role, and checks whose errors name the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from entrepot.data.duckdb_store import Relation, Store, as_text, placeholders
from entrepot.data.formats.cell_formats import NO_RESULT
from entrepot.data.formats.grid import ABOVE, find_product
from entrepot.data.frames import without_result
from entrepot.data.hs import read_codes
from entrepot.data.layouts import OWN_TRADE, ColumnRoles, Layout, TableKind, fold_name, layout_of
from entrepot.data.number_formats import (
    MISSING,
    Decimal,
    NumberFormat,
    NumberKind,
    find_number_format,
    number_format_note,
)
from entrepot.data.opening import OpenedTable
from entrepot.data.place_columns import BETWEEN
from entrepot.data.wide import by_period, period_columns
from entrepot.errors import TableError
from entrepot.words import counted, listed

#: Texts that mean all products.
EVERY_PRODUCT = ("all", "total", "all products", "all commodities", "as", "ag")


@dataclass
class SourceTable:
    """A relation with its columns by role, copied to the store's table `raw` in order of rows.

    `raw` has one column per role, with text as written.

    when, chosen   the SQL condition that selects rows, and its parameters
    decimal        the decimal sign, if the user states it
    in_doubt       the same, only for a table whose publisher has another and whose numbers may have either
    notes          decisions, and what was left out
    """

    store: Store
    source: Relation
    columns: ColumnRoles
    decimal: Decimal | None = None
    in_doubt: Decimal | None = None
    when: str = "true"
    chosen: tuple[Any, ...] = ()
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes += [f"{self.where}: {note}" for note in (*self.source.notes, self.columns.layout.note) if note]
        parts = [f"{self.source.cell(place)} AS {column_name(role)}" for role, place in self.columns.position.items()]
        cells = ", ".join(self.source.cell(place) for place in self.columns.position.values())
        filled = f"coalesce({cells}, NULL) IS NOT NULL" if self.source.separator is not None else "true"
        with self.store.reading(self.source):
            self.store.run(
                f"CREATE OR REPLACE TABLE raw AS SELECT {', '.join(parts)} FROM {self.source.relation} WHERE {filled}",
                self.source.parameters,
            )
        for role in self.columns.position if self.source.unknown else ():
            row, _ = self.first(f"{self.text[role]} = ?", NO_RESULT)
            if row and not role.startswith("other "):  # which have no role of their own
                raise without_result(self.where, row, self.columns.name(role))

    @property
    def where(self) -> str:
        """The name of the table in messages."""
        return self.source.where

    @property
    def file(self) -> str:
        """The name of the file, else of the table."""
        return self.where.split("(", 1)[-1].rstrip(")")

    @cached_property
    def text(self) -> dict[str, str]:
        """SQL for the columns of `raw` as text, by role."""
        return {
            role: as_text(column_name(role)) if self.source.numbers[place] else column_name(role)
            for role, place in self.columns.position.items()
        }

    def place(self, role: str) -> str:
        """Return SQL for the name of a place: one column, or several (code, number, name) joined by a separator."""
        further = [text for name, text in self.text.items() if name.split()[0] == role and name != role]
        if not further:
            return self.text[role]
        every = ", ".join(f"coalesce({text}, '')" for text in (self.text[role], *further))
        empty = " AND ".join(f"{text} IS NULL" for text in (self.text[role], *further))
        return f"CASE WHEN {empty} THEN NULL ELSE concat_ws(chr({ord(BETWEEN)}), {every}) END"

    def is_number(self, role: str) -> bool:
        """Whether the column of a role is numeric."""
        return self.source.numbers[self.columns.position[role]]

    # ---- numbers ----

    def style(self, role: str, kind: NumberKind) -> NumberFormat:
        """Return the number format of a column (see `find_number_format`), and note it where it is unusual."""
        if self.is_number(role):
            return NumberFormat()
        text, name = self.text[role], self.columns.name(role)
        stated = self.decimal or self.columns.layout.decimal
        odd = f"try_cast({text} AS DOUBLE) IS NULL OR contains({text}, '_')"
        pointed = f"{odd} OR contains({text}, '.')"
        clear = stated == "point" or self.source.separator == ","
        style = self._style_of(odd if clear else pointed, role, kind)
        if clear and style.decimal == ",":  # then a point separates thousands: cells that have one must fit as well
            style = self._style_of(pointed, role, kind)
        self.notes += [f"{self.where}: {note}" for note in number_format_note(name, style)]
        return style

    def _style_of(self, condition: str, role: str, kind: NumberKind) -> NumberFormat:
        """Return the number format that the cells of a column which meet an SQL condition show."""
        text, where = self.text[role], f"{self.where}, column {self.columns.name(role)!r}"
        cells = self.select(f"DISTINCT {text}", f"{text} IS NOT NULL AND ({condition})", "LIMIT 20000")
        stated = self.decimal or self.columns.layout.decimal
        texts = [cell for (cell,) in cells]
        return find_number_format(texts, where, kind=kind, separator=self.source.separator, decimal=stated)

    def number(self, role: str, kind: NumberKind = "amount") -> str:
        """Return SQL for a column as numbers, NULL where a cell is not numeric."""
        if self.is_number(role):
            return f"CAST({column_name(role)} AS DOUBLE)"
        return self.style(role, kind).sql(self.text[role])

    def missing(self, role: str) -> str:
        """Return SQL that is true where a cell is empty, NaN or marks a missing number (NA)."""
        if self.is_number(role):
            return f"coalesce(isnan(CAST({column_name(role)} AS DOUBLE)), true)"
        marks = ", ".join("'" + mark + "'" for mark in MISSING if mark)
        return f"coalesce(lower({self.text[role]}) IN ({marks}), true)"

    # ---- rows ----

    def only(self, condition: str, *parameters: Any) -> None:
        """Select only the rows that also meet this condition."""
        self.when = condition if self.when == "true" else f"{self.when} AND {condition}"
        self.chosen = (*self.chosen, *parameters)

    def select(self, what: str, condition: str = "true", then: str = "") -> list[tuple[Any, ...]]:
        """Query the selected rows."""
        return self.store.rows(f"SELECT {what} FROM raw WHERE ({condition}) AND {self.when} {then}", self.chosen)

    def count(self, condition: str = "true") -> int:
        """Return the number of selected rows that meet a condition."""
        return int(self.select("count(*)", condition)[0][0])

    def distinct(self, role: str) -> dict[Any, int]:
        """Return the texts of a column in the selected rows, each with its number of rows."""
        return dict(self.select(f"{self.text[role]}, count(*)", then="GROUP BY ALL ORDER BY ALL"))

    def keep_only(self) -> None:
        """Leave out and count rows that the layout does not read (services, quantities). Raises `TableError`."""
        for role, wanted in self.columns.layout.only.items():
            if role not in self.columns:
                continue
            folded = [text.casefold() for text in wanted]
            found = self.distinct(role)
            other = [text for text in found if str(text).casefold() not in folded]
            name, texts = self.columns.name(role), listed([str(text) for text in other])
            if len(other) == len(found):
                raise TableError(
                    f"{self.where}: no row has {' or '.join(wanted)} in the column {name!r}, and other rows are not "
                    f"read; it has {texts}"
                )
            if other:
                rows = sum(found[text] for text in other)
                self.notes.append(
                    f"{self.where}: {counted(rows, 'row')} left out that are something else ({name}: {texts})."
                )
                self.only(f"lower({self.text[role]}) IN ({placeholders(folded)})", *folded)

    def first(self, fault: str, *parameters: Any, show: str = "NULL") -> tuple[int, Any]:
        """Return the number (from 1, below the header) of the first selected row with a fault, and `show` of it."""
        found = self.store.rows(
            f"SELECT rowid + 1, {show} FROM raw WHERE ({fault}) AND {self.when} ORDER BY rowid LIMIT 1",
            [*parameters, *self.chosen],
        )
        return (int(found[0][0]), found[0][1]) if found else (0, None)

    def rows_of(self, texts: dict[str, list[Any]]) -> list[int]:
        """Return the first few rows with these texts by role; it works after `raw` is deleted."""
        tests, parameters = ["true"], list[Any]()
        for role, names in texts.items():
            if role not in self.columns:
                continue
            text = self.source.text(self.columns.position[role])
            # a place of several columns has their texts joined: the first one is that of this column
            names = [None if name is None else str(name).partition(BETWEEN)[0] or None for name in names]
            tests.append(f"(list_contains(?, {text}) OR ({text} IS NULL AND ?))")
            parameters += [[name for name in names if name is not None], None in names]
        found = self.store.rows(
            f"SELECT row FROM {self.source.numbered} WHERE {' AND '.join(tests)} ORDER BY row LIMIT 4",
            [*self.source.parameters, *parameters],
        )
        return [int(row) for (row,) in found]

    # ---- faults and codes ----

    def refuse_empty(self, *roles: str) -> None:
        """Raise `TableError` for the first selected row with an empty cell in these columns."""
        for role in roles:
            if role in self.text:
                row, _ = self.first(f"{self.place(role)} IS NULL")
                if row:
                    raise TableError(f"{self.where}, row {row}: the {self.columns.name(role)} is empty")

    def codes(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return product codes by written text ("" for all products), and the texts that are not codes."""
        written = [str(name) for name in self.distinct("product")]
        codes, wrong, mended = read_codes([name for name in written if name.casefold() not in EVERY_PRODUCT])
        if mended:
            restored = f"{counted(len(mended), 'code')} had lost the leading zero, which was restored: {listed(mended)}"
            self.notes.append(f"{self.where}: {restored}.")
        return {**codes, **{name: "" for name in written if name.casefold() in EVERY_PRODUCT}}, wrong

    def refuse_codes(self, wrong: Sequence[str]) -> None:
        """Raise `TableError` for the first of some texts that are not codes of the Harmonized System."""
        row, _ = self.first(f"{self.text['product']} = ?", wrong[0])
        bare = wrong[0].strip().removesuffix(".0")
        why = (
            "it may have lost a leading zero in a spreadsheet: keep the column as text, with all its digits"
            if bare.isdigit() and len(bare) % 2
            else "codes have 2, 4, 6, 8 or 10 digits, and chapters go from 01 to 99"
        )
        raise TableError(f"{self.where}, row {row}: {wrong[0]!r} is not a code of the Harmonized System; {why}")

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """Editions of the Harmonized System in the rows selected when this is first read."""
        if "edition" not in self.columns:
            return ()
        return tuple(sorted(str(name) for name in self.distinct("edition") if name is not None))


def tidied(store: Store, source: Relation, kind: TableKind) -> tuple[Relation, Layout | None]:
    """Return a relation reshaped to tidy rows, and its layout (None: a user's own table).

    Columns of years and months become rows (`entrepot.data.wide`), some layouts have their own function, and a product
    stated above the header of a table of trade becomes a column. Raises `TableError`.
    """
    if kind == "trade" and layout_of(source.names, kind) is None:
        source = _with_its_product(store, source)
    if period_columns(source.names, kind) and layout_of(source.names, kind) is None:
        reshaped: list[str] = []
        long = by_period(store.whole(source), kind, source.where, reshaped)
        source = store.opened(OpenedTable(source.where, source.path, frame=long, notes=(*source.notes, *reshaped)))
    layout = layout_of(source.names, kind)
    if layout is None or layout.tidy is None:
        return source, layout
    notes: list[str] = []
    frame = layout.tidy(store.whole(source), notes)
    if frame.empty:
        raise TableError(f"{source.where}: no row can be read ({layout.title})")
    return store.opened(OpenedTable(source.where, source.path, frame=frame, notes=(*source.notes, *notes))), layout


def _with_its_product(store: Store, source: Relation) -> Relation:
    """Add the product stated above the header to a table of trade without a column of products."""
    stated = next(filter(None, (find_product(note) for note in source.notes if note.startswith(ABOVE))), "")
    if not stated or {fold_name(name) for name in source.names} & set(OWN_TRADE.columns["product"]):
        return source
    note = f"Every row is of the product {stated}, which a line above the header states."
    frame = store.whole(source).assign(product=stated)
    return store.opened(OpenedTable(source.where, source.path, frame=frame, notes=(*source.notes, note)))


def column_name(role: str) -> str:
    """Return the column name of a role: "importer 2" is importer_2."""
    return role.replace(" ", "_")
