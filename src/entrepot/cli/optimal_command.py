"""The verb optimal: the tariffs, or tariffs, export taxes and subsidies, that are best for one party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import print_csv, print_data, print_json, progress, reported, show
from entrepot.cli.options import (
    ClosureOption,
    Format,
    FormatOption,
    HorizonOption,
    ThetaOption,
    assuming,
    check_scenarios,
)
from entrepot.defaults import DEFAULT_ECONOMY

if TYPE_CHECKING:
    from entrepot.bargaining.optimal import Optimum
    from entrepot.bargaining.optimal_over_sets import OfSet
    from entrepot.cases import Case
    from entrepot.economy import Economy
    from entrepot.equilibrium import Closure
    from entrepot.measures import Measure

app = typer.Typer()

#: The most rates that are printed; --format csv has all.
ROWS = 40


@dataclass(frozen=True)
class _Stated:
    """A question and its Economy."""

    case: Case
    economy: Economy


#: What has a rate of its own.
RateOf = StrEnum("RateOf", ("uniform", "sector", "partner", "both"))
#: The instruments whose rates are chosen.
Chosen = StrEnum("Chosen", ("tariff", "export_tax", "production_subsidy"))


@app.command()
def optimal(
    party: Annotated[str, typer.Argument(help="A country or group, which acts as one.")],
    case: Annotated[
        str | None,
        typer.Option("--case", help="A bundled case or a YAML file: its Economy, elasticities and objective."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="With --case: measures of this scenario stay in force.")
    ] = None,
    economy: Annotated[str | None, typer.Option("--economy", help="Bundled name or path.")] = None,
    over: Annotated[
        RateOf, typer.Option("--over", help="One rate, or one by sector, partner, or both.")
    ] = RateOf.uniform,
    instruments: Annotated[
        list[Chosen] | None, typer.Option("--instrument", help="Repeat for several; default: tariff.")
    ] = None,
    sectors: Annotated[list[str] | None, typer.Option("--sector", help="Goods; repeat. Default: all.")] = None,
    partners: Annotated[list[str] | None, typer.Option("--partner", help="Repeat. Default: all.")] = None,
    exempt: Annotated[list[str] | None, typer.Option("--exempt", help="Partners to leave out; repeat.")] = None,
    at_least: Annotated[
        str | None, typer.Option("--at-least", help="A rate: 0%, or -50% for other instruments.")
    ] = None,
    at_most: Annotated[str | None, typer.Option("--at-most", help="A rate, such as a bound rate: 25%.")] = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Find the rates that serve a party best while the others keep theirs; by default trade is balanced.

    With fixed deficits a tariff could raise the real value of a transfer without end.

    --theta each finds the rates under every published set of trade elasticities.
    """
    from entrepot.cases.objective import objective_of
    from entrepot.cli.options import each_or_one
    from entrepot.errors import InputError

    with reported():
        if scenario is not None and case is None:
            raise InputError("--scenario: it is a scenario of a case; give --case")
        each, own = each_or_one(theta)
        question = _case(party, case, economy, closure, own, horizon)
        world, measures = _world(question, scenario)
        kinds = tuple(dict.fromkeys(one.value for one in instruments or [Chosen.tariff]))
        options: dict[str, Any] = {
            "over": over.value,
            "sectors": tuple(sectors or ("ALL",)),
            "partners": tuple(partners or ("WORLD",)),
            "exempt": tuple(exempt or ()),
            "objective": objective_of(party, question.objectives, world),
            "measures": measures,
            "closure": question.closure if closure or horizon else None,
            **_bounds(at_least, at_most),
        }
        if each is not None:
            if not _under_sets(question, party, kinds, options, format, each):
                raise typer.Exit(130)
            return
        with progress("equilibria") as tell:
            found = _solved(world, party, kinds, options | {"progress": tell})
        if not print_data(format, found.to_dict, lambda: found.rates, allow_nan=False):
            _show(found, world, sectors or (), partners or (), exempt or ())
            show(_sure(question, found, kinds, options))
            named = (party, *(partners or ()), *(exempt or ()))
            show(_basis(question, named, world, options["closure"]), style="dim")
        if not found.converged:
            raise typer.Exit(130)


def _case(
    party: str, case: str | None, economy: str | None, closure: list[str] | None, theta: str | None, horizon: str | None
) -> Case:
    """Return the case of the question: a given one, or one without measures."""
    from entrepot.cases import Case, load_case

    nothing = {"tariff": {"importer": "WORLD", "sector": "ALL", "rate": "0%", "change": "add"}}
    question = (
        load_case(case)
        if case is not None
        else Case.model_validate(
            {
                "case": "optimal",
                "title": "Optimal rates",
                "question": "Which rates are best?",
                "economy": economy or DEFAULT_ECONOMY,
                "parties": [party],
                "scenarios": {"nothing": {"title": "nothing else", "measures": [nothing]}},
            }
        )
    )
    if case is not None and economy is not None:
        question = question.model_copy(update={"economy": economy})
    return assuming(question, closure, theta, None, horizon)


