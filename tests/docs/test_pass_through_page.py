"""The page on pass-through has the numbers that the bundled market and the world of 2018 give today."""

from __future__ import annotations

import re

import numpy as np
import pytest

import entrepot as ep
from entrepot.markets import load_market
from manual_pages import ROOT

PAGE = (ROOT / "docs" / "pass-through.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| ([A-Za-z ]+?)(?: \(5 points\))? \| (\w+)[\w ]* \| ([-+]?[\d.]+)% \| ([\d.]+) \| ([\d.]+) \|$", re.M
)
ROWS = ROW.findall(PAGE)


def duty(rate):
    return ep.Tariff(importer="USA", exporter=["JPN", "EU28"], sector="motor_vehicles", rate=rate, change="add")


def test_the_table_is_read_whole():
    assert len(ROWS) == 11
    assert {row[0] for row in ROWS} == {"linear", "AIDS", "logit", "nested logit", "CES"}


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_each_form_passes_on_what_the_page_says(row):
    demand, conduct, *printed = row
    market = load_market("us-cars-2018", demand=demand.lower().replace(" ", "_"), conduct=conduct.lower())
    outcome = market.solve(duty(0.05 if demand == "linear" else 0.25))
    japan = np.array(market.table.plant) == "JPN"
    units, base = market.table.quantity[japan], market.table.border_price(market.base)[japan]
    charged = outcome.products["duty"].to_numpy()[japan] - base * market.table.tariff[japan]
    border = (outcome.border_prices[japan] - base) @ units
    at_border = 100 * border / (base @ units)
    landed = (border + charged @ units) / (charged @ units)
    retail = (outcome.prices - market.table.price)[japan] @ units / (charged @ units)
    found = [round(at_border, 1) + 0.0, round(landed, 2), round(retail, 2)]
    np.testing.assert_allclose(found, [float(number) for number in printed], atol=1e-9)


@pytest.mark.slow
def test_price_at_cost_passes_on_nearly_all():
    outcome = ep.solve(ep.load_economy("world2018"), duty(0.25))
    assert "price is cost: 0.99 at the border" in PAGE
    assert outcome.measures["pass_through"].iloc[0] == pytest.approx(0.99, abs=0.005)
