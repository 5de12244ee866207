"""Stocks ahead of a measure: a discrete programme solved by scipy, what adds up, and limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

import entrepot as ep
from entrepot.paths.inventories import Outlook, Stockpile, stockpile
from shelves import slow_after
from stocks_in_time import worth_in_time
from worlds import random_world

TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.25, change="add")
WINDOW: dict[str, Any] = {"since": "2020-01-01", "until": "2024-01-01"}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


def entry(**days: Any) -> ep.paths.Dated:
    return ep.paths.Dated(TARIFF, **({"since": "2021-07-01", "announced": "2020-07-01"} | days))


def ahead(
    costs: ep.paths.Inventories, rise: float, elasticity: float, chance: float, horizon: float = np.inf
) -> Stockpile:
    """The stock ahead of a rise that comes with some chance, where imports are as before if it does not."""
    e, never = np.array([elasticity]), np.full(1, np.inf)
    comes = Outlook(np.array([rise]), np.array([rise**-elasticity]), e, np.array([horizon]), chance)
    return stockpile(costs, [comes, Outlook(np.ones(1), np.ones(1), e, never, 1 - chance)])


def shot(costs: ep.paths.Inventories, rise: float, elasticity: float, chance: float) -> tuple[float, float]:
    """The stock and the years until it is gone, by an adaptive solver in time, backwards from the last unit."""

    def worth(stock: float, last: float, used: float) -> tuple[float, float]:
        return worth_in_time(costs, stock, last, used, elasticity)

    def gain(stock: float) -> float:
        comes, not_ = worth(stock, rise, rise**-elasticity)[0], worth(stock, 1.0, 1.0)[0] if chance < 1 else 0.0
        return float(chance * comes + (1 - chance) * not_ - 1)

    stock = brentq(gain, 1e-9, 2.0, xtol=1e-12)
    return stock, worth(stock, rise, rise**-elasticity)[1]


@pytest.mark.parametrize(
    ("rise", "elasticity", "crowding", "chance", "stock"),
    slow_after(
        4,
        [
            (1.25, 51, 1.0, 1.0, 0.0825), (2.0, 8, 0.0, 1.0, 0.683), (1.25, 8, 1.0, 0.5, 0.2185),
            (1.3, 0.4, 1.0, 1.0, None), (1.25, 15, 1.0, 1.0, 0.21824), (1.25, 30, 1.0, 1.0, 0.1292),
            (2.0, 8, 1.0, 1.0, 0.3624), (3.0, 5, 1.0, 1.0, 0.5167), (11.0, 5, 1.0, 1.0, 0.519),
            (1.25, 1.0, 1.0, 0.6, None),
        ],
    ),
)  # fmt: skip
def test_stocks_of_goods_whose_use_falls_steeply(
    rise: float, elasticity: float, crowding: float, chance: float, stock: float | None
) -> None:
    costs = ep.paths.Inventories(0.05, 0.15, crowding)
    pile = ahead(costs, rise, elasticity, chance)
    by_time, years = shot(costs, rise, elasticity, chance)
    assert pile.stock[0] == pytest.approx(by_time, rel=1e-5)
    assert pile.ways[0].years[0] == pytest.approx(years, rel=1e-4)
    assert stock is None or pile.stock[0] == pytest.approx(stock, rel=2e-3)


def test_keeping_goods_for_next_to_nothing_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="more than the imports of 64 years would be stored"):
        ahead(ep.paths.Inventories(1e-4, 0.0, 0.0), 1.25, 4.0, 1.0)


def test_goods_in_excess_are_worth_nothing_and_not_less() -> None:
    pile = ahead(ep.paths.Inventories(), 1.3, 0.0, 0.5, 0.05)
    assert pile.stock[0] <= 0.05 + 1e-9
    assert all(way.value[0] >= 0 for way in pile.ways)


def programme(
    costs: ep.paths.Inventories, rise: float, elasticity: float, chance: float, periods: int, span: float
) -> float:
    """The stock that a planner buys who has CES users, in many small periods on each of two branches.

    It maximises the worth of use less the costs of buying, of storing and of money, all in one number: competitive
    importers do what it does. Use on both branches is at most what is in store plus what is imported there.
    """
    h = span / periods
    discount = np.exp(-costs.interest * h * (np.arange(periods) + 0.5))
    price = np.array([rise, 1.0])
    weight = np.array([chance, 1 - chance])

    def cost(x: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the gain of having a stock: its use instead of imports, which are bought at `price` beside it."""
        stock, drawn = x[0], x[1:].reshape(2, periods) * h
        left = stock - np.cumsum(drawn, axis=1) + drawn / 2  # in the middle of each period
        # Users who have u a year from store have D(P) = u where nothing is imported: P falls below `price` with u.
        rate = x[1:].reshape(2, periods)
        full = np.array([rise**-elasticity, 1.0])[:, None]
        share = rate / full
        above = np.maximum(share, 1.0)
        spared = price[:, None] * full * np.minimum(share, 1.0)
        more = price[:, None] * full * (above ** (1 - 1 / elasticity) - 1) / (1 - 1 / elasticity)
        keeping = costs.storage * left + costs.crowding / 2 * left**2
        gain = weight @ ((spared + more - keeping) @ discount * h) - stock
        marginal = price[:, None] * above ** (-1 / elasticity)
        weighed = weight[:, None] * discount * h
        slope_left = -(costs.storage + costs.crowding * left) * weighed
        after = np.cumsum(slope_left[:, ::-1], axis=1)[:, ::-1]
        slope = marginal * weighed - (after - slope_left / 2) * h
        return -gain, -np.concatenate([[slope_left.sum() - 1], slope.ravel()])

    x0 = np.concatenate([[0.1], np.full(2 * periods, 0.1 / span)])
    none_left = [
        {"type": "ineq", "fun": lambda x, b=b: x[0] - x[1 + b * periods : 1 + (b + 1) * periods].sum() * h,
         "jac": lambda x, b=b: np.concatenate([[1.0], *(np.full(periods, -h * (k == b)) for k in range(2))])}
        for b in range(2)
    ]  # fmt: skip
    found = minimize(
        cost, x0, jac=True, method="SLSQP", bounds=[(0, None)] * len(x0), constraints=none_left,
        options={"maxiter": 500, "ftol": 1e-10},
    )  # fmt: skip
    assert found.success or found.status == 9, found.message  # what it found is compared either way
    return float(found.x[0])


