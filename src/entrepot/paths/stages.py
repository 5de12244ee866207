"""The stages of a path: in each, all is planned anew from what has become known, and from the stocks of then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from entrepot.paths.expectations import Expectations, Regime, information_days, regimes
from entrepot.paths.march import March
from entrepot.paths.solved_step import SolvedStep
from entrepot.types import Array

#: Keeps a solved step at its position; a later one of the same position takes the place of an earlier one.
Keep = Callable[[int, SolvedStep], None]
#: Solves the steps of a stage to the end of the path, from stocks at its start, and keeps those that happen.
Plan = Callable[[March, Regime, Array, Keep], None]


def in_stages(march: March, expectations: Expectations, plan: Plan, stocks: Array, keep: Keep) -> None:
    """Solve the stages of a path one after the other, from `stocks` on its first day.

    Where measures are believed, a step in which something becomes known is solved in parts, and kept as one.
    """
    days = information_days(march.entries) if expectations == "beliefs" else ()
    pieces = [(t, part) for t, step in enumerate(march.steps) for part in step.split(days, march.entries)]
    finer = replace(march, steps=[part for _, part in pieces])
    stages = regimes(expectations, finer.steps, march.entries)
    done: list[SolvedStep] = []
    for stage, following in zip(stages, [*stages[1:], None], strict=True):
        end = len(pieces) if following is None else following.first

        def keep_piece(piece: int, solved: SolvedStep, end: int = end) -> None:
            if piece >= end:
                return
            done[piece : piece + 1] = [solved]
            t, part = pieces[piece]
            if part.end == march.steps[t].end:
                first = next(k for k, (at, _) in enumerate(pieces) if at == t)
                keep(t, SolvedStep.joined(march.steps[t], done[first : piece + 1]))

        plan(finer, stage, stocks, keep_piece)
        stocks = done[end - 1].stocks_end
