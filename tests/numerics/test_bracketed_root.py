"""The root between two points, against scipy's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from entrepot.numerics import bracketed_root


@given(
    place=st.floats(-0.9, 0.9),
    steep=st.floats(0.1, 20.0),
    form=st.sampled_from([math.tanh, math.sinh, lambda x: x + x**3, lambda x: x if x < 0 else 5 * x]),
)
def test_root_is_that_of_scipy_in_as_many_steps(place: float, steep: float, form: object) -> None:
    tried: list[float] = []

    def gap(x: float) -> float:
        tried.append(x)
        return form(steep * (x - place))  # type: ignore[operator,no-any-return]

    theirs = brentq(gap, -1.0, 1.5)
    steps = len(tried)
    assert bracketed_root(gap, -1.0, 1.5) == pytest.approx(theirs, abs=4e-12)
    assert len(tried) - steps <= steps + 3


def test_an_end_may_be_the_root_and_wider_tolerances_take_fewer_steps() -> None:
    assert bracketed_root(lambda x: x, 0.0, 1.0) == 0.0
    assert bracketed_root(lambda x: x - 1, 0.0, 1.0) == 1.0
    assert bracketed_root(lambda x: math.exp(x) - 2, 0.0, 1.0, xtol=1e-3) == pytest.approx(math.log(2), abs=1e-3)


def test_what_has_no_root_is_refused() -> None:
    with pytest.raises(ValueError, match="one sign at both ends"):
        bracketed_root(lambda x: x * x + 1, -1.0, 1.0)
    with pytest.raises(ValueError, match="one sign"):
        bracketed_root(lambda x: math.nan, -1.0, 1.0)
    with pytest.raises(RuntimeError, match="no root"):
        bracketed_root(lambda x: x**3 - 0.1, -1.0, 1.0, max_steps=3)
