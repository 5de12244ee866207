"""Profits of makers in an objective: the market of the case at the costs of each deal."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import session
from entrepot.bargaining.credibility import own_over_sets
from entrepot.bargaining.payoff import Payoff
from entrepot.cases import Objective
from entrepot.cases.market_at_costs import MarketAtCosts
from entrepot.studies.bargain_sentences import sentences
from small_market import small

TABLE = """\
objectives:
  USA: {{profit: {usa}}}
  JPN: {{real_income: 1}}
table:
  between: [USA, JPN]
  issues:
    car_tariff: {{title: tariff, range: [0, 20%], now: 0}}
    cut: {{title: cut, range: [0, 100%], now: 0}}
  measures:
    - tariff: {{importer: USA, exporter: JPN, sector: s00, rate: $car_tariff, change: add}}
    - tariff: {{importer: JPN, exporter: USA, sector: s01, rate: $cut, change: cut}}
  points: {{car_tariff: 3, cut: 3}}
  threat: tariff
  offers:
    half: {{title: half, levels: {{cut: 0.5}}}}
"""
HOW = "price_coefficient: -0.3"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    return ep.run(small(folder, HOW, TABLE.format(usa="{makers of USA: 0.5, maker nippon: 0.25}")))


def own_profits(study, name: str) -> dict[str, float]:
    """Changes of profit by maker, from the market alone with costs from the outcome's table of sectors."""
    world = study.outcomes[name]
    price = world.accounts.cleared.ln_producer_price[world.economy.sectors.index("s00")]
    consumer = world.accounts.ln_consumer_price[world.economy.countries.index("USA")]
    moved = {c: np.expm1(price[world.economy.countries.index(c)] - consumer) for c in ("USA", "JPN")}
    alone = study.case.market.build().solve(study.outcomes[name].scenario, cost_changes=moved)
    return alone.firms.set_index("firm")["profit_change"].to_dict()


def test_the_payoffs_say_under_which_scenarios_makers_earn_otherwise_in_their_own_table(study):
    (note,) = study.tables.laid_out["payoffs"].notes
    matched = [name for name in study.outcomes if study.case.scenarios[name].build(name).matches]
    assert matched
    assert all(study.title_of(name) in note for name in matched)
    assert "in the table of makers it is the units of the scenario that it matches." in note


def test_no_command_is_named_for_other_elasticities_where_makers_are_weighed(study):
    """`entrepot bargain` does not try them either."""
    found = ep.bargain(study, points=2)
    assert own_over_sets(found) == {}
    (line,) = [line for line in sentences(found) if "set of trade elasticities" in line]
    assert line.strip() == "One set of trade elasticities was tried; where profits of makers count, no other is."


def test_the_payoff_adds_the_weighted_profits_of_the_makers(study):
    outcome, earned = study.outcomes["tariff"], own_profits(study, "tariff")
    market = MarketAtCosts.of(study.case, study.economy)
    with_makers = Payoff.to("USA", study.case.objectives["USA"], study.economy, market)
    without = Payoff.to("USA", Objective(), study.economy)
    expected = 0.5 * (earned["Atlas"] + earned["Union"]) + 0.25 * earned["Nippon"]
    assert abs(expected) > 1
    assert with_makers.at(outcome) - without.at(outcome) == pytest.approx(expected, rel=1e-8)
    parts = study.tables.laid_out["payoffs"].frame
    row = parts.query("scenario == 'tariff' and party == 'USA' and part == 'makers'")
    assert row["payoff"].item() == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
def test_a_bargain_weighs_the_makers_in_threat_and_deals(study, monkeypatch):
    monkeypatch.setattr(session, "RAYS", 3)
    found = ep.bargain(study.case)
    plain = ep.bargain(study.case.model_copy(update={"objectives": {}}))
    earned = own_profits(study, "tariff")
    expected = 0.5 * (earned["Atlas"] + earned["Union"]) + 0.25 * earned["Nippon"]
    assert found.threat.worth["USA"] - plain.threat.worth["USA"] == pytest.approx(expected, rel=1e-6)
    assert found.threat.worth["JPN"] == pytest.approx(plain.threat.worth["JPN"])
    at = int(np.flatnonzero((found.surface.points == [0.2, 0.0]).all(axis=1))[0])
    assert found.surface.values[at, 0] == pytest.approx(found.threat.worth["USA"], rel=1e-6)
    assert any("no derivatives" in note for note in found.notes)


