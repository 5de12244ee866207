"""The key `market` of a case: products and makers under its scenarios, joined to the world economy."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases.market_at_costs import MarketAtCosts
from entrepot.economy.geography import groups
from entrepot.markets import JoinedOutcome, join

ROWS = """
    - {product: Alpha, firm: Atlas, plant: USA, price: 21, quantity: 310, margin: 0.18}
    - {product: Beta, firm: Atlas, plant: USA, price: 38, quantity: 260}
    - {product: Delta, firm: Union, plant: MEX, owner: USA, price: 24, quantity: 200}
    - {product: Kei, firm: Nippon, plant: JPN, price: 22, quantity: 280, margin: 0.16}
    - {product: Sora, firm: Nippon, plant: USA, owner: JPN, price: 33, quantity: 240}
    - {product: Berg, firm: Rhein, plant: DEU, price: 55, quantity: 60, margin: 0.14}
"""
CASE = f"""
case: small-market
title: A small market
question: What do makers gain?
economy: world2014
parties: [USA, JPN, EU28]
market:
  importer: USA
  sector: motor_vehicles
  market_size: 6000
  unit: 1
  beside:
    - {{demand: ces}}
    - {{demand: linear}}
    - {{conduct: cournot}}
  products: {ROWS}
scenarios:
  tariff:
    title: Tariff on Japan
    measures:
      - tariff: {{importer: USA, exporter: [JPN, EU28], sector: motor_vehicles, rate: 25%, change: add}}
  restraint:
    title: Restraint at the same units
    measures:
      - ver: {{importer: USA, exporter: [JPN, EU28], sector: motor_vehicles, cap: {{match: tariff}}}}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "small-market.yaml"
    path.write_text(CASE, encoding="utf-8")
    return ep.run(path)


def changed(tmp_path, old, new):
    path = tmp_path / "case.yaml"
    path.write_text(CASE.replace(old, new), encoding="utf-8")
    return path


def test_each_scenario_is_the_join_of_its_measures(study):
    market = study.case.market.build()
    both = join(market, study.economy, study.outcomes["tariff"].scenario, sector="motor_vehicles", unit=1)
    np.testing.assert_allclose(study.makers["tariff"].market.prices, both.market.prices, rtol=1e-9)


def test_a_matched_cap_is_the_units_of_the_other_scenario(study):
    units = [study.makers[name].market.quantities[[3, 5]].sum() for name in ("tariff", "restraint")]
    assert units[1] == pytest.approx(units[0], rel=1e-9)


def test_tables_say_who_owns_where_plants_are_and_what_it_is_worth(study):
    makers = study.tables["makers"].frame.set_index(["scenario", "owner"])
    assert makers.loc[("restraint", "JPN"), "licences"] > 0
    assert makers.loc[("tariff", "USA"), "profit_change"] > 0
    both = study.makers["tariff"]
    firms = both.market.firms.set_index("firm")
    assert makers.loc[("tariff", "USA"), "profit_change"] == pytest.approx(
        firms.loc[["Atlas", "Union"], "profit_change"].sum()
    )
    prices = study.tables["product_prices"].frame.set_index(["scenario", "plant"])
    assert prices.loc[("tariff", "JPN"), "price_pct"] > prices.loc[("tariff", "JPN"), "border_price_pct"]
    assert ("tariff", "OTHER") in prices.index  # the plant in Mexico
    worth = study.tables["market_welfare"].frame.set_index("scenario").loc["tariff"]
    parts = worth[["consumers", "home_profits", "duties", "licences"]].sum()
    assert worth["home_total"] == pytest.approx(parts)
    assert worth["income_at_cost"] == pytest.approx(
        study.outcomes["tariff"].countries.loc["USA", "equivalent_variation"]
    )


def test_the_table_beside_has_the_change_of_home_profits_in_percent_of_the_base(study):
    table = study.tables["beside"].frame
    row = table.query("scenario == 'tariff' and demand == 'logit' and conduct == 'bertrand'").iloc[0]
    firms = study.makers["tariff"].market.firms.set_index("firm").loc[["Atlas", "Union"]]
    assert row["home_profit_change"] == pytest.approx(firms["profit_change"].sum())
    assert row["home_profit_pct"] == pytest.approx(100 * (firms["profit"].sum() / firms["profit_before"].sum() - 1))


