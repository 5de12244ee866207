"""What the manual quotes is what the program prints today, and the figures of the founding case show it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from manual_pages import FENCE, PAGES, ROOT, one_line, text_of, transcripts
from shelves import slow_unless
from test_cli import call

FOUNDING = ROOT / "docs" / "founding-case.md"
TRANSCRIPTS = [t for page in PAGES for t in transcripts(page)]
CASE = ROOT / "src" / "entrepot" / "cases" / "bundled" / "us-japan-autos-2019.yaml"
#: Numbers with decimals, money and percentages: what could go out of date.
NUMBER = re.compile(r"\d[\d,]*\.\d+%?|US\$\d+|\d+%")
#: What is left of a gap when a search ends differs by processor; the number asked for is in brackets.
GAP = re.compile(r"(?<=condition )\de-\d+")


COMMANDS = list(dict.fromkeys(t.command for t in TRANSCRIPTS))
#: Commands that solve many equilibria; what they print is tested with each of them.
LONG = ("bargain ", "sweep ", "retaliate ", "validate")


@pytest.mark.parametrize("command", slow_unless([c for c in COMMANDS if not c.startswith(LONG)], COMMANDS))
def test_what_is_quoted_is_printed(command: str) -> None:
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


def test_every_number_of_the_text_is_quoted_or_stated_by_the_case() -> None:
    said = " ".join([*(part for t in transcripts(FOUNDING) for part in t.quoted), text_of(CASE)])
    for number in NUMBER.findall(FENCE.sub("", text_of(FOUNDING))):
        bare = re.escape(number.removeprefix("US$"))
        assert re.search(rf"(?<![\d.]){bare}(?!\d)", said), number


@pytest.mark.slow
def test_the_figures_show_what_is_computed() -> None:
    script = ROOT / "scripts" / "draw_figures.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make figures\n{done.stderr}"
