"""Verbs about the world before the measure: economy show, check, sources, import and fetch."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import console, number_or_name, print_rows, progress, reported, show
from entrepot.cli.options import Format, FormatOption
from entrepot.cli.outputs import VerbsThatWrite, refuse_ending
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.shell import for_shell

if TYPE_CHECKING:
    from entrepot.economy import Economy

economy_app = typer.Typer(
    cls=VerbsThatWrite, no_args_is_help=True, help="Look at the world before the measure, or bring your own."
)


@economy_app.command("show")
def economy_show(
    name: Annotated[str, typer.Argument(help="Bundled name or path.")] = DEFAULT_ECONOMY,
    format: FormatOption = Format.table,
) -> None:
    """What an Economy holds: countries with their accounts, sectors with their elasticities, notes and source."""
    from entrepot.economy import load_economy
    from entrepot.report.terminal_columns import FittedColumns

    with reported():
        world = load_economy(name)
        countries = world.summary().reset_index().to_dict("records")
        if print_rows(countries, format, _contents(world, countries)):
            return
        show(repr(world).splitlines()[0], style="bold")
        word, unit = ("billion", 1e3) if world.value_added.sum() > 1e5 else ("million", 1.0)
        rows = []
        for code, row in world.summary().iterrows():
            money = [row[k] / unit for k in ("value_added", "exports", "imports", "deficit", "tariff_revenue")]
            rows.append([str(code), *(f"{v:,.1f}" for v in money), f"{100 * row['average_tariff']:.1f}%"])
        show(f"US$ {word}", style="italic")
        show(
            FittedColumns(["country", "value added", "exports", "imports", "deficit", "duties", "average tariff"], rows)
        )
        rows = [
            [code, f"{theta:.2f}", f"{output / unit:,.0f}"]
            for code, theta, output in zip(world.sectors, world.theta, world.output.sum(axis=1), strict=True)
        ]
        show(FittedColumns(["sector", "trade elasticity", f"world output, US$ {word}"], rows))
        for note in world.notes:
            show(f"Note: {note}")
        show(f"Source: {world.source}")
        if "licence" in world.provenance:
            show(f"Licence: {world.provenance['licence']}")


def _contents(world: Economy, countries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what an Economy holds as a document; money in millions of US dollars."""
    sectors = zip(world.sectors, world.theta, world.output.sum(axis=1), strict=True)
    return {
        "name": world.name,
        "year": world.year,
        "countries": countries,
        "sectors": [{"sector": code, "theta": float(theta), "output": float(sold)} for code, theta, sold in sectors],
        "notes": list(world.notes),
        "source": world.source,
        "licence": world.provenance.get("licence"),
    }


@economy_app.command("check")
def economy_check(
    name: Annotated[str, typer.Argument(help="Bundled name or path.")] = DEFAULT_ECONOMY,
    format: FormatOption = Format.table,
) -> None:
    """Solve an Economy without any measure: nothing may change. Prints the gaps."""
    from entrepot.economy import load_economy
    from entrepot.equilibrium import solve as solve_economy
    from entrepot.errors import ConvergenceError

    with reported():
        world = load_economy(name)
        outcome = solve_economy(world)
        moved = float(outcome.countries["real_income_pct"].abs().max())
        gaps = {block: float(gap) for block, gap in outcome.residuals.items()}
        rows = [{"block": block, "gap": gap} for block, gap in gaps.items()]
        document = {"economy": name, "in_equilibrium": moved <= 1e-6, "largest_change_pct": moved, "gaps": gaps}
        printed = print_rows(rows, format, document)
        if not printed:
            for block, gap in gaps.items():
                show(f"{block.replace('_', ' '):<22}{gap:.1e}")
            show(f"{'largest change':<22}{moved:.1e} % of real income, without any measure")
        if moved > 1e-6:
            raise ConvergenceError(
                f"{name} is not in equilibrium: real income moves by {moved:.3g}% without any measure."
            )
        if not printed:
            show(f"{name}: in equilibrium.")


