"""Laws of markets with strategic makers, against textbook formulas and other methods of solving."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar, root

import entrepot as ep
from car_markets import BEERS, CARS, SIZE, SYSTEMS, cars, tariff
from entrepot.markets.conduct import CONDUCTS as CONDUCT_BY_NAME
from entrepot.markets.conduct import differences
from entrepot.markets.price_equilibrium import PricePoint
from shelves import slow_pairs

CONDUCTS = ("bertrand", "cournot", "monopolistic", "perfect")
IMPORTS = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


def one_product(demand="logit", **options):
    table = pd.DataFrame({"product": ["A"], "firm": ["F"], "plant": ["USA"], "price": [10.0], "quantity": [40.0]})
    return ep.Market.from_products(table, importer="USA", demand=demand, **options)


# ---- calibration ----


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("conduct", CONDUCTS)
def test_no_measure_leaves_the_base(system, conduct):
    options = {"price_coefficient": -0.4} if "logit" in SYSTEMS[system].get("demand", system) else {}
    if system in ("ces", "closed_ces"):
        options = {"sigma": 6.0}
    if system in ("aids", "linear"):
        options = {"strength": 4.0 if system == "aids" else 0.4}
    if conduct == "cournot" and system == "closed_logit":
        with pytest.raises(ep.errors.InputError, match="outside good"):
            cars(system, conduct=conduct, **options)
        return
    outcome = cars(system, conduct=conduct, **({} if system == "mixed_logit" else options)).solve()
    np.testing.assert_allclose(outcome.prices, CARS["price"], rtol=1e-11)
    assert outcome.residual < 1e-12
    assert outcome.point.iterations <= 1  # the base is the start; rounding may cost a step


def test_price_coefficient_is_the_least_squares_fit_of_margins():
    market = cars("logit")
    stated = CARS["margin"].to_numpy()
    at = np.isfinite(stated)

    def loss(alpha):
        trial = cars("logit", price_coefficient=-alpha)
        return ((trial.products["margin"].to_numpy() - stated)[at] ** 2).sum()

    best = -market.parameters["price_coefficient"]
    assert loss(best) < min(loss(best * 1.001), loss(best * 0.999))


def test_fitted_market_size_is_better_than_its_neighbours():
    market = ep.Market.from_products(BEERS, importer="USA", market_size="fit")

    def loss(alpha, size):
        trial = ep.Market.from_products(BEERS, importer="USA", price_coefficient=alpha, market_size=size)
        return ((trial.products["margin"] - BEERS["margin"]) ** 2).sum()

    alpha, size = market.parameters["price_coefficient"], market.parameters["market_size"]
    around = [loss(alpha * a, size * s) for a in (0.999, 1.001) for s in (0.999, 1.001)]
    assert loss(alpha, size) < min(around)


def test_dealers_and_base_duties_are_part_of_the_price():
    table = CARS.assign(tariff=np.where(CARS["plant"] == "USA", 0.0, 0.025), dealer_margin=0.1)
    market = ep.Market.from_products(table, importer="USA", price_coefficient=-0.4, market_size=SIZE)
    net = table["price"] * 0.9 / (1 + table["tariff"])
    passed = 0.9 / (1 + table["tariff"])
    shares = table["quantity"] / SIZE
    firm = table.assign(share=shares).groupby("firm")["share"].transform("sum")
    # Logit: every product of a firm has the margin pass / (alpha (1 - firm's share)) where all pass alike.
    single = table["firm"].isin(["Fuji", "Rhein"])
    expected = net - passed / (0.4 * (1 - firm))
    np.testing.assert_allclose(market.cost[single], expected[single], rtol=1e-12)
    np.testing.assert_allclose(market.solve().prices, table["price"], rtol=1e-11)


# ---- textbook cases ----


def test_one_product_is_the_textbook_monopolist():
    # q = 40 - b (p - 10) with b = strength (40 - 40^2/80): the monopolist's price is half of a/b + cost.
    with pytest.raises(ep.errors.InputError, match="cost below zero"):
        one_product("linear", strength=0.05, market_size=80.0)
    market = one_product("linear", strength=0.5, market_size=80.0)
    b, intercept = 10.0, 40 + 10.0 * 10
    cost = market.cost[0]
    assert cost == pytest.approx(10 - 40 / b)
    dearer = market.solve(cost_changes={"USA": 0.2})
    assert dearer.prices[0] == pytest.approx((intercept / b + 1.2 * cost) / 2, rel=1e-12)


def test_a_logit_monopolist_solves_its_first_order_condition():
    market = one_product("logit", price_coefficient=-0.6, market_size=100.0)
    mean, cost = market.demand.mean[0], 1.1 * market.cost[0]

    def condition(p):
        share = 1 / (1 + np.exp(0.6 * p - mean))
        return p - cost - 1 / (0.6 * (1 - share))

    assert market.solve(cost_changes={"USA": 0.1}).prices[0] == pytest.approx(
        brentq(condition, 5, 40, xtol=1e-13), rel=1e-11
    )


def symmetric(firms, elastic=-2.0, **options):
    table = pd.DataFrame(
        {
            "product": [f"P{k}" for k in range(firms)],
            "firm": [f"F{k}" for k in range(firms)],
            "plant": "USA",
            "price": 10.0,
            "quantity": 100.0 / firms,
        }
    )
    return ep.Market.from_products(table, importer="USA", market_size=1000.0, price_coefficient=elastic, **options)


def test_a_merger_raises_prices_of_the_merging_firms_most():
    market = symmetric(4, -0.5)
    merged = market.merge("F0", "F1").solve()
    rise = merged.products["price_pct"]
    assert (rise > 0).all()
    assert rise[:2].min() > rise[2:].max()


def test_collusion_of_all_is_a_merger_of_all():
    together = symmetric(3, -0.5, collusion=[["F0", "F1", "F2"]])
    alone = symmetric(3, -0.5)
    assert (together.cost < alone.cost).all()  # at the same prices the cartel's margins are larger
    np.testing.assert_allclose(alone.merge("F0", "F1", "F2").owned, together.owned)


def test_cournot_margins_shrink_to_those_of_price_takers_as_firms_grow():
    # Close substitutes: Cournot with n firms of a homogeneous good has the margin p / (n elasticity).
    margins = []
    for firms in (2, 4, 8, 16, 32):
        market = ep.Market.from_products(
            pd.DataFrame(
                {
                    "product": [f"P{k}" for k in range(firms)],
                    "firm": [f"F{k}" for k in range(firms)],
                    "plant": "USA",
                    "price": 10.0,
                    "quantity": 100.0 / firms,
                }
            ),
            importer="USA",
            demand="ces",
            sigma=1e4,
            market_elasticity=-2.0,
            conduct="cournot",
        )
        margins.append(float(market.products["margin"][0]))
    expected = [1e-4 + (0.5 - 1e-4) / n for n in (2, 4, 8, 16, 32)]  # 1/sigma + (1/elasticity - 1/sigma)/n
    np.testing.assert_allclose(margins, expected, rtol=1e-7)


@given(st.floats(1.5, 12.0), st.floats(0.0, 0.6))
def test_monopolistic_competition_with_ces_marks_up_by_sigma_and_passes_all_on(sigma, rate):
    market = cars("closed_ces", sigma=sigma, market_elasticity=-1.0, conduct="monopolistic")
    np.testing.assert_allclose(market.products["margin"], 1 / sigma, rtol=1e-12)
    outcome = market.solve(tariff(rate))
    changes = outcome.products.set_index("product")["price_pct"]
    assert changes["Kei"] == pytest.approx(100 * rate, abs=1e-8)
    assert changes["Alpha"] == pytest.approx(0.0, abs=1e-8)


def test_perfect_competition_passes_the_duty_on_in_full():
    outcome = cars("logit", price_coefficient=-0.4, conduct="perfect").solve(tariff(0.25))
    products = outcome.products.set_index("product")
    assert products.loc["Kei", "price_pct"] == pytest.approx(25.0)
    assert products.loc["Kei", "border_price_pct"] == pytest.approx(0.0, abs=1e-10)
    assert outcome.firms["profit_change"].abs().max() < 1e-9


@pytest.mark.parametrize("system", ["logit", "ces", "aids", "linear", "mixed_logit", "nested_logit", "two_nests"])
@pytest.mark.parametrize("conduct", ["bertrand", "cournot"])
def test_equilibrium_is_that_of_a_general_solver(system, conduct):
    market = cars(system, conduct=conduct)
    rate = 0.05 if (system, conduct) == ("aids", "cournot") else 0.25  # AIDS demand for Kei ends soon after
    outcome = market.solve([tariff(rate), tariff(0.1, "DEU")])
    demand, owned = market.demand, market.owned
    duty = np.array([{"JPN": rate, "DEU": 0.1}.get(plant, 0.0) for plant in CARS["plant"]])
    step = 1e-6

    def slopes(p):  # written again, by differences
        return np.stack(
            [(demand.quantities(p + step * e) - demand.quantities(p - step * e)) / (2 * step) for e in np.eye(8)],
            axis=1,
        )

    def conditions(p):
        q, d, m = demand.quantities(p), slopes(p), p / (1 + duty) - market.cost
        if conduct == "bertrand":
            return (q / (1 + duty) + (owned * d).T @ m) / np.abs(np.diag(d))
        return m + (owned * np.linalg.inv(d)).T @ (q / (1 + duty))

    found = root(conditions, CARS["price"].to_numpy(), tol=1e-12)
    np.testing.assert_allclose(outcome.prices, found.x, rtol=1e-7)
    assert outcome.residual < 1e-12


# ---- tariffs and quotas ----


@pytest.mark.parametrize(
    ("system", "conduct"), slow_pairs(["logit", "nested_logit", "ces", "aids", "linear", "mixed_logit"], CONDUCTS)
)
def test_an_auctioned_quota_at_the_units_of_a_duty_a_unit_gives_its_prices(system, conduct):
    given = {
        "logit": {"price_coefficient": -0.4},
        "nested_logit": {"price_coefficient": -0.4},
        "ces": {"sigma": 6.0},
        "aids": {"strength": 4.0},
        "linear": {"strength": 0.2},
    }
    market = cars(system, conduct=conduct, **(given.get(system, {}) if conduct == "perfect" else {}))
    amount = 1.0 if (system, conduct) == ("aids", "cournot") else 3.0
    duty = market.solve(ep.SpecificTariff(**IMPORTS, amount=amount, unit_value=20.0))
    units = duty.by_plant.set_index("plant").loc["JPN", "units"]
    quota = market.solve(ep.ImportQuota(**IMPORTS, cap=units, unit="units"))
    np.testing.assert_allclose(quota.prices, duty.prices, rtol=1e-9)
    assert quota.rents.loc[0, "licence_price"] == pytest.approx(amount, rel=1e-8)
    assert quota.welfare.set_index("country")["total"]["USA"] == pytest.approx(
        duty.welfare.set_index("country")["total"]["USA"], rel=1e-6
    )


def test_a_restraint_has_the_prices_of_the_quota_and_hands_its_rent_to_the_makers():
    market = cars("mixed_logit")
    quota, ver = (market.solve(kind(**IMPORTS, cap=0.8)) for kind in (ep.ImportQuota, ep.VoluntaryExportRestraint))
    np.testing.assert_allclose(quota.prices, ver.prices, rtol=1e-11)
    rent = quota.rents.loc[0, "rent"]
    by_country = [o.welfare.set_index("country")["total"] for o in (quota, ver)]
    assert by_country[0]["USA"] - by_country[1]["USA"] == pytest.approx(rent)
    assert by_country[1]["JPN"] - by_country[0]["JPN"] == pytest.approx(rent)


def test_a_quota_in_units_moves_buyers_to_the_dearer_cars():
    # The licence costs the same on every car, so it weighs less on dear ones; with logit demand that has no effect.
    outcome = cars("ces").solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0.7))
    rows = outcome.products.set_index("product")
    assert rows.loc["Kei", "quantity_pct"] < rows.loc["Hana", "quantity_pct"]
    japan = outcome.by_plant.set_index("plant").loc["JPN"]
    assert japan["mean_price_pct"] > japan["price_pct"]


def test_an_ad_valorem_tariff_does_not_upgrade_as_a_quota_of_the_same_units_does():
    market = cars("ces")
    taxed = market.solve(tariff(0.25))
    units = taxed.by_plant.set_index("plant").loc["JPN", "units"]
    capped = market.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=units, unit="units"))
    mix = [o.by_plant.set_index("plant").loc["JPN", "mix_pct"] for o in (taxed, capped)]
    assert mix[1] > mix[0]


def test_a_slack_quota_has_no_rent():
    outcome = cars("logit").solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=1.2))
    assert not outcome.rents.loc[0, "binding"]
    assert outcome.rents.loc[0, "rent"] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(outcome.prices, CARS["price"], rtol=1e-11)


def test_a_quota_for_each_maker_holds_each():
    market = cars("logit")
    outcome = market.solve(market.each(ep.VoluntaryExportRestraint(**IMPORTS, cap=0.8)))
    rows = outcome.products.set_index("product")
    np.testing.assert_allclose(rows.loc[["Kei", "Hana"], "quantity_pct"], -20.0, rtol=1e-9)
    assert len(outcome.rents) == 2
    assert outcome.rents["licence_price"].nunique() == 2


def test_tariff_rate_quota_lies_between_its_two_duties():
    market = cars("logit")
    free, taxed = market.solve(), market.solve(tariff(0.25))
    inside, outside = (o.by_plant.set_index("plant").loc["JPN", "units"] for o in (free, taxed))
    for part, rent in ((1.1, "none"), (0.5, "some"), (-0.2, "full")):
        volume = outside + part * (inside - outside)
        trq = market.solve(ep.TariffRateQuota(**IMPORTS, cap=volume, unit="units", in_rate=0.0, out_rate=0.25))
        licence = trq.rents.loc[0, "licence_price"]
        if rent == "none":
            np.testing.assert_allclose(trq.prices, free.prices, rtol=1e-10)
        elif rent == "full":
            np.testing.assert_allclose(trq.prices, taxed.prices, rtol=1e-10)
            assert licence == pytest.approx(0.25)
            paid = trq.welfare.set_index("country")
            assert paid.loc["USA", "rents"] + paid.loc["USA", "duties"] == pytest.approx(
                taxed.welfare.set_index("country").loc["USA", "duties"]
            )
        else:
            assert 0 < licence < 0.25
            assert trq.rents.loc[0, "units"] == pytest.approx(volume)


@pytest.mark.parametrize("conduct", ["bertrand", "cournot", "monopolistic"])
def test_minimum_price_binds_where_makers_would_charge_less(conduct):
    market = cars("logit", conduct=conduct, **({"price_coefficient": -0.4} if conduct == "cournot" else {}))
    outcome = market.solve(ep.MinimumPrice(**IMPORTS, price=24.0, unit_value=20.0))
    rows = outcome.products.set_index("product")
    assert rows.loc["Kei", "price"] == pytest.approx(24.0)  # from 22
    assert rows.loc["Hana", "price"] > 24.0  # from 27: its maker answers, and is not held
    assert outcome.residual < 1e-12


def test_content_rule_taxes_only_the_products_that_it_names():
    market = cars("logit")
    outcome = market.solve(ep.Tariff(importer="USA", exporter="MEX", sector="Delta", rate=0.25))
    rows = outcome.products.set_index("product")
    assert rows.loc["Delta", "price_pct"] > 15
    assert rows.loc["Delta", "duty"] > 0
    assert (rows.drop("Delta")["duty"] == 0).all()


def test_export_tax_and_subsidy_reach_the_right_treasuries():
    market = cars("logit", price_coefficient=-0.4)
    taxed = market.solve(ep.ExportTax(importer="USA", exporter="JPN", sector="ALL", rate=0.1))
    rows = taxed.welfare.set_index("country")
    q = taxed.quantities[[4, 6]]
    assert rows.loc["JPN", "other_revenue"] == pytest.approx(float(q @ (taxed.prices[[4, 6]] * 0.1 / 1.1)))
    paid = market.solve(ep.ProductionSubsidy(country="USA", sector="Gamma", rate=0.1))
    assert paid.welfare.set_index("country").loc["USA", "other_revenue"] < 0
    assert paid.products.set_index("product").loc["Gamma", "price_pct"] < 0


def test_ban_takes_the_products_off_the_market():
    market = cars("logit", price_coefficient=-0.4)
    banned = market.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0))
    tight = market.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=1e-7))
    assert banned.by_plant.set_index("plant").loc["JPN", "units"] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(banned.prices[[0, 1, 2, 3, 5, 7]], tight.prices[[0, 1, 2, 3, 5, 7]], rtol=1e-6)
    assert banned.consumer_surplus == pytest.approx(tight.consumer_surplus, rel=1e-4)
    with pytest.raises(ep.errors.InputError, match="off the market"):
        cars("aids").solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0))


def duopoly(conduct="bertrand", **options):
    """A home and a foreign maker of close substitutes."""
    table = pd.DataFrame(
        {
            "product": ["Home", "Foreign"],
            "firm": ["Home", "Foreign"],
            "plant": ["USA", "JPN"],
            "price": [20.0, 20.0],
            "quantity": [500.0, 500.0],
        }
    )
    return ep.Market.from_products(
        table, importer="USA", conduct=conduct, price_coefficient=-0.5, market_size=1500.0, **options
    )


@given(st.floats(0.85, 1.0))
def test_restraint_near_free_trade_units_raises_both_makers_profits_when_it_is_foreseen(cap):
    """Krishna (1989): the home maker knows that its rival cannot sell more, so it raises its price."""
    market = duopoly()
    ver = ep.VoluntaryExportRestraint(**IMPORTS, cap=cap)
    foreseen = market.solve(ver, quotas_foreseen=True)
    firms = foreseen.firms.set_index("firm")
    assert foreseen.rents.loc[0, "licence_price"] > 0
    assert firms.loc["Home", "profit_change"] > 0
    if cap > 0.95:
        assert firms.loc["Foreign", "with_rent_change"] > 0
    taken = market.solve(ver)
    assert foreseen.prices[0] > taken.prices[0]


def test_home_maker_behind_a_foreseen_quota_is_a_monopolist_of_the_demand_that_is_left():
    """Bhagwati (1965): the quota's units are sold whatever it charges, so it faces the rest of demand by itself."""
    market = duopoly()
    demand, cost = market.demand, market.cost[0]
    taxed = market.solve(tariff(0.15))
    imports = taxed.by_plant.set_index("plant").loc["JPN", "units"]

    def clearing(p):
        return brentq(lambda f: demand.quantities(np.array([p, f]))[1] - imports, 5.0, 80.0, xtol=1e-12)

    def loss(p):
        return -(p - cost) * demand.quantities(np.array([p, clearing(p)]))[0]

    best = minimize_scalar(loss, bounds=(18.0, 60.0), method="bounded", options={"xatol": 1e-9}).x
    quota = market.solve(ep.ImportQuota(**IMPORTS, cap=imports, unit="units"), quotas_foreseen=True)
    np.testing.assert_allclose(quota.prices, [best, clearing(best)], rtol=1e-6)
    assert quota.prices[0] > taxed.prices[0] + 0.1


