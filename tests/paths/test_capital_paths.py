"""Capital on a path: the household's own optimum, the discrete model in levels, the steady state, and its limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import root

import entrepot as ep
from entrepot.paths.static_states import check_grows_no_further
from shelves import slow_after
from worlds import place, random_world

TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.4, change="add")
WINDOW: dict[str, Any] = {"since": "2020-01-01", "until": "2026-01-01"}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


class Levels:
    """The model in levels: Cobb-Douglas factors, CES buyers, tariffs and deficits. Solved by scipy, not by hats."""

    def __init__(self, e: ep.Economy, tariff: np.ndarray, share: float, depreciation: float, patience: float) -> None:
        self.e, self.tariff, self.alpha = e, tariff, share
        self.delta, self.beta = depreciation, patience
        self.n, self.j = len(e.countries), len(e.sectors)
        self.labour = e.value_added * (1 - share)  # units that cost one dollar in the base
        self.income = e.value_added + (e.tariff * e.value).sum(axis=(0, 2)) + e.deficit
        self.save = patience * depreciation / (1 - patience * (1 - depreciation))
        x0 = self.save * share * e.value_added / self.income
        self.capital0 = x0 * self.income  # the stock that base investment keeps up: K = Omega
        self.rental0 = share * e.value_added / self.capital0
        # Buyers' weights such that base shares are chosen at base user prices.
        self.weight = e.share * (1 + e.tariff) ** e.theta[:, None, None]

    def market(self, x: np.ndarray, capital: np.ndarray) -> dict[str, np.ndarray]:
        e, alpha = self.e, self.alpha
        earned = e.value_added * np.exp(x[: self.n])  # by factors
        price = np.exp(x[self.n : self.n + self.j * self.n]).reshape(self.j, self.n)
        spent = e.spending * np.exp(x[self.n + self.j * self.n :]).reshape(self.j, self.n)
        wage, rental = (1 - alpha) * earned / self.labour, alpha * earned / capital / self.rental0
        factor = wage ** (1 - alpha) * rental**alpha
        made = np.array(
            [[factor[i] ** e.value_added_share[i, j] * np.prod(price[:, i] ** e.inputs[i, :, j]) for i in range(self.n)]
             for j in range(self.j)]
        )  # fmt: skip
        landed = made[:, None, :] * (1 + self.tariff)
        pull = self.weight * landed ** -e.theta[:, None, None]
        value = pull / pull.sum(axis=2, keepdims=True) * spent[:, :, None] / (1 + self.tariff)
        sales = value.sum(axis=1)
        income = earned + (self.tariff * value).sum(axis=(0, 2)) + e.deficit * earned.sum() / e.value_added.sum()
        consumer = np.prod(price**e.final_share.T, axis=0)
        index = pull.sum(axis=2) ** (-1 / e.theta[:, None])
        paid = np.array([(e.value_added_share[i] * sales[:, i]).sum() for i in range(self.n)])
        wanted = e.final_share.T * income + np.einsum("nkj,jn->kn", e.inputs, sales)
        return {
            "earned": earned, "income": income, "consumer": consumer, "price_gap": np.log(price / index).ravel(),
            "spending_gap": np.log(wanted / spent).ravel(), "factor_gap": np.log(paid / earned),
        }  # fmt: skip

    def solve(self, capital: np.ndarray) -> dict[str, np.ndarray]:
        def gaps(x: np.ndarray) -> np.ndarray:
            m = self.market(x, capital)
            factor = m["factor_gap"].copy()
            factor[-1] = m["earned"].sum() / self.e.value_added.sum() - 1  # one is redundant: the unit of account
            return np.concatenate([factor, m["price_gap"], m["spending_gap"]])

        found = root(gaps, np.zeros(self.n + 2 * self.j * self.n), tol=1e-13)
        assert np.abs(gaps(found.x)).max() < 1e-10, found.message
        return self.market(found.x, capital)

    def next_capital(self, capital: np.ndarray) -> np.ndarray:
        """K' = Omega^delta K^(1 - delta), Omega by the closed form of log utility."""
        m = self.solve(capital)
        bought = self.save * self.alpha * m["earned"] / m["consumer"]
        return bought**self.delta * capital ** (1 - self.delta)


def tariff_of(e: ep.Economy) -> np.ndarray:
    levied = e.tariff.copy()
    levied[place(e, "s00", "C00", "C01")] += 0.4
    return levied


