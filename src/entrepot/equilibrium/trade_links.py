"""pi k^-theta on every flow, for one world or a stack of worlds, and the products that the map takes with it.

Worlds that share a base differ from it on few flows: there the base is read once for all of them, and each one's
differences are added flow by flow. Otherwise every member has its links in full.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.economy import equations as eq
from entrepot.economy.equations import Array, Index

Traded = tuple[Array, Array, Array, Array]

#: Sectors are taken in blocks of about this many bytes, so that a block's second reading comes from cache.
BLOCK_BYTES = 1 << 19
#: Above this part of all flows it is faster to hold a member's links in full.
FEW = 0.05
#: A stack's differences are not subtracted from a market that they take more of than this: rounding would show.
MOST = 0.99


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """The places of flows in arrays with an axis of members (`stacked`), or of one world [j,n,i] of this shape.

    member [f], flow [f]     world of each, and its flat position in [j,n,i]
    source, sink             index of its cell in [.., j, i] and in [.., j, n]
    exporter, importer [f]   flat positions in [.., n]
    """

    member: Index
    flow: Index
    shape: tuple[int, ...]
    stacked: bool
    sector: Index
    source: tuple[Index, ...]
    sink: tuple[Index, ...]
    exporter: Index
    importer: Index

    @classmethod
    def of(cls, flow: Index, member: Index, shape: tuple[int, ...], stacked: bool) -> Places:
        """Return the places of flows in worlds of this shape [j,n,i]; `stacked`: with an axis of members."""
        j, n, i = np.unravel_index(flow, shape)
        front = (member,) if stacked else ()
        at_exporter, at_importer = member * shape[-1] + i, member * shape[-1] + n
        return cls(member, flow, shape, stacked, j, (*front, j, i), (*front, j, n), at_exporter, at_importer)

    @property
    def key(self) -> Index:
        """Flat positions in [b, j, n, i]."""
        return self.member * math.prod(self.shape) + self.flow

    def in_market(self, by_market: Array) -> Array:
        """Return an array [.., j, n] read at the markets of the flows [f]."""
        return np.asarray(by_market[self.sink[-by_market.ndim :]])

    def some(self, chosen: Index) -> Places:
        """Return the places at these positions."""
        return Places.of(self.flow[chosen], self.member[chosen], self.shape, self.stacked)

    def and_(self, other: Places) -> Places:
        """Return both, one after the other."""
        if not (self.flow.size and other.flow.size):
            return self if self.flow.size else other
        flow, member = np.concatenate([self.flow, other.flow]), np.concatenate([self.member, other.member])
        return Places.of(flow, member, self.shape, self.stacked)


def looked_up(keys: Index, values: Array, wanted: Index, default: Array | float) -> Array:
    """Return the values whose keys, which rise, are `wanted`, and `default` where there is none."""
    if not keys.size:
        return np.broadcast_to(default, wanted.shape)
    slot = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[slot] == wanted, values[slot], default)


class Links:
    """Attraction pi k^-theta, and net of what stands between user and producer, on flows that are found by slots."""

    attraction: Array
    net: Array

    def slots(self, at: Places) -> Index:
        """Return where `set` and `read` find flows: all are held, in order."""
        return at.key

    def multiply(self, at: Places, attraction: Array | float, net: Array | float) -> None:
        """Multiply attraction and net on some flows."""
        slots = self.slots(at)
        before, net_before = self.read(slots)
        self.set(slots, before * attraction, net_before * net)

    def set(self, slots: Index, attraction: Array | float, net: Array | float) -> None:
        """Set attraction and net on some flows."""
        self.attraction.reshape(-1)[slots] = attraction
        self.net.reshape(-1)[slots] = net

    def read(self, slots: Index) -> tuple[Array, Array]:
        """Return attraction and net on some flows."""
        return self.attraction.reshape(-1)[slots], self.net.reshape(-1)[slots]


class OwnLinks(Links):
    """In full: attraction and net [.., j, n, i]."""

    def __init__(self, share: Array, net_share: Array, members: tuple[int, ...], wedged: NDArray[np.bool_]) -> None:
        shape = (*members, *share.shape[-3:])
        self.attraction = np.array(np.broadcast_to(share, shape), order="C")
        self.net = np.array(np.broadcast_to(net_share, shape), order="C")
        self._blocks = _blocks(wedged, max(1, BLOCK_BYTES // (share.shape[-1] ** 2 * 8)))

    def net_on(self, at: Places) -> Array:
        """pi k^-theta over (1+t')(1+e')(1+mu) on any flows [f]."""
        return self.net.ravel()[at.key]

    def at_home(self) -> tuple[Array, Array]:
        """Attraction and net of every country's own goods [.., j, n]."""
        return np.diagonal(self.attraction, axis1=-2, axis2=-1), np.diagonal(self.net, axis1=-2, axis2=-1)

    def full(self) -> tuple[Array, Array]:
        """Return attraction and net of every flow."""
        return self.attraction, self.net

    def trade(self, sourcing: Array, spending: Array) -> Traded:
        """Price sums, demand X'/Phi, sales and purchases, each [.., j, n]."""
        price_sum, demand = np.empty_like(spending), np.empty_like(spending)
        sales, purchases = np.empty_like(spending), np.empty_like(spending)
        for block, wedged in self._blocks:
            at = (..., block, slice(None))
            u, net = sourcing[at], self.net[..., block, :, :]
            price_sum[at] = phi = eq.price_sum(self.attraction[..., block, :, :] if wedged else net, u)
            demand[at] = v = spending[at] / phi
            sales[at] = eq.producer_sales(net, u, v)
            # Without border wedges, what is spent is what producers get.
            purchases[at] = eq.producer_purchases(net, u, v) if wedged else spending[at]
        return price_sum, demand, sales, purchases

    def sales(self, sourcing: Array, demand: Array) -> Array:
        """Sales alone [.., j, i], at some demand X'/Phi."""
        return eq.producer_sales(self.net, sourcing, demand)

    def purchases(self, sourcing: Array, demand: Array) -> Array:
        """Purchases alone [.., j, n]."""
        return eq.producer_purchases(self.net, sourcing, demand)


