"""The unit of values, wherever a table of one's own states it: a column, a header, a title; and rates in percent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.identify import describe
from entrepot.data.tidy_tables import read_trade
from entrepot.data.units import is_by_quantity, is_dollars
from entrepot.errors import TableError
from shelves import slow_after

RATES = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
ROW = ("USA", "JPN", "870323")


def expose(trade: Any, rates: Any = RATES, **options: Any) -> ep.exposures.Exposure:
    return ep.exposures.exposure(trade, rates, stacking="plain", on="2025-06-01", threads=1, **options)


def table(columns: Sequence[str], *rows: Sequence[Any]) -> pd.DataFrame:
    names = ["importer", "partner", "product", *columns]
    return pd.DataFrame([(*ROW, *row) for row in rows], columns=names)


@pytest.mark.parametrize(
    ("columns", "rows", "imports"),
    slow_after(
        2,
        [
            (["unit", "value"], [("USD million", 3)], 3.0),
            (["unit", "value"], [("USD million", 3), ("US$ thousand", 500), ("USD", 2e6)], 5.5),
            (["currency", "units", "value"], [("USD", "thousand", 4000)], 4.0),
            (["indicator", "value"], [("Import value", 2e6)], 2.0),
            (["indicator", "value"], [("Imports (US$ thousand)", 2000)], 2.0),
            (["measure", "value"], [("", 2e6)], 2.0),
            (["value", "quantity", "unit"], [(2e6, 7, "kg"), (1e6, 7, "litres")], 3.0),  # of the quantity
        ],
    ),
)
def test_unit_column_scales_values(columns: list[str], rows: list[tuple[Any, ...]], imports: float) -> None:
    assert expose(table(columns, *rows)).totals["imports"] == pytest.approx(imports)


@pytest.mark.parametrize(
    ("stated", "million"),
    slow_after(
        2,
        [
            ({"UNIT_MULT": "6"}, 1),
            ({"UNIT_MULT": 3}, 1e-3),
            ({"UNIT_MULT": 0, "unit": "USD"}, 1e-6),
            ({"scale": "Units", "unit": "U.S. dollars"}, 1e-6),
            ({"scale": "Units"}, 1e-6),
            ({"UNIT_MEASURE": "USD", "UNIT_MULT": "9"}, 1e3),
            ({"Unit Code": "USD", "Unit": "US Dollar", "PowerCode Code": 6, "PowerCode": "Millions"}, 1),
            ({"quantity": 7, "unit": "kg", "UNIT_MULT": 6}, 1),
        ],
    ),
)
def test_power_of_ten_column_scales_values(stated: dict[str, Any], million: float) -> None:
    """As SDMX and the OECD write it."""
    trade = table(["value"], [1.5]).assign(**stated)
    assert expose(trade).totals["imports"] == pytest.approx(1.5 * million)


def test_unknown_power_of_ten_is_refused() -> None:
    trade = table(["value"], [1.5]).assign(UNIT_MULT="2")
    with pytest.raises(TableError, match="'UNIT_MULT' contains 2"):
        expose(trade)


@pytest.mark.parametrize(
    ("column", "rows", "messages"),
    [
        ("unit", [("USD million", 1000), ("kg", 5e6)], "the column 'unit' contains USD million, kg"),
        ("units", [("tonnes", 5)], "the column 'units' contains tonnes"),
        ("currency", [("EUR", 5e6)], "the column 'currency' contains EUR"),
        (
            "indicator",
            [("Imports", 5e6), ("Customs value", 4e6)],
            "the column 'indicator' contains Customs value, Imports",
        ),
        ("measure", [("USD", 5e6), ("", 4e6)], r"the column 'measure' contains \(empty\), USD"),
    ],
)
def test_other_units_and_indicators_are_refused(column: str, rows: list[tuple[Any, ...]], messages: str) -> None:
    with pytest.raises(ep.errors.TableError, match=messages):
        expose(table([column, "value"], *rows))


@pytest.mark.parametrize(
    ("column", "text", "million"),
    [
        ("Scale", "Thousands", 2.0),
        ("SCALE", "6", 2000.0),
        ("magnitude", "millions", 2000.0),
        ("denomination", "USD k", 2.0),
    ],
)
def test_a_scale_under_another_name_is_read(column: str, text: str, million: float) -> None:
    assert expose(table([column, "value"], (text, 2000.0))).totals["imports"] == pytest.approx(million)


@pytest.mark.parametrize("column", ["ccy", "Devise", "moneda"])
def test_a_currency_under_another_name_is_read(column: str) -> None:
    with pytest.raises(TableError, match="EUR; values are read in US dollars"):
        expose(table([column, "value"], ("EUR", 2000.0)))


@pytest.mark.parametrize("text", ["in thousands", "thousand USD", "USD mn"])
def test_a_column_that_is_not_known_and_states_a_scale_is_refused(text: str) -> None:
    with pytest.raises(TableError, match=f"the column 'remark' states '{text}' in every row: if that is the unit"):
        expose(table(["remark", "value"], (text, 2000.0), (text, 1000.0)))
    assert expose(table(["remark", "value"], (text, 2e6), ("cars", 1e6))).totals["imports"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("one", "other"),
    slow_after(
        3,
        [
            ("Import value", "Import quantity"),
            ("value_usd", "weight_kg"),
            ("CIF", "FOB"),
            ("Customs value", "Net weight (kg)"),
            ("Customs value (US$)", "CIF value (US$)"),
            ("Quantity", "Quantity"),
        ],
    ),
)
def test_values_and_quantities_in_rows_are_not_added_up(one: str, other: str) -> None:
    rows = table(["element", "value"], (one, 2e6), (other, 9e6))
    with pytest.raises(TableError, match="the column 'element' says what a number is"):
        expose(rows)
    if one != other:
        assert expose(rows.head(1)).totals["imports"] == pytest.approx(2.0)


def test_values_of_different_flows_may_be_stated_in_different_ways() -> None:
    """One reporter has CIF and another FOB; a column of the units of a quantity says nothing of the value."""
    rows = table(["valuation", "value"], ("FOB", 2e6), ("CIF", 1e6)).assign(product=["870321", "870323"])
    assert expose(rows).totals["imports"] == pytest.approx(3.0)
    beside = table(["qty_unit", "value"], ("Weight in kilograms", 2e6))
    assert expose(beside).totals["imports"] == pytest.approx(2.0)


def test_a_scale_that_is_none_is_not_a_unit() -> None:
    assert expose(table(["scale", "value"], ("national", 2e6))).totals["imports"] == pytest.approx(2.0)


def test_units_of_duties_by_quantity() -> None:
    by_quantity = ("US$/kg", "US cents per litre", "CHF/100kg", "A$/kg", "Rs/kg", "c/kg", "EUR per tonne")
    assert all(map(is_by_quantity, by_quantity))
    assert not any(map(is_by_quantity, ("kg", "No.", "kg/m3", "pieces per box", "%", "")))


def test_names_of_us_dollars() -> None:
    assert all(map(is_dollars, ("US$", "$", "usd", "US dollars", "U.S. dollars", "US$ of 2018")))
    assert not any(map(is_dollars, ("EUR", "US$ thousand", "million USD", "A$", "")))


def test_rows_of_parts_of_trade_are_added_up() -> None:
    rows = table(["regime", "value"], ("General trade", 2e6), ("Processing trade", 1e6))
    assert expose(rows).totals["imports"] == pytest.approx(3.0)
    named = table(["description", "value"], ("Cars, weight 2 tonnes", 2e6), ("Weighing machinery", 1e6))
    assert expose(named).totals["imports"] == pytest.approx(3.0)


def test_user_can_state_the_unit() -> None:
    found = expose(table(["currency", "value"], ("EUR", 2e6)), unit="eur", usd_per_unit=1.5)
    assert found.totals["imports"] == pytest.approx(3.0)
    with pytest.raises(ep.errors.TableError, match="rows differ in their unit"):
        expose(table(["unit", "value"], ("USD", 2e6), ("USD million", 1)), unit="usd")
    assert expose(table(["unit", "value"], ("US$", 3)), unit="usd_m").totals["imports"] == pytest.approx(3.0)
    assert expose(table(["unit", "value"], ("kg", 3e3)), unit="usd_k").totals["imports"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("column", "cell", "unit"),
    [("unit", "US$ thousand", "usd"), ("UNIT_MULT", 6, "usd_k"), ("currency", "EUR", "usd"), ("unit", "EUR bn", "eur")],
)
def test_a_unit_given_against_that_of_a_column_is_refused(column: str, cell: object, unit: str) -> None:
    with pytest.raises(TableError, match=f"'{column}' contains .*, and --unit {unit} .unit=. is another unit; leave"):
        expose(table([column, "value"], (cell, 3)), unit=unit)


@pytest.mark.parametrize(
    ("column", "value", "imports"),
    slow_after(
        2,
        [
            ("value (million USD)", 3, 3.0),
            ("value_usd_m", 3, 3.0),
            ("Imports, US$ thousand", 3000, 3.0),
            ("value ('000)", 3000, 3.0),
            ("Trade Value (US$)", 3e6, 3.0),
            ("value", 3e6, 3.0),
        ],
    ),
)
def test_unit_in_a_header_is_read(column: str, value: float, imports: float) -> None:
    assert expose(table([column], (value,))).totals["imports"] == pytest.approx(imports)


@pytest.mark.parametrize("column", slow_after(1, ["value (EUR million)", "value (€)", "value_eur"]))
def test_other_currency_in_a_header_is_refused(column: str) -> None:
    with pytest.raises(ep.errors.TableError, match="another currency than US dollars"):
        expose(table([column], (3,)))
    value, unit = (2.0, None) if "million" in column else (2e6, "eur")
    assert expose(table([column], (value,)), unit=unit, usd_per_unit=1.5).totals["imports"] == pytest.approx(3.0)


def test_real_values_may_be_at_constant_prices() -> None:
    with pytest.raises(ep.errors.TableError, match=r"in Brazilian reais or at constant prices \(real\), not in US dol"):
        expose(table(["value (real)"], (3,)))


@pytest.mark.parametrize(
    ("columns", "row", "unit"),
    slow_after(
        2,
        [
            (["value (US$ thousand)"], (3000,), None),
            (["unit", "value"], ("USD million", 3), None),
            (["value"], (3,), "usd_m"),
            (["Trade Value (US$)"], (3e6,), None),
        ],
    ),
)
def test_dollars_need_no_exchange_rate(columns: list[str], row: tuple[Any, ...], unit: str | None) -> None:
    trade = table(columns, row)
    with pytest.raises(ep.errors.TableError, match=r"stated in US dollars, which need no exchange rate: leave out"):
        expose(trade, unit=unit, usd_per_unit=1.5)
    assert expose(trade, unit=unit).totals["imports"] == pytest.approx(3.0)
    with pytest.raises(ep.errors.InputError, match="a rate above zero is needed"):
        expose(trade, unit=unit, usd_per_unit=float("nan"))


def test_a_rate_is_that_of_values_without_a_stated_currency() -> None:
    assert expose(table(["value"], (2e6,)), usd_per_unit=1.5).totals["imports"] == pytest.approx(3.0)
    assert expose(table(["value ('000)"], (2e3,)), usd_per_unit=1.5).totals["imports"] == pytest.approx(3.0)


@pytest.mark.parametrize("name", ["value (元)", "value（百万円）", "value元", "value (млн руб.)"])
def test_a_unit_of_another_script_is_refused(name: str) -> None:
    """The comparison of names leaves these letters out, so that "value (元)" would be US dollars."""
    with pytest.raises(TableError, match=r"has a unit that is not known .*; write one that is"):
        expose(table([name], (3,)))
    assert expose(table([name], (2,)), unit="eur", usd_per_unit=1.5).totals["imports"] == pytest.approx(3e-6)


@pytest.mark.parametrize("name", ["value (crore)", "Value TEUR", "trade_value_mm"])
def test_a_unit_that_is_not_known_is_named_with_a_remedy(name: str) -> None:
    remedy = rf"no column 'value'; the column {re.escape(repr(name))} is not read, .* such as 'value \(thousand USD\)'"
    with pytest.raises(TableError, match=remedy):
        expose(table([name], (3,)))
    with pytest.raises(TableError, match=remedy):
        read_trade(pd.DataFrame({"importer": ["USA"], "exporter": ["JPN"], "sector": ["cars"], name: [3.0]}), [])


@pytest.mark.parametrize("name", ["金額 value", "Value 金額", "value (Стоимость)", "value（金額）"])
def test_a_word_of_another_script_is_no_unit(name: str) -> None:
    assert expose(table([name], (3e6,))).totals["imports"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *[("value€", 1.0), ("value（€）", 1.0), ("value (k€)", 1e3), ("value (M€)", 1e6), ("value (Mio€)", 1e6)],
        *[("value (€bn)", 1e9), ("value (million ₹)", 1e6), ("value (₽ million)", 1e6), ("Trade value (₽)", 1.0)],
    ],
)
def test_a_sign_of_money_beside_a_scale_or_a_name_is_read(name: str, size: float) -> None:
    """They would be US dollars where the sign is overlooked."""
    with pytest.raises(TableError, match="usd-per-unit"):
        expose(table([name], (3,)))
    assert expose(table([name], (2,)), usd_per_unit=1.5).totals["imports"] == pytest.approx(3 * size / 1e6)


def test_a_unit_of_rows_in_another_currency_takes_its_exchange_rate() -> None:
    trade = table(["unit", "value"], ("EUR thousand", 2))
    with pytest.raises(TableError, match=r"give the dollars of one unit of that money, --usd-per-unit"):
        expose(trade)
    assert expose(trade, usd_per_unit=1.5).totals["imports"] == pytest.approx(3e-3)
    assert expose(trade, unit="eur_k", usd_per_unit=1.5).totals["imports"] == pytest.approx(3e-3)
    for unit, other in (("USD", "eur"), ("EUR", "gbp"), ("GBP", "eur")):
        with pytest.raises(TableError, match=f"--unit {other} .unit=. is another unit"):
            expose(table(["currency", "value"], (unit, 2)), unit=other, usd_per_unit=1.5)


def test_metres_beside_a_quantity_are_no_millions() -> None:
    trade = table(["unit", "quantity", "value"], ("m", 5, 3e6))
    assert expose(trade, unit="usd").totals["imports"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    "column",
    [
        *slow_after(1, ["rate (%)", "rate_pct", "Tariff, percent", "applied (%)"]),
        *slow_after(1, ["duty rate (%)", "applied rate (%)", "ad valorem rate (%)", "税率 rate (％)"]),
    ],
)
def test_percent_in_a_header_is_read(column: str) -> None:
    rates = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], column: [0.5]})
    assert expose(table(["value"], (1e6,)), rates).totals["applied"] == pytest.approx(0.005)


@pytest.mark.parametrize("column", ["duty ($)", "duty (円)", "applied (₽)", "tariff rate (‰)", "rate (в процентах)"])
def test_a_rate_whose_header_states_another_unit_is_refused(column: str) -> None:
    rates = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], column: [0.5]})
    with pytest.raises(TableError, match=r"rates are fractions of the value, or percentages .*'rate \(%\)'|no column"):
        expose(table(["value"], (1e6,)), rates)


@pytest.mark.parametrize(
    ("title", "option"),
    slow_after(
        1,
        [
            ("Imports of the United States by partner and product, 2024, in millions of US dollars", "--unit usd_m"),
            ("US$ thousand", "--unit usd_k"),
            ("Unit: EUR million", "--usd-per-unit"),
            ("In billions of US dollars", "write them in US dollars"),
        ],
    ),
)
def test_unit_in_a_title_needs_confirmation(tmp_path: Path, title: str, option: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'"{title}"\nimporter,partner,product,value\nUSA,JPN,870323,3\nUSA,KOR,870323,1\n')
    with pytest.raises(ep.errors.TableError, match=option):
        expose(path)
    assert expose(path, unit="usd_m").totals["imports"] == pytest.approx(4.0)
    path.write_text("Values in US dollars\nimporter,partner,product,value\nUSA,JPN,870323,3e6\nUSA,KOR,870323,1e6\n")
    assert expose(path).totals["imports"] == pytest.approx(4.0)


def test_identified_file_mentions_the_unit_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("importer,partner,product,value (million USD)\nUSA,JPN,870323,3\n")
    assert "It is a table of trade by product" in " ".join(describe(path))
    path.write_text("importer,product,tariff_pct\nUSA,870323,3\n")
    assert "It has the columns of a schedule of duties" in " ".join(describe(path))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("value (thousand USD)", "usd_m"),
        ("value ($000s)", "usd"),
        ("value (million EUR)", "usd_m"),
        ("value (million EUR)", "eur"),
        ("Trade Value 1000USD", "usd_m"),
    ],
)
def test_a_unit_given_against_that_of_the_header_is_refused(name: str, unit: str) -> None:
    with pytest.raises(TableError, match=f"states its unit, and --unit {unit} .unit=. another; leave --unit out"):
        expose(table([name], (3,)), unit=unit)


def test_a_unit_in_the_header_is_noted() -> None:
    found = expose(table(["value (Mio. USD)"], (3,)), unit="usd_m")
    assert found.totals["imports"] == pytest.approx(3.0)
    found = expose(table(["value (Mio. USD)"], (3,)))
    assert any("'value (Mio. USD)' is read in units of 1,000,000 US dollars" in note for note in found.notes)


@pytest.mark.parametrize("cell", ["€1000", "1000 EUR", "JPY 1000", "CHF 1000", "£1000"])
def test_amounts_in_cells_of_another_currency_are_refused(cell: str) -> None:
    """They would be US dollars, of the table's own unit."""
    with pytest.raises(TableError, match=r"column 'value': amounts are not all in US dollars \(.*1000.*usd-per-unit"):
        expose(table(["value"], (cell,)))
    own = pd.DataFrame({"importer": ["USA"], "exporter": ["JPN"], "sector": ["cars"], "value": [cell]})
    with pytest.raises(TableError, match="column 'value': amounts are not all in US dollars"):
        read_trade(own, [])
    assert expose(table(["value"], (cell,)), usd_per_unit=1.5).totals["imports"] == pytest.approx(1.5e-3)
    flows, _ = read_trade(own, [], usd_per_unit=1.5)
    assert flows["value"].tolist() == [1500.0]


