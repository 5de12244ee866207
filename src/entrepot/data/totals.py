"""Totals among the rows of a table of trade: found, compared with their parts, and never added to them.

    breakdown   all modes of transport, all districts, the year beside its months: the row states it
    places      the world, the European Union beside its members, "extra-EU"
    products    87 beside 8703 beside 870323, of the same importer and partner

A total is deleted if the table has its parts, and kept otherwise. Differences between totals and the sum of their
parts are noted; parts that miss more than a tenth of their totals raise an error, since either may be wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from entrepot.data.amounts import distinct_amounts, percent
from entrepot.data.duckdb_store import Store, placeholders
from entrepot.economy.geography import Place
from entrepot.errors import TableError
from entrepot.sql_quoting import sql_numbers
from entrepot.words import counted, dollars, listed

#: The largest share of a total that its parts may miss (suppressed and confidential rows).
LARGEST_GAP = 0.1


@dataclass(frozen=True)
class Total:
    """Deleted totals: the number of rows, the value that they state and the sum of their parts (US$ million)."""

    what: str
    rows: int
    stated: float
    parts: float

    @property
    def gap(self) -> float:
        """The share of the stated value that the parts miss."""
        return (self.stated - self.parts) / self.stated if self.stated else 0.0

    def note(self, where: str) -> str:
        """Return a note on the deleted totals."""
        stated, parts = distinct_amounts(self.stated, self.parts)
        fit = (
            "their parts add up to that"
            if abs(self.gap) < 5e-4
            else f"their parts add up to {parts}, {percent(self.parts / self.stated, 3)} of it"
            if self.stated
            else "they state nothing"
        )
        return (
            f"{where}: {counted(self.rows, 'row')} of totals of others ({self.what}) not added: they state "
            f"{stated}, {fit}."
        )


# ---- breakdowns: a row states that it is a total ----

#: Texts that mark the total of a breakdown in users' own tables.
ALL_OF_IT = ("total", "all", "world", "grand total", "sum", "overall", "tot", "_t", "c00")
#: Codes that mark the total of a breakdown if the other rows add up to it, and are ordinary codes otherwise.
PERHAPS_ALL = ("0", "t")


def says_all(text: str) -> bool:
    """Whether a cell of a column without a role reads as a total: "Total", "All districts"."""
    folded = text.strip().casefold()
    begins = folded.startswith(("all ", "total ")) and not folded.startswith("all other")
    return folded in ALL_OF_IT or (begins and len(folded.split()) <= 4)


def may_say_all(text: str) -> bool:
    """Whether a cell reads as a total, or is a code that marks totals in some tables."""
    return says_all(text) or text.strip().casefold() in PERHAPS_ALL


def adds_up(store: Store, column: str, mark: str, keys: Sequence[str]) -> bool:
    """Whether in `part` the rows with `mark` in a column equal the sum of the other rows of their flows.

    Only flows with both kinds of rows count, and at least one must have several others.
    """
    (stated, parts, most) = store.row(
        f"""
        SELECT sum(stated), sum(parts), max(others)
        FROM (SELECT sum(value) FILTER (is_all) AS stated, sum(value) FILTER (NOT is_all) AS parts,
                     count(*) FILTER (NOT is_all) AS others
              FROM (SELECT *, coalesce(lower(trim({column})) = ?, false) AS is_all FROM part)
              GROUP BY {", ".join(keys)} HAVING bool_or(is_all) AND NOT bool_and(is_all))""",
        [mark.strip().casefold()],
    )
    return bool(stated) and most > 1 and bool(abs(stated - parts) <= LARGEST_GAP * stated)


def without_levels(store: Store, column: str, name: str, keys: Sequence[str]) -> list[Total]:
    """Delete from `part` rows whose code is a part of the code of another row of the flow: 2100 beside 2000."""
    codes = [str(code) for (code,) in store.rows(f"SELECT DISTINCT {column} FROM part WHERE {column} IS NOT NULL")]
    pairs = [(code, above) for code in codes for above in codes if _inside(code, above)]
    if not pairs:
        return []
    store.fill("inside", {"code": "VARCHAR", "above": "VARCHAR"}, list(zip(*pairs, strict=True)))
    same = " AND ".join(f"other.{key} IS NOT DISTINCT FROM part.{key}" for key in keys)
    is_part, is_whole = (
        f"EXISTS (SELECT 1 FROM part AS other JOIN inside ON other.{column} = inside.{theirs} "
        f"WHERE inside.{ours} = part.{column} AND {same})"
        for ours, theirs in (("code", "above"), ("above", "code"))
    )
    store.run(f"CREATE TABLE marked AS SELECT *, {is_part} AS is_part, {is_whole} AS is_whole FROM part")
    number, parts, stated = store.row(
        "SELECT count(*) FILTER (is_part), coalesce(sum(value) FILTER (is_part AND NOT is_whole), 0), "
        "coalesce(sum(value) FILTER (is_whole AND NOT is_part), 0) FROM marked"
    )
    store.run("CREATE OR REPLACE TABLE part AS SELECT * EXCLUDE (is_part, is_whole) FROM marked WHERE NOT is_part")
    for table in ("inside", "marked"):
        store.run(f"DROP TABLE {table}")
    wholes = ", ".join(sorted({above for _, above in pairs}))
    return [Total(f"all of {name} {wholes}", number, stated, parts)] if number else []


def _inside(code: str, above: str) -> bool:
    """Whether a code of digits is a part of one that ends in zeros: 2100 of 2000."""
    begins = above.rstrip("0")
    return code != above and len(code) == len(above) > len(begins) > 0 and code.isdigit() and code.startswith(begins)


def without_breakdowns(
    store: Store,
    breakdowns: Mapping[str, Iterable[str]],
    keys: Sequence[str],
    periods: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
) -> list[Total]:
    """Keep in `part` (columns `keys`, `periods`, breakdowns, value) either the total or the parts of each flow.

    breakdowns  by column, the texts that mark the total. Among rows that differ only in this column the total is kept
                if there is one; otherwise they are parts, which are added up later
    names       the names of columns in notes, where they differ
    """
    found: list[Total] = []
    for column, texts in breakdowns.items():
        marks = [text.strip().casefold() for text in texts]
        is_all = f"(coalesce(lower(trim({column})), '') IN ({placeholders(marks)}))"
        totals, rows = store.row(f"SELECT count(*) FILTER ({is_all}), count(*) FROM part", marks)
        if totals in (0, rows):
            continue
        others = ", ".join([*keys, *periods, *(c for c in breakdowns if c != column)])
        store.run(
            f"CREATE OR REPLACE TABLE marked AS SELECT *, {is_all} AS is_all, "
            f"bool_or({is_all}) OVER (PARTITION BY {others}) AS has_all FROM part",
            [*marks, *marks],
        )
        stated, parts, number = store.row(
            "SELECT coalesce(sum(value) FILTER (is_all), 0), coalesce(sum(value) FILTER (NOT is_all), 0), "
            "count(*) FILTER (NOT is_all) FROM marked WHERE has_all"
        )
        store.run(
            "CREATE OR REPLACE TABLE part AS SELECT * EXCLUDE (is_all, has_all) FROM marked WHERE is_all = has_all"
        )
        store.run("DROP TABLE marked")
        if number:
            found.append(Total(f"all of {(names or {}).get(column, column.replace('_', ' '))}", number, stated, parts))
    return found


def without_parts_of_periods(
    store: Store, months: Mapping[str, tuple[int, int]], keys: Sequence[str], where: str
) -> list[Total]:
    """Delete from `part` (columns `keys`, year, value) rows whose period is inside that of another row of the flow.

    These are months beside their quarter, and quarters beside their year.

    months  the first and last month of each text of the column year
    Raises `TableError` for periods of one flow that overlap in another way.
    """
    spans: list[list[str | int]] = [
        list(months),
        [first for first, _ in months.values()],
        [last for _, last in months.values()],
    ]
    store.fill("span", {"name": "VARCHAR", "first": "INTEGER", "last": "INTEGER"}, spans)
    store.run("CREATE TABLE marked AS SELECT part.*, first, last FROM part JOIN span ON part.year = span.name")
    store.run(f"CREATE TABLE whole AS SELECT DISTINCT {', '.join(keys)}, first, last FROM marked")
    same = " AND ".join(f"whole.{key} IS NOT DISTINCT FROM marked.{key}" for key in keys)
    within = "{0}.first >= {1}.first AND {0}.last <= {1}.last AND {0}.last - {0}.first < {1}.last - {1}.first"
    is_part, has_parts, crosses = (
        f"EXISTS (SELECT 1 FROM whole WHERE {same} AND {test})"
        for test in (
            within.format("marked", "whole"),
            within.format("whole", "marked"),
            "whole.first < marked.first AND whole.last >= marked.first AND whole.last < marked.last",
        )
    )
    crossing = store.rows(f"SELECT year FROM marked WHERE {crosses} ORDER BY 1 LIMIT 1")
    if crossing:
        raise TableError(
            f"{where}: {crossing[0][0]} overlaps another period of the same flow, and neither is a part of the other; "
            "keep one of them"
        )
    number, parts = store.row(f"SELECT count(*), coalesce(sum(value), 0) FROM marked WHERE {is_part}")
    (stated,) = store.row(f"SELECT coalesce(sum(value), 0) FROM marked WHERE {has_parts} AND NOT {is_part}")
    store.run(f"CREATE OR REPLACE TABLE part AS SELECT * EXCLUDE (first, last) FROM marked WHERE NOT {is_part}")
    for name in ("span", "marked", "whole"):
        store.run(f"DROP TABLE {name}")
    return [Total("all of the period", number, stated, parts)] if number else []


def breakdown_note(where: str, total: Total) -> str:
    """Return a note on parts that were left out because the table has their totals."""
    stated, parts = distinct_amounts(total.stated, total.parts)
    return (
        f"{where}: {counted(total.rows, 'row')} of parts of others (the table also has {total.what}) not added: they "
        f"add up to {parts}, the totals state {stated}."
    )


# ---- places ----


def without_totals_of_places(
    store: Store, places: Sequence[Place], side: str, other: str, where: str
) -> tuple[list[Total], list[str]]:
    """Delete from `flow` (importer, exporter, product, value; places by position) totals of places on one side.

    The world and sums of countries that are not a group are always deleted; a group is deleted if the table has its
    members with the same partner. Raises `TableError` if the members miss more than a tenth of their group.
    """
    found: list[Total] = []
    notes: list[str] = []
    for k, place in enumerate(places):
        if place.kind in ("world", "aggregate"):
            rows, stated = store.row(f"SELECT count(*), coalesce(sum(value), 0) FROM flow WHERE {side} = {k}")
            if not rows:
                continue
            parts = _sum_beside(store, [j for j, p in enumerate(places) if not p.is_total], side, other, k)
            store.run(f"DELETE FROM flow WHERE {side} = {k}")
            if place.kind == "world":
                found.append(Total(f"{side} {place.name}", rows, stated, parts))
            else:
                notes.append(
                    f"{where}: {counted(rows, 'row')} of the {side} {place.name} ({dollars(stated)}), a sum of "
                    f"countries, not added."
                )
    here = {k for (k,) in store.rows(f"SELECT DISTINCT {side} FROM flow")}
    for k, place in enumerate(places):
        inside = [j for j in sorted(here - {k}) if places[j].members and set(places[j].members) < set(place.members)]
        if place.kind != "group" or not inside:
            continue
        beside = f"SELECT DISTINCT {other} FROM flow WHERE {side} IN ({sql_numbers(inside)})"
        rows, stated = store.row(
            f"SELECT count(*), coalesce(sum(value), 0) FROM flow WHERE {side} = {k} AND {other} IN ({beside})"
        )
        if not rows:
            continue
        parts = _sum_beside(store, inside, side, other, k)
        total = Total(f"{side} {place.code}", rows, stated, parts)
        if stated and abs(total.gap) > LARGEST_GAP:
            names = listed((places[j].code for j in inside), 6)
            texts = distinct_amounts(stated, parts)
            raise TableError(
                f"{where}: the {side} {place.code} is a total of countries that the table has too ({names}), "
                f"but it states {texts[0]} and they add up to {texts[1]}: "
                f"give all members, or the group alone"
            )
        store.run(f"DELETE FROM flow WHERE {side} = {k} AND {other} IN ({beside})")
        found.append(total)
    _refuse_overlap(store, places, side, other, where)
    return found, notes


def _refuse_overlap(store: Store, places: Sequence[Place], side: str, other: str, where: str) -> None:
    """Raise `TableError` for two groups with the same partner and common members, which would count twice."""
    groups = [(k, place) for k, place in enumerate(places) if place.kind == "group"]
    for (k, one), (j, another) in itertools.combinations(groups, 2):
        common = sorted(set(one.members) & set(another.members))
        if common and store.rows(
            f"SELECT 1 FROM flow WHERE {side} = {k} "
            f"AND {other} IN (SELECT {other} FROM flow WHERE {side} = {j}) LIMIT 1"
        ):
            raise TableError(
                f"{where}: the {side}s {one.code} and {another.code} have members in common ({listed(common)}), whose "
                "trade is in both and would count twice; give one of the groups, or countries"
            )


def _sum_beside(store: Store, inside: Sequence[int], side: str, other: str, total: int) -> float:
    """Return the sum over the places inside a total, with the partners that the total has."""
    if not inside:
        return 0.0
    (value,) = store.row(
        f"SELECT coalesce(sum(value), 0) FROM flow WHERE {side} IN ({sql_numbers(inside)}) "
        f"AND {other} IN (SELECT DISTINCT {other} FROM flow WHERE {side} = {total})"
    )
    return float(value)


# ---- products ----


def ancestors(codes: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs of positions (code, shorter code that it begins with)."""
    at = {code: k for k, code in enumerate(codes)}
    return [
        (k, at[code[:length]])
        for k, code in enumerate(codes)
        for length in range(0, len(code), 2)
        if code[:length] in at
    ]


