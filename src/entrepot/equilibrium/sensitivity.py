"""How outcomes answer policy at the margin: exact gradients by implicit differentiation of the equilibrium map.

At a solution x = f(x, t). For any outcome y(x, t), with l the solution of (I - df/dx)' l = dy/dx,

    dy/dt = (partial) dy/dt + (df/dt)' l

so that one linear solve gives all of them, however many tariffs there are. The derivatives of f are never formed:
`_pull` takes slopes in what the map computes back to slopes in x and t (Griewank and Walther 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array, Index
from entrepot.equilibrium.links import Places
from entrepot.equilibrium.market import Cleared, Market, State
from entrepot.equilibrium.preconditioner import own_country_inverse
from entrepot.equilibrium.problem import Problem
from entrepot.errors import ConvergenceError, InputError

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass
class Slopes:
    """Derivatives of one number in what the map computes: by wage [n], price [j,n] and the part of a wage that tax
    leaves [n] (logs of hats), labour income, income and revenue [n], cost [j,i], volume under quotas [q], and producer
    value of flows [f] (`flow` their positions). They add up."""

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


@dataclass
class PolicySlopes:
    """Derivatives of one number in policy: by ln(1+t) and ln(1+e) of every flow [j,n,i], by ln(1+s) of every output
    [j,i], and by ln cap and exporters' part of the rent of every quota [q]. They add up."""

    ln_tariff: Array
    ln_export_tax: Array
    ln_subsidy: Array
    ln_cap: Array
    exporter_share: Array

    def __add__(self, other: PolicySlopes) -> PolicySlopes:
        return PolicySlopes(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Sensitivity:
    """Gradients at the solution of a Problem, in ad valorem tariffs, export taxes, production subsidies, caps and
    shares of rents. Solve once, ask often (`Outcome.sensitivity`).

    At a quota that just binds, a tariff-rate quota that is just filled, or a price at its floor, the gradient is that
    of the side on which it stands. Raises `InputError` where two quantity measures, or a quantity measure and a
    specific duty or minimum price, stand on one flow.
    """

    def __init__(self, problem: Problem, state: State) -> None:
        p = problem
        if p.quotas.sharing.size:
            raise InputError("no gradient is taken where two quantity measures stand on one flow")
        if np.isin(p.price_rules.flow, p.quotas.flow).any():
            raise InputError(
                "no gradient is taken where a quantity measure stands on a flow with a specific duty or minimum price"
            )
        self.problem, self.economy, self.factors = p, p.economy, p.factors
        self.market = Market(p)
        # The map keeps world value added as it was, whatever the closure's unit of account.
        unit = _world_unit(self.market, state)
        money = ("ln_wage", "ln_price", "ln_spending", "ln_activity")
        self.state: State = replace(state, **{key: getattr(state, key) - unit for key in money})
        self.at: Cleared = self.market.clear(self.state)

    # ---- what is asked ----

    def real_income(self, country: str | Mapping[str, float]) -> Slopes:
        """Slopes of real income, I^ / prod_j P^_j^a_j less the worth of more work, of a country; or a weighted sum."""
        weights = {country: 1.0} if isinstance(country, str) else country
        e, s, factors = self.economy, self.state, self.factors
        w = np.zeros(len(e.countries))
        for code, weight in weights.items():
            w[e.countries.index(code)] = weight
        ln_consumer_price = (e.final_share * s.ln_price.T).sum(axis=1)
        consumption = w * self.at.income / e.income * np.exp(-ln_consumer_price)
        by_real_wage = np.zeros_like(w)
        if factors.elastic:
            power = (1 + factors.supply) * factors.ln_net_wage(s.ln_wage, s.ln_price, s.ln_keep)
            by_real_wage = w * (1 - factors.tax) * factors.labour_income / e.income * factors.supply * np.exp(power)
        return Slopes(
            ln_wage=-by_real_wage,
            ln_keep=-by_real_wage,
            ln_price=((by_real_wage - consumption)[:, None] * e.final_share).T,
            income=consumption / self.at.income,
        )

    def gradient(self, of: Slopes, flow: Index, tol: float = 1e-12) -> Array:
        """d y / d t [f]: by the ad valorem tariff on each of `flow`, flat positions in [j,n,i].

        Raises `ConvergenceError` if the linear solve fails, `InputError` for a flow under a tariff-rate quota.
        """
        self.check_tariffs(flow)
        return self.policy(of, tol).ln_tariff.ravel()[flow] / (1 + self._tariff(flow))

    def check_tariffs(self, flow: Index) -> None:
        """Raises `InputError` for a flow under a tariff-rate quota, whose tariff has no one slope."""
        q = self.problem.quotas
        if np.isin(flow, q.flow[np.isfinite(q.ln_surcharge)]).any():
            raise InputError("no gradient is taken in the tariff of a flow under a tariff-rate quota")

    def policy(self, of: Slopes, tol: float = 1e-12) -> PolicySlopes:
        """d y by every tariff, cap and share of a rent: one linear solve. Raises `ConvergenceError` where it fails."""
        by_state, direct = self._pull_clear(of)
        adjoint = self._solve(by_state, tol)
        _, through = self._pull(adjoint)
        assert direct is not None
        assert through is not None
        return direct + through

    def _tariff(self, flow: Index) -> Array:
        tariff = self.economy.tariff.ravel().copy()
        tariff[self.problem.flow] = np.expm1(self.problem.ln_tariff)
        return tariff[flow]

    # ---- the linear solve ----

    def _solve(self, right: Array, tol: float) -> Array:
        """(I - df/dx)' l = right, by GMRES with the transposed own-country inverse."""
        from scipy.sparse.linalg import LinearOperator, gmres

        size = right.size
        operator = LinearOperator((size, size), matvec=lambda v: v - self._pull(v, policy=False)[0], dtype=float)
        inverse = LinearOperator((size, size), matvec=self._precondition, dtype=float)
        found, failed = gmres(operator, right, rtol=tol, atol=0.0, restart=100, maxiter=10, M=inverse)
        if failed:
            gap = np.abs(operator @ found - right).max() / np.abs(right).max()
            raise ConvergenceError(
                f"The gradient's linear system was not solved (relative gap {gap:.1g}).",
                remedy="A measure near its fold or an economy next to autarky; ask for a looser tol.",
                residual=float(gap),
            )
        return found

    def _precondition(self, r: Array) -> Array:
        """(I - J)^-T r by country."""
        m = self.market
        n, blocks = m.countries, 2 + bool(m._activities)
        end = n + blocks * m._cells
        stacked = np.empty((n, 1 + blocks * m.sectors))
        stacked[:, 0] = r[:n]
        stacked[:, 1:] = r[n:end].reshape(blocks * m.sectors, n).T
        inverse = own_country_inverse(self.economy, self.factors)
        step = np.matmul(inverse.transpose(0, 2, 1).astype(float), stacked[:, :, None])[:, :, 0]
        return np.concatenate([step[:, 0], step[:, 1:].T.ravel(), r[end:]])

    # ---- backwards through the map ----

    def _pull(self, slope: Array, policy: bool = True) -> tuple[Array, PolicySlopes | None]:
        """(df/dx)' v, and (df/d policy)' v if wanted, for v over the stacked x: `Market.step` backwards."""
        market, e, factors, m = self.market, self.economy, self.factors, self.at
        v = market.unpack(slope)
        wages = (factors.labour.T * m.cost).sum(axis=0)
        # ln w^ = (ln(unit wages) + eta ln(P^/k^)) / (1 + eta)
        by_wage = v.ln_wage / (1 + factors.supply)
        cost = factors.labour.T * (by_wage / wages)
        ln_price = (by_wage * factors.supply)[None, :] * e.final_share.T
        ln_unit = by_wage.sum()
        # ln X^ = ln(a I + g C), and ln C^ = ln(unit C)
        wanted = (e.final_share * m.income[:, None] + np.matmul(e.inputs, m.cost.T[..., None])[..., 0]).T
        by_wanted = np.where(market._bought, v.ln_spending / np.where(market._bought, wanted, 1.0), 0.0)
        income = (e.final_share * by_wanted.T).sum(axis=1)
        cost = cost + np.matmul(by_wanted.T[:, None, :], e.inputs)[:, 0, :].T
        if market._activities:
            by_activity = np.where(market._produced, v.ln_activity, 0.0)
            cost = cost + by_activity / np.where(market._produced, m.cost, 1.0)
            ln_unit += by_activity.sum()
        # unit = world value added / what factors earn
        share = e.value_added_share.T
        cost = cost - ln_unit / (share * m.cost).sum() * share
        # ln P^ = -ln Phi / theta
        price_sum = -v.ln_price / (market.theta * m.price_sum)
        # ln(1+mu) moves by (ln q - ln cap) / (1 + theta) where the quota binds, and not where it does not
        moves = np.where(self._binding, v.ln_mu, 0.0)
        volume = moves / (1 + self.problem.quotas.theta) / np.where(self._binding, m.volume, 1.0)
        of = Slopes(ln_price=ln_price, income=income, cost=cost, volume=volume)
        if market._keeps:
            of = of + self._pull_keep(v.ln_keep, by_wage)
        by_state, by_policy = self._pull_clear(of, price_sum, policy)
        if moves.size:
            by_state[-moves.size :] += moves
        if by_policy is not None:
            by_policy.ln_cap -= moves / (1 + self.problem.quotas.theta)
        return by_state, by_policy

    def _pull_keep(self, by_keep: Array, by_wage: Array) -> Slopes:
        """`Market._next_keep` backwards: the tax that keeps what the state spends, and the wage that it moves."""
        factors, m = self.factors, self.at
        tax = factors.next_tax(self.state.ln_price, m.labour_income, m.revenue)
        by_tax = -by_keep * factors.tax_step / (1 - tax)
        spent = tax * m.labour_income + m.revenue  # grows with consumer prices
        return Slopes(
            ln_keep=by_keep * (1 - factors.tax_step) - factors.supply * by_wage,
            ln_price=(by_tax * spent / m.labour_income)[None, :] * self.economy.final_share.T,
            labour_income=-by_tax * tax / m.labour_income,
            revenue=-by_tax / m.labour_income,
        )

    @property
    def _binding(self) -> Mask:
        """Quotas [q] whose wedge is inside its bounds."""
        q = self.problem.quotas
        return (self.state.ln_mu > 0) & (self.state.ln_mu < q.ln_ceiling)

    def _pull_clear(
        self, of: Slopes, price_sum: Array | float = 0.0, policy: bool = True
    ) -> tuple[Array, PolicySlopes | None]:
        """Slopes in what `Market.clear` computes, back to slopes in x, and in policy if wanted."""
        market, e, factors, m = self.market, self.economy, self.factors, self.at
        zero = np.zeros_like(m.cost)
        by_price, by_income = zero + of.ln_price, np.zeros(market.countries) + of.income
        by_wage, by_activity, by_spending = np.zeros(market.countries) + of.ln_wage, zero, zero
        by_phi = zero + price_sum
        # I = V + R + D(V, R)
        by_value_added, by_revenue = self._pull_deficit(by_income)
        by_revenue = by_revenue + of.revenue
        # R = X - M + received - paid - subsidies;  C = Y (1+s)
        factor = market._subsidy_factor if market._subsidy_factor is not None else 1.0
        by_sales = factor * (zero + of.cost) - (factor - 1.0) * by_revenue
        by_spending = by_spending + by_revenue
        by_purchases = zero - by_revenue
        # flows F = N u v, with u = c^-theta, v = X/Phi, Phi = A u
        attraction, net = market.links.attraction, market.links.net
        u, v = m.sourcing, m.demand
        weight = u * by_sales
        by_u = by_sales * np.matmul(v[:, None, :], net)[:, 0, :]
        by_u += np.matmul((v * by_purchases)[:, None, :], net)[:, 0, :]
        by_v = np.matmul(net, weight[..., None])[..., 0] + by_purchases * np.matmul(net, u[..., None])[..., 0]
        by_rent, by_volume = self._pull_rents(of, by_revenue)
        flow, slope = self._flow_slopes(of, by_revenue, by_rent, by_volume)
        j, n, i = np.unravel_index(flow, e.value.shape)
        at = net.ravel()[flow] * slope
        np.add.at(by_u, (j, i), at * v[j, n])
        np.add.at(by_v, (j, n), at * u[j, i])
        by_spending = m.spending * (by_spending + by_v / m.price_sum)
        by_phi = by_phi - by_v * v / m.price_sum
        by_u += np.matmul(by_phi[:, None, :], attraction)[:, 0, :]
        by_single = at * v[j, n] * u[j, i]

        def by_wedge(at: Places) -> Array:
            """Slopes in what users pay on single flows: A falls with theta, N with 1 + theta."""
            j, n, i = _cells(at)
            through = net[j, n, i] * v[j, n] * u[j, i] * (by_sales[j, i] + by_purchases[j, n])
            through += by_single[np.searchsorted(flow, at.flow)]
            theta = e.theta[j]
            return np.asarray(-theta * attraction[j, n, i] * by_phi[j, n] * u[j, i] - (1 + theta) * through)

        by_mu, on_rent = self._pull_wedges(by_wedge(market.quota_at), by_rent)
        by_border, by_duty = self._pull_rules(by_wedge(market.stack.rule_at), by_revenue)
        by_value_added = by_value_added - by_border.sum() / m.value_added.sum()  # the unit that rules are counted in
        # V = w L + rentals
        earned = m.labour_income * (by_value_added + of.labour_income)
        by_wage = by_wage + earned * (1 + factors.supply)
        by_keep = np.zeros(market.countries) + of.ln_keep + earned * factors.supply
        by_price = by_price - (earned * factors.supply)[None, :] * e.final_share.T
        if market._activities:
            by_activity = by_activity + factors.capital_income * np.exp(self.state.ln_activity) * by_value_added
        # ln c^ = (l + gamma) ln w^ + g ln P^ + (b - l - gamma) ln C^
        by_cost = -market.theta * u * by_u
        j, _, i = _cells(market.stack.rule_at)
        np.add.at(by_cost, (j, i), by_border)
        # a volume is a value over its producer's price
        jq, nq, iq = _cells(market.quota_at)
        real = net[jq, nq, iq] * u[jq, iq] * v[jq, nq] * np.exp(-m.ln_producer_price[jq, iq])
        np.add.at(by_cost, (jq, iq), -by_volume[self.problem.quotas.owner] * real)
        by_wage = by_wage + (factors.wage_exponent.T * by_cost).sum(axis=0)
        by_price = by_price + np.matmul(e.inputs, by_cost.T[..., None])[..., 0].T
        if market._activities:
            by_activity = by_activity + factors.activity_exponent.T * by_cost
        none = np.zeros(0)
        active, keep = by_activity if market._activities else none, by_keep if market._keeps else none
        by_state = State(by_wage, by_price, by_spending, active, keep, by_mu).pack()
        if not policy:
            return by_state, None
        by_net = net * (v[:, :, None] * u[:, None, :]) * (by_sales[:, None, :] + by_purchases[:, :, None])
        by_net.ravel()[flow] += by_single
        by_attraction = attraction * (by_phi[:, :, None] * u[:, None, :])
        by_tariff = -e.theta[:, None, None] * by_attraction - (1 + e.theta[:, None, None]) * by_net
        # an export tax is paid as a tariff is, to the exporter's treasury; licences and price rules are on top of it
        value = net * (v[:, :, None] * u[:, None, :])
        gross = np.exp(self.problem.spread(self.problem.flow, self.problem.ln_export_tax))
        by_export_tax = by_tariff + (by_revenue[None, None, :] - by_revenue[None, :, None]) * gross * value
        capped, ruled = self.problem.quotas.flow, self.problem.price_rules.flow
        by_export_tax.ravel()[capped] += by_rent * m.rent
        by_export_tax.ravel()[ruled] += by_border + self._undertaken(by_revenue) * m.levied
        by_tariff.ravel()[capped] += on_rent
        by_tariff.ravel()[ruled] += by_duty
        # ln p^ = ln c^ - ln(1+s), and C = Y (1+s) of which the treasury pays C - Y
        by_subsidy = (of.cost - by_revenue) * m.sales * factor - by_cost
        return by_state, PolicySlopes(by_tariff, by_export_tax, by_subsidy, *self._pull_licences(by_revenue, by_rent))

    def _flow_slopes(self, of: Slopes, by_revenue: Array, by_rent: Array, by_volume: Array) -> tuple[Index, Array]:
        """Slopes in F of single flows, each once and in order: those asked for; export taxes, which i's treasury gets
        and n's users pay; rents and volumes under quotas; and what exporters get by minimum prices."""
        m, q = self.at, self.problem.quotas
        _, n, i = _cells(self.market.taxed_at)
        taxed = self.market._export_tax * (by_revenue[i] - by_revenue[n])
        j, _, i = _cells(self.market.quota_at)
        per_dollar = self._inside * np.expm1(m.ln_wedge) * self.market._quota_gross
        capped = by_rent * per_dollar + by_volume[q.owner] * np.exp(-m.ln_producer_price[j, i])
        undertaken = self._undertaken(by_revenue) * np.expm1(m.ln_rule_wedge) * self.market._rule_gross
        flow = np.concatenate([of.flow, self.market.taxed_at.flow, q.flow, self.problem.price_rules.flow])
        once, which = np.unique(flow, return_inverse=True)
        return once, np.bincount(which, np.concatenate([of.value, taxed, capped, undertaken]), once.size).astype(float)

    def _undertaken(self, by_revenue: Array) -> Array:
        """Slopes in what price rules levy [f]: exporters get it where they hold it, and importers' users pay."""
        _, n, i = _cells(self.market.stack.rule_at)
        return np.where(self.problem.price_rules.exporter_holds, by_revenue[i] - by_revenue[n], 0.0)

    def _pull_rules(self, by_wedge: Array, by_revenue: Array) -> tuple[Array, Array]:
        """Slopes in the logs of the border prices and of 1 + t on the flows of price rules [f]."""
        p, m, rules = self.market.stack, self.at, self.problem.price_rules
        if not rules.flow.size:
            return np.zeros(0), np.zeros(0)
        j, n, i = _cells(p.rule_at)
        ln_unit = np.log(m.value_added.sum() / self.economy.value_added.sum())
        border, duty = rules.slopes(m.ln_producer_price[j, i] + p.rule_export_tax - ln_unit, p.rule_tariff)
        value = self.market.links.net[j, n, i] * m.sourcing[j, i] * m.demand[j, n]
        paid = np.exp(m.ln_rule_wedge) * self.market._rule_gross * value
        by_wedge = by_wedge + self._undertaken(by_revenue) * paid
        return by_wedge * border, by_wedge * duty

    @property
    def _inside(self) -> Array:
        """The part of each quota flow [f] that its licences cover: less than all beyond a tariff-rate quota."""
        q, m = self.problem.quotas, self.at
        filled = np.minimum(1.0, self.market._cap / np.maximum(m.volume, 1e-300))[q.owner]
        return np.where(np.isfinite(q.ln_surcharge), filled, 1.0)

    def _pull_rents(self, of: Slopes, by_revenue: Array) -> tuple[Array, Array]:
        """Slopes in the rent of each quota flow [f], which importers' users pay and the holders get, and in the volume
        under each quota [q]: beyond a tariff-rate quota its licences cover a smaller part of what comes."""
        q, m = self.problem.quotas, self.at
        _, n, i = _cells(self.market.quota_at)
        by_rent = self.market._quota_exporter_share * (by_revenue[i] - by_revenue[n])
        diluted = np.where(self._inside < 1, by_rent * m.rent, 0.0)
        by_volume = np.zeros(q.count) + of.volume
        return by_rent, by_volume - np.bincount(q.owner, diluted, q.count) / np.maximum(m.volume, 1e-300)

    def _pull_licences(self, by_revenue: Array, by_rent: Array) -> tuple[Array, Array]:
        """Slopes in ln cap, where licences cover a part of what comes, and in the exporters' part of the rent [q]."""
        q, m = self.problem.quotas, self.at
        _, n, i = _cells(self.market.quota_at)
        diluted = np.where(self._inside < 1, by_rent * m.rent, 0.0)
        passed = m.rent * (by_revenue[i] - by_revenue[n])
        by_cap, by_share = (np.bincount(q.owner, what, q.count).astype(float) for what in (diluted, passed))
        return by_cap, by_share

    def _pull_wedges(self, by_tariff: Array, by_rent: Array) -> tuple[Array, Array]:
        """Slopes in ln(1+mu) [q], from those in the tariffs and rents of the quota flows [f]: a wedge moves what is
        bought as a tariff does, and the rent; and what a duty on top of an import licence adds to it [f]."""
        q, m = self.problem.quotas, self.at
        gross = np.divide(m.rent, np.expm1(m.ln_wedge), out=np.zeros_like(m.rent), where=m.ln_wedge > 0)
        by_wedge = by_tariff + by_rent * (m.rent + gross)
        on_rent = np.where(q.before_duty[q.owner], 0.0, by_rent * m.rent)
        limited = np.isfinite(q.ln_surcharge)
        share = np.ones(q.flow.size)
        if limited.any():  # one part of the surcharge on every flow of a tariff-rate quota
            owner = q.owner[limited]
            rise = np.exp(self.state.ln_mu[owner]) / np.expm1(q.ln_ceiling[owner])
            share[limited] = rise * np.expm1(q.ln_surcharge[limited]) * np.exp(-m.ln_wedge[limited])
        return np.bincount(q.owner, share * by_wedge, q.count).astype(float), on_rent

    def _pull_deficit(self, by_income: Array) -> tuple[Array, Array]:
        """I = V + R + D: slopes in V and in R [n], with D as the closure has it."""
        e, m, rule = self.economy, self.at, self.problem.closure.deficit
        base = eq.standing_deficit(e.deficit, e.income)
        if rule == "gdp_share":
            together = base @ by_income / e.income.sum()
            return by_income + together, by_income + together
        if rule == "own_share":
            rate, world = base / e.value_added, m.value_added.sum()
            owed = rate @ m.value_added / world
            spread = m.value_added @ by_income / world
            return by_income * (1 + rate - owed) - spread * (rate - owed), by_income
        return by_income + base @ by_income / e.value_added.sum(), by_income


def _world_unit(market: Market, state: State) -> float:
    """ln of world value added at a point, as a ratio to the base."""
    value_added = market.clear(state).value_added.sum()
    return float(np.log(value_added / market.problem.economy.value_added.sum()))


def _cells(at: Places) -> tuple[Index, Index, Index]:
    """Sector, importer and exporter of flows of one Problem."""
    return at.sector, at.importer, at.exporter
