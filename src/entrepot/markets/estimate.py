"""Demand estimated from markets' prices and shares by GMM (Berry 1994; Berry, Levinsohn and Pakes 1995).

The utility of product j for buyer i in market t is

    u_ijt = x_jt b + sum_k z_jkt (s_k nu_ik + sum_d g_kd y_id) + xi_jt + noise_ijt

with the characteristics x of the linear part and z of the random part (the price may be in both), standard normal draws
nu and demographics y. The estimation is done by pyblp (Conlon and Gortmaker 2020).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from entrepot.errors import ConvergenceError, InputError, TableError, UnknownNameError, nearest
from entrepot.markets.demands import Demand, Level, Logit, MixedLogit, NestedLogit
from entrepot.markets.market import Market
from entrepot.read_only import read_only
from entrepot.types import Array

#: A name in a formula that is not a function.
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\s*[\w(])")
#: A term of a formula with a coefficient for each value of a column, numbers or words.
_CATEGORY = re.compile(r"\bC\([^()]*\)")
#: A NumPy number or text as it is written in a label of pyblp's.
_WRITTEN = re.compile(r"\bnp\.\w+\(([^()]*)\)")
#: Standard errors to each side of a 95% interval.
_Z95 = 1.959963984540054
#: Where a standard deviation of tastes starts when no start is given.
START = 0.5
#: What is left of a column of length one beside those before it, below which it follows from them.
COLLINEAR = 1e-10
#: The same after fixed effects, which are taken out to eight digits.
COLLINEAR_ABSORBED = 1e-6


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of the table of products: prices, shares, markets (years), firms and nests."""

    price: str = "prices"
    share: str = "shares"
    market: str = "market_ids"
    firm: str = "firm_ids"
    nests: str | None = None


