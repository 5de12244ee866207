"""The branches of the search one by one: when it goes on, when it walks, when it tries sets of caps, and its count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import search
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import solve_problem
from entrepot.numerics import FixedPoint
from worlds import random_world

WORLD = random_world(3, 2, seed=4)
BALANCED = ep.Closure("balanced")
TARIFF: list[ep.measures.Measure] = [ep.Tariff(importer="C00", sector="ALL", rate=0.5)]
ONE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
BOTH: dict[str, Any] = {"importer": "C00", "exporter": ["C01", "C02"], "sector": "s00"}
Search = Callable[..., FixedPoint]


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.of(WORLD, ep.Scenario.of(TARIFF), BALANCED)


@pytest.fixture(scope="module")
def solution(problem: Problem) -> np.ndarray:
    """The stacked unknowns of the answer."""
    return solve_problem(problem, 1e-12).state.pack()


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a part of the search one that must not be reached."""

    def forbid(name: str) -> None:
        def reached(*_: object, **__: object) -> None:
            raise AssertionError(f"{name} was reached")

        monkeypatch.setattr(search, name, reached)

    return forbid


def scripted(monkeypatch: pytest.MonkeyPatch, *answers: FixedPoint) -> list[tuple[np.ndarray, float, int]]:
    """Searches that end as prescribed: where each began, to which tolerance, and with how many maps at most."""
    began: list[tuple[np.ndarray, float, int]] = []

    def searched(_: EquilibriumMap, x: np.ndarray, tol: float, most: int) -> FixedPoint:
        began.append((x.copy(), tol, most))
        return answers[min(len(began), len(answers)) - 1]

    monkeypatch.setattr(search, "_search", searched)
    return began


def ended(x: np.ndarray, status: Any = "converged", *, iterations: int = 7) -> FixedPoint:
    return FixedPoint(x, x, 1e-3, iterations, status)


# ---- the count ----


@pytest.mark.parametrize("maps", [500, 2], ids=["at once", "with Newton's method after"])
def test_iterations_are_all_the_maps_that_were_taken(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, maps: int
) -> None:
    taken, step = [0], EquilibriumMap.step

    def counted(market: EquilibriumMap, x: np.ndarray) -> np.ndarray:
        taken[0] += 1
        return step(market, x)

    monkeypatch.setattr(EquilibriumMap, "step", counted)
    outcome = solve_problem(problem, max_iterations=maps)
    assert outcome.iterations == taken[0] > 2


# ---- one search ----


def test_immediate_convergence_takes_one_search(problem: Problem, never: Callable[[str], None]) -> None:
    for other in ("newton_krylov", "_by_continuation", "_by_active_set"):
        never(other)
    found = search.find(problem, 1e-10)
    assert max(np.abs(gap).max(initial=0.0) for gap in found[2].values()) <= 1e-10


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [(1e-3, 1e-4, "second"), (1e-4, 1e-3, "first"), (1e-3, np.nan, "first"), (1e-3, 1e-3, "first")],
)
def test_of_two_searches_the_nearer_is_taken_and_both_count(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, first: float, second: float, taken: str
) -> None:
    x, seen = np.zeros(3), []

    market = EquilibriumMap(problem)

    def anderson(_: object, __: object, *, tol: float, max_iterations: int, **keys: object) -> FixedPoint:
        assert keys == {"project": market.project, "precondition": market.precondition}
        seen.append((tol, max_iterations))
        return FixedPoint(x + 1, x, first, 5, "stalled")

    def newton(_: object, start: np.ndarray, *, tol: float, **keys: object) -> FixedPoint:
        assert keys == {"project": market.project, "precondition": market.precondition}
        seen.append((tol, start.tolist()))
        return FixedPoint(x + 2, x, second, 11, "stalled")

    monkeypatch.setattr(search, "anderson", anderson)
    monkeypatch.setattr(search, "newton_krylov", newton)
    found = search._search(market, x, 1e-9, 33)
    assert found.x.tolist() == [{"first": 1.0, "second": 2.0}[taken]] * 3
    assert found.iterations == 5 + 11
    assert seen == [(1e-9, 33), (1e-9, [1.0, 1.0, 1.0])], "the second goes on where the first ended"


