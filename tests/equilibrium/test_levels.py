"""Several measures at once, on bases with policy in force, under closures of every kind, against `levels`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from levels import Levels, Rules, Terms, World, put, with_markups, with_selection
from worlds import random_world

WORLD = random_world(3, 2, seed=21, deficits=0.2).with_theta({"s00": 4.0, "s01": 6.0})
Measures = list[ep.measures.Measure]

TO_C00: dict[str, Any] = {"importer": "C00", "exporter": ["C01", "C02"]}
TO_C01: dict[str, Any] = {"importer": "C01", "exporter": "C02"}
SPLIT: dict[str, Any] = {"rent": {"importer": 0.65, "exporter": 0.35}}

BASES: dict[str, Measures] = {
    "nothing": [],
    "taxes and a subsidy": [
        ep.Tariff(**TO_C00, sector="s01", rate=0.1, change="add"),
        ep.ExportTax(exporter="C02", sector="s01", rate=0.08),
        ep.ProductionSubsidy(country=["C00", "C02"], sector="s00", rate=0.06),
    ],
    "quotas": [
        ep.VoluntaryExportRestraint(**TO_C00, sector="s01", cap=0.7, **SPLIT),
        ep.ImportQuota(**TO_C01, sector="s00", cap=1.4, rent="importer"),
        ep.ImportQuota(**TO_C01, sector="s01", cap=0.6, rent="exporter"),
        ep.ExportTax(exporter="C01", importer="C00", sector="s01", rate=0.05),
    ],
    "a tariff-rate quota and price rules": [
        ep.TariffRateQuota(**TO_C00, sector=["s00", "s01"], cap=0.8, in_rate=0.02, out_rate=0.5, **SPLIT),
        ep.MinimumPrice(**TO_C01, sector="s00", price=1.12, rent="importer"),
        ep.SpecificTariff(**TO_C01, sector="s01", amount=0.1),
        ep.NonTariffBarrier(**TO_C01, sector="ALL", rate=0.1),
    ],
    "an overfilled tariff-rate quota and an undertaking": [
        ep.TariffRateQuota(**TO_C00, sector="s01", cap=0.4, out_rate=0.15, change="add", **SPLIT),
        ep.MinimumPrice(importer="C02", exporter="C00", sector="s00", price=1.15, rent="exporter"),
    ],
}
REFORMS: dict[str, Measures] = {
    "duties of all kinds": [
        ep.Tariff(importer="C00", exporter="C01", sector="s01", rate=0.07, change="add"),
        ep.Tariff(importer="C02", sector="ALL", rate=0.5, change="cut"),
        ep.SpecificTariff(importer="C02", exporter="C01", sector="s01", amount=0.12),
        ep.ExportTax(exporter="C00", sector="s00", rate=-0.05),
        ep.ProductionSubsidy(country="C00", sector="s00", rate=0.04),
        ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s01", rate=0.05),
    ],
    "limits of all kinds": [
        ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s01", cap=0.8, rent="exporter"),
        ep.ImportQuota(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.75, **SPLIT),
        ep.TariffRateQuota(importer="C02", exporter=["C00", "C01"], sector="s01", cap=0.9, out_rate=0.4),
        ep.MinimumPrice(importer="C02", exporter="C01", sector="ALL", price=1.05, rent="importer"),
        ep.ExportTax(exporter="C01", importer="C00", sector="ALL", rate=0.06),
    ],
    "a tariff set, an embargo and a price kept up": [
        ep.Tariff(importer="C00", exporter=["C01", "C02"], sector="s01", rate=0.12),
        ep.ImportQuota(importer="C01", exporter="C00", sector="s01", cap=0),
        ep.MinimumPrice(importer="C00", exporter="C01", sector="ALL", price=1.08, rent="exporter"),
        ep.ProductionSubsidy(country="C01", sector="ALL", rate=-0.03),
    ],
}


def by(e: ep.Economy, **shares: float) -> np.ndarray:
    return np.array([shares[code] for code in e.countries])


def closure(name: str) -> tuple[ep.Closure, Rules]:
    """The same closure for the engine and for the second writing."""
    e = WORLD
    share = {"s00": {"C00": 0.7, "C01": 0.6, "C02": 0.55}, "s01": {"C00": 0.5, "C01": 0.65, "C02": 0.6}}
    lam = np.array([by(e, **share[s]) for s in e.sectors])
    labour = {"labour_share": {c: {s: share[s][c] for s in e.sectors} for c in e.countries}}
    taxes = {"C00": 0.2, "C01": 0.3, "C02": 0.15}
    tax, supply, n = by(e, **taxes), {"C00": 0.4, "C01": 0.0, "C02": 0.8}, e.countries.index("C00")
    elastic = by(e, **supply)
    stocks = {"C00": {"ALL": 1.1}, "C01": {"ALL": 0.95}, "C02": {"ALL": 1.0}}
    capital = np.tile(by(e, C00=1.1, C01=0.95, C02=1.0), (2, 1))
    short: dict[str, Any] = {"horizon": "short", **labour}
    grown = np.array([0.05 if s == "s01" else 0.0 for s in e.sectors])
    return {
        "fixed": (ep.Closure(), Rules()),
        "shares of world income": (
            ep.Closure(deficit="gdp_share", labour_supply=supply, labour_tax=taxes),
            Rules("gdp_share", supply=elastic, tax=tax),
        ),
        "own shares, short run, capital": (
            ep.Closure(deficit="own_share", capital=stocks, **short),
            Rules("own_share", short=True, labour_share=lam, capital=capital),
        ),
        "closed, recycled, elastic": (
            ep.Closure(deficit="closed", recycling="labour_tax", labour_tax=taxes, labour_supply=supply),
            Rules("closed", recycled=True, tax=tax, supply=elastic),
        ),
        "short run, wage held": (
            ep.Closure(labour={"real_wage": "C00"}, **short),
            Rules(short=True, labour_share=lam, held=(n,)),
        ),
        "short run, wage from below, economies of scale": (
            ep.Closure(deficit="closed", labour={"real_wage_floor": "C00"}, scale={"s01": 0.05}, **short),
            Rules("closed", short=True, labour_share=lam, floors=(n,), scale=grown),
        ),
        "balanced": (ep.Closure(deficit="balanced"), Rules("balanced")),
    }[name]


def compare(outcome: ep.Outcome, mine: Levels) -> None:
    e, tables = outcome.economy, mine.tables()
    order = ("sector", "importer", "exporter")
    for key, wanted in tables.items():
        if key in outcome.countries:
            found = outcome.countries[key].to_numpy()
        elif key in outcome.sectors:
            found = outcome.sectors[key].to_numpy().reshape(len(e.countries), -1).T
        else:
            found = outcome.trade[key].transpose(*order).to_numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-7, err_msg=key)
    accounts = outcome.accounts
    np.testing.assert_allclose(accounts.exporter_rent, mine.new.exporters, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(accounts.importer_rent, mine.new.importers, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(accounts.cleared.deficit, mine.lent, rtol=1e-7, atol=1e-7)


def based(name: str, competition: str) -> tuple[ep.Economy, World]:
    """A base with policy in force, as the engine and as the second writing have it."""
    w, how = World.of(WORLD), None
    j = WORLD.sectors.index("s01")
    if competition == "markups":
        w, how = with_markups(w, {j: 8.0}), ep.equilibrium.Markups({"s01": 8.0})
    if competition == "selection":
        w, how = with_selection(w, {j: 5.5}), ep.equilibrium.Melitz({"s01": 5.5})
    outcome = ep.solve(WORLD, BASES[name], closure=ep.Closure(competition=how), tol=1e-12)
    mine = Levels(w, put(w, WORLD, BASES[name]), Rules()).solve()
    compare(outcome, mine)
    return outcome.as_economy(), mine.as_world()


@pytest.mark.parametrize(
    ("base", "competition", "reform", "rule"),
    [
        ("nothing", "perfect", "duties of all kinds", "closed, recycled, elastic"),
        ("nothing", "selection", "limits of all kinds", "own shares, short run, capital"),
        ("nothing", "markups", "a tariff set, an embargo and a price kept up", "short run, wage held"),
        ("taxes and a subsidy", "selection", "duties of all kinds", "shares of world income"),
        ("taxes and a subsidy", "perfect", "limits of all kinds", "balanced"),
        ("taxes and a subsidy", "markups", "limits of all kinds", "short run, wage from below, economies of scale"),
        ("quotas", "perfect", "duties of all kinds", "own shares, short run, capital"),
        ("quotas", "markups", "limits of all kinds", "closed, recycled, elastic"),
        ("quotas", "selection", "a tariff set, an embargo and a price kept up", "balanced"),
        ("a tariff-rate quota and price rules", "perfect", "duties of all kinds", "short run, wage held"),
        ("a tariff-rate quota and price rules", "selection", "limits of all kinds", "shares of world income"),
        (
            "a tariff-rate quota and price rules",
            "markups",
            "a tariff set, an embargo and a price kept up",
            "closed, recycled, elastic",
        ),
        ("an overfilled tariff-rate quota and an undertaking", "markups", "duties of all kinds", "balanced"),
        ("an overfilled tariff-rate quota and an undertaking", "selection", "limits of all kinds", "fixed"),
    ],
)
def test_combinations_are_those_of_a_second_writing_in_levels(
    base: str, competition: str, reform: str, rule: str
) -> None:
    e, w = based(base, competition)
    engine, rules = closure(rule)
    if rules.deficit == "balanced":
        w = Levels(w, Terms.base(w), Rules("closed")).solve().as_world()
        rules.deficit = "closed"
    compare(
        ep.solve(e, REFORMS[reform], closure=engine, tol=1e-12), Levels(w, put(w, e, REFORMS[reform]), rules).solve()
    )