@pytest.mark.parametrize(
    "cells", [("€1000.50", "1000.50 EUR"), ("£1000.50", "GBP 1000.50"), ("¥1000.50", "1000.50 CNY")]
)
def test_amounts_in_cells_of_one_currency_may_be_spelt_in_two_ways(cells: tuple[str, ...]) -> None:
    trade = table(["value"], *((cell,) for cell in cells))
    assert expose(trade, usd_per_unit=2.0).totals["imports"] == pytest.approx(4.002e-3)


def test_amounts_in_cells_of_two_currencies_are_refused() -> None:
    with pytest.raises(TableError, match="amounts are not all in US dollars"):
        expose(table(["value"], ("¥1000",), ("1000 JPY",), ("1000 CNY",)), usd_per_unit=1.5)
    with pytest.raises(TableError, match=r"amounts are not all in US dollars \(.*\): convert them, and write numbers"):
        expose(table(["value"], ("€1000",), ("$1000",)), usd_per_unit=1.5)
    with pytest.raises(TableError, match="which need no exchange rate"):
        expose(table(["value"], ("$1000",)), usd_per_unit=1.5)
    assert expose(table(["value"], ("US$1000",), ("$1000",))).totals["imports"] == pytest.approx(2e-3)


def stata(path: Path, frame: pd.DataFrame, **labels: str) -> Path:
    """Write a Stata file in which these columns have labels."""
    frame.to_stata(path, write_index=False, version=118, variable_labels=labels)
    return path


