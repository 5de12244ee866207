"""OECD Inter-Country Input-Output tables, read by pymrio."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from entrepot.economy.sources.catalogue import Ask, Imported, Source, Tell
from entrepot.economy.sources.files import check_commas, file_of_year, needed, reading
from entrepot.economy.sources.mrio import economy_from_mrio


def _source(edition: str, size: str) -> Source:
    return Source(
        name=f"icio{edition}",
        title="OECD Inter-Country Input-Output tables",
        module="icio",
        edition=f"{edition} edition ({size})",
        files="a yearly CSV such as 2018_SML.csv, its zip, the zip of several years, or a folder of these",
        reads="inputs and final demand by country and industry, at basic prices",
        repairs="negative inventories to zero; parts of China and Mexico merged; inputs above output scaled",
        citation=f"OECD, Inter-Country Input-Output Tables, {edition} edition, http://oe.cd/icio",
        licence="OECD terms and conditions; check them before you publish the data",
        test="tests/economy/sources/test_mrio_readers.py",
    )


CATALOGUE = (_source("2023", "76 economies, 45 industries"), _source("2025", "80 economies, 50 industries"))


def read(path: Path, ask: Ask, tell: Tell) -> Imported:
    """Rows and columns REGION_INDUSTRY, final demand REGION_HFCE to REGION_DPABR, rows TLS and VA, totals OUT."""
    pymrio = needed("pymrio", "ICIO")
    tell("finding the table", 0, 4)
    with file_of_year(path, ask.year, (".csv",)) as (file, year), tempfile.TemporaryDirectory() as folder:
        check_commas(file)
        # pymrio wants the path to hold nothing that looks like another edition's year.
        plain = Path(folder) / f"ICIO2023_{year or 0:04d}.csv"
        try:
            plain.symlink_to(file.resolve())
        except OSError:  # a system without links
            shutil.copyfile(file, plain)
        with reading(file, "an ICIO table"):
            io = pymrio.parse_oecd(plain)
    return economy_from_mrio(
        io,
        tariffs=ask.tariffs,
        theta=ask.theta,
        year=year,
        concordance=ask.sectors,
        name=ask.name or f"{ask.source}-{year}",
        tell=tell,
    )
