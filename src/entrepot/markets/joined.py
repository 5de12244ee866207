"""A Market joined to the world economy: its costs move with wages and inputs, its margins and rents become incomes.

The two models meet in prices. The world economy gives the Market the change of unit cost in each country where it has
plants, in units of the importer's consumer prices. The Market gives back, for each of these countries, by how much the
mean price of its products in this market moved beyond cost and what duties and licences are on it; these become wedges
in the world economy, with the margin as income of the plant's country. The loop ends where neither moves the other.

Quantities need not agree: the Market's demand is its own, the world economy has its trade elasticity. `volumes` puts
both beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from entrepot.data.units import is_dollars
from entrepot.economy.base_accounts import BoolArray
from entrepot.economy.economy import Economy
from entrepot.economy.geography import ROW, resolve_countries, resolve_sectors
from entrepot.equilibrium.accounts import Ledger
from entrepot.equilibrium.blocks.supply import Markups
from entrepot.equilibrium.closure import Closure
from entrepot.equilibrium.outcome import Outcome
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import solve
from entrepot.errors import ConvergenceError, InputError, TableError
from entrepot.markets.market import Market
from entrepot.markets.market_outcome import MarketOutcome
from entrepot.markets.product_policy import Around
from entrepot.markets.product_table import ProductTable
from entrepot.measures.acts import Cap, Lifted, Subsidy, TradeCost
from entrepot.measures.measure import Measure
from entrepot.measures.policy import Policy, places
from entrepot.measures.scenario import Scenario
from entrepot.read_only import read_only
from entrepot.types import Array, Index
from entrepot.words import counted, figure

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class MarketWedges(Measure):
    """What a Market does to a sector's trade into one importer, by plant country.

    beyond_cost  by exporter (the importer itself for its own plants): price over cost, against the base, less one
    home_subsidy  rate of the subsidy on the importer's own output without the Market, in force and of other measures
    duty         by exporter: one plus what is paid at the border (duties and the importer's licences) over the border
                 price, against that of the base, less one
    barrier      by exporter: what must be shipped for one to arrive, less one, beyond what other measures state
    export_taxes  by importer, on the goods of the importer's own plants: in force and of other measures
    """

    importer: str
    sector: str
    beyond_cost: tuple[tuple[str, float], ...]
    duty: tuple[tuple[str, float], ...]
    home_subsidy: float = 0.0
    barrier: tuple[tuple[str, float], ...] = ()
    export_taxes: tuple[tuple[str, float], ...] = ()
    kind: ClassVar[str] = "market_wedges"

    def put(self, policy: Policy) -> None:
        """Put the wedges as export taxes and duties, and for the importer's own plants as a tax on home sales."""
        e = policy.economy
        j, n = e.sectors.index(self.sector), e.countries.index(self.importer)
        size = len(e.countries)

        def into_market(code: str) -> Index:
            return np.array([(j * size + n) * size + e.countries.index(code)])

        for code, wedge in self.beyond_cost:
            if code != self.importer:
                at = into_market(code)
                policy.export_tax(at, add=(1 + e.export_tax_on(at)) * wedge)
                continue
            # Own sales have no border: a tax on all output, given back on what is exported.
            made = np.array([j * size + n])
            policy.subsidy(made, add=(1 + self.home_subsidy) * (1 / (1 + wedge) - 1))
            abroad = np.array([(j * size + k) * size + n for k in range(size) if k != n], dtype=np.intp)
            taxes = dict(self.export_taxes)
            rates = np.array([taxes.get(other, 0.0) for other in e.countries if other != self.importer])
            policy.export_tax(abroad, add=(1 + rates) * (1 / (1 + wedge) - 1))
        for code, rate in self.duty:
            at = into_market(code)
            policy.tariff(at, add=(1 + e.tariff.ravel()[at]) * rate)  # beyond a tariff-rate quota in force too
        for code, part in self.barrier:
            policy.iceberg(into_market(code), factor=1 + part)

    def describe(self) -> str:
        """Return the measure in words."""
        return f"margins, duties and licences of the market for {self.sector} in {self.importer}"


@read_only
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class JoinedOutcome:
    """A Market and the world economy in equilibrium with each other.

    market, world  their outcomes
    rounds, gap    of the loop: the largest change of a cost or a wedge in its last round
    unit           millions of US dollars in one unit of the Market's money
    notes          what the join had to assume
    """

    market: MarketOutcome
    world: Outcome
    sector: str
    rounds: int
    gap: float
    unit: float
    notes: tuple[str, ...] = ()

    @property
    def firms(self) -> pd.DataFrame:
        """By firm, as `MarketOutcome.firms`: with the world's wages and input prices."""
        return self.market.firms

    @cached_property
    def costs(self) -> pd.DataFrame:
        """By plant country: change of unit cost in percent, in units of the importer's consumer prices."""
        import pandas as pd

        e = self.world.economy
        hats = unit_costs(self.world, self.sector, self.market.market.importer)
        plants = dict.fromkeys(self.market.market.table.plant)
        return pd.DataFrame(
            {"plant": list(plants), "cost_pct": [100 * float(np.expm1(hats[e.countries.index(p)])) for p in plants]}
        )

    @cached_property
    def volumes(self) -> pd.DataFrame:
        """By plant country: units in the Market and volume in the world economy, changes in percent."""
        import pandas as pd

        e = self.world.economy
        j, n = e.sectors.index(self.sector), e.countries.index(self.market.market.importer)
        with np.errstate(divide="ignore", invalid="ignore"):
            real = self.world.accounts.real_flow[j, n] / e.value[j, n]
        rows = self.market.by_plant[["plant", "units_pct"]].copy()
        rows["world_volume_pct"] = [100 * (real[e.countries.index(code)] - 1) for code in rows["plant"]]
        return pd.DataFrame(rows)

    @cached_property
    def welfare(self) -> pd.DataFrame:
        """By country, millions of US dollars: real income in the world economy, and what moves to owners abroad.

        owned_abroad  change of profits and licences of makers that the country's residents own, less that of the plants
                      in the country: the world economy leaves both where the plant is. Owners that it does not have by
                      themselves are in its rest of the world
        total         real income with that transfer
        """
        import pandas as pd

        t, now = self.market.market.table, self.market
        change = now.profit_change + now.by_product("rent_exporters")
        moved: dict[str, float] = {}
        for k in range(t.size):
            owner = t.owner[k] if t.owner[k] in self.world.economy.countries else ROW
            moved[owner] = moved.get(owner, 0.0) + change[k] * self.unit
            moved[t.plant[k]] = moved.get(t.plant[k], 0.0) - change[k] * self.unit
        table = pd.DataFrame({"real_income": self.world.countries["equivalent_variation"]})
        table["owned_abroad"] = [moved.get(code, 0.0) for code in table.index]
        table["total"] = table.sum(axis=1)
        return table.rename_axis("country").reset_index()

    def __repr__(self) -> str:
        return f"JoinedOutcome({self.market.market!r} in {self.world.economy.name}, {counted(self.rounds, 'round')})"


def join(
    market: Market,
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure] = (),
    *,
    on_products: Iterable[Measure] | None = None,
    sector: str | None = None,
    closure: Closure | None = None,
    markups: bool = True,
    two_way: bool = True,
    unit: float | None = None,
    tol: float = 1e-10,
    rounds: int = 60,
    **options: Any,
) -> JoinedOutcome:
    """Solve a Market and the world economy together under measures.

    on_products   the measures as the Market applies them, where they are stated otherwise there (a cap in units);
              without it those of the world economy, a cap in money as the share of the base volume that it is
    sector    of the Economy that the Market's products belong to; without it the Market's own
    closure   of the world economy; where it states no competition and `markups` is true, the sector has markups with
              fixed entry in all countries at the Market's mean margin, so that lost sales are lost profits
    two_way   False: the Market takes the world's costs as they are without it (one round), and gives nothing back
    unit      millions of US dollars in one unit of the Market's money; 1e-6 for prices in US dollars, of which it need
              not be stated
    options   of `Market.solve`

    The measures are those of both: on the sector's trade into the importer the Market applies them to its products and
    the world economy takes the result; all others apply in the world economy. Countries with plants that the Economy
    does not have by themselves count as its rest of the world.

    Raises `InputError`, and `ConvergenceError` where the loop does not end.
    """
    listed = list(Scenario.of(measures))
    name = resolve_sectors(sector or market.sector, economy.sectors, "join: sector")
    if len(name) != 1:
        raise InputError(f"join: {sector or market.sector!r} is {len(name)} sectors of {economy.name}; name one")
    if unit is None and not is_dollars(market.currency):
        raise InputError(
            f"join: prices are in {market.currency}: state `unit`, how many millions of US dollars one unit of them is "
            f"(1e-6 for a dollar)"
        )
    unit = 1e-6 if unit is None else unit
    market, placed = place(market, economy)
    closure, notes = _closure(market, economy, name[0], closure, markups)
    notes = (
        *placed,
        *_owners_note(market, economy),
        *notes,
        *_base_duties(market, economy, name[0]),
        *_base_limits(market, economy, name[0]),
        *_base_taxes(market, economy, name[0]),
        *_unit_note(market, economy, name[0], unit),
    )
    notes += _split_note(listed, market, economy, name[0])
    inside = products_under(listed if on_products is None else list(on_products), market, economy, name[0])
    plants = list(dict.fromkeys(market.table.plant))
    at = [economy.countries.index(code) for code in plants]
    if not two_way:
        world = solve(economy, outside_only(listed, economy), closure=closure)
        moved = unit_costs(world, name[0], market.importer)[at]
        placed_in = around(economy, market, name[0], float(ln_money(world.accounts, economy, market.importer)))
        return JoinedOutcome(
            market=market.solve(inside, cost_changes=_rates(plants, moved), around=placed_in, **options),
            world=world,
            sector=name[0],
            rounds=1,
            gap=0.0,
            unit=unit,
            notes=(*notes, "One way: the world economy is solved without the makers' answer."),
        )
    Problem.of(economy, Scenario.of(outside_only(listed, economy)), closure)  # refused here as without the market
    outside = _outside(listed, market, economy, name[0])
    stated = SectorPolicy.of(outside, market, economy, name[0])
    costs, worth = np.zeros(len(plants)), 0.0
    gap, wedges = np.inf, None
    for number in range(1, rounds + 1):
        placed_in = around(economy, market, name[0], worth)
        solved = market.solve(inside, cost_changes=_rates(plants, costs), around=placed_in, **options)
        found = _wedges(solved, name[0], np.exp(costs), stated, at)
        world = solve(economy, [*outside, found], closure=closure, tol=min(1e-11, tol))
        moved = unit_costs(world, name[0], market.importer)[at]
        gap = float(np.abs(moved - costs).max())
        if wedges is not None:
            gap = max(gap, _apart(found, wedges))
        wedges, costs, worth = found, moved, float(ln_money(world.accounts, economy, market.importer))
        if gap <= tol and number > 1:
            return JoinedOutcome(
                market=solved, world=world, sector=name[0], rounds=number, gap=gap, unit=unit, notes=notes
            )
    raise ConvergenceError(
        f"The market and the world economy still move each other by {gap:.1e} after {rounds} rounds.",
        remedy="more rounds, a larger tol, or two_way=False",
        residual=gap,
    )


