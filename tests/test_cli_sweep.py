"""entrepot sweep and entrepot runs: what they print, write, keep and refuse."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from small_sweep import THETA, UNBARGAINED, small
from test_cli import call

CASE = "us-japan-autos-2019"
ASK = ("sweep", CASE, "--economy", "world2014", "--draws", "24", "--scenario", "ver_japan", "--scenario", "farm_deal")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("sweep")
    code, out, err = call(*ASK, "--store", str(folder / "store"), "--out", str(folder / "out"))
    assert code == 0, err
    return folder, " ".join(out.split())


@pytest.fixture(scope="module")
def small_swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """A sweep of a small case, and the store that it is in, both as arguments; and what it printed as JSON."""
    folder = tmp_path_factory.mktemp("small")
    sweep = ("sweep", str(small(folder, more=THETA)), "--draws", "6")
    store = ("--store", str(folder / "store"))
    code, out, err = call(*sweep, *store, "--format", "json")
    assert code == 0, err
    return sweep, store, out


@pytest.mark.slow
def test_page_of_a_sweep_says_how_sure(swept: tuple[Path, str]) -> None:
    out = swept[1]
    assert "24 draws of 27 uncertain numbers, 3 scenarios each." in out
    assert 'Under "25 points on cars and parts from Japan", Japan loses between US$' in out
    assert "a year in 90% of the draws." in out
    assert "The deal of October 2019: all prefer it to the threat in 88% of the draws" in out
    assert 'What moves Japan most under "25 points on cars and parts from Japan": the set of trade elasticities' in out
    for heading in ("Who gains and who loses, and how sure", "How often each gains", "Who would sign"):
        assert heading in out


@pytest.mark.slow
def test_folder_of_a_sweep(swept: tuple[Path, str]) -> None:
    out = swept[0] / "out"
    page = (out / "report.html").read_text()
    assert re.search(r"<h2[^>]*>How sure</h2>", page)
    assert page.count("<svg") > 4
    assert "<script" not in page
    intervals = pd.read_csv(out / "intervals_welfare.csv")
    assert (intervals["low"] <= intervals["median"]).all()
    assert (intervals["median"] <= intervals["high"]).all()
    assert len(pd.read_csv(out / "draws.csv")) == 24 + 1 + 2 * 27


def test_repeated_sweep_comes_from_the_store(small_swept: tuple[tuple[str, ...], tuple[str, ...], str]) -> None:
    sweep, store, first = small_swept
    found = json.loads(first)
    assert found["complete"]
    assert found["tables"]["intervals_welfare"][0]["scenario"] == "tariff"
    code, out, err = call(*sweep, *store)
    assert code == 0, err
    assert "all from the store" in " ".join(out.split())


@pytest.mark.slow
def test_runs_list_show_diff_export_and_prune(
    small_swept: tuple[tuple[str, ...], tuple[str, ...], str], tmp_path: Path
) -> None:
    sweep, (_, kept), _ = small_swept
    shutil.copytree(kept, tmp_path / "store")
    store = ("--store", str(tmp_path / "store"))
    code, out, _ = call("runs", "list", *store, "--format", "json")
    (row,) = json.loads(out)
    assert (row["kind"], row["case"], row["state"]) == ("sweep", "small", "complete")
    code, out, _ = call("runs", "show", row["id"][:5], *store)
    assert code == 0
    assert "welfare" in out
    assert "Seed" in out
    call(*sweep, "--seed", "2", *store, "--format", "json")
    both = [r["id"] for r in json.loads(call("runs", "list", *store, "--format", "json")[1])]
    code, out, _ = call("runs", "diff", *both, *store)
    assert code == 0
    assert "seed" in out
    assert "real_income_pct" in out
    assert call("runs", "export", both[0], str(tmp_path / "x.zip"), *store)[0] == 0
    assert (tmp_path / "x.zip").stat().st_size > 1000
    assert call("runs", "prune", both[0], "--dry-run", *store)[0] == 0
    assert call("runs", "prune", both[0], "--yes", *store)[0] == 0
    assert [r["id"] for r in json.loads(call("runs", "list", *store, "--format", "json")[1])] == [both[1]]


def test_json_and_csv_of_a_sweep_have_the_same_digits(
    small_swept: tuple[tuple[str, ...], tuple[str, ...], str],
) -> None:
    sweep, store, out = small_swept
    code, printed, err = call(*sweep, *store, "--format", "csv")
    assert code == 0, err
    table = pd.read_csv(io.StringIO(printed), float_precision="round_trip")
    rows = json.loads(out)["tables"]["intervals_welfare"]
    assert [row["mean"] for row in rows] == list(table["mean"])


def test_run_is_kept_and_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_STORE", str(tmp_path / "store"))
    run = ("run", str(small(tmp_path, case=UNBARGAINED)), "--store", str(tmp_path / "store"))
    store = run[2:]
    assert call(*run)[0] == 0
    assert call(*run)[0] == 0
    assert call(*run[:2], "--theta", "5", "--no-store")[0] == 0
    (row,) = json.loads(call("runs", "list", *store, "--format", "json")[1])
    assert row["kind"] == "run"
    shown = json.loads(call("runs", "show", row["id"], *store, "--format", "json")[1])
    assert len(shown["times"]) == 2
    assert {"welfare", "countries", "measures"} <= {name for name, _, _ in shown["tables"]}


def test_run_that_cannot_be_kept_is_still_printed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = call("run", str(small(tmp_path, case=UNBARGAINED)), "--full", "--store", str(tmp_path / "file"))
    assert code == 1
    assert "Who gains and who loses" in out
    assert "cannot be written" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("sweep", CASE, "--draws", "0"), 2, "draws=0"),
        (("sweep", CASE, "--vary", "theta"), 2, "NAME=... is needed"),
        (("sweep", CASE, "--vary", "theta={lognormal: {sd: much}}"), 2, "'much' is neither a number"),
        (("sweep", CASE, "--grid", "ver.cap=1:2:3"), 2, "ver.cap"),
        (("sweep", CASE, "--level", "90"), 2, "--level 90"),
        (("sweep", CASE, "--cluster", "here"), 2, "the address of a Dask scheduler"),
        (("sweep", CASE, "--scenario", "tarif"), 2, "did you mean"),
        (("runs", "show", "zz"), 2, "no run 'zz'"),
        (("runs", "prune"), 2, "say which: ids"),
        (("runs", "prune", "--older-than", "soon"), 2, "such as 30d"),
        (("runs", "prune", "--older-than", "", "--yes"), 2, "such as 30d"),
        (("runs", "prune", "--kind", "sweeps", "--yes"), 2, "did you mean sweep"),
        (("runs", "list", "--kind", "sweeps"), 2, "did you mean sweep"),
        (("sweep", CASE, "--tol", "0"), 2, "tol=0.0"),
    ],
)
def test_refused_sweeps_and_runs(arguments: tuple[str, ...], code: int, says: str) -> None:
    found, out, err = call(*arguments)
    assert found == code, out + err
    assert says in " ".join(err.split())


@pytest.mark.slow
def test_a_folder_used_again_has_no_table_of_the_sweep_before(tmp_path: Path) -> None:
    case, out = str(small(tmp_path, more=THETA, case=UNBARGAINED)), tmp_path / "out"
    store = ("--store", str(tmp_path / "store"))
    code, _, err = call("sweep", case, "--draws", "4", *store, "--out", str(out))
    assert code == 0, err
    written = {path.stem for path in out.iterdir() if path.suffix == ".csv"}
    assert {"draws", "intervals_welfare", "welfare"} <= written
    assert f"and {len(written)} tables beside it" in " ".join(err.split())
    listed = json.loads((out / "tables.json").read_text())["files"]
    assert {Path(name).stem for name in listed} == written
    gain = listed["intervals_welfare.csv"]["columns"]["low"]["by_number"]["equivalent_variation"]
    assert gain["unit"].startswith("US$ million")
    code, _, err = call("run", case, "--no-store", "--out", str(out), "--format", "xlsx")
    assert code == 0, err
    assert (out / "tables.xlsx").exists()
    code, _, err = call("run", case, "--no-store", "--out", str(out))
    assert code == 0, err
    left = {path.name for path in out.iterdir()}
    assert not left & {"draws.csv", "draws.parquet", "intervals_welfare.csv", "tables.xlsx"}
    assert "welfare.csv" in left
