"""Limits on what an uploaded file becomes when it is read: its size unpacked, and the memory of its reader."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from entrepot.errors import DocumentError

#: How compressed files begin, and what opens them.
_STREAMS: tuple[tuple[bytes, Callable[..., Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ", lzma.open),
)
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError)
_CHUNK = 1 << 20


def check_unpacked(path: Path, most: int) -> int:
    """Return the bytes of a file once it is unpacked; raise `DocumentError` where they are more than `most`.

    Compressed files, and the members of archives (workbooks too), are unpacked piece by piece and thrown away, because
    the sizes that an archive states can be wrong. An archive inside an archive is refused.
    """
    begins = path.read_bytes()[:8] if path.stat().st_size < _CHUNK else _first(path)
    try:
        if begins.startswith(b"PK") and zipfile.is_zipfile(path):
            return _members(path, most)
        for magic, opened in _STREAMS:
            if begins.startswith(magic):
                with opened(path) as stream:
                    return _length(stream, most, path.name)
    except _DAMAGED as error:
        raise DocumentError(f"cannot be unpacked ({error}); it is damaged or was cut short", path=path.name) from None
    return path.stat().st_size


def _first(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _members(path: Path, most: int) -> int:
    whole = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as stream:
                begins = stream.read(4)
                if begins == b"PK\x03\x04":
                    raise DocumentError("has an archive inside the archive; unpack it first", path=path.name)
                whole += len(begins) + _length(stream, most - whole - len(begins), path.name, most)
    return whole


def _length(stream: IO[Any], most: int, name: str, stated: int | None = None) -> int:
    """Return how many bytes a stream has; raise `DocumentError` as soon as there are more than `most`."""
    length = 0
    while part := stream.read(_CHUNK):
        length += len(part)
        if length > most:
            limit = most if stated is None else stated
            raise DocumentError(
                f"has more than {limit / 1e6:,.0f} MB when it is unpacked, which is more than a desk reads; use "
                "'entrepot economy import' and 'entrepot desk --data FOLDER'",
                path=name,
            )
    return length


@contextmanager
def limited_memory(more: int) -> Iterator[None]:
    """Let this process take at most `more` bytes beyond what it has, where the system can limit it.

    Beyond that Python raises `MemoryError`.
    """
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + more
    if before[1] != resource.RLIM_INFINITY:
        limit = min(limit, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
