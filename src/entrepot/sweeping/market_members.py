"""The market of a case in every member: makers' profits, prices and licences by scenario.

One way (`cases.market_at_costs`): makers' costs follow the member's world economy, which does not take their answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.cases import Case
from entrepot.economy.base_accounts import BoolArray
from entrepot.economy.geography import OTHER, find_place
from entrepot.errors import ConvergenceError, InputError
from entrepot.sweeping.solved_part import INADMISSIBLE, NONE_FOUND, Failure, PartSolved
from entrepot.types import Array

if TYPE_CHECKING:
    from entrepot.cases.market_at_costs import MarketAtCosts
    from entrepot.markets import MarketOutcome
    from entrepot.markets.price_equilibrium import PricePoint

#: Key columns by table. `licence_price` is money a unit; of a tariff-rate quota `place_pct` is the price of a place in
#: it, in percent of the duty-paid price.
MARKET_KEYS = {
    "makers": ("scenario", "owner"),
    "buyers_prices": ("scenario", "plant"),
    "licences": ("scenario", "quota"),
}
#: In place of a country of plants: all products together.
EVERY = "ALL"
Rows = list[dict[str, Any]]


def market_rows(part: PartSolved) -> dict[str, Rows]:
    """Return the rows of each table of `MARKET_KEYS`, by member; none where the case has no market.

    A member whose market has no answer is a failure of "market SCENARIO".
    """
    made: dict[str, Rows] = {name: [] for name in MARKET_KEYS}
    if part.plan.case.market is None:
        return made
    found: dict[int, dict[str, Any]] = {row: {} for row in range(len(part.members))}
    starts: dict[str, PricePoint] = {}
    for name in part.plan.scenarios:
        for chunk in part.chunks[name]:
            costs: Array | None = None
            for k, row in enumerate(chunk.rows):
                if (row, name) in part.failures:
                    continue
                try:
                    at = part.market(row)
                    costs = at.costs(chunk.solved) if costs is None else costs
                    now = _solved(part, row, name, at, chunk.solved.problems[k], costs[k], found[row], starts.get(name))
                except (ConvergenceError, InputError) as error:
                    kind = NONE_FOUND if isinstance(error, ConvergenceError) else INADMISSIBLE
                    part.failures[row, f"market {name}"] = Failure(kind, str(error))
                    continue
                found[row][name] = now
                if now.sold.all():
                    starts[name] = now.point
                _add(made, part.plan.case, part.members[row].number, name, now, at.unit)
    return made


def _solved(
    part: PartSolved,
    row: int,
    name: str,
    at: MarketAtCosts,
    problem: Any,
    costs: Array,
    found: dict[str, Any],
    start: PricePoint | None,
) -> MarketOutcome:
    """The market of a member under a scenario, searched for from another member's point first."""
    from entrepot.cases.market_at_costs import matched_in_units, units_in

    written = part.members[row].case.scenarios[name].build(name).measures
    measures = matched_in_units(written, problem.scenario.measures, units_in(found, at.market))
    try:
        return at.outcome(measures, costs, problem.economy, start)
    except ConvergenceError:
        if start is None:
            raise
        return at.outcome(measures, costs, problem.economy)


def _add(made: dict[str, Rows], case: Case, member: int, scenario: str, now: MarketOutcome, unit: float) -> None:
    """Add the rows of one member and scenario."""
    t, keys = now.market.table, {"member": member, "scenario": scenario}
    for owner, on in by_party(case, t.owner).items():
        made["makers"].append({**keys, "owner": owner, **maker_numbers(now, on, unit)})
    every = {EVERY: np.ones(t.size, dtype=bool)}
    for plant, on in {**every, **by_party(case, t.plant)}.items():
        made["buyers_prices"].append({**keys, "plant": plant, **price_numbers(now, on)})
    for row, cap in zip(now._rent_rows, now.game.chain.caps, strict=True):
        made["licences"].append(
            {
                **keys,
                "quota": row["quota"],
                "licence_price": row["licence_price"] if cap.hard else np.nan,
                "place_pct": np.nan if cap.hard else 100 * row["licence_price"],
                "rent": unit * row["rent"],
                "binding": float(row["binding"]),
            }
        )


def maker_numbers(now: MarketOutcome, of: BoolArray, unit: float) -> dict[str, float]:
    """Return the change of the makers' profits on some products [j], the licences that they hold, and the units.

    unit  millions of US dollars in one of the market's money
    """
    base, change = (unit * float(profit[of].sum()) for profit in (now.base_accounts["profit"], now.profit_change))
    return {
        "profit_change": change,
        "profit_pct": 100 * change / base if base > 0 else np.nan,
        "licences": unit * float(now.by_product("rent_exporters")[of].sum()),
        "units_pct": now.units_pct(of),
    }


def price_numbers(now: MarketOutcome, of: BoolArray) -> dict[str, float]:
    """Return the changes in percent of some products [j]: prices to buyers and at the border, and units."""
    return {
        "price_pct": now.price_pct(of),
        "border_price_pct": now.price_pct(of, at_border=True),
        "units_pct": now.units_pct(of),
    }


def by_party(case: Case, codes: Sequence[str]) -> dict[str, BoolArray]:
    """Return which of some countries, one a product [j], are each party of the case or its members; OTHER: nobody's.

    A country that is in two parties, such as a group and its member, is in the row of each. Parties that have none of
    them are left out.
    """
    return _by_party(case.parties, tuple(codes))


@lru_cache(maxsize=64)  # every member and scenario has the same parties and, but for drawn products, countries
def _by_party(parties: tuple[str, ...], codes: tuple[str, ...]) -> dict[str, BoolArray]:
    at = np.array(codes)
    out = {party: np.isin(at, _members(party)) for party in parties}
    others = ~np.any([np.zeros(at.size, dtype=bool), *out.values()], axis=0)
    return {party: on for party, on in {**out, OTHER: others}.items() if on.any()}


def _members(party: str) -> tuple[str, ...]:
    """The codes of a country or group."""
    place = find_place(party)
    return (party, *(() if place is None else place.members))


__all__ = ["EVERY", "MARKET_KEYS", "by_party", "maker_numbers", "market_rows", "price_numbers"]