@pytest.mark.parametrize("residual", [1e-3, np.inf])
def test_newton_krylov_is_not_tried_after_a_search_that_left_the_numbers(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, never: Callable[[str], None], residual: float
) -> None:
    never("newton_krylov")
    lost = replace(ended(np.zeros(3), "not_finite"), residual=residual)
    monkeypatch.setattr(search, "anderson", lambda *_, **__: lost)
    assert search._search(EquilibriumMap(problem), np.zeros(3), 1e-9, 33) is lost


# ---- from one search to the next ----


def test_a_point_whose_conditions_do_not_hold_yet_is_searched_on_from_tighter(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch, never: Callable[[str], None]
) -> None:
    """At least ten times tighter, and by twice the factor that the conditions miss where that is more."""
    never("_by_continuation")
    for off, factor in ((3e-10, 0.1), (1e-7, 0.01)):
        near = FixedPoint(solution, solution + off * np.eye(solution.size)[0], 1e-11, 7, "converged")
        began = scripted(monkeypatch, near, ended(solution, iterations=5))
        *_, iterations = search.find(problem, 1e-10, max_iterations=50)
        (start, tol, most), (then, tighter, again) = began
        assert start.tolist() == np.zeros(solution.size).tolist()
        assert then.tolist() == near.fx.tolist()
        assert (tol, most, again, iterations) == (1e-10, 50, 50, 12)
        assert np.finfo(float).eps < tighter <= factor * tol


