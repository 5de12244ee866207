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
    """A table of all runs, the latest first: id, kind, case, asked (the last time), state, bytes."""  # words: quoted
    import pandas as pd

    rows = []
    for run in store.runs():
        try:
            manifest = run.manifest
        except StoreError:
            if run.deleted:
                continue
            rows.append((run.id, "?", "?", "", "damaged", run.bytes()))
            continue
        state = "complete" if manifest.get("finished") else "not finished"
        rows.append((run.id, manifest["kind"], manifest["name"], manifest["times"][-1], state, run.bytes()))
    return pd.DataFrame(rows, columns=["id", "kind", "case", "asked", "state", "bytes"])  # words: quoted


def counts(run: Run) -> list[tuple[str, int, int]]:
    """The name, the number of rows and the number of parts of every table of a run."""
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
    """The runs to delete: those named, or those that meet all of the options.

    older_than  in days;  unfinished  also chooses damaged runs;  keep  the newest so many of them are kept
    Raises `InputError` for an unknown id, and for ids and options together.
    """
    options = older_than is not None or unfinished or kind is not None or keep is not None
    if ids and options:
        raise InputError("give ids of runs or options, not both")
    if ids:
        return list({run.id: run for run in (store.find(name) for name in ids)}.values())
    if not options:
        raise InputError("no runs are chosen: give ids, or one of the options")
    if keep is not None and keep < 0:
        raise InputError(f"keep {keep}: a number of runs, zero or more, is needed")
    now = datetime.datetime.now(datetime.UTC)
    out = []
    for run in store.runs():
        try:
            manifest: dict[str, Any] = run.manifest
        except StoreError:
            if run.deleted:
                continue
            manifest = {}
        if kind is not None and manifest.get("kind") != kind:
            continue
        if unfinished and manifest.get("finished"):
            continue
        if older_than is not None and manifest:
            age = now - datetime.datetime.fromisoformat(manifest["times"][-1])
            if age.total_seconds() < 86400 * older_than:
                continue
        out.append(run)
    return out[keep:] if keep is not None else out
