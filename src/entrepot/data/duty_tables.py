"""Tables of duties, of any publisher: rows in force, names as written, rates as fractions in the store."""

from __future__ import annotations

import calendar
import datetime
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from entrepot.data.duckdb_store import Store, placeholders
from entrepot.data.duty_rates import is_damaged, is_range, read_duty
from entrepot.data.frames import unused_note
from entrepot.data.layouts import RATE_UNITS, rate_columns, recognised_as
from entrepot.data.number_formats import Decimal, is_missing, sql_states_money
from entrepot.data.periods import read_period, years_there
from entrepot.data.place_columns import place_all, refuse_unknown, shown
from entrepot.data.source_table import SourceTable, tidied
from entrepot.data.units import is_by_quantity, is_percent
from entrepot.dates import day_of
from entrepot.economy.geography import WORLD, Place, find_place, mid_year
from entrepot.errors import LARGEST_BARE_NUMBER, TableError, UnusualRate
from entrepot.words import counted, listed

KINDS = ("applied", "bound", "proposed")


@dataclass(frozen=True, kw_only=True)
class ValidOn:
    """The date that selects the rows in force: a day, or a year (None: the only year in the table)."""

    day: datetime.date | None = None
    year: int | None = None

    @property
    def on(self) -> datetime.date | None:
        """The day, or 1 July of the year; None without both."""
        return self.day or (mid_year(self.year) if self.year is not None else None)


def open_rates(store: Store, given: Any, what: str, when: ValidOn, *, decimal: Decimal | None = None) -> SourceTable:
    """Open a table of duties and select the rows in force. Raises `TableError` or `DocumentError`."""
    source = store.source(given, what, recognises=recognised_as("rates"), year=when.year)
    source, layout = tidied(store, source, "rates")
    table = SourceTable(store, source, rate_columns(source.names, source.where, layout), decimal)
    table.keep_only()
    _in_force(table, when)
    if layout is None:
        _read_units(table)
        _note_unused(table)
    return table


def _read_units(table: SourceTable) -> None:
    """Read what columns beside the rates state as their unit; units that say nothing of rates (kg) are left.

    Raises `TableError` for units that differ, and for those of specific duties.
    """
    for role in (role for role in table.columns.position if role.split()[0] == "unit"):
        name, texts = table.columns.name(role), [text for text in table.distinct(role) if text is not None]
        specific = next(filter(is_by_quantity, texts), None)
        if specific is not None:
            row, _ = table.first(f"{table.text[role]} = ?", specific)
            raise TableError(
                f"{table.where}, row {row}: the column {name!r} states {specific!r}, which is not a share of the "
                f"value; leave out the rows of specific duties, or write such a duty into the rate"
            )
        percent = [text for text in texts if is_percent(text)]
        if not percent:
            continue
        other = f"NOT coalesce({table.text[role]} IN ({placeholders(percent)}), false)"
        row, _ = table.first(f"{other} AND ({_has_bare_rate(table)})", *percent)
        if row:
            raise TableError(
                f"{table.where}, row {row}: the column {name!r} states percent for some rows and not for this one; "
                f"give all rates in one unit"
            )
        table.columns = replace(table.columns, unit="percent")
        table.notes.append(f"{table.where}: the column {name!r} states percent.")


def _has_bare_rate(table: SourceTable) -> str:
    """SQL for whether a row has a rate above zero that is a number alone: not Free, 2.5% or 5c/kg."""
    roles = [role for role in ("rate", "applied", "bound", "proposed") if role in table.columns]
    number = "[\\d.,\\s]*[1-9][\\d.,\\s]*"
    return (
        " OR ".join(f"coalesce(regexp_full_match({table.text[role]}, '{number}'), false)" for role in roles) or "true"
    )


def _note_unused(table: SourceTable) -> None:
    """Note columns of a user's own table that have no role."""
    taken = set(table.columns.position.values())
    names = [name for k, name in enumerate(table.columns.names) if k not in taken]
    table.notes += unused_note(names, table.where)


