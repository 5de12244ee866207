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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.in_force import InForce
from entrepot.errors import ConvergenceError, InputError, TableError
from entrepot.numerics import anderson
from entrepot.words import figure

#: The largest relative gap of a total that counts as met, and one that rounding in large tables may leave.
TOLERANCE, LARGEST_GAP = 1e-11, 1e-8
#: GDP this many times what sales imply, or a part of it, is in another unit.
DOUBTFUL_FACTOR = 30.0
#: Trade or output this many times the base's in the same cells, or a part of it; young trade may grow fiftyfold.
DOUBTFUL_GROWTH = 300.0


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
    def unknown(cls, sectors: int, countries: int) -> Totals:
        """Nothing is known: an update then returns the base."""
        shape = (sectors, countries)
        return cls(np.full((*shape, countries), np.nan), np.full(shape, np.nan), np.full(countries, np.nan))


@dataclass(frozen=True, eq=False)
class Structure:
    """What a new world takes from a base: recipes, demand, taxes, markups and elasticities.

    value [j,n,i]       flows of the base, for those that are not known
    inputs [n,k,j]      cost shares; `cost` [j,n] is what they are shares of
    final [n,k]         final demand, in proportion to that cost
    tariff, export_tax [j,n,i], subsidy, markup [j,n], theta [j]
    is_own [n]          whether a country's structure is its own, and not another's
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    value: Array
    inputs: Array
    cost: Array
    final: Array
    tariff: Array
    export_tax: Array
    subsidy: Array
    markup: Array
    theta: Array
    is_own: NDArray[np.bool_]

    def not_for_factors(self, value: Array) -> Array:
        """Profits, duties and export taxes less subsidies [n], the part of GDP that is not value added, of flows."""
        received, border = value.sum(axis=1) * (1.0 + self.subsidy), value * (1.0 + self.export_tax)
        profits = (received * (1 - 1 / self.markup)).sum(axis=0)
        revenue = (self.tariff * border).sum(axis=(0, 2)) + (border - value).sum(axis=(0, 1))
        return profits + revenue - (received - value.sum(axis=1)).sum(axis=0)

    @classmethod
    def of(
        cls,
        base: Economy,
        countries: Mapping[str, str] | None = None,
        sectors: Mapping[str, str] | None = None,
        bought: Array | None = None,
    ) -> Structure:
        """The structure of `base`, under its own names or new ones.

        countries, sectors  new name -> the country or sector of the base whose structure it takes
        bought [k,n]        what is bought of each new sector, by which the parts of one sector of the base share its
                            place in recipes and demand; equal parts, if it is not given

        Raises `TableError` for a base with quotas, price rules or costs of market access in force.
        """
        held = base.in_force
        if held.flow.size or base.has_selection:
            raise TableError(
                "update: the base has quotas, price rules or costs of market access, which belong to its own trade; "
                "update a base without them, then put them in force"
            )
        countries = countries or {c: c for c in base.countries}
        sectors = sectors or {s: s for s in base.sectors}
        n = np.array([base.countries.index(old) for old in countries.values()])
        j = np.array([base.sectors.index(old) for old in sectors.values()])
        part = _within(np.ones((j.size, n.size)) if bought is None else bought, j)
        of_country = 1.0 / np.bincount(n)[n]
        flows = np.ix_(j, n, n)
        final = np.maximum(base.spending - np.einsum("nkj,jn->kn", base.inputs, base.cost), 0.0).T
        none = np.zeros((j.size, n.size))
        return cls(
            tuple(countries),
            tuple(sectors),
            value=base.value[flows] * part[:, :, None] * of_country[:, None] * of_country,
            inputs=base.inputs[np.ix_(n, j, j)] * part.T[:, :, None],
            cost=base.cost[np.ix_(j, n)] * of_country * part,
            final=final[np.ix_(n, j)] * part.T * of_country[:, None],
            tariff=base.tariff[flows] * ~np.eye(n.size, dtype=bool),
            export_tax=held.export_tax[flows] if held.export_tax.size else np.zeros(base.value[flows].shape),
            subsidy=held.subsidy[np.ix_(j, n)] if held.subsidy.size else none,
            markup=base.markup[np.ix_(j, n)],
            theta=base.theta[j],
            is_own=np.array([new == old for new, old in countries.items()]),
        )


def _within(bought: Array, group: NDArray[np.intp]) -> Array:
    """Each sector's part [k,n] of what is bought of all sectors in its group [k]; equal parts where nothing is."""
    total = np.zeros((int(group.max()) + 1, bought.shape[1]))
    np.add.at(total, group, bought)
    equal = np.broadcast_to((1.0 / np.bincount(group)[group])[:, None], bought.shape)
    total = total[group]
    return np.divide(bought, total, out=equal.copy(), where=total > 0)


