"""A table of the user's while it is read: its columns by role, and the faults that any table may have, by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from entrepot.data.hs import read_codes
from entrepot.data.tariff_files import counted, listed
from entrepot.errors import TableError, UnknownNameError
from entrepot.exposures.columns import Columns
from entrepot.exposures.store import Source, Store

#: What stands for every product.
EVERY_PRODUCT = ("all", "total")


@dataclass
class Table:
    """A Source with its columns. Rows that are read stand in the store's table `raw`.

    when, chosen   the condition that rows must meet to be read, and its parameters
    """

    store: Store
    source: Source
    columns: Columns
    when: str = "true"
    chosen: tuple[Any, ...] = ()

    @property
    def where(self) -> str:
        return self.source.where

    @property
    def file(self) -> str:
        """The name of the file, or what the table is."""
        return self.where.split("(", 1)[-1].rstrip(")")

    @cached_property
    def text(self) -> dict[str, str]:
        """The columns by role, as text."""
        return {role: self.source.text(place) for role, place in self.columns.position.items()}

    def number(self, role: str) -> str:
        """A column as a number, NULL where it is none."""
        place = self.columns.position[role]
        if self.source.numbers[place]:
            return f"CAST(c{place} AS DOUBLE)"
        return f"try_cast({self.text[role]} AS DOUBLE)"

    def only(self, condition: str, *parameters: Any) -> None:
        """Reads only the rows where this holds too."""
        self.when = condition if self.when == "true" else f"{self.when} AND {condition}"
        self.chosen = (*self.chosen, *parameters)

    def of_year(self, year: int | None, *, alone: bool = False) -> None:
        """Only the rows of a year, or (alone) of the one there is. Raises `TableError` where it is not clear which."""
        column = self.text["year"]
        with self.store.reading(self.source):
            found = self.store.rows(f"SELECT DISTINCT {column} FROM {self.source.relation}", self.source.parameters)
        years = sorted({str(name)[:4] for (name,) in found if name is not None})
        one = len(years) == 1 and (year is None or alone)
        wanted = years[0] if one else None if year is None else str(year)
        if wanted not in years:
            asked = f"no rows of {year}; " if year is not None else ""
            raise TableError(f"{self.where}: {asked}the years are {listed(years)}; choose one: --year (year=)")
        self.only(f"substr({column}, 1, 4) = ?", wanted)

    def read(self, parts: dict[str, str], parameters: Sequence[Any] = ()) -> int:
        """Makes `raw` with these columns, and says how many rows it has. `parameters` are those of the columns."""
        selected = ", ".join(f"{formula} AS {name}" for name, formula in parts.items())
        with self.store.reading(self.source):
            self.store.run(
                f"CREATE OR REPLACE TABLE raw AS SELECT {selected} FROM {self.source.relation} WHERE {self.when}",
                [*parameters, *self.source.parameters, *self.chosen],
            )
        return int(self.store.row("SELECT count(*) FROM raw")[0])

    def first(self, fault: str, *parameters: Any, show: str = "NULL") -> tuple[int, Any]:
        """The first of the rows read (from 1, the header not counted) where `fault` holds, and what `show` is there."""
        return self.store.first(self.source, f"({fault}) AND {self.when}", [*parameters, *self.chosen], show)

    def rows(self, condition: str, *parameters: Any) -> list[int]:
        """The first few of the rows read where this holds."""
        found = self.store.rows(
            f"SELECT row FROM {self.source.numbered} WHERE {condition} AND {self.when} ORDER BY row LIMIT 4",
            [*self.source.parameters, *parameters, *self.chosen],
        )
        return [int(row) for (row,) in found]

    # ---- faults and names ----

    def refuse_empty(self, *roles: str) -> None:
        for role in roles:
            if role in self.text and self.store.row(f"SELECT count(*) FROM raw WHERE {role} IS NULL")[0]:
                row, _ = self.first(f"{self.text[role]} IS NULL")
                raise TableError(f"{self.where}, row {row}: the {self.columns.name(role)} is empty")

    def looked_up(self, role: str, look: Callable[[Any, str], str]) -> dict[Any, str]:
        """What `look` says of every name in a column. Its errors get the row, which is searched for only then."""
        found: dict[Any, str] = {}
        for (name,) in self.store.rows(f"SELECT DISTINCT {role} FROM raw ORDER BY 1"):
            try:
                found[name] = look(name, self.where)
            except (UnknownNameError, TableError):
                row = self.first(f"{self.text[role]} = ?", name)[0] if role in self.text else 0
                look(name, f"{self.where}, row {row} ({role})" if row else f"{self.where} ({role})")
                raise
        return found

    def codes(self, every: Sequence[str] = ()) -> tuple[dict[str, str], tuple[str, ...]]:
        """Codes by what is written ("" for every product), and a note on those mended."""
        written = [name for (name,) in self.store.rows("SELECT DISTINCT product FROM raw ORDER BY 1")]
        codes, wrong, mended = read_codes([name for name in written if name.casefold() not in every])
        if wrong:
            row, _ = self.first(f"{self.text['product']} = ?", wrong)
            bare = wrong.strip().removesuffix(".0")
            why = (
                "it may have lost a leading zero in a spreadsheet: keep the column as text, with all its digits"
                if bare.isdigit() and len(bare) % 2
                else "codes have 2, 4, 6, 8 or 10 digits, and chapters go from 01 to 99"
            )
            raise TableError(f"{self.where}, row {row}: {wrong!r} is not a code of the Harmonized System; {why}")
        notes = []
        if mended:
            shown = f"{counted(len(mended), 'code')} had lost the leading zero and got it back: {listed(mended)}"
            notes.append(f"{self.where}: {shown}.")
        return {**codes, **{name: "" for name in written if name.casefold() in every}}, tuple(notes)

    def editions(self) -> tuple[str, ...]:
        """Editions of the Harmonized System that the table states."""
        if "edition" not in self.columns:
            return ()
        column = self.text["edition"]
        query = f"SELECT DISTINCT {column} FROM {self.source.relation} WHERE {column} IS NOT NULL"
        return tuple(sorted(str(name) for (name,) in self.store.rows(query, self.source.parameters)))
