"""The verb about products: exposure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.console import (
    command_line,
    console,
    number_or_name,
    print_data,
    progress,
    reported,
    show,
    wrote,
)
from entrepot.cli.options import Format, FormatOption
from entrepot.cli.outputs import check_folder, refuse_ending, refuse_files_over_inputs
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.shell import for_shell

if TYPE_CHECKING:
    from entrepot.exposures import Exposure

app = typer.Typer()


@app.command()
def exposure(
    context: typer.Context,
    trade: Annotated[
        str,
        typer.Option(help="Any table: importer, partner, product, value; or as Comtrade, WITS, Census ... write it."),
    ],
    schedule: Annotated[
        list[str],
        typer.Option(
            help="Any table: importer, product, partner, rate, authority, kind; or HTS, TARIC, WITS ... Repeat."
        ),
    ],
    proposed: Annotated[list[str] | None, typer.Option(help="The same, of proposed rates.")] = None,
    economy: Annotated[str, typer.Option(help="Bundled name or path: sectors and elasticities.")] = DEFAULT_ECONOMY,
    stacking: Annotated[
        str | None,
        typer.Option(help="What applies on top of what: us-2025, us-2026 (any day since 2018), plain, or a YAML file."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="The day, such as 2025-12-31; default: the stacking's, or today.")
    ] = None,
    importer: Annotated[
        str | None, typer.Option(help="Whose imports: of those in the table, or where no column says so.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Of the trade table, where it has several.")] = None,
    concordance: Annotated[
        str | None, typer.Option(help="A table (product, sector); default: by ISIC Rev. 4 divisions.")
    ] = None,
    rates: Annotated[str | None, typer.Option(help="What bare rates are: fraction or percent.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of values: usd, usd_k, usd_m, eur, eur_k or gbp.")] = None,
    usd_per_unit: Annotated[
        float | None,
        typer.Option("--usd-per-unit", help="US dollars for one euro or pound, where values are in these."),
    ] = None,
    flow: Annotated[str, typer.Option(help="imports, or exports as imports of the partner.")] = "imports",
    decimal: Annotated[
        str | None, typer.Option(help="point or comma before decimals, where a table leaves it open.")
    ] = None,
    response: Annotated[bool, typer.Option(help="Whether imports respond to what is proposed.")] = True,
    elasticity: Annotated[
        str | None, typer.Option(help="Of imports to their price, without the sign; default: 1 + theta by sector.")
    ] = None,
    pass_through: Annotated[float, typer.Option(help="Of duty to the buyer's price, 0 to 1.")] = 1.0,
    lines: Annotated[Path | None, typer.Option(help="Write every line to this Parquet file.")] = None,
    measures: Annotated[
        Path | None, typer.Option(help="Write the proposed change as a case for 'entrepot run'.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the tables as CSV.")] = None,
    format: FormatOption = Format.table,
    memory: Annotated[str, typer.Option(help="What DuckDB may hold in memory.")] = "3GB",
    threads: Annotated[int | None, typer.Option(help="Default: as many as the machine has.")] = None,
) -> None:
    """Tariff schedules by product against trade: applied, bound and proposed duty, by partner, sector and authority."""
    with reported():
        from entrepot.economy.bundled import bundled_economies
        from entrepot.exposures import exposure as expose
        from entrepot.exposures.exposure_tables import TABLES

        if measures is not None:
            refuse_ending("--measures", measures, "a case")
        check_folder(out)
        refuse_files_over_inputs(context, [f"{name}.csv" for name in TABLES])
        with progress("steps") as tell:
            found = expose(
                trade,
                schedule,
                proposed,
                economy=economy,
                stacking=stacking,
                on=on,
                importer=importer,
                year=year,
                concordance=concordance,
                rates=rates,
                unit=unit,
                usd_per_unit=usd_per_unit,
                flow=flow,  # type: ignore[arg-type]  # checked where it is read
                decimal=decimal,  # type: ignore[arg-type]
                response=response,
                elasticity=number_or_name(elasticity),
                pass_through=pass_through,
                lines=lines,
                memory=memory,
                threads=threads,
                progress=tell,
            )
            written = _write(found, measures, out)
        _show(found, format)
        for path in [*([lines] if lines else []), *written]:
            wrote(path)
        if measures:
            beside = "" if economy in bundled_economies() else f" --economy {for_shell(economy)}"
            next_ = f"Next: entrepot run {for_shell(str(measures))}{beside}"
            console(error=True).print(next_, soft_wrap=True, markup=False)


def _write(found: Exposure, measures: Path | None, out: Path | None) -> list[Path]:
    written: list[Path] = []
    if measures is not None:
        written.append(found.to_case(measures))
    if out is not None:
        found.to_folder(out)
        written.append(out)
    return written


def _show(found: Exposure, format: Format) -> None:
    from entrepot.report.terminal_exposure import render_exposure, tables_json

    if not print_data(format, lambda: tables_json(found), lambda: found.by_partner_sector.reset_index(), False):
        show(render_exposure(found, command_line()))
