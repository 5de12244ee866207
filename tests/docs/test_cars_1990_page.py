"""The tables of docs/cars-1990.md are those that scripts/cars_tables.py prints."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from manual_pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "cars-1990.md").splitlines()
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pyblp") is None, reason="the data come with pyblp: pip install '.[firms]'"
)


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cars_tables", ROOT / "scripts" / "cars_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def on_the_page(lines: list[str]) -> None:
    assert lines
    for line in lines:
        assert line in PAGE, line


def test_table_of_1990(tables: ModuleType) -> None:
    on_the_page(tables.lines_of_1990(tables.three_ways(tables.us_cars(1990))))


@pytest.mark.slow
def test_table_of_1986_to_1990(tables: ModuleType) -> None:
    on_the_page(tables.lines_of_years([tables.of_year(year) for year in tables.YEARS]))


@pytest.mark.slow
def test_table_of_other_models(tables: ModuleType) -> None:
    on_the_page(tables.lines_of_models(tables.other_models()))


@pytest.mark.slow
def test_table_of_intervals(tables: ModuleType) -> None:
    on_the_page(tables.lines_of_intervals(tables.intervals(100)))


@pytest.mark.slow
def test_the_licence_found_is_what_prices_contain(tables: ModuleType) -> None:
    """Free trade with a licence put back on it gives the observed prices again."""
    from dataclasses import replace

    import numpy as np

    import entrepot as ep

    market = tables.us_cars(1986)
    licence = tables.licence_in_prices(market)
    japan = np.array(market.table.plant) == "JPN"
    free = replace(market, cost=market.cost - licence * japan)
    cap = float(market.table.quantity[japan].sum())
    again = free.solve(ep.VoluntaryExportRestraint(**tables.CARS, cap=cap, unit="units"), start=free.solve().prices)
    assert again.rents.loc[0, "licence_price"] == pytest.approx(licence, rel=1e-8)
    np.testing.assert_allclose(again.prices, market.table.price, rtol=1e-9)
