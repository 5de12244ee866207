"""Opening tables of any format, which is recognised by the content of the file, not by its name."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.formats.foreign import opened_zip, refuse_foreign
from entrepot.data.formats.grid import Recognises, label_note
from entrepot.data.formats.html import is_page, read_page
from entrepot.data.formats.json_tables import read_json
from entrepot.data.formats.r import data_frames, is_r, read_r
from entrepot.data.formats.text import TextTable, open_text
from entrepot.data.formats.workbook import read_sheets
from entrepot.data.units import find_unit
from entrepot.documents import as_path
from entrepot.errors import DocumentError, InputError, TableError
from entrepot.words import listed

#: The kinds of table that are accepted, for messages.
TABLE = (
    "a DataFrame, a DuckDB relation or query, or the path of a table (CSV and other text, Excel, Parquet, Stata, R, "
    "JSON, "
    "DuckDB; one of several in a file by FILE#NAME)"
)
_QUERY = re.compile(r"\s*(SELECT|FROM|WITH)\s", re.IGNORECASE)
#: File endings of tables inside a zip.
_IN_A_ZIP = (
    *(".csv", ".txt", ".tsv", ".dat", ".xlsx", ".xlsb", ".xls", ".dta", ".json", ".parquet", ".rds", ".rda", ".rdata"),
)


@dataclass(frozen=True, eq=False)
class OpenedTable:
    """A table that is opened but not read yet; it is in one of `text`, `frame` and `parquet`.

    where  its name in messages
    path   path of its file
    notes  decisions made when it was opened (encoding, sheet, title lines)
    lines  of a workbook, the row of the sheet by row of the table
    """

    where: str
    path: str = ""
    text: TextTable | None = None
    frame: pd.DataFrame | None = None
    parquet: Path | None = None
    notes: tuple[str, ...] = field(default=())
    lines: tuple[int, ...] = field(default=())

    @property
    def separator(self) -> str | None:
        """What stands between its cells; None where it is not text."""
        return self.text.separator if self.text is not None else None


def open_table(given: Any, what: str, scratch: Path, *, recognises: Recognises, year: int | None = None) -> OpenedTable:
    """Open the table `given`, called `what` in messages; temporary copies go to the folder `scratch`.

    recognises  whether some layout has these column names; it selects the sheet of a workbook, the data frame of an R
                file and the header line
    year        selects one of several files in a zip
    Raises `DocumentError` for a file that cannot be read as a table, `TableError` for a table without rows, and
    `InputError` for anything else.
    """
    if isinstance(given, str) and _QUERY.match(given) and not os.path.exists(given):
        return OpenedTable(what, parquet=_from_query(given, scratch))
    if isinstance(given, str | os.PathLike):
        return _open_file(given, what, scratch, recognises, year)
    if type(given).__name__ == "DuckDBPyRelation":
        target = scratch / f"relation{len(list(scratch.iterdir()))}.parquet"
        given.to_parquet(str(target))
        return OpenedTable(what, parquet=target)
    frame = given.to_pandas() if hasattr(given, "to_pandas") else given
    if isinstance(frame, pd.Series) and frame.index.nlevels > 1:  # as groupby(...)["value"].sum() gives
        frame = frame.to_frame()
    if not isinstance(frame, pd.DataFrame):
        raise TableError(f"{what}: {TABLE} is needed, not {type(given).__name__}")
    if frame.empty:
        raise TableError(f"{what}: the table has no rows")
    columns, levels = list(map(str, frame.columns)), [str(name) for name in frame.index.names if name is not None]
    several = len(levels) == frame.index.nlevels > 1
    # Two of one name cannot be columns, and those that set_index(..., drop=False) leaves are there already.
    there = len({*levels}) < len(levels) or not {*levels}.isdisjoint(columns)
    named = bool(levels) and not recognises(columns) and recognises([*levels, *columns])
    in_index = not there and (several or named)
    return OpenedTable(what, frame=frame.reset_index(drop=not in_index))


def cells_as_text(column: pd.Series) -> pd.Series:
    """Return the cells of a column as stripped str, None where empty."""
    if pd.api.types.infer_dtype(column) == "string":
        codes, found = pd.factorize(column)
        spelt = np.array([*(cell.strip() or None for cell in found), None], dtype=object)
        return pd.Series(spelt[codes], index=column.index, name=column.name, dtype=object)
    empty = column.isna()
    texts = [None if gone else str(cell).strip() or None for cell, gone in zip(column, empty, strict=True)]
    return pd.Series(texts, index=column.index, name=column.name, dtype=object)


# ---- files ----


def _open_file(given: Any, what: str, scratch: Path, recognises: Recognises, year: int | None) -> OpenedTable:
    path, part = _path_and_part(given)
    where = f"{what} ({path.name})"
    if not path.is_file():
        raise DocumentError("is a folder, not a file" if path.is_dir() else "no such file", path=str(path))
    try:
        with path.open("rb") as file:
            first = file.read(4096)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error
    ending = path.suffix.casefold()
    if zipfile.is_zipfile(path) and not _is_workbook(path):
        path = _unpacked(path, scratch, year, part)
        return _open_file(path, what, scratch, recognises, year)
    if first.startswith(b"PK\x03\x04") and not zipfile.is_zipfile(path):
        kind = "workbook" if ending in (".xlsx", ".xlsm", ".xlsb", ".ods") else "zip archive"
        raise DocumentError(
            f"is not a complete {kind}; it was cut short or is damaged: download it again", path=str(path)
        )
    if first.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        frame, notes = _one_of(read_sheets(path, recognises), part, recognises, "sheet", path)
        return OpenedTable(where, str(path), frame=frame, notes=notes, lines=tuple(frame.attrs.get("lines", ())))
    if first.startswith(b"PAR1"):
        return OpenedTable(where, str(path), parquet=path)
    if first[8:12] == b"DUCK":
        return OpenedTable(where, str(path), parquet=_from_database(path, part, scratch))
    if first.startswith(b"<stata_dta>") or (
        ending == ".dta" and first[:1] in (b"\x69", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72", b"\x73")
    ):
        return OpenedTable(where, str(path), frame=_from_stata(path), notes=_label_notes(path))
    if ending in (".rds", ".rda", ".rdata") or is_r(first):
        frames = {name: (frame, ()) for name, frame in data_frames(read_r(path)).items()}
        if not frames:
            raise DocumentError("holds no data frame", path=str(path))
        frame, notes = _one_of(frames, part, recognises, "data frame", path)
        return OpenedTable(where, str(path), frame=frame, notes=notes)
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        frame, notes = read_json(path, part, recognises)
        return OpenedTable(where, str(path), frame=frame, notes=notes)
    if is_page(first):
        frame, notes = _one_of(read_page(path, recognises), part, recognises, "table", path)
        return OpenedTable(
            where, str(path), frame=frame, notes=("The file is a web page, whose table was read.", *notes)
        )
    refuse_foreign(first, path)
    if ending in (".parquet", ".pq"):
        raise DocumentError("cannot be read as Parquet: it does not begin as such a file does", path=str(path))
    text = open_text(path, scratch, recognises)
    return OpenedTable(where, str(path), text=text, notes=text.notes)


def _path_and_part(given: Any) -> tuple[Path, str | None]:
    """Split FILE#NAME into the path and the name of a sheet, data frame, zip member or table in it."""
    path = as_path(given)
    if "#" in path.name and not path.exists():
        name, part = str(given).rsplit("#", 1)
        return as_path(name), part
    return path, None


