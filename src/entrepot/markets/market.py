"""Market: the products, makers, demand and conduct of one industry in one country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from entrepot.economy.base_accounts import BoolArray
from entrepot.economy.geography import find_place
from entrepot.errors import LARGEST_BARE_NUMBER, ConvergenceError, InputError, MeasureError, UnknownNameError
from entrepot.languages import english
from entrepot.markets.calibrated_market import CalibratedMarket, base_chain
from entrepot.markets.conduct import Conduct, read_conduct
from entrepot.markets.demand_fit import DemandChoice, DemandFit, fit_demand
from entrepot.markets.demands import Demand
from entrepot.markets.market_outcome import MarketOutcome
from entrepot.markets.price_chain import PriceChain
from entrepot.markets.price_equilibrium import PriceGame, PricePoint, find
from entrepot.markets.product_policy import NOTHING_AROUND, Around, ProductPolicy, product_policy
from entrepot.markets.product_table import ProductTable
from entrepot.measures.measure import Measure
from entrepot.measures.scenario import Scenario
from entrepot.types import Array
from entrepot.words import figure

#: What a duty's rate is a share of: the border price, or the duty-paid price.
DutyBase = Literal["border", "price"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Market(CalibratedMarket):
    """The products of one industry in one country, calibrated, to be solved under measures.

    Build one with `from_products`. Immutable; its fields are those of `CalibratedMarket`.
    """

    @classmethod
    def from_products(
        cls,
        products: Any,
        *,
        importer: str,
        demand: str | Demand = "logit",
        conduct: str | Conduct = "bertrand",
        sector: str = "motor_vehicles",
        market_size: float | str | None = None,
        market_elasticity: float | None = None,
        price_coefficient: float | None = None,
        sigma: float | None = None,
        strength: float | None = None,
        nests: str | Sequence[str] = (),
        nesting: float | Sequence[float] = (),
        draws: Mapping[str, Any] | None = None,
        collusion: Iterable[Iterable[str]] = (),
        fit: str | None = None,
        currency: str = "US$",
        year: int | None = None,
    ) -> Market:
        """Calibrate a Market to a table of products.

        products   a ProductTable, a DataFrame, or the path of a table of any kind, with columns product, firm, plant
                   (country), price (to buyers, money a unit), quantity (units), and any of brand, owner (country of
                   the firm's owners; else the plant's), margin (what the maker receives less its cost, over the
                   buyers' price; with no duty and dealer price less cost over price), cost, tariff (in force, in the
                   price; 0.025 is 2.5%), dealer_margin (share of the price), dealer_amount (money a unit) and columns
                   of nests
        demand     "logit", "nested_logit", "ces", "aids", "linear", "mixed_logit", or a Demand of your own
        conduct    "bertrand", "cournot", "monopolistic" or "perfect"
        market_size        units that could be sold, for CES money that could be spent; what is above sales goes to an
                           outside good. Without it there is none. "fit" (logit): what fits the margins best
        market_elasticity  of all products together (AIDS, CES; with market_size also logit); with a market_size CES has
                           it of the products and the outside good together
        price_coefficient, sigma, strength   the parameter of logit, of CES, of AIDS and linear demand; else it is the
                           one that fits all stated margins best by least squares
        nests, nesting     columns of nests from the outermost in, and 1 - dissimilarity of each level
        draws              of mixed logit: {"taste": [j,i], "alpha": [i], "weight": [i]}
        sector, currency, year   the market's name in measures and in `join` (motor_vehicles, or a sector of your
                           Economy), the money of prices, and the year, for tables
        collusion          groups of firms that set prices together, such as [["Ford", "GM"]]
        fit                of a logit without outside good: "trade" (the default) as the R package trade, or "margins"

        Costs follow from the makers' first-order conditions; a stated cost must agree with them to 1%. Raises
        `TableError` and `InputError` with the product, the column and the remedy.
        """
        nests = (nests,) if isinstance(nests, str) else tuple(nests)
        nesting = (nesting,) if isinstance(nesting, int | float) else tuple(nesting)
        given: dict[str, Any] = {
            "market_size": market_size,
            "market_elasticity": market_elasticity,
            "price_coefficient": price_coefficient,
            "sigma": sigma,
            "strength": strength,
            "draws": draws,
            "fit": fit,
        }
        if isinstance(demand, Demand):
            for key, value in given.items():
                if value is not None:
                    raise InputError(f"{key}: the demand is given whole, with parameters of its own")
        code = importer_code(importer)
        table = (
            products
            if isinstance(products, ProductTable)
            else ProductTable.read(products, code, nests, currency=currency)
        )
        named: dict[str, Any] = {"importer": code, "sector": sector, "currency": currency, "year": year}
        if isinstance(demand, Demand):
            rule, owned = read_conduct(conduct), _owned(table, collusion)
            return cls.of(table, DemandFit(demand, {}), rule, owned, **named)
        choice = DemandChoice(demand=demand, nests=nests, nesting=nesting, **given)
        return cls.from_table(table, choice, conduct=conduct, collusion=collusion, **named)

    @classmethod
    def from_table(
        cls,
        table: ProductTable,
        choice: DemandChoice,
        *,
        importer: str,
        sector: str,
        conduct: str | Conduct = "bertrand",
        collusion: Iterable[Iterable[str]] = (),
        currency: str = "US$",
        year: int | None = None,
    ) -> Market:
        """Return the Market of a table that is read already, with the demand that is chosen calibrated to it."""
        rule, owned, base = read_conduct(conduct), _owned(table, collusion), base_chain(table)
        fitted = fit_demand(choice, table, rule, owned, base)
        return cls.of(
            table, fitted, rule, owned, importer=importer, sector=sector, currency=currency, year=year, base=base
        )

    @classmethod
    def of(
        cls,
        table: ProductTable,
        fitted: DemandFit,
        conduct: Conduct,
        owned: Array,
        *,
        importer: str,
        sector: str,
        currency: str = "US$",
        year: int | None = None,
        base: PriceChain | None = None,
    ) -> Market:
        """Return the Market with costs from the first-order conditions. Raises `InputError` for a cost below zero."""
        base = base_chain(table) if base is None else base
        none = np.zeros(0)
        net = base.net(table.price, none)
        units = _base_units(fitted.demand, table)
        conduct.check(fitted.demand, table.price, owned)
        _check_base(units, table)
        margins = conduct.margins(fitted.demand, table.price, base.passed(none), owned)
        cost = net - margins
        _check_costs(table, cost, margins, net)
        return cls(
            table=table,
            importer=importer,
            sector=sector,
            fitted=fitted,
            conduct=conduct,
            owned=owned,
            cost=cost,
            currency=currency,
            year=year,
            notes=(*_colluding(table, owned), *fitted.notes, *_contradictions(table, margins)),
        )

    def solve(
        self,
        measures: Scenario | Measure | Iterable[Measure] = (),
        *,
        duty_base: DutyBase = "border",
        quotas_foreseen: bool = False,
        cost_changes: Mapping[str, float] | None = None,
        tol: float = 1e-12,
        start: Array | PricePoint | None = None,
        around: Around = NOTHING_AROUND,
    ) -> MarketOutcome:
        """Solve for the equilibrium under measures.

        measures         any of the engine's instruments. Their sectors name the market's sector (or ALL), firms, brands
                         or products; exporters are countries of plants. Caps are shares of base units, or units with
                         unit="units"; a specific duty with unit_value is money on each unit shipped, whatever its price
        duty_base        "border": rates are on the border price; "price": on the duty-paid price, as in the R package
                         trade
        quotas_foreseen  makers outside a quota foresee that its licence price holds the units under it, whatever price
                         they set (Bhagwati 1965; Krishna 1989); else they take the licence price as given, as the
                         makers under the quota always do
        cost_changes     by plant country, such as {"USA": 0.02} for 2% more
        tol              of the largest condition, over the mean price
        start            prices of all products to search from first, or the `point` of another outcome with all on
                         sale, whose licence prices are taken where it has as many caps; base prices without it
        around           what a world economy that the market is joined to has in force; `join` states it

        Raises `MeasureError`, `UnknownNameError`, and `ConvergenceError` with the products furthest from balance.
        """
        if quotas_foreseen and self.conduct.name != "bertrand":
            raise InputError(
                f"quotas_foreseen: for price competition (bertrand); under {self.conduct.title} makers take quantities "
                f"or the price index as given, and a quota's licence price changes nothing that they decide on"
            )
        if duty_base not in ("border", "price"):
            raise InputError(f"duty_base: {duty_base!r}; 'border' or 'price'")
        listed = list(Scenario.of(measures))
        of_price = duty_base == "price"
        policy = product_policy(self.table, self.importer, self.sector, listed, self.base, of_price, around)
        sold = self._on_sale(policy)
        game = self._game(policy, cost_changes or {}, quotas_foreseen, sold, around.worth)
        if not 0 < tol < 1e-3:
            raise InputError(f"tol: {tol:g} must be above zero and below 0.001")
        licences = start.licences if isinstance(start, PricePoint) else np.zeros(0)
        start = start.prices if isinstance(start, PricePoint) else start
        if start is not None and (np.shape(start) != (self.table.size,) or not (np.asarray(start) > 0).all()):
            raise InputError(f"start: a price above zero for each of the {self.table.size} products is needed")
        prices = self.table.price[sold] if start is None else np.asarray(start, dtype=float)[sold]
        names = [name for name, on in zip(self.table.product, sold, strict=True) if on]
        point = (
            self._foreseen(game, self.base.keep(sold), prices, tol, names)
            if quotas_foreseen
            else find(game, self.base.keep(sold), prices, tol, names, licences)
        )
        return MarketOutcome(
            market=self, measures=tuple(listed), policy=policy, game=game, point=point, sold=sold, around=around
        )

    def equilibria(
        self, measures: Scenario | Measure | Iterable[Measure] = (), *, starts: int = 12, seed: int = 0, **options: Any
    ) -> list[MarketOutcome]:
        """Return the distinct equilibria found from several starts: base prices, costs, and prices drawn around them.

        Two are distinct where a price differs by more than 1e-6 of itself. One found does not prove that it is
        the only one.
        """
        rng = np.random.default_rng(seed)
        low, high = self.base.buyers(self.cost, np.zeros(0)), self.table.price
        tries = [high, 1.01 * low, *(low + (high - low) * rng.uniform(0.1, 4.0, high.size) for _ in range(starts - 2))]
        found: list[MarketOutcome] = []
        for k, start in enumerate(tries):
            try:
                outcome = self.solve(measures, start=start, **options)
            except ConvergenceError:
                if k == 0:
                    raise
                continue
            if all(np.abs(outcome.prices / other.prices - 1).max() > 1e-6 for other in found):
                found.append(outcome)
        return found

    def with_demand(self, demand: Demand | DemandFit) -> Market:
        """Return the same products with another demand system, costs calibrated again without mergers."""
        if isinstance(demand, str):
            raise InputError(
                f"demand: a Demand is needed; for {demand!r} fitted to the table call Market.from_products"
            )
        return self._again(demand if isinstance(demand, DemandFit) else DemandFit(demand, {}), self.conduct)

    def with_conduct(self, conduct: str | Conduct) -> Market:
        """Return the same products and demand under another conduct, costs calibrated again without mergers."""
        return self._again(self.fitted, read_conduct(conduct))

    def _again(self, fitted: DemandFit, conduct: Conduct) -> Market:
        made = Market.of(
            self.table,
            fitted,
            conduct,
            self.unmerged,
            importer=self.importer,
            sector=self.sector,
            currency=self.currency,
            year=self.year,
        )
        return replace(made, owned=self.owned, mergers=self.mergers, owned_before=self.owned_before)

    def merge(self, *firms: str) -> Market:
        """Return the market after these firms have merged: same costs and demand, prices set together.

        With a firm come those that it has merged with before. Firms that it colludes with set prices with all of them.
        """
        wanted = list(dict.fromkeys(_firm(self.table, name) for name in firms))
        if len(wanted) < 2:
            raise InputError("merge: name two firms or more")
        together = (self.owned[:, np.isin(self.table.firm, wanted)] >= 1).any(axis=1)
        before = [group for group in self.mergers if set(group) & set(wanted)]
        merged = tuple(dict.fromkeys([*(firm for group in before for firm in group), *wanted]))
        return replace(
            self,
            owned=np.maximum(self.owned, np.outer(together, together).astype(float)),
            mergers=(*(group for group in self.mergers if group not in before), merged),
            owned_before=self.unmerged,
        )

    def select(self, condition: str) -> tuple[str, ...]:
        """Return the products for which a condition on columns of the table holds, such as "content < 0.75".

        A measure's `sector` takes the condition itself too. Raises `TableError` where it cannot be read.
        """
        return tuple(self.table.product[k] for k in self.table.where(condition))

    def under(self, measure: Measure) -> BoolArray:
        """Return whether each product [j] is under the cap of a measure."""
        policy = product_policy(self.table, self.importer, self.sector, [measure], self.base, False)
        return np.any([np.zeros(self.table.size, dtype=bool), *(cap.on for cap in policy.chain.caps)], axis=0)

    def each(self, measure: Measure, by: Literal["firm", "product"] = "firm") -> list[Measure]:
        """Return a measure on each firm, or each product, by itself: quotas for each maker as in 1981."""
        touched = np.flatnonzero(self.under(measure))
        if not touched.size:
            raise MeasureError("", f"it caps no product, so there is nothing to state by {by}", measure.title)
        if getattr(measure, "unit", "") == "units":  # each has the share of its own base that the whole has
            base = float(self.table.quantity[touched].sum())
            measure = replace(measure, cap=float(getattr(measure, "cap")) / base, unit="share")  # type: ignore[call-arg]  # noqa: B009
        names = self.table.firm if by == "firm" else self.table.product
        return [
            replace(
                measure,
                sector=tuple(self.table.product[k] for k in touched if names[k] == name),
                label=f"{measure.title}: {name}",
            )  # type: ignore[call-arg]
            for name in dict.fromkeys(names[k] for k in touched)
        ]

    # ---- parts of solve ----

    def _on_sale(self, policy: ProductPolicy) -> Array:
        """Which products may be sold at all [j]: those under no embargo."""
        banned = np.zeros(self.table.size, dtype=bool)
        for cap in policy.chain.caps:
            if cap.hard and cap.volume == 0:
                banned |= cap.on
        if banned.all():
            raise InputError("no product is left on the market under these measures")
        return ~banned

    def _game(
        self, policy: ProductPolicy, changes: Mapping[str, float], foreseen: bool, sold: Array, worth: float
    ) -> PriceGame:
        chain, factor, seen = policy.chain.at_worth(worth), np.ones(self.table.size), set[str]()
        plant = np.array(self.table.plant)
        for country, change in changes.items():
            place = None if country in self.table.plant else find_place(country)
            code = country if place is None else place.code
            if code not in self.table.plant:
                raise UnknownNameError("plant country", country, sorted(set(self.table.plant)), "cost_changes")
            if code in seen:
                raise InputError(f"cost_changes: {code} is given twice")
            seen.add(code)
            if not -1 < change <= LARGEST_BARE_NUMBER / 10:
                raise InputError(f"cost_changes: {country} {change:g}; a fraction above -1, such as 0.02 for 2%")
            factor[plant == code] *= 1 + change
        given = 1 + policy.subsidy
        cost = self.cost * policy.cost_factor * factor / given
        if self.conduct.name == "perfect":
            chain = chain.levied_below_the_floor(cost)
        kept = chain.keep(sold)
        caps = tuple(cap for cap in kept.caps if not (cap.hard and cap.volume == 0))
        demand = self.demand if sold.all() else self.demand.keep(sold)
        return PriceGame(
            demand=demand,
            conduct=self.conduct,
            cost=cost[sold],
            owned=(self.owned * given[:, None] / given)[np.ix_(sold, sold)],
            chain=replace(kept, caps=caps),
            foreseen=foreseen,
        )

    def _foreseen(self, game: PriceGame, base: PriceChain, prices: Array, tol: float, names: list[str]) -> PricePoint:
        """The equilibrium in which every hard cap that can binds; what does not is tried slack."""
        first = find(replace(game, foreseen=False), base, prices, tol, names)
        scale = game.scale(first.prices)
        nudge = np.array([1e-3 * scale.price if cap.hard else 0.0 for cap in game.chain.caps])
        point = game.newton(first.prices, np.maximum(first.licences, nudge), tol)
        if point.residual > tol:
            raise ConvergenceError(
                "No equilibrium was found in which makers foresee the licence price.",
                remedy="quotas_foreseen=False; under price competition the equilibrium may be in mixed strategies",
                residual=point.residual,
            )
        return point


def importer_code(name: str) -> str:
    """Return the code of the country of a market. Raises `InputError`."""
    place = find_place(name)
    if place is None or place.kind != "country":
        raise InputError(f"importer: {name!r} is not a country")
    return place.code


def _firm(table: ProductTable, name: str) -> str:
    for firm in table.firm:
        if firm.casefold() == str(name).strip().casefold():
            return firm
    raise UnknownNameError("firm", str(name), dict.fromkeys(table.firm))


def _owned(table: ProductTable, collusion: Iterable[Iterable[str]]) -> Array:
    group = {firm: firm for firm in table.firm}
    for members in collusion:
        if isinstance(members, str):
            raise InputError(f"collusion: groups of firms are needed, such as [['{members}', ...]]")
        named = [_firm(table, name) for name in members]
        if len(set(named)) < 2:
            raise InputError(f"collusion: {', '.join(named) or 'nobody'} alone; name two firms or more in each group")
        joined = {group[firm] for firm in named}
        group = {firm: (named[0] if of in joined else of) for firm, of in group.items()}
    of = np.array([group[firm] for firm in table.firm])
    return (of[:, None] == of).astype(float)


def _base_units(demand: Demand, table: ProductTable) -> Array:
    """Units at base prices [j]. Raises `InputError` for a demand system of other products."""
    try:
        units = demand.quantities(table.price)
    except ValueError:
        units = np.zeros(0)
    if units.shape != table.quantity.shape:
        raise InputError(f"demand: it is not for the {table.size} products of the table")
    return units


def _check_base(units: Array, table: ProductTable) -> None:
    """Raise `InputError` for a demand system of other base quantities."""
    k = int(np.argmax(np.abs(units / table.quantity - 1)))
    if not abs(units[k] / table.quantity[k] - 1) < 1e-6:
        raise InputError(
            f"demand: at base prices it gives {figure(units[k])} of {table.product[k]}, "
            f"the table has {figure(table.quantity[k])}"
        )


def _check_costs(table: ProductTable, cost: Array, margins: Array, net: Array) -> None:
    below = np.flatnonzero(~(cost > 0))
    if below.size:
        k = int(below[np.argmax((margins / net)[below])])
        raise InputError(
            f"{table.product[k]}: demand and conduct imply a margin of {figure(margins[k], 4)} on the "
            f"{figure(net[k], 4)} that its maker receives, so a cost below zero ({below.size} of {table.size} "
            f"products); demand must be more elastic: a larger price_coefficient, sigma or strength, or lower "
            f"stated margins"
        )
    if not (margins >= 0).all():
        k = int(np.argmin(margins))
        raise InputError(
            f"{table.product[k]}: demand and conduct imply a margin below zero; its products are complements"
        )
    stated = np.flatnonzero(np.isfinite(table.cost) & (np.abs(table.cost / cost - 1) > 0.01))
    if stated.size:
        k = int(stated[np.argmax(np.abs(table.cost / cost - 1)[stated])])
        raise InputError(
            f"{table.product[k]}: the stated cost {figure(table.cost[k], 4)} differs from {figure(cost[k], 4)}, which "
            f"its price and the conduct imply; leave out the column cost, or change the demand's parameter"
        )


def _colluding(table: ProductTable, owned: Array) -> tuple[str, ...]:
    """A note on the firms that decide together, from H [k,j] of the base."""
    firm, of = np.array(table.firm), np.unique(table.firm, return_inverse=True)[1]
    if not (owned[of[:, None] != of] > 0).any():
        return ()
    together = (dict.fromkeys(firm[row > 0].tolist()) for row in owned)
    groups = dict.fromkeys(", ".join(firms) for firms in together if len(firms) > 1)
    return (english(f"Firms that decide together (collusion): {'; '.join(groups)}"),) if groups else ()


def _contradictions(table: ProductTable, margins: Array) -> tuple[str, ...]:
    """A note on the stated margin that is furthest from the one that demand and conduct imply."""
    implied = margins / table.price
    gap = np.abs(table.margin - implied)
    at = np.flatnonzero(np.isfinite(gap))
    if not at.size or gap[at].max() < 0.005:
        return ()
    k = int(at[np.argmax(gap[at])])
    far = int((gap[at] > 0.05).sum())
    more = f"; {far} of {at.size} stated margins differ by more than 5 points" if far > 1 else ""
    return (
        english(
            f"Stated margins and demand differ: {table.product[k]} {table.margin[k]:.1%} stated, {implied[k]:.1%} "
            f"implied{more}"
        ),
    )
