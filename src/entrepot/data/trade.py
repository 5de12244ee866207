"""Tables of trade by product, of any publisher, as imports by importer, partner and product in the store.

Imports are the rows of the flow M; on request, exports are mirrored (the partner imports from the reporter).
Re-imports, re-exports and domestic exports are parts of M and X; they are left out and counted, as is trade of a
country with itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entrepot.data import totals
from entrepot.data.amounts import percent
from entrepot.data.duckdb_store import Store, placeholders
from entrepot.data.layouts import MOST_OTHERS, TRANSPORT, recognised_as, trade_columns
from entrepot.data.number_formats import Decimal
from entrepot.data.place_columns import Placing, place_all, refuse_totals_alone, refuse_unknown
from entrepot.data.source_table import SourceTable, column_name, tidied
from entrepot.data.trade_rows import Flow, choose_flow, choose_period, refuse_classifications, short_period_notes
from entrepot.data.trade_units import is_quantity, millions_per_unit, refuse_mixed_numbers
from entrepot.economy.geography import UNSPECIFIED, Place, find_place
from entrepot.errors import TableError
from entrepot.words import counted, dollars, listed

#: Products that are not codes are left out of a user's own table up to this share of trade.
CODELESS = 0.01
#: Imports of a year in millions of US dollars: some four times those of the world in 2022.
MOST_IMPORTS = 1e8


@dataclass(frozen=True)
class Trade:
    """The places and products that the store's tables refer to by position.

    The table flow (importer, exporter, product, value in US$ million) is without totals and without trade of a country
    with itself, which is in the table own. `notes` states decisions, repairs and what was left out.
    """

    places: tuple[Place, ...]
    products: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]
    editions: tuple[str, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Codes of the places, by position."""
        return tuple(place.code for place in self.places)


@dataclass(frozen=True, kw_only=True)
class TradeSelection:
    """The part of a table of trade to read, and how to read it.

    known         codes of the Economy, which may also be names in the table
    day           the day that decides the members of the European Union
    importer      the importer, if no column states it; otherwise the importer to select
    year          year of the data
    flow          "exports" mirrors exports to imports of the partner
    unit          unit of values, if the table does not state it (VALUE_UNITS)
    usd_per_unit  exchange rate of values in another currency
    decimal       decimal sign, if the table leaves it open
    """

    known: tuple[str, ...]
    day: datetime.date
    importer: str | None = None
    year: int | None = None
    flow: Flow = "imports"
    unit: str | None = None
    usd_per_unit: float | None = None
    decimal: Decimal | None = None


def load_trade(store: Store, given: Any, selection: TradeSelection) -> Trade:
    """Fill the tables flow and own from a table of trade (see `Trade`).

    Raises `TableError` or `DocumentError` with the file, the row and the remedy.
    """
    source = store.source(given, "trade", recognises=recognised_as("trade"), year=selection.year)
    source, layout = tidied(store, source, "trade")
    table = SourceTable(store, source, trade_columns(source.names, source.where, layout), selection.decimal)
    table.keep_only()
    spans = choose_period(table, selection.year)
    turned = choose_flow(table, selection.flow)
    refuse_classifications(table)
    rows = _read_parts(table, selection, turned, spans)
    trade = _flows(store, table, selection, rows, turned)
    store.run("DROP TABLE raw")
    return trade


# ---- rows to parts of flows ----


