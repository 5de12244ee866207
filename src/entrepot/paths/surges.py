"""A surge: what importers bring forward ahead of measures of a path, and what their trade is missing afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from entrepot.dates import DAYS_A_YEAR
from entrepot.paths.inventories import Depletion, Stockpile
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import WatchedFlows
from entrepot.types import Array, Index


@dataclass(frozen=True, eq=False)
class Surge:
    """The stock that importers buy ahead of a day on which entries of a path begin or lapse.

    entries      their positions;  flows  positions among the flows that the path watches [f]
    probability  that any of the entries is carried out;  carried_out  whether any is
    begins       the first day on which the stock is bought
    before, after   the flows just before the day, and on it as the entries are resolved
    """

    entries: tuple[int, ...]
    probability: float
    carried_out: bool
    flows: Index
    begins: datetime.date
    day: datetime.date
    pile: Stockpile
    before: WatchedFlows
    after: WatchedFlows

    @property
    def entry(self) -> int:
        """The position of the first of its entries."""
        return self.entries[0]

    @property
    def branch(self) -> Depletion:
        """What becomes of the stock on the way that is taken."""
        return self.pile.ways[0]

    @property
    def hole(self) -> Array:
        """The volume [f] that is not imported until the stock is gone."""
        return self.branch.years * self.after.volume

    @property
    def surge(self) -> Array:
        """The volume [f] that is bought ahead."""
        return self.pile.stock * self.before.volume

    def by_spell(self, solved: SolvedStep) -> list[dict[str, Array]]:
        """Return what it adds in each spell of a step, amounts [f]: border, duty, volume used, paid by users."""
        return [self._added(s.first, s.end, only(s.flows, self.flows)) for s in solved.state.spells]

    def added(self, solved: SolvedStep) -> dict[str, Array]:
        """Return what it adds in a step, amounts [f]: border, duty, volume used, paid by users."""
        parts = self.by_spell(solved)
        return {key: np.sum([part[key] for part in parts], axis=0) for key in parts[0]}

    def _added(self, first: datetime.date, end: datetime.date, going_on: WatchedFlows) -> dict[str, Array]:
        days = max(0, (min(end, self.day) - max(first, self.begins)).days)
        bought = days / (self.day - self.begins).days * self.pile.stock
        gone = self.branch.years
        start, stop = ((day - self.day).days / DAYS_A_YEAR for day in (first, end))
        covered = np.clip(np.minimum(gone, stop) - max(start, 0.0), 0.0, None)
        part = np.divide(covered, gone, out=np.zeros_like(gone), where=gone > 0)
        return {
            "border": bought * self.before.border - covered * going_on.border,
            "duty": bought * self.before.duty - covered * going_on.duty,
            "used": part * self.surge - covered * going_on.volume,
            "paid": part * self.branch.paid * self.before.paid - covered * going_on.paid,
        }


def surge_numbers(surges: Sequence[Surge]) -> dict[str, float]:
    """Return surges in numbers: value, days of imports, days until gone, duty saved, costs of keeping; zeros for none.

    Days are of imports of all that the surges are of.
    """
    numbers = np.sum([_numbers(surge) for surge in surges], axis=0) if surges else np.zeros(5)
    surge, gone, imports, duty_saved, keeping_cost = (float(number) for number in numbers)
    a_day = imports / DAYS_A_YEAR
    return {
        "surge": surge,
        "surge_days": surge / a_day if surges else 0.0,
        "hole_days": gone / a_day if surges else 0.0,
        "duty_saved": duty_saved,
        "keeping_cost": keeping_cost,
    }


def _numbers(s: Surge) -> tuple[float, ...]:
    """Value bought ahead, that not imported after at the rate before, imports a year, duty saved, cost of keeping."""
    imports = s.before.border
    dearer = s.after.duty / s.after.volume - s.before.duty / s.before.volume
    kept = (s.pile.kept + s.branch.kept) * s.before.paid
    parts = (s.pile.stock * imports, s.branch.years * imports, imports, s.surge * dearer, kept)
    return tuple(float(part.sum()) for part in parts)


def only(flows: WatchedFlows, at: Index) -> WatchedFlows:
    """Return some of the flows."""
    return WatchedFlows(*(getattr(flows, f.name)[at] for f in fields(WatchedFlows)))
