"""What a measure is beside a duty or a quantity, under which agreement, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.measures.policy import ExportDuty, Subsidy, TradeCost
from entrepot.rules.agreements import coverage, free_trade_between, free_trade_ever
from entrepot.rules.book import Agreement
from entrepot.rules.entry import least_sure
from entrepot.rules.facts.asked import COMPUTED, Answer, as_stated, fact, in_economy, in_measure, percent
from entrepot.rules.setting import Party, Setting, named
from entrepot.words import and_list, day, sector_name, sentence

#: Chapters of farm goods by division of ISIC Rev. 4: crops and animals, food, drink, tobacco (fish is not among them).
FARM = frozenset({1, 10, 11, 12})


@fact
def adds_a_trade_cost(s: Setting) -> Answer:
    barrier = s.act(TradeCost)
    if s.role == "importer" and barrier is not None and barrier.factor.max() > 1:
        cost = f"{percent(float(barrier.factor.max()) - 1)} costlier to sell there, without a duty"
        return in_measure(True, f"{sentence(str(s.party))} makes {s.goods} from {named(s.others)} {cost}.")
    return in_measure(False, "It is no cost of that kind.")


@fact
def is_export_subsidy(s: Setting) -> Answer:
    tax = s.act(ExportDuty)
    if s.role != "exporter" or tax is None or tax.rate.min() >= 0:
        return in_measure(False, "It is no export subsidy.")
    return in_measure(True, f"{sentence(str(s.party))} pays {percent(-float(tax.rate.min()))} on exports of {s.goods}.")


@fact
def is_production_subsidy(s: Setting) -> Answer:
    subsidy = s.act(Subsidy)
    if s.role != "producer" or subsidy is None or subsidy.rate.max() <= 0:
        return in_measure(False, "It is no subsidy on production.")
    most = percent(float(subsidy.rate.max()))
    return in_measure(True, f"{sentence(str(s.party))} pays {most} on the output of {s.goods}.")


@fact
def farm_goods(s: Setting) -> Answer:
    farm = [sector_name(x) for x in s.sectors if s.ground.divisions[x] & FARM]
    return in_economy(bool(farm), f"Farm goods: {and_list(farm)}." if farm else "They are no farm goods.", s)


@fact
def agreement_in_force(s: Setting) -> Answer:
    partners, missing = free_trade_between(s)
    if s.ground.stated("in_a_free_trade_agreement") is not None:
        return as_stated("in_a_free_trade_agreement", s)
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
    if s.ground.stated("in_a_free_trade_agreement") is not None:
        return as_stated("in_a_free_trade_agreement", s)
    partners, missing = free_trade_between(s)
    mark = s.ground.case.substantially_all
    groups: list[tuple[Agreement | None, Sequence[Party]]] = [*partners]
    if missing:
        groups.append((next(iter(s.ground.agreements), None), missing))
    shares = [coverage(s, agreement, parties) for agreement, parties in groups]
    least, most = (min(ends) for ends in zip(*shares, strict=True))
    lines = []
    for (agreement, parties), (low, high) in zip(groups, shares, strict=True):
        by = f"under {agreement.short}" if agreement else "by this measure alone"
        span = f"{100 * low:.0f}%" if high - low < 0.005 else f"between {100 * low:.0f}% and {100 * high:.0f}%"
        lines.append(f"{span} of the trade in goods with {named(parties)}, both ways, is free of duty {by}")
    averages = f"sector averages of {s.economy.name}; the mark is {percent(mark)}, on which no text agrees"
    enough = True if least >= mark else False if most < mark else None
    return in_economy(enough, f"{sentence('; '.join(lines))} ({averages}).", s)


@fact
def answers_a_measure(s: Setting) -> Answer:
    said = s.ground.answers.get(s.position)
    if said is not None and s.role == "importer":
        return in_measure(True, said)
    if s.role != "importer" or s.claims("dsu-22") is None:
        return in_measure(False, "It answers no measure.")
    return in_measure(True, "It is taken as an answer to another Member's measure.")


@fact
def answer_is_equivalent(s: Setting) -> Answer:
    said = s.ground.answers.get(s.position)
    if said is None:
        return Answer(None, "The level of the answer was not computed here.", "not stated")
    return Answer(True, "Its level was solved to be equivalent to what it answers.", "the engine")


@fact
def answered_measure_is_safeguard(s: Setting) -> Answer:
    return Answer(None, "Whether the measure answered is a safeguard in substance is for a panel.", "not stated")


@fact
def lasts_beyond_eight_years(s: Setting) -> Answer:
    until = s.ground.until
    if until is None:
        return Answer(None, "No end of the measure is stated (law: until).", "not stated")
    years = (until - s.ground.since).days / 365.25
    says = f"It ends on {day(until)}, {years:.1f} years after {day(s.ground.since)}."
    if 4 < years <= 8:
        return Answer(None, f"{says} Beyond four years it needs an extension.", "as stated in the case")
    return Answer(years > 8, says, "as stated in the case")


@fact
def safeguard_claimed(s: Setting) -> Answer:
    by = _ground(s, "gatt-xix", or_importers=True)  # an exporter may administer the importer's quota
    says = f"It is taken as a safeguard: {by}." if by else "It is not taken as a safeguard."
    return Answer(by is not None, says, "the case")


@fact
def trade_remedy_claimed(s: Setting) -> Answer:
    undertaking = s.minimum_price is not None  # the exporter's part in the importer's dumping case
    return _relied_on(s, _ground(s, "gatt-vi", or_importers=undertaking), "Article VI (dumping, subsidies)")


def _ground(s: Setting, exception: str, or_importers: bool) -> str | None:
    """On what ground the party relies on an exception, or where that excuses an exporter too, one of its importers."""
    takers = [s.party, *s.others] if or_importers and s.role == "exporter" else [s.party]
    return next((ground for ground in (s.claims(exception, taker) for taker in takers) if ground), None)


def _relied_on(s: Setting, by: str | None, what: str) -> Answer:
    if by is None:
        return Answer(False, f"{sentence(str(s.party))} does not rely on {what}.", "the case")
    return Answer(True, f"{sentence(what)}: {by}.", "the case")


def _claims(name: str, exception: str, what: str) -> None:
    COMPUTED[name] = lambda s: _relied_on(s, s.claims(exception), what)


_claims("security_claimed", "gatt-xxi", "national security")
_claims("balance_of_payments_claimed", "gatt-xii", "the balance of payments")
_claims("general_exception_claimed", "gatt-xx", "Article XX")
_claims("development_preference_claimed", "enabling-clause", "the Enabling Clause")
_claims("answers_a_safeguard", "sg-8", "Article 8.2 of the Agreement on Safeguards")
