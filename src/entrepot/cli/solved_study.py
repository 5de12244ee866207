"""From a case to what `run` and `solve` print: solve, write the report, print in one format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from entrepot.cli.console import command_line, console, print_csv, progress, show, wrote, wrote_report
from entrepot.cli.options import TableFormat, on_screen, refuse_idle
from entrepot.cli.outputs import WORKBOOK, check_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from entrepot.cases import Case
    from entrepot.studies import Study
    from entrepot.studies.result_table import ResultTable


def solve_and_show(
    case: Case,
    economy: str | None,
    out: Path | None,
    format: TableFormat,
    tol: float,
    full: bool = False,
    each: Any = None,
    inputs: Iterable[str] = (),
) -> Study:
    """Solve a case, write its folder where one is given, print it, and return it.

    each     "each", also as a mapping with sectors, to solve it under every published set of elasticities too
    inputs   what the verb was given to read, which is not written over
    """
    from entrepot.studies import run as run_case

    refuse_idle(("--full", full and not on_screen(format), f"--format {format}"))
    check_folder(out)
    check_format(format, out)
    with progress() as tell:
        study = run_case(case, economy, theta=each, tol=tol, progress=tell)
        if out is not None:
            tell("writing the report", len(case.scenarios), len(case.scenarios))
            written = study.to_folder(out, command_line(), inputs)
    _show(study, format, full, out)
    if out is not None:
        wrote_folder(out, written)
    return study


def wrote_folder(out: Path, written: Iterable[Path]) -> None:
    """Print on standard error that a report was written, and how many tables, in whatever formats."""
    wrote_report(out / "report.html", len({path.stem for path in written if path.suffix in (".csv", ".parquet")}))


def check_all_solved(study: Study) -> None:
    """Raise `ConvergenceError` where a scenario has no answer."""
    from entrepot.errors import ConvergenceError
    from entrepot.studies.titles import quoted

    if study.failures:
        raise ConvergenceError(f"No answer for {quoted(study, list(study.failures))}: see above.")


def _show(study: Study, format: TableFormat, full: bool, out: Path | None) -> None:
    if format is TableFormat.json:
        sys.stdout.write(study.to_json(command_line()) + "\n")
    elif format is TableFormat.csv:
        name = "elasticity_sets" if study.under_sets else "countries"
        print_csv(study.tables()[name])
    elif format in DOCUMENTS:
        print_tables(study.tables.laid_out.values(), format, out)
    else:
        screen = console()
        if full:
            from entrepot.report.terminal import render

            show(render(study, command_line()))
        else:
            from entrepot.report.terminal_answer import render_answer

            show(render_answer(study, screen.width))
        return
    from entrepot.languages.translated_errors import translated_error

    for name, error in study.failures.items():
        console(error=True).print(f"{study.title_of(name)}: {translated_error(str(error))}", style="red")


#: Formats in which every table of a report is printed.
DOCUMENTS = (TableFormat.md, TableFormat.latex, TableFormat.xlsx)


def check_format(format: TableFormat, out: Path | None) -> None:
    """Raise `InputError` for a workbook that cannot be made, or has no place, before anything is solved."""
    if format is not TableFormat.xlsx:
        return
    from entrepot.errors import InputError
    from entrepot.report.excel import check_excel

    check_excel()
    if out is None and sys.stdout is not None and sys.stdout.isatty():
        raise InputError("--format xlsx is not text: send it to a file (> tables.xlsx) or give --out FOLDER")


def print_tables(
    tables: Iterable[ResultTable], format: TableFormat, out: Path | None, document: str = "tables.json"
) -> None:
    """Print tables in one of `DOCUMENTS`; a workbook goes into the folder of --out, where one is given.

    document   the file there that lists what was written
    """
    if format is TableFormat.md:
        from entrepot.report.markdown import as_markdown

        sys.stdout.write(as_markdown(tables))
    elif format is TableFormat.latex:
        from entrepot.report.latex import as_latex

        sys.stdout.write(as_latex(tables))
    else:
        _write_workbook(tables, out, document)


def _write_workbook(tables: Iterable[ResultTable], out: Path | None, document: str) -> None:
    """Write tables.xlsx into the folder of --out, or the workbook to standard output where that is a file or a pipe."""
    from entrepot.documents import list_as_written
    from entrepot.report.excel import excel_bytes, write_excel

    if out is not None:
        book = write_excel(tables, out / WORKBOOK)
        list_as_written(out / document, book)
        wrote(book)
    else:
        typer.get_binary_stream("stdout").write(excel_bytes(tables))