def outside_only(measures: Sequence[Measure], economy: Economy) -> list[Measure]:
    """Return the measures as an Economy reads them: a sector that only a Market knows stands for nothing."""
    return [m for m in measures if _known(m, economy)]


def ln_unit_costs(solved: Ledger, economy: Economy, sector: str, importer: str) -> Array:
    """Return ln of the change of unit cost of a sector by country [.., i], over consumer prices of the importer.

    solved   the accounts of an Outcome, or a stack of solutions, on `economy` or on others with the same names
    """
    j, n = economy.sectors.index(sector), economy.countries.index(importer)
    subsidised = solved.posed.ln_subsidy - solved.economy.ln_subsidy
    ln_cost = solved.cleared.ln_producer_price + subsidised
    return np.asarray(ln_cost[..., j, :] - solved.ln_consumer_price[..., n, None])


def ln_money(solved: Ledger, economy: Economy, importer: str) -> Array:
    """Return ln of what a unit of world value added buys at consumer prices of the importer [..], against the base."""
    return np.asarray(np.log(solved.unit) - solved.ln_consumer_price[..., economy.countries.index(importer)])


def around(economy: Economy, market: Market, sector: str, ln_worth: float = 0.0) -> Around:
    """Return what is in force around a Market with plants in countries of an Economy.

    ln_worth  of a unit of world value added in the Market's money (see `ln_money`)
    """
    worth = float(np.exp(ln_worth))
    if not economy.in_force:
        return Around(worth=worth)
    codes = dict.fromkeys(market.table.plant)

    def stated(ln_rates: Array) -> tuple[tuple[str, float], ...]:
        rates = {code: float(np.expm1(ln_rates[economy.countries.index(code)])) for code in codes}
        return tuple((code, rate) for code, rate in rates.items() if rate)

    subsidies, taxes = _in_force(market, economy, sector)
    return Around(worth=worth, subsidies=stated(subsidies), export_taxes=stated(taxes))


