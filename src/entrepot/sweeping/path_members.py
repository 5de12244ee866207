"""The path of a case in every member: totals, what is bought early, and the peak and trough of trade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from entrepot.cases.case_path import CasePath, path_of_solved
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures.policy import union
from entrepot.paths import Path
from entrepot.paths.dated import border_flows
from entrepot.paths.surges import Surge, surge_numbers
from entrepot.sweeping.solved_part import INADMISSIBLE, NONE_FOUND, Failure, PartSolved

#: Key columns by table. Amounts are US$ million over the window, discounted; peak and trough are percent of the base.
PATH_KEYS = {
    "path_totals": ("party",),
    "path_surges": ("entry",),
    "path_trade": ("market",),
}
Rows = list[dict[str, Any]]


def path_rows(part: PartSolved) -> dict[str, Rows]:
    """Return the rows of each table of `PATH_KEYS`, by member; a path without an answer is a failure."""
    made: dict[str, Rows] = {name: [] for name in PATH_KEYS}
    for row, member in enumerate(part.members):
        plan = member.case.path_plan()
        if plan is None or row in part.inadmissible or row in part.baseless:
            continue
        try:
            outcomes = {name: part.outcome(name, row) for name in plan.scenarios}
            found = path_of_solved(member.case, member.economy, outcomes, tol=part.plan.tol)
        except (ConvergenceError, InputError) as error:
            kind = NONE_FOUND if isinstance(error, ConvergenceError) else INADMISSIBLE
            part.failures[row, "path"] = Failure(kind, str(error))
            continue
        if not found.path.complete:  # a part is kept whole, or not at all
            raise KeyboardInterrupt
        for name, rows in _rows(found).items():
            made[name] += [{"member": member.number, **numbers} for numbers in rows]
    return made


def _rows(found: CasePath) -> dict[str, Rows]:
    """Return the rows of one path."""
    path = found.path
    trade = []
    for market, at in path.by_market.items():
        imports = path.markets.xs(market, level="market")["imports"] / float(path.base.flows.border[at].sum())
        trade.append({"market": market, "peak_pct": 100 * (imports.max() - 1), "trough_pct": 100 * (imports.min() - 1)})
    return {
        "path_totals": found.totals.reset_index().to_dict("records"),
        "path_surges": _early(path) if "inventories" in found.spec.built() else [],
        "path_trade": trade,
    }


def _early(path: Path) -> Rows:
    """Return what is bought ahead of entries that begin on one day on the same flows; zeros where that is nothing."""
    found: dict[tuple[int, ...], list[Surge]] = {entries: [] for entries in _announced(path)}
    for surge in path.stockpiles:
        found.setdefault(surge.entries, []).append(surge)
    return [{"entry": path.title(entries), **surge_numbers(ahead)} for entries, ahead in found.items()]


def _announced(path: Path) -> Iterator[tuple[int, ...]]:
    """Yield the positions of entries that are announced for one day, by the flows that they touch together."""
    for day in sorted({entry.first for entry in path.entries}):
        group = [k for k, entry in enumerate(path.entries) if entry.first == day and entry.known is not None]
        flows = [border_flows(path.entries[k].scenario, path.economy) for k in group]
        every = union(flows)
        touched = np.array([np.isin(every, of) for of in flows]).reshape(len(group), every.size)
        sets = np.unique(touched[:, path.economy.value.ravel()[every] > 0], axis=1).T
        together_on = (tuple(k for k, touches in zip(group, on, strict=True) if touches) for on in sets)
        yield from sorted(together_on, key=lambda entries: (len(entries), entries))
