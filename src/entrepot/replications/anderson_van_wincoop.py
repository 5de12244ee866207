"""Structural gravity in levels (Anderson and van Wincoop 2003), solved by scipy: a method independent of the engine.

    X_ni      = Y_i E_n / Y t_ni^(1-s) / (Pi_i P_n)^(1-s)
    P_n^(1-s)  = sum_i t_ni^(1-s) Pi_i^(s-1) Y_i / Y          (inward resistance)
    Pi_i^(1-s) = sum_n t_ni^(1-s) P_n^(s-1)  E_n / Y          (outward resistance)
    p_i^(1-s)  = (Y_i' / Y') / (Y_i / Y) (Pi_i' / Pi_i)^(s-1)  (producer price that clears i's market)

n importer, i exporter, s = sigma. Costs are measured so that every resistance of the base is one:
t_ni^(1-s) = X_ni Y / (Y_i E_n). "Conditional": Y and E stay; "full endowment": Y' = p Y and E' = Y' (balanced trade).
Larch and Yotov (2016) and Yotov et al. (2016, chapter 2) lay both out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import root
from scipy.special import logsumexp

from entrepot.economy.equations import Array
from entrepot.errors import ConvergenceError

TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False, slots=True)
class Gravity:
    """A counterfactual: prices and resistances relative to the base [n], and trade [n,i]."""

    inward: Array
    outward: Array
    price: Array
    trade: Array

    @property
    def real_output_pct(self) -> Array:
        """100 (p / P - 1)."""
        return 100 * (self.price / self.inward - 1)


def conditional(value: Array, cost_power_hat: Array, sigma: float) -> Gravity:
    """Incomes and spending stay; resistances adjust. `cost_power_hat` is the change in t^(1-s) [n,i]."""
    count = len(value)
    ln_cost, ln_y, ln_e = _base(value)
    ln_cost = ln_cost + np.log(cost_power_hat)

    def gap(x: Array) -> Array:
        return _resistances(x[:count], x[count:], ln_cost, ln_y, ln_e)

    x = _solve(gap, np.zeros(2 * count))
    return _gravity(x[:count], x[count:], x[count:] / (1 - sigma), ln_cost, ln_y, ln_e, value.sum(), sigma)


def full_endowment(value: Array, cost_power_hat: Array, sigma: float) -> Gravity:
    """Incomes follow prices. Trade must be balanced in the base, so that the sums of income and spending agree."""
    count = len(value)
    ln_cost0, ln_y, _ = _base(value)

    def gap(x: Array, step: float) -> Array:
        inward, outward, ln_price = np.split(x, 3)
        ln_income = ln_price + ln_y
        shares = ln_income - logsumexp(ln_income)
        ln_cost = ln_cost0 + step * np.log(cost_power_hat)
        balance = _resistances(inward, outward, ln_cost, shares, shares)
        balance[count - 1] = logsumexp(ln_income)  # one resistance is redundant; world income is the unit
        return np.concatenate([balance, (1 - sigma) * ln_price - (shares - ln_y) - outward])

    x = np.zeros(3 * count)
    for step in (0.25, 0.5, 0.75, 1.0):  # a large shock is walked to
        x = _solve(partial(gap, step=step), x)
    inward, outward, ln_price = np.split(x, 3)
    income = ln_price + ln_y
    return _gravity(inward, outward, ln_price, ln_cost0 + np.log(cost_power_hat), income, income, value.sum(), sigma)


def biproportional(value: Array, purchases: Array, sales: Array, tol: float = 1e-14) -> Array:
    """`value` [n,i] scaled by row and column to sums `purchases` [n] and `sales` [i]: proportional fitting."""
    fitted = value.copy()
    for _ in range(10_000):
        fitted *= (purchases / fitted.sum(axis=1))[:, None]
        ratio = sales / fitted.sum(axis=0)
        fitted *= ratio
        if np.abs(ratio - 1).max() < tol:
            break
    return fitted


def _base(value: Array) -> tuple[Array, Array, Array]:
    """ln t^(1-s) [n,i] and the logs of output and spending shares that the trade implies."""
    ln_y, ln_e = np.log(value.sum(axis=0) / value.sum()), np.log(value.sum(axis=1) / value.sum())
    return np.log(value / value.sum()) - ln_y - ln_e[:, None], ln_y, ln_e


def _resistances(inward: Array, outward: Array, ln_cost: Array, ln_y: Array, ln_e: Array) -> Array:
    """Gaps in the two systems, in ln P^(s-1) and ln Pi^(s-1); the last inward gap, redundant, pins the level."""
    buying = inward + logsumexp(ln_cost + ln_y + outward, axis=1)
    buying[-1] = inward[-1]
    selling = outward + logsumexp(ln_cost + (ln_e + inward)[:, None], axis=0)
    return np.concatenate([buying, selling])


def _solve(gap: Callable[[Array], Array], start: Array) -> Array:
    found = root(gap, start, method="hybr", tol=1e-13)
    largest = float(np.abs(gap(found.x)).max())
    if not largest < TOLERANCE:
        raise ConvergenceError(
            f"The gravity system is not solved: largest gap {largest:.2g}.", remedy="a smaller change in trade costs."
        )
    return np.asarray(found.x, dtype=float)


def _gravity(
    inward: Array, outward: Array, ln_price: Array, ln_cost: Array, ln_y: Array, ln_e: Array, world: float, sigma: float
) -> Gravity:
    trade = world * np.exp(ln_cost + ln_y + ln_e[:, None] + outward + inward[:, None])
    return Gravity(np.exp(inward / (sigma - 1)), np.exp(outward / (sigma - 1)), np.exp(ln_price), trade)