@dataclass(frozen=True, eq=False)
class Buyers:
    """The draws of buyers [i] of all markets: market, weight, normal draws [i,k] and demographics [i,d]."""

    market: Array
    weight: Array
    nodes: Array
    demographics: Array


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class DemandEstimate:
    """Estimated coefficients of demand with their covariance.

    coefficients   Series by name: characteristics of the linear part; "sd(x)" a standard deviation of tastes;
                   "price x y" an interaction with a demographic; "nesting" the correlation within nests
    covariance     DataFrame, name by name
    objective      of GMM;  observations  rows used
    errors         how the covariance was estimated
    notes          what was left out, and why
    """

    coefficients: pd.Series
    covariance: pd.DataFrame
    products: pd.DataFrame
    columns: Columns
    characteristics: tuple[str, ...] = ()
    values: Array = field(default_factory=lambda: np.zeros((0, 0)))
    demographics: tuple[str, ...] = ()
    buyers: Buyers | None = None
    objective: float = float("nan")
    errors: str = "errors robust to heteroskedasticity"
    notes: tuple[str, ...] = ()

    # ---- what was estimated ----

    @property
    def observations(self) -> int:
        """Rows of the table of products."""
        return len(self.products)

    @property
    def markets(self) -> list[Any]:
        """The markets, in order, such as years."""
        return sorted(self.products[self.columns.market].unique().tolist())

    def table(self) -> pd.DataFrame:
        """Return a table by name: coefficient, std_error, z, and the normal 95% interval low, high."""
        b, error = self.coefficients, np.sqrt(np.diagonal(self.covariance))
        columns = {"coefficient": b, "std_error": error, "z": b / error}
        columns |= {"low": b - _Z95 * error, "high": b + _Z95 * error}
        return pd.DataFrame(columns, index=b.index)

    @cached_property
    def own_elasticities(self) -> pd.Series:
        """Own elasticities of demand, in the order of the table of products."""
        found = np.full(self.observations, np.nan)
        for market in self.markets:
            at = self._rows(market)
            prices = self._column(self.columns.price)[at]
            found[at] = np.diag(self.demand(market).elasticities(prices))
        return pd.Series(found, index=self.products.index, name="own_elasticity")

    def sentence(self) -> str:
        """Return the price coefficient, the mean own elasticity and the share of products with inelastic demand."""
        own = self.own_elasticities
        shown = self.table()
        named = [n for n in shown.index if n == self.columns.price or n.startswith(f"{self.columns.price} x ")]
        price = ", ".join(
            f"{name} {shown.loc[name, 'coefficient']:.4g} (s.e. {shown.loc[name, 'std_error']:.2g})" for name in named
        )
        return (
            f"Price coefficient: {price}; mean own elasticity {own.mean():.3g}; demand is inelastic for "
            f"{(own > -1).mean():.1%} of {self.observations:,} products, which no maker with a cost above zero chooses."
        )

    def __repr__(self) -> str:
        kind = "nested logit" if self.columns.nests else "mixed logit" if self.characteristics else "logit"
        left_out = "".join(f"\n{note}" for note in self.notes)
        return (
            f"DemandEstimate ({kind}, {len(self.markets)} markets, {self.errors}). {self.sentence()}{left_out}\n"
            f"Next: .table(), .market(MARKET, importer=..., plant=..., market_size=...), .draws(1000, seed=1)"
        )

    # ---- demand at the estimates ----

    def demand(self, market: Any, *, unit: float = 1.0, buyers: float = 1.0) -> Demand:
        """Return the demand system of one market, at its prices and shares.

        unit  money in one unit of the price column, such as 1000;  buyers  size of the market in units
        """
        at = self._rows(market)
        prices, units = unit * self._column(self.columns.price)[at], buyers * self._column(self.columns.share)[at]
        if self.characteristics:
            return MixedLogit.calibrated(prices, units, **self._draws(market, at, unit), buyers=buyers)
        alpha = -self._price_coefficient() / unit
        if self.columns.nests is None:
            return Logit.calibrated(prices, units, alpha, buyers=buyers)
        nest = pd.factorize(self.products[self.columns.nests].to_numpy()[at])[0]
        level = Level(nest.astype(np.intp), np.full(at.sum(), 1 - self._nesting()))
        return NestedLogit.calibrated(prices, units, alpha, buyers=buyers, levels=(level,))

    def market(
        self,
        market: Any,
        *,
        importer: str,
        market_size: float,
        plant: str | Mapping[Any, str] | None = None,
        owner: str | None = None,
        product: str | None = None,
        unit: float = 1.0,
        **options: Any,
    ) -> Market:
        """Return the Market of one market (year) with demand at the estimates.

        importer     the country where the products are sold
        market_size  units that could be sold, of which shares are
        plant        the column with the country of each plant, or {value of the firm's column: country}; else "plant"
        owner        the column with the country of the maker's owners; else the plant's
        product      the column of products' names, once each in a market; else "product", else numbers
        unit         money in one unit of the price column: 1000 for thousands of dollars
        options      of `Market.from_products`: conduct, collusion, sector, currency

        Raises `UnknownNameError` for a market or column, and `InputError` for estimates that are not demand (a price
        coefficient above zero) or imply costs below zero.
        """
        at, c = self._rows(market), self.columns
        if not (np.isfinite(market_size) and market_size > 0 and np.isfinite(unit) and unit > 0):
            raise InputError(f"market_size={market_size:g}, unit={unit:g}: both must be above zero")
        rows = self.products[at].reset_index(drop=True)
        table = pd.DataFrame(
            {
                "product": self._names(rows, product),
                "firm": rows[c.firm].astype(str),
                "plant": self._plants(rows, plant),
                "price": unit * rows[c.price].astype(float),
                "quantity": market_size * rows[c.share].astype(float),
            }
        )
        if owner is not None:
            table["owner"] = rows[_column(rows, owner, "owner")]
        for name in ("tariff", "dealer_margin", "brand"):
            if name in rows:
                table[name] = rows[name]
        chosen: dict[str, Any] = {"market_size": float(market_size), "importer": importer}
        if isinstance(market, int | np.integer):
            chosen["year"] = int(market)
        if self.characteristics:
            chosen |= {"demand": "mixed_logit", "draws": self._draws(market, at, unit)}
        else:
            chosen |= {"demand": "logit", "price_coefficient": self._price_coefficient() / unit}
            if c.nests is not None:
                table[c.nests] = rows[c.nests]
                chosen |= {"demand": "nested_logit", "nests": c.nests, "nesting": self._nesting()}
        return Market.from_products(table, **{**chosen, **options})

    def draws(self, count: int, seed: int) -> list[DemandEstimate]:
        """Return `count` demand systems with coefficients drawn from the normal distribution of the estimates.

        Each has `demand` and `market` as the estimate does; a seed repeats them. None is left out: one whose price
        coefficient is not below zero raises `InputError` when its market is made, and is to be counted.
        """
        if not isinstance(count, int) or count < 1:
            raise InputError(f"draws: count={count!r}; a whole number above zero is needed")
        variance, axes = np.linalg.eigh(self.covariance.to_numpy())
        if not variance.min() >= -1e-9 * variance.max():
            raise InputError("draws: the covariance has a direction of negative variance; cluster in another way")
        normal = np.random.default_rng(seed).standard_normal((count, len(variance)))
        moved = self.coefficients.to_numpy() + normal * np.sqrt(np.maximum(variance, 0.0)) @ axes.T
        names = self.coefficients.index
        return [replace(self, coefficients=pd.Series(row, index=names, name="coefficient")) for row in moved]

    def draws_for_case(self, count: int, seed: int, *, unit: float = 1.0) -> pd.DataFrame:
        """Return `draws` as a table that a case can name (`market.draws`): price_coefficient, and nesting with nests.

        unit   money in one unit of the price column; the case's products are in money itself

        Draws that are not demand (a price coefficient of zero or more, nesting outside 0 to 1) are left out. Raises
        `InputError` for random coefficients, which a case's market does not take.
        """
        if self.characteristics:
            raise InputError(
                "draws_for_case: the market of a case takes logit and nested logit, not random coefficients"
            )
        rows = []
        for each in self.draws(count, seed):
            try:
                row = {"price_coefficient": each._price_coefficient() / unit}
                rows.append(row | ({} if self.columns.nests is None else {"nesting": each._nesting()}))
            except InputError:
                continue
        return pd.DataFrame(rows)

    # ---- parts ----

    def _rows(self, market: Any) -> Array:
        on = self.products[self.columns.market].to_numpy() == market
        if not np.any(on):
            raise UnknownNameError("market", str(market), [str(m) for m in self.markets])
        return np.asarray(on)

    def _column(self, name: str) -> Array:
        return self.products[name].to_numpy(dtype=float)

    def _price_coefficient(self) -> float:
        found = float(self.coefficients[self.columns.price])
        if not found < 0:
            raise InputError(f"the price coefficient is {found:.4g}: demand that does not fall with the price")
        return found

    def _nesting(self) -> float:
        found = float(self.coefficients["nesting"])
        if not 0 <= found < 1:
            raise InputError(f"the nesting parameter is {found:.4g}; it must be 0 or more and below 1")
        return found

    def _draws(self, market: Any, at: Array, unit: float) -> dict[str, Array]:
        """Tastes [j,i], marginal utility of money [i] and weights [i] of one market."""
        assert self.buyers is not None
        on = self.buyers.market == market
        nodes, demographics = self.buyers.nodes[on], self.buyers.demographics[on]
        b, used = self.coefficients, 0
        taste = np.zeros((int(at.sum()), int(on.sum())))
        alpha = np.full(int(on.sum()), -float(b.get(self.columns.price, 0.0)))
        for k, name in enumerate(self.characteristics):
            liking = np.zeros(int(on.sum()))
            if f"sd({name})" in b.index:
                liking += b[f"sd({name})"] * nodes[:, used]
                used += 1
            for d, demographic in enumerate(self.demographics):
                if f"{name} x {demographic}" in b.index:
                    liking += b[f"{name} x {demographic}"] * demographics[:, d]
            if name == self.columns.price:
                alpha -= liking
            else:
                taste += np.outer(self.values[at, k], liking)
        if not (alpha > 0).all():
            raise InputError(
                f"{(alpha <= 0).mean():.1%} of buyers like a higher price at these estimates: demand that does not "
                f"fall with the price; let the price coefficient vary with 1/income instead of normal draws"
            )
        return {"taste": taste, "alpha": alpha / unit, "weight": self.buyers.weight[on]}

    def _names(self, rows: pd.DataFrame, product: str | None) -> Any:
        if product is None and "product" not in rows:
            return [f"product {k + 1}" for k in range(len(rows))]
        return rows[_column(rows, product or "product", "product")].astype(str)

    def _plants(self, rows: pd.DataFrame, plant: str | Mapping[Any, str] | None) -> Any:
        if isinstance(plant, Mapping):
            found = rows[self.columns.firm].map(plant)
            if found.isna().any():
                raise InputError(f"plant: no country for the firm {rows[self.columns.firm][found.isna()].iloc[0]}")
            return found
        return rows[_column(rows, plant or "plant", "plant")]


