"""The run store: every run, sweep and bargain as Parquet files beside a manifest, read by DuckDB.

    STORE/ID/run.json                  the manifest: the question, its hashes, version, seed, times and result
    STORE/ID/TABLE/part-00012.parquet  the rows of one part of a table

The id is a digest of everything that decides the numbers, so the same question opens the same run, and a sweep that was
killed continues. Writes are atomic: a file is written under a temporary name, synced to disk and renamed, so a file
with a part's name is complete. Nothing is locked; any number of processes may write and read at the same time.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from entrepot.errors import InputError, StoreError
from entrepot.shell import for_shell
from entrepot.sql_quoting import sql_text, without_patterns
from entrepot.version import __version__

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    #: A table: a DataFrame, or its columns as arrays, which need no pandas.
    Rows: TypeAlias = pd.DataFrame | Mapping[str, np.ndarray[Any, Any]]

#: Version of the layout and the manifest.
FORMAT = 1
MANIFEST = "run.json"
#: Start of the name of a file until it is complete.
UNFINISHED = ".unfinished-"
#: Hexadecimal digits of a run's id.
DIGITS = 12
#: The names of runs that are being deleted.
_REMOVED = re.compile(rf"{re.escape(UNFINISHED)}[0-9a-f]{{{DIGITS}}}-[0-9a-f]{{8}}")


@dataclass(frozen=True)
class Run:
    """One question and its results in the run store; `RunStore` makes it."""

    path: Path

    @property
    def id(self) -> str:
        """The digest of the question."""
        return self.path.name

    @property
    def manifest(self) -> dict[str, Any]:
        """The content of run.json. Raises `StoreError` if it is damaged or from a later version."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            if not isinstance(manifest, dict) or manifest["id"] != self.id:
                raise ValueError("it is not about this run")
            later = int(manifest["format"]) > FORMAT
            if not later:
                _check(manifest)
        except FileNotFoundError:
            raise self._deleted() from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.path / MANIFEST} is damaged ({error}); delete the run with '{self._prune}'"
            ) from None
        if later:
            raise StoreError(
                f"{self.path} was written by a later version of Entrepot ({manifest.get('version')}): update this one"
            )
        return manifest

    @property
    def complete(self) -> bool:
        """Whether every part of the run is there."""
        return self.manifest.get("finished") is not None

    @property
    def deleted(self) -> bool:
        """Whether the run is no longer in the store; any process may delete it while others use it."""
        return not (self.path / MANIFEST).exists()

    def tables(self) -> list[str]:
        """The names of the tables that have at least one part."""
        return sorted(d.name for d in _entries(self.path) if d.is_dir() and self.parts(d.name))

    def parts(self, table: str) -> set[int]:
        """The numbers of the parts of a table; each is complete."""
        names = (f.name for f in _entries(self.path / table))
        return {int(n[5:-8]) for n in names if n.startswith("part-") and n.endswith(".parquet") and n[5:-8].isdigit()}

    def write(self, table: str, rows: Rows, part: int = 0) -> None:
        """Write a part atomically; the same rows give the same bytes. Raises `StoreError`."""
        self.write_tables({table: rows}, part)

    def write_tables(self, tables: Mapping[str, Rows], part: int = 0) -> None:
        """Write a part of each of several tables, each atomically. Raises `StoreError`."""
        with _duckdb() as db:
            for table, rows in tables.items():
                if self.deleted:  # else it would count as a part of a new run of the question
                    raise self._deleted()
                try:
                    with _atomic(self.path / table / f"part-{part:05d}.parquet") as path:
                        db.register("rows", rows)
                        db.execute(f"COPY rows TO {sql_text(path)} (FORMAT parquet, COMPRESSION zstd)")
                except StoreError:
                    if self.deleted:
                        raise self._deleted() from None
                    raise

    def read(self, table: str) -> pd.DataFrame:
        """All parts of a table in order; empty if there are none. Raises `StoreError` if one is damaged."""
        import pandas as pd

        if not self.parts(table):
            return pd.DataFrame()
        return self.query(f"SELECT * FROM {self.relation(table)}")

    def relation(self, table: str) -> str:
        """The table as an SQL relation."""
        files = (self.path / table / f"part-{k:05d}.parquet" for k in sorted(self.parts(table)))
        named = ", ".join(sql_text(without_patterns(file)) for file in files)
        return f"read_parquet([{named}], union_by_name = true, hive_partitioning = false)"

    def query(self, sql: str) -> pd.DataFrame:
        """The result of SQL over the run's tables (`relation`). Raises `StoreError` if a part cannot be read."""
        with self.reading(), _duckdb() as db:
            return db.execute(sql).df()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Turn DuckDB's error about a part that cannot be read into a `StoreError`."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            if self.deleted:
                raise self._deleted() from None
            raise StoreError(
                f"run {self.id}: a part is damaged ({str(error).splitlines()[0]}); delete the run with "
                f"'{self._prune}' and solve it again"
            ) from None

    def _deleted(self) -> StoreError:
        return StoreError(f"{self.path} is gone: the run was deleted; ask the same question again to make a new one")

    @property
    def _prune(self) -> str:
        return f"entrepot runs prune {self.id} --store {for_shell(str(self.path.parent))}"

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        """Record that every part is there."""
        self._update({"finished": _now(), "summary": dict(summary or {})})

    def reopen(self) -> None:
        """Record that the same question was opened once more."""
        self._update({"times": [*self.manifest.get("times", []), _now()][-20:]})

    def bytes(self) -> int:
        """The size of the run on disk."""
        total = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with contextlib.suppress(FileNotFoundError):  # another process may have renamed it meanwhile
                    total += os.stat(os.path.join(folder, name)).st_size
        return total

    def _update(self, more: Mapping[str, Any]) -> None:
        write_manifest(self.path, {**self.manifest, **more})

    def __repr__(self) -> str:
        manifest = self.manifest
        state = "complete" if manifest.get("finished") else "not finished"
        return (
            f"Run {self.id}: {manifest['kind']} of {manifest['name']!r}, {state}, {manifest['started']}\n"
            f"Next: .read(table), .tables()"
        )


