"""The verb fear: what a measure costs while it has not come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import print_data, progress, reported, show
from entrepot.cli.instrument_options import given_measures
from entrepot.cli.options import Format, FormatOption, check_scenarios
from entrepot.defaults import DEFAULT_ECONOMY

if TYPE_CHECKING:
    from entrepot.measures import Measure
    from entrepot.paths import Fear

app = typer.Typer()

ROWS = 6
#: The most years without a unit: a larger number is mostly meant in days.
MOST = 25


@app.command()
def fear(
    context: typer.Context,
    case: Annotated[str | None, typer.Argument(help="A case whose threat it is, in place of measures.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Of the case; default: its threat.")] = None,
    probability: Annotated[
        list[str] | None, typer.Option(help="That it comes: 0.3 or 30%. Repeat for a table.")
    ] = None,
    years: Annotated[list[str] | None, typer.Option(help="Until the day: 0.5, 6m or 180d. Repeat for a table.")] = None,
    economy: Annotated[str | None, typer.Option(help="Bundled name or path, for measures.")] = None,
    timing: Annotated[
        str, typer.Option(help="deadline: on the day or never; any_day: at a constant hazard.")
    ] = "deadline",
    sunk_share: Annotated[str, typer.Option(help="Part of the cost of serving the market that is sunk.")] = "100%",
    exit: Annotated[str, typer.Option(help="Part of the exporters who leave the market a year.")] = "10%",
    interest: Annotated[str, typer.Option(help="A year, at which firms discount.")] = "5%",
    sigma: Annotated[str | None, typer.Option(help="Elasticity among varieties; default: 1 + theta / 2.")] = None,
    exporters: Annotated[str, typer.Option(help="leaving, or settled: all gone who are not replaced.")] = "leaving",
    format: FormatOption = Format.table,
) -> None:
    """What a threat costs while nothing is done: firms that do not enter, the trade they do not bring, who loses."""
    from entrepot.measures.fields import read_number

    with reported():
        measures = given_measures(context)
        likely = [read_number("--probability", text) for text in probability or ()]
        left = [_years(text) for text in years or ()]
        _check(case, measures, scenario, economy, likely, left)
        stated = {"sunk_share": sunk_share, "exit": exit, "interest": interest, "sigma": sigma}
        options: dict[str, Any] = {"timing": timing, "exporters": exporters}
        options |= {
            key: None if text is None else read_number(f"--{key.replace('_', '-')}", text)
            for key, text in stated.items()
        }
        with progress("threats") as tell:
            if case is not None:
                from entrepot.cases import load_case
                from entrepot.studies.feared_case import fear_of_case

                read = load_case(case)
                check_scenarios(read, () if scenario is None else [scenario])
                found = fear_of_case(read, scenario, likely, left, progress=tell, **options)
            else:
                from entrepot import paths
                from entrepot.economy import load_economy

                base = load_economy(economy or DEFAULT_ECONOMY)
                found = paths.fear(base, measures, probability=likely, years=left, progress=tell, **options)
        if not print_data(format, lambda: _document(found), lambda: found.countries.reset_index()):
            _screen(found)


def _check(
    case: str | None,
    measures: list[Measure],
    scenario: str | None,
    economy: str | None,
    likely: list[float],
    left: list[float],
) -> None:
    from entrepot.errors import InputError

    if case is not None:
        if measures or economy:
            raise InputError("a case has its own measures and economy; name the case, or state measures")
        return
    if scenario is not None:
        raise InputError("--scenario is one of a case; name the case")
    if not measures:
        raise InputError("no measure given, for example --tariff USA:JPN:motor_vehicles:+25%; see --help")
    if not likely or not left:
        raise InputError("--probability and --years are needed, for example --probability 30% --years 180d")


def _document(found: Fear) -> dict[str, Any]:
    from entrepot.documents import records
    from entrepot.studies import fear_sentences

    tables = {"threats": found.table, "countries": found.countries, "depends_on": found.depends_on}
    rows = {name: records(table.reset_index()) for name, table in tables.items()}
    return {"answer": fear_sentences.answer(found), "notes": fear_sentences.notes(found), **rows}


def _screen(found: Fear) -> None:
    from entrepot.languages import translated
    from entrepot.report.terminal_columns import FittedColumns
    from entrepot.studies import fear_sentences
    from entrepot.words import joined_sentences, percent, short, signed_number, signed_percent

    show(joined_sentences(fear_sentences.answer(found)))
    if not found.flows.size:
        return
    entry, sales = translated("entry"), translated("sales at given prices")
    head = [translated("chance"), translated("within"), entry, translated("exporters"), sales, translated("trade")]
    head.append(translated("real price"))
    keys = ("entry_pct", "exporters_pct", "sales_pct", "imports_pct", "price_pct")
    rows = [
        [percent(p), fear_sentences.spell(y), *(signed_percent(row[key]) for key in keys)]
        for (p, y), row in found.table.iterrows()
    ]
    show("")
    show(FittedColumns(head, rows, text=2))
    first = found.entries[found.first]
    of: Any = found.countries.loc[(first.probability, first.years)]
    fear_of, until, itself = (
        fear_sentences.by_party(found, change)
        for change in (
            of["equivalent_variation"],
            of["until_the_day"],
            found.measure.countries["equivalent_variation"],
        )
    )
    acting = [code for code in fear_of.index if code not in of.index]  # groups, which a measure names

    def size(code: str) -> tuple[float, float]:  # where fear is nothing, by the measure
        return -round(abs(fear_of[code]), 6), -abs(itself[code])

    others = sorted(fear_of.drop(acting).index, key=size)[: ROWS - len(acting)]
    most = sorted([*acting, *others], key=size)
    amounts = [translated("US$ million"), translated("a year of fear"), translated("a year of the measure")]
    columns = [fear_of, itself]
    if found.exporters == "leaving":  # a threat that has settled has stood for longer than until the day
        amounts.insert(2, translated("until the day"))
        columns.insert(1, until)
    rows = [
        [short(code, found.economy.countries), *(signed_number(column[code]) for column in columns)] for code in most
    ]
    show("")
    show(FittedColumns(amounts, rows))
    show("")
    rows = [[name, signed_percent(a), signed_percent(b)] for name, a, b in fear_sentences.depends_on(found)]
    show(FittedColumns([translated("what it depends on"), entry, sales], rows))
    show("")
    show(fear_sentences.basis(found), style="dim")


def _years(text: str) -> float:
    from entrepot.dates import DAYS_A_YEAR
    from entrepot.errors import InputError
    from entrepot.measures.fields import read_number

    found = re.fullmatch(r"([\d.,]+)\s*([dmy]?)", text.strip())
    if not found:
        raise InputError(f"--years {text!r}: a number of years is needed, or of days or months as in 180d or 6m")
    number, unit = read_number("--years", found[1]), found[2]
    if not unit and number > MOST:
        raise InputError(f"--years {text}: that is {number:g} years; write {number:g}d for days, {number:g}y for years")
    return number / {"d": DAYS_A_YEAR, "m": 12.0}.get(unit, 1.0)
