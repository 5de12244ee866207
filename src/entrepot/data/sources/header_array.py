"""Header array files of GEMPACK (.har, .prm): real arrays with sets and lines of text, read and written.

Layout as HARPY (github.com/GEMPACKsoftware/HARPY) reads and writes it. A file is a sequence of Fortran records, each
between two equal little-endian int32 lengths. A record of four bytes is a name; all others begin with four blanks:

  name            4 bytes
  description     type (RE: reals with sets), storage (FULL or SPSE), long name of 70, rank, sizes
  sets            two int32, how many, coefficient of 12, int32; names of 12, their status (k: elements are stored), ...
  elements        of each different set: records left, size, how many here, 12 characters each
  numbers, FULL   a record of sizes; then pairs: the block's range, and records left, float32 in Fortran order
  numbers, SPSE   nonzeros, 4, 4; then records left, nonzeros, how many here, positions from 1, float32

  text (type 1C)  records left, lines, how many here, lines of one width

The last record of its kind has one record left. Integers and reals without sets are skipped. What is written is full,
in records of at most 32,000 bytes, as GEMPACK's programs write them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from entrepot.economy.equations import Array
from entrepot.errors import DocumentError

BLANK, NAME, LABEL = b"    ", 4, 12
#: Numbers in a record of an array, bytes in a record of text, characters of a long name, and the most dimensions.
NUMBERS, BYTES, LONG, RANK = 7996, 29996, 70, 7

T = TypeVar("T")


@dataclass(frozen=True)
class Header:
    """An array and the elements of its dimensions; () if the file does not store them.

    sets, says  the names of its sets and what it is, which are written
    """

    array: Array
    elements: tuple[tuple[str, ...], ...]
    sets: tuple[str, ...] = ()
    says: str = ""


def read_header_arrays(path: Path) -> dict[str, Header]:
    """Return the real arrays with sets by name in capitals. Raises `DocumentError` for a damaged or foreign file."""
    return _read(path, b"RE", _real)


def read_text_headers(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the lines of text (type 1C) by name in capitals, without the blanks that fill them up.

    Raises `DocumentError` for a damaged or foreign file.
    """
    return _read(path, b"1C", _text)


def _read(path: Path, kind: bytes, read: Callable[[list[bytes]], T]) -> dict[str, T]:
    """Return the headers of one type by name in capitals."""
    found: dict[str, T] = {}
    name = ""
    try:
        for name, records in _headers(path.read_bytes()):
            if records[0][4:6] == kind:
                found[name] = read(records)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        where = f"header {name}: " if name else ""
        cause = error if type(error) is ValueError else "a record is not whole; the file is cut or damaged"
        raise DocumentError(f"cannot be read as a header array file: {where}{cause}", path=str(path)) from error
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


def _text(records: list[bytes]) -> tuple[str, ...]:
    lines, width = struct.unpack_from("<2i", records[0], 84)
    out: list[str] = []
    for record in records[1:]:
        _, total, here = struct.unpack_from("<3i", record, 4)
        if total != lines or len(record) != 16 + width * here:
            raise ValueError("text of another length than announced")
        lines_here = (record[16 + width * k : 16 + width * (k + 1)] for k in range(here))
        out += [line.decode("utf-8", errors="replace").rstrip() for line in lines_here]
    if len(out) != lines:
        raise ValueError(f"{len(out)} lines of text where {lines} are announced")
    return tuple(out)


# ---- written ----


def write_header_arrays(path: Path, headers: Mapping[str, Header], texts: Mapping[str, Sequence[str]]) -> None:
    """Write lines of text and real arrays with sets, in single precision, each under a name of at most 4 characters."""
    content = [part for name, lines in texts.items() for part in _text_header(name, lines)]
    content += [part for name, header in headers.items() for part in _real_header(name, header)]
    path.write_bytes(b"".join(content))


def _record(*parts: bytes | int) -> bytes:
    body = b"".join(part if isinstance(part, bytes) else struct.pack("<i", part) for part in parts)
    return struct.pack("<i", len(body)) + body + struct.pack("<i", len(body))


def _padded(text: str, width: int) -> bytes:
    written = text.encode()
    if len(written) > width:
        raise ValueError(f"{text!r} is longer than {width} characters")
    return written.ljust(width)


def _lines(lines: Sequence[str], width: int) -> Iterator[bytes]:
    """Records of text."""
    size = max(BYTES // width, 1)
    parts = [lines[k : k + size] for k in range(0, len(lines), size)]
    for left, part in zip(range(len(parts), 0, -1), parts, strict=True):
        yield _record(BLANK, left, len(lines), len(part), b"".join(_padded(line, width) for line in part))


def _text_header(name: str, lines: Sequence[str]) -> Iterator[bytes]:
    width = max([LABEL, *(len(line.encode()) for line in lines)])
    yield _record(_padded(name, NAME))
    yield _record(BLANK, b"1CFULL", _padded(name, LONG), 2, len(lines), width)
    yield from _lines(lines, width)


def _real_header(name: str, header: Header) -> Iterator[bytes]:
    array, rank = header.array, header.array.ndim
    sizes = (*array.shape, *[1] * (RANK - rank))
    yield _record(_padded(name, NAME))
    yield _record(BLANK, b"REFULL", _padded(header.says[:LONG], LONG), RANK, *sizes)
    different = dict(zip(header.sets, header.elements, strict=True))
    names = b"".join(_padded(one, LABEL) for one in header.sets)
    yield _record(BLANK, len(different), 1, rank, _padded(name, LABEL), 1, names, b"k" * rank, *[0] * rank, 0)
    for elements in different.values():
        yield from _lines(elements, LABEL)
    blocks = list(_blocks(array.shape))
    yield _record(BLANK, 2 * len(blocks) + 1, RANK, *sizes)
    for left, block in zip(range(2 * len(blocks), 0, -2), blocks, strict=True):
        ends = [end for part in block for end in (part.start + 1, part.stop)]
        yield _record(BLANK, left, *ends, *[1] * (2 * (RANK - rank)))
        yield _record(BLANK, left - 1, array[block].astype("<f4").tobytes(order="F"))


def _blocks(shape: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """Parts of an array of at most `NUMBERS`, in Fortran order: whole axes, a part of one axis, single positions."""
    whole, size = 0, 1
    while whole < len(shape) and size * shape[whole] <= NUMBERS:
        size *= shape[whole]
        whole += 1
    first = [slice(0, length) for length in shape[:whole]]
    if whole == len(shape):
        yield tuple(first)
        return
    step = max(NUMBERS // size, 1)
    for rest in np.ndindex(*reversed(shape[whole + 1 :])):
        last = [slice(k, k + 1) for k in reversed(rest)]
        for start in range(0, shape[whole], step):
            yield (*first, slice(start, min(start + step, shape[whole])), *last)
