"""The verb code: the commands that solve a case again, in a language of choice."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from entrepot.cli.console import reported

app = typer.Typer()
#: The language of a script.
CodeLanguage = StrEnum("CodeLanguage", ("cli", "python", "r", "stata", "curl"))


@app.command()
def code(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    language: Annotated[CodeLanguage, typer.Option(help="What the script is written in.")] = CodeLanguage.python,
) -> None:
    """Print a complete script that solves a case again and prints who gains; the case is inside it."""
    from entrepot.cases import load_case
    from entrepot.studies.rerun_code import rerun_code

    with reported():
        sys.stdout.write(str(rerun_code(load_case(case))[language.value]))
