"""The manual quotes what the program prints today, and the figures of the founding case show the same numbers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from manual_pages import FENCE, PAGES, ROOT, one_line, tables, text_of, transcripts
from shelves import slow_unless
from test_cli import call

FOUNDING = ROOT / "docs" / "founding-case.md"
TRANSCRIPTS = [t for page in PAGES for t in transcripts(page)]
COMMANDS = list(dict.fromkeys(t.command for t in TRANSCRIPTS))
CASE = ROOT / "src" / "entrepot" / "cases" / "bundled" / "us-japan-autos-2019.yaml"
#: Numbers with decimals, money and percentages: what could go out of date.
NUMBER = re.compile(r"\d[\d,]*\.\d+%?|US\$\d+|\d+%")
#: The gap that is left when a search ends differs by processor; the tolerance is in brackets after it.
GAP = re.compile(r"(?<=condition )\de-\d+")
#: Commands that solve many equilibria; what they print is tested with each of them.
LONG = ("bargain ", "sweep ", "retaliate ", "validate", "run us-japan-autos-2019 --full")


@pytest.mark.parametrize("command", slow_unless([c for c in COMMANDS if not c.startswith(LONG)], COMMANDS))
def test_quoted_output_is_what_the_command_prints(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for other in COMMANDS:  # a command may read the case that another one writes
        if other.startswith("case new ") and other != command:
            assert call(*other.split())[0] == 0
    for page in PAGES:
        for name, table in tables(page).items():
            (tmp_path / name).write_text(table, encoding="utf-8")
    code, out, err = call(*command.split())
    assert code == 0, err
    printed = GAP.sub("GAP", one_line(out))
    for transcript in (t for t in TRANSCRIPTS if t.command == command):
        at = 0
        for part in transcript.quoted:
            quoted = GAP.sub("GAP", part)
            found = printed.find(quoted, at)
            assert found >= 0, f"{transcript.page}: entrepot {command} does not print, or not in this order: {part}"
            at = found + len(quoted)


def test_numbers_in_the_text_are_quoted_or_stated_by_the_case() -> None:
    stated = " ".join([*(part for t in transcripts(FOUNDING) for part in t.quoted), text_of(CASE)])
    for number in NUMBER.findall(FENCE.sub("", text_of(FOUNDING))):
        bare = re.escape(number.removeprefix("US$"))
        assert re.search(rf"(?<![\d.]){bare}(?!\d)", stated), number


@pytest.mark.slow
def test_figures_show_the_computed_numbers() -> None:
    script = ROOT / "scripts" / "draw_figures.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make figures\n{done.stderr}"
