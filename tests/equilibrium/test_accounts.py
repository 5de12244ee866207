"""Who pays what to whom: a dollar of every kind of flow by hand, and the identities of the whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, unknowns
from entrepot.equilibrium.problem import Problem
from worlds import random_world

A, B, C = range(3)


def on(importer: str, exporter: str) -> dict[str, str]:
    return {"importer": importer, "exporter": exporter, "sector": "goods"}


TAX = ep.ExportTax(**on("A", "B"), rate=0.2)
DUTY = ep.Tariff(**on("A", "B"), rate=0.25)
RESTRAINT = ep.VoluntaryExportRestraint(**on("A", "C"), cap=0.9, rent={"importer": 0.25, "exporter": 0.75})
QUOTA = ep.ImportQuota(**on("B", "A"), cap=0.9)
FLOOR = ep.MinimumPrice(**on("B", "C"), price=1.1)
LEVY = ep.MinimumPrice(**on("C", "A"), price=1.1, rent="importer")
BARRIER = ep.NonTariffBarrier(**on("C", "B"), rate=0.15)


def world() -> ep.Economy:
    """Everything is worth 100 at the producer's gate, 1000 at home; A levies 10%, and 5% at home."""
    value = np.full((1, 3, 3), 100.0)
    value[0, range(3), range(3)] = 1000.0
    tariff = np.zeros((1, 3, 3))
    tariff[0, A] = 0.1
    tariff[0, A, A] = 0.05
    return ep.Economy(("A", "B", "C"), ("goods",), value, tariff, np.zeros((3, 1, 1)), np.array([4.0]), name="hand")


def accounts(
    *measures: ep.measures.Measure,
    licence: tuple[float, ...] = (),
    rent: tuple[float, ...] = (),
    rule: tuple[float, ...] = (),
    levied: tuple[float, ...] = (),
    **cleared: Any,
) -> Accounts:
    """The books in which producers get what they got in the base, with these wedges, by flow of the caps and rules."""
    e = world()
    by_hand: dict[str, Any] = {
        "ln_wedge": np.log1p(licence),
        "rent": np.array(rent),
        "ln_rule_wedge": np.log1p(rule),
        "levied": np.array(levied),
        "ln_producer_price": np.zeros((1, 3)),
        "sales": e.value.sum(axis=1),
        "cost": e.value.sum(axis=1),
        "subsidies": np.zeros(3),
    }
    problem = Problem.of(e, ep.Scenario(measures), ep.Closure())
    return Accounts(
        problem,
        EquilibriumMap(problem).unpack(np.zeros(unknowns(problem))),
        SimpleNamespace(**(by_hand | cleared)),
        e.value.copy(),
    )  # type: ignore[arg-type]


def parts(a: Accounts, importer: int, exporter: int) -> list[float]:
    """Producer value, export tax, exporter's rent, importer's rent, duty; and what users pay."""
    arrays = (a.producer_value, a.export_tax, a.exporter_rent, a.importer_rent, a.duty, a.user_value)
    return [float(x[0, importer, exporter]) for x in arrays]


# ---- a flow at a time ----


def test_export_tax_is_paid_before_duty() -> None:
    """100, and 20 of tax; 25% of 120 is 30."""
    a = accounts(TAX, DUTY)
    assert parts(a, A, B) == pytest.approx([100, 20, 0, 0, 30, 150])
    assert a.border_value[0, A, B] == pytest.approx(120)
    assert parts(a, A, C) == pytest.approx([100, 0, 0, 0, 10, 110])
    assert parts(a, A, A) == pytest.approx([1000, 0, 0, 0, 50, 1050])
    assert parts(a, B, A) == pytest.approx([100, 0, 0, 0, 0, 100])
    assert a.ln_user_wedge_hat[0, A, B] == pytest.approx(np.log(1.25 / 1.1 * 1.2))
    assert np.count_nonzero(a.ln_user_wedge_hat) == 1


