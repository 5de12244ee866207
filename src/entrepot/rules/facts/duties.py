"""Duties: whether they change and rise, for whom, and how they stand with the bound rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_sectors
from entrepot.measures import Measure, MinimumPrice, SpecificTariff, Tariff, TariffRateQuota
from entrepot.rules.agreements import free_trade_between
from entrepot.rules.book import Rate, rates
from entrepot.rules.entry import Confidence, least_sure
from entrepot.rules.facts.asked import SAME, Answer, fact, in_economy, in_measure, percent, points
from entrepot.rules.setting import BoundRate, Party, Setting, named
from entrepot.words import and_list, sector_name, sentence


def _over_flows(s: Setting, duty: Array) -> Array:
    """A duty [j,n,i] on each of the measure's flows."""
    return duty.ravel()[s.flows]


def _duty(s: Setting) -> tuple[bool, bool, str]:
    """Whether the measure changes a duty, raises one, and the sentence."""
    m, party = s.measure, sentence(str(s.party))
    whom = f"on {s.goods} from {named(s.others)} ({s.worth})"
    if s.role != "importer":
        return False, False, "The party does not levy the duty."
    if isinstance(m, Tariff):
        if m.change != "set" and float(m.rate) == 0:  # whatever other measures do
            return False, False, f"It leaves the duty of {s.party} {whom} as it is."
        change = _over_flows(s, s.ground.after - s.ground.before)
        rises = bool(change.max() > SAME)
        if not rises and change.min() >= -SAME:
            return False, False, f"The duty of {s.party} {whom} stays as it is."
        if m.change == "add":
            adds, to = ("adds", "to") if float(m.rate) > 0 else ("takes", "off")
            return True, rises, f"{party} {adds} {points(float(m.rate))} {to} its duty {whom}."
        if m.change == "cut":
            return True, rises, f"{party} cuts its duty by {percent(float(m.rate))} {whom}."
        return True, rises, f"{party} sets its duty at {percent(float(m.rate))} {whom}."
    if isinstance(m, SpecificTariff):
        worth = percent(m.per_base_dollar)
        return True, True, f"{party} levies a specific duty worth {worth} of the base price {whom}."
    if isinstance(m, TariffRateQuota):
        beyond = f"{points(float(m.out_rate))} more" if m.change == "add" else percent(float(m.out_rate))
        rises = own_rise(s) > SAME
        inside = "" if m.in_rate is None else f" and {percent(float(m.in_rate))}{' more' * (m.change == 'add')} inside"
        highest = float(_over_flows(s, s.ground.before).max())
        falls = m.in_rate is not None and float(m.in_rate) - (highest if m.change == "set" else 0.0) < -SAME
        return rises or falls, rises, f"{party} levies {beyond} beyond a quota{inside} {whom}."
    if isinstance(m, MinimumPrice) and m.rent == "importer":
        return True, True, f"{party} levies what is missing to a minimum price {whom}."
    return False, False, "It changes no import duty."


@fact
def changes_import_duty(s: Setting) -> Answer:
    changes, _, says = _duty(s)
    return in_measure(changes, says)


@fact
def raises_import_duty(s: Setting) -> Answer:
    _, raises, says = _duty(s)
    return in_measure(raises, says)


def _differs(s: Setting) -> bool:
    """Whether origins with trade are told apart: neither the change nor the resulting duty is the same for all."""
    economy, ground = s.economy, s.ground
    if not s.left_out and not (isinstance(s.measure, Tariff) and s.measure.change == "set"):
        return False
    if not isinstance(s.measure, Tariff):
        alike = [m for m in ground.scenario if m.kind == s.measure.kind and _terms(m) == _terms(s.measure)]
        _, n, i = np.unravel_index(np.concatenate([m.flows(economy) for m in alike]), economy.value.shape)
        reached = set(np.array(economy.countries)[i[np.isin(np.array(economy.countries)[n], s.party.codes)]])
        return any(not set(p.codes) <= reached for p in s.left_out)
    mine = [k for k, c in enumerate(economy.countries) if c in s.party.codes]
    abroad = [k for k, c in enumerate(economy.countries) if c not in s.party.codes]
    for j in np.unique(np.unravel_index(s.flows, economy.value.shape)[0]):
        cell = np.ix_([j], mine, abroad)
        traded = economy.value[cell] > 0
        change, after = (ground.after - ground.before)[cell][traded], ground.after[cell][traded]
        if np.ptp(change) > SAME and np.ptp(after) > SAME:
            return True
    return False


