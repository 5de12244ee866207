"""Match trade with the schedule and compute the duty on each line: small tables first, then lines by chapter."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from entrepot.data.concordances import Concordance
from entrepot.data.duckdb_store import Store
from entrepot.data.trade import Trade
from entrepot.economy.equations import Array
from entrepot.economy.geography import ALL, customs_unions
from entrepot.errors import TableError
from entrepot.exposures import sql
from entrepot.exposures.places import covers, members, same_union, within
from entrepot.exposures.schedule import Schedule
from entrepot.exposures.sql import Layer, Slots
from entrepot.exposures.stacking import Authority, Stacking
from entrepot.types import Progress
from entrepot.words import counted, dollars, listed

#: Rows of trade and schedule per batch; memory use grows with it.
BATCH_ROWS = 4_000_000


def layers_of(
    stacking: Stacking, date: datetime.date, present: Sequence[str], units: Sequence[str]
) -> tuple[tuple[Authority, ...], tuple[Layer, ...]]:
    """Return the authorities in the schedule in the order of computation, and their layers for the SQL."""
    order = tuple(a for a in stacking.order(date) if a.id in present)
    position = {a.id: k for k, a in enumerate(order)}
    at = {unit: k for k, unit in enumerate(units)}
    layers = []
    for a in order:
        where = f"stacking {stacking.stacking}: {a.id}"
        levied_on = within(units, a.only, where, date) if a.only else set(units)
        levied_on -= within(units, a.exempt, where, date)
        ceilings = [
            (tuple(sorted(at[u] for u in within(units, c.partners, where, date))), c.rate, c.with_base)
            for c in a.ceilings
            if c.on(date)
        ]
        layers.append(
            Layer(
                position=position[a.id],
                applies=a.applies,
                partners=None if len(levied_on) == len(units) else tuple(sorted(at[u] for u in levied_on)),
                excluded_by=tuple(position[e] for e in stacking.excluders(a, date) if e in position),
                ceilings=tuple(ceilings),
                beyond_bound=a.beyond_bound,
            )
        )
    return order, tuple(layers)


def slots_of(schedule: Schedule, order: Sequence[Authority]) -> Slots:
    """Return the columns of rates: bound, and by authority applied and proposed."""
    position = {a.id: k for k, a in enumerate(order)}
    by_kind: dict[str, dict[int, int]] = {"applied": {}, "proposed": {}}
    bound = None
    for slot, (kind, authority) in enumerate(schedule.slots):
        if kind == "bound":
            bound = slot
        else:
            by_kind[kind][position[authority]] = slot
    return Slots(bound, by_kind["applied"], by_kind["proposed"])


# ---- dimensions ----


def make_dimensions(
    store: Store,
    trade: Trade,
    schedule: Schedule,
    order: Sequence[Authority],
    concordance: Concordance,
    sectors: Sequence[str],
    sigma: Array,
    date: datetime.date,
) -> list[str]:
    """Fill the small tables that join the large ones, and return notes. Raises `TableError` where nothing overlaps."""
    positions = concordance.positions(trade.products, sectors)
    sector = [None if j < 0 else int(j) for j in positions]
    elasticity = [None if j < 0 else float(sigma[j]) for j in positions]
    store.fill(
        "made",
        {"product": "INTEGER", "sector": "INTEGER", "sigma": "DOUBLE"},
        [range(len(trade.products)), sector, elasticity],
    )
    _reach(store, trade, schedule, date)
    notes = _leaves(store, schedule, order)
    _refuse_no_overlap(store, schedule)
    return notes


def _reach(store: Store, trade: Trade, schedule: Schedule, date: datetime.date) -> None:
    """Fill the tables that say which importers and exporters each label covers, with the lengths of its codes."""
    integers = {"unit": "INTEGER", "label": "INTEGER", "width": "INTEGER", "own": "BOOLEAN"}
    found = covers(trade.units, schedule.labels)
    store.fill("cover", integers, list(zip(*found, strict=True)) or [[]] * 4)
    importers = {n for (n,) in store.rows("SELECT DISTINCT importer FROM trade")}
    as_importer = {k for (k,) in store.rows("SELECT DISTINCT importer FROM sched")}
    mine = [row for row in found if row[0] in importers and row[1] in as_importer]
    store.fill("importer_cover", integers, list(zip(*mine, strict=True)) or [[]] * 4)
    inside = sorted({*same_union(trade.units, customs_unions(date))})
    store.fill("inside", {"importer": "INTEGER", "exporter": "INTEGER"}, list(zip(*inside, strict=True)) or [[]] * 2)
    store.fill("tariff_code", {"id": "INTEGER", "code": "VARCHAR"}, [range(len(schedule.codes)), schedule.codes])
    store.run(
        """
        CREATE TABLE reach AS
        WITH pair AS (SELECT DISTINCT importer, exporter FROM trade),
             shape AS (SELECT DISTINCT partner, length(code) AS length FROM sched JOIN tariff_code ON product = id)
        SELECT pair.importer, pair.exporter, cover.label, cover.width, shape.length
        FROM pair JOIN cover ON cover.unit = pair.exporter JOIN shape ON shape.partner = cover.label
        LEFT JOIN inside ON inside.importer = pair.importer AND inside.exporter = pair.exporter
        WHERE inside.importer IS NULL OR cover.own"""
    )


def _leaves(store: Store, schedule: Schedule, order: Sequence[Authority]) -> list[str]:
    """Fill the tariff lines under each product of the trade table, and the schedule codes that each begins with.

    A product that the base schedule divides further is divided equally among its tariff lines, as in simple averages
    of tariffs over national lines; any other product is one line. Returns notes.
    """
    base = [a.id for a in order if a.applies != "adds"]
    lining = [k for k, (kind, authority) in enumerate(schedule.slots) if kind == "bound" or authority in base]
    chosen = ", ".join(map(str, lining or range(len(schedule.slots))))
    store.run(
        f"""
        CREATE TABLE scope AS
        SELECT DISTINCT importer_cover.unit AS importer, tariff_code.id, code FROM sched
        JOIN importer_cover ON sched.importer = importer_cover.label JOIN tariff_code ON sched.product = tariff_code.id
        WHERE slot IN ({chosen})"""
    )
    store.run(
        """
        CREATE TABLE leaf_code AS
        WITH parent AS (
            SELECT DISTINCT importer, substr(code, 1, n) AS code FROM scope, (VALUES (2), (4), (6), (8)) AS lengths(n)
            WHERE n < length(code)),
        last AS (SELECT * FROM scope ANTI JOIN parent USING (importer, code)),
        traded AS (SELECT DISTINCT importer, product, code FROM trade JOIN product ON product = product.id),
        begun AS (
            SELECT *, substr(code, 1, n) AS beginning FROM last, (VALUES (2), (4), (6), (8)) AS lengths(n)
            WHERE n < length(code)),
        under AS (
            SELECT traded.importer, traded.product, begun.code
            FROM traded JOIN begun ON begun.importer = traded.importer AND begun.beginning = traded.code)
        SELECT importer, product, code FROM under
        UNION ALL SELECT importer, product, code FROM traded ANTI JOIN under USING (importer, product)"""
    )
    store.run(
        "CREATE TABLE line_code AS SELECT row_number() OVER (ORDER BY code) - 1 AS id, code FROM "
        "(SELECT DISTINCT code FROM leaf_code)"
    )
    store.run(
        "CREATE TABLE leaf AS SELECT importer, product, line_code.id AS leaf, 1 / count(*) OVER "
        "(PARTITION BY importer, product) AS share FROM leaf_code JOIN line_code USING (code)"
    )
    store.run(
        """
        CREATE TABLE prefix AS
        SELECT line_code.id AS leaf, tariff_code.id AS code, n AS length
        FROM line_code JOIN (VALUES (0), (2), (4), (6), (8), (10)) AS lengths(n) ON n <= length(line_code.code)
        JOIN tariff_code ON tariff_code.code = substr(line_code.code, 1, n)"""
    )
    split, value = store.row(
        "SELECT count(DISTINCT trade.product), sum(trade.value * leaf.share) FROM trade "
        "JOIN leaf USING (importer, product) WHERE leaf.share < 1"
    )
    notes = []
    if split:
        notes.append(
            f"{counted(split, 'product')} of the trade table (US$ {value:,.0f} million) are divided equally among the "
            f"finer lines of the schedule under them."
        )
    return notes + _too_fine(store)


def _too_fine(store: Store) -> list[str]:
    """Return notes on codes of the schedule that are finer than every line, and to which no trade can be assigned."""
    rows, codes, value = store.row(
        """
        WITH fine AS (
            SELECT DISTINCT tariff_code.id, line_code.id AS leaf FROM tariff_code
            JOIN (VALUES (2), (4), (6), (8)) AS lengths(n) ON n < length(tariff_code.code)
            JOIN line_code ON line_code.code = substr(tariff_code.code, 1, n)
            WHERE tariff_code.id NOT IN (SELECT code FROM prefix))
        SELECT (SELECT count(*) FROM sched WHERE product IN (SELECT id FROM fine)),
               (SELECT count(DISTINCT id) FROM fine),
               (SELECT sum(value * share) FROM trade JOIN leaf USING (importer, product)
                WHERE leaf.leaf IN (SELECT leaf FROM fine))"""
    )
    if not rows:
        return []
    return [
        f"{counted(rows, 'row')} of the schedule, of {counted(codes, 'code')} finer than the products of the trade "
        f"table and the lines of the ordinary tariff, are not applied: the trade under their headings "
        f"(US$ {value or 0:,.0f} million) is not divided that finely."
    ]


def _refuse_no_overlap(store: Store, schedule: Schedule) -> None:
    if not store.row("SELECT count(*) FROM trade")[0]:
        raise TableError("trade: importer and exporter are the same in every row; nothing crosses a border")
    if not store.row("SELECT count(*) FROM sched WHERE rate IS NOT NULL")[0]:
        reasons = " ".join(note for note in schedule.notes if not note.startswith("Schedule: "))
        raise TableError(
            f"no row of the schedule has an ad valorem rate: a rate is a fraction (0.25), a percentage ('25%') or "
            f"Free. {reasons}".rstrip()
        )
    if not store.row("SELECT count(*) FROM importer_cover")[0]:
        importers = [name for (name,) in store.rows("SELECT DISTINCT name FROM trade JOIN unit ON importer = unit.id")]
        theirs = [schedule.labels[k] for (k,) in store.rows("SELECT DISTINCT importer FROM sched")]
        raise TableError(
            f"the schedule is of {listed(sorted(theirs))} and the trade table of imports into "
            f"{listed(sorted(importers))}: they have no importer in common"
        )


# ---- lines ----


def chapter_batches(store: Store) -> list[list[int]]:
    """Return the chapters of the trade table in groups of about `BATCH_ROWS` rows of trade and schedule together."""
    counts = store.rows(
        "SELECT chapter, sum(n) FROM (SELECT chapter, count(*) AS n FROM trade GROUP BY 1 UNION ALL SELECT chapter, "
        "count(*) FROM sched GROUP BY 1) WHERE chapter IN (SELECT DISTINCT chapter FROM trade) GROUP BY 1 ORDER BY 1"
    )
    groups: list[list[int]] = []
    room = 0
    for chapter, rows in counts:
        if not groups or rows > room:
            groups.append([])
            room = BATCH_ROWS
        groups[-1].append(int(chapter))
        room -= int(rows)
    return groups


def compute_duties(
    store: Store,
    slots: Slots,
    layers: Sequence[Layer],
    schedule: Schedule,
    pass_through: float,
    tell: Progress,
) -> list[str]:
    """Fill the table `duty` and return notes.

    Raises `TableError` for two rates of one flow, or two labels of one width with different rates.
    """
    store.run(sql.create_duty(layers, bool(slots.proposed)))
    groups = chapter_batches(store)
    rivals = _rivals(schedule.labels)
    again = False
    for done, chapters in enumerate(groups):
        tell("duties by line", done, len(groups))
        store.run(sql.wide_of(chapters, slots.count))
        _refuse_twice(store, schedule)
        again = again or bool(store.row("SELECT count(*) FROM wide WHERE again > 0")[0])
        _refuse_rivals(store, schedule, rivals, slots.count)
        store.run(sql.lines_of(chapters))
        store.run(sql.found_of(slots.count))
        store.run(sql.duties_of(slots, layers, pass_through))
    for table in ("line", "wide", "found"):
        store.run(f"DROP TABLE IF EXISTS {table}")
    if not store.row("SELECT count(*) FROM duty WHERE rated AND NOT free")[0]:
        codes = [code or "ALL" for (code,) in store.rows("SELECT code FROM line_code ORDER BY 1 LIMIT 3")]
        raise TableError(
            f"no line of trade finds a rate: the trade table has products such as {listed(codes)}, the schedule "
            f"{listed([c or 'ALL' for c in schedule.codes], 3)}, for partners such as {listed(schedule.labels)}"
        )
    notes = []
    (free,) = store.row("SELECT sum(value) FROM duty WHERE free")
    if free:
        notes.append(f"Inside customs unions no duty is levied: {dollars(free)} of trade count as free of duty.")
    if again:
        (rows,) = store.row(
            "SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM sched WHERE rate IS NOT NULL "
            "GROUP BY importer, partner, product, slot)"
        )
        notes.append(f"Schedule: {counted(int(rows), 'row')} given again with the same rate.")
    held, value = store.row("SELECT count(*), sum(value) FROM duty WHERE held")
    if not held:
        return notes
    return [
        *notes,
        f"A ceiling in the stacking lowers proposed rates on {counted(held, 'line')} (US$ {value:,.0f} million). "
        f"To propose its removal, give your own stacking without it.",
    ]


def _refuse_twice(store: Store, schedule: Schedule) -> None:
    twice = store.rows("SELECT importer, partner, product FROM wide WHERE twice LIMIT 1")
    if not twice:
        return
    importer, partner, product = twice[0]
    rates = store.rows(
        "SELECT slot, list(rate) FROM sched WHERE partner = ? AND product = ? AND importer IN (SELECT label FROM "
        "importer_cover WHERE unit = ?) GROUP BY slot HAVING min(rate) <> max(rate) LIMIT 1",
        [partner, product, importer],
    )
    slot, found = rates[0] if rates else (0, [])
    kind, authority = schedule.slots[slot]
    who = store.row("SELECT name FROM unit WHERE id = ?", [importer])[0]
    places = [(t.table.where, t.rows_of(partner, product, slot)) for t in schedule.loaded]
    rows = "; ".join(f"{where}, rows {' and '.join(map(str, rows))}" for where, rows in places if rows)
    raise TableError(
        f"{rows}: {len(found)} {kind} rates{f' of {authority}' if authority else ''} for one flow (importer {who}, "
        f"partner {schedule.labels[partner]}, product {schedule.codes[product] or 'ALL'}: "
        f"{listed([f'{rate:g}' for rate in found])}); keep one. Rows of different days need the columns from and "
        f"until, and periods that do not overlap"
    )


def _rivals(labels: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs of groups of the same size that share a member, so that neither is narrower."""
    groups = [(k, members(label)) for k, label in enumerate(labels) if label != ALL and len(members(label)) > 1]
    return [(a, b) for a, one in groups for b, other in groups if a < b and len(one) == len(other) and one & other]


def _refuse_rivals(store: Store, schedule: Schedule, rivals: Sequence[tuple[int, int]], slots: int) -> None:
    differ = " OR ".join(f"one.r{k} <> other.r{k}" for k in range(slots))
    for a, b in rivals:
        found = store.rows(
            f"SELECT one.product FROM wide AS one JOIN wide AS other USING (importer, product) WHERE one.partner = ? "
            f"AND other.partner = ? AND ({differ}) LIMIT 1",
            [a, b],
        )
        if found:
            raise TableError(
                f"schedule: {schedule.labels[a]} and {schedule.labels[b]}, groups of one size with members in common, "
                f"have different rates for product {schedule.codes[found[0][0]] or 'ALL'}; write rows for the countries"
            )
