"""Every equilibrium condition written out a second time, cell by cell, at points where none of them holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantity_limits import Quotas
from entrepot.equilibrium.residuals import _quota_gaps, own_sales, residual_arrays, stacked_gaps, worst_cells
from worlds import place, random_world

Cells = dict[str, np.ndarray]
BASE = random_world(3, 3, seed=4, deficits=0.3)
EMPTY = place(BASE, "s02", "C01", "C02")  # a sector that C01 does not make and C02 does not buy


def with_nothing(e: ep.Economy) -> ep.Economy:
    """C01 makes nothing of the last sector, and C02 buys nothing of it."""
    (j, maker, buyer), value, inputs = EMPTY, e.value.copy(), e.inputs.copy()
    value[j, :, maker] = value[j, buyer, :] = 0.0
    inputs[buyer, j, :] = inputs[maker, j, :] = 0.0
    return replace(e, value=value, inputs=inputs)


WORLD = with_nothing(BASE)
MEASURES: list[ep.measures.Measure] = [
    ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(exporter="C01", importer="C02", sector="s00", rate=0.1),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.06),
    ep.NonTariffBarrier(importer="C02", exporter="C00", sector="s01", rate=0.1),
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
    ep.ImportQuota(importer="C01", exporter="C00", sector="s00", cap=1.5, rent={"importer": 0.4, "exporter": 0.6}),
    ep.TariffRateQuota(importer="C02", exporter="C00", sector="s00", cap=0.5, in_rate=0.02, out_rate=0.1),
    ep.SpecificTariff(importer="C01", exporter="C02", sector="s01", amount=0.1),
    ep.ImportQuota(importer="C00", exporter="C02", sector="s01", cap=0),
]
CLOSURES = {
    "long": ep.Closure(),
    "income shares": ep.Closure(deficit="gdp_share", labour_supply={"C00": 0.4, "C01": 0.1}),
    "short": ep.Closure(horizon="short", labour_share=0.6, deficit="own_share"),
    "scale": ep.Closure(scale=0.05, deficit="balanced"),
    "tax": ep.Closure(
        recycling="labour_tax", labour_tax={"C00": 0.2, "C01": 0.3}, labour_supply={"C00": 0.5, "C02": 0.2}
    ),
}


def anywhere(problem: Problem, seed: int = 0) -> State:
    """A point at which every unknown is off, the wedges of quotas within their bounds."""
    market, rng = EquilibriumMap(problem), np.random.default_rng(seed)
    x = rng.normal(0, 0.05, market.start().size)
    return market.unpack(market.project(np.where(np.arange(x.size) >= x.size - problem.quotas.count, np.abs(x), x)))


def unlike(problem: Problem, state: State, seed: int = 1) -> Accounts:
    """Accounts whose flows, prices, incomes and deficits do not follow from the point, nor from one another."""
    rng, a = np.random.default_rng(seed), Accounts.at(problem, state)
    m = a.cleared
    changed = replace(
        m,
        ln_producer_price=m.ln_producer_price + rng.normal(0, 0.05, m.ln_producer_price.shape),
        income=m.income * rng.uniform(0.9, 1.1, m.income.shape),
        deficit=m.deficit + 0.01 * m.income * rng.normal(size=m.income.shape),
        rent=m.rent * rng.uniform(0.9, 1.1, m.rent.shape),
        ln_wedge=m.ln_wedge + rng.uniform(0, 0.01, m.ln_wedge.shape),
    )
    return replace(a, cleared=changed, producer_value=a.producer_value * rng.uniform(0.9, 1.1, a.producer_value.shape))


@pytest.fixture(scope="module", params=CLOSURES)
def point(request: pytest.FixtureRequest) -> tuple[Problem, State, Accounts]:
    problem = Problem.of(WORLD, ep.Scenario.of(MEASURES), CLOSURES[request.param])
    state = anywhere(problem)
    return problem, state, unlike(problem, state)


def by_cell(e: ep.Economy, of: Callable[[int, int], float]) -> np.ndarray:
    """[j, n] of a function of both."""
    return np.array([[of(j, n) for n in range(len(e.countries))] for j in range(len(e.sectors))])


def by_country(e: ep.Economy, of: Callable[[int], float]) -> np.ndarray:
    return np.array([of(n) for n in range(len(e.countries))])


def ln_unit_cost(problem: Problem, s: State, j: int, i: int) -> float:
    """Labour and scale at the wage, inputs at their prices, capital and scale at the sector's activity."""
    e, f = problem.economy, problem.factors
    labour, scale = f.labour[i, j], f.scale[j]
    capital = e.value_added_share[i, j] - labour
    inputs = sum(e.inputs[i, k, j] * s.ln_price[k, i] for k in range(len(e.sectors)))
    activity = s.ln_activity[j, i] if f.has_activity else 0.0
    return float((labour + scale) * np.log(wage_of(problem, s, i)) + inputs + (capital - scale) * activity)


