"""The verb market: what it prints and writes, what it reads, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from car_markets import BEERS, CARS, SIZE
from entrepot.cli import WITH_INSTRUMENTS, app
from entrepot.cli.market_command import market as market_verb
from entrepot.data.product_rows import read_products, rows_of_importer
from entrepot.errors import InputError, TableError
from entrepot.measures.registry import RESERVED
from entrepot.report.terminal_answer import SCREEN
from entrepot.studies.market_question import MarketQuestion
from test_cli import call

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(table: pd.DataFrame | str, name: str = "products.csv", encoding: str = "utf-8") -> str:
        text = table if isinstance(table, str) else table.to_csv(index=False)
        (tmp_path / name).write_text(text, encoding=encoding)
        return str(tmp_path / name)

    return written


def cars_under(write: Write, *arguments: str) -> tuple[int, str, str]:
    return call("market", write(CARS), "--importer", "USA", "--market-size", str(SIZE), *arguments)


def document(*arguments: str) -> dict[str, Any]:
    code, out, err = call("market", *arguments, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def test_tables_in_a_folder_never_replace_the_products_that_are_read(write: Write, tmp_path: Path) -> None:
    products = Path(write(BEERS))
    before = products.read_text()
    code, _, err = call("market", str(products), "--importer", "USA", "--tariff", "USA:ROW:10%", "--out", str(tmp_path))
    assert (code, products.read_text(), list(tmp_path.iterdir())) == (2, before, [products])
    assert "products.csv is an input, and would be overwritten" in " ".join(err.split())


# ---- the numbers ----


def test_tariff_on_beers_as_the_r_package_trade_prints_it(write: Write) -> None:
    """trade 0.8.3: a tariff of 10% of the price on the two beers of OTHER."""
    found = document(write(BEERS), "--importer", "USA", "--tariff", "USA:ROW:10%", "--duty-base", "price")
    prices = [row["price_pct"] for row in found["tables"]["products"]]
    expected = [0.18028561, 0.68922458, 1.58472813, 1.63675204, 5.47228340, 5.24998615]
    np.testing.assert_allclose(prices, expected, rtol=0, atol=5e-5)
    assert found["compensating_variation"] == pytest.approx(0.1094285711, rel=1e-5)
    assert found["demand"]["parameters"]["price_coefficient"] == pytest.approx(-59.80761303, rel=1e-8)


def test_quota_for_each_product_as_the_r_package_trade_prints_it(write: Write) -> None:
    quota = ("--market-size", "fit", "--quota", "USA:ROW:0.8", "--each", "product")
    found = document(write(BEERS), "--importer", "USA", *quota)
    prices = [row["price_pct"] for row in found["tables"]["products"]]
    expected = [0.08498032, 0.31552331, 0.72551740, 0.74933543, 11.61508074, 9.04434189]
    np.testing.assert_allclose(prices, expected, rtol=0, atol=2e-5)
    assert [row["binding"] for row in found["tables"]["rents"]] == [True, True]


def test_options_are_those_of_python(write: Write) -> None:
    arguments = (
        *("--sector", "cars", "--demand", "nested-logit", "--nests", "segment,drive", "--nesting", "0.3,0.5"),
        *("--conduct", "cournot", "--collusion", "Atlas,Union", "--market-size", str(SIZE), "--currency", "EUR"),
        *("--tariff", "USA:JPN:+25%", "--ver", "USA:DEU:cars:50units", "--subsidy", "USA:2%"),
    )
    found = document(write(CARS), "--importer", "United States", *arguments)
    market = ep.Market.from_products(
        CARS,
        importer="USA",
        sector="cars",
        demand="nested_logit",
        nests=("segment", "drive"),
        nesting=(0.3, 0.5),
        conduct="cournot",
        collusion=[["Atlas", "Union"]],
        market_size=SIZE,
    )
    outcome = market.solve(
        [
            ep.Tariff(importer="USA", exporter="JPN", sector="cars", rate=0.25, change="add"),
            ep.ProductionSubsidy(country="USA", sector="cars", rate=0.02),
            ep.VoluntaryExportRestraint(importer="USA", exporter="DEU", sector="cars", cap=50, unit="units"),
        ]
    )
    prices = [row["price"] for row in found["tables"]["products"]]
    np.testing.assert_allclose(prices, outcome.prices, rtol=1e-10)
    assert found["currency"] == "EUR"
    welfare = {row["country"]: row["total"] for row in found["tables"]["welfare"]}
    assert welfare["USA"] == pytest.approx(float(outcome.welfare.set_index("country")["total"]["USA"]), rel=1e-9)


def test_a_foreseen_quota_is_another_equilibrium(write: Write) -> None:
    taken = document(write(CARS), "--importer", "USA", "--market-size", str(SIZE), "--ver", "USA:JPN:0.8")
    foreseen = document(
        write(CARS), "--importer", "USA", "--market-size", str(SIZE), "--ver", "USA:JPN:0.8", "--quotas-foreseen"
    )
    licences = [d["tables"]["rents"][0]["licence_price"] for d in (taken, foreseen)]
    assert abs(licences[0] - licences[1]) > 1e-3


def test_draws_of_a_mixed_logit(write: Write) -> None:
    draws = write("alpha,Kei,weight\n0.3,0,0.5\n0.3,0,0.5\n", "draws.csv")
    mixed = document(
        write(CARS), "--importer", "USA", "--market-size", str(SIZE), "--demand", "mixed-logit", "--draws", draws
    )
    flat = document(write(CARS), "--importer", "USA", "--market-size", str(SIZE), "--price-coefficient", "-0.3")
    for one, other in zip(mixed["tables"]["base"], flat["tables"]["base"], strict=True):
        assert one["cost"] == pytest.approx(other["cost"], rel=1e-9)


# ---- the first screen ----


def test_answer_comes_first_on_one_screen(write: Write) -> None:
    code, out, err = cars_under(
        write, "--sector", "motor_vehicles", "--ver", "USA:JPN:0.8", "--currency", "US$ thousand"
    )
    assert code == 0, err
    lines, words = out.splitlines(), " ".join(out.split())
    assert len(lines) <= SCREEN
    assert lines[0] == "Motor vehicles, United States: 8 products of 5 makers"
    assert re.search(r"imports under the measures rise by [\d.]+% to buyers and by [\d.]+% at the border", words)
    assert re.search(
        r"Makers of the United States gain US\$.* buyers lose US\$.* in all the United States loses", words
    )
    assert re.search(r"The limit of 344 units binds: a licence is worth US\$[\d,.]+ a unit", words)
    assert "Stands on: Logit demand in a market of 6,000 units, 27.0% of them sold, Bertrand-Nash" in words
    assert "Note: Stated margins and demand differ" in words
    assert "--demand each; --conduct each" in words


def test_without_a_measure_it_is_the_base(write: Write) -> None:
    code, out, err = cars_under(write)
    assert code == 0, err
    words = " ".join(out.split())
    assert "costs follow from them" in words
    assert re.search(r"product maker plant price units share cost margin stated elasticity", words)
    assert "Next: a measure" in words


def test_low_prices_beside_high_ones_have_decimals(tmp_path: Path) -> None:
    table = tmp_path / "mixed.csv"
    table.write_text("product,firm,plant,price,quantity,margin\nDear,A,USA,2500,10,30%\nCheap,B,CHN,10.5,1200,30%\n")
    code, out, err = call("market", str(table), "--importer", "USA", "--demand", "ces")
    assert code == 0, err
    (cheap,) = [line.split() for line in out.splitlines() if line.startswith("Cheap")]
    (dear,) = [line.split() for line in out.splitlines() if line.startswith("Dear")]
    assert cheap[3] == "10.50"
    assert dear[4] == "2,500.00"
    cost, margin = float(cheap[6]), float(cheap[7].rstrip("%")) / 100
    assert cost == pytest.approx(10.5 * (1 - margin), abs=0.01)


def test_a_limit_above_sales_is_named(write: Write) -> None:
    code, out, _ = cars_under(write, "--ver", "USA:JPN:1.2")
    assert code == 0
    assert "The limit of 516 units does not bind (430 are sold), so nothing changes." in " ".join(out.split())


def test_a_product_under_an_embargo_is_off_the_market(write: Write) -> None:
    code, out, _ = cars_under(write, "--quota", "USA:JPN:Kei:0")
    assert code == 0
    assert "Kei is off the market." in out


def test_a_nest_with_one_product_is_noted(write: Write) -> None:
    table = CARS.assign(segment=["one", *["rest"] * 7])
    arguments = ("--demand", "nested-logit", "--nests", "segment", "--nesting", "0.5")
    code, out, _ = call("market", write(table), "--importer", "USA", "--market-size", str(SIZE), *arguments)
    assert code == 0
    assert "Note: Nests of one product, which has no rival in its nest: one." in out


def test_full_has_every_table(write: Write) -> None:
    code, out, _ = cars_under(write, "--quota", "USA:JPN:0.8", "--full")
    assert code == 0
    for title in ("Makers (", "Products (", "By country of plant", "Who gains and who loses", "Quotas and", "The base"):
        assert title in out
    assert "Again: entrepot" in out


def test_a_screen_with_many_makers_is_cut_to_those_that_change_most(write: Write) -> None:
    many = pd.concat([CARS.assign(product=CARS["product"] + str(k), firm=CARS["firm"] + str(k)) for k in range(5)])
    code, out, _ = call("market", write(many), "--importer", "USA", "--tariff", "USA:JPN:10%", "--fit", "margins")
    assert code == 0
    assert len(out.splitlines()) <= SCREEN
    assert re.search(r"\d+ more rows: --full", out)


def test_a_bundled_market_by_name() -> None:
    found = document("us-cars-2018", "--tariff", "USA:JPN:+25%")
    outcome = ep.markets.load_market("us-cars-2018").solve(
        ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    )
    np.testing.assert_allclose([row["price"] for row in found["tables"]["products"]], outcome.prices, rtol=1e-10)
    assert (found["year"], found["demand"]["name"]) == (2018, "nested_logit")
    code, _, err = call("market", "us-cars-2019")
    assert code == 2
    assert "did you mean us-cars-2018?" in err
    code, _, err = call("market", "us-cars-2018", "--importer", "Canada")
    assert code == 2
    assert "us-cars-2018 is a market of USA, not of Canada" in " ".join(err.split())


# ---- side by side ----


def test_demand_systems_side_by_side_are_those_alone(write: Write) -> None:
    found = document(write(BEERS), "--importer", "USA", "--tariff", "USA:ROW:10%", "--demand", "each")
    rows = {row["name"]: row for row in found["tables"]["comparison"]}
    assert list(rows) == ["logit", "ces", "aids", "linear"]
    assert not any(row["reason"] for row in rows.values())
    alone = document(write(BEERS), "--importer", "USA", "--tariff", "USA:ROW:10%", "--demand", "ces")
    home = next(row for row in alone["tables"]["welfare"] if row["country"] == "USA")
    assert rows["ces"]["welfare"] == pytest.approx(home["total"])
    assert rows["ces"]["home_profits"] == pytest.approx(home["profits"])
    assert rows["logit"]["price_pct"] < rows["ces"]["price_pct"]


@pytest.mark.parametrize("options", [{}, {"market_elasticity": -1.5}, {"market_size": 3e8}, {"nests": ("segment",)}])
def test_demand_systems_side_by_side_of_a_bundled_market_are_those_alone(options: dict[str, Any]) -> None:
    measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.1, change="add")
    names = {"demand": "each", "measures": [measure], "options": options}
    found = MarketQuestion.of_bundled("us-cars-2018", **names).alternatives()
    assert [row.name for row in found.rows] == ["logit", "nested_logit", "ces", "aids", "linear"]
    assert {row.name: row.reason for row in found.rows if row.reason} == {}
    if options:
        return
    for row in found.rows:
        fit = {"fit": "margins"} if row.name == "logit" else {}
        alone = ep.markets.load_market("us-cars-2018", demand=row.name, **fit).solve(measure)
        assert row.answer is not None
        assert row.answer.outcome is not None
        np.testing.assert_allclose(row.answer.outcome.prices, alone.prices, rtol=1e-9)


def test_conduct_that_cannot_be_calibrated_is_listed_with_its_reason(write: Write) -> None:
    code, out, _ = call("market", write(BEERS), "--importer", "USA", "--conduct", "each", "--quota", "USA:ROW:0.8")
    assert code == 0
    words = " ".join(out.split())
    assert "No answer under Cournot competition:" in words
    assert "give market_size" in words
    assert "No answer under perfect competition:" in words


def test_perfect_competition_beside_the_others_takes_a_stated_parameter(write: Write) -> None:
    code, out, err = cars_under(
        write, "--price-coefficient", "-0.3", "--conduct", "each", "--tariff", "USA:JPN:10%", "--format", "csv"
    )
    assert code == 0, err
    table = pd.read_csv(StringIO(out)).set_index("name")
    assert table.loc["perfect", "home_profits"] == pytest.approx(0)
    assert table.loc["perfect", "border_price_pct"] == pytest.approx(0, abs=1e-9)
    assert table.loc["bertrand", "home_profits"] > 0


# ---- files ----

TWO = {"product": ["a", "b"], "firm": ["F", "G"], "plant": ["USA", "JPN"], "quantity": [10, 20], "margin": [0.2, 0.2]}


@pytest.mark.parametrize(
    ("column", "cells", "says"),
    [
        ("price", ["$20000", "€25000"], "price '€25000' is not in US dollars: write numbers alone"),
        ("price", ["20000 EUR", "€25000"], "is not in US dollars: .* name it: --currency EUR"),
        ("price", ["£20000", "£25000"], "name it: --currency GBP"),
        ("tariff", ["", "$0.05"], "tariff '.0.05' is an amount of money; a share is needed"),
        ("currency", ["USD", "EUR"], "the column 'currency' says USD, EUR; prices are read in one currency"),
    ],
)
def test_money_that_is_not_that_of_the_prices_is_refused(
    write: Write, column: str, cells: list[str], says: str
) -> None:
    rows = {"product": ["a", "b"], "firm": ["F", "G"], "plant": ["USA", "JPN"], "price": [20000, 25000]}
    table = pd.DataFrame({**rows, "quantity": [10, 20], column: cells})
    with pytest.raises(TableError, match=says):
        read_products(write(table, "products.csv"))


@pytest.mark.parametrize(
    ("currency", "cells"),
    [
        ("EUR", ["€20000", "25000 EUR"]),
        ("euro", ["€20000", "25000"]),
        ("thousand GBP", ["£20000", "25000"]),
        ("CNY", ["¥20000", "25000 CNY"]),
        ("CAD", ["$20000", "25000 CAD"]),
        ("US$ of 2018", ["$20000", "US$25000"]),
    ],
)
def test_prices_may_state_the_currency_that_is_named(write: Write, currency: str, cells: list[str]) -> None:
    table = pd.DataFrame({**TWO, "price": cells})
    assert read_products(write(table, "products.csv"), currency=currency)[0]["price"].tolist() == [20000, 25000]
    code, _, err = call("market", write(table), "--importer", "USA", "--market-size", "100", "--currency", currency)
    assert code == 0, err
    made = ep.Market.from_products(write(table), importer="USA", market_size=100, currency=currency, sector="cars")
    assert made.table.price.tolist() == [20000, 25000]


@pytest.mark.parametrize(("currency", "cell"), [("EUR", "£20000"), ("EUR", "$20000"), ("JPY", "CNY 20000")])
def test_prices_in_another_currency_than_the_one_named_are_refused(write: Write, currency: str, cell: str) -> None:
    table = pd.DataFrame({**TWO, "price": [cell, "25000"]})
    with pytest.raises(TableError, match=rf"is not in {currency}: write numbers alone"):
        read_products(write(table, "products.csv"), currency=currency)


def test_the_currency_that_a_column_says_is_noted(write: Write) -> None:
    rows = {"product": ["a", "b"], "firm": ["F", "G"], "plant": ["USA", "JPN"], "price": [20000, 25000]}
    table = pd.DataFrame({**rows, "quantity": [10, 20], "currency": "EUR"})
    (note,) = read_products(write(table, "products.csv"))[1]
    assert note.endswith("the column 'currency' says EUR; amounts are named so only with --currency (currency=)")
    assert not read_products(write(table, "products.csv"), currency="thousand EUR")[1]


def test_the_same_table_however_it_is_written(write: Write, tmp_path: Path) -> None:
    rows = BEERS.assign(price=BEERS["price"].mul(1e6).round(1), quantity=BEERS["quantity"].mul(1e3).round(1))
    expected = _base(write(rows, "plain.csv"))

    def european(value: float) -> str:
        return f"{value:,.1f}".replace(",", "_").replace(".", ",").replace("_", ".")

    table = rows.assign(
        price=rows["price"].map(european),
        quantity=rows["quantity"].map(european),
        margin=rows["margin"].map(lambda m: f"{100 * m:.2f} %".replace(".", ",")),
    )
    table.columns = [name.title() for name in table.columns]
    text = table.to_csv(index=False, sep=";")
    assert "44.100,0" in text
    semicolons = write(text, "semicolons.csv", "utf-8-sig")
    pd.testing.assert_frame_equal(_base(semicolons), expected)
    notes = read_products(semicolons)[1]
    assert notes[0] == "Numbers of price, quantity are read with a comma before decimals and a point between thousands"
    grouped = rows.assign(quantity=rows["quantity"].map("{:,.0f}".format), price=rows["price"].map("{:,.1f}".format))
    pd.testing.assert_frame_equal(_base(write(grouped, "grouped.csv")), expected)
    rows.to_excel(tmp_path / "beers.xlsx", index=False)
    rows.to_parquet(tmp_path / "beers.parquet")
    for name in ("beers.xlsx", "beers.parquet"):
        pd.testing.assert_frame_equal(_base(str(tmp_path / name)), expected)


def _base(path: str) -> pd.DataFrame:
    return pd.DataFrame(document(path, "--importer", "USA")["tables"]["base"])


def test_a_column_that_leaves_its_decimal_sign_open_takes_that_of_the_others(write: Write) -> None:
    path = write("product;firm;plant;price;quantity;margin\nA;A;USA;25,3;1.234;0,2\nB;B;JPN;21,5;2.345;0,3\n")
    frame, _ = read_products(path)
    assert list(frame["quantity"]) == [1234, 2345]
    open_one = write("product;firm;plant;price;quantity\nA;A;USA;25;1.234\nB;B;JPN;21;2.345\n")
    with pytest.raises(TableError, match="state the decimal sign"):
        read_products(open_one)
    assert list(read_products(open_one, decimal="point")[0]["quantity"]) == [1.234, 2.345]


def test_further_columns_are_kept_for_conditions(write: Write) -> None:
    table = CARS.assign(content=np.linspace(0.1, 0.8, len(CARS)))
    found = document(
        write(table), "--importer", "USA", "--market-size", str(SIZE), "--tariff", "USA:WORLD:content < 0.65:25%"
    )
    taxed = [row["product"] for row in found["tables"]["products"] if row["duty"] > 0]
    assert taxed == ["Delta", "Kei"]


def test_importer_of_a_column(write: Write) -> None:
    table = pd.concat([CARS.assign(importer="Canada"), CARS.assign(importer="USA")])
    frame, notes = read_products(write(table))
    rows, importer, left = rows_of_importer(frame, "United States")
    assert (len(rows), importer) == (8, "USA")
    assert "8 rows" in left[0]
    with pytest.raises(InputError, match="2 countries"):
        rows_of_importer(frame, None)
    with pytest.raises(InputError, match="no row of the table"):
        rows_of_importer(frame, "Japan")
    assert notes == ()
    code, out, err = call("market", write(CARS.assign(importer="USA")), "--market-size", str(SIZE))
    assert code == 0, err
    assert "United States" in out


def test_out_has_the_table_and_the_document_of_a_base(write: Write, tmp_path: Path) -> None:
    code, _, err = cars_under(write, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "Wrote market.json and 1 table in" in err
    whole = json.loads((tmp_path / "out" / "market.json").read_text(encoding="utf-8"))
    written = pd.read_csv(tmp_path / "out" / "base.csv")
    np.testing.assert_allclose(written["cost"], [row["cost"] for row in whole["tables"]["base"]])


@pytest.mark.slow
def test_out_has_tables_document_and_chart(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, _, err = cars_under(write, "--ver", "USA:JPN:0.8", "--out", str(folder))
    assert code == 0
    assert "Wrote market.json, market.svg and 6 tables" in err
    assert {path.stem for path in folder.glob("*.csv")} == {"firms", "products", "plants", "welfare", "rents", "base"}
    whole = json.loads((folder / "market.json").read_text(encoding="utf-8"))
    written = pd.read_csv(folder / "products.csv")
    np.testing.assert_allclose(written["price"], [row["price"] for row in whole["tables"]["products"]])
    assert whole["about"]["products"]["Version"].startswith("Entrepot")
    drawn = ElementTree.fromstring((folder / "market.svg").read_text(encoding="utf-8"))
    texts = " ".join(element.text for element in drawn.iter() if element.text)
    for text in (
        "Change of profit",
        "wned in the United States",
        "Change of the price to buyers, %",
        "Nippon",
        "Kei (JPN)",
    ):
        assert text in texts
    assert "of it licences" in texts


@pytest.mark.parametrize(
    ("kind", "begins"),
    [("md", "### Makers (US$)"), ("latex", "% needs"), ("csv", "product,firm,plant"), ("xlsx", "PK")],
)
def test_formats(write: Write, tmp_path: Path, kind: str, begins: str) -> None:
    if kind == "xlsx":
        code, _, err = cars_under(write, "--tariff", "USA:JPN:10%", "--format", kind, "--out", str(tmp_path / "o"))
        assert code == 0, err
        assert (tmp_path / "o" / "tables.xlsx").read_bytes().startswith(begins.encode())
        return
    code, out, err = cars_under(write, "--tariff", "USA:JPN:10%", "--format", kind)
    assert code == 0, err
    assert out.startswith(begins)


# ---- bad input ----

ONE = "product,firm,plant,price,quantity,margin\n{}\nB,Beta,JPN,21,80,0.25\n"


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        ("product,firm,plant,price\nA,A,USA,20\n", [], "no column 'quantity'"),
        (ONE.format("A,Alpha,USA,0,100,0.2"), [], "A: price 0; it must be above 0"),
        (ONE.format("A,Alpha,USA,20,100,1.2"), [], "A: margin 1.2; it must be above 0 and below 1"),
        (ONE.format("A,Alpha,USA,20,100,20"), [], "(a share: 0.2 for 20%)"),
        (ONE.format("A,,USA,20,100,0.2"), [], "row 1: a firm is missing"),
        (ONE.format("A,Alpha,Atlantis,20,100,0.2"), [], "A: plant 'Atlantis' is not a country"),
        (ONE.format("A,Alpha,USA,twenty,100,0.2"), [], "row 1: price 'twenty' is not a finite number"),
        (ONE.format("B,Alpha,USA,20,100,0.2"), [], "'B' is in two rows"),
        (ONE.replace("margin", "margins").format("A,Alpha,USA,20,100,0.2"), [], "did you mean 'margin'?"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--market-size", "150"], "is not above the 180 units sold"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--market-size", "large"], "give a number, or 'fit'"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--tariff", "USA:JPN:C:10%"], "unknown firm or product 'C'"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--tariff", "USA:KOR:10%"], "no product of the market"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--ver", "USA:JPN"], "(SECTOR may be left out)"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--ver", "USA:JPN:5m"], "not in millions of US dollars"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--each", "firm", "--tariff", "USA:JPN:5%"], "is a quota"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--demand", "logitt"], "did you mean logit?"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--conduct", "betrand"], "did you mean bertrand?"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--collusion", "Alpha,Gamma"], "unknown firm 'Gamma'"),
        (
            ONE.format("A,Alpha,USA,20,100,0.2"),
            ["--nesting", "half"],
            "--nesting: 'half' is neither",
        ),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--demand", "nested_logit", "--nests", "kind"], "no column 'kind'"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--demand", "mixed-logit"], "--draws: mixed logit needs"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--demand", "each", "--conduct", "each"], "one of them may be 'each'"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--demand", "each", "--sigma", "3"], "sigma: of one demand system"),
        (ONE.format("A,Alpha,USA,20,100,"), ["--demand", "ces", "--sigma", "0.5"], "sigma: 0.5 must be above 1"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--importer", "Utopia"], "'Utopia' is not a country"),
        (ONE.format("A,Alpha,USA,20,100,0.2"), ["--out", ""], "--out: the name of a file or folder"),
        ("", [], "is empty"),
        ("product,firm,plant,price,quantity\n", [], "no rows"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    write: Write, table: str, arguments: list[str], message: str
) -> None:
    code, out, err = call(
        "market", write(table), *(["--importer", "USA"] * ("--importer" not in arguments)), *arguments
    )
    assert code == 2, (out, err)
    assert message in " ".join(err.split())
    assert err.count("entrepot:") == 1
    assert "Traceback" not in err
    assert not out


def test_importer_is_needed(write: Write) -> None:
    code, _, err = call("market", write(BEERS))
    assert code == 2
    assert "--importer: say in which country the products are sold" in err


def test_bad_draws_are_refused(write: Write) -> None:
    for text, message in (
        ("beta\n1\n", "no column 'alpha'"),
        ("alpha,Kai\n1,1\n", "did you mean Kei?"),
        ("alpha,Kei\n1,x\n", "row 1: Kei is not a finite number"),
    ):
        arguments = ("--demand", "mixed-logit", "--market-size", str(SIZE), "--draws", write(text, "draws.csv"))
        code, _, err = call("market", write(CARS), "--importer", "USA", *arguments)
        assert code == 2
        assert message in " ".join(err.split())


# ---- options ----


def test_options_of_the_verbs_are_reserved() -> None:
    import typer

    root = typer.main.get_command(app)
    assert market_verb.__name__ in WITH_INSTRUMENTS
    for verb in WITH_INSTRUMENTS:
        stated = {name for param in root.commands[verb].params for name in param.opts if name.startswith("--")}
        instruments = {f"--{entry.flag}" for entry in ep.measures.instruments().values()}
        assert {name.removeprefix("--") for name in stated - instruments} <= set(RESERVED)


def test_folder_that_cannot_be_filled_keeps_none_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.documents import write_texts

    written = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if path.name == "second.csv":
            raise OSError(28, "No space left on device")
        return written(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ep.EntrepotError, match="No space left on device"):
        write_texts(tmp_path / "out", {"first.csv": "a\n", "second.csv": "b\n"})
    assert not (tmp_path / "out").exists()


def test_a_folder_used_again_has_no_table_of_the_market_before(tmp_path: Path) -> None:
    out = tmp_path / "out"
    question = ("market", "us-cars-2018", "--tariff", "USA:JPN:+25%", "--format", "xlsx")
    code, _, err = call(*question, "--out", str(out))
    assert code == 0, err
    assert {"tables.xlsx", "products.csv", "market.svg"} <= {path.name for path in out.iterdir()}
    (out / "mine.csv").write_text("not ours")
    code, _, err = call("market", "us-cars-2018", "--out", str(out))
    assert code == 0, err
    assert {path.name for path in out.iterdir()} == {"base.csv", "market.json", "mine.csv"}


def test_a_table_that_is_read_is_not_deleted_with_those_of_an_earlier_answer(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("market", "us-cars-2018", "--tariff", "USA:JPN:+25%", "--out", str(out))[0] == 0
    text = "product,firm,plant,price,quantity,margin\nA,A,USA,10.5,100,30%\nB,B,CHN,7.35,120,30%\n"
    (out / "products.csv").write_text(text)
    code, _, err = call("market", str(out / "products.csv"), "--importer", "USA", "--out", str(out))
    assert (code, (out / "products.csv").read_text()) == (0, text), err
    assert not (out / "market.svg").exists()
