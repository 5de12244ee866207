"""The part of the map's Jacobian that stays inside a country, which is most of it, inverted once per Economy.

A country's wage, prices and spending act on each other mostly at home: own suppliers have most of every market. With
J_n the derivative of n's block of f with respect to n's own unknowns (ln w, ln P [j], ln X [j]) at the base, the step
x + (I - J)^-1 (f(x) - x) is Newton's for a world in which no country reacts to another. Trade between countries is
left to Anderson acceleration, which then needs 16 maps where it needed 40 (44 x 50, one tariff).
"""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array

Blocks = NDArray[np.float32]
_inverses: weakref.WeakKeyDictionary[Economy, Blocks] = weakref.WeakKeyDictionary()


def own_country_jacobian(e: Economy) -> Array:
    """[n, 1+2J, 1+2J]: derivatives of the map's (ln w, ln P, ln X) in n by n's own (ln w, ln P, ln X), at the base.

    With own cost shares (b, g), own share pi, sales shares f_m = F_m / Y and dln Phi = -theta pi dln c:
        dln c = b dln w + sum_k g_k dln P_k
        dln P = pi dln c
        dln Y = -theta sum_m f_m (1 - pi_m) dln c + f_own dln X
        dR    = sum_j (X - M) dln X - theta (pi M - F_own) dln c   (R: what users pay and producers do not get)
        dln w = (1 - V / world V) sum_j (b Y / V) dln Y                  (in units of world value added)
        dln X = (a (V dln w + dR) + sum_k g Y_k dln Y_k) / X
    How deficits move with world value added is left out.
    """
    sectors, countries = len(e.sectors), len(e.countries)
    at = np.arange(countries)
    own_share = e.share[:, at, at]  # [j,n]
    own_sales = e.value[:, at, at]
    output = np.where(e.output > 0, e.output, 1.0)
    spent = np.where(e.spending > 0, e.spending, 1.0)
    producers_get = e.value.sum(axis=2)
    theta = e.theta[:, None]

    eye = np.eye(sectors)
    d_cost = np.zeros((countries, sectors, 1 + 2 * sectors))
    d_cost[:, :, 0] = e.value_added_share
    d_cost[:, :, 1 : 1 + sectors] = e.inputs.transpose(0, 2, 1)
    d_demand = np.zeros_like(d_cost)
    d_demand[:, :, 1 + sectors :] = eye

    def each(rows: Array) -> Array:  # [j,n] -> [n,j,1]
        return rows.T[:, :, None]

    d_sales = (
        each(-theta * (e.value * (1 - e.share)).sum(axis=1) / output) * d_cost + each(own_sales / output) * d_demand
    )
    d_duty = (
        each(e.spending - producers_get) * d_demand - each(theta * (own_share * producers_get - own_sales)) * d_cost
    )
    d_income = d_duty.sum(axis=1)
    d_income[:, 0] += e.value_added
    others = 1 - e.value_added / e.value_added.sum()  # of the numeraire, world value added
    d_wage = np.einsum("nj,njx->nx", (others / e.value_added)[:, None] * e.value_added_share * e.output.T, d_sales)
    d_material = np.matmul(e.inputs, e.output.T[:, :, None] * d_sales)
    d_spending = (e.final_share[:, :, None] * d_income[:, None, :] + d_material) / each(spent)
    return np.concatenate([d_wage[:, None, :], each(own_share) * d_cost, d_spending], axis=1)


def own_country_inverse(economy: Economy) -> Blocks:
    """(I - J_n)^-1, in single precision: it only directs the search. Kept for as long as the Economy lives."""
    if economy not in _inverses:
        jacobian = own_country_jacobian(economy)
        try:
            inverse = np.linalg.inv(np.eye(jacobian.shape[1]) - jacobian)
        except np.linalg.LinAlgError:
            inverse = np.broadcast_to(np.eye(jacobian.shape[1]), jacobian.shape)
        _inverses[economy] = np.ascontiguousarray(inverse, dtype=np.float32)
    return _inverses[economy]
