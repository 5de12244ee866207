"""The effects of rates and their slopes, against the public tables of outcomes and finite differences."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.data.amounts import distinct_amounts
from entrepot.rules import answer as answers
from entrepot.rules import rate_search
from entrepot.rules.answer import retaliate
from entrepot.rules.nullification import nullification
from entrepot.rules.nullification import trade as trade_of
from entrepot.rules.rate_search import Point, RateSearch
from entrepot.rules.retaliation import Retaliation
from entrepot.words import dollars
from worlds import place, random_world

YARDSTICKS = ("trade", "income", "duty")
IN_FORCE: dict[str, list[ep.measures.Measure]] = {
    "a tariff": [ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add")],
    "an export tax": [
        ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add"),
        ep.ExportTax(importer="C01", exporter="C00", sector="s01", rate=0.05),
    ],
    # No gradient is taken beside these, nor on flows under a quota.
    "a specific duty": [ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount="10%")],
    "a quota of its own": [
        ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add"),
        ep.VoluntaryExportRestraint(importer="C01", exporter="C00", sector="s01", cap=0.8),
    ],
}
RATES = np.array([0.02, 0.1, 0.3])


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    return random_world(4, 3, seed=12)


def search(
    economy: ep.Economy, yardstick: str, in_force: str = "a tariff", closure: ep.Closure | None = None, **keys: Any
) -> RateSearch:
    plain = {"by": "C01", "against": "C00", "design": "pressure", "pressure_on": ["s01", "s02"]}
    retaliation = Retaliation(**(plain | {"yardstick": yardstick} | keys))
    return RateSearch(economy, ep.Scenario(tuple(IN_FORCE[in_force])), retaliation, closure or ep.Closure(), 1e-12)


def unit(outcome: ep.Outcome) -> float:
    return float(outcome.sectors["value_added"].sum() / outcome.economy.value_added.sum())


@pytest.mark.parametrize("numeraire", ["WORLD", "C03"])
@pytest.mark.parametrize("in_force", IN_FORCE)
def test_a_point_is_the_difference_of_two_outcomes(economy: ep.Economy, in_force: str, numeraire: str) -> None:
    """Losses and gains from the public tables, in units of world value added whatever the numeraire."""
    closure = ep.Closure(numeraire=numeraire)
    extra = [
        ep.Tariff(importer="C01", exporter="C00", sector=s, rate=float(r), change="add")
        for s, r in zip(economy.sectors, RATES, strict=True)
    ]
    alone, both = (
        ep.solve(economy, m, closure=closure, tol=1e-12) for m in (IN_FORCE[in_force], [*IN_FORCE[in_force], *extra])
    )
    before, after = (o.countries["equivalent_variation"] for o in (alone, both))
    traded = [o.trade["value"].sel(importer="C01", exporter="C00").to_numpy() / unit(o) for o in (alone, both)]
    pressed = [sum(o.sectors.loc[("C00", s), "value_added"] for s in ("s01", "s02")) / unit(o) for o in (alone, both)]
    loss = {
        "trade": (traded[0] - traded[1]).sum(),
        "income": before["C00"] - after["C00"],
        "duty": (RATES * traded[1]).sum(),
    }
    for yardstick in YARDSTICKS:
        found = search(economy, yardstick, in_force, closure).at(RATES)
        assert found.loss == pytest.approx(loss[yardstick], rel=1e-7)
        assert found.own == pytest.approx(after["C01"] - before["C01"], rel=1e-6)
        assert found.target == pytest.approx(before["C00"] - after["C00"], rel=1e-6)
        assert found.pressure == pytest.approx(pressed[0] - pressed[1], rel=1e-6)


@pytest.mark.parametrize("in_force", IN_FORCE)
@pytest.mark.parametrize("yardstick", YARDSTICKS)
def test_slopes_in_each_rate(economy: ep.Economy, yardstick: str, in_force: str) -> None:
    """Exact where there is a gradient, by differences elsewhere: of loss, own income and pressure."""
    at = search(economy, yardstick, in_force)
    slopes = at.slopes(at.at(RATES))
    assert slopes.shape == (3, 3)
    step = 1e-4
    expected = []
    for s in range(3):
        ahead, back = (at.at(RATES + sign * step * (np.arange(3) == s)) for sign in (1, -1))
        expected.append([(getattr(ahead, k) - getattr(back, k)) / (2 * step) for k in ("loss", "own", "pressure")])
    np.testing.assert_allclose(slopes, np.array(expected).T, rtol=2e-3, atol=2e-4 * np.abs(expected).max())
    exact = in_force in ("a tariff", "an export tax")
    if exact:
        np.testing.assert_allclose(slopes, np.array(expected).T, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


def test_only_sectors_with_trade_are_searched(economy: ep.Economy) -> None:
    value, flow = economy.value.copy(), place(economy, "s01", "C01", "C00")
    value[flow] = 0.0
    at = search(replace(economy, value=value), "trade")
    rows = [j for j in range(3) if j != flow[0]]
    assert at.sectors == tuple(s for s in economy.sectors if s != "s01")
    assert list(at.rows) == rows
    assert list(at.flows) == [np.ravel_multi_index((j, *flow[1:]), value.shape) for j in rows]
    np.testing.assert_allclose(at.by_sector(value), value[rows, *flow[1:]])
    value[flow] = 0.5  # half a million is trade
    assert search(replace(economy, value=value), "trade").sectors == economy.sectors
    embargo = ep.ImportQuota(importer="C01", exporter="C00", sector="s02", cap=0)
    there = RateSearch(economy, ep.Scenario((embargo,)), at.retaliation, ep.Closure(), 1e-10)
    assert there.sectors == tuple(s for s in economy.sectors if s != "s02")


def test_the_measures_in_force_stay_under_their_name(economy: ep.Economy) -> None:
    scenario = ep.Scenario(tuple(IN_FORCE["an export tax"]), name="threat", title="The threat")
    at = RateSearch(economy, scenario, Retaliation(by="C01", against="C00", label="list"), ep.Closure(), 1e-10)
    both = at.with_rates(RATES)
    assert (both.name, both.title) == ("threat", "The threat")
    assert both.measures[:2] == scenario.measures
    assert [m.label for m in both.measures[2:]] == ["list: 30%", "list: 10%", "list: 2%"]


def test_a_solve_starts_from_the_last_point_and_is_counted(
    economy: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that is given replaces the last point."""
    starts, tolerances, solve = [], [], rate_search.solve

    def recorded(*arguments: Any, start: ep.Outcome | None, tol: float, **keys: Any) -> ep.Outcome:
        starts.append(start)
        tolerances.append(tol)
        return solve(*arguments, start=start, tol=tol, **keys)

    monkeypatch.setattr(rate_search, "solve", recorded)
    at = search(economy, "trade", "a quota of its own")
    assert (at.solves, starts) == (1, [None])
    first = at.at(RATES)
    second = at.at(2 * RATES)
    at.at(RATES / 2, start=first.outcome)
    at.at(RATES)
    assert starts[1:] == [at.alone, first.outcome, first.outcome, second.outcome]
    starts.clear()
    at.slopes(second)  # by differences: one for each rate, all from the point itself
    assert starts == [second.outcome] * 3
    assert at.solves == 8
    assert set(tolerances) == {1e-12}, "the requested tolerance"
    tolerances.clear()
    exact = RateSearch(economy, ep.Scenario(tuple(IN_FORCE["a tariff"])), at.retaliation, ep.Closure(), 1e-9)
    exact.slopes(exact.at(RATES))
    assert exact.solves == 2, "an exact slope takes no other equilibrium"
    assert tolerances == [1e-11, 1e-11], "as slopes need"


