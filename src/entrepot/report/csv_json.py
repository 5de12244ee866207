"""Result tables as CSV, and the data dictionary in JSON that goes beside CSV files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from entrepot.documents import WRITTEN, harmless
from entrepot.equilibrium import quantities
from entrepot.studies.result_table import ResultTable
from entrepot.studies.result_tables import ResultTables

if TYPE_CHECKING:
    import pandas as pd

#: Columns that hold a number which another column names: `value` beside `quantity`, an interval beside `number`.
NAMED_BESIDE = {
    "quantity": frozenset({"value"}),
    "number": frozenset({"centre", "mean", "low", "median", "high"}),
}


def as_csv(table: ResultTable) -> str:
    """Return the table as CSV: one heading a column with its unit, numbers in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(harmless, table.sheet_head))
    writer.writerows([["" if v is None or v != v else harmless(v) for v in row] for row in table.rows])
    return out.getvalue()


def dictionary(tables: ResultTables, frames: Mapping[str, pd.DataFrame], written: Mapping[str, str]) -> str:
    """Return the data dictionary of a folder of CSV files: provenance, and what each column of each file holds.

    written   the SHA-256 of every file beside it by name, by which they are known when the folder is written again
    """
    provenance = dict(next(iter(tables.laid_out.values())).provenance) if tables.laid_out else {}
    titles = {name.rstrip("_0123456789"): table.title for name, table in tables.laid_out.items()}
    files = {
        f"{name}.csv": {
            "title": titles.get(name, name.replace("_", " ")),
            "columns": _meanings(frame),
        }
        for name, frame in frames.items()
    }
    document = {"provenance": provenance, "files": files, WRITTEN: dict(written)}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _meanings(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what each column of a file holds; those of `NAMED_BESIDE` are of the number that another column names."""
    found: dict[str, Any] = {str(column): _meaning(str(column)) for column in frame.columns}
    for naming, columns in NAMED_BESIDE.items():
        names = [str(name) for name in dict.fromkeys(frame[naming])] if naming in found else []
        for column in found.keys() & columns if names else ():
            by_name = {f"by_{naming}": {name: _meaning(name) for name in names}}
            found[column] = {"label": f"{column} of the {naming}", **by_name}
    return found


def _meaning(column: str) -> dict[str, str]:
    """Return label, unit, meaning of a positive sign, formula and source of a registered number."""
    q = quantities.ALL.get(column)
    if q is None:
        return {"label": column.replace("_", " ")}
    facts = {"label": q.label, "unit": q.measured_in, "positive": q.positive, "formula": q.formula, "source": q.source}
    return {key: text for key, text in facts.items() if text}
