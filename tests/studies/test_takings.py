"""Who collects: the government that acts is named, with the sign of its revenue and by each instrument."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot import words
from entrepot.cases import read_case, solve_case
from entrepot.report import terminal
from entrepot.studies import headline, most_affected, takings, tidy_frames, who_pays
from worlds import place, random_world

TARIFF = "tariff: {importer: C00, exporter: C01, sector: s00, rate: 20%, change: add}"
CUT = "tariff: {importer: C00, exporter: C01, sector: s00, rate: -30%, change: add}"
TAX = "export_tax: {importer: C00, exporter: C01, sector: s00, rate: 10%}"
PAID = "export_tax: {importer: C00, exporter: C01, sector: s00, rate: -10%}"
TAXED = "production_subsidy: {country: C00, sector: s00, rate: -5%}"
SUBSIDY = "production_subsidy: {country: C00, sector: s00, rate: 5%}"
BAN = "ver: {importer: C00, exporter: C01, sector: s00, cap: 0}"
SLACK = "ver: {importer: C00, exporter: C01, sector: s00, cap: 150%}"
LICENCE = "ver: {importer: C00, exporter: C01, sector: s00, cap: 20%}"
BEYOND = "trq: {importer: C00, exporter: C01, sector: s00, cap: 60%, out_rate: 50%}"
SMALL = [f"tariff: {{importer: {c}, exporter: C00, sector: s01, rate: 1%, change: add}}" for c in ("C01", "C02", "C03")]
SPECIFIC = "specific_tariff: {importer: C02, exporter: C01, sector: s00, amount: 20%}"
LEVIED = "minimum_price: {importer: C02, exporter: C01, sector: s00, price: 120%, rent: importer}"
KEPT = "minimum_price: {importer: C02, exporter: C01, sector: s00, price: 120%}"
CASES = {
    "beyond": [BEYOND],
    "tariff": [TARIFF],
    "cut": [CUT],
    "tax": [TAX],
    "paid": [PAID],
    "subsidy": [SUBSIDY],
    "taxed": [TAXED],
    "ban": [BAN],
    "slack": [SLACK],
    "beside": [LICENCE, TAX],
    "specific": [LICENCE, SPECIFIC],
    "levied": [LICENCE, LEVIED],
    "kept": [KEPT],
    "many": [*SMALL, SUBSIDY],
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ep.Study:
    world = random_world(4, 2, 5)
    lines = [
        f"  {name}:\n    title: {name}\n    measures:\n" + "".join(f"      - {one}\n" for one in measures)
        for name, measures in CASES.items()
    ]
    path = tmp_path_factory.mktemp("takings") / "case.yaml"
    head = "case: takings\ntitle: t\nquestion: q\neconomy: world\nparties: [C02]\nscenarios:\n"
    path.write_text(head + "".join(lines))
    return ep.run(str(path), economy=world)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tariff", "There is no quota rent; C00 collects US$"),
        ("cut", " less in duties."),
        ("tax", "There is no quota rent; C01 collects US$"),
        ("paid", "There is no quota rent; export subsidies cost C01 US$"),
        ("subsidy", "There is no quota rent; the subsidies on output cost C00 US$"),
        ("taxed", " more in taxes on output."),
        ("beyond", " is held by importers or the treasury in C00. C00 collects US$"),
        ("ban", "There is no quota rent; C00 collects US$"),
    ],
)
def test_who_acts_is_named_whoever_the_parties_are(study: ep.Study, name: str, says: str) -> None:
    text = headline.rent(study, name)
    assert says in text
    assert "others" not in text


@pytest.mark.parametrize("name", ["specific", "levied"])
def test_duties_by_quantity_and_levies_up_to_a_price_are_named_beside_a_rent(study: ep.Study, name: str) -> None:
    outcome = study.outcomes[name]
    more = outcome.accounts.proceeds["tariff_revenue_change"][outcome.economy.countries.index("C02")]
    assert more > 0.1
    assert f"C02 collects {words.dollars(float(more))} more in duties" in headline.rent(study, name)
    assert "collects" not in headline.rent(study, "kept"), "what exporters keep is not a duty"


def test_takings_are_those_of_the_accounts(study: ep.Study) -> None:
    by_kind = {name: [(t.who, t.kind) for t in takings.takings(o)] for name, o in study.outcomes.items()}
    assert by_kind["tariff"] == [("C00", "duties")]
    assert by_kind["tax"] == [("C01", "export_tax")]
    assert by_kind["subsidy"] == [("C00", "subsidies")]
    outcome = study.outcomes["tax"]
    traded = float(outcome.accounts.traded(next(iter(outcome.scenario)).flows(outcome.economy)).sum())
    assert takings.takings(outcome)[0].change == pytest.approx(0.1 * traded)
    outcome = study.outcomes["subsidy"]
    cell = place(outcome.economy, "s00", "C00")
    made = float(outcome.accounts.cleared.sales[cell])
    assert takings.takings(outcome)[0].change == pytest.approx(np.expm1(outcome.problem.ln_subsidy)[cell] * made)


ON_TAXES_ELSEWHERE = "export_tax: {importer: C02, exporter: C03, sector: s00, rate: 20%}"
NO_MORE = "lift: {importer: WORLD, exporter: WORLD, sector: ALL, what: all}"


@pytest.mark.parametrize(
    ("in_force", "measure", "says"),
    [
        ([ON_TAXES_ELSEWHERE], PAID, "export subsidies cost C01 US$"),
        ([ON_TAXES_ELSEWHERE], TAX, " more in export taxes"),
        ([PAID], NO_MORE, " less."),
        ([TAX], NO_MORE, " less in export taxes"),
        ([TAXED], NO_MORE, " less in taxes on output"),
        ([TAXED], TAXED, " more in taxes on output"),
        ([SUBSIDY], NO_MORE, "the subsidies on output cost C00 US$"),
        ([TAXED], SUBSIDY, " less in taxes on output"),
    ],
)
def test_what_is_taxed_and_what_is_subsidised_has_its_own_words_whatever_is_in_force(
    in_force: list[str], measure: str, says: str, tmp_path: Path
) -> None:
    """By the government's own receipts in the base and under the scenario, not by what others have in force."""
    path = tmp_path / "case.yaml"
    lines = "".join(f"      - {one}\n" for one in in_force)
    path.write_text(
        "case: takings\ntitle: t\nquestion: q\neconomy: world\nparties: [C02]\nbase: now\nscenarios:\n"
        f"  now:\n    title: now\n    measures:\n{lines}  new:\n    title: new\n    measures:\n      - {measure}\n"
    )
    study = ep.run(str(path), economy=random_world(4, 2, 5))
    text = headline.rent(study, "new")
    assert says in text
    if measure == NO_MORE and in_force == [PAID]:
        assert "export subsidies cost C01 US$" in text