def test_best_subsidy_of_an_exporter_under_cournot_makes_its_maker_the_leader():
    """Brander and Spencer (1985): it moves the rival as a leader's quantity would, and is worth what leading is."""
    table = duopoly().products[["product", "firm", "plant", "price", "quantity"]]
    options = {"demand": "linear", "strength": 0.3, "market_size": 1500.0, "conduct": "cournot"}
    market = ep.Market.from_products(table, importer="USA", **options)

    def worth(rate):
        outcome = market.solve(ep.ProductionSubsidy(country="JPN", sector="ALL", rate=rate))
        return outcome.welfare.set_index("country").loc["JPN", "total"], outcome.quantities

    best = minimize_scalar(lambda rate: -worth(rate)[0], bounds=(0.0, 0.5), method="bounded", options={"xatol": 1e-8}).x
    in_units = np.linalg.inv(market.demand.slopes(market.solve().prices))  # dp/dq of linear demand, by itself
    q, p = table["quantity"].to_numpy(), table["price"].to_numpy()
    own, cross = in_units[0]
    assert market.cost == pytest.approx(p + own * q)  # x - c + q dp/dq = 0

    def follower(lead):
        """The home maker's reply: p + own (a - q) + cross (lead - q) - c + own a = 0."""
        return (own * q[0] + cross * (q[1] - lead) - p[0] + market.cost[0]) / (2 * own)

    def leads(lead):
        price = p[1] + cross * (follower(lead) - q[0]) + own * (lead - q[1])
        return (price - market.cost[1]) * lead

    lead = minimize_scalar(lambda a: -leads(a), bounds=(100.0, 1000.0), method="bounded", options={"xatol": 1e-8}).x
    gain, units = worth(best)
    np.testing.assert_allclose(units, [follower(lead), lead], rtol=1e-5)
    assert gain == pytest.approx(leads(lead) - leads(q[1]), rel=1e-8)
    assert best > 0


