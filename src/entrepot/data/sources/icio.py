"""OECD Inter-Country Input-Output tables, read by pymrio."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import check_commas, empty_cells, file_of_year, needed, reading
from entrepot.data.sources.mrio import imported_economy
from entrepot.errors import DocumentError


def _source(edition: str, size: str) -> PublicDatabase:
    return PublicDatabase(
        name=f"icio{edition}",
        title="OECD Inter-Country Input-Output tables",
        module="icio",
        edition=f"{edition} edition ({size})",
        files="a yearly CSV such as 2018_SML.csv, its zip, the zip of several years, or a folder of these",
        reads="inputs and final demand by country and industry, at basic prices",
        repairs="final demand below zero to zero; parts of China and Mexico merged; inputs above output scaled",
        citation=f"OECD, Inter-Country Input-Output Tables, {edition} edition, http://oe.cd/icio",
        licence="OECD terms and conditions; check them before you publish the data",
        test="tests/data/sources/test_mrio_readers.py",
    )


CATALOGUE = (_source("2023", "76 economies, 45 industries"), _source("2025", "80 economies, 50 industries"))


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read a table with rows and columns REGION_INDUSTRY, final demand REGION_HFCE to REGION_DPABR, TLS, VA, OUT."""
    pymrio = needed("pymrio", "ICIO")
    progress("finding the table", 0, 4)
    with file_of_year(path, request.year, (".csv",)) as (file, year), tempfile.TemporaryDirectory() as folder:
        check_commas(file)
        # pymrio takes any year in the path for the edition, so the path must not contain one.
        plain = Path(folder) / f"ICIO2023_{year or 0:04d}.csv"
        try:
            plain.symlink_to(file.resolve())
        except OSError:  # a system without symbolic links
            shutil.copyfile(file, plain)
        with reading(file, "an ICIO table"):
            io = pymrio.parse_oecd(plain)
            if io.factor_inputs.F.empty:  # without them pymrio may have rows and columns in different orders
                raise DocumentError("no rows TLS and VA below the industries: is the file complete?", path=str(path))
            _merge_parts(io)
        empty = empty_cells(file)
    imported = imported_economy(io, request, year, progress)
    zeros = [f"{empty:,} empty cells of the file taken as zero."] if empty else []
    return replace(imported, mended=(*zeros, *imported.mended))


def _merge_parts(io: Any) -> None:
    """Merge CN1, CN2, ... into CHN and MX1, ... into MEX, which pymrio does not do as CHN and MEX have no rows."""
    whole = {
        region: "CHN" if region.startswith("CN") else "MEX"
        for region in map(str, io.Z.index.get_level_values(0).unique())
        if re.fullmatch(r"(CN|MX)\d", region)
    }
    if whole:
        z, y = (frame.rename(index=whole, level=0).groupby(level=[0, 1], sort=False).sum() for frame in (io.Z, io.Y))
        io.Z = z.rename(columns=whole, level=0).T.groupby(level=[0, 1], sort=False).sum().T
        io.Y = y.rename(columns=whole, level=0)
        io.factor_inputs = None  # its columns are those of the separate parts
