"""Calibration: the unshocked equilibrium that data imply, and bases with closed deficits, markups or market access."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import TypeVar

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.base_accounts import BaseAccounts, expenditure_shares
from entrepot.economy.equations import Array
from entrepot.economy.geography import by_sector_code
from entrepot.errors import ConvergenceError, TableError
from entrepot.numerics import anderson

Base = TypeVar("Base", bound=BaseAccounts)


def base_value(
    value: Array,
    tariff: Array,
    inputs: Array,
    theta: Array,
    final_share: Array,
    deficit: Array,
    tol: float = 1e-13,
    value_added: Array | None = None,
    markup: Array | float = 1.0,
    to_exporters: Array | float = 0.0,
) -> tuple[Array, Array]:
    """Return trade values [j,n,i] of the unshocked equilibrium, and how far wages moved to reach it (ln w^ [n]).

    Tariffs, cost shares, final shares [n,j] and deficits [n] are kept, and so is the endowment of value added:
    `value_added` [n], or else the value added that output implies. Trade shares start from the data and move with
    prices, as in any counterfactual (CP 2015, section 4.2, do the same before they change tariffs). World value added
    is the numeraire; `markup` is sales over cost [j,n]. With other wedges than tariffs, `tariff` is the whole wedge
    between producer and user, and `to_exporters` [j,n,i] the part of it that the exporter's country receives. Raises
    `ConvergenceError`.
    """
    j_count, n_count = value.shape[:2]
    share = expenditure_shares((1.0 + tariff) * value)
    net_share = share / (1.0 + tariff)
    value_added_share = np.maximum(1.0 - inputs.sum(axis=1), 0.0)
    endowment = eq.wage_bill(value_added_share, value.sum(axis=1) / markup) if value_added is None else value_added
    profits0 = (value.sum(axis=1) * (1 - 1 / np.asarray(markup))).sum(axis=0)
    spending0 = ((1.0 + tariff) * value).sum(axis=2)
    passed = np.asarray(to_exporters) * value
    received0 = passed.sum(axis=(0, 1)) - passed.sum(axis=(0, 2)) if passed.any() else 0.0
    income0 = endowment + profits0 + (tariff * value).sum(axis=(0, 2)) + received0 + deficit
    passed_share = np.asarray(to_exporters) * net_share
    wanted0 = eq.spending(final_share, np.maximum(income0, 0.0), inputs, value.sum(axis=1) / markup)
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
        cost = sales / markup
        revenue = (spending - eq.producer_purchases(net_share, sourcing, demand)).sum(axis=0)
        if passed.any():
            received = eq.producer_sales(passed_share, sourcing, demand)
            revenue += (received - eq.producer_purchases(passed_share, sourcing, demand)).sum(axis=0)
        income = np.exp(x[:n_count]) * endowment + (sales - cost).sum(axis=0) + revenue + deficit
        wage = eq.wage_bill(value_added_share, cost) / endowment
        wage *= endowment.sum() / (wage * endowment).sum()
        wanted = eq.spending(final_share, income, inputs, cost)
        ratio = np.divide(wanted, scale, out=np.ones_like(wanted), where=wanted_at_all)
        return np.concatenate([np.log(wage), (-np.log(phi) / theta[:, None]).ravel(), np.log(ratio).ravel()])

    with np.errstate(all="ignore"):
        found = anderson(step, np.zeros(n_count + 2 * j_count * n_count), tol=tol, max_iterations=1000)
    # Rounding limits the gap to about 1e-13 or more in large tables; up to 1e-9 the base still balances.
    if found.residual > 1e-9:
        raise ConvergenceError(
            f"No equilibrium of the tables was found: after {found.iterations} iterations the largest relative gap is "
            f"{found.residual:.2g}.",
            remedy="check that every country buys from and sells to the others, that values are in millions of US "
            "dollars, and that deficits are smaller than trade"
            + ("; or build the Economy with deficit='balanced'." if np.any(deficit) else "."),
            residual=found.residual,
        )
    sourcing, phi, spending = prices(found.fx)
    base: Array = net_share * sourcing[:, None, :] * (spending / phi)[:, :, None]
    return base, found.fx[:n_count]


def close_deficits(economy: Base) -> Base:
    """Return `economy` in equilibrium without deficits; no other policy than tariffs may be in force on it."""
    value, _ = base_value(
        economy.value,
        economy.tariff,
        economy.inputs,
        economy.theta,
        economy.final_share,
        np.zeros(len(economy.countries)),
        markup=economy.markup,
    )
    return replace(economy, value=value)


def with_markups(economy: Base, sigma: float | Mapping[str, float]) -> Base:
    """Return `economy` with markups sigma / (sigma - 1); see `Economy.with_markups`."""
    stated = dict(sigma) if isinstance(sigma, Mapping) else dict.fromkeys(economy.sectors, sigma)
    markup = economy.markup.copy()
    for name, elasticity in by_sector_code(stated, economy.sectors, "sigma").items():
        if isinstance(elasticity, bool) or not isinstance(elasticity, Real) or not 1 < elasticity <= sys.float_info.max:
            raise TableError(f"sigma of {name}: {elasticity!r} is not a finite number above one")
        markup[economy.sectors.index(name)] = elasticity / (elasticity - 1)
    # Purchases of inputs are kept; as cost is smaller, their cost shares are larger.
    inputs = economy.inputs * (markup / economy.markup).T[:, None, :]
    short = (inputs.sum(axis=1).T >= 1.0) & (economy.output > 0) & (markup > economy.markup)
    if short.any():
        worst = []
        for j in np.flatnonzero(short.any(axis=1)):
            n = int(np.argmax(np.where(short[j], inputs.sum(axis=1).T[j], 0.0)))
            left = 1.0 - (economy.cost[j, n] * economy.inputs[n, :, j].sum()) / economy.output[j, n]
            least = math.ceil(100 / left) / 100
            worst.append(f"{economy.sectors[j]} in {economy.countries[n]} ({100 * left:.3g}%, sigma above {least:g})")
        more = f" and {len(worst) - 4} more sectors" if len(worst) > 4 else ""
        raise TableError(
            f"sigma: profits (1/sigma of sales) would be more than value added in {', '.join(worst[:4])}{more}; give a "
            f"larger sigma, or give sigma for some sectors by name"
        )
    unused = inputs.sum(axis=1) >= 1.0  # cells without output keep their shares, which must stay below one
    inputs = np.where(unused[:, None, :], economy.inputs, inputs)
    note = "Markups: " + (
        f"sigma {sigma:g}."
        if not isinstance(sigma, Mapping)
        else ", ".join(f"sigma {elasticity:g} in {name}" for name, elasticity in stated.items()) + "."
    )
    return replace(economy, inputs=inputs, markup=markup, notes=(*economy.notes, note))


#: Accounts that do not depend on the cost of market access.
_WITHOUT_ACCESS = ("value", "tariff", "in_force", "gross", "spending", "output", "share", "net_share", "border_value")


def with_access(economy: Base, access: Array, exponent: Array, markup: Array) -> Base:
    """Return `economy` with costs of market access; see `Economy.with_access`."""
    note = (
        f"Access to markets: {_span(100 * access)}% of sales in them; taxes have {_span(exponent)} times the "
        f"elasticity of costs."
    )
    notes = (*(note for note in economy.notes if not note.startswith("Access to markets:")), note)
    made = replace(economy, access=access, exponent=exponent, markup=markup, notes=notes)
    # Purchases of inputs are kept; as cost is smaller, their cost shares are larger.
    dearer = np.divide(economy.cost, made.cost, out=np.ones_like(made.cost), where=made.cost > 0)
    inputs = economy.inputs * dearer.T[:, None, :]
    bought = inputs.sum(axis=1).T
    short = (bought >= 1.0) & (made.cost > 0) & (dearer > 1.0)
    if short.any():
        j, n = (int(at) for at in np.unravel_index(int(np.argmax(np.where(short, bought, 0.0))), short.shape))
        more = f" and {int(short.sum()) - 1} more cells" if short.sum() > 1 else ""
        left = 1 - economy.cost[j, n] * economy.inputs[n, :, j].sum() / economy.output[j, n]
        raise TableError(
            f"access to markets and profits take {100 * (1 - made.cost[j, n] / economy.output[j, n]):.3g}% of sales, "
            f"more than all value added in {economy.sectors[j]} in {economy.countries[n]} ({100 * left:.3g}%){more}; "
            f"give a smaller share for access, a larger sigma, or only some sectors by name"
        )
    made = replace(made, inputs=inputs)
    # Draws of elasticities differ in their access costs but share the arrays of the data, which are not copied.
    origin = economy.origin
    same = all(getattr(origin, name) is getattr(economy, name) for name in ("value", "tariff", "in_force"))
    made.__dict__.update({name: getattr(origin if same else economy, name) for name in _WITHOUT_ACCESS})
    return made


def _span(numbers: Array) -> str:
    low, high = float(numbers.min()), float(numbers.max())
    return f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