def test_every_year_is_that_of_the_discrete_model_in_levels(e: ep.Economy) -> None:
    """Yearly, with production from the stock at a year's start: Anderson, Larch and Yotov's timing."""
    capital = ep.paths.Capital(share=0.4, depreciation=0.1, discount_factor=0.95, timing="start")
    path = ep.paths.solve(
        e, {"2020-01-01": TARIFF}, **WINDOW, step="year", expectations="myopic", capital=capital, tol=1e-12
    )
    model = Levels(e, tariff_of(e), 0.4, 0.1, 0.95)
    stock = model.capital0
    for year in path.days:
        market, row = model.solve(stock), path.countries.loc[year]
        np.testing.assert_allclose(row["capital_pct"], 100 * (stock / model.capital0 - 1), atol=1e-8)
        real = market["income"] / market["consumer"] / model.income
        np.testing.assert_allclose(row["real_income_pct"], 100 * (real - 1), atol=1e-8)
        stock = model.next_capital(stock)
    assert abs(stock / model.capital0 - 1).max() > 1e-3


def test_the_steady_state_is_that_of_the_model_in_levels(e: ep.Economy) -> None:
    model = Levels(e, tariff_of(e), 0.4, 0.1, 0.95)
    kept = root(lambda k: np.log(model.next_capital(model.capital0 * np.exp(k)) / model.capital0) - k, np.zeros(3))
    outcome = ep.paths.steady_state(e, TARIFF, capital=ep.paths.Capital(0.4, 0.1, 0.95), tol=1e-12)
    stocks = outcome.problem.closure.capital
    assert isinstance(stocks, dict)
    np.testing.assert_allclose(np.log([stocks[c] for c in e.countries]), kept.x, atol=1e-8)
    assert np.abs(kept.x).max() > 0.005


@pytest.mark.parametrize("horizon", slow_after(1, ["short", "long"]))
def test_a_long_path_comes_to_the_steady_state(e: ep.Economy, horizon: str) -> None:
    """The static engine at the long-run stocks; in it capital earns in goods what it earned in the base."""
    closure = ep.Closure(horizon=horizon, labour_share=0.6)  # type: ignore[arg-type]
    capital = ep.paths.Capital(depreciation=0.3)
    path = ep.paths.solve(
        e, {"2020-01-01": TARIFF}, since="2020-01-01", until="2085-01-01", step="year", capital=capital,
        closure=closure, expectations="myopic",
    )  # fmt: skip
    outcome = ep.paths.steady_state(e, TARIFF, capital=capital, closure=closure)
    last = path.countries.loc[path.days[-1]]
    np.testing.assert_allclose(last["real_income_pct"], outcome.countries["real_income_pct"], atol=1e-5)
    if horizon == "short":
        np.testing.assert_allclose(outcome.sectors["capital_return_pct"], 0.0, atol=1e-7)
        stocks = path.sectors.loc[path.days[-1], "capital_pct"]
        assert stocks.abs().max() > 1


#: Windows of whole years, and some whose first and last steps are cut off.
WINDOWS = [("2020-01-01", "2026-01-01"), ("2020-11-15", "2030-02-01"), ("2019-12-20", "2025-01-10")]
STEADY = ["real_income_pct", "capital_pct", "consumption_pct", "investment_pct"]


@pytest.mark.parametrize("timing", ["middle", "start"])
@pytest.mark.parametrize("expectations", ["foresight", "myopic", "beliefs"])
@pytest.mark.parametrize(("since", "until"), WINDOWS)
def test_without_measures_nothing_moves(e: ep.Economy, since: str, until: str, expectations: Any, timing: Any) -> None:
    """Also where the window cuts off a step: what is invested in the base does not depend on the length of a step."""
    path = ep.paths.solve(
        e, [], since=since, until=until, step="year", capital=ep.paths.Capital(timing=timing), expectations=expectations
    )
    assert np.abs(path.countries[STEADY].to_numpy()).max() < 1e-7


def test_a_few_days_at_the_ends_of_the_window_hardly_move_a_total(e: ep.Economy) -> None:
    def consumed(since: str, until: str) -> Any:
        return ep.paths.solve(
            e, {"2021-01-01": TARIFF}, since=since, until=until, step="year", capital=ep.paths.Capital()
        ).totals["consumption_change"]

    whole, more = consumed("2020-01-01", "2026-01-01"), consumed("2019-12-20", "2026-01-10")
    np.testing.assert_allclose(more, whole, rtol=0.01)


