"""List the runs of the store, count their rows, and choose which of them to delete."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from entrepot.errors import InputError, StoreError
from entrepot.runs.store import Run, RunStore

if TYPE_CHECKING:
    import pandas as pd


def listing(store: RunStore) -> pd.DataFrame:
    """id, kind, case, asked (last), state, bytes; the latest first, and those that are damaged."""
    import pandas as pd

    rows = []
    for run in store.runs():
        try:
            said = run.manifest
        except StoreError:
            rows.append((run.id, "?", "?", "", "damaged", run.bytes()))
            continue
        state = "complete" if said.get("finished") else "not finished"
        rows.append((run.id, said["kind"], said["name"], said["times"][-1], state, run.bytes()))
    return pd.DataFrame(rows, columns=["id", "kind", "case", "asked", "state", "bytes"])


def counts(run: Run) -> list[tuple[str, int, int]]:
    """(table, rows, parts)."""
    out = []
    for table in run.tables():
        rows = run.query(f"SELECT count(*) AS n FROM {run.relation(table)}")["n"].iloc[0]
        out.append((table, int(rows), len(run.parts(table))))
    return out


def chosen(
    store: RunStore,
    ids: Sequence[str] = (),
    *,
    older_than: float | None = None,
    unfinished: bool = False,
    kind: str | None = None,
    keep: int | None = None,
) -> list[Run]:
    """Runs to take away: those named, or those that all of the options choose (older_than in days; a damaged run is
    unfinished). Raises `InputError` for an id that is no run's, and for ids and options together.
    """
    options = older_than is not None or unfinished or kind is not None or keep is not None
    if ids and options:
        raise InputError("runs are chosen by their ids or by options, not by both")
    if ids:
        return list({run.id: run for run in (store.find(name) for name in ids)}.values())
    if not options:
        raise InputError("say which runs: ids, or one of the options")
    if keep is not None and keep < 0:
        raise InputError(f"keep {keep}: zero or more are kept")
    now = datetime.datetime.now(datetime.UTC)
    out = []
    for run in store.runs():
        try:
            said: dict[str, Any] = run.manifest
        except StoreError:
            said = {}
        if kind is not None and said.get("kind") != kind:
            continue
        if unfinished and said.get("finished"):
            continue
        if older_than is not None and said:
            age = now - datetime.datetime.fromisoformat(said["times"][-1])
            if age.total_seconds() < 86400 * older_than:
                continue
        out.append(run)
    return out[keep:] if keep is not None else out
