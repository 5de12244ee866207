"""Tables of any size in a DuckDB file of our own: opened in bounded memory, gone when done, stopped by Ctrl-C.

The SQL of this package names columns and tables that the package itself made (c0, c1, ...). What users write, such as
paths, names and codes, comes in as parameters alone.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.data.sources.one_pass import unreadable
from entrepot.documents import as_path
from entrepot.errors import DocumentError, InputError, TableError

#: What DuckDB may hold in memory unless told otherwise; the rest waits on disk.
MEMORY = "3GB"


#: DuckDB's names of the types that hold numbers.
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")


@dataclass(frozen=True)
class Source:
    """A table of the user's, not read yet.

    where    how messages call it
    names    of its columns, as written
    numbers  whether each column holds numbers; else texts
    relation what stands behind FROM, with `parameters`; its columns are c0, c1, ...; `numbered` has a column row too
    """

    where: str
    names: tuple[str, ...]
    numbers: tuple[bool, ...]
    relation: str
    numbered: str
    parameters: tuple[Any, ...] = ()
    path: str = ""

    def text(self, position: int) -> str:
        """A column as text, NULL where it is empty."""
        column = f"c{position}"
        return f"CAST({column} AS VARCHAR)" if self.numbers[position] else f"nullif(trim({column}), '')"


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

    def source(self, given: Any, what: str) -> Source:
        """A DataFrame or the path of a CSV or Parquet file as a Source. Raises `DocumentError`, `TableError`."""
        if isinstance(given, pd.DataFrame):
            return self._from_frame(given, what)
        if not isinstance(given, str | os.PathLike):
            raise TableError(
                f"{what}: a DataFrame or the path of a CSV or Parquet file is needed, not {type(given).__name__}"
            )
        path = as_path(given)
        if not path.is_file():
            raise DocumentError("is a folder, not a file" if path.is_dir() else "no such file", path=str(path))
        name = path.name.casefold()
        if name.endswith((".parquet", ".pq")):
            return self._from_parquet(path, what)
        if name.endswith((".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")):
            return self._from_csv(path, what)
        raise DocumentError(
            "a file ending in .csv, .csv.gz, .tsv or .parquet is needed; unpack an archive, save a workbook as CSV",
            path=str(path),
        )

    def _from_frame(self, frame: pd.DataFrame, what: str) -> Source:
        if frame.empty:
            raise TableError(f"{what}: the table has no rows")
        name = f"given{self._registered}"
        self._registered += 1
        numbers = tuple(frame.dtypes.iloc[k].kind in "iuf" for k in range(frame.shape[1]))
        plain = pd.DataFrame(
            {
                f"c{k}": frame.iloc[:, k].to_numpy()
                if number
                else frame.iloc[:, k].astype(object).where(frame.iloc[:, k].notna(), None).map(_text).to_numpy(object)
                for k, number in enumerate(numbers)
            }
        )
        self._connection.register(name, plain)
        return Source(
            where=what,
            names=tuple(map(str, frame.columns)),
            numbers=numbers,
            relation=name,
            numbered=f"(SELECT *, row_number() OVER () AS row FROM {name})",
        )

    def _from_parquet(self, path: Path, what: str) -> Source:
        where, literal = f"{what} ({path.name})", _literal(path)
        try:
            described = self.rows("DESCRIBE SELECT * FROM read_parquet(?)", [literal])
        except (self._duckdb.Error, DocumentError) as error:
            raise DocumentError(
                f"cannot be read as Parquet: {str(error).splitlines()[0][:200]}", path=str(path)
            ) from error
        if self.row("SELECT count(*) FROM read_parquet(?)", [literal])[0] == 0:
            raise TableError(f"{where}: the table has no rows")
        renamed = ", ".join(f"c{k}" for k in range(len(described)))
        return Source(
            where=where,
            names=tuple(str(row[0]) for row in described),
            numbers=tuple(_NUMBER.fullmatch(row[1]) is not None for row in described),
            relation=f"(SELECT {_as_texts(described)} FROM (SELECT * FROM read_parquet(?)) AS t({renamed}))",
            numbered=f"(SELECT {_as_texts(described)}, row + 1 AS row FROM "
            f"(SELECT * FROM read_parquet(?, file_row_number=true)) AS t({renamed}, row))",
            parameters=(literal,),
            path=str(path),
        )

    def _from_csv(self, path: Path, what: str) -> Source:
        where = f"{what} ({path.name})"
        names, separator = _header(path)
        kinds = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(len(names)))
        latin = not self._is_utf8(path, separator, kinds)
        read = (
            f"read_csv(?, auto_detect=false, header=true, delim='{separator}', quote='\"', escape='\"', "
            f"columns={{{kinds}}}{', encoding=' + repr('latin-1') if latin else ''})"
        )
        return Source(
            where=where,
            names=names,
            numbers=(False,) * len(names),
            relation=read,
            numbered=f"(SELECT *, row_number() OVER () AS row FROM {read})",
            parameters=(_literal(path),),
            path=str(path),
        )

    def _is_utf8(self, path: Path, separator: str, kinds: str) -> bool:
        """By its first megabyte; what comes later and is not is found when it is read."""
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rb") as file:
            block = file.read(1 << 20)
        try:
            block.decode("utf-8")
        except UnicodeDecodeError as error:
            return error.start > len(block) - 4
        return True

    @contextmanager
    def reading(self, source: Source) -> Iterator[None]:
        """What DuckDB says of a file that is none, as a `DocumentError` with the line."""
        try:
            yield
        except self._duckdb.Error as error:
            if not source.path:
                raise
            raise unreadable(Path(source.path), str(error)) from error

    def first(self, source: Source, fault: str, parameters: Sequence[Any] = (), show: str = "NULL") -> tuple[int, Any]:
        """The first row (from 1, the header not counted) where `fault` holds, and what `show` is there."""
        found = self.rows(
            f"SELECT row, {show} FROM {source.numbered} WHERE {fault} ORDER BY row LIMIT 1",
            [*source.parameters, *parameters],
        )
        return (int(found[0][0]), found[0][1]) if found else (0, None)


def _literal(path: Path) -> str:
    """A path in which no sign stands for several: DuckDB reads * ? [ as patterns."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _text(value: Any) -> Any:
    return None if value is None else str(value)


def _as_texts(described: Sequence[tuple[Any, ...]]) -> str:
    """Columns that are neither numbers nor texts (dates, categories) as texts."""
    return ", ".join(
        f"c{k}" if _NUMBER.fullmatch(row[1]) or row[1] == "VARCHAR" else f"CAST(c{k} AS VARCHAR) AS c{k}"
        for k, row in enumerate(described)
    )


def _header(path: Path) -> tuple[tuple[str, ...], str]:
    """Names of a CSV file's columns, and what separates them. Raises `DocumentError` for one without rows."""
    try:
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rb") as file:
            first = file.readline(1_000_000).decode("utf-8-sig", errors="replace")
            second = file.readline(1_000_000)
    except (OSError, EOFError) as error:
        raise DocumentError(f"cannot be read: {error}", path=str(path)) from error
    if not first.strip():
        raise DocumentError("is empty, or its first line is", path=str(path))
    separator = max((",", ";", "\t", "|"), key=first.count)
    names = tuple(name.strip() for name in next(csv.reader([first], delimiter=separator), []))
    if not second.strip():
        raise DocumentError(f"the table has no rows below its header ({first.strip()[:80]!r})", path=str(path))
    return names, separator
