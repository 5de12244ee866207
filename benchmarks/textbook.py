"""Solve the model by the published nested iteration in plain NumPy, as a careful reader of the paper would write it.

Caliendo and Parro (2015), section 2 in changes (their equations 10 to 14) and their way to solve them, after
Alvarez and Lucas (2007): guess wages; iterate on prices and costs until they agree; trade shares follow; solve one
linear system for spending; where a country sells more than it buys, its wage goes up; repeat. Tariffs only.

Nothing here calls the engine: from an Economy it takes the data (shares, tariffs, cost and final shares, deficits).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entrepot import Economy

Array = NDArray[np.float64]


class Answer(NamedTuple):
    """Wages [n] and prices [j,n] relative to the base, in units of world value added; spending [j,n]; wage steps."""

    wage: Array
    price: Array
    spending: Array
    steps: int


def solve(e: Economy, tariff: Array, tol: float = 1e-10, damping: float = 0.3, most: int = 5000) -> Answer:
    """Return the equilibrium under the new `tariff` [j,n,i].

    `tol` is the largest excess demand for a country's labour, as a fraction of its wages.

    Raises RuntimeError after `most` steps, or as soon as a wage is no longer positive.
    """
    pull = attraction(e, tariff)
    wage, price = np.ones(len(e.countries)), np.ones(e.spending.shape)
    for step in range(1, most + 1):
        price = prices(e, pull, wage, price, tol / 10)
        share = shares(e, pull, wage, price)
        spent = spending(e, tariff, share, wage)
        excess = trade_surplus(e, tariff, share, spent)
        if np.abs(excess / (wage * e.value_added)).max() < tol:
            return Answer(wage, price, spent, step)
        wage = wage + damping * excess / e.value_added
        if not (wage > 0).all():
            break
        wage = wage * e.value_added.sum() / (wage @ e.value_added)
    raise RuntimeError(f"the textbook iteration with damping {damping} failed after {step} steps")


def attraction(e: Economy, tariff: Array) -> Array:
    """Return pi k^^-theta [j,n,i]: base shares moved by the tariffs alone."""
    return e.share * ((1 + tariff) / (1 + e.tariff)) ** -e.theta[:, None, None]


def unit_cost(e: Economy, wage: Array, price: Array) -> Array:
    """Return unit costs c^ [j,n] (eq. 10): wages and the prices of inputs, weighted by cost shares."""
    return np.exp(e.value_added_share.T * np.log(wage) + np.einsum("nkj,kn->jn", e.inputs, np.log(price)))


def prices(e: Economy, pull: Array, wage: Array, start: Array, tol: float, most: int = 2000) -> Array:
    """Return price indices P^ [j,n] (eq. 11) at given wages, by iterating on prices and costs until they agree."""
    price = start
    for _ in range(most):
        before = price
        price = np.einsum("jni,ji->jn", pull, unit_cost(e, wage, price) ** -e.theta[:, None]) ** (-1 / e.theta[:, None])
        if np.abs(price / before - 1).max() < tol:
            break
    return price


def shares(e: Economy, pull: Array, wage: Array, price: Array) -> Array:
    """Return the shares pi' [j,n,i] (eq. 12)."""
    drawn = pull * (unit_cost(e, wage, price) ** -e.theta[:, None])[:, None, :]
    return drawn / drawn.sum(axis=2, keepdims=True)


def spending(e: Economy, tariff: Array, share: Array, wage: Array) -> Array:
    """Return spending X' [j,n] (eq. 13): at given prices and wages a linear system over all countries and sectors.

    X[j,n] = a[n,j] (w V + D + sum_k revenue[k,n] X[k,n]) + sum_k g[n,j,k] sum_m kept[k,m,n] X[k,m]
    """
    j, n = e.spending.shape
    kept = share / (1 + tariff)  # of a dollar spent, what reaches the seller
    revenue = 1 - kept.sum(axis=2)  # and the treasury
    matrix = np.eye(j * n).reshape(j, n, j, n)
    matrix -= np.einsum("njk,kmn->jnkm", e.inputs, kept)
    at = np.arange(n)
    matrix[:, at, :, at] -= np.einsum("nj,kn->njk", e.final_share, revenue)
    earned = e.final_share.T * (wage * e.value_added + e.deficit)
    return np.linalg.solve(matrix.reshape(j * n, j * n), earned.ravel()).reshape(j, n)


def trade_surplus(e: Economy, tariff: Array, share: Array, spent: Array) -> Array:
    """Return sales less purchases plus the deficit [n] (eq. 14): by Walras' law, excess demand for labour."""
    value = share / (1 + tariff) * spent[:, :, None]
    return value.sum(axis=(0, 1)) - value.sum(axis=(0, 2)) + e.deficit


def gap(e: Economy, tariff: Array, wage: Array) -> float:
    """Return the largest excess demand for labour, as a fraction of wages, at `wage` [n].

    Prices are found at those wages to rounding, and spending is solved for. Every answer is checked with this.
    """
    wage = wage * e.value_added.sum() / (wage @ e.value_added)
    pull = attraction(e, tariff)
    share = shares(e, pull, wage, prices(e, pull, wage, np.ones(e.spending.shape), 3e-16, 5000))
    excess = trade_surplus(e, tariff, share, spending(e, tariff, share, wage))
    return float(np.abs(excess / (wage * e.value_added)).max())


def real_income_pct(e: Economy, tariff: Array, answer: Answer) -> Array:
    """Return the percent change [n] of income (wages, revenue, deficit) over the price index of final spending."""
    kept = (shares(e, attraction(e, tariff), answer.wage, answer.price) / (1 + tariff)).sum(axis=2)
    income = answer.wage * e.value_added + e.deficit + ((1 - kept) * answer.spending).sum(axis=0)
    index = np.exp((e.final_share * np.log(answer.price).T).sum(axis=1))
    return 100 * (income / e.income / index - 1)