def unit_costs(world: Outcome, sector: str, importer: str) -> Array:
    """Return `ln_unit_costs` of an Outcome [i]."""
    return ln_unit_costs(world.accounts, world.economy, sector, importer)


def _rates(plants: Sequence[str], costs: Array) -> dict[str, float]:
    return {code: float(np.expm1(cost)) for code, cost in zip(plants, costs, strict=True)}


def _apart(one: MarketWedges, other: MarketWedges) -> float:
    """The largest difference between two sets of wedges."""
    pairs = (*zip(one.beyond_cost, other.beyond_cost, strict=True), *zip(one.duty, other.duty, strict=True))
    return max((abs(a[1] - b[1]) for a, b in pairs), default=0.0)


def place(market: Market, economy: Economy) -> tuple[Market, tuple[str, ...]]:
    """Return the market with plants in countries that the Economy has, others in its rest of the world, and a note."""
    known = set(economy.countries)
    if market.importer not in known:
        raise InputError(f"join: {economy.name} has no {market.importer} by itself")
    absent = sorted(set(market.table.plant) - known)
    if not absent:
        return market, ()
    if ROW not in known:
        raise InputError(f"join: {economy.name} has no {', '.join(absent)}, and no rest of the world")
    table = placed(market.table, economy)
    return replace(market, table=table), (f"Plants in {', '.join(absent)} are in the rest of the world.",)


