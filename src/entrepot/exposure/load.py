"""The user's tables into the store: checked, with every name and code looked up once, and positions in their place."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from entrepot.economy.hs import read_codes
from entrepot.economy.tariff_files import counted, listed
from entrepot.errors import TableError, UnknownNameError
from entrepot.exposure.columns import RATE_UNITS, VALUE_UNITS, Columns, read_schedule_columns, read_trade_columns
from entrepot.exposure.places import Places
from entrepot.exposure.stacking import Authority, Stacking
from entrepot.exposure.store import Source, Store
from entrepot.measures.fields import LARGEST_BARE_NUMBER

KINDS = ("applied", "bound", "proposed")
#: Words for the kinds, and for authorities that say a kind: the duty types of WITS.
KIND_NAMES = {"applied": "applied", "mfn": "applied", "bound": "bound", "bnd": "bound", "proposed": "proposed"}
BOUND_TYPES = ("bnd", "bound")
#: What stands for every product.
EVERY_PRODUCT = ("all", "total")


@dataclass(frozen=True)
class Trade:
    """Names of those who trade and codes of products, by position; `notes` say what was mended."""

    units: tuple[str, ...]
    products: tuple[str, ...]
    rows: int
    value: float
    notes: tuple[str, ...]
    editions: tuple[str, ...]


@dataclass
class Schedule:
    """What schedules name, by position, filled table by table: labels, codes, authorities that appear, by kind."""

    labels: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    slots: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)

    def position(self, among: list[Any], what: Any) -> int:
        if what not in among:
            among.append(what)
        return among.index(what)


# ---- trade ----


def load_trade(
    store: Store, given: Any, places: Places, *, importer: str | None, year: int | None, unit: str | None
) -> Trade:
    """Fills trade (summed over rows of one flow), unit and product. Values become millions of US dollars.

    Raises `TableError` or `DocumentError` that names the file, the row and the remedy.
    """
    source = store.source(given, "trade")
    columns = read_trade_columns(source.names, source.where)
    text = {role: source.text(place) for role, place in columns.position.items()}
    who = _importer(columns, importer, source.where)
    place = columns.position["value"]
    amount = f"CAST(c{place} AS DOUBLE)" if source.numbers[place] else f"try_cast({text['value']} AS DOUBLE)"
    chosen, when = _year(store, source, text.get("year"), year)
    with store.reading(source):
        store.run(
            f"CREATE TABLE raw AS SELECT {text.get('importer', 'CAST(? AS VARCHAR)')} AS importer, {text['exporter']} "
            f"AS exporter, {text['product']} AS product, {amount} AS value FROM {source.relation} WHERE {when}",
            [*([] if "importer" in columns else [who]), *source.parameters, *chosen],
        )
    rows, value = store.row("SELECT count(*), sum(value) FROM raw")
    if not rows:
        raise TableError(f"{source.where}: the table has no rows{f' of {year}' if year is not None else ''}")
    _refuse_empty(store, source, text, ("importer", "exporter", "product"), when, chosen)
    bad = f"({amount} IS NULL OR NOT isfinite({amount}) OR {amount} < 0)"
    if store.row("SELECT count(*) FROM raw WHERE value IS NULL OR NOT isfinite(value) OR value < 0")[0]:
        row, shown = store.first(source, f"{bad} AND {when}", chosen, text["value"])
        raise TableError(
            f"{source.where}, row {row}: the value is {'empty' if shown is None else repr(shown)}; a number from 0 on is "
            f"needed, with a point for decimals and nothing between thousands. Corrections and re-imports belong out"
        )
    units: list[str] = []
    for role in ("importer", "exporter"):
        found = {}
        for (name,) in store.rows(f"SELECT DISTINCT {role} FROM raw"):
            found[name] = _looked_up(store, source, text.get(role), name, places.unit, role)
            units += [found[name]] if found[name] not in units else []
        ids = [units.index(code) for code in found.values()]
        store.fill(f"{role}_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(found), ids])
    codes, notes = _codes(store, source, text["product"], "raw", ())
    products = tuple(dict.fromkeys(codes.values()))
    at = {code: k for k, code in enumerate(products)}
    store.fill("product_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(codes), [at[c] for c in codes.values()]])
    store.fill("product", {"id": "INTEGER", "code": "VARCHAR"}, [range(len(products)), products])
    store.fill("unit", {"id": "INTEGER", "name": "VARCHAR"}, [range(len(units)), units])
    dollars = VALUE_UNITS[unit or columns.unit or "usd"] / 1e6
    store.run(
        f"CREATE TABLE flow AS SELECT importer_name.id AS importer, exporter_name.id AS exporter, product_name.id AS "
        f"product, sum(value) * {dollars!r} AS value FROM raw JOIN importer_name ON raw.importer = importer_name.name "
        f"JOIN exporter_name ON raw.exporter = exporter_name.name JOIN product_name ON raw.product = product_name.name "
        f"GROUP BY ALL"
    )
    store.run("CREATE TABLE own AS SELECT * FROM flow WHERE importer = exporter")
    store.run(
        "CREATE TABLE trade AS SELECT flow.*, CAST(substr(code, 1, 2) AS UTINYINT) AS chapter FROM flow JOIN product "
        "ON flow.product = product.id WHERE importer <> exporter"
    )
    summed = store.row("SELECT count(*) FROM flow")[0]
    if summed < rows:
        notes += (f"Trade: {counted(rows, 'row')} are {summed:,} flows of importer, partner and product; sums are used.",)
    editions = _editions(store, source, text.get("edition"))
    for table in ("raw", "flow", "importer_name", "exporter_name", "product_name"):
        store.run(f"DROP TABLE {table}")
    said = f"Trade: {source.where.removeprefix('trade ').strip('()')}, {counted(rows, 'row')}, US$ {value * dollars:,.0f} million."
    return Trade(tuple(units), products, rows, value * dollars, (said, *notes), editions)


# ---- schedules ----


def load_schedule(
    store: Store,
    given: Any,
    into: Schedule,
    places: Places,
    stacking: Stacking,
    date: datetime.date,
    *,
    importer: str | None,
    unit: str | None,
    kind: str = "applied",
) -> None:
    """Adds a table to sched, with the labels, codes and slots that it names to `into`. Rows of other days are left out.

    kind   what a row without a kind is
    """
    what = "schedule" if kind == "applied" else kind
    source = store.source(given, what)
    columns = read_schedule_columns(source.names, source.where)
    text = {role: source.text(place) for role, place in columns.position.items()}
    who = None if "importer" in columns else importer
    chosen, when = _in_force(store, source, columns, text, date)
    load = 0
    for role, said in _rate_columns(columns, kind):
        place = columns.position[role]
        number = source.numbers[place]
        parts = {
            "importer": text.get("importer", "CAST(? AS VARCHAR)"),
            "partner": text.get("exporter", "CAST(NULL AS VARCHAR)"),
            "product": text["product"],
            "authority": text.get("authority", "CAST(NULL AS VARCHAR)"),
            "kind": f"lower({text['kind']})" if "kind" in columns else "CAST(NULL AS VARCHAR)",
            "written": "CAST(NULL AS VARCHAR)" if number else text[role],
        }
        selected = ", ".join(f"{formula} AS {name}" for name, formula in parts.items())
        rate = RATE
        if number:
            selected, rate = f"{selected}, CAST(c{place} AS DOUBLE) AS number", "number"
        with store.reading(source):
            store.run(
                f"CREATE TABLE raw AS SELECT *, {rate} AS rate FROM (SELECT {selected} FROM {source.relation} "
                f"WHERE {when})",
                [*([] if "importer" in columns else [who]), *source.parameters, *chosen],
            )
        load += store.row("SELECT count(*) FROM raw")[0]
        _refuse_empty(store, source, text, ("product",), when, chosen)
        _add(store, source, columns, text, role, said, into, places, stacking, date, unit)
        store.run("DROP TABLE raw")
    if not load:
        raise TableError(f"{source.where}: no row is in force on {date}; see the columns of dates, or give another day (on)")
    into.rows += load
    into.editions += [e for e in _editions(store, source, text.get("edition")) if e not in into.editions]
    into.notes.insert(0, f"Schedule: {source.where.split('(', 1)[-1].rstrip(')')}, {counted(load, 'row')} in force on {date}.")


#: A rate from what is written: NULL for what is no number; "Free" is zero. Bare numbers are in the unit of the column.
RATE = """
    CASE WHEN ends_with(written, '%') THEN try_cast(rtrim(written, '% ') AS DOUBLE) / 100
         WHEN lower(written) = 'free' THEN 0 ELSE try_cast(written AS DOUBLE) END"""


def _add(
    store: Store,
    source: Source,
    columns: Columns,
    text: dict[str, str],
    role: str,
    said: str | None,
    into: Schedule,
    places: Places,
    stacking: Stacking,
    date: datetime.date,
    unit: str | None,
) -> None:
    """The rows in raw into sched."""
    where = source.where
    factor = RATE_UNITS[unit or columns.unit or "fraction"]
    _check_rates(store, source, text[role], factor, into)
    named: dict[str, dict[str | None, int]] = {}
    for key, column in (("importer", text.get("importer")), ("partner", text.get("exporter"))):
        names = [name for (name,) in store.rows(f"SELECT DISTINCT {key} FROM raw")]
        found = {name: _looked_up(store, source, column, name, places.label, key) for name in names}
        named[key] = {name: into.position(into.labels, label) for name, label in found.items()}
    codes, notes = _codes(store, source, text["product"], "raw", EVERY_PRODUCT)
    into.notes += notes
    at = {code: k for k, code in enumerate(into.codes)}
    for code in codes.values():
        at.setdefault(code, len(at))
    into.codes[:] = at
    slots: dict[tuple[str | None, str | None], int] = {}
    gone: list[str] = []
    for authority, kind in store.rows("SELECT DISTINCT authority, kind FROM raw"):
        row_kind, of = _slot(store, source, columns, text, authority, kind, said, stacking)
        if row_kind != "bound" and not of.on(date):
            gone.append(f"{of.title or of.id} ({'from' if of.since and of.since > date else 'until'} "
                        f"{of.since if of.since and of.since > date else of.until})")
            continue
        slots[authority, kind] = into.position(into.slots, (row_kind, "" if row_kind == "bound" else of.id))
    if gone:
        into.notes.append(f"{where}: rows left out of authorities not in force on {date}: {listed(gone)}.")
    for key in ("importer", "partner"):
        store.fill(f"{key}_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(named[key]), list(named[key].values())])
    store.fill("code_name", {"name": "VARCHAR", "id": "INTEGER"}, [list(codes), [at[c] for c in codes.values()]])
    pairs = list(slots)
    store.fill(
        "slot_name",
        {"authority": "VARCHAR", "kind": "VARCHAR", "slot": "UTINYINT"},
        [[a for a, _ in pairs], [k for _, k in pairs], list(slots.values())],
    )
    store.run("CREATE TABLE IF NOT EXISTS sched (importer INTEGER, partner INTEGER, product INTEGER, chapter UTINYINT, "
              "slot UTINYINT, rate DOUBLE)")
    store.run("CREATE OR REPLACE TEMP TABLE tariff_code_new (id INTEGER, chapter UTINYINT)")
    store.run(
        "INSERT INTO tariff_code_new SELECT unnest(?::INTEGER[]), unnest(?::UTINYINT[])",
        [list(range(len(into.codes))), [int(code[:2] or 0) for code in into.codes]],
    )
    same = "IS NOT DISTINCT FROM"
    store.run(
        f"INSERT INTO sched SELECT importer_name.id, partner_name.id, code_name.id, tariff_code_new.chapter, "
        f"slot_name.slot, rate * (CASE WHEN ends_with(written, '%') THEN 1 ELSE {factor!r} END) FROM raw "
        f"JOIN importer_name ON raw.importer {same} importer_name.name JOIN partner_name ON raw.partner {same} "
        f"partner_name.name JOIN code_name ON raw.product = code_name.name JOIN tariff_code_new ON code_name.id = "
        f"tariff_code_new.id JOIN slot_name ON raw.authority {same} slot_name.authority AND raw.kind {same} "
        f"slot_name.kind WHERE rate IS NOT NULL"
    )
    for table in ("importer_name", "partner_name", "code_name", "slot_name", "tariff_code_new"):
        store.run(f"DROP TABLE {table}")


def _rate_columns(columns: Columns, kind: str) -> list[tuple[str, str | None]]:
    """Roles of the columns that hold rates, and the kind that each says."""
    if "rate" in columns:
        return [("rate", None if "kind" in columns else kind)]
    return [(name, name) for name in KINDS if name in columns]


def _slot(
    store: Store,
    source: Source,
    columns: Columns,
    text: dict[str, str],
    authority: str | None,
    kind: str | None,
    said: str | None,
    stacking: Stacking,
) -> tuple[str, Authority]:
    """Kind and authority of rows that read so. A blank authority is the base."""
    bound = authority is not None and authority.casefold() in BOUND_TYPES
    if "kind" in columns and (kind is None or kind not in KIND_NAMES):
        row, _ = store.first(source, f"lower({text['kind']}) IS NOT DISTINCT FROM ?", [kind])
        raise TableError(f"{source.where}, row {row}: the kind is {kind or 'empty'!r}; {', '.join(KINDS)} are known")
    found = "bound" if bound else KIND_NAMES[kind] if kind is not None else said or "applied"
    if authority is None or bound:
        return found, stacking.base
    try:
        return found, stacking.find(authority)
    except UnknownNameError:
        row, _ = store.first(source, f"{text['authority']} = ?", [authority])
        if found == "bound":
            return found, stacking.base
        stacking.find(authority, f"{source.where}, row {row}")
        raise


def _check_rates(store: Store, source: Source, column: str, factor: float, into: Schedule) -> None:
    """Raises `TableError` for negative rates and for percentages taken for fractions; counts what is no number."""
    import warnings

    from entrepot.measures.fields import UnusualRate

    bare = "NOT coalesce(ends_with(written, '%'), false)"
    negative, over, unusual, highest, positive, blank, comma, words = store.row(
        f"SELECT count(*) FILTER (rate < 0 OR NOT isfinite(rate)), count(*) FILTER ({bare} AND rate * {factor!r} > "
        f"{LARGEST_BARE_NUMBER!r}), count(*) FILTER ({bare} AND rate * {factor!r} > 1), max(rate * {factor!r}) FILTER "
        f"({bare}), count(*) FILTER (rate > 0), count(*) FILTER (written IS NULL AND rate IS NULL), count(*) FILTER (rate IS NULL AND "
        f"regexp_full_match(written, '-?\\d+,\\d+\\s*%?')), count(*) FILTER (rate IS NULL AND written IS NOT NULL) FROM raw"
    )

    def at(fault: str) -> tuple[int, Any]:
        return store.first(source, fault, show=column)

    number = f"try_cast(rtrim({column}, '% ') AS DOUBLE)"
    if negative:
        row, shown = at(f"{number} < 0 OR NOT isfinite({number})")
        raise TableError(f"{source.where}, row {row}: a rate of {shown}; a number from 0 on is needed")
    if comma:
        row, shown = at(f"regexp_full_match({column}, '-?\\d+,\\d+\\s*%?')")
        raise TableError(f"{source.where}, row {row}: the rate is {shown!r}; decimals take a point, as in '2.5%'")
    if factor == 1.0 and (over or (positive and unusual > positive / 2)):
        row, shown = at(f"try_cast({column} AS DOUBLE) > {LARGEST_BARE_NUMBER if over else 1.0!r}")
        said = float(shown)
        raise TableError(
            f"{source.where}, row {row}: a rate of {said:g} is {100 * said:,.0f}%. Rates are fractions (0.25) or say "
            f"percent ('25%'); if the whole column is in percent, say so: --rates percent (rates='percent')"
        )
    if unusual and factor == 1.0:
        warnings.warn(
            f"{source.where}: {counted(unusual, 'rate')} above 1, the highest {highest:g}, read as {100 * highest:,.0f}%",
            UnusualRate,
            stacklevel=2,
        )
    if blank:
        into.notes.append(f"{source.where}: {counted(blank, 'row')} without a rate left out.")
    if words:
        shown = [str(w) for (w,) in store.rows("SELECT DISTINCT written FROM raw WHERE rate IS NULL AND written IS NOT "
                                                "NULL ORDER BY 1 LIMIT 6")]
        into.notes.append(
            f"{source.where}: {counted(words, 'row')} with duties that are not ad valorem left out: {listed(shown)}."
        )


# ---- what both share ----


def _importer(columns: Columns, importer: str | None, where: str) -> str | None:
    if "importer" in columns or importer is not None:
        return importer
    raise TableError(f"{where}: no column 'importer'; add it, or say whose imports these are: --importer USA (importer=)")


def _year(
    store: Store, source: Source, column: str | None, year: int | None, *, alone: bool = False
) -> tuple[list[Any], str]:
    """Parameters and a condition for the rows of the year, or (alone) of the one there is. Raises `TableError` where
    there are several and none is asked for."""
    if column is None:
        return [], "true"
    with store.reading(source):
        found = [name for (name,) in store.rows(f"SELECT DISTINCT {column} FROM {source.relation}", source.parameters)]
    years = sorted({str(name)[:4] for name in found if name is not None})
    wanted = years[0] if len(years) == 1 and (year is None or alone) else None if year is None else str(year)
    if wanted not in years:
        asked = f"no rows of {year}; " if year is not None else ""
        raise TableError(f"{source.where}: {asked}the years are {listed(years)}; choose one: --year (year=)")
    return [wanted], f"substr({column}, 1, 4) = ?"


def _in_force(
    store: Store, source: Source, columns: Columns, text: dict[str, str], date: datetime.date
) -> tuple[list[Any], str]:
    """Parameters and a condition for the rows of the day: `since` is a row's first day and `until` its last."""
    parameters: list[Any] = []
    conditions: list[str] = []
    for role, test in (("since", "<="), ("until", ">=")):
        if role not in columns:
            continue
        day = f"try_cast({text[role]} AS DATE)"
        with store.reading(source):
            row, shown = store.first(source, f"{text[role]} IS NOT NULL AND {day} IS NULL", show=text[role])
        if row:
            raise TableError(f"{source.where}, row {row}: {columns.name(role)} is {shown!r}; a date such as 2025-04-03 is needed")
        conditions.append(f"coalesce({day} {test} ?::DATE, true)")
        parameters.append(date)
    if "year" in columns and "since" not in columns:
        chosen, when = _year(store, source, text["year"], date.year, alone=True)
        return [*parameters, *chosen], " AND ".join([*conditions, when])
    return parameters, " AND ".join(conditions) or "true"


