"""Options that several verbs share, and the case that they make."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import number_or_name

if TYPE_CHECKING:
    from entrepot.cases import Case


#: What is printed on standard output.
Format = StrEnum("Format", ("table", "json", "csv"))
EconomyOption = Annotated[str | None, typer.Option("--economy", help="Bundled name or path; default: the case's own.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for report.html and the tables as CSV.")]
FormatOption = Annotated[Format, typer.Option("--format", help="What to print.")]
#: How the tables of a study are printed.
TableFormat = StrEnum("TableFormat", ("table", "text", "md", "latex", "xlsx", "csv", "json"))
TableFormatOption = Annotated[
    TableFormat,
    typer.Option(
        "--format",
        help="text (or table); md, latex or xlsx: every table of the report; csv: all countries; json: everything.",
    ),
]
ClosureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--closure",
        help="KEY=VALUE, as often as needed: deficit (fixed, gdp_share, own_share, balanced, closed), horizon (long, "
        "short), labour_share, capital, labour_supply or labour ({real_wage: USA}, {real_wage_floor: USA}), recycling "
        "(lump_sum, labour_tax), labour_tax, scale, competition ({sigma: 5, entry: fixed}), numeraire. See "
        "docs/closures.md.",
    ),
]
ThetaOption = Annotated[
    str | None,
    typer.Option(
        "--theta",
        help="Trade elasticities: a number, a published set by name (see 'entrepot theta'), a CSV file, "
        "{set: NAME, sectors: {cars: C29}}; or each: the answer under every published set, side by side.",
    ),
]
IntensityOption = Annotated[
    str | None, typer.Option("--rd-intensity", help="R&D over value added of the protected industry, such as 0.05.")
]
HorizonOption = Annotated[
    str | None,
    typer.Option(
        "--horizon",
        help="long, or short: each sector keeps its capital. Short for --closure horizon=...; labour shares that the "
        "closure does not state are two thirds of value added.",
    ),
]
FullOption = Annotated[bool, typer.Option("--full", help="Print every table, note and source, not the answer alone.")]
StoreOption = Annotated[Path | None, typer.Option("--store", help="Folder of the run store; default: your own.")]
NoStoreOption = Annotated[bool, typer.Option("--no-store", help="Keep nothing in the run store.")]
TolOption = Annotated[float, typer.Option("--tol", help="Largest relative gap in any equilibrium condition.")]


def refuse_idle(*pairs: tuple[str, bool, str]) -> None:
    """Raise `InputError` for the first option that is given and has no effect beside another one.

    pairs   the option, whether both are given, and the other option as it is written
    """
    from entrepot.errors import InputError

    for option, both, other in pairs:
        if both:
            raise InputError(f"{option}: has no effect with {other}; leave one of them out")


def on_screen(format: Format | TableFormat) -> bool:
    """Return whether a format is the text that is read on the screen."""
    return format.value in ("table", "text")


def check_scenarios(case: Case, names: Iterable[str]) -> None:
    """Raise `UnknownNameError` for a name of --scenario that the case does not have."""
    from entrepot.errors import UnknownNameError

    for name in names:
        if name not in case.scenarios:
            raise UnknownNameError("scenario", name, case.scenarios, "--scenario")


def assuming(
    case: Case, closure: list[str] | None, theta: str | None, rd_intensity: str | None, horizon: str | None = None
) -> Case:
    """Return the case with the closure, elasticities and R&D intensity of the command line in place of its own."""
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
            raise InputError("--horizon: given beside --closure horizon; state one")
        given["horizon"] = horizon
        if horizon == "short" and case.closure.labour_share is None and "labour_share" not in given:
            given["labour_share"] = DEFAULT_LABOUR_SHARE
    try:
        stated = {field.name: getattr(case.closure, field.name) for field in fields(case.closure)}
        other = read_closure({**stated, **given}) if given else None
    except CaseError as error:
        raise InputError(f"--{error.place.replace('.', ' ')}: {error}") from None
    return case.assuming(closure=other, theta=stated_theta(theta), rd_intensity=rd_intensity)


def stated_by_name(option: str, texts: Iterable[str] | None, shape: str, such: str) -> dict[str, str]:
    """Return the texts of an option that is given as NAME=TEXT, as often as needed, by name.

    Raises `InputError` with the shape (NAME=NUMBER) and an example, and for a name that is given twice.
    """
    from entrepot.errors import InputError

    found: dict[str, str] = {}
    for text in texts or ():
        name, _, stated = (part.strip() for part in text.partition("="))
        if not name or not stated:
            raise InputError(f"{option} {text!r}: {shape} is needed, such as {such}")
        if name in found:
            raise InputError(f"{option} {name}: given twice")
        found[name] = stated
    return found


def stated_theta(text: str | None) -> Any:
    """Return the elasticities of the command line: a number, a name, a path, or a mapping in braces."""
    from entrepot.documents import plain, read_yaml

    if text is not None and text.lstrip().startswith("{"):
        return plain(read_yaml(text, f"--theta {text}"))
    return number_or_name(text)


def each_or_one(text: str | None) -> tuple[Any, str | None]:
    """Return what `--theta` says: that each set is wanted (else None), and the elasticities of one set (else None)."""
    from entrepot.economy.theta import each_set

    theta = stated_theta(text)
    return (theta, None) if each_set(theta)[0] else (None, text)
