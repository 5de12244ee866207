"""The scripts that solve a case again give its numbers, in each language that is installed."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.cases.load import case_of, read_case
from entrepot.studies import provenance
from entrepot.studies.rerun_code import LANGUAGES, rerun_code
from shelves import slow_after
from test_cli import call
from worlds import random_world

CASE = """\
case: mine
title: It's "a" $case `x` ünd 𝄞, )-" and '"' // not /* a comment */
question: Who gains?
economy: world2014
parties: [USA, JPN]
scenarios:
  '25%, "übe" $x':
    title: a tariff
    measures:
      - tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%, change: add}
"""


@pytest.fixture(scope="module")
def study() -> ep.Study:
    return ep.run(read_case(CASE))


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the command entrepot on the path."""
    verb = tmp_path / "bin" / "entrepot"
    verb.parent.mkdir()
    verb.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m entrepot "$@"\n')
    verb.chmod(verb.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{verb.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _gains(text: str) -> list[float]:
    return [float(row["equivalent_variation"]) for row in csv.DictReader(io.StringIO(text.strip()))]


def test_python_gives_the_same_digits(
    study: ep.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(str(rerun_code(study.case)["python"]), "script", "exec"), {})
    assert _gains(capsys.readouterr().out) == study.tables()["welfare"]["equivalent_variation"].tolist()
    assert ep.cases.load_case("mine.yaml").title == study.case.title


@pytest.mark.slow
@pytest.mark.parametrize("language", ["cli", "python", "r"])
def test_scripts_run_by_themselves(language: str, study: ep.Study, command: Path) -> None:
    by = {"cli": "sh", "python": sys.executable, "r": "Rscript"}[language]
    if shutil.which(by) is None:
        pytest.skip(f"{by} is not installed")
    (command / "script").write_text(str(rerun_code(study.case)[language]), encoding="utf-8")
    done = subprocess.run([by, "script"], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    printed = list(csv.DictReader(io.StringIO(done.stdout.strip())))
    welfare = study.tables()["welfare"]
    for name in ("scenario", "party"):
        assert [row[name] for row in printed] == welfare[name].tolist()
    for name in ("equivalent_variation", "real_income_pct"):
        assert [float(row[name]) for row in printed] == welfare[name].tolist()


UNANSWERED = CASE.replace("JPN", "CHN").replace("motor_vehicles", "ALL").replace("25%, change", "60%, change") + (
    "retaliation: {by: CHN, against: USA, equivalent_to: '25%, \"übe\" $x'}\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["cli", "python", "r"])
def test_scripts_print_the_scenarios_that_have_an_answer(language: str, command: Path) -> None:
    """A scenario without one is reported on standard error, and a table of an earlier answer is not printed."""
    by = {"cli": "sh", "python": sys.executable, "r": "Rscript"}[language]
    if shutil.which(by) is None:
        pytest.skip(f"{by} is not installed")
    (command / "entrepot-answer").mkdir()
    (command / "entrepot-answer" / "welfare.csv").write_text("an earlier answer\n")
    (command / "script").write_text(str(rerun_code(read_case(UNANSWERED))[language]), encoding="utf-8")
    done = subprocess.run([by, "script"], capture_output=True, text=True, timeout=200, check=False)
    assert [row["party"] for row in csv.DictReader(io.StringIO(done.stdout.strip()))] == ["USA", "CHN", "WORLD"]
    assert "No answer" in done.stderr
    if language == "python":
        return
    (command / "mine.yaml").write_text("case: mine\n")
    last = (
        (command / "script").read_text(encoding="utf-8").rpartition("END_OF_CASE")[2].rpartition("useBytes = TRUE)")[2]
    )
    (command / "script").write_text(last, encoding="utf-8")
    done = subprocess.run([by, "script"], capture_output=True, text=True, timeout=200, check=False)
    assert (done.stdout, done.returncode == 0) == ("", False)


def test_stata_writes_the_case_and_calls_the_command(study: ep.Study, tmp_path: Path) -> None:
    """Stata cannot be run here: its lines are read as it reads them, and what they write and call is checked."""
    script = str(rerun_code(study.case)["stata"])
    written = re.findall(r"""^file write `case' `"(.*)"' _n$""", script, flags=re.MULTILINE)
    assert not any(mark in line for line in written for mark in ("`", "'", "$", "//", "/*", "*/"))
    (tmp_path / "mine.yaml").write_text("\n".join(written), encoding="utf-8")
    assert ep.cases.load_case(tmp_path / "mine.yaml").title == study.case.title
    (shell,) = re.findall(r"^shell entrepot (.*)$", script, flags=re.MULTILINE)
    arguments = [part.strip('"') for part in shell.replace("mine.yaml", str(tmp_path / "mine.yaml")).split()]
    arguments[-1] = str(tmp_path / "entrepot-answer")
    code, _, err = call(*arguments)
    assert code == 0, err
    rows = _gains((tmp_path / "entrepot-answer" / "welfare.csv").read_text(encoding="utf-8"))
    assert rows == pytest.approx(study.tables()["welfare"]["equivalent_variation"].tolist(), rel=1e-14)


def test_stata_loads_no_table_of_an_earlier_answer(study: ep.Study) -> None:
    """The table is erased before the command that may fail, and is read as the file is written: UTF-8, with quotes."""
    lines = str(rerun_code(study.case)["stata"]).splitlines()
    table = '"entrepot-answer/welfare.csv"'
    erased, shell, loaded = (
        next(k for k, line in enumerate(lines) if line.startswith(start))
        for start in (f"capture erase {table}", "shell entrepot run", f"import delimited using {table}")
    )
    assert erased < shell < loaded
    assert 'encoding("utf-8")' in lines[loaded]
    assert "bindquote(strict)" in lines[loaded]


@pytest.mark.parametrize("language", slow_after(1, LANGUAGES))
def test_the_verb_prints_one_script(language: str) -> None:
    name = ep.bundled_cases()[0]
    code, out, _ = call("code", name, "--language", language)
    assert code == 0
    assert out == rerun_code(ep.cases.load_case(name))[language]
    assert name in out


def test_a_character_that_yaml_does_not_take_is_escaped() -> None:
    case = case_of({**read_case(CASE).written, "title": "delete \x7f"}, "the request")
    document = str(rerun_code(case)["cli"]).split("\nEND_OF_CASE")[0].partition("\n")[2]
    assert read_case(document).title == case.title


def test_the_verb_refuses_an_unknown_case() -> None:
    assert call("code", "no-such-case")[0] == 2


def test_an_edited_bundled_case_is_written_out() -> None:
    name = ep.bundled_cases()[0]
    document = json.loads(json.dumps(ep.cases.load_case(name).written, default=str))
    assert rerun_code(case_of({**document, "title": "Changed"}, "the request"))["file"] == f"{name}.yaml"


@pytest.mark.parametrize(
    ("given", "says"),
    [(None, "ep.run('mine.yaml').outcomes"), ("world", "ep.run('mine.yaml', economy='PATH/TO/random 4.ep').outcomes")],
)
def test_the_line_for_python_names_an_economy_only_where_another_was_given(
    given: str | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    random_world(3, 2, 3).save("own.ep")
    measures = "tariff: {importer: C00, exporter: C01, sector: s00, rate: 25%, change: add}"
    text = CASE[: CASE.index("economy")] + "economy: own.ep\nparties: [C00]\nscenarios:\n  a:\n    title: a\n"
    Path("mine.yaml").write_text(f"{text}    measures: [{{{measures}}}]\n", encoding="utf-8")
    other = None if given is None else random_world(3, 2, 4)
    line = dict(provenance.lines(ep.run("mine.yaml", economy=other)))["In Python"]
    assert says in line
    assert "..." not in line