def estimate_demand(
    products: Any,
    agents: Any = None,
    *,
    linear: str = "1 + hpwt + air",
    random: str | Mapping[str, float] | None = None,
    demographics: Mapping[tuple[str, str], float] | None = None,
    nests: str | None = None,
    nesting: float = 0.5,
    instruments: Sequence[str] | None = None,
    price: str = "prices",
    share: str = "shares",
    market: str = "market_ids",
    firm: str = "firm_ids",
    absorb: str | None = None,
    cluster: str | None = None,
    hold: bool = False,
    draws: int = 200,
    seed: int = 0,
) -> DemandEstimate:
    """Estimate logit, nested logit or random-coefficients demand by two-step GMM. pyblp does it.

    products      one row a product and market (year), with the columns named by price, share (of all buyers, with the
                  outside good), market and firm, and characteristics
    agents        draws of buyers for random coefficients: the column of markets, weights, nodes0, nodes1, ... (standard
                  normal) and demographics; else `draws` Halton draws a market
    linear        characteristics of mean utility; the price is added, unless `demographics` has it
    random        characteristics with normal tastes: "1 + hpwt", or {"1": 3.6, "hpwt": 4.6} with starts of the standard
                  deviations
    demographics  {("prices", "1/income"): -40.0}: interactions of a characteristic with a demographic, and their starts
    nests         a column of nests (nested logit);  nesting  start of their correlation
    instruments   columns that shift prices and not utility; else the sums of characteristics of the same maker's other
                  products and of rivals' products (Berry, Levinsohn and Pakes 1995)
    absorb        fixed effects, such as "C(product)"
    cluster       a column by which standard errors are clustered
    hold          keep random coefficients and nesting at their starts, such as published ones, and estimate the rest

    Raises `TableError` for the table's content, `UnknownNameError` for a column, `ConvergenceError`, and `InputError`
    for what cannot be estimated or a missing pyblp.
    """
    pyblp = _pyblp()
    columns = Columns(price, share, market, firm, nests)
    tastes, interactions = _tastes(random), dict(demographics or {})
    if nests is not None and (tastes or interactions):
        raise InputError("nests: nested logit with random coefficients is not offered; give nests or random")
    if nests is not None and not 0 < nesting < 1:
        raise InputError(f"nesting: {nesting:g} must be above 0 and below 1")
    data = _checked(products, columns, linear, [*tastes, *(name for name, _ in interactions)], instruments, cluster)
    formula = _with_price(linear, price, interactions)
    renamed = _renamed(data, columns, cluster)
    shifters, notes = _instruments(pyblp, data, renamed, formula, price, instruments, absorb, nests)
    for k, column in enumerate(shifters.T):  # their units have no effect
        renamed[f"demand_instruments{k}"] = column / (np.abs(column).max() or 1.0)
    wanted = len(tastes) + len(interactions) + (nests is not None) + (price in _NAME.findall(formula))
    if shifters.shape[1] < wanted and not hold:
        raise InputError(f"instruments: {shifters.shape[1]} for {wanted} coefficients that need one each at least")
    names = list(dict.fromkeys([*tastes, *(name for name, _ in interactions)]))
    names.sort(key=lambda name: name != "1")  # pyblp puts the constant first
    taken = list(dict.fromkeys(demographic for _, demographic in interactions))
    with _quiet(pyblp):
        try:
            problem = _problem(pyblp, renamed, agents, formula, absorb, names, taken, len(tastes), columns, draws, seed)
            back = _orthogonal(problem)
            given: dict[str, Any] = {"se_type": "clustered" if cluster else "robust"}
            given |= {"W_type": given["se_type"], "check_optimality": "gradient"}
            if names:
                given["sigma"] = np.diag([tastes.get(name, 0.0) for name in names])
            if taken:
                given["pi"] = [[interactions.get((name, d), 0.0) for d in taken] for name in names]
            if nests is not None:
                given["rho"] = nesting
            if hold and (names or nests):
                given |= {"optimization": pyblp.Optimization("return"), "method": "1s"}
            elif names or nests:
                given["optimization"] = pyblp.Optimization("l-bfgs-b", {"gtol": 1e-6})
            results = problem.solve(**given)
        except InputError:
            raise
        except Exception as error:  # pyblp's errors, those of its parser and of linear algebra share no base class
            raise InputError(f"estimate_demand: this cannot be estimated: {_first_line(error)}") from error
    if not (hold or results.converged):
        raise ConvergenceError(
            "The search for the coefficients did not converge.", remedy="other starts, or fewer random coefficients"
        )
    b, covariance = _coefficients(results, back, price, names, taken, tastes, interactions, nests)
    if not np.isfinite(covariance.to_numpy()).all():
        raise InputError("estimate_demand: the standard errors are not finite; more instruments or fewer coefficients")
    return DemandEstimate(
        coefficients=b,
        covariance=covariance,
        products=data,
        columns=columns,
        characteristics=tuple(names),
        values=np.asarray(problem.products.X2, dtype=float) if names else np.zeros((0, 0)),
        demographics=tuple(taken),
        buyers=_buyers(problem) if names else None,
        objective=float(np.squeeze(results.objective)),
        errors=f"errors clustered by {cluster}" if cluster else "errors robust to heteroskedasticity",
        notes=(*notes, *(("The random coefficients are held at their starts.",) if hold else ())),
    )