def test_the_parts_of_a_group_are_means_of_its_members_with_incomes_as_weights(study):
    e, table = study.economy, study.tables["decomposition"]
    union = [code for code in groups()["EU28"]["members"] if code in e.countries]
    weights = [e.income[e.countries.index(code)] for code in union]
    assert len(union) > 20
    (row,) = (row for row in table.rows if row[:2] == ("Tariff on Japan", "EU"))
    parts = study.outcomes["tariff"].decomposition.loc[union]
    assert row[2:] == pytest.approx([np.average(parts[key], weights=weights) for key in parts], abs=1e-12)
    welfare = study.tables()["welfare"].set_index(["scenario", "party"])["real_income_pct"]
    assert row[-1] == pytest.approx(welfare["tariff", "EU28"])


def test_other_systems_stand_beside_and_what_has_no_answer_is_named(study):
    table = study.tables["beside"]
    assert set(table.frame["demand"]) >= {"logit", "ces"}
    assert set(table.frame["conduct"]) == {"bertrand", "cournot"}
    assert any("linear demand" in note and "Tariff on Japan" in note for note in table.notes)


def test_findings_name_profits_by_owner(study):
    text = "\n".join(study.findings())
    assert re.search(r"Tariff on Japan: United States US\$\d+ million more", text)
    assert "of licences" in text


@pytest.mark.slow
def test_written_files_have_the_tables(study, tmp_path):
    study.to_folder(tmp_path)
    assert len(pd.read_csv(tmp_path / "makers.csv")) == 6
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Makers&#39; profits, by who owns them" in page or "Makers' profits, by who owns them" in page


def test_cases_without_a_market_have_no_makers_and_keep_their_fingerprint(tmp_path):
    case = ep.load_case(changed(tmp_path, CASE[CASE.index("market:") : CASE.index("scenarios:")], ""))
    assert case.market is None
    assert "market" not in repr([n for n in type(case).model_fields if n != "market"])
    study = ep.run(case)
    assert study.makers == {}
    assert "makers" not in study.tables.laid_out


@pytest.mark.parametrize("parties", ["[USA, EU28, DEU]", "[DEU, USA, EU28]"])
def test_a_country_beside_its_group_is_in_the_rows_of_both(tmp_path, parties):
    study = ep.run(changed(tmp_path, "[USA, JPN, EU28]", parties))
    firms = study.makers["tariff"].market.firms.set_index("firm")
    makers = study.tables["makers"].frame.set_index(["scenario", "owner"]).loc["tariff"]
    prices = study.tables["product_prices"].frame.set_index(["scenario", "plant"]).loc["tariff"]
    for party in ("DEU", "EU28"):
        assert makers.loc[party, "profit_change"] == pytest.approx(firms.loc["Rhein", "profit_change"])
        assert prices.loc[party, "units_pct"] == pytest.approx(makers.loc[party, "units_pct"])
    assert makers.loc["OTHER", "profit_change"] == pytest.approx(firms.loc["Nippon", "profit_change"])


def test_products_under_an_embargo_are_in_the_units_and_in_no_price(tmp_path):
    path = changed(tmp_path, "  unit: 1\n", "  unit: 1\n  joined: false\n")
    ban = "{importer: USA, exporter: [MEX, DEU], sector: motor_vehicles, cap: 0}"
    text = path.read_text(encoding="utf-8").replace("[USA, JPN, EU28]", "[USA, JPN]")  # others are MEX and DEU
    path.write_text(f"{text}  ban:\n    title: Ban\n    measures:\n      - quota: {ban}\n", encoding="utf-8")
    study = ep.run(path)
    now = study.makers["ban"].market
    prices = study.tables["product_prices"].frame.set_index(["scenario", "plant"]).loc[("ban", "OTHER")]
    assert prices["units_pct"] == pytest.approx(-100)
    assert prices["world_volume_pct"] == pytest.approx(-100)
    assert np.isnan(prices["price_pct"])
    beside = study.tables["beside"].frame
    row = beside.query("scenario == 'ban' and demand == 'logit' and conduct == 'bertrand'").iloc[0]
    assert row["imports_pct"] == pytest.approx(100 * (now.quantities[3] / (200 + 280 + 60) - 1))
    assert row["import_price_pct"] == pytest.approx(100 * (now.prices[3] / 22 - 1))


def test_prices_in_other_money_than_dollars_need_their_worth(tmp_path):
    for currency in ("EUR", "US$ thousand"):
        with pytest.raises(ep.errors.DocumentError, match=f"market.unit: prices are in {re.escape(currency)}, and"):
            ep.load_case(changed(tmp_path, "  unit: 1\n", f"  currency: {currency}\n"))
        assert (
            ep.load_case(changed(tmp_path, "  unit: 1\n", f"  currency: {currency}\n  unit: 1.1\n")).market.unit == 1.1
        )
    for dollars in ("US$", "$", "usd", "US dollars", "US$ of 2018"):
        case = ep.load_case(changed(tmp_path, "  unit: 1\n", f"  currency: {dollars}\n"))
        assert case.market.unit == 1e-6


