"""Statutory clocks on the founding case's real events, and on made-up ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import icalendar
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.report.calendar import STYLES
from entrepot.rules.book import rules, statutes
from entrepot.rules.clocks import Calendar, Clock, EventFault, Status, clocks, deadlines, kinds_of


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


def test_the_other_count_of_days() -> None:
    calendar = ep.load_case("us-japan-autos-2019").deadlines(date(2019, 6, 1), "clear_days")
    assert calendar.deadline("us-232-negotiation").due == date(2019, 11, 14)


def test_as_it_stood() -> None:
    case = ep.load_case("us-japan-autos-2019")
    before = case.deadlines(date(2019, 3, 1))
    assert before.deadline("us-232-determination").says == "open: 78 days left"
    assert before.deadline("us-232-negotiation").status == "expected"
    assert before.deadline("us-232-negotiation").due == date(2019, 11, 14)  # 180 days from the last day to determine
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
    assert calendar.deadline("sg-8-three-years").due == date(2021, 2, 7)
    assert calendar.deadline("sg-7-four-years").due == date(2022, 2, 7)


def test_met_late_and_one_event_that_is_two_things() -> None:
    late = deadlines(events(us_232_initiation="2018-05-23", us_232_report="2019-02-20"), on=date(2019, 3, 1))
    assert late.deadline("us-232-report").status == "met late"
    assert late.deadline("us-232-report").says.endswith("3 days late")
    both = [Event(date(2019, 5, 17), ("us-232-determination", "us-232-negotiation-begun"))]
    assert deadlines(both, on=date(2019, 6, 1)).deadline("us-232-action").status == "met"


def test_what_a_clock_permits_does_not_lapse_and_is_never_late() -> None:
    asked = events(dsu_consultations_request="2019-01-31")
    for on, status in ((date(2019, 4, 1), "open"), (date(2019, 4, 2), "permitted")):
        assert deadlines(asked, on=on).deadline("dsu-4-panel").status == status
    assert deadlines(asked, on=date(2019, 5, 1)).deadline("dsu-4-panel").says == "since 1 April 2019"
    later = deadlines(asked + events(dsu_panel_request="2019-04-20"), on=date(2019, 5, 1))
    assert later.deadline("dsu-4-panel").status == "met"
    assert later.deadline("dsu-4-panel").says == "met on 20 April 2019"
    assert set(STYLES) == set(get_args(Status))


def test_a_second_round_has_clocks_of_its_own() -> None:
    twice = events(us_232_initiation="2018-05-23", us_232_report="2019-02-17", us_232_determination="2019-05-17")
    twice += events(us_232_initiation="2025-01-10", us_232_report="2025-03-01", us_232_determination="2025-06-02")
    twice += events(us_232_further_action="2025-06-10")
    calendar = deadlines(twice, on=date(2025, 7, 1))
    first, second = (d for d in calendar.deadlines if d.clock.id == "us-232-negotiation")
    assert (first.status, second.status) == ("lapsed", "met")
    assert calendar.deadline("us-232-negotiation").due == date(2025, 11, 29)
    again = deadlines(twice[:5], on=date(2025, 3, 15))
    assert again.deadline("us-232-negotiation").status == "lapsed"  # of the first round
    assert [d.due for d in again.deadlines if d.status == "expected"]


def test_what_is_to_come_has_not_happened() -> None:
    calendar = deadlines(events(us_232_initiation="2018-05-23", us_232_report="2019-02-17"), on=date(2018, 6, 1))
    assert calendar.deadline("us-232-report").met_on is None
    assert calendar.get("dsu-4-reply") is None


def test_clocks_of_ones_own() -> None:
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
        assert clock.under in {*rules(), *statutes()}, clock.id
        assert clock.lapses
        assert clock.due
    assert "us-232-initiation" in kinds_of(clocks())


def test_the_file_that_other_programs_read(founding: Calendar, tmp_path: Path) -> None:
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


def test_the_table_has_all_of_it(founding: Calendar) -> None:
    table = founding.to_frame()
    assert len(table) == len(founding.events) + len(founding.deadlines)
    assert table["date"].is_monotonic_increasing


def test_before_what_starts_it() -> None:
    with pytest.raises(EventFault, match="comes before the us-232-initiation") as fault:
        deadlines(events(us_232_initiation="2018-05-23", us_232_report="2018-02-17"))
    assert (fault.value.index, fault.value.key) == (1, "date")


def test_names_that_are_not_there(founding: Calendar) -> None:
    with pytest.raises(EventFault, match="us-232-report"):
        deadlines([Event(date(2019, 1, 1), ("us-232-reprot",))])
    with pytest.raises(ep.InputError, match="us-232-negotiation"):
        founding.deadline("us-232-negotiations")
    with pytest.raises(ep.InputError, match="is not running"):
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
    with pytest.raises(ep.DocumentError, match=says):
        read_case(CASE.replace("DATE", when).replace("KIND", kind))