def fit(structure: Structure, totals: Totals, *, name: str, source: str = "", year: int | None = None) -> Economy:
    """The Economy that has this structure, as nearly as may be, and meets these totals.

    Raises `InputError` for totals that contradict each other, with their names, and `ConvergenceError` where no
    scaling meets them together.
    """
    system = _System.of(structure, totals)
    _check(system)
    with np.errstate(all="ignore"):
        found = anderson(system.step, system.start(), tol=TOLERANCE, max_iterations=3000)
    if not found.residual <= LARGEST_GAP:
        raise ConvergenceError(
            f"The totals cannot be met together: after {found.iterations} rounds the largest relative gap is "
            f"{found.residual:.2g}, in {system.worst(found.x)}.",
            remedy="leave out one of the totals of that country: its trade, its output or its GDP.",
            residual=found.residual,
        )
    s = structure
    value, inputs = system.solution(found.fx)
    return Economy(
        countries=s.countries,
        sectors=s.sectors,
        value=value,
        tariff=s.tariff,
        inputs=inputs,
        theta=s.theta,
        name=name,
        source=source,
        year=year,
        markup=s.markup,
        in_force=InForce(
            export_tax=s.export_tax if s.export_tax.any() else np.zeros(0),
            subsidy=s.subsidy if s.subsidy.any() else np.zeros(0),
        ),
    )


@dataclass(frozen=True, eq=False)
class Moved:
    """How far an update moved from the structure that it began with, by country, as parts of the new values.

    inputs [n]   cost shares: sum_kj |g - g0| C / sum_j C
    final [n]    shares of final demand: sum_k |a - a0| / 2
    trade [n]    shares of suppliers in spending, own sales too, weighted by spending: sum_ji |pi - pi0| X / 2 sum_j X
    cells        (country, input, output, share before, share now): the cost shares that moved most, by value
    """

    inputs: Array
    final: Array
    trade: Array
    cells: tuple[tuple[str, str, str, float, float], ...] = ()


def moved(structure: Structure, new: Economy, worst: int = 10) -> Moved:
    """How far `new` is from its structure."""
    change = np.abs(new.inputs - structure.inputs) * new.cost.T[:, None, :]
    final = structure.final / structure.final.sum(axis=1, keepdims=True)
    bought = (1.0 + structure.tariff) * (1.0 + structure.export_tax) * structure.value
    total = bought.sum(axis=2, keepdims=True)
    share = np.divide(bought, total, out=new.share.copy(), where=total > 0)
    away = (np.abs(new.share - share).sum(axis=2) * new.spending).sum(axis=0)
    cells = []
    for at in np.argsort(change, axis=None)[::-1][:worst]:
        n, k, j = (int(index) for index in np.unravel_index(at, change.shape))
        before, now = float(structure.inputs[n, k, j]), float(new.inputs[n, k, j])
        cells.append((new.countries[n], new.sectors[k], new.sectors[j], before, now))
    return Moved(
        inputs=change.sum(axis=(1, 2)) / new.cost.sum(axis=0),
        final=np.abs(new.final_share - final).sum(axis=1) / 2,
        trade=away / (2 * new.spending.sum(axis=0)),
        cells=tuple(cells),
    )


