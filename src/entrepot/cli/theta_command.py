"""The verb theta: published sets of trade elasticities."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import print_csv, print_json, reported, show
from entrepot.cli.options import Format, FormatOption

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()


@app.command()
def theta(
    name: Annotated[str | None, typer.Argument(help="One set, with its source and its values.")] = None,
    economy: Annotated[
        str | None, typer.Option("--economy", help="Bundled name or path: the values by its sectors, side by side.")
    ] = None,
    sectors: Annotated[
        str | None,
        typer.Option("--sectors", help="What sectors with names of your own cover: {cars: C29, farms: A01 A02}."),
    ] = None,
    format: FormatOption = Format.table,
) -> None:
    """List the published sets of trade elasticities that --theta takes by name, or compare their values by sector."""
    from entrepot.data.elasticities import elasticities_by_set
    from entrepot.data.published_sets import elasticity_sets, set_named
    from entrepot.documents import plain, read_yaml
    from entrepot.errors import InputError, UnknownNameError

    with reported():
        chosen = None if name is None else set_named(name)
        if name is not None and chosen is None:
            raise UnknownNameError("set of elasticities", name, elasticity_sets())
        if sectors is not None and economy is None:
            raise InputError("--sectors: what sectors cover is needed with --economy alone")
        if economy is not None:
            stated = None if sectors is None else plain(read_yaml(sectors, f"--sectors {sectors}"))
            found = elasticities_by_set(economy, sectors=stated)
            _print_values(found if chosen is None else _columns(found, chosen.name), format)
        elif chosen is not None:
            _print_one(chosen, format)
        else:
            _print_sets(format)


def _columns(found: pd.DataFrame, name: str) -> pd.DataFrame:
    from entrepot.errors import InputError

    if name not in found:
        raise InputError(found.attrs["left_out"].get(name, f"{name}: the package ships no numbers of this set"))
    return found[["economy", name]]


def _facts(found: Any) -> dict[str, Any]:
    low, high = found.bounds
    numbers: dict[str, Any] = {"sectors": len(found.values), "low": low, "high": high, "mean": found.mean}
    if not found.has_numbers:
        numbers = dict.fromkeys(numbers)
    texts = {
        "citation": found.citation,
        "table": found.table,
        "definition": found.definition,
        "horizon": found.horizon,
        "verified": found.verified,
    }
    facts = {"set": found.name, "paper": found.title, "estimate": found.estimate, **numbers}
    return {**facts, "nontraded": found.nontraded, "not_estimated": list(found.assumed), **texts}


def _print_sets(format: Format) -> None:
    import pandas as pd

    from entrepot.data.published_sets import elasticity_sets
    from entrepot.report.terminal_columns import FittedColumns

    facts = [_facts(found) for found in elasticity_sets().values()]
    if format is Format.json:
        print_json(facts)
    elif format is Format.csv:
        from entrepot.words import in_one_cell

        table = pd.DataFrame(facts).assign(not_estimated=[in_one_cell(f["not_estimated"]) for f in facts])
        print_csv(table)
    else:
        rows = []
        for f in facts:
            span = "none" if f["low"] is None else f"{f['low']:.3g}-{f['high']:.3g}"
            span = f"{f['low']:.3g}" if f["low"] is not None and f["low"] == f["high"] else span
            mean = "" if f["mean"] is None else f"{f['mean']:.2f}"
            number = "all" if f["sectors"] == 0 else "" if f["sectors"] is None else str(f["sectors"])
            rows.append([f["set"], f["paper"], f["estimate"], number, span, mean])
        show(FittedColumns(["set", "paper", "estimate of", "sectors", "theta", "mean"], rows, text=3))
        show("Mean: simple, over the sectors of the set; services are not among them where the set has none.", "dim")
        show("None: not a theta of this model, or to be downloaded; 'entrepot theta SET' says which.", "dim")
        show("More: entrepot theta SET; entrepot theta --economy world2022 (by sector).", "dim")


def _print_one(found: Any, format: Format) -> None:
    facts = {**_facts(found), "values": dict(found.values)}
    if format is Format.json:
        print_json(facts)
        return
    if format is Format.csv:
        rows = [f"{sector},{value}" for sector, value in found.values.items()] or [f"ALL,{found.uniform}"]
        sys.stdout.write("\n".join(["sector,theta", *(rows if found.has_numbers else [])]) + "\n")
        return
    show(f"{found.name}: {found.title}", style="bold")
    for label in ("citation", "table", "definition", "estimate", "horizon", "verified"):
        show(f"    {label}: {facts[label]}.")
    if found.unusable:
        show(f"    not usable: {found.unusable}.")
    elif not found.has_numbers:
        show(f"    to be downloaded: {found.where}")
    else:
        show(f"    theta: {', '.join(f'{k} {v:.4g}' for k, v in found.values.items()) or f'{found.uniform:g}'}")
    if found.nontraded is not None:
        show(f"    services without a value: {found.nontraded:g}")
    if found.assumed:
        show(f"    not estimated for {', '.join(found.assumed)}: {found.assumption}.")


def _print_values(found: pd.DataFrame, format: Format) -> None:
    from entrepot.report.terminal_columns import FittedColumns

    left_out = found.attrs.get("left_out", {})
    if format is Format.json:
        document = {"values": found.to_dict(), "notes": found.attrs.get("notes", {}), "left_out": left_out}
        print_json(document)
    elif format is Format.csv:
        print_csv(found, index=True)
    else:
        rows = [[str(sector), *(f"{value:.2f}" for value in row)] for sector, row in found.iterrows()]
        rows.append(["mean", *(f"{value:.2f}" for value in found.mean())])
        heads = [str(c).replace("-", "-\n") for c in found.columns]
        show(FittedColumns(["sector", *heads], rows))
    if format is not Format.json:
        for name, why in left_out.items():
            typer.echo(f"{name}: {why}", err=True)
