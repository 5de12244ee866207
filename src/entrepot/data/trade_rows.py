"""The rows of a table of trade that are imports of one year: its periods, flows and classifications."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from entrepot.data.duckdb_store import placeholders
from entrepot.data.layouts import fold_name
from entrepot.data.periods import Period, month_name, read_period, refuse_split_years, years_there
from entrepot.data.place_columns import shown
from entrepot.data.source_table import SourceTable
from entrepot.data.units import MOST_KINDS, flows_in
from entrepot.errors import TableError
from entrepot.words import counted, dollars, listed

Flow = Literal["imports", "exports"]

#: Names of flows, in lower case.
_IMPORTS = (
    *("m", "import", "imports", "1", "i", "imp", "general imports", "imports for consumption"),
    *("gross imports", "gross imp."),
    "expimp",  # WITS has exports and imports in two columns of one row; the imports are read
)
_EXPORTS = ("x", "export", "exports", "2", "e", "exp", "gross exports", "gross exp.", "total exports")
_PARTS_OF_THEM = {
    **dict.fromkeys(("rm", "re-import", "re-imports", "reimport", "re-imp.", "4"), "re-imports"),
    **dict.fromkeys(("rx", "re-export", "re-exports", "reexport", "re-exp.", "3"), "re-exports"),
    **dict.fromkeys(("dx", "domestic export", "domestic exports"), "domestic exports"),
    **dict.fromkeys(("fm", "foreign import", "foreign imports"), "foreign imports"),
    **dict.fromkeys(("mip", "mop", "xip", "xop"), "goods for processing"),
}


def choose_flow(table: SourceTable, flow: Flow) -> bool:
    """Keep imports, or exports to be mirrored; True for the latter."""
    if "flow" not in table.columns:
        _refuse_other_flow(table, flow)
        return flow == "exports"
    found = table.distinct("flow")
    folded = {text: str(text).strip().casefold() for text in found}
    strange = [str(text) for text, name in folded.items() if name not in (*_IMPORTS, *_EXPORTS, *_PARTS_OF_THEM)]
    if strange and table.is_number("flow") and table.columns.layout.name == "own":  # the column contains amounts
        return flow == "exports"
    if strange:
        raise TableError(
            f"{table.where}: unknown flow {listed(strange)}; known are M (imports), X (exports), RM, RX and DX"
        )
    names = _IMPORTS if flow == "imports" else _EXPORTS
    kept = [text for text, name in folded.items() if name in names]
    other = {text: rows for text, rows in found.items() if text not in kept}
    if not kept:
        has_exports = any(name in _EXPORTS for name in folded.values())
        remedy = "; to read them as imports of the partner, give --flow exports (flow='exports')"
        raise TableError(
            f"{table.where}: no row has the flow {flow} (the flows are {listed([str(text) for text in found])})"
            f"{remedy if has_exports and flow == 'imports' else ''}"
        )
    if len({folded[text] for text in kept}) > 1:
        raise TableError(
            f"{table.where}: {listed(map(str, kept))} are two counts of the same {flow}; keep one of them in the table"
        )
    if other:
        value = _worth(table, f"NOT coalesce({table.text['flow']} IN ({placeholders(kept)}), false)", kept)
        left = ", ".join(f"{text}: {counted(rows, 'row')}" for text, rows in other.items())
        table.notes.append(
            f"{table.where}: rows of other flows than {flow} were left out ({left}; {value} in sum). Re-imports and "
            f"re-exports are parts of imports and exports."
        )
    table.only(f"{table.text['flow']} IN ({placeholders(kept)})", *kept)
    return flow == "exports"


def _refuse_other_flow(table: SourceTable, flow: Flow) -> None:
    """Raise `TableError` for a column without a role by whose texts rows are of the other flow."""
    for role in table.columns.position:
        if not role.startswith("other ") or table.is_number(role):
            continue
        text, name = table.text[role], table.columns.name(role)
        cells = table.select(f"DISTINCT {text}", f"{text} IS NOT NULL", f"LIMIT {MOST_KINDS + 1}")
        found = flows_in([str(cell) for (cell,) in cells])
        other = [cell for cell, named in found.items() if named != flow]
        if not other or len(cells) > MOST_KINDS:
            continue
        texts = listed(sorted({" ".join(cell.split()) for cell in other}))
        raise TableError(
            f"{table.where}: the column {name!r} says that rows are {found[other[0]]} ({texts}); keep the rows of "
            f"{flow}, or call it 'flow' and write imports or exports in each row; leave it out where importer and "
            f"exporter are right"
        )


def _worth(table: SourceTable, condition: str, parameters: Sequence[Any]) -> str:
    """The value of some rows in the table's own unit, as text."""
    try:
        number = table.number("value")
    except TableError:
        return "of a value that cannot be read"
    found = table.store.rows(
        f"SELECT sum({number}) FROM raw WHERE {condition} AND {table.when}", [*parameters, *table.chosen]
    )[0][0]
    return f"a value of {found:,.0f}" if (found or 0) >= 1e6 else f"a value of {found or 0:,.6g}"


