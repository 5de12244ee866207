"""The bundled markets: their totals, that they calibrate in every form, and that the base returns."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.optimize import root

import entrepot as ep
from entrepot.markets import bundled_markets, load_market, market_elasticity
from entrepot.markets.bundled_markets import market_facts, market_products, market_table
from shelves import slow_after

CARS = market_products("us-cars-2018")
FACTS = market_facts("us-cars-2018")
#: Light vehicles sold in the United States in 2018, as published; see the sources of the document.
PUBLISHED = {
    "GM": 2954037,
    "Ford": 2497318,
    "FCA": 2235204,
    "Toyota": 2426672,
    "Honda": 1604828,
    "Nissan": 1493877,
    "Hyundai-Kia": 677946 + 589673,
    "Subaru": 680135,
    "Mazda": 300325,
    "Mitsubishi": 118074,
    "Volkswagen": 354064 + 223323 + 57202,
    "BMW": 311014 + 43684,
    "Daimler": 315959,
    "JLR": 122626,
    "Volvo": 98263,
    "Tesla": 182400,
}
#: Kelley Blue Book's average transaction prices, mean of September and December 2018.
KBB = {
    "GM": (40516 + 40943) / 2,
    "Ford": (40442 + 40256) / 2,
    "FCA": (38373 + 40028) / 2,
    "Toyota": (32605 + 34143) / 2,
    "Honda": (29071 + 29347) / 2,
    "Nissan": (30104 + 30880) / 2,
    "Hyundai-Kia": (25119 + 24705) / 2,
    "Subaru": (29480 + 29636) / 2,
    "Volkswagen": (39750 + 42322) / 2,
}
FORMS = [
    (demand, conduct)
    for conduct in ("bertrand", "monopolistic", "cournot")
    for demand in ("nested_logit", "logit", "ces", "aids", "linear")
]


def test_units_of_each_maker_are_its_published_total():
    assert CARS.groupby("firm")["quantity"].sum().to_dict() == PUBLISHED


def test_units_by_plant_are_those_published():
    by_plant = CARS.groupby("plant")["quantity"].sum()
    assert by_plant["MEX"] == 2566701  # INEGI
    assert by_plant["DEU"] == 470000  # VDA
    mexico = CARS[CARS["plant"] == "MEX"].groupby("firm")["quantity"].sum()
    assert mexico[["GM", "FCA", "Nissan", "Ford"]].tolist() == [666765, 504793, 373515, 250928]
    german = CARS[CARS["owner"].eq("DEU") & CARS["plant"].isin(["USA"])]
    assert german["quantity"].sum() == 330000  # 44% of 750,000 (VDA)
    eu = CARS[CARS["owner"].eq("DEU") & CARS["plant"].isin(["DEU", "SVK", "FIN", "GBR"])]
    assert eu["quantity"].sum() == pytest.approx(690000, rel=0.01)  # VDA
    assert by_plant["JPN"] == pytest.approx(1741552, rel=0.01)  # JAMA, fiscal 2017
    assert by_plant["GBR"] == pytest.approx(209946, rel=0.04)  # SMMT, 2017
    assert by_plant["KOR"] == pytest.approx(845319, rel=0.08)  # KAMA, 2017


def test_mean_prices_are_those_published():
    sales = (CARS["price"] * CARS["quantity"]).groupby(CARS["firm"]).sum()
    for firm, price in KBB.items():
        assert sales[firm] / PUBLISHED[firm] == pytest.approx(price, rel=1e-4)
    industry = (35742 + 37577) / 2  # not used to build the table
    assert sales.sum() / CARS["quantity"].sum() == pytest.approx(industry, rel=0.005)


def test_every_number_says_where_it_is_from():
    known = {source["id"] for source in FACTS["sources"]}
    for column in ("quantity_from", "price_from"):
        assert CARS[column].notna().all()
        for text in CARS[column]:
            named = set(re.findall(r"\b[a-z]+(?:-[a-z]+)*-(?:20\d\d)\b|tesla-price", text))
            assert named <= known, text
            assert named or "assumed" in text, text
    assert {"id", "title", "publisher", "date", "used_for"} <= set.intersection(*map(set, FACTS["sources"]))
    assert all(
        "url" in source or "not seen" in source["used_for"] or "derived" in source["publisher"]
        for source in FACTS["sources"]
    )


@pytest.mark.parametrize(("demand", "conduct"), slow_after(4, FORMS))
def test_market_calibrates_in_every_form_and_returns_its_base(demand, conduct):
    market = load_market("us-cars-2018", demand=demand, conduct=conduct)
    assert market_elasticity(market) == pytest.approx(-1.29, rel=1e-6)
    products = market.products
    assert (products["cost"] > 5000).all()
    mean = float(np.average(products["margin"], weights=products["quantity"]))
    assert mean == pytest.approx(0.185, abs=0.02)
    own = float(np.average(products["own_elasticity"], weights=products["quantity"]))
    assert -10 < own < -4.5  # published: -5.36 in 2015, -6.16 over the sample
    outcome = market.solve()
    np.testing.assert_allclose(outcome.prices, CARS["price"], rtol=1e-9)
    np.testing.assert_allclose(outcome.quantities, CARS["quantity"], rtol=1e-7)
    assert abs(outcome.welfare["total"]).max() < 1e-6 * market.table.sales.sum()


def test_a_tariff_on_japan_and_the_eu_falls_on_their_plants_alone():
    outcome = load_market("us-cars-2018").solve(
        [ep.Tariff(importer="USA", exporter=["JPN", "EU28"], sector="motor_vehicles", rate=0.25, change="add")]
    )
    duties = outcome.products.set_index("product")["duty"]
    taxed = CARS["plant"].isin(["JPN", "DEU", "GBR", "ITA", "ESP", "SVK", "FIN", "SWE"]).to_numpy()
    border = outcome.border_prices
    np.testing.assert_allclose(duties[taxed] / border[taxed], 0.275, rtol=1e-9)
    np.testing.assert_allclose(duties[~taxed] / border[~taxed], CARS["tariff"][~taxed], rtol=1e-9)


def test_given_options_replace_those_of_the_document():
    assert market_elasticity(load_market("us-cars-2018", market_elasticity=-2.0)) == pytest.approx(-2.0)
    wide = load_market("us-cars-2018", demand="logit", market_size=FACTS["market_size"])
    assert wide.demand.size == pytest.approx(51034400)
    assert market_elasticity(wide) < -3  # with the margins held, a wider market is more elastic
    assert load_market("us-cars-2018", nesting=0.5).parameters["nesting_1"] == 0.5
    assert load_market("us-cars-2018", demand="ces", sigma=6.0).parameters["sigma"] == 6.0


def test_errors_name_what_is_known():
    assert bundled_markets() == ("us-cars-2018",)
    with pytest.raises(ep.errors.UnknownNameError, match="us-cars-2018"):
        load_market("us-cars-2019")
    with pytest.raises(ep.errors.InputError, match="did you mean nested_logit"):
        load_market("us-cars-2018", demand="nested_logits")
    with pytest.raises(ep.errors.InputError, match="perfect competition"):
        load_market("us-cars-2018", conduct="perfect")
    with pytest.raises(ep.errors.InputError, match="it is between"):
        load_market("us-cars-2018", market_elasticity=-9.0)


@pytest.mark.slow
def test_tariff_of_2019_is_that_of_a_nested_logit_written_again():
    """Shares, slopes by differences, costs and the equilibrium, none of them from the package."""
    market = load_market("us-cars-2018")
    price, units = CARS["price"].to_numpy(float), CARS["quantity"].to_numpy(float)
    alpha, sigma = -market.parameters["price_coefficient"], market.parameters["nesting_1"]
    size, segments = FACTS["market_size"], CARS["segment"].to_numpy()
    share, outside = units / size, 1 - units.sum() / size
    within = np.array([share[segments == s].sum() for s in segments])
    mean = np.log(share) - np.log(outside) - sigma * np.log(share / within) + alpha * price  # Berry (1994)

    def sold(p):
        e = np.exp((mean - alpha * p) / (1 - sigma))
        nests = {s: e[segments == s].sum() for s in set(segments)}
        total = 1 + sum(n ** (1 - sigma) for n in nests.values())
        return size * np.array([e[k] * nests[s] ** -sigma / total for k, s in enumerate(segments)])

    def slopes(p):
        steps = np.eye(len(p)) * 1.0  # a dollar
        return np.stack([(sold(p + h) - sold(p - h)) / 2 for h in steps], axis=1)

    firm, dealer = CARS["firm"].to_numpy(), CARS["dealer_margin"].to_numpy(float)
    same = firm[:, None] == firm

    def received(p, duty):
        return p * (1 - dealer) / (1 + duty)

    def condition(p, duty, cost):
        kept = (1 - dealer) / (1 + duty)
        return sold(p) * kept + (same * slopes(p)).T @ (received(p, duty) - cost)

    before = CARS["tariff"].to_numpy(float)
    kept = (1 - dealer) / (1 + before)
    cost = received(price, before) + np.linalg.solve((same * slopes(price)).T, units * kept)
    np.testing.assert_allclose(market.cost, cost, rtol=1e-6)
    taxed = CARS["plant"].isin(["JPN", "DEU", "GBR", "ITA", "ESP", "SVK", "FIN", "SWE"]).to_numpy()
    after = before + 0.25 * taxed
    scale = np.abs(np.diag(slopes(price))) * price.mean()
    start = price * (1 + 0.2 * taxed)
    found = root(lambda p: condition(p, after, cost) / scale, start, tol=1e-11).x
    outcome = market.solve(
        ep.Tariff(importer="USA", exporter=["JPN", "EU28"], sector="motor_vehicles", rate=0.25, change="add")
    )
    np.testing.assert_allclose(outcome.prices, found, rtol=1e-6)
    profit = (received(found, after) - cost) * sold(found) - (received(price, before) - cost) * units
    ours = outcome.welfare.set_index("country")["profits"]
    for owner in ("USA", "JPN", "DEU"):
        assert ours[owner] == pytest.approx(profit[CARS["owner"] == owner].sum(), rel=1e-4)


@pytest.mark.parametrize("demand", ["nested_logit", "ces"])
def test_products_that_are_read_once_give_the_same_market(demand):
    table = market_table("us-cars-2018", demand=demand)
    for margin in (0.15, 0.2):
        again = load_market("us-cars-2018", demand=demand, margin=margin, table=table)
        fresh = load_market("us-cars-2018", demand=demand, margin=margin)
        np.testing.assert_allclose(again.cost, fresh.cost, rtol=1e-12)
        assert again.parameters == pytest.approx(fresh.parameters, rel=1e-10)
        assert again.select("margin > 0.18") == (again.table.product if margin == 0.2 else ())
    assert (table.margin == 0.185).all()
    with pytest.raises(ep.errors.TableError, match=r"margin 18.5; it must be above 0 and below 1 \(a share"):
        load_market("us-cars-2018", margin=18.5, table=table)


def test_what_measures_do_is_shared_by_other_margins_unless_it_depends_on_them():
    table = market_table("us-cars-2018")
    low, high = (load_market("us-cars-2018", margin=margin, table=table) for margin in (0.15, 0.2))
    sides = {"importer": "USA", "exporter": "JPN"}
    duty = ep.Tariff(**sides, sector="ALL", rate=0.25)
    assert high.solve(duty).policy is low.solve(duty).policy
    other = ep.Tariff(**sides, sector="ALL", rate=0.2)
    assert high.solve(other).policy is not low.solve(duty).policy
    named = ep.Tariff(**sides, sector="margin > 0.18", rate=0.25)
    np.testing.assert_allclose(high.solve(named).prices, high.solve(duty).prices, rtol=1e-10)
    with pytest.raises(ep.errors.InputError, match=r"margin > 0\.18"):
        low.solve(named)
