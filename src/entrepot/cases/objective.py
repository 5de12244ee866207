"""The objective of a party: what an Outcome is worth to it, in money per year at base prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from entrepot.cases.case_section import CaseSection, Number
from entrepot.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.errors import InputError
from entrepot.languages import ENGLISH, localised, speaking, translated
from entrepot.words import and_list, dollars, possessive, sector_name, spoken

#: How `profit` names makers of the case's market.
MAKERS_OF, MAKER = "makers of ", "maker "


def _by_name(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("a weight needs a name, such as {motor_vehicles: 0.3}")
    return value


Weights = Annotated[dict[str, Number], BeforeValidator(_by_name)]


class MarketShare(CaseSection):
    """The value to an exporter of a share in another country's market.

    worth   US$ million a year for each percentage point of `importer`'s imports of `sectors`, at producer prices
    """

    importer: str
    sectors: tuple[str, ...] = Field(min_length=1)
    worth: Number


class Breach(CaseSection):
    """The cost of breaching rules, US$ million a year.

    inconsistent   for each rule that the screen finds broken;  contested  for each rule that is contested
    """

    inconsistent: Annotated[Number, Field(ge=0)]
    contested: Number = Field(default=0.0, ge=0)


class Objective(CaseSection):
    """The payoff of a party, in US$ million at base prices, as a change from the base.

        real_income EV + sum_j value_added[j] d(V_j/P) + sum_j profit[j] d(profit_j/P) + revenue d(R/P)
        + sum_m balance[m] d((X_m - M_m)/P)
        + sum_s worth[s] d(100 share[s]) - breach

    real_income   weight on real income (equivalent variation): 1
    value_added   extra weight on a dollar of value added by sector: {motor_vehicles: 0.3}. Grossman and Helpman (1994,
                  AER 84: 833-850); Ossa (2014, AER 104: 4104-4146), whose weights are one plus these
    profit        extra weight on a dollar of profit by sector, where there are markups (`Closure.competition`); of
                  "makers of COUNTRY" or "maker NAME", on what these makers earn in the case's market, at the costs that
                  the world economy has without their answer
    revenue       extra weight on a dollar of public revenue
    balance       weight on a dollar of net exports to a partner (code or group), at producer prices
    market_share  value of shares in other countries' markets
    breach        cost of breaching rules; it counts only in the bargain of a case, which is screened
    """

    real_income: Number = 1.0
    value_added: Weights = Field(default_factory=dict)
    profit: Weights = Field(default_factory=dict)
    revenue: Number = 0.0
    balance: Weights = Field(default_factory=dict)
    market_share: tuple[MarketShare, ...] = ()
    breach: Breach | None = None

    @property
    def makers_of(self) -> dict[str, float]:
        """The weights on profits of the makers that are owned in a country or group."""
        return self._named(MAKERS_OF)

    @property
    def makers(self) -> dict[str, float]:
        """The weights on profits of single makers."""
        return self._named(MAKER)

    @property
    def weighs_makers(self) -> bool:
        """Whether profits of makers count, so that the case's market is solved with every payoff."""
        return any((*self.makers_of.values(), *self.makers.values()))

    def _named(self, prefix: str) -> dict[str, float]:
        named = {name: weight for name, weight in self.profit.items() if name.casefold().startswith(prefix)}
        return {name[len(prefix) :].strip(): weight for name, weight in named.items()}

    @property
    def profit_by_sector(self) -> dict[str, float]:
        """The weights on profits by sector, without those of makers."""
        return {name: w for name, w in self.profit.items() if not name.casefold().startswith((MAKERS_OF, MAKER))}

    def __str__(self) -> str:
        """Return the objective in English, as machines read it."""
        with speaking(ENGLISH):
            return self.in_words()

    def in_words(self) -> str:
        """Return the objective in words: "real income + 0.3 x value added of motor vehicles"."""
        terms = [(weight, text) for weight, text in self._terms() if weight] or [
            (0.0, f"0 x {translated('real income')}")
        ]
        text = ""
        for weight, term in terms:
            text += ("-" if weight < 0 else "") if not text else " - " if weight < 0 else " + "
            text += term
        if self.breach is not None:
            money = dollars(self.breach.inconsistent)
            text += " - " + translated("{money} for each rule breached", money=money)
            if self.breach.contested:
                text += " " + translated("({money} where contested)", money=dollars(self.breach.contested))
        return text

    def _terms(self) -> Iterator[tuple[float, str]]:
        """Yield every weight with its term in words, which has the size of the weight and not its sign."""
        income, weight = translated("real income"), self.real_income
        yield weight, income if weight == 1 else f"{_size(weight)} x {income}"
        for name, by in self.value_added.items():
            yield by, translated("{weight} x value added of {sector}", weight=_size(by), sector=sector_name(name))
        for name, by in self.profit_by_sector.items():
            yield by, translated("{weight} x profit of {sector}", weight=_size(by), sector=sector_name(name))
        for name, by in self.makers_of.items():
            yield by, translated("{weight} x profit of makers of {country}", weight=_size(by), country=spoken(name))
        for name, by in self.makers.items():
            yield by, translated("{weight} x profit of {maker}", weight=_size(by), maker=name)
        yield self.revenue, translated("{weight} x public revenue", weight=_size(self.revenue))
        for name, weight in self.balance.items():
            text = "{weight} x net exports to {country}"
            yield weight, translated(text, weight=_size(weight), country=spoken(name))
        for share in self.market_share:
            text = "{money} x points of {whose} imports of {goods}"
            goods, whose = and_list([sector_name(name) for name in share.sectors]), possessive(spoken(share.importer))
            yield share.worth, translated(text, money=dollars(share.worth), whose=whose, goods=goods)

    def check_profit(self, economy: Economy) -> None:
        """Raise `InputError` for a weight on profit by sector where an Economy, with its closure, has no markups."""
        for name, weight in self.profit_by_sector.items():
            sectors = resolve_sectors(name, economy.sectors, "objective: profit")
            if weight and np.allclose(economy.markup[[economy.sectors.index(s) for s in sectors]], 1.0, atol=1e-12):
                raise InputError(
                    f"profit: firms earn none in {and_list(list(sectors[:6]))} here; state a closure with markups and "
                    "fixed entry, or weigh value_added"
                )

    def on(self, economy: Economy, party: str | tuple[str, ...]) -> ObjectiveWeights:
        """Return the objective as positions and weights in an Economy.

        The party is a country, a group, or several ("JPN+EU28"); its payoff is the sum over its members. Raises
        `InputError` for an unknown name.
        """
        codes = resolve_countries(split_party(party), economy.countries, "objective")[0]
        weights, on_profit = np.zeros(len(economy.sectors)), np.zeros(len(economy.sectors))
        for key, given, out in (
            ("value_added", self.value_added, weights),
            ("profit", self.profit_by_sector, on_profit),
        ):
            for name, weight in given.items():
                for sector in resolve_sectors(name, economy.sectors, f"objective: {key}"):
                    out[economy.sectors.index(sector)] += weight
        flow, sign = [np.zeros(0, dtype=np.intp)], [np.zeros(0)]
        for partner, weight in self.balance.items():
            others = _others(partner, codes, economy, "balance")
            for exporters, importers, by in ((codes, others, weight), (others, codes, -weight)):
                cells = _flows(economy, exporters, importers, economy.sectors)
                flow.append(cells)
                sign.append(np.full(cells.size, by))
        markets = []
        for share in self.market_share:
            buyers = _others(share.importer, codes, economy, "market_share: importer")
            goods = resolve_sectors(share.sectors, economy.sectors, "objective: market_share: sectors")
            abroad = tuple(c for c in economy.countries if c not in buyers)
            every = _flows(economy, abroad, buyers, goods)
            if not economy.value.ravel()[every].any():
                raise InputError(
                    f"objective: market_share: {share.importer} has no imports of {', '.join(goods)} in the data"
                )
            own = np.isin(every, _flows(economy, codes, buyers, goods))
            markets.append((every, own.astype(float), 100 * share.worth))
        members = np.array([economy.countries.index(code) for code in codes])
        return ObjectiveWeights(
            self, codes, members, weights, on_profit, np.concatenate(flow), np.concatenate(sign), tuple(markets)
        )


