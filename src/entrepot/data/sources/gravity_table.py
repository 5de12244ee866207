"""Tidy tables of trade as gravity software uses them: exporter, importer, year, trade, and perhaps sector.

The format of gegravity and gme (USITC), of the UNCTAD/WTO Advanced Guide to Trade Policy Analysis, and of Stata files
with iso_o, iso_d and flow. Columns are recognised by the names in NAMES; others are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from entrepot.data.file_lines import with_lines
from entrepot.data.frames import as_labels, as_numbers, read_frame
from entrepot.data.number_formats import is_missing
from entrepot.data.periods import read_period
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.flows import Findings, economy_from_flows
from entrepot.data.stated_amounts import StatedAmounts, refuse_exports, refuse_impossible, refuse_parts
from entrepot.errors import DocumentError, InputError
from entrepot.words import and_list, counted, listed

CATALOGUE = (
    PublicDatabase(
        name="gravity",
        title="A gravity data set",
        module="gravity_table",
        edition="any table in the tidy format of gravity estimation",
        files="text (CSV, TSV, .dlm, .txt), Parquet, Stata .dta, R .rda and .rds, Excel or JSON",
        reads="exporter, importer, year, trade and, if there is one, sector; domestic trade where it is in the table",
        repairs="rows without a value are left out and counted; absent domestic trade from own_sales",
        citation="that of the data",
        licence="that of the data",
        test="tests/data/sources/test_gravity_table.py",
        genuine="the data of the Advanced Guide (Stata and R), gegravity's sample",
    ),
)

#: The possible names of each column, the preferred name first.
NAMES = {
    "exporter": ("exporter_iso3", "exporter", "iso3_o", "iso_o", "origin", "orig", "exp"),
    "importer": ("importer_iso3", "importer", "iso3_d", "iso_d", "destination", "dest", "imp"),
    "year": ("year", "yr", "t"),
    "value": ("trade", "trade_value", "tradevalue", "trade_flow", "tradeflow", "flow", "value"),
    "sector": ("sector", "sector_id", "industry_id", "industry", "product"),
}
NEEDED = ("exporter", "importer", "value")
TOTAL = "total"


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read one year of a gravity data set; values without a unit are taken as millions of US dollars."""
    with with_lines(path, has_flows):
        trade, findings, year = _read(path, request, progress)
    return economy_from_flows(trade, request, findings, year=year, name=path.stem)


def _read(path: Path, request: ImportRequest, progress: Progress) -> tuple[pd.DataFrame, Findings, int | None]:
    """The rows of the year, with what was found and mended, and the year."""
    if request.sectors is not None:
        raise InputError("sectors= is not supported here: sectors come from the column of the table")
    findings = Findings()
    progress(f"reading {path.name}", 0, 1)
    table, opened = read_frame(path, "trade", recognises=has_flows)
    findings.mended += opened.notes
    used = _columns(table, path)
    findings.found.append(
        f"{len(table):,} rows; columns used: {', '.join(f'{name} as {role}' for role, name in used.items())}."
    )
    findings.refused += _unread_tariffs(table, advised=request.tariffs is None)
    refuse_parts(table, path.name, list(used.values()))
    refuse_exports(table, path.name, list(used.values()))
    trade = table[list(used.values())].set_axis(list(used), axis=1)
    amounts = StatedAmounts("value", NAMES["value"], request.year, request.usd_per_unit)
    if "year" in trade:
        trade, year = _of_year(trade, request, path)
    else:  # a column of periods under another name
        trade = trade.loc[amounts.of_year(table, path.name, list(used.values())).index]
        year = amounts.found_year
    others = [name for role, name in used.items() if role != "value"]
    rows, notes = table.loc[trade.index], list[str]()
    factor = amounts.factor(rows, path.name, used["value"], others, opened.notes, notes)
    trade = _checked(trade, table, path, findings, opened.separator)
    if factor is not None:
        trade["value"] *= factor.loc[trade.index]
    refuse_impossible(trade["value"], path.name, used["value"])
    findings.mended += notes
    if not notes and not amounts.used and used["value"].casefold() in NAMES["value"]:
        findings.mended.append("Values are taken as millions of US dollars: the file states no unit.")
    progress(f"reading {path.name}", 1, 1)
    return trade, findings, year


