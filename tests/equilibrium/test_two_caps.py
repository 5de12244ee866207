"""Several quantity measures, or a quantity measure and a specific duty, on one flow: each has its own wedge.

The yardstick is the equivalence of quotas with the taxes that would do the same: an import licence with a duty whose
revenue its holder has, an export licence with an export tax. Taxes know nothing of quotas, so they check them.
"""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from worlds import random_world

ALL = {"importer": "C00", "exporter": "WORLD", "sector": "s00"}
ONE = {"importer": "C00", "exporter": "C01", "sector": "s00"}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(4, 3, 7)


def rates(e: ep.Economy, importer: str = "C00", sector: str = "s00") -> dict[str, float]:
    """Base duties of the importer on each of its sources."""
    n, j = e.countries.index(importer), e.sectors.index(sector)
    return {c: float(e.tariff[j, n, i]) for i, c in enumerate(e.countries) if i != n}


def duties(e: ep.Economy, wedge: dict[str, float]) -> list[ep.measures.Measure]:
    """Tariffs that leave each source's landed price where the wedges do."""
    return [
        ep.Tariff(importer="C00", exporter=c, sector="s00", rate=(1 + base) * (1 + wedge[c]) - 1)
        for c, base in rates(e).items()
    ]


def same_world(one: ep.Outcome, other: ep.Outcome) -> None:
    for column in ("real_income_pct", "exports", "imports", "real_wage_pct"):
        np.testing.assert_allclose(one.countries[column], other.countries[column], rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(one.accounts.real_flow, other.accounts.real_flow, rtol=1e-7, atol=1e-9)


def test_a_global_and_a_country_quota_are_the_duties_of_their_wedges(e: ep.Economy) -> None:
    world, one = ep.ImportQuota(**ALL, cap=0.6), ep.ImportQuota(**ONE, cap=0.5)
    outcome = ep.solve(e, [world, one])
    table = outcome.measures
    assert table["binding"].all()
    assert outcome.volume(world) == pytest.approx(float(table["cap"].iloc[0]), rel=1e-8)
    assert outcome.volume(one) == pytest.approx(float(table["cap"].iloc[1]), rel=1e-8)
    everywhere, there = (float(w) for w in table["wedge"])
    wedge = {c: (1 + everywhere) * (1 + there * (c == "C01")) - 1 for c in rates(e)}
    same_world(outcome, ep.solve(e, duties(e, wedge)))


def test_an_export_and_an_import_licence_are_an_export_tax_and_a_duty(e: ep.Economy) -> None:
    restraint, world = ep.VoluntaryExportRestraint(**ONE, cap=0.5), ep.ImportQuota(**ALL, cap=0.6)
    outcome = ep.solve(e, [restraint, world])
    exporters, importers = (float(w) for w in outcome.measures["wedge"])
    assert min(exporters, importers) > 0.01
    taxes = [ep.ExportTax(importer="C00", exporter="C01", sector="s00", rate=exporters)]
    same_world(outcome, ep.solve(e, [*taxes, *duties(e, dict.fromkeys(rates(e), importers))]))
    j, n = e.sectors.index("s00"), e.countries.index("C00")
    paid = outcome.accounts.producer_value[j, n] * (1 + e.tariff[j, n])
    paid[e.countries.index("C01")] *= 1 + exporters  # duty falls on the export licence too
    foreign = np.arange(len(e.countries)) != n
    assert outcome.measures["rent"].iloc[1] == pytest.approx(importers * paid[foreign].sum(), rel=1e-9)
    held = outcome.countries["quota_rent"]
    assert held["C01"] == pytest.approx(float(outcome.measures["rent"].iloc[0]), rel=1e-9)
    assert held["C00"] == pytest.approx(float(outcome.measures["rent"].iloc[1]), rel=1e-9)


@pytest.mark.parametrize("cap", [0.3, 0.9], ids=["beyond the quota", "within it"])
def test_a_tariff_rate_quota_beside_a_specific_duty(e: ep.Economy, cap: float) -> None:
    """In and out of the quota the specific duty is the same; the ad valorem duty is what differs."""
    base = rates(e)["C01"]
    quota = ep.TariffRateQuota(**ONE, cap=cap, out_rate=base + 0.05, in_rate=base)
    specific = ep.SpecificTariff(**ONE, amount=0.08)
    outcome = ep.solve(e, [quota, specific])
    wedge = float(outcome.measures["wedge"].iloc[0])
    same = ep.solve(e, [ep.Tariff(**ONE, rate=(1 + base) * (1 + wedge) - 1), specific])
    same_world(outcome, same)
    if cap < 0.5:
        assert wedge == pytest.approx((1 + base + 0.05) / (1 + base) - 1, rel=1e-6)


def test_an_import_quota_beside_a_minimum_price_undertaken_by_the_exporter(e: ep.Economy) -> None:
    quota, floor = ep.ImportQuota(**ONE, cap=0.4), ep.MinimumPrice(**ONE, price=1.1, rent="exporter")
    outcome = ep.solve(e, [quota, floor])
    licence, raised = (float(w) for w in outcome.measures["wedge"])
    assert min(licence, raised) > 0.01
    base = rates(e)["C01"]
    taxes = [ep.ExportTax(**ONE, rate=raised), ep.Tariff(**ONE, rate=(1 + base) * (1 + licence) - 1)]
    same_world(outcome, ep.solve(e, taxes))


def test_the_order_of_measures_has_no_meaning(e: ep.Economy) -> None:
    measures = [
        ep.ImportQuota(**ALL, cap=0.6),
        ep.ImportQuota(**ONE, cap=0.5),
        ep.VoluntaryExportRestraint(**ONE, cap=0.6),
        ep.SpecificTariff(**ONE, amount=0.05),
    ]
    forward, backward = ep.solve(e, measures), ep.solve(e, measures[::-1])
    same_world(forward, backward)
    np.testing.assert_allclose(forward.measures["rent"], backward.measures["rent"][::-1], rtol=1e-6, atol=1e-6)


def test_a_quota_that_does_not_bind_beside_another_is_as_if_it_were_not_there(e: ep.Economy) -> None:
    one = ep.ImportQuota(**ONE, cap=0.5)
    outcome = ep.solve(e, [one, ep.ImportQuota(**ALL, cap=3.0)])
    same_world(outcome, ep.solve(e, one))
    assert list(outcome.measures["binding"]) == [True, False]


def test_an_embargo_inside_a_quota_takes_its_flow_out_of_it(e: ep.Economy) -> None:
    ban, world = ep.ImportQuota(**ONE, cap=0), ep.ImportQuota(**ALL, cap=0.2)
    outcome = ep.solve(e, [ban, world, ep.SpecificTariff(**ONE, amount=0.1)])
    assert outcome.volume(ban) == 0
    assert outcome.volume(world) == pytest.approx(float(outcome.measures["cap"].iloc[1]), rel=1e-8)


def test_rents_of_one_stage_are_shared_by_their_own_wedges(e: ep.Economy) -> None:
    outcome = ep.solve(e, [ep.ImportQuota(**ALL, cap=0.6), ep.ImportQuota(**ONE, cap=0.5)])
    a, p = outcome.accounts, outcome.problem
    j, n, i = e.sectors.index("s00"), e.countries.index("C00"), e.countries.index("C01")
    flow = np.ravel_multi_index((j, n, i), e.value.shape)
    rent = a.cleared.rent[p.quotas.flow == flow]
    wedge = np.expm1(a.cleared.ln_wedge[p.quotas.flow == flow])
    assert rent[0] / rent[1] == pytest.approx(wedge[0] / wedge[1], rel=1e-9)
    landed = a.producer_value[j, n, i] * (1 + e.tariff[j, n, i])
    assert rent.sum() == pytest.approx(landed * ((1 + wedge[0]) * (1 + wedge[1]) - 1), rel=1e-9)


def test_stacks_and_single_solves_agree(e: ep.Economy) -> None:
    scenarios = {
        "both": [ep.ImportQuota(**ALL, cap=0.6), ep.VoluntaryExportRestraint(**ONE, cap=0.5)],
        "with a duty": [ep.ImportQuota(**ALL, cap=0.7), ep.SpecificTariff(**ONE, amount=0.05)],
        "one": [ep.ImportQuota(**ONE, cap=0.5)],
    }
    solved = ep.solve_many(e, list(scenarios.values()))
    for k, measures in enumerate(scenarios.values()):
        alone = ep.solve(e, measures)
        same_world(alone, solved.outcome(k))
        together = solved.countries.loc[k]
        for column in together.columns:
            np.testing.assert_allclose(together[column], alone.countries[column], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "measures",
    [
        [ep.ImportQuota(**ONE, cap=0.5), ep.VoluntaryExportRestraint(**ONE, cap=0.5)],
        [
            ep.ImportQuota(**ALL, cap=0.5),
            *(ep.VoluntaryExportRestraint(**ONE | {"exporter": c}, cap=0.5) for c in ("C01", "C02", "C03")),
        ],
        [
            ep.ImportQuota(**ALL, cap=0.5),
            *(ep.VoluntaryExportRestraint(**ONE | {"exporter": c}, cap=0.5) for c in ("C01", "C02", "C03")),
            ep.VoluntaryExportRestraint(**ONE, cap=0.7, label="slack"),
        ],
        [
            ep.ImportQuota(**ALL | {"exporter": ["C01", "C02"]}, cap=0.5),
            ep.ImportQuota(**ALL | {"exporter": "C03"}, cap=0.5),
            ep.VoluntaryExportRestraint(**ALL | {"exporter": ["C01", "C03"]}, cap=0.5),
            ep.VoluntaryExportRestraint(**ALL | {"exporter": "C02"}, cap=0.5),
        ],
    ],
    ids=["two holders", "parts that add up to the whole", "the same beside a slack cap", "a ring"],
)
def test_caps_at_the_same_volume_on_the_same_trade_are_refused(
    e: ep.Economy, measures: list[ep.measures.Measure]
) -> None:
    with pytest.raises(ep.errors.MeasureError, match="same trade at the same volume"):
        ep.solve(e, measures)


def test_caps_of_one_holder_at_the_same_volume_are_one_cap(e: ep.Economy) -> None:
    parts = [ep.ImportQuota(**ONE | {"exporter": c}, cap=0.5) for c in ("C01", "C02", "C03")]
    same_world(ep.solve(e, [*parts, ep.ImportQuota(**ALL, cap=0.5)]), ep.solve(e, parts))


def test_slack_caps_of_two_holders_at_one_volume_are_accepted(e: ep.Economy) -> None:
    caps = [ep.ImportQuota(**ONE, cap=1.5), ep.VoluntaryExportRestraint(**ONE, cap=1.5)]
    same_world(ep.solve(e, caps), ep.solve(e))


@pytest.mark.parametrize("gap", [0.3, 0.01, 1e-3, 1e-6])
def test_a_cap_just_above_another_on_the_same_trade_changes_nothing(e: ep.Economy, gap: float) -> None:
    """Nor costs iterations: which of them binds is known before the search."""
    one = ep.ImportQuota(**ONE, cap=0.5)
    alone = ep.solve(e, one)
    outcome = ep.solve(e, [one, ep.VoluntaryExportRestraint(**ONE, cap=0.5 * (1 + gap))])
    same_world(outcome, alone)
    assert outcome.iterations <= alone.iterations + 2
    assert outcome.measures["rent_holder"].where(outcome.measures["binding"]).dropna().tolist() == ["importer"]


@pytest.mark.parametrize("gap", [0.1, 1e-3])
def test_a_cap_above_the_sum_of_caps_on_its_parts_changes_nothing(e: ep.Economy, gap: float) -> None:
    parts = [ep.VoluntaryExportRestraint(**ONE | {"exporter": c}, cap=0.5) for c in ("C01", "C02", "C03")]
    outcome = ep.solve(e, [ep.ImportQuota(**ALL, cap=0.5 * (1 + gap)), *parts])
    same_world(outcome, ep.solve(e, parts))


@pytest.mark.parametrize("gap", [1e-3, 1e-2, 1e-5])
def test_a_cap_just_below_the_sum_of_caps_on_its_parts(world: ep.Economy, gap: float) -> None:
    """All but one of them bind, and which is found though their wedges hardly differ."""
    cars = {"importer": "USA", "sector": "motor_vehicles"}
    caps = [
        ep.ImportQuota(**cars, exporter=["JPN", "KOR"], cap=0.8),
        ep.VoluntaryExportRestraint(**cars, exporter="JPN", cap=0.8),
        ep.VoluntaryExportRestraint(**cars, exporter="KOR", cap=0.8 * (1 + gap)),
    ]
    outcome = ep.solve(world, caps)
    assert (outcome.measures["volume"] <= outcome.measures["cap"] * (1 + 1e-8)).all()
    assert outcome.measures["binding"].sum() == 2
    assert max(outcome.residuals.values()) <= outcome.tol


def test_many_caps_on_much_trade_cost_little(world: ep.Economy) -> None:
    """Two caps for each of many exporters inside one for all, over every sector."""
    exporters = [c for c in world.countries if c not in ("USA", "ROW")]
    each = [
        ep.ImportQuota(importer="USA", exporter=c, sector="ALL", cap=cap, label=f"{c} {cap}")
        for c in exporters
        for cap in (1.5, 1.6)
    ]
    whole = ep.ImportQuota(importer="USA", exporter=exporters, sector="ALL", cap=0.9)
    same_world(ep.solve(world, [whole, *each]), ep.solve(world, whole))


def test_two_schedules_of_tariff_rate_quotas_on_one_flow_are_refused(e: ep.Economy) -> None:
    quotas = [ep.TariffRateQuota(**ONE, cap=cap, out_rate=2.0, label=str(cap)) for cap in (0.5, 0.6)]
    with pytest.raises(
        ep.errors.MeasureError, match="both state an in- and an out-of-quota duty for s00 from C01 into C00"
    ):
        ep.solve(e, quotas)


def test_a_gradient_beside_two_caps_on_one_flow_is_that_of_the_solver(e: ep.Economy) -> None:
    """Of real income in a tariff on a flow that both cap, against central differences of solutions."""

    def solved(rate: float) -> ep.Outcome:
        measures = [ep.ImportQuota(**ALL, cap=0.6), ep.ImportQuota(**ONE, cap=0.5, rent="exporter")]
        return ep.solve(e, [*measures, ep.Tariff(**ONE, rate=rate)], tol=1e-12)

    at = solved(0.1).sensitivity
    flow = ep.Tariff(**ONE, rate=0.1).flows(e)
    for code in e.countries:
        ahead, back = (solved(0.1 + step).countries.loc[code, "real_income_pct"] for step in (1e-4, -1e-4))
        assert at.gradient(at.real_income(code), flow).sum() == pytest.approx((ahead - back) / 2e-2, rel=1e-5, abs=1e-8)
