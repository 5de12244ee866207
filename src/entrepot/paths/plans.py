"""What households plan to invest: the steps of a path with capital, along every way that they think it may go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from entrepot.errors import ConvergenceError
from entrepot.paths.capital import plan
from entrepot.paths.expectations import Expectations, Prospect, Regime, happening, information_days, prospect, regimes
from entrepot.paths.march import March
from entrepot.paths.solved_step import SolvedStep
from entrepot.types import Array

#: Plans are made until what is invested moves by less than this part of it, at most so often.
SETTLED, ROUNDS = 1e-8, 40


def solved_steps(march: March, expectations: Expectations) -> Iterator[tuple[int, SolvedStep]]:
    """Yield (position, solved step); a later one of the same position takes the place of an earlier one.

    Where households believe what is announced, a step in which they learn something is solved in parts.
    """
    whole = Prospect(0, len(march.steps), march.as_it_goes)
    if march.capital is None:
        yield from enumerate(march.over(whole, None))
    elif expectations == "myopic":
        yield from enumerate(march.over(whole, np.zeros_like(march.base.capital_income)))
    else:
        yield from _in_stages(march, expectations)


def _in_stages(march: March, expectations: Expectations) -> Iterator[tuple[int, SolvedStep]]:
    days = information_days(march.entries) if expectations == "beliefs" else ()
    pieces = [(t, part) for t, step in enumerate(march.steps) for part in step.split(days, march.entries)]
    finer = replace(march, steps=[part for _, part in pieces])
    stages = regimes(expectations, finer.steps, march.entries)
    done: list[SolvedStep] = []
    ln_capital: Array | None = np.zeros_like(march.base.capital_income)
    for stage, following in zip(stages, [*stages[1:], None], strict=True):
        end = len(pieces) if following is None else following.first
        for piece, solved in _planned(finer, stage, expectations, ln_capital):
            if piece < end:
                done[piece : piece + 1] = [solved]
                t, part = pieces[piece]
                if part.end == march.steps[t].end:
                    first = next(k for k, (at, _) in enumerate(pieces) if at == t)
                    yield t, SolvedStep.joined(march.steps[t], done[first : piece + 1])
        ln_capital = done[end - 1].ln_capital_end


def _planned(
    march: March, stage: Regime, expectations: Expectations, ln_capital: Array | None
) -> Iterator[tuple[int, SolvedStep]]:
    """Yield the steps of one plan after the other, until what is invested no longer moves on any way."""
    root = prospect(expectations, march.steps, march.entries, stage)
    happens = happening(root)
    x: dict[Prospect, list[Array]] = {}
    solved: dict[Prospect, list[SolvedStep]] = {}
    for _ in range(ROUNDS):
        start = {root: ln_capital}
        for way in root.each():
            near, solved[way] = solved.get(way, []), []
            for step in march.over(way, start[way], x.get(way), near):
                solved[way].append(step)
                if way in happens:
                    yield way.first + len(solved[way]) - 1, step
            start |= {after: solved[way][-1].ln_capital_end for _, after in way.ways}
        wanted: dict[Prospect, list[Array]] = {}
        _plan(march, root, solved, wanted)
        if all(_settled(new, step) for way in solved for new, step in zip(wanted[way], solved[way], strict=True)):
            return
        x = wanted
    raise ConvergenceError(
        f"What households plan to invest from {march.steps[stage.first].first} on does not settle in {ROUNDS} rounds: "
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
