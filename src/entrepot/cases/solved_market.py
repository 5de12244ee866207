"""The market of a case under each of its scenarios, joined to the world economy."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.cases.case import Case
from entrepot.cases.market_at_costs import matched_in_units, units_in
from entrepot.cases.market_spec import DemandAndConduct
from entrepot.economy import Economy
from entrepot.equilibrium import Outcome
from entrepot.errors import ConvergenceError, EntrepotError, InputError
from entrepot.markets import JoinedOutcome, MarketOutcome, join
from entrepot.markets.joined import place


def solve_market(
    case: Case, economy: Economy, outcomes: Mapping[str, Outcome], tol: float
) -> dict[str, JoinedOutcome | EntrepotError]:
    """Return the case's Market joined to the world economy under each solved scenario, or why it has no answer.

    A cap that matches the volume of another scenario is, on the Market's products, the units sold there.
    """
    spec = case.market
    if spec is None:
        return {}
    with case.at("market"):
        market, _ = place(spec.build(case.path), economy)
    found: dict[str, JoinedOutcome | EntrepotError] = {}
    for name in (name for name in case.order() if name in outcomes):
        try:
            found[name] = join(
                market,
                economy,
                outcomes[name].scenario,
                on_products=matched_in_units(
                    case.scenarios[name].build(name).measures,
                    outcomes[name].scenario.measures,
                    units_in({key: getattr(at, "market", at) for key, at in found.items()}, market),
                ),
                sector=spec.sector,
                closure=case.closure,
                two_way=spec.joined,
                unit=spec.unit,
                tol=max(tol, 1e-10),
            )
        except (ConvergenceError, InputError) as error:
            found[name] = error
    return {name: found[name] for name in case.scenarios if name in found}


def solve_beside(
    case: Case, other: DemandAndConduct, joined: Mapping[str, JoinedOutcome | EntrepotError]
) -> dict[str, MarketOutcome | EntrepotError]:
    """Return the products under another demand system or conduct, with the costs of the joined solutions.

    Where there is no answer the error stands in its place: for every scenario if the products cannot be calibrated.
    """
    assert case.market is not None
    try:
        market = case.market.build(case.path, other)
        worlds = [at.world.economy for at in joined.values() if isinstance(at, JoinedOutcome)]
        market = place(market, worlds[0])[0] if worlds else market
    except InputError as error:
        return dict.fromkeys(joined, error)
    found: dict[str, MarketOutcome | EntrepotError] = {}
    for name, at in joined.items():
        if isinstance(at, JoinedOutcome):
            costs = {row.plant: row.cost_pct / 100 for row in at.costs.itertuples() if row.plant in market.table.plant}
            try:
                found[name] = market.solve(at.market.measures, cost_changes=costs, around=at.market.around)
            except (ConvergenceError, InputError) as error:
                found[name] = error
    return found
