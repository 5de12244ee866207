"""A folder of tidy tables on the command line's route, and the full 44 x 50 tables through it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
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
        (lambda f: (f / "trade.parquet").touch(), "both trade.parquet and trade.csv"),
        (
            lambda f: (f / "trade.csv").write_text("importer;exporter;sector;value\nA;A;cars;1,5;2\n"),
            "Expected Number of Columns: 4",
        ),
        (lambda f: (f / "trade.csv").write_text("importer,exporter,sector,value\nA,A,cars,x\n"), "not a finite number"),
    ],
)
def test_invalid_folders_are_refused(folder: Path, spoil: object, message: str) -> None:
    spoil(folder)  # type: ignore[operator]
    with pytest.raises(ep.errors.InputError, match=message):
        read(folder)


@pytest.mark.slow
def test_the_full_tables(wiod50: ep.Economy) -> None:
    """44 x 50, from the files; its time is in benchmarks/imports.py."""
    imported = read(shared("wiod2014"), year=2014)
    np.testing.assert_array_equal(imported.economy.value, wiod50.value)
    np.testing.assert_array_equal(imported.economy.theta, wiod50.theta)
