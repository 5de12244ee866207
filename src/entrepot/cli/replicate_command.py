"""The verb replicate: compute a published result again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import console, print_csv, print_json, print_rows, reported, show
from entrepot.cli.options import Format, FormatOption, refuse_idle

if TYPE_CHECKING:
    from entrepot.replications import Replication

app = typer.Typer()


@app.command()
def replicate(
    name: Annotated[str | None, typer.Argument(help="Which paper; none lists them.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of the paper's files, where it needs some.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
    format: FormatOption = Format.table,
) -> None:
    """Compute a published result again and print it beside what was published, with the difference."""
    from entrepot.errors import ConvergenceError, InputError
    from entrepot.replications import replicate as compute
    from entrepot.replications import replications

    with reported():
        refuse_idle(("--csv", csv and format is Format.json, "--format json"))
        form = Format.csv if csv else format
        if name is None:
            if data is not None:
                raise InputError(
                    "--data: it is for one replication; name it, as in: entrepot replicate cp2015 --data FOLDER"
                )
            listed = [{"name": key, "title": title, "data": needs} for key, (title, needs) in replications().items()]
            if print_rows(listed, form):
                return
            for key, (title, needs) in replications().items():
                show(f"{key}: {title}", style="bold")
                show(f"    Data: {needs}")
            return
        replication = compute(name, data)
        if form is Format.json:
            print_json(_document(replication), allow_nan=False)
        elif form is Format.csv:
            print_csv(replication.table)
        else:
            console().print(str(replication), soft_wrap=True)
        if not replication.reproduced.all():
            raise ConvergenceError(f"{name}: {replication.verdict}")


def _document(found: Replication) -> dict[str, Any]:
    """Return a replication as a document; a number that is not there is null."""
    table = found.table.assign(reproduced=found.reproduced).astype(object)
    return {
        "name": found.name,
        "title": found.title,
        "citation": found.citation,
        "verdict": found.verdict,
        "notes": list(found.notes),
        "numbers": table.where(table.notna(), None).to_dict("records"),
    }
