"""EORA26, read by pymrio."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import needed, reading
from entrepot.data.sources.mrio import imported_economy
from entrepot.errors import DocumentError

CATALOGUE = (
    PublicDatabase(
        name="eora26",
        title="EORA26",
        module="eora",
        edition="simplified, 26 sectors, basic prices",
        files="Eora26_YEAR_bp.zip, or a folder with it or its unpacked files and the label files",
        reads="inputs and final demand of some 190 economies and 26 sectors",
        repairs="statistical discrepancies dropped; final demand below zero to zero; inputs above output scaled",
        citation="Lenzen, Moran, Kanemoto and Geschke (2013), Building Eora, Economic Systems Research 25: 20-49",
        licence="free for academic use; a licence is needed otherwise",
        test="tests/data/sources/test_mrio_readers.py",
    ),
)


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read tab-separated T, FD and VA without headers, in thousands of US dollars, with labels in separate files."""
    pymrio = needed("pymrio", "EORA26")
    progress("reading EORA26", 0, 4)
    stated = re.search(r"(?:19|20)\d\d", path.name)
    year = request.year or (int(stated.group()) if stated else None)
    if year is None:
        raise DocumentError("the year is needed: give --year", path=str(path))
    if path.is_file() and stated and int(stated.group()) != year:
        raise DocumentError(f"by its name the data are of {stated.group()}, not of {year}", path=str(path))
    # The label files may be in the folder of the archive, where pymrio looks for them.
    place = path.parent if path.suffix.casefold() == ".zip" else path
    with reading(path, f"EORA26 of {year}"):
        io = pymrio.parse_eora26(place, year=year)
        dropped = [str(line) for line in io.meta.modification_history if "Rest of the World" in str(line)]
    imported = imported_economy(io, request, year, progress)
    note = "ROW, Eora's statistical discrepancy, is dropped from rows and columns."
    return replace(imported, refused=(*imported.refused, *([note] if dropped else [])))
