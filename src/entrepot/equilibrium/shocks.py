"""What measures do to taxes and trade costs, as arrays for other programs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.problem import Problem
from entrepot.errors import MeasureError
from entrepot.measures import Measure, Scenario

#: A change of a rate below it is rounding.
LEAST = 1e-12


def shocks_of(economy: Economy, measures: Scenario | Measure | Iterable[Measure]) -> dict[str, Array]:
    """Return the taxes and trade costs under measures, where they differ from the base.

    tariff_after, export_tax_after, trade_cost [j,n,i], subsidy_after [j,i]; rates are fractions, the trade cost is a
    ratio to that of the base. Raises `MeasureError` for caps, price rules and embargoes, which are not arrays of rates,
    and where nothing changes.
    """
    scenario = Scenario.of(measures)
    problem = Problem.of(economy, scenario, Closure())
    if problem.quotas.count or problem.price_rules.flow.size or problem.embargoed.size:
        raise MeasureError(
            "measures",
            "the file has rates, and a quota, a price rule or an embargo is not one; export the tariffs alone",
            scenario.measures[0].title if scenario.measures else "",
        )
    held = economy.in_force.export_tax
    found: dict[str, tuple[Array, Array | float]] = {
        "tariff_after": (problem.tariff, economy.tariff),
        "export_tax_after": (problem.export_tax, held if held.size else 0.0),
        "trade_cost": (np.exp(problem.spread(problem.flow, problem.ln_iceberg)), 1.0),
        "subsidy_after": (np.expm1(problem.ln_subsidy), np.expm1(economy.ln_subsidy)),
    }
    changed = {name: after for name, (after, before) in found.items() if np.abs(after - before).max() > LEAST}
    if not changed:
        raise MeasureError(
            "measures", "they change no tax and no trade cost of this Economy; there is nothing to write"
        )
    return changed