def household(x: np.ndarray, path: ep.paths.Path, country: int, beta: float, delta: float) -> float:
    """Utility of one household that takes prices and other income of the path as given and invests x, years from 0.

    After the last year it invests and consumes as in that year's steady state for a long time.
    """
    capital, utility = 1.0, 0.0
    years = len(path.steps)
    for t in range(years + 400):
        s = path.steps[min(t, years - 1)]
        assert s.ln_capital_used is not None
        assert s.invested_in_base is not None
        earned = s.state.capital_income[country]
        rental = earned / np.exp(s.ln_capital_used[country])
        spending = s.state.income[country] - earned + rental * capital
        price = s.state.income[country] / s.state.real_spending[country]
        omega = x[min(t, years - 1)] * spending / price
        consumed = (1 - x[min(t, years - 1)]) * spending / price
        utility += beta**t * np.log(consumed)
        omega0 = s.invested_in_base[country] * path.base.real_spending[country]
        capital = (omega / omega0) ** delta * capital ** (1 - delta)
    return float(utility)


def test_with_foresight_no_other_plan_is_better_for_the_household(e: ep.Economy) -> None:
    """A large duty from the third year on moves capital's share of spending; the plan knows, and myopia does worse."""
    everything = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate=1.0, change="add")
    plan: dict[str, Any] = {
        "scenario": ep.paths.Dated(everything, since="2022-01-01"), "since": "2020-01-01", "until": "2050-01-01",
        "capital": ep.paths.Capital(share=0.4, depreciation=0.4, discount_factor=0.9, timing="start"),
    }  # fmt: skip
    path = ep.paths.solve(e, **plan, step="year", tol=1e-12)
    myopic = ep.paths.solve(e, **plan, step="year", expectations="myopic", tol=1e-12)
    (n,) = place(e, "C00")
    x = np.array([s.invested[n] for s in path.steps if s.invested is not None])
    other = np.array([s.invested[n] for s in myopic.steps if s.invested is not None])
    assert np.abs(x[:2] / other[:2] - 1).max() > 1e-3
    best = household(x, path, n, 0.9, 0.4)
    assert household(other, path, n, 0.9, 0.4) < best - 1e-7
    for t in range(5):
        for move in (-1e-3, 1e-3):
            tried = x.copy()
            tried[t] += move
            assert household(tried, path, n, 0.9, 0.4) < best


def continuous_household(x: np.ndarray, path: ep.paths.Path, country: int, beta: float, delta: float) -> float:
    """Utility of a household in continuous time, by small slices, at the prices of the path and investing x a step."""
    slices, wear, impatience = 12, -np.log1p(-delta), -np.log(beta)
    ln_capital, utility, now = 0.0, 0.0, 0.0
    for t in range(len(path.steps) + 60):
        s = path.steps[min(t, len(path.steps) - 1)]
        assert s.ln_capital_used is not None
        assert s.invested_in_base is not None
        earned, income = s.state.capital_income[country], s.state.income[country]
        rental, price = earned / np.exp(s.ln_capital_used[country]), income / s.state.real_spending[country]
        base = s.invested_in_base[country] * path.base.real_spending[country]
        part, slice_ = x[min(t, len(path.steps) - 1)], s.step.years / slices
        for _ in range(slices):
            half = ln_capital
            for _ in range(2):  # the slope at the middle of the slice
                real = (income - earned + rental * np.exp(half)) / price
                slope = wear * (np.log(part * real / base) - half)
                half = ln_capital + slope * slice_ / 2
            utility += np.exp(-impatience * (now + slice_ / 2)) * slice_ * np.log((1 - part) * real)
            ln_capital, now = ln_capital + slope * slice_, now + slice_
    return float(utility)


@pytest.mark.slow
def test_the_plan_is_that_of_a_household_in_continuous_time(e: ep.Economy) -> None:
    """With stocks at the middle of steps: the best x of each year, by Newton's step on utility, is that of the path."""
    everything = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate=1.0, change="add")
    path = ep.paths.solve(
        e, ep.paths.Dated(everything, since="2022-01-01"), since="2020-01-01", until="2060-01-01", step="year",
        capital=ep.paths.Capital(share=0.4, depreciation=0.1, discount_factor=0.95), tol=1e-12,
    )  # fmt: skip
    (n,) = place(e, "C00")
    x = np.array([s.invested[n] for s in path.steps if s.invested is not None])
    for t in (0, 1, 2, 5):

        def utility(factor: float, t: int = t) -> float:
            tried = x.copy()
            tried[t] *= factor
            return continuous_household(tried, path, n, 0.95, 0.1)

        less, here, more = utility(0.99), utility(1.0), utility(1.01)
        best = 1 + 0.01 * (less - more) / (2 * (less + more - 2 * here))
        assert best == pytest.approx(1.0, abs=1e-4)


