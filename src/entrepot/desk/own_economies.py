"""The Economies that were uploaded to a desk: files named by their content; the oldest go when there are many."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from entrepot.economy import Economy
from entrepot.errors import DocumentError, StoreError, UnknownNameError
from entrepot.languages import english

#: How the names of uploaded Economies begin; the rest is the beginning of the fingerprint, and the year.
OWN = "own-"
_DIGITS = 16


@dataclass(frozen=True)
class OwnEconomies:
    """A folder of uploaded Economies.

    most   how many are kept;  size  how many bytes they may have together
    """

    folder: str
    most: int = 20
    size: int = 500_000_000

    def files(self) -> dict[str, str]:
        """Return the file of each uploaded Economy by its name, the latest first."""
        return {path.stem: str(path) for path in self._latest_first()}

    def keep(self, economy: Economy) -> tuple[str, tuple[str, ...]]:
        """Save an Economy; return its name, and the names of those that went for it.

        It replaces one of the same numbers and year, whose title and source may be others.
        """
        name = name_of(economy)
        _save(economy, Path(self.folder) / f"{name}.ep")
        return name, self._make_room(name)

    def _make_room(self, name: str) -> tuple[str, ...]:
        gone, bytes_kept = [], 0
        for k, (path, size) in enumerate(self._latest_first().items()):
            bytes_kept += size
            if path.stem != name and (k >= self.most or bytes_kept > self.size):
                path.unlink(missing_ok=True)
                gone.append(path.stem)
        return tuple(gone)

    def _latest_first(self) -> dict[Path, int]:
        """Return the files and their sizes in bytes; those that another desk deletes meanwhile are left out."""
        found: list[tuple[int, Path, int]] = []
        for path in Path(self.folder).glob(f"{OWN}*.ep"):
            with suppress(FileNotFoundError):
                facts = path.stat()
                if stat.S_ISREG(facts.st_mode):
                    found.append((-facts.st_mtime_ns, path, facts.st_size))
        return {path: size for _, path, size in sorted(found)}


def _save(economy: Economy, path: Path) -> None:
    """Save an Economy on the desk. Raises `StoreError`, which names no folder of the desk's owner."""
    try:
        economy.save(path)
    except DocumentError as error:
        raise not_kept(error.message.removeprefix("cannot be written: ")) from None


def not_kept(reason: str | None) -> StoreError:
    """Return the error for files that the desk has no room for, or may not write."""
    if reason in {os.strerror(getattr(errno, name)) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}:
        return StoreError(f"the files cannot be kept: {reason}; free some space on the desk")
    return StoreError(f"the files cannot be kept: {reason}; let the desk write to its folder")


def name_of(economy: Economy) -> str:
    """Return the name of an uploaded Economy, which its numbers and the year that they are of decide."""
    year = "" if economy.year is None else f"-{economy.year}"
    return f"{OWN}{economy.fingerprint[:_DIGITS]}{year}"


class MissingUploadError(UnknownNameError):
    """An uploaded Economy that this desk does not have."""

    def __init__(self, name: str) -> None:
        super().__init__("Economy", name, ())
        self.args = (
            english(
                f"this desk does not have the uploaded Economy {name[:80]}: it was uploaded to another desk, or made "
                "room for later ones; upload its files here, or choose another Economy"
            ),
        )
