"""What a measure does in every member of a stack: the numbers of `Outcome.measures` that a sweep keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solved import Solved
from entrepot.measures import Measure
from entrepot.measures.acts import Act, Cap, ExportDuty, PriceRule, Subsidy
from entrepot.measures.policy import places
from entrepot.types import Array
from entrepot.words import distinguished

Truths = NDArray[np.bool_]


def measure_names(measures: Sequence[Measure]) -> list[str]:
    """Return a name for each measure of a scenario: its title, with its goods where others share it."""
    return distinguished([m.title for m in measures], [", ".join(m.written("sector")) for m in measures])


def measure_numbers(solved: Solved, position: int, measure: Measure) -> dict[str, Array]:
    """Return volume, rent, whether it binds (0 or 1), and revenue of the measure at a position, each by member [b].

    Members differ in numbers alone, so that the measure's flows are those of the first.
    """
    held, binds = _licences(solved, position)
    levied, floors = _price_rules(solved, position)
    missing = np.where(solved.found, 0.0, np.nan)
    return {
        "volume": solved.volumes(measure),
        "rent": held + levied + missing,
        "binding": np.where(binds | floors, 1.0, 0.0) + missing,
        "revenue": _revenue(solved, position) + missing,
    }


def _licences(solved: Solved, position: int) -> tuple[Array, Truths]:
    """The rent of the measure's own caps [b], and whether any of them holds trade back [b]."""
    q, count = solved.market.stack.quotas, len(solved.problems)
    rent = np.bincount(q.owner, solved.cleared.rent, q.ln_cap.size).reshape(count, -1)
    acts = q.act.reshape(count, -1)
    mine, banned = np.zeros(acts.shape, dtype=bool), np.zeros(count, dtype=bool)
    for rows in _of_one_policy(solved.problems):
        problem = solved.problems[rows[0]]
        caps = problem.policy.each(Cap, position)
        mine[rows] = np.isin(acts[rows], [cap.number for cap in caps])
        banned[rows] = any(cap.forbids and problem.economy.value.ravel()[cap.at].any() for cap in caps)
    binds = (mine & (solved.state.ln_mu.reshape(count, -1) > 1e-9)).any(axis=1) | banned
    return np.where(mine, rent, 0.0).sum(axis=1), binds


def _of_one_policy(problems: Sequence[Problem]) -> list[list[int]]:
    """The positions of members that share a policy, and so differ at most in elasticities."""
    rows: dict[int, list[int]] = {}
    for k, problem in enumerate(problems):
        rows.setdefault(id(problem.policy), []).append(k)
    return list(rows.values())


def _price_rules(solved: Solved, position: int) -> tuple[Array, Truths]:
    """What exporters keep under the measure's minimum prices [b], and whether any of them holds trade back [b]."""
    stack, first, count = solved.market.stack, solved.problems[0], len(solved.problems)
    rules = first.policy.each(PriceRule, position)

    def by_member(amount: Array, among: Sequence[Act]) -> Array:
        mine = np.isin(stack.rule_at.flow, places(among))
        return np.bincount(stack.rule_at.member[mine], amount[mine], count).astype(float)

    raised = (solved.cleared.ln_rule_wedge > 1e-9).astype(float)
    floors = [rule for rule in rules if rule.floor.any()]
    kept = by_member(solved.cleared.levied, [rule for rule in rules if rule.exporter_holds])
    return kept, by_member(raised, floors) > 0


def _revenue(solved: Solved, position: int) -> Array:
    """All duty on the measure's flows, whoever levies it, its export taxes, less the cost of its subsidies [b]."""
    policy = solved.problems[0].policy
    taxed, paid = policy.each(ExportDuty, position), policy.each(Subsidy, position)
    levied = [act for act in policy.each(Act, position) if act not in taxed and act not in paid]
    sales = solved.cleared.sales
    cost = (np.expm1(solved.market.stack.ln_subsidy) * sales).reshape(len(sales), -1)
    return np.asarray(
        solved.flows(places(levied)).duty.sum(axis=1)
        + solved.flows(places(taxed)).export_tax.sum(axis=1)
        - cost[:, places(paid)].sum(axis=1)
    )