def _world(question: Case, scenario: str | None) -> tuple[Economy, list[Measure]]:
    """Return the Economy under the case's base, and the measures of a scenario."""
    from entrepot.cases.base_economy import under_base, with_theta
    from entrepot.economy import load_economy

    world = under_base(question, with_theta(question, load_economy(question.economy)))
    if scenario is None:
        return world, []
    check_scenarios(question, [scenario])
    return world, list(question.scenarios[scenario].build(scenario))


def _bounds(at_least: str | None, at_most: str | None) -> dict[str, Any]:
    """Return the bounds that are given, as they are stated: 1,706% is one, and a bare 17.06 is not."""
    from entrepot.measures.fields import read_rate

    given = {"at_least": at_least, "at_most": at_most}
    bounds = {name: text for name, text in given.items() if text is not None}
    for name, text in bounds.items():
        read_rate(f"--{name.replace('_', '-')}", text)
    return bounds


def _solved(world: Economy, party: str, kinds: tuple[Any, ...], options: dict[str, Any]) -> Optimum:
    from entrepot.bargaining import optimal_policy, optimal_tariff

    if kinds == ("tariff",):
        return optimal_tariff(world, party, **options)
    return optimal_policy(world, party, instruments=kinds, **options)


def _of_set(question: Case, sectors: Any = None) -> OfSet:
    """Return how the question's Economy is built with a published set of elasticities."""
    from entrepot.cases.base_economy import under_base
    from entrepot.data.published_sets import with_sectors
    from entrepot.economy import load_economy

    world = load_economy(question.economy)
    return lambda name: under_base(question, world.with_theta(with_sectors(name, sectors)))


def _under_sets(
    question: Case, party: str, kinds: tuple[Any, ...], options: dict[str, Any], format: Format, each: Any
) -> bool:
    """Print the best rates under each published set of trade elasticities; return whether all were found."""
    import pandas as pd

    from entrepot.bargaining.optimal_over_sets import under_sets
    from entrepot.economy.theta import each_set
    from entrepot.errors import EntrepotError
    from entrepot.languages import translated
    from entrepot.report.terminal_columns import FittedColumns
    from entrepot.words import dollars

    with progress("equilibria") as tell:
        of_set = _of_set(question, each_set(each)[1])
        found = under_sets(of_set, lambda world: _solved(world, party, kinds, options), tell)
    solved = {name: one.to_dict() for name, one in found.items() if not isinstance(one, EntrepotError)}
    failed = {name: str(one) for name, one in found.items() if isinstance(one, EntrepotError)}
    complete = all(one["converged"] for one in solved.values())
    if format is Format.json:
        rows = [{"elasticity_set": name, **one} for name, one in solved.items()]
        print_json({"sets": rows, "failed": failed})
        return complete
    if format is Format.csv:
        tables = [pd.DataFrame(one["rates"]).assign(elasticity_set=name) for name, one in solved.items()]
        table = pd.concat(tables, ignore_index=True)
        print_csv(table[["elasticity_set", *table.columns.drop("elasticity_set")]])
        for name, why in failed.items():
            typer.echo(f"{name}: {why}", err=True)
        return complete
    lines = []
    for name, one in solved.items():
        for kind in kinds:
            rates = [row["rate"] for row in one["rates"] if row["instrument"] == kind]
            ends = dict.fromkeys(f"{100 * end:.2f}%" for end in (min(rates), max(rates)))
            worth = f"{'-' if one['worth'] < 0 else ''}{dollars(one['worth'])}"
            stopped = "" if one["converged"] else " (stopped)"
            lines.append([name + stopped, kind.replace("_", " "), " to ".join(ends), worth])
    show(translated("Best rates of {party} under each published set of trade elasticities", party=party), style="bold")
    show(FittedColumns(["elasticities", "instrument", "rate", "worth a year"], lines, text=2))
    for kind in kinds:
        least = min(row["rate"] for one in solved.values() for row in one["rates"] if row["instrument"] == kind)
        if least < 0:
            show(_below_zero(kind, least))
    for name, why in failed.items():
        show(f"{name}: {why}")
    return complete


def _below_zero(kind: str, rate: float) -> str:
    """Return what a rate below zero is."""
    from entrepot.languages import localised, translated

    size = localised(f"{-100 * rate:.1f}%")
    if kind == "export_tax":
        return translated(
            "An export tax below zero is an export subsidy: of up to {rate} of the price here.", rate=size
        )
    if kind == "tariff":
        return translated("A tariff below zero is an import subsidy: of up to {rate} of the price here.", rate=size)
    return translated(
        "A production subsidy below zero is a tax on output: of up to {rate} of the price here.", rate=size
    )


