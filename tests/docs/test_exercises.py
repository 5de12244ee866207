"""The exercises for a class run from their first cell to their last, and their answers agree with their tables."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from manual_pages import ROOT

EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("ex*.py"))
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("marimo") is None, reason="notebooks need the extra notebook: pip install '.[notebook]'"
)


def definitions(path: Path) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.app.run()[1])


def test_there_are_six_exercises() -> None:
    assert len(EXERCISES) == 6


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_a_script_ends_with_how_to_open_it(path: Path) -> None:
    """The last cell alone, since Python prints nothing of what cells show."""
    last = path.read_text(encoding="utf-8").split("@app.cell")[-1]
    assert 'mo.app_meta().mode == "script"' in last
    assert f"marimo edit notebooks/exercises/{path.name}" in last


@pytest.mark.slow
def test_an_exercise_run_by_python_prints_how_to_open_it() -> None:
    path = EXERCISES[0]
    made = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert made.stdout.endswith(f"To read the answers: marimo edit notebooks/exercises/{path.name}\n")


@pytest.mark.slow
@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_every_cell_of_an_exercise_runs(path: Path) -> None:
    found = definitions(path)
    assert "mo" in found


@pytest.mark.slow
def test_same_trade_has_one_volume_and_three_holders() -> None:
    found = definitions(ROOT / "notebooks" / "exercises" / "ex2_same_trade.py")
    volumes = [o.measures["volume"].iloc[0] for o in found["outcomes"].values()]
    assert volumes == pytest.approx([found["volume"]] * 3, rel=1e-8)
    assert (found["shared"]["JPN"].diff().dropna() > 0).all()
    assert (found["shared"]["USA"].diff().dropna() < 0).all()


@pytest.mark.slow
def test_a_war_is_worse_than_peace_for_both_and_home_makers_gain_by_a_limit() -> None:
    war = definitions(ROOT / "notebooks" / "exercises" / "ex4_answer.py")["payoffs"]
    assert (war < 0).all()
    profit = definitions(ROOT / "notebooks" / "exercises" / "ex6_makers.py")["profit"]
    assert profit.loc["Home", "90% of them"] > profit.loc["Home", "free trade"]
