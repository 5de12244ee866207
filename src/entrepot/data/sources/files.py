"""Finding the file of a year in a folder or archive, and turning failures to read it into `DocumentError`."""

from __future__ import annotations

import importlib
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from entrepot.data.formats.foreign import opened_zip
from entrepot.errors import DocumentError, InputError

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@contextmanager
def file_of_year(path: Path, year: int | None, endings: Sequence[str]) -> Iterator[tuple[Path, int | None]]:
    """Yield the data file at `path`, and its year: the file itself, or that of `year` in a folder or zip.

    A zip is unpacked temporarily; the year is the last one in the name. Raises `DocumentError` with the years found.
    """
    if path.is_dir():
        names = [file.name for file in sorted(path.iterdir()) if file.name.casefold().endswith((*endings, ".zip"))]
        chosen = _choose(path, names, year)
        with file_of_year(path / chosen, year, endings) as found:
            yield found
    elif path.suffix.casefold() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            with opened_zip(path) as archive:
                names = [name for name in archive.namelist() if name.casefold().endswith(tuple(endings))]
                file = Path(archive.extract(_choose(path, names, year), folder))
            yield file, year or _year(path.name)
    else:
        stated = _year(path.name)
        if year is not None and stated is not None and stated != year:
            raise DocumentError(f"by its name the data are of {stated}, not of {year}", path=str(path))
        if not path.name.casefold().endswith(tuple(endings)):
            raise DocumentError(f"a file ending in {' or '.join(endings)} is needed, or a zip of it", path=str(path))
        yield path, year or stated


def _choose(path: Path, names: Sequence[str], year: int | None) -> str:
    """The one file name of that year."""
    if not names:
        raise DocumentError("there is no data file in it", path=str(path))
    fitting = [name for name in names if year is None or _year(name) == year or _holds(name, year)]
    if len(fitting) == 1 or (len(names) == 1 and _year(names[0]) is None):
        return (fitting or list(names))[0]
    years = sorted({str(found) for name in names if (found := _year(name)) is not None})
    if fitting:
        raise DocumentError(
            f"{len(fitting)} files fit ({', '.join(fitting[:3])} ...); give --year, or one file", path=str(path)
        )
    raise DocumentError(f"no data of {year}; there are {', '.join(years) or 'no years in the names'}", path=str(path))


def _year(name: str) -> int | None:
    found = _YEAR.findall(Path(name).stem)
    return int(found[-1]) if found else None


def _holds(name: str, year: int) -> bool:
    """Whether a bundle such as 2016-2020.zip spans the year."""
    span = re.search(r"((?:19|20)\d\d)-((?:19|20)\d\d)", name)
    return bool(span) and name.endswith(".zip") and int(span.group(1)) <= year <= int(span.group(2))  # type: ignore[union-attr]


def is_archive(path: Path) -> bool:
    """Whether the file is a zip. Raises `DocumentError` for a file named .zip that is not one."""
    if zipfile.is_zipfile(path):
        return True
    if path.suffix.casefold() == ".zip":
        raise DocumentError(
            "is not a complete zip archive; it was cut short or is damaged: download it again", path=str(path)
        )
    return False


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turn any error of a parser into a `DocumentError` about `path`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions, which are not read here
            yield
    except InputError:
        raise
    except MemoryError:
        raise DocumentError(f"{what}: not enough memory to read it", path=str(path)) from None
    except Exception as error:
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise DocumentError(
            f"does not have the layout of {what} ({cause}); is it another edition, cut short, or another file?",
            path=str(path),
        ) from error


def needed(package: str, what: str) -> Any:
    """Import an optional package. Raises `InputError` with how to install it."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise InputError(f"reading {what} needs {package}: pip install 'entrepot[sources]'") from None


def first_line(path: Path) -> str:
    """Return the first line of a text file. Raises `DocumentError`."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            return lines.readline().strip()
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error


def empty_cells(path: Path) -> int:
    """Return the number of empty cells of a CSV file without quoted cells."""
    with path.open("rb") as lines:
        return sum(not cell.strip() for line in lines for cell in line.split(b","))


def check_commas(path: Path) -> None:
    """Raise `DocumentError` for a file that is not separated by commas."""
    line = first_line(path)
    if not line:
        raise DocumentError("is empty", path=str(path))
    if line.count(",") < 2:
        mark = next((m for m in (";", "\t", "|") if m in line), None)
        hint = f" (it looks separated by {mark!r})" if mark else ""
        raise DocumentError(f"a table separated by commas is needed{hint}", path=str(path), line=1)
