"""Units of value in every notation."""

from __future__ import annotations

import pytest

from entrepot.data.units import Unit, find_unit, is_percent, other_prices, read_unit


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        *[
            (text, 1.0)
            for text in ("USD", "US$", "$", "US dollars", "current US$", "Trade value (US$)", "U.S. dollars")
        ],
        *[
            (text, 1e3)
            for text in ("USD thousand", "US$ '000", "1000 USD", "thousand USD", "usd_k", "kUSD", "USD 1,000")
        ],
        *[(text, 1e3) for text in ("US$000", "Imports Value in 1000 USD", "thousands of US dollars", "thousand")],
        *[
            (text, 1e6)
            for text in ("USD million", "US$ mn", "USDm", "usd_m", "$m", "million US dollars", "USD, millions")
        ],
        *[(text, 1e6) for text in ("10^6 USD", "1000000 USD", "MUSD", "US$ m")],
        *[(text, 1e9) for text in ("USD billion", "US$bn", "billions of dollars")],
    ],
)
def test_units_of_us_dollars_are_read(text: str, scale: float) -> None:
    assert read_unit(text) == Unit(scale)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("EUR million", Unit(1e6, "eur")),
        ("€", Unit(1.0, "€")),
        ("thousand euros", Unit(1e3, "euros")),
        ("A$", Unit(1.0, "a$")),
        ("yen", Unit(1.0, "yen")),
        ("GBP k", Unit(1e3, "gbp")),
    ],
)
def test_units_of_other_currencies_are_read(text: str, unit: Unit) -> None:
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    "text", ["kg", "thousand tonnes", "number of items", "%", "USD per kg", "Quantity", "index", ""]
)
def test_other_texts_are_not_units_of_value(text: str) -> None:
    assert read_unit(text) is None


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Imports of the United States in 2024, in millions of US dollars", Unit(1e6)),
        ("U.S. imports by partner (US$ thousand)", Unit(1e3)),
        ("Values in thousands", Unit(1e3)),
        ("Source: customs. Unit: EUR million.", Unit(1e6, "eur")),
        ("Trade in US dollars", Unit(1.0)),
        ("Imports of 150 million people", None),
        ("Table 1. Imports by country and product, 2024", None),
    ],
)
def test_a_unit_in_a_title(title: str, unit: Unit | None) -> None:
    assert find_unit(title) == unit


def test_percent() -> None:
    assert all(map(is_percent, ("%", "percent", "per cent", "pct", "per_cent", "％")))
    assert not any(map(is_percent, ("USD", "% of GDP", "")))


@pytest.mark.parametrize("text", ["PPP", "current int$", "constant LCU", "USD_PPP", "GDP (constant 2015 US$)"])
def test_purchasing_power_and_constant_prices_are_found(text: str) -> None:
    assert other_prices(text)


@pytest.mark.parametrize(
    "text",
    [
        *("current US$", "US dollars, current prices", "International trade", "Constant speed", "no PPP"),
        *("not at constant prices", "market exchange rates (not PPPs)", "Global value chain 2021 edition"),
    ],
)
def test_current_dollars_are_not_of_other_prices(text: str) -> None:
    assert other_prices(text) is None
