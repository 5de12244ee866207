"""The verb solve: measures given in one line, an option an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import reported
from entrepot.cli.instrument_options import given_measures
from entrepot.cli.options import (
    ClosureOption,
    FullOption,
    HorizonOption,
    IntensityOption,
    OutOption,
    TableFormat,
    TableFormatOption,
    ThetaOption,
    TolOption,
    assuming,
    each_or_one,
)
from entrepot.cli.outputs import inputs_of
from entrepot.cli.solved_study import check_all_solved, solve_and_show
from entrepot.defaults import DEFAULT_ECONOMY

if TYPE_CHECKING:
    from entrepot.cases import Case
    from entrepot.measures import Measure

#: The most parties of measures given in one line; the first screen names the rest.
PARTIES = 12

app = typer.Typer()


@app.command()
def solve(
    context: typer.Context,
    economy: Annotated[str, typer.Option(help="Bundled name or path.")] = DEFAULT_ECONOMY,
    deficit: Annotated[str | None, typer.Option(help="Short for --closure deficit=...")] = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    rd_intensity: IntensityOption = None,
    out: OutOption = None,
    format: TableFormatOption = TableFormat.table,
    full: FullOption = False,
    tol: TolOption = 1e-10,
) -> None:
    """Solve measures given in one line. Lists take commas, exemptions a minus: --tariff USA:WORLD-CAN-MEX:food:+10%.

    A cap is a share of the base volume (0.8 or 80%), or millions of US dollars (20000m). A specific duty or minimum
    price is a part of the base price, or money a unit over the base price of a unit.
    """
    from entrepot.errors import InputError

    with reported():
        measures = given_measures(context)
        if not measures:
            raise InputError("no measure given, for example --tariff USA:JPN:motor_vehicles:+25%; see --help")
        given_closure = [*([f"deficit={deficit}"] if deficit else []), *(closure or [])]
        each, own = each_or_one(theta)
        stated = assuming(_ad_hoc(measures, economy), given_closure, own, rd_intensity, horizon)
        check_all_solved(solve_and_show(stated, None, out, format, tol, full, each, inputs_of(context)))


def _ad_hoc(measures: list[Measure], economy: str) -> Case:
    """A case around measures from the command line: its parties are those the measures name."""
    from entrepot.cases import Case
    from entrepot.economy import load_economy
    from entrepot.economy.geography import resolve_countries
    from entrepot.languages import english, translated
    from entrepot.measures.measure import sectors_of
    from entrepot.studies.titles import measure_in_words
    from entrepot.words import and_list, sector_name, spoken

    named = [name for m in measures for key in ("importer", "exporter", "country") for name in getattr(m, key, ())]
    parties = [p for p in dict.fromkeys(named) if p.upper() != "WORLD"][:PARTIES]
    report: dict[str, Any] = {}
    first: Any = next((m for m in measures if hasattr(m, "importer")), None)
    if (
        first is not None
        and first.importer[0].upper() != "WORLD"
        and not {"ALL", "GOODS"} & {name.upper() for name in first.sector}
    ):
        world = load_economy(economy)
        importer = resolve_countries(first.importer[0], world.countries, first.title)[0]
        sources: list[str] = []
        taken = set(importer)
        for name in (x for m in measures for x in getattr(m, "exporter", ())):
            codes = set(resolve_countries(name, world.countries, first.title)[0])
            if not codes & taken:  # each source once, and never the importer
                sources.append(name)
                taken |= codes
        if sources:
            buyer = importer[0] if len(importer) == 1 else first.importer[0]
            goods = and_list([sector_name(name) for name in first.sector])
            title = translated(
                "Imports of {goods} into {importer}", goods=goods, importer=spoken(buyer, world.countries)
            )
            watch = {"title": title, "importer": buyer, "sectors": first.sector, "exporters": sources}
            report = {"markets": [watch]}
            sectors = sectors_of(first.sector[0], world, first.title)
            report |= {"protected": {"country": buyer, "sector": sectors[0]}} if len(sectors) == 1 else {}
    made: Any = next((m for m in measures if hasattr(m, "country") and not hasattr(m, "importer")), None)
    if made is not None and not report and made.country[0].upper() != "WORLD":
        world = load_economy(economy)
        sectors = sectors_of(made.sector, world, made.title)
        if len(sectors) == len(made.country) == 1:  # what a subsidy does to the output and the prices of its sector
            report = {"protected": {"country": made.country[0], "sector": sectors[0]}}
    known = load_economy(economy).countries
    together = translated("the {number} measures together", number=len(measures))
    title = measure_in_words(measures[0], known) if len(measures) == 1 else together
    return Case.model_validate(
        {
            "case": "measures",
            "title": english("Measures from the command line"),
            "question": "; ".join(measure_in_words(m, known) for m in measures) + ".",
            "economy": economy,
            "parties": parties or ["USA"],
            "scenarios": {"measures": {"title": title, "measures": measures}},
            "report": report,
        }
    )
