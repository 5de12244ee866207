"""The verb estimate: a gravity equation, and the trade elasticity from a tariff."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import reported, show

app = typer.Typer()


class Valued(StrEnum):
    """At which price trade was recorded."""

    border = "border"
    user = "user"


@app.command()
def estimate(
    file: Annotated[Path, typer.Argument(help="A table in any format, one row an observation.")],
    formula: Annotated[str, typer.Argument(help='"trade ~ log_tariff + rta | exporter^year + importer^year".')],
    cluster: Annotated[str | None, typer.Option("--cluster", help="Column to cluster standard errors by.")] = None,
    tariff: Annotated[
        str | None, typer.Option("--tariff", help="Column of ln(1 + tariff): its coefficient gives the elasticity.")
    ] = None,
    valued: Annotated[Valued, typer.Option("--valued", help="Trade before duty, or with it.")] = Valued.border,
) -> None:
    """Estimate a gravity equation by Poisson pseudo-maximum likelihood, and the trade elasticity from a tariff."""
    from entrepot.estimation.gravity import gravity

    with reported():
        found = gravity(str(file), formula, cluster=cluster)
        show(found.table().to_string())
        show(repr(found).splitlines()[0], style="dim")
        for note in found.notes:
            show(f"Note: {note}")
        if tariff is not None:
            how = "minus the coefficient, less one: trade is valued before duty (--valued border)"
            if valued is Valued.user:
                how = "minus the coefficient: duty is in the value of trade (--valued user)"
            show(f"trade elasticity: {found.theta(tariff, valued=valued.value)}")
            show(f"    {how}; {tariff} is read as the log of one plus the rate", style="dim")
