"""Statutory clocks on the founding case's real events, and on made-up ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

import icalendar
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.languages import speaking
from entrepot.report.terminal_calendar import STYLES
from entrepot.rules.book import agreements, rules, statutes
from entrepot.rules.clocks import Calendar, Clock, DeadlineStatus, EventFault, clocks, deadlines, kinds_of
from entrepot.studies.calendar import kinds, remarks


@dataclass(frozen=True)
class Event:
    date: date
    kind: tuple[str, ...] = ()
    event: str = "something"


def events(**dated: str) -> list[Event]:
    """us_232_report="2019-02-17" as an event of that kind."""
    return [Event(date.fromisoformat(on), (kind.replace("_", "-"),)) for kind, on in dated.items()]


@pytest.fixture
def founding() -> Calendar:
    return ep.load_case("us-japan-autos-2019").deadlines(date(2019, 11, 30))


def test_the_table_has_every_part_of_a_deadline_and_the_kinds_of_an_event(founding: Calendar) -> None:
    table = founding.to_frame()
    due = founding.deadline("us-232-negotiation")
    (row,) = table[table["kind"] == "us-232-negotiation"].to_dict("records")
    assert row.pop("counted_otherwise").startswith("14 November 2019: ")
    assert row == {
        "date": due.due,
        "entry": "deadline",
        "what": due.clock.title,
        "kind": due.clock.id,
        "who": due.clock.who,
        "due": due.clock.due,
        "status": due.status,
        "stands": due.says,
        "if_it_lapses": due.clock.lapses,
        "provision": due.clock.provision,
        "confidence": due.clock.confidence,
        "happened": due.happened,
    }
    assert row["happened"]
    happened = table[table["entry"] == "event"]
    assert [*zip(happened["date"], happened["what"], happened["kind"], strict=True)] == [
        (e.date, e.event, "; ".join(e.kind)) for e in sorted(founding.events, key=lambda e: e.date)
    ]


def test_the_real_deadlines(founding: Calendar) -> None:
    assert founding.deadline("us-232-report").due == date(2019, 2, 17)
    assert founding.deadline("us-232-determination").due == date(2019, 5, 18)
    assert founding.deadline("us-232-determination").met_on == date(2019, 5, 17)
    assert founding.deadline("us-232-action").due == date(2019, 6, 1)
    assert founding.deadline("us-232-reasons").due == date(2019, 6, 16)
    negotiation = founding.deadline("us-232-negotiation")
    assert negotiation.due == date(2019, 11, 13)
    assert negotiation.status == "lapsed"
    assert [day for day, _ in negotiation.others] == [date(2019, 11, 14)]
    assert set(negotiation.clock.ways_on) == {"agreement", "none", "not_carried_out", "ineffective"}


def test_deadline_counted_in_clear_days_is_a_day_later() -> None:
    calendar = ep.load_case("us-japan-autos-2019").deadlines(date(2019, 6, 1), "clear_days")
    assert calendar.deadline("us-232-negotiation").due == date(2019, 11, 14)


def test_calendar_on_earlier_dates() -> None:
    case = ep.load_case("us-japan-autos-2019")
    before = case.deadlines(date(2019, 3, 1))
    assert before.deadline("us-232-determination").says == "open: 78 days left"
    assert before.deadline("us-232-negotiation").status == "to come"
    assert before.deadline("us-232-negotiation").due == date(
        2019, 11, 13
    )  # 180 days from the proclamation, which has a date
    during = case.deadlines(date(2019, 11, 13))
    assert during.deadline("us-232-negotiation").says == "open: 0 days left"
    assert case.deadlines(date(2019, 11, 14)).deadline("us-232-negotiation").status == "lapsed"


def test_a_surcharge_of_150_days() -> None:
    calendar = deadlines(events(us_122_applied="2026-02-24"), on=date(2026, 3, 1))
    assert calendar.deadline("us-122-end").due == date(2026, 7, 23)  # the last day on which it is owed


def test_dispute_settlement_and_safeguards() -> None:
    calendar = deadlines(
        events(dsu_consultations_request="2019-01-31", sg_measure_applied="2018-02-07"), on=date(2019, 2, 1)
    )
    assert calendar.deadline("dsu-4-reply").due == date(2019, 2, 10)
    assert calendar.deadline("dsu-4-panel").due == date(2019, 4, 1)
    assert calendar.deadline("sg-8-suspension").due == date(2018, 5, 8)
    assert calendar.deadline("sg-8-three-years").due == date(2021, 2, 6)
    assert calendar.deadline("sg-7-four-years").due == date(2022, 2, 6)


def test_what_may_last_a_period_lasts_from_its_first_day() -> None:
    """The first day in force is the first of the period: the last is the day before the anniversary.

    Proclamations 9693 (solar cells: 7 February 2018 to 6 February 2022) and 11051 (15 August 2026 to 14 August 2030);
    the Trade Representative's notice of May 2022 on the lists of 6 July and 23 August 2018 (requests until 5 July and
    22 August 2022).
    """
    for first, last in (("2018-02-07", date(2022, 2, 6)), ("2026-08-15", date(2030, 8, 14))):
        assert deadlines(events(sg_measure_applied=first), on=last).deadline("sg-7-four-years").due == last
    for first, last in (("2018-07-06", date(2022, 7, 5)), ("2018-08-23", date(2022, 8, 22))):
        assert deadlines(events(us_301_action=first), on=last).deadline("us-301-end").due == last
    relief = deadlines(events(us_201_action="2018-02-07"), on=date(2020, 1, 1))
    assert relief.deadline("us-201-end").due == date(2026, 2, 6)
    provisional = deadlines(events(sg_provisional_applied="2018-07-19"), on=date(2018, 8, 1))
    assert provisional.deadline("sg-6-provisional").due == date(2019, 2, 3)  # 19 July is the first of the 200 days
    # A request on the anniversary comes after the last of the four years.
    late = deadlines(events(us_301_action="2018-07-06", us_301_continuation="2022-07-06"), on=date(2022, 8, 1))
    assert late.deadline("us-301-end").status == "met late"


def test_a_reasonable_period_ends_on_the_day_that_was_agreed() -> None:
    """15 months are a guide to arbitrators: a day that is agreed or awarded takes their place, also before it comes."""
    dated = events(dsu_adoption="2025-02-24", dsu_period_ended="2025-10-24")
    before, after = (deadlines(dated, on=date(*on)) for on in ((2025, 6, 1), (2025, 11, 10)))
    for calendar, status in ((before, "open"), (after, "lapsed")):
        period = calendar.deadline("dsu-21-period")
        assert (period.due, period.status) == (date(2025, 10, 24), status)
    assert before.deadline("dsu-22-authorisation").status == "to come"
    assert after.deadline("dsu-22-authorisation").due == date(2025, 11, 23)
    done = deadlines(dated + events(dsu_compliance="2025-10-01"), on=date(2025, 11, 10))
    assert done.deadline("dsu-21-period").status == "met"
    # Not yet adopted: the day of the end is known all the same.
    ahead = deadlines(dated, on=date(2025, 1, 1)).deadline("dsu-21-period")
    assert (ahead.due, ahead.status) == (date(2025, 10, 24), "to come")
    # Where no day is named, what follows is expected from the last of the 15 months.
    guide = deadlines(dated[:1], on=date(2025, 6, 1))
    assert guide.deadline("dsu-21-period").due == date(2026, 5, 24)
    expected = guide.deadline("dsu-22-compensation")
    assert (expected.status, expected.due) == ("expected", date(2026, 6, 13))
    # The end of one dispute's period is not that of the next.
    twice = deadlines(dated + events(dsu_adoption="2026-01-15"), on=date(2026, 2, 1))
    assert [d.due for d in twice.deadlines if d.clock.id == "dsu-21-period"] == [date(2025, 10, 24), date(2027, 4, 15)]
    two = dated[:1] + events(dsu_adoption="2026-01-15", dsu_period_ended="2026-10-01")
    for on in (date(2025, 1, 1), date(2026, 2, 1)):
        periods = [d.due for d in deadlines(two, on=on).deadlines if d.clock.id == "dsu-21-period"]
        assert periods == [date(2026, 5, 24), date(2026, 10, 1)], on


def test_a_clock_from_general_knowledge_is_named_once() -> None:
    """Whatever the number of its periods; in German the nouns of the remark keep their capitals."""
    dated = events(us_ieepa_emergency="2025-02-01", us_ieepa_continuation="2026-01-15")
    calendar = deadlines(dated, on=date(2026, 9, 30))
    (unsure,) = remarks(calendar)
    assert unsure == "From general knowledge; check the text before relying on it: The emergency is continued."
    with speaking("de"):
        assert remarks(calendar)[0].startswith("Aus Allgemeinwissen; vor Verwendung am Text zu prüfen")


@pytest.mark.parametrize(("on", "noted"), [(date(2026, 9, 30), False), (date(2026, 10, 1), True)])
def test_a_calendar_on_a_day_after_the_law_was_checked_says_so(on: date, noted: bool) -> None:
    lines = remarks(deadlines(events(us_301_action="2026-07-24"), on=on))
    assert any("last checked on 30 September 2026" in line for line in lines) is noted


def test_an_appeal_is_heard_by_arbitrators_or_by_nobody() -> None:
    """90 days from the notice of appeal for an award among participants of the MPIA; 60 for an Appellate Body."""
    among = deadlines(events(mpia_appeal="2025-04-22", mpia_award="2025-07-21"), on=date(2025, 9, 1))  # DS611
    assert among.deadline("mpia-award").due == date(2025, 7, 21)
    assert among.deadline("mpia-award").status == "met"
    void = deadlines(events(dsu_appeal="2023-01-27"), on=date(2026, 11, 30)).deadline("dsu-17-appeal")
    assert (void.due, void.status) == (date(2023, 3, 28), "lapsed")


def test_an_emergency_is_continued_every_year() -> None:
    """A clock that renews starts again on the anniversary each time that it is met in time.

    The notice comes in the 90 days before the anniversary, on which the emergency ends without one (50 U.S.C. 1622(d)).
    """
    declared = events(us_ieepa_emergency="2025-02-01")
    first = events(us_ieepa_continuation="2026-01-15")
    second = events(us_ieepa_continuation="2027-01-20")

    def anniversaries(dated: list[Event], on: date) -> list[tuple[date, str]]:
        found = deadlines(dated, on=on).deadlines
        return [(d.due, d.status) for d in found if d.clock.id == "us-ieepa-renewal"]

    assert anniversaries(declared + first, date(2026, 11, 30)) == [
        (date(2026, 1, 31), "met"),
        (date(2027, 1, 31), "open"),
    ]
    assert anniversaries(declared, date(2026, 11, 30)) == [(date(2026, 1, 31), "lapsed")]
    assert [status for _, status in anniversaries(declared + first + second, date(2027, 3, 1))] == [
        "met",
        "met",
        "open",
    ]
    calendar = deadlines(declared + first, on=date(2026, 11, 30))
    assert calendar.deadline("us-ieepa-renewal").says == "open: 62 days left"
    again = deadlines(declared + first + events(us_ieepa_emergency="2026-06-01"), on=date(2026, 11, 30))
    assert again.deadline("us-ieepa-renewal").due == date(2027, 5, 31)
    requested = deadlines(events(us_301_action="2018-07-06", us_301_continuation="2022-06-06"), on=date(2026, 6, 1))
    assert requested.deadline("us-301-end").due == date(2026, 7, 5)


@pytest.mark.parametrize(
    ("trigger", "first", "meets", "days", "due"),
    [
        # Requests on the list of 6 July 2018: 7 May to 5 July 2022 (the Trade Representative's notice of May 2022).
        ("us-301-action", "2018-07-06", "us-301-continuation", ("2022-05-06", "2022-05-07"), date(2022, 7, 5)),
        ("us-ieepa-emergency", "2025-02-01", "us-ieepa-continuation", ("2025-11-02", "2025-11-03"), date(2026, 1, 31)),
    ],
)
def test_a_request_before_its_window_continues_nothing(
    trigger: str, first: str, meets: str, days: tuple[str, str], due: date
) -> None:
    """The last 60 days of four years (19 U.S.C. 2417(c)); the 90 days before an anniversary (50 U.S.C. 1622(d))."""
    for day, status in zip(days, ("lapsed", "met"), strict=True):
        dated = [Event(date.fromisoformat(first), (trigger,)), Event(date.fromisoformat(day), (meets,))]
        found = [d for d in deadlines(dated, on=date(2026, 3, 1)).deadlines if d.due == due]
        assert [d.status for d in found] == [status]


def test_a_year_that_renews_from_a_leap_day_begins_where_the_last_one_ended() -> None:
    dated = events(us_ieepa_emergency="2024-02-29", us_ieepa_continuation="2025-01-10")
    found = deadlines(dated, on=date(2025, 6, 1)).deadlines
    assert [d.due for d in found if d.clock.id == "us-ieepa-renewal"] == [date(2025, 2, 28), date(2026, 2, 28)]


def test_an_award_of_the_mpia_starts_the_reasonable_period_as_an_adoption_does() -> None:
    """Dispute Settlement Understanding, 25.4: Articles 21 and 22 apply to awards, which are not adopted."""
    awarded = deadlines(events(mpia_appeal="2025-04-22", mpia_award="2025-07-21"), on=date(2025, 9, 1))
    assert awarded.deadline("mpia-21-period").due == date(2026, 10, 21)
    assert awarded.deadline("dsu-22-compensation").status == "expected"
    agreed = deadlines(events(mpia_award="2025-07-21", dsu_period_ended="2025-10-19"), on=date(2025, 9, 1))
    assert agreed.deadline("mpia-21-period").due == date(2025, 10, 19)


def test_a_notice_of_suspension_does_not_outlast_the_90_days() -> None:
    """A notice whose 30 days end after the 90 days, or in the three years of 8.3, frees no suspension."""
    assert "90 days" in clocks()["sg-8-notice"].lapses
    assert "8.3" in clocks()["sg-8-notice"].lapses


def test_clock_met_late_and_event_with_two_kinds() -> None:
    late = deadlines(events(us_232_initiation="2018-05-23", us_232_report="2019-02-20"), on=date(2019, 3, 1))
    assert late.deadline("us-232-report").status == "met late"
    assert late.deadline("us-232-report").says.endswith("3 days late")
    both = [Event(date(2019, 5, 17), ("us-232-determination", "us-232-negotiation-begun"))]
    assert deadlines(both, on=date(2019, 6, 1)).deadline("us-232-action").status == "met"


def test_permitting_clock_neither_lapses_nor_is_late() -> None:
    """It is open on its last day, and what it holds back is free from the day after: that day is the one stated."""
    requested = events(dsu_consultations_request="2019-01-31")
    for on, status in ((date(2019, 4, 1), "open"), (date(2019, 4, 2), "permitted")):
        assert deadlines(requested, on=on).deadline("dsu-4-panel").status == status
    assert deadlines(requested, on=date(2019, 5, 1)).deadline("dsu-4-panel").says == "since 2 April 2019"
    later = deadlines(requested + events(dsu_panel_request="2019-04-20"), on=date(2019, 5, 1))
    assert later.deadline("dsu-4-panel").status == "met"
    assert later.deadline("dsu-4-panel").says == "met on 20 April 2019"
    assert set(STYLES) == set(get_args(DeadlineStatus))
    safeguard = events(sg_measure_applied="2018-03-23")  # the EU and others reserved suspension from 23 March 2021
    for on, says in ((date(2021, 3, 22), "open: 0 days left"), (date(2021, 3, 23), "since 23 March 2021")):
        assert deadlines(safeguard, on=on).deadline("sg-8-three-years").says == says
    noticed = deadlines(events(sg_suspension_notified="2026-04-01"), on=date(2026, 6, 1)).deadline("sg-8-notice")
    assert (noticed.status, noticed.says) == ("permitted", "since 2 May 2026")


def test_second_start_has_its_own_clocks() -> None:
    twice = events(us_232_initiation="2018-05-23", us_232_report="2019-02-17", us_232_determination="2019-05-17")
    twice += events(us_232_negotiation_begun="2019-05-17")
    twice += events(us_232_initiation="2025-01-10", us_232_report="2025-03-01", us_232_determination="2025-06-02")
    twice += events(us_232_negotiation_begun="2025-06-05", us_232_further_action="2025-06-10")
    calendar = deadlines(twice, on=date(2025, 7, 1))
    first, second = (d for d in calendar.deadlines if d.clock.id == "us-232-negotiation")
    assert (first.status, second.status) == ("lapsed", "met")
    assert calendar.deadline("us-232-negotiation").due == date(2025, 11, 29)
    again = deadlines(twice[:6], on=date(2025, 3, 15))
    assert again.deadline("us-232-negotiation").status == "lapsed"  # of the first round
    assert [d.due for d in again.deadlines if d.status == "expected"]


def test_events_after_the_date_are_ignored() -> None:
    calendar = deadlines(events(us_232_initiation="2018-05-23", us_232_report="2019-02-17"), on=date(2018, 6, 1))
    assert calendar.deadline("us-232-report").met_on is None
    assert calendar.get("dsu-4-reply") is None


def test_users_own_clocks() -> None:
    mine = Clock.model_validate(
        {
            **clocks()["us-122-end"].model_dump(),
            "id": "mine",
            "trigger": "mine-begun",
            "length": 10,
            "unit": "business_days",
            "count": "after_trigger",
            "met_by": ["mine-done"],
        }
    )
    calendar = deadlines([Event(date(2019, 5, 17), ("mine-begun",))], on=date(2019, 5, 17), extra={"mine": mine})
    assert calendar.deadline("mine").due == date(2019, 6, 3)  # over Memorial Day


def test_every_clock_has_a_source_and_refers_to_what_is_in_the_book() -> None:
    for clock in clocks().values():
        assert clock.source.title
        assert clock.under in {*rules(), *statutes(), *agreements()}, clock.id
        assert clock.lapses
        assert clock.due
    assert "us-232-initiation" in kinds_of(clocks())


def test_icalendar_is_read_by_another_library(founding: Calendar, tmp_path: Path) -> None:
    path = founding.write_ics(tmp_path / "c.ics", "Cars")
    read = icalendar.Calendar.from_ical(path.read_bytes())
    entries = {str(e["summary"]): e for e in read.walk("VEVENT")}
    assert len(entries) == len(founding.events) + len(founding.deadlines)
    assert len({str(e["uid"]) for e in entries.values()}) == len(entries)
    last = entries["Deadline: The negotiation ends"]
    assert last["dtend"].dt.isoformat() == "2019-11-14T00:00:00-05:00"
    assert entries["US-Japan Trade Agreement signed"]["dtstart"].dt == date(2019, 10, 7)
    assert "14 November 2019" in str(last["description"])
    assert read.walk("VTIMEZONE")
    assert founding.to_ics("Cars") == founding.to_ics("Cars")


def test_calendar_table_has_every_event_and_deadline(founding: Calendar) -> None:
    table = founding.to_frame()
    assert len(table) == len(founding.events) + len(founding.deadlines)
    assert table["date"].is_monotonic_increasing


def test_event_before_its_trigger_is_refused() -> None:
    with pytest.raises(EventFault, match="comes before the us-232-initiation") as fault:
        deadlines(events(us_232_initiation="2018-05-23", us_232_report="2018-02-17"))
    assert (fault.value.index, fault.value.key) == (1, "date")


def test_unknown_clock_names_are_refused(founding: Calendar) -> None:
    with pytest.raises(EventFault, match="us-232-report"):
        deadlines([Event(date(2019, 1, 1), ("us-232-reprot",))])
    with pytest.raises(ep.errors.InputError, match="us-232-negotiation"):
        founding.deadline("us-232-negotiations")
    with pytest.raises(ep.errors.InputError, match="is not running"):
        founding.deadline("dsu-4-reply")


CASE = """\
case: dates
title: Dates
question: When?
parties: [USA]
calendar:
  - {date: 2018-05-23, event: It begins, kind: us-232-initiation}
  - {date: DATE, event: It is reported, kind: KIND}
