"""The verb calendar: what is due, by whom, and what follows if it lapses."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from entrepot.cli.console import reported, show, wrote
from entrepot.cli.options import Format, FormatOption
from entrepot.documents import harmless_table
from entrepot.languages import if_known, translated

app = typer.Typer()


@app.command()
def calendar(
    case: Annotated[str, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")],
    on: Annotated[
        str | None, typer.Option("--on", help="As it stands on this date; default: today, or a past case's own.")
    ] = None,
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
    from entrepot.report.terminal_calendar import render
    from entrepot.rules.days import time_zone

    with reported():
        read = load_case(case)
        found = read.deadlines(read_date("--on", on), cast("Any", day_count))
        for name in zone or ():
            time_zone(name)
        if format is Format.table:
            show(if_known(read.title), style="bold")
            if on is None and found.on == read.day and found.on != datetime.date.today():
                opens = translated(
                    "It opens on the case's own day, as no event is to come and no deadline to be met; --on gives "
                    "another."
                )
                show(opens, style="dim")
            show(render(found, zone or ()))
        else:
            table = found.to_frame()
            text = table.to_json(orient="records", indent=1, date_format="iso") if format is Format.json else None
            sys.stdout.write(f"{text}\n" if text else harmless_table(table).to_csv(index=False))
        if ics is not None:
            found.write_ics(ics, read.title)
            wrote(ics)