def test_discounted_totals_do_not_depend_on_the_length_of_a_step(e: ep.Economy) -> None:
    arguments: dict[str, Any] = {
        "since": "2020-01-01", "until": "2030-01-01", "capital": ep.paths.Capital(depreciation=0.1),
        "discount_rate": 0.04,
    }  # fmt: skip
    quarters = ep.paths.solve(e, {"2021-01-01": TARIFF}, **arguments).totals
    years = ep.paths.solve(e, {"2021-01-01": TARIFF}, **arguments, step="year").totals
    np.testing.assert_allclose(years, quarters, rtol=0.01, atol=0.01 * quarters.abs().max().min())


def test_stocks_at_the_middle_of_a_step_do_not_depend_on_its_length(e: ep.Economy) -> None:
    """The sum of K^ over the window, by year and by quarter; with stocks at the start a year lags by half of it."""

    def stock(step: Any, timing: Any) -> np.ndarray:
        path = ep.paths.solve(
            e, {"2021-01-01": TARIFF}, since="2020-01-01", until="2027-01-01", step=step, expectations="myopic",
            capital=ep.paths.Capital(depreciation=0.1, timing=timing),
        )  # fmt: skip
        return sum(s.step.length * path.countries.loc[s.step.first, "capital_pct"].to_numpy() for s in path.steps)

    np.testing.assert_allclose(stock("year", "middle"), stock("quarter", "middle"), rtol=0.01)
    assert np.abs(stock("year", "start") / stock("quarter", "start") - 1).min() > 0.05


def test_a_belief_lies_between_surprise_and_certainty(e: ep.Economy) -> None:
    everything = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate=1.0, change="add")

    def invested(chance: float, carried_out: bool = True) -> float:
        entry = ep.paths.Dated(
            everything, since="2022-01-01", announced="2020-01-01", probability=chance, carried_out=carried_out
        )
        path = ep.paths.solve(
            e, entry, since="2020-01-01", until="2024-01-01", step="year", capital=ep.paths.Capital(),
            expectations="beliefs",
        )  # fmt: skip
        first = path.steps[1].invested
        assert first is not None
        return float(first[place(e, "C00")[0]])

    none, half, all_ = invested(0.0), invested(0.5), invested(1.0)
    assert min(none, all_) < half < max(none, all_)
    foresight = ep.paths.solve(
        e, ep.paths.Dated(everything, since="2022-01-01"), since="2020-01-01", until="2024-01-01", step="year",
        capital=ep.paths.Capital(),
    )  # fmt: skip
    assert foresight.steps[1].invested is not None
    assert all_ == pytest.approx(float(foresight.steps[1].invested[place(e, "C00")[0]]), abs=1e-9)
    # A threat moves what is invested whether or not it comes.
    assert invested(0.5, carried_out=False) == pytest.approx(half, abs=1e-7)


BIG = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate=1.0, change="add")


def part_invested(e: ep.Economy, *entries: ep.paths.Dated, **arguments: Any) -> np.ndarray:
    """x over x_0 of C00 in each step, less one."""
    path = ep.paths.solve(
        e, entries, **({"since": "2020-01-01", "until": "2025-01-01", "step": "year"} | arguments),
        capital=ep.paths.Capital(share=0.4, depreciation=0.1), expectations="beliefs",
    )  # fmt: skip
    (n,) = place(e, "C00")
    return np.array([s.invested[n] / s.invested_in_base[n] - 1 for s in path.steps])


@pytest.mark.parametrize(
    ("until", "chance"),
    slow_after(
        1,
        [("2022-05-20", 0.3), ("2023-01-01", 0.3), (None, 0.3), ("2022-05-20", 1.0), ("2023-01-01", 1.0), (None, 1.0)],
    ),
)
def test_what_is_done_before_the_day_does_not_depend_on_what_happens_then(
    e: ep.Economy, until: str | None, chance: float
) -> None:
    """Also where the measure ends, or another one follows that is uncertain too."""
    dated = {"since": "2022-01-01", "until": until, "announced": "2020-01-01", "probability": chance}
    other = ep.paths.Dated(TARIFF, since="2023-06-01", announced="2020-01-01", probability=0.5)
    for more in ((), (other,)):
        comes, lapses = (
            part_invested(e, ep.paths.Dated(BIG, **dated, carried_out=out), *more)  # type: ignore[arg-type]
            for out in (True, False)
        )
        np.testing.assert_allclose(comes[:2], lapses[:2], atol=1e-7)
        assert np.abs(comes[:2]).min() > 1e-5


