"""The verb screen: which rules the measures of a case touch."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.console import print_data, reported, show
from entrepot.cli.options import EconomyOption, Format, FormatOption, check_scenarios
from entrepot.languages import translated

app = typer.Typer()


@app.command()
def screen(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    on: Annotated[str | None, typer.Option("--on", help="The date, as 2019-05-17; default: the case's own.")] = None,
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help="Only this one; as often as needed.")] = None,
    economy: EconomyOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Say which rules the measures of a case touch, why, what would cure it, and who may do what about it."""
    from entrepot.cases import load_case
    from entrepot.cases import screen as screen_measures
    from entrepot.dates import read_date
    from entrepot.report.terminal_law import render

    with reported():
        read = load_case(case)
        check_scenarios(read, scenario or ())
        day = read_date("--on", on)
        found = screen_measures(read, economy, on=day, scenarios=scenario or ())
        if not print_data(format, found.to_dict, found.to_frame):
            show(translated(read.title), style="bold")
            show(render(found, {name: spec.title for name, spec in read.scenarios.items()}))
