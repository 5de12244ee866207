"""`entrepot economy update`: a base brought up to new trade, output and GDP."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import reported, show
from entrepot.cli.outputs import refuse_ending
from entrepot.shell import for_shell


class Absent(StrEnum):
    """What a flow is that the trade table lacks."""

    base = "base"
    zero = "zero"


def economy_update(
    base: Annotated[str, typer.Argument(help="Bundled name or path of the base.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the new Economy is saved.")],
    trade: Annotated[
        str | None, typer.Option("--trade", help="Table of flows (importer, exporter, sector, value), all or some.")
    ] = None,
    output: Annotated[str | None, typer.Option("--output", help="Table of output (country, sector, output).")] = None,
    gdp: Annotated[str | None, typer.Option("--gdp", help="Table of GDP (country, gdp[, year]).")] = None,
    tariffs: Annotated[str | None, typer.Option("--tariffs", help="Table of tariffs; else the base's stay.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Of the new data.")] = None,
    countries: Annotated[
        str | None,
        typer.Option("--countries", help="Whose structure new countries take: a table (country, base_country)."),
    ] = None,
    sectors: Annotated[
        str | None, typer.Option("--sectors", help="The same for new sectors: a table (sector, base_sector).")
    ] = None,
    absent: Annotated[
        Absent | None, typer.Option("--absent", help="A flow that the trade table lacks: the base's, scaled, or zero.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call it; else the name of the file.")] = None,
) -> None:
    """Bring a base up to new totals; all that is not given is the base's, scaled. Values in millions of US dollars."""
    from entrepot.data.updates import update_economy
    from entrepot.economy import load_economy

    with reported():
        refuse_ending("-o", out, "an Economy")
        found = update_economy(
            load_economy(base),
            trade=trade,
            output=output,
            gdp=gdp,
            tariffs=tariffs,
            year=year,
            countries=countries,
            sectors=sectors,
            absent=None if absent is None else absent.value,
            name=name or out.stem,
        )
        found.economy.save(out)
        show(repr(found.economy).splitlines()[0], style="bold")
        for note in found.notes:
            show(f"Note: {note}")
        written = for_shell(str(out))
        show(f"Wrote {out}. Next: entrepot economy show {written}; entrepot run CASE --economy {written}")
