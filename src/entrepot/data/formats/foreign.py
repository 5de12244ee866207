"""Files that are not opened as tables, recognised by their first bytes: what each is, and what to do with it."""

from __future__ import annotations

import contextlib
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from entrepot.errors import DocumentError

_UNPACK = "unpack it and give the table inside (text, a workbook or Parquet, which may be in a zip or gzip)"
SAVE = "save the table as CSV, a workbook, Parquet or Stata"
#: First bytes of files that are not opened, what they are, and the remedy.
_MARKS = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"BZh", "packed by bzip2", _UNPACK),
    (b"\xfd7zXZ", "packed by xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed by Zstandard", _UNPACK),
    (b"%PDF", "a PDF document", "give the table itself"),
    (b"$FL2", "an SPSS file (.sav)", SAVE),
    (b"$FL3", "a compressed SPSS file (.zsav)", SAVE),
    (b"ORC", "an ORC file", SAVE),
    (b"Obj\x01", "an Avro file", SAVE),
    (b"\x93NUMPY", "an array of NumPy", SAVE),
    (b"MATLAB 5", "a file of MATLAB", SAVE),
    (b"ARROW1", "a Feather (Arrow) file", SAVE),
    (b"FEA1", "a Feather file", SAVE),
    (b"\x89HDF\r\n", "an HDF5 file", SAVE),
    (b"SQLite format 3", "an SQLite database", SAVE),
    (b"\0\1\0\0Standard ", "an Access database", SAVE),
    (b"HEADER RECORD*******LIBRARY", "a SAS transport file (.xpt)", SAVE),
    (b"\x89PNG", "a picture", "give the table itself"),
    (b"\xff\xd8\xff", "a picture", "give the table itself"),
    (b"GIF8", "a picture", "give the table itself"),
    (b"\x80\x04\x95", "a pickle of Python", SAVE),
    (b"\x80\x05\x95", "a pickle of Python", SAVE),
)
_SAS = b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c"  # in a .sas7bdat, from the 13th byte


def refuse_foreign(first: bytes, path: Path) -> None:
    """Raise `DocumentError` for a file that is not a table, with what it is. `first`: its first 300 bytes or more."""
    if first.startswith(b"\x1f\x8b"):
        inside = _unpacked_beginning(path)
        if inside[257:262] == b"ustar":
            raise DocumentError(f"is a tar archive packed by gzip, which is not opened here: {_UNPACK}", path=str(path))
        first = inside
    if first[257:262] == b"ustar":
        raise DocumentError(f"is a tar archive, which is not opened here: {_UNPACK}", path=str(path))
    if first[12:28] == _SAS:
        raise DocumentError(f"is a SAS file (.sas7bdat), which is not opened here: {SAVE}", path=str(path))
    for mark, kind, remedy in _MARKS:
        if first.startswith(mark):
            raise DocumentError(f"is {kind}, which is not opened here: {remedy}", path=str(path))


def _unpacked_beginning(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise damaged_gzip(path, error) from error


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the zip at `path`; damage found while it is used, and a password, raise `DocumentError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except RuntimeError as error:
        raise DocumentError(f"cannot be unpacked: {error}", path=str(path)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DocumentError(
            f"is not a complete zip archive ({error}); it was cut short or is damaged: download it again",
            path=str(path),
        ) from error


def damaged_gzip(path: Path, error: Exception) -> DocumentError:
    """Return the error for a file packed by gzip that cannot be unpacked."""
    return DocumentError(
        f"is not a complete gzip file ({error}); it was cut short or is damaged: download it again", path=str(path)
    )
