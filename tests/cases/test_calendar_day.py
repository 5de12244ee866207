"""The day on which a calendar opens, and what came of its deadlines."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cli import app

Date = datetime.date
CASE = """
case: live
title: A case
question: When?
parties: [USA, JPN]
sources: [{id: paper, title: A newspaper, publisher: A publisher, date: 2026-11}]
calendar:
  - {date: 2026-06-01, event: The surcharge begins, kind: us-122-applied}
scenarios:
  tariff:
    title: 5 points
    measures: [{tariff: {importer: USA, sector: motor_vehicles, rate: 5%, change: add}}]
"""
LAW = "law: {on: 2026-06-20}\n"
AFTER = "afterwards: {us-122-end: {what: Congress let it end., sources: [paper]}}\n"


@pytest.mark.parametrize(
    ("text", "today", "opens"),
    [
        (CASE, Date(2026, 5, 1), Date(2026, 5, 1)),  # the event lies ahead
        (CASE, Date(2026, 7, 1), Date(2026, 7, 1)),  # its 150 days run
        (CASE, Date(2026, 10, 28), Date(2026, 10, 28)),  # the last of them
        (CASE, Date(2026, 10, 29), Date(2026, 6, 1)),
        (CASE + LAW, Date(2026, 7, 1), Date(2026, 7, 1)),
        (CASE + LAW, Date(2027, 7, 1), Date(2026, 6, 20)),
    ],
)
def test_calendar_opens_today_while_something_lies_ahead(text: str, today: Date, opens: Date) -> None:
    assert read_case(text).calendar_day(today) == opens


def test_case_without_a_calendar_opens_today() -> None:
    case = read_case(
        CASE.replace("  - {date: 2026-06-01, event: The surcharge begins, kind: us-122-applied}\n", "").replace(
            "calendar:\n", ""
        )
    )
    assert case.calendar_day(Date(2030, 1, 1)) == Date(2030, 1, 1)


def test_founding_case_opens_on_the_day_of_the_proclamation() -> None:
    case = ep.load_case("us-japan-autos-2019")
    assert case.calendar_day(Date(2026, 11, 29)) == case.deadlines().on == Date(2019, 5, 17)
    ends = case.deadlines().deadline("us-232-negotiation")
    assert (ends.status, ends.due) == ("open", Date(2019, 11, 13))
    assert ends.happened.startswith("No agreement that limits trade was concluded")


def test_what_came_of_a_deadline_is_shown_and_changes_no_fingerprint() -> None:
    plain, known = read_case(CASE), read_case(CASE + AFTER)
    assert known.fingerprint == plain.fingerprint
    row = known.deadlines(Date(2026, 7, 1)).to_frame().set_index("kind").loc["us-122-end"]
    assert row["happened"] == "Congress let it end."
    assert plain.deadlines(Date(2026, 7, 1)).deadline("us-122-end").happened == ""


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("us-japan-autos-2019", "3d63d6a648c5ab89"),
        ("us-japan-autos-2025", "584e5a992f4eed3a"),
    ],
)
def test_bundled_cases_keep_the_fingerprints_that_runs_were_saved_under(name: str, digest: str) -> None:
    assert ep.load_case(name).fingerprint[:16] == digest


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("afterwards: {us-122-ends: {what: It ended.}}\n", "no clock has the id 'us-122-ends'"),
        ("afterwards: {us-122-end: {what: It ended., sources: [papers]}}\n", "no source has the id 'papers'"),
    ],
)
def test_names_in_afterwards_are_checked(after: str, says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        read_case(CASE + after)


def test_command_says_which_day_it_opens_on_and_what_came_of_it() -> None:
    text = CliRunner().invoke(app, ["calendar", "us-japan-autos-2019"]).stdout
    assert "As it stands on 17 May 2019." in text
    assert "opens on the case's own day" in " ".join(text.split())
    assert "what came of it: No agreement that limits trade" in " ".join(text.split())
    rows = json.loads(CliRunner().invoke(app, ["calendar", "us-japan-autos-2019", "--format", "json"]).stdout)
    assert [row["happened"] != "" for row in rows if row["kind"] == "us-232-negotiation"] == [True]


def test_a_case_whose_day_is_today_opens_without_a_remark(tmp_path: Path) -> None:
    """That nothing is to come is not said above an event to come, where the case's own day is today."""
    today = datetime.date.today()
    path = tmp_path / "live.yaml"
    ahead = today + datetime.timedelta(days=1)
    path.write_text(CASE.replace("2026-06-01", ahead.isoformat()) + f"law: {{on: {today}}}\n")
    out = " ".join(CliRunner().invoke(app, ["calendar", str(path)]).stdout.split())
    assert "as no event is to come" not in out
    assert "to come: it starts on" in out
    path.write_text(CASE + LAW.replace("2026-06-20", "2020-01-01"))
    path.write_text(path.read_text().replace("2026-06-01", "2019-12-01"))
    out = " ".join(CliRunner().invoke(app, ["calendar", str(path)]).stdout.split())
    assert "as no event is to come" in out


def test_kinds_of_event_are_printed_without_a_case() -> None:
    out = CliRunner().invoke(app, ["calendar", "--kinds", "--format", "csv"])
    assert out.exit_code == 0
    assert out.stdout.splitlines()[0] == "kind,starts,meets"
    assert "us-122-applied" in CliRunner().invoke(app, ["calendar", "--kinds"]).stdout
    assert CliRunner().invoke(app, ["calendar"]).exit_code == 2
