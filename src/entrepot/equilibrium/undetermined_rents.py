"""Overlapping caps whose prices are determined while the holder of the rent is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.equilibrium.equilibrium_map import State
from entrepot.equilibrium.problem import Problem
from entrepot.errors import MeasureError
from entrepot.types import Array


def check_rents(problem: Problem, state: State, volume: Array) -> None:
    """Raise `MeasureError` where prices are determined while the holder of a rent is not.

    That is so where filled caps of several holders overlap and one wedge can replace another on every flow.
    """
    q = problem.quotas
    if not q.count:
        return
    acts = problem.policy.acts
    binding = set(q.act[state.ln_mu > 1e-6].tolist())
    for cap, by in problem.ties:
        if binding >= set(by):
            raise _undetermined([acts[k].measure.title for k in (cap, *by)])
    if not q.sharing.size:
        return
    filled = np.flatnonzero(np.isinf(q.ln_ceiling) & (np.log(np.maximum(volume, 1e-300)) - q.ln_cap > -1e-7))
    flow = np.unique(q.flow)
    on = np.zeros((flow.size, filled.size))
    for column, k in enumerate(filled):
        on[np.searchsorted(flow, q.flow[q.owner == k]), column] = 1.0
    size, turn = np.linalg.eigh(on.T @ on)
    for direction in turn.T[size < 1e-9 * flow.size]:
        traded = filled[np.abs(direction) > 1e-9]
        titles = [problem.quota_title(int(k)) for k in traded]
        holders = {(q.exporter_share[k], q.before_duty[k]) for k in traded}
        if (state.ln_mu[traded] > 1e-6).any() and len(holders) > 1:
            raise _undetermined(titles)


def _undetermined(titles: Sequence[str]) -> MeasureError:
    first, *others = map(repr, titles)
    return MeasureError(
        "cap",
        f"{first} caps the same trade at the same volume as {' and '.join(others)}: which of them binds, and so "
        f"who holds the rent, is not determined; leave it out, or let one cap be smaller",
    )