@dataclass(frozen=True, eq=False)
class _System:
    """The scaling as a fixed point in x = (ln q [k,n], ln v [n])."""

    structure: Structure
    totals: Totals
    free: Array  # F0 where the flow is not known, else 0 [j,n,i]
    known: Array  # the flow where it is known, else 0 [j,n,i]
    inputs: Array  # Z0 [n,k,j]
    final: Array  # D0 [n,k]
    value_added: Array  # V0 [n,j]
    gross: Array = field(repr=False)  # users' price over the producer's [j,n,i]
    price_over_cost: Array = field(repr=False)  # m/(1+s) [j,i]

    @classmethod
    def of(cls, s: Structure, totals: Totals) -> _System:
        is_known = np.isfinite(totals.trade)
        growth, world = _growth(s, totals)
        together = np.where(np.eye(growth.size, dtype=bool), growth, np.outer(growth, growth) / world)
        free, known = np.where(is_known, 0.0, s.value * together), np.where(is_known, totals.trade, 0.0)
        flows, price = free + known, s.markup / (1.0 + s.subsidy)
        gross = (1.0 + s.tariff) * (1.0 + s.export_tax)
        sold, bought = flows.sum(axis=1), (gross * flows).sum(axis=2)  # [j,i], [k,n]
        cost = np.where(is_known.all(axis=1), sold / price, s.cost * growth) * (sold > 0)
        cost = np.where((cost == 0) & (sold > 0), sold / price, cost)  # made now and not before
        inputs = s.inputs * cost.T[:, None, :] * (bought > 0).T[:, :, None]
        size = np.divide(cost.sum(axis=0), s.cost.sum(axis=0), out=np.ones(len(s.countries)), where=cost.any(axis=0))
        final = s.final * size[:, None] * (bought > 0).T
        unused = ((bought > 0) & (final.T + inputs.sum(axis=2).T == 0)).T  # used nowhere before: final demand
        final = np.where(unused, bought.T, final)
        value_added = np.maximum(1.0 - s.inputs.sum(axis=1), 0.0) * cost.T
        return cls(s, totals, free, known, inputs, final, value_added, gross, price)

    def start(self) -> Array:
        j, n = self.totals.output.shape
        return np.zeros(j * n + n)

    def step(self, x: Array) -> Array:
        """One round of scaling: producers, then users, then GDP."""
        q, v = self._unpack(x)
        a, p = self._producers(q, v)
        bought, fixed = np.einsum("jni,ji->jn", self.gross * self.free, a), (self.gross * self.known).sum(axis=2)
        used = np.einsum("nkj,jn->kn", self.inputs, p) + self.final.T
        new_q = np.where(used > 0, (fixed + np.sqrt(fixed**2 + 4 * used * bought)) / (2 * used), 1.0)
        factors = self.totals.gdp - self.structure.not_for_factors(self._value(a, q))
        new_v = np.where(np.isfinite(self.totals.gdp), factors / (self.value_added * p.T).sum(axis=1), 1.0)
        return np.log(np.concatenate([new_q.ravel(), new_v]))

    def _unpack(self, x: Array) -> tuple[Array, Array]:
        shape = self.totals.output.shape
        size = shape[0] * shape[1]
        return np.exp(x[:size]).reshape(shape), np.exp(x[size:])

    def _producers(self, q: Array, v: Array) -> tuple[Array, Array]:
        """Factors of sales a and of cost p [j,i]: sales are the known output, or grow as costs do."""
        sold, fixed = np.einsum("jni,jn->ji", self.free, 1.0 / q), self.known.sum(axis=1)
        cost = np.einsum("nkj,kn->jn", self.inputs, q) + (self.value_added * v[:, None]).T
        cost = cost * self.price_over_cost
        positive = np.where(sold > 0, sold, 1.0)
        root = (-fixed + np.sqrt(fixed**2 + 4 * sold * cost)) / (2 * positive)
        to_output = (self.totals.output - fixed) / positive
        a = np.where(sold > 0, np.where(np.isfinite(self.totals.output), to_output, root), 1.0)
        return a, np.where(cost > 0, (a * sold + fixed) / np.where(cost > 0, cost, 1.0), 1.0)

    def _value(self, a: Array, q: Array) -> Array:
        return self.known + self.free * a[:, None, :] / q[:, :, None]

    def solution(self, x: Array) -> tuple[Array, Array]:
        """Flows [j,n,i] and cost shares [n,k,j] at x."""
        q, v = self._unpack(x)
        a, p = self._producers(q, v)
        value = self._value(a, q)
        cost = (value.sum(axis=1) / self.price_over_cost).T[:, None, :]
        inputs = self.inputs * q.T[:, :, None] * p.T[:, None, :]
        return value, np.where(cost > 0, inputs / np.where(cost > 0, cost, 1.0), self.structure.inputs)

    def worst(self, x: Array) -> str:
        """The total that is furthest from being met, by name."""
        s = self.structure
        at, size = int(np.nanargmax(np.abs(self.step(x) - x))), self.totals.output.size
        if at >= size:
            return f"the GDP of {s.countries[at - size]}"
        k, n = np.unravel_index(at, self.totals.output.shape)
        return f"the use of {s.sectors[k]} in {s.countries[n]}"


def _growth(s: Structure, totals: Totals) -> tuple[Array, float]:
    """How much larger each country [n] and the world are than the base, by what is known best: GDP, output, trade.

    Flows and costs that are not known begin from the base times this growth, flows between countries as in gravity:
    in proportion to both, over the world's. Where all totals double, so does every cell.
    """
    gdp = ((1.0 - s.inputs.sum(axis=1)) * s.cost.T).sum(axis=1) + s.not_for_factors(s.value)
    sold = s.value.sum(axis=(0, 1))
    known_trade = np.where(np.isfinite(totals.trade).all(axis=(0, 1)), totals.trade.sum(axis=(0, 1)), np.nan)
    new, old = np.full(gdp.size, np.nan), np.full(gdp.size, np.nan)
    for now, before in ((known_trade, sold), (totals.output.sum(axis=0), sold), (totals.gdp, gdp)):
        use = np.isfinite(now) & (now > 0) & (before > 0)
        new, old = np.where(use, now / np.where(use, before, 1.0) * gdp, new), np.where(use, gdp, old)
    if np.isnan(old).all():
        return np.ones(gdp.size), 1.0
    world = float(np.nansum(new) / np.nansum(old))
    return np.where(np.isfinite(new), new / np.where(old > 0, old, 1.0), world), world


