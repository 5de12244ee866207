"""What households plan to invest: the steps of a path with capital, along every way that they think it may go."""

from __future__ import annotations

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.paths.capital import plan
from entrepot.paths.expectations import Expectations, Prospect, Regime, prospect
from entrepot.paths.march import March
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.stages import Keep, in_stages
from entrepot.types import Array

#: Plans are made until what is invested moves by less than this part of it, at most so often.
SETTLED, ROUNDS = 1e-8, 40


def solve_steps(march: March, expectations: Expectations, keep: Keep) -> None:
    """Solve every step of a path, with capital or without, and hand it to `keep`. Raises `ConvergenceError`."""
    base = np.zeros_like(march.base.capital_income)
    if march.capital is not None and expectations != "myopic":

        def planned(march: March, stage: Regime, ln_capital: Array, keep: Keep) -> None:
            _plan_stage(march, prospect(expectations, march.steps, march.entries, stage), ln_capital, keep)

        in_stages(march, expectations, planned, base, keep)
        return
    whole = Prospect(0, len(march.steps), march.as_it_goes)
    for t, solved in enumerate(march.over(whole, None if march.capital is None else base)):
        keep(t, solved)


def _plan_stage(march: March, root: Prospect, ln_capital: Array, keep: Keep) -> None:
    """Solve one plan after the other, until what is invested no longer moves on any way."""
    happens = root.taken()
    x: dict[Prospect, list[Array]] = {}
    solved: dict[Prospect, list[SolvedStep]] = {}
    for _ in range(ROUNDS):
        start = {root: ln_capital}
        for way in root.each():
            near, solved[way] = solved.get(way, []), []
            for step in march.over(way, start[way], x.get(way), near):
                solved[way].append(step)
                if way in happens:
                    keep(way.first + len(solved[way]) - 1, step)
            start |= {after: solved[way][-1].stocks_end for _, after in way.ways}
        wanted: dict[Prospect, list[Array]] = {}
        _plan(march, root, solved, wanted)
        if all(_settled(new, step) for way in solved for new, step in zip(wanted[way], solved[way], strict=True)):
            return
        x = wanted
    raise ConvergenceError(
        f"What households plan to invest from {march.steps[root.first].first} on does not settle in {ROUNDS} rounds: "
        f"expectations explode. Lower the share of capital, or use expectations='myopic'"
    )


def _plan(
    march: March, way: Prospect, solved: dict[Prospect, list[SolvedStep]], x: dict[Prospect, list[Array]]
) -> Array:
    """Fill in x of every way from this one on, and return what capital is worth at its start (5)."""
    rules = march.rules[way.first : way.end]
    shares = [step.income_share for step in solved[way] if step.income_share is not None]
    after = rules[-1].settled_worth(shares[-1])
    if way.ways:
        after = np.sum([chance * _plan(march, other, solved, x) for chance, other in way.ways], axis=0)
    x[way], worth = plan(rules, shares, after)
    return worth


def _settled(wanted: Array, step: SolvedStep) -> bool:
    assert step.invested is not None
    return bool((np.abs(wanted - step.invested) <= SETTLED * wanted).all())
