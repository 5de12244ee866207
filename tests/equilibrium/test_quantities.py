"""What is counted in the unit of account, and what is the same under every one."""

from __future__ import annotations

import pytest

from entrepot.equilibrium.quantities import ACCOUNTS, ALL, COUNTRY, GROUPS, OF, OF_ONE, SECTOR, SPLIT, Quantity, columns

#: Money at base prices: volumes, caps, what is weighed against the base, and what is deflated.
AT_BASE_PRICES = {
    "equivalent_variation",
    "value_base",
    "volume",
    "volume_base",
    "cap",
    "rd_capacity",
    "consumption_change",
    "payoff",
    "gain",
    "against_now",
    "against_threat",
    "base_imports",
    "imports_before",
    "lost_exports",
}
#: Prices not set against other prices.
PRICES = {"consumer_price_pct", "producer_price_pct", "input_cost_pct", "price_pct"}


def test_nominal_quantities() -> None:
    """Money that is paid is counted in the unit of account, and so is a price; what is real is the same under each."""
    money = {key for key, q in ALL.items() if q.unit == "US$ million"}
    assert money >= AT_BASE_PRICES
    assert {key for key, q in ALL.items() if q.nominal} == (money - AT_BASE_PRICES) | PRICES


def test_a_nominal_unit_says_of_what() -> None:
    assert ALL["exports"].measured_in == "US$ million (numeraire)"
    assert ALL["consumer_price_pct"].measured_in == "% (numeraire)"
    assert ALL["equivalent_variation"].measured_in == "US$ million"
    one = Quantity("key", "Label", "%", "a gain", "x - 1")
    assert (one.source, one.nominal, one.measured_in) == ("", False, "%")


def test_columns_are_keys_in_order() -> None:
    assert columns(COUNTRY)[:3] == ["real_income_pct", "equivalent_variation", "real_wage_pct"]
    assert [key for group in GROUPS for key in columns(group)] == list(ALL)
    assert all(ALL[key].key == key for key in ALL)


def test_every_quantity_has_a_function() -> None:
    assert OF.keys() | OF_ONE.keys() == {q.key for q in (*COUNTRY, *SECTOR, *ACCOUNTS, *SPLIT)}
    assert not OF.keys() & OF_ONE.keys()


def test_a_registered_number_does_not_change() -> None:
    with pytest.raises(AttributeError):
        ALL["exports"].nominal = False  # type: ignore[misc]
    assert not hasattr(ALL["exports"], "__dict__")
