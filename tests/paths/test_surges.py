"""Surges on a path: one problem for each flow over all that happens to its price, and the tables of a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

import entrepot as ep
from entrepot.paths import Dated, Inventories
from shelves import slow_after
from stocks_in_time import worth_in_time
from worlds import random_world

YEARS: dict[str, Any] = {"since": "2021-01-01", "until": "2023-01-01"}
BELIEFS: dict[str, Any] = {**YEARS, "expectations": "beliefs"}
FREE = Inventories(interest=0.0, storage=0.0, crowding=0.0)
AT_ONCE = Inventories(lead=1)


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


def duty(points: float, **days: Any) -> Dated:
    tariff = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=points, change="add")
    return Dated(tariff, **({"since": "2021-07-01"} | days))


def solve(e: ep.Economy, entries: Any, costs: Inventories | None = None, **arguments: Any) -> ep.paths.Path:
    market = {"m": ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.0)}
    return ep.paths.solve(e, entries, inventories=costs or Inventories(), markets=market, **arguments)


def test_a_duty_that_goes_on_in_a_second_entry_is_one_duty(e: ep.Economy) -> None:
    split = solve(e, [duty(0.25, until="2021-08-01"), duty(0.25, since="2021-08-01")], **YEARS)
    whole = solve(e, duty(0.25), **YEARS)
    np.testing.assert_allclose(split.markets, whole.markets, rtol=1e-9, atol=1e-9)
    assert split.surges["surge"].tolist() == pytest.approx(whole.surges["surge"].tolist(), rel=1e-9)


@pytest.mark.parametrize("day", ["2021-06-01", "2021-08-01"], ids=["before the rise", "after it"])
def test_a_rate_that_goes_on_is_no_change_where_trade_answers_slowly(e: ep.Economy, day: str) -> None:
    """Prices then move every day; that is neither a change before which nothing is bought nor one that is refused."""
    slow: dict[str, Any] = {**YEARS, "elasticities": ep.paths.Elasticities(short=0.4, years=2.0)}
    rise = duty(0.25)
    whole = solve(e, [duty(0.1, since="2021-03-01"), rise], **slow)
    split = solve(e, [duty(0.1, since="2021-03-01", until=day), duty(0.1, since=day), rise], **slow)
    assert split.surges["surge"].tolist() == pytest.approx(whole.surges["surge"].tolist(), rel=1e-4)


@pytest.mark.slow
def test_imports_recover_when_the_duty_ends_or_is_cancelled(e: ep.Economy) -> None:
    cancelled = solve(e, [duty(0.25), duty(-0.25, since="2021-08-01")], **YEARS)
    ended = solve(e, duty(0.25, until="2021-08-01"), **YEARS)
    np.testing.assert_allclose(cancelled.markets, ended.markets, rtol=1e-9, atol=1e-9)
    assert (cancelled.markets["imports"].iloc[3:] > 100).all()


def test_two_duties_of_one_day_are_one_problem_with_four_ways(e: ep.Economy) -> None:
    """Ten points with 90%, forty with 5%: in either order, and against a stock solved in time on every way."""
    announced = {"announced": "2021-01-01"}
    ten, forty = duty(0.1, probability=0.9, title="A", **announced), duty(0.4, probability=0.05, title="B", **announced)
    path, turned = (solve(e, both, AT_ONCE, **BELIEFS) for both in ([ten, forty], [forty, ten]))
    assert path.surges.index.tolist() == ["A and B"]
    np.testing.assert_allclose(path.markets, turned.markets, rtol=1e-9, atol=1e-9)

    base = path.base.flows
    ways = []
    for points, chance in ((0.1, 0.9 * 0.95), (0.4, 0.1 * 0.05), (0.5, 0.9 * 0.05), (0.0, 0.1 * 0.95)):
        flows = solve(e, duty(points or 1e-12), **YEARS, expectations="myopic").steps[-1].state.flows
        ways.append((chance, float((flows.price / base.price)[0]), float((flows.volume / base.volume)[0])))
    dearest = max(ways, key=lambda way: way[1])
    elasticity = -np.log(dearest[2]) / np.log(dearest[1])

    def gain(stock: float) -> float:
        cost = 1 / 365.25 * (0.2 / 2 + stock / 3)
        return sum(q * worth_in_time(AT_ONCE, stock, u, used, elasticity)[0] for q, u, used in ways) - 1 - cost

    assert path.stockpiles[0].pile.stock[0] == pytest.approx(brentq(gain, 1e-6, 2.0, xtol=1e-10), rel=1e-5)


def test_two_rises_with_time_between_them_are_two_surges(e: ep.Economy) -> None:
    path = solve(e, [duty(0.25), duty(0.25, since="2022-07-01", title="more")], **(YEARS | {"until": "2024-01-01"}))
    assert len(path.surges) == 2
    assert path.markets["imports"].min() > -1e-9
    assert sum(s.added(t)["used"].sum() for s in path.stockpiles for t in path.steps) == pytest.approx(
        float(sum((s.surge - s.hole).sum() for s in path.stockpiles)), rel=1e-7
    )


def test_entries_of_one_title_are_named_with_their_days(e: ep.Economy) -> None:
    twice = [duty(0.2, until="2021-09-01", title="duty"), duty(0.2, since="2022-07-01", title="duty")]
    assert solve(e, twice, **YEARS).surges.index.tolist() == ["duty (2021-07-01)", "duty (2022-07-01)"]


def test_goods_of_a_second_rise_are_bought_at_the_price_after_the_first(e: ep.Economy) -> None:
    """Where storage is dear the first stock is soon gone; nothing for the second is bought before the first begins."""
    path = solve(
        e, [duty(0.1), duty(0.4, since="2021-08-15", title="more")], Inventories(storage=6.0, lead=60), **YEARS
    )
    first, second = path.stockpiles
    assert first.branch.years.max() * 365.25 < 45
    assert (str(first.begins), str(second.begins)) == ("2021-05-02", "2021-07-01")


@pytest.mark.parametrize(
    ("others", "arguments"),
    [
        ([duty(0.25, since="2021-07-22")], YEARS),  # a second rise, which is known
        ([duty(0.25, since="2021-07-22", announced="2021-01-01", probability=0.5)], BELIEFS),  # one that may come
        ([duty(-0.25, since="2021-08-01")], BELIEFS),  # a repeal that nobody expected
        ([duty(-0.1, since="2021-08-01")], YEARS),  # a cut that leaves something to be saved
        ([duty(0.05)], BELIEFS),  # a surprise of the same day
    ],
)
def test_a_stock_that_meets_another_change_is_refused(e: ep.Economy, others: list[Dated], arguments: Any) -> None:
    first = duty(0.25, announced="2021-01-01", title="first")
    with pytest.raises(ep.errors.InputError, match="what is stored ahead of 'first' on 2021-07-01 is not used up when"):
        solve(e, [first, *others], **arguments)


def test_a_duty_that_ended_is_not_the_price_of_the_way_on_which_its_successor_lapses(e: ep.Economy) -> None:
    first = duty(0.1, since="2020-07-01", until="2021-07-01")
    threat = duty(0.4, announced="2021-01-01", probability=0.5, carried_out=False)
    (surge,) = solve(e, [first, threat], **BELIEFS).stockpiles
    np.testing.assert_allclose(surge.branch.last_price, surge.after.price / surge.before.price, rtol=1e-12)
    assert surge.after.price[0] < surge.before.price[0]


@pytest.mark.parametrize(
    ("since", "until", "step"),
    slow_after(
        1,
        [
            ("2021-05-16", "2022-08-16", "year"), ("2021-05-16", "2022-08-16", "quarter"),
            ("2021-07-01", "2022-08-15", "year"), ("2021-07-01", "2022-08-15", "quarter"),
        ],
    ),
)  # fmt: skip
def test_goods_that_cost_nothing_to_keep_keep_use_and_price(e: ep.Economy, step: Any, since: str, until: str) -> None:
    """Bought before the duty and used until its end, also where a step has days with and without it."""
    window = {"since": "2020-01-01", "until": "2024-01-01", "step": step}
    for points in (0.25, 0.9):
        path = solve(e, duty(points, since=since, until=until), FREE, **window)
        assert path.markets["use_pct"].abs().max() < 1e-6
        # other prices of the importer rise, and the price of what is stored falls against them
        least = 100 * (np.exp(-_consumer_prices(e, path)) - 1)
        assert path.markets["real_import_price_pct"].between(least - 1e-6, 1e-6).all()


def _consumer_prices(e: ep.Economy, path: ep.paths.Path) -> float:
    """The largest rise of the importer's consumer prices in a step: income over real spending."""
    n = e.countries.index("C00")
    base = path.base.income[n] / path.base.real_spending[n]
    return float(max(np.log(s.state.income[n] / s.state.real_spending[n] / base) for s in path.steps))