def _check(system: _System) -> None:
    """Raises `InputError` for totals that contradict each other whatever the rest is."""
    s, totals = system.structure, system.totals
    for what, known in (("trade", totals.trade), ("output", totals.output), ("gdp", totals.gdp)):
        if (known < 0).any() or np.isinf(known).any():
            raise InputError(f"update: {what} holds a value that is negative or infinite")
    sold, all_known = system.known.sum(axis=1), np.isfinite(totals.trade).all(axis=1)
    over = np.isfinite(totals.output) & (sold > totals.output * (1 + 1e-9))
    over |= all_known & (np.abs(sold - totals.output) > 1e-9 * totals.output)
    if over.any():
        j, i = (int(at[0]) for at in np.nonzero(over))
        raise InputError(
            f"update: sales of {s.sectors[j]} by {s.countries[i]} in the trade data add up to {figure(sold[j, i])}, "
            f"its output is {figure(totals.output[j, i])}{_more(over)}: give one of the two"
        )
    _check_units(s, totals)
    everything = np.isfinite(totals.trade).all(axis=(0, 2)) & np.isfinite(totals.trade).all(axis=(0, 1))
    for n in np.flatnonzero(everything & np.isfinite(totals.gdp)):
        exports = system.known[:, :, n].sum() - system.known[:, n, n].sum()
        imports = system.known[:, n].sum() - system.known[:, n, n].sum()
        if totals.gdp[n] <= exports - imports:
            raise InputError(
                f"update: {s.countries[n]} has a GDP of {figure(totals.gdp[n])} and a trade surplus of "
                f"{figure(exports - imports)} (exports {figure(exports)}, imports {figure(imports)}), which leaves "
                f"nothing to spend: check its GDP and its trade"
            )
        if totals.gdp[n] >= sold[:, n].sum():
            raise InputError(
                f"update: {s.countries[n]} has a GDP of {figure(totals.gdp[n])} and sells {figure(sold[:, n].sum())} "
                f"in all, its own sales too; value added is a part of sales: check its GDP and its trade"
            )


def _check_units(s: Structure, totals: Totals) -> None:
    """Raises `InputError` where GDP, output or trade is a thousand times what sales or the base imply, or a part.

    The base says nothing of the size of a country that takes another's structure.
    """
    own = s.value * s.is_own[:, None] * s.is_own
    times = _times(totals.trade, own * ~np.eye(len(s.countries), dtype=bool))
    if not 1 / DOUBTFUL_GROWTH < times < DOUBTFUL_GROWTH:
        raise InputError(
            f"update: trade is about {figure(times, 3)} times the base's on the same flows: it must be in millions of "
            "US dollars"
        )
    times = _times(totals.output, s.value.sum(axis=1) * s.is_own)
    if not 1 / DOUBTFUL_GROWTH < times < DOUBTFUL_GROWTH:
        raise InputError(
            f"update: output is about {figure(times, 3)} times the base's in the same sectors: it must be in millions "
            "of US dollars"
        )
    sales = np.where(np.isfinite(totals.trade), totals.trade, s.value).sum(axis=(0, 1))
    ratio = (totals.gdp / np.where(sales > 0, sales, np.nan))[np.isfinite(totals.gdp) & (sales > 0)]
    if ratio.size and not 0.5 / DOUBTFUL_FACTOR < np.median(ratio) < 0.5 * DOUBTFUL_FACTOR:
        factor = 10.0 ** np.round(np.log10(np.median(ratio) / 0.5))
        raise InputError(
            f"update: GDP is about {factor:,.10g} times what sales imply: it must be in millions of US dollars, as "
            f"trade is"
        )


def _times(known: Array, base: Array) -> float:
    """How many times the base what is known is in sum, where both are above zero; 1 where they are nowhere."""
    both = np.isfinite(known) & (known > 0) & (base > 0)
    return float(known[both].sum() / base[both].sum()) if both.any() else 1.0


def _more(where: Sequence[bool] | NDArray[np.bool_]) -> str:
    count = int(np.sum(where)) - 1
    return f" (and {count} more)" if count else ""
