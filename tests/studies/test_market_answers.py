"""A Market's answer in words and tables: amounts, means, who is named, and demand systems of one size."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from car_markets import BEERS, CARS, SIZE
from entrepot.errors import InputError, MeasureError
from entrepot.markets import load_market
from entrepot.report.terminal_market import _cut
from entrepot.studies.currency_amounts import Currency, digits_for
from entrepot.studies.market_document import alternatives_document, market_document
from entrepot.studies.market_question import MarketAnswer, MarketQuestion
from entrepot.studies.market_sentences import _parameter, alternatives_sentences, market_basis, market_sentences
from entrepot.studies.market_tables import alternatives_frame, firms_frame, market_provenance, market_tables

JPN = {"importer": "USA", "exporter": "JPN"}


def question(*measures: ep.measures.Measure, size: float | str | None = SIZE, **more: object) -> MarketQuestion:
    options = {"market_size": size, **more.pop("options", {})}  # type: ignore[dict-item]
    return MarketQuestion(products=CARS, importer="USA", measures=measures, options=options, **more)  # type: ignore[arg-type]


def sentences_of(answer: MarketAnswer) -> str:
    return " ".join(market_sentences(answer))


@pytest.mark.parametrize(
    ("stated", "money", "text"),
    [
        ("US$", 3.81e9, "US$3.8 billion"),
        ("US$", -2.5e6, "US$2.5 million"),
        ("US$", 999_499, "US$999,499"),
        ("US$", 999_500, "US$1.0 million"),
        ("US$", 12.345, "US$12.35"),
        ("US$", 0.00789, "US$0.00789"),
        ("US$", 0, "US$0"),
        ("EUR", 1500, "EUR 1,500"),
        ("US$ thousand", 1500, "US$1.5 million"),
        ("US$ thousand", 25.3, "US$25,300"),
        ("thousand", 5, "thousand 5.00"),
    ],
)
def test_amounts_in_their_own_unit(stated: str, money: float, text: str) -> None:
    assert Currency.of(stated).amount(money) == text


def test_amounts_of_a_table_share_the_unit_of_the_largest() -> None:
    assert Currency.of("US$").unit([1e3, -2e9, float("nan")]) == ("billion US$", 1e9)
    assert Currency.of("US$ thousand").unit([2e4]) == ("million US$", 1e3)
    assert Currency.of("US$ million").unit([2e-3]) == ("US$", 1e-6)
    assert [digits_for(v) for v in ([1234.5], [0.0949, 0.001], [0.0], [12.0, float("nan")])] == [0, 5, 2, 2]


def test_mean_prices_are_those_by_plant() -> None:
    answer = question(ep.VoluntaryExportRestraint(**JPN, cap=0.8)).answer()
    assert answer.outcome is not None
    row = answer.outcome.by_plant.set_index("plant").loc["JPN"]
    assert list(np.array(CARS["product"])[answer.under]) == ["Kei", "Hana"]
    assert answer.outcome.price_pct(answer.under) == pytest.approx(row["price_pct"])
    assert answer.outcome.price_pct(answer.under, at_border=True) == pytest.approx(row["border_price_pct"])
    assert answer.outcome.units_pct(answer.under) == pytest.approx(row["units_pct"])


@pytest.mark.parametrize(
    "measure",
    [
        ep.Tariff(**JPN, rate=0.1),
        ep.ImportQuota(**JPN, cap=0.9),
        ep.ExportTax(**JPN, rate=0.05),
        ep.SpecificTariff(**JPN, amount=0.05),
        ep.MinimumPrice(**JPN, price=1.1),
        ep.NonTariffBarrier(**JPN, rate=0.05),
        ep.ProductionSubsidy(country="JPN", sector="ALL", rate=0.05),
    ],
    ids=lambda measure: measure.kind,
)
def test_products_under_a_measure(measure: ep.measures.Measure) -> None:
    answer = question(measure).answer()
    assert list(CARS["plant"][answer.under].unique()) == ["JPN"]


def test_who_holds_what_is_named() -> None:
    quota = sentences_of(question(ep.ImportQuota(**JPN, cap=0.8)).answer())
    assert "licence holders of the United States gain US$" in quota
    assert "to the importer's licence holders" in quota
    tax = sentences_of(question(ep.ExportTax(**JPN, rate=0.1)).answer())
    assert "the treasury of Japan gains US$" in tax
    duty = sentences_of(question(ep.Tariff(**JPN, rate=0.1)).answer())
    assert "the Treasury gains US$" in duty
    assert "limit" not in duty
    place = sentences_of(question(ep.TariffRateQuota(**JPN, cap=0.8, out_rate=0.25)).answer())
    assert re.search(r"a licence is worth [\d.]+% of the duty-paid price", place)


def test_amounts_in_the_sentence_add_up_to_the_total() -> None:
    answer = question(ep.ImportQuota(**JPN, cap=0.8), ep.Tariff(importer="USA", exporter="DEU", rate=0.1)).answer()
    text = sentences_of(answer)
    parts = r"[Mm]akers of the United States|buyers|the Treasury|licence holders of the United States"
    found = re.findall(rf"(?:{parts}) (gains?|loses?) US\$([\d,.]*\d)", text)
    assert len(found) == 4
    total = sum((1 if verb.startswith("gain") else -1) * float(money.replace(",", "")) for verb, money in found)
    whole = re.search(r"in all the United States (gains|loses) US\$([\d,.]*\d)", text)
    assert whole
    stated = (1 if whole[1] == "gains" else -1) * float(whole[2].replace(",", ""))
    assert total == pytest.approx(stated, abs=2.1)  # each is rounded to its last digit


def test_quotas_of_each_maker() -> None:
    measure = ep.VoluntaryExportRestraint(**JPN, cap=0.8)
    answer = question(measure, ep.Tariff(importer="USA", exporter="DEU", rate=0.1), each="firm").answer()
    assert answer.outcome is not None
    assert len(answer.outcome.rents) == 2
    assert len(answer.outcome.measures) == 3
    assert "2 limits bind, 344 units together" in sentences_of(answer)
    with pytest.raises(MeasureError, match="none of the measures is a quota"):
        question(ep.Tariff(**JPN, rate=0.1), each="firm").answer()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"quotas_foreseen": True}, "Makers outside a quota foresee that its licence price moves"),
        ({"duty_base": "price"}, "Duties are read as shares of the duty-paid price: 10% of it is 11.1% of the"),
    ],
)
def test_options_that_change_what_an_answer_means_are_stated_with_it(options: dict[str, Any], says: str) -> None:
    measures = ep.VoluntaryExportRestraint(**JPN, cap=0.9), ep.Tariff(importer="USA", exporter="DEU", rate=0.1)
    plain, other = (question(*measures, **more) for more in ({}, options))
    assert not np.allclose(plain.answer().outcome.prices, other.answer().outcome.prices, rtol=1e-4)  # type: ignore[union-attr]
    side_by_side = replace(other, demand="each").alternatives()
    for document in (market_document(other.answer()), alternatives_document(side_by_side)):
        assert sum(note.startswith(says) for note in document["notes"]) == 1
    assert not any(note.startswith(says) for note in market_document(plain.answer())["notes"])
    assert not any(note.startswith(says) for note in question(**options).answer().notes)  # of the base


@pytest.mark.parametrize(
    ("measure", "of_price", "foreseen"),
    [
        (ep.VoluntaryExportRestraint(**JPN, cap=0.9), False, True),
        (ep.ImportQuota(**JPN, cap=0), False, False),  # an embargo has no licences
        (ep.Tariff(**JPN, rate=0.1), True, False),
        (ep.Tariff(**JPN, rate=0.5, change="cut"), False, False),
        (ep.TariffRateQuota(**JPN, cap=0.8, out_rate=0.25), True, False),
    ],
)
def test_options_are_stated_where_they_change_something(
    measure: ep.measures.Measure, of_price: bool, foreseen: bool
) -> None:
    posed = question(measure, duty_base="price", quotas_foreseen=True)
    cars = posed.products.assign(tariff=np.where(posed.products["plant"] == "JPN", 0.1, 0.0))
    for notes in (
        replace(posed, products=cars).answer().notes,
        replace(posed, products=cars, conduct="each").alternatives().notes,
    ):
        assert any(note.startswith("Duties are read as shares") for note in notes) == of_price
        assert any(note.startswith("Makers outside a quota foresee") for note in notes) == foreseen


def test_what_is_noted_of_every_market_is_noted_of_all_side_by_side() -> None:
    cartel = question(ep.Tariff(**JPN, rate=0.1), demand="each", options={"collusion": [["Atlas", "Union"]]})
    notes = alternatives_document(cartel.alternatives())["notes"]
    assert notes.count("Firms that decide together (collusion): Atlas, Union") == 1


def test_the_size_of_a_market_in_money_is_stated() -> None:
    size = 2 * float(CARS["price"] @ CARS["quantity"])
    answer = question(ep.Tariff(**JPN, rate=0.1), demand="ces", size=size, options={"sigma": 5.0}).answer()
    basis = market_basis(answer)
    assert "CES demand in a market of US$" in basis
    assert ", 50.0% of it spent on these products, Bertrand" in basis
    assert "elasticity of the market with its outside good -1" in basis
    tables = market_tables(answer)
    assert f"market size {size:,.0f}" in tables["base"].provenance["Demand"]
    assert any("units sold; the outside good of CES demand is in money" in note for note in tables["base"].notes)
    closed = market_basis(question(demand="ces", size=None, options={"sigma": 5.0}).answer())
    assert "CES demand, Bertrand" in closed
    assert "elasticity of the market -1" in closed


def test_prices_of_home_plants_are_named_where_no_import_is_left() -> None:
    text = sentences_of(question(ep.ImportQuota(importer="USA", exporter="WORLD", cap=0)).answer())
    assert "off the market. Prices of home plants " in text
    assert "; those of home plants" in sentences_of(question(ep.Tariff(**JPN, rate=0.1)).answer())


def test_the_duty_a_unit_beyond_a_tariff_rate_quota_is_explained() -> None:
    """Beyond the quota the column of licences holds what is levied there: what is paid in duties is both columns."""
    note = "duty: inside a tariff-rate quota; beyond it what a licence is worth is levied as duty too."
    beyond = question(ep.TariffRateQuota(**JPN, cap=0.5, out_rate=0.05)).answer()
    assert note in market_tables(beyond)["products"].notes
    outcome = beyond.outcome
    assert outcome is not None
    on = outcome.products["plant"] == "JPN"
    p, quota = outcome.products[on], outcome.rents.iloc[0]
    part = 1 - quota["volume"] / quota["units"]
    levied = ((p["duty"] + part * p["licence"]) * p["quantity"]).sum()
    np.testing.assert_allclose(outcome.accounts["duties"][on].sum(), levied, rtol=1e-9)
    within = question(ep.TariffRateQuota(**JPN, cap=0.8, out_rate=0.25)).answer()
    assert not market_tables(within)["products"].notes, "no more than the quota is sold"


def test_sales_beyond_a_tariff_rate_quota_are_named() -> None:
    quota = ep.TariffRateQuota(**JPN, cap=0.5, out_rate=0.05)
    answer = question(quota).answer()
    assert answer.outcome is not None
    sold = answer.outcome.quantities[[4, 6]].sum()
    assert sold > 0.6 * 430
    text = sentences_of(answer)
    assert f"Beyond the quota of 215 units {sold:.6g} are sold in all: a licence is worth 5.0%" in text
    assert "binds" not in text
    within = ep.TariffRateQuota(importer="USA", exporter="DEU", cap=0.9, out_rate=0.5)
    both = sentences_of(question(quota, within).answer())
    assert "2 limits bind, 269 units together, and beyond one of them more is sold at the higher duty: a" in both


def test_demand_systems_beside_each_other_have_a_market_of_one_size() -> None:
    found = question(ep.Tariff(**JPN, rate=0.25), demand="each").alternatives()
    mean = float(CARS["price"] @ CARS["quantity"] / CARS["quantity"].sum())
    ces = ep.Market.from_products(CARS, importer="USA", demand="ces", market_size=SIZE * mean)
    rows = {row.name: row.answer for row in found.rows}
    assert rows["ces"] is not None
    np.testing.assert_allclose(rows["ces"].market.cost, ces.cost, rtol=1e-6)
    options = {"market_size": "fit"}
    fitted = MarketQuestion(products=BEERS, importer="USA", demand="each", options=options).alternatives()
    shares = {row.name: row.answer.market.products["share"].sum() for row in fitted.rows if row.answer}
    assert shares["logit"] == pytest.approx(100 / 165.30469, rel=1e-4)  # of the size that logit fits
    assert set(shares) == {"logit", "ces", "aids", "linear"}
    frame = alternatives_frame(found).set_index("name")
    lowest, highest = frame["welfare"].idxmin(), frame["welfare"].idxmax()
    assert {lowest, highest} <= {"logit", "ces", "aids", "linear"}
    assert len(alternatives_sentences(found)) == 2


def test_one_kind_of_alternative_at_a_time() -> None:
    with pytest.raises(InputError, match="one of them may be 'each'"):
        _ = question(demand="each", conduct="each").side_by_side
    with pytest.raises(InputError, match="strength: of one demand system"):
        question(demand="each", options={"strength": 2.0}).alternatives()
    with pytest.raises(InputError, match="under none is there an answer"):
        question(ep.Tariff(importer="USA", exporter="CHN", rate=0.1), demand="each").alternatives()


def test_owners_of_a_firm_in_several_countries_are_all_named() -> None:
    table = CARS.assign(owner=["USA", "CAN", *CARS["owner"][2:]])
    other = MarketQuestion(
        products=table, importer="USA", measures=(ep.Tariff(**JPN, rate=0.1),), options={"market_size": SIZE}
    )
    answer = other.answer()
    assert answer.outcome is not None
    assert firms_frame(answer.outcome).set_index("firm")["owner"]["Atlas"] == "USA, CAN"
    assert market_tables(answer)["firms"].cells[0][1] == "United States, Canada"


def test_the_treasury_collects_duties_and_pays_subsidies() -> None:
    measures = (ep.Tariff(**JPN, rate=0.1), ep.ProductionSubsidy(country="USA", sector="ALL", rate=0.05))
    answer = question(*measures).answer()
    assert answer.outcome is not None
    home = answer.outcome.welfare.set_index("country").loc["USA"]
    money = float(home["duties"] + home["other_revenue"])
    verb = "gains" if money > 0 else "loses"
    assert f"the Treasury {verb} {Currency.of('US$').amount(money)};" in sentences_of(answer)


def test_money_of_a_table_is_in_the_unit_of_its_title() -> None:
    large = CARS.assign(price=CARS["price"] * 1e3, quantity=CARS["quantity"] * 1e3)
    measures = (ep.Tariff(**JPN, rate=0.1),)
    large_market = MarketQuestion(
        products=large, importer="USA", measures=measures, options={"market_size": SIZE * 1e3}
    )
    answer = large_market.answer()
    assert answer.outcome is not None
    tables = market_tables(answer)
    assert tables["firms"].title == "Makers (billion US$)"
    assert [row[2] for row in tables["firms"].rows] == pytest.approx(list(answer.outcome.firms["profit_before"] / 1e9))
    assert tables["firms"].cells[0][2] == f"{tables['firms'].rows[0][2]:.3f}"
    assert tables["firms"].cells[0][3] == f"{tables['firms'].rows[0][3]:+.3f}"
    assert tables["firms"].frame is not None
    assert list(tables["firms"].frame["profit"]) == list(answer.outcome.firms["profit"])
    assert tables["products"].title == "Products (prices in US$)"
    zeros = tables["welfare"].cells[1]
    assert zeros[1].strip("0.") == ""  # Mexico owns no maker and has no buyers here: no sign before a zero


def test_exporters_whose_profit_stays_earn_their_licences() -> None:
    priced = {"price_coefficient": -0.3}
    answer = question(ep.VoluntaryExportRestraint(**JPN, cap=0.8), conduct="perfect", options=priced).answer()
    assert "makers of Japan earn US$" in sentences_of(answer)
    home = question(ep.ProductionSubsidy(country="USA", sector="ALL", rate=-0.05)).answer()
    assert sentences_of(home).startswith("Prices of imports fall")


def test_lifting_what_is_not_in_force_is_refused() -> None:
    with pytest.raises(InputError, match="so there is nothing to lift"):
        question(ep.measures.Lift(**JPN, sector="ALL", what="all")).answer()


def test_the_tighter_of_two_limits_on_the_same_products_binds() -> None:
    both = question(ep.VoluntaryExportRestraint(**JPN, cap=0.8), ep.ImportQuota(**JPN, cap=0.7)).answer().outcome
    alone = question(ep.ImportQuota(**JPN, cap=0.7)).answer().outcome
    assert both is not None
    assert alone is not None
    np.testing.assert_allclose(both.prices, alone.prices, rtol=1e-9)
    assert list(both.rents["binding"]) == [False, True]


@pytest.mark.parametrize(
    "options",
    [
        {"market_size": "fit"},  # the margins determine no finite size
        {"market_size": None, "market_elasticity": -1.2, "conduct": "cournot", "demand": "ces"},  # sigma 2e5
        {"market_size": None, "market_elasticity": -1.2, "conduct": "cournot", "demand": "aids"},  # strength 1e6
    ],
)
def test_a_parameter_that_no_margins_determine_is_refused(options: dict[str, object]) -> None:
    kind = {key: options[key] for key in ("conduct", "demand") if key in options}
    rest = {key: value for key, value in options.items() if key not in kind}
    with pytest.raises(InputError, match="as the margins do not determine"):
        question(**kind, options=rest).answer()  # type: ignore[arg-type]


def test_the_price_of_a_place_in_a_tariff_rate_quota_is_in_percent_and_of_a_licence_in_money() -> None:
    trq = ep.TariffRateQuota(**JPN, sector="ALL", cap=0.8, out_rate=0.25)
    ver = ep.VoluntaryExportRestraint(importer="USA", exporter="DEU", sector="ALL", cap=0.8)
    answer = question(trq, ver).answer()
    table = market_tables(answer)["rents"]
    labels = [column.label for column in table.columns]
    place, licence = (labels.index(label) for label in ("a place, % of price", "licence a unit"))
    of_trq, of_ver = table.rows
    prices = answer.outcome.rents["licence_price"]
    assert of_trq[place] == pytest.approx(100 * prices[0])
    assert np.isnan(of_trq[licence])
    assert of_ver[licence] == pytest.approx(prices[1])
    assert np.isnan(of_ver[place])
    alone = market_tables(question(ver).answer())["rents"]
    assert "a place, % of price" not in [column.label for column in alone.columns]


def test_a_cut_table_keeps_every_home_maker() -> None:
    rows = pd.concat(
        [CARS.assign(product=CARS["product"] + str(k), firm=CARS["firm"] + str(k)) for k in range(8)],
        ignore_index=True,
    )
    rows.loc[rows["firm"].isin(["Atlas7", "Union7"]), "quantity"] = 1.0  # hardly any profit
    posed = MarketQuestion(
        products=rows,
        importer="USA",
        measures=(ep.Tariff(**JPN, sector="ALL", rate=0.25),),
        options={"market_size": 8 * SIZE},
    )
    table = market_tables(posed.answer())["firms"]
    cut = _cut(table, 3, "USA")
    assert {row[0] for row in cut.rows} == {f"{name}{k}" for name in ("Atlas", "Union") for k in range(8)}
    assert cut.notes[0] == "24 more rows: --full."


def test_parameters_of_demand_have_no_powers_of_ten() -> None:
    market = load_market("us-cars-2018")
    coefficient = market.parameters["price_coefficient"]
    assert abs(coefficient) < 1e-4, "per dollar of a car's price"
    text = market_provenance(market)["Demand"]
    assert f"price coefficient {coefficient:.10f}" in text
    assert not re.search(r"\de-\d", text)
    assert _parameter("price_coefficient", coefficient, market) == f"price coefficient {coefficient:.8f} per US$"