def test_a_belief_of_one_is_foresight_also_of_the_end_of_a_measure(e: ep.Economy) -> None:
    dated = {"since": "2022-01-01", "until": "2023-01-01", "announced": "2020-01-01"}
    threat = part_invested(e, ep.paths.Dated(BIG, **dated, carried_out=False))  # type: ignore[arg-type]
    path = ep.paths.solve(
        e, ep.paths.Dated(BIG, **dated), since="2020-01-01", until="2025-01-01", step="year",  # type: ignore[arg-type]
        capital=ep.paths.Capital(share=0.4, depreciation=0.1),
    )  # fmt: skip
    (n,) = place(e, "C00")
    foreseen = np.array([s.invested[n] / s.invested_in_base[n] - 1 for s in path.steps])
    np.testing.assert_allclose(threat[:2], foreseen[:2], atol=1e-7)


def test_a_measure_that_has_ended_is_not_expected_again(e: ep.Economy) -> None:
    """A second uncertain measure, so small that it does nothing, begins in the same step after the first has ended."""
    first = ep.paths.Dated(BIG, "2022-01-01", until="2022-03-01", announced="2020-01-01", probability=0.5)
    small = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=1e-7, change="add")
    second = ep.paths.Dated(small, "2022-06-01", announced="2020-01-01", probability=0.5)
    alone, both = part_invested(e, first), part_invested(e, first, second)
    np.testing.assert_allclose(both[:2], alone[:2], rtol=0.1)
    assert np.abs(alone[:2]).min() > 1e-5


def test_an_announcement_late_in_a_step_moves_only_its_last_days(e: ep.Economy) -> None:
    """Announced with a tenth of the year to go, a duty moves a tenth of the year's investment as much."""
    announced = [
        part_invested(e, ep.paths.Dated(BIG, since="2022-01-01", announced=day), until="2024-01-01")
        for day in ("2021-01-01", "2021-11-25", "2021-12-31")
    ]
    np.testing.assert_allclose(announced[1][1] / announced[0][1], 37 / 365, rtol=0.15)
    np.testing.assert_allclose(announced[2][1] / announced[0][1], 1 / 365, rtol=0.15)
    assert [abs(s[0]) < 1e-8 for s in announced] == [True, True, True]


def test_more_uncertain_measures_than_can_be_are_refused(e: ep.Economy) -> None:
    entries = [
        ep.paths.Dated(TARIFF, since=f"2022-0{month}-01", announced="2021-01-01", probability=0.5, title=str(month))
        for month in range(1, 8)
    ]
    with pytest.raises(ep.errors.InputError, match="7 uncertain measures are expected on 2021-01-01; at most 6"):
        part_invested(e, *entries)


def test_all_is_measured_from_the_base_where_the_closure_closes_deficits(e: ep.Economy) -> None:
    """Without measures what moves is what closing deficits does, also to investment and capital."""
    closure = ep.Closure(deficit="closed", labour_share=0.6)
    path = ep.paths.solve(
        e,
        [],
        since="2020-01-01",
        until="2060-01-01",
        step="year",
        capital=ep.paths.Capital(depreciation=0.2),
        closure=closure,
    )
    static = ep.solve(e, [], closure=closure).countries["real_income_pct"]
    first, last = (path.countries.loc[path.days[k]] for k in (0, -1))
    np.testing.assert_allclose(first["real_income_pct"], static, rtol=0.02)
    spent = [s.state.real_spending / path.base.real_spending for s in path.steps]
    np.testing.assert_allclose(100 * (spent[0] - 1), first["real_income_pct"], atol=1e-8)
    assert (np.sign(first["consumption_pct"]) == np.sign(static)).all()
    outcome = ep.paths.steady_state(e, [], capital=ep.paths.Capital(depreciation=0.2), closure=closure)
    np.testing.assert_allclose(last["real_income_pct"], outcome.countries["real_income_pct"], atol=1e-4)
    np.testing.assert_allclose(
        last["capital_pct"],
        [100 * (outcome.problem.closure.capital[c] - 1) for c in e.countries],
        atol=1e-3,  # type: ignore[index]
    )
    assert last["capital_pct"].abs().max() > 1e-2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("horizon", ["long", "short"])
