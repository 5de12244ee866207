"""Fear before a measure: the closed form against firms that decide, the laws, and trade that is lost in equilibrium."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import entrepot as ep
from entrepot.errors import InputError
from entrepot.paths import EntryUnderThreat
from entrepot.paths.fear_of_measure import earned
from worlds import place, random_world

TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.4, change="add")
OMEGA, SIGMA, SHAPE = np.array(0.55), np.array(3.0), np.array(4.0)
THREATS = [
    EntryUnderThreat(p, years, timing, sunk_share=sunk)
    for p, years, timing, sunk in itertools.product(
        (0.05, 0.4, 1.0), (0.1, 1.5), ("deadline", "any_day"), (1.0, 0.3, 0.02)
    )
    if not (p == 1 and timing == "any_day")
]


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


# ---- firms that decide, in levels ----


def gain_of_entering(earns: float, threat: EntryUnderThreat, omega: float) -> float:
    """What entering now is worth over the best other plan, by value functions in levels.

    Serving the market costs one a year in all: the sunk part is paid on entry and worth its interest for ever.
    """
    r, sunk = threat.discount, threat.sunk_share / threat.discount
    a_year = 1 - threat.sunk_share
    good, bad = max(earns - a_year, 0.0) / r, max(omega * earns - a_year, 0.0) / r
    outside_good, outside_bad = max(good - sunk, 0.0), max(bad - sunk, 0.0)
    if threat.timing == "any_day":
        return _gain_any_day(earns - a_year, threat, bad, outside_bad, sunk)
    steps = 40
    beta = np.exp(-r * threat.years / steps)
    flow = (1 - beta) / r  # what a dollar a year is worth over a step
    p = threat.probability
    inside = p * bad + (1 - p) * good
    outside = p * outside_bad + (1 - p) * outside_good
    entering = 0.0
    for _ in range(steps):  # backwards from the day; a firm that is in may stop for a step at no cost
        waiting = beta * outside
        inside = max(earns - a_year, 0.0) * flow + beta * inside
        entering = inside - sunk
        outside = max(waiting, entering)
    return entering - waiting


def _gain_any_day(earns: float, threat: EntryUnderThreat, bad: float, outside_bad: float, sunk: float) -> float:
    """By iteration on the values at the jumps of a clock that strikes oftener than the measure may come."""
    r = threat.discount
    hazard = -np.log(1 - threat.probability) / threat.years
    clock = 2 * hazard
    beta, come = clock / (clock + r), hazard / clock
    inside = outside = 0.0
    for _ in range(20_000):
        before = inside, outside
        inside = max(earns, 0.0) / (clock + r) + beta * (come * bad + (1 - come) * inside)
        waiting = beta * (come * outside_bad + (1 - come) * outside)
        outside = max(inside - sunk, waiting)
        if max(abs(inside - before[0]), abs(outside - before[1])) < 1e-13:
            break
    return inside - sunk - waiting


@pytest.mark.parametrize("threat", THREATS, ids=str)
def test_the_closed_form_is_where_firms_are_indifferent(threat: EntryUnderThreat) -> None:
    marginal = brentq(gain_of_entering, 0.5, 40.0, args=(threat, float(OMEGA)), xtol=1e-13, rtol=1e-13)
    assert 1 / marginal == pytest.approx(float(threat.worth(OMEGA)), abs=1e-8)


def test_handley_and_limao_in_their_symbols() -> None:
    # Their u = gamma lambda_2 beta / (1 - beta), with a shock a period and the worse state for good.
    beta, arrives, omega, sigma = 0.9, 0.13, 0.4, 3.0
    u = arrives * beta / (1 - beta)
    theirs = ((1 + u * omega) / (1 + u)) ** (1 / (sigma - 1))
    hazard = u * 0.15
    threat = EntryUnderThreat(1 - np.exp(-hazard), 1.0, "any_day", interest=0.05, exit=0.1)
    assert threat.threshold(omega, sigma) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(("earns", "better"), [(1.0, 0), (1.03, 1), (0.97, -1)])
def test_simulated_arrivals_leave_the_marginal_firm_indifferent(earns: float, better: int) -> None:
    threat = EntryUnderThreat(0.3, 0.75, "any_day")
    r, hazard = threat.discount, -np.log(0.7) / 0.75
    arrival = np.random.default_rng(5).exponential(1 / hazard, 400_000)
    a_year = earns / float(threat.worth(OMEGA))
    now = a_year * (-np.expm1(-r * arrival) / r + float(OMEGA) * np.exp(-r * arrival) / r) - 1 / r
    # The other plan: to enter a year later, if the measure has not come.
    missed = a_year * -np.expm1(-r) / r - (1 - np.exp(-r)) / r
    gain = now - np.where(arrival < 1, 0.0, now - missed)
    error = gain.std() / np.sqrt(gain.size)
    assert gain.mean() * better > 4 * error or (better == 0 and abs(gain.mean()) < 4 * error)


def test_exporters_leave_and_are_replaced_below_the_threshold() -> None:
    threat = EntryUnderThreat(0.4, 2.0)
    exponent = float((SHAPE - SIGMA + 1) / (SIGMA - 1))

    def change(t: float, s: np.ndarray) -> np.ndarray:
        replaced = float(threat.worth(OMEGA, np.array(2.0 - t))) ** exponent
        return np.array([threat.exit * (replaced - s[0]), s[0]])

    found = solve_ivp(change, (0, 2.0), [1.0, 0.0], rtol=1e-11, atol=1e-13)
    assert float(threat.sales(OMEGA, SIGMA, SHAPE)) == pytest.approx(found.y[1, -1] / 2, abs=1e-8)


# ---- laws ----


@pytest.mark.parametrize("timing", ["deadline", "any_day"])
def test_threat_of_no_probability_has_no_effect(timing: Any) -> None:
    threat = EntryUnderThreat(0.0, 0.5, timing)
    assert threat.worth(OMEGA) == 1
    assert threat.sales(OMEGA, SIGMA, SHAPE) == 1
    assert threat.exporters(OMEGA, SIGMA, SHAPE, settled=True) == 1


@pytest.mark.parametrize("timing", ["deadline", "any_day"])
def test_certain_and_immediate_is_the_entry_of_the_measure(timing: Any) -> None:
    threat = EntryUnderThreat(1.0, 0.0, timing, sunk_share=0.4)
    assert threat.threshold(OMEGA, SIGMA) == pytest.approx(float(OMEGA) ** 0.5, rel=1e-14)


def test_threat_of_better_terms_has_no_effect() -> None:
    assert EntryUnderThreat(0.5, 0.5).worth(1.7) == 1


def test_threat_without_sunk_cost_has_no_effect() -> None:
    assert EntryUnderThreat(0.9, 0.2, sunk_share=0.0).worth(OMEGA) == 1


@pytest.mark.parametrize("timing", ["deadline", "any_day"])
def test_fear_grows_with_probability_sunk_cost_and_nearness(timing: Any) -> None:
    def worth(p: float = 0.4, years: float = 1.0, sunk: float = 0.2) -> float:
        return float(EntryUnderThreat(p, years, timing, sunk_share=sunk).worth(OMEGA))

    for rising in (
        [worth(p=p) for p in (0.0, 0.05, 0.2, 0.6, 1.0)],
        [worth(sunk=s) for s in (0.0, 0.05, 0.1, 0.2, 1.0)],
        [worth(years=y) for y in (9.0, 3.0, 1.0, 0.1, 0.0)],
    ):
        assert (np.diff(rising) <= 1e-15).all()
        assert rising[-1] < rising[1] < rising[0]


def test_entry_at_a_certain_immediate_measure_is_that_of_firms_that_select() -> None:
    # In the Melitz-Pareto model of the engine exporters' mean sales are in proportion to access, paid in the importer's
    # labour: their number moves as receipts over its wage.
    world, sigma = random_world(3, 1, seed=4, inputs=False, tariffs=False, theta=4.0), 3.0
    melitz = ep.Closure(competition=ep.equilibrium.Melitz(sigma))
    a = ep.solve(world, TARIFF, closure=melitz).accounts
    j, n, i = place(world, "s00", "C00", "C01")
    flow = np.array([np.ravel_multi_index((j, n, i), world.value.shape)])
    ln_wage = float(a.state.ln_labour_income[n])
    number = a.producer_value[j, n, i] / world.value[j, n, i] / np.exp(ln_wage)
    omega = earned(a, flow, np.array([sigma])) * np.exp(a.cleared.ln_producer_price[j, i] - ln_wage)
    threat = EntryUnderThreat(1.0, 0.0)
    assert threat.exporters(omega, np.array([sigma]), np.array([4.0]), settled=True)[0] == pytest.approx(
        number, rel=1e-8
    )


def test_a_duty_on_a_small_flow_takes_its_own_power(e: ep.Economy) -> None:
    value = e.value.copy()
    j, n, i = place(e, "s00", "C00", "C01")
    value[j, n, i] *= 1e-7
    small = ep.Economy(
        countries=e.countries, sectors=e.sectors, value=value, tariff=e.tariff, inputs=e.inputs, theta=e.theta
    )
    found = ep.paths.fear(small, TARIFF, probability=0.3, years=0.5, sigma={"s00": 2.4})
    now = 1 + small.tariff[j, n, i]
    assert found.omega[0] == pytest.approx(((now + 0.4) / now) ** -2.4, rel=1e-5)


# ---- in the equilibrium ----


def test_trade_is_lost_as_by_a_trade_cost(e: ep.Economy) -> None:
    found = ep.paths.fear(e, TARIFF, probability=0.4, years=1.0, exporters="settled")
    kept = float(found.entries[0].sales(found.omega, found.sigma, found.theta, True)[0])
    cost = ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s00", rate=kept ** (-1 / found.theta[0]) - 1)
    alone = ep.solve(e, cost).countries["real_income_pct"]
    assert found.countries["real_income_pct"].to_numpy() == pytest.approx(alone.to_numpy(), abs=1e-8)
    assert found.table["imports_pct"].iloc[0] < 0 < found.table["price_pct"].iloc[0]


def test_lost_varieties_of_firms_that_leave_raise_the_price_by_their_own_elasticity(e: ep.Economy) -> None:
    """The price index of CES varieties, sigma, of which a share goes while all other firms are where they were."""
    sigma, (j, n, i) = 2.1, place(e, "s00", "C00", "C01")
    found = ep.paths.fear(e, TARIFF, probability=0.6, years=3.0, exit=0.4, sigma={"s00": sigma})
    there, kept = np.ones(3), float(found.entries[0].sales(found.omega, found.sigma, found.theta)[0])
    there[i] = kept
    assert kept < 0.9
    a = found.outcomes[0].accounts
    cost = np.exp(a.cleared.ln_producer_price[j])
    price = (e.share[j, n] * there * cost ** (1 - sigma)).sum() ** (1 / (1 - sigma))
    assert np.exp(a.state.ln_price[j, n]) == pytest.approx(price, rel=1e-8)
    # The flow at given prices and spending falls by what is lost, no more: the volume follows from the two.
    volume = kept * cost[i] ** -sigma * price ** (sigma - 1) * a.user_value[j, n].sum() / e.spending[j, n]
    assert a.producer_value[j, n, i] / e.value[j, n, i] / cost[i] == pytest.approx(volume, rel=1e-6)


@pytest.mark.parametrize("exporters", ["leaving", "settled"])
def test_each_flow_has_the_entry_and_sales_that_the_table_sums(e: ep.Economy, exporters: Any) -> None:
    threat = ep.Tariff(importer="C00", exporter=("C01", "C02"), sector="s00", rate=0.4, change="add")
    found = ep.paths.fear(e, threat, probability=[0.2, 0.4], years=1.0, exporters=exporters)
    flows, (j, n, i) = found.by_flow, place(e, "s00", "C00", "C02")
    assert flows.loc[("s00", "C00", "C02"), "trade"] == e.value[j, n, i]
    whole = found.table.loc[(0.2, 1.0)]
    for number in ("entry_pct", "sales_pct"):
        assert np.average(flows[number], weights=flows["trade"]) == pytest.approx(whole[number])


def test_firms_that_select_into_markets_adjust_at_once(e: ep.Economy) -> None:
    melitz = ep.Closure(competition=ep.equilibrium.Melitz(2.1))
    options: dict[str, Any] = {"probability": 0.4, "years": 1.0, "sigma": {"s00": 2.1}}
    assert ep.paths.fear(e, TARIFF, closure=melitz, **options).replaced_at == pytest.approx(e.theta[[*place(e, "s00")]])
    assert ep.paths.fear(e, TARIFF, **options).replaced_at == pytest.approx([1.1])


def test_a_threat_that_has_settled_has_no_time_until_the_day(e: ep.Economy) -> None:
    found = ep.paths.fear(e, TARIFF, probability=0.4, years=1.0, exporters="settled")
    assert found.countries["until_the_day"].isna().all()


def test_sigma_is_checked_where_something_is_feared(e: ep.Economy) -> None:
    other = e.with_theta({"s01": 1.2})
    found = ep.paths.fear(other, TARIFF, probability=0.3, years=0.5, sigma=2.5)
    assert found.sigma == pytest.approx([2.5])


def test_just_before_the_day_entry_is_that_of_the_measure(e: ep.Economy) -> None:
    found = ep.paths.fear(e, TARIFF, probability=0.05, years=1.0)
    certain = ep.paths.fear(e, TARIFF, probability=1.0, years=0.0)
    assert found.entry_at_last == pytest.approx(certain.table["entry_pct"].iloc[0], abs=1e-9)
    assert found.entry_at_last < found.table["entry_pct"].iloc[0] - 1


def test_the_table_has_every_pair_and_no_probability_no_loss(e: ep.Economy) -> None:
    found = ep.paths.fear(e, TARIFF, probability=[0, 0.2, 0.6], years=[0.5, 2], sunk_share=0.5)
    assert list(found.table.index) == [(0, 0.5), (0, 2), (0.2, 0.5), (0.2, 2), (0.6, 0.5), (0.6, 2)]
    assert np.abs(found.table.loc[0].to_numpy()).max() < 1e-7
    imports = found.table["imports_pct"].unstack("years")
    assert (np.diff(imports, axis=0) < 0).all()
    assert found.first == 2
    assert found.countries["until_the_day"].loc[(0.6, 2, "C00")] == pytest.approx(
        2 * found.countries["equivalent_variation"].loc[(0.6, 2, "C00")]
    )
    assert found.depends_on.loc["stated", "sales_pct"] == pytest.approx(found.table["sales_pct"].loc[(0.2, 0.5)])


def test_a_measure_that_helps_exporters_costs_nothing_before_it(e: ep.Economy) -> None:
    cut = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.0)
    found = ep.paths.fear(e, cut, probability=0.5, years=1.0)
    assert found.flows.size == 0
    assert np.abs(found.countries["real_income_pct"]).max() < 1e-7


def test_threat_of_a_quota_keeps_exporters_out(e: ep.Economy) -> None:
    quota = ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5)
    found = ep.paths.fear(e, quota, probability=0.5, years=1.0)
    assert 0 < found.omega[0] < 1


# ---- bad input ----


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"probability": 1.2}, "probability 1.2"),
        ({"probability": []}, "empty list"),
        ({"years": -1}, "years -1"),
        ({"sunk_share": 2.0}, "sunk_share"),
        ({"exit": 1.0}, "exit"),
        ({"timing": "deadlin"}, "deadline"),
        ({"exporters": "setled"}, "settled"),
        ({"sigma": 9.0}, "below its trade elasticity plus one"),
        ({"sigma": {"s09": 2.0}}, "s09"),
    ],
)
def test_bad_numbers_are_named(e: ep.Economy, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ep.paths.fear(e, TARIFF, **{"probability": 0.3, "years": 0.5, **change})


def test_a_measure_at_home_threatens_no_exporter(e: ep.Economy) -> None:
    subsidy = ep.ProductionSubsidy(country="C00", sector="s00", rate=0.1)
    with pytest.raises(InputError, match="no trade across a border"):
        ep.paths.fear(e, subsidy, probability=0.3, years=0.5)
