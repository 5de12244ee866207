"""Bilateral tariffs [j,n,i] from tables: the row that applies to each flow, and means over products by sector."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.amounts import percent, percent_of
from entrepot.data.number_formats import Decimal
from entrepot.data.row_checks import negative_note
from entrepot.data.tariff_rows import DUTIES, EVERY, IntArray, TariffRows, read_rows, refuse_percent
from entrepot.economy.equations import Array
from entrepot.economy.geography import customs_unions, groups, labels_of
from entrepot.errors import TableError
from entrepot.words import counted, listed


def tariff_array(
    tariffs: Any,
    countries: Sequence[str],
    sectors: Sequence[str],
    *,
    year: int | None = None,
    concordance: Any = None,
    decimal: Decimal | None = None,
    trade: Array | None = None,
) -> tuple[Array, tuple[str, ...]]:
    """Return tariffs [j,n,i] as fractions, zero on own sales, and notes on assumptions.

    The notes state the share of `trade` [j,n,i], where it is given, of the flows that have no rate.

    `tariffs` is None (all zero), an array of that shape, or any table (see `entrepot.data.opening`), the user's own or
    in a published layout (see `entrepot.data.layouts`). Importer and exporter are codes, names or groups; the exporter
    WORLD (or MFN) is every partner without its own row. Of several rows for a flow, the one that covers the fewest
    flows applies. WORLD rows do not apply to trade inside a customs union. Products become sectors by `concordance`, a
    table (product, sector) whose product is a code or the beginning of one (the longest match applies): the tariff of a
    sector is the mean over its products with a rate, weighted by trade value if the table has it. Raises `TableError`
    (with the row), `DocumentError` for an unreadable file, `UnknownNameError` for an unknown sector.
    """
    countries, sectors = tuple(countries), tuple(sectors)
    shape = (len(sectors), len(countries), len(countries))
    if tariffs is None:
        return np.zeros(shape), ("Tariffs: none given; all are zero.",)
    if isinstance(tariffs, np.ndarray):
        return _given_array(tariffs, shape), ("Tariffs: given as an array.",)
    table = read_rows(tariffs, countries, sectors, year, concordance, decimal)
    return _fill(table, countries, sectors, trade)


def _given_array(tariffs: np.ndarray[Any, Any], shape: tuple[int, ...]) -> Array:
    if tariffs.shape != shape or tariffs.dtype.kind not in "fiu":
        raise TableError(f"tariffs: an array of numbers of shape {shape} is needed, not {tariffs.shape}")
    array = tariffs.astype(float)
    if not np.isfinite(array).all() or (array <= -1).any():
        j, n, i = np.argwhere(~np.isfinite(array) | (array <= -1))[0]
        raise TableError(f"tariffs: [{j}, {n}, {i}] is {array[j, n, i]:g}; a number above -1 is needed")
    if array[:, range(shape[1]), range(shape[1])].any():
        raise TableError("tariffs: a tariff on own sales; the diagonal of [n, i] must be 0")
    refuse_percent(array[array > 0], "tariffs")
    return array


# ---- from rows to the array ----


def _fill(
    rows: TariffRows, countries: tuple[str, ...], sectors: tuple[str, ...], trade: Array | None
) -> tuple[Array, tuple[str, ...]]:
    """Fill the array by importer: the widest rows first, then narrower ones over them, then means by sector."""
    size = len(countries)
    widths = np.array(rows.labels.widths, dtype=np.int64)
    width = widths[rows.importer] * widths[rows.exporter] * 2 * len(DUTIES) + rows.duty
    _refuse_twice(rows, countries)
    everyone = (widths[rows.exporter] == EVERY) | (widths[rows.importer] == EVERY)
    union = _union_pairs(countries, rows.day or datetime.date.today())
    tariff, present = np.zeros((len(sectors), size, size)), np.zeros((len(sectors), size, size), dtype=bool)
    weighted = rows.products and bool(np.isfinite(rows.weight).any())
    simple = 0
    order = np.lexsort((rows.importer, rows.exporter, -width))
    covers = np.zeros((len(widths), size), dtype=bool)
    for k, positions in enumerate(rows.labels.positions):
        covers[k, positions] = True
    for n in range(size):
        mine = order[covers[rows.importer[order], n]]
        if not len(mine):
            continue
        rate, weight, broad = _one_importer(rows, n, mine, width, everyone, union[n])
        tariff[:, n], present[:, n], unweighted = _by_sector(
            rate, weight if weighted else None, broad, rows, len(sectors)
        )
        simple += unweighted
    own = np.arange(size)
    present[:, own, own] = True
    notes = [
        *rows.notes,
        *_notes(rows, present, union, weighted, simple, countries, trade),
        *_unrated_note(rows, present, union, countries, sectors, trade),
        *negative_note(tariff, "Tariffs"),
    ]
    return tariff, tuple(notes)


def _refuse_twice(rows: TariffRows, countries: tuple[str, ...]) -> None:
    labels = len(rows.labels.positions)
    key = ((rows.importer * labels + rows.exporter) * len(rows.items) + rows.item) * 2 * len(DUTIES) + rows.duty
    twice = pd.Series(key).duplicated().to_numpy()
    if twice.any():
        at = int(np.argmax(twice))
        first = int(np.argmax(key == key[at]))
        who, whom = rows.labels.names[rows.importer[at]], rows.labels.names[rows.exporter[at]]
        raise TableError(
            f"{rows.where}, row {rows.row[at]} ({who}, {whom}, {rows.items[rows.item[at]]}): row {rows.row[first]} "
            "has another rate for the same flow "
            f"({rows.rate[first]:g} and {rows.rate[at]:g}); keep one"
        )
    single = np.array([len(p) == 1 and w == 1 for p, w in zip(rows.labels.positions, rows.labels.widths, strict=True)])
    place = np.array([p[0] if len(p) else -1 for p in rows.labels.positions])
    own = single[rows.importer] & single[rows.exporter] & (place[rows.importer] == place[rows.exporter])
    if (own & (rows.rate != 0)).any():
        at = int(np.argmax(own & (rows.rate != 0)))
        raise TableError(
            f"{rows.where}, row {rows.row[at]}: a tariff of {rows.rate[at]:g} on own sales of "
            f"{countries[place[rows.importer[at]]]}; it must be 0"
        )


def _one_importer(
    rows: TariffRows,
    n: int,
    mine: IntArray,
    width: IntArray,
    everyone: np.ndarray[Any, Any],
    union: np.ndarray[Any, Any],
) -> tuple[Array, Array, np.ndarray[Any, Any]]:
    """Rates and weights [item, exporter] of importer n, NaN without a row; and whether the row is of a group."""
    shape = (len(rows.items), len(union))
    rate, weight = np.full(shape, np.nan), np.full(shape, np.nan)
    level, broad = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=bool)
    contested = np.zeros(shape, dtype=np.int64)
    edges = np.flatnonzero(np.diff(width[mine]) | np.diff(rows.exporter[mine])) + 1
    for block in np.split(mine, edges):
        columns = rows.labels.positions[rows.exporter[block[0]]]
        columns = columns[columns != n]
        if everyone[block[0]]:
            columns = columns[~union[columns]]
        if not len(columns):
            continue
        cells = np.ix_(rows.item[block], columns)
        rates, here = rows.rate[block][:, None], width[block[0]]
        clash = (level[cells] == here) & ((rate[cells] != rates) | (contested[cells] > 0))
        contested[cells] = np.where(clash, rows.row[block][:, None], 0)
        rate[cells], weight[cells], level[cells] = rates, rows.weight[block][:, None], here
        broad[cells] = rows.labels.widths[rows.exporter[block[0]]] > 1
    if contested.any():
        raise TableError(
            f"{rows.where}, row {contested[contested > 0][0]}: another row that covers as many flows gives a different "
            f"rate for the same flow; write a row for the flow itself"
        )
    return rate, weight, broad


def _by_sector(
    rate: Array, weight: Array | None, broad: np.ndarray[Any, Any], rows: TariffRows, sectors: int
) -> tuple[Array, np.ndarray[Any, Any], int]:
    """Means [sector, exporter] over items with a rate, which cells have one, and the number of simple means.

    A row for a group of exporters states the trade of the group, which is not comparable with that of one exporter: it
    is used as a weight only if the exporter has no row with trade.
    """
    known = np.isfinite(rate)
    member = np.zeros((sectors, len(rows.items)))
    member[rows.item_sector, np.arange(len(rows.items))] = 1.0
    filled = np.where(known, rate, 0.0)
    count = member @ known
    mean = np.divide(member @ filled, count, out=np.zeros_like(count), where=count > 0)
    if weight is None:
        return mean, count > 0, 0
    heavy = np.where(known & np.isfinite(weight), weight, 0.0)
    for part in (heavy, np.where(broad, 0.0, heavy)):
        total = member @ part
        mean = np.divide(member @ (filled * part), total, out=mean, where=total > 0)
    return mean, count > 0, int(((count > 0) & (member @ heavy <= 0)).sum())


def _union_pairs(countries: tuple[str, ...], day: datetime.date) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """True [n,i] where both are in one customs union on a day."""
    together = np.zeros((len(countries), len(countries)), dtype=bool)
    for union in customs_unions(day):
        members = labels_of(groups()[union]["members"], countries)
        inside = np.array([country in members for country in countries])
        together |= np.outer(inside, inside)
    return together & ~np.eye(len(countries), dtype=bool)


def _unrated_note(
    rows: TariffRows,
    present: np.ndarray[Any, Any],
    union: np.ndarray[Any, Any],
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    trade: Array | None,
) -> Iterator[str]:
    """A note on flows that have rows in the table, none of which states an ad valorem rate."""
    stated = np.zeros(present.shape, dtype=bool)
    importer, exporter, item = rows.unrated.T
    sector = np.where(item == -2, -2, rows.item_sector[np.maximum(item, 0)])
    for n, i, j in np.unique(np.column_stack([importer, exporter, sector]), axis=0):
        where = np.arange(len(sectors)) if j == -2 else [j]
        stated[np.ix_(where, rows.labels.positions[n], rows.labels.positions[i])] = True
    without = stated & ~present & ~union
    lost = np.argwhere(without)
    if len(lost):
        shown = listed(f"{countries[i]} to {countries[n]} in {sectors[j]}" for j, n, i in lost)
        yield (
            f"Tariffs: {counted(len(lost), 'flow')}{_part_of(trade, without)} taken as zero have rows that state no ad "
            f"valorem rate ({shown}): their duty is not known here; give an ad valorem equivalent."
        )


def _part_of(trade: Array | None, flows: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    """The share of trade [j,n,i] between countries that some flows are, in brackets; "" where it is not known."""
    foreign = 0.0 if trade is None else np.where(np.eye(trade.shape[1], dtype=bool), 0.0, trade)
    total = float(np.sum(foreign))
    return f" ({percent(float((foreign * flows).sum()) / total)} of trade between countries)" if total > 0 else ""


def _notes(
    rows: TariffRows,
    present: np.ndarray[Any, Any],
    union: np.ndarray[Any, Any],
    weighted: bool,
    simple: int,
    countries: tuple[str, ...],
    trade: Array | None,
) -> Iterator[str]:
    foreign = ~np.eye(len(countries), dtype=bool)
    free = union & ~present.any(axis=0)
    if free.any():
        yield f"Tariffs: zero inside customs unions, {int(free.sum()):,} pairs of countries without a row of their own."
    pairs = foreign & ~free & ~present.any(axis=0)
    cells = np.broadcast_to(foreign & ~free, present.shape) & ~present
    if cells.any():
        total, bare_pairs = int((foreign & ~free).sum()), int(pairs.sum())
        yield (
            f"Tariffs: {int(cells.sum()):,} flows have no row and are taken as zero{_part_of(trade, cells)}; "
            f"{bare_pairs:,} of {total:,} pairs of countries ({percent_of(bare_pairs, total)}) have none at all."
        )
    bare = [code for n, code in enumerate(countries) if pairs[n].any() and not present[:, n][:, foreign[n]].any()]
    if bare:
        yield f"Tariffs: importers without any row: {listed(bare)}."
    if rows.products and len(rows.items) > 0 and not np.array_equal(rows.item_sector, np.arange(len(rows.items))):
        how = "weighted by trade value" if weighted else "simple: the table has no trade values"
        yield f"Tariffs: sectors are the mean of their products that have a rate, {how}."
        if simple:
            yield f"Tariffs: {counted(simple, 'flow')} whose products have no trade value took the simple mean."