@fact
def bears_on_members(s: Setting) -> Answer:
    worse = s.left_out if is_a_preference(s).value else s.others
    members = [p for p in worse if s.ground.binds(p)]
    if not members:
        return Answer(False, "None of those who bear it is a party to the agreement.", "the book of members", "general")
    says = f"Parties to the agreement among those who bear it: {named(members)}."
    return Answer(True, says, "the book of members", "general")


def _terms(measure: Measure) -> tuple[object, ...]:
    """What a measure asks of the flows that it names."""
    keys = ("rate", "change", "amount", "unit_value", "price", "in_rate", "out_rate", "rent")
    return tuple(getattr(measure, key, None) for key in keys)


@fact
def origins_treated_differently(s: Setting) -> Answer:
    if not _differs(s):
        return in_economy(False, f"All origins of {s.goods} are treated alike.", s)
    return in_economy(
        True,
        f"It falls on {named(s.others)} and not on {named(s.left_out)}."
        if s.left_out
        else f"The duties that it leaves on {s.goods} differ by origin.",
        s,
    )


@fact
def not_all_origins(s: Setting) -> Answer:
    if s.role == "exporter":  # an exporter that administers a quota: the importer's origins are what counts
        s = Setting(s.ground, s.measure, s.position, s.others[0], "importer")
    return origins_treated_differently(s)


@fact
def is_a_preference(s: Setting) -> Answer:
    changes, raises, says = _duty(s)
    return in_measure(changes and not raises and bool(s.left_out), says)


def _bound(s: Setting, sector: str) -> list[tuple[Rate, float]]:
    """The book's bound rates of the party on items of a sector, with the rate on the date."""
    divisions = s.ground.divisions[sector]
    found = []
    for rate in rates().values():
        if rate.kind == "bound" and int(rate.isic4) in divisions and s.party.has(rate.country, s.on):
            value = rate.on(s.on)
            if value is not None and value.rate is not None:
                found.append((rate, value.rate))
    return found


def _applied(s: Setting, item: Rate) -> float | None:
    for rate in rates().values():
        if rate.kind == "mfn" and rate.country == item.country and rate.hs == item.hs:
            value = rate.on(s.on)
            return value.rate if value else None
    return None


@fact
def duty_exceeds_bound(s: Setting) -> Answer:
    """The duty on each item with a bound rate in the book or in the case, all surcharges included, against it."""
    over: list[str] = []
    within: list[str] = []
    unknown: list[str] = []
    doubts: list[Confidence] = []
    for sector in s.sectors:
        stated = [b for b in s.ground.case.bound_rates if s.party.has(b.country, s.on) and _covers(b, sector, s)]
        items = _bound(s, sector)
        for bound in stated:
            duty = highest_duty(s, sector)
            (over if duty > bound.rate + SAME else within).append(
                _against(f"{sector_name(sector)}", f"{percent(duty)} at the most", duty, bound.rate)
            )
        for rate, ceiling in items if not stated else ():
            duty, how = _item_duty(s, rate, ceiling)
            doubts.append(rate.confidence)
            (over if duty > ceiling + SAME else within).append(_against(f"{rate.item} ({rate.hs})", how, duty, ceiling))
        if not stated and not items:
            unknown.append(f"{sector_name(sector)} (up to {percent(highest_duty(s, sector))} after it)")
    found = "the book of rates, and the case"
    weakest = least_sure(*doubts) if doubts else None
    if over:
        return Answer(True, "; ".join(sentence(o) for o in over) + ".", found, weakest)
    if unknown:
        says = f"The book has no bound rate of {s.party} for {and_list(unknown)}: see its schedule"
        return Answer(None, f"{says}, or state it (law: bound_rates).", found)
    return Answer(False, "; ".join(sentence(w) for w in within) + ".", found, weakest)


