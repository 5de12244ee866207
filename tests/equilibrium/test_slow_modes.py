"""The slow modes of the search: what they do to an error, how many there are, and that they are found once."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import slow_modes as module
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.preconditioner import Modes
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.slow_modes import slow_modes
from entrepot.numerics import anderson
from worlds import random_world


def base(e: ep.Economy, **closure: object) -> Problem:
    return Problem.of(e, ep.Scenario(()), ep.Closure(**closure))  # type: ignore[arg-type]


def test_a_step_by_hand() -> None:
    """One direction (3, 4)/5 is seen and answered with (1, 2): of r = (5, 10) it sees 11; what follows is left."""
    modes = Modes(np.array([[0.6], [0.8]], dtype=np.float32), np.array([[1.0, 2.0]], dtype=np.float32))
    r = np.array([5.0, 10.0, 7.0])
    modes.apply(r)
    np.testing.assert_allclose(r, [5 - 11, 10 - 22, 7], rtol=1e-6)
    several = np.array([[5.0, 10.0, 7.0], [0.0, 0.0, 1.0], [1.0, 0.0, 2.0]])
    modes.apply(several)
    np.testing.assert_allclose(several, [[-6, -12, 7], [0, 0, 1], [1 - 0.6, -1.2, 2]], rtol=1e-6)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modes of small worlds: five of them, from as many unknowns on."""
    monkeypatch.setattr(module, "COUNT", 5)
    monkeypatch.setattr(module, "LONG", 1)


def found(problem: Problem) -> Modes:
    modes = slow_modes(problem)
    assert modes is not None
    return modes


def test_small_worlds_have_no_slow_modes() -> None:
    """Wages, prices and spending are n + 2 j n unknowns, sixteen for each of 32 directions."""
    assert module.LONG * module.COUNT == 512
    assert slow_modes(base(random_world(5, 50, seed=3))) is None  # 505
    modes = found(base(random_world(6, 43, seed=3)))  # 522
    assert modes.seen.shape == modes.step.T.shape == (522, 32)
    assert modes.seen.dtype == modes.step.dtype == np.float32
    np.testing.assert_allclose(modes.seen.T @ modes.seen, np.eye(32), atol=1e-5)
    assert np.isfinite(modes.step).all()


def test_base_with_a_quota_in_force_has_no_slow_modes(few: None) -> None:
    e = random_world(5, 4, seed=3)
    cap = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector=e.sectors[0], cap=0.7)
    assert slow_modes(base(ep.solve(e, cap).as_economy())) is None


def test_a_search_with_modes_ends_where_one_without_does() -> None:
    e = random_world(6, 43, seed=3)
    shock = Problem.of(e, ep.Scenario((ep.Tariff(importer="C00", sector="ALL", rate=0.2),)), ep.Closure())
    plain, directed = EquilibriumMap(shock), EquilibriumMap(shock, modes=found(shock))
    ends = [anderson(m.step, m.start(), tol=1e-11, precondition=m.precondition) for m in (plain, directed)]
    np.testing.assert_allclose(ends[1].x, ends[0].x, atol=1e-10)
    assert ends[1].iterations < ends[0].iterations


def test_an_error_along_the_slowest_mode_is_undone_in_one_step(few: None) -> None:
    """The residual of a small error d is B (f(d) - d); what is left of it after the own-country step alone is d plus
    that, largest along the slowest mode, which repeated steps leave over. With the modes the step is -d itself."""
    problem = base(random_world(5, 4, seed=3))
    market = EquilibriumMap(problem)

    def residual(d: np.ndarray) -> np.ndarray:
        """Of first order in d, by central differences."""
        size = 1e-5 / np.abs(d).max()
        ahead, back = (market.precondition(market.step(x) - x) for x in (size * d, -size * d))
        return (ahead - back) / (2 * size)

    error = np.random.default_rng(1).normal(size=market.start().size)
    for _ in range(30):
        error = error + residual(error)
        error /= np.linalg.norm(error)
    step = residual(error)
    alone = np.linalg.norm(error + step)
    found(problem).apply(step)
    assert np.linalg.norm(error + step) < 0.05 * alone


def test_slow_modes_are_cached_by_base_and_closure(few: None) -> None:
    e = random_world(3, 2, seed=3)
    modes = found(base(e))
    assert slow_modes(base(e)) is modes
    shock = Problem.of(e, ep.Scenario((ep.Tariff(importer="C00", sector="ALL", rate=0.2),)), ep.Closure())
    assert slow_modes(shock) is modes, "those of the base, whatever the measures"
    others = [
        base(e, deficit="gdp_share"),
        base(e, labour_supply=0.5),
        base(e, scale=0.05),
        base(random_world(3, 2, seed=4)),
    ]
    every = [modes, *(found(other) for other in others)]
    assert len({id(one) for one in every}) == 5
    drawn = base(e.with_elasticities(1.1 * e.theta))
    assert slow_modes(drawn) is modes, "worlds drawn from one base share them"


def test_closures_with_other_unknowns_or_taxes_have_modes_of_their_own() -> None:
    """One Economy solved under several closures, in any order: each as if it had been the first."""
    e = random_world(8, 40, seed=5)
    shock = ep.Tariff(importer="C00", exporter="C01", sector="ALL", rate=0.2)
    closures = [
        ep.Closure(recycling="labour_tax", labour_tax=0.2),
        ep.Closure(),
        ep.Closure(recycling="labour_tax", labour_tax=0.3),
        ep.Closure(labour_supply=0.4),
        ep.Closure(recycling="labour_tax", labour_tax=0.2, labour_supply=0.4),
    ]
    alone = [ep.solve(random_world(8, 40, seed=5), shock, closure=closure) for closure in closures]
    for order in (range(5), reversed(range(5))):
        for k in order:
            again = ep.solve(e, shock, closure=closures[k])
            assert again.iterations == alone[k].iterations
            np.testing.assert_allclose(again.countries, alone[k].countries, rtol=1e-6, atol=1e-8)
            many = ep.solve_many(e, [[shock]], closure=closures[k])
            np.testing.assert_allclose(100 * many.real_income[0], alone[k].countries["real_income_pct"], atol=1e-7)


def test_modes_leave_the_wedges_of_quotas_alone() -> None:
    base_ = base(random_world(8, 40, seed=5))
    assert len(found(base_).seen) == EquilibriumMap(base_).start().size
    recycled = base(random_world(8, 40, seed=5), recycling="labour_tax", labour_tax=0.2)
    assert len(found(recycled).seen) == EquilibriumMap(recycled).start().size


def test_slow_modes_cache_keeps_a_few_closures(few: None) -> None:
    """As of the own-country inverses: a sweep over a closure's numbers does not fill the memory."""
    e = random_world(3, 2, seed=3)
    for k in range(module.KEPT + 3):
        found(base(e, labour_supply=0.1 * k))
    assert len(module._kept[e]) == module.KEPT