def test_the_largest_amounts_are_named_whatever_the_order_of_the_measures(study: ep.Study) -> None:
    every = takings.takings(study.outcomes["many"])
    least, largest = (choice(every, key=lambda one: abs(one.change)) for choice in (min, max))
    assert every.index(least) < takings.NAMED < len(every) == every.index(largest) + 1
    text = takings.takings_of(study, "many")
    assert text.count("; ") == takings.NAMED - 1
    assert text.endswith(largest.in_words_of(largest.who))
    assert least.in_words_of(least.who) not in text


def test_export_taxes_and_subsidies_are_in_the_table_of_who_collects(study: ep.Study) -> None:
    frame = tidy_frames.proceeds(study).groupby("scenario").sum(numeric_only=True)
    assert frame.loc["tax", "export_tax_change"] > 0 > frame.loc["paid", "export_tax_change"]
    assert frame.loc["subsidy", "subsidies_change"] > 1.0
    assert frame.loc["tariff", "subsidies_change"] == pytest.approx(0.0, abs=1e-9)
    head = study.tables["proceeds"].head
    assert any("export tax" in text for text in head)
    assert any("subsidies" in text for text in head)
    kinds = set(study.figures["revenue"].frame["kind"])
    assert {"export taxes", "cost of subsidies"} <= kinds


def test_a_sweep_shows_the_same_proceeds(study: ep.Study, tmp_path: Path) -> None:
    case = study.case.model_copy(update={"uncertainty": {"theta": {"lognormal": {"sd": 0.2}}}})
    swept = ep.sweep(case, study.economy, draws=2, tables=["proceeds"], store=tmp_path).table("proceeds")
    centre = swept[swept["member"] == 0].drop(columns="member").set_index(["scenario", "party"]).sort_index()
    expected = tidy_frames.proceeds(study).set_index(["scenario", "party"]).sort_index()
    pd.testing.assert_frame_equal(centre[expected.columns], expected, rtol=1e-6, atol=1e-6)


def test_a_limit_that_does_not_bind_is_named_and_a_tax_beside_a_rent_too(study: ep.Study) -> None:
    assert "the limit does not bind: trade is US$" in headline.slack(study, "slack")
    assert headline.slack(study, "beside") == headline.slack(study, "ban") == ""
    assert "C01 collects US$" in headline.rent(study, "beside")


def test_a_scenario_that_changes_nothing_has_one_unit_of_money(study: ep.Study) -> None:
    table = study.tables["welfare"]
    row = table.rows[list(study.outcomes).index("slack")]
    assert set(row[1:]) == {0.0}


