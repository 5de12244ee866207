"""Saved Economies: one NumPy archive with a JSON header each, whose fingerprint is checked when it is read."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from typing import Any, BinaryIO, TypeVar

import numpy as np

from entrepot.documents import as_path, whole_file
from entrepot.economy.base_accounts import BaseAccounts
from entrepot.economy.equations import Array
from entrepot.economy.in_force import InForce
from entrepot.errors import DocumentError, InputError, TableError

Base = TypeVar("Base", bound=BaseAccounts)

FORMAT = "entrepot-economy"
#: The newest version that can be read. A file is written in the oldest version that can hold the Economy: 2 with
#: markups, 3 with other policy than tariffs in force, 4 with costs of market access.
VERSION = 4
_ARRAYS = ("value", "tariff", "inputs", "theta")
_MORE = {2: ("markup",), 3: ("markup",), 4: ("markup", "access", "exponent")}


def save(economy: BaseAccounts, path: str | os.PathLike[str]) -> None:
    """Write `economy` to `path`; arrays that single precision represents exactly are stored in single precision."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": 4 if economy.has_selection else 3 if economy.in_force else 2 if economy.has_markups else 1,
        "countries": economy.countries,
        "sectors": economy.sectors,
        "name": economy.name,
        "source": economy.source,
        "year": economy.year,
        "notes": economy.notes,
        "provenance": dict(economy.provenance),
        "fingerprint": economy.fingerprint,
    }
    names = (*_ARRAYS, *_MORE.get(int(header["version"]), ()))
    arrays: dict[str, Any] = {key: _smallest(getattr(economy, key)) for key in names}
    if economy.in_force:
        header["quotas"] = economy.in_force.quotas.title
        arrays |= economy.in_force.arrays()
    try:
        text = json.dumps(header)
    except (TypeError, ValueError) as error:
        raise InputError(f"the Economy's provenance or notes cannot be written as JSON: {error}") from None
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, header=np.frombuffer(text.encode(), dtype=np.uint8), **arrays)


def load(path: str | os.PathLike[str], kind: type[Base]) -> Base:
    """Read a file that `save` wrote as a `kind`. Raises `DocumentError`."""
    try:
        with as_path(path).open("rb") as file:
            return _read(file, str(path), kind)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}", path=str(path)) from error


#: Errors that the readers of NumPy and Python raise for a damaged or foreign archive.
_UNREADABLE = (
    ValueError,
    KeyError,
    EOFError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def _read(file: BinaryIO, path: str, kind: type[Base]) -> Base:
    damaged = "is not a complete Entrepot economy file (damaged, cut short, or something else); save or fetch it again"
    try:
        with np.load(file, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            version = int(header["version"])
            names = (*_ARRAYS, *_MORE.get(version, ())) if version <= VERSION else ()
            arrays: dict[str, Any] = {key: archive[key].astype(float) for key in names}
            if "quotas" in header:
                held = {key: archive[key] for key in archive.files if key.startswith("in_force.")}
                arrays["in_force"] = InForce.read(held, tuple(map(str, header["quotas"])))
        if header["format"] != FORMAT or version < 1:
            raise ValueError("another format")
    except _UNREADABLE as error:
        raise DocumentError(damaged, path=path) from error
    if version > VERSION:
        raise DocumentError(
            f"has format version {version}; this Entrepot reads up to {VERSION}: update Entrepot", path=path
        )
    try:
        economy = kind(
            countries=tuple(header["countries"]),
            sectors=tuple(header["sectors"]),
            name=str(header["name"]),
            source=str(header["source"]),
            year=None if header["year"] is None else int(header["year"]),
            notes=tuple(map(str, header["notes"])),
            provenance=dict(header["provenance"]),
            **arrays,
        )
        fingerprint = header["fingerprint"]
    except (*_UNREADABLE, TableError) as error:
        raise DocumentError(f"{damaged}: {error}", path=path) from error
    if economy.fingerprint != fingerprint:
        raise DocumentError(
            "its numbers do not match its fingerprint, so the file was changed; save or fetch it again", path=path
        )
    return economy


def _smallest(array: Array) -> np.ndarray[Any, Any]:
    single = array.astype(np.float32)
    return single if (single.astype(float) == array).all() else array
