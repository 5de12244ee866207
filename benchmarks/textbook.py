"""The yardstick: the published nested iteration in plain NumPy, as a careful student would write it.

Caliendo and Parro (2015), appendix: guess wages; iterate prices to convergence; solve the linear system for spending;
move wages by a damped step of excess demand; repeat. Tariffs only.
"""

from __future__ import annotations

import numpy as np

from entrepot import Economy


def solve(e: Economy, tariff: np.ndarray, tol: float = 1e-10, damping: float = 0.3) -> tuple[np.ndarray, int]:
    """ln w^ [n] in units of world value added, and the number of wage iterations. tariff [j,n,i] is the new one."""
    j_count, n_count = e.spending.shape
    theta, b, g = e.theta[:, None], e.value_added_share.T, e.inputs
    pull = e.share * ((1 + tariff) / (1 + e.tariff)) ** -e.theta[:, None, None]
    wage, price = np.ones(n_count), np.ones((j_count, n_count))
    world = e.value_added.sum()
    for iteration in range(1, 5001):
        for _ in range(2000):  # prices, given wages
            cost = wage**b * np.exp(np.einsum("nkj,kn->jn", g, np.log(price)))
            phi = np.einsum("jni,ji->jn", pull, cost**-theta)
            new = phi ** (-1 / theta)
            gap = np.abs(new / price - 1).max()
            price = new
            if gap < tol / 10:
                break
        share = pull * (cost**-theta)[:, None, :] / phi[:, :, None]
        kept = share / (1 + tariff)
        revenue_share = 1 - kept.sum(axis=2)
        # X[j,n] = a[n,j] (w V + D + sum_k revenue_share[k,n] X[k,n]) + sum_k g[n,j,k] sum_m kept[k,m,n] X[k,m]
        size = j_count * n_count
        matrix = np.eye(size).reshape(j_count, n_count, j_count, n_count)
        matrix -= np.einsum("njk,kmn->jnkm", g, kept)
        at = np.arange(n_count)
        matrix[:, at, :, at] -= np.einsum("nj,kn->njk", e.final_share, revenue_share)
        income = wage * e.value_added + e.deficit
        spending = np.linalg.solve(matrix.reshape(size, size), (e.final_share.T * income).ravel()).reshape(
            j_count, n_count
        )
        sales = np.einsum("jni,jn->ji", kept, spending)
        demand = (b * sales).sum(axis=0) / e.value_added
        if np.abs(np.log(demand / wage)).max() < tol:
            return np.log(wage), iteration
        wage = wage * (demand / wage) ** damping
        wage *= world / (wage @ e.value_added)
    raise RuntimeError("the textbook iteration did not converge in 5000 steps")
