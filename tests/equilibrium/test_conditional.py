"""Trade with outputs and spending held, against structural gravity in levels, proportional fitting and a published
example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from conftest import shared
from entrepot.replications import gegravity, sample
from entrepot.replications.anderson_van_wincoop import conditional as in_levels
from entrepot.replications.gravity_counterfactuals import experiments
from worlds import place, random_world

WORLD = random_world(4, 3, seed=5, deficits=0.3)
MEASURES: list[ep.measures.Measure] = [
    ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s00", rate=0.3),
    ep.Tariff(importer="C02", sector="s01", rate=0.15, change="add"),
    ep.ExportTax(exporter="C03", importer="C00", sector="s01", rate=0.1),
]


def one_sector(value: np.ndarray, countries: tuple[str, ...]) -> ep.Economy:
    """Trade [n,i] alone, with its deficits."""
    n = len(countries)
    return ep.Economy(
        countries=countries,
        sectors=("all",),
        value=value[None],
        tariff=np.zeros((1, n, n)),
        inputs=np.zeros((n, 1, 1)),
        theta=np.array([sample.THETA]),
    )


def fitted(flows: np.ndarray, sales: np.ndarray, purchases: np.ndarray) -> np.ndarray:
    """One sector's flows [n,i] with rows and columns scaled to their sums until both hold."""
    flows = flows.copy()
    for _ in range(1500):
        flows *= np.divide(purchases, flows.sum(axis=1), out=np.ones_like(purchases), where=purchases > 0)[:, None]
        flows *= np.divide(sales, flows.sum(axis=0), out=np.ones_like(sales), where=sales > 0)
    return flows


def costlier(world: ep.Economy) -> np.ndarray:
    """Base trade times what measures do to it at unchanged prices, flow by flow, written out by hand."""
    flows = world.value.copy()
    theta = dict(zip(world.sectors, world.theta, strict=True))
    flows[place(world, "s00", "C00", "C01")] *= 1.3 ** -theta["s00"]
    for exporter in ("C00", "C01", "C03"):
        at = place(world, "s01", "C02", exporter)
        flows[at] *= ((1 + world.tariff[at] + 0.15) / (1 + world.tariff[at])) ** (-1 - theta["s01"])
    flows[place(world, "s01", "C00", "C03")] *= 1.1 ** (-1 - theta["s01"])
    return flows


