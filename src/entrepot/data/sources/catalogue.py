"""The databases that can be read, and the one verb that reads them."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from entrepot.data.progress import Progress, silent
from entrepot.documents import as_path
from entrepot.economy.economy import Economy
from entrepot.errors import DocumentError, InputError, UnknownNameError
from entrepot.plugins import brought


@dataclass(frozen=True, slots=True)
class PublicDatabase:
    """A public database.

    name      as typed: entrepot economy import NAME PATH
    module    of entrepot.data.sources, with `read(path, ask, tell) -> Imported`
    files     what PATH is
    reads     what is taken from it
    repairs   what is mended on the way
    licence   as its publisher states it, or what to check
    genuine   which of its files has been read as it is published; empty where none was at hand
    """

    name: str
    title: str
    module: str
    edition: str
    files: str
    reads: str
    repairs: str
    citation: str
    licence: str
    test: str
    genuine: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What the user wants of a source; each reader uses what it knows and refuses what it cannot do.

    source      the name in the catalogue (an edition may decide the layout)
    year        of the data, where the files hold several
    tariffs     a DataFrame or a file (see `entrepot.data.tariffs`); none: tariffs are zero
    theta       a number, a mapping by sector, the name of a published set, or a CSV file (sector, theta)
    own_sales   for trade without own sales: a table (country, sector, output), or the home share of spending assumed
    usd_per_unit   US dollars for one unit of the currency of a table that is in another (euros)
    sectors     for product data: a concordance file (product, sector), "sections" (of the Harmonized System) or None
                for one sector; for the others a concordance file, where the tariffs are by product
    """

    source: str
    year: int | None = None
    tariffs: Any = None
    theta: Any = None
    own_sales: Any = None
    sectors: Any = None
    usd_per_unit: float | None = None
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Imported:
    """An Economy from a source, and what was done to the data on the way.

    found    what the files hold: years, countries, sectors, rows
    mended   what was changed, how often and by how much
    refused  what was left out, and why
    """

    economy: Economy
    found: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [("Found", self.found), ("Mended", self.mended), ("Left out", self.refused)]
        return "\n".join(f"{title}: {line}" for title, lines in parts for line in lines)


#: In the order of the docs. Each module of this folder says what it reads in a tuple CATALOGUE (databases that become
#: an Economy) or LAYOUTS (tables of trade, duties and elasticities; see `entrepot.data.layouts`).
MODULES = (
    "tables_folder",
    "icio",
    "wiod",
    "eora",
    "exiobase",
    "figaro",
    "baci",
    "itpd",
    "gravity_table",
    "kite",
    "gtap",
    "comtrade",
    "wits",
    "us_census",
    "usitc",
    "comext",
    "uk_tariff",
    "taric",
    "tariff_tables",
    "protee",
)


#: The entry points of other packages: modules like those of this folder.
GROUP = "entrepot.sources"


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that read databases and layouts: ours, then those of other packages."""
    ours = [importlib.import_module(f"entrepot.data.sources.{module}") for module in MODULES]
    theirs = []
    for where, module in brought(GROUP):
        if not isinstance(module, ModuleType) or not (hasattr(module, "CATALOGUE") or hasattr(module, "LAYOUTS")):
            raise InputError(f"{where} is not a module with CATALOGUE or LAYOUTS")
        theirs.append(module)
    return (*ours, *theirs)


@functools.cache
def _readers() -> Mapping[str, tuple[PublicDatabase, ModuleType]]:
    """Sources by name, each with the module that reads it. Raises `InputError` where two have one name."""
    found: dict[str, tuple[PublicDatabase, ModuleType]] = {}
    for module in modules():
        for source in getattr(module, "CATALOGUE", ()):
            if source.name in found:
                other = found[source.name][1].__name__
                raise InputError(f"source {source.name}: {module.__name__} and {other} both have it")
            found[source.name] = (source, module)
    return found


def sources() -> Mapping[str, PublicDatabase]:
    """Every database that can be read, by name."""
    return {name: source for name, (source, _) in _readers().items()}


def import_economy(
    source: str,
    path: str | os.PathLike[str],
    *,
    year: int | None = None,
    tariffs: Any = None,
    theta: Any = None,
    own_sales: Any = None,
    sectors: Any = None,
    usd_per_unit: float | None = None,
    name: str | None = None,
    progress: Progress = silent,
) -> Imported:
    """Return an Economy from the files of a public database (see `sources`, or `entrepot economy sources`).

    For the arguments see `ImportRequest`. Raises `UnknownNameError` for an unknown source, `DocumentError` for a file
    that is missing, damaged or in another layout, `TableError` for data that cannot form an Economy.
    """
    if source not in sources():
        raise UnknownNameError("source", source, sources())
    place = as_path(path)
    if not place.exists():
        raise DocumentError("no such file or folder", path=str(path))
    if year is not None and not 1900 <= int(year) <= 2100:
        raise InputError(f"year={year!r}: a year such as 2018 is needed")
    request = ImportRequest(
        source=source,
        year=year,
        tariffs=tariffs,
        theta=theta,
        own_sales=own_sales,
        sectors=sectors,
        usd_per_unit=usd_per_unit,
        name=name,
    )
    known, reader = _readers()[source]
    imported: Imported = reader.read(place, request, progress)
    economy = imported.economy
    provenance = {"source": source, "file": Path(place).name, "citation": known.citation, "licence": known.licence}
    return replace(
        imported,
        economy=replace(
            economy,
            source=economy.source or f"{known.title}, {known.edition}. {known.citation}",
            provenance={**provenance, **economy.provenance},
            notes=tuple(dict.fromkeys([*economy.notes, *imported.mended, *imported.refused])),
        ),
    )