def _read_parts(table: SourceTable, selection: TradeSelection, turned: bool, spans: dict[str, tuple[int, int]]) -> int:
    """Fill the table part from the selected rows; return their number.

    Its columns are importer, exporter, product as written, value in US$ million, and breakdowns.
    """
    if "importer" not in table.columns and selection.importer is None and table.columns.layout.importer is None:
        raise TableError(
            f"{table.where}: no column 'importer'; add it, or give the importer: --importer USA (importer=)"
        )
    table.refuse_empty("importer", "exporter", "product")
    amount = table.number("value")
    refuse_mixed_numbers(table, [role for role in table.columns.position if _is_other(role)])
    million = millions_per_unit(table, selection.unit, selection.usd_per_unit)
    _check_values(table, amount)
    stated = selection.importer or table.columns.layout.importer
    sides = [table.place("importer") if "importer" in table.columns else "CAST(? AS VARCHAR)", table.place("exporter")]
    parameters = [] if "importer" in table.columns else [stated]
    if turned and "importer" not in table.columns:
        raise TableError(f"{table.where}: exports cannot be mirrored without a column of exporters")
    importer, exporter = reversed(sides) if turned else sides
    breakdowns = _breakdowns(table)
    periods = ["year"] if spans else []
    more = "".join(f", {table.text[role]} AS {column_name(role)}" for role in (*breakdowns, *periods))
    table.store.run(
        f"CREATE OR REPLACE TABLE part AS SELECT {importer} AS importer, {exporter} AS exporter, "
        f"{table.text['product']} AS product, {amount} * {million} AS value{more} "
        f"FROM raw WHERE {table.when} AND NOT {table.missing('value')}",
        [*parameters, *table.chosen],
    )
    rows = int(table.store.row("SELECT count(*) FROM part")[0])
    if not rows:
        raise TableError(
            f"{table.where}: the table has no rows{f' of {selection.year}' if selection.year is not None else ''}"
        )
    keys = ["importer", "exporter", "product"]
    marks = {column_name(role): texts for role, texts in breakdowns.items()}
    names = {column_name(role): repr(table.columns.name(role)) for role in breakdowns if _is_other(role)}
    marks = _adding_up(table.store, marks, names, [*keys, *periods])
    found = totals.without_breakdowns(table.store, marks, keys, periods, names)
    if TRANSPORT in marks:
        others = [column for column in marks if column != TRANSPORT]
        found += totals.without_levels(table.store, TRANSPORT, "transport", [*keys, *periods, *others])
    if spans:
        found += totals.without_parts_of_periods(table.store, spans, [*keys, *marks], table.where)
    table.notes += [totals.breakdown_note(table.where, total) for total in found]
    table.notes += short_period_notes(table, spans)
    flows = [*(sides[1:] if parameters else sides), *(table.text[role] for role in ("product", *periods))]
    table.notes += _added_up(table, marks, flows)
    totals.refuse_unmarked_totals(table.store, ", ".join([*keys, *marks, *periods]), table.where)
    return rows


def _check_values(table: SourceTable, amount: str) -> None:
    """Raise `TableError` for the first value that is not numeric or negative; note missing values."""
    missing = table.missing("value")
    bad = f"NOT {missing} AND ({amount} IS NULL OR NOT isfinite({amount}) OR {amount} < 0)"
    row, shown_ = table.first(bad, show=table.text["value"])
    name = table.columns.name("value")
    if row:
        raise TableError(f"{table.where}, row {row}: the {name} is {shown_!r}; a number from 0 on is needed")
    absent = table.count(missing)
    if absent and absent == table.count():
        raise TableError(f"{table.where}: no row has a value in the column {name!r}")
    if absent:
        table.notes.append(f"{table.where}: {counted(absent, 'row')} without a value left out.")


def _is_other(role: str) -> bool:
    """Whether a column has no role of its own ("other 1")."""
    return role.startswith("other ")


def _adding_up(
    store: Store, marks: dict[str, tuple[str, ...]], names: dict[str, str], keys: list[str]
) -> dict[str, tuple[str, ...]]:
    """Select the texts that really mark totals in columns without a role (`names`).

    These are words such as "total", and codes to which the other rows add up.
    """
    found: dict[str, tuple[str, ...]] = {}
    for column, texts in marks.items():
        further = [*keys, *(other for other in marks if other != column)]
        sure = tuple(
            text
            for text in texts
            if column not in names or totals.says_all(text) or totals.adds_up(store, column, text, further)
        )
        if sure:
            found[column] = sure
    return found


def _added_up(table: SourceTable, marks: dict[str, tuple[str, ...]], keys: Sequence[str]) -> list[str]:
    """A note on columns without a role in which rows of one flow differ; these rows were added up."""
    roles = [
        role
        for role in table.columns.position
        if _is_other(role) and column_name(role) not in marks and not is_quantity(table.columns.name(role))
    ]
    if not roles:
        return []
    each = [f"coalesce({table.text[role]}, '')" for role in roles]
    several = ", ".join(f"min({text}) <> max({text}) AS s{k}" for k, text in enumerate(each))
    (differ,) = table.store.rows(
        f"SELECT {', '.join(f'bool_or(s{k})' for k in range(len(roles)))} FROM (SELECT {several} FROM raw "
        f"WHERE {table.when} AND NOT {table.missing('value')} GROUP BY {', '.join(keys)})",
        table.chosen,
    )
    names = [repr(table.columns.name(role)) for role, several_ in zip(roles, differ, strict=True) if several_]
    column = f"the column{'s' if len(names) > 1 else ''} {listed(names, MOST_OTHERS)}"
    return [f"{table.where}: rows of one flow that differ in {column} were added up."] if names else []


