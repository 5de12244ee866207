"""Decompositions of the change in real income: first order as published, and exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.equilibrium_map import State
from entrepot.equilibrium.problem import Problem
from entrepot.errors import InputError

Solver = Callable[[Problem, Array | None], State]

#: Chebyshev-Lobatto points a panel of the path is solved at, and how often a panel may be halved.
NODES = 9
HALVINGS = 6
PARTS = ("terms_of_trade", "volume_of_trade", "rents", "rest")


def exact_parts(problem: Problem, state: State, solver: Solver, tol: float = 1e-10) -> tuple[dict[str, Array], float]:
    """Return parts of W - 1, W = I^/P^, that add up to it [n], and the largest error of the quadrature.

    Along the path of the shock (log-linear in taxes and caps), with border prices r = p (1+e), user prices v, physical
    flows q, and V = W/I (shadow value of a dollar):

        dW = V [ sum_exports q dr - sum_imports q dr                terms of trade
               + sum_imports (v - r) dq + sum_exports (r - p) dq    volume of trade
               + d(rents received from abroad - rents paid abroad)  rents
               + dD - sum v q dln d - s p dQ                        rest: deficits, iceberg costs, subsidies,
               + w dL + sum gamma C dln(C/w)                        jobs, external economies,
               + sum (1 - lambda) b C dln K^                        capital,
               + sum (phi - 1) v q dln(X (1+s)/((1+t) w))           varieties that a larger market has,
               + A dln w - dB - sum C dln(K/Y) ]                    access to markets
         - d(worth of the time worked more)

    with A what labour earns with access to the own market, B what producers pay for access to all, K = Y - B/(1+s). It
    is the budget differentiated, prices at marginal cost (Ju and Krishna 2000 derive the first two). The unknowns
    are solved for at Chebyshev points, differentiated and integrated as polynomials; panels are halved until the parts
    add up to the known whole. The parts, unlike their sum, depend on the unit of account: it is world value added,
    whatever the closure's numeraire. Where the closure moves deficits with the change, the path begins with them
    moved, and what moving them does is in the rest. Raises `InputError` through an embargo, whose price is infinite.
    """
    problem = replace(problem, closure=replace(problem.closure, numeraire="WORLD"))
    if problem.embargoed.size:
        raise InputError(
            "the exact parts of a gain are not defined through an embargo; cap at 0.001 of the base instead"
        )
    parts, error = _panel(problem, solver, (0.0, 1.0), HALVINGS, tol)
    first = problem.at(0.0)
    before = Accounts.at(first, solver(first, None)).real_income if problem.closure.moves_deficits else 0.0
    gap = Accounts.at(problem, state).real_income - before - sum(parts.values())
    # The rest has the quadrature's own error, reported beside.
    return {**parts, "rest": parts["rest"] + before + gap}, max(error, float(np.abs(gap).max()))


def _panel(
    problem: Problem, solver: Solver, span: tuple[float, float], halvings: int, tol: float
) -> tuple[dict[str, Array], float]:
    low, high = span
    points, weights, derivative = _chebyshev(NODES)
    at = low + (high - low) * points
    states: list[State] = []
    for s in at:
        states.append(solver(problem.at(s), states[-1].pack() if states else None))
    parts, change = _integrate(problem, at, states, weights * (high - low), derivative / (high - low))
    error = float(np.abs(change - sum(parts.values())).max())
    if error <= tol or halvings == 0:
        return parts, error
    middle = (low + high) / 2
    left, left_error = _panel(problem, solver, (low, middle), halvings - 1, tol)
    right, right_error = _panel(problem, solver, (middle, high), halvings - 1, tol)
    return {k: left[k] + right[k] for k in left}, left_error + right_error


def _integrate(
    problem: Problem, at: Array, states: list[State], weights: Array, derivative: Array
) -> tuple[dict[str, Array], Array]:
    """One panel: parts [n], and the change in W they should add up to."""
    e = problem.economy
    foreign = ~e.domestic
    accounts = [Accounts.at(problem.at(s), x) for s, x in zip(at, states, strict=True)]

    def slope(of: Callable[[Accounts], Array]) -> Array:
        """d/ds of the interpolating polynomial at the nodes [node, ..]."""
        return np.tensordot(derivative, np.array([of(a) for a in accounts]), axes=1)

    ln_price = slope(lambda a: a.cleared.ln_producer_price)
    ln_flow = slope(lambda a: _safe_log(a.real_flow))
    ln_output = slope(lambda a: _safe_log(a.cleared.sales) - a.cleared.ln_producer_price)
    rents = slope(lambda a: a.net_rent_from_abroad)
    deficits = slope(lambda a: a.cleared.deficit)
    ln_labour = slope(lambda a: a.cleared.ln_labour)
    ln_employment = slope(lambda a: _safe_log(a.cleared.cost) - a.cleared.ln_wage)
    selected = _selection(accounts, slope) if e.has_selection else np.zeros((len(accounts), len(e.countries)))
    factors = problem.factors
    effort = slope(lambda a: factors.effort(a.state.ln_labour_income, a.state.ln_price, a.state.ln_keep))
    export_tax_slope = problem.spread(problem.flow, problem.ln_export_tax - problem.ln_export_tax_base)
    iceberg_slope = problem.spread(problem.flow, problem.ln_iceberg)

    parts: dict[str, Array] = {k: np.zeros(len(e.countries)) for k in PARTS}
    for k, (a, weight) in enumerate(zip(accounts, weights, strict=True)):
        value = weight * a.consumption / a.income  # of a dollar
        border = (a.producer_value + a.export_tax) * foreign  # rents apart
        dearer = border * (ln_price[k][:, None, :] + export_tax_slope)
        parts["terms_of_trade"] += value * (dearer.sum(axis=(0, 1)) - dearer.sum(axis=(0, 2)))
        import_wedge = (a.user_value * foreign - border) * ln_flow[k]
        export_wedge = a.export_tax * ln_flow[k]
        parts["volume_of_trade"] += value * (import_wedge.sum(axis=(0, 2)) + export_wedge.sum(axis=(0, 1)))
        parts["rents"] += value * rents[k]
        home_wedge = (a.user_value - a.producer_value) * e.domestic * ln_flow[k]  # duties inside a merged country
        melted = a.user_value * iceberg_slope
        subsidised = (a.cleared.cost - a.cleared.sales) * ln_output[k]
        hired = a.cleared.labour_income * ln_labour[k]
        more_capital = factors.capital_gain.T * a.cleared.cost
        external = factors.scale[:, None] * a.cleared.cost * ln_employment[k]
        parts["rest"] += value * (
            deficits[k]
            + home_wedge.sum(axis=(0, 2))
            - melted.sum(axis=(0, 2))
            - subsidised.sum(axis=0)
            + hired
            + external.sum(axis=0)
            + more_capital.sum(axis=0)
            + selected[k]
        )
        parts["rest"] -= weight * effort[k]
    return parts, accounts[-1].real_income - accounts[0].real_income


def _selection(accounts: list[Accounts], slope: Callable[[Callable[[Accounts], Array]], Array]) -> Array:
    """What varieties and access to markets add to real income, in dollars [node, n] (`exact_parts`)."""
    e = accounts[0].economy

    def gross(a: Accounts) -> Array:
        ln_tax = _safe_log(a.user_value) - _safe_log(a.producer_value)
        return ln_tax - a.problem.ln_subsidy[:, None, :] * (e.value > 0)

    def left(a: Accounts) -> Array:
        kept = np.einsum("jni,jn->ji", a.producer_value, 1 - e.access)
        return _safe_log(kept) - _safe_log(a.cleared.sales)

    ln_wage = slope(lambda a: a.cleared.ln_wage)
    ln_spending = slope(lambda a: a.state.ln_spending)
    ln_gross, ln_left = slope(gross), slope(left)
    paid = slope(lambda a: a.access_paid)
    rows = []
    for k, a in enumerate(accounts):
        net_size = a.user_value * ((ln_spending[k] - ln_wage[k])[:, :, None] - ln_gross[k])
        varieties = ((e.exponent - 1) * net_size.sum(axis=2)).sum(axis=0)
        produced = (a.cleared.cost * ln_left[k]).sum(axis=0)
        rows.append(varieties + a.access_received * ln_wage[k] - paid[k] - produced)
    return np.array(rows)


def _safe_log(flow: Array) -> Array:
    return np.log(np.where(flow > 0, flow, 1.0))


def _chebyshev(count: int) -> tuple[Array, Array, Array]:
    """Points, Clenshaw-Curtis weights and differentiation matrix on [0, 1] (Trefethen 2000, chapters 6 and 12)."""
    k = np.arange(count)
    points = (1 - np.cos(np.pi * k / (count - 1))) / 2
    ends = np.where((k == 0) | (k == count - 1), 2.0, 1.0) * (-1.0) ** k
    gaps = points[:, None] - points
    derivative = np.outer(ends, 1 / ends) / (gaps + np.eye(count))
    derivative -= np.diag(derivative.sum(axis=1))
    vandermonde = points[None, :] ** k[:, None]
    weights: Array = np.linalg.solve(vandermonde, 1 / (k + 1.0)).astype(float)
    return points, weights, derivative
