"""Statutory clocks: the deadlines that events start, who must act, and what follows if a deadline lapses."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import AliasChoices, Field, field_validator

from entrepot.dates import read_date
from entrepot.documents import whole_file
from entrepot.errors import InputError, nearest
from entrepot.languages import if_known, plural, translated
from entrepot.rules.days import Count, Roll, Unit, ends, last_day, next_day, starts_again, time_zone
from entrepot.rules.entry import Cited, Entry, in_books
from entrepot.words import day, in_one_cell

if TYPE_CHECKING:
    import pandas as pd

#: Kinds of event that no clock refers to.
OTHER_KINDS = ("agreement-signed", "agreement-in-force", "measure-in-force", "measure-ended")


class Alternative(Entry):
    """Another way to count the same days, or one that ends some days before (`days_before`), and who uses it."""

    count: Count = "after_trigger"
    days_before: int = 0
    counted_by: str = Field(validation_alias=AliasChoices("counted_by", "said_by"))  # old key; words: quoted


class Clock(Cited):
    """A period that the law sets, and what starts and meets it.

    under      the statute or provision that it belongs to; `provision` is its citation
    trigger    the kind of event that starts it;  met_by  the kinds that meet it
    counts_from   the kinds of event before the trigger from which the days are counted, where there is one (a
               provisional measure);  counts_at_most  how many days before the trigger count at most
    length, unit, count, roll   the length, and how days are counted (`rules.days`)
    ends_with  the kind of event whose day is the last one, where a calendar has it (a period that is agreed or awarded)
    window     it is met in its last so many days alone; None where an event meets it on any day from the trigger on
    renews     met in time, it starts again where it ends: on the anniversary
    zone       the time zone of the capital concerned: the deadline ends at midnight there
    who, due   who must act, and what is due;  lapses  what follows if nobody acts
    extension  what can extend it, in words
    ways_on    the possible next steps by name, and what each means
    contested  who disagrees on what a lapse means
    permits    nothing is due; something is allowed once its last day is over
    """

    under: str
    title: str
    provision: str
    trigger: str
    length: int = Field(ge=1)
    unit: Unit = "days"
    count: Count = "after_trigger"
    roll: Roll = "none"
    zone: str
    who: str
    due: str
    met_by: tuple[str, ...]
    counts_from: tuple[str, ...] = ()
    counts_at_most: int | None = Field(default=None, ge=1)
    lapses: str
    extension: str | None = None
    contested: str | None = None
    permits: bool = False
    ends_with: str | None = None
    window: int | None = Field(default=None, ge=1)
    renews: bool = False
    alternatives: tuple[Alternative, ...] = ()
    ways_on: dict[str, str] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, zone: str) -> str:
        time_zone(zone)
        return zone

    def counted_from(self, trigger: datetime.date, past: Sequence[Event], previous: datetime.date) -> datetime.date:
        """Return the day from which the period is counted that `trigger` starts.

        past      the events until then;  previous  the trigger before this one (`date.min` for the first)
        """
        before = [e.date for e in past if e.date <= trigger and set(e.kind) & set(self.counts_from)]
        if self.counts_at_most is None:
            return max(before, default=trigger)
        earliest = datetime.date.fromordinal(max(trigger.toordinal() - self.counts_at_most, 1))
        mine = [day for day in before if day > previous]
        return min((day for day in mine if day >= earliest), default=earliest if mine else trigger)

    @property
    def ended_by(self) -> tuple[str, ...]:
        """The kinds of event that meet it or name its last day."""
        return (*self.met_by, self.ends_with) if self.ends_with else self.met_by

    def named_end(self, trigger: datetime.date, events: Iterable[Event]) -> datetime.date | None:
        """Return the day on which events say that the period ends that `trigger` starts; None where none does."""
        return min((e.date for e in events if self.ends_with in e.kind and e.date >= trigger), default=None)

    def last_day(self, trigger: datetime.date, count: Count | None = None) -> datetime.date:
        """Return the last day of the period that starts on `trigger`."""
        return last_day(trigger, self.length, self.unit, count or self.count, self.zone, self.roll)

    def first_day_after(self, trigger: datetime.date) -> datetime.date:
        """Return the day after the last one: the first on which what the period holds back is allowed."""
        return next_day(self.last_day(trigger))


def clocks() -> dict[str, Clock]:
    """The clocks, by id."""
    return in_books("clocks", Clock)


class Event(Protocol):
    """An event of a calendar; `kind` lists what it means in law."""

    @property
    def date(self) -> datetime.date:
        """The day of the event."""

    @property
    def event(self) -> str:
        """The event in words."""

    @property
    def kind(self) -> tuple[str, ...]:
        """The kinds that clocks know it by."""


class EventFault(InputError):
    """Raised for an event that a calendar cannot hold; `index` is its position, `key` the part at fault."""

    def __init__(self, index: int, key: str, message: str) -> None:
        self.index, self.key = index, key
        super().__init__(message)


#: "permitted": the clock has run out, and what it held back is now allowed; "to come": a later event starts it.
DeadlineStatus = Literal["met", "met late", "open", "lapsed", "permitted", "expected", "to come"]


@dataclass(frozen=True)
class Deadline:
    """A running clock, or one that would run if its trigger came on the last possible day ("expected").

    starts, due   the day from which it is counted, and the last day
    ends          midnight at the end of the last day, in the zone of the clock
    met_on        when it was met, and by which event (`met_with`);  on  the day on which the status holds
    others        the last day under other day counts, and who uses them
    early         what came before the days in which the clock can be met, where nothing met it later
    happened      what came of it, where the case says so
    """

    clock: Clock
    starts: datetime.date
    due: datetime.date
    met_on: datetime.date | None
    met_with: str | None
    status: DeadlineStatus
    on: datetime.date
    others: tuple[tuple[datetime.date, str], ...] = ()
    happened: str = ""
    early: Event | None = None

    @property
    def ends(self) -> datetime.datetime:
        """Midnight at the end of the last day, in the zone of the clock."""
        return ends(self.due, self.clock.zone)

    @property
    def says(self) -> str:
        """The status in words."""
        if self.met_on is not None:
            if self.status != "met late":
                return translated("met on {date}", date=day(self.met_on))
            late = _days((self.met_on - self.due).days)
            return translated("met on {date}, {days} late", date=day(self.met_on), days=late)
        if self.status == "expected":
            return translated("if its trigger comes on the last possible day")
        if self.status == "to come":
            starts = "to come: it starts on {date}"  # or is counted from an earlier day, that of a provisional measure
            counted = "to come: it is counted from {date}"
            return translated(starts if self.starts > self.on else counted, date=day(self.starts))
        if self.status == "permitted":
            return translated("since {date}", date=day(next_day(self.due)))
        left = (self.due - self.on).days
        if left >= 0:
            return translated("open: {days} left", days=_days(left))
        if self.early is not None:
            too_early = "passed {days} ago; what came on {date} was too early to meet it"
            return translated(too_early, days=_days(-left), date=day(self.early.date))
        return translated("passed {days} ago; no event in the calendar meets it", days=_days(-left))


def _days(number: int) -> str:
    return plural("{number} day", "{number} days", number)


@dataclass(frozen=True, repr=False)
class Calendar:
    """Events and the deadlines that they start, by date, with the status on a day."""

    events: tuple[Event, ...]
    deadlines: tuple[Deadline, ...]
    on: datetime.date

    def get(self, clock: str) -> Deadline | None:
        """Return the deadline of a clock: the last one started, else the next to come or the expected one."""
        mine = [d for d in self.deadlines if d.clock.id == clock]
        begun = [d for d in mine if d.status not in ("expected", "to come")]
        if begun:
            return max(begun, key=lambda d: d.starts)
        return min(mine, key=lambda d: (d.status != "to come", d.starts), default=None)

    def deadline(self, clock: str) -> Deadline:
        """Return the same as `get`. Raises `InputError` where no event starts that clock."""
        found = self.get(clock)
        if found is None:
            known = clocks()
            if clock not in known:
                raise InputError(f"unknown clock {clock!r}{nearest(clock, known)}")
            raise InputError(f"clock {clock!r} is not running: no event in the calendar is a {known[clock].trigger}")
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return one row per event or deadline, by date."""
        import pandas as pd

        rows = [
            {"date": e.date, "what": if_known(e.event), "kind": in_one_cell(e.kind), "entry": "event"}
            for e in self.events
        ] + [
            {
                "date": d.due,
                "what": if_known(d.clock.title),
                "kind": d.clock.id,
                "entry": "deadline",
                "who": if_known(d.clock.who),
                "due": if_known(d.clock.due),
                "status": d.status,
                "stands": d.says,
                "if_it_lapses": if_known(d.clock.lapses),
                "happened": if_known(d.happened),
                "counted_otherwise": "; ".join(
                    translated("{heading}: {text}", heading=day(date), text=who) for date, who in d.others
                ),
                "provision": d.clock.provision,
                "confidence": d.clock.confidence,
            }
            for d in self.deadlines
        ]
        columns = ["date", "entry", "what", "kind", "who", "due", "status", "stands", "if_it_lapses"]
        table = pd.DataFrame(rows, columns=[*columns, "counted_otherwise", "provision", "confidence", "happened"])
        return table.sort_values("date", kind="stable").fillna("").reset_index(drop=True)

    def to_records(self) -> list[dict[str, Any]]:
        """Return the rows of `to_frame` as plain data, each day as "2019-05-17"."""
        return self.to_frame().astype({"date": str}).to_dict("records")

    def to_ics(self, name: str = "Entrepot") -> bytes:
        """Return an iCalendar (RFC 5545) with events and deadlines as whole days.

        A deadline is a whole day in the zone of its clock; in another zone it shows at the hours of that day there.
        """
        import icalendar

        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//Entrepot//trade calendar//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", name)
        stamp = datetime.datetime.combine(self.on, datetime.time(), tzinfo=datetime.UTC)

        def add(uid: str, **parts: Any) -> None:
            entry = icalendar.Event()
            for key, value in {"uid": f"{uid}@{_slug(name)}.entrepot", "dtstamp": stamp, **parts}.items():
                entry.add(key, value)
            calendar.add_component(entry)

        for k, event in enumerate(self.events):
            add(f"event-{k}-{event.date}", dtstart=event.date, dtend=next_day(event.date), summary=event.event)
        for d in self.deadlines:
            start = datetime.datetime.combine(d.due, datetime.time(), tzinfo=time_zone(d.clock.zone))
            says = {"summary": f"Deadline: {d.clock.title}", "description": _described(d)}
            add(f"{d.clock.id}-{d.starts}", dtstart=start, dtend=d.ends, **says)
        if self.deadlines:
            calendar.add_missing_timezones()
        return bytes(calendar.to_ical())

    def write_ics(self, path: str | os.PathLike[str], name: str = "Entrepot") -> Path:
        """Write the iCalendar to a file and return its path. The write is atomic."""
        with whole_file(path) as temporary:
            temporary.write_bytes(self.to_ics(name))
        return Path(path)

    def __repr__(self) -> str:
        ahead = [d for d in self.deadlines if d.status == "open"]
        then = f" Next: {ahead[0].clock.title}, {day(ahead[0].due)} ({ahead[0].says})." if ahead else ""
        return (
            f"Calendar of {len(self.events)} events and {len(self.deadlines)} deadlines, on {day(self.on)}.{then}\n"
            f"Next: .deadlines, .deadline(ID), .to_frame(), .write_ics(path)"
        )


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())


