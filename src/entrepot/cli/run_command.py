"""The verb run: solve every scenario of a case and print the answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import command_line, reported, wrote
from entrepot.cli.options import (
    ClosureOption,
    EconomyOption,
    FullOption,
    HorizonOption,
    IntensityOption,
    NoStoreOption,
    OutOption,
    StoreOption,
    TableFormat,
    TableFormatOption,
    ThetaOption,
    TolOption,
    assuming,
    each_or_one,
    refuse_idle,
)
from entrepot.cli.outputs import inputs_of, refuse_file
from entrepot.cli.solved_study import check_all_solved, solve_and_show

app = typer.Typer()


@app.command()
def run(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    rd_intensity: IntensityOption = None,
    out: OutOption = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="File for the report as PDF (extra 'pdf').")] = None,
    format: TableFormatOption = TableFormat.table,
    full: FullOption = False,
    tol: TolOption = 1e-10,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Solve every scenario of a case and print who gains, who loses and who holds the rent."""
    from entrepot.cases import load_case

    with reported():
        refuse_idle(("--store", store is not None and no_store, "--no-store"))
        if pdf is not None:
            from entrepot.report.pdf_page import check_pdf

            refuse_file("--pdf", pdf, ".pdf")
            check_pdf()
        each, own = each_or_one(theta)
        stated = assuming(load_case(case), closure, own, rd_intensity, horizon)
        study = solve_and_show(stated, economy, out, format, tol, full, each, inputs_of(context))
        if pdf is not None:
            wrote(study.to_pdf(pdf, command_line()))
        if not no_store and study.outcomes:
            from entrepot.studies.keep import keep_study

            sys.stdout.flush()
            keep_study(study, store, command_line())
        check_all_solved(study)
