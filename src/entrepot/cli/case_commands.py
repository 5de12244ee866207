"""The verbs cases, case check and case new."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import reported, show
from entrepot.cli.options import EconomyOption

app = typer.Typer()
case_app = typer.Typer(no_args_is_help=True, help="Write and check case files.")


@app.command()
def cases() -> None:
    """List the bundled cases."""
    from rich.padding import Padding
    from rich.text import Text

    from entrepot.cases import bundled_cases, load_case

    with reported():
        for name in bundled_cases():
            case = load_case(name)
            show(f"{name}: {case.title}", style="bold")
            for scenario, spec in case.scenarios.items():
                show(Padding(Text(f"{scenario}: {spec.title}"), (0, 0, 0, 4)))


@case_app.command("check")
def case_check(
    file: Annotated[str, typer.Argument(help="A YAML file or a bundled case.")], economy: EconomyOption = None
) -> None:
    """Read a case, put its measures on its economy, and say what is wrong, with line and key.

    Solves nothing except the 'base:' of a case that has one.
    """
    from entrepot.cases import check_case, load_case
    from entrepot.economy import load_economy
    from entrepot.languages import translated
    from entrepot.words import counted

    with reported():
        case = load_case(file)
        for note in check_case(case, load_economy(economy) if economy else case.own_economy()):
            show(f"Note: {note}", style="dim")
        scenarios = case.scenarios.values()
        measures = sum(len(s.measures) for s in scenarios)
        found = {
            "file": file,
            "scenarios": counted(len(scenarios), "scenario"),
            "measures": counted(measures, "measure"),
        }
        if case.base is None:
            show(translated("{file}: {scenarios}, {measures}; no fault found.", **found))
        else:
            text = "{file}: {scenarios} measured from {base}, {measures}; no fault found."
            show(translated(text, base=repr(case.base.name), **found))


@case_app.command("new")
def case_new(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a small case to start from."""
    from entrepot.cases.template import new_case
    from entrepot.documents import write_text
    from entrepot.errors import InputError
    from entrepot.languages import translated

    with reported():
        if file.exists() and not force:
            raise InputError(f"{file} is there already; --force overwrites it")
        write_text(file, new_case(file.stem))
        quoted = shlex.quote(str(file))
        show(
            translated(
                "Wrote {file}. Next: entrepot case check {quoted}; entrepot run {quoted}", file=file, quoted=quoted
            )
        )
