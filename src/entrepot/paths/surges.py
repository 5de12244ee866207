"""What importers bring forward ahead of each measure of a path, and what their trade is missing afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from entrepot.paths.dated import Dated
from entrepot.paths.expectations import Expectations, probability, step_of
from entrepot.paths.inventories import Depletion, Inventories, Outlook, Stockpile, stockpile
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticState, WatchedFlows
from entrepot.paths.window import DAYS_A_YEAR, Live, TimeStep, live_on
from entrepot.types import Array, Index

StateAt = Callable[[Live, datetime.date, Array | None], StaticState]


@dataclass(frozen=True, eq=False)
class Surge:
    """The stock that importers buy ahead of an entry of a path.

    entry        its position;  flows  positions among the flows that the path watches [f]
    begins       the first day on which the stock is bought;  day  that on which the entry begins or lapses
    before, after   the flows just before the day, and on it with the entry in force
    """

    entry: int
    probability: float
    carried_out: bool
    flows: Index
    begins: datetime.date
    day: datetime.date
    pile: Stockpile
    before: WatchedFlows
    after: WatchedFlows

    @property
    def branch(self) -> Depletion:
        """What becomes of the stock on the way that is taken."""
        return self.pile.carried_out if self.carried_out else self.pile.lapsed

    @property
    def hole(self) -> Array:
        """The volume [f] that is not imported until the stock is gone."""
        going_on = self.after if self.carried_out else self.before
        return self.branch.years * going_on.volume

    @property
    def surge(self) -> Array:
        """The volume [f] that is bought ahead."""
        return self.pile.stock * self.before.volume

    def added(self, solved: SolvedStep) -> dict[str, Array]:
        """Return what it adds in a step, amounts [f]: border, duty, volume used and paid by users."""
        step = solved.step
        bought = _overlap(step, self.begins, self.day) / max((self.day - self.begins).days, 1) * self.pile.stock
        gone = self.branch.years
        first = (self.day - step.first).days / DAYS_A_YEAR
        covered = np.clip(np.minimum(first + gone, step.length) - max(first, 0.0), 0.0, None)
        whole_step = self.day <= step.first
        going_on = (
            only(solved.state.flows, self.flows) if whole_step else self.after if self.carried_out else self.before
        )
        part = np.divide(covered, gone, out=np.zeros_like(gone), where=gone > 0)
        price = self.before.paid / self.before.volume
        return {
            "border": bought * self.before.border - covered * going_on.border,
            "duty": bought * self.before.duty - covered * going_on.duty,
            "used": part * self.surge - covered * going_on.volume,
            "paid": part * self.branch.paid * self.before.volume * price - covered * going_on.paid,
        }

    def row(self) -> dict[str, float]:
        """Return the surge in numbers: value, days of imports, days until gone, duty saved, costs of keeping."""
        weight = self.before.border
        mean = DAYS_A_YEAR / weight.sum()
        dearer = self.after.duty / self.after.volume - self.before.duty / self.before.volume
        saved = (self.surge * dearer).sum() if self.carried_out else 0.0
        return {
            "surge": float((self.pile.stock * weight).sum()),
            "surge_days": float(mean * (self.pile.stock * weight).sum()),
            "hole_days": float(mean * (self.branch.years * weight).sum()),
            "duty_saved": float(saved),
            "keeping_cost": float((self.branch.kept * self.before.paid).sum()),
        }


def _overlap(step: TimeStep, first: datetime.date, end: datetime.date) -> int:
    return max(0, (min(step.end, end) - max(step.first, first)).days)


def only(flows: WatchedFlows, at: Index) -> WatchedFlows:
    """Return some of the flows."""
    return WatchedFlows(*(getattr(flows, f.name)[at] for f in fields(WatchedFlows)))


def surges_of(
    inventories: Inventories,
    state_at: StateAt,
    entries: Sequence[Dated],
    solved: Sequence[SolvedStep],
    expectations: Expectations,
    touched: Sequence[Index],
) -> list[Surge]:
    """Return the stocks that importers buy ahead of each entry that they expect, on the flows that it makes dearer."""
    steps = [s.step for s in solved]
    found: list[Surge] = []
    claimed: dict[datetime.date, Index] = {}
    for k, entry in enumerate(entries):
        chance, day = probability(expectations, entry), entry.first
        known = steps[0].first if expectations == "foresight" else entry.known
        at = step_of(steps, entry)
        if not chance or known is None or day <= steps[0].first or at >= len(steps):
            continue
        begins = max(known, steps[0].first, day - datetime.timedelta(days=inventories.lead))
        if begins >= day:
            continue
        stocks = solved[at].stocks
        eve = day - datetime.timedelta(days=1)
        old = state_at(live_on(entries, eve), eve, stocks).flows
        new = state_at(live_on(entries, day) | {k}, day, stocks).flows
        there = (old.volume > 0) & (new.volume > 0) & np.isfinite(new.price)
        dearer = np.flatnonzero(there & (new.price > old.price * (1 + 1e-9)))
        mine = np.setdiff1d(np.intersect1d(touched[k], dearer), claimed.get(day, dearer[:0]))
        if not mine.size:
            continue
        claimed[day] = np.union1d(claimed.get(day, mine[:0]), mine)
        before, after = only(old, mine), only(new, mine)
        dearer_by, used = after.price / before.price, after.volume / before.volume
        elasticity = np.maximum(-np.log(used) / np.log(dearer_by), 0.0)
        carried, lapsed = (Outlook(p, u, elasticity) for p, u in ((dearer_by, used), (np.ones(mine.size),) * 2))
        horizon = np.inf if entry.last is None else (entry.last - day).days / DAYS_A_YEAR
        pile = stockpile(inventories, carried, lapsed, chance, horizon)
        found.append(Surge(k, chance, entry.carried_out, mine, begins, day, pile, before, after))
    return found