scenarios:
  none: {title: Nothing}
"""


@pytest.mark.parametrize(
    ("when", "kind", "says"),
    [
        ("2018-02-17", "us-232-report", r"line 7: calendar.2.date: us-232-report on 2018-02-17 comes before"),
        ("2019-02-17", "us-232-reprot", r"line 7: calendar.2.kind: no clock knows the kind 'us-232-reprot'; did you"),
        ("2019-02-30", "us-232-report", r"line 7: calendar.2.date: '2019-02-30' is not a date"),
    ],
)
def test_faults_of_a_case_have_their_line(when: str, kind: str, says: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=says):
        read_case(CASE.replace("DATE", when).replace("KIND", kind))


# ---- at the border of each status ----

ENTRY = clocks()["dsu-4-reply"]


def own(**keys: object) -> dict[str, Clock]:
    """A clock of ten days in Geneva."""
    plain = {
        "id": "own",
        "trigger": "begun",
        "met_by": ["done", "done-otherwise"],
        "length": 10,
        "zone": "Europe/Zurich",
    }
    return {"own": Clock.model_validate(ENTRY.model_dump() | plain | keys)}


def running(*dated: tuple[str, str], on: str, count: Any = None, **keys: object) -> Calendar:
    listed = [Event(date.fromisoformat(when), (kind,), f"{kind} on {when}") for when, kind in dated]
    return deadlines(listed, on=date.fromisoformat(on), extra=own(**keys), day_count=count)


@pytest.mark.parametrize(
    ("on", "status", "says"),
    [
        ("2019-05-01", "open", "open: 10 days left"),
        ("2019-05-10", "open", "open: 1 day left"),
        ("2019-05-11", "open", "open: 0 days left"),
        ("2019-05-12", "lapsed", "passed 1 day ago; no event in the calendar meets it"),
        ("2024-05-11", "lapsed", "passed 1,827 days ago; no event in the calendar meets it"),
    ],
)
def test_a_clock_runs_to_the_end_of_its_last_day(on: str, status: str, says: str) -> None:
    found = running(("2019-05-01", "begun"), on=on).deadline("own")
    assert (found.due, found.status, found.says) == (date(2019, 5, 11), status, says)
    assert found.ends.isoformat() == "2019-05-12T00:00:00+02:00"


@pytest.mark.parametrize(
    ("done", "status", "says"),
    [
        ("2019-05-01", "met", "met on 1 May 2019"),
        ("2019-05-11", "met", "met on 11 May 2019"),
        ("2019-05-12", "met late", "met on 12 May 2019, 1 day late"),
        ("2019-05-14", "met late", "met on 14 May 2019, 3 days late"),
    ],
)
def test_clock_status_when_met_in_time_and_late(done: str, status: str, says: str) -> None:
    for kind in ("done", "done-otherwise"):
        found = running(("2019-05-01", "begun"), (done, kind), on="2019-06-01").deadline("own")
        assert (found.status, found.says) == (status, says)
        assert (found.met_on, found.met_with) == (date.fromisoformat(done), f"{kind} on {done}")


def test_the_first_event_that_meets_a_clock_meets_it() -> None:
    found = running(
        ("2019-05-01", "begun"), ("2019-05-20", "done"), ("2019-05-05", "done-otherwise"), on="2019-06-01"
    ).deadline("own")
    assert (found.met_on, found.status) == (date(2019, 5, 5), "met")


def test_events_on_the_date_count_as_past() -> None:
    dated = (("2019-05-01", "begun"), ("2019-05-05", "done"))
    assert running(*dated, on="2019-05-04").deadline("own").status == "open"
    assert running(*dated, on="2019-05-05").deadline("own").status == "met"
    assert running(*dated, on="2019-05-01").get("own") is not None
    before = running(*dated, on="2019-04-30").deadline("own")
    assert (before.status, before.met_on, before.due) == ("to come", None, date(2019, 5, 11))
    assert before.says == "to come: it starts on 1 May 2019"


def test_a_later_event_takes_the_place_of_one_that_is_only_expected() -> None:
    """The definitive safeguard has a date: its clocks are not those of the last day of the provisional one.

    Its first period counts from the provisional measure (Agreement on Safeguards, Article 6).
    """
    dated = events(sg_provisional_applied="2026-11-15", sg_measure_applied="2027-05-20")
    seen = deadlines(dated, on=date(2026, 11, 30))
    first = seen.deadline("sg-7-four-years")
    assert (first.status, first.starts, first.due) == ("to come", date(2026, 11, 15), date(2030, 11, 14))
    assert first.says == "to come: it is counted from 15 November 2026"
    assert seen.deadline("sg-8-three-years").starts == date(2027, 5, 20)
    assert seen.deadline("sg-8-suspension").says == "to come: it starts on 20 May 2027"
    assert not [d for d in seen.deadlines if d.status == "expected"]
    on_the_day = deadlines(dated, on=date(2027, 5, 20)).deadline("sg-7-four-years")
    assert (on_the_day.status, on_the_day.due) == ("open", first.due)
    alone = deadlines(dated[:1], on=date(2026, 11, 30)).deadline("sg-7-four-years")
    assert (alone.status, alone.due) == ("expected", date(2030, 11, 14))


def test_the_kinds_are_listed_with_what_they_start_and_meet() -> None:
    rows = {kind: (starts, meets) for kind, starts, meets in kinds()}
    assert set(rows) == set(kinds_of(clocks()))
    assert rows["us-232-report"][1] == clocks()["us-232-report"].title
    assert clocks()["us-232-determination"].title in rows["us-232-report"][0]
    assert rows["agreement-signed"][0] == ""


def test_a_later_start_does_not_hide_the_one_that_runs() -> None:
    calendar = running(("2019-05-01", "begun"), ("2019-06-01", "begun"), ("2019-06-03", "done"), on="2019-05-05")
    assert calendar.deadline("own").says == "open: 6 days left"  # what comes after the second start does not meet it
    assert [d.status for d in calendar.deadlines if d.clock.id == "own"] == ["open", "to come"]


def test_event_meets_only_the_last_start_of_a_clock() -> None:
    calendar = running(
        ("2019-05-01", "begun"),
        ("2019-05-05", "done"),
        ("2019-06-01", "begun"),
        ("2019-06-20", "done"),
        on="2019-07-01",
    )
    first, second = (d for d in calendar.deadlines if d.clock.id == "own")
    assert (first.starts, first.status, first.met_on) == (date(2019, 5, 1), "met", date(2019, 5, 5))
    assert (second.starts, second.status, second.met_on) == (date(2019, 6, 1), "met late", date(2019, 6, 20))
    assert calendar.get("own") is second
    # One that was never met before the next start has lapsed, whatever comes later.
    calendar = running(("2019-05-01", "begun"), ("2019-06-01", "begun"), ("2019-06-01", "done"), on="2019-07-01")
    first, second = (d for d in calendar.deadlines if d.clock.id == "own")
    assert (first.status, second.status) == ("lapsed", "met")


def test_the_days_of_a_negotiation_run_only_where_one_is_the_action() -> None:
    """19 U.S.C. 1862(c)(3)(A): the action taken is the negotiation; 180 days after the determination to take it."""
    duty = deadlines(events(us_232_determination="2026-04-02", us_232_action="2026-04-06"), on=date(2026, 11, 30))
    assert duty.get("us-232-negotiation") is None
    talks = deadlines(
        events(us_232_determination="2019-05-17", us_232_negotiation_begun="2019-05-20"), on=date(2019, 6, 1)
    )
    assert talks.deadline("us-232-negotiation").due == date(2019, 11, 13)


def test_other_counts_of_the_days() -> None:
    dated = (("2019-05-01", "begun"),)
    for count, due in (("clear_days", 12), ("including_trigger", 10), ("after_trigger", 11), (None, 11)):
        assert running(*dated, on="2019-05-02", count=count).deadline("own").due == date(2019, 5, due)
    by_clock = running(*dated, on="2019-05-02", count={"own": "clear_days"})
    assert by_clock.deadline("own").due == date(2019, 5, 12)
    other = running(*dated, on="2019-05-02", count={"dsu-4-reply": "clear_days"})
    assert other.deadline("own").due == date(2019, 5, 11)
    alternatives = [{"count": "clear_days", "counted_by": "some"}, {"count": "after_trigger", "counted_by": "most"}]
    found = running(*dated, on="2019-05-02", alternatives=alternatives).deadline("own")
    assert found.others == ((date(2019, 5, 12), "some"),), "a count with the same last day is not listed"


def test_waiting_clock_is_expected_from_the_last_day_of_the_other() -> None:
    """The determination, once there is a report; the action, once there is a determination."""
    calendar = deadlines(events(us_232_initiation="2018-05-23"), on=date(2018, 6, 1))
    expected = {d.clock.id: d.due for d in calendar.deadlines if d.status == "expected"}
    assert expected == {"us-232-determination": date(2019, 5, 18)}
    assert calendar.deadline("us-232-determination").says == "if its trigger comes on the last possible day"
    then = deadlines(events(us_232_initiation="2018-05-23", us_232_report="2019-02-17"), on=date(2019, 2, 18))
    expected = {d.clock.id: d.due for d in then.deadlines if d.status == "expected"}
    assert expected == {
        "us-232-action": date(2019, 6, 2),
        "us-232-reasons": date(2019, 6, 17),
    }
    late = deadlines(events(us_232_initiation="2018-05-23"), on=date(2019, 2, 18))
    assert [d.status for d in late.deadlines] == ["lapsed"], "nothing is expected of what has lapsed"
    # Of several ways to meet a clock the first is the one that another waits for.
    calendar = deadlines(events(us_232_determination="2019-05-17"), on=date(2019, 5, 20))
    assert not [d for d in calendar.deadlines if d.status == "expected"]


def test_expected_clock_follows_only_the_first_way_to_meet_another() -> None:
    """A clock that starts on the second is not expected."""
    first = {"id": "first", "trigger": "begun", "met_by": ["done", "done-otherwise"], "length": 10}
    plain = ENTRY.model_dump() | {"zone": "Europe/Zurich", "met_by": ["over"], "length": 5}
    extra = {
        c["id"]: Clock.model_validate(plain | c)
        for c in (first, {"id": "after", "trigger": "done"}, {"id": "otherwise", "trigger": "done-otherwise"})
    }
    calendar = deadlines([Event(date(2019, 5, 1), ("begun",))], on=date(2019, 5, 2), extra=extra)
    assert {(d.clock.id, d.status, d.due) for d in calendar.deadlines} == {
        ("first", "open", date(2019, 5, 11)),
        ("after", "expected", date(2019, 5, 16)),
    }
    met = [Event(date(2019, 5, 1), ("begun",)), Event(date(2019, 5, 3), ("done",))]
    started = deadlines(met, on=date(2019, 5, 4), extra=extra)
    assert {(d.clock.id, d.status) for d in started.deadlines} == {("first", "met"), ("after", "open")}


def chain(*entries: dict[str, Any]) -> dict[str, Clock]:
    plain = ENTRY.model_dump() | {"zone": "Europe/Zurich", "met_by": ["over"], "length": 5}
    return {entry["id"]: Clock.model_validate(plain | entry) for entry in entries}


AFTER = {"id": "after", "trigger": "done", "length": 5}


def on_days(*dated: tuple[str, int]) -> list[Event]:
    return [Event(date(2019, 5, day), (kind,)) for kind, day in dated]


def test_expected_date_follows_the_later_of_two_running_clocks() -> None:
    """Ten days and twenty from 1 May, then five more: 26 May. A clock that waits for something else has no effect."""
    extra = chain(
        {"id": "short", "trigger": "begun", "met_by": ["done"], "length": 10},
        {"id": "long", "trigger": "begun", "met_by": ["done"], "length": 20},
        {"id": "other", "trigger": "begun", "met_by": ["else"], "length": 300},
        AFTER,
    )
    calendar = deadlines(on_days(("begun", 1)), on=date(2019, 5, 2), extra=extra)
    after = calendar.deadline("after")
    assert (after.status, after.starts, after.due) == ("expected", date(2019, 5, 21), date(2019, 5, 26))


def test_met_clock_does_not_affect_the_next_start() -> None:
    """Both are met on 3 May, the one of thirty days as well; the other, of ten days, runs again from 5 May: what
    follows it is expected on 20 May."""
    extra = chain(
        {"id": "one", "trigger": "begun", "met_by": ["done"], "length": 30},
        {"id": "two", "trigger": "begun-again", "met_by": ["done"], "length": 10},
        AFTER,
    )
    dated = on_days(("begun", 1), ("begun-again", 2), ("done", 3), ("begun-again", 5))
    calendar = deadlines(dated, on=date(2019, 5, 6), extra=extra)
    found = {(d.clock.id, d.status): d.due for d in calendar.deadlines}
    assert found == {
        ("after", "open"): date(2019, 5, 8),
        ("two", "met"): date(2019, 5, 12),
        ("two", "open"): date(2019, 5, 15),
        ("after", "expected"): date(2019, 5, 20),
        ("one", "met"): date(2019, 5, 31),
    }
    assert calendar.deadline("after").status == "open", "the one that was started, though another is expected later"


def test_events_after_a_second_start_do_not_meet_the_first() -> None:
    extra = chain({"id": "one", "trigger": "begun", "met_by": ["done"], "length": 10}, AFTER)
    for second, done in ((3, 5), (3, 3), (1, 1)):
        dated = on_days(("begun", 1), ("begun", second), ("done", done))
        calendar = deadlines(dated, on=date(2019, 5, 6), extra=extra)
        assert [(d.starts.day, d.status) for d in calendar.deadlines if d.clock.id == "after"] == [(done, "open")]


def test_the_last_start_is_the_deadline_of_a_clock_in_whatever_order_they_are_listed() -> None:
    extra = chain({"id": "one", "trigger": "begun"})
    calendar = deadlines(on_days(("begun", 9), ("begun", 1), ("begun", 5)), on=date(2019, 5, 20), extra=extra)
    assert calendar.deadline("one").starts == date(2019, 5, 9)
    assert [e.date.day for e in calendar.events] == [1, 5, 9]
    turned = Calendar(calendar.events, calendar.deadlines[::-1], calendar.on)
    assert turned.deadline("one").starts == date(2019, 5, 9)


def test_calendar_date_defaults_to_today() -> None:
    before = date.today()
    found = deadlines(on_days(("measure-ended", 1))).on
    assert before <= found <= date.today()


def test_icalendar_names_its_producer() -> None:
    """RFC 5545 requires PRODID and VERSION of a calendar, and UID and DTSTAMP of an event."""
    calendar = running(("2019-05-01", "begun"), on="2019-05-02")
    read = icalendar.Calendar.from_ical(calendar.to_ics())
    assert (str(read["prodid"]), str(read["version"])) == ("-//Entrepot//trade calendar//EN", "2.0")
    assert str(read["x-wr-calname"]) == "Entrepot"
    event, deadline = read.walk("VEVENT")
    assert str(event["uid"]) == "event-0-2019-05-01@entrepot.entrepot"
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2019, 5, 1), date(2019, 5, 2))
    assert str(event["summary"]) == "begun on 2019-05-01"
    assert str(deadline["uid"]) == "own-2019-05-01@entrepot.entrepot"
    assert deadline["dtend"].dt.isoformat() == "2019-05-12T00:00:00+02:00"
    assert [e["dtstamp"].dt.isoformat() for e in (event, deadline)] == ["2019-05-02T00:00:00+00:00"] * 2


def test_entries_of_one_day_keep_their_order() -> None:
    same = [Event(date(2019, 5, 1), (), f"event {k}") for k in range(40)]
    table = deadlines([*same, Event(date(2019, 4, 30), (), "before")], on=date(2019, 5, 2)).to_frame()
    assert list(table["what"]) == ["before", *(f"event {k}" for k in range(40))]


def test_repr_shows_the_next_deadline(founding: Calendar) -> None:
    early = ep.load_case("us-japan-autos-2019").deadlines(date(2019, 3, 1))
    text = repr(early)
    assert text.startswith(
        f"Calendar of {len(early.events)} events and {len(early.deadlines)} deadlines, on 1 March 2019."
    )
    assert (
        "Next: The President determines whether he concurs, and what to do, 18 May 2019 (open: 78 days left)." in text
    )
    assert [d.due for d in founding.deadlines] == sorted(d.due for d in founding.deadlines)
    assert [e.date for e in founding.events] == sorted(e.date for e in founding.events)
    assert "Next: .deadlines" in repr(running(("2019-05-01", "begun"), on="2020-01-01"))


def test_table_and_icalendar_agree_with_the_deadlines(founding: Calendar) -> None:
    table = founding.to_frame()
    assert list(table.columns) == [
        *("date", "entry", "what", "kind", "who", "due", "status", "stands", "if_it_lapses"),
        *("counted_otherwise", "provision", "confidence", "happened"),
    ]
    assert list(table.index) == list(range(len(table)))
    assert not table.isna().any().any()
    assert "us-232-determination; us-232-negotiation-begun" in set(table["kind"])
    row = table[table["kind"] == "us-232-negotiation"].iloc[0]
    assert row["entry"] == "deadline"
    assert (row["date"], row["status"]) == (date(2019, 11, 13), "lapsed")
    assert row["stands"] == "passed 17 days ago; no event in the calendar meets it"
    assert row["counted_otherwise"] == "14 November 2019: Reuters and others counted so in November 2019"
    assert row["provision"] == "19 U.S.C. 1862(c)(3)(A); 15 CFR 705.11(b)"
    assert row["if_it_lapses"].startswith("The President must take other action")
    assert set(table["entry"]) == {"event", "deadline"}
    read = icalendar.Calendar.from_ical(founding.to_ics("Cars & more"))
    (end,) = (e for e in read.walk("VEVENT") if e["summary"] == "Deadline: The negotiation ends")
    lines = str(end["description"]).splitlines()
    assert lines[0] == (
        "President of the United States, with the exporting countries: an agreement that limits or restricts imports "
        "(or exports to the United States)."
    )
    assert lines[1].startswith("If it lapses: The President must take other action")
    assert "Counted otherwise: 14 November 2019 (Reuters and others counted so in November 2019)." in lines
    assert any(line.startswith("not carried out: ") for line in lines)
    assert end["dtstart"].dt.isoformat() == "2019-11-13T00:00:00-05:00"
    assert str(end["uid"]) == "us-232-negotiation-2019-05-17@cars---more.entrepot"
    assert end["dtstamp"].dt.isoformat() == "2019-11-30T00:00:00+00:00"
    event = next(e for e in read.walk("VEVENT") if str(e["uid"]).startswith("event-"))
    assert (event["dtend"].dt - event["dtstart"].dt).days == 1
    assert read["x-wr-calname"] == "Cars & more"


def test_events_alone_need_no_time_zone() -> None:
    alone = deadlines([Event(date(2019, 1, 1), (), "New year")], on=date(2019, 1, 2))
    assert alone.deadlines == ()
    read = icalendar.Calendar.from_ical(alone.to_ics())
    assert not read.walk("VTIMEZONE")
    assert [str(e["summary"]) for e in read.walk("VEVENT")] == ["New year"]


def test_event_that_meets_a_clock_before_its_start_is_refused() -> None:
    with pytest.raises(EventFault, match="done on 2019-04-30 comes before the begun of 2019-05-01") as fault:
        running(("2019-05-01", "begun"), ("2019-04-30", "done"), on="2019-06-01")
    assert (fault.value.index, fault.value.key) == (1, "date")
    # On the day itself, or without any start, it can.
    assert running(("2019-05-01", "begun"), ("2019-05-01", "done"), on="2019-06-01").deadline("own").status == "met"
    assert running(("2019-04-30", "done"), on="2019-06-01").get("own") is None
    # After the first of two starts, it can.
    both = (("2019-05-01", "begun"), ("2019-05-03", "done"), ("2019-06-01", "begun"))
    assert running(*both, on="2019-06-02").deadlines[0].status == "met"
    # An event may start and meet a clock at once.
    again = running(("2019-05-01", "begun"), ("2019-05-05", "begun"), on="2019-06-02", met_by=["begun"])
    assert [d.status for d in again.deadlines] == ["met", "met"]


def test_kinds_of_events_are_known_with_the_clocks() -> None:
    known = kinds_of(own())
    assert set(known) >= {"begun", "done", "done-otherwise", "agreement-signed", "measure-ended"}
    assert len(known) == len(set(known))
    with pytest.raises(EventFault, match="no clock knows the kind 'doen'; did you mean done"):
        running(("2019-05-01", "begun"), ("2019-05-05", "doen"), on="2019-06-01")
    with pytest.raises(
        ep.errors.InputError, match="is not running: no event in the calendar is a dsu-consultations-request"
    ):
        running(("2019-05-01", "begun"), on="2019-06-01").deadline("dsu-4-reply")


@pytest.mark.parametrize(
    ("key", "value"), [("length", 0), ("zone", "Geneva"), ("unit", "fortnights"), ("roll", "back")]
)
def test_invalid_clock_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key if key != "zone" else "is not a time zone"):
        own(**{key: value})


def test_a_last_day_that_rolls() -> None:
    """From Saturday, 11 May 2019, to the Monday after."""
    found = running(("2019-05-01", "begun"), on="2019-05-02", roll="next_business_day").deadline("own")
    assert found.due == date(2019, 5, 13)


def test_a_period_is_counted_from_the_first_day_of_the_calendar() -> None:
    limited = [clock for clock in clocks().values() if clock.counts_at_most is not None]
    assert limited
    for clock in limited:
        for day in (date.min, date(1, 1, 31)):
            assert clock.counted_from(day, [], date.min) == day


@pytest.mark.parametrize("on", [0, "x", True, 5.5])
def test_a_day_that_is_none_is_refused(on: Any) -> None:
    case = ep.load_case("us-japan-autos-2019")
    for calendar in (case.deadlines, lambda on: deadlines(case.calendar, on=on)):
        with pytest.raises(ep.errors.InputError, match=f"^on: {on!r} is not a date such as 2019-05-17"):
            calendar(on)
    assert case.deadlines("17 May 2019").on == deadlines(case.calendar, on="2019-05-17").on == date(2019, 5, 17)


def test_a_continuation_on_the_last_day_continues_one_year() -> None:
    """50 U.S.C. 1622(d): each anniversary needs a notice of its own in the 90 days before it."""
    dated = events(us_ieepa_emergency="2025-02-01", us_ieepa_continuation="2026-01-31")
    found = deadlines(dated, on=date(2027, 3, 1)).deadlines
    assert [(d.due, d.status) for d in found if d.clock.id == "us-ieepa-renewal"] == [
        (date(2026, 1, 31), "met"),
        (date(2027, 1, 31), "lapsed"),
    ]


def test_a_clock_that_starts_today_runs_once() -> None:
    calendar = running(("2019-05-01", "begun"), on="2019-05-01")
    assert [(d.starts, d.status) for d in calendar.deadlines] == [(date(2019, 5, 1), "open")]


def test_an_event_may_end_a_clock_of_before_and_come_before_another() -> None:
    """A report and its period, then an appeal by arbitration in the compliance stage, whose award starts its own."""
    dated = events(dsu_adoption="2020-01-10", dsu_period_ended="2021-03-01", mpia_appeal="2022-05-01")
    dated += events(mpia_award="2022-07-01")
    assert deadlines(dated, on=date(2022, 8, 1)).deadlines
    with pytest.raises(ep.errors.InputError, match="comes before the mpia-award"):
        deadlines(dated[1:], on=date(2022, 8, 1))


def test_what_came_before_its_window_is_named() -> None:
    """19 U.S.C. 2417(c): a request to continue counts in the last 60 days of the four years."""
    dated = events(us_301_action="2018-07-06", us_301_continuation="2022-04-20")
    found = next(d for d in deadlines(dated, on=date(2022, 8, 1)).deadlines if d.clock.id == "us-301-end")
    assert found.status == "lapsed"
    assert found.says == "passed 27 days ago; what came on 20 April 2022 was too early to meet it"


def test_of_several_starts_to_come_the_next_is_the_deadline_of_a_clock() -> None:
    for dated in ((3, 9), (9, 3)):
        listed = tuple((f"2019-05-{day:02}", "begun") for day in dated)
        assert running(*listed, on="2019-05-01").deadline("own").starts == date(2019, 5, 3)


@pytest.mark.parametrize("on", [date(2020, 1, 1), date(2022, 6, 1), date(2023, 1, 1)])
def test_a_provisional_measure_counts_for_the_safeguard_that_followed_it_alone(on: date) -> None:
    """Article 6: its days are part of the initial period of that measure, not of the next one within 200 days."""
    dated = events(sg_provisional_applied="2022-02-01", sg_measure_applied="2022-05-01")
    dated += events(sg_measure_applied="2022-07-01")
    found = [d for d in deadlines(dated, on=on).deadlines if d.clock.id == "sg-7-four-years"]
    assert [d.due for d in found] == [date(2026, 1, 31), date(2026, 6, 30)]


def test_every_provisional_measure_within_200_days_counts() -> None:
    """Article 6: the duration of any such provisional measure is part of the initial period, so the first begins it."""
    dated = events(sg_provisional_applied="2026-11-15", sg_measure_applied="2027-05-20")
    dated += events(sg_provisional_applied="2027-01-15")
    (found,) = [d for d in deadlines(dated, on=date(2027, 6, 1)).deadlines if d.clock.id == "sg-7-four-years"]
    assert found.due == date(2030, 11, 14)
