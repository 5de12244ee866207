"""Write a run of the store to a folder of CSV files, a zip archive or a DuckDB file."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from entrepot.documents import FILE_ENDINGS, folder_to_write, harmless_table
from entrepot.errors import DocumentError, InputError
from entrepot.runs.store import MANIFEST, UNFINISHED, Run

#: Endings of files in which a run is written.
_WHOLE = (".zip", ".duckdb")


def export(run: Run, target: Path, *, force: bool = False) -> list[str]:
    """Write a run to a folder of CSV files, a .zip of its own files, or a .duckdb with a table each.

    Returns the names of the tables. The write is atomic. Raises `InputError` if `target` exists, and for the name of
    another kind of file; `DocumentError` where it cannot be written.
    """
    target = Path(target)
    ending = target.suffix.casefold()
    if ending in FILE_ENDINGS.difference(_WHOLE):
        raise InputError(
            f"{target}: a run is written to a new folder (CSV), FILE.zip (Parquet) or FILE.duckdb, each with all of "
            "its tables; for a workbook: entrepot run CASE --format xlsx --out FOLDER"
        )
    if target.exists() and not force:
        raise InputError(f"{target} already exists; --force overwrites it")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
        raise InputError(f"{target} is a folder with other files than those of a run: give the name of a new folder")
    if ending not in (".zip", ".duckdb", ".db"):
        folder_to_write(target)
    tables = run.tables()
    try:
        _write(run, target, tables)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=str(target)) from error
    return tables


def _write(run: Run, target: Path, tables: Sequence[str]) -> None:
    """Write a run beside `target`, and move it there."""
    ending = target.suffix.casefold()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=UNFINISHED) as folder:
        made = Path(folder) / target.name
        if ending == ".zip":
            with zipfile.ZipFile(made, "w") as archive:
                for file in sorted(run.path.rglob("*")):
                    if file.is_file() and not file.name.startswith(UNFINISHED):
                        archive.write(file, f"{run.id}/{file.relative_to(run.path)}")
        elif ending in (".duckdb", ".db"):
            with run.reading():
                _to_duckdb(run, tables, made)
        else:
            made.mkdir()
            for table in tables:
                harmless_table(run.read(table)).to_csv(made / f"{table}.csv", index=False, lineterminator="\n")
            shutil.copy(run.path / MANIFEST, made / MANIFEST)
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(made, target)


def _to_duckdb(run: Run, tables: Sequence[str], path: Path) -> None:
    import duckdb

    with duckdb.connect(str(path)) as db:
        for table in tables:
            db.execute(f'CREATE TABLE "{table}" AS SELECT * FROM {run.relation(table)}')
        db.execute("CREATE TABLE run (manifest JSON)")
        db.execute("INSERT INTO run VALUES (?)", [json.dumps(run.manifest)])
