"""The search has second chances, stops where rounding does, and says why there is no answer, with the numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import search
from entrepot.equilibrium.blocks.hats import FLOOR
from entrepot.equilibrium.no_equilibrium import explain, is_economic
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.search import find
from entrepot.numerics import FixedPoint
from worlds import place, random_world

BALANCED = ep.Closure("balanced")
LARGE = [ep.Tariff(importer="C00", sector="ALL", rate=1.0)]


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(4, 3, seed=7)


def real(outcome: ep.Outcome) -> np.ndarray:
    return outcome.countries["real_income_pct"].to_numpy()


# ---- second chances ----


@pytest.mark.parametrize("maps", [2, 4])
def test_with_few_maps_a_krylov_method_goes_on(e: ep.Economy, maps: int) -> None:
    plain, short = ep.solve(e, LARGE), ep.solve(e, LARGE, max_iterations=maps)
    np.testing.assert_allclose(real(short), real(plain), atol=1e-6)
    assert short.iterations > plain.iterations
    assert max(short.residuals.values()) <= 1e-10


def only_anderson(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Without the Krylov method; whether each search by the first one came to an end."""
    ended: list[bool] = []
    anderson = search.anderson

    def seen(*arguments: object, **keys: object) -> FixedPoint:
        found: FixedPoint = anderson(*arguments, **keys)  # type: ignore[arg-type]
        ended.append(found.converged)
        return found

    monkeypatch.setattr(search, "anderson", seen)
    monkeypatch.setattr(search, "newton_krylov", lambda _, x, **__: FixedPoint(x, x, np.inf, 0, "stalled"))
    return ended


