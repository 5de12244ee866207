"""The verb that solves many variants of a case: sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import command_line, console, print_csv, print_json, progress, reported, show
from entrepot.cli.options import (
    ClosureOption,
    EconomyOption,
    Format,
    FormatOption,
    OutOption,
    StoreOption,
    ThetaOption,
    TolOption,
    assuming,
    stated_by_name,
)
from entrepot.cli.outputs import check_folder, inputs_of
from entrepot.cli.solved_study import wrote_folder
from entrepot.documents import records

if TYPE_CHECKING:
    from entrepot.sweeping.sweep_result import Sweep

app = typer.Typer()


@app.command()
def sweep(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    draws: Annotated[int | None, typer.Option("--draws", help="How many; 1,000, or none over a grid alone.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws: the same seed gives the same draws.")] = 1,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", help="NAME=DISTRIBUTION, as often as needed: 'theta={lognormal: {sd: 0.25}}'."),
    ] = None,
    grid: Annotated[
        list[str] | None, typer.Option("--grid", help="NAME=LOW:HIGH:COUNT or NAME=A,B,C: ver.cap=0.4:1.2:17.")
    ] = None,
    method: Annotated[str, typer.Option("--method", help="draws; sobol or morris: which number drives it.")] = "draws",
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help="Only these, as often as needed.")] = None,
    level: Annotated[float, typer.Option("--level", help="Part of the draws that an interval holds.")] = 0.9,
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    theta: ThetaOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes on this machine; for many draws one a core, up to 4.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Dask scheduler, such as tcp://10.0.0.1:8786.")
    ] = None,
    store: StoreOption = None,
    out: OutOption = None,
    format: FormatOption = Format.table,
    tol: TolOption = 1e-10,
) -> None:
    """Say how sure an answer is: draws of what is uncertain, intervals, chances, and what drives the answer.

    What is solved is kept as it comes: a sweep that was stopped goes on with the same command.
    """
    from entrepot.cases import load_case
    from entrepot.errors import InputError
    from entrepot.studies.sweep_sentences import nothing_solved
    from entrepot.sweeping.sweep import sweep as solve_sweep

    with reported():
        check_folder(out)
        if not 0 < level < 1:
            raise InputError(f"--level {level:g}: a part of the draws such as 0.9 is needed")
        case_to_solve = assuming(load_case(case), closure, theta, None)
        if cluster is not None:
            _dashboard(cluster)
        with progress("members") as tell:
            found = solve_sweep(
                case_to_solve,
                economy,
                draws=draws,
                seed=seed,
                uncertain=_varied(vary),
                grid=stated_by_name("--grid", grid, "NAME=...", "ver.cap=0.4:1.2:17"),
                method=method,  # type: ignore[arg-type]
                scenarios=scenario,
                store=store,
                workers=workers,
                cluster=cluster,
                tol=tol,
                progress=tell,
            )
        _show(found, level, format)
        if out is not None and found.complete:
            _write(found, level, out, inputs_of(context))
        if found.complete and (none := nothing_solved(found)):
            raise InputError(none)
        if not found.complete:
            console(error=True).print(
                "Interrupted: what was solved is kept, and the same command goes on.", soft_wrap=True
            )
            raise typer.Exit(130)


def _show(found: Sweep, level: float, format: Format) -> None:
    from entrepot.studies.sweep_sentences import left_out, lost
    from entrepot.studies.sweep_tables import all_indices, tables

    if format is Format.json:
        made = {name: records(table) for name, table in tables(found, level).items() if name != "draws"}
        about = {
            "run": found.run.id,
            "seed": found.plan.seed,
            "members": found.members,
            "complete": found.complete,
            "failures": len(found.table("failures")) if found.run.parts("failures") else 0,
            "notes": [*lost(found), *left_out(found), *found.notes],
        }
        print_json({**about, "level": level, "tables": made})
    elif format is Format.csv:
        morris = found.plan.method == "morris"
        made = all_indices(found) if morris else found.intervals(level=level)
        print_csv(made)
    else:
        from entrepot.report.terminal import render_sweep

        show(render_sweep(found, level, command_line()))


def _write(found: Sweep, level: float, out: Path, inputs: list[str]) -> None:
    """Write report.html with the intervals, and the tables of the case and of the sweep."""
    from dataclasses import replace

    from entrepot.studies import run

    study = replace(run(found.plan.case, found.plan.economy, tol=found.plan.tol), swept=found, level=level)
    wrote_folder(out, study.to_folder(out, command_line(), inputs))


def _varied(given: list[str] | None) -> dict[str, Any]:
    from entrepot.documents import plain, read_yaml

    stated = stated_by_name("--vary", given, "NAME=...", "'theta={lognormal: {sd: 0.25}}'")
    return {name: plain(read_yaml(text, f"--vary {name}")) for name, text in stated.items()}


def _dashboard(cluster: str) -> None:
    from entrepot.sweeping.dask_workers import dashboard_of

    console(error=True).print(f"Dashboard: {dashboard_of(cluster)}", soft_wrap=True)
