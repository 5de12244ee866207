"""Starts of later stacks: a regression on the members before them, which no answer depends on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import batch
from entrepot.equilibrium.batch import solve_many, solve_stack, solve_stacks
from entrepot.equilibrium.neighbours import MOST, Neighbours
from entrepot.equilibrium.problem import Problem
from worlds import random_world

WORLD = random_world(5, 4, seed=3)
TARIFF = ep.Tariff(importer="C00", sector=WORLD.sectors[0], rate=0.2, change="add")


def draws(count: int, *measures: ep.measures.Measure, seed: int = 1, **closure: Any) -> list[Problem]:
    rng = np.random.default_rng(seed)
    first = Problem.of(WORLD, ep.Scenario(measures or (TARIFF,)), ep.Closure(**closure))
    thetas = WORLD.theta * np.exp(rng.normal(0, 0.2, (count, WORLD.theta.size)))
    return [first.on(WORLD.with_elasticities(theta)) for theta in thetas]


def test_the_start_is_linear_in_logs_of_elasticities() -> None:
    """Ordinary least squares with a constant, where there are more members than elasticities."""
    problems = draws(40)
    known = Neighbours()
    assert known.start(problems) is None
    solved = solve_stack(problems[:30])
    known.add(solved)
    x, ln_theta = solved.state.pack(), np.log([p.economy.theta for p in problems])
    design = np.column_stack([np.ones(40), ln_theta])
    slopes = np.linalg.lstsq(design[:30], x, rcond=None)[0]
    start = known.start(problems[30:])
    assert start is not None
    found = solve_stack(problems[30:])
    size = np.abs(found.state.pack()).max()
    np.testing.assert_allclose(start, design[30:] @ slopes, atol=1e-4 * size)
    np.testing.assert_allclose(start, found.state.pack(), atol=0.05 * size)
    near = solve_stack(problems[30:], start=start)
    assert near.iterations.mean() < found.iterations.mean() - 0.5
    np.testing.assert_allclose(near.real_income, found.real_income, atol=1e-10)


def test_rates_and_caps_are_among_the_numbers() -> None:
    def problem(rate: float, cap: float) -> Problem:
        tariff = ep.Tariff(importer="C00", sector=WORLD.sectors[0], rate=rate, change="add")
        quota = ep.ImportQuota(importer="C01", exporter="C03", sector=WORLD.sectors[1], cap=cap)
        return Problem.of(WORLD, ep.Scenario((tariff, quota)), ep.Closure())

    rng = np.random.default_rng(2)
    problems = [problem(*pair) for pair in rng.uniform((0.1, 0.5), (0.2, 0.6), (24, 2))]
    known = Neighbours()
    known.add(solve_stack(problems[:16]))
    start, found = known.start(problems[16:]), solve_stack(problems[16:])
    assert start is not None
    np.testing.assert_allclose(start, found.state.pack(), atol=0.02 * np.abs(found.state.pack()).max())


def test_members_that_differ_in_nothing_start_from_the_answer() -> None:
    known, (problem,) = Neighbours(), draws(1)
    solved = solve_stack([problem, problem])
    known.add(solved)
    np.testing.assert_allclose(known.start([problem]), solved.state.pack()[:1], atol=1e-10)


def test_what_is_not_alike_starts_at_the_base() -> None:
    problems, known = draws(3), Neighbours()
    known.add(solve_stack(problems))
    quota = ep.ImportQuota(importer="C01", exporter="C03", sector=WORLD.sectors[1], cap=0.5)
    other = random_world(5, 4, seed=4)
    assert known.start(draws(1)) is not None
    assert known.start(draws(1, TARIFF, quota)) is None
    assert known.start(draws(1, ep.Tariff(importer="C01", sector=WORLD.sectors[0], rate=0.2))) is None
    assert known.start([Problem.of(other, ep.Scenario((TARIFF,)), ep.Closure())]) is None
    assert known.start(draws(1, horizon="short", labour_share=0.6)) is None


@pytest.mark.slow
def test_where_the_start_decides_which_answer_is_found_there_is_none() -> None:
    """A wage floor beside economies of scale; caps that share trade and its rent."""
    several = draws(2, labour={"real_wage_floor": "C00"}, scale=0.05)
    assert several[0].factors.may_have_several
    assert not draws(1, labour={"real_wage_floor": "C00"})[0].factors.may_have_several
    caps = [ep.ImportQuota(importer="C01", exporter=who, sector=WORLD.sectors[1], cap=0.5) for who in ("C03", "WORLD")]
    sharing = draws(2, *caps)
    assert sharing[0].quotas.sharing.size
    for problems in (several, sharing):
        known = Neighbours()
        known.add(solve_stack(problems))
        assert known.start(problems) is None


def test_only_the_last_members_are_remembered() -> None:
    known, problems = Neighbours(), draws(MOST + 3)
    known.add(solve_stack(problems[:40]))
    known.add(solve_stack(problems[40:]))
    assert [problem.economy for problem, _ in known._known] == [problem.economy for problem in problems[3:]]


def test_later_stacks_are_larger_where_they_fit_and_of_about_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """45 unknowns: at most four times as many members, or as many as fit, or as many as at first; a few are one."""
    monkeypatch.setattr(batch, "SIZE", 2)
    problems = draws(20)
    for wide, sizes in ((10**6, [2, 6, 6, 6]), (5 * 45, [2, 4, 5, 4, 5]), (1, [2] * 10)):
        monkeypatch.setattr(batch, "WIDE", wide)
        assert [len(solved.problems) for solved in solve_stacks(problems)] == sizes
    monkeypatch.setattr(batch, "WIDE", 10**6)
    assert [len(solved.problems) for solved in solve_stacks(problems[:4])] == [4]


def test_a_batch_of_several_stacks_is_its_members_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SIZE", 4)
    worlds = [p.economy for p in draws(14)]
    found = solve_many(worlds, [[TARIFF]])
    assert len(found.stacks) > 1
    for k in (0, 5, 13):
        np.testing.assert_allclose(
            found.real_income[k], ep.solve(worlds[k], [TARIFF]).accounts.real_income, rtol=0, atol=1e-9
        )


def test_a_measure_keeps_its_flows_for_the_same_labels_only() -> None:
    larger = random_world(6, 4, seed=3)
    flows = TARIFF.flows(WORLD)
    assert TARIFF.flows(random_world(5, 4, seed=9)) is flows
    assert TARIFF.flows(larger).size == 5 != flows.size == 4
    np.testing.assert_array_equal(TARIFF.flows(WORLD), flows)
    with pytest.raises(ValueError, match="read-only"):
        flows[0] = 1