def test_a_country_without_capital_has_no_numbers_of_it(e: ep.Economy, horizon: Any) -> None:
    closure = ep.Closure(horizon=horizon, labour_share={"WORLD": {"ALL": 0.6}, "C00": {"ALL": 1.0}})
    path = ep.paths.solve(e, {"2020-01-01": TARIFF}, **WINDOW, step="year", capital=ep.paths.Capital(), closure=closure)
    mine, others = path.countries.xs("C00", level="country"), path.countries.drop("C00", level="country")
    assert mine[["capital_pct", "investment_pct"]].isna().all(axis=None)
    assert all(s.ln_capital_end[place(e, "C00")[0]].max() == 0 for s in path.steps)
    np.testing.assert_allclose(mine["consumption_pct"], mine["real_income_pct"], atol=1e-8)
    assert np.isfinite(others.to_numpy()).all()
    assert others["capital_pct"].abs().max() > 1e-4


def test_nothing_is_known_before_it_is_announced(e: ep.Economy) -> None:
    entry = ep.paths.Dated(TARIFF, since="2022-01-01", announced="2021-01-01")
    path = ep.paths.solve(
        e, entry, **WINDOW, step="year", capital=ep.paths.Capital(timing="start"), expectations="beliefs"
    )
    assert path.steps[0].invested is not None
    np.testing.assert_allclose(path.steps[0].invested, path.steps[0].invested_in_base, rtol=1e-9)
    assert path.steps[1].invested is not None
    assert np.abs(path.steps[1].invested - path.steps[1].invested_in_base).max() > 1e-9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depreciation": 0.0}, "capital: depreciation 0.0: a rate a year between 0 and 1 is needed"),
        ({"discount_factor": 1.0}, "capital: discount_factor 1.0: .* the future counts without end"),
        ({"share": 1.2}, "capital: share 1.2: a part of value added between 0 and 1 is needed"),
        ({"timing": "end"}, "capital: timing 'end'; known: middle, start"),
    ],
)
def test_capital_that_cannot_be_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.paths.Capital(**arguments)


def test_capital_that_does_not_fit_the_closure_is_refused(e: ep.Economy) -> None:
    def solve(stocks: ep.paths.Capital, **closure: Any) -> None:
        ep.paths.solve(e, [], **WINDOW, capital=stocks, closure=ep.Closure(**closure))

    with pytest.raises(ep.errors.InputError, match="state one of them"):
        solve(ep.paths.Capital(share=0.4), labour_share=0.6)
    with pytest.raises(ep.errors.InputError, match=r"labour_share of C0. differs by sector"):
        solve(ep.paths.Capital(), labour_share={"s00": 0.6, "s01": 0.5})
    with pytest.raises(ep.errors.InputError, match="needs horizon: short"):
        solve(ep.paths.Capital(), labour_share=0.6, labour_supply=0.5)
    with pytest.raises(ep.errors.InputError, match="on a path they follow from investment"):
        solve(ep.paths.Capital(), labour_share=0.6, capital={"C00": 1.1})


@pytest.mark.parametrize("ln_capital", [8.0, -8.0, np.nan])
def test_stocks_that_explode_are_refused(e: ep.Economy, ln_capital: float) -> None:
    stocks = np.zeros(3)
    check_grows_no_further(stocks, e, "2030-01-01")
    stocks[place(e, "C01")[0]] = ln_capital
    with pytest.raises(ep.errors.ConvergenceError, match="Capital of C01 explodes: by 2030-01-01"):
        check_grows_no_further(stocks, e, "2030-01-01")


def test_households_that_would_invest_more_than_they_spend_are_refused(e: ep.Economy) -> None:
    subsidy = ep.ProductionSubsidy(country="C00", sector="ALL", rate=0.5)
    for expectations in ("foresight", "myopic"):
        with pytest.raises(ep.errors.ConvergenceError, match="nothing would be left to consume"):
            ep.paths.solve(
                e, {"2021-01-01": subsidy}, **WINDOW, step="year", capital=ep.paths.Capital(0.9, 0.5),
                expectations=expectations,  # type: ignore[arg-type]
            )  # fmt: skip
