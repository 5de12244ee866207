"""Members that the common search loses are searched for alone: from where, in which order, and what is kept of it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import batch
from entrepot.equilibrium.batch import solve_many, solve_stack
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.preconditioner import Modes
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import solve_problem
from entrepot.numerics.stacked import FixedPoints
from worlds import random_world

WORLD = random_world(3, 2, seed=4)
TARIFFS = [ep.Tariff(importer="C00", sector="s00", rate=r) for r in (0.1, 0.3, 0.5)]
PROBLEMS = [Problem.of(WORLD, ep.Scenario.of(m), ep.Closure()) for m in TARIFFS]


@pytest.fixture(scope="module")
def answers() -> np.ndarray:
    """The stacked unknowns of each alone."""
    return np.array([solve_problem(p, 1e-12).state.pack() for p in PROBLEMS])


def common(monkeypatch: pytest.MonkeyPatch, x: np.ndarray, converged: list[bool]) -> list[tuple[np.ndarray, float]]:
    """The common search ends at x after 9 maps; where it began, and to which tolerance."""
    began: list[tuple[np.ndarray, float]] = []

    def search(_: object, x0: np.ndarray, *, tol: float) -> FixedPoints:
        began.append((x0.copy(), tol))
        return FixedPoints(x.copy(), np.zeros(len(x)), np.full(len(x), 9), np.array(converged))

    monkeypatch.setattr(batch, "anderson_stacked", search)
    return began


def alone(monkeypatch: pytest.MonkeyPatch, *fails: int) -> list[tuple[float, np.ndarray | None]]:
    """The searches for one alone, of which some fail, by their number; to which tolerance and from where each began."""
    began: list[tuple[float, np.ndarray | None]] = []
    find = batch.find

    def seen(problem: Problem, tol: float, x0: np.ndarray | None = None) -> Any:
        began.append((tol, None if x0 is None else x0.copy()))
        if len(began) in fails:
            raise ep.errors.ConvergenceError(f"search {len(began)}")
        state, accounts, residuals, _ = find(problem, tol, x0)
        return state, accounts, residuals, 50

    monkeypatch.setattr(batch, "find", seen)
    return began


def test_members_found_by_the_common_search_are_not_solved_again(
    answers: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, again = common(monkeypatch, answers, [True] * 3), alone(monkeypatch)
    solved = solve_stack(PROBLEMS, tol=1e-9)
    assert again == []
    assert began[0][1] == pytest.approx(1e-10), "a tenth, since the conditions are held to the whole"
    assert not began[0][0].any()
    assert solved.iterations.tolist() == [9] * 3
    assert solved.gap.max() <= 1e-9
    assert (solved.tol, solved.failures) == (1e-9, {})


@pytest.mark.parametrize(("tol", "ends"), [(1e-10, 1e-11), (4e-12, 1e-12), (1e-12, 5e-13)])
def test_the_common_search_ends_below_the_tolerance_as_far_as_numbers_go(
    answers: np.ndarray, monkeypatch: pytest.MonkeyPatch, tol: float, ends: float
) -> None:
    began = common(monkeypatch, answers, [True] * 3)
    alone(monkeypatch)
    solve_stack(PROBLEMS, tol=tol)
    assert began[0][1] == pytest.approx(ends)


@pytest.mark.parametrize("why", ["not converged", "conditions", "no economy"])
def test_lost_member_is_solved_alone_and_its_maps_are_added(
    answers: np.ndarray, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """The search did not converge, a condition fails the tolerance, or incomes are not economic."""
    left = answers.copy()
    left[1, 0] += {"not converged": 0.0, "conditions": 1e-4, "no economy": 0.0}[why]
    common(monkeypatch, left, [True, why != "not converged", True])
    if why == "no economy":
        sound, calls = batch.is_economic, []

        def economic(*arguments: Any) -> Any:
            calls.append(True)
            return np.array([True, False, True]) if len(calls) == 1 else sound(*arguments)

        monkeypatch.setattr(batch, "is_economic", economic)
    began = alone(monkeypatch)
    solved = solve_stack(PROBLEMS)
    assert [tol for tol, _ in began] == [1e-10]
    assert solved.iterations.tolist() == [9, 59, 9]
    assert solved.gap.max() <= 1e-10
    assert solved.failures == {}
    for k in range(3):
        assert solved.point(k) == pytest.approx(answers[k], abs=1e-8)


@pytest.mark.parametrize(("near", "first"), [(True, "there"), (False, "base")])
def test_start_of_a_lost_member_depends_on_whether_it_converged(
    answers: np.ndarray, monkeypatch: pytest.MonkeyPatch, near: bool, first: str
) -> None:
    """From there where it converged, from the base where it went astray; and from the other where that fails."""
    left = answers.copy()
    left[2, 0] += 1e-4
    starts = {"there": left[2].tolist(), "base": None}
    order = [first, "base" if first == "there" else "there"]
    common(monkeypatch, left, [True, True, near])
    for fails in ((), (1,)):
        began = alone(monkeypatch, *fails)
        solved = solve_stack(PROBLEMS)
        assert not solved.failures
        assert [None if x is None else x.tolist() for _, x in began] == [starts[o] for o in order[: len(fails) + 1]]
        monkeypatch.undo()
        common(monkeypatch, left, [True, True, near])


@pytest.mark.parametrize(("near", "reason"), [(True, "search 2"), (False, "search 1")])
def test_error_of_the_search_from_the_base_is_reported(
    answers: np.ndarray, monkeypatch: pytest.MonkeyPatch, near: bool, reason: str
) -> None:
    left = answers.copy()
    left[0, 0] += 1e-4
    common(monkeypatch, left, [near, True, True])
    alone(monkeypatch, 1, 2)
    solved = solve_stack(PROBLEMS)
    assert {k: str(error) for k, error in solved.failures.items()} == {0: reason}
    assert np.isnan(solved.gap).tolist() == [True, False, False]
    assert solved.iterations.tolist() == [9, 9, 9]
    assert np.isfinite(solved.real_income[1:]).all()


def test_stack_starts_at_the_base_or_at_the_given_point(answers: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one point for all, or from one for each; what has fewer unknowns leaves the rest at the base."""
    quota = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.5)
    several = [*PROBLEMS, Problem.of(WORLD, ep.Scenario.of(quota), ep.Closure())]
    size = answers.shape[1]
    point = solve_problem(several[3]).state.pack()
    each = np.linspace(0, 0.1, 4)[:, None] + np.zeros(size)
    began = common(monkeypatch, np.zeros((4, size + 1)), [True] * 4)
    alone(monkeypatch)
    for start in (answers[0], each, point):
        solve_stack(several, start=start)
    first, second, third = (x for x, _ in began)
    assert first[:, :size].tolist() == [answers[0].tolist()] * 4
    assert second[:, :size].tolist() == each.tolist()
    assert not first[:, size:].any()
    assert third[3].tolist() == point.tolist()
    assert third[:3, size].tolist() == [0.0] * 3, "a quota that is not there costs nothing"


