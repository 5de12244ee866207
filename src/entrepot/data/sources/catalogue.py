"""The catalogue of public databases that can be read, and the function that imports them."""

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

    name      its name in the command: entrepot economy import NAME PATH
    module    of entrepot.data.sources, with `read(path, ask, tell) -> Imported`
    files     the files that PATH must be
    reads     the data that are read
    repairs   the repairs that are made
    licence   the licence as its publisher states it, or what to check
    genuine   the published file with which it was tested; empty if none was available
    unused    options of an import that it has no use for, which are refused
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
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """The options of an import; a reader raises an error for options that it does not support.

    source      name in the catalogue (the edition may decide the layout)
    year        year of the data, if the files contain several
    tariffs     a DataFrame or a file (see `entrepot.data.tariffs`); None: tariffs are zero
    theta       a number, a mapping by sector, the name of a published set, or a CSV file (sector, theta)
    own_sales   for data without own sales: a table (country, sector, output), or an assumed home share of spending
    usd_per_unit   US dollars per unit of the currency of a table in another currency (euros)
    sectors     for product data: a concordance file (product, sector), "sections" (of the Harmonized System), or None
                for one sector; for other data: a concordance file, if the tariffs are by product
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
    """An Economy from a database, and a record of how its data were treated.

    found    content of the files: years, countries, sectors, rows
    mended   repairs: what was changed, how often and by how much
    refused  what was left out, and why
    """

    economy: Economy
    found: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [("Found", self.found), ("Mended", self.mended), ("Left out", self.refused)]
        return "\n".join(f"{title}: {line}" for title, lines in parts for line in lines)


#: Modules of this folder in the order of the docs. Each has a tuple CATALOGUE (databases that become an Economy) or
#: LAYOUTS (tables of trade, duties and elasticities; see `entrepot.data.layouts`).
MODULES = (
    "tables_folder",
    "exchanged",
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


#: The group of entry points by which other packages add modules like those of this folder.
GROUP = "entrepot.sources"


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """Return the modules with databases and layouts: those of this package, then those of others."""
    ours = [importlib.import_module(f"entrepot.data.sources.{module}") for module in MODULES]
    theirs = []
    for where, module in brought(GROUP):
        if not isinstance(module, ModuleType) or not (hasattr(module, "CATALOGUE") or hasattr(module, "LAYOUTS")):
            raise InputError(f"{where} is not a module with CATALOGUE or LAYOUTS")
        listed = getattr(module, "CATALOGUE", ())
        if not isinstance(listed, tuple | list) or not all(isinstance(source, PublicDatabase) for source in listed):
            raise InputError(f"{where}: CATALOGUE is not a tuple of PublicDatabase")
        if listed and not callable(getattr(module, "read", None)):
            raise InputError(f"{where} has no function read")
        theirs.append(module)
    return (*ours, *theirs)


@functools.cache
def _readers() -> Mapping[str, tuple[PublicDatabase, ModuleType]]:
    """Databases by name, each with its module. Raises `InputError` for a name used twice."""
    found: dict[str, tuple[PublicDatabase, ModuleType]] = {}
    for module in modules():
        for source in getattr(module, "CATALOGUE", ()):
            if source.name in found:
                other = found[source.name][1].__name__
                raise InputError(f"source {source.name}: {module.__name__} and {other} both define it; rename one")
            found[source.name] = (source, module)
    return found


def sources() -> Mapping[str, PublicDatabase]:
    """Return all databases that can be read, by name."""
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
    _refuse_unused(known, request)
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


def _refuse_unused(known: PublicDatabase, request: ImportRequest) -> None:
    """Raise `InputError` for an option that the database has no use for, rather than pass it over."""
    for option in known.unused:
        in_dollars = option == "usd_per_unit"
        if getattr(request, option) is None or (in_dollars and request.own_sales is not None):  # own sales are a table
            continue
        why = f"{known.title} is in US dollars" if in_dollars else f"{known.title} has its own"
        raise InputError(
            f"--{option.replace('_', '-')} ({option}=): {known.name} has no use for it: {why}; leave it out"
        )
