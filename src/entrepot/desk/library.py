"""The cases and Economies that a request may name: the bundled ones, and those in the folder of the desk."""

from __future__ import annotations

import functools
import logging
import re
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from entrepot.cases import Case, bundled_cases, load_case
from entrepot.desk.own_economies import OWN, MissingUploadError, OwnEconomies
from entrepot.economy import Economy, bundled_economies, load_economy
from entrepot.economy.geography import country_name, groups, number_of
from entrepot.errors import DocumentError, EntrepotError, UnknownNameError
from entrepot.languages import ENGLISH, english, in_english, speaking
from entrepot.words import sector_name, short, spoken

#: What a request may call an Economy: its name, or that of its file in the folder, as a case file has it.
ECONOMY_NAME = r"^[A-Za-z0-9_-]+(\.ep)?$"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
#: The largest case file in bytes, as for a request.
LARGEST = 256_000

#: The time when a file was written, the time when its permissions were set, and its size.
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class UnreadableFile:
    """A file of the folder that the desk cannot offer: its name, and what is wrong with it."""

    file: str
    says: str

    @property
    def name(self) -> str:
        """The name of the file without its suffix."""
        return Path(self.file).stem


@dataclass(frozen=True)
class ReadFile:
    """What a file has, a case, an Economy or a fault, and what its reader warned of, for each answer that uses it."""

    content: Any
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True)
class FileKind:
    """A kind of file, cases or Economies: its suffixes, its bundled names, its reader and its largest size."""

    what: str
    ends: tuple[str, ...]
    bundled: Callable[[], Iterable[str]]
    read: Callable[[str, Stamp], ReadFile]
    largest: float = float("inf")


@dataclass(frozen=True)
class Library:
    """The named cases and Economies of a desk.

    folder   holds cases (NAME.yaml) and saved Economies (NAME.ep); clients give NAME and never a path
    own      the folder of Economies that were uploaded; None: nothing can be uploaded
    """

    folder: str | None = None
    own: str | None = None

    @property
    def uploaded(self) -> OwnEconomies | None:
        """The Economies that were uploaded."""
        return None if self.own is None else OwnEconomies(self.own)

    def names(self, kind: FileKind) -> dict[str, str]:
        """Return the file or bundled name to load, by name; the files may still be unreadable."""
        return (
            (self.names_of_uploads() if kind is ECONOMIES else {})
            | self._files(kind)[0]
            | {name: name for name in kind.bundled()}
        )

    def unknown(self, kind: FileKind, name: str) -> UnknownNameError:
        """Return the error for a name that the desk does not have."""
        missing = kind is ECONOMIES and name.startswith(OWN)
        return MissingUploadError(name) if missing else UnknownNameError(kind.what, name, self.names(kind))

    def names_of_uploads(self) -> dict[str, str]:
        """Return the files of the Economies that were uploaded, by name, the latest first."""
        return self.uploaded.files() if self.uploaded is not None else {}

    def all(self, kind: FileKind) -> tuple[dict[str, Any], tuple[UnreadableFile, ...]]:
        """Return the readable cases or Economies by name, and the files that cannot be read."""
        read = {name: kind.read(what, _stamp(what)).content for name, what in self.names(kind).items()}
        good = {name: one for name, one in read.items() if not isinstance(one, UnreadableFile)}
        faults = [*self._files(kind)[1], *(one for one in read.values() if isinstance(one, UnreadableFile))]
        return good, tuple(sorted(faults, key=lambda fault: fault.file))

    def faults(self) -> tuple[UnreadableFile, ...]:
        """Return every file of the folder that cannot be read."""
        return tuple(dict.fromkeys(fault for kind in (CASES, ECONOMIES) for fault in self.all(kind)[1]))

    def case(self, name: str) -> Case:
        """Return the case of that name; raise `UnknownNameError`, or `DocumentError` with the fault of its file."""
        found: Case = self._one(CASES, name)
        return found

    def economy(self, name: str) -> Economy:
        """Return the Economy of that name; raise `UnknownNameError`, or `DocumentError` with the fault of its file."""
        found: Economy = self._one(ECONOMIES, self.economy_name(name))
        return found

    def economy_name(self, name: str) -> str:
        """Return the name of an Economy on this desk: NAME for the file NAME.ep of the folder, else what was given."""
        stem = name.removesuffix(".ep")
        return stem if stem != name and self.names(ECONOMIES).get(stem, "").endswith(f"{stem}.ep") else name

    def of(self, case: Case) -> Economy | None:
        """Return the Economy of a case if the library has it, else None; raise `DocumentError` if it is unreadable."""
        try:
            return self.economy(case.economy)
        except UnknownNameError:
            return None
        except DocumentError as error:
            raise DocumentError(str(error), key="economy") from None

    def stamps(self) -> list[tuple[str, Stamp]]:
        """Return the files of the folder and their stamps; a response stays valid while they do not change."""
        try:
            return (
                [(path.name, _stamp(str(path))) for path in sorted(Path(self.folder).iterdir())] if self.folder else []
            )
        except OSError:
            return []

    def _one(self, kind: FileKind, name: str) -> Any:
        known = self.names(kind)
        if name not in known:
            raise self.unknown(kind, name)
        file = kind.read(known[name], _stamp(known[name]))
        if isinstance(file.content, UnreadableFile):
            raise DocumentError(file.content.says, path=file.content.file)
        for warning in file.warnings:
            warnings.warn(warning, stacklevel=2)
        return file.content

    def _files(self, kind: FileKind) -> tuple[dict[str, str], list[UnreadableFile]]:
        """Return the paths of the files of a kind by name, and the files with a wrong name, type or size."""
        if self.folder is None:
            return {}, []
        folder = Path(self.folder)
        try:
            every = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in kind.ends]
        except OSError as error:
            return {}, [UnreadableFile(folder.name, f"cannot be read: {error.strerror}")]
        found = [path for path in every if not path.name.startswith(".")]
        refused = {path: _refused(path, found, kind) for path in found}
        faults = [UnreadableFile(path.name, says) for path, says in refused.items() if says]
        return {path.stem: str(path) for path, says in refused.items() if not says}, faults


