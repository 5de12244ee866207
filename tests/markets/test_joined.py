"""A Market joined to the world economy: laws, and the same equilibrium put together from public instruments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from car_markets import CARS, cars, tariff
from entrepot.markets import join
from entrepot.markets.joined import JoinedOutcome, MarketWedges
from worlds import random_world

CARS_OF_JAPAN = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}


@pytest.fixture(scope="module")
def world():
    return ep.load_economy("world2014")


def test_no_measure_leaves_both_bases(world):
    both = join(cars("logit"), world)
    np.testing.assert_allclose(both.market.prices, CARS["price"], rtol=1e-10)
    assert both.world.countries["real_income_pct"].abs().max() < 1e-9
    assert both.costs["cost_pct"].abs().max() < 1e-9


@pytest.mark.parametrize("measure", [tariff(0.25, change="add"), ep.ExportTax(**CARS_OF_JAPAN, rate=0.1)], ids=str)
def test_makers_who_price_at_cost_leave_the_world_economy_as_it_is_without_them(world, measure):
    j, n = world.sectors.index("motor_vehicles"), world.countries.index("USA")
    duties = [0.0 if p == "USA" else float(world.tariff[j, n, world.countries.index(p)]) for p in CARS["plant"]]
    market = ep.Market.from_products(
        CARS.assign(tariff=duties), importer="USA", price_coefficient=-0.4, market_size=6000.0, conduct="perfect"
    )
    both = join(market, world, measure)
    assert not any("Duties in the base" in note for note in both.notes)
    alone = ep.solve(world, measure)
    np.testing.assert_allclose(both.world.countries["real_income_pct"], alone.countries["real_income_pct"], atol=1e-8)


@pytest.mark.parametrize(
    "measure",
    [
        tariff(0.25, change="add"),
        ep.VoluntaryExportRestraint(**CARS_OF_JAPAN, cap=0.7),
        ep.ImportQuota(**CARS_OF_JAPAN, cap=0.7),
        ep.ImportQuota(**CARS_OF_JAPAN, cap=0.7, rent="exporter", label="quota, licences of exporters"),
        tariff(0.25, "WORLD", change="add", exempt=["CAN", "MEX"]),
    ],
    ids=lambda m: m.title,
)
def test_the_two_solutions_are_each_others_inputs(world, measure):
    """The world economy solved again with the engine's own instruments, the market with the costs found there."""
    both = join(cars("logit"), world, measure)
    e, j, n = both.world.economy, both.world.economy.sectors.index("motor_vehicles"), world.countries.index("USA")
    costs = both.costs.set_index("plant")["cost_pct"] / 100
    again = cars("logit").solve(measure, cost_changes=costs.to_dict())
    np.testing.assert_allclose(again.prices, both.market.prices, rtol=1e-9)
    measures = []
    table = again.products.set_index("product")
    table["weight"] = CARS.set_index("product")["quantity"]
    charged = table["duty"].fillna(0)
    licence = table["licence"].fillna(0)
    if measure.kind == "import_quota" and measure.rent == "importer":
        charged = charged + licence
    for plant, rows in table.groupby("plant"):
        before = (rows["price_before"] * rows["weight"]).sum()
        border = (rows["price_before"] * (1 + rows["border_price_pct"] / 100) * rows["weight"]).sum()
        if measure.kind == "import_quota" and measure.rent == "exporter":
            border += (licence[rows.index] * rows["weight"]).sum()  # what exporters keep is part of their price
        beyond = border / before / (1 + costs[plant]) - 1
        if plant == "USA":
            given_back = 1 / (1 + beyond) - 1
            measures.append(ep.ProductionSubsidy(country="USA", sector="motor_vehicles", rate=given_back))
            measures.append(ep.ExportTax(exporter="USA", sector="motor_vehicles", rate=given_back))
            continue
        measures.append(ep.ExportTax(exporter=plant, importer="USA", sector="motor_vehicles", rate=beyond))
        rate = (charged[rows.index] * rows["weight"]).sum() / border
        base = float(world.tariff[j, n, world.countries.index(plant)])
        measures.append(
            ep.Tariff(importer="USA", exporter=plant, sector="motor_vehicles", rate=(1 + base) * (1 + rate) - 1)
        )
    if measure.kind == "tariff" and "WORLD" in measure.exporter:
        others = [*measure.exempt, *(set(CARS["plant"]) - {"USA", "MEX"})]
        measures.append(
            ep.Tariff(importer="USA", exporter="WORLD", sector="motor_vehicles", rate=0.25, change="add", exempt=others)
        )
    alone = ep.solve(e, measures, closure=both.world.problem.closure)
    np.testing.assert_allclose(
        both.world.countries["real_income_pct"], alone.countries["real_income_pct"], rtol=0, atol=2e-7
    )