def test_whom_a_measure_without_partners_moves_most_is_named(tmp_path: Path) -> None:
    text = "case: measures\ntitle: t\nquestion: q\neconomy: world\nparties: [C00]\nscenarios:\n  a:\n    title: a\n"
    (tmp_path / "case.yaml").write_text(f"{text}    measures:\n      - {SUBSIDY}\n")
    study = ep.run(tmp_path / "case.yaml", economy=random_world(4, 2, 5))
    gains = study.outcomes["a"].countries["equivalent_variation"].drop("C00")
    moves = headline.answer_of(study, "a")[1]
    assert moves.startswith(f"Most affected elsewhere: {gains.abs().idxmax()} ")
    table = most_affected.affected_table(study)
    assert {row[1] for row in table.rows} == {"C00", "C01", "C02", "C03"}
    assert "Who is most affected" in terminal.as_text(study)


def test_those_whom_measures_name_beyond_the_parties_are_not_passed_over(tmp_path: Path) -> None:
    text = "case: measures\ntitle: t\nquestion: q\neconomy: world\nparties: [C00, C01]\n"
    text += "scenarios:\n  a:\n    title: a\n"
    (tmp_path / "case.yaml").write_text(f"{text}    measures:\n      - {TARIFF}\n      - {SMALL[1]}\n")
    world = random_world(4, 2, 5)
    found = headline.answer_of(ep.run(tmp_path / "case.yaml", economy=world), "a")
    assert any(line.startswith("Most affected elsewhere: C0") for line in found), "C02 acts and is not a party"
    (tmp_path / "case.yaml").write_text(f"{text}    measures:\n      - {TARIFF}\n")
    found = headline.answer_of(ep.run(tmp_path / "case.yaml", economy=world), "a")
    assert not any(line.startswith("Most affected") for line in found)


def test_buyers_are_named_with_what_they_buy_where_no_industry_is(study: ep.Study) -> None:
    (line,) = [line for line in headline.answer_of(study, "tariff") if "price wedge" in line]
    assert line.endswith("% of the price wedge is passed on to buyers of s00 in C00.")


@pytest.mark.parametrize("rates", [(5, 30, 5, 5), (-5, -30, -5, -5)])
def test_prices_move_most_where_it_says_if_goods_are_too_many_to_name(rates: tuple[int, ...], tmp_path: Path) -> None:
    text = "case: many\ntitle: t\nquestion: q\neconomy: world\nparties: [C00]\nscenarios:\n  a:\n    title: a\n"
    duties = [
        f"{{importer: C00, exporter: C01, sector: s0{j}, rate: {rate}%, change: add}}" for j, rate in enumerate(rates)
    ]
    lines = "".join(f"      - tariff: {one}\n" for one in duties)
    (tmp_path / "case.yaml").write_text(f"{text}    measures:\n{lines}")
    study = ep.run(tmp_path / "case.yaml", economy=random_world(3, 5, 5))
    says = who_pays.buyers(study, "a")
    move = "rise" if rates[1] > 0 else "fall"
    assert f"passed on to buyers of these goods in C00. Prices there {move} most for s0" in says
    of_goods = study.outcomes["a"].number("real_price_pct")
    prices = {good: of_goods[place(study.economy, good, "C00")] for good in ("s00", "s01", "s02", "s03")}
    most = max(prices, key=lambda good: prices[good] * np.sign(rates[1]))
    assert says.endswith(f" for {most} in C00, by {words.percent_size(prices[most])}.")


def test_what_is_small_beside_the_rent_is_not_mentioned() -> None:
    small, large = takings.Taking("C00", "duties", -0.8), takings.Taking("C01", "duties", 9.0)
    assert takings.beside_rent([small, large], 6_200.0) == [large]
    assert takings.beside_rent([small, large], 0.0) == [small, large]


LIFTED = """\
case: lifted
title: t
question: q
economy: world2014
base: today
parties: [EU28, CHN]
scenarios:
  today: {title: today, measures: [{ver: {importer: EU28, exporter: CHN, sector: metals, cap: 80%}}]}
  lifted: {title: the end of it, measures: [{lift: {what: quota}}]}
  duty: {title: a duty elsewhere, measures: [{tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%}}]}
  less: {title: a duty on it, measures: [{tariff: {importer: EU28, exporter: CHN, sector: metals, rate: +2%}}]}
"""


def test_who_collects_more_where_a_quota_of_a_union_ends() -> None:
    study = solve_case(read_case(LIFTED))
    union, collected = takings.takings(study.outcomes["lifted"]), tidy_frames.proceeds(study)
    assert [(one.who, one.kind) for one in union] == [("EU28", "duties")]
    of_union = collected[(collected["party"] == "EU28")]["tariff_revenue_change"].iloc[0]
    assert union[0].change == pytest.approx(of_union)
    assert "of goods in the world" not in who_pays.buyers(study, "lifted")
    assert "of the price wedge is passed on to buyers." in who_pays.buyers(study, "lifted")


