"""A table of a study, with the provenance that every table carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from entrepot.cases.solved_case import OnEconomy
from entrepot.languages import translated
from entrepot.studies.provenance import elasticities, horizon, labour_shares
from entrepot.studies.result_table import ResultTable, TableColumn
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd


def provenance_of(study: OnEconomy) -> dict[str, str]:
    """Return what every table carries: base, year, horizon, elasticities and version."""
    e, closure = study.economy, study.case.closure
    return {
        "case": translated(study.case.title),
        "base": e.name,
        "year": str(e.year or translated("not stated")),
        "horizon": translated("; ").join([horizon(closure), *labour_shares(closure)]),
        "elasticities": elasticities(e),
        "version": f"Entrepot {__version__}",
    }


def study_table(
    study: OnEconomy,
    name: str,
    title: str,
    columns: list[TableColumn],
    rows: Any,
    frame: pd.DataFrame | Callable[[], pd.DataFrame],
    note: str = "",
    text_columns: int = 1,
) -> ResultTable:
    """Return rows as a table of `study`: `note` is printed under it, `frame` is the same facts tidy, or makes them."""
    notes = (translated(note),) if note else ()
    made = tuple(map(tuple, rows))
    return ResultTable(name, title, tuple(columns), made, notes, provenance_of(study), frame, text_columns)
