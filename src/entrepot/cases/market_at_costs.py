"""The market of a case at the costs of a solved world economy, for sweeps and bargains: one way, without a loop.

The world economy is solved as the case's closure has it, without the makers' answer. Its change of unit cost in each
country of a plant, over consumer prices of the importer, moves the makers' costs. `entrepot.markets.join` with
`two_way` has what the makers' answer changes in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from entrepot.cases.case import Case
from entrepot.cases.objective import Objective
from entrepot.economy import Economy
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.equilibrium.accounts import Ledger
from entrepot.equilibrium.problem import Problem
from entrepot.errors import ConvergenceError, UnknownNameError
from entrepot.markets.joined import around, ln_money, ln_unit_costs, place, placed, products_under
from entrepot.measures import Measure
from entrepot.types import Array

if TYPE_CHECKING:
    from entrepot.markets import Market, MarketOutcome
    from entrepot.markets.price_equilibrium import PricePoint
    from entrepot.markets.product_table import ProductTable

#: Units sold under a measure in another scenario, for a cap that matches it.
UnitsIn = Callable[[str, Measure], float]


@dataclass(frozen=True, eq=False)
class MarketAtCosts:
    """A case's Market with its plants in the countries of an Economy.

    sector  of the Economy that the products belong to;  unit  millions of US dollars in one unit of the Market's money
    """

    market: Market
    economy: Economy
    sector: str
    unit: float
    _profits: WeakKeyDictionary[Problem, Array] = field(default_factory=WeakKeyDictionary, repr=False)
    _last: dict[str, Array] = field(default_factory=dict, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave out what is kept when a copy goes to another process."""
        return MarketAtCosts, (self.market, self.economy, self.sector, self.unit)

    @classmethod
    def of(cls, case: Case, economy: Economy, tables: dict[str, ProductTable] | None = None) -> MarketAtCosts:
        """Return the market of a case. Raises `DocumentError` where it cannot be calibrated.

        tables   keeps the products that are read, for other cases with the same products and Economy
        """
        spec = case.market
        assert spec is not None
        tables = {} if tables is None else tables
        key = repr((case.path, spec.products, spec.importer, spec.demand, spec.nests))
        with case.at("market"):
            if key not in tables:
                tables[key] = placed(spec.read(case.path), economy)
            market, _ = place(spec.build(case.path, table=tables[key]), economy)
            (sector,) = resolve_sectors(spec.sector, economy.sectors)
        return cls(market, economy, sector, spec.unit)

    @cached_property
    def plants(self) -> tuple[str, ...]:
        """The countries with plants."""
        return tuple(dict.fromkeys(self.market.table.plant))

    def costs(self, solved: Ledger) -> Array:
        """Return what the market takes of a solution, or of each member of a stack [.., plant + 1].

        ln of the change of unit cost in each country with plants, and last ln of what a unit of world value added buys
        in the importer.
        """
        at, importer = [self.economy.countries.index(code) for code in self.plants], self.market.importer
        costs = ln_unit_costs(solved, self.economy, self.sector, importer)[..., at]
        return np.concatenate([costs, ln_money(solved, self.economy, importer)[..., None]], axis=-1)

    def outcome(
        self,
        measures: Iterable[Measure],
        costs: Array,
        economy: Economy | None = None,
        start: Array | PricePoint | None = None,
    ) -> MarketOutcome:
        """Return the market under measures at `costs` (see there); `economy` has the base volumes of caps in money.

        The measures are those of the world economy; where they are stated otherwise for products (`matched_in_units`)
        they are taken as they are. Raises `ConvergenceError` and `InputError`.
        """
        base = economy or self.economy
        inside = products_under(list(measures), self.market, base, self.sector)
        changes = {code: float(np.expm1(cost)) for code, cost in zip(self.plants, costs[:-1], strict=True)}
        placed_in = around(base, self.market, self.sector, float(costs[-1]))
        return self.market.solve(inside, cost_changes=changes, tol=1e-12, start=start, around=placed_in)

    def weights(self, objective: Objective) -> Array:
        """Return the weight of an objective on a dollar of profit by product [j].

        Raises `UnknownNameError` for a maker that the market does not have.
        """
        table, out = self.market.table, np.zeros(self.market.table.size)
        for country, weight in objective.makers_of.items():
            owners = list(dict.fromkeys([*table.owner, *self.economy.countries]))
            codes, _ = resolve_countries(country, owners, "objective: profit: makers of")
            out += weight * np.isin(table.owner, codes)
        for maker, weight in objective.makers.items():
            on = np.array([firm.casefold() == maker.casefold() for firm in table.firm])
            if not on.any():
                raise UnknownNameError("maker", maker, list(dict.fromkeys(table.firm)), "objective: profit")
            out += weight * on
        return out

    def profit(self, outcome: MarketOutcome) -> Array:
        """Return the change of makers' profits by product [j], without licences, in millions of US dollars."""
        return self.unit * outcome.profit_change

    def profit_under(self, problem: Problem, costs: Array) -> Array:
        """Return `profit` under a solved Problem at its `costs`; NaN where the market has no equilibrium.

        Kept as long as the Problem is in use: several parties weigh the same market. The search starts from the prices
        of the one before.
        """
        if problem not in self._profits:
            outcome: MarketOutcome | None
            try:
                outcome = self.outcome(problem.scenario.measures, costs, problem.economy, self._last.get("prices"))
            except ConvergenceError:
                outcome = self._from_base(problem, costs)
            if outcome is not None and outcome.sold.all():
                self._last["prices"] = outcome.prices
            self._profits[problem] = (
                np.full(self.market.table.size, np.nan) if outcome is None else self.profit(outcome)
            )
        return self._profits[problem]

    def _from_base(self, problem: Problem, costs: Array) -> MarketOutcome | None:
        """The market searched for from base prices; None where there is no equilibrium."""
        try:
            return self.outcome(problem.scenario.measures, costs, problem.economy)
        except ConvergenceError:
            return None


def matched_in_units(written: Sequence[Measure], solved: Sequence[Measure], units: UnitsIn) -> list[Measure]:
    """Return solved measures with each cap that matches another scenario at the units that are sold there.

    written  the measures as the case states them; what comes after them in `solved` is an answer to them
    """
    measures: list[Measure] = []
    for k, measure in enumerate(solved):
        stated = written[k] if k < len(written) else measure
        if stated.match is None:
            measures.append(measure)
            continue
        at_base: Any = replace(cast(Any, stated), cap=1.0, unit="share", sector=("ALL",))
        cap = units(str(stated.match), at_base)
        measures.append(replace(at_base, cap=cap, unit="units", label=stated.title))
    return measures


def units_in(found: Mapping[str, Any], market: Market) -> UnitsIn:
    """Return what gives the units sold under a measure in scenarios that are solved.

    found   by scenario, its MarketOutcome, or the error that stands in its place
    """

    def units(name: str, measure: Measure) -> float:
        other = found.get(name)
        if other is None or isinstance(other, Exception):
            raise ConvergenceError(f"Its cap is the volume of {name!r}, which the market has no answer for.")
        return float(other.quantities[market.under(measure)].sum())

    return units


__all__ = ["MarketAtCosts", "matched_in_units", "units_in"]
