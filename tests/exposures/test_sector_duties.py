"""The duties on the lines of a sector are those of `duty` line by line, with both ends where lines within differ."""

from __future__ import annotations

import json

import pytest

import entrepot as ep
from entrepot.desk.handlers import answer
from entrepot.exposures.sector_duties import sector_duties

DAY = "2026-03-15"
#: The sectors of the bundled Economy; which of them a line belongs to depends on all.
SECTORS = ep.load_economy("world2022").sectors


def test_lines_of_a_sector_have_the_duty_of_each() -> None:
    lines = {
        line.code: line for line in sector_duties("USA", "motor_vehicles", exporter="JPN", sectors=SECTORS, on=DAY)
    }
    assert len(lines) == 192
    for code in ("87032301", "87042101", "94012000"):
        assert lines[code].low == lines[code].high == ep.exposures.duty("USA", code, exporter="JPN", on=DAY).rate
    # Statistical lines of one line that pay different rates.
    ends = [ep.exposures.duty("USA", f"87059000{end}", exporter="JPN", on=DAY).rate for end in ("10", "80")]
    assert (lines["87059000"].low, lines["87059000"].high) == (min(ends), max(ends))
    assert min(ends) < max(ends)
    assert lines["87032301"].base == "2.5%"


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="United States alone"):
        sector_duties("JPN", "motor_vehicles", exporter="USA", sectors=SECTORS, on=DAY)
    request = {"importer": "USA", "exporter": "JPN", "sector": "shoes"}
    status, body = answer("lines", request)
    assert status == 422
    assert json.loads(body)["key"] == "sector"
