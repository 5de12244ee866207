"""Findings on the pledges in agreements and statements, and on measures that violate them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.data.classifications import GOODS_DIVISIONS
from entrepot.languages import if_known, translated
from entrepot.measures.acts import Cap
from entrepot.rules.agreements import binds_between
from entrepot.rules.book import Agreement, Pledge, agreements, fact_texts, rules
from entrepot.rules.entry import in_period
from entrepot.rules.facts import COMPUTED, as_stated, highest_duty, highest_in_quota, rests_on_mean
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.obligations import conditions
from entrepot.rules.parties import Party, all_codes, named
from entrepot.words import day, percent, sentence

#: Facts that make a measure violate a pledge not to restrict trade.
_RESTRICTS = ("raises_import_duty", "restricts_imports_or_restrained")


def pledges(whole: MeasureView) -> list[Finding]:
    """Return the findings on the pledges of the importer to the partners that the measure touches.

    A standstill that names no goods is a pledge on any measure, the `whole` of it; others are on its `goods`.
    """
    if whole.role != "importer" or whole.by_exporter:
        return []
    goods, out = whole.on_goods, []
    for agreement in agreements().values():
        made: list[tuple[Pledge, list[Party]]] = []
        for pledge in sorted(agreement.pledges, key=lambda p: not p.isic4):  # those on named goods first
            view = whole if pledge.kind == "standstill" and not pledge.isic4 else goods
            if view is None or (pledge.under and pledge.under not in [act.id for act in view.context.statutes]):
                continue
            others = [o for o in view.others if _promised(agreement, pledge, view, o)]
            if not others or not _covered(pledge, view) or _repeats(pledge, others, made, view):
                continue
            finding = _finding_on(agreement, pledge, view, others)
            if finding is not None:
                made.append((pledge, others))
                out.append(finding)
    return out


def _without(view: MeasureView, others: Sequence[Party], until: datetime.date | None) -> str:
    """Return the cure of leaving the partners out, or of waiting until it ends; a safeguard leaves none out."""
    if view.claims("gatt-xix") and view.context.stated("serious_injury_found") is not False:
        all_sources = "Consult {others} first: a safeguard falls on all sources (Agreement on Safeguards, Article 2.2)."
        return translated(all_sources, others=named(others))
    if until is None:
        return translated("Leave out {others}.", others=named(others))
    return translated("Leave out {others}, or wait until {date}.", others=named(others), date=day(until))


#: Pledges not to tax trade: that on all goods adds nothing to one on these goods alone.
_FREE = ("duty_free", "no_new_duties")


def _repeats(
    pledge: Pledge, others: Sequence[Party], made: Sequence[tuple[Pledge, list[Party]]], view: MeasureView
) -> bool:
    """Return whether a pledge on all goods repeats one of the same agreement on all goods of the measure."""
    if pledge.isic4 or pledge.kind not in _FREE:
        return False
    return any(
        earlier.kind in _FREE and len(_covered(earlier, view)) == len(view.sectors) and set(others) <= set(whom)
        for earlier, whom in made
    )


def _promised(agreement: Agreement, pledge: Pledge, view: MeasureView, other: Party) -> bool:
    """Return whether the party has made the pledge to `other`, and it is in force on the date."""
    since = pledge.since or agreement.in_force or agreement.signed
    until = pledge.until or agreement.ended
    if since is None or not in_period(view.on, since, until):
        return False
    parties = all_codes(agreement.parties)
    by = all_codes(pledge.by) or parties
    to = all_codes(pledge.to) or parties - set(view.party.codes)
    reaches_back = _not_yet_collected(pledge, view)  # it was put in force later, back to this day
    bound = not agreement.treaty or reaches_back or binds_between(agreement, view.party, other, view.on)
    return bound and set(view.party.codes) <= by and set(other.codes) <= to


def _covered(pledge: Pledge, view: MeasureView) -> list[str]:
    """Return the sectors of the measure that the pledge covers."""
    named = {int(d) for d in pledge.isic4}
    return [sector for sector in view.sectors if not named or named & view.context.divisions[sector]]


def _all_named(pledge: Pledge, view: MeasureView) -> list[str]:
    """Return the sectors that the pledge covers and that hold no goods besides those that it names."""
    covered = _covered(pledge, view)
    if not pledge.isic4 or pledge.unless:  # what the text leaves open says which goods it means
        return covered
    named = {int(d) for d in pledge.isic4}
    return [sector for sector in covered if view.context.divisions[sector] & GOODS_DIVISIONS <= named]


def _in_doubt(pledge: Pledge, view: MeasureView, goods_known: bool) -> list[str]:
    """Return what must hold for the measure to be on the goods of a pledge, and under its statute, if it is unknown."""
    wanting = [] if goods_known else [translated("the goods are those that the pledge names")]
    own = {act.id: act.title for act in view.context.statutes if view.party.has(act.country, view.on)}
    if pledge.under in own and len(own) > 1:
        wanting.append(translated("the measure is taken under {statute}", statute=own[pledge.under]))
    return wanting


def _against_the_ceiling(
    ceiling: float, pledge: Pledge, view: MeasureView, others: Sequence[Party], covered: Sequence[str]
) -> tuple[bool | None, Step]:
    """Compare the duties on sectors with the ceiling of a pledge; return whether one is above it, and the step.

    It is None where the duty is within the ceiling only with the mean of the sector's products.

    Where the pledge allows a higher duty beyond a quota, a tariff-rate quota is compared inside and beyond it; a plain
    duty also falls on trade within the quota, and is compared with the ceiling there.
    """
    highest = max(highest_duty(view, sector, others) for sector in covered)
    quota = pledge.limit is not None and view.tariff_quota is not None
    if not quota:
        compared = [("after the measure", highest, ceiling)]
    else:
        inside = max(highest_in_quota(view, sector, others) for sector in covered)
        compared = [("within the quota", inside, ceiling)]
        if pledge.beyond is not None:
            compared.append(("beyond it", highest, float(pledge.beyond)))
    over = any(duty > most + 1e-9 for _, duty, most in compared)
    above = "The duty {where} is {rate} at most, above the ceiling of {most}."
    within = "The duty {where} is {rate} at most, within the ceiling of {most}."
    sentences = [
        translated(
            above if duty > most + 1e-9 else within, where=translated(where), rate=percent(duty), most=percent(most)
        )
        for where, duty, most in compared
    ]
    if quota and not over:
        holds = "The ceiling holds for {limit}: whether the quota is as large is unknown here."
        sentences.append(translated(holds, limit=if_known(str(pledge.limit))))
    mean = not over and any(rests_on_mean(view, sector, others, inside=quota) for sector in covered)
    if mean:
        sentences.append(
            translated("It rests on the mean of the sector's products in {economy}.", economy=view.economy.name)
        )
    return None if mean else over, Step("rate_ceiling", None if mean else over, " ".join(sentences), view.economy.name)


def _not_yet_collected(pledge: Pledge, view: MeasureView) -> bool:
    return pledge.collected_since is not None and view.on < pledge.collected_since


def _reaches_back(pledge: Pledge, put: datetime.date, back: datetime.date) -> Step:
    """Return the step on a rate that was put in force on a later day, back to an earlier one."""
    says = "The rate was applied at the border from {put} on, back to {back}, with refunds of what was above it."
    return Step("collected", None, translated(says, put=day(put), back=day(back)), pledge.source, pledge.confidence)


def _outside(pledge: Pledge, view: MeasureView) -> Step | None:
    """Return the step on a duty of a kind that the text does not mean; None where it is not, or limits trade too."""
    if COMPUTED["restricts_imports_or_restrained"](view).value:
        return None
    relied_on = next((name for name in pledge.outside if view.claims(name)), None)
    if relied_on is None:
        return None
    provision = rules()[relied_on].provision
    says = translated("The text does not mean duties taken under {provision}, as this one is.", provision=provision)
    return Step("outside", True, says, pledge.source, pledge.confidence)


@dataclass(frozen=True)
class _Reading:
    """What a pledge makes of a measure: the status, its condition and the cure, and the steps that lead there."""

    status: Status
    condition: str = ""
    steps: tuple[Step, ...] = ()
    cure: str = ""


#: What the steps and the cures of a safeguard under an agreement say.
_CONFORMS = "it meets the conditions of Article XIX of GATT and of the Agreement on Safeguards"
_MEET = "Meet the conditions of Article XIX of GATT and of the Agreement on Safeguards."
_NOT_KNOWN = "the agreement leaves safeguards under Article XIX of GATT open, as most do (its text is not in the book)"
_FAILS = "The agreement leaves safeguards under Article XIX of GATT open; this one does not meet their conditions."
_LEAVE_OUT = (
    "Leave out {others} as {agreement} asks, and rest the finding of injury on the imports that are then hit: by the "
    "Agreement on Safeguards the two must match."
)


def _safeguard(agreement: Agreement, view: MeasureView, others: Sequence[Party]) -> _Reading | None:
    """Return what a treaty makes of a safeguard on all origins; None where the measure is not taken as one."""
    if not agreement.treaty or view.claims("gatt-xix") is None:
        return None
    conforms, why = conditions("gatt-xix", view)
    terms = agreement.global_safeguard
    if terms is None:
        return _Reading(Status.JUSTIFIED_IF, translated(_NOT_KNOWN), tuple(why), translated(_MEET))
    heading = f"{agreement.short}, {terms.provision}"
    says = translated("{heading}: {text}", heading=heading, text=sentence(if_known(terms.says)))
    steps = [Step("global_safeguard", True, says, terms.source, terms.confidence), *why]
    if conforms is False:
        steps.append(Step("gatt-xix", False, translated(_FAILS), terms.source, terms.confidence))
        return _Reading(Status.INCONSISTENT, steps=tuple(steps), cure=translated(_MEET))
    wanting = [] if conforms else [translated(_CONFORMS)]
    cure = "" if conforms else translated(_MEET)
    if terms.partners == "must_be_left_out":
        cause = as_stated("partners_cause_injury", view)
        steps.append(Step.of("partners_cause_injury", cause))
        leave = translated(_LEAVE_OUT, others=named(others), agreement=agreement.short)
        if cause.value is False:
            return _Reading(Status.INCONSISTENT, steps=tuple(steps), cure=leave)
        if cause.value is None:
            wanting.append(if_known(fact_texts()["partners_cause_injury"].unless))
            cure = f"{cure} {leave}".strip()
    status = Status.JUSTIFIED_IF if wanting else Status.CONSISTENT
    return _Reading(status, translated("; and ").join(wanting), tuple(steps), cure)


def _broken(agreement: Agreement, conditions: Sequence[str], steps: tuple[Step, ...] = ()) -> _Reading:
    """Return that a pledge is broken if all of some conditions hold, which for a treaty's is open to dispute."""
    joined = translated("; and ").join(conditions)
    if not agreement.treaty:
        return _Reading(Status.DEPARTED, joined, steps)
    if not conditions:
        return _Reading(Status.INCONSISTENT, steps=steps)
    return _Reading(Status.CONTESTED, translated("it is broken if {condition}", condition=joined), steps)


