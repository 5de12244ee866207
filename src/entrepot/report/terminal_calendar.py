"""The calendar of a case on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from entrepot.languages import if_known, translated
from entrepot.report.terminal_text import Prose
from entrepot.rules.clocks import Calendar, Deadline
from entrepot.rules.days import time_zone
from entrepot.studies.calendar import as_of, remarks, rows
from entrepot.words import day

STYLES = {
    "met": "dim",
    "met late": "yellow",
    "open": "bold cyan",
    "lapsed": "bold red",
    "permitted": "green",
    "expected": "cyan",
    "to come": "cyan",
}


def render(calendar: Calendar, zones: Sequence[str] = ()) -> RenderableType:
    """For the terminal; `zones` add when each deadline ends elsewhere."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for column, width in (("date", None), ("what", 3), ("how it stands", 2), ("if it lapses", 2)):
        table.add_column(translated(column), no_wrap=width is None, ratio=width, overflow="fold")
    styles = {d.says: STYLES[d.status] for d in calendar.deadlines}
    for date, what, stands, follows in rows(calendar):
        table.add_row(Prose(date), Prose(what), Prose(stands, style=styles.get(stands, "dim")), Prose(follows))
    parts: list[RenderableType] = [Prose(as_of(calendar)), "", table, ""]
    parts += [Padding(Prose(line), (0, 0, 0, 0)) for line in remarks(calendar)]
    for zone in zones:
        parts += [
            "",
            Prose(translated("Deadlines end, in {zone}:", zone=zone)),
            *(Prose(f"  {_there(d, zone)}") for d in calendar.deadlines),
        ]
    return Group(*parts)


def _there(d: Deadline, zone: str) -> str:
    end = d.ends.astimezone(time_zone(zone))
    return translated(
        "{day}, {time}  {title} (end of {due} in {zone})",
        day=day(end.date()),
        time=f"{end:%H:%M}",
        title=if_known(d.clock.title),
        due=day(d.due),
        zone=d.clock.zone,
    )