@dataclass(frozen=True, eq=False)
class ObjectiveWeights:
    """The Objective of one party as positions and weights in an Economy.

    members [c]                       positions of its countries
    sector_weight, profit_weight [j]  on value added and on profit
    flow, flow_weight [f]             of bilateral trade balances
    markets   for each market share: all imports [f], which of them are the party's own [f], and US$ million for 100%
    """

    objective: Objective
    codes: tuple[str, ...]
    members: Index
    sector_weight: Array
    profit_weight: Array
    flow: Index
    flow_weight: Array
    markets: tuple[tuple[Index, Array, float], ...]


def _size(weight: float) -> str:
    return localised(f"{abs(weight):g}")


def split_party(party: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the countries and groups that act as one party: ("JPN", "EU28") for "JPN+EU28"."""
    return tuple(party.split("+")) if isinstance(party, str) else tuple(party)


def objective_of(party: str, objectives: Mapping[str, Objective], economy: Economy) -> Objective | None:
    """Return the objective that is stated for a party, under any name of the same countries; None if there is none."""
    if party in objectives:
        return objectives[party]
    codes = _codes_if_any(party, economy) if objectives else None
    alike = (wanted for name, wanted in objectives.items() if _codes_if_any(name, economy) == codes)
    return next(alike, None) if codes else None


def _codes_if_any(party: str, economy: Economy) -> tuple[str, ...] | None:
    """The countries of a party; None where the Economy lacks one, which others find."""
    try:
        return party_codes(party, economy)
    except InputError:
        return None


def party_codes(party: str, economy: Economy) -> tuple[str, ...]:
    """Return the countries of a party, in the order of the Economy. Raises `InputError` for an unknown name."""
    return resolve_countries(split_party(party), economy.countries, "objective")[0]


def _others(name: str, codes: tuple[str, ...], economy: Economy, key: str) -> tuple[str, ...]:
    others = resolve_countries(name, economy.countries, f"objective: {key}")[0]
    if set(others) & set(codes):
        raise InputError(f"objective: {key}: {name} belongs to the party itself; name another partner")
    return others


def _flows(economy: Economy, exporters: tuple[str, ...], importers: tuple[str, ...], sectors: tuple[str, ...]) -> Index:
    """Return the flat positions [f] in [j,n,i] of the flows between these countries."""
    j, n, i = (
        np.isin(known, chosen)
        for known, chosen in (
            (economy.sectors, sectors),
            (economy.countries, importers),
            (economy.countries, exporters),
        )
    )
    return np.flatnonzero(j[:, None, None] & n[:, None] & i)
