"""The calendar of a case: what happened, what is due, by whom, and what follows if it lapses."""

from __future__ import annotations

from entrepot.languages import translated
from entrepot.rules.clocks import Calendar
from entrepot.studies.legal_notes import SURE
from entrepot.words import day, sentence


def rows(calendar: Calendar) -> list[tuple[str, str, str, str]]:
    """Return (date, event or what is due, status, what follows if it lapses), ordered by date."""
    table = [(e.date, 0, (day(e.date), e.event, "later" if e.date > calendar.on else "", "")) for e in calendar.events]
    for d in calendar.deadlines:
        due = f"Deadline: {d.clock.title} ({d.clock.provision}). {sentence(d.clock.who)}: {d.clock.due}."
        follows = "" if d.status == "met" else d.clock.lapses
        table.append((d.due, 1, (day(d.due), due, d.says, follows)))
    return [cells for _, _, cells in sorted(table, key=lambda row: row[:2])]


def as_of(calendar: Calendar) -> str:
    """Return the sentence that states the day of the calendar."""
    return translated("As it stands on {day}.", day=day(calendar.on))


def remarks(calendar: Calendar) -> list[str]:
    """Return remarks on the deadlines: other counts of the days, alternatives, and what is contested."""
    out = []
    for d in calendar.deadlines:
        name = f"{d.clock.title} ({day(d.due)})"
        out += [f"{name}: {day(other)} by another count of the days; {who}." for other, who in d.others]
        if d.happened:
            out.append(f"{name}, what came of it: {d.happened}")
        out += [f"{name}, if {way.replace('_', ' ')}: {text}" for way, text in d.clock.ways_on.items()]
        if d.clock.contested and d.status != "met":
            out.append(f"{name}, contested: {d.clock.contested}")
        if d.clock.extension and d.status in ("open", "expected"):
            out.append(f"{name}, may be longer: {d.clock.extension}.")
    unsure = [d.clock.title for d in calendar.deadlines if d.clock.confidence == "general"]
    return [*out, *([f"{SURE['general'].capitalize()}: {'; '.join(unsure)}."] if unsure else [])]