def test_one_way_leaves_the_world_economy_as_it_was(tmp_path):
    study = ep.run(changed(tmp_path, "  unit: 1\n", "  unit: 1\n  joined: false\n"))
    both = study.makers["tariff"]
    assert isinstance(both, JoinedOutcome)
    assert both.rounds == 1
    assert "in the world economy without the makers' answer" in study.tables["market_welfare"].notes[0]


@pytest.mark.parametrize(
    ("old", "new", "stated"),
    [
        ("price: 21,", "price: 0,", "Alpha: price 0"),
        ("margin: 0.18", "margin: 18", "0.18 for 18%"),
        ("firm: Rhein, ", "", "row 6: a firm is missing"),
        ("market_size: 6000", "market_size: 600", "not above"),
        ("sector: motor_vehicles\n  market_size", "sector: cars\n  market_size", "unknown sector"),
        (
            "- {conduct: cournot}",
            "- {conduct: stackelberg}",
            "'stackelberg' is not a choice; known: bertrand, cour",
        ),
    ],
)
def test_bad_markets_name_the_place(tmp_path, old, new, stated):
    assert old in CASE
    path = changed(tmp_path, old, new)
    with pytest.raises(ep.errors.DocumentError, match=re.escape(stated)) as error:
        ep.run(path)
    assert "market" in str(error.value)


def test_the_name_of_a_bundled_market_is_a_market(tmp_path):
    """Its document states importer and sector, and demand is nested logit, as `load_market` has it."""
    text = CASE[: CASE.index("market:")] + "market: us-cars-2018\n" + CASE[CASE.index("scenarios:") :]
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    spec = ep.load_case(path).market
    assert (spec.importer, spec.sector, spec.demand) == ("USA", "motor_vehicles", "nested_logit")
    assert dict(spec.build().parameters) == dict(ep.markets.load_market("us-cars-2018").parameters)
    path.write_text(text.replace("us-cars-2018", "us-cars-1918"), encoding="utf-8")
    with pytest.raises(ep.errors.DocumentError, match="market"):
        ep.load_case(path)


def test_a_file_of_products_that_is_not_there_is_named_with_the_line_of_the_case(tmp_path):
    rows = CASE[CASE.index("  products:") : CASE.index("scenarios:")]
    path = tmp_path / "case.yaml"
    path.write_text(CASE.replace(rows, "  products: nowhere.csv\n"), encoding="utf-8")
    with pytest.raises(ep.errors.DocumentError, match=r"case.yaml, line \d+: market: products: nowhere.csv: no such"):
        ep.run(path)


def test_the_margin_of_a_market_replaces_those_of_its_table(tmp_path):
    spec = ep.load_case(changed(tmp_path, "market_size: 6000", "market_size: 6000\n  margin: 15%")).market
    assert (spec.build().table.margin == 0.15).all()


def test_the_market_of_a_case_that_ships_can_be_built():
    """`run` does not build it to check it, so this does."""
    shipped = {name: ep.load_case(name) for name in ep.bundled_cases()}
    with_market = {name: case for name, case in shipped.items() if case.market is not None}
    assert "us-japan-autos-2019" in with_market
    for case in with_market.values():
        assert case.market.build(case.path).table.price.size > 1


def test_a_market_that_is_not_as_shipped_is_built_to_check_it(monkeypatch):
    case = ep.load_case("us-japan-autos-2019")
    world, built = ep.load_economy("world2014"), []
    monkeypatch.setattr(type(case.market), "build", lambda market, path: built.append(path))
    ep.cases.check_case(case, world)
    assert not built
    ep.cases.check_case(case.with_numbers({("market", "margin"): 0.2}), world)
    assert len(built) == 1


def test_products_are_read_and_placed_once_for_draws_of_other_margins():
    """Thailand is in the rest of the world of world2014, which makes another table of the products."""
    case, economy, tables = ep.load_case("us-japan-autos-2019"), ep.load_economy("world2014"), {}
    low, high = (
        MarketAtCosts.of(case.with_numbers({("market", "margin"): margin}), economy, tables).market
        for margin in (0.15, 0.2)
    )
    assert len(tables) == 1
    assert low.table.kept is high.table.kept
    assert "ROW" in low.table.plant
    assert "THA" not in low.table.plant
    fresh = MarketAtCosts.of(case.with_numbers({("market", "margin"): 0.2}), economy).market
    np.testing.assert_array_equal(high.cost, fresh.cost)
    assert (high.table.margin == 0.2).all()
    assert (low.table.margin == 0.15).all()
