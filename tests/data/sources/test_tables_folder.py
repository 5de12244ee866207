"""A folder of tidy tables on the command line's route, and the full 44 x 50 tables through it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.identify import describe
from entrepot.data.progress import silent
from entrepot.data.sources import tables_folder
from entrepot.data.sources.catalogue import ImportRequest

ROWS = [
    ("A", "A", "cars", 90.0),
    ("A", "B", "cars", 10.0),
    ("B", "A", "cars", 12.0),
    ("B", "B", "cars", 50.0),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trade = pd.DataFrame(ROWS, columns=["importer", "exporter", "sector", "value"])
    trade.to_csv(tmp_path / "trade.csv", index=False)
    pd.DataFrame({"sector": ["cars"], "theta": [5.0]}).to_csv(tmp_path / "sectors.csv", index=False)
    return tmp_path


def read(folder: Path, **options: object) -> ep.data.Imported:
    return tables_folder.read(folder, ImportRequest(source="tables", **options), silent)


def test_folder_of_tables_is_read(folder: Path) -> None:
    imported = read(folder)
    assert imported.economy.theta == pytest.approx([5.0])
    assert imported.found[:2] == ("trade: trade.csv", "sectors: sectors.csv")
    assert any("no tariff column" in line for line in imported.mended)


def test_elasticities_and_tariffs_from_elsewhere(folder: Path) -> None:
    tariffs = folder / "tariffs.csv"
    tariffs.write_text("importer,exporter,sector,tariff\nA,B,cars,0.1\n")
    economy = read(folder, theta=3.0, tariffs=tariffs).economy
    assert economy.theta == pytest.approx([3.0])
    assert economy.tariff[0, 0, 1] == pytest.approx(0.1)
    assert np.count_nonzero(economy.tariff) == 1


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "trade.csv").unlink(), "there is no table called trade"),
        (lambda f: (f / "sectors.csv").unlink(), "theta: a number"),
        (lambda f: (f / "trade.parquet").touch(), "both trade.csv and trade.parquet"),
        (
            lambda f: (f / "trade.csv").write_text("importer;exporter;sector;value\nA;A;cars;1,5;2\n"),
            "line 2: cannot be read as CSV: it has 5 cells and the header 4",
        ),
        (lambda f: (f / "trade.csv").write_text("importer,exporter,sector,value\nA,A,cars,x\n"), "not a finite number"),
    ],
)
def test_invalid_folders_are_refused(folder: Path, spoil: object, message: str) -> None:
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(ep.errors.InputError, match=message):
        read(folder)


INPUTS = "country,input,output,cost_share\nA,cars,cars,0.2\nB,cars,cars,0.2\n"


@pytest.mark.parametrize("name", ["Inputs.csv", "INPUTS.CSV", "inputs .csv"])
def test_the_case_of_a_name_does_not_matter(folder: Path, name: str) -> None:
    (folder / name).write_text(INPUTS)
    assert f"inputs: {name}" in read(folder).found


@pytest.mark.parametrize(
    "name", ["input.csv", "inputs (1).csv", "inputs - Copy.csv", "inputs_v2.csv", "Imputs.csv", "inputs.feather"]
)
def test_a_table_under_nearly_its_name_is_not_passed_over(folder: Path, name: str) -> None:
    (folder / name).write_text(INPUTS)
    with pytest.raises(ep.errors.DocumentError, match=rf"the file '{re.escape(name)}' .*; did you mean inputs\?"):
        read(folder)
    (folder / "inputs.csv").write_text(INPUTS)
    assert any(f"files that are not read: {name}" in line for line in read(folder).refused)


def test_files_that_are_not_read_are_listed(folder: Path) -> None:
    (folder / "README.md").write_text("notes")
    (folder / "map.csv").write_text("a,b\n")
    (folder / "tariffs.csv").write_text("importer,exporter,sector,tariff\nA,B,cars,0.1\n")
    imported = read(folder, tariffs=folder / "tariffs.csv")
    assert imported.refused == (f"{folder.name}: files that are not read: README.md, map.csv.",)


def workbook(path: Path, **sheets: str) -> Path:
    with pd.ExcelWriter(path) as book:
        for name, text in sheets.items():
            pd.read_csv(io.StringIO(text)).to_excel(book, sheet_name=name, index=False)
    return path


def test_sheets_of_a_workbook(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    trade = (folder / "trade.csv").read_text()
    alone = read(workbook(tmp_path / "one.xlsx", Sheet1=trade), theta=5.0)
    assert alone.economy.fingerprint == read(folder, theta=5.0).economy.fingerprint
    both = read(workbook(tmp_path / "two.xlsx", **{"Trade": trade, "Inputs ": INPUTS, "about": "a\n1\n"}), theta=5.0)
    assert both.found[1] == "inputs: two.xlsx#Inputs "
    assert both.refused == ("two.xlsx: sheets that are not read: about.",)
    with pytest.raises(ep.errors.DocumentError, match=r"the sheet 'input' .*; did you mean inputs"):
        read(workbook(tmp_path / "three.xlsx", trade=trade, input=INPUTS), theta=5.0)


@pytest.mark.parametrize("name", ["h.xls", "h.xlsx", "h.csv"])
def test_a_web_page_is_read_as_what_says_so(folder: Path, name: str) -> None:
    """Programs save tables as HTML under the name of a workbook."""
    file = folder / name
    file.write_text(f"<html><body>{pd.read_csv(folder / 'trade.csv').to_html(index=False)}</body></html>")
    assert any("import tables" in line for line in describe(file))
    assert read(file, theta=5.0).economy.fingerprint == read(folder, theta=5.0).economy.fingerprint


def test_elasticities_that_are_passed_over_are_noted(folder: Path) -> None:
    assert read(folder, theta=3.0).refused == ("The elasticities of sectors.csv: those of --theta (theta=) are used.",)
    with pytest.raises(ep.errors.InputError, match="sectors: used only with tariffs or elasticities by product"):
        read(folder, theta=3.0, sectors="sections")


@pytest.mark.slow
def test_the_full_tables(wiod50: ep.Economy) -> None:
    """44 x 50, from the files; its time is in benchmarks/imports.py."""
    imported = read(shared("wiod2014"), year=2014)
    np.testing.assert_array_equal(imported.economy.value, wiod50.value)
    np.testing.assert_array_equal(imported.economy.theta, wiod50.theta)
