"""Compare two runs of the store: their questions, their numbers, and rows that only one of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.runs.store import Run

if TYPE_CHECKING:
    import pandas as pd

#: A difference below this share of the larger number is rounding.
ROUNDING = 1e-9


def questions(one: Run, other: Run) -> list[tuple[str, Any, Any]]:
    """The entries in which two questions differ: (key, value in one, value in the other)."""
    a, b = (
        {"kind": r.manifest["kind"], "version": r.manifest["version"], **r.manifest["identity"]} for r in (one, other)
    )
    return [(key, a.get(key), b.get(key)) for key in dict.fromkeys([*a, *b]) if a.get(key) != b.get(key)]


def differences(one: Run, other: Run) -> pd.DataFrame:
    """The numbers that differ in the tables that both runs have.

    Columns: table, row, number, one, other, difference. Numbers that only one run has come first, then the largest
    relative differences. Rows are matched by their text columns and by member; `unmatched` counts the others.
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
    """The tables with unmatched rows: (table, rows only in one, rows only in the other)."""
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
    """Key columns, number columns, and both tables with the position of each row among those of the same keys."""
    a, b = one.read(table), other.read(table)
    common = [c for c in a.columns if c in b.columns]
    keys = [c for c in common if c == "member" or a[c].dtype.kind not in "fbiu" or b[c].dtype.kind not in "fbiu"]
    for frame in (a, b):
        texts = [c for c in keys if c != "member"]
        frame[texts] = frame[texts].astype(str)
        frame["_nth"] = frame.groupby(keys, dropna=False).cumcount() if keys else np.arange(len(frame))
    return keys, [c for c in common if c not in keys], a, b
