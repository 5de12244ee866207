"""Facts on duties: whether they change and rise, for whom, and how they compare with the bound rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array
from entrepot.economy.geography import resolve_sectors
from entrepot.languages import translated
from entrepot.measures.acts import Act, Cap, Duty, PriceRule
from entrepot.rules.agreements import between, free_trade_between
from entrepot.rules.book import Rate, rates
from entrepot.rules.entry import Confidence, least_sure
from entrepot.rules.facts.fact import SAME, FactAnswer, as_stated, fact, in_economy, in_measure, points
from entrepot.rules.facts.restrictions import unrestricted
from entrepot.rules.law_section import BoundRate
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party, named
from entrepot.words import and_list, ended, joined_sentences, percent, sector_name, sentence


def _over_flows(view: MeasureView, duty: Array) -> Array:
    """Return a duty [j,n,i] on each flow of the measure [.]."""
    return duty.ravel()[view.flows]


def _duty(view: MeasureView) -> tuple[bool, bool, str]:
    """Return whether the measure changes a duty, whether it raises one, and the sentence that says so."""
    on = view.trade_words | {"worth": view.worth}
    if view.role != "importer":
        return False, False, translated("The party does not levy the duty.")
    duty, quota, rule = view.act(Duty), view.tariff_quota, view.act(PriceRule)
    if duty is not None and quota is None:
        rate = view.on_its_flows(duty, duty.rate)
        if duty.change != "set" and not rate.any():  # other measures may still change it
            leaves = "It leaves the duty of {party} on {goods} from {others} ({worth}) as it is."
            return False, False, translated(leaves, **on | {"party": str(view.party)})
        change = _over_flows(view, view.context.after - view.context.before)
        rises = bool(change.max() > SAME)
        if not rises and change.min() >= -SAME:
            stays = "The duty of {party} on {goods} from {others} ({worth}) stays as it is."
            return False, False, translated(stays, **on | {"party": str(view.party)})
        if duty.change == "add":
            adds = "{party} adds {size} to its duty on {goods} from {others} ({worth})."
            takes = "{party} takes {size} off its duty on {goods} from {others} ({worth})."
            return True, rises, translated(adds if rate.max() > 0 else takes, **on, size=_largest(rate, points))
        if duty.change == "cut":
            cuts = "{party} cuts its duty by {size} on {goods} from {others} ({worth})."
            return True, rises, translated(cuts, **on, size=_largest(rate, percent))
        sets = "{party} sets its duty at {size} on {goods} from {others} ({worth})."
        return True, rises, translated(sets, **on, size=_largest(rate, percent))
    if quota is not None:
        return _tariff_quota(view, quota, duty, on)
    if rule is not None and rule.amount.any():
        worth = _largest(view.on_its_flows(rule, rule.amount), percent)
        levies = "{party} levies a specific duty worth {size} of the base price on {goods} from {others} ({worth})."
        return True, True, translated(levies, **on, size=worth)
    if rule is not None and not rule.exporter_holds:
        levies = "{party} levies the difference to a minimum price on {goods} from {others} ({worth})."
        return True, True, translated(levies, **on)
    return False, False, translated("It does not change an import duty.")


def _tariff_quota(view: MeasureView, quota: Cap, duty: Duty | None, on: dict[str, str]) -> tuple[bool, bool, str]:
    """Return the same as `_duty` for a tariff-rate quota; the duty inside the quota counts where it changes."""
    more = quota.beyond_change == "add"
    beyond = _more(points(_beyond_quota(view, quota))) if more else percent(_beyond_quota(view, quota))
    inside, falls = "", False
    if duty is not None:
        rate = view.on_its_flows(duty, duty.rate)
        inside = _more(_largest(rate, percent)) if more else _largest(rate, percent)
        highest = float(_over_flows(view, view.context.before).max())
        falls = float(rate.min()) - (0.0 if more else highest) < -SAME
    rises = own_rise(view) > SAME
    if inside:
        levies = "{party} levies {beyond} beyond a quota and {inside} inside on {goods} from {others} ({worth})."
        return rises or falls, rises, translated(levies, **on, beyond=beyond, inside=inside)
    levies = "{party} levies {beyond} beyond a quota on {goods} from {others} ({worth})."
    return rises or falls, rises, translated(levies, **on, beyond=beyond)


def _more(size: str) -> str:
    return translated("{size} more", size=size)


def _beyond_quota(view: MeasureView, quota: Cap) -> float:
    """Return the duty beyond a tariff-rate quota, or the points that it adds there to the applied duty."""
    duty = view.act(Duty)
    adds = duty is not None and quota.beyond_change == "add"
    inside = float(view.on_its_flows(duty, duty.rate).max()) if duty is not None and adds else 0.0
    return float(quota.beyond or 0.0) + inside


def _largest(rate: Array, words: Callable[[float], str]) -> str:
    """Return the rate in words; of several, "up to" the largest."""
    largest = float(rate[np.argmax(np.abs(rate))])
    return translated("up to {size}", size=words(largest)) if np.ptp(rate) > SAME else words(largest)


@fact
def changes_import_duty(view: MeasureView) -> FactAnswer:
    """Does it change a duty on imports?"""
    changes, _, says = _duty(view)
    return in_measure(changes, says)


@fact
def raises_import_duty(view: MeasureView) -> FactAnswer:
    """Does it raise a duty on imports?"""
    _, raises, says = _duty(view)
    return in_measure(raises, says)


def _differs(view: MeasureView) -> bool:
    """Return whether origins with trade are treated differently, in the change of duty and in the resulting duty."""
    economy, context = view.economy, view.context
    duty = view.act(Duty) if view.tariff_quota is None else None
    one_term = all(_alike(view, act, value) for act in view.acts for value in vars(act).values() if _by_flow(value))
    if one_term and not view.left_out and (duty is None or duty.change != "set"):
        return False
    if duty is None and not one_term:
        return True
    if duty is None:
        mine = _terms(context.policy.each(Act, view.position))
        alike = [m for k, m in enumerate(context.scenario) if _terms(context.policy.each(Act, k)) == mine]
        _, n, i = np.unravel_index(np.concatenate([m.flows(economy) for m in alike]), economy.value.shape)
        reached = set(np.array(economy.countries)[i[np.isin(np.array(economy.countries)[n], view.party.codes)]])
        return any(not set(p.codes) <= reached for p in view.left_out)
    home = [k for k, c in enumerate(economy.countries) if c in view.party.codes]
    abroad = [k for k, c in enumerate(economy.countries) if c not in view.party.codes]
    for j in np.unique(np.unravel_index(view.flows, economy.value.shape)[0]):
        cell = np.ix_([j], home, abroad)
        traded = economy.value[cell] > 0
        change, after = (context.after - context.before)[cell][traded], context.after[cell][traded]
        if np.ptp(change) > SAME and np.ptp(after) > SAME:
            return True
    return False


@fact
def bears_on_members(view: MeasureView) -> FactAnswer:
    """Are some of those who bear it parties to the agreement, with a right to better treatment?"""
    worse = disfavoured(view) if is_a_preference(view).value else view.others
    members = [p for p in worse if view.context.binds(p)]
    if not members:
        return FactAnswer(
            False,
            translated("No party to the agreement is among those who bear it."),
            translated("the book of members"),
            "general",
        )
    says = translated("Parties to the agreement among those who bear it: {names}.", names=named(members))
    return FactAnswer(True, says, translated("the book of members"), "general")


def _alike(view: MeasureView, act: Act, value: Array) -> bool:
    """Return whether the values of an act are the same for all origins of each good."""
    good = act.at // len(view.economy.countries)
    _, which = np.unique(good, return_inverse=True)
    low, high = np.full(which.max() + 1, np.inf), np.full(which.max() + 1, -np.inf)
    np.minimum.at(low, which, value)
    np.maximum.at(high, which, value)
    return bool((high - low).max() <= SAME)


def _by_flow(value: object) -> bool:
    """Return whether a field of an act holds a number for each flow (not their positions)."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _terms(acts: Sequence[Act]) -> tuple[object, ...]:
    """Return the terms of a measure, apart from the flows that it names and the volumes of its quotas."""

    def term(value: object) -> object:
        return tuple(np.unique(value).tolist()) if _by_flow(value) else value  # type: ignore[call-overload]

    apart = {"measure", "position", "number", "at", "volume"}
    return tuple((type(act), *(term(getattr(act, f.name)) for f in fields(act) if f.name not in apart)) for act in acts)