def _refused(path: Path, found: list[Path], kind: FileKind) -> str:
    """Return why a file cannot be offered regardless of its content; an empty text where it can."""
    twin = next((other.name for other in found if other != path and other.stem == path.stem), None)
    if not _NAME.fullmatch(path.stem):
        return english("its name may have only letters, digits, - and _, and at most 80 of them; rename it")
    if path.stem in kind.bundled():
        return english(f"a bundled {kind.what} has this name; rename the file")
    if twin is not None:
        return english(f"{twin} has the same name; rename one of them")
    try:
        if not path.is_file():
            return english("is not a file")
        size = path.stat().st_size
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if size > kind.largest:
        return english(f"has {size:,} bytes; the largest {kind.what} that a desk reads has {kind.largest:,}")
    return ""


def _stamp(what: str) -> Stamp:
    """Return the stamp of a file, zeros for a bundled name; it changes whenever the file does."""
    try:
        found = Path(what).stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


#: Held while a file is read: Python records warnings for one thread at a time.
_READING = Lock()


def _read_file(load: Callable[[str], Any], what: str) -> ReadFile:
    """Return the content of a file, or an UnreadableFile, which names no folder of the desk's owner.

    It is read in English, because what is read is kept for readers of every language.
    """
    with _READING, speaking(ENGLISH), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = _content_or_fault(load, what)
    return ReadFile(found, tuple(w.message for w in caught if isinstance(w.message, UserWarning)))


def _content_or_fault(load: Callable[[str], Any], what: str) -> Any:
    try:
        return load(what)
    except EntrepotError as error:
        says = str(error)
    except Exception:
        logging.getLogger("entrepot.desk").exception("%s cannot be read", what)
        says = english("cannot be read; the log of the desk has the details")
    path = Path(what)
    return UnreadableFile(path.name, says.removeprefix(what).lstrip(",: ").replace(str(path.parent), "..."))


@functools.lru_cache(maxsize=256)
def _case(what: str, stamp: Stamp) -> ReadFile:
    return _read_file(load_case, what)


@functools.lru_cache(maxsize=32)
def _economy(what: str, stamp: Stamp) -> ReadFile:
    return _read_file(load_economy, what)


CASES = FileKind("case", (".yaml", ".yml"), bundled_cases, _case, LARGEST)
ECONOMIES = FileKind("Economy", (".ep",), bundled_economies, _economy)


def described(e: Economy) -> dict[str, Any]:
    """Return what a request may name on an Economy: countries, groups, and sectors with their trade elasticities."""
    known = set(e.countries)
    return {
        "name": e.name,
        "title": e.name,
        "year": e.year,
        "source": e.source,
        "fingerprint": e.fingerprint,
        "lifts": bool(e.in_force),
        "countries": [_named(c, country_name(c), known) | {"number": number_of(c)} for c in e.countries],
        "groups": [
            {
                **_named(code, group["title"], known),
                "members": [c for c in group["members"] if c in known],
                "without_data": [_listed(c) for c in group["members"] if c not in known],
            }
            for code, group in groups().items()
            if known & set(group["members"])
        ],
        "sectors": [
            {"code": s, "name": sector_name(s), "theta": float(t)} for s, t in zip(e.sectors, e.theta, strict=True)
        ],
    }


def _listed(code: str) -> str:
    return country_name(code) if in_english() else short(code)


def _named(code: str, name: str, known: Collection[str]) -> dict[str, Any]:
    """Return the names of a country or group: in a list, as a label, and inside a sentence."""
    label = short(code, known)
    listed = name if in_english() and label == short(code) else label
    return {"code": code, "name": listed, "short": label, "spoken": spoken(code, known)}
