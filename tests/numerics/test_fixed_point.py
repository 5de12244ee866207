"""The solvers, on maps that have nothing to do with trade."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.numerics import anderson, newton_krylov


def linear(seed: int = 0, n: int = 40, radius: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, n))
    a *= radius / np.abs(np.linalg.eigvals(a)).max()
    return a, rng.normal(size=n)


@pytest.mark.parametrize("radius", [0.5, 0.95, 2.0])
def test_linear_maps_even_expanding_ones(radius: float) -> None:
    a, b = linear(radius=radius)
    found = anderson(lambda x: a @ x + b, np.zeros(40), tol=1e-9, memory=45)
    assert found.converged
    np.testing.assert_allclose(found.fx, np.linalg.solve(np.eye(40) - a, b), atol=1e-6)


def test_a_preconditioner_that_is_the_inverse_needs_one_step() -> None:
    a, b = linear()
    inverse = np.linalg.inv(np.eye(40) - a)
    found = anderson(lambda x: a @ x + b, np.zeros(40), tol=1e-10, precondition=lambda r: inverse @ r, largest_step=1e9)
    assert found.iterations == 2


@pytest.mark.parametrize("method", [anderson, newton_krylov])
def test_fixed_point_of_the_cosine_is_found(method: object) -> None:
    found = method(np.cos, np.zeros(3), tol=1e-12)  # type: ignore[operator]
    assert found.converged
    np.testing.assert_allclose(found.fx, 0.7390851332151607, atol=1e-11)


def test_bounds_are_kept() -> None:
    seen = []

    def f(x: np.ndarray) -> np.ndarray:
        seen.append(x.copy())
        return np.clip(x + np.array([1.0, -1.0, 0.1 - 0.2 * x[2]]), 0.0, 3.0)

    found = anderson(f, np.ones(3), tol=1e-12, project=lambda x: np.clip(x, 0.0, 3.0))
    np.testing.assert_allclose(found.fx, [3.0, 0.0, 0.5], atol=1e-10)
    assert all((x >= 0).all() and (x <= 3).all() for x in seen)


def test_failed_searches_have_a_status() -> None:
    with np.errstate(all="ignore"):
        assert anderson(lambda x: x + 1.0, np.zeros(2), tol=1e-9, patience=20).status in ("stalled", "not_finite")
        assert anderson(lambda x: x * np.nan, np.zeros(2), tol=1e-9).status == "not_finite"
    assert anderson(np.cos, np.zeros(2), tol=1e-12, max_iterations=2).status == "too_many_iterations"
    assert not newton_krylov(lambda x: x + 1.0, np.zeros(2), tol=1e-9).converged


def test_search_recovers_from_nan() -> None:
    """A map that is NaN beyond |x| > 2: the search restarts from its best point."""
    with np.errstate(all="ignore"):
        found = anderson(lambda x: np.where(np.abs(x) > 2, np.nan, 1.9 - 0.9 * x), np.full(1, -1.9), tol=1e-10)
    assert found.converged


def test_a_restart_forgets_the_steps_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a jump by more than a hundredfold only steps from the best point on are in memory."""
    a, b = linear(seed=3, n=6, radius=0.5)
    held = []
    solve = np.linalg.solve

    def seen(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
        held.append((len(matrix), np.isfinite(matrix).all() and np.allclose(np.diag(matrix), 1.0)))
        return solve(matrix, right)

    counts = iter(range(100))

    def f(x: np.ndarray) -> np.ndarray:
        return a @ x + b + (1e6 if next(counts) == 3 else 0.0)

    monkeypatch.setattr(np, "empty", lambda shape, *_, **__: np.full(shape, np.nan))
    monkeypatch.setattr(np.linalg, "solve", seen)
    assert anderson(f, np.zeros(6), tol=1e-10).converged
    assert [size for size, _ in held[:4]] == [1, 2, 1, 2]
    assert all(sound for _, sound in held)
