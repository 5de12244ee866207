"""A question about a Market: products, demand, conduct and measures, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.geography import find_place
from entrepot.errors import ConvergenceError, InputError, MeasureError, nearest
from entrepot.languages import english
from entrepot.markets import Market, MarketOutcome, load_market
from entrepot.markets.bundled_markets import market_facts, market_products
from entrepot.markets.conduct import CONDUCTS
from entrepot.markets.demand_fit import ARGUMENTS, DEMANDS, READS
from entrepot.markets.product_policy import product_policy
from entrepot.measures import Measure

if TYPE_CHECKING:
    import pandas as pd

#: Side by side with `demand="each"` and `conduct="each"`, in this order.
SYSTEMS = ("logit", "nested_logit", "ces", "aids", "linear")
#: The name of a market whose goods nobody named.
UNNAMED = "products"
_TITLES = {
    "logit": "logit demand",
    "nested_logit": "nested logit demand",
    "ces": "CES demand",
    "aids": "AIDS demand",
    "linear": "linear demand",
    "bertrand": "Bertrand competition",
    "cournot": "Cournot competition",
    "monopolistic": "monopolistic competition",
    "perfect": "perfect competition",
}
#: Parameters that mean something else in each demand system.
OF_ONE_SYSTEM = ("price_coefficient", "sigma", "strength")


@dataclass(frozen=True, kw_only=True, eq=False)
class MarketQuestion:
    """A question about a Market.

    products  as `Market.from_products` takes them;  importer  where they are sold
    demand, conduct  a name, or "each" for all side by side
    options   the other arguments of `Market.from_products`
    bundled   the name of the bundled market that the products are, which states what `options` does not
    measures  in force together; none: the base
    each      "firm" or "product": a quota for each of them by itself
    """

    products: pd.DataFrame
    importer: str
    demand: str = "logit"
    conduct: str = "bertrand"
    sector: str = UNNAMED
    options: Mapping[str, Any] = field(default_factory=dict)
    measures: Sequence[Measure] = ()
    each: Literal["firm", "product"] | None = None
    duty_base: Literal["border", "price"] = "border"
    quotas_foreseen: bool = False
    notes: tuple[str, ...] = ()
    bundled: str = ""

    @classmethod
    def of_bundled(cls, name: str, **parts: Any) -> MarketQuestion:
        """Return a question about a bundled market. Raises `UnknownNameError`."""
        facts, options = market_facts(name), dict(parts.pop("options", {}))
        kept = {key: value for key, value in options.items() if value is not None and value != () and value != []}
        stated = {"importer": facts["importer"], "sector": facts["sector"], "demand": "nested_logit"}
        place = find_place(parts.get("importer", stated["importer"]))
        if place is None or place.code != stated["importer"]:
            raise InputError(f"importer: {name} is a market of {stated['importer']}, not of {parts['importer']}")
        note = english(f"{facts['title']}: where each number is from is in the table (bundled market {name})")
        return cls(
            products=market_products(name),
            bundled=name,
            options=kept,
            notes=(note,),
            **{**stated, **parts, "importer": place.code},
        )

    def answer(self) -> MarketAnswer:
        """Return the Market, solved where measures are given. Raises `InputError` and `ConvergenceError`."""
        market = self._market(self.demand, self.conduct, self.options)
        outcome = self._outcome(market)
        return MarketAnswer(market, outcome, self._read_notes(outcome))

    def _read_notes(self, outcome: MarketOutcome | None) -> tuple[str, ...]:
        """Notes on what was read, and on options that change what an answer under measures means."""
        if outcome is None:
            return self.notes
        of_price = english(
            "Duties are read as shares of the duty-paid price: 10% of it is 11.1% of the price at the border"
        )
        foreseen = english(
            "Makers outside a quota foresee that its licence price moves to hold the units under it, whatever they "
            "charge; by default they take it as given"
        )
        held = any(cap.hard for cap in outcome.game.chain.caps)
        stated = (
            (of_price, self.duty_base == "price" and _set_duties(outcome)),
            (foreseen, self.quotas_foreseen and held),
        )
        return (*self.notes, *(note for note, holds in stated if holds))

    @property
    def side_by_side(self) -> Literal["demand", "conduct"] | None:
        """What is wanted of each kind."""
        both = [name for name in ("demand", "conduct") if getattr(self, name) == "each"]
        if len(both) == 2:
            raise InputError("demand and conduct: one of them may be 'each', the other is named")
        return None if not both else "demand" if both[0] == "demand" else "conduct"

    def alternatives(self) -> MarketAlternatives:
        """Return the question under each demand system, or each conduct; with the reasons of those that have no answer.

        Raises `InputError` where none has one.
        """
        over = self.side_by_side
        if self.demand in ("logit", "each") and self.options.get("fit") is None:  # all forms fit the same margins
            return replace(self, options={**self.options, "fit": "margins"}).alternatives()
        given = [name for name in OF_ONE_SYSTEM if self.options.get(name) is not None]
        if over == "demand" and given:
            raise InputError(f"{given[0]}: of one demand system; with demand 'each' all are fitted to the margins")
        names = (n for n in SYSTEMS if n != "nested_logit" or self.options.get("nests") or self.bundled)
        rows = [self._alternative(n, over == "demand") for n in (names if over == "demand" else CONDUCTS)]
        if all(row.answer is None for row in rows):
            raise InputError(f"under none is there an answer; {rows[0].title}: {rows[0].reason}")
        return MarketAlternatives(self, tuple(rows))

    def _alternative(self, name: str, of_demand: bool) -> MarketAlternative:
        title = _TITLES.get(name, name)
        try:
            own = (
                replace(self, demand=name, options=self._options_for(name))
                if of_demand
                else replace(self, conduct=name)
            )
            return MarketAlternative(name, title, own.answer())
        except (InputError, ConvergenceError) as error:
            return MarketAlternative(name, title, None, str(error))

    def _options_for(self, demand: str) -> dict[str, Any]:
        """The options that a demand system takes; size and margins of the market are the same in all of them.

        A bundled market has its elasticity in each of them.
        """
        out, reads = dict(self.options), READS[demand]
        size = out.get("market_size")
        if demand == "logit":
            out.setdefault("fit", "margins")
        if demand != "nested_logit":
            out.pop("nests", None)
            out.pop("nesting", None)
        if size == "fit" and demand not in ("logit", "aids"):
            fitted = self._market("logit", self.conduct, self._options_for("logit"))
            size = out["market_size"] = fitted.demand.size
        if size is not None and demand == "aids":
            del out["market_size"]
        if size is not None and demand == "ces":
            units = self.products["quantity"].to_numpy(dtype=float)
            out["market_size"] = float(size) * float(self.products["price"].to_numpy(dtype=float) @ units / units.sum())
        margins = self.products["margin"].notna().any() if "margin" in self.products else False
        if self.bundled:
            reads = (*reads, "market_elasticity")
        elif demand in ("logit", "nested_logit", "linear") and (margins or size is None):
            out.pop("market_elasticity", None)
        return {key: value for key, value in out.items() if key not in ARGUMENTS or key in reads}

    def _market(self, demand: str, conduct: str, options: Mapping[str, Any]) -> Market:
        name = demand.strip().casefold().replace("-", "_")
        if name not in DEMANDS:
            raise InputError(f"demand: {demand!r}{nearest(name, [*DEMANDS, 'each'])}")
        if self.bundled:
            return load_market(self.bundled, demand=name, conduct=conduct, sector=self.sector, **options)
        return Market.from_products(
            self.products, importer=self.importer, sector=self.sector, demand=name, conduct=conduct, **options
        )

    def _outcome(self, market: Market) -> MarketOutcome | None:
        if not self.measures:
            return None
        measures = list(self.measures)
        if self.each is not None:
            parted = [market.each(m, self.each) if market.under(m).any() else [] for m in measures]
            if not any(parted):
                raise MeasureError("", f"each {self.each}: none of the measures is a quota")
            measures = [one for whole, parts in zip(measures, parted, strict=True) for one in (parts or [whole])]
        return market.solve(measures, duty_base=self.duty_base, quotas_foreseen=self.quotas_foreseen)


def _set_duties(outcome: MarketOutcome) -> bool:
    """Whether duties that measures set or add are others than they would be as shares of the border price."""
    m = outcome.market
    at_border = product_policy(m.table, m.importer, m.sector, list(outcome.measures), m.base, False)
    one, other = (
        np.concatenate([chain.duty, *(cap.surcharge for cap in chain.caps)])
        for chain in (outcome.policy.chain, at_border.chain)
    )
    return not np.allclose(one, other, rtol=1e-12, atol=1e-12)


@dataclass(frozen=True, eq=False)
class MarketAnswer:
    """A Market and its outcome under measures; None where there are none."""

    market: Market
    outcome: MarketOutcome | None
    read_notes: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on what was read and on the calibration."""
        return (*self.market.notes, *self.read_notes)

    @cached_property
    def under(self) -> NDArray[np.bool_]:
        """Whether each product is under a measure [j]."""
        if self.outcome is None:
            return np.zeros(self.market.table.size, dtype=bool)
        policy, base = self.outcome.policy, self.market.base
        chain = policy.chain
        touched = (chain.duty != base.duty) | (chain.export_tax != 0) | (chain.specific != 0) | (chain.floor > 0)
        touched |= (policy.cost_factor != 1) | (policy.subsidy != 0)
        for cap in chain.caps:
            touched |= cap.on
        return np.asarray(touched, dtype=np.bool_)

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """Whether each product is an import [j]."""
        return np.array([plant != self.market.importer for plant in self.market.table.plant])

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """Whether each product is an import under a measure [j]; every import where none of them is."""
        hit = self.foreign & self.under
        return hit if hit.any() else self.foreign


@dataclass(frozen=True, eq=False)
class MarketAlternative:
    """The answer under one demand system or conduct, or the reason why there is none."""

    name: str
    title: str
    answer: MarketAnswer | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class MarketAlternatives:
    """A question under several demand systems or several kinds of conduct."""

    question: MarketQuestion
    rows: tuple[MarketAlternative, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the market that hold under each of them, and on what was read."""
        noted = [row.answer.market.notes for row in self.rows if row.answer is not None]
        return (*(note for note in noted[0] if all(note in one for one in noted)), *self.first.read_notes)

    @property
    def first(self) -> MarketAnswer:
        """The first that has an answer."""
        return next(row.answer for row in self.rows if row.answer is not None)
