"""The function `exposure`: tariff schedules against trade, product by product."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from entrepot.data.concordances import Concordance, read_concordance
from entrepot.data.duckdb_store import MEMORY, Store
from entrepot.data.hs import hs_to_sectors
from entrepot.data.layouts import FOREIGN_UNITS, RATE_UNITS, VALUE_UNITS
from entrepot.data.number_formats import Decimal
from entrepot.data.trade import Trade, TradeSelection
from entrepot.data.trade_rows import Flow
from entrepot.dates import day_of
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.documents import refuse_input, whole_file
from entrepot.economy import Economy, load_economy
from entrepot.errors import InputError, nearest
from entrepot.exposures import sql
from entrepot.exposures.exposure_tables import Exposure
from entrepot.exposures.match import compute_duties, layers_of, make_dimensions, slots_of
from entrepot.exposures.response import read_elasticities, read_pass_through
from entrepot.exposures.schedule import Load, Schedule
from entrepot.exposures.sql import Layer
from entrepot.exposures.stacking import Authority, Stacking, load_stacking
from entrepot.exposures.trade_flows import store_trade
from entrepot.sql_quoting import sql_name, sql_text
from entrepot.types import Progress, no_progress
from entrepot.words import and_list


def exposure(
    trade: Any,
    schedule: Any,
    proposed: Any = None,
    *,
    economy: Economy | str = DEFAULT_ECONOMY,
    stacking: Stacking | str | os.PathLike[str] | None = None,
    on: datetime.date | str | None = None,
    importer: str | None = None,
    year: int | None = None,
    concordance: Any = None,
    rates: str | None = None,
    unit: str | None = None,
    usd_per_unit: float | None = None,
    flow: Flow = "imports",
    decimal: Decimal | None = None,
    response: bool = True,
    elasticity: Any = None,
    pass_through: float = 1.0,
    lines: str | os.PathLike[str] | None = None,
    memory: str = MEMORY,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Exposure:
    """Return the duty that a schedule levies on trade, line by line: applied, bound and proposed, by authority.

    trade        any table (see `entrepot.data.opening`): importer, exporter (or partner), product, value; or one in a
                 published layout (`entrepot economy sources`)
    schedule     any table, or a list of them: importer, product (a code, the beginning of one, or ALL), partner (blank
                 or ALL: every partner; a group: its members), rate, and optionally authority, kind (applied, bound,
                 proposed), from and until. Of the rows that cover a line, the one with the longest code applies, then
                 the one with the narrowest partner
    proposed     further tables of the same form, whose rows are proposals unless their kind says otherwise
    economy      the source of sectors and elasticities: an Economy, a bundled name or a path
    stacking     which authority applies on top of which: a bundled name (us-2025, plain) or a YAML file; None: us-2025
                 where all imports are those of the United States, else plain
    on           the day on which rows and rules are in force; None: the day of the stacking (as_of), or today
    importer     the importer, where the trade table has no such column; where it has one, only these rows are read
    concordance  a table (product, sector); None: by ISIC Rev. 4 divisions (`entrepot.data.hs`)
    rates        the unit of bare rates: "fraction" or "percent"
    unit         the unit of values: usd, usd_k, usd_m, eur, eur_k or gbp
    usd_per_unit US dollars for one unit of another currency
    flow         "exports" uses mirror data: the exports that partners report, in place of imports
    decimal      the decimal separator, "point" or "comma", where a table leaves it open
    response     whether imports respond, by `elasticity` (None: 1 + theta of the sector; a number or a mapping) and
                 `pass_through` (see `entrepot.exposures.response`)
    lines        a path for a Parquet file with one row per flow and tariff line
    memory       the memory limit of DuckDB, which spills to disk;  threads  None: all cores of the machine
    progress     called with the step, the number done and the total

    Raises `InputError` (`TableError`, `DocumentError`, `UnknownNameError`) with the table, the row and the remedy.
    """
    began = time.perf_counter()
    tell = progress or no_progress
    read = _files(trade, *_several(schedule), *_several(proposed), economy, stacking, concordance, elasticity)
    if lines is not None:
        refuse_input(lines, read)
    world = load_economy(economy) if not isinstance(economy, Economy) else economy
    _refuse_choice("rates", rates, RATE_UNITS)
    _refuse_choice("unit", unit, {**VALUE_UNITS, **FOREIGN_UNITS})
    _refuse_choice("flow", flow, ("imports", "exports"))
    _refuse_choice("decimal", decimal, ("point", "comma"))
    pass_through = read_pass_through(pass_through)
    sigma = read_elasticities(elasticity if response else 0.0, world.sectors, world.theta)
    sector_of = (
        hs_to_sectors(world.sectors) if concordance is None else read_concordance(concordance, sectors=world.sectors)
    )
    given = None if stacking is None else load_stacking(stacking)
    with Store(memory, threads) as store:
        tell("reading trade", 0, 0)
        wanted = TradeSelection(
            known=world.countries,
            day=_day(on, given),
            importer=importer,
            year=year,
            unit=unit,
            usd_per_unit=usd_per_unit,
            flow=flow,
            decimal=decimal,
        )
        flows = store_trade(store, trade, wanted)
        rules = given or load_stacking(_default_stacking(store))
        date = _day(on, rules)
        _check_reach(rules, date, store)
        tell("reading the schedule", 0, 0)
        tariffs = Schedule()
        for kind, tables in (("applied", schedule), ("proposed", proposed)):
            for table in _several(tables):
                Load(store, tariffs, world.countries, rules, date, importer, rates, kind, decimal).add(table)
        _refuse_nothing(tariffs, date, bool(_several(proposed)))
        order, layers = layers_of(rules, date, [a for _, a in tariffs.slots], flows.units)
        slots = slots_of(tariffs, order)
        notes = make_dimensions(store, flows, tariffs, order, sector_of, world.sectors, sigma, date)
        notes += compute_duties(store, slots, layers, tariffs, pass_through if response else 1.0, tell)
        tell("adding up", 0, 0)
        cells = store.frame(sql.cells(layers, bool(slots.proposed)))
        unmatched = store.frame(sql.UNMATCHED)
        if lines is not None:
            tell("writing the lines", 0, 0)
            _write_lines(store, lines, order, layers, bool(slots.proposed), world)
    for side in ("importer", "exporter"):
        cells[side] = [flows.units[k] for k in cells[side]]
    cells["sector"] = [None if k < 0 else world.sectors[k] for k in cells["sector"].fillna(-1).astype(int)]
    return Exposure(
        cells=cells,
        unmatched=unmatched,
        authorities=order,
        economy=world,
        stacking=rules,
        date=date,
        proposed=bool(slots.proposed),
        bound=slots.bound is not None,
        response=response,
        sigma=dict(zip(world.sectors, sigma.tolist(), strict=True)),
        pass_through=pass_through,
        rows=(flows.rows, tariffs.rows),
        notes=tuple(dict.fromkeys(_notes(flows, tariffs, rules, order, sector_of, notes))),
        seconds=time.perf_counter() - began,
        read=read,
    )


def _files(*given: Any) -> tuple[str, ...]:
    """Return what is given as a text or path, which may be a file."""
    return tuple(os.fspath(one) for one in given if isinstance(one, str | os.PathLike))


def _refuse_choice(key: str, given: str | None, known: Iterable[str]) -> None:
    known = list(known)
    if given is not None and given not in known:
        raise InputError(f"{key}={given!r}{nearest(str(given), known)}")


def _several(tables: Any) -> Sequence[Any]:
    return [] if tables is None else list(tables) if isinstance(tables, list | tuple) else [tables]


def _day(on: datetime.date | str | None, stacking: Stacking | None) -> datetime.date:
    if on is None:
        return (stacking.as_of if stacking is not None else None) or datetime.date.today()
    try:
        return day_of(on)
    except ValueError as error:
        raise InputError(f"on={on!r}: a date such as 2025-12-31 is needed{error}") from None


def _default_stacking(store: Store) -> str:
    """Return the name of the default stacking for the importers in the trade table."""
    return "us-2025" if _importers(store) == {"USA"} else "plain"


def _importers(store: Store) -> set[str]:
    return {name for (name,) in store.rows("SELECT DISTINCT name FROM trade JOIN unit ON importer = unit.id")}


def _check_reach(rules: Stacking, date: datetime.date, store: Store) -> None:
    """Raise `InputError` for a day or an importer that the stacking does not know."""
    since, until = rules.known_since, rules.known_until
    if since is not None and until is not None and not since <= date <= until:
        raise InputError(f"on: {date} is outside what {rules.stacking} knows, from {since} until {until}")
    others = _importers(store) - set(rules.importers)
    if rules.importers and others:
        raise InputError(
            f"stacking: {rules.stacking} is the law of {and_list(list(rules.importers))}, and the trade table has "
            f"imports of {and_list(sorted(others)[:5])}; give another stacking, such as plain"
        )


def _refuse_nothing(schedule: Schedule, date: datetime.date, proposal: bool) -> None:
    kinds = {kind for kind, _ in schedule.slots}
    if not kinds - {"bound"}:
        raise InputError("schedule: no row has an applied or a proposed rate of an authority in force")
    if proposal and "proposed" not in kinds:
        raise InputError(
            f"proposed: no row proposes a rate of an authority in force on {date}; give another day: --on (on=), or "
            "rows without a kind"
        )
    if len(schedule.slots) > 64:
        raise InputError(f"schedule: {len(schedule.slots)} authorities and kinds; at most 64 are supported")


def _notes(
    trade: Trade,
    schedule: Schedule,
    stacking: Stacking,
    order: Sequence[Authority],
    concordance: Concordance,
    found: Sequence[str],
) -> list[str]:
    notes = [*trade.notes, *schedule.notes, *concordance.notes, *found]
    editions = {*trade.editions, *schedule.editions}
    if len(editions) > 1:
        notes.append(
            f"Editions of the Harmonized System: {', '.join(sorted(editions))}. Codes are compared unchanged; "
            f"convert one table first where codes changed between them."
        )
    elif not (trade.editions and schedule.editions):
        notes.append(
            "Editions of the Harmonized System are not stated by both tables; codes are compared unchanged, and a "
            "code that changed between editions finds no rate, or the rate of other goods."
        )
    if not any(a.applies == "base" for a in order):
        notes.append("The schedule has no ordinary duty (MFN or preference): only the additional duties are shown.")
    notes += [f"{a.called}: {a.note}" for a in order if a.note]
    return [*notes, *stacking.notes]


def _write_lines(
    store: Store,
    path: str | os.PathLike[str],
    order: Sequence[Authority],
    layers: Sequence[Layer],
    proposed: bool,
    economy: Economy,
) -> None:
    """Write one row per flow and tariff line as Parquet, by an atomic write; columns of authorities bear their ids."""
    if Path(path).suffix.casefold() not in (".parquet", ".pq"):
        raise InputError(f"lines: {os.fspath(path)!r}: the lines are written as Parquet; end the name in .parquet")
    sectors = {"id": "INTEGER", "name": "VARCHAR"}
    store.fill("sector", sectors, [range(len(economy.sectors)), economy.sectors])
    parts = [
        f"{x}{layer.position} AS {sql_name(f'{kind}_{a.id}')}"
        for x, kind in (("a", "applied"), ("p", "proposed"))[: 2 if proposed else 1]
        for a, layer in zip(order, layers, strict=True)
    ]
    with whole_file(path) as temporary:
        store.run(
            f"""
            COPY (
                SELECT importer.name AS importer, exporter.name AS partner, product.code AS product,
                       line_code.code AS tariff_line, sector.name AS sector, value AS imports, applied, bound, proposed,
                       value * applied AS revenue, value * proposed AS revenue_proposed,
                       after AS imports_response, after * proposed AS revenue_response, {", ".join(parts)}
                FROM duty JOIN unit AS importer ON duty.importer = importer.id
                JOIN unit AS exporter ON duty.exporter = exporter.id JOIN product ON duty.product = product.id
                JOIN line_code ON duty.leaf = line_code.id LEFT JOIN sector ON duty.sector = sector.id
            ) TO {sql_text(temporary)} (FORMAT parquet)"""
        )
