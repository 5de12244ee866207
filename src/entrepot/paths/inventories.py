"""What importers buy and store ahead of a measure that they expect (after Riker 2019, in continuous time)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import InputError
from entrepot.paths.number_checks import check_between
from entrepot.types import Array, Index

#: Steps of the integration of a price over a stock, and rounds in which a bracketed solution is searched for.
NODES, ROUNDS = 16, 60
#: The largest stock that is looked for, in years of imports.
MOST = 64.0


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

    def keeping(self, price: Array, stock: Array) -> Array:
        """Return what keeping a unit costs a year at a price and a stock (8), as a part of the price before."""
        cost: Array = self.interest * price + self.storage + self.crowding * stock
        return cost


@dataclass(frozen=True)
class Outlook:
    """How a flow goes on after the day of a measure [f], prices as parts of the price before, years of imports before.

    price  of imports;  use  a year at that price;  elasticity  of the volume used in its own price
    """

    price: Array
    use: Array
    elasticity: Array

    def demand(self, price: Array) -> Array:
        """Return use a year at a price that users pay (9)."""
        used: Array = self.use * (price / self.price) ** -self.elasticity
        return used

    def only(self, flows: Index) -> Outlook:
        """Return some of the flows."""
        return Outlook(self.price[flows], self.use[flows], self.elasticity[flows])


@dataclass(frozen=True)
class Depletion:
    """A stock after the day of a measure, until it is gone [f].

    value     what a unit of it is worth on that day, as a part of the price before
    years     until it is gone;  kept  what keeping it costs, in years of imports at the price before
    paid      what users pay for it, in the same unit
    """

    value: Array
    years: Array
    kept: Array
    paid: Array


@dataclass(frozen=True)
class Stockpile:
    """What is bought ahead of a measure [f], in years of imports before it, and what becomes of it on each branch."""

    stock: Array
    carried_out: Depletion
    lapsed: Depletion


def stockpile(
    inventories: Inventories, carried_out: Outlook, lapsed: Outlook, probability: float, horizon: float
) -> Stockpile:
    """Return what importers store ahead of a measure (8) to (11), flow by flow.

    horizon  years until the measure ends, by when the stock must be gone; infinite where it has no last day

    Raises `InputError` where keeping goods is free and the measure has no last day.
    """
    if inventories.free and not np.isfinite(horizon):
        raise InputError(
            "inventories: with interest, storage and crowding of zero a stock has no limit ahead of a measure without "
            "a last day; state a cost, or the day until which the measure is in force"
        )
    stock = _stock(inventories, carried_out, lapsed, probability, np.inf)
    late = np.zeros(stock.shape, dtype=bool)
    if np.isfinite(horizon):
        late = _depletion(inventories, carried_out, stock, np.inf).years > horizon
        if probability < 1:
            late |= _depletion(inventories, lapsed, stock, np.inf).years > horizon
        if late.any():
            at = np.flatnonzero(late)
            stock[at] = _stock(inventories, carried_out.only(at), lapsed.only(at), probability, horizon)
    end = np.where(late, horizon, np.inf)
    return Stockpile(
        stock, _depletion(inventories, carried_out, stock, end), _depletion(inventories, lapsed, stock, end)
    )


def _stock(
    inventories: Inventories, carried_out: Outlook, lapsed: Outlook, probability: float, horizon: float
) -> Array:
    """The stock at which its last unit is worth its price (11) [f]."""

    def worth(stock: Array) -> Array:
        value = probability * _depletion(inventories, carried_out, stock, horizon).value
        if probability < 1:
            value = value + (1 - probability) * _depletion(inventories, lapsed, stock, horizon).value
        return value

    high = np.full(carried_out.price.shape, 1 / 16)
    while (high < MOST).all() and (worth(high) > 1).any():
        high = np.where(worth(high) > 1, 2 * high, high)
    return _crossing(lambda stock: worth(stock) - 1, np.zeros(high.shape), high)


def _depletion(inventories: Inventories, branch: Outlook, stock: Array, horizon: Array | float) -> Depletion:
    """The stock of a branch, used up by the day on which imports resume, or by the horizon at a lower price."""
    found = _used_up(inventories, branch, branch.price, stock)
    bound = np.flatnonzero(found.years > horizon)
    if not bound.size:
        return found
    part, held = branch.only(bound), stock[bound]
    end = np.broadcast_to(horizon, stock.shape)[bound]
    start = np.full(bound.shape, -8.0)  # of ln price at the end, below that of imports

    def too_short(ln_lower: Array) -> Array:
        lasts: Array = _used_up(inventories, part, part.price * np.exp(ln_lower), held).years
        return np.log(end / lasts)  # nearly linear

    ln_lower = _crossing(too_short, start, np.zeros(bound.shape))
    bounded = _used_up(inventories, part, part.price * np.exp(ln_lower), held)
    for name in ("value", "years", "kept", "paid"):
        getattr(found, name)[bound] = getattr(bounded, name)
    return found


def _crossing(f: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where f falls through zero between `low` and `high` [f], by regula falsi with the Illinois rule."""
    at_low, at_high = f(low), f(high)
    last, was_above = np.full((2, *low.shape), np.nan)
    for _ in range(ROUNDS):
        tried = np.divide(
            low * at_high - high * at_low, at_high - at_low, out=(low + high) / 2, where=at_high != at_low
        )
        tried = np.where(np.isfinite(tried), np.clip(tried, low, high), (low + high) / 2)
        at = f(tried)
        settled = (np.abs(at) <= 1e-13) | (np.abs(tried - last) <= 1e-15 + 1e-13 * np.abs(tried))
        if settled.all():
            return tried
        last = tried
        above = at > 0  # the crossing lies to the right; an end that stays for a second time counts half
        again = np.where(above == was_above, 0.5, 1.0)
        at_high, at_low = np.where(above, again * at_high, at), np.where(above, at, again * at_low)
        was_above = np.where(above, 1.0, 0.0)
        high, low = np.where(above, high, tried), np.where(above, tried, low)
    return tried


def _used_up(inventories: Inventories, branch: Outlook, last_price: Array, stock: Array) -> Depletion:
    """Integrate dP/dS = -keeping / D from the last unit, at `last_price`, up to the stock (Runge and Kutta)."""
    price, years, kept, paid = last_price.copy(), *(np.zeros(stock.shape) for _ in range(3))
    h = stock / NODES

    def slopes(s: Array, p: Array) -> tuple[Array, Array, Array, Array]:
        p = np.maximum(p, 1e-9)
        used, cost = branch.demand(p), inventories.keeping(p, s)
        return -cost / used, 1 / used, s * cost / used, p

    for node in range(NODES):
        s = node * h
        a = slopes(s, price)
        b = slopes(s + h / 2, price + h / 2 * a[0])
        c = slopes(s + h / 2, price + h / 2 * b[0])
        d = slopes(s + h, price + h * c[0])
        move = [h / 6 * (k1 + 2 * k2 + 2 * k3 + k4) for k1, k2, k3, k4 in zip(a, b, c, d, strict=True)]
        price, years, kept, paid = price + move[0], years + move[1], kept + move[2], paid + move[3]
    return Depletion(price, years, kept, paid)
