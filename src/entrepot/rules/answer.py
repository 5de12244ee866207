"""Lawful retaliation solved: tariffs equivalent to the nullification that they answer, checked by a second solve."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.data.amounts import distinct_amounts
from entrepot.economy.economy import Economy
from entrepot.equilibrium import Closure, Outcome, solve
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Scenario, Tariff
from entrepot.rules import rate_search
from entrepot.rules.nullification import Nullification, dutiable, nullification, require_harm, trade
from entrepot.rules.retaliation import Retaliation

if TYPE_CHECKING:
    import pandas as pd

#: The largest relative gap between the loss and the level in the second solve.
EQUIVALENCE = 1e-3


@dataclass(frozen=True, eq=False)
class Answer:
    """A retaliation with the rates that solve it. Money is in millions of US dollars a year.

    tariffs        points to add to the measures by sector, one Tariff for each distinct rate
    nullified      the nullification that is answered, by every yardstick
    level          the level of nullification by the yardstick of the retaliation
    achieved       the loss of the target by that yardstick, solved again from a cold start at a tighter tolerance
    gap            achieved / level - 1
    own            change in the real income of the retaliator due to the retaliation; a gain is positive
    target_loss    fall in the real income of the target due to it
    pressure       fall in value added in the sectors under pressure (pressure_on), else zero
    alone, outcome the Outcomes of the measures in force, without and with the retaliation
    solves         number of equilibria solved;  seconds  total time
    """

    retaliation: Retaliation
    tariffs: tuple[Tariff, ...]
    nullified: Nullification
    level: float
    achieved: float
    own: float
    target_loss: float
    pressure: float
    sectors: tuple[str, ...]
    rates: tuple[float, ...]
    alone: Outcome
    outcome: Outcome
    solves: int
    seconds: float

    @property
    def gap(self) -> float:
        """The relative gap between the achieved loss and the level."""
        return self.achieved / self.level - 1

    def table(self) -> pd.DataFrame:
        """Return, by sector, the rate, imports from the target, exports that it loses, and the duty collected.

        Imports are those in the base and those before the retaliation. US$ million; rates are fractions.
        """
        import pandas as pd

        e = self.outcome.economy
        before, after = trade(self.alone), trade(self.outcome)
        levied = dutiable(self.outcome) / self.outcome.accounts.unit
        rows = []
        for sector, rate in zip(self.sectors, self.rates, strict=True):
            flows = self.retaliation.flows(e, [sector])
            base, old, new, due = (float(x.ravel()[flows].sum()) for x in (e.border_value, before, after, levied))
            rows.append((rate, base, old, old - new, rate * due))
        columns = ["rate", "base_imports", "imports_before", "lost_exports", "duty"]
        return pd.DataFrame(rows, index=pd.Index(self.sectors, name="sector"), columns=columns)

    def __repr__(self) -> str:
        r = self.retaliation
        by, against = ", ".join(r.by), ", ".join(r.against)
        listed = {sector: rate for sector, rate in zip(self.sectors, self.rates, strict=True) if rate > 0}
        low, high = 100 * min(listed.values()), 100 * max(listed.values())
        points = f"{high:.1f}" if low == high else f"{low:.1f} to {high:.1f}"
        on = ", ".join(listed) if len(listed) == 1 else f"{len(listed)} sectors"
        pressed = f"; {', '.join(r.pressure_on)} of {against} loses {self.pressure:,.0f}" if r.pressure_on else ""
        return (
            f"Answer of {by} to {against} ({r.design}, by {r.yardstick}): {points} points on {on} take US$ "
            f"{self.achieved:,.1f} million of the {self.level:,.1f} to be answered (gap {self.gap:+.1g}); real income "
            f"of {by} {self.own:+,.0f}, of {against} {-self.target_loss:+,.0f}{pressed}; {self.solves} solves, "
            f"{self.seconds:.1f} s\n"
            f"Next: .table(), .tariffs, .nullified, .alone, .outcome"
        )


def retaliate(
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure],
    retaliation: Retaliation,
    *,
    answers: Outcome | None = None,
    closure: Closure | None = None,
    tol: float = 1e-10,
) -> Answer:
    """Solve for the rates of `retaliation`, on top of `measures`, at which the target loses the level it nullified.

    The loss of the target is the difference between `measures` with the retaliation and `measures` alone.

    Args:
        economy: the Economy.
        measures: the measures in force.
        retaliation: who retaliates against whom, on which sectors, by which yardstick and design.
        answers: the Outcome whose nullification is answered; by default that of `measures` alone.
        closure: the Closure of the model.
        tol: the tolerance of the solves; the answer is solved again from a cold start at a tenth of it.

    Raises:
        InputError: nothing is nullified by the yardstick, no rate up to max_rate is enough (the message says how much
            is reached), a party is on both sides, or the sectors have no trade.
        ConvergenceError: an equilibrium was not found.
    """
    if not isinstance(retaliation, Retaliation):
        raise InputError(f"retaliation: a Retaliation is needed, not {retaliation!r}")
    if not isinstance(economy, Economy):
        raise InputError(f"economy: an Economy is needed (load_economy({economy!r})?)")
    if answers is not None and not (isinstance(answers, Outcome) and answers.economy.countries == economy.countries):
        raise InputError("answers: an Outcome of the same Economy is needed")
    began = time.perf_counter()
    retaliation.check(economy)
    closure = closure or Closure()
    search = rate_search.RateSearch(economy, Scenario.of(measures), retaliation, closure, tol)
    nullified = nullification(answers or search.alone, retaliation.by, retaliation.against)
    level = require_harm(nullified, retaliation.yardstick, economy)
    if retaliation.design == "uniform" or len(search.sectors) == 1:
        found = rate_search.uniform_rate(search, level)
    else:
        found = rate_search.rates_by_sector(search, level, rate_search.starting_point(search, level))
    return _verified(search, found, nullified, level, began)


def _verified(
    search: rate_search.RateSearch, found: rate_search.Point, nullified: Nullification, level: float, began: float
) -> Answer:
    """Solve again without and with the tariffs, from a cold start. Raises `ConvergenceError` if not equivalent."""
    alone = _afresh(search, search.scenario)
    outcome = _afresh(search, search.with_rates(found.rates))
    again = search.measure(found.rates, alone, outcome)
    if not abs(again.loss / level - 1) <= EQUIVALENCE:
        loss, wanted = distinct_amounts(again.loss, level)
        raise ConvergenceError(
            f"{search.retaliation.title}: the second solve gives a loss of {loss}, not {wanted}.",
            remedy="a smaller tol.",
        )
    return Answer(
        retaliation=search.retaliation,
        tariffs=search.tariffs(found.rates),
        nullified=nullified,
        level=level,
        achieved=again.loss,
        own=again.own,
        target_loss=again.target,
        pressure=again.pressure,
        sectors=search.sectors,
        rates=tuple(float(rate) for rate in np.asarray(found.rates)),
        alone=alone,
        outcome=outcome,
        solves=search.solves + 2,
        seconds=time.perf_counter() - began,
    )


def _afresh(search: rate_search.RateSearch, scenario: Scenario) -> Outcome:
    """Solve from a cold start at a tenth of the tolerance, or at the tolerance itself where rounding prevents that."""
    try:
        return solve(search.economy, scenario, closure=search.closure, tol=max(0.1 * search.tol, 1e-13))
    except ConvergenceError:
        return solve(search.economy, scenario, closure=search.closure, tol=search.tol)
