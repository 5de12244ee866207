"""One map away from an equilibrium: cleared quantities are sums of flows, and the next point is computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.blocks.hats import FLOOR
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State, unknowns
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.quantity_limits import AS_DUTY, AT_BORDER, LANDED
from worlds import place, random_world

WORLD = random_world(3, 3, seed=4, deficits=0.3)
ONE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
MEASURES: list[ep.measures.Measure] = [
    ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(exporter="C01", importer="C00", sector="s00", rate=0.1),
    ep.ExportTax(exporter="C02", importer="C01", sector="s01", rate=0.15),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.06),
    ep.NonTariffBarrier(importer="C02", exporter="C00", sector="s01", rate=0.1),
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
    ep.ImportQuota(**ONE, cap=0.5, rent={"importer": 0.4, "exporter": 0.6}),
    ep.TariffRateQuota(**ONE, cap=0.05, in_rate=0.02, out_rate=0.3, rent={"importer": 0.5, "exporter": 0.5}),
    ep.MinimumPrice(**ONE, price=1.3, rent="exporter"),
    ep.SpecificTariff(importer="C01", exporter="C02", sector="s01", amount=0.1),
    ep.MinimumPrice(importer="C02", exporter="C01", sector="s00", price=1.2, rent="importer"),
    ep.ImportQuota(importer="C01", exporter="C02", sector="s01", cap=0.7, rent="exporter"),
    ep.VoluntaryExportRestraint(importer="C02", exporter="C01", sector="s00", cap=0.8),
    ep.ImportQuota(importer="C01", exporter="C00", sector="s02", cap=0.8),
]
CLOSURES: dict[str, dict[str, Any]] = {
    "long": {},
    "income shares": {"deficit": "gdp_share", "labour_supply": {"C00": 0.4}},
    "short": {"horizon": "short", "labour_share": 0.6, "deficit": "own_share", "scale": 0.03},
    "tax": {"recycling": "labour_tax", "labour_tax": {"C00": 0.2}, "labour_supply": 0.3, "numeraire": "C02"},
}


@pytest.fixture(scope="module", params=CLOSURES)
def market(request: pytest.FixtureRequest) -> EquilibriumMap:
    return EquilibriumMap(Problem.of(WORLD, ep.Scenario.of(MEASURES), ep.Closure(**CLOSURES[request.param])))


@pytest.fixture(scope="module")
def x(market: EquilibriumMap) -> np.ndarray:
    """A point with every unknown off, and a wedge on every quota."""
    rng, quotas = np.random.default_rng(7), market.stack.quotas
    moved = rng.normal(0, 0.05, market.start().size)
    moved[-quotas.count :] = rng.uniform(0.05, 0.1, quotas.count)
    return moved


def test_the_unknowns_are_as_many_as_the_closure_moves() -> None:
    """3 wages, 9 prices, 9 spendings; 9 activities where they move; 3 taxes where revenue cuts them; the quotas."""
    for name, more in (("long", 0), ("income shares", 0), ("short", 9), ("tax", 3)):
        for measures, quotas in (([], 0), (MEASURES, 6)):
            problem = Problem.of(WORLD, ep.Scenario.of(measures), ep.Closure(**CLOSURES[name]))
            assert unknowns(problem) == 3 + 9 + 9 + more + quotas == EquilibriumMap(problem).start().size
            assert not EquilibriumMap(problem).start().any()


def test_a_point_is_packed_as_it_is_unpacked(market: EquilibriumMap, x: np.ndarray) -> None:
    state = market.unpack(x)
    np.testing.assert_array_equal(state.pack(), x)
    assert state.ln_labour_income.tolist() == x[:3].tolist()
    assert state.ln_price.ravel().tolist() == x[3:12].tolist()
    assert state.ln_spending.ravel().tolist() == x[12:21].tolist()
    assert state.ln_mu.tolist() == x[-6:].tolist()


def test_quota_wedges_are_clipped_to_their_bounds(market: EquilibriumMap, x: np.ndarray) -> None:
    """None below zero; that of a tariff-rate quota no higher than its surcharge; all else is left."""
    moved, quotas = x.copy(), market.stack.quotas
    moved[-6:] = [-1.0, 0.3, 9.0, 0.2, -1e-9, 8.0]
    found = market.project(moved.copy())
    assert found[:-6].tolist() == x[:-6].tolist()
    assert found[-6:].tolist() == [0.0, 0.3, quotas.ln_ceiling[2], 0.2, 0.0, 8.0]


def test_cleared_quantities_are_sums_of_flows(market: EquilibriumMap, x: np.ndarray) -> None:
    """Flows are those that the accounts split, dollar by dollar; the map has only their sums."""
    problem, state = market.problem, market.unpack(x)
    a = Accounts.at(problem, state)
    m = market.clear(state)
    spent = WORLD.spending * np.exp(state.ln_spending)
    np.testing.assert_allclose(a.user_value.sum(axis=2), spent, rtol=1e-12)
    np.testing.assert_allclose(m.spending, spent, rtol=1e-12)
    np.testing.assert_allclose(m.purchases, a.producer_value.sum(axis=2), rtol=1e-12)
    np.testing.assert_allclose(m.sales, a.producer_value.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(m.cost, np.exp(problem.ln_subsidy) * m.sales, rtol=1e-12)
    np.testing.assert_allclose(m.revenue, a.revenue, rtol=1e-9)
    size = problem.economy.income.max()
    got = a.export_tax.sum(axis=(0, 1)) + a.exporter_rent.sum(axis=(0, 1))
    paid = a.export_tax.sum(axis=(0, 2)) + a.exporter_rent.sum(axis=(0, 2))
    np.testing.assert_allclose(m.to_exporters, got - paid, atol=1e-12 * size)
    q = problem.quotas
    volume = [a.real_flow.ravel()[q.flow[q.owner == k]].sum() for k in range(q.count)]
    np.testing.assert_allclose(m.volume, volume, rtol=1e-12)
    parts = (a.producer_value, a.export_tax, a.exporter_rent, a.importer_rent, a.duty)
    assert all(part.min() >= -1e-9 * size for part in parts)
    np.testing.assert_allclose(m.income, m.value_added + m.revenue + m.deficit, rtol=1e-12)


def test_factors_earn_what_they_are_paid(market: EquilibriumMap, x: np.ndarray) -> None:
    problem, state = market.problem, market.unpack(x)
    m, factors = market.clear(state), problem.factors
    wages = np.exp(m.ln_wage + m.ln_labour) * factors.labour_income
    np.testing.assert_allclose(wages, np.exp(state.ln_labour_income) * factors.labour_income, rtol=1e-12)
    rentals = factors.capital_income * np.exp(state.ln_activity) if factors.has_activity else np.zeros((3, 3))
    np.testing.assert_allclose(m.labour_income, wages, rtol=1e-12)
    np.testing.assert_allclose(m.value_added, wages + rentals.sum(axis=0), rtol=1e-12)


def test_deficits_are_those_of_the_closure(market: EquilibriumMap, x: np.ndarray) -> None:
    """In units of world value added; a share of world income; or of own value added, what is left over spread by it."""
    m, base, rule = market.clear(market.unpack(x)), WORLD.deficit, market.problem.closure.deficit
    value_added, earned = m.value_added, m.value_added + m.revenue
    own = base / WORLD.value_added * value_added
    expected = {
        "fixed": base * value_added.sum() / WORLD.value_added.sum(),
        "gdp_share": base / WORLD.income.sum() * earned.sum(),
        "own_share": own - own.sum() * value_added / value_added.sum(),
    }[rule]
    np.testing.assert_allclose(m.deficit, expected, rtol=1e-9)
    assert abs(m.deficit.sum()) < 1e-9 * WORLD.income.sum()


def test_the_next_point_by_hand(market: EquilibriumMap, x: np.ndarray) -> None:
    """What labour is paid, of a world whose value added is the base's; the index of what users pay;
    final and intermediate demand; what sectors earn; the tax that revenue leaves; and wedges nearer to their caps."""
    problem, state = market.problem, market.unpack(x)
    e, factors, m = problem.economy, problem.factors, market.clear(state)
    found = market.unpack(market.step(x))
    unit = e.value_added.sum() / (e.value_added_share.T * m.cost).sum()
    bill = unit * (factors.labour.T * m.cost).sum(axis=0)
    np.testing.assert_allclose(np.exp(found.ln_labour_income) * factors.labour_income, bill, rtol=1e-12)
    np.testing.assert_allclose(np.exp(-e.theta[:, None] * found.ln_price), m.price_sum, rtol=1e-12)
    demand = e.final_share.T * m.income + np.einsum("nkj,jn->kn", e.inputs, m.cost)
    np.testing.assert_allclose(e.spending * np.exp(found.ln_spending), demand, rtol=1e-12)
    if factors.has_activity:
        np.testing.assert_allclose(e.output * np.exp(found.ln_activity), unit * m.cost, rtol=1e-12)
    if factors.recycled:
        price = np.exp((e.final_share.T * state.ln_price).sum(axis=0))
        tax = (price * (factors.tax * factors.labour_income + e.revenue) - m.revenue) / m.labour_income
        np.testing.assert_allclose(found.ln_keep, np.log((1 - tax) / (1 - factors.tax)), rtol=1e-9)
    q = problem.quotas
    moved = state.ln_mu + (np.log(m.volume) - q.ln_cap) / (1 + q.theta)
    np.testing.assert_allclose(found.ln_mu, np.minimum(np.maximum(moved, 0.0), q.ln_ceiling), rtol=1e-12)


def test_spending_and_after_tax_wage_stay_above_a_floor() -> None:
    """Where a country's subsidies are more than it earns its demand would be negative, and a tax above all it earns."""
    closure = ep.Closure(recycling="labour_tax", labour_tax=0.5)
    problem = Problem.of(WORLD, ep.Scenario.of(ep.Tariff(importer="C01", sector="ALL", rate=-0.99)), closure)
    market = EquilibriumMap(problem)
    state = market.unpack(market.step(market.start()))
    (n,) = place(WORLD, "C01")
    assert state.ln_spending.min() == pytest.approx(np.log(FLOOR))
    assert state.ln_keep[n] == pytest.approx(np.log(FLOOR / 0.5))


