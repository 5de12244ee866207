"""The command line: verbs, exit codes, and errors in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer.main
from typer.testing import CliRunner

from entrepot.cases.load import read_case
from entrepot.cases.template import new_case
from entrepot.cli import app, with_one_verb
from shelves import slow_after
from worlds import random_world

CASE = "us-japan-autos-2019"
#: The case on the smaller world of 2014, where the case is an example only.
SMALLER = (CASE, "--economy", "world2014")


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.slow
def test_run() -> None:
    code, out, _ = call("run", *SMALLER, "--full")
    assert code == 0
    assert "Who gains and who loses" in out
    assert f"Again: entrepot" in out  # noqa: F541


@pytest.mark.slow
@pytest.mark.parametrize("kind", slow_after(1, ["json", "csv"]))
def test_formats_can_be_read(kind: str, tmp_path: Path) -> None:
    code, out, _ = call("run", *SMALLER, "--format", kind)
    assert code == 0
    if kind == "json":
        assert set(json.loads(out)["scenarios"]) >= {"tariff", "ver"}
    else:
        (tmp_path / "t.csv").write_text(out)
        assert len(pd.read_csv(tmp_path / "t.csv")) == 10 * 44


@pytest.mark.slow
def test_out_folder_has_the_page(tmp_path: Path) -> None:
    code, _, err = call("run", *SMALLER, "--out", str(tmp_path / "o"))
    assert code == 0
    assert (tmp_path / "o" / "report.html").stat().st_size > 50_000
    assert "report.html" in err


def test_solve_one_line() -> None:
    code, out, _ = call(
        "solve", "--tariff", "USA:JPN:motor_vehicles:+25%", "--ver", "USA:EU28:motor_vehicles:0.8", "--full"
    )
    assert code == 0
    assert "tariff +25 points" in out
    words = " ".join(out.split())
    assert "ep.Tariff(importer='USA', exporter='JPN', sector='motor_vehicles', rate=0.25, change='add')" in words


def test_solve_reports_on_all_whom_the_measures_name_and_names_the_rest() -> None:
    partners = ["JPN", "KOR", "CAN", "MEX", "CHN", "IND", "IDN", "GBR", "TUR", "AUS", "BRA", "RUS", "CHE"]
    code, out, err = call("solve", "--tariff", f"USA:{','.join(partners)}:food:+5%", "--economy", "world2014")
    assert code == 0, err
    words = " ".join(out.split())
    assert "Tables and figures have 12 parties; the measures also name Russia and Switzerland." in words
    head = words.partition("Who gains and who loses")[2].partition("How sure")[0]
    assert all(name in head for name in ("United States", "Japan", "China", "Indonesia", "Brazil", "World"))


def test_solve_everything_at_once() -> None:
    code, _, err = call(
        "solve", "--tariff", "USA:WORLD-CAN-MEX:metals,food:10%", "--quota", "JPN:USA:food:20000m", "--trq",
        "USA:KOR:electronics:50%:+10%", "--export-tax", "CHN:USA:mining:5%", "--ntb", "DEU:CHN:chemicals:3%",
        "--subsidy", "USA:machinery:2%", "--deficit", "gdp_share",
    )  # fmt: skip
    assert code == 0, err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no-such-case"], "unknown case 'no-such-case'"),
        (["run", "nowhere/x.yaml"], "cannot be read"),
        (["run", CASE, "--economy", "world2015"], "world2014"),
        (["run", CASE, "--tol", "0"], "tol=0"),
        (["solve"], "no measure given"),
        (["solve", "--tariff", "USA:JPN:motor_vehicles"], "has 3 parts"),
        (["solve", "--tariff", "USA:JPN:motor_vehicles:25"], "25 is 2,500%"),
        (["solve", "--tariff", "USA:JPN:motor:+25%"], "unknown sector 'motor'"),
        (["solve", "--tariff", "USA:USA:food:+25%"], "both importer and exporter"),
        (["solve", "--ver", "USA:JPN:food:-1"], "below zero"),
        (["solve", "--tariff", "USA:JPN:food:+25%", "--deficit", "none"], "known: fixed, gdp_share"),
        (["run", CASE, "--closure", "horizn=short"], "--closure horizn: unknown key; did you mean horizon?"),
        (["run", CASE, "--closure", "horizon"], "KEY=VALUE is needed"),
        (["run", CASE, "--closure", "horizon=short"], "the short horizon needs labour_share"),
        (["run", CASE, "--closure", "labour_supply={Atlantis: 1}"], "unknown country 'Atlantis'"),
        (["run", CASE, "--closure", "labour_supply=much"], "labour_supply 'much' is not an elasticity"),
        (["run", CASE, "--rd-intensity", "5"], "a share of value added such as 0.05"),
        (["solve", "--specific", "USA:JPN:food:2000"], "give unit_value too"),
        (["solve", "--min-price", "USA:JPN:food:dear"], "neither a number"),
        (["economy", "show", "nothing"], "unknown economy"),
        (["case", "check", "nothing"], "unknown case"),
        (["solve", "--tariff", "EU28-DEU:WORLD:food:5%"], "a minus exempts exporters; name the importers in full"),
        (["solve", "--export-tax", "JPN-USA:WORLD:food:5%"], "a minus exempts importers"),
        (["solve", "--tariff", "USA:JPN:food:+2,,5%"], "decimals take a point"),
        (["solve", "--tariff", "USA:JPN:food:abc"], "--tariff USA:JPN:food:abc: rate: 'abc' is neither a number"),
        (["run", CASE, "--out", ""], "--out"),
    ],
)
def test_bad_input_is_exit_2(arguments: list[str], message: str) -> None:
    code, out, err = call(*arguments)
    assert code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert out == ""


def test_closures_and_price_rules() -> None:
    code, out, err = call(
        "solve", "--economy", "world2014",
        "--specific", "USA:JPN:motor_vehicles:2000/25000", "--min-price", "USA:EU28:motor_vehicles:110%",
        "--closure", "horizon=short", "--closure", "labour_share={ALL: 0.6, motor_vehicles: 0.5}", "--theta", "4",
        "--closure", "deficit=balanced", "--rd-intensity", "0.05", "--full",
    )  # fmt: skip
    assert code == 0, err
    text = " ".join(out.split())
    assert "each sector keeps its capital; labour share of value added ALL 0.6, motor_vehicles 0.5" in text
    assert "Elasticities: 4 for every sector. Stated by the user." in text
    assert "R&D capacity: value added at base consumer prices" in text
    closure = "ep.Closure(deficit='balanced', horizon='short', labour_share={'ALL': 0.6, 'motor_vehicles': 0.5})"
    assert closure in text
    assert "ep.MinimumPrice(importer='USA', exporter='EU28', sector='motor_vehicles', price=1.1)" in text


def test_no_answer_is_exit_1(tmp_path: Path) -> None:
    random_world(4, 3, seed=1).save(tmp_path / "small.ep")
    code, out, err = call("solve", "--economy", str(tmp_path / "small.ep"), "--quota", "C00:WORLD:ALL:0")
    assert code == 1
    assert "No equilibrium" in out
    assert 'No answer for "import quota at zero (embargo): C00 on all sectors' in " ".join(err.split())


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Thép Việt Nam", "thep-viet-nam"),
        ("Ñandú 2026", "nandu-2026"),
        ("Đường", "duong"),
        ("钢铁", "my-case"),
        ("2026", "'2026'"),
        ("null", "'null'"),
        ("1e5", "'1e5'"),
        ("on", "on"),
    ],
)
def test_a_new_case_is_named_as_its_file(file: str, name: str) -> None:
    text = new_case(file)
    assert text.splitlines()[1] == f"case: {name}"
    assert read_case(text).case == name.strip("'")


def test_case_new_and_check(tmp_path: Path) -> None:
    file = tmp_path / "my case.yaml"
    assert call("case", "new", str(file))[0] == 0
    assert "case: my-case" in file.read_text()
    code, out, _ = call("case", "check", str(file))
    assert (code, "no fault found" in " ".join(out.split())) == (0, True)
    assert call("case", "new", str(file))[0] == 2  # never overwrites unasked
    assert call("case", "new", str(file), "--force")[0] == 0
    file.write_text(file.read_text().replace("sector: steel, rate", "sector: steal, rate"))
    code, _, err = call("case", "check", str(file))
    assert code == 2
    assert "line 23: scenarios.tariff.measures.1" in err


def test_cases_and_economy() -> None:
    assert CASE in call("cases")[1]
    code, out, _ = call("economy", "show")
    assert code == 0
    assert "motor_vehicles" in out
    assert "CC BY 4.0" in out
    code, out, _ = call("economy", "check")
    assert code == 0
    assert "in equilibrium" in out


#: What each verb may not load, whatever it imports; a test of time would depend on the machine, this one does not.
NOT_LOADED = {
    "--help": ("numpy", "pandas", "scipy", "xarray", "altair", "duckdb", "entrepot.cases"),
    "solve": (
        *("pandas", "pyarrow", "scipy", "xarray", "altair", "duckdb"),
        *("entrepot.bargaining.bargain", "entrepot.markets.market", "entrepot.paths.path", "entrepot.rules.screen"),
        *("entrepot.sweeping.sweep", "entrepot.studies.tidy_frames", "entrepot.report.terminal"),
    ),
    "run": (
        *("pandas", "pyarrow", "scipy", "xarray", "altair", "entrepot.bargaining.bargain", "entrepot.markets.market"),
        *("entrepot.paths.path", "entrepot.sweeping.sweep", "entrepot.studies.tidy_frames"),
    ),
}


def loaded(*arguments: str, store: Path) -> set[str]:
    """Return the modules that a verb has loaded when it ends, in a process of its own."""
    probe = (
        "import sys; from entrepot.cli import main; sys.argv[0] = 'entrepot'\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    env = {**os.environ, "ENTREPOT_STORE": str(store)}
    done = subprocess.run(
        [sys.executable, "-c", probe, *arguments], capture_output=True, text=True, check=True, env=env
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("verb", NOT_LOADED)
def test_a_verb_loads_nothing_heavy_that_it_does_not_print(verb: str, tmp_path: Path) -> None:
    """`--help` loads no numbers; `solve` and `run` print their answer, and `run` keeps it, without pandas."""
    call("case", "new", str(tmp_path / "case.yaml"))
    arguments = {
        "solve": ["solve", "--economy", "world2014", "--tariff", "USA:JPN:motor_vehicles:+25%"],
        "run": ["run", str(tmp_path / "case.yaml")],
    }
    found = loaded(*arguments.get(verb, [verb]), store=tmp_path / "runs")
    assert not found & set(NOT_LOADED[verb])
    assert "entrepot.cli" in found


def test_titles_are_text_not_markup(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    call("case", "new", str(file))
    file.write_text(file.read_text().replace("title: 10 points on", "title: '[/red] :m: 10 points on"[:-1] + " on'  #"))
    code, out, err = call("run", str(file))
    assert code == 0, err
    assert "[/red] :m: 10 points" in out


@pytest.mark.slow
def test_out_folder_used_before_has_the_files_of_the_last_command_only(tmp_path: Path) -> None:
    folder = tmp_path / "o"
    call("run", *SMALLER, "--out", str(folder))
    (folder / "mine.txt").write_text("not ours")
    assert call("solve", "--subsidy", "USA:food:5%", "--out", str(folder))[0] == 0
    left = {p.name for p in folder.iterdir()}
    assert "markets.csv" not in left  # of the first run
    assert {"report.html", "countries.csv", "mine.txt"} <= left
    code, _, _ = call("solve", "--tariff", "USA:WORLD:ALL:1000000%", "--out", str(folder))
    assert code == 1
    left = {p.stem for p in folder.iterdir()}
    assert left == {
        "report",
        "mine",
        "screen",
        "tables",
    }  # the rules apply to a measure without an equilibrium too


@pytest.mark.parametrize("arguments", slow_after(2, ["--version", "cases", "--help", "run --help", "runs"]))
def test_full_disk_is_reported(arguments: str) -> None:
    command = f"{sys.executable} -m entrepot.cli {arguments} > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", slow_after(2, ["cases", "--version", "cases --format csv", "case new new.yaml"]))
def test_closed_output_is_no_error(tmp_path: Path, arguments: str) -> None:
    command = f"{sys.executable} -m entrepot.cli {arguments} >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["", "--format xlsx", "--format csv"])
def test_a_run_with_closed_output_is_kept(tmp_path: Path, arguments: str) -> None:
    command = f"{sys.executable} -m entrepot.cli run japan-vers-1981 --store runs {arguments} >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.slow
def test_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m entrepot.cli run {CASE} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("The 2019 car dispute")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "verbs"),
    [
        (["solve", "--help"], ["solve"]),
        (["--lang", "de", "run", "x"], ["run"]),
        (["--lang=de", "tariff-path"], ["tariff-path"]),
        (["runs", "list"], ["runs"]),
    ],
)
def test_typer_reads_the_verb_that_is_called_alone(arguments: list[str], verbs: list[str]) -> None:
    assert sorted(typer.main.get_command(with_one_verb(arguments)).commands) == verbs  # type: ignore[attr-defined]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_without_parameters_is_that_of_the_whole_command_line(arguments: list[str]) -> None:
    named, whole = with_one_verb(arguments), CliRunner().invoke(app, arguments)
    assert named is not app
    assert CliRunner().invoke(named, arguments).stdout == whole.stdout


def test_help_breaks_no_line_inside_a_sentence() -> None:
    """On a terminal that is wide enough each paragraph above the options is a line."""
    groups = typer.main.get_command(app).commands
    verbs = [[name, *[one for one in [inner] if one]] for name, verb in groups.items() for inner in _inside(verb)]
    assert ["optimal"] in verbs
    assert ["economy", "check"] in verbs
    for verb in verbs:
        result = CliRunner(env={"COLUMNS": "1000", "TERMINAL_WIDTH": "1000"}).invoke(app, [*verb, "--help"])
        above = result.stdout.partition("╭")[0].splitlines()
        above_it = [line.strip() for line in above if line.strip() and "Usage:" not in line]
        assert above_it
        assert all(line.endswith((".", ":")) for line in above_it), verb


def _inside(verb: Any) -> list[str]:
    return list(getattr(verb, "commands", {"": None}))


@pytest.mark.parametrize("arguments", [["slove"], [], ["--version"], ["--lang", "de", "--help"]])
def test_typer_reads_every_verb_where_none_is_called(arguments: list[str]) -> None:
    assert with_one_verb(arguments) is app