@pytest.mark.parametrize("specific", [True, False])
def test_a_licence_upgrades_by_its_part_of_each_price_and_a_duty_of_a_rate_does_not(specific):
    """Falvey (1979), Feenstra (1988): at cost, with CES demand, units move by the power -sigma of relative prices."""
    market = cars("ces", sigma=3.0, conduct="perfect")
    restraint = market.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0.7))
    duty = market.solve(tariff(0.2))
    outcome = restraint if specific else duty
    cheap, dear = (outcome.products.set_index("product").loc[name] for name in ("Kei", "Hana"))
    price = CARS.set_index("product")["price"]
    licence = restraint.rents.loc[0, "licence_price"]
    rise = [1 + licence / price[name] if specific else 1.2 for name in ("Kei", "Hana")]
    assert licence > 0
    assert (100 + dear["quantity_pct"]) / (100 + cheap["quantity_pct"]) == pytest.approx((rise[1] / rise[0]) ** -3.0)


# ---- accounts ----


@pytest.mark.parametrize("system", ["logit", "ces", "mixed_logit"])
def test_what_buyers_pay_is_what_others_receive(system):
    table = CARS.assign(tariff=np.where(CARS["plant"] == "USA", 0.0, 0.025), dealer_margin=0.08, dealer_amount=0.5)
    market = ep.Market.from_products(table, importer="USA", **{"demand": system, **SYSTEMS[system]})
    outcome = market.solve(
        [
            ep.Tariff(importer="USA", exporter="MEX", sector="ALL", rate=0.25),
            ep.TariffRateQuota(importer="USA", exporter="DEU", sector="ALL", cap=0.6, in_rate=0.025, out_rate=0.1),
            ep.VoluntaryExportRestraint(**IMPORTS, cap=0.9, rent=0.7),
            ep.ExportTax(importer="USA", exporter="JPN", sector="Kei", rate=0.05),
            ep.ProductionSubsidy(country="USA", sector="Gamma", rate=0.05),
        ]
    )
    paid = float((outcome.prices * outcome.quantities).sum())
    accounts = {key: float(value.sum()) for key, value in outcome.accounts.items()}
    costs = float((market.cost * outcome.quantities).sum()) - accounts["subsidies"]  # no barrier raises them
    kept = sum(accounts[k] for k in ("profit", "rent_exporters", "rent_importer", "duties", "export_taxes", "dealers"))
    assert paid == pytest.approx(costs + kept, rel=1e-12)
    welfare = outcome.welfare
    assert welfare["rents"].sum() == pytest.approx(outcome.rents["rent"].sum())
    assert welfare["profits"].sum() == pytest.approx(outcome.firms["profit_change"].sum())


