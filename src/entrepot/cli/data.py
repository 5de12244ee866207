"""Verbs about the world before the measure: economy show, check, sources, import and fetch."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli.common import reported, show

economy_app = typer.Typer(no_args_is_help=True, help="Look at the world before the measure, or bring your own.")


@economy_app.command("show")
def economy_show(name: Annotated[str, typer.Argument(help="Bundled name or path.")] = "world2014") -> None:
    """What an Economy holds: countries with their accounts, sectors with their elasticities, notes and source."""
    from rich.table import Table

    from entrepot.economy import load_economy

    with reported():
        world = load_economy(name)
        show(repr(world).splitlines()[0], style="bold")
        countries = Table("country", title="US$ billion", box=None, title_justify="left")
        for column in ("value added", "exports", "imports", "deficit", "duties", "average tariff"):
            countries.add_column(column, justify="right")
        for code, row in world.summary().iterrows():
            money = [row[k] / 1e3 for k in ("value_added", "exports", "imports", "deficit", "tariff_revenue")]
            countries.add_row(str(code), *(f"{v:,.1f}" for v in money), f"{100 * row['average_tariff']:.1f}%")
        show(countries)
        sectors = Table("sector", box=None)
        sectors.add_column("trade elasticity", justify="right")
        sectors.add_column("world output, US$ billion", justify="right")
        for code, theta, output in zip(world.sectors, world.theta, world.output.sum(axis=1), strict=True):
            sectors.add_row(code, f"{theta:.2f}", f"{output / 1e3:,.0f}")
        show(sectors)
        for note in world.notes:
            show(f"Note: {note}")
        show(f"Source: {world.source}")
        if "licence" in world.provenance:
            show(f"Licence: {world.provenance['licence']}")


@economy_app.command("check")
def economy_check(name: Annotated[str, typer.Argument(help="Bundled name or path.")] = "world2014") -> None:
    """Solve an Economy without any measure: nothing may change. Prints the gaps."""
    from entrepot.economy import load_economy
    from entrepot.equilibrium import solve as solve_economy
    from entrepot.errors import ConvergenceError

    with reported():
        world = load_economy(name)
        outcome = solve_economy(world)
        moved = float(outcome.countries["real_income_pct"].abs().max())
        for block, gap in outcome.residuals.items():
            show(f"{block.replace('_', ' '):<22}{gap:.1e}")
        show(f"{'largest change':<22}{moved:.1e} % of real income, without any measure")
        if moved > 1e-6:
            raise ConvergenceError(
                f"{name} is not in equilibrium: real income moves by {moved:.2g}% without any measure."
            )
        show(f"{name}: in equilibrium.")