def test_plants_are_credited_to_their_owners(world):
    table = CARS.assign(owner=["USA", "USA", "USA", "USA", "JPN", "JPN", "JPN", "DEU"])
    market = ep.Market.from_products(table, importer="USA", market_size=6000.0)
    both = join(market, world, tariff(0.25, change="add"), unit=1.0)
    welfare = both.welfare.set_index("country")
    assert welfare["owned_abroad"].sum() == pytest.approx(0.0, abs=1e-9)
    sora = both.market.accounts["profit"][5] - both.market.base_accounts["profit"][5]
    assert welfare.loc["JPN", "owned_abroad"] == pytest.approx(sora)  # the Japanese plant in the United States
    delta = both.market.accounts["profit"][3] - both.market.base_accounts["profit"][3]
    assert welfare.loc["USA", "owned_abroad"] == pytest.approx(delta - sora)


def test_one_way_gives_the_market_the_worlds_costs(world):
    one = join(cars("logit"), world, tariff(0.25, change="add"), two_way=False)
    assert one.rounds == 1
    assert any("One way" in note for note in one.notes)
    both = join(cars("logit"), world, tariff(0.25, change="add"))
    gap = np.abs(one.market.prices / both.market.prices - 1).max()
    assert 0 < gap < 0.01


def test_an_embargo_is_solved_one_way_and_refused_in_both_directions(world):
    ban = ep.ImportQuota(**CARS_OF_JAPAN, cap=0)
    market = cars("logit", price_coefficient=-0.4)
    one = join(market, world, ban, two_way=False)
    changes = (one.costs.set_index("plant")["cost_pct"] / 100).to_dict()
    np.testing.assert_allclose(one.market.prices, market.solve(ban, cost_changes=changes).prices, rtol=1e-9)
    assert one.market.quantities[np.array(CARS["plant"]) == "JPN"].sum() == 0
    with pytest.raises(ep.errors.InputError, match=r"no plant of JPN in the market.*joined: false"):
        join(market, world, ban)


def test_profits_lost_and_won_are_in_the_world_economy(world):
    """Behind the tariff the home makers' margins and units rise, so the tariff costs the United States less."""
    both = join(cars("logit"), world, tariff(0.25, change="add"))
    at_cost = join(cars("logit"), world, tariff(0.25, change="add"), markups=False)
    alone = ep.solve(world, tariff(0.25, change="add"))
    income = [o.countries.loc["USA", "equivalent_variation"] for o in (both.world, at_cost.world, alone)]
    assert income[0] > income[2]
    assert both.world.problem.closure.competition is not None
    assert at_cost.world.problem.closure.competition is None


def test_makers_margins_beyond_value_added_are_stated(world):
    market = cars("logit", price_coefficient=-0.12)
    both = join(market, world, tariff(0.1, change="add"))
    assert any("prices motor_vehicles at cost" in note for note in both.notes)


