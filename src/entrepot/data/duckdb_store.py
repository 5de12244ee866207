"""A temporary DuckDB database for tables of any size, in bounded memory; Ctrl-C stops a running statement.

SQL texts contain only names of tables and columns that the package created (c0, c1, ...). Paths, names and codes from
users are passed as parameters.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
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
from entrepot.sql_quoting import without_patterns

#: The default memory limit of DuckDB; data beyond it are spilled to disk.
MEMORY = "3GB"


#: DuckDB's names of the types that hold numbers.
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")


@dataclass(frozen=True)
class Relation:
    """A user's table as a DuckDB relation, not read yet.

    where      its name in messages
    names      names of its columns, as written
    numbers    whether each column holds numbers; the others hold text
    relation   SQL for FROM, with `parameters`; its columns are c0, c1, ...; `numbered` also has a column row
    notes      decisions made when it was opened
    separator  field separator of a text table
    unknown    whether cells of formulas without a result may be in it
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
    unknown: bool = False

    def text(self, position: int) -> str:
        """Return SQL for a column as text, NULL where it is empty."""
        column = f"c{position}"
        return as_text(column) if self.numbers[position] else _stripped(column)

    def cell(self, position: int) -> str:
        """Return SQL for a column of numbers, or of text, NULL where it is empty."""
        return f"c{position}" if self.numbers[position] else self.text(position)


class Store:
    """A DuckDB database in a temporary folder. Use it as a context manager, from one thread.

    Each statement runs in a worker thread, so that this thread receives Ctrl-C and can interrupt it.
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
        """Execute a statement."""
        self._do(lambda: self._connection.execute(statement, list(parameters)))

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._do(lambda: self._connection.execute(query, list(parameters)).fetchall())

    def row(self, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """Return the first row of a query, such as an aggregate."""
        return self.rows(query, parameters)[0]

    def frame(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the result of a query as a DataFrame."""
        return self._do(lambda: self._connection.execute(query, list(parameters)).df())

    def fill(self, table: str, columns: dict[str, str], values: Sequence[Sequence[Any]]) -> None:
        """Create and fill a small table: column types by name, and one sequence of values per column."""
        made = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.run(f"CREATE TABLE {table} ({made})")
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        self.run(f"INSERT INTO {table} SELECT {listed}", [list(column) for column in values])

    def fill_ids(self, table: str, ids: Mapping[Any, int]) -> None:
        """Create and fill a table of names with their numbers: name, id."""
        self.fill(table, {"name": "VARCHAR", "id": "INTEGER"}, [list(ids), list(ids.values())])

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

    # ---- tables of users ----

    def source(
        self, given: Any, what: str, *, recognises: Recognises = lambda names: False, year: int | None = None
    ) -> Relation:
        """Return any table as a Relation; see `open_table` for the kinds of table and the errors."""
        if isinstance(given, Relation):
            return given
        folder = Path(self._folder.name) / "files"
        folder.mkdir(exist_ok=True)
        return self.opened(open_table(given, what, folder, recognises=recognises, year=year))

    def opened(self, table: OpenedTable) -> Relation:
        """Return an opened table as a Relation."""
        if table.frame is not None:
            return self._from_frame(table.frame, table)
        if table.parquet is not None:
            return self._from_parquet(table.parquet, table)
        return self._from_text(table)

    def whole(self, table: OpenedTable | Relation) -> pd.DataFrame:
        """Return a whole table as a DataFrame; text cells are str, or None where empty."""
        source = table if isinstance(table, Relation) else self.opened(table)
        columns = ", ".join(f"{source.cell(k)} AS c{k}" for k in range(len(source.names)))
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
            unknown=bool(frame.attrs.get("unknown")),
        )

    def _from_parquet(self, path: Path, table: OpenedTable) -> Relation:
        literal = without_patterns(path)
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
            parameters=(without_patterns(text.path),),
            path=table.path,
            notes=table.notes,
            separator=text.separator,
        )

    @contextmanager
    def reading(self, source: Relation) -> Iterator[None]:
        """Turn DuckDB's errors about a damaged file into `DocumentError` with the line."""
        try:
            yield
        except self._duckdb.Error as error:
            if not source.path:
                raise
            raise unreadable(Path(source.path), str(error)) from error


def _stripped(column: str) -> str:
    """SQL for a text column without blanks at its ends, NULL where empty."""
    plain = f"ascii({column}) BETWEEN 33 AND 126 AND ascii({column}[-1]) BETWEEN 33 AND 126"
    # trim with a set of characters takes most of the time of reading a large table: it runs only where it may change
    return f"CASE WHEN {plain} THEN {column} ELSE nullif(trim({column}, '{ENDS}'), '') END"


def _filled(columns: int) -> str:
    """SQL that is true for lines of a text table with any non-empty field."""
    cells = ", ".join(f"nullif(trim(c{k}), '')" for k in range(columns))
    return f"coalesce({cells}, NULL) IS NOT NULL"


def placeholders(values: Sized) -> str:
    """Return SQL for the parameters of a list of values: ?, ?, ?."""
    return ", ".join("?" * len(values))


def as_text(column: str) -> str:
    """Return SQL for a number column as text; 870323.0 becomes 870323."""
    whole = f"{column} = floor({column}) AND abs({column}) < 1e15"
    return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"


def _as_texts(described: Sequence[tuple[Any, ...]]) -> str:
    """SQL that casts columns of dates, categories and the like to text."""
    return ", ".join(
        f"c{k}" if _NUMBER.fullmatch(row[1]) or row[1] == "VARCHAR" else f"CAST(c{k} AS VARCHAR) AS c{k}"
        for k, row in enumerate(described)
    )


def unreadable(path: Path, message: str) -> DocumentError:
    """Return a `DocumentError` with the line and the cause from the message of DuckDB or pandas about a bad line."""
    line = re.search(r"(?:Line: |in line )(\d+)", message)
    cells = re.search(
        r"Expected Number of Columns: (\d+) Found: (\d+)|Expected (\d+) fields in line \d+, saw (\d+)", message
    )
    if cells:
        wanted, found = (number for number in cells.groups() if number)
        short = int(found) < int(wanted)
        mend = "complete the line" if short else "put a text or a number that holds the separator in quotes"
        text = f"it has {found} cells and the header {wanted}: {mend}, or remove the line if it is a note"
    elif "unterminated quote" in message or "inside string" in message:
        text = "a quotation mark is not closed"
    elif "codec can't decode" in message:
        text = "it is not text in UTF-8: save it as UTF-8"
    elif "sniff" in message.casefold():
        text = "its lines differ in their number of columns; is it cut short, or separated by another character?"
    else:
        text = " ".join(message.split("\n")[0].split())[:200]
    return DocumentError(f"cannot be read as CSV: {text}", path=str(path), line=int(line.group(1)) if line else None)