def _in_force(table: SourceTable, when: ValidOn) -> None:
    """Select rows of the day, where `since` is a row's first day and `until` its last; without them, of the year.

    Where rows have days and neither a day nor a year is given, those of today are selected.
    """
    days = {role: _day(table, role) for role in ("since", "until") if role in table.columns}
    if len(days) == 2:
        _refuse_reversed_dates(table, days["since"], days["until"])
    on, rows = when.on or datetime.date.today(), table.count()
    for role, test in (("since", "<="), ("until", ">=")):
        if role in days:
            table.only(f"coalesce({days[role]} {test} ?::DATE, true)", on)
    others = rows - table.count()
    if others:
        table.notes.append(f"{table.where}: {counted(others, 'row')} not in force on {on} left out.")
    if "year" in table.columns and not days:
        _of_year(table, when)


def _day(table: SourceTable, role: str) -> str:
    """SQL for a column as dates, NULL where empty. Raises `TableError` for the first cell that is not a date."""
    text = table.text[role]
    day = f"coalesce(try_cast({text} AS DATE), try_strptime({text}, {_dates(table)})::DATE)"
    others = [cell for (cell,) in table.select(f"DISTINCT {text}", f"{text} IS NOT NULL AND {day} IS NULL")]
    if not others:
        return day
    read = {cell: _other_day(cell, role) for cell in others}
    wrong = {cell: found for cell, found in read.items() if isinstance(found, str)}
    name = table.columns.name(role)
    if wrong:
        row, shown = table.first(f"{text} IN ({placeholders(wrong)})", *wrong, show=text)
        raise TableError(f"{table.where}, row {row}: {name} is {shown!r}; {wrong[shown]}")
    periods = sorted(cell for cell in others if read_period(cell) is not None)
    if periods:
        table.notes.append(
            f"{table.where}: rows are in force from the first day of what {name!r} states ({listed(periods)})."
        )
    table.store.run(f"DROP TABLE IF EXISTS {role}_day")
    table.store.fill(f"{role}_day", {"cell": "VARCHAR", "day": "DATE"}, [list(read), list(read.values())])
    return f"coalesce({day}, (SELECT any_value(day) FROM {role}_day WHERE cell = {text}))"


def _other_day(cell: str, role: str) -> datetime.date | str:
    """Return the day that a cell states in another form, or what to write in its place.

    What is in force from a year or a month on is in force from its first day on.
    """
    period = read_period(cell)
    if period is None:
        try:
            return day_of(cell)
        except ValueError as error:
            return f"a date such as 2025-04-03 is needed{error}"
    first, month = period.months
    if role == "since":
        return datetime.date(period.year, first, 1)
    last = datetime.date(period.year, month, calendar.monthrange(period.year, month)[1])
    return f"a date is needed, the last day in force: write {last} if it is the last"


def _refuse_reversed_dates(table: SourceTable, since: str, until: str) -> None:
    """Raise `TableError` for a row that ends before it begins; in published tables such rows are left out and noted."""
    never = f"({since} > {until})"
    rows = table.count(never)
    if not rows:
        return
    row, shown = table.first(never, show=f"concat({table.text['since']}, ' to ', {table.text['until']})")
    if table.columns.layout.name == "own":
        raise TableError(f"{table.where}, row {row}: it ends before it begins ({shown})")
    table.notes.append(
        f"{table.where}: {counted(rows, 'row')} left out that end before they begin; the first is row {row} ({shown})."
    )
    table.only(f"coalesce(NOT {never}, true)")


def _dates(table: SourceTable) -> list[str]:
    """Date formats beside 2025-04-03; for 3/4/2025 the layout must state which number is the month."""
    published = table.columns.layout.dates
    with_slashes = [f"{published}{clock}" for clock in ("", " %H:%M", " %H:%M:%S")] if published else ["%d/%m/%Y %H:%M"]
    return [*with_slashes, "%Y%m%d", "%d-%m-%Y", "%d.%m.%Y"]