def test_bad_joins_say_what_and_where(world):
    with pytest.raises(ep.errors.InputError, match="name one"):
        join(cars("logit"), world, sector="ALL")
    with pytest.raises(ep.errors.InputError, match="prices are in EUR: state `unit`"):
        join(cars("logit", currency="EUR"), world)
    assert join(cars("logit", currency="EUR"), world, unit=1.1e-6).unit == 1.1e-6
    with pytest.raises(ep.errors.UnknownNameError, match="sector"):
        join(cars("logit", sector="cars"), world)
    with pytest.raises(ep.errors.InputError, match="embargo"):
        join(cars("logit", price_coefficient=-0.4), world, ep.VoluntaryExportRestraint(**CARS_OF_JAPAN, cap=0))


def test_wedges_put_nothing_on_other_flows(world):
    wedges = MarketWedges(importer="USA", sector="motor_vehicles", beyond_cost=(("JPN", 0.1),), duty=(("JPN", 0.2),))
    j, n, i = np.unravel_index(wedges.flows(world), world.value.shape)
    assert {world.sectors[k] for k in j} == {"motor_vehicles"}
    assert {world.countries[k] for k in n} == {"USA"}
    assert {world.countries[k] for k in i} == {"JPN"}


# ---- the prices of both models, whatever else is in force ----

ALPHA, KEI = {"country": "USA", "sector": "Alpha"}, {"country": "JPN", "sector": "Kei"}
HOME = {"country": "USA", "sector": "s00"}
SALES_ABROAD = {"exporter": "USA", "sector": "s00"}
DUTY = ep.Tariff(importer="USA", sector="s00", rate=0.25, change="add")


@pytest.fixture(scope="module")
def small_world() -> ep.Economy:
    world = random_world(4, 2, seed=3)
    names = dict(zip(sorted(world.countries), ["USA", "JPN", "DEU", "ROW"], strict=True))
    return replace(world, countries=tuple(names[code] for code in world.countries))


def makers(economy: ep.Economy, **options) -> ep.Market:
    """Five products of plants in three countries, with the duties of the economy."""
    j, n = economy.sectors.index("s00"), economy.countries.index("USA")
    table = pd.DataFrame(
        [
            ("Alpha", "Atlas", "USA", 21.0, 310.0),
            ("Beta", "Union", "USA", 38.0, 260.0),
            ("Kei", "Nippon", "JPN", 22.0, 280.0),
            ("Sora", "Nippon", "DEU", 33.0, 240.0),
            ("Rex", "Rhein", "DEU", 30.0, 200.0),
        ],
        columns=["product", "firm", "plant", "price", "quantity"],
    )
    duties = [float(economy.tariff[j, n, economy.countries.index(code)]) for code in table["plant"]]
    return ep.Market.from_products(
        table.assign(tariff=duties),
        importer="USA",
        sector="s00",
        price_coefficient=-0.4,
        market_size=6000.0,
        **options,
    )


def landed_before_duty(both: JoinedOutcome, n: int) -> np.ndarray:
    """Change of the price of every exporter's goods at the border of n, [i], in the world economy."""
    p, j = both.world.problem, both.world.economy.sectors.index(both.sector)
    costs = p.spread(p.flow, p.ln_export_tax - p.ln_export_tax_base + p.ln_iceberg)[j, n]
    return np.exp(both.world.accounts.cleared.ln_producer_price[j] + costs)


