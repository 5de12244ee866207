"""Verbs of the law: screen, calendar and rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from entrepot.cli.common import console, reported, show
from entrepot.cli.questions import EconomyOption, Format, FormatOption

app = typer.Typer()


@app.command()
def screen(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    on: Annotated[str | None, typer.Option("--on", help="The date, as 2019-05-17; default: the case's own.")] = None,
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help="Only this one; as often as needed.")] = None,
    economy: EconomyOption = None,
    format: FormatOption = Format.table,
) -> None:
    """Say which rules the measures of a case touch, why, what would cure it, and who may do what about it."""
    from dataclasses import replace

    from entrepot.cases import load_case
    from entrepot.cases import screen as screen_measures
    from entrepot.errors import UnknownNameError
    from entrepot.report.note import render

    with reported():
        read = load_case(case)
        found = screen_measures(read, economy, on=on)
        for name in scenario or ():
            if name not in read.scenarios:
                raise UnknownNameError("scenario", name, read.scenarios, "--scenario")
        if scenario:
            kept = tuple(f for f in found.findings if f.scenario in scenario)
            found = replace(found, findings=kept, on={k: v for k, v in found.on.items() if k in scenario})
        if format is Format.json:
            sys.stdout.write(json.dumps(found.to_dict(), indent=1, ensure_ascii=False) + "\n")
        elif format is Format.csv:
            sys.stdout.write(found.to_frame().to_csv(index=False))
        else:
            show(read.title, style="bold")
            show(render(found, {name: spec.title for name, spec in read.scenarios.items()}))


@app.command()
def calendar(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    on: Annotated[str | None, typer.Option("--on", help="As it stands on this date; default: today.")] = None,
    day_count: Annotated[
        str | None, typer.Option("--day-count", help="after_trigger, clear_days or including_trigger, for all clocks.")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option("--zone", help="Also in a time zone such as Asia/Tokyo.")] = None,
    ics: Annotated[Path | None, typer.Option("--ics", help="Write an iCalendar file.")] = None,
    format: FormatOption = Format.table,
) -> None:
    """Print what happened, what is due, by whom, and what follows if it lapses."""
    from entrepot.cases import load_case
    from entrepot.cases.screening import read_date
    from entrepot.report.calendar import render
    from entrepot.rules.days import time_zone

    with reported():
        read = load_case(case)
        found = read.deadlines(read_date("--on", on), cast("Any", day_count))
        for name in zone or ():
            time_zone(name)
        if format is Format.table:
            show(read.title, style="bold")
            show(render(found, zone or ()))
        else:
            table = found.to_frame()
            text = table.to_json(orient="records", indent=1, date_format="iso") if format is Format.json else None
            sys.stdout.write(f"{text}\n" if text else table.to_csv(index=False))
        if ics is not None:
            found.write_ics(ics, read.title)
            console(error=True).print(f"Wrote {ics}.", soft_wrap=True)


@app.command()
def rules(
    name: Annotated[
        str | None, typer.Argument(help="An id, or a shelf: provisions, statutes, agreements, disputes, rates.")
    ] = None,
) -> None:
    """List the book of rules, or show one entry whole, with its source and how sure it is."""
    from entrepot.report.book import SHELVES, entry, listing

    with reported():
        show(listing(name) if name is None or name in SHELVES else entry(name))
