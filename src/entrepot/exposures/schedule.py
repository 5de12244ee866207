"""Load tariff schedules into the store: rates in force on a day, with labels, codes and slots as positions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from entrepot.data.duckdb_store import Relation, Store, placeholders
from entrepot.data.duty_tables import KINDS, ValidOn, check_percentages, open_rates, places_of, rate_roles, read_rates
from entrepot.data.file_lines import with_lines
from entrepot.data.layouts import layout_of, recognised_as
from entrepot.data.number_formats import Decimal
from entrepot.data.source_table import SourceTable, tidied
from entrepot.economy.geography import ALL, WORLD
from entrepot.errors import TableError, UnknownNameError
from entrepot.exposures.stacking import Authority, Stacking
from entrepot.exposures.stated_numbers import decimal_of_rates
from entrepot.exposures.stated_rates import with_plain_rates
from entrepot.words import counted, listed

#: The values that a column of kinds may hold.
KIND_NAMES = {kind: kind for kind in KINDS} | {"mfn": "applied", "bnd": "bound"}
#: Duty types of WITS that stand for a kind and not for an authority.
BOUND_TYPES = ("bnd", "bound")


@dataclass(frozen=True)
class Loaded:
    """A loaded table with its names as written, by which errors found later can cite rows."""

    table: SourceTable
    partners: dict[Any, int]
    codes: dict[str, int]
    slots: dict[tuple[Any, Any], int]

    def rows_of(self, partner: int, code: int, slot: int) -> list[int]:
        """Return the first rows with this partner, code and slot."""
        who = [name for name, at in self.partners.items() if at == partner]
        what: list[Any] = [name for name, at in self.codes.items() if at == code]
        how = [authority for (authority, _), at in self.slots.items() if at == slot]
        if not (who and what and how):
            return []
        return self.table.rows_of({"product": what, "exporter": who, "authority": how})


@dataclass
class Schedule:
    """The labels, codes and slots of all schedules by position, and the number of rows in force; tables add to it."""

    labels: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    slots: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    loaded: list[Loaded] = field(default_factory=list)


@dataclass
class Load:
    """The loader of one table into `into`.

    known     codes of the Economy;  unit  the unit of bare rates: fraction or percent
    kind      the kind of rows without one;  importer  the importer of a table without that column
    decimal   the decimal separator, where the table leaves it open
    """

    store: Store
    into: Schedule
    known: tuple[str, ...]
    stacking: Stacking
    date: datetime.date
    importer: str | None = None
    unit: str | None = None
    kind: str = "applied"
    decimal: Decimal | None = None

    def add(self, given: Any) -> None:
        """Load a table. Raises `TableError` or `DocumentError` with the file, the row and the remedy."""
        with with_lines(given):
            self._add(given)

    def _add(self, given: Any) -> None:
        what = "schedule" if self.kind == "applied" else self.kind
        table = open_rates(self.store, self._opened(given, what), what, ValidOn(day=self.date))
        layout = table.columns.layout
        if "importer" not in table.columns and not (self.importer or layout.importer) and self._importers() > 1:
            raise TableError(f"{table.where}: no column 'importer', and the trade table has several; add it")
        rows = in_force = 0
        for role, kind in rate_roles(table, self.kind):
            table.decimal = None if layout.decimal else decimal_of_rates(table, role, self.decimal)
            table.in_doubt = self.decimal
            rows += read_rates(table, role, self.unit, importer=layout.importer or self.importer, day=self.date)
            check_percentages(table, role, self.unit)
            in_force += self._fill(table, kind)
        if not rows:
            raise TableError(f"{table.where}: no row is in force on {self.date}; give another day: --on (on=)")
        self.into.rows += in_force
        self.into.editions += table.editions
        self.store.run("DROP TABLE raw")
        self.into.notes.append(f"Schedule: {table.file}, {counted(in_force, 'row')} in force on {self.date}.")
        self.into.notes += [note for note in table.notes if note not in self.into.notes]

    def _opened(self, given: Any, what: str) -> Relation:
        """Open a table; codes and rates of a user's own are put into the form that is read."""
        source = self.store.source(given, what, recognises=recognised_as("rates"))
        if layout_of(source.names, "rates") is not None:
            return source
        source, _ = tidied(self.store, source, "rates")
        return with_plain_rates(self.store, source)

    def _fill(self, table: SourceTable, kind: str | None) -> int:
        """Copy `rated` to `sched` by positions, and return its number of rows of authorities that are in force.

        A line without an ad valorem duty is kept without a rate.
        """
        ids = {side: self._labels(table, side) for side in ("importer", "partner")}
        codes = self._codes(table)
        at = {code: k for k, code in enumerate(self.into.codes)}
        for code in codes.values():
            at.setdefault(code, len(at))
        self.into.codes[:] = at
        slots = self._slots(table, kind)
        self.into.loaded.append(Loaded(table, ids["partner"], {c: at[code] for c, code in codes.items()}, slots))
        for role, found in ids.items():
            self.store.fill_ids(f"{role}_name", found)
        self.store.fill(
            "code_name",
            {"name": "VARCHAR", "id": "INTEGER", "chapter": "UTINYINT"},
            [list(codes), [at[code] for code in codes.values()], [int(code[:2] or 0) for code in codes.values()]],
        )
        self.store.fill(
            "slot_name",
            {"authority": "VARCHAR", "kind": "VARCHAR", "id": "UTINYINT"},
            [[a for a, _ in slots], [k for _, k in slots], list(slots.values())],
        )
        (in_force,) = self.store.row(
            "SELECT count(*) FROM rated JOIN slot_name ON rated.authority IS NOT DISTINCT FROM slot_name.authority "
            "AND rated.kind IS NOT DISTINCT FROM slot_name.kind"
        )
        self.store.run(
            "CREATE TABLE IF NOT EXISTS sched (importer INTEGER, partner INTEGER, product INTEGER, chapter UTINYINT, "
            "slot UTINYINT, rate DOUBLE)"
        )
        self.store.run(
            """
            INSERT INTO sched
            SELECT importer_name.id, partner_name.id, code_name.id, code_name.chapter, slot_name.id, rate
            FROM rated JOIN importer_name ON rated.importer IS NOT DISTINCT FROM importer_name.name
            JOIN partner_name ON rated.partner IS NOT DISTINCT FROM partner_name.name
            JOIN code_name ON rated.product = code_name.name
            JOIN slot_name ON rated.authority IS NOT DISTINCT FROM slot_name.authority
                          AND rated.kind IS NOT DISTINCT FROM slot_name.kind
            WHERE written IS NOT NULL"""
        )
        for name in ("importer_name", "partner_name", "code_name", "slot_name"):
            self.store.run(f"DROP TABLE {name}")
        return int(in_force)

    def _importers(self) -> int:
        return int(self.store.row("SELECT count(DISTINCT importer) FROM trade")[0])

    def _labels(self, table: SourceTable, side: str) -> dict[Any, int]:
        """Return the position of the label (a country, a group or ALL) for each name in a column."""
        places = places_of(table, side, self.known, self.date)
        labels = {name: ALL if place.code == WORLD else place.code for name, place in places.items()}
        return {name: _position(self.into.labels, label) for name, label in labels.items()}

    def _codes(self, table: SourceTable) -> dict[str, str]:
        """Return codes by text ("" for every product); other texts in published tables are left out with a note."""
        codes, wrong = table.codes()
        if wrong and (not codes or table.columns.layout.name == "own"):
            table.refuse_codes(wrong)
        if wrong:
            query = f"SELECT count(*) FROM rated WHERE product IN ({placeholders(wrong)})"
            (rows,) = self.store.row(query, wrong)
            table.notes.append(
                f"{table.where}: {counted(rows, 'row')} left out (not codes of the Harmonized System): "
                f"{listed(wrong, 3)}."
            )
        return codes

    def _slots(self, table: SourceTable, kind: str | None) -> dict[tuple[Any, Any], int]:
        """Return the slot for each written pair of authority and kind; authorities not in force have none."""
        slots: dict[tuple[Any, Any], int] = {}
        expired: list[str] = []
        for written in self.store.rows("SELECT DISTINCT authority, kind FROM rated ORDER BY ALL"):
            named = table.columns.layout.spelt.get("authority", {}).get(str(written[0]), written[0])
            row_kind = self._kind(table, named, written[1], kind)
            authority = self._authority(table, written[0], named, row_kind)
            if row_kind == "bound":
                slots[written] = _position(self.into.slots, (row_kind, ""))
            elif authority.on(self.date):
                slots[written] = _position(self.into.slots, (row_kind, authority.id))
            else:
                until = authority.until is not None and authority.until <= self.date
                days = f"until {authority.until}" if until else f"from {authority.since}"
                expired.append(f"{authority.called} ({days})")
        if expired:
            self.into.notes.append(
                f"{table.where}: rows of authorities that are not in force on {self.date} left out: {listed(expired)}."
            )
        return slots

    def _kind(self, table: SourceTable, authority: str | None, written: str | None, kind: str | None) -> str:
        if authority is not None and authority.casefold() in BOUND_TYPES:
            return "bound"
        if kind is not None:
            return kind
        if written in KIND_NAMES:
            return KIND_NAMES[written]
        row, _ = table.first(f"lower({table.text['kind']}) IS NOT DISTINCT FROM ?", written)
        raise TableError(f"{table.where}, row {row}: the kind is {written or 'empty'!r}; {', '.join(KINDS)} are known")

    def _authority(self, table: SourceTable, written: str | None, named: str | None, kind: str) -> Authority:
        """Return the authority of a row: the base if it is blank; for bound rates it does not matter."""
        if named is None or kind == "bound":
            return self.stacking.base
        try:
            return self.stacking.find(named)
        except UnknownNameError:
            row, _ = table.first(f"{table.text['authority']} = ?", written)
            return self.stacking.find(named, f"{table.where}, row {row}")


def _position(among: list[Any], what: Any) -> int:
    if what not in among:
        among.append(what)
    return among.index(what)