@pytest.mark.parametrize(
    "in_force",
    [[], [ep.ExportTax(**SALES_ABROAD, rate=0.2)], [ep.ProductionSubsidy(**HOME, rate=0.1)]],
    ids=["nothing", "export tax", "subsidy"],
)
@pytest.mark.parametrize(
    "measures",
    [
        [DUTY],
        [DUTY, ep.ExportTax(**SALES_ABROAD, rate=0.3)],
        [DUTY, ep.ProductionSubsidy(**HOME, rate=0.1)],
        [DUTY, ep.ProductionSubsidy(**ALPHA, rate=0.1)],
        [DUTY, ep.ProductionSubsidy(**ALPHA, rate=0.1), ep.ProductionSubsidy(**HOME, rate=-0.05)],
        [ep.ProductionSubsidy(**KEI, rate=0.1)],
        [ep.NonTariffBarrier(importer="USA", exporter="JPN", sector="Kei", rate=0.1)],
        [
            ep.NonTariffBarrier(importer="USA", exporter="JPN", sector="Kei", rate=0.1),
            ep.NonTariffBarrier(importer="USA", sector="s00", rate=0.1),
            ep.ExportTax(exporter="JPN", importer="USA", sector="s00", rate=0.1),
        ],
    ],
    ids=lambda measures: "; ".join(m.title for m in measures),
)
def test_prices_at_the_border_are_the_makers_in_both_models(small_world, in_force, measures):
    """The importer pays the makers' mean border prices; the home makers' exports are sold at cost and what is on it."""
    base = ep.solve(small_world, in_force, tol=1e-12).as_economy() if in_force else small_world
    both = join(makers(base), base, measures)
    at = {code: k for k, code in enumerate(base.countries)}
    plants = np.array(both.market.market.table.plant)
    found = landed_before_duty(both, at["USA"])
    for code in ("USA", "JPN", "DEU"):
        mean = 1 + both.market.price_pct(plants == code, at_border=True) / 100
        assert found[at[code]] == pytest.approx(mean, rel=1e-8), code
    j = base.sectors.index("s00")
    stated = ep.measures.Policy.of(base, [m for m in measures if "s00" in m.sector])
    subsidy = np.exp(stated.ln_subsidy() - base.ln_subsidy)[j, at["USA"]]
    taxes = stated.border_taxes()
    flow = (j * len(at) + at["ROW"]) * len(at) + at["USA"]
    raised = np.exp((taxes.ln_export_tax - taxes.ln_export_tax_base)[taxes.flow == flow].sum())
    cost = 1 + both.costs.set_index("plant").loc["USA", "cost_pct"] / 100
    assert landed_before_duty(both, at["ROW"])[at["USA"]] == pytest.approx(cost * raised / subsidy, rel=1e-8)


def test_a_barrier_to_all_makers_of_a_country_is_one_to_its_sector(small_world):
    where = {"importer": "USA", "exporter": "JPN", "rate": 0.1}
    market = makers(small_world, conduct="perfect")
    one, other = (join(market, small_world, ep.NonTariffBarrier(**where, sector=name)) for name in ("Kei", "s00"))
    np.testing.assert_allclose(one.market.prices, other.market.prices, rtol=1e-9)
    gains = [both.world.countries["real_income_pct"] for both in (one, other)]
    np.testing.assert_allclose(*gains, atol=1e-8)


@pytest.mark.parametrize(
    "measure",
    [
        ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector="s00", cap=0.8),
        ep.TariffRateQuota(importer="USA", exporter="JPN", sector="s00", cap=0.3, out_rate=0.2, change="add"),
        ep.SpecificTariff(importer="USA", exporter="JPN", sector="s00", amount=0.15),
    ],
    ids=lambda measure: measure.kind,
)
def test_limits_in_force_that_the_products_do_not_have_are_noted(small_world, measure):
    base = ep.solve(small_world, measure, tol=1e-12).as_economy()
    assert [note for note in join(makers(base), base, DUTY).notes if "in force on s00 from JPN" in note]
    assert not [note for note in join(makers(small_world), small_world, DUTY).notes if "in force" in note]


def test_a_quota_in_force_that_does_not_bind_is_not_noted(small_world):
    slack = ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector="s00", cap=1.5)
    base = ep.solve(small_world, slack, tol=1e-12).as_economy()
    assert base.in_force.quotas.flow.size
    assert not [note for note in join(makers(base), base, DUTY).notes if "in force" in note]


def test_points_on_a_trade_under_a_tariff_rate_quota_are_due_beyond_it_too(small_world):
    quota = ep.TariffRateQuota(importer="USA", exporter="JPN", sector="s00", cap=0.3, out_rate=0.2, change="add")
    base = ep.solve(small_world, quota, tol=1e-12).as_economy()
    both, alone = join(makers(base, conduct="perfect"), base, DUTY), ep.solve(base, DUTY, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)


# ---- the units of both models ----