# ---- what goes in ----


def _pyblp() -> Any:
    try:
        import pyblp
    except ImportError:
        raise InputError('estimating demand needs pyblp: pip install "entrepot[firms]"') from None
    return pyblp


@contextmanager
def _quiet(pyblp: Any) -> Iterator[None]:
    verbose = pyblp.options.verbose
    pyblp.options.verbose = False
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        pyblp.options.verbose = verbose


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _column(frame: pd.DataFrame, name: str, what: str) -> str:
    if name not in frame:
        raise UnknownNameError("column", str(name), [str(c) for c in frame.columns], what)
    return name


def _tastes(random: str | Mapping[str, float] | None) -> dict[str, float]:
    if random is None:
        return {}
    if isinstance(random, str):
        return {name.strip(): START for name in random.split("+") if name.strip() not in ("", "0")}
    for name, start in random.items():
        if not np.isfinite(start) or start == 0:
            raise InputError(f"random: {name} starts at {start:g}; give a start other than zero, or leave it out")
    return {str(name): float(start) for name, start in random.items()}


def _with_price(linear: str, price: str, interactions: Mapping[tuple[str, str], float]) -> str:
    if price in _NAME.findall(linear) or any(name == price for name, _ in interactions):
        return linear
    return f"{linear} + {price}"