def _breakdowns(table: SourceTable) -> dict[str, tuple[str, ...]]:
    """Columns that break flows down, with the texts that mark totals.

    These are columns of the layout, and columns without a role in which a cell reads as a total.
    """
    found = {role: texts for role, texts in table.columns.layout.totals.items() if role in table.columns}
    for role in table.columns.position:
        if _is_other(role):
            marks = [str(text) for text in table.distinct(role) if text is not None and totals.may_say_all(str(text))]
            if marks:
                found[role] = tuple(marks)
    return found


# ---- parts to flows ----


def _flows(store: Store, table: SourceTable, selection: TradeSelection, rows: int, turned: bool) -> Trade:
    """Replace names and codes by positions, add up rows, and delete totals and trade of a country with itself."""
    where, notes = table.where, table.notes
    importers = _placed(store, table, "importer", selection, turned)
    if selection.importer is not None and "importer" in table.columns:
        importers, lost = _of_importer(store, table, importers, selection)
        rows -= lost
    sides = {"importer": importers, "exporter": _placed(store, table, "exporter", selection, turned)}
    places = tuple(dict.fromkeys(place for side in sides.values() for place in side.places.values()))
    at = {place: k for k, place in enumerate(places)}
    for role, side in sides.items():
        store.fill_ids(f"{role}_name", {name: at[place] for name, place in side.places.items()})
    products = _products(store, table)
    store.run(
        """
        CREATE TABLE flow AS
        SELECT importer_name.id AS importer, exporter_name.id AS exporter, product_name.id AS product,
               sum(value) AS value
        FROM part JOIN importer_name ON part.importer = importer_name.name
        JOIN exporter_name ON part.exporter = exporter_name.name JOIN product_name ON part.product = product_name.name
        GROUP BY ALL"""
    )
    for name in ("part", "importer_name", "exporter_name", "product_name"):
        store.run(f"DROP TABLE {name}")
    before = int(store.row("SELECT count(*) FROM flow")[0])
    found = []
    for side_, other in (("exporter", "importer"), ("importer", "exporter")):
        deleted, noted = totals.without_totals_of_places(store, places, side_, other, where)
        found += deleted
        notes += noted
    found += totals.without_totals_of_products(store, products, where)
    notes += [total.note(where) for total in found]
    store.run("CREATE TABLE own AS SELECT * FROM flow WHERE importer = exporter")
    store.run("DELETE FROM flow WHERE importer = exporter")
    flows, value = store.row("SELECT count(*), coalesce(sum(value), 0) FROM flow")
    if flows and not value:
        name = table.columns.name("value")
        raise TableError(f"{where}: the {name} is zero in every row; a table with trade is needed")
    if value > MOST_IMPORTS:
        raise TableError(
            f"{where}: imports add up to US${value / 1e6:,.0f} trillion, more than the world trades; give the unit of "
            f"the column {table.columns.name('value')!r}: --unit usd, usd_k or usd_m (unit=)"
        )
    own_rows, own_value = store.row("SELECT count(*), coalesce(sum(value), 0) FROM own")
    if own_rows:
        notes.append(
            f"{where}: {counted(own_rows, 'flow')} of a country with itself (re-imports), {dollars(own_value)}, "
            f"are not imports from abroad and were left out."
        )
    notes.append(_unspecified(store, places, where, value))
    head = f"Trade: {table.file}, {counted(rows, 'row')}, imports of {dollars(value)}."
    if before < rows:
        head += (
            f" The rows are {counted(before, 'flow')} by importer, partner and product; rows of one flow were added up."
        )
    return Trade(places, products, rows, (head, *filter(None, notes)), table.editions)