def test_part_of_a_stack_has_unknowns_of_the_same_shape() -> None:
    quota = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.5)
    several = (*PROBLEMS, Problem.of(WORLD, ep.Scenario.of(quota), ep.Closure()))
    market = EquilibriumMap(several)
    assert batch._of(market, several, np.arange(4)) is market
    some = batch._of(market, several, np.array([2, 0]))
    assert some.stack.problems == (several[2], several[0])
    assert some.start().shape == (2, market.start().shape[1])
    assert some.modes is market.modes


def test_member_with_nan_conditions_is_lost(answers: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    left = answers.copy()
    left[1, 0] = np.nan
    common(monkeypatch, left, [True] * 3)
    began = alone(monkeypatch, 1, 2)
    solved = solve_stack(PROBLEMS)
    assert len(began) == 2
    assert list(solved.failures) == [1]
    assert solved.found.tolist() == [True, False, True]


# ---- many ----


def test_stacks_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Problem] = []
    given: list[tuple[Any, ...]] = []
    solve = batch.solve_stack

    nothing = np.zeros((EquilibriumMap(PROBLEMS[0]).start().size, 1), dtype=np.float32)
    slow = Modes(nothing, nothing.T)

    def modes(problem: Problem) -> Modes:
        calls.append(problem)
        return slow

    def seen(problems: Any, **keys: Any) -> Any:
        given.append((len(problems), keys["tol"], keys["start"]))
        return solve(problems, **keys)

    monkeypatch.setattr(batch, "slow_modes", modes)
    monkeypatch.setattr(batch, "solve_stack", seen)
    monkeypatch.setattr(batch, "SIZE", 2)
    began = time.perf_counter()
    found = solve_many(WORLD, [*TARIFFS, *TARIFFS[1:]], tol=1e-9)
    assert 0 < found.seconds <= time.perf_counter() - began
    assert len(calls) == 2
    assert [size_and_tol for *size_and_tol, _ in given] == [[2, 1e-9], [3, 1e-9]]
    assert given[0][2] is None  # and the second begins near the first
    np.testing.assert_allclose(given[1][2], found.stacks[1].state.pack(), atol=0.02)
    assert all(stack.market.modes is slow for stack in found.stacks)
    assert [len(stack.problems) for stack in found.stacks] == [2, 3]
    assert 0 < found.stacks[0].seconds < found.seconds


