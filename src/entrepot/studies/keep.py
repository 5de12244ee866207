"""Keep a study or a bargain in the run store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from entrepot.cases import Case, SolvedCase
from entrepot.economy import Economy
from entrepot.runs.own_code import own_code
from entrepot.runs.store import Run, RunStore
from entrepot.studies import elasticity_sets, tidy_rows
from entrepot.version import __version__

if TYPE_CHECKING:
    from entrepot.bargaining import Bargain

#: The tables of a study that are kept: their rows are functions of `tidy_rows`.
KEPT = ("welfare", "payoffs", "industry", "proceeds", "markets", "measures", "countries", "path")


def keep_study(study: SolvedCase, store: str | os.PathLike[str] | None = None, command: str = "") -> Run:
    """Write the numbers of a study to the run store. Raises `StoreError` where they cannot be written."""
    identity = {**_identity(study.case, study.economy), "tol": study.tol}
    made = {name: tidy_rows.as_columns(getattr(tidy_rows, name)(study)) for name in KEPT}
    if study.under_sets:
        identity["elasticity_sets"] = list(study.under_sets)
        made["elasticity_sets"] = elasticity_sets.frame(study)
    return _kept("run", study.case, identity, made, store, command)


def keep_bargain(found: Bargain, store: str | os.PathLike[str] | None = None, command: str = "") -> Run:
    """Write the deals of a bargain, its surface, frontier and talks to the run store. Raises `StoreError`."""
    from entrepot.studies import bargain_tables

    negotiation = found.negotiation
    points = [len(axis) for axis in found.surface.axes]
    identity = {**_identity(found.case, negotiation.economy), "points": points}
    made = {name: table for name, table in bargain_tables.tables(found).items() if not table.empty}
    return _kept("bargain", found.case, identity, made, store, command)


def _identity(case: Case, economy: Economy) -> dict[str, Any]:
    own = own_code(case)
    return {"case": case.fingerprint, "economy": economy.fingerprint, "version": __version__, **own}


def _kept(
    kind: str,
    case: Case,
    identity: dict[str, Any],
    made: dict[str, Any],
    store: str | os.PathLike[str] | None,
    command: str,
) -> Run:
    run = RunStore(store).open(
        kind=kind, name=case.case, identity=identity, about={"title": case.title, "command": command}
    )
    run.write_tables({name: table for name, table in made.items() if len(table)})
    run.finish()
    return run
