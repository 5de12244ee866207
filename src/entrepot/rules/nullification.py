"""The level of nullification: the loss of one party under the measures of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_countries
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.solve import solve
from entrepot.errors import InputError, MeasureError
from entrepot.measures import Scenario
from entrepot.measures.fields import read_names

Yardstick = Literal["trade", "income", "duty"]
Names = str | Sequence[str]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Nullification:
    """The losses of a complainant under the measures of a respondent, in millions of US dollars a year.

    The concessions that a party suspends in retaliation must be equivalent to this level: Understanding on dispute
    settlement (DSU), Article 22.4, which arbitrators apply under 22.6 and 22.7; for a safeguard, substantially
    equivalent: Agreement on Safeguards, Article 8.2. Neither text says how to measure it. Arbitrators usually compare
    trade with and without the measure. Losses are positive:

    exports                 on the flows that the measures touch, at the border before duty, with its licence rents
    exports_to_respondent   in all sectors
    exports_to_world        in all sectors, to all countries except its own members
    real_income             equivalent variation
    duty                    collected on its goods beyond what the base rates would yield on the same goods

    Trade and duty are in units of world value added, whatever the closure's numeraire.
    """

    complainant: tuple[str, ...]
    respondent: tuple[str, ...]
    exports: float
    exports_to_respondent: float
    exports_to_world: float
    real_income: float
    duty: float

    def by(self, yardstick: Yardstick) -> float:
        """Return the level by a yardstick: trade, income or duty."""
        return {"trade": self.exports, "income": self.real_income, "duty": self.duty}[yardstick]

    def __repr__(self) -> str:
        return (
            f"Nullification of {', '.join(self.complainant)} by {', '.join(self.respondent)}, US$ million a year: "
            f"exports {self.exports:,.0f} (to the respondent in all {self.exports_to_respondent:,.0f}, to the world "
            f"{self.exports_to_world:,.0f}), real income {self.real_income:,.0f}, duty {self.duty:,.0f}\n"
            f"Next: entrepot.rules.retaliate(economy, measures, entrepot.rules.Retaliation(by=..., against=...))"
        )


def nullification(outcome: Outcome, complainant: Names, respondent: Names) -> Nullification:
    """Return the losses of `complainant` under `outcome` from the measures on its exports to `respondent`.

    Each may be a code, a group or a list; the result sums over its members. Raises `InputError` for a name that the
    Economy does not have, or a party on both sides.
    """
    if not isinstance(outcome, Outcome):
        raise InputError(f"outcome: an Outcome is needed, as solve() returns, not {outcome!r}")
    names = read_names("complainant", complainant), read_names("respondent", respondent)
    mine, theirs = parties(outcome.economy, *names, ("complainant", "respondent"))
    between = pair(theirs, mine)
    touched = touched_flows(outcome.economy, outcome.scenario) & between
    lost = outcome.economy.border_value - trade(outcome)
    levied = outcome.accounts.duty - rates_of(outcome.economy) * dutiable(outcome)
    return Nullification(
        complainant=names[0],
        respondent=names[1],
        exports=float(lost[touched].sum()),
        exports_to_respondent=float(lost[:, between].sum()),
        exports_to_world=float(lost[:, pair(~mine, mine)].sum()),
        real_income=-float(outcome.number("equivalent_variation")[mine].sum()),
        duty=float(levied[touched].sum() / outcome.accounts.unit),
    )


def parties(economy: Economy, one: Names, other: Names, keys: tuple[str, str]) -> tuple[Mask, Mask]:
    """Return the members [n] of two parties. Raises `MeasureError` if they share a member."""
    first, second = (
        set(resolve_countries(k, economy.countries, v)[0]) for k, v in zip((one, other), keys, strict=True)
    )
    if first & second:
        raise MeasureError(keys[1], f"{', '.join(sorted(first & second))} is on both sides ({keys[0]} and {keys[1]})")
    countries = np.array(economy.countries)
    return np.isin(countries, list(first)), np.isin(countries, list(second))


def pair(importers: Mask, exporters: Mask) -> Mask:
    """Return the mask [n,i] of flows from `exporters` to `importers`."""
    return importers[:, None] & exporters


def touched_flows(economy: Economy, scenario: Scenario) -> Mask:
    """Return the mask [j,n,i] of flows that some measure of a Scenario names."""
    touched = np.zeros(economy.value.size, dtype=bool)
    for measure in scenario:
        touched[measure.flows(economy)] = True
    return touched.reshape(economy.value.shape)


def trade(outcome: Outcome) -> Array:
    """Return the border value [j,n,i] before duty."""
    return outcome.accounts.border_value / outcome.accounts.unit


def rates_of(economy: Economy) -> Array:
    """Return what a base collects over the value that it is levied on [j,n,i].

    Where duties by quantity, levies up to a minimum price or tariff-rate quotas are in force they are in it.
    """
    if not economy.in_force:
        return economy.tariff
    still = solve(economy)
    value = dutiable(still)
    return np.divide(still.accounts.duty, value, out=economy.tariff.copy(), where=value > 0)


def dutiable(outcome: Outcome) -> Array:
    """Return the base of an ad valorem duty [j,n,i]: the border value with the rents earned before the border."""
    p, a = outcome.problem, outcome.accounts
    q, r = p.quotas, p.price_rules
    before = np.where(q.before_duty[q.owner], a.cleared.rent, 0.0)
    undertaken = np.where(r.exporter_holds, a.cleared.levied, 0.0)
    raised = p.spread(np.concatenate([q.flow, r.flow]), np.concatenate([before, undertaken]))
    return a.producer_value + a.export_tax + raised


def require_harm(found: Nullification, yardstick: Yardstick, economy: Economy) -> float:
    """Return the level by a yardstick. Raises `InputError` where the complainant loses nothing by it."""
    level = found.by(yardstick)
    members = np.isin(economy.countries, resolve_countries(found.complainant, economy.countries)[0])
    base = economy.income[members].sum()
    if level > 1e-9 * float(base):
        return level
    who, whose = ", ".join(found.complainant), ", ".join(found.respondent)
    what = {
        "trade": f"the exports of {who} to {whose} on the flows that the measures touch are no less than in the base",
        "income": f"the real income of {who} is no less than in the base",
        "duty": f"the measures add nothing to the duty that {whose} collects on goods of {who}",
    }[yardstick]
    others = [y for y in get_args(Yardstick) if found.by(y) > 1e-9 * float(base)]
    remedy = f"; by {' and by '.join(others)} there is a loss: choose that yardstick" if others else ""
    raise InputError(f"there is no nullification to answer: {what}{remedy}")
