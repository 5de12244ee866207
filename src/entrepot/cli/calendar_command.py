"""The verb calendar: what is due, by whom, and what follows if it lapses."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from entrepot.cli.console import print_data, reported, show, wrote
from entrepot.cli.options import Format, FormatOption, refuse_idle
from entrepot.languages import if_known, translated

app = typer.Typer()


@app.command()
def calendar(
    case: Annotated[str | None, typer.Argument(help="A bundled case (see 'entrepot cases') or a YAML file.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="As it stands on this date; default: today, or a past case's own.")
    ] = None,
    day_count: Annotated[
        str | None, typer.Option("--day-count", help="after_trigger, clear_days or including_trigger, for all clocks.")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option("--zone", help="Also in a time zone such as Asia/Tokyo.")] = None,
    ics: Annotated[Path | None, typer.Option("--ics", help="Write an iCalendar file.")] = None,
    kinds: Annotated[
        bool, typer.Option("--kinds", help="List the kinds of event: what each starts and meets.")
    ] = False,
    format: FormatOption = Format.table,
) -> None:
    """Print what happened, what is due, by whom, and what follows if it lapses."""
    from entrepot.cases import load_case
    from entrepot.dates import read_date
    from entrepot.errors import InputError
    from entrepot.report.terminal_calendar import render
    from entrepot.rules.days import time_zone

    with reported():
        if kinds:
            refuse_idle(
                ("CASE", case is not None, "--kinds"),
                ("--on", on is not None, "--kinds"),
                ("--day-count", day_count is not None, "--kinds"),
                ("--zone", bool(zone), "--kinds"),
                ("--ics", ics is not None, "--kinds"),
            )
            _show_kinds(format)
            return
        if case is None:
            raise InputError("name a case, or --kinds for the kinds of event that a calendar may have")
        refuse_idle(("--zone", bool(zone) and format is not Format.table, f"--format {format}"))
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
            print_data(format, found.to_records, found.to_frame)
        if ics is not None:
            found.write_ics(ics, read.title)
            wrote(ics)


def _show_kinds(format: Format) -> None:
    """Print the kinds of event, the deadlines that each starts, and those that it meets."""
    from entrepot.report.terminal_columns import FittedColumns
    from entrepot.studies.calendar import kinds

    head = ["kind", "starts", "meets"]
    if format is Format.table:
        show(FittedColumns([translated(name) for name in head], [list(row) for row in kinds()], text=3))
        return
    import pandas as pd

    table = pd.DataFrame(kinds(), columns=head)
    print_data(format, lambda: table.to_dict("records"), lambda: table)