@pytest.mark.parametrize(
    ("interest", "storage", "crowding", "chance"),
    slow_after(1, [(0.05, 0.15, 1.0, 1.0), (0.05, 0.3, 0.5, 0.6), (0.02, 0.1, 2.0, 0.3)]),
)
def test_the_stock_is_that_of_a_discrete_programme(
    interest: float, storage: float, crowding: float, chance: float
) -> None:
    costs = ep.paths.Inventories(interest, storage, crowding)
    pile = ahead(costs, 1.2, 3.0, chance)
    span = 1.3 * max(way.years[0] for way in pile.ways)
    assert pile.stock[0] == pytest.approx(programme(costs, 1.2, 3.0, chance, 60, span), rel=0.01)


def worth(pile: Stockpile, chance: float) -> float:
    return float(chance * pile.ways[0].value[0] + (1 - chance) * pile.ways[1].value[0])


@pytest.mark.parametrize(
    ("horizon", "chance"),
    slow_after(4, [(np.inf, 0.2), (np.inf, 0.7), (np.inf, 1.0), (0.05, 0.7), (0.05, 0.2), (0.05, 1.0)]),
)
def test_the_last_unit_is_worth_what_it_costs(chance: float, horizon: float) -> None:
    pile = ahead(ep.paths.Inventories(), 1.3, 4.0, chance, horizon)
    assert worth(pile, chance) == pytest.approx(1.0, abs=1e-9)
    assert pile.ways[0].years[0] <= horizon + 1e-9


@pytest.mark.parametrize("chance", [0.25, 1.0])
@pytest.mark.parametrize("crowding", [0.0, 2.0])
def test_the_marginal_cost_of_storing_is_the_duty_times_its_probability(chance: float, crowding: float) -> None:
    """Where use does not answer prices a stock of s lasts s years: c_0 s + c_1 s^2 / 2 = q (u_1 - u_0)."""
    pile = ahead(ep.paths.Inventories(0.0, 0.3, crowding), 1.2, 1e-12, chance)
    s = pile.stock[0]
    assert 0.3 * s + crowding / 2 * s**2 == pytest.approx(chance * 0.2, abs=1e-9)
    assert pile.ways[0].years[0] == pytest.approx(s, abs=1e-9)
    assert pile.ways[0].kept[0] == pytest.approx(0.3 * s**2 / 2 + crowding * s**3 / 3, abs=1e-9)


