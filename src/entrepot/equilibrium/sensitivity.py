"""Exact gradients of outcomes in policy, by implicit differentiation of the equilibrium map.

At a solution x = f(x, t). For any outcome y(x, t), with l the solution of (I - df/dx)' l = dy/dx,

    dy/dt = (partial) dy/dt + (df/dt)' l

so that one linear solve gives all of them, however many tariffs there are. The derivatives of f are never formed:
every block takes slopes in what it computes back to slopes in x and t (`blocks.block`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from entrepot.economy.equations import Array, Index, ln_consumer_price
from entrepot.equilibrium.blocks.block import PolicySlopes, Values
from entrepot.equilibrium.equilibrium_map import Cleared, EquilibriumMap, State
from entrepot.equilibrium.preconditioner import own_country_inverse, own_country_step
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.slow_modes import slow_modes
from entrepot.errors import ConvergenceError, InputError


@dataclass
class Slopes:
    """Derivatives of one number in what the map computes; two of them can be added.

    They are by the logs of hats of wage [n], price [j,n] and the share of a wage that tax leaves [n]; by labour income,
    income and revenue [n], cost [j,i], volume under quotas [q], and producer value of the flows at `flow` [f].
    """

    ln_wage: Array | float = 0.0
    ln_price: Array | float = 0.0
    ln_keep: Array | float = 0.0
    labour_income: Array | float = 0.0
    income: Array | float = 0.0
    revenue: Array | float = 0.0
    cost: Array | float = 0.0
    volume: Array | float = 0.0
    flow: Index = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    value: Array = field(default_factory=lambda: np.zeros(0))

    def __add__(self, other: Slopes) -> Slopes:
        dense = {key: getattr(self, key) + getattr(other, key) for key in _DENSE}
        flow, value = (np.concatenate([getattr(x, key) for x in (self, other)]) for key in ("flow", "value"))
        return Slopes(**dense, flow=flow, value=value)

    def __mul__(self, weight: float) -> Slopes:
        dense = {key: weight * getattr(self, key) for key in _DENSE}
        return Slopes(**dense, flow=self.flow, value=weight * self.value)


_DENSE = ("ln_wage", "ln_price", "ln_keep", "labour_income", "income", "revenue", "cost", "volume")


class Sensitivity:
    """Gradients at the solution of a Problem (`Outcome.sensitivity`).

    They are in ad valorem tariffs, export taxes, production subsidies, caps and shares of rents.

    At a quota that just binds, a tariff-rate quota just filled, or a price or wage at its floor, the gradient is that
    of the side on which it stands.
    """

    def __init__(self, problem: Problem, state: State, market: EquilibriumMap | None = None) -> None:
        """`market`: that of the Problem, if no other solve uses it."""
        p = problem
        self.problem, self.economy, self.factors = p, p.economy, p.factors
        self.market = market or EquilibriumMap(p, modes=slow_modes(p))
        # The map keeps world value added as it was, whatever the closure's unit of account.
        unit = np.log(self.market.clear(state).value_added.sum() / p.economy.value_added.sum())
        self.state: State = state.over(unit)
        self.values = self.market.values(self.state)
        self.at = Cleared.of(self.values)

    # ---- slopes and gradients ----

    def real_income(self, country: str | Mapping[str, float]) -> Slopes:
        """Return slopes of real income of a country, or of a weighted sum (see `Ledger.real_income`)."""
        weights = {country: 1.0} if isinstance(country, str) else country
        e, s, factors = self.economy, self.state, self.factors
        w = np.zeros(len(e.countries))
        for code, weight in weights.items():
            w[e.countries.index(code)] = weight
        consumption = w * self.at.income / e.income * np.exp(-ln_consumer_price(e.final_share, s.ln_price))
        by_work = w * factors.effort_slope(s.ln_labour_income, s.ln_price, s.ln_keep)
        return Slopes(
            labour_income=-by_work / self.at.labour_income,
            ln_keep=-by_work,
            ln_price=((by_work - consumption)[:, None] * e.final_share).T,
            income=consumption / self.at.income,
        )

    def gradient(self, of: Slopes, flow: Index, tol: float = 1e-12) -> Array:
        """Return dy/dt [f] by the ad valorem tariff on each of `flow`, flat positions in [j,n,i].

        Raises `ConvergenceError` if the linear solve fails, `InputError` for a flow under a tariff-rate quota.
        """
        self.check_tariffs(flow)
        return self.policy(of, tol).ln_tariff.ravel()[flow] / np.exp(self.problem.border_taxes(flow)[0])

    def check_tariffs(self, flow: Index) -> None:
        """Raise `InputError` for a flow under a tariff-rate quota, whose tariff has several slopes."""
        q = self.problem.quotas
        if np.isin(flow, q.flow[np.isfinite(q.ln_surcharge)]).any():
            raise InputError("no gradient is taken in the tariff of a flow under a tariff-rate quota")

    def policy(self, of: Slopes, tol: float = 1e-12) -> PolicySlopes:
        """Return the slopes of y in all policy, by one linear solve. Raises `ConvergenceError` where it fails."""
        return self.policy_from(of, None, tol)[0]

    def policy_from(self, of: Slopes, start: Array | None, tol: float = 1e-12) -> tuple[PolicySlopes, Array]:
        """Return the same and the solution l of the linear system; `start` is l at a nearby point."""
        adjoint, slopes = self._solve(self._pull_clear(of), tol, start), self.no_policy()
        self._back(self._directly(of), self._next(adjoint), slopes)
        return slopes, adjoint

    def no_policy(self) -> PolicySlopes:
        """Return zero slopes in this Problem's policy, to add to."""
        return PolicySlopes.none(self.economy.value.shape, self.problem.quotas.count)

    # ---- the linear solve ----

    def _solve(self, right: Array, tol: float, start: Array | None = None) -> Array:
        """(I - df/dx)' l = right, by GMRES with the transposed own-country inverse."""
        from scipy.sparse.linalg import LinearOperator, gmres

        size = right.size
        operator = LinearOperator((size, size), matvec=lambda v: v - self._pull(v), dtype=float)
        inverse = LinearOperator((size, size), matvec=self._precondition, dtype=float)
        x0 = start if start is not None and start.size == size else None
        found, failed = gmres(operator, right, x0, rtol=tol, atol=0.0, restart=100, maxiter=10, M=inverse)
        if failed:
            gap = np.abs(operator @ found - right).max() / np.abs(right).max()
            raise ConvergenceError(
                f"The gradient's linear system was not solved (relative gap {gap:.1g}).",
                remedy="A measure near its fold or an economy next to autarky; ask for a looser tol.",
                residual=float(gap),
            )
        return found

    @cached_property
    def _inverse(self) -> Array:
        """In double precision: the linear solve needs a step that is linear to rounding."""
        return own_country_inverse(self.economy, self.factors).astype(float)

    def _precondition(self, r: Array) -> Array:
        """The transpose of `EquilibriumMap.precondition`: what that does last comes first."""
        modes = self.market.modes
        out = r.copy() if modes is None else modes.transposed(r)
        own_country_step(out, self._inverse.transpose(0, 2, 1))
        return out

    # ---- backwards through the map ----

    def _pull(self, slope: Array, policy: PolicySlopes | None = None) -> Array:
        """(df/dx)' v, for v over the stacked x: `EquilibriumMap.step` backwards."""
        return self._back({}, self._next(slope), policy)

    def _pull_clear(self, of: Slopes, policy: PolicySlopes | None = None) -> Array:
        """Slopes in what `EquilibriumMap.clear` computes, back to slopes in x."""
        return self._back(self._directly(of), {}, policy)

    def _next(self, slope: Array) -> Values:
        """Slopes in the next State, by name."""
        return {f"next_{name}": part for name, part in self.market.unpack(slope).values().items()}

    def _directly(self, of: Slopes) -> Values:
        """Slopes in what is cleared, by name."""
        by = {k: np.zeros(self.values[k].shape) + getattr(of, k) for k in _DENSE if self.values[k].size}
        if of.flow.size:
            by["producer_value"] = self.problem.spread(of.flow, of.value)
        return by

    def _back(self, cleared: Values, following: Values, policy: PolicySlopes | None = None) -> Array:
        """Slopes in x, from those in what is cleared and in the next State; those in policy are added to `policy`."""
        by = self.market.moving.pull(self.values, following, policy) if following else Values()
        for name, slope in cleared.items():
            by[name] = by[name] + slope if name in by else slope
        by = self.market.clearing.pull(self.values, by, policy)
        return State(*(by.get(f.name, np.zeros(getattr(self.state, f.name).shape)) for f in fields(State))).pack()
