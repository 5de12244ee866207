"""The equations of the model, one function each, in the order of Caliendo and Parro (2015), section 2.

Hats are ratios to the baseline and primes counterfactual levels; logs of hats are the unknowns. Axes: n importer,
i exporter, j sector, k input. Arrays over sectors are sector-first, so that one sector is one contiguous matrix. Every
array may have one more leading axis for a batch of problems; a matrix without it is shared by all of them.
"""

from __future__ import annotations

import numpy as np

from entrepot.types import Array as Array
from entrepot.types import Index as Index


def turned(a: Array) -> Array:
    """Return `a` with its last two axes swapped."""
    return a.swapaxes(-1, -2)


def ln_unit_cost(ln_wage: Array, ln_price: Array, wage_exponent: Array, inputs: Array) -> Array:
    """ln c^[j,i] = b[i,j] ln w^[i] + sum_k g[i,k,j] ln P^[k,i]   (CP 2015, eq. 10).

    ln_wage [i], ln_price [j,i], wage_exponent [i,j] (b, where all value added is labour's), inputs [i,k,j].
    """
    out = ln_input_cost(ln_price, inputs)
    out += turned(wage_exponent) * ln_wage[..., None, :]
    return out


def ln_input_cost(ln_price: Array, inputs: Array) -> Array:
    """sum_k g[i,k,j] ln P^[k,i]: the contribution of inputs to ln c^ [j,i]."""
    return at_home(turned(inputs), ln_price)


def price_sum(attraction: Array, sourcing: Array) -> Array:
    """Phi[j,n] = sum_i pi[j,n,i] k^[j,n,i]^-theta p^[j,i]^-theta, so that ln P^ = -ln Phi / theta   (eq. 11)."""
    return across(attraction, sourcing)


def producer_sales(net_attraction: Array, sourcing: Array, demand: Array) -> Array:
    """Y'[j,i] = sum_n F'[j,n,i], where F' = pi' X' / ((1+t')(1+e')(1+mu)) and demand [j,n] = X'/Phi   (eq. 13)."""
    out = across(turned(net_attraction), demand)
    out *= sourcing
    return out


def producer_purchases(net_attraction: Array, sourcing: Array, demand: Array) -> Array:
    """M'[j,n] = sum_i F'[j,n,i]: purchases at producer prices, net of duties and rents."""
    out = across(net_attraction, sourcing)
    out *= demand
    return out


def spending(final_share: Array, income: Array, inputs: Array, cost: Array) -> Array:
    """X'[j,n] = a[n,j] I'[n] + sum_k g[n,j,k] C'[k,n], with C' the cost of production   (eq. 13)."""
    out = at_home(inputs, cost)
    out += turned(final_share) * income[..., None, :]
    return out


def wage_bill(labour_share: Array, cost: Array) -> Array:
    """w'L[i] = sum_j b[i,j] C'[j,i]: labour-market clearing."""
    return np.asarray(np.einsum("...nj,...jn->...n", labour_share, cost))


def ln_consumer_price(final_share: Array, ln_price: Array) -> Array:
    """Log change of the consumer price index [n], sum_j a[n,j] ln P^[j,n]."""
    return wage_bill(final_share, ln_price)


def across(matrix: Array, x: Array) -> Array:
    """y[j,n] = sum_i matrix[j,n,i] x[j,i]: one matrix per sector; a matrix that a batch shares is read only once."""
    if x.ndim == matrix.ndim - 1:
        return np.matmul(matrix, x[..., None])[..., 0]
    out = np.empty((x.shape[0], *matrix.shape[:2]))
    np.matmul(x.transpose(1, 0, 2), turned(matrix), out=out.transpose(1, 0, 2))
    return out


def at_home(matrix: Array, x: Array) -> Array:
    """y[j,n] = sum_k matrix[n,j,k] x[k,n]: one matrix per country."""
    if x.ndim == matrix.ndim - 1:
        columns = np.ascontiguousarray(turned(x))
        return np.ascontiguousarray(turned(np.matmul(matrix, columns[..., None])[..., 0]))
    found = np.matmul(np.ascontiguousarray(x.transpose(2, 0, 1)), turned(matrix))
    out = np.empty((len(x), found.shape[2], len(found)))
    for first in range(0, len(found), 8):  # a few columns at a time, which stay in cache
        out[:, :, first : first + 8] = found[first : first + 8].transpose(1, 2, 0)
    return out


def by_column(matrix: Array) -> Array:
    """Return the same numbers, a copy with its columns contiguous, which products with the rows of a batch need."""
    return turned(np.ascontiguousarray(turned(matrix)))