def attraction(problem: Problem, a: Accounts, j: int, n: int, i: int) -> float:
    """pi k^-theta, and nothing under an embargo."""
    e = problem.economy
    if np.ravel_multi_index((j, n, i), e.value.shape) in problem.embargoed:
        return 0.0
    return float(e.share[j, n, i] * np.exp(-e.theta[j] * a.ln_user_wedge_hat[j, n, i]))


def consumer_price(problem: Problem, s: State, n: int) -> float:
    e = problem.economy
    return float(np.exp(sum(e.final_share[n, j] * s.ln_price[j, n] for j in range(len(e.sectors)))))


def labour_income(problem: Problem, s: State, n: int) -> float:
    """w^ L^ of the base's."""
    f = problem.factors
    base = sum(f.labour[n, j] * problem.economy.output[j, n] for j in range(len(problem.economy.sectors)))
    return float(np.exp(s.ln_labour_income[n]) * base)


def wage_of(problem: Problem, s: State, n: int) -> float:
    """w^ at which labour earns w^ L^, and L^ = (w^ k^ / P^)^eta."""
    f = problem.factors
    kept = np.exp(s.ln_keep[n]) if f.recycled else 1.0
    eta = f.labour_rule.number[n]
    return float((np.exp(s.ln_labour_income[n]) * (consumer_price(problem, s, n) / kept) ** eta) ** (1 / (1 + eta)))


def closure_deficit(problem: Problem, value_added: np.ndarray, earned: np.ndarray) -> np.ndarray:
    e, rule = problem.economy, problem.closure.deficit
    base = np.zeros_like(e.deficit) if rule == "balanced" else e.deficit
    if rule == "gdp_share":
        return base * earned.sum() / e.income.sum()
    if rule == "own_share":
        held = base / e.value_added * value_added
        return held - held.sum() * value_added / value_added.sum()
    return base * value_added.sum() / e.value_added.sum()


def conditions(problem: Problem, s: State, a: Accounts) -> Cells:
    e, f, m = problem.economy, problem.factors, a.cleared
    countries, sectors = range(len(e.countries)), range(len(e.sectors))
    cost = by_cell(e, lambda j, i: np.exp(problem.ln_subsidy[j, i]) * a.producer_value[j, :, i].sum())
    spent = by_cell(e, lambda j, n: a.user_value[j, n].sum())
    paid = by_cell(e, lambda j, i: a.user_value[j, :, i].sum())
    ln_c = by_cell(e, lambda j, i: ln_unit_cost(problem, s, j, i) - problem.ln_subsidy[j, i])

    def ln_seen(j: int, i: int) -> float:
        """The producer price at which buyers' CES demand, X P^theta A p^-theta, is what they pay for the goods of i."""
        demand = sum(
            spent[j, n] * np.exp(e.theta[j] * s.ln_price[j, n]) * attraction(problem, a, j, n, i) for n in countries
        )
        return float(np.log(demand / paid[j, i]) / e.theta[j])

    def profit(j: int, i: int) -> float:
        made = abs(m.ln_producer_price[j, i] - ln_c[j, i])
        return max(made, abs(ln_seen(j, i) - ln_c[j, i])) if paid[j, i] > 0 else made

    def index(j: int, n: int) -> float:
        if e.spending[j, n] == 0:
            return 0.0
        phi = sum(attraction(problem, a, j, n, i) * np.exp(-e.theta[j] * m.ln_producer_price[j, i]) for i in countries)
        return float(s.ln_price[j, n] + np.log(phi) / e.theta[j])

    used = by_cell(e, lambda j, n: sum(e.inputs[n, j, k] * cost[k, n] for k in sectors))
    wanted = by_cell(e, lambda j, n: e.final_share[n, j] * m.income[n] + used[j, n])

    def goods(j: int, n: int) -> float:
        unknown = e.spending[j, n] * np.exp(s.ln_spending[j, n])
        return float(max(abs(spent[j, n] - wanted[j, n]), abs(unknown - wanted[j, n])) / spent[:, n].sum())

    wages = by_country(e, lambda n: labour_income(problem, s, n))
    rentals = (
        by_country(e, lambda n: sum(f.capital[n, j] * e.output[j, n] * np.exp(s.ln_activity[j, n]) for j in sectors))
        if f.has_activity
        else np.zeros(len(e.countries))
    )
    subsidies = by_country(e, lambda n: sum(cost[j, n] - a.producer_value[j, :, n].sum() for j in sectors))
    revenue = a.duty.sum(axis=(0, 2)) + a.export_tax.sum(axis=(0, 1)) + a.rent_held - subsidies
    earned = wages + rentals + revenue
    owed = closure_deficit(problem, wages + rentals, earned)
    final = by_country(e, lambda n: sum(spent[j, n] - used[j, n] for j in sectors))

    def labour(n: int) -> float:
        paid = sum(f.labour[n, j] * cost[j, n] for j in sectors)
        return float(max(abs(paid / wages[n] - 1), abs(m.ln_wage[n] - np.log(wage_of(problem, s, n)))))

    def payments(n: int) -> float:
        gap = abs(a.imports[n] - a.exports[n] - m.deficit[n])
        return float(gap / ((a.imports[n] + a.exports[n]) / 2))

    found = {
        "zero_profit": by_cell(e, profit),
        "price_index": by_cell(e, index),
        "goods_market": by_cell(e, goods),
        "labour_market": by_country(e, labour),
        "budget": final / (earned + owed) - 1,
        "balance_of_payments": by_country(e, payments),
        "complementarity": np.array([quota(problem, s, a, k) for k in range(problem.quotas.count)]),
    }
    if f.has_activity:
        active = e.output * np.exp(s.ln_activity)
        found["capital_market"] = by_cell(e, lambda j, i: cost[j, i] / active[j, i] - 1 if active[j, i] else 0.0)
    if f.recycled:

        def government(n: int) -> float:
            rate = 1 - (1 - f.tax[n]) * np.exp(s.ln_keep[n])
            base = sum(f.labour[n, j] * e.output[j, n] for j in sectors)
            real = f.tax[n] * base + e.tariff_revenue[n]
            return float((rate * wages[n] + revenue[n] - consumer_price(problem, s, n) * real) / m.income[n])

        found["government"] = by_country(e, government)
    return found


