"""The verb tariff-path: the mean duty of the United States through time, by partner, sector or chapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli.console import print_data, progress, reported, show, wrote
from entrepot.cli.options import Format, FormatOption
from entrepot.cli.outputs import refuse_file
from entrepot.cli.tariff_command import Claim, ClaimOption, LawOption, MetalShareOption, RatesOption, metal_shares
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.documents import csv_text

if TYPE_CHECKING:
    from entrepot.exposures import DutyPath

app = typer.Typer()


@app.command("tariff-path")
def tariff_path(
    importer: Annotated[str, typer.Argument(help="The importing country: USA.")],
    origin: Annotated[
        list[str] | None, typer.Option("--from", help="A country or group of origin. Repeat, or list with commas.")
    ] = None,
    since: Annotated[str, typer.Option(help="The first day.")] = "2025-01-01",
    until: Annotated[str | None, typer.Option(help="The last day; default: the day of the law.")] = None,
    by: Annotated[str, typer.Option(help="partner, sector or chapter.")] = "partner",
    products: Annotated[
        list[str] | None, typer.Option(help="Beginning of codes to keep, such as 87. Repeat, or list with commas.")
    ] = None,
    trade: Annotated[str | None, typer.Option(help="A table of imports: the mean is weighted by it.")] = None,
    year: Annotated[int | None, typer.Option(help="Of the trade table, where it has several.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of its values: usd, usd_k, usd_m.")] = None,
    economy: Annotated[str, typer.Option(help="Whose sectors: bundled name or path.")] = DEFAULT_ECONOMY,
    preference: ClaimOption = Claim.share,
    us_content: Annotated[
        str, typer.Option("--us-content", help="Share of USMCA cars' value made in the United States.")
    ] = "0.4",
    metal_share: MetalShareOption = None,
    rates: RatesOption = None,
    law: LawOption = "us-2026",
    out: Annotated[Path | None, typer.Option("--out", help="Write the picture (.svg), or the table (.csv).")] = None,
    format: FormatOption = Format.table,
) -> None:
    """The mean duty through time, as collected and in law, with the days on which it changes."""
    with reported():
        from entrepot.exposures import duty_path
        from entrepot.exposures.duty_inputs import CLAIMS
        from entrepot.measures.fields import read_number

        if out is not None:
            refuse_file("--out", out, ".svg", ".csv")
        with progress("partners") as tell:
            found = duty_path(
                importer,
                _listed(origin),
                since=since,
                until=until,
                by=by,  # type: ignore[arg-type]  # checked where it is read
                products=_listed(products),
                trade=trade,
                year=year,
                unit=unit,
                economy=economy,
                preference=CLAIMS[preference.value],
                us_content=read_number("--us-content", us_content),
                metal_share=metal_shares(metal_share),
                rates=rates,
                law=law,
                progress=tell,
            )
        if out is not None:  # first, so that a place that cannot be written leaves no half of an answer
            _write(found, out)
            wrote(out)
        if not print_data(format, found.to_dict, lambda: found.table, allow_nan=False):
            _show(found)


def _listed(given: list[str] | None) -> list[str]:
    """Return what is given one by one or in lists with commas; a name may have a comma itself ("Korea, Rep.")."""
    from entrepot.economy.geography import find_place

    parts = [part for written in given or () for part in ([written] if find_place(written) else written.split(","))]
    return [part.strip() for part in parts if part.strip()]


def _write(found: DutyPath, out: Path) -> None:
    from entrepot.documents import write_text

    if out.suffix.lower() == ".csv":
        write_text(out, csv_text(found.table))
        return
    from entrepot.report.figures.tariff_figure import tariff_figure

    tariff_figure(found).save(out)


def _show(found: DutyPath) -> None:
    from rich.table import Table

    from entrepot.languages import localised, translated
    from entrepot.words import day, sector_name, short

    def percent(rate: float) -> str:
        return localised(f"{100 * rate:.2f}")

    first = found.table.groupby("group", sort=False).first()
    last = found.table.groupby("group", sort=False).last()
    for group in found.groups:
        name = {"partner": short, "sector": sector_name}.get(found.by, str)(group)
        low, high = (localised(f"{100 * rows.loc[group, 'rate']:.1f}%") for rows in (first, last))
        text = "{name}: the mean duty goes from {low} to {high} between {since} and {until}."
        values = {"name": name, "low": low, "high": high, "since": day(found.since), "until": day(found.until)}
        outside = found.farthest(group)
        if outside is not None:
            text = (
                "{name}: the mean duty goes from {low} to {high} between {since} and {until}; in between it reaches "
                "{rate}, on {date}."
            )
            values |= {"date": day(outside[0]), "rate": localised(f"{100 * outside[1]:.1f}%")}
        show(translated(text, **values), style="bold")
    table = Table(box=None, pad_edge=False)
    rates = [translated("duty %"), translated("in law %")]
    for head in (translated("from"), translated(found.by), *rates, translated("what starts, changes or ends")):
        table.add_column(head, justify="right" if head in rates else "left")
    for row in found.table.itertuples(index=False):
        what = translated("; ").join(found.causes[row.date, row.group])
        table.add_row(str(row.date), str(row.group), percent(row.rate), percent(row.rate_in_law), what)
    show(table)
    show("\n" + translated("The mean: {weights}.", weights=found.weights))
    for note in found.notes:
        show(note)
    if found.law_as_of:
        show(translated("Law as of {day}.", day=day(found.law_as_of)))
