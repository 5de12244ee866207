"""The path of a case in every member: totals, what is bought early, and the peak and trough of trade."""

from __future__ import annotations

from typing import Any

from entrepot.cases.case_path import CasePath, path_of_solved
from entrepot.errors import ConvergenceError, InputError
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
    early = path.surges.drop(columns=["carried_out", "probability"])
    expected = [entry.title for entry in path.entries if entry.known is not None or entry.title in early.index]
    surges = early.reindex(expected if "inventories" in found.spec.built() else []).fillna(0.0).reset_index()
    trade = []
    for market, at in path.by_market.items():
        imports = path.markets.xs(market, level="market")["imports"] / float(path.base.flows.border[at].sum())
        trade.append({"market": market, "peak_pct": 100 * (imports.max() - 1), "trough_pct": 100 * (imports.min() - 1)})
    return {
        "path_totals": found.totals.reset_index().to_dict("records"),
        "path_surges": surges.to_dict("records"),
        "path_trade": trade,
    }