def _covers(bound: BoundRate, sector: str, s: Setting) -> bool:
    return sector in resolve_sectors(bound.sector, s.economy.sectors)


def highest_duty(s: Setting, sector: str, others: Sequence[Party] | None = None) -> float:
    """The highest ad valorem duty that the measures leave on a sector's flows, or those of some on the other side;
    specific duties at base prices, tariff-rate quotas beyond them."""
    return _highest(s, _over_flows(s, s.ground.after) + _beyond(s), sector, others)


def highest_in_quota(s: Setting, sector: str, others: Sequence[Party] | None = None) -> float:
    """The same inside a tariff-rate quota; without what is not ad valorem."""
    return _highest(s, _over_flows(s, s.ground.after), sector, others)


def _highest(s: Setting, duty: Array, sector: str, others: Sequence[Party] | None) -> float:
    j, n, i = np.unravel_index(s.flows, s.economy.value.shape)
    mine = j == s.economy.sectors.index(sector)
    if others is not None:
        codes = np.array(s.economy.countries)[i if s.role == "importer" else n]
        mine &= np.isin(codes, [code for other in others for code in other.codes])
    return float(duty[mine].max(initial=0.0))


def own_rise(s: Setting) -> float:
    """By how much the measure itself raises the duty at the most: points beside other measures count once each."""
    m = s.measure
    if not isinstance(m, Tariff | TariffRateQuota):
        return m.per_base_dollar if isinstance(m, SpecificTariff) else 0.0
    if m.change == "cut":
        return 0.0
    rate = float(m.rate if isinstance(m, Tariff) else m.out_rate)
    lowest = float(_over_flows(s, s.ground.before).min()) if m.change == "set" else 0.0
    return max(rate - lowest, 0.0)


def _beyond(s: Setting) -> Array:
    """What is due on each of the measure's flows beside the ad valorem duty in the arrays: a specific duty at base
    prices, and what a tariff-rate quota asks beyond it more than inside."""
    m, duty = s.measure, _over_flows(s, s.ground.before)
    if isinstance(m, SpecificTariff):
        return np.full_like(duty, m.per_base_dollar)
    if isinstance(m, TariffRateQuota):
        inside = duty if m.in_rate is None and m.change == "set" else float(m.in_rate or 0.0)
        return np.full_like(duty, float(m.out_rate)) - inside
    return np.zeros_like(duty)


def _item_duty(s: Setting, rate: Rate, ceiling: float) -> tuple[float, str]:
    """The duty on an item after the measure, and how it comes about."""
    m, applied = s.measure, _applied(s, rate)
    base = ceiling if applied is None else applied
    if not free_trade_between(s)[1]:  # partners of an agreement pay what the Economy has
        base = float(_over_flows(s, s.ground.before).max())
    if isinstance(m, Tariff | TariffRateQuota) and m.change == "set":
        number = float(m.rate if isinstance(m, Tariff) else m.out_rate)
        return number, f"a duty set at {percent(number)}"
    if isinstance(m, Tariff) and m.change == "cut":
        left = base * (1 - float(m.rate))
        return left, f"{percent(base)} applied, cut by {percent(float(m.rate))} to {percent(left)}"
    all_of_it = max(float((_over_flows(s, s.ground.after - s.ground.before) + _beyond(s)).max()), 0.0)
    together = ", all measures together," if all_of_it > own_rise(s) + SAME else ""
    total = base + all_of_it
    return total, f"{percent(base)} applied and {points(all_of_it)} more{together} make {percent(total)}"


def _against(item: str, how: str, duty: float, bound: float) -> str:
    gap = duty - bound
    where = f"{points(gap)} beyond it" if gap > SAME else "within it"
    return f"{item}: {how}; the bound rate is {percent(bound)}: {where}"
