"""Scores of forecasts: their formulas, that they are proper, and what they refuse."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import sqeuclidean
from scipy.special import kl_div
from scipy.stats import entropy

from entrepot.errors import InputError, UnknownNameError
from entrepot.forecasting import base_rate, brier_score, forecast, log_score

WAYS = ("deal", "measure", "nothing")
WEIGHTS = st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3)


def held(weights: list[float]) -> dict[str, float]:
    shares = np.array(weights) / sum(weights)
    return dict(zip(WAYS, shares.tolist(), strict=True))


def test_scores_of_certain_forecasts_are_at_the_ends_of_their_scales() -> None:
    sure = {"deal": 1.0, "measure": 0.0, "nothing": 0.0}
    assert (brier_score(sure, "deal"), log_score(sure, "deal")) == (0, 0)
    assert (brier_score(sure, "nothing"), log_score(sure, "nothing")) == (2, math.inf)


def test_brier_score_of_two_outcomes_is_twice_the_squared_miss() -> None:
    # Brier (1950): rain at 0.7 and rain falls; over both ways that is 2 (1 - 0.7)^2.
    assert brier_score({"rain": 0.7, "dry": 0.3}, "rain") == pytest.approx(0.18, abs=1e-15)


@given(WEIGHTS, st.sampled_from(WAYS))
def test_brier_is_the_squared_distance_to_what_happened(weights: list[float], outcome: str) -> None:
    p = held(weights)
    happened = [float(way == outcome) for way in WAYS]
    assert brier_score(p, outcome) == pytest.approx(sqeuclidean(list(p.values()), happened), rel=1e-12)


@given(WEIGHTS, WEIGHTS)
def test_the_expected_log_score_is_entropy_and_divergence(truth: list[float], stated: list[float]) -> None:
    q, p = held(truth), held(stated)
    expected = sum(q[way] * log_score(p, way) for way in WAYS)
    divergence = kl_div(list(q.values()), list(p.values())).sum()
    assert expected == pytest.approx(entropy(list(q.values())) + divergence, rel=1e-9)


@given(WEIGHTS, WEIGHTS)
def test_nobody_gains_by_stating_other_than_what_they_believe(truth: list[float], stated: list[float]) -> None:
    q, p = held(truth), held(stated)
    for score in (brier_score, log_score):
        honest = sum(q[way] * score(q, way) for way in WAYS)
        assert sum(q[way] * score(p, way) for way in WAYS) >= honest - 1e-12


def test_base_rates_begin_at_even_odds_and_count() -> None:
    assert base_rate(dict.fromkeys(WAYS, 0)) == dict.fromkeys(WAYS, 1 / 3)
    assert base_rate({"deal": 2, "measure": 0, "nothing": 1}) == {"deal": 0.5, "measure": 1 / 6, "nothing": 1 / 3}


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ({"deal": 0.5, "nothing": 0.6}, "add up to 1.1"),
        ({"deal": -0.1, "nothing": 1.1}, "'deal', -0.1"),
        ({"deal": math.nan, "nothing": 1.0}, "'deal', nan"),
        ({"deal": 1.0}, "at least two ways"),
    ],
)
def test_invalid_probabilities_are_refused(probabilities: dict[str, float], message: str) -> None:
    for score in (brier_score, log_score):
        with pytest.raises(InputError, match=message):
            score(probabilities, "deal")


def test_unknown_outcome_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean deal"):
        brier_score({"deal": 0.5, "nothing": 0.5}, "deel")


@pytest.mark.parametrize("given", [None, 5, [0.5, 0.5], "deal"])
def test_probabilities_without_ways_are_refused(given: Any) -> None:
    for score in (brier_score, log_score):
        with pytest.raises(InputError, match=r"forecast: .*: probabilities by way are needed"):
            score(given, "deal")
    with pytest.raises(InputError, match="forecast: 5: probabilities by way are needed"):
        forecast("us-autos-2019", ways=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [-1, math.nan, 0.5, True, "x", None])
def test_counts_are_whole_numbers(count: Any) -> None:
    with pytest.raises(InputError, match=r"forecast: the count of 'deal', .*, is not a whole number of zero or more"):
        base_rate({"deal": count, "nothing": 2})
    assert base_rate({"deal": np.int64(1), "nothing": 0}) == {"deal": 2 / 3, "nothing": 1 / 3}


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"belief": 0.3}, "belief 0.3: a range of two numbers is needed, such as"),
        ({"belief": "30%"}, "belief '30%': a range of two numbers is needed"),
        ({"belief": (0.1, "x")}, "a range of two numbers is needed"),
        ({"cost": True}, "cost True: a range of two numbers is needed"),
        ({"slip": "x"}, "slip 'x' is not between 0 and 1"),
        ({"slip": True}, "slip True is not between 0 and 1"),
        ({"known_on": "x"}, "^known_on: 'x' is not a date such as 2019-05-17"),
        ({"deadline": 5}, "^deadline: 5 is not a date such as 2019-05-17"),
        ({"made_on": 0}, "^made_on: 0 is not a date such as 2019-05-17"),
    ],
)
def test_a_forecast_from_what_cannot_be_is_refused(stated: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        forecast("us-autos-2019", **stated)


def test_a_forecast_takes_days_as_text() -> None:
    made = forecast("us-autos-2019", made_on="29 November 2026")
    assert made.content == forecast("us-autos-2019", made_on=datetime.date(2026, 11, 29)).content
