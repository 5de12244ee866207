"""Facts on the exceptions that a party relies on: safeguards, trade remedies, security, retaliation and others."""

from __future__ import annotations

import datetime

from entrepot.dates import DAYS_A_YEAR
from entrepot.languages import if_known, localised, translated
from entrepot.rules.clocks import Clock, clocks
from entrepot.rules.facts.fact import COMPUTED, FactAnswer, as_stated, fact, in_measure
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
    if view.context.stated("answers_a_declared_safeguard") is not None:
        return as_stated("answers_a_declared_safeguard", view)
    answered = view.context.answered.get(view.position)
    if answered is not None and answered.on_exports:
        says = translated("The measure that it answers is on exports, and a safeguard is on imports.")
        return FactAnswer(False, says, translated("the case"))
    if answered is not None and "gatt-xix" in answered.relies_on:
        says = translated("The measure that it answers is taken as a safeguard, under Article XIX.")
        return FactAnswer(True, says, translated("the case"))
    says = translated("Whether the other measure is in substance a safeguard is for a panel.")
    return FactAnswer(None, says, translated("not stated"))


def _applied(view: MeasureView, clock: Clock, exception: str) -> datetime.date | None:
    """Return the first day of the answered measure: by the calendar, or as stated where it relies on the exception."""
    answered = view.context.answered.get(view.position)
    stated = answered.since if answered is not None and exception in answered.relies_on else None
    return view.context.event(clock.trigger) or stated


def _taken(view: MeasureView, clock: Clock, after: datetime.date) -> datetime.date | None:
    """Return the first day of the answer: by the calendar, or as stated for the scenario where it is later."""
    stated = view.context.law.since
    return view.context.event(clock.met_by[0]) or (stated if stated is not None and stated > after else None)


#: Days of written notice (Agreement on Safeguards, 8.2; GATT XXVIII:3), at whose expiration concessions are suspended.
_NOTICE = 30


def _in_time(view: MeasureView, clock: Clock, since: datetime.date | None, unknown: str) -> FactAnswer:
    """Return whether an answer was taken by the last day of its clock; `unknown` says that no `since` starts it."""
    if since is None:
        return FactAnswer(None, unknown, translated("not stated"))
    taken, last = _taken(view, clock, since), clock.last_day(since)
    if taken is None:
        says = translated(
            "The first day of the answer is not stated; its last day is {last} (the answered measure applies since "
            "{since}), for which written notice is received by {noticed}, so that its 30 days are over.",
            last=day(last),
            since=day(since),
            noticed=day(last - datetime.timedelta(days=_NOTICE + 1)),
        )
        return FactAnswer(None, says, translated("not stated"))
    says = translated("It is taken on {date}; the last day is {last}.", date=day(taken), last=day(last))
    return FactAnswer(taken <= last, says, translated("the case"))


@fact
def suspension_in_time(view: MeasureView) -> FactAnswer:
    """Is the suspension taken within 90 days of the safeguard, and 30 days after notice?"""
    clock, notice = clocks()["sg-8-suspension"], clocks()["sg-8-notice"]
    since, notified = _applied(view, clock, "gatt-xix"), view.context.event(notice.trigger)
    taken = None if since is None else _taken(view, clock, since)
    free = None if notified is None else notice.first_day_after(notified)
    if taken is not None and notified is not None and free is not None and taken < free:
        early = "It is taken on {date}; by the notice of {notified} nothing is suspended before {free}."
        says = translated(early, date=day(taken), notified=day(notified), free=day(free))
        return FactAnswer(False, says, translated("the case"))
    if since is None or taken is None or taken < clocks()["sg-8-three-years"].first_day_after(since):
        unknown = translated("When the measure that it answers was applied is not stated.")
        return _in_time(view, clock, since, unknown)
    says = translated(
        "It is taken on {date}, after the three years of Article 8.3; that notice within the 90 days keeps the right "
        "until then is practice, and not the text.",
        date=day(taken),
    )
    return FactAnswer(None, says, translated("the case"), "general")


@fact
def suspension_free_of_8_3(view: MeasureView) -> FactAnswer:
    """May the right be exercised, as Article 8.3 does not hold it back for three years?"""
    rose = as_stated("imports_rose_absolutely", view)
    clock = clocks()["sg-8-suspension"]
    since = _applied(view, clock, "gatt-xix")
    if rose.value is False or since is None:
        return FactAnswer(True if rose.value is False else None, rose.says, rose.found_in)
    last = clocks()["sg-8-three-years"].last_day(since)
    if (_taken(view, clock, since) or view.on) > last:
        says = translated("The first three years of the safeguard ended on {date}.", date=day(last))
        return FactAnswer(True, says, translated("the case"))
    bar = translated(
        "Where imports rose in absolute terms and the safeguard conforms, nothing is suspended before {date}.",
        date=day(clocks()["sg-8-three-years"].first_day_after(since)),
    )
    return FactAnswer(False if rose.value else None, f"{rose.says} {bar}", rose.found_in)