@pytest.mark.parametrize("system", ["logit", "ces", "aids", "linear", "nested_logit"])
def test_units_of_money_do_not_matter(system):
    options = {**SYSTEMS[system]}
    cents = CARS.assign(price=100 * CARS["price"])
    if system == "ces":
        options["market_size"] = 100 * options["market_size"]
    small = ep.Market.from_products(cents, importer="USA", **{"demand": system, **options})
    one, other = cars(system).solve(tariff()), small.solve(tariff())
    np.testing.assert_allclose(other.products["price_pct"], one.products["price_pct"], rtol=1e-7, atol=1e-9)
    assert other.consumer_surplus == pytest.approx(100 * one.consumer_surplus, rel=1e-7)


def test_units_of_quantity_do_not_matter():
    thousands = CARS.assign(quantity=CARS["quantity"] / 1000)
    small = ep.Market.from_products(thousands, importer="USA", market_size=SIZE / 1000)
    one, other = (m.solve(ep.VoluntaryExportRestraint(**IMPORTS, cap=0.7)) for m in (cars("logit"), small))
    np.testing.assert_allclose(other.prices, one.prices, rtol=1e-9)


def test_order_of_products_does_not_matter():
    order = [5, 2, 7, 0, 1, 6, 3, 4]
    other = ep.Market.from_products(CARS.iloc[order], importer="USA", market_size=SIZE)
    np.testing.assert_allclose(other.solve(tariff()).prices, cars("logit").solve(tariff()).prices[order], rtol=1e-10)


