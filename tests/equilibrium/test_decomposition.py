"""The exact parts of a gain: each against what it is by definition, whatever is in force."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import welfare
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import solve_problem
from shelves import slow
from worlds import place, random_world

PARTS = ["terms_of_trade", "volume_of_trade", "rents", "rest"]


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


def parts(e: ep.Economy, *measures: ep.measures.Measure, **closure: object) -> ep.Outcome:
    return ep.solve(e, list(measures), closure=ep.Closure(**closure), tol=1e-12)  # type: ignore[arg-type]


def along(e: ep.Economy, outcome: ep.Outcome) -> dict[str, np.ndarray]:
    """Quantities, prices and rents at a point of the path, in units of world value added."""
    a = outcome.accounts
    unit = a.cleared.value_added.sum() / e.value_added.sum()
    traded = a.producer_value > 0
    producer = np.exp(a.cleared.ln_producer_price)[:, None, :] * np.ones_like(e.value) / unit
    border = producer * (1 + np.divide(a.export_tax, a.producer_value, out=np.zeros_like(e.value), where=traded))
    return {
        "quantity": a.real_flow,
        "producer": producer,
        "border": border,  # rents apart
        "user": np.divide(a.user_value, a.real_flow, out=np.zeros_like(e.value), where=traded) / unit,
        "rents": a.net_rent_from_abroad / unit,
        "dollar": a.consumption / a.income * unit,
    }


def by_trapezoids(e: ep.Economy, measures: list[ep.measures.Measure], steps: int = 40) -> dict[str, np.ndarray]:
    """The integrals by their definition, over small steps of the same path, flow by flow."""
    problem = Problem.of(e, ep.Scenario(tuple(measures)), ep.Closure())
    points = [along(e, solve_problem(problem.at(s), 1e-11)) for s in np.linspace(0, 1, steps + 1)]
    out = {name: np.zeros(3) for name in PARTS}
    foreign = ~e.domestic
    for one, two in pairwise(points):
        mean = {key: (one[key] + two[key]) / 2 for key in one}
        change = {key: two[key] - one[key] for key in one}
        dearer = mean["quantity"] * change["border"] * foreign
        out["terms_of_trade"] += mean["dollar"] * (dearer.sum(axis=(0, 1)) - dearer.sum(axis=(0, 2)))
        more_in = (mean["user"] - mean["border"]) * change["quantity"] * foreign
        more_out = (mean["border"] - mean["producer"]) * change["quantity"] * foreign
        out["volume_of_trade"] += mean["dollar"] * (more_in.sum(axis=(0, 2)) + more_out.sum(axis=(0, 1)))
        out["rents"] += mean["dollar"] * change["rents"]
    return out


HOME = {"importer": "C00", "exporter": "C01", "sector": "s00"}


@pytest.mark.parametrize(
    "measures",
    [
        slow([ep.Tariff(importer="C00", sector="ALL", rate=0.3, change="add")]),
        [ep.ExportTax(**HOME, rate=0.2), ep.Tariff(importer="C01", sector="s01", rate=0.2, change="add")],
        [ep.VoluntaryExportRestraint(**HOME, cap=0.7)],
        slow([ep.ImportQuota(**HOME, cap=0.7)]),
        [ep.NonTariffBarrier(**HOME, rate=0.2), ep.ProductionSubsidy(country="C02", sector="s01", rate=0.1)],
        [
            ep.MinimumPrice(**HOME, price=1.2),
            ep.SpecificTariff(importer="C02", exporter="C00", sector="s00", amount=0.2),
        ],
    ],
    ids=["tariff", "export tax", "restraint", "quota", "barrier and subsidy", "price rules"],
)
def test_each_part_is_its_integral(e: ep.Economy, measures: list[ep.measures.Measure]) -> None:
    outcome = ep.solve(e, measures, tol=1e-12)
    plain = by_trapezoids(e, measures)
    table = outcome.decomposition
    for name in ("terms_of_trade", "volume_of_trade", "rents"):
        np.testing.assert_allclose(table[name], 100 * plain[name], atol=2e-3 * max(1e-2, np.abs(table[name]).max()))
    np.testing.assert_allclose(table[PARTS].sum(axis=1), outcome.countries["real_income_pct"], atol=1e-9)


def test_parts_respond_to_their_own_causes(e: ep.Economy) -> None:
    """Without deficits: tariffs have no rents and nothing rests; a restraint pays rents abroad, a quota does not."""
    closed = e.balanced()
    tariff = parts(closed, ep.Tariff(importer="C00", sector="ALL", rate=0.3, change="add")).decomposition
    np.testing.assert_allclose(tariff[["rents", "rest"]], 0.0, atol=1e-8)
    assert tariff.loc["C00", "terms_of_trade"] > 0 > tariff.loc["C00", "volume_of_trade"]
    quota = parts(closed, ep.ImportQuota(**HOME, cap=0.7)).decomposition
    np.testing.assert_allclose(quota["rents"], 0.0, atol=1e-9)
    restraint = parts(closed, ep.VoluntaryExportRestraint(**HOME, cap=0.7)).decomposition
    assert restraint.loc["C01", "rents"] > 0 > restraint.loc["C00", "rents"]
    assert restraint.loc["C02", "rents"] == pytest.approx(0.0, abs=1e-9)
    wasted = parts(closed, ep.NonTariffBarrier(**HOME, rate=0.2)).decomposition
    assert wasted.loc["C00", "rest"] < 0
    np.testing.assert_allclose(wasted.loc[["C01", "C02"], "rest"], 0.0, atol=1e-8)
    paid = parts(closed, ep.ProductionSubsidy(country="C02", sector="s01", rate=0.1)).decomposition
    assert paid.loc["C02", "rest"] < 0
    np.testing.assert_allclose(paid.loc[["C00", "C01"], "rest"], 0.0, atol=1e-8)


def test_change_in_deficits_is_in_the_rest(e: ep.Economy) -> None:
    """Under a share of world income deficits grow with it: what a country receives more is its own part."""
    outcome = parts(e, ep.Tariff(importer="WORLD", sector="ALL", rate=0.2, change="add"), deficit="gdp_share")
    more = outcome.accounts.cleared.deficit - e.deficit
    assert np.abs(more).max() > 1e-3
    np.testing.assert_array_equal(np.sign(outcome.decomposition["rest"]), np.sign(more))


def test_external_economies_and_taxed_work_are_in_the_rest(e: ep.Economy) -> None:
    closed = e.balanced()
    measure = ep.Tariff(importer="C00", sector="s00", rate=0.3, change="add")
    grown = parts(closed, measure, scale={"s00": 0.08})
    jobs = grown.sectors.xs("s00", level="sector")["sector_employment_pct"].to_numpy() / 100
    made = 0.08 * closed.output[e.sectors.index("s00")] * np.log1p(jobs) / closed.income
    np.testing.assert_allclose(grown.decomposition["rest"], 100 * made, rtol=0.1)
    taxed = parts(closed, measure, labour_supply=0.5, labour_tax=0.3)
    np.testing.assert_array_equal(
        np.sign(taxed.decomposition["rest"]), np.sign(taxed.countries["employment_pct"].to_numpy())
    )
    free = parts(closed, measure, labour_supply=0.5)
    np.testing.assert_allclose(free.decomposition["rest"], 0.0, atol=1e-8)


def test_duties_inside_a_merged_country_are_a_part_of_its_own(e: ep.Economy) -> None:
    """Where members' trade with each other was dutiable, goods at home bear a duty; the parts add up all the same."""
    tariff = e.tariff.copy()
    tariff[:, *place(e, "C01", "C01")] = 0.1
    merged = replace(e, tariff=tariff).balanced()
    outcome = parts(merged, ep.Tariff(importer="C01", sector="s00", rate=0.4, change="add"))
    table = outcome.decomposition
    assert table.attrs["quadrature_error"] < 1e-7
    assert table.loc["C01", "rest"] > 1e-3, "more is bought at home, and its duty is paid"
    np.testing.assert_allclose(table.loc[["C00", "C02"], "rest"], 0.0, atol=1e-7)