def test_a_quota_of_the_base_that_did_not_bind_and_does_now_is_named_with_its_holders() -> None:
    text = LIFTED.replace("cap: 80%", "cap: 100%").replace(
        "importer: USA, exporter: JPN, sector: food, rate: 10%", MORE
    )
    study = solve_case(read_case(text))
    assert headline.rent(study, "duty").startswith(
        "The rent in the base, held by exporters in China, goes from US$0 to"
    )


MORE = "importer: EU28, exporter: JPN, sector: metals, rate: +30%"


def test_two_that_act_under_the_name_of_the_world_are_named_by_themselves() -> None:
    study = solve_case(read_case(LIFTED.replace("ver: {importer: EU28", "ver: {importer: [USA, JPN]")))
    outcome = study.outcomes["lifted"]
    found, before = takings.takings(outcome), ep.solve(outcome.economy, []).countries["tariff_revenue"]
    assert {one.who for one in found} == {"USA", "JPN"}
    for one in found:
        assert one.change == pytest.approx(outcome.countries["tariff_revenue"][one.who] - before[one.who], rel=1e-6)


def test_the_union_is_that_of_the_year_of_the_data() -> None:
    world = ep.load_economy("world2014")
    assert takings.customs_union_of({"DEU", "FRA"}, world) == "EU28"
    assert takings.customs_union_of({"DEU", "GBR"}, ep.load_economy("world2022")) == ""
    assert takings.customs_union_of({"DEU", "USA"}, world) == ""


def test_a_rent_in_the_base_is_named_with_its_holders_where_it_ends_or_changes() -> None:
    study = solve_case(read_case(LIFTED))
    held = study.base.in_force
    money = float((held.exporter_rent * study.base.value.ravel()[held.flow]).sum())
    assert money > 1
    ends = f"The rent of {words.dollars(money)} a year in the base ends: it was held by exporters in China. The EU"
    assert headline.rent(study, "lifted").startswith(ends)
    assert headline.rent(study, "duty").startswith("There is no new quota rent; the United States collects")
    left = words.dollars(study.outcomes["less"].accounts.rent.sum())
    text = (
        f"The rent in the base, held by exporters in China, goes from {words.dollars(money)} to {left} a year. The EU"
    )
    assert headline.rent(study, "less").startswith(text)


@pytest.mark.parametrize(
    ("rent", "holders"),
    [
        ("importer", "importers or the treasury in the EU"),
        ("40%", "importers or the treasury in the EU and exporters in China"),
    ],
)
def test_a_rent_of_importers_in_the_base_is_theirs_where_it_ends(rent: str, holders: str) -> None:
    """All members of the union, some with a rent below a million, are the union."""
    study = solve_case(read_case(LIFTED.replace("cap: 80%", f"cap: 80%, rent: {rent}")))
    held = study.base.in_force
    money = float(((held.importer_rent + held.exporter_rent) * study.base.value.ravel()[held.flow]).sum())
    assert headline.rent(study, "lifted").startswith(
        f"The rent of {words.dollars(money)} a year in the base ends: it was held by {holders}. The EU"
    )
    assert headline.rent(study, "less").startswith(f"The rent in the base, held by {holders}, goes from")


def test_two_members_that_act_as_a_union_are_named_by_it_and_counted_together() -> None:
    world = replace(random_world(4, 2, 5), countries=("CHN", "DEU", "FRA", "USA"))
    duty = ep.Tariff(importer="EU27", exporter="CHN", sector="s00", rate=0.2, change="add")
    alone = ep.Tariff(importer="FRA", exporter="CHN", sector="s01", rate=0.1, change="add")
    outcome = ep.solve(world, [duty, alone])
    (union,) = takings.takings(outcome)
    change = outcome.accounts.proceeds["tariff_revenue_change"]
    assert (union.who, union.kind) == ("EU27", "duties")
    assert union.change == pytest.approx(change[1] + change[2])


def test_the_table_of_trade_has_the_flows_that_a_measure_names_under_their_names(study: ep.Study) -> None:
    table = tidy_frames.trade(study)
    assert set(zip(table["sector"], table["importer"], strict=True)) == {
        *(("s00", name) for name in study.economy.countries),
        *(("s01", name) for name in ("C01", "C02", "C03")),
    }
    for name, outcome in study.outcomes.items():
        rows = table[table["scenario"] == name].set_index(["sector", "importer", "exporter"])
        assert len(rows) == 7 * 4
        flows = outcome.trade.to_dataframe().reorder_levels(rows.index.names).loc[rows.index]
        for key in ("value", "value_base", "volume_pct", "duty"):
            np.testing.assert_allclose(rows[key], flows[key], rtol=1e-9, atol=1e-9)