def _checked(
    products: Any,
    c: Columns,
    linear: str,
    tastes: Sequence[str],
    instruments: Sequence[str] | None,
    cluster: str | None,
) -> pd.DataFrame:
    """The table of products with rows numbered from one, its columns and numbers checked."""
    if not isinstance(products, pd.DataFrame):
        raise InputError(f"products: a DataFrame is needed, not {type(products).__name__}")
    if products.empty:
        raise TableError("products: the table has no rows")
    if isinstance(instruments, str):
        raise InputError(f"instruments: a list of columns is needed, such as [{instruments!r}]")
    data = products.reset_index(drop=True)
    characteristics = [*_NAME.findall(_CATEGORY.sub("", linear)), *(t for t in tastes if t != "1")]
    numbers = [c.price, c.share, *characteristics, *(instruments or ())]
    groups = [*_NAME.findall(linear), c.market, c.firm, *(n for n in (c.nests, cluster) if n)]
    for name in dict.fromkeys([*numbers, *groups]):
        if data[_column(data, name, "products")].isna().any():
            raise TableError(f"products, row {int(np.flatnonzero(data[name].isna())[0]) + 1}: {name} is missing")
    for name in dict.fromkeys(numbers):
        if data[name].dtype.kind not in "iufb" or not np.isfinite(data[name].to_numpy(dtype=float)).all():
            raise TableError(f"products: the column {name!r} holds {data[name].dtype}; finite numbers are needed")
    share, prices = data[c.share].to_numpy(dtype=float), data[c.price].to_numpy(dtype=float)
    for name, values in ((c.share, share), (c.price, prices)):
        if (values <= 0).any():
            k = int(np.argmax(values <= 0))
            raise TableError(f"products, row {k + 1}: {name} is {values[k]:g}; it must be above zero")
    total = data.groupby(c.market)[c.share].sum()
    if (total >= 1).any():
        raise TableError(
            f"products: the shares of {c.market} {total.idxmax()!r} add up to {total.max():.4g}; they are shares of "
            f"all buyers, so that with the outside good they stay below one"
        )
    return data