def _origins_apart(view: MeasureView) -> FactAnswer:
    """Return whether the duties or terms that it leaves differ by origin, and for whom."""
    if not _differs(view):
        return in_economy(False, translated("All origins of {goods} are treated alike.", goods=view.goods), view)
    left = view.left_out if view.act(Cap) is None else unrestricted(view)
    preference = is_a_preference(view).value
    if preference:
        left = [other for other in disfavoured(view) if other in left]
    if not left:
        terms = "The terms that the quotas set for {goods} differ by origin."
        duties = "The duties that it leaves on {goods} differ by origin."
        return in_economy(True, translated(terms if view.left_out else duties, goods=view.goods), view)
    if preference:
        favours = "It favours {others} over {left}."
        return in_economy(True, translated(favours, others=named(view.others), left=named(left)), view)
    falls = "It falls on {others} and not on {left}."
    return in_economy(True, translated(falls, others=named(view.others), left=named(left)), view)


@fact
def origins_treated_differently(view: MeasureView) -> FactAnswer:
    """Do the goods of some countries pay more, after it, than like goods of others?

    It is unknown where the measure may do no more than end a preference.
    """
    apart = _origins_apart(view)
    stated = as_stated("ends_a_preference", view)
    raises = raises_import_duty(view).value
    if not apart.value or not raises or (stated.value is None and not _may_end_a_preference(view)):
        return apart
    value = None if stated.value is None else not stated.value
    return FactAnswer(value, joined_sentences([apart.says, stated.says]), stated.found_in)


