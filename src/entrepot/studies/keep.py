"""A study and a bargain kept in the run store."""

from __future__ import annotations

import os
from typing import Any

from entrepot.bargaining import Bargain
from entrepot.cases import Case, SolvedCase
from entrepot.economy import Economy
from entrepot.measures.registry import own_code
from entrepot.runs.store import Run, RunStore
from entrepot.studies import bargain_tables
from entrepot.studies import tidy_frames as tables
from entrepot.version import __version__

KEPT = ("welfare", "payoffs", "industry", "proceeds", "markets", "measures", "countries", "path")


def keep_study(study: SolvedCase, store: str | os.PathLike[str] | None = None, command: str = "") -> Run:
    """The numbers of a study. Raises `StoreError` where they cannot be written."""
    asked = {**_asked(study.case, study.economy), "tol": study.tol}
    made = {name: getattr(tables, name)(study) for name in KEPT}
    return _kept("run", study.case, asked, made, store, command)


def keep_bargain(found: Bargain, store: str | os.PathLike[str] | None = None, command: str = "") -> Run:
    """The deals of a bargain, its surface, frontier and talks. Raises `StoreError`."""
    negotiation = found.negotiation
    points = [len(axis) for axis in found.surface.axes]
    asked = {**_asked(found.case, negotiation.economy), "points": points}
    return _kept("bargain", found.case, asked, bargain_tables.tables(found), store, command)


def _asked(case: Case, economy: Economy) -> dict[str, Any]:
    return {"case": case.fingerprint, "economy": economy.fingerprint, "version": __version__, **own_code()}


def _kept(
    kind: str,
    case: Case,
    asked: dict[str, Any],
    made: dict[str, Any],
    store: str | os.PathLike[str] | None,
    command: str,
) -> Run:
    run = RunStore(store).open(
        kind=kind, name=case.case, identity=asked, about={"title": case.title, "command": command}
    )
    for name, table in made.items():
        if not table.empty:
            run.write(name, table)
    run.finish()
    return run