def quota(problem: Problem, s: State, a: Accounts, k: int) -> float:
    """The excess over a cap below the ceiling, or an unfilled cap that costs; and buyers who pay another price."""
    q = problem.quotas
    mine = np.flatnonzero(q.owner == k)
    volume = sum(a.real_flow.ravel()[q.flow[f]] for f in mine)
    excess = np.log(volume) - q.ln_cap[k]
    gap = max(excess, 0.0) if s.ln_mu[k] < q.ln_ceiling[k] else 0.0
    if excess < 0:
        gap = min(-excess, np.expm1(s.ln_mu[k]))
    wedges = q.ln_wedge(s.ln_mu)
    return float(max(gap, *(abs(a.cleared.ln_wedge[f] - wedges[f]) for f in mine)))


def test_gaps_equal_those_computed_cell_by_cell(point: tuple[Problem, State, Accounts]) -> None:
    problem, state, accounts = point
    found, expected = residual_arrays(problem, state, accounts), conditions(problem, state, accounts)
    assert set(found) == set(expected)
    for block, gap in expected.items():
        signed = np.abs(found[block]) if block == "balance_of_payments" else found[block]
        np.testing.assert_allclose(signed, gap, rtol=1e-9, atol=1e-13, err_msg=block)
        assert np.abs(gap).max() > 1e-3, f"{block} does not hold here"


def test_a_market_without_buyers_has_no_gap_whatever_its_price(point: tuple[Problem, State, Accounts]) -> None:
    problem, state, accounts = point
    j, maker, buyer = EMPTY
    found = residual_arrays(problem, state, accounts)
    assert found["price_index"][j, buyer] == 0.0
    assert found["goods_market"][j, buyer] == pytest.approx(0.0, abs=1e-15)
    if problem.factors.has_activity:
        assert found["capital_market"][j, maker] == 0.0


# ---- one country, and almost no trade ----


def apart() -> tuple[Problem, State, Accounts]:
    """Two countries that sell one another one dollar in a thousand million: less than a ten-thousandth of income."""
    value = np.array([[[1e9, 1.0], [1.0, 2e9]]])
    e = ep.Economy(("A", "B"), ("goods",), value, 0 * value, np.zeros((2, 1, 1)), np.array([4.0]))
    problem = Problem.of(e, ep.Scenario(), ep.Closure())
    state = EquilibriumMap(problem).unpack(EquilibriumMap(problem).start())
    return problem, state, Accounts.at(problem, state)


