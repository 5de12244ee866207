"""What importers buy and store ahead of a measure that they expect (after Riker 2019, in continuous time)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from entrepot.errors import ConvergenceError, InputError
from entrepot.paths.number_checks import check_between
from entrepot.types import Array, Index

#: Steps of the integration of a price over a stock.
NODES = 32
#: The largest stock, in years of imports before.
MOST = 64.0
#: ln of the least part of the price of imports at which a stock that must be gone by a day is sold off.
LEAST = -8.0


@dataclass(frozen=True)
class Inventories:
    """What it costs to keep goods in store.

    interest  a year, on their price
    storage   c_0, a year, as a part of the price before the measure
    crowding  c_1, by how much storage rises with the stock, in years of imports before the measure
    lead      the days before a measure in which the stock is bought
    sectors   whose goods can be stored: a name or several

    Raises `InputError` for a negative number.
    """

    interest: float = 0.05
    storage: float = 0.15
    crowding: float = 1.0
    lead: int = 90
    sectors: str | Sequence[str] = "ALL"

    def __post_init__(self) -> None:
        for key in ("interest", "storage", "crowding"):
            check_between(
                f"inventories: {key}", getattr(self, key), 0.0, np.inf, "a part a year, 0 or more, such as 0.05,", "low"
            )
        if isinstance(self.lead, bool) or not isinstance(self.lead, int) or not 1 <= self.lead <= 366:
            raise InputError(f"inventories: lead {self.lead!r}: a whole number of days from 1 to 366 is needed")

    @property
    def free(self) -> bool:
        """Whether it costs nothing to keep goods, however many and however long."""
        return not (self.interest or self.storage or self.crowding)

    def until_the_day(self, stock: Array, years: float) -> Array:
        """Return what keeping a unit costs, on average, in the years in which a stock is bought evenly (11)."""
        return years * ((self.interest + self.storage) / 2 + self.crowding * stock / 3)


@dataclass(frozen=True)
class Outlook:
    """How a flow may go on after a day [f]: prices as parts of the price before, use in years of imports before.

    price        of imports;  use  a year at that price;  elasticity  of the volume used in its own price
    horizon      years until imports are cheaper, by when the stock must be gone; infinite where they never are
    probability  of going on so
    """

    price: Array
    use: Array
    elasticity: Array
    horizon: Array
    probability: float = 1.0

    def only(self, flows: Index) -> Outlook:
        """Return some of the flows."""
        return Outlook(
            self.price[flows], self.use[flows], self.elasticity[flows], self.horizon[flows], self.probability
        )

    def at_price(self, price: Array) -> Outlook:
        """Return the same users, where imports resume at another price."""
        return replace(self, price=price, use=self.use * (price / self.price) ** -self.elasticity)


@dataclass(frozen=True)
class Depletion:
    """A stock after the day of a measure, until it is gone [f].

    value     what a unit of it is worth on that day, as a part of the price before
    years     until it is gone;  last_price  of the last unit, as a part of the price before
    kept      what keeping it costs, in years of imports at the price before
    paid      what users pay for it, in the same unit
    """

    value: Array
    years: Array
    last_price: Array
    kept: Array
    paid: Array


@dataclass(frozen=True)
class Stockpile:
    """What is bought ahead of a day [f], in years of imports before it, and what becomes of it on each way.

    kept   what keeping it costs until the day, in years of imports at the price before
    """

    stock: Array
    kept: Array
    ways: tuple[Depletion, ...]


def stockpile(inventories: Inventories, ways: Sequence[Outlook], lead: float = 0.0) -> Stockpile:
    """Return what importers store ahead of a day (8) to (11), flow by flow.

    ways  in which imports may go on from that day, whose probabilities add up to one
    lead  years before the day in which the stock is bought evenly

    Raises `InputError` where a stock has no limit: keeping goods is free, or so cheap that importers would store more
    than they import in 64 years.
    """
    flows = np.arange(ways[0].price.size)

    def gain(stock: Array, at: Array | Index) -> Array:
        some = at.astype(np.intp)
        value = sum(way.probability * _depletion(inventories, way.only(some), stock).value for way in ways)
        return np.asarray(value - 1 - inventories.until_the_day(stock, lead))

    worth_it = gain(np.zeros(flows.size), flows) > 0
    stock = np.zeros(flows.size)
    at = flows[worth_it]
    if at.size:
        stock[at] = _crossing(gain, np.zeros(at.size), _enough(inventories, gain, at), at)
    ended = tuple(_depletion(inventories, way, stock) for way in ways)
    return Stockpile(stock, stock * inventories.until_the_day(stock, lead), ended)


def _enough(inventories: Inventories, gain: Callable[[Array, Array | Index], Array], at: Index) -> Array:
    """Return stocks [f] whose last unit is not worth its price. Raises `InputError` where there is none."""
    high = np.full(at.size, 1 / 16)
    while (over := gain(high, at) > 0).any():
        if high[over].max() >= MOST:
            raise InputError(
                "inventories: with interest, storage and crowding of zero a stock has no limit ahead of a measure "
                "without a last day; state a cost, or the day until which the measure is in force"
                if inventories.free
                else f"inventories: keeping goods is so cheap that more than the imports of {MOST:g} years would be "
                f"stored; raise interest, storage or crowding"
            )
        high = np.where(over, 2 * high, high)
    return high


def _depletion(inventories: Inventories, way: Outlook, stock: Array) -> Depletion:
    """The stock on one way, used up by the day on which imports resume, or by the horizon at a lower price."""
    found = _used_up(inventories, way, stock)
    bound = np.flatnonzero(found.years > way.horizon)
    if not bound.size:
        return found

    def cheaper(ln_lower: Array, at: Array | Index) -> tuple[Outlook, Array]:
        some = bound[at.astype(np.intp)]
        return way.only(some).at_price(way.price[some] * np.exp(ln_lower)), stock[some]

    def spare(ln_lower: Array, at: Array | Index) -> Array:
        part, held = cheaper(ln_lower, at)
        years: Array = _used_up(inventories, part, held).years
        return np.log(part.horizon / years)

    every = np.arange(bound.size)
    least = np.full(bound.size, LEAST)
    # Use that does not answer prices ends when it ends: what is left over then is worth almost nothing.
    movable = spare(least, every) > 0
    ln_lower = least.copy()
    if movable.any():
        some = every[movable]
        ln_lower[some] = _crossing(spare, least[some], np.zeros(some.size), some)
    bounded = _used_up(inventories, *cheaper(ln_lower, every))
    for field in fields(Depletion):
        getattr(found, field.name)[bound] = getattr(bounded, field.name)
    return found


def _crossing(f: Callable[[Array, Array | Index], Array], low: Array, high: Array, at: Index) -> Array:
    """Where f(x, at) falls through zero between `low` and `high` [f]. Raises `ConvergenceError`."""
    from scipy.optimize.elementwise import find_root

    found = find_root(f, (low, high), args=(at.astype(float),), tolerances={"xrtol": 1e-12, "fatol": 1e-14})
    if not found.success.all():
        raise ConvergenceError("inventories: what importers store is not found; check the costs of keeping goods")
    return found.x


def _used_up(inventories: Inventories, way: Outlook, stock: Array) -> Depletion:
    """A stock used up until imports resume at the price of `way`: (8) to (10), integrated over the stock.

    With J(S) the integral of P over the stock, (8) and (9) have the solution
    (P/u)^(1-e) = 1 + (e-1) (c_0 S + c_1 S^2/2 + r J) / (D u). J is integrated over ln(1 + S/S_0) (Runge and Kutta),
    with S_0 the stock over which P begins to move; years are the integral of 1/D(P) over S.
    """
    c0, c1, r = inventories.storage, inventories.crowding, inventories.interest
    last, spent = way.price, way.use * way.price
    a = way.elasticity - 1
    a = np.where(np.abs(a) < 1e-9, 1e-9, a)
    scale, cost = spent / np.maximum(way.elasticity, 1), c0 + r * last
    root = cost + np.sqrt(cost**2 + 2 * c1 * scale)
    most = np.maximum(1e3 * stock, 1e-300)
    s0 = np.minimum(np.divide(2 * scale, root, out=most.copy(), where=root * most > 2 * scale), most)
    h = np.log1p(stock / s0) / NODES

    def slopes(w: Array, paid: Array) -> tuple[Array, Array]:
        s = s0 * np.expm1(w)
        moved = np.maximum(a * (c0 * s + c1 / 2 * s**2 + r * paid) / spent, -1 + 1e-15)
        ln_price = -np.log1p(moved) / a
        along = s0 * np.exp(w)
        return along * last * np.exp(ln_price), along / way.use * np.exp(way.elasticity * ln_price)

    paid, years = np.zeros(stock.shape), np.zeros(stock.shape)
    for node in range(NODES):
        w = node * h
        k1 = slopes(w, paid)
        k2 = slopes(w + h / 2, paid + h / 2 * k1[0])
        k3 = slopes(w + h / 2, paid + h / 2 * k2[0])
        k4 = slopes(w + h, paid + h * k3[0])
        paid, years = (
            total + h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
            for total, b1, b2, b3, b4 in zip((paid, years), k1, k2, k3, k4, strict=True)
        )
    value = slopes(NODES * h, paid)[0] / (s0 + stock)
    return Depletion(value, years, last.copy(), np.maximum(paid - value * stock, 0.0), paid)