def placed(table: ProductTable, economy: Economy) -> ProductTable:
    """Return products with plants in countries that an Economy has, others in its rest of the world if it has one."""
    known = set(economy.countries)
    plant = tuple(code if code in known or ROW not in known else ROW for code in table.plant)
    return table if plant == table.plant else replace(table, plant=plant)


def _owners_note(market: Market, economy: Economy) -> tuple[str, ...]:
    """A note where owners are in countries that the Economy does not have, and it has no rest of the world."""
    absent = sorted(set(market.table.owner) - set(economy.countries))
    if not absent or ROW in economy.countries:
        return ()
    return (
        f"What makers owned in {', '.join(absent)} earn is in no country's income: {economy.name} has none of them.",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SectorPolicy:
    """What stands in the world economy without the Market on the sector's goods: in force, and of other measures.

    price_over_cost [i]  change of a producer price over unit cost, by subsidies
    barrier [i]          what must be shipped to the importer for one to arrive, against the base
    home_subsidy         rate of the subsidy on the importer's own output
    export_taxes         by importer, on the goods of the importer's own plants
    """

    price_over_cost: Array
    barrier: Array
    home_subsidy: float
    export_taxes: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, measures: Sequence[Measure], market: Market, economy: Economy, sector: str) -> SectorPolicy:
        """Return what measures, without those on the Market's own flows, do to the sector."""
        policy, n = Policy.of(economy, measures), economy.countries.index(market.importer)
        j, taxes, size = economy.sectors.index(sector), policy.border_taxes(), len(economy.countries)
        ln_subsidy = policy.ln_subsidy()

        def by_flow(values: Array) -> Array:
            return np.bincount(taxes.flow, values, economy.value.size).reshape(economy.value.shape)[j]

        rates = np.expm1(by_flow(taxes.ln_export_tax)[:, n])
        return cls(
            price_over_cost=np.exp(economy.ln_subsidy - ln_subsidy)[j],
            barrier=np.exp(by_flow(taxes.ln_iceberg)[n]),
            home_subsidy=float(np.expm1(ln_subsidy[j, n])),
            export_taxes=tuple((economy.countries[k], float(rates[k])) for k in range(size) if rates[k]),
        )


