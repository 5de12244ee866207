"""Tables of any size in a DuckDB file of our own: opened in bounded memory, gone when done, stopped by Ctrl-C.

The SQL of this package names columns and tables that the package itself made (c0, c1, ...). What users write, such as
paths, names and codes, comes in as parameters alone.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.data.formats.grid import Recognises
from entrepot.data.number_formats import ENDS
from entrepot.data.opening import OpenedTable, cells_as_text, open_table
from entrepot.errors import DocumentError, InputError, TableError

#: What DuckDB may hold in memory unless told otherwise; the rest waits on disk.
MEMORY = "3GB"


#: DuckDB's names of the types that hold numbers.
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")


@dataclass(frozen=True)
class Relation:
    """A table of the user's, not read yet.

    where    how messages call it
    names    of its columns, as written
    numbers  whether each column holds numbers; else texts
    relation what stands behind FROM, with `parameters`; its columns are c0, c1, ...; `numbered` has a column row too
    notes    what was decided when it was opened;  separator  of a text table's fields
    """

    where: str
    names: tuple[str, ...]
    numbers: tuple[bool, ...]
    relation: str
    numbered: str
    parameters: tuple[Any, ...] = ()
    path: str = ""
    notes: tuple[str, ...] = ()
    separator: str | None = None

    def text(self, position: int) -> str:
        """A column as text, NULL where it is empty."""
        column = f"c{position}"
        if not self.numbers[position]:
            return f"nullif(trim({column}, '{ENDS}'), '')"
        return as_text(column)


class Store:
    """A DuckDB file in a temporary folder. Use as a context manager, from one thread.

    A statement runs in a thread of its own, so that Ctrl-C reaches this one, which then stops it.
    """

    def __init__(self, memory: str = MEMORY, threads: int | None = None) -> None:
        if not re.fullmatch(r"\s*\d+(\.\d+)?\s*([KMGT]i?B)\s*", memory, re.IGNORECASE):
            raise InputError(f"memory={memory!r}: a size is needed, such as 3GB")
        if threads is not None and threads < 1:
            raise InputError(f"threads={threads}: at least 1 is needed")
        self.memory, self.threads = memory.strip(), threads
        self._registered = 0

    def __enter__(self) -> Store:
        import duckdb

        self._duckdb = duckdb
        self._folder = tempfile.TemporaryDirectory(prefix="entrepot-")
        config: dict[str, Any] = {"memory_limit": self.memory, "temp_directory": f"{self._folder.name}/spill"}
        if self.threads is not None:
            config["threads"] = self.threads
        self._connection = duckdb.connect(f"{self._folder.name}/exposure.duckdb", config=config)
        self._pool = ThreadPoolExecutor(1)
        self.run("SET enable_progress_bar=false")
        return self

    def __exit__(self, *_: Any) -> None:
        self._pool.shutdown()
        self._connection.close()
        self._folder.cleanup()

    # ---- statements ----

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self._do(lambda: self._connection.execute(statement, list(parameters)))

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._do(lambda: self._connection.execute(query, list(parameters)).fetchall())

    def row(self, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The one row of an aggregate."""
        return self.rows(query, parameters)[0]

    def frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        return self._do(lambda: self._connection.execute(query, list(parameters)).df())

    def fill(self, table: str, columns: dict[str, str], values: Sequence[Sequence[Any]]) -> None:
        """A small table of our own: `columns` by name with their types, one sequence of values each."""
        made = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.run(f"CREATE TABLE {table} ({made})")
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        self.run(f"INSERT INTO {table} SELECT {listed}", [list(column) for column in values])

    def _do(self, act: Callable[[], Any]) -> Any:
        future = self._pool.submit(act)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            future.exception()  # wait until it has stopped
            raise
        except (self._duckdb.OutOfMemoryException, self._duckdb.IOException) as error:
            cause = " ".join(str(error).split())[:160]
            raise DocumentError(
                f"not enough memory (--memory {self.memory}) or disk for these tables: {cause}"
            ) from error

    # ---- the user's tables ----

    def source(
        self, given: Any, what: str, *, recognises: Recognises = lambda names: False, year: int | None = None
    ) -> Relation:
        """Any table as a Source; see `entrepot.data.opening.open_table` for what it may be and what is raised."""
        folder = Path(self._folder.name) / "files"
        folder.mkdir(exist_ok=True)
        return self.opened(open_table(given, what, folder, recognises=recognises, year=year))

    def opened(self, table: OpenedTable) -> Relation:
        """A table that was opened, as a Source."""
        if table.frame is not None:
            return self._from_frame(table.frame, table)
        if table.parquet is not None:
            return self._from_parquet(table.parquet, table)
        return self._from_text(table)

    def whole(self, table: OpenedTable | Relation) -> pd.DataFrame:
        """All of a table as a DataFrame: cells of text as str, None where empty."""
        source = table if isinstance(table, Relation) else self.opened(table)
        columns = ", ".join(
            f"{source.text(k) if not number else f'c{k}'} AS c{k}" for k, number in enumerate(source.numbers)
        )
        with self.reading(source):
            frame = self.frame(f"SELECT {columns} FROM {source.relation}", source.parameters)
        for k, number in enumerate(source.numbers):
            if not number:
                column = frame[f"c{k}"].astype(object)
                frame[f"c{k}"] = column.where(column.notna(), None)
        frame.columns = pd.Index(source.names)
        return frame.dropna(how="all").reset_index(drop=True) if source.separator is not None else frame

    def _from_frame(self, frame: pd.DataFrame, table: OpenedTable) -> Relation:
        if frame.empty:
            raise TableError(f"{table.where}: the table has no rows")
        name = f"given{self._registered}"
        self._registered += 1
        numbers = tuple(frame.dtypes.iloc[k].kind in "iuf" for k in range(frame.shape[1]))
        plain = pd.DataFrame(
            {
                f"c{k}": frame.iloc[:, k].to_numpy() if number else cells_as_text(frame.iloc[:, k]).to_numpy(object)
                for k, number in enumerate(numbers)
            }
        )
        self._connection.register(name, plain)
        return Relation(
            where=table.where,
            names=tuple(map(str, frame.columns)),
            numbers=numbers,
            relation=name,
            numbered=f"(SELECT *, row_number() OVER () AS row FROM {name})",
            path=table.path,
            notes=table.notes,
        )

    def _from_parquet(self, path: Path, table: OpenedTable) -> Relation:
        literal = _literal(path)
        try:
            described = self.rows("DESCRIBE SELECT * FROM read_parquet(?)", [literal])
        except (self._duckdb.Error, DocumentError) as error:
            raise DocumentError(
                f"cannot be read as Parquet: {str(error).splitlines()[0][:200]}", path=str(path)
            ) from error
        if self.row("SELECT count(*) FROM read_parquet(?)", [literal])[0] == 0:
            raise TableError(f"{table.where}: the table has no rows")
        renamed = ", ".join(f"c{k}" for k in range(len(described)))
        return Relation(
            where=table.where,
            names=tuple(str(row[0]) for row in described),
            numbers=tuple(_NUMBER.fullmatch(row[1]) is not None for row in described),
            relation=f"(SELECT {_as_texts(described)} FROM (SELECT * FROM read_parquet(?)) AS t({renamed}))",
            numbered=f"(SELECT {_as_texts(described)}, row + 1 AS row FROM "
            f"(SELECT * FROM read_parquet(?, file_row_number=true)) AS t({renamed}, row))",
            parameters=(literal,),
            path=table.path or str(path),
            notes=table.notes,
        )

    def _from_text(self, table: OpenedTable) -> Relation:
        text = table.text
        assert text is not None
        kinds = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(len(text.names)))
        separator = text.separator.replace("\t", "\\t")
        read = (
            f"read_csv(?, auto_detect=false, header=false, skip={text.skip}, delim='{separator}', quote='\"', "
            f"escape='\"', columns={{{kinds}}}, strict_mode=true, null_padding=false)"
        )
        return Relation(
            where=table.where,
            names=text.names,
            numbers=(False,) * len(text.names),
            relation=read,
            numbered=f"(SELECT *, row_number() OVER () AS row FROM {read} WHERE {_filled(len(text.names))})",
            parameters=(_literal(text.path),),
            path=table.path,
            notes=table.notes,
            separator=text.separator,
        )

    @contextmanager
    def reading(self, source: Relation) -> Iterator[None]:
        """What DuckDB says of a file that is none, as a `DocumentError` with the line."""
        try:
            yield
        except self._duckdb.Error as error:
            if not source.path:
                raise
            raise unreadable(Path(source.path), str(error)) from error


