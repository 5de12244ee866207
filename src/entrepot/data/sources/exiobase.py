"""EXIOBASE 3 (monetary), read by pymrio."""

from __future__ import annotations

import re
from pathlib import Path

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import needed, reading
from entrepot.data.sources.mrio import imported_economy
from entrepot.data.sources.region_codes import as_iso3
from entrepot.errors import DocumentError

CATALOGUE = (
    PublicDatabase(
        name="exiobase3",
        title="EXIOBASE 3",
        module="exiobase",
        edition="monetary, 44 economies and five rests of regions, 163 industries or 200 products",
        files="IOT_YEAR_ixi.zip or IOT_YEAR_pxp.zip, or the unpacked folder",
        reads="flows (or coefficients) and final demand, in euros; usd_per_unit brings them to dollars",
        repairs="final demand below zero to zero; inputs above output scaled; WA, WE, WF, WL, WM kept as they are",
        citation="Stadler et al. (2018), EXIOBASE 3, Journal of Industrial Ecology 22: 502-515",
        licence="CC BY-SA 4.0; see the release",
        test="tests/data/sources/test_mrio_readers.py",
    ),
)


#: Rests of Asia and the Pacific, Latin America, Europe, Africa and the Middle East (WF is not Wallis and Futuna).
RESTS = ("WA", "WL", "WE", "WF", "WM")


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read A or Z, and Y: tab-separated, with two label columns and rows; with A alone, x or Z gives the flows."""
    pymrio = needed("pymrio", "EXIOBASE")
    progress("reading EXIOBASE 3", 0, 4)
    stated = re.search(r"(?:19|20)\d\d", path.name)
    if stated and request.year is not None and int(stated.group()) != request.year:
        raise DocumentError(f"by its name the data are of {stated.group()}, not of {request.year}", path=str(path))
    year = request.year or (int(stated.group()) if stated else None)
    with reading(path, "EXIOBASE 3"):
        io = pymrio.parse_exiobase3(path)
        if io.Z is None:
            io.calc_system()
        regions = as_iso3(map(str, io.get_regions()), keep=RESTS)
    return imported_economy(io, request, year, progress, unit="M.EUR" if io.unit is None else None, regions=regions)
