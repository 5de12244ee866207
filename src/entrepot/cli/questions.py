"""Verbs that ask a question: run, solve, cases, case check and case new."""

from __future__ import annotations

import inspect
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.common import command_line, console, number_or_name, progress, reported, show

if TYPE_CHECKING:
    from entrepot.cases import Case
    from entrepot.measures import Measure
    from entrepot.report import Study

app = typer.Typer()
case_app = typer.Typer(no_args_is_help=True, help="Write and check case files.")


class Format(StrEnum):
    """What goes to standard output."""

    table = "table"
    json = "json"
    csv = "csv"


EconomyOption = Annotated[str | None, typer.Option("--economy", help="Bundled name or path; default: the case's own.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for report.html and the tables as CSV.")]
FormatOption = Annotated[Format, typer.Option("--format", help="What to print.")]
ClosureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--closure",
        help="KEY=VALUE, as often as needed: deficit (fixed, gdp_share, own_share, balanced, closed), horizon (long, "
        "short), labour_share, labour_supply or labour ({real_wage: USA}, {real_wage_floor: USA}), recycling "
        "(lump_sum, labour_tax), labour_tax, scale, competition ({sigma: 5, entry: fixed}), numeraire. See "
        "docs/closures.md.",
    ),
]
HorizonOption = Annotated[
    str | None,
    typer.Option(
        "--horizon",
        help="long, or short: each sector keeps its capital. Short for --closure horizon=...; without a labour_share, "
        "two thirds of value added is labour's.",
    ),
]
ThetaOption = Annotated[
    str | None, typer.Option("--theta", help="Trade elasticities: a number, a published set by name, or a CSV file.")
]
IntensityOption = Annotated[
    str | None, typer.Option("--rd-intensity", help="R&D over value added of the protected industry, such as 0.05.")
]
StoreOption = Annotated[Path | None, typer.Option("--store", help="Folder of the run store; default: your own.")]
NoStoreOption = Annotated[bool, typer.Option("--no-store", help="Keep nothing in the run store.")]
FullOption = Annotated[bool, typer.Option("--full", help="Print every table, note and source.")]
TolOption = Annotated[float, typer.Option("--tol", help="Largest relative gap in any equilibrium condition.")]


@app.command()
def run(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    economy: EconomyOption = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    rd_intensity: IntensityOption = None,
    out: OutOption = None,
    format: FormatOption = Format.table,
    full: FullOption = False,
    tol: TolOption = 1e-10,
    store: StoreOption = None,
    no_store: NoStoreOption = False,
) -> None:
    """Solve every scenario of a case and print who gains, who loses and who holds the rent."""
    from entrepot.cases import load_case

    with reported():
        asked = assuming(load_case(case), closure, theta, rd_intensity, horizon)
        study = _study(asked, economy, out, format, full, tol)
        if not no_store and study.outcomes:
            from entrepot.report.keep import keep_study

            sys.stdout.flush()
            keep_study(study, store, command_line())
        _all_solved(study)


#: Where the context of `solve` keeps what its options for instruments were given: pairs of option and text.
MEASURES = "entrepot.measures"


def instrument_options() -> list[Any]:
    """An option of `solve` for every instrument in the registry."""
    from entrepot.measures import instruments

    def keep(context: typer.Context, option: typer.CallbackParam, texts: list[str] | None) -> None:
        context.meta.setdefault(MEASURES, []).extend((option.opts[0], text) for text in texts or ())

    def solve(**measures: list[str]) -> None: ...

    options = {
        entry.flag.replace("-", "_"): typer.Option(
            f"--{entry.flag}", help=f"{entry.shape}, {entry.help}.", callback=keep, expose_value=False
        )
        for entry in instruments().values()
    }
    hints = {name: Annotated[list[str] | None, option] for name, option in options.items()}
    solve.__annotations__ = hints
    solve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=h) for n, h in hints.items()]
    )
    alone = typer.Typer(add_completion=False)
    alone.command()(solve)
    return list(typer.main.get_command(alone).params)


