"""Markups: profits against a solver in levels, free entry against external economies, and laws of both.

The solver in levels knows nothing of hats: taste parameters and labour are calibrated from the base, and scipy finds
the wages and incomes at which labour is employed and countries spend what they earn.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar, root

import entrepot as ep
from entrepot.bargaining.payoff import Payoff
from entrepot.economy import storage
from entrepot.equilibrium.preconditioner import own_country_jacobian
from entrepot.equilibrium.problem import Problem
from worlds import place, random_world

WORLD = random_world(3, 2, seed=11)
SIGMA = {"s00": 4.0, "s01": 7.0}
FIXED = ep.Closure(competition=ep.equilibrium.Markups(SIGMA))
TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3)
MEASURES: list[ep.measures.Measure] = [
    TARIFF,
    ep.ProductionSubsidy(country="C01", sector="s01", rate=0.08),
    ep.ExportTax(exporter="C02", importer="C00", sector="s01", rate=0.1),
]


class Levels:
    """CES demand over countries' goods, firms that price sigma/(sigma-1) over cost, Cobb-Douglas technology in labour
    and inputs: dollars and physical units, base prices of output one."""

    def __init__(self, data: ep.Economy, sigma: dict[str, float], numeraire: str = "income") -> None:
        self.e, self.sigma = data, np.array([sigma.get(s, np.inf) for s in data.sectors])
        e, self.margin = data, 1 / self.sigma  # of sales
        sales, used = e.value.sum(axis=1), {}
        self.purchases = np.einsum("nkj,jn->nkj", e.inputs, sales)  # of inputs, as in the data
        labour = sales.T * (1 - self.margin) - self.purchases.sum(axis=1)  # [n,j]
        assert (labour > 0).all(), used
        self.labour = labour.sum(axis=1)
        cost = sales.T * (1 - self.margin)
        self.labour_share, self.input_share = labour / cost, self.purchases / cost[:, None, :]
        user = (1 + e.tariff) * e.value
        self.taste = user / user.sum(axis=2, keepdims=True)
        final = user.sum(axis=2).T - self.purchases.sum(axis=2)
        self.final = final / final.sum(axis=1, keepdims=True)
        self.base_income = final.sum(axis=1)
        self.deficit = e.value.sum(axis=(0, 2)) - e.value.sum(axis=(0, 1))

    def solve(self, tariff: np.ndarray, export_tax: np.ndarray, subsidy: np.ndarray) -> dict[str, np.ndarray]:
        e, (sectors, countries) = self.e, (len(self.e.sectors), len(self.e.countries))
        theta, world = e.theta, self.labour.sum()

        def at(x: np.ndarray) -> dict[str, np.ndarray]:
            wage, income = np.exp(x[:countries]), self.base_income * np.exp(x[countries : 2 * countries])
            index = np.exp(x[2 * countries :]).reshape(sectors, countries)
            price, user = np.zeros((sectors, countries)), np.zeros((sectors, countries, countries))
            for j in range(sectors):
                for i in range(countries):
                    unit = wage[i] ** self.labour_share[i, j] * np.prod(index[:, i] ** self.input_share[i, :, j])
                    price[j, i] = unit / (1 + subsidy[j, i])  # the markup is in the units of the base
                    for n in range(countries):
                        border = (1 + tariff[j, n, i]) * (1 + export_tax[j, n, i]) / (1 + e.tariff[j, n, i])
                        user[j, n, i] = price[j, i] * border
            new_index = (self.taste * user ** -theta[:, None, None]).sum(axis=2) ** (-1 / theta[:, None])
            share = self.taste * user ** -theta[:, None, None] * new_index[:, :, None] ** theta[:, None, None]
            gross = (1 + tariff) * (1 + export_tax)
            # Spending on sector goods: final, and inputs out of the cost of sales.
            matrix, right = np.eye(sectors * countries), (self.final.T * income).ravel()
            for n in range(countries):
                for k in range(sectors):
                    for j in range(sectors):
                        for m in range(countries):
                            sold = share[j, m, n] / gross[j, m, n]
                            cost = sold * (1 + subsidy[j, n]) * (1 - self.margin[j])
                            matrix[k * countries + n, j * countries + m] -= self.input_share[n, k, j] * cost
            spending = np.linalg.solve(matrix, right).reshape(sectors, countries)
            value = share * spending[:, :, None] / gross
            sales = value.sum(axis=1)
            received = sales * (1 + subsidy)
            profit = received * self.margin[:, None]
            cost = received - profit
            duty = (tariff * (1 + export_tax) * value).sum(axis=(0, 2))
            taxes = (export_tax * value).sum(axis=(0, 1))
            earned = wage * self.labour + profit.sum(axis=0) + duty + taxes - (subsidy * sales).sum(axis=0)
            owed = self.deficit * (wage * self.labour).sum() / world
            return {
                "labour": (self.labour_share.T * cost).sum(axis=0) / (wage * self.labour) - 1,
                "budget": (earned + owed) / income - 1,
                "index": np.log(new_index / index).ravel(),
                "unit": (wage * self.labour).sum() / world - 1,
                "profit": profit,
                "real": income / self.base_income / np.prod(index**self.final.T, axis=0),
                "sales": sales,
            }

        def gaps(x: np.ndarray) -> np.ndarray:
            found = at(x)
            labour = found["labour"].copy()
            labour[0] = found["unit"]  # Walras' law leaves one out
            return np.concatenate([labour, found["budget"], found["index"]])

        found = root(gaps, np.zeros(2 * countries + sectors * countries), tol=1e-14, method="hybr")
        assert np.abs(gaps(found.x)).max() < 1e-11
        return at(found.x)


def in_levels(world: ep.Economy, sigma: dict[str, float], rate: float = 0.3, others: bool = True) -> dict[str, Any]:
    tariff, export_tax = world.tariff.copy(), np.zeros_like(world.tariff)
    subsidy = np.zeros(world.output.shape)
    tariff[place(world, "s00", "C00", "C01")] = rate
    if others:
        subsidy[place(world, "s01", "C01")] = 0.08
        export_tax[place(world, "s01", "C00", "C02")] = 0.1
    return Levels(world, sigma).solve(tariff, export_tax, subsidy)


@pytest.mark.parametrize("sigma", [SIGMA, {"s00": 3.0}], ids=["both sectors", "one sector"])
def test_profits_with_fixed_entry_agree_with_a_solver_in_levels(sigma: dict[str, float]) -> None:
    found = ep.solve(WORLD, MEASURES, closure=ep.Closure(competition=ep.equilibrium.Markups(sigma)), tol=1e-12)
    expected = in_levels(WORLD, sigma)
    np.testing.assert_allclose(found.countries["real_income_pct"], 100 * (expected["real"] - 1), atol=1e-7)
    profit = found.sectors["profit"].to_numpy().reshape(expected["profit"].T.shape).T
    np.testing.assert_allclose(profit, expected["profit"], rtol=1e-9, atol=1e-9 * profit.max())
    np.testing.assert_allclose(found.countries["profits"], expected["profit"].sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.sectors["output_value"], expected["sales"].T.ravel(), rtol=1e-9)


def test_the_best_tariff_with_markups_is_where_the_solver_in_levels_has_it() -> None:
    best = minimize_scalar(
        lambda rate: -in_levels(WORLD, SIGMA, rate, others=False)["real"][place(WORLD, "C00")[0]],
        bounds=(0.0, 1.5),
        options={"xatol": 1e-9},
    )
    found = ep.bargaining.optimal_tariff(
        WORLD, "C00", sectors="s00", partners="C01", closure=ep.Closure(competition=ep.equilibrium.Markups(SIGMA))
    )
    assert float(found.rates["rate"].iloc[0]) == pytest.approx(best.x, abs=2e-5)
    plain = ep.bargaining.optimal_tariff(WORLD, "C00", sectors="s00", partners="C01", closure=ep.Closure())
    assert abs(float(plain.rates["rate"].iloc[0]) - best.x) > 0.005


def test_free_entry_is_external_economies_at_one_over_sigma_less_one() -> None:
    world = WORLD.with_theta({"s00": 2.5, "s01": 4.0})
    entry = ep.solve(
        world, MEASURES, closure=ep.Closure(competition=ep.equilibrium.Markups(SIGMA, entry="free")), tol=1e-12
    )
    scale = {s: 1 / (sigma - 1) for s, sigma in SIGMA.items()}
    same = ep.solve(world, MEASURES, closure=ep.Closure(scale=scale), tol=1e-12)
    np.testing.assert_allclose(entry.countries["real_income_pct"], same.countries["real_income_pct"], atol=1e-10)
    assert not entry.sectors["profit"].any()


def test_nothing_changes_without_a_measure() -> None:
    out = ep.solve(WORLD, [], closure=FIXED, tol=1e-12)
    assert np.abs(out.countries["real_income_pct"]).max() < 1e-9
    np.testing.assert_allclose(out.countries["profits"], out.economy.profits, rtol=1e-9)
    np.testing.assert_allclose(out.economy.output, WORLD.output)
    np.testing.assert_allclose(out.economy.income, WORLD.income, rtol=1e-12)
    np.testing.assert_allclose(out.economy.value_added + out.economy.profits, WORLD.value_added, rtol=1e-12)


def test_one_sector_without_inputs_gains_as_under_perfect_competition() -> None:
    """Profits are then a fixed part of income (Arkolakis, Costinot and Rodriguez-Clare 2012)."""
    world = random_world(4, 1, seed=3, inputs=False, deficits=0.0)
    tariff = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.2)
    plain, markup = (
        ep.solve(world, tariff, closure=ep.Closure(deficit="balanced", competition=c), tol=1e-12)
        for c in (None, ep.equilibrium.Markups(5.0))
    )
    # Duties are in income too, so only shares of trade and wages, not the split of income, must be the same.
    np.testing.assert_allclose(
        plain.countries["real_income_pct"], markup.countries["real_income_pct"], rtol=1e-7, atol=1e-9
    )


def test_a_subsidy_of_one_over_sigma_less_one_is_first_best_at_home() -> None:
    """In a closed country (1 + s) p is then marginal cost times a constant: real income has no slope in subsidies
    (Lashkaripour and Lugovskyy 2023, Theorem 1: a production subsidy undoes the markup)."""
    value = np.array([[[600.0]], [[400.0]]])
    world = ep.Economy(
        ("AAA",), ("s00", "s01"), value, 0 * value, np.array([[[0.1, 0.2], [0.05, 0.1]]]), np.array([3.0, 5.0])
    )
    right = [ep.ProductionSubsidy(country="AAA", sector=s, rate=1 / (sigma - 1)) for s, sigma in SIGMA.items()]
    for measures, level in ((right, True), (right[:1], False)):
        out = ep.solve(world, measures, closure=FIXED, tol=1e-13)
        slopes = out.sensitivity.policy(out.sensitivity.real_income("AAA")).ln_subsidy
        assert (np.abs(slopes).max() < 1e-9) == level, slopes
    first_best = ep.solve(world, right, closure=FIXED).countries["real_income_pct"].iloc[0]
    for rates in ((0.2, 0.1), (0.4, 0.2), (0.3, 0.15)):
        other = [ep.ProductionSubsidy(country="AAA", sector=s, rate=r) for s, r in zip(SIGMA, rates, strict=True)]
        assert ep.solve(world, other, closure=FIXED).countries["real_income_pct"].iloc[0] < first_best


def test_the_parts_of_a_gain_add_up_with_markups() -> None:
    out = ep.solve(WORLD, MEASURES, closure=FIXED, tol=1e-12)
    parts = out.decomposition
    np.testing.assert_allclose(parts["real_income"], out.countries["real_income_pct"], atol=1e-8)
    assert parts.attrs["quadrature_error"] < 1e-6


def test_a_batch_has_the_numbers_of_its_members() -> None:
    scenarios = [MEASURES, [TARIFF], [ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.6)]]
    batch = ep.solve_many(WORLD, scenarios, closure=FIXED, tol=1e-12)
    for k, measures in enumerate(scenarios):
        alone = ep.solve(WORLD, measures, closure=FIXED, tol=1e-12)
        for key in ("real_income_pct", "profits", "tariff_revenue"):
            np.testing.assert_allclose(batch.countries[key].loc[k], alone.countries[key], rtol=1e-7, atol=1e-7)
        row, expected = batch.stacks[0].sector(0, 1), alone.sectors.iloc[1]
        for key in ("profit", "value_added"):
            assert row[key][k] == pytest.approx(expected[key], rel=1e-8)


def test_draws_of_elasticities_share_the_marked_up_base() -> None:
    drawn = [WORLD.with_elasticities(WORLD.theta * f) for f in (0.9, 1.0, 1.1)]
    batch = ep.solve_many(drawn, [[TARIFF]], closure=FIXED, tol=1e-12)
    for k, world in enumerate(drawn):
        alone = ep.solve(replace(world), TARIFF, closure=FIXED, tol=1e-12)
        np.testing.assert_allclose(batch.real_income[k], alone.countries["real_income_pct"] / 100, atol=1e-10)
    problem = Problem.of(WORLD, ep.Scenario.of([TARIFF]), FIXED)
    assert problem.on(drawn[0]).economy.markup is problem.economy.markup


def test_the_own_country_step_knows_of_profits() -> None:
    """The wage, price and spending rows of one country alone, against differences of the map in a world of one."""
    from entrepot.equilibrium.equilibrium_map import EquilibriumMap

    one = WORLD.aggregate(countries={"ALL1": list(WORLD.countries)})
    market = EquilibriumMap(Problem.of(one, ep.Scenario(), FIXED))
    jacobian = own_country_jacobian(market.problem.economy, market.factors)[0]
    x, step = market.start(), 1e-6
    found = np.array([(market.step(x + step * d) - market.step(x - step * d)) / (2 * step) for d in np.eye(x.size)]).T
    np.testing.assert_allclose(jacobian[1:], found[1:], atol=1e-7)


def test_an_objective_may_weigh_profits() -> None:
    weighed = ep.cases.Objective(profit={"s00": 0.7}, value_added={"s01": 0.4})
    out = ep.solve(WORLD, MEASURES, closure=FIXED, tol=1e-13)
    payoff = Payoff.to("C00", weighed, out.economy)
    price = 1 + out.countries.loc["C00", "consumer_price_pct"] / 100
    j, n = place(WORLD, "s00", "C00")
    base = (out.economy.output - out.economy.cost)[j, n]
    expected = 0.7 * (out.sectors.loc[("C00", "s00"), "profit"] / price - base)
    assert payoff.parts(out.accounts)["profit"] == pytest.approx(expected)
    assert "0.7 x profit of" in str(weighed)
    stack = ep.solve_many(WORLD, [MEASURES, [TARIFF]], closure=FIXED, tol=1e-13).stacks[0]
    assert payoff.of_stack(stack)[0] == pytest.approx(payoff.at(out), rel=1e-8)

    def worth(rate: float) -> float:
        moved = ep.solve(WORLD, [replace(TARIFF, rate=rate), *MEASURES[1:]], closure=FIXED, tol=1e-13)
        return payoff.at(moved)

    slope = out.sensitivity.gradient(payoff.slopes(out.sensitivity), TARIFF.flows(WORLD)).sum()
    assert slope == pytest.approx((worth(0.3001) - worth(0.2999)) / 2e-4, rel=1e-6)


def test_a_base_with_markups_is_kept_merged_and_saved(tmp_path: Path) -> None:
    base = WORLD.with_markups(SIGMA)
    assert "Markups: sigma 4 in s00, sigma 7 in s01." in base.notes
    base.save(tmp_path / "base.npz")
    again = ep.Economy.load(tmp_path / "base.npz")
    assert again.fingerprint == base.fingerprint != WORLD.fingerprint
    np.testing.assert_array_equal(again.markup, base.markup)
    merged = base.aggregate(sectors={"goods": ["s00", "s01"]})
    np.testing.assert_allclose(merged.profits, base.profits, rtol=1e-12)
    np.testing.assert_allclose(merged.income, base.income, rtol=1e-12)
    closed = base.balanced()
    np.testing.assert_allclose(closed.deficit, 0.0, atol=1e-6)
    np.testing.assert_allclose(closed.markup, base.markup)
    same = ep.solve(base, MEASURES, tol=1e-12), ep.solve(WORLD, MEASURES, closure=FIXED, tol=1e-12)
    np.testing.assert_allclose(*(out.countries["real_income_pct"] for out in same), atol=1e-9)
    after = ep.solve(base, TARIFF, tol=1e-12)
    onwards = ep.solve(after.as_economy(), [], tol=1e-12)
    assert np.abs(onwards.countries["real_income_pct"]).max() < 1e-8
    np.testing.assert_allclose(onwards.countries["profits"], after.countries["profits"], rtol=1e-8)
    both = ep.solve(after.as_economy(), MEASURES[1:], tol=1e-12)
    at_once = ep.solve(base, MEASURES, tol=1e-12)
    chained = (1 + after.countries["real_income_pct"] / 100) * (1 + both.countries["real_income_pct"] / 100)
    np.testing.assert_allclose(chained, 1 + at_once.countries["real_income_pct"] / 100, rtol=1e-9)


def test_a_file_of_a_later_format_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WORLD.with_markups(SIGMA).save(tmp_path / "base.npz")
    monkeypatch.setattr(storage, "VERSION", 1)
    with pytest.raises(ep.errors.DocumentError, match="format version 2; this Entrepot reads up to 1"):
        ep.Economy.load(tmp_path / "base.npz")


def test_a_base_that_has_the_markups_of_the_closure_is_taken_as_it_is() -> None:
    """As where many are solved, whose slow modes are those of the base; and where deficits were closed before."""
    many = ep.solve_many(WORLD, [[TARIFF]] * 70, closure=FIXED, tol=1e-12)
    alone = ep.solve(WORLD, TARIFF, closure=FIXED, tol=1e-12)
    np.testing.assert_allclose(many.real_income[69], alone.countries["real_income_pct"] / 100, atol=1e-10)
    closed = replace(FIXED, deficit="balanced")
    base = Problem.of(WORLD, ep.Scenario(()), closed).economy
    assert Problem.of(base, ep.Scenario(()), closed).economy is base


def test_a_closed_base_is_not_passed_on_to_other_elasticities() -> None:
    world, theta = random_world(3, 2, seed=11), WORLD.theta * 1.5
    world.balanced()
    drawn, fresh = world.with_elasticities(theta).balanced(), WORLD.with_theta(theta).balanced()
    np.testing.assert_allclose(drawn.theta, theta)
    np.testing.assert_allclose(drawn.value, fresh.value, rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ep.equilibrium.Markups(1.0), "sigma 1.0 is not a finite number above one"),
        (lambda: ep.equilibrium.Markups({"s00": float("nan")}), "sigma of s00 nan"),
        (lambda: ep.equilibrium.Markups({}), "names no sector"),
        (lambda: ep.equilibrium.Markups(5.0, entry="none"), "entry 'none'"),  # type: ignore[arg-type]
        (lambda: ep.Closure(competition="oligopoly"), "competition 'oligopoly'"),  # type: ignore[arg-type]
        (lambda: ep.Closure(competition={"sigma": 5, "firms": 3}), "competition"),  # type: ignore[arg-type]
        (lambda: ep.solve(WORLD, [], closure=ep.Closure(competition=ep.equilibrium.Markups({"cars": 4.0}))), "cars"),
        (
            lambda: ep.solve(WORLD, [], closure=ep.Closure(competition=ep.equilibrium.Markups({"cars": 4.0}, "free"))),
            "cars",
        ),
        (
            lambda: ep.solve(WORLD, [], closure=ep.Closure(competition=ep.equilibrium.Markups(1.05))),
            "more than value added in",
        ),
        (lambda: ep.solve(WORLD.with_markups(6.0), [], closure=FIXED), "markups or access to markets of its own"),
        (
            lambda: ep.solve(
                WORLD, [], closure=ep.Closure(scale=0.01, competition=ep.equilibrium.Markups(60.0, "free"))
            ),
            "beside free entry",
        ),
        (lambda: replace(WORLD, markup=np.full(WORLD.output.shape, 0.9)), "must be at least one"),
        (lambda: replace(WORLD, markup=np.ones((5, 5))), "markup has shape"),
    ],
)
def test_bad_markups_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        make()


def test_sigma_may_be_a_number_of_numpy_and_is_copied() -> None:
    stated = {"s00": np.int64(4)}
    markups = ep.equilibrium.Markups(stated)  # type: ignore[arg-type]  # any real number
    stated["s00"] = np.int64(1)
    assert markups.sigma == {"s00": 4}


@pytest.mark.parametrize("entry", ["fixed", "free"])
def test_sigma_takes_names_as_scale_does(entry: Any) -> None:
    """Sectors in any case, ALL for those that are not named apart; an unknown one is refused."""
    short, full = (
        ep.Closure(competition=ep.equilibrium.Markups(s, entry)) for s in ({"ALL": 9, "S01": 12}, {"s00": 9, "s01": 12})
    )
    one, other = (ep.solve(WORLD, TARIFF, closure=closure) for closure in (short, full))
    np.testing.assert_allclose(one.countries["real_income_pct"], other.countries["real_income_pct"], atol=1e-9)
    with pytest.raises(ep.errors.InputError, match="closure: competition: sigma: unknown sector 's0'; did you mean s0"):
        ep.solve(WORLD, TARIFF, closure=ep.Closure(competition=ep.equilibrium.Markups({"s0": 9}, entry)))


def test_markups_are_named_in_reports() -> None:
    assert str(ep.equilibrium.Markups({"s00": 5, "s01": 7.5})) == (
        "markups at an elasticity of substitution of s00 5, s01 7.5 with fixed entry"
    )
    assert str(ep.equilibrium.Markups(5, "free")) == "markups at an elasticity of substitution of 5 with free entry"


def test_the_least_sigma_of_the_error_is_enough() -> None:
    with pytest.raises(ep.errors.TableError) as caught:
        WORLD.with_markups({"s00": 1.001})
    least = float(str(caught.value).split("sigma above ")[1].split(")")[0])
    assert WORLD.with_markups({"s00": least}).has_markups


def test_a_report_has_the_markups_as_python() -> None:
    from entrepot.studies.provenance import _call

    assert eval(_call(FIXED), {"ep": ep}) == FIXED
