"""Many at once: the same answers as one by one, whatever is in force, and an honest word where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import quantities
from entrepot.equilibrium.batch import SIZE, solve_many, solve_stack
from entrepot.equilibrium.modes import slow_modes
from entrepot.equilibrium.problem import Problem
from worlds import random_world

CLOSURES = [
    ep.Closure(),
    ep.Closure(deficit="own_share", horizon="short", labour_share=0.6, labour_supply=0.3, numeraire="C01"),
    ep.Closure(deficit="gdp_share", recycling="labour_tax", labour_tax=0.2, scale=0.05),
    ep.Closure(deficit="balanced"),
]


def mixed(rng: np.random.Generator, k: int) -> list[ep.Measure]:
    """A scenario with another set of instruments for every k."""
    every: list[list[ep.Measure]] = [
        [ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=rng.uniform(0, 0.5), change="add")],
        [ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s01", cap=rng.uniform(0.3, 1))],
        [ep.ExportTax(importer="C01", exporter="C02", sector="ALL", rate=0.1)],
        [ep.TariffRateQuota(importer="C03", exporter="WORLD", sector="s02", cap=0.9, in_rate=0.02, out_rate=0.4)],
        [ep.SpecificTariff(importer="C02", exporter="C03", sector="s00", amount=0.1)],
        [ep.ProductionSubsidy(country="C01", sector="s02", rate=0.05)],
        [ep.ImportQuota(importer="C02", exporter="C00", sector="s01", cap=0)],
        [ep.ImportQuota(importer="C02", exporter="C01", sector="s01", cap=0.6, rent="exporter")],
        [],
    ]
    chosen = every[k % len(every)] + every[(k * 5 + 2) % len(every)]
    return list({m.title: m for m in chosen}.values())


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return random_world(5, 4, 3)


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
@pytest.mark.parametrize("drawn", [False, True], ids=["one base", "drawn elasticities"])
def test_the_batch_answer_is_the_answer_one_by_one(world: ep.Economy, closure: ep.Closure, drawn: bool) -> None:
    rng = np.random.default_rng(5)
    scenarios = [mixed(rng, k) for k in range(18)]
    worlds = [world.with_elasticities(world.theta * rng.uniform(0.7, 1.4, 4)) if drawn else world for _ in scenarios]
    batch = solve_many(worlds, scenarios, closure=closure)
    assert not batch.failures
    assert batch.gap.max() <= 1e-10
    together = batch.countries
    for k, (e, measures) in enumerate(zip(worlds, scenarios, strict=True)):
        alone = ep.solve(e, measures, closure=closure)
        whole = batch.outcome(k)
        assert max(whole.residuals.values()) <= 2e-10, "the full proof, flow by flow"
        np.testing.assert_allclose(batch.real_income[k], alone.countries["real_income_pct"] / 100, atol=1e-9)
        for column in together:
            expected = alone.countries[column].to_numpy()
            of = e.income.max() if quantities.ALL[column].unit == "US$ million" else 100.0
            np.testing.assert_allclose(together.loc[k][column], expected, rtol=0, atol=1e-9 * of, err_msg=column)


def test_rows_of_sectors_and_flows_are_those_of_the_outcome(world: ep.Economy) -> None:
    rng = np.random.default_rng(8)
    problems = [Problem.of(world, ep.Scenario.of(mixed(rng, k)), CLOSURES[1]) for k in range(9)]
    solved = solve_stack(problems)
    flow = np.arange(world.value.size)
    for k in range(9):
        outcome = solved.outcome(k)
        for n, country in enumerate(world.countries):
            for name, numbers in solved.sector(n, 1).items():
                expected = outcome.sectors.loc[(country, "s01"), name]
                np.testing.assert_allclose(numbers[k], expected, rtol=1e-9, atol=1e-9, err_msg=name)
        flows = solved.flows(flow)
        for name in ("duty", "border_value", "user_value", "export_tax", "exporter_rent", "importer_rent"):
            expected = getattr(outcome.accounts, name).ravel()
            np.testing.assert_allclose(getattr(flows, name)[k], expected, atol=1e-7 * world.value.max(), err_msg=name)
        for measure in outcome.scenario:
            assert solved.volumes(measure)[k] == pytest.approx(outcome.volume(measure), rel=1e-9)


def test_worlds_of_one_shape_and_dense_policy(world: ep.Economy) -> None:
    """Where bases or whole schedules differ, every member has its links in full."""
    others = [random_world(5, 4, seed) for seed in range(4)]
    everywhere = ep.Tariff(importer="WORLD", sector="ALL", rate=0.1, change="add")
    batch = solve_many(others, [[everywhere]])
    dense = solve_many(world, [[everywhere], []])
    expected = ep.solve(world, everywhere).countries["real_income_pct"] / 100
    np.testing.assert_allclose(dense.real_income, [expected, 0 * expected], atol=1e-9)
    for k, e in enumerate(others):
        np.testing.assert_allclose(
            batch.real_income[k], ep.solve(e, everywhere).countries["real_income_pct"] / 100, atol=1e-9
        )


def test_slow_modes_shorten_the_search_and_leave_the_answer() -> None:
    world = ep.load_economy("world2014")
    problems = [
        Problem.of(world, ep.Scenario.of(ep.Tariff(importer="USA", sector="motor_vehicles", rate=r)), ep.Closure())
        for r in np.linspace(0.05, 0.5, 12)
    ]
    plain, directed = solve_stack(problems), solve_stack(problems, modes=slow_modes(problems[0]))
    assert directed.iterations.mean() < 0.8 * plain.iterations.mean()
    np.testing.assert_allclose(directed.real_income, plain.real_income, atol=1e-10)


def test_what_has_no_equilibrium_is_named_and_the_rest_is_solved() -> None:
    world = ep.load_economy("world2014")
    closed = [ep.Tariff(importer="LUX", sector="ALL", rate=-0.9)]
    fine = ep.Tariff(importer="USA", sector="motor_vehicles", rate=0.2)
    batch = solve_many(world, [[fine], closed, [fine]])
    assert set(batch.failures) == {1}
    assert np.isnan(batch.real_income[1]).all()
    assert np.isfinite(batch.real_income[[0, 2]]).all()
    assert batch.countries.loc[1].isna().all().all()
    assert "1 without an equilibrium" in repr(batch)
    with pytest.raises(ep.ConvergenceError, match="what LUX pays in subsidies"):
        batch.outcome(1)


def test_members_do_not_depend_on_their_neighbours(world: ep.Economy) -> None:
    rng = np.random.default_rng(2)
    scenarios = [mixed(rng, k) for k in range(SIZE + 5)]
    whole, some = solve_many(world, scenarios), solve_many(world, scenarios[SIZE - 2 :])
    np.testing.assert_allclose(whole.real_income[SIZE - 2 :], some.real_income, atol=1e-9)
    assert np.array_equal(whole.real_income, solve_many(world, scenarios).real_income), "the same, to the last bit"


def test_bad_input_names_the_member(world: ep.Economy) -> None:
    fine = ep.Tariff(importer="C00", sector="s00", rate=0.2)
    with pytest.raises(ep.InputError, match=r"member 1: .*C99"):
        solve_many(world, [[fine], [ep.Tariff(importer="C99", sector="s00", rate=0.2)]])
    with pytest.raises(ep.InputError, match="3 Economies for 2 scenarios"):
        solve_many([world] * 3, [[fine], [fine]])
    with pytest.raises(ep.InputError, match="no scenario"):
        solve_many(world, [])
    with pytest.raises(ep.InputError, match="same countries and sectors"):
        solve_many([world, random_world(4, 4, 1)], [[fine]])
    with pytest.raises(ep.InputError, match="numbers above zero"):
        world.with_elasticities(np.array([1.0, 2.0, -1.0, 3.0]))


@pytest.mark.parametrize("tol", [0.0, -1.0, float("nan"), 1.0])
def test_a_tolerance_that_is_none(world: ep.Economy, tol: float) -> None:
    with pytest.raises(ep.InputError, match="tol="):
        solve_many(world, [[]], tol=tol)


def test_a_member_left_astray_is_searched_for_as_alone(world: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the base: where there are several equilibria, the one that `solve` finds, whoever stands beside it."""
    from entrepot.equilibrium import batch
    from entrepot.numerics.stacked import FixedPoints

    began: list[bool] = []
    find = batch.find

    def astray(maps: object, x0: np.ndarray, **_: object) -> FixedPoints:
        return FixedPoints(x0 + 1.0, np.ones(len(x0)), np.full(len(x0), 60), np.array([False] * len(x0)))

    def seen(problem: Problem, tol: float, x0: np.ndarray | None = None) -> object:
        began.append(x0 is None)
        return find(problem, tol, x0)

    monkeypatch.setattr(batch, "anderson_stacked", astray)
    monkeypatch.setattr(batch, "find", seen)
    measure = ep.Tariff(importer="C00", sector="s00", rate=0.2)
    found = solve_many(world, [[measure], []])
    assert began == [True, True]
    np.testing.assert_allclose(
        found.real_income[0], ep.solve(world, measure).countries["real_income_pct"] / 100, atol=1e-9
    )
