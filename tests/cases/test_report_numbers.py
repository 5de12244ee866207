"""The numbers of a report's tables: by hand, and for several solutions as for one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases.report_numbers import (
    WatchedMarket,
    party_places,
    proceeds_numbers,
    research_numbers,
    welfare_numbers,
)
from entrepot.cases.report_spec import MarketWatch
from worlds import place


def test_welfare_and_proceeds_of_a_party_are_sums_over_its_countries() -> None:
    gain, income, rent = np.array([1.0, 2.0, 4.0]), np.array([10.0, 30.0, 50.0]), np.array([5.0, 6.0, 7.0])
    assert welfare_numbers(gain, income, [0, 1]) == {"equivalent_variation": 3.0, "real_income_pct": 7.5}
    found = proceeds_numbers(
        SimpleNamespace(proceeds={"tariff_revenue_change": gain - income, "quota_rent": rent}), [1, 2]
    )
    assert found == {"tariff_revenue_change": -74.0, "quota_rent": 13.0}


def test_several_solutions_have_the_numbers_of_each(rng: np.random.Generator) -> None:
    gain, income = rng.normal(size=(3, 5)), rng.uniform(1, 2, 5)
    together = welfare_numbers(gain, income, [1, 4])
    for k, alone in enumerate(gain):
        assert {key: part[k] for key, part in together.items()} == pytest.approx(welfare_numbers(alone, income, [1, 4]))


def test_research_needs_an_intensity_and_value_added_in_the_base() -> None:
    found = research_numbers(np.array([110.0, 5.0]), np.array([100.0, 0.0]), 0.1)
    np.testing.assert_allclose(found["rd_capacity"], [11.0, 0.5])
    np.testing.assert_allclose(found["rd_capacity_pct"], [10.0, np.nan])
    assert all(np.isnan(part) for part in research_numbers(np.float64(110), np.array(100.0), np.nan).values())


def test_imports_into_a_watched_market_leave_out_what_its_buyers_sell_to_each_other(small: ep.Economy) -> None:
    watch = MarketWatch(title="T", importer=("C00", "C01"), sectors=("s01", "s02"), exporters=("C02", "C03"))
    market = WatchedMarket(watch, small)
    value = small.value
    bought = value[np.ix_(place(small, "s01", "s02"), place(small, "C00", "C01"))].sum(axis=(0, 1))
    found = dict(market.imports(value.ravel()[market.flow]))
    amounts = {
        name: bought[place(small, code)].sum() for name, code in (("C02", "C02"), ("C03", "C03"), ("OTHER", "C04"))
    }
    assert {source: numbers["value"] for source, numbers in found.items()} == pytest.approx(amounts)
    assert sum(numbers["import_share"] for numbers in found.values()) == pytest.approx(1)
    several = dict(market.imports(np.stack([value, 0 * value]).reshape(2, -1)[:, market.flow]))
    assert several["C02"]["value"] == pytest.approx([amounts["C02"], 0])
    assert np.isnan(several["C02"]["import_share"][1]), "nothing is imported"


def test_a_market_of_the_whole_world_has_no_imports(small: ep.Economy) -> None:
    market = WatchedMarket(MarketWatch(title="T", importer="WORLD", sectors=("s01",), exporters=("C02",)), small)
    assert market.flow.size == 0
    assert [numbers["value"] for _, numbers in market.imports(np.zeros(0))] == [0]
    assert party_places("WORLD", small) == [*range(5)]
