"""Identifying a file: the database or layout that it has, and the command that reads it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from entrepot.data.cross_tables import cross_table
from entrepot.data.formats.grid import find_product
from entrepot.data.layouts import OWN_TRADE, ColumnRoles, Layout, fold_name, layout_of, rate_columns, trade_columns
from entrepot.data.opening import OpenedTable, open_table
from entrepot.data.sources.catalogue import PublicDatabase, sources
from entrepot.data.unsupported import unsupported_table
from entrepot.data.wide import long_names, names_duties
from entrepot.documents import as_path
from entrepot.errors import DocumentError, TableError

#: Patterns of file names, and the databases that they belong to.
_CALLED = (
    (r"BACI_HS\d\d_Y\d{4}_V\w+\.csv|BACI_HS\d\d_V\w+\.zip", "baci"),
    (r"ITPD_?E.*\.(csv|zip)", "itpd-e"),
    (r"ITPD_?S.*\.(csv|zip)", "itpd-s"),
    (r"WIOT\d{4}_Nov16_ROW\.\w+|WIOT_Nov16.*\.xlsb", "wiod2016"),
    (r"wiot\d\d_.*\.xlsx", "wiod2013"),
    (r"Eora26_.*", "eora26"),
    (r"IOT_\d{4}_(ixi|pxp).*", "exiobase3"),
    (r"(matrix|flatfile)_eu-ic-io.*", "figaro"),
    (r"(ICIO)?\d{4}(_SML)?\.csv|.*ICIO.*\.zip", "icio2025"),
    (r".*\.har", "gtap"),
    (r".*initial_conditions.*\.rds", "kite"),
)


#: National input-output tables of the full Eora.
_OF_EORA = re.compile(r"IO_[A-Z]{3}_\d{4}_(BasicPrice|PurchasersPrice)\.txt", re.IGNORECASE)

#: A column of product codes by its name, folded: hs6, cn2022, hs1996productcode.
_PRODUCTS = re.compile(r"(hs|cn|hts)\d*(productcode|code)?|product|commoditycode")


def describe(given: Any) -> list[str]:
    """Return sentences on a file: its layout or database, its columns, and the command that reads it.

    Raises `DocumentError` for a missing file, and for one that is neither a table nor of a known database.
    """
    path = as_path(str(given).split("#")[0] if not as_path(given).exists() else given)
    if not path.exists():
        raise DocumentError("no such file or folder", path=str(given))
    named = _called(path)
    if path.is_dir():
        return [*_of_source(named, path), *_of_folder(path)] or [
            f"{path.name}: a folder of no database known; see 'entrepot economy sources'."
        ]
    if named == "gtap":
        return _of_header_arrays(path) or _of_source(named, path)
    if named is not None:
        return _of_source(named, path)
    if _OF_EORA.fullmatch(path.name):
        return [
            f"{path.name}: by its name, a national table of the full Eora, which is not read; the tables that are read "
            "are those of Eora26 (Eora26_YEAR_bp.zip): entrepot economy import eora26 FILE -o world.ep"
        ]
    return _of_table(given, path)


def source_of(path: Path) -> str:
    """Return the name of the database that the names of files point to; "tables" for any other file or folder."""
    named = _called(path)
    if named is None and path.is_dir():
        named = next((found for file in sorted(path.iterdir()) if (found := _called(file)) is not None), None)
    return named or "tables"


def _of_source(name: str | None, path: Path) -> list[str]:
    if name is None:
        return []
    source: PublicDatabase = sources()[name]
    return [
        f"{path.name}: by its name, {source.title}, {source.edition}.",
        f"It is read by: entrepot economy import {name} {path} -o world.ep --theta T",
    ]


def _of_header_arrays(path: Path) -> list[str]:
    """Sentences on a header array file without GTAP's flows; [] for one with them."""
    from entrepot.data.sources.header_array import read_header_arrays

    found = read_header_arrays(path)
    if "VIWS" in found:
        return []
    held = ", ".join(list(found)[:8]) or "none"
    return [
        f"{path.name}: a header array file of GEMPACK, but not GTAP's flows: it has no header VIWS (arrays of numbers "
        f"in it: {held})."
    ]


def _of_folder(path: Path) -> list[str]:
    if any(path.glob("trade.*")):
        return [
            f"{path.name}: a folder of your own tables (it has trade).",
            f"It is read by: entrepot economy import tables {path} -o world.ep --theta T",
        ]
    found = [name for file in sorted(path.iterdir())[:200] if (name := _called(file)) is not None]
    return _of_source(found[0], path) if found else []


def _called(file: Path) -> str | None:
    return next((name for pattern, name in _CALLED if re.fullmatch(pattern, file.name, re.IGNORECASE)), None)


