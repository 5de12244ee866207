"""The verb path: a case in time, with what is stored, invested and believed before a measure."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.console import command_line, console, progress, reported, show, wrote_report
from entrepot.cli.options import (
    ClosureOption,
    EconomyOption,
    FullOption,
    HorizonOption,
    OutOption,
    TableFormat,
    TableFormatOption,
    ThetaOption,
    TolOption,
    assuming,
)
from entrepot.documents import harmless_table

if TYPE_CHECKING:
    from entrepot.cases.case_path import CasePath
    from entrepot.economy import Economy

app = typer.Typer()


@app.command()
def path(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file, with a path.")],
    belief: Annotated[
        str | None,
        typer.Option("--belief", help="The probability of all that is announced: 0.4 or 40%."),
    ] = None,
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    out: OutOption = None,
    format: TableFormatOption = TableFormat.table,
    full: FullOption = False,
    tol: TolOption = 1e-10,
) -> None:
    """Follow a case through time: who gains over the window, what is bought before a deadline, and the hole after.

    The key 'path' of the case states the window, what is known and believed of each measure, and what remembers:
    capital, inventories, elasticities, workers. An interrupt prints the path as far as it is solved. docs/paths.md.
    """
    from entrepot.cases import load_case
    from entrepot.cases.case_path import solve_case_path
    from entrepot.economy import load_economy
    from entrepot.errors import InputError
    from entrepot.measures.fields import read_number

    with reported():
        if out is not None and not out.name:
            raise InputError("--out: the name of a folder is needed")
        stated = assuming(load_case(case), closure, theta, None, horizon)
        if belief is not None:
            try:
                stated = stated.with_belief(read_number("belief", belief))
            except InputError as error:
                raise InputError(f"--{error}") from None
        world = None if economy is None else load_economy(economy)
        with progress("steps") as tell:
            found = solve_case_path(stated, world, tol=tol, progress=tell)
        _show(found, format, full, out)
        if out is not None and found.path.complete:
            _write(found, world, out)
        if not found.path.complete:
            raise typer.Exit(130)


def _show(found: CasePath, format: TableFormat, full: bool, out: Path | None) -> None:
    from entrepot.studies.path_frames import quarters_frame
    from entrepot.studies.path_tables import path_tables

    if format is TableFormat.json:
        from entrepot.studies.path_document import path_document

        text = json.dumps(path_document(found), indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write(text + "\n")
    elif format is TableFormat.csv:
        sys.stdout.write(harmless_table(quarters_frame(found)).to_csv(index=False))
    elif format is TableFormat.md:
        from entrepot.report.markdown import as_markdown

        sys.stdout.write(as_markdown(path_tables(found).values()))
    elif format is TableFormat.latex:
        from entrepot.report.latex import as_latex

        sys.stdout.write(as_latex(path_tables(found).values()))
    elif format is TableFormat.xlsx:
        from entrepot.cli.solved_study import write_workbook

        write_workbook(path_tables(found).values(), out)
    else:
        from entrepot.report.terminal_path import render_path, render_path_in_full

        show(render_path_in_full(found) if full else render_path(found, console().width))
        return
    from entrepot.studies.path_sentences import interrupted

    if text := interrupted(found):
        console(error=True).print(text, style="red")


def _write(found: CasePath, world: Economy | None, out: Path) -> None:
    """Write the report of the case with this path, its figures, and every table as CSV and Parquet."""
    from entrepot.studies import run

    with progress() as tell:
        study = run(found.case, world, tol=found.tol, progress=tell)
        study.__dict__["path"] = found  # solved already
        written = study.to_folder(out, command=command_line())
    tables = {file.stem for file in written if file.suffix in (".csv", ".parquet")}
    wrote_report(out / "report.html", len(tables))