def _renamed(data: pd.DataFrame, c: Columns, cluster: str | None) -> pd.DataFrame:
    """The table with the names that pyblp gives to its columns beside the user's own."""
    wanted = {"market_ids": c.market, "firm_ids": c.firm, "shares": c.share, "prices": c.price}
    wanted |= {"nesting_ids": c.nests} if c.nests else {}
    wanted |= {"clustering_ids": cluster} if cluster else {}
    kept = data.drop(columns=[n for n in data if re.fullmatch(r"(demand|supply|covariance)_instruments\d*", str(n))])
    unused = [n for n in ("nesting_ids", "clustering_ids", "ownership") if n not in wanted and n in kept]
    return kept.drop(columns=unused).assign(**{name: data[column] for name, column in wanted.items()})


def _instruments(
    pyblp: Any,
    data: pd.DataFrame,
    renamed: pd.DataFrame,
    formula: str,
    price: str,
    columns: Sequence[str] | None,
    absorb: str | None,
    nests: str | None,
) -> tuple[Array, list[str]]:
    """Excluded instruments [row, z], without those that are collinear, and notes on what was left out."""
    if columns is not None:
        return data[list(columns)].to_numpy(dtype=float), []
    own = [term.strip() for term in formula.split("+") if term.strip() not in ("", "0", price)]
    if absorb or not own:
        raise InputError("instruments: with fixed effects, or without characteristics, name the columns of instruments")
    exogenous = pyblp.Formulation(" + ".join(own))
    with _quiet(pyblp):
        built = np.asarray(pyblp.build_blp_instruments(exogenous, renamed), dtype=float)
        characteristics = np.asarray(pyblp.build_matrix(exogenous, renamed), dtype=float)
    if nests is not None:  # how many others are in the nest shifts the share within it
        count = renamed.groupby(["market_ids", "nesting_ids"])["shares"].transform("size").to_numpy(dtype=float)
        built = np.column_stack([built, count])
    kept = _independent(characteristics, built)
    left = built.shape[1] - len(kept)
    note = f"{left} of {built.shape[1]} instruments were left out: they follow from the others or the characteristics."
    return built[:, kept], [note] if left else []


def _independent(given: Array, columns: Array) -> list[int]:
    """Which columns are not combinations of the given ones and of those before them."""
    basis, kept = np.linalg.qr(given)[0], []
    for k, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > 1e-8 * max(float(np.linalg.norm(column)), 1e-300):
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            kept.append(k)
    return kept


def _problem(
    pyblp: Any,
    data: pd.DataFrame,
    agents: Any,
    formula: str,
    absorb: str | None,
    names: list[str],
    taken: list[str],
    tastes: int,
    columns: Columns,
    draws: int,
    seed: int,
) -> Any:
    # pyblp knows the price by the name prices, and lets formulas use it by no other.
    price = columns.price
    linear = pyblp.Formulation(re.sub(rf"(?<![\w.]){re.escape(price)}(?!\w)", "prices", formula), absorb=absorb)
    if not names:
        return pyblp.Problem(linear, data)
    shown = ["prices" if name == price else name for name in names]
    random = pyblp.Formulation(" + ".join(shown if "1" in shown else ["0", *shown]))
    options: dict[str, Any] = {}
    if agents is None:
        if taken:
            raise InputError("demographics: give agents, with a column for each demographic")
        options["integration"] = pyblp.Integration("halton", draws, {"seed": seed})
    else:
        options["agent_data"] = _agents(agents, columns, taken, tastes, data)
    if taken:
        written = [d if re.fullmatch(r"[A-Za-z_]\w*", d) else f"I({d})" for d in taken]
        options["agent_formulation"] = pyblp.Formulation(" + ".join(["0", *written]))
    return pyblp.Problem((linear, random), data, **options)


def _orthogonal(problem: Any) -> Array:
    """Put orthogonal columns of like size in the place of the problem's; return what turns coefficients back [k, k].

    The estimates are the same, but for rounding: beside columns of other units, such as inhabitants beside shares, the
    products of columns would be too far apart. Raises `InputError` where a column follows from those before it.
    """
    products = problem.products
    products.X1, back = _basis("linear", products.X1, products.demand_ids)
    products.ZD, _ = _basis("instruments", products.ZD, products.demand_ids)
    return back