@app.command()
def solve(
    context: typer.Context,
    economy: Annotated[str, typer.Option(help="Bundled name or path.")] = "world2014",
    deficit: Annotated[str | None, typer.Option(help="Short for --closure deficit=...")] = None,
    closure: ClosureOption = None,
    horizon: HorizonOption = None,
    theta: ThetaOption = None,
    rd_intensity: IntensityOption = None,
    out: OutOption = None,
    format: FormatOption = Format.table,
    full: FullOption = False,
    tol: TolOption = 1e-10,
) -> None:
    """Solve measures given in one line. Lists take commas, exemptions a minus: --tariff USA:WORLD-CAN-MEX:food:+10%.

    A cap is a share of the base volume (0.8 or 80%), or millions of US dollars (20000m). A specific duty or minimum
    price is a part of the base price, or money a unit over the base price of a unit.
    """
    from entrepot.errors import InputError
    from entrepot.measures import instruments

    with reported():
        by_option = {f"--{entry.flag}": entry for entry in instruments().values()}
        measures = [by_option[option].of_line(text) for option, text in context.meta.get(MEASURES, [])]
        if not measures:
            raise InputError("no measure given, for example --tariff USA:JPN:motor_vehicles:+25%; see --help")
        given_closure = [*([f"deficit={deficit}"] if deficit else []), *(closure or [])]
        asked = assuming(_ad_hoc(measures, economy), given_closure, theta, rd_intensity, horizon)
        _all_solved(_study(asked, None, out, format, full, tol))


@app.command()
def cases() -> None:
    """List the bundled cases."""
    from rich.padding import Padding
    from rich.text import Text

    from entrepot.cases import bundled_cases, load_case

    with reported():
        for name in bundled_cases():
            case = load_case(name)
            show(f"{name}: {case.title}", style="bold")
            for scenario, spec in case.scenarios.items():
                show(Padding(Text(f"{scenario}: {spec.title}"), (0, 0, 0, 4)))


@case_app.command("check")
def case_check(
    file: Annotated[str, typer.Argument(help="A YAML file or a bundled case.")], economy: EconomyOption = None
) -> None:
    """Read a case, put its measures on its economy, and say what is wrong, with line and key; solves nothing but the
    'base:' that a case may have.
    """
    from entrepot.cases import check_case, load_case
    from entrepot.economy import load_economy

    with reported():
        case = load_case(file)
        for note in check_case(case, load_economy(economy or case.economy)):
            show(f"Note: {note}", style="dim")
        scenarios = case.scenarios.values()
        measures = sum(len(s.measures) for s in scenarios)
        on = f" measured from {case.base.name!r}" if case.base is not None else ""
        show(f"{file}: {len(scenarios)} scenarios{on}, {measures} measures; no fault found.")