#: Names of sheets that only describe the others, as in files of DataWeb.
_ABOUT = ("query parameters", "parameters", "readme", "read me", "about", "contents", "notes", "metadata", "cover")


def _one_of(
    tables: Mapping[str, tuple[pd.DataFrame, tuple[str, ...]]],
    part: str | None,
    recognises: Recognises,
    kind: str,
    path: Path,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Select the table named `part`, else the only one that a layout recognises, else the only one."""
    chosen = [name for name in tables if part is not None and name.casefold() == part.casefold()]
    if part is None:
        known = [name for name, (frame, _) in tables.items() if recognises(list(frame.columns))]
        chosen = known or [name for name in tables if name.strip().casefold() not in _ABOUT] or list(tables)
    if len(chosen) != 1:
        none = (
            f"no {kind} {part!r}"
            if part is not None
            else f"{len(tables)} {kind}s"
            if tables
            else f"no {kind} with a table"
        )
        raise DocumentError(
            f"{none}; choose one: {path.name}#NAME ({', '.join(list(tables)[:8]) or 'none'})", path=str(path)
        )
    frame, notes = tables[chosen[0]]
    if frame.empty:
        raise TableError(f"{path.name}: the table has no rows")
    if len(tables) > 1:
        notes = (f"Read from the {kind} {chosen[0]!r} (of {len(tables)}).", *notes)
    return frame.reset_index(drop=True), notes


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook by its content, whatever its name is."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\xd0\xcf\x11\xe0" or _is_workbook(path)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
    return "[Content_Types].xml" in names or "content.xml" in names


def _unpacked(path: Path, scratch: Path, year: int | None, part: str | None) -> Path:
    """Extract the one table in a zip: the named one, the only one, or the one with the year in its name."""
    with opened_zip(path) as archive:
        names = [n for n in archive.namelist() if n.casefold().endswith(_IN_A_ZIP) and not Path(n).name.startswith(".")]
        if not names and "header.npy" in archive.namelist():
            raise DocumentError(
                "is a saved Economy, which needs no import: give it to --economy, or to 'entrepot economy update'",
                path=str(path),
            )
        of_year = [n for n in names if year is not None and str(year) in Path(n).name]
        named = [n for n in names if part is not None and part in (n, Path(n).name)]
        chosen = next((found for found in (named, names, of_year) if len(found) == 1), None)
        if chosen is None:
            raise DocumentError(
                f"{len(names)} tables are in the zip ({listed(names)}); one is needed, or one with the year in its "
                f"name; choose one: {path.name}#NAME",
                path=str(path),
            )
        return Path(archive.extract(chosen[0], scratch))


def _from_stata(path: Path) -> pd.DataFrame:
    try:
        return pd.read_stata(path, convert_categoricals=True)
    except ValueError as error:
        if "convert_categoricals" not in str(error) and "Value labels" not in str(error):
            raise DocumentError(f"cannot be read as a Stata file: {error}", path=str(path)) from error
        return pd.read_stata(path, convert_categoricals=False)
    except Exception as error:  # for damaged files pandas raises struct and decoding errors too
        raise DocumentError(f"cannot be read as a Stata file: {error}; is it whole?", path=str(path)) from error


#: Names of columns of amounts, whose labels may state a unit.
_AMOUNTS = re.compile(r"(trade|import|export)?[ _]?(value|flow|amount)s?|trade|(im|ex)ports?", re.IGNORECASE)


def _label_notes(path: Path) -> tuple[str, ...]:
    """Return notes on the labels of columns of amounts that state a unit."""
    with pd.io.stata.StataReader(path) as reader:
        labels = reader.variable_labels()
    stated = {name: label for name, label in labels.items() if _AMOUNTS.fullmatch(name) and find_unit(label)}
    return tuple(label_note(name, label) for name, label in stated.items())


# ---- DuckDB ----


def _from_query(query: str, scratch: Path) -> Path:
    """Write the result of a query as Parquet; DuckDB reads the files that the query names."""
    import duckdb

    target = scratch / f"query{len(list(scratch.iterdir()))}.parquet"
    try:
        with duckdb.connect() as connection:
            connection.sql(query).to_parquet(str(target))
    except duckdb.Error as error:
        raise InputError(f"the query cannot be answered: {' '.join(str(error).split())[:200]}") from error
    return target


def _from_database(path: Path, part: str | None, scratch: Path) -> Path:
    import duckdb

    target = scratch / f"{path.stem}{len(list(scratch.iterdir()))}.parquet"
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            names = [
                str(name)
                for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
            ]
            chosen = _chosen(names, part, path)
            connection.table(chosen).to_parquet(str(target))
    except duckdb.Error as error:
        cause = " ".join(str(error).split())[:200]
        raise DocumentError(f"cannot be read as a DuckDB database: {cause}", path=str(path)) from error
    return target


def _chosen(names: Sequence[str], part: str | None, path: Path) -> str:
    found = [name for name in names if part is None or name.casefold() == part.casefold()]
    if len(found) != 1:
        raise DocumentError(
            f"choose a table: {path.name}#NAME ({', '.join(names[:8]) or 'it has none'})", path=str(path)
        )
    return found[0]
