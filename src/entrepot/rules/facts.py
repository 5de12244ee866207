"""The facts that the rules ask for, found in the measure, the Economy and the book, each with its sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from entrepot.economy.geography import resolve_sectors
from entrepot.measures import (
    ExportTax,
    ImportQuota,
    Measure,
    MinimumPrice,
    NonTariffBarrier,
    ProductionSubsidy,
    QuantityMeasure,
    SpecificTariff,
    Tariff,
    TariffRateQuota,
    VoluntaryExportRestraint,
)
from entrepot.measures.instruments import Index
from entrepot.rules.agreements import coverage, free_trade_between, free_trade_ever
from entrepot.rules.book import Agreement, Question, Rate, rates
from entrepot.rules.entry import Confidence, least_sure
from entrepot.rules.setting import BoundRate, Party, Setting, fact_texts, named
from entrepot.words import and_list, day, sector_name, sentence

#: Chapters of farm goods by division of ISIC Rev. 4: crops and animals, food, drink, tobacco (fish is not among them).
FARM = frozenset({1, 10, 11, 12})
#: Two duties that differ by less are the same.
SAME = 1e-9


@dataclass(frozen=True)
class Answer:
    """yes, no, or not known; the sentence that says so; where it was found; how sure that is (None: computed)."""

    value: bool | None
    says: str
    found_in: str
    confidence: Confidence | None = None


Fact = Callable[[Setting], Answer]
#: Facts that are found, not stated, by their id in data/facts.yaml.
COMPUTED: dict[str, Fact] = {}


def fact(find: Fact) -> Fact:
    COMPUTED[find.__name__] = find
    return find


def ask(question: Question, s: Setting) -> tuple[tuple[str, Answer], ...]:
    """What was asked and answered: one fact, or of several the first that is so (else all of them)."""
    if isinstance(question, str):
        return (_one(question, s),)
    answers = [_one(name, s) for name in question]
    so = [(name, answer) for name, answer in answers if answer.value is not False]
    return tuple(sorted(so, key=lambda pair: pair[1].value is None)[:1]) or tuple(answers)


def _one(question: str, s: Setting) -> tuple[str, Answer]:
    name = question.removeprefix("not ")
    answer = COMPUTED[name](s) if name in COMPUTED else _stated(name, s)
    if name != question and answer.value is not None:
        answer = Answer(not answer.value, answer.says, answer.found_in, answer.confidence)
    return question, answer


def _stated(name: str, s: Setting) -> Answer:
    text, value = fact_texts()[name], s.ground.stated(name)
    if value is None:
        return Answer(None, text.unknown, "not stated")
    return Answer(value, text.yes if value else text.no, "as stated in the case")


def _measure(value: bool, says: str) -> Answer:
    return Answer(value, says, "the measure")


def _economy(value: bool | None, says: str, s: Setting) -> Answer:
    return Answer(value, says, s.economy.name)


# ---- duties ----


def percent(rate: float) -> str:
    return f"{100 * rate:.4g}%"


def _points(change: float) -> str:
    return f"{abs(100 * change):.4g} percentage points"


def _changes(s: Setting) -> tuple[float, float]:
    """The smallest and the largest change of the ad valorem duty over the measure's flows."""
    change = (s.ground.after - s.ground.before).ravel()[s.flows]
    return float(change.min(initial=0.0)), float(change.max(initial=0.0))


