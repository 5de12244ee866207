"""Starts for a stack from the stacks before it: their answers, regressed on the numbers in which the members differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.economy.equations import Array
from entrepot.equilibrium.equilibrium_map import unknowns
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solved import Solved
from entrepot.equilibrium.stack import same

#: Members that are remembered, and the ridge of the regression as a part of the mean square of what it regresses on.
MOST, RIDGE = 64, 1e-6


class Neighbours:
    """The members that were solved last, as far as they are alike but for elasticities, rates, costs and caps.

    The unknowns are taken as linear in the logs of these numbers. The answers do not depend on it: it saves 2 of 12
    maps of 44 x 24 where elasticities vary by a quarter.
    """

    def __init__(self) -> None:
        self._known: list[tuple[Problem, Array]] = []

    def add(self, solved: Solved) -> None:
        """Remember the members of a stack that have an equilibrium."""
        first = self._known[0][0] if self._known else solved.problems[0]
        if first.factors.may_have_several or first.quotas.sharing.size:
            return  # which of several equilibria, or of several splits of a rent, is found depends on the start
        points = solved.state.pack()[:, : unknowns(first)]
        alike = [k for k, p in enumerate(solved.problems) if k not in solved.failures and _alike(p, first)]
        self._known = [*self._known, *((solved.problems[k], points[k]) for k in alike)][-MOST:]

    def start(self, problems: Sequence[Problem]) -> Array | None:
        """Return unknowns [b, x] to start from; None where no member alike was solved."""
        if not self._known or not all(_alike(problem, self._known[0][0]) for problem in problems):
            return None
        count, x = len(self._known), np.stack([point for _, point in self._known])
        numbers = _numbers([*(problem for problem, _ in self._known), *problems])
        numbers -= numbers[:count].mean(axis=0)
        mean, products = x.mean(axis=0), numbers @ numbers[:count].T
        gram = products[:count]
        gram.flat[:: count + 1] += RIDGE * np.trace(gram) / count + 1e-30
        return np.asarray(mean + np.linalg.solve(gram, products[count:].T).T @ (x - mean))


def _alike(one: Problem, other: Problem) -> bool:
    pairs = (one.flow, other.flow), (one.quotas.flow, other.quotas.flow), (one.quotas.owner, other.quotas.owner)
    if one.factors.has_activity != other.factors.has_activity or not one.economy.shares_accounts(other.economy):
        return False
    return all(same(a, b) for a, b in pairs)


def _numbers(problems: Sequence[Problem]) -> Array:
    """Return the logs of the numbers in which members differ [b, .]; arrays that all share are left out."""
    named = [
        [np.log(p.economy.theta), p.ln_tariff, p.ln_export_tax, p.ln_iceberg, p.ln_subsidy, p.quotas.ln_cap]
        for p in problems
    ]
    parts = [np.stack(parts) for parts in zip(*named, strict=True) if any(part is not parts[0] for part in parts)]
    return np.concatenate([part.reshape(len(problems), -1) for part in parts], axis=1)