FROM_JAPAN = {"importer": "USA", "exporter": "JPN", "sector": "s00"}
INTO_USA = {"importer": "USA", "sector": "s00"}
JAPANS_PLANTS = {"country": "JPN", "sector": "s00"}
JAPANS_TAX = ep.ExportTax(exporter="JPN", sector="s00", rate=0.1)
BARRIER = ep.NonTariffBarrier(**FROM_JAPAN, rate=0.1)


@pytest.mark.parametrize(
    "in_force",
    [
        [],
        [ep.ProductionSubsidy(**HOME, rate=0.1), ep.ProductionSubsidy(**JAPANS_PLANTS, rate=0.2)],
        [ep.ExportTax(exporter=["JPN", "DEU"], sector="s00", rate=0.2)],
    ],
    ids=["nothing", "subsidies", "export taxes"],
)
@pytest.mark.parametrize(
    "measures",
    [
        [ep.ProductionSubsidy(country=["USA", "JPN", "DEU"], sector="s00", rate=0.1)],
        [JAPANS_TAX, ep.ProductionSubsidy(**JAPANS_PLANTS, rate=-0.05), ep.ExportTax(**FROM_JAPAN, rate=0.05)],
        [ep.SpecificTariff(**INTO_USA, amount=0.3), DUTY],
        [ep.SpecificTariff(**FROM_JAPAN, amount=0.125), JAPANS_TAX],
        [ep.MinimumPrice(**INTO_USA, price=1.2)],
        [ep.MinimumPrice(**FROM_JAPAN, price=1.2, rent="importer"), DUTY],
        [BARRIER, JAPANS_TAX],
        [BARRIER, ep.SpecificTariff(**FROM_JAPAN, amount=0.1)],
        [BARRIER, ep.SpecificTariff(**INTO_USA, amount=0.3), DUTY],
        [BARRIER, ep.MinimumPrice(**INTO_USA, price=1.15)],
        [BARRIER, ep.MinimumPrice(**INTO_USA, price=1.15, rent="importer"), DUTY],
    ],
    ids=lambda measures: "; ".join(m.title for m in measures),
)
def test_points_and_money_a_unit_are_the_same_in_both_models(small_world, in_force, measures):
    """With makers who price at cost the world economy is the one without them, whatever is in force."""
    base = ep.solve(small_world, in_force, tol=1e-12).as_economy() if in_force else small_world
    both, alone = join(makers(base, conduct="perfect"), base, measures), ep.solve(base, measures, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)
    assert bool(in_force) == any("the products do not: what makers receive" in note for note in both.notes)


def test_points_for_one_product_are_on_top_of_what_its_plant_has(small_world):
    """10 points for Japan's only product, where its country pays 20%, cut its price by 1.2 over 1.3."""
    base = ep.solve(small_world, ep.ProductionSubsidy(**JAPANS_PLANTS, rate=0.2), tol=1e-12).as_economy()
    more = ep.ProductionSubsidy(country=["JPN", "DEU"], sector="Kei", rate=0.1)
    market = join(makers(base, conduct="perfect"), base, more, two_way=False).market
    change = market.price_pct(np.array(market.market.table.product) == "Kei", at_border=True)
    assert 1 + change / 100 == pytest.approx(1.2 / 1.3, rel=1e-9)


def test_money_a_unit_follows_consumer_prices_one_way_too(small_world):
    duty = ep.SpecificTariff(**INTO_USA, amount=0.3)
    both = join(makers(small_world, conduct="perfect"), small_world, duty, two_way=False)
    prices = 1 + ep.solve(small_world, duty, tol=1e-12).countries.loc["USA", "consumer_price_pct"] / 100
    paid = both.market.accounts["duties"] / both.market.quantities
    table = both.market.market.table
    foreign = np.array(table.plant) != "USA"
    border = table.price / (1 + table.tariff)
    wanted = 0.3 * border / prices + table.tariff * both.market.border_prices
    np.testing.assert_allclose(paid[foreign], wanted[foreign], rtol=1e-8)