def choose_period(table: SourceTable, year: int | None) -> dict[str, tuple[int, int]]:
    """Keep the rows of one year; return first and last month by text if periods differ in length, else {}."""
    if "year" not in table.columns:
        return {}
    found = table.distinct("year")
    refuse_split_years(found, f"{table.where}, column {table.columns.name('year')!r}")
    read = _month_of_date if table.columns.layout.to_date else read_period
    periods = {text: read(text) for text in found if text is not None}
    wrong = [text for text, period in periods.items() if period is None]
    if wrong or None in found:
        row, shown_ = table.first(
            f"{table.text['year']} IS NOT DISTINCT FROM ?", wrong[0] if wrong else None, show=table.text["year"]
        )
        raise TableError(
            f"{table.where}, row {row}: the {table.columns.name('year')} is "
            f"{'empty' if shown_ is None else repr(shown_)}; a "
            f"year such as 2024, or a quarter or month of one, is needed"
        )
    known = {text: period for text, period in periods.items() if period is not None}
    years = sorted({period.year for period in known.values()})
    chosen = years[0] if len(years) == 1 and year is None else year
    if chosen not in years:
        raise TableError(f"{table.where}: {years_there(years, year)}")
    kept = [text for text, period in known.items() if period.year == chosen]
    table.only(f"{table.text['year']} IN ({placeholders(kept)})", *kept)
    if fold_name(table.columns.name("value")) in table.columns.layout.to_date:
        return _keep_last_month(table, {text: known[text] for text in kept})
    stated = [known[text] for text in kept]
    if {period.length for period in stated} == {"year"}:
        stated = _parts_beside(table, chosen) or stated
    table.notes += _period_notes(table.where, chosen, stated)
    several = len({known[text].length for text in kept}) > 1
    return {str(text): known[text].months for text in kept} if several else {}


def _parts_beside(table: SourceTable, year: int | None) -> list[Period]:
    """Return the quarters or months in a column beside that of years; none where a row is of the whole year."""
    role = next((role for role in ("part of the year", "month") if role in table.columns), None)
    if role is None or year is None:
        return []
    length: Literal["quarter", "month"] = "quarter" if fold_name(table.columns.name(role)).startswith("q") else "month"
    texts = ["" if text is None else str(text).casefold().removesuffix(".0") for text in table.distinct(role)]
    numbers = [int(text) if text.isdecimal() else month_name(text) for text in (t.removeprefix("q") for t in texts)]
    if any(not number or number > (4 if length == "quarter" else 12) for number in numbers):
        return []
    return [Period(year, length, number) for number in numbers if number]


def _month_of_date(written: str) -> Period | None:
    """Return the month that begins on a date, as in 2024-12-01 00:00:00; else the period that a text states."""
    date = re.fullmatch(r"((?:19|20)\d\d)-(\d\d)-01(?:[ T].*)?", written.strip())
    return Period(int(date[1]), "month", int(date[2])) if date else read_period(written)


