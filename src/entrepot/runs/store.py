"""The run store: every run, sweep and bargain as Parquet files beside a manifest, read by DuckDB.

    STORE/ID/run.json                  the question, its hashes, version, seed, times and how it ended
    STORE/ID/TABLE/part-00012.parquet  numbers, part by part

The id is a digest of all that decides the numbers, so that the same question opens the same run: that is how a sweep
that was killed goes on. A file is written under another name, brought to disk and renamed: what has a part's name is
whole, and a part written twice is one. Nothing is locked; any number of processes may write and read at once.
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
import shlex
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import InputError, StoreError
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd

#: Of the layout and the manifest.
FORMAT = 1
MANIFEST = "run.json"
#: What a file is called until it is whole.
UNFINISHED = ".unfinished-"
DIGITS = 12


@dataclass(frozen=True)
class Run:
    """One question and what was found. Made by `RunStore`."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def manifest(self) -> dict[str, Any]:
        """Raises `StoreError` where it is damaged, or a later version's."""
        try:
            said = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            if not isinstance(said, dict) or said["id"] != self.id:
                raise ValueError("it is not about this run")
            later = int(said["format"]) > FORMAT
            if not later:
                _check(said)
        except FileNotFoundError:
            raise StoreError(f"{self.path} is gone: it was taken away; the same question begins it anew") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self.path / MANIFEST} is damaged ({error}); '{self._prune}' takes the run away"
            ) from None
        if later:
            raise StoreError(
                f"{self.path} was written by a later version of Entrepot ({said.get('version')}): update this one"
            )
        return said

    @property
    def complete(self) -> bool:
        return self.manifest.get("finished") is not None

    def tables(self) -> list[str]:
        if not self.path.is_dir():
            return []
        return sorted(d.name for d in self.path.iterdir() if d.is_dir() and self.parts(d.name))

    def parts(self, table: str) -> set[int]:
        """Numbers of the parts that are there, each whole."""
        folder = self.path / table
        if not folder.is_dir():
            return set()
        names = (f.name for f in folder.iterdir())
        return {int(n[5:-8]) for n in names if n.startswith("part-") and n.endswith(".parquet") and n[5:-8].isdigit()}

    def write(self, table: str, frame: pd.DataFrame, part: int = 0) -> None:
        """A part, whole or not at all; the same rows give the same bytes. Raises `StoreError`."""
        if not (self.path / MANIFEST).exists():  # a part of it would count as whole when the question is asked again
            raise StoreError(f"{self.path} is gone: it was taken away; the same question begins it anew")
        with _whole(self.path / table / f"part-{part:05d}.parquet") as path, _duckdb() as db:
            db.register("frame", frame)
            db.execute(f"COPY frame TO {_text(str(path))} (FORMAT parquet, COMPRESSION zstd)")

    def read(self, table: str) -> pd.DataFrame:
        """All parts in order; empty where there are none. Raises `StoreError` for a damaged one."""
        import pandas as pd

        if not self.parts(table):
            return pd.DataFrame()
        return self.query(f"SELECT * FROM {self.relation(table)}")

    def relation(self, table: str) -> str:
        """The table in SQL."""
        files = [_text(_literal(self.path / table / f"part-{k:05d}.parquet")) for k in sorted(self.parts(table))]
        return f"read_parquet([{', '.join(files)}], union_by_name = true, hive_partitioning = false)"

    def query(self, sql: str) -> pd.DataFrame:
        """SQL over the run's tables (`relation`). Raises `StoreError` for a part that cannot be read."""
        with self.reading(), _duckdb() as db:
            return db.execute(sql).df()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """What DuckDB says of a part that cannot be read, as a `StoreError`."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            raise StoreError(
                f"run {self.id}: a part is damaged ({str(error).splitlines()[0]}); take the run away with "
                f"'{self._prune}' and solve it again"
            ) from None

    @property
    def _prune(self) -> str:
        return f"entrepot runs prune {self.id} --store {shlex.quote(str(self.path.parent))}"

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        """All that was asked for is there."""
        self._say({"finished": _now(), "summary": dict(summary or {})})

    def again(self) -> None:
        """The same question was asked once more."""
        self._say({"times": [*self.manifest.get("times", []), _now()][-20:]})

    def bytes(self) -> int:
        total = 0
        for file in self.path.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # another process may have given it its own name meanwhile
                total += file.stat().st_size if file.is_file() else 0
        return total

    def _say(self, more: Mapping[str, Any]) -> None:
        write_manifest(self.path, {**self.manifest, **more})

    def __repr__(self) -> str:
        said = self.manifest
        state = "complete" if said.get("finished") else "not finished"
        return (
            f"Run {self.id}: {said['kind']} of {said['name']!r}, {state}, {said['started']}\n"
            f"Next: .read(table), .tables()"
        )


@dataclass(frozen=True)
class RunStore:
    """A folder of runs: `root`, or $ENTREPOT_STORE, or the user's own data folder. Made when first written to."""

    root: Path

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        object.__setattr__(self, "root", Path(root) if root is not None else default_root())

    def open(self, *, kind: str, name: str, identity: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> Run:
        """The run of this question: a new one, or the one that is there.

        identity  all that decides the numbers;  about  what people want to read, no part of the id
        Raises `StoreError` where the folder cannot be written.
        """
        question = json.dumps([kind, identity], sort_keys=True, default=str)
        run = Run(self.root / hashlib.sha256(question.encode()).hexdigest()[:DIGITS])
        if (run.path / MANIFEST).exists():
            _clear(run.path)
            try:
                run.again()
            except StoreError:
                if not run.complete:  # what is whole can be read where nothing can be written
                    raise
            return run
        began = _now()
        said = {
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
        write_manifest(run.path, said)
        return run

    def runs(self) -> list[Run]:
        """Newest first; what is damaged among them."""
        if not self.root.is_dir():
            return []
        found = [Run(d) for d in self.root.iterdir() if d.is_dir() and (d / MANIFEST).exists()]
        return sorted(found, key=_started, reverse=True)

    def find(self, prefix: str) -> Run:
        """The run whose id begins so. Raises `InputError` where none does, or several do."""
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
        """Take a run away, whole or not at all."""
        gone = self.root / f"{UNFINISHED}{run.id}-{secrets.token_hex(4)}"
        try:
            os.replace(run.path, gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise StoreError(f"{run.path} cannot be taken away: {error.strerror}") from None


def default_root() -> Path:
    """$ENTREPOT_STORE, or `runs` in the user's data folder."""
    import platformdirs

    given = os.environ.get("ENTREPOT_STORE")
    return Path(given) if given else Path(platformdirs.user_data_dir("entrepot", appauthor=False)) / "runs"


def write_manifest(path: Path, said: Mapping[str, Any]) -> None:
    with _whole(path / MANIFEST) as target:
        target.write_text(json.dumps(said, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A name to write to; what was written there gets its own name once it is on the disk."""
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
            said = _store_error(path, error)
            if said is not error:
                raise said from error
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
        "free some space, or choose another folder with --store; the same call goes on"
        if full
        else "choose another folder with --store"
    )
    return StoreError(
        f"{path} cannot be written: {why}. What was stored before is whole. {remedy[0].upper()}{remedy[1:]}."
    )


def _to_disk(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _clear(path: Path) -> None:
    """What killed processes of this machine left unfinished."""
    mine = f"{UNFINISHED}{socket.gethostname()}-"
    for left in path.rglob(f"{UNFINISHED}*"):
        rest = left.name.removeprefix(mine).split("-")
        if left.name.startswith(mine) and rest[0].isdigit() and not _alive(int(rest[0])):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def _duckdb() -> Iterator[Any]:
    """A connection of its own: one thread, so that rows keep their order and files their bytes."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    try:
        yield connection
    finally:
        connection.close()


def _check(said: dict[str, Any]) -> None:
    """Raises `ValueError` or `TypeError` where a manifest lacks what is read of it."""
    for key, kind in (("kind", str), ("name", str), ("version", str), ("started", str), ("times", list)):
        if not isinstance(said.get(key), kind):
            raise ValueError(f"{key!r} is missing")
    for key in ("identity", "about"):
        if not isinstance(said.get(key), dict):
            raise ValueError(f"{key!r} is missing")
    if not said["times"] or any(datetime.datetime.fromisoformat(time).tzinfo is None for time in said["times"]):
        raise ValueError("its times cannot be read")


def _started(run: Run) -> str:
    try:
        return str(run.manifest["times"][-1])
    except (StoreError, LookupError, TypeError):
        return ""


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _literal(path: Path) -> str:
    """A path that DuckDB takes for itself and not for a pattern."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