def _basis(what: str, columns: Array, effects: Array) -> tuple[Array, Array]:
    """An orthogonal basis of columns [row, k], each of mean square one, and the columns of the basis in theirs [k, k].

    effects   the fixed effects, one a column [row, effect], which the columns are without but for rounding
    """
    absorbed, least = effects.shape[1] > 0, COLLINEAR
    sizes = np.linalg.norm(columns, axis=0) / np.sqrt(len(columns))
    kept = sizes > (1e-12 * sizes.max(initial=0.0) if absorbed else 0.0)  # else rounding of what effects explain
    sizes = np.where(kept, sizes, np.inf)
    scaled = columns / sizes
    if absorbed:  # as the search for them ends at a size, much may be left of what has a small one
        import pyhdfe

        scaled = pyhdfe.create(effects, drop_singletons=False, compute_degrees=False).residualize(scaled)
        least = COLLINEAR_ABSORBED
    basis, triangle = np.linalg.qr(scaled / np.sqrt(len(scaled)))
    left = np.abs(np.diag(triangle))
    if left.size < columns.shape[1] or (left < least).any():  # fewer rows than columns, or one that follows
        raise InputError(
            f"{what}: this cannot be estimated, since one column follows from the others (after fixed effects, "
            f"where there are any); leave one out"
        )
    return basis * np.sqrt(len(basis)), np.linalg.inv(triangle) / sizes[:, None]


def _agents(agents: Any, columns: Columns, taken: list[str], tastes: int, data: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(agents, pd.DataFrame):
        raise InputError(f"agents: a DataFrame is needed, not {type(agents).__name__}")
    wanted = [columns.market, "weights", *(f"nodes{k}" for k in range(tastes))]
    wanted += [name for demographic in taken for name in _NAME.findall(demographic)]
    for name in wanted:
        if name not in agents:
            raise TableError(f"agents: no column {name!r}{nearest(name, [str(c) for c in agents.columns])}")
        if agents[name].isna().any():
            raise TableError(f"agents, row {int(np.flatnonzero(agents[name].isna())[0]) + 1}: {name} is missing")
    without = sorted(set(data["market_ids"]) - set(agents[columns.market]))
    if without:
        raise TableError(f"agents: no rows for {columns.market} {without[0]!r}")
    return agents.assign(market_ids=agents[columns.market])


# ---- what comes out ----


def _buyers(problem: Any) -> Buyers:
    agents = problem.agents
    return Buyers(
        market=np.asarray(agents.market_ids).ravel(),
        weight=np.asarray(agents.weights, dtype=float).ravel(),
        nodes=np.asarray(agents.nodes, dtype=float),
        demographics=np.asarray(agents.demographics, dtype=float).reshape(len(agents.weights), -1),
    )


def _coefficients(
    results: Any,
    back: Array,
    price: str,
    names: list[str],
    taken: list[str],
    tastes: Mapping[str, float],
    interactions: Mapping[tuple[str, str], float],
    nests: str | None,
) -> tuple[pd.Series, pd.DataFrame]:
    """Coefficients and their covariance: pyblp stacks sigma by rows, pi by rows, rho and beta, of `_orthogonal`."""
    labels = [f"sd({name})" for name in names if name in tastes]
    labels += [f"{name} x {d}" for name in names for d in taken if (name, d) in interactions]
    labels += ["nesting"] if nests else []
    labels += [price if label == "prices" else _WRITTEN.sub(r"\1", str(label)) for label in results.beta_labels]
    values = np.asarray(results.parameters, dtype=float).ravel()
    covariance = np.asarray(results.parameter_covariances, dtype=float) / results.problem.N
    if len(labels) != len(values):
        raise InputError(f"estimate_demand: {len(values)} coefficients for the names {', '.join(labels)}")
    turn = np.eye(len(values))
    first = len(values) - len(back)
    turn[first:, first:] = back
    values, covariance = turn @ values, turn @ covariance @ turn.T
    return pd.Series(values, index=labels, name="coefficient"), pd.DataFrame(covariance, index=labels, columns=labels)


__all__ = ["DemandEstimate", "estimate_demand"]