def _may_end_a_preference(view: MeasureView) -> bool:
    """Return whether the goods pay less before the measure than those of Members usually do, and after it no more.

    Usual is the duty that the median of imports of a sector pays from Members whom no measure touches, without those of
    a free-trade agreement with the importer, and only where these imports are more than those that it hits. Duties are
    means of a sector, so that this is no more than possible. A measure under a statute or a claim, one that answers
    another, and one with quotas or price rules does something else.
    """
    context = view.context
    relies = context.statutes or context.law.claims or context.case.claims or view.position in context.answers
    if relies or not all(isinstance(act, Duty) for act in view.acts):
        return False
    usual = [p for p in view.left_out if context.binds(p) and not between(view.party, p, view.on)]
    others = np.isin(view.economy.countries, [code for party in usual for code in party.codes])
    mine = np.isin(view.economy.countries, view.party.codes)
    j, n, i = np.unravel_index(view.flows, view.economy.value.shape)
    traded = view.economy.value[j, n, i] > 0
    untouched = np.where(np.abs(context.after - context.before) <= SAME, view.economy.value, 0.0)
    for sector in np.unique(j[traded]):
        here = np.ix_([sector], mine, others)
        median = _weighted_median(context.before[here].ravel(), untouched[here].ravel())
        at = (sector, *(place[traded & (j == sector)] for place in (n, i)))
        if untouched[here].sum() <= view.economy.value[at].sum():
            return False
        if not ((context.before[at] < median - SAME) & (context.after[at] <= median + SAME)).all():
            return False
    return bool(traded.any())


def _weighted_median(values: Array, weights: Array) -> float:
    """Return the value up to which half of the weight lies; NaN without weight."""
    order = np.argsort(values)
    up_to = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(up_to, 0.5 * up_to[-1])]) if weights.sum() > 0 else math.nan


@fact
def not_all_origins(view: MeasureView) -> FactAnswer:
    """Does it leave some origins out?"""
    if view.role == "exporter":  # for an exporter that administers a quota, the origins of the importer count
        view = replace(view, party=view.others[0], role="importer")
    return _origins_apart(view)


@fact
def is_a_preference(view: MeasureView) -> FactAnswer:
    """Does it lower a duty for some, and not for others?"""
    changes, raises, says = _duty(view)
    return in_measure(changes and not raises and bool(view.left_out), says)


def disfavoured(view: MeasureView) -> tuple[Party, ...]:
    """Return the partners left out of a preference whose goods may pay more than those it favours, largest first.

    Who pays nothing on any of the goods, as partners of an agreement do, is not among them; nor is one whose duty is
    set as low as that of those favoured. Other duties are means of a sector, of which single products pay more or less.
    """
    economy, after = view.economy, view.context.after
    sure = _set_by_measures(view).reshape(after.shape) | (np.abs(after) <= SAME)
    for act in view.context.policy.each(Act):
        if isinstance(act, Cap | PriceRule):  # more may be due than the duty
            sure.ravel()[act.at] = False
    most, least = np.where(sure, after, np.inf), np.where(sure, after, np.minimum(after, 0.0))
    favoured = np.zeros(after.shape, dtype=bool)
    favoured.ravel()[view.flows] = True
    traded = economy.value > 0
    lowest = np.where(favoured & traded, least, np.inf).min(axis=(1, 2), keepdims=True)
    pays_more = traded & ~favoured & (most > lowest + SAME)
    home = np.isin(economy.countries, view.party.codes)
    worse = {code for code, more in zip(economy.countries, pays_more[:, home].any(axis=(0, 1)), strict=True) if more}
    return tuple(other for other in view.left_out if worse & set(other.codes))


