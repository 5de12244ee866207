"""Duties: whether they change and rise, for whom, and how they stand with the bound rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np

from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_sectors
from entrepot.measures.policy import Act, Cap, Duty, PriceRule
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
    party, whom = sentence(str(s.party)), f"on {s.goods} from {named(s.others)} ({s.worth})"
    if s.role != "importer":
        return False, False, "The party does not levy the duty."
    duty, quota, rule = s.act(Duty), s.tariff_quota, s.act(PriceRule)
    if duty is not None and quota is None:
        rate = s.on_its_flows(duty, duty.rate)
        if duty.change != "set" and not rate.any():  # whatever other measures do
            return False, False, f"It leaves the duty of {s.party} {whom} as it is."
        change = _over_flows(s, s.ground.after - s.ground.before)
        rises = bool(change.max() > SAME)
        if not rises and change.min() >= -SAME:
            return False, False, f"The duty of {s.party} {whom} stays as it is."
        if duty.change == "add":
            adds, to = ("adds", "to") if rate.max() > 0 else ("takes", "off")
            return True, rises, f"{party} {adds} {_largest(rate, points)} {to} its duty {whom}."
        if duty.change == "cut":
            return True, rises, f"{party} cuts its duty by {_largest(rate, percent)} {whom}."
        return True, rises, f"{party} sets its duty at {_largest(rate, percent)} {whom}."
    if quota is not None:
        return _tariff_quota(s, quota, duty, whom)
    if rule is not None and rule.amount.any():
        worth = _largest(s.on_its_flows(rule, rule.amount), percent)
        return True, True, f"{party} levies a specific duty worth {worth} of the base price {whom}."
    if rule is not None and not rule.exporter_holds:
        return True, True, f"{party} levies what is missing to a minimum price {whom}."
    return False, False, "It changes no import duty."


def _tariff_quota(s: Setting, quota: Cap, duty: Duty | None, whom: str) -> tuple[bool, bool, str]:
    """The same for a tariff-rate quota, with the duty inside it where it changes one."""
    more = quota.beyond_change == "add"
    beyond = f"{points(_beyond_quota(s, quota))} more" if more else percent(_beyond_quota(s, quota))
    inside, falls = "", False
    if duty is not None:
        rate = s.on_its_flows(duty, duty.rate)
        inside = f" and {_largest(rate, percent)}{' more' * more} inside"
        highest = float(_over_flows(s, s.ground.before).max())
        falls = float(rate.min()) - (0.0 if more else highest) < -SAME
    rises = own_rise(s) > SAME
    return rises or falls, rises, f"{sentence(str(s.party))} levies {beyond} beyond a quota{inside} {whom}."


def _beyond_quota(s: Setting, quota: Cap) -> float:
    """The duty beyond a tariff-rate quota, or the points that it asks there on top of the applied one."""
    duty = s.act(Duty)
    inside = float(s.on_its_flows(duty, duty.rate).max()) if duty is not None and quota.beyond_change == "add" else 0.0
    return float(quota.beyond or 0.0) + inside


def _largest(rate: Array, words: Callable[[float], str]) -> str:
    """The rate in words, or the largest of several."""
    largest = float(rate[np.argmax(np.abs(rate))])
    return f"up to {words(largest)}" if np.ptp(rate) > SAME else words(largest)


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
    duty = s.act(Duty) if s.tariff_quota is None else None
    one_term = all(_alike(s, act, value) for act in s.acts for value in vars(act).values() if _by_flow(value))
    if one_term and not s.left_out and (duty is None or duty.change != "set"):
        return False
    if duty is None and not one_term:
        return True
    if duty is None:
        mine = _terms(ground.policy.each(Act, s.position))
        alike = [m for k, m in enumerate(ground.scenario) if _terms(ground.policy.each(Act, k)) == mine]
        _, n, i = np.unravel_index(np.concatenate([m.flows(economy) for m in alike]), economy.value.shape)
        reached = set(np.array(economy.countries)[i[np.isin(np.array(economy.countries)[n], s.party.codes)]])
        return any(not set(p.codes) <= reached for p in s.left_out)
    home = [k for k, c in enumerate(economy.countries) if c in s.party.codes]
    abroad = [k for k, c in enumerate(economy.countries) if c not in s.party.codes]
    for j in np.unique(np.unravel_index(s.flows, economy.value.shape)[0]):
        cell = np.ix_([j], home, abroad)
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


def _alike(s: Setting, act: Act, value: Array) -> bool:
    """Whether an act's number is the same for all origins of each good."""
    good = act.at // len(s.economy.countries)
    _, which = np.unique(good, return_inverse=True)
    low, high = np.full(which.max() + 1, np.inf), np.full(which.max() + 1, -np.inf)
    np.minimum.at(low, which, value)
    np.maximum.at(high, which, value)
    return bool((high - low).max() <= SAME)


