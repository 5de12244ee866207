"""The worked example in docs/exposure.md gives the numbers printed there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.exposures.stacking import read_stacking
from test_cli import call

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "exposure.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """The indented block after a line of the page."""
    found = re.search(rf"{re.escape(after)}\n\n((?:    .*\n)+)", PAGE)
    assert found, after
    return "".join(line[4:] for line in found.group(1).splitlines(keepends=True))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("trade.csv", "schedule.csv", "proposal.csv"):
        (tmp_path / name).write_text(block(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_is_what_it_prints(folder: Path) -> None:
    command = block("Then").split()
    code, printed, err = call(*command[1:])
    assert code == 0, err
    for line in block("US$ billion),").splitlines():
        assert line.rstrip() in {row.rstrip() for row in printed.splitlines()}, line
    code, printed, _ = call("run", "case.yaml")
    assert "The United States loses US$608 million, Mexico US$6.2 billion," in " ".join(printed.split())


@pytest.mark.slow
def test_text_of_the_manual_matches_the_numbers(folder: Path) -> None:
    found = ep.exposures.exposure("trade.csv", "schedule.csv", "proposal.csv")
    after = found.by_partner.loc["MEX", "imports_response"] / 1e3
    assert after == pytest.approx(30 * (1.5 / 1.25) ** -4.068, rel=1e-3)
    assert after == pytest.approx(14.3, abs=0.05)
    may = ep.exposures.exposure("trade.csv", "schedule.csv", on="2025-05-01")
    assert may.by_partner.loc["CAN", "applied"] == pytest.approx(0.35)


def test_the_stacking_of_the_page_is_one() -> None:
    rules = read_stacking(
        block(
            "United States), `plain` (ordinary duty, preference, additional, anti-dumping and countervailing duty) or "
            "a file of your own:"
        ),
        "mine.yaml",
    )
    assert [a.id for a in rules.authorities][-1] == "surcharge"
    assert rules.authorities[-1].ceilings[0].rate == 0.15
