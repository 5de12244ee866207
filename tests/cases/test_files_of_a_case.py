"""The files that a case names lie beside it: it can be run from any folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.studies.rerun_code import rerun_code
from test_cli import call
from worlds import random_world

CASE = """\
case: beside
title: t
question: q
economy: data/th\u1ebf gi\u1edbi.ep
parties: [C00, C01]
closure: {horizon: short, labour_share: data/labour.csv}
scenarios:
  a:
    title: A
    measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%}}]
uncertainty:
  theta: {covariance: data/theta.csv}
"""


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "c\u00e1 l\u1edbp" / "data"
    data.mkdir(parents=True)
    random_world(3, 2, 1).save(data / "th\u1ebf gi\u1edbi.ep")
    (data / "labour.csv").write_text("sector,labour_share\ns00,0.5\ns01,0.7\n")
    (data / "theta.csv").write_text(",s00,s01\ns00,0.04,0\ns01,0,0.04\n")
    path = data.parent / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return path


def test_a_case_runs_from_another_folder(case: Path, tmp_path: Path) -> None:
    study = ep.run(case)
    assert sorted(study.economy.countries) == ["C00", "C01", "C02"]
    assert study.case.closure.labour_share == {"s00": 0.5, "s01": 0.7}
    assert call("case", "check", str(case))[0] == 0
    draws = ep.sweep(case, draws=4, store=tmp_path / "store").table("draws")
    assert "theta.s00" in draws.columns


def test_a_file_of_the_working_folder_serves_where_none_is_beside(case: Path) -> None:
    world = random_world(3, 2, 2)
    (Path.cwd() / "data").mkdir()
    moved = Path.cwd() / "data" / "th\u1ebf gi\u1edbi.ep"
    world.save(moved)
    assert not np.allclose(ep.run(case).economy.value, world.value)
    (case.parent / "data" / moved.name).unlink()
    np.testing.assert_array_equal(ep.run(case).economy.value, world.value)


def test_the_script_of_a_case_names_the_same_file(case: Path) -> None:
    assert "PATH/TO" not in str(ep.run(case))


def test_a_script_of_a_case_reads_the_same_files_and_leaves_the_case(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = case.rename(case.with_name("beside.yaml"))
    from_elsewhere = rerun_code(ep.load_case(named))
    exec(compile(str(from_elsewhere["python"]), "script", "exec"), {})
    assert capsys.readouterr().out.startswith("scenario,party,equivalent_variation")
    monkeypatch.chdir(named.parent)
    here = rerun_code(ep.load_case(named.name))
    exec(compile(str(here["python"]), "script", "exec"), {})
    assert named.read_text(encoding="utf-8") == CASE
    assert (here["file"], Path(str(here["file"])).exists()) == ("beside-again.yaml", True)


def test_one_of_each_is_counted_so(case: Path) -> None:
    out = " ".join(call("case", "check", str(case))[1].split())
    assert out.endswith("1 scenario, 1 measure; no fault found.")
