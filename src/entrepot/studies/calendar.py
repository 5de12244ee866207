"""The calendar of a case: what happened, what is due, by whom, and what follows if it lapses."""

from __future__ import annotations

from entrepot.languages import if_known, translated
from entrepot.rules.book import law_last_checked
from entrepot.rules.clocks import Calendar, clocks, kinds_of
from entrepot.studies.legal_notes import SURE
from entrepot.words import day, sentence


def rows(calendar: Calendar) -> list[tuple[str, str, str, str]]:
    """Return (date, event or what is due, status, what follows if it lapses), ordered by date."""
    table = [
        (e.date, 0, (day(e.date), if_known(e.event), translated("later") if e.date > calendar.on else "", ""))
        for e in calendar.events
    ]
    for d in calendar.deadlines:
        due = translated(
            "Deadline: {title} ({provision}). {who}: {due}.",
            title=if_known(d.clock.title),
            provision=d.clock.provision,
            who=sentence(if_known(d.clock.who)),
            due=if_known(d.clock.due),
        )
        follows = "" if d.status == "met" else if_known(d.clock.lapses)
        table.append((d.due, 1, (day(d.due), due, d.says, follows)))
    return [cells for _, _, cells in sorted(table, key=lambda row: row[:2])]


def kinds() -> list[tuple[str, str, str]]:
    """Return every kind of event, with the deadlines that it starts and those that it meets; "" for none."""
    known = clocks().values()
    return [
        (
            kind,
            translated("; ").join(if_known(c.title) for c in known if c.trigger == kind),
            translated("; ").join(if_known(c.title) for c in known if kind in c.ended_by),
        )
        for kind in kinds_of(clocks())
    ]


def as_of(calendar: Calendar) -> str:
    """Return the sentence that states the day of the calendar."""
    return translated("As it stands on {day}.", day=day(calendar.on))


def remarks(calendar: Calendar) -> list[str]:
    """Return remarks on the deadlines: other counts of the days, alternatives, and what is contested."""
    out = []
    for d in calendar.deadlines:
        name = f"{if_known(d.clock.title)} ({day(d.due)})"
        out += [
            translated(
                "{deadline}: {day} by another count of the days; {who}.",
                deadline=name,
                day=day(other),
                who=if_known(who),
            )
            for other, who in d.others
        ]
        if d.happened:
            out.append(translated("{deadline}, what came of it: {text}", deadline=name, text=if_known(d.happened)))
        for way, text in d.clock.ways_on.items():
            option = way.replace("_", " ")
            out.append(translated("{deadline}, if {way}: {text}", deadline=name, way=option, text=if_known(text)))
        if d.clock.contested and d.status != "met":
            out.append(translated("{deadline}, contested: {text}", deadline=name, text=if_known(d.clock.contested)))
        if d.clock.extension and d.status != "met":
            longer = if_known(d.clock.extension)
            out.append(translated("{deadline}, may be longer: {text}.", deadline=name, text=longer))
    unsure = dict.fromkeys(if_known(d.clock.title) for d in calendar.deadlines if d.clock.confidence == "general")
    if unsure:
        sure = sentence(translated(SURE["general"]))
        out.append(translated("{heading}: {text}.", heading=sure, text=translated("; ").join(unsure)))
    return [*out, *law_last_checked(calendar.on)]