@pytest.mark.parametrize(("crowding", "lead"), [(0.0, 0.2), (2.0, 0.25)])
def test_goods_are_kept_from_the_days_in_which_they_are_bought(crowding: float, lead: float) -> None:
    """Where use does not answer prices: the mean unit is kept for half the lead, beside two thirds of its crowding."""
    costs = ep.paths.Inventories(0.0, 0.3, crowding)
    e, never = np.full(1, 1e-12), np.full(1, np.inf)
    pile = stockpile(costs, [Outlook(np.full(1, 1.2), np.ones(1), e, never)], lead)
    s = pile.stock[0]
    before = lead * (0.3 / 2 + crowding * s / 3)
    assert before + 0.3 * s + crowding / 2 * s**2 == pytest.approx(0.2, abs=1e-9)
    days = (np.arange(2000) + 0.5) / 2000 * lead  # the stock grows evenly
    held = s * days / lead
    assert pile.kept[0] == pytest.approx(float((held * (0.3 + crowding * held)).mean() * lead), rel=1e-6)


def test_more_is_stored_where_it_is_likelier_cheaper_or_dearer_later() -> None:
    def stock(chance: float = 0.5, rise: float = 1.2, **costs: float) -> float:
        return float(ahead(ep.paths.Inventories(**costs), rise, 3.0, chance).stock[0])  # type: ignore[arg-type]

    assert stock(0.6) > stock(0.5) > stock(storage=0.3) > stock(storage=0.3, interest=0.2)
    assert stock(rise=1.3) > stock() > stock(crowding=2.0)


# ---- on a path ----


def yearly(path: ep.paths.Path, column: str) -> float:
    """The sum over the window, amounts a year times the length of their steps."""
    (title,) = path.by_market
    return float(sum(path.markets.loc[(s.step.first, title), column] * s.step.length for s in path.steps))


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("step", ["quarter", "year"])
def test_the_surge_and_the_hole_add_up(e: ep.Economy, carried_out: bool, step: Any) -> None:
    """What is bought ahead is what is missing after, and what the lower price adds to use."""
    arguments: dict[str, Any] = {**WINDOW, "step": step, "expectations": "beliefs"}
    threat = entry(probability=0.6, carried_out=carried_out)
    path = ep.paths.solve(e, threat, **arguments, inventories=ep.paths.Inventories())
    without = ep.paths.solve(e, threat, **arguments)
    (surge,) = path.stockpiles
    price = surge.before.border / surge.before.volume
    going_on = surge.after if carried_out else surge.before
    missing = surge.hole * going_on.border / going_on.volume
    assert yearly(path, "imports") - yearly(without, "imports") == pytest.approx(
        float((surge.surge * price - missing).sum()), abs=1e-6
    )
    assert surge.surge.sum() > surge.hole.sum() > 0  # the lower price adds to use
    used = sum(surge.added(s)["used"].sum() for s in path.steps)
    assert used == pytest.approx(float((surge.surge - surge.hole).sum()), abs=1e-8)


@pytest.mark.parametrize("carried_out", [True, False])
def test_storage_and_money_for_nothing_move_all_imports_ahead(e: ep.Economy, carried_out: bool) -> None:
    """What is used until the measure ends is bought before it begins, at the price of then."""
    free = ep.paths.Inventories(interest=0.0, storage=0.0, crowding=0.0)
    threat = entry(until="2022-07-01", carried_out=carried_out)
    path = ep.paths.solve(e, threat, **WINDOW, expectations="beliefs", inventories=free)
    (title,) = path.by_market
    imports = path.markets["imports"].xs(title, level="market")
    base = float(path.base.flows.border[path.by_market[title]].sum())
    years = {day: s.step.length for day, s in zip(path.days, path.steps, strict=True)}
    total = sum(imports[day] * years[day] for day in path.days)
    if carried_out:
        assert [imports[d] for d in path.days if "2021-07" <= str(d) < "2022-07"] == pytest.approx([0] * 4, abs=1e-6)
        used = path.markets["use_pct"].xs(title, level="market")
        assert used.abs().max() < 1e-6  # at the price before
    assert total == pytest.approx(base * sum(years.values()), rel=1e-8)