def _unit_note(market: Market, economy: Economy, sector: str, unit: float) -> tuple[str, ...]:
    """A note where the Market's sales are out of proportion to the Economy's: money in another unit, most likely."""
    j, n = economy.sectors.index(sector), economy.countries.index(market.importer)
    sales, known = unit * float(market.table.sales.sum()), float(economy.value[j, n].sum())
    if 0.05 < sales / known < 5:
        return ()
    return (
        f"Sales of the products are US${figure(sales)} million, those of {sector} in {market.importer} "
        f"US${figure(known)} million: check `unit` "
        f"(1e-6 for prices in US dollars and single units), as owners abroad earn by it",
    )


def _split_note(measures: Sequence[Measure], market: Market, economy: Economy, sector: str) -> tuple[str, ...]:
    """A note on caps that are on the Market's trade and on other trade together."""
    split = []
    for measure in outside_only(measures, economy):
        capped = not _on_costs(measure, economy) and Policy.of(economy, [measure]).each(Cap)
        if capped and _on_market(measure, market, economy, sector):
            split += [measure.title] * bool(_without(measure, market, economy, sector))
    held = "one cap on the market's products and on other trade is held in each by its share of the base"
    return (f"{'; '.join(split)}: {held}",) if split else ()


def _base_duties(market: Market, economy: Economy, sector: str) -> tuple[str, ...]:
    """A note where the duties in the two bases differ by more than half a point."""
    t, j, n = market.table, economy.sectors.index(sector), economy.countries.index(market.importer)
    apart = []
    for code in dict.fromkeys(t.plant):
        on = np.array(t.plant) == code
        stated = float(t.tariff[on] @ t.sales[on] / t.sales[on].sum())
        held = float(economy.tariff[j, n, economy.countries.index(code)])
        if code != market.importer and abs(stated - held) > 0.005:
            apart.append(f"{code} {stated:.1%} and {held:.1%}")
    differ = f"Duties in the base differ between the products and {economy.name}: {'; '.join(apart)}"
    return (f"{differ}. Each model changes its own.",) if apart else ()