def _refuse_empty(
    store: Store, source: Source, text: dict[str, str], roles: Sequence[str], when: str, parameters: Sequence[Any]
) -> None:
    for role in roles:
        if role in text and store.row(f"SELECT count(*) FROM raw WHERE {role} IS NULL")[0]:
            row, _ = store.first(source, f"{text[role]} IS NULL AND {when}", parameters)
            raise TableError(f"{source.where}, row {row}: the {role} is empty")


def _looked_up(store: Store, source: Source, column: str | None, name: str | None, look: Any, role: str) -> str:
    """The code of a name. Errors get their row, which is searched for only then."""
    try:
        return str(look(name, source.where))
    except (UnknownNameError, TableError):
        row, _ = store.first(source, f"{column} = ?", [name]) if column is not None else (0, None)
        look(name, f"{source.where}, row {row} ({role})" if row else f"{source.where} ({role})")
        raise


def _codes(
    store: Store, source: Source, column: str, table: str, every: Sequence[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Codes by what is written ("" for every product), and a note on those mended."""
    written = [name for (name,) in store.rows(f"SELECT DISTINCT product FROM {table}")]
    plain = [name for name in written if name.casefold() not in every]
    codes, wrong, mended = read_codes(plain)
    if wrong:
        row, _ = store.first(source, f"{column} = ?", [wrong])
        odd = len(wrong.strip()) % 2 and wrong.strip().isdigit()
        why = (
            "it may have lost a leading zero in a spreadsheet: keep the column as text, with all digits"
            if odd
            else "codes have 2, 4, 6, 8 or 10 digits, and chapters go from 01 to 99"
        )
        raise TableError(f"{source.where}, row {row}: {wrong!r} is not a code of the Harmonized System; {why}")
    notes = (
        (f"{source.where}: {counted(len(mended), 'code')} had lost the leading zero and got it back: {listed(mended)}.",)
        if mended
        else ()
    )
    return {**codes, **{name: "" for name in written if name.casefold() in every}}, notes


def _editions(store: Store, source: Source, column: str | None) -> tuple[str, ...]:
    if column is None:
        return ()
    found = store.rows(f"SELECT DISTINCT {column} FROM {source.relation} WHERE {column} IS NOT NULL", source.parameters)
    return tuple(sorted(str(name) for (name,) in found))