def test_conditional_trade_is_base_trade_rescaled_to_both_margins() -> None:
    """A border tax counts once more than a trade cost, since it is not the producers' to keep."""
    out = ep.equilibrium.conditional(WORLD, MEASURES, tol=1e-12)
    direct = costlier(WORLD)
    np.testing.assert_allclose(out.direct, direct, rtol=1e-12)
    for j in range(3):
        expected = fitted(direct[j], WORLD.value[j].sum(axis=0), WORLD.value[j].sum(axis=1))
        np.testing.assert_allclose(out.value[j], expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(out.value.sum(axis=1), WORLD.output, rtol=1e-11)


def test_a_sector_without_a_measure_stays() -> None:
    out = ep.equilibrium.conditional(WORLD, MEASURES)
    j = WORLD.sectors.index("s02")
    np.testing.assert_allclose(out.value[j], WORLD.value[j], rtol=1e-10)
    (untouched,) = [out.resistances.xs("s02", level="sector")]
    np.testing.assert_allclose(untouched, 0.0, atol=1e-8)


@pytest.mark.parametrize("which", ["borders removed", "agreement removed"])
def test_structural_gravity_in_levels(which: str) -> None:
    """One sector: Anderson and van Wincoop's two systems of resistances, solved by scipy."""
    codes = ("CAN", "CHN", "DEU", "MEX", "USA")
    value = random_world(5, 1, seed=3, deficits=0.2).value[0] + 1.0
    world = one_sector(value, codes)
    measures = experiments(world)[which]
    out = ep.equilibrium.conditional(world, measures, reference="DEU", tol=1e-12)
    hat = np.ones((5, 5))
    for measure in measures:
        hat.ravel()[measure.flows(world)] = (1 + measure.rate) ** -sample.THETA  # type: ignore[attr-defined]
    expected = in_levels(world.value[0], hat, sample.SIGMA)
    np.testing.assert_allclose(out.value[0], expected.trade, rtol=1e-8)
    unit = expected.inward[codes.index("DEU")]
    found = out.resistances.xs(world.sectors[0], level="sector")
    np.testing.assert_allclose(found["inward_pct"], 100 * (expected.inward / unit - 1), atol=1e-6)
    np.testing.assert_allclose(found["outward_pct"], 100 * (expected.outward * unit - 1), atol=1e-6)
    np.testing.assert_allclose(found["producer_price_pct"], 100 * (expected.price / unit - 1), atol=1e-6)


def test_the_published_example_of_gegravity() -> None:
    """Canada's resistances and producer price under an agreement with Japan, as the package's README has them."""
    table = sample.read(shared("gegravity_sample"))
    codes = tuple(sorted(table["importer"].unique()))
    world = one_sector(1e6 * gegravity.fitted_trade(table), codes)
    rate = float(np.exp(-sample.COEFFICIENTS["pta"] / sample.THETA)) - 1
    agreement = ep.NonTariffBarrier(importer=["CAN", "JPN"], exporter=["CAN", "JPN"], sector="ALL", rate=rate)
    out = ep.equilibrium.conditional(world, agreement, reference=gegravity.REFERENCE, tol=1e-12)
    canada = out.resistances.loc["CAN"].iloc[0]
    published = gegravity.README
    assert canada["producer_price_pct"] == pytest.approx(published["producer price"], abs=gegravity.PRINTED)
    assert canada["outward_pct"] == pytest.approx(published["outward resistance"], abs=gegravity.PRINTED)
    assert canada["inward_pct"] == pytest.approx(published["inward resistance"], abs=gegravity.PRINTED)


def test_conditional_tables_equal_their_definitions(tmp_path: Any) -> None:
    out = ep.equilibrium.conditional(WORLD, MEASURES)
    table, foreign = out.countries, ~WORLD.domestic
    after, base = ((x * foreign).sum(axis=(0, 2)) for x in (out.value, WORLD.value))
    np.testing.assert_allclose(table["imports_held_pct"], 100 * (after / base - 1), atol=1e-10)
    direct = (out.direct * foreign).sum(axis=(0, 1)) / (WORLD.value * foreign).sum(axis=(0, 1))
    np.testing.assert_allclose(table["exports_direct_pct"], 100 * (direct - 1), atol=1e-10)
    flow = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    assert float(out.trade["value_base"].sel(flow)) == WORLD.value[place(WORLD, "s00", "C00", "C01")]
    assert "outputs and spending held" in repr(out)


def test_conditional_trade_without_a_shock_is_base_trade() -> None:
    out = ep.equilibrium.conditional(WORLD)
    np.testing.assert_allclose(out.value, WORLD.value, rtol=1e-10)
    np.testing.assert_allclose(out.resistances, 0.0, atol=1e-8)


@pytest.mark.parametrize(
    "measure",
    [
        ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5),
        ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount=0.1),
        ep.ProductionSubsidy(country="C00", sector="s00", rate=0.1),
    ],
    ids=lambda m: m.kind,
)
def test_conditional_refuses_measures_other_than_costs_and_border_taxes(measure: ep.measures.Measure) -> None:
    with pytest.raises(ep.errors.InputError, match="only tariffs, export taxes, trade costs and embargoes"):
        ep.equilibrium.conditional(WORLD, measure)


def test_conditional_fails_under_an_embargo_on_both_sides() -> None:
    """A country that trades with nobody but itself cannot sell what it sold and buy something else."""
    embargo = [
        ep.ImportQuota(importer="WORLD", exporter="C01", sector="s00", cap=0),
        ep.ImportQuota(importer="C01", sector="s00", cap=0),
    ]
    with pytest.raises(ep.errors.ConvergenceError, match="No prices bring all outputs and spending"):
        ep.equilibrium.conditional(WORLD, embargo)
    with pytest.raises(ep.errors.InputError, match="not one country"):
        ep.equilibrium.conditional(WORLD, reference="WORLD")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"economy": "world2014"}, "an Economy is needed"),
        ({"tol": float("nan")}, "tol=nan"),
        ({"tol": -1.0}, "tol=-1.0"),
        ({"reference": 5}, "reference 5 is not one country"),
        ({"reference": ["C00"]}, "is not one country"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.equilibrium.conditional(**{"economy": WORLD, **given})  # type: ignore[arg-type]