@pytest.mark.parametrize(("owed", "gap"), [(1e5, 1.0), (-50.0, 5e-4), (0.9e-6, 0.0), (-0.9e-6, 0.0)])
def test_payments_gap_of_tiny_trade_is_relative_to_income(owed: float, gap: float) -> None:
    """Country A earns 1e9 + 1: 1e5 more owed is a ten-thousandth of it, and 0.9e-6 is less than 1e-15 of it."""
    problem, state, a = apart()
    off = replace(a, cleared=replace(a.cleared, deficit=np.array([owed, 0.0])))
    found = residual_arrays(problem, state, off)["balance_of_payments"]
    assert found == pytest.approx([gap, 0.0], rel=1e-6, abs=1e-30)


@pytest.mark.parametrize(("owed", "gap"), [(1e5, 1.0), (-50.0, 5e-4), (0.9e-6, 0.0), (-0.9e-6, 0.0)])
def test_gaps_of_a_stack_equal_those_of_its_members(owed: float, gap: float) -> None:
    problem, _, _ = apart()
    market = EquilibriumMap([problem, problem])
    state = market.unpack(market.start())
    m = market.clear(state)
    off = replace(m, deficit=np.array([[0.0, 0.0], [owed, 0.0]]))
    assert stacked_gaps(market, state, off)["balance_of_payments"] == pytest.approx([0.0, gap], rel=1e-6, abs=1e-30)


# ---- caps ----


@pytest.mark.parametrize(
    ("mu", "filled", "ceiling", "gap"),
    [
        (0.0, 1.1, np.inf, np.log(1.1)),  # more than the cap comes, and a licence costs nothing
        (0.2, 1.1, np.inf, np.log(1.1)),
        (0.2, 1.1, np.log(1.2), 0.0),  # at the ceiling more may come
        (0.1, 1.1, np.log(1.2), np.log(1.1)),  # below it not
        (0.0, 0.5, np.inf, 0.0),  # a cap that is not filled, and costs nothing
        (0.01, 0.5, np.inf, 0.01),  # or something: the smaller of price and room
        (0.2, 0.9, np.inf, -np.log(0.9)),
        (0.2, 0.9, np.log(1.2), -np.log(0.9)),
        (0.2, 1.0, np.inf, 0.0),
        (0.2, 0.0, np.inf, 0.2),  # nothing comes
    ],
)
def test_complementarity_gap_of_a_cap(mu: float, filled: float, ceiling: float, gap: float) -> None:
    """0 <= mu _|_ cap - volume >= 0, as a part of the cap, with a cap of 40."""
    one, none = np.ones(1), np.zeros(1, dtype=np.intp)
    q = Quotas(none, none, np.log(40 * one), one, ceiling * one, one, one, one > 0, one, none, one, one, one, one)
    assert _quota_gaps(q, np.log1p([mu]), np.array([40 * filled])) == pytest.approx([gap], abs=1e-12)


# ---- side by side ----

SIDE_BY_SIDE = [MEASURES[:5], MEASURES[3:], MEASURES[:1]]


def from_sums(problem: Problem, s: State, m: Cleared, k: int, own: np.ndarray) -> Cells:
    """The conditions of member k from sums over flows: its largest gap in each."""
    e, f = problem.economy, problem.factors
    sectors = range(len(e.sectors))
    cost, income, spending = m.cost[k], m.income[k], m.spending[k]
    used = by_cell(e, lambda j, n: sum(e.inputs[n, j, c] * cost[c, n] for c in sectors))
    wanted = by_cell(e, lambda j, n: e.final_share[n, j] * income[n] + used[j, n])
    bought, sold = m.purchases[k].sum(axis=0), m.sales[k].sum(axis=0)
    trade = (bought - own.sum(axis=0) + sold - own.sum(axis=0)) / 2
    owed = np.abs(bought - sold - m.to_exporters[k] - m.deficit[k])
    earned = m.value_added[k] + m.revenue[k]
    wages = by_country(e, lambda n: sum(f.labour[n, j] * cost[j, n] for j in sectors))
    phi = np.where(e.spending > 0, m.price_sum[k], 1.0)
    found = {
        "price_index": np.where(e.spending > 0, s.ln_price + np.log(phi) / e.theta[:, None], 0.0),
        "goods_market": (spending - wanted) / spending.sum(axis=0),
        "labour_market": wages / m.labour_income[k] - 1,
        "budget": (spending - used).sum(axis=0) / (earned + closure_deficit(problem, m.value_added[k], earned)) - 1,
        "balance_of_payments": owed / trade,
    }
    if f.has_activity:
        active = e.output * np.exp(s.ln_activity)
        found["capital_market"] = by_cell(e, lambda j, i: cost[j, i] / active[j, i] - 1 if active[j, i] else 0.0)
    if f.recycled:
        prices = by_country(e, lambda n: consumer_price(problem, s, n))
        base = by_country(e, lambda n: sum(f.labour[n, j] * e.output[j, n] for j in sectors))
        rate = 1 - (1 - f.tax) * np.exp(s.ln_keep)
        real = f.tax * base + e.tariff_revenue
        found["government"] = (rate * m.labour_income[k] + m.revenue[k] - prices * real) / income
    return {block: np.abs(gap).max() for block, gap in found.items()}