def test_batch_repr() -> None:
    """Maps and seconds as they are; so many a second, however short it took."""
    found = replace(solve_many(WORLD, TARIFFS), seconds=0.0)
    first, following = repr(found).splitlines()
    assert first.startswith(f"Batch of 3 solved: largest gap {found.gap.max():.1g}, {found.iterations.mean():.1f} maps")
    assert first.endswith("0.00 s (3,000,000,000 a second)")
    assert following == "Next: .countries, .real_income, .outcome(k), .failures"


def test_one_scenario_stands_for_all_economies() -> None:
    worlds = [WORLD.with_elasticities(WORLD.theta * f) for f in (0.9, 1.1)]
    found = solve_many(worlds, [TARIFFS[0]])
    assert [found.outcome(k).economy.theta.tolist() for k in range(2)] == [w.theta.tolist() for w in worlds]
    assert found.real_income.shape == (2, 3)
    assert found.gap.shape == found.iterations.shape == (2,)


def test_an_outcome_keeps_its_tolerance_and_its_time() -> None:
    began = time.perf_counter()
    outcome = ep.solve(WORLD, TARIFFS[0])
    assert 0 < outcome.seconds <= time.perf_counter() - began
    assert outcome.tol == solve_problem(PROBLEMS[0]).tol == 1e-10
    assert ep.solve(WORLD, TARIFFS[0], tol=1e-6).tol == 1e-6
    assert 0 < solve_problem(PROBLEMS[0]).seconds < 60
    assert solve_problem(PROBLEMS[0], began=began).seconds > outcome.seconds


def test_start_that_fits_in_part_is_used_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wages, prices and spending of another closure; activities and wedges of this one, within their bounds."""
    from entrepot.equilibrium.solve import _initial

    quota = ep.TariffRateQuota(importer="C00", exporter="C01", sector="s00", cap=0.5, in_rate=0.0, out_rate=0.1)
    other = ep.solve(WORLD, ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.1))
    assert other.state.ln_mu[0] > np.log(1.1)
    problem = Problem.of(WORLD, ep.Scenario.of(quota), ep.Closure(horizon="short", labour_share=0.6))
    market = EquilibriumMap(problem)
    found = market.unpack(_initial(problem, market, other))
    for name in ("ln_labour_income", "ln_price", "ln_spending"):
        assert getattr(found, name).tolist() == getattr(other.state, name).tolist()
    assert found.ln_activity.shape == (2, 3)
    assert not found.ln_activity.any()
    assert found.ln_mu == pytest.approx([np.log(1.1)])
