"""The verb of the table: bargain."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from entrepot.cli.console import command_line, console, print_data, progress, reported, show
from entrepot.cli.options import EconomyOption, Format, FormatOption, NoStoreOption, OutOption, StoreOption, refuse_idle
from entrepot.cli.outputs import check_folder, inputs_of
from entrepot.cli.solved_study import wrote_folder

app = typer.Typer()


@app.command()
def bargain(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file, with a table.")],
    economy: EconomyOption = None,
    points: Annotated[int | None, typer.Option("--points", help="Levels of each issue on the grid.")] = None,
    out: OutOption = None,
    format: FormatOption = Format.table,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Say what the parties of a case would sign: the zone of agreement, the deals in it, threats, offers and talks."""
    from dataclasses import replace

    from entrepot.bargaining import bargain as solve_bargain
    from entrepot.report.terminal import render_bargain
    from entrepot.studies import run

    with reported():
        refuse_idle(("--store", store is not None and no_store, "--no-store"))
        check_folder(out)
        with progress("deals") as tell:
            study = run(case, economy, progress=tell)
            found = solve_bargain(study, points=points, progress=tell)
            if found.complete:
                from entrepot.bargaining.credibility import own_over_sets

                found = replace(found, own_over_sets=own_over_sets(found, economy, tell))
        if not print_data(format, found.to_dict, found.to_frame):
            show(render_bargain(found, command_line()))
        if out is not None and found.complete:
            written = replace(study, bargained=found).to_folder(out, command_line(), inputs_of(context))
            wrote_folder(out, written)
        if not no_store and found.complete:
            from entrepot.studies.keep import keep_bargain

            sys.stdout.flush()
            keep_bargain(found, store, command_line())
        if not found.complete:
            console(error=True).print("Interrupted: what was solved is above.", soft_wrap=True)
            raise typer.Exit(130)