@pytest.mark.parametrize(
    "measures",
    [LARGE, [ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.01)]],
    ids=["a tariff", "a restraint"],
)
def test_continuation_solves_a_shock_that_is_too_large_at_once(
    e: ep.Economy, measures: list[ep.measures.Measure], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So few maps that the search fails from the base, and enough for it to go from step to step."""
    plain = ep.solve(e, measures, closure=BALANCED)
    ended = only_anderson(monkeypatch)
    walked = []
    for maps in range(plain.iterations - 1, 5, -1):
        ended.clear()
        try:
            outcome = ep.solve(e, measures, closure=BALANCED, max_iterations=maps)
        except ep.errors.ConvergenceError:
            continue
        assert max(outcome.residuals.values()) <= 1e-10
        np.testing.assert_allclose(real(outcome), real(plain), atol=1e-6)
        if not ended[0]:
            assert outcome.iterations > plain.iterations, "the steps count"
            walked.append(maps)
    assert walked


def test_a_search_that_runs_out_of_maps_says_so(e: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    only_anderson(monkeypatch)
    with pytest.raises(
        ep.errors.ConvergenceError, match="ran out of iterations after 3 iterations, with a largest"
    ) as caught:
        ep.solve(e, LARGE, closure=BALANCED, max_iterations=3)
    error = caught.value
    assert len(error.worst) == 3
    assert "start=" in error.remedy
    assert error.residual is not None
    assert error.residual > 1e-6


@pytest.mark.parametrize(("maps", "fine"), [(0, False), (-1, False), (2.5, False), ("many", False), (1, True)])
def test_max_iterations_argument_is_checked(e: ep.Economy, maps: object, fine: bool) -> None:
    if fine:
        ep.solve(e, max_iterations=maps)  # type: ignore[arg-type]
        return
    with pytest.raises(ep.errors.InputError, match="a whole number above zero is needed"):
        ep.solve(e, max_iterations=maps)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tol", "fine"), [(1e-13, True), (1e-2, True), (0.9e-13, False), (1.01e-2, False), ("x", False)]
)
def test_tol_argument_is_checked(e: ep.Economy, tol: float, fine: bool) -> None:
    if fine:
        assert max(ep.solve(e, LARGE, tol=tol).residuals.values()) <= tol
    else:
        with pytest.raises(ep.errors.InputError, match="choose between 1e-13 and 1e-2"):
            ep.solve(e, LARGE, tol=tol)


def test_where_rounding_forbids_the_tolerance_a_coarser_one_may_do(
    e: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_anderson(monkeypatch)
    problem = Problem.of(e, ep.Scenario(tuple(LARGE)), BALANCED)
    _, _, residuals, _ = find(problem, 1e-18, max_iterations=40, fallback_tol=1e-9)
    assert 0 < max(np.abs(gap).max(initial=0.0) for gap in residuals.values()) <= 1e-9
    with pytest.raises(ep.errors.ConvergenceError, match=r"met no tolerance finer than this|stalled|ran out"):
        find(problem, 1e-18, max_iterations=40)


# ---- where to start ----


def test_the_answer_does_not_depend_on_the_start(e: ep.Economy) -> None:
    """From any outcome of the same economy, with other quotas or another closure, or none."""
    quota = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.6)
    closures = [
        ep.Closure(),
        ep.Closure(scale=0.05, labour_supply=0.3, labour_tax=0.2, recycling="labour_tax"),
        ep.Closure(numeraire="C02"),
    ]
    starts = [ep.solve(e, m, closure=c) for m in (LARGE, [quota]) for c in closures]
    for closure in closures:
        cold = ep.solve(e, [quota], closure=closure, tol=1e-12)
        for start in starts:
            warm = ep.solve(e, [quota], closure=closure, tol=1e-12, start=start)
            np.testing.assert_allclose(real(warm), real(cold), atol=1e-8)
    again = ep.solve(e, [quota], start=ep.solve(e, [quota], tol=1e-12))
    assert again.iterations < ep.solve(e, [quota]).iterations


def test_start_from_another_economy_is_refused(e: ep.Economy) -> None:
    with pytest.raises(ep.errors.InputError, match="an Outcome of another Economy; leave it out"):
        ep.solve(e, LARGE, start=ep.solve(random_world(4, 2, seed=7)))
    renamed = replace(e, countries=("C00", "C01", "C02", "C09"))
    with pytest.raises(ep.errors.InputError, match="an Outcome of another Economy"):
        ep.solve(e, LARGE, start=ep.solve(renamed))
    for key, value, message in (
        ("start", "yesterday", "start: an Outcome is needed"),
        ("closure", {"deficit": "balanced"}, "closure: a Closure is needed"),
    ):
        with pytest.raises(ep.errors.InputError, match=message):
            ep.solve(e, LARGE, **{key: value})  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match="economy: an Economy is needed"):
        ep.solve("world2014", LARGE)  # type: ignore[arg-type]


# ---- why there is none ----


def test_buyers_whom_an_embargo_leaves_with_nothing(e: ep.Economy) -> None:
    value = e.value.copy()
    value[place(e, "s01", "C02", "C02")] = 0.0
    dependent = replace(e, value=value)
    embargo = ep.ImportQuota(importer="C02", sector="s01", cap=0)
    with pytest.raises(
        ep.errors.ConvergenceError, match="Nothing is left for buyers of s01 in C02: every source"
    ) as caught:
        ep.solve(dependent, [embargo])
    assert "leave one source open" in caught.value.remedy
    assert caught.value.residual is not None
    ep.solve(e, [embargo])


@pytest.fixture(scope="module")
def tiny() -> ep.Economy:
    return random_world(3, 1, seed=7)


@pytest.mark.parametrize(
    ("measure", "way"),
    [
        (ep.ImportQuota(importer="C02", sector="ALL", cap=0), "import of C02"),
        (ep.ImportQuota(importer="WORLD", exporter="C02", sector="ALL", cap=0), "export of C02"),
    ],
)
def test_trade_that_is_cut_off_on_one_side_only(tiny: ep.Economy, measure: ep.measures.Measure, way: str) -> None:
    with pytest.raises(ep.errors.ConvergenceError, match=f"an embargo covers every {way}, so that") as caught:
        ep.solve(tiny, [measure], closure=BALANCED)
    assert "cut it off on both sides" in caught.value.remedy
    assert caught.value.residual is not None
    both = [
        ep.ImportQuota(importer="C02", sector="ALL", cap=0),
        ep.ImportQuota(importer="WORLD", exporter="C02", sector="ALL", cap=0),
    ]
    outcome = ep.solve(tiny, both, closure=BALANCED)
    assert outcome.countries.loc["C02", "imports"] == pytest.approx(0.0, abs=1e-6)
    assert outcome.countries.loc["C02", "exports"] == pytest.approx(0.0, abs=1e-6)


def test_who_pays_more_in_subsidies_than_it_earns(tiny: ep.Economy) -> None:
    with pytest.raises(
        ep.errors.ConvergenceError, match=r"what C01 pays in subsidies .* is more than it earns"
    ) as caught:
        ep.solve(tiny, [ep.Tariff(importer="C01", sector="ALL", rate=-0.97)], closure=BALANCED)
    assert caught.value.remedy == "a smaller subsidy."
    assert caught.value.residual is not None
    assert len(caught.value.worst) == 3


def deficit_message(error: ep.errors.ConvergenceError, world: ep.Economy, measures: list[ep.measures.Measure]) -> str:
    """The message about deficits, checked against the same measures with deficits closed."""
    closed = ep.solve(world, measures, closure=BALANCED)
    owed = np.abs(world.deficit) / closed.countries["imports"].to_numpy()
    worst, text = int(owed.argmax()), str(error)
    imports = closed.countries["imports"].iloc[worst] / 1e3
    assert f"{world.countries[worst]} imports US${imports:,.3g} billion" in text
    what = "deficit" if world.deficit[worst] > 0 else "surplus"
    assert f"carry a {what} of US${abs(world.deficit[worst]) / 1e3:,.3g} billion" in text
    assert "Closure(deficit='balanced')" in error.remedy
    assert len(error.worst) == 3
    return text


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ("fixed", "held fixed"),
        ("gdp_share", "at their share of world income"),
        ("own_share", "at their share of value"),
    ],
)
def test_deficits_are_the_reason_where_without_them_there_is_an_answer(e: ep.Economy, rule: Any, held: str) -> None:
    outcome = ep.solve(e, LARGE, closure=ep.Closure(rule))
    stalled = FixedPoint(outcome.state.pack(), outcome.state.pack(), 0.5, 7, "stalled")
    error = explain(outcome.problem, outcome.state, outcome.accounts, outcome.residual_by_cell, stalled)
    assert held in deficit_message(error, e, LARGE)
    closed = ep.solve(e, LARGE, closure=BALANCED)
    other = explain(closed.problem, closed.state, closed.accounts, closed.residual_by_cell, stalled)
    assert "the search stalled after 7 iterations" in str(other)
    assert other.residual == 0.5


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("converged", "met no tolerance finer than this"),
        ("stalled", "stalled"),
        ("not_finite", "left the numbers"),
        ("too_many_iterations", "ran out of iterations"),
    ],
)
def test_error_states_how_a_search_ended(e: ep.Economy, status: Any, says: str) -> None:
    o = ep.solve(e, LARGE, closure=BALANCED)
    ended = FixedPoint(o.state.pack(), o.state.pack(), 0.5, 7, status)
    assert f"the search {says} after 7" in str(explain(o.problem, o.state, o.accounts, o.residual_by_cell, ended))


def test_a_wage_that_rises_without_bound_is_named(e: ep.Economy) -> None:
    o = ep.solve(e, LARGE, closure=BALANCED)
    ended = FixedPoint(o.state.pack(), o.state.pack(), 0.5, 7, "stalled")
    for spread, named in ((1.01e4, True), (0.99e4, False)):
        wage = {"C00": 0.0, "C01": np.log(spread), "C02": 0.1, "C03": 0.2}
        wages = np.array([wage[c] for c in e.countries])
        error = explain(o.problem, replace(o.state, ln_labour_income=wages), o.accounts, o.residual_by_cell, ended)
        assert ("the wage of C01 rises without bound against that of C00" in str(error)) is named
        assert (error.residual, len(error.worst)) == (0.5, 3)
        assert ("cut it off on both sides" in error.remedy) is named


def test_a_country_that_hardly_trades_is_named_with_how_little() -> None:
    world = random_world(4, 1, 1, theta=16.0)
    with pytest.raises(ep.errors.ConvergenceError, match="C02 hardly trades") as caught:
        ep.solve(world, [ep.Tariff(importer="C02", sector="s00", rate="1000%")], closure=BALANCED)
    part = re.search(r"about (\S+) of its income", str(caught.value))
    assert part is not None
    assert 0 < float(part[1]) < 1e-5
    assert "an embargo on both sides" in caught.value.remedy
    assert len(caught.value.worst) == 3
    assert caught.value.residual is not None
    assert caught.value.residual > 1e-10


def test_points_that_are_not_economic(e: ep.Economy) -> None:
    """Incomes above zero, spending above its floor, wages within reach of one another: all of them."""
    outcome = ep.solve(e, LARGE)
    state, income = outcome.state, outcome.accounts.income
    assert is_economic(e, state, income)
    assert not is_economic(e, state, np.where(np.arange(4) == 2, -1.0, income))
    assert not is_economic(e, state, np.where(np.arange(4) == 2, 0.0, income))
    for part, fine in ((1.01 * FLOOR, True), (0.99 * FLOOR, False)):
        spending = state.ln_spending.copy()
        spending[1, 2] = np.log(part)
        assert is_economic(e, replace(state, ln_spending=spending), income) == fine
    for spread, fine in ((0.99e4, True), (1.01e4, False)):
        wages = np.zeros(4)
        wages[1] = np.log(spread)
        assert is_economic(e, replace(state, ln_labour_income=wages), income) == fine
    nothing = e.value.copy()
    nothing[1, 2, :] = 0.0
    inputs = e.inputs.copy()
    inputs[2, 1, :] = 0.0
    spending = state.ln_spending.copy()
    spending[1, 2] = -100.0
    assert is_economic(replace(e, value=nothing, inputs=inputs), replace(state, ln_spending=spending), income)
