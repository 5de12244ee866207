"""A published result beside ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.documents import as_path
from entrepot.errors import DocumentError

COLUMNS = ["what", "where", "published", "ours", "difference", "tolerance", "source"]


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a replication: `ours` is computed in the call that makes the line, `published` is quoted."""

    what: str
    where: str
    published: float
    ours: float
    tolerance: float
    source: str


@dataclass(frozen=True, eq=False)
class Replication:
    """Published numbers, ours, and the difference.

    against  what stands in the column "published": "published", or another solution of the published equations

    table   one row a number: what, where (country), published, ours, difference (ours - published), tolerance (largest
            difference that counts as the same number, with the reason in `notes`), source
    """

    name: str
    title: str
    citation: str
    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    against: str = "published"

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        citation: str,
        lines: Iterable[Line],
        notes: Iterable[str] = (),
        against: str = "published",
    ) -> Replication:
        """Return the replication whose table has one row for each line."""
        rows = [(x.what, x.where, x.published, x.ours, x.ours - x.published, x.tolerance, x.source) for x in lines]
        return cls(name, title, citation, pd.DataFrame(rows, columns=COLUMNS), tuple(notes), against)

    @property
    def reproduced(self) -> pd.Series:
        """Row by row: whether ours is within the tolerance of what was published; false where either is no number."""
        return self.table["difference"].abs() <= self.table["tolerance"]

    @property
    def verdict(self) -> str:
        """How many of the numbers are reproduced, in a sentence."""
        same, count = int(self.reproduced.sum()), len(self.table)
        word = "reproduced" if self.against == "published" else "agree"
        return f"{same} of {count} numbers {word}" + ("." if same == count else f"; {count - same} differ (marked !).")

    def __str__(self) -> str:
        shown = self.table.copy()
        for column in ("published", "ours", "difference"):
            shown[column] = [
                _digits(x, t) if column != "difference" else f"{x:+.2g}"
                for x, t in zip(self.table[column], self.table["tolerance"], strict=True)
            ]
        shown["tolerance"] = [f"{x:.0e}" for x in shown["tolerance"]]
        shown.insert(0, "", np.where(self.reproduced, "", "!"))
        body = shown.rename(columns={"published": self.against}).to_string(index=False)
        notes = "".join(f"\n- {note}" for note in self.notes)
        return f"{self.title}\n{self.citation}\n\n{body}\n\n{self.verdict}{notes}"

    def __repr__(self) -> str:
        return f"Replication {self.name!r}: {self.title}. {self.verdict}\nNext: print(replication), .table, .reproduced"


def _digits(number: float, tolerance: float) -> str:
    """A number with as many decimals as its tolerance speaks of, and one more."""
    decimals = int(np.clip(np.ceil(-np.log10(tolerance)) + 1, 0, 12))
    return f"{number:.{decimals}f}"


def needed_files(data: object, files: Iterable[str], origin: str) -> list[Path]:
    """The paths of `files` in the folder `data`. Raises `DocumentError` that says which are wanted and from where."""
    files = list(files)
    wanted = f"files needed: {', '.join(files)}; published at {origin}"
    if data is None:
        raise DocumentError(f"this replication needs a folder of data: {wanted}")
    folder = as_path(data)
    if not folder.is_dir():
        raise DocumentError(f"is not a folder; {wanted}", path=str(folder))
    missing = [f for f in files if not (folder / f).is_file()]
    if missing:
        raise DocumentError(f"{', '.join(missing)} not found; {wanted}", path=str(folder))
    return [folder / f for f in files]
