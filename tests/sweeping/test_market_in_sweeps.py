"""The market of a case in a sweep: each member is the market at that member's costs and parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases.uncertainty import uncertainty
from entrepot.studies.sweep_sentences import sentences
from entrepot.studies.sweep_tables import sections
from entrepot.sweeping.market_members import market_rows
from entrepot.sweeping.part_solver import _member, _solve_scenario
from entrepot.sweeping.solved_part import PartSolved
from small_market import small


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_STORE", str(tmp_path / "store"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("case"), "price_coefficient: {normal: {mean: -0.3, sd: 0.02}}")


@pytest.fixture(scope="module")
def swept(path: Path) -> ep.Sweep:
    return ep.sweep(path, draws=4, store=path.parent / "store")


def test_the_centre_is_the_market_joined_one_way(path, swept):
    """With costs from an outcome of its own, a cap that matches in units, and profits by owner."""
    study = ep.run(path)
    market = study.case.market.build()
    for name in ("tariff", "ver"):
        world = study.outcomes[name]
        price = world.accounts.cleared.ln_producer_price[world.economy.sectors.index("s00")]
        consumer = world.accounts.ln_consumer_price[world.economy.countries.index("USA")]
        moved = {c: np.expm1(price[world.economy.countries.index(c)] - consumer) for c in ("USA", "JPN")}
        if name == "tariff":
            alone = market.solve(study.outcomes[name].scenario, cost_changes=moved)
            kei = float(alone.quantities[2])
        else:
            units = ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector="ALL", cap=kei, unit="units")
            alone = market.solve(units, cost_changes=moved)
        found = swept.table("makers")
        row = found[(found["member"] == 0) & (found["scenario"] == name)].set_index("owner")
        profit = alone.firms.set_index("firm")
        assert row.loc["USA", "profit_change"] == pytest.approx(profit.loc[["Atlas", "Union"], "profit_change"].sum())
        assert row.loc["JPN", "profit_change"] == pytest.approx(profit.loc["Nippon", "profit_change"])
    licence = swept.table("licences").query("member == 0 and scenario == 'ver'")["licence_price"].item()
    assert licence == pytest.approx(float(alone.rents["licence_price"].iloc[0]))
    every = swept.table("buyers_prices").query("member == 0 and scenario == 'ver' and plant == 'ALL'")
    assert every["price_pct"].item() == pytest.approx(
        100 * (alone.prices @ market.table.quantity / market.table.sales.sum() - 1)
    )


def test_products_under_an_embargo_are_in_the_units(tmp_path):
    path = small(tmp_path, "price_coefficient: -0.3")
    text = path.read_text(encoding="utf-8").replace("trq:", "quota:").replace("cap: 80%, out_rate: 30%", "cap: 0")
    path.write_text(text.replace("  quota:\n", "  trq:\n"), encoding="utf-8")
    prices = ep.sweep(path, draws=2).table("buyers_prices").query("member == 0 and scenario == 'trq'")
    prices, makers = prices.set_index("plant"), ep.sweep(path, draws=2).table("makers")
    assert prices.loc["JPN", "units_pct"] == pytest.approx(-100)
    assert np.isnan(prices.loc["JPN", "price_pct"])
    units = makers.query("member == 0 and scenario == 'trq'").set_index("owner")["units_pct"]
    base = {"USA": 310 + 260, "JPN": 280 + 240}
    every = sum(base[owner] * units[owner] for owner in base) / sum(base.values())
    assert prices.loc["ALL", "units_pct"] == pytest.approx(every)


def test_draws_of_demand_move_makers_and_not_the_world_economy(swept):
    makers, welfare, drawn = (swept.table(name) for name in ("makers", "welfare", "draws"))
    one = drawn[drawn["parameter"] == "market.price_coefficient"]["member"]
    assert len(one) == 2
    of = makers[(makers["scenario"] == "tariff") & (makers["owner"] == "USA")].set_index("member")["profit_pct"]
    gain = welfare[(welfare["scenario"] == "tariff") & (welfare["party"] == "USA")].set_index("member")
    assert abs(of[one].diff().iloc[1]) > 0.01
    np.testing.assert_allclose(gain.loc[one, "real_income_pct"], gain.loc[0, "real_income_pct"], atol=1e-9)
    low = swept.plan.uncertain.case(swept.plan.case, drawn.loc[one.iloc[0], swept.plan.uncertain.names].to_numpy())
    assert low.market.price_coefficient == pytest.approx(drawn.loc[one.iloc[0], "market.price_coefficient"])


def test_a_table_of_draws_goes_into_demand_together(tmp_path):
    (tmp_path / "draws.csv").write_text("price_coefficient,nesting\n-0.30,0.1\n-0.25,0.3\n-0.35,0.2\n")
    how = "price_coefficient: -0.3\n  demand: nested_logit\n  nests: [plant]\n  nesting: [0.2]"
    swept = ep.sweep(small(tmp_path, how, "  market.draws: draws.csv"), draws=10)
    (rows,) = [p.rows for p in swept.plan.uncertain.parameters if p.name == "market.draws"]
    assert rows == ((-0.3, 0.2), (-0.35, 0.2), (-0.3, 0.1), (-0.25, 0.3))  # the case's own, then in order
    drawn = swept.table("draws")
    assert set(drawn.loc[drawn["kind"] == "draw", "market.draws"]) == {1.0, 2.0, 3.0}
    values = drawn[drawn["market.draws"] == 3.0].iloc[0][swept.plan.uncertain.names].to_numpy()
    case = swept.plan.uncertain.case(swept.plan.case, values)
    assert (case.market.price_coefficient, case.market.nesting) == (-0.25, (0.3,))


def test_a_number_that_a_table_of_draws_has_gives_way_to_it(tmp_path):
    (tmp_path / "draws.csv").write_text("price_coefficient\n-0.30\n-0.25\n")
    case = ep.load_case(small(tmp_path, "price_coefficient: {uniform: [-0.4, -0.2]}", "  market.draws: draws.csv"))
    names = uncertainty(case, ep.load_economy(case.economy)).names
    assert "market.draws" in names
    assert "market.price_coefficient" not in names


def test_a_column_of_draws_given_twice_is_refused(tmp_path):
    (tmp_path / "draws.csv").write_text("price_coefficient,price_coefficient\n-0.30,-0.9\n")
    case = small(tmp_path, "price_coefficient: -0.3", "  market.draws: draws.csv")
    with pytest.raises(ep.errors.InputError, match="the column 'price_coefficient' is repeated; keep one"):
        ep.sweep(case, draws=2)


def test_a_grid_over_a_column_of_a_table_of_draws_is_refused(tmp_path):
    """Its numbers are drawn together, and the grid would take one of them out."""
    (tmp_path / "draws.csv").write_text("price_coefficient,nesting\n-0.30,0.1\n-0.25,0.3\n")
    how = "price_coefficient: -0.3\n  demand: nested_logit\n  nests: [plant]\n  nesting: [0.2]"
    case = small(tmp_path, how, "  market.draws: draws.csv")
    for name in ("market.price_coefficient", "market.nesting.1"):
        with pytest.raises(ep.errors.InputError, match="also uncertain"):
            ep.sweep(case, grid={name: [0.1, 0.2] if "nesting" in name else [-0.3, -0.2]}, draws=2)


@pytest.mark.slow
def test_a_draw_that_no_market_has_is_left_out_of_the_makers_alone(tmp_path):
    swept = ep.sweep(small(tmp_path, "price_coefficient: {uniform: [-0.6, -0.02]}"), draws=8)
    failed = swept.table("failures")
    assert set(failed["scenario"]) == {"market tariff", "market ver", "market trq"}
    assert failed["why"].str.contains("cost below zero").any()
    assert len(swept.table("welfare")["member"].unique()) == swept.plan.size
    assert any("impossible values" in text for text in sentences(swept))


def test_tables_and_sentences_have_the_makers(swept):
    titles = {section.title: section for section in sections(swept)}
    makers = titles["Makers' profits in the market, and how sure"]
    assert [len(row) for row in makers.rows] == [4, 4, 4]
    licences = {row[0]: row[2] for row in titles["The price of a licence, and how sure"].rows}
    assert "%" in licences["a tariff-rate quota"]
    assert "%" not in licences["a restraint at the same units"]
    assert any("for the makers of the United States" in text for text in sentences(swept))


@pytest.mark.slow
def test_another_file_of_products_is_another_sweep(tmp_path):
    path = small(tmp_path, "price_coefficient: -0.3")
    text = path.read_text()
    first = ep.sweep(path, draws=2).run.id
    rows = "product,firm,plant,price,quantity\nAlpha,Atlas,USA,21,310\nKei,Nippon,JPN,22,{}\n"
    head, tail = text[: text.index("  products:")], text[text.index("uncertainty:") :]
    path.write_text(head + "  products: cars.csv\n" + tail)
    ids = []
    for units in (280, 290):
        (tmp_path / "cars.csv").write_text(rows.format(units))
        ids.append(ep.sweep(path, draws=2).run.id)
    assert len({first, *ids}) == 3


@pytest.mark.parametrize(
    ("more", "stated"),
    [
        ("  market.sigma: {normal: {mean: 4, sd: 1}}", "no key 'sigma'"),
        ("  market.draws: nowhere.csv", "nowhere.csv"),
    ],
)
def test_what_is_not_in_the_market_is_named(tmp_path, more, stated):
    with pytest.raises(ep.errors.EntrepotError, match=stated):
        ep.sweep(small(tmp_path, "price_coefficient: -0.3", more), draws=2)


@pytest.mark.parametrize("which", ["swept", "slack"])
def test_a_draw_is_the_market_solved_alone_whoever_is_beside_it(which, swept, tmp_path):
    """Products are read once, and a search begins from another draw's prices and licences."""
    sweep = swept if which == "swept" else ep.sweep(slack_quota(tmp_path), draws=8)

    def rows(numbers):
        part = PartSolved(sweep.plan, [])
        for k in numbers:
            part.members.append(_member(sweep.plan, k, True, values[k], np.full(len(sweep.plan.grid), np.nan)))
        for name in sweep.plan.scenarios:
            _solve_scenario(part, name)
        return {name: pd.DataFrame(found) for name, found in market_rows(part).items()}

    values = sweep.plan.members(0)[sweep.plan.uncertain.names].to_numpy(dtype=float)
    together = rows(range(len(values)))
    assert len(together["licences"]) == 2 * len(values)
    for k in range(len(values)):
        for name, alone in rows([k]).items():
            beside = together[name].query("member == @k").reset_index(drop=True)
            pd.testing.assert_frame_equal(alone, beside, rtol=1e-9, atol=1e-12)
    if which == "slack":
        quota = together["licences"].query("quota.str.contains('tariff-rate')")
        assert not quota[["binding", "place_pct", "rent"]].any(axis=None)


def slack_quota(folder: Path) -> Path:
    """A case with a tariff-rate quota that does not bind beside a restraint that does."""
    path = small(folder, "price_coefficient: -0.3")
    text = path.read_text(encoding="utf-8")
    market = "market: {products: us-cars-2018, importer: USA, sector: s00, demand: nested_logit, margin: 18%}"
    path.write_text(
        f"""{text[: text.index("parties:")]}parties: [USA, JPN]
{market}
scenarios:
  trq:
    title: a tariff-rate quota
    measures:
      - trq: {{importer: USA, exporter: JPN, sector: s00, cap: 130%, out_rate: 30%}}
      - ver: {{importer: USA, exporter: ROW, sector: s00, cap: 90%}}
uncertainty:
  market.margin: {{uniform: {{low: 0.15, high: 0.22}}}}
""",
        encoding="utf-8",
    )
    return path
