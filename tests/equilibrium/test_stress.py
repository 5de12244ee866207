"""Shocks far from the base, on the full 44 x 50 tables: each solved to 1e-10, or refused with the reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from shelves import slow, slow_after
from worlds import random_world

GOODS = [f"C{k:02d}" for k in range(1, 23)]


def check(outcome: ep.Outcome) -> None:
    assert max(outcome.residuals.values()) <= 1e-10, outcome.worst
    assert np.isfinite(outcome.countries.to_numpy()).all()


#: Six countries in a moment, and the full tables on the slow shelf.
TABLES = slow_after(1, ["six", "wiod50"])


@pytest.fixture
def economy(request: pytest.FixtureRequest) -> ep.Economy:
    return random_world(6, 4, seed=1, openness=0.15) if request.param == "six" else request.getfixturevalue("wiod50")


def goods(e: ep.Economy) -> list[str]:
    return [s for s in e.sectors if s in GOODS] or list(e.sectors)


def buyer(e: ep.Economy) -> str:
    return "USA" if "USA" in e.countries else "C00"


@pytest.mark.parametrize("economy", TABLES, indirect=True)
def test_tariff_of_100_points_by_all_on_everything_is_solved(economy: ep.Economy) -> None:
    outcome = ep.solve(economy, [ep.Tariff(importer="WORLD", sector="ALL", rate="100%", change="add")])
    check(outcome)
    assert outcome.countries["equivalent_variation"].sum() < 0


@pytest.mark.parametrize("economy", TABLES, indirect=True)
def test_tariff_of_1000_percent_by_one_country_is_solved(economy: ep.Economy) -> None:
    check(ep.solve(economy, [ep.Tariff(importer=buyer(economy), sector="ALL", rate="1000%")]))


@pytest.mark.parametrize("economy", TABLES, indirect=True)
@pytest.mark.parametrize("cap", [0.5, 0.1, 0.01])
def test_quotas_held_by_exporters_on_every_import_of_goods_are_solved(economy: ep.Economy, cap: float) -> None:
    n = economy.countries.index(buyer(economy))
    measures = [
        ep.VoluntaryExportRestraint(importer=buyer(economy), exporter=exporter, sector=sector, cap=cap)
        for j, sector in enumerate(economy.sectors)
        if sector in goods(economy)
        for i, exporter in enumerate(economy.countries)
        if i != n and economy.value[j, n, i] > 0
    ]
    assert len(measures) > (820 if economy.name == "wiod2014" else 18)
    outcome = ep.solve(economy, measures)
    check(outcome)
    assert outcome.measures["binding"].mean() > 0.99
    np.testing.assert_allclose(outcome.measures["volume"], outcome.measures["cap"], rtol=1e-9)


@pytest.mark.parametrize("economy", TABLES, indirect=True)
def test_global_quotas_on_all_goods_are_solved(economy: ep.Economy) -> None:
    measures = [
        ep.ImportQuota(importer=importer, sector=sector, cap=0.6)
        for importer in economy.countries
        for sector in goods(economy)
    ]
    assert len(measures) == (968 if economy.name == "wiod2014" else len(economy.countries) * len(economy.sectors))
    outcome = ep.solve(economy, measures)
    check(outcome)
    assert (outcome.measures["volume"] <= outcome.measures["cap"] * (1 + 1e-9)).all()


@pytest.mark.parametrize(("economy", "rate"), [("six", "50000%"), slow(("wiod50", "400%"))], indirect=["economy"])
@pytest.mark.parametrize("deficit", slow_after(1, ["fixed", "gdp_share"]))
def test_error_says_that_too_little_trade_is_left_to_pay_the_deficits(
    economy: ep.Economy, rate: str, deficit: str
) -> None:
    if economy.name != "wiod2014":  # the first country imports four times as much, on credit
        value = economy.value.copy()
        value[:, 0, 1:] *= 4
        economy = replace(economy, value=value)
    with pytest.raises(ep.errors.ConvergenceError, match="too little trade to pay the deficits") as caught:
        ep.solve(
            economy, [ep.Tariff(importer="WORLD", sector="ALL", rate=rate, change="add")], closure=ep.Closure(deficit)
        )
    assert "balanced" in caught.value.remedy
    assert caught.value.worst


@pytest.mark.parametrize("economy", TABLES, indirect=True)
def test_tariff_of_400_points_with_closed_deficits_is_solved(economy: ep.Economy) -> None:
    measure = ep.Tariff(importer="WORLD", sector="ALL", rate="400%", change="add")
    check(ep.solve(economy, [measure], closure=ep.Closure("balanced")))


def test_tariff_of_a_million_percent_equals_an_embargo() -> None:
    economy = random_world(6, 4, seed=1)
    flow = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    one = ep.solve(economy, [ep.Tariff(**flow, rate="1000000%")])
    check(one)
    embargo = ep.solve(economy, [ep.ImportQuota(**flow, cap=0)])
    np.testing.assert_allclose(one.countries["real_income_pct"], embargo.countries["real_income_pct"], atol=1e-6)


@pytest.mark.slow
def test_tariff_of_a_million_percent_on_the_bundled_world_equals_an_embargo(world: ep.Economy) -> None:
    one = ep.solve(world, [ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate="1000000%")])
    check(one)
    embargo = ep.solve(world, [ep.ImportQuota(importer="USA", exporter="JPN", sector="motor_vehicles", cap=0)])
    np.testing.assert_allclose(one.countries["real_income_pct"], embargo.countries["real_income_pct"], atol=1e-6)
    with pytest.raises(ep.errors.ConvergenceError, match="deficits"):
        ep.solve(world, [ep.Tariff(importer="USA", sector="ALL", rate="1000000%")])


def test_embargo_of_all_trade_has_no_equilibrium(world: ep.Economy) -> None:
    with pytest.raises(ep.errors.ConvergenceError, match="Nothing is left for buyers of"):
        ep.solve(world, [ep.ImportQuota(importer="WORLD", sector="ALL", cap=0)])


@pytest.mark.slow
def test_embargo_of_all_imports_of_one_country_has_no_equilibrium(world: ep.Economy) -> None:
    for deficit in ("fixed", "balanced"):
        with pytest.raises(ep.errors.ConvergenceError, match="every import of USA"):
            ep.solve(world, [ep.ImportQuota(importer="USA", sector="ALL", cap=0)], closure=ep.Closure(deficit))


@pytest.mark.slow
def test_a_subsidy_larger_than_income(world: ep.Economy) -> None:
    with pytest.raises(ep.errors.ConvergenceError, match="what LUX pays in subsidies"):
        ep.solve(world, [ep.Tariff(importer="LUX", sector="ALL", rate=-0.9)])


def test_country_that_hardly_trades_is_solved_or_named() -> None:
    """Down to a hundred-thousandth of income in trade a wage is found; with almost none, the reason is given."""
    world = random_world(4, 1, 1, theta=16.0)
    measure = ep.Tariff(importer="C02", sector="s00", rate="150%")
    outcome = ep.solve(world, [measure], closure=ep.Closure("balanced"))
    check(outcome)
    assert 1e-5 < outcome.countries["imports"]["C02"] / outcome.accounts.income[2] < 1e-3
    measure = ep.Tariff(importer="C02", sector="s00", rate="1000%")
    with pytest.raises(ep.errors.ConvergenceError, match="C02 hardly trades"):
        ep.solve(world, [measure], closure=ep.Closure("balanced"))


def test_deficits_about_the_size_of_rounding() -> None:
    """Most are less than a ten-billionth of income and one is more: they still add up to nothing."""
    world = random_world(6, 2, seed=1, openness=0.1, deficits=0.0, tariffs=False)
    value = world.value.copy()
    value[0, 1:, 0] += 0.9e-10 * world.income[1:]
    world = replace(world, value=value)
    small = np.abs(world.deficit) <= 1e-10 * world.income
    assert small[1:].all()
    assert not small[0]
    for rule in ("fixed", "gdp_share", "own_share"):
        check(ep.solve(world, [ep.Tariff(importer="C01", sector="s00", rate=0.2)], closure=ep.Closure(rule)))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_random_mixes_of_measures(block: int) -> None:
    """With deficits closed and no embargo an equilibrium is found, whatever the mix: 200 worlds, elasticities to 20."""
    for seed in range(40 * block, 40 * block + 40):
        rng = np.random.default_rng(seed)
        world = random_world(
            int(rng.integers(3, 9)), int(rng.integers(1, 6)), seed=seed, openness=rng.uniform(0.1, 0.8)
        )
        world = replace(world, theta=rng.uniform(1, 20, len(world.sectors)))
        measures: list[ep.measures.Measure] = []
        capped = set()
        for _ in range(int(rng.integers(1, 6))):
            n, i = rng.choice(len(world.countries), 2, replace=False)
            j, kind = int(rng.integers(len(world.sectors))), int(rng.integers(7))
            if world.value[j, n, i] == 0 or (kind < 3 and (j, n, i) in capped):
                continue
            capped |= {(j, n, i)} if kind < 3 else set()
            where = {"importer": world.countries[n], "exporter": world.countries[i], "sector": world.sectors[j]}
            cap, rate = float(10 ** rng.uniform(-3, 0.3)), float(rng.uniform(-0.3, 1.0))
            measures.append(
                [
                    lambda w=where, c=cap: ep.ImportQuota(cap=c, rent={"importer": 0.3, "exporter": 0.7}, **w),
                    lambda w=where, c=cap: ep.VoluntaryExportRestraint(cap=c, **w),
                    lambda w=where, c=cap, r=rate: ep.TariffRateQuota(cap=c, out_rate=abs(r), change="add", **w),
                    lambda w=where, r=rate: ep.Tariff(rate=r, change="add", **w),
                    lambda w=where, r=rate: ep.ExportTax(rate=r, **w),
                    lambda w=where, r=rate: ep.NonTariffBarrier(rate=r, **w),
                    lambda w=where, r=rate: ep.ProductionSubsidy(country=w["importer"], sector=w["sector"], rate=r),
                ][kind]()
            )
        check(ep.solve(world, measures, closure=ep.Closure("balanced")))
