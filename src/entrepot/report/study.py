"""A solved case that can be read, written and passed on."""

from __future__ import annotations

import datetime
import functools
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.bargaining import Bargain, bargain
from entrepot.cases import Case, SolvedCase, load_case, solve_case
from entrepot.documents import as_path, write_text
from entrepot.economy import Economy, load_economy
from entrepot.equilibrium import Closure
from entrepot.errors import ConvergenceError, DocumentError, InputError
from entrepot.sweeping.result import Sweep
from entrepot.sweeping.store import Run
from entrepot.types import Progress

if TYPE_CHECKING:
    import pandas as pd


#: Tables that only a case with a table on which to bargain has.
OF_A_BARGAIN = ("talks", "deals", "surface", "frontier", "deal_countries")


@dataclass(frozen=True, repr=False)
class Study(SolvedCase):
    """Every scenario of a Case solved: `outcomes[name]`, `failures[name]`; print it, or write it with `to_html`."""

    bargained: Bargain | None = None
    swept: Sweep | None = None
    level: float = 0.9

    @functools.cached_property
    def bargain(self) -> Bargain | None:
        """What the parties of the case's table would sign; solved when first asked for. None without a table, or where
        it cannot be solved (`bargain_failure` says why).
        """
        if self.bargained is not None or self.case.table is None:
            return self.bargained
        try:
            return bargain(self)
        except (ConvergenceError, InputError) as error:
            self.__dict__["bargain_failure"] = str(error)
            return None

    @functools.cached_property
    def bargain_failure(self) -> str:
        """Why the table was not solved, once it was asked for."""
        return ""

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, tidy: what the page shows, and what stands behind it."""
        from entrepot.report import bargaining, branches, tables

        makers: dict[str, Callable[[SolvedCase], pd.DataFrame]] = {
            "welfare": tables.welfare,
            "deficit_rules": tables.deficit_rules,
            "payoffs": tables.payoffs,
            "industry": tables.industry,
            "proceeds": tables.proceeds,
            "markets": tables.markets,
            "retaliation": tables.retaliation,
            "measures": tables.measures,
            "countries": tables.countries,
            "sectors": tables.sectors,
            "decomposition": tables.decompositions,
            "trade": tables.trade,
            "path": tables.path,
            "horizons": tables.horizons,
            "totals": branches.totals,
            "screen": lambda study: study.screen.to_frame(),
            "calendar": lambda study: study.case.deadlines().to_frame(),
        }
        made = {name: make(self) for name, make in makers.items()}
        return made | (bargaining.tables(self.bargain) if self.bargain is not None else {})

    def findings(self) -> list[str]:
        """The sentences that the numbers support."""
        from entrepot.report.sentences import findings

        return findings(self)

    def to_html(self, path: str | os.PathLike[str], command: str | None = None) -> Path:
        """Write one self-contained page: charts, tables, method, residuals, provenance. Works offline."""
        from entrepot.report.page import page

        return write_text(path, page(self, command))

    def to_folder(self, folder: str | os.PathLike[str], command: str | None = None) -> list[Path]:
        """Write report.html and every table as CSV (and Parquet, where pyarrow is installed) into `folder`.

        All of it is made before any of it appears; the files of an earlier run in the same folder are replaced.
        """
        folder = as_path(folder)
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file; a folder is needed")
        every = self.tables()
        tables = {name: table for name, table in every.items() if not table.empty}
        ours = ["report.html", *(f"{name}.{kind}" for name in (*every, *OF_A_BARGAIN) for kind in ("csv", "parquet"))]
        for name in ours:
            if (folder / name).is_dir():
                raise InputError(f"{folder / name} is a folder, where a file is to be written")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".entrepot-") as made:
                self.to_html(Path(made) / "report.html", command)
                for name, table in tables.items():
                    table.to_csv(Path(made) / f"{name}.csv", index=False)
                    if _has_pyarrow():
                        table.to_parquet(Path(made) / f"{name}.parquet", index=False)
                # Only now that all of it is there does anything of an earlier run go.
                for name in ours:
                    (folder / name).unlink(missing_ok=True)
                return [path.replace(folder / path.name) for path in sorted(Path(made).iterdir())]
        except OSError as error:
            raise DocumentError(f"cannot be written: {error.strerror}", path=str(folder)) from error

    def keep(self, store: str | os.PathLike[str] | None = None) -> Run:
        """Keep the numbers in the run store, as `entrepot run` does. Raises `StoreError`."""
        from entrepot.report.keep import keep_study

        return keep_study(self, store)

    def to_dict(self) -> dict[str, Any]:
        """The page's numbers as plain data; the command line's JSON."""
        from entrepot.report import branches, tables
        from entrepot.report.provenance import lines

        def records(table: pd.DataFrame) -> list[dict[str, Any]]:
            # Column by column: much quicker than rows for the short tables of one scenario.
            columns = {str(name): map(_cell, table[name].tolist()) for name in table.columns}
            return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

        calendar = self.case.deadlines()

        return {
            "case": self.case.case,
            "title": self.case.title,
            "findings": self.findings(),
            "notes": list(self.notes),
            "scenarios": {name: self.case.scenarios[name].title for name in self.case.scenarios},
            "failures": {name: str(error) for name, error in self.failures.items()},
            "tables": {
                name: records(getattr(tables, name)(self))
                for name in (
                    "welfare",
                    "deficit_rules",
                    "payoffs",
                    "industry",
                    "proceeds",
                    "markets",
                    "retaliation",
                    "measures",
                    "countries",
                    "path",
                    "horizons",
                )
            }
            | {"totals": records(branches.totals(self)), "calendar": records(calendar.to_frame())},
            "timeline": branches.as_dict(self),
            "calendar_on": calendar.on.isoformat(),
            "screen": self.screen.to_dict(),
            "residuals": {name: o.residuals for name, o in self.outcomes.items()},
            "provenance": dict(lines(self)),
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, default=_plain)

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} without an equilibrium" if self.failures else ""
        first = next((line for line in self.findings() if line.endswith(".")), "")
        return (
            f"Study of {self.case.case!r} on {self.economy.name}: {len(self.outcomes)} scenarios solved{failed}. "
            f"{first}\n"
            f"Next: print(study), .outcomes[name].countries, .to_html('report.html')"
        )

    def __str__(self) -> str:
        from entrepot.report.terminal import as_text

        return as_text(self)


def run(
    case: Case | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    closure: Closure | None = None,
    theta: float | str | Mapping[str, float] | None = None,
    rd_intensity: float | str | None = None,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> Study:
    """Solve every scenario of a case: a bundled name, a path to a YAML file, or a Case.

    economy   instead of the case's own: an Economy, a bundled name or a path
    closure   instead of the case's own
    theta     instead of the Economy's trade elasticities: see `Economy.with_theta`
    rd_intensity   of the protected industry, R&D over value added, for what it could spend on research
    Raises `InputError` for what cannot be read; a scenario without an equilibrium goes into `failures`.
    """
    case = case if isinstance(case, Case) else load_case(case)
    case = case.assuming(closure=closure, theta=theta, rd_intensity=rd_intensity)
    world = economy if isinstance(economy, Economy) or economy is None else load_economy(economy)
    solved = solve_case(case, world, tol=tol, progress=progress)
    return Study(**{f.name: getattr(solved, f.name) for f in fields(SolvedCase)})


def _has_pyarrow() -> bool:
    import importlib.util

    return importlib.util.find_spec("pyarrow") is not None


def _cell(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
