"""Bringing a base up to new totals: what is known is met, the rest is the base scaled; RAS written a second time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy import Economy
from entrepot.economy.updating import Structure, Totals, fit, moved
from worlds import random_world

WORLD = random_world(5, 4, seed=3)
NOTHING = Totals.unknown(4, 5)


def gdp(e: Economy) -> np.ndarray:
    return e.value_added + e.profits + e.revenue


def updated(base: Economy, **totals: np.ndarray) -> Economy:
    return fit(Structure.of(base), replace(NOTHING, **totals), name="new")


def some_trade(base: Economy = WORLD, seed: int = 1) -> np.ndarray:
    return base.value * np.random.default_rng(seed).lognormal(0, 0.2, base.value.shape)


def with_taxes(base: Economy) -> Economy:
    """Markups in one sector, an export tax and a subsidy."""
    measures = [
        ep.ExportTax(exporter="C01", sector="s01", rate=0.1),
        ep.ProductionSubsidy(country="C02", sector="s02", rate=0.05),
    ]
    return ep.solve(base, measures).as_economy().with_markups({"s03": 12.0})


#: GDP by country over that of the base: less than what is sold, whatever `some_trade` is.
FACTORS = np.array([0.8, 0.7, 0.75, 0.85, 0.65])
BASES = {"plain": WORLD, "with taxes": with_taxes(WORLD)}


@pytest.fixture(params=BASES)
def base(request: pytest.FixtureRequest) -> Economy:
    return BASES[request.param]


def test_an_update_without_totals_returns_the_base(base: Economy) -> None:
    new = updated(base)
    np.testing.assert_allclose(new.value, base.value, rtol=1e-9)
    np.testing.assert_allclose(new.inputs, base.inputs, rtol=1e-9)
    how_far = moved(Structure.of(base), new)
    np.testing.assert_allclose([how_far.inputs, how_far.final, how_far.trade], 0, atol=1e-9)


@pytest.mark.parametrize("name", ["gdp", "output", "trade"])
def test_totals_that_double_double_every_cell(base: Economy, name: str) -> None:
    twice = {"gdp": 2 * gdp(base), "output": 2 * base.output, "trade": 2 * base.value}
    new = updated(base, **{name: twice[name]})
    np.testing.assert_allclose(new.value, 2 * base.value, rtol=1e-9)
    np.testing.assert_allclose(new.inputs, base.inputs, rtol=1e-9)
    np.testing.assert_allclose(gdp(new), 2 * gdp(base), rtol=1e-9)


def test_gdp_and_trade_are_met_and_no_cell_is_negative(base: Economy) -> None:
    trade, wanted = some_trade(base), gdp(base) * FACTORS
    new = updated(base, trade=trade, gdp=wanted)
    np.testing.assert_array_equal(new.value, trade)
    np.testing.assert_allclose(gdp(new), wanted, rtol=1e-9)
    assert (new.value_added_share >= 0).all()
    final = new.spending - np.einsum("nkj,jn->kn", new.inputs, new.cost)
    assert (final > -1e-9 * new.spending).all()


def test_output_and_part_of_trade_are_met(base: Economy) -> None:
    trade = np.full_like(base.value, np.nan)
    trade[1, 0] = some_trade(base)[1, 0]  # one importer's purchases of one sector
    output = base.output * np.random.default_rng(2).uniform(1.2, 1.4, base.output.shape)
    new = updated(base, trade=trade, output=output, gdp=1.3 * gdp(base))
    np.testing.assert_allclose(new.value[1, 0], trade[1, 0])
    np.testing.assert_allclose(new.output, output, rtol=1e-9)
    np.testing.assert_allclose(gdp(new), 1.3 * gdp(base), rtol=1e-9)


def test_zero_flows_of_the_base_stay_zero() -> None:
    new = updated(WORLD, gdp=1.5 * gdp(WORLD))
    np.testing.assert_array_equal(new.value == 0, WORLD.value == 0)


def test_recipes_are_those_of_the_ras_method() -> None:
    """Where all trade and GDP are known, each country is one table of (inputs, value added) by (sectors, demand)."""
    trade, wanted = some_trade(), gdp(WORLD) * FACTORS
    new = updated(WORLD, trade=trade, gdp=wanted)
    j = len(WORLD.sectors)
    for n in range(len(WORLD.countries)):
        table = np.zeros((j + 1, j + 1))
        table[:j, :j] = WORLD.inputs[n] * WORLD.cost[:, n]
        table[j, :j] = WORLD.value_added_share[n] * WORLD.cost[:, n]
        table[:j, j] = WORLD.spending[:, n] - table[:j, :j].sum(axis=1)
        bought = ((1 + WORLD.tariff[:, n]) * trade[:, n]).sum(axis=1)
        duties = (WORLD.tariff[:, n] * trade[:, n]).sum()
        rows = np.append(bought, wanted[n] - duties)
        columns = trade[:, :, n].sum(axis=1)
        columns = np.append(columns, rows.sum() - columns.sum())
        for _ in range(2000):
            table *= (rows / table.sum(axis=1))[:, None]
            table *= columns / table.sum(axis=0)
        np.testing.assert_allclose(new.inputs[n], table[:j, :j] / columns[:j], rtol=1e-8)
        np.testing.assert_allclose(new.final_share[n], table[:j, j] / columns[j], rtol=1e-8)


def test_the_order_of_countries_does_not_matter() -> None:
    order = np.array([3, 1, 4, 0, 2])
    turned = replace(
        WORLD,
        countries=tuple(WORLD.countries[k] for k in order),
        value=WORLD.value[:, order][:, :, order],
        tariff=WORLD.tariff[:, order][:, :, order],
        inputs=WORLD.inputs[order],
        markup=WORLD.markup[:, order],
        access=WORLD.access[:, order],
        exponent=WORLD.exponent[:, order],
    )
    wanted = gdp(WORLD) * FACTORS
    new, other = updated(WORLD, gdp=wanted), updated(turned, gdp=wanted[order])
    np.testing.assert_allclose(other.value, new.value[:, order][:, :, order], rtol=1e-8)


def test_an_updated_base_is_in_equilibrium(base: Economy) -> None:
    new = updated(base, trade=some_trade(base), gdp=FACTORS * gdp(base))
    assert np.abs(ep.solve(new).countries["real_income_pct"]).max() < 1e-7


@pytest.mark.positions
def test_moved_is_zero_for_the_base_and_counts_half_of_changed_shares() -> None:
    structure = Structure.of(WORLD)
    still = moved(structure, updated(WORLD))
    for part in (still.inputs, still.final, still.trade):
        np.testing.assert_allclose(part, 0, atol=1e-9)
    recipe = WORLD.inputs.copy()
    recipe[2, 0, 1] += 0.01
    far = moved(structure, replace(WORLD, inputs=recipe))
    np.testing.assert_allclose(far.inputs[2], 0.01 * WORLD.cost[1, 2] / WORLD.cost[:, 2].sum())
    assert far.cells[0][:3] == ("C02", "s00", "s01")


# ---- new names ----


@pytest.mark.positions
def test_parts_of_a_sector_make_up_the_sector_again() -> None:
    """A sector in two parts, of equal tariffs: merged again, they are the base."""
    sectors = {"s00": "s00", "s01a": "s01", "s01b": "s01", "s02": "s02", "s03": "s03"}
    trade = WORLD.value[[0, 1, 1, 2, 3]] * np.array([1, 0.25, 0.75, 1, 1])[:, None, None]
    structure = Structure.of(WORLD, None, sectors, bought=trade.sum(axis=2))
    split = fit(structure, Totals(trade, np.full((5, 5), np.nan), gdp(WORLD)), name="split")
    merged = split.aggregate(sectors={"s01": ["s01a", "s01b"]})
    order = [merged.sectors.index(s) for s in WORLD.sectors]
    np.testing.assert_allclose(merged.value[order], WORLD.value, rtol=1e-9)
    np.testing.assert_allclose(merged.inputs[:, order][:, :, order], WORLD.inputs, rtol=1e-8)


@pytest.mark.positions
def test_a_country_takes_the_recipes_of_another() -> None:
    countries = {**{c: c for c in WORLD.countries}, "NEW": "C02"}
    trade = np.zeros((4, 6, 6))
    trade[:, :5, :5] = WORLD.value
    trade[:, 5], trade[:, :, 5] = 0.1 * trade[:, 2], 0.1 * trade[:, :, 2]
    trade[:, 5, 5] = WORLD.value[:, 2, 2]
    structure = Structure.of(WORLD, countries, bought=trade.sum(axis=2))
    new = fit(structure, Totals(trade, np.full((4, 6), np.nan), np.full(6, np.nan)), name="six")
    assert new.countries[5] == "NEW"
    np.testing.assert_allclose(new.inputs[5], WORLD.inputs[2], atol=0.1)
    np.testing.assert_allclose(ep.solve(new).countries["real_income_pct"], 0, atol=1e-7)


# ---- totals that contradict each other ----


def contradictions() -> dict[str, tuple[dict[str, np.ndarray], str]]:
    trade, wanted = some_trade(), gdp(WORLD)
    too_much, surplus, negative = wanted.copy(), trade.copy(), trade.copy()
    too_much[1] = 2 * trade[:, :, 1].sum()
    surplus[:, 0, 1] = 50 * wanted[1]
    negative[0, 0, 1] = -1
    return {
        "output beside trade": ({"trade": trade, "output": WORLD.output}, "sales of s00 by C00 in the trade data add"),
        "thousands": ({"gdp": 1e3 * wanted}, "GDP is about 1,000 times what sales imply: it must be in millions"),
        "billions": ({"gdp": 1e-3 * wanted}, "GDP is about 0.001 times what sales imply"),
        "more than sales": ({"trade": trade, "gdp": too_much}, "C01 has a GDP of .* and sells .* in all"),
        "a surplus beyond GDP": ({"trade": surplus, "gdp": wanted}, "C01 .* leaves nothing to spend"),
        "negative": ({"trade": negative}, "trade holds a value that is negative"),
    }


@pytest.mark.positions
@pytest.mark.parametrize("kind", contradictions())
def test_totals_that_contradict_each_other_are_refused_by_name(kind: str) -> None:
    totals, message = contradictions()[kind]
    with pytest.raises(ep.errors.InputError, match=message):
        updated(WORLD, **totals)


def test_totals_that_no_scaling_meets_raise_with_the_cell() -> None:
    """Outputs of all sectors at a tenth while GDP stays: value added would be more than is sold."""
    with pytest.raises((ep.errors.ConvergenceError, ep.errors.InputError)):
        updated(WORLD, output=0.1 * WORLD.output, gdp=gdp(WORLD))


def test_a_base_with_quotas_is_refused() -> None:
    quota = ep.ImportQuota(importer="C00", sector="s01", cap=0.5, unit="share")
    with pytest.raises(ep.errors.TableError, match="the base has quotas"):
        Structure.of(ep.solve(WORLD, quota).as_economy())
