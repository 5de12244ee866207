"""Caps on the same trade: which of them others keep slack."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from entrepot.measures.acts import Cap

#: The number of a cap among the Policy's acts, and of those that leave exactly its volume.
Tie = tuple[int, tuple[int, ...]]
#: Relative difference below which two volumes are the same.
SAME = 1e-9


def slack_caps(caps: Sequence[Cap]) -> tuple[set[int], tuple[Tie, ...]]:
    """Return the numbers of caps that cannot bind because of others, and the ties among them.

    A cap is slack if its trade is under a smaller cap, or if it is at least the sum of caps on all parts of its trade.
    It is a tie if it equals the limit that the others set while the rent has another holder: where the others bind, the
    holder of the rent is not determined.
    """
    slack: set[int] = set()
    ties: list[Tie] = []
    sharing = _sharing([c for c in caps if c.hard])
    for cap in sorted(sharing, key=lambda c: (-c.volume, -c.number)):
        others = [c for c in sharing if c is not cap and c.number not in slack]
        found = [(limit, by) for limit, by in _limits(cap, others) if limit <= cap.volume * (1 + SAME)]
        if not found:
            continue
        limit, by = min(found, key=lambda one: one[0])
        slack.add(cap.number)
        if limit > cap.volume * (1 - SAME) and any(_holder(c) != _holder(cap) for c in by):
            ties.append((cap.number, tuple(c.number for c in by)))
    return slack, tuple(ties)


def _sharing(caps: Sequence[Cap]) -> list[Cap]:
    """The caps that have a flow in common with another cap."""
    if len(caps) < 2:
        return []
    flow, times = np.unique(np.concatenate([cap.at for cap in caps]), return_counts=True)
    shared = flow[times > 1]
    return [cap for cap in caps if np.isin(cap.at, shared).any()] if shared.size else []


def _limits(cap: Cap, others: Sequence[Cap]) -> list[tuple[float, list[Cap]]]:
    """Limits that other caps set to the trade under a cap: each that covers it all, and caps on all its parts."""
    around = [(c.volume, [c]) for c in others if cap.within(c)]
    inside = [c for c in others if c.within(cap)]
    parts = _cover(frozenset(cap.at.tolist()), inside, {})
    return [*around, (sum(c.volume for c in parts), parts)] if parts else around


def _cover(flows: frozenset[int], inside: Sequence[Cap], known: dict[frozenset[int], list[Cap]]) -> list[Cap]:
    """The disjoint caps of least total volume that cover all of `flows`; empty if there are none.

    `known` holds the results found so far.
    """
    if not flows or flows in known:
        return known.get(flows, [])
    first = min(flows)
    best: list[Cap] = []
    for cap in inside:
        mine = frozenset(cap.at.tolist())
        if first not in mine or not mine <= flows:
            continue
        rest = _cover(flows - mine, inside, known)
        if (rest or mine == flows) and (not best or cap.volume + _sum(rest) < _sum(best)):
            best = [cap, *rest]
    known[flows] = best
    return best


def _sum(caps: Sequence[Cap]) -> float:
    return math.fsum(cap.volume for cap in caps)


def _holder(cap: Cap) -> tuple[float, bool]:
    """The exporters' share of the rent, and whether duty is levied on it."""
    return cap.exporter_share, cap.before_duty