def _described(d: Deadline) -> str:
    otherwise = [f"Counted otherwise: {day(date)} ({who})." for date, who in d.others]
    ways = [f"{name.replace('_', ' ')}: {text}" for name, text in d.clock.ways_on.items()]
    lines = [f"{d.clock.who}: {d.clock.due}.", f"If it lapses: {d.clock.lapses}", d.clock.provision, *otherwise, *ways]
    return "\n".join(lines)


def deadlines(
    events: Sequence[Event],
    *,
    on: datetime.date | str | None = None,
    day_count: Count | Mapping[str, Count] | None = None,
    extra: Mapping[str, Clock] | None = None,
    happened: Mapping[str, str] | None = None,
) -> Calendar:
    """Return the calendar of events: the deadlines of the clocks that they start, and those expected to follow.

    on          the day on which the status holds (default: today); later events have not happened yet: the clocks that
                they start are "to come"
    day_count   the day count in place of that of the clocks: one for all, or by clock
    extra       clocks in addition to those in the books, by id
    happened    what came of the deadlines, where that is known, by clock

    A clock whose trigger has not come, but is due under another running clock, is "expected" from that last day.
    Raises `EventFault` for an unknown kind, or for an event that meets a clock before its trigger, and `InputError`
    where `on` is not a day.
    """
    on = read_date("on", on) or datetime.date.today()
    known = clocks() | dict(extra or {})
    _check(events, known)
    ordered = sorted(events, key=lambda e: e.date)
    past = [e for e in ordered if e.date <= on]
    found: list[Deadline] = _to_come(known, ordered, on, day_count)
    for clock in known.values():
        starts = [e.date for e in past if clock.trigger in e.kind]
        around = [datetime.date.min, *starts, datetime.date.max]
        for previous, start, following in zip(around, around[1:], around[2:], strict=False):
            # An event meets only the last start of a clock before it.
            mine = [e for e in past if e.date < following]
            end = clock.named_end(start, (e for e in ordered if e.date < following))
            since = clock.counted_from(start, mine, previous)
            found.append(_running(clock, start, since, mine, on, day_count, end))
            while clock.renews and found[-1].status == "met":
                last = found[-1]
                mine = [e for e in mine if last.met_on is not None and e.date > last.met_on]
                again = starts_again(last.due, _count(clock, day_count))
                found.append(_running(clock, again, again, mine, on, day_count))
    for clock in _expected(known, found, past):
        before = max(d.due for d in found if clock.trigger in d.clock.ended_by and d.status == "open")
        previous = max((e.date for e in past if clock.trigger in e.kind), default=datetime.date.min)
        since = clock.counted_from(before, past, previous)
        found.append(_deadline(clock, since, "expected", on, day_count))
    found = [replace(d, happened=(happened or {}).get(d.clock.id, "")) for d in found]
    return Calendar(tuple(ordered), tuple(sorted(found, key=lambda d: d.due)), on)