def test_the_window_does_not_hide_a_surge(e: ep.Economy) -> None:
    """Imports before the duty are the same whether the window ends on its day, before it or after."""
    whole = solve(e, duty(0.25), **YEARS).markets["imports"]
    for until in ("2021-07-01", "2021-07-02"):
        short = solve(e, duty(0.25), since="2021-01-01", until=until).markets["imports"]
        assert short.iloc[:2].tolist() == pytest.approx(whole.iloc[:2].tolist(), rel=1e-9)
    assert solve(e, duty(0.25), since="2021-01-01", until="2021-04-01").surges.empty


@pytest.mark.parametrize("cap", [0.0, 0.5])
def test_stocks_ahead_of_quotas_and_bans_are_refused(e: ep.Economy, cap: float) -> None:
    quota = Dated(ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=cap), since="2021-07-01")
    with pytest.raises(ep.errors.InputError, match="limits the quantity of s00 from C01 into C00, by a quota or a ban"):
        solve(e, quota, **YEARS)
    elsewhere = solve(e, quota, Inventories(sectors="s01"), **YEARS)
    assert elsewhere.surges.empty
    last = elsewhere.markets.iloc[-1]
    assert last["use_pct"] == pytest.approx(100 * (cap - 1), abs=1e-6)
    assert np.isnan(last["real_import_price_pct"]) == (cap == 0)


