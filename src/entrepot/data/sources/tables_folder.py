"""A folder of a user's own tidy tables: trade, and optionally inputs, demand, production and sectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from entrepot.data.elasticities import read_elasticities
from entrepot.data.formats.workbook import read_sheets
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.tariffs import tariff_array
from entrepot.data.tidy_tables import in_order, read_trade
from entrepot.economy.economy import Economy
from entrepot.errors import DocumentError, InputError

CATALOGUE = (
    PublicDatabase(
        name="tables",
        title="Your own tables",
        module="tables_folder",
        edition="columns as in docs/economy.md",
        files=(
            "a folder with trade.csv (or .parquet, .xlsx, .dta ...), or a workbook with the sheet trade; inputs, "
            "demand, production and sectors (sector, theta) where you have them; or the trade table alone"
        ),
        reads="trade with tariffs and what else is in force, input shares, final and value-added shares, elasticities",
        repairs="shares that miss one by up to 0.001; the base is brought to its unshocked equilibrium",
        citation="The user's tables",
        licence="the user's",
        test="tests/data/sources/test_tables_folder.py",
    ),
)


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Build an Economy from the tables; see `Economy.from_tables`. `request.theta` overrides the table of sectors."""
    if request.own_sales is not None:
        raise InputError("own_sales: your own tables already contain them; leave it out")
    files = {name: _one(path, name) for name in ("trade", "inputs", "demand", "production", "sectors")}
    if files["trade"] is None:
        raise DocumentError("there is no table called trade in it (trade.csv, or the sheet trade)", path=str(path))
    progress("reading the tables", 0, 2)
    mended: list[str] = []
    trade, year = read_trade(files["trade"], mended, year=request.year, usd_per_unit=request.usd_per_unit)
    theta = request.theta if request.theta is not None else files["sectors"]
    if theta is None:
        raise InputError("theta: a number, the name of a published set, or a table sectors (sector, theta) is needed")
    sectors, countries = in_order(trade["sector"]), in_order(trade["importer"], trade["exporter"])
    elasticities, cited = read_elasticities(theta, sectors, concordance=request.sectors)
    notes = list(cited)
    if request.tariffs is not None:
        if "tariff" in trade:
            raise InputError("tariffs: the trade table has a tariff column already; leave one of them out")
        rate, tariff_notes = tariff_array(request.tariffs, countries, sectors, year=year, concordance=request.sectors)
        at = [
            pd.Index(labels).get_indexer(pd.Index(trade[key]))
            for key, labels in (("sector", sectors), ("importer", countries), ("exporter", countries))
        ]
        trade = trade.assign(tariff=rate[tuple(at)])
        notes += tariff_notes
    progress("bringing the base to equilibrium", 1, 2)
    economy = Economy.from_tables(
        trade,
        files["inputs"],
        files["demand"],
        files["production"],
        theta=dict(zip(sectors, map(float, elasticities), strict=True)),
        name=request.name or path.stem,
        year=year,
    )
    progress("done", 2, 2)
    used = {name: file for name, file in files.items() if file is not None and (name != "sectors" or file is theta)}
    found = [*(f"{name}: {Path(file).name}" for name, file in used.items()), *notes]
    mended = list(dict.fromkeys([*mended, *economy.notes]))
    return Imported(replace(economy, notes=(*mended, *notes)), tuple(found), tuple(mended))


#: File endings of tables in a folder.
_ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".txt", ".xlsx", ".xlsb", ".xls", ".dta", ".rds", ".rda", ".json")


def _one(path: Path, name: str) -> str | None:
    """The table of that name: a file in a folder, or a sheet of a workbook; any other single file is trade.

    Raises `DocumentError` if a folder has two files of that name.
    """
    if path.is_file() and path.suffix.casefold() not in (".xlsx", ".xlsb", ".xlsm", ".xls", ".ods"):
        return str(path) if name == "trade" else None
    if path.is_file():
        sheets = {sheet.casefold(): sheet for sheet in read_sheets(path)}
        return f"{path}#{sheets[name]}" if name in sheets else None
    found = [file for ending in _ENDINGS if (file := path / f"{name}{ending}").is_file()]
    if len(found) > 1:
        raise DocumentError(f"both {found[0].name} and {found[1].name} are there; keep one", path=str(path))
    return str(found[0]) if found else None
