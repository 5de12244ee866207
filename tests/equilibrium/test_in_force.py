"""A base with policy in force: solving no change returns it, and two reforms one after the other are both at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.accounts import Accounts
from shelves import slow_pairs
from worlds import random_world

WORLD = random_world(4, 3, seed=8, deficits=0.2)
ONE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
TWO: dict[str, Any] = {"importer": "C02", "exporter": ["C00", "C03"], "sector": ["s01", "s02"]}
SPLIT: dict[str, Any] = {"rent": {"importer": 0.3, "exporter": 0.7}}
BASES: dict[str, list[ep.measures.Measure]] = {
    "tariffs": [ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add")],
    "export taxes": [ep.ExportTax(exporter="C01", importer="C00", sector="s00", rate=0.2)],
    "subsidies": [ep.ProductionSubsidy(country="C01", sector="s01", rate=0.1)],
    "import quota": [ep.ImportQuota(**TWO, cap=0.6, **SPLIT)],
    "restraint": [ep.VoluntaryExportRestraint(**TWO, cap=0.7)],
    "slack quota": [ep.ImportQuota(**ONE, cap=3.0)],
    "unfilled tariff-rate quota": [ep.TariffRateQuota(**TWO, cap=2.0, in_rate=0.02, out_rate=0.3)],
    "filled tariff-rate quota": [ep.TariffRateQuota(**TWO, cap=0.95, in_rate=0.02, out_rate=0.9, **SPLIT)],
    "overfilled tariff-rate quota": [ep.TariffRateQuota(**TWO, cap=0.3, in_rate=0.02, out_rate=0.2, **SPLIT)],
    "specific duty": [ep.SpecificTariff(**TWO, amount=0.15)],
    "undertaking": [ep.MinimumPrice(**ONE, price=1.2, rent="exporter")],
    "levied minimum price": [ep.MinimumPrice(**ONE, price=1.2, rent="importer")],
    "embargo": [ep.ImportQuota(**ONE, cap=0)],
    "all on some flows": [
        ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.7, **SPLIT),
        ep.ImportQuota(**ONE, cap=0.5, rent="exporter"),
        ep.TariffRateQuota(**ONE, cap=0.05, in_rate=0.02, out_rate=0.1, **SPLIT),
        ep.MinimumPrice(**ONE, price=1.6, rent="exporter"),
        ep.ExportTax(exporter="C01", importer="C00", sector="s00", rate=0.1),
        ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=0.1),
        ep.ProductionSubsidy(country="C03", sector="s01", rate=0.1),
        ep.SpecificTariff(importer="C02", exporter="C03", sector="s01", amount=0.1),
        ep.VoluntaryExportRestraint(importer="C02", exporter="C03", sector="s01", cap=0.8),
    ],
}
REFORM: list[ep.measures.Measure] = [
    ep.Tariff(importer="C03", exporter="C01", sector="s00", rate=0.25, change="add"),
    ep.Tariff(importer="C02", exporter="C01", sector="s01", rate=0.1, change="add"),
    ep.ExportTax(exporter="C01", importer="C02", sector="s02", rate=0.05),
    ep.ProductionSubsidy(country="C00", sector="s02", rate=0.05),
    ep.ImportQuota(importer="C03", exporter="C00", sector="s01", cap=0.8),
]
CLOSURES = {
    "fixed": ep.Closure(),
    "income shares": ep.Closure(deficit="gdp_share", labour_supply=0.3),
    "own shares, short run": ep.Closure(deficit="own_share", horizon="short", labour_share=0.6, scale=0.02),
    "selection": ep.Closure(competition=ep.equilibrium.Melitz(2.5)),
    "selection, free entry": ep.Closure(
        competition=ep.equilibrium.Melitz({"s00": 2.5, "s02": 2.2}, entry="free"), deficit="own_share"
    ),
    "markups, wage of C02": ep.Closure(competition=ep.equilibrium.Markups(9.0), numeraire="C02"),
}


def onwards(closure: ep.Closure) -> ep.Closure:
    """The closure of a reform of a base that has its markups already; free entry goes on with the closure."""
    return closure if isinstance(closure.competition, ep.equilibrium.Melitz) else replace(closure, competition=None)


@pytest.fixture(scope="module")
def kept() -> dict[tuple[str, str], ep.Outcome]:
    return {}


def base(kept: dict[tuple[str, str], ep.Outcome], name: str, rule: str) -> ep.Outcome:
    if (name, rule) not in kept:
        kept[name, rule] = ep.solve(WORLD, BASES[name], closure=CLOSURES[rule], tol=1e-12)
    return kept[name, rule]


@pytest.mark.parametrize(("name", "rule"), slow_pairs(BASES, CLOSURES))
def test_outcome_as_base_has_the_same_accounts(name: str, rule: str, kept: dict[tuple[str, str], ep.Outcome]) -> None:
    out = base(kept, name, rule)
    world, a, m = out.as_economy(), out.accounts, out.accounts.cleared
    size = world.income.max()
    for found, expected in (
        (world.income, m.income),
        (world.spending, m.spending),
        (world.cost, m.cost),
        (world.value_added, m.value_added),
        (world.profits, m.profits),
        (world.revenue, m.revenue),
        (world.deficit, m.deficit),
        (world.tariff_revenue, a.duty.sum(axis=(0, 2))),
        (world.border_value, a.border_value),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * size)


@pytest.mark.parametrize("name", BASES)
def test_the_summary_of_a_base_with_policy_has_the_accounts_of_its_outcome(
    name: str, kept: dict[tuple[str, str], ep.Outcome]
) -> None:
    out = base(kept, name, "fixed")
    table = out.as_economy().summary()
    for column in ("exports", "imports", "tariff_revenue"):
        np.testing.assert_allclose(table[column], out.countries[column], rtol=1e-8, err_msg=column)
    np.testing.assert_allclose(table["deficit"], table["imports"] - table["exports"], atol=1e-8 * WORLD.income.max())
    np.testing.assert_allclose(table["average_tariff"], table["tariff_revenue"] / table["imports"], rtol=1e-12)


@pytest.mark.parametrize(("name", "rule"), slow_pairs(BASES, CLOSURES))
def test_no_change_returns_the_base(name: str, rule: str, kept: dict[tuple[str, str], ep.Outcome]) -> None:
    out = base(kept, name, rule)
    same = ep.solve(out.as_economy(), [], closure=onwards(CLOSURES[rule]), tol=1e-12)
    assert np.abs(same.countries["real_income_pct"]).max() < 1e-8
    assert same.iterations <= 2
    scale = WORLD.income.max()
    for part in ("user_value", "border_value", "duty", "rent", "exporter_rent"):
        np.testing.assert_allclose(getattr(same.accounts, part), getattr(out.accounts, part), atol=1e-10 * scale)


@pytest.mark.parametrize(("name", "rule"), slow_pairs(BASES, CLOSURES))
def test_chained_reforms_equal_both_at_once(name: str, rule: str, kept: dict[tuple[str, str], ep.Outcome]) -> None:
    first = base(kept, name, rule)
    volume = first.volume(REFORM[-1])
    second = ep.solve(first.as_economy(), REFORM, closure=onwards(CLOSURES[rule]), tol=1e-12)
    capped = replace(REFORM[-1], cap=0.8 * volume, unit="usd_m")
    both = ep.solve(WORLD, [*BASES[name], *REFORM[:-1], capped], closure=CLOSURES[rule], tol=1e-12)
    chained = (1 + first.countries["real_income_pct"] / 100) * (1 + second.countries["real_income_pct"] / 100)
    if CLOSURES[rule].labour_supply == 0.0:  # the worth of more work does not multiply
        np.testing.assert_allclose(chained, 1 + both.countries["real_income_pct"] / 100, rtol=1e-9)
    scale, unit = WORLD.income.max(), both.accounts.income.sum() / second.accounts.income.sum()
    for part in ("user_value", "border_value", "duty", "rent", "exporter_rent"):
        np.testing.assert_allclose(
            getattr(second.accounts, part) * unit, getattr(both.accounts, part), atol=1e-8 * scale, err_msg=part
        )


@pytest.mark.parametrize("name", BASES)
def test_base_with_policy_survives_saving(name: str, kept: dict[tuple[str, str], ep.Outcome], tmp_path: Path) -> None:
    world = base(kept, name, "fixed").as_economy()
    world.save(tmp_path / "base.npz")
    again = ep.Economy.load(tmp_path / "base.npz")
    assert again.fingerprint == world.fingerprint
    np.testing.assert_array_equal(again.income, world.income)
    assert again.in_force.quotas.title == world.in_force.quotas.title


@pytest.mark.parametrize("name", ["filled tariff-rate quota", "overfilled tariff-rate quota", "all on some flows"])
def test_a_batch_and_gradients_on_a_base_with_policy(name: str, kept: dict[tuple[str, str], ep.Outcome]) -> None:
    world = base(kept, name, "fixed").as_economy()
    scenarios = [REFORM, REFORM[:2], []]
    batch = ep.solve_many(world, scenarios, tol=1e-12)
    for k, measures in enumerate(scenarios):
        alone = ep.solve(world, measures, tol=1e-12)
        np.testing.assert_allclose(batch.real_income[k], alone.countries["real_income_pct"] / 100, atol=1e-10)
        rents = (of["quota_rent"] for of in (batch.countries.loc[k], alone.countries))
        np.testing.assert_allclose(*rents, rtol=1e-7, atol=1e-6)

    def moved(rate: float) -> ep.Outcome:
        return ep.solve(world, ep.Tariff(importer="C03", exporter="C01", sector="s00", rate=rate), tol=1e-12)

    at, flow = moved(0.1).sensitivity, ep.Tariff(importer="C03", exporter="C01", sector="s00", rate=0.1).flows(world)
    for code in world.countries:
        ahead, back = (moved(0.1 + step).countries.loc[code, "real_income_pct"] for step in (1e-4, -1e-4))
        assert at.gradient(at.real_income(code), flow).sum() == pytest.approx((ahead - back) / 2e-2, rel=1e-5, abs=1e-8)


def test_the_parts_of_a_gain_on_a_base_with_policy_add_up(kept: dict[tuple[str, str], ep.Outcome]) -> None:
    out = ep.solve(base(kept, "all on some flows", "fixed").as_economy(), REFORM[:2], tol=1e-12)
    np.testing.assert_allclose(out.decomposition["real_income"], out.countries["real_income_pct"], atol=1e-8)
    assert out.decomposition.attrs["quadrature_error"] < 1e-6


def test_accounts_at_no_change_are_those_of_the_base(kept: dict[tuple[str, str], ep.Outcome]) -> None:
    world = base(kept, "all on some flows", "fixed").as_economy()
    same = ep.solve(world, [], tol=1e-12)
    assert isinstance(same.accounts, Accounts)
    np.testing.assert_allclose(same.accounts.producer_value, world.value, rtol=1e-9, atol=1e-6)


def test_merging_a_base_keeps_every_sum() -> None:
    """Export taxes inside a new country and across it, subsidies and markups: what each country has of each stays."""
    measures = [
        ep.ExportTax(exporter="C01", sector="s00", rate=0.2),
        ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=-0.1),
        ep.ProductionSubsidy(country="C01", sector="s01", rate=0.1),
    ]
    world = ep.solve(WORLD, measures, closure=CLOSURES["markups, wage of C02"], tol=1e-12).as_economy()
    groups = {"AB": ["C00", "C01"]}
    merged = world.aggregate(countries=groups, sectors={"goods": ["s00", "s01"]})
    members = [[world.countries.index(c) for c in groups.get(new, [new])] for new in merged.countries]
    for part in ("income", "value_added", "profits", "revenue", "tariff_revenue", "deficit"):
        kept_sums = [getattr(world, part)[at].sum() for at in members]
        np.testing.assert_allclose(getattr(merged, part), kept_sums, rtol=1e-10, atol=1e-8, err_msg=part)
    subsidised = [(world._received - world.output)[:, at].sum() for at in members]
    np.testing.assert_allclose((merged._received - merged.output).sum(axis=0), subsidised, rtol=1e-10, atol=1e-8)
    same = ep.solve(merged, tol=1e-12)
    np.testing.assert_allclose(same.countries["real_income_pct"], 0.0, atol=1e-8)
    np.testing.assert_allclose(same.accounts.producer_value, merged.value, rtol=1e-9, atol=1e-6)
    at_once = world.aggregate(countries=groups).aggregate(sectors={"goods": ["s00", "s01"]})
    np.testing.assert_allclose(at_once.in_force.export_tax, merged.in_force.export_tax, atol=1e-12)
    np.testing.assert_allclose(at_once.tariff, merged.tariff, atol=1e-12)


def test_unsupported_operations_on_a_base_with_policy_are_refused(kept: dict[tuple[str, str], ep.Outcome]) -> None:
    world = base(kept, "import quota", "fixed").as_economy()
    with pytest.raises(ep.errors.InputError, match="merge countries and sectors first"):
        world.aggregate(sectors={"goods": ["s00", "s01"]})
    taxed = base(kept, "export taxes", "fixed").as_economy()
    with pytest.raises(ep.errors.InputError, match="the base has some in force on the chosen flows"):
        ep.bargaining.optimal_policy(taxed, "C01", instruments=("export_tax",), closure=ep.Closure())
    floor = base(kept, "specific duty", "fixed").as_economy()
    with pytest.raises(ep.errors.MeasureError, match="in force in the base"):
        ep.solve(floor, ep.SpecificTariff(**TWO, amount=0.1))
    limited = base(kept, "filled tariff-rate quota", "fixed").as_economy()
    with pytest.raises(ep.errors.MeasureError, match="beyond the tariff-rate quota in force"):
        ep.solve(limited, ep.Tariff(**TWO, rate=2.0))
    second = ep.TariffRateQuota(**TWO, cap=0.5, in_rate=0.0, out_rate=0.2)
    with pytest.raises(ep.errors.MeasureError, match="has a tariff-rate quota in force in the base; lift it"):
        ep.solve(limited, second)
    alone = ep.solve(limited, [ep.measures.Lift(**TWO, what="quota"), second], tol=1e-12)
    paid = (alone.accounts.user_value / alone.accounts.producer_value)[limited.sectors.index("s01")]
    assert paid[limited.countries.index("C02"), limited.countries.index("C00")] <= 1.2 + 1e-9
    tax = ep.Closure(recycling="labour_tax", labour_tax=0.2)
    with pytest.raises(ep.errors.InputError, match="another rate"):
        ep.solve(WORLD, REFORM, closure=tax).as_economy()


@pytest.mark.parametrize("name", ["tariffs", "filled tariff-rate quota", "all on some flows"])
def test_deficits_are_closed_with_policy_in_force(name: str, kept: dict[tuple[str, str], ep.Outcome]) -> None:
    """No deficit and the same quotas; with tariffs alone, what the calibration of a base gives."""
    world = base(kept, name, "fixed").as_economy()
    closed = world.balanced()
    np.testing.assert_allclose(closed.deficit, 0.0, atol=1e-8 * world.income.max())
    assert closed.in_force.quotas.title == world.in_force.quotas.title
    np.testing.assert_allclose(closed.tariff, world.tariff)
    out = ep.solve(world, REFORM[:2], closure=ep.Closure(deficit="balanced"), tol=1e-12)
    assert out.economy is closed
    if name == "tariffs":
        same = ep.solve(world, closure=ep.Closure(deficit="closed"), tol=1e-12)
        np.testing.assert_allclose(same.accounts.producer_value, closed.value, rtol=1e-7, atol=1e-7)
