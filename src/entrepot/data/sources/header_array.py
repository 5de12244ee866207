"""Header array files of GEMPACK (.har, .prm): their real arrays with sets, full or sparse.

Layout as HARPY (github.com/GEMPACKsoftware/HARPY) reads and writes it. A file is a sequence of Fortran records, each
between two equal little-endian int32 lengths. A record of four bytes is a name; all others begin with four blanks:

  name            4 bytes
  description     type (RE: reals with sets), storage (FULL or SPSE), long name of 70, rank, sizes
  sets            two int32, how many, coefficient of 12, int32; names of 12, their status (k: elements are stored), ...
  elements        of each different set: records left, size, how many here, 12 characters each
  numbers, FULL   a record of sizes; then pairs: the block's range, and records left, float32 in Fortran order
  numbers, SPSE   nonzeros, 4, 4; then records left, nonzeros, how many here, positions from 1, float32

The last record of its kind has one record left. Text, integers and reals without sets are skipped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import DocumentError

BLANK, NAME, LABEL = b"    ", 4, 12


@dataclass(frozen=True)
class Header:
    """An array and the elements of its dimensions; () if the file does not store them."""

    array: Array
    elements: tuple[tuple[str, ...], ...]


def read_header_arrays(path: Path) -> dict[str, Header]:
    """Return the real arrays with sets by name in capitals. Raises `DocumentError` for a damaged or foreign file."""
    found: dict[str, Header] = {}
    name = ""
    try:
        for name, records in _headers(path.read_bytes()):
            if records[0][4:6] == b"RE":
                found[name] = _real(records)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        where = f"header {name}: " if name else ""
        raise DocumentError(f"cannot be read as a header array file: {where}{error}", path=str(path)) from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error
    if not name:
        raise DocumentError("cannot be read as a header array file: it is empty", path=str(path))
    return found


def _headers(content: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Names, and the records that follow each."""
    name, records = "", list[bytes]()
    for record in _records(content):
        if len(record) == NAME:
            if name:
                yield name, records
            name, records = record.decode("ascii").strip().upper(), []
        elif not name or record[:4] != BLANK:
            raise ValueError("a record that is not of this format")
        else:
            records.append(record)
    if name:
        yield name, records


def _records(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<i", content, at)
        end = at + 4 + length
        if length < NAME or struct.unpack_from("<i", content, end) != (length,):
            raise ValueError(f"a record that does not end as it begins (byte {at}); the file is cut or damaged")
        yield content[at + 4 : end]
        at = end + 4


def _real(records: list[bytes]) -> Header:
    """A header of type RE from its records."""
    description, rest = records[0], iter(records[1:])
    storage = description[6:10]
    (rank,) = struct.unpack_from("<i", description, 80)
    sizes = struct.unpack_from(f"<{rank}i", description, 84)
    elements = _elements(next(rest, b""), rest, sizes)
    shape = sizes[: len(elements)]
    data = np.zeros(int(np.prod(shape)))
    if storage == b"FULL":
        _fill_full(data, rest)
    elif storage == b"SPSE":
        _fill_sparse(data, rest)
    else:
        raise ValueError(f"unknown storage {storage!r}")
    return Header(data.reshape(shape, order="F"), elements)


def _elements(record: bytes, rest: Iterator[bytes], sizes: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """The elements of each dimension; a set used twice is stored once."""
    (sets,) = struct.unpack_from("<i", record, 12)
    if not 0 <= sets <= len(sizes):
        raise ValueError(f"{sets} sets for {len(sizes)} dimensions")
    at = 16 + LABEL + 4
    names = [record[at + LABEL * k : at + LABEL * (k + 1)] for k in range(sets)]
    status = record[at + LABEL * sets : at + LABEL * sets + sets]
    known: dict[bytes, tuple[str, ...]] = {}
    for k, name in enumerate(names):
        if status[k : k + 1] == b"k" and name not in known:
            known[name] = _labels(rest, sizes[k])
    return tuple(known.get(name, ()) for name in names)


def _labels(rest: Iterator[bytes], size: int) -> tuple[str, ...]:
    labels, left = list[str](), 2
    while left > 1:
        record = next(rest, b"")
        left, total, here = struct.unpack_from("<3i", record, 4)
        if total != size or len(record) != 16 + LABEL * here:
            raise ValueError("a set has more or fewer elements than its size")
        labels += [record[16 + LABEL * k : 16 + LABEL * (k + 1)].decode("ascii").strip() for k in range(here)]
    if len(labels) != size:
        raise ValueError("a set has more or fewer elements than its size")
    return tuple(labels)


def _fill_full(data: Array, rest: Iterator[bytes]) -> None:
    sizes, done = next(rest, b""), 0
    (left,) = struct.unpack_from("<i", sizes, 4)
    while left > 1:
        next(rest, b"")  # the range of the block; blocks are in Fortran order
        record = next(rest, b"")
        (left,) = struct.unpack_from("<i", record, 4)
        values = np.frombuffer(record, dtype="<f4", offset=8)
        data[done : done + len(values)] = values
        done += len(values)
    if done != len(data):
        raise ValueError(f"{done} values where {len(data)} are needed")


def _fill_sparse(data: Array, rest: Iterator[bytes]) -> None:
    nonzero, integer, real = struct.unpack_from("<3i", next(rest, b""), 4)
    if (integer, real) != (4, 4):
        raise ValueError("numbers of other than four bytes")
    done, left = 0, 2
    while left > 1:
        record = next(rest, b"")
        left, _, here = struct.unpack_from("<3i", record, 4)
        place = np.frombuffer(record, dtype="<i4", offset=16, count=here)
        if here and (place.min() < 1 or place.max() > len(data)):
            raise ValueError("a position outside the array")
        data[place - 1] = np.frombuffer(record, dtype="<f4", offset=16 + 4 * here, count=here)
        done += here
    if done != nonzero:
        raise ValueError(f"{done} nonzero values where {nonzero} are announced")