@case_app.command("new")
def case_new(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a small case to start from."""
    from entrepot.cases.template import TEMPLATE
    from entrepot.documents import write_text
    from entrepot.errors import InputError

    with reported():
        if file.exists() and not force:
            raise InputError(f"{file} is there already; --force overwrites it")
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in file.stem.lower()).strip("-") or "my-case"
        write_text(file, TEMPLATE.format(name=name))
        show(f"Wrote {file}. Next: entrepot case check {shlex.quote(str(file))}; entrepot run {shlex.quote(str(file))}")


# ---- from the command line to a study ----


def _study(case: Case, economy: str | None, out: Path | None, format: Format, full: bool, tol: float) -> Study:
    from entrepot.errors import InputError
    from entrepot.report import run as run_case

    if out is not None and not out.name:
        raise InputError("--out: the name of a folder is needed")
    with progress() as tell:
        study = run_case(case, economy, tol=tol, progress=tell)
        if out is not None:
            tell("writing the report", len(case.scenarios), len(case.scenarios))
            written = study.to_folder(out, command=command_line())
    _show(study, format, full)
    if out is not None:
        beside = f" and {len(written) - 1} tables beside it" if len(written) > 1 else ""
        console(error=True).print(f"Wrote {out / 'report.html'}{beside}.", soft_wrap=True)
    return study


def _all_solved(study: Study) -> None:
    from entrepot.errors import ConvergenceError

    if study.failures:
        raise ConvergenceError(f"No answer for {', '.join(study.failures)}: see above.")


def _show(study: Study, format: Format, full: bool) -> None:
    if format is Format.json:
        sys.stdout.write(study.to_json() + "\n")
    elif format is Format.csv:
        from entrepot.report import tables

        sys.stdout.write(tables.countries(study).to_csv(index=False))
        for name, error in study.failures.items():
            console(error=True).print(f"{name}: {error}", style="red")
    else:
        from entrepot.report.terminal import render, render_first

        show(render(study, command_line()) if full else render_first(study))


def assuming(
    case: Case, closure: list[str] | None, theta: str | None, rd_intensity: str | None, horizon: str | None = None
) -> Case:
    """The case with what the command line says of closure, elasticities and R&D in place of its own."""
    from dataclasses import fields

    from entrepot.cases.case_section import CaseError
    from entrepot.cases.read_measure import read_closure
    from entrepot.documents import plain, read_yaml
    from entrepot.equilibrium.closure import DEFAULT_LABOUR_SHARE
    from entrepot.errors import InputError

    given: dict[str, Any] = {}
    for text in closure or ():
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise InputError(f"--closure {text!r}: KEY=VALUE is needed, such as horizon=short")
        if key in given:
            raise InputError(
                f"--closure {key}: given twice; a mapping states several, as in {key}={{USA: 0.5, JPN: 0.3}}"
            )
        given[key] = plain(read_yaml(value, f"--closure {text}"))
    if horizon is not None:
        if "horizon" in given:
            raise InputError("--horizon: --closure states one already")
        given["horizon"] = horizon
    if horizon == "short" and case.closure.labour_share is None:
        given.setdefault("labour_share", DEFAULT_LABOUR_SHARE)
    try:
        stated = {field.name: getattr(case.closure, field.name) for field in fields(case.closure)}
        other = read_closure({**stated, **given}) if given else None
    except CaseError as error:
        raise InputError(f"--{error.place.replace('.', ' ')}: {error}") from None
    return case.assuming(closure=other, theta=number_or_name(theta), rd_intensity=rd_intensity)


def _ad_hoc(measures: list[Measure], economy: str) -> Case:
    """A case around measures from the command line: its parties are those the measures name."""
    from entrepot.cases import Case
    from entrepot.economy import load_economy
    from entrepot.economy.geography import resolve_countries

    named = [name for m in measures for key in ("importer", "exporter", "country") for name in getattr(m, key, ())]
    parties = [p for p in dict.fromkeys(named) if p.upper() != "WORLD"][:4]
    report: dict[str, Any] = {}
    first: Any = next((m for m in measures if hasattr(m, "importer")), None)
    if first is not None and first.importer[0].upper() != "WORLD" and "ALL" not in first.sector:
        world = load_economy(economy)
        importer = resolve_countries(first.importer[0], world.countries, first.title)[0]
        sources: list[str] = []
        taken = set(importer)
        for name in (x for m in measures for x in getattr(m, "exporter", ())):
            codes = set(resolve_countries(name, world.countries, first.title)[0])
            if not codes & taken:  # each source once, and never the importer
                sources.append(name)
                taken |= codes
        if len(importer) == 1 and sources:
            title = f"Imports of {', '.join(first.sector)} into {importer[0]}"
            watch = {"title": title, "importer": importer[0], "sectors": first.sector, "exporters": sources}
            report = {"markets": [watch], "protected": {"country": importer[0], "sector": first.sector[0]}}
    return Case.model_validate(
        {
            "case": "measures",
            "title": "Measures from the command line",
            "question": "; ".join(m.title for m in measures) + ".",
            "economy": economy,
            "parties": parties or ["USA"],
            "scenarios": {"measures": {"title": "all of them together", "measures": measures}},
            "report": report,
        }
    )