@fact
def answers_a_renegotiation(view: MeasureView) -> FactAnswer:
    """Does it answer a binding that another Member changed under Article XXVIII?"""
    answered = view.context.answered.get(view.position)
    if view.context.stated("answers_a_changed_binding") is not None or answered is None:
        return as_stated("answers_a_changed_binding", view)
    if "gatt-xxviii" in answered.relies_on:
        says = translated("The measure that it answers changes a binding, under Article XXVIII.")
        return FactAnswer(True, says, translated("the case"))
    return as_stated("answers_a_changed_binding", view)


@fact
def withdrawal_in_time(view: MeasureView) -> FactAnswer:
    """Are the concessions withdrawn within six months of the action?"""
    clock = clocks()["gatt-xxviii-3"]
    unknown = translated("When the binding was changed is not stated.")
    return _in_time(view, clock, _applied(view, clock, "gatt-xxviii"), unknown)


@fact
def lasts_beyond_eight_years(view: MeasureView) -> FactAnswer:
    """Does it last more than eight years?"""
    says = _lasts(view)
    if view.context.until is None:
        return FactAnswer(None, says, translated("not stated"))
    if _lasts_beyond("sg-7-four-years", view) and not _lasts_beyond("sg-7-eight-years", view):
        return FactAnswer(
            None,
            f"{says} {translated('Beyond four years it needs an extension.')}",
            translated("as stated in the case"),
        )
    return FactAnswer(_lasts_beyond("sg-7-eight-years", view), says, translated("as stated in the case"))


def _lasts(view: MeasureView) -> str:
    """Return the sentence on the last day of the measure, and for how long it lasts."""
    until = view.context.until
    if until is None:
        return translated("No end of the measure is stated (law: until).")
    since = _counted_from(view)
    return translated(
        "It ends on {date}, {years} years after {since}.",
        date=day(until - datetime.timedelta(days=1)),
        years=localised(f"{(until - since).days / DAYS_A_YEAR:.1f}"),
        since=day(since),
    )


def _lasts_beyond(clock: str, view: MeasureView) -> bool:
    """Return whether the first day without the measure is beyond the day after a clock's last one."""
    until = view.context.until
    return until is not None and until > clocks()[clock].first_day_after(_counted_from(view))


def _counted_from(view: MeasureView) -> datetime.date:
    """Return the day from which a safeguard's years count: that of a provisional measure, where the case has one."""
    since, clock = view.context.since, clocks()["sg-7-four-years"]
    before = (e.date for e in view.context.events if clock.trigger in e.kind and e.date < since)
    earlier = max(before, default=datetime.date.min)
    return clock.counted_from(since, view.context.events, earlier)


@fact
def ends_within_ten_years(view: MeasureView) -> FactAnswer:
    """Does it last more than eight years, and no more than ten?"""
    says = _lasts(view)
    if view.context.until is None:
        return FactAnswer(None, says, translated("not stated"))
    within = _lasts_beyond("sg-7-eight-years", view) and not _lasts_beyond("sg-9-ten-years", view)
    return FactAnswer(within, says, translated("as stated in the case"))


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


@fact
def renegotiation_claimed(view: MeasureView) -> FactAnswer:
    """Is a renegotiation of the binding relied on?"""
    if withdraws_under_xxviii(view).value:
        says = translated("It answers another Member's measure, and changes no binding of its own.")
        return FactAnswer(False, says, translated("the case"))
    return _relied_on(view, view.claims("gatt-xxviii"), "Article XXVIII")


@fact
def withdraws_under_xxviii(view: MeasureView) -> FactAnswer:
    """Is it taken as the withdrawal that Article XXVIII:3 allows?"""
    answer = view.position in view.context.answers and view.role == "importer"
    by = view.claims("gatt-xxviii-3") or (view.claims("gatt-xxviii") if answer else None)
    return _relied_on(view, by, "Article XXVIII:3")


def claims_fact(name: str, exception: str, what: str) -> None:
    """Register the fact that a party relies on an exception."""
    COMPUTED[name] = lambda view: _relied_on(view, view.claims(exception), what)


claims_fact("security_claimed", "gatt-xxi", "national security")
claims_fact("balance_of_payments_claimed", "gatt-xii", "the balance of payments")
claims_fact(
    "development_balance_of_payments_claimed",
    "gatt-xviii-b",
    "the balance of payments of a developing Member",
)
claims_fact("general_exception_claimed", "gatt-xx", "Article XX")
claims_fact("development_preference_claimed", "enabling-clause", "the Enabling Clause")
claims_fact("answers_a_safeguard", "sg-8", "Article 8.2 of the Agreement on Safeguards")
claims_fact("border_adjustment_claimed", "gatt-ii-2-a", "Article II:2(a)")
