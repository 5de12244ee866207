"""Products of the equations: one world alone, and several side by side under matrices that they share or not."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.economy import equations as eq

MEMBERS, SECTORS, COUNTRIES = 5, 3, 4


@pytest.mark.parametrize(
    ("members", "apart"), [((), ""), *(((MEMBERS,), which) for which in ("", "matrix", "column", "matrix and column"))]
)
def test_sums_at_home_take_one_more_term(members: tuple[int, ...], apart: str) -> None:
    """y[j,n] = sum_k g[n,j,k] x[k,n] + a[n,j] b[n], where members share both of g and a, one, or none."""
    rng = np.random.default_rng(3)

    def drawn(own: bool, *shape: int) -> np.ndarray:
        return rng.normal(size=(*members, *shape) if own else shape)

    matrix = drawn("matrix" in apart, COUNTRIES, SECTORS, SECTORS)
    column = drawn("column" in apart, COUNTRIES, SECTORS)
    x, b = drawn(True, SECTORS, COUNTRIES), drawn(True, COUNTRIES)
    first = np.einsum("...njk,...kn->...jn", matrix, x)
    np.testing.assert_allclose(eq.at_home(matrix, x), first, rtol=1e-12)
    whole = first + np.einsum("...nj,...n->...jn", column, b)
    np.testing.assert_allclose(eq.at_home(matrix, x, (column, b)), whole, rtol=1e-12)
    np.testing.assert_allclose(eq.spending(column, b, matrix, x), whole, rtol=1e-12)
    np.testing.assert_allclose(eq.ln_unit_cost(b, x, column, eq.turned(matrix)), whole, rtol=1e-12)