def _to_come(
    known: Mapping[str, Clock],
    ordered: Sequence[Event],
    on: datetime.date,
    day_count: Count | Mapping[str, Count] | None,
) -> list[Deadline]:
    """Return the deadlines of the clocks that events of later days start."""
    found = []
    for clock in known.values():
        starts = [datetime.date.min, *(e.date for e in ordered if clock.trigger in e.kind), datetime.date.max]
        for previous, start, following in zip(starts, starts[1:], starts[2:], strict=False):
            if start > on:
                since = clock.counted_from(start, ordered, previous)
                end = clock.named_end(start, [e for e in ordered if e.date < following])
                found.append(_deadline(clock, since, "to come", on, day_count, end))
    return found


def _running(
    clock: Clock,
    start: datetime.date,
    since: datetime.date,
    past: Sequence[Event],
    on: datetime.date,
    count: Any,
    end: datetime.date | None = None,
) -> Deadline:
    made = _deadline(clock, since, "open", on, count, end)
    opens = start if clock.window is None else max(start, made.due - datetime.timedelta(days=clock.window - 1))
    met = next((e for e in past if set(e.kind) & set(clock.met_by) and e.date >= opens), None)
    if met is not None:
        late = made.due < met.date and not clock.permits
        return replace(made, met_on=met.date, met_with=met.event, status="met late" if late else "met")
    if made.due < on:
        early = next((e for e in past if set(e.kind) & set(clock.met_by) and start <= e.date < opens), None)
        return replace(made, status="permitted" if clock.permits else "lapsed", early=early)
    return made


