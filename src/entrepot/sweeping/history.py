"""Runs of the store side by side: listed, counted, compared, handed on, and chosen to go."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.errors import InputError, StoreError
from entrepot.sweeping.store import MANIFEST, UNFINISHED, Run, RunStore

if TYPE_CHECKING:
    import pandas as pd

#: Differences below this part of the larger number are rounding.
ROUNDING = 1e-9


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


def questions(one: Run, other: Run) -> list[tuple[str, Any, Any]]:
    """What differs in what was asked: (what, in one, in the other)."""
    a, b = (
        {"kind": r.manifest["kind"], "version": r.manifest["version"], **r.manifest["identity"]} for r in (one, other)
    )
    return [(key, a.get(key), b.get(key)) for key in dict.fromkeys([*a, *b]) if a.get(key) != b.get(key)]


def differences(one: Run, other: Run) -> pd.DataFrame:
    """Numbers that differ in the tables that both have: table, row, number, one, other, difference; largest first by
    their part of the larger number, before them those that only one of the two has. Rows are matched by what is text in
    them, and by member; `unmatched` counts the others.
    """
    import pandas as pd

    frames = []
    for table in [t for t in one.tables() if t in other.tables()]:
        keys, numbers, a, b = _matched(one, other, table)
        if not numbers:
            continue
        both = a.merge(b, on=[*keys, "_nth"], suffixes=("_one", "_other"))
        row = both[keys].astype(str).agg(", ".join, axis=1) if keys else both["_nth"].astype(str)
        for number in numbers:
            x, y = both[f"{number}_one"].astype(float), both[f"{number}_other"].astype(float)
            frames.append(
                pd.DataFrame({"table": table, "row": row, "number": number, "one": x, "other": y, "difference": y - x})
            )
    if not frames:
        return pd.DataFrame(columns=["table", "row", "number", "one", "other", "difference"])
    found = pd.concat(frames, ignore_index=True)
    size = np.maximum(found["one"].abs(), found["other"].abs())
    relative = np.array(found["difference"].abs() / size.where(size > 0, 1.0))
    relative[np.array(found["one"].isna() != found["other"].isna())] = np.inf
    found = found.assign(relative=relative)[relative > ROUNDING]
    return found.sort_values("relative", ascending=False, kind="stable", ignore_index=True).drop(columns="relative")


def unmatched(one: Run, other: Run) -> list[tuple[str, int, int]]:
    """(table, rows that only one has, rows that only the other has), where there are such."""
    out = []
    for table in sorted({*one.tables(), *other.tables()}):
        if table in one.tables() and table in other.tables():
            keys, _, a, b = _matched(one, other, table)
            both = a[[*keys, "_nth"]].merge(b[[*keys, "_nth"]], how="outer", indicator=True)["_merge"]
            rows = int((both == "left_only").sum()), int((both == "right_only").sum())
        else:
            rows = len(one.read(table)), len(other.read(table))
        if any(rows):
            out.append((table, *rows))
    return out


def _matched(one: Run, other: Run, table: str) -> tuple[list[str], list[str], pd.DataFrame, pd.DataFrame]:
    """Keys, numbers, and a table of both with the place of each row among those of the same keys."""
    a, b = one.read(table), other.read(table)
    common = [c for c in a.columns if c in b.columns]
    keys = [c for c in common if c == "member" or a[c].dtype.kind not in "fbiu" or b[c].dtype.kind not in "fbiu"]
    for frame in (a, b):
        texts = [c for c in keys if c != "member"]
        frame[texts] = frame[texts].astype(str)
        frame["_nth"] = frame.groupby(keys, dropna=False).cumcount() if keys else np.arange(len(frame))
    return keys, [c for c in common if c not in keys], a, b


def export(run: Run, target: Path, *, force: bool = False) -> list[str]:
    """Write a run to a folder (CSV), a .zip (its own files) or a .duckdb (a table each). Returns the tables.

    What is written appears whole or not at all. Raises `InputError` where something is there already.
    """
    target = Path(target)
    if target.exists() and not force:
        raise InputError(f"{target} is there already; --force overwrites it")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
        raise InputError(f"{target} is a folder that holds something other than a run: name a new one")
    tables = run.tables()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=UNFINISHED) as folder:
        made = Path(folder) / target.name
        if target.suffix == ".zip":
            with zipfile.ZipFile(made, "w") as archive:
                for file in sorted(run.path.rglob("*")):
                    if file.is_file() and not file.name.startswith(UNFINISHED):
                        archive.write(file, f"{run.id}/{file.relative_to(run.path)}")
        elif target.suffix in (".duckdb", ".db"):
            with run.reading():
                _to_duckdb(run, tables, made)
        else:
            made.mkdir()
            for table in tables:
                run.read(table).to_csv(made / f"{table}.csv", index=False)
            shutil.copy(run.path / MANIFEST, made / MANIFEST)
        if target.is_dir():
            shutil.rmtree(target)
        os.replace(made, target)
    return tables


def _to_duckdb(run: Run, tables: Sequence[str], path: Path) -> None:
    import duckdb

    with duckdb.connect(str(path)) as db:
        for table in tables:
            db.execute(f'CREATE TABLE "{table}" AS SELECT * FROM {run.relation(table)}')
        db.execute("CREATE TABLE run (manifest JSON)")
        db.execute("INSERT INTO run VALUES (?)", [json.dumps(run.manifest)])


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