@economy_app.command("sources")
def economy_sources(format: FormatOption = Format.table) -> None:
    """The public databases that 'economy import' reads."""
    from entrepot.data.sources import sources

    with reported():
        rows = [
            {"name": name, "title": one.title, "edition": one.edition, "files": one.files}
            | {"reads": one.reads, "repairs": one.repairs}
            for name, one in sources().items()
        ]
        if print_rows(rows, format):
            return
        for name, source in sources().items():
            show(f"{name}: {source.title}, {source.edition}", style="bold")
            for label, text in (("Path", source.files), ("Reads", source.reads), ("Mends", source.repairs)):
                show(f"    {label}: {text}")


@economy_app.command("elasticities", hidden=True)
def economy_elasticities() -> None:
    """The former name of `entrepot theta`: the same list, and a word on where it is now."""
    from entrepot.cli.theta_command import theta

    console(error=True).print("entrepot economy elasticities is now entrepot theta; the old name goes with 0.3")
    theta(name=None, economy=None, sectors=None, format=Format.table)


@economy_app.command("import")
def economy_import(
    source: Annotated[str | None, typer.Argument(help="Which database; see 'economy sources'.")] = None,
    path: Annotated[Path | None, typer.Argument(help="Its file or folder.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Where the Economy is saved.")] = None,
    what: Annotated[
        Path | None, typer.Option("--what", help="Only say what this file looks like, and which command reads it.")
    ] = None,
    theta: Annotated[
        str | None,
        typer.Option(
            "--theta",
            help="Trade elasticities: a number, a set (see 'entrepot theta') or a CSV; none: the source's own.",
        ),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="Of the data.")] = None,
    tariffs: Annotated[
        str | None, typer.Option("--tariffs", help="Tariffs: any table, one's own or published.")
    ] = None,
    sectors: Annotated[
        str | None, typer.Option("--sectors", help="For products: a concordance (product, sector), or sections.")
    ] = None,
    own_sales: Annotated[
        str | None,
        typer.Option(
            "--own-sales", help="For trade without own sales: a CSV (country, sector, output) or a home share (80%)."
        ),
    ] = None,
    usd_per_unit: Annotated[
        float | None, typer.Option("--usd-per-unit", help="US dollars for one euro, where the table is in euros.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call it.")] = None,
) -> None:
    """Read a public database into an Economy, and say what was found, mended and left out."""
    from entrepot.data.identify import describe
    from entrepot.data.sources import import_economy
    from entrepot.errors import InputError

    with reported():
        if what is not None or path is None:
            described = what if what is not None else source
            if described is None:
                raise InputError("which database and which file? see 'entrepot economy sources'; or --what FILE")
            for line in describe(described):
                console().print(line, soft_wrap=True, markup=False, highlight=False)
            return
        if source is None or out is None:
            raise InputError("where is the Economy to be saved? give -o FILE.ep")
        refuse_ending("-o", out, "an Economy")
        with progress("steps") as tell:
            imported = import_economy(
                source,
                path,
                year=year,
                tariffs=tariffs,
                theta=number_or_name(theta),
                own_sales=number_or_name(own_sales),
                sectors=sectors,
                usd_per_unit=usd_per_unit,
                name=name or out.stem,
                progress=tell,
            )
        show(str(imported))
        imported.economy.save(out)
        show(repr(imported.economy).splitlines()[0], style="bold")
        written = for_shell(str(out))
        show(f"Wrote {out}. Next: entrepot economy show {written}; entrepot run CASE --economy {written}")


#: What 'economy fetch' knows the address of.
Fetchable = StrEnum("Fetchable", ("icio", "wiod", "baci"))


@economy_app.command("fetch")
def economy_fetch(
    source: Annotated[Fetchable, typer.Argument(help="Which database.")],
    year: Annotated[int, typer.Option("--year", help="Of the data.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where the file goes.")] = Path(),
    sha256: Annotated[str | None, typer.Option("--sha256", help="Checksum that the file must have.")] = None,
) -> None:
    """Download a public database; an interrupted download goes on where it stopped."""
    from entrepot.data.fetch import fetch

    with reported(), progress("MB") as tell:
        file = fetch(
            source.value,
            year=year,
            folder=folder,
            sha256=sha256,
            progress=lambda what, done, total: tell(what, done >> 20, total >> 20),
        )
        show(f"{file} is complete.")
