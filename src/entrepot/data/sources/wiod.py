"""World Input-Output Database: the 2013 release by pymrio, the 2016 release by pandas."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.sources.files import file_of_year, needed, reading
from entrepot.data.sources.mrio import imported_economy
from entrepot.data.sources.region_codes import as_iso3
from entrepot.errors import DocumentError

_PAPER = "Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23: 575-605"
_REPAIRS = "final demand below zero, categories summed, to zero; inputs above output scaled; ROM called ROU"
CATALOGUE = (
    PublicDatabase(
        name="wiod2013",
        title="World Input-Output Database",
        module="wiod",
        edition="2013 release (40 economies and the rest, 35 industries)",
        files="wiotYY_row_sep12.xlsx and the like, or a folder of these with --year",
        reads="inputs and final demand at basic prices, in millions of US dollars",
        repairs=_REPAIRS,
        citation=_PAPER,
        licence="free with citation; check the release",
        test="tests/data/sources/test_mrio_readers.py",
    ),
    PublicDatabase(
        name="wiod2016",
        title="World Input-Output Database",
        module="wiod",
        edition="2016 release (43 economies and the rest, 56 industries)",
        files="WIOT2014_Nov16_ROW.xlsb (or saved as .xlsx), its zip, or a folder of these",
        reads="inputs and final demand at basic prices, in millions of US dollars",
        repairs=_REPAIRS,
        citation=_PAPER,
        licence="CC BY 4.0",
        test="tests/data/sources/test_mrio_readers.py",
        genuine="an extract of the workbook of 2014 (two economies)",
    ),
)
#: Rows and columns of labels before the numbers: code, description, country, running number.
LABEL_ROWS, LABEL_COLUMNS = (2, 3, 4, 5), 4
LAST_INDUSTRY, LAST_FINAL = 56, 61


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read an Economy from a workbook of the 2013 or the 2016 release. Raises `DocumentError`."""
    progress("reading the workbook", 0, 4)
    io, year = _release_2013(path, request) if request.source == "wiod2013" else _release_2016(path, request)
    regions = as_iso3(map(str, io.Z.index.get_level_values(0).unique()))
    return imported_economy(io, request, year, progress, regions=regions)


def _release_2013(path: Path, request: ImportRequest) -> tuple[Any, int | None]:
    """Read the 2013 release by pymrio.parse_wiod; the year is in the workbook's first cell."""
    pymrio = needed("pymrio", "WIOD")
    needed("openpyxl", "workbooks")
    if path.is_dir() and request.year is None:
        raise DocumentError("the year is needed: give --year, or one file", path=str(path))
    if path.is_dir() and request.year is not None:
        wanted = re.compile(rf"wiot{request.year % 100:02d}_.*\.xlsx$", re.IGNORECASE)
        found = sorted(file for file in path.iterdir() if wanted.match(file.name))
        if len(found) != 1:
            raise DocumentError(
                f"{len(found)} files such as wiot{request.year % 100:02d}_row_sep12.xlsx", path=str(path)
            )
        path = found[0]
    with reading(path, "a WIOD workbook of the 2013 release"):
        io = pymrio.parse_wiod(path, names=("isic", "c_codes"))
        year = int(str(io.meta.description)[-4:]) if str(io.meta.description)[-4:].isdigit() else request.year
    if request.year is not None and year != request.year:
        raise DocumentError(f"the data are of {year}, not of {request.year}", path=str(path))
    return io, year


def _release_2016(path: Path, request: ImportRequest) -> tuple[Any, int | None]:
    """Read the 2016 release.

    Its labels are NACE code, description, country, and r1 to r56 of rows, c1 to c56 (industries) and c57 to c61 (final
    demand) of columns.
    """
    with file_of_year(path, request.year, (".xlsb", ".xlsx")) as (file, year):
        needed("python_calamine", "workbooks")
        with reading(file, "a WIOD workbook of the 2016 release"):
            sheet, year = _sheet(file, year)
            rows = sheet.iloc[LABEL_ROWS[-1] + 1 :, :LABEL_COLUMNS].reset_index(drop=True)
            columns = sheet.iloc[list(LABEL_ROWS), LABEL_COLUMNS:].T.reset_index(drop=True)
            numbers = sheet.iloc[LABEL_ROWS[-1] + 1 :, LABEL_COLUMNS:].reset_index(drop=True)
            industry = _number(rows).between(1, LAST_INDUSTRY)
            bought, final = (
                _number(columns).between(1, LAST_INDUSTRY),
                _number(columns).between(LAST_INDUSTRY + 1, LAST_FINAL),
            )
            table = numbers.loc[industry.to_numpy()].astype(float)
            z, y = table.loc[:, bought.to_numpy()], table.loc[:, final.to_numpy()]
            z.index = y.index = _index(rows[industry.to_numpy()], "sector")
            z.columns, y.columns = (
                _index(columns[bought.to_numpy()], "sector"),
                _index(columns[final.to_numpy()], "category"),
            )
    return SimpleNamespace(Z=z, Y=y, unit=pd.DataFrame({"unit": ["Million USD"]})), year


def _sheet(file: Path, year: int | None) -> tuple[pd.DataFrame, int | None]:
    """The sheet named by the year (None: the only one named by a year), else the only sheet; and its year."""
    with pd.ExcelFile(file, engine="calamine") as book:
        names = [str(name) for name in book.sheet_names]
        years = [name for name in names if re.fullmatch(r"(19|20)\d\d", name)]
        chosen = [name for name in years if year is None or name == str(year)] or (names if len(names) == 1 else [])
        if len(chosen) != 1:
            missing = "the year is needed;" if year is None else f"no sheet {year};"
            raise DocumentError(f"{missing} the sheets are {', '.join(names)}", path=str(file))
        return book.parse(chosen[0], header=None), int(chosen[0]) if chosen[0] in years else year


def _number(labels: pd.DataFrame) -> pd.Series:
    """The number 12 in r12 (a row) and c12 (a column); NaN for anything else."""
    text = labels.iloc[:, 3].astype(str).str.extract(r"^[rc](\d+)$")[0]
    return pd.to_numeric(text, errors="coerce")


def _index(labels: pd.DataFrame, kind: str) -> pd.MultiIndex:
    country = labels.iloc[:, 2].astype(str)
    return pd.MultiIndex.from_arrays([country, labels.iloc[:, 0].astype(str)], names=["region", kind])
