"""The equations of the world, one function each, in the order of Caliendo and Parro (2015), section 2.

Hats are ratios to the baseline and primes counterfactual levels; logs of hats are the unknowns. Axes: n importer,
i exporter, j sector, k input. Arrays over sector come sector-first, so that one sector is one contiguous matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def ln_unit_cost(ln_wage: Array, ln_price: Array, wage_exponent: Array, inputs: Array) -> Array:
    """ln c^[j,i] = b[i,j] ln w^[i] + sum_k g[i,k,j] ln P^[k,i]   (CP 2015, eq. 10).

    ln_wage [i], ln_price [j,i], wage_exponent [i,j] (b, where all value added is labour's), inputs [i,k,j].
    """
    return (wage_exponent * ln_wage[:, None]).T + ln_input_cost(ln_price, inputs)


def ln_input_cost(ln_price: Array, inputs: Array) -> Array:
    """sum_k g[i,k,j] ln P^[k,i]: the part of ln c^ [j,i] that comes through inputs."""
    return np.matmul(ln_price.T[:, None, :], inputs)[:, 0, :].T


def price_sum(attraction: Array, sourcing: Array) -> Array:
    """Phi[j,n] = sum_i pi[j,n,i] k^[j,n,i]^-theta p^[j,i]^-theta, so that ln P^ = -ln Phi / theta   (eq. 11)."""
    return np.matmul(attraction, sourcing[..., None])[..., 0]


def producer_sales(net_attraction: Array, sourcing: Array, demand: Array) -> Array:
    """Y'[j,i] = sum_n F'[j,n,i], where F' = pi' X' / ((1+t')(1+e')(1+mu)) and demand [j,n] = X'/Phi   (eq. 13)."""
    return sourcing * np.matmul(demand[:, None, :], net_attraction)[:, 0, :]


def producer_purchases(net_attraction: Array, sourcing: Array, demand: Array) -> Array:
    """M'[j,n] = sum_i F'[j,n,i]: what importers' spending leaves to producers, net of duties and rents."""
    return demand * np.matmul(net_attraction, sourcing[..., None])[..., 0]


def spending(final_share: Array, income: Array, inputs: Array, cost: Array) -> Array:
    """X'[j,n] = a[n,j] I'[n] + sum_k g[n,j,k] C'[k,n], with C' the cost of production   (eq. 13)."""
    materials = np.matmul(inputs, cost.T[..., None])[..., 0]
    return (final_share * income[:, None] + materials).T


def wage_bill(labour_share: Array, cost: Array) -> Array:
    """w'L[i] = sum_j b[i,j] C'[j,i]: labour-market clearing."""
    return (labour_share.T * cost).sum(axis=0)


def standing_deficit(deficit: Array, income: Array) -> Array:
    """D[n] of the base, or none where all are the rounding of closed ones: all or nothing, so that they add up."""
    closed = (np.abs(deficit) <= 1e-10 * income).all(axis=-1, keepdims=True)
    return np.where(closed, 0.0, deficit)
