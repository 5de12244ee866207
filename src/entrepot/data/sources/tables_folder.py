"""A folder of a user's own tidy tables: trade, and optionally inputs, demand, production and sectors."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import replace
from pathlib import Path

from entrepot.data.elasticities import read_elasticities
from entrepot.data.formats.workbook import read_sheets
from entrepot.data.opening import is_workbook
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.flows import with_tariffs
from entrepot.data.tidy_tables import in_order, read_trade
from entrepot.documents import as_path
from entrepot.economy.economy import Economy
from entrepot.errors import DocumentError, InputError
from entrepot.words import listed

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
    there, left = _tables_in(path, (request.tariffs, request.theta, request.sectors))
    files = {name: there.get(name) for name in TABLES}
    if files["trade"] is None:
        raise DocumentError(
            "; ".join(["there is no table called trade in it (trade.csv, or the sheet trade)", *left]),
            path=str(path),
        )
    progress("reading the tables", 0, 2)
    mended: list[str] = []
    trade, year = read_trade(files["trade"], mended, year=request.year, usd_per_unit=request.usd_per_unit)
    theta = request.theta if request.theta is not None else files["sectors"]
    if theta is None:
        raise InputError("theta: a number, the name of a published set, or a table sectors (sector, theta) is needed")
    if request.sectors is not None and request.tariffs is None and not isinstance(theta, str | os.PathLike):
        raise InputError("sectors: used only with tariffs or elasticities by product; leave it out")
    if request.theta is not None and files["sectors"] is not None:
        left = [*left, f"The elasticities of {Path(files['sectors']).name}: those of --theta (theta=) are used."]
    sectors, countries = in_order(trade["sector"]), in_order(trade["importer"], trade["exporter"])
    elasticities, cited = read_elasticities(theta, sectors, concordance=request.sectors)
    notes = list(cited)
    if request.tariffs is not None:
        if "tariff" in trade:
            raise InputError("tariffs: the trade table has a tariff column already; leave one of them out")
        trade, tariff_notes = with_tariffs(trade, request.tariffs, countries, sectors, year, request.sectors)
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
    return Imported(replace(economy, notes=(*mended, *notes)), tuple(found), tuple(mended), tuple(left))


#: The tables, and the endings of their files in a folder.
TABLES = ("trade", "inputs", "demand", "production", "sectors")
_ENDINGS = (
    *(".csv.gz", ".csv.zip", ".tsv.gz", ".txt.gz", ".parquet", ".pq", ".csv", ".tsv", ".tab", ".txt", ".dat", ".xlsx"),
    *(".xlsm", ".xlsb", ".xls", ".ods", ".dta", ".rds", ".rda", ".rdata", ".json", ".zip"),
)
#: What programs add to the name of a second copy: "inputs (1)", "inputs - Copy", "Copy of inputs", "inputs_v2".
_COPY = re.compile(r"copy of |[\s_-]*(\(\d+\)|- ?copy|copy|final|new|v?\d+)\s*$")


def _tables_in(path: Path, given: tuple[object, ...]) -> tuple[dict[str, str], list[str]]:
    """The tables by name: files of a folder or sheets of a workbook; and a note on those that are not read.

    given  files that options name, which are not tables of the folder
    Any other single file, and the only sheet of a workbook, is trade. Raises `DocumentError` for two of one name, and
    for a name that is nearly that of a table which is not there.
    """
    if path.is_file() and not is_workbook(path):
        return {"trade": str(path)}, []
    if path.is_file():
        sheets = list(read_sheets(path))
        if len(sheets) == 1 and _table_called(sheets[0]) is None and _near(sheets[0], ()) in (None, "trade"):
            return {"trade": f"{path}#{sheets[0]}"}, []
        named = {sheet: sheet for sheet in sheets}
        noun, whole = "sheet", {sheet: f"{path}#{sheet}" for sheet in sheets}
    else:
        others = {str(as_path(one).resolve()) for one in given if isinstance(one, str | os.PathLike)}
        files = [
            file
            for file in sorted(path.iterdir())
            if file.is_file() and not file.name.startswith((".", "~$")) and str(file.resolve()) not in others
        ]
        named = {file.name: _without_ending(file.name) for file in files}
        noun, whole = "file", {file.name: str(file) for file in files}
    found: dict[str, str] = {}
    for name, bare in named.items():
        table = _table_called(bare)
        if table is None:
            continue
        if table in found:
            raise DocumentError(f"both {found[table]} and {name} are there; keep one", path=str(path))
        found[table] = name
    left = [name for name in named if name not in found.values()]
    for name in left:
        meant = _near(named[name], tuple(found))
        if meant is not None:
            raise DocumentError(
                f"the {noun} {name!r} is not the name of a table; did you mean {meant}?", path=str(path)
            )
    notes = [f"{path.name}: {noun}s that are not read: {listed(left)}."] if left else []
    return {table: whole[name] for table, name in found.items()}, notes


def _without_ending(name: str) -> str:
    """The name of a file without the ending of a table; the whole name without one."""
    ending = next((ending for ending in _ENDINGS if name.casefold().endswith(ending)), "")
    return name[: len(name) - len(ending)] if ending else name


def _table_called(bare: str) -> str | None:
    folded = bare.strip().casefold()
    return folded if folded in TABLES else None


def _near(bare: str, there: tuple[str, ...]) -> str | None:
    """The table that is not there and that a name is nearly the name of."""
    folded = _COPY.sub("", bare.strip().casefold()).strip().split(".")[0]
    close = difflib.get_close_matches(folded, TABLES, n=1, cutoff=0.8)
    is_other = folded in ("product", "products")  # a concordance rather than production
    return close[0] if close and close[0] not in there and not is_other else None
