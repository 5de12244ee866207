"""Edges of markets: caps that overlap, mergers, duties on the price, arguments that have no meaning, odd tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

import entrepot as ep
from car_markets import BEERS, CARS, MIXED, SIZE, cars, tariff
from entrepot.cases.market_spec import MarketSpec
from entrepot.markets import join, load_market
from entrepot.studies.market_tables import firms_frame
from shelves import slow_pairs

JAPAN = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


def quota(cap, **options):
    return ep.ImportQuota(**{**JAPAN, "cap": cap, **options})


@pytest.fixture(scope="module")
def world():
    return ep.load_economy("world2014")


# ---- several caps ----


@pytest.mark.parametrize("caps", [(0.6, 0.7), (0.7, 0.6), (0.6, 0.6)])
def test_of_two_quotas_on_the_same_cars_the_tighter_one_binds(caps):
    market = cars("logit", price_coefficient=-0.25)
    both = market.solve([quota(caps[0]), quota(caps[1], label="second")])
    one = market.solve(quota(min(caps)))
    np.testing.assert_allclose(both.prices, one.prices, rtol=1e-9)
    assert both.rents["rent"].sum() == pytest.approx(one.rents["rent"].sum())
    undetermined = any("not determined" in note for note in both.notes)
    assert undetermined == (caps[0] == caps[1])


def test_quota_beside_a_restraint_and_a_tariff_rate_quota():
    market = cars("logit", price_coefficient=-0.25)
    restraint = market.solve([quota(0.6), ep.VoluntaryExportRestraint(**JAPAN, cap=0.8)])
    np.testing.assert_allclose(restraint.prices, market.solve(quota(0.6)).prices, rtol=1e-9)
    trq = ep.TariffRateQuota(**JAPAN, cap=0.5, in_rate=0.0, out_rate=0.02)
    beyond = market.solve([quota(0.8), trq])
    assert beyond.quantities[[4, 6]].sum() == pytest.approx(0.8 * 430)
    assert beyond.residual < 1e-11


@pytest.mark.parametrize(
    ("slack", "foreseen"),
    slow_pairs([ep.TariffRateQuota(**JAPAN, cap=1.3, out_rate=0.1), quota(1.3)], [False, True]),
)
def test_a_slack_quota_beside_a_restraint_has_no_licence_price(slack, foreseen):
    restraint = ep.VoluntaryExportRestraint(**{**JAPAN, "exporter": "DEU"}, cap=0.9)
    for margin in (0.13, 0.16, 0.19, 0.22, 0.25, 0.28):
        market = load_market("us-cars-2018", margin=margin)
        both = market.solve([slack, restraint], quotas_foreseen=foreseen)
        assert (both.rents.loc[0, "licence_price"], both.rents.loc[0, "rent"]) == (0.0, 0.0)
        assert both.rents["binding"].tolist() == [False, True]
        assert any(note.startswith(f"{slack.title} does not bind") for note in both.notes)
        alone = market.solve(restraint, quotas_foreseen=foreseen)
        np.testing.assert_allclose(both.prices, alone.prices, rtol=1e-9)


@pytest.mark.parametrize("total", [0.9, 0.55])
def test_makers_quotas_beside_one_for_all(total):
    market = cars("logit", price_coefficient=-0.25)
    both = market.solve([*market.each(quota(0.6)), quota(total, label="total")])
    units = both.quantities[[4, 6]]
    assert (units <= 0.6 * np.array([280, 150]) * (1 + 1e-9)).all()
    assert units.sum() <= total * 430 * (1 + 1e-9)
    assert both.residual < 1e-11


def test_each_maker_has_the_share_of_its_own_base_of_a_cap_in_units():
    market = cars("logit", price_coefficient=-0.25)
    outcome = market.solve(market.each(quota(215, unit="units")))
    np.testing.assert_allclose(outcome.quantities[[4, 6]], [140, 75], rtol=1e-9)
    with pytest.raises(ep.errors.MeasureError, match="caps no product"):
        market.each(tariff(0.25))


# ---- mergers, other demand and conduct ----


def test_merger_counts_as_one_firm_and_survives_another_demand():
    market = cars("logit", price_coefficient=-0.25).merge("Atlas", "Union")
    merged = market.solve()
    assert merged.hhi["after"] > merged.hhi["before"] + 1000
    again = market.with_demand(market.fitted)
    np.testing.assert_allclose(again.cost, market.cost, rtol=1e-12)
    np.testing.assert_allclose(again.solve().prices, merged.prices, rtol=1e-12)
    with pytest.raises(ep.errors.InputError, match="two firms"):
        market.merge("Atlas")


@pytest.mark.parametrize("steps", [[("Atlas", "Union"), ("Union", "Fuji")], [("Union", "Fuji"), ("Fuji", "Atlas")]])
def test_mergers_in_steps_are_one_merger_of_all(steps):
    whole = cars("logit", price_coefficient=-0.25)
    once, stepwise = whole.merge("Atlas", "Union", "Fuji").solve(), whole
    for pair in steps:
        stepwise = stepwise.merge(*pair)
    np.testing.assert_allclose(stepwise.solve().prices, once.prices, rtol=1e-9)
    assert stepwise.solve().hhi == pytest.approx(once.hhi)
    assert [set(firms) for firms in stepwise.mergers] == [{"Atlas", "Union", "Fuji"}]


def test_who_merges_with_a_firm_that_colludes_joins_its_prices():
    cartel = {"price_coefficient": -0.25, "collusion": [["Atlas", "Union"]]}
    joined = cars("logit", **cartel).merge("Union", "Fuji")
    together = cars("logit", price_coefficient=-0.25).merge("Atlas", "Union", "Fuji")
    np.testing.assert_allclose(joined.owned, together.owned)
    assert joined.mergers == (("Union", "Fuji"),)


def test_firms_that_colluded_before_they_merged_did_so_in_the_base():
    cartel = cars("logit", price_coefficient=-0.25, collusion=[["Atlas", "Union"]])
    merged = cartel.merge("Atlas", "Union")
    for conduct in ("bertrand", "cournot"):
        np.testing.assert_allclose(
            merged.with_conduct(conduct).cost, cartel.with_conduct(conduct).cost, rtol=1e-12, err_msg=conduct
        )
    assert merged.with_conduct("cournot").merge("Fuji", "Rhein").with_conduct("bertrand").cost == pytest.approx(
        cartel.cost
    )


def test_firms_that_collude_are_in_the_notes():
    """Margins, costs and profits of the base follow from it, so it stands beside them, under another conduct too."""
    says = "Firms that decide together (collusion): Atlas, Union; Nippon, Fuji"
    cartels = cars("logit", price_coefficient=-0.2, collusion=[["Union", "Atlas"], ["Nippon", "Fuji"]])
    assert cartels.notes.count(says) == cartels.with_conduct("cournot").notes.count(says) == 1
    alone = cars("logit", price_coefficient=-0.2)
    assert not any("together" in note for note in (*alone.notes, *alone.merge("Atlas", "Union").notes))


def test_collusion_of_one_firm_with_itself_is_refused():
    for groups in ([["Atlas"]], [["Atlas", "Union"], ["Nippon", "nippon"]], [[]]):
        with pytest.raises(ep.errors.InputError, match=r"collusion: .* alone; name two firms or more in each group"):
            cars("logit", price_coefficient=-0.25, collusion=groups)


def test_other_conduct_has_the_same_demand():
    market = cars("logit")
    at_cost = market.with_conduct("perfect")
    assert at_cost.parameters == market.parameters
    np.testing.assert_allclose(at_cost.cost, CARS["price"])


def test_only_price_competition_foresees_licences():
    for conduct in ("cournot", "monopolistic"):
        with pytest.raises(ep.errors.InputError, match="bertrand"):
            cars("logit", conduct=conduct).solve(quota(0.8), quotas_foreseen=True)


# ---- duties as shares of the duty-paid price ----


def test_tariff_rate_quota_on_the_price_ends_at_the_tariff_on_the_price():
    market = cars("logit", price_coefficient=-0.25)
    trq = ep.TariffRateQuota(**JAPAN, cap=0.01, in_rate=0.0, out_rate=0.3)
    np.testing.assert_allclose(
        market.solve(trq, duty_base="price").prices, market.solve(tariff(0.3), duty_base="price").prices, rtol=1e-9
    )


def test_no_points_added_leave_the_base_duty_on_either_base():
    table = CARS.assign(tariff=np.where(CARS["plant"] == "JPN", 0.1, 0.0))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE, price_coefficient=-0.25)
    for base in ("border", "price"):
        outcome = market.solve(tariff(0.0, change="add"), duty_base=base)
        np.testing.assert_allclose(outcome.prices, CARS["price"], rtol=1e-11)


def test_points_of_the_duty_paid_price_add_up():
    """In one measure or in two, and on top of a duty in force, which is a share of that price too."""
    table = CARS.assign(tariff=np.where(CARS["plant"] == "JPN", 0.25, 0.0))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE, price_coefficient=-0.25)
    on = np.array(CARS["plant"] == "JPN")
    once = market.solve(tariff(0.1, change="add"), duty_base="price")
    twice = market.solve([tariff(0.05, change="add"), tariff(0.05, change="add", label="more")], duty_base="price")
    np.testing.assert_allclose(once.prices, twice.prices, rtol=1e-12)
    share = once.products["duty"][on] / (once.products["duty"][on] + once.border_prices[on])
    np.testing.assert_allclose(share, 0.25 / 1.25 + 0.1, rtol=1e-9)
    set_there = market.solve(tariff(0.3), duty_base="price")
    np.testing.assert_allclose(once.prices, set_there.prices, rtol=1e-12)
    within = ep.TariffRateQuota(**JAPAN, cap=0.01, in_rate="5%", out_rate="10%", change="add")
    np.testing.assert_allclose(market.solve(within, duty_base="price").prices, once.prices, rtol=1e-9)
    untouched = market.solve(tariff(0.1, exporter="DEU"), duty_base="price").policy.chain.duty
    np.testing.assert_array_equal(untouched[on], 0.25)
    for lower in (tariff(0.5, change="cut"), tariff(1.0, change="cut")):
        np.testing.assert_allclose(
            market.solve(lower, duty_base="price").prices, market.solve(lower).prices, rtol=1e-12
        )
    with pytest.raises(ep.errors.MeasureError, match="below 100%"):
        market.solve([tariff(0.5, change="add"), tariff(0.4, change="add", label="more")], duty_base="price")


def test_duty_beyond_below_the_duty_inside_is_refused():
    table = CARS.assign(tariff=np.where(CARS["plant"] == "JPN", 0.25, 0.0))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE, price_coefficient=-0.25)
    with pytest.raises(ep.errors.MeasureError, match="below the duty inside"):
        market.solve(ep.TariffRateQuota(**JAPAN, cap=0.5, out_rate=0.1))


def test_pass_through_counts_the_duty_beyond_a_quota():
    market = cars("logit", price_coefficient=-0.25)
    trq = market.solve(ep.TariffRateQuota(**JAPAN, cap=0.01, in_rate=0.05, out_rate=0.10))
    assert trq.pass_through()["Kei"] == pytest.approx(market.solve(tariff(0.10)).pass_through()["Kei"])


def test_compensating_variation_is_continuous_at_an_embargo():
    market = cars("ces", sigma=4.0)
    none, hardly = market.solve(quota(0.0)), market.solve(quota(1e-7))
    assert none.compensating_variation == pytest.approx(hardly.compensating_variation, rel=1e-3)


# ---- the join ----


@pytest.mark.parametrize(
    "measure",
    [
        ep.ProductionSubsidy(country="JPN", sector="motor_vehicles", rate=0.1),
        ep.ProductionSubsidy(country=["JPN", "FRA"], sector="motor_vehicles", rate=0.1),
        ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=0.05),
        ep.NonTariffBarrier(**JAPAN, rate=0.1),
        ep.MinimumPrice(**JAPAN, price="110%", rent="importer"),
        ep.MinimumPrice(**JAPAN, price="110%", rent="exporter"),
        ep.SpecificTariff(**JAPAN, amount="10%"),
    ],
    ids=lambda m: m.title,
)
def test_makers_who_price_at_cost_add_nothing_to_what_the_world_economy_says(world, measure):
    j, n = world.sectors.index("motor_vehicles"), world.countries.index("USA")
    duties = [0.0 if p == "USA" else float(world.tariff[j, n, world.countries.index(p)]) for p in CARS["plant"]]
    market = ep.Market.from_products(
        CARS.assign(tariff=duties), importer="USA", price_coefficient=-0.4, market_size=SIZE, conduct="perfect"
    )
    both, alone = join(market, world, measure), ep.solve(world, measure)
    # Floors are in money, and the two models' units of account differ: the importer's basket, world value added.
    close = 1e-3 if measure.kind == "minimum_price" else 2e-4
    np.testing.assert_allclose(
        both.world.countries["real_income_pct"], alone.countries["real_income_pct"], rtol=0, atol=close
    )


def test_cap_over_several_importers_is_held_by_its_share_in_each(world):
    measure = ep.VoluntaryExportRestraint(
        importer=["USA", "CAN"], exporter="JPN", sector="motor_vehicles", cap=15000, unit="usd_m"
    )
    both = join(cars("logit"), world, measure)
    base = float(world.value.ravel()[measure.flows(world)].sum())
    j, i = world.sectors.index("motor_vehicles"), world.countries.index("JPN")
    canada = world.countries.index("CAN")
    left = both.world.accounts.real_flow[j, canada, i] / world.value[j, canada, i]
    assert left == pytest.approx(15000 / base, rel=1e-6)
    assert both.market.quantities[[4, 6]].sum() == pytest.approx(15000 / base * 430)
    assert any("share of the base" in note for note in both.notes)


def test_money_out_of_proportion_is_noted(world):
    notes = join(cars("logit"), world).notes
    assert any("check `unit`" in note for note in notes)


def test_plants_outside_the_world_economy_are_in_the_rest_of_the_world(world):
    table = CARS.assign(plant=CARS["plant"].replace("MEX", "THA"))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE)
    both = join(market, world, ep.Tariff(importer="USA", exporter="ROW", sector="motor_vehicles", rate=0.25))
    assert both.market.products.set_index("product").loc["Delta", "duty"] > 0
    assert any("THA" in note for note in both.notes)


def test_owners_outside_the_world_economy_are_in_the_rest_of_the_world(world):
    abroad = {"THA": "MEX"}
    owner = ["USA", "USA", "USA", "THA", "THA", "THA", "JPN", "DEU"]
    table = CARS.assign(owner=owner, plant=CARS["plant"].replace({new: old for old, new in abroad.items()}))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE)
    both = join(market, world, ep.Tariff(importer="USA", exporter="WORLD", sector="motor_vehicles", rate=0.25), unit=1)
    moved = both.welfare.set_index("country")["owned_abroad"]
    earned = both.market.accounts["profit"] - both.market.base_accounts["profit"]
    assert moved.sum() == pytest.approx(0, abs=1e-6)
    assert moved["ROW"] == pytest.approx(earned[4] + earned[5]), "Thai plants and their owners are both there"
    assert moved["USA"] == pytest.approx(-earned[5])


# ---- arguments and tables ----


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nests": "segment", "nesting": 0.5}, "nests: logit demand does not read it"),
        ({"sigma": 4.0}, "sigma: logit"),
        ({"demand": "linear", "market_elasticity": -1.2}, "market_elasticity: linear"),
        ({"demand": "aids", "market_elasticity": 1.4}, "must be below zero"),
        ({"demand": "aids", "market_elasticity": math.nan}, "not finite"),
        ({"market_size": math.inf}, "not finite"),
        ({"market_size": "fit", "products": CARS.assign(margin=0.15)}, "do not determine it"),
        ({"price_coefficient": -0.3, "market_elasticity": -1.0, "market_size": SIZE}, "one follows from the other"),
        ({"demand": "mixed_logit", "market_size": SIZE, "draws": {**MIXED, "weights": MIXED["weight"]}}, "'weights'"),
        ({"products": CARS.rename(columns={"owner": "Owner"})}, "did you mean 'owner'"),
        ({"products": CARS.assign(tarif=0.025)}, "did you mean 'tariff'"),
        ({"products": CARS.assign(tariff=2.5)}, "0.025 for 2.5%"),
        ({"products": CARS.assign(firm=["Atlas", "atlas", *CARS["firm"][2:]])}, "capital letters"),
        ({"products": CARS.assign(firm="One")}, "one maker sets all prices"),
        ({"products": CARS.iloc[:1]}, "one maker sets all prices"),
    ],
)
def test_invalid_products_and_options_are_refused(options, message):
    options = {"products": CARS, "importer": "USA", **options}
    with pytest.raises(ep.errors.InputError, match=message.replace("(", r"\(")):
        ep.Market.from_products(options.pop("products"), **options)


def test_missing_labels_of_nests_and_repeated_columns_name_the_place():
    table = CARS.assign(segment=[None, *CARS["segment"][1:]])
    with pytest.raises(ep.errors.TableError, match="row 1: a segment is missing"):
        ep.Market.from_products(
            table, importer="USA", demand="nested_logit", market_size=SIZE, nests="segment", nesting=0.5
        )
    twice = CARS.copy()
    twice.columns = ["price" if c == "margin" else c for c in twice.columns]
    with pytest.raises(ep.errors.TableError, match="two columns are named 'price'"):
        ep.Market.from_products(twice, importer="USA")


def test_text_prices_are_numbers_in_conditions_too():
    table = CARS.assign(price=CARS["price"].astype(str))
    market = ep.Market.from_products(table, importer="USA", market_size=SIZE)
    assert market.select("price < 23") == ("Alpha", "Kei")


def test_name_of_a_product_and_of_a_maker_with_more_products_must_differ():
    market = ep.Market.from_products(BEERS.assign(plant="MEX"), importer="USA", sector="beer")
    with pytest.raises(ep.errors.TableError, match="MILLER-LITE"):
        market.solve(ep.Tariff(importer="USA", exporter="MEX", sector="MILLER", rate=0.1))
    one = market.solve(ep.Tariff(importer="USA", exporter="MEX", sector="firm == 'MILLER'", rate=0.1))
    assert (one.products["duty"] > 0).sum() == 2


@pytest.mark.parametrize("changes", [{"JPN": 10}, {"JPN": -1}, {"JPN": 0.1, "Japan": 0.1}])
def test_absurd_changes_of_cost_are_refused(changes):
    with pytest.raises(ep.errors.InputError, match="cost_changes"):
        cars("logit").solve(cost_changes=changes)


def test_nothing_in_force_to_lift_is_refused_in_a_sentence():
    with pytest.raises(ep.errors.MeasureError, match="nothing"):
        cars("logit").solve(ep.measures.Lift(importer="USA"))


def test_case_keeps_what_its_own_demand_states():
    rows = tuple(CARS.drop(columns=["segment", "drive"]).to_dict("records"))
    rows = tuple({k: v for k, v in row.items() if v == v} for row in rows)
    common = {"products": rows, "importer": "USA", "sector": "motor_vehicles"}
    ces = MarketSpec(**common, demand="ces", market_size=150000).build()
    assert ces.demand.outside_weight > 0
    logit = MarketSpec(**common, market_size=SIZE, market_elasticity=-3.0).build()
    direct = ep.Market.from_products(CARS, importer="USA", market_size=SIZE, market_elasticity=-3.0)
    assert logit.parameters == direct.parameters


def test_shares_of_linear_demand_count_the_outside_good():
    assert cars("linear").products["share"].sum() == pytest.approx(CARS["quantity"].sum() / SIZE)


@pytest.mark.parametrize("more", [1.2, 4.0])
def test_the_columns_of_products_are_those_of_their_definitions(more):
    """A duty of 10% on Japanese cars and licences of German makers, and an outside good."""
    size = more * CARS["quantity"].sum()
    licences = ep.VoluntaryExportRestraint(**JAPAN | {"exporter": "DEU"}, cap=0.7)
    outcome = cars("logit", market_size=size).solve([tariff(0.10), licences])
    table = outcome.products
    price, quantity = table["price"], table["quantity"]
    np.testing.assert_allclose(table["share_before"], CARS["quantity"] / size)
    np.testing.assert_allclose(table["share"], quantity / size)
    np.testing.assert_allclose(table["value_share"], price * quantity / (price @ quantity))
    np.testing.assert_allclose(table["price_pct"], 100 * (price - CARS["price"]) / CARS["price"], atol=1e-9)
    np.testing.assert_allclose(table["quantity_pct"], 100 * (quantity - CARS["quantity"]) / CARS["quantity"], atol=1e-9)
    japan, germany = (np.array(table["plant"]) == code for code in ("JPN", "DEU"))
    border = price / np.where(japan, 1.1, 1.0)
    np.testing.assert_allclose(table["duty"], price - border, atol=1e-9)
    np.testing.assert_allclose(table["border_price_pct"], 100 * (border - CARS["price"]) / CARS["price"], atol=1e-9)
    assert quantity[germany].sum() == pytest.approx(0.7 * 60)
    np.testing.assert_allclose(table["licence"], np.where(germany, outcome.rents["licence_price"][0], 0.0), atol=1e-9)
    assert outcome.rents["licence_price"][0] > 0.5
    kept = border - table["licence"] - table["cost"]
    np.testing.assert_allclose(table["margin"], kept / price, rtol=1e-9)
    profits = (kept * quantity).groupby(table["firm"], sort=False).sum()
    np.testing.assert_allclose(outcome.firms["profit"], profits, rtol=1e-9)


def test_makers_have_the_change_of_their_units_and_the_countries_of_their_owners():
    outcome = cars("logit").solve(tariff(0.10))
    table = firms_frame(outcome).set_index("firm")
    assert dict(table["owner"]) == {"Atlas": "USA", "Union": "USA", "Nippon": "JPN", "Fuji": "JPN", "Rhein": "DEU"}
    sold = dict(zip(CARS["product"], outcome.quantities, strict=True))
    assert table.loc["Fuji", "units_pct"] == pytest.approx(100 * (sold["Hana"] / 150 - 1))
    assert table.loc["Nippon", "units_pct"] == pytest.approx(100 * ((sold["Kei"] + sold["Sora"]) / (280 + 240) - 1))


def test_concentration_and_pass_through_by_hand():
    """Firms sell 570, 320, 520, 150 and 60 of 1,620 units in the base."""
    outcome = cars("logit").solve(tariff(0.10))
    before = 1e4 * sum((units / 1620) ** 2 for units in (570, 320, 520, 150, 60))
    assert outcome.hhi["before"] == pytest.approx(before)
    alpha, beta, gamma, delta, kei, sora, hana, berg = outcome.quantities
    firms = np.array([alpha + beta, gamma + delta, kei + sora, hana, berg])
    assert outcome.hhi["after"] == pytest.approx(1e4 * ((firms / firms.sum()) ** 2).sum())
    prices = dict(zip(CARS["product"], outcome.prices, strict=True))
    duty = {"Kei": prices["Kei"] / 11, "Hana": prices["Hana"] / 11}  # 10% of the price before it
    expected = {"Kei": (prices["Kei"] - 22) / duty["Kei"], "Hana": (prices["Hana"] - 27) / duty["Hana"]}
    assert outcome.pass_through() == pytest.approx(expected)


def test_shares_without_an_outside_good_are_those_of_the_units_sold():
    table = cars("closed_logit").solve(tariff(0.10)).products
    np.testing.assert_allclose(table["share"], table["quantity"] / table["quantity"].sum())
    np.testing.assert_allclose(table["share_before"], CARS["quantity"] / CARS["quantity"].sum())


def test_demand_of_other_products_or_quantities_is_refused():
    market = cars("logit")
    with pytest.raises(ep.errors.InputError, match="not for the 6 products"):
        ep.Market.from_products(BEERS, importer="USA", demand=market.demand)
    with pytest.raises(ep.errors.InputError, match="the table has"):
        ep.Market.from_products(CARS.assign(quantity=2 * CARS["quantity"]), importer="USA", demand=market.demand)


@pytest.mark.parametrize("options", [{"start": -np.ones(8)}, {"start": np.ones(3)}, {"tol": 0.0}])
def test_senseless_starts_and_tolerances_are_refused(options):
    with pytest.raises(ep.errors.InputError, match=r"start|tol"):
        cars("logit").solve(**options)


@pytest.mark.parametrize("demand", ["linear", "logit"])
@pytest.mark.parametrize("units", [(100, 200, 300), (137, 211, 89), (7, 11, 13)])
def test_quantities_that_leave_prices_open_are_refused_before_a_fit(demand, units):
    """Without an outside good all prices may rise together: no inverse of the slopes means anything."""
    rows = [
        {"product": name, "firm": name, "plant": "USA", "price": 20 + k, "quantity": q, "margin": 0.2}
        for k, (name, q) in enumerate(zip("ABC", units, strict=True))
    ]
    with pytest.raises(ep.errors.InputError, match="all prices follow from quantities"):
        ep.Market.from_products(rows, importer="USA", demand=demand, conduct="cournot")