def test_a_duty_that_is_known_for_a_day_is_stored_for_in_a_day(e: ep.Economy) -> None:
    path = solve(e, duty(0.25, announced="2021-06-30"), **BELIEFS)
    (surge,) = path.stockpiles
    assert str(surge.begins) == "2021-06-30"
    quiet = path.markets["imports"].iloc[0]
    length = path.steps[1].step.length
    assert (path.markets["imports"].iloc[1] - quiet) * length == pytest.approx(path.surges["surge"].iloc[0], rel=1e-9)


def test_the_price_of_a_market_of_several_flows_is_that_without_stocks_once_they_are_used_up(e: ep.Economy) -> None:
    """The mean over flows weighs what is paid by what is used; in the months of the stock it is below."""
    market = {"m": ep.Tariff(importer="C00", exporter=["C01", "C02"], sector="s00", rate=0.0)}
    stocked = ep.paths.solve(e, duty(0.25), inventories=AT_ONCE, markets=market, **YEARS)
    plain = ep.paths.solve(e, duty(0.25), markets=market, **YEARS)
    assert stocked.surges["surge"].item() > 0
    with_stock, without = (path.markets["real_import_price_pct"].to_numpy() for path in (stocked, plain))
    assert with_stock[-1] == pytest.approx(without[-1], abs=1e-6)
    assert with_stock[2] < without[2] - 0.1


def test_events_are_those_of_the_window_to_its_last_step(e: ep.Economy) -> None:
    late = duty(0.25, since="2022-11-01", until="2022-12-15", title="late")
    beyond = duty(0.05, since="2022-12-20", until="2023-01-01", title="beyond")
    path = ep.paths.solve(e, [late, beyond], **YEARS)
    assert [(str(day), event, entry) for day, event, entry in path.events.itertuples(index=False)] == [
        ("2022-11-01", "begins", "late"),
        ("2022-12-15", "ends", "late"),
        ("2022-12-20", "begins", "beyond"),
    ]
