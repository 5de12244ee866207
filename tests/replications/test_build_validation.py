"""The script that writes docs/validation.md."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from entrepot.replications import (
    Replication,
    cp2015,
    gains_from_trade,
    gegravity,
    gravity_counterfactuals,
    replications,
)
from entrepot.replications.replication import Line

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "build_validation.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_validation", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(script: ModuleType, ours: float) -> str:
    made = Replication.of(
        "cp2015", "A title", "A citation", [Line("welfare", "MEX", 1.31, ours, 0.005, "Table 2")], ["A note."]
    )
    return str(script.section(made))


def test_every_replication_has_its_folder(script: ModuleType) -> None:
    assert set(script.FOLDERS) == set(replications())


def test_the_page_has_the_notes_of_every_replication() -> None:
    """The script writes the page: words that are changed in one place alone show here, without running it."""
    page = (SCRIPT.parents[1] / "docs" / "validation.md").read_text(encoding="utf-8")
    for module in (cp2015, gains_from_trade, gegravity, gravity_counterfactuals):
        assert [note for note in module.NOTES if f"- {note}\n" not in f"{page}\n"] == []


def test_a_section_shows_both_columns(script: ModuleType) -> None:
    text = page(script, 1.3121)
    assert "| welfare | MEX | 1.3100 | 1.3121 | 0.0021 | 0.005 | Table 2 |" in text
    assert "**1 of 1 numbers reproduced.**" in text
    assert text.endswith("- A note.\n")


def test_differences_are_marked_in_the_section(script: ModuleType) -> None:
    assert "| **!** welfare | MEX | 1.3100 | 1.4000 |" in page(script, 1.4)


def test_check_accepts_a_unit_of_the_last_digit(script: ModuleType) -> None:
    old = page(script, 1.3121)
    assert script.differences(old, page(script, 1.31212)) == []
    assert script.differences(old, page(script, 1.3122)) == []
    assert len(script.differences(old, page(script, 1.3126))) == 1
    assert "now" in script.differences(old, old + "more\n")[0]


def test_missing_data_folder_is_reported(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["build_validation.py", "--data", str(tmp_path)])
    assert script.main() == 2
    assert "xbilat1993.txt" in capsys.readouterr().err
