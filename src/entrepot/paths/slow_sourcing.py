"""Users who choose their sources by wedges that they have taken in so far, and pay the whole of them (13a), (13b)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from entrepot.equilibrium.warm_start import Problem, Solution
from entrepot.errors import ConvergenceError
from entrepot.types import Array, Index

#: Rounds in which price indices and shares of sources come to agree.
ROUNDS = 50


@dataclass(frozen=True, eq=False)
class Lag:
    """Flows [f], flat positions in [j,n,i], and ln k / kappa: by how much the wedge is above the one acted on."""

    flow: Index
    ln_lag: Array

    @property
    def key(self) -> bytes:
        """What tells one lag from another."""
        return self.flow.tobytes() + self.ln_lag.tobytes()


class SlowSourcing:
    """Solves a Problem whose users act on wedges kappa and pay k, with r = k / kappa.

    Shares of what is spent are pi r (kappa p)^-theta over their sum, and the price index is kappa's own times what is
    paid over what is acted on. The equilibrium map has both where it is given an iceberg cost d on the flow with
    d^-theta = r^(1+theta), and one cost G on all sources of the market, own goods too, that brings the index to
    its value: G does not move shares, and neither is melted away, since volumes are values over prices.

        ln G = -(1 + 1/theta) ln( 1 + sum_f s_f (1/r_f - 1) )        s: shares of what is spent

    G depends on shares, which depend on G little (through incomes alone): they are computed in turn.
    """

    def __init__(self, problem: Problem) -> None:
        self.given = problem
        self._for: Index = np.zeros(0, dtype=np.intp)
        self._wide, self._ln_index = problem, np.zeros(0)
        self._market = self._at = self._on = self._markets = self._in_market = self._for

    def _widen(self, flow: Index) -> None:
        """Make the Problem list every source of the markets of some flows."""
        p, n = self.given, len(self.given.economy.countries)
        markets = np.unique(flow // n)
        every = np.union1d(p.flow, (markets[:, None] * n + np.arange(n)).ravel())
        old = np.searchsorted(every, p.flow)

        def spread(on_old: Array, elsewhere: Array) -> Array:
            out = elsewhere.copy()
            out[old] = on_old
            return out

        ln_tariff, nothing = np.log1p(p.economy.tariff.ravel()[every]), np.zeros(every.size)
        self._wide = replace(
            p,
            flow=every,
            ln_tariff_base=spread(p.ln_tariff_base, ln_tariff),
            ln_tariff=spread(p.ln_tariff, ln_tariff),
            ln_export_tax_base=spread(p.ln_export_tax_base, nothing),
            ln_export_tax=spread(p.ln_export_tax, nothing),
            ln_iceberg=spread(p.ln_iceberg, nothing),
        )
        found = np.minimum(np.searchsorted(markets, every // n), markets.size - 1)
        self._in_market = np.flatnonzero(markets[found] == every // n)
        self._market = found[self._in_market]
        self._at, self._on = np.searchsorted(every, flow), np.searchsorted(markets, flow // n)
        self._for, self._markets, self._ln_index = flow, markets, np.zeros(markets.size)

    def solve(self, lag: Lag, solve: Callable[[Problem], Solution], tol: float) -> Solution:
        """Return the equilibrium under a lag; `solve` solves a Problem. Raises `ConvergenceError`."""
        if not np.array_equal(lag.flow, self._for):
            self._widen(lag.flow)
        wide, less = self._wide, np.expm1(-lag.ln_lag)
        theta = wide.economy.theta[self._markets // len(wide.economy.countries)]
        own = wide.ln_iceberg.copy()
        own[self._at] -= ((1 + 1 / theta)[self._on]) * lag.ln_lag
        last: tuple[Array, Array] | None = None
        for _ in range(ROUNDS):
            ln_iceberg = own.copy()
            ln_iceberg[self._in_market] += self._ln_index[self._market]
            found = solve(replace(wide, ln_iceberg=ln_iceberg))
            spent = found.accounts.user_value.reshape(-1, len(wide.economy.countries)).sum(axis=1)[self._markets]
            on_flow = np.bincount(self._on, less * found.accounts.user_value.ravel()[lag.flow], self._markets.size)
            share = np.divide(on_flow, spent, out=np.zeros_like(spent), where=spent > 0)
            ln_index = -(1 + 1 / theta) * np.log1p(share)
            gap = ln_index - self._ln_index
            if np.abs(gap).max() <= max(tol, 1e-10):
                self._ln_index = ln_index
                return found
            self._ln_index = ln_index
            if last is not None and (change := gap - last[1]).any():  # Anderson's method with one step of memory
                self._ln_index = ln_index - (gap @ change) / (change @ change) * (ln_index - last[0])
            last = ln_index, gap
        raise ConvergenceError(f"Prices and the sources that users choose do not settle in {ROUNDS} rounds.")

    def ln_uncharged(self, problem: Problem) -> Array:
        """Return what users act on in the wedges of a solved Problem [j,n,i], in logs, and do not pay."""
        return problem.spread(problem.flow, problem.ln_iceberg - self._wide.ln_iceberg)