@pytest.mark.parametrize(
    ("in_force", "end"),
    [
        (ep.ProductionSubsidy(**JAPANS_PLANTS, rate=0.2), {"exporter": "JPN", "what": "production_subsidy"}),
        (ep.ExportTax(exporter="JPN", sector="s00", rate=0.2), {"exporter": "JPN", "what": "export_tax"}),
    ],
    ids=lambda given: given.kind if isinstance(given, ep.measures.Measure) else given["what"],
)
def test_the_end_of_a_subsidy_or_export_tax_is_the_same_in_both_models(small_world, in_force, end):
    base = ep.solve(small_world, in_force, tol=1e-12).as_economy()
    lift = ep.measures.Lift(**end, sector="s00")
    both, alone = join(makers(base, conduct="perfect"), base, lift), ep.solve(base, lift, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)
    assert np.abs(gains[1]).max() > 1e-3


def test_limits_that_the_products_do_not_state_cannot_be_lifted_there(small_world):
    quota = ep.VoluntaryExportRestraint(**FROM_JAPAN, cap=0.8)
    base = ep.solve(small_world, quota, tol=1e-12).as_economy()
    for two_way in (True, False):
        with pytest.raises(ep.errors.InputError, match="cannot be without them"):
            join(makers(base), base, ep.measures.Lift(**FROM_JAPAN), two_way=two_way)


OF_OTHERS = {"importer": "DEU", "exporter": "JPN", "sector": "s00"}
OTHER_GOODS = FROM_JAPAN | {"sector": "s01"}


@pytest.mark.parametrize("two_way", [True, False])
@pytest.mark.parametrize(
    ("in_force", "end"),
    [
        ([ep.ExportTax(exporter="JPN", sector="s01", rate=0.2)], {"what": "export_tax"}),
        ([ep.ProductionSubsidy(country="JPN", sector="s01", rate=0.2)], {"what": "production_subsidy"}),
        ([ep.ImportQuota(**OTHER_GOODS, cap=0.8)], {"what": "quota"}),
        ([ep.ImportQuota(**OTHER_GOODS, cap=0.8)], {}),
        ([ep.MinimumPrice(**OTHER_GOODS, price=1.2)], {"what": "minimum_price"}),
        ([ep.ImportQuota(**OF_OTHERS, cap=0.8), ep.ExportTax(**FROM_JAPAN, rate=0.2)], {"sector": "s00"}),
        ([ep.ImportQuota(**OTHER_GOODS, cap=0.8), ep.ExportTax(exporter="JPN", sector="s00", rate=0.2)], {}),
        ([ep.ProductionSubsidy(country="USA", sector="s01", rate=0.1), ep.ExportTax(**FROM_JAPAN, rate=0.2)], {}),
    ],
    ids=lambda given: "; ".join(m.title for m in given) if isinstance(given, list) else str(given),
)
def test_what_is_lifted_on_other_trade_is_none_of_the_market(small_world, in_force, end, two_way):
    base, lift = ep.solve(small_world, in_force, tol=1e-12).as_economy(), ep.measures.Lift(**end)
    both, alone = join(makers(base, conduct="perfect"), base, lift, two_way=two_way), ep.solve(base, lift, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)
    assert np.abs(gains[1]).max() > 1e-3


def test_a_quota_that_is_lifted_in_parts_is_lifted_whole_or_refused(small_world):
    """It is on two sectors, so no part of the Lift that leaves out the market ends it."""
    in_force = [ep.ImportQuota(**OF_OTHERS | {"sector": ["s00", "s01"]}, cap=0.8), ep.ExportTax(**FROM_JAPAN, rate=0.2)]
    base = ep.solve(small_world, in_force, tol=1e-12).as_economy()
    with pytest.raises(ep.errors.InputError, match="lifts quotas on other trade together with other policy"):
        join(makers(base, conduct="perfect"), base, ep.measures.Lift())
    apart = [ep.measures.Lift(what="quota"), ep.measures.Lift(what="export_tax")]
    both, alone = join(makers(base, conduct="perfect"), base, apart), ep.solve(base, apart, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)