def _broken_within(over: bool | None, within: str | None) -> str:
    """Return when a duty within the ceiling goes against a pledge: by a product's own duty, or as the text says."""
    if over is False:
        return if_known(str(within))
    own = translated("a product's own duty is above the ceiling with what is added")
    return own if within is None else translated("{one}, or {other}", one=own, other=if_known(within))


def _under_ceiling(
    ceiling: float, agreement: Agreement, pledge: Pledge, view: MeasureView, others: Sequence[Party]
) -> _Reading:
    """Return what a ceiling on duties makes of a measure, which may be put in force later, back to the date."""
    over, step = _against_the_ceiling(ceiling, pledge, view, others, _covered(pledge, view))
    within = pledge.broken_if if not over and COMPUTED["raises_import_duty"](view).value else None
    if over is None and within is None and agreement.treaty:
        below = translated("no product's own duty is above the ceiling with what is added")
        return _Reading(Status.JUSTIFIED_IF, below, (step,))
    if over is False and within is None:
        return _Reading(Status.CONSISTENT, steps=(step,))
    alone = _all_named(pledge, view)
    known = bool(alone) and _against_the_ceiling(ceiling, pledge, view, others, alone)[0] is over
    unless = [if_known(pledge.unless)] if pledge.unless else []
    unless += _in_doubt(pledge, view, known or over is False)
    if not over:
        unless.append(_broken_within(over, within))
    put, back = pledge.collected_since, pledge.since
    if put is None or back is None or not _not_yet_collected(pledge, view):
        return _broken(agreement, unless, (step,))
    kept = "what is collected before {put} is not refunded back to {back}"
    unless.append(translated(kept, put=day(put), back=day(back)))
    return _broken(agreement, unless, (_reaches_back(pledge, put, back), step))


