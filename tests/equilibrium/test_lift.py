"""What is in force in a base can be lifted: the world is then the one before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from shelves import slow_after
from worlds import random_world

WORLD = random_world(4, 3, seed=8, deficits=0.2)
ONE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
TWO: dict[str, Any] = {"importer": "C02", "exporter": ["C00", "C03"], "sector": ["s01", "s02"]}
SPLIT: dict[str, Any] = {"rent": {"importer": 0.3, "exporter": 0.7}}
MADE: dict[str, Any] = {"exporter": "C01", "sector": "s01"}
BASES: dict[str, tuple[list[ep.measures.Measure], list[ep.measures.Measure]]] = {
    "export taxes": (
        [ep.ExportTax(**ONE, rate=0.2), ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=-0.1)],
        [ep.measures.Lift(what="export_tax")],
    ),
    "subsidies": (
        [ep.ProductionSubsidy(country="C01", sector="s01", rate=0.1)],
        [ep.measures.Lift(**MADE, what="production_subsidy")],
    ),
    "import quota": ([ep.ImportQuota(**TWO, cap=0.6, **SPLIT)], [ep.measures.Lift(**TWO, what="quota")]),
    "restraint": ([ep.VoluntaryExportRestraint(**TWO, cap=0.7)], [ep.measures.Lift(**TWO)]),
    "slack quota": ([ep.ImportQuota(**ONE, cap=3.0)], [ep.measures.Lift(**ONE)]),
    "filled tariff-rate quota": (
        [ep.TariffRateQuota(**TWO, cap=0.95, out_rate=0.9, **SPLIT)],
        [ep.measures.Lift(**TWO)],
    ),
    "overfilled tariff-rate quota": (
        [ep.TariffRateQuota(**TWO, cap=0.3, out_rate=0.9, **SPLIT)],
        [ep.measures.Lift(**TWO)],
    ),
    "specific duty": ([ep.SpecificTariff(**TWO, amount=0.15)], [ep.measures.Lift(**TWO, what="specific_tariff")]),
    "undertaking": ([ep.MinimumPrice(**ONE, price=1.2)], [ep.measures.Lift(**ONE, what="minimum_price")]),
    "levied minimum price": ([ep.MinimumPrice(**ONE, price=1.2, rent="importer")], [ep.measures.Lift(**ONE)]),
    "all on some flows": (
        [
            ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.7, **SPLIT),
            ep.ImportQuota(**ONE, cap=0.5, rent="exporter"),
            ep.MinimumPrice(**ONE, price=1.6),
            ep.ExportTax(**ONE, rate=0.1),
            ep.ProductionSubsidy(country="C03", sector="s01", rate=0.1),
            ep.SpecificTariff(importer="C02", exporter="C03", sector="s01", amount=0.1),
            ep.VoluntaryExportRestraint(importer="C02", exporter="C03", sector="s01", cap=0.8),
        ],
        [ep.measures.Lift()],
    ),
}


@pytest.fixture(scope="module")
def kept() -> dict[str, ep.Economy]:
    return {}


def base(kept: dict[str, ep.Economy], name: str) -> ep.Economy:
    if name not in kept:
        kept[name] = ep.solve(WORLD, BASES[name][0], tol=1e-12).as_economy()
    return kept[name]


@pytest.mark.parametrize("name", BASES)
def test_lifting_all_returns_the_world_before(name: str, kept: dict[str, ep.Economy]) -> None:
    """In world value added, which a base with policy in force has less of or more in all."""
    out = ep.solve(base(kept, name), BASES[name][1], tol=1e-12)
    again = out.as_economy()
    assert not again.in_force
    unit = WORLD.value_added.sum() / again.value_added.sum()
    for part in ("value", "income", "spending", "revenue", "border_value"):
        np.testing.assert_allclose(
            getattr(again, part) * unit, getattr(WORLD, part), rtol=1e-8, atol=1e-8 * WORLD.income.max(), err_msg=part
        )
    there = ep.solve(WORLD, BASES[name][0], tol=1e-12)
    chained = (1 + there.countries["real_income_pct"] / 100) * (1 + out.countries["real_income_pct"] / 100)
    np.testing.assert_allclose(chained, 1.0, atol=1e-8)


@pytest.mark.parametrize(
    "name", slow_after(1, ["restraint", "overfilled tariff-rate quota", "levied minimum price", "all on some flows"])
)
def test_the_parts_of_the_gain_add_up(name: str, kept: dict[str, ep.Economy]) -> None:
    """There is a way from the base to the world without what is lifted."""
    out = ep.solve(base(kept, name), BASES[name][1], tol=1e-12)
    np.testing.assert_allclose(out.decomposition["real_income"], out.countries["real_income_pct"], atol=1e-8)
    assert out.decomposition.attrs["quadrature_error"] < 1e-4


def test_what_is_not_named_stays(kept: dict[str, ep.Economy]) -> None:
    world = base(kept, "all on some flows")
    lift = ep.measures.Lift(importer="C02", exporter="C03", sector="s01", what="quota")
    after = ep.solve(world, lift, tol=1e-12).as_economy().in_force
    assert len(after.quotas.title) == 2
    assert after.price_rules.flow.size == 2
    np.testing.assert_allclose(after.export_tax, world.in_force.export_tax)
    assert (after.subsidy == world.in_force.subsidy).all()
    border = ep.solve(world, ep.measures.Lift(importer=["C00", "C02"])).as_economy().in_force
    assert not border.flow.size
    assert border.subsidy.any()  # subsidies do not belong to one market


def test_lifting_and_something_new_in_its_place(kept: dict[str, ep.Economy]) -> None:
    """Lifted first, whatever the order: what is put stays, and two that lift the same lift it once."""
    tax, again = ep.ExportTax(**ONE, rate=0.05), ep.measures.Lift(**ONE, what="export_tax")
    world = base(kept, "export taxes")
    other = ep.ExportTax(exporter="C03", importer="C02", sector="s01", rate=-0.1)
    wanted = ep.solve(WORLD, [tax, other], tol=1e-12).as_economy()
    for measures in ([tax, again], [again, ep.measures.Lift(importer="C00"), tax]):
        found = ep.solve(world, measures, tol=1e-12).as_economy()
        np.testing.assert_allclose(found.in_force.export_tax, wanted.in_force.export_tax, atol=1e-12)
    rule = ep.SpecificTariff(**TWO, amount=0.1)  # refused beside the one that is there
    with pytest.raises(ep.errors.MeasureError, match="in force in the base"):
        ep.solve(base(kept, "specific duty"), rule)
    again_put = ep.solve(base(kept, "specific duty"), [ep.measures.Lift(**TWO), rule], tol=1e-12)
    held = base(kept, "specific duty").in_force.price_rules
    half = ep.SpecificTariff(**TWO, amount=float(held.amount[0]) / 2)
    assert again_put.as_economy().in_force.price_rules.flow.size == held.flow.size
    parts = ep.solve(base(kept, "specific duty"), [half, ep.measures.Lift(**TWO)], tol=1e-12)
    np.testing.assert_allclose(parts.decomposition["real_income"], parts.countries["real_income_pct"], atol=1e-8)
    assert parts.decomposition.attrs["quadrature_error"] < 1e-6


def test_a_price_in_place_of_an_undertaking_is_over_the_price_that_it_made(kept: dict[str, ep.Economy]) -> None:
    """The base border price of a unit is what is paid there, with what the exporter keeps."""
    world, end = base(kept, "undertaking"), ep.measures.Lift(**ONE, what="minimum_price")
    same = ep.solve(world, [end, ep.MinimumPrice(**ONE, price=1.0)], tol=1e-12)
    assert np.abs(same.countries["real_income_pct"]).max() < 1e-8
    duty = ep.solve(world, [end, ep.SpecificTariff(**ONE, amount=0.1)], tol=1e-12)
    j, n, i = world.sectors.index("s00"), world.countries.index("C00"), world.countries.index("C01")
    price = world.border_value[j, n, i] / world.value[j, n, i]
    paid = duty.accounts.duty[j, n, i] - world.tariff[j, n, i] * duty.accounts.border_value[j, n, i]
    assert paid / duty.accounts.real_flow[j, n, i] == pytest.approx(0.1 * price, rel=1e-9)
    assert price > 1.05


def test_lifts_in_a_batch_equal_single_solves(kept: dict[str, ep.Economy]) -> None:
    world = base(kept, "all on some flows")
    scenarios = [[ep.measures.Lift()], [ep.measures.Lift(importer="C02")], []]
    batch = ep.solve_many(world, scenarios, tol=1e-12)
    for k, measures in enumerate(scenarios):
        alone = ep.solve(world, measures, tol=1e-12)
        np.testing.assert_allclose(batch.real_income[k], alone.countries["real_income_pct"] / 100, atol=1e-10)


def test_what_cannot_be_lifted_is_refused(kept: dict[str, ep.Economy]) -> None:
    with pytest.raises(ep.errors.MeasureError, match=f"nothing of it is in force in {WORLD.name}"):
        ep.solve(WORLD, ep.measures.Lift())
    with pytest.raises(ep.errors.MeasureError, match="nothing of it is in force"):
        ep.solve(base(kept, "import quota"), ep.measures.Lift(**TWO, what="export_tax"))
    with pytest.raises(
        ep.errors.MeasureError, match=r"is in force on s0[12] from C0[03] into C02 too: name all trade under it"
    ):
        ep.solve(base(kept, "import quota"), ep.measures.Lift(**{**TWO, "exporter": "C00"}))
    with pytest.raises(ep.errors.MeasureError, match=r"what.*did you mean quota"):
        ep.measures.Lift(what="quotas")


def test_lift_takers_and_description(kept: dict[str, ep.Economy]) -> None:
    lift = ep.measures.Lift(**TWO, what="quota")
    assert lift.title == "end of the quotas in force: C02 on s01, s02 from C00, C03"
    assert lift.takers(base(kept, "import quota")) == {"C02"}
    assert lift.takers(base(kept, "restraint")) == {"C00", "C03"}
    row = ep.solve(base(kept, "import quota"), lift).measures.iloc[0]
    assert row["kind"] == "lift"
    assert row["volume"] > row["volume_base"]
    assert row["rent"] == 0.0


def test_the_screen_finds_no_subsidy_in_the_end_of_a_tax(kept: dict[str, ep.Economy]) -> None:
    found = ep.screen(
        ep.measures.Lift(**ONE, what="export_tax"), base(kept, "export taxes"), law={"members": ["C00", "C01"]}
    )
    assert not [f for f in found.findings if f.status is ep.rules.Status.INCONSISTENT]
