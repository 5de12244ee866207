"""One measure as seen from one party: what it does to that party's flows, and who is on the other side."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from entrepot.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.geography import find_place
from entrepot.languages import translated
from entrepot.measures import Measure
from entrepot.measures.acts import Act, Cap, ExportDuty, PriceRule, Subsidy, TradeCost
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.parties import Party, as_parties, named, parted, union_members
from entrepot.words import and_list, dollars, sector_name, sentence

A = TypeVar("A", bound=Act)


@dataclass(frozen=True)
class MeasureView:
    """One measure of a LegalContext as seen from one party, whose `role` is importer, exporter or producer.

    goods_only   whether the services that the measure touches are left out, as the agreements on goods leave them out
    """

    context: LegalContext
    measure: Measure
    position: int
    party: Party
    role: str
    goods_only: bool = False

    @property
    def economy(self) -> Economy:
        """The Economy that the measure is taken on."""
        return self.context.economy

    @property
    def on(self) -> datetime.date:
        """The date of the screen."""
        return self.context.on

    def claims(self, exception: str, party: Party | None = None) -> str | None:
        """Return the reason why the party (or another) counts as relying on an exception; None if it does not.

        Claims without a party belong to the importer, or to the exporter that controls or taxes its own exports, unless
        the measure answers another one.
        """
        party = party or self.party
        importer = self.role == "importer" if party is self.party else self.role != "importer"
        takes = importer != self.by_exporter and self.role != "producer"
        return self.context.claimed(exception, party, takes and self.position not in self.context.answers)

    @property
    def export_control(self) -> bool:
        """Whether the measure is the exporter's own limit on its exports, as `limits_exports` tells it."""
        return limits_exports(self.measure, self.context.policy.each(Act, self.position))

    @property
    def in_every_market(self) -> bool:
        """Whether the importer that the measure names is all the world, so that no importer takes it."""
        return _in_every_market(self.measure)

    @property
    def of_no_importer(self) -> bool:
        """Whether it is a cost of trade in every market, which no importer sets."""
        return self.in_every_market and bool(self.acts) and all(isinstance(act, TradeCost) for act in self.acts)

    @property
    def by_exporter(self) -> bool:
        """Whether the exporter takes the measure for its own reasons: a control of exports, or a charge on them."""
        return is_on_exports(self.measure, self.context.policy.each(Act, self.position))

    @functools.cached_property
    def acts(self) -> list[Act]:
        """The acts of the measure, each restricted to the flows or cells of this party."""
        mine = [self._mine(act) for act in self.context.policy.each(Act, self.position)]
        return [act for act in mine if act.at.size]

    def _mine(self, act: Act) -> Act:
        size = len(self.economy.countries)
        if isinstance(act, Subsidy):
            kept = _among(self.economy.countries, self.party.codes)[act.at % size]
            kept &= self._in_view[act.at // size]
        else:
            kept = np.isin(act.at, self.flows)
        if isinstance(act, PriceRule):  # a zero amount or floor has no effect
            kept &= (act.amount > 0) | (act.floor > 0)
        parts: dict[str, Any] = {f.name: getattr(act, f.name) for f in fields(act)}
        some: dict[str, Any] = {k: v[kept] for k, v in parts.items() if isinstance(v, np.ndarray)}
        return replace(act, **some)

    def act(self, word: type[A]) -> A | None:
        """Return the first act of a type on this party's flows, or None."""
        return next((act for act in self.acts if isinstance(act, word)), None)

    def whole(self, act: Act) -> Act:
        """Return the same act on the flows of all parties."""
        return self.context.policy.acts[act.number]

    def on_its_flows(self, act: Act, values: Array) -> Array:
        """Return an act's values [f] on this party's flows [.]; zero on flows that the act leaves out."""
        by_flow = np.zeros(self.economy.value.size)
        by_flow[act.at] = values
        return by_flow[self.flows]

    @property
    def tariff_quota(self) -> Cap | None:
        """The cap beyond which a higher duty is due, or None."""
        return next((cap for cap in self.acts if isinstance(cap, Cap) and not cap.hard), None)

    @property
    def import_quota(self) -> Cap | None:
        """The cap that the importer's licences enforce, or None."""
        return self._hard_cap(before_duty=False)

    @property
    def export_restraint(self) -> Cap | None:
        """The cap that the exporter's licences enforce, or None."""
        return self._hard_cap(before_duty=True)

    def _hard_cap(self, before_duty: bool) -> Cap | None:
        """Return the hard cap that leaves the smallest share of its base trade."""
        caps = [act for act in self.acts if isinstance(act, Cap) and act.hard and act.before_duty == before_duty]
        value = self.economy.value.ravel()
        return min(caps, key=lambda cap: cap.volume / max(value[self.whole(cap).at].sum(), 1e-300), default=None)

    @property
    def minimum_price(self) -> PriceRule | None:
        """The price rule with a floor, or None."""
        return next((rule for rule in self.acts if isinstance(rule, PriceRule) and rule.floor.any()), None)

    @functools.cached_property
    def flows(self) -> Index:
        """The flows [.] of the measure that this party imports (or exports)."""
        flow = self.measure.flows(self.economy)
        j, n, i = np.unravel_index(flow, self.economy.value.shape)
        side = n if self.role == "importer" else i
        mine = _among(self.economy.countries, self.party.codes)[side]
        return flow[mine & (n != i) & self._in_view[j]]

    @functools.cached_property
    def _in_view(self) -> NDArray[np.bool_]:
        """Whether the measure's trade and output of each sector [j] of the Economy is looked at."""
        services = self.context.services if self.goods_only else ()
        return ~_among(self.economy.sectors, services)

    @property
    def services(self) -> tuple[str, ...]:
        """The sectors that the measure touches and that make services alone, in the order of the Economy."""
        return tuple(sector for sector in self._touched if sector in self.context.services)

    @property
    def on_goods(self) -> MeasureView | None:
        """The same view without services; None where the measure touches nothing else of this party."""
        if not self.services:
            return self
        goods = replace(self, goods_only=True)
        return goods if goods.acts and (self.role == "producer" or goods.trade > 0) else None

    @property
    def _touched(self) -> tuple[str, ...]:
        """The sectors of this party's trade, or for a producer of its output, that the measure changes."""
        size = len(self.economy.countries)
        made = [act.at // size for act in self.acts if isinstance(act, Subsidy)]
        if self.role != "producer" or not made:
            return self.sectors
        return tuple(self.economy.sectors[j] for j in np.unique(np.concatenate(made)))

    @functools.cached_property
    def trade(self) -> float:
        """Base value of those flows at the border, in millions of US dollars."""
        return float(self.economy.border_value.ravel()[self.flows].sum())

    @property
    def takes_it(self) -> bool:
        """Whether the party takes the measure itself; no party takes a cost of trade in every market."""
        return self.role == ("exporter" if self.by_exporter else "importer") and not self.of_no_importer

    @functools.cached_property
    def _across(self) -> Index:
        """The trading partner on each of those flows [.], by its place among the Economy's countries."""
        _, n, i = np.unravel_index(self.flows, self.economy.value.shape)
        return i if self.role == "importer" else n

    def with_partners(self, others: Sequence[Party]) -> NDArray[np.bool_]:
        """Return whether each of those flows [.] is with one of some partners."""
        return _among(self.economy.countries, [code for o in others for code in o.codes])[self._across]

    def trade_with(self, others: Sequence[Party]) -> float:
        """Return the base value of the flows with some partners, in millions of US dollars."""
        return float(self.economy.border_value.ravel()[self.flows[self.with_partners(others)]].sum())

    @functools.cached_property
    def others(self) -> tuple[Party, ...]:
        """The trading partners that the measure touches, by value of trade, largest first."""
        worth = np.bincount(self._across, self.economy.border_value.ravel()[self.flows], len(self.economy.countries))
        return parted(self._ranked(worth), self._ranked(self._worth_left_out), self.on)

    @functools.cached_property
    def left_out(self) -> tuple[Party, ...]:
        """The partners with trade in the same goods that the measure does not touch, largest first."""
        return parted(self._ranked(self._worth_left_out), self.others, self.on)

    def trade_left_out(self, parties: Sequence[Party]) -> float:
        """Return the trade of these parties in the same goods that the measure does not touch, US$ million a year."""
        codes = [code for party in parties for code in party.codes]
        return float(self._worth_left_out[_among(self.economy.countries, codes)].sum())

    @functools.cached_property
    def _worth_left_out(self) -> Array:
        economy = self.economy
        j = np.unravel_index(self.flows, economy.value.shape)[0]
        mine = _among(economy.countries, self.party.codes)
        foreign = economy.border_value[np.unique(j)].sum(axis=0)
        worth = foreign[mine].sum(axis=0) if self.role == "importer" else foreign[:, mine].sum(axis=1)
        touched = np.isin(np.arange(mine.size), self._across)
        union = union_members(self.on)
        home = _among(economy.countries, [*self.party.codes, *(union if set(self.party.codes) & set(union) else ())])
        return np.where(touched | home, 0.0, worth)

    def _ranked(self, worth: Any) -> tuple[Party, ...]:
        codes = [c for c, v in zip(self.economy.countries, worth, strict=True) if v > 0]
        value = dict(zip(self.economy.countries, worth, strict=True))
        return tuple(sorted(as_parties(codes, self.on), key=lambda p: -sum(value[c] for c in p.codes)))

    @functools.cached_property
    def sectors(self) -> tuple[str, ...]:
        """The sectors of those flows, in the order of the Economy."""
        j = np.unique(np.unravel_index(self.flows, self.economy.value.shape)[0])
        return tuple(self.economy.sectors[k] for k in j)

    @property
    def goods(self) -> str:
        """The names of the sectors, for use inside a sentence."""
        names = [sector_name(sector) for sector in self.sectors]
        return translated("all goods and services") if len(names) == len(self.economy.sectors) else and_list(names)

    @property
    def trade_words(self) -> dict[str, str]:
        """The {party}, {goods} and {others} of a sentence that begins with the party."""
        return {"party": sentence(str(self.party)), "goods": self.goods, "others": named(self.others)}

    @property
    def worth(self) -> str:
        """The value of the trade in words."""
        return translated("{money} of trade a year in the base", money=dollars(self.trade))


def _among(names: Sequence[str], some: Iterable[str]) -> NDArray[np.bool_]:
    """Return whether each of some names [.] is among others; np.isin takes ten times as long for a few texts."""
    wanted = frozenset(some)
    return np.fromiter((name in wanted for name in names), bool, len(names))


def limits_exports(measure: Measure, acts: Sequence[Act]) -> bool:
    """Return whether a measure is the exporter's own limit on its exports, which no importer asks for.

    So is a minimum price that an exporter keeps towards all the world. `acts` are what the measure puts into a Policy.
    """
    kept = any(isinstance(act, PriceRule) and act.exporter_holds and act.floor.any() for act in acts)
    return measure.export_control or (kept and _in_every_market(measure))


def is_on_exports(measure: Measure, acts: Sequence[Act]) -> bool:
    """Return whether the exporter takes a measure for its own reasons: a limit on exports, or only charges on them."""
    return limits_exports(measure, acts) or (bool(acts) and all(isinstance(act, ExportDuty) for act in acts))


def _in_every_market(measure: Measure) -> bool:
    return any(_is_world(name) for name in getattr(measure, "importer", ()))


def _is_world(name: str) -> bool:
    place = find_place(name)
    return place is not None and place.kind == "world"


def measure_views(context: LegalContext) -> list[MeasureView]:
    """Return a view of every measure for every party that takes it or that it binds."""
    out: list[MeasureView] = []
    for position, measure in enumerate(context.scenario):
        for role, codes in _sides(context, position):
            for party in as_parties(codes, context.on):
                setting = MeasureView(context, measure, position, party, role)
                if role == "producer" or setting.trade > 0:
                    out.append(setting)
    return out


def _sides(context: LegalContext, position: int) -> list[tuple[str, list[str]]]:
    """Return the countries in each role of a measure: producers of what it subsidises, importers and exporters."""
    countries, shape = context.economy.countries, context.economy.value.shape
    of_output = [act.at for act in context.policy.each(Subsidy, position)]
    at_border = [act.at for act in context.policy.each(Act, position) if not isinstance(act, Subsidy)]
    sides: dict[str, Index] = {}
    if of_output:
        sides["producer"] = np.concatenate(of_output) % len(countries)
    if at_border:
        _, sides["importer"], sides["exporter"] = np.unravel_index(np.concatenate(at_border), shape)
    return [(role, [countries[k] for k in np.unique(side)]) for role, side in sides.items()]
