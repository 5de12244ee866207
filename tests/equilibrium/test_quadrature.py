"""How the parts of a gain are integrated: points, panels, halving, and what is left over.

Every term of the budget differentiated is needed for the parts to add up before what is left over goes to the rest.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import outcome, welfare
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.equilibrium_map import State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.search import find
from worlds import place, random_world

Parts = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    """Three countries with deficits; in C01 goods at home bear a duty, as inside a merged country."""
    base = random_world(3, 2, seed=11)
    tariff = base.tariff.copy()
    tariff[:, *place(base, "C01", "C01")] = 0.1
    return replace(base, tariff=tariff)


# ---- points and panels ----


@pytest.mark.parametrize("count", [2, 5, 9])
def test_points_lie_where_chebyshev_polynomials_turn(count: int) -> None:
    """Cosines of equal angles, from one end to the other; the weights are positive and those of both ends the same."""
    points, weights, derivative = welfare._chebyshev(count)
    angles = np.linspace(0, np.pi, count)
    np.testing.assert_allclose(points, [(1 - np.cos(a)) / 2 for a in angles], atol=1e-15)
    assert (weights > 0).all()
    np.testing.assert_allclose(weights, weights[::-1], atol=1e-10)
    assert weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(derivative.sum(axis=1), 0.0, atol=1e-10)
    for k in range(count):
        assert weights @ points**k == pytest.approx(1 / (k + 1))
        np.testing.assert_allclose(derivative @ points**k, k * points ** max(k - 1, 0), atol=1e-9)


def test_three_points_are_simpson_s_rule() -> None:
    points, weights, derivative = welfare._chebyshev(3)
    np.testing.assert_allclose(points, [0, 1 / 2, 1], atol=1e-15)
    np.testing.assert_allclose(weights, [1 / 6, 4 / 6, 1 / 6])
    np.testing.assert_allclose(derivative, [[-3, 4, -1], [-1, 0, 1], [1, -4, 3]], atol=1e-12)


class Path:
    """A path on which all is smooth but at `kink`, where every panel around it is out by `gap`."""

    def __init__(self, kink: float, gap: float) -> None:
        self.kink, self.gap = kink, gap
        self.panels: list[tuple[float, float]] = []
        self.starts: list[float | None] = []

    def at(self, s: float) -> float:
        return s

    def solve(self, s: Any, start: Any) -> Any:
        self.starts.append(start)
        return SimpleNamespace(pack=lambda: s)

    def integrate(
        self, problem: Any, at: np.ndarray, states: list[Any], weights: np.ndarray, derivative: np.ndarray
    ) -> tuple[Parts, np.ndarray]:
        low, high = float(at[0]), float(at[-1])
        self.panels.append((low, high))
        np.testing.assert_allclose([state.pack() for state in states], at)
        np.testing.assert_allclose(weights @ np.ones(len(at)), high - low)
        np.testing.assert_allclose(derivative @ at**2, 2 * at, atol=1e-9)
        parts = {"rents": np.array([high - low, 0.0]), "rest": np.array([0.0, high**2 - low**2])}
        missed = self.gap if low < self.kink < high else 0.0
        return parts, sum(parts.values()) + np.array([0.0, -missed])


def panel(path: Path, monkeypatch: pytest.MonkeyPatch, halvings: int, tol: float) -> tuple[Parts, float]:
    monkeypatch.setattr(welfare, "_integrate", path.integrate)
    return welfare._panel(path, path.solve, (0.0, 1.0), halvings, tol)  # type: ignore[arg-type]


def test_a_panel_is_halved_where_its_parts_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(kink=0.3, gap=0.25)
    parts, error = panel(path, monkeypatch, halvings=3, tol=0.1)
    halves = [(0.0, 1.0), (0.0, 0.5), (0.0, 0.25), (0.25, 0.5), (0.25, 0.375), (0.375, 0.5), (0.5, 1.0)]
    assert path.panels == halves
    np.testing.assert_allclose(parts["rents"], [1.0, 0.0])
    np.testing.assert_allclose(parts["rest"], [0.0, 1.0])
    assert error == pytest.approx(0.25)
    assert path.starts[0] is None
    assert path.starts[1 : welfare.NODES] == pytest.approx(list(welfare._chebyshev(welfare.NODES)[0])[:-1])
    assert path.starts[welfare.NODES] is None, "each panel begins anew"


@pytest.mark.parametrize(("halvings", "tol"), [(0, 0.1), (3, 0.25)], ids=["no halving left", "good enough"])
def test_a_panel_is_left_whole(monkeypatch: pytest.MonkeyPatch, halvings: int, tol: float) -> None:
    path = Path(kink=0.3, gap=0.25)
    parts, error = panel(path, monkeypatch, halvings, tol)
    assert path.panels == [(0.0, 1.0)]
    assert error == pytest.approx(0.25)
    np.testing.assert_allclose(parts["rest"], [0.0, 1.0])


# ---- what is left over ----


@pytest.mark.parametrize(("error", "expected"), [(1e-9, 0.02), (0.5, 0.5)])
def test_the_error_of_the_quadrature_is_part_of_the_rest_and_reported(
    e: ep.Economy, monkeypatch: pytest.MonkeyPatch, error: float, expected: float
) -> None:
    """The parts are made up: whatever they are, they add up to the gain, and the larger error is reported."""
    solved = ep.solve(e, ep.Tariff(importer="C00", sector="ALL", rate=0.3, change="add"))
    gain = solved.countries["real_income_pct"].to_numpy() / 100
    made_up = {"terms_of_trade": gain / 2, "rest": gain / 2 - np.array([0.01, -0.02, 0.0])}
    monkeypatch.setattr(welfare, "_panel", lambda *_: (made_up, error))
    parts, error = welfare.exact_parts(solved.problem, solved.state, lambda *_: solved.state)
    np.testing.assert_allclose(parts["terms_of_trade"], gain / 2)
    np.testing.assert_allclose(parts["rest"], gain / 2, atol=1e-12)
    assert error == pytest.approx(expected)


def test_decomposition_integrates_the_whole_path_to_the_tolerance(
    e: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def seen(problem: Problem, solver: Any, *what: Any) -> tuple[Parts, float]:
        calls.append((problem.closure.numeraire, *what))
        return {"rest": np.zeros(3)}, 0.0

    monkeypatch.setattr(welfare, "_panel", seen)
    solved = ep.solve(e, ep.Tariff(importer="C00", sector="ALL", rate=0.3), closure=ep.Closure(numeraire="C02"))
    welfare.exact_parts(solved.problem, solved.state, lambda *_: solved.state, tol=1e-7)
    assert calls == [("WORLD", (0.0, 1.0), welfare.HALVINGS, 1e-7)]


def test_the_parts_do_not_depend_on_the_unit_of_account(e: ep.Economy) -> None:
    measure = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.7)
    one, other = (ep.solve(e, measure, closure=ep.Closure(numeraire=n), tol=1e-12) for n in ("WORLD", "C01"))
    np.testing.assert_allclose(one.decomposition, other.decomposition, atol=1e-8)
    assert list(one.decomposition.columns) == [*welfare.PARTS, "real_income"]
    assert list(one.decomposition.index) == list(e.countries)
    assert one.decomposition.index.name == "country"


def test_the_table_has_the_parts_in_percent_and_their_sum(e: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    """And every point of the path is solved to 1e-12, or to 1e-9 where rounding forbids that."""
    calls: list[tuple[Any, ...]] = []
    solved = ep.solve(e, ep.Tariff(importer="C00", sector="ALL", rate=0.3), tol=1e-12)

    def made_up(problem: Problem, state: State, solver: Any) -> tuple[Parts, float]:
        assert (problem, state) == (solved.problem, solved.state)
        point = solver(problem, state.pack())
        np.testing.assert_allclose(point.pack(), state.pack(), atol=1e-10)
        return {"terms_of_trade": np.array([0.01, 0.02, 0.0]), "rest": np.array([0.03, -0.01, 0.0])}, 0.0002

    def seen(problem: Problem, tol: float, x0: Any, **more: Any) -> Any:
        calls.append((tol, more))
        return find(problem, tol, x0, **more)

    monkeypatch.setattr(outcome, "exact_parts", made_up)
    monkeypatch.setattr(outcome, "find", seen)
    table = solved.decomposition
    assert list(table.columns) == ["terms_of_trade", "rest", "real_income"]
    np.testing.assert_allclose(table, [[1, 3, 4], [2, -1, 1], [0, 0, 0]], atol=1e-12)
    assert table.attrs == {"quadrature_error": pytest.approx(0.02)}
    assert calls == [(1e-12, {"fallback_tol": 1e-9})]


def test_decomposition_refuses_embargoes(e: ep.Economy) -> None:
    solved = ep.solve(e, ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0))
    with pytest.raises(
        ep.errors.InputError, match=r"not defined through an embargo; cap at 0\.001 of the base instead"
    ):
        _ = solved.decomposition


# ---- every term is needed ----

HOME: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
TARIFF = ep.Tariff(importer="C01", sector="ALL", rate=0.2, change="add")
CASES: dict[str, tuple[list[ep.measures.Measure], dict[str, Any]]] = {
    "duties, at home too": ([TARIFF], {}),
    "export taxes": ([ep.ExportTax(**HOME, rate=0.2), TARIFF], {}),
    "trade costs": ([ep.NonTariffBarrier(**HOME, rate=0.2)], {}),
    "subsidies": ([ep.ProductionSubsidy(country="C02", sector="s01", rate=0.1), TARIFF], {}),
    "rents": ([ep.VoluntaryExportRestraint(**HOME, cap=0.7), TARIFF], {"deficit": "balanced"}),
    "deficits": ([TARIFF], {"deficit": "gdp_share"}),
    "labour under a tax": ([TARIFF], {"labour_supply": 0.5, "labour_tax": {"C00": 0.3, "C01": 0.2}}),
    "a tax that revenue cuts": ([TARIFF], {"labour_supply": 0.5, "labour_tax": 0.3, "recycling": "labour_tax"}),
    "external economies": ([TARIFF], {"scale": {"s00": 0.08, "s01": 0.02}}),
    "specific capital": ([TARIFF], {"horizon": "short", "labour_share": 0.6, "scale": 0.03}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_parts_add_up_before_anything_is_left_over(e: ep.Economy, name: str) -> None:
    """To the change in real income along the second half of the path, whatever is in force."""
    measures, closure = CASES[name]
    problem = Problem.of(e, ep.Scenario(tuple(measures)), ep.Closure(**closure))

    def solve(part: Problem, start: np.ndarray | None) -> State:
        return find(part, 1e-12, start, fallback_tol=1e-9)[0]

    def gain(s: float) -> np.ndarray:
        state = solve(problem.at(s), None)
        return Accounts.at(problem.at(s), state).real_income

    parts, error = welfare._panel(problem, solve, (0.5, 1.0), 0, 1e-9)
    change = gain(1.0) - gain(0.5)
    assert error < 1e-9
    assert np.abs(change).max() > 1e-4
    np.testing.assert_allclose(sum(parts.values()), change, atol=2e-9)
    assert tuple(parts) == welfare.PARTS
