"""Caps on the same trade: those that others keep slack, and those whose rents no equilibrium tells apart."""

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
    """Numbers of the caps that others leave nothing to do: one whose trade is under a smaller cap, and one that is at
    least the sum of caps on all parts of its trade. And of these, those that are exactly what the others leave while
    another holds their rent: where the others bind, it is open who has it.
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
    """Those with a flow that another has too; mostly none."""
    if len(caps) < 2:
        return []
    flow, times = np.unique(np.concatenate([cap.at for cap in caps]), return_counts=True)
    shared = flow[times > 1]
    return [cap for cap in caps if shared.size and np.isin(cap.at, shared).any()]


def _limits(cap: Cap, others: Sequence[Cap]) -> list[tuple[float, list[Cap]]]:
    """Volumes that other caps leave to the trade under a cap, and which: each that has all of it; all its parts."""
    around = [(c.volume, [c]) for c in others if cap.within(c)]
    inside = [c for c in others if c.within(cap)]
    parts = _cover(frozenset(cap.at.tolist()), inside, {})
    return [*around, (sum(c.volume for c in parts), parts)] if parts else around


def _cover(flows: frozenset[int], inside: Sequence[Cap], known: dict[frozenset[int], list[Cap]]) -> list[Cap]:
    """The caps without a flow in common, of the least volume together, that have all of `flows`; none if there are
    none such. `known` are the answers found so far.
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
    """What of the rent is the exporters', and whether duty is levied on it."""
    return cap.exporter_share, cap.before_duty
