"""What each instrument does, in cases where the answer is known otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep

WHERE: dict[str, Any] = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
TOL = 1e-12


def test_rent_split(world: ep.Economy) -> None:
    """Each holder gets its part of the same rent base; real income moves in proportion."""
    ends = {
        h: ep.solve(world, [ep.VoluntaryExportRestraint(**WHERE, cap=0.5, rent=h)], tol=TOL)
        for h in ("importer", "exporter")
    }
    half = ep.solve(
        world, [ep.VoluntaryExportRestraint(**WHERE, cap=0.5, rent={"importer": 0.5, "exporter": 0.5})], tol=TOL
    )
    for country in ("USA", "JPN"):
        low, high = sorted(ends[h].countries["real_income_pct"][country] for h in ends)
        assert low < half.countries["real_income_pct"][country] < high
    held = half.countries["quota_rent"]
    assert held["USA"] == pytest.approx(held["JPN"])
    assert held.sum() == pytest.approx(half.measures["rent"].iloc[0])


def test_duty_is_levied_on_a_restraints_rent(world: ep.Economy) -> None:
    """DESIGN: rent = mu F', duty = t (1 + mu) F'; for an import quota rent = mu (1+t) F', duty = t F'."""
    j, n, i = world.sectors.index("motor_vehicles"), world.countries.index("USA"), world.countries.index("JPN")
    t = world.tariff[j, n, i]
    ver = ep.solve(world, [ep.VoluntaryExportRestraint(**WHERE, cap=0.5)], tol=TOL)
    quota = ep.solve(world, [ep.ImportQuota(**WHERE, cap=0.5)], tol=TOL)
    for outcome, before_duty in ((ver, True), (quota, False)):
        a, row = outcome.accounts, outcome.measures.iloc[0]
        value, mu = a.producer_value[j, n, i], row["wedge"]
        assert row["rent"] == pytest.approx(mu * value * (1.0 if before_duty else 1 + t))
        assert a.duty[j, n, i] == pytest.approx(t * value * (1 + mu if before_duty else 1.0))
        assert a.border_value[j, n, i] == pytest.approx(value * (1 + mu if before_duty else 1.0))


@pytest.mark.parametrize(("cap", "regime"), [(1.5, "unfilled"), (0.6, "filled"), (0.2, "overfilled")])
def test_tariff_rate_quota_regimes(world: ep.Economy, cap: float, regime: str) -> None:
    j, n, i = world.sectors.index("motor_vehicles"), world.countries.index("USA"), world.countries.index("JPN")
    outcome = ep.solve(world, [ep.TariffRateQuota(**WHERE, cap=cap, out_rate=0.25, change="add")], tol=TOL)
    row, a, t = outcome.measures.iloc[0], outcome.accounts, world.tariff[j, n, i]
    value = a.producer_value[j, n, i]
    if regime == "unfilled":
        assert row["rent"] == pytest.approx(0, abs=1e-6)
        assert outcome.countries["real_income_pct"].abs().max() < 1e-8
    elif regime == "filled":
        assert row["volume"] == pytest.approx(row["cap"])
        assert 0 < row["wedge"] < 0.25 / (1 + t)
        assert row["rent"] == pytest.approx(row["wedge"] * (1 + t) * value)
        assert a.duty[j, n, i] == pytest.approx(t * value)
    else:
        inside = row["cap"] / row["volume"]
        assert inside < 1
        assert row["wedge"] == pytest.approx(0.25 / (1 + t))
        assert row["rent"] == pytest.approx(0.25 * inside * value)
        assert a.duty[j, n, i] == pytest.approx(value * (inside * t + (1 - inside) * (t + 0.25)))


def test_tariff_rate_quota_without_a_quota_is_its_outer_tariff(world: ep.Economy) -> None:
    trq = ep.solve(world, [ep.TariffRateQuota(**WHERE, cap=0, out_rate=0.25, change="add")], tol=TOL)
    duty = ep.solve(world, [ep.Tariff(**WHERE, rate=0.25, change="add")], tol=TOL)
    np.testing.assert_allclose(trq.countries["real_income_pct"], duty.countries["real_income_pct"], atol=1e-8)
    assert trq.measures["rent"].iloc[0] == pytest.approx(0, abs=1e-6)


def test_embargo_removes_the_flow(world: ep.Economy) -> None:
    outcome = ep.solve(world, [ep.ImportQuota(**WHERE, cap=0)])
    flow = outcome.trade.sel(importer="USA", exporter="JPN", sector="motor_vehicles")
    assert float(flow["value"]) == 0.0
    assert float(flow["volume_pct"]) == -100.0
    nearly = ep.solve(world, [ep.ImportQuota(**WHERE, cap=1e-7)])
    gap = outcome.countries["real_income_pct"] - nearly.countries["real_income_pct"]
    assert gap.abs().max() < 1e-5
    with pytest.raises(ep.errors.InputError, match="not defined through an embargo"):
        _ = outcome.decomposition


def test_one_quota_over_many_flows(world: ep.Economy) -> None:
    """EU28 together: members' shares of the quota follow from trade, and the cap holds for the sum."""
    outcome = ep.solve(
        world, [ep.VoluntaryExportRestraint(importer="USA", exporter="EU28", sector="motor_vehicles", cap=0.8)]
    )
    row = outcome.measures.iloc[0]
    assert row["volume"] == pytest.approx(0.8 * row["volume_base"], rel=1e-9)
    holders = outcome.countries["quota_rent"]
    assert holders["DEU"] > 0
    assert holders["USA"] == 0
    assert holders.sum() == pytest.approx(row["rent"])