def _read(agreement: Agreement, pledge: Pledge, view: MeasureView, others: Sequence[Party]) -> _Reading:
    """Return what a pledge without a ceiling makes of a measure that restricts trade."""
    treaty = agreement.treaty
    open_to_dispute = Status.CONTESTED if treaty else Status.DEPARTED
    outside = _outside(pledge, view)
    if outside is not None:
        return _Reading(Status.CONSISTENT, steps=(outside,))
    if pledge.kind in _FREE and (safeguard := _safeguard(agreement, view, others)) is not None:
        return safeguard
    if pledge.kind == "standstill":
        says = "it is against the spirit of the text, which is political and for the parties to read"
        spirit = "the parties decide whether the measure is against its spirit" if treaty else says
        return _Reading(open_to_dispute, translated(spirit))
    unless = [if_known(pledge.unless)] if pledge.unless else []
    if pledge.kind == "quota_exempt":
        unless += _in_doubt(pledge, view, bool(_all_named(pledge, view)))
        if view.act(Cap) is not None and pledge.limit is None:
            any_quantity = "what is free of the duties in any quantity is to be free of limits on quantity too"
            return _broken(agreement, [*unless, translated(any_quantity)])
        if view.act(Cap) is not None:
            limit = if_known(str(pledge.limit))
            if treaty:
                free = "the trade that stays free must be compared with the exempt quantity: {limit}"
                return _Reading(open_to_dispute, translated(free, limit=limit))
            less = "the trade that stays free is less than the exempt quantity: {limit}"
            return _broken(agreement, [*unless, translated(less, limit=limit)])
    elif agreement.security and view.claims("gatt-xxi"):
        security = "it stands or falls with the security exception of the agreement ({exception})"
        return _Reading(Status.CONTESTED, translated(security, exception=if_known(agreement.security)))
    exempt = translated("Exempt: {limit}. The measure exempts nothing.", limit=if_known(str(pledge.limit)))
    steps = (Step("quota_exempt", None, exempt, pledge.source),) if pledge.limit else ()
    return _broken(agreement, unless, steps)


