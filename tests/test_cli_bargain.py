"""entrepot bargain: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from small_sweep import small
from test_cli import call

CASE = "us-japan-autos-2019"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("bargain") / "out"
    code, text, err = call("bargain", CASE, "--economy", "world2014", "--points", "3", "--out", str(out))
    assert code == 0, err
    return out, " ".join(text.split())


@pytest.mark.slow
def test_page_of_a_bargain(folder: tuple[Path, str]) -> None:
    text = folder[1]
    assert "more than the threat to Japan? Yes: against things as they are, Japan gains US$2.2 billion" in text
    assert "to the United States? No: against things as they are, the United States loses US$7.0 billion" in text
    assert "Does any deal on the table beat the threat for both? Yes:" in text
    assert "is not credible: carrying it out costs the United States US$1.1 billion a year" in text
    assert "The deal of October 2019" in text
    for heading in (
        "On the table",
        "The deals",
        "Threats",
        "What each would do alone",
        "The clock runs down",
        "The game",
    ):
        assert heading in text


@pytest.mark.slow
def test_folder_of_a_bargain(folder: tuple[Path, str]) -> None:
    out, _ = folder
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "What both would sign" in page
    assert "No deal: the threat" in page
    deals, surface = pd.read_csv(out / "deals.csv"), pd.read_csv(out / "surface.csv")
    assert {"now", "restraint", "deal_2019", "Nash", "egalitarian"} <= set(deals["deal"])
    assert len(surface) == 81
    frontier = pd.read_csv(out / "frontier.csv")
    assert frontier["gain of USA"].is_monotonic_increasing
    assert frontier["gain of JPN"].is_monotonic_decreasing
    assert len(pd.read_csv(out / "deal_countries.csv")) == 44 * len(deals)
    assert set(pd.read_csv(out / "talks.csv")["proposer"]) == {"USA", "JPN"}


@pytest.mark.slow
def test_json_of_a_small_bargain(tmp_path: Path) -> None:
    code, out, _ = call("bargain", str(small(tmp_path)), "--points", "3", "--format", "json")
    assert code == 0
    data = json.loads(out)
    assert data["parties"] == ["C00", "C01"]
    assert "half" in data["deals"]
    assert data["complete"] is True


@pytest.mark.slow
def test_json_of_the_founding_case() -> None:
    code, out, _ = call("bargain", CASE, "--economy", "world2014", "--points", "2", "--format", "json")
    assert code == 0
    data = json.loads(out)
    assert data["parties"] == ["USA", "JPN"]
    assert data["objectives"] == {"USA": "real income", "JPN": "real income"}
    assert data["threats"][0]["credible"] is False
    assert data["deals"]["restraint"]["signed_by"] == ["JPN"]
    assert data["complete"] is True


def test_refused_bargains(tmp_path: Path) -> None:
    code, _, err = call("bargain", "japan-vers-1981")
    assert code == 2
    assert "has no table" in err
    code, _, err = call("bargain", str(small(tmp_path)), "--points", "1")
    assert code == 2
    assert "2 to 1000" in err
    code, _, err = call("bargain", str(tmp_path / "nothing.yaml"))
    assert code == 2
