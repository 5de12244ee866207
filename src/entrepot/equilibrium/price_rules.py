"""Duties that depend on the price itself: so much a unit, or as much as lifts the price to a minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array, Index
from entrepot.economy.in_force import PriceRulesInForce
from entrepot.measures.acts import PriceRule


@dataclass(frozen=True, eq=False)
class PriceRules:
    """Specific duties and minimum prices, flow by flow [f]. A unit is what cost one dollar at the border in the base.

    flow            flat position in [j,n,i]
    amount          duty a unit, in dollars (units of world value added); 0 under a minimum price
    floor           minimum border price of a unit; 0 under a specific duty
    exporter_holds  the exporter raises its price to the floor (an undertaking); else the importer levies the gap
    in_force        it is so in the base already
    amount_base, floor_base   in the base, of those in force: what is lifted is zero after
    """

    flow: Index
    amount: Array
    floor: Array
    exporter_holds: NDArray[np.bool_]
    in_force: NDArray[np.bool_]
    amount_base: Array
    floor_base: Array

    @classmethod
    def of(cls, rules: Sequence[PriceRule]) -> PriceRules:
        """Return the rules that measures put, none of them in force in the base."""
        flow = np.concatenate([np.zeros(0, dtype=np.intp), *(rule.at for rule in rules)])
        return cls(
            flow=flow,
            amount=np.concatenate([np.zeros(0), *(rule.amount for rule in rules)]),
            floor=np.concatenate([np.zeros(0), *(rule.floor for rule in rules)]),
            exporter_holds=np.repeat(
                np.array([rule.exporter_holds for rule in rules], dtype=bool), [rule.at.size for rule in rules]
            ),
            in_force=np.zeros(flow.size, dtype=bool),
            amount_base=np.zeros(flow.size),
            floor_base=np.zeros(flow.size),
        )

    @classmethod
    def held(cls, rules: PriceRulesInForce, lifted: Index) -> PriceRules:
        """Return the rules of a base, with zeros on the flows where they are lifted."""
        kept = ~np.isin(rules.flow, lifted)
        return cls(
            flow=rules.flow,
            amount=rules.amount * kept,
            floor=rules.floor * kept,
            exporter_holds=rules.exporter_holds,
            in_force=np.ones(rules.flow.size, dtype=bool),
            amount_base=rules.amount,
            floor_base=rules.floor,
        )

    @property
    def standing(self) -> NDArray[np.bool_]:
        """Those [f] that are not lifted."""
        return (self.amount > 0) | (self.floor > 0) | ~self.in_force

    @classmethod
    def joined(cls, several: Sequence[PriceRules]) -> PriceRules:
        """Return all of them, one after the other."""
        return cls(*(np.concatenate([getattr(rules, f.name) for rules in several]) for f in fields(cls)))

    def in_place_of(self, held: PriceRules) -> PriceRules:
        """Return both, with these in place of rules that are lifted on the same flows.

        They are over the border price of the base, which an undertaking in force there may have raised.
        """
        again = np.isin(self.flow, held.flow)
        order = np.argsort(held.flow)
        at = order[np.searchsorted(held.flow, self.flow[again], sorter=order)]
        amount, floor = self.amount_base.copy(), self.floor_base.copy()
        amount[again], floor[again] = held.amount_base[at], held.floor_base[at]
        raised = np.ones(self.flow.size)
        raised[again] = np.where(held.exporter_holds[at], np.maximum(held.floor_base[at], 1.0), 1.0)
        mine = replace(
            self,
            amount=self.amount * raised,
            floor=self.floor * raised,
            in_force=self.in_force | again,
            amount_base=amount,
            floor_base=floor,
        )
        return PriceRules.joined([mine, held.without(self.flow)])

    def without(self, flow: Index) -> PriceRules:
        """The rules on all flows but some, which are under an embargo."""
        if not (self.flow.size and flow.size):
            return self
        kept = ~np.isin(self.flow, flow)
        return PriceRules(*(getattr(self, f.name)[kept] for f in fields(self)))

    def at(self, s: float) -> PriceRules:
        """Return the rules at a part s of the shock: linear in amounts, log-linear in floors above the base price."""
        put = np.where(self.floor > 1, self.floor**s, self.floor)
        floor = np.where(self.in_force, (1 - s) * self.floor_base + s * self.floor, put)
        return replace(self, amount=(1 - s) * self.amount_base + s * self.amount, floor=floor)

    def ln_wedge(self, ln_border_price: Array, ln_tariff: Array) -> Array:
        """Return ln(1+mu) [f], with u = p (1+e') the border price and u (1+t) (1+mu) the user's price.

        specific duty             u (1+t) + amount
        minimum price, levied     u (1+t) + max(floor - u, 0)
        minimum price, undertaken max(floor, u) (1+t)
        """
        border = np.exp(ln_border_price)
        gap = np.maximum(self.floor - border, 0.0)
        return np.where(
            self.exporter_holds,
            np.log1p(gap / border),
            np.log1p((self.amount + gap) * np.exp(-ln_border_price - ln_tariff)),
        )

    def slopes(self, ln_border_price: Array, ln_tariff: Array) -> tuple[Array, Array]:
        """Return d ln(1+mu) [f] by ln u and by ln(1+t); at the floor, the derivatives from above it."""
        border = np.exp(ln_border_price)
        gap = np.maximum(self.floor - border, 0.0)
        over = border * np.exp(ln_tariff)
        levied = (self.amount + gap) / (over + self.amount + gap)
        filled = np.where(gap > 0, border / (over + self.amount + gap), 0.0)
        by_price = np.where(self.exporter_holds, np.where(gap > 0, -1.0, 0.0), -levied - filled)
        return by_price, np.where(self.exporter_holds, 0.0, -levied)