def _filled(columns: int) -> str:
    """Whether a line of a text table says anything: a line of separators alone is no row."""
    cells = ", ".join(f"nullif(trim(c{k}), '')" for k in range(columns))
    return f"coalesce({cells}, NULL) IS NOT NULL"


def as_text(column: str) -> str:
    """A column of numbers as text: 870323, where it holds 870323.0."""
    whole = f"{column} = floor({column}) AND abs({column}) < 1e15"
    return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"


def _literal(path: Path) -> str:
    """A path in which no sign stands for several: DuckDB reads * ? [ as patterns."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _as_texts(described: Sequence[tuple[Any, ...]]) -> str:
    """Columns that are neither numbers nor texts (dates, categories) as texts."""
    return ", ".join(
        f"c{k}" if _NUMBER.fullmatch(row[1]) or row[1] == "VARCHAR" else f"CAST(c{k} AS VARCHAR) AS c{k}"
        for k, row in enumerate(described)
    )


def unreadable(path: Path, said: str) -> DocumentError:
    """duckdb's long account of a bad line, cut to the line and the cause."""
    line = re.search(r"Line: (\d+)", said)
    cause = re.search(r"(Expected Number of Columns[^\n]*|Value with unterminated quote[^\n]*)", said)
    text = " ".join((cause.group(1) if cause else said.split("\n")[0]).split())[:200]
    if "sniff" in said.casefold() and not cause:
        text = "its lines do not have the same columns throughout; is it cut short, or separated by another sign?"
    return DocumentError(f"cannot be read as CSV: {text}", path=str(path), line=int(line.group(1)) if line else None)