def test_a_unit_in_the_label_of_a_column_of_a_stata_file_is_not_passed_over(tmp_path: Path) -> None:
    """Columns of Stata have short names, and their labels say in which unit they are."""
    flows = {"importer": ["USA"], "partner": ["JPN"], "product": ["870323"], "value": [1500.0], "gdp": [1.0]}
    rates = pd.DataFrame({"importer": ["USA"], "product": ["87"], "rate": [0.1]})

    def imports(label: str, **options: Any) -> float:
        file = stata(tmp_path / "trade.dta", pd.DataFrame(flows), value=label, gdp="GDP in billions US$")
        found = ep.exposures.exposure(file, rates, stacking="plain", on="2025-06-01", threads=1, **options)
        return found.totals["imports"] * 1e6

    refused = r"the label of the column 'value' states that values are in 1,000 US dollars; confirm it: --unit usd_k"
    with pytest.raises(ep.errors.TableError, match=refused):
        imports("Imports, thousand US$")
    assert imports("Imports, thousand US$", unit="usd_k") == pytest.approx(1.5e6)
    assert imports("Imports, thousand US$", unit="usd") == pytest.approx(1500)
    assert imports("Imports in US dollars") == imports("Imports of cars") == pytest.approx(1500)
    with pytest.raises(ep.errors.TableError, match=r"the label of the column 'value' states values in .*eur"):
        imports("Imports in million euros")


def test_a_unit_in_the_label_of_a_column_of_tables_of_ones_own(tmp_path: Path) -> None:
    """They are in millions of US dollars where nothing is stated."""
    flows = pd.DataFrame(
        [("USA", "JPN", 5.0), ("JPN", "USA", 4.0), ("USA", "USA", 50.0), ("JPN", "JPN", 40.0)],
        columns=["importer", "exporter", "value"],
    ).assign(sector="cars")
    refused = r"the label of the column 'value' states that values are in thousands of US dollars; write the unit into"
    with pytest.raises(ep.errors.TableError, match=refused):
        ep.Economy.from_tables(stata(tmp_path / "flows.dta", flows, value="Trade, thousand US$"), theta=4.0)
    for label in ("Trade, million US$", "Trade", "Nominal trade flows in current US dollars"):
        economy = ep.Economy.from_tables(stata(tmp_path / "flows.dta", flows, value=label), theta=4.0)
        assert economy.value[0, 0, 1] + economy.value[0, 1, 0] == pytest.approx(9, rel=0.1)
