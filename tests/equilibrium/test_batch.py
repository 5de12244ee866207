"""Many at once: the same answers as one by one, whatever is in force, and an honest word where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import batch, quantities
from entrepot.equilibrium.batch import SIZE, solve_many, solve_stack
from entrepot.equilibrium.problem import Problem
from shelves import slow_after
from worlds import place, random_world

CLOSURES = [
    ep.Closure(),
    ep.Closure(deficit="own_share", horizon="short", labour_share=0.6, labour_supply=0.3, numeraire="C01"),
    ep.Closure(deficit="gdp_share", recycling="labour_tax", labour_tax=0.2, scale=0.05),
    ep.Closure(deficit="balanced"),
    ep.Closure(horizon="short", labour_share=0.6, capital={"C00": 1.2, "C01": {"s00": 0.7}}),
]


def mixed(rng: np.random.Generator, k: int) -> list[ep.measures.Measure]:
    """A scenario with another set of instruments for every k."""
    every: list[list[ep.measures.Measure]] = [
        [ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=rng.uniform(0, 0.5), change="add")],
        [ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s01", cap=rng.uniform(0.3, 1))],
        [ep.ExportTax(importer="C01", exporter="C02", sector="ALL", rate=0.1)],
        [ep.TariffRateQuota(importer="C03", exporter="WORLD", sector="s02", cap=0.9, in_rate=0.02, out_rate=0.4)],
        [ep.SpecificTariff(importer="C02", exporter="C03", sector="s00", amount=0.1)],
        [ep.ProductionSubsidy(country="C01", sector="s02", rate=0.05)],
        [ep.ImportQuota(importer="C02", exporter="C00", sector="s01", cap=0)],
        [ep.ImportQuota(importer="C02", exporter="C03", sector="s01", cap=0.6, rent="exporter")],
        [],
    ]
    chosen = every[k % len(every)] + every[(k * 5 + 2) % len(every)]
    return list({m.title: m for m in chosen}.values())


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return random_world(5, 4, 3)


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
@pytest.mark.parametrize("drawn", slow_after(1, [True, False]), ids=["drawn elasticities", "one base"])
def test_batch_results_equal_single_solves(world: ep.Economy, closure: ep.Closure, drawn: bool) -> None:
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


@pytest.mark.parametrize("closure", CLOSURES[:2], ids=str)
def test_batch_sector_and_flow_rows_equal_those_of_the_outcome(world: ep.Economy, closure: ep.Closure) -> None:
    rng = np.random.default_rng(8)
    problems = [Problem.of(world, ep.Scenario.of(mixed(rng, k)), closure) for k in range(9)]
    solved = solve_stack(problems)
    flow, (j,) = np.arange(world.value.size), place(world, "s01")
    for k in range(9):
        outcome = solved.outcome(k)
        for n, country in enumerate(world.countries):
            for name, numbers in solved.sector(n, j).items():
                expected = outcome.sectors.loc[(country, "s01"), name]
                np.testing.assert_allclose(numbers[k], expected, rtol=1e-9, atol=1e-9, err_msg=name)
        flows = solved.flows(flow)
        for name in ("duty", "border_value", "user_value", "export_tax", "exporter_rent", "importer_rent"):
            expected = getattr(outcome.accounts, name).ravel()
            np.testing.assert_allclose(getattr(flows, name)[k], expected, atol=1e-7 * world.value.max(), err_msg=name)
        for measure in outcome.scenario:
            assert solved.volumes(measure)[k] == pytest.approx(outcome.volume(measure), rel=1e-9)


def test_batch_member_is_an_outcome_with_its_share_of_the_seconds(world: ep.Economy) -> None:
    caps = [ep.ImportQuota(importer="C02", exporter=c, sector="s00", cap=0.7) for c in ("C00", "C01")]
    measures = [caps[:0], caps[:1], caps]
    solved = solve_stack([Problem.of(world, ep.Scenario.of(m), ep.Closure()) for m in measures], tol=1e-9)
    for k in range(3):
        whole = solved.outcome(k)
        assert whole.problem is solved.problems[k]
        assert (whole.tol, whole.iterations) == (1e-9, solved.iterations[k])
        assert whole.seconds == pytest.approx(solved.seconds / 3)
        np.testing.assert_array_equal(whole.state.pack(), solved.point(k))
        assert solved.point(k).size == 5 + 2 * 20 + k, "wages, prices, spending and the wedges of its own caps"


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


def test_one_change_beside_bases_without_any(world: ep.Economy) -> None:
    """Most members have converged at their first point, before there is a step to remember."""
    tariff = ep.Tariff(importer="C00", sector="s00", rate=0.2, change="add")
    batch = solve_many(world, [[tariff], [], [], [], []])
    expected = ep.solve(world, tariff).countries["real_income_pct"] / 100
    np.testing.assert_allclose(batch.real_income[0], expected, atol=1e-9)
    np.testing.assert_allclose(batch.real_income[1:], 0.0, atol=1e-9)


def test_price_rule_is_left_when_the_members_with_quotas_have_converged(world: ep.Economy) -> None:
    """A stack keeps room for the wedges of quotas that none of those who are left has."""
    duty = ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount=0.5)
    slack = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=2.0)
    batch = solve_many(world, [[duty], [slack], [slack]])
    expected = ep.solve(world, duty).countries["real_income_pct"] / 100
    np.testing.assert_allclose(batch.real_income[0], expected, atol=1e-9)


def test_slow_modes_shorten_the_search_without_changing_the_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    world = ep.load_economy("world2014")
    problems = [
        Problem.of(world, ep.Scenario.of(ep.Tariff(importer="USA", sector="motor_vehicles", rate=r)), ep.Closure())
        for r in np.linspace(0.05, 0.5, 12)
    ]
    directed = solve_stack(problems)
    monkeypatch.setattr(batch, "slow_modes", lambda _: None)
    plain = solve_stack(problems)
    assert directed.iterations.mean() < 0.8 * plain.iterations.mean()
    np.testing.assert_allclose(directed.real_income, plain.real_income, atol=1e-10)


def test_search_of_hard_draws_remembers_enough_steps() -> None:
    """Wide draws of elasticities, large tariffs, and capital that stays in its sector: 26 maps, 40 with half."""
    world, rng = random_world(6, 4, 3), np.random.default_rng(5)
    drawn = [world.with_elasticities(world.theta * np.exp(rng.normal(0, 0.9, 4))) for _ in range(64)]
    measures = [
        ep.Tariff(importer="C00", sector="s00", rate=0.5, change="add"),
        ep.ImportQuota(importer="C01", exporter="C02", sector="s01", cap=0.3),
        ep.Tariff(importer="C03", sector="ALL", rate=1.0, change="add"),
    ]
    found = solve_many(drawn, [measures], closure=ep.Closure(horizon="short", labour_share=0.6))
    assert found.iterations.mean() < 31


@pytest.mark.slow
def test_members_without_equilibrium_are_reported_and_the_rest_is_solved() -> None:
    world = ep.load_economy("world2014")
    closed = [ep.Tariff(importer="LUX", sector="ALL", rate=-0.9)]
    fine = ep.Tariff(importer="USA", sector="motor_vehicles", rate=0.2)
    batch = solve_many(world, [[fine], closed, [fine]])
    assert set(batch.failures) == {1}
    assert np.isnan(batch.real_income[1]).all()
    assert np.isfinite(batch.real_income[[0, 2]]).all()
    assert batch.countries.loc[1].isna().all().all()
    assert "1 without an equilibrium" in repr(batch)
    with pytest.raises(ep.errors.ConvergenceError, match="what LUX pays in subsidies"):
        batch.outcome(1)


def test_members_do_not_depend_on_their_neighbours(world: ep.Economy) -> None:
    rng = np.random.default_rng(2)
    scenarios = [mixed(rng, k) for k in range(2 * SIZE + 5)]
    whole, some = solve_many(world, scenarios), solve_many(world, scenarios[SIZE - 2 :])
    np.testing.assert_allclose(whole.real_income[SIZE - 2 :], some.real_income, atol=1e-9)
    again = solve_many(world, scenarios)  # the same stacks, on one thread
    assert np.array_equal(whole.real_income, again.real_income), "in one process the same, to the last bit"


def test_bad_input_names_the_member(world: ep.Economy) -> None:
    fine = ep.Tariff(importer="C00", sector="s00", rate=0.2)
    with pytest.raises(ep.errors.InputError, match=r"member 1: .*C99"):
        solve_many(world, [[fine], [ep.Tariff(importer="C99", sector="s00", rate=0.2)]])
    with pytest.raises(ep.errors.InputError, match="3 Economies for 2 scenarios"):
        solve_many([world] * 3, [[fine], [fine]])
    with pytest.raises(ep.errors.InputError, match="no scenario"):
        solve_many(world, [])
    with pytest.raises(ep.errors.InputError, match="same countries and sectors"):
        solve_many([world, random_world(4, 4, 1)], [[fine]])
    with pytest.raises(ep.errors.InputError, match="numbers above zero"):
        world.with_elasticities(np.array([1.0, 2.0, -1.0, 3.0]))


@pytest.mark.parametrize("tol", [0.0, -1.0, float("nan"), 1.0])
def test_invalid_tolerance_is_refused(world: ep.Economy, tol: float) -> None:
    with pytest.raises(ep.errors.InputError, match="tol="):
        solve_many(world, [[]], tol=tol)


def test_lost_member_is_solved_alone(world: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
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


# ---- several stacks, numbers that differ by member, and what progress reports ----


def test_members_of_several_stacks_keep_their_order(world: ep.Economy) -> None:
    count = 2 * SIZE + 3
    rates = np.linspace(0.0, 0.3, count)
    scenarios = [[ep.Tariff(importer="C00", sector="s00", rate=float(r), change="add")] for r in rates]
    reports: list[tuple[str, int, int]] = []
    batch = solve_many(world, scenarios, progress=lambda *what: reports.append(what))
    assert reports == [("scenarios", 0, count), ("scenarios", SIZE, count)]
    assert len(batch) == count == len(batch.gap) == len(batch.iterations) == len(batch.real_income)
    assert batch.iterations.min() >= 1
    for k in (0, SIZE - 1, SIZE, count - 1):
        alone = ep.solve(world, scenarios[k])
        np.testing.assert_allclose(batch.real_income[k], alone.countries["real_income_pct"] / 100, atol=1e-9)
        member = batch.outcome(k)
        assert member.scenario.measures == tuple(scenarios[k])
        np.testing.assert_allclose(
            batch.countries.loc[k, "real_income_pct"], member.countries["real_income_pct"], atol=1e-9
        )
        assert (member.tol, member.iterations) == (1e-10, batch.iterations[k])
        assert 0 < member.seconds < batch.seconds
    for k in (-1, count):
        with pytest.raises(IndexError, match=f"member {k} of a batch of {count}"):
            batch.outcome(k)
    text = repr(batch)
    assert text.startswith(f"Batch of {count} solved: largest gap {batch.gap.max():.1g}, ")
    assert f"{batch.iterations.mean():.1f} maps each, {batch.seconds:.2f} s" in text
    assert f"({len(batch) / batch.seconds:,.0f} a second)" in text
    assert 0 < batch.seconds < 600


@pytest.fixture(scope="module")
def dependent() -> ep.Economy:
    """C02 makes nothing of the second sector itself."""
    base = random_world(3, 2, seed=1, inputs=False)
    value = base.value.copy()
    value[place(base, "s01", "C02", "C02")] = 0.0
    return replace(base, value=value)


NOTHING_LEFT: list[ep.measures.Measure] = [ep.ImportQuota(importer="C02", sector="s01", cap=0)]


def test_number_of_cores_changes_no_digit(world: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    drawn = [world.with_elasticities(world.theta * np.exp(rng.normal(0, 0.25, world.theta.size))) for _ in range(600)]
    restraint = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="ALL", cap=0.8)
    monkeypatch.setattr(batch, "WORTH_A_THREAD", 0)
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(batch, "cores", lambda cores=cores: cores)
        found.append(solve_many(drawn, [restraint]))
    assert len(found[0].stacks) > batch.WAVE + 1, "more than one wave"
    assert np.array_equal(found[0].countries, found[1].countries)
    assert np.array_equal(found[0].iterations, found[1].iterations)


def test_failure_in_a_later_stack_has_the_right_number(dependent: ep.Economy) -> None:
    world, fine = dependent, [[ep.Tariff(importer="C00", sector="s00", rate=0.1)] for _ in range(SIZE + 2)]
    fine[SIZE + 1] = NOTHING_LEFT  # type: ignore[assignment]
    batch = solve_many(world, fine, closure=ep.Closure("balanced"))
    assert list(batch.failures) == [SIZE + 1]
    assert np.isnan(batch.gap[SIZE + 1])
    assert np.isfinite(batch.gap[:-1]).all()
    with pytest.raises(ep.errors.ConvergenceError, match="Nothing is left for buyers of s01 in C02"):
        batch.outcome(SIZE + 1)
    assert f"Batch of {SIZE + 2} solved, 1 without an equilibrium: largest gap {np.nanmax(batch.gap):.1g}" in repr(
        batch
    )
    assert np.isfinite(batch.countries.loc[SIZE].to_numpy()).all()
    none = solve_many(world, fine[SIZE + 1 :], closure=ep.Closure("balanced"))
    assert "1 without an equilibrium: largest gap nan" in repr(none)


def test_rows_of_a_member_without_equilibrium_are_nan(dependent: ep.Economy) -> None:
    fine = ep.Tariff(importer="C00", sector="s00", rate=0.1)
    closure = ep.Closure(horizon="short", labour_share=0.6)
    solved = solve_stack([Problem.of(dependent, ep.Scenario.of(m), closure) for m in (fine, NOTHING_LEFT)])
    assert list(solved.found) == [True, False]
    for numbers in (*solved.sector(1, 1).values(), *solved.countries().values()):
        assert np.isfinite(numbers[0]).all()
        assert np.isnan(numbers[1]).all()
    flows = solved.flows(np.arange(10))
    assert np.isfinite(flows.duty[0]).all()
    assert np.isnan(flows.producer_value[1]).all()
    assert np.isnan(solved.volumes(fine)[1])


def test_closures_may_differ_in_their_numbers(world: ep.Economy) -> None:
    """Shares, elasticities, taxes and scale by member; not the rules themselves."""
    measure = ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add")
    drawn = [
        ep.Closure(
            horizon="short",
            labour_share=share,
            labour_supply={"C00": supply, "C01": 0.2},
            labour_tax=tax,
            recycling="labour_tax",
            scale={"s00": scale, "s01": 0.01},
        )
        for share, supply, tax, scale in ((0.5, 0.3, 0.1, 0.0), (0.7, 0.0, 0.2, 0.04), (0.6, 0.8, 0.0, 0.02))
    ]
    for worlds in ([world] * 3, [world.with_elasticities(world.theta * f) for f in (0.9, 1.0, 1.2)]):
        solved = solve_stack([Problem.of(w, ep.Scenario.of(measure), c) for w, c in zip(worlds, drawn, strict=True)])
        assert not solved.failures
        for k, (w, closure) in enumerate(zip(worlds, drawn, strict=True)):
            alone = ep.solve(w, measure, closure=closure)
            for name, numbers in solved.countries().items():
                size = w.income.max() if quantities.ALL[name].unit == "US$ million" else 100.0
                np.testing.assert_allclose(
                    numbers[k], alone.countries[name], rtol=0, atol=1e-9 * size, err_msg=f"{name} of {k}"
                )
            for name, row in solved.sector(*place(w, "C00", "s00")).items():
                np.testing.assert_allclose(row[k], alone.sectors.loc[("C00", "s00"), name], rtol=1e-8, atol=1e-8)
            assert max(solved.outcome(k).residuals.values()) <= 2e-10
    for other in (ep.Closure(deficit="own_share"), ep.Closure(numeraire="C01"), drawn[0]):
        with pytest.raises(ep.errors.InputError, match="Problems of one closure; only its numbers may differ"):
            solve_stack([Problem.of(world, ep.Scenario(), c) for c in (ep.Closure(), other)])


@pytest.mark.slow
def test_every_rule_of_deficits_and_prices_side_by_side(world: ep.Economy) -> None:
    """Price rules, subsidies on some members alone, export taxes at home and abroad, quotas in different numbers."""
    many: list[list[ep.measures.Measure]] = [
        [],
        [
            ep.SpecificTariff(importer="C00", sector="s00", amount=0.1),
            ep.ExportTax(exporter="C02", sector="s01", rate=0.2),
        ],
        [ep.MinimumPrice(importer="C01", exporter="C00", sector="s00", price=1.2)],
        [
            ep.MinimumPrice(importer="C01", exporter="C00", sector="s00", price=1.2, rent="importer"),
            ep.ProductionSubsidy(country="C00", sector="s00", rate=0.1),
        ],
        [ep.ImportQuota(importer=n, exporter="C03", sector="s02", cap=0.5) for n in ("C00", "C01", "C02")],
        [ep.ImportQuota(importer="C04", exporter="C03", sector="s02", cap=0)],
    ]
    bases = [random_world(5, 4, seed) for seed in range(3, 9)]
    for economies in ([world] * 6, bases, [world.with_elasticities(world.theta * (1 + k / 20)) for k in range(6)]):
        for rule in ("gdp_share", "own_share"):
            solved = solve_stack(
                [
                    Problem.of(e, ep.Scenario.of(m), ep.Closure(rule))  # type: ignore[arg-type]
                    for e, m in zip(economies, many, strict=True)
                ]
            )
            assert not solved.failures
            rows = solved.countries()
            for k in range(6):
                alone = ep.solve(economies[k], many[k], closure=ep.Closure(rule))  # type: ignore[arg-type]
                for name, numbers in rows.items():
                    size = economies[k].income.max() if quantities.ALL[name].unit == "US$ million" else 100.0
                    np.testing.assert_allclose(
                        numbers[k], alone.countries[name], rtol=0, atol=1e-9 * size, err_msg=f"{name} of {k}"
                    )


def test_bases_with_and_without_tariffs_side_by_side(world: ep.Economy) -> None:
    """What one of them levies in a sector is levied there, though the others levy nothing."""
    free = replace(world, tariff=np.zeros_like(world.tariff))
    some = world.tariff.copy()
    some[1:] = 0.0
    some[0, 0, 1:] = 0.2
    mixed_bases = [free, replace(free, tariff=some), free]
    shock = ep.Tariff(importer="C03", exporter="C04", sector="s03", rate=0.3)
    batch = solve_many(mixed_bases, [[shock]])
    for k, e in enumerate(mixed_bases):
        alone = ep.solve(e, shock)
        np.testing.assert_allclose(100 * batch.real_income[k], alone.countries["real_income_pct"], atol=1e-8)
        assert batch.countries.loc[(k, "C00"), "tariff_revenue"] == pytest.approx(
            alone.countries.loc["C00", "tariff_revenue"], abs=1e-6
        )


def test_large_changes_in_a_market_show_no_rounding(world: ep.Economy) -> None:
    """An embargo on nearly all that a country buys of a sector leaves what is left exact."""
    value, inputs = world.value.copy(), world.inputs.copy()
    j, n = place(world, "s00", "C02")
    value[j, n, n] *= 1e-9
    inputs[n, j, :] *= 0.05
    dependent = replace(world, value=value, inputs=inputs)
    others = [c for c in world.countries if c not in ("C02", "C00")]
    embargo = ep.ImportQuota(importer="C02", exporter=others, sector="s00", cap=0)
    closure = ep.Closure("balanced")
    batch = solve_many(
        dependent, [[embargo], [], [embargo, ep.Tariff(importer="C01", sector="s01", rate=0.1)]], closure=closure
    )
    alone = ep.solve(dependent, embargo, closure=closure)
    np.testing.assert_allclose(100 * batch.real_income[0], alone.countries["real_income_pct"], atol=1e-8)


def test_warm_start_needs_fewer_maps(world: ep.Economy) -> None:
    near = ep.solve(world, ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add"))
    scenarios = [[ep.Tariff(importer="C00", sector="ALL", rate=r, change="add")] for r in (0.19, 0.2, 0.21)]
    cold, warm = solve_many(world, scenarios), solve_many(world, scenarios, start=near)
    assert warm.iterations.sum() < cold.iterations.sum()
    np.testing.assert_allclose(warm.real_income, cold.real_income, atol=1e-8)
    capped = ep.solve(world, ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.5))
    other = solve_many(world, scenarios, start=capped)
    np.testing.assert_allclose(other.real_income, cold.real_income, atol=1e-8)
    assert not other.failures


def test_members_with_different_stocks_of_capital(world: ep.Economy) -> None:
    """Stocks of capital are a member's own, alone as in a stack."""
    closure = ep.Closure(labour_share=0.6)
    problem = Problem.of(world, ep.Scenario(), closure)
    shape = problem.factors.ln_capital.shape
    stocks = [np.zeros(shape), np.full(shape, np.log(1.2)), np.log([1.1, 0.9, 1.0, 1.3, 0.8])[:, None] * np.ones(shape)]
    together = solve_stack([problem.with_capital(stock) for stock in stocks], tol=1e-11)
    assert not together.failures
    for k, stock in enumerate(stocks):
        stated = dict(zip(world.countries, np.exp(stock[:, 0]).tolist(), strict=True))
        alone = ep.solve(world, closure=ep.Closure(labour_share=0.6, capital=stated), tol=1e-12)
        income = together.state.ln_labour_income[k]
        np.testing.assert_allclose(income, alone.state.ln_labour_income, atol=1e-9)
