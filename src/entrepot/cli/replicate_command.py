"""The verb replicate: compute a published result again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import console, print_csv, reported, show

app = typer.Typer()


@app.command()
def replicate(
    name: Annotated[str | None, typer.Argument(help="Which paper; none lists them.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of the paper's files, where it needs some.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the numbers as CSV.")] = False,
) -> None:
    """Compute a published result again and print it beside what was published, with the difference."""
    from entrepot.errors import ConvergenceError
    from entrepot.replications import replicate as compute
    from entrepot.replications import replications

    with reported():
        if name is None:
            for key, (title, needs) in replications().items():
                show(f"{key}: {title}", style="bold")
                show(f"    Data: {needs}")
            return
        replication = compute(name, data)
        if csv:
            print_csv(replication.table)
        else:
            console().print(str(replication), soft_wrap=True)
        if not replication.reproduced.all():
            raise ConvergenceError(f"{name}: {replication.verdict}")
