"""The best rates of a party under each published set of trade elasticities, and whether their sign is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from entrepot.bargaining.levers import Kind, Lever
from entrepot.bargaining.optimal import BALANCED, Optimum, search_over
from entrepot.data.published_sets import sets_with_numbers
from entrepot.economy import Economy
from entrepot.equilibrium import Closure
from entrepot.errors import ConvergenceError, EntrepotError, InputError
from entrepot.measures import Scenario
from entrepot.types import Progress

#: Builds the Economy with the trade elasticities of a published set.
OfSet = Callable[[str], Economy]


def under_sets(
    of_set: OfSet, solved: Callable[[Economy], Optimum], progress: Progress | None = None
) -> dict[str, Optimum | EntrepotError]:
    """Return the best rates by published set of trade elasticities, or why a set has none.

    Ctrl-C ends it: the set that it stops is the last, with the best rates so far. Raises the `InputError` or the
    `ConvergenceError` of the first set where none has rates.
    """
    found: dict[str, Optimum | EntrepotError] = {}
    names = sets_with_numbers()
    for done, name in enumerate(names):
        if progress is not None:
            progress(f"elasticities of {name}", done, len(names))
        try:
            found[name] = best = solved(of_set(name))
        except (ConvergenceError, InputError) as error:
            found[name] = error
            continue
        if not best.converged:
            return found
    errors = [one for one in found.values() if isinstance(one, EntrepotError)]
    if len(errors) == len(found):
        raise errors[0]
    return found


def signs_over_sets(of_set: OfSet, party: str, kind: Kind, options: Mapping[str, Any]) -> dict[str, int]:
    """Return by published set whether a party gains from a small rate above zero (1) or below it (-1).

    That is the sign of the best single rate where the gain has one peak, and takes one equilibrium a set instead of a
    search. Sets without an equilibrium are left out. `options` are arguments of `optimal_policy`.
    """
    found = {}
    for name in sets_with_numbers():
        try:
            found[name] = int(np.sign(slope_at_zero(of_set(name), party, kind, **options)))
        except (ConvergenceError, InputError):
            continue
    return found


def slope_at_zero(
    economy: Economy,
    party: str,
    kind: Kind,
    *,
    sectors: str | tuple[str, ...] = "ALL",
    partners: str | tuple[str, ...] = "WORLD",
    exempt: tuple[str, ...] = (),
    objective: Any = None,
    measures: Any = (),
    closure: Closure | None = None,
) -> float:
    """Return what a party gains at zero from one rate on all the chosen trade, US$ million per unit of ln(1 + rate)."""
    lever = Lever.of(economy, party, kind, "uniform", sectors, partners, exempt, -0.5, 1.0)
    search = search_over(lever, economy, party, objective, Scenario.of(measures), closure or BALANCED)
    _, slope = search.at(np.zeros(len(lever.label)))
    return float(slope.sum())