@dataclass(frozen=True, kw_only=True)
class DutyAndSubsidy(ep.measures.BorderMeasure):
    """10 points of duty, and a subsidy on the output that pays it."""

    importer: str = "USA"
    exporter: str = "JPN"
    sector: str = "s00"
    change: str = "add"
    kind: ClassVar[str] = "duty_and_subsidy"

    def put(self, policy):
        flows, size = self.flows(policy.economy), len(policy.economy.countries)
        policy.tariff(flows, add=0.1)
        policy.subsidy(np.unique(flows // size**2 * size + flows % size), **{self.change: 0.05})

    def describe(self):
        return "duty and subsidy"


@pytest.mark.parametrize("change", ["add", "set"])
@pytest.mark.parametrize("importer", ["USA", "DEU"])
def test_a_subsidy_together_with_other_policy_is_refused(small_world, change, importer):
    measure, market = DutyAndSubsidy(importer=importer, change=change), makers(small_world, conduct="perfect")
    with pytest.raises(ep.errors.InputError, match="puts subsidies on output together with other policy"):
        join(market, small_world, measure)
    alone = ep.solve(small_world, measure, tol=1e-12)
    apart = join(market, small_world, measure, two_way=False)
    gains = [outcome.countries["real_income_pct"] for outcome in (apart.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)
    assert apart.market.policy.subsidy == pytest.approx(0.05 * (np.array(market.table.plant) == "JPN"))


@dataclass(frozen=True, kw_only=True)
class AidToAnotherSector(ep.measures.BorderMeasure):
    """A subsidy on the output of a sector, which may be another than it names."""

    importer: str = "USA"
    exporter: str = "JPN"
    sector: str = "s01"
    to: str = "s00"
    kind: ClassVar[str] = "aid_to_another_sector"

    def put(self, policy):
        economy = policy.economy
        good, maker = economy.sectors.index(self.to), economy.countries.index("JPN")
        policy.subsidy(np.array([good * len(economy.countries) + maker]), add=0.05)

    def describe(self):
        return "aid"


@pytest.mark.parametrize("two_way", [True, False])
def test_a_subsidy_on_a_sector_that_it_does_not_name_is_seen(small_world, two_way):
    market = makers(small_world, conduct="perfect")
    with pytest.raises(ep.errors.InputError, match="subsidises s00, which it does not name"):
        join(market, small_world, AidToAnotherSector(), two_way=two_way)
    elsewhere = AidToAnotherSector(to="s01")
    both, alone = join(market, small_world, elsewhere, two_way=two_way), ep.solve(small_world, elsewhere, tol=1e-12)
    gains = [outcome.countries["real_income_pct"] for outcome in (both.world, alone)]
    np.testing.assert_allclose(*gains, atol=1e-8)


@pytest.mark.parametrize("two_way", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (
            ep.TariffRateQuota(**FROM_JAPAN, cap=0.8, out_rate=0.3, change="add"),
            ep.TariffRateQuota(**FROM_JAPAN, cap=0.9, out_rate=0.4, change="add"),
            "has a tariff-rate quota in force in the base; lift it",
        ),
        (
            ep.TariffRateQuota(**FROM_JAPAN, cap=0.8, out_rate=0.3, change="add"),
            ep.Tariff(**FROM_JAPAN, rate=0.9),
            "beyond the tariff-rate quota in force there",
        ),
        (
            ep.SpecificTariff(**FROM_JAPAN, amount=0.1),
            ep.MinimumPrice(**FROM_JAPAN, price=1.2),
            "has a specific duty or minimum price in force in the base",
        ),
    ],
    ids=lambda given: given.title if isinstance(given, ep.measures.Measure) else "",
)
def test_what_the_world_economy_refuses_is_refused_with_a_market(small_world, first, second, says, two_way):
    base = ep.solve(small_world, first, tol=1e-12).as_economy()
    with pytest.raises(ep.errors.MeasureError, match=says):
        join(makers(base), base, second, two_way=two_way)
