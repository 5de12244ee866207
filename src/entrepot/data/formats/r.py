"""Files of R (.rds, .rda, .RData): the objects in them, including data frames."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import importlib
import lzma
import warnings
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.errors import DocumentError, InputError

#: First bytes of an .rda; an .rds begins with the serialised object.
_RDA = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n")
_PACKED = ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress))
#: Decompressors for the beginning of a file, in the same order.
_UNPACKING: tuple[Callable[[], Any], ...] = (lambda: zlib.decompressobj(31), bz2.BZ2Decompressor, lzma.LZMADecompressor)


def read_r(path: Path) -> Any:
    """Return the object in an .rds file, or a dict by name of the objects in an .rda file.

    Raises `DocumentError` for any other file, `InputError` if the package rdata is missing.
    """
    try:
        rdata = importlib.import_module("rdata")
    except ImportError:
        raise InputError("reading files of R needs rdata: pip install 'entrepot[sources]'") from None
    try:
        data = path.read_bytes()
        unpack = next((unpack for mark, unpack in _PACKED if data.startswith(mark)), None)
        data = unpack(data) if unpack else data
        data = next((data[len(mark) :] for mark in _RDA if data.startswith(mark)), data)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # about R classes that rdata does not know; data frames are read nonetheless
            return _converter(rdata).convert(_parsed(rdata, data))
    except MemoryError:
        raise DocumentError("not enough memory to read it", path=str(path)) from None
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}", path=str(path)) from error
    except (ValueError, EOFError, zlib.error, lzma.LZMAError, *_REFUSED) as error:
        cause = str(error) or type(error).__name__
        raise DocumentError(f"cannot be read as a file of R ({cause}); is it whole?", path=str(path)) from error


_REFUSED = (NotImplementedError, KeyError, IndexError, AssertionError, TypeError, AttributeError, RecursionError)


def is_r(first: bytes) -> bool:
    """Whether a file with these first bytes, compressed or not, is a file of R."""
    for (mark, _), unpacking in zip(_PACKED, _UNPACKING, strict=True):
        if first.startswith(mark):
            with contextlib.suppress(zlib.error, OSError, lzma.LZMAError):
                first = unpacking().decompress(first)
            break
    return first.startswith((*_RDA, b"X\n\0\0\0", b"A\n2\n", b"A\n3\n"))


def data_frames(held: Any) -> dict[str, pd.DataFrame]:
    """Return the data frames of an R file by name; a single unnamed one is called "table"."""
    if isinstance(held, pd.DataFrame):
        return {"table": held}
    if isinstance(held, Mapping):
        return {str(name): frame for name, frame in held.items() if isinstance(frame, pd.DataFrame)}
    return {}


# ---- repeated strings, which are read once ----


def _parsed(rdata: Any, data: bytes) -> Any:
    """Parse the serialised object with equal strings as one object, which reads columns of labels 20 times as fast.

    This extends rdata's XDR parser; other serialisations are read by rdata itself.
    """
    if not data.startswith(b"X\n"):
        return rdata.parser.parse_data(data)
    xdr = importlib.import_module("rdata.parser._xdr")
    chars = rdata.parser.RObjectType.CHAR.value

    class OneObjectAString(xdr.ParserXDR):  # type: ignore[misc,name-defined]
        def _parse_vector_value(self, reference_list: Any, bytecode_rep_list: Any = None) -> list[Any]:
            start = self.file.tell()
            number = int.from_bytes(self.file.read(4), "big", signed=True)
            view = self.file.getbuffer()
            at, known = start + 4, self.strings
            found: list[Any] = []
            while len(found) < number and at + 8 <= len(view) and view[at + 3] == chars:
                length = int.from_bytes(view[at + 4 : at + 8], "big", signed=True)
                end = at + 8 + max(length, 0)
                key = bytes(view[at:end])
                if key not in known:
                    self.file.seek(at)
                    known[key] = self.parse_R_object(reference_list, bytecode_rep_list)
                found.append(known[key])
                at = end
            view.release()
            if len(found) == number:
                self.file.seek(at)
                return found
            self.file.seek(start)
            return super()._parse_vector_value(reference_list, bytecode_rep_list)

        @property
        def strings(self) -> dict[bytes, Any]:
            return self.__dict__.setdefault("_strings", {})

    parser = OneObjectAString(
        memoryview(data)[2:], expand_altrep=True, altrep_constructor_dict=rdata.parser.DEFAULT_ALTREP_MAP
    )
    return parser.parse_all()


def _converter(rdata: Any) -> Any:
    """Return rdata's converter, extended to decode each string object once."""
    chars = rdata.parser.RObjectType.CHAR

    class OnceAString(rdata.conversion.SimpleConverter):  # type: ignore[misc]
        def _convert_next(self, data: Any) -> Any:
            info = getattr(data, "info", None)
            if info is None or info.type is not chars:
                return super()._convert_next(data)
            known = self.__dict__.setdefault("_strings", {})
            if id(data) not in known:
                known[id(data)] = super()._convert_next(data)
            return known[id(data)]

    return OnceAString(default_encoding="utf_8")