def _by_flow(value: object) -> bool:
    """Whether it is a number for each flow, not their positions."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _terms(acts: Sequence[Act]) -> tuple[object, ...]:
    """What a measure asks of the flows that it names, whichever they are and however much a quota lets in."""

    def term(value: object) -> object:
        return tuple(np.unique(value).tolist()) if _by_flow(value) else value  # type: ignore[call-overload]

    apart = {"measure", "position", "number", "at", "volume"}
    return tuple((type(act), *(term(getattr(act, f.name)) for f in fields(act) if f.name not in apart)) for act in acts)


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
    specific duties at base prices, tariff-rate quotas beyond them.
    """
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
    duty, quota, rule = s.act(Duty), s.tariff_quota, s.act(PriceRule)
    lowest = float(_over_flows(s, s.ground.before).min())
    if quota is not None:
        return max(_beyond_quota(s, quota) - (lowest if quota.beyond_change == "set" else 0.0), 0.0)
    if duty is None:
        return float(s.on_its_flows(rule, rule.amount).max()) if rule is not None else 0.0
    if duty.change == "cut":
        return 0.0
    return max(float(s.on_its_flows(duty, duty.rate).max()) - (lowest if duty.change == "set" else 0.0), 0.0)


def _beyond(s: Setting) -> Array:
    """What is due on each of the measure's flows beside the ad valorem duty in the arrays: a specific duty at base
    prices, and what a tariff-rate quota asks beyond it more than inside.
    """
    before, duty, quota, rule = _over_flows(s, s.ground.before), s.act(Duty), s.tariff_quota, s.act(PriceRule)
    if quota is not None:
        inside = before if duty is None else s.on_its_flows(duty, duty.rate)
        return np.full_like(before, quota.beyond) - (inside if quota.beyond_change == "set" else 0.0)
    return s.on_its_flows(rule, rule.amount) if rule is not None else np.zeros_like(before)


def _item_duty(s: Setting, rate: Rate, ceiling: float) -> tuple[float, str]:
    """The duty on an item after the measure, and how it comes about."""
    duty, quota, applied = s.act(Duty), s.tariff_quota, _applied(s, rate)
    base = ceiling if applied is None else applied
    if not free_trade_between(s)[1]:  # partners of an agreement pay what the Economy has
        base = float(_over_flows(s, s.ground.before).max())
    if quota is not None and quota.beyond_change == "set":
        return float(quota.beyond or 0.0), f"a duty set at {percent(float(quota.beyond or 0.0))}"
    if quota is None and duty is not None and duty.change != "add":
        number = s.on_its_flows(duty, duty.rate)
        if duty.change == "set":
            return float(number.max()), f"a duty set at {percent(float(number.max()))}"
        left = base * (1 - float(number.min()))
        return left, f"{percent(base)} applied, cut by {percent(float(number.min()))} to {percent(left)}"
    all_of_it = max(float((_over_flows(s, s.ground.after - s.ground.before) + _beyond(s)).max()), 0.0)
    together = ", all measures together," if all_of_it > own_rise(s) + SAME else ""
    total = base + all_of_it
    return total, f"{percent(base)} applied and {points(all_of_it)} more{together} make {percent(total)}"


def _against(item: str, how: str, duty: float, bound: float) -> str:
    gap = duty - bound
    where = f"{points(gap)} beyond it" if gap > SAME else "within it"
    return f"{item}: {how}; the bound rate is {percent(bound)}: {where}"
