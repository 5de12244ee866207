"""The verbs cases, case check and case new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import print_rows, reported, show
from entrepot.cli.options import EconomyOption, Format, FormatOption
from entrepot.cli.outputs import VerbsThatWrite
from entrepot.shell import for_shell

app = typer.Typer()
case_app = typer.Typer(cls=VerbsThatWrite, no_args_is_help=True, help="Write and check case files.")


@app.command()
def cases(format: FormatOption = Format.table) -> None:
    """List the bundled cases and their scenarios."""
    from rich.padding import Padding
    from rich.text import Text

    from entrepot.cases import bundled_cases, load_case

    with reported():
        read = {name: load_case(name) for name in bundled_cases()}
        titles = {name: {key: spec.title for key, spec in case.scenarios.items()} for name, case in read.items()}
        rows = [
            {"name": name, "title": case.title, "scenario": key, "scenario_title": title}
            for name, case in read.items()
            for key, title in titles[name].items()
        ]
        document = [
            {"name": name, "title": case.title, "question": case.question, "scenarios": titles[name]}
            for name, case in read.items()
        ]
        if print_rows(rows, format, document):
            return
        for name, case in read.items():
            show(f"{name}: {case.title}", style="bold")
            for scenario, title in titles[name].items():
                show(Padding(Text(f"{scenario}: {title}"), (0, 0, 0, 4)))


@case_app.command("check")
def case_check(
    file: Annotated[str, typer.Argument(help="A YAML file or a bundled case.")],
    economy: EconomyOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Read a case, put its measures on its economy, and say what is wrong, with line and key.

    Solves nothing except the 'base:' of a case that has one.
    """
    from entrepot.cases import check_case, load_case
    from entrepot.languages import translated
    from entrepot.words import counted

    with reported():
        case = load_case(file)
        notes = list(check_case(case, case.economy_or_own(economy or None)))
        scenarios = case.scenarios.values()
        measures = sum(len(s.measures) for s in scenarios)
        counts = {"file": file, "case": case.case, "scenarios": len(scenarios), "measures": measures}
        counts["base"] = None if case.base is None else case.base.name
        if print_rows([{**counts, "notes": " ".join(notes)}], format, {**counts, "notes": notes}):
            return
        for note in notes:
            show(translated("Note: {note}", note=note), style="dim")
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
        if file.exists() and not file.is_dir() and not force:
            raise InputError(f"{file} is there already; --force overwrites it")
        write_text(file, new_case(file.stem))
        quoted = for_shell(str(file))
        show(
            translated(
                "Wrote {file}. Next: entrepot case check {quoted}; entrepot run {quoted}", file=file, quoted=quoted
            )
        )