def _duty(s: Setting) -> tuple[bool, bool, str]:
    """Whether the measure changes a duty, raises one, and the sentence."""
    m, party = s.measure, sentence(str(s.party))
    whom = f"on {s.goods} from {named(s.others)} ({s.worth})"
    if s.role != "importer":
        return False, False, "The party does not levy the duty."
    if isinstance(m, Tariff):
        low, high = _changes(s)
        if max(high, -low) <= SAME:
            return False, False, f"The duty of {s.party} {whom} stays as it is."
        if m.change == "add":
            adds, to = ("adds", "to") if float(m.rate) > 0 else ("takes", "off")
            return True, high > SAME, f"{party} {adds} {_points(float(m.rate))} {to} its duty {whom}."
        return True, high > SAME, f"{party} sets its duty at {percent(float(m.rate))} {whom}."
    if isinstance(m, SpecificTariff):
        amount = m.per_base_dollar
        return True, amount > 0, f"{party} levies a specific duty worth {percent(amount)} of the base price {whom}."
    if isinstance(m, TariffRateQuota):
        beyond = f"{_points(float(m.out_rate))} more" if m.change == "add" else percent(float(m.out_rate))
        rises = own_rise(s) > SAME
        inside = "" if m.in_rate is None else f" and {percent(float(m.in_rate))}{' more' * (m.change == 'add')} inside"
        highest = float(s.ground.before.ravel()[s.flows].max(initial=0.0))
        least = 0.0 if m.in_rate is None else float(m.in_rate) - (highest if m.change == "set" else 0.0)
        changes = rises or least < -SAME
        return changes, rises, f"{party} levies {beyond} beyond a quota{inside} {whom}."
    if isinstance(m, MinimumPrice) and m.rent == "importer":
        return True, True, f"{party} levies what is missing to a minimum price {whom}."
    return False, False, "It changes no import duty."


@fact
def changes_import_duty(s: Setting) -> Answer:
    changes, _, says = _duty(s)
    return _measure(changes, says)


@fact
def raises_import_duty(s: Setting) -> Answer:
    _, raises, says = _duty(s)
    return _measure(raises, says)


