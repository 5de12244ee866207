"""Percentages and amounts of money as text."""

from __future__ import annotations

import pytest

from entrepot.data.amounts import distinct_amounts, percent, percent_of


@pytest.mark.parametrize(
    ("part", "messages"),
    [
        (1.0, "100%"),
        (0.997, "100%"),
        (0.25, "25%"),
        (0.067, "6.7%"),
        (0.0099, "0.99%"),
        (0.0003, "0.03%"),
        (6.4e-07, "<0.01%"),
        (-4e-05, ">-0.01%"),
        (0.0, "0%"),
        (12.0, "1,200%"),
        (0.05, "5%"),
    ],
)
def test_percentages(part: float, messages: str) -> None:
    assert percent(part) == messages


@pytest.mark.parametrize(
    ("number", "whole", "says"),
    [
        (1190, 1190, "100%"),
        (1189, 1190, "99.92%"),
        (999_999, 1_000_000, ">99.99%"),
        (19_999, 20_000, ">99.99%"),
        (27, 28, "96%"),
        (1, 3, "33%"),
        (0, 5, "0%"),
        (1, 100_000, "<0.01%"),
    ],
)
def test_nearly_all_is_not_all(number: int, whole: int, says: str) -> None:
    assert percent_of(number, whole) == says


def test_amounts_that_differ_have_different_texts() -> None:
    assert distinct_amounts(3.0, 2.0) == ("US$3.0 million", "US$2.0 million")
    assert distinct_amounts(3.0e-3, 2.6e-3) == ("US$3.0 thousand", "US$2.6 thousand")
    assert distinct_amounts(3.0e-7, 2.6e-7) == ("US$0.3", "US$0.26")
    assert distinct_amounts(3.0, 3.0) == ("US$3.0 million", "US$3.0 million")
