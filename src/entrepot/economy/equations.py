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
    return at_home(turned(inputs), ln_price, (wage_exponent, ln_wage))


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
    return at_home(inputs, cost, (final_share, income))


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


def at_home(matrix: Array, x: Array, more: tuple[Array, Array] | None = None) -> Array:
    """y[j,n] = sum_k matrix[n,j,k] x[k,n], one matrix per country; plus a[n,j] b[n] where `more` is (a, b)."""
    alone = x.ndim == matrix.ndim - 1
    if more is not None and (alone or more[0].ndim > 2):
        out = at_home(matrix, x)
        out += turned(more[0]) * more[1][..., None, :]
        return out
    if alone:
        columns = np.ascontiguousarray(turned(x))
        return np.ascontiguousarray(turned(np.matmul(matrix, columns[..., None])[..., 0]))
    rows, weights = x.transpose(2, 0, 1), turned(matrix)
    if more is None:
        found = np.matmul(np.ascontiguousarray(rows), weights)
    else:  # b is one more k, which takes less than another pass over y
        longer = np.empty((*rows.shape[:2], rows.shape[2] + 1))
        longer[:, :, :-1], longer[:, :, -1] = rows, more[1].T
        found = np.matmul(longer, np.concatenate([weights, more[0][:, None, :]], axis=1))
    return np.ascontiguousarray(found.transpose(1, 2, 0))


def by_column(matrix: Array) -> Array:
    """Return the same numbers, a copy with its columns contiguous, which products with the rows of a batch need."""
    return turned(np.ascontiguousarray(turned(matrix)))