def test_an_answer_counts_every_solve(economy: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    solve, count = rate_search.solve, []

    def counted(*arguments: Any, **keys: Any) -> ep.Outcome:
        count.append(1)
        return solve(*arguments, **keys)

    for module in (rate_search, answers):
        monkeypatch.setattr(module, "solve", counted)
    began = time.perf_counter()
    answer = retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00"))
    assert answer.solves == len(count)
    assert 0 < answer.seconds <= time.perf_counter() - began


@pytest.mark.parametrize("keys", [{"design": "uniform"}, {"design": "least_cost", "sectors": "s02"}])
def test_one_rate_is_not_searched_by_sector(
    economy: ep.Economy, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any]
) -> None:
    """The same holds for the rate of one sector, whatever the design."""
    monkeypatch.setattr(rate_search, "rates_by_sector", None)
    answer = retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00", **keys))
    assert abs(answer.gap) < 1e-6
    with pytest.raises(TypeError):
        retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00", design="least_cost"))


@pytest.mark.parametrize(("tol", "finer"), [(1e-8, 1e-9), (1e-10, 1e-11), (1e-12, 1e-13), (5e-13, 1e-13)])
def test_the_last_check_is_ten_times_finer_as_far_as_doubles_go(
    economy: ep.Economy, monkeypatch: pytest.MonkeyPatch, tol: float, finer: float
) -> None:
    """From a cold start, under the same closure; at the tolerance itself where that fails."""
    calls: list[dict[str, Any]] = []

    def refused(_: ep.Economy, scenario: ep.Scenario, **keys: Any) -> ep.Outcome:
        calls.append(keys)
        raise ep.errors.ConvergenceError("rounding")

    at = search(economy, "trade")
    monkeypatch.setattr(at, "tol", tol)
    monkeypatch.setattr(answers, "solve", refused)
    with pytest.raises(ep.errors.ConvergenceError, match="rounding"):
        answers._afresh(at, at.scenario)
    assert [keys.pop("tol") for keys in calls] == pytest.approx([finer, tol], rel=1e-9)
    assert calls == [{"closure": at.closure}] * 2