def _of_year(table: SourceTable, when: ValidOn) -> None:
    found = table.distinct("year")
    wrong = [text for text in found if text is None or read_period(text) is None]
    if wrong:
        row, shown = table.first(f"{table.text['year']} IS NOT DISTINCT FROM ?", wrong[0], show=table.text["year"])
        name = table.columns.name("year")
        raise TableError(f"{table.where}, row {row}: {name} is {shown!r}, not a year")
    years = sorted({period.year for text in found if (period := read_period(text)) is not None})
    wanted = when.day.year if when.day is not None else when.year
    if len(years) == 1 and (wanted is None or when.day is not None):
        wanted = years[0]
    if wanted not in years:
        raise TableError(f"{table.where}: {years_there(years, wanted)}")
    kept = [text for text in found if (p := read_period(text)) is not None and p.year == wanted]
    other = sum(rows for text, rows in found.items() if text not in kept)
    unused = f"; {counted(other, 'row')} of other years not used" if other else ""
    table.notes.append(f"{table.where}: rates of {wanted}{unused}.")
    table.only(f"{table.text['year']} IN ({placeholders(kept)})", *kept)


def rate_roles(table: SourceTable, kind: str) -> Iterator[tuple[str, str | None]]:
    """Yield the roles of columns of rates with the kind of each (None: a column states the kind)."""
    if "rate" in table.columns:
        yield "rate", None if "kind" in table.columns else kind
    else:
        yield from ((name, name) for name in KINDS if name in table.columns)


def read_rates(
    table: SourceTable,
    role: str,
    unit: str | None,
    *,
    importer: str | None = None,
    day: datetime.date | None = None,
    above: float | None = None,
    remedy: str = "if the whole column is in percent, give --rates percent (rates='percent')",
) -> int:
    """Fill the store's table `rated` from one column of rates; return its number of rows.

    Its columns are importer, partner, product, authority and kind as written (NULL if the table has none), rate (a
    fraction; NULL if the duty has no ad valorem part), weight (trade) and row (from 1).

    unit    unit of bare numbers (RATE_UNITS), if the table does not state it; "25%" is a percentage in any unit
    day     selects among rates by season
    above   lower bound that rates must exceed; None: rates must be at least zero
    remedy  advice in the error for percentages given as fractions
    Raises `TableError` for a rate out of bounds, in an unreadable format, or given as a percentage without its sign.
    """
    nothing = "CAST(NULL AS VARCHAR)"
    stated = importer if importer is not None else table.columns.layout.importer
    own = "percent" if role in table.columns.percent else table.columns.unit
    one = RATE_UNITS[unit or own or "fraction"]
    if unit == "fraction" and own == "percent":
        _note_overruled(table, role)
    number = _numbers(table, role, day)
    parts = {
        "importer": table.place("importer") if "importer" in table.columns else "CAST(? AS VARCHAR)",
        "partner": table.place("exporter") if "exporter" in table.columns else nothing,
        "product": table.text.get("product", table.text.get("sector", nothing)),
        "authority": table.text.get("authority", nothing),
        "kind": f"lower({table.text['kind']})" if "kind" in table.columns else nothing,
        "written": table.text[role],
        "bare": number if table.is_number(role) else f"coalesce({number}, duty_text.bare)",
        "duty": "duty_text.part" if not table.is_number(role) else "CAST(NULL AS DOUBLE)",
        "weight": _weight(table),
        "row": "raw.rowid + 1",
    }
    chosen = ", ".join(f"{formula} AS {name}" for name, formula in parts.items())
    join = "" if table.is_number(role) else f"LEFT JOIN duty_text ON duty_text.cell = {table.text[role]}"
    table.store.run(
        f"CREATE OR REPLACE TABLE rated AS SELECT {chosen} FROM raw {join} WHERE {table.when}",
        [*([] if "importer" in table.columns else [stated]), *table.chosen],
    )
    table.refuse_empty("importer", "product", "sector")
    _check(table, one, above, remedy)
    table.store.run(f"CREATE OR REPLACE TABLE rated AS SELECT *, coalesce(duty, bare * {one!r}) AS rate FROM rated")
    return int(table.store.row("SELECT count(*) FROM rated")[0])


