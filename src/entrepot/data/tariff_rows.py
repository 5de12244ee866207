"""Rows of a tariff table that apply to an Economy, as arrays of positions, rates and weights."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from entrepot.data.concordances import bare_code, harmonized, read_concordance
from entrepot.data.duckdb_store import Store
from entrepot.data.duty_tables import ValidOn, check_percentages, open_rates, places_of, rate_roles, read_rates
from entrepot.data.file_lines import with_lines
from entrepot.data.number_formats import Decimal
from entrepot.data.source_table import SourceTable
from entrepot.data.totals import ancestors
from entrepot.economy.equations import Array
from entrepot.economy.geography import ALL, WORLD, labels_of, mid_year, union_on
from entrepot.errors import TableError, UnknownNameError
from entrepot.words import counted, listed

IntArray = np.ndarray[Any, np.dtype[np.intp]]

#: Rank of duties on the same flow and product; the lowest is levied: effectively applied, preferential, MFN.
DUTIES = {"AHS": 0, "PRF": 1, "MFN": 2}
NOT_LEVIED = ("BND",)
_CALLED = {"APPLIED": "AHS", "PREFERENTIAL": "PRF", "PREFERENCE": "PRF", "USMCA": "PRF", "GSP": "PRF", "BOUND": "BND"}

#: The number of countries that WORLD counts for when rows are ordered by the flows that they cover.
EVERY = 10_000


def refuse_percent(levied: Array, where: str) -> None:
    """Raise `TableError` if rates look like percentages, that is if their median is above one."""
    if len(levied) and (median := float(np.median(levied))) > 1:
        raise TableError(
            f"{where}: the median tariff levied is {median:g}, that is {100 * median:,.0f}%. Rates are fractions (0.25 "
            f"for 25%): divide by 100"
        )


@dataclass(slots=True)
class TariffLabels:
    """Labels of importers and exporters: name, positions of its countries, and number of countries it covers."""

    names: list[str] = field(default_factory=list)
    positions: list[IntArray] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)


@dataclass(slots=True)
class TariffRows:
    """A tariff table as arrays with one entry per row: positions of labels and items, rate, weight, rank of duty.

    unrated   positions of importer, exporter and item (-2: all) of rows that state no ad valorem rate
    """

    where: str
    products: bool
    labels: TariffLabels
    importer: IntArray
    exporter: IntArray
    item: IntArray
    duty: IntArray
    rate: Array
    weight: Array
    row: IntArray
    day: datetime.date | None
    items: tuple[str, ...]
    item_sector: IntArray
    notes: list[str]
    unrated: IntArray


def read_rows(
    tariffs: Any,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    year: int | None,
    concordance: Any,
    decimal: Decimal | None = None,
) -> TariffRows:
    """Return the rows of a tariff table for the countries and sectors of an Economy, with notes on the others.

    Raises `TableError` (with the row), `DocumentError`, or `UnknownNameError`.
    """
    with with_lines(tariffs), Store() as store:
        table = open_rates(store, tariffs, "tariffs", ValidOn(year=year), decimal=decimal)
        role = next(role for role, kind in rate_roles(table, "applied") if kind in (None, "applied"))
        rows = read_rates(
            table,
            role,
            None,
            importer=table.columns.layout.importer or WORLD,
            above=-1.0,
            remedy="or divide the column by 100",
        )
        check_percentages(table, role, None, means=True)
        day = _day(table, year)
        notes = _head(table, rows, role, day)
        products = "product" in table.columns
        labels = _labels(store, table, countries, day or datetime.date.today(), notes)
        _duties(store, table, notes)
        items = _items(store, table, products, sectors, concordance, notes)
        found, unrated = _fetched(store, table, notes), _unrated(store)
        notes += [note for note in table.notes if note not in notes]
    return _written_out(table.where, products, labels, found, items, day, notes, unrated)


def _day(table: SourceTable, year: int | None) -> datetime.date | None:
    """The day of the table's rates: the middle of the given year, else of the table's own."""
    if year is None and "year" in table.columns:
        found = table.select(table.text["year"], then="LIMIT 1")
        year = int(str(found[0][0])[:4]) if found else None
    return None if year is None else mid_year(year)


def _head(table: SourceTable, rows: int, role: str, day: datetime.date | None) -> list[str]:
    layout = table.columns.layout
    title = f" ({layout.title})" if layout.name != "own" else ""
    notes = [f"Tariffs: {table.file}{title}, {counted(rows, 'row')} read."]
    if table.columns.unit == "percent":
        notes.append(f"Tariffs: rates are the column {table.columns.name(role)!r}, in percent.")
    if day is None:
        notes.append("Tariffs: the table states no year; unions of countries are those of today.")
    return notes


# ---- labels, duties, items ----


def _labels(
    store: Store, table: SourceTable, countries: tuple[str, ...], day: datetime.date, notes: list[str]
) -> TariffLabels:
    """Fill importer_name and partner_name (name, id) with the labels that cover a country of the Economy."""
    labels = TariffLabels()
    absent: dict[str, int] = {}
    union = False
    for side in ("importer", "partner"):
        counts = dict(store.rows(f"SELECT {side}, count(*) FROM rated GROUP BY 1"))
        column = "exporter" if side == "partner" else side
        if None in counts and column in table.columns:
            table.refuse_empty(column)
        ids: dict[str | None, int] = {}
        for name, place in places_of(table, side, countries, day).items():
            if place.code in countries:
                inside: tuple[str, ...] = (place.code,)
            else:
                inside = countries if place.code == WORLD else labels_of((place.code, *place.members), countries)
            union = union or place.code == union_on(day)
            if inside:
                ids[name] = _label(labels, place.code, inside, place.members)
            else:
                absent[place.name] = absent.get(place.name, 0) + counts[name]
        store.fill_ids(f"{side}_name", ids)
    labels.positions = [np.array([countries.index(c) for c in inside], dtype=np.intp) for inside in labels.positions]
    if absent:
        names = sorted(absent, key=lambda name: -absent[name])
        notes.append(
            f"Tariffs: {counted(sum(absent.values()), 'row')} left out, of places without separate data here "
            f"({len(absent):,}): {listed(f'{name} ({absent[name]:,})' for name in names)}."
        )
    if union:
        notes.append(f"Tariffs: the European Union is read as {union_on(day)}.")
    return labels


def _label(labels: TariffLabels, name: str, inside: tuple[str, ...], members: tuple[str, ...]) -> int:
    """The position of a label, which is added if new. `positions` contains codes until all labels are known."""
    if name not in labels.names:
        labels.names.append(name)
        labels.positions.append(inside)  # type: ignore[arg-type]
        labels.widths.append(EVERY if name == WORLD else 1 if inside == (name,) else len(members))
    return labels.names.index(name)


def _duties(store: Store, table: SourceTable, notes: list[str]) -> None:
    """Fill duty_name (name, id) with the ranks of duties; rows of duties not levied are left out and counted."""
    spelt = table.columns.layout.spelt.get("authority", {})
    counts = dict(store.rows("SELECT authority, count(*) FROM rated GROUP BY 1 ORDER BY 1"))
    kinds = dict(store.rows("SELECT kind, count(*) FROM rated GROUP BY 1 ORDER BY 1"))
    ranks: dict[str | None, int] = {}
    unlevied: dict[str, int] = {}
    for name, rows in counts.items():
        duty = spelt.get(name, name or "AHS").strip().upper()
        duty = _CALLED.get(duty, duty)
        if duty not in (*DUTIES, *NOT_LEVIED):
            row, _ = table.first(f"{table.text['authority']} = ?", name)
            raise TableError(
                f"{table.where}, row {row}: unknown duty type {name!r}; known: {', '.join((*DUTIES, *NOT_LEVIED))}"
            )
        if duty in NOT_LEVIED:
            unlevied[name] = rows
        else:
            ranks[name] = DUTIES[duty]
    store.fill_ids("duty_name", ranks)
    other = {kind: rows for kind, rows in kinds.items() if kind not in (None, "applied", "mfn")}
    store.run("DELETE FROM rated WHERE kind IS NOT NULL AND kind NOT IN ('applied', 'mfn')")
    if unlevied or other:
        rows = sum(unlevied.values()) + sum(other.values())
        notes.append(f"Tariffs: {counted(rows, 'row')} of duties not levied left out: {listed({**unlevied, **other})}.")


def _items(
    store: Store,
    table: SourceTable,
    products: bool,
    sectors: tuple[str, ...],
    concordance: Any,
    notes: list[str],
) -> tuple[tuple[str, ...], IntArray]:
    """Names and sectors of the items; fills item_name (name, id), where -2 means all sectors."""
    counts = dict(store.rows("SELECT trim(product), count(*) FROM rated GROUP BY 1 ORDER BY min(row)"))
    by_folded = {s.casefold(): j for j, s in enumerate(sectors)} | {ALL.casefold(): -2}
    place = {name: by_folded.get(str(name).casefold(), -1) for name in counts}
    of_all = all(k == -2 for k in place.values())
    if not products or of_all or (concordance is None and all(k != -1 for k in place.values())):
        strange = next((name for name, k in place.items() if k == -1), None)
        if strange is not None:
            role = "product" if products else "sector"
            row, _ = table.first(f"{table.text[role]} = ?", strange)
            raise UnknownNameError("sector", strange, sectors, f"{table.where}, row {row}")
        store.fill_ids("item_name", place)
        return sectors, np.arange(len(sectors))
    if concordance is None:
        raise TableError(
            f"{table.where}: its rows are products ({listed(counts, 3)}), not sectors; give a concordance: a table "
            f"(product, sector)"
        )
    names = [name for name, k in place.items() if k != -2]
    read = read_concordance(concordance, sectors=sectors)
    notes += read.notes
    sector = read.positions(names, sectors)
    lost = [name for name, j in zip(names, sector, strict=True) if j < 0]
    if len(lost) == len(place):
        raise TableError(f"{table.where}: the concordance has no sector for any product ({listed(names, 3)})")
    if lost:
        rows = sum(counts[name] for name in lost)
        notes.append(
            f"Tariffs: {counted(rows, 'row')} of {counted(len(lost), 'product')} missing from the concordance left "
            f"out: {listed(lost)}."
        )
    kept = [name for name, j in zip(names, sector, strict=True) if j >= 0]
    ids = {name: k for k, name in enumerate(kept)} | {name: -2 for name, k in place.items() if k == -2}
    store.fill_ids("item_name", ids)
    _without_headings(store, kept, notes)
    # a row for all products also applies to sectors without a product in the table
    bare = [j for j in range(len(sectors)) if -2 in place.values() and j not in sector]
    items = (*kept, *(f"all of {sectors[j]}" for j in bare))
    return items, np.concatenate([sector[sector >= 0], np.array(bare, dtype=np.intp)])


def _without_headings(store: Store, codes: list[str], notes: list[str]) -> None:
    """Delete rates of headings if the table has their finer lines for the same flow; they are means of these."""
    bare = [harmonized(bare_code(code)) for code in codes]
    pairs = ancestors([code if code.isdigit() else f"-{code}" for code in bare])
    if not pairs:
        return
    store.fill("above", {"code": "INTEGER", "beginning": "INTEGER"}, list(zip(*pairs, strict=True)))
    store.run(
        "CREATE TABLE heading AS SELECT DISTINCT finer.importer, finer.partner, finer.authority, item_name.name "
        "FROM rated AS finer JOIN item_name AS own ON own.name = trim(finer.product) JOIN above ON above.code = own.id "
        "JOIN item_name ON item_name.id = above.beginning"
    )
    under = (
        "EXISTS (SELECT 1 FROM heading WHERE heading.name = trim(rated.product) AND heading.importer IS NOT DISTINCT "
        "FROM "
        "rated.importer AND heading.partner IS NOT DISTINCT FROM rated.partner AND heading.authority IS NOT DISTINCT "
        "FROM rated.authority)"
    )
    (rows,) = store.row(f"SELECT count(*) FROM rated WHERE {under}")
    if rows:
        store.run(f"DELETE FROM rated WHERE {under}")
        notes.append(
            f"Tariffs: {counted(rows, 'row')} of headings whose finer lines the table also has left out of the means."
        )
    store.run("DROP TABLE above")
    store.run("DROP TABLE heading")


# ---- arrays ----

#: SQL that joins the rows of `rated` with the positions of their importer, exporter, duty and item.
_PLACED = " ".join(
    [
        *(
            f"JOIN {name}_name ON rated.{column} IS NOT DISTINCT FROM {name}_name.name"
            for name, column in (("importer", "importer"), ("partner", "partner"), ("duty", "authority"))
        ),
        "JOIN item_name ON item_name.name = trim(rated.product)",
    ]
)


def _unrated(store: Store) -> IntArray:
    """Positions [row, 3] of importer, exporter and item of rows without an ad valorem rate."""
    found = store.rows(
        f"SELECT DISTINCT importer_name.id, partner_name.id, item_name.id FROM rated {_PLACED} WHERE rate IS NULL "
        f"ORDER BY ALL"
    )
    return np.array(found, dtype=np.intp).reshape(-1, 3)


def _fetched(store: Store, table: SourceTable, notes: list[str]) -> dict[str, Any]:
    """Rows with a rate and known places, by position; rows that repeat another one are left out."""
    query = (
        "SELECT importer_name.id AS importer, partner_name.id AS exporter, item_name.id AS item, duty_name.id AS "
        "duty, "
        f"rate, any_value(weight) AS weight, min(row) AS row, count(*) AS times FROM rated {_PLACED} "
        "WHERE rate IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY row"
    )
    frame = store.frame(query)
    if frame.empty:
        reasons = " ".join(note.removeprefix("Tariffs: ") for note in (*notes[1:], *table.notes))
        raise TableError(f"{table.where}: no row applies to these countries and sectors. {reasons}")
    again = int((frame["times"] - 1).sum())
    if again:
        notes.append(f"Tariffs: {counted(again, 'row')} given again with the same rate.")
    return {name: frame[name].to_numpy() for name in frame.columns}


def _written_out(
    where: str,
    products: bool,
    labels: TariffLabels,
    found: Mapping[str, Any],
    items: tuple[tuple[str, ...], IntArray],
    day: datetime.date | None,
    notes: list[str],
    unrated: IntArray,
) -> TariffRows:
    """Expand rows for ALL sectors to one per item; `duty` ranks them behind a row for the item itself."""
    every = found["item"] == -2
    names = items[0]
    repeats = np.where(every, len(names), 1)
    taken = np.repeat(np.arange(len(every)), repeats)
    item = found["item"][taken]
    item[every[taken]] = np.tile(np.arange(len(names)), int(every.sum()))
    duty = found["duty"][taken] + np.where(every[taken], len(DUTIES), 0)
    return TariffRows(
        where=where,
        products=products,
        labels=labels,
        importer=found["importer"][taken].astype(np.intp),
        exporter=found["exporter"][taken].astype(np.intp),
        item=item.astype(np.intp),
        duty=duty.astype(np.intp),
        rate=found["rate"][taken].astype(float),
        weight=found["weight"][taken].astype(float),
        row=found["row"][taken].astype(np.intp),
        day=day,
        items=names,
        item_sector=items[1],
        notes=notes,
        unrated=unrated,
    )