def _placed(store: Store, table: SourceTable, side: str, selection: TradeSelection, turned: bool) -> Placing:
    """Look up the names of importers or exporters, weighted by trade; unknown names go to NES, with a note.

    turned  whether exports were mirrored, so that importers are in the column of exporters
    """
    role = {"importer": "exporter", "exporter": "importer"}[side] if turned else side
    query = f"SELECT {side}, sum(value) FROM part GROUP BY 1 ORDER BY 1"
    worth = {str(text): float(value or 0) for text, value in store.rows(query)}
    placing = place_all(worth, selection.known, selection.day, spelt=table.columns.layout.spelt.get(role, {}))
    name = table.columns.name(role) if role in table.columns else role
    published = table.columns.layout.name != "own"
    names = [table.place(one) for one in ("importer", "exporter") if one in table.columns]

    def row_of(text: str) -> int:
        return table.first(" OR ".join(f"{column} = ?" for column in names), *[text] * len(names))[0]

    table.notes += refuse_unknown(placing, table.where, name, "the value", row_of, published=published)
    refuse_totals_alone(placing.places, table.where, name)
    return placing


def _of_importer(
    store: Store, table: SourceTable, importers: Placing, selection: TradeSelection
) -> tuple[Placing, int]:
    """Keep in `part` the rows of the selected importer (for a group, the group and its members); count the others.

    Raises `TableError` if the table does not have it.
    """
    importer = str(selection.importer)
    (place,) = place_all(
        {importer: 1.0}, selection.known, selection.day, spelt=table.columns.layout.spelt.get("importer")
    ).places.values()
    kept = {name: p for name, p in importers.places.items() if p.code == place.code or p.code in place.members}
    others = list(dict.fromkeys(p.code for name, p in importers.places.items() if name not in kept))
    if not kept or (place.code == UNSPECIFIED and find_place(importer) is None):
        raise TableError(
            f"{table.where}: the importer {importer!r} (importer=, --importer) is not in the table; it has "
            f"{listed(others or [p.code for p in kept.values()])}"
        )
    (rows,) = store.row("SELECT count(*) FROM part WHERE NOT list_contains(?, importer)", [list(kept)])
    if others:
        lost = importers.share(tuple(name for name in importers.places if name not in kept))
        store.run("DELETE FROM part WHERE NOT list_contains(?, importer)", [list(kept)])
        table.notes.append(
            f"{table.where}: imports of other importers than {importer} left out ({counted(len(others), 'importer')}: "
            f"{listed(others)}; {percent(lost)} of the value)."
        )
    return Placing(kept, {name: importers.weight[name] for name in kept}, ()), int(rows)


def _unspecified(store: Store, places: Sequence[Place], where: str, value: float) -> str:
    """A note on trade with unspecified partners."""
    at = [k for k, place in enumerate(places) if place.code == UNSPECIFIED]
    if not at:
        return ""
    (part,) = store.row(f"SELECT coalesce(sum(value), 0) FROM flow WHERE importer = {at[0]} OR exporter = {at[0]}")
    share = percent(part / value if value else 0.0)
    return (
        f"{where}: {dollars(part)} ({share} of imports) are with unspecified partners (areas n.e.s., free zones, "
        f"bunkers); they belong to the rest of the world."
        if part
        else ""
    )


def _products(store: Store, table: SourceTable) -> tuple[str, ...]:
    """Codes by position; fills the table product_name. Names that are not codes are left out, with their share."""
    codes, wrong = table.codes()
    if wrong:
        marks = placeholders(wrong)
        lost, total = store.row(
            f"SELECT coalesce(sum(value) FILTER (product IN ({marks})), 0), coalesce(sum(value), 0) FROM part", wrong
        )
        share = lost / total if total else 1.0
        if not codes or (share > CODELESS and table.columns.layout.name == "own"):
            table.refuse_codes(wrong)
        table.notes.append(
            f"{table.where}: products that are not codes of the Harmonized System (confidential or unspecified goods: "
            f"{listed(wrong, 3)}) left out, {dollars(lost)} ({percent(share)} of the value)."
        )
    products = tuple(dict.fromkeys(codes.values()))
    at = {code: k for k, code in enumerate(products)}
    store.fill_ids("product_name", {name: at[code] for name, code in codes.items()})
    return products