def test_export_restraint_rent_is_split_as_stated_and_bears_duty() -> None:
    """Half of 100 is the licence: 37.5 to C and 12.5 to A; 10% of 150 is 15."""
    a = accounts(RESTRAINT, licence=(0.5,), rent=(50.0,))
    assert parts(a, A, C) == pytest.approx([100, 0, 37.5, 12.5, 15, 165])
    assert a.border_value[0, A, C] == pytest.approx(137.5)
    assert a.ln_user_wedge_hat[0, A, C] == pytest.approx(np.log(1.5))
    assert a.rent_by_quota == pytest.approx([50])
    assert a.net_rent_from_abroad == pytest.approx([-37.5, 0, 37.5])
    assert a.rent_held == pytest.approx([12.5, 0, 37.5])


def test_two_licences_and_a_floor_on_one_flow() -> None:
    """100 at C's gate, licences of 50% and then 20%, and a floor of 10%: 100 x 1.5 x 1.2 x 1.1, and A's duty of 10%."""
    quota = ep.ImportQuota(importer="A", exporter=["B", "C"], sector="goods", cap=0.8)
    floor = ep.MinimumPrice(**on("A", "C"), price=1.1)
    a = accounts(RESTRAINT, quota, floor, licence=(0.5, 0.2, 0.2), rent=(50.0, 22.0, 39.6), rule=(0.1,), levied=(10.0,))
    assert parts(a, A, B) == pytest.approx([100, 0, 0, 22, 10, 132])
    assert a.user_value[0, A, C] == pytest.approx(217.8)
    assert a.exporter_rent[0, A, C] == pytest.approx(37.5 + 10)
    assert a.importer_rent[0, A, C] == pytest.approx(12.5 + 39.6)
    assert a.border_value[0, A, C] == pytest.approx(147.5)
    assert a.duty[0, A, C] == pytest.approx(217.8 - 100 - 99.6)
    assert a.ln_user_wedge_hat[0, A, C] == pytest.approx(np.log(1.5 * 1.2 * 1.1))
    assert a.rent_by_quota == pytest.approx([50, 61.6])


def test_rent_of_a_cap_is_the_sum_over_its_flows() -> None:
    wide = ep.ImportQuota(importer="B", exporter=["A", "C"], sector="goods", cap=0.9)
    a = accounts(RESTRAINT, wide, licence=(0.5, 0.2, 0.2), rent=(50.0, 20.0, 21.0))
    assert a.rent_by_quota == pytest.approx([50, 41])
    assert parts(a, B, A) == pytest.approx([100, 0, 0, 20, 0, 120])
    assert a.rent_held == pytest.approx([12.5, 41, 37.5])


def test_minimum_price_gain_goes_to_its_holder() -> None:
    """The exporter who raises its price has it as rent; a levy up to the minimum is a duty."""
    a = accounts(FLOOR, LEVY, rule=(0.1, 0.3), levied=(10.0, 30.0))
    assert parts(a, B, C) == pytest.approx([100, 0, 10, 0, 0, 110])
    assert parts(a, C, A) == pytest.approx([100, 0, 0, 0, 30, 130])
    assert (a.border_value[0, B, C], a.border_value[0, C, A]) == pytest.approx((110, 100))
    assert a.rent_held == pytest.approx([0, 0, 10])


def test_iceberg_costs_are_paid_to_nobody() -> None:
    a = accounts(BARRIER)
    assert parts(a, C, B) == pytest.approx([100, 0, 0, 0, 0, 100])
    assert a.ln_user_wedge_hat[0, C, B] == pytest.approx(np.log(1.15))
    assert a.rent_by_quota.size == 0


