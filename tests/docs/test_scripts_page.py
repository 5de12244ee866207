"""The blocks of docs/api-scripts.md are what runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import entrepot as ep
from manual_pages import FENCE, ROOT, text_of

pytest.importorskip("fastapi")

from conftest import serving
from entrepot.desk.api import create_api

PAGE = ROOT / "docs" / "api-scripts.md"
BLOCKS = [(language, body) for language, body in FENCE.findall(text_of(PAGE)) if language in ("bash", "python", "r")]
CARS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(create_api(processes=1, store=str(tmp_path_factory.mktemp("runs")), page=False)) as at:
        yield at


@pytest.fixture(scope="module")
def gain() -> float:
    outcome = ep.solve(ep.load_economy("world2022"), ep.Tariff(**CARS))
    return float(outcome.countries.loc["USA", "equivalent_variation"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "body"), BLOCKS, ids=[f"{k}-{language}" for k, (language, _) in enumerate(BLOCKS)]
)
def test_a_block_runs_and_prints_the_number(language: str, body: str, desk: str, gain: float, tmp_path: Path) -> None:
    program = {"bash": "bash", "python": sys.executable, "r": "Rscript"}[language]
    if shutil.which(program) is None or (language == "bash" and shutil.which("curl") is None):
        pytest.skip(f"{program} or curl is not installed")
    environment = {**os.environ, "ENTREPOT_COMMAND": f"{sys.executable} -m entrepot", "R_LIBS": str(tmp_path)}
    if language == "r":
        shutil.copytree(ROOT / "clients" / "r", tmp_path / "source")
        install = ["R", "CMD", "INSTALL", "--no-docs", "-l", str(tmp_path), str(tmp_path / "source")]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            pytest.skip("the R package cannot be installed: jsonlite is missing")
    script = tmp_path / "script"
    script.write_text(body.replace("localhost:8642", desk), encoding="utf-8")
    done = subprocess.run(
        [program, str(script)], capture_output=True, text=True, env=environment, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    if "exposure" in body:
        assert done.stdout.splitlines()[1].startswith("JPN,40000.0,")
        return
    printed = [float(number) for number in re.findall(r"-?\d+\.\d+", done.stdout)]
    assert gain in printed
    assert "True" in done.stdout or language != "python"
