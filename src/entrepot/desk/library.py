"""What may be named in a question: the bundled cases and Economies, and those of a folder that the desk was given."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.cases import Case, bundled_cases, load_case
from entrepot.economy import Economy, bundled_economies, load_economy
from entrepot.economy.geography import country_name, groups
from entrepot.errors import DocumentError, EntrepotError, UnknownNameError
from entrepot.words import sector_name, short, spoken

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
#: Bytes of a case file, as of a question.
LARGEST = 256_000

#: When a file was written, when its permissions were set, and its size.
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class UnreadableFile:
    """A file of the folder that is not offered: its name there, and what is wrong with it."""

    file: str
    says: str

    @property
    def name(self) -> str:
        return Path(self.file).stem


@dataclass(frozen=True)
class FileKind:
    """Cases or Economies: how their files end, the names that the package has, how one is read, its most bytes."""

    what: str
    ends: tuple[str, ...]
    bundled: Callable[[], Iterable[str]]
    read: Callable[[str, Stamp], Any]
    largest: float = float("inf")


@dataclass(frozen=True)
class Library:
    """folder   holds cases (NAME.yaml) and saved Economies (NAME.ep); clients name them by NAME, never by a path."""

    folder: str | None = None

    def names(self, shelf: FileKind) -> dict[str, str]:
        """What to load, by name; whether it can be is not known before."""
        return self._files(shelf)[0] | {name: name for name in shelf.bundled()}

    def all(self, shelf: FileKind) -> tuple[dict[str, Any], tuple[UnreadableFile, ...]]:
        """What can be offered, by name, and the files that cannot."""
        read = {name: shelf.read(what, _stamp(what)) for name, what in self.names(shelf).items()}
        good = {name: one for name, one in read.items() if not isinstance(one, UnreadableFile)}
        faults = [*self._files(shelf)[1], *(one for one in read.values() if isinstance(one, UnreadableFile))]
        return good, tuple(sorted(faults, key=lambda fault: fault.file))

    def faults(self) -> tuple[UnreadableFile, ...]:
        """Every file of the folder that cannot be offered."""
        return tuple(dict.fromkeys(fault for shelf in (CASES, ECONOMIES) for fault in self.all(shelf)[1]))

    def case(self, name: str) -> Case:
        """Raises `UnknownNameError`, or `DocumentError` with what is wrong with the file."""
        found: Case = self._one(CASES, name)
        return found

    def economy(self, name: str) -> Economy:
        """Raises `UnknownNameError`, or `DocumentError` with what is wrong with the file."""
        found: Economy = self._one(ECONOMIES, name)
        return found

    def of(self, case: Case) -> Economy | None:
        """The Economy of a case, where it is one of these; None leaves it to the case. Raises `DocumentError`."""
        try:
            return self.economy(case.economy)
        except UnknownNameError:
            return None
        except DocumentError as error:
            raise DocumentError(str(error), key="economy") from None

    def stamps(self) -> list[tuple[str, Stamp]]:
        """The files of the folder and their stamps: answers hold for as long as these do."""
        try:
            return (
                [(path.name, _stamp(str(path))) for path in sorted(Path(self.folder).iterdir())] if self.folder else []
            )
        except OSError:
            return []

    def _one(self, shelf: FileKind, name: str) -> Any:
        known = self.names(shelf)
        if name not in known:
            raise UnknownNameError(shelf.what, name, known)
        found = shelf.read(known[name], _stamp(known[name]))
        if isinstance(found, UnreadableFile):
            raise DocumentError(found.says, path=found.file)
        return found

    def _files(self, shelf: FileKind) -> tuple[dict[str, str], list[UnreadableFile]]:
        """The paths of a shelf's files by name, and those that their names, kinds or sizes keep from it."""
        if self.folder is None:
            return {}, []
        folder = Path(self.folder)
        try:
            every = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in shelf.ends]
        except OSError as error:
            return {}, [UnreadableFile(folder.name, f"cannot be read: {error.strerror}")]
        found = [path for path in every if not path.name.startswith(".")]
        refused = {path: _refused(path, found, shelf) for path in found}
        faults = [UnreadableFile(path.name, says) for path, says in refused.items() if says]
        return {path.stem: str(path) for path, says in refused.items() if not says}, faults


def _refused(path: Path, found: list[Path], shelf: FileKind) -> str:
    """Why a file cannot be offered, whatever is in it."""
    twin = next((other.name for other in found if other != path and other.stem == path.stem), None)
    if not _NAME.fullmatch(path.stem):
        return "a name has letters, digits, - and _ alone, 80 at most; rename it"
    if path.stem in shelf.bundled():
        return f"the desk has a bundled {shelf.what} of this name; rename the file"
    if twin is not None:
        return f"{twin} has the same name; rename one of them"
    try:
        if not path.is_file():
            return "is not a file"
        size = path.stat().st_size
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return f"has {size:,} bytes; a desk reads a {shelf.what} of up to {shelf.largest:,}" if size > shelf.largest else ""


def _stamp(what: str) -> Stamp:
    """What changes when a file does; a bundled name never changes."""
    try:
        found = Path(what).stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _tried(load: Callable[[str], Any], what: str) -> Any:
    """What a file holds, or its UnreadableFile, which names no folder of the desk's owner."""
    try:
        return load(what)
    except EntrepotError as error:
        says = str(error)
    except Exception:
        logging.getLogger("entrepot.desk").exception("%s cannot be read", what)
        says = "cannot be read; the log of the desk says more"
    path = Path(what)
    return UnreadableFile(path.name, says.removeprefix(what).lstrip(",: ").replace(str(path.parent), "..."))


@functools.lru_cache(maxsize=256)
def _case(what: str, stamp: Stamp) -> Case | UnreadableFile:
    return _tried(load_case, what)


@functools.lru_cache(maxsize=8)
def _economy(what: str, stamp: Stamp) -> Economy | UnreadableFile:
    return _tried(load_economy, what)


CASES = FileKind("case", (".yaml", ".yml"), bundled_cases, _case, LARGEST)
ECONOMIES = FileKind("Economy", (".ep",), bundled_economies, _economy)


def described(e: Economy) -> dict[str, Any]:
    """What can be named on an Economy: countries and groups with their names, sectors with their trade elasticities."""
    known = set(e.countries)
    return {
        "name": e.name,
        "year": e.year,
        "source": e.source,
        "fingerprint": e.fingerprint,
        "countries": [_named(c, country_name(c), known) for c in e.countries],
        "groups": [
            {**_named(code, group["title"], known), "members": [c for c in group["members"] if c in known]}
            for code, group in groups().items()
            if known & set(group["members"])
        ],
        "sectors": [
            {"code": s, "name": sector_name(s), "theta": float(t)} for s, t in zip(e.sectors, e.theta, strict=True)
        ],
    }


def _named(code: str, name: str, known: Collection[str]) -> dict[str, Any]:
    """A country or group in a list, as a label, and inside a sentence; a group with how many members the data have."""
    said = short(code, known)
    listed = name if said == short(code) else said
    return {"code": code, "name": listed, "short": said, "spoken": spoken(code, known)}