@dataclass(frozen=True)
class RunStore:
    """A folder of runs: `root`, $ENTREPOT_STORE, or the user's data folder; the first write makes it."""

    root: Path

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        object.__setattr__(self, "root", Path(root) if root is not None else default_root())

    def open(self, *, kind: str, name: str, identity: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> Run:
        """The run of a question: the one in the store, or a new one.

        identity  everything that decides the numbers;  about  what people want to read; it does not change the id
        Raises `StoreError` if the folder cannot be written.
        """
        question = json.dumps([kind, identity], sort_keys=True, default=str)
        run = Run(self.root / hashlib.sha256(question.encode()).hexdigest()[:DIGITS])
        if (run.path / MANIFEST).exists():
            _clear(run.path)
            try:
                run.reopen()
            except StoreError:
                if not run.complete:  # a complete run can be read from a folder that cannot be written
                    raise
            return run
        began = _now()
        manifest = {
            "format": FORMAT,
            "id": run.id,
            "kind": kind,
            "name": name,
            "version": __version__,
            "identity": json.loads(json.dumps(identity, default=str)),
            "about": dict(about or {}),
            "started": began,
            "times": [began],
            "finished": None,
        }
        write_manifest(run.path, manifest)
        return run

    def runs(self) -> list[Run]:
        """All runs, newest first, damaged ones included."""
        found = [Run(d) for d in _entries(self.root) if not d.name.startswith(UNFINISHED) and (d / MANIFEST).exists()]
        return sorted(found, key=_started, reverse=True)

    def find(self, prefix: str) -> Run:
        """The run whose id begins with `prefix`. Raises `InputError` if there is none, or more than one."""
        found = [run for run in self.runs() if prefix and run.id.startswith(prefix)]
        if not found:
            known = ", ".join(run.id for run in self.runs()[:5])
            raise InputError(
                f"no run {prefix!r} in {self.root}{f': the latest are {known}' if known else ', which is empty'}"
            )
        if len(found) > 1:
            raise InputError(
                f"{prefix!r} is the beginning of {len(found)} runs: {', '.join(run.id for run in found[:5])}"
            )
        return found[0]

    def remove(self, run: Run) -> None:
        """Delete a run atomically. Raises `StoreError`."""
        gone = self.root / f"{UNFINISHED}{run.id}-{secrets.token_hex(4)}"
        try:
            os.replace(run.path, gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise StoreError(f"{run.path} cannot be deleted: {error.strerror}") from None

    def finish_removals(self) -> None:
        """Delete what is left of runs whose deletion was interrupted."""
        for left in _entries(self.root):
            if _REMOVED.fullmatch(left.name):
                shutil.rmtree(left, ignore_errors=True)


def default_root() -> Path:
    """The folder $ENTREPOT_STORE, or `runs` in the user's data folder."""
    import platformdirs

    given = os.environ.get("ENTREPOT_STORE")
    return Path(given) if given else Path(platformdirs.user_data_dir("entrepot", appauthor=False)) / "runs"


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write run.json of the run in folder `path` atomically."""
    with _atomic(path / MANIFEST) as target:
        target.write_text(
            json.dumps(manifest, indent=1, ensure_ascii=False, default=str) + "\n",
            encoding="utf-8",
            errors="replace",
            newline="\n",
        )


@contextlib.contextmanager
def _atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary name to write to; rename the file to `path` once it is on disk."""
    unfinished = path.parent / f"{UNFINISHED}{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}-{path.name}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        with open(unfinished, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        _to_disk(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        if isinstance(error, Exception):
            explained = _store_error(path, error)
            if explained is not error:
                raise explained from error
        raise


def _store_error(path: Path, error: Exception) -> Exception:
    import duckdb

    if not isinstance(error, OSError | duckdb.IOException | duckdb.FatalException):
        return error
    full = (
        getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "space left" in str(error).lower()
    )
    why = "the disk is full" if full else getattr(error, "strerror", None) or str(error).splitlines()[0]
    remedy = (
        "free some space, or choose another folder with --store; the same call continues"
        if full
        else "choose another folder with --store"
    )
    return StoreError(
        f"{path} cannot be written: {why}. What was stored before is complete. {remedy[0].upper()}{remedy[1:]}."
    )


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where there is none, or where it is deleted meanwhile."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _to_disk(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _clear(path: Path) -> None:
    """Delete the temporary files that killed processes of this machine left."""
    mine = f"{UNFINISHED}{socket.gethostname()}-"
    for left in path.rglob(f"{UNFINISHED}*"):
        rest = left.name.removeprefix(mine).split("-")
        if left.name.startswith(mine) and rest[0].isdigit() and not _alive(int(rest[0])):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":  # there os.kill interrupts the process, whatever the signal
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def _duckdb() -> Iterator[Any]:
    """A new connection with one thread, which keeps the order of rows and the bytes of files."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    try:
        yield connection
    finally:
        connection.close()


def _check(manifest: dict[str, Any]) -> None:
    """Raise `ValueError` or `TypeError` if a manifest lacks a key that is read from it."""
    for key, kind in (("kind", str), ("name", str), ("version", str), ("started", str), ("times", list)):
        if not isinstance(manifest.get(key), kind):
            raise ValueError(f"{key!r} is missing")
    for key in ("identity", "about"):
        if not isinstance(manifest.get(key), dict):
            raise ValueError(f"{key!r} is missing")
    if not manifest["times"] or any(datetime.datetime.fromisoformat(time).tzinfo is None for time in manifest["times"]):
        raise ValueError("its times cannot be read")


def _started(run: Run) -> str:
    try:
        return str(run.manifest["times"][-1])
    except (StoreError, LookupError, TypeError):
        return ""


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
