"""Facts on the exceptions that a party relies on: safeguards, trade remedies, security, retaliation and others."""

from __future__ import annotations

from entrepot.languages import if_known, localised, translated
from entrepot.rules.facts.fact import COMPUTED, FactAnswer, fact, in_measure
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import bound_since, developed_members
from entrepot.words import day, sentence


@fact
def answers_a_measure(view: MeasureView) -> FactAnswer:
    """Is it an answer to another Member's measure?"""
    says = view.context.answers.get(view.position)
    if says is not None and view.role == "importer":
        return in_measure(True, says)
    if view.role != "importer" or view.claims("dsu-22") is None:
        return in_measure(False, translated("It answers no measure."))
    return in_measure(True, translated("It is taken as an answer to another Member's measure."))


@fact
def answer_is_equivalent(view: MeasureView) -> FactAnswer:
    """Is it equivalent to the measure that it answers?"""
    if view.position not in view.context.answers:
        return FactAnswer(
            None, translated("The level of the retaliation was not computed here."), translated("not stated")
        )
    says = translated("Its level was solved to be equivalent to the measure that it answers.")
    return FactAnswer(True, says, translated("the engine"))


@fact
def answered_measure_is_safeguard(view: MeasureView) -> FactAnswer:
    """Is the measure that it answers a safeguard?"""
    says = translated("Whether the other measure is in substance a safeguard is for a panel.")
    return FactAnswer(None, says, translated("not stated"))


@fact
def lasts_beyond_eight_years(view: MeasureView) -> FactAnswer:
    """Does it last more than eight years?"""
    years, says = _lasts(view)
    if years is None:
        return FactAnswer(None, says, translated("not stated"))
    if 4 < years <= 8:
        return FactAnswer(
            None,
            f"{says} {translated('Beyond four years it needs an extension.')}",
            translated("as stated in the case"),
        )
    return FactAnswer(years > 8, says, translated("as stated in the case"))


def _lasts(view: MeasureView) -> tuple[float | None, str]:
    """Return for how many years the measure lasts, None where no end is stated, and the sentence that says so."""
    until = view.context.until
    if until is None:
        return None, translated("No end of the measure is stated (law: until).")
    years = (until - view.context.since).days / 365.25
    return years, translated(
        "It ends on {date}, {years} years after {since}.",
        date=day(until),
        years=localised(f"{years:.1f}"),
        since=day(view.context.since),
    )


@fact
def ends_within_ten_years(view: MeasureView) -> FactAnswer:
    """Does it last more than eight years, and no more than ten?"""
    years, says = _lasts(view)
    if years is None:
        return FactAnswer(None, says, translated("not stated"))
    return FactAnswer(8 < years <= 10, says, translated("as stated in the case"))


@fact
def may_be_developing(view: MeasureView) -> FactAnswer:
    """May the party be a developing Member?"""
    stated = view.context.stated("developing_member")
    listed = all(bound_since(code) is not None and code not in developed_members() for code in view.party.codes)
    party = sentence(str(view.party))
    if listed if stated is None else stated:
        says = translated(
            "{party} is not among the developed Members; developing Members name themselves, with no agreed list.",
            party=party,
        )
        return FactAnswer(True, says, translated("the book of members"), "general")
    says = translated("{party} is not a developing Member.", party=party)
    return FactAnswer(False, says, translated("the book of members"), "general")


@fact
def safeguard_claimed(view: MeasureView) -> FactAnswer:
    """Is it taken as a safeguard?"""
    by = _reason(view, "gatt-xix", or_importers=True)  # an exporter may administer the importer's quota
    taken = translated("It is taken as a safeguard: {reason}.", reason=by)
    says = taken if by else translated("It is not taken as a safeguard.")
    return FactAnswer(by is not None, says, translated("the case"))


@fact
def trade_remedy_claimed(view: MeasureView) -> FactAnswer:
    """Is it taken as an anti-dumping or countervailing duty?"""
    undertaking = view.minimum_price is not None  # the exporter's part in the importer's dumping case
    return _relied_on(view, _reason(view, "gatt-vi", or_importers=undertaking), "Article VI (dumping, subsidies)")


def _reason(view: MeasureView, exception: str, or_importers: bool) -> str | None:
    """Return the reason why the party, or for an exporter one of its importers, relies on an exception; else None."""
    takers = [view.party, *view.others] if or_importers and view.role == "exporter" else [view.party]
    return next((context for context in (view.claims(exception, taker) for taker in takers) if context), None)


def _relied_on(view: MeasureView, by: str | None, what: str) -> FactAnswer:
    if by is None:
        says = translated("{party} does not rely on {what}.", party=sentence(str(view.party)), what=if_known(what))
        return FactAnswer(False, says, translated("the case"))
    says = translated("{heading}: {text}.", heading=sentence(if_known(what)), text=by)
    return FactAnswer(True, says, translated("the case"))


def claims_fact(name: str, exception: str, what: str) -> None:
    """Register the fact that a party relies on an exception."""
    COMPUTED[name] = lambda view: _relied_on(view, view.claims(exception), what)


claims_fact("security_claimed", "gatt-xxi", "national security")
claims_fact("balance_of_payments_claimed", "gatt-xii", "the balance of payments")
claims_fact("renegotiation_claimed", "gatt-xxviii", "Article XXVIII")
claims_fact("general_exception_claimed", "gatt-xx", "Article XX")
claims_fact("development_preference_claimed", "enabling-clause", "the Enabling Clause")
claims_fact("answers_a_safeguard", "sg-8", "Article 8.2 of the Agreement on Safeguards")
claims_fact("border_adjustment_claimed", "gatt-ii-2-a", "Article II:2(a)")
