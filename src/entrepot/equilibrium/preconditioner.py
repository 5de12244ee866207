"""The part of the map's Jacobian that stays inside a country, which is most of it, inverted once per Economy.

A country's wage, prices and spending act on each other mostly at home: own suppliers have most of every market. With
J_n the derivative of n's block of f with respect to n's own unknowns (ln wL, ln P [j], ln X [j] and, where cost depends
on it, ln C [j]) at the base, the step x + (I - J)^-1 (f(x) - x) is Newton's for a world in which no country reacts to
another. Trade between countries is left to Anderson acceleration, which then needs 16 maps where it needed 40 (44 x 50,
one tariff).
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.factors import Factors

Single = NDArray[np.float32]
_inverses: weakref.WeakKeyDictionary[Economy, dict[bytes, Single]] = weakref.WeakKeyDictionary()
#: Inverses, and slow modes, kept for one Economy; each is a few megabytes.
KEPT = 4


def own_country_jacobian(e: Economy, factors: Factors) -> Array:
    """[n, 1+2J, 1+2J] (or 1+3J): derivatives of the map's (ln wL, ln P, ln X, ln C) in n by n's own, at the base.

    With own cost shares, own share pi, sales shares f_m = F_m / Y, dln Phi = -theta pi dln c, and s the part of a real
    gain in what labour earns that goes to the wage:
        dln w = s dln wL + (1 - s) sum_j a dln P
        dln c = (l + gamma) dln w + sum_k g_k dln P_k + (b - l - gamma) dln C       (l: labour's share of cost)
        dln P = pi dln c + (1 - phi) (dln X - dln w)
        dln Y = -theta sum_m f_m (1 - pi_m) dln c + f_own dln X    (Y without what access to markets costs)
        dA    = nu (M dln X - theta (F_own - pi M) dln c)           (A: what labour earns with access, part of wL)
        dR    = sum_j (X - M) dln X - theta (pi M - F_own) dln c   (R: what users pay and producers do not get)
                + sum_j (Y - C) dln Y                              (and profits)
        dln C = dln Y
        dln wL = (1 - V / world V) (sum_j l Y dln Y + dA) / wL                                (in world value added)
        dI    = wL dln wL + sum_j (b - l) Y dln C + dR
        dln X = (a dI + sum_k g Y_k dln Y_k) / X
    How deficits and the unit of account move with world value added is left out.
    """
    sectors, countries = len(e.sectors), len(e.countries)
    at = np.arange(countries)
    own_share = e.share[:, at, at]  # [j,n]
    own_sales = e.value[:, at, at]
    cost, left, received = e.cost, 1.0 - e.access, np.exp(e.ln_subsidy)
    kept = np.einsum("jni,jn->ji", e.value, left) if e.access.any() else e.output
    output = np.where(kept > 0, kept, 1.0)
    spent = np.where(e.spending > 0, e.spending, 1.0)
    producers_get = e.value.sum(axis=2)
    theta = e.theta[:, None]

    eye = np.eye(sectors)
    width = 1 + (3 if factors.has_activity else 2) * sectors
    d_cost = np.zeros((countries, sectors, width))
    to_wage = factors.base_slope[:, None]
    d_cost[:, :, 0] = factors.wage_exponent * to_wage
    d_cost[:, :, 1 : 1 + sectors] = e.inputs.transpose(0, 2, 1)
    d_cost[:, :, 1 : 1 + sectors] += ((1 - to_wage) * factors.wage_exponent)[:, :, None] * e.final_share[:, None, :]
    d_demand = np.zeros_like(d_cost)
    d_demand[:, :, 1 + sectors : 1 + 2 * sectors] = eye
    if factors.has_activity:
        d_cost[:, :, 1 + 2 * sectors :] = factors.activity_exponent[:, :, None] * eye

    def each(rows: Array) -> Array:  # [j,n] -> [n,j,1]
        return rows.T[:, :, None]

    d_sales = (
        each(-theta * (left[:, :, None] * e.value * (1 - e.share)).sum(axis=1) / output) * d_cost
        + each(left * own_sales / output) * d_demand
    )
    d_duty = (
        each(e.spending - producers_get) * d_demand - each(theta * (own_share * producers_get - own_sales)) * d_cost
    )
    d_income = d_duty.sum(axis=1)
    d_income += ((received * (kept - e.output) + e.output - cost).T[:, :, None] * d_sales).sum(axis=1)
    d_income[:, 0] += factors.labour_income
    if factors.has_activity:
        d_income[:, 1 + 2 * sectors :] += factors.capital_income.T
    others = 1 - e.value_added / e.value_added.sum()  # of the numeraire, world value added
    earned = (others / factors.labour_income)[:, None] * factors.labour * cost.T
    d_wages = np.einsum("nj,njx->nx", earned, d_sales)
    d_price = each(own_share) * d_cost
    if e.access.any():
        d_access = each(e.access * producers_get) * d_demand
        d_access -= each(e.access * theta * (own_sales - own_share * producers_get)) * d_cost
        d_wages += (others / factors.labour_income)[:, None] * d_access.sum(axis=1)
    if (e.exponent != 1).any():
        d_wage = np.zeros((countries, width))
        d_wage[:, :1], d_wage[:, 1 : 1 + sectors] = to_wage, (1 - to_wage) * e.final_share
        d_price += each(1.0 - e.exponent) * (d_demand - d_wage[:, None, :])
    d_material = np.matmul(e.inputs, cost.T[:, :, None] * d_sales)
    d_spending = (e.final_share[:, :, None] * d_income[:, None, :] + d_material) / each(spent)
    rows = [d_wages[:, None, :], d_price, d_spending, *([d_sales] if factors.has_activity else [])]
    return np.concatenate(rows, axis=1)


def own_country_inverse(economy: Economy, factors: Factors) -> Single:
    """Return (I - J_n)^-1 [n, x, x] in single precision, since it only directs the search.

    Its columns are contiguous, as products with rows need them. It is kept for as long as the Economy lives, and shared
    by draws of its elasticities.
    """
    economy = economy.origin
    kept = _inverses.setdefault(economy, {})
    if factors.key not in kept:
        jacobian = own_country_jacobian(economy, factors)
        try:
            inverse = np.linalg.inv((np.eye(jacobian.shape[1]) - jacobian).astype(np.float32))
        except np.linalg.LinAlgError:
            inverse = np.broadcast_to(np.eye(jacobian.shape[1]), jacobian.shape)
        while len(kept) >= KEPT:
            del kept[next(iter(kept))]
        columns = np.ascontiguousarray(inverse.transpose(0, 2, 1), dtype=np.float32)
        kept[factors.key] = columns.transpose(0, 2, 1)
    return kept[factors.key]


def own_country_step(r: NDArray[Any], inverse: NDArray[Any]) -> None:
    """r <- (I - J_n)^-1 r for every country's own unknowns, in place, on r [.., x] and what follows them."""
    n, width = inverse.shape[:2]
    own = r[..., : width * n].reshape(-1, width, n)
    at_home = np.ascontiguousarray(own.transpose(2, 0, 1), dtype=inverse.dtype)
    own[...] = np.matmul(at_home, inverse.transpose(0, 2, 1)).transpose(1, 2, 0)


@dataclass(frozen=True, eq=False)
class Modes:
    """The slow modes: seen [x, m] (Q) and step [m, x] ((V + K V) R^-1, turned), x without wedges; see `slow_modes`."""

    seen: Single
    step: Single

    def apply(self, r: Single) -> None:
        """r <- r - step' seen' r, in place, on r [.., x] and what follows it."""
        head = r[..., : len(self.seen)]
        head -= (head @ self.seen) @ self.step

    def transposed(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return r - seen step r for one r [x], in double precision."""
        seen, step = self._double
        out = r.copy()
        out[: len(seen)] -= seen @ (step @ r[: len(seen)])
        return out

    @cached_property
    def _double(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.seen.astype(float), self.step.astype(float)