@pytest.mark.slow
def test_sweeps_weigh_the_makers_of_each_draw(study, tmp_path, monkeypatch):
    monkeypatch.setenv("ENTREPOT_STORE", str(tmp_path / "store"))
    how = "price_coefficient: {normal: {mean: -0.3, sd: 0.02}}"
    swept = ep.sweep(small(tmp_path, how, TABLE.format(usa="{makers of USA: 1}")), draws=3)
    makers, welfare, payoffs = (swept.table(name) for name in ("makers", "welfare", "payoffs"))
    keys = ["member", "scenario"]
    each = [table[table[key] == "USA"].set_index(keys) for table, key in ((makers, "owner"), (welfare, "party"))]
    worth = payoffs[(payoffs["party"] == "USA")].set_index(keys)["payoff"]
    expected = each[0]["profit_change"] + each[1]["equivalent_variation"]
    plain = expected.loc[(slice(None), "tariff")]
    np.testing.assert_allclose(worth.loc[(slice(None), "tariff")], plain, rtol=1e-6)


def test_a_draw_without_a_market_has_no_payoff_and_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTREPOT_STORE", str(tmp_path / "store"))
    how = "price_coefficient: {uniform: [-0.6, -0.02]}"
    swept = ep.sweep(small(tmp_path, how, TABLE.format(usa="{makers of USA: 1}")), draws=8, tables=["payoffs"])
    worth = swept.table("payoffs").query("party == 'USA' and scenario == 'tariff'")["payoff"]
    assert 0 < worth.isna().sum() < len(worth)


def test_what_an_objective_says_in_words():
    text = str(Objective(profit={"makers of USA": 1.0, "maker GM": 0.5, "motor_vehicles": 0.3}))
    assert "1 x profit of makers of the United States" in text
    assert "0.5 x profit of GM" in text
    assert "0.3 x profit of motor vehicles" in text


def test_a_market_goes_to_other_processes_without_what_it_keeps(study):
    market = MarketAtCosts.of(study.case, study.economy)
    costs = market.costs(study.outcomes["tariff"].accounts)
    here = market.profit_under(study.outcomes["tariff"].problem, costs)
    there = pickle.loads(pickle.dumps(market)).profit_under(study.outcomes["tariff"].problem, costs)
    np.testing.assert_allclose(there, here, rtol=1e-9)


def test_money_a_unit_is_in_the_market_what_it_is_in_a_join_one_way(study):
    at = MarketAtCosts.of(study.case, study.economy)
    duty = ep.SpecificTariff(importer="USA", sector=at.sector, amount=0.5)
    world = ep.solve(study.economy, duty, tol=1e-12)
    joined = ep.markets.join(
        at.market, study.economy, duty, sector=at.sector, unit=at.unit, markups=False, two_way=False, tol=1e-12
    )
    prices = at.outcome([duty], at.costs(world.accounts)).prices
    np.testing.assert_allclose(prices, joined.market.prices, rtol=1e-8)
    assert np.abs(prices / at.market.solve([duty]).prices - 1).max() > 1e-6


@pytest.mark.parametrize(
    ("weights", "stated"),
    [("{maker Atlass: 1}", "did you mean Atlas"), ("{makers of Atlantis: 1}", "Atlantis")],
)
def test_makers_that_are_not_there_are_named(tmp_path, weights, stated):
    with pytest.raises(ep.errors.DocumentError, match=stated):
        ep.run(small(tmp_path, HOW, TABLE.format(usa=weights)))


def test_makers_need_a_market(tmp_path):
    path = small(tmp_path, HOW, TABLE.format(usa="{makers of USA: 1}"))
    text = path.read_text()
    start, end = text.index("market:"), text.index("uncertainty:")
    path.write_text(text[:start] + text[end:])
    with pytest.raises(ep.errors.DocumentError, match="add the key market"):
        ep.run(path)