@pytest.mark.parametrize("numeraire", ["WORLD", "C02"])
def test_in_the_unit_of_a_country_its_wage_is_one_and_wedges_stay(numeraire: str) -> None:
    closure = ep.Closure(numeraire=numeraire, horizon="short", labour_share=0.6)
    market = EquilibriumMap(Problem.of(WORLD, ep.Scenario.of(MEASURES), closure))
    x = np.random.default_rng(8).uniform(0.01, 0.1, market.start().size)
    state = market.unpack(x)
    found = market.in_numeraire(state)
    unit = 0.0 if numeraire == "WORLD" else state.ln_labour_income[place(WORLD, "C02")[0]]
    for name in ("ln_labour_income", "ln_price", "ln_spending", "ln_activity"):
        np.testing.assert_allclose(getattr(found, name), getattr(state, name) - unit, atol=1e-15)
    assert found.ln_mu.tolist() == state.ln_mu.tolist()


def test_of_three_licences_and_a_minimum_price_on_one_flow_each_is_bought_at_its_stage() -> None:
    """Export tax, export licence and the exporter's rise to the floor; duty, and the cover of the tariff-rate quota;
    then the import licence: what each is worth is what it adds to the price so far."""
    problem = Problem.of(WORLD, ep.Scenario.of(MEASURES), ep.Closure())
    market, q = EquilibriumMap(problem), problem.quotas
    x = market.start()
    x[-6:] = np.log([1.1, 1.2, 1.05, 1.0, 1.0, 1.0])
    state = market.unpack(x)
    m = market.clear(state)
    flow = np.ravel_multi_index(place(WORLD, "s00", "C00", "C01"), WORLD.value.shape)
    on = np.flatnonzero(q.flow == flow)
    assert q.stage[on].tolist() == [AT_BORDER, LANDED, AS_DUTY]
    assert (AT_BORDER, AS_DUTY, LANDED) == (0, 1, 2)
    value = market.value(m).ravel()[flow]
    rise = np.exp(m.ln_rule_wedge[problem.price_rules.flow == flow][0])
    assert rise == pytest.approx(1.3 / (1.1 * 1.1)), "from tax and licence on a price of one up to the floor"
    border, duty = 1.1, 1.02
    assert m.rent[on[0]] == pytest.approx(value * border * 0.1)
    assert m.rent[on[1]] == pytest.approx(value * border * 1.1 * rise * duty * 1.05 * 0.2)
    filled = np.exp(q.ln_cap[2]) / m.volume[2]
    assert 0.1 < filled < 1
    assert m.rent[on[2]] == pytest.approx(filled * value * border * 1.1 * rise * duty * 0.05)
    assert m.levied[problem.price_rules.flow == flow][0] == pytest.approx(value * border * 1.1 * (rise - 1))


def test_a_member_of_a_stack_of_points() -> None:
    parts = [np.arange(2.0 * k * 3).reshape(2, k * 3) for k in (1, 2, 3, 0, 1, 1)]
    stack = State(*parts)
    assert [part.tolist() for part in (stack.member(1).ln_labour_income, stack.member(1).ln_mu)] == [
        [3.0, 4.0, 5.0]
    ] * 2
    assert stack.pack().shape == (2, 3 + 6 + 9 + 0 + 3 + 3)
