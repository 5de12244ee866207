"""A step of a path, solved."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.paths.static_states import StaticState
from entrepot.paths.window import TimeStep
from entrepot.types import Array


@dataclass(frozen=True, eq=False)
class SolvedStep:
    """A step with its mean state and, where there is capital, its stocks [n], or [n,j] by sector.

    ln_capital, ln_capital_end   ln K^ at the start of the step and at its end;  ln_capital_used  that of production
    income_share                 a, capital's part of spending
    invested, invested_in_base   x and x_0, parts of spending
    ln_jobs, ln_real_wage [j]    ln L^ and ln w^ / P^ of the sectors of a country whose workers move at a cost
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
    ln_real_wage: Array | None = None
    ln_worth: Array | None = None
    stocks: Array | None = None
