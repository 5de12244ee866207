"""Calibration: the demand system whose first-order conditions come nearest to the margins that are stated.

A demand system of one strength parameter (the price coefficient of logit, sigma of CES, the slope of AIDS and linear
demand) is fitted by least squares to all stated margins, or follows from the market's elasticity, or is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from entrepot.errors import InputError, nearest
from entrepot.languages import english
from entrepot.markets.conduct import Conduct
from entrepot.markets.demands import AIDS, CES, Demand, Level, Linear, Logit, MixedLogit, NestedLogit
from entrepot.markets.price_chain import PriceChain
from entrepot.markets.product_table import ProductTable
from entrepot.types import Array, Index
from entrepot.words import counted, figure

DEMANDS = ("logit", "nested_logit", "ces", "aids", "linear", "mixed_logit")
#: Why one maker without an outside good has no price.
ALONE = (
    "one maker sets all prices and no buyer can leave: give market_size (an outside good), or for AIDS and CES a "
    "market_elasticity"
)
#: The arguments of `Market.from_products` that each demand system reads.
READS: Mapping[str, tuple[str, ...]] = {
    "logit": ("market_size", "market_elasticity", "price_coefficient", "fit"),
    "nested_logit": ("market_size", "price_coefficient", "nests", "nesting"),
    "ces": ("market_size", "market_elasticity", "sigma"),
    "aids": ("market_elasticity", "strength"),
    "linear": ("market_size", "strength"),
    "mixed_logit": ("market_size", "draws"),
}
#: All of these arguments, each once.
ARGUMENTS = tuple(dict.fromkeys(key for keys in READS.values() for key in keys))
#: How the price coefficient of a logit without outside good is fitted.
FITS = ("trade", "margins")


@dataclass(frozen=True, eq=False)
class DemandFit:
    """A calibrated demand system, the parameters that it was given or fitted, and notes."""

    demand: Demand
    parameters: Mapping[str, float]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DemandChoice:
    """What a demand system is calibrated from.

    demand              one of `DEMANDS`
    market_size         units that could be sold (for CES money that could be spent), with the outside good; "fit": the
                        size that fits the margins best together with the price coefficient (logit)
    market_elasticity   of the units of all products together when all prices rise; of CES with a market_size, those of
                        the products and the outside good together
    price_coefficient   of logit and nested logit, below zero, per unit of money
    sigma               elasticity of substitution of CES
    strength            of AIDS and linear demand
    nesting             1 - dissimilarity for each level of nests, 0 to 1, from the outermost in
    draws               of mixed logit: taste [j,i], alpha [i], weight [i]
    fit                 one of `FITS`
    """

    demand: str = "logit"
    market_size: float | str | None = None
    market_elasticity: float | None = None
    price_coefficient: float | None = None
    sigma: float | None = None
    strength: float | None = None
    nests: tuple[str, ...] = ()
    nesting: Sequence[float] = ()
    draws: Mapping[str, Any] | None = None
    fit: str | None = None


def fit_demand(
    choice: DemandChoice, table: ProductTable, conduct: Conduct, owned: Array, base: PriceChain
) -> DemandFit:
    """Return the demand system calibrated to a table. Raises `InputError` for what does not determine it."""
    if choice.demand not in DEMANDS:
        raise InputError(f"demand: {choice.demand!r}{nearest(choice.demand, DEMANDS)}")
    _check_reads(choice)
    if choice.fit not in (None, *FITS):
        raise InputError(f"fit: {choice.fit!r}{nearest(choice.fit, FITS)}")
    _check_size(choice, table)
    closed = choice.market_size is None and choice.market_elasticity is None
    if closed and choice.demand in ("logit", "linear", "aids") and (owned > 0).all() and conduct.strategic:
        raise InputError(ALONE)
    fitted = _Fit(choice, table, conduct, owned, base)
    return getattr(fitted, choice.demand)()


def _check_reads(choice: DemandChoice) -> None:
    """Raise `InputError` for an argument that the demand system does not read, and a number that is not finite."""
    reads = READS[choice.demand]
    for key in ARGUMENTS:
        value = getattr(choice, key)
        if value is None or (isinstance(value, Sequence) and not len(value)):
            continue
        if key not in reads and not (key == "market_size" and choice.demand == "aids"):
            of = [name for name, keys in READS.items() if key in keys]
            raise InputError(f"{key}: {choice.demand} demand does not read it (it is for {', '.join(of)})")
        if isinstance(value, int | float) and not np.isfinite(value):
            raise InputError(f"{key}: {value} is not finite")
    if choice.market_elasticity is not None and not choice.market_elasticity < 0:
        raise InputError(f"market_elasticity: {choice.market_elasticity:g} must be below zero")
    if choice.price_coefficient is not None and choice.market_elasticity is not None:
        raise InputError("market_elasticity: price_coefficient is given too, and one follows from the other")


def _check_size(choice: DemandChoice, table: ProductTable) -> None:
    size = choice.market_size
    if isinstance(size, str):
        if size != "fit":
            raise InputError(f"market_size: {size!r}; give a number, or 'fit'")
        if choice.demand != "logit":
            raise InputError(f"market_size: 'fit' is for logit demand, not for {choice.demand}")
        return
    if size is None:
        return
    if choice.demand == "aids":
        raise InputError("market_size: AIDS demand has no outside good; give market_elasticity instead")
    sold, unit = (table.sales, "spending") if choice.demand == "ces" else (table.quantity, "units")
    if not size > sold.sum():
        raise InputError(
            f"market_size: {figure(size)} is not above the {figure(sold.sum())} {unit} sold; it counts the "
            f"outside good too"
        )


@dataclass(frozen=True, eq=False)
class _Fit:
    choice: DemandChoice
    table: ProductTable
    conduct: Conduct
    owned: Array
    base: PriceChain

    # ---- demand systems ----

    def logit(self) -> DemandFit:
        c = self.choice
        if c.market_size == "fit":
            return self._logit_with_size()
        notes: tuple[str, ...] = ()
        alpha = self._given(c.price_coefficient)
        if alpha is None and c.market_elasticity is not None:
            alpha = self._alpha_of_market_elasticity()
        if alpha is None:
            alpha = 1 / self._money_scale(lambda: self._logit(1.0))
            if c.market_size is None and c.fit != "margins" and self.conduct.name == "bertrand":
                alpha, notes = self._as_trade(alpha)
        return DemandFit(self._logit(alpha), {"price_coefficient": -alpha}, notes)

    def nested_logit(self) -> DemandFit:
        c = self.choice
        if not self.table.nests:
            raise InputError("nested_logit: name the column of nests, nests=('segment',), from the outermost in")
        if len(c.nesting) != len(self.table.nests):
            raise InputError(
                f"nested_logit: {counted(len(self.table.nests), 'level')} of nests and {len(c.nesting)} "
                f"nesting parameters; give one for each, such as nesting=(0.5,)"
            )
        alpha = self._given(c.price_coefficient)
        if alpha is None:
            alpha = 1 / self._money_scale(lambda: self._nested(1.0))
        names = {f"nesting_{k + 1}": float(value) for k, value in enumerate(c.nesting)}
        alone = [
            self.table.nest_names[-1][nest]
            for nest, count in enumerate(np.bincount(self.table.nests[-1]))
            if count == 1
        ]
        single = english(f"Nests of one product, which has no rival in its nest: {', '.join(alone)}")
        return DemandFit(self._nested(alpha), {"price_coefficient": -alpha, **names}, (single,) if alone else ())

    def ces(self) -> DemandFit:
        c = self.choice
        spending = self._size()
        elasticity = -1.0 if c.market_elasticity is None else float(c.market_elasticity)

        def demand(sigma: float) -> CES:
            return CES.calibrated(
                self.table.price, self.table.quantity, sigma, spending=spending, elasticity=elasticity
            )

        sigma = c.sigma
        if sigma is None:
            sigma = 1 + float(self._best(lambda x: demand(1 + np.exp(x[0])), [np.log(4.0)], np.exp)[0])
        if not sigma > 1:
            raise InputError(f"sigma: {sigma:g} must be above 1")
        size = {} if spending is None else {"market_size": spending}
        return DemandFit(demand(sigma), {"sigma": sigma, "market_elasticity": elasticity, **size})

    def aids(self) -> DemandFit:
        c = self.choice

        def demand(strength: float, elasticity: float) -> AIDS:
            return AIDS.calibrated(self.table.price, self.table.quantity, strength, elasticity=elasticity)

        strength, elasticity = c.strength, c.market_elasticity
        notes: tuple[str, ...] = ()
        if strength is None and elasticity is None:
            found = self._best(lambda x: demand(np.exp(x[0]), -np.exp(x[1])), [np.log(2.0), np.log(1.2)], np.exp)
            strength, elasticity = float(found[0]), -float(found[1])
            notes = (
                english(
                    f"The market's elasticity, {elasticity:.3g}, was fitted to the margins (market_elasticity sets it)"
                ),
            )
        elif strength is None:
            assert elasticity is not None
            held = float(elasticity)
            strength = float(self._best(lambda x: demand(np.exp(x[0]), held), [np.log(2.0)], np.exp)[0])
        elasticity = -1.0 if elasticity is None else float(elasticity)
        if not strength > 0:
            raise InputError(f"strength: {strength:g} must be above zero")
        return DemandFit(demand(strength, elasticity), {"strength": strength, "market_elasticity": elasticity}, notes)

    def linear(self) -> DemandFit:
        def demand(strength: float) -> Linear:
            return Linear.calibrated(self.table.price, self.table.quantity, strength, buyers=self._size())

        strength = self.choice.strength
        if strength is None:
            strength = 1 / self._money_scale(lambda: demand(1.0))
        if not strength > 0:
            raise InputError(f"strength: {strength:g} must be above zero")
        return DemandFit(demand(strength), {"strength": strength})

    def mixed_logit(self) -> DemandFit:
        c, t = self.choice, self.table
        if c.draws is None or c.market_size is None:
            raise InputError(
                "mixed_logit: give market_size and draws={'taste': [product, draw], 'alpha': [draw], 'weight': [draw]}"
            )
        for key in c.draws:
            if key not in ("taste", "alpha", "weight"):
                raise InputError(f"draws: unknown key {key!r}{nearest(str(key), ('taste', 'alpha', 'weight'))}")
        arrays = {key: np.asarray(c.draws[key], dtype=float) for key in ("taste", "alpha") if key in c.draws}
        if set(arrays) != {"taste", "alpha"} or arrays["taste"].shape != (t.size, arrays["alpha"].size):
            raise InputError(f"draws: 'taste' must be [{t.size} products, draws] and 'alpha' [draws]")
        count = arrays["alpha"].size
        weight = np.asarray(c.draws.get("weight", np.full(count, 1 / count)), dtype=float)
        if weight.shape != (count,) or not 0 < weight.sum() < 1 + 1e-9 or (weight < 0).any():
            raise InputError("draws: 'weight' must be one share a draw, adding up to 1 at most")
        if not (arrays["alpha"] > 0).all() or not np.isfinite(arrays["taste"]).all():
            raise InputError("draws: 'alpha' (marginal utility of money) must be above zero, 'taste' finite")
        demand = MixedLogit.calibrated(
            t.price,
            t.quantity,
            taste=arrays["taste"],
            alpha=arrays["alpha"],
            weight=weight,
            buyers=float(c.market_size),
        )
        off = f"The draws stand for {weight.sum():.1%} of buyers; the others buy none of the products at any price"
        return DemandFit(demand, {"draws": float(count)}, (off,) if abs(weight.sum() - 1) > 1e-6 else ())

    # ---- parts ----

    def _given(self, coefficient: float | None) -> float | None:
        if coefficient is None:
            return None
        if not coefficient < 0:
            raise InputError(f"price_coefficient: {coefficient:g} must be below zero, per unit of money")
        return -float(coefficient)

    def _size(self) -> float | None:
        return None if self.choice.market_size is None else float(self.choice.market_size)

    def _logit(self, alpha: float, size: float | None = None) -> Logit:
        t = self.table
        return Logit.calibrated(t.price, t.quantity, alpha, buyers=self._size() if size is None else size)

    def _nested(self, alpha: float) -> NestedLogit:
        t, levels, around = self.table, [], 0.0
        for nest, sigma in zip(t.nests, self.choice.nesting, strict=True):
            if not 0 <= sigma < 1:
                raise InputError(f"nesting: {sigma:g} must be 0 or more and below 1")
            if sigma < around:
                raise InputError(f"nesting: {sigma:g} is below {around:g} of the level around it")
            levels.append(Level(nest, np.full(t.size, 1 - sigma)))
            around = sigma
        return NestedLogit.calibrated(t.price, t.quantity, alpha, buyers=self._size(), levels=levels)

    def _alpha_of_market_elasticity(self) -> float:
        """alpha for which a rise of all prices by 1% changes the units of all products by the elasticity in percent."""
        size, elasticity, t = self._size(), self.choice.market_elasticity, self.table
        if size is None:
            raise InputError("market_elasticity: a logit without outside good has none; give market_size too")
        assert elasticity is not None
        mean_price = float(t.sales.sum() / t.quantity.sum())
        return -elasticity / (mean_price * (1 - float(t.quantity.sum()) / size))

    def _margins(self, demand: Demand) -> Array:
        """Margins over prices [j] that the conduct implies at base prices, of products whose margin is stated."""
        t, none = self.table, np.zeros(0)
        money = self.conduct.margins(demand, t.price, self.base.passed(none), self.owned)
        return money / t.price

    def _stated(self) -> Index:
        at: Index = np.flatnonzero(np.isfinite(self.table.margin))
        if not at.size:
            raise InputError(
                "margin: without any stated margin, give price_coefficient (logit), sigma (ces), strength (aids, "
                "linear) or market_elasticity with market_size"
            )
        if self.conduct.name == "perfect":
            raise InputError("margin: under perfect competition there is none to fit; give the demand's parameter")
        return at

    def _money_scale(self, demand: Callable[[], Demand]) -> float:
        """1/alpha by least squares, where margins in money are proportional to it."""
        at = self._stated()
        base = demand()
        self.conduct.check(base, self.table.price, self.owned)
        predicted, stated = self._margins(base)[at], self.table.margin[at]
        return float((predicted @ stated) / (predicted @ predicted))

    def _best(self, demand: Callable[[Array], Demand], start: list[float], shown: Callable[[Array], Array]) -> Array:
        """Parameters by least squares on stated margins, from a start in logs."""
        from scipy.optimize import least_squares

        at = self._stated()
        if len(start) > at.size:
            raise InputError(f"margin: {at.size} stated; at least {len(start)} are needed, or give market_elasticity")
        stated = self.table.margin[at]
        self.conduct.check(demand(np.array(start)), self.table.price, self.owned)
        found = least_squares(
            lambda x: self._margins(demand(x))[at] - stated, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale=0.3
        )
        values = np.asarray(shown(found.x))
        if shown is np.exp and (values > 1e4).any():
            raise InputError(
                f"margin: the best fit runs to infinity, as the margins do not determine {self.choice.demand} demand "
                f"under {self.conduct.title}; give its parameter, or other margins"
            )
        return values

    def _logit_with_size(self) -> DemandFit:
        """alpha and the outside good's share that fit the margins best together."""
        sold = float(self.table.quantity.sum())

        def demand(x: Array) -> Logit:
            return self._logit(float(np.exp(x[0])), sold * (1 + float(np.exp(x[1]))))

        start = [np.log(1 / self._money_scale(lambda: self._logit(1.0, 2 * sold))), 0.0]
        found = self._best(demand, start, lambda x: x)
        alpha, size = float(np.exp(found[0])), sold * (1 + float(np.exp(found[1])))
        if sold < 1e-3 * size:
            raise InputError("market_size: 'fit' finds none, as the margins do not determine it; give a number")
        return DemandFit(
            self._logit(alpha, size),
            {"price_coefficient": -alpha, "market_size": size},
            (english(f"The market's size, {figure(size)} ({sold / size:.1%} of it sold), was fitted to the margins"),),
        )

    def _as_trade(self, alpha: float) -> tuple[float, tuple[str, ...]]:
        """The price coefficient as the R package trade fits it.

        That package (0.8.3 with antitrust 0.99.29, logit.alm) compares each margin with every element of its row of
        the inverted matrix of elasticities of its firm, of which the predicted margin is the sum weighted by revenue.
        For firms with one product that is least squares; for others it is not.
        """
        t, at = self.table, self._stated()
        demand = self._logit(1.0)
        if np.count_nonzero(self.owned) == t.size:
            return alpha, ()
        inverse = -np.linalg.inv(np.where(self.owned > 0, demand.elasticities(t.price), 0.0).T)[at]
        scale = float((t.margin[at][:, None] * inverse).sum() / (inverse**2).sum())
        found = 1 / scale
        return found, (
            english(
                f"Price coefficient {-found:.6g}, fitted as the R package trade does where there is no outside good; "
                f"least squares on the margins themselves gives {-alpha:.6g} (fit='margins')"
            ),
        )
