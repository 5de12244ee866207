"""Horizons, labour supply, recycling, economies of scale and price-linked duties: limits, laws, and an oracle.

The oracle writes the world in employment by sector and utility levels, with loops, and scipy solves it: the engine has
activity and exact-hat formulas instead.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import root

import entrepot as ep
from entrepot.equilibrium.closure_numbers import by_country, by_sector
from shelves import examples, slow_pairs
from worlds import place, random_world

RELAXED = examples(10)
TOL = 1e-12
WHERE = {"importer": "C00", "exporter": "C01", "sector": "s00"}
FLOW = ("s00", "C00", "C01")


def real(outcome: ep.Outcome) -> np.ndarray:
    return outcome.countries["real_income_pct"].to_numpy()


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


# ---- the oracle ----

LABOUR_SHARE = {"s00": 0.55, "s01": 0.7}
SUPPLY = {"C00": 0.5, "C01": 0.2, "C02": 1.0}
TAX = {"C00": 0.2, "C01": 0.3, "C02": 0.1}
SCALE = {"s00": 0.06, "s01": 0.03}
CLOSURES: dict[str, dict[str, Any]] = {
    "short": {"horizon": "short", "labour_share": LABOUR_SHARE},
    "elastic labour": {"labour_supply": SUPPLY},
    "elastic labour under a tax": {"labour_supply": SUPPLY, "labour_tax": TAX},
    "revenue cuts the tax": {"labour_supply": SUPPLY, "labour_tax": TAX, "recycling": "labour_tax"},
    "scale": {"scale": SCALE},
    "held wages": {"labour": {"real_wage": "C00"}},
    "held wages, short": {
        "horizon": "short",
        "labour_share": LABOUR_SHARE,
        "labour": {"real_wage": ["C00", "C02"]},
        "scale": SCALE,
    },
    "held wages under a tax that revenue cuts": {
        "horizon": "short",
        "labour_share": LABOUR_SHARE,
        "labour": {"real_wage": ["C01"]},
        "labour_tax": TAX,
        "recycling": "labour_tax",
    },
    "wage floors": {"horizon": "short", "labour_share": LABOUR_SHARE, "labour": {"real_wage_floor": "WORLD"}},
    "own share of deficits": {"deficit": "own_share"},
    "more capital": {
        "horizon": "short",
        "labour_share": LABOUR_SHARE,
        "capital": {"C00": {"ALL": 1.2, "s01": 0.7}, "C01": 1.1},
    },
    "more capital, mobile": {"labour_share": 0.6, "capital": {"C00": 1.2, "C01": 0.9}},
    "all at once": {
        "horizon": "short",
        "labour_share": LABOUR_SHARE,
        "labour_supply": SUPPLY,
        "labour_tax": TAX,
        "recycling": "labour_tax",
        "scale": SCALE,
        "deficit": "own_share",
    },
}


class World:
    """One country-sector at a time. Unknowns: ln of wages, employment by sector, prices, spending, and 1 - tax."""

    def __init__(
        self, e: ep.Economy, closure: dict[str, Any], tariff: float, specific: float = 0.0, floor: float = 0.0
    ) -> None:
        self.e, self.tariff, self.specific, self.floor = e, tariff, specific, floor
        self.j, self.n = len(e.sectors), len(e.countries)
        self.flow = place(e, *FLOW)
        short = closure.get("horizon") == "short"
        self.labour_share = [closure["labour_share"][s] if short else 1.0 for s in e.sectors]
        self.capital = np.ones((self.j, self.n))  # stocks over those of the base
        self.productivity = np.ones(self.n)  # of the one factor of the long horizon, with its capital
        for country, stocks in closure.get("capital", {}).items():
            i = e.countries.index(country)
            if short:
                by_sector = stocks if isinstance(stocks, dict) else {"ALL": stocks}
                self.capital[:, i] = [by_sector.get(s, by_sector["ALL"]) for s in e.sectors]
            else:
                self.productivity[i] = stocks ** (1 - closure["labour_share"])
        self.gamma = [closure.get("scale", {}).get(s, 0.0) for s in e.sectors]
        self.eta = [closure.get("labour_supply", {}).get(c, 0.0) for c in e.countries]
        self.tax = [closure.get("labour_tax", {}).get(c, 0.0) for c in e.countries]
        rule, names = next(iter(closure.get("labour", {"none": ()}).items()))
        held = [c in names or names == "WORLD" for c in e.countries]
        self.held, self.floor_on_wages = ([h and rule == r for h in held] for r in ("real_wage", "real_wage_floor"))
        self.recycled = closure.get("recycling") == "labour_tax"
        self.own_share = closure.get("deficit") == "own_share"
        self.jobs = np.array(  # wages paid in the base, by sector and country
            [
                [self.labour_share[j] * e.value_added_share[i, j] * e.output[j, i] for i in range(self.n)]
                for j in range(self.j)
            ]
        )

    def books(self, x: np.ndarray) -> dict[str, np.ndarray]:
        e, cells = self.e, self.j * self.n
        wage = np.exp(x[: self.n])
        jobs, price, spent = (np.exp(part).reshape(self.j, self.n) for part in np.split(x[self.n :][: 3 * cells], 3))
        spent = spent * e.spending
        keep = x[self.n + 3 * cells :]
        unit_price = np.empty((self.j, self.n))
        for j, i in itertools.product(range(self.j), range(self.n)):
            b, share = e.value_added_share[i, j], self.labour_share[j]
            # Capital per worker falls as jobs rise: its marginal product.
            rental = wage[i] * jobs[j, i] / self.capital[j, i]
            cost = (wage[i] ** share * rental ** (1 - share) / self.productivity[i]) ** b * np.prod(
                price[:, i] ** e.inputs[i, :, j]
            )
            unit_price[j, i] = cost / jobs[j, i] ** self.gamma[j]
        value, duty, gain = (np.zeros((self.j, self.n, self.n)) for _ in range(3))
        index = np.empty((self.j, self.n))
        for j, n in itertools.product(range(self.j), range(self.n)):
            border, landed = unit_price[j].copy(), np.empty(self.n)
            for i in range(self.n):
                mine = (j, n, i) == self.flow
                if mine and self.floor:
                    border[i] = max(border[i], self.floor)
                t = e.tariff[j, n, i] + (self.tariff if mine else 0.0)
                landed[i] = border[i] * (1 + t) + (self.specific if mine else 0.0)
            weight = e.share[j, n] * (landed / (1 + e.tariff[j, n])) ** -e.theta[j]
            index[j, n] = weight.sum() ** (-1 / e.theta[j])
            for i in range(self.n):
                units = weight[i] / weight.sum() * spent[j, n] / landed[i]
                value[j, n, i] = units * unit_price[j, i]
                gain[j, n, i] = units * (border[i] - unit_price[j, i])
                duty[j, n, i] = units * (landed[i] - border[i])
        sales = value.sum(axis=1)
        value_added = np.array(  # wages and, where capital is specific, its rental: w l, at a stock of wages' size
            [
                sum(wage[i] * jobs[j, i] * self.jobs[j, i] / self.labour_share[j] for j in range(self.j))
                for i in range(self.n)
            ]
        )
        consumer = np.array([np.prod(price[:, i] ** e.final_share[i]) for i in range(self.n)])
        revenue = duty.sum(axis=(0, 2)) + gain.sum(axis=(0, 1))
        if self.own_share:
            deficit = e.deficit / e.value_added * value_added
            deficit = deficit - deficit.sum() * value_added / value_added.sum()
        else:
            deficit = e.deficit * value_added.sum() / e.value_added.sum()
        labour = np.array([(self.jobs[:, i] * jobs[:, i]).sum() / self.jobs[:, i].sum() for i in range(self.n)])
        return {
            "wage": wage,
            "jobs": jobs,
            "keep": keep,
            "index_gap": np.log(price / index),
            "spent": spent,
            "value": value,
            "duty": duty,
            "sales": sales,
            "income": value_added + revenue + deficit,
            "revenue": revenue,
            "value_added": value_added,
            "consumer": consumer,
            "labour": labour,
            "price": price,
        }

    def gaps(self, x: np.ndarray) -> np.ndarray:
        e, b = self.e, self.books(x)
        wanted = e.final_share.T * b["income"] + np.einsum("nkj,jn->kn", e.inputs, b["sales"])
        hired = np.log(b["sales"] / e.output) - np.log(b["wage"] * b["jobs"])
        before = np.array([1 - t for t in self.tax])
        supplied = (b["wage"] * b["keep"] / before / b["consumer"]) ** np.array(self.eta)
        real_wage = b["wage"] * b["keep"] / before / b["consumer"]
        at_work = b["labour"] / supplied - 1
        at_work = np.where(self.held, real_wage - 1, at_work)
        slack = np.minimum(real_wage - 1, 1 - b["labour"])  # one is zero and the other is not negative
        at_work = np.where(self.floor_on_wages, slack, at_work)
        sold = np.log(wanted / b["spent"]).ravel()
        sold[-1] = b["value_added"].sum() / e.value_added.sum() - 1  # one market is redundant: the unit of account
        if self.recycled:
            wages = b["wage"] * b["labour"] * self.jobs.sum(axis=0)
            needed = np.array(self.tax) * self.jobs.sum(axis=0) + e.tariff_revenue
            treasury = ((1 - b["keep"]) * wages + b["revenue"]) / b["consumer"] / needed - 1
        else:
            treasury = b["keep"] - before
        return np.concatenate([at_work, hired.ravel(), b["index_gap"].ravel(), sold, treasury])

    def solve(self) -> dict[str, np.ndarray]:
        x0 = np.concatenate([np.zeros(self.n + 3 * self.j * self.n), [1 - t for t in self.tax]])
        found = root(self.gaps, x0, tol=1e-13)
        assert np.abs(self.gaps(found.x)).max() < 1e-9, found.message
        books = self.books(found.x)
        books["real"] = 100 * np.array([self.gain(books, i) for i in range(self.n)])
        return books

    def gain(self, b: dict[str, np.ndarray], i: int) -> float:
        """From the utility C - psi L^(1+1/eta), psi such that the base supply of labour is chosen; over base income."""
        income, eta = self.e.income[i], self.eta[i]
        consumption = b["income"][i] / b["consumer"][i]
        if not eta:
            return float(consumption / income - 1)
        wages = self.jobs[:, i].sum()
        psi = (1 - self.tax[i]) * wages / (1 + 1 / eta)  # L = 1 in the base, the real wage after tax (1-tax) wages

        def utility(c: float, labour: float) -> float:
            return c - psi * labour ** (1 + 1 / eta)

        return float((utility(consumption, b["labour"][i]) - utility(income, 1.0)) / income)


SHOCKS: dict[str, tuple[list[ep.measures.Measure], dict[str, float]]] = {
    "tariff": ([ep.Tariff(**WHERE, rate=0.3, change="add")], {"tariff": 0.3}),
    "specific duty": ([ep.SpecificTariff(**WHERE, amount=0.3)], {"tariff": 0.0, "specific": 0.3}),
    "minimum price": ([ep.MinimumPrice(**WHERE, price=1.2)], {"tariff": 0.0, "floor": 1.2}),
}


@pytest.mark.parametrize(("name", "shock"), slow_pairs(CLOSURES, SHOCKS))
def test_solve_under_each_closure_equals_the_oracle(e: ep.Economy, name: str, shock: str) -> None:
    measures, policy = SHOCKS[shock]
    books = World(e, CLOSURES[name], **policy).solve()
    outcome = ep.solve(e, measures, closure=ep.Closure(**CLOSURES[name]), tol=TOL)
    np.testing.assert_allclose(real(outcome), books["real"], atol=1e-7)
    assert max(outcome.residuals.values()) < 1e-9
    np.testing.assert_allclose(outcome.accounts.cleared.ln_wage, np.log(books["wage"]), atol=1e-9)
    np.testing.assert_allclose(outcome.accounts.producer_value, books["value"], rtol=1e-8, atol=1e-8)
    table = outcome.countries
    np.testing.assert_allclose(table["tariff_revenue"], books["duty"].sum(axis=(0, 2)), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(table["employment_pct"], 100 * (books["labour"] - 1), atol=1e-7)
    np.testing.assert_allclose(table["labour_tax"], 1 - books["keep"], atol=1e-9)
    by_sector = outcome.sectors["sector_employment_pct"].to_numpy().reshape(3, 2).T
    np.testing.assert_allclose(by_sector, 100 * (books["jobs"] - 1), atol=1e-7)
    parts = outcome.decomposition
    np.testing.assert_allclose(parts.drop(columns="real_income").sum(axis=1), real(outcome), atol=1e-7)
    assert parts.attrs["quadrature_error"] < 1e-6


# ---- limits ----

worlds = st.builds(random_world, countries=st.integers(2, 5), sectors=st.integers(1, 4), seed=st.integers(0, 10_000))
closures = st.builds(
    ep.Closure,
    deficit=st.sampled_from(["fixed", "own_share", "balanced"]),
    horizon=st.sampled_from(["long", "short"]),
    labour_share=st.floats(0.2, 0.9),
    labour_supply=st.floats(0.0, 1.4),
    labour_tax=st.floats(0.0, 0.25),  # nearer the top of the revenue curve a tariff can leave a partner no equilibrium
    recycling=st.sampled_from(["lump_sum", "labour_tax"]),
    scale=st.floats(0.0, 0.1),
)


def largest_flow(world: ep.Economy) -> dict[str, str]:
    flows = np.where(world.domestic, 0.0, world.value)
    j, n, i = np.unravel_index(int(flows.argmax()), flows.shape)
    return {"importer": world.countries[n], "exporter": world.countries[i], "sector": world.sectors[j]}


@given(worlds, closures)
@RELAXED
def test_no_measure_changes_nothing_under_any_closure(world: ep.Economy, closure: ep.Closure) -> None:
    outcome = ep.solve(world, closure=closure)
    assert np.abs(real(outcome)).max() < 1e-7
    np.testing.assert_allclose(outcome.countries["labour_tax"], closure.labour_tax, atol=1e-9)


@given(worlds, closures, st.floats(0.05, 0.5))
@RELAXED
def test_real_results_do_not_depend_on_the_numeraire(world: ep.Economy, closure: ep.Closure, rate: float) -> None:
    """Specific duties and minimum prices among them: they are in units of world value added."""
    where = largest_flow(world)
    for measure in (ep.Tariff(rate=rate, **where), ep.SpecificTariff(amount=rate, **where)):
        last = world.countries[-1]
        one, *others = (
            ep.solve(world, [measure], closure=replace(closure, numeraire=n), tol=TOL)
            for n in ("WORLD", last, f"CPI:{last}", "CPI:WORLD")
        )
        for other in others:
            np.testing.assert_allclose(real(one), real(other), atol=1e-8)
            np.testing.assert_allclose(one.countries["employment_pct"], other.countries["employment_pct"], atol=1e-7)
            np.testing.assert_allclose(one.measures["pass_through"], other.measures["pass_through"], atol=1e-7)


def test_the_unit_of_account_keeps_its_own_price(small: ep.Economy) -> None:
    """A wage, a country's consumer prices, or the world's, by base incomes."""
    measure = ep.Tariff(importer="C00", sector="s00", rate=0.3)

    def under(numeraire: str) -> ep.Outcome:
        return ep.solve(small, measure, closure=ep.Closure(numeraire=numeraire), tol=TOL)

    prices = under("CPI:C01").countries["consumer_price_pct"]
    assert prices["C01"] == pytest.approx(0.0, abs=1e-9)
    assert np.abs(prices.drop("C01")).min() > 1e-6
    world = under("cpi:world").countries["consumer_price_pct"]
    assert np.log1p(world / 100) @ small.income == pytest.approx(0.0, abs=1e-9 * small.income.sum())
    solved = ep.solve_many(small, [measure, [measure]], closure=ep.Closure(numeraire="CPI:C01"))
    for k in range(2):
        np.testing.assert_allclose(solved.outcome(k).countries["consumer_price_pct"], prices, atol=1e-7)
        np.testing.assert_allclose(solved.countries.loc[k, "consumer_price_pct"], prices, atol=1e-7)


LIMITS = {
    "labour elasticity 0 is a fixed supply": ({"labour_supply": 0.0, "labour_tax": 0.3}, {}),
    "no capital is the long run": ({"horizon": "short", "labour_share": 1.0}, {}),
    "no economies of scale is perfect competition": ({"scale": 0.0}, {}),
    "who gets the revenue does not matter to fixed labour": ({"recycling": "labour_tax", "labour_tax": 0.2}, {}),
    "labour shares alone change nothing in the long run": ({"labour_share": 0.6}, {}),
}


@pytest.mark.parametrize("name", LIMITS)
def test_closures_that_meet_in_a_limit_have_equal_results(small: ep.Economy, name: str) -> None:
    measures = [ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add")]
    one, other = (ep.solve(small, measures, closure=ep.Closure(**c), tol=TOL) for c in LIMITS[name])
    np.testing.assert_allclose(real(one), real(other), atol=1e-9)
    np.testing.assert_allclose(one.accounts.producer_value, other.accounts.producer_value, rtol=1e-9)


@pytest.mark.parametrize(
    "near",
    [
        {"labour_supply": 1e-7},
        {"horizon": "short", "labour_share": 1 - 1e-7},
        {"scale": 1e-7},
    ],
    ids=str,
)
def test_results_approach_the_limit_of_a_closure(small: ep.Economy, near: dict[str, Any]) -> None:
    measures = [ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add")]
    at, almost = (real(ep.solve(small, measures, closure=ep.Closure(**c), tol=TOL)) for c in ({}, near))
    assert 0 < np.abs(at - almost).max() < 1e-5


@pytest.mark.parametrize(("theta", "scale"), [(0.5, 1.5), (0.397, 1.758)])
def test_scale_above_one_where_its_product_with_the_trade_elasticity_is_below_it(
    small: ep.Economy, theta: float, scale: float
) -> None:
    """Petroleum has the second pair in Lashkaripour and Lugovskyy (2023, Table 4)."""
    world = small.with_theta(theta)
    tariff = ep.Tariff(importer="C00", exporter="WORLD", sector="s00", rate=0.1)
    strong = ep.solve(world, tariff, closure=ep.Closure(scale=scale), tol=TOL)
    weak = ep.solve(world, tariff, closure=ep.Closure(scale=0.9), tol=TOL)
    own = ("C00", "s00")
    assert strong.sectors.loc[own, "output_volume_pct"] > weak.sectors.loc[own, "output_volume_pct"] > 0
    with pytest.raises(ep.errors.InputError, match="above one"):
        ep.solve(world, tariff, closure=ep.Closure(scale=1.05 / theta))


def test_scale_has_no_effect_with_one_sector() -> None:
    """With one sector and no inputs employment in it is fixed, so nothing is left for scale to do."""
    world = random_world(4, 1, seed=5, inputs=False)
    measures = [ep.Tariff(importer="C00", sector="ALL", rate=0.5, change="add")]
    plain, scaled = (real(ep.solve(world, measures, closure=ep.Closure(scale=g), tol=TOL)) for g in (0.0, 0.1))
    np.testing.assert_allclose(plain, scaled, atol=1e-9)


def test_the_short_run_moves_prices_where_the_long_run_moves_goods(world: ep.Economy) -> None:
    """Specific capital: the protected industry grows less, its capital earns more, exporters bear more of the duty."""
    measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    long, short = (
        ep.solve(world, [measure], closure=ep.Closure(horizon=h, labour_share=0.6)) for h in ("long", "short")
    )
    cars = [outcome.sectors.loc[("USA", "motor_vehicles")] for outcome in (long, short)]
    assert 0 < cars[1]["output_volume_pct"] < cars[0]["output_volume_pct"]
    assert cars[1]["capital_return_pct"] > 0
    assert np.isnan(cars[0]["capital_return_pct"])
    passed = [float(outcome.measures["pass_through"].iloc[0]) for outcome in (long, short)]
    assert passed[1] < passed[0] < 1.01
    assert short.sectors["capital_return_pct"].loc[("JPN", "motor_vehicles")] < 0
    surplus = cars[1]["operating_surplus"]
    assert surplus == pytest.approx(0.4 * cars[1]["value_added"])


def test_recycling_changes_the_sign_of_a_gain() -> None:
    """A tariff that a country loses by when households get the revenue, and gains by when it cuts a tax on labour."""
    world = random_world(4, 2, seed=1, tariffs=False, deficits=0.0)
    measure = ep.Tariff(importer="C03", sector="ALL", rate=0.2)
    closure = ep.Closure(labour_supply=1.0, labour_tax=0.4)
    lump, cut = (
        ep.solve(world, [measure], closure=replace(closure, recycling=r)).countries.loc["C03"]
        for r in ("lump_sum", "labour_tax")
    )
    assert lump["employment_pct"] < cut["employment_pct"]
    assert cut["labour_tax"] < lump["labour_tax"] == pytest.approx(0.4)
    assert lump["real_income_pct"] < 0 < cut["real_income_pct"]


# ---- price-linked duties ----


def test_specific_duty_equals_its_equivalent_tariff(small: ep.Economy) -> None:
    specific = ep.solve(small, [ep.SpecificTariff(**WHERE, amount=2000, unit_value=8000)], tol=TOL)
    j, _, i = place(small, *FLOW)
    price = float(np.exp(specific.accounts.cleared.ln_producer_price[j, i]))
    tariff = ep.solve(small, [ep.Tariff(**WHERE, rate=0.25 / price, change="add")], tol=TOL)
    np.testing.assert_allclose(real(specific), real(tariff), atol=1e-9)
    np.testing.assert_allclose(
        specific.countries["tariff_revenue"], tariff.countries["tariff_revenue"], rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize(("rent", "same_as"), [("exporter", ep.VoluntaryExportRestraint), ("importer", ep.ImportQuota)])
def test_minimum_price_equals_its_equivalent_quota(small: ep.Economy, rent: str, same_as: type) -> None:
    floor = ep.solve(small, [ep.MinimumPrice(**WHERE, price="115%", rent=rent)], tol=TOL)
    volume = float(floor.measures["volume"].iloc[0])
    quota = ep.solve(small, [same_as(**WHERE, cap=volume, unit="usd_m")], tol=TOL)
    np.testing.assert_allclose(real(floor), real(quota), atol=1e-8)
    flow = place(small, *FLOW)
    border = floor.accounts.border_value[flow] / floor.accounts.real_flow[flow]
    if rent == "exporter":
        assert border == pytest.approx(1.15)
        assert floor.measures["rent"].iloc[0] == pytest.approx(quota.measures["rent"].iloc[0])
    else:
        assert floor.measures["rent"].iloc[0] == 0  # a levy is a duty
        levy = floor.countries["tariff_revenue"] - quota.countries["tariff_revenue"]
        assert levy["C00"] == pytest.approx(quota.measures["rent"].iloc[0])
    assert bool(floor.measures["binding"].iloc[0])


def test_minimum_price_below_the_price_has_no_effect(small: ep.Economy) -> None:
    outcome = ep.solve(small, [ep.MinimumPrice(**WHERE, price=0.5)])
    assert np.abs(real(outcome)).max() < 1e-8
    assert not outcome.measures["binding"].iloc[0]


def test_labour_shares_from_a_file(small: ep.Economy, tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    rows = [(c, s, 0.4 + 0.1 * k) for c in small.countries for k, s in enumerate(small.sectors)]
    file.write_text("country,sector,labour_share\n" + "".join(f"{c},{s},{x}\n" for c, s, x in rows))
    measures = [ep.Tariff(importer="C00", sector="ALL", rate=0.2, change="add")]
    by_sector = {s: 0.4 + 0.1 * k for k, s in enumerate(small.sectors)}
    one, other = (
        real(ep.solve(small, measures, closure=ep.Closure(horizon="short", labour_share=shares)))
        for shares in (file, by_sector)
    )
    np.testing.assert_allclose(one, other)
    for text, message in (
        ("sector,share\ns00,0.5\n", "line 2: the columns sector and labour_share"),
        ("sector,labour_share\ns00,0.5\ns00,0.6\n", "line 3: s00 is given twice"),
        ("sector,labour_share\ns00,half\n", "'half' is not numeric"),
        ("sector,labour_share\n", "has no rows"),
        ("sector,labour_share\ns00,1.4\n", "labour_share of s00 1.4 is not a share"),
    ):
        file.write_text(text)
        with pytest.raises(ep.errors.InputError, match=message):
            ep.Closure(horizon="short", labour_share=file)


# ---- bad input ----


@pytest.mark.parametrize(
    ("closure", "message"),
    [
        ({"horizon": "short"}, "needs labour_share"),
        ({"horizon": "shrot"}, "did you mean short"),
        ({"labour_share": 1.5}, "labour_share 1.5 is not a share"),
        ({"labour_share": {"s00": 0.0}}, "labour_share of s00"),
        ({"labour_supply": -0.5}, "labour_supply -0.5"),
        ({"labour_supply": 10**400}, "labour_supply 10000"),
        ({"scale": {"s00": float("nan")}}, "scale of s00 nan"),
        ({"labour_tax": 1.0}, "labour_tax 1.0"),
        ({"labour_tax": "much"}, "labour_tax 'much'"),
        ({"scale": float("nan")}, "scale nan"),
        ({"recycling": "labor_tax"}, "did you mean labour_tax"),
    ],
)
def test_invalid_closures_are_refused(closure: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.Closure(**closure)


@pytest.mark.parametrize(
    ("closure", "message"),
    [
        ({"horizon": "short", "labour_share": {"s00": 0.5}}, "labour_share: nothing for s0"),
        ({"labour_supply": {"Atlantis": 0.5}}, "unknown country 'Atlantis'"),
        ({"scale": {"steel": 0.1}}, "unknown sector 'steel'"),
        ({"scale": 0.9}, "above one"),
        ({"labour_share": {"ALL": 0.5, "s01": 0.6}, "capital": 1.1}, "labour_share of C.. differs by sector, and"),
        ({"labour_share": 0.5, "capital": {"C00": {"s00": 1.1}}}, "capital of C00 differs by sector, and in the long"),
        ({"labour_share": 0.5, "capital": {"C00": {"steel": 1.1}}}, "unknown sector .steel."),
        ({"labour_supply": 2.0, "labour_tax": 0.4, "recycling": "labour_tax"}, "beyond the top of the revenue curve"),
    ],
)
def test_closures_that_do_not_fit_the_economy_are_refused(
    small: ep.Economy, closure: dict[str, Any], message: str
) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.solve(small, closure=ep.Closure(**closure))


def test_one_price_rule_a_flow(small: ep.Economy) -> None:
    with pytest.raises(ep.errors.MeasureError, match="touch the same flow"):
        ep.solve(small, [ep.SpecificTariff(**WHERE, amount=0.1), ep.MinimumPrice(**WHERE, price=1.1)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"amount": 2000}, "give unit_value too"),
        ({"amount": 0}, "must be above zero"),
        ({"amount": "8%", "unit_value": 100}, "needs no unit_value"),
        ({"amount": 5, "unit_value": -1}, "price of a unit"),
        ({"amount": "dear"}, "neither a number"),
    ],
)
def test_invalid_amounts_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.MeasureError, match=message):
        ep.SpecificTariff(**WHERE, **arguments)


def test_a_name_overrides_a_group_of_which_it_is_the_only_member_in_any_order() -> None:
    world = replace(random_world(3, 1, 4), countries=("DEU", "JPN", "USA"))
    for stated in ({"DEU": 0.3, "EU": 0.1}, {"EU": 0.1, "DEU": 0.3}):
        assert by_country("labour_tax", stated, world).tolist() == [0.3, 0.0, 0.0]
    for sigma in ({"s00": 8.0, "ALL": 11.0}, {"ALL": 11.0, "s00": 8.0}):
        assert by_sector("sigma", sigma, world).tolist() == [8.0]
    with pytest.raises(ep.errors.InputError, match="DEU and Germany are both DEU; keep one"):
        by_country("labour_tax", {"DEU": 0.3, "Germany": 0.1}, world)


@pytest.mark.parametrize("number", [10**400, float("nan"), float("inf"), True])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    for make in (lambda: ep.equilibrium.Markups(sigma=number), lambda: ep.equilibrium.Melitz(sigma=number)):
        with pytest.raises(ep.errors.InputError, match="is not a finite number above one"):
            make()
    with pytest.raises(ep.errors.InputError, match="is not an elasticity"):
        ep.Closure(scale=number)


def test_every_kind_of_competition_is_known_from_the_start() -> None:
    code = "import entrepot as ep; print(ep.Closure(competition={'melitz': {'sigma': 3.0}}).competition.sigma)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "3.0"