def _finding_on(agreement: Agreement, pledge: Pledge, view: MeasureView, others: Sequence[Party]) -> Finding | None:
    facts = [(name, COMPUTED[name](view)) for name in _RESTRICTS]
    against = [Step.of(name, answer) for name, answer in facts if answer.value]
    read = None
    if pledge.rate is not None:
        read = _under_ceiling(pledge.rate, agreement, pledge, view, others)
    elif against and pledge.kind not in ("purchases", "other"):
        read = _read(agreement, pledge, view, others)
    if read is None:
        return None
    conforms = read.status is Status.CONSISTENT
    political = "The other side will regard the pledge as broken."
    no_tribunal = "A political text has no tribunal; the other side may stop applying its own part."
    panel = "Consultations and a panel under the dispute settlement chapter of the agreement."
    says = translated("{heading}: {text}", heading=agreement.short, text=sentence(if_known(pledge.says)))
    stated = Step("pledge", True, says, pledge.source, pledge.confidence)
    return Finding.on(
        view,
        rule=pledge.id,
        provision=agreement.short,
        title={"standstill": "Standstill", "rate_ceiling": "Ceiling on duties"}.get(
            pledge.kind, "Trade freed by the agreement"
        ),
        status=read.status,
        condition=read.condition,
        met=False,
        steps=[*against, stated, *read.steps],
        consequence=translated("The agreement is breached." if agreement.treaty else political),
        cure="" if conforms else read.cure or _without(view, others, pledge.until or agreement.ended),
        complain=() if conforms else tuple(p.name for p in others),
        trade=view.trade_with(others),
        remedy="" if conforms else translated(panel if agreement.treaty else no_tribunal),
        disputes=(),
        citation=agreement.source.title,
        text=agreement.confidence,
    )