def test_search_tolerance_is_not_tighter_than_rounding(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = ended(solution + 1e-3 * np.eye(solution.size)[0])
    began = scripted(monkeypatch, off)
    with pytest.raises(ep.errors.ConvergenceError, match="met no tolerance finer than this"):
        search.find(problem, 1e-10)
    assert len(began) == 6
    assert [tol for _, tol, _ in began[2:]] == [np.finfo(float).eps] * 4


def test_search_starts_at_the_given_point(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = scripted(monkeypatch, ended(solution))
    search.find(problem, 1e-10, 0.5 * solution)
    assert began[0][0].tolist() == (0.5 * solution).tolist()


def test_stalled_search_is_accepted_where_the_conditions_hold(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch, never: Callable[[str], None]
) -> None:
    never("_by_continuation")
    scripted(monkeypatch, ended(solution, "stalled"))
    state, *_, iterations = search.find(problem, 1e-10)
    assert state.pack() == pytest.approx(solution)
    assert iterations == 7


def test_stalled_search_tries_continuation_once(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk's maps count; from where it came to, the search goes on as before."""
    walks: list[tuple[float, int]] = []

    def walk(_: EquilibriumMap, tol: float, most: int) -> FixedPoint:
        walks.append((tol, most))
        return ended(solution + 1e-8 * np.eye(solution.size)[0], iterations=20)

    monkeypatch.setattr(search, "_by_continuation", walk)
    far, there = ended(np.zeros_like(solution), "stalled"), ended(solution, iterations=5)
    scripted(monkeypatch, far, there)
    *_, iterations = search.find(problem, 1e-10, max_iterations=50)
    assert iterations == 7 + 20 + 5
    scripted(monkeypatch, far, far)
    with pytest.raises(ep.errors.ConvergenceError, match="stalled after 7 iterations"):
        search.find(problem, 1e-10, max_iterations=50)
    assert walks == [(1e-10, 50)] * 2, "once for each"


def test_failed_continuation_keeps_the_first_search_and_its_count(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_by_continuation", lambda *_: None)
    scripted(monkeypatch, ended(solution + 1e-8 * np.eye(solution.size)[0], "stalled"))
    *_, iterations = search.find(problem, 1e-10, fallback_tol=1e-6)
    assert iterations == 7
    with pytest.raises(ep.errors.ConvergenceError, match="stalled after 7"):
        search.find(problem, 1e-10)
    with pytest.raises(ep.errors.ConvergenceError, match="stalled after 7"):
        search.find(problem, 1e-10, fallback_tol=1e-12)


def test_a_coarser_tolerance_ends_a_search_that_it_satisfies(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = scripted(monkeypatch, ended(solution + 1e-8 * np.eye(solution.size)[0]))
    _, _, residuals, iterations = search.find(problem, 1e-10, fallback_tol=1e-6)
    assert (len(began), iterations) == (1, 7)
    assert 1e-10 < max(np.abs(gap).max(initial=0.0) for gap in residuals.values()) <= 1e-6


def test_uneconomic_point_is_refused_though_its_conditions_hold(
    problem: Problem, solution: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "is_economic", lambda *_: False)
    monkeypatch.setattr(search, "_by_continuation", lambda *_: None)
    for status in ("converged", "stalled"):
        scripted(monkeypatch, ended(solution, status))
        for coarser in (None, 1e-6):
            with pytest.raises(ep.errors.ConvergenceError):
                search.find(problem, 1e-10, fallback_tol=coarser)


# ---- in steps ----


def part(market: EquilibriumMap, problem: Problem) -> float:
    """How much of the shock a market has."""
    of = market.problem
    return float((of.ln_tariff - of.ln_tariff_base)[0] / (problem.ln_tariff - problem.ln_tariff_base)[0])


def test_a_step_that_fails_is_halved_and_one_that_does_not_is_the_next_start(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where at most a third of the shock can be added at a time: a half is too much, quarters are not."""
    tried: list[tuple[float, float, float, int]] = []

    def searched(market: EquilibriumMap, x: np.ndarray, tol: float, most: int, patient: bool) -> FixedPoint:
        s, begun = part(market, problem), float(x[0])
        tried.append((s, begun, tol, most))
        fine = s - begun < 1 / 3
        return FixedPoint(x + 100, np.full_like(x, s if fine else 99.0), 1e-12, 3, "converged" if fine else "stalled")

    monkeypatch.setattr(search, "_search", searched)
    found = search._by_continuation(EquilibriumMap(problem), 1e-10, 44)
    assert found is not None
    expected = [(0.5, 0.0), (0.25, 0.0), (0.5, 0.25), (0.75, 0.5), (1.0, 0.75)]
    assert np.array([one[:2] for one in tried]) == pytest.approx(np.array(expected))
    assert [one[2] for one in tried] == [1e-6] * 4 + [1e-10], "only the whole shock is solved to the tolerance"
    assert {one[3] for one in tried} == {44}
    assert (found.converged, found.iterations, found.residual) == (True, 15, 1e-12)
    assert found.fx[0] == pytest.approx(1.0)
    assert found.x[0] == pytest.approx(100.75)


def test_a_shock_of_which_no_sixty_fourth_can_be_solved_is_given_up(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[float] = []

    def fails(market: EquilibriumMap, x: np.ndarray, *_: object, patient: bool) -> FixedPoint:
        tried.append(part(market, problem))
        return ended(x, "stalled")

    monkeypatch.setattr(search, "_search", fails)
    assert search._by_continuation(EquilibriumMap(problem), 1e-10, 44) is None
    assert tried == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64])


def test_continuation_reaches_the_solution_of_a_direct_search(problem: Problem, solution: np.ndarray) -> None:
    found = search._by_continuation(EquilibriumMap(problem), 1e-12, 500)
    assert found is not None
    assert found.x == pytest.approx(solution, abs=1e-10)
    assert found.status == "converged"


# ---- sets of caps ----


def capped(*caps: ep.measures.Measure) -> Problem:
    return Problem.of(WORLD, ep.Scenario.of([*caps, ep.ImportQuota(importer="C02", sector="s00", cap=0.8)]), BALANCED)


@pytest.mark.parametrize(
    ("caps", "binding"),
    [
        ([ep.ImportQuota(**BOTH, cap=0.6), ep.VoluntaryExportRestraint(**ONE, cap=1.2)], [True, False, True]),
        ([ep.ImportQuota(**BOTH, cap=1.5), ep.VoluntaryExportRestraint(**ONE, cap=0.5)], [False, True, True]),
    ],
)
def test_of_caps_on_one_flow_the_set_that_binds_is_found(caps: list[ep.measures.Measure], binding: list[bool]) -> None:
    problem = capped(*caps)
    expected = solve_problem(problem, 1e-12)
    found = search._by_active_set(EquilibriumMap(problem), 1e-10, 500)
    assert found is not None
    state, accounts = found.state, found.accounts
    assert (state.ln_mu > 1e-6).tolist() == binding == (expected.state.ln_mu > 1e-6).tolist()
    assert state.pack() == pytest.approx(expected.state.pack(), abs=1e-8)
    assert accounts.income == pytest.approx(expected.accounts.income)
    assert accounts.problem is problem
    assert found.worst <= 1e-10
    assert found.iterations > 0


def test_where_all_caps_bind_no_smaller_set_does(monkeypatch: pytest.MonkeyPatch) -> None:
    both = capped(ep.ImportQuota(**BOTH, cap=0.6), ep.VoluntaryExportRestraint(**ONE, cap=0.5))
    assert (solve_problem(both).state.ln_mu > 1e-6).all()
    assert search._by_active_set(EquilibriumMap(both), 1e-10, 500) is None


def test_sets_are_tried_from_the_largest_and_every_search_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two caps each alone; a search that ends badly is passed over."""
    problem = capped(ep.ImportQuota(**BOTH, cap=1.5), ep.VoluntaryExportRestraint(**ONE, cap=0.5))
    counts: list[tuple[int, int]] = []
    real = search._search
    for first in ("as it comes", "not found"):
        counts.clear()

        def searched(market: EquilibriumMap, *rest: Any, first: str = first) -> FixedPoint:
            found = real(market, *rest)
            counts.append((found.iterations, market.stack.quotas.count))
            return replace(found, status="stalled") if first == "not found" and len(counts) == 1 else found

        monkeypatch.setattr(search, "_search", searched)
        settled = search._by_active_set(EquilibriumMap(problem), 1e-10, 500)
        assert settled is not None
        assert settled.iterations == sum(taken for taken, _ in counts)
        assert {caps for _, caps in counts} == {2}, "one of the two, and the cap elsewhere"


def many(count: int) -> Problem:
    """So many caps that share trade, of which none leaves another without an effect."""
    world = random_world(8, 1, seed=2)
    origins = [c for c in world.countries if c != "C00"]
    caps = [
        ep.ImportQuota(importer="C00", exporter=[origins[k], origins[k + 1]], sector="s00", cap=0.9, label=str(k))
        for k in range(count)
    ]
    return Problem.of(world, ep.Scenario.of(caps), BALANCED)


def test_all_sets_are_tried_of_five_caps_and_none_of_six(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five, 2^5 - 2: all but none and all of them, the larger before the smaller."""
    sizes: list[int] = []

    def fails(market: EquilibriumMap, x: np.ndarray, *_: object) -> FixedPoint:
        sizes.append(market.stack.quotas.count)
        return ended(x, "stalled")

    monkeypatch.setattr(search, "_search", fails)
    five, six = many(5), many(6)
    assert (five.quotas.sharing.size, six.quotas.sharing.size) == (5, 6)
    assert search._by_active_set(EquilibriumMap(five), 1e-10, 500) is None
    assert sizes == [4] * 5 + [3] * 10 + [2] * 10 + [1] * 5
    sizes.clear()
    assert search._by_active_set(EquilibriumMap(six), 1e-10, 500) is None
    alone = capped()
    assert search._by_active_set(EquilibriumMap(alone), 1e-10, 500) is None
    assert sizes == []


def test_a_set_that_settles_it_counts_the_search_before_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = capped(ep.ImportQuota(**BOTH, cap=1.5), ep.VoluntaryExportRestraint(**ONE, cap=0.5))
    settled = search._by_active_set(EquilibriumMap(problem), 1e-10, 500)
    assert settled is not None
    scripted(monkeypatch, ended(np.zeros_like(settled.state.pack()), "stalled"))
    monkeypatch.setattr(search, "_by_continuation", lambda *_: None)
    monkeypatch.setattr(search, "_by_active_set", lambda *_: settled)
    state, accounts, gaps, iterations = search.find(problem, 1e-10)
    assert (state, accounts, gaps) == (settled.state, settled.accounts, settled.gaps)
    assert iterations == 7 + settled.iterations


def test_an_equilibrium_where_anderson_acceleration_leaves_the_numbers_on_the_way_is_found() -> None:
    duty = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate="500%", change="add")
    barrier = ep.NonTariffBarrier(importer="C01", exporter="C00", sector="ALL", rate="1000%")
    quota = ep.ImportQuota(importer="C01", exporter="C00", sector="s00", cap=1e-9)
    outcome = ep.solve(random_world(2, 2, 149054), [duty, barrier, quota])
    assert max(outcome.residuals.values()) < 1e-9
    assert outcome.countries["real_income_pct"]["C01"] == pytest.approx(-3.5738, abs=1e-3)