def _deadline(
    clock: Clock,
    start: datetime.date,
    status: DeadlineStatus,
    on: datetime.date,
    day_count: Count | Mapping[str, Count] | None,
    end: datetime.date | None = None,
) -> Deadline:
    due = end or clock.last_day(start, _count(clock, day_count))
    ends_on = [clock.last_day(start, a.count) - datetime.timedelta(days=a.days_before) for a in clock.alternatives]
    others = [(date, a.counted_by) for date, a in zip(ends_on, clock.alternatives, strict=True)]
    kept = tuple((date, who) for date, who in others if date != due)
    return Deadline(clock, start, due, None, None, status, on, kept)


def _count(clock: Clock, day_count: Count | Mapping[str, Count] | None) -> Count:
    """Return how the days of a clock are counted."""
    stated = day_count.get(clock.id) if isinstance(day_count, Mapping) else day_count
    return stated or clock.count


def _expected(known: Mapping[str, Clock], found: Sequence[Deadline], past: Sequence[Event]) -> list[Clock]:
    """Return the clocks whose trigger is due under another clock that still runs."""
    awaited = {
        (kind, d.starts) for d in found if d.status == "open" for kind in (*d.clock.met_by[:1], d.clock.ends_with)
    }
    dated = {d.clock.id for d in found if d.status == "to come"}
    return [
        clock
        for clock in known.values()
        if clock.id not in dated
        and any(
            clock.trigger == kind and not any(kind in e.kind and e.date >= start for e in past)
            for kind, start in awaited
        )
    ]


def _check(events: Sequence[Event], known: Mapping[str, Clock]) -> None:
    kinds = kinds_of(known)
    for k, event in enumerate(events):
        for kind in event.kind:
            if kind not in kinds:
                raise EventFault(
                    k,
                    "kind",
                    f"no clock knows the kind {kind!r}{nearest(kind, kinds)} (entrepot calendar --kinds lists them)",
                )
    for clock in known.values():
        starts = [e.date for e in events if clock.trigger in e.kind]
        for k, event in enumerate(events):
            met = [kind for kind in event.kind if kind in clock.ended_by]
            if starts and met and event.date < min(starts) and not _ends_another(event, events, known):
                raise EventFault(
                    k,
                    "date",
                    f"{met[0]} on {event.date} comes before the {clock.trigger} of {min(starts)} that starts its clock "
                    f"({clock.id}); check both dates",
                )


def _ends_another(event: Event, events: Sequence[Event], known: Mapping[str, Clock]) -> bool:
    """Return whether an event ends a clock that an earlier one starts."""
    return any(
        set(event.kind) & set(clock.ended_by) and any(clock.trigger in e.kind and e.date <= event.date for e in events)
        for clock in known.values()
    )


def kinds_of(known: Mapping[str, Clock]) -> tuple[str, ...]:
    """Return every kind of event that starts or meets a clock, and the other known kinds."""
    listed = [kind for clock in known.values() for kind in (clock.trigger, *clock.met_by)]
    return tuple(dict.fromkeys([*listed, *OTHER_KINDS]))
