"""Schedules of tariffs into the store: rows in force on a day, rates checked, names and codes as positions."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from entrepot.data.tariff_files import counted, listed
from entrepot.errors import TableError, UnknownNameError
from entrepot.exposures.columns import RATE_UNITS, read_schedule_columns
from entrepot.exposures.places import Places
from entrepot.exposures.stacking import Authority, Stacking
from entrepot.exposures.store import Store
from entrepot.exposures.table import EVERY_PRODUCT, Table
from entrepot.measures.fields import LARGEST_BARE_NUMBER, UnusualRate

KINDS = ("applied", "bound", "proposed")
#: What a column of kinds may say.
KIND_NAMES = {kind: kind for kind in KINDS} | {"mfn": "applied", "bnd": "bound"}
#: Duty types of WITS that say a kind and no authority.
BOUND_TYPES = ("bnd", "bound")

#: A rate from what is written: NULL for what is no number; "Free" is zero.
RATE = """
    CASE WHEN ends_with(written, '%') THEN try_cast(rtrim(written, '% ') AS DOUBLE) / 100
         WHEN lower(written) = 'free' THEN 0 ELSE try_cast(written AS DOUBLE) END"""
#: Whether it is written as a percentage; any other number is in the unit of its column.
SAYS_PERCENT = "coalesce(ends_with(written, '%'), false)"
DECIMAL_COMMA = r"-?\d+,\d+\s*%?"


@dataclass(frozen=True)
class Loaded:
    """A table that was loaded, so that a fault found later still has its rows: names as written, with positions."""

    table: Table
    partners: dict[Any, int]
    codes: dict[str, int]
    slots: dict[tuple[Any, Any], int]

    def rows_of(self, partner: int, code: int, slot: int) -> list[int]:
        """The first rows that say this."""
        who = [name for name, at in self.partners.items() if at == partner]
        what = [name for name, at in self.codes.items() if at == code]
        how = [authority for (authority, _), at in self.slots.items() if at == slot]
        if not (who and what and how):
            return []
        text = self.table.text
        tests = [f"list_contains(?, {text['product']})"]
        parameters: list[Any] = [what]
        for role, names in (("exporter", who), ("authority", how)):
            if role in text:
                tests.append(f"(list_contains(?, {text[role]}) OR ({text[role]} IS NULL AND ?))")
                parameters += [[name for name in names if name is not None], None in names]
        return self.table.rows(" AND ".join(tests), *parameters)


@dataclass
class Schedule:
    """What schedules name, by position, and how many rows are in force. Tables add to it."""

    labels: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    slots: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    loaded: list[Loaded] = field(default_factory=list)


@dataclass
class Load:
    """One table on its way into `into`.

    unit  of bare rates: fraction or percent;  kind  what a row without one is;  importer  whose a table without them is
    """

    store: Store
    into: Schedule
    places: Places
    stacking: Stacking
    date: datetime.date
    importer: str | None = None
    unit: str | None = None
    kind: str = "applied"

    def add(self, given: Any) -> None:
        """Raises `TableError` or `DocumentError` that names the file, the row and the remedy."""
        source = self.store.source(given, "schedule" if self.kind == "applied" else self.kind)
        table = Table(self.store, source, read_schedule_columns(source.names, source.where))
        self._in_force(table)
        rows = 0
        for role, kind in self._rate_columns(table):
            rows += self._read(table, role)
            self._check_rates(table, role)
            self._fill(table, kind)
        if not rows:
            raise TableError(f"{table.where}: no row is in force on {self.date}; give another day: --on (on=)")
        self.store.run("DROP TABLE raw")
        self.into.rows += rows
        self.into.editions += table.editions()
        self.into.notes.append(f"Schedule: {table.file}, {counted(rows, 'row')} in force on {self.date}.")

    def _in_force(self, table: Table) -> None:
        """Only rows of the day: `since` is a row's first day and `until` its last. Without them, rows of the year."""
        for role, test in (("since", "<="), ("until", ">=")):
            if role not in table.columns:
                continue
            text = table.text[role]
            with self.store.reading(table.source):
                row, shown = table.first(f"{text} IS NOT NULL AND try_cast({text} AS DATE) IS NULL", show=text)
            if row:
                name = table.columns.name(role)
                raise TableError(f"{table.where}, row {row}: {name} is {shown!r}; a date such as 2025-04-03 is needed")
            table.only(f"coalesce(try_cast({text} AS DATE) {test} ?::DATE, true)", self.date)
        if "year" in table.columns and not {"since", "until"} & set(table.columns.position):
            table.of_year(self.date.year, alone=True)

    def _rate_columns(self, table: Table) -> Iterator[tuple[str, str | None]]:
        """Roles of the columns that hold rates, and the kind that each says."""
        if "rate" in table.columns:
            yield "rate", None if "kind" in table.columns else self.kind
        else:
            yield from ((name, name) for name in KINDS if name in table.columns)

    def _read(self, table: Table, role: str) -> int:
        """Rows into raw: names as written, the rate as a number, and what is written where it is text."""
        nothing = "CAST(NULL AS VARCHAR)"
        number = table.source.numbers[table.columns.position[role]]
        parts = {
            "importer": table.text.get("importer", "CAST(? AS VARCHAR)"),
            "partner": table.text.get("exporter", nothing),
            "product": table.text["product"],
            "authority": table.text.get("authority", nothing),
            "kind": f"lower({table.text['kind']})" if "kind" in table.columns else nothing,
            "written": nothing if number else table.text[role],
            "rate": table.number(role) if number else RATE,
        }
        rows = table.read(parts, [] if "importer" in table.columns else [self.importer])
        table.refuse_empty("product")
        return rows

    def _check_rates(self, table: Table, role: str) -> None:
        """Raises `TableError` for negative rates and for percentages taken for fractions; notes what is no number."""
        unit = RATE_UNITS[self.unit or table.columns.unit or "fraction"]
        column = table.text[role]
        number = f"coalesce(try_cast(rtrim({column}, '% ') AS DOUBLE), 0)"
        negative, comma, over, unusual, highest, positive, blank, words = self.store.row(
            f"""
            SELECT count(*) FILTER (rate < 0 OR NOT isfinite(rate)),
                   count(*) FILTER (rate IS NULL AND regexp_full_match(written, '{DECIMAL_COMMA}')),
                   count(*) FILTER (NOT {SAYS_PERCENT} AND rate * {unit!r} > {LARGEST_BARE_NUMBER!r}),
                   count(*) FILTER (NOT {SAYS_PERCENT} AND rate * {unit!r} > 1),
                   max(rate * {unit!r}) FILTER (NOT {SAYS_PERCENT}),
                   count(*) FILTER (rate > 0),
                   count(*) FILTER (rate IS NULL AND written IS NULL),
                   count(*) FILTER (rate IS NULL AND written IS NOT NULL)
            FROM raw"""
        )
        if negative:
            row, shown = table.first(f"{number} < 0 OR NOT isfinite({number})", show=column)
            raise TableError(f"{table.where}, row {row}: a rate of {shown}; a number from 0 on is needed")
        if comma:
            row, shown = table.first(f"regexp_full_match({column}, '{DECIMAL_COMMA}')", show=column)
            raise TableError(f"{table.where}, row {row}: the rate is {shown!r}; decimals take a point, as in '2.5%'")
        if unit == 1.0 and (over or unusual > positive / 2):
            least = LARGEST_BARE_NUMBER if over else 1.0
            row, shown = table.first(f"try_cast({column} AS DOUBLE) > {least!r}", show=column)
            raise TableError(
                f"{table.where}, row {row}: a rate of {shown} is {100 * float(shown):,.0f}%. Rates are fractions "
                f"(0.25) or say percent ('25%'); where the whole column is in percent, say so: --rates percent "
                f"(rates='percent')"
            )
        if unusual and unit == 1.0:
            said = f"{counted(unusual, 'rate')} above 1, the highest {highest:g}, read as {100 * highest:,.0f}%"
            warnings.warn(f"{table.where}: {said}", UnusualRate, stacklevel=2)
        if blank:
            self.into.notes.append(f"{table.where}: {counted(blank, 'row')} without a rate left out.")
        if words:
            query = "SELECT DISTINCT written FROM raw WHERE rate IS NULL AND written IS NOT NULL ORDER BY 1 LIMIT 6"
            shown = listed([str(text) for (text,) in self.store.rows(query)])
            left_out = f"{counted(words, 'row')} with duties that are not ad valorem left out: {shown}"
            self.into.notes.append(f"{table.where}: {left_out}.")
        if unit != 1.0:
            self.store.run(f"UPDATE raw SET rate = rate * {unit!r} WHERE NOT {SAYS_PERCENT}")

    def _fill(self, table: Table, kind: str | None) -> None:
        """From raw to sched, by positions."""
        if "importer" not in table.columns and self.importer is None and self._importers() > 1:
            raise TableError(f"{table.where}: no column 'importer', and the trade table has several; add it")
        ids = {
            role: {name: _position(self.into.labels, label) for name, label in found.items()}
            for role, found in (
                ("importer", table.looked_up("importer", self.places.label)),
                ("partner", self._partners(table)),
            )
        }
        codes, notes = table.codes(EVERY_PRODUCT)
        self.into.notes += notes
        at = {code: k for k, code in enumerate(self.into.codes)}
        for code in codes.values():
            at.setdefault(code, len(at))
        self.into.codes[:] = at
        slots = self._slots(table, kind)
        self.into.loaded.append(Loaded(table, ids["partner"], {c: at[code] for c, code in codes.items()}, slots))
        named = {"name": "VARCHAR", "id": "INTEGER"}
        for role, found in ids.items():
            self.store.fill(f"{role}_name", named, [list(found), list(found.values())])
        self.store.fill(
            "code_name",
            {**named, "chapter": "UTINYINT"},
            [list(codes), [at[code] for code in codes.values()], [int(code[:2] or 0) for code in codes.values()]],
        )
        self.store.fill(
            "slot_name",
            {"authority": "VARCHAR", "kind": "VARCHAR", "id": "UTINYINT"},
            [[a for a, _ in slots], [k for _, k in slots], list(slots.values())],
        )
        self.store.run(
            "CREATE TABLE IF NOT EXISTS sched (importer INTEGER, partner INTEGER, product INTEGER, chapter UTINYINT, "
            "slot UTINYINT, rate DOUBLE)"
        )
        self.store.run(
            """
            INSERT INTO sched
            SELECT importer_name.id, partner_name.id, code_name.id, code_name.chapter, slot_name.id, rate
            FROM raw JOIN importer_name ON raw.importer IS NOT DISTINCT FROM importer_name.name
            JOIN partner_name ON raw.partner IS NOT DISTINCT FROM partner_name.name
            JOIN code_name ON raw.product = code_name.name
            JOIN slot_name ON raw.authority IS NOT DISTINCT FROM slot_name.authority
                          AND raw.kind IS NOT DISTINCT FROM slot_name.kind
            WHERE rate IS NOT NULL"""
        )
        for name in ("importer_name", "partner_name", "code_name", "slot_name"):
            self.store.run(f"DROP TABLE {name}")

    def _importers(self) -> int:
        return int(self.store.row("SELECT count(DISTINCT importer) FROM trade")[0])

    def _partners(self, table: Table) -> dict[Any, str]:
        """The column is called exporter among roles, as in tables of trade."""
        if "exporter" not in table.columns:
            return {None: self.places.label(None, table.where)}
        table.text["partner"] = table.text["exporter"]
        return table.looked_up("partner", self.places.label)

    def _slots(self, table: Table, kind: str | None) -> dict[tuple[Any, Any], int]:
        """By what is written of authority and kind, the slot; none for authorities that are not in force."""
        slots: dict[tuple[Any, Any], int] = {}
        gone: list[str] = []
        for written in self.store.rows("SELECT DISTINCT authority, kind FROM raw ORDER BY ALL"):
            said = self._kind(table, written[0], written[1], kind)
            authority = self._authority(table, written[0], said)
            if said == "bound":
                slots[written] = _position(self.into.slots, (said, ""))
            elif authority.on(self.date):
                slots[written] = _position(self.into.slots, (said, authority.id))
            else:
                until = authority.until is not None and authority.until <= self.date
                days = f"until {authority.until}" if until else f"from {authority.since}"
                gone.append(f"{authority.title or authority.id} ({days})")
        if gone:
            self.into.notes.append(
                f"{table.where}: rows of authorities that are not in force on {self.date} left out: {listed(gone)}."
            )
        return slots

    def _kind(self, table: Table, authority: str | None, written: str | None, kind: str | None) -> str:
        if authority is not None and authority.casefold() in BOUND_TYPES:
            return "bound"
        if kind is not None:
            return kind
        if written in KIND_NAMES:
            return KIND_NAMES[written]
        row, _ = table.first(f"lower({table.text['kind']}) IS NOT DISTINCT FROM ?", written)
        raise TableError(f"{table.where}, row {row}: the kind is {written or 'empty'!r}; {', '.join(KINDS)} are known")

    def _authority(self, table: Table, written: str | None, kind: str) -> Authority:
        """A blank one is the base; of bound rates it does not matter."""
        if written is None or kind == "bound":
            return self.stacking.base
        try:
            return self.stacking.find(written)
        except UnknownNameError:
            row, _ = table.first(f"{table.text['authority']} = ?", written)
            return self.stacking.find(written, f"{table.where}, row {row}")


def _position(among: list[Any], what: Any) -> int:
    if what not in among:
        among.append(what)
    return among.index(what)
