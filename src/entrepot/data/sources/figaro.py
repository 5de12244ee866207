"""Eurostat's FIGARO inter-country tables: the matrix CSV."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import check_commas, file_of_year, reading
from entrepot.data.sources.mrio import imported_economy
from entrepot.data.sources.region_codes import as_iso3
from entrepot.errors import DocumentError

CATALOGUE = (
    PublicDatabase(
        name="figaro",
        title="FIGARO inter-country input-output tables",
        module="figaro",
        edition="industry by industry or product by product (editions 2022 to 2026)",
        files="matrix_ or flatfile_eu-ic-io_ind-by-ind_..._YEAR.csv, its zip, or a folder of these",
        reads="inputs and final demand at basic prices, in millions of euros (usd_per_unit brings them to dollars)",
        repairs="final demand below zero, categories summed, to zero; inputs above output scaled; FIGW1 called ROW",
        citation="Remond-Tiedrez and Rueda-Cantuche (eds, 2019), EU inter-country supply, use and input-output tables",
        licence="CC BY 4.0 (Eurostat's reuse policy)",
        test="tests/data/sources/test_mrio_readers.py",
    ),
)


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read the matrix CSV: column rowLabels, REGION_INDUSTRY, final demand REGION_P3_S13 to REGION_P5M, rows W2_*.

    The layout is that of public programs that read the file; the published file was not available for a test.
    """
    progress("finding the table", 0, 4)
    with file_of_year(path, request.year, (".csv",)) as (file, year):
        check_commas(file)
        with reading(file, "a FIGARO matrix"):
            table = _matrix(file)
            empty = int(table.isna().to_numpy().sum())
            table = table.fillna(0.0)
    table.index = _labels(table.index)
    table.columns = _labels(table.columns)
    industries = [label for label in table.index if label[0] != "W2"]
    inside = pd.Index(industries)
    if not industries or not set(industries) <= set(table.columns):
        raise DocumentError("rows and columns are not the same regions and industries", path=str(path))
    rows = pd.MultiIndex.from_tuples(industries, names=["region", "sector"])
    final = [label for label in table.columns if label not in inside]
    z, y = table.loc[inside, inside], table.loc[inside, final]
    z.index, z.columns, y.index = rows, rows, rows
    y.columns = pd.MultiIndex.from_tuples(final, names=["region", "category"])
    io = SimpleNamespace(Z=z, Y=y, unit=None)
    imported = imported_economy(
        io, request, year, progress, unit="M.EUR", regions=as_iso3(sorted({region for region, _ in industries}))
    )
    zeros = [f"{empty:,} cells that are empty, or have no row, taken as zero."] if empty else []
    return replace(imported, mended=(*zeros, *imported.mended))


def _matrix(file: Path) -> pd.DataFrame:
    """The matrix file, or the flat file (one cell per row) as a matrix; a repeated cell raises an error."""
    names = set(pd.read_csv(file, nrows=0).columns)
    flat = next((pair for x in "ip" if set(pair := [f"icio{x}Row", f"icio{x}Col"]) <= names), None)
    if flat is None:
        return pd.read_csv(file, index_col=0)
    cells = pd.read_csv(file, usecols=[*flat, "obsValue"], dtype=dict.fromkeys(flat, "category"))
    return cells.pivot(index=flat[0], columns=flat[1], values="obsValue")


def _labels(labels: pd.Index) -> pd.Index:
    """Labels (region, rest) from REGION_REST, split at the first underscore."""
    return pd.Index([tuple(str(label).split("_", 1)) for label in labels], tupleize_cols=False)
