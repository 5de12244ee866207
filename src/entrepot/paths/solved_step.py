"""A step of a path, solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from entrepot.paths.static_states import StaticState
from entrepot.paths.window import TimeStep
from entrepot.types import Array

#: Fields of a step that are means over its parts.
MEANS = ("ln_capital_used", "income_share", "invested_in_base", "ln_jobs", "ln_real_wage", "ln_worth", "stocks")


@dataclass(frozen=True, eq=False)
class SolvedStep:
    """A step with its mean state and, where there is capital, its stocks [n], or [n,j] by sector.

    ln_capital, ln_capital_end   ln K^ at the start of the step and at its end;  ln_capital_used  that of production
    income_share                 a, capital's part of spending
    invested, invested_in_base   x and x_0, parts of spending
    ln_jobs, ln_jobs_end [j]     ln L^ of the sectors of a country whose workers move at a cost, and that after the step
    ln_real_wage [j]             ln w^ / P^ of these sectors
    ln_worth [j]                 y, the worth of being in a sector against the base
    stocks                       ln of what the static states of the step were solved at, whichever stock it is
    """

    step: TimeStep
    state: StaticState
    ln_capital: Array | None = None
    ln_capital_end: Array | None = None
    ln_capital_used: Array | None = None
    income_share: Array | None = None
    invested: Array | None = None
    invested_in_base: Array | None = None
    ln_jobs: Array | None = None
    ln_jobs_end: Array | None = None
    ln_real_wage: Array | None = None
    ln_worth: Array | None = None
    stocks: Array | None = None

    @property
    def stocks_end(self) -> Array:
        """What the step leaves to the next: ln K^, or ln L^ of workers who move at a cost."""
        end = self.ln_capital_end if self.ln_jobs_end is None else self.ln_jobs_end
        assert end is not None
        return end

    @property
    def ln_growth(self) -> Array | None:
        """The change in ln K^ over the step."""
        if self.ln_capital is None or self.ln_capital_end is None:
            return None
        return self.ln_capital_end - self.ln_capital

    @classmethod
    def joined(cls, step: TimeStep, parts: Sequence[SolvedStep]) -> SolvedStep:
        """Return a step that was solved in parts: means by days, of x by what is spent."""
        if len(parts) == 1:
            return replace(parts[0], step=step)
        days = [p.step.length / sum(q.step.length for q in parts) for p in parts]

        def mean(key: str) -> Array | None:
            if getattr(parts[0], key) is None:
                return None
            return np.sum([part * getattr(p, key) for p, part in zip(parts, days, strict=True)], axis=0)

        state = StaticState.mixed([(p.state, part) for p, part in zip(parts, days, strict=True)])
        invested: Array | None = None
        for p, part in zip(parts, days, strict=True):
            if p.invested is not None:
                spent = part * p.state.real_spending / state.real_spending
                of_part = p.invested * (spent if p.invested.ndim == 1 else spent[:, None])
                invested = of_part if invested is None else invested + of_part
        return cls(
            step=step,
            state=state,
            ln_capital=parts[0].ln_capital,
            ln_capital_end=parts[-1].ln_capital_end,
            ln_jobs_end=parts[-1].ln_jobs_end,
            invested=invested,
            **{key: mean(key) for key in MEANS},
        )