def _keep_last_month(table: SourceTable, periods: Mapping[str, Period]) -> dict[str, tuple[int, int]]:
    """Keep the rows of the last month, in which values are those of the year until then; return no months by text."""
    role = "month" if "month" in table.columns else "year"
    months = {text: period.number for text, period in periods.items() if period.length == "month"}
    if role == "month":
        written = {text: str(text or "").removesuffix(".0") for text in table.distinct("month")}
        months = {text: int(number) if number.isdecimal() else 0 for text, number in written.items()}
        if not all(1 <= number <= 12 for number in months.values()):
            value, month = (table.columns.name(role) for role in ("value", "month"))
            raise TableError(
                f"{table.where}: {value} is the value of the year to date, and the column {month!r} has "
                f"{listed(map(repr, written.values()))}; numbers of months are needed"
            )
    if not months:
        return {}
    last = max(months.values())
    before = table.count()
    kept = [text for text, number in months.items() if number == last]
    table.only(f"{table.text[role]} IN ({placeholders(kept)})", *kept)
    year = next(iter(periods.values())).year
    if left := before - table.count():
        table.notes.append(
            f"{table.where}: {table.columns.name('value')} is the value of the year to date: the rows of month {last} "
            f"are read, and {counted(left, 'row')} of earlier months left out."
        )
    table.notes += _period_notes(table.where, year, [Period(year, "part", last)]) if last < 12 else []
    return {}


def _period_notes(where: str, year: int | None, periods: Sequence[Period]) -> list[str]:
    lengths = {period.length for period in periods}
    if "year" in lengths:
        return []
    if "part" in lengths:
        through = max(period.number for period in periods if period.length == "part")
        return [f"{where}: trade of {year} is that of its first {counted(through, 'month')}, not of a year."]
    months = {month for period in periods for month in range(period.months[0], period.months[1] + 1)}
    number, whole, noun = (len(months) // 3, 4, "quarter") if lengths == {"quarter"} else (len(months), 12, "month")
    lacking = f"{counted(whole - number, noun)} {'are' if whole - number > 1 else 'is'} missing"
    less = "" if number == whole else f": it is not that of a whole year, of which {lacking}"
    return [f"{where}: trade of {year} is the sum of {counted(number, noun)}{less}."]


def short_period_notes(table: SourceTable, spans: dict[str, tuple[int, int]]) -> list[str]:
    """A note on trade with only some months, in a table whose other trade covers the whole year."""
    short = [text for text, months in spans.items() if months != (1, 12)]
    if len(short) == len(spans):
        return []
    (value,) = table.store.row(f"SELECT coalesce(sum(value), 0) FROM part WHERE year IN ({placeholders(short)})", short)
    return [f"{table.where}: {dollars(value)} of trade cover only some months of the year."] if value else []


def refuse_classifications(table: SourceTable) -> None:
    """Raise `TableError` for codes of another system than HS, or of two HS editions for one importer."""
    editions = [str(name) for name in table.editions]
    other = [name for name in editions if name[:1].upper() in ("S", "B", "E") and not name.upper().startswith("HS")]
    if other:
        raise TableError(
            f"{table.where}: the classification {listed(other)} is not the Harmonized System (SITC and BEC are not "
            f"read); download the table by HS"
        )
    if len(editions) < 2 or "edition" not in table.columns:
        return
    text, importer = table.text["edition"], table.place("importer") if "importer" in table.columns else "''"
    both = table.select(
        f"{importer}, list(DISTINCT {text})", then=f"GROUP BY 1 HAVING count(DISTINCT {text}) > 1 LIMIT 1"
    )
    if both:
        name, several = both[0]
        raise TableError(
            f"{table.where}: the trade of {shown(str(name))} is repeated in several editions of the Harmonized System "
            f"({listed(sorted(map(str, several)))}); keep one"
        )
