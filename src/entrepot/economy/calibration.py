"""The base: the equilibrium that the data imply when nothing is shocked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.economy import Economy, _expenditure_shares
from entrepot.economy.equations import Array
from entrepot.errors import ConvergenceError
from entrepot.numerics import anderson


def base_value(
    value: Array,
    tariff: Array,
    inputs: Array,
    theta: Array,
    final_share: Array,
    deficit: Array,
    tol: float = 1e-13,
    value_added: Array | None = None,
) -> tuple[Array, Array]:
    """Trade values [j,n,i] of the unshocked equilibrium, and how far wages had to move (ln w^ [n]).

    Keeps tariffs, cost shares, final shares [n,j], deficits [n] and the endowment of value added: `value_added` [n], or
    where that is not stated what output implies. Shares start from the data and move with prices, as in any
    counterfactual (CP 2015, section 4.2, do the same before they change tariffs). World value added is the numeraire.
    Raises `ConvergenceError`.
    """
    j_count, n_count = value.shape[:2]
    share = _expenditure_shares((1.0 + tariff) * value)
    net_share = share / (1.0 + tariff)
    value_added_share = np.maximum(1.0 - inputs.sum(axis=1), 0.0)
    endowment = eq.wage_bill(value_added_share, value.sum(axis=1)) if value_added is None else value_added
    spending0 = ((1.0 + tariff) * value).sum(axis=2)
    income0 = endowment + (tariff * value).sum(axis=(0, 2)) + deficit
    wanted0 = eq.spending(final_share, np.maximum(income0, 0.0), inputs, value.sum(axis=1))
    wanted_at_all = wanted0 > 0
    scale = np.where(wanted_at_all, np.where(spending0 > 0, spending0, wanted0), 0.0)

    def prices(x: Array) -> tuple[Array, Array, Array]:
        ln_wage, ln_price = x[:n_count], x[n_count:][: j_count * n_count].reshape(j_count, n_count)
        demand_hat = np.exp(x[n_count + j_count * n_count :].reshape(j_count, n_count))
        sourcing = np.exp(-theta[:, None] * eq.ln_unit_cost(ln_wage, ln_price, value_added_share, inputs))
        return sourcing, eq.price_sum(share, sourcing), scale * demand_hat

    def step(x: Array) -> Array:
        sourcing, phi, spending = prices(x)
        demand = spending / phi
        sales = eq.producer_sales(net_share, sourcing, demand)
        revenue = (spending - eq.producer_purchases(net_share, sourcing, demand)).sum(axis=0)
        income = np.exp(x[:n_count]) * endowment + revenue + deficit
        wage = eq.wage_bill(value_added_share, sales) / endowment
        wage *= endowment.sum() / (wage * endowment).sum()
        wanted = eq.spending(final_share, income, inputs, sales)
        ratio = np.divide(wanted, scale, out=np.ones_like(wanted), where=wanted_at_all)
        return np.concatenate([np.log(wage), (-np.log(phi) / theta[:, None]).ravel(), np.log(ratio).ravel()])

    with np.errstate(all="ignore"):
        found = anderson(step, np.zeros(n_count + 2 * j_count * n_count), tol=tol, max_iterations=1000)
    # Rounding sets a floor near 1e-13 that large tables may not pass; 1e-9 would still be a base in balance.
    if found.residual > 1e-9:
        raise ConvergenceError(
            f"The tables imply no equilibrium: after {found.iterations} iterations the largest relative gap is "
            f"{found.residual:.2g}.",
            remedy="check that every country buys from and sells to the others, that values are in millions of US "
            "dollars, and that deficits are smaller than trade"
            + ("; or build the Economy with deficit='balanced'." if np.any(deficit) else "."),
            residual=found.residual,
        )
    sourcing, phi, spending = prices(found.fx)
    base: Array = net_share * sourcing[:, None, :] * (spending / phi)[:, :, None]
    return base, found.fx[:n_count]


def without_deficits(economy: Economy) -> Economy:
    """`economy` with every deficit closed, in equilibrium."""
    value, _ = base_value(
        economy.value,
        economy.tariff,
        economy.inputs,
        economy.theta,
        economy.final_share,
        np.zeros(len(economy.countries)),
    )
    return replace(economy, value=value, notes=(*economy.notes, "Deficits closed; every change is from that base."))
