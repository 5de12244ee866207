"""screen, calendar and rules on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entrepot.cli import app

runner = CliRunner()


def run(*arguments: str, code: int = 0) -> str:
    done = runner.invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_the_screen_of_the_founding_case_reads_as_a_first_note() -> None:
    text = run("screen", "us-japan-autos-2019", "--scenario", "ver")
    assert "Japan and the EU: inconsistent with GATT XI:1, GATT XIII and Safeguards 11.1(b)" in text
    assert "Authority under domestic law is not a defence under the treaty" in text
    assert "footnote 3" in text
    assert "not legal advice" in text


def test_the_tariff_beyond_the_bound_rate_has_its_number() -> None:
    text = run("screen", "us-japan-autos-2019", "--scenario", "tariff")
    assert "2.5% applied and 25 percentage points more make 27.5%; the bound rate is 2.5%" in text
    assert "Light trucks" in text


def test_a_preference_without_substantially_all_trade_has_its_coverage() -> None:
    text = run("screen", "us-japan-autos-2019", "--scenario", "farm_deal")
    assert "of the trade in goods with the United States, both ways, is free of duty under" in text
    assert "inconsistent" in text


def test_screen_as_json_and_csv() -> None:
    done = runner.invoke(app, ["screen", "us-japan-autos-2019", "--economy", "world2014", "--format", "json"])
    found = json.loads(done.stdout)
    assert {f["status"] for f in found["findings"]} >= {"contested", "inconsistent"}
    assert all(f["steps"] for f in found["findings"])
    assert run("screen", "us-japan-autos-2019", "--economy", "world2014", "--format", "csv").startswith(
        "scenario,date,measure"
    )


def test_calendar(tmp_path: Path) -> None:
    ics = tmp_path / "c.ics"
    text = run("calendar", "us-japan-autos-2019", "--on", "2019-11-30", "--zone", "Asia/Tokyo", "--ics", str(ics))
    assert "13 November 2019" in text
    assert "14 November 2019 by another count" in text
    assert "14 November 2019, 14:00" in text
    assert ics.read_bytes().startswith(b"BEGIN:VCALENDAR")
    rows = json.loads(runner.invoke(app, ["calendar", "us-japan-autos-2019", "--format", "json"]).stdout)
    assert rows[0]["date"] == "2018-05-23"
    assert any(row["kind"] == "us-232-negotiation" for row in rows)


def test_the_book() -> None:
    assert "gatt-xi-1" in run("rules")
    assert "cptpp" in run("rules", "agreements")
    assert "Quantitative restrictions" in run("rules", "gatt-xi-1")
    assert "19 U.S.C. 1862" in run("rules", "us-232")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["screen", "us-japan-autos-2019", "--on", "yesterday"], "is not a date"),
        (["screen", "us-japan-autos-2019", "--economy", "world2014", "--scenario", "vre"], "did you mean ver"),
        (["calendar", "us-japan-autos-2019", "--day-count", "clear"], "clear_days"),
        (["calendar", "us-japan-autos-2019", "--zone", "Tokyo"], "is not a time zone"),
        (["rules", "gatt-xj-1"], "gatt-xi-1"),
    ],
)
def test_bad_input(arguments: list[str], says: str) -> None:
    assert says in run(*arguments, code=2)