class SharedLinks(Links):
    """A base for all members [j,n,i], and each member's values on some flows, the only ones that can be set."""

    def __init__(
        self, share: Array, net_share: Array, members: int, wedged: NDArray[np.bool_], flow: Index, member: Index
    ) -> None:
        self._share, self._net_share = eq.by_column(share), net_share
        self._keys = np.unique(member * share.size + flow)
        self._at = Places.of(self._keys % share.size, self._keys // share.size, share.shape, True)
        self._shape = (members, *share.shape[:2])
        self._sink, self._source = (np.ravel_multi_index(at, self._shape) for at in (self._at.sink, self._at.source))
        self._sinks, self._sources = (np.unique(at, return_inverse=True) for at in (self._sink, self._source))
        self._base_attraction = share.ravel()[self._at.flow]
        self._base_net = net_share.ravel()[self._at.flow]
        self.attraction, self.net = self._base_attraction.copy(), self._base_net.copy()
        self._blocks = [(at, eq.by_column(net_share[at]) if w else None) for at, w in _blocks(wedged, share.shape[0])]

    def slots(self, at: Places) -> Index:
        """Return where `set` and `read` find flows."""
        return np.searchsorted(self._keys, at.key)

    def net_on(self, at: Places) -> Array:
        """Return pi k^-theta over (1+t')(1+e')(1+mu) on any flows [f]."""
        return looked_up(self._keys, self.net, at.key, self._net_share.ravel()[at.flow])

    def at_home(self) -> tuple[Array, Array]:
        """Return attraction and net of every country's own goods [b, j, n]."""
        moved = np.flatnonzero(self._at.exporter == self._at.importer)

        def own(shared: Array, by_flow: Array) -> Array:
            out = np.array(np.broadcast_to(np.diagonal(shared, axis1=-2, axis2=-1), self._shape))
            out[self._at.some(moved).sink] = by_flow[moved]
            return out

        return own(self._share, self.attraction), own(self._net_share, self.net)

    def full(self) -> tuple[Array, Array]:
        """Attraction and net of every flow [.., j, n, i]."""
        attraction, net = (np.repeat(part[None], self._shape[0], axis=0) for part in (self._share, self._net_share))
        attraction.ravel()[self._keys], net.ravel()[self._keys] = self.attraction, self.net
        return attraction, net

    def trade(self, sourcing: Array, spending: Array) -> Traded:
        """Return price sums, demand X'/Phi, sales and purchases, each [b, j, n]."""
        more, more_net = self.attraction - self._base_attraction, self.net - self._base_net
        u = sourcing.ravel()[self._source]
        price_sum = _added(eq.price_sum(self._share, sourcing), self._sinks, more * u)
        demand = spending / price_sum
        v = demand.ravel()[self._sink]
        flow = more_net * u * v
        sales = _added(eq.producer_sales(self._net_share, sourcing, demand), self._sources, flow)
        purchases = np.empty_like(spending)
        for block, net in self._blocks:
            at = (slice(None), block)
            purchases[at] = spending[at] if net is None else eq.producer_purchases(net, sourcing[at], demand[at])
        return price_sum, demand, sales, _added(purchases, self._sinks, flow)

    def sales(self, sourcing: Array, demand: Array) -> Array:
        """Sales alone [.., j, i], at some demand X'/Phi."""
        return _added(eq.producer_sales(self._net_share, sourcing, demand), self._sources, self._more(sourcing, demand))

    def purchases(self, sourcing: Array, demand: Array) -> Array:
        """Purchases alone [.., j, n]."""
        purchases = eq.producer_purchases(self._net_share, sourcing, demand)
        return _added(purchases, self._sinks, self._more(sourcing, demand))

    def _more(self, sourcing: Array, demand: Array) -> Array:
        """What the flows that differ from the base [f] are beyond it."""
        return (self.net - self._base_net) * sourcing.ravel()[self._source] * demand.ravel()[self._sink]


def _added(to: Array, cells: tuple[Index, Index], amount: Array) -> Array:
    """Return `to` with amounts [f] added in place; `cells` are flat positions in it, and which of them each is for."""
    at, which = cells
    to.reshape(-1)[at] += np.bincount(which, amount, at.size)
    return to


def links(
    share: Array,
    net_share: Array,
    members: tuple[int, ...],
    wedged: NDArray[np.bool_],
    flow: Index,
    member: Index | None,
) -> OwnLinks | SharedLinks:
    """Return links of worlds that differ from the base on flows of members; `members` is () for one world."""
    if member is not None and share.ndim == 3 and flow.size <= FEW * members[0] * share.size:
        market = member * (share.size // share.shape[2]) + flow // share.shape[2]
        taken = np.bincount(market, share.ravel()[flow])
        if taken.max(initial=0.0) <= MOST:
            return SharedLinks(share, net_share, members[0], wedged, flow, member)
    return OwnLinks(share, net_share, members, wedged)


def _blocks(wedged: NDArray[np.bool_], length: int) -> list[tuple[slice, bool]]:
    """Runs of sectors with border wedges or without, at most `length` of them at a time."""
    cuts = {0, wedged.size, *(np.flatnonzero(np.diff(wedged)) + 1).tolist()}
    return [
        (slice(start, min(start + length, stop)), bool(wedged[start]))
        for first, stop in itertools.pairwise(sorted(cuts))
        for start in range(first, stop, length)
    ]