def _of_table(given: Any, path: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder:
        opened = open_table(given, "file", Path(folder), recognises=lambda names: layout_of(names) is not None)
        names = _names(opened)
        messages = [f"{path.name}: a table of {len(names)} columns: {', '.join(n or '(no name)' for n in names[:12])}"]
        messages[0] += " ..." if len(names) > 12 else "."
        messages += [f"    {note}" for note in opened.notes]
        stated = any(find_product(note) for note in opened.notes)
    return [*messages, *_reads([*names, *(["product"] if stated and not _has_product(names) else [])], path)]


def _has_product(names: list[str]) -> bool:
    return any(fold_name(name) in OWN_TRADE.columns["product"] for name in names)


def _names(opened: OpenedTable) -> list[str]:
    if opened.text is not None:
        return list(opened.text.names)
    if opened.frame is not None:
        return [str(name) for name in opened.frame.columns]
    from entrepot.data.duckdb_store import Store

    with Store() as store:
        return list(store.opened(opened).names)


def _reads(names: list[str], path: Path) -> list[str]:
    if layout_of(names) is None:
        names = _turned(names)
    folded = {fold_name(name) for name in names}
    found = [layout for kind in ("trade", "rates", "elasticities") if (layout := layout_of(names, kind)) is not None]
    messages = [
        f"It looks like: {layout.title}. Read by: {', or '.join(layout.commands).replace('FILE', str(path))}"
        for layout in found
    ]
    if messages:
        return messages
    from entrepot.data.sources.gravity_table import has_flows

    if _fits(trade_columns, names, "value"):
        messages.append(f"It is a table of trade by product. Read by: entrepot exposure --trade {path}")
    if _fits(rate_columns, names, "product", "rate"):
        messages.append(f"It has the columns of a schedule of duties. Read by: entrepot exposure --schedule {path}")
    if {"importer", "exporter"} <= folded and {"sector", "product"} & folded and {"tariff", "rate"} & folded:
        messages.append(f"It has duties by pair of countries. Read by: entrepot economy import ... --tariffs {path}")
    if {"importer", "exporter", "sector", "value"} <= folded:
        messages.append(f"It has trade by sector. Read by: entrepot economy import tables {path} -o world.ep --theta T")
    elif has_flows(names) and not _fits(trade_columns, names, "product"):
        messages.append(
            f"It is a gravity data set. Read by: entrepot economy import gravity {path} -o world.ep --theta T"
        )
        messages.append(f'or: entrepot estimate {path} "trade ~ ... | exporter + importer"')
    if {"product", "sector"} <= folded and len(folded) <= 4:
        messages.append(f"It is a concordance. Read by: entrepot exposure ... --concordance {path}, --sectors {path}")
    if {"sector", "theta"} <= folded or {"product", "sigma"} <= folded:
        messages.append(f"It has trade elasticities. Read by: entrepot economy import ... --theta {path}")
    if not messages and len(folded) == 2 and any(_PRODUCTS.fullmatch(name) for name in folded):
        messages.append(
            f"It looks like a concordance: call its columns product and sector. Then read by: entrepot exposure ... "
            f"--concordance {path}, --sectors {path}"
        )
    if not messages and sum(name.endswith(("o", "d")) for name in folded) >= 4 and {"dist", "distw", "contig"} & folded:
        messages.append(
            "It has variables by pair of countries, but no trade: join it to a table of trade. Read by: "
            'entrepot estimate TABLE "trade ~ ... | exporter + importer"'
        )
    return messages or _beside(folded, path) or [unsupported_table(folded) or cross_table(names) or _unknown(names)]


def _unknown(names: list[str]) -> str:
    """A sentence on a table in no known layout, with the columns that a table of trade would need."""
    messages = (
        "It is in no known layout. Schedules need product and rate, trade needs importer, partner, product and value"
    )
    try:
        trade_columns(long_names(names, "trade"), "as a table of trade", None)
    except TableError as error:
        messages += f" ({error})"
    return f"{messages}; see docs/exposure.md and docs/sources.md."


def _beside(folded: set[str], path: Path) -> list[str]:
    """Sentences on the lists of countries and products that accompany BACI."""
    flows = f"entrepot economy import baci {path.parent} --year Y -o world.ep --theta T"
    if "countrycode" in folded and folded & {"countryiso3", "iso3digitalpha"}:
        return [
            f"It is the list of countries of BACI; keep it in the folder of the flows (BACI_HS.._Y...._V.....csv), "
            f"whose countries it names when they are read: {flows}"
        ]
    if {"code", "description"} <= folded and path.name.casefold().startswith("product_codes"):
        return [
            f"It is the list of products of BACI, which is not read. The flows (BACI_HS.._Y...._V.....csv) "
            f"are read by: {flows}"
        ]
    return []


def _turned(names: list[str]) -> list[str]:
    """Column names after a wide table is reshaped; else unchanged."""
    trade, rates = long_names(names, "trade"), long_names(names, "rates")
    if _fits(trade_columns, trade, "year", "value"):
        return trade
    return rates if names_duties(names) and _fits(rate_columns, rates, "product", "year", "rate") else names


def _fits(find: Callable[[Sequence[str], str, Layout | None], ColumnRoles], names: Sequence[str], *roles: str) -> bool:
    """Whether a user's own table has the needed columns and these roles."""
    try:
        columns = find(names, "", None)
    except TableError:
        return False
    return all(role in columns for role in roles)