def test_duty_on_the_price_is_that_on_the_border_price_restated():
    market = cars("logit")
    np.testing.assert_allclose(
        market.solve(tariff(0.1), duty_base="price").prices, market.solve(tariff(0.1 / 0.9)).prices, rtol=1e-12
    )


def test_several_starts_find_one_equilibrium_of_the_logit():
    found = cars("logit").equilibria([tariff()], starts=6)
    assert len(found) == 1


def test_profits_of_a_plant_go_to_its_owners():
    welfare = cars("logit").solve(tariff()).welfare.set_index("country")
    firms = cars("logit").solve(tariff()).firms.set_index("firm")
    assert welfare.loc["USA", "profits"] == pytest.approx(firms.loc[["Atlas", "Union"], "profit_change"].sum())
    assert welfare.loc["JPN", "profits"] == pytest.approx(firms.loc[["Nippon", "Fuji"], "profit_change"].sum())
    assert welfare.loc["MEX", "profits"] == pytest.approx(0.0, abs=1e-9)


def test_a_measure_without_a_sector_is_on_all_products_of_a_market_and_on_nothing_in_an_economy():
    bare = ep.Tariff(importer="USA", exporter="JPN", rate=0.25)
    market = cars("logit")
    np.testing.assert_allclose(market.solve([bare]).prices, market.solve(tariff(0.25)).prices)
    assert "all products" in bare.title
    with pytest.raises(ep.errors.MeasureError, match="name the sectors, or ALL"):
        ep.solve(ep.load_economy("world2014"), [bare])