def _differs(s: Setting) -> bool:
    """Whether origins with trade are told apart: neither the change nor the resulting duty is the same for all."""
    economy, ground = s.economy, s.ground
    if not s.left_out and not (isinstance(s.measure, Tariff) and s.measure.change == "set"):
        return False
    if not isinstance(s.measure, Tariff):
        alike = [m for m in ground.scenario if m.kind == s.measure.kind and _terms(m) == _terms(s.measure)]
        covered = {f for m in alike for f in m.flows(economy)}
        _, n, i = np.unravel_index(np.array(sorted(covered), dtype=np.intp), economy.value.shape)
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
    members = [p for p in worse if p.bound(s.on)]
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
        return _economy(False, f"All origins of {s.goods} are treated alike.", s)
    return _economy(
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
    lowers = changes and not raises and isinstance(s.measure, Tariff | TariffRateQuota)
    return _measure(lowers and bool(s.left_out), says)


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
    j, n, i = np.unravel_index(s.flows, s.economy.value.shape)
    mine = j == s.economy.sectors.index(sector)
    if others is not None:
        codes = np.array(s.economy.countries)[i if s.role == "importer" else n]
        mine &= np.isin(codes, [code for other in others for code in other.codes])
    duty = float(s.ground.after.ravel()[s.flows][mine].max(initial=0.0))
    beyond = isinstance(s.measure, TariffRateQuota) and s.measure.change == "set"
    return max(duty, _beyond(s)) if beyond else duty + _beyond(s)


def own_rise(s: Setting) -> float:
    """By how much the measure itself raises the duty at the most: points beside other measures count once each."""
    m = s.measure
    if isinstance(m, Tariff) and m.change == "add":
        return max(float(m.rate), 0.0)
    before = s.ground.before.ravel()[s.flows]
    if isinstance(m, Tariff):
        return max(float(m.rate) - float(before.min(initial=np.inf)), 0.0)
    if isinstance(m, TariffRateQuota) and m.change == "set":
        return max(float(m.out_rate) - float(before.min(initial=np.inf)), 0.0)
    return max(_beyond(s), 0.0)


def _beyond(s: Setting) -> float:
    """What the measure adds that the array of ad valorem duties does not hold."""
    m = s.measure
    if isinstance(m, SpecificTariff):
        return m.per_base_dollar
    if isinstance(m, TariffRateQuota):  # what is due inside the quota is there already
        return float(m.out_rate) - (float(m.in_rate or 0.0) if m.change == "add" else 0.0)
    return 0.0


def _item_duty(s: Setting, rate: Rate, ceiling: float) -> tuple[float, str]:
    """The duty on an item after the measure, and how it comes about."""
    m, applied = s.measure, _applied(s, rate)
    base = ceiling if applied is None else applied
    if not free_trade_between(s)[1]:  # partners of an agreement pay what the Economy has
        base = float(s.ground.before.ravel()[s.flows].max(initial=0.0))
    if isinstance(m, Tariff | TariffRateQuota) and m.change == "set":
        number = float(m.rate if isinstance(m, Tariff) else m.out_rate)
        return number, f"a duty set at {percent(number)}"
    all_of_it = float((s.ground.after - s.ground.before).ravel()[s.flows].max(initial=0.0)) + max(_beyond(s), 0.0)
    together = ", all measures together," if all_of_it > own_rise(s) + SAME else ""
    total = base + all_of_it
    return total, f"{percent(base)} applied and {_points(all_of_it)} more{together} make {percent(total)}"


def _against(item: str, how: str, duty: float, bound: float) -> str:
    gap = duty - bound
    where = f"{_points(gap)} beyond it" if gap > SAME else "within it"
    return f"{item}: {how}; the bound rate is {percent(bound)}: {where}"


# ---- quantities ----


@fact
def restricts_imports(s: Setting) -> Answer:
    if s.role != "importer":
        return _measure(False, "The party exports.")
    m = s.measure
    if isinstance(m, ImportQuota):
        return _measure(
            True, f"{sentence(str(s.party))} limits imports of {s.goods} from {named(s.others)}: {_ceiling(s)}."
        )
    if isinstance(m, MinimumPrice):
        return _measure(True, f"{sentence(str(s.party))} keeps a minimum price on {s.goods} from {named(s.others)}.")
    if isinstance(m, TariffRateQuota):
        return _measure(False, "A tariff-rate quota limits no quantity: imports beyond it pay more.")
    return _measure(False, f"{sentence(str(s.party))} limits no imports of its own.")


def _ceiling(s: Setting) -> str:
    m = s.measure
    if not isinstance(m, QuantityMeasure):
        return "by price"
    if m.match:
        return f"the volume of the scenario {m.match!r}"
    share = _left(s, m)
    return "none at all (an embargo)" if share == 0 else f"{percent(share)} of the base volume"


@fact
def restricts_quantities(s: Setting) -> Answer:
    m = s.measure
    if s.role == "exporter" and isinstance(m, VoluntaryExportRestraint):
        says = (
            f"{sentence(str(s.party))} limits its exports of {s.goods} to {named(s.others)}: {_ceiling(s)}; {s.worth}."
        )
        return _measure(True, says)
    if s.role == "exporter" and isinstance(m, MinimumPrice) and m.rent == "exporter":
        return _measure(True, f"{sentence(str(s.party))} keeps its price of {s.goods} to {named(s.others)} up.")
    return restricts_imports(s)


@fact
def restricts_imports_or_restrained(s: Setting) -> Answer:
    if s.role == "importer" and is_export_restraint(s).value:
        return is_export_restraint(s)
    return restricts_imports(s)


@fact
def restricts_quantities_or_tariff_quota(s: Setting) -> Answer:
    if s.role == "importer" and isinstance(s.measure, TariffRateQuota):
        return _measure(True, f"{sentence(str(s.party))} opens a tariff-rate quota on {s.goods} for {named(s.others)}.")
    return restricts_quantities(s)


@fact
def is_export_restraint(s: Setting) -> Answer:
    m = s.measure
    exporters = s.others if s.role == "importer" else (s.party,)
    importers = (s.party,) if s.role == "importer" else s.others
    if isinstance(m, VoluntaryExportRestraint):
        holds, keeps = ("hold", "keep") if len(exporters) > 1 else ("holds", "keeps")
        back = f"{sentence(named(exporters))} {holds} back exports of {s.goods} to {named(importers)}"
        return _measure(True, f"{back} ({_ceiling(s)}) and {keeps} the rent.")
    if isinstance(m, MinimumPrice) and m.rent == "exporter" and trade_remedy_claimed(s).value is False:
        return _measure(True, f"{sentence(named(exporters))} keeps up the price of its exports of {s.goods}.")
    return _measure(False, "No exporter restrains itself.")


@fact
def is_import_quota(s: Setting) -> Answer:
    quota = isinstance(s.measure, ImportQuota)
    return _measure(quota, "It is an import quota." if quota else "It is no import quota.")


@fact
def quota_by_agreement(s: Setting) -> Answer:
    m = s.measure
    if not isinstance(m, ImportQuota | TariffRateQuota) or s.role == "producer":
        return _measure(False, "It is no quota.")
    stated = s.ground.stated("agreed_between_governments")
    if stated is None and isinstance(m, ImportQuota) and m.exporter_share > 0:
        return Answer(
            None,
            "It is an import quota whose rent the exporter holds; whether governments agreed on it is not stated.",
            "the measure",
        )
    if stated is None:
        return _measure(False, "No agreement on it is stated.")
    return _stated("agreed_between_governments", s)


@fact
def restriction_by_government(s: Setting) -> Answer:
    if s.ground.stated("government_action") is not None:
        return _stated("government_action", s)
    if isinstance(s.measure, VoluntaryExportRestraint):
        guidance = "guidance that is not binding is enough if firms have reason to follow it"
        says = f"A restraint is taken to rest on its government; {guidance} (Japan - Semi-Conductors, 1988)."
        return Answer(True, says, "our reading", "general")
    return _measure(True, f"{sentence(str(s.party))} imposes it.")


@fact
def restraint_by_government(s: Setting) -> Answer:
    if s.ground.stated("government_action") is not None or not isinstance(s.measure, VoluntaryExportRestraint):
        return restriction_by_government(s)
    if s.role == "importer":
        asks = next((x for x in s.ground.statutes if x.negotiates_restraint and s.party.has(x.country, s.on)), None)
        if asks is not None:
            names = f"which names an agreement to limit trade as a way to act ({asks.provision})"
            says = f"{sentence(str(s.party))} seeks it under {asks.title}, {names}."
            return Answer(True, says, "the book of statutes", asks.confidence)
        return Answer(
            True,
            f"{sentence(str(s.party))} is taken to seek or accept it; to seek is enough.",
            "our reading",
            "general",
        )
    return restriction_by_government(s)


@fact
def quota_leaves_some_out(s: Setting) -> Answer:
    beside = _beside(s)
    _, n, i = np.unravel_index(np.concatenate([s.flows, *(flows for _, flows in beside)]), s.economy.value.shape)
    restricted = set(np.array(s.economy.countries)[i if s.role == "importer" else n])
    left = [p for p in s.left_out if not set(p.codes) <= restricted]
    if left:
        return _economy(True, f"{sentence(str(s.party))} restricts {named(s.others)} and leaves {named(left)} free.", s)
    what = "destinations" if s.role == "exporter" else "origins"
    shares = [_left(s, m) for m, _ in beside if not m.match]
    low, high = min(shares, default=1.0), max(shares, default=1.0)
    if high - low > 1e-6:
        span = f"from {percent(low)} to {percent(high)} of what they had"
        return _economy(None, f"All {what} of {s.goods} are restricted, but not alike: {span}.", s)
    return _economy(False, f"All {what} of {s.goods} are restricted.", s)


def _beside(s: Setting) -> list[tuple[QuantityMeasure, Index]]:
    """The scenario's quantity measures on the party's trade in the same goods, and those flows [.] of each."""
    out = []
    for k, m in enumerate(s.ground.scenario):
        if isinstance(m, QuantityMeasure):
            flows = replace(s, measure=m, position=k).flows
            sectors = np.unravel_index(flows, s.economy.value.shape)[0]
            same = np.isin(np.array(s.economy.sectors)[sectors], s.sectors) & (s.economy.value.ravel()[flows] > 0)
            if same.any():
                out.append((m, flows[same]))
    return out


def _left(s: Setting, m: QuantityMeasure) -> float:
    """What a quantity measure leaves, as a part of the base volume of all its flows."""
    base = float(s.economy.value.ravel()[m.flows(s.economy)].sum())
    return m.volume_cap(base) / base if base else 0.0


@fact
def quota_below_recent_imports(s: Setting) -> Answer:
    m = s.measure
    if not isinstance(m, QuantityMeasure):
        return _measure(False, "It sets no quantity.")
    if m.match:
        return Answer(
            None, f"Its ceiling is the volume of another scenario ({m.match}), which is not solved here.", "the measure"
        )
    share = _left(s, m)
    years = "the rule takes the average of the last three representative years"
    return _economy(share < 1 - SAME, f"The quota is {percent(share)} of the imports of the base year ({years}).", s)


@fact
def quota_below_recent_imports_without_reason(s: Setting) -> Answer:
    below = quota_below_recent_imports(s)
    if not below.value:
        return below
    reason = _stated("clear_justification", s)
    unreasoned = None if reason.value is None else not reason.value
    return Answer(unreasoned, f"{below.says} {reason.says}", reason.found_in)


@fact
def lasts_beyond_eight_years(s: Setting) -> Answer:
    until = s.ground.law.until or s.ground.case.until
    if until is None:
        return Answer(None, "No end of the measure is stated (law: until).", "not stated")
    years = (until - s.ground.since).days / 365.25
    says = f"It ends on {day(until)}, {years:.1f} years after {day(s.ground.since)}."
    if 4 < years <= 8:
        return Answer(None, f"{says} Beyond four years it needs an extension.", "as stated in the case")
    return Answer(years > 8, says, "as stated in the case")


# ---- what it is ----


@fact
def adds_a_trade_cost(s: Setting) -> Answer:
    m = s.measure
    if s.role == "importer" and isinstance(m, NonTariffBarrier) and float(m.rate) > 0:
        cost = f"{percent(float(m.rate))} costlier to sell there, without a duty"
        return _measure(True, f"{sentence(str(s.party))} makes {s.goods} from {named(s.others)} {cost}.")
    return _measure(False, "It is no cost of that kind.")


@fact
def is_export_subsidy(s: Setting) -> Answer:
    m = s.measure
    subsidy = s.role == "exporter" and isinstance(m, ExportTax) and float(m.rate) < 0
    rate = percent(-float(m.rate)) if isinstance(m, ExportTax) else ""
    return _measure(
        subsidy,
        f"{sentence(str(s.party))} pays {rate} on exports of {s.goods}." if subsidy else "It is no export subsidy.",
    )


@fact
def is_production_subsidy(s: Setting) -> Answer:
    m = s.measure
    if not isinstance(m, ProductionSubsidy) or float(m.rate) <= 0:
        return _measure(False, "It is no subsidy on production.")
    sectors = and_list([sector_name(x) for x in m.sector])
    return _measure(True, f"{sentence(str(s.party))} pays {percent(float(m.rate))} on the output of {sectors}.")


@fact
def farm_goods(s: Setting) -> Answer:
    farm = [sector_name(x) for x in s.sectors if s.ground.divisions[x] & FARM]
    return _economy(bool(farm), f"Farm goods: {and_list(farm)}." if farm else "They are no farm goods.", s)


@fact
def agreement_in_force(s: Setting) -> Answer:
    partners, missing = free_trade_between(s)
    if s.ground.stated("in_a_free_trade_agreement"):
        return _stated("in_a_free_trade_agreement", s)
    if missing:
        says = f"The book has no free-trade agreement of {s.party} with {named(missing)} in force on {day(s.on)}."
        begins = [
            f"{a.short} {f'comes into force on {day(a.in_force)}' if a.in_force else 'is not in force'}."
            for a in s.ground.agreements
        ]
        known = any(free_trade_ever(s.party, other) for other in missing) or bool(s.ground.agreements)
        if not known:  # absent from the book is not absent from the world
            says = f"{says} It does not have every agreement: state one (in_a_free_trade_agreement) if there is."
        return Answer(False if known else None, " ".join([says, *begins]), "the book of agreements")
    lines = [f"{agreement.short} (with {named(parties)})" for agreement, parties in partners]
    worst = least_sure("seen", *(agreement.confidence for agreement, _ in partners))
    return Answer(True, f"In force on {day(s.on)}: {and_list(lines)}.", "the book of agreements", worst)


@fact
def covers_substantially_all_trade(s: Setting) -> Answer:
    if s.ground.stated("in_a_free_trade_agreement"):
        return _stated("in_a_free_trade_agreement", s)
    partners, missing = free_trade_between(s)
    mark = s.ground.case.substantially_all
    groups: list[tuple[Agreement | None, Sequence[Party]]] = [*partners]
    if missing:
        groups.append((s.ground.agreements[0] if s.ground.agreements else None, missing))
    lines, least, most = [], 1.0, 1.0
    for agreement, parties in groups:
        low, high = coverage(s, agreement, parties)
        least, most = min(least, low), min(most, high)
        by = f"under {agreement.short}" if agreement else "by this measure alone"
        span = f"{100 * low:.0f}%" if high - low < 0.005 else f"between {100 * low:.0f}% and {100 * high:.0f}%"
        lines.append(f"{span} of the trade in goods with {named(parties)}, both ways, is free of duty {by}")
    averages = f"sector averages of {s.economy.name}; the mark is {percent(mark)}, on which no text agrees"
    enough = True if least >= mark else False if most < mark else None
    return _economy(enough, f"{sentence('; '.join(lines))} ({averages}).", s)


@fact
def answers_a_measure(s: Setting) -> Answer:
    said = s.ground.answers.get(s.position) if s.ground.answers else None
    if said is not None and s.role == "importer":
        return _measure(True, said)
    if s.role != "importer" or s.claims("dsu-22") is None:
        return _measure(False, "It answers no measure.")
    return _measure(True, "It is taken as an answer to another Member's measure.")


@fact
def answer_is_equivalent(s: Setting) -> Answer:
    said = s.ground.answers.get(s.position) if s.ground.answers else None
    if said is None:
        return Answer(None, "The level of the answer was not computed here.", "not stated")
    return Answer(True, "Its level was solved to be equivalent to what it answers.", "the engine")


@fact
def answered_measure_is_safeguard(s: Setting) -> Answer:
    return Answer(None, "Whether the measure answered is a safeguard in substance is for a panel.", "not stated")


@fact
def safeguard_claimed(s: Setting) -> Answer:
    takers = [s.party] if s.role == "importer" else [s.party, *s.others]  # an exporter may administer a quota
    by = next((ground for ground in (s.claims("gatt-xix", taker) for taker in takers) if ground), None)
    says = f"It is taken as a safeguard: {by}." if by else "It is not taken as a safeguard."
    return Answer(by is not None, says, "the case")


def _claims(name: str, exception: str, what: str) -> Fact:
    def find(s: Setting) -> Answer:
        by = s.claims(exception)
        if by is None:
            return Answer(False, f"{sentence(str(s.party))} does not rely on {what}.", "the case")
        return Answer(True, f"{sentence(what)}: {by}.", "the case")

    COMPUTED[name] = find
    return find


_claims("security_claimed", "gatt-xxi", "national security")
trade_remedy_claimed = _claims("trade_remedy_claimed", "gatt-vi", "Article VI (dumping, subsidies)")
_claims("balance_of_payments_claimed", "gatt-xii", "the balance of payments")
_claims("general_exception_claimed", "gatt-xx", "Article XX")
_claims("development_preference_claimed", "enabling-clause", "the Enabling Clause")
_claims("answers_a_safeguard", "sg-8", "Article 8.2 of the Agreement on Safeguards")
