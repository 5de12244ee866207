"""A base brought up to the totals of another year, on the structure of the world that is known.

What is known of the new year (trade flows, output, GDP) is met exactly; all else is the old world's, scaled. Every
cell is multiplied by a factor of its producer and one of its user, which is the biproportional (RAS) method of Stone
(1961) and Bacharach (1970), here on trade, cost and demand together:

    F[j,n,i] = F0[j,n,i] a[j,i] / q[j,n]      where the flow is not known
    Z[n,k,j] = Z0[n,k,j] q[k,n] p[j,n]        cost of inputs at users' prices
    D[n,k]   = D0[n,k] q[k,n]                 final demand
    V[n,j]   = V0[n,j] p[j,n] v[n]            value added

with a, q, p and v such that, for every sector and country,

    sum_n F (1+s)/m = sum_k Z + V             what is sold pays for what it costs
    sum_i (1+t) F   = sum_j Z + D             what is bought is used
    sum_n F = output, sum_j V = GDP less profits and revenue     where these are known

Where output is not known, a = 1/p: a sector whose costs must grow sells more. All cells stay zero or positive.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import ConvergenceError, InputError, TableError
from entrepot.numerics import anderson

#: The largest relative gap of a total that counts as met.
TOLERANCE = 1e-11


@dataclass(frozen=True, eq=False)
class Totals:
    """What is known of the new year, in millions of US dollars; NaN where nothing is known.

    trade [j,n,i]  sales at the producer's price, own sales too
    output [j,i]   sales to all countries at the producer's price
    gdp [n]        value added, profits, duties and other revenue
    """

    trade: Array
    output: Array
    gdp: Array

    @classmethod
    def unknown(cls, economy: Economy) -> Totals:
        """Nothing is known: the update returns the base."""
        j, n = len(economy.sectors), len(economy.countries)
        return cls(np.full((j, n, n), np.nan), np.full((j, n), np.nan), np.full(n, np.nan))


@dataclass(frozen=True, eq=False)
class Moved:
    """How far an update moved a base.

    trade [n]    flows between countries by importer, and own sales, as parts of the new value: sum |F - F0| / sum F,
                 with F0 scaled to the same world total
    own [n]      the same for own sales
    inputs [n]   cost shares: sum |g - g0| C / sum C
    final [n]    shares of final demand: sum |a - a0| / 2
    """

    trade: Array
    own: Array
    inputs: Array
    final: Array


def fit(base: Economy, totals: Totals) -> Economy:
    """The base at the new totals; tariffs, export taxes, subsidies, markups and elasticities stay.

    Raises `TableError` for a base with quotas, price rules or costs of market access; `InputError` for totals that
    contradict each other, with their names; `ConvergenceError` where no scaling meets them.
    """
    if base.in_force.flow.size or base.has_selection:
        raise TableError(
            "update: the base has quotas, price rules or costs of market access, which belong to its own trade; "
            "update a base without them, then put them in force"
        )
    _check(base, totals)
    system = _System.of(base, totals)
    with np.errstate(all="ignore"):
        found = anderson(system.step, system.start(), tol=TOLERANCE, max_iterations=3000)
    if not found.converged and found.residual > 1e3 * TOLERANCE:
        raise ConvergenceError(
            f"The totals cannot be met together: after {found.iterations} rounds the largest relative gap is "
            f"{found.residual:.2g}, in {system.worst(found.x)}.",
            remedy="leave out one of the totals of that country: its trade, its output or its GDP.",
            residual=found.residual,
        )
    return system.economy(found.fx)


def moved(base: Economy, new: Economy) -> Moved:
    """How far `new` is from `base`, which has the same countries and sectors, by country."""
    before = base.value * (new.value.sum() / base.value.sum())
    foreign = ~base.domestic
    change = np.abs(new.value - before)
    return Moved(
        trade=_part((change * foreign).sum(axis=(0, 2)), (new.value * foreign).sum(axis=(0, 2))),
        own=_part(np.einsum("jnn->n", change), np.einsum("jnn->n", new.value)),
        inputs=_part(
            (np.abs(new.inputs - base.inputs).sum(axis=1) * new.cost.T).sum(axis=1),
            new.cost.sum(axis=0),
        ),
        final=np.abs(new.final_share - base.final_share).sum(axis=1) / 2,
    )


def _part(amount: Array, of: Array) -> Array:
    return np.divide(amount, of, out=np.zeros_like(of), where=of > 0)


def _check(base: Economy, totals: Totals) -> None:
    """Raises `InputError` for totals that contradict each other whatever the rest is."""
    for name in ("trade", "output", "gdp"):
        known = getattr(totals, name)
        if (known < 0).any() or np.isinf(known).any():
            raise InputError(f"update: {name} holds a value that is negative or infinite")
    known_trade = np.isfinite(totals.trade)
    sold = np.where(known_trade, totals.trade, 0.0).sum(axis=1)
    all_known = known_trade.all(axis=1)
    over = np.isfinite(totals.output) & (
        (sold > totals.output * (1 + 1e-9)) | (all_known & (np.abs(sold - totals.output) > 1e-9 * totals.output))
    )
    if over.any():
        j, i = (int(at[0]) for at in np.nonzero(over))
        raise InputError(
            f"update: sales of {base.sectors[j]} by {base.countries[i]} in the trade data add up to "
            f"{sold[j, i]:,.6g}, its output is {totals.output[j, i]:,.6g}{_others(over)}: give one of the two"
        )
    surplus = np.where(known_trade, totals.trade, 0.0)
    for n, country in enumerate(base.countries):
        others = np.arange(len(base.countries)) != n
        if not np.isfinite(totals.gdp[n]) or not (known_trade[:, n, others].all() and known_trade[:, others, n].all()):
            continue
        exports, imports = surplus[:, others, n].sum(), surplus[:, n, others].sum()
        if totals.gdp[n] <= exports - imports:
            raise InputError(
                f"update: {country} has a GDP of {totals.gdp[n]:,.6g} and a trade surplus of "
                f"{exports - imports:,.6g} (exports {exports:,.6g}, imports {imports:,.6g}), which leaves nothing to "
                f"spend: check the units of GDP and trade"
            )
        if all_known[:, n].all() and totals.gdp[n] >= sold[:, n].sum() * base.markup.max():
            raise InputError(
                f"update: {country} has a GDP of {totals.gdp[n]:,.6g} and sells {sold[:, n].sum():,.6g} in all; "
                f"value added is part of sales: check the units of GDP and trade"
            )


def _others(where: Array) -> str:
    count = int(where.sum()) - 1
    return f" (and {count} more of the kind)" if count else ""


@dataclass(frozen=True, eq=False)
class _System:
    """The scaling as a fixed point in x = (ln q [k,n], ln v [n])."""

    base: Economy
    free: Array  # F0 where the flow is not known, else 0 [j,n,i]
    known: Array  # the flow where it is known, else 0 [j,n,i]
    inputs: Array  # Z0 [n,k,j]
    final: Array  # D0 [n,k]
    value_added: Array  # V0 [n,j]
    output: Array  # [j,i], NaN where not known
    gdp: Array  # [n], NaN where not known
    price_over_cost: Array = field(repr=False)  # m/(1+s) [j,i]

    @classmethod
    def of(cls, base: Economy, totals: Totals) -> _System:
        is_known = np.isfinite(totals.trade)
        free, known = np.where(is_known, 0.0, base.value), np.where(is_known, totals.trade, 0.0)
        flows = free + known
        sold, bought = flows.sum(axis=1) > 0, flows.sum(axis=2) > 0  # [j,i], [k,n]
        # A sector that is new in a country has the recipe of the base, whatever its size: p scales it.
        size = np.where(base.cost > 0, base.cost, np.where(sold, flows.sum(axis=1), 0.0)) * sold
        inputs = base.inputs * size.T[:, None, :] * bought.T[:, :, None]
        final = np.maximum(base.spending - np.einsum("nkj,jn->kn", base.inputs, base.cost), 0.0) * bought
        unused = bought & (final + inputs.sum(axis=2).T == 0)  # bought now and used nowhere before: final demand
        final = np.where(unused, flows.sum(axis=2), final)
        value_added = base.value_added_share * size.T
        price = base.markup * np.exp(-base.ln_subsidy)
        return cls(base, free, known, inputs, final.T, value_added, totals.output, totals.gdp, price)

    def start(self) -> Array:
        j, n = self.output.shape
        return np.zeros(j * n + n)

    def step(self, x: Array) -> Array:
        q, v = self._unpack(x)
        a, p = self._producers(q, v)
        gross = self.base.gross
        bought, fixed = np.einsum("jni,ji->jn", gross * self.free, a), (gross * self.known).sum(axis=2)
        used = np.einsum("nkj,jn->kn", self.inputs, p) + self.final.T
        new_q = np.where(used > 0, (fixed + np.sqrt(fixed**2 + 4 * used * bought)) / (2 * used), 1.0)
        new_v = np.where(np.isfinite(self.gdp), self._factors(a, q) / (self.value_added * p.T).sum(axis=1), 1.0)
        return np.log(np.concatenate([new_q.ravel(), new_v]))

    def _unpack(self, x: Array) -> tuple[Array, Array]:
        size = self.output.size
        return np.exp(x[:size]).reshape(self.output.shape), np.exp(x[size:])

    def _producers(self, q: Array, v: Array) -> tuple[Array, Array]:
        """a and p [j,i]: factors of sales and of cost."""
        sold, fixed = np.einsum("jni,jn->ji", self.free, 1.0 / q), self.known.sum(axis=1)
        cost = np.einsum("nkj,kn->jn", self.inputs, q) + (self.value_added * v[:, None]).T
        cost = cost * self.price_over_cost
        positive = sold > 0
        root = (-fixed + np.sqrt(fixed**2 + 4 * sold * cost)) / (2 * np.where(positive, sold, 1.0))
        to_output = (self.output - fixed) / np.where(positive, sold, 1.0)
        a = np.where(positive, np.where(np.isfinite(self.output), to_output, root), 1.0)
        receipts = a * sold + fixed
        return a, np.where(cost > 0, receipts / np.where(cost > 0, cost, 1.0), 1.0)

    def _value(self, a: Array, q: Array) -> Array:
        return self.known + self.free * a[:, None, :] / q[:, :, None]

    def _factors(self, a: Array, q: Array) -> Array:
        """What GDP leaves for factors [n]: less profits, and less duties and other revenue."""
        value = self._value(a, q)
        kept = value.sum(axis=1) * np.exp(self.base.ln_subsidy)
        profits = (kept * (1 - 1 / self.base.markup)).sum(axis=0)
        border = value * (1.0 + self.base.in_force.export_tax) if self.base.in_force.export_tax.size else value
        revenue = (self.base.gross * value - border).sum(axis=(0, 2)) + (border - value).sum(axis=(0, 1))
        subsidies = (kept - value.sum(axis=1)).sum(axis=0)
        return self.gdp - profits - revenue + subsidies

    def economy(self, x: Array) -> Economy:
        """The Economy at a solution."""
        q, v = self._unpack(x)
        a, p = self._producers(q, v)
        value = self._value(a, q)
        cost = value.sum(axis=1) / self.price_over_cost
        inputs = self.inputs * q.T[:, :, None] * p.T[:, None, :]
        made = cost.T[:, None, :] > 0
        shares = np.where(made, inputs / np.where(made, cost.T[:, None, :], 1.0), self.base.inputs)
        return replace(self.base, value=value, inputs=shares)

    def worst(self, x: Array) -> str:
        """The total that is furthest from being met, by name."""
        gap = np.abs(self.step(x) - x)
        at, size = int(np.argmax(gap)), self.output.size
        if at >= size:
            return f"the GDP of {self.base.countries[at - size]}"
        k, n = np.unravel_index(at, self.output.shape)
        return f"the use of {self.base.sectors[k]} in {self.base.countries[n]}"