def _base_limits(market: Market, economy: Economy, sector: str) -> tuple[str, ...]:
    """A note where quotas that bind, specific duties or minimum prices of the base are on the Market's trade."""
    j, n, size = economy.sectors.index(sector), economy.countries.index(market.importer), len(economy.countries)
    quotas = economy.in_force.quotas
    held = np.concatenate([quotas.flow[quotas.ln_mu[quotas.owner] > 0], economy.in_force.price_rules.flow])
    held = held[held // size == j * size + n]
    codes = [economy.countries[k] for k in np.unique(held % size) if economy.countries[k] in market.table.plant]
    return (
        (
            f"{economy.name} has quotas, specific duties or minimum prices in force on {sector} from "
            f"{', '.join(codes)}, and the products do not: prices of these differ between the two",
        )
        if codes
        else ()
    )


def _base_taxes(market: Market, economy: Economy, sector: str) -> tuple[str, ...]:
    """A note where subsidies or export taxes of the base are on the Market's trade."""
    on = np.any([rates != 0 for rates in _in_force(market, economy, sector)], axis=0)
    codes = [code for code in dict.fromkeys(market.table.plant) if on[economy.countries.index(code)]]
    return (
        (
            f"{economy.name} has subsidies on output or export taxes in force on {sector} from {', '.join(codes)}, and "
            f"the products do not: what makers receive and pay has only what measures add to them",
        )
        if codes
        else ()
    )


def _closure(
    market: Market, economy: Economy, sector: str, closure: Closure | None, markups: bool
) -> tuple[Closure, tuple[str, ...]]:
    """The closure with consumer prices of the importer as numeraire, and the sector's markups if there is room."""
    closure = replace(closure or Closure(), numeraire=f"CPI:{market.importer}")
    if closure.competition is not None or not markups:
        return closure, ()
    t = market.table
    net = market.base.net(t.price, np.zeros(0))
    margin = float(((net - market.cost) * t.quantity).sum() / (net * t.quantity).sum())
    if margin <= 0:
        return closure, ()
    wanted = Markups({sector: 1 / margin}, entry="fixed")
    try:
        wanted.on(economy)
    except (TableError, InputError):
        return closure, (_at_cost(economy, sector, margin),)
    return replace(closure, competition=wanted), (
        f"{sector} has markups with fixed entry in all countries: {margin:.1%} of sales, the makers' mean margin",
    )


def _at_cost(economy: Economy, sector: str, margin: float) -> str:
    """Why the sector is priced at cost: where value added leaves no room for the margin, and what to do."""
    j = economy.sectors.index(sector)
    left = economy.gross_margin[:, j]
    short = sorted(np.flatnonzero((economy.output[j] > 0) & (left <= margin)), key=lambda k: left[k])
    if not short:
        return f"{economy.name} prices {sector} at cost: it has other markups, or none of {margin:.1%} fit"
    where = ", ".join(f"{economy.countries[k]} {left[k]:.1%}" for k in short)
    lower = f"Markups({{{sector!r}: {1 / (0.8 * left[short].min()):.1f}}}, entry='fixed')"
    return (
        f"{economy.name} prices {sector} at cost: the makers' mean margin of {margin:.1%} is more than value added is "
        f"of sales there ({where}), so units lost are income of factors that move, not profits lost. A closure with a "
        f"lower margin, such as {lower}, has a part of them as profits"
    )


def _known(measure: Measure, economy: Economy) -> bool:
    names = getattr(measure, "sector", ())
    try:
        resolve_sectors(names, economy.sectors)
    except InputError:
        return False
    return bool(names)


def products_under(measures: Sequence[Measure], market: Market, economy: Economy, sector: str) -> list[Measure]:
    """Return the measures that the Market applies to its products, in its own words."""
    found: list[Measure] = []
    for measure in measures:
        if not _known(measure, economy):
            found.append(measure)  # it names firms or products
        elif _on_market(measure, market, economy, sector):
            _check_lifted(measure, market, economy, sector)
            found.append(replace(cast(Any, _as_share(measure, economy)), sector=("ALL",), label=measure.title))
    return found


def _check_lifted(measure: Measure, market: Market, economy: Economy, sector: str) -> None:
    """Raise `InputError` where what ends are quotas or price rules on the Market's own trade."""
    if not economy.in_force or getattr(measure, "unit", "") == "units":  # a cap, which an Economy cannot read
        return
    ended = places(Policy.of(economy, [measure]).each(Lifted))
    if _on_own_flows(ended, market, economy, sector).any():
        raise InputError(
            f"join: {measure.title}: quotas, specific duties and minimum prices that {economy.name} has in force on "
            f"{sector} are in the prices of the products and not stated there, so the market cannot be without them; "
            f"lift export taxes or subsidies by themselves (what), or lift on other trade only (sector, importer)"
        )


def _in_force(market: Market, economy: Economy, sector: str) -> tuple[Array, Array]:
    """ln(1+s) of subsidies on output and ln(1+e) of export taxes into the market in force, each by producer [i]."""
    j, n, size = economy.sectors.index(sector), economy.countries.index(market.importer), len(economy.countries)
    into = np.asarray((j * size + n) * size + np.arange(size), dtype=np.intp)
    return economy.ln_subsidy[j], np.log1p(economy.export_tax_on(into))


def _outside(measures: Sequence[Measure], market: Market, economy: Economy, sector: str) -> list[Measure]:
    """The measures of the world economy, with the Market's own flows left out."""
    found: list[Measure] = []
    for measure in outside_only(measures, economy):
        if not _on_costs(measure, economy) and _on_market(measure, market, economy, sector):
            parts = _without(_as_share(measure, economy), market, economy, sector)
            _check_apart(measure, parts, economy, sector)
            found.extend(parts)
        else:
            found.append(measure)
    return found


def _check_apart(measure: Measure, parts: Sequence[Measure], economy: Economy, sector: str) -> None:
    """Raise `InputError` where more of a measure than its part in the Market is missing in the parts outside it."""
    policy = Policy.of(economy, [measure])
    subsidies = policy.each(Subsidy)
    goods = places(subsidies) // len(economy.countries)
    if (goods == economy.sectors.index(sector)).any() and len(subsidies) < len(policy.acts):
        raise InputError(
            f"join: {measure.title}: puts subsidies on output together with other policy; state them as two measures"
        )
    if policy.lifted_quotas != Policy.of(economy, parts).lifted_quotas:
        raise InputError(
            f"join: {measure.title}: lifts quotas on other trade together with other policy; state them as two measures"
        )


def _on_costs(measure: Measure, economy: Economy) -> bool:
    """Whether all that a measure does is to change costs: subsidies and barriers, which both models hold alike."""
    return all(isinstance(act, Subsidy | TradeCost) for act in Policy.of(economy, [measure]).acts)


def _on_market(measure: Measure, market: Market, economy: Economy, sector: str) -> bool:
    """Whether a measure is on the Market's trade or plants.

    Raises `InputError` where it subsidises them and names other sectors alone; trade that it does not name it cannot
    touch (`Policy.of`).
    """
    if sector in resolve_sectors(cast(Any, measure).sector, economy.sectors):  # _known has seen it
        return _touches(measure, market, economy, sector)
    if getattr(measure, "unit", "") != "units" and _subsidises_plants(measure, market, economy, sector):
        raise InputError(
            f"join: {measure.title}: subsidises {sector}, which it does not name; state that part as a measure of its "
            f"own"
        )
    return False


def _subsidises_plants(measure: Measure, market: Market, economy: Economy, sector: str) -> bool:
    """Whether a measure puts subsidies on the output of the sector in a country with a plant of the Market."""
    cells = places(Policy.of(economy, [measure]).each(Subsidy))
    goods, makers = np.divmod(cells, len(economy.countries))
    plants = [economy.countries.index(code) for code in set(market.table.plant)]
    return bool(((goods == economy.sectors.index(sector)) & np.isin(makers, plants)).any())


def _as_share(measure: Measure, economy: Economy) -> Measure:
    """A cap in money as a share of the base volume, which a Market can read."""
    if getattr(measure, "unit", "") != "usd_m":
        return measure
    base = float(economy.value.ravel()[measure.flows(economy)].sum())
    return cast(Measure, replace(cast(Any, measure), cap=float(getattr(measure, "cap")) / base, unit="share"))  # noqa: B009


def _touches(measure: Measure, market: Market, economy: Economy, sector: str) -> bool:
    """Whether a measure is on a flow of the sector from a plant country to the importer, or on its own plants."""
    sides = {f.name for f in fields(measure)}
    if "importer" not in sides:
        made = resolve_countries(getattr(measure, "country"), economy.countries)[0]  # noqa: B009
        return bool(set(made) & set(market.table.plant))
    if _on_own_flows(measure.flows(economy), market, economy, sector).any():
        return True
    if getattr(measure, "unit", "") == "units":  # a cap, which an Economy cannot read
        return False
    # A measure of one's own may subsidise what is sold beyond the trade that it names.
    return bool(_on_own_flows(Measure.flows(measure, economy), market, economy, sector).any())


def _on_own_flows(flows: Index, market: Market, economy: Economy, sector: str) -> BoolArray:
    """Whether each flow [.] is of the sector, from a plant country to the importer."""
    j, n, i = np.unravel_index(flows, economy.value.shape)
    plants = set(market.table.plant)
    makes = np.array([code in plants for code in economy.countries])
    return (j == economy.sectors.index(sector)) & (n == economy.countries.index(market.importer)) & makes[i]


def _without(measure: Measure, market: Market, economy: Economy, sector: str) -> list[Measure]:
    """The parts of a measure that are not on the Market's flows: other sectors, importers and exporters."""
    parts: list[Any] = []
    label, border = measure.title, cast(Any, measure)  # it is on a flow of the market
    others = tuple(name for name in resolve_sectors(border.sector, economy.sectors) if name != sector)
    if others:
        parts.append(replace(border, sector=others, label=label))
    importers = [c for c in resolve_countries(border.importer, economy.countries)[0] if c != market.importer]
    exporters = [c for c in resolve_countries(border.exporter, economy.countries)[0] if c not in market.table.plant]
    if importers:
        parts.append(replace(border, importer=tuple(importers), sector=(sector,), label=label))
    if exporters:
        kept = border.exempt if border.exempts == "exporter" else ()
        free = {c for name in kept for c in resolve_countries(name, economy.countries)[0]}
        left = tuple(c for c in exporters if c not in free)
        if left:
            parts.append(
                replace(border, importer=(market.importer,), exporter=left, exempt=(), sector=(sector,), label=label)
            )
    return [part for part in parts if _puts(part, economy)]


def _puts(measure: Measure, economy: Economy) -> bool:
    """Whether a part of a measure is on any flow."""
    try:
        return bool(measure.flows(economy).size)
    except InputError:
        return False


def _wedges(solved: MarketOutcome, sector: str, costs: Array, stated: SectorPolicy, at: Sequence[int]) -> MarketWedges:
    """What the Market does to prices by plant country, beyond cost and at the border, with base units as weights.

    costs  change of unit cost by plant country, whose places in the Economy are `at`
    """
    market, t = solved.market, solved.market.table
    beyond, duties, barriers = [], [], []
    base_border = t.border_price(market.base)
    # What exporters keep of licences is part of the border price; what the importer keeps is a duty.
    # A barrier on some makers melts away what they ship; all else that the world economy does not have is income.
    duty = np.full(t.size, np.nan)
    money = solved.accounts["duties"] + solved.accounts["rent_importer"]
    after = solved.accounts["rent_exporters"]
    on_border = np.zeros(t.size)
    quantities = solved.quantities[solved.sold]
    before = solved.game.chain.before(solved.point.licences) * quantities
    with np.errstate(divide="ignore", invalid="ignore"):
        duty[solved.sold] = money / quantities
        on_border[solved.sold] = (after - before) / quantities  # licences after duty that exporters hold
    for code, cost, i in zip(dict.fromkeys(t.plant), costs, at, strict=True):
        on = (np.array(t.plant) == code) & solved.sold
        if not on.any():
            raise InputError(
                f"join: an embargo leaves no plant of {code} in the market; solve the two apart with two_way=False (in "
                f"a case, joined: false)"
            )
        weight = t.quantity[on]
        border = (solved.border_prices + on_border)[on] @ weight
        melted = float(solved.policy.cost_factor[on] @ (weight * base_border[on]) / (base_border[on] @ weight))
        known = cost * stated.price_over_cost[i] * melted
        beyond.append((code, float(border / (base_border[on] @ weight) / known - 1)))
        if code != market.importer:
            barriers.append((code, melted / float(stated.barrier[i]) - 1))
            at_base = (base_border * t.tariff)[on] @ weight / (base_border[on] @ weight)
            duties.append((code, float((1 + duty[on] @ weight / border) / (1 + at_base) - 1)))
    return MarketWedges(
        importer=market.importer,
        sector=sector,
        beyond_cost=tuple(beyond),
        duty=tuple(duties),
        home_subsidy=stated.home_subsidy,
        barrier=tuple(barriers),
        export_taxes=stated.export_taxes,
        label="the market",
    )