def test_repr_of_an_answer_shows_its_rates(economy: ep.Economy) -> None:
    """Points of the lowest duty and the highest; the sector where it is one, else how many bear a duty."""
    three = retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00"))
    one, two, last = economy.sectors
    for sectors, rates, says in (
        ((one, two, last), (0.3, 0.1, 0.0), "10.0 to 30.0 points on 2 sectors take"),
        ((one, two, last), (0.1, 0.3, 0.2), "10.0 to 30.0 points on 3 sectors take"),
        ((one, two, last), (0.2, 0.2, 0.2), "20.0 points on 3 sectors take"),
        ((one, two, last), (0.0, 0.2, 0.0), f"20.0 points on {two} take"),
        ((last,), (0.2,), f"20.0 points on {last} take"),
    ):
        assert f": {says} US$ " in repr(replace(three, sectors=sectors, rates=rates))
    off = replace(three, achieved=101.0, level=100.0)
    assert off.gap == pytest.approx(0.01)
    assert "(gap +0.01)" in repr(off)


def test_requested_tolerance_is_used_where_rounding_prevents_a_finer_one(
    economy: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is used under the same closure, without another attempt at the finer one."""
    closure, seen = ep.Closure(deficit="balanced"), []
    solve = rate_search.solve

    def coarse(*arguments: Any, tol: float, **keys: Any) -> ep.Outcome:
        seen.append((tol, keys.get("closure")))
        if tol < 1e-10:
            raise ep.errors.ConvergenceError("rounding")
        return solve(*arguments, tol=tol, **keys)

    measure = IN_FORCE["a tariff"]
    expected = retaliate(economy, measure, Retaliation(by="C01", against="C00"), closure=closure)
    monkeypatch.setattr(rate_search, "solve", coarse)
    monkeypatch.setattr(answers, "solve", coarse)
    found = retaliate(economy, measure, Retaliation(by="C01", against="C00"), closure=closure, tol=1e-10)
    assert found.rates == pytest.approx(expected.rates, rel=1e-6)
    assert {calls for _, calls in seen} == {closure}
    assert sum(tol < 5e-11 for tol, _ in seen) == 3, "once in the search, and once for each of the two afterwards"

    def never(*_: Any, **__: Any) -> ep.Outcome:
        raise ep.errors.ConvergenceError("nothing")

    monkeypatch.setattr(rate_search, "solve", solve)
    monkeypatch.setattr(answers, "solve", never)
    with pytest.raises(ep.errors.ConvergenceError, match="nothing"):
        retaliate(economy, measure, Retaliation(by="C01", against="C00"))
    monkeypatch.setattr(rate_search, "solve", never)
    with pytest.raises(ep.errors.ConvergenceError, match="nothing"):
        retaliate(economy, measure, Retaliation(by="C01", against="C00"), tol=1e-11)


def test_an_answer_that_is_not_equivalent_when_solved_again_is_refused(
    economy: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    uniform = rate_search.uniform_rate

    def astray(part: float) -> Any:
        def found(search: RateSearch, level: float) -> Point:
            return search.at(part * uniform(search, level).rates)

        return found

    for part, fine in ((1.0005, True), (0.9995, True), (1.0012, False), (0.9988, False)):
        monkeypatch.setattr(answers.rate_search, "uniform_rate", astray(part))
        if fine:
            answer = retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00"))
            assert abs(answer.gap) == pytest.approx(5e-4, rel=0.2)
            assert (answer.gap > 0) is (part > 1)
        else:
            with pytest.raises(ep.errors.ConvergenceError, match="the second solve gives a loss of US"):
                retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00"))


# ---- one rate ----


def test_without_a_ceiling_stated_no_rate_is_above_a_hundred_percent() -> None:
    assert Retaliation(by="C01", against="C00").max_rate == 1.0


def test_the_smallest_of_the_rates_that_take_as_much(economy: ep.Economy) -> None:
    """By duty the sum collected rises to a peak and falls again: the rate below the peak is the answer."""
    keys = {"sectors": "s00", "max_rate": "500%", "design": "uniform", "pressure_on": ()}
    at = search(economy, "duty", **keys)
    grid = np.linspace(0.01, 5, 24)
    collected = [at.at(np.array([r])).loss for r in grid]
    peak = int(np.argmax(collected))
    assert 0 < peak < 23, "there is a peak inside"
    found = rate_search.uniform_rate(at, 0.9 * collected[peak])
    assert found.rates[0] < grid[peak]
    assert found.loss == pytest.approx(0.9 * collected[peak], rel=1e-9)
    # Just below the peak, between two trial rates, it is found too; above the peak it is out of reach.
    near = rate_search.uniform_rate(at, collected[peak])
    assert near.loss == pytest.approx(collected[peak], rel=1e-9)
    with pytest.raises(
        ep.errors.InputError, match=r"no single rate is enough: at its maximum, at a rate of [\d.]+%, the duty"
    ):
        rate_search.uniform_rate(at, 1.2 * collected[peak])
    with pytest.raises(ep.errors.InputError, match=r"even at max_rate \(5%\) the duty collected is US\$"):
        rate_search.uniform_rate(search(economy, "duty", **(keys | {"max_rate": "5%"})), collected[peak])


def test_unreachable_level_is_reported_with_numbers(economy: ep.Economy) -> None:
    keys = {"sectors": ["s00", "s01"], "max_rate": "10%", "design": "uniform", "pressure_on": ()}
    for yardstick, words in (("trade", "exports lost are"), ("income", "real income lost is"), ("duty", "duty")):
        at = search(economy, yardstick, **keys)
        most = at.at(np.full(2, 0.1)).loss
        fine = rate_search.uniform_rate(at, 0.999 * most)
        assert fine.rates == pytest.approx([0.1, 0.1], rel=1e-2)
        level = min(1.5 * most, 0.9 * at.by_sector(economy.value).sum())
        with pytest.raises(ep.errors.InputError, match=rf"even at max_rate \(10%\) the {words}") as caught:
            rate_search.uniform_rate(at, level)
        assert "{} of the {} needed".format(*distinct_amounts(most, level)) in str(caught.value)


def test_more_than_all_trade_is_not_sought(economy: ep.Economy) -> None:
    at = search(economy, "trade", sectors="s00", design="uniform", pressure_on=())
    trade = ep.solve(economy, IN_FORCE["a tariff"]).trade["value"].sel(importer="C01", exporter="C00")
    there, first = trade.to_numpy(), float(trade.sel(sector="s00"))
    with pytest.raises(ep.errors.InputError, match="not even an embargo is enough: name more sectors") as caught:
        rate_search.uniform_rate(at, 1.001 * first)
    assert f"from C00 by C01 are {distinct_amounts(first, 1.001 * first)[0]}, so" in str(caught.value)
    assert f"(all goods together: {dollars(there.sum())})" in str(caught.value)
    everything = search(economy, "trade", design="uniform", pressure_on=())
    with pytest.raises(ep.errors.InputError, match="embargo is enough: take another yardstick"):
        rate_search.uniform_rate(everything, 1.001 * there.sum())
    # No finite rate takes as much as an embargo.
    all_of_it = float(trade_of(at.alone).ravel()[at.flows].sum())
    with pytest.raises(ep.errors.InputError, match="not even an embargo is enough"):
        rate_search.uniform_rate(at, all_of_it)
    with pytest.raises(ep.errors.InputError, match=r"even at max_rate \(100%\) the exports lost are"):
        rate_search.uniform_rate(at, 0.9999 * all_of_it)
    # By another yardstick, trade does not limit the level.
    by_income = search(economy, "income", sectors="s00", design="uniform", pressure_on=())
    with pytest.raises(ep.errors.InputError, match="the real income lost is"):
        rate_search.uniform_rate(by_income, 1.001 * first)


@pytest.mark.slow
def test_rates_by_sector_collect_what_no_single_rate_does(economy: ep.Economy) -> None:
    """By duty every sector has a peak of its own: together they collect more than any one rate."""
    at = search(economy, "duty", sectors=["s00", "s02"], max_rate="1000%", design="least_cost", pressure_on=())
    most = max(at.at(np.full(2, r)).loss for r in np.geomspace(0.05, 10, 12))
    peaks = rate_search._upper_bounds(at)
    together = at.at(peaks).loss
    assert together > 1.001 * most
    level = (most + together) / 2
    with pytest.raises(ep.errors.InputError, match="no single rate is enough"):
        rate_search.uniform_rate(at, level)
    found = rate_search.starting_point(at, level)
    assert found.loss == pytest.approx(level, rel=1e-8)
    assert (found.rates <= peaks * (1 + 1e-9)).all()
    with pytest.raises(ep.errors.InputError, match="no single rate is enough"):
        rate_search.starting_point(at, 1.01 * together)
    assert rate_search.starting_point(at, 0.5 * most).rates == pytest.approx(
        rate_search.uniform_rate(at, 0.5 * most).rates
    )
    with pytest.raises(ep.errors.InputError, match=r"even at max_rate \(0.1%\)"):
        rate_search.starting_point(search(economy, "income", sectors=["s00", "s02"], max_rate="0.1%"), level)


def test_few_sectors_are_named_and_many_counted() -> None:
    many = random_world(3, 8, seed=2)
    value = many.value.copy()
    value[:, *place(many, "C01", "C00")] += 1.0  # something in every sector
    many = replace(many, value=value)
    retaliation = Retaliation(by="C01", against="C00", max_rate="1%")
    there = float(many.value[:, *place(many, "C01", "C00")].sum())
    first = ", ".join(many.sectors[:6])
    for sectors, named in (
        (many.sectors, f"{first} and 2 others from C00"),
        (many.sectors[:7], f"{first} and 1 other from C00"),
        (many.sectors[:2], " and ".join(many.sectors[:2]) + " from C00"),
    ):
        at = RateSearch(many, ep.Scenario(), replace(retaliation, sectors=sectors), ep.Closure(), 1e-10)
        with pytest.raises(ep.errors.InputError, match="not even an embargo") as caught:
            rate_search.uniform_rate(at, 1.1 * there)
        assert f" imports of {named} by C01 are US$" in str(caught.value)


# ---- what is left ----


def test_an_answer_adds_up(economy: ep.Economy) -> None:
    retaliation = Retaliation(by="C01", against="C00", design="pressure", pressure_on="s01")
    answer = retaliate(economy, IN_FORCE["a tariff"], retaliation)
    assert answer.level == pytest.approx(nullification(answer.alone, "C01", "C00").exports)
    assert answer.gap == pytest.approx(answer.achieved / answer.level - 1)
    assert answer.solves > 5
    assert answer.seconds > 0
    assert max(answer.alone.tol, answer.outcome.tol) < 1.01e-11, "solved again at a tenth of the tolerance"
    table = answer.table()
    after = answer.outcome.trade["value"].sel(importer="C01", exporter="C00").to_series()
    before = answer.alone.trade["value"].sel(importer="C01", exporter="C00").to_series()
    np.testing.assert_allclose(table["imports_before"], before / unit(answer.alone), rtol=1e-9)
    lost = before / unit(answer.alone) - after / unit(answer.outcome)
    np.testing.assert_allclose(table["lost_exports"], lost, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(table["duty"], table["rate"] * after / unit(answer.outcome), rtol=1e-7, atol=1e-9)
    text = repr(answer)
    low, high = 100 * min(r for r in answer.rates if r), 100 * max(answer.rates)
    points = f"{high:.1f} points" if f"{low}" == f"{high}" else f"{low:.1f} to {high:.1f} points"
    assert points in text
    assert f"; s01 of C00 loses {answer.pressure:,.0f}" in text
    assert f"real income of C01 {answer.own:+,.0f}, of C00 {-answer.target_loss:+,.0f}" in text
    assert f"take US$ {answer.achieved:,.1f} million of the {answer.level:,.1f} to be answered" in text
    one = retaliate(economy, IN_FORCE["a tariff"], Retaliation(by="C01", against="C00", sectors="s02"))
    assert "points on s02 take" in repr(one)
    assert "loses" not in repr(one)
    assert one.pressure == 0.0
