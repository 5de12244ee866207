"""The verb path: a case in time, with what is stored, invested and believed before a measure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.console import command_line, console, print_csv, print_json, progress, reported, show
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
    on_screen,
    refuse_idle,
)
from entrepot.cli.outputs import check_folder, inputs_of
from entrepot.cli.solved_study import DOCUMENTS, check_format, print_tables, wrote_folder

if TYPE_CHECKING:
    from entrepot.cases.case_path import CasePath
    from entrepot.economy import Economy

app = typer.Typer()


@app.command()
def path(
    context: typer.Context,
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
        refuse_idle(("--full", full and not on_screen(format), f"--format {format}"))
        check_folder(out)
        check_format(format, out)
        stated = assuming(load_case(case), closure, theta, None, horizon)
        if belief is not None:
            try:
                stated = stated.with_belief(read_number("belief", belief))
            except InputError as error:
                raise InputError(f"--{error}") from None
        world = None if economy is None else load_economy(economy)
        with progress("steps") as tell:
            found = solve_case_path(stated, world, tol=tol, progress=tell)
        written = None
        if out is not None and found.path.complete:
            written = _write(found, world, out, inputs_of(context))
        _show(found, format, full, out)
        if out is not None and written is not None:
            wrote_folder(out, written)
        if not found.path.complete:
            raise typer.Exit(130)


def _show(found: CasePath, format: TableFormat, full: bool, out: Path | None) -> None:
    from entrepot.studies.path_frames import quarters_frame
    from entrepot.studies.path_tables import path_tables

    if format is TableFormat.json:
        from entrepot.studies.path_document import path_document

        print_json(path_document(found), allow_nan=False)
    elif format is TableFormat.csv:
        print_csv(quarters_frame(found))
    elif format in DOCUMENTS:
        print_tables(path_tables(found).values(), format, out)
    else:
        from entrepot.report.terminal_path import render_path, render_path_in_full

        show(render_path_in_full(found) if full else render_path(found, console().width))
        return
    from entrepot.studies.path_sentences import interrupted

    if text := interrupted(found):
        console(error=True).print(text, style="red")


def _write(found: CasePath, world: Economy | None, out: Path, inputs: list[str]) -> list[Path]:
    """Write the report of the case with this path, its figures, and every table as CSV and Parquet."""
    from entrepot.studies import run

    with progress() as tell:
        study = run(found.case, world, tol=found.tol, progress=tell)
        study.__dict__["path"] = found  # solved already
        return study.to_folder(out, command_line(), inputs)
