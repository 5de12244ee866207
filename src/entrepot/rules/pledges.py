"""What the parties to an agreement, or to a statement, have promised each other, and a measure that runs against it."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.measures.acts import Cap
from entrepot.rules.agreements import binds
from entrepot.rules.book import Agreement, Pledge, agreements
from entrepot.rules.facts import COMPUTED, highest_duty, highest_in_quota, percent
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.measure_view import MeasureView
from entrepot.rules.parties import Party, expand, named
from entrepot.words import day, sentence

#: Facts that make a measure run against a pledge to restrain it.
_RESTRICTS = ("raises_import_duty", "restricts_imports_or_restrained")


def pledges(view: MeasureView) -> list[Finding]:
    """Findings on what the importer has promised those that the measure touches."""
    if view.role != "importer":
        return []
    out = []
    for agreement in agreements().values():
        for pledge in agreement.pledges:
            others = [o for o in view.others if _promised(agreement, pledge, view, o)]
            if others and _covered(pledge, view):
                finding = _judged(agreement, pledge, view, others)
                if finding is not None:
                    out.append(finding)
    return out


def _promised(agreement: Agreement, pledge: Pledge, view: MeasureView, other: Party) -> bool:
    """Whether the pledge is the party's to `other`, on the date."""
    since = pledge.since or agreement.in_force or agreement.signed
    until = pledge.until or agreement.ended
    if since is None or view.on < since or (until is not None and view.on >= until):
        return False
    parties = {code for name in agreement.parties for code in expand(name)}
    by = {code for name in pledge.by for code in expand(name)} or parties
    to = {code for name in pledge.to for code in expand(name)} or parties - set(view.party.codes)
    treaty = agreement.kind in ("free_trade", "customs_union", "limited")
    bound = all(binds(agreement, code, view.on) for code in (*view.party.codes, *other.codes)) if treaty else True
    return bound and set(view.party.codes) <= by and set(other.codes) <= to


def _covered(pledge: Pledge, view: MeasureView) -> list[str]:
    """The sectors of the measure that the pledge is about."""
    named = {int(d) for d in pledge.isic4}
    return [sector for sector in view.sectors if not named or named & view.context.divisions[sector]]


def _against_the_ceiling(
    ceiling: float, pledge: Pledge, view: MeasureView, others: Sequence[Party]
) -> tuple[Status, Step]:
    """Duties against what a pledge lets be charged. Where it lets more be charged beyond a quota, a tariff-rate quota
    is held against both; a plain duty falls on what is within the quota too.
    """
    covered = _covered(pledge, view)
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
    said = [
        f"The duty {where} is {percent(duty)} at the most, "
        f"{'above' if duty > most + 1e-9 else 'within'} the ceiling of {percent(most)}."
        for where, duty, most in compared
    ]
    if quota and not over:
        said.append(f"The ceiling holds for {pledge.limit}: whether the quota is as large is not known here.")
    status = Status.INCONSISTENT if over else Status.CONSISTENT
    return status, Step("rate_ceiling", over, " ".join(said), view.economy.name)


def _judged(agreement: Agreement, pledge: Pledge, view: MeasureView, others: Sequence[Party]) -> Finding | None:
    facts = [(name, COMPUTED[name](view)) for name in _RESTRICTS]
    against = [(name, answer) for name, answer in facts if answer.value]
    until = pledge.until or agreement.ended
    steps = [
        *(Step.of(name, answer) for name, answer in against),
        Step("pledge", True, f"{agreement.short}: {sentence(pledge.says)}", pledge.source, pledge.confidence),
    ]
    condition = ""
    if pledge.rate is not None:
        status, step = _against_the_ceiling(pledge.rate, pledge, view, others)
        steps.append(step)
    elif not against or pledge.kind in ("purchases", "other"):
        return None
    elif pledge.kind == "standstill":
        status = Status.CONTESTED
        condition = "the text is political, and whether the measure is against its spirit is for the parties to say"
    elif pledge.kind == "quota_exempt" and not any(x.id == "us-232" for x in view.context.statutes):
        return None  # the exemption is from duties under Section 232
    elif pledge.kind == "quota_exempt" and view.act(Cap) is not None:
        status, condition = Status.CONTESTED, f"what stays free must be compared with what is exempt: {pledge.limit}"
    elif agreement.security and view.claims("gatt-xxi") and pledge.kind != "quota_exempt":
        status = Status.CONTESTED
        condition = f"it stands or falls with the agreement's security exception ({agreement.security})"
    else:
        status = Status.INCONSISTENT
        if pledge.limit:
            steps.append(
                Step("quota_exempt", None, f"Exempt: {pledge.limit}. The measure exempts nothing.", pledge.source)
            )
    political = agreement.kind in ("statement", "side_letter")
    return Finding.on(
        view,
        rule=pledge.id,
        provision=agreement.short,
        title={"standstill": "Standstill", "rate_ceiling": "Ceiling on duties"}.get(
            pledge.kind, "What the agreement frees"
        ),
        status=status,
        condition=condition,
        met=False,
        steps=steps,
        consequence="The pledge is broken in the eyes of the other side."
        if political
        else "The agreement is breached.",
        cure=f"Leave out {named(others)}" + (f", or wait until {day(until)}." if until else "."),
        complain=tuple(p.name for p in others) if status is not Status.CONSISTENT else (),
        trade=view.trade_with(others),
        remedy=""
        if status is Status.CONSISTENT
        else "A political text has no tribunal; the other side may end its own part of it."
        if political
        else "Consultations and a panel under the agreement's own chapter on disputes.",
        disputes=(),
        citation=agreement.source.title,
        text=agreement.confidence,
    )