def _sure(question: Case, found: Optimum, kinds: tuple[Any, ...], options: dict[str, Any]) -> str:
    """Return what a rate below zero is, and whether the sign of a single rate depends on the trade elasticities."""
    from entrepot.bargaining.optimal_over_sets import signs_over_sets
    from entrepot.languages import translated
    from entrepot.words import few, joined_sentences

    rates = found.to_dict()["rates"]
    lowest = {kind: min(row["rate"] for row in rates if row["instrument"] == kind) for kind in kinds}
    lines = [_below_zero(kind, rate) for kind, rate in lowest.items() if rate < 0]
    signs: dict[str, int] = {}
    if len(rates) == 1 and question.base is None and found.converged:
        chosen = ("sectors", "partners", "exempt", "objective", "measures", "closure")
        signs = signs_over_sets(_of_set(question), found.party, kinds[0], {key: options[key] for key in chosen})
    if not any(signs.values()):
        text = "One set of trade elasticities was tried: rates depend on it, and their signs may (--theta each)."
        return joined_sentences([*lines, translated(text)])
    above, below = ([name for name, sign in signs.items() if (sign > 0) is up] for up in (True, False))
    if above and below:
        text = (
            "The sign depends on the trade elasticities: a small rate above zero pays under {above} published sets, "
            "one below zero under {below} ({names}). The rates: --theta each."
        )
        fewer = min(above, below, key=len)
        if fewer is above:
            text = (
                "The sign depends on the trade elasticities: a small rate above zero pays under {above} published "
                "sets ({names}), one below zero under {below}. The rates: --theta each."
            )
        lines.append(translated(text, above=len(above), below=len(below), names=few(fewer)))
    else:
        text = "A small rate above zero pays under all {number} published sets of trade elasticities (--theta each)."
        other = "A small rate below zero pays under all {number} published sets of trade elasticities (--theta each)."
        lines.append(translated(text if above else other, number=len(signs)))
    return joined_sentences(lines)


def _show(
    found: Optimum, world: Economy, sectors: Sequence[str], partners: Sequence[str], exempt: Sequence[str]
) -> None:
    from entrepot.report.terminal_columns import FittedColumns
    from entrepot.words import and_list, dollars, sector_name, short, spoken

    show(repr(found).splitlines()[0], style="bold")
    everything = ", ".join(map(sector_name, sectors)) if sectors and "ALL" not in sectors else "all sectors"
    named = ", ".join(short(one, world.countries) for one in partners if one != "WORLD")
    everyone = named or "all partners"
    if exempt:
        everyone += " but " + and_list([spoken(one, world.countries) for one in exempt])
    table = found.to_dict()["rates"]
    rows = []
    for row in table[:ROWS]:
        where = everyone if row["partner"] == "WORLD" else short(row["partner"], world.countries)
        goods = everything if row["sector"] == "ALL" else sector_name(row["sector"])
        bound = "at its bound" if row["at_bound"] else ""
        rows.append([row["instrument"].replace("_", " "), goods, where, f"{100 * row['rate']:.2f}%", bound])
    show(FittedColumns(["instrument", "goods", "partner", "rate", ""], rows, text=3))
    if len(table) > ROWS:
        show(f"... and {len(table) - ROWS} more rates: --format csv has all {len(table)}.")
    gains = found.outcome.countries["equivalent_variation"].sort_values()
    ends = [*gains[gains < 0].head(3).items(), *gains[gains > 0].tail(3)[::-1].items()]
    words = [f"{short(str(code), world.countries)} {'-' if value < 0 else '+'}{dollars(value)}" for code, value in ends]
    too = f" (together with {_titles(found)})" if found.stays else ""
    show(f"The largest changes of real income a year{too}: {'; '.join(words)}.")


def _titles(found: Optimum) -> str:
    """Return the measures that stay in force, by title."""
    from entrepot.words import few

    return few(list(dict.fromkeys(measure.title for measure in found.stays)))


def _basis(question: Case, named: tuple[str, ...], world: Economy, closure: Closure | None) -> str:
    """Return what the rates stand on: that nobody answers, base, elasticities and closure, and notes on groups."""
    from entrepot.bargaining.optimal import BALANCED
    from entrepot.economy.geography import outdated
    from entrepot.languages import translated
    from entrepot.languages.translated_errors import translated_error
    from entrepot.studies.headline import basis_clauses
    from entrepot.words import ended, joined_sentences

    answered = translated("Nobody answers: the others keep their tariffs.")
    stated = question.model_copy(update={"closure": closure or BALANCED})
    notes = [translated_error(ended(note)) for note in outdated(named, None, world.year)]
    return joined_sentences([f"{answered} {basis_clauses(_Stated(stated, world))}.", *notes])
