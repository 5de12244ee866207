"""A solved case that can be read, written and passed on."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.cases import Case, SolvedCase, load_case, solve_case
from entrepot.cases.case_files import files_of
from entrepot.cases.solved_case import solve_under_sets
from entrepot.documents import (
    digest_of,
    files_for,
    folder_to_write,
    harmless_table,
    records,
    refuse_input,
    same_file,
    write_text,
    written_earlier,
)
from entrepot.economy import Economy, load_economy
from entrepot.economy.theta import each_set
from entrepot.equilibrium import Closure
from entrepot.errors import ConvergenceError, InputError
from entrepot.languages import if_known, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.studies.headline import Headline, headline
from entrepot.studies.provenance import lines
from entrepot.studies.rents import holder_in_words
from entrepot.studies.titles import measures_in_words, rows_in_words, title_of
from entrepot.types import Progress
from entrepot.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.bargaining import Bargain
    from entrepot.runs.store import Run
    from entrepot.studies.result_tables import ResultTables
    from entrepot.sweeping.sweep_result import Sweep


@dataclass(frozen=True, repr=False)
class Study(SolvedCase):
    """Every scenario of a Case solved: `outcomes[name]`, `failures[name]`; print it, or write it with `to_html`.

    given   files that were read besides those that the case names; none of both is written over
    """

    bargained: Bargain | None = None
    swept: Sweep | None = None
    level: float = 0.9
    given: tuple[str, ...] = ()

    @functools.cached_property
    def bargain(self) -> Bargain | None:
        """What the parties of the case's table would sign, solved on first use.

        None without a table, or where it cannot be solved (`bargain_failure` says why).
        """
        if self.bargained is not None or self.case.table is None:
            return self.bargained
        from entrepot.bargaining import bargain

        try:
            return bargain(self)
        except (ConvergenceError, InputError) as error:
            self.__dict__["bargain_failure"] = str(error)
            return None

    @functools.cached_property
    def bargain_failure(self) -> str:
        """Why `bargain` could not be solved; "" before its first use."""
        return ""

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: tables and figures are made there when they are read."""
        return {name: value for name, value in self.__dict__.items() if name not in ("tables", "figures")}

    @functools.cached_property
    def tables(self) -> ResultTables:
        """Every table by name: `tables["welfare"].frame`; `tables()` returns the tidy frames by name."""
        from entrepot.studies import bargain_tables
        from entrepot.studies.result_tables import ResultTables

        return ResultTables(self, lambda: bargain_tables.tables(self.bargain) if self.bargain is not None else {})

    @functools.cached_property
    def figures(self) -> Mapping[str, Any]:
        """Every `Figure` by name, made when read: `figures["winners"].svg()`, `.png()`, `.csv()`, `.save(path)`."""
        return _renderer("figures.figure_registry").StudyFigures(self)

    def findings(self) -> list[str]:
        """Return the sentences that the numbers support."""
        from entrepot.studies.findings import findings

        return findings(self)

    def headline(self) -> Headline:
        """Return the answer in one screen: who gains and who pays, one table, and what it depends on."""
        return headline(self)

    def to_html(self, path: str | os.PathLike[str], command: str | None = None) -> Path:
        """Write one self-contained page: charts, tables, method, residuals, provenance. Works offline.

        Raises `InputError` for a file that was read, as all do that write.
        """
        self._refuse_input(path)
        return write_text(path, _renderer("html_page").page(self, command))

    def to_pdf(self, path: str | os.PathLike[str], command: str | None = None) -> Path:
        """Write the report on A4 as PDF, without its longest tables. Raises `InputError` without WeasyPrint."""
        self._refuse_input(path)
        return _renderer("pdf_page").write_pdf(self, path, command)

    def to_excel(self, path: str | os.PathLike[str]) -> Path:
        """Write every table as a sheet of an .xlsx workbook. Raises `InputError` where openpyxl is not installed."""
        self._refuse_input(path)
        return _renderer("excel").write_excel(self.tables.laid_out.values(), path)

    def to_site(self, folder: str | os.PathLike[str]) -> Path:
        """Write a page with sliders, its tables and the case file, for any web server; return the page."""
        return _renderer("static_site").publish(self, folder)

    def to_folder(
        self,
        folder: str | os.PathLike[str],
        command: str | None = None,
        inputs: Iterable[str | os.PathLike[str]] = (),
    ) -> list[Path]:
        """Write report.html, its figures as PNG, every table as CSV (with pyarrow also as Parquet) and tables.json.

        tables.json is the data dictionary: title, units, base, year, horizon, elasticities and version of each table.

        With a sweep it writes the tables of the sweep too.

        No file appears before all are made. The files that tables.json lists as written by an earlier run in the same
        folder are replaced or deleted, but for those changed since.

        inputs   files that were read besides those that the case names
        Raises `InputError` where a file that was read would be overwritten.
        """
        folder = folder_to_write(folder)
        every = self.tables() | self._swept_tables()
        written = {name: table for name, table in every.items() if not table.empty}
        with files_for(folder) as made:
            pictures = self._draw_beside(made)
            write_text(made / "report.html", _renderer("html_page").page(self, command, pictures))
            for name, table in written.items():
                harmless_table(table).to_csv(made / f"{name}.csv", index=False, lineterminator="\n")
                if _has_pyarrow():
                    table.to_parquet(made / f"{name}.parquet", index=False)
            listed = {path.name: digest_of(path.read_bytes()) for path in sorted(made.iterdir())}
            write_text(made / "tables.json", _renderer("csv_json").dictionary(self.tables, written, listed))
            new = sorted(made.iterdir())
            read = [*self._read(), *map(Path, inputs)]
            for place in (folder / path.name for path in new):
                if place.is_dir():
                    raise InputError(f"{place} is a folder, where a file is to be written")
                if any(same_file(place, file) for file in read):
                    raise InputError(
                        f"{place} is a file that is read, and would be overwritten: name another folder to write to"
                    )
            # Delete the files of an earlier run only when all new ones are complete.
            for old in written_earlier(folder / "tables.json"):
                if not any(same_file(old, file) for file in read):
                    old.unlink()
            return [path.replace(folder / path.name) for path in new]

    def _read(self) -> list[Path]:
        """Return the files that were read: the case, those that it names, and those given beside it."""
        return [*files_of(self.case), *map(Path, self.given)]

    def _refuse_input(self, place: str | os.PathLike[str]) -> None:
        """Raise `InputError` where a place that is to be written is a file that was read."""
        refuse_input(place, self._read())

    def _swept_tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables of the sweep by name; none without a sweep."""
        if self.swept is None:
            return {}
        from entrepot.studies.sweep_tables import tables

        return tables(self.swept, self.level)

    def _draw_beside(self, folder: Path) -> dict[str, str]:
        """Write the figures as PNG into a folder; return the names of their files by the name of the figure."""
        found = _renderer("html_page").figures_of(self)
        return {name: figure.save(folder / f"figure-{name}.png", scale=1.5).name for name, figure in found.items()}

    def keep(self, store: str | os.PathLike[str] | None = None) -> Run:
        """Keep the numbers in the run store, as `entrepot run` does. Raises `StoreError`."""
        from entrepot.studies.keep import keep_study

        return keep_study(self, store)

    def to_dict(self, command: str | None = None) -> dict[str, Any]:
        """Return the numbers of the page as plain data; the command line prints them as JSON.

        command   the command line that gives them again; by default that which runs the case
        """
        from entrepot.studies import branches, elasticity_sets, maker_tables
        from entrepot.studies import tidy_frames as tables
        from entrepot.studies.first_screen import first_screen
        from entrepot.studies.most_affected import not_reported

        calendar = self.case.deadlines()

        return {
            "case": self.case.case,
            "title": translated(self.case.title),
            "findings": self.findings(),
            "makers_findings": maker_tables.sentences(self),
            "notes": [*not_reported(self), *(if_known(note) for note in self.notes)],
            "scenarios": {name: title_of(self, name) for name in self.case.scenarios},
            "measures": measures_in_words(self),
            "failures": {name: translated_error(str(error)) for name, error in self.failures.items()},
            "tables": {
                name: records(maker_tables.makers(self) if name == "makers" else getattr(tables, name)(self))
                for name in (
                    "welfare",
                    "deficit_rules",
                    "payoffs",
                    "industry",
                    "proceeds",
                    "markets",
                    "retaliation",
                    "countries",
                    "makers",
                    "path",
                    "horizons",
                )
            }
            | {
                "measures": [
                    {**row, "words": words, "held_by": holder_in_words(row["rent_holder"])}
                    for row, words in zip(records(tables.measures(self)), rows_in_words(self), strict=True)
                ]
            }
            | ({"elasticity_sets": records(elasticity_sets.frame(self))} if self.under_sets else {})
            | {"totals": records(branches.totals(self)), "calendar": records(calendar.to_frame())},
            **({"elasticity_sets_failed": elasticity_sets.failed_sets(self)} if self.under_sets else {}),
            "timeline": branches.as_dict(self),
            "calendar_on": calendar.on.isoformat(),
            "screen": self.screen.to_dict(),
            "residuals": {name: o.residuals for name, o in self.outcomes.items()},
            "first_screen": first_screen(self),
            "provenance": dict(lines(self, command)),
        }

    def to_json(self, command: str | None = None) -> str:
        """Return the study as JSON; `command` as for `to_dict`."""
        return json.dumps(self.to_dict(command), indent=1, ensure_ascii=False, default=_plain)

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} without an equilibrium" if self.failures else ""
        first = next((line for line in self.findings() if line.endswith(".")), "")
        return (
            f"Study of {self.case.case!r} on {self.economy.name}: "
            f"{counted(len(self.outcomes), 'scenario')} solved{failed}. {first}\n"
            f"Next: print(study), .outcomes[name].countries, .to_html('report.html')"
        )

    def __str__(self) -> str:
        return _renderer("terminal").as_text(self)


def run(
    case: Case | str | os.PathLike[str],
    economy: Economy | str | os.PathLike[str] | None = None,
    *,
    closure: Closure | None = None,
    theta: float | str | Mapping[str, Any] | None = None,
    rd_intensity: float | str | None = None,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> Study:
    """Solve every scenario of a case: a bundled name, a path to a YAML file, or a Case.

    economy   instead of the case's own: an Economy, a bundled name or a path
    closure   instead of the case's own
    theta     instead of the Economy's trade elasticities: see `Economy.with_theta`. "each" solves the case with its own
              and then under each published set: `tables["elasticity_sets"]`, and the first sentence of the answer
    rd_intensity   of the protected industry, R&D over value added, for what it could spend on research
    Raises `InputError` for what cannot be read; a scenario without an equilibrium goes into `failures`.
    """
    case = case if isinstance(case, Case) else load_case(case)
    each, sectors = each_set(theta)
    case = case.assuming(closure=closure, theta=None if each else theta, rd_intensity=rd_intensity)
    world = economy if isinstance(economy, Economy) or economy is None else load_economy(economy)
    solved = solve_case(case, world, tol=tol, progress=progress)
    if each:
        found = solve_under_sets(case, world, sectors, tol=tol, progress=progress)
        solved = replace(solved, under_sets=found)
    given = () if economy is None or isinstance(economy, Economy) else (os.fspath(economy),)
    return Study(**{f.name: getattr(solved, f.name) for f in fields(SolvedCase)}, given=given)


def _renderer(medium: str) -> Any:
    """Return a module of `entrepot.report`, by name: renderers import studies, and no study imports a renderer."""
    return importlib.import_module(f"entrepot.report.{medium}")


def _has_pyarrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