# ---- the chain of prices ----


def test_chain_from_maker_to_buyer_and_back():
    table = CARS.assign(tariff=np.where(CARS["plant"] == "USA", 0.0, 0.025), dealer_margin=0.08, dealer_amount=0.5)
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE)
    outcome = market.solve(
        [
            ep.SpecificTariff(importer="USA", exporter="MEX", amount=1.0, unit_value=20.0),
            ep.TariffRateQuota(importer="USA", exporter="DEU", cap=0.9, in_rate=0.025, out_rate=0.1),
            ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", cap=0.9),
            ep.ExportTax(importer="USA", exporter="JPN", rate=0.05),
        ]
    )
    chain, prices, licences = outcome.game.chain, outcome.point.prices, outcome.point.licences
    net = chain.net(prices, licences)
    np.testing.assert_allclose(chain.buyers(net, licences), prices, rtol=1e-12)
    steps = chain.net(prices + 1e-6, licences) - net
    np.testing.assert_allclose(steps / 1e-6, chain.passed(licences), rtol=1e-6)


def test_market_elasticity_of_the_logit_is_that_of_all_units():
    market = cars("logit", market_elasticity=-3.0)
    prices = CARS["price"].to_numpy()
    units = [market.demand.quantities(prices * f).sum() for f in (0.9999, 1.0001)]
    assert np.log(units[1] / units[0]) / 2e-4 == pytest.approx(-3.0, rel=1e-2)  # at one price for all it is exact


@pytest.mark.parametrize("conduct", ["bertrand", "perfect"])
def test_money_a_unit_is_due_on_each_that_is_shipped(conduct):
    """1.1 Japanese cars are shipped for one to arrive."""
    market = cars("logit", price_coefficient=-0.4, conduct=conduct)
    japan = {"importer": "USA", "exporter": "JPN"}
    barrier, made = ep.NonTariffBarrier(**japan, rate=0.1), np.array(market.table.plant) == "JPN"
    paid = market.solve([barrier, ep.SpecificTariff(**japan, amount=2.0, unit_value=20.0)])
    shipped = 1.1 * paid.quantities[made]
    np.testing.assert_allclose(paid.by_product("duties")[made], 2.0 * shipped, rtol=1e-9)
    budget = paid.welfare.set_index("country").loc["USA", "duties"]
    assert budget == pytest.approx(2.0 * shipped.sum())
    lowest = 1.4 * market.border_price[made]
    kept = market.solve([barrier, ep.MinimumPrice(**japan, price=1.4, rent="exporter")])
    np.testing.assert_allclose(kept.border_prices[made], 1.1 * lowest, rtol=1e-9)
    margin = kept.by_product("profit")[made] / (1.1 * kept.quantities[made])
    np.testing.assert_allclose(margin, lowest - market.cost[made], rtol=1e-9)


def test_a_cost_nobody_collects_raises_cost_and_the_subsidy_pays_its_share():
    market = cars("logit", price_coefficient=-0.4, conduct="perfect")
    barrier = market.solve(ep.NonTariffBarrier(importer="USA", exporter="JPN", rate=0.1))
    assert barrier.products.set_index("product").loc["Kei", "price_pct"] == pytest.approx(10.0)
    assert barrier.welfare["total"].sum() < 0
    paid = market.solve(ep.ProductionSubsidy(country="USA", sector="Gamma", rate=0.25))
    gamma = paid.products.set_index("product").loc["Gamma"]
    assert gamma["price_pct"] == pytest.approx(-20.0)
    budget = paid.welfare.set_index("country").loc["USA", "other_revenue"]
    assert budget == pytest.approx(-0.25 * gamma["price"] * gamma["quantity"])  # of what the maker receives