def without_totals_of_products(store: Store, codes: Sequence[str], where: str) -> list[Total]:
    """Delete from `flow` products whose parts the table has for the same importer and exporter.

    Raises `TableError` if the parts miss more than a tenth of their totals.
    """
    pairs = ancestors(codes)
    if not pairs:
        return []
    store.fill("above", {"code": "INTEGER", "beginning": "INTEGER"}, list(zip(*pairs, strict=True)))
    store.run(
        "CREATE TABLE total AS SELECT DISTINCT flow.importer, flow.exporter, above.beginning AS product "
        "FROM flow JOIN above ON flow.product = above.code SEMI JOIN flow AS whole ON whole.importer = flow.importer "
        "AND whole.exporter = flow.exporter AND whole.product = above.beginning"
    )
    on = "USING (importer, exporter, product)"
    rows = int(store.row(f"SELECT count(*) FROM flow SEMI JOIN total {on}")[0])
    found: list[Total] = []
    if rows:
        # the highest totals of each flow state the sum of all codes below them
        under_a_total = (
            "EXISTS (SELECT 1 FROM above JOIN total AS higher ON higher.product = above.beginning "
            "WHERE above.code = flow.product AND higher.importer = flow.importer AND higher.exporter = flow.exporter)"
        )
        stated, parts = (
            float(store.row(f"SELECT coalesce(sum(value), 0) FROM flow {rows_of} JOIN total {on} WHERE {test}")[0])
            for rows_of, test in (("SEMI", f"NOT {under_a_total}"), ("ANTI", under_a_total))
        )
        lengths = sorted({len(codes[k]) for k, _ in pairs} | {len(codes[k]) for _, k in pairs})
        what = "products at " + ", ".join(f"HS{n}" if n else "all goods" for n in lengths)
        total = Total(what, rows, stated, parts)
        if stated and abs(total.gap) > LARGEST_GAP:
            shorter, longer = distinct_amounts(stated, parts)
            raise TableError(
                f"{where}: the table has codes and longer codes that begin with them (such as "
                f"{_example(codes, pairs)}), but the values differ: the shorter codes state {shorter}, the longer ones "
                f"{longer}. Remove one level, or give all codes of the finest"
            )
        store.run(f"CREATE OR REPLACE TABLE flow AS SELECT * FROM flow ANTI JOIN total {on}")
        found.append(total)
    store.run("DROP TABLE above")
    store.run("DROP TABLE total")
    return found


def _example(codes: Sequence[str], pairs: Sequence[tuple[int, int]]) -> str:
    longer, shorter = pairs[0]
    return f"{codes[longer]} beside {codes[shorter] or 'the total'}"


# ---- totals that no column marks ----


def refuse_unmarked_totals(store: Store, keys: str, where: str) -> None:
    """Raise `TableError` if in most flows with several rows the largest row is the sum of the others.

    This finds totals that no column marks. Two equal rows do not count.
    """
    sums, several = store.row(
        f"""
        SELECT count(*) FILTER (abs(2 * largest - total) <= 1e-6 * total AND total > 0), count(*)
        FROM (SELECT max(value) AS largest, sum(value) AS total FROM part GROUP BY {keys} HAVING count(*) > 2)"""
    )
    if sums >= 2 and sums > several / 2:
        raise TableError(
            f"{where}: in {sums:,} of {several:,} flows with several rows the largest row is the sum of the "
            "others: the table has totals and their parts, and no column marks the totals; keep one of them"
        )
