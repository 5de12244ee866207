"""What every shelf of tests shares: the reference data folder, worlds to solve, and the --slow switch."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from worlds import random_world

SHARED = Path(os.environ.get("ENTREPOT_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="slow; run with --slow"))


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run store of the test's own: the developer's is never written to."""
    folder = tmp_path / "store"
    monkeypatch.setenv("ENTREPOT_STORE", str(folder))
    return folder


def shared(folder: str) -> Path:
    """A folder of the reference data, which is not part of the repository; the test skips where it is absent."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"reference data {folder!r} not found beside the checkout (set ENTREPOT_SHARED to its place)")
    return path


@pytest.fixture(scope="session")
def world() -> ep.Economy:
    return ep.load_economy("world2014")


@pytest.fixture(scope="session")
def small() -> ep.Economy:
    """Five countries, four sectors, inputs, tariffs, deficits."""
    return random_world(5, 4, seed=7)


@pytest.fixture(scope="session")
def wiod50() -> ep.Economy:
    """The full 44 x 50 tables."""
    folder = shared("wiod2014")
    theta = pd.read_csv(folder / "sectors.csv").set_index("sector")["theta"].to_dict()
    tables = (pd.read_parquet(folder / f"{name}.parquet") for name in ("trade", "inputs", "demand"))
    return ep.Economy.from_tables(*tables, theta=theta, name="wiod2014", year=2014)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20190517)
