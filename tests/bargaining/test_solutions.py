"""Laws of the solutions on bargaining problems with known answers, and at random."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.bargaining.solutions import Bargaining, undominated
from entrepot.economy.equations import Array
from shelves import examples


def problem(gains: Callable[[Array], Array], issues: int = 2, size: int = 7) -> Bargaining:
    axes = np.meshgrid(*[np.linspace(0, 1, size)] * issues, indexing="ij")
    points = np.stack([a.ravel() for a in axes], axis=1)
    return Bargaining(gains, points, np.array([gains(p) for p in points]))


def disc(x: Array) -> Array:
    """Gains in a quarter disc of radius 10; the second issue wastes them."""
    angle = np.pi / 2 * x[0]
    return 10 * (1 - (x[1] - 0.3) ** 2) * np.array([np.cos(angle), np.sin(angle)])


def tilted(x: Array) -> Array:
    """A division of 12: the second player values a third of it, and the first has 2 without a deal."""
    return np.array([12 * x[0] - 2, 4 * (1 - x[0])])


def test_symmetric_game_has_symmetric_answers() -> None:
    cube = problem(disc)
    even = 10 / np.sqrt(2)
    nash = cube.nash(np.ones(2))
    assert nash is not None
    assert cube.at(nash) == pytest.approx([even, even], abs=1e-4)
    assert cube.at(cube.along(np.ones(2))[0]) == pytest.approx([even, even], abs=1e-5)
    ideals = np.array([cube.most(p)[1] for p in range(2)])
    assert ideals == pytest.approx([10, 10], abs=1e-5)
    assert cube.at(cube.along(ideals)[0]) == pytest.approx([even, even], abs=1e-5)


def test_solutions_of_a_linear_problem_by_hand() -> None:
    """Gains (12 x - 2, 4 - 4 x): Nash at x = 7/12; Kalai-Smorodinsky in the proportion 10 : 10/3; equal at x = 3/8."""
    cube = problem(tilted, issues=1)
    nash = cube.nash(np.ones(2))
    assert nash is not None
    assert nash[0] == pytest.approx(7 / 12, abs=1e-5)
    weighed = cube.nash(np.array([2.0, 1.0]))  # 2 x 12 / (12 x - 2) = 4 / (4 - 4 x)
    assert weighed is not None
    assert weighed[0] == pytest.approx(13 / 18, abs=1e-5)
    best = [cube.most(p)[1] for p in range(2)]
    assert best == pytest.approx([10, 10 / 3], abs=1e-5)
    assert cube.at(cube.along(np.array(best))[0]) == pytest.approx([5, 5 / 3], abs=1e-5)
    assert cube.along(np.ones(2))[0][0] == pytest.approx(3 / 8, abs=1e-6)


def held(x: Array) -> Array:
    """A quota that binds below 0.95, and the exporters' part of its rent: in the importer's hands worth little."""
    cut = max(0.0, 0.95 - x[0])
    mine, theirs = cut * (1 - x[1]), cut * x[1]
    return np.array([1 + 6 * mine - 20 * theirs, 3 - 5 * mine + 12 * theirs - 8 * cut**2, 2.5 - 3 * mine + 3 * theirs])


@pytest.mark.parametrize("rent", [0.0, 1.0])
def test_a_quota_that_does_not_bind_is_tried_with_its_rent_in_either_hand(rent: float) -> None:
    """Where the quota is slack its rent has no effect, so that the level of it there is chance.

    By hand for the first two: 1 + 6 c = 3 - 5 c - 8 c^2, the third above both.
    """
    points = np.array([[q, r] for q in (0, 1 / 3, 2 / 3) for r in (0.0, 1.0)] + [[1.0, rent]])
    cube = Bargaining(held, points, np.array([held(p) for p in points]))
    x, least = cube.along(np.ones(3))
    cut = (-11 + np.sqrt(121 + 64)) / 16
    assert x == pytest.approx([0.95 - cut, 0.0], abs=1e-5)
    assert least == pytest.approx(1 + 6 * cut, abs=1e-5)


def two_hills(x: Array) -> Array:
    """The first player wants the second hill, which is the higher and the narrower; the second gains along the way."""
    hills = np.exp(-((x[0] - 0.25) ** 2) / 0.02), 1.5 * np.exp(-((x[0] - 0.80) ** 2) / 0.0004)
    return np.array([sum(hills), x[0] + 0.1])


def test_a_search_also_starts_from_deals_next_to_the_one_that_is_sought() -> None:
    """The grid has no deal on the higher hill. One that leaves the other player too little leads there too."""
    cube = problem(two_hills, issues=1, size=5)
    assert cube.most(0)[1] == pytest.approx(1.0, abs=1e-3)
    deals = [np.array([x]) for x in (0.79, 0.1, 0.95, 0.82)]
    below, above = cube.neighbours(deals, 1, 0.9)[::-1]
    assert (below[0], above[0]) == (0.79, 0.82)
    assert [x[0] for x in cube.neighbours(deals, 1, 2.0)] == [0.95]
    assert [x[0] for x in cube.neighbours(deals, 1, 0.0)] == [0.1]
    for start in (below, above):
        x, gain = cube.most(0, np.array([0.0, 0.9]), start)
        assert (x[0], gain) == pytest.approx((0.8, 1.5), abs=1e-3)


def crest(x: Array) -> Array:
    """A kink along a parabola, on which a line search creeps."""
    return np.array([0.1 * x[0] - abs(x[1] - x[0] ** 2), 1.0])


def test_a_search_that_comes_no_nearer_to_another_is_given_up() -> None:
    tried = []
    for rival in (-np.inf, 0.03, 1.0):
        cube = problem(crest, issues=2, size=2)
        none = np.zeros((1, 2))
        cube._slsqp(
            np.array([0.02, 0.3]),
            lambda z, cube=cube: (-cube.at(z)[0], -cube.slopes(z)[0]),
            lambda z: np.ones(1),
            lambda z, none=none: none,
            lambda gains: gains[0],
            rival,
        )
        tried.append(len(cube.known))
    assert tried[0] > 1.5 * tried[2]
    assert tried[0] >= tried[1] >= tried[2]


def test_points_next_to_an_edge_are_solved_once() -> None:
    cube, solved = problem(tilted, issues=1), []
    cube.gains = lambda x: solved.append(x) or tilted(x)
    assert [cube.at(np.array([1 - step]))[0] for step in (0.0, 1e-12, 1e-7)] == [10.0] * 3
    assert len(solved) == 1


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.2, 5))
@examples(10)
def test_nash_does_not_depend_on_the_units_of_a_payoff(a: float, b: float, power: float) -> None:
    weights = np.array([power, 1.0])
    here, there = problem(disc).nash(weights), problem(lambda x: np.array([a, b]) * disc(x)).nash(weights)
    assert here is not None
    assert there is not None
    assert disc(there) == pytest.approx(disc(here), abs=2e-3)


def bowls(seed: int, level: float = 2.0) -> Bargaining:
    """Two parties with three issues: each loses from its own best point. At a level of 2, halfway is good for both."""
    rng = np.random.default_rng(seed)
    centre, weight = rng.uniform(0, 1, (2, 3)), rng.uniform(0.5, 2, (2, 3))
    return problem(lambda x: np.asarray(level - (weight * (x - centre) ** 2).sum(axis=1)), issues=3, size=5)


@given(st.integers(0, 1000))
@examples(10)
def test_solutions_lie_on_the_frontier_and_dominate_the_threat(seed: int) -> None:
    cube = bowls(seed)
    nash = cube.nash(np.ones(2))
    assert nash is not None
    sample = np.array([cube.gains(x) for x in np.random.default_rng(seed).uniform(0, 1, (4000, 3))])
    for x in (nash, cube.along(np.ones(2))[0], cube.along(np.array([cube.most(p)[1] for p in range(2)]))[0]):
        mine = cube.at(x)
        assert (mine >= -1e-6).all()
        assert not (sample > mine + 1e-5).all(axis=1).any()


@given(st.integers(0, 1000))
@examples(10)
def test_what_takes_more_than_the_equal_gain_from_both_leaves_no_deal(seed: int) -> None:
    equal = bowls(seed).along(np.ones(2))[1]
    empty, small = bowls(seed, 2 - equal - 0.01), bowls(seed, 2 - equal + 0.01)
    assert empty.along(np.ones(2))[1] == pytest.approx(-0.01, abs=1e-5)
    assert empty.nash(np.ones(2)) is None
    nash = small.nash(np.ones(2))
    assert nash is not None
    assert np.prod(small.at(nash)) >= 0.01**2 * (1 - 1e-3)


def test_nearest_deal_is_found_in_an_empty_zone() -> None:
    cube = problem(lambda x: np.array([x[0] - 1.5, -x[0]]), issues=1)
    assert cube.nash(np.ones(2)) is None
    assert cube.along(np.ones(2))[1] == pytest.approx(-0.75, abs=1e-6)


def test_floor_is_kept() -> None:
    cube = problem(tilted, issues=1)
    x, gain = cube.most(0, np.array([0.0, 1.0]))
    assert cube.at(x)[1] == pytest.approx(1.0, abs=1e-5)
    assert gain == pytest.approx(7.0, abs=1e-4)
    assert cube.most(0, np.array([0.0, 99.0]))[1] == -np.inf


def test_point_is_solved_once() -> None:
    points: list[tuple[float, ...]] = []

    def gains(x: Array) -> Array:
        points.append(tuple(x))
        return disc(x)

    cube = problem(gains)
    points.clear()
    cube.nash(np.ones(2))
    assert len(points) == len(set(points))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
def test_undominated_rows_are_those_that_no_row_beats(rows: list[tuple[int, int]]) -> None:
    gains = np.array(rows, dtype=float)
    kept = undominated(gains)
    for k, mine in enumerate(rows):
        beaten = any(a >= mine[0] and b >= mine[1] and (a, b) != mine for a, b in rows)
        assert kept[k] == (not beaten)
