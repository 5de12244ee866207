"""The lines that the Stata command sends are commands of entrepot and write the tables that it loads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.studies.result_tables import FRAMES
from entrepot.version import __version__
from test_cli import call

FOLDER = Path(__file__).resolve().parents[2] / "clients" / "stata"
ADO = (FOLDER / "entrepot.ado").read_text(encoding="utf-8")
HELP = (FOLDER / "entrepot.sthlp").read_text(encoding="utf-8")
CSV = ("--format", "csv")
CASE = """\
case: mine
title: A tariff
question: Who gains?
economy: world2014
parties: [USA, JPN]
scenarios:
  tariff: {title: a tariff, measures: [{tariff: {importer: USA, exporter: JPN, sector: food, rate: 5%, change: add}}]}
"""


def sent(verb: str, **macros: str) -> tuple[list[str], str]:
    """The arguments and the file for output of the line that a program of the .ado sends, its macros replaced."""
    (line,) = re.findall(rf"^    shell entrepot ({verb} .*)$", ADO, flags=re.MULTILINE)
    for name, text in {**macros, "messages": "messages"}.items():
        line = line.replace(f"`{name}'", text)
    assert "`" not in line
    assert line.endswith('2> "messages"')
    words = shlex.split(line)[:-2]
    return (words[: words.index(">")], words[-1]) if ">" in words else (words, "")


def kept(options: str) -> str:
    """What the .ado sends of the run store, beside options in which it looks for these texts."""
    looked = re.findall(r"strpos\(`\" `options'\"', \"(.+?)\"\)", ADO)
    assert looked
    return "" if any(text in f" {options}" for text in looked) else "--no-store"


@pytest.mark.parametrize(
    ("options", "store"),
    [
        ("", ["--no-store"]),
        ("--full", ["--no-store"]),
        ("--economy my--store.ep", ["--no-store"]),
        ("--no-store", ["--no-store"]),
        ("--horizon short --store runs", ["--store", "runs"]),
        ("--store=runs", ["--store=runs"]),
    ],
)
def test_a_run_is_kept_only_where_the_store_is_named(options: str, store: list[str]) -> None:
    arguments, _ = sent("run", case="mine", options=options, kept=kept(options), folder="answer")
    at = next(place for place, text in enumerate(arguments) if text.startswith(("--store", "--no-store")))
    assert arguments[at : at + len(store)] == store
    assert sum(text.startswith(("--store", "--no-store")) for text in arguments) == 1


def test_run_writes_the_table_that_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CASE)
    options = "--closure deficit=balanced"
    arguments, _ = sent(
        "run", case=f'"{tmp_path}/mine.yaml"', options=options, kept=kept(options), folder=f"{tmp_path}/answer"
    )
    code, _, err = call(*arguments)
    assert code == 0, err
    loaded = pd.read_csv(tmp_path / "answer" / "welfare.csv", float_precision="round_trip")
    study = ep.run(tmp_path / "mine.yaml", closure=ep.Closure(deficit="balanced"))
    assert loaded["equivalent_variation"].tolist() == study.tables()["welfare"]["equivalent_variation"].tolist()


@pytest.mark.slow
def test_solve_writes_the_table_that_is_loaded(tmp_path: Path) -> None:
    measures = "--tariff USA:JPN:motor_vehicles:+25%"
    arguments, _ = sent("solve", measures=measures, options="--economy world2014", folder=f"{tmp_path}/answer")
    code, _, err = call(*arguments)
    assert code == 0, err
    assert {"welfare", "countries", "sectors"} <= {path.stem for path in (tmp_path / "answer").glob("*.csv")}


def test_theta_prints_what_is_loaded() -> None:
    assert sent("theta", economy="my world.ep", file="theta.csv")[0] == ["theta", "--economy", "my world.ep", *CSV]
    arguments, file = sent("theta", economy="world2014", file="theta.csv")
    code, out, err = call(*arguments)
    assert (code, file) == (0, "theta.csv"), err
    assert out.startswith("sector,") or "," in out.splitlines()[0]


@pytest.mark.parametrize(
    "table", re.findall(r"\{cmd:(\w+)\}", HELP.split("unless another is named:")[1].split("{title")[0])
)
def test_tables_of_the_help_exist(table: str) -> None:
    assert table in FRAMES


def loading() -> str:
    """The lines of the program that loads a table."""
    return ADO.split("program define entrepot_load")[1]


def test_what_a_failed_command_leaves_is_no_table() -> None:
    """The shell makes the file of `>` before the command begins: one without a line is refused, with the messages."""
    lines = loading()
    order = ["type ", "confirm file", "file read", "r(eof)", "exit 601", "import delimited"]
    assert sorted(order, key=lines.index) == order
    assert ADO.count('local messages "') == ADO.count("    shell entrepot ") == ADO.count("2> ")


def test_a_table_is_read_as_it_is_written() -> None:
    (line,) = re.findall(r"^ *import delimited .*$", loading(), flags=re.MULTILINE)
    for option in ("asdouble", "bindquote(strict)", 'encoding("utf-8")'):
        assert option in line


def test_a_data_set_is_replaced_only_where_stated() -> None:
    (line,) = re.findall(r"^.* save .*$", ADO, flags=re.MULTILINE)
    assert line.endswith(" save `saving'")
    assert ADO.count("SAVing(string asis)") == HELP.count("{cmdab:sav:ing(}{it:file}[{cmd:, replace}]{cmd:)}") == 3


def test_the_help_says_that_it_is_not_tried() -> None:
    assert "has never been run by us" in HELP
    assert f"version {__version__}" in ADO
    for verb in re.findall(r'`verb\' == "(\w+)"|"`verb\'" == "(\w+)"', ADO):
        assert f"entrepot {''.join(verb)}" in HELP
    assert ADO.count("capture erase") == ADO.count("    shell entrepot ")