def _set_by_measures(view: MeasureView) -> NDArray[np.bool_]:
    """Return for every flow [.] of the Economy whether a measure sets its duty, so that all products pay the same."""
    known = np.zeros(view.economy.value.size, dtype=bool)
    for act in view.context.policy.each(Duty):
        if act.change == "set":
            known[act.at] = True
    return known


def _bound(view: MeasureView, sector: str) -> list[tuple[Rate, float]]:
    """Return the bound rates in the book for items of a sector, each with its value on the date."""
    divisions = view.context.divisions[sector]
    found = []
    for rate in rates().values():
        if rate.kind == "bound" and int(rate.isic4) in divisions and view.party.has(rate.country, view.on):
            value = rate.on(view.on)
            if value is not None and value.rate is not None:
                found.append((rate, value.rate))
    return found


def _applied(view: MeasureView, item: Rate) -> float | None:
    """Return the MFN rate applied to an item on the date; None where the book has none."""
    for rate in rates().values():
        if rate.kind == "mfn" and rate.country == item.country and rate.hs == item.hs:
            value = rate.on(view.on)
            return value.rate if value else None
    return None


@fact
def duty_exceeds_bound(view: MeasureView) -> FactAnswer:
    """Is the duty, all surcharges included, above the bound rate, for any item with one in the book or the case?"""
    over: list[str] = []
    within: list[str] = []
    unknown: list[str] = []
    on_mean: list[str] = []
    doubts: list[Confidence] = []
    for sector in view.sectors:
        stated = [
            b for b in view.context.case.bound_rates if view.party.has(b.country, view.on) and _covers(b, sector, view)
        ]
        items = _bound(view, sector)
        for bound in stated:
            duty, mean = highest_duty(view, sector), rests_on_mean(view, sector)
            mean_of = "{rate} with the mean of its products' duties"
            at_most = "{rate} at most"
            how = translated(mean_of if mean else at_most, rate=percent(duty))
            (over if duty > bound.rate + SAME else on_mean if mean else within).append(
                _against(f"{sector_name(sector)}", how, duty, bound.rate)
            )
        for rate, ceiling in items if not stated else ():
            duty, how, least = _item_duty(view, rate, ceiling)
            doubts.append(rate.confidence)
            says = _against(f"{rate.item} ({rate.hs})", how, duty, ceiling)
            mean = least < duty - SAME
            (over if least > ceiling + SAME else on_mean if mean else within).append(says)
        if not stated and not items:
            most = percent(highest_duty(view, sector))
            unknown.append(translated("{goods} (up to {rate} after the measure)", goods=sector_name(sector), rate=most))
    found = translated("the book of rates, and the case")
    weakest = least_sure(*doubts) if doubts else None
    if over:
        return FactAnswer(True, ended(translated("; ").join(sentence(o) for o in over)), found, weakest)
    if unknown:
        says = translated(
            "The book has no bound rate of {party} for {goods}: see its schedule, or state it (law: bound_rates).",
            party=str(view.party),
            goods=and_list(unknown),
        )
        return FactAnswer(None, says, found)
    if on_mean:
        says = translated(
            "{text} (what the base has is a mean of the sector, and single products may pay more or less).",
            text=sentence(translated("; ").join(on_mean)),
        )
        return FactAnswer(None, says, found, weakest)
    return FactAnswer(False, ended(translated("; ").join(sentence(w) for w in within)), found, weakest)


def _covers(bound: BoundRate, sector: str, view: MeasureView) -> bool:
    return sector in resolve_sectors(bound.sector, view.economy.sectors)


def highest_duty(view: MeasureView, sector: str, others: Sequence[Party] | None = None) -> float:
    """Return the highest ad valorem duty on a sector's flows after the measures, with all partners or some of them.

    Specific duties count at base prices, and tariff-rate quotas with the duty beyond the quota.
    """
    return _highest(view, _over_flows(view, view.context.after) + _beyond(view), sector, others)


