"""Sectors that a country does not have, or does not buy from: the limit of ever smaller ones, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.batch import solve_many
from worlds import place, random_world

CLOSURES = [
    ep.Closure(),
    ep.Closure(horizon="short", labour_share=0.6, labour_supply=0.3),
    ep.Closure(scale=0.05, deficit="own_share"),
    ep.Closure(deficit="gdp_share", recycling="labour_tax", labour_tax=0.2),
]
MEASURES = [
    ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add"),
    ep.VoluntaryExportRestraint(importer="C02", exporter="C00", sector="s02", cap=0.7),
    ep.ProductionSubsidy(country="C02", sector="s02", rate=0.1),
]


BASE = random_world(4, 3, seed=9)
J, MAKER, BUYER = place(BASE, "s02", "C01", "C03")


def world(size: float) -> ep.Economy:
    """C01 makes and C03 buys of the last sector only so much as a part of an ordinary sector."""
    value, inputs = BASE.value.copy(), BASE.inputs.copy()
    value[J, :, MAKER] *= size
    value[J, BUYER, :] *= size
    inputs[BUYER, J, :] *= size
    inputs[MAKER, J, :] *= 0.05  # it has only what it imports
    return replace(BASE, value=value, inputs=inputs)


@pytest.fixture(scope="module")
def none() -> ep.Economy:
    return world(0.0)


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
def test_empty_market_is_the_limit_of_a_tiny_one(none: ep.Economy, closure: ep.Closure) -> None:
    assert none.output[J, MAKER] == 0 == none.spending[J, BUYER]
    nothing, hardly = (ep.solve(e, MEASURES, closure=closure) for e in (none, world(1e-9)))
    for column in nothing.countries:
        np.testing.assert_allclose(
            nothing.countries[column], hardly.countries[column], rtol=1e-6, atol=1e-6, err_msg=column
        )
    assert np.isfinite(nothing.countries.to_numpy()).all()
    empty = nothing.sectors.loc[("C01", "s02")]
    assert empty["output_value"] == 0 == empty["value_added"]
    assert np.isnan(empty["output_volume_pct"])
    assert nothing.sectors.loc[("C03", "s02"), "import_share"] == 0


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
def test_empty_markets_in_a_batch_equal_single_solves(none: ep.Economy, closure: ep.Closure) -> None:
    scenarios = [MEASURES[:1], MEASURES, []]
    batch = solve_many(none, scenarios, closure=closure)
    assert not batch.failures
    drawn = solve_many([none.with_elasticities(none.theta * f) for f in (0.9, 1.1)], [MEASURES], closure=closure)
    assert not drawn.failures
    for k, measures in enumerate(scenarios):
        alone = ep.solve(none, measures, closure=closure)
        np.testing.assert_allclose(100 * batch.real_income[k], alone.countries["real_income_pct"], atol=1e-7)
        for n, j in ((MAKER, J), (BUYER, J), place(none, "C01", "s00")):
            row = alone.sectors.loc[(none.countries[n], none.sectors[j])]
            for name, numbers in batch.stacks[0].sector(n, j).items():
                np.testing.assert_allclose(numbers[k], row[name], rtol=1e-8, atol=1e-7, err_msg=name)
    np.testing.assert_allclose(batch.real_income[2], 0.0, atol=1e-9)


def test_bases_with_different_empty_markets_side_by_side(none: ep.Economy) -> None:
    """Side by side each member has the numbers of its own base."""
    batch = solve_many([none, BASE], [MEASURES[:1]])
    for n in (MAKER, BUYER):
        rows = batch.stacks[0].sector(n, J)
        for k, e in enumerate((none, BASE)):
            alone = ep.solve(e, MEASURES[:1]).sectors.loc[(e.countries[n], e.sectors[J])]
            for name, numbers in rows.items():
                np.testing.assert_allclose(numbers[k], alone[name], rtol=1e-8, atol=1e-7, err_msg=name)


def test_decomposition_and_gradients_with_empty_markets(none: ep.Economy) -> None:
    outcome = ep.solve(none, MEASURES[::2], closure=CLOSURES[1], tol=1e-13)
    parts = outcome.decomposition
    np.testing.assert_allclose(
        parts.drop(columns="real_income").sum(axis=1), outcome.countries["real_income_pct"], atol=1e-7
    )
    at = outcome.sensitivity
    flow = np.ravel_multi_index(place(none, "s01", "C02", "C00"), none.value.shape)
    more = ep.Tariff(importer="C02", exporter="C00", sector="s01", rate=0.0, change="add")

    def real(step: float) -> float:
        found = ep.solve(none, [*MEASURES[::2], replace(more, rate=step)], closure=CLOSURES[1], tol=1e-13)
        return float(found.countries.loc["C02", "real_income_pct"]) / 100

    gradient = at.gradient(at.real_income("C02"), np.array([flow]))
    assert gradient == pytest.approx([(real(1e-5) - real(-1e-5)) / 2e-5], rel=1e-5)


def test_zero_flow_stays_zero_under_a_quota(none: ep.Economy) -> None:
    """A cap on a flow that is not there cannot bind, and one says so."""
    cap = ep.ImportQuota(importer="C03", exporter="C01", sector="s02", cap=0.5)
    outcome = ep.solve(none, [cap])
    assert outcome.notes == (f"{cap.title}: covers no trade in the base and cannot bind",)
    row = outcome.measures.iloc[0]
    assert (row["volume"], row["rent"], row["binding"]) == (0, 0, False)
    np.testing.assert_allclose(outcome.countries["real_income_pct"], 0.0, atol=1e-8)