def has_flows(names: Sequence[str]) -> bool:
    """Whether a table has columns for exporter, importer and value."""
    own = {str(name).strip().casefold() for name in names}
    with_unit = StatedAmounts("value", NAMES["value"]).names_in([str(name).strip() for name in names])
    return all(own & set(NAMES[role]) for role in NEEDED if role != "value" or not with_unit)


def _columns(table: pd.DataFrame, path: Path) -> dict[str, str]:
    """Column names by role."""
    own = {str(name).strip().casefold(): str(name) for name in table.columns}
    folded = [str(name).strip().casefold() for name in table.columns]
    twice = [name for names in NAMES.values() for name in names if folded.count(name) > 1]
    if twice:
        raise DocumentError(f"the column {twice[0]!r} is repeated", path=str(path))
    used = {role: next((own[n] for n in names if n in own), None) for role, names in NAMES.items()}
    if used["value"] is None:
        used["value"] = StatedAmounts("value", NAMES["value"]).name_in([str(name) for name in table.columns], path.name)
    for role in NEEDED:
        if used[role] is None:
            raise DocumentError(
                f"no column for the {role} (known names: {', '.join(NAMES[role])}); the table has: "
                f"{listed(map(str, table.columns), 20)}",
                path=str(path),
            )
    return {role: name for role, name in used.items() if name is not None}


def _unread_tariffs(table: pd.DataFrame, *, advised: bool) -> list[str]:
    """A line on columns that may be tariffs, which are not read from a gravity data set, and where to give them."""
    names = [str(name) for name in table.columns if re.search(r"tariff|dut(y|ies)", str(name), re.IGNORECASE)]
    if not names:
        return []
    column = f"column {names[0]!r} is" if len(names) == 1 else f"columns {and_list([repr(name) for name in names])} are"
    advice = ": give tariffs as a table (importer, exporter, sector, tariff), with --tariffs (tariffs=)"
    return [f"The {column} not read{advice if advised else ''}."]


def _of_year(trade: pd.DataFrame, request: ImportRequest, path: Path) -> tuple[pd.DataFrame, int | None]:
    periods = {cell: read_period(cell) for cell in trade["year"].unique()}
    years = trade["year"].map({cell: p.year for cell, p in periods.items() if p is not None and p.length == "year"})
    if years.isna().any():
        row = int(years.isna().to_numpy().argmax())
        raise DocumentError(f"row {row + 1}: the year is {trade['year'].iloc[row]}", path=str(path))
    found = sorted(years.unique())
    year = int(found[0]) if request.year is None and len(found) == 1 else request.year
    if year not in found:
        absent = "" if request.year is None else f"no rows of {request.year}; "
        years_found = ", ".join(f"{y:g}" for y in found) or "none"
        raise DocumentError(f"{absent}years found: {years_found}; choose one with year=", path=str(path))
    return trade[years == year], year


def _checked(
    trade: pd.DataFrame, table: pd.DataFrame, path: Path, findings: Findings, separator: str | None
) -> pd.DataFrame:
    """Return exporter, importer, sector, value. Raises `DocumentError` for empty labels, repeated flows, bad values."""
    trade = trade.assign(sector=trade.get("sector", TOTAL))
    keys = ["exporter", "importer", "sector"]
    for key in keys:
        trade[key] = as_labels(trade[key], path.name)
        blank = trade[key].isna()
        if blank.any():
            raise DocumentError(f"row {trade.index[blank][0] + 1}: {key} is empty", path=str(path))
    number = as_numbers(trade["value"], f"{path.name}, the trade value", "amount", separator, findings.mended)
    absent = trade["value"].isna() | trade["value"].map(lambda cell: isinstance(cell, str) and is_missing(cell))
    wrong = (number.isna() & ~absent) | (number < 0) | (number.abs() == float("inf"))
    if wrong.any():
        row = trade[wrong].iloc[0]
        raise DocumentError(f"row {trade.index[wrong][0] + 1}: the trade value is {row['value']}", path=str(path))
    if number.isna().any():
        findings.refused.append(f"{counted(int(number.isna().sum()), 'row')} without a trade value.")
    trade = trade.assign(value=number)[number.notna()]
    twice = trade.duplicated(keys)
    if twice.any():
        row = trade[twice].iloc[0]
        hint = "" if "sector" in table.columns else "; if the table has sectors, call their column sector"
        raise DocumentError(
            f"row {trade.index[twice][0] + 1}: the flow from {row['exporter']} to {row['importer']} "
            f"({row['sector']}) is repeated in the same year{hint}",
            path=str(path),
        )
    return trade
