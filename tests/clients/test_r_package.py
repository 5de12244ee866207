"""The R package: what it exports exists, and its numbers are those of Python where R is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.version import __version__

PACKAGE = Path(__file__).resolve().parents[2] / "clients" / "r"


def test_what_is_exported_is_described() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "R").glob("*.R")))
    defined = set(re.findall(r"^([\w.]+) <- function\(", code, flags=re.MULTILINE))
    exported = set(re.findall(r"^export\((\w+)\)", (PACKAGE / "NAMESPACE").read_text(), flags=re.MULTILINE))
    documented = set(re.findall(r"^#' @export\n(?:#'.*\n)*([\w.]+) <- function", code, flags=re.MULTILINE))
    assert exported | {"print.entrepot_study"} == documented
    assert documented <= defined
    assert f"Version: {__version__}\n" in (PACKAGE / "DESCRIPTION").read_text()


def test_help_pages_are_those_of_the_comments() -> None:
    """roxygen2 writes them: Rscript -e 'roxygen2::roxygenise("clients/r", roclets = "rd", load_code = "source")'."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (PACKAGE / "man").glob("*.Rd")}
    described = {}
    for path in (PACKAGE / "R").glob("*.R"):
        for comments, name in re.findall(
            r"((?:^#'.*\n)+)^([\w.]+) <- function", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        ):
            title = comments.splitlines()[0].removeprefix("#' ")
            described[name] = title, set(re.findall(r"@param (\S+)", comments))
    assert set(pages) == set(described)
    for name, (title, arguments) in described.items():
        assert f"\\title{{{title}}}" in pages[name]
        items = re.findall(r"^\\item\{(.+?)\}", pages[name], flags=re.MULTILINE)
        assert {one for item in items for one in item.split(", ")} == arguments


@pytest.mark.slow
def test_its_own_test_passes_with_the_digits_of_python(tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    if subprocess.run(["Rscript", "-e", "library(jsonlite)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no jsonlite")
    source = tmp_path / "source"
    shutil.copytree(PACKAGE, source)
    installed = subprocess.run(
        ["R", "CMD", "INSTALL", "--no-docs", "-l", str(tmp_path), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    environment = {**os.environ, "R_LIBS": str(tmp_path), "ENTREPOT_COMMAND": f"{sys.executable} -m entrepot"}
    done = subprocess.run(
        ["Rscript", str(source / "tests" / "run.R")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    economy = ep.load_economy("world2014")
    gains = ep.solve(
        economy, ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate="25%", change="add")
    ).countries["equivalent_variation"]
    assert [float(line) for line in done.stdout.split()] == [gains["USA"], gains["JPN"], gains.sum()]