def test_volumes_are_at_base_producer_prices() -> None:
    """B's price has doubled: half as much for the same money, wherever it goes."""
    a = accounts(ln_producer_price=np.array([[0.0, np.log(2), 0.0]]))
    assert a.real_flow[0, :, B] == pytest.approx([50, 500, 50])
    assert a.real_flow[0, :, A] == pytest.approx([1000, 100, 100])


# ---- by country ----


def test_imports_exports_and_revenue_at_the_border() -> None:
    """All at once; B pays 5% of its cost of 1260 in subsidies, 60, so that its sales are the 1200 of the flows.

    Imports of A: 120 from B (export tax within), 137.5 from C (its rent within); of B: 100 and 110; of C: 100, 100.
    Duties of A: 30, 15 and 50 at home; of C: 30 of levy.
    """
    cost = np.array([[1200.0, 1260.0, 1200.0]])
    a = accounts(
        TAX,
        DUTY,
        RESTRAINT,
        QUOTA,
        FLOOR,
        LEVY,
        BARRIER,
        licence=(0.5, 0.2),
        rent=(50.0, 20.0),
        rule=(0.1, 0.3),
        levied=(10.0, 30.0),
        cost=cost,
        subsidies=np.array([0.0, 60.0, 0.0]),
    )
    assert a.imports == pytest.approx([257.5, 210, 200])
    assert a.exports == pytest.approx([100 + 100, 120 + 100, 137.5 + 110])
    assert a.duty.sum(axis=(0, 2)) == pytest.approx([95, 0, 30])
    assert a.export_tax.sum(axis=(0, 1)) == pytest.approx([0, 20, 0])
    assert a.rent_held == pytest.approx([12.5, 20, 37.5 + 10])
    assert a.revenue == pytest.approx([95 + 12.5, 20 + 20 - 60, 30 + 47.5])
    assert a.net_rent_from_abroad == pytest.approx([-37.5, -10, 47.5])
    assert (a.foreign == ~np.eye(3, dtype=bool)).all()


def test_accounts_of_a_solved_world_balance() -> None:
    """With deficits: spending is what factors earn, what governments have and the deficit; imports less exports is the
    deficit; what is paid in rents is held by somebody; and each flow's parts are what users pay."""
    e = random_world(4, 3, seed=5)
    flow = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    measures: list[ep.measures.Measure] = [
        ep.Tariff(importer="C00", sector="s01", rate=0.2),
        ep.ExportTax(exporter="C01", importer="C02", sector="s00", rate=0.1),
        ep.ProductionSubsidy(country="C02", sector="s01", rate=0.05),
        ep.VoluntaryExportRestraint(**flow, cap=0.6, rent={"importer": 0.25, "exporter": 0.75}),
        ep.ImportQuota(importer="C01", exporter="C03", sector="s02", cap=0.7),
        ep.MinimumPrice(importer="C03", exporter="C02", sector="s00", price=1.2),
        ep.SpecificTariff(importer="C03", exporter="C01", sector="s00", amount=0.1),
    ]
    a = ep.solve(e, measures, tol=1e-12).accounts
    cleared = a.cleared
    assert np.abs(cleared.deficit).min() > 0.1
    np.testing.assert_allclose(a.income, cleared.value_added + a.revenue + cleared.deficit, rtol=1e-9)
    np.testing.assert_allclose(a.imports - a.exports, cleared.deficit, rtol=1e-7, atol=1e-6)
    assert a.imports.sum() == pytest.approx(a.exports.sum())
    assert a.net_rent_from_abroad.sum() == pytest.approx(0.0, abs=1e-9)
    assert a.rent_held.sum() == pytest.approx(a.rent.sum()) == pytest.approx(a.rent_by_quota.sum() + cleared.levied[0])
    whole = a.producer_value + a.export_tax + a.exporter_rent + a.importer_rent + a.duty
    np.testing.assert_allclose(whole, a.user_value, rtol=1e-12)
    np.testing.assert_allclose(a.user_value.sum(axis=2), cleared.spending, rtol=1e-9)