def test_decomposition_near_autarky_is_exact_up_to_rounding(e: ep.Economy) -> None:
    world = random_world(4, 1, 1, theta=16.0)
    outcome = ep.solve(world, [ep.Tariff(importer="C02", sector="s00", rate="150%")], closure=ep.Closure("balanced"))
    table = outcome.decomposition
    np.testing.assert_allclose(table[PARTS].sum(axis=1), outcome.countries["real_income_pct"], atol=1e-7)


def test_quadrature_error_is_reported_and_small(e: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A floor that the price reaches on the way is a kink: panels are halved until the parts add up."""
    tariff = ep.Tariff(importer="C00", exporter="C01", sector="ALL", rate="200%", change="add")
    prices = np.exp(parts(e, tariff, deficit="balanced").accounts.cleared.ln_producer_price)
    price = float(prices[place(e, "s00", "C01")])
    assert price < 0.999
    floor = ep.MinimumPrice(importer="C02", exporter="C01", sector="s00", price=(1 + price) / 2)
    outcome = parts(e, tariff, floor, deficit="balanced")
    assert bool(outcome.measures["binding"].iloc[1]), "in the end, and not in the beginning"
    table = outcome.decomposition
    np.testing.assert_allclose(table[PARTS].sum(axis=1), outcome.countries["real_income_pct"], atol=1e-9)
    np.testing.assert_allclose(table["real_income"], outcome.countries["real_income_pct"], atol=1e-9)
    fine = table.attrs["quadrature_error"]
    assert 0 < fine < 1e-3
    monkeypatch.setattr(welfare, "HALVINGS", 0)
    coarse = replace(outcome).decomposition
    assert coarse.attrs["quadrature_error"] > 10 * fine
    np.testing.assert_allclose(coarse[PARTS].sum(axis=1), outcome.countries["real_income_pct"], atol=1e-9)


def test_chebyshev_points_differentiate_and_integrate_polynomials() -> None:
    """Exactly, up to their degree (Trefethen 2000, chapters 6 and 12)."""
    points, weights, derivative = welfare._chebyshev(6)
    assert (points[0], points[-1]) == (0.0, 1.0)
    for k in range(6):
        np.testing.assert_allclose(weights @ points**k, 1 / (k + 1), rtol=1e-12)
        np.testing.assert_allclose(derivative @ points**k, k * points ** max(k - 1, 0), atol=1e-11)


def test_closing_the_deficits_of_the_base_is_in_the_rest_and_no_error_of_the_quadrature(e: ep.Economy) -> None:
    tariff = ep.Tariff(**HOME, rate=0.2)
    both = parts(e, tariff, deficit="closed")
    closing, alone = parts(e, deficit="closed"), parts(e, tariff, deficit="balanced")
    moved = closing.countries["real_income_pct"]
    assert moved.abs().max() > 0.1
    for outcome in (both, closing):
        assert outcome.decomposition.attrs["quadrature_error"] < 1e-6
        np.testing.assert_allclose(outcome.decomposition["real_income"], outcome.countries["real_income_pct"])
    np.testing.assert_allclose(closing.decomposition["rest"], moved, atol=1e-9)
    trade = ["terms_of_trade", "volume_of_trade"]
    in_base_income = alone.decomposition[trade].mul(1 + moved / 100, axis=0)
    np.testing.assert_allclose(both.decomposition[trade], in_base_income, rtol=1e-6)
