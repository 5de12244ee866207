"""Payoffs: each part against the Outcome's own tables, and slopes against central differences of the solver."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining.payoff import Payoff
from entrepot.cases import objective as of_a_party
from entrepot.cases.objective import objective_of
from entrepot.rules.finding import Status
from worlds import place, random_world

BALANCED = ep.Closure(deficit="balanced")
EARNING = replace(BALANCED, competition=ep.equilibrium.Markups({"s01": 6.0}, entry="fixed"))
OBJECTIVES = {
    "industry and revenue": {"value_added": {"s01": 0.4}, "revenue": 0.2},
    "balance": {"real_income": 0.5, "balance": {"C02": 0.3}},
    "market share": {"market_share": [{"importer": "C01", "sectors": ["s00", "s02"], "worth": 7.0}]},
    "profit": {"real_income": 0.0, "profit": {"s01": 0.6}},
}


@pytest.fixture(scope="module")
def small() -> ep.Economy:
    return random_world(4, 3, 11)


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("quota", ["no quota", "elsewhere", "on the same flows", "with an export tax"])
def test_slopes_match_central_differences(small: ep.Economy, name: str, quota: str) -> None:
    objective = ep.cases.Objective(**OBJECTIVES[name])  # type: ignore[arg-type]
    beside: list[ep.measures.Measure] = [ep.Tariff(importer="C01", sector="s00", rate=0.1)]
    if quota == "elsewhere":
        beside.append(ep.VoluntaryExportRestraint(importer="C02", exporter="C00", sector="s02", cap=0.7))
    elif quota != "no quota":  # on flows that the balance and the market share read, too
        for exporter in ("C00", "C02"):
            buyer = "C01" if exporter == "C00" else "C00"
            beside.append(ep.VoluntaryExportRestraint(importer=buyer, exporter=exporter, sector="s00", cap=0.6))
    if quota == "with an export tax":
        beside.append(ep.ExportTax(importer="C01", exporter="C00", sector="s00", rate=0.05))

    def tariff(rate: float) -> ep.Tariff:
        return ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=rate)

    def solved(rate: float) -> ep.Outcome:
        return ep.solve(small, [*beside, tariff(rate)], closure=EARNING, tol=1e-13)

    at, step = solved(0.2), 1e-4
    payoff, flow = Payoff.to("C00", objective, at.economy), tariff(0.2).flows(small)
    slopes = payoff.slopes(at.sensitivity)
    numeric = (payoff.at(solved(0.2 + step)) - payoff.at(solved(0.2 - step))) / (2 * step)
    assert small.value.ravel()[flow].min() > 1  # a tariff on trade that is there
    assert abs(numeric) > 1e-3
    assert at.sensitivity.gradient(slopes, flow).sum() == pytest.approx(numeric, rel=1e-6, abs=1e-6)


def test_components_equal_the_tables_of_the_outcome(small: ep.Economy) -> None:
    out = ep.solve(small, ep.Tariff(importer="C00", sector="s01", rate=0.3), closure=BALANCED)
    base, after = out.economy, out.accounts
    table = out.countries
    price = 1 + table["consumer_price_pct"] / 100
    objective = ep.cases.Objective(
        real_income=2.0,
        value_added={"s01": 0.5},
        revenue=0.25,
        balance={"C01": 1.0},
        market_share=[{"importer": "C02", "sectors": ["s00"], "worth": 3.0}],  # type: ignore[arg-type]
    )
    parts = Payoff.to("C00", objective, base).parts(out.accounts)
    sector = out.sectors.loc[("C00", "s01")]
    j, home, away, third = place(base, "s01", "C00", "C01", "C02")
    assert parts["real_income"] == pytest.approx(2 * table.loc["C00", "equivalent_variation"])
    before = base.value_added_share[home, j] * base.output[j, home]
    assert parts["value_added"] == pytest.approx(0.5 * (sector["value_added"] / price["C00"] - before))
    revenue = table.loc["C00", "tariff_revenue"] / price["C00"] - base.tariff_revenue[home]
    assert parts["revenue"] == pytest.approx(0.25 * revenue)
    flow, flow0 = after.producer_value.sum(axis=0), base.value.sum(axis=0)
    net = (flow[away, home] - flow[home, away]) / price["C00"] - (flow0[away, home] - flow0[home, away])
    assert parts["balance"] == pytest.approx(net)
    (goods,) = place(base, "s00")
    bought = [v[goods, third] for v in (base.value, after.producer_value)]
    share = [v[home] / np.delete(v, third).sum() for v in bought]
    assert parts["market_share"] == pytest.approx(300 * (share[1] - share[0]))


def test_profit_is_its_change_in_the_accounts_at_base_prices(small: ep.Economy) -> None:
    out = ep.solve(small, ep.Tariff(importer="C00", sector="s01", rate=0.3), closure=EARNING)
    (j, home), ledger = place(small, "s01", "C00"), out.accounts
    price = 1 + out.countries.loc["C00", "consumer_price_pct"] / 100
    objective = ep.cases.Objective(real_income=0.0, profit={"s01": 0.6})
    assert out.economy.markup[j, home] == pytest.approx(1.2)
    base = 0.2 * out.economy.cost[j, home]
    assert Payoff.to("C00", objective, out.economy).at(out) == pytest.approx(
        0.6 * (ledger.profit[j, home] / price - base)
    )


def test_the_payoff_of_a_union_is_the_sum_of_those_of_its_members(small: ep.Economy) -> None:
    named = dict(zip(small.countries[:3], ("DEU", "FRA", "USA"), strict=True))
    world = replace(small, countries=tuple(named.get(code, code) for code in small.countries))
    out = ep.solve(world, ep.Tariff(importer="EU27", exporter="USA", sector="s01", rate=0.3), closure=EARNING)
    for objective in (
        ep.cases.Objective(),
        ep.cases.Objective(real_income=0.0, value_added={"s01": 0.6, "s00": -0.2}),
        ep.cases.Objective(real_income=0.0, profit={"s01": 0.6}),
        ep.cases.Objective(real_income=0.0, revenue=2.0),
    ):
        union, *members = (Payoff.to(party, objective, world).at(out) for party in ("EU27", "DEU", "FRA"))
        assert min(map(abs, members)) > 1e-3
        assert union == pytest.approx(sum(members), rel=1e-9)


def test_a_breach_costs_once_a_rule_whoever_of_the_party_commits_it(small: ep.Economy) -> None:
    objective = ep.cases.Objective(breach={"inconsistent": 50.0, "contested": 10.0})  # type: ignore[arg-type]
    payoff = Payoff.to("C00", objective, small)
    found: list[Any] = [
        SimpleNamespace(party=party, rule=rule, status=status)
        for party, rule, status in [
            ("WORLD", "gatt-1", Status.CONTESTED),
            ("C00", "gatt-1", Status.INCONSISTENT),
            ("C00", "gatt-11", Status.DEPARTED),
            ("C00", "gatt-13", Status.CONSISTENT),
            ("C02", "gatt-2", Status.INCONSISTENT),
        ]
    ]
    assert payoff.breach(found) == 60.0
    assert payoff.breach(found[:1]) == 10.0


def test_payoff_of_several_countries_is_their_sum(small: ep.Economy) -> None:
    out = ep.solve(small, ep.Tariff(importer="C00", sector="s01", rate=0.3), closure=BALANCED)
    both, *each = (Payoff.to(p, None, out.economy).at(out) for p in ("C01+C02", "C01", "C02"))
    assert both == pytest.approx(sum(each))


def test_payoff_without_a_change_is_zero(small: ep.Economy) -> None:
    out = ep.solve(small, closure=EARNING)
    for objective in OBJECTIVES.values():
        assert Payoff.to("C00", ep.cases.Objective(**objective), out.economy).at(out) == pytest.approx(0, abs=1e-4)  # type: ignore[arg-type]


def test_objective_in_words() -> None:
    assert str(ep.cases.Objective()) == "real income"
    political = ep.cases.Objective(value_added={"motor_vehicles": 0.3}, breach={"inconsistent": 500, "contested": 100})  # type: ignore[arg-type]
    assert str(political) == (
        "real income + 0.3 x value added of motor vehicles - US$500 million for each rule breached "
        "(US$100 million where contested)"
    )
    assert str(ep.cases.Objective(real_income=0.0, balance={"USA": 1.0})) == "1 x net exports to the United States"


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            {"value_added": {"steel": -0.2}, "revenue": -1.0},
            "real income - 0.2 x value added of steel - 1 x public revenue",
        ),
        ({"value_added": {"steel": 0.0}}, "real income"),
        ({"real_income": 0.0}, "0 x real income"),
        ({"real_income": 0.0, "value_added": {"steel": 0.0}}, "0 x real income"),
        ({"real_income": 0.0, "revenue": -2.0}, "-2 x public revenue"),
        ({"real_income": -1.0}, "-1 x real income"),
        (
            {"market_share": ({"importer": "JPN", "sectors": ("steel",), "worth": -50.0},)},
            "real income - US$50 million x points of Japan's imports of steel",
        ),
    ],
)
def test_objective_in_words_has_the_signs_of_its_weights(wanted: dict[str, Any], text: str) -> None:
    assert str(ep.cases.Objective(**wanted)) == text


def test_every_part_of_an_objective_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(of_a_party, "translated", lambda text, **values: seen.append(text) or text.format(**values))
    wanted = ep.cases.Objective(
        value_added={"steel": 1.0},
        profit={"steel": 1.0, "makers of USA": 1.0, "maker GM": 1.0},
        revenue=1.0,
        balance={"JPN": 1.0},
        market_share=({"importer": "JPN", "sectors": ("steel",), "worth": 5.0},),  # type: ignore[arg-type]
        breach={"inconsistent": 5.0, "contested": 1.0},  # type: ignore[arg-type]
    )
    assert len(wanted.in_words().split(" + ")) == 8
    texts = " | ".join(seen)
    for part in (
        "profit of makers of",
        "profit of {maker}",
        "public revenue",
        "net exports to",
        "points of",
        "breached",
    ):
        assert part in texts


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"value_added": {"s09": 0.1}}, "s09"),
        ({"balance": {"C09": 0.1}}, "C09"),
        ({"balance": {"C00": 0.1}}, "party itself"),
        ({"market_share": [{"importer": "C00", "sectors": ["s00"], "worth": 1.0}]}, "party itself"),
        ({"value_added": 0.3}, "a weight needs a name"),
        ({"breach": {"inconsistent": -1}}, "greater than or equal to 0"),
    ],
)
def test_bad_input(small: ep.Economy, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Payoff.to("C00", ep.cases.Objective(**keys), small)


def test_cut_takes_a_part_of_each_tariff_off(small: ep.Economy) -> None:
    cut = ep.Tariff(importer="C00", sector="ALL", rate="40%", change="cut")
    out = ep.solve(small, cut)
    flow = cut.flows(small)
    tariff = small.tariff.copy()
    tariff.ravel()[flow] *= 0.6
    value = out.accounts.border_value
    (n,) = place(small, "C00")
    assert out.accounts.duty[:, n] == pytest.approx((tariff * value)[:, n])
    by_rate = [
        ep.Tariff(importer="C00", exporter=e, sector=s, rate=0.6 * float(small.tariff[j, n, i]))
        for j, s in enumerate(small.sectors)
        for i, e in enumerate(small.countries)
        if i != n
    ]
    again = ep.solve(small, by_rate)
    assert again.countries["real_income_pct"].to_numpy() == pytest.approx(
        out.countries["real_income_pct"].to_numpy(), abs=1e-9
    )
    assert np.isclose(out.accounts.duty.sum(), again.accounts.duty.sum())
    assert cut.title == "tariff cut by 40%: C00 on ALL from WORLD"
    with pytest.raises(ep.errors.MeasureError, match="between 0 and 100%"):
        ep.Tariff(importer="C00", sector="ALL", rate=1.5, change="cut")


def test_objective_of_a_party_is_found_under_any_of_its_names(small: ep.Economy) -> None:
    world = replace(small, countries=("USA", "KOR", "JPN", "CAN"))
    wanted = {name: ep.cases.Objective(revenue=float(k)) for k, name in enumerate(("KOR", "USA+CAN"), 1)}
    assert objective_of("South Korea", wanted, world) is wanted["KOR"]
    assert objective_of("Canada+United States", wanted, world) is wanted["USA+CAN"]
    assert objective_of("USA", wanted, world) is None
    assert objective_of("JPN", wanted, world) is None


def test_balance_is_deflated_by_the_base_that_is_solved() -> None:
    """Members' shares of income are those of the base of the closure, in an outcome as in a stack of a sweep."""
    objective, measures = ep.cases.Objective(balance={"C02": 1.0}), [ep.Tariff(importer="C02", rate=0.3, sector="s01")]
    world = random_world(4, 2, seed=4, deficits=0.3)
    out = ep.solve(world, measures, closure=BALANCED)
    wanted = Payoff.to("C00+C01", objective, out.economy).at(out)
    assert Payoff.to("C00+C01", objective, world).at(out) == pytest.approx(wanted, rel=1e-12)
    bases = [world, random_world(4, 2, seed=5, deficits=0.3)]
    batch = ep.solve_many(bases, [measures], closure=BALANCED)
    alone = [Payoff.to("C00+C01", objective, e).at(ep.solve(e, measures, closure=BALANCED)) for e in bases]
    together = np.concatenate([Payoff.to("C00+C01", objective, world).of_stack(stack) for stack in batch.stacks])
    assert together == pytest.approx(alone, rel=1e-7)