def check_percentages(table: SourceTable, role: str, unit: str | None, *, means: bool = False) -> None:
    """Note rates in percent below 1, in the store's table `rated`, and refuse a column in which most of several are.

    In a published table they may all be so low, which is noted.

    unit   the unit of bare rates, if the user states it
    means  whether rates may be means of many products, most of which are often below 1%: refused where all of them are
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
    elif unit is not None or own or table.columns.unit != "percent":
        return
    positive, low = table.store.row(
        "SELECT count(*) FILTER (bare > 0), count(*) FILTER (bare > 0 AND bare < 1) FROM rated"
    )
    published = unit is None and not own
    if not low or (published and not low == positive > 1):
        return
    row, written = table.store.row("SELECT row, written FROM rated WHERE bare > 0 AND bare < 1 ORDER BY row LIMIT 1")
    what = f"of {counted(positive, 'rate')} above zero in the column {column!r} {low:,} lie below 1"
    if published:
        table.notes.append(
            f"{table.where}: all {positive:,} rates above zero in the column {column!r}, in percent, lie below 1 (row "
            f"{row}: {written}, read as {written}%): if they were divided by 100 before, multiply them by 100."
        )
        return
    if positive > 1 and (low == positive if means else 2 * low > positive):
        raise TableError(
            f"{table.where}, row {row}: a rate of {written} in percent is {written}%, and {what}; "
            f"{stated} says that they are percentages: {remedy}, or write the sign ('{written}%')"
        )
    table.notes.append(f"{table.where}: {what} (row {row}: {written}, read as {written}%).")


def _note_overruled(table: SourceTable, role: str) -> None:
    """Note that a column states percent and that its rates are read as fractions all the same."""
    stated = {f"{table.where}: the column {name!r} states percent." for name in table.columns.names}
    columns = [note for note in table.notes if note in stated]
    if role in table.columns.percent:
        columns.append(f"{table.where}: the column {table.columns.name(role)!r} states percent.")
    table.notes[:] = [note for note in table.notes if note not in columns]
    for note in columns:
        overruled = f"{note.removesuffix('.')}; --rates fraction (rates=) is followed, by which 0.25 is 25%."
        if overruled not in table.notes:
            table.notes.append(overruled)


def _weight(table: SourceTable) -> str:
    """SQL for the trade of a row, NULL where missing. Raises `TableError` for a negative or non-numeric weight."""
    if "weight" not in table.columns:
        return "CAST(NULL AS DOUBLE)"
    weight, text = table.number("weight"), table.text["weight"]
    row, shown = table.first(
        f"NOT {table.missing('weight')} AND NOT coalesce(isfinite({weight}) AND {weight} >= 0, false)", show=text
    )
    if row:
        name = table.columns.name("weight")
        if not table.count(f"isfinite({weight})"):  # "trade" may also be the direction of it
            table.notes.append(f"{table.where}: the column {name!r} has no numbers; not used.")
            return "CAST(NULL AS DOUBLE)"
        raise TableError(f"{table.where}, row {row}: {name} is {shown!r}; a number from 0 on is needed, or nothing")
    return weight


def _numbers(table: SourceTable, role: str, day: datetime.date | None) -> str:
    """SQL for the bare numbers of a column; fills the table `duty_text` with its other cells.

    These are percentages, Free, compound duties, and bare numbers with footnote marks.
    """
    if table.is_number(role):
        return table.number(role, "rate")
    if _has_decimal_commas(table, role):
        table.decimal = "comma"
    style = table.style(role, "rate")
    bare = style.sql(table.text[role])
    if table.columns.layout.name == "own" and table.count(sql_states_money(table.text[role])):
        bare = f"CASE WHEN NOT {sql_states_money(table.text[role])} THEN {bare} END"
    cells = [
        cell
        for (cell,) in table.select(
            f"DISTINCT {table.text[role]}", f"{table.text[role]} IS NOT NULL AND {bare} IS NULL"
        )
    ]
    duties = {cell: read_duty(cell, style, day) for cell in cells}
    table.store.run("DROP TABLE IF EXISTS duty_text")
    table.store.fill(
        "duty_text",
        {"cell": "VARCHAR", "part": "DOUBLE", "bare": "DOUBLE", "compound": "BOOLEAN"},
        [
            list(duties),
            [duty.ad_valorem if duty.percent else None for duty in duties.values()],
            [None if duty.percent else duty.ad_valorem for duty in duties.values()],
            [bool(duty.rest) for duty in duties.values()],
        ],
    )
    _note_compound(table, role, [cell for cell, duty in duties.items() if duty.percent and duty.rest])
    return bare


def _has_decimal_commas(table: SourceTable, role: str) -> bool:
    """Whether a published table with points before decimals has commas there, as a spreadsheet may save it.

    Raises `TableError` for a column with both, and for one in which a comma may as well stand between thousands.
    """
    if table.decimal is not None or table.columns.layout.decimal != "point":
        return False
    cell = table.text[role]
    sure, either = "[0-9]+,([0-9]{1,2}|[0-9]{4,})|0,[0-9]+", "[1-9][0-9]{0,2},[0-9]{3}"
    row, shown = table.first(f"regexp_full_match({cell}, '[+-]?({sure}) ?%?')", show=cell)
    if not row:
        row, shown = table.first(f"regexp_full_match({cell}, '[+-]?{either} ?%?')", show=cell)
        if row and table.in_doubt is None:
            raise TableError(
                f"{table.where}, row {row}: the comma in a rate of {shown!r} may stand before decimals or between "
                f"thousands; say which: --decimal comma or --decimal point (decimal=)"
            )
        return bool(row) and table.in_doubt == "comma"
    if table.count(f"regexp_full_match({cell}, '[+-]?[0-9]+[.][0-9]+ ?%?')"):
        raise TableError(
            f"{table.where}, row {row}: a rate of {shown!r} has a comma before decimals, and others of the column "
            f"{table.columns.name(role)!r} have a point; write one sign in all"
        )
    return True


def _note_compound(table: SourceTable, role: str, cells: list[str]) -> None:
    if not cells:
        return
    rows = table.count(f"{table.text[role]} IN (SELECT cell FROM duty_text WHERE compound AND part IS NOT NULL)")
    table.notes.append(
        f"{table.where}: {counted(rows, 'row')} with compound duties; only their ad valorem part is read (such as "
        f"{listed([repr(cell) for cell in sorted(cells, key=len)], 3)})."
    )


def _check(table: SourceTable, one: float, above: float | None, remedy: str) -> None:
    """Raise `TableError` for negative rates and percentages given as fractions; note cells that are not rates."""
    rate = f"coalesce(duty, bare * {one!r})"
    low = f"{rate} < 0 OR NOT isfinite({rate})" if above is None else f"{rate} <= {above!r} OR NOT isfinite({rate})"
    negative, over, unusual, highest, positive, blank, words = table.store.row(
        f"""
        SELECT count(*) FILTER ({low}),
               count(*) FILTER (bare * {one!r} > {LARGEST_BARE_NUMBER!r}),
               count(*) FILTER (bare * {one!r} > 1),
               max(bare * {one!r}),
               count(*) FILTER (coalesce(duty, bare) > 0),
               count(*) FILTER (written IS NULL),
               count(*) FILTER (coalesce(duty, bare) IS NULL AND written IS NOT NULL)
        FROM rated"""
    )
    if negative:
        row, shown = table.store.row(f"SELECT row, written FROM rated WHERE {low} ORDER BY row LIMIT 1")
        needed = "from 0 on" if above is None else f"above {100 * above:g}%"
        raise TableError(f"{table.where}, row {row}: a rate of {shown}; a number {needed} is needed")
    if one == 1.0 and (over or unusual >= max(positive / 2, 1)):
        least = LARGEST_BARE_NUMBER if over else 1.0
        row, shown, number = table.store.row(
            f"SELECT row, written, bare FROM rated WHERE bare > {least!r} ORDER BY row LIMIT 1"
        )
        raise TableError(
            f"{table.where}, row {row}: a rate of {shown} is {100 * number:,.0f}%. Rates are fractions (0.25) or "
            f"percentages ('25%'); {remedy}"
        )
    if unusual and one == 1.0:
        high = f"{counted(unusual, 'rate')} above 1, the highest {highest:g}, read as {100 * highest:,.0f}%"
        warnings.warn(f"{table.where}: {high}", UnusualRate, stacklevel=2)
    cells = _cells_without_rate(table) if words else {}
    blank += sum(rows for cell, rows in cells.items() if is_missing(cell))
    if blank:
        table.notes.append(f"{table.where}: {counted(blank, 'row')} without a rate left out.")
    _note_other_duties(table, {cell: rows for cell, rows in cells.items() if not is_missing(cell)})


def _cells_without_rate(table: SourceTable) -> dict[str, int]:
    """Return the texts of the store's table `rated` that have no ad valorem rate, each with its number of rows.

    Raises `TableError` for one of a user's own table that states no duty at all.
    """
    query = (
        "SELECT written, count(*), min(row) FROM rated WHERE coalesce(duty, bare) IS NULL AND written IS NOT NULL "
        "GROUP BY 1 ORDER BY 1"
    )
    found = table.store.rows(query)
    damaged = [(row, cell) for cell, _, row in found if table.columns.layout.name == "own" and is_damaged(str(cell))]
    if damaged:
        row, cell = min(damaged)
        raise TableError(
            f"{table.where}, row {row}: {cell!r} is neither a rate nor a duty by quantity; write a number such as "
            f"0.25, a percentage such as 25%, or nothing where the rate is not known"
        )
    return {str(cell): int(rows) for cell, rows, _ in found}


def _note_other_duties(table: SourceTable, cells: dict[str, int]) -> None:
    """Note the rows whose texts, given with their number of rows, state duties without an ad valorem rate."""
    ranges = [cell for cell in cells if is_range(cell)]
    for kind, among in (
        ("duties that are not ad valorem", [cell for cell in cells if cell not in ranges]),
        ("rates that are ranges or choices", ranges),
    ):
        if among:
            rows = counted(sum(cells[cell] for cell in among), "row")
            table.notes.append(f"{table.where}: {rows} with {kind} left out: {listed(among)}.")


#: Names for all partners without a row of their own, beside names of the world.
EVERYONE = ("all", "mfn", "erga omnes", "all third countries", "*")


def places_of(table: SourceTable, side: str, known: tuple[str, ...], day: datetime.date) -> dict[str | None, Place]:
    """Return the place by name for a column of `rated` ("importer" or "partner"); a blank or "all" is the world.

    Unknown names, and sums of countries that are not a group, are left out and noted. Raises `UnknownNameError`.
    """
    column = "exporter" if side == "partner" else side
    spelt = table.columns.layout.spelt.get(column, {})
    rows = dict(table.store.rows(f"SELECT {side}, count(*) FROM rated GROUP BY 1 ORDER BY 1"))
    found: dict[str | None, Place] = {None: everyone()} if rows.pop(None, 0) else {}
    named: dict[str, float] = {}
    for name, count in rows.items():
        if spelt.get(name.strip(), name.strip()).casefold() in EVERYONE:
            found[name] = everyone()
        else:
            named[name] = float(count)
    placing = place_all(named, known, day, spelt=spelt)
    table.notes += refuse_unknown(
        placing,
        table.where,
        table.columns.name(column) if column in table.columns else side,
        "the rows",
        lambda name: table.first(f"{table.place(column)} = ?", name)[0] if column in table.columns else 0,
        left_out=True,
        published=table.columns.layout.name != "own",
    )
    sums = [name for name, place in placing.places.items() if place.kind == "aggregate"]
    if sums:
        count = int(sum(named[name] for name in sums))
        table.notes.append(
            f"{table.where}: {counted(count, 'row')} of sums of countries that are not a group left out: "
            f"{listed(shown(name) for name in sums)}."
        )
    for name, place in placing.places.items():
        if name not in placing.unknown and name not in sums:
            found[name] = place
    return found


def everyone() -> Place:
    """Return the world as a place."""
    place = find_place(WORLD)
    assert place is not None
    return place