def test_importers_store_only_what_they_expect(e: ep.Economy) -> None:
    stores = {"inventories": ep.paths.Inventories(), **WINDOW}
    for expectations in ("myopic", "beliefs"):
        surprise = ep.paths.Dated(TARIFF, since="2021-07-01")
        path = ep.paths.solve(e, surprise, **stores, expectations=expectations)
        assert path.surges.empty
    assert len(ep.paths.solve(e, entry(), **stores, expectations="foresight").surges) == 1
    no_threat = ep.paths.solve(e, entry(carried_out=False), **stores, expectations="foresight")
    assert no_threat.surges.empty


def test_only_what_can_be_stored_is_stored(e: ep.Economy) -> None:
    other = ep.paths.Inventories(sectors="s01")
    assert ep.paths.solve(e, entry(), **WINDOW, inventories=other).surges.empty
    same = ep.paths.Inventories(sectors=["s00", "s01"])
    assert len(ep.paths.solve(e, entry(), **WINDOW, inventories=same).surges) == 1
    with pytest.raises(ep.errors.UnknownNameError, match="steel"):
        ep.paths.solve(e, entry(), **WINDOW, inventories=ep.paths.Inventories(sectors="steel"))


def test_nothing_is_stored_before_the_announcement(e: ep.Economy) -> None:
    late = entry(announced="2021-06-11")
    path = ep.paths.solve(e, late, **WINDOW, expectations="beliefs", inventories=ep.paths.Inventories())
    (surge,) = path.stockpiles
    assert str(surge.begins) == "2021-06-11"
    (title,) = path.by_market
    quiet = path.markets.loc[(path.days[4], title), "imports"]
    assert quiet == pytest.approx(float(path.base.flows.border.sum()), rel=1e-9)


def test_duties_saved_are_those_that_the_treasury_misses(e: ep.Economy) -> None:
    """With use that does not answer prices the duty on the stock is the revenue that is lost."""
    path = ep.paths.solve(e, entry(), **WINDOW, inventories=ep.paths.Inventories())
    without = ep.paths.solve(e, entry(), **WINDOW)
    lost = (without.totals - path.totals)["tariff_revenue_change"]["C00"]
    (row,) = path.surges.to_dict("records")
    (surge,) = path.stockpiles
    added_use = (surge.surge - surge.hole) * surge.after.duty / surge.after.volume
    assert lost == pytest.approx(row["duty_saved"] - float(added_use.sum()), rel=1e-6)
    assert row["keeping_cost"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"interest": -0.1}, "inventories: interest -0.1: a part a year, 0 or more"),
        ({"storage": "high"}, "inventories: storage 'high': a part a year"),
        ({"lead": 0}, "inventories: lead 0: a whole number of days from 1 to 366"),
    ],
)
def test_costs_that_cannot_be_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.paths.Inventories(**arguments)


def test_a_stock_without_cost_and_end_is_refused(e: ep.Economy) -> None:
    free = ep.paths.Inventories(interest=0.0, storage=0.0, crowding=0.0)
    with pytest.raises(ep.errors.InputError, match="a stock has no limit ahead of a measure without a last day"):
        ep.paths.solve(e, entry(), **WINDOW, inventories=free)


@pytest.mark.parametrize(("belief", "lead", "rise"), slow_after(1, [(0.2, 30, 13.2), (0.2, 90, 0.0), (0.5, 90, 22.9)]))
def test_early_2025_as_docs_quote_it(belief: float, lead: int, rise: float) -> None:
    world = ep.load_economy("world2022")
    goods = list(world.sectors[:24])
    duty = ep.Tariff(importer="USA", exporter="WORLD", sector=goods, rate=0.1, change="add")
    threat = ep.paths.Dated(duty, since="2025-04-05", announced="2024-11-06", probability=belief)
    path = ep.paths.solve(
        world, threat, since="2024-10-01", until="2025-07-01", expectations="beliefs",
        inventories=ep.paths.Inventories(lead=lead),
    )  # fmt: skip
    imports = path.markets["imports"].to_numpy()
    assert 100 * (imports[1] / imports[0] - 1) == pytest.approx(rise, abs=0.06)