def test_production_subsidy(world: ep.Economy) -> None:
    """A subsidy lowers the price, raises output, and its cost is what the budget pays."""
    outcome = ep.solve(world, [ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=0.1)], tol=TOL)
    row = outcome.sectors.loc[("USA", "motor_vehicles")]
    assert row["output_volume_pct"] > 0
    assert row["price_pct"] < 0
    assert outcome.measures["revenue"].iloc[0] == pytest.approx(-0.1 * row["output_value"])
    assert outcome.measures["rent"].iloc[0] == 0


def test_export_tax_pays_the_exporter(world: ep.Economy) -> None:
    outcome = ep.solve(
        world, [ep.ExportTax(exporter="JPN", importer="USA", sector="motor_vehicles", rate=0.1)], tol=TOL
    )
    assert outcome.countries["real_income_pct"]["JPN"] > 0
    flow = outcome.accounts
    j, n, i = world.sectors.index("motor_vehicles"), world.countries.index("USA"), world.countries.index("JPN")
    assert outcome.measures["revenue"].iloc[0] == pytest.approx(0.1 * flow.producer_value[j, n, i])


def test_an_export_tax_and_a_restraint_at_the_same_volume_are_one(world: ep.Economy) -> None:
    tax = ep.solve(world, [ep.ExportTax(exporter="JPN", importer="USA", sector="motor_vehicles", rate=0.2)], tol=TOL)
    volume = tax.volume(tax.scenario.measures[0])
    ver = ep.solve(world, [ep.VoluntaryExportRestraint(**WHERE, cap=volume, unit="usd_m")], tol=TOL)
    np.testing.assert_allclose(ver.countries["real_income_pct"], tax.countries["real_income_pct"], atol=1e-8)
    assert ver.measures["wedge"].iloc[0] == pytest.approx(0.2, rel=1e-6)