@pytest.mark.parametrize("rules", CLOSURES)
@pytest.mark.parametrize("several", [False, True], ids=["one base", "several bases"])
def test_stacked_gaps_are_by_member(rules: str, several: bool) -> None:
    other = with_nothing(random_world(3, 3, seed=6, deficits=0.3))
    bases = [WORLD, other if several else WORLD, WORLD.with_elasticities(1.2 * WORLD.theta) if several else WORLD]
    problems = [Problem.of(e, ep.Scenario.of(m), CLOSURES[rules]) for e, m in zip(bases, SIDE_BY_SIDE, strict=True)]
    market, rng = EquilibriumMap(problems), np.random.default_rng(3)
    x = market.project(rng.normal(0, 0.05, market.start().shape))
    state = market.unpack(x)
    cleared = market.clear(state)
    names = ("income", "deficit", "revenue", "labour_income", "value_added", "purchases", "sales", "cost", "spending")
    off = {name: getattr(cleared, name) * rng.uniform(0.9, 1.1, getattr(cleared, name).shape) for name in names}
    m = replace(cleared, **off)
    found = stacked_gaps(market, state, m)
    for k, problem in enumerate(problems):
        alone = EquilibriumMap(problem)
        mine = alone.unpack(state.member(k).pack()[: alone.start().size])
        at_home = Accounts.at(problem, mine).producer_value[:, range(3), range(3)]
        np.testing.assert_allclose(own_sales(market, cleared)[k], at_home, rtol=1e-9)
        expected = from_sums(problem, mine, m, k, at_home)
        expected["complementarity"] = _quota_gaps(problem.quotas, mine.ln_mu, m.volume[k][: problem.quotas.count]).max(
            initial=0.0
        )
        assert set(found) == set(expected)
        for block, gap in expected.items():
            assert found[block][k] == pytest.approx(gap, rel=1e-9, abs=1e-13), block


def test_without_quotas_a_stack_has_no_gap_of_theirs() -> None:
    problem = Problem.of(WORLD, ep.Scenario(), ep.Closure())
    market = EquilibriumMap([problem, problem])
    state = market.unpack(market.start())
    found = stacked_gaps(market, state, market.clear(state))
    assert set(found) == {"price_index", "goods_market", "labour_market", "budget", "balance_of_payments"}
    assert max(gap.max() for gap in found.values()) < 1e-12
    assert all(gap.shape == (2,) for gap in found.values())


# ---- the furthest from balance ----


def test_worst_cells_by_hand() -> None:
    """Largest first whatever its sign, with country and sector, or the cap's title; NaN before any number."""
    problem = Problem.of(WORLD, ep.Scenario.of(MEASURES), ep.Closure())
    (j, n), (i,) = place(WORLD, "s01", "C02"), place(WORLD, "C01")
    goods, budget, caps = np.zeros((3, 3)), np.zeros(3), np.zeros(3)
    goods[j, n], goods[0, 0], budget[i], caps[1] = -0.5, 1e-3, 0.25, 0.125
    arrays = {"goods_market": goods, "budget": budget, "complementarity": caps}
    quota = MEASURES[5].title
    named = ("goods market of C02 s01 (0.5)", "budget of C01 (0.25)", f"complementarity of {quota} (0.12)")
    assert worst_cells(problem, arrays) == named
    assert worst_cells(problem, arrays, count=1) == named[:1]
    fourth = f"goods market of {WORLD.countries[0]} {WORLD.sectors[0]} (0.001)"
    assert worst_cells(problem, arrays, count=4) == (*named, fourth)
    budget[i] = np.nan
    assert worst_cells(problem, arrays, count=2) == ("budget of C01 (inf)", named[0])
