"""The verb talks: how talks end when the threat may be a bluff."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.console import command_line, console, print_data, progress, reported, show
from entrepot.cli.options import EconomyOption, Format, FormatOption, FullOption, on_screen, refuse_idle, stated_by_name

app = typer.Typer()


@app.command()
def talks(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file, with beliefs.")],
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", help="NAME=NUMBER, as often as needed: belief=5%, called.draft=2000, breakdown=0."),
    ] = None,
    grid: Annotated[
        str | None, typer.Option("--grid", help="NAME=LOW:HIGH:COUNT or NAME=A,B,C: a table over one number.")
    ] = None,
    economy: EconomyOption = None,
    full: FullOption = False,
    format: FormatOption = Format.table,
) -> None:
    """Say how talks end when the threat may be a bluff: from what belief on to sign, and what each signal is worth."""
    from entrepot.bargaining import case_talks
    from entrepot.measures.fields import read_levels, read_number
    from entrepot.report.terminal_talks import render_section, render_talks, render_talks_in_full
    from entrepot.studies.talks_tables import over_number, talks_data

    with reported():
        refuse_idle(
            ("--full", full and grid is not None, "--grid"),
            ("--full", full and not on_screen(format), f"--format {format}"),
        )
        stated = stated_by_name("--assume", assume, "NAME=NUMBER", "belief=5%")
        numbers = {name: read_number(f"--assume {name}", text) for name, text in stated.items()}
        with progress() as tell:
            tell("solving the ends of the talks", 0, 0)
            found = case_talks(case, economy)
        if numbers:
            found = found.assuming(numbers)
        if grid is not None:
            ((name, levels),) = stated_by_name("--grid", [grid], "NAME=LOW:HIGH:COUNT", "belief=0:1:21").items()
            refuse_idle((f"--assume {name}", name in numbers, f"--grid {name}"))
            section, table = over_number(found, name, read_levels(f"--grid {name}", levels, 10_000))
            if not print_data(format, lambda: table.to_dict("records"), lambda: table):
                show(render_section(section))
        elif not print_data(format, found.to_dict, lambda: talks_data(found)["beliefs"]):
            show(render_talks_in_full(found, command_line()) if full else render_talks(found, console().width))
