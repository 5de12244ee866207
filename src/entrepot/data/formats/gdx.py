"""GDX files of GAMS, through the GDX library that GAMS publishes on PyPI; no GAMS is needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.errors import DocumentError, InputError

Records = list[tuple[tuple[str, ...], Any]]


@dataclass(frozen=True)
class GdxSymbol:
    """A set, whose records have texts, or a parameter, whose records have numbers.

    domain  the sets that its keys are from; () for a set of one dimension over all
    """

    name: str
    domain: tuple[str, ...]
    text: str
    records: Records

    @property
    def is_set(self) -> bool:
        """Whether it is a set."""
        return not self.records or isinstance(self.records[0][1], str)


@contextmanager
def _library() -> Iterator[tuple[Any, Any]]:
    """The module of the GDX library and a handle."""
    try:
        gdx = importlib.import_module("gams.core.gdx")
        folder = importlib.import_module("gams_gdxgmd").directory
    except ImportError:
        raise InputError("GDX files need gamsapi and gams-gdxgmd: pip install 'entrepot[gams]'") from None
    handle = gdx.new_gdxHandle_tp()
    made, why = gdx.gdxCreateD(handle, folder, gdx.GMS_SSSIZE)
    if not made:
        raise InputError(f"the GDX library cannot be loaded: {why}")
    try:
        yield gdx, handle
    finally:
        gdx.gdxFree(handle)


def write_gdx(path: Path, symbols: Sequence[GdxSymbol]) -> None:
    """Write symbols to a GDX file, sets before the parameters over them. Raises `DocumentError`."""
    with _library() as (gdx, handle):

        def done(ok: Any, what: str) -> None:
            if not ok:
                code = gdx.gdxGetLastError(handle)
                raise DocumentError(f"{what}: {gdx.gdxErrorStr(handle, code)[1]}", path=str(path))

        done(gdx.gdxOpenWrite(handle, str(path), "Entrepot")[0], "cannot be written")
        values = gdx.doubleArray(gdx.GMS_VAL_MAX)
        for one in symbols:
            kind = gdx.GMS_DT_SET if one.is_set else gdx.GMS_DT_PAR
            size = len(one.domain) or 1
            done(gdx.gdxDataWriteStrStart(handle, one.name, one.text[:255], size, kind, 0), f"symbol {one.name}")
            if one.domain and "*" not in one.domain:
                done(gdx.gdxSymbolSetDomain(handle, list(one.domain)), f"the sets of {one.name}")
            for keys, value in one.records:
                values[gdx.GMS_VAL_LEVEL] = gdx.gdxAddSetText(handle, value)[1] if one.is_set and value else 0.0
                if not one.is_set:
                    values[gdx.GMS_VAL_LEVEL] = value
                done(gdx.gdxDataWriteStr(handle, list(keys), values), f"{one.name} of {', '.join(keys)}")
            done(gdx.gdxDataWriteDone(handle), f"symbol {one.name}")
        gdx.gdxClose(handle)


def read_gdx(path: Path) -> dict[str, Records]:
    """Return the records of every set (with texts) and parameter (with numbers) by name. Raises `DocumentError`."""
    found: dict[str, Records] = {}
    with _library() as (gdx, handle):
        opened, error = gdx.gdxOpenRead(handle, str(path))
        if not opened:
            why = gdx.gdxErrorStr(handle, error)[1] if error else "the file is damaged or of another kind"
            raise DocumentError(f"cannot be read as GDX: {why}", path=str(path))
        _, symbols, _ = gdx.gdxSystemInfo(handle)
        for number in range(1, symbols + 1):
            _, name, _, kind = gdx.gdxSymbolInfo(handle, number)
            if kind not in (gdx.GMS_DT_SET, gdx.GMS_DT_PAR):
                continue
            records: Records = []
            _, count = gdx.gdxDataReadStrStart(handle, number)
            for _ in range(count):
                _, keys, values, _ = gdx.gdxDataReadStr(handle)
                value: Any = values[gdx.GMS_VAL_LEVEL]
                if kind == gdx.GMS_DT_SET:
                    value = gdx.gdxGetElemText(handle, int(value))[1] if value else ""
                records.append((tuple(keys), value))
            gdx.gdxDataReadDone(handle)
            found[name] = records
        gdx.gdxClose(handle)
    return found
