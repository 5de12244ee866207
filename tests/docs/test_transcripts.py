"""The manual quotes what the program prints today, and the figures of the founding case show the same numbers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.studies import tidy_frames
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
#: A row of a table in Markdown.
ROW = re.compile(r"^\|.*\|$", re.MULTILINE)
#: What docs/founding-case.md calls the scenarios and parties that it compares on three worlds.
COMPARED = {
    "25 points on all but Canada and Mexico": "tariff",
    "25 points on Japan and the EU": "tariff_japan_eu",
    "Japan and the EU restrain, same volume": "ver",
    "The same volume, auctioned": "auctioned_quota",
    "25 points on Japan alone": "tariff_japan",
    "Japan restrains alone, same volume": "ver_japan",
    "Preferences, the United States left out": "preferences",
    "Farm deal": "farm_deal",
}
PARTIES = {
    "United States": "USA",
    "Japan": "JPN",
    "the EU": "EU28",
    "EU": "EU28",
    "Mexico": "MEX",
    "South Korea": "KOR",
}
#: Commands that solve many equilibria; what they print is tested with each of them.
LONG = (
    "bargain ", "figure us-japan-autos-2019 revenue --scenario ver",
    "path ", "retaliate ", "run us-japan-autos-2019 --full", "screen us-japan-autos-2019",
    "solve --economy world2014 --tariff USA:CHN", "solve --tariff USA:WORLD:metals", "sweep ", "talks ", "validate",
)  # fmt: skip


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
    text = FENCE.sub("", text_of(FOUNDING))
    compared = ROW.findall(text)  # computed again by the next test
    stated = " ".join([*(part for t in transcripts(FOUNDING) for part in t.quoted), *compared, text_of(CASE)])
    for number in NUMBER.findall(ROW.sub("", text)):
        bare = re.escape(number.removeprefix("US$"))
        assert re.search(rf"(?<![\d.]){bare}(?!\d)", stated), number


@pytest.mark.slow
@pytest.mark.parametrize("column", [1, 2, 3])
def test_table_of_the_three_worlds_is_what_each_world_says(column: int) -> None:
    """A row in bold begins a scenario, and those below it go on with it; rows before the first are of the base."""
    head, _, *rows = (
        [cell.strip() for cell in row.strip().strip("|").split("|")] for row in ROW.findall(text_of(FOUNDING))
    )
    study = ep.run("us-japan-autos-2019", head[column])
    welfare = tidy_frames.welfare(study).set_index(["scenario", "party"])["equivalent_variation"]
    base = tidy_frames.markets(study).query("scenario == 'base'").set_index(["importer", "exporter"])
    scenario = ""
    for label, *values in rows:
        found, who = re.match(r"(?:\*\*(.*)\*\*: )?(.*)", label).groups()  # type: ignore[union-attr]
        scenario = COMPARED[found] if found else scenario
        shown = values[column - 1]
        if not scenario:
            importer, party = ("JPN", None) if "Japan's" in who else ("USA", PARTIES.get(who.removeprefix("from ")))
            computed = base.loc[importer, "value"].sum() / 1000
            if party:
                computed = 100 * base.loc[(importer, party), "import_share"]
        elif "rent" in who:
            computed = study.outcomes[scenario].measures["rent"].sum() / 1000
        elif (scenario, PARTIES[who]) in welfare:
            computed = welfare[scenario, PARTIES[who]] / 1000
        else:
            computed = study.outcomes[scenario].countries.loc[PARTIES[who], "equivalent_variation"] / 1000
        decimals = len(shown.strip("%").partition(".")[2])
        assert f"{computed:.{decimals}f}" == shown.strip("+%"), label


@pytest.mark.slow
def test_figures_show_the_computed_numbers() -> None:
    script = ROOT / "scripts" / "draw_figures.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make figures\n{done.stderr}"
