"""The calendar of a case: what happened, what is due, by whom, and what follows if it lapses."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from entrepot.report.note import SURE
from entrepot.rules.clocks import Calendar, Deadline
from entrepot.rules.days import time_zone
from entrepot.words import day, sentence

STYLES = {
    "met": "dim",
    "met late": "yellow",
    "open": "bold cyan",
    "lapsed": "bold red",
    "permitted": "green",
    "expected": "cyan",
}


def rows(calendar: Calendar) -> list[tuple[str, str, str, str]]:
    """By date: the date, the event or what is due, how it stands, and what follows if it lapses."""
    table = [(e.date, 0, (day(e.date), e.event, "later" if e.date > calendar.on else "", "")) for e in calendar.events]
    for d in calendar.deadlines:
        due = f"Deadline: {d.clock.title} ({d.clock.provision}). {sentence(d.clock.who)}: {d.clock.due}."
        follows = "" if d.status == "met" else d.clock.lapses
        table.append((d.due, 1, (day(d.due), due, d.says, follows)))
    return [cells for _, _, cells in sorted(table, key=lambda row: row[:2])]


def as_of(calendar: Calendar) -> str:
    return f"As it stands on {day(calendar.on)}."


def remarks(calendar: Calendar) -> list[str]:
    """Other counts of the days, the ways on, and what is contested."""
    out = []
    for d in calendar.deadlines:
        name = f"{d.clock.title} ({day(d.due)})"
        out += [f"{name}: {day(other)} by another count of the days; {who}." for other, who in d.others]
        out += [f"{name}, if {way.replace('_', ' ')}: {text}" for way, text in d.clock.ways_on.items()]
        if d.clock.contested and d.status != "met":
            out.append(f"{name}, contested: {d.clock.contested}")
        if d.clock.extension and d.status in ("open", "expected"):
            out.append(f"{name}, may be longer: {d.clock.extension}.")
    unsure = [d.clock.title for d in calendar.deadlines if d.clock.confidence == "general"]
    return [*out, *([f"{SURE['general'].capitalize()}: {'; '.join(unsure)}."] if unsure else [])]


def render(calendar: Calendar, zones: Sequence[str] = ()) -> RenderableType:
    """For the terminal; `zones` add when each deadline ends elsewhere."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for column, width in (("date", None), ("what", 3), ("how it stands", 2), ("if it lapses", 2)):
        table.add_column(column, no_wrap=width is None, ratio=width, overflow="fold")
    styles = {d.says: STYLES[d.status] for d in calendar.deadlines}
    for date, what, stands, follows in rows(calendar):
        table.add_row(Text(date), Text(what), Text(stands, style=styles.get(stands, "dim")), Text(follows))
    parts: list[RenderableType] = [Text(as_of(calendar)), "", table, ""]
    parts += [Padding(Text(line), (0, 0, 0, 0)) for line in remarks(calendar)]
    for zone in zones:
        parts += ["", Text(f"Deadlines end, in {zone}:"), *(Text(f"  {_there(d, zone)}") for d in calendar.deadlines)]
    return Group(*parts)


def _there(d: Deadline, zone: str) -> str:
    end = d.ends.astimezone(time_zone(zone))
    return f"{day(end.date())}, {end:%H:%M}  {d.clock.title} (end of {day(d.due)} in {d.clock.zone})"
