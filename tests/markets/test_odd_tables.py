"""Tables of products as people have them: one clear sentence, or the numbers that they mean."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from car_markets import CARS

ROWS = "product,firm,plant,price,quantity,margin\nA,Al,USA,20,100,0.2\nB,Be,JPN,21,80,0.25\n"


@pytest.mark.parametrize(
    "text",
    [
        "product;firm;plant;price;quantity;margin\nA;Al;USA;20,0;100;0,2\nB;Be;JPN;21,0;80;0,25\n",
        "product,firm,plant,price,quantity,margin,,\nA,Al,USA,20,100,0.2,,\nB,Be,JPN,21,80,0.25,,\n",
        ROWS.replace("0.2\n", "20%\n").replace("0.25", "25%"),
        ROWS.replace("B,", ",,,,,\nB,"),
    ],
    ids=["semicolons and decimal commas", "empty columns", "percent", "an empty row"],
)
def test_a_path_is_read_as_its_author_means_it(tmp_path, text):
    path = tmp_path / "cars.csv"
    path.write_text(text, encoding="utf-8")
    read = ep.Market.from_products(path, importer="USA", market_size=1000.0)
    plain = ep.Market.from_products(
        pd.DataFrame(
            {
                "product": ["A", "B"],
                "firm": ["Al", "Be"],
                "plant": ["USA", "JPN"],
                "price": [20.0, 21.0],
                "quantity": [100.0, 80.0],
                "margin": [0.2, 0.25],
            }
        ),
        importer="USA",
        market_size=1000.0,
    )
    assert read.cost == pytest.approx(plain.cost)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        (ROWS.replace("price,", "price,price,").replace(",20,", ",20,20,").replace(",21,", ",21,21,"), "repeated"),
        (ROWS + "Total,,,,180,\n", "row 3: 'Total' is the total of the other rows"),
        (ROWS + "TOTAL,Total,USA,20.4,180,\n", "row 3: 'TOTAL' is the total of the other rows"),
        (ROWS.replace("20,", "cheap,"), "price 'cheap' is not a finite number"),
        (ROWS.replace("Al,", "n/a,").replace("Be,", "n/a,"), "row 1: a firm is 'n/a', which marks what is not known"),
        (ROWS.replace(",80,", ",,"), "B: quantity is missing; a number is needed"),
        (ROWS.replace(",80,", ",n/a,"), "B: quantity is missing; a number is needed"),
        (ROWS.replace(",80,", ",1e-320,"), r"B: quantity 9.99989e-321 is less than a trillionth of the 100 of A"),
        (ROWS.replace(",100,", ",1e308,"), r"B: quantity 80 is less than a trillionth of the 1e\+308 of A"),
        (ROWS.replace(",21,", ",1e-200,"), r"B: price 1e-200 is less than a trillionth of the 20 of A"),
        ("", "empty"),
        (ROWS.splitlines()[0] + "\n", "no rows"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, text, stated):
    path = tmp_path / "cars.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ep.errors.EntrepotError, match=stated):
        ep.Market.from_products(str(path), importer="USA")


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ep.errors.EntrepotError, match=r"nowhere\.csv: no such file"):
        ep.Market.from_products("nowhere.csv", importer="USA")


def test_a_frame_of_one_column_was_read_with_another_separator(tmp_path):
    path = tmp_path / "cars.csv"
    path.write_text(ROWS.replace(",", ";"), encoding="utf-8")
    with pytest.raises(ep.errors.TableError, match="sep=';'"):
        ep.Market.from_products(pd.read_csv(path), importer="USA")
    with pytest.raises(ep.errors.TableError, match="a product is missing"):
        ep.Market.from_products(pd.DataFrame({**CARS, "product": [None, *CARS["product"][1:]]}), importer="USA")


def test_a_nest_may_be_called_none_and_not_be_unknown():
    names = [*CARS["firm"]]
    ep.Market.from_products(CARS.assign(brand="none"), importer="USA", market_size=6000.0)
    ep.Market.from_products(CARS.assign(brand=["NA", *names[1:]]), importer="USA", market_size=6000.0)
    with pytest.raises(ep.errors.TableError, match="row 1: a brand is 'NA', which marks what is not known"):
        ep.Market.from_products(CARS.assign(brand=["NA", "NA", *names[2:]]), importer="USA", market_size=6000.0)


def test_a_nest_may_have_any_name():
    """NA is North America in a nest of regions, and n/a says that there is no such level."""
    for name in ("NA", "-", "n/a"):
        table = CARS.assign(region=[name] * 2 + ["EU"] * (len(CARS) - 2))
        nested: dict[str, Any] = {"demand": "nested_logit", "nests": "region", "nesting": 0.5}
        market = ep.Market.from_products(table, importer="USA", market_size=6000.0, **nested)
        assert set(market.table.nest_names[0]) == {name, "EU"}


def test_a_product_may_be_called_total(tmp_path):
    table = CARS.replace({"product": {"Alpha": "Total"}})
    assert "Total" in ep.Market.from_products(table, importer="USA", market_size=6000.0).table.product


def test_large_numbers_are_in_full():
    with pytest.raises(ep.errors.InputError, match=r"market_size: 1,000,000 is not above the 1,620,000 units"):
        ep.Market.from_products(CARS.assign(quantity=1000 * CARS["quantity"]), importer="USA", market_size=1e6)
