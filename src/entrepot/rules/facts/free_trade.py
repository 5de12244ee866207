"""Facts on free-trade agreements: whether one is in force, and how much of the trade it frees."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.languages import translated
from entrepot.measures.acts import Cap
from entrepot.rules.agreements import apart, between, coverage, free_trade_between, free_trade_ever
from entrepot.rules.book import Agreement, agreements
from entrepot.rules.entry import least_sure
from entrepot.rules.facts.duties import is_a_preference
from entrepot.rules.facts.exceptions import safeguard_claimed
from entrepot.rules.facts.fact import FactAnswer, as_stated, fact, in_economy, in_measure
from entrepot.rules.facts.restrictions import unrestricted
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party, named
from entrepot.words import and_list, day, percent, sentence

#: So many parties at most that a measure leaves out may be partners in an agreement that the book lacks.
MOST_PARTNERS = 6


@fact
def agreement_in_force(view: MeasureView) -> FactAnswer:
    """Is a free-trade agreement in force between the importer and those it prefers?"""
    partners, missing = free_trade_between(view)
    if view.context.stated("in_a_free_trade_agreement") is not None:
        return as_stated("in_a_free_trade_agreement", view)
    if missing:
        says = translated(
            "The book has no free-trade agreement of {party} with {others} in force on {date}.",
            party=str(view.party),
            others=named(missing),
            date=day(view.on),
        )
        begins = [
            translated("{agreement} comes into force on {date}.", agreement=a.short, date=day(a.in_force))
            if a.in_force
            else translated("{agreement} is not in force.", agreement=a.short)
            for a in view.context.agreements
        ]
        begins += [
            translated("{heading}: {text}", heading=agreement.short, text=f"{pair.because}.")
            for other in missing
            for agreement in agreements().values()
            if (pair := apart(agreement, view.party, other, view.on)) is not None
        ]
        known = any(free_trade_ever(view.party, other) for other in missing) or bool(view.context.agreements)
        if not known:
            says = f"{says} {_incomplete()}"
        return FactAnswer(False if known else None, " ".join([says, *begins]), translated("the book of agreements"))
    lines = [translated("{agreement} (with {others})", agreement=a.short, others=named(p)) for a, p in partners]
    worst = least_sure("seen", *(agreement.confidence for agreement, _ in partners))
    says = translated("In force on {date}: {agreements}.", date=day(view.on), agreements=and_list(lines))
    return FactAnswer(True, says, translated("the book of agreements"), worst)


def _incomplete() -> str:
    """Return the sentence that an agreement may exist without being in the book."""
    return translated("The book is incomplete: if there is one, state it (in_a_free_trade_agreement).")


@fact
def covers_substantially_all_trade(view: MeasureView) -> FactAnswer:
    """Does the agreement free substantially all of the partners' trade?"""
    if view.context.stated("in_a_free_trade_agreement") is not None:
        return as_stated("in_a_free_trade_agreement", view)
    partners, missing = free_trade_between(view)
    threshold = view.context.case.substantially_all
    groups: list[tuple[Agreement | None, Sequence[Party]]] = [*partners]
    if missing:
        groups.append((next(iter(view.context.agreements), None), missing))
    shares = [coverage(view, agreement, parties) for agreement, parties in groups]
    least, most = (min(ends) for ends in zip(*shares, strict=True))
    lines = []
    for (agreement, parties), (low, high) in zip(groups, shares, strict=True):
        by = f"under {agreement.short}" if agreement else "by this measure alone"
        span = f"{100 * low:.0f}%" if high - low < 0.005 else f"between {100 * low:.0f}% and {100 * high:.0f}%"
        lines.append(f"{span} of the trade in goods with {named(parties)}, both ways, is free of duty {by}")
    averages = f"sector averages of {view.economy.name}; the threshold is {percent(threshold)}; no text fixes one"
    enough = True if least >= threshold else False if most < threshold else None
    return in_economy(enough, f"{sentence('; '.join(lines))} ({averages}).", view)


def _partners_left_out(view: MeasureView) -> FactAnswer:
    """Return whether those left out are partners in free-trade agreements, and nobody else is left out.

    Unknown where the book has no agreement with some of them.
    """
    left = view.left_out if view.act(Cap) is None else unrestricted(view)
    if not left:
        return in_economy(False, translated("It leaves nobody out."), view)
    stated = view.context.stated("in_a_free_trade_agreement")
    if stated is not None:
        return as_stated("in_a_free_trade_agreement", view)
    others = [other for other in left if not between(view.party, other, view.on)]
    if others:
        leaves = "It leaves out {others}, with whom the book has no free-trade agreement in force."
        says = translated(leaves, others=named(others))
        if any(free_trade_ever(view.party, other) for other in others):
            return FactAnswer(False, says, translated("the book of agreements"))
        return FactAnswer(None, f"{says} {_incomplete()}", translated("the book of agreements"))
    its = [between(view.party, other, view.on)[0] for other in left]
    short = and_list(list(dict.fromkeys(agreement.short for agreement in its)))
    partners = "Those it leaves out are partners in a free-trade agreement in force: {others} ({agreement})."
    says = translated(partners, others=named(left), agreement=short)
    return FactAnswer(
        True, says, translated("the book of agreements"), least_sure("seen", *(x.confidence for x in its))
    )


@fact
def only_partners_left_out(view: MeasureView) -> FactAnswer:
    """Are those whom it leaves out partners in a free-trade agreement, and nobody else?

    It is unknown where the book has no agreement with them, and they are few and trade less than those that it hits.
    """
    if is_a_preference(view).value:
        return in_measure(False, translated("It lowers a duty; those it favours are not left out of a burden."))
    if safeguard_claimed(view).value and view.context.stated("serious_injury_found") is False:
        says = translated("Without a finding of injury there is no safeguard to leave partners out of.")
        return in_measure(False, says)
    partners = _partners_left_out(view)
    by = view.claims("gatt-xxiv-partners") or view.claims("gatt-xxiv")
    if partners.value is None and by is not None:  # the claim is that there is an agreement
        relied = translated("{heading}: {text}.", heading="Article XXIV", text=by)
        return FactAnswer(True, f"{relied} {partners.says}", translated("the case"))
    few = len(view.left_out) <= MOST_PARTNERS and view.trade_left_out(view.left_out) < view.trade
    value = None if partners.value is None and few else partners.value or False
    return FactAnswer(value, partners.says, partners.found_in, partners.confidence)


@fact
def left_out_within_xxiv(view: MeasureView) -> FactAnswer:
    """Does Article XXIV cover leaving these partners out?"""
    only = only_partners_left_out(view)
    return as_stated("exclusion_covered_by_xxiv", view) if only.value else FactAnswer(False, only.says, only.found_in)
