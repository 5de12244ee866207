"""The verb figure: one picture of a case as SVG or PNG, or its numbers as CSV."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import progress, reported, show, wrote
from entrepot.cli.options import (
    ClosureOption,
    EconomyOption,
    HorizonOption,
    StoreOption,
    ThetaOption,
    TolOption,
    assuming,
    check_scenarios,
    each_or_one,
    refuse_idle,
)
from entrepot.cli.outputs import refuse_file

if TYPE_CHECKING:
    from entrepot.cases import Case
    from entrepot.studies import Study

app = typer.Typer()
#: The form of a figure.
FigureFormat = StrEnum("FigureFormat", ("svg", "png", "csv"))


@app.command()
def figure(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    name: Annotated[str | None, typer.Argument(help="Of the figure; without it, the figures are listed.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File that ends in .svg, .png or .csv.")] = None,
    format: Annotated[
        FigureFormat | None, typer.Option("--format", help="Print it in this form, where no file is named.")
    ] = None,
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help="Only these, as often as needed.")] = None,
    draws: Annotated[int, typer.Option("--draws", help="Of the sweep behind 'intervals' and 'drivers'.")] = 256,
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    store: StoreOption = None,
    tol: TolOption = 1e-10,
) -> None:
    """Draw a figure of a case as SVG or PNG, or write the numbers behind it as CSV.

    Without a name it lists the figures that the case has. With a name and no file it prints what the figure says.
    """
    from entrepot.cases import load_case

    with reported():
        _refuse_idle(context, name, out, format)
        if out is not None:
            refuse_file("-o", out, ".svg", ".png", ".csv")
        each, own = each_or_one(theta)
        study = _solved(assuming(load_case(case), closure, own, None, horizon), economy, each, tol, scenario)
        if name is None:
            _list(study)
            return
        _draw(_swept(study, name, draws, scenario, store), name, out, format)


def _refuse_idle(context: typer.Context, name: str | None, out: Path | None, format: FigureFormat | None) -> None:
    """Raise `InputError` for an option that has no effect on the list of figures, or on this one."""
    from entrepot.errors import InputError
    from entrepot.report.figures.figure_registry import OF_A_SWEEP

    drawn = getattr(context.get_parameter_source("draws"), "name", "") == "COMMANDLINE"
    stated = {
        "--draws": (drawn, OF_A_SWEEP),
        "--store": (context.params["store"] is not None, OF_A_SWEEP),
    }
    for option, given in {"--out": out is not None, "--format": format is not None}.items():
        if given and name is None:
            raise InputError(f"{option}: it is for one figure; name it ('entrepot figure CASE' lists the figures)")
    refuse_idle(("--format", format is not None and out is not None, "--out"))
    for option, (given, figures) in stated.items():
        if given and name not in figures:
            raise InputError(f"{option}: it is for the figures {', '.join(figures)} alone")


def _solved(case: Case, economy: str | None, each: Any, tol: float, scenario: list[str] | None) -> Study:
    from dataclasses import replace

    from entrepot.studies import run

    check_scenarios(case, scenario or ())
    with progress() as tell:
        study = run(case, economy, theta=each, tol=tol, progress=tell)
    kept = {key: outcome for key, outcome in study.outcomes.items() if not scenario or key in scenario}
    return replace(study, outcomes=kept)


def _swept(study: Study, name: str, draws: int, scenario: list[str] | None, store: Path | None) -> Study:
    """Return the study with a sweep, where the figure needs one and the case states what is uncertain."""
    from dataclasses import replace

    from entrepot.report.figures.figure_registry import OF_A_SWEEP
    from entrepot.sweeping.sweep import sweep

    case = study.case
    if name not in OF_A_SWEEP or not (case.uncertainty or case.distributions):
        return study
    with progress("members") as tell:
        found = sweep(case, study.economy, draws=draws, scenarios=scenario, store=store, progress=tell)
    return replace(study, swept=found)


def _list(study: Study) -> None:
    from entrepot.languages import translated
    from entrepot.report.figures.figure_registry import OF_A_SWEEP

    found: Any = study.figures
    for key, label in found.labels.items():
        made = None if found.is_dear(key) else found.find(key)
        if made is not None or found.is_dear(key):
            show(key, style="bold")
            show(f"    {made.title if made is not None else label}")
    if study.case.uncertainty or study.case.distributions:
        for key, label in OF_A_SWEEP.items():
            show(key, style="bold")
            show(f"    {translated(label)}")


def _draw(study: Study, name: str, out: Path | None, format: FigureFormat | None) -> None:
    from entrepot.errors import InputError

    found: Any = study.figures
    made = found.find(name)
    if made is None:
        raise InputError(
            f"the case has no data for the figure {name!r}; 'entrepot figure CASE' lists those that it has"
        )
    if out is not None:
        wrote(made.save(out))
    elif format is None:
        show(made.title, style="bold")
        show(made.text)
        for note in made.foot:
            show(note, style="dim")
    elif format is FigureFormat.png:
        if sys.stdout.isatty():
            raise InputError("--format png is not text: send it to a file (> figure.png) or give -o FILE")
        typer.get_binary_stream("stdout").write(made.png())
    else:
        sys.stdout.write(made.written(format.value).decode())