def test_an_exporters_own_quota_is_an_export_tax_with_other_holders(small: ep.Economy) -> None:
    """The licence is worth the tax that leaves the same volume, and its holders are the exporter's."""
    where: dict[str, Any] = {"exporter": "C01", "importer": "C00", "sector": "s00"}
    quota = ep.solve(small, ep.measures.ExportQuota(**where, cap=0.6), tol=TOL)
    tax = ep.solve(small, ep.ExportTax(**where, rate=float(quota.measures["wedge"].iloc[0])), tol=TOL)
    np.testing.assert_allclose(quota.countries["real_income_pct"], tax.countries["real_income_pct"], atol=1e-8)
    held = quota.countries["quota_rent"]
    assert held["C01"] == pytest.approx(held.sum())
    assert held["C01"] == pytest.approx(tax.measures["revenue"].iloc[0], rel=1e-8)


def test_export_ban_is_an_embargo(small: ep.Economy) -> None:
    where: dict[str, Any] = {"exporter": "C01", "importer": "C00", "sector": "s00"}
    ban = ep.solve(small, ep.measures.ExportBan(**where), tol=TOL)
    embargo = ep.solve(small, ep.ImportQuota(**where, cap=0), tol=TOL)
    np.testing.assert_allclose(ban.countries["real_income_pct"], embargo.countries["real_income_pct"], atol=1e-8)
    assert ep.measures.ExportBan(**where).title == "export ban: C01 on s00 to C00"
    assert ep.measures.ExportQuota(**where, cap=0.6).title == "export quota at 60% of base volume: C01 on s00 to C00"


def test_a_barrier_wastes_what_a_tariff_collects(world: ep.Economy) -> None:
    tariff = ep.solve(world, [ep.Tariff(importer="USA", sector="food", rate=0.1, change="add")])
    barrier = ep.solve(world, [ep.NonTariffBarrier(importer="USA", sector="food", rate=0.1)])
    assert barrier.countries["real_income_pct"]["USA"] < tariff.countries["real_income_pct"]["USA"]
    assert barrier.decomposition.loc["USA", "rest"] < 0


def test_balanced_closure_moves_the_base_first(world: ep.Economy) -> None:
    outcome = ep.solve(world, [ep.Tariff(**WHERE, rate=0.25, change="add")], closure=ep.Closure("balanced"))
    assert np.abs(outcome.economy.deficit).max() < 1e-6 * world.income.max()
    assert ep.solve(world, closure=ep.Closure("balanced")).countries["real_income_pct"].abs().max() < 1e-7


def test_deficits_as_a_share_of_world_income(world: ep.Economy) -> None:
    everything = [ep.Tariff(importer="WORLD", sector="ALL", rate=0.1, change="add")]
    fixed, share = (ep.solve(world, everything, closure=ep.Closure(d)) for d in ("fixed", "gdp_share"))
    np.testing.assert_allclose(fixed.accounts.cleared.deficit, world.deficit, rtol=1e-8, atol=1e-3)
    ratio = share.accounts.income.sum() / world.income.sum()
    np.testing.assert_allclose(share.accounts.cleared.deficit, world.deficit * ratio, rtol=1e-8, atol=1e-3)
    assert ratio > 1


@pytest.mark.parametrize("closure", [{"deficit": "none"}, {"numeraire": "EU28"}, {"numeraire": "Atlantis"}])
def test_closures_refused(world: ep.Economy, closure: dict[str, Any]) -> None:
    with pytest.raises(ep.errors.InputError):
        ep.solve(world, closure=ep.Closure(**closure))


@pytest.mark.parametrize("tol", [0.0, -1.0, 1.0, float("nan")])
def test_tolerances_refused(world: ep.Economy, tol: float) -> None:
    with pytest.raises(ep.errors.InputError, match="tol"):
        ep.solve(world, tol=tol)


def test_prints_itself(world: ep.Economy) -> None:
    outcome = ep.solve(world, ep.Scenario((ep.Tariff(**WHERE, rate=0.25, change="add"),), name="tariff"))
    text = repr(outcome)
    assert "most lost JPN -0.0879%" in text
    assert len(text.splitlines()) == 2
    assert outcome.status == "converged"
    assert len(outcome.worst) == 3