@pytest.mark.parametrize("conduct", ["bertrand", "perfect"])
@pytest.mark.parametrize(
    "measure",
    [
        ep.ProductionSubsidy(country="USA", sector="ALL", rate=0.25),
        ep.MinimumPrice(importer="USA", exporter="JPN", price=25.0, unit_value=20.0, rent="importer"),
        ep.MinimumPrice(importer="USA", exporter="JPN", price=25.0, unit_value=20.0, rent="exporter"),
        ep.ExportTax(importer="USA", exporter="JPN", rate=0.1),
        ep.TariffRateQuota(importer="USA", exporter="JPN", cap=0.8, in_rate=0.1, out_rate=0.25),
        ep.NonTariffBarrier(importer="USA", exporter="JPN", rate=0.1),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_the_margins_of_a_maker_are_its_profit_and_cost_is_what_production_takes(conduct, measure):
    """A subsidy is part of what the maker receives, and what customs takes of a minimum price is not."""
    market = cars("logit", price_coefficient=-0.4, conduct=conduct)
    outcome = market.solve(measure)
    rows = outcome.products
    earned = (rows["margin"] * rows["price"] * rows["quantity"]).groupby(rows["firm"], sort=False).sum()
    np.testing.assert_allclose(earned, outcome.firms["profit"], rtol=1e-9, atol=1e-6)
    on_cost = np.where((rows["plant"] == "JPN") & isinstance(measure, ep.NonTariffBarrier), 1.1, 1.0)
    np.testing.assert_allclose(rows["cost"], market.cost * on_cost, rtol=1e-12)
    paid = outcome.border_prices + rows["duty"] + rows["licence"]  # of a quota whose licences are bought after duty
    np.testing.assert_allclose(paid, rows["price"], rtol=1e-12)


@pytest.mark.parametrize("conduct", ["bertrand", "cournot"])
def test_a_maker_with_plants_at_home_and_abroad_weighs_the_subsidy_of_one(conduct):
    """No price (or quantity) of its own raises its profits, sum (1 + s) x q - c q, with s paid in one country alone."""
    market = cars("logit", price_coefficient=-0.4, conduct=conduct)
    outcome = market.solve(ep.ProductionSubsidy(country="USA", sector="ALL", rate=0.25))
    given = np.where(CARS["plant"] == "USA", 1.25, 1.0)
    p, q = outcome.prices, outcome.quantities
    mine = np.equal.outer(CARS["firm"].to_numpy(), CARS["firm"].to_numpy())

    def profits(prices):
        return mine.T @ ((given * prices - market.cost) * market.demand.quantities(prices))

    np.testing.assert_allclose(profits(p), outcome.firms.set_index("firm").loc[CARS["firm"], "profit"], rtol=1e-9)
    if conduct == "bertrand":
        steps = 1e-4 * np.eye(p.size)
        slopes = [(profits(p + step)[j] - profits(p - step)[j]) / 2e-4 for j, step in enumerate(steps)]
    else:
        in_units = np.linalg.inv(market.demand.slopes(p))
        slopes = given * p - market.cost + (mine * in_units).T @ (given * q)
    np.testing.assert_allclose(slopes, 0.0, atol=1e-4)


@pytest.mark.parametrize("rent", ["exporter", "importer"])
def test_makers_who_price_at_cost_under_a_minimum_price_leave_the_difference_to_its_holder(rent):
    market = cars("logit", price_coefficient=-0.4, conduct="perfect")
    outcome = market.solve(ep.MinimumPrice(importer="USA", exporter="JPN", price=25.0, unit_value=20.0, rent=rent))
    rows = outcome.products.set_index("product")
    assert rows.loc["Kei", "price"] == pytest.approx(25.0)
    gap = 3.0 * rows.loc["Kei", "quantity"]
    welfare = outcome.welfare.set_index("country")
    assert welfare.loc["JPN", "profits"] == pytest.approx(gap if rent == "exporter" else 0.0, abs=1e-8)
    assert welfare.loc["USA", "duties"] == pytest.approx(0.0 if rent == "exporter" else gap, abs=1e-8)


def test_duty_is_below_a_levied_minimum_and_on_one_that_makers_meet_themselves():
    """The engine's rule: buyers pay u (1+t) + floor - u where customs levies the gap, else floor (1+t)."""
    table = CARS.assign(tariff=np.where(CARS["plant"] == "JPN", 0.1, 0.0))
    for conduct, rent, buyers in (
        ("perfect", "importer", 20.0 * 1.1 + 5.0),
        ("perfect", "exporter", 25.0 * 1.1),
        ("bertrand", "importer", 25.0 * 1.1),
    ):
        market = ep.Market.from_products(
            table, importer="USA", price_coefficient=-0.4, market_size=6000.0, conduct=conduct
        )
        floor = ep.MinimumPrice(importer="USA", exporter="JPN", sector="Kei", price=25.0, unit_value=20.0, rent=rent)
        outcome = market.solve(floor)
        kei = outcome.products.set_index("product").loc["Kei"]
        assert kei["price"] == pytest.approx(buyers)  # its border price in the base is 20
        levied = (conduct, rent) == ("perfect", "importer")
        assert kei["duty"] == pytest.approx(buyers - 20.0 if levied else 2.5)
        assert kei["border_price_pct"] == pytest.approx(0.0 if levied else 25.0), "customs takes the gap, not the maker"


def test_full_tariff_rate_quota_with_a_duty_inside_ends_at_the_duty_beyond():
    market = cars("logit")
    trq = market.solve(ep.TariffRateQuota(importer="USA", exporter="JPN", cap=0.01, in_rate=0.1, out_rate=0.25))
    taxed = market.solve(ep.Tariff(importer="USA", exporter="JPN", rate=0.25))
    np.testing.assert_allclose(trq.prices, taxed.prices, rtol=1e-10)
    assert trq.rents.loc[0, "licence_price"] == pytest.approx(1.25 / 1.1 - 1)


# ---- names, conditions and notes ----


def test_conditions_on_columns_name_products():
    market = cars("logit")
    assert market.select("segment == 'small' and price > 22") == ("Delta", "Hana")
    by_condition = market.solve(ep.Tariff(importer="USA", exporter="JPN", sector="price > 25", rate=0.25))
    by_name = market.solve(ep.Tariff(importer="USA", exporter="JPN", sector="Hana", rate=0.25))
    np.testing.assert_allclose(by_condition.prices, by_name.prices, rtol=1e-12)
    with pytest.raises(ep.errors.TableError, match="'contents', which is not a column"):
        market.select("contents < 0.75")
    for odd in ("price * 2", "price.to_csv('here') == 1", "@pd == 1", "price > ", "price", "__import__('os') == 1"):
        with pytest.raises(ep.errors.TableError, match="compare"):
            market.select(odd)


def test_slack_quotas_and_embargoes_are_in_the_notes():
    market = cars("logit", price_coefficient=-0.4)
    slack = market.solve(ep.ImportQuota(**IMPORTS, cap=1.2))
    assert any("does not bind: 430 units sold of 516" in note for note in slack.notes)
    banned = market.solve(ep.ImportQuota(**IMPORTS, cap=0))
    assert any("Kei, Hana" in note for note in banned.notes)


def test_surplus_by_draw_adds_up():
    outcome = cars("mixed_logit").solve(tariff(0.25))
    draws = outcome.surplus_by_draw
    assert SIZE * float(draws["weight"] @ draws["surplus"]) == pytest.approx(outcome.consumer_surplus)
    assert (draws["surplus"] < 0).all()
    with pytest.raises(ep.errors.InputError, match="no draws"):
        _ = cars("logit").solve().surplus_by_draw


def test_nest_of_one_product_is_stated():
    table = CARS.assign(segment=["a", "a", "b", "b", "c", "a", "a", "b"])
    market = ep.Market.from_products(
        table, importer="USA", demand="nested_logit", market_size=SIZE, nests="segment", nesting=0.5
    )
    assert any("Nests of one product" in note and "c" in note for note in market.notes)
    with pytest.raises(ep.errors.InputError, match="0 or more and below 1"):
        ep.Market.from_products(
            table, importer="USA", demand="nested_logit", market_size=SIZE, nests="segment", nesting=1.0
        )


@pytest.mark.parametrize("system", ["logit", "two_nests", "ces", "aids", "mixed_logit", "linear"])
@pytest.mark.parametrize("conduct", ["bertrand", "cournot", "monopolistic"])
def test_slopes_of_first_order_conditions_are_those_by_differences(system, conduct):
    from entrepot.markets.conduct import CONDUCTS as KNOWN
    from entrepot.markets.conduct import Conduct

    market = cars(system)
    p, m = CARS["price"].to_numpy() * 1.02, 0.15 * CARS["price"].to_numpy()
    passed = np.linspace(0.8, 1.0, 8)
    rule = KNOWN[conduct]
    stated = rule.gap_slopes(market.demand, p, m, passed, market.owned)
    by_differences = Conduct.gap_slopes(rule, market.demand, p, m, passed, market.owned)
    for one, other in zip(stated, by_differences, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-5 * np.abs(other).max())


@pytest.mark.parametrize("conduct", ["bertrand", "monopolistic"])
def test_slopes_in_money_are_those_of_the_gap_over_the_slope_of_demand(conduct):
    """d(gap / s) = (d gap - wants d s) / s, with s = -dq_j/dp_j and wants = gap / s."""
    market, rule = cars("two_nests"), CONDUCT_BY_NAME[conduct]
    p, m, passed = CARS["price"].to_numpy() * 1.02, 0.15 * CARS["price"].to_numpy(), np.linspace(0.8, 1.0, 8)

    def wants(at):
        return rule.gap(market.demand, at, m, passed, market.owned) / -np.diag(market.demand.slopes(at))

    in_p, _, _ = rule.gap_slopes_in_money(market.demand, p, m, passed, market.owned, wants(p))
    steep = -np.diag(market.demand.slopes(p))
    np.testing.assert_allclose(in_p / steep[:, None], differences(wants, p), rtol=2e-5, atol=1e-7)


def test_what_measures_do_is_shared_and_cannot_be_written_to():
    """Markets that differ in margins share it, and neither the table nor the base."""
    market = cars("logit")
    measures = [tariff(0.2), ep.TariffRateQuota(**IMPORTS, cap=0.8, out_rate=0.3)]
    policy = market.solve(measures).policy
    assert market.with_conduct("monopolistic").solve(measures).policy is policy
    held = [policy, policy.chain, *policy.chain.caps]
    arrays = [array for noun in held for array in vars(noun).values() if isinstance(array, np.ndarray)]
    assert len(arrays) == 2 + 7 + 2
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    assert market.table.dealer_share.flags.writeable
    assert market.base.dealer_amount.flags.writeable


@pytest.mark.parametrize("kind", [ep.VoluntaryExportRestraint, ep.ImportQuota, ep.TariffRateQuota])
def test_a_search_from_another_outcome_ends_at_the_same_point(kind):
    more = {"out_rate": 0.3} if kind is ep.TariffRateQuota else {}
    market = cars("nested_logit")
    near, there = (market.solve(kind(**IMPORTS, cap=cap, **more)) for cap in (0.8, 0.79))
    again = market.solve(kind(**IMPORTS, cap=0.79, **more), start=near.point)
    np.testing.assert_allclose(again.prices, there.prices, rtol=1e-11)
    np.testing.assert_allclose(again.point.licences, there.point.licences, rtol=1e-10)
    looser = market.solve(kind(**IMPORTS, cap=0.79, **more), start=there.point, tol=1e-9)
    assert looser.point.iterations == 0, "it begins where the other ended"
    assert market.solve(kind(**IMPORTS, cap=0.79, **more), start=there.prices).point.iterations > 0


def test_a_search_from_an_outcome_with_other_caps_begins_without_licences():
    market = cars("nested_logit")
    quota = ep.ImportQuota(**IMPORTS, cap=0.8)
    free, held = market.solve(), market.solve(quota)
    np.testing.assert_allclose(market.solve(quota, start=free.point).prices, held.prices, rtol=1e-11)
    both = [quota, ep.VoluntaryExportRestraint(**IMPORTS, cap=0.8)]  # which leaves the split undetermined
    one = market.solve(both)
    swapped = PricePoint(one.point.prices, one.point.licences[::-1], 0.0, 0)
    np.testing.assert_allclose(market.solve(both, start=swapped).point.licences, one.point.licences, atol=1e-9)