def rests_on_mean(view: MeasureView, sector: str, others: Sequence[Party] | None = None, inside: bool = False) -> bool:
    """Return whether the duty after the measures rests on the mean duty of a sector's products in the base.

    A duty that is set is every product's, and so is a mean of zero. `inside` asks for the duty inside a tariff-rate
    quota, else it is that beyond it.
    """
    quota = view.tariff_quota
    if quota is not None and quota.beyond_change == "set" and not inside:
        return False
    known = _set_by_measures(view)[view.flows]
    return _highest(view, np.where(known, 0.0, _over_flows(view, view.context.before)), sector, others) > SAME


def highest_in_quota(view: MeasureView, sector: str, others: Sequence[Party] | None = None) -> float:
    """Return the highest ad valorem duty inside a tariff-rate quota, without specific duties."""
    return _highest(view, _over_flows(view, view.context.after), sector, others)


def _highest(view: MeasureView, duty: Array, sector: str, others: Sequence[Party] | None) -> float:
    mine = np.unravel_index(view.flows, view.economy.value.shape)[0] == view.economy.sectors.index(sector)
    if others is not None:
        mine &= view.with_partners(others)
    return float(duty[mine].max(initial=0.0))


def own_rise(view: MeasureView) -> float:
    """Return the largest rise of duty by this measure alone, whatever other measures add."""
    duty, quota, rule = view.act(Duty), view.tariff_quota, view.act(PriceRule)
    lowest = float(_over_flows(view, view.context.before).min())
    if quota is not None:
        return max(_beyond_quota(view, quota) - (lowest if quota.beyond_change == "set" else 0.0), 0.0)
    if duty is None:
        return float(view.on_its_flows(rule, rule.amount).max()) if rule is not None else 0.0
    if duty.change == "cut":
        return 0.0
    return max(float(view.on_its_flows(duty, duty.rate).max()) - (lowest if duty.change == "set" else 0.0), 0.0)


def _beyond(view: MeasureView) -> Array:
    """Return the duty on each flow [.] besides the ad valorem duty in `after`.

    It is a specific duty at base prices, and the difference between the duty beyond a tariff-rate quota and inside it.
    """
    before = _over_flows(view, view.context.before)
    duty, quota, rule = view.act(Duty), view.tariff_quota, view.act(PriceRule)
    if quota is not None:
        inside = before if duty is None else view.on_its_flows(duty, duty.rate)
        return np.full_like(before, quota.beyond) - (inside if quota.beyond_change == "set" else 0.0)
    return view.on_its_flows(rule, rule.amount) if rule is not None else np.zeros_like(before)


def _item_duty(view: MeasureView, rate: Rate, ceiling: float) -> tuple[float, str, float]:
    """Return the duty on an item after the measure, how it comes about in words, and the least that it may be.

    The least is lower where the duty before is only known as the mean of the sector.
    """
    duty, quota, applied = view.act(Duty), view.tariff_quota, _applied(view, rate)
    base = ceiling if applied is None else applied
    sure = base
    if not free_trade_between(view)[1]:  # partners of an agreement pay the duty in the Economy, a mean of the sector
        base, sure = float(_over_flows(view, view.context.before).max()), 0.0
    if quota is not None and quota.beyond_change == "set":
        beyond = float(quota.beyond or 0.0)
        return beyond, translated("a duty set at {rate}", rate=percent(beyond)), beyond
    if quota is None and duty is not None and duty.change != "add":
        number = view.on_its_flows(duty, duty.rate)
        if duty.change == "set":
            most = float(number.max())
            return most, translated("a duty set at {rate}", rate=percent(most)), most
        kept = 1 - float(number.min())
        left = base * kept
        cut = percent(float(number.min()))
        how = translated("{rate} applied, cut by {cut} to {left}", rate=percent(base), cut=cut, left=percent(left))
        return left, how, sure * kept
    all_of_it = max(float((_over_flows(view, view.context.after - view.context.before) + _beyond(view)).max()), 0.0)
    total = base + all_of_it
    alone = "{rate} applied and {points} more make {total}"
    together = "{rate} applied and {points} more, all measures together, make {total}"
    how = translated(
        together if all_of_it > own_rise(view) + SAME else alone,
        rate=percent(base),
        points=points(all_of_it),
        total=percent(total),
    )
    return total, how, sure + all_of_it


def _against(item: str, how: str, duty: float, bound: float) -> str:
    gap = duty - bound
    if gap > SAME:
        above = "{item}: {how}; the bound rate is {rate}: {points} above it"
        return translated(above, item=item, how=how, rate=percent(bound), points=points(gap))
    return translated("{item}: {how}; the bound rate is {rate}: within it", item=item, how=how, rate=percent(bound))
